// Purpose: a destination as it is configured: which connector, where, with which settings, secrets
// and mapping. Made once at start (or reload), read by the stations.
// Owner: app/. Threads: immutable, except that a Secret may be shared by readers.
// Errors: read_account reports every problem at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sdk/connector.h"
#include "gateway/base/secret.h"
#include "gateway/base/time.h"
#include "gateway/model/handoff.h"
#include "gateway/model/ids.h"

namespace baton::sdk {

struct Account {
  DestinationId id;
  WorkspaceId workspace = WorkspaceId("main");
  const Connector* connector = nullptr;
  std::string base_url;  // without a slash at its end
  Settings settings;
  Limits limits;
  std::map<std::string, std::vector<Secret>, std::less<>> secrets;  // by field; current value first
  // When a credential that does not renew itself stops to be good, as whoever made it wrote it down: vendors
  // do not tell it of static tokens.
  std::optional<TimePoint> credential_ends;
  std::vector<std::string> advice;  // what is allowed and still unwise
  // Renders an operation's document from what is known; null where the mapping has none.
  std::function<Result<nlohmann::json>(Operation, const nlohmann::json& scope)> render;
  // Whether that document may look at this member of the scope: what it does not is not computed. Empty: it
  // may look at any.
  std::function<bool(Operation, std::string_view member)> looks_at;
  // Takes secrets out of what a vendor said and cuts it, before it is journalled or shown. It gets the
  // whole text: half a secret at a cut would not be recognised. Empty: it is cut only.
  std::function<std::string(std::string_view)> redact;
  // Told of a credential that was obtained at run time, before its first use: redact must know it too.
  // It takes the place of the former one of this kind ("access_token").
  std::function<void(std::string_view kind, const Secret&)> learn;
  // Puts a secret that the vendor replaced (a refresh token) where the field's value came from, durably.
  // Empty: there is no such place.
  std::function<Result<Done>(std::string_view field, const Secret&)> keep;
  // The field's value as it is there now: somebody else may have replaced it since it was read.
  std::function<Result<Secret>(std::string_view field)> latest;
  // The right to renew that secret at the vendor, held as long as the answer lives; null: somebody else has
  // it, in this process or beside it. Empty: nobody else can have it.
  struct Turn {
    Turn() = default;
    Turn(const Turn&) = delete;
    virtual ~Turn() = default;
  };
  std::function<Result<std::unique_ptr<Turn>>(std::string_view field)> turn;
  std::map<std::string, std::string, std::less<>>
      stored_as;  // by field: its name in the sealed store, if it is there

  // The page where a person claims this handoff, for cards that cannot send a click back. Empty: there is
  // none. The same for the whole of a handoff's life, so that a repeated request has the same bytes.
  std::function<std::string(const HandoffId&, TimePoint requested_at)> claim_url;

  // The current secret of a field, or an empty one.
  const Secret& secret(std::string_view field) const;
};

using Accounts = std::map<DestinationId, std::unique_ptr<Account>>;

Abilities abilities(const Accounts& accounts);

}  // namespace baton::sdk
