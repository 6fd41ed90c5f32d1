// fsck: reads every row of the store; with --repair sets aside what is damaged, after a backup.
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/backup.h"
#include "gateway/app/commands.h"
#include "gateway/app/store_task.h"
#include "gateway/app/upkeep.h"
#include "gateway/journal/sqlite/backup.h"

namespace baton::app {
namespace {

using nlohmann::json;

// What is lost with a damaged row, and what a person can do.
std::string advice(const std::string& damaged) {
  if (damaged.starts_with("handoff ")) {
    return "its conversation may go on with a new one; find the customer by the vendors' tickets";
  }
  if (damaged.starts_with("fact ")) return "an event or signal is unread: ask its sender to send it again";
  if (damaged.starts_with("job "))
    return "it will not be sent: look at the vendor, and do it by hand if it is not there";
  if (damaged.starts_with("pause ")) return "the destination runs: pause it again if it should not";
  return "a backup has it as it was";
}

ExitCode show_report(const Context& context, const json& report) {
  const JsonView view(report);
  const bool repairs = view["wants_repair"].boolean().value_or(false);
  if (context.output == Output::json) {
    print_json(report);
    return repairs ? ExitCode::finding : ExitCode::ok;
  }
  if (const auto backup = view["backup"].text(); !backup.empty()) std::cout << "backup: " << backup << '\n';
  std::vector<std::vector<std::string>> rows;
  for (const auto& name : items(view["damaged"]))
    rows.push_back({"damaged", name.text(), advice(name.text())});
  for (const auto& words : items(view["structure"])) {
    rows.push_back({"structure", words.text(), "restore the latest backup"});
  }
  if (!rows.empty()) print_table({"", "WHAT", "WHAT TO DO"}, rows);
  std::cout << view["rows"].id().value_or("0") << " rows read, " << items(view["damaged"]).size()
            << " damaged, " << view["set_aside"].id().value_or("0") << " of them set aside\n";
  if (repairs)
    std::cout << "`baton fsck --repair` sets the others aside, after a backup; the rest keeps flowing\n";
  return repairs ? ExitCode::finding : ExitCode::ok;
}

// Where no gateway runs.
Result<json> check_alone(const Options& options, bool repair, ExitCode& exit) {
  exit = ExitCode::refused;
  auto contents = examine_store(options.data_dir + "/journal.db");
  if (!contents) return contents.error();
  if (!repair || !contents->report.wants_repair()) return to_json(contents->report);
  const auto folder = options.data_dir + "/backups";
  std::error_code ignored;
  std::filesystem::create_directory(folder, ignored);
  const auto backup = make_backup(options.data_dir, folder, wall_now());
  if (!backup) return backup.error();
  auto store = OwnStore::open(options, exit);
  if (!store) return store.error();
  const auto report = (*store)->await((*store)->journal().repair(std::move(contents->report)));
  if (!report) return report.error();
  auto result = to_json(*report);
  result["backup"] = JsonView(*backup)["path"].text();
  return result;
}

ExitCode fsck(const Context& context, bool repair, const std::string& why) {
  const auto options = options_for_store(context);
  if (!options) return ExitCode::finding;
  if (!context.admin_url.empty() || store_is_owned(options->data_dir)) {
    json report;
    const auto exit = run_store_task(context, "/v1/store/check", {{"why", why}, {"repair", repair}}, report);
    return exit == ExitCode::ok ? show_report(context, report) : exit;
  }
  ExitCode exit = ExitCode::ok;
  const auto report = check_alone(*options, repair, exit);
  return report ? show_report(context, *report) : complain(exit, report.error().detail);
}

}  // namespace

void add_fsck_command(CLI::App& app, Context& context, Chosen& chosen) {
  auto repair = std::make_shared<bool>(false);
  auto why = std::make_shared<std::string>("fsck");
  auto* command = app.add_subcommand("fsck", "Reads every row of the store and says which are damaged");
  command->add_flag("--repair", *repair, "Set them aside, each alone, after a backup");
  command->add_option("--why", *why, "For the audit log of a running gateway")->capture_default_str();
  command->callback([&context, &chosen, repair, why] {
    chosen = [&context, repair, why] { return fsck(context, *repair, *why); };
  });
}

}  // namespace baton::app
