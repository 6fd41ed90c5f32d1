// bugs list|show: the defects that handoffs met, through the admin API of a running gateway.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::app {
namespace {

// What people would call it: code and component, or the message.
std::string error_of(JsonView bug) {
  const auto error = bug["error"];
  std::string line = error["code"].text(error["type"].text());
  for (const auto* part : {"component", "message"}) {
    const auto text = error[part].text();
    if (!text.empty()) line += (line.empty() ? "" : " ") + text;
  }
  return std::string(clip_utf8(line, 60));
}

std::string issue_of(JsonView bug) { return bug["issue"]["url"].text(bug["issue"]["id"].text("-")); }

std::string standing_of(JsonView bug) {
  const auto plan = bug["plan"].text();
  return bug["state"].text() + (plan.empty() || plan == "open" ? "" : ", " + plan);
}

ExitCode list_bugs(const Context& context, const std::string& state, const std::string& from) {
  auto target = "/v1/bugs?limit=100" + (from.empty() ? "" : "&after=" + percent_encode(from));
  if (!state.empty()) target += "&state=" + percent_encode(state);
  return ask(context, "GET", target, nullptr, [](JsonView body) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : items(body["bugs"])) {
      rows.push_back({one["key"].text(), standing_of(one), one["customers"].id().value_or("0"),
                      one["value"].raw() ? one["value"].raw()->dump() : "-",
                      one["handoffs"].id().value_or("0"), issue_of(one), one["last_at"].text(),
                      error_of(one)});
    }
    if (rows.empty()) std::cout << "no bugs\n";
    else print_table({"BUG", "STATE", "CUSTOMERS", "VALUE", "HANDOFFS", "ISSUE", "LAST MET", "ERROR"}, rows);
    if (const auto next = body["next"].text(); !next.empty()) std::cout << "more: --after " << next << '\n';
  });
}

ExitCode show_bug(const Context& context, const std::string& key) {
  return ask(context, "GET", "/v1/bugs/" + percent_encode(key), nullptr, [](JsonView body) {
    std::cout << body["key"].text() << "  " << standing_of(body) << "  " << error_of(body) << '\n'
              << body["text"].text("Not filed yet: " + body["customers"].id().value_or("0") +
                                   " customers have met it")
              << "\nissue " << issue_of(body) << ", first met " << body["first_at"].text() << ", last "
              << body["last_at"].text() << ", " << body["occurrences"].id().value_or("0") << " times\n";
    std::vector<std::vector<std::string>> rows;
    const auto yes = [](JsonView flag) { return std::string(flag.boolean() == true ? "yes" : "no"); };
    for (const auto& link : items(body["links"])) {
      rows.push_back({link["handoff"].text("-"), link["conversation"].text(), yes(link["open"]),
                      yes(link["on_the_issue"]), yes(link["told_of_the_fix"])});
    }
    if (!rows.empty()) print_table({"HANDOFF", "CONVERSATION", "OPEN", "ON THE ISSUE", "TOLD"}, rows);
  });
}

}  // namespace

void add_bug_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto* bugs = app.add_subcommand("bugs", "Bugs that customers met, who met them, and where they are filed");
  bugs->require_subcommand(1);
  auto state = std::make_shared<std::string>(), from = std::make_shared<std::string>();
  auto key = std::make_shared<std::string>();
  auto* list = bugs->add_subcommand("list", "All of them, by key");
  list->add_option("--state", *state, "Only watching, filed, fixed or regressed ones");
  list->add_option("--after", *from, "Go on after this one");
  list->callback([&context, &chosen, state, from] {
    chosen = [&context, state, from] { return list_bugs(context, *state, *from); };
  });
  auto* show = bugs->add_subcommand("show", "One of them with its handoffs");
  show->add_option("bug", *key, "Its key, as `bugs list` shows it")->required();
  show->callback([&context, &chosen, key] { chosen = [&context, key] { return show_bug(context, *key); }; });
}

}  // namespace baton::app
