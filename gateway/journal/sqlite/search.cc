// Where a person is found, piece by piece, so that other questions get their turn in between.
#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/journal/sqlite/questions.h"
#include "gateway/journal/sqlite/records.h"

namespace baton::sqlite {
namespace {

constexpr int kPiece = 500;

// Its number, or kind and key; then all its text. Behind ?1, or behind ?1 and ?2.
const char* sql_of(StoredRow::Table table) {
  using enum StoredRow::Table;
  switch (table) {
    case handoffs:
      return "SELECT no, conversation || record FROM handoffs WHERE no > ?1 ORDER BY no LIMIT ?2";
    case facts: return "SELECT no, key || record FROM facts WHERE no > ?1 ORDER BY no LIMIT ?2";
    case jobs:
      return "SELECT no, coalesce(object, '') || record FROM jobs WHERE no > ?1 ORDER BY no LIMIT ?2";
    case audit: return "SELECT no, record FROM audit WHERE no > ?1 ORDER BY no LIMIT ?2";
    case documents:
      return "SELECT kind, key, key || record FROM documents WHERE (kind, key) > (?1, ?2)"
             " ORDER BY kind, key LIMIT ?3";
    case lanes: return "SELECT '', lane, record FROM lanes WHERE lane > ?2 ORDER BY lane LIMIT ?3";
  }
  return "";
}

bool contains(std::string_view text, const std::vector<std::string>& any) {
  const auto lower = to_lower(text);
  return std::ranges::any_of(any, [&](const auto& one) { return lower.find(one) != std::string::npos; });
}

}  // namespace

Result<Search> search(Database& db, StoredRow from, const Spellings& spellings) {
  const auto texts = spellings.texts();
  const bool numbered = from.table != StoredRow::Table::documents && from.table != StoredRow::Table::lanes;
  Search search;
  Statement statement(db, sql_of(from.table));
  const std::string kind = from.kind, key = from.key;
  auto rows = numbered ? statement.rows(from.no, kPiece) : statement.rows(kind, key, kPiece);
  int seen = 0;
  for (; rows.next(); ++seen) {
    if (numbered) {
      from.no = rows.number(0);
    } else {
      from.kind = rows.text(0);
      from.key = rows.text(1);
    }
    if (contains(rows.text(numbered ? 1 : 2), texts)) search.found.push_back(from);
  }
  search.from = from;
  search.more = seen == kPiece;
  return search;
}

Result<Search> search(Database& db, StoredRow from, const Person& person) {
  Search search;
  Statement statement(db,
                      "SELECT no, id, thread, sequence, previous, version, crc, record FROM handoffs"
                      " WHERE no > ?1 ORDER BY no LIMIT ?2");
  int seen = 0;
  for (auto rows = statement.rows(from.no, kPiece); rows.next(); ++seen) {
    from.no = rows.number(0);
    const auto handoff = read_handoff(rows);
    if (handoff && is_of(*handoff, person)) search.found.push_back(from);
  }
  search.from = from;
  search.more = seen == kPiece;
  return search;
}

}  // namespace baton::sqlite
