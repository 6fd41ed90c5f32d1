// Matching. Reading the files is in phrases_read.cc.
#include "gateway/handoff/phrases.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace baton::handoff {
namespace {

constexpr std::size_t kShortestBeginning = 3;
constexpr std::size_t kLongestWord = 24;  // nobody means longer ones, and they would cost

template <typename Span>
bool overlaps(const Span& a, const Span& b) {
  return a.first <= b.last && b.first <= a.last;
}

// "speka" for "speak": the same but for two neighbours.
bool swapped(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto [x, y] = std::ranges::mismatch(a, b);
  if (x == a.end() || x + 1 == a.end()) return false;
  return *x == *(y + 1) && *(x + 1) == *y && std::equal(x + 2, a.end(), y + 2);
}

// `longer` has one letter that `shorter` lacks.
bool lacks_one(std::string_view shorter, std::string_view longer) {
  if (shorter.size() + 1 != longer.size()) return false;
  const auto [x, y] = std::ranges::mismatch(shorter, longer);
  return std::equal(x, shorter.end(), y + 1);
}

bool one_differs(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto [x, y] = std::ranges::mismatch(a, b);
  return x != a.end() && std::equal(x + 1, a.end(), y + 1);
}

// Whether `word` is what somebody types who means `meant`.
bool is_typo(std::string_view word, std::string_view meant) {
  if (word[0] != meant[0]) return false;
  if (meant.size() >= 5 && swapped(word, meant)) return true;
  if (meant.size() >= 6 && (lacks_one(word, meant) || lacks_one(meant, word))) return true;
  return meant.size() >= 8 && one_differs(word, meant);
}

// "pleaaase" with at most `keep` of the same in a row.
std::string squeezed(std::string_view word, std::size_t keep) {
  std::string out;
  std::size_t same = 0;
  for (const char c : word) {
    same = !out.empty() && out.back() == c ? same + 1 : 1;
    if (same <= keep) out += c;
  }
  return out;
}

bool has_three_in_a_row(std::string_view word) {
  for (std::size_t i = 2; i < word.size(); ++i) {
    if (word[i] == word[i - 1] && word[i] == word[i - 2]) return true;
  }
  return false;
}

}  // namespace

struct Phrases::Seen {
  std::vector<Numbers> words;
  std::vector<Break> breaks;   // before each word, and after the last
  std::vector<int> sentences;  // that each word stands in

  bool has(std::size_t at, int word) const {
    return at < words.size() && std::ranges::find(words[at], word) != words[at].end();
  }
};

// The word that a person who typed this probably meant, or -1.
int Phrases::misspelt(const std::string& word) const {
  if (has_three_in_a_row(word)) {
    for (const std::size_t keep : {2u, 1u}) {
      if (const auto found = words_.find(squeezed(word, keep)); found != words_.end()) return found->second;
    }
  }
  constexpr std::size_t kShortest = 5;
  if (word.size() < kShortest || word.size() > kLongestWord || not_typos_.contains(word)) return -1;
  const auto meant = [&](std::size_t left_out) {
    const auto [from, to] = near_.equal_range(hash_without(word, left_out));
    for (auto it = from; it != to; ++it) {
      if (is_typo(word, spelling_[static_cast<std::size_t>(it->second)])) return it->second;
    }
    return -1;
  };
  for (std::size_t i = 1; i <= word.size(); ++i) {  // at its size nothing is left out
    if (const int found = meant(i); found >= 0) return found;
  }
  return -1;
}

Phrases::Numbers Phrases::numbers_of(const Word& word) const {
  Numbers numbers = {-1, -1, -1, -1, -1};
  std::size_t n = 0;
  const std::string_view text(word.text);
  if (number_ >= 0 && text[0] >= '0' && text[0] <= '9') numbers[n++] = number_;
  if (const auto exact = words_.find(word.text); exact != words_.end()) numbers[n++] = exact->second;
  const auto longest = std::min(text.size(), kLongestWord);
  for (auto length = kShortestBeginning; length <= longest && n < numbers.size(); ++length) {
    const auto found = beginnings_.find(text.substr(0, length));
    if (found != beginnings_.end()) numbers[n++] = found->second;
  }
  if (n == 0) numbers[0] = misspelt(word.text);
  return numbers;
}

Phrases::Seen Phrases::seen_in(const Words& words) const {
  Seen seen;
  seen.words.reserve(words.list.size());
  for (const auto& word : words.list) {
    seen.words.push_back(numbers_of(word));
    seen.breaks.push_back(word.before);
    const int before = seen.sentences.empty() ? 0 : seen.sentences.back();
    seen.sentences.push_back(before + (word.before == Break::sentence ? 1 : 0));
  }
  seen.breaks.push_back(Break::sentence);
  return seen;
}

// Where the variant ends if its elements from `element` on match from `at` on: the word behind; -1 if not.
int Phrases::end_of(const Seen& seen, const Variant& variant, std::size_t element, std::size_t at) const {
  if (element == variant.elements.size()) return static_cast<int>(at);
  const auto& [kind, value] = variant.elements[element];
  switch (kind) {
    case Kind::word: return seen.has(at, value) ? end_of(seen, variant, element + 1, at + 1) : -1;
    case Kind::any_of: return after_set(seen, variant, element, at);
    case Kind::gap:
      for (auto next = at; next <= at + static_cast<std::size_t>(value) && next < seen.words.size(); ++next) {
        if (next > 0 && seen.breaks[next] >= (variant.unless ? Break::clause : Break::sentence)) break;
        if (const int end = end_of(seen, variant, element + 1, next); end >= 0) return end;
      }
      return -1;
    case Kind::begin:
    case Kind::end:
      return static_cast<int>(seen.breaks[at]) < value ? -1 : end_of(seen, variant, element + 1, at);
  }
  return -1;
}

