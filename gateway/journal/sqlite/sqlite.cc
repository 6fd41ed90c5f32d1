#include "gateway/journal/sqlite/sqlite.h"

#include "gateway/base/handback.h"
#include "gateway/journal/sqlite/connection.h"
#include "gateway/journal/sqlite/questions.h"
#include "gateway/journal/sqlite/reader.h"
#include "gateway/journal/sqlite/writer.h"

namespace baton {

// Destroyed from the bottom: the reader first, so that the writer's is the last connection, which
// empties the log; the lock last.
struct SqliteJournal::Parts {
  Parts(sqlite::StoreLock lock_in, std::unique_ptr<sqlite::Database> db, const SqliteOptions& options,
        Loop& home_in)
      : lock(std::move(lock_in)), home(home_in.get_executor()), bells(std::make_shared<Bells>()),
        writer(std::move(db), options, [this](std::set<Lane> lanes) { ring(std::move(lanes)); }),
        reader(sqlite::file_of(options), options.vfs, static_cast<std::size_t>(options.max_queued)) {}

  void ring(std::set<Lane> lanes) {
    net::post(home, [rung = bells, lanes = std::move(lanes)] { rung->ring(lanes); });
  }

  sqlite::StoreLock lock;
  net::any_io_executor home;
  std::shared_ptr<Bells> bells;  // shared with rings that are still on their way to the home loop
  sqlite::Writer writer;
  sqlite::Reader reader;
};

namespace {

// What one loop sees of the journal.
class View final : public Journal {
 public:
  View(SqliteJournal::Parts& parts, Clock& clock) : parts_(parts), clock_(clock) {}

  Task<Committed> commit(Batch batch) override {
    sqlite::Encoded encoded(std::move(batch));
    co_return co_await from_thread<Committed>(clock_, [&](Handback<Committed> handback) {
      parts_.writer.push(sqlite::CommitWork(std::move(encoded), clock_.now(), std::move(handback)));
    });
  }
  Task<Claim> claim(Lane lane, int limit, Duration lease, Take only) override {
    co_return co_await from_thread<Claim>(clock_, [&](Handback<Claim> handback) {
      sqlite::Demand demand{std::move(lane), limit, lease, only, clock_.now()};
      parts_.writer.push(sqlite::ClaimWork(std::move(demand), std::move(handback)));
    });
  }
  Task<Done> probe() override {
    co_return co_await from_thread<Done>(
        clock_, [&](Handback<Done> handback) { parts_.writer.push(sqlite::ProbeWork(std::move(handback))); });
  }

  Task<Record> load(HandoffId handoff) override {
    return ask<Record>([handoff = std::move(handoff)](auto& db) { return sqlite::load(db, handoff); });
  }
  Task<std::vector<Handoff>> query(HandoffQuery query) override {
    return ask<std::vector<Handoff>>([query = std::move(query)](auto& db) { return sqlite::ask(db, query); });
  }
  Task<JobPage> query(JobQuery query) override {
    return ask<JobPage>([query = std::move(query)](auto& db) { return sqlite::ask(db, query); });
  }
  Task<std::uint64_t> count(JobQuery query) override {
    return ask<std::uint64_t>([query = std::move(query)](auto& db) { return sqlite::count(db, query); });
  }
  Task<std::vector<LaneState>> lanes() override {
    return ask<std::vector<LaneState>>([](auto& db) { return sqlite::lanes(db); });
  }
  Task<std::vector<AuditEntry>> audit(int limit) override {
    return ask<std::vector<AuditEntry>>([limit](auto& db) { return sqlite::audit(db, limit); });
  }
  Task<std::vector<Document>> query(DocumentQuery query) override {
    return ask<std::vector<Document>>(
        [query = std::move(query)](auto& db) { return sqlite::ask(db, query); });
  }
  Task<FsckReport> fsck() {
    return ask<FsckReport>([](auto& db) { return sqlite::fsck(db); });
  }
  Bell& changed(const Lane& lane) override { return parts_.bells->of(lane); }

 private:
  template <class T>
  Task<T> ask(std::function<Result<T>(sqlite::Database&)> question) {
    co_return co_await from_thread<T>(
        clock_, [&](Handback<T> handback) { parts_.reader.push(std::move(question), std::move(handback)); });
  }

  SqliteJournal::Parts& parts_;
  Clock& clock_;
};

View& view(Journal& journal) { return static_cast<View&>(journal); }

}  // namespace

SqliteJournal::SqliteJournal(std::unique_ptr<Parts> parts, Clock& clock)
    : parts_(std::move(parts)), at_home_(std::make_unique<View>(*parts_, clock)) {}

SqliteJournal::~SqliteJournal() = default;

Result<std::unique_ptr<SqliteJournal>> SqliteJournal::open(SqliteOptions options, Loop& home, Clock& clock) {
  auto lock = sqlite::StoreLock::take(options.directory);
  if (!lock) return lock.error();
  auto db = sqlite::open_for_writing(options);
  if (!db) return db.error();
  try {
    auto parts = std::make_unique<Parts>(std::move(*lock), std::move(*db), options, home);
    return std::unique_ptr<SqliteJournal>(new SqliteJournal(std::move(parts), clock));
  } catch (const sqlite::SqlError& error) {
    return Failure(FailureKind::misconfigured, "the journal cannot be opened: " + error.what);
  }
}

ExitCode SqliteJournal::exit_code(const Failure& open_failure) {
  if (open_failure.kind == FailureKind::retryable) return ExitCode::store_in_use;
  if (open_failure.kind == FailureKind::rejected) return ExitCode::journal_newer;
  return ExitCode::journal_failed;
}

Task<Committed> SqliteJournal::commit(Batch batch) { return at_home_->commit(std::move(batch)); }
Task<Claim> SqliteJournal::claim(Lane lane, int limit, Duration lease, Take only) {
  return at_home_->claim(std::move(lane), limit, lease, only);
}
Task<Record> SqliteJournal::load(HandoffId handoff) { return at_home_->load(std::move(handoff)); }
Task<std::vector<Handoff>> SqliteJournal::query(HandoffQuery query) {
  return at_home_->query(std::move(query));
}
Task<JobPage> SqliteJournal::query(JobQuery query) { return at_home_->query(std::move(query)); }
Task<std::uint64_t> SqliteJournal::count(JobQuery query) { return at_home_->count(std::move(query)); }
Task<std::vector<LaneState>> SqliteJournal::lanes() { return at_home_->lanes(); }
Task<std::vector<AuditEntry>> SqliteJournal::audit(int limit) { return at_home_->audit(limit); }
Task<std::vector<Document>> SqliteJournal::query(DocumentQuery query) {
  return at_home_->query(std::move(query));
}
Bell& SqliteJournal::changed(const Lane& lane) { return at_home_->changed(lane); }

std::unique_ptr<Journal> SqliteJournal::on(Clock& clock) { return std::make_unique<View>(*parts_, clock); }
Task<Done> SqliteJournal::probe() { return at_home_->probe(); }
Task<FsckReport> SqliteJournal::fsck() { return view(*at_home_).fsck(); }
std::uint64_t SqliteJournal::damaged() const { return parts_->writer.damaged(); }
JournalFigures SqliteJournal::figures() const { return parts_->writer.figures(); }

}  // namespace baton
