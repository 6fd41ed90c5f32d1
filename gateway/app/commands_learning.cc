// resolutions, gaps: what handoffs teach, for whoever trains the AI or writes the documentation.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::app {
namespace {

struct LessonQuestion {
  std::string from, to, category;

  std::string target(std::string_view path, int limit) const {
    auto target = std::string(path) + "?limit=" + std::to_string(limit);
    for (const auto& [word, value] : {std::pair("from", &from), {"to", &to}, {"category", &category}})
      if (!value->empty()) target += "&" + std::string(word) + "=" + percent_encode(*value);
    return target;
  }
};

// A page after the other, so that neither side ever holds them all.
ExitCode print_resolutions(const Context& context, const LessonQuestion& question) {
  constexpr int kPage = 200;
  for (auto target = question.target("/v1/resolutions", kPage); !target.empty();) {
    const auto asked = ask_admin(context, "GET", target);
    if (!asked) return complain(ExitCode::unreachable, asked.error().detail);
    if (const auto refused = complain_about(*asked)) return *refused;
    std::cout << asked->text;
    target = asked->next;
  }
  return ExitCode::ok;
}

void print_gaps(JsonView body) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& gap : items(body["gaps"])) {
    std::string handoffs;
    for (const auto& id : items(gap["handoffs"])) handoffs += (handoffs.empty() ? "" : " ") + id.text();
    rows.push_back({gap["count"].id().value_or(""), gap["last_seen"].text().substr(0, 10),
                    gap["category"].text(), gap["question"].text(), handoffs});
  }
  print_table({"ASKED", "LAST", "CATEGORY", "QUESTION", "HANDOFFS"}, rows);
  if (const auto beyond = body["beyond"].id().value_or("0"); beyond != "0")
    std::cout << "and " << beyond << " handoffs of rarer questions\n";
}

void add_range(CLI::App& command, LessonQuestion& question) {
  command.add_option("--from", question.from, "Requested at or after, 2026-09-01");
  command.add_option("--to", question.to, "Requested before");
}

}  // namespace

void add_learning_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto question = std::make_shared<LessonQuestion>();
  auto* resolutions = app.add_subcommand(
      "resolutions", "What people answered where the AI had no answer, as JSON lines without personal data");
  add_range(*resolutions, *question);
  resolutions->add_option("--category", question->category, "Only of this category");
  resolutions->callback([&context, &chosen, question] {
    chosen = [&context, question] { return print_resolutions(context, *question); };
  });
  auto* gaps = app.add_subcommand("gaps", "Questions that the AI could not answer, the most frequent first");
  add_range(*gaps, *question);
  gaps->callback([&context, &chosen, question] {
    chosen = [&context, question] {
      constexpr int kMost = 100;
      return ask(context, "GET", question->target("/v1/gaps", kMost), nullptr, print_gaps, kLongPatience);
    };
  });
}

}  // namespace baton::app
