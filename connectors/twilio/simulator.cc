#include "connectors/twilio/simulator.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::twilio {
namespace simulated {
namespace {

constexpr std::string_view kAccount = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
constexpr std::string_view kToken = "12345678901234567890123456789012";

std::string host(const simulation::Setup& setup, std::string_view key, std::string_view fallback) {
  return simulation::text_of(setup, key, simulation::text_of(setup, "self_url", fallback));
}

std::size_t number(std::string_view text, std::size_t otherwise) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? value : otherwise;
}

bool is_form(const Headers& headers) {
  const auto type = header(headers, "content-type");
  return equals_ignoring_case(trim(type.substr(0, type.find(';'))), "application/x-www-form-urlencoded");
}

}  // namespace

Account::Account(const simulation::Setup& setup)
    : setup_(setup), account_sid_(simulation::text_of(setup, "account_sid", kAccount)),
      service_(simulation::text_of(setup, "service", "ISbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb")),
      workspace_(simulation::text_of(setup, "workspace", "WSffffffffffffffffffffffffffffffff")),
      workflow_(simulation::text_of(setup, "workflow", "WWabababababababababababababababab")),
      conversations_url_(host(setup, "conversations_url", "https://conversations.twilio.com")),
      taskrouter_url_(host(setup, "taskrouter_url", "https://taskrouter.twilio.com")),
      flex_url_(host(setup, "flex_url", "https://flex-api.twilio.com")),
      writes_(simulation::limit_of(setup, "writes_per_second", 30),
              simulation::limit_of(setup, "writes_per_second", 30)) {}

Reply Account::handle(const RawRequest& raw) {
  tally_.request();
  auto reply = api(raw);
  if (reply.status >= 400) {
    const auto body = json::parse(reply.body, nullptr, false);
    tally_.refuse(JsonView(body)["code"].id().value_or(std::to_string(reply.status)));
  }
  return reply;
}

// --- answers

Reply Account::refuse(int status, int code, std::string_view message) {
  return simulation::json_reply(status,
                                {{"code", code},
                                 {"message", message},
                                 {"more_info", fmt::format("https://www.twilio.com/docs/errors/{}", code)},
                                 {"status", status}});
}

Reply Account::not_found(const Call& call) {
  return refuse(404, 20404, fmt::format("The requested resource {} was not found", call.path.substr(3)));
}

std::optional<Reply> Account::over_limit(TimePoint now) {
  const auto wait = writes_.take(now);
  if (!wait) return std::nullopt;
  auto reply = refuse(429, 20429, "Too Many Requests");
  reply.headers["retry-after"] = std::to_string(simulation::whole_seconds(*wait));
  return reply;
}

std::string Account::sid(std::string_view prefix) {
  const auto high = random_.bits(), low = random_.bits();
  return fmt::format("{}{:016x}{:016x}", prefix, high, low);
}

// Pages are walked by meta.next_page_url, a whole URL. A later page needs the token in it: that a number
// alone is taken is unconfirmed.
Reply Account::page(const Call& call, std::string_view host_url, std::string_view key, const json& items) {
  const std::size_t most = key == "webhooks" ? 5 : 100;
  const auto size = number(call.query("PageSize"), std::min<std::size_t>(most, 50));
  if (size < 1 || size > most) return refuse(400, 20001, "Invalid parameter: PageSize");
  const auto index = number(call.query("Page"), 0);
  const auto token = [](std::size_t start) { return fmt::format("PA{:032x}", start); };
  if (index > 0 && call.query("PageToken") != token(index * size)) {
    return refuse(400, 20006, "Invalid parameter: PageToken");
  }
  json shown = json::array();
  for (auto i = index * size; i < items.size() && i < (index + 1) * size; ++i) shown.push_back(items[i]);
  const auto order = call.query("Order");
  const auto at = [&](std::size_t which) {
    return fmt::format("{}{}?{}PageSize={}&Page={}{}", host_url, call.path,
                       order.empty() ? "" : "Order=" + order + "&", size, which,
                       which == 0 ? "" : "&PageToken=" + token(which * size));
  };
  json body = {{"meta",
                {{"page", index},
                 {"page_size", size},
                 {"first_page_url", at(0)},
                 {"previous_page_url", index == 0 ? json() : json(at(index - 1))},
                 {"url", at(index)},
                 {"next_page_url", (index + 1) * size < items.size() ? json(at(index + 1)) : json()},
                 {"key", key}}}};
  body[std::string(key)] = std::move(shown);
  return simulation::json_reply(200, body);
}

