// Purpose: what a journal is that only changes some of another's calls: all others it passes on.
// Owner: the test. Threads: the inner journal's. Errors: the inner journal's.
#pragma once

#include <utility>

#include "gateway/journal/journal.h"

namespace baton {

class PassingJournal : public Journal {
 public:
  explicit PassingJournal(Journal& inner) : inner_(inner) {}

  Task<Committed> commit(Batch batch) override { return inner_.commit(std::move(batch)); }
  Task<Claim> claim(Lane lane, int limit, Duration lease, Take only) override {
    return inner_.claim(std::move(lane), limit, lease, only);
  }
  Task<Record> load(HandoffId handoff) override { return inner_.load(std::move(handoff)); }
  Task<std::vector<Handoff>> query(HandoffQuery query) override { return inner_.query(std::move(query)); }
  Task<OutlinePage> query(OutlineQuery query) override { return inner_.query(std::move(query)); }
  Task<JobPage> query(JobQuery query) override { return inner_.query(std::move(query)); }
  Task<std::uint64_t> count(JobQuery query) override { return inner_.count(std::move(query)); }
  Task<std::vector<LaneState>> lanes() override { return inner_.lanes(); }
  Task<std::vector<AuditEntry>> audit(int limit) override { return inner_.audit(limit); }
  Task<std::vector<Document>> query(DocumentQuery query) override { return inner_.query(std::move(query)); }
  Bell& changed(const Lane& lane) override { return inner_.changed(lane); }

 protected:
  Journal& inner_;
};

}  // namespace baton
