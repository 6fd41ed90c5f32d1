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
constexpr std::size_t kShortestTelling = 3;  // bytes
constexpr std::size_t kShortAnswer = 8;      // words
constexpr std::size_t kMostListed = 100;     // attempts and the like, as the published schema bounds them

constexpr std::array<std::string_view, kSigns> kSignNames = {
    "category",   "class",      "tier",       "page",     "product",    "channel",         "asks_for_person",
    "distressed", "urgent",     "unsettled",  "dead_end", "error",      "at_risk",         "vip",
    "falling",    "stuck",      "unfamiliar", "likely",   "mood",       "attempts",        "exchanges",
    "repeats",    "same_issue", "this_week",  "concerns", "likelihood", "confidence_below"};

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

// Whether two messages say the same, as sorted numbers of their words: one more "please" makes no other
// advice.
bool alike(const std::vector<std::size_t>& a, const std::vector<std::size_t>& b) {
  constexpr std::size_t kFewest = 2, kLengthier = 3;
  const auto [less, more] = std::minmax({a.size(), b.size()});
  if (less < kFewest || more > less * 2 + kLengthier) return false;
  std::vector<std::size_t> both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return both.size() >= kFewest && both.size() * 4 >= less * 3;
}

// The words that tell messages apart: not the short ones.
std::vector<std::size_t> numbers_of(const Words& words) {
  std::vector<std::size_t> numbers;
  for (const auto& word : words.list) {
    if (numbers.size() == kWordsCompared) break;
    if (word.text.size() < kShortestTelling) continue;
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
std::string words_said(const Words& words, const Hit& hit) {
  constexpr std::size_t kMostQuoted = 12;
  std::string said;
  for (auto i = hit.first; i <= hit.last && i < hit.first + kMostQuoted; ++i) {
    said += (said.empty() ? "" : " ") + words.list[i].text;
  }
  return said;
}

// Whether words are only named: "the role 'agent'"; half of them is enough, for a phrase may run over the end
// of the quotation. A message that is nothing else says them.
bool only_named(const Words& words, const Hit& hit) {
  const auto quoted = [](const Word& word) { return word.quoted; };
  const auto begin = words.list.begin() + static_cast<std::ptrdiff_t>(hit.first);
  const auto end = words.list.begin() + static_cast<std::ptrdiff_t>(hit.last) + 1;
  return std::count_if(begin, end, quoted) * 2 >= end - begin && !std::ranges::all_of(words.list, quoted);
}

// The word that its clause begins with.
std::size_t clause_at(const Words& words, std::size_t at) {
  while (at > 0 && words.list[at].before == Break::none) --at;
  return at;
}

// The word that its sentence begins with.
std::size_t sentence_at(const Words& words, std::size_t at) {
  while (at > 0 && words.list[at].before != Break::sentence) --at;
  return at;
}

// One question mark asks; two, or one with an exclamation mark, are indignant.
bool only_asks(std::string_view text) {
  constexpr std::array<std::string_view, 3> kIndignant = {"??", "?!", "!?"};
  return text.find('?') != std::string_view::npos && std::ranges::none_of(kIndignant, [&](auto marks) {
           return text.find(marks) != std::string_view::npos;
         });
}

bool asks(std::string_view text) {
  return text.find('?') != std::string_view::npos || text.find("\uFF1F") != std::string_view::npos;
}

// The words outside of questions: of "It came twice. Could you look why?" three.
std::size_t words_told(std::string_view text) {
  std::size_t told = 0, here = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool ends = c == '.' || c == '!' || c == '\n' || c == ';';
    if (c == '?') here = 0;
    if (ends) told += here, here = 0;
    const bool letter = static_cast<unsigned char>(c) >= 0x80 || is_digit(c) || is_letter(c) || c == '\'';
    if (letter && !inside) ++here;
    inside = letter;
  }
  return told + here;
}

bool contains_words(const Words& words, std::string_view wanted) {
  const auto parts = split(wanted, ' ');
  const auto same = [](const Word& word, std::string_view part) { return word.text == part; };
  return !std::ranges::search(words.list, parts, same).empty();
}

class SignReader {
 public:
  SignReader(const json& request, const SignRules& rules) : request_(request), rules_(rules) {}

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
  void flag_or_perhaps(Sign sign, const Hit& hit) {
    if (hit.weak) signs_.perhaps.push_back(sign);
    else flag(sign, true);
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
    if (signs_.confidence) signs_.heard.confidence(*signs_.confidence);
    signs_.set(Sign::doubt, signs_.confidence ? 1 - *signs_.confidence : 0);
    put(Sign::product, folded_name(request_["conversation"]["product"].text()));
    put(Sign::channel, folded_name(request_["conversation"]["channel"].text()));
    read_account();
    at_least(Sign::same_issue, figure("same_issue").value_or(0));
    at_least(Sign::this_week, figure("week").value_or(figure("this_week").value_or(0)));
    flag(Sign::asks_for_person, request_["reason"]["trigger"].text() == "explicit_request");
    if (signs_.of(Sign::asks_for_person) > 0)
      tell("explicit_request", "the platform says that a person was asked for");
    flag(Sign::error, !items(request_["errors"]).empty());
    if (signs_.of(Sign::error) > 0) tell("error", "errors were reported");
  }

  // The confidence of what the AI would do, if it does not say how sure it is of what is wanted (S2).
  std::optional<double> best_considered() const {
    std::optional<double> best;
    for (const auto& item : items(request_["considered"])) {
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
        if (returned_) signs_.heard.returned();
        break;  // what came before was a person's to settle
      }
      if (role == "customer" && asked.size() < kMostMessages) {
        auto words = words_of(*text);
        signs_.heard.customer(words, *text, asked.size());
        asked.push_back(customer_said(std::move(words), asked.size()));
        if (asked.size() == 1)
          see_whether_unfamiliar(*text, static_cast<std::size_t>(it - transcript->rbegin()), *transcript);
        count_turn(*text, std::next(it) == transcript->rend() ? JsonView() : JsonView(*std::next(it)));
      } else if (role == "ai" && answered.size() < kMostMessages) {
        auto words = words_of(*text);
        if (asked.size() == 1 && answered_last_++ == 0) signs_.heard.ai(words);
        answered.push_back(ai_said(std::move(words), answered.size(), asked.size() == 1));
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
    const auto hits = meant_in(words);
    const auto has = [&](std::string_view list) { return has_hit(hits, list); };
    turn_ = {.not_helping = has("not_helping"),
             .moves_on = has("asks_how") || has("settled") || has("helped") || has("accepts"),
             .settled = has("settled"),
             .declines = has("declined"),
             .familiar = has("familiar"),
             .asks = has("asks_what"),
             .begins_asking = std::ranges::any_of(
                 hits, [&](const Hit& hit) { return hit.first == 0 && list_of(hit) == "asks_what"; }),
             .words = words.list.size()};
    if (age == 0) {
      settled_ = says_settled(hits);
      signs_.asks_of_product =
          has("asks_how") && !has_topic(hits) && (has("of_others") || has("of_product") || !has("of_own"));
      if (!signs_.asks_of_product) count_concerns(words, hits);
    }
    accepts_ = age == 0 && has("accepts") && !turn_.declines && words.list.size() <= kShortAnswer;
    for (const auto& hit : hits) {
      hear(hit, age);
      note(hit, words_said(words, hit), age);
    }
    if (turn_.not_helping) ++not_helped_;
    if (age < kHeatedMessages) heat_up(words, hits);
    if (turn_.declines || (age == 0 && settled_)) taken_back_ = true;  // what was asked for before this
    return numbers_of(words);
  }

  // The mood is for the matrix alone to weigh.
  void hear(const Hit& hit, std::size_t age) {
    const auto& list = list_of(hit);
    if (list != "anger" && list != "frustration") signs_.heard.list(list, age);
  }

  // Each phrase of the list is one field of words: two words of one field are one concern, and so is a word
  // that stands in the fields of two languages. Alone none of them needs a person, several do.
  void count_concerns(const Words& words, const std::vector<Hit>& hits) {
    std::vector<const std::string*> fields;
    std::vector<std::string> said;
    std::size_t free = 0;  // the first word that no field has taken; hits come in the order of the text
    for (const auto& hit : hits) {
      if (list_of(hit) != "concern" || hit.first < free) continue;
      if (std::ranges::find(fields, hit.phrase) != fields.end()) continue;
      free = hit.last + 1;
      fields.push_back(hit.phrase);
      said.push_back("`" + words_said(words, hit) + "`");
    }
    signs_.set(Sign::concerns, static_cast<double>(fields.size()));
    if (!said.empty()) tell("concerns", "the customer wrote " + join(said, ", "));
  }

  // Where the product is asked about for somebody else: "how do I refund one of my customers".
  std::vector<std::size_t> sentences_of(const Words& words, const std::vector<Hit>& hits,
                                        std::string_view list) const {
    std::vector<std::size_t> sentences;
    for (const auto& hit : hits) {
      if (list_of(hit) == list) sentences.push_back(sentence_at(words, hit.first));
    }
    return sentences;
  }

  bool has_hit(const std::vector<Hit>& hits, std::string_view list) const {
    return std::ranges::any_of(hits, [&](const Hit& hit) { return list_of(hit) == list; });
  }

  // What was found, without what is only named, weak words in a question how to do something, and what the
  // customer's own customers want.
  std::vector<Hit> meant_in(const Words& words) const {
    auto hits = rules_.phrases.find(words);
    const auto how = sentences_of(words, hits, "asks_how"), others = sentences_of(words, hits, "of_others");
    std::vector<std::size_t> how_clauses;
    for (const auto& hit : hits) {
      if (list_of(hit) == "asks_how") how_clauses.push_back(clause_at(words, hit.first));
    }
    const auto stands_in = [&](const Hit& hit, const std::vector<std::size_t>& sentences) {
      return std::ranges::find(sentences, sentence_at(words, hit.first)) != sentences.end();
    };
    std::erase_if(hits, [&](const Hit& hit) {
      const bool topic = is_topic(list_of(hit));
      const bool in_how = std::ranges::find(how_clauses, clause_at(words, hit.first)) != how_clauses.end();
      return (hit.weak && in_how) ||
             ((topic || list_of(hit) == "explicit_request") && only_named(words, hit)) ||
             (topic && !how.empty() && stands_in(hit, others));
    });
    return hits;
  }

  // Thanks and the like; "that must be fixed at once" is none.
  bool says_settled(const std::vector<Hit>& hits) const {
    constexpr std::array<std::string_view, 5> kUnsettling = {"not_helping", "explicit_request", "anger",
                                                             "urgency", "distress"};
    return has_hit(hits, "settled") && !has_topic(hits) &&
           std::ranges::none_of(kUnsettling, [&](auto list) { return has_hit(hits, list); });
  }

  // The newest message tells something at length that is no question about the product, no trouble with it,
  // no thanks and no answer, and the AI is not sure of it: an edge case (S23). `at` counts from the newest.
  void see_whether_unfamiliar(std::string_view text, std::size_t at, const json& transcript) {
    const auto least = static_cast<std::size_t>(rules_.unfamiliar_words);
    const bool concerned = signs_.of(Sign::concerns) > 0;   // weighs more than a familiar word
    const auto beside = concerned ? least / 2 : 2 * least;  // who asks tells a little as well
    const bool asking = only_asks(text) || turn_.begins_asking || (turn_.asks && asks(text));
    const bool known = turn_.not_helping || turn_.moves_on || turn_.declines ||
                       (turn_.familiar && !concerned) || (turn_.begins_asking && !asks(text)) ||
                       (asking && words_told(text) < beside);
    const bool sure = signs_.confidence && *signs_.confidence >= rules_.unfamiliar_sure;
    const bool told = turn_.words >= least;
    if (known || sure || !told || answers(transcript, transcript.size() - 1 - at)) return;
    flag(Sign::unfamiliar, true);
    tell("unfamiliar", "the newest message is nothing that the AI is known to solve");
  }

  // Whether the message at `at` answers a question of the AI's about a matter that was told before.
  static bool answers(const json& transcript, std::size_t at) {
    constexpr std::size_t kGreeting = 3;  // words
    if (at < 2) return false;
    const JsonView before(transcript[at - 1]);
    if (before["role"].text() != "ai" || !asks(before["text"].text())) return false;
    for (auto i = at - 1; i-- > 0 && at - i <= kMostMessages;) {
      const JsonView earlier(transcript[i]);
      if (earlier["role"].text() != "customer") continue;
      if (words_of(earlier["text"].text()).list.size() > kGreeting) return true;
    }
    return false;
  }

  static bool is_topic(const std::string& list) {
    return std::ranges::find(phrase_lists(), list) == phrase_lists().end();
  }
  bool has_topic(const std::vector<Hit>& hits) const {
    return std::ranges::any_of(hits, [&](const Hit& hit) { return is_topic(list_of(hit)); });
  }

  // Platforms often do not list what was tried, but the transcript shows it: the AI says what to do, and the
  // answer is neither a question nor progress. Before progress nothing counts (S12).
  void count_turn(std::string_view text, const JsonView& before) {
    if (progress_) return;
    progress_ = turn_.settled && !turn_.not_helping;
    const bool advised = before["role"].text() == "ai" && !asks(before["text"].text());
    if (turn_.not_helping || (advised && !turn_.moves_on && !asks(text))) ++fruitless_;
  }

  // The sign that a list speaks for, by which rows name it.
  static std::string sign_of(const std::string& list) {
    return list == "distress"      ? "distressed"
           : list == "urgency"     ? "urgent"
           : list == "not_helping" ? "stuck"
                                   : list;
  }

  void note(const Hit& hit, const std::string& said, std::size_t age) {
    const auto& list = list_of(hit);
    const auto wrote = [&] { tell(sign_of(list), "the customer wrote `" + said + "`"); };
    if (list == "explicit_request") {
      if (taken_back_) return;
      flag_or_perhaps(Sign::asks_for_person, hit);
      wrote();
    } else if (list == "distress") {
      flag_or_perhaps(Sign::distressed, hit);
      wrote();
    } else if (list == "urgency") {
      if (age < kHeatedMessages) flag(Sign::urgent, true), wrote();
    } else if (list == "fifth_contact") {
      at_least(Sign::same_issue, 5), wrote();
    } else if (list == "repeat_contact") {
      at_least(Sign::same_issue, 2), wrote();
    } else if (list == "not_helping") {
      flag(Sign::stuck, true), wrote();
    } else if (is_topic(list) && !(age > 0 && settled_)) {
      add_topic(list, said, "the customer wrote");
    }
  }

  void add_topic(const std::string& topic, const std::string& phrase, const char* who) {
    if (std::ranges::find(signs_.topics, topic) != signs_.topics.end()) return;
    signs_.topics.push_back(topic);
    tell(topic, std::string(who) + " `" + phrase + "`");
  }

  // A "no" that is one in four languages is said once: of what overlaps the hottest counts.
  void heat_up(const Words& words, const std::vector<Hit>& hits) {
    std::size_t free = 0;
    int last = 0;
    for (const auto& hit : hits) {
      const auto& list = list_of(hit);
      const int degrees = list == "anger" ? 3 : list == "frustration" || list == "not_helping" ? 1 : 0;
      if (degrees > 0) tell("mood", "the customer wrote `" + words_said(words, hit) + "`");
      if (degrees > 0 && hit.first >= free) last = 0;
      heat_ += std::max(0, degrees - last);
      last = std::max(last, degrees);
      if (degrees > 0) free = std::max(free, hit.last + 1);
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
          tell("dead_end", "the AI wrote `" + words_said(words, hit) + "`");
        } else if (list_of(hit) == "offers_person" && age == 0 && last && accepts_) {
          flag(Sign::asks_for_person, true);
          tell("explicit_request", "the customer accepts: the AI offered `" + words_said(words, hit) + "`");
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
      if (is_topic(list)) {
        add_topic(list, words_said(words, hit), "the summary says");
      } else if (list == "distress") {
        flag_or_perhaps(Sign::distressed, hit);
        tell("distressed", "the summary says `" + words_said(words, hit) + "`");
      }
    }
  }

  // Those without progress since the last that helped (S12).
  void read_attempts() {
    int failed = 0;
    std::vector<std::vector<std::size_t>> actions;
    auto attempts = items(request_["attempts"]);
    if (attempts.size() > kMostListed) attempts.resize(kMostListed);
    for (const auto& attempt : attempts) {
      actions.push_back(numbers_of(words_of(attempt["action"].text())));
      const auto outcome = words_of(attempt["outcome"].text());
      if (&attempt == &attempts.back()) signs_.heard.outcome(outcome);
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
    signs_.fruitless = fruitless_;
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
  struct Turn {
    bool not_helping = false, moves_on = false, settled = false, declines = false, familiar = false,
         asks = false, begins_asking = false;
    std::size_t words = 0;
  };
  Turn turn_;              // what the customer's message that was read last does
  bool progress_ = false;  // seen, reading backwards
  int fruitless_ = 0;      // turns
  int not_helped_ = 0;
  int answered_last_ = 0;  // messages of the AI's before the newest of the customer's
  int heat_ = 0;
};

}  // namespace

const std::array<std::string_view, kSigns>& sign_names() { return kSignNames; }

const std::vector<std::string>& phrase_lists() {
  static const auto& kLists = *new std::vector<std::string>{
      "explicit_request", "declined", "settled",  "helped",    "not_helping",   "anger",
      "frustration",      "urgency",  "distress", "dead_end",  "fifth_contact", "repeat_contact",
      "offers_person",    "accepts",  "asks_how", "asks_what", "familiar",      "of_others",
      "of_product",       "of_own",   "concern",  "not_meant"};
  return kLists;
}

const std::string* Signs::evidence_of(std::string_view about) const {
  const auto found = std::ranges::find(evidence, about, &Evidence::about);
  return found == evidence.end() ? nullptr : &found->words;
}

Signs read_signs(const json& request, const SignRules& rules) { return SignReader(request, rules).read(); }

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
