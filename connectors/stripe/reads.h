// Purpose: Stripe's requests, and its lists and customers from its answers. Pure.
// Owner: connector.cc. Threads: any. Errors: an answer that cannot be read is `retryable`.
// Source: fact sheet stripe, sections 1, 3.1 to 3.6.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::stripe {

// Every request carries the pinned version; without it the answer has the shape of the account's own.
class Paths {
 public:
  explicit Paths(const sdk::Settings& settings);

  sdk::Read customer(std::string_view id) const;
  sdk::Read customers_by_email(std::string_view email) const;
  sdk::Read search_customers(std::string_view email) const;
  sdk::Read any_customer() const;
  sdk::Read subscriptions(std::string_view customer, int limit = 20) const;
  sdk::Read open_invoices(std::string_view customer) const;
  sdk::Read charges(std::string_view customer) const;
  sdk::Read payment_intents(std::string_view customer) const;
  sdk::Read disputes(std::string_view charge) const;
  sdk::Read product(std::string_view id) const;
  sdk::Read any(std::string_view list) const;  // one object of /v1/<list>, whatever it is

 private:
  sdk::Read get(std::string target) const;

  Headers headers_;
};

// The ids that stand in paths: nothing else is ever put there.
bool is_id(std::string_view text, std::string_view prefix);

// The list's objects; an answer without a list is a failure, never "none".
Result<std::vector<nlohmann::json>> read_list(const Reply& reply, std::string_view what);
Result<nlohmann::json> read_object(const Reply& reply, std::string_view what);

// Those of the customers that bear this address, the newest first: neither the list (the address's capitals
// count) nor the search (it looks for words) says exactly that.
std::vector<nlohmann::json> with_email(std::vector<nlohmann::json> customers, std::string_view email);

// Whether the address can stand in a search query (a backslash's escape is not documented).
bool is_searchable(std::string_view email);

}  // namespace baton::stripe
