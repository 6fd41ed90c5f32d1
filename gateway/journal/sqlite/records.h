// Purpose: rows as records with their checksums: encoded before a batch crosses to the writer,
// verified whenever a row is read.
// Owner: none. Threads: any; pure.
// Errors: a row whose checksum or record is wrong reads as nullopt: it is damaged.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/journal/journal.h"
#include "gateway/journal/sqlite/database.h"

namespace baton::sqlite {

struct Record {
  std::string bytes;
  std::uint32_t crc = 0;  // of the bytes alone
};

// A batch and its records, in the same order.
struct Encoded {
  explicit Encoded(Batch batch_in);

  // What only a cache would still look at goes, on the thread that made it and while it is at hand: of a
  // writer that has no room for it, freeing it would take a third of the time.
  void shed();

  Batch batch;
  Record opens, moves;
  std::vector<Record> facts, jobs, updates, replays, lanes, audit, documents;
  std::size_t size = 0;
  bool cacheable = true;  // what it opens and adds
};

// The checksum of a row: of its bytes and then of the columns that say whose they are.
std::int64_t handoff_crc(std::uint32_t bytes, std::string_view id, std::int64_t sequence,
                         std::string_view previous, std::int64_t version);
std::int64_t fact_crc(std::uint32_t bytes, std::uint64_t handoff, std::string_view key,
                      std::string_view digest);
std::int64_t job_crc(std::uint32_t bytes, std::uint64_t handoff, std::string_view lane, std::string_view work,
                     std::int64_t sequence);
std::int64_t document_crc(std::uint32_t bytes, std::string_view kind, std::string_view key,
                          std::int64_t version);
std::uint32_t crc_of(std::string_view bytes);

// no, id, thread, sequence, previous, version, crc, record
std::optional<Handoff> read_handoff(const Rows& row);
std::optional<Handoff> read_question(const Rows& row);  // see decode_question()
std::optional<Outline> read_outline(const Rows& row);
// no, handoff, key, digest, crc, record
std::optional<Fact> read_fact(const Rows& row);
// no, handoff, lane, work, sequence, consumed, news, crc, record; `handoff` is the one that bears
// the row's number.
std::optional<Job> read_job(const Rows& row, const HandoffId& handoff);

// kind, key, version, crc, record
std::optional<Document> read_document(const Rows& row);

// The highest of all numbers in the tables: orders, positions and the like.
std::uint64_t highest_number(Database& db);

std::optional<Work> work_from(std::string_view text);

}  // namespace baton::sqlite
