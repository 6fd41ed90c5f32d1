// Purpose: a Liquid template after parsing: names are slots, filters are pointers, texts are views
// into the template's own source. Nothing here is looked up by name again while rendering, but the
// members of the data.
// Owner: a Program, which a Template or a Document holds. Threads: immutable after parsing.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/model/node.h"
#include "mappings/engine/value.h"

namespace baton::mappings {

struct FilterRule;

// The names of variables, numbered. Templates of one document share them, so that a `$for` variable
// is the same slot in all its strings.
class Names {
 public:
  std::uint32_t slot(std::string_view name);               // of a new name too
  const std::uint32_t* find(std::string_view name) const;  // null if no template names it
  std::string_view name(std::uint32_t slot) const { return list_[slot]; }
  std::size_t size() const { return list_.size(); }
  // A template computes a name, `[expression]` or `self`, which is known while it renders only.
  void computes_names() { computed_ = true; }
  bool may_name(std::string_view name) const { return computed_ || find(name); }

 private:
  bool computed_ = false;
  std::vector<std::string> list_;
  std::map<std::string, std::uint32_t, std::less<>> slots_;
};

struct Expression;

// One step of a path: `.name`, `[3]`, `["name"]` or `[expression]`.
struct Segment {
  enum class Kind : std::uint8_t { member, index, computed };
  Kind kind = Kind::member;
  bool dotted = false;  // only `.size`, `.first` and `.last` are commands, `["size"]` is a member
  std::uint32_t at = 0;
  std::string_view name;
  std::int64_t index = 0;
  std::unique_ptr<Expression> inner;
};

struct Expression {
  enum class Kind : std::uint8_t { literal, path, computed_path, self_path, range };
  Kind kind = Kind::literal;
  std::uint32_t at = 0;    // offset in the source
  std::uint32_t slot = 0;  // of a path's root
  Value literal;           // blank and empty too: words in conditions, "" elsewhere
  std::vector<Segment> segments;
  std::unique_ptr<Expression> first;  // of a range; of a computed path, its root's name
  std::unique_ptr<Expression> last;
};

struct Argument {
  std::string_view name;  // empty: by position
  Expression value;
};

struct FilterCall {
  const FilterRule* rule = nullptr;
  std::uint32_t at = 0;
  std::vector<Argument> arguments;
};

struct Pipeline {
  Expression value;
  std::vector<FilterCall> filters;
};

enum class Comparison : std::uint8_t { truthy, equal, unequal, less, greater, at_most, at_least, contains };

// Conditions are read from left to right; what follows `and` or `or` is one condition: a and (b or c).
struct Condition {
  struct Term {
    Comparison comparison = Comparison::truthy;
    Expression left;
    Expression right;
    bool is_or = false;  // how the next term is joined
  };
  std::vector<Term> terms;
};

struct Piece;
using Block = std::vector<Piece>;

struct Branch {
  enum class Kind : std::uint8_t { condition, otherwise, when };
  Kind kind = Kind::condition;
  bool negated = false;  // `unless`
  Condition condition;
  std::vector<Expression> values;  // of `when`
  Block body;
};

struct Loop {
  std::uint32_t slot = 0;
  std::uint32_t state_slot = 0;  // of `forloop` or `tablerowloop`
  std::string name;              // "item-list", which `offset: continue` goes by
  Expression collection;
  std::unique_ptr<Expression> limit;
  std::unique_ptr<Expression> offset;
  std::unique_ptr<Expression> columns;  // of `tablerow`
  bool continues = false;
  bool reversed = false;
  Block body;
  Block otherwise;
};

struct Cycle {
  std::unique_ptr<Expression> group;
  std::string key;  // where there is no group
  std::vector<Expression> values;
};

enum class Tag : std::uint8_t {
  text,
  output,  // and `echo`
  assign,
  capture,
  branches,  // `if` and `unless`
  choice,    // `case`
  loop,
  table,
  cycle,
  increment,
  decrement,
  ifchanged,
  break_,
  continue_,
};

struct Piece {
  Tag tag = Tag::text;
  bool blank = false;  // nothing but white space and assignments
  std::uint32_t at = 0;
  std::uint32_t slot = 0;
  std::string_view text;
  Pipeline pipeline;
  std::vector<Branch> branches;  // of `case`, pipeline.value is what is compared
  std::unique_ptr<Loop> loop;
  std::unique_ptr<Cycle> cycle;
  Block body;
};

// Where an offset of the source stands in the file that a person edits.
class Locator {
 public:
  Locator() = default;
  explicit Locator(Position start, int next_line_column = 1)
      : start_(std::move(start)), next_line_column_(next_line_column) {}
  // For texts whose bytes do not stand in the file one by one: the place of each line's beginning
  // is not known, only the first is.
  static Locator only_start(Position start);

  Position place(std::string_view source, std::size_t offset) const;

 private:
  Position start_;
  int next_line_column_ = 1;
  bool exact_ = true;
};

struct Program {
  std::string source;
  Locator locator;
  std::shared_ptr<Names> names;
  std::deque<std::string> kept;  // texts that literals and cycle keys point to
  Block body;

  Position place(std::size_t offset) const { return locator.place(source, offset); }
};

}  // namespace baton::mappings
