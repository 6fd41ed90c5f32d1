#include "connectors/slack/conversation.h"

#include <string>
#include <utility>
#include <vector>

#include "connectors/slack/errors.h"
#include "connectors/sdk/json_text.h"
#include "connectors/slack/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestSaid = 3'600, kLongestName = 200;  // of 4,000 that are advised (section 3.7)
constexpr std::size_t kMostParts = 10;             // as of a transcript: one a second (section 8)
constexpr std::size_t kLongestResolution = 1'500;  // metadata stays below 4 kB (section 3.7)

Result<Receipt> of_one(Result<Receipt> done) {
  return done ? std::move(done) : Result<Receipt>(of_one_conversation(done.error()));
}

sdk::Read open_directly(const std::string& user) {
  return sdk::Read::search("/conversations.open", json{{"users", user}}.dump(), json_headers());
}

// reactions.add and .remove on the thread's first message. Both say ok or that it is so already, see
// errors.cc, so a repetition is harmless.
sdk::Step mark_step(std::string method, const MessageId& root, std::string_view emoji) {
  const json body = {{"channel", root.channel}, {"timestamp", root.ts}, {"name", emoji}};
  auto write = sdk::Write::post("/" + method, sdk::dumped(body), json_headers());
  return sdk::Step(
      "mark", std::move(write), [id = root.text()](const Reply&) { return Result<Receipt>(Receipt(id)); },
      sdk::repeatable);
}

// An app without the scope reactions:write goes without the mark: what people and the AI read says the same.
Task<Receipt> mark(std::string method, MessageId root, const sdk::Order& order, sdk::Session& session) {
  const auto emoji = trim(order.settings["control_reaction"]);
  if (emoji.empty() || root.ts.empty()) co_return Receipt(root.text());
  auto marked = co_await session.once(mark_step(std::move(method), root, emoji));
  if (!marked && lacks_scope(marked.error())) co_return Receipt(root.text());
  co_return of_one(std::move(marked));
}

// Message after message, for Slack cuts long ones: each is known by a key of its own, and the first one, by
// which all of it is known, by the delivery's.
Task<Receipt> say_all(std::vector<std::string> parts, MessageId place, std::string external_id,
                      sdk::Session& session) {
  const json about = {{"control", "human"}};
  Receipt first;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto number = i == 0 ? std::string() : std::to_string(i + 1);
    const auto name = i == 0 ? std::string("message") : "message_" + number;
    const auto key = i == 0 ? external_id : external_id + "/" + number;
    auto said = co_await session.once(post_once(name, post_in(place, parts[i], key, about), place, key));
    if (!said) co_return of_one(std::move(said));
    if (i == 0) first = *said;
  }
  co_return first;
}

}  // namespace

Failure of_one_conversation(Failure failure) {
  if (refuses_place(failure)) failure.kind = FailureKind::rejected;
  return failure;
}

Task<MessageId> find_place(const json& subject, sdk::ReadSession& session) {
  const auto id = JsonView(subject).at_path("conversation.id").text();
  if (!is_user_id(id)) co_return read_message_id(id);
  const auto reply = co_await session.read(open_directly(id));
  if (!reply) co_return of_one_conversation(reply.error());
  const auto opened = parse_json(reply->body, FailureKind::retryable, "Slack's direct messages");
  if (!opened) co_return opened.error();
  MessageId place;
  place.channel = JsonView(*opened).at_path("channel.id").text();
  if (place.channel.empty())
    co_return Failure(FailureKind::retryable, "Slack opened direct messages without naming them");
  co_return place;
}

Task<Receipt> tell_customer(const sdk::Order& order, sdk::Session& session) {
  const JsonView subject(order.subject);
  const auto text = subject["text"].text();
  if (trim(text).empty()) co_return Failure(FailureKind::rejected, "there is no text to send");
  const auto place = co_await find_place(order.subject, session);
  if (!place) co_return place.error();
  auto parts = escaped_parts(text, kLongestSaid, kMostParts);
  const auto by = subject["by"].text();
  if (!by.empty()) parts.front() = escaped(by, kLongestName) + ": " + parts.front();
  co_return co_await say_all(std::move(parts), *place, order.external_id, session);
}

Task<Receipt> take_control(const sdk::Order& order, sdk::Session& session) {
  const auto place = co_await find_place(order.subject, session);
  if (!place) co_return place.error();
  co_return co_await mark("reactions.add", *place, order, session);
}

// The customer reads everything in a thread, so how it was solved stands in the metadata, for the AI's app.
Task<Receipt> give_back(const sdk::Order& order, sdk::Session& session) {
  const auto place = co_await find_place(order.subject, session);
  if (!place) co_return place.error();
  const auto text = trim(order.settings["returned_text"]);
  if (!text.empty()) {
    json about = {{"control", "ai"}};
    const auto resolution = to_valid_utf8(JsonView(order.subject)["text"].text());
    if (!resolution.empty()) about["resolution"] = std::string(clip_utf8(resolution, kLongestResolution));
    auto write = post_in(*place, escaped_parts(text, kLongestSaid, 1).front(), order.external_id, about);
    auto told = co_await session.once(post_once("return", std::move(write), *place, order.external_id));
    told = of_one(std::move(told));
    // Words that Slack refuses are no reason to keep the conversation from the AI.
    if (!told && told.error().kind != FailureKind::rejected) co_return told;
  }
  co_return co_await mark("reactions.remove", *place, order, session);
}

}  // namespace baton::slack
