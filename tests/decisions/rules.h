// Purpose: the decision rules that ship, and any others, for the tests of the decision.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "gateway/config/parse.h"
#include "gateway/handoff/decide.h"

namespace baton::handoff {

inline std::string read_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

inline Node parse_yaml(const std::string& text, const std::string& name) {
  auto parsed = config::parse(text, name);
  for (const auto& problem : parsed.problems.list()) ADD_FAILURE() << problem.text();
  return std::move(parsed.root);
}

inline std::filesystem::path decisions_folder() {
  return std::filesystem::path(BATON_SOURCE_DIR) / "mappings" / "decisions";
}

inline std::vector<Node> shipped_phrases() {
  std::vector<Node> phrases;
  for (const char* language : {"en", "de", "fr", "es", "pt", "it", "ja", "nl", "pl", "sv", "tr"}) {
    const auto name = std::string("phrases.") + language + ".yaml";
    phrases.push_back(parse_yaml(read_text(decisions_folder() / name), name));
  }
  return phrases;
}

inline const DecisionRules& shipped_rules() {
  static const auto& kRules = *[] {
    Problems problems;
    const auto matrix = parse_yaml(read_text(decisions_folder() / "matrix.yaml"), "matrix.yaml");
    auto* rules = new DecisionRules(read_decision_rules(matrix, shipped_phrases(), nullptr, problems));
    rules->classifier =
        Classifier::read(read_text(decisions_folder() / "learned.tsv"), "learned.tsv", problems);
    for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
    return rules;
  }();
  return kRules;
}

// A conversation of which only the newest message matters.
inline nlohmann::json asks(const std::string& text, const std::string& category = "how_to") {
  const nlohmann::json message = {{"role", "customer"}, {"text", text}};
  return {{"conversation", {{"id", "c1"}}},
          {"intent", {{"category", category}, {"confidence", 0.9}}},
          {"transcript", nlohmann::json::array({message})}};
}

}  // namespace baton::handoff
