#include "gateway/handoff/staffing.h"

#include <algorithm>
#include <functional>
#include <set>

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using Fits = std::function<bool(const Member&)>;

// "billing", "billing or support": the team and those that it overflows into.
std::string names_of_reach(const std::vector<const Team*>& chain) {
  std::vector<std::string> names;
  for (const auto* team : chain) names.push_back("`" + team->name + "`");
  return join(names, " or ");
}

bool anybody(const Team& team, const Fits& fits) { return std::ranges::any_of(team.members, fits); }

// "; name a team that may: security", or nothing if there is none.
std::string instead(const Teams& teams, const Fits& fits, const char* words) {
  std::vector<std::string> names;
  for (const auto& [name, team] : teams) {
    if (anybody(team, fits)) names.push_back(name);
  }
  return names.empty() ? "" : words + join(names, ", ");
}

std::set<std::string> sensitive_topics_of(const Teams& teams) {
  std::set<std::string> topics;
  for (const auto& [name, team] : teams) {
    for (const auto& member : team.members) topics.insert(member.sensitive.begin(), member.sensitive.end());
  }
  return topics;
}

class StaffingCheck {
 public:
  StaffingCheck(const Teams& teams, Problems& problems)
      : teams_(teams), topics_(sensitive_topics_of(teams)), problems_(problems) {}

  void check(const Rule& rule) const {
    const auto chain = overflow_chain(teams_, rule.to.team);
    if (chain.empty()) return;  // no team, or reported
    const auto path = "routes." + rule.name + ".to.team";
    for (const auto& condition : rule.when) {
      const bool about = condition.path == "intent.category" || condition.path == "intent.name";
      for (const auto& value : condition.any_of) {
        if (about) {
          check_topics(chain, rule.team_at, path,
                       [&](const auto& topic) { return equals_ignoring_case(topic, value); });
        } else if (condition.path == "requested_skill") {
          check_skill(chain, rule.team_at, path, value);
        }
      }
    }
  }

  void check(const Category& category) const {
    const auto chain = overflow_chain(teams_, category.team);
    if (chain.empty()) return;
    check_topics(chain, category.team_at, "categories." + category.name + ".team", means(category));
  }

  // A row's team counts before that of the category.
  void check(const Row& row, const std::vector<Category>& categories) const {
    const auto chain = overflow_chain(teams_, row.team);
    if (chain.empty()) return;
    for (const auto& need : row.when) {
      if (need.sign != Sign::category) continue;
      for (const auto& category : categories) {
        if (has(need.any_of, category.name))
          check_topics(chain, row.team_at, "rows." + row.name + ".team", means(category));
      }
    }
  }

 private:
  using IsMeant = std::function<bool(const std::string& topic)>;

  static IsMeant means(const Category& category) {
    return [&category](const std::string& topic) { return has(category.means, folded_name(topic)); };
  }

  void check_topics(const std::vector<const Team*>& chain, const Position& at, const std::string& path,
                    const IsMeant& is_meant) const {
    for (const auto& topic : topics_) {
      const Fits fits = [&](const Member& member) { return has(member.sensitive, topic); };
      const auto permitted = [&](const Team* team) { return anybody(*team, fits); };
      if (!is_meant(topic) || std::ranges::any_of(chain, permitted)) continue;
      problems_.add(at, path,
                    "nobody of " + names_of_reach(chain) + " may see `" + topic +
                        "`, which is sent there, so nobody could claim it: give a member the line "
                        "`sensitive: [" +
                        topic + "]`" + instead(teams_, fits, ", or name a team that may see it: "));
    }
  }

  void check_skill(const std::vector<const Team*>& chain, const Position& at, const std::string& path,
                   const std::string& skill) const {
    const Fits fits = [&](const Member& member) { return has(member.skills, skill); };
    if (std::ranges::any_of(chain, [&](const Team* team) { return anybody(*team, fits); })) return;
    std::set<std::string> known;
    for (const auto* team : chain) {
      for (const auto& member : team->members) known.insert(member.skills.begin(), member.skills.end());
    }
    const std::vector<std::string> names(known.begin(), known.end());
    problems_.add(at, path,
                  "the skill `" + skill + "`, which this rule is for, nobody of " + names_of_reach(chain) +
                      " has" + did_you_mean(skill, names) +
                      (names.empty() ? "" : "; they have: " + join(names, ", ")) +
                      instead(teams_, fits, "; a team that has it: "));
  }

  const Teams& teams_;
  const std::set<std::string> topics_;
  Problems& problems_;
};

class LanguageCheck {
 public:
  LanguageCheck(const tell::Messages& messages, Problems& problems, Problems& unwise)
      : messages_(messages), problems_(problems), unwise_(unwise) {}

  void check(const Node& languages, const std::string& path) const {
    if (languages.kind() == Node::Kind::scalar) check_one(languages, path);
    for (const auto& item : languages.items()) check_one(item, path);
  }

 private:
  void check_one(const Node& language, const std::string& path) const {
    const WorkspaceId main{"main"};
    const auto tag = to_lower(language.text());
    if (tag.empty()) return;  // reported
    if (!tell::is_language_tag(tag)) {
      problems_.add(
          language.at(), path,
          "`" + language.text() +
              "` is no language's tag, so no customer would speak it; write one such as de or pt-br");
      return;
    }
    std::string heard;
    messages_.find(main, tag, &heard);
    const auto primary = [](const std::string& of) { return of.substr(0, of.find('-')); };
    if (primary(heard) == primary(tag)) return;
    unwise_.add(language.at(), path,
                "there are no texts for customers in `" + language.text() + "`: they would read " + heard +
                    "; write them under `messages.main." + tag +
                    "`; there are: " + join(messages_.tags(main), ", "));
  }

  const tell::Messages& messages_;
  Problems& problems_;
  Problems& unwise_;
};

}  // namespace

void check_staffing(const Rules& rules, const DecisionRules& decisions, const Teams& teams,
                    Problems& problems) {
  const StaffingCheck check(teams, problems);
  for (const auto& rule : rules) check.check(rule);
  for (const auto& category : decisions.categories) check.check(category);
  for (const auto& row : decisions.rows) check.check(row, decisions.categories);
}

void check_languages(const Node& teams, const tell::Messages& messages, Problems& problems,
                     Problems& unwise) {
  const LanguageCheck check(messages, problems, unwise);
  for (const auto& [name, at, team] : teams.members()) {
    const auto path = "teams." + name;
    check.check(team["languages"], path + ".languages");
    const auto& members = team["members"].items();
    for (std::size_t i = 0; i < members.size(); ++i) {
      check.check(members[i]["languages"], path + ".members[" + std::to_string(i) + "].languages");
    }
  }
}

}  // namespace baton::handoff
