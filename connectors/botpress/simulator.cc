#include "connectors/botpress/simulator.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::botpress {
namespace simulated {
namespace {

constexpr std::string_view kSecret = "whsec_Ym90cHJlc3Mtd2ViaG9va3Mtc2VjcmV0LTAwMDAwMDE=";
constexpr long long kTolerance = 300;

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "botpress: " + std::move(why)); }

std::string padded(std::string_view prefix, int number) { return fmt::format("{}{:06}", prefix, number); }

}  // namespace

std::string signature(std::string_view secret, std::string_view id, std::string_view timestamp,
                      std::string_view body) {
  if (!secret.starts_with("whsec_")) return {};
  const auto key = from_base64(secret.substr(6));
  const auto mac = key ? simulation::hmac_sha256(*key, {id, ".", timestamp, ".", body}) : std::string();
  return mac.empty() ? "" : "v1," + to_base64(mac);
}

Reply Bot::refuse(int status, std::string_view why) {
  tally_.refuse(why);
  return simulation::json_reply(status, {{"error", why}});
}

bool Bot::is_signed(const RawRequest& raw) const {
  const auto id = header(raw.headers, "webhook-id"), timestamp = header(raw.headers, "webhook-timestamp");
  long long seconds = 0;
  const auto [end, error] = std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), seconds);
  if (id.empty() || error != std::errc() || end != timestamp.data() + timestamp.size()) return false;
  const auto late = simulation::epoch_seconds(raw.received_at) - seconds;
  if (late > kTolerance || late < -kTolerance) return false;
  const auto wanted =
      signature(simulation::text_of(setup_, "receive_secret", kSecret), id, timestamp, raw.body);
  for (const auto entry : split(header(raw.headers, "webhook-signature"), ' ')) {
    if (!wanted.empty() && entry == wanted) return true;
  }
  return false;
}

Reply Bot::handle(const RawRequest& raw) {
  tally_.request();
  return take(raw);
}

Reply Bot::take(const RawRequest& raw) {
  if (raw.method != "POST" && raw.method != "GET") return refuse(405, "method_not_allowed");
  if (!is_signed(raw)) return refuse(401, "bad_signature");
  if (raw.method == "GET") {
    return simulation::json_reply(200, {{"bot", "shop"}, {"integration", "baton"}, {"version", "2.1.0"}});
  }
  const auto body = json::parse(raw.body, nullptr, false);
  if (!body.is_object()) return refuse(400, "body_no_json");
  const std::string id(header(raw.headers, "webhook-id"));
  if (taken_.contains(id)) {
    tally_.effect("repeats");
    return simulation::json_reply(200, {{"duplicate", true}});
  }
  auto reply = callback(body, raw.received_at);
  if (reply.status < 300) taken_.insert(id);
  return reply;
}

Reply Bot::callback(JsonView envelope, TimePoint now) {
  constexpr auto kSilent =
      std::to_array<std::string_view>({"handoff.escalated", "bug.resolved", "decision.made"});
  const auto type = envelope["type"].text();
  if (std::find(kSilent.begin(), kSilent.end(), type) != kSilent.end()) return Reply(202);
  const auto data = envelope["data"];
  const auto found = conversations_.find(data.at_path("conversation.id").text());
  if (found == conversations_.end()) return refuse(404, "no_such_conversation");
  auto& conversation = found->second;
  const auto text = data["text"].text(), by = data["by"].text("Baton");
  if (type == "handoff.message") {
    if (text.empty()) return refuse(400, "no_text");
    write(conversation, "agent", text, now);
    conversation.messages.back()["by"] = by;
    conversation.messages.back()["after"] = conversation.last_user_message;
    tally_.effect("messages_sent");
  } else if (type == "handoff.accepted") {
    if (!text.empty()) {
      write(conversation, "bot", text, now);
      tally_.effect("messages_sent");
    }
  } else if (type == "handoff.claimed") {
    if (!simulation::flag_of(setup_, "knows_claims", true)) return refuse(400, "unknown_type");
    if (!text.empty()) {
      write(conversation, "bot", text, now);
      tally_.effect("messages_sent");
    }
    conversation.events.push_back({{"type", "hitlAssigned"},
                                   {"userId", data["by_id"].text(by)},
                                   {"name", by},
                                   {"at", simulation::iso_millis(now)}});
    tally_.effect("assigned");
  } else if (type == "handoff.returned" || type == "handoff.expired") {
    if (!text.empty()) {
      write(conversation, "agent", text, now);
      tally_.effect("messages_sent");
    }
    conversation.in_hitl = false;
    conversation.events.push_back({{"type", "hitlStopped"}, {"at", simulation::iso_millis(now)}});
    tally_.effect("stopped");
  } else {
    return refuse(400, "unknown_type");
  }
  return Reply(202);
}

