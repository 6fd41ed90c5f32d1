// decide: what POST /v1/decisions would answer, and why.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/installation.h"
#include "gateway/base/json_view.h"
#include "gateway/handoff/decide.h"

namespace baton::app {
namespace {

using nlohmann::json;

void print_decision(const handoff::HandoverDecision& decision) {
  std::cout << (decision.hand_over ? "hand over" : decision.offer ? "go on, and offer a person" : "go on");
  if (!decision.team.empty()) std::cout << ", to " << decision.team;
  if (decision.hand_over) std::cout << ", priority " << name(decision.priority);
  std::cout << "\ncategory " << decision.category << " (" << name_of(decision.ownership) << "), "
            << name_of(decision.mood);
  if (decision.confidence)
    std::cout << ", confidence " << *decision.confidence << " of " << decision.threshold;
  std::cout << '\n';
  for (const auto& reason : decision.why) {
    std::cout << "  " << reason.row << "  " << reason.at.text() << "\n      " << reason.because << '\n';
  }
}

void print_trials(const std::vector<handoff::RowTrial>& trials) {
  std::cout << "\nrows that did not fire:\n";
  for (const auto& trial : trials) {
    if (!trial.fired)
      std::cout << "  " << trial.row << "  " << trial.at.text() << "\n      " << trial.missing << '\n';
  }
}

ExitCode run(const Context& context, const std::string& path, bool with_trials) {
  const auto text = read_file(path);
  if (!text) return complain(ExitCode::finding, text.error().detail);
  auto event = parse_json(*text, FailureKind::rejected, path);
  if (!event) return complain(ExitCode::finding, event.error().detail);
  // The whole CloudEvent or only its data.
  const json request = JsonView(*event)["data"].object() ? (*event)["data"] : *event;
  const auto loaded = load_installation(context.config, false, wall_now());
  if (!loaded.problems.empty()) return complain(loaded.problems);
  const auto& rules = loaded.installation.decisions;
  const auto decision = handoff::decide(request, rules);
  const auto trials = with_trials ? handoff::explain(request, rules) : std::vector<handoff::RowTrial>();
  if (context.output == Output::json) {
    auto body = to_json(decision);
    for (const auto& trial : trials) {
      body["trials"].push_back(
          {{"row", trial.row}, {"at", trial.at.text()}, {"fired", trial.fired}, {"missing", trial.missing}});
    }
    print_json(body);
    return ExitCode::ok;
  }
  print_decision(decision);
  if (with_trials) print_trials(trials);
  return ExitCode::ok;
}

}  // namespace

void add_decide_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto file = std::make_shared<std::string>();
  auto with_trials = std::make_shared<bool>(false);
  auto* decide = app.add_subcommand("decide", "Whether a conversation should be handed over, and why");
  decide->add_option("--event", *file, "The event, or its data, as JSON; - for standard input")->required();
  decide->add_flag("--explain", *with_trials, "Also the rows that did not fire, and what they lacked");
  decide->callback([&context, &chosen, file, with_trials] {
    chosen = [&context, file, with_trials] { return run(context, *file, *with_trials); };
  });
}

}  // namespace baton::app
