// Purpose: what a person reads in ten seconds: who, wanted, went wrong, tried, given, next; then what is
// known beside the conversation, and what is not known and why. Pure: handoff, now -> brief -> text or JSON.
// Owner: delivery hands it to the mappings, the API and the command line show it. Threads: any.
// Units: lengths in bytes of UTF-8. Errors: none; what is not known is said to be so.
//
// Every text is plain: one line, no control or direction characters, no secret that the customer typed. What
// is markup somewhere else is escaped there, by the mapping's filters.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/handoff/brief_given.h"
#include "gateway/handoff/brief_topics.h"
#include "gateway/model/handoff.h"

namespace baton::handoff {

// A part that could be in the brief and is not, and why.
struct Gap {
  std::string field;
  std::string state;  // missing, late, failed, expected, stale
  std::string reason;
  std::string source;  // event, the destination that should have said it, or context: any of them
};

// How much of what a source could say it said.
struct SourceScore {
  std::string source;
  int percent = 100;
};

struct Brief {
  std::string headline;  // one line: what it is about
  std::string who;       // name, address, company, tier, value, renewal "in three weeks"
  std::string wanted;
  std::string went_wrong;
  std::string tried;       // what the AI did, and how each ended
  std::string next;        // never what was tried already
  std::string given;       // "order 20931, account acc-77"; "" if nothing
  std::string considered;  // what the AI thought of, and how sure it was
  std::string known_bug;
  std::string account, money, history;  // what is known beside the conversation; "" where nothing is or helps
  std::string also;                     // other topics of the same conversation
  std::string mood;
  std::string where;      // channel, language, page, what they did last
  std::string opening;    // a first line for the agent, in the customer's language
  std::string not_known;  // the gaps in words
  std::vector<Identifier> identifiers;
  std::vector<Topic> topics;
  Subject category = Subject::other;
  int completeness = 100;  // percent of fields and sources that are there; what is stale counts half
  std::vector<SourceScore> by_source;
  std::vector<Gap> missing;
};

Brief brief(const Handoff& handoff, TimePoint now);

nlohmann::json to_json(const Brief& brief);

// The same for people, a labelled line each, most important first. The first kFirst bytes alone are enough to
// answer.
inline constexpr std::size_t kFirst = 600;

enum class Surface { ticket, card, small_card, api, cli };

inline constexpr auto kSurfaceNames =
    std::to_array<std::string_view>({"ticket", "card", "small_card", "api", "cli"});
constexpr std::string_view name(Surface surface) { return kSurfaceNames[static_cast<std::size_t>(surface)]; }

inline constexpr auto kSurfaceBytes = std::to_array<std::size_t>({4000, 2400, 2400, 6000, 3200});
constexpr std::size_t budget_of(Surface surface) { return kSurfaceBytes[static_cast<std::size_t>(surface)]; }

std::string as_text(const Brief& brief, Surface surface);

}  // namespace baton::handoff
