// The table of broken events: broken/<name>.json and beside it <name>.expect, one line per error:
// "<pointer> <code>: <detail>", with (document) for the empty pointer.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/ingress/schema.h"
#include "gateway/ingress/schemas/read.h"

namespace baton {
namespace {

namespace fs = std::filesystem;

const fs::path kFolder = fs::path(BATON_SOURCE_DIR) / "tests/event_schema";

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> files(const fs::path& folder) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::string lines(const std::vector<FieldError>& errors) {
  std::string text;
  for (const auto& error : errors) {
    text += (error.pointer.empty() ? "(document)" : error.pointer) + " " + error.code + ": " + error.detail +
            "\n";
  }
  return text;
}

std::string judge(std::string_view raw, const EventValidator& validator) {
  const auto read = read_event(raw);
  return lines(read.errors.empty() ? validator.validate(read.document) : read.errors);
}

TEST(BrokenEvents, each_file_is_refused_with_exactly_its_errors) {
  const EventValidator validator;
  const auto broken = files(kFolder / "broken");
  EXPECT_GE(broken.size(), 20u);
  for (const auto& path : broken) {
    const auto expected = read_file(fs::path(path).replace_extension(".expect"));
    EXPECT_FALSE(expected.empty()) << path;
    EXPECT_EQ(judge(read_file(path), validator), expected) << path.filename();
  }
}

TEST(ValidEvents, each_file_is_accepted) {
  const EventValidator validator;
  const auto valid = files(kFolder / "valid");
  EXPECT_GE(valid.size(), 9u);
  for (const auto& path : valid) EXPECT_EQ(judge(read_file(path), validator), "") << path.filename();
}

}  // namespace
}  // namespace baton
