// Purpose: the way back to the AI: what the human did and where their part of the conversation lies, whether
// it goes to and fro, and what is said of a handoff after its end. Pure.
// Owner: advance(), the planner and ingress. Threads: any. Units: instants in JSON are RFC 3339.
// Errors: none; foreign data of any type says nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/model/event.h"
#include "gateway/model/handoff.h"

namespace baton::handoff {

// What `handoff.returned` tells beside the resolution: {"human": {...}, "boundary": {...}, "loop": {...}}.
// The boundary marks the human's part: from when to when, and the last message before it. Without a human
// there is neither.
nlohmann::json way_back(const Handoff& handoff, TimePoint now);

// {"handoffs": 3}: so many of this conversation within a short time; nothing unless it goes to and fro.
nlohmann::json loop_of(const Handoff& handoff);

// Of a conversation's latest handoffs, how many were asked for within `window` before `now`.
int asked_within(const std::vector<Handoff>& latest, TimePoint now, Duration window);

// One line each, from a person's list; bounded.
std::vector<std::string> read_follow_ups(std::string_view lines);

// The same from a list.
std::vector<std::string> read_list(JsonView list);

// What the platform says of the customer's feelings becomes one more point; the first and the latest are
// kept.
void note_feeling(Handoff& handoff, JsonView data, TimePoint at);

// Whether the event may be about a handoff that has ended: a rating for a week, "it is solved" for a day.
bool may_be_about_past(const Event& event);
bool is_about(const Event& event, const Handoff& handoff, TimePoint now);
// Of these it is no mistake that they come after the end, and none that there was no handoff at all.
bool is_afterword(const Event& event);

}  // namespace baton::handoff
