// Purpose: a configuration document as a tree that remembers where each part was written, and the
// list of problems found in it. Files become trees in gateway/config/; stations, connectors and
// the mapping engine read them here, each its own part.
// Owner: whoever loaded it. Threads: immutable after loading. Errors: collected as Problems, all at
// once; a reader goes on with a default after reporting.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/time.h"

namespace baton {

struct Position {
  std::string file;  // as the operator named it
  int line = 0;      // from 1; 0: unknown
  int column = 0;    // from 1

  std::string text() const;  // "baton.yaml:12:5"
};

class Node {
 public:
  enum class Kind { missing, null, scalar, list, map };
  struct Member;

  Node() = default;
  static Node make_null(Position at);
  static Node make_scalar(Position at, std::string text, bool quoted);
  static Node make_list(Position at, std::vector<Node> items);
  static Node make_map(Position at, std::vector<Member> members);

  Kind kind() const { return kind_; }
  bool missing() const { return kind_ == Kind::missing; }
  const Position& at() const { return at_; }

  // A scalar's text; whether it stood in quotes (then it is a string, whatever it looks like).
  const std::string& text() const { return text_; }
  bool quoted() const { return quoted_; }
  const std::vector<Node>& items() const { return items_; }            // of a list
  const std::vector<Member>& members() const { return members_; }      // of a map, in order
  const Node& operator[](std::string_view key) const;                  // a missing node if there is none

 private:
  Kind kind_ = Kind::missing;
  Position at_;
  std::string text_;
  bool quoted_ = false;
  std::vector<Node> items_;
  std::vector<Member> members_;
};

struct Node::Member {
  std::string key;
  Position at;  // of the key
  Node value;
};

// One thing that is wrong: where, in which part, what, and what is allowed or what to do.
struct Problem {
  Position at;
  std::string path;  // "destinations.zendesk.base_url"
  std::string message;

  std::string text() const;  // "baton.yaml:12:5: destinations.zendesk.base_url: ..."
};

class Problems {
 public:
  void add(Position at, std::string path, std::string message);
  bool empty() const { return list_.empty(); }
  const std::vector<Problem>& list() const { return list_; }

 private:
  std::vector<Problem> list_;
};

// Reads one map: each getter takes a key once; done() reports the keys that nobody asked for, with
// the nearest known name. A missing key yields the default; a wrong type is reported and does too.
class Fields {
 public:
  // `path` names the map in messages. A node that is neither a map nor missing is reported.
  Fields(const Node& map, std::string path, Problems& problems);

  std::string text(std::string_view key, std::string_view otherwise = {});
  std::string required_text(std::string_view key);
  // Whole numbers within [low, high].
  std::int64_t integer(std::string_view key, std::int64_t otherwise, std::int64_t low, std::int64_t high);
  double number(std::string_view key, double otherwise, double low, double high);
  bool boolean(std::string_view key, bool otherwise);
  // "250ms", "30s", "5m", "2h", "7d".
  Duration duration(std::string_view key, Duration otherwise);
  std::vector<std::string> texts(std::string_view key);  // a list of texts, or one text
  std::string one_of(std::string_view key, std::string_view otherwise, std::span<const std::string> allowed);
  const Node& node(std::string_view key);  // as it stands; marks the key as known

  std::string path_of(std::string_view key) const;
  Problems& problems() { return problems_; }
  void report(std::string_view key, std::string message);  // at the key's value

  void done();

 private:
  const Node* scalar(std::string_view key, std::string_view wanted);

  const Node& map_;
  std::string path_;
  Problems& problems_;
  std::vector<std::string> known_;
};

// "30s" and the like; nullopt if it is none.
std::optional<Duration> parse_duration(std::string_view text);

// ", did you mean `x`?" or "".
std::string did_you_mean(std::string_view name, std::span<const std::string> known);

}  // namespace baton
