#include "gateway/http/curl/curl_client.h"

#include <deque>
#include <map>

#include <string.h>

#include "gateway/base/clock.h"
#include "gateway/http/curl/library.h"
#include "gateway/http/curl/pool.h"
#include "gateway/http/curl/transfer.h"

namespace baton {
namespace {

void wipe(std::string& bytes) { ::explicit_bzero(bytes.data(), bytes.size()); }

bool still_waits(const std::weak_ptr<Waiter>& enlisted) {
  const auto waiter = enlisted.lock();
  return waiter && !waiter->resumed();
}

// The URL, the headers and the body of a request may all hold credentials; nobody needs them after
// the exchange (promises.md K4).
class WipedAtEnd {
 public:
  explicit WipedAtEnd(Request& request) : request_(request) {}
  WipedAtEnd(const WipedAtEnd&) = delete;
  WipedAtEnd& operator=(const WipedAtEnd&) = delete;
  ~WipedAtEnd() {
    wipe(request_.target);
    wipe(request_.body);
    for (auto& [name, value] : request_.headers) wipe(value);
  }

 private:
  Request& request_;
};

}  // namespace

class CurlClient::Core {
 public:
  Core(Loop& loop_in, Clock& clock_in, CurlOptions options_in)
      : loop(loop_in), clock(clock_in), options(std::move(options_in)) {
    prepare_libcurl();
    for (const auto& pin : options.pins) pins = curl_slist_append(pins, pin.c_str());
  }
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core() { curl_slist_free_all(pins); }

  static Task<Reply> run(std::shared_ptr<Core> core, Outgoing outgoing);

  void shut() {
    closed = true;
    for (const auto& pool : std::exchange(pools, {})) pool.second->shut();
    for (const auto& pool : std::exchange(retired, {})) {
      if (const auto alive = pool.lock()) alive->shut();
    }
    for (auto& [name, line] : lines) {
      for (const auto& enlisted : std::exchange(line.waiting, {})) {
        if (const auto waiter = enlisted.lock()) waiter->resume();
      }
    }
  }

  // Every exchange keeps its pool alive; what the map forgets ends with its last exchange.
  void retire_all() {
    std::erase_if(retired, [](const auto& pool) { return pool.expired(); });
    for (auto& [name, pool] : std::exchange(pools, {})) {
      if (!pool->idle()) retired.push_back(pool);
    }
  }

  Loop& loop;
  Clock& clock;
  CurlOptions options;
  curl_slist* pins = nullptr;
  CurlStats stats;
  std::map<std::string, std::shared_ptr<Pool>> pools;  // shared with their transfers
  std::vector<std::weak_ptr<Pool>> retired;            // by a change of the policy
  bool closed = false;

 private:
  // The exchanges of one pool.
  struct Line {
    std::size_t under_way = 0;
    std::deque<std::weak_ptr<Waiter>> waiting;  // for a place
  };

  // A place among the exchanges under way, for as long as it lives.
  class Place {
   public:
    Place(Core& core, std::string pool) : core_(core), pool_(std::move(pool)) {
      ++core_.stats.in_flight;
      ++core_.lines[pool_].under_way;
      core_.call_next();  // one place that was given back may have let in two
    }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;
    ~Place() {
      --core_.stats.in_flight;
      --core_.lines[pool_].under_way;
      core_.call_next();
    }

   private:
    Core& core_;
    const std::string pool_;
  };

  // Nobody holds more places than are left free: so whoever waits at slow
  // vendors, and however many they are, another one finds a place at once.
  bool has_place(const Line& line) const {
    return stats.in_flight < options.max_in_flight &&
           line.under_way < options.max_in_flight - stats.in_flight;
  }
  Task<Done> wait_for_place(const std::string& pool, TimePoint deadline);
  void call_next();
  std::shared_ptr<Pool> pool(const std::string& name, TimePoint now);
  void close_pools(TimePoint now);

