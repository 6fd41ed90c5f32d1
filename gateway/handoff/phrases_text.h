// Purpose: what a person wrote as a list of comparable words: letters folded (case, accents, width),
// apostrophes resolved, and between the words where a sentence or a clause ends. Signs of Chinese and
// Japanese are words of their own, for nothing parts them; so is a sign of money, which is "$" whatever the
// currency. Owner: the caller. Threads: any; plain values. Units: `max_bytes` of the text, cut between code
// points. Errors: none; bytes that are no UTF-8 separate words. Linear in the text's length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton::handoff {

// What stands in front of a word. A clause ends at a comma or a bracket, a sentence at a full stop or a line.
enum class Break { none, clause, sentence };

struct Word {
  std::string text;  // folded: "Möchten" is "mochten", "don't" is "dont"
  Break before = Break::none;
  bool shouted = false;  // two or more letters, all of them capitals
  bool quoted = false;   // in quotation marks, a few words at most
};

struct Words {
  std::vector<Word> list;
  std::size_t exclamations = 0;  // in a row, the longest
};

Words read_words(std::string_view text, std::size_t max_bytes);

// One word of a phrase file, folded alike. German vowels have two foldings ("fur" and "fuer"), so it may be
// two.
std::vector<std::string> foldings(std::string_view word);

// Tells words apart that differ in the letter at `left_out` at most; at the word's size nothing is left out.
std::uint64_t hash_without(std::string_view word, std::size_t left_out);

}  // namespace baton::handoff
