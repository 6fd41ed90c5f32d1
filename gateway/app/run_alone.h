// Purpose: one task on a loop that nobody else runs: what a command does outside of a gateway. Owner: the
// command. Threads: the one that calls; it returns when the task has ended. Errors: the task's own.
#pragma once

#include <optional>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/scope.h"

namespace baton::app {

template <class T>
Result<T> run_alone(Loop& loop, Clock& clock, Task<T> task) {
  std::optional<Result<T>> result;
  Scope scope(loop, clock);
  scope.spawn(std::move(task), [&](Result<T> got) {
    result.emplace(std::move(got));
    loop.stop();
  });
  loop.restart();
  loop.run();
  BATON_CHECK(result);
  return std::move(*result);
}

}  // namespace baton::app
