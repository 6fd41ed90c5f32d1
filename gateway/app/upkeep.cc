#include "gateway/app/upkeep.h"

#include <pthread.h>

#include <algorithm>
#include <filesystem>

#include "gateway/app/backup.h"
#include "gateway/base/date.h"
#include "gateway/base/handback.h"
#include "gateway/journal/sqlite/backup.h"

namespace baton::app {

using nlohmann::json;

json to_json(const FsckReport& report) {
  const auto aside = std::ranges::count_if(report.found, &Damage::aside);
  return {{"rows", report.rows},
          {"damaged", report.damaged},
          {"set_aside", aside},
          {"structure", report.structure},
          {"wants_repair", report.wants_repair()}};
}

Task<json> StoreUpkeep::start(api::StoreTask task) {
  constexpr auto kPatience = Duration{8s};
  if (state_["state"] == "running") {
    co_return Failure(FailureKind::retryable,
                      "another task is under way in the store: " + state_["task"].get<std::string>() +
                          ", since " + state_["started_at"].get<std::string>());
  }
  state_ = {{"task", name(task.kind)}, {"state", "running"}, {"started_at", to_rfc3339(clock_.now())}};
  const auto seen = ended_.count();
  scope_.spawn(run(std::move(task)));
  (void)co_await ended_.wait(seen, clock_, clock_.now() + kPatience, scope_.stop_token());
  co_return state_;
}

Task<Done> StoreUpkeep::run(api::StoreTask task) {
  auto result = co_await carry_out(std::move(task));
  state_["state"] = result ? "done" : "failed";
  state_["ended_at"] = to_rfc3339(clock_.now());
  if (result) state_["result"] = std::move(*result);
  else state_["failure"] = result.error().detail;
  ended_.ring();
  co_return Done{};
}

Task<json> StoreUpkeep::carry_out(api::StoreTask task) {
  switch (task.kind) {
    case api::StoreTask::Kind::backup: return back_up(std::move(task.to));
    case api::StoreTask::Kind::check: return check(false);
    case api::StoreTask::Kind::repair: return check(true);
    case api::StoreTask::Kind::erase: break;
  }
  return erase(std::move(task.person));
}

template <class T>
Task<T> StoreUpkeep::on_thread(std::function<Result<T>(const std::stop_token&)> work) {
  co_return co_await from_thread<T>(clock_, [this, &work](Handback<T> handback) {
    thread_ = std::jthread([work, handback = std::move(handback)](const std::stop_token& stop) mutable {
      ::pthread_setname_np(::pthread_self(), "upkeep");
      handback.complete(work(stop));
    });
  });
}

Task<json> StoreUpkeep::back_up(std::string to) {
  if (to.empty()) {
    to = data_dir_ + "/backups";
    std::error_code ignored;
    std::filesystem::create_directory(to, ignored);
  }
  std::function<Result<json>(const std::stop_token&)> work =
      [from = data_dir_, to, now = clock_.now()](const std::stop_token& stop) {
        return make_backup(from, to, now, stop);
      };
  return on_thread<json>(std::move(work));
}

// Nothing is set aside before there is a copy of it as it was.
Task<json> StoreUpkeep::check(bool repair) {
  std::function<Result<StoreContents>(const std::stop_token&)> work =
      [file = data_dir_ + "/journal.db"](const std::stop_token&) { return examine_store(file); };
  auto contents = co_await on_thread<StoreContents>(std::move(work));
  if (!contents) co_return contents.error();
  if (!repair || !contents->report.wants_repair()) co_return to_json(contents->report);
  const auto backup = co_await back_up("");
  if (!backup) co_return backup.error();
  const auto report = co_await journal_.repair(std::move(contents->report));
  if (!report) co_return report.error();
  auto result = to_json(*report);
  result["backup"] = (*backup)["path"];
  co_return result;
}

Task<json> StoreUpkeep::erase(Person person) {
  const auto erased = co_await journal_.erase(std::move(person));
  if (!erased) co_return erased.error();
  co_return json{{"handoffs", erased->handoffs}, {"mentions", erased->mentions}};
}

}  // namespace baton::app
