// Purpose: the port to the only memory. Any other part may be killed at any instant; started
// again, it reads the journal and goes on.
// Owner: app/ makes one adapter (memory, SQLite, PostgreSQL); one conformance suite runs on all.
// Threads: called on any loop; the answer comes back on the caller's.
// Errors: a Failure means the store could not answer (a false success ends the process instead). A
// fence, version or unique key that did not match is not a failure but a verdict: nothing was
// written, load again, or leave the job to its new owner.
//
// Rows of one handoff: itself, its plan job (which is also its timer), one fact per thing that
// reached us from outside, one job per read and delivery. Intents, receipts and outcomes live in
// the job's row. An ordinary handoff takes at most sixteen.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/bell.h"
#include "gateway/base/task.h"
#include "gateway/model/document.h"
#include "gateway/model/fact.h"
#include "gateway/model/handoff.h"
#include "gateway/model/job.h"
#include "gateway/model/lane.h"
#include "gateway/model/outline.h"

namespace baton {

// The right to work on a job. A later claim makes the token stale, and stale writes fail.
struct Lease {
  std::uint64_t token = 0;
  TimePoint until;
};

// All that working on a job needs, in one round trip.
struct Claimed {
  Claimed(Job job_in, Lease lease_in, std::shared_ptr<const Handoff> handoff_in)
      : job(std::move(job_in)), lease(lease_in), handoff(std::move(handoff_in)) {}
  Job job;
  Lease lease;
  std::shared_ptr<const Handoff> handoff;  // shared with the adapter's cache, which never changes it
  std::vector<Fact> unconsumed;            // of a plan job: in order
};

enum class Take { all, reads, ahead };

// No delivery waits longer. One that is due later than this was given its time by a clock that has been set
// back since, and is due now.
inline constexpr auto kFarthestDue = Duration{48h};

// When a job that was given this time may be claimed.
inline TimePoint claimable_at(TimePoint due, const Lane& lane, Take only, TimePoint now) {
  const bool too_far = lane != planner_lane() && due > now + kFarthestDue;
  return only == Take::ahead || too_far ? now : due;
}

struct Claim {
  std::vector<Claimed> jobs;          // reads first, then by due time
  TimePoint next = TimePoint::max();  // when the lane will have the next one, as things are now
};

struct NewFact {
  NewFact(HandoffId handoff_in, std::string key_in, Fact fact_in, std::string digest_in = {})
      : handoff(std::move(handoff_in)), key(std::move(key_in)), fact(std::move(fact_in)),
        digest(std::move(digest_in)) {}
  HandoffId handoff;
  std::string key;  // unique: the same notice received twice is found known
  Fact fact;
  std::string digest;  // of the bytes received, to tell a repetition from a clash; may be empty
};

// A claimed job as it is now.
struct JobUpdate {
  JobUpdate(Job job_in, std::uint64_t token_in, bool release_in)
      : job(std::move(job_in)), token(token_in), release(release_in) {}
  Job job;
  std::uint64_t token;
  bool release;  // gives the lease back
};

// All or nothing. An ended job's order as a fact, a handoff's sequence and previous one, and the
// next version of a moved handoff are given by the journal.
struct Batch {
  std::optional<Handoff> opens;  // refused if its conversation has an open handoff
  std::optional<Handoff> moves;  // replaces the version that it bears
  std::vector<NewFact> facts;
  std::vector<Job> jobs;  // new; a key that exists is stale
  std::vector<JobUpdate> updates;
  std::vector<std::uint64_t> consumes;  // facts, by their order; twice is stale
  std::vector<Job> replays;             // dead letters or failed reads that a person sends again
  std::vector<LaneState> lanes;         // replaced
  std::vector<AuditEntry> audit;        // appended
  std::vector<Document> documents;      // replace the versions that they bear; another version is stale
};

enum class Verdict {
  done,
  fact_known,         // some fact's key is already there
  conversation_open,  // `opens` would be the second open handoff of its conversation
  stale,              // a fence, a version or another unique key did not match
};

struct Committed {
  explicit Committed(Verdict verdict_in) : verdict(verdict_in) {}
  bool done() const { return verdict == Verdict::done; }

