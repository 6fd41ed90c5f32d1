// The moment in which these tests play.
#pragma once

#include "gateway/base/time.h"

namespace baton::secrets {

inline constexpr TimePoint kNow{std::chrono::seconds(1'788'257'734)};  // 2026-09-01T10:15:34Z

}  // namespace baton::secrets
