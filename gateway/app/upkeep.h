// Purpose: what an operator asks of the store of a running gateway - back up, check, repair, forget a
// person - one at a time, and longer than a request may take.
// Owner: Gateway. Threads: the delivery loop; long reading happens on a thread of its own ("upkeep"),
// which the destructor joins. Errors: `retryable` while another one is under way.
#pragma once

#include <string>
#include <thread>

#include <nlohmann/json.hpp>

#include "gateway/api/api.h"
#include "gateway/base/scope.h"
#include "gateway/journal/sqlite/sqlite.h"

namespace baton::app {

class StoreUpkeep {
 public:
  StoreUpkeep(SqliteJournal& journal, Clock& clock, Scope& scope, std::string data_dir)
      : journal_(journal), clock_(clock), scope_(scope), data_dir_(std::move(data_dir)) {}

  // Answers how it ended, or, if that takes some seconds, that it is under way; then ask state().
  Task<nlohmann::json> start(api::StoreTask task);
  nlohmann::json state() const { return state_; }

  // What is under way ends early.
  void stop() { thread_.request_stop(); }

 private:
  Task<Done> run(api::StoreTask task);
  Task<nlohmann::json> carry_out(api::StoreTask task);
  Task<nlohmann::json> back_up(std::string to);
  Task<nlohmann::json> check(bool repair);
  Task<nlohmann::json> erase(Person person);
  template <class T>
  Task<T> on_thread(std::function<Result<T>(const std::stop_token&)> work);

  SqliteJournal& journal_;
  Clock& clock_;
  Scope& scope_;
  const std::string data_dir_;
  nlohmann::json state_ = {{"task", "none"}, {"state", "done"}};
  Bell ended_;
  std::jthread thread_;
};

// A report as the API and the command line show it.
nlohmann::json to_json(const FsckReport& report);

}  // namespace baton::app
