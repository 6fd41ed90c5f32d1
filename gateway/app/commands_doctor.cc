// doctor: a line for each thing that was looked at, and what to do about it.
#include <algorithm>
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/doctor.h"
#include "secrets/process_memory.h"

namespace baton::app {
namespace {

using health::Finding;
using health::Level;

ExitCode doctor(const Context& context, const DoctorOptions& options, bool as_json) {
  (void)secrets::keep_memory_private();  // before the first secret is read
  const auto findings = examine(context.config, options);
  const auto count = [&](Level level) { return std::ranges::count(findings, level, &Finding::level); };
  const auto warnings = count(Level::warning), problems = count(Level::problem);
  if (as_json || context.output == Output::json) {
    auto list = nlohmann::json::array();
    for (const auto& [check, level, text, remedy] : findings) {
      list.push_back({{"check", check}, {"level", name(level)}, {"text", text}, {"remedy", remedy}});
    }
    print_json({{"findings", std::move(list)}, {"warnings", warnings}, {"problems", problems}});
  } else {
    std::vector<std::vector<std::string>> rows;
    for (const auto& [check, level, text, remedy] : findings) {
      rows.push_back({std::string(name(level)), check, remedy.empty() ? text : text + " -> " + remedy});
    }
    print_table({"", "CHECK", "WHAT WAS FOUND -> WHAT TO DO"}, rows);
    std::cout << problems << (problems == 1 ? " problem, " : " problems, ") << warnings
              << (warnings == 1 ? " warning\n" : " warnings\n");
  }
  return problems == 0 ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_doctor_command(CLI::App& app, Context& context, Chosen& chosen) {
  auto offline = std::make_shared<bool>(false);
  auto as_json = std::make_shared<bool>(false);
  auto* command =
      app.add_subcommand("doctor", "Looks at everything that an operator would, and says what to do");
  command->add_flag("--offline", *offline, "Ask no destination and no name server");
  command->add_flag("--json", *as_json, "As `-o json`");
  command->callback([&context, &chosen, offline, as_json] {
    chosen = [&context, offline, as_json] {
      DoctorOptions options;
      options.online = !*offline;
      return doctor(context, options, *as_json);
    };
  });
}

}  // namespace baton::app
