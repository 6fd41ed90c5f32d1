// Purpose: what a person asks a customer for although it was given before: the customer's own measure of a
// handoff (S180). Each question of an answer is compared with what the handoff carries. Pure.
// Owner: advance(), which keeps the kinds and not the words. Threads: any. Units: bytes of UTF-8.
// Errors: none. What is in doubt is no repetition: asking whether an order came is not asking for its number,
// and whoever names the number only makes sure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/json_view.h"

namespace baton::handoff {

// "order", "e-mail", "name", ...; "problem" where they ask what is wrong at all, "attempts" where they ask
// for what the AI did with the customer already. Each once.
std::vector<std::string> asked_again(std::string_view answer, JsonView data);

}  // namespace baton::handoff
