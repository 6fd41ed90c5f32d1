#include "connectors/chatwoot/simulator.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::chatwoot {
namespace simulated {
namespace {

constexpr std::string_view kSeed = R"({"conversations": [{"id": 8841, "status": "open",
                                       "messages": ["I want a person please"]}]})";
constexpr std::size_t kLongest = 150'000;
constexpr auto kStates = std::to_array<std::string_view>({"open", "pending", "resolved", "snoozed"});
constexpr auto kTypes = std::to_array<std::string_view>({"incoming", "outgoing", "activity", "template"});

long number(std::string_view text) {
  long value = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : -1;
}

}  // namespace

std::string signature(std::string_view secret, std::string_view timestamp, std::string_view body) {
  return "sha256=" + to_hex(simulation::hmac_sha256(secret, {timestamp, ".", body}));
}

Account::Account(const simulation::Setup& setup)
    : setup_(setup), account_id_(simulation::text_of(setup, "account_id", "1")),
      all_(simulation::limit_of(setup, "requests_per_minute", 300), 1min) {
  const auto seed = simulation::seed_of(setup, kSeed);
  for (const auto& one : seed.value("conversations", json::array())) {
    auto& made = conversations_[one.value("id", 8841L)];
    made.status = one.value("status", "pending");
    made.contact = {
        {"id", 907}, {"name", "Jane Roe"}, {"email", "jane@acme.inc"}, {"identifier", "user-4471"}};
    for (const auto& text : one.value("messages", std::vector<std::string>())) {
      (void)add_message(made, 0, text, made.contact, false, json::object(),
                        TimePoint{} + std::chrono::years(56));
    }
  }
  tally_ = {};  // what was there before is nobody's effect
}

Reply Account::handle(const RawRequest& raw) {
  tally_.request();
  return api(raw);
}

Reply Account::refuse(int status, std::string_view why) {
  tally_.refuse(why);
  return simulation::json_reply(status, {{"error", why}});
}

Reply Account::api(const RawRequest& raw) {
  static constexpr auto kRoutes = std::to_array<simulation::Route<Account>>({
      {"GET", "/api/v1/profile", &Account::profile},
      {"GET", "/api/v1/accounts/{}/conversations/{}/messages", &Account::list_messages},
      {"POST", "/api/v1/accounts/{}/conversations/{}/messages", &Account::create_message},
      {"POST", "/api/v1/accounts/{}/conversations/{}/toggle_status", &Account::toggle_status},
      {"GET", "/api/v1/accounts/{}/conversations/{}", &Account::show_conversation},
      {"POST", "/api/v1/accounts/{}/conversations/{}/assignments", &Account::assign},
  });
  if (header(raw.headers, "api_access_token") !=
      simulation::text_of(setup_, "api_token", "chatwoot-api-token")) {
    return refuse(401, "Invalid Access Token");
  }
  if (const auto wait = all_.take(raw.received_at)) {
    auto reply = refuse(429, "Retry later");
    reply.headers["retry-after"] = std::to_string(simulation::whole_seconds(*wait));
    return reply;
  }
  Call call(raw, std::string(path_of(raw.target)));
  for (const auto& candidate : kRoutes) {
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args || candidate.method != raw.method) continue;
    call.args = *std::move(args);
    if (!call.args.empty() && call.args[0] != account_id_)
      return refuse(401, "You are not authorized to do this action");
    if (raw.method == "POST") {
      call.body = simulation::is_json(raw.headers) ? json::parse(raw.body, nullptr, false) : json();
      if (!call.body.is_object()) return refuse(422, "the body is no JSON object");
    }
    return (this->*candidate.handler)(call);
  }
  return refuse(404, "Resource could not be found");
}

// --- the endpoints

Reply Account::profile(const Call&) {
  auto profile = ourselves();
  profile["accounts"] =
      json::array({{{"id", number(account_id_)}, {"role", simulation::text_of(setup_, "role", "agent")}}});
  return simulation::json_reply(200, profile);
}

json Account::ourselves() const {
  return {{"id", simulation::number_of(setup_, "user_id", 42)},
          {"name", simulation::text_of(setup_, "user_name", "Baton")}};
}

