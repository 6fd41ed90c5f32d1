#include "connectors/sdk/account_secrets.h"

#include <algorithm>
#include <array>

namespace baton::sdk {
namespace {

struct SecretOf {
  std::string operator()(const NoAuth&) const { return {}; }
  std::string operator()(const RefreshToken&) const {
    return {};
  }  // a public client has no secret of its own
  template <class Scheme>
  std::string operator()(const Scheme& scheme) const {
    return scheme.field;
  }
};

bool is_secret(const Field& field) {
  return field.need == Need::secret || field.need == Need::optional_secret;
}

}  // namespace

std::string authorising_secret(const Auth& auth) { return std::visit(SecretOf{}, auth); }

std::vector<std::string> other_ways(const Connector& connector, const Settings& settings) {
  const auto now = authorising_secret(connector.auth(settings));
  std::vector<std::string> ways;
  for (const auto& field : connector.manifest().fields) {
    const bool chosen_from_a_list = field.wrong && !field.wrong("x").empty();
    if (is_secret(field) || chosen_from_a_list || !settings[field.name].empty()) continue;
    auto values = settings.all();
    values[std::string(field.name)] = "x";
    const auto other = authorising_secret(connector.auth(Settings(std::move(values))));
    if (!other.empty() && other != now)
      ways.push_back("`" + std::string(field.name) + "` with `" + other + "`");
  }
  return ways;
}

std::vector<std::string_view> verifying_secrets(const Connector& connector, const Settings& settings) {
  constexpr auto kNames =
      std::to_array<std::string_view>({"webhook_secret", "webhook_token", "signing_secret", "url_token"});
  std::vector<std::string_view> found;
  const auto authorises = authorising_secret(connector.auth(settings));
  for (const auto& field : connector.manifest().fields) {
    if (is_secret(field) && std::ranges::find(kNames, field.name) != kNames.end())
      found.push_back(field.name);
  }
  if (!found.empty()) return found;
  // Where requests bear a token, an app's own secret is there for what it sends.
  for (const auto& field : connector.manifest().fields) {
    if (is_secret(field) && field.name == "client_secret" && field.name != authorises)
      found.push_back(field.name);
  }
  return found;
}

}  // namespace baton::sdk
