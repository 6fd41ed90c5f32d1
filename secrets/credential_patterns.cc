#include "secrets/credential_patterns.h"

#include <algorithm>
#include <array>

#include "gateway/base/text.h"

namespace baton::secrets {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }
bool upper(char c) { return c >= 'A' && c <= 'Z'; }
bool lower(char c) { return c >= 'a' && c <= 'z'; }
bool word(char c) { return digit(c) || upper(c) || lower(c) || c == '_'; }
bool blank(char c) { return c == ' ' || c == '\t'; }
// RFC 7235 token68, as all vendors' keys are.
bool key_character(char c) {
  return word(c) || c == '-' || c == '.' || c == '~' || c == '+' || c == '/' || c == '=';
}

template <class Accept>
std::size_t end_of(std::string_view text, std::size_t from, Accept accept) {
  while (from < text.size() && accept(text[from])) ++from;
  return from;
}

// Remembers the run it saw last: a text that is one long run costs its length once, not its square.
template <class Accept>
class Runs {
 public:
  explicit Runs(Accept accept) : accept_(accept) {}
  std::size_t end_of_run(std::string_view text, std::size_t from) {
    if (from < begin_ || from >= end_) {
      begin_ = from;
      end_ = end_of(text, from, accept_);
    }
    return end_;
  }

 private:
  Accept accept_;
  std::size_t begin_ = 0, end_ = 0;
};

bool starts_with_ignoring_case(std::string_view text, std::string_view prefix) {
  return text.size() >= prefix.size() && equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

// Key prefixes: fact sheets of the vendors, sections on auth; bat_ is ours, eyJ starts every JWT.
struct Prefix {
  std::string_view text;
  std::size_t shortest_tail;
  bool needs_digit = false;  // where the prefix is also the start of a plain word
};
constexpr std::size_t kSearched = 64;  // for a digit
constexpr auto kPrefixes = std::to_array<Prefix>({
    {"bat_", 20},
    {"whsec_", 8},
    {"whsk_", 8},
    {"xoxb-", 6},
    {"xoxp-", 6},
    {"xoxa-", 6},
    {"xoxe-", 6},
    {"xoxe.", 6},
    {"xoxs-", 6},
    {"xapp-", 6},
    {"sk_live_", 6},
    {"sk_test_", 6},
    {"rk_live_", 6},
    {"rk_test_", 6},
    {"pat-", 8, true},
    {"lin_api_", 6},
    {"lin_oauth_", 6},
    {"eyJ", 20},
});

template <class Keys>
void find_prefix(std::string_view text, std::size_t at, Keys& keys, std::vector<Span>& found) {
  for (const auto& prefix : kPrefixes) {
    if (!text.substr(at).starts_with(prefix.text)) continue;
    const auto tail = at + prefix.text.size();
    const auto end = keys.end_of_run(text, tail);
    if (end - tail < prefix.shortest_tail) continue;
    if (prefix.needs_digit && std::ranges::none_of(text.substr(tail, std::min(end - tail, kSearched)), digit))
      continue;
    found.push_back({at, end});
  }
}

constexpr std::array<std::string_view, 2> kSchemes{"bearer", "basic"};

// "Bearer expired" and "Basic authentication" are English; a credential is long or mixed.
bool looks_random(std::string_view token) {
  return token.size() >= 24 || std::ranges::any_of(token, digit) || token.ends_with('=') ||
         (token.size() >= 8 && std::ranges::any_of(token.substr(1), upper) &&
          std::ranges::any_of(token, lower));
}

void find_scheme(std::string_view text, std::size_t at, std::vector<Span>& found) {
  for (const auto scheme : kSchemes) {
    if (!starts_with_ignoring_case(text.substr(at), scheme)) continue;
    const auto after = at + scheme.size();
    const auto begin = end_of(text, after, blank);
    const auto end = end_of(text, begin, key_character);
    if (begin > after && end - begin >= 4 && looks_random(text.substr(begin, end - begin))) {
      found.push_back({begin, end});
    }
  }
}

constexpr auto kNames = std::to_array<std::string_view>({
    "authorization",
    "api-key",
    "api_key",
    "apikey",
    "access_token",
    "refresh_token",
    "client_secret",
    "signing_secret",
    "password",
    "passwd",
});

std::size_t skip_quote(std::string_view text, std::size_t at) {
  if (text.substr(at).starts_with("\\\"")) return at + 2;  // JSON inside of JSON
  return at < text.size() && (text[at] == '"' || text[at] == '\'') ? at + 1 : at;
}

bool in_quotes(char c) { return c != '"' && c != '\'' && c != '\\'; }
bool in_line(char c) { return c != '\n' && c != '\r' && c != '"' && c != '\''; }
bool in_value(char c) {
  return in_line(c) && !blank(c) && c != ',' && c != ';' && c != '&' && c != '}' && c != ')';
}

// What stands after a name: `"password" : "..."`, `password=...`, `Authorization: ...` to its line's end.
struct NamedFields {
  Runs<bool (*)(char)> quoted{in_quotes}, line{in_line}, value{in_value};

  void find(std::string_view text, std::size_t at, std::vector<Span>& found) {
    for (const auto name : kNames) {
      if (!starts_with_ignoring_case(text.substr(at), name)) continue;
      auto next = end_of(text, skip_quote(text, at + name.size()), blank);
      if (next >= text.size() || (text[next] != ':' && text[next] != '=')) continue;
      next = end_of(text, next + 1, blank);
      const auto begin = skip_quote(text, next);
      auto& runs = begin > next ? quoted : name == kNames.front() ? line : value;
      const auto end = runs.end_of_run(text, begin);
      if (end > begin) found.push_back({begin, end});
    }
  }
};

bool luhn(std::string_view digits) {
  int sum = 0;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    int value = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) value = value * 2 > 9 ? value * 2 - 9 : value * 2;
    sum += value;
  }
  return sum % 10 == 0;
}

