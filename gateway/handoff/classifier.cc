#include "gateway/handoff/classifier.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

// What a message says sums up to its share, whatever its length.
constexpr float kNewest = 1, kEarlier = 0.4F, kBefore = 0.5F, kAi = 0.5F, kFact = 0.35F, kApart = 0.5F;
constexpr std::size_t kMostMessages = 6;  // of the customer's
constexpr std::size_t kBeginning = 4;     // bytes of a word that inflections leave alone
constexpr std::size_t kShortAnswer = 5;   // words: what the AI said before it tells what it means
constexpr std::size_t kMostFacts = 5;     // a count above says no more
constexpr std::size_t kHeaviestShown = 4;
constexpr float kHeaviest = 300;  // a weight, either way

std::uint32_t digest_of(std::string_view feature) {
  const auto hash = hash_without(feature, feature.size());
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

using Name = std::initializer_list<std::string_view>;

Features::One put_name(Features& to, Name parts) {
  Features::One one;
  one.at = static_cast<std::uint32_t>(to.names.size());
  for (const auto part : parts) to.names += part;
  one.length = static_cast<std::uint32_t>(to.names.size()) - one.at;
  one.digest = digest_of(to.name(one));
  return one;
}

void keep_one_of_each(std::vector<Features::One>& list, std::size_t from) {
  const auto begin = list.begin() + static_cast<std::ptrdiff_t>(from);
  std::ranges::sort(begin, list.end(), {}, &Features::One::digest);
  const auto again = std::ranges::unique(begin, list.end(), {}, &Features::One::digest);
  list.erase(again.begin(), again.end());
}

// What was put behind `from` shares what it says: long messages are no surer than short ones.
void share_out(std::vector<Features::One>& list, std::size_t from, float share) {
  keep_one_of_each(list, from);
  const auto each = share / std::sqrt(static_cast<float>(std::max<std::size_t>(list.size() - from, 1)));
  for (auto i = from; i < list.size(); ++i) list[i].share = each;
}

std::string steps_reached(std::size_t value, std::initializer_list<std::size_t> steps) {
  const auto above = std::ranges::count_if(steps, [&](std::size_t step) { return value >= step; });
  return std::to_string(above);
}

}  // namespace

void Heard::fact(Name parts) { facts_.push_back(put_name(said_, parts)); }

void Heard::put_words(const Words& words, std::string_view side, float share) {
  const auto from = said_.list.size();
  const bool pairs = side.empty();
  std::string_view before = "^";
  const auto put = [this](Name parts) { said_.list.push_back(put_name(said_, parts)); };
  const auto end_sentence = [&] {
    if (pairs && before != "^") put({before, "_$"});
    before = "^";
  };
  for (const auto& word : words.list) {
    if (word.before == Break::sentence) end_sentence();
    put({side, word.text});
    if (pairs && word.text.size() > kBeginning + 1) put({clip_utf8(word.text, kBeginning), "*"});
    if (pairs) put({before, "_", word.text});
    before = word.text;
  }
  end_sentence();
  share_out(said_.list, from, share);
}

// Pairs with a word between them: "charged my card twice", "charged me twice".
void Heard::put_pairs_apart(const Words& words, float share) {
  const auto from = said_.list.size();
  for (std::size_t i = 2; i < words.list.size(); ++i)
    said_.list.push_back(put_name(said_, {words.list[i - 2].text, "~", words.list[i].text}));
  share_out(said_.list, from, share);
}

void Heard::customer(const Words& words, std::string_view text, std::size_t age) {
  if (age >= kMostMessages) return;
  put_words(words, "", age == 0 ? kNewest : kEarlier);
  put_pairs_apart(words, kApart * (age == 0 ? kNewest : kEarlier));
  if (age > 0) put_words(words, "was:", kBefore);  // what was said before something else may be over
  if (age == 0) short_ = words.list.size() <= kShortAnswer;
  messages_ = std::max(messages_, age + 1);
  if (age > 0) return;
  asks_ = text.find('?') != std::string_view::npos;
  fact({asks_ ? "!asks" : "!tells"});
  if (text.ends_with('?')) fact({"!ends_asking"});
  if (text.ends_with('!')) fact({"!ends_loud"});
  fact({"!words:", steps_reached(words.list.size(), {4, 8, 14, 25, 45})});
}

void Heard::list(const std::string& name, std::size_t age) { fact({age == 0 ? "!now:" : "!was:", name}); }

