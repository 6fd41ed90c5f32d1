#include "connectors/twilio/webhook.h"

#include <map>
#include <set>

#include "connectors/sdk/digest.h"
#include "connectors/twilio/events.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::twilio {
namespace {

using nlohmann::json;
using Fields = std::map<std::string, std::set<std::string>>;  // a repeated name: its unique values, sorted

Failure forged(std::string why) { return Failure(FailureKind::rejected, "the webhook " + std::move(why)); }

std::optional<Fields> form_fields(std::string_view body) {
  Fields fields;
  for (const auto pair : split(body, '&')) {
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    fields[*std::move(name)].insert(*std::move(value));
  }
  return fields;
}

// With and without the port, whichever Twilio took: "https://host:443/x" and "https://host/x".
std::string other_port(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return std::string(url);
  const auto start = scheme + 3;
  const auto end = std::min(url.find_first_of("/?", start), url.size());
  const auto colon = url.substr(start, end - start).rfind(':');
  const auto rest = std::string(url.substr(end));
  if (colon != std::string_view::npos) return std::string(url.substr(0, start + colon)) + rest;
  return std::string(url.substr(0, end)) + (url.starts_with("https") ? ":443" : ":80") + rest;
}

// Twilio signs the address as it is configured there, and what came to us says of it only its query: a proxy
// may have changed the rest, and the Host header is anybody's.
std::string signed_url(const RawRequest& request, const sdk::Settings& settings) {
  const auto configured = settings["webhook_url"];
  const auto mark = request.target.find('?');
  return std::string(configured.substr(0, configured.find('?'))) +
         (mark == std::string::npos ? "" : request.target.substr(mark));
}

// Who signs, and how: "key=webhooks_sharedkey_...,algorithm=HMAC_SHA256" says
// another key than the auth token. The header itself is not signed: whoever
// changes it must have the key that it chooses.
struct Signer {
  const char* field;
  sdk::Keys::Mac mac;
};

std::optional<Signer> signer_of(const RawRequest& request) {
  const auto said = header(request.headers, "x-twilio-webhooks-signature-settings");
  std::string_view algorithm;
  for (const auto part : split(said, ',')) {
    const auto equals = part.find('=');
    if (equals != std::string_view::npos && trim(part.substr(0, equals)) == "algorithm")
      algorithm = trim(part.substr(equals + 1));
  }
  if (algorithm.empty() || equals_ignoring_case(algorithm, "HMAC_SHA1"))
    return Signer{"auth_token", sdk::Keys::Mac::hmac_sha1};
  if (equals_ignoring_case(algorithm, "HMAC_SHA256"))
    return Signer{"shared_key", sdk::Keys::Mac::hmac_sha256};
  return std::nullopt;
}

bool is_signed(const RawRequest& request, const sdk::Keys& keys, const sdk::Settings& settings,
               const std::string& params) {
  const auto mac = from_base64(header(request.headers, "x-twilio-signature"));
  const auto signer = signer_of(request);
  if (!mac || mac->empty() || !signer || settings["webhook_url"].empty()) return false;
  const auto url = signed_url(request, settings);
  for (const auto& one : {url, other_port(url)}) {
    if (keys.matches(signer->mac, signer->field, one + params, *mac)) return true;
  }
  return false;
}

constexpr std::string_view kRefused =
    "has a signature that does not fit auth_token (or shared_key, where it is signed with HMAC_SHA256) and "
    "webhook_url, which must be the address as it stands at Twilio";

// A body that is no form is not signed itself: the address holds its digest.
Result<json> read_document(const RawRequest& request, const std::string& digest, const sdk::Keys& keys,
                           const sdk::Settings& settings) {
  if (!is_signed(request, keys, settings, {})) return forged(std::string(kRefused));
  if (to_lower(digest) != to_hex(sdk::sha256(request.body)))
    return forged("has a body that is not the signed one");
  return parse_json(request.body, FailureKind::rejected, "Twilio's webhook");
}

Result<json> read_form(const RawRequest& request, const sdk::Keys& keys, const sdk::Settings& settings) {
  const auto fields = form_fields(request.body);
  if (!fields) return forged("has a body that is no form");
  std::string params;
  json event = json::object();
  for (const auto& [name, values] : *fields) {
    for (const auto& value : values) params += name + value;
    event[to_valid_utf8(name)] = to_valid_utf8(*values.begin());
  }
  if (!is_signed(request, keys, settings, params)) return forged(std::string(kRefused));
  return event;
}

}  // namespace

Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings) {
  const auto digest = query_value(request.target, "bodySHA256");
  // A form is signed with its fields, whatever its address says.
  const bool form = header(request.headers, "content-type").starts_with("application/x-www-form-urlencoded");
  const auto event =
      digest && !form ? read_document(request, *digest, keys, settings) : read_form(request, keys, settings);
  if (!event) return event.error();
  sdk::Inbound inbound;
  inbound.answer = Reply(204);  // what is genuine, and an empty body (sections 4.7 and 6)
  std::string delivery(header(request.headers, "i-twilio-idempotency-token"));
  if (delivery.empty())
    delivery = std::to_string(request.received_at.time_since_epoch() / std::chrono::seconds(1));
  if (auto arrival = arrival_of(*event, delivery, settings)) inbound.events.push_back(std::move(*arrival));
  if (auto signal = signal_of(*event, settings)) inbound.signals.push_back(std::move(*signal));
  return inbound;
}

}  // namespace baton::twilio
