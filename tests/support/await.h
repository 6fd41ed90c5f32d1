// Purpose: lets a test that stands outside of the loop wait for what runs on it. Owner: none. Threads: the
// loop's. Units: virtual time. Errors: the task's own; the test ends if nothing came within `at_most`.
#pragma once

#include <optional>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/scope.h"
#include "gateway/base/clock.h"

namespace baton {

template <class T>
Result<T> await_on(Scope& scope, VirtualClock& clock, Task<T> task, TimePoint at_most = TimePoint::max()) {
  std::optional<Result<T>> result;
  scope.spawn(std::move(task), [&result](Result<T> got) { result.emplace(std::move(got)); });
  clock.run(at_most, [&result] { return result.has_value(); });
  BATON_CHECK(result);
  return std::move(*result);
}

}  // namespace baton
