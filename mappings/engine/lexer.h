// Purpose: the words of a Liquid expression: what stands inside {{ }} and behind a tag's name.
// Owner: the parser. Threads: one. Units: offsets in the template. Errors: a token of kind `bad`.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace baton::mappings {

enum class TokenKind : std::uint8_t {
  end,
  bad,
  word,
  number,
  string,  // the text without its quotes
  comparison,
  pipe,
  dot,
  dots,
  colon,
  comma,
  open_square,
  close_square,
  open_round,
  close_round,
  assign,
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  std::uint32_t at = 0;
};

// What a token is called in messages.
std::string_view name(TokenKind kind);

// Always ends with an `end`; stops at the first `bad` one. `base` is the offset of `markup`.
std::vector<Token> lex(std::string_view markup, std::uint32_t base);

}  // namespace baton::mappings
