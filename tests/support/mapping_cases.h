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

// Of 50 messages the `newest` stand in the ticket's note where the whole is attached, all of them where it is
// not.
inline void expect_newest_beside_a_file(const std::string& vendor, int newest) {
  nlohmann::json transcript = nlohmann::json::array();
  for (int i = 1; i <= 50; ++i)
    transcript.push_back({{"role", "customer"}, {"text", "word " + std::to_string(i) + "."}});
  const auto mapping = load_mapping(vendor);
  const auto note = [&](bool attached) {
    const auto made =
        mapping.find("open_ticket")
            ->render({{"priority", "normal"}, {"transcript", transcript}, {"attached", attached}},
                     TimePoint{});
    EXPECT_TRUE(made);
    return made ? made->dump() : std::string();
  };
  EXPECT_NE(note(true).find("The newest " + std::to_string(newest) + " of 50 messages"), std::string::npos);
  EXPECT_NE(note(true).find("word 50."), std::string::npos);
  EXPECT_EQ(note(true).find("word " + std::to_string(50 - newest) + "."), std::string::npos);
  EXPECT_NE(note(false).find("word 1."), std::string::npos)
      << "where there is no file all of it stands there";
}

}  // namespace baton::testing
