// The command line: words, options and exit codes. Every command is a function of its own.
#include <csignal>
#include <iostream>

#include <CLI/CLI.hpp>

#include "gateway/app/commands.h"

namespace {

constexpr auto kVersion = "baton 0.1.0";

// CLI11 has its own numbers; ours say "usage".
int complain_about_usage(const CLI::App& app, const CLI::ParseError& error) {
  const bool asked_for_help = error.get_exit_code() == 0;
  app.exit(error);
  return asked_for_help ? 0 : static_cast<int>(baton::ExitCode::usage);
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer that hangs up is an error of that write, not our end
  baton::app::Context context;
  baton::app::Chosen chosen;
  CLI::App app("Baton carries a conversation from an AI agent to a person and back.", "baton");
  app.require_subcommand(1);
  app.fallthrough();  // `baton check --config X` is as good as `baton --config X check`
  app.set_version_flag("--version", kVersion);
  app.add_option("-c,--config", context.config, "The configuration file")->capture_default_str();
  app.add_option("--admin", context.admin_url, "The admin API, for commands that ask a running gateway");
  std::map<std::string, baton::app::Output> outputs = {{"table", baton::app::Output::table},
                                                       {"json", baton::app::Output::json}};
  app.add_option("-o,--output", context.output, "table or json")->transform(CLI::CheckedTransformer(outputs));
  app.add_subcommand("version", "Says which Baton this is")->callback([&] {
    chosen = [] {
      std::cout << kVersion << '\n';
      return baton::ExitCode::ok;
    };
  });
  baton::app::add_run_commands(app, context, chosen);
  baton::app::add_check_commands(app, context, chosen);
  baton::app::add_decide_commands(app, context, chosen);
  baton::app::add_connector_commands(app, context, chosen);
  baton::app::add_handoff_commands(app, context, chosen);
  baton::app::add_learning_commands(app, context, chosen);
  baton::app::add_bug_commands(app, context, chosen);
  baton::app::add_report_command(app, context, chosen);
  baton::app::add_health_command(app, context, chosen);
  baton::app::add_queue_commands(app, context, chosen);
  baton::app::add_destination_commands(app, context, chosen);
  baton::app::add_alert_commands(app, context, chosen);
  baton::app::add_secret_commands(app, context, chosen);
  baton::app::add_backup_commands(app, context, chosen);
  baton::app::add_fsck_command(app, context, chosen);
  baton::app::add_erase_command(app, context, chosen);
  baton::app::add_doctor_command(app, context, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return complain_about_usage(app, error);
  }
  return baton::app::to_int(chosen ? chosen() : baton::ExitCode::usage);
}
