// Purpose: what a Liquid expression yields: a small tagged value that copies nothing. Texts and JSON
// point into the data, the template or the render's arena.
// Owner: whoever keeps the data, the template and the arena alive; a Value outlives none of them.
// Threads: a plain value. Errors: none; what does not exist is nil.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mappings/engine/buffer.h"

namespace baton::mappings {

struct List;
struct Object;
struct Range;
struct ForLoop;
struct TableLoop;

enum class Kind : std::uint8_t {
  nil,
  boolean,
  integer,
  real,
  text,
  json_list,    // of the data
  json_object,  // of the data
  json_big,     // a whole number beyond 63 bits: it can be written, and counted with only roughly
  list,         // made by a filter, or read with its order kept
  object,       // read with its order kept
  range,
  for_loop,
  table_loop,
  blank,  // the word, in a condition
  empty,  // the word, in a condition
};

class Value {
 public:
  Value() : integer_(0) {}
  static Value of(bool value) { return make(Kind::boolean, value ? 1 : 0); }
  static Value of(std::int64_t value) { return make(Kind::integer, value); }
  static Value of(double value) {
    Value made;
    made.kind_ = Kind::real;
    made.real_ = value;
    return made;
  }
  static Value of(std::string_view value) {
    Value made;
    made.kind_ = Kind::text;
    made.size_ = static_cast<std::uint32_t>(value.size());
    made.text_ = value.data();
    return made;
  }
  static Value of(const List* value) { return pointer(Kind::list, value); }
  static Value of(const Object* value) { return pointer(Kind::object, value); }
  static Value of(const Range* value) { return pointer(Kind::range, value); }
  static Value of(const ForLoop* value) { return pointer(Kind::for_loop, value); }
  static Value of(const TableLoop* value) { return pointer(Kind::table_loop, value); }
  static Value of(const nlohmann::json& value);
  static Value of(const void*) = delete;
  static Value word(Kind kind) { return make(kind, 0); }

  Kind kind() const { return kind_; }
  bool nil() const { return kind_ == Kind::nil; }
  bool truthy() const { return kind_ > Kind::boolean || (kind_ == Kind::boolean && integer_ != 0); }
  bool is_text() const { return kind_ == Kind::text; }
  bool is_number() const { return kind_ == Kind::integer || kind_ == Kind::real; }
  bool is_list() const { return kind_ == Kind::list || kind_ == Kind::json_list; }
  bool is_object() const { return kind_ == Kind::object || kind_ == Kind::json_object; }
  bool is_loop() const { return kind_ == Kind::for_loop || kind_ == Kind::table_loop; }

  // Precondition for each: the kind that it names.
  bool boolean() const { return integer_ != 0; }
  std::int64_t integer() const { return integer_; }
  double real() const { return real_; }
  std::string_view text() const { return {text_, size_}; }
  const nlohmann::json& json() const { return *static_cast<const nlohmann::json*>(pointer_); }
  const List& list() const { return *static_cast<const List*>(pointer_); }
  const Object& object() const { return *static_cast<const Object*>(pointer_); }
  const Range& range() const { return *static_cast<const Range*>(pointer_); }
  const ForLoop& for_loop() const { return *static_cast<const ForLoop*>(pointer_); }
  const TableLoop& table_loop() const { return *static_cast<const TableLoop*>(pointer_); }

 private:
  static Value make(Kind kind, std::int64_t value) {
    Value made;
    made.kind_ = kind;
    made.integer_ = value;
    return made;
  }
  static Value pointer(Kind kind, const void* value) {
    Value made;
    made.kind_ = kind;
    made.pointer_ = value;
    return made;
  }

  Kind kind_ = Kind::nil;
  std::uint32_t size_ = 0;
  union {
    std::int64_t integer_;
    double real_;
    const char* text_;
    const void* pointer_;
  };
};

struct List {
  std::vector<Value> items;
};
struct Object {
  std::vector<std::pair<std::string_view, Value>> members;
};
struct Range {
  std::int64_t first;
  std::int64_t last;
  std::int64_t size() const { return last < first ? 0 : last - first + 1; }  // both are within +-2^53
};
struct ForLoop {
  std::string_view name;
  std::int64_t length;
  std::int64_t index0;
  const ForLoop* parent;
};
struct TableLoop {
  std::int64_t length;
  std::int64_t columns;
  std::int64_t index0;
  std::int64_t column;
  std::int64_t row;
};

// Where filters put what they make. Everything lives until the render ends.
class Arena {
 public:
  explicit Arena(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  std::string_view keep(std::string text);
  List* list();
  Object* object();
  const Range* range(std::int64_t first, std::int64_t last);
  ForLoop* for_loop(ForLoop state);
  TableLoop* table_loop(TableLoop state);
  void charge(std::size_t bytes) { used_ += bytes; }
  bool exhausted() const { return used_ > max_bytes_; }
  std::size_t max_bytes() const { return max_bytes_; }

 private:
  std::size_t max_bytes_;
  std::size_t used_ = 0;
  std::deque<std::string> texts_;
  std::deque<List> lists_;
  std::deque<Object> objects_;
  std::deque<Range> ranges_;
  std::deque<ForLoop> for_loops_;  // a variable may keep one past its loop
  std::deque<TableLoop> table_loops_;
};

// Ruby's rules, which are Liquid's. All recursion is bounded: data deeper than kMaxDepth reads as nil.
inline constexpr int kMaxDepth = 100;

bool equal(const Value& a, const Value& b, int depth = 0);
bool is_blank(const Value& value);  // nil, false, no characters but white space, or nothing inside
bool is_empty(const Value& value);  // a text, list or object without content

// The member of that name, also of forloop and tablerowloop; nil if there is none. `found` tells a
// member that is nil from none.
Value member(const Value& object, std::string_view name, bool* found = nullptr);
// `.size`, `.first`, `.last`; nil for any other name or where they make no sense.
Value command(const Value& value, std::string_view name, Arena& arena);
Value item(const Value& list, std::int64_t index);  // negative counts from the end; nil outside
std::int64_t count(const Value& collection);        // items of a list, object or range, else 0

// The items of a list, range or object (as pairs); a text is one item, unless it is empty.
// At most `max_items` are taken.
void each_item(const Value& collection, Arena& arena, std::size_t max_items, std::vector<Value>& out);

// What `{{ value }}` writes: a list is its items without anything between them.
void write(const Value& value, Buffer& out, int depth = 0);
// What a filter sees as the text of a value: a list or object is in Ruby's notation.
void write_text(const Value& value, Buffer& out, int depth = 0);
std::string_view to_text(const Value& value, Arena& arena);
void write_integer(std::int64_t value, Buffer& out);
void write_real(double value, Buffer& out);  // 1.0, 1.5e-05, 1.0e+20

// JSON, for documents. Nil is null.
void write_json(const Value& value, Buffer& out, int depth = 0);
void write_json_text(std::string_view text, Buffer& out);  // with the quotes
void write_json_escaped(std::string_view text, Buffer& out);

}  // namespace baton::mappings
