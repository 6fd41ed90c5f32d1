#include "gateway/handoff/tell.h"

#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"
#include "gateway/handoff/tell_plain.h"

namespace baton::handoff::tell {
namespace {

constexpr std::size_t kIssue = 120, kLabel = 60, kResolution = 240, kFollowUp = 80, kMostFollowUps = 3;
constexpr std::size_t kMostDetails = 4;

// Lower case, "-" between the parts; "" for what cannot be a language's tag.
std::string tidy_tag(std::string_view tag) {
  auto text = to_lower(trim(tag));
  std::ranges::replace(text, '_', '-');
  const auto belongs = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return text.size() <= 35 && std::ranges::all_of(text, belongs) ? text : "";
}

std::string label(const std::map<std::string, std::string, std::less<>>& labels, std::string_view key) {
  const auto found = labels.find(to_lower(key));
  return key.empty() || found == labels.end() ? "" : found->second;
}

std::string quoted(const std::string& text, const Words& words) {
  auto phrase = words.phrase("quote");
  const auto at = phrase.find("{text}");
  if (text.empty() || at == std::string::npos) return text;
  return phrase.replace(at, std::string_view("{text}").size(), text);
}

// Inside of quotation marks that a full stop follows.
std::string without_stop(std::string text) {
  while (text.ends_with('.') || text.ends_with(' ')) text.pop_back();
  return text;
}

// What they wrote, without sentences that hold a secret or a program's output: nobody wants their password
// read back to them.
std::string own_words(const std::string& quote) {
  std::string kept;
  for (const auto& sentence : sentences(tidy(quote))) {
    const bool masked = sentence.find("****") != std::string::npos;
    if (masked || sentence.find("(data)") != std::string::npos) continue;
    kept += (kept.empty() ? "" : " ") + sentence;
  }
  return without_stop(plain(kept, kIssue));
}

// A name that customers know, if there is one; else their own words, unless they were said in anger; else
// what the AI calls it, which is English.
std::string issue(const Facts& facts, const Words& words, std::string_view language) {
  if (auto known = label(words.issues, facts.intent); !known.empty()) return known;
  if (facts.mood != Mood::frustrated) {
    if (const auto quote = own_words(facts.quote); !quote.empty()) return quoted(quote, words);
  }
  if (auto known = label(words.issues, facts.category); !known.empty()) return known;
  if (language != "en" && !language.starts_with("en-")) return {};
  return plain_slug(facts.intent.empty() ? facts.category : facts.intent, kLabel);
}

std::string team(const Facts& facts, const Words& words) {
  if (auto known = label(words.teams, facts.team); !known.empty()) return known;
  const auto called = plain_slug(facts.team, kLabel);
  auto phrase = words.phrase("team");
  const auto at = phrase.find("{name}");
  return called.empty() || at == std::string::npos ? called : phrase.replace(at, 6, called);
}

// What has no name that customers know is counted as "other".
std::string details(const Facts& facts, const Words& words) {
  std::vector<std::string> names;
  bool others = false;
  for (const auto& kind : facts.details) {
    const auto known = label(words.details, kind);
    const bool named = !known.empty() && std::ranges::find(names, known) != names.end();
    if (known.empty() || names.size() == kMostDetails) others = others || !named;
    else if (!named) names.push_back(known);
  }
  if (others) {
    const auto rest = label(words.details, names.empty() ? "given" : "other");
    if (!rest.empty()) names.push_back(rest);
  }
  return list_in_words(names, "and", words);
}

std::string follow_ups(const Facts& facts) {
  std::vector<std::string> all;
  for (const auto& one : facts.follow_ups) {
    if (auto text = plain(one, kFollowUp); !text.empty() && all.size() < kMostFollowUps)
      all.push_back(std::move(text));
  }
  return join(all, "; ");
}

// Only what can be carried out as things stand.
std::vector<ChoiceKind> honest_offers(const Facts& facts) {
  std::vector<ChoiceKind> offers;
  for (const auto kind : facts.offers) {
    const bool vain = (kind == ChoiceKind::priority_ticket && facts.ticket.empty()) ||
                      (kind == ChoiceKind::wait && facts.open == false) || facts.claimed || facts.solved ||
                      std::ranges::find(offers, kind) != offers.end();
    if (!vain) offers.push_back(kind);
  }
  return offers;
}

std::string offers_in_words(const std::vector<ChoiceKind>& offers, const Words& words) {
  std::vector<std::string> all;
  for (const auto kind : offers) {
    if (const auto& text = words.choices[static_cast<std::size_t>(kind)]; !text.empty()) all.push_back(text);
  }
  return list_in_words(all, "or", words);
}

std::string help(const Facts& facts, const Words& words) {
  auto text = label(words.help, facts.intent);
  return text.empty() ? label(words.help, facts.category) : text;
}

// The queue as it is: off hours nobody works on it, and a claim ends the waiting.
void add_queue(Values& values, const Facts& facts, const Words& words) {
  if (facts.open == false || facts.claimed || facts.solved) return;
  if (facts.wait && facts.wait->high > Duration{0})
    values.set(Field::wait, wait_in_words(*facts.wait, words));
  if (facts.waited) values.set(Field::waited, span_in_words(*facts.waited, words));
  if (facts.position && *facts.position > 0) values.set(Field::position, std::to_string(*facts.position));
  values.flag(Field::asked, facts.asked);
}

void add_choice(Values& values, const Facts& facts, const Words& words) {
  if (!facts.choice) return;
  values.set(Field::number, plain(facts.choice->number, kLabel));
  values.set(Field::email, facts.choice->email);
  if (facts.choice->at) {
    values.set(Field::scheduled_at,
               moment_in_words(*facts.choice->at, facts.now, facts.zone, facts.house_zone, words));
  }
}

// Who has it, and a team that is asked, are known only in the steps in which that is so: see may().
Values values_of(const Facts& facts, const Message& made, const Words& words) {
  Values values;
  values.set(Field::ticket, plain(facts.ticket, kLabel));
  values.set(Field::team, team(facts, words));
  values.set(Field::issue, issue(facts, words, made.language));
  values.flag(Field::messages, facts.messages);
  values.flag(Field::tried, facts.tried);
  values.set(Field::details, details(facts, words));
  values.set(Field::help, help(facts, words));
  values.set(Field::choices, offers_in_words(made.offers, words));
  values.set(Field::person, plain_name(facts.person));
  values.flag(Field::solved, facts.solved);
  if (facts.solved)
    values.set(Field::resolution, quoted(without_stop(plain(facts.resolution, kResolution)), words));
  values.set(Field::follow_ups, follow_ups(facts));
  if (facts.open == false && facts.back_at && *facts.back_at > facts.now) {
    values.set(Field::back_at,
               moment_in_words(*facts.back_at, facts.now, facts.zone, facts.house_zone, words));
  }
  add_queue(values, facts, words);
  add_choice(values, facts, words);
  values.known &= may(made.step);
  return values;
}

// Before anybody has it.
Step waiting_step(Step step, const Facts& facts) {
  if (facts.claimed) return Step::claimed;
  if (facts.ticket.empty() && facts.helpdesk_down) return Step::helpdesk_down;
  if (facts.open == false) return Step::off_hours;
  if (step == Step::off_hours) return Step::waiting;
  if (step == Step::ticket_opened && facts.ticket.empty()) return Step::accepted;
  if (step == Step::helpdesk_down) return facts.ticket.empty() ? Step::accepted : Step::ticket_opened;
  return step;
}

}  // namespace

std::optional<Step> true_step(Step step, const Facts& facts) {
  switch (step) {
    case Step::returned:
    case Step::cancelled: return step;
    case Step::bug_fixed: return facts.bug_fixed ? std::optional(step) : std::nullopt;
    case Step::claimed:
      return facts.solved ? std::nullopt
                          : std::optional(facts.claimed ? step : waiting_step(Step::waiting, facts));
    case Step::accepted:
    case Step::ticket_opened:
    case Step::waiting:
    case Step::long_wait:
    case Step::off_hours:
    case Step::helpdesk_down: return facts.solved ? std::nullopt : std::optional(waiting_step(step, facts));
    // That somebody has it no more is to be said at any hour.
    case Step::expired:
      return facts.solved ? std::nullopt : std::optional(facts.claimed ? Step::claimed : step);
    case Step::chose_wait:
    case Step::chose_callback:
    case Step::chose_email:
    case Step::chose_priority_ticket:
    case Step::chose_scheduled:
    case Step::chose_continue_with_ai: break;
  }
  // Only what was chosen, and only while nobody has it.
  const bool chosen = facts.choice && chose(facts.choice->kind) == step && !facts.claimed && !facts.solved;
  return chosen ? std::optional(step) : std::nullopt;
}

Message message(Step step, const Facts& facts, const Messages& messages) {
  Message made;
  const auto so = true_step(step, facts);
  const auto* language = messages.find(facts.workspace, facts.language, &made.language);
  if (!so || !language) return made;
  made.step = *so;
  made.mood = facts.mood;
  made.offers = honest_offers(facts);
  const auto& texts = language->steps[static_cast<std::size_t>(*so)];
  const auto values = values_of(facts, made, language->words);
  if (!has(may(*so), Field::choices)) made.offers.clear();
  if (!texts || (always(*so) & ~values.known) != 0) return made;
  const auto before = render(texts->before[static_cast<std::size_t>(facts.mood)], values);
  made.text = render(texts->text, values);
  if (!before.empty()) made.text = before + " " + made.text;
  return made;
}

Step chose(ChoiceKind kind) {
  switch (kind) {
    case ChoiceKind::wait: return Step::chose_wait;
    case ChoiceKind::callback: return Step::chose_callback;
    case ChoiceKind::email: return Step::chose_email;
    case ChoiceKind::priority_ticket: return Step::chose_priority_ticket;
    case ChoiceKind::scheduled: return Step::chose_scheduled;
    case ChoiceKind::continue_with_ai: return Step::chose_continue_with_ai;
  }
  return Step::chose_wait;
}

const Language* Messages::find_exactly(const Own* own, std::string_view tag) const {
  if (own) {
    if (const auto found = own->languages.find(tag); found != own->languages.end()) return &found->second;
  }
  const auto found = shipped_.find(tag);
  return found == shipped_.end() ? nullptr : &found->second;
}

const Language* Messages::find(const WorkspaceId& workspace, std::string_view tag, std::string* found) const {
  const auto entry = own_.find(workspace.text);
  const auto* own = entry == own_.end() ? nullptr : &entry->second;
  std::vector<std::string> chain;
  for (auto part = tidy_tag(tag); !part.empty();
       part.resize(part.rfind('-') == std::string::npos ? 0 : part.rfind('-')))
    chain.push_back(part);
  if (own) chain.push_back(own->default_language);
  chain.emplace_back("en");
  for (const auto& one : chain) {
    const auto* language = find_exactly(own, one);
    if (!language) continue;
    if (found) *found = one;
    return language;
  }
  return nullptr;
}

}  // namespace baton::handoff::tell
