// Purpose: one process of Baton, planner and delivery, which dies or stands still wherever it touches the
// journal or the network. A dead one is kept, motionless, until the world ends.
// Owner: the world. Threads: one loop.
#pragma once

#include <memory>
#include <vector>

#include "gateway/base/scope.h"
#include "gateway/delivery/station.h"
#include "gateway/planner/planner.h"
#include "tests/deterministic/vendors.h"
#include "tests/support/passing_journal.h"

namespace baton::deterministic {

// Every commit, claim and request passes here, before and after.
class Gate {
 public:
  struct Odds {
    int dies_after = -1;       // so many passes; -1: never
    std::uint64_t stands = 0;  // still at one in so many; 0: never
  };
  Gate(Clock& clock, Random& random, Odds odds) : clock_(clock), random_(random), odds_(odds) {}

  net::awaitable<void> pass() {
    if (odds_.dies_after >= 0 && passed_++ >= odds_.dies_after) kill();
    if (dead_) co_await for_ever();
    if (odds_.stands == 0 || random_.bits() % odds_.stands != 0) co_return;
    constexpr auto kLongest = Duration{3min};  // several leases
    (void)co_await clock_.until(clock_.now() + random_.up_to(kLongest));
    if (dead_) co_await for_ever();
  }
  void kill() {
    dead_ = true;
    died_.ring();
  }
  bool dead() const { return dead_; }
  Bell& died() { return died_; }

 private:
  net::awaitable<void> for_ever() {
    co_await suspend([this](std::shared_ptr<Waiter> waiter) { stopped_.push_back(std::move(waiter)); });
  }

  Clock& clock_;
  Random& random_;
  Odds odds_;
  int passed_ = 0;
  bool dead_ = false;
  Bell died_;
  std::vector<std::shared_ptr<Waiter>> stopped_;
};

class GatedJournal final : public PassingJournal {
 public:
  GatedJournal(Journal& inner, Gate& gate) : PassingJournal(inner), gate_(gate) {}

  Task<Committed> commit(Batch batch) override {
    co_await gate_.pass();
    auto result = co_await inner_.commit(std::move(batch));
    co_await gate_.pass();
    co_return result;
  }
  Task<Claim> claim(Lane lane, int limit, Duration lease, Take only) override {
    co_await gate_.pass();
    auto result = co_await inner_.claim(std::move(lane), limit, lease, only);
    co_await gate_.pass();
    co_return result;
  }

 private:
  Gate& gate_;
};

class GatedClient final : public HttpClient {
 public:
  GatedClient(HttpClient& inner, Gate& gate, std::string node)
      : inner_(inner), gate_(gate), node_(std::move(node)) {}

  Task<Reply> exchange(Outgoing outgoing) override {
    co_await gate_.pass();
    outgoing.request.headers["x-node"] = node_;
    auto reply = co_await inner_.exchange(std::move(outgoing));
    co_await gate_.pass();
    co_return reply;
  }

 private:
  HttpClient& inner_;
  Gate& gate_;
  std::string node_;
};

// What every node has in common; none of it ends with one.
struct Ground {
  Loop& loop;
  Clock& clock;
  Journal& journal;
  HttpClient& network;
  const sdk::Accounts& accounts;
  const handoff::Rules& rules;
  const handoff::tell::Messages& messages;
};

class Node {
 public:
  Node(Ground& ground, std::uint64_t seed, Gate::Odds odds)
      : random_(seed), gate_(ground.clock, random_, odds), journal_(ground.journal, gate_),
        client_(ground.network, gate_, std::to_string(seed)),
        planner_(journal_, ground.clock, random_, ground.rules, abilities_, patience_, ground.messages),
        delivery_(ground.accounts, journal_, client_, ground.clock, random_),
        scope_(ground.loop.get_executor(), ground.clock), began_(ground.clock.now()) {
    scope_.spawn(delivery_.run(scope_.stop_token()));
    scope_.spawn(planner_.run(scope_.stop_token()));
  }

  // Whatever of it wakes up stands still at the gate; nothing of it need wait for anything else.
  void die() {
    gate_.kill();
    scope_.cancel();
  }
  Gate& gate() { return gate_; }
  Journal& journal() { return journal_; }
  TimePoint began() const { return began_; }

 private:
  Random random_;
  Gate gate_;
  GatedJournal journal_;
  GatedClient client_;
  Abilities abilities_;
  handoff::Patience patience_;
  Planner planner_;
  delivery::Station delivery_;
  Scope scope_;
  TimePoint began_;
};

}  // namespace baton::deterministic
