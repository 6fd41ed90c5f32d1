#include "connectors/sdk/account.h"

namespace baton::sdk {

const Secret& Account::secret(std::string_view field) const {
  static const Secret& kNone = *new Secret;  // lives as long as the process
  const auto found = secrets.find(field);
  return found == secrets.end() || found->second.empty() ? kNone : found->second.front();
}

Abilities abilities(const Accounts& accounts) {
  Abilities all;
  for (const auto& [id, account] : accounts) {
    auto& can = all[id];  // also of one that can do nothing: not named would mean that it takes events
    for (const auto& action : account->connector->manifest().actions) can.insert(action.operation);
  }
  return all;
}

}  // namespace baton::sdk