int Phrases::after_set(const Seen& seen, const Variant& variant, std::size_t element, std::size_t at) const {
  if (at >= seen.words.size()) return -1;
  for (const int number : seen.words[at]) {
    if (number < 0) break;
    const auto& entries = entries_[static_cast<std::size_t>(number)];  // sorted by their sets
    for (const auto& entry :
         std::ranges::equal_range(entries, variant.elements[element].value, {}, &Entry::set)) {
      auto next = at + 1;
      for (const int word : entry.rest) next = next > 0 && seen.has(next, word) ? next + 1 : 0;
      if (next == 0) continue;
      if (const int end = end_of(seen, variant, element + 1, next); end >= 0) return end;
    }
  }
  return -1;
}

void Phrases::try_at(const Seen& seen, std::size_t at, const std::vector<int>& candidates,
                     std::vector<Found>& found) const {
  for (const int candidate : candidates) {
    const auto& variant = variants_[static_cast<std::size_t>(candidate)];
    if (seen.breaks[at] < variant.at_begin) continue;
    const int end = end_of(seen, variant, 0, at);
    if (end < 0) continue;
    // Another spelling of its optional parts may have been found here already.
    bool known = false;
    for (auto it = found.rbegin(); it != found.rend() && it->first == at && !known; ++it) {
      known = it->variant->phrase == variant.phrase && it->variant->group == variant.group;
    }
    if (!known) found.push_back({&variant, at, static_cast<std::size_t>(end) - 1});
  }
}

bool Phrases::is_whole(const Found& one) const {
  return phrases_[static_cast<std::size_t>(one.variant->phrase)].groups == 1;
}

// The phrases with `&` of which all parts are there, each in words of its own, as spans of `found`.
std::vector<Phrases::Found> Phrases::parts_that_meet(const Seen& seen,
                                                     const std::vector<Found>& found) const {
  const auto place = [&](const Found& one) {
    const bool anywhere = phrases_[static_cast<std::size_t>(one.variant->phrase)].in_message;
    return std::pair(one.variant->phrase, anywhere ? 0 : seen.sentences[one.first]);
  };
  std::vector<Found> parts, met;
  std::ranges::copy_if(found, std::back_inserter(parts), [&](const Found& one) { return !is_whole(one); });
  std::ranges::sort(parts, {},
                    [&](const Found& one) { return std::tuple(place(one), one.first, one.variant->group); });
  for (std::size_t begin = 0, end = 0; begin < parts.size(); begin = end) {
    while (end < parts.size() && place(parts[end]) == place(parts[begin])) ++end;
    const auto groups = phrases_[static_cast<std::size_t>(parts[begin].variant->phrase)].groups;
    std::vector<Found> chosen;
    for (std::uint8_t group = 0; group < groups && chosen.size() == group; ++group) {
      for (auto i = begin; i < end && chosen.size() == group; ++i) {
        const bool free =
            std::ranges::none_of(chosen, [&](const auto& one) { return overlaps(one, parts[i]); });
        if (parts[i].variant->group == group && free) chosen.push_back(parts[i]);
      }
    }
    if (chosen.size() == groups) std::ranges::copy(chosen, std::back_inserter(met));
  }
  return met;
}

// One hit for each phrase and place; the parts of one phrase follow one another in `met`.
std::vector<Hit> Phrases::hits_of(const std::vector<Found>& found, const std::vector<Found>& met) const {
  std::vector<Hit> hits;
  const auto add = [&](const Found& one) {
    const auto& phrase = phrases_[static_cast<std::size_t>(one.variant->phrase)];
    hits.push_back({one.variant->list, &phrase.text, &phrase.at, one.first, one.last, phrase.weak});
  };
  for (const auto& one : found) {
    if (is_whole(one)) add(one);
  }
  for (const auto& part : met) {
    if (part.variant->group == 0) {
      add(part);
    } else {
      hits.back().first = std::min(hits.back().first, part.first);
      hits.back().last = std::max(hits.back().last, part.last);
    }
  }
  std::ranges::sort(hits, {}, [](const Hit& hit) { return std::tuple(hit.first, hit.last, hit.at->line); });
  return hits;
}

std::vector<Hit> Phrases::find(const Words& words) const {
  const Seen seen = seen_in(words);
  std::vector<Found> found;
  for (std::size_t at = 0; at < seen.words.size(); ++at) {
    for (const int number : seen.words[at]) {
      if (number < 0) break;
      try_at(seen, at, by_word_[static_cast<std::size_t>(number)], found);
      int before = -1;
      for (const auto& entry : entries_[static_cast<std::size_t>(number)]) {
        if (entry.set != before) try_at(seen, at, by_set_[static_cast<std::size_t>(entry.set)], found);
        before = entry.set;
      }
    }
  }
  std::vector<Found> unless;
  std::ranges::copy_if(found, std::back_inserter(unless),
                       [&](const Found& one) { return one.variant->unless && is_whole(one); });
  std::ranges::copy_if(parts_that_meet(seen, found), std::back_inserter(unless),
                       [](const Found& one) { return one.variant->unless; });
  std::erase_if(found, [&](const Found& one) {
    return one.variant->unless || std::ranges::any_of(unless, [&](const Found& other) {
             const bool concerns =
                 other.variant->list == kAllLists || other.variant->list == one.variant->list;
             return concerns && overlaps(one, other);
           });
  });
  return hits_of(found, parts_that_meet(seen, found));
}

}  // namespace baton::handoff
