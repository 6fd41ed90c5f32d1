#include "mappings/engine/data.h"

#include <algorithm>

namespace baton::mappings {
namespace {

using nlohmann::json;

class JsonReader : public json::json_sax_t {
 public:
  explicit JsonReader(Arena& arena) : arena_(arena) {}

  bool null() override { return put({}); }
  bool boolean(bool value) override { return put(Value::of(value)); }
  bool number_integer(number_integer_t value) override { return put(Value::of(std::int64_t{value})); }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(INT64_MAX))
      return put(Value::of(static_cast<std::int64_t>(value)));
    return put(Value::of(arena_.keep(std::to_string(value))));  // too long a number stays as it is written
  }
  bool number_float(number_float_t value, const string_t& text) override {
    // A whole number that is too long for one is kept as it was written.
    if (text.find_first_of(".eE") == string_t::npos) return put(Value::of(arena_.keep(text)));
    return put(Value::of(value));
  }
  bool string(string_t& value) override { return put(Value::of(arena_.keep(std::move(value)))); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open({nullptr, arena_.object(), {}}); }
  bool key(string_t& value) override {
    open_.back().key = arena_.keep(std::move(value));
    return true;
  }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open({arena_.list(), nullptr, {}}); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& error) override {
    error_ = error.what();
    return false;
  }

  Value result() const { return result_; }
  const std::string& error() const { return error_; }

 private:
  struct Open {
    List* list;
    Object* object;
    std::string_view key;
  };

  bool put(Value value) {
    if (open_.empty()) {
      result_ = value;
    } else if (auto& top = open_.back(); top.list) {
      top.list->items.push_back(value);
    } else {
      auto& members = top.object->members;
      const auto known = std::ranges::find(members, top.key, &std::pair<std::string_view, Value>::first);
      if (known == members.end()) members.emplace_back(top.key, value);
      else known->second = value;  // the last one counts, as everywhere
    }
    return true;
  }
  bool open(Open opened) {
    if (open_.size() >= kMaxDepth) {
      error_ = "the data is nested too deeply";
      return false;
    }
    open_.push_back(opened);
    return true;
  }
  bool close() {
    const auto closed = open_.back();
    open_.pop_back();
    return put(closed.list ? Value::of(closed.list) : Value::of(closed.object));
  }

  Arena& arena_;
  std::vector<Open> open_;
  Value result_;
  std::string error_;
};

}  // namespace

Result<Value> read_ordered(std::string_view text, Arena& arena) {
  JsonReader reader(arena);
  if (json::sax_parse(text, &reader)) return reader.result();
  return Failure(FailureKind::rejected, "the data is not valid JSON: " + reader.error());
}

}  // namespace baton::mappings
