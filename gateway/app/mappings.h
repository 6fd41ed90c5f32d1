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
#include "gateway/handoff/tell.h"
#include "gateway/ingress/sources.h"
#include "gateway/model/node.h"
#include "mappings/engine/mapping.h"

namespace baton::app {

// A mapping file as it ships, or its cases ("zendesk.cases.yaml").
struct ShippedFile {
  std::string_view name;
  std::string_view text;
};
std::vector<ShippedFile> shipped_mapping_files();  // written by CMake
std::vector<ShippedFile> shipped_message_files();  // likewise: "de.yaml"

// What customers read: the languages that ship, and what the section `messages` says otherwise.
handoff::tell::Messages load_messages(const Node& section, Problems& problems);

struct Mappings {
  std::map<std::string, mappings::Mapping, std::less<>> of;  // by connector

  // A card that changes is the same card: post_alert serves both unless there are two.
  const mappings::Document* find(std::string_view connector, Operation operation) const;

  std::map<std::string, mappings::Document> events;  // by source: what makes an event of its JSON
};

std::unique_ptr<Mappings> load_mappings(const std::string& own_folder,
                                        const std::vector<sdk::ConnectorPtr>& connectors, Problems& problems);

// Runs the cases that ship, and those of the operator's folder.
std::vector<mappings::CaseOutcome> run_mapping_cases(const Mappings& mappings, const std::string& own_folder,
                                                     TimePoint now, Problems& problems);

// Reads the files of the sources that have one, and gives them their render function. `into` outlives them.
void bind_event_mappings(const Node& section, const std::string& own_folder, ingress::Sources& sources,
                         Mappings& into, Problems& problems);

// Gives the account its render function. `from` outlives it.
void bind_mapping(const Mappings& from, sdk::Account& account);

}  // namespace baton::app
