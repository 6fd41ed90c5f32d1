// Purpose: what is wrong in the store, by name. Plain values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace baton {

// Where a row stands.
struct StoredRow {
  enum class Table { handoffs, facts, jobs, documents, lanes, audit };
  Table table = Table::handoffs;
  std::uint64_t no = 0;   // of a row that has a number
  std::string kind, key;  // of a document; `key` alone of a lane
};

// One row that is not what was written.
struct Damage {
  StoredRow row;
  std::string name;    // "job hof_1/desk/open_ticket/1"
  bool aside = false;  // nobody stumbles over it any more; it waits for a person
};

struct FsckReport {
  bool sound() const { return damaged.empty() && structure.empty(); }
  // Whether there is something that a repair would do.
  bool wants_repair() const {
    return !structure.empty() || std::ranges::any_of(found, [](const auto& one) { return !one.aside; });
  }

  std::uint64_t rows = 0;              // looked at
  std::vector<std::string> damaged;    // their names; at most a thousand
  std::vector<Damage> found;           // the same, with where they are
  std::vector<std::string> structure;  // SQLite's own words about its pages and indexes
};

}  // namespace baton
