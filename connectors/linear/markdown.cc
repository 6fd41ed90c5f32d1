#include "connectors/linear/markdown.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "gateway/base/text.h"

namespace baton::linear {
namespace {

constexpr std::string_view kJoiner = "\u2060";  // invisible, and no name or address goes on behind it
constexpr std::string_view kCut = "_The rest is in the ticket._";
constexpr std::size_t kTextChars = 8'000;  // of one paragraph, one entry, one code block

bool is_line_end(char c) { return c == '\n'; }

// The first `count` characters, with an ellipsis if there were more.
std::string clipped(std::string_view text, std::size_t count) {
  std::size_t at = 0, chars = 0;
  while (at < text.size()) {
    if (chars++ == count) return std::string(text.substr(0, at)) + "…";
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80);
  }
  return std::string(text);
}

// Direction marks can make a text read as another one than it is.
bool turns_direction(std::string_view at) {
  if (!at.starts_with("\xE2\x80") && !at.starts_with("\xE2\x81")) return false;
  if (at.size() < 3) return false;
  const auto last = static_cast<unsigned char>(at[2]);
  return at[1] == '\x80' ? (last >= 0xAA && last <= 0xAE) || last == 0x8E || last == 0x8F
                         : last >= 0xA6 && last <= 0xA9;
}

// Valid UTF-8 with \n as the only control character.
std::string cleaned(std::string_view raw) {
  const auto text = to_valid_utf8(raw);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\r') {
      if (text.substr(i + 1, 1) != "\n") out += '\n';
    } else if (c == '\t') {
      out += ' ';
    } else if (turns_direction(std::string_view(text).substr(i))) {
      i += 2;
    } else if (is_line_end(text[i]) || (c >= 0x20 && c != 0x7F)) {
      out += text[i];
    }
  }
  return out;
}

std::vector<std::string_view> lines_of(std::string_view text) { return split(text, '\n'); }

// What makes a list, a heading's underline or a rule only at the beginning of a line.
bool begins_something(std::string_view line) {
  if (line.empty()) return false;
  if (line[0] == '-' || line[0] == '=') return true;
  const auto digits = line.find_first_not_of("0123456789");
  return digits != 0 && digits != std::string_view::npos && (line[digits] == '.' || line[digits] == ')');
}

std::string escaped_line(std::string_view line) {
  constexpr std::string_view kSpecial = "\\`*_{}[]()<>#+!|~&$^";
  line = trim(line);  // four spaces would make code of it
  std::string out;
  const bool begins = begins_something(line);
  const auto mark = begins ? line.find_first_of("-=.)") : std::string_view::npos;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i == mark || kSpecial.find(line[i]) != std::string_view::npos) out += '\\';
    out += line[i];
    // Neither a mention nor an address that is made a link, a preview or a cross reference.
    if (line[i] == '@' || (line[i] == ':' && line.substr(i + 1, 2) == "//")) out += kJoiner;
    if (line[i] == '.' && i >= 3 && to_lower(line.substr(i - 3, 3)) == "www") out += kJoiner;
    if (line[i] == '.' && i >= 6 && to_lower(line.substr(i - 6, 6)) == "linear") out += kJoiner;
  }
  return out;
}

// Lines that go on in the same paragraph; `before` stands at the beginning of each but the first.
std::string paragraph(std::string_view text, std::string_view before = {}) {
  std::string out;
  bool first = true;
  for (const auto line : lines_of(text)) {
    if (!first) out += "  \n" + std::string(before);
    out += escaped_line(line);
    first = false;
  }
  return out;
}

std::string shown(JsonView value, std::string_view before = {}) {
  const auto text = value.string() ? std::string(*value.string()) : value.id().value_or("");
  return paragraph(cleaned(clipped(trim(text), kTextChars)), before);
}

