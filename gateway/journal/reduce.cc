#include "gateway/journal/reduce.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton {
namespace {

constexpr std::string_view kErased = "[erased]";

// Shorter ones are words of other things, too: "42" is also a status.
constexpr std::size_t kShortestCustomer = 6;

std::string replaced(std::string text, char what, std::string_view by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, 1, by);
  }
  return text;
}

}  // namespace

void Swept::add(const Swept& other) {
  handoffs += other.handoffs;
  events += other.events;
  requests += other.requests;
  audit += other.audit;
  documents += other.documents;
  next = other.next;
}

SweepStage stage_at(TimePoint touched, const Cutoffs& before) {
  if (touched < before.handoffs) return SweepStage::gone;
  if (touched < before.events) return SweepStage::without_events;
  if (touched < before.requests) return SweepStage::without_requests;
  return SweepStage::whole;
}

TimePoint touched(const Handoff& handoff) {
  auto latest = handoff.requested_at;
  for (const auto& passage : handoff.passages) latest = std::max(latest, passage.at);
  return latest;
}

TimePoint touched(const Job& job) { return job.ended_at.value_or(TimePoint::min()); }

void drop_requests(Job& job) {
  for (auto& step : job.steps) {
    step.write.target.resize(path_of(step.write.target).size());
    step.write.body.clear();
    step.write.headers.clear();
  }
}

void drop_body(Fact& fact) {
  if (auto* event = std::get_if<Event>(&fact.happened)) {
    event->data = nullptr;
    event->data_text.clear();
  } else if (auto* signal = std::get_if<Signal>(&fact.happened)) {
    signal->text.clear();
    signal->reply_address.clear();
  }
}

bool is_of(const Handoff& handoff, const Person& person) {
  const auto customer = JsonView(handoff.data)["customer"];
  if (!person.email.empty() && equals_ignoring_case(trim(customer["email"].text()), person.email))
    return true;
  return !person.customer.empty() && customer["id"].id() == person.customer;
}

void erase_person(Handoff& handoff, TimePoint now) {
  if (is_open(handoff.state)) {
    handoff.state = State::cancelled;
    handoff.passages.emplace_back(now, State::cancelled, "erased on request");
  }
  handoff.data = nullptr;
  handoff.data_text.clear();
  handoff.context.clear();
  handoff.resolution.clear();
  handoff.solved.reset();
  handoff.blocked_notes.clear();
  handoff.refused.clear();
  for (auto& said : handoff.feedback) said.text.clear();
  for (auto* due : {&handoff.context_due, &handoff.late_due, &handoff.announce_due, &handoff.claim_due,
                    &handoff.update_due, &handoff.path_due, &handoff.status_due, &handoff.solved_due}) {
    due->reset();
  }
}

void erase_person(Job& job) {
  job.steps.clear();
  job.subject = nullptr;
  job.found = nullptr;
  job.failure.reset();
}

void erase_person(Fact& fact) { drop_body(fact); }

// An address as it is, as JSON may escape it, and as a query or a form does.
Spellings::Spellings(const Person& person) {
  if (const auto email = to_lower(person.email); !email.empty()) {
    for (auto text : {email, replaced(email, '@', "\\u0040"), replaced(email, '@', "%40"),
                      to_lower(percent_encode(email))}) {
      const auto same = [&](const Spelling& known) { return known.text == text; };
      if (std::ranges::none_of(all_, same)) all_.push_back({std::move(text), std::string(kErased)});
    }
  }
  const auto customer = to_lower(person.customer);
  if (customer.size() < kShortestCustomer) return;
  for (const std::string quote : {"\"", "\\\""}) {  // a whole text, in a record or in a body within one
    std::string by = quote;
    by.append(kErased).append(quote);
    all_.push_back({quote + customer + quote, std::move(by)});
  }
}

std::vector<std::string> Spellings::texts() const {
  std::vector<std::string> texts;
  for (const auto& spelling : all_) texts.push_back(spelling.text);
  return texts;
}

bool Spellings::replace(std::string& record) const {
  bool any = false;
  for (const auto& [text, by] : all_) {
    auto lower = to_lower(record);
    std::string to;
    std::size_t from = 0;
    for (auto at = lower.find(text); at != std::string::npos; at = lower.find(text, from)) {
      to.append(record, from, at - from).append(by);
      from = at + text.size();
      any = true;
    }
    if (from != 0) record = to + record.substr(from);
  }
  return any;
}

}  // namespace baton
