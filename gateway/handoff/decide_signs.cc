// Reading a request: what is given as a figure, and what is to be found in what was said. Bounded: the newest
// messages, and of a long one its beginning and its end.
#include "gateway/handoff/decide_signs.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

constexpr std::size_t kMostMessages = 12;  // of each side, the newest
constexpr std::size_t kMessageBytes = 2000;
constexpr std::size_t kHeatedMessages = 4;  // anger cools: only the newest ones tell the mood
constexpr std::size_t kWordsCompared = 60;
constexpr std::size_t kShortAnswer = 8;   // words
constexpr std::size_t kMostListed = 100;  // attempts and the like, as the published schema bounds them

constexpr std::array<std::string_view, kSigns> kSignNames = {
    "category",   "class",           "tier",      "page",     "product",   "channel", "asks_for_person",
    "distressed", "urgent",          "unsettled", "dead_end", "error",     "at_risk", "vip",
    "falling",    "stuck",           "mood",      "attempts", "exchanges", "repeats", "same_issue",
    "this_week",  "confidence_below"};

// Of a long message both ends: people begin with what is wrong and end with what they want.
Words words_of(std::string_view text) {
  if (text.size() <= kMessageBytes) return read_words(text, kMessageBytes);
  auto words = read_words(text, kMessageBytes / 2);
  auto end = read_words(text.substr(text.size() - kMessageBytes / 2), kMessageBytes / 2);
  std::ranges::move(end.list, std::back_inserter(words.list));
  words.exclamations = std::max(words.exclamations, end.exclamations);
  return words;
}

bool is_shouted(const Words& words) {
  const auto loud = std::ranges::count_if(words.list, &Word::shouted);
  return loud >= 4 && loud * 3 >= static_cast<std::ptrdiff_t>(words.list.size()) * 2;
}

// How alike two messages are, as sorted numbers of their words.
bool alike(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  if (a.size() < 3 || b.size() < 3) return false;
  std::vector<std::size_t> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  const auto all = a.size() + b.size() - both.size();
  return both.size() * 10 >= all * 8;
}

std::vector<std::size_t> numbers_of(const Words& words) {
  std::vector<std::size_t> numbers;
  for (const auto& word : words.list) {
    if (numbers.size() == kWordsCompared) break;
    numbers.push_back(std::hash<std::string>()(word.text));
  }
  std::ranges::sort(numbers);
  return numbers;
}

// How often the same was said, at most; 1 if nothing was repeated.
int times_repeated(const std::vector<std::vector<std::size_t>>& said) {
  int most = said.empty() ? 0 : 1;
  for (std::size_t i = 0; i < said.size(); ++i) {
    int same = 1;
    for (std::size_t k = i + 1; k < said.size(); ++k) same += alike(said[i], said[k]) ? 1 : 0;
    most = std::max(most, same);
  }
  return most;
}

// What was said where the phrase was found.
std::string quoted(const Words& words, const Hit& hit) {
  constexpr std::size_t kMostQuoted = 12;
  std::string said;
  for (auto i = hit.first; i <= hit.last && i < hit.first + kMostQuoted; ++i) {
    said += (said.empty() ? "" : " ") + words.list[i].text;
  }
  return said;
}

bool contains_words(const Words& words, std::string_view wanted) {
  const auto parts = split(wanted, ' ');
  const auto same = [](const Word& word, std::string_view part) { return word.text == part; };
  return !std::ranges::search(words.list, parts, same).empty();
}

class Reader {
 public:
  Reader(const json& request, const SignRules& rules) : request_(request), rules_(rules) {}

  Signs read() {
    read_given();
    read_page();
    read_transcript();
    read_summary();
    read_attempts();
    read_mood();
    flag(Sign::unsettled, !settled_);
    return std::move(signs_);
  }

 private:
  struct Said {
    Words words;
    std::vector<Hit> hits;
    std::size_t age = 0;  // messages of the same side after it
  };

  void flag(Sign sign, bool value) {
    if (value) signs_.set(sign, 1);
  }
  void at_least(Sign sign, double value) { signs_.set(sign, std::max(signs_.of(sign), value)); }
  void tell(std::string about, std::string words) {
    signs_.evidence.push_back({std::move(about), std::move(words)});
  }
  void put(Sign sign, std::string text) {
    if (!text.empty()) signs_.texts[static_cast<std::size_t>(sign)].push_back(std::move(text));
  }

