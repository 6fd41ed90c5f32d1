#include "gateway/app/store_task.h"

#include <chrono>
#include <thread>

#include "gateway/base/json_view.h"

namespace baton::app {

std::optional<Options> options_for_store(const Context& context) {
  Problems problems;
  auto options = read_options_only(context.config, problems);
  if (problems.empty()) return options;
  (void)complain(problems);
  return std::nullopt;
}

ExitCode run_store_task(const Context& context, const std::string& target, const nlohmann::json& body,
                        nlohmann::json& result) {
  auto asked = ask_admin(context, "POST", target, body);
  std::string receipt;
  for (;;) {
    if (!asked) return complain(ExitCode::unreachable, asked.error().detail);
    if (const auto refused = complain_about(*asked)) return *refused;
    const JsonView task(asked->body);
    if (receipt.empty()) receipt = task["receipt"].text();
    if (task["state"].text() != "running") break;
    std::this_thread::sleep_for(std::chrono::seconds(1));
    asked = ask_admin(context, "GET", "/v1/store");
  }
  const JsonView task(asked->body);
  if (task["state"].text() == "failed") return complain(ExitCode::refused, task["failure"].text());
  result = task["result"].object() ? *task["result"].raw() : nlohmann::json::object();
  if (!receipt.empty()) result["receipt"] = receipt;
  return ExitCode::ok;
}

Result<std::unique_ptr<OwnStore>> OwnStore::open(const Options& options, ExitCode& exit) {
  std::unique_ptr<OwnStore> own(new OwnStore());
  SqliteOptions store;
  store.directory = options.data_dir;
  auto journal = SqliteJournal::open(std::move(store), own->loop_, own->clock_);
  if (!journal) {
    exit = SqliteJournal::exit_code(journal.error());
    return journal.error();
  }
  own->journal_ = std::move(*journal);
  return own;
}

}  // namespace baton::app
