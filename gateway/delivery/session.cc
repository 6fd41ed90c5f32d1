#include "gateway/delivery/session.h"

#include <algorithm>
#include <optional>

#include "gateway/base/mutant.h"

namespace baton::delivery {
namespace {

constexpr auto kLongestRequest = Duration{10s};
constexpr auto kBudgetRests = Duration{1s};  // longer is not waited for with an attempt under way
constexpr int kMostPages = 200;              // of one look-up; its time is bounded by the lease as well

}  // namespace

Task<Reply> Session::read(sdk::Read read) { co_return co_await ask(read); }

Task<std::vector<Result<Reply>>> Session::read_all(std::vector<sdk::Read> reads) {
  Scope side_by_side(co_await net::this_coro::executor, tools_.clock);
  std::vector<std::optional<Result<Reply>>> ended(reads.size());
  const int before = answers_;
  for (std::size_t i = 0; i < reads.size(); ++i)
    side_by_side.spawn(ask(reads[i]),
                       [&ended, i](Result<Reply> reply) { ended[i].emplace(std::move(reply)); });
  (void)co_await side_by_side.join();  // each ends at its own deadline
  // How far the attempt has come is how far the best of them came, not the last.
  if (answers_ > before) tools_.attempt.stage = Stage::answer;
  std::vector<Result<Reply>> answers;
  for (auto& one : ended) answers.push_back(*std::move(one));
  co_return answers;
}

Task<Receipt> Session::once(sdk::Step step) {
  auto* record = &record_of(step);
  if (record->state == StepState::done) co_return record->receipt;

  // Of a step that may have happened only a look-up shows that it has not; that its repetition was refused
  // says nothing of the first time.
  bool in_doubt = record->state == StepState::unknown;
  if (in_doubt && tools_.lookups && !BATON_MUTANT(lookup_skipped)) {
    const auto found = co_await find_again(step, *record);
    if (!found) co_return found.error();
    if (*found) {
      record->state = StepState::done;
      record->receipt = **found;
      co_return record->receipt;
    }
    in_doubt = !std::holds_alternative<sdk::Lookup>(step.again) && !key_is_over(step, *record);
  }

  // Before the intent, so that its time is that of the sending.
  const auto paced = co_await pace();
  if (!paced) co_return paced.error();
  // Not the record as a whole: its bytes would be held once more while the vendor thinks.
  const auto state = record->state;
  const auto before = record->sent_at, first = record->first_sent_at;
  const auto sent_at = tools_.clock.now();
  const auto deadline = latest_end(sent_at);
  if (record->sent_at == TimePoint{}) record->first_sent_at = sent_at;
  record->state = StepState::unknown;
  // Whoever finds it so, after a crash, waits until it can no longer take effect: the vendor may be at it
  // still.
  record->sent_at = BATON_MUTANT(write_in_flight_forgotten) ? sent_at : deadline;
  const auto intent = co_await journal_intent();
  if (!intent) {
    record->state = state;  // nothing was sent
    record->sent_at = before;
    record->first_sent_at = first;
    co_return intent.error();
  }

  if (BATON_MUTANT(bytes_rebuilt)) record->write = step.write.request();
  const auto reply =
      co_await send(record->write, record->key, true, deadline);  // the journalled bytes, not rebuilt ones
  record->sent_at = sent_at;
  if (!reply) {
    if (reply.error().kind == FailureKind::ambiguous) {
      record->sent_at = tools_.clock.now();  // it may have taken effect until now: a search settles from here
    } else if (!in_doubt) {
      record->state = StepState::undone;
    }
    co_return reply.error();
  }
  const auto receipt = step.read(*reply);
  // An answer that says yes but cannot be read leaves the outcome unknown.
  if (!receipt && BATON_MUTANT(unreadable_yes_is_no)) record->state = StepState::undone;
  if (!receipt) {
    // A search settles from the answer: it took effect somewhere on the way.
    if (!BATON_MUTANT(settled_from_the_sending)) record->sent_at = tools_.clock.now();
    co_return Failure(FailureKind::ambiguous, receipt.error().detail);
  }
  record->state = StepState::done;
  record->receipt = *receipt;
  co_return *receipt;
}

// Valid until the operation's next step, which follows the end of this one. A thousand may wait for a slow
// vendor: the bytes are moved, for a copy would be held as long.
StepRecord& Session::record_of(sdk::Step& step) {
  auto& steps = claimed_.job.steps;
  const auto known = std::ranges::find(steps, step.name, &StepRecord::name);
  if (known != steps.end()) return *known;
  if (BATON_MUTANT(bytes_rebuilt)) return steps.emplace_back(step.name, native_key_, step.write.request());
  return steps.emplace_back(step.name, native_key_, std::move(step.write).request());
}

// Whether the vendor may have forgotten the step's key, so that only its look-up tells.
bool Session::key_is_over(const sdk::Step& step, const StepRecord& record) const {
  const auto* limited = std::get_if<sdk::RepeatableFor>(&step.again);
  return limited && tools_.clock.now() >= record.first_sent_at + limited->valid;
}

// Yields nothing when the step may be sent again with the same bytes.
Task<sdk::Found> Session::find_again(const sdk::Step& step, const StepRecord& record) {
  if (std::holds_alternative<sdk::Repeatable>(step.again)) co_return sdk::Found{};
  if (const auto* limited = std::get_if<sdk::RepeatableFor>(&step.again)) {
    if (key_is_over(step, record)) co_return co_await look_up(limited->after, record.sent_at);
    // A vendor that answers "already received" will go on doing so: when one repetition did not help, it is
    // looked for as well. What the look-up cannot tell is left to the key.
    if (claimed_.job.attempts <= 2) co_return sdk::Found{};
    const auto seen = co_await look_up(limited->after, TimePoint{});
    const bool wait = !seen && seen.error().kind == FailureKind::rate_limited;
    co_return seen || wait ? seen : Result<sdk::Found>(sdk::Found{});
  }
  if (const auto* lookup = std::get_if<sdk::Lookup>(&step.again)) {
    co_return co_await look_up(*lookup, record.sent_at);
  }
  if (const auto* open = std::get_if<sdk::LeftOpen>(&step.again)) {
    const auto end = record.sent_at + open->after;
    if (tools_.clock.now() < end)
      co_return Failure(FailureKind::ambiguous, "it may have happened, and what follows waits a while", end);
    co_return sdk::Found(Receipt());
  }
  // After a crash the request may be under way still: what follows it must not overtake it.
  if (tools_.clock.now() < record.sent_at)
    co_return Failure(FailureKind::ambiguous, "the request may still take effect", record.sent_at);
  claimed_.job.parked = true;
  co_return Failure(FailureKind::ambiguous,
                    "`" + step.name +
                        "` may have happened and this vendor cannot tell: look there, then "
                        "replay the dead letter to send it again, or leave it");
}

Task<sdk::Found> Session::look_up(const sdk::Lookup& lookup, TimePoint sent_at) {
  const auto settled = sent_at + lookup.settle;
  if (tools_.clock.now() < settled && !BATON_MUTANT(settling_ignored)) {
    co_return Failure(FailureKind::ambiguous, "the vendor's search may not know it yet", settled);
  }
  auto page = lookup.find;
  for (int pages = 0; pages < kMostPages; ++pages) {
    const auto reply = co_await ask(page);
    if (!reply) co_return reply.error();  // the step stays unknown, whatever this failure is
    const auto found = lookup.match(*reply);
    if (!found && BATON_MUTANT(malformed_lookup_is_none)) co_return sdk::Found{};
    if (!found || *found || !lookup.next || BATON_MUTANT(first_page_believed)) co_return found;
    const auto next = lookup.next(*reply);
    if (!next) co_return next.error();
    if (!*next) co_return sdk::Found{};
    page = **next;
  }
  co_return Failure(FailureKind::ambiguous,
                    "the vendor's search has no end: " + std::to_string(kMostPages) + " pages");
}

Task<Reply> Session::ask(const sdk::Read& read) {
  const auto paced = co_await pace(read.budget());
  if (!paced) co_return paced.error();
  const std::string no_key;
  auto reply = co_await send(read.request(), no_key, false, latest_end(tools_.clock.now()));
  if (!reply && !reply.error().budget.empty()) {
    const auto now = tools_.clock.now();
    tools_.lane.hold(reply.error().budget, reply.error().not_before.value_or(now + kBudgetRests), now);
  }
  co_return reply;
}

// Waits for room in the rate budget, and takes it. While a budget of its own rests for long, the attempt
// makes room for others that need nothing of it.
Task<Done> Session::pace(const std::string& budget) {
  tools_.attempt.stage = Stage::ours;
  auto end = claimed_.lease.until;
  if (claimed_.job.deadline) end = std::min(end, *claimed_.job.deadline);
  for (;;) {
    const auto now = tools_.clock.now();
    const auto free_at = tools_.lane.free_at(now, budget);
    if (free_at <= now) break;
    if (!budget.empty() && free_at > now + kBudgetRests) {
      Failure rests(FailureKind::rate_limited,
                    "`" + budget + "` of " + tools_.account.id.text + " rests, as the vendor asked", free_at);
      rests.budget = budget;
      co_return rests;
    }
    if (free_at >= end)
      co_return Failure(FailureKind::retryable, "no time left to send: the rate budget is used up");
    (void)co_await tools_.clock.until(free_at);
  }
  tools_.lane.sending(tools_.clock.now(), budget);
  if (std::exchange(tools_.attempt.unsent, false)) tools_.lane.claim_used();
  co_return Done{};
}

// No request may outlive the lease: the next owner must find what this one did.
TimePoint Session::latest_end(TimePoint now) const {
  auto end = now + kLongestRequest;
  if (!BATON_MUTANT(request_outlives_lease)) end = std::min(end, claimed_.lease.until);
  return claimed_.job.deadline ? std::min(end, *claimed_.job.deadline) : end;
}

Task<Reply> Session::send(const Request& request, const std::string& key, bool writes, TimePoint deadline) {
  if (deadline <= tools_.clock.now()) co_return Failure(FailureKind::retryable, "no time left to send");

  Sent sent;
  auto reply = co_await exchange(request, key, writes, deadline, sent);
  if (reply || reply.error().kind != FailureKind::auth_expired) co_return reply;
  // Refused for its credential, so it had no effect: once more with a fresh one.
  const auto refusal = reply.error().detail;
  if (may_renew(sent)) {
    tools_.lane.sending(tools_.clock.now());  // without a wait: the intent bears the time of the first
    reply = co_await exchange(request, key, writes, deadline, sent);
    if (reply || reply.error().kind != FailureKind::auth_expired) co_return reply;
  }
  co_return Failure(FailureKind::misconfigured,
                    "the credential is refused: " + refusal +
                        "; renew it (`baton secret set`), then reload, or resume " + tools_.account.id.text);
}

// Of several that left with the same credential the first renews it for all.
bool Session::may_renew(const Sent& refused) {
  if (refused.renewals < renewals_) return true;
  return tools_.credentials.refused(refused.authorized_at) && renewals_++ == 0;
}

Task<Reply> Session::exchange(const Request& request, const std::string& key, bool writes, TimePoint deadline,
                              Sent& sent) {
  tools_.attempt.asked = true;
  tools_.attempt.stage = Stage::credential;
  auto authorized = co_await tools_.credentials.authorize(request, key, deadline, tools_.attempt.probe);
  if (!authorized) co_return authorized.error();

  const auto started = sent.authorized_at = tools_.clock.now();
  sent.renewals = renewals_;
  if (started >= deadline)
    co_return Failure(FailureKind::retryable, "no time left to send: the credential came late");
  const auto late = writes ? FailureKind::ambiguous : FailureKind::retryable;
  tools_.attempt.stage = Stage::connection;
  if (trace_) authorized->headers.try_emplace("traceparent", trace_->header());
  Outgoing outgoing(tools_.account.id.text, std::move(*authorized), deadline);
  const auto reply = co_await within(tools_.requests, tools_.clock, deadline, late,
                                     tools_.client.exchange(std::move(outgoing)));
  const auto now = tools_.clock.now();
  if (!reply) {
    tools_.lane.answered(now - started, {}, now);
    const bool unsure = !writes && reply.error().kind == FailureKind::ambiguous;
    if (unsure) co_return Failure(FailureKind::retryable, reply.error().detail);  // a read has no effect
    co_return reply.error();
  }
  tools_.attempt.stage = Stage::answer;
  ++answers_;
  const auto& connector = *tools_.account.connector;
  tools_.lane.answered(now - started, connector.quota(*reply, now), now);
  const sdk::Exchange seen(request, writes, *reply, now);
  if (const auto failure = connector.classify(seen)) co_return *failure;
  co_return *reply;
}

Task<Done> Session::journal_intent() {
  if (BATON_MUTANT(intent_not_journalled)) co_return Done{};
  tools_.attempt.stage = Stage::ours;
  Batch batch;
  batch.updates.emplace_back(claimed_.job, claimed_.lease.token, false);
  const auto committed = co_await tools_.journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (committed->done() || BATON_MUTANT(lost_lease_unnoticed)) co_return Done{};
  lease_lost_ = true;
  co_return Failure(FailureKind::retryable, "the lease is lost: somebody else works on this");
}

}  // namespace baton::delivery
