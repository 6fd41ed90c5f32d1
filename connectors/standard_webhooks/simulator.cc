#include "connectors/standard_webhooks/simulator.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"
#include "secrets/crypto.h"

namespace baton::standard_webhooks {
namespace simulated {
namespace {

constexpr std::string_view kSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
constexpr std::size_t kMaxBodyBytes = 1024 * 1024;
constexpr long long kTolerance = 300;

// The bytes after the prefix; a bare base64 is an HMAC key, too.
std::string key_bytes(std::string_view secret) {
  const auto bare = secret.starts_with("wh") ? secret.substr(secret.find('_') + 1) : secret;
  return from_base64(bare).value_or("");
}

std::string generated_id(Random& random) {
  constexpr std::string_view kAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  std::string id = "msg_";
  for (int i = 0; i < 26; ++i) id += kAlphabet[random.bits() % kAlphabet.size()];
  return id;
}

bool matches(std::string_view entry, std::string_view secret, std::string_view id, std::string_view timestamp,
             std::string_view body) {
  if (!secret.starts_with("whpk_")) return entry == signature(secret, id, timestamp, body);
  if (!entry.starts_with("v1a,")) return false;
  const auto given = from_base64(entry.substr(4));
  const auto key = secrets::SigningPair::from_public_key(key_bytes(secret));
  return given && key && key->verify(fmt::format("{}.{}.{}", id, timestamp, body), *given);
}

}  // namespace

std::string signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                      std::string_view body) {
  const auto key = key_bytes(secret);
  if (!secret.starts_with("whsk_")) {
    const auto mac = simulation::hmac_sha256(key, {id, ".", timestamp, ".", body});
    return mac.empty() ? "" : "v1," + to_base64(mac);
  }
  // The seed, or seed and public key.
  const auto pair =
      secrets::SigningPair::from_seed(std::string_view(key).substr(0, secrets::kEd25519KeyBytes));
  const auto made =
      pair ? pair->sign(fmt::format("{}.{}.{}", id, timestamp, body)) : Result<std::string>(pair.error());
  return made ? "v1a," + to_base64(*made) : "";
}

Checked check(const Headers& headers, std::string_view body, std::string_view secrets, TimePoint now) {
  if (body.size() > kMaxBodyBytes) return {413, "too_large"};
  const bool svix = headers.contains("svix-id");
  if (svix && headers.contains("webhook-id")) return {400, "mixed_header_families"};
  const auto field = [&](std::string_view name) {
    return header(headers, fmt::format("{}-{}", svix ? "svix" : "webhook", name));
  };
  const auto id = field("id"), timestamp = field("timestamp"), list = field("signature");
  if (id.empty() || timestamp.empty() || list.empty()) return {400, "missing_header"};
  if (id.find('.') != std::string_view::npos) return {400, "dot_in_id"};
  long long seconds = 0;
  const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  if (error != std::errc() || end != timestamp.data() + timestamp.size())
    return {400, "timestamp_no_integer"};
  const auto late = simulation::epoch_seconds(now) - seconds;
  if (late > kTolerance || late < -kTolerance) return {401, "stale_timestamp"};
  for (const auto entry : split(list, ' ')) {
    for (const auto secret : split(secrets, ' ')) {
      if (!entry.empty() && matches(entry, secret, id, timestamp, body)) return {200, ""};
    }
  }
  return {401, "bad_signature"};
}

Reply Endpoint::handle(const RawRequest& raw) {
  tally_.request();
  return take(raw);
}

Reply Endpoint::take(const RawRequest& raw) {
  const auto refused = [this](int status, std::string_view why) {
    tally_.refuse(why);
    return simulation::json_reply(status, {{"error", why}});
  };
  if (raw.method != "POST") return refused(405, "method_not_allowed");
  const auto checked =
      check(raw.headers, raw.body, simulation::text_of(setup_, "receive_secret", kSecret), raw.received_at);
  if (checked.status != 200) return refused(checked.status, checked.why);
  const auto status = simulation::number_of(setup_, "answer", 202);
  if (status >= 300 || status < 200) {
    auto reply = refused(status, "told_to_refuse");
    const auto wait = simulation::text_of(setup_, "answer_retry_after", "");
    if (!wait.empty()) reply.headers["retry-after"] = wait;
    return reply;
  }
  if (!raw.body.empty() && json::parse(raw.body, nullptr, false).is_discarded())
    return refused(400, "body_no_json");
  const auto given = header(raw.headers, "webhook-id");
  const std::string id(given.empty() ? header(raw.headers, "svix-id") : given);
  const auto known = std::find_if(events_.begin(), events_.end(), [&](const Event& e) { return e.id == id; });
  tally_.effect("arrivals");
  const bool is_new = known == events_.end();
  if (is_new) {
    tally_.effect("events_taken");
    events_.push_back(Event{id, raw.target, raw.body, 1, false});
  } else {
    ++known->arrivals;
    if (known->body != raw.body) known->changed = true;
  }
  return simulation::json_reply(status, {{"id", id}, {"duplicate", !is_new}});
}

Result<std::vector<simulation::Outbound>> Endpoint::act(const simulation::Deed& deed, TimePoint now) {
  if (deed.what != "send")
    return Failure(FailureKind::rejected, "standard_webhooks: no such deed: " + deed.what);
  const JsonView with(deed.with);
  const bool wrapped = with["event"].object();
  if (!wrapped && !with.object())
    return Failure(FailureKind::rejected, "standard_webhooks: an event is an object");
  const json event = wrapped ? *with["event"].raw() : deed.with;
  const bool is_cloud_event = event.contains("specversion");
  auto id = with["id"].text();
  if (wrapped && id.empty()) id = JsonView(event)["id"].text();
  if (id.empty()) id = generated_id(random_);
  const auto body = simulation::dump(event);
  const auto secrets = simulation::text_of(setup_, "send_secret", kSecret);
  const auto family = simulation::text_of(setup_, "header_family", "webhook");
  const std::string type =
      is_cloud_event ? "application/cloudevents+json" : "application/json; charset=utf-8";
  // The id stays, timestamp and signature are those of the attempt [4].
  const auto signed_at = [id, body, secrets, family, type](int, TimePoint at) {
    const auto timestamp = std::to_string(simulation::epoch_seconds(at));
    std::vector<std::string> entries;
    for (const auto secret : split(secrets, ' ')) entries.push_back(signature(secret, id, timestamp, body));
    Headers headers = {{"content-type", type},
                       {family + "-id", id},
                       {family + "-timestamp", timestamp},
                       {family + "-signature", join(entries, " ")}};
    return Request("POST", "", body, std::move(headers));
  };
  sent_.push_back({{"id", id}, {"event", event}});
  tally_.effect("events_sent");
  std::vector<simulation::Outbound> sent;
  sent.emplace_back(signed_at(1, now));
  sent.back().again = signed_at;
  sent.back().attempts = 10;
  return sent;
}

json Endpoint::ledger() const {
  json events = json::array();
  std::vector<std::string> contents;
  int repeats = 0;
  for (const auto& event : events_) {
    auto body = json::parse(event.body, nullptr, false);
    if (body.is_discarded()) body = nullptr;
    // Two ids for one and the same content: the sender has made a second event of it.
    const JsonView view(body);
    const auto* data = view["data"].raw();
    if (data && !data->empty()) contents.push_back(view["type"].text() + simulation::dump(*data));
    repeats += event.arrivals - 1;
    events.push_back({{"id", event.id},
                      {"target", event.target},
                      {"type", view["type"].text()},
                      {"body", body},
                      {"arrivals", event.arrivals},
                      {"changed", event.changed}});
  }
  auto all = tally_.json(simulation::count_duplicates(contents));
  all["events"] = std::move(events);
  all["repeats"] = repeats;
  all["sent"] = sent_;
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Endpoint>(setup);
}

}  // namespace baton::standard_webhooks
