#include "connectors/chatwoot/wire.h"

#include <algorithm>

#include "connectors/sdk/json_text.h"
#include "connectors/sdk/parts.h"
#include "gateway/base/text.h"

namespace baton::chatwoot {
namespace {

using nlohmann::json;
using sdk::dumped;

// In characters. Chatwoot takes more; what customers read on a telephone does not have to.
constexpr std::size_t kLongestText = 10'000;

Headers json_headers() { return {{"accept", "application/json"}, {"content-type", "application/json"}}; }

bool is_number(std::string_view text) {
  return !text.empty() && text.size() <= 18 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

std::string path_of(const Place& place, std::string_view rest) {
  return "/api/v1/accounts/" + place.account + "/conversations/" + place.conversation + std::string(rest);
}

Result<json> parsed(const Reply& reply, FailureKind kind, std::string_view what) {
  auto body = parse_json(reply.body, kind, what);
  if (body && !body->is_object()) return Failure(kind, std::string(what) + " is no object");
  return body;
}

}  // namespace

Result<Place> place_of(const sdk::Settings& settings, JsonView subject) {
  Place place;
  place.account = std::string(settings["account_id"]);
  if (!is_number(place.account)) {
    return Failure(FailureKind::misconfigured,
                   "account_id must be the number in Chatwoot's address, /app/accounts/N");
  }
  // The display id of the conversation; nothing else may become a part of a path.
  place.conversation = subject.at_path("conversation.id").id().value_or("");
  if (!is_number(place.conversation)) {
    return Failure(FailureKind::rejected, "`" + place.conversation + "` is no Chatwoot conversation");
  }
  return place;
}

std::string harmless(std::string_view text) {
  // A word joiner between the two characters: invisible, and no mark any more.
  constexpr std::string_view kJoiner = "\xe2\x81\xa0";
  std::string clean;
  clean.reserve(text.size());
  for (const char c : text) {
    const bool opens = !clean.empty() && clean.back() == '{' && (c == '{' || c == '%');
    const bool closes = c == '}' && !clean.empty() && (clean.back() == '}' || clean.back() == '%');
    if (opens || closes) clean += kJoiner;
    clean += c;
  }
  return clean;
}

std::vector<std::string> words_of(std::string_view text, std::string_view by, std::size_t most_messages) {
  if (trim(text).empty()) return {};
  const auto whole =
      to_valid_utf8(by.empty() ? std::string(text) : std::string(by) + ": " + std::string(text));
  return sdk::parts_of(whole, kLongestText, most_messages);
}

sdk::Write send_message(const Place& place, std::string_view words, const std::string& key, Seen seen) {
  const json message = {{"content", harmless(words)},
                        {"message_type", "outgoing"},
                        {"private", seen == Seen::by_agents},
                        {"content_type", "text"},
                        {"content_attributes", {{std::string(kKey), key}}}};
  return sdk::Write::post(path_of(place, "/messages"), dumped(message), json_headers());
}

sdk::Write set_status(const Place& place, std::string_view status) {
  return sdk::Write::post(path_of(place, "/toggle_status"), dumped({{"status", status}}), json_headers());
}

// No user has the number 0: whose id is none's has nothing assigned (Chatwoot's own page sends it for
// "None").
sdk::Write unassign(const Place& place) {
  return sdk::Write::post(path_of(place, "/assignments"), dumped({{"assignee_id", 0}}), json_headers());
}

sdk::Read read_conversation(const Place& place) { return sdk::Read::get(path_of(place, ""), json_headers()); }

Result<Standing> standing_of(const Reply& reply, const Place& place) {
  const auto body = parsed(reply, FailureKind::retryable, "Chatwoot's conversation");
  if (!body) return body.error();
  const JsonView view(*body);
  Standing standing;
  standing.status = view["status"].text();
  if (view["id"].id() != place.conversation || standing.status.empty())
    return Failure(FailureKind::retryable, "Chatwoot's answer does not say how the conversation stands");
  standing.assignee = view.at_path("meta.assignee.id").id().value_or("");
  return standing;
}

sdk::Read list_messages(const Place& place, std::optional<std::int64_t> before) {
  const auto query = before ? "?before=" + std::to_string(*before) : std::string();
  return sdk::Read::get(path_of(place, "/messages" + query), json_headers());
}

Result<json> read_page(const Reply& reply, FailureKind kind) {
  const auto body = parsed(reply, kind, "Chatwoot's list of messages");
  if (!body) return body.error();
  const auto messages = JsonView(*body)["payload"].list();
  if (!messages) return Failure(kind, "Chatwoot's messages carry no list");
  json page = json::array();
  for (const auto& message : *messages) {
    if (!message["id"].integer()) return Failure(kind, "Chatwoot's messages hold one without an id");
    page.push_back(*message.raw());
  }
  return page;
}

std::optional<std::int64_t> oldest_of(const json& page) {
  std::optional<std::int64_t> oldest;
  for (const auto& message : page) {
    const auto id = JsonView(message)["id"].integer();
    if (id && (!oldest || *id < *oldest)) oldest = id;
  }
  return oldest;
}

Result<Receipt> read_message(const Reply& reply, std::string_view url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Chatwoot's answer to a message");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].integer();
  // A number beside nothing else may be anything's.
  if (!id || *id <= 0 || JsonView(*body)["content"].missing()) {
    return Failure(FailureKind::ambiguous, "Chatwoot answered a message without its id");
  }
  return Receipt(std::to_string(*id), std::string(url));
}

Result<sdk::Found> match_message(const Reply& reply, std::string_view key, std::string_view url) {
  const auto page = read_page(reply, FailureKind::ambiguous);
  if (!page) return page.error();
  for (const auto& message : *page) {
    const JsonView view(message);
    if (view["content_attributes"][kKey].text() != key) continue;
    return sdk::Found(Receipt(std::to_string(*view["id"].integer()), std::string(url)));
  }
  return sdk::Found();
}

Result<std::optional<sdk::Read>> page_before(const Place& place, const Reply& reply) {
  const auto page = read_page(reply, FailureKind::ambiguous);
  if (!page) return page.error();
  const auto oldest = oldest_of(*page);
  if (!oldest || *oldest <= 1) return std::optional<sdk::Read>();
  return std::optional(list_messages(place, oldest));
}

Result<Receipt> read_unassigned(const Reply& reply, std::string_view conversation, std::string_view url) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Chatwoot's answer to an assignment");
  if (!body) return body.error();
  if (!body->is_null())
    return Failure(FailureKind::ambiguous,
                   "Chatwoot's answer does not say that the conversation is nobody's");
  return Receipt(std::string(conversation), std::string(url));
}

Result<Receipt> read_status(const Reply& reply, std::string_view conversation, std::string_view status,
                            std::string_view url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Chatwoot's answer to a status");
  if (!body) return body.error();
  const JsonView view(*body);
  // The shape of this answer is from general knowledge; what it must say is the status that was asked for.
  for (const auto* path : {"payload.current_status", "current_status", "payload.status", "status"}) {
    if (view.at_path(path).text() == status) return Receipt(std::string(conversation), std::string(url));
  }
  return Failure(FailureKind::ambiguous,
                 "Chatwoot's answer does not say that the conversation is " + std::string(status));
}

std::string link_of(const sdk::Settings& settings, std::string_view conversation) {
  std::string base(settings["base_url"]);
  while (base.ends_with('/')) base.pop_back();
  if (base.empty() || settings["account_id"].empty() || conversation.empty()) return {};
  return base + "/app/accounts/" + percent_encode(settings["account_id"]) + "/conversations/" +
         percent_encode(conversation);
}

}  // namespace baton::chatwoot
