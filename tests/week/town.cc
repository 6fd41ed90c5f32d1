#include "tests/week/town.h"

#include <gtest/gtest.h>

#include "connectors/sdk/registry.h"
#include "connectors/simulation/registry.h"
#include "gateway/base/json_view.h"
#include "gateway/config/parse.h"
#include "gateway/handoff/permission.h"

namespace baton::town {
namespace {

using nlohmann::json;

// 32 bytes; the same for both directions of the chat platform.
constexpr auto kPlatformSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
constexpr auto kTeamsAddress =
    "https://flows.example.com/powerautomate/automations/direct/workflows/5f1b7c0e9a2d4c58b3f6e1d0a7c94b21/"
    "triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&"
    "sig=bmFtZS1vZi10aGUtdmVuZG9yLXNpZw";

// --- a CRM that knows what the test says

Task<json> look_up(const sdk::Order& order, sdk::ReadSession&) {
  const auto known = json::parse(order.settings["known"], nullptr, false);
  const auto email = JsonView(order.subject).at_path("customer.email").text();
  const auto found = JsonView(known)[email];
  co_return found.object() ? *found.raw() : json::object();
}

constexpr auto kPaperActions =
    std::to_array<sdk::Action>({{.operation = Operation::read_context, .look = look_up}});
constexpr sdk::Manifest kPaper{.name = "paper",
                               .title = "A CRM on paper",
                               .api_version = "1",
                               .actions = kPaperActions,
                               .fields = {},
                               .base_url = ""};

class PaperCrm final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kPaper; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::NoAuth{}; }
};

// --- a vendor that somebody watches

class WatchedVendor final : public simulation::Vendor {
 public:
  using Saw = std::function<void(const RawRequest&, const Reply&)>;
  WatchedVendor(simulation::VendorPtr inner, Saw saw) : inner_(std::move(inner)), saw_(std::move(saw)) {}

  std::string_view name() const override { return inner_->name(); }
  Reply handle(const RawRequest& raw) override {
    auto reply = inner_->handle(raw);
    saw_(raw, reply);
    return reply;
  }
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override {
    return inner_->act(deed, now);
  }
  std::vector<simulation::Outbound> take_outbox() override { return inner_->take_outbox(); }
  json ledger() const override { return inner_->ledger(); }

 private:
  simulation::VendorPtr inner_;
  Saw saw_;
};

struct Place {
  DestinationId id;
  std::string simulator, base_url;
  simulation::Setup setup;
};

// What an agent is called in Slack is what customers read.
std::string people_of(const handoff::Teams& teams) {
  auto users = json::array();
  for (const auto& [name, team] : teams) {
    for (const auto& member : team.members) {
      const auto account = member.accounts.find(kSlack.text);
      if (account == member.accounts.end()) continue;
      users.push_back({{"id", account->second},
                       {"name", member.id},
                       {"real_name", member.name},
                       {"profile", {{"email", member.email}, {"real_name", member.name}}}});
    }
  }
  return json{
      {"channels",
       json::array(
           {{{"id", "C0HANDOFFS"}, {"name", "handoffs"}, {"is_channel", true}, {"is_member", true}}})},
      {"users", std::move(users)}}
      .dump();
}

std::string agents_of(const handoff::Teams& teams) {
  auto users = json::array();
  for (const auto& [name, team] : teams) {
    for (const auto& member : team.members)
      users.push_back({{"name", member.name}, {"email", member.id + "@acme.example"}, {"role", "agent"}});
  }
  return json{{"users", std::move(users)}}.dump();
}

Node parsed(const std::string& text) {
  auto read = config::parse(text, "town.yaml");
  for (const auto& problem : read.problems.list()) ADD_FAILURE() << problem.text();
  return std::move(read.root);
}