// --- the way in

bool Account::may_enter(const RawRequest& raw) const {
  const auto given = header(raw.headers, "authorization");
  const auto basic = [](std::string_view user, std::string_view password) {
    return "Basic " + to_base64(fmt::format("{}:{}", user, password));
  };
  if (given == basic(account_sid_, simulation::text_of(setup_, "auth_token", kToken))) return true;
  const auto key = simulation::text_of(setup_, "api_key", ""),
             secret = simulation::text_of(setup_, "api_secret", "");
  return !key.empty() && !secret.empty() && given == basic(key, secret);
}

Reply Account::account(const Call& call) {
  if (call.args[0] != account_sid_ + ".json") return not_found(call);
  return simulation::json_reply(
      200, {{"sid", account_sid_}, {"friendly_name", "Acme"}, {"status", "active"}, {"type", "Full"}});
}

Reply Account::api(const RawRequest& raw) {
  static constexpr auto kRoutes = std::to_array<simulation::Route<Account>>({
      {"GET", "/2010-04-01/Accounts/{}", &Account::account},
      {"GET", "/v1/Conversations", &Account::list_conversations},
      {"POST", "/v1/Conversations", &Account::create_conversation},
      {"GET", "/v1/Conversations/{}", &Account::show_conversation},
      {"POST", "/v1/Conversations/{}", &Account::update_conversation},
      {"GET", "/v1/Conversations/{}/Messages", &Account::list_messages},
      {"POST", "/v1/Conversations/{}/Messages", &Account::create_message},
      {"GET", "/v1/Conversations/{}/Messages/{}", &Account::show_message},
      {"GET", "/v1/Conversations/{}/Participants", &Account::list_participants},
      {"POST", "/v1/Conversations/{}/Participants", &Account::create_participant},
      {"GET", "/v1/Conversations/{}/Webhooks", &Account::list_webhooks},
      {"POST", "/v1/Conversations/{}/Webhooks", &Account::create_webhook},
      {"GET", "/v1/Configuration/Webhooks", &Account::show_configuration},
      {"GET", "/v1/Workspaces/{}", &Account::show_workspace},
      {"GET", "/v1/Workspaces/{}/Tasks", &Account::list_tasks},
      {"POST", "/v1/Workspaces/{}/Tasks", &Account::create_task},
      {"GET", "/v1/Workspaces/{}/Tasks/{}", &Account::show_task},
      {"POST", "/v1/Workspaces/{}/Tasks/{}", &Account::update_task},
      {"POST", "/v1/Interactions", &Account::create_interaction},
  });
  if (!may_enter(raw)) return refuse(401, 20003, "Authenticate");
  Call call(raw, std::string(path_of(raw.target)));
  bool is_known = false;
  for (const auto& candidate : kRoutes) {
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args) continue;
    is_known = true;
    if (candidate.method != raw.method) continue;
    call.args = *std::move(args);
    if (raw.method == "POST") {
      if (!is_form(raw.headers)) return refuse(415, 20001, "Send application/x-www-form-urlencoded");
      if (auto refused = over_limit(call.now())) return *std::move(refused);
      call.body = simulation::form_fields(raw.body);
    }
    return (this->*candidate.handler)(call);
  }
  return is_known ? refuse(405, 20004, "Method not allowed") : not_found(call);
}

// --- what it holds

json Account::ledger() const {
  json conversations = json::array();
  std::vector<std::string> written;
  for (const auto& [id, conversation] : conversations_) {
    auto entry = conversation.doc;
    entry["messages"] = conversation.messages;
    entry["participants"] = conversation.participants;
    entry["webhooks"] = conversation.webhooks;
    for (const auto& webhook : conversation.webhooks)
      written.push_back(id + simulation::dump({webhook["target"], webhook["configuration"]}));
    // One message by the API stands twice if author, text and attributes are the same.
    for (const auto& message : conversation.messages) {
      if (message.value("by_api", false)) {
        written.push_back(id + simulation::dump({message["author"], message["body"], message["attributes"]}));
      }
    }
    conversations.push_back(std::move(entry));
  }
  for (const auto& task : tasks_) {
    if (task.value("by_api", false)) written.push_back("task" + task["attributes"].get<std::string>());
  }
  auto all = tally_.json(simulation::count_duplicates(written));
  all["conversations"] = std::move(conversations);
  all["tasks"] = tasks_;
  all["interactions"] = interactions_;
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Account>(setup);
}

}  // namespace baton::twilio
