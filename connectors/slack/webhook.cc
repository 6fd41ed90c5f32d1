#include "connectors/slack/webhook.h"

#include <charconv>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

constexpr auto kTolerance = Duration{5min};

std::optional<TimePoint> read_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999, far from any overflow
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0 || seconds > kLast) {
    return std::nullopt;
  }
  return TimePoint(std::chrono::seconds(seconds));
}

std::optional<SignalKind> kind_of(std::string_view action) {
  if (action == "baton_claim") return SignalKind::claimed;
  if (action == "baton_release") return SignalKind::released;
  if (action == "baton_return") return SignalKind::solved;  // the AI may have the conversation again
  return std::nullopt;                                      // link buttons report their clicks too
}

std::string first_of(JsonView one, JsonView other) {
  const auto text = one.text();
  return text.empty() ? other.text() : text;
}

Result<Signal> read_click(SignalKind kind, JsonView payload, JsonView action) {
  const auto channel = first_of(payload["container"]["channel_id"], payload["channel"]["id"]);
  const auto ts = first_of(payload["container"]["message_ts"], payload["message"]["ts"]);
  const auto who = payload["user"]["id"].text();
  const auto at = action["action_ts"].text();
  if (channel.empty() || ts.empty() || who.empty() || at.empty()) {
    return Failure(FailureKind::rejected, "the click names no message, person or time");
  }
  Signal signal(kind, at + "/" + channel + ":" + ts + "/" + who, channel + ":" + ts, who);
  signal.who_name = first_of(payload["user"]["username"], payload["user"]["name"]);
  signal.reply_address = payload["response_url"].text();
  signal.handoff = HandoffId(action["value"].text());  // ingress looks it up: what comes back is only a hint
  return signal;
}

// The answer to a click is empty and at once; what it led to is told through its reply address.
Result<sdk::Webhook> read_interaction(const std::string& text) {
  const auto payload = parse_json(text, FailureKind::rejected, "Slack's interaction");
  if (!payload) return payload.error();
  const JsonView view(*payload);
  sdk::Webhook webhook;
  if (view["type"].text() != "block_actions") return webhook;
  for (const auto& action : view["actions"].list().value_or(std::vector<JsonView>{})) {
    const auto kind = kind_of(action["action_id"].text());
    if (!kind) continue;
    auto signal = read_click(*kind, view, action);
    if (!signal) return signal.error();
    webhook.signals.push_back(*std::move(signal));
  }
  return webhook;
}

Result<sdk::Webhook> read_event(const std::string& text) {
  const auto body = parse_json(text, FailureKind::rejected, "Slack's event");
  if (!body) return body.error();
  const JsonView view(*body);
  sdk::Webhook webhook;
  if (view["type"].text() == "url_verification") webhook.answer = answer_challenge(view);
  return webhook;
}

std::optional<std::string> form_value(const RawRequest& request, std::string_view name) {
  return query_value("?" + request.body, name);
}

// Presence is no signal: who is available is asked nowhere, so whoever says it is told that, and nobody else.
Reply answer_presence() {
  const nlohmann::json body = {
      {"response_type", "ephemeral"},
      {"text", "Baton does not keep who is available. Claim handoffs by the button on their cards."}};
  return Reply(200, body.dump(), Headers{{"content-type", "application/json; charset=utf-8"}});
}

sdk::Webhook read_command(const RawRequest& request) {
  const auto text = to_lower(trim(form_value(request, "text").value_or("")));
  const bool is_presence = text == "available" || text == "busy" || text == "away";
  sdk::Webhook webhook;
  if (is_presence && !form_value(request, "command").value_or("").empty()) webhook.answer = answer_presence();
  return webhook;
}

}  // namespace

std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys) {
  const auto stamp = header(request.headers, "x-slack-request-timestamp");
  auto signature = header(request.headers, "x-slack-signature");
  if (stamp.empty() || !signature.starts_with("v0=")) {
    return Failure(FailureKind::rejected, "the request carries no Slack signature");
  }
  signature.remove_prefix(3);
  const auto mac = from_hex(signature);
  const auto message = "v0:" + std::string(stamp) + ":" + request.body;
  if (!mac || mac->empty() || !keys.matches(sdk::Keys::Mac::hmac_sha256, "signing_secret", message, *mac)) {
    return Failure(FailureKind::rejected, "the request's signature does not fit signing_secret");
  }
  const auto signed_at = read_seconds(stamp);
  if (!signed_at || std::chrono::abs(request.received_at - *signed_at) > kTolerance) {
    return Failure(FailureKind::rejected, "the request was signed more than five minutes from now");
  }
  return std::nullopt;
}

Reply answer_challenge(JsonView body) {
  return Reply(200, body["challenge"].text(), Headers{{"content-type", "text/plain; charset=utf-8"}});
}

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys) {
  const bool is_form = !trim(request.body).starts_with("{");
  // Old configurations are probed without a signature; the answer says nothing and changes nothing.
  if (is_form && form_value(request, "ssl_check") == "1" && !form_value(request, "payload"))
    return sdk::Webhook();
  if (const auto failure = refuse(request, keys)) return *failure;
  if (!is_form) return read_event(request.body);
  const auto payload = form_value(request, "payload");
  if (!payload) return read_command(request);
  return read_interaction(*payload);
}

}  // namespace baton::slack