std::size_t longest_run(std::string_view text, char c) {
  std::size_t longest = 0, run = 0;
  for (const char one : text) {
    run = one == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

std::string fenced(std::string_view raw) {
  const auto text = cleaned(clipped(raw, kTextChars));
  if (trim(text).empty()) return {};
  const std::string fence(std::max<std::size_t>(3, longest_run(text, '`') + 1), '`');
  return fence + "\n" + text + (text.ends_with('\n') ? "" : "\n") + fence;
}

std::string list_of(JsonView entries) {
  std::string out;
  for (const auto& entry : items(entries)) {
    const auto text = shown(entry, "  ");
    if (!text.empty()) out += (out.empty() ? "- " : "\n- ") + text;
  }
  return out;
}

std::string facts_of(JsonView entries) {
  std::string out;
  for (const auto& entry : items(entries)) {
    auto value = shown(entry["value"], "  ");
    if (const auto exact = entry["exact"].id()) value = code_span(*exact);
    const auto name = shown(entry["name"]);
    if (value.empty() || name.empty()) continue;
    out += (out.empty() ? "- **" : "\n- **") + name + ":** " + value;
  }
  return out;
}

std::string said_by(JsonView entry) {
  const auto text = entry.object() ? shown(entry["text"], "> ") : shown(entry, "> ");
  if (text.empty()) return {};
  const auto who = shown(entry["who"]);
  return "> " + (who.empty() ? text : "**" + who + ":** " + text);
}

std::string link_to(JsonView link) {
  const auto url = cleaned(trim(link["url"].text()));
  if (!url.starts_with("https://") && !url.starts_with("http://")) return {};
  std::string safe;  // between angle brackets; everything else is an address as it is
  for (const char c : url) {
    if (c == '<' || c == '>' || c == '\\' || c == ' ' || c == '\n') safe += percent_encode(std::string(1, c));
    else safe += c;
  }
  const auto title = shown(link["title"]);
  return "[" + (title.empty() ? escaped(url) : title) + "](<" + safe + ">)";
}

class Page {
 public:
  Page(const Room& room, std::string_view last) : room_(room), last_(last) {}

  void add(JsonView block) {
    if (full_) return;
    if (!block["heading"].missing()) {
      heading_ = shown(block["heading"]);
    } else if (!block["quote"].missing()) {
      add_quote(block["quote"]);
    } else {
      put(written(block));
    }
  }

  std::string take() {
    if (full_) text_ += (text_.empty() ? "" : "\n\n") + std::string(kCut);
    if (!last_.empty()) text_ += (text_.empty() ? "" : "\n\n") + std::string(last_);
    return std::move(text_);
  }

 private:
  static std::string written(JsonView block) {
    if (const auto text = block["text"]; !text.missing()) return shown(text);
    if (const auto list = block["list"]; !list.missing()) return list_of(list);
    if (const auto facts = block["facts"]; !facts.missing()) return facts_of(facts);
    if (const auto code = block["code"]; !code.missing()) return fenced(code.text());
    if (const auto link = block["link"]; !link.missing()) return link_to(link);
    if (const auto own = block["markdown"]; !own.missing()) return to_valid_utf8(own.text());
    return {};
  }

  bool fits(std::string_view more) const {
    const auto rest = kCut.size() + last_.size() + heading_.size() + 16;
    return text_.size() + more.size() + rest <= room_.max_bytes &&
           count_code_points(text_) + count_code_points(more) + rest <= room_.max_chars;
  }

  void put(const std::string& block) {
    if (block.empty()) return;
    if (!fits(block)) {
      full_ = true;
      return;
    }
    if (!heading_.empty()) text_ += (text_.empty() ? "## " : "\n\n## ") + std::exchange(heading_, {});
    text_ += (text_.empty() ? "" : "\n\n") + block;
  }

  // As many as fit, the newest, in their order.
  void add_quote(JsonView entries) {
    const auto all = items(entries);
    std::string quote;
    for (auto entry = all.rbegin(); entry != all.rend(); ++entry) {
      const auto one = said_by(*entry);
      if (one.empty()) continue;
      const auto longer = quote.empty() ? one : one + "\n>\n" + quote;
      if (!fits(longer)) break;
      quote = longer;
    }
    put(quote);
  }

  const Room room_;
  const std::string_view last_;
  std::string text_;
  std::string heading_;
  bool full_ = false;
};

}  // namespace

std::string escaped(std::string_view text) { return paragraph(cleaned(trim(text))); }

std::string code_span(std::string_view raw) {
  auto text = cleaned(clipped(trim(raw), kTextChars));
  std::ranges::replace(text, '\n', ' ');
  if (text.empty()) return {};
  const std::string fence(longest_run(text, '`') + 1, '`');
  const auto* const space = text.starts_with('`') || text.ends_with('`') ? " " : "";
  return fence + space + text + space + fence;
}

std::string render(JsonView blocks, const Room& room, std::string_view last) {
  Page page(room, last);
  const auto list = blocks.list();
  if (!list) {
    const nlohmann::json only = {{"text", blocks.text()}};
    page.add(JsonView(only));
  } else {
    for (const auto& block : *list) page.add(block);
  }
  return page.take();
}

std::string one_line(std::string_view text, std::size_t max_chars) {
  auto line = cleaned(text);
  std::ranges::replace(line, '\n', ' ');
  auto short_line = clipped(trim(line), max_chars > 0 ? max_chars - 1 : 0);
  return short_line;
}

}  // namespace baton::linear
