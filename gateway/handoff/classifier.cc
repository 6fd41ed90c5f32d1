#include "gateway/handoff/classifier.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

// Long messages are no surer than short ones: what a message says sums up to its share, whatever its length.
constexpr float kNewest = 1, kEarlier = 0.4F, kBefore = 0.5F, kAi = 0.5F, kFact = 0.35F;
constexpr std::size_t kMostMessages = 6;  // of the customer's
constexpr std::size_t kBeginning = 4;     // bytes of a word that inflections leave alone
constexpr std::size_t kShortAnswer = 5;   // words: what the AI said before it tells what it means
constexpr std::size_t kMostFacts = 5;     // a count above says no more
constexpr std::size_t kHeaviestShown = 4;

std::string beginning_of(const std::string& word) { return std::string(clip_utf8(word, kBeginning)) + "*"; }

void keep_one_of_each(std::vector<std::string>& names) {
  std::ranges::sort(names);
  const auto again = std::ranges::unique(names);
  names.erase(again.begin(), again.end());
}

std::uint32_t digest_of(std::string_view feature) {
  const auto hash = hash_without(feature, feature.size());
  return static_cast<std::uint32_t>(hash ^ (hash >> 32));
}

std::string steps_reached(std::size_t value, std::initializer_list<std::size_t> steps) {
  const auto above = std::ranges::count_if(steps, [&](std::size_t step) { return value >= step; });
  return std::to_string(above);
}

}  // namespace

void Heard::fact(std::string name) { facts_.push_back(std::move(name)); }

void Heard::put_words(const Words& words, std::string_view side, float share) {
  std::vector<std::string> said;
  said.reserve(words.list.size() * 3);
  std::string_view before = "^";
  const auto end_sentence = [&] {
    if (side.empty() && before != "^") said.push_back(std::string(before) + "_$");
    before = "^";
  };
  for (const auto& word : words.list) {
    if (word.before == Break::sentence) end_sentence();
    said.push_back(std::string(side) + word.text);
    if (side.empty()) {
      if (word.text.size() > kBeginning + 1) said.push_back(beginning_of(word.text));
      said.push_back(std::string(before) + "_" + word.text);
    }
    before = word.text;
  }
  end_sentence();
  keep_one_of_each(said);
  const auto each = share / std::sqrt(static_cast<float>(std::max<std::size_t>(said.size(), 1)));
  for (auto& one : said) said_.emplace_back(std::move(one), each);
}

void Heard::customer(const Words& words, std::string_view text, std::size_t age) {
  if (age >= kMostMessages) return;
  put_words(words, "", age == 0 ? kNewest : kEarlier);
  if (age > 0) put_words(words, "was:", kBefore);  // what was said before something else may be over
  if (age == 0) short_ = words.list.size() <= kShortAnswer;
  messages_ = std::max(messages_, age + 1);
  if (age > 0) return;
  asks_ = text.find('?') != std::string_view::npos;
  fact(asks_ ? "asks" : "tells");
  if (text.ends_with('?')) fact("ends_asking");
  if (text.ends_with('!')) fact("ends_loud");
  fact("words:" + steps_reached(words.list.size(), {4, 8, 14, 25, 45}));
}

void Heard::list(const std::string& name, std::size_t age) { fact((age == 0 ? "now:" : "was:") + name); }

void Heard::ai(const Words& words) { put_words(words, short_ ? "ai_short:" : "ai:", kAi); }

void Heard::outcome(const Words& words) { put_words(words, "outcome:", kAi); }

void Heard::sign(std::string_view name) { fact(std::string(name)); }

void Heard::figure(std::string_view name, double value, std::initializer_list<int> steps) {
  for (const int step : steps) {
    if (value >= step) fact(std::string(name) + ":" + std::to_string(step));
  }
}

void Heard::category(const std::string& name, bool known) { category_ = known ? name : "?"; }

void Heard::confidence(double value) {
  fact("sure:" + std::to_string(std::clamp(static_cast<int>(value * 5), 0, 4)));
}

void Heard::returned() { fact("returned"); }

Heard::Features Heard::features() const {
  auto facts = facts_;
  facts.push_back("any");
  facts.push_back("messages:" + std::to_string(std::min(messages_, kMostFacts)));
  if (!category_.empty()) facts.push_back("category:" + category_);
  if (!category_.empty() && asks_) facts.push_back("asks_in:" + category_);
  keep_one_of_each(facts);
  auto all = said_;
  for (const auto& name : facts) all.emplace_back("!" + name, kFact);
  std::ranges::sort(all);
  Features once;
  once.reserve(all.size());
  for (auto& [name, share] : all) {
    if (!once.empty() && once.back().first == name) once.back().second += share;
    else once.emplace_back(std::move(name), share);
  }
  return once;
}

Classifier Classifier::read(std::string_view text, const std::string& file, Problems& problems) {
  Classifier read;
  int line = 0;
  for (const auto part : split(text, '\n')) {
    ++line;
    if (part.empty() || part.starts_with('#')) continue;
    const auto tab = part.find('\t');
    const auto figure = tab == std::string_view::npos ? std::string_view() : part.substr(tab + 1);
    float weight = 0;
    const auto [end, error] = std::from_chars(figure.data(), figure.data() + figure.size(), weight);
    if (tab == 0 || error != std::errc{} || end != figure.data() + figure.size() || !std::isfinite(weight)) {
      problems.add(Position{file, line, 1}, "",
                   "must be a feature, a tab and its weight (\"refund\\t0.41\"); `baton decide --learn` "
                   "writes such a table");
      return {};
    }
    const auto name = part.substr(0, tab);
    read.weights_.emplace_back(digest_of(name), weight);
  }
  std::ranges::sort(read.weights_);
  read.weights_.shrink_to_fit();
  return read;
}

const float* Classifier::weight_of(std::string_view feature) const {
  const auto digest = digest_of(feature);
  const auto found = std::ranges::lower_bound(weights_, digest, {}, &std::pair<std::uint32_t, float>::first);
  return found != weights_.end() && found->first == digest ? &found->second : nullptr;
}

Classifier::Weighed Classifier::weigh(const Heard& heard) const {
  const auto features = heard.features();
  std::vector<std::pair<float, std::string_view>> parts;
  double sum = 0;
  for (const auto& [name, share] : features) {
    const auto* weight = weight_of(name);
    if (!weight) continue;
    sum += *weight * share;
    parts.emplace_back(*weight * share, name);
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
