// queue, presence set|list: through the admin API of a running gateway.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/base/text.h"

namespace baton::app {
namespace {

using nlohmann::json;

std::string wait_of(JsonView wait) {
  if (!wait.object()) return "unknown";
  return wait["low_seconds"].id().value_or("?") + " to " + wait["high_seconds"].id().value_or("?") + " s";
}

// Who is asked, or why nobody is.
std::string asked_of(JsonView one) {
  if (one["asked"].object()) return "asking " + one["asked"]["name"].text();
  const auto opens = one["opens_at"].text();
  return one["held"].text("-") + (opens.empty() ? "" : " until " + opens);
}

ExitCode show_queue(const Context& context) {
  return ask(context, "GET", "/v1/queue", nullptr, [](JsonView body) {
    if (!body["known"].boolean().value_or(false)) std::cout << "the queue is still being read\n";
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : items(body["waiting"])) {
      rows.push_back({one["team"].text("-"),
                      one["position"].id().value_or("?") + " of " + one["of"].id().value_or("?"),
                      one["handoff"].text(), one["priority"].text(), one["since"].text(), asked_of(one),
                      wait_of(one["wait"])});
    }
    if (rows.empty()) std::cout << "nobody waits\n";
    else print_table({"TEAM", "PLACE", "HANDOFF", "PRIORITY", "SINCE", "NOW", "WAIT"}, rows);
  });
}

ExitCode list_presence(const Context& context) {
  return ask(context, "GET", "/v1/teams", nullptr, [](JsonView body) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& team : items(body["teams"])) {
      for (const auto& member : items(team["members"])) {
        const bool works = member["working"].boolean().value_or(false);
        rows.push_back({team["name"].text(), member["id"].text(), member["presence"].text(),
                        works ? "working" : "off", member["load"].id().value_or("0"),
                        member["capacity"].id().value_or("-")});
      }
    }
    if (rows.empty()) std::cout << "no teams are configured\n";
    else print_table({"TEAM", "MEMBER", "PRESENCE", "HOURS", "HOLDS", "CAPACITY"}, rows);
  });
}

struct Said {
  std::string member, presence, until, why;
};

ExitCode set_presence(const Context& context, const Said& said) {
  json body = {{"presence", said.presence}, {"why", said.why}};
  if (!said.until.empty()) body["until"] = said.until;
  return ask(context, "PUT", "/v1/presence/" + percent_encode(said.member), body, [](JsonView answer) {
    const auto until = answer["until"].text();
    std::cout << answer["member"].text() << " is " << answer["presence"].text()
              << (until.empty() ? "" : " until " + until) << '\n';
  });
}

}  // namespace

void add_queue_commands(CLI::App& app, Context& context, Chosen& chosen) {
  app.add_subcommand("queue", "Who waits, at which place, and who is asked")->callback([&context, &chosen] {
    chosen = [&context] { return show_queue(context); };
  });
  auto* presence = app.add_subcommand("presence", "Which members of teams are there")->require_subcommand(1);
  presence->add_subcommand("list", "All of them, with what they hold")->callback([&context, &chosen] {
    chosen = [&context] { return list_presence(context); };
  });
  auto said = std::make_shared<Said>();
  auto* set = presence->add_subcommand("set", "Says of a member whether they are there");
  set->add_option("member", said->member, "The member's id in `teams`")->required();
  set->add_option("presence", said->presence, "available, busy (only what is urgent) or away")->required();
  set->add_option("--until", said->until, "Then available again: 2026-09-01T14:00:00Z");
  set->add_option("--why", said->why, "For the audit log");
  set->callback(
      [&context, &chosen, said] { chosen = [&context, said] { return set_presence(context, *said); }; });
}

}  // namespace baton::app
