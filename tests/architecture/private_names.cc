#include "tests/architecture/private_names.h"

#include <map>
#include <regex>
#include <set>
#include <sstream>

namespace baton::architecture {
namespace {

std::string compiled_with(const std::string& path) {
  const auto slash = path.rfind('/');
  const bool vendor = path.compare(slash + 1, 9, "simulator") == 0 && path.starts_with("connectors/");
  return path.substr(0, slash) + (vendor ? " (simulator)" : "");
}

// By what begins a line of an anonymous namespace: our formatter leaves no other place to a definition.
std::set<std::string> private_functions(const std::string& text) {
  static const std::regex kFunction(R"(^(?!using|template|struct|class|enum|TEST|INSTANTIATE|TYPED_TEST))"
                                    R"([A-Za-z_][\w:<>,&*\s\[\]]*?[\s&*>](\w+)\()");
  std::set<std::string> names;
  std::istringstream lines(text);
  bool within = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("namespace {")) within = true;
    else if (line.starts_with("}  // namespace")) within = false;
    else if (std::smatch found; within && std::regex_search(line, found, kFunction)) names.insert(found[1]);
  }
  return names;
}

}  // namespace

std::vector<std::string> shared_private_names(const std::vector<SourceFile>& files) {
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> users;
  for (const auto& file : files) {
    if (!file.path.ends_with(".cc")) continue;
    for (const auto& name : private_functions(file.text))
      users[{compiled_with(file.path), name}].push_back(file.path);
  }
  std::vector<std::string> shared;
  for (const auto& [key, paths] : users) {
    if (paths.size() < 2) continue;
    auto line =
        "`" + key.second + "` is private to several files of one folder; give it two names or one home:";
    for (const auto& path : paths) line += " " + path;
    shared.push_back(std::move(line));
  }
  return shared;
}

}  // namespace baton::architecture
