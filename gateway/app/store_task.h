// Purpose: what the commands share that work on the store: whether a gateway owns it and has to be asked,
// asking it for a task that may take long, and a journal of our own where nobody owns it.
// Owner: a command. Threads: one. Errors: an ExitCode, after saying why on stderr.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/app/cli.h"
#include "gateway/app/options.h"
#include "gateway/base/scope.h"
#include "gateway/journal/sqlite/sqlite.h"

namespace baton::app {

// Nothing if the configuration cannot be read; every problem has been reported then.
std::optional<Options> options_for_store(const Context& context);

// Begins the task and waits until it has ended. `result` is what it found or did, `receipt` among it.
ExitCode run_store_task(const Context& context, const std::string& target, const nlohmann::json& body,
                        nlohmann::json& result);

// Opens the store while no gateway runs, and lets `work` use it.
class OwnStore {
 public:
  static Result<std::unique_ptr<OwnStore>> open(const Options& options, ExitCode& exit);

  SqliteJournal& journal() { return *journal_; }
  Clock& clock() { return clock_; }

  template <class T>
  Result<T> await(Task<T> task) {
    std::optional<Result<T>> answer;
    Scope scope(loop_.get_executor(), clock_);
    const auto stay = net::make_work_guard(loop_);
    scope.spawn(std::move(task), [&](Result<T> got) {
      answer.emplace(std::move(got));
      loop_.stop();
    });
    loop_.restart();
    loop_.run();
    BATON_CHECK(answer);
    return std::move(*answer);
  }

 private:
  OwnStore() = default;

  Loop loop_;
  RealClock clock_{loop_};
  std::unique_ptr<SqliteJournal> journal_;
};

}  // namespace baton::app
