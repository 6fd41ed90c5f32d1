#include "gateway/journal/sqlite/records.h"

#include <initializer_list>

#include <zlib.h>

#include "gateway/base/json_view.h"
#include "gateway/base/mutant.h"
#include "gateway/model/codec.h"

namespace baton::sqlite {
namespace {

std::uint32_t extend(std::uint32_t crc, std::string_view bytes) {
  return static_cast<std::uint32_t>(
      crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

std::uint32_t extend(std::uint32_t crc, std::int64_t number) {
  return extend(crc, std::string_view(reinterpret_cast<const char*>(&number), sizeof number));
}

// Each text with its length, so that no two rows of columns look alike.
std::uint32_t extend_text(std::uint32_t crc, std::string_view text) {
  return extend(extend(crc, static_cast<std::int64_t>(text.size())), text);
}

bool is_sound_handoff(const Rows& row) {
  return handoff_crc(crc_of(row.peek(7)), row.text(1), row.integer(3), row.text(4), row.integer(5)) ==
         row.integer(6);
}

Record recorded(std::string bytes) {
  const auto crc = crc_of(bytes);
  return Record{std::move(bytes), crc};
}

}  // namespace

std::uint32_t crc_of(std::string_view bytes) {
  return BATON_MUTANT(checksum_constant) ? 0 : extend(0, bytes);
}

std::int64_t handoff_crc(std::uint32_t bytes, std::string_view id, std::int64_t sequence,
                         std::string_view previous, std::int64_t version) {
  return extend(extend(extend_text(extend_text(bytes, id), previous), sequence), version);
}

std::int64_t fact_crc(std::uint32_t bytes, std::uint64_t handoff, std::string_view key,
                      std::string_view digest) {
  return extend(extend_text(extend_text(bytes, key), digest), static_cast<std::int64_t>(handoff));
}

std::int64_t job_crc(std::uint32_t bytes, std::uint64_t handoff, std::string_view lane, std::string_view work,
                     std::int64_t sequence) {
  return extend(extend(extend_text(extend_text(bytes, lane), work), sequence),
                static_cast<std::int64_t>(handoff));
}

std::int64_t document_crc(std::uint32_t bytes, std::string_view kind, std::string_view key,
                          std::int64_t version) {
  return extend(extend_text(extend_text(bytes, kind), key), version);
}

Encoded::Encoded(Batch batch_in) : batch(std::move(batch_in)) {
  const auto add = [&](Record& to, std::string bytes) {
    to = recorded(std::move(bytes));
    size += to.bytes.size();
  };
  const auto add_all = [&](std::vector<Record>& to, const auto& from, const auto& value_of) {
    to.reserve(from.size());
    for (const auto& item : from) add(to.emplace_back(), encode(value_of(item)));
  };
  const auto itself = [](const auto& item) -> const auto& { return item; };
  if (batch.opens) add(opens, encode(*batch.opens));
  if (batch.moves) add(moves, encode(*batch.moves));
  add_all(facts, batch.facts, [](const NewFact& added) -> const Fact& { return added.fact; });
  add_all(jobs, batch.jobs, itself);
  add_all(updates, batch.updates, [](const JobUpdate& update) -> const Job& { return update.job; });
  add_all(replays, batch.replays, itself);
  add_all(lanes, batch.lanes, itself);
  add_all(audit, batch.audit, itself);
  for (const auto& document : batch.documents)
    add(documents.emplace_back(),
        document.body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void Encoded::shed() {
  cacheable = false;
  if (batch.opens) batch.opens->data = nullptr;
  for (auto& added : batch.facts) {
    auto* event = std::get_if<Event>(&added.fact.happened);
    if (!event) continue;
    event->data = nullptr;
    event->data_text = {};
  }
}

std::uint64_t highest_number(Database& db) {
  const auto highest = db.integer(
      "SELECT max((SELECT coalesce(max(no), 0) FROM handoffs), (SELECT coalesce(max(no), 0) FROM facts),"
      " (SELECT coalesce(max(no), 0) FROM jobs),"
      " (SELECT coalesce(max(news), 0) FROM jobs WHERE news IS NOT NULL))");
  return static_cast<std::uint64_t>(highest);
}

std::optional<Work> work_from(std::string_view text) {
  if (text == "plan") return Work(Upkeep::plan);
  if (const auto operation = operation_from(text)) return Work(*operation);
  return std::nullopt;
}

namespace {

template <class Decode>
std::optional<Handoff> read_with(const Rows& row, const Decode& decode_in) {
  if (!is_sound_handoff(row)) return std::nullopt;
  auto handoff = decode_in(row.peek(7));
  if (!handoff) return std::nullopt;
  handoff->sequence = static_cast<int>(row.integer(3));
  handoff->previous = HandoffId(std::string(row.text(4)));
  handoff->version = static_cast<int>(row.integer(5));
  return std::move(*handoff);
}

}  // namespace

std::optional<Handoff> read_handoff(const Rows& row) { return read_with(row, decode_handoff); }

std::optional<Handoff> read_question(const Rows& row) { return read_with(row, decode_question); }

std::optional<Outline> read_outline(const Rows& row) {
  if (!is_sound_handoff(row)) return std::nullopt;
  auto outline = decode_outline(row.peek(7));
  if (!outline) return std::nullopt;
  return std::move(*outline);
}

std::optional<Fact> read_fact(const Rows& row) {
  const auto key = row.text(2), digest = row.text(3), bytes = row.text(5);
  if (fact_crc(crc_of(bytes), row.number(1), key, digest) != row.integer(4)) return std::nullopt;
  auto fact = decode_fact(bytes);
  if (!fact) return std::nullopt;
  fact->order = row.number(0);
  return std::move(*fact);
}

std::optional<Document> read_document(const Rows& row) {
  const auto kind = row.text(0), key = row.text(1), bytes = row.text(4);
  if (document_crc(crc_of(bytes), kind, key, row.integer(2)) != row.integer(3)) return std::nullopt;
  auto body = parse_json(bytes, FailureKind::rejected, "the stored record");
  if (!body) return std::nullopt;
  return Document(std::string(kind), std::string(key), std::move(*body), static_cast<int>(row.integer(2)));
}

std::optional<Job> read_job(const Rows& row, const HandoffId& handoff) {
  const auto lane = row.text(2), work_text = row.text(3), bytes = row.text(8);
  const auto sequence = row.integer(4);
  const auto crc = job_crc(crc_of(bytes), row.number(1), lane, work_text, sequence);
  const auto work = work_from(work_text);
  if (crc != row.integer(7) || !work) return std::nullopt;
  auto job = decode_job(JobKey(handoff, Lane(std::string(lane)), *work, static_cast<int>(sequence)), bytes);
  if (!job) return std::nullopt;
  job->consumed = row.integer(5) == 1;
  return std::move(*job);
}

}  // namespace baton::sqlite
