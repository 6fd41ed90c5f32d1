// Purpose: a world that a seed decides: vendors with weather, chat platforms that repeat what they say until
// they are answered, people who claim and solve, and one node or two of Baton that die and stand still.
// Months of it take seconds; what happened is left to be judged (checker.h). Owner: a test. Threads: one
// loop, virtual time.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/journal/memory/memory.h"
#include "tests/deterministic/node.h"

namespace baton::deterministic {

inline const DestinationId kDesk("desk"), kChat("chat"), kCrm("crm"), kPlatform("platform");

struct Plan {
  std::uint64_t seed = 1;
  int nodes = 1;
  int conversations = 40;
  Duration time = std::chrono::days(10);  // until the weather turns fine and nobody dies any more
};

// An event that was answered with a 202.
struct Accepted {
  HandoffId handoff;
  std::string key;
};

class World {
 public:
  explicit World(const Plan& plan);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Lives through the plan's time, and then through calm weather until all should be done.
  void run();

  const Plan& plan() const { return plan_; }
  const MemoryStore& store() const { return store_; }
  const Vendors& vendors() const { return vendors_; }
  const std::vector<Accepted>& accepted() const { return accepted_; }
  const std::vector<TimePoint>& births() const { return births_; }
  int deaths() const { return deaths_; }

 private:
  Task<Done> keep_alive(int place);
  Task<Done> talk(int conversation);
  Task<Done> says(const HandoffId& handoff, const ConversationId& conversation, std::string type,
                  std::string id);
  Task<Done> signals(HandoffId handoff, SignalKind kind, std::string id);
  Task<Done> commit_until_answered(std::function<Batch()> made, std::string key);
  Node* any_living();
  Task<Done> pause(Duration at_most) { return clock_.until(clock_.now() + random_.up_to(at_most)); }
  bool calm() const { return clock_.now() >= end_; }

  Plan plan_;
  Random random_;
  Loop loop_;
  VirtualClock clock_;
  TimePoint end_;
  MemoryStore store_;
  MemoryJournal journal_;
  Vendors vendors_;
  Network network_;
  sdk::Accounts accounts_;
  handoff::Rules rules_;
  Ground ground_;
  std::vector<std::unique_ptr<Node>> nodes_;  // all that ever lived
  std::vector<Node*> living_;                 // by place; null: dead now
  std::vector<Accepted> accepted_;
  std::vector<TimePoint> births_;
  int deaths_ = 0;
  Scope scope_;
};

}  // namespace baton::deterministic
