#include "connectors/sunshine/wire.h"

#include <algorithm>

#include "connectors/sdk/json_text.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::sunshine {
namespace {

using nlohmann::json;

const Headers& json_headers() {
  static const auto& kHeaders =
      *new Headers{{"accept", "application/json"}, {"content-type", "application/json"}};
  return kHeaders;
}

Result<std::vector<JsonView>> messages_of(const json& body) {
  const auto list = JsonView(body)["messages"].list();
  if (!list)
    return Failure(FailureKind::ambiguous, "Sunshine Conversations answered without a list of messages");
  return *list;
}

bool has_subtype(JsonView author, std::string_view subtype) {
  const auto subtypes = items(author["subtypes"]);
  return std::ranges::any_of(subtypes, [&](JsonView one) { return one.text() == subtype; });
}

std::string role_of(JsonView message) {
  const auto author = message["author"], metadata = message["metadata"];
  if (author["type"].text() == "user") return "customer";
  // What Baton wrote itself is nobody's answer; what it passed on is a person's.
  if (!metadata["baton_op_id"].text().empty())
    return metadata["baton_by"].text().empty() ? "system" : "agent";
  if (has_subtype(author, "AI") || has_subtype(author, "bot")) return "ai";
  return has_subtype(author, "activity") ? "system" : "agent";
}

// A picture or a file. An address that is cut leads nowhere: a longer one is left out.
json attachments_of(JsonView content) {
  constexpr std::size_t kLongestUrl = 2048;
  const auto url = to_valid_utf8(content["mediaUrl"].text());
  if (url.empty() || url.size() > kLongestUrl) return json::array();
  json file = {{"url", url}};
  const auto called = content["altText"].text();
  sdk::put(file, "name", called.empty() ? content["type"].text("file") : called);
  sdk::put(file, "content_type", content["mediaType"].text(), 128);
  return json::array({std::move(file)});
}

}  // namespace

Place::Place(std::string_view app, std::string_view conversation)
    : app_("/v2/apps/" + percent_encode(app)),
      base_(app_ + "/conversations/" + percent_encode(conversation)) {}

std::string Place::at(std::string_view what) const {
  return what.empty() ? base_ : base_ + "/" + std::string(what);
}

std::string Place::user(std::string_view id) const { return app_ + "/users/" + percent_encode(id); }

sdk::Write post_message(const Place& place, std::string_view text, std::string_view shown,
                        std::string_view by, std::string_view operation) {
  json author = {{"type", "business"}}, metadata = {{"baton_op_id", operation}};
  sdk::put(author, "displayName", shown, 80);
  sdk::put(metadata, "baton_by", by, 80);
  const json body = {{"author", std::move(author)},
                     {"content", {{"type", "text"}, {"text", text}}},
                     {"metadata", std::move(metadata)}};
  return sdk::Write::post(place.at("messages"), sdk::dumped(body), json_headers());
}

Result<Receipt> read_posted(const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Sunshine Conversations' answer");
  if (!body) return body.error();
  const auto list = messages_of(*body);
  if (!list) return list.error();
  const auto id = list->empty() ? std::nullopt : list->front()["id"].id();
  if (!id || id->empty()) return Failure(FailureKind::ambiguous, "the posted message has no id");
  return Receipt(*id);
}

sdk::Read messages(const Place& place, std::string_view before) {
  auto target = place.at("messages");
  if (!before.empty()) target += "?page[before]=" + percent_encode(before);
  return sdk::Read::get(std::move(target), {{"accept", "application/json"}});
}

Result<sdk::Found> match_message(const Reply& reply, std::string_view operation) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "the look-up in the conversation");
  if (!body) return body.error();
  const auto list = messages_of(*body);
  if (!list) return list.error();
  for (const auto& message : *list) {
    if (message.at_path("metadata.baton_op_id").text() != operation) continue;
    const auto id = message["id"].id();
    if (!id || id->empty())
      return Failure(FailureKind::ambiguous, "our message in the conversation has no id");
    return sdk::Found(Receipt(*id));
  }
  return sdk::Found();
}

Result<std::optional<std::string>> earlier(const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "the look-up in the conversation");
  if (!body) return body.error();
  const auto more = JsonView(*body).at_path("meta.hasMore");
  if (more.missing() || !more.boolean())
    return Failure(FailureKind::ambiguous,
                   "Sunshine Conversations does not say whether there are more messages");
  if (!*more.boolean()) return std::optional<std::string>();
  auto before = JsonView(*body).at_path("meta.beforeCursor").text();
  const auto list = messages_of(*body);
  if (before.empty() && list && !list->empty()) before = list->front()["id"].text();
  if (before.empty())
    return Failure(FailureKind::ambiguous, "there are more messages, and nothing says where");
  return std::optional(before);
}

sdk::Write pass_control(const Place& place, std::string_view to, const json& metadata) {
  json body = {{"switchboardIntegration", to}};
  if (!metadata.empty()) body["metadata"] = metadata;
  return sdk::Write::post(place.at("passControl"), sdk::dumped(body), json_headers());
}

sdk::Write release_control(const Place& place, const json& metadata) {
  json body = json::object();
  if (!metadata.empty()) body["metadata"] = metadata;
  return sdk::Write::post(place.at("releaseControl"), sdk::dumped(body), json_headers());
}

json to_message(JsonView message) {
  const auto content = message["content"];
  json to = {{"role", role_of(message)}};
  sdk::put(to, "id", message["id"].id().value_or(""));
  if (const auto at = parse_rfc3339(message["received"].text())) to["at"] = to_rfc3339(*at);
  sdk::put(to, "author", message.at_path("author.displayName").text());
  auto text = content["text"].text();
  if (text.empty()) text = content["fallback"].text(content["altText"].text());
  to["text"] = clip_utf8(to_valid_utf8(text), 32'000);
  sdk::put_part(to, "attachments", attachments_of(content));
  return to;
}

std::string writer_of(JsonView message) {
  const auto author = message["author"];
  if (author["type"].text() != "user") return {};
  return author["userId"].text(author.at_path("user.id").text(author["userExternalId"].text()));
}

json customer_of(JsonView user) {
  json customer = json::object();
  const auto profile = user["profile"];
  const auto given = profile["givenName"].text(), family = profile["surname"].text();
  sdk::put(customer, "id", user["externalId"].text(user["id"].text()));
  sdk::put(customer, "name", given.empty() ? family : family.empty() ? given : given + " " + family);
  if (const auto email = profile["email"].text(); email.size() <= 320)
    sdk::put(customer, "email", email, 320);
  return customer;
}

}  // namespace baton::sunshine
