// The matrix: reading it, and finding what contradicts itself or never makes a difference.
#include <algorithm>
#include <limits>

#include "gateway/base/text.h"
#include "gateway/handoff/decide.h"

namespace baton::handoff {
namespace {

const std::vector<std::string>& priorities() {
  static const auto& kNames = *new std::vector<std::string>{kPriorityNames.begin(), kPriorityNames.end()};
  return kNames;
}

std::vector<std::string> folded(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& name : names) out.push_back(folded_name(name));
  return out;
}

class MatrixReader {
 public:
  MatrixReader(DecisionRules& to, const std::vector<std::string>* teams, Problems& problems)
      : to_(to), teams_(teams), problems_(problems) {}

  void read(const Node& matrix) {
    Fields in(matrix, "", problems_);
    read_sentiment(in.node("sentiment"));
    read_unfamiliar(in.node("unfamiliar"));
    read_outweighed(in.node("outweighed"));
    read_likelihood(in.node("likelihood"));
    to_.signs.vip_tiers = folded(in.texts("vip_tiers"));
    for (const auto& member : in.node("pages").members()) read_page(member);
    read_explicit(in.node("explicit_request"));
    const auto& categories = in.node("categories");
    if (categories.members().empty())
      in.report("categories", "is required: a map of categories, the last of which is for all others");
    for (const auto& member : categories.members()) read_category(member);
    check_meanings();
    const auto& rows = in.node("rows");
    if (rows.kind() != Node::Kind::list && !rows.missing())
      in.report("rows", "must be a list of rows, each with name and when");
    for (const auto& item : rows.items()) read_row(item);
    in.done();
    find_hidden();
  }

 private:
  void read_sentiment(const Node& section) {
    Fields in(section, "sentiment", problems_);
    constexpr std::array<const char*, 2> kLevels = {"frustrated", "angry"};
    for (std::size_t level = 0; level < kLevels.size(); ++level) {
      Fields one(in.node(kLevels[level]), in.path_of(kLevels[level]), problems_);
      to_.signs.scores[level] = one.number("score", to_.signs.scores[level], -1, 1);
      to_.signs.labels[level] = folded(one.texts("labels"));
      one.done();
    }
    to_.signs.falling = in.number("falling", to_.signs.falling, 0, 2);
    if (to_.signs.scores[1] > to_.signs.scores[0]) {
      in.report("angry", "contradicts `frustrated`: an angry score must not be above a frustrated one");
    }
    in.done();
  }

  void read_unfamiliar(const Node& section) {
    constexpr int kMostWords = 1000;
    Fields in(section, "unfamiliar", problems_);
    to_.signs.unfamiliar_words =
        static_cast<int>(in.integer("words", to_.signs.unfamiliar_words, 1, kMostWords));
    to_.signs.unfamiliar_sure = in.number("sure", to_.signs.unfamiliar_sure, 0, 1);
    in.done();
  }

  void read_outweighed(const Node& section) {
    Fields in(section, "outweighed", problems_);
    to_.outweighed_below = in.number("below", to_.outweighed_below, 0, 1);
    in.done();
  }

  void read_likelihood(const Node& section) {
    Fields in(section, "likelihood", problems_);
    to_.least_if_heard = in.number("if_heard", to_.least_if_heard, 0, 1);
    to_.least_if_named = in.number("if_named", to_.least_if_named, 0, 1);
    to_.least_if_tried = in.number("if_tried", to_.least_if_tried, 0, 1);
    to_.least_if_lost = in.number("if_lost", to_.least_if_lost, 0, 1);
    in.done();
  }

  void read_page(const Node::Member& member) {
    SignRules::Page page;
    page.name = member.key;
    for (const auto& item : member.value.items()) page.words.push_back(folded_name(item.text()));
    if (page.words.empty()) problems_.add(member.at, "pages." + member.key, "must be a list of words");
    to_.signs.pages.push_back(std::move(page));
  }

  void read_explicit(const Node& section) {
    Fields in(section, "explicit_request", problems_);
    to_.explicit_at = section.at();
    to_.explicit_team = read_team(in);
    to_.explicit_priority = read_priority(in).value_or(Priority::high);
    in.done();
  }

  std::string read_team(Fields& in) {
    auto team = in.text("team");
    if (!team.empty() && teams_ && std::ranges::find(*teams_, team) == teams_->end()) {
      in.report("team", "unknown team `" + team + "`" + did_you_mean(team, *teams_) +
                            "; configured: " + join(*teams_, ", "));
    }
    return team;
  }

  std::optional<Priority> read_priority(Fields& in) {
    if (in.node("priority").missing()) return std::nullopt;
    return priority_from(in.one_of("priority", "normal", priorities()));
  }

