#include "gateway/handoff/brief.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/context.h"

namespace baton::handoff {
namespace {

// Budgets that keep the whole under what fits above the fold of a ticket.
constexpr std::size_t kLine = 160;
constexpr std::size_t kParagraph = 400;

// In one line: blanks, line breaks and control characters between words become one space.
std::string tidy(std::string_view text) {
  std::string line;
  bool gap = false;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= ' ' || c == 0x7f;
    if (!blank && gap && !line.empty()) line += ' ';
    if (!blank) line += c;
    gap = blank;
  }
  return line;
}

std::string tidy(JsonView text) { return tidy(text.text()); }

std::string shorten(const std::string& line, std::size_t most) {
  constexpr std::string_view kEllipsis = "\u2026";
  if (line.size() <= most) return line;
  return std::string(trim(clip_utf8(line, most - kEllipsis.size()))) + std::string(kEllipsis);
}

void add_part(std::string& line, std::string_view part, std::string_view before = ", ") {
  if (part.empty()) return;
  if (!line.empty()) line += before;
  line += part;
}

std::string percent(JsonView number) {
  const auto value = number.number();
  if (!value || !(*value >= 0 && *value <= 1)) return {};
  return std::to_string(static_cast<int>(*value * 100 + 0.5)) + " %";
}

std::string last_words(JsonView data) {
  const auto transcript = data["transcript"].list().value_or(std::vector<JsonView>{});
  for (auto message = transcript.rbegin(); message != transcript.rend(); ++message) {
    if ((*message)["role"].text() != "customer") continue;
    if (auto words = tidy((*message)["text"]); !words.empty()) return words;
  }
  return {};
}

std::string who(JsonView customer) {
  std::string line = tidy(customer["name"]);
  add_part(line, tidy(customer["email"]));
  add_part(line, tidy(customer["company"]));
  if (const auto tier = tidy(customer["tier"]); !tier.empty()) add_part(line, tier + " tier");
  return line.empty() ? "An unknown customer" : shorten(line, kLine);
}

std::string wanted(JsonView data) {
  if (const auto summary = tidy(data.at_path("intent.summary")); !summary.empty()) {
    return shorten(summary, kParagraph);
  }
  if (const auto words = last_words(data); !words.empty()) return "\"" + shorten(words, kLine) + "\"";
  if (const auto intent = tidy(data.at_path("intent.name")); !intent.empty()) return shorten(intent, kLine);
  return "Not known: the conversation carries neither an intent nor a message of the customer";
}

std::string went_wrong(JsonView data) {
  std::string line = tidy(data.at_path("reason.explanation"));
  if (line.empty()) {
    line = tidy(data.at_path("reason.trigger"));
    std::ranges::replace(line, '_', ' ');
  }
  const auto errors = data["errors"].list().value_or(std::vector<JsonView>{});
  if (!errors.empty()) {
    std::string error = tidy(errors.back()["code"]);
    add_part(error, tidy(errors.back()["message"]), ": ");
    if (!error.empty()) add_part(line, "error " + error, "; ");
  }
  if (const auto sure = percent(data.at_path("intent.confidence")); !sure.empty()) {
    add_part(line, "the AI was sure to " + sure, "; ");
  }
  return line.empty() ? "No reason given" : shorten(line, kParagraph);
}

std::string tried(JsonView data) {
  std::string line;
  for (const auto& attempt : data["attempts"].list().value_or(std::vector<JsonView>{})) {
    std::string one = tidy(attempt["action"]);
    add_part(one, tidy(attempt["outcome"]), " \u2192 ");
    add_part(line, one, "; ");
  }
  return line.empty() ? "Nothing yet" : shorten(line, kParagraph);
}

std::string next(JsonView data) {
  std::string line;
  for (const auto& action : data["suggested_actions"].list().value_or(std::vector<JsonView>{})) {
    add_part(line, tidy(action.string() ? action : action["action"]), "; ");
  }
  return line.empty() ? "No suggestion: read what the customer wrote last" : shorten(line, kParagraph);
}

std::string headline(JsonView data) {
  std::string line = tidy(data.at_path("intent.name"));
  std::ranges::replace(line, '_', ' ');
  if (line.empty()) line = tidy(data.at_path("intent.summary"));
  if (line.empty()) line = last_words(data);
  if (line.empty()) line = "A customer asks for a person";
  return shorten(line, 80);
}

// What a complete package holds, as an agent would miss it.
void count_fields(JsonView data, Brief& brief, int& present, int& wanted_count) {
  for (const auto* field :
       {"customer.name", "customer.email", "intent.summary", "reason.trigger", "transcript", "attempts"}) {
    ++wanted_count;
    const auto view = data.at_path(field);
    const bool there = view.string() ? !view.text().empty() : view.list() ? !view.list()->empty() : false;
    if (there) ++present;
    else brief.missing.push_back({field, "missing", "the chat platform did not send it"});
  }
}

void count_context(const Handoff& handoff, Brief& brief, int& present, int& wanted_count) {
  for (const auto& [destination, part] : handoff.context) {
    ++wanted_count;
    if (part.part == Part::present) ++present;
    else brief.missing.push_back({destination.text, std::string(name(part.part)), part.reason});
  }
}

}  // namespace

Brief brief(const Handoff& handoff) {
  const JsonView data(handoff.data);
  Brief brief;
  brief.headline = headline(data);
  brief.who = who(data["customer"]);
  brief.wanted = wanted(data);
  brief.went_wrong = went_wrong(data);
  brief.tried = tried(data);
  brief.next = next(data);
  const auto context = known(handoff);
  brief.account = account_in_words(context);
  brief.money = money_in_words(context);
  brief.history = history_in_words(context);
  int present = 0, wanted_count = 0;
  count_fields(data, brief, present, wanted_count);
  count_context(handoff, brief, present, wanted_count);
  brief.completeness = 100 * present / wanted_count;
  return brief;
}

nlohmann::json to_json(const Brief& brief) {
  auto missing = nlohmann::json::array();
  for (const auto& [field, state, reason] : brief.missing) {
    missing.push_back({{"field", field}, {"state", state}, {"reason", reason}});
  }
  return {{"headline", brief.headline},   {"who", brief.who},
          {"wanted", brief.wanted},       {"went_wrong", brief.went_wrong},
          {"tried", brief.tried},         {"next", brief.next},
          {"account", brief.account},     {"money", brief.money},
          {"history", brief.history},     {"completeness", brief.completeness},
          {"missing", std::move(missing)}};
}

}  // namespace baton::handoff
