// Purpose: one vendor's mapping: a document per operation, from the file that ships and the user's own
// file over it, operation by operation; and the cases that are run against it.
// Owner: whoever loaded it. Threads: immutable after loading. Errors: Problems, all at once; a case that
// fails says what was expected where.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/time.h"
#include "gateway/model/node.h"
#include "gateway/model/operation.h"
#include "mappings/engine/document.h"

namespace baton::mappings {

// A file of a mapping folder, read.
struct MappingFile {
  Node root;
  std::string source;  // its text, for exact places in messages; may be empty
};

class Mapping {
 public:
  Mapping() = default;

  // Top keys are operations. `vendor` names the mapping in messages.
  static Mapping load(const MappingFile& file, std::string_view vendor, Problems& problems);
  // The user's operations replace those of the same name; the others stay.
  void override_with(Mapping own);

  const Document* find(Operation operation) const;  // null if there is none
  const Document* find(std::string_view operation) const;
  std::vector<std::string> operations() const;

 private:
  std::map<std::string, Document, std::less<>> documents_;
};

struct CaseOutcome {
  std::string name;
  Position at;
  bool passed = false;
  std::string difference;  // readable; empty if it passed
};

// A list of {name, operation, data, expect | expect_part | expect_failure}. `expect` is the whole
// document, `expect_part` what must be in it, `expect_failure` a text that the failure contains.
// `now` comes from the case's data ("now", ISO 8601), else from the argument.
std::vector<CaseOutcome> run_cases(const Node& cases, const Mapping& mapping, TimePoint now,
                                   Problems& problems);

// "ticket.subject: expected "a", got "b"", one line per difference; empty if there is none.
// `part`: members and items beyond the expected ones are no difference.
std::string difference(const nlohmann::json& expected, const nlohmann::json& actual, bool part);

}  // namespace baton::mappings
