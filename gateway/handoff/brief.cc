#include "gateway/handoff/brief.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

// Budgets that keep the whole under what fits above the fold of a ticket.
constexpr std::size_t kLine = 160;
constexpr std::size_t kParagraph = 400;

std::string shorten(std::string_view text, std::size_t most) {
  constexpr std::string_view kEllipsis = "\u2026";
  const auto whole = trim(text);
  if (whole.size() <= most) return std::string(whole);
  return std::string(trim(clip_utf8(whole, most - kEllipsis.size()))) + std::string(kEllipsis);
}

void add_part(std::string& line, std::string_view part, std::string_view before = ", ") {
  if (part.empty()) return;
  if (!line.empty()) line += before;
  line += part;
}

std::string percent(JsonView number) {
  const auto value = number.number();
  return value ? std::to_string(static_cast<int>(*value * 100 + 0.5)) + " %" : std::string();
}

std::string last_words(JsonView data) {
  const auto transcript = data["transcript"].list().value_or(std::vector<JsonView>{});
  for (auto message = transcript.rbegin(); message != transcript.rend(); ++message) {
    if ((*message)["role"].text() == "customer") return (*message)["text"].text();
  }
  return {};
}

std::string who(JsonView customer) {
  std::string line = customer["name"].text();
  add_part(line, customer["email"].text());
  add_part(line, customer["company"].text());
  if (const auto tier = customer["tier"].text(); !tier.empty()) add_part(line, tier + " tier");
  return line.empty() ? "An unknown customer" : shorten(line, kLine);
}

std::string wanted(JsonView data) {
  if (const auto summary = data.at_path("intent.summary").text(); !summary.empty()) {
    return shorten(summary, kParagraph);
  }
  if (const auto words = last_words(data); !words.empty()) return "\"" + shorten(words, kLine) + "\"";
  if (const auto intent = data.at_path("intent.name").text(); !intent.empty()) return shorten(intent, kLine);
  return "Not known: the conversation carries neither an intent nor a message of the customer";
}

std::string went_wrong(JsonView data) {
  std::string line = data.at_path("reason.explanation").text();
  if (line.empty()) {
    line = data.at_path("reason.trigger").text();
    std::ranges::replace(line, '_', ' ');
  }
  const auto errors = data["errors"].list().value_or(std::vector<JsonView>{});
  if (!errors.empty()) {
    std::string error = errors.back()["code"].text();
    add_part(error, errors.back()["message"].text(), ": ");
    add_part(line, error, "; error ");
  }
  add_part(line, percent(data.at_path("intent.confidence")), "; the AI was sure to ");
  return line.empty() ? "No reason given" : shorten(line, kParagraph);
}

std::string tried(JsonView data) {
  std::string line;
  for (const auto& attempt : data["attempts"].list().value_or(std::vector<JsonView>{})) {
    std::string one = attempt["action"].text();
    add_part(one, attempt["outcome"].text(), " \u2192 ");
    add_part(line, one, "; ");
  }
  return line.empty() ? "Nothing yet" : shorten(line, kParagraph);
}

std::string next(JsonView data) {
  std::string line;
  for (const auto& action : data["suggested_actions"].list().value_or(std::vector<JsonView>{})) {
    add_part(line, action.string() ? action.text() : action["action"].text(), "; ");
  }
  return line.empty() ? "No suggestion: read what the customer wrote last" : shorten(line, kParagraph);
}

std::string headline(JsonView data) {
  std::string line = data.at_path("intent.name").text();
  std::ranges::replace(line, '_', ' ');
  if (line.empty()) line = data.at_path("intent.summary").text();
  if (line.empty()) line = last_words(data);
  if (line.empty()) line = "A customer asks for a person";
  return shorten(line, 80);
}

// What a complete package holds, as an agent would miss it.
void count_fields(JsonView data, Brief& brief, int& present, int& wanted_count) {
  for (const auto* field : {"customer.name", "customer.email", "intent.summary", "reason.trigger", "transcript",
                            "attempts"}) {
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
  return {{"headline", brief.headline},     {"who", brief.who},     {"wanted", brief.wanted},
          {"went_wrong", brief.went_wrong}, {"tried", brief.tried}, {"next", brief.next},
          {"completeness", brief.completeness}, {"missing", std::move(missing)}};
}

}  // namespace baton::handoff
