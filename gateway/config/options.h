// Purpose: the top level of baton.yaml: which keys there are, and each section for whoever reads it.
// What stands inside of a section is known to its station alone.
// Owner: whoever starts or checks; outlives the nodes that section() returns.
// Threads: one while problems are added, any afterwards. Errors: problems().
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/load.h"
#include "gateway/model/node.h"

namespace baton::config {

inline constexpr auto kTopLevel = std::to_array<std::string_view>(
    {"include", "public_url", "listen",   "data_dir",  "sources", "destinations", "teams",
     "routes",  "decisions",  "triggers", "calendars", "claims",  "alerts",       "retention",
     "network", "limits",     "mappings", "messages",  "secrets", "log",          "pilot",
     "bugs"});

class Configuration {
 public:
  explicit Configuration(Loaded loaded) : loaded_(std::move(loaded)) {}
  Configuration(const Configuration&) = delete;
  Configuration& operator=(const Configuration&) = delete;

  // The section as written, or a missing node. Precondition: the key stands in kTopLevel.
  const Node& section(std::string_view key) const;
  // A top-level text such as public_url.
  std::string text(std::string_view key, std::string_view otherwise = {});

  // Reports the keys that are not in kTopLevel. Call once, at the end.
  void done();

  Problems& problems() { return loaded_.problems; }
  const std::vector<std::string>& files() const { return loaded_.files; }

 private:
  Loaded loaded_;
};

}  // namespace baton::config