  Verdict verdict;
  HandoffId handoff;   // fact_known: the one it belongs to; conversation_open: the open one
  std::string digest;  // fact_known: of the bytes received then
};

// A handoff and all that belongs to it.
struct Record {
  explicit Record(Handoff handoff_in) : handoff(std::move(handoff_in)) {}
  Handoff handoff;
  std::vector<Fact> facts;  // from outside, all of them, in order
  std::vector<Job> jobs;    // in order of creation
};

// Which handoffs: all given parts must match; newest first.
struct HandoffQuery {
  std::optional<WorkspaceId> workspace;
  std::optional<ConversationId> conversation;
  std::optional<std::pair<DestinationId, std::string>> object;  // a receipt's object_id there
  std::optional<State> state;
  bool open_only = false;
  std::optional<TimePoint> from, to;  // requested_at in [from, to)
  bool own = false;                   // also cases of Baton's own; given a conversation or object, always
  HandoffId before;                   // continue after this one; empty: from the newest
  int limit = 100;
  bool question_only = false;  // of each no more is needed than decode_question() reads
};

// What figures are made of; newest first, without the cases that Baton opens for itself.
struct OutlineQuery {
  std::optional<TimePoint> from, to;  // requested_at in [from, to)
  std::uint64_t before = 0;           // continue after this position; 0: from the newest
  int limit = 500;
};

struct OutlinePage {
  std::vector<Outline> outlines;
  std::uint64_t next = 0;  // the position to continue after; 0: that was all
};

// Which jobs: all given parts must match; in order of creation.
struct JobQuery {
  bool empty() const {  // matches everything: replays refuse it
    return !state && !lane && !operation && !handoff && !failure && !from && !to;
  }
  std::optional<JobState> state;
  std::optional<Lane> lane;
  std::optional<Operation> operation;
  std::optional<HandoffId> handoff;
  std::optional<FailureKind> failure;  // the latest
  std::optional<TimePoint> from, to;   // created_at in [from, to)
  std::uint64_t after = 0;             // continue after this position
  int limit = 100;
};

struct JobPage {
  std::vector<Job> jobs;
  std::uint64_t next = 0;  // the position to continue after; 0: that was all
};

// By kind, in the order of their keys.
struct DocumentQuery {
  explicit DocumentQuery(std::string kind_in, std::string prefix_in = {}, std::string after_in = {},
                         int limit_in = 100)
      : kind(std::move(kind_in)), prefix(std::move(prefix_in)), after(std::move(after_in)), limit(limit_in) {}
  std::string kind;
  std::string prefix;  // of the key; the whole key for one
  std::string after;   // continue after this key
  int limit;
};

// Not a queue: the name under which changed() tells that people paused or resumed something.
inline Lane lanes_lane() { return Lane("lanes"); }

// Nor this one: it rings when some document of this kind was replaced or removed.
inline Lane documents_lane(const std::string& kind) { return Lane("documents/" + kind); }

class Journal {
 public:
  virtual ~Journal() = default;

  virtual Task<Committed> commit(Batch batch) = 0;

  // Whether the store takes what it is given, now: writes and commits something small.
  virtual Task<Done> probe() {
    const auto committed = co_await commit(Batch());
    if (!committed) co_return committed.error();
    co_return Done{};
  }

  // Up to `limit` jobs of the lane that are due, each leased for `lease`. A delivery is passed
  // over while an earlier one of the same conversation and lane is pending; reads have no order. A
  // plan job is due at its time, and at once while its handoff has facts that nobody has consumed:
  // so no wake-up can be lost.
  // `only` narrows it to reads, which fail at once while a breaker is open; or to deliveries whether due
  // or not, the next ones first, of which a breaker's probe is made.
  virtual Task<Claim> claim(Lane lane, int limit, Duration lease, Take only = Take::all) = 0;

  // `rejected` if there is none.
  virtual Task<Record> load(HandoffId handoff) = 0;
  virtual Task<std::vector<Handoff>> query(HandoffQuery query) = 0;
  virtual Task<OutlinePage> query(OutlineQuery query) = 0;
  virtual Task<JobPage> query(JobQuery query) = 0;
  virtual Task<std::uint64_t> count(JobQuery query) = 0;  // whatever its limit says
  virtual Task<std::vector<LaneState>> lanes() = 0;
  virtual Task<std::vector<AuditEntry>> audit(int limit) = 0;  // newest first
  virtual Task<std::vector<Document>> query(DocumentQuery query) = 0;

  // Rings after each commit that may give this lane something to do (a new, released, replayed or
  // ended job, for the planner's lane also a fact), and when another node says so. lanes_lane()
  // rings when some LaneState was replaced. Rings and waits on the journal's home loop, the one that
  // stations run on.
  virtual Bell& changed(const Lane& lane) = 0;
};

}  // namespace baton