Conversation* Account::find(const Call& call) {
  const auto found = conversations_.find(number(call.args[1]));
  return found == conversations_.end() ? nullptr : &found->second;
}

// The newest page, or the one before a message; each with its oldest message first.
Reply Account::list_messages(const Call& call) {
  const auto* conversation = find(call);
  if (!conversation) return refuse(404, "Resource could not be found");
  const auto before = call.query("before");
  const auto size = static_cast<std::size_t>(std::max(1, simulation::number_of(setup_, "page", 20)));
  json page = json::array();
  for (const auto& message : conversation->messages) {
    if (before.empty() || message["id"].get<long>() < number(before)) page.push_back(message);
  }
  if (page.size() > size) page.erase(page.begin(), page.end() - static_cast<std::ptrdiff_t>(size));
  for (auto& message : page) message.erase("by_api");  // the simulator's own note
  return simulation::json_reply(200, {{"meta", {{"contact", conversation->contact}}}, {"payload", page}});
}

Reply Account::create_message(const Call& call) {
  auto* conversation = find(call);
  if (!conversation) return refuse(404, "Resource could not be found");
  const JsonView body(call.body);
  const auto text = body["content"].text(), type = body["message_type"].text("outgoing");
  if (trim(text).empty()) return refuse(422, "Content can't be blank");
  if (count_code_points(text) > kLongest)
    return refuse(422, "Content is too long (maximum is 150000 characters)");
  if (type != "outgoing") return refuse(422, "Incoming messages are only allowed in Api inboxes");
  const auto attributes = body["content_attributes"];
  const bool kept = attributes.object() && simulation::flag_of(setup_, "keeps_attributes", true);
  auto sender = ourselves();
  sender["type"] = "user";
  const bool is_private = body["private"].boolean().value_or(false);
  const auto message = add_message(*conversation, 1, text, sender, is_private,
                                   kept ? *attributes.raw() : json::object(), call.now());
  conversation->messages.back()["by_api"] = true;
  tally_.effect(is_private ? "notes_added" : "messages_sent");
  echo(message_event(number(call.args[1]), *conversation, message, call.now()));
  return simulation::json_reply(200, message);
}

Reply Account::toggle_status(const Call& call) {
  auto* conversation = find(call);
  if (!conversation) return refuse(404, "Resource could not be found");
  const auto former = conversation->status;
  const auto asked = JsonView(call.body)["status"].text(former == "open" ? "resolved" : "open");
  if (std::ranges::find(kStates, asked) == kStates.end()) return refuse(422, "is not a valid status");
  conversation->status = asked;
  conversation->changed_at = call.now();
  tally_.effect("statuses_set");
  if (former != asked) echo(status_event(number(call.args[1]), *conversation, former, call.now()));
  // Also one that was open: whoever opens it as an agent has it.
  if (asked == "open" && simulation::text_of(setup_, "role", "agent") == "agent") {
    const auto had = std::exchange(conversation->assignee, ourselves());
    if (had != conversation->assignee)
      echo(assignee_event(number(call.args[1]), *conversation, had, call.now()));
  }
  return simulation::json_reply(200, {{"meta", json::object()},
                                      {"payload",
                                       {{"success", true},
                                        {"conversation_id", number(call.args[1])},
                                        {"current_status", asked},
                                        {"snoozed_until", nullptr}}}});
}

Reply Account::show_conversation(const Call& call) {
  const auto* conversation = find(call);
  if (!conversation) return refuse(404, "Resource could not be found");
  return simulation::json_reply(200, described(number(call.args[1]), *conversation));
}

// To whom nobody is known by the number, it is nobody's.
Reply Account::assign(const Call& call) {
  auto* conversation = find(call);
  if (!conversation) return refuse(404, "Resource could not be found");
  const auto whom = JsonView(call.body)["assignee_id"].integer().value_or(0);
  const auto former = conversation->assignee;
  conversation->assignee = json();
  if (whom == 7) conversation->assignee = {{"id", 7}, {"name", "Dana Agent"}};
  if (ourselves().at("id") == whom) conversation->assignee = ourselves();
  conversation->changed_at = call.now();
  tally_.effect("assignments");
  if (former != conversation->assignee)
    echo(assignee_event(number(call.args[1]), *conversation, former, call.now()));
  return simulation::json_reply(200, conversation->assignee);
}

