#include "gateway/journal/sqlite/sqlite.h"

#include <algorithm>

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
    if (parts_.writer.behind()) encoded.shed();
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
  Task<OutlinePage> query(OutlineQuery query) override {
    return ask<OutlinePage>([query](auto& db) { return sqlite::ask(db, query); });
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
  Task<FsckReport> repair(FsckReport report);
  Task<Swept> sweep(Cutoffs before, SweepPlace from, int limit);
  Task<Erased> erase(Person person);
  Bell& changed(const Lane& lane) override { return parts_.bells->of(lane); }

 private:
  Task<Done> act(std::function<void(sqlite::Ledger&)> what, bool empties_log = false) {
    co_return co_await from_thread<Done>(clock_, [&](Handback<Done> handback) {
      parts_.writer.push(sqlite::UpkeepWork(std::move(what), empties_log, std::move(handback)));
    });
  }
  Task<std::uint64_t> erase_handoffs(Person person);
  Task<std::uint64_t> redact_all(Person person);
  Task<Done> empty_log();

  template <class T>
  Task<T> ask(std::function<Result<T>(sqlite::Database&)> question) {
    co_return co_await from_thread<T>(
        clock_, [&](Handback<T> handback) { parts_.reader.push(std::move(question), std::move(handback)); });
  }

  SqliteJournal::Parts& parts_;
  Clock& clock_;
};

// What the writer finds out while it acts.
template <class T>
std::shared_ptr<T> place_for_answer() {
  return std::make_shared<T>();  // shared with the writer, which may still act when nobody waits any more
}

Task<Swept> View::sweep(Cutoffs before, SweepPlace from, int limit) {
  const auto swept = place_for_answer<Swept>();
  std::function<void(sqlite::Ledger&)> step = [=](sqlite::Ledger& ledger) {
    *swept = ledger.sweep(before, from, limit);
  };
  const auto done = co_await act(std::move(step));
  if (!done) co_return done.error();
  co_return *swept;
}

// Set aside some at a time; an index that does not fit its table is made anew.
Task<FsckReport> View::repair(FsckReport report) {
  constexpr std::size_t kAtOnce = 64;
  for (std::size_t from = 0; from < report.found.size(); from += kAtOnce) {
    const auto to = std::min(from + kAtOnce, report.found.size());
    std::vector<Damage> some(report.found.begin() + static_cast<std::ptrdiff_t>(from),
                             report.found.begin() + static_cast<std::ptrdiff_t>(to));
    std::function<void(sqlite::Ledger&)> step = [some = std::move(some)](sqlite::Ledger& ledger) {
      ledger.set_aside(some);
    };
    const auto done = co_await act(std::move(step));
    if (!done) co_return done.error();
  }
  if (!report.structure.empty()) {
    std::function<void(sqlite::Ledger&)> step = [](sqlite::Ledger& ledger) { ledger.make_anew(); };
    const auto done = co_await act(std::move(step));
    if (!done) co_return done.error();
  }
  co_return co_await fsck();
}

Task<Erased> View::erase(Person person) {
  Erased erased;
  const auto handoffs = co_await erase_handoffs(person);
  if (!handoffs) co_return handoffs.error();
  erased.handoffs = *handoffs;
  const auto mentions = co_await redact_all(person);
  if (!mentions) co_return mentions.error();
  erased.mentions = *mentions;
  const auto emptied = co_await empty_log();
  if (!emptied) co_return emptied.error();
  co_return erased;
}

Task<std::uint64_t> View::erase_handoffs(Person person) {
  std::uint64_t count = 0;
  sqlite::Search at;
  do {
    const auto from = at.from;
    std::function<Result<sqlite::Search>(sqlite::Database&)> question = [=](sqlite::Database& db) {
      return sqlite::search(db, from, person);
    };
    auto found = co_await ask<sqlite::Search>(std::move(question));
    if (!found) co_return found.error();
    at = std::move(*found);
    for (const auto& row : at.found) {
      std::function<void(sqlite::Ledger&)> step = [no = row.no, now = clock_.now()](sqlite::Ledger& ledger) {
        ledger.erase({no}, now);
      };
      const auto done = co_await act(std::move(step));
      if (!done) co_return done.error();
      ++count;
    }
  } while (at.more);
  co_return count;
}

Task<std::uint64_t> View::redact_all(Person person) {
  using enum StoredRow::Table;
  const Spellings spellings(person);
  std::uint64_t count = 0;
  if (spellings.empty()) co_return count;
  for (const auto table : {handoffs, facts, jobs, documents, lanes, audit}) {
    sqlite::Search at;
    at.from.table = table;
    do {
      const auto from = at.from;
      std::function<Result<sqlite::Search>(sqlite::Database&)> question = [=](sqlite::Database& db) {
        return sqlite::search(db, from, spellings);
      };
      auto found = co_await ask<sqlite::Search>(std::move(question));
      if (!found) co_return found.error();
      at = std::move(*found);
      count += at.found.size();
      if (at.found.empty()) continue;
      std::function<void(sqlite::Ledger&)> step = [rows = at.found, spellings](sqlite::Ledger& ledger) {
        ledger.redact(rows, spellings);
      };
      const auto done = co_await act(std::move(step));
      if (!done) co_return done.error();
    } while (at.more);
  }
  co_return count;
}

// Whoever reads in the log keeps it, a backup for as long as it takes.
Task<Done> View::empty_log() {
  constexpr auto kPatience = Duration{40s}, kPause = Duration{250ms};
  const auto deadline = clock_.now() + kPatience;
  for (;;) {
    std::function<void(sqlite::Ledger&)> nothing = [](sqlite::Ledger&) {};
    const auto emptied = co_await act(std::move(nothing), true);
    if (emptied || clock_.now() >= deadline) co_return emptied;
    (void)co_await clock_.until(clock_.now() + kPause);
  }
}

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
Task<OutlinePage> SqliteJournal::query(OutlineQuery query) { return at_home_->query(query); }
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
Task<FsckReport> SqliteJournal::repair(FsckReport report) {
  return view(*at_home_).repair(std::move(report));
}
Task<Swept> SqliteJournal::sweep(Cutoffs before, SweepPlace from, int limit) {
  return view(*at_home_).sweep(before, from, limit);
}
Task<Erased> SqliteJournal::erase(Person person) { return view(*at_home_).erase(std::move(person)); }
std::uint64_t SqliteJournal::damaged() const { return parts_->writer.damaged(); }
JournalFigures SqliteJournal::figures() const { return parts_->writer.figures(); }

}  // namespace baton
