#include "tests/walk/outside.h"

#include "connectors/sdk/registry.h"
#include "connectors/simulation/registry.h"

namespace baton::walk {
namespace {

using nlohmann::json;

// 32 bytes; the same for both directions of the chat platform.
constexpr auto kPlatformSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";

const sdk::Connector* connector_named(const std::vector<sdk::ConnectorPtr>& all, std::string_view name) {
  for (const auto& connector : all) {
    if (connector->manifest().name == name) return connector.get();
  }
  BATON_CHECK(!"no such connector");
  return nullptr;
}

// What the mapping files would render, reduced to what the vendors insist on.
Result<json> render(Operation operation, const json& scope) {
  const auto& handoff = scope.at("handoff");
  switch (operation) {
    case Operation::open_ticket:
      return json{{"subject", scope.at("brief").at("headline")},
                  {"requester", {{"name", "Ada"}, {"email", "ada@example.com"}}},
                  {"tags", {"baton"}},
                  {"comment", {{"public", false}, {"html_body", scope.at("brief").at("wanted")}}}};
    case Operation::add_note:
      return json{{"public", false}, {"html_body", scope.at("subject").at("text")}};
    case Operation::post_alert:
    case Operation::update_alert: {
      const auto text = "owner: " + handoff.at("owner").get<std::string>() + ", ticket: " +
                        (scope.contains("ticket") ? scope["ticket"]["url"].get<std::string>() : "none") +
                        ", " + handoff.at("state").get<std::string>();
      const json section = {{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", text}}}};
      const json button = {{"type", "button"},
                           {"action_id", "baton_claim"},
                           {"value", handoff.at("id")},
                           {"text", {{"type", "plain_text"}, {"text", "Claim"}}}};
      const json actions = {{"type", "actions"}, {"elements", json::array({button})}};
      return json{{"text", text}, {"blocks", json::array({section, actions})}};
    }
    // Without a fingerprint: that a defect is filed once is not the tracker's doing.
    case Operation::file_bug: return json{{"title", scope.at("brief").at("headline")}};
    case Operation::link_bug: return json();
    case Operation::write_back: return json{{"hs_note_body", "<p>Handed to a person</p>"}};
    default: return json();
  }
}

// The helpdesk with another way to find its ticket again.
class Blinded final : public sdk::Connector {
 public:
  Blinded(const sdk::Connector& inner, DeskLookup how) : inner_(inner), manifest_(inner.manifest()) {
    actions_.assign(manifest_.actions.begin(), manifest_.actions.end());
    for (auto& action : actions_) {
      if (action.operation != Operation::open_ticket) continue;
      action.write = how == DeskLookup::none ? open<DeskLookup::none> : open<DeskLookup::wrongly_repeatable>;
    }
    manifest_.actions = actions_;
  }
  const sdk::Manifest& manifest() const override { return manifest_; }
  sdk::Auth auth(const sdk::Settings& settings) const override { return inner_.auth(settings); }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override { return inner_.classify(seen); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    return inner_.read_webhook(request, keys, settings);
  }

 private:
  static Result<Receipt> read(const Reply& reply) {
    const auto body = json::parse(reply.body, nullptr, false);
    if (!body.is_object()) return Failure(FailureKind::ambiguous, "unreadable");
    return Receipt(std::to_string(body["ticket"]["id"].get<std::int64_t>()), "https://acme.zendesk.com/agent");
  }

  template <DeskLookup How>
  static Task<Receipt> open(const sdk::Order& order, sdk::Session& session) {
    auto ticket = order.document;
    ticket["external_id"] = order.external_id;
    const json body = {{"ticket", std::move(ticket)}};
    sdk::Again again = sdk::repeatable;
    if (How == DeskLookup::none) again = sdk::no_lookup;
    co_return co_await session.once(sdk::Step("ticket", sdk::Write::post("/api/v2/tickets", body.dump(),
                                                                         {{"accept", "application/json"}, {"content-type", "application/json"}}),
                                              read, std::move(again)));
  }

  const sdk::Connector& inner_;
  sdk::Manifest manifest_;
  std::vector<sdk::Action> actions_;
};

struct Place {
  DestinationId id;
  std::string connector;
  std::string base_url;
  simulation::Setup setup;
  sdk::Settings::Values settings;
  std::map<std::string, std::string> secrets;
};

std::vector<Place> places() {
  return {
      {kDesk,
       "zendesk",
       "https://acme.zendesk.com",
       {{"client_id", "baton"},
        {"client_secret", "desk-secret"},
        {"webhook_secret", "desk-hook"},
        {"limits", "off"}},
       {{"client_id", "baton"}, {"webhook_tolerance", "10m"}},
       {{"client_secret", "desk-secret"}, {"webhook_secret", "desk-hook"}}},
      {kChat,
       "slack",
       "https://slack.com/api",
       {{"token", "xoxb-walk"},
        {"signing_secret", "slack-signing"},
        {"channel", "C0HANDOFFS"},
        {"limits", "off"},
        {"self_url", "https://hooks.slack.com"}},
       {{"channel", "C0HANDOFFS"}, {"hooks_url", "https://hooks.slack.com/"}},
       {{"token", "xoxb-walk"}, {"signing_secret", "slack-signing"}}},
      {kCrm,
       "hubspot",
       "https://api.hubapi.com",
       {{"token", "pat-walk"}, {"limits", "off"}},
       {{"version", "2026-09"}, {"closed_stages", "4"}},
       {{"token", "pat-walk"}}},
      {kTracker,
       "linear",
       "https://api.linear.app",
       {{"api_key", "lin_api_walk"}, {"webhook_secret", "linear-hook"}, {"limits", "off"}},
       {{"team", "ENG"}, {"webhook_tolerance", "10m"}},
       {{"api_key", "lin_api_walk"}, {"webhook_secret", "linear-hook"}}},
      {kPlatform,
       "standard_webhooks",
       "https://chat.example.com",
       {{"receive_secret", kPlatformSecret}, {"send_secret", kPlatformSecret}},
       {{"path", "/"}},
       {{"secret", kPlatformSecret}}},
  };
}

handoff::Rules make_rules() {
  handoff::Rule rule;
  rule.name = "everything";
  rule.to.context = {kCrm, kDesk};
  rule.to.tickets = kDesk;
  rule.to.alerts = {kChat};
  rule.to.record = kCrm;
  rule.to.platform = kPlatform;
  return {rule};
}

}  // namespace

Outside::Outside(DeskLookup desk) : connectors(sdk::make_connectors()), rules(make_rules()) {
  if (desk != DeskLookup::as_it_is) {
    connectors.push_back(std::make_unique<Blinded>(*connector_named(connectors, "zendesk"), desk));
  }
  for (auto& [id, connector, base_url, setup, settings, secrets] : places()) {
    auto vendor = simulation::make_vendor(connector, setup);
    BATON_CHECK(vendor);
    vendors.emplace(id, std::make_unique<simulation::FaultyVendor>(std::move(vendor)));
    auto account = std::make_unique<sdk::Account>();
    account->id = id;
    account->connector = connector_named(connectors, connector);
    if (id == kDesk && desk != DeskLookup::as_it_is) account->connector = connectors.back().get();
    account->base_url = base_url;
    settings["base_url"] = base_url;
    account->settings = sdk::Settings(settings);
    account->limits = {.per_second = 1000, .burst = 1000, .at_once = 4};
    for (auto& [field, value] : secrets) account->secrets[field].emplace_back(value);
    account->render = render;
    accounts.emplace(id, std::move(account));
  }
}

}  // namespace baton::walk
