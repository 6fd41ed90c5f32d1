#include "connectors/sdk/connector.h"

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"

namespace baton::sdk {
namespace {

// All of it: what vendors say is redacted first and cut then, in one place for all (the delivery station),
// because half a secret at a cut is not recognised as one.
std::string said(const Reply& reply) { return reply.body.empty() ? std::string() : ": " + reply.body; }

}  // namespace

std::optional<Failure> classify_http(const Exchange& seen) {
  using enum FailureKind;
  const int status = seen.reply.status;
  if (status >= 200 && status < 300) return std::nullopt;
  const auto detail = seen.request.method + " " + std::string(path_of(seen.request.target)) + " answered " +
                      std::to_string(status) + said(seen.reply);
  const auto wait = seen.reply.retry_after;
  if (status == 401) return Failure(auth_expired, detail);
  if (status == 403) return Failure(misconfigured, detail);
  if (status == 404 || status == 410) return Failure(target_gone, detail);
  if (status == 408 || status == 425) return Failure(retryable, detail);
  if (status == 429) return Failure(rate_limited, detail, seen.at + wait.value_or(60s));
  if (status == 503) return Failure(retryable, detail, wait ? std::optional(seen.at + *wait) : std::nullopt);
  if (status >= 500)
    return Failure(seen.writes && !BATON_MUTANT(error_after_write_is_no) ? ambiguous : retryable, detail);
  return Failure(rejected, detail);
}

Result<Webhook> Connector::read_webhook(const RawRequest&, const Keys&, const Settings&) const {
  return Failure(FailureKind::rejected, "this vendor sends no webhooks");
}

Result<Inbound> Connector::read_events(const RawRequest&, const Keys&, const Settings&) const {
  return Failure(FailureKind::rejected, "this vendor is no chat platform");
}

Task<Findings> Connector::probe(const Settings&, ReadSession&) const {
  co_return Failure(FailureKind::rejected, "this vendor has no way to try a destination");
}

Task<std::string> Connector::find_person(std::string, ReadSession&) const {
  co_return Failure(FailureKind::rejected, "this vendor cannot be asked for people by their address");
}

Task<Findings> Connector::prepare(const Settings&, SetupSession&) const {
  co_return Failure(FailureKind::rejected, "nothing has to be made at this vendor");
}

}  // namespace baton::sdk
