#include "connectors/teams/errors.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "gateway/base/json_view.h"

namespace baton::teams {
namespace {

using enum FailureKind;

struct Sign {
  std::string_view code;
  FailureKind kind;
  std::string_view remedy;
};

constexpr std::string_view kNewAddress =
    "Copy the address of the trigger \"When a Teams webhook request is received\" once more, whole and "
    "unchanged, and give it to Baton as `address`.";
constexpr std::string_view kAnyone =
    "Set \"Who can trigger the flow?\" of the flow's trigger to Anyone; its address changes by that, so give "
    "Baton the new one as `address`.";
constexpr std::string_view kTurnOn =
    "Turn the flow on in Power Automate. If it was deleted or made anew, give Baton the new address.";

constexpr auto kSigns = std::to_array<Sign>({
    {"WorkflowTriggerIsNotEnabled", misconfigured, kTurnOn},
    {"DirectApiAuthorizationRequired", misconfigured, kAnyone},
    {"MisMatchingOAuthClaims", misconfigured, kAnyone},
    {"AuthorizationFailed", misconfigured, kNewAddress},
    {"WorkflowNotFound", misconfigured, kNewAddress},
    {"TriggerInputSchemaMismatch", rejected, "Make the flow from the template, without a schema of its own."},
    {"InvalidRequestContent", rejected, ""},
});

constexpr std::string_view kTooLarge = "too large for Teams";

const Sign* sign_of(const Reply& reply) {
  const auto body = parse_json(reply.body, retryable, "");
  if (!body) return nullptr;
  const auto code = JsonView(*body).at_path("error.code").text();
  const auto* const found = std::ranges::find(kSigns, code, &Sign::code);
  return found == kSigns.end() ? nullptr : found;
}

// The old connectors told of throttling inside a 200 (section 5).
bool is_throttled_in_words(const Reply& reply) {
  return reply.body.find("HTTP error 429") != std::string::npos;
}

// Where no time is told the waits grow, from the manifest's first one (section 5).
Failure throttled(const sdk::Exchange& seen, std::string detail) {
  Failure failure(rate_limited, std::move(detail));
  if (seen.reply.retry_after) failure.not_before = seen.at + *seen.reply.retry_after;
  return failure;
}

Failure explained(Failure failure, const Sign& sign) {
  failure.kind = sign.kind;
  failure.detail = std::string(sign.code) + ": " + failure.detail;
  if (!sign.remedy.empty()) failure.detail += ". " + std::string(sign.remedy);
  return failure;
}

}  // namespace

std::optional<Failure> classify(const sdk::Exchange& seen) {
  auto failure = sdk::classify_http(seen);
  const int status = seen.reply.status;
  if (!failure) {
    if (!is_throttled_in_words(seen.reply)) return std::nullopt;
    return throttled(seen, "Teams said in a 200 that it is throttled");
  }
  if (const auto* sign = sign_of(seen.reply)) return explained(*std::move(failure), *sign);
  if (status == 429) return throttled(seen, failure->detail);
  if (status == 413) failure->detail = std::string(kTooLarge) + ": " + failure->detail;
  // A gateway may say 503 after the flow has started (section 4).
  else if (status >= 500) failure->kind = seen.writes ? ambiguous : retryable;
  else if (status == 401 || status == 403 || status == 404 || status == 410 || status < 400) {
    failure->kind = misconfigured;
    failure->detail += ". " + std::string(kNewAddress);
  }
  return failure;
}

bool is_too_large(const Failure& failure) {
  return failure.kind == rejected && failure.detail.starts_with(kTooLarge);
}

bool is_about_the_address(const Failure& failure) {
  const bool nobody_there = failure.kind == retryable;
  return nobody_there || std::ranges::any_of(kSigns, [&](const Sign& sign) {
           return sign.kind == misconfigured && failure.detail.starts_with(sign.code);
         });
}

}  // namespace baton::teams