handoff::Teams teams_in(const Node& root) {
  Problems problems;
  const auto calendars = handoff::read_calendars(root["calendars"], problems);
  auto teams = handoff::read_teams(root["teams"], calendars, problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  return teams;
}

handoff::Rules rules_in(const Node& root, const handoff::Teams& teams) {
  Problems problems;
  handoff::KnownNames known;
  for (const auto& id : {kDesk, kSlack, kTeams, kCrm, kPlatform}) known.destinations.push_back(id.text);
  for (const auto& [name, team] : teams) known.teams.push_back(name);
  auto rules = handoff::read_rules(root["routes"], known, problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  return rules;
}

ingress::Sources one_source() {
  ingress::Source source;
  source.name = kPlatform.text;
  source.event_source = "https://chat.example.com";
  auto key = secrets::SigningKey::make(Secret(std::string(kPlatformSecret)));
  BATON_CHECK(key);
  source.keys.push_back(std::move(*key));
  ingress::Sources sources;
  sources.emplace(kPlatform.text, std::move(source));
  return sources;
}

template <class T>
T without_problems(const std::function<T(Problems&)>& make) {
  Problems problems;
  auto made = make(problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  return made;
}

secrets::TokenOptions tokens_in(const secrets::Folder& folder) {
  secrets::TokenOptions options;
  options.directory = folder.path();
  return options;
}

const sdk::Connector& paper_crm() {
  static const auto& kOnly = *new PaperCrm;
  return kOnly;
}

}  // namespace

Town::Town(const Plan& plan)
    : clock(loop, plan.starts), memory(store, clock), journal(memory), random(plan.seed),
      teams(teams_in(parsed(plan.configuration))), rules(rules_in(parsed(plan.configuration), teams)),
      plan_(plan), connectors_(sdk::make_connectors()),
      mappings_(without_problems<std::unique_ptr<app::Mappings>>(
          [&](Problems& problems) { return app::load_mappings("", connectors_, problems); })),
      messages_(without_problems<handoff::tell::Messages>(
          [](Problems& problems) { return app::load_messages(Node(), problems); })),
      sources_(one_source()), network_(clock, {.latency = Duration{40}}), board((add_vendors(), teams)),
      planner_(journal, clock, random, rules, abilities_, patience_, messages_, {}, &board),
      dispatcher_(journal, clock, board), delivery_(accounts_, journal, network_, clock, random),
      ingress_(ingress::Ingress::Parts(journal, clock, random, sources_, rules, accounts_)),
      tokens_(tokens_in(folder_)), api_(journal, clock, random, tokens_, views()), scope(loop, clock) {
  using secrets::Permission;
  auto token =
      tokens_.create("operator", {Permission::read, Permission::agent, Permission::operate}, clock.now());
  BATON_CHECK(token);
  token_ = std::string(token->token.reveal());
  api_.serve_on(server_);
  planner_.ask_lanes([this](const DestinationId& id) {
    auto* const lane = delivery_.control(id);
    return lane && lane->breaker().state() != delivery::Breaker::State::closed;
  });
  scope.spawn(delivery_.run(scope.stop_token()));
  scope.spawn(planner_.run(scope.stop_token()));
  scope.spawn(dispatcher_.run(scope.stop_token()));
}

Town::~Town() = default;

void Town::add_vendors() {
  const std::vector<Place> places = {
      {kDesk,
       "zendesk",
       "https://acme.zendesk.com",
       {{"client_id", "baton"},
        {"client_secret", "desk-secret"},
        {"webhook_secret", "desk-hook"},
        {"limits", "off"},
        {"seed", agents_of(teams)}}},
      {kSlack,
       "slack",
       "https://slack.com/api",
       {{"token", "xoxb-town"},
        {"signing_secret", "slack-signing"},
        {"limits", "off"},
        {"self_url", "https://hooks.slack.com"},
        {"seed", people_of(teams)}}},
      {kTeams, "teams", "https://flows.example.com", {{"limits", "off"}}},
      {kPlatform,
       "standard_webhooks",
       "https://chat.example.com",
       {{"receive_secret", kPlatformSecret}, {"send_secret", kPlatformSecret}}},
  };
  for (const auto& [id, simulator, base_url, setup] : places) {
    auto vendor = simulation::make_vendor(simulator, setup);
    BATON_CHECK(vendor);
    auto watched = std::make_unique<WatchedVendor>(
        std::move(vendor), [this, where = id](const RawRequest& raw, const Reply& reply) {
          if (watcher) watcher(where, raw, reply);
        });
    auto& faulty =
        vendors_.emplace(id, std::make_unique<simulation::FaultyVendor>(std::move(watched))).first->second;
    network_.add(base_url, *faulty);
    if (id == kSlack) network_.add("https://hooks.slack.com", *faulty);
  }
  add_account(kDesk, "zendesk", "https://acme.zendesk.com",
              {{"client_id", "baton"}, {"webhook_tolerance", "10m"}},
              {{"client_secret", "desk-secret"}, {"webhook_secret", "desk-hook"}});
  add_account(kSlack, "slack", "https://slack.com/api",
              {{"channel", "C0HANDOFFS"}, {"hooks_url", "https://hooks.slack.com/"}},
              {{"token", "xoxb-town"}, {"signing_secret", "slack-signing"}});
  add_account(kTeams, "teams", "https://flows.example.com", {}, {{"address", kTeamsAddress}});
  add_account(kPlatform, "standard_webhooks", "https://chat.example.com", {{"path", "/"}},
              {{"secret", kPlatformSecret}});
  add_account(kCrm, "paper", "https://crm.example.com", {{"known", plan_.known.dump()}}, {});
  abilities_ = sdk::abilities(accounts_);
}

void Town::add_account(const DestinationId& id, const std::string& connector, const std::string& base_url,
                       sdk::Settings::Values settings, std::map<std::string, std::string> secrets) {
  auto account = std::make_unique<sdk::Account>();
  account->id = id;
  account->connector = &paper_crm();
  for (const auto& one : connectors_) {
    if (one->manifest().name == connector) account->connector = one.get();
  }
  account->base_url = base_url;
  settings["base_url"] = base_url;
  account->settings = sdk::Settings(settings);
  account->limits = {.per_second = 1000, .burst = 1000, .at_once = 4};
  for (auto& [field, value] : secrets) account->secrets[field].emplace_back(value);
  app::bind_mapping(*mappings_, *account);
  account->claim_url = [](const HandoffId& handoff, TimePoint) {
    return "https://baton.example.com/claim/" + handoff.text;
  };
  accounts_.emplace(id, std::move(account));
}

api::Views Town::views() {
  api::Views views;
  views.teams = [this] {
    std::vector<std::string> names;
    for (const auto& [name, team] : teams) names.push_back(name);
    return names;
  };
  views.destinations = [] { return std::vector<DestinationId>{kDesk, kSlack, kTeams, kCrm, kPlatform}; };
  views.queue = [this](std::size_t limit) { return board.to_json(clock.now(), limit); };
  views.is_member = [this](std::string_view id) {
    return std::ranges::any_of(teams, [&](const auto& team) { return team.second.member(id) != nullptr; });
  };
  views.may_read = [this](const Handoff& handoff, std::string_view who) {
    return handoff::may_read(handoff, who, teams);
  };
  return views;
}

Task<HandoffId> Town::says(std::string id, std::string type, std::string conversation, json data) {
  data["conversation"]["id"] = conversation;
  const json event = {{"specversion", "1.0"},
                      {"id", id},
                      {"source", "https://chat.example.com"},
                      {"type", std::move(type)},
                      {"data", std::move(data)}};
  for (;;) {
    auto sent = vendor(kPlatform).vendor().act(simulation::Deed("send", event), clock.now());
    BATON_CHECK(sent && sent->size() == 1);
    const auto& request = sent->front().request;
    RawRequest raw("POST", "/v1/events", request.body, request.headers);
    raw.received_at = clock.now();
    const auto reply = co_await ingress_.events(std::move(raw));
    if (reply && reply->status < 500) {
      const auto body = json::parse(reply->body, nullptr, false);
      EXPECT_TRUE(reply->status == 202 || reply->status == 409 || reply->status == 404) << reply->body;
      co_return HandoffId(JsonView(body)["handoff"].text(JsonView(body)["handoff_id"].text()));
    }
    (void)co_await clock.until(clock.now() + 5s);
  }
}

Task<bool> Town::does(DestinationId where, std::string what, json with) {
  auto webhooks = vendor(where).vendor().act(simulation::Deed(std::move(what), std::move(with)), clock.now());
  if (!webhooks) co_return false;
  for (const auto& webhook : *webhooks) {
    for (int attempt = 1;; ++attempt) {
      const auto& request =
          attempt > 1 && webhook.again ? webhook.again(attempt, clock.now()) : webhook.request;
      RawRequest raw(request.method, "/v1/hooks/" + where.text, request.body, request.headers);
      raw.params["destination"] = where.text;
      raw.received_at = clock.now();
      const auto reply = co_await ingress_.hook(std::move(raw));
      if (reply && reply->status < 500) {
        EXPECT_LT(reply->status, 300) << reply->body;
        break;
      }
      (void)co_await clock.until(clock.now() + 5s);
    }
  }
  co_return true;
}

Task<Reply> Town::calls(std::string method, std::string target, json body) {
  RawRequest request(std::move(method), std::move(target), body.is_null() ? "" : body.dump());
  request.headers["authorization"] = "Bearer " + token_;
  request.headers["content-type"] = "application/json";
  request.received_at = clock.now();
  co_return co_await server_.handle(std::move(request));
}

}  // namespace baton::town
