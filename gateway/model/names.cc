// The way back from the names that journal, metrics and people see to the values.
#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/model/handoff.h"
#include "gateway/model/job.h"

namespace baton {
namespace {

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view text) {
  const auto found = std::ranges::find(names, text);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::optional<Priority> priority_from(std::string_view text) { return find<Priority>(kPriorityNames, text); }
std::optional<State> state_from(std::string_view text) { return find<State>(kStateNames, text); }
std::optional<Operation> operation_from(std::string_view text) {
  return find<Operation>(kOperationNames, text);
}
std::optional<JobState> job_state_from(std::string_view text) { return find<JobState>(kJobStateNames, text); }

std::optional<FailureKind> failure_kind_from(std::string_view text) {
  using enum FailureKind;
  for (const auto kind :
       {retryable, rate_limited, auth_expired, ambiguous, rejected, target_gone, misconfigured}) {
    if (name(kind) == text) return kind;
  }
  return std::nullopt;
}

std::optional<JobKey> job_key_from(std::string_view text) {
  const auto parts = split(text, '/');
  if (parts.size() != 4) return std::nullopt;
  const auto operation = operation_from(parts[2]);
  if (!operation && parts[2] != "plan") return std::nullopt;
  int sequence = 0;
  for (const char digit : parts[3]) {
    if (digit < '0' || digit > '9' || sequence > 100'000'000) return std::nullopt;
    sequence = sequence * 10 + (digit - '0');
  }
  if (sequence == 0) return std::nullopt;
  return JobKey(HandoffId(std::string(parts[0])), Lane(std::string(parts[1])),
                operation ? Work(*operation) : Work(Upkeep::plan), sequence);
}

}  // namespace baton
