#include "connectors/sunshine/simulator.h"

#include <algorithm>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::sunshine {
namespace simulated {
namespace {

using simulation::text_of;

constexpr std::size_t kPage = 100;
constexpr std::size_t kMostMessages = 30'000;
constexpr std::size_t kLongestText = 4096;
constexpr std::size_t kLongestMetadata = 4096;

Reply refused(int status, const char* code, const std::string& title) {
  return simulation::json_reply(status, {{"errors", {{{"code", code}, {"title", title}}}}});
}

bool is_flat(const json& metadata) {
  return metadata.is_object() &&
         std::ranges::all_of(metadata, [](const json& one) { return one.is_primitive() && !one.is_null(); });
}

}  // namespace

App::App(const simulation::Setup& setup) : setup_(setup) {}

std::string App::next_id() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 24; ++i) id += kDigits[random_.bits() % kDigits.size()];
  return id;
}

Reply App::handle(const RawRequest& raw) {
  tally_.request();
  auto reply = answer(raw);
  if (reply.status >= 400) tally_.refuse(std::to_string(reply.status));
  return reply;
}

Reply App::answer(const RawRequest& raw) {
  const auto key = text_of(setup_, "key_id", "act_1") + ":" + text_of(setup_, "key_secret", "sunshine-key");
  if (header(raw.headers, "authorization") != "Basic " + to_base64(key))
    return refused(401, "unauthorized", "Authorization is required");
  const auto base = "/v2/apps/" + text_of(setup_, "app_id", "app1");
  const auto path = std::string(path_of(raw.target));
  if (path == base && raw.method == "GET") return simulation::json_reply(200, {{"app", {{"id", "app1"}}}});
  if (path == base + "/switchboards" && raw.method == "GET")
    return simulation::json_reply(200, {{"switchboards", {{{"id", "sw1"}, {"enabled", true}}}}});
  if (const auto args = simulation::match(base + "/users/{}", path); args && raw.method == "GET")
    return show_user(args->front());
  for (const auto* what : {"messages", "passControl", "releaseControl"}) {
    const auto args = simulation::match(base + "/conversations/{}/" + what, path);
    if (!args) continue;
    if (raw.method == "POST" && !simulation::is_json(raw.headers))
      return refused(400, "bad_request", "JSON is expected");
    // Every conversation that is asked for exists: the customer wrote there before Baton heard of it.
    auto& conversation = conversations_[args->front()];
    if (raw.method == "GET" && std::string_view(what) == "messages") return list(conversation, raw);
    if (raw.method != "POST") return refused(405, "method_not_allowed", raw.method);
    if (std::string_view(what) == "messages") return post(args->front(), conversation, raw);
    return std::string_view(what) == "passControl" ? pass(args->front(), conversation, raw)
                                                   : release(args->front(), conversation, raw);
  }
  return refused(404, "not_found", "Resource not found");
}

// Backwards: the newest page first, in it the oldest first.
Reply App::list(const Conversation& from, const RawRequest& raw) const {
  auto end = from.messages.size();
  if (const auto before = query_value(raw.target, "page[before]")) {
    const auto at =
        std::ranges::find_if(from.messages, [&](const json& one) { return one.at("id") == *before; });
    if (at == from.messages.end()) return refused(400, "bad_request", "Invalid page query parameters");
    end = static_cast<std::size_t>(at - from.messages.begin());
  }
  const auto begin = end > kPage ? end - kPage : 0;
  json page = json::array();
  for (auto i = begin; i < end; ++i) page.push_back(from.messages[i]);
  json meta = {{"hasMore", begin > 0}};
  if (begin > 0) meta["beforeCursor"] = page.front().at("id");
  return simulation::json_reply(200, {{"messages", std::move(page)}, {"meta", std::move(meta)}});
}

