// check, routes explain, mapping test|render|eval, config list|reload.
#include <iostream>
#include <memory>

#include <CLI/CLI.hpp>

#include "connectors/sdk/registry.h"
#include "gateway/app/commands.h"
#include "gateway/app/installation.h"
#include "gateway/app/mappings.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/delivery/order.h"
#include "gateway/handoff/route.h"
#include "mappings/engine/template.h"

namespace baton::app {
namespace {

using nlohmann::json;

// Platforms differ in what makes them come again; the limit is only good with an answer that does.
void print_limits(const Installation& in) {
  for (const auto& [name, source] : in.sources) {
    if (!source.platform || !source.budget) continue;
    const auto& manifest = in.accounts.at(*source.platform)->connector->manifest();
    std::cout << "sources." << name << ".max_per_second: " << manifest.title << " is answered "
              << manifest.overload_status << " with Retry-After beyond it\n";
  }
}

ExitCode check(const Context& context) {
  const auto loaded = load_installation(context.config, true, wall_now());
  if (!loaded.problems.empty()) return complain(loaded.problems);
  const auto& in = loaded.installation;
  for (const auto& advice : in.advice) std::cout << "advice: " << advice << '\n';
  print_limits(in);
  std::cout << context.config << " is good: " << in.sources.size() << " source(s), " << in.accounts.size()
            << " destination(s), " << in.rules.size() << " routing rule(s), " << in.teams.size()
            << " team(s)\n";
  return ExitCode::ok;
}

// An event file may be the whole CloudEvent or only its data.
Result<json> read_event_data(const std::string& path) {
  const auto text = read_file(path);
  if (!text) return text.error();
  auto event = parse_json(*text, FailureKind::rejected, path);
  if (!event) return event.error();
  if (JsonView(*event)["data"].object()) return json((*event)["data"]);
  return event;
}

void print_rule_trials(const std::vector<handoff::Trial>& trials) {
  for (const auto& trial : trials) {
    std::cout << (trial.matched
                      ? (trial.reached ? "MATCHES   " : "would match, but an earlier rule decided: ")
                      : "no match  ")
              << trial.rule << '\n';
    for (const auto& miss : trial.misses) {
      std::cout << "            wanted: " << miss.wanted << "; the event has: " << miss.found << '\n';
    }
  }
}

ExitCode explain(const Context& context, const std::string& path) {
  const auto data = read_event_data(path);
  if (!data) return complain(ExitCode::finding, data.error().detail);
  const auto loaded = load_installation(context.config, false, wall_now());
  if (!loaded.problems.empty()) return complain(loaded.problems);
  const auto& rules = loaded.installation.rules;
  const auto trials = handoff::explain(*data, rules);
  const auto decision = handoff::route(*data, rules);
  std::vector<std::string> to;
  for (const auto& id : handoff::destinations(decision.route)) to.push_back(id.text);
  if (context.output == Output::json) {
    json body = {{"rules", decision.rules}, {"destinations", to}, {"trials", json::array()}};
    for (const auto& trial : trials) {
      json one = {{"rule", trial.rule}, {"matched", trial.matched}, {"reached", trial.reached}};
      for (const auto& miss : trial.misses)
        one["misses"].push_back({{"wanted", miss.wanted}, {"found", miss.found}});
      body["trials"].push_back(std::move(one));
    }
    print_json(body);
  } else {
    print_rule_trials(trials);
    std::cout << (to.empty() ? "goes nowhere: no rule matches\n" : "goes to: " + join(to, ", ") + "\n");
  }
  return to.empty() ? ExitCode::finding : ExitCode::ok;
}

ExitCode eval(const std::string& template_file, const std::string& data_file) {
  const auto text = read_file(template_file);
  if (!text) return complain(ExitCode::finding, text.error().detail);
  const auto data = read_file(data_file);
  if (!data) return complain(ExitCode::finding, data.error().detail);
  const auto compiled = mappings::Template::parse(*text, {template_file, 1, 1});
  if (!compiled) return complain(ExitCode::finding, compiled.error().detail);
  const auto rendered = compiled->render_json(*data, wall_now());
  if (!rendered) return complain(ExitCode::finding, rendered.error().detail);
  std::cout << *rendered;
  return ExitCode::ok;
}

// "zendesk.open_ticket": a destination of the configuration, or a connector's own name.
ExitCode render(const Context& context, const std::string& event_file, const std::string& what) {
  const auto dot = what.rfind('.');
  const auto operation = dot == std::string::npos ? std::nullopt : operation_from(what.substr(dot + 1));
  if (!operation)
    return complain(ExitCode::usage,
                    "--operation must be DESTINATION.OPERATION, such as zendesk.open_ticket");
  const auto data = read_event_data(event_file);
  if (!data) return complain(ExitCode::finding, data.error().detail);

  Problems problems;
  std::string own;
  std::string connector = what.substr(0, dot);
  sdk::Settings settings;
  const auto connectors = sdk::make_connectors();
  if (const auto there = read_file(context.config); there) {
    const auto loaded = load_installation(context.config, false, wall_now());
    own = loaded.installation.options.mappings_dir;
    const auto account = loaded.installation.accounts.find(DestinationId(connector));
    if (account != loaded.installation.accounts.end()) {
      connector = account->second->connector->manifest().name;
      settings = account->second->settings;
    }
  }
  const auto mappings = load_mappings(own, connectors, problems);
  if (!problems.empty()) return complain(problems);
  const auto* document = mappings->find(connector, *operation);
  if (!document) return complain(ExitCode::finding, "there is no mapping for " + what);
  const auto now = wall_now();
  const auto priority = priority_from(JsonView(*data)["priority"].text()).value_or(Priority::normal);
  Handoff handoff(HandoffId("hof_example"), WorkspaceId("main"),
                  ConversationId("example", JsonView(*data).at_path("conversation.id").text()), priority, {},
                  now);
  handoff.data = *data;
  const JobKey key(handoff.id, DestinationId(what.substr(0, dot)), *operation);
  auto scope =
      delivery::mapping_scope(handoff, key.text(), json{{"text", "An example note."}}, settings, now);
  for (const auto& one : connectors)
    if (one->manifest().name == connector) delivery::mask_scope(*operation, one->manifest(), scope);
  const auto rendered = document->render(scope, now);
  if (!rendered) return complain(ExitCode::finding, rendered.error().detail);
  print_json(*rendered);
  return ExitCode::ok;
}

ExitCode test_mappings(const Context& context) {
  Problems problems;
  std::string own;
  if (read_file(context.config)) own = read_options_only(context.config, problems).mappings_dir;
  const auto connectors = sdk::make_connectors();
  const auto mappings = load_mappings(own, connectors, problems);
  std::size_t failed = 0;
  const auto outcomes = run_mapping_cases(*mappings, own, wall_now(), problems);
  if (!problems.empty()) return complain(problems);
  for (const auto& outcome : outcomes) {
    std::cout << (outcome.passed ? "passed  " : "FAILED  ") << outcome.at.text() << "  " << outcome.name
              << '\n';
    if (outcome.passed) continue;
    ++failed;
    std::cout << outcome.difference << '\n';
  }
  std::cout << outcomes.size() - failed << " passed, " << failed << " failed\n";
  return failed == 0 ? ExitCode::ok : ExitCode::finding;
}

std::string words(const handoff::Rule& rule) {
  std::vector<std::string> when, to;
  for (const auto& condition : rule.when) when.push_back(condition.text());
  for (const auto& id : handoff::destinations(rule.to)) to.push_back(id.text);
  return (when.empty() ? "every event" : join(when, " and ")) + " -> " + join(to, ", ");
}

using Row = std::vector<std::string>;

std::vector<Row> rows_of(const Installation& in) {
  std::vector<Row> rows;
  const auto add = [&](const char* what, const std::string& name, const std::string& value) {
    rows.push_back({what, name, value});
  };
  const auto listener = [](const Listener& at) { return at.address + " port " + std::to_string(at.port); };
  for (const auto& file : in.files) add("file", file, "");
  add("listen", "public",
      listener(in.options.public_listener) + (in.options.tls_key.empty() ? ", http" : ", https"));
  add("listen", "admin", listener(in.options.admin_listener) + ", http");
  add("data_dir", in.options.data_dir, "");
  add("mappings", in.options.mappings_dir.empty() ? "those that ship" : in.options.mappings_dir, "");
  for (const auto& [name, source] : in.sources) add("source", name, "events from " + source.event_source);
  for (const auto& [id, account] : in.accounts) {
    add("destination", id.text, std::string(account->connector->manifest().title) + ", " + account->base_url);
  }
  for (const auto& [name, team] : in.teams) {
    std::vector<std::string> members;
    for (const auto& member : team.members) members.push_back(member.id);
    add("team", name, join(members, ", "));
  }
  for (const auto& rule : in.rules) add("route", rule.name, words(rule));
  return rows;
}

// Without secrets: neither their values nor a store is needed.
ExitCode list_config(const Context& context) {
  const auto loaded = load_installation(context.config, false, wall_now());
  const auto rows = rows_of(loaded.installation);
  if (context.output == Output::json) {
    auto list = json::array();
    for (const auto& row : rows) list.push_back({{"what", row[0]}, {"name", row[1]}, {"value", row[2]}});
    print_json(list);
  } else {
    print_table({"WHAT", "NAME", "VALUE"}, rows);
  }
  return loaded.problems.empty() ? ExitCode::ok : complain(loaded.problems);
}

ExitCode ask_to_reload(const Context& context, const std::string& why) {
  const auto asked = ask_admin(context, "POST", "/v1/configuration/reload", {{"why", why}});
  if (!asked) return complain(ExitCode::unreachable, asked.error().detail);
  if (const auto refused = complain_about(*asked)) return *refused;
  std::cout << "reloaded\n";
  return ExitCode::ok;
}

}  // namespace

void add_check_commands(CLI::App& app, Context& context, Chosen& chosen) {
  app.add_subcommand("check", "Reads the configuration and reports every problem")->callback([&] {
    chosen = [&context] { return check(context); };
  });
  auto file = std::make_shared<std::string>();
  auto other = std::make_shared<std::string>();

  auto* routes = app.add_subcommand("routes", "Where events go")->require_subcommand(1);
  auto* why = routes->add_subcommand("explain", "Which rule matches an event, and why the others do not");
  why->add_option("--event", *file, "The event, or its data, as JSON; - for standard input")->required();
  why->callback([&context, &chosen, file] { chosen = [&context, file] { return explain(context, *file); }; });

  auto* mapping = app.add_subcommand("mapping", "What is written at vendors")->require_subcommand(1);
  auto* evaluate = mapping->add_subcommand("eval", "Renders any Liquid text against any JSON");
  evaluate->add_option("--template", *file, "The Liquid text; - for standard input")->required();
  evaluate->add_option("--data", *other, "The JSON")->required();
  evaluate->callback([&chosen, file, other] { chosen = [file, other] { return eval(*file, *other); }; });
  auto* show = mapping->add_subcommand("render", "Shows what an operation would send for an event");
  show->add_option("--event", *file, "The event, or its data, as JSON")->required();
  show->add_option("--operation", *other, "DESTINATION.OPERATION, such as zendesk.open_ticket")->required();
  show->callback([&context, &chosen, file, other] {
    chosen = [&context, file, other] { return render(context, *file, *other); };
  });
  mapping->add_subcommand("test", "Runs the cases of every mapping file")->callback([&] {
    chosen = [&context] { return test_mappings(context); };
  });

  auto* config =
      app.add_subcommand("config", "The configuration as it was understood")->require_subcommand(1);
  config->add_subcommand("list", "Everything that it names, from all of its files")->callback([&] {
    chosen = [&context] { return list_config(context); };
  });
  auto* again = config->add_subcommand(
      "reload", "Lets the running gateway read it again; with a problem nothing changes");
  again->add_option("--why", *other, "For the audit log")->required();
  again->callback(
      [&context, &chosen, other] { chosen = [&context, other] { return ask_to_reload(context, *other); }; });
}

}  // namespace baton::app
