// Purpose: an account's secrets, as connectors may use them to verify webhooks.
// Owner: whoever handles the request; the account outlives it. Threads: any. Errors: as Keys.
#pragma once

#include "connectors/sdk/account.h"

namespace baton::sdk {

class AccountKeys final : public Keys {
 public:
  explicit AccountKeys(const Account& account) : account_(account) {}
  bool matches(Mac kind, std::string_view field, std::string_view message,
               std::string_view mac) const override;
  Result<std::string> standard_webhook(const RawRequest& request, std::string_view field) const override;

 private:
  const Account& account_;
};

}  // namespace baton::sdk
