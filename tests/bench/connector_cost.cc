// What each connector costs: CPU time of one delivery by its simulated vendor, apart from the vendor's own.
// Mapping is timed around the renderer. The request is what the connector, the station and the journal in
// memory do until the first byte could leave; the reply is what follows from each answer, the next request
// included.
//   bench_connector_cost [ROUNDS [OPERATION CONNECTOR]]
//       a line an operation: what, connector, us of mapping, of the request, of the reply, requests, each
//       one's share as a multiple of the least of its kind, ratio; or only this one, for a profiler
//   bench_connector_cost ten ROUNDS
//       one handoff to ten destinations, see ten_cost.h
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <map>
#include <string_view>
#include <vector>

#include "tests/bench/ten_cost.h"
#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

double cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

// `request`: until the first byte could leave, without the mapping; `reply`: from each answer until the next
// request is ready, or the end.
struct Cost {
  double mapping = 0, request = 0, reply = 0;
  std::size_t requests = 0;
  double whole() const { return mapping + request + reply; }
  double each() const { return whole() / static_cast<double>(std::max<std::size_t>(requests, 1)); }
};

// Only those of one kind are compared: a CRM is asked other things than a helpdesk.
std::string kind_of(const std::string& connector) {
  static const std::map<std::string, std::string> kinds = {
      {"zendesk", "helpdesk"}, {"intercom", "helpdesk"}, {"freshdesk", "helpdesk"},
      {"hubspot", "crm"},      {"salesforce", "crm"},    {"stripe", "billing"},
      {"linear", "tracker"},   {"slack", "chat"},        {"teams", "chat"}};
  const auto found = kinds.find(connector);
  return found == kinds.end() ? "platform" : found->second;
}

Cost once(const Case& what) {
  Bench bench(what.place);
  // A helpdesk is asked about somebody whom it knows: of a stranger it has nothing to say, and is asked no
  // more.
  if (what.operation == Operation::read_context && kind_of(what.place.connector) == "helpdesk") {
    bench.order(Operation::open_ticket);
    bench.run(Duration{2min});
  }
  bench.order(what.operation);
  Cost cost;
  if (bench.account->render) {
    bench.account->render = [render = bench.account->render, &cost](Operation operation,
                                                                    const nlohmann::json& scope) {
      const auto from = cpu_us();
      auto rendered = render(operation, scope);
      cost.mapping += cpu_us() - from;
      return rendered;
    };
  }
  double vendor = 0, asked = 0, first = 0;
  bench.client.meddle(
      [&](int n, const Request&) -> std::optional<Result<Reply>> {
        asked = cpu_us();
        if (n == 0) first = asked;
        return std::nullopt;
      },
      [&](int, Result<Reply>&) { vendor += cpu_us() - asked; });
  const auto from = cpu_us();
  bench.run(Duration{2min});
  const auto whole = cpu_us() - from - vendor;
  cost.request = (first > 0 ? first - from : whole) - cost.mapping;
  cost.reply = whole - cost.request - cost.mapping;
  cost.requests = bench.client.sent.size();
  return cost;
}

// The least of the rounds: whatever else the machine does makes it more, and never less.
Cost cost_of(const Case& what, int rounds) {
  auto least = once(what);
  for (int i = 1; i < rounds; ++i) {
    const auto cost = once(what);
    if (cost.whole() < least.whole()) least = cost;
  }
  return least;
}

// Nothing: all of them.
struct Only {
  std::string operation, connector;
  bool allows(const Case& what) const {
    return operation.empty() || (operation == name(what.operation) && connector == what.place.connector);
  }
};

void measure(int rounds, const Only& only) {
  std::map<std::string, std::vector<std::pair<std::string, Cost>>> by_operation;
  for (const auto& list : {reads(), cases()}) {
    for (const auto& what : list) {
      if (!only.allows(what)) continue;
      const auto operation = std::string(name(what.operation));
      by_operation[operation + " " + kind_of(what.place.connector)].emplace_back(what.place.connector,
                                                                                 cost_of(what, rounds));
    }
  }
  for (auto& [operation, all] : by_operation) {
    std::ranges::sort(all, {}, [](const auto& one) { return one.second.whole(); });
    const auto cheapest = all.front().second.whole();
    auto least = all.front().second.each();
    for (const auto& one : all) least = std::min(least, one.second.each());
    for (const auto& [connector, cost] : all) {
      std::printf(
          "%-26s %-18s mapping %7.0f us  request %7.0f us  reply %7.0f us  requests %2zu  each %.1f  ratio "
          "%.1f\n",
          operation.c_str(), connector.c_str(), cost.mapping, cost.request, cost.reply, cost.requests,
          cost.each() / least, cost.whole() / cheapest);
    }
  }
}

}  // namespace
}  // namespace baton::contract

int main(int count, char** words) {
  if (count > 2 && std::string_view(words[1]) == "ten") {
    baton::contract::measure_ten(std::atoi(words[2]));
    return 0;
  }
  baton::contract::Only only;
  if (count > 3) only = {words[2], words[3]};
  baton::contract::measure(count > 1 ? std::atoi(words[1]) : 21, only);
}
