// Purpose: the journal in one SQLite file: one process, one writing connection, group commit.
// Owner: app/. Threads: the port's calls on the home loop; from other loops through on(). Inside:
// a writer ("journal") and a reader ("journal-read"), joined by the destructor after they have
// answered what was asked. All loops must outlive it.
// Errors: `retryable` when a queue or the disk is full; a failed write, fsync or a corrupt file
// ends the process with ExitCode::journal_failed, so that no false success is possible.
#pragma once

#include <memory>

#include "gateway/base/check.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/sqlite/figures.h"
#include "gateway/journal/maintenance.h"
#include "gateway/journal/sqlite/fsck.h"
#include "gateway/journal/sqlite/options.h"

namespace baton {

class SqliteJournal final : public Journal, public Maintenance {
 public:
  // Fails as `retryable` if another process owns the directory, as `rejected` if a newer Baton
  // wrote it, as `misconfigured` if it cannot be used; nothing was changed then.
  static Result<std::unique_ptr<SqliteJournal>> open(SqliteOptions options, Loop& home, Clock& clock);
  // With which status the process should end after a failed open().
  static ExitCode exit_code(const Failure& open_failure);
  ~SqliteJournal() override;

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
  Bell& changed(const Lane& lane) override;

  Task<Swept> sweep(Cutoffs before, SweepPlace from, int limit) override;
  Task<Erased> erase(Person person) override;

  // The same journal for another loop, whose clock this is. Its bells are the home loop's.
  std::unique_ptr<Journal> on(Clock& clock);

  Task<Done> probe() override;
  // Reads every row; takes as long as that takes, on the reader.
  Task<FsckReport> fsck();
  // Sets aside what `report` names and makes the indexes anew if they do not fit; then looks again. Where
  // the structure is still wrong afterwards only a backup helps.
  Task<FsckReport> repair(FsckReport report);
  // Damaged rows met by claims since the start; they were set aside, nothing was deleted.
  std::uint64_t damaged() const;
  JournalFigures figures() const;  // on any thread

  struct Parts;

 private:
  SqliteJournal(std::unique_ptr<Parts> parts, Clock& clock);

  std::unique_ptr<Parts> parts_;
  std::unique_ptr<Journal> at_home_;
};

}  // namespace baton
