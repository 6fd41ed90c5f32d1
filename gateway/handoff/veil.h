// Purpose: a handoff for those who may not read it: that it is there, whose it is, how it stands, and no word
// of its content. Cards, the API and the command line all show this one. Pure. Who may read: permission.h.
// Owner: delivery and the API. Threads: any. Errors: none.
#pragma once

#include "gateway/handoff/brief.h"
#include "gateway/model/handoff.h"

namespace baton::handoff {

Handoff veiled(const Handoff& handoff);
Brief veiled_brief(const Handoff& handoff);

}  // namespace baton::handoff
