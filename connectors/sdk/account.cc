#include "connectors/sdk/account.h"

namespace baton::sdk {

const Secret& Account::secret(std::string_view field) const {
  static const Secret& kNone = *new Secret;  // lives as long as the process
  const auto found = secrets.find(field);
  return found == secrets.end() || found->second.empty() ? kNone : found->second.front();
}

}  // namespace baton::sdk
