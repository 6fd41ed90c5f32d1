#include "gateway/planner/planner.h"

#include <algorithm>
#include <iterator>

#include "gateway/base/mutant.h"
#include "gateway/base/uuid.h"
#include "gateway/handoff/returning.h"
#include "gateway/journal/opening.h"

namespace baton {
namespace {

// An event for a handoff that can no longer take it.
bool comes_too_late(const Handoff& handoff, const Fact& fact) {
  const auto* event = std::get_if<Event>(&fact.happened);
  return event && !is_open(handoff.state) && !handoff::is_afterword(*event);
}

}  // namespace

Task<Done> Planner::run(std::stop_token stop) {
  constexpr auto kLease = Duration{10s};
  constexpr auto kAfterFailure = Duration{1s};
  constexpr int kAtOnce = 16;  // few: who comes meanwhile waits for them; enough to share a commit
  Scope plans(co_await net::this_coro::executor, clock_);
  auto& changed = journal_.changed(planner_lane());
  while (!stop.stop_requested()) {
    const auto seen = changed.count();
    auto claim = co_await journal_.claim(planner_lane(), kAtOnce, kLease);
    if (!claim) {
      (void)co_await clock_.until(clock_.now() + kAfterFailure, stop);
      continue;
    }
    // Side by side, so that one group commit carries many.
    const bool idle = claim->jobs.empty();
    for (auto& claimed : claim->jobs) plans.spawn(plan(std::move(claimed)));
    (void)co_await plans.join();
    if (idle) (void)co_await changed.wait(seen, clock_, claim->next, stop);
  }
  co_return Done{};
}

Task<Done> Planner::plan(Claimed claimed) {
  (void)co_await turns_.take("plan");
  if (!claimed.unconsumed.empty() && comes_too_late(*claimed.handoff, claimed.unconsumed.front())) {
    co_return co_await hand_on(std::move(claimed));
  }
  bool with_defects = false;
  const auto verdict = co_await decide(claimed, with_defects);
  if (!verdict) co_return verdict.error();
  if (*verdict == Verdict::stale && with_defects) co_return co_await give_back(std::move(claimed));
  co_return Done{};
}

Task<Verdict> Planner::decide(Claimed& claimed, bool& with_defects) {
  Batch batch;
  auto house = board_ ? board_->house(clock_.now()) : handoff::House();
  handoff::Next next(*claimed.handoff);
  if (next.handoff.state == State::received && next.handoff.sequence >= patience_.bounces) {
    if (const auto counted = co_await count_bounces(next.handoff); counted) next.handoff.bounces = *counted;
  }
  Defects defects(journal_, clock_, with_defects_, bugs_);
  const auto advance = [&](Fact fact) {
    auto step = handoff::advance(std::move(next.handoff), std::move(fact), patience_, messages_, house);
    next.handoff = std::move(step.handoff);
    std::ranges::move(step.jobs, std::back_inserter(next.jobs));
    next.said = std::move(step.said);
  };
  for (auto& fact : claimed.unconsumed) {
    if (comes_too_late(next.handoff, fact)) break;  // the next claim hands it on, once this end is stored
    if (!BATON_MUTANT(fact_left_unconsumed)) batch.consumes.push_back(fact.order);
    const auto at = fact.at;
    advance(std::move(fact));
    const auto heard = co_await ask_defects(next, defects, at, house);
    if (!heard) co_return heard.error();
  }
  if (handoff::wake_at(next.handoff) <= clock_.now()) {
    const auto now = clock_.now();
    const auto& announce = next.handoff.announce_due;
    if (announce && *announce <= now && !next.handoff.ticket) {
      const auto down = co_await is_helpdesk_down(next.handoff);
      if (!down) co_return down.error();
      house.helpdesk_down = *down;
    }
    advance(Fact(now, Due{}));
    const auto heard = co_await ask_defects(next, defects, now, house);
    if (!heard) co_return heard.error();
  }
  const auto written = co_await defects.add_to(batch, clock_.now());
  if (!written) co_return written.error();

  batch.updates.emplace_back(claimed.job, claimed.lease.token, true);
  batch.updates.back().job.due = handoff::wake_at(next.handoff);
  PlannerFigures news;
  news.count(*claimed.handoff, next.handoff);
  std::optional<Board::Entry> entry;
  if (board_) entry = board_->entry_of(next.handoff, next.handoff.version + 1);
  batch.moves = std::move(next.handoff);
  batch.jobs = std::move(next.jobs);
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (committed->done()) figures_ += news;
  if (entry && committed->done()) board_->keep(std::move(*entry));
  with_defects = defects.any();
  co_return committed->verdict;
}

// What the handoff says to its defects, and what they answer, to the end: an answer may end a case, and an
// end is told, but has no answer.
Task<Done> Planner::ask_defects(handoff::Next& next, Defects& defects, TimePoint at,
                                const handoff::House& house) {
  while (!next.said.empty()) {
    auto answers = co_await defects.hear(next.handoff, std::exchange(next.said, {}), at);
    if (!answers) co_return answers.error();
    for (auto& answer : *answers) {
      auto step =
          handoff::advance(std::move(next.handoff), Fact(at, std::move(answer)), patience_, messages_, house);
      next.handoff = std::move(step.handoff);
      std::ranges::move(step.jobs, std::back_inserter(next.jobs));
      std::ranges::move(step.said, std::back_inserter(next.said));
    }
  }
  co_return Done{};
}

// Another node was quicker with a defect: the facts are claimed again at once, and decided by what it wrote.
Task<Done> Planner::give_back(Claimed claimed) {
  // Not in step with that node, which may have another one of the same defect.
  (void)co_await clock_.until(clock_.now() + 5ms + Duration{static_cast<Duration::rep>(random_.bits() % 40)});
  Batch batch;
  batch.updates.emplace_back(std::move(claimed.job), claimed.lease.token, true);
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

// How often this conversation was handed over within a short time, this one counted; 0: not too often.
Task<int> Planner::count_bounces(const Handoff& handoff) {
  constexpr int kMost = 20;
  HandoffQuery query;
  query.workspace = handoff.workspace;
  query.conversation = handoff.conversation;
  query.limit = std::max(kMost, patience_.bounces);
  const auto latest = co_await journal_.query(std::move(query));
  if (!latest) co_return latest.error();
  const int count = handoff::asked_within(*latest, handoff.requested_at, patience_.bounce_window);
  co_return count < patience_.bounces ? 0 : count;
}

// Whether the ticket is late because the helpdesk fails: this one was refused or got no answer, or it waits
// behind others that were.
Task<bool> Planner::is_helpdesk_down(const Handoff& handoff) {
  if (!handoff.route.tickets) co_return false;
  JobQuery query;
  query.state = JobState::pending;
  query.lane = *handoff.route.tickets;
  query.operation = Operation::open_ticket;
  query.handoff = handoff.id;
  const auto own = co_await journal_.query(std::move(query));
  if (!own) co_return own.error();
  for (const auto& job : own->jobs) {
    const bool waits_its_turn = job.failure && job.failure->kind == FailureKind::rate_limited;
    if (job.failure && !waits_its_turn) co_return true;
    if (job.attempts == 0 && is_failing_ && is_failing_(*handoff.route.tickets)) co_return true;
  }
  co_return false;
}

Task<Done> Planner::hand_on(Claimed claimed) {
  const auto& fact = claimed.unconsumed.front();
  auto batch = co_await handed_on(claimed, fact, std::get<Event>(fact.happened));
  if (!batch) co_return batch.error();
  claimed.job.due = handoff::wake_at(*claimed.handoff);
  batch->consumes.push_back(fact.order);
  batch->updates.emplace_back(claimed.job, claimed.lease.token, true);
  const auto committed = co_await journal_.commit(std::move(*batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

Task<Batch> Planner::handed_on(const Claimed& claimed, const Fact& fact, const Event& event) {
  HandoffQuery query;
  query.workspace = event.key.workspace;
  query.conversation = event.conversation;
  query.open_only = true;
  query.limit = 1;
  const auto open = co_await journal_.query(std::move(query));
  if (!open) co_return open.error();
  const auto now = clock_.now();
  const auto key = "next:" + event.key.text();  // its own stays with the handoff that the 202 named
  Batch batch;
  if (!open->empty()) {
    batch.facts.emplace_back(open->front().id, key, Fact(now, event));
  } else if (event.type == "handoff.requested") {
    const HandoffId id(make_id("hof", now, random_));
    auto route = handoff::route(event.data, rules_).route;
    handoff::equip(route, abilities_, claimed.handoff->route.platform);
    batch = opening(id, std::move(route), event, key, {}, now);
  } else {
    // Refused, and recorded there.
    batch.moves = handoff::advance(*claimed.handoff, fact, patience_, messages_).handoff;
  }
  co_return batch;
}

}  // namespace baton
