#include "connectors/teams/card.h"

#include <algorithm>
#include <array>

#include "connectors/sdk/json_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::teams {
namespace {

using nlohmann::json;

// How much of a card is kept; 0 leaves a part out. Texts stay below some 1,500 characters (section 8).
struct Extent {
  std::size_t text;
  std::size_t fact;
  std::size_t turns;
};
constexpr auto kExtents =
    std::to_array<Extent>({{1'400, 300, 5}, {1'400, 300, 0}, {300, 150, 0}, {0, 100, 0}});
constexpr Extent kLineOnly{0, 0, 0};
constexpr std::size_t kLongestTurn = 400;
constexpr std::size_t kLongestTitle = 200;
constexpr std::size_t kLongestLink = 1'000;
constexpr std::size_t kMostFacts = 10, kMostSections = 6;
constexpr std::size_t kMostLinks = 5;  // with the conversation's button six, more are hidden (section 3.2)
constexpr auto kZeroWidthSpace = "\xE2\x80\x8B";

std::vector<Pair> read_pairs(JsonView list, std::string_view name, std::string_view text, std::size_t most) {
  std::vector<Pair> pairs;
  for (const auto& one : items(list)) {
    if (pairs.size() == most) break;
    auto words = one[text].text();
    if (!trim(words).empty()) pairs.push_back({one[name].text(), std::move(words)});
  }
  return pairs;
}

// An address with blanks, quotes or another scheme makes the whole card invalid (sections 3.2, 10).
bool is_address(std::string_view url) {
  return url.starts_with("https://") && url.size() > 8 && url.size() <= kLongestLink && url[8] != '/' &&
         std::ranges::all_of(url, [](char c) {
           return c > ' ' && c != '"' && c != '<' && c != '>' && c != '\\' &&
                  static_cast<unsigned char>(c) < 0x7F;
         });
}

// Directions are changed by U+202A to U+202E and U+2066 to U+2069; a line must not show another order of
// words than it has.
bool turns_around(std::string_view letter) {
  return letter.size() == 3 && letter[0] == '\xE2' &&
         ((letter[1] == '\x80' && letter[2] >= '\xAA' && letter[2] <= '\xAE') ||
          (letter[1] == '\x81' && letter[2] >= '\xA6' && letter[2] <= '\xA9'));
}

// "<at>" and "</at>", with whatever stands in them, in any case.
std::string without_mentions(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto rest = text[i] == '<' ? to_lower(text.substr(i, 4)) : std::string();
    const bool tag = rest.starts_with("<at") || rest.starts_with("</at");
    const auto end = tag ? text.find('>', i) : std::string_view::npos;
    if (end == std::string_view::npos) out += text[i++];
    else i = end + 1;
  }
  return out;
}

json block(std::string text) { return {{"type", "TextBlock"}, {"text", std::move(text)}, {"wrap", true}}; }

json fact_set(const Card& card, std::size_t most) {
  json facts = json::array();
  for (const auto& [name, value] : card.facts)
    facts.push_back({{"title", escaped(name, 60, false)}, {"value", escaped(value, most, false)}});
  if (!card.id.empty()) facts.push_back({{"title", "Handoff"}, {"value", escaped(card.id, 80, false)}});
  return {{"type", "FactSet"}, {"facts", std::move(facts)}};
}

json conversation(const Card& card, std::size_t turns) {
  json items = json::array();
  const auto first = card.transcript.size() > turns ? card.transcript.size() - turns : 0;
  for (auto i = first; i < card.transcript.size(); ++i) {
    const auto& [who, text] = card.transcript[i];
    auto line = block("**" + escaped(who, 40, false) + ":** " + escaped(text, kLongestTurn, true));
    line["isSubtle"] = true;
    items.push_back(std::move(line));
  }
  return {{"type", "Container"}, {"id", "transcript"}, {"isVisible", false}, {"items", std::move(items)}};
}

json buttons(const Card& card, bool with_conversation) {
  json actions = json::array();
  for (const auto& [name, url] : card.links)
    actions.push_back({{"type", "Action.OpenUrl"}, {"title", name}, {"url", url}});
  if (with_conversation) {
    actions.push_back({{"type", "Action.ToggleVisibility"},
                       {"title", "Conversation"},
                       {"targetElements", json::array({"transcript"})}});
  }
  return actions;
}

