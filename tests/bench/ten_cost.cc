#include "tests/bench/ten_cost.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <deque>

#include "connectors/simulation/registry.h"
#include "tests/contract/accounts.h"
#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

using enum Operation;

// What each is there for in a handoff that goes everywhere.
constexpr auto kTen = std::to_array<std::pair<const char*, Operation>>({{"zendesk", open_ticket},
                                                                        {"intercom", open_ticket},
                                                                        {"freshdesk", open_ticket},
                                                                        {"hubspot", write_back},
                                                                        {"salesforce", open_ticket},
                                                                        {"stripe", read_context},
                                                                        {"linear", file_bug},
                                                                        {"slack", post_alert},
                                                                        {"teams", post_alert},
                                                                        {"standard_webhooks", emit}});

double thread_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// Of one destination. `request`: from the order until the first byte could leave, without the mapping;
// `reply`: from each answer until the next request is ready, or the end.
struct Shares {
  double mapping = 0, request = 0, reply = 0;
  std::size_t requests = 0;
  bool done = false;
  double whole() const { return mapping + request + reply; }
};

class Ten {
 public:
  Ten()
      : clock_(loop_, TimePoint{} + std::chrono::years(56)), memory_(store_, clock_),
        network_(clock_, {.latency = Duration{40}}), client_(network_), scope_(loop_, clock_) {
    for (const auto& [name, operation] : kTen) add(name);
    station_ = std::make_unique<delivery::Station>(accounts_, memory_, client_, clock_, random_);
    scope_.spawn(station_->run(scope_.stop_token()));
  }
  ~Ten() {
    scope_.cancel();
    clock_.run(clock_.now() + 1min);
  }

  // The destinations come one after the other in virtual time, so that each knows what it cost.
  std::array<Shares, kTen.size()> hand_over(int n) {
    char id[40];
    std::snprintf(id, sizeof id, "hof_0199e5a1c2d37f00a1b2c3d4e5f6%04x", static_cast<unsigned>(n));
    const HandoffId handoff{std::string(id)};
    const auto from = clock_.now();
    Batch opening;
    opening.opens.emplace(handoff, WorkspaceId("main"), ConversationId("chat", "c" + std::to_string(n)),
                          Priority::high, Route{}, from);
    opening.opens->data = data();
    await(memory_.commit(std::move(opening)));
    Batch asking;
    for (std::size_t i = 0; i < kTen.size(); ++i) asking.jobs.push_back(job(handoff, i, from));
    await(memory_.commit(std::move(asking)));

    std::array<Shares, kTen.size()> costs;
    for (std::size_t i = 0; i < kTen.size(); ++i) {
      now_ = &costs[i];
      vendors_ = 0;
      watch();
      const auto before = thread_us();
      clock_.run(due(from, i) + kApart / 2);
      const auto whole = thread_us() - before - vendors_;
      if (!first_at_) first_at_ = before + whole;
      now_->request = first_at_ - before - now_->mapping;
      now_->reply = whole - now_->request - now_->mapping;
      now_->requests = client_.sent.size();
    }
    const auto record = await(memory_.load(handoff));
    for (std::size_t i = 0; i < kTen.size(); ++i) {
      for (const auto& one : record.jobs) {
        if (one.key.lane.text == kTen[i].first) costs[i].done = baton::name(one.state) == "done";
      }
    }
    return costs;
  }

 private:
  static constexpr Duration kApart = std::chrono::seconds(20);
  static TimePoint due(TimePoint from, std::size_t i) { return from + kApart * static_cast<int>(i + 1); }

  // Somebody whom the CRM and the billing know: of a stranger they have nothing to say.
  static const nlohmann::json& data() {
    static const auto& known = *[] {
      auto* event = new nlohmann::json(Bench::sample_data());
      (*event)["customer"].update(place_of("hubspot")->customer);
      return event;
    }();
    return known;
  }

