#include "connectors/slack/errors.h"

#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using enum FailureKind;
using Codes = std::span<const std::string_view>;

// internal_error and fatal_error officially may have taken effect.
constexpr auto kMayHaveHappened = std::to_array<std::string_view>(
    {"internal_error", "fatal_error", "service_unavailable", "request_timeout"});
constexpr auto kMigration = std::to_array<std::string_view>({"team_added_to_org", "org_login_required"});
constexpr auto kRate = std::to_array<std::string_view>(
    {"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"});
constexpr auto kReconnect =
    std::to_array<std::string_view>({"invalid_auth", "not_authed", "token_revoked", "account_inactive"});
constexpr auto kConfiguration = std::to_array<std::string_view>(
    {"missing_scope", "not_allowed_token_type", "no_permission", "ekm_access_denied",
     "team_access_not_granted", "enterprise_is_restricted", "access_denied", "two_factor_setup_required"});
constexpr auto kDestination =
    std::to_array<std::string_view>({"channel_not_found", "not_in_channel", "is_archived", "user_not_found",
                                     "users_not_found", "user_not_in_channel", "messages_tab_disabled"});
constexpr auto kMessageGone = std::to_array<std::string_view>(
    {"message_not_found", "cannot_reply_to_message", "restricted_action_thread_locked", "thread_not_found",
     "cant_update_message", "edit_window_closed", "block_mismatch"});
constexpr auto kPayload = std::to_array<std::string_view>(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text",
     "too_many_attachments", "metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema",
     "invalid_arguments", "invalid_arg_name", "invalid_json", "json_not_object", "invalid_charset"});

bool contains(Codes codes, std::string_view code) { return std::ranges::find(codes, code) != codes.end(); }

// As detail() put it there.
std::string_view code_of(const Failure& failure) {
  const std::string_view text = failure.detail;
  return text.substr(0, text.find(':'));
}

// What is as it was asked to be already (official specification, reactions.add and reactions.remove).
bool is_so_already(const Request& request, std::string_view code) {
  const auto path = path_of(request.target);
  return (path == "/reactions.add" && code == "already_reacted") ||
         (path == "/reactions.remove" && code == "no_reaction");
}

// The code comes first, so that code_of() and a person find it.
std::string detail(std::string_view code, const Request& request, JsonView body) {
  std::string text = std::string(code) + ": Slack refused " + std::string(path_of(request.target));
  if (const auto needed = body["needed"].text(); !needed.empty()) text += "; needs the scope " + needed;
  for (const auto& message : items(body.at_path("response_metadata.messages"))) {
    text += "; " + message.text();
  }
  return text;
}

Duration wait_of(const Reply& reply) { return reply.retry_after.value_or(Duration{30s}); }

Failure classify_code(const sdk::Exchange& seen, std::string_view code, JsonView body) {
  const auto text = detail(code, seen.request, body);
  const auto unclear = seen.writes ? ambiguous : retryable;
  if (contains(kMayHaveHappened, code)) return Failure(unclear, text);
  if (contains(kMigration, code)) return Failure(unclear, text, seen.at + 1h);
  if (contains(kRate, code)) return Failure(rate_limited, text, seen.at + wait_of(seen.reply));
  if (code == "token_expired") return Failure(auth_expired, text);
  if (contains(kReconnect, code)) return Failure(misconfigured, text + "; give Baton a valid bot token");
  if (contains(kMessageGone, code)) return Failure(target_gone, text);
  if (contains(kConfiguration, code) || code.starts_with("restricted_action"))
    return Failure(misconfigured, text);
  if (contains(kDestination, code)) {
    return Failure(misconfigured, text + "; check the setting `channel`, and that the app was invited to it");
  }
  return Failure(rejected, text);  // our payload, our programming, and codes that are new to us
}

// What did not come from the Web API: it answers only 200 and 429, the rest are proxies and outages.
std::optional<Failure> classify_status(const sdk::Exchange& seen) {
  auto failure = sdk::classify_http(seen);
  const int status = seen.reply.status;
  if (!failure) return failure;
  if (status == 429) failure->not_before = seen.at + wait_of(seen.reply);
  else if (status >= 500) failure->kind = seen.writes ? ambiguous : retryable;
  else if (status != 408 && status != 425) failure->kind = misconfigured;
  return failure;
}

// A click's own address answers "ok" or JSON, and 4xx once it is used up (section 3.5): the answer
// has no reader any more.
std::optional<Failure> classify_click(const sdk::Exchange& seen) {
  auto failure = sdk::classify_http(seen);
  const int status = seen.reply.status;
  if (failure && status == 429) failure->not_before = seen.at + wait_of(seen.reply);
  if (failure && (status == 401 || status == 403 || status == 404 || status == 410))
    failure->kind = target_gone;
  if (failure) return failure;
  const auto body = parse_json(seen.reply.body, retryable, "");
  if (!body || JsonView(*body)["ok"].boolean() != false) return std::nullopt;
  const auto code = JsonView(*body)["error"].text("unknown error");
  return Failure(target_gone, code + ": Slack refused the answer to a click");
}

}  // namespace

std::optional<Failure> classify(const sdk::Exchange& seen) {
  if (seen.request.target.starts_with("https://") || seen.request.target.starts_with("http://")) {
    return classify_click(seen);
  }
  const bool success = seen.reply.status >= 200 && seen.reply.status < 300;
  if (!success) return classify_status(seen);
  const auto unclear = seen.writes ? ambiguous : retryable;
  const auto body = parse_json(seen.reply.body, unclear, "Slack's answer");
  if (!body) return body.error();
  const auto ok = JsonView(*body)["ok"].boolean();
  if (!ok) return Failure(unclear, "Slack's answer says neither ok nor not");
  const auto code = JsonView(*body)["error"].text("unknown_error");
  if (*ok || (seen.writes && is_so_already(seen.request, code))) return std::nullopt;
  return classify_code(seen, code, *body);
}

bool refuses_blocks(const Failure& failure) {
  return failure.kind == rejected && contains(kPayload, code_of(failure));
}

bool refuses_place(const Failure& failure) {
  return failure.kind == misconfigured && contains(kDestination, code_of(failure));
}

bool knows_nobody(const Failure& failure) { return code_of(failure) == "users_not_found"; }

bool lacks_scope(const Failure& failure) {
  return failure.kind == misconfigured && code_of(failure) == "missing_scope";
}

}  // namespace baton::slack
