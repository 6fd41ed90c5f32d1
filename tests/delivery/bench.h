// Purpose: the delivery station on virtual time with a connector and a network that a test scripts.
// Owner: a test. Threads: one loop. Errors: an answer of the journal that is a Failure ends the test.
//
//   Bench bench;
//   bench.network.answer = [](const Sent& sent) { return Answer(503); };
//   bench.give("1", Operation::open_ticket);
//   bench.run(1h);
//   bench.network.sent ...
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/delivery/station.h"
#include "gateway/journal/memory/memory.h"
#include "tests/support/passing_journal.h"
#include "tests/support/await.h"

namespace baton::delivery_testing {

inline constexpr TimePoint kStart{Duration{1'800'000'000'000}};
inline const Lane kDesk("desk");

// --- a network

struct Answer {
  Answer(int status, std::string body = "{\"id\":\"T-1\"}") : result(Reply(status, std::move(body))) {}
  Answer(Reply reply) : result(std::move(reply)) {}
  Answer(Failure failure) : result(std::move(failure)) {}

  Answer& after(Duration time) {
    takes = time;
    return *this;
  }

  Result<Reply> result;
  Duration takes{50};
};

inline Answer lost() { return Answer(Failure(FailureKind::ambiguous, "the reply was lost")); }

struct Sent {
  Sent(TimePoint at_in, Outgoing outgoing_in)
      : at(at_in), pool(std::move(outgoing_in.pool)), request(std::move(outgoing_in.request)),
        deadline(outgoing_in.deadline) {}
  TimePoint at;
  std::string pool;
  Request request;
  TimePoint deadline;
};

class Network final : public HttpClient {
 public:
  explicit Network(Clock& clock) : clock_(clock) {}

  Task<Reply> exchange(Outgoing outgoing) override {
    sent.emplace_back(clock_.now(), std::move(outgoing));
    const auto deadline = sent.back().deadline;
    const auto given = answer(sent.back());
    most_at_once = std::max(most_at_once, ++under_way);
    const auto ready = clock_.now() + given.takes;
    (void)co_await clock_.until(std::min(ready, deadline));
    --under_way;
    if (ready > deadline) co_return Failure(FailureKind::ambiguous, "no reply in time");
    co_return given.result;
  }

  int count(std::string_view method, std::string_view path) const {
    int found = 0;
    for (const auto& one : sent) found += one.request.method == method && one.request.target.ends_with(path);
    return found;
  }

  std::function<Answer(const Sent&)> answer = [](const Sent&) { return Answer(200); };
  std::deque<Sent> sent;
  int under_way = 0;
  int most_at_once = 0;

 private:
  Clock& clock_;
};

// --- a connector: open_ticket writes `requests` times (default once), read_context asks as often

inline Result<Receipt> read_id(const Reply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  if (!body.is_object() || !body.contains("id") || !body["id"].is_string()) {
    return Failure(FailureKind::rejected, "the reply has no id");
  }
  return Receipt(body["id"].get<std::string>());
}

inline Result<sdk::Found> read_match(const Reply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  if (!body.is_object() || !body.contains("found") || !body["found"].is_array()) {
    return Failure(FailureKind::ambiguous, "the look-up's reply carries no list");
  }
  if (body["found"].empty()) return sdk::Found{};
  return sdk::Found{Receipt(body["found"][0].get<std::string>())};
}

inline sdk::Lookup look_up(Duration settle = Duration{0}) {
  return sdk::Lookup(sdk::Read::get("/find"), read_match, settle);
}

inline int number_of(const sdk::Order& order, std::string_view setting) {
  const auto text = order.settings[setting];
  return text.empty() ? 1 : std::stoi(std::string(text));
}

inline sdk::Again again_of(const sdk::Order& order) {
  const auto how = order.settings["again"];
  if (how == "no_lookup") return sdk::no_lookup;
  if (how == "repeatable") return sdk::repeatable;
  if (how == "settling") return look_up(30s);
  return look_up();
}

inline Task<Receipt> write(const sdk::Order& order, sdk::Session& session) {
  Receipt last;
  for (int step = 1; step <= number_of(order, "requests"); ++step) {
    const auto receipt = co_await session.once(sdk::Step(
        "step" + std::to_string(step),
        sdk::Write::post("/tickets", "{\"key\":\"" + order.external_id + "\"}"), read_id, again_of(order)));
    if (!receipt) co_return receipt.error();
    last = *receipt;
  }
  co_return last;
}

inline Task<nlohmann::json> look(const sdk::Order& order, sdk::ReadSession& session) {
  for (int request = 1; request < number_of(order, "requests"); ++request) {
    const auto reply = co_await session.read(sdk::Read::get("/customers"));
    if (!reply) co_return reply.error();
  }
  const auto reply = co_await session.read(sdk::Read::get("/customers"));
  if (!reply) co_return reply.error();
  co_return nlohmann::json::parse(reply->body, nullptr, false);
}

inline constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::read_context, nullptr, look},
    {Operation::open_ticket, write, nullptr},
    {Operation::add_note, write, nullptr},
    {Operation::emit, write, nullptr},
});

inline constexpr sdk::Manifest kManifest{
    .name = "acme", .title = "Acme", .api_version = "1", .actions = kActions, .fields = {}, .base_url = ""};
static_assert(sdk::well_formed(kManifest));

