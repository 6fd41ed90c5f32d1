// Purpose: builds a Node tree from a YAML parser's events, and holds the limits while it does: what an
// alias would multiply is counted before it is copied.
// Owner: parse(), on its stack. Threads: one. Errors: Problems, or a thrown Stop where going on makes
// no sense; parse() catches it.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/source.h"
#include "gateway/model/node.h"

namespace baton::config {

struct Stop {
  Problem problem;
};

// Where the parser says something begins: line and column from 0, the column in bytes.
struct Mark {
  int line = 0;
  int column = 0;
};

using Anchor = std::size_t;  // a number that the parser gives; 0: none

class TreeBuilder {
 public:
  TreeBuilder(const Source& source, Problems& problems) : source_(source), problems_(problems) {}

  void start_document(Mark mark);
  void add_null(Mark mark, Anchor anchor);
  void add_alias(Mark mark, Anchor anchor);
  // The tag as yaml-cpp gives it: "?" for a plain scalar, "!" for every other, or what stands there.
  void add_scalar(Mark mark, const std::string& tag, Anchor anchor, const std::string& value);
  void open_list(Mark mark, const std::string& tag, Anchor anchor) { open(mark, tag, anchor, false); }
  void open_map(Mark mark, const std::string& tag, Anchor anchor) { open(mark, tag, anchor, true); }
  void close();

  // What was built; missing if there was no document.
  Node take_root() { return std::move(root_); }

 private:
  // How much a node holds, itself included.
  struct Extent {
    std::size_t nodes = 1;
    std::size_t bytes = 0;
    std::size_t depth = 0;
  };
  struct Anchored {
    Node node;
    Extent extent;
  };
  struct Key {
    std::string text;
    Position at;
    bool usable = true;
    bool merges = false;  // <<
  };
  // A map or list whose end has not been seen yet.
  struct Frame {
    bool map = false;
    Position at;
    Anchor anchor = 0;
    Extent extent;
    std::vector<Node> items;
    std::vector<Node::Member> members;
    std::map<std::string, Position, std::less<>> keys;
    std::optional<Key> key;  // whose value comes next
    std::vector<Node> merged;
  };

  void open(Mark mark, const std::string& tag, Anchor anchor, bool map);
  void place(Node node, const Extent& extent, Anchor anchor);
  void place_key(const Node& node);
  void place_value(Frame& frame, Node node);
  void merge(Frame& frame, const Node& from);
  void count(const Position& at, const Extent& extent);
  void check_tag(const Position& at, const std::string& tag, std::string_view expected);
  Position position(Mark mark) const;
  std::optional<Position> block_scalar(Mark mark) const;
  std::size_t content_offset(Mark mark) const;
  std::string path() const;

  const Source& source_;
  Problems& problems_;
  Node root_;
  std::vector<Frame> stack_;
  std::map<Anchor, Anchored> anchors_;
  Extent total_{0, 0, 0};
  bool started_ = false;
};

}  // namespace baton::config
