// The `teams` section of the configuration: reading it, and finding what would leave a customer waiting
// for nobody: no members, a skill that none of them has, hours that never open, a circle.
#include <algorithm>
#include <set>

#include "gateway/base/text.h"
#include "gateway/handoff/team.h"

namespace baton::handoff {
namespace {

template <class Map>
std::vector<std::string> names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return names;
}

// The names must differ: what stands twice would count twice.
std::vector<std::string> distinct(Fields& fields, std::string_view key) {
  auto texts = fields.texts(key);
  std::set<std::string_view> seen;
  for (const auto& text : texts) {
    if (text.empty()) fields.report(key, "must not hold an empty text");
    else if (!seen.insert(text).second) fields.report(key, "`" + text + "` stands here twice");
  }
  return texts;
}

std::optional<Calendar> read_own_hours(Fields& fields, const Calendars& calendars) {
  const auto& node = fields.node("hours");
  if (node.missing()) return std::nullopt;
  if (node.kind() == Node::Kind::map) return read_calendar(node, fields.path_of("hours"), fields.problems());
  if (node.kind() != Node::Kind::scalar) {
    fields.report("hours", "must be the name of a calendar, or a map of zone, weekdays and holidays");
    return std::nullopt;
  }
  const auto found = calendars.find(node.text());
  if (found != calendars.end()) return found->second;
  fields.report("hours",
                "unknown calendar `" + node.text() + "`" + did_you_mean(node.text(), names_of(calendars)));
  return std::nullopt;
}

std::optional<std::int64_t> read_capacity(Fields& fields, std::optional<std::int64_t> otherwise) {
  if (fields.node("capacity").text() == "0") {
    fields.report("capacity", "`0` must be a whole number from 1 to " + std::to_string(kMaxCapacity) +
                                  ": who takes nothing belongs in no team; left out, it is not limited");
    return otherwise;
  }
  const auto found = fields.integer("capacity", 0, 1, kMaxCapacity);
  return found ? std::optional(found) : otherwise;
}

// What a member has who says nothing else.
Member usual_member(Fields& team, const Calendars& calendars) {
  Member usual;
  usual.skills = distinct(team, "skills");
  usual.languages = distinct(team, "languages");
  usual.sensitive = distinct(team, "sensitive");
  usual.capacity = read_capacity(team, std::nullopt);
  usual.calendar = read_own_hours(team, calendars).value_or(Calendar());
  return usual;
}

Member named_member(const std::string& id, const Member& usual) {
  auto member = usual;
  member.id = member.name = id;
  if (id.find('@') != std::string::npos) member.email = id;
  return member;
}

std::map<std::string, std::string, std::less<>> read_accounts(Fields& fields) {
  std::map<std::string, std::string, std::less<>> found;
  const auto& node = fields.node("accounts");
  Fields accounts(node, fields.path_of("accounts"), fields.problems());
  for (const auto& [destination, at, value] : node.members()) {
    found.emplace(destination, accounts.required_text(destination));
  }
  accounts.done();
  return found;
}

Member read_member(const Node& node, const std::string& path, const Member& usual, const Calendars& calendars,
                   Problems& problems) {
  if (node.kind() == Node::Kind::scalar) return named_member(node.text(), usual);
  Fields fields(node, path, problems);
  auto member = named_member(fields.required_text("id"), usual);
  member.name = fields.text("name", member.name);
  if (!fields.node("skills").missing()) member.skills = distinct(fields, "skills");
  if (!fields.node("languages").missing()) member.languages = distinct(fields, "languages");
  if (!fields.node("sensitive").missing()) member.sensitive = distinct(fields, "sensitive");
  member.senior = fields.boolean("senior", false);
  member.capacity = read_capacity(fields, usual.capacity);
  member.email = fields.text("email", member.email);
  member.accounts = read_accounts(fields);
  if (auto own = read_own_hours(fields, calendars)) member.calendar = std::move(*own);
  fields.done();
  return member;
}

void read_members(Fields& fields, const Member& usual, const Calendars& calendars, Team& team) {
  const auto& node = fields.node("members");
  const auto path = fields.path_of("members");
  std::vector<const Node*> items;
  if (node.kind() == Node::Kind::scalar) items.push_back(&node);
  for (const auto& item : node.items()) items.push_back(&item);
  if (items.empty()) {
    fields.report("members",
                  "has nobody, so no handoff would ever be claimed: name at least one member, or take "
                  "the team away");
    return;
  }
  if (items.size() > kMaxMembers) {
    fields.report("members", "has " + std::to_string(items.size()) + " members; at most " +
                                 std::to_string(kMaxMembers) + " are allowed: make two teams of it");
    items.resize(kMaxMembers);
  }
  std::set<std::string> seen;
  for (const auto* item : items) {
    auto member = read_member(*item, path + "[" + std::to_string(team.members.size()) + "]", usual, calendars,
                              fields.problems());
    if (item->kind() == Node::Kind::scalar && member.id.empty()) {
      fields.problems().add(item->at(), path, "must not hold an empty text");
    } else if (!member.id.empty() && !seen.insert(member.id).second) {
      fields.report("members", "`" + member.id + "` stands here twice");
    }
    team.members.push_back(std::move(member));
  }
}

std::vector<std::string> all_skills(const Team& team) {
  std::set<std::string> known;
  for (const auto& member : team.members) known.insert(member.skills.begin(), member.skills.end());
  return {known.begin(), known.end()};
}

std::string nobody_has(const std::string& skill, const std::vector<std::string>& known) {
  return "the skill `" + skill + "` nobody of the team has" + did_you_mean(skill, known) +
         (known.empty() ? "" : "; they have: " + join(known, ", ")) +
         "; give it to a member, or take it away here";
}

void check_skills(Fields& fields, const Team& team) {
  if (team.members.empty()) return;  // reported
  const auto known = all_skills(team);
  for (const auto& skill : team.skills) {
    if (!has(known, skill)) fields.report("skills", nobody_has(skill, known));
  }
}

void read_categories(Fields& fields, Team& team) {
  const auto& node = fields.node("categories");
  const auto path = fields.path_of("categories");
  const auto known = all_skills(team);
  Fields categories(node, path, fields.problems());
  for (const auto& [category, at, value] : node.members()) {
    const auto skill = categories.required_text(category);
    if (!skill.empty() && !team.members.empty() && !has(known, skill)) {
      categories.report(category, nobody_has(skill, known));
    }
    team.categories.emplace(category, skill);
  }
}

OffHours read_off_hours(Fields& fields, const Team& team) {
  static const auto& kAllowed = *new std::vector<std::string>(kOffHoursNames.begin(), kOffHoursNames.end());
  const auto text = fields.one_of("off_hours", "queue", kAllowed);
  const auto behaviour = static_cast<OffHours>(std::ranges::find(kAllowed, text) - kAllowed.begin());
  if (behaviour == OffHours::overflow && team.overflow.empty()) {
    fields.report("off_hours",
                  "`overflow` needs a team to overflow into: add the key `overflow`, or say queue or "
                  "callback");
  }
  return behaviour;
}

Team read_team(const Node& node, const std::string& name, const std::string& path, const Calendars& calendars,
               Problems& problems) {
  Team team;
  team.name = name;
  Fields fields(node, path, problems);
  const auto usual = usual_member(fields, calendars);
  team.skills = usual.skills;
  team.calendar = usual.calendar;
  read_members(fields, usual, calendars, team);
  check_skills(fields, team);
  read_categories(fields, team);
  team.overflow = fields.text("overflow");
  team.overflow_after = fields.duration("overflow_after", kOverflowAfter);
  if (team.overflow.empty() && !fields.node("overflow_after").missing()) {
    fields.report("overflow_after", "has no effect without the key `overflow`");
  }
  team.off_hours = read_off_hours(fields, team);
  fields.done();
  return team;
}

// The teams that `start` overflows into, in order, up to the first that comes again (which then
// stands twice) or to the end.
std::vector<std::string> chain_of_names(const Teams& teams, const std::string& start) {
  std::vector<std::string> chain{start};
  for (;;) {
    const auto team = teams.find(chain.back());
    if (team == teams.end() || team->second.overflow.empty()) return chain;
    const bool again = has(chain, team->second.overflow);
    chain.push_back(team->second.overflow);
    if (again) return chain;
  }
}

// A circle is reported once, at the team of it that stands first in the alphabet.
bool starts_circle(const std::vector<std::string>& chain) {
  return chain.size() > 1 && chain.front() == chain.back() &&
         std::ranges::min_element(chain) == chain.begin();
}

std::string arrows(const std::vector<std::string>& chain) {
  std::string text;
  for (const auto& name : chain) text += (text.empty() ? "" : " -> ") + name;
  return text;
}

void check_overflows(const Node& section, const Teams& teams, Problems& problems) {
  for (const auto& [name, team] : teams) {
    if (team.overflow.empty()) continue;
    const auto& at = section[name]["overflow"].at();
    const auto path = "teams." + name + ".overflow";
    const auto chain = chain_of_names(teams, name);
    if (!teams.contains(team.overflow)) {
      problems.add(at, path,
                   "unknown team `" + team.overflow + "`" + did_you_mean(team.overflow, names_of(teams)) +
                       "; configured: " + join(names_of(teams), ", "));
    } else if (starts_circle(chain)) {
      problems.add(at, path,
                   "these teams overflow in a circle: " + arrows(chain) +
                       ": take `overflow` away from the one that is to keep what nobody else took");
    }
  }
}

}  // namespace

Teams read_teams(const Node& section, const Calendars& calendars, Problems& problems) {
  Teams teams;
  const Fields shape(section, "teams", problems);  // reports a section that is no map
  for (const auto& [key, at, value] : section.members()) {
    teams.emplace(key, read_team(value, key, shape.path_of(key), calendars, problems));
  }
  check_overflows(section, teams, problems);
  return teams;
}

}  // namespace baton::handoff
