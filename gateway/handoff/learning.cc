#include "gateway/handoff/learning.h"

#include <algorithm>
#include <set>

#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"
#include "gateway/handoff/brief_topics.h"
#include "gateway/handoff/phrases_text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

constexpr std::size_t kLongest = 1000;

// --- masking

void replace_ignoring_case(std::string& text, std::string_view what, std::string_view with) {
  const auto wanted = to_lower(what);
  if (wanted.size() < 3 || with.find(wanted) != std::string_view::npos) return;
  auto folded = to_lower(text);
  for (std::size_t at = 0; (at = folded.find(wanted, at)) != std::string::npos; at += with.size()) {
    text.replace(at, wanted.size(), with);
    folded.replace(at, wanted.size(), with);
  }
}

void mask_customer(std::string& text, JsonView customer) {
  for (const auto* member : {"email", "name", "company", "id", "account_id"}) {
    const auto value = customer[member].text();
    replace_ignoring_case(text, value, "[customer]");
  }
  const auto name = customer["name"].text();
  for (const auto part : split(name, ' ')) replace_ignoring_case(text, part, "[customer]");
}

// "me@example.com," is an address; so is "+49 30 1234567" a number, whatever it counts.
std::string without_addresses(const std::string& line) {
  std::string to;
  for (const auto word : split(line, ' ')) {
    if (!to.empty()) to += ' ';
    const auto at = word.find('@');
    const bool address =
        at != std::string_view::npos && at > 0 && word.find('.', at) != std::string_view::npos;
    to += address ? std::string_view("[address]") : word;
  }
  return to;
}

// Runs of seven digits and more, with blanks, dashes, dots, slashes and brackets between them.
std::string without_numbers(const std::string& line) {
  constexpr std::size_t kFew = 7;
  const auto joins = [](char c) { return std::string_view(" -./()").find(c) != std::string_view::npos; };
  std::string to;
  for (std::size_t i = 0; i < line.size();) {
    if (!is_digit(line[i]) && line[i] != '+') {
      to += line[i++];
      continue;
    }
    std::size_t end = i, digits = 0;
    for (auto k = i; k < line.size() && (is_digit(line[k]) || joins(line[k]) || (k == i && line[k] == '+'));
         ++k) {
      if (!is_digit(line[k])) continue;
      ++digits;
      end = k + 1;
    }
    if (digits >= kFew) to += "[number]";
    else to += line.substr(i, std::max(end, i + 1) - i);
    i = std::max(end, i + 1);
  }
  return to;
}

// --- what was asked and answered

std::string question_of(const Handoff& handoff) {
  const JsonView data(handoff.data);
  auto question = anonymous(data.at_path("intent.summary").text(), data);
  if (question.empty()) question = anonymous(read_talk(data["transcript"]).issue, data);
  if (question.empty()) question = anonymous(spaced(data.at_path("intent.name").text()), data);
  return question;
}

void add_answer(std::vector<std::string>& answers, const std::string& text, JsonView data) {
  constexpr std::size_t kMost = 10;
  auto answer = anonymous(text, data);
  if (answer.empty() || answers.size() == kMost) return;
  if (std::ranges::find(answers, answer) == answers.end()) answers.push_back(std::move(answer));
}

// Everything that people wrote to the customer, in order.
std::vector<std::string> answers_of(const Handoff& handoff, const std::vector<Fact>& facts) {
  const JsonView data(handoff.data);
  std::vector<std::string> answers;
  for (const auto& fact : facts) {
    const auto* signal = std::get_if<Signal>(&fact.happened);
    const bool speaks = signal && (signal->kind == SignalKind::replied || signal->kind == SignalKind::solved);
    if (speaks) add_answer(answers, signal->text, data);
  }
  return answers;
}

json tried_of(JsonView data) {
  constexpr std::size_t kMost = 10;
  auto tried = json::array();
  for (const auto& attempt : items(data["attempts"])) {
    if (tried.size() == kMost) break;
    json one = {{"action", anonymous(attempt["action"].text(), data)}};
    if (auto outcome = anonymous(attempt["outcome"].text(), data); !outcome.empty()) one["outcome"] = outcome;
    tried.push_back(std::move(one));
  }
  return tried;
}

bool was_held(const Handoff& handoff) {
  return std::ranges::any_of(handoff.passages, [](const Passage& passage) {
    return passage.state == State::claimed || passage.state == State::active;
  });
}

