#include "gateway/journal/sqlite/questions.h"

#include <algorithm>
#include <variant>

#include "gateway/journal/sqlite/records.h"
#include "gateway/model/codec.h"

namespace baton::sqlite {
namespace {

using Value = std::variant<std::int64_t, std::string>;

// A WHERE clause that grows; its values are bound, never written into the text.
class Conditions {
 public:
  void add(const std::string& condition, std::initializer_list<Value> values = {}) {
    text_ += (text_.empty() ? " WHERE " : " AND ") + condition;
    values_.insert(values_.end(), values);
  }
  void add_range(const std::string& column, const std::optional<TimePoint>& from,
                 const std::optional<TimePoint>& to) {
    if (from) add(column + " >= ?", {from->time_since_epoch().count()});
    if (to) add(column + " < ?", {to->time_since_epoch().count()});
  }
  const std::string& text() const { return text_; }
  Rows rows(Database& db, Statement& statement) const {
    int at = 0;
    for (const auto& value : values_) {
      std::visit([&](const auto& it) { statement.bind(at + 1, it); }, value);
      ++at;
    }
    return Rows(db, statement.handle());
  }

 private:
  std::string text_;
  std::vector<Value> values_;
};

Conditions conditions_of(const JobQuery& query) {
  Conditions where;
  if (query.after != 0) where.add("j.no > ?", {static_cast<std::int64_t>(query.after)});
  if (query.state) where.add("j.state = ?", {std::string(name(*query.state))});
  // Said again as a constant, so that SQLite sees that its index of troubled jobs will do.
  if (query.state == JobState::dead || query.state == JobState::failed) {
    where.add("j.state IN ('failed', 'dead', 'damaged')");
  }
  if (query.lane) where.add("j.lane = ?", {query.lane->text});
  // Whatever is pending can be claimed or stands in line; the lanes' index knows all of them. Without a lane
  // SQLite would rather read every job that ever was.
  if (query.lane && query.state == JobState::pending) where.add("j.rank IS NOT NULL");
  if (!query.lane && query.state == JobState::pending)
    where.add("j.no IN (SELECT no FROM jobs INDEXED BY jobs_lane WHERE rank IS NOT NULL)");
  if (query.operation) where.add("j.work = ?", {std::string(name(*query.operation))});
  if (query.handoff) where.add("j.handoff = (SELECT no FROM handoffs WHERE id = ?)", {query.handoff->text});
  if (query.failure) where.add("j.failure = ?", {std::string(name(*query.failure))});
  where.add_range("j.created_at", query.from, query.to);
  return where;
}

Conditions conditions_of(const HandoffQuery& query) {
  Conditions where;
  if (query.workspace) where.add("workspace = ?", {query.workspace->text});
  if (query.conversation) {
    where.add("conversation = ? AND source = ?", {query.conversation->text, query.conversation->source});
  }
  if (query.object) {
    where.add("no IN (SELECT handoff FROM jobs INDEXED BY jobs_object WHERE object = ? AND lane = ?)",
              {query.object->second, query.object->first.text});
  }
  if (query.state) where.add("state = ?", {std::string(name(*query.state))});
  if (query.open_only || (query.state && is_open(*query.state))) where.add("open = 1");
  where.add_range("requested_at", query.from, query.to);
  if (!query.own && !query.conversation && !query.object) where.add("substr(source, 1, 6) <> 'baton:'");
  return where;
}

Failure unknown(const HandoffId& handoff) {
  return Failure(FailureKind::rejected, "there is no handoff " + handoff.text);
}

template <class T, class Decode>
std::vector<T> decoded(Rows& rows, const Decode& decode) {
  std::vector<T> all;
  while (rows.next()) {
    if (std::int64_t{crc_of(rows.text(1))} != rows.integer(0)) continue;
    if (auto value = decode(rows.text(1))) all.push_back(std::move(*value));
  }
  return all;
}

// Reads up to `limit` rows of which the first column is their position; there must be one more if there is a
// next page. Returns the position to continue after, which was `last` before the first row; 0: that was all.
// A row that `read` drops makes the page shorter, and does not end the list.
template <class Read>
std::uint64_t read_page(Rows rows, int limit, std::uint64_t last, const Read& read) {
  for (int seen = 0; rows.next(); ++seen) {
    if (seen == limit) return last;
    last = rows.number(0);
    read(rows);
  }
  return 0;
}

constexpr std::string_view kHandoff =
    "SELECT no, id, thread, sequence, previous, version, crc, record FROM handoffs";

constexpr std::string_view kJobWithHandoff =
    "SELECT j.no, j.handoff, j.lane, j.work, j.sequence, j.consumed, j.news, j.crc, j.record, h.id"
    " FROM jobs j JOIN handoffs h ON h.no = j.handoff";

}  // namespace

Result<baton::Record> load(Database& db, const HandoffId& id) {
  db.run("BEGIN");  // one picture of all three tables
  struct End {
    Database& db;
    ~End() { sqlite3_exec(db.handle(), "COMMIT", nullptr, nullptr, nullptr); }
  } const end{db};
  Statement find(db, std::string(kHandoff) + " WHERE id = ?1");
  auto found = find.rows(id.text);
  if (!found.next()) return unknown(id);
  auto handoff = read_handoff(found);
  if (!handoff)
    return Failure(FailureKind::rejected, "the record of handoff " + id.text + " is damaged: run fsck");
  const auto no = found.number(0);
  baton::Record record(std::move(*handoff));
  Statement facts(db,
                  "SELECT no, handoff, key, digest, crc, record FROM facts INDEXED BY facts_handoff"
                  " WHERE handoff = ?1 ORDER BY no");
  for (auto rows = facts.rows(no); rows.next();) {
    if (auto fact = read_fact(rows)) record.facts.push_back(std::move(*fact));
  }
  Statement jobs(db,
                 "SELECT no, handoff, lane, work, sequence, consumed, news, crc, record FROM jobs"
                 " INDEXED BY jobs_key WHERE handoff = ?1 ORDER BY no");
  for (auto rows = jobs.rows(no); rows.next();) {
    if (auto job = read_job(rows, id)) record.jobs.push_back(std::move(*job));
  }
  return record;
}

Result<std::vector<Handoff>> ask(Database& db, const HandoffQuery& query) {
  auto where = conditions_of(query);
  if (!query.before.empty()) {
    Statement find(db, "SELECT no FROM handoffs WHERE id = ?1");
    auto before = find.rows(query.before.text);
    if (!before.next()) return unknown(query.before);
    where.add("no < ?", {before.integer(0)});
  }
  // SQLite would take the index of open ones, which is in order, and read thousands to find one conversation.
  const auto* by = query.conversation ? " INDEXED BY handoffs_conversation" : "";
  Statement statement(db, std::string(kHandoff) + by + where.text() + " ORDER BY no DESC LIMIT " +
                              std::to_string(std::max(query.limit, 0)));
  std::vector<Handoff> handoffs;
  for (auto rows = where.rows(db, statement); rows.next();) {
    auto handoff = query.question_only ? read_question(rows) : read_handoff(rows);
    if (handoff) handoffs.push_back(std::move(*handoff));
  }
  return handoffs;
}

Result<OutlinePage> ask(Database& db, const OutlineQuery& query) {
  HandoffQuery which;
  which.from = query.from;
  which.to = query.to;
  auto where = conditions_of(which);
  if (query.before != 0) where.add("no < ?", {static_cast<std::int64_t>(query.before)});
  const auto limit = std::max(query.limit, 0);
  Statement statement(db, std::string(kHandoff) + where.text() + " ORDER BY no DESC LIMIT " +
                              std::to_string(std::int64_t{limit} + 1));
  OutlinePage page;
  page.outlines.reserve(static_cast<std::size_t>(std::min(limit, 1000)));
  page.next = read_page(where.rows(db, statement), limit, query.before, [&](const Rows& row) {
    if (auto outline = read_outline(row)) page.outlines.push_back(std::move(*outline));
  });
  return page;
}

Result<JobPage> ask(Database& db, const JobQuery& query) {
  const auto where = conditions_of(query);
  const auto limit = std::max(query.limit, 0);
  // The limit bounds what SQLite keeps while it sorts. A damaged row makes the page one shorter.
  Statement statement(db, std::string(kJobWithHandoff) + where.text() + " ORDER BY j.no LIMIT " +
                              std::to_string(std::int64_t{limit} + 1));
  JobPage page;
  page.next = read_page(where.rows(db, statement), limit, query.after, [&](const Rows& row) {
    if (auto job = read_job(row, HandoffId(std::string(row.text(9))))) page.jobs.push_back(std::move(*job));
  });
  return page;
}

Result<std::uint64_t> count(Database& db, const JobQuery& query) {
  const auto where = conditions_of(query);
  Statement statement(db, "SELECT count(*) FROM jobs j" + where.text());
  auto rows = where.rows(db, statement);
  return rows.next() ? rows.number(0) : 0;
}

Result<std::vector<LaneState>> lanes(Database& db) {
  Statement statement(db, "SELECT crc, record FROM lanes ORDER BY lane");
  auto rows = statement.rows();
  return decoded<LaneState>(rows, decode_lane);
}

Result<std::vector<AuditEntry>> audit(Database& db, int limit) {
  Statement statement(db, "SELECT crc, record FROM audit ORDER BY no DESC LIMIT ?1");
  auto rows = statement.rows(std::max(limit, 0));
  return decoded<AuditEntry>(rows, decode_audit);
}

Result<std::vector<Document>> ask(Database& db, const DocumentQuery& query) {
  Statement statement(db,
                      "SELECT kind, key, version, crc, record FROM documents"
                      " WHERE kind = ?1 AND key >= ?2 AND key > ?3 ORDER BY key LIMIT ?4");
  std::vector<Document> found;
  for (auto rows = statement.rows(query.kind, query.prefix, query.after, std::max(query.limit, 0));
       rows.next();) {
    if (!rows.text(1).starts_with(query.prefix)) break;
    if (auto document = read_document(rows)) found.push_back(std::move(*document));
  }
  return found;
}

}  // namespace baton::sqlite
