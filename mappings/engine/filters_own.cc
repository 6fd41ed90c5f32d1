// The filters that Liquid does not have: what a ticket, a card or a message needs.
#include <array>

#include "gateway/base/text.h"
#include "mappings/engine/filters.h"
#include "mappings/engine/letters.h"
#include "mappings/engine/number.h"

namespace baton::mappings {
namespace {

enum class Html : std::uint8_t { plain, entity, brace, line_end, drop };

constexpr auto kHtml = [] {
  std::array<Html, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = Html::drop;  // no control character is valid in HTML
  table['\t'] = Html::plain;
  table['\n'] = Html::line_end;
  table['{'] = Html::brace;
  table[0x7F] = Html::drop;
  for (const char c : {'&', '<', '>', '"', '\''}) table[static_cast<unsigned char>(c)] = Html::entity;
  return table;
}();

std::string_view entity(char c) {
  switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    default: return "&#39;";
  }
}

template <class Write>
Value made_by(const FilterInput& in, Write write) {
  if (in.value.nil()) return {};
  Buffer out(in.run.arena().max_bytes());
  write(in.text(), out);
  return out.full() ? in.fail("the render needs too much memory") : in.made(out.text());
}

Value html(const FilterInput& in) { return made_by(in, mappings::write_html); }
void write_html_of(const FilterInput& in, Buffer& out) { mappings::write_html(in.text(), out); }

// `@channel` and the like, which some clients still turn into a mention of everybody.
bool is_broadcast(std::string_view text) {
  for (const std::string_view word : {"@channel", "@here", "@everyone"}) {
    if (equals_ignoring_case(text.substr(0, word.size()), word)) return true;
  }
  return false;
}

// Slack: & < > are all that opens a link or a mention (slack fact sheet, section 8).
void write_mrkdwn(std::string_view text, Buffer& out) {
  std::size_t run = 0;
  for (auto at = text.find_first_of("&<>@"); at != std::string_view::npos;
       at = text.find_first_of("&<>@", at + 1)) {
    if (text[at] == '@') {
      if (!is_broadcast(text.substr(at))) continue;
      out.append(text.substr(run, at + 1 - run));
      out.append("\u200B");  // not seen, and no mention any more
    } else {
      out.append(text.substr(run, at - run));
      out.append(entity(text[at]));
    }
    run = at + 1;
  }
  out.append(text.substr(run));
}

Value mrkdwn(const FilterInput& in) { return made_by(in, write_mrkdwn); }

// Controls, and the marks that turn the direction of what follows or hide in it.
bool is_control(std::uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F && c != 0x200D) ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

// One line: controls go, white space between words becomes one space.
void write_plain(std::string_view text, Buffer& out) {
  const auto start = out.size();
  bool space = false;
  for (; !text.empty(); text.remove_prefix(next_code_point(text))) {
    const auto piece = text.substr(0, next_code_point(text));
    const auto c = decode(piece);
    if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0xA0 || c == 0x85 || c == 0x2028 || c == 0x2029) {
      space = true;
    } else if (!is_control(c)) {
      if (std::exchange(space, false) && out.size() > start) out.push(' ');
      out.append(piece);
    }
  }
}

Value plain(const FilterInput& in) { return made_by(in, write_plain); }

// A text of four characters or fewer would be shown whole, so nothing of it is.
void write_masked(std::string_view text, Buffer& out) {
  constexpr std::size_t kShown = 4;
  auto hidden = count_code_points(text);
  if (hidden > kShown) hidden -= kShown;
  for (std::size_t i = 0; i < hidden; ++i) out.push('*');
  out.append(text.substr(bytes_of(text, static_cast<std::int64_t>(hidden))));
}

Value mask(const FilterInput& in) { return made_by(in, write_masked); }

// Digits behind the point, ISO 4217; two unless it is one of these.
int minor_digits(std::string_view currency) {
  constexpr std::string_view kWithoutCents =
      "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
  constexpr std::string_view kThree = "BHD IQD JOD KWD LYD OMR TND";
  if (kWithoutCents.find(currency) != std::string_view::npos) return 0;
  return kThree.find(currency) != std::string_view::npos ? 3 : 2;
}

Value money(const FilterInput& in) {
  if (in.value.nil()) return {};
  const auto amount = to_integer(in.value);
  if (!amount) return in.fail("`money` needs a whole number of the smallest unit, such as cents");
  auto currency = std::string(trim(in.text(0)));
  for (auto& c : currency) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  const auto decimals = static_cast<std::size_t>(currency.size() == 3 ? minor_digits(currency) : 2);
  auto digits = std::to_string(*amount);
  const bool negative = digits.front() == '-';
  if (negative) digits.erase(0, 1);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, ".");
  return in.made((negative ? "-" : "") + digits + (currency.empty() ? "" : " " + currency));
}

Value clip_bytes(const FilterInput& in) {
  const auto wanted = to_integer(in.argument(0));
  if (!wanted || *wanted < 0) return in.fail("`clip_bytes` needs a whole number of bytes");
  if (in.value.nil()) return {};
  const auto text = in.text();
  const auto limit = static_cast<std::size_t>(*wanted);
  if (text.size() <= limit) return Value::of(text);
  constexpr std::string_view kEllipsis = "…";
  if (limit < kEllipsis.size()) return Value::of(clip_utf8(text, limit));
  return in.made(std::string(clip_utf8(text, limit - kEllipsis.size())).append(kEllipsis));
}

void write_quoted(std::string_view text, Buffer& out) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  for (bool more = true; more;) {
    const auto end = text.find('\n');
    out.append("> ");
    auto line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    out.append(line);
    more = end != std::string_view::npos;
    if (more) {
      out.push('\n');
      text.remove_prefix(end + 1);
    }
  }
}

Value quote(const FilterInput& in) { return made_by(in, write_quoted); }

constexpr FilterRule kOwnFilters[] = {
    {"clip_bytes", 1, 1, clip_bytes},
    {"html", 0, 0, html, write_html_of},
    {"mask", 0, 0, mask},
    {"money", 1, 1, money},
    {"mrkdwn", 0, 0, mrkdwn},
    {"plain", 0, 0, plain},
    {"quote", 0, 0, quote},
};

}  // namespace

void write_html(std::string_view text, Buffer& out) {
  const char* at = text.data();
  const char* const end = at + text.size();
  while (true) {
    const char* const run = at;
    while (at != end && kHtml[static_cast<unsigned char>(*at)] == Html::plain) ++at;
    if (at != run) out.append({run, static_cast<std::size_t>(at - run)});
    if (at == end) return;
    const char c = *at++;
    switch (kHtml[static_cast<unsigned char>(c)]) {
      case Html::plain:
      case Html::drop: break;
      case Html::entity: out.append(entity(c)); break;
      case Html::brace: {
        // Helpdesks fill in placeholders where an agent writes "{{ticket...}}" or "{% if %}", and a comment
        // that comes through an API is an agent's.
        const bool opens = at != end && (*at == '{' || *at == '%');
        out.append(opens ? "&#123;" : "{");
        break;
      }
      case Html::line_end: out.append("<br>"); break;
    }
  }
}

std::span<const FilterRule> own_filters() { return kOwnFilters; }

}  // namespace baton::mappings
