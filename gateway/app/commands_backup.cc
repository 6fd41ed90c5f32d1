// backup: by the running gateway, or by itself where none runs. restore: into an empty data directory.
#include <filesystem>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/backup.h"
#include "gateway/app/commands.h"
#include "gateway/app/store_task.h"
#include "gateway/base/json_view.h"
#include "gateway/journal/sqlite/backup.h"

namespace baton::app {
namespace {

using nlohmann::json;

// The gateway has a working directory of its own.
std::string absolute(const std::string& path) {
  return path.empty() ? path : std::filesystem::absolute(path).lexically_normal().string();
}

ExitCode show(const Context& context, const json& manifest, const std::string& path) {
  const JsonView view(manifest);
  const auto damaged = items(view["damaged"]).size() + items(view["structure"]).size();
  if (context.output == Output::json) {
    print_json(manifest);
  } else {
    const auto rows = view["rows"];
    std::cout << path << "\n  as of " << view["made_at"].text() << ", schema "
              << view["schema"].id().value_or("?") << ": " << rows["handoffs"].id().value_or("?")
              << " handoffs (" << rows["open_handoffs"].id().value_or("?") << " open), "
              << rows["jobs"].id().value_or("?") << " deliveries and plans, "
              << rows["facts"].id().value_or("?") << " events and signals\n";
  }
  if (damaged != 0) {
    std::cerr << "baton: " << damaged << " parts of the store are damaged, in the backup as in the original: "
              << "`baton fsck` names them\n";
  }
  return damaged == 0 ? ExitCode::ok : ExitCode::finding;
}

ExitCode backup(const Context& context, const std::string& to, const std::string& why) {
  const auto options = options_for_store(context);
  if (!options) return ExitCode::finding;
  json manifest;
  if (!context.admin_url.empty() || store_is_owned(options->data_dir)) {
    const auto exit =
        run_store_task(context, "/v1/store/backup", {{"why", why}, {"to", absolute(to)}}, manifest);
    if (exit != ExitCode::ok) return exit;
  } else {
    auto made = make_backup(options->data_dir, absolute(to), wall_now());
    if (!made) return complain(ExitCode::refused, made.error().detail);
    manifest = std::move(*made);
  }
  const auto exit = show(context, manifest, JsonView(manifest)["path"].text());
  std::cerr << "The root key " << options->root_key_path
            << " is not in it: keep a copy apart from the backups. Without it nobody can open the secrets.\n";
  return exit;
}

ExitCode restore(const Context& context, const std::string& from, const std::string& to) {
  auto restored = restore_backup(from, to);
  if (!restored) return complain(ExitCode::refused, restored.error().detail);
  const auto exit = show(context, *restored, to);
  std::cerr
      << "Now put the root key in its place, name " << to
      << " as `data_dir`, and rotate again what was rotated since. `baton doctor` looks at all of it.\n";
  return exit;
}

}  // namespace

void add_backup_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto to = std::make_shared<std::string>();
  auto from = std::make_shared<std::string>();
  auto why = std::make_shared<std::string>("backup");
  auto* make = app.add_subcommand("backup", "Copies store, sealed secrets and tokens, also while it runs");
  make->add_option("--to", *to, "The new folder; one inside of it, if it is there")->required();
  make->add_option("--why", *why, "For the audit log of a running gateway")->capture_default_str();
  make->callback(
      [&context, &chosen, to, why] { chosen = [&context, to, why] { return backup(context, *to, *why); }; });
  auto* again = app.add_subcommand("restore", "Verifies a backup and makes a data directory of it");
  again->add_option("--from", *from, "The backup's folder")->required();
  again->add_option("--to", *to, "The data directory: empty, or not there yet")->required();
  again->callback([&context, &chosen, from, to] {
    chosen = [&context, from, to] { return restore(context, *from, *to); };
  });
}

}  // namespace baton::app
