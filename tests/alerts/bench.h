// Purpose: an outage to be played: vendors that a test scripts, the real delivery station and planner, and
// the alert station, on virtual time. Owner: a test. Threads: one loop. Errors: end the test.
#pragma once

#include <set>

#include "gateway/health/alerts_station.h"
#include "gateway/planner/planner.h"
#include "tests/delivery/bench.h"
#include "tests/support/await.h"

namespace baton::alerts_testing {

using delivery_testing::Answer;
using delivery_testing::kStart;
using delivery_testing::Sent;

inline constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::open_ticket, delivery_testing::write, nullptr},
    {Operation::notify, delivery_testing::write, nullptr},
});
inline constexpr sdk::Manifest kDeskManifest{.name = "deskly",
                                             .title = "Deskly",
                                             .api_version = "1",
                                             .actions = kActions,
                                             .fields = {},
                                             .base_url = ""};
inline constexpr sdk::Manifest kPagerManifest{
    .name = "pager", .title = "Pager", .api_version = "1", .actions = kActions, .fields = {}, .base_url = ""};
inline constexpr sdk::Manifest kMailManifest{
    .name = "mail", .title = "Mail", .api_version = "1", .actions = kActions, .fields = {}, .base_url = ""};

class Vendor final : public sdk::Connector {
 public:
  explicit Vendor(const sdk::Manifest& manifest) : manifest_(manifest) {}
  const sdk::Manifest& manifest() const override { return manifest_; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::NoAuth{}; }

 private:
  const sdk::Manifest& manifest_;
};

// What a channel was told, and when it took it.
struct Told {
  std::string channel;
  std::string type;
  std::string title;
  std::string key;
  TimePoint at;
};

inline alerts::Options two_channels() {
  alerts::Options options;
  options.channels = {DestinationId("pager"), DestinationId("mail")};
  options.stuck.clear();  // what a test gives stays as it is
  return options;
}

class Bench {
 public:
  explicit Bench(MemoryStore& store, TimePoint start = kStart, alerts::Options options = two_channels())
      : store_(store), clock(loop_, start), memory_(store, clock), network(clock),
        options_(std::move(options)), accounts_(make_accounts()),
        delivery(accounts_, memory_, network, clock, random_),
        planner_(memory_, clock, random_, rules_, abilities_, patience_, messages_),
        station_(alerts::Station::Parts(memory_, clock, random_, options_, [this] { return read(); })),
        scope_(loop_.get_executor(), clock) {
    scope_.spawn(delivery.run(scope_.stop_token()));
    scope_.spawn(planner_.run(scope_.stop_token()));
    scope_.spawn(station_.run(scope_.stop_token()));
  }

  void run(Duration time) { (void)await(clock.until(clock.now() + time)); }

  template <class T>
  Result<T> await(Task<T> task) {
    return await_on(scope_, clock, std::move(task));
  }
  void commit(Batch batch) { BATON_CHECK(await(memory_.commit(std::move(batch)))->done()); }

  // A delivery to a vendor, of a handoff of its own.
  void give(const std::string& lane = "zendesk") {
    const HandoffId id("hof_" + std::to_string(++given_) + "x" +
                       std::to_string(clock.now().time_since_epoch().count()));
    Batch batch;
    batch.opens.emplace(id, WorkspaceId("main"), ConversationId("chat", id.text), Priority::normal, Route(),
                        clock.now());
    batch.opens->state = State::active;
    Job job(JobKey(id, DestinationId(lane), Operation::open_ticket), clock.now(), nlohmann::json::object());
    job.conversation = ConversationId("chat", id.text);
    batch.jobs.push_back(std::move(job));
    commit(std::move(batch));
  }

  // Every delivery that a channel took, in the order of their making.
  std::vector<Told> told() const {
    std::vector<Told> all;
    for (const auto& [position, row] : store_.jobs) {
      const auto& job = row.job;
      if (job.key.work != Work(Operation::notify) || job.state != JobState::done) continue;
      const JsonView subject(job.subject);
      all.push_back({job.key.lane.text, subject["type"].text(), subject["data"]["title"].text(),
                     subject["data"]["key"].text(), *job.ended_at});
    }
    return all;
  }
  std::vector<std::string> said() const {
    std::vector<std::string> lines;
    for (const auto& one : told()) lines.push_back(one.channel + " " + one.type + ": " + one.title);
    return lines;
  }

  // Why deliveries did not arrive, for whoever reads a failed test.
  std::string why() const {
    std::string all;
    for (const auto& [position, row] : store_.jobs) {
      if (row.job.failure && all.size() < 2000)
        all += row.job.key.text() + ": " + row.job.failure->detail + "\n";
    }
    return all;
  }

  // "zendesk" to "503"; everything else answers well.
  std::map<std::string, Answer> broken;
  std::optional<TimePoint> zendesk_credential_ends;

 private:
  sdk::Accounts make_accounts() {
    network.answer = [this](const Sent& sent) {
      if (chance && !sent.pool.starts_with("pager") && !sent.pool.starts_with("mail") && chance(sent))
        return Answer(503);
      const auto found = broken.find(sent.pool);
      return found == broken.end() ? Answer(200) : found->second;
    };
    sdk::Accounts accounts;
    for (const auto& [id, connector] : {std::pair<const char*, const sdk::Connector*>{"zendesk", &desk_},
                                        {"hubspot", &desk_},
                                        {"pager", &pager_},
                                        {"mail", &mail_}})
      accounts.emplace(DestinationId(id), delivery_testing::account_of(Lane(id), *connector));
    return accounts;
  }

  alerts::Readings read() {
    alerts::Readings readings;
    for (const auto& [id, account] : accounts_) {
      auto* lane = delivery.control(id);
      const auto& figures = lane->figures();
      alerts::LaneReading one;
      one.id = id;
      one.vendor = account->connector->manifest().name;
      one.served = figures.served;
      one.unserved = figures.unserved;
      one.died = figures.died;
      one.failed = figures.failed;
      one.last_failure = figures.last_failure_detail;
      if (id == DestinationId("zendesk")) one.credential_ends = zendesk_credential_ends;
      one.breaker_open = lane->breaker().state() != delivery::Breaker::State::closed;
      if (lane->paused(clock.now())) one.pause = lane->asked();
      readings.lanes.push_back(std::move(one));
    }
    return readings;
  }

  MemoryStore& store_;
  Loop loop_;

 public:
  VirtualClock clock;
  std::function<bool(const Sent&)> chance;

 private:
  MemoryJournal memory_;

 public:
  delivery_testing::Network network;

 private:
  Vendor desk_{kDeskManifest}, pager_{kPagerManifest}, mail_{kMailManifest};
  Random random_{7};
  alerts::Options options_;
  sdk::Accounts accounts_;
  handoff::Rules rules_;
  Abilities abilities_;
  handoff::Patience patience_;
  handoff::tell::Messages messages_;

 public:
  delivery::Station delivery;

 private:
  Planner planner_;
  alerts::Station station_;
  Scope scope_;
  int given_ = 0;
};

}  // namespace baton::alerts_testing
