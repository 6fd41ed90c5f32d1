// alerts list|silence|unsilence, through the admin API of a running gateway.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/model/node.h"

namespace baton::app {
namespace {

using nlohmann::json;

ExitCode list_alerts(const Context& context) {
  return ask(context, "GET", "/v1/alerts", nullptr, [](JsonView body) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : items(body["alerts"])) {
      auto stage = one["stage"].text();
      if (one["hidden"].boolean().value_or(false)) stage += ", explained by another";
      if (!one["silenced_by"].text().empty()) stage += ", silenced";
      const auto evidence = items(one["evidence"]);
      rows.push_back({one["alert"].text(), one["severity"].text(), stage, one["since"].text(),
                      one["fault"].text(), evidence.empty() ? "" : evidence.front().text()});
    }
    print_table({"ALERT", "SEVERITY", "STAGE", "SINCE", "FAULT", "EVIDENCE"}, rows);
    rows.clear();
    for (const auto& one : items(body["silences"]))
      rows.push_back(
          {one["id"].text(), one["alert"].text(), one["until"].text(), one["by"].text(), one["why"].text()});
    if (rows.empty()) return;
    std::cout << '\n';
    print_table({"SILENCE", "ALERT", "UNTIL", "BY", "WHY"}, rows);
  });
}

ExitCode silence(const Context& context, const std::string& alert, const std::string& length,
                 const std::string& why) {
  const auto time = parse_duration(length);
  if (!time || *time <= Duration{0})
    return complain(ExitCode::usage, "--for is a length of time such as 30m, 2h or 7d, not `" + length + "`");
  const json body = {{"alert", alert}, {"until", to_rfc3339(wall_now() + *time)}, {"why", why}};
  return ask(context, "POST", "/v1/silences", body, [](JsonView made) {
    std::cout << made["id"].text() << ": " << made["alert"].text() << " is silent until "
              << made["until"].text() << '\n';
  });
}

ExitCode unsilence(const Context& context, const std::string& id, const std::string& why) {
  return ask(context, "DELETE", "/v1/silences/" + percent_encode(id), {{"why", why}},
             [](JsonView ended) { std::cout << ended["ended"].text() << ": over\n"; });
}

}  // namespace

void add_alert_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  auto length = std::make_shared<std::string>("2h");
  auto why = std::make_shared<std::string>();
  auto* alerts = app.add_subcommand("alerts", "What is wrong, and who is told")->require_subcommand(1);
  alerts->add_subcommand("list", "Alerts, and silences that are in force")->callback([&] {
    chosen = [&context] { return list_alerts(context); };
  });
  auto* quiet = alerts->add_subcommand("silence", "Tells nobody of some alerts for a while");
  quiet->add_option("alert", *name, "Its name, or the beginning of names and a star")->required();
  quiet->add_option("--for", *length, "How long")->capture_default_str();
  quiet->add_option("--why", *why, "For the audit log")->required();
  quiet->callback([&context, &chosen, name, length, why] {
    chosen = [&context, name, length, why] { return silence(context, *name, *length, *why); };
  });
  auto* loud = alerts->add_subcommand("unsilence", "Ends a silence");
  loud->add_option("silence", *name, "Its id")->required();
  loud->add_option("--why", *why, "For the audit log")->required();
  loud->callback([&context, &chosen, name, why] {
    chosen = [&context, name, why] { return unsilence(context, *name, *why); };
  });
}

}  // namespace baton::app
