// Purpose: what commands share that ask a running gateway: one question, and its answer as a table or as
// JSON. Owner: the commands. Threads: one. Errors: an ExitCode, after saying why on stderr.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/api/patience.h"
#include "gateway/app/cli.h"
#include "gateway/base/json_view.h"

namespace baton::app {

// Longer than the gateway takes at most, which then says itself what to do.
inline constexpr auto kLongPatience = api::kLongAnswer + Duration{30s};

// Asks, and hands a good answer to `show`.
template <class Show>
ExitCode ask(const Context& context, std::string_view method, const std::string& target,
             const nlohmann::json& body, const Show& show, Duration patience = kUsualPatience) {
  const auto asked = ask_admin(context, method, target, body, patience);
  if (!asked) return complain(ExitCode::unreachable, asked.error().detail);
  if (const auto refused = complain_about(*asked)) return *refused;
  if (context.output == Output::json) print_json(asked->body);
  else show(JsonView(asked->body));
  return ExitCode::ok;
}

}  // namespace baton::app
