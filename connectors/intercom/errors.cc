#include "connectors/intercom/errors.h"

#include <algorithm>
#include <charconv>

#include "connectors/intercom/people.h"
#include "gateway/base/json_view.h"

namespace baton::intercom {
namespace {

using enum FailureKind;

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kLast)
    return std::nullopt;
  return value;
}

// There is no Retry-After, but the end of the window of ten seconds (section 5).
std::optional<TimePoint> window_ends(const Reply& reply) {
  const auto seconds = whole(header(reply.headers, "x-ratelimit-reset"));
  return seconds ? std::optional(TimePoint(std::chrono::seconds(*seconds))) : std::nullopt;
}

std::string code_of(const Reply& reply) {
  const auto body = parse_json(reply.body, retryable, "");
  if (!body) return {};
  const auto errors = JsonView(*body)["errors"].list();
  return errors && !errors->empty() ? errors->front()["code"].text() : std::string();
}

bool says(const Reply& reply, std::string_view words) { return reply.body.find(words) != std::string::npos; }

// Refusals that are an answer: nobody has this id, merged, there already, in this state already.
bool is_answer(const sdk::Exchange& seen, std::string_view path) {
  const auto& reply = seen.reply;
  const bool by_our_id = !seen.writes && path.starts_with("/contacts/find_by_external_id/");
  if (by_our_id && reply.status == 404) return code_of(reply) == "not_found";
  if (by_our_id && reply.status == 410) return true;
  if (seen.writes && path == "/contacts" && reply.status == 409) return !id_in_conflict(reply.body).empty();
  return seen.writes && path.starts_with("/tickets/") && reply.status == 400 && says(reply, "same state");
}

void classify_not_found(const sdk::Exchange& seen, std::string_view path, Failure& failure) {
  const auto code = code_of(seen.reply);
  // Whatever stands between us knows nothing of conversations: only Intercom's own word ends one.
  if (code.empty()) failure.kind = retryable;
  // The acting admin, that is: a setting of ours.
  if (code == "admin_not_found") failure.kind = misconfigured;
  if (code == "team_not_found" || code == "team_unavailable" || code == "assignee_not_found")
    failure.kind = rejected;
  // A contact that was just made cannot start a conversation for some moments (section 3.2).
  if (seen.writes && path == "/conversations") {
    failure.kind = retryable;
    failure.not_before = seen.at + 10s;
  }
  const bool names_none = path == "/tickets" || path == "/contacts" || path.ends_with("/search");
  if (names_none) failure.kind = seen.writes ? rejected : misconfigured;
}

}  // namespace

std::optional<Failure> classify(const sdk::Exchange& seen) {
  auto failure = sdk::classify_http(seen);
  if (!failure) return failure;
  const int status = seen.reply.status;
  const auto path = path_of(seen.request.target);
  if (is_answer(seen, path)) return std::nullopt;
  if (status >= 300 && status < 400) failure->kind = misconfigured;  // base_url leads somewhere else
  if (status == 400 && code_of(seen.reply) == "intercom_version_invalid") failure->kind = misconfigured;
  if (status == 404) classify_not_found(seen, path, *failure);
  if (status == 405) failure->kind = misconfigured;  // the acting admin is of the wrong kind
  if (status == 409) failure->kind = seen.writes ? ambiguous : retryable;
  // Its word that nothing happened is a proxy's as often as Intercom's: looked at before it is repeated.
  if ((status == 408 || status == 503) && seen.writes) failure->kind = ambiguous;
  if (status == 429 && !seen.reply.retry_after) {
    // Somebody's clock may be wrong: never before the next second, never longer than a minute.
    const auto ends = window_ends(seen.reply).value_or(seen.at + 10s);
    failure->not_before = std::clamp(ends, seen.at + 1s, seen.at + 1min);
  }
  return failure;
}

sdk::Quota quota(const Reply& reply) {
  sdk::Quota quota;
  if (const auto left = whole(header(reply.headers, "x-ratelimit-remaining")))
    quota.remaining = static_cast<int>(std::min<std::int64_t>(*left, 1'000'000));
  quota.resets_at = window_ends(reply);
  return quota;
}

}  // namespace baton::intercom
