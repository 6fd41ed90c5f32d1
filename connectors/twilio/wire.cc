#include "connectors/twilio/wire.h"

#include <algorithm>
#include <charconv>

#include "connectors/twilio/control.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::twilio {
namespace {

using nlohmann::json;

Result<json> parsed(const Reply& reply, FailureKind kind, std::string_view what) {
  auto body = parse_json(reply.body, kind, what);
  if (body && !body->is_object()) return Failure(kind, std::string(what) + " is no object");
  return body;
}

std::optional<std::int64_t> number_of(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool is_sid(std::string_view text, std::string_view prefix) {
  constexpr std::string_view kHex = "0123456789abcdefABCDEF";
  return text.size() == prefix.size() + 32 && text.starts_with(prefix) &&
         text.find_first_not_of(kHex, prefix.size()) == std::string_view::npos;
}

std::string service_path(const sdk::Settings& settings) {
  const auto service = settings["service"];
  return service.empty() ? "/v1" : "/v1/Services/" + percent_encode(service);
}

Result<Place> place_of(const sdk::Settings& settings, JsonView subject) {
  Place place;
  place.conversation = subject.at_path("conversation.id").text();
  if (!is_sid(place.conversation, "CH"))
    return Failure(FailureKind::rejected, "`" + place.conversation + "` is no Twilio conversation (CH...)");
  place.path = service_path(settings) + "/Conversations/" + place.conversation;
  return place;
}

sdk::Read get(std::string target) {
  return sdk::Read::get(std::move(target), {{"accept", "application/json"}});
}

sdk::Write post(std::string target, const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string body;
  for (const auto& [name, value] : fields)
    body += (body.empty() ? "" : "&") + percent_encode(name) + "=" + percent_encode(value);
  return sdk::Write::post(
      std::move(target), std::move(body),
      {{"accept", "application/json"}, {"content-type", "application/x-www-form-urlencoded"}});
}

sdk::Write send_message(const Place& place, std::string_view author, std::string_view text,
                        std::string_view by, std::string_view key) {
  json attributes = {{std::string(kKey), key}};
  if (!by.empty()) attributes["baton_by"] = std::string(clip_utf8(by, 256));
  return post(place.messages(), {{"Author", std::string(author)},
                                 {"Body", std::string(text)},
                                 {"Attributes", sdk::dumped(attributes)}});
}

Result<Receipt> read_message(const Reply& reply, const Place& place) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Twilio's answer to a message");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto id = view["sid"].text();
  if (!is_sid(id, "IM") || view["conversation_sid"].text() != place.conversation)
    return Failure(FailureKind::ambiguous, "Twilio's answer names no message of this conversation");
  return Receipt(id);
}

sdk::Read newest_messages(const Place& place) { return get(place.messages() + "?Order=desc&PageSize=100"); }

Result<json> read_page(const Reply& reply, std::string_view key, FailureKind kind) {
  const auto body = parsed(reply, kind, "Twilio's list of " + std::string(key));
  if (!body) return body.error();
  const auto entries = JsonView(*body)[key].list();
  if (!entries) return Failure(kind, "Twilio answered without a list of " + std::string(key));
  json page = json::array();
  for (const auto& entry : *entries) {
    if (entry["sid"].text().empty())
      return Failure(kind, "one of Twilio's " + std::string(key) + " has no SID");
    page.push_back(*entry.raw());
  }
  return page;
}

// A whole URL of Twilio's own host: only its path and query are used, below base_url and with our
// credentials, and so it must lead to where we were.
Result<std::optional<sdk::Read>> next_page(const Reply& reply, const std::string& path, FailureKind kind) {
  const auto body = parsed(reply, kind, "Twilio's page");
  if (!body) return body.error();
  const auto meta = JsonView(*body)["meta"];
  const auto url = meta["next_page_url"];
  if (url.null()) return std::optional<sdk::Read>();
  const auto here = meta["page"].integer();
  if (!url.string() || !here) return Failure(kind, "Twilio does not say whether there is another page");
  const auto whole = *url.string();
  const auto from = whole.find(path + "?");
  const auto scheme = whole.find("://");
  if (from == std::string_view::npos || scheme == std::string_view::npos ||
      whole.find('/', scheme + 3) != from) {
    return Failure(kind, "Twilio's next page is somewhere else");
  }
  const auto target = whole.substr(from);
  const auto there = number_of(query_value(target, "Page").value_or(""));
  if (!there || *there <= *here) return Failure(kind, "Twilio's next page is not the next one");
  return std::optional(get(std::string(target)));
}

std::optional<json> attributes_of(JsonView holder, std::string_view member) {
  const auto given = holder[member];
  if (given.missing() || given.null()) return json::object();
  const auto text = given.string();
  if (!text) return std::nullopt;
  if (text->empty()) return json::object();
  auto read = json::parse(*text, nullptr, false);
  if (read.is_discarded()) return std::nullopt;
  return read;
}

Result<sdk::Found> match_message(const Reply& reply, std::string_view key) {
  const auto page = read_page(reply, "messages", FailureKind::ambiguous);
  if (!page) return page.error();
  for (const auto& message : *page) {
    const JsonView view(message);
    const auto attributes = attributes_of(view);
    if (!attributes || view["attributes"].missing())
      return Failure(FailureKind::ambiguous, "a message in the conversation has attributes that are none");
    if (JsonView(*attributes)[kKey].text() == key) return sdk::Found(Receipt(view["sid"].text()));
  }
  return sdk::Found();
}

sdk::Write attach_flow(const Place& place, const std::string& flow) {
  return post(place.webhooks(), {{"Target", "studio"}, {"Configuration.FlowSid", flow}});
}

Result<Receipt> read_attached(const Reply& reply) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Twilio's answer to a webhook");
  if (!body) return body.error();
  const auto id = JsonView(*body)["sid"].text();
  if (!is_sid(id, "WH")) return Failure(FailureKind::ambiguous, "Twilio's answer names no webhook");
  return Receipt(id);
}

Result<sdk::Found> match_flow(const Reply& reply, std::string_view flow) {
  const auto page = read_page(reply, "webhooks", FailureKind::ambiguous);
  if (!page) return page.error();
  for (const auto& webhook : *page) {
    const JsonView view(webhook);
    if (view["target"].text().empty() || !view["configuration"].object())
      return Failure(FailureKind::ambiguous, "one of the conversation's webhooks cannot be read");
    if (view["target"].text() != "studio") continue;
    if (view.at_path("configuration.flow_sid").text() == flow) return sdk::Found(Receipt(view["sid"].text()));
  }
  return sdk::Found();
}

}  // namespace baton::twilio