  // A figure that platforms put in several places.
  std::optional<double> figure(std::string_view name) const {
    for (const char* place : {"contacts", "signals", "metadata"}) {
      if (const auto value = request_[place][name].number()) return value;
    }
    return std::nullopt;
  }
  bool given_flag(std::string_view name) const {
    for (const char* place : {"customer", "signals", "metadata"}) {
      if (request_[place][name].boolean().value_or(false)) return true;
    }
    return request_["customer"]["attributes"][name].boolean().value_or(false);
  }

  void read_given() {
    signs_.given_category = folded_name(request_["intent"]["category"].text());
    signs_.given_name = folded_name(request_["intent"]["name"].text());
    signs_.confidence = request_["intent"]["confidence"].number();
    if (!signs_.confidence) signs_.confidence = best_considered();
    signs_.set(Sign::doubt, signs_.confidence ? 1 - *signs_.confidence : 0);
    put(Sign::product, folded_name(request_["conversation"]["product"].text()));
    put(Sign::channel, folded_name(request_["conversation"]["channel"].text()));
    read_account();
    at_least(Sign::same_issue, figure("same_issue").value_or(0));
    at_least(Sign::this_week, figure("week").value_or(figure("this_week").value_or(0)));
    flag(Sign::asks_for_person, request_["reason"]["trigger"].text() == "explicit_request");
    if (signs_.of(Sign::asks_for_person) > 0)
      tell("explicit_request", "the platform says that a person was asked for");
    flag(Sign::error, !request_["errors"].list().value_or(std::vector<JsonView>{}).empty());
    if (signs_.of(Sign::error) > 0) tell("error", "errors were reported");
  }

  // The confidence of what the AI would do, if it does not say how sure it is of what is wanted (S2).
  std::optional<double> best_considered() const {
    std::optional<double> best;
    for (const auto& item : request_["considered"].list().value_or(std::vector<JsonView>{})) {
      if (const auto value = item["confidence"].number()) best = std::max(best.value_or(0), *value);
    }
    return best;
  }

  void read_account() {
    const auto customer = request_["customer"];
    const auto tier = folded_name(customer["tier"].text(customer["attributes"]["tier"].text()));
    const auto since = customer["as_of"].text(customer["attributes"]["as_of"].text());
    const auto age = since.empty() ? std::string() : ", known since " + since;
    put(Sign::tier, tier);
    const auto words = read_words(tier, kMessageBytes);
    flag(Sign::vip,
         std::ranges::any_of(rules_.vip_tiers, [&](const auto& vip) { return contains_words(words, vip); }));
    if (signs_.of(Sign::vip) > 0) tell("vip", "the customer's tier is " + tier + age);
    const auto health = folded_name(customer["attributes"]["health"].text());
    flag(Sign::at_risk, given_flag("at_risk") || health == "at risk" || health == "red");
    if (signs_.of(Sign::at_risk) > 0) tell("at_risk", "the account is at risk" + age);
  }

  void read_page() {
    const auto page = request_["page"];
    std::string text;
    for (const char* key : {"screen", "title", "url"}) {
      text += std::string(clip_utf8(page[key].text(), kMessageBytes)) + "\n";
    }
    const auto words = read_words(text, 3 * kMessageBytes);
    for (const auto& kind : rules_.pages) {
      const auto seen =
          std::ranges::find_if(kind.words, [&](const auto& word) { return contains_words(words, word); });
      if (seen == kind.words.end()) continue;
      put(Sign::page, kind.name);
      tell("page", "the page is one of " + kind.name + " (`" + *seen + "`)");
      if (kind.name == "error") flag(Sign::error, true);
    }
  }

  void read_transcript() {
    const auto* transcript = request_["transcript"].raw();
    if (!transcript || !transcript->is_array()) return;
    std::vector<std::vector<std::size_t>> asked, answered;
    for (auto it = transcript->rbegin(); it != transcript->rend(); ++it) {
      const JsonView message(*it);
      const auto text = message["text"].string();
      const auto role = message["role"].text();
      if (!text) continue;
      if (role == "agent") {
        returned_ = !asked.empty();
        break;  // what came before was a person's to settle
      }
      if (role == "customer" && asked.size() < kMostMessages) {
        asked.push_back(customer_said(words_of(*text), asked.size()));
      } else if (role == "ai" && answered.size() < kMostMessages) {
        answered.push_back(ai_said(words_of(*text), answered.size(), asked.size() == 1));
      }
    }
    if (returned_ && signs_.topics.empty() && !not_helped_) settled_ = true;
    signs_.set(Sign::exchanges, static_cast<double>(answered.size()));
    signs_.set(Sign::repeats, std::max(times_repeated(asked), times_repeated(answered)));
  }