json Account::add_message(Conversation& to, int type, std::string_view text, json sender, bool is_private,
                          json attributes, TimePoint now) {
  json message = {{"id", ++next_message_},      {"content", text},
                  {"message_type", type},       {"private", is_private},
                  {"content_type", "text"},     {"content_attributes", std::move(attributes)},
                  {"status", "sent"},           {"created_at", simulation::epoch_seconds(now)},
                  {"sender", std::move(sender)}};
  to.messages.push_back(message);
  to.changed_at = now;
  return message;
}

// --- webhooks

simulation::Outbound Account::webhook(json body, TimePoint now) {
  const auto text = simulation::dump(body);
  const auto secret = simulation::text_of(setup_, "webhook_secret", "chatwoot-webhook-secret"),
             token = simulation::text_of(setup_, "url_token", ""), delivery = simulation::make_uuid(random_);
  const auto signed_at = [text, secret, token, delivery](int, TimePoint at) {
    Headers headers = {{"content-type", "application/json"}};
    if (!secret.empty()) {
      const auto timestamp = std::to_string(simulation::epoch_seconds(at));
      headers["x-chatwoot-timestamp"] = timestamp;
      headers["x-chatwoot-delivery"] = delivery;
      headers["x-chatwoot-signature"] = signature(secret, timestamp, text);
    }
    return Request("POST", token.empty() ? "" : "?token=" + percent_encode(token), text, std::move(headers));
  };
  simulation::Outbound outbound(signed_at(1, now));
  outbound.again = signed_at;
  outbound.attempts = 1;  // older servers do not repeat, and newer ones only by field report
  tally_.effect("webhooks_sent");
  return outbound;
}

json Account::described(long id, const Conversation& of) const {
  json last = json::array();
  for (const auto& message : of.messages) {
    if (message["message_type"] != 2 && !message["private"].get<bool>()) last = json::array({message});
  }
  return {{"id", id},
          {"inbox_id", 3},
          {"channel", "Channel::WebWidget"},
          {"status", of.status},
          {"priority", of.priority},
          {"messages", last},
          {"labels", json::array()},
          {"meta", {{"sender", of.contact}, {"assignee", of.assignee}, {"hmac_verified", true}}},
          {"additional_attributes", {{"referer", "https://shop.example.com/checkout?step=pay"}}},
          {"custom_attributes", of.custom_attributes},
          {"timestamp", simulation::epoch_seconds(of.changed_at)},
          {"updated_at", static_cast<double>(simulation::epoch_seconds(of.changed_at))},
          {"created_at", simulation::epoch_seconds(of.created_at)}};
}

simulation::Outbound Account::message_event(long id, const Conversation& of, const json& message,
                                            TimePoint now) {
  auto body = message;
  body["event"] = "message_created";
  body["message_type"] = kTypes[message["message_type"].get<std::size_t>()];
  body["created_at"] = simulation::iso_millis(now);
  body["conversation"] = described(id, of);
  body["account"] = {{"id", number(account_id_)}, {"name", "Acme"}};
  return webhook(std::move(body), now);
}

simulation::Outbound Account::status_event(long id, const Conversation& of, std::string_view former,
                                           TimePoint now) {
  auto body = described(id, of);
  body["event"] = "conversation_status_changed";
  body["changed_attributes"] =
      json::array({{{"status", {{"previous_value", former}, {"current_value", of.status}}}}});
  return webhook(std::move(body), now);
}

simulation::Outbound Account::assignee_event(long id, const Conversation& of, const json& former,
                                             TimePoint now) {
  const auto number_of = [](const json& agent) { return agent.is_object() ? agent.at("id") : json(); };
  auto body = described(id, of);
  body["event"] = "conversation_updated";
  body["changed_attributes"] =
      json::array({{{"assignee_id",
                     {{"previous_value", number_of(former)}, {"current_value", number_of(of.assignee)}}}}});
  return webhook(std::move(body), now);
}

