#include "gateway/config/load.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>

#include "gateway/config/file.h"
#include "gateway/config/parse.h"

namespace baton::config {
namespace {

namespace fs = std::filesystem;

std::string backticked(std::string_view text) { return "`" + std::string(text) + "`"; }

// One name per file, however it is spelled.
std::string identity(const std::string& path) {
  std::error_code error;
  const auto found = fs::weakly_canonical(path, error);
  return error ? path : found.string();
}

class Loader {
 public:
  void read_root(const std::string& path) { read(path, {path, 0, 0}, ""); }
  Loaded take() {
    loaded_.root = Node::make_map(root_at_, std::move(members_));
    return std::move(loaded_);
  }

 private:
  struct Open {
    std::string identity;
    std::string path;
  };

  // `from` is where the file is named; `what` names it in messages, "" for the root.
  void read(const std::string& path, const Position& from, const std::string& what);
  bool refused(const std::string& id, const std::string& path, const Position& from);
  void read_includes(const Node& include, const std::string& file);
  void include_one(const Node& name, const std::string& file);
  void add(const Node::Member& member);
  void add_into(Node::Member& kept, const Node::Member& added);
  void report(const Position& at, std::string message) {
    loaded_.problems.add(at, "include", std::move(message));
  }
  bool is_open(const std::string& id) const {
    return std::ranges::find(open_, id, &Open::identity) != open_.end();
  }

  Loaded loaded_;
  Position root_at_;
  std::vector<Node::Member> members_;
  std::vector<Open> open_;                   // the way from the root to the file being read
  std::map<std::string, Position> read_at_;  // where each file was named first
};

bool Loader::refused(const std::string& id, const std::string& path, const Position& from) {
  if (is_open(id)) {
    std::string circle;
    for (auto file = std::ranges::find(open_, id, &Open::identity); file != open_.end(); ++file) {
      circle += file->path + " -> ";
    }
    report(from, "the files include one another in a circle: " + circle + path);
  } else if (const auto first = read_at_.find(id); first != read_at_.end()) {
    report(from, backticked(path) + " is already included at " + first->second.text());
  } else if (open_.size() >= kMaxIncludeDepth) {
    report(from, "files include one another more than " + std::to_string(kMaxIncludeDepth) + " deep");
  } else if (loaded_.files.size() >= kMaxFiles) {
    report(from, "more than " + std::to_string(kMaxFiles) + " files");
  } else {
    return false;
  }
  return true;
}

void Loader::read(const std::string& path, const Position& from, const std::string& what) {
  const auto id = identity(path);
  if (refused(id, path, from)) return;
  auto file = read_file(path);
  if (!file.error.empty()) {
    const auto message = (what.empty() ? "" : what + " ") + file.error;
    loaded_.problems.add(from, what.empty() ? "" : "include", message);
    return;
  }
  loaded_.files.push_back(path);
  read_at_.emplace(id, from);
  auto parsed = parse(file.text, path);
  for (const auto& problem : parsed.problems.list()) {
    loaded_.problems.add(problem.at, problem.path, problem.message);
  }
  const auto& root = parsed.root;
  if (open_.empty()) root_at_ = root.at();
  if (root.kind() != Node::Kind::map) {
    const bool silent = root.kind() == Node::Kind::null;  // empty, or reported by the parser
    if (!silent) loaded_.problems.add(root.at(), "", "must be a map of keys and values");
    return;
  }
  for (const auto& member : root.members()) {
    if (member.key != "include") add(member);
  }
  open_.push_back({id, path});
  read_includes(root["include"], path);
  open_.pop_back();
}

void Loader::read_includes(const Node& include, const std::string& file) {
  if (include.kind() == Node::Kind::list) {
    for (const auto& name : include.items()) include_one(name, file);
  } else if (!include.missing()) {
    include_one(include, file);
  }
}

void Loader::include_one(const Node& name, const std::string& file) {
  if (name.kind() != Node::Kind::scalar || name.text().empty()) {
    report(name.at(), "must be a file name, or a list of file names");
    return;
  }
  const auto path = (fs::path(file).parent_path() / name.text()).lexically_normal().string();
  if (!is_pattern(name.text())) {
    read(path, name.at(), backticked(name.text()));
    return;
  }
  const auto found = expand(path);
  if (!found) report(name.at(), "only the last part of " + backticked(name.text()) + " may be a pattern");
  for (const auto& each : found.value_or(std::vector<std::string>())) {
    if (!is_open(identity(each))) read(each, name.at(), backticked(each));  // `*.yaml` fits its own file
  }
}

void Loader::add(const Node::Member& member) {
  const auto kept = std::ranges::find(members_, member.key, &Node::Member::key);
  if (kept == members_.end()) members_.push_back(member);
  else add_into(*kept, member);
}

void Loader::add_into(Node::Member& kept, const Node::Member& added) {
  const auto twice = [&](const Position& at, const std::string& path, const Position& first) {
    loaded_.problems.add(at, path, "is defined twice, here and at " + first.text());
  };
  if (kept.value.kind() != Node::Kind::map || added.value.kind() != Node::Kind::map) {
    twice(added.at, added.key, kept.at);
    return;
  }
  auto members = kept.value.members();
  for (const auto& member : added.value.members()) {
    const auto first = std::ranges::find(members, member.key, &Node::Member::key);
    if (first == members.end()) members.push_back(member);
    else twice(member.at, added.key + "." + member.key, first->at);
  }
  kept.value = Node::make_map(kept.value.at(), std::move(members));
}

}  // namespace

Loaded load(const std::string& path) {
  Loader loader;
  loader.read_root(path);
  return loader.take();
}

}  // namespace baton::config
