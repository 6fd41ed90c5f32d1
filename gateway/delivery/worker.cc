#include "gateway/delivery/worker.h"

#include <algorithm>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "gateway/delivery/order.h"
#include "gateway/delivery/policy.h"

namespace baton::delivery {
namespace {

constexpr auto kLease = Duration{45s};
constexpr int kClaimedAtOnce = 32;      // the journal reads them one after the other, and others wait for it
constexpr auto kUnwell = Duration{1s};  // before asking a journal again that could not answer
constexpr auto kRevocation = Duration{10s};
constexpr auto kPutBack = Duration{2s};  // before a retry that the retry budget refused

bool is_retry(const Job& job) { return !is_read(job.key.work) && job.first_attempt.has_value(); }

}  // namespace

Worker::Worker(const sdk::Account& account, Journal& journal, HttpClient& client, Clock& clock,
               Random& random, Turns& turns, bool lookups)
    : account_(account), lane_(account.id), journal_(journal), client_(client), clock_(clock),
      random_(random), turns_(turns), credentials_(account, client, clock),
      control_(account.limits, random, clock.now(), account.connector->manifest().budgets),
      lookups_(lookups) {}

Task<Done> Worker::run(std::stop_token stop) {
  const auto loop = co_await net::this_coro::executor;
  Scope attempts(loop, clock_);
  Scope requests(loop, clock_);
  while (!stop.stop_requested()) (void)co_await round(attempts, requests, stop);
  (void)co_await attempts.join();
  co_return co_await requests.join();
}

// One look at the lane: start what may start, then sleep until something may have changed.
Task<Done> Worker::round(Scope& attempts, Scope& requests, std::stop_token stop) {
  auto& changed = journal_.changed(lane_);
  const auto seen = changed.count();
  const auto gate = control_.gate(attempts.running(), clock_.now());
  if (gate.room == 0) {
    crowded_ = attempts.running() > 0;
    co_return co_await changed.wait(seen, clock_, gate.look_again, stop);
  }

  const auto only = gate.only_reads ? Take::reads : Take::all;
  auto claim = co_await journal_.claim(lane_, std::min(gate.room, kClaimedAtOnce), kLease, only);
  // Recovery must not wait for the backoff of the few that are left, an hour perhaps.
  if (claim && claim->jobs.empty() && gate.probes) {
    auto ahead = co_await journal_.claim(lane_, 1, kLease, Take::ahead);
    if (ahead) claim->jobs = std::move(ahead->jobs);
  }
  if (claim && claim->jobs.empty() && stranded_.any() && !gate.only_reads)
    (void)co_await claim_stranded(*claim, gate.room);
  if (!claim) co_return co_await clock_.until(clock_.now() + kUnwell, stop);
  control_.claimed(static_cast<int>(claim->jobs.size()));
  for (auto& claimed : claim->jobs) attempts.spawn(attempt(std::move(claimed), requests));
  if (!claim->jobs.empty()) co_return Done{};
  co_return co_await changed.wait(seen, clock_, std::min(claim->next, gate.look_again), stop);
}

// Claims go by due time, so others may stand before those that the outage left: these go back as they were.
Task<Done> Worker::claim_stranded(Claim& claim, int room) {
  auto ahead = co_await journal_.claim(lane_, kClaimedAtOnce, kLease, Take::ahead);
  if (!ahead) co_return ahead.error();
  Batch back;
  bool found = false;
  for (auto& claimed : ahead->jobs) {
    const bool stranded = stranded_.contains(claimed.job.key);
    found = found || stranded;
    if (!stranded || std::ssize(claim.jobs) >= room) {
      back.updates.emplace_back(std::move(claimed.job), claimed.lease.token, true);
      continue;
    }
    stranded_.tried(claimed.job.key);
    claim.jobs.push_back(std::move(claimed));
  }
  if (!found) stranded_.forget();
  if (back.updates.empty()) co_return Done{};
  const auto committed = co_await journal_.commit(std::move(back));
  if (!committed) co_return committed.error();
  co_return Done{};
}

// A vendor, or a proxy before it, may repeat our request in its error: credential included. Redacted
// first, cut then, and here alone: no connector does it, so none can forget it.
Failure Worker::fit_to_keep(Failure failure) const {
  constexpr std::size_t kLongest = 1024;
  if (account_.redact && !BATON_MUTANT(error_not_redacted)) failure.detail = account_.redact(failure.detail);
  failure.detail = to_valid_utf8(clip_utf8(failure.detail, kLongest));
  return failure;
}

void Worker::heed(const LaneState& state) {
  control_.set(state);
  if (!state.paused) credentials_.readmit();
}

Task<Withdrawn> Worker::withdraw() {
  auto what = co_await credentials_.withdraw(clock_.now() + kRevocation);
  if (!what) co_return fit_to_keep(what.error());
  co_return what;
}

// A vendor that is asked too much and does not say when to come again is asked ever later.
Failure Worker::timed(Failure failure, const Attempt& attempt) {
  if (failure.kind != FailureKind::rate_limited || failure.not_before) return failure;
  const auto now = clock_.now();
  failure.not_before = now + control_.guess_wait(attempt.began, now);
  return failure;
}

Task<Done> Worker::attempt(Claimed claimed, Scope& requests) {
  Attempt attempt(clock_.now(), is_retry(claimed.job));
  auto ended = co_await carry_out(claimed, attempt, requests);
  if (attempt.unsent) control_.claim_used();
  // The bell of its last commit may have rung while it still took up room.
  if (std::exchange(crowded_, false)) journal_.changed(lane_).ring();
  co_return ended;
}

Task<Done> Worker::carry_out(Claimed& claimed, Attempt& attempt, Scope& requests) {
  auto& job = claimed.job;
  const auto now = attempt.began;
  const bool reads = is_read(job.key.work);
  if (reads && job.deadline && now >= *job.deadline) {
    co_return co_await give_up(claimed, lane_.text + " was not asked in time");
  }
  // Claimed ahead of its time as a probe: a vendor that named an instant is not asked before it.
  if (job.failure && job.failure->not_before && now < std::min(*job.failure->not_before, job.due)) {
    control_.untold(now);
    co_return co_await put_back(claimed, job.due);
  }
  if (!control_.breaker().admits(now)) {
    if (reads) co_return co_await give_up(claimed, lane_.text + " is failing: not asked");
    const auto probe_at = control_.breaker().probe_at();
    co_return co_await put_back(claimed, probe_at > now ? probe_at : now + kPutBack);
  }
  if (std::get<Operation>(job.key.work) == Operation::read_context) {
    if (auto rest = control_.look_up(now)) {
      control_.untold(now);
      co_return co_await let_rest(claimed, *std::move(rest));
    }
  }
  if (!control_.start(attempt.retry, now)) {
    co_return co_await put_back(claimed, now + random_.up_to(kPutBack));
  }

  attempt.probe = control_.breaker().state() == Breaker::State::probing;

  ++job.attempts;
  if (!job.first_attempt) job.first_attempt = now;
  const Session::Tools tools(journal_, client_, clock_, requests, account_, credentials_, control_, attempt,
                             lookups_);
  Session session(
      tools, claimed,
      job.generation == 1 ? job.key.text() : job.key.text() + ".g" + std::to_string(job.generation));
  auto outcome = co_await perform(claimed, attempt, session);
  if (!outcome) outcome = timed(fit_to_keep(outcome.error()), attempt);
  if (session.lease_lost()) {
    control_.dropped(attempt.retry);
    if (attempt.probe) control_.untold(clock_.now());
    co_return Done{};
  }
  co_return co_await journal(claimed, attempt, outcome, session.trace());
}

// The connector's part. What it found or made is put into the job.
Task<Done> Worker::perform(Claimed& claimed, Attempt& attempt, Session& session) {
  auto& job = claimed.job;
  const auto operation = std::get<Operation>(job.key.work);
  const auto* action = account_.connector->manifest().find(operation);
  if (!action) {
    attempt.stage = Stage::mapping;
    co_return Failure(FailureKind::rejected,
                      lane_.text + " cannot " + std::string(name(operation)) + ": change the route");
  }
  (void)co_await turns_.take(lane_.text);
  const auto order = make_order(*claimed.handoff, job, account_, clock_.now());
  if (!order) {
    attempt.stage = Stage::mapping;
    co_return order.error();
  }
  if (is_read(operation)) {
    auto found = co_await action->look(*order, session);
    if (!found) co_return found.error();
    job.found = std::move(*found);
    if (operation == Operation::read_context) control_.returned(job.found, clock_.now());
    co_return Done{};
  }
  const auto receipt = co_await action->write(*order, session);
  if (!receipt) co_return receipt.error();
  job.receipt = *receipt;
  co_return Done{};
}

Task<Done> Worker::journal(Claimed& claimed, const Attempt& attempt, const Result<Done>& outcome,
                           const std::optional<Trace>& trace) {
  auto& job = claimed.job;
  const auto now = clock_.now();
  const auto failure = outcome ? std::optional<Failure>() : outcome.error();
  control_.ended(attempt.stage, failure, now - attempt.began, now, trace ? trace->trace_id : std::string());
  if (attempt.probe && !attempt.asked) control_.untold(now);
  note_for_recovery(job.key, attempt, failure);
  Batch batch;
  if (outcome) {
    control_.succeeded(attempt.retry, attempt.asked, now);
    job.state = JobState::done;
    job.failure.reset();
    job.ended_at = now;
  } else {
    control_.failed(attempt.retry, attempt.asked, outcome.error(), now);
    job = after(std::move(job), outcome.error(), now, random_);
    if (job.state == JobState::dead) control_.died();
    if (const auto pause = pause_for(outcome.error(), attempt)) {
      control_.set(*pause);
      batch.lanes.push_back(*pause);
    }
  }
  if (watch_) watch_(Outcome(*claimed.handoff, job, attempt.stage, failure, now - attempt.began));
  batch.updates.emplace_back(std::move(job), claimed.lease.token, true);
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

// Told before the breaker hears of it.
void Worker::note_for_recovery(const JobKey& key, const Attempt& attempt,
                               const std::optional<Failure>& failure) {
  if (!attempt.asked) return;
  if (failure && counts_against(failure->kind)) {
    if (!is_read(key.work)) stranded_.failed(key);
  } else {
    stranded_.succeeded(control_.breaker().state() != Breaker::State::closed);
  }
}

// A read that is not worth asking, or not now: failed at once, and no word about the vendor.
Task<Done> Worker::give_up(Claimed& claimed, std::string why) {
  claimed.job.failure = Failure(FailureKind::retryable, std::move(why));
  claimed.job.state = JobState::failed;
  claimed.job.ended_at = clock_.now();
  return put_back(claimed, claimed.job.due);
}

// Later if there is time for it, else the reason stands in the brief.
Task<Done> Worker::let_rest(Claimed& claimed, LaneControl::Rest rest) {
  const auto& deadline = claimed.job.deadline;
  if (deadline && rest.until >= *deadline) return give_up(claimed, std::move(rest.why));
  return put_back(claimed, rest.until);
}

// Claimed but not begun: back to the journal as it is.
Task<Done> Worker::put_back(Claimed& claimed, TimePoint due) {
  claimed.job.due = due;
  Batch batch;
  batch.updates.emplace_back(claimed.job, claimed.lease.token, true);
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

// What one failure says about the whole lane.
std::optional<LaneState> Worker::pause_for(const Failure& failure, const Attempt& attempt) const {
  const auto now = clock_.now();
  const auto& asked = control_.asked();
  if (control_.paused(now) && !asked->until) return std::nullopt;  // a person's pause stands
  if (failure.kind == FailureKind::misconfigured) {
    return LaneState(lane_, true, "baton", "parked: " + failure.detail, now);
  }
  const bool whole_account = failure.budget.empty();
  if (failure.kind == FailureKind::rate_limited && whole_account) {
    LaneState pause(lane_, true, "baton", "the vendor asked us to wait: " + failure.detail, now);
    pause.until = std::min(failure.not_before.value_or(now + kFirstBackoff), now + kLongestVendorWait);
    // Of answers to requests that were under way together the longest wait counts.
    if (control_.paused(now) && attempt.began <= asked->since)
      pause.until = std::max(*pause.until, *asked->until);
    return pause;
  }
  return std::nullopt;
}

}  // namespace baton::delivery