// Lengths by the first digit, so that most ids and timestamps of the same length stay readable.
bool card_shape(std::string_view digits) {
  const auto size = digits.size();
  switch (digits.front()) {
    case '2': return size == 16;
    case '3': return size >= 14 && size <= 16;
    case '4': return size == 13 || size == 16 || size == 19;
    case '5': return size == 16;
    case '6': return size >= 16 && size <= 19;
    default: return false;
  }
}

// Digits with single blanks or hyphens between; whole runs only. Returns the end of the run.
std::size_t find_card(std::string_view text, std::size_t at, std::vector<Span>& found) {
  std::string digits;
  auto end = at;
  for (auto i = at; i < text.size(); ++i) {
    if (digit(text[i])) {
      digits += text[i];
      end = i + 1;
    } else if ((text[i] != ' ' && text[i] != '-') || i != end) {
      break;
    }
  }
  if (card_shape(digits) && luhn(digits)) found.push_back({at, end});
  return end;
}

void find_email(std::string_view text, std::size_t sign, std::vector<Span>& found) {
  const auto local = [](char c) { return word(c) || c == '.' || c == '-' || c == '+' || c == '%'; };
  auto begin = sign;
  while (begin > 0 && local(text[begin - 1])) --begin;
  const auto end = end_of(text, sign + 1, [](char c) { return word(c) || c == '.' || c == '-'; });
  if (begin < sign && text.substr(sign, end - sign).find('.') != std::string_view::npos)
    found.push_back({begin, end});
}

// The characters with which anything above can begin: most words end here.
constexpr std::array<bool, 256> starts() {
  std::array<bool, 256> table{};
  const auto mark = [&](char c) { table[static_cast<unsigned char>(c)] = true; };
  for (const auto& prefix : kPrefixes) mark(prefix.text.front());
  for (const auto scheme : kSchemes)
    mark(scheme.front()), mark(static_cast<char>(scheme.front() - 'a' + 'A'));
  for (const auto name : kNames) mark(name.front()), mark(static_cast<char>(name.front() - 'a' + 'A'));
  return table;
}
constexpr auto kStarts = starts();

}  // namespace

void find_credentials(std::string_view text, bool emails, std::vector<Span>& found) {
  std::size_t digits_end = 0;
  Runs<bool (*)(char)> keys(key_character);
  NamedFields named;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '@' && emails) find_email(text, i, found);
    const char before = i > 0 ? text[i - 1] : ' ';
    if (digit(text[i]) && i >= digits_end && !word(before)) digits_end = find_card(text, i, found);
    // Right after an escaped line break (\n) a word starts too; "_key" may follow another name.
    if (word(before) && before != '_' && !(i > 1 && text[i - 2] == '\\')) continue;
    if (!kStarts[static_cast<unsigned char>(text[i])]) continue;
    find_prefix(text, i, keys, found);
    find_scheme(text, i, found);
    named.find(text, i, found);
  }
}

}  // namespace baton::secrets