class Acme final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return about; }
  sdk::Auth auth(const sdk::Settings&) const override { return scheme; }
  sdk::Quota quota(const Reply& reply, TimePoint) const override {
    sdk::Quota quota;
    const auto left = header(reply.headers, "x-left");
    if (!left.empty()) quota.remaining = std::stoi(std::string(left));
    const auto limit = header(reply.headers, "x-limit");
    if (!limit.empty()) quota.limit = std::stoi(std::string(limit));
    quota.what = "the desk's daily limit";
    return quota;
  }
  sdk::Manifest about = kManifest;
  sdk::Auth scheme = sdk::NoAuth{};
};

inline std::unique_ptr<sdk::Account> account_of(const Lane& id, const sdk::Connector& connector,
                                                sdk::Settings::Values settings = {}) {
  auto account = std::make_unique<sdk::Account>();
  account->id = id;
  account->connector = &connector;
  account->base_url = "https://" + id.text + ".example";
  account->settings = sdk::Settings(std::move(settings));
  account->limits = {.per_second = 1000, .burst = 1000, .at_once = 4};
  return account;
}

// --- a journal as a slow disk makes it: the bell rings, the answer comes later

class SlowJournal final : public PassingJournal {
 public:
  SlowJournal(Journal& inner, Clock& clock) : PassingJournal(inner), clock_(clock) {}

  Task<Committed> commit(Batch batch) override {
    ++commits;
    if (fails && fails(batch)) co_return Failure(FailureKind::retryable, "the disk is busy");
    auto result = co_await inner_.commit(std::move(batch));
    if (answers_after > Duration{0}) (void)co_await clock_.until(clock_.now() + answers_after);
    co_return result;
  }
  Task<Claim> claim(Lane lane, int limit, Duration lease, Take only) override {
    ++claims;
    return inner_.claim(std::move(lane), limit, lease, only);
  }

  Duration answers_after{0};
  std::function<bool(const Batch&)> fails;
  int commits = 0;
  int claims = 0;

 private:
  Clock& clock_;
};

// --- all of it; `store` outlives a Bench, as a file outlives processes

class Bench {
 public:
  using Setup = std::function<void(sdk::Accounts&, Acme&)>;

  explicit Bench(const Setup& setup = {}, MemoryStore* store = nullptr, TimePoint start = kStart)
      : store_(store ? *store : own_store_), clock(loop_, start), memory_(store_, clock),
        journal(memory_, clock), network(clock), accounts_(make_accounts(setup)),
        station(accounts_, journal, network, clock, random_), scope_(loop_, clock) {}

  // Starts the station, and lets `time` pass.
  void run(Duration time) {
    if (!std::exchange(started_, true)) scope_.spawn(station.run(scope_.stop_token()));
    const auto end = clock.now() + time;
    (void)await(clock.until(end));
  }

  template <class T>
  Result<T> await(Task<T> task) {
    return await_on(scope_, clock, std::move(task));
  }

  // One delivery or read, of a handoff of its own unless `conversation` is given.
  JobKey give(const std::string& handoff, Operation operation, const Lane& lane = kDesk, int sequence = 1,
              std::optional<Duration> deadline = {}) {
    const HandoffId id("hof_" + handoff);
    Batch batch;
    if (!store_.handoffs.contains(id)) {
      batch.opens.emplace(id, WorkspaceId("main"), ConversationId("chat", handoff), Priority::normal, Route(),
                          clock.now());
    }
    Job job(JobKey(id, lane, operation, sequence), clock.now(), nlohmann::json::object());
    job.conversation = ConversationId("chat", handoff);
    if (deadline) job.deadline = clock.now() + *deadline;
    const auto key = job.key;
    batch.jobs.push_back(std::move(job));
    BATON_CHECK(await(memory_.commit(std::move(batch)))->done());
    return key;
  }

  Job job(const JobKey& key) { return store_.jobs.at(store_.positions.at(key)).job; }
  std::optional<LaneState> lane(const Lane& lane) {
    const auto found = store_.lanes.find(lane);
    return found == store_.lanes.end() ? std::nullopt : std::optional(found->second);
  }
  void say(LaneState state) {
    Batch batch;
    batch.lanes.push_back(std::move(state));
    BATON_CHECK(await(memory_.commit(std::move(batch)))->done());
  }
  void replay(Job job) {
    Batch batch;
    batch.replays.push_back(std::move(job));
    BATON_CHECK(await(memory_.commit(std::move(batch)))->done());
  }
  std::size_t pending() {
    std::size_t found = 0;
    for (const auto& [position, row] : store_.jobs) found += row.job.state == JobState::pending;
    return found;
  }
  MemoryStore& store() { return store_; }

 private:
  sdk::Accounts make_accounts(const Setup& setup) {
    sdk::Accounts accounts;
    accounts.emplace(kDesk, account_of(kDesk, acme));
    if (setup) setup(accounts, acme);
    return accounts;
  }

  MemoryStore own_store_;
  MemoryStore& store_;
  Loop loop_;

 public:
  VirtualClock clock;

 private:
  MemoryJournal memory_;
  Random random_{7};

 public:
  SlowJournal journal;
  Acme acme;
  Network network;

 private:
  sdk::Accounts accounts_;

 public:
  delivery::Station station;

 private:
  Scope scope_;
  bool started_ = false;
};

}  // namespace baton::delivery_testing
