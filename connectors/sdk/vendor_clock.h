// Purpose: the one clock that a connector sees, the vendor's own, which stands in the Date header of its
// answers; and what is counted by it. Owner: none. Threads: any; pure. Errors: without the header nothing is
// counted.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/model/http.h"

namespace baton::sdk {

// "Fri, 20 Nov 2026 09:58:07 GMT"
std::optional<TimePoint> read_date(std::string_view date);
inline std::optional<TimePoint> vendor_now(const Reply& reply) {
  return read_date(header(reply.headers, "date"));
}

// How often a customer came: what was opened for them within 7 and 14 days, as `contacts_7d` and
// `contacts_14d`.
void count_contacts(const std::vector<std::optional<TimePoint>>& opened, std::optional<TimePoint> now,
                    nlohmann::json& history);

}  // namespace baton::sdk
