// The decision itself: the request for a person, then the categories, then the rows. Reading the rules is in
// decide_read.cc, reading the conversation in decide_signs.cc.
#include "gateway/handoff/decide.h"

#include <algorithm>
#include <cmath>

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

std::size_t index(Mood mood) { return static_cast<std::size_t>(mood); }

bool among(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

// "billing dispute" within "customer billing dispute case".
bool stands_in(std::string_view name, std::string_view text) {
  const auto at = text.find(name);
  if (name.empty() || at == std::string_view::npos) return false;
  const auto end = at + name.size();
  return (at == 0 || text[at - 1] == ' ') && (end == text.size() || text[end] == ' ');
}

// The category that the platform means: by its whole name first, then by a part of it.
const Category* given_category(const DecisionRules& rules, const Signs& signs) {
  for (const auto* given : {&signs.given_category, &signs.given_name}) {
    if (given->empty()) continue;
    for (const auto& category : rules.categories) {
      if (among(category.means, *given)) return &category;
    }
    for (const auto& category : rules.categories) {
      if (std::ranges::any_of(category.means, [&](const auto& name) { return stands_in(name, *given); }))
        return &category;
    }
  }
  return nullptr;
}

std::string figure(double value) { return json(value).dump(); }
std::string percent(double share) { return std::to_string(std::lround(100 * share)) + " %"; }
std::string count(double value) { return std::to_string(static_cast<long long>(value)); }

// What the lists of phrases found is heard as well, and the category by the name that the rules have for it:
// every platform has its own. The mood, and how often something was tried or asked, is for
// the matrix alone to weigh.
void hear_signs(Signs& signs, const Category* given) {
  constexpr auto kFlags = std::to_array<Sign>({Sign::asks_for_person, Sign::distressed, Sign::urgent,
                                               Sign::unsettled, Sign::dead_end, Sign::error, Sign::at_risk,
                                               Sign::vip, Sign::stuck, Sign::unfamiliar});
  auto& heard = signs.heard;
  for (const auto flag : kFlags) {
    if (signs.of(flag) > 0) heard.sign(sign_names()[static_cast<std::size_t>(flag)]);
  }
  heard.figure("concerns", signs.of(Sign::concerns), {1, 2, 3});
  if (signs.asks_of_product) heard.sign("asks_of_product");
  if (std::ranges::find(signs.perhaps, Sign::asks_for_person) != signs.perhaps.end())
    heard.sign("perhaps_asks");
  if (!signs.topics.empty()) heard.sign("topic");
  for (const auto& topic : signs.topics) heard.sign("topic:" + topic);
  if (given || !signs.given_category.empty())
    heard.category(given ? given->name : signs.given_category, given != nullptr);
}

// The platform's before ours; may be none.
std::vector<const Category*> known_categories(const DecisionRules& rules, const Signs& signs) {
  std::vector<const Category*> found;
  if (const auto* given = given_category(rules, signs)) found.push_back(given);
  for (const auto& category : rules.categories) {
    if (among(signs.topics, category.name) && std::ranges::find(found, &category) == found.end())
      found.push_back(&category);
  }
  return found;
}

// Every category that the conversation is about; what a person must do comes first.
std::vector<const Category*> categories_of(const DecisionRules& rules, const Signs& signs) {
  auto found = known_categories(rules, signs);
  if (found.empty() && !rules.categories.empty()) found.push_back(&rules.categories.back());
  std::vector<const Category*> sorted;
  for (const auto ownership : {Ownership::human, Ownership::ai_first, Ownership::ai}) {
    std::ranges::copy_if(found, std::back_inserter(sorted),
                         [&](const Category* one) { return one->ownership == ownership; });
  }
  return sorted;
}

// Collects what speaks for a person. With `trials` it also keeps what did not, and why.
class Judge {
 public:
  Judge(const json& request, const DecisionRules& rules, std::vector<RowTrial>* trials)
      : rules_(rules), trials_(trials), signs_(read_signs(request, rules.signs)),
        given_(given_category(rules, signs_)), about_(categories_of(rules, signs_)) {
    signs_.set(Sign::likely, 1);
    if (!rules.classifier.empty()) weigh_words();
    name_categories();
    if (is_as_likely_as(rules.least_if_tried)) count_turns();
    if (!is_as_likely_as(rules.least_if_lost)) signs_.set(Sign::dead_end, 0);
    if (signs_.of(Sign::likely) > 0) {
      for (const auto sign : signs_.perhaps) signs_.set(sign, 1);
    }
  }

  HandoverDecision judge() {
    decision_.confidence = signs_.confidence;
    decision_.mood = signs_.mood();
    if (!about_.empty()) {
      decision_.category = about_.front()->name;
      decision_.ownership = about_.front()->ownership;
      decision_.threshold = about_.front()->confidence;
    }
    explicit_request();
    for (const auto* category : about_) try_category(*category);
    for (const auto& row : rules_.rows) try_row(row);
    choose_team();
    if (decision_.hand_over) decision_.offer = false;
    return std::move(decision_);
  }

 private:
  void weigh_words() {
    hear_signs(signs_, given_);
    const auto [likelihood, because] = rules_.classifier.weigh(signs_.heard);
    signs_.set(Sign::likelihood, likelihood);
    // Below it hardly anybody was needed who spoke like this: the word for the topic stands there by chance.
    signs_.set(Sign::likely, likelihood >= rules_.least_if_heard ? 1 : 0);
    signs_.evidence.push_back({"likelihood", "by labelled conversations a person is needed with " +
                                                 percent(likelihood) + ", most of all for `" +
                                                 join(because, "`, `") + "`"});
  }

  // For the rows; a category that is there by chance is none of theirs either.
  void name_categories() {
    auto& names = signs_.texts[static_cast<std::size_t>(Sign::category)];
    auto& classes = signs_.texts[static_cast<std::size_t>(Sign::ownership)];
    for (const auto* category : about_) {
      const bool human = category->ownership == Ownership::human;
      const bool meant = !human || likely(*category, among(signs_.topics, category->name));
      if (meant) names.push_back(category->name);
      classes.emplace_back(name_of(meant ? category->ownership : Ownership::ai_first));
    }
  }

  void count_turns() {
    signs_.set(Sign::attempts, std::max<double>(signs_.of(Sign::attempts), signs_.fruitless));
  }

  // Where nothing is learnt everything is likely.
  bool is_as_likely_as(double least) const {
    return rules_.classifier.empty() || signs_.of(Sign::likelihood) >= least;
  }

  // The platform's word for it weighs more than a word of the customer's, which may stand there by chance.
  bool likely(const Category& category, bool heard) const {
    const bool named = given_ == &category;
    if (category.always) return true;
    if (named && signs_.confidence && *signs_.confidence >= rules_.outweighed_below) return true;
    const auto least = named || !heard ? rules_.least_if_named : rules_.least_if_heard;
    return is_as_likely_as(least);
  }

  void explicit_request() {
    const bool asked = signs_.of(Sign::asks_for_person) > 0;
    tried("explicit_request", rules_.explicit_at, asked, "nobody asked for a person");
    if (!asked) return;
    decision_.hand_over = true;
    fire("explicit_request", rules_.explicit_at, said("explicit_request"), "", rules_.explicit_priority);
  }

  // A row knows more than the category; and even who asks for a person needs one who knows the matter.
  void choose_team() {
    if (!decision_.hand_over) return decision_.team.clear();
    for (const auto* category : about_) {
      if (decision_.team.empty()) decision_.team = category->team;
    }
    if (decision_.team.empty()) decision_.team = rules_.explicit_team;
  }

  std::string said(std::string_view about) const {
    const auto* words = signs_.evidence_of(about);
    return words ? *words : std::string();
  }

  bool settled() const { return signs_.of(Sign::unsettled) == 0; }

  // "Where do I set until when my clients may cancel" is no cancellation, though the platform calls it one.
  bool asks_of_product_only() const {
    return signs_.asks_of_product && (!signs_.confidence || *signs_.confidence < rules_.outweighed_below);
  }

  void try_category(const Category& category) {
    if (category.ownership == Ownership::human) return try_human(category);
    const auto confidence = category.name + ".confidence";
    const bool unsure = !settled() && signs_.confidence && *signs_.confidence < category.confidence;
    tried(confidence, category.at, unsure,
          settled()           ? "the customer says it is settled"
          : signs_.confidence ? "the confidence is " + figure(*signs_.confidence) + ", not below " +
                                    figure(category.confidence)
                              : "the confidence is not known");
    if (unsure) {
      hand_over(confidence, category,
                "the confidence is " + figure(*signs_.confidence) + ", below " + figure(category.confidence));
    }
    const auto attempts = category.name + ".attempts";
    const int most = category.attempts[index(signs_.mood())];
    const auto done = signs_.of(Sign::attempts);
    const bool enough = !settled() && most > 0 && done >= most;
    const auto of = count(done) + " failed attempt(s), " + std::string(name_of(signs_.mood()));
    tried(attempts, category.at, enough, of + (most > 0 ? ", not " + count(most) : ", which never count"));
    if (enough) hand_over(attempts, category, of + ": at " + count(most) + " a person takes over");
  }

  void try_human(const Category& category) {
    const bool topic = among(signs_.topics, category.name);
    const bool outweighed = asks_of_product_only();
    const bool so = likely(category, topic);
    const bool fires = so && (topic || (!settled() && !outweighed));
    tried(category.name, category.at, fires,
          !so         ? "too unlikely: " + said("likelihood")
          : settled() ? "the customer says it is settled"
                      : "the customer asks how to do it in the product");
    if (!fires) return;
    const auto heard = said(category.name);
    hand_over(category.name, category,
              heard.empty() ? "the platform says so: `" + signs_.given_category + "`" : heard);
  }

  void hand_over(const std::string& row, const Category& category, std::string because) {
    decision_.hand_over = true;
    fire(row, category.at, std::move(because), "", category.priority.value_or(Priority::normal));
  }

  void try_row(const Row& row) {
    const auto miss =
        std::ranges::find_if_not(row.when, [&](const Need& need) { return need.holds(signs_); });
    const bool fires = miss == row.when.end();
    tried(row.name, row.at, fires, fires ? "" : "wanted " + miss->written + "; " + found(*miss));
    if (!fires) return;
    std::vector<std::string> because;
    for (const auto& need : row.when) because.push_back(found(need));
    if (row.action == Action::hand_over) decision_.hand_over = true;
    if (row.action == Action::offer) decision_.offer = true;
    fire(row.name, row.at, join(because, ", "), row.team, row.priority.value_or(Priority::low));
  }

  // What the conversation shows where the need looks.
  std::string found(const Need& need) const {
    const auto at = static_cast<std::size_t>(need.sign);
    const std::string name(sign_names()[at]);
    if (at < kFirstFigure) {
      return name + " is " + (signs_.texts[at].empty() ? "not known" : join(signs_.texts[at], ", "));
    }
    if (need.sign == Sign::mood) return "mood is " + std::string(name_of(signs_.mood()));
    if (need.sign == Sign::doubt) {
      return signs_.confidence ? "the confidence is " + figure(*signs_.confidence)
                               : "the confidence is not known";
    }
    if (need.sign == Sign::likelihood || need.sign == Sign::likely) return said("likelihood");
    if (at >= kFirstCount) {
      const auto* words = need.sign == Sign::concerns ? signs_.evidence_of(name) : nullptr;
      return name + " is " + count(signs_.figures[at]) + (words ? ": " + *words : "");
    }
    const auto* words = signs_.evidence_of(name);
    return words ? *words : name + (signs_.figures[at] > 0 ? "" : " is not so");
  }

  void fire(std::string row, const Position& at, std::string because, const std::string& team,
            Priority priority) {
    decision_.why.push_back({std::move(row), at, std::move(because)});
    if (decision_.team.empty()) decision_.team = team;
    decision_.priority = std::max(decision_.priority, priority);
  }

  void tried(std::string row, const Position& at, bool fired, std::string missing) {
    if (trials_) trials_->push_back({std::move(row), at, fired, fired ? "" : std::move(missing)});
  }

  const DecisionRules& rules_;
  std::vector<RowTrial>* trials_;
  Signs signs_;
  const Category* given_;  // by the platform
  std::vector<const Category*> about_;
  HandoverDecision decision_;
};

}  // namespace

