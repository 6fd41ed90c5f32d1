// Purpose: what `baton check` says of one secret of a destination.
// Owner: a test. Threads: one. Errors: the problems themselves, one a line; "" if there is none.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/sdk/read_account.h"

namespace baton::testing {

inline std::string problems_with_secret(sdk::ConnectorPtr connector, const std::string& field,
                                        const std::string& value) {
  const auto text = [](const char* said) { return Node::make_scalar({}, said, false); };
  const auto map = [](const std::string& key, Node node) {
    std::vector<Node::Member> members;
    members.push_back({key, {}, std::move(node)});
    return Node::make_map({}, std::move(members));
  };
  const std::string name(connector->manifest().name);
  const auto section = map(name, map(field, map("env", text("SECRET"))));
  secrets::Sources from;
  from.environment = [&](const std::string&) { return std::optional(value); };
  std::vector<sdk::ConnectorPtr> connectors;
  connectors.push_back(std::move(connector));
  Problems problems;
  (void)sdk::read_accounts(section, connectors, &from, problems);
  std::string all;
  for (const auto& problem : problems.list()) all += problem.text() + "\n";
  return all;
}

}  // namespace baton::testing
