#include "gateway/journal/sqlite/statements.h"

namespace baton::sqlite {

// INDEXED BY is a promise kept by SQLite itself: a query whose index is gone does not run slowly,
// it fails in the first test.
Statements::Statements(Database& db)
    : begin(db, "BEGIN"), commit(db, "COMMIT"), savepoint(db, "SAVEPOINT batch"),
      release(db, "RELEASE batch"), undo(db, "ROLLBACK TO batch"),
      reserve(db, "UPDATE meta SET value = ?1 WHERE name = 'numbers'"),
      probe(db, "UPDATE meta SET value = value + 1 WHERE name = 'probe'"),

      handoff_by_id(db,
                    "SELECT no, id, thread, sequence, previous, version, crc, record FROM handoffs"
                    " WHERE id = ?1"),
      handoff_by_no(db,
                    "SELECT no, id, thread, sequence, previous, version, crc, record FROM handoffs"
                    " WHERE no = ?1"),
      latest_of_conversation(
          db,
          "SELECT open, id, sequence, thread FROM handoffs INDEXED BY handoffs_conversation"
          " WHERE conversation = ?1 AND source = ?2 AND workspace = ?3"
          " ORDER BY open DESC, sequence DESC LIMIT 1"),
      open_handoff(db,
                   "INSERT INTO handoffs (no, id, workspace, source, conversation, thread, open, sequence,"
                   " previous, version, state, requested_at, crc, record)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 0, ?10, ?11, ?12, ?13)"
                   " ON CONFLICT DO NOTHING"),
      move_handoff(db,
                   "UPDATE handoffs SET version = ?2 + 1, state = ?3, open = ?4, crc = ?5, record = ?6"
                   " WHERE no = ?1 AND version = ?2"),

      add_fact(db,
               "INSERT INTO facts (no, handoff, key, digest, consumed, crc, record)"
               " VALUES (?1, ?2, ?3, ?4, 0, ?5, ?6) ON CONFLICT DO NOTHING"),
      fact_by_key(db,
                  "SELECT h.id, f.digest FROM facts f JOIN handoffs h ON h.no = f.handoff WHERE f.key = ?1"),
      fact_by_no(db, "SELECT handoff, consumed FROM facts WHERE no = ?1"),
      consume_fact(db, "UPDATE facts SET consumed = ?2 WHERE no = ?1"),
      first_news_fact(db,
                      "SELECT no FROM facts INDEXED BY facts_handoff WHERE handoff = ?1 AND consumed = 0"
                      " ORDER BY no LIMIT 1"),
      news_facts(db,
                 "SELECT no, handoff, key, digest, crc, record FROM facts INDEXED BY facts_handoff"
                 " WHERE handoff = ?1 AND consumed = 0 ORDER BY no LIMIT ?2"),

      add_job(db,
              "INSERT INTO jobs (no, handoff, lane, work, sequence, state, rank, due, place, line, news,"
              " consumed, object, failure, created_at, crc, record)"
              " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL, ?11, ?12, ?13, ?14, ?15, ?16)"
              " ON CONFLICT DO NOTHING"),
      job_by_key(
          db, "SELECT no, state FROM jobs WHERE handoff = ?1 AND lane = ?2 AND work = ?3 AND sequence = ?4"),
      job_to_claim(db,
                   "SELECT no, handoff, lane, work, sequence, consumed, news, crc, record FROM jobs"
                   " WHERE no = ?1"),
      places(db,
             "SELECT no, place FROM jobs INDEXED BY jobs_lane WHERE lane = ?1 AND rank = ?2"
             " ORDER BY place, no"),
      // An index is maintained when a statement names its column, changed or not: so this one, which
      // journals intents and backoff, names as few as it can.
      keep_pending(db,
                   "UPDATE jobs SET due = ?2, place = ?3, object = ?4, failure = ?5, crc = ?6, record = ?7"
                   " WHERE no = ?1"),
      update_job(db,
                 "UPDATE jobs SET state = ?2, rank = ?3, due = ?4, place = ?5, line = ?6, news = ?7,"
                 " consumed = 0, object = ?8, failure = ?9, crc = ?10, record = ?11 WHERE no = ?1"),
      job_of_news(db, "SELECT no FROM jobs INDEXED BY jobs_news WHERE handoff = ?1 AND news = ?2"),
      job_of_any_news(db, "SELECT no, handoff FROM jobs INDEXED BY jobs_news WHERE news = ?1"),
      consume_news(db, "UPDATE jobs SET consumed = ?2, news = NULL WHERE no = ?1"),
      first_news_job(db,
                     "SELECT news FROM jobs INDEXED BY jobs_news WHERE handoff = ?1 AND news IS NOT NULL"
                     " ORDER BY news LIMIT 1"),
      news_jobs(db,
                "SELECT no, handoff, lane, work, sequence, consumed, news, crc, record FROM jobs"
                " INDEXED BY jobs_news WHERE handoff = ?1 AND news IS NOT NULL ORDER BY news LIMIT ?2"),
      wake_plan(db,
                "UPDATE jobs SET place = coalesce(?2, due),"
                " rank = CASE WHEN ?2 IS NOT NULL OR state = 'pending' THEN 1 END"
                " WHERE handoff = ?1 AND lane = 'planner' AND work = 'plan' AND state <> 'damaged'"),
      place_of_plan(db,
                    "SELECT place FROM jobs WHERE handoff = ?1 AND lane = 'planner' AND work = 'plan'"
                    " AND state <> 'damaged'"),
      first_in_line(db,
                    "SELECT no FROM jobs INDEXED BY jobs_line WHERE line = ?1 AND lane = ?2"
                    " ORDER BY no LIMIT 1"),
      rank_job(db, "UPDATE jobs SET rank = ?2 WHERE no = ?1"),
      line_of_job(db, "SELECT line, lane FROM jobs WHERE no = ?1"),
      set_job_aside(db, "UPDATE jobs SET state = 'damaged', rank = NULL, line = NULL WHERE no = ?1"),
      put_lane(db, "INSERT OR REPLACE INTO lanes (lane, crc, record) VALUES (?1, ?2, ?3)"),
      add_audit(db, "INSERT INTO audit (crc, record) VALUES (?1, ?2)"),

      document_version(db, "SELECT version FROM documents WHERE kind = ?1 AND key = ?2"),
      put_document(db,
                   "INSERT OR REPLACE INTO documents (kind, key, version, crc, record, changed_at)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
      remove_document(db, "DELETE FROM documents WHERE kind = ?1 AND key = ?2") {}

}  // namespace baton::sqlite
