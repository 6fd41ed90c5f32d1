// Purpose: what CRM, billing, helpdesk and tracker know of a customer, in one shape: account, people, money,
// history, known bugs. Connectors answer in the shape of context_answer_schema(); here the answers become
// one, in which each value says where it is from, how old it is, and if it is not there, why. Pure. Owner:
// brief, mappings, API. Threads: any. Units: amounts in major units; instants RFC 3339. Errors: none; what is
// malformed counts as not said.
//
// Where two destinations say something about the same, the one that stands first in the route's `context` is
// taken; lists are put one after the other; contacts are added up.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/model/handoff.h"

namespace baton::handoff {

// {"account": {"tier": {"value", "source", "at", "state", "why"?}, ...}, "people": {"items": [...], "at",
//  "state"}, "money": {...}, "history": {...}, "known_bugs": {...}, "sources": [...]}; as context_schema()
//  says.
// A value is `present`, `stale` (read more than an hour before `now`), `missing` (nobody says it) or `failed`
// (somebody who might have said it could not be read, or could not read that part of it). Each item of a list
// has a `source`, a `read_at` and a `state` of its own; the list is as old as its oldest item.
nlohmann::json sections(const Handoff& handoff, TimePoint now);

// The same without its bookkeeping: {"account": {"tier": "Enterprise"}, "people": [...], ...}, for mappings.
nlohmann::json known(const Handoff& handoff);

// One line each, for people; "" where nothing is known. `known` is what known() gave, or one answer.
std::string account_in_words(JsonView known);
std::string money_in_words(JsonView known);
std::string history_in_words(JsonView known);
// All three, a line each; "" if there is nothing.
std::string in_words(JsonView known);

// JSON Schema (draft 7): of sections(), and of what a connector answers.
std::string_view context_schema();
std::string_view context_answer_schema();

}  // namespace baton::handoff
