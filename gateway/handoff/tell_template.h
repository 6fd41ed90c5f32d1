// Purpose: the language of the texts that customers read: plain text with named fields, and sentences that
// are left out when what they stand on is not known. Pure. Owner: the messages. Threads: immutable once
// compiled. Units: bytes of UTF-8. Errors: Problems, when a text is read; rendering has none.
//
//   Your request is ticket {ticket}[, for {team}]. [{!wait}Nobody can say yet how long it takes.]
//
//   {team}      the field's words
//   [...]       is there only if every field named in it is known; brackets do not nest
//   {?ticket}   inside brackets: only if it is known or so; prints nothing
//   {!ticket}   inside brackets: only if it is not
//
// Which fields a step may name is a table (may()), and which of them are always known (always()); others
// stand in brackets. So a text cannot speak of what is not there.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/model/node.h"

namespace baton::handoff::tell {

// What a message can be about; each is said at one point of a handoff's life.
enum class Step {
  accepted,       // received, and nothing else yet
  ticket_opened,  // the ticket is there
  waiting,        // still waiting for a person
  long_wait,      // for longer than was to be expected
  off_hours,      // nobody is at work
  helpdesk_down,  // the ticket cannot be opened; the request is kept
  claimed,        // a person has it
  expired,        // that person has it no more, others were asked
  returned,       // the person is done; the AI goes on
  cancelled,      // the customer needs nobody any more
  bug_fixed,      // the fault behind it is reported as fixed
  chose_wait,     // the customer's choice was noted, one step for each ChoiceKind
  chose_callback,
  chose_email,
  chose_priority_ticket,
  chose_scheduled,
  chose_continue_with_ai,
};

inline constexpr auto kStepNames = std::to_array<std::string_view>(
    {"accepted", "ticket_opened", "waiting", "long_wait", "off_hours", "helpdesk_down", "claimed", "expired",
     "returned", "cancelled", "bug_fixed", "chose_wait", "chose_callback", "chose_email",
     "chose_priority_ticket", "chose_scheduled", "chose_continue_with_ai"});
constexpr std::string_view name(Step step) { return kStepNames[static_cast<std::size_t>(step)]; }

enum class Mood { calm, frustrated, worried };

inline constexpr auto kMoodNames = std::to_array<std::string_view>({"calm", "frustrated", "worried"});
constexpr std::string_view name(Mood mood) { return kMoodNames[static_cast<std::size_t>(mood)]; }

enum class Field {
  ticket,
  team,
  person,
  issue,
  wait,
  waited,
  position,
  back_at,
  choices,
  details,
  resolution,
  follow_ups,
  help,
  number,
  email,
  scheduled_at,
  messages,
  tried,
  asked,
  solved,  // from here on only so or not so: they print nothing
};

inline constexpr auto kFieldNames = std::to_array<std::string_view>(
    {"ticket",  "team",         "person",   "issue",      "wait",       "waited", "position",
     "back_at", "choices",      "details",  "resolution", "follow_ups", "help",   "number",
     "email",   "scheduled_at", "messages", "tried",      "asked",      "solved"});
constexpr std::string_view name(Field field) { return kFieldNames[static_cast<std::size_t>(field)]; }
constexpr bool prints(Field field) { return field < Field::messages; }

using FieldSet = std::uint32_t;
template <class... Fields>
constexpr FieldSet set_of(Fields... fields) {
  return (FieldSet{0} | ... | (FieldSet{1} << static_cast<unsigned>(fields)));
}
constexpr bool has(FieldSet set, Field field) { return (set & set_of(field)) != 0; }

FieldSet may(Step step);     // what its texts may name
FieldSet always(Step step);  // what is always known then

// What is known, in words; whatever `known` lacks is not looked at.
struct Values {
  FieldSet known = 0;
  std::array<std::string, kFieldNames.size()> words;

  void set(Field field, std::string text);  // "": not known
  void flag(Field field, bool so);
};

// A run of text that is there or not.
struct Sentence {
  struct Piece {
    std::string text;
    std::optional<Field> field;
  };
  std::vector<Piece> pieces;
  FieldSet needs = 0;
  FieldSet without = 0;
};
using Template = std::vector<Sentence>;

// Words that claim something: who says one of them must stand on that field ("ticket" on {ticket}).
using Claims = std::map<Field, std::vector<std::string>>;

// Where a text stands, for problems.
struct Place {
  Position at;
  std::string path;
};

// What is wrong is reported; what is right of it is kept.
Template compile(std::string_view text, Step step, const Claims& claims, const Place& place,
                 Problems& problems);

// One line, in the order in which it was written.
std::string render(const Template& text, const Values& values);

}  // namespace baton::handoff::tell
