// Matching. Reading the files is in phrases_read.cc.
#include "gateway/handoff/phrases.h"

#include <algorithm>
#include <bitset>
#include <iterator>
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

  // What sets each word may begin, as a filter: of a set that is not there it is nearly always known. Common
  // words are in hundreds of sets.
  using Sets = std::bitset<1024>;
  std::vector<Sets> sets;

  bool has(std::size_t at, int word) const {
    return at < words.size() && std::ranges::find(words[at], word) != words[at].end();
  }
  bool may_begin(std::size_t at, int set) const {
    return at < sets.size() && sets[at].test(static_cast<std::size_t>(set) % Sets().size());
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
    const auto like = static_cast<std::uint32_t>(hash_without(word, left_out));
    for (const auto& [hash, number] :
         std::ranges::equal_range(near_, like, {}, &std::pair<std::uint32_t, int>::first)) {
      if (is_typo(word, spelling_[static_cast<std::size_t>(number)])) return number;
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
  seen.sets.resize(seen.words.size());
  for (std::size_t at = 0; at < seen.words.size(); ++at) {
    for (const int number : seen.words[at]) {
      if (number < 0) break;
      for (const auto& entry : entries_[static_cast<std::size_t>(number)]) {
        seen.sets[at].set(static_cast<std::size_t>(entry.set) % seen.sets[at].size());
      }
    }
  }
  return seen;
}

// Where it ends if the elements that are `left` match from `at` on: the word behind; -1 if they do not.
int Phrases::end_of(const Seen& seen, bool unless, Elements left, std::size_t at) const {
  if (left.empty()) return static_cast<int>(at);
  const auto& [kind, value] = left.front();
  const auto behind = left.subspan(1);
  switch (kind) {
    case Kind::word: return seen.has(at, value) ? end_of(seen, unless, behind, at + 1) : -1;
    case Kind::any_of: return after_set(seen, unless, left, at);
    case Kind::gap:
      for (auto next = at; next <= at + static_cast<std::size_t>(value) && next < seen.words.size(); ++next) {
        if (next > 0 && seen.breaks[next] >= (unless ? Break::clause : Break::sentence)) break;
        if (const int end = end_of(seen, unless, behind, next); end >= 0) return end;
      }
      return -1;
    case Kind::begin:
    case Kind::end: return static_cast<int>(seen.breaks[at]) < value ? -1 : end_of(seen, unless, behind, at);
  }
  return -1;
}

// The word behind the entry, whose first word stands at `at`; 0 if its rest does not follow.
std::size_t Phrases::after_entry(const Seen& seen, const Entry& entry, std::size_t at) const {
  auto next = at + 1;
  for (const int word : rests_[static_cast<std::size_t>(entry.rest)]) {
    if (!seen.has(next++, word)) return 0;
  }
  return next;
}

int Phrases::after_set(const Seen& seen, bool unless, Elements left, std::size_t at) const {
  if (!seen.may_begin(at, left.front().value)) return -1;
  for (const int number : seen.words[at]) {
    if (number < 0) break;
    const auto& entries = entries_[static_cast<std::size_t>(number)];  // sorted by their sets
    for (const auto& entry : std::ranges::equal_range(entries, left.front().value, {}, &Entry::set)) {
      const auto next = after_entry(seen, entry, at);
      if (next == 0) continue;
      if (const int end = end_of(seen, unless, left.subspan(1), next); end >= 0) return end;
    }
  }
  return -1;
}

// False if the element is not what stands at `at`, and no look behind it is worth the while.
bool Phrases::may_follow(const Seen& seen, const Element& element, std::size_t at) const {
  if (element.kind == Kind::word) return seen.has(at, element.value);
  return element.kind != Kind::any_of || seen.may_begin(at, element.value);
}

// `next`: the word behind their first element, which stands at `at`.
void Phrases::try_at(const Seen& seen, std::size_t at, std::size_t next,
                     const std::vector<Candidate>& candidates, std::vector<Found>& found) const {
  for (const auto& candidate : candidates) {
    if (!may_follow(seen, candidate.second, next)) continue;
    const auto& variant = variants_[static_cast<std::size_t>(candidate.variant)];
    if (seen.breaks[at] < variant.at_begin) continue;
    const int end = end_of(seen, variant.unless, elements_of(variant).subspan(1), next);
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

// The phrases with `&` of which all parts are there, each in words of its own, as spans of `parts`.
std::vector<Phrases::Found> Phrases::parts_that_meet(const Seen& seen, std::vector<Found> parts) const {
  const auto phrase_of = [&](const Found& one) -> const Phrase& {
    return phrases_[static_cast<std::size_t>(one.variant->phrase)];
  };
  const auto sentence = [&](const Found& one) {
    return phrase_of(one).in_message ? 0 : seen.sentences[one.first];
  };
  const auto place = [&](const Found& one) { return std::pair(one.variant->phrase, sentence(one)); };
  std::ranges::sort(parts, [&](const Found& a, const Found& b) {
    if (a.variant->phrase != b.variant->phrase) return a.variant->phrase < b.variant->phrase;
    return std::tuple(sentence(a), a.first, a.variant->group) <
           std::tuple(sentence(b), b.first, b.variant->group);
  });
  std::vector<Found> met, chosen;
  for (std::size_t begin = 0, end = 0; begin < parts.size(); begin = end) {
    while (end < parts.size() && place(parts[end]) == place(parts[begin])) ++end;
    const auto groups = phrase_of(parts[begin]).groups;
    chosen.clear();
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
std::vector<Hit> Phrases::hits_of(const std::vector<Found>& whole, const std::vector<Found>& met) const {
  std::vector<Hit> hits;
  const auto add = [&](const Found& one) {
    const auto& phrase = phrases_[static_cast<std::size_t>(one.variant->phrase)];
    hits.push_back({one.variant->list, &phrase.text, &phrase.at, one.first, one.last, phrase.weak});
  };
  for (const auto& one : whole) add(one);
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

// Everything that stands there, parts of phrases and what speaks against them included.
std::vector<Phrases::Found> Phrases::found_in(const Seen& seen) const {
  std::vector<Found> found;
  for (std::size_t at = 0; at < seen.words.size(); ++at) {
    for (const int number : seen.words[at]) {
      if (number < 0) break;
      try_at(seen, at, at + 1, by_word_[static_cast<std::size_t>(number)], found);
      for (const auto& entry : entries_[static_cast<std::size_t>(number)]) {
        const auto& candidates = by_set_[static_cast<std::size_t>(entry.set)];
        if (candidates.empty()) continue;
        if (const auto next = after_entry(seen, entry, at)) try_at(seen, at, next, candidates, found);
      }
    }
  }
  return found;
}

std::vector<Hit> Phrases::find(const Words& words) const {
  const Seen seen = seen_in(words);
  std::vector<Found> whole, parts, unless, unless_parts;
  for (const auto& one : found_in(seen)) {
    if (one.variant->unless) (is_whole(one) ? unless : unless_parts).push_back(one);
    else (is_whole(one) ? whole : parts).push_back(one);
  }
  std::ranges::copy(parts_that_meet(seen, std::move(unless_parts)), std::back_inserter(unless));
  const auto denied = [&](const Found& one) {
    return std::ranges::any_of(unless, [&](const Found& other) {
      const bool concerns = other.variant->list == kAllLists || other.variant->list == one.variant->list;
      return concerns && overlaps(one, other);
    });
  };
  std::erase_if(whole, denied);
  std::erase_if(parts, denied);
  return hits_of(whole, parts_that_meet(seen, std::move(parts)));
}

}  // namespace baton::handoff
