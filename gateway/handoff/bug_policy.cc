#include "gateway/handoff/bug_policy.h"

#include "gateway/handoff/fingerprint_text.h"

namespace baton::handoff {
namespace {

constexpr std::int64_t kMostCustomers = static_cast<std::int64_t>(kMaxBugCustomers);
constexpr double kMostValue = 1e12;
constexpr auto kShortest = std::chrono::minutes(1);
constexpr auto kLongest = std::chrono::hours(24 * 90);

void read_threshold(const Node& node, BugPolicy& policy, Problems& problems) {
  Fields in(node, "bugs.threshold", problems);
  policy.customers = in.integer("customers", policy.customers, 1, kMostCustomers);
  const auto within = in.duration("within", policy.within);
  if (within < kShortest || within > kLongest) in.report("within", "must be from 1m to 90d");
  else policy.within = within;
  in.done();
}

void read_at_once(const Node& node, BugPolicy& policy, Problems& problems) {
  Fields in(node, "bugs.at_once", problems);
  for (const auto& code : in.texts("codes")) policy.codes.push_back(code_name(code));
  policy.tiers = in.texts("tiers");
  in.done();
}

RaiseAt read_raise(const Node& node, const std::string& path, Problems& problems) {
  Fields in(node, path, problems);
  RaiseAt step;
  step.customers = in.integer("customers", 0, 1, kMostCustomers);
  step.value = in.number("value", 0, 0, kMostValue);
  const std::vector<std::string> allowed(kPriorityNames.begin(), kPriorityNames.end());
  step.priority = priority_from(in.one_of("priority", "high", allowed)).value_or(Priority::high);
  if (in.node("customers").missing() && in.node("value").missing())
    problems.add(node.at(), path,
                 "never takes effect: say from how many `customers` or from how much `value`");
  in.done();
  return step;
}

// Whatever reaches `later` has already reached `earlier`, which asks for at least as much.
bool comes_first(const RaiseAt& earlier, const RaiseAt& later) {
  const bool customers =
      later.customers == 0 || (earlier.customers > 0 && earlier.customers <= later.customers);
  const bool value = later.value == 0 || (earlier.value > 0 && earlier.value <= later.value);
  return customers && value && earlier.priority >= later.priority;
}

void read_raises(const Node& list, BugPolicy& policy, Problems& problems) {
  if (list.missing()) return;
  if (list.kind() != Node::Kind::list)
    return problems.add(list.at(), "bugs.raise",
                        "must be a list, each with customers or value, and priority");
  policy.raise.clear();
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    const auto& item = list.items()[i];
    const auto path = "bugs.raise[" + std::to_string(i) + "]";
    const auto step = read_raise(item, path, problems);
    if (step.customers == 0 && step.value == 0) continue;
    for (std::size_t k = 0; k < policy.raise.size(); ++k) {
      if (!comes_first(policy.raise[k], step) && !comes_first(step, policy.raise[k])) continue;
      const bool earlier = comes_first(policy.raise[k], step);
      const auto that = "bugs.raise[" + std::to_string(k) + "]";
      problems.add(item.at(), path,
                   (earlier ? "never takes effect: " + that : "makes " + that + " useless: it") +
                       " is at least as urgent and comes no later; remove one of them");
    }
    policy.raise.push_back(step);
  }
}

}  // namespace

BugPolicy read_bug_policy(const Node& section, Problems& problems) {
  BugPolicy policy;
  if (section.missing()) return policy;
  Fields in(section, "bugs", problems);
  const std::vector<std::string> allowed = {"threshold", "first"};
  policy.first = in.one_of("file", "threshold", allowed) == "first";
  read_threshold(in.node("threshold"), policy, problems);
  if (policy.first && !in.node("threshold").missing())
    in.report("threshold", "contradicts `file: first`: the first occurrence is filed; remove one of them");
  read_at_once(in.node("at_once"), policy, problems);
  read_raises(in.node("raise"), policy, problems);
  const auto settles = in.duration("settles", policy.settles);
  if (settles < Duration(0) || settles > kLongest) in.report("settles", "must be from 0s to 90d");
  else policy.settles = settles;
  in.done();
  return policy;
}

}  // namespace baton::handoff
