// Purpose: reads the section `destinations`: each entry as its connector's manifest says.
// Owner: app/. Threads: any. Errors: Problems, all at once, with the nearest known name.
//
//   destinations:
//     zendesk:
//       connector: zendesk                 # default: the entry's own name
//       base_url: https://acme.zendesk.com
//       client_id: baton
//       client_secret: {secret: zendesk-client}
//       limits: {per_second: 5, burst: 10, at_once: 4}
//       workspace: main
//
// Where the manifest has shares of what the vendor allows, limits has slow_lookups_above and
// stop_lookups_above (percent) as well.
#pragma once

#include <span>

#include "connectors/sdk/account.h"
#include "gateway/model/node.h"
#include "secrets/references.h"

namespace baton::sdk {

// Secrets are resolved if `secrets` is given; without it (`baton check --no-secrets`) only their
// references are read.
Accounts read_accounts(const Node& section, std::span<const ConnectorPtr> connectors,
                       const secrets::Sources* secrets, Problems& problems);

}  // namespace baton::sdk
