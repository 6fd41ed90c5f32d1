#include "connectors/slack/wire.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;

// Advised are 4,000 characters; bytes are never fewer (section 3.7).
constexpr std::size_t kLongestText = 3'900;
constexpr std::string_view kEventType = "baton_handoff";

Headers json_headers() { return {{"content-type", "application/json; charset=utf-8"}}; }

std::string dumped(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string_view handoff_of(std::string_view external_id) {
  return external_id.substr(0, external_id.find('/'));
}

json metadata(std::string_view external_id) {
  return {{"event_type", kEventType},
          {"event_payload", {{"handoff_id", handoff_of(external_id)}, {"op_key", external_id}}}};
}

// The notification, and all that there is without blocks. The mapping has escaped it already.
std::string fallback_text(const json& document) {
  const auto text = JsonView(document)["text"].text();
  if (trim(text).empty()) return "New handoff";
  return std::string(clip_utf8(text, kLongestText));
}

json card(const json& document) {
  json body = {{"text", fallback_text(document)}};
  if (const auto blocks = JsonView(document)["blocks"].list(); blocks && !blocks->empty()) {
    body["blocks"] = document["blocks"];
  }
  return body;
}

json posted(json body, std::string_view channel, std::string_view external_id) {
  body["channel"] = channel;
  body["metadata"] = metadata(external_id);
  body["unfurl_links"] = false;
  body["unfurl_media"] = false;
  return body;
}

json updated(json body, const MessageId& message) {
  body["channel"] = message.channel;
  body["ts"] = message.ts;
  return body;
}

sdk::Write post_message(const json& body) {
  return sdk::Write::post("/chat.postMessage", dumped(body), json_headers());
}
sdk::Write update_message(const json& body) {
  return sdk::Write::post("/chat.update", dumped(body), json_headers());
}

// A handoff's id is a UUID of version 7: its first 48 bits are the milliseconds of its making, and
// none of its messages is older.
std::optional<std::int64_t> made_at_seconds(std::string_view external_id) {
  const auto handoff = handoff_of(external_id);
  const auto hex = handoff.substr(handoff.find('_') + 1);
  if (hex.size() != 32) return std::nullopt;
  std::int64_t milliseconds = 0;
  const auto [end, error] = std::from_chars(hex.data(), hex.data() + 12, milliseconds, 16);
  if (error != std::errc() || end != hex.data() + 12) return std::nullopt;
  return milliseconds / 1000;
}

// Read methods take query parameters only (section 2).
std::string history_query(std::string_view channel, std::string_view external_id) {
  constexpr std::int64_t kSlack = 5;  // seconds by which clocks may differ
  std::string query = "?channel=" + percent_encode(channel) + "&include_all_metadata=true&limit=200";
  if (const auto made = made_at_seconds(external_id)) {
    query += "&oldest=" + std::to_string(*made - kSlack) + ".000000";
  }
  return query;
}

bool is_user_id(std::string_view who) {
  return who.size() > 2 && (who[0] == 'U' || who[0] == 'W') &&
         std::ranges::all_of(who, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

}  // namespace

Result<MessageId> read_message_id(std::string_view object_id) {
  const auto colon = object_id.find(':');
  if (colon == std::string_view::npos || colon == 0 || colon + 1 == object_id.size()) {
    return Failure(FailureKind::rejected, "`" + std::string(object_id) + "` names no Slack message");
  }
  return MessageId{std::string(object_id.substr(0, colon)), std::string(object_id.substr(colon + 1))};
}

sdk::Write post_card(std::string_view channel, const json& document, std::string_view external_id) {
  return post_message(posted(card(document), channel, external_id));
}

sdk::Write post_plain(std::string_view channel, const json& document, std::string_view external_id) {
  return post_message(posted({{"text", fallback_text(document)}}, channel, external_id));
}

sdk::Write update_card(const MessageId& message, const json& document) {
  return update_message(updated(card(document), message));
}

sdk::Write update_plain(const MessageId& message, const json& document) {
  return update_message(updated({{"text", fallback_text(document)}}, message));
}

sdk::Write answer_click(std::string_view address, std::string_view text) {
  const json body = {
      {"response_type", "ephemeral"}, {"replace_original", false}, {"text", escaped(text, kLongestText)}};
  return sdk::Write::post(std::string(address), dumped(body), json_headers());
}

sdk::Write reply_below(const MessageId& card, std::string_view text, std::string_view to,
                       std::string_view external_id) {
  auto words = escaped(text, kLongestText - 64);
  if (is_user_id(to)) words = "<@" + std::string(to.substr(0, 32)) + "> " + words;
  auto body = posted({{"text", std::move(words)}}, card.channel, external_id);
  body["thread_ts"] = card.ts;
  return post_message(body);
}

Result<Receipt> read_posted(const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Slack's answer to a message");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto channel = view["channel"].text(), ts = view["ts"].text();
  if (view["ok"].boolean() != true || channel.empty() || ts.empty()) {
    return Failure(FailureKind::ambiguous, "Slack's answer to a message names neither channel nor ts");
  }
  return Receipt(MessageId{channel, ts}.text());
}

sdk::Read list_channel(std::string_view channel, std::string_view external_id) {
  return sdk::Read::get("/conversations.history" + history_query(channel, external_id));
}

sdk::Read list_thread(const MessageId& card, std::string_view external_id) {
  return sdk::Read::get("/conversations.replies" + history_query(card.channel, external_id) +
                        "&ts=" + percent_encode(card.ts));
}

Result<sdk::Found> match_message(const Reply& reply, std::string_view channel, std::string_view external_id) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Slack's history");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto messages = view["messages"].list();
  if (view["ok"].boolean() != true || !messages) {
    return Failure(FailureKind::ambiguous, "Slack's history carries no list of messages");
  }
  for (const auto& message : *messages) {
    const auto ts = message["ts"].text();
    if (ts.empty()) return Failure(FailureKind::ambiguous, "Slack's history holds a message without its ts");
    if (message.at_path("metadata.event_type").text() != kEventType) continue;
    if (message.at_path("metadata.event_payload.op_key").text() != external_id) continue;
    return sdk::Found(Receipt(MessageId{std::string(channel), ts}.text()));
  }
  return sdk::Found();
}

// Slack decides how many messages a page holds, whatever we ask for: apps that are sold outside its
// Marketplace get 15 (section 5).
Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Slack's history");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto cursor = view.at_path("response_metadata.next_cursor").text();
  if (!cursor.empty())
    return std::optional(sdk::Read::get(list.request().target + "&cursor=" + percent_encode(cursor)));
  if (view["has_more"].boolean().value_or(false)) {
    return Failure(FailureKind::ambiguous, "Slack's history has more messages, but no cursor to them");
  }
  return std::optional<sdk::Read>();
}

std::string escaped(std::string_view text, std::size_t most) {
  const auto valid = to_valid_utf8(text);
  std::string out;
  for (std::size_t i = 0; i < valid.size();) {
    std::size_t next = i + 1;
    while (next < valid.size() && (static_cast<unsigned char>(valid[next]) & 0xC0) == 0x80) ++next;
    auto piece = std::string_view(valid).substr(i, next - i);
    if (piece == "&") piece = "&amp;";
    else if (piece == "<") piece = "&lt;";
    else if (piece == ">") piece = "&gt;";
    if (out.size() + piece.size() > most) break;
    out += piece;
    i = next;
  }
  return out;
}

}  // namespace baton::slack
