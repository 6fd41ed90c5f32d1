#include "connectors/slack/wire.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;
using sdk::dumped;

// Advised are 4,000 characters; bytes are never fewer (section 3.7).
constexpr std::size_t kLongestText = 3'900;
constexpr std::size_t kMostBlocks = 50;
constexpr std::size_t kMostBlockBytes = 13'000;
constexpr std::string_view kEventType = "baton_handoff";
// How long Slack's history may not know a message yet (section 4).
constexpr auto kSettle = Duration{10s};

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

// Slack takes 50 blocks and refuses somewhat more than 13,000 bytes of them, whatever each one's own limit
// says (section 3.7): the words alone are sent at once instead of being refused first.
bool fits(const json& blocks) {
  return !blocks.empty() && blocks.size() <= kMostBlocks && dumped(blocks).size() <= kMostBlockBytes;
}

json card(const json& document) {
  json body = {{"text", fallback_text(document)}};
  if (JsonView(document)["blocks"].list() && fits(document["blocks"])) body["blocks"] = document["blocks"];
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

// Of two messages; ts is text, for as a number it loses digits (section 10).
bool is_before(std::string_view a, std::string_view b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// The ends of a page, without the message that its thread hangs on: that one is on every page.
struct Edges {
  std::string oldest, newest;
  bool upwards = false;  // the oldest comes first, as in threads
};

std::optional<Edges> edges_of(JsonView page, std::string_view parent) {
  Edges edges;
  std::string first, last;
  for (const auto& message : items(page["messages"])) {
    const auto ts = message["ts"].text();
    if (ts.empty() || ts == parent) continue;
    if (first.empty()) first = ts;
    last = ts;
    if (edges.oldest.empty() || is_before(ts, edges.oldest)) edges.oldest = ts;
    if (edges.newest.empty() || is_before(edges.newest, ts)) edges.newest = ts;
  }
  if (first.empty()) return std::nullopt;
  edges.upwards = first == last ? !parent.empty() : is_before(first, last);
  return edges;
}

std::string with_query(std::string_view target, std::string_view name, std::string_view value) {
  std::string out;
  for (const auto part : split(target, '&')) {
    if (part.starts_with(std::string(name) + "=")) continue;
    out += (out.empty() ? "" : "&") + std::string(part);
  }
  return out + "&" + std::string(name) + "=" + percent_encode(value);
}

}  // namespace

Headers json_headers() { return {{"content-type", "application/json; charset=utf-8"}}; }

bool is_user_id(std::string_view who) {
  return who.size() > 2 && (who[0] == 'U' || who[0] == 'W') &&
         std::ranges::all_of(who, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

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
  auto words = escaped_parts(text, kLongestText - 64, 1).front();
  if (is_user_id(to)) words = "<@" + std::string(to.substr(0, 32)) + "> " + words;
  return post_in(card, words, external_id);
}

sdk::Write post_in(const MessageId& place, std::string_view mrkdwn, std::string_view external_id,
                   const json& about) {
  auto body = posted({{"text", mrkdwn}}, place.channel, external_id);
  if (about.is_object()) body["metadata"]["event_payload"].update(about);
  if (!place.ts.empty()) body["thread_ts"] = place.ts;
  return post_message(body);
}

sdk::Step post_once(std::string name, sdk::Write write, const MessageId& place,
                    const std::string& external_id) {
  const auto channel = place.channel;
  const auto list = place.ts.empty() ? list_channel(channel, external_id) : list_thread(place, external_id);
  return sdk::Step(
      std::move(name), std::move(write),
      [channel](const Reply& reply) { return read_posted(reply, channel); },
      sdk::Lookup(
          list,
          [channel, external_id](const Reply& reply) { return match_message(reply, channel, external_id); },
          kSettle, [list](const Reply& reply) { return next_page(list, reply); }));
}

Result<Receipt> read_posted(const Reply& reply, std::string_view asked) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Slack's answer to a message");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto channel = view["channel"].missing() ? std::string(asked) : view["channel"].text();
  const auto ts = view["ts"].text();
  if (view["ok"].boolean() != true || channel.empty() || ts.empty()) {
    return Failure(FailureKind::ambiguous, "Slack's answer to a message names no channel or no ts");
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

bool is_ours(JsonView message) { return message.at_path("metadata.event_type").text() == kEventType; }

Result<sdk::Found> match_message(const Reply& reply, std::string_view channel, std::string_view external_id) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Slack's history");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto messages = view["messages"].list();
  if (view["ok"].boolean() != true || !messages) {
    return Failure(FailureKind::ambiguous, "Slack's history carries no list of messages");
  }
  std::string ours;
  for (const auto& message : *messages) {
    const auto ts = message["ts"].text();
    if (ts.empty()) return Failure(FailureKind::ambiguous, "Slack's history holds a message without its ts");
    if (!is_ours(message)) continue;
    if (message.at_path("metadata.event_payload.op_key").text() != external_id) continue;
    if (ours.empty() || is_before(ts, ours)) ours = ts;  // of several the oldest
  }
  if (ours.empty()) return sdk::Found();
  return sdk::Found(Receipt(MessageId{std::string(channel), ours}.text()));
}

// Slack decides how many messages a page holds, whatever we ask for: apps that are sold outside its
// Marketplace get 15 (section 5). The sheet names no cursor, so one is followed where it is, and else the
// next page begins where this one ended. Of a list that says neither we ask on until nothing new comes.
Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Slack's history");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto& target = list.request().target;
  const auto cursor = view.at_path("response_metadata.next_cursor").text();
  if (!cursor.empty()) return std::optional(sdk::Read::get(target + "&cursor=" + percent_encode(cursor)));
  const auto has_more = view["has_more"].boolean();
  if (has_more == false) return std::optional<sdk::Read>();
  const auto edges = edges_of(view, query_value(target, "ts").value_or(""));
  if (edges) {
    return std::optional(sdk::Read::get(edges->upwards ? with_query(target, "oldest", edges->newest)
                                                       : with_query(target, "latest", edges->oldest)));
  }
  if (!has_more) return std::optional<sdk::Read>();  // an empty page: the end
  return Failure(FailureKind::ambiguous, "Slack's history has more messages, but shows no way to them");
}

namespace {

std::string_view escape_of(std::string_view letter) {
  if (letter == "&") return "&amp;";
  if (letter == "<") return "&lt;";
  if (letter == ">") return "&gt;";
  return letter;
}

std::size_t end_of_letter(std::string_view text, std::size_t at) {
  std::size_t next = at + 1;
  while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
  return next;
}

// How many bytes of it are at most `most` characters when they are escaped.
std::size_t bytes_within(std::string_view text, std::size_t most) {
  std::size_t i = 0;
  for (std::size_t characters = 0; i < text.size();) {
    const auto next = end_of_letter(text, i);
    const auto letter = text.substr(i, next - i), shown = escape_of(letter);
    characters += shown == letter ? 1 : shown.size();
    if (characters > most) break;
    i = next;
  }
  return i;
}

// Where a part of `text` of at most `most` bytes ends best: a cut in its first half would leave crumbs.
std::size_t best_cut(std::string_view text, std::size_t most) {
  for (const auto* between : {"\n\n", "\n", " "}) {
    const auto at = text.substr(0, most + 1).rfind(between);
    if (at != std::string_view::npos && at > most / 2) return at;
  }
  return most;
}

}  // namespace

std::string escaped(std::string_view text, std::size_t most) {
  const auto valid = to_valid_utf8(text);
  std::string out;
  for (std::size_t i = 0; i < valid.size();) {
    const auto next = end_of_letter(valid, i);
    const auto piece = escape_of(std::string_view(valid).substr(i, next - i));
    if (out.size() + piece.size() > most) break;
    out += piece;
    i = next;
  }
  return out;
}

std::vector<std::string> escaped_parts(std::string_view text, std::size_t most, std::size_t most_parts) {
  constexpr std::string_view kEllipsis = "\xe2\x80\xa6";
  const auto valid = to_valid_utf8(text);
  std::string_view rest = trim(valid);
  std::vector<std::string> parts;
  do {
    const bool last = parts.size() + 1 == most_parts;
    auto end = bytes_within(rest, most);
    const bool cut = end < rest.size();
    if (cut) end = best_cut(rest, last ? bytes_within(rest, most - 1) : end);
    parts.push_back(escaped(rest.substr(0, end), std::string::npos));
    if (cut && last) parts.back() += kEllipsis;
    rest = trim(rest.substr(end));
  } while (!rest.empty() && parts.size() < most_parts);
  return parts;
}

}  // namespace baton::slack
