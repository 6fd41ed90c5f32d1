// Purpose: the table of broken configuration files. A case is a YAML file that opens with one line
// `# expect: <message>` per problem, in the order in which they are reported. Messages are whole; the
// folder of the cases is left out of them.
// A case that only a whole `baton check` can judge (a mapping, a secret, a destination in a route)
// says so in a line `# judged by: check`; the rest is judged by the configuration's own test.
// Owner: the test that includes it. Errors: thrown, the test fails.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace baton::config {

struct BrokenCase {
  std::string name;  // the file's own
  std::string path;
  std::string judge;  // "" or "check"
  std::vector<std::string> expected;
};

inline BrokenCase read_broken_case(const std::filesystem::path& path) {
  BrokenCase found{path.filename().string(), path.string(), "", {}};
  const std::string expect = "# expect: ", judge = "# judged by: ";
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line) && line.starts_with("# ");) {
    if (line.starts_with(expect)) found.expected.push_back(line.substr(expect.size()));
    if (line.starts_with(judge)) found.judge = line.substr(judge.size());
  }
  if (found.expected.empty()) throw std::runtime_error(found.name + " expects no message");
  return found;
}

inline std::vector<BrokenCase> broken_cases(const std::filesystem::path& folder) {
  std::vector<BrokenCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() == ".yaml") cases.push_back(read_broken_case(entry.path()));
  }
  std::ranges::sort(cases, {}, &BrokenCase::name);
  return cases;
}

// A message without the folder, wherever it names it.
inline std::string without_folder(std::string message, const std::filesystem::path& folder) {
  const auto prefix = folder.string() + "/";
  for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix)) {
    message.erase(at, prefix.size());
  }
  return message;
}

}  // namespace baton::config