std::string_view name_of(Ownership ownership) {
  switch (ownership) {
    case Ownership::human: return "human";
    case Ownership::ai_first: return "ai_first";
    case Ownership::ai: return "ai";
  }
  return "";
}

bool Need::holds(const Signs& signs) const {
  const auto at = static_cast<std::size_t>(sign);
  if (at >= kFirstFigure) {
    // A hair's breadth: 1 - 0.6 is not 0.4 in binary.
    return signs.figures[at] + 1e-9 >= at_least && (sign != Sign::doubt || signs.confidence);
  }
  return std::ranges::any_of(signs.texts[at], [&](const auto& text) { return among(any_of, text); });
}

HandoverDecision decide(const json& request, const DecisionRules& rules) {
  return Judge(request, rules, nullptr).judge();
}

std::vector<std::string> topics_of(const json& request, const DecisionRules& rules) {
  std::vector<std::string> names;
  for (const auto* category : known_categories(rules, read_signs(request, rules.signs))) {
    names.push_back(folded_name(category->name));
    names.insert(names.end(), category->means.begin(), category->means.end());
  }
  return names;
}

Heard heard_in(const json& request, const DecisionRules& rules) {
  auto signs = read_signs(request, rules.signs);
  hear_signs(signs, given_category(rules, signs));
  return std::move(signs.heard);
}

std::vector<RowTrial> explain(const json& request, const DecisionRules& rules) {
  std::vector<RowTrial> trials;
  Judge(request, rules, &trials).judge();
  return trials;
}

json to_json(const HandoverDecision& decision) {
  auto why = json::array();
  for (const auto& reason : decision.why) {
    json one = {{"row", reason.row}, {"because", reason.because}};
    if (!reason.at.file.empty()) one["at"] = reason.at.text();
    why.push_back(std::move(one));
  }
  json out = {{"decision", decision.hand_over ? "hand_over" : "go_on"},
              {"priority", std::string(name(decision.priority))},
              {"class", std::string(name_of(decision.ownership))},
              {"mood", std::string(name_of(decision.mood))},
              {"why", std::move(why)}};
  if (decision.offer) out["offer_person"] = true;
  if (!decision.team.empty()) out["team"] = decision.team;
  if (!decision.category.empty()) out["category"] = decision.category;
  if (decision.confidence)
    out["confidence"] = {{"value", *decision.confidence}, {"threshold", decision.threshold}};
  return out;
}

}  // namespace baton::handoff