json& App::add_message(Conversation& to, json author, json content, json metadata, TimePoint now) {
  json made = {{"id", next_id()},
               {"received", simulation::iso_millis(now)},
               {"author", std::move(author)},
               {"content", std::move(content)},
               {"source", {{"type", "api:conversations"}}}};
  if (!metadata.empty()) made["metadata"] = std::move(metadata);
  return to.messages.emplace_back(std::move(made));
}

Reply App::post(const std::string& id, Conversation& to, const RawRequest& raw) {
  const auto body = json::parse(raw.body, nullptr, false);
  const JsonView view(body);
  const auto type = view.at_path("author.type").text();
  if (type != "business" && type != "user") return refused(400, "bad_request", "author.type is required");
  const auto text = view.at_path("content.text").text();
  if (view.at_path("content.type").text() != "text" || text.empty())
    return refused(400, "bad_request", "content is required");
  if (count_code_points(text) > kLongestText) return refused(400, "bad_request", "content.text is too long");
  const auto metadata = body.value("metadata", json::object());
  if (!is_flat(metadata) || metadata.dump().size() > kLongestMetadata)
    return refused(400, "bad_request", "metadata must be flat and below 4 KB");
  if (to.messages.size() >= kMostMessages) return refused(423, "locked", "Message limit reached");
  const auto made = add_message(to, body.at("author"), body.at("content"), metadata, raw.received_at);
  tally_.effect("messages_posted");
  if (simulation::flag_of(setup_, "echo", false))
    outbox_.push_back(hook("conversation:message", id, {{"message", made}}, raw.received_at));
  return simulation::json_reply(201, {{"messages", {made}}});
}

Reply App::pass(const std::string& id, Conversation& of, const RawRequest& raw) {
  const auto body = json::parse(raw.body, nullptr, false);
  const auto to = JsonView(body)["switchboardIntegration"].text();
  const bool known = to == text_of(setup_, "integration", "baton") ||
                     to == text_of(setup_, "bot", "the-bot") || to == "zd:agentWorkspace";
  if (!known) return refused(400, "bad_request", "unknown switchboard integration");
  const auto metadata = body.value("metadata", json::object());
  if (!is_flat(metadata) || metadata.dump().size() > kLongestMetadata)
    return refused(400, "bad_request", "metadata must be flat and below 4 KB");
  of.active = to;
  tally_.effect("controls_passed");
  if (simulation::flag_of(setup_, "echo", false)) {
    json payload = {{"conversation", {{"activeSwitchboardIntegration", {{"id", "5ef2"}, {"name", to}}}}},
                    {"metadata", metadata}};
    outbox_.push_back(hook("switchboard:passControl", id, std::move(payload), raw.received_at));
  }
  return simulation::json_reply(200, json::object());
}

Reply App::release(const std::string& id, Conversation& of, const RawRequest& raw) {
  const auto body = raw.body.empty() ? json::object() : json::parse(raw.body, nullptr, false);
  const auto metadata = JsonView(body)["metadata"].object() ? body.at("metadata") : json::object();
  if (!body.is_object() || !is_flat(metadata) || metadata.dump().size() > kLongestMetadata)
    return refused(400, "bad_request", "metadata must be flat and below 4 KB");
  of.active.clear();
  tally_.effect("controls_released");
  if (simulation::flag_of(setup_, "echo", false))
    outbox_.push_back(hook("switchboard:releaseControl", id, {{"metadata", metadata}}, raw.received_at));
  return simulation::json_reply(200, json::object());
}

Reply App::show_user(const std::string& id) const {
  if (id != "u1" && id != "crm-8841") return refused(404, "user_not_found", "User not found");
  return simulation::json_reply(
      200, {{"user",
             {{"id", "u1"},
              {"externalId", "crm-8841"},
              {"profile", {{"givenName", "Ada"}, {"surname", "Byron"}, {"email", "ada@example.com"}}}}}});
}