void Bot::write(Conversation& conversation, std::string_view role, std::string_view text, TimePoint now) {
  const auto id = padded("m", next_message_++);
  conversation.messages.push_back(
      {{"id", id}, {"at", simulation::iso_millis(now)}, {"role", role}, {"text", text}});
  if (role == "customer") conversation.last_user_message = id;
}

// The id stays over the attempts, timestamp and signature are those of each.
simulation::Outbound Bot::post(std::string id, std::string_view type, const json& data, TimePoint now) {
  const auto body =
      simulation::dump({{"type", type}, {"timestamp", simulation::iso_millis(now)}, {"data", data}});
  const auto secret = simulation::text_of(setup_, "send_secret", kSecret);
  const auto signed_at = [id = std::move(id), body, secret](int, TimePoint at) {
    const auto timestamp = std::to_string(simulation::epoch_seconds(at));
    return Request("POST", "", body,
                   {{"content-type", "application/json"},
                    {"webhook-id", id},
                    {"webhook-timestamp", timestamp},
                    {"webhook-signature", signature(secret, id, timestamp, body)}});
  };
  simulation::Outbound outbound(signed_at(1, now));
  outbound.again = signed_at;
  outbound.attempts = 5;
  tally_.effect("webhooks_sent");
  return outbound;
}

// The data of handoff.requested. Only the first page of the history, oldest first: in a long conversation the
// newest are the ones that are missing.
json Bot::started(const std::string& id, const Conversation& conversation, JsonView with) const {
  json history = json::array();
  const auto most = static_cast<std::size_t>(std::max(1, simulation::number_of(setup_, "history", 20)));
  for (const auto& message : conversation.messages) {
    if (history.size() == most) break;
    const auto role = message["role"].get<std::string>();
    history.push_back({{"id", message["id"]},
                       {"at", message["at"]},
                       {"role", role == "bot" ? "ai" : role},
                       {"text", message["text"]}});
  }
  const JsonView user(conversation.user);
  json customer = {{"id", user["id"].text("user_1")}, {"name", user["name"].text("Jane Roe")}};
  if (const auto email = user["email"].text(); !email.empty()) customer["email"] = email;
  const auto title = with["title"].text("Payment failed"), description = with["description"].text("");
  return {{"conversation", {{"id", id}, {"channel", "web"}}},
          {"customer", customer},
          {"reason",
           {{"trigger", "explicit_request"}, {"explanation", description.empty() ? title : description}}},
          {"transcript", history},
          {"metadata",
           {{"botpress", {{"title", title}, {"description", description}, {"userId", customer["id"]}}}}}};
}

Result<std::vector<simulation::Outbound>> Bot::act(const simulation::Deed& deed, TimePoint now) {
  const JsonView with(deed.with);
  const auto id = with["conversation"].text("conv_1");
  std::vector<simulation::Outbound> sent;
  if (deed.what == "say" || deed.what == "answer") {
    const auto text = with["text"].text();
    if (text.empty()) return cannot("a message needs a text");
    auto& conversation = conversations_[id];
    if (with["user"].object()) conversation.user = *with["user"].raw();
    write(conversation, deed.what == "say" ? "customer" : "bot", text, now);
    if (deed.what == "say" && conversation.in_hitl) {
      const auto& message = conversation.messages.back();
      json data = {{"conversation", {{"id", id}}}, {"transcript", json::array({message})}};
      sent.push_back(post("msg_" + message["id"].get<std::string>(), "handoff.updated", data, now));
    }
    return sent;
  }
  const auto found = conversations_.find(id);
  if (found == conversations_.end()) return cannot("no such deed, or no such conversation: " + deed.what);
  auto& conversation = found->second;
  if (deed.what == "hand_off") {
    conversation.in_hitl = true;
    const auto key = fmt::format("hitl_{}_{}", id, conversation.last_user_message);
    sent.push_back(post(key, "handoff.requested", started(id, conversation, with), now));
  } else if (deed.what == "stop") {
    if (!conversation.in_hitl) return cannot("hitl does not run");
    conversation.in_hitl = false;
    const json data = {{"conversation", {{"id", id}}}, {"by", "customer"}};
    sent.push_back(post(fmt::format("stop_{}_{}", id, ++conversation.stops), "handoff.cancelled", data, now));
  } else {
    return cannot("no such deed: " + deed.what);
  }
  return sent;
}

json Bot::ledger() const {
  json conversations = json::array();
  std::vector<std::string> written;
  for (const auto& [id, conversation] : conversations_) {
    for (const auto& message : conversation.messages) {
      // The same words twice are one message twice, unless the customer wrote something in between.
      if (!message.contains("by")) continue;
      written.push_back(id + "/" + message["after"].get<std::string>() + "/" +
                        message["text"].get<std::string>());
    }
    conversations.push_back({{"id", id},
                             {"messages", conversation.messages},
                             {"events", conversation.events},
                             {"in_hitl", conversation.in_hitl}});
  }
  auto all = tally_.json(simulation::count_duplicates(written));
  all["conversations"] = std::move(conversations);
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Bot>(setup);
}

}  // namespace baton::botpress
