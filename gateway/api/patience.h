// Purpose: how long a question may take that looks at every handoff: the API and the command that asks it
// agree.
#pragma once

#include "gateway/base/time.h"

namespace baton::api {

// It gives up after the first and says so; its answer may take the second, and whoever asks waits that long.
inline constexpr auto kLongQuestion = Duration{5min}, kLongAnswer = kLongQuestion + Duration{30s};

}  // namespace baton::api
