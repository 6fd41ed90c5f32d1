// Purpose: what one reading of the configuration makes: the installation and the stations that work by it.
// A reload makes the next generation beside it; the old one ends what it has begun.
// Owner: Gateway, shared with the requests under way. Threads: the stations as they say; made and
// destroyed on any thread while no loop uses it. Errors: none.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "gateway/api/chat_commands.h"
#include "gateway/api/claim_page.h"
#include "gateway/app/attempt_log.h"
#include "gateway/app/installation.h"
#include "gateway/app/log.h"
#include "gateway/app/observe.h"
#include "gateway/base/date.h"
#include "gateway/base/scope.h"
#include "gateway/delivery/station.h"
#include "gateway/health/alerts_station.h"
#include "gateway/ingress/ingress.h"
#include "gateway/journal/retention.h"
#include "gateway/planner/dispatcher.h"
#include "gateway/planner/planner.h"

namespace baton::app {

// What all generations share; outlives them.
struct Ground {
  Loop& loop;  // the delivery loop
  Clock& clock;
  Journal& journal;
  Random& random;
  HttpClient& client;
  Clock& public_clock;
  Journal& public_journal;
  Random& public_random;
  Maintenance& maintenance;
  std::function<Task<Done>(Person)> erase;  // asked on the public loop
  api::ChatCommands::Queue queue;           // as it is on the delivery loop, for who asks on the public one
};

struct Generation {
  Generation(Installation installation, const Ground& ground)
      : in(std::move(installation)), abilities(sdk::abilities(in.accounts)),
        delivery(in.accounts, ground.journal, ground.client, ground.clock, ground.random, in.options.lookups),
        board(in.teams, &in.decisions),
        planner(ground.journal, ground.clock, ground.random, in.rules, abilities, in.options.patience,
                in.messages, in.bugs, in.teams.empty() ? nullptr : &board),
        dispatcher(ground.journal, ground.clock, board),
        retention(ground.maintenance, ground.clock, in.retention, tell_retention),
        commands(ground.public_journal, ground.public_clock, in.teams, ground.queue),
        ingress(parts(in, ground, commands)), claims(claim_page(in, ground)),
        watch(alerts::Station::Parts(
            ground.journal, ground.clock, ground.random, in.alerts,
            [this, &clock = ground.clock] { return observe(in, delivery, reload_failed, clock.now()); })),
        scope(ground.loop, ground.clock) {}

  static ingress::Ingress::Parts parts(Installation& in, const Ground& ground, api::ChatCommands& commands) {
    ingress::Ingress::Parts parts(ground.public_journal, ground.public_clock, ground.public_random,
                                  in.sources, in.rules, in.accounts);
    parts.decisions = &in.decisions;
    if (in.pilot) parts.pilot = &*in.pilot;
    parts.command = [&commands](ingress::TypedCommand typed) {
      return commands.answer(std::move(typed.who), std::move(typed.at), std::move(typed.words));
    };
    parts.erase = ground.erase;
    parts.withheld = [](const sdk::Account& account, const sdk::Withholding& withheld) {
      log_warning(account.id.text + " keeps notices from Baton since " + to_rfc3339(withheld.at) + ": " +
                  withheld.why + ". What people did meanwhile is found out by asking, later than usual.");
    };
    parts.left_out = [](const ingress::Source& source, const FieldError& error) {
      log_warning(source.name + " sent an event whose " + error.pointer + " does not fit its schema (" +
                  error.code + "): that member is left out, the rest is taken. " +
                  (source.mapping.empty() ? "Report it with the version of the connector."
                                          : "Mend the mapping " + source.mapping + "."));
    };
    return parts;
  }

  // Nothing where the configuration names no key for claim links.
  static std::optional<api::ClaimPage> claim_page(const Installation& in, const Ground& ground) {
    if (!in.claims || !in.claims->links) return std::nullopt;
    return std::optional<api::ClaimPage>(std::in_place, ground.public_journal, ground.public_clock,
                                         ground.public_random, *in.claims->links, in.claims->identity_header);
  }

  static void tell_retention(const Result<Swept>& swept) {
    if (!swept) return log_warning("retention: " + swept.error().detail);
    log_info("retention: let go of " + std::to_string(swept->handoffs) + " handoffs, " +
             std::to_string(swept->events) + " events' bodies, " + std::to_string(swept->requests) +
             " deliveries' requests, " + std::to_string(swept->audit) + " audit entries, " +
             std::to_string(swept->documents) + " documents");
  }

  // On the delivery loop.
  void begin() {
    delivery.watch(log_attempt);
    planner.ask_lanes([this](const DestinationId& id) {
      auto* const lane = delivery.control(id);
      return lane && lane->breaker().state() != delivery::Breaker::State::closed;
    });
    scope.spawn(delivery.run(scope.stop_token()));
    scope.spawn(planner.run(scope.stop_token()));
    scope.spawn(watch.run(scope.stop_token()));
    if (!in.teams.empty()) scope.spawn(dispatcher.run(scope.stop_token()));
    scope.spawn(retention.run(scope.stop_token()));
  }

  Installation in;
  const Abilities abilities;
  delivery::Station delivery;
  Board board;  // of use where teams are configured
  Planner planner;
  Dispatcher dispatcher;
  Retention retention;
  api::ChatCommands commands;  // on the public loop
  ingress::Ingress ingress;
  std::optional<api::ClaimPage> claims;  // on the public loop
  alerts::Station watch;
  std::string reload_failed;  // why the next generation was not taken; on the delivery loop
  Scope scope;
};

// Shared: a request that began with a generation ends with it.
using GenerationPtr = std::shared_ptr<Generation>;

}  // namespace baton::app
