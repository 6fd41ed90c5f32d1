#include "gateway/app/demo_accounts.h"

#include <string_view>

namespace baton::app {
namespace {

struct Entry {
  std::string_view name;
  std::string_view settings;
};

// The simulators lift their rate limits here, and so does the demo where a burst would wait.
constexpr Entry kEntries[] = {
    {"zendesk", R"(
    client_id: baton
    client_secret: {secret: zendesk-client}
    webhook_secret: {secret: zendesk-hook}
    limits: {per_second: 50, burst: 50})"},
    {"slack", R"(
    token: {secret: slack-token}
    signing_secret: {secret: slack-signing}
    channel: C0HANDOFFS
    hooks_url: VENDOR/
    limits: {per_second: 50, burst: 50})"},
    {"hubspot", R"(
    token: {secret: hubspot-token})"},
    {"freshdesk", R"(
    api_key: {secret: freshdesk-key}
    webhook_secret: {secret: freshdesk-hook})"},
    {"salesforce", R"(
    client_id: 3MVG9Baton
    client_secret: {secret: salesforce-client}
    webhook_token: {secret: salesforce-flow})"},
    {"intercom", R"(
    token: {secret: intercom-token}
    client_secret: {secret: intercom-hook}
    admin_id: "991267696")"},
    {"stripe", R"(
    key: {secret: stripe-key})"},
    {"linear", R"(
    team: ENG
    api_key: {secret: linear-key}
    webhook_secret: {secret: linear-hook})"},
    {"teams", R"(
    address: {secret: teams-address})"},
    {"standard_webhooks", R"(
    path: /events
    secret: {secret: chat-signing})"},
};

}  // namespace

std::string demo_destinations(const std::string& vendors_url) {
  constexpr std::string_view kVendor = "VENDOR";
  std::string text;
  for (const auto& [name, settings] : kEntries) {
    const auto url = vendors_url + "/" + std::string(name);
    std::string lines(settings);
    if (const auto at = lines.find(kVendor); at != std::string::npos) lines.replace(at, kVendor.size(), url);
    text += "  " + std::string(name) + ":\n    base_url: " + url + lines + "\n";
  }
  return text;
}

std::string demo_routes() {
  return R"(teams:
  support: {members: [dana@acme.example, lee@acme.example]}
routes:
  - name: the-store
    when: {intent.category: store}
    to: {context: [stripe, freshdesk, linear], tickets: freshdesk, alerts: [slack, teams], bugs: linear,
         platform: standard_webhooks, team: support}
  - name: contracts
    when: {intent.category: contract}
    to: {context: [salesforce, stripe], tickets: salesforce, alerts: [slack, teams], record: hubspot,
         platform: standard_webhooks, team: support}
  - name: the-app
    when: {intent.category: app}
    to: {context: [intercom], tickets: intercom, alerts: [slack], platform: standard_webhooks, team: support}
  - name: urgent-errors
    when: {reason.trigger: error, priority: {at_least: high}}
    to: &everyone {context: [hubspot, zendesk, stripe], tickets: zendesk, alerts: [slack], record: hubspot,
                   bugs: linear, platform: standard_webhooks, team: support}
  - name: everything-else
    to: *everyone
bugs: {file: first}
)";
}

}  // namespace baton::app
