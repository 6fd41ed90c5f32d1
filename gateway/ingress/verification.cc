#include "gateway/ingress/verification.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <utility>

#include "gateway/base/text.h"

namespace baton::ingress {
namespace {

Failure refusal(std::string why) { return Failure(FailureKind::rejected, std::move(why)); }

std::optional<TimePoint> read_seconds(std::string_view text) {
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > kLast)
    return std::nullopt;
  return TimePoint(std::chrono::seconds(seconds));
}

// As they are made of the secrets; what is none is a problem of the configuration.
std::vector<secrets::SigningKey> read_signing_keys_of(Fields& in, const std::vector<Secret>& values) {
  std::vector<secrets::SigningKey> keys;
  for (const auto& value : values) {
    auto key = secrets::SigningKey::make(value);
    if (key) keys.push_back(std::move(*key));
    else in.report("secret", key.error().detail);
  }
  return keys;
}

// A reference to a secret, resolved as far as that is wanted.
std::vector<Secret> read_keys(Fields& in, const secrets::Sources* secrets) {
  const auto& node = in.node("secret");
  if (node.missing()) {
    in.report("secret", "is required: write {secret: NAME} and run `baton secret set NAME`");
    return {};
  }
  const auto reference = secrets::read_reference(node, in.path_of("secret"), in.problems());
  if (!reference || !secrets) return {};
  auto values = secrets::resolve_all(*reference, *secrets);
  if (values) return std::move(*values);
  const auto place = reference->at.text() + ": ";
  const auto& detail = values.error().detail;
  in.report("secret", detail.starts_with(place) ? detail.substr(place.size()) : detail);
  return {};
}

void read_hmac(Fields& in, Verification& to) {
  const auto algorithms = std::to_array<std::string>({"sha256", "sha1"});
  const auto encodings = std::to_array<std::string>({"hex", "base64"});
  to.by = Verification::By::hmac;
  to.header = to_lower(in.required_text("header"));
  to.prefix = in.text("prefix");
  to.mac = in.one_of("algorithm", "sha256", algorithms) == "sha1" ? secrets::MacKind::hmac_sha1
                                                                  : secrets::MacKind::hmac_sha256;
  to.base64 = in.one_of("encoding", "hex", encodings) == "base64";
  to.timestamp_header = to_lower(in.text("timestamp_header"));
  to.tolerance = in.duration("tolerance", to.tolerance);
}

}  // namespace

Result<std::string> Verification::verify(const RawRequest& request) const {
  if (by == By::standard_webhooks) {
    auto signed_as = secrets::verify(request.headers, request.body,
                                     std::span<const secrets::SigningKey>(signing_keys), request.received_at);
    if (!signed_as) return signed_as.error();
    return std::move(signed_as->id);
  }
  if (by == By::basic) {
    constexpr std::string_view kScheme = "basic ";
    const auto given = baton::header(request.headers, "authorization");
    if (given.size() <= kScheme.size() || !equals_ignoring_case(given.substr(0, kScheme.size()), kScheme))
      return refusal("the request carries no Basic authorisation");
    const auto pair = from_base64(trim(given.substr(kScheme.size())));
    const auto colon = pair ? pair->find(':') : std::string::npos;
    if (colon == std::string::npos) return refusal("the Basic authorisation cannot be read");
    const bool fits = secrets::mac_matches(secrets::MacKind::shared_value, keys, {},
                                           std::string_view(*pair).substr(colon + 1));
    if (!fits || std::string_view(*pair).substr(0, colon) != user)
      return refusal("user and password of the Basic authorisation do not fit");
    return std::string();
  }
  auto given = baton::header(request.headers, header);
  if (given.empty()) return refusal("the header " + header + " is missing");
  if (by == By::header) {
    if (!secrets::mac_matches(secrets::MacKind::shared_value, keys, {}, given))
      return refusal("the header " + header + " does not hold the secret");
    return std::string();
  }
  if (!given.starts_with(prefix)) return refusal("the header " + header + " does not begin with " + prefix);
  given.remove_prefix(prefix.size());
  const auto code = base64 ? from_base64(given) : from_hex(given);
  if (!code || code->empty())
    return refusal("the header " + header + " holds no " + (base64 ? "base64" : "hex"));
  auto message = request.body;
  if (!timestamp_header.empty()) {
    const auto stamp = baton::header(request.headers, timestamp_header);
    const auto at = read_seconds(stamp);
    if (!at) return refusal("the header " + timestamp_header + " holds no time in seconds");
    const auto age = request.received_at - *at;
    if (std::chrono::abs(age) > tolerance)
      return refusal(age > Duration{0} ? "the request was signed too long ago"
                                       : "the request was signed in the future: compare the clocks");
    message.insert(0, std::string(stamp) + ".");
  }
  if (!secrets::mac_matches(mac, keys, message, *code)) return refusal("the signature does not fit the body");
  return std::string();
}

Headers Verification::without_proof(Headers headers) const {
  std::vector<std::string> proofs = {"authorization", header};
  if (by == By::standard_webhooks) proofs = {"webhook-signature", "svix-signature"};
  if (by == By::basic) proofs = {"authorization"};
  std::erase_if(headers, [&](const auto& one) {
    return std::ranges::any_of(proofs,
                               [&](const auto& proof) { return equals_ignoring_case(one.first, proof); });
  });
  return headers;
}

Verification read_verification(const Node& node, const std::string& path, const secrets::Sources* secrets,
                               Problems& problems) {
  Verification to;
  Fields ways(node, path, problems);
  int found = 0;
  for (const auto* way : {"hmac", "header", "basic", "standard_webhooks"}) {
    const auto& one = ways.node(way);
    if (one.missing()) continue;
    ++found;
    Fields in(one, ways.path_of(way), problems);
    const std::string_view name = way;
    if (name == "hmac") read_hmac(in, to);
    if (name == "header") to.header = to_lower(in.required_text("name"));
    if (name == "basic") {
      to.by = Verification::By::basic;
      to.user = in.required_text("user");
    }
    to.keys = read_keys(in, secrets);
    if (name == "standard_webhooks") {
      to.by = Verification::By::standard_webhooks;
      to.signing_keys = read_signing_keys_of(in, std::exchange(to.keys, {}));
    }
    in.done();
  }
  ways.done();
  if (found != 1)
    problems.add(
        node.at(), path,
        "must hold one of hmac, header, basic and standard_webhooks: how the sender proves who it is");
  return to;
}

}  // namespace baton::ingress
