// Purpose: the `claims` section: with which key claim links are made, how long they live, and whose word is
// taken for who somebody is.
// Owner: the installation. Threads: immutable after loading. Errors: Problems, all at once.
#pragma once

#include <optional>
#include <string>

#include "connectors/sdk/account.h"
#include "gateway/model/node.h"
#include "secrets/claim_link.h"
#include "secrets/references.h"

namespace baton::app {

struct Claims {
  std::optional<secrets::ClaimLinks> links;  // nothing: there is no claim page
  std::string page;                          // "https://baton.example.com/claim/"
  Duration valid = std::chrono::days(7);
  std::string identity_header;  // in lower case; empty: people give their names
};

// `secrets` null: references are read and not opened.
Claims read_claims(const Node& section, const std::string& public_url, const secrets::Sources* secrets,
                   Problems& problems);

// Gives the account its claim_url. `claims` outlives it.
void bind_claims(const Claims& claims, sdk::Account& account);

}  // namespace baton::app
