// Purpose: what passes between a handoff and the known bugs (defects) that its conversation met: what the
// handoff says to them, and what they say back. Both are plain values, so that a planner can carry them from
// one row to the other in one commit. Pure.
// Owner: advance() speaks and listens for the handoff, the planner carries. Threads: any.
// Units: value in major units, as known_bug.h. Errors: none; foreign data of any type says nothing.
//
// A defect's answer is a Signal of the kind `defect`. Its detail:
//   {"key", "generation", "issue": {"id", "url"}?, "known": an entry of the context's `known_bugs`?,
//    "report": {"priority"}?        file it, this handoff's description is the report's
//    "attach": {"customers", "value"}?, "raise": {"priority", "why"}?     tell the issue
//    "notes": [text]?               for the agents
//    "fixed": true?}                for the customer
#pragma once

#include <string>
#include <vector>

#include "gateway/handoff/known_bug.h"
#include "gateway/model/handoff.h"
#include "gateway/model/signal.h"

namespace baton::handoff {

// The source of the cases that an error without a handoff makes.
inline constexpr std::string_view kBugCases = "baton:bugs";
inline bool is_bug_case(const Handoff& handoff) { return handoff.conversation.source == kBugCases; }

// The documents that hold them: a defect under its key; an index under "<shelf>/<key>".
inline constexpr std::string_view kDefectKind = "defect";
inline constexpr std::string_view kShelfKind = "defect_shelf";

struct ToDefect {
  std::string key;  // empty: of a Sighting, whose error says which it is
  BugHappening what;
};

// Defects of one workspace and one tracker are apart from all others: "main.linear.", before a key or shelf.
std::string defect_scope(const Handoff& handoff);

// Keeps what an event's error is told by, until take_sightings(). Nothing where no bugs go anywhere.
void meet_errors(Handoff& handoff, const Event& event);

// The errors that no defect has heard of yet, with who met them and what they are worth by now.
std::vector<ToDefect> take_sightings(Handoff& handoff);

// What there is to do and to know about `bug` after `what` happened to it: a signal for each handoff that it
// concerns, `self` first and in any case. Ids begin with `id`.
std::vector<Signal> answers_of(const KnownBug& bug, const BugHappening& what,
                               const std::vector<BugTask>& tasks, const HandoffId& self,
                               const std::string& id);

// Takes over what a signal's detail says of the defect; null where it says nothing.
const MetDefect* hear(Handoff& handoff, JsonView detail);

// What a handoff without a word from a person is about: an error's report, as an intent.
nlohmann::json as_intent(JsonView data);

}  // namespace baton::handoff
