// Purpose: a shipped mapping and its cases, loaded as `baton mapping test` does.
// Owner: a test. Threads: one.
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "gateway/config/parse.h"
#include "mappings/engine/mapping.h"
#include "tests/support/direct_session.h"

namespace baton::testing {

inline mappings::Mapping load_mapping(const std::string& vendor) {
  const auto name = "mappings/" + vendor + ".yaml";
  mappings::MappingFile file;
  file.source = read_text(std::string(BATON_SOURCE_DIR) + "/" + name);
  auto parsed = config::parse(file.source, name);
  file.root = parsed.root;
  auto problems = std::move(parsed.problems);
  auto mapping = mappings::Mapping::load(file, vendor, problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  return mapping;
}

inline void run_mapping_cases(const std::string& vendor) {
  const auto mapping = load_mapping(vendor);
  const auto name = "mappings/" + vendor + ".cases.yaml";
  auto parsed = config::parse(read_text(std::string(BATON_SOURCE_DIR) + "/" + name), name);
  Problems problems = std::move(parsed.problems);
  const auto outcomes =
      mappings::run_cases(parsed.root, mapping, TimePoint{Duration{1'790'000'000'000}}, problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  EXPECT_FALSE(outcomes.empty());
  for (const auto& outcome : outcomes)
    EXPECT_TRUE(outcome.passed) << outcome.name << "\n" << outcome.difference;
}

}  // namespace baton::testing
