// destinations list|pause|resume|revoke through the admin API of a running gateway; destinations test by
// itself, so that it can be asked before the first start, and then of the gateway, where that has parked the
// destination.
#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>

#include <CLI/CLI.hpp>

#include "gateway/app/ask.h"
#include "gateway/app/commands.h"
#include "gateway/app/installation.h"
#include "gateway/app/people.h"
#include "gateway/app/views.h"
#include "gateway/app/run_alone.h"
#include "gateway/base/text.h"
#include "gateway/delivery/probe.h"
#include "gateway/http/curl/curl_client.h"

namespace baton::app {
namespace {

using nlohmann::json;

ExitCode list_destinations(const Context& context) {
  return ask(context, "GET", "/v1/destinations", nullptr, [](JsonView body) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& one : items(body["destinations"])) {
      const bool paused = one["paused"].boolean().value_or(false);
      rows.push_back({one["name"].text(), one["connector"].text(),
                      paused ? "paused: " + one["pause"]["reason"].text() : "running", one["breaker"].text(),
                      one["pending"].id().value_or("?"), one["dead_letters"].id().value_or("?"),
                      one["last_success"].text("never")});
    }
    print_table({"DESTINATION", "CONNECTOR", "STATE", "BREAKER", "PENDING", "DEAD", "LAST SUCCESS"}, rows);
  });
}

ExitCode set_paused(const Context& context, const std::string& name, const std::string& verb,
                    const std::string& why) {
  return ask(context, "POST", "/v1/destinations/" + percent_encode(name) + "/" + verb, {{"why", why}},
             [&](JsonView) { std::cout << name << ": " << verb << "d\n"; });
}

// Outside of a gateway: a loop and a client of its own, with the configuration's rules about addresses.
Result<sdk::Findings> probe_alone(const Installation& in, const sdk::Account& account,
                                  delivery::Apply apply) {
  Loop loop;
  RealClock clock(loop);
  CurlOptions options;
  options.addresses = in.options.addresses;
  options.ca_file = in.options.ca_file;
  CurlClient client(loop, clock, options);
  return run_alone(loop, clock, delivery::probe(account, client, clock, apply));
}

void print_findings(const std::string& name, const sdk::Findings& findings) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& finding : findings) {
    auto remedy = finding.remedy;
    if (!finding.fine && finding.can_make)
      remedy += " (`baton destinations test " + name + " --apply` makes it)";
    rows.push_back({finding.fine ? "ok" : "LACKING", finding.what, std::move(remedy)});
  }
  print_table({"", name, "WHAT TO DO"}, rows);
}

struct Introduced {
  Stranger who;
  std::string account;  // empty: nobody there has the address
};

// Members of teams whom the vendor knows by a name that stands nowhere yet. Nothing: it cannot be asked.
Result<std::vector<Introduced>> look_up_people(const Installation& in, const sdk::Account& account) {
  std::vector<std::string> emails;
  const auto strangers = strangers_at(in.teams, account.id.text);
  for (const auto& one : strangers)
    if (!one.email.empty()) emails.push_back(one.email);
  std::vector<Introduced> introduced;
  if (emails.empty()) return introduced;
  Loop loop;
  RealClock clock(loop);
  CurlOptions options;
  options.addresses = in.options.addresses;
  options.ca_file = in.options.ca_file;
  CurlClient client(loop, clock, options);
  const auto found = run_alone(loop, clock, delivery::find_people(account, client, clock, std::move(emails)));
  if (!found) return found.error();
  for (const auto& one : strangers) {
    const auto there = found->find(one.email);
    if (there != found->end()) introduced.push_back({one, there->second});
  }
  return introduced;
}

void print_people(const std::string& name, const Result<std::vector<Introduced>>& people) {
  if (!people) {
    if (people.error().kind != FailureKind::rejected)
      std::cerr << "members of teams were not looked up there: " << people.error().detail << '\n';
    return;
  }
  for (const auto& [who, account] : *people) {
    std::cout << "member " << who.member << ": "
              << (account.empty()
                      ? "nobody there has the address " + who.email
                      : "add accounts: {" + name + ": " + account + "}, or a click is a stranger's")
              << '\n';
  }
}

json people_json(const Result<std::vector<Introduced>>& people) {
  auto list = json::array();
  if (!people) return list;
  for (const auto& [who, account] : *people)
    list.push_back({{"member", who.member}, {"email", who.email}, {"account", account}});
  return list;
}

// In the words of a person who wants access to end.
std::string said_of(std::string_view access) {
  if (access == "revoked") return "its token was given back and is good no more";
  if (access == "ended_before") return "its token was good no more already";
  if (access == "none_held") return "the gateway held no token of it";
  return "its credential is none that Baton can give back";
}

ExitCode revoke(const Context& context, const std::string& name, const std::string& why) {
  return ask(
      context, "POST", "/v1/destinations/" + percent_encode(name) + "/revoke", {{"why", why}},
      [&](JsonView body) {
        std::cout << name << ": paused; " << said_of(body["access"].text()) << ". Left to do:\n";
        for (const auto& one : items(body["to_do"])) std::cout << "  - " << one.text() << "\n";
      },
      kLongPatience);
}

