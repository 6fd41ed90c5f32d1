#include "gateway/handoff/tell_template.h"

#include <algorithm>

#include "gateway/base/text.h"

namespace baton::handoff::tell {
namespace {

constexpr std::size_t kLongest = 2000;

std::vector<std::string> field_names(FieldSet fields) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < kFieldNames.size(); ++i) {
    if (has(fields, static_cast<Field>(i))) names.emplace_back(kFieldNames[i]);
  }
  return names;
}

std::optional<Field> field_from(std::string_view text) {
  const auto found = std::ranges::find(kFieldNames, text);
  if (found == kFieldNames.end()) return std::nullopt;
  return static_cast<Field>(found - kFieldNames.begin());
}

std::string shown(std::string_view text) { return "`" + std::string(clip_utf8(text, 40)) + "`"; }

// Reads one text from left to right.
class Compiler {
 public:
  Compiler(std::string_view text, Step step, const Place& place, Problems& problems)
      : rest_(text), step_(step), place_(place), problems_(problems) {}

  Template run() {
    while (!rest_.empty()) {
      const auto special = std::min(rest_.find_first_of("[]{}"), rest_.size());
      add_text(rest_.substr(0, special));
      rest_.remove_prefix(special);
      if (!rest_.empty()) mark(rest_.front());
    }
    if (!opened_.empty())
      report("`[` is never closed: write `]` where the sentence that begins " + shown(opened_) + " ends");
    close();
    return std::move(made_);
  }

 private:
  void mark(char c) {
    if (c == '{') return field();
    if (c == '[' && !opened_.empty())
      report("brackets do not nest: close the sentence before " + shown(rest_));
    if (c == ']' && opened_.empty()) report("`]` closes nothing: no `[` stands before " + shown(rest_));
    if (c == '}') report("`}` closes nothing: no `{` stands before " + shown(rest_));
    if (c == '[') {
      close();
      opened_ = rest_;
    }
    if (c == ']') {
      close();
      opened_ = {};
    }
    rest_.remove_prefix(1);
  }

  void field() {
    const auto end = rest_.find_first_of("}{[]", 1);
    if (end == std::string_view::npos || rest_[end] != '}') {
      report("`{` is never closed: write `}` after the field's name in " + shown(rest_));
      rest_.remove_prefix(1);
      return;
    }
    auto inside = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    const char sign = inside.empty() ? '\0' : inside.front();
    if (sign == '?' || sign == '!') inside.remove_prefix(1);
    const auto named = field_from(inside);
    if (!named || !has(may(step_), *named)) return unknown(inside, named.has_value());
    if (sign == '?' || sign == '!') return condition(*named, sign == '?');
    if (!prints(*named)) {
      return report("`{" + std::string(inside) + "}` is only so or not so: write {?" + std::string(inside) +
                    "} at the beginning of a sentence in [brackets]");
    }
    if (opened_.empty() && !has(always(step_), *named)) {
      return report("`{" + std::string(inside) + "}` is not always known in `" + std::string(name(step_)) +
                    "`: put the sentence that names it in [brackets]");
    }
    now_.needs |= set_of(*named);
    now_.pieces.push_back({"", named});
  }

  void condition(Field named, bool so) {
    const auto written = (so ? "`{?" : "`{!") + std::string(name(named)) + "}`";
    if (opened_.empty())
      return report(written + " stands outside of [brackets]: it says when such a sentence is there");
    (so ? now_.needs : now_.without) |= set_of(named);
    if (has(now_.needs & now_.without, named))
      report("a sentence that wants " + std::string(name(named)) + " and wants it not is never there");
  }

  void unknown(std::string_view inside, bool elsewhere) {
    const auto allowed = field_names(may(step_));
    const auto step = std::string(name(step_));
    const auto what = shown("{" + std::string(inside) + "}");
    report((elsewhere ? what + " is not known in `" + step + "`"
                      : what + " is no field" + did_you_mean(inside, allowed)) +
           "; allowed in `" + step + "`: " + join(allowed, ", "));
  }

  void add_text(std::string_view text) {
    if (!text.empty()) now_.pieces.push_back({std::string(text), std::nullopt});
  }

  void close() {
    if (!now_.pieces.empty()) made_.push_back(std::move(now_));
    now_ = Sentence();
  }

  void report(std::string what) { problems_.add(place_.at, place_.path, std::move(what)); }

  std::string_view rest_;
  std::string_view opened_;  // from its bracket on; empty: outside
  Step step_;
  const Place& place_;
  Problems& problems_;
  Sentence now_;
  Template made_;
};

bool says_something(const Sentence& sentence) {
  return std::ranges::any_of(sentence.pieces, [](const auto& piece) {
    return piece.field || piece.text.find_first_not_of(" \t\r\n.,;:!?") != std::string::npos;
  });
}

// Something is there whatever is known: a sentence that stands on nothing, or two that stand on one thing and
// on its absence.
bool never_empty(const Template& text, FieldSet given) {
  FieldSet with = 0, without = 0;
  for (const auto& sentence : text) {
    if (!says_something(sentence)) continue;
    const auto needs = sentence.needs & ~given;
    if (needs == 0 && sentence.without == 0) return true;
    const auto single = [](FieldSet set) { return set != 0 && (set & (set - 1)) == 0; };
    if (single(needs) && sentence.without == 0) with |= needs;
    if (needs == 0 && single(sentence.without)) without |= sentence.without;
  }
  return (with & without) != 0;
}