  std::map<std::string, Line> lines;  // by pool; those in which something is under way or waits
};

Task<Reply> CurlClient::Core::run(std::shared_ptr<Core> core, Outgoing outgoing) {
  const WipedAtEnd wiped(outgoing.request);
  const auto deadline = std::min(outgoing.deadline, core->clock.now() + core->options.total);
  const auto admitted = co_await core->wait_for_place(outgoing.pool, deadline);
  if (!admitted) co_return admitted.error();
  const Place place(*core, outgoing.pool);
  const auto now = core->clock.now();
  Transfer transfer(core->pool(outgoing.pool, now), core->options, core->pins, core->stats, outgoing.request);
  const auto started = transfer.start(deadline - now);
  if (!started) co_return started.error();
  co_await suspend([&](std::shared_ptr<Waiter> waiter) {
    transfer.wakes(waiter);
    core->clock.wake(deadline, std::move(waiter));
  });
  co_return transfer.conclude(core->clock.now());
}

Task<Done> CurlClient::Core::wait_for_place(const std::string& pool, TimePoint deadline) {
  while (!closed && !has_place(lines[pool]) && clock.now() < deadline) {
    co_await suspend([&](std::shared_ptr<Waiter> waiter) {
      lines[pool].waiting.push_back(waiter);
      clock.wake(deadline, std::move(waiter));
    });
  }
  if (!closed && clock.now() < deadline) co_return Done{};
  call_next();  // the call that woke us may have been for the place: pass it on
  co_return Failure(FailureKind::retryable, closed ? "the client is stopping; the request was not sent"
                                                   : "the deadline passed before the request could be sent");
}

// Of those who may go, one of the pool that has the least.
void CurlClient::Core::call_next() {
  Line* next = nullptr;
  for (auto line = lines.begin(); line != lines.end();) {
    auto& [under_way, waiting] = line->second;
    while (!waiting.empty() && !still_waits(waiting.front())) waiting.pop_front();
    if (under_way == 0 && waiting.empty()) {
      line = lines.erase(line);
      continue;
    }
    if (!waiting.empty() && has_place(line->second) && (!next || under_way < next->under_way))
      next = &line->second;
    ++line;
  }
  if (!next) return;
  const auto waiter = next->waiting.front().lock();
  next->waiting.pop_front();
  waiter->resume();
}

std::shared_ptr<Pool> CurlClient::Core::pool(const std::string& name, TimePoint now) {
  auto found = pools.find(name);
  if (found == pools.end()) {
    close_pools(now);
    found = pools.emplace(name, std::make_shared<Pool>(loop, stats, options.connections_per_pool)).first;
  }
  found->second->last_used = now;
  return found->second;
}

void CurlClient::Core::close_pools(TimePoint now) {
  std::erase_if(pools, [&](const auto& entry) {
    return entry.second->idle() && now - entry.second->last_used >= options.idle_pool;
  });
  while (pools.size() >= options.max_pools) {
    auto oldest = pools.end();
    for (auto each = pools.begin(); each != pools.end(); ++each) {
      if (!each->second->idle()) continue;
      if (oldest == pools.end() || each->second->last_used < oldest->second->last_used) oldest = each;
    }
    if (oldest == pools.end()) return;  // all in use: bounded by max_in_flight
    pools.erase(oldest);
  }
}

CurlClient::CurlClient(Loop& loop, Clock& clock, CurlOptions options)
    : core_(std::make_shared<Core>(loop, clock, std::move(options))) {}

CurlClient::~CurlClient() { core_->shut(); }

Task<Reply> CurlClient::exchange(Outgoing outgoing) { return Core::run(core_, std::move(outgoing)); }

void CurlClient::use(AddressPolicy addresses) {
  core_->options.addresses = std::move(addresses);
  core_->retire_all();
}

void CurlClient::close_idle() {
  std::erase_if(core_->pools, [](const auto& entry) { return entry.second->idle(); });
}

CurlStats CurlClient::stats() const {
  auto stats = core_->stats;
  stats.pools = core_->pools.size();
  return stats;
}

}  // namespace baton
