// Purpose: the texts that ship, read from the repository, and small texts written in a test.
// Owner: a test. Threads: any. Errors: a text that does not read fails the test.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gtest/gtest.h>

#include "gateway/config/parse.h"
#include "gateway/handoff/tell.h"

namespace baton::tell_testing {

inline const char* const kLanguages[] = {"en", "de", "fr", "es", "pt"};

inline std::string shipped_text(const std::string& language) {
  const auto path = std::filesystem::path(BATON_SOURCE_DIR) / "mappings/messages" / (language + ".yaml");
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline Node parse(const std::string& text, const std::string& name) {
  auto parsed = config::parse(text, name);
  for (const auto& problem : parsed.problems.list()) ADD_FAILURE() << problem.text();
  return std::move(parsed.root);
}

inline const handoff::tell::Messages& shipped() {
  static const auto& kShipped = *new handoff::tell::Messages([] {
    handoff::tell::Messages all;
    Problems problems;
    for (const auto* language : kLanguages) {
      const auto text = shipped_text(language);
      if (!text.empty()) all.add(language, parse(text, std::string(language) + ".yaml"), problems);
    }
    for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
    return all;
  }());
  return kShipped;
}

}  // namespace baton::tell_testing