std::string approach_of(const Handoff& handoff, bool answered) {
  if (handoff.bug) return "bug_report";
  const bool passed = std::ranges::any_of(
      handoff.passages, [](const Passage& passage) { return passage.through.starts_with("passed_on"); });
  if (passed) return "passed_on";
  return answered ? "answered" : "solved_without_words";
}

// --- gaps

bool is_gap(JsonView data) {
  const auto trigger = data.at_path("reason.trigger").text();
  if (trigger == "low_confidence" || trigger == "attempts") return true;
  const auto attempts = data["attempts"].list();
  return (trigger.empty() || trigger == "other") && attempts && !attempts->empty();
}

// The platform's own name for what is asked, or the words that carry it, in any order.
std::string key_of(JsonView data, const std::string& question) {
  constexpr std::size_t kMostRead = 512, kMostWords = 12, kShort = 3;
  const auto name = data.at_path("intent.name").text();
  if (!name.empty()) return to_lower(name);
  std::set<std::string> words;
  for (const auto& word : read_words(question, kMostRead).list) {
    const bool plain = std::ranges::none_of(word.text, is_digit);
    if (plain && word.text.size() > kShort && words.size() < kMostWords) words.insert(word.text);
  }
  return join(std::vector<std::string>(words.begin(), words.end()), " ");
}

}  // namespace

std::string anonymous(std::string_view text, JsonView data) {
  auto line = tidy(text);
  mask_customer(line, data["customer"]);
  return shorten(without_numbers(without_addresses(line)), kLongest);
}

std::string category_of(const Handoff& handoff) {
  const JsonView data(handoff.data);
  return data.at_path("intent.category").text(data.at_path("intent.name").text());
}

bool teaches(const Handoff& handoff, const std::vector<Fact>& facts) {
  const bool over = handoff.state == State::resolved || handoff.state == State::returned;
  return over && (was_held(handoff) || !answers_of(handoff, facts).empty());
}

json resolution_of(const Handoff& handoff, const std::vector<Fact>& facts) {
  const JsonView data(handoff.data);
  const auto answers = answers_of(handoff, facts);
  json told = {
      {"handoff", handoff.id.text},
      {"at", to_rfc3339(handoff.passages.empty() ? handoff.requested_at : handoff.passages.back().at)},
      {"question", question_of(handoff)},
      {"tried", tried_of(data)},
      {"answers", answers},
      {"resolution", anonymous(handoff.resolution, data)},
      {"approach", approach_of(handoff, !answers.empty())},
      {"category", category_of(handoff)},
      {"language", data.at_path("conversation.language").text()},
      {"channel", data.at_path("conversation.channel").text()}};
  return told;
}

void Gaps::add(const Handoff& handoff) {
  constexpr std::size_t kMostGaps = 10'000, kMostNamed = 5;
  const JsonView data(handoff.data);
  if (!is_gap(data)) return;
  auto question = question_of(handoff);
  auto key = key_of(data, question);
  if (key.empty()) key = category_of(handoff);
  if (key.empty()) return;
  const auto found = gaps_.find(key);
  if (found == gaps_.end() && gaps_.size() == kMostGaps) {
    ++beyond_;
    return;
  }
  auto& gap = found == gaps_.end() ? gaps_[key] : found->second;
  ++gap.count;
  if (gap.handoffs.size() < kMostNamed) gap.handoffs.push_back(handoff.id.text);
  if (handoff.requested_at < gap.last_seen) return;
  gap.last_seen = handoff.requested_at;
  gap.question = std::move(question);
  gap.category = category_of(handoff);
}

json Gaps::list(std::size_t most) const {
  std::vector<const Gap*> order;
  for (const auto& [key, gap] : gaps_) order.push_back(&gap);
  std::ranges::sort(order, [](const Gap* a, const Gap* b) {
    return a->count != b->count ? a->count > b->count : a->last_seen > b->last_seen;
  });
  auto beyond = beyond_;
  auto gaps = json::array();
  for (const auto* gap : order) {
    if (gaps.size() == most) {
      beyond += gap->count;
      continue;
    }
    gaps.push_back({{"question", gap->question},
                    {"category", gap->category},
                    {"count", gap->count},
                    {"last_seen", to_rfc3339(gap->last_seen)},
                    {"handoffs", gap->handoffs}});
  }
  return {{"gaps", std::move(gaps)}, {"beyond", beyond}};
}

}  // namespace baton::handoff