json content(const Card& card, const Extent& extent) {
  auto title = block(escaped(card.title, kLongestTitle, false));
  title["weight"] = "Bolder";
  title["size"] = "Medium";
  json body = json::array({std::move(title)});
  if (extent.fact > 0 && (!card.facts.empty() || !card.id.empty()))
    body.push_back(fact_set(card, extent.fact));
  for (const auto& [name, text] : card.sections) {
    if (extent.text == 0) break;
    const auto heading = name.empty() ? "" : "**" + escaped(name, 60, false) + "**\n\n";
    body.push_back(block(heading + escaped(text, extent.text, true)));
  }
  const bool talk = extent.turns > 0 && !card.transcript.empty();
  if (talk) body.push_back(conversation(card, extent.turns));
  json made = {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
               {"type", "AdaptiveCard"},
               {"version", "1.4"},
               {"fallbackText", without_mentions(to_valid_utf8(card.summary))},
               {"body", std::move(body)},
               {"msteams", {{"width", "Full"}}}};
  if (auto actions = buttons(card, talk); !actions.empty()) made["actions"] = std::move(actions);
  return made;
}

// No null anywhere, contentUrl included: a trigger made "from a sample" refuses it (sections 6, 10).
std::string message(const Card& card, const Extent& extent) {
  const json attachment = {{"contentType", "application/vnd.microsoft.card.adaptive"},
                           {"content", content(card, extent)}};
  const json body = {{"type", "message"}, {"attachments", json::array({attachment})}};
  return sdk::dumped(body);
}

// Without the charset emoji break (section 3.1). The address is the whole target.
sdk::Write write(std::string body) {
  return sdk::Write::post("", std::move(body), {{"content-type", "application/json; charset=utf-8"}});
}

}  // namespace

std::string escaped(std::string_view text, std::size_t most, bool lines) {
  const auto whole = trim(text);
  // What is read is bounded before it is looked at: texts may be as long as a customer likes.
  const auto read = whole.substr(0, 2 * most + 64);
  const auto valid = without_mentions(to_valid_utf8(read));
  const auto cut = clip_utf8(valid, most);
  std::string out;
  for (std::size_t i = 0; i < cut.size();) {
    std::size_t next = i + 1;
    while (next < cut.size() && (static_cast<unsigned char>(cut[next]) & 0xC0) == 0x80) ++next;
    const auto letter = cut.substr(i, next - i);
    const char c = letter.front();
    i = next;
    if (c == '\n') out += lines ? "\n\n" : " ";
    else if (c == '\t') out += ' ';
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || turns_around(letter)) continue;
    // Parentheses make no link where brackets are escaped, and Teams on a phone shows a backslash before
    // them.
    else if (std::string_view("\\*_[]").find(c) != std::string_view::npos) (out += '\\') += c;
    else if (c == '<') (out += c) += kZeroWidthSpace;  // what is left can be no tag
    else out += letter;
  }
  if (cut.size() < valid.size() || read.size() < whole.size()) out += "…";
  return out;
}

Card as_repeat(Card card) {
  constexpr std::string_view kMark = " (may be a repeat)";
  card.title = std::string(clip_utf8(to_valid_utf8(trim(card.title)), kLongestTitle - kMark.size()));
  card.title += kMark;
  card.summary = std::string(clip_utf8(to_valid_utf8(card.summary), 300 - kMark.size()));
  card.summary += kMark;
  return card;
}

Card read_card(const json& document, std::string_view external_id, std::string_view claim_url) {
  const JsonView view(document);
  Card card;
  card.title = view["title"].text();
  if (trim(card.title).empty()) card.title = "A customer asks for a person";
  card.summary = std::string(clip_utf8(view["summary"].text(card.title), 300));
  card.id = std::string(external_id.substr(0, external_id.find('/')));
  card.facts = read_pairs(view["facts"], "title", "value", kMostFacts);
  card.sections = read_pairs(view["sections"], "title", "text", kMostSections);
  card.transcript = read_pairs(view["transcript"], "who", "text", 1'000);
  card.links = read_pairs(view["links"], "title", "url", 20);
  if (!claim_url.empty()) card.links.insert(card.links.begin(), Pair{"Claim", std::string(claim_url)});
  std::erase_if(card.links, [](const Pair& link) { return !is_address(link.text); });
  if (card.links.size() > kMostLinks) card.links.resize(kMostLinks);
  for (auto& link : card.links) {
    link.name = std::string(clip_utf8(to_valid_utf8(trim(link.name)), 40));
    if (link.name.empty()) link.name = "Open";
  }
  return card;
}

sdk::Write post_card(const Card& card) {
  for (const auto& extent : kExtents) {
    auto body = message(card, extent);
    if (body.size() <= kMostBytes) return write(std::move(body));
  }
  return write(message(card, kLineOnly));
}

sdk::Write post_small(const Card& card) { return write(message(card, kExtents.back())); }

}  // namespace baton::teams
