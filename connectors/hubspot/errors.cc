#include "connectors/hubspot/errors.h"

#include <charconv>

#include "connectors/hubspot/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::hubspot {
namespace {

using enum FailureKind;

// Edge errors may be HTML (section 6).
nlohmann::json error_body(const Reply& reply) {
  auto body = parse_json(reply.body, retryable, "");
  return body && body->is_object() ? std::move(*body) : nlohmann::json::object();
}

// How long HubSpot wants us away. DAILY ends at midnight in the account's own time zone, which we do
// not know here; midnight is at a full hour nearly everywhere, so the next one is the next chance.
TimePoint wait_until(const sdk::Exchange& seen, JsonView body) {
  if (seen.reply.retry_after) return seen.at + *seen.reply.retry_after;
  const auto policy = body["policyName"].text();
  if (policy == "SECONDLY") return seen.at + 1s;
  if (policy == "DAILY") return std::chrono::floor<std::chrono::hours>(seen.at) + 1h + 1min;
  return seen.at + 10s;
}

// A read by a key of ours or by e-mail: "there is none" is its answer, not a failure. All fields of an error
// are optional (section 6); a read by e-mail is followed by a search, which would fail on a wrong path.
bool is_answer(const sdk::Exchange& seen, JsonView body) {
  if (seen.writes) return false;
  const bool not_found = body["category"].text() == "OBJECT_NOT_FOUND";
  if (path_of(seen.request.target).ends_with("/batch/read")) return not_found;
  const bool by_key = seen.request.method == "GET" && query_value(seen.request.target, "idProperty");
  return by_key && (not_found || (body["category"].missing() && !body["status"].missing()));
}

// What is said of the property that makes a repetition harmless: it is not there, or it holds our key
// already, for an attempt that nobody heard of.
constexpr std::string_view kMakeIt =
    "; tickets need the property baton_handoff_id with hasUniqueValue true, made once: "
    "POST /crm/properties/2026-09/tickets, see connectors/hubspot/README.md";

void classify_key_trouble(const sdk::Exchange& seen, Failure& failure) {
  const auto text = to_lower(seen.reply.body);
  if (text.find(kKeyProperty) == std::string::npos) return;
  for (const auto* taken : {"conflict", "already", "duplicate"}) {
    if (text.find(taken) == std::string::npos) continue;
    failure.kind = seen.writes ? ambiguous : retryable;
    return;
  }
  failure.kind = misconfigured;
  failure.detail.insert(0, "HubSpot does not know our key" + std::string(kMakeIt) + ": ");
}

// 207: part of a batch failed. Our writes are batches of one.
std::optional<Failure> classify_parts(const sdk::Exchange& seen, Failure failure) {
  if (!seen.writes) return std::nullopt;  // the reader sees what is there
  const auto body = error_body(seen.reply);
  const auto errors = items(JsonView(body)["errors"]);
  if (errors.empty()) return std::nullopt;
  failure.kind = errors.front()["category"].text() == "VALIDATION_ERROR" ? rejected : ambiguous;
  if (failure.kind == rejected) classify_key_trouble(seen, failure);
  return failure;
}

}  // namespace

std::optional<Failure> classify(const sdk::Exchange& seen) {
  const int status = seen.reply.status;
  auto failure = sdk::classify_http(seen);
  if (status == 207) return classify_parts(seen, Failure(ambiguous, "HubSpot: " + seen.reply.body));
  if (!failure) return failure;
  const auto document = error_body(seen.reply);
  const JsonView body(document);
  const auto unclear = seen.writes ? ambiguous : retryable;
  if (const auto id = body["correlationId"].text(); !id.empty()) failure->detail += "; correlationId " + id;

  if (status >= 300 && status < 400) failure->kind = misconfigured;
  // The key is taken: ours, from an attempt that nobody heard of, or a twin under way.
  if (status == 400) classify_key_trouble(seen, *failure);
  if (status == 400 && body["category"].text() == "CONFLICT") failure->kind = unclear;
  if (status == 404 && is_answer(seen, body)) return std::nullopt;
  if (status == 404 && body["category"].text() != "OBJECT_NOT_FOUND") failure->kind = misconfigured;
  if (status == 409) failure->kind = unclear;
  // Its word that nothing happened may be a proxy's: looked at before it is repeated.
  if (status == 503) failure->kind = unclear;
  if (status == 423) {
    failure->kind = retryable;
    failure->not_before = seen.at + seen.reply.retry_after.value_or(Duration{2s});
  }
  if (status == 429) {
    failure->not_before = wait_until(seen, body);
    // The search has a limit of its own, which all apps share; a used up day is everything's.
    const bool is_search = !seen.writes && path_of(seen.request.target).ends_with("/search");
    if (is_search && body["policyName"].text() != "DAILY") failure->budget = kSearches;
  }
  if (status == 477) {  // the account moves between data centres, for up to a day
    failure->kind = rate_limited;
    failure->not_before = seen.at + seen.reply.retry_after.value_or(Duration{1h});
  }
  // The edge never reached HubSpot: certificate or TLS trouble between the two.
  if (status == 525 || status == 526) failure->kind = retryable;
  return failure;
}

sdk::Quota quota(const Reply& reply, TimePoint at) {
  const auto number = [&](std::string_view name) -> std::optional<int> {
    const auto text = header(reply.headers, name);
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
    return value;
  };
  sdk::Quota quota;
  quota.remaining = number("x-hubspot-ratelimit-remaining");
  if (const auto interval = number("x-hubspot-ratelimit-interval-milliseconds");
      quota.remaining && interval) {
    quota.resets_at = at + Duration{*interval};
  }
  return quota;
}

}  // namespace baton::hubspot