  void add(const char* name) {
    const auto place = *place_of(name);
    auto account = make_account(place, name);
    bind(*account);
    accounts_.emplace(account->id, std::move(account));
    auto& vendor = vendors_at_.emplace_back(simulation::make_vendor(place.connector, place.setup));
    network_.add(place.base_url, vendor);
    for (const auto& url : place.also) network_.add(url, vendor);
    set_up(place, vendor, clock_.now());
  }

  // The mapping's part begins when it is first asked what the document looks at: what it needs of the
  // handoff, the brief above all, is made for it.
  void bind(sdk::Account& account) {
    account.looks_at = [this, looks_at = account.looks_at](Operation operation, std::string_view member) {
      if (!mapping_from_) mapping_from_ = thread_us();
      return !looks_at || looks_at(operation, member);
    };
    account.render = [this, render = account.render](Operation operation, const nlohmann::json& scope) {
      auto rendered = render(operation, scope);
      if (now_ && mapping_from_) now_->mapping += thread_us() - mapping_from_;
      mapping_from_ = 0;
      return rendered;
    };
  }

  void watch() {
    first_at_ = 0;
    client_.meddle(
        [this](int, const Request&) -> std::optional<Result<Reply>> {
          asked_ = thread_us();
          if (!first_at_) first_at_ = asked_;
          return std::nullopt;
        },
        [this](int, Result<Reply>&) { vendors_ += thread_us() - asked_; });
  }

  static Job job(const HandoffId& handoff, std::size_t i, TimePoint from) {
    const auto& [name, operation] = kTen[i];
    Job job(JobKey(handoff, DestinationId(name), operation), due(from, i),
            subject_of(operation, data(), "c1", from));
    job.conversation = ConversationId("chat", "c1");
    if (is_read(operation)) job.deadline = job.due + 10s;
    return job;
  }

  template <class T>
  T await(Task<T> task) {
    std::optional<Result<T>> result;
    scope_.spawn(std::move(task), [&result](Result<T> r) { result.emplace(std::move(r)); });
    clock_.run(clock_.now());
    BATON_CHECK(result && *result);
    return std::move(**result);
  }

  std::deque<simulation::FaultyVendor> vendors_at_;
  sdk::Accounts accounts_;
  Loop loop_;
  VirtualClock clock_;
  MemoryStore store_;
  MemoryJournal memory_;
  simulation::VendorClient network_;
  MeddlingClient client_;
  Random random_{7};
  std::unique_ptr<delivery::Station> station_;
  Scope scope_;
  Shares* now_ = nullptr;
  double mapping_from_ = 0, first_at_ = 0, asked_ = 0, vendors_ = 0;
};

void print(const char* name, const char* operation, const Shares& cost) {
  std::printf(
      "ten %-18s %-14s %7.0f us  mapping %3.0f %%  request %3.0f %%  reply %3.0f %%  requests %2zu%s\n", name,
      operation, cost.whole(), 100 * cost.mapping / cost.whole(), 100 * cost.request / cost.whole(),
      100 * cost.reply / cost.whole(), cost.requests, cost.done ? "" : "  NOT DONE");
}

}  // namespace

void measure_ten(int rounds) {
  Ten ten;
  (void)ten.hand_over(0);  // tokens, and whatever is read once
  std::array<Shares, kTen.size()> least{};
  for (int round = 1; round <= rounds; ++round) {
    const auto costs = ten.hand_over(round);
    for (std::size_t i = 0; i < kTen.size(); ++i) {
      if (round == 1 || costs[i].whole() < least[i].whole()) least[i] = costs[i];
    }
  }
  Shares all;
  all.done = true;
  for (std::size_t i = 0; i < kTen.size(); ++i) {
    print(kTen[i].first, name(kTen[i].second).data(), least[i]);
    all.mapping += least[i].mapping;
    all.request += least[i].request;
    all.reply += least[i].reply;
    all.requests += least[i].requests;
    all.done = all.done && least[i].done;
  }
  print("all", "one handoff", all);
}

}  // namespace baton::contract
