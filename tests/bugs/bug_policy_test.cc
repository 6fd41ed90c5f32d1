// Purpose: the `bugs` section: what it says is taken, and every mistake in it is named with place and remedy.
#include <gtest/gtest.h>

#include "gateway/config/parse.h"
#include "gateway/handoff/bug_policy.h"

namespace baton::handoff {
namespace {

struct Read {
  BugPolicy policy;
  std::vector<std::string> messages;
};

Read read_policy(const std::string& text) {
  auto parsed = config::parse(text, "baton.yaml");
  Problems problems = parsed.problems;
  Read made{read_bug_policy(parsed.root["bugs"], problems), {}};
  for (const auto& problem : problems.list()) made.messages.push_back(problem.text());
  return made;
}

TEST(BugPolicy, without_a_section_three_customers_in_a_day_make_a_report) {
  const auto made = read_policy("a: 1\n");
  EXPECT_TRUE(made.messages.empty());
  EXPECT_FALSE(made.policy.first);
  EXPECT_EQ(made.policy.customers, 3);
  EXPECT_EQ(made.policy.within, 24h);
}

TEST(BugPolicy, what_it_says_is_taken) {
  const auto made = read_policy(
      "bugs:\n  threshold: { customers: 2, within: 2h }\n  at_once: { codes: [PSP_502], tiers: enterprise }\n"
      "  raise: [{ customers: 4, priority: high }, { value: 100000, priority: urgent }]\n  settles: 10m\n");
  EXPECT_EQ(made.messages, std::vector<std::string>());
  EXPECT_EQ(made.policy.customers, 2);
  EXPECT_EQ(made.policy.within, 2h);
  EXPECT_EQ(made.policy.codes, std::vector<std::string>{"psp-502"});
  EXPECT_EQ(made.policy.tiers, std::vector<std::string>{"enterprise"});
  ASSERT_EQ(made.policy.raise.size(), 2u);
  EXPECT_EQ(made.policy.raise[1].value, 100000);
  EXPECT_EQ(made.policy.raise[1].priority, Priority::urgent);
  EXPECT_EQ(made.policy.settles, 10min);
  EXPECT_TRUE(read_policy("bugs: { file: first }\n").policy.first);
}

TEST(BugPolicy, every_mistake_is_named) {
  struct Case {
    std::string text;
    std::vector<std::string> messages;
  };
  const std::vector<Case> table = {
      {"bugs: 7\n", {"baton.yaml:1:7: bugs: must be a map of keys and values"}},
      {"bugs: { fiel: first }\n",
       {"baton.yaml:1:9: bugs.fiel: unknown key, did you mean `file`?; allowed here: file, threshold, "
        "at_once, raise, settles"}},
      {"bugs: { file: frist }\n",
       {"baton.yaml:1:15: bugs.file: `frist` must be one of threshold, first, did you mean `first`?"}},
      {"bugs: { threshold: { customers: 0, within: 5s } }\n",
       {"baton.yaml:1:33: bugs.threshold.customers: `0` must be a whole number from 1 to 500",
        "baton.yaml:1:44: bugs.threshold.within: must be from 1m to 90d"}},
      {"bugs: { file: first, threshold: { customers: 3 } }\n",
       {"baton.yaml:1:33: bugs.threshold: contradicts `file: first`: the first occurrence is filed; remove "
        "one of them"}},
      {"bugs: { raise: { customers: 3 } }\n",
       {"baton.yaml:1:16: bugs.raise: must be a list, each with customers or value, and priority"}},
      {"bugs: { raise: [{ priority: high }] }\n",
       {"baton.yaml:1:17: bugs.raise[0]: never takes effect: say from how many `customers` or from how much "
        "`value`"}},
      {"bugs: { raise: [{ customers: 3, priority: hihg }] }\n",
       {"baton.yaml:1:43: bugs.raise[0].priority: `hihg` must be one of low, normal, high, urgent, did you "
        "mean `high`?"}},
      {"bugs: { raise: [{ customers: 3, priority: high }, { customers: 5, priority: high }] }\n",
       {"baton.yaml:1:51: bugs.raise[1]: never takes effect: bugs.raise[0] is at least as urgent and comes "
        "no later; remove one of them"}},
      {"bugs: { raise: [{ customers: 5, priority: high }, { customers: 3, priority: urgent }] }\n",
       {"baton.yaml:1:51: bugs.raise[1]: makes bugs.raise[0] useless: it is at least as urgent and comes no "
        "later; remove one of them"}},
      {"bugs: { settles: 900d }\n", {"baton.yaml:1:18: bugs.settles: must be from 0s to 90d"}}};
  for (const auto& [text, messages] : table) EXPECT_EQ(read_policy(text).messages, messages) << text;
}

}  // namespace
}  // namespace baton::handoff
