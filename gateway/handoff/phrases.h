// Purpose: finds what people say in what they wrote. The lists of phrases are data, one file per language;
// all languages are looked for at once, for people change them and platforms guess them wrongly. Owner: the
// decision rules. Threads: immutable after reading, any. Units: words. Errors: Problems with file, line and
// the nearest known name.
//
// A phrase is words with a few signs between them:
//   speak to a person       these words, one after the other; "speka to a preson" too (see below)
//   talk|speak|look_at      one of these, "look at" being two words
//   cancel*                 a word that begins so
//   @person                 one of the file's `words` of that name, which may be several words
//   [please]                may be there
//   *3                      up to three other words of the same sentence; of the same clause in an `unless`,
//                           for "no, it did not help, get me a person" denies no person
//   ^ and $                 where a clause begins and ends; ^^ and $$ a sentence
//   a & b & c               all of them in one sentence, in any order; && in one message
//   #                       a word that begins with a figure
//   €                       a sign of money, of any currency
// A hit is dropped if a phrase of the list's `unless` overlaps it: "human resources" is no request for a
// human. The list `not_meant` does so to all other lists. What stands under `perhaps` is a weaker hit.
//
// A word of six letters or more may lack one, have one too many or two swapped, one of eight may have one
// wrong; never the first one, and never what `not_typos` lists. The cost is linear in the text: gaps are
// short.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "gateway/handoff/phrases_text.h"
#include "gateway/model/node.h"

namespace baton::handoff {

struct Hit {
  int list = 0;               // index into Phrases::lists()
  const std::string* phrase;  // as the file has it; valid as long as the Phrases
  const Position* at;
  std::size_t first = 0, last = 0;  // words of the text, both included
  bool weak = false;                // a `perhaps`
};

class Phrases {
 public:
  // Reads one language's file: `language`, `words`, `not_typos` and `lists`. `known` are the lists that
  // exist.
  void add_language(const Node& file, const std::vector<std::string>& known, Problems& problems);

  const std::vector<std::string>& lists() const { return lists_; }
  bool empty() const { return variants_.empty(); }

  // In the order of the text; one hit per phrase and place.
  std::vector<Hit> find(const Words& words) const;

 private:
  friend class PhraseReader;

  static constexpr int kAllLists = -1;  // of `not_meant`

  enum class Kind : std::uint8_t { word, any_of, gap, begin, end };
  struct Element {
    Kind kind = Kind::word;
    int value = 0;  // a word's or a set's number, a gap's width, or the break that must be there
  };
  // One spelt-out phrase: without optional parts, and with a word in front.
  struct Variant {
    int list = 0;
    int phrase = 0;
    bool unless = false;
    std::uint8_t group = 0;             // of a phrase with `&`: which of its parts this is
    Break at_begin = Break::none;       // at least this in front
    std::uint32_t from = 0, count = 0;  // its elements, in elements_
  };
  // A variant under its first element, with its second: most are turned away without a look at more.
  struct Candidate {
    int variant = 0;
    Element second;
  };
  struct Phrase {
    std::string text;
    Position at;
    bool weak = false;
    std::uint8_t groups = 1;
    bool in_message = false;  // its parts may stand in different sentences
  };
  // Where a variant was found. A part of a phrase is no hit yet.
  struct Found {
    const Variant* variant = nullptr;
    std::size_t first = 0, last = 0;
  };
  // A way into a set: its first word, and what must follow it.
  struct Entry {
    int set = 0;
    int rest = 0;  // in rests_; 0 is nothing
  };
  using Numbers = std::array<int, 5>;  // of the exact word and of the beginnings; the rest is -1

  struct Seen;  // a text, its words as numbers

  Numbers numbers_of(const Word& word) const;
  Seen seen_in(const Words& words) const;
  int misspelt(const std::string& word) const;
  using Elements = std::span<const Element>;

  Elements elements_of(const Variant& variant) const {
    return Elements(elements_).subspan(variant.from, variant.count);
  }
  int end_of(const Seen& seen, bool unless, Elements left, std::size_t at) const;
  int after_set(const Seen& seen, bool unless, Elements left, std::size_t at) const;
  std::size_t after_entry(const Seen& seen, const Entry& entry, std::size_t at) const;
  bool may_follow(const Seen& seen, const Element& element, std::size_t at) const;
  void try_at(const Seen& seen, std::size_t at, std::size_t next, const std::vector<Candidate>& candidates,
              std::vector<Found>& found) const;
  bool is_whole(const Found& one) const;
  std::vector<Found> found_in(const Seen& seen) const;
  std::vector<Found> parts_that_meet(const Seen& seen, std::vector<Found> parts) const;
  std::vector<Hit> hits_of(const std::vector<Found>& whole, const std::vector<Found>& met) const;

  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  using Numbering = std::unordered_map<std::string, int, Hash, std::equal_to<>>;

  std::vector<std::string> lists_;
  std::vector<Phrase> phrases_;
  std::vector<Variant> variants_;
  std::vector<Element> elements_;  // of all variants
  Numbering words_, beginnings_;
  std::vector<std::pair<std::uint32_t, int>> near_;  // the hash of a word without one letter, and its number
  std::vector<std::string> spelling_;                // by number
  std::unordered_set<std::string> not_typos_;
  std::vector<std::vector<Entry>> entries_;               // by the number of their first word
  std::vector<std::vector<int>> rests_ = {{}};            // words that follow the first one of an entry
  std::vector<std::vector<Candidate>> by_word_, by_set_;  // variants that begin so
  int sets_ = 0;
  int number_ = -1;  // of "#"
};

}  // namespace baton::handoff
