// Purpose: the link behind the "Claim" button of surfaces that cannot send a click back (fact sheet
// microsoft-teams, section 3.3): it names one handoff, ends, and cannot be made by anybody else. Whoever
// follows it still has to confirm: link previews follow links too.
// Owner: delivery makes them, the claim page reads them. Threads: any; immutable.
// Units: the end is a whole second. Errors: `rejected` for a link that is not ours or has ended.
#pragma once

#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "gateway/base/time.h"
#include "gateway/model/ids.h"
#include "secrets/crypto.h"

namespace baton::secrets {

class ClaimLinks {
 public:
  static Result<ClaimLinks> make(const Secret& key);

  // "<handoff>.<end>.<code>", fit for one segment of a path.
  Result<std::string> token(const HandoffId& handoff, TimePoint end) const;
  Result<HandoffId> open(std::string_view token, TimePoint now) const;

 private:
  explicit ClaimLinks(MacKey key) : key_(std::move(key)) {}
  Result<std::string> code(std::string_view handoff, std::string_view end) const;

  MacKey key_;
};

}  // namespace baton::secrets