  const std::string& list_of(const Hit& hit) const {
    return rules_.phrases.lists()[static_cast<std::size_t>(hit.list)];
  }

  std::vector<std::size_t> customer_said(Words words, std::size_t age) {
    const auto hits = rules_.phrases.find(words);
    const auto has = [&](std::string_view list) {
      return std::ranges::any_of(hits, [&](const Hit& hit) { return list_of(hit) == list; });
    };
    if (age == 0)
      settled_ = has("settled") && !has("not_helping") && !has("explicit_request") && !has_topic(hits);
    const bool declines = has("declined");
    accepts_ = age == 0 && has("accepts") && !declines && words.list.size() <= kShortAnswer;
    for (const auto& hit : hits) note(list_of(hit), quoted(words, hit), age);
    if (has("not_helping")) ++not_helped_;
    if (age < kHeatedMessages) heat_up(words, hits);
    if (declines || (age == 0 && settled_)) taken_back_ = true;  // what was asked for before this
    return numbers_of(words);
  }

  bool has_topic(const std::vector<Hit>& hits) const {
    return std::ranges::any_of(hits, [&](const Hit& hit) {
      return std::ranges::find(phrase_lists(), list_of(hit)) == phrase_lists().end();
    });
  }

  void note(const std::string& list, const std::string& said, std::size_t age) {
    const auto wrote = [&] { tell(list, "the customer wrote `" + said + "`"); };
    if (list == "explicit_request") {
      if (taken_back_) return;
      flag(Sign::asks_for_person, true);
      wrote();
    } else if (list == "distress") {
      flag(Sign::distressed, true);
      wrote();
    } else if (list == "urgency") {
      if (age < kHeatedMessages) flag(Sign::urgent, true), wrote();
    } else if (list == "fifth_contact") {
      at_least(Sign::same_issue, 5), wrote();
    } else if (list == "repeat_contact") {
      at_least(Sign::same_issue, 2), wrote();
    } else if (list == "not_helping") {
      flag(Sign::stuck, true), wrote();
    } else if (std::ranges::find(phrase_lists(), list) == phrase_lists().end() && !(age > 0 && settled_)) {
      add_topic(list, said, "the customer wrote");
    }
  }

  void add_topic(const std::string& topic, const std::string& phrase, const char* who) {
    if (std::ranges::find(signs_.topics, topic) != signs_.topics.end()) return;
    signs_.topics.push_back(topic);
    tell(topic, std::string(who) + " `" + phrase + "`");
  }

  void heat_up(const Words& words, const std::vector<Hit>& hits) {
    for (const auto& hit : hits) {
      const auto& list = list_of(hit);
      const int degrees = list == "anger" ? 3 : list == "frustration" || list == "not_helping" ? 1 : 0;
      if (degrees > 0) tell("mood", "the customer wrote `" + quoted(words, hit) + "`");
      heat_ += degrees;
    }
    if (is_shouted(words)) heat_ += 1;
    if (words.exclamations >= 3) heat_ += 1;
  }

  // `last`: the customer's newest message answers it.
  std::vector<std::size_t> ai_said(Words words, std::size_t age, bool last) {
    if (age < 2) {
      for (const auto& hit : rules_.phrases.find(words)) {
        if (list_of(hit) == "dead_end") {
          flag(Sign::dead_end, true);
          tell("dead_end", "the AI wrote `" + quoted(words, hit) + "`");
        } else if (list_of(hit) == "offers_person" && age == 0 && last && accepts_) {
          flag(Sign::asks_for_person, true);
          tell("explicit_request", "the customer accepts: the AI offered `" + quoted(words, hit) + "`");
        }
      }
    }
    return numbers_of(words);
  }

