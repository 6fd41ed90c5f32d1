// Purpose: a conversation as a tracker may show it, where many people read who help no customer: without card
// numbers, bank accounts, keys and passwords (as in a brief), without e-mail addresses, and pages without the
// query in which sessions stand. Pure.
// Owner: whoever renders for a tracker. Threads: any. Units: bytes of UTF-8. Errors: none.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace baton::handoff {

// Line by line; what stands for an address keeps its host: "****@example.com".
std::string masked(std::string_view text);

// Every text below the members of an event, of its brief and of what vendors know, that people and programs
// wrote freely; the customer is one of them: an id or a name may be an address.
void mask_for_tracker(nlohmann::json& scope);
// The same of a subject alone: the words of a note.
void mask_text_for_tracker(nlohmann::json& subject);

}  // namespace baton::handoff
