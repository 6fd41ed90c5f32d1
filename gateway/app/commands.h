// Purpose: the commands of `baton`, grouped as people look for them. Each adds its words to the
// parser; what is typed runs when parsing is done.
// Owner: main. Threads: one. Errors: an ExitCode, after saying why on stderr.
#pragma once

#include <functional>

#include "gateway/app/cli.h"

namespace CLI {
class App;
}

namespace baton::app {

// What was chosen; set by the parser's callbacks, called by main.
using Chosen = std::function<ExitCode()>;

void add_run_commands(CLI::App& app, Context& context, Chosen& chosen);    // serve, sim, demo, send
void add_check_commands(CLI::App& app, Context& context, Chosen& chosen);  // check, config, routes, mapping
void add_decide_commands(CLI::App& app, Context& context, Chosen& chosen);  // decide
void add_connector_commands(CLI::App& app, Context& context, Chosen& chosen);  // connectors
void add_learning_commands(CLI::App& app, Context& context, Chosen& chosen);
void add_health_command(CLI::App& app, Context& context, Chosen& chosen);
void add_report_command(CLI::App& app, Context& context, Chosen& chosen);
void add_handoff_commands(CLI::App& app, Context& context, Chosen& chosen);  // handoff, delivery, dead-letter
void add_bug_commands(CLI::App& app, Context& context, Chosen& chosen);      // bugs
void add_queue_commands(CLI::App& app, Context& context, Chosen& chosen);  // queue, presence
void add_destination_commands(CLI::App& app, Context& context, Chosen& chosen);  // destinations
void add_alert_commands(CLI::App& app, Context& context, Chosen& chosen);        // alerts
void add_secret_commands(CLI::App& app, Context& context, Chosen& chosen);       // secret, token
void add_backup_commands(CLI::App& app, Context& context, Chosen& chosen);       // backup, restore
void add_fsck_command(CLI::App& app, Context& context, Chosen& chosen);
void add_erase_command(CLI::App& app, Context& context, Chosen& chosen);
void add_doctor_command(CLI::App& app, Context& context, Chosen& chosen);

}  // namespace baton::app
