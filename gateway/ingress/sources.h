// Purpose: the chat platforms that may send events, as the section `sources` names them.
// Owner: app/; read by ingress. Threads: immutable after loading, but for the rate budget, which
// belongs to the HTTP loop. Errors: read_sources reports every problem at once.
//
//   sources:
//     shop-chat:
//       event_source: https://chat.example.com   # the CloudEvents `source`; default: the name
//       secret: {secret: shop-chat}              # whsec_...; while it is rotated both are valid
//       max_per_second: 200                      # beyond it: 429, a platform what its connector says;
//                                                # default 0, no limit of its own
//     widget:
//       platform: chatwoot                       # a destination that is a chat platform: its own webhooks
//       come
//                                                # to /v1/in/widget, verified with the destination's secrets
//     ada:
//       mapping: ada.yaml                        # any JSON: a file of the mappings folder makes the event
//                                                # of it
//       verify: {standard_webhooks: {secret: {secret: ada}}}            # see verification.h
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sdk/account.h"
#include "gateway/base/rate_budget.h"
#include "gateway/ingress/verification.h"
#include "gateway/model/ids.h"
#include "gateway/model/node.h"
#include "secrets/references.h"
#include "secrets/webhook_signature.h"

namespace baton::ingress {

struct Source {
  std::string name;
  WorkspaceId workspace = WorkspaceId("main");
  std::string event_source;
  std::vector<secrets::SigningKey> keys;
  std::optional<DestinationId> platform;  // its webhooks are in its own words; no keys then
  std::string mapping;                    // the file that turns its JSON into events; no keys either
  Verification verification;              // of a source with a mapping
  // Makes the event, or a list of events, of {"body", "headers", "now"}: {"id", "type", "data"}; null: it
  // concerns no handoff. Set by app/ where there is a mapping.
  std::function<Result<nlohmann::json>(const nlohmann::json& scope)> render;
  std::unique_ptr<RateBudget> budget;  // null: no limit of its own
};

using Sources = std::map<std::string, Source, std::less<>>;

// `accounts`: the destinations, among which the platforms are.
// Secrets are resolved if `secrets` is given; without it only their references are read, and there are no
// keys.
Sources read_sources(const Node& section, const sdk::Accounts& accounts, const secrets::Sources* secrets,
                     TimePoint now, Problems& problems);

}  // namespace baton::ingress
