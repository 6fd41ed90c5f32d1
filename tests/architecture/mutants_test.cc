// The deliberate faults in the code and the list of who must notice them are one list.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>

#include <gtest/gtest.h>

namespace baton::architecture {
namespace {

namespace fs = std::filesystem;

const fs::path kTree = std::getenv("BATON_TREE") ? std::getenv("BATON_TREE") : BATON_SOURCE_DIR;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

struct Row {
  std::string program;
  std::string filter;
};

std::map<std::string, Row> listed() {
  std::map<std::string, Row> rows;
  std::istringstream lines(text_of(kTree / "tests/mutants.txt"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string mutant;
    Row row;
    if (!(words >> mutant)) continue;
    EXPECT_TRUE(words >> row.program >> row.filter) << line;
    EXPECT_TRUE(rows.emplace(mutant, row).second) << mutant << " stands twice";
  }
  return rows;
}

constexpr auto kThroughLinks = fs::directory_options::follow_directory_symlink;

// Where each is, by name.
std::map<std::string, std::vector<std::string>> planted() {
  const std::regex mark(R"(BATON_MUTANT\((\w+)\))");
  std::map<std::string, std::vector<std::string>> found;
  for (const auto* folder : {"gateway", "connectors", "secrets", "mappings"}) {
    for (const auto& entry : fs::recursive_directory_iterator(kTree / folder, kThroughLinks)) {
      const auto path = entry.path().lexically_relative(kTree).string();
      if (!path.ends_with(".cc") && (!path.ends_with(".h") || path.ends_with("mutant.h"))) continue;
      const auto text = text_of(entry.path());
      if (text.find("BATON_MUTANT(") == std::string::npos) continue;
      for (std::sregex_iterator at(text.begin(), text.end(), mark), end; at != end; ++at)
        found[(*at)[1]].push_back(path);
    }
  }
  return found;
}

// Every test folder's code as one text: a filter names a test that is written there.
std::string tests_of(const std::string& program) {
  const auto folder = program.substr(0, program.rfind("_test"));
  std::string text;
  for (const auto& entry : fs::directory_iterator(kTree / "tests" / folder)) {
    if (entry.path().extension() == ".cc") text += text_of(entry.path());
  }
  return text;
}

TEST(Mutants, are_listed_each_with_a_test_that_exists) {
  const auto rows = listed();
  const auto marks = planted();
  EXPECT_GE(rows.size(), 60u);
  for (const auto& [mutant, places] : marks) {
    EXPECT_TRUE(rows.contains(mutant)) << mutant << " in " << places.front() << " has no row in mutants.txt";
    for (const auto& place : places) EXPECT_TRUE(place.ends_with(".cc")) << mutant << " stands in " << place;
  }
  for (const auto& [mutant, row] : rows) {
    EXPECT_TRUE(marks.contains(mutant)) << mutant << " is listed and stands nowhere";
    const auto dot = row.filter.find('.');
    const auto name = row.filter.substr(dot + 1, row.filter.find_first_of("*/:", dot + 1) - dot - 1);
    if (name.empty()) continue;
    EXPECT_NE(tests_of(row.program).find(name), std::string::npos)
        << mutant << ": " << row.program << " has no test " << name;
  }
}

}  // namespace
}  // namespace baton::architecture
