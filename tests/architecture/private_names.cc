#include "tests/architecture/private_names.h"

#include <cctype>
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

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Every kName.
std::set<std::string> constants_in(const std::string& text) {
  std::set<std::string> names;
  for (auto at = text.find('k'); at != std::string::npos; at = text.find('k', at + 1)) {
    if ((at > 0 && is_word(text[at - 1])) || at + 1 >= text.size() || text[at + 1] < 'A' ||
        text[at + 1] > 'Z')
      continue;
    auto end = at + 1;
    while (end < text.size() && is_word(text[end])) ++end;
    names.insert(text.substr(at, end - at));
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

std::vector<std::string> borrowed_constants(const std::vector<SourceFile>& files) {
  static const std::regex kPrivate(R"(^(?:const|constexpr|inline constexpr) [^=({]*?\b(k[A-Z]\w*))");
  std::map<std::string, std::map<std::string, std::string>> owners;  // by folder and name
  for (const auto& file : files) {
    if (!file.path.ends_with(".cc")) continue;
    std::istringstream lines(file.text);
    for (std::string line; std::getline(lines, line);) {
      if (std::smatch found; std::regex_search(line, found, kPrivate))
        owners[compiled_with(file.path)][found[1]] = file.path;
    }
  }
  std::set<std::string> public_names;
  for (const auto& file : files) {
    if (!file.path.ends_with(".h")) continue;
    public_names.merge(constants_in(file.text));
  }
  std::set<std::string> borrowed;
  for (const auto& file : files) {
    const auto folder = owners.find(compiled_with(file.path));
    if (!file.path.ends_with(".cc") || folder == owners.end()) continue;
    for (const auto& name : constants_in(file.text)) {
      const auto owner = folder->second.find(name);
      if (owner == folder->second.end() || owner->second == file.path || public_names.contains(name))
        continue;
      const std::regex own("(const|constexpr|auto|enum|struct|,)[^;=()]*\\b" + name + "\\b *[=({,;\\[]");
      if (!std::regex_search(file.text, own))
        borrowed.insert("`" + name + "` in " + file.path + " is private to " + owner->second);
    }
  }
  return {borrowed.begin(), borrowed.end()};
}

}  // namespace baton::architecture
