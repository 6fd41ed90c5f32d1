// Purpose: who may take a handoff, and who may read what it is about. Pure.
// Owner: advance(). Threads: any. Errors: none; a refusal is a sentence for whom it concerns.
//
// A team and those that it overflows into take its handoffs. Where a sensitive topic is in it, only members
// who may see that. Somebody whom nobody knows at that place (no member of these teams has an account there)
// may take what is not sensitive: the destination's own doors decide who comes in.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/handoff/team.h"
#include "gateway/model/handoff.h"
#include "gateway/model/signal.h"

namespace baton::handoff {

// The topics in it that some member may see and others may not, as `sensitive` names them: its intent or its
// category bears the name, or it was found in what was said (Handoff::topics).
std::vector<std::string> sensitive_topics(const Handoff& handoff, const Teams& teams);

// Whether a person is this member: by their account at `from`, or through the API by id or address.
bool is_member(const Member& member, const DestinationId& from, std::string_view who);

// In the team and those that it overflows into, then in any; null: not known.
const Member* find_member(const Teams& teams, std::string_view team, const DestinationId& from,
                          std::string_view who);

// Nothing: who signals may take it.
std::optional<std::string> why_not_take(const Handoff& handoff, const Signal& signal, const Teams& teams);

// Whether a card there must not say what it is about: something in it is sensitive, and not everybody who
// reads there is known to be allowed to see it.
bool is_veiled(const Handoff& handoff, const DestinationId& destination, const Teams& teams);

// Whether this person, by id or address, may read what it is about. Nobody is known by a name alone that no
// team has; whoever took it was let in when they did.
bool may_read(const Handoff& handoff, std::string_view who, const Teams& teams);

// What may be said of it there, in place of the brief's headline.
std::string veil(const Handoff& handoff);

}  // namespace baton::handoff