// Whether the gateway has parked it: paused by Baton, until somebody does something.
bool is_parked_there(JsonView destinations, const std::string& name) {
  return std::ranges::any_of(items(destinations["destinations"]), [&](JsonView one) {
    const auto pause = one["pause"];
    return one["name"].text() == name && one["paused"].boolean() == true && pause["by"].text() == "baton" &&
           pause["until"].missing();
  });
}

// What was found to work here goes on there: the gateway tries it with what it has read, and resumes it.
// Nothing: there was nothing to resume, or nobody to ask.
std::optional<bool> resume_there(const Context& context, const std::string& name) {
  const auto seen = ask_admin(context, "GET", "/v1/destinations", nullptr);
  if (!seen || seen->status != 200) {
    std::cerr << name << " was not looked up in the gateway ("
              << (seen ? std::to_string(seen->status) + " " + JsonView(seen->body)["title"].text()
                       : seen.error().detail)
              << "). If it is parked there, test it again when the gateway runs and BATON_TOKEN holds a "
                 "token that may "
                 "operate, or: baton destinations resume "
              << name << " --why ...\n";
    return std::nullopt;
  }
  if (!is_parked_there(JsonView(seen->body), name)) return std::nullopt;
  const auto tried = ask_admin(context, "POST", "/v1/destinations/" + percent_encode(name) + "/test",
                               {{"why", "baton destinations test found nothing lacking"}}, kLongPatience);
  const bool resumed = tried && tried->status == 200 && JsonView(tried->body)["resumed"].boolean() == true;
  if (!resumed) {
    std::cerr << name
              << " is parked in the gateway and stays so: the gateway, with the configuration that it has "
              << "read, was not satisfied (" << (tried ? tried->text : tried.error().detail)
              << "). Let it read the files again, it goes on then: baton config reload --why ...\n";
  }
  return resumed;
}

ExitCode test(const Context& context, const std::string& name, bool apply) {
  const auto loaded = load_installation(context.config, true, wall_now());
  if (!loaded.problems.empty()) return complain(loaded.problems);
  const auto& accounts = loaded.installation.accounts;
  const auto account = accounts.find(DestinationId(name));
  if (account == accounts.end()) {
    std::vector<std::string> known;
    for (const auto& [id, one] : accounts) known.push_back(id.text);
    return complain(ExitCode::usage, "there is no destination `" + name + "`" + did_you_mean(name, known) +
                                         "; the configuration has: " + join(known, ", "));
  }
  const auto found =
      probe_alone(loaded.installation, *account->second, apply ? delivery::Apply::yes : delivery::Apply::no);
  if (!found) return complain(ExitCode::unreachable, found.error().detail);
  const bool fine = std::ranges::all_of(*found, &sdk::Finding::fine);
  const auto people = look_up_people(loaded.installation, *account->second);
  const auto resumed = fine ? resume_there(context, name) : std::nullopt;
  if (context.output == Output::json) {
    json answer = {{"name", name}, {"fine", fine}, {"findings", to_json(*found)}};
    if (resumed) answer["resumed"] = *resumed;
    if (auto known = people_json(people); !known.empty()) answer["people"] = std::move(known);
    print_json(answer);
  } else {
    print_findings(name, *found);
    print_people(name, people);
    if (resumed == true) std::cout << name << " had been parked, and goes on\n";
  }
  return fine && resumed != false ? ExitCode::ok : ExitCode::finding;
}

}  // namespace

void add_destination_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  auto why = std::make_shared<std::string>();
  auto* destinations = app.add_subcommand("destinations", "The accounts at vendors")->require_subcommand(1);
  destinations->add_subcommand("list", "Health, breaker and what waits")->callback([&] {
    chosen = [&context] { return list_destinations(context); };
  });
  for (const auto& [verb, help] : {std::pair{"pause", "Holds its deliveries"},
                                   {"resume", "Sends what was held"},
                                   {"revoke", "Pauses it and gives its token back to the vendor"}}) {
    auto* command = destinations->add_subcommand(verb, help);
    command->add_option("name", *name, "The destination")->required();
    command->add_option("--why", *why, "For the audit log")->required();
    const std::string word = verb;
    command->callback([&context, &chosen, name, why, word] {
      chosen = [&context, name, why, word] {
        return word == "revoke" ? revoke(context, *name, *why) : set_paused(context, *name, word, *why);
      };
    });
  }
  auto apply = std::make_shared<bool>(false);
  auto* trial = destinations->add_subcommand("test", "Asks the vendor whether it will work");
  trial->add_option("name", *name, "The destination")->required();
  trial->add_flag("--apply", *apply, "Make there what is lacking and can be made");
  trial->callback([&context, &chosen, name, apply] {
    chosen = [&context, name, apply] { return test(context, *name, *apply); };
  });
}

}  // namespace baton::app