void Heard::ai(const Words& words) { put_words(words, short_ ? "ai_short:" : "ai:", kAi); }

void Heard::outcome(const Words& words) { put_words(words, "outcome:", kAi); }

void Heard::sign(std::string_view name) { fact({"!", name}); }

void Heard::figure(std::string_view name, double value, std::initializer_list<int> steps) {
  for (const int step : steps) {
    if (value >= step) fact({"!", name, ":", std::to_string(step)});
  }
}

void Heard::category(const std::string& name, bool known) { category_ = known ? name : "?"; }

void Heard::confidence(double value) {
  fact({"!sure:", std::to_string(std::clamp(static_cast<int>(value * 5), 0, 4))});
}

void Heard::returned() { fact({"!returned"}); }

Features Heard::features() const {
  auto all = said_;
  auto facts = facts_;
  const auto put = [&](Name parts) { facts.push_back(put_name(all, parts)); };
  put({"!any"});
  put({"!messages:", std::to_string(std::min(messages_, kMostFacts))});
  if (!category_.empty()) put({"!category:", category_});
  if (!category_.empty() && asks_) put({"!asks_in:", category_});
  keep_one_of_each(facts, 0);
  for (auto& one : facts) one.share = kFact;
  all.list.insert(all.list.end(), facts.begin(), facts.end());
  std::ranges::sort(all.list, {}, &Features::One::digest);
  auto last = all.list.begin();
  for (auto one = std::next(last); one != all.list.end(); ++one) {
    if (one->digest == last->digest) last->share += one->share;
    else *++last = *one;
  }
  all.list.erase(std::next(last), all.list.end());
  return all;
}

Classifier Classifier::read(std::string_view text, const std::string& file, Problems& problems) {
  Classifier read;
  read.weights_.reserve(static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1);
  for (int number = 1; !text.empty(); ++number) {
    const auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.empty() || line.starts_with('#')) continue;
    const auto tab = line.find('\t');
    const auto figure = tab == std::string_view::npos ? std::string_view() : line.substr(tab + 1);
    float weight = 0;
    const auto [end, error] = std::from_chars(figure.data(), figure.data() + figure.size(), weight);
    const bool whole = tab != 0 && error == std::errc{} && end == figure.data() + figure.size();
    if (!whole || !(std::abs(weight) <= kHeaviest)) {
      problems.add(
          Position{file, number, 1}, "",
          "must be a feature, a tab and its weight, from -300 to 300 (\"refund\\t0.41\"); `baton decide "
          "--learn` writes such a table");
      return {};
    }
    auto one = named(digest_of(line.substr(0, tab)));
    one.hundredths = static_cast<std::int16_t>(std::lround(weight * 100));
    read.weights_.push_back(one);
  }
  std::ranges::sort(read.weights_);
  return read;
}

Classifier::Weight Classifier::named(std::uint32_t digest) {
  return {static_cast<std::uint16_t>(digest >> 16), static_cast<std::uint16_t>(digest), 0};
}

double Classifier::weight_of(std::uint32_t digest) const {
  auto wanted = named(digest);
  wanted.hundredths = std::numeric_limits<std::int16_t>::min();
  const auto found = std::ranges::lower_bound(weights_, wanted);
  const bool known = found != weights_.end() && found->high == wanted.high && found->low == wanted.low;
  return known ? found->hundredths / 100.0 : 0;
}

Classifier::Weighed Classifier::weigh(const Heard& heard) const {
  const auto features = heard.features();
  std::vector<std::pair<double, std::string_view>> parts;
  double sum = 0;
  for (const auto& one : features.list) {
    const auto part = weight_of(one.digest) * one.share;
    if (part == 0) continue;
    sum += part;
    parts.emplace_back(part, features.name(one));
  }
  std::erase_if(parts, [&](const auto& part) { return (part.first > 0) != (sum > 0); });
  const auto shown = parts.begin() + static_cast<std::ptrdiff_t>(std::min(parts.size(), kHeaviestShown));
  std::ranges::partial_sort(parts, shown, [](const auto& a, const auto& b) {
    return std::pair(std::abs(a.first), a.second) > std::pair(std::abs(b.first), b.second);
  });
  Weighed weighed{logistic(sum), {}};
  for (auto part = parts.begin(); part != shown; ++part) weighed.because.emplace_back(part->second);
  return weighed;
}

double logistic(double sum) { return 1 / (1 + std::exp(-sum)); }

}  // namespace baton::handoff
