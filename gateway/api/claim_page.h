// Purpose: the page behind the "Claim" button of surfaces that cannot send a click back: it shows what the
// handoff is about, and takes it for whoever confirms. Opening it changes nothing: link previews and mail
// scanners open links too.
// Owner: app/, on the public listener. Threads: the loop of its journal, clock and random.
// Errors: pages for people: 404 for a link that is not ours or has ended, 409 when somebody else has it, 422
// without a name, 503 when the journal cannot answer.
//
// Who claims: where a sign-in proxy stands before the listener and the configuration names its header, the
// proxy's word; else the name that the person gives. The link itself is known to the channel alone.
#pragma once

#include <string>

#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "gateway/journal/journal.h"
#include "gateway/model/http.h"
#include "secrets/claim_link.h"

namespace baton::api {

class ClaimPage {
 public:
  // `identity_header` in lower case, or empty.
  ClaimPage(Journal& journal, Clock& clock, Random& random, const secrets::ClaimLinks& links,
            std::string identity_header)
      : journal_(journal), clock_(clock), random_(random), links_(links),
        identity_header_(std::move(identity_header)) {}

  Task<Reply> show(RawRequest request);   // GET /claim/{token}
  Task<Reply> claim(RawRequest request);  // POST /claim/{token}

 private:
  std::string name_of(const RawRequest& request) const;

  Journal& journal_;
  Clock& clock_;
  Random& random_;
  const secrets::ClaimLinks& links_;
  const std::string identity_header_;
};

}  // namespace baton::api
