// Purpose: the journal in memory, for tests and the simulator; the measure of the other adapters.
// Owner: the test owns the MemoryStore, which outlives any number of MemoryJournals, as a file
// outlives processes. Threads: one loop. Errors: only load() and query() of a handoff that does not
// exist fail, as `rejected`.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "gateway/journal/bells.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/maintenance.h"
#include "gateway/journal/plan_order.h"

namespace baton {

// Every row once, and an index for each question. Orders, positions and tokens are numbers from
// one sequence, so each names one thing for ever.
struct MemoryStore {
  // Where a job stands in its lane: reads before all else, then by due time. A plan job whose
  // handoff has news is due before all times, in the order of plan_order.h.
  using Place = std::tuple<int, TimePoint, std::uint64_t>;
  using Conversation = std::pair<ConversationId, WorkspaceId>;

  struct HandoffRow {
    std::shared_ptr<const Handoff> handoff;  // shared with what was claimed; a move replaces it
    std::uint64_t created = 0;
    std::vector<std::uint64_t> facts;  // their orders
    std::vector<std::uint64_t> jobs;   // their positions
    std::set<std::uint64_t> news;      // orders of unconsumed facts, ended jobs among them
    std::uint64_t plan = 0;            // the plan job's position; 0 if there is none
    std::int64_t turn = 0;             // of a plan with news: its place in the PlanOrder; else 0
    int swept = 0;                     // how many stages it has lost
  };
  struct FactRow {
    HandoffId handoff;
    std::string key;
    std::string digest;
    Fact fact;
    bool consumed = false;
  };
  struct JobRow {
    Job job;
    Lease lease;
    std::uint64_t ended = 0;     // its order as a fact; 0 while it is pending
    std::optional<Place> place;  // none while it cannot be claimed, whatever the time
  };
  struct ConversationRow {
    HandoffId open;                                // empty: none
    std::vector<HandoffId> handoffs;               // in order
    std::map<Lane, std::set<std::uint64_t>> line;  // pending deliveries; the first may be claimed
  };

  // How many rows one handoff takes in the journal.
  int rows(const HandoffId& handoff) const;
  // What the restart of the only process does to its leases; nodes that share a store keep theirs.
  void end_leases();

  std::map<HandoffId, HandoffRow> handoffs;
  std::map<std::uint64_t, HandoffId> by_creation;
  std::map<Conversation, ConversationRow> conversations;
  std::map<std::uint64_t, FactRow> facts;  // by order
  std::unordered_map<std::string, std::uint64_t> fact_orders;
  std::map<std::uint64_t, JobRow> jobs;  // by position: in order of creation
  std::map<JobKey, std::uint64_t> positions;
  std::map<std::uint64_t, std::uint64_t> ended;  // order as a fact to position
  std::map<Lane, std::map<Place, std::uint64_t>> places;
  std::map<std::pair<Lane, std::string>, std::set<std::uint64_t>> objects;  // to jobs by position
  std::map<Lane, LaneState> lanes;
  std::map<std::pair<std::string, std::string>, Document> documents;        // by kind and key
  std::map<std::pair<std::string, std::string>, TimePoint> document_times;  // when each was last replaced
  std::vector<AuditEntry> audit;
  PlanOrder plan_order;
  std::uint64_t last_number = 0;
};

class MemoryJournal final : public Journal, public Maintenance {
 public:
  MemoryJournal(MemoryStore& store, Clock& clock) : store_(store), clock_(clock) {}

  Task<Committed> commit(Batch batch) override;
  Task<Claim> claim(Lane lane, int limit, Duration lease, Take only = Take::all) override;
  Task<Record> load(HandoffId handoff) override;
  Task<std::vector<Handoff>> query(HandoffQuery query) override;
  Task<OutlinePage> query(OutlineQuery query) override;
  Task<JobPage> query(JobQuery query) override;
  Task<std::uint64_t> count(JobQuery query) override;
  Task<std::vector<LaneState>> lanes() override;
  Task<std::vector<AuditEntry>> audit(int limit) override;
  Task<std::vector<Document>> query(DocumentQuery query) override;
  Bell& changed(const Lane& lane) override { return bells_.of(lane); }
  Task<Swept> sweep(Cutoffs before, SweepPlace from, int limit) override;
  Task<Erased> erase(Person person) override;

 private:
  Claimed hand_out(std::uint64_t position, Duration lease);

  MemoryStore& store_;
  Clock& clock_;
  Bells bells_;
};

}  // namespace baton