  // What the platform says the conversation is about is worth as much as the customer's own words, but for
  // explicit requests: nobody's summary asks for a person, people do.
  void read_summary() {
    if (settled_) return;
    const auto words = words_of(request_["intent"]["summary"].text());
    for (const auto& hit : rules_.phrases.find(words)) {
      const auto& list = list_of(hit);
      if (std::ranges::find(phrase_lists(), list) == phrase_lists().end()) {
        add_topic(list, quoted(words, hit), "the summary says");
      } else if (list == "distress") {
        flag(Sign::distressed, true);
        tell("distress", "the summary says `" + quoted(words, hit) + "`");
      }
    }
  }

  // Those without progress since the last that helped (S12).
  void read_attempts() {
    int failed = 0;
    std::vector<std::vector<std::size_t>> actions;
    auto attempts = request_["attempts"].list().value_or(std::vector<JsonView>{});
    if (attempts.size() > kMostListed) attempts.resize(kMostListed);
    for (const auto& attempt : attempts) {
      actions.push_back(numbers_of(words_of(attempt["action"].text())));
      const auto outcome = words_of(attempt["outcome"].text());
      const auto hits = rules_.phrases.find(outcome);
      const auto has = [&](std::string_view list) {
        return std::ranges::any_of(hits, [&](const Hit& hit) { return list_of(hit) == list; });
      };
      const bool helped = has("helped") && !has("not_helping");
      failed = helped ? 0 : failed + 1;
      if (has("dead_end")) flag(Sign::dead_end, true), tell("dead_end", "an attempt ended so");
    }
    at_least(Sign::attempts,
             std::max({failed, not_helped_, static_cast<int>(figure("attempts").value_or(0))}));
  }

  void read_mood() {
    const auto sentiment = request_["sentiment"];
    const auto label = folded_name(sentiment["label"].text());
    const auto score = sentiment["score"].number();
    for (std::size_t level = 0; level < 2; ++level) {
      const auto& labels = rules_.labels[level];
      const bool labelled = std::ranges::find(labels, label) != labels.end();
      if (labelled || (score && *score <= rules_.scores[level])) {
        at_least(Sign::mood, static_cast<double>(level + 1));
        tell("mood",
             labelled ? "the sentiment is " + label : "the sentiment's score is " + json(*score).dump());
      }
    }
    flag(Sign::distressed, label == "distressed");
    if (heat_ >= 1) at_least(Sign::mood, 1);
    if (heat_ >= 3) at_least(Sign::mood, 2);
    const auto* points = sentiment["points"].raw();
    if (!points || !points->is_array() || points->size() < 2) return;
    const auto first = JsonView(points->front())["score"].number(),
               last = JsonView(points->back())["score"].number();
    flag(Sign::falling, first && last && *first - *last >= rules_.falling);
    if (signs_.of(Sign::falling) > 0) tell("falling", "the sentiment fell during the conversation");
  }

  const JsonView request_;
  const SignRules& rules_;
  Signs signs_;
  bool settled_ = false;
  bool taken_back_ = false;
  bool accepts_ = false;   // short words of consent
  bool returned_ = false;  // a person gave the conversation back
  int not_helped_ = 0;
  int heat_ = 0;
};

}  // namespace

const std::array<std::string_view, kSigns>& sign_names() { return kSignNames; }

const std::vector<std::string>& phrase_lists() {
  static const auto& kLists = *new std::vector<std::string>{
      "explicit_request", "declined", "settled",  "helped",   "not_helping",   "anger",
      "frustration",      "urgency",  "distress", "dead_end", "fifth_contact", "repeat_contact",
      "offers_person",    "accepts"};
  return kLists;
}

const std::string* Signs::evidence_of(std::string_view about) const {
  const auto found = std::ranges::find(evidence, about, &Evidence::about);
  return found == evidence.end() ? nullptr : &found->words;
}

Signs read_signs(const json& request, const SignRules& rules) { return Reader(request, rules).read(); }

std::string_view name_of(Mood mood) {
  constexpr std::array<std::string_view, 3> kNames = {"calm", "frustrated", "angry"};
  return kNames[static_cast<std::size_t>(mood)];
}

std::string folded_name(std::string_view text) {
  constexpr std::size_t kLongestName = 256;
  std::vector<std::string> parts;
  for (auto& word : read_words(text, kLongestName).list) parts.push_back(std::move(word.text));
  return join(parts, " ");
}

}  // namespace baton::handoff
