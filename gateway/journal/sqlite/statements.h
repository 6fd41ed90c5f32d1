// Purpose: every statement that the ledger runs, prepared once.
// Owner: the ledger. Threads: the writer's. Errors: SqlError when the tables are not there.
#pragma once

#include "gateway/journal/sqlite/database.h"

namespace baton::sqlite {

struct Statements {
  explicit Statements(Database& db);

  Statement begin, commit, savepoint, release, undo;
  Statement reserve, probe;

  Statement handoff_by_id, handoff_by_no, latest_of_conversation, open_handoff, move_handoff;

  Statement add_fact, fact_by_key, fact_by_no, consume_fact, first_news_fact, news_facts;

  Statement add_job, job_by_key, job_to_claim, places, keep_pending, update_job, job_of_news, job_of_any_news,
      consume_news, first_news_job, news_jobs, wake_plan, place_of_plan, first_in_line, rank_job, line_of_job,
      set_job_aside;

  Statement put_lane, add_audit;

  Statement document_version, put_document, remove_document;
};

}  // namespace baton::sqlite
