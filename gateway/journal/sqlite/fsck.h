// Purpose: what is wrong in the store, by name. Plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

struct FsckReport {
  bool sound() const { return damaged.empty() && structure.empty(); }

  std::uint64_t rows = 0;              // looked at
  std::vector<std::string> damaged;    // "job hof_1/desk/open_ticket/1"; at most a thousand
  std::vector<std::string> structure;  // SQLite's own words about its pages and indexes
};

}  // namespace baton
