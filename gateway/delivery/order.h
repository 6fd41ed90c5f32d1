// Purpose: handoff + job -> the order that a connector carries out. Pure.
// Owner: the worker, and `baton mapping render`. Threads: any.
// Errors: `rejected` when the mapping fails on this handoff, with the place in the mapping.
#pragma once

#include <functional>
#include <string_view>

#include <nlohmann/json.hpp>

#include "connectors/sdk/account.h"
#include "gateway/model/handoff.h"
#include "gateway/model/job.h"

namespace baton::delivery {

// All that a mapping can name: the event's data at the top, and handoff, brief, context, ticket,
// subject, settings, now.
// `looks_at`: whether a member is of any use; the brief alone costs more than the rest. Empty: all are.
nlohmann::json mapping_scope(const Handoff& handoff, const std::string& external_id,
                             const nlohmann::json& subject, const sdk::Settings& settings, TimePoint now,
                             const std::function<bool(std::string_view)>& looks_at = {});

// Takes out of it what those who read there must not see: what a customer typed in secret, and in a tracker
// their addresses too.
void mask_scope(Operation operation, const sdk::Manifest& manifest, nlohmann::json& scope);

Result<sdk::Order> make_order(const Handoff& handoff, const Job& job, const sdk::Account& account,
                              TimePoint now);

}  // namespace baton::delivery
