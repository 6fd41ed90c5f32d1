// decide: what POST /v1/decisions would answer, and why.
#include <iostream>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/installation.h"
#include "gateway/base/json_view.h"
#include "gateway/handoff/classifier_learn.h"
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

// `[{"data": ..., "label": {"handoff": true}}, ...]`, as in tests/decisions/labelled.
std::optional<std::string> add_lessons(const std::string& path, const handoff::DecisionRules& rules,
                                       std::vector<handoff::Lesson>& lessons) {
  const auto text = read_file(path);
  if (!text) return text.error().detail;
  const auto labelled = parse_json(*text, FailureKind::rejected, path);
  if (!labelled) return labelled.error().detail;
  if (!labelled->is_array()) return path + " must be a list of conversations, each with `data` and `label`";
  for (std::size_t i = 0; i < labelled->size(); ++i) {
    const JsonView one((*labelled)[i]);
    const auto label = one["label"]["handoff"].boolean();
    if (!label || !one["data"].object()) {
      return path + ": [" + std::to_string(i) +
             "] needs `data`, what the event decision.requested bears, and `label.handoff`: true or false";
    }
    lessons.push_back({handoff::heard_in((*labelled)[i]["data"], rules), *label});
  }
  return std::nullopt;
}

ExitCode learn(const Context& context, const std::vector<std::string>& paths) {
  const auto loaded = load_installation(context.config, false, wall_now());
  if (!loaded.problems.empty()) return complain(loaded.problems);
  std::vector<handoff::Lesson> lessons;
  for (const auto& path : paths) {
    if (const auto wrong = add_lessons(path, loaded.installation.decisions, lessons))
      return complain(ExitCode::finding, *wrong);
  }
  std::cout << "# How much each word speaks for a person, learnt from " << lessons.size()
            << " labelled conversations by `baton decide --learn`.\n"
            << handoff::learn_weights(lessons);
  return ExitCode::ok;
}

}  // namespace

void add_decide_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto file = std::make_shared<std::string>();
  auto with_trials = std::make_shared<bool>(false);
  auto* decide = app.add_subcommand("decide", "Whether a conversation should be handed over, and why");
  auto lessons = std::make_shared<std::vector<std::string>>();
  auto* event = decide->add_option("--event", *file, "The event, or its data, as JSON; - for standard input");
  decide->add_flag("--explain", *with_trials, "Also the rows that did not fire, and what they lacked");
  decide
      ->add_option("--learn", *lessons,
                   "Files of labelled conversations: writes the table for decisions/learned.tsv")
      ->excludes(event);
  decide->require_option(1, 2);
  decide->callback([&context, &chosen, file, with_trials, lessons] {
    chosen = [&context, file, with_trials, lessons] {
      if (!lessons->empty()) return learn(context, *lessons);
      if (file->empty()) return complain(ExitCode::usage, "--event FILE or --learn FILE... is needed");
      return run(context, *file, *with_trials);
    };
  });
}

}  // namespace baton::app