void Account::echo(simulation::Outbound outbound) {
  if (simulation::flag_of(setup_, "echo", false)) outbox_.push_back(std::move(outbound));
}

// --- deeds

Conversation& Account::conversation(JsonView with, TimePoint now) {
  const auto [found, is_new] = conversations_.try_emplace(number(with["conversation"].id().value_or("8841")));
  auto& conversation = found->second;
  if (is_new) {
    conversation.created_at = now;
    conversation.contact = {{"id", 900 + static_cast<long>(conversations_.size())},
                            {"name", "Jane Roe"},
                            {"email", "jane@acme.inc"},
                            {"identifier", nullptr},
                            {"pubsub_token", "never-store-this"},
                            {"type", "contact"}};
  }
  if (with["contact"].object()) conversation.contact.update(*with["contact"].raw());
  return conversation;
}

Result<std::vector<simulation::Outbound>> Account::act(const simulation::Deed& deed, TimePoint now) {
  constexpr auto kDeeds = std::to_array<std::string_view>(
      {"say", "answer", "reply", "hand_off", "resolve", "return", "assign", "unassign"});
  const JsonView with(deed.with);
  const auto id = number(with["conversation"].id().value_or("8841"));
  if (std::ranges::find(kDeeds, deed.what) == kDeeds.end() || id < 0) {
    return Failure(FailureKind::rejected, "chatwoot: no such deed, or no such conversation: " + deed.what);
  }
  auto& of = conversation(with, now);
  std::vector<simulation::Outbound> sent;
  const auto text = with["text"].text("Hello");
  const json agent = {
      {"id", with["id"].integer().value_or(7)}, {"name", with["by"].text("Dana Agent")}, {"type", "user"}};
  if (deed.what == "say" || deed.what == "answer" || deed.what == "reply") {
    const json bot = {{"id", 3}, {"name", "Bot"}, {"type", "agent_bot"}};
    (void)add_message(of, deed.what == "say" ? 0 : 1, text,
                      deed.what == "say"     ? of.contact
                      : deed.what == "reply" ? agent
                                             : bot,
                      with["private"].boolean().value_or(false), json::object(), now);
    if (const auto url = with["file"].text(); !url.empty())
      of.messages.back()["attachments"] =
          json::array({{{"id", 1}, {"data_url", url}, {"file_type", "image"}}});
    sent.push_back(message_event(id, of, of.messages.back(), now));
    return sent;
  }
  if (deed.what == "assign" || deed.what == "unassign") {
    const auto had = std::exchange(of.assignee, deed.what == "assign" ? agent : json());
    of.changed_at = now;
    sent.push_back(assignee_event(id, of, had, now));
    return sent;
  }
  const auto former = of.status;
  of.status = deed.what == "hand_off" ? "open" : deed.what == "resolve" ? "resolved" : "pending";
  if (deed.what == "hand_off") {
    if (with["attributes"].object()) of.custom_attributes.update(*with["attributes"].raw());
    if (with["priority"].string()) of.priority = with["priority"].text();
  }
  if (deed.what == "resolve") of.assignee = agent;
  const auto activity =
      add_message(of, 2, "Conversation was marked " + of.status, nullptr, false, json::object(), now);
  if (former != of.status) sent.push_back(status_event(id, of, former, now));
  sent.push_back(message_event(id, of, activity, now));
  return sent;
}

json Account::ledger() const {
  json conversations = json::array();
  std::vector<std::string> written;
  for (const auto& [id, conversation] : conversations_) {
    auto entry = described(id, conversation);
    entry["messages"] = conversation.messages;
    conversations.push_back(std::move(entry));
    for (const auto& message : conversation.messages) {
      if (!message.value("by_api", false)) continue;
      written.push_back(std::to_string(id) +
                        simulation::dump({message["content"], message["content_attributes"]}));
    }
  }
  auto all = tally_.json(simulation::count_duplicates(written));
  all["conversations"] = std::move(conversations);
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Account>(setup);
}

}  // namespace baton::chatwoot
