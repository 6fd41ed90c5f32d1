#include "mappings/engine/lexer.h"

namespace baton::mappings {
namespace {

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// `customer-id`, `paid?`
std::size_t word_length(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() &&
         (begins_name(text[length]) || is_digit(text[length]) || text[length] == '-')) {
    ++length;
  }
  return length < text.size() && text[length] == '?' ? length + 1 : length;
}

std::size_t number_length(std::string_view text) {
  std::size_t length = text.front() == '-' ? 1 : 0;
  while (length < text.size() && is_digit(text[length])) ++length;
  // "1..5" is a range, "1.5" a number.
  if (length + 1 < text.size() && text[length] == '.' && is_digit(text[length + 1])) {
    ++length;
    while (length < text.size() && is_digit(text[length])) ++length;
  }
  return length;
}

struct Read {
  TokenKind kind;
  std::size_t length;
};

Read read_comparison(std::string_view text) {
  const char second = text.size() > 1 ? text[1] : '\0';
  switch (text.front()) {
    case '=': return second == '=' ? Read{TokenKind::comparison, 2} : Read{TokenKind::assign, 1};
    case '!': return second == '=' ? Read{TokenKind::comparison, 2} : Read{TokenKind::bad, 1};
    case '<': return {TokenKind::comparison, second == '=' || second == '>' ? 2u : 1u};
    default: return {TokenKind::comparison, second == '=' ? 2u : 1u};
  }
}

Read read(std::string_view text) {
  const char c = text.front();
  if (begins_name(c)) return {TokenKind::word, word_length(text)};
  if (is_digit(c) || (c == '-' && text.size() > 1 && is_digit(text[1]))) {
    return {TokenKind::number, number_length(text)};
  }
  switch (c) {
    case '|': return {TokenKind::pipe, 1};
    case '.': return text.starts_with("..") ? Read{TokenKind::dots, 2} : Read{TokenKind::dot, 1};
    case ':': return {TokenKind::colon, 1};
    case ',': return {TokenKind::comma, 1};
    case '[': return {TokenKind::open_square, 1};
    case ']': return {TokenKind::close_square, 1};
    case '(': return {TokenKind::open_round, 1};
    case ')': return {TokenKind::close_round, 1};
    case '=':
    case '!':
    case '<':
    case '>': return read_comparison(text);
    case '"':
    case '\'': {
      const auto end = text.find(c, 1);
      return end == std::string_view::npos ? Read{TokenKind::bad, 1} : Read{TokenKind::string, end + 1};
    }
    default: return {TokenKind::bad, 1};
  }
}

}  // namespace

std::string_view name(TokenKind kind) {
  switch (kind) {
    case TokenKind::end: return "the end";
    case TokenKind::bad: return "an unexpected character";
    case TokenKind::word: return "a name";
    case TokenKind::number: return "a number";
    case TokenKind::string: return "a text";
    case TokenKind::comparison: return "a comparison";
    case TokenKind::pipe: return "`|`";
    case TokenKind::dot: return "`.`";
    case TokenKind::dots: return "`..`";
    case TokenKind::colon: return "`:`";
    case TokenKind::comma: return "`,`";
    case TokenKind::open_square: return "`[`";
    case TokenKind::close_square: return "`]`";
    case TokenKind::open_round: return "`(`";
    case TokenKind::close_round: return "`)`";
    case TokenKind::assign: return "`=`";
  }
  return "";
}

std::vector<Token> lex(std::string_view markup, std::uint32_t base) {
  std::vector<Token> tokens;
  std::size_t at = 0;
  while (true) {
    while (at < markup.size() && is_space(markup[at])) ++at;
    const auto offset = base + static_cast<std::uint32_t>(at);
    if (at == markup.size()) {
      tokens.push_back({TokenKind::end, {}, offset});
      return tokens;
    }
    auto [kind, length] = read(markup.substr(at));
    auto text = markup.substr(at, length);
    const bool member = !tokens.empty() && tokens.back().kind == TokenKind::dot;
    if (kind == TokenKind::word && text == "contains" && !member) kind = TokenKind::comparison;
    if (kind == TokenKind::string) text = text.substr(1, length - 2);
    tokens.push_back({kind, text, offset});
    if (kind == TokenKind::bad) {
      tokens.push_back({TokenKind::end, {}, offset});
      return tokens;
    }
    at += length;
  }
}

}  // namespace baton::mappings
