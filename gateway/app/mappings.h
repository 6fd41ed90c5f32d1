// Purpose: the mapping files: those that ship, which are part of the binary, and the operator's own,
// which override them operation by operation.
// Owner: the installation. Threads: immutable after loading. Errors: Problems with file, line, column.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sdk/account.h"
#include "gateway/model/node.h"
#include "mappings/engine/mapping.h"

namespace baton::app {

// A mapping file as it ships, or its cases ("zendesk.cases.yaml").
struct ShippedFile {
  std::string_view name;
  std::string_view text;
};
std::vector<ShippedFile> shipped_mapping_files();  // written by CMake

struct Mappings {
  std::map<std::string, mappings::Mapping, std::less<>> of;  // by connector

  // A card that changes is the same card: post_alert serves both unless there are two.
  const mappings::Document* find(std::string_view connector, Operation operation) const;
};

std::unique_ptr<Mappings> load_mappings(const std::string& own_folder,
                                        const std::vector<sdk::ConnectorPtr>& connectors, Problems& problems);

// Runs the cases that ship, and those of the operator's folder.
std::vector<mappings::CaseOutcome> run_mapping_cases(const Mappings& mappings, const std::string& own_folder,
                                                     TimePoint now, Problems& problems);

// Gives the account its render function. `from` outlives it.
void bind_mapping(const Mappings& from, sdk::Account& account);

}  // namespace baton::app
