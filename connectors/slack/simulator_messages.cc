// Messages (fact sheet, sections 3.1 to 3.4, 4). No idempotency key: what is posted twice is there
// twice; client_msg_id is ignored, because what it does for bots is unconfirmed.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/slack/simulator.h"
#include "gateway/base/text.h"

namespace baton::slack::simulated {
namespace {

constexpr std::size_t kCutText = 40'000;
constexpr std::size_t kMaxMarkdownText = 12'000;
constexpr std::size_t kMaxAttachments = 100;

// The first so many characters: Slack cuts without a word.
std::string cut(std::string text, std::size_t most) {
  if (count_code_points(text) <= most) return text;
  std::size_t bytes = 0, chars = 0;
  while (bytes < text.size() && chars < most) {
    ++bytes;
    while (bytes < text.size() && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) ++bytes;
    ++chars;
  }
  text.resize(bytes);
  return text;
}

int number(const JsonView& value, int fallback) {
  if (const auto given = value.integer()) return static_cast<int>(*given);
  const auto text = value.text();
  int parsed = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  return error == std::errc() && !text.empty() ? parsed : fallback;
}

std::string parent_of(const json& doc) {
  const auto thread = JsonView(doc)["thread_ts"].text();
  return thread == JsonView(doc)["ts"].text() ? "" : thread;
}

}  // namespace

Message* Workspace::find_message(Channel& channel, std::string_view ts) {
  for (auto& message : channel.messages) {
    if (!message.deleted && message.doc["ts"] == ts) return &message;
  }
  return nullptr;
}

// Unique in its channel, and larger than all before.
std::string Workspace::next_ts(Channel& channel, TimePoint now) const {
  const auto micros = now.time_since_epoch().count() * 1000;
  auto ts = fmt::format("{}.{:06}", micros / 1'000'000, micros % 1'000'000);
  if (ts <= channel.last_ts) {
    long long last = 0;
    auto digits = channel.last_ts;
    std::erase(digits, '.');
    std::from_chars(digits.data(), digits.data() + digits.size(), last);
    last += 100;
    ts = fmt::format("{}.{:06}", last / 1'000'000, last % 1'000'000);
  }
  channel.last_ts = ts;
  return ts;
}

Message& Workspace::append(Channel& channel, json doc, TimePoint now) {
  doc["ts"] = next_ts(channel, now);
  doc["type"] = "message";
  channel.messages.push_back(Message{std::move(doc), false, {}});
  return channel.messages.back();
}

std::optional<Refusal> Workspace::check_content(const Args& args) const {
  const auto text = args["text"], blocks = args["blocks"], attachments = args["attachments"],
             markdown = args["markdown_text"];
  if (!text.missing() && !text.string()) return Refusal{"invalid_arguments", "text must be a string"};
  if (!markdown.missing() && (!text.missing() || !blocks.missing())) {
    return Refusal{"invalid_arguments", "markdown_text excludes text and blocks"};
  }
  if (count_code_points(markdown.text()) > kMaxMarkdownText) return Refusal{"msg_too_long", ""};
  if (const auto list = attachments.list(); list && list->size() > kMaxAttachments)
    return Refusal{"too_many_attachments", ""};
  if (!blocks.missing()) {
    if (auto bad = check_blocks(*blocks.raw(), simulation::number_of(setup_, "blocks_max_bytes", 13'200)))
      return bad;
  }
  if (!args["metadata"].missing()) {
    const auto most = simulation::number_of(setup_, "metadata_max_bytes", 4096);
    if (auto bad = check_metadata(*args["metadata"].raw(), most)) return bad;
  }
  const bool has_blocks = blocks.list() && !blocks.list()->empty(),
             has_attachments = attachments.list() && !attachments.list()->empty();
  if (text.text().empty() && markdown.text().empty() && !has_blocks && !has_attachments)
    return Refusal{"no_text", ""};
  return std::nullopt;
}

// A thread hangs on its first message, never on a reply.
std::optional<Refusal> Workspace::check_thread(Channel& channel, std::string_view thread_ts) const {
  if (thread_ts.empty()) return std::nullopt;
  for (const auto& message : channel.messages) {
    if (message.doc["ts"] != thread_ts) continue;
    const bool fits = !message.deleted && parent_of(message.doc).empty();
    return fits ? std::nullopt : std::optional(Refusal{"cannot_reply_to_message", ""});
  }
  return Refusal{"thread_not_found", ""};
}

void Workspace::replace_content(Message& message, const Args& args) {
  auto& doc = message.doc;
  if (!args["markdown_text"].missing()) doc["text"] = args["markdown_text"].text();
  if (!args["text"].missing()) doc["text"] = cut(args["text"].text(), kCutText);
  // Text alone takes the blocks away [3.2].
  if (doc.contains("blocks")) message.blocks_before.push_back(doc["blocks"]);
  if (!args["blocks"].missing()) {
    doc["blocks"] = *args["blocks"].raw();
  } else if (!args["text"].missing()) {
    doc.erase("blocks");
  }
  if (!args["metadata"].missing()) doc["metadata"] = *args["metadata"].raw();
  doc.emplace("text", "");
}

json Workspace::shown(const Message& message, bool with_metadata) const {
  auto doc = message.doc;
  if (!with_metadata) doc.erase("metadata");
  return doc;
}

Reply Workspace::post_message(const Args& args) {
  std::optional<Reply> refused;
  auto* channel = writable(args, refused);
  if (!channel) return *std::move(refused);
  if (const auto bad = check_content(args)) return refuse(bad->error, bad->message);
  const auto thread_ts = args.id("thread_ts");
  if (const auto bad = check_thread(*channel, thread_ts)) return refuse(bad->error, bad->message);
  // About one per second and channel with short bursts, several hundred per minute in all [5].
  const auto id = channel->doc["id"].get<std::string>();
  const int per_second = simulation::limit_of(setup_, "post_per_second", 1),
            burst = simulation::number_of(setup_, "post_burst", 3);
  if (const auto wait = posts_.try_emplace(id, per_second, burst).first->second.take(args.now()))
    return limited(*wait);
  if (const auto wait = all_posts_.take(args.now())) return limited(*wait);

  json doc = {{"bot_id", text("bot_id", "B0BATON")},
              {"app_id", text("app_id", "A0BATON01")},
              {"user", text("bot_user", "U0BATONBOT")},
              {"team", text("team_id", "T012ACME")}};
  if (!thread_ts.empty()) doc["thread_ts"] = thread_ts;
  if (!thread_ts.empty() && args.flag("reply_broadcast")) doc["subtype"] = "thread_broadcast";
  auto& message = append(*channel, std::move(doc), args.now());
  replace_content(message, args);
  if (!thread_ts.empty()) {
    auto& parent = find_message(*channel, thread_ts)->doc;
    parent["thread_ts"] = thread_ts;
    parent["reply_count"] = parent.value("reply_count", 0) + 1;
  }
  tally_.effect(thread_ts.empty() ? "messages_posted" : "replies_posted");
  // Events show no metadata: whether they do for every app is unconfirmed.
  if (text("echo", "off") == "on") outbox_.push_back(tell_of(*channel, shown(message, false), args.now()));
  return ok({{"channel", id}, {"ts", message.doc["ts"]}, {"message", shown(message, true)}}, args);
}

Reply Workspace::post_ephemeral(const Args& args) {
  std::optional<Reply> refused;
  auto* channel = writable(args, refused);
  if (!channel) return *std::move(refused);
  if (!find_user(args.id("user"))) return refuse("user_not_in_channel");
  if (const auto bad = check_content(args)) return refuse(bad->error, bad->message);
  const auto ts = next_ts(*channel, args.now());
  ephemerals_.push_back({{"channel", channel->doc["id"]},
                         {"user", args.id("user")},
                         {"ts", ts},
                         {"text", args["text"].text()}});
  tally_.effect("ephemerals_posted");
  return ok({{"message_ts", ts}}, args);
}

Reply Workspace::update_message(const Args& args) {
  auto* channel = find_channel(args.id("channel"));
  if (!channel) return refuse("channel_not_found");
  if (!args["ts"].string()) return refuse("invalid_arguments", "ts must be a string");
  auto* message = find_message(*channel, args.id("ts"));
  if (!message) return refuse("message_not_found");
  if (JsonView(message->doc)["bot_id"].text() != text("bot_id", "B0BATON"))
    return refuse("cant_update_message");
  if (const auto bad = check_content(args)) return refuse(bad->error, bad->message);
  replace_content(*message, args);
  message->doc["edited"] = {{"user", text("bot_user", "U0BATONBOT")},
                            {"ts", fmt::format("{}.000000", simulation::epoch_seconds(args.now()))}};
  tally_.effect("messages_updated");
  return ok({{"channel", channel->doc["id"]},
             {"ts", message->doc["ts"]},
             {"text", message->doc["text"]},
             {"message", shown(*message, true)}},
            args);
}

Reply Workspace::delete_message(const Args& args) {
  auto* channel = find_channel(args.id("channel"));
  if (!channel) return refuse("channel_not_found");
  auto* message = find_message(*channel, args.id("ts"));
  if (!message) return refuse("message_not_found");
  if (JsonView(message->doc)["bot_id"].text() != text("bot_id", "B0BATON"))
    return refuse("cant_delete_message");
  message->deleted = true;
  tally_.effect("messages_deleted");
  return ok({{"channel", channel->doc["id"]}, {"ts", message->doc["ts"]}}, args);
}

Reply Workspace::permalink(const Args& args) {
  auto* channel = find_channel(args.id("channel"));
  if (!channel) return refuse("channel_not_found");
  const auto* message = find_message(*channel, args.id("message_ts"));
  if (!message) return refuse("message_not_found");
  auto digits = args.id("message_ts");
  std::erase(digits, '.');
  return ok({{"channel", channel->doc["id"]},
             {"permalink", fmt::format("https://acme.slack.com/archives/{}/p{}",
                                       channel->doc["id"].get<std::string>(), digits)}},
            args);
}

Reply Workspace::page_of(std::vector<const Message*> messages, const Args& args) {
  const auto oldest = args.id("oldest"), latest = args.id("latest");
  const bool inclusive = args.flag("inclusive");
  // Compared as text: a ts has ten digits before its point for the next 260 years.
  std::erase_if(messages, [&](const Message* message) {
    const auto ts = JsonView(message->doc)["ts"].text();
    const bool too_old = !oldest.empty() && oldest != "0" && (inclusive ? ts < oldest : ts <= oldest);
    const bool too_new = !latest.empty() && (inclusive ? ts > latest : ts >= latest);
    return too_old || too_new;
  });
  const int most = simulation::number_of(setup_, "history_items", 999);
  const auto limit = static_cast<std::size_t>(std::clamp(number(args["limit"], 100), 1, most));
  const auto start = static_cast<std::size_t>(std::max(0, number(args["cursor"], 0)));
  json page = json::array();
  for (auto i = start; i < messages.size() && i < start + limit; ++i)
    page.push_back(shown(*messages[i], args.flag("include_all_metadata")));
  const bool more = start + limit < messages.size();
  json body = {{"messages", std::move(page)}, {"has_more", more}};
  if (more) body["response_metadata"]["next_cursor"] = std::to_string(start + limit);
  return ok(std::move(body), args);
}

// Newest first, without the replies of threads.
Reply Workspace::history(const Args& args) {
  auto* channel = find_channel(args.id("channel"));
  if (!channel) return refuse("channel_not_found");
  if (channel->doc["is_member"] == false) return refuse("not_in_channel");
  if (channel->doc["is_im"] == true && !granted("im:history")) return refuse("missing_scope");
  std::vector<const Message*> found;
  for (const auto& message : channel->messages) {
    const bool in_view = parent_of(message.doc).empty() || message.doc.contains("subtype");
    if (!message.deleted && in_view) found.push_back(&message);
  }
  std::ranges::reverse(found);
  return page_of(std::move(found), args);
}

// The first message, then its replies, oldest first.
Reply Workspace::replies(const Args& args) {
  auto* channel = find_channel(args.id("channel"));
  if (!channel) return refuse("channel_not_found");
  if (channel->doc["is_member"] == false) return refuse("not_in_channel");
  if (channel->doc["is_im"] == true && !granted("im:history")) return refuse("missing_scope");
  const auto ts = args.id("ts");
  if (!find_message(*channel, ts)) return refuse("thread_not_found");
  std::vector<const Message*> found;
  for (const auto& message : channel->messages) {
    const bool in_thread = message.doc["ts"] == ts || parent_of(message.doc) == ts;
    if (!message.deleted && in_thread) found.push_back(&message);
  }
  return page_of(std::move(found), args);
}

}  // namespace baton::slack::simulated
