// Purpose: how the API words its answers. Pure. Owner: the API's handlers. Threads: any.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/journal/journal.h"
#include "gateway/model/http.h"

namespace baton::api {

Reply ok(const nlohmann::json& body);
Reply problem(int status, std::string_view code, std::string_view title, std::string_view detail);
// `rejected` is 404, everything else 503.
Reply problem_of(const Failure& failure);

// What a question took too long for that looks at every handoff.
Reply too_many_handoffs();

nlohmann::json summary_of(const Handoff& handoff);
nlohmann::json summary_of(const Job& job);

// state, destination, operation, handoff, failure, from, to, limit, after: from a query string, or
// from a JSON object for which `given` answers. The first word that cannot be read is the failure.
using Given = std::function<std::optional<std::string>(std::string_view name)>;
Result<JobQuery> read_job_query(const Given& given);

// `from` and `to` of a query string: RFC 3339, or a day, which begins at midnight UTC.
Result<HandoffQuery> read_range(const std::string& target, int page);

// `limit` of a query string, from 1 to `most`; nullopt if it is anything else.
std::optional<int> read_limit(const std::string& target, int otherwise, int most);

}  // namespace baton::api