// Whether a word of the text begins with `word`.
bool says(const std::string& lower, std::string_view word) {
  for (auto at = lower.find(word); at != std::string::npos; at = lower.find(word, at + 1)) {
    const auto before = at == 0 ? ' ' : lower[at - 1];
    const bool inside = (before >= 'a' && before <= 'z') || static_cast<unsigned char>(before) >= 0x80;
    if (!inside) return true;
  }
  return false;
}

void check_claims(const Template& text, Step step, const Claims& claims, const Place& place,
                  Problems& problems) {
  for (const auto& sentence : text) {
    std::string lower;
    for (const auto& piece : sentence.pieces) lower += piece.field ? "{}" : to_lower(piece.text);
    const auto stands_on = sentence.needs | sentence.without | always(step);
    for (const auto& [field, words] : claims) {
      if (has(stands_on, field)) continue;
      for (const auto& word : words) {
        if (!says(lower, to_lower(word))) continue;
        const auto known = std::string(name(field));
        problems.add(
            place.at, place.path,
            "says `" + word + "` whether or not it is so: put the sentence in [brackets]" +
                (has(may(step), field) ? " with {" + known + "}, {?" + known + "} or {!" + known + "}"
                                       : ", or leave the word out: in `" + std::string(name(step)) +
                                             "` nothing is known of it"));
      }
    }
  }
}

}  // namespace

FieldSet may(Step step) {
  using enum Field;
  constexpr auto kKept = set_of(issue, messages, details, tried);
  constexpr auto kQueue = set_of(wait, position, choices, help);
  switch (step) {
    case Step::accepted: return kKept | set_of(wait, position, asked);
    case Step::ticket_opened: return kKept | kQueue | set_of(ticket, team);
    case Step::waiting: return kKept | kQueue | set_of(ticket, team, asked);
    case Step::long_wait: return kKept | kQueue | set_of(ticket, team, asked, waited);
    case Step::off_hours: return kKept | set_of(ticket, back_at, choices, help);
    case Step::helpdesk_down: return kKept | set_of(wait, position, back_at, asked);
    case Step::claimed: return kKept | set_of(ticket, person);
    case Step::expired: return kKept | kQueue | set_of(ticket, asked);
    case Step::returned: return set_of(issue, ticket, person, resolution, follow_ups, solved);
    case Step::cancelled: return set_of(issue, ticket);
    case Step::bug_fixed: return set_of(issue, ticket);
    case Step::chose_wait: return set_of(ticket, wait, position);
    case Step::chose_callback: return set_of(ticket, number);
    case Step::chose_email: return set_of(ticket, email);
    case Step::chose_priority_ticket: return set_of(ticket);
    case Step::chose_scheduled: return set_of(ticket, scheduled_at);
    case Step::chose_continue_with_ai: return set_of(ticket);
  }
  return 0;
}

FieldSet always(Step step) {
  using enum Field;
  switch (step) {
    case Step::ticket_opened:
    case Step::chose_priority_ticket: return set_of(ticket);
    case Step::chose_callback: return set_of(number);
    case Step::chose_email: return set_of(email);
    case Step::chose_scheduled: return set_of(scheduled_at);
    default: return 0;
  }
}

void Values::set(Field field, std::string text) {
  if (text.empty()) return;
  known |= set_of(field);
  words[static_cast<std::size_t>(field)] = std::move(text);
}

void Values::flag(Field field, bool so) {
  if (so) known |= set_of(field);
}

Template compile(std::string_view text, Step step, const Claims& claims, const Place& place,
                 Problems& problems) {
  if (text.size() > kLongest) {
    problems.add(place.at, place.path,
                 "is " + std::to_string(text.size()) + " bytes long; a customer reads at most " +
                     std::to_string(kLongest));
    return {};
  }
  const auto before = problems.list().size();
  auto made = Compiler(text, step, place, problems).run();
  check_claims(made, step, claims, place, problems);
  if (problems.list().size() == before && !never_empty(made, always(step))) {
    problems.add(place.at, place.path,
                 "would be empty when nothing is known: leave one sentence outside of [brackets]");
  }
  return made;
}

std::string render(const Template& text, const Values& values) {
  std::string whole;
  for (const auto& [pieces, needs, without] : text) {
    if ((needs & ~values.known) != 0 || (without & values.known) != 0) continue;
    for (const auto& piece : pieces) {
      whole += piece.field ? values.words[static_cast<std::size_t>(*piece.field)] : piece.text;
    }
  }
  // What was left out leaves its blanks behind.
  std::string line;
  for (const char c : whole) {
    const bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
    if (blank && (line.empty() || line.back() == ' ')) continue;
    if ((c == '.' || c == ',') && !line.empty() && line.back() == ' ') line.pop_back();
    line += blank ? ' ' : c;
  }
  return std::string(trim(line));
}

}  // namespace baton::handoff::tell
