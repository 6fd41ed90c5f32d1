#pragma once

#include "gateway/base/date.h"

namespace baton::handoff {

inline TimePoint at(std::string_view text) { return parse_rfc3339(text).value(); }

}  // namespace baton::handoff
