#include "gateway/api/act.h"

#include <algorithm>

namespace baton::api {
namespace {

// A passage or a refusal in the handoff, of that instant and in the words that advance() uses. The instant
// alone does not do: two people may claim in the same one.
Ruling ruling_on(const Handoff& handoff, const Signal& act, TimePoint at) {
  const auto words = std::string(name(act.kind)) + " by " + (act.who_name.empty() ? act.who : act.who_name);
  const auto through = [&](const Passage& passage) { return passage.at == at && passage.through == words; };
  const auto against = [&](const auto& refusal) { return refusal.at == at && refusal.what == words; };
  const bool passed = std::ranges::any_of(handoff.passages, through);
  Ruling ruling;
  if (act.kind == SignalKind::judged) {
    ruling.decided = std::ranges::any_of(
        handoff.feedback, [&](const Judgement& said) { return said.at == at && said.who == act.who; });
    return ruling;
  }
  if (act.kind == SignalKind::declined) {
    ruling.decided = std::ranges::any_of(handoff.declined, [&](const auto& one) { return one.second == at; });
    if (ruling.decided) return ruling;
  }
  const bool claim = act.kind == SignalKind::claimed;
  const bool took_place = claim ? handoff.owner == act.who : passed;  // two claimants may bear one name
  const auto refusal = std::ranges::find_if(handoff.refused, against);
  ruling.decided = took_place || passed || refusal != handoff.refused.end();
  if (!took_place && refusal != handoff.refused.end()) ruling.refused = refusal->why;
  return ruling;
}

// A handoff keeps no more than its last hundred refusals: of two hundred who claim at once, half find nothing
// about themselves, but whoever has it.
Ruling ruling_in_a_crowd(const Handoff& handoff, const Signal& act) {
  Ruling ruling;
  ruling.decided = act.kind == SignalKind::claimed && !handoff.owner.empty() && handoff.owner != act.who;
  if (ruling.decided) ruling.refused = handoff.owner_name + " has it";
  return ruling;
}

}  // namespace

Task<Ruling> act(Journal& journal, Clock& clock, HandoffId handoff, Signal signal, AuditEntry audit) {
  const auto known = co_await journal.load(handoff);
  if (!known) co_return known.error();
  const auto now = clock.now();
  Batch batch;
  batch.facts.emplace_back(handoff, "api/" + signal.id, Fact(now, signal));
  batch.audit.push_back(std::move(audit));
  const auto committed = co_await journal.commit(std::move(batch));
  if (!committed) co_return committed.error();

  // Seldom looked at by a crowd, soon by one.
  constexpr auto kPatience = Duration{2s}, kSlowest = Duration{160};
  auto wait = Duration{10};
  for (const auto until = now + kPatience;; wait = std::min(wait * 2, kSlowest)) {
    (void)co_await clock.until(clock.now() + wait);
    auto record = co_await journal.load(handoff);
    if (!record) co_return record.error();
    auto ruling = ruling_on(record->handoff, signal, now);
    const bool enough = clock.now() >= until;
    if (!ruling.decided && enough) ruling = ruling_in_a_crowd(record->handoff, signal);
    if (ruling.decided) ruling.handoff = std::move(record->handoff);
    if (ruling.decided || enough) co_return ruling;
  }
}

}  // namespace baton::api
