#include "connectors/stripe/webhook.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::stripe {
namespace {

constexpr auto kTolerance = Duration{300s};
constexpr std::size_t kMostSignatures = 8;  // while a secret is rolled there are two or more

// "t=1790000005,v1=<hex>,v1=<hex>,v0=<hex>"; v0 and unknown schemes are not looked at.
struct Signature {
  Signature() = default;
  std::string stamp;  // as received: it is signed in this form
  std::vector<std::string> macs;
};

std::optional<Signature> read_signature(std::string_view header) {
  Signature signature;
  int stamps = 0;
  for (const auto part : split(header, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    const auto key = trim(part.substr(0, equals)), value = trim(part.substr(equals + 1));
    if (key == "t") {
      signature.stamp = std::string(value);
      ++stamps;
    } else if (key == "v1" && signature.macs.size() < kMostSignatures) {
      if (auto mac = from_hex(value)) signature.macs.push_back(*std::move(mac));
    }
  }
  if (stamps != 1 || signature.macs.empty()) return std::nullopt;
  return signature;
}

std::optional<TimePoint> read_seconds(std::string_view text) {
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kLast)
    return std::nullopt;
  return TimePoint(std::chrono::seconds(value));
}

std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys) {
  const auto signature = read_signature(header(request.headers, "stripe-signature"));
  if (!signature)
    return Failure(FailureKind::rejected, "the webhook carries no Stripe-Signature with t and v1");
  const auto message = signature->stamp + "." + request.body;
  bool fits = false;
  for (const auto& mac : signature->macs) {
    fits = keys.matches(sdk::Keys::Mac::hmac_sha256, "webhook_secret", message, mac) || fits;
  }
  if (!fits) return Failure(FailureKind::rejected, "the webhook's signature does not fit webhook_secret");
  // Stripe's own check looks into the past only; ours in both directions.
  const auto signed_at = read_seconds(signature->stamp);
  if (!signed_at || std::chrono::abs(request.received_at - *signed_at) > kTolerance) {
    return Failure(FailureKind::rejected, "the webhook was signed more than five minutes from now");
  }
  return std::nullopt;
}

// What a brief would tell of otherwise than before (section 7).
constexpr auto kTelling = std::to_array<std::string_view>(
    {"customer.updated", "customer.deleted", "customer.subscription.created", "customer.subscription.updated",
     "customer.subscription.deleted", "customer.subscription.paused", "customer.subscription.resumed",
     "invoice.paid", "invoice.payment_failed", "invoice.payment_action_required", "invoice.overdue",
     "charge.failed", "payment_intent.payment_failed", "charge.dispute.created", "charge.dispute.updated",
     "charge.dispute.closed"});

// By which the context that we hold names what changed. Only ids are taken: the rest has the shape of the
// endpoint's own API version. Disputes name a charge and no customer.
std::string concerned(JsonView object) {
  if (object["object"].text() == "customer") return object["id"].text();
  for (const auto* field : {"customer", "charge"}) {
    const auto id = object[field].text(object[field]["id"].text());
    if (!id.empty()) return id;
  }
  return {};
}

}  // namespace

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys) {
  if (const auto failure = refuse(request, keys)) return *failure;
  const auto body = parse_json(request.body, FailureKind::rejected, "Stripe's webhook");
  if (!body) return body.error();
  if (!body->is_object()) return Failure(FailureKind::rejected, "Stripe's webhook is no event");
  const JsonView event(*body);
  sdk::Webhook webhook;
  const auto type = event["type"].text(), id = event["id"].text();
  const auto object = concerned(event.at_path("data.object"));
  const bool tells = std::ranges::find(kTelling, type) != kTelling.end();
  if (!tells || id.empty() || object.empty()) return webhook;
  webhook.signals.emplace_back(SignalKind::changed, id, object, "").text = type;
  return webhook;
}

}  // namespace baton::stripe
