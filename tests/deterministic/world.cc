#include "tests/deterministic/world.h"

#include "gateway/journal/opening.h"
#include "tests/tell/shipped.h"

namespace baton::deterministic {
namespace {

using nlohmann::json;

constexpr TimePoint kStart{Duration{1'800'000'000'000}};
constexpr auto kDrain = Duration{200h};  // longer than any wait and any retry

handoff::Rules make_rules() {
  handoff::Rule rule;
  rule.name = "everything";
  rule.to.context = {kCrm};
  rule.to.tickets = kDesk;
  rule.to.alerts = {kChat};
  rule.to.record = kCrm;
  rule.to.platform = kPlatform;
  return {rule};
}

Event event(const std::string& type, const std::string& id, const ConversationId& conversation) {
  json data = {{"conversation", {{"id", conversation.text}}},
               {"customer", {{"name", "Ada"}, {"email", "ada@example.com"}}},
               {"intent", {{"summary", "Was charged twice."}}},
               {"transcript", json::array({{{"id", id}, {"text", "and one thing more: " + id}}})}};
  return Event(EventKey(WorkspaceId("main"), "chat", id), type, conversation, Priority::normal,
               std::move(data));
}

}  // namespace

World::World(const Plan& plan)
    : plan_(plan), random_(plan.seed), clock_(loop_, kStart), end_(kStart + plan.time),
      journal_(store_, clock_), network_(vendors_, clock_), rules_(make_rules()),
      ground_{loop_, clock_, journal_, network_, accounts_, rules_, tell_testing::shipped()},
      living_(static_cast<std::size_t>(plan.nodes)), scope_(loop_.get_executor(), clock_) {
  const auto add = [&](const DestinationId& id, Mends mends) {
    auto vendor = std::make_unique<Vendor>(mends, random_.bits());
    vendor->forecast(kStart, end_);
    vendors_.emplace(id, std::move(vendor));
  };
  add(kDesk, Mends::by_slow_search);
  add(kChat, Mends::by_nobody);
  add(kCrm, Mends::by_search);
  add(kPlatform, Mends::by_key);
  accounts_ = accounts(vendors_);
}

World::~World() = default;

void World::run() {
  for (int place = 0; place < plan_.nodes; ++place) scope_.spawn(keep_alive(place));
  for (int i = 0; i < plan_.conversations; ++i) scope_.spawn(talk(i));
  clock_.run(end_ + kDrain);
}

// A life, a death, some time without anybody, the next life.
Task<Done> World::keep_alive(int place) {
  auto& here = living_[static_cast<std::size_t>(place)];
  while (!calm()) {
    // Leases of a store that nobody else uses end with its process.
    if (plan_.nodes == 1) store_.end_leases();
    Gate::Odds odds;
    odds.dies_after = static_cast<int>(random_.bits() % (std::uint64_t{1} << (3 + random_.bits() % 10)));
    if (plan_.nodes > 1) odds.stands = 100;
    nodes_.push_back(std::make_unique<Node>(ground_, random_.bits(), odds));
    births_.push_back(clock_.now());
    here = nodes_.back().get();
    (void)co_await here->gate().died().wait(0, clock_, end_);
    here->die();
    ++deaths_;
    here = nullptr;
    (void)co_await pause(random_.bits() % 4 == 0 ? Duration{30min} : Duration{2s});
  }
  if (plan_.nodes == 1) store_.end_leases();
  nodes_.push_back(std::make_unique<Node>(ground_, random_.bits(), Gate::Odds()));
  births_.push_back(clock_.now());
  here = nodes_.back().get();
  co_return Done{};
}

Node* World::any_living() {
  for (auto* node : living_) {
    if (node && !node->gate().dead()) return node;
  }
  return nullptr;
}

// One customer's conversation, in which a person is asked for once or twice.
Task<Done> World::talk(int number) {
  const auto name = "c" + std::to_string(number);
  const ConversationId conversation("chat", name);
  (void)co_await pause(plan_.time);
  const auto requests = 1 + random_.bits() % 2;
  for (std::uint64_t request = 0; request < requests; ++request) {
    const auto id = name + "-" + std::to_string(request);
    const HandoffId handoff("hof_" + id);
    (void)co_await says(handoff, conversation, "handoff.requested", id);
    for (auto updates = random_.bits() % 4; updates > 0; --updates) {
      (void)co_await pause(2h);
      (void)co_await says(handoff, conversation, "handoff.updated", id + "u" + std::to_string(updates));
    }
    (void)co_await pause(4h);
    (void)co_await signals(handoff, SignalKind::claimed, id + "claim");
    (void)co_await signals(handoff, SignalKind::replied, id + "reply");
    (void)co_await pause(8h);
    (void)co_await signals(handoff, SignalKind::solved, id + "solve");
    (void)co_await pause(24h);
  }
  co_return Done{};
}

// What ingress commits for an event, without its HTTP.
Task<Done> World::says(const HandoffId& handoff, const ConversationId& conversation, std::string type,
                       std::string id) {
  auto said = event(type, id, conversation);
  const auto key = said.key.text();
  const auto made = [this, handoff, said = std::move(said), key] {
    if (said.type == "handoff.requested" && !store_.handoffs.contains(handoff))
      return opening(handoff, handoff::route(said.data, rules_).route, said, key, {}, clock_.now());
    Batch batch;
    batch.facts.emplace_back(handoff, key, Fact(clock_.now(), said));
    return batch;
  };
  return commit_until_answered(made, key);
}

Task<Done> World::signals(HandoffId handoff, SignalKind kind, std::string id) {
  Signal signal(kind, id, "T-" + handoff.text, "U0ANNA");
  signal.from = kChat;
  const auto key = "signal:main/chat/" + id;
  const auto made = [this, handoff, signal, key] {
    Batch batch;
    batch.facts.emplace_back(handoff, key, Fact(clock_.now(), signal));
    return batch;
  };
  return commit_until_answered(made, key);
}

// As every platform and every vendor does: again and again until it is answered. A node that dies in the
// middle answers nobody.
Task<Done> World::commit_until_answered(std::function<Batch()> made, std::string key) {
  for (;;) {
    if (auto* node = any_living()) {
      auto batch = made();
      const auto handoff = batch.facts.front().handoff;
      const auto deadline = clock_.now() + 15s;
      const auto answer = co_await within(scope_, clock_, deadline, FailureKind::ambiguous,
                                          node->journal().commit(std::move(batch)));
      if (answer && answer->verdict == Verdict::conversation_open) {
        // The handoff before it is not over: it becomes that one's.
        Batch merged = made();
        merged.opens.reset();
        merged.jobs.clear();
        merged.facts.front().handoff = answer->handoff;
        const auto added = co_await within(scope_, clock_, deadline, FailureKind::ambiguous,
                                           node->journal().commit(std::move(merged)));
        if (added && (added->done() || added->verdict == Verdict::fact_known)) {
          accepted_.push_back({answer->handoff, key});
          co_return Done{};
        }
      } else if (answer && (answer->done() || answer->verdict == Verdict::fact_known)) {
        accepted_.push_back({answer->done() ? handoff : answer->handoff, key});
        co_return Done{};
      } else if (answer && answer->verdict == Verdict::stale && !store_.handoffs.contains(handoff)) {
        co_return Done{};  // a signal about what became part of an earlier handoff
      }
    }
    (void)co_await clock_.until(clock_.now() + 5s);
  }
}

}  // namespace baton::deterministic
