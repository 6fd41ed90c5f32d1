// Purpose: foreign text as a brief may show it: one line, no control or direction characters, no secrets, no
// braces of a dump, cut at a word. Pure. Owner: the brief. Threads: any. Units: bytes of UTF-8.
// Errors: none; what is no UTF-8 becomes U+FFFD.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/json_view.h"
#include "gateway/base/time.h"

namespace baton::handoff {

// Of each text at most this much is read: a message of 32 kB has said what it is about before that.
inline constexpr std::size_t kMostRead = 2048;

// Everything that a brief shows has gone through this.
std::string tidy(std::string_view text, std::size_t most_read = kMostRead);
std::string tidy(JsonView text, std::size_t most_read = kMostRead);

// At most `most` bytes, which must hold the ellipsis that marks a cut. Cut between words where there are any
// in the second half, never inside a character.
std::string shorten(const std::string& line, std::size_t most);
// Where shorten() would cut; the line's size if it fits.
std::size_t cut_of(const std::string& line, std::size_t most);

void add_part(std::string& line, std::string_view part, std::string_view before = ", ");

// Part after part as long as they fit; "... and 3 more" tells of the rest. A first part that is too long is
// cut.
std::string join_within(const std::vector<std::string>& parts, std::string_view between, std::size_t most);

// "refund_double_charge" as people write it.
std::string spaced(std::string text);

// A number from 0 to 1 as "42 %", or "".
std::string percent(JsonView number);

// Letters and digits alone, in lower case: by it two sentences are the same.
std::string bare_letters(std::string_view text);

// "One. Two? Three" -> its sentences, each with its mark.
std::vector<std::string> sentences(const std::string& text);

// The sentences, and the parts of them between semicolons, that `said` (as bare_letters) does not contain already.
std::string without_repeats(const std::string& text, const std::string& said);

// "in three weeks", "tomorrow", "two days ago", of a day "2026-12-01..."; "" if it is none.
std::string relative_day(std::string_view day, TimePoint now);

// Card numbers, IBANs, access keys and what follows "password:" with asterisks; card and IBAN keep their last
// four. `line` in one line, ASCII digits.
std::string mask_secrets(std::string line);

}  // namespace baton::handoff
