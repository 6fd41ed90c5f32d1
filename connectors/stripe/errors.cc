#include "connectors/stripe/errors.h"

#include "gateway/base/json_view.h"

namespace baton::stripe {

std::optional<Failure> classify(const sdk::Exchange& seen) {
  using enum FailureKind;
  auto failure = sdk::classify_http(seen);
  if (!failure) return failure;
  const int status = seen.reply.status;
  if (const auto id = header(seen.reply.headers, "request-id"); !id.empty()) {
    failure->detail += "; Request-Id " + std::string(id);
  }
  if (status >= 300 && status < 400) failure->kind = misconfigured;
  if (status == 409 || status == 424) failure->kind = retryable;
  if (status == 429 && !seen.reply.retry_after) {
    // No Retry-After is documented. Without the reason's header it is an object that another request has
    // locked.
    const bool locked = header(seen.reply.headers, "stripe-rate-limited-reason").empty();
    failure->not_before = seen.at + (locked ? Duration{1s} : Duration{4s});
  }
  // Stripe's own word wins over the table, as in its SDKs (section 6). A refusal of the key stays what it is:
  // it ends with the credential, not with the request.
  const auto retry = header(seen.reply.headers, "stripe-should-retry");
  if (status == 401 || status == 403 || status == 429) return failure;
  if (retry == "true") failure->kind = retryable;
  if (retry == "false" && failure->kind == retryable) failure->kind = rejected;
  return failure;
}

}  // namespace baton::stripe
