#include "gateway/app/decisions.h"

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "gateway/app/mappings.h"
#include "gateway/base/text.h"
#include "gateway/config/parse.h"
#include "gateway/handoff/decide_cases.h"

namespace baton::app {
namespace {

constexpr std::string_view kFolder = "decisions/";
constexpr const char* kLearned = "learned.tsv";

// What ships is looked at where it stands, for it is long; the operator's own files are kept here.
struct Texts {
  std::map<std::string, std::string_view> by_name;
  std::map<std::string, std::string> shown;  // the name under which problems show it
  std::deque<std::string> own;
};

// Who plays a role, and where that is said.
struct Player {
  std::string team;
  Position at;
};
using Roles = std::map<std::string, Player>;

bool belongs(const std::string& name) {
  return name == "matrix.yaml" || name == "cases.yaml" || name == kLearned ||
         (name.starts_with("phrases.") && name.ends_with(".yaml"));
}

// What ships, and over it what the operator's folder holds.
Texts read_files(const std::string& own) {
  Texts texts;
  for (const auto& shipped : shipped_mapping_files()) {
    if (!shipped.name.starts_with(kFolder)) continue;
    const std::string name(shipped.name.substr(kFolder.size()));
    texts.by_name[name] = shipped.text;
    texts.shown[name] = "mappings/" + std::string(shipped.name);
  }
  std::error_code missing;
  if (own.empty()) return texts;
  for (const auto& entry : std::filesystem::directory_iterator(own, missing)) {
    const auto name = entry.path().filename().string();
    if (!belongs(name)) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    texts.by_name[name] = texts.own.emplace_back(std::move(text).str());
    texts.shown[name] = entry.path().string();
  }
  return texts;
}

std::vector<std::string> shipped_categories() {
  std::vector<std::string> names;
  for (const auto& shipped : shipped_mapping_files()) {
    if (shipped.name != std::string(kFolder) + "matrix.yaml") continue;
    const auto matrix = config::parse(shipped.text, "matrix.yaml");
    for (const auto& [name, at, category] : matrix.root["categories"].members()) names.push_back(name);
  }
  return names;
}

Roles read_roles(const Node& section, const std::vector<std::string>& teams, Problems& problems) {
  Roles roles;
  for (const auto& member : section.members()) {
    const auto& team = member.value.text();
    if (std::ranges::find(teams, team) == teams.end()) {
      problems.add(
          member.value.at(), "decisions.teams." + member.key,
          "unknown team `" + team + "`" + did_you_mean(team, teams) + "; configured: " + join(teams, ", "));
    }
    roles[member.key] = {team, member.value.at()};
  }
  return roles;
}

void play(std::string& team, Position& at, const Roles& roles, const std::vector<std::string>& teams) {
  const auto role = roles.find(team);
  if (role != roles.end()) {
    team = role->second.team;
    at = role->second.at;
  } else if (std::ranges::find(teams, team) == teams.end()) {
    team.clear();
  }
}

// A role that the rules do not name would be played to nobody.
void check_roles(const Roles& roles, const handoff::DecisionRules& rules, Problems& problems) {
  std::set<std::string> known{rules.explicit_team};
  for (const auto& category : rules.categories) known.insert(category.team);
  for (const auto& row : rules.rows) known.insert(row.team);
  known.erase("");
  const std::vector<std::string> names(known.begin(), known.end());
  for (const auto& [role, player] : roles) {
    if (known.contains(role)) continue;
    problems.add(player.at, "decisions.teams." + role,
                 "no category and no row of the decision rules names the role `" + role + "`" +
                     did_you_mean(role, names) + "; they name: " + join(names, ", "));
  }
}

}  // namespace

handoff::DecisionRules load_decisions(const Node& section, const std::vector<std::string>& teams,
                                      Problems& problems) {
  Fields in(section, "decisions", problems);
  const auto own = in.text("folder");
  const auto roles = read_roles(in.node("teams"), teams, problems);
  in.done();
  std::error_code ignored;
  if (!own.empty() && !std::filesystem::is_directory(own, ignored))
    in.report("folder", "`" + own + "` is no folder");
  const auto texts = read_files(own);
  const auto& shown = texts.shown;
  const auto parse = [&](const std::string& name) {
    auto parsed = config::parse(texts.by_name.at(name), shown.at(name));
    for (const auto& problem : parsed.problems.list())
      problems.add(problem.at, problem.path, problem.message);
    return std::move(parsed.root);
  };
  std::vector<Node> phrases;
  for (const auto& [name, text] : texts.by_name) {
    if (name.starts_with("phrases.")) phrases.push_back(parse(name));
  }
  // The shipped cases and phrases are about the shipped matrix.
  const bool own_matrix = !shown.at("matrix.yaml").starts_with("mappings/decisions/");
  const auto elsewhere = own_matrix ? shipped_categories() : std::vector<std::string>();
  auto rules = handoff::read_decision_rules(parse("matrix.yaml"), phrases, nullptr, problems, elsewhere);
  rules.classifier = handoff::Classifier::read(texts.by_name.at(kLearned), shown.at(kLearned), problems);
  const bool own_cases = !shown.at("cases.yaml").starts_with("mappings/decisions/");
  if (!own_matrix || own_cases) handoff::check_decision_cases(parse("cases.yaml"), rules, problems);
  check_roles(roles, rules, problems);
  for (auto& category : rules.categories) play(category.team, category.team_at, roles, teams);
  for (auto& row : rules.rows) play(row.team, row.team_at, roles, teams);
  Position ignored_at;  // of what is asked for, the reason stays where the rules say it
  play(rules.explicit_team, ignored_at, roles, teams);
  return rules;
}

}  // namespace baton::app
