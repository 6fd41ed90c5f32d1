// health: /v1/health for whoever was woken by it: what is not well first, whose fault it is, what to do.
#include <iostream>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/base/json_view.h"

namespace baton::app {
namespace {

using Row = std::vector<std::string>;

std::string count(JsonView of) { return of.id().value_or("-"); }

std::string milliseconds(JsonView of) {
  const auto given = of.number();
  if (!given) return "-";
  return *given < 1000 ? std::to_string(static_cast<int>(*given)) + " ms"
                       : std::to_string(static_cast<int>(*given / 1000 + 0.5)) + " s";
}

std::string whole_percent(JsonView of) {
  const auto share = of.number();
  return share ? std::to_string(static_cast<int>(*share * 100 + 0.5)) + " %" : "-";
}

bool is_well(JsonView one) { return one["state"].text() == "ok" || one["state"].text() == "unknown"; }

// Everything about what is not well stands in sentences, before any table.
void explain_fault(JsonView one) {
  const auto fault = one["fault"].text();
  std::cout << '\n' << one["name"].text() << " is " << one["state"].text();
  if (fault == "unclear") std::cout << "; the cause is not clear";
  else if (fault != "nobody") std::cout << "; the cause: " << fault;
  std::cout << "\n  " << one["reason"].text() << '\n';
  if (!one["remedy"].missing()) std::cout << "  To do: " << one["remedy"].text() << '\n';
  if (const auto pending = one["pending"].integer().value_or(0); pending > 0) {
    std::cout << "  Waiting: " << pending << " deliveries, none is lost";
    if (!one["oldest_pending"].missing()) std::cout << "; the oldest since " << one["oldest_pending"].text();
    std::cout << '\n';
  }
}

Row row_of(JsonView one) {
  const auto lately = one["last_5m"], hour = one["last_1h"];
  return {one["name"].text(),
          one["state"].text(),
          count(lately["attempts"]),
          whole_percent(lately["error_rate"]),
          milliseconds(lately["p50_ms"]),
          milliseconds(lately["p95_ms"]),
          milliseconds(lately["p99_ms"]),
          whole_percent(hour["completeness"]),
          count(one["quota"]["remaining"]),
          count(one["pending"]),
          count(one["held"]),
          count(one["dead_letters"]),
          one["last_success"].text("never")};
}

void print_health(JsonView body) {
  std::cout << body["summary"].text() << '\n';
  for (const auto* kind : {"destinations", "sources"}) {
    for (const auto& one : items(body[kind])) {
      if (!is_well(one)) explain_fault(one);
    }
  }
  std::vector<Row> rows;
  for (const auto& one : items(body["destinations"])) rows.push_back(row_of(one));
  std::cout << '\n';
  print_table({"DESTINATION", "STATE", "5 MIN", "ERRORS", "p50", "p95", "p99", "COMPLETE", "QUOTA", "PENDING",
               "HELD", "DEAD", "LAST SUCCESS"},
              rows);
  rows.clear();
  for (const auto& one : items(body["sources"])) {
    rows.push_back({one["name"].text(), one["state"].text(), count(one["accepted"]), count(one["duplicates"]),
                    count(one["refused"]), one["last_event"].text("never")});
  }
  std::cout << '\n';
  print_table({"SOURCE", "STATE", "ACCEPTED", "DUPLICATE", "REFUSED", "LAST EVENT"}, rows);
}

// 1 if something is not well, so that a script can ask.
ExitCode health(const Context& context) {
  const auto asked = ask_admin(context, "GET", "/v1/health");
  if (!asked) return complain(ExitCode::unreachable, asked.error().detail);
  if (const auto refused = complain_about(*asked)) return *refused;
  const JsonView body(asked->body);
  if (context.output == Output::json) print_json(asked->body);
  else print_health(body);
  return is_well(body) ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_health_command(CLI::App& app, Context& context, Chosen& chosen) {
  auto* command =
      app.add_subcommand("health", "How well everything is, whose fault it is if not, what to do");
  command->callback([&context, &chosen] { chosen = [&context] { return health(context); }; });
}

}  // namespace baton::app