  void read_category(const Node::Member& member) {
    Fields in(member.value, "categories." + member.key, problems_);
    Category category;
    category.name = member.key;
    category.at = member.at;
    const std::vector<std::string> classes = {"human", "ai_first", "ai"};
    const auto named = in.one_of("class", "ai_first", classes);
    category.ownership = static_cast<Ownership>(std::ranges::find(classes, named) - classes.begin());
    category.means = folded(in.texts("means"));
    category.means.push_back(folded_name(member.key));
    category.team = read_team(in);
    category.team_at = in.node("team").at();
    category.priority = read_priority(in);
    category.always = in.boolean("always", false);
    category.confidence = in.number("confidence", 0, 0, 1);
    const auto& attempts = in.node("attempts");
    read_attempts(attempts, in.path_of("attempts"), category);
    in.done();
    check_class(in, category, !attempts.missing());
    to_.categories.push_back(std::move(category));
  }

  // `attempts: {calm: 3, frustrated: 2, angry: 1}`; what is left out never counts.
  void read_attempts(const Node& section, const std::string& path, Category& category) {
    constexpr int kMost = 100;
    constexpr std::array<const char*, 3> kMoods = {"calm", "frustrated", "angry"};
    Fields in(section, path, problems_);
    int before = std::numeric_limits<int>::max();
    for (std::size_t mood = 0; mood < kMoods.size(); ++mood) {
      auto& most = category.attempts[mood];
      most = static_cast<int>(in.integer(kMoods[mood], 0, 1, kMost));
      const int limit = most == 0 ? std::numeric_limits<int>::max() : most;
      if (limit > before) {
        problems_.add(section.at(), path,
                      std::string("contradicts itself: ") + kMoods[mood] +
                          " customers would wait longer for a person than calmer ones");
      }
      before = std::min(before, limit);
    }
    in.done();
  }

  void check_class(Fields& in, const Category& category, bool has_attempts) {
    if (category.ownership == Ownership::human && (category.confidence > 0 || has_attempts)) {
      in.report(
          category.confidence > 0 ? "confidence" : "attempts",
          "contradicts `class: human`: these always go to a person; leave it out, or say `class: ai_first`");
    }
    if (category.ownership == Ownership::ai_first && category.confidence == 0 && category.attempts[2] == 0) {
      in.report(
          "class",
          "`ai_first` needs a `confidence` or `attempts` at which a person takes over; else say `class: ai`");
    }
  }

  void check_meanings() {
    for (std::size_t later = 1; later < to_.categories.size(); ++later) {
      for (std::size_t earlier = 0; earlier < later; ++earlier) {
        const auto &one = to_.categories[earlier], &other = to_.categories[later];
        const auto same = std::ranges::find_if(other.means, [&](const auto& name) {
          return std::ranges::find(one.means, name) != one.means.end();
        });
        if (same == other.means.end()) continue;
        problems_.add(other.at, "categories." + other.name,
                      "`" + *same + "` already means `" + one.name + "` (" + one.at.text() + ")");
      }
    }
  }

  void read_row(const Node& item) {
    Row row;
    row.at = item.at();
    Fields in(item, "rows[" + std::to_string(to_.rows.size()) + "]", problems_);
    row.name = in.required_text("name");
    const auto& when = in.node("when");
    if (when.members().empty())
      in.report("when", "must be a map of signs: a row without one would hand over everything");
    for (const auto& member : when.members())
      read_need(member, "rows." + row.name + ".when." + member.key, row);
    const std::vector<std::string> actions = {"hand_over", "offer", "raise"};
    const auto named = in.one_of("then", "hand_over", actions);
    row.action = static_cast<Action>(std::ranges::find(actions, named) - actions.begin());
    row.team = read_team(in);
    row.team_at = in.node("team").at();
    row.priority = read_priority(in);
    if (row.action == Action::raise && !row.priority)
      in.report("then", "`raise` needs the `priority` to raise to");
    in.done();
    const auto same = std::ranges::find(to_.rows, row.name, &Row::name);
    if (same != to_.rows.end()) {
      problems_.add(row.at, "rows." + row.name, "the name stands twice, first at " + same->at.text());
    }
    to_.rows.push_back(std::move(row));
  }

  void read_need(const Node::Member& member, const std::string& where, Row& row) {
    const auto& names = sign_names();
    const auto found = std::ranges::find(names, member.key);
    if (found == names.end() || member.key == "asks_for_person") {
      const std::vector<std::string> known(names.begin(), names.end());
      problems_.add(
          member.at, where,
          found == names.end()
              ? "unknown sign" + did_you_mean(member.key, known) + "; there are " + join(known, ", ")
              : "needs no row: a request for a person is always honoured, at once");
      return;
    }
    Need need;
    need.sign = static_cast<Sign>(found - names.begin());
    const auto at = static_cast<std::size_t>(need.sign);
    if (at < kFirstFigure) read_texts(member, where, need);
    else if (at < kFirstCount) read_flag(member, where);
    else read_figure(member, where, need);
    need.written =
        member.key + ": " + (need.any_of.empty() ? member.value.text() : join(need.any_of, " or "));
    row.when.push_back(std::move(need));
  }

