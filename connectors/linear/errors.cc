#include "connectors/linear/errors.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::linear {
namespace {

using enum FailureKind;

// Safe to repeat, because the ids are ours (section 6).
constexpr auto kOutages =
    std::to_array<std::string_view>({"internal error", "internal server error", "network error",
                                     "lock timeout", "bootstrap error", "unknown", "other"});

struct Said {
  std::string message;
  std::string presentable;
  std::string type;  // "invalid input"
  std::string code;  // "INPUT_ERROR" as "input error"
  std::int64_t status = 0;

  bool is(std::string_view word) const { return type == word || code == word; }
};

std::string as_words(std::string text) {
  text = to_lower(text);
  std::ranges::replace(text, '_', ' ');
  return text;
}

nlohmann::json errors_body(const Reply& reply) {
  auto body = parse_json(reply.body, retryable, "");
  return body && body->is_object() ? std::move(*body) : nlohmann::json::object();
}

// The first of the errors; several of one answer have one cause.
std::optional<Said> first_error(JsonView body) {
  const auto errors = body["errors"].list();
  if (!errors || errors->empty()) return std::nullopt;
  const auto error = errors->front();
  const auto extensions = error["extensions"];
  Said said;
  said.message = error["message"].text("an error without a message");
  said.presentable = extensions["userPresentableMessage"].text();
  said.type = as_words(extensions["type"].text());
  said.code = as_words(extensions["code"].text());
  said.status = extensions["statusCode"].integer().value_or(0);
  return said;
}

bool says_taken(const Said& said) {
  return said.is("input error") &&
         (said.message.starts_with("conflict on insert of") || said.presentable.ends_with("already exists."));
}

std::optional<std::int64_t> number(const Headers& headers, std::string_view name) {
  const auto text = header(headers, name);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<TimePoint> instant(const Headers& headers, std::string_view name) {
  constexpr std::int64_t kLast = 253'402'300'799'999;  // the year 9999, far from any overflow
  const auto milliseconds = number(headers, name);
  if (!milliseconds || *milliseconds > kLast) return std::nullopt;
  return TimePoint(Duration{*milliseconds});
}

// Retry-After, else the latest reset of what is used up, else a minute (section 5). A bucket's reset is
// within the hour; whoever says otherwise is not waited for longer.
TimePoint wait_until(const sdk::Exchange& seen) {
  if (seen.reply.retry_after) return seen.at + *seen.reply.retry_after;
  std::optional<TimePoint> latest;
  for (const std::string kind : {"requests", "complexity", "endpoint-requests"}) {
    const auto prefix = "x-ratelimit-" + kind;
    const auto reset = instant(seen.reply.headers, prefix + "-reset");
    if (number(seen.reply.headers, prefix + "-remaining") == 0 && reset && (!latest || *reset > *latest))
      latest = reset;
  }
  if (!latest || *latest <= seen.at) return seen.at + 60s;
  return std::min(*latest, seen.at + 61min);
}

// Operations with a limit of their own are named in the answer; a bucket of the whole account that is empty
// too is the worse news.
bool is_of_searches_alone(const Headers& headers) {
  const bool whole_account = number(headers, "x-ratelimit-requests-remaining") == 0 ||
                             number(headers, "x-ratelimit-complexity-remaining") == 0;
  return !whole_account && equals_ignoring_case(header(headers, "x-ratelimit-endpoint-name"), "searchIssues");
}

Failure rate_failure(const sdk::Exchange& seen, std::string detail) {
  Failure failure(rate_limited, std::move(detail), wait_until(seen));
  if (!seen.writes && is_of_searches_alone(seen.reply.headers)) failure.budget = kSearches;
  return failure;
}

Failure classify_error(const sdk::Exchange& seen, const Said& said) {
  // The word comes first, so that is_unavailable() and a person find it.
  auto detail = (said.type.empty() ? said.code : said.type) + ": Linear: " + said.message;
  if (!said.presentable.empty()) detail += " (" + said.presentable + ")";
  if (said.is("ratelimited") || said.status == 429 || seen.reply.status == 429)
    return rate_failure(seen, std::move(detail));
  if (said.is("authentication error") || said.status == 401 || seen.reply.status == 401)
    return Failure(auth_expired, detail);
  if (said.is("forbidden") || said.status == 403 || seen.reply.status == 403)
    return Failure(misconfigured,
                   detail + "; give Baton's app access to the team and the scopes of its README");
  const bool outage = std::ranges::any_of(kOutages, [&](auto word) { return said.is(word); });
  if (outage || said.status >= 500 || seen.reply.status >= 500)
    return Failure(seen.writes ? ambiguous : retryable, detail);
  if (to_lower(said.message).starts_with("entity not found")) return Failure(target_gone, detail);
  return Failure(rejected, detail);
}

std::optional<Failure> classify_status(const sdk::Exchange& seen) {
  auto failure = sdk::classify_http(seen);
  const int status = seen.reply.status;
  if (!failure) return failure;
  if (status == 429) failure->not_before = wait_until(seen);
  // One address for everything: where it is not, base_url is wrong.
  if ((status >= 300 && status < 400) || status == 404 || status == 410) failure->kind = misconfigured;
  // Its word that nothing happened is a proxy's as often as Linear's: asked again with the same id.
  if (status == 503 && seen.writes) failure->kind = ambiguous;
  return failure;
}

}  // namespace

std::optional<Failure> classify(const sdk::Exchange& seen) {
  const auto document = errors_body(seen.reply);
  const JsonView body(document);
  if (const auto said = first_error(body)) {
    if (seen.writes && says_taken(*said)) return std::nullopt;
    return classify_error(seen, *said);
  }
  if (auto failure = classify_status(seen)) return failure;
  if (body["data"].object()) return std::nullopt;
  return Failure(seen.writes ? ambiguous : retryable, "Linear's answer carries neither data nor errors");
}

sdk::Quota quota(const Reply& reply) {
  sdk::Quota quota;
  if (const auto left = number(reply.headers, "x-ratelimit-requests-remaining"))
    quota.remaining = static_cast<int>(std::min<std::int64_t>(*left, 1'000'000));
  quota.resets_at = instant(reply.headers, "x-ratelimit-requests-reset");
  return quota;
}

bool is_conflict(const Reply& reply) {
  const auto document = errors_body(reply);
  const auto said = first_error(JsonView(document));
  return said && says_taken(*said);
}

bool is_conflict_on(const Reply& reply, std::string_view id) {
  if (!is_conflict(reply)) return false;
  const auto document = errors_body(reply);
  const auto said = first_error(JsonView(document));
  constexpr std::string_view kBefore = "with id ";
  const auto at = said->presentable.find(kBefore);
  return at == std::string::npos ||
         equals_ignoring_case(std::string_view(said->presentable).substr(at + kBefore.size(), id.size()), id);
}

bool is_unavailable(const Failure& failure) {
  // A credential that stays refused is misconfigured too, but then the rest goes nowhere either.
  return failure.kind == rejected ||
         (failure.kind == misconfigured && failure.detail.starts_with("forbidden:"));
}

bool is_passing(const Failure& failure) {
  return failure.kind == retryable || failure.kind == rate_limited || failure.kind == ambiguous ||
         failure.kind == auth_expired;
}

}  // namespace baton::linear