simulation::Outbound App::hook(const std::string& type, const std::string& conversation, json payload,
                               TimePoint now) {
  payload["conversation"]["id"] = conversation;
  const json body = {{"app", {{"id", text_of(setup_, "app_id", "app1")}}},
                     {"webhook", {{"id", "5e554d2cac66fb73a3c01871"}, {"version", "v2"}}},
                     {"events",
                      {{{"id", next_id()},
                        {"createdAt", simulation::iso_millis(now)},
                        {"type", type},
                        {"payload", std::move(payload)}}}}};
  simulation::Outbound outbound(Request("POST", "", simulation::dump(body),
                                        {{"content-type", "application/json"},
                                         {"x-api-key", text_of(setup_, "webhook_secret", "sunshine-hook")}}));
  outbound.attempts = 5;
  return outbound;
}

Result<std::vector<simulation::Outbound>> App::act(const simulation::Deed& deed, TimePoint now) {
  const JsonView with(deed.with);
  const auto id = with["conversation"].text();
  if (id.empty()) return Failure(FailureKind::rejected, "a deed names its conversation");
  auto& conversation = conversations_[id];
  std::vector<simulation::Outbound> sent;
  if (deed.what == "write") {
    json content = {{"type", "text"}, {"text", with["text"].text()}};
    if (const auto url = with["file"].text(); !url.empty()) {
      content = {{"type", with["image"].boolean().value_or(true) ? "image" : "file"},
                 {"mediaUrl", url},
                 {"mediaType", with["media_type"].text("image/png")},
                 {"mediaSize", 4711},
                 {"altText", with["name"].text(url.substr(url.rfind('/') + 1))}};
    }
    const auto made =
        add_message(conversation, {{"type", "user"}, {"userId", "u1"}}, content, json::object(), now);
    sent.push_back(hook("conversation:message", id, {{"message", made}}, now));
  } else if (deed.what == "end" || deed.what == "close_ticket") {
    auto& made =
        add_message(conversation, {{"type", "business"}, {"subtypes", {"activity"}}},
                    {{"type", "text"},
                     {"text", deed.what == "end" ? "The conversation was ended" : "The ticket was closed"}},
                    json::object(), now);
    made["activity"] = {{"type", deed.what == "end" ? "conversation:endedByUser" : "ticket:closed"}};
    sent.push_back(hook("conversation:message", id, {{"message", made}}, now));
  } else if (deed.what == "pass") {
    conversation.active = with["to"].text("zd-agentWorkspace");
    json payload = {
        {"conversation", {{"activeSwitchboardIntegration", {{"id", "5ef3"}, {"name", conversation.active}}}}},
        {"metadata", json::object()}};
    sent.push_back(hook("switchboard:passControl", id, std::move(payload), now));
  } else if (deed.what == "hand_off") {
    conversation.active = text_of(setup_, "integration", "baton");
    json payload = {
        {"conversation", {{"activeSwitchboardIntegration", {{"id", "5ef2"}, {"name", conversation.active}}}}},
        {"metadata", with["metadata"].object() ? *with["metadata"].raw() : json::object()}};
    sent.push_back(hook("switchboard:passControl", id, std::move(payload), now));
  } else if (deed.what == "close") {
    conversation.active.clear();
    sent.push_back(hook("switchboard:releaseControl", id, {{"reason", "ticketClosed"}}, now));
  } else {
    return Failure(FailureKind::rejected, "no such deed: " + deed.what);
  }
  return sent;
}

std::vector<simulation::Outbound> App::take_outbox() { return std::exchange(outbox_, {}); }

json App::ledger() const {
  json list = json::array();
  std::vector<std::string> keys;
  for (const auto& [id, conversation] : conversations_) {
    list.push_back({{"id", id}, {"active", conversation.active}, {"messages", conversation.messages}});
    for (const auto& message : conversation.messages) {
      const auto key = JsonView(message).at_path("metadata.baton_op_id").text();
      if (!key.empty()) keys.push_back(key);
    }
  }
  auto all = tally_.json(simulation::count_duplicates(keys));
  all["conversations"] = std::move(list);
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::App>(setup);
}

}  // namespace baton::sunshine