  void read_texts(const Node::Member& member, const std::string& where, Need& need) {
    if (member.value.kind() == Node::Kind::scalar) need.any_of = {member.value.text()};
    for (const auto& item : member.value.items()) need.any_of.push_back(item.text());
    if (need.any_of.empty()) problems_.add(member.at, where, "an empty list can never match");
    std::vector<std::string> known;
    if (need.sign == Sign::category) {
      for (const auto& category : to_.categories) known.push_back(category.name);
    } else if (need.sign == Sign::ownership) {
      known = {"human", "ai_first", "ai"};
    } else if (need.sign == Sign::page) {
      for (const auto& page : to_.signs.pages) known.push_back(page.name);
    } else {
      need.any_of = folded(need.any_of);  // free texts of the platform
      return;
    }
    for (const auto& name : need.any_of) {
      if (std::ranges::find(known, name) != known.end()) continue;
      problems_.add(
          member.at, where,
          "`" + name + "` can never match" + did_you_mean(name, known) + "; there are " + join(known, ", "));
    }
  }

  void read_flag(const Node::Member& member, const std::string& where) {
    if (member.value.text() == "true") return;
    problems_.add(member.at, where,
                  "must be true: rows speak for a person, so nothing counts by its absence");
  }

  void read_figure(const Node::Member& member, const std::string& where, Need& need) {
    Node map = Node::make_map(member.at, {member});
    Problems found;
    Fields in(map, "", found);
    const auto path = std::string(member.key);
    if (need.sign == Sign::mood) {
      const std::vector<std::string> moods = {"frustrated", "angry"};
      need.at_least = in.one_of(path, "frustrated", moods) == "angry" ? 2 : 1;
    } else if (need.sign == Sign::doubt) {
      // Strictly below, as the words say.
      need.at_least = 1 - in.number(path, 1, 0, 1) + 1e-6;
    } else if (need.sign == Sign::likelihood) {
      need.at_least = in.number(path, 1, 0, 1);
    } else {
      constexpr int kMost = 1000;
      need.at_least = static_cast<double>(in.integer(path, 1, 1, kMost));
    }
    for (const auto& problem : found.list()) problems_.add(problem.at, where, problem.message);
  }

  static bool implies(const Need& narrow, const Need& wide) {
    if (narrow.sign != wide.sign) return false;
    if (wide.any_of.empty()) return narrow.at_least >= wide.at_least;
    return std::ranges::all_of(narrow.any_of, [&](const auto& name) {
      return std::ranges::find(wide.any_of, name) != wide.any_of.end();
    });
  }

  static bool fires_whenever(const Row& wide, const Row& narrow) {
    return std::ranges::all_of(wide.when, [&](const Need& need) {
      return std::ranges::any_of(narrow.when, [&](const Need& other) { return implies(other, need); });
    });
  }

  // Whether `other` does all that `row` could do. Of two teams the earlier row's counts.
  static bool hides(const Row& other, const Row& row, bool earlier) {
    const bool acts = other.action == row.action || other.action == Action::hand_over;
    const bool ranks = other.priority.value_or(Priority::low) >= row.priority.value_or(Priority::low);
    const bool leads = row.team.empty() || (earlier && !other.team.empty());
    return acts && ranks && leads && fires_whenever(other, row);
  }

  void find_hidden() {
    for (std::size_t i = 0; i < to_.rows.size(); ++i) {
      const auto& row = to_.rows[i];
      for (std::size_t k = 0; k < to_.rows.size(); ++k) {
        const bool twins = k > i && hides(row, to_.rows[k], true);  // then the later one is reported
        if (k == i || twins || !hides(to_.rows[k], row, k < i)) continue;
        problems_.add(
            row.at, "rows." + row.name,
            "never makes a difference: the row `" + to_.rows[k].name + "` (" + to_.rows[k].at.text() +
                ") fires whenever it would, and does as much; remove it, or give it a higher priority");
        break;
      }
      find_hidden_by_class(row);
    }
  }

  // What is a person's anyway needs no row.
  void find_hidden_by_class(const Row& row) {
    if (!row.team.empty() || row.priority || row.action == Action::raise) return;
    for (const auto& need : row.when) {
      const auto human = [&](const std::string& name) {
        if (need.sign == Sign::ownership) return name == "human";
        const auto found = std::ranges::find(to_.categories, name, &Category::name);
        return found != to_.categories.end() && found->ownership == Ownership::human;
      };
      const bool names = need.sign == Sign::ownership || need.sign == Sign::category;
      if (!names || !std::ranges::all_of(need.any_of, human)) continue;
      problems_.add(row.at, "rows." + row.name,
                    "never makes a difference: `" + need.written +
                        "` always goes to a person already; remove the row, or give it a `team` or a higher "
                        "`priority`");
    }
  }

  DecisionRules& to_;
  const std::vector<std::string>* teams_;
  Problems& problems_;
};

}  // namespace

DecisionRules read_decision_rules(const Node& matrix, const std::vector<Node>& phrases,
                                  const std::vector<std::string>* teams, Problems& problems,
                                  const std::vector<std::string>& elsewhere) {
  DecisionRules rules;
  MatrixReader(rules, teams, problems).read(matrix);
  auto known = phrase_lists();
  for (const auto& category : rules.categories) known.push_back(category.name);
  known.insert(known.end(), elsewhere.begin(), elsewhere.end());
  for (const auto& file : phrases) rules.signs.phrases.add_language(file, known, problems);
  return rules;
}

}  // namespace baton::handoff
