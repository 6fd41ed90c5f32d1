// Purpose: the life of an alert's own case: who is told of it, through which channel, and through the next
// one when that channel does not take it. Pure, as advance() is, which hands these cases over. Owner:
// advance(). Threads: any. Errors: what comes after the end is recorded in the case as refused.
//
// A case is opened by the event alert.raised and hears alert.worse, alert.repeated and alert.resolved, which
// ends it. Their data is the alert as channels get it. Its route's `alerts` are the channels in the order in
// which they are tried; of its `cards` each has been told, and one without an id has not taken it yet.
#pragma once

#include <string_view>

#include "gateway/handoff/advance.h"

namespace baton::handoff {

inline constexpr std::string_view kAlertSource = "baton:alerts";
inline constexpr auto kChannelPatience = Duration{60s};  // then the next channel is told too

inline bool is_alert(const Handoff& handoff) { return handoff.conversation.source == kAlertSource; }

// Precondition: is_alert(handoff).
Next advance_alert(Handoff handoff, Fact fact);

}  // namespace baton::handoff
