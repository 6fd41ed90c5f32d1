// Purpose: reads the part of SOQL that integrations use: SELECT fields or COUNT() FROM one object, WHERE with
// AND, OR, NOT, parentheses and semi-joins, ORDER BY, LIMIT, OFFSET (fact sheet, section 3.1). A literal ends
// where the vendor's does, so that what is escaped badly is read as the vendor would read it. Owner: values.
// Threads: any. Errors: `rejected` with the text of MALFORMED_QUERY.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

namespace baton::salesforce::simulated {

struct Literal {
  enum class Kind { text, number, flag, null, instant, date };
  Kind kind = Kind::null;
  std::string value;
};

struct Query;

struct Condition {
  enum class Kind { all, any, negation, comparison };
  Kind kind = Kind::all;
  std::vector<Condition> parts;
  std::string field;
  std::string op;  // "=", "!=", "<", "<=", ">", ">=", "LIKE", "IN", "NOT IN"
  std::vector<Literal> values;
  std::vector<Query> inner;  // of a semi-join: what the values are selected by
};

struct Ordering {
  std::string field;
  bool descending = false;
  bool nulls_last = false;
};

struct Query {
  std::vector<std::string> fields;
  bool counts = false;
  std::string object;
  std::optional<Condition> where;
  std::vector<Ordering> order;
  std::optional<std::size_t> limit;
  std::size_t offset = 0;
};

Result<Query> read_soql(std::string_view text);
// % any text, _ one character, a backslash before one of them takes it as it stands; ignoring case.
bool is_like(std::string_view text, std::string_view pattern);

}  // namespace baton::salesforce::simulated
