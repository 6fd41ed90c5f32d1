#include "mappings/engine/value.h"

#include <array>
#include <charconv>
#include <cmath>

#include "gateway/base/text.h"

namespace baton::mappings {
namespace {

using nlohmann::json;

constexpr std::string_view kBlank = " \t\n\v\f\r";

bool same_number(const Value& a, const Value& b) {
  const auto real = [](const Value& value) {
    return value.kind() == Kind::integer ? static_cast<double>(value.integer()) : value.real();
  };
  if (a.kind() == Kind::integer && b.kind() == Kind::integer) return a.integer() == b.integer();
  return real(a) == real(b);
}

bool same_items(const Value& a, const Value& b, int depth) {
  const auto size = count(a);
  if (size != count(b)) return false;
  for (std::int64_t i = 0; i < size; ++i) {
    if (!equal(item(a, i), item(b, i), depth + 1)) return false;
  }
  return true;
}

template <class Visit>
void each_member(const Value& object, Visit visit) {
  if (object.kind() == Kind::object) {
    for (const auto& [key, value] : object.object().members) visit(std::string_view(key), value);
  } else {
    for (const auto& [key, value] : *object.json().get_ptr<const json::object_t*>()) {
      visit(std::string_view(key), Value::of(value));
    }
  }
}

bool same_members(const Value& a, const Value& b, int depth) {
  if (count(a) != count(b)) return false;
  bool same = true;
  each_member(a, [&](std::string_view key, const Value& value) {
    bool found = false;
    const auto other = member(b, key, &found);
    same = same && found && equal(value, other, depth + 1);
  });
  return same;
}

Value loop_member(const ForLoop& loop, std::string_view name, bool& found) {
  found = true;
  if (name == "index") return Value::of(loop.index0 + 1);
  if (name == "index0") return Value::of(loop.index0);
  if (name == "last") return Value::of(loop.index0 == loop.length - 1);
  if (name == "first") return Value::of(loop.index0 == 0);
  if (name == "length") return Value::of(loop.length);
  if (name == "rindex") return Value::of(loop.length - loop.index0);
  if (name == "rindex0") return Value::of(loop.length - loop.index0 - 1);
  if (name == "name") return Value::of(loop.name);
  if (name == "parentloop") return loop.parent ? Value::of(loop.parent) : Value();
  found = false;
  return {};
}

Value table_member(const TableLoop& loop, std::string_view name, bool& found) {
  found = true;
  if (name == "index") return Value::of(loop.index0 + 1);
  if (name == "index0") return Value::of(loop.index0);
  if (name == "last") return Value::of(loop.index0 == loop.length - 1);
  if (name == "first") return Value::of(loop.index0 == 0);
  if (name == "length") return Value::of(loop.length);
  if (name == "rindex") return Value::of(loop.length - loop.index0);
  if (name == "rindex0") return Value::of(loop.length - loop.index0 - 1);
  if (name == "col") return Value::of(loop.column);
  if (name == "col0") return Value::of(loop.column - 1);
  if (name == "row") return Value::of(loop.row);
  if (name == "col_first") return Value::of(loop.column == 1);
  if (name == "col_last") return Value::of(loop.column == loop.columns);
  found = false;
  return {};
}

std::string_view last_code_point(std::string_view text) {
  std::size_t start = text.size();
  while (start > 0 && (static_cast<unsigned char>(text[--start]) & 0xC0) == 0x80) continue;
  return text.substr(start);
}

std::string_view first_code_point(std::string_view text) {
  std::size_t end = text.empty() ? 0 : 1;
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return text.substr(0, end);
}

Value pair(std::string_view key, const Value& value, Arena& arena) {
  auto* made = arena.list();
  made->items = {Value::of(key), value};
  return Value::of(made);
}

// Ruby's String#inspect.
void write_inspected(std::string_view text, Buffer& out) {
  out.push('"');
  for (const char c : text) {
    switch (c) {
      case '"': out.append("\\\""); break;
      case '\\': out.append("\\\\"); break;
      case '\n': out.append("\\n"); break;
      case '\t': out.append("\\t"); break;
      case '\r': out.append("\\r"); break;
      case '\f': out.append("\\f"); break;
      case '\v': out.append("\\v"); break;
      case '\a': out.append("\\a"); break;
      case '\b': out.append("\\b"); break;
      case '\x1b': out.append("\\e"); break;
      default: out.push(c);
    }
  }
  out.push('"');
}

void inspect(const Value& value, Buffer& out, int depth) {
  if (value.nil()) out.append("nil");
  else if (value.is_text()) write_inspected(value.text(), out);
  else write_text(value, out, depth + 1);
}

void write_big(const Value& value, Buffer& out) {
  std::array<char, 24> digits{};
  const auto number = value.json().get<std::uint64_t>();
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

std::string_view loop_name(const Value& value) {
  return value.kind() == Kind::for_loop ? "Liquid::ForloopDrop" : "Liquid::TablerowloopDrop";
}

// Which bytes JSON cannot hold as they are; bytes above ASCII are looked at for being UTF-8.
constexpr auto kPlainInJson = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x80; ++c) plain[static_cast<std::size_t>(c)] = c != '"' && c != '\\';
  return plain;
}();

void write_json_escape(unsigned char c, Buffer& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"': return out.append("\\\"");
    case '\\': return out.append("\\\\");
    case '\n': return out.append("\\n");
    case '\r': return out.append("\\r");
    case '\t': return out.append("\\t");
    default:
      out.append("\\u00");
      out.push(kHex[c >> 4]);
      out.push(kHex[c & 15]);
  }
}

// How many bytes from `at` on are one well-formed sequence above ASCII; 0 if they are none.
std::size_t sequence_length(const unsigned char* at, const unsigned char* end) {
  const unsigned char lead = *at;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || static_cast<std::size_t>(end - at) < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at[i] & 0xC0) != 0x80) return 0;
  }
  if ((lead == 0xE0 && at[1] < 0xA0) || (lead == 0xED && at[1] > 0x9F) || (lead == 0xF0 && at[1] < 0x90) ||
      (lead == 0xF4 && at[1] > 0x8F)) {
    return 0;
  }
  return length;
}

}  // namespace

bool Buffer::grow(std::size_t more) {
  if (full_ || more > max_bytes_ - size_) {
    full_ = true;
    return false;
  }
  std::size_t wanted = capacity_ < 2048 ? 4096 : capacity_ * 2;
  if (wanted < size_ + more) wanted = size_ + more;
  std::unique_ptr<char[]> bigger(new char[wanted]);  // not zeroed: every byte is written before it is read
  if (size_ > 0) std::memcpy(bigger.get(), data_.get(), size_);
  data_ = std::move(bigger);
  // Never more than the limit, so that append() needs one comparison only.
  capacity_ = wanted < max_bytes_ ? wanted : max_bytes_;
  return true;
}

Value Value::of(const nlohmann::json& value) {
  using Type = nlohmann::json::value_t;
  switch (value.type()) {
    case Type::boolean: return of(*value.get_ptr<const bool*>());
    case Type::number_integer: return of(*value.get_ptr<const std::int64_t*>());
    case Type::number_unsigned: {
      const auto number = *value.get_ptr<const std::uint64_t*>();
      if (number > static_cast<std::uint64_t>(INT64_MAX)) return pointer(Kind::json_big, &value);
      return of(static_cast<std::int64_t>(number));
    }
    case Type::number_float: return of(*value.get_ptr<const double*>());
    case Type::string: return of(std::string_view(*value.get_ptr<const std::string*>()));
    case Type::array: return pointer(Kind::json_list, &value);
    case Type::object: return pointer(Kind::json_object, &value);
    case Type::null:
    case Type::binary:
    case Type::discarded: return {};
  }
  return {};
}

std::string_view Arena::keep(std::string text) {
  charge(text.size() + sizeof(std::string));
  return texts_.emplace_back(std::move(text));
}
List* Arena::list() {
  charge(sizeof(List));
  return &lists_.emplace_back();
}
Object* Arena::object() {
  charge(sizeof(Object));
  return &objects_.emplace_back();
}
const Range* Arena::range(std::int64_t first, std::int64_t last) {
  charge(sizeof(Range));
  return &ranges_.emplace_back(Range{first, last});
}

ForLoop* Arena::for_loop(ForLoop state) {
  charge(sizeof(ForLoop));
  return &for_loops_.emplace_back(state);
}
TableLoop* Arena::table_loop(TableLoop state) {
  charge(sizeof(TableLoop));
  return &table_loops_.emplace_back(state);
}

bool equal(const Value& a, const Value& b, int depth) {
  if (depth > kMaxDepth) return false;
  if (a.is_number() && b.is_number()) return same_number(a, b);
  if (a.is_list() && b.is_list()) return same_items(a, b, depth);
  if (a.is_object() && b.is_object()) return same_members(a, b, depth);
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Kind::nil: return true;
    case Kind::boolean: return a.boolean() == b.boolean();
    case Kind::text: return a.text() == b.text();
    case Kind::json_big: return a.json() == b.json();
    case Kind::range: return a.range().first == b.range().first && a.range().last == b.range().last;
    case Kind::for_loop: return &a.for_loop() == &b.for_loop();
    case Kind::table_loop: return &a.table_loop() == &b.table_loop();
    default: return false;
  }
}

bool is_blank(const Value& value) {
  if (value.nil() || (value.kind() == Kind::boolean && !value.boolean())) return true;
  if (value.is_text()) return value.text().find_first_not_of(kBlank) == std::string_view::npos;
  return is_empty(value);
}

bool is_empty(const Value& value) {
  if (value.is_text()) return value.text().empty();
  return (value.is_list() || value.is_object()) && count(value) == 0;
}

Value member(const Value& object, std::string_view name, bool* found) {
  bool ignored = false;
  bool& has = found ? *found : ignored;
  has = false;
  if (object.kind() == Kind::json_object) {
    const auto* members = object.json().get_ptr<const json::object_t*>();
    const auto at = members->find(name);
    if (at == members->end()) return {};
    has = true;
    return Value::of(at->second);
  }
  if (object.kind() == Kind::object) {
    for (const auto& [key, value] : object.object().members) {
      if (key != name) continue;
      has = true;
      return value;
    }
    return {};
  }
  if (object.kind() == Kind::for_loop) return loop_member(object.for_loop(), name, has);
  if (object.kind() == Kind::table_loop) return table_member(object.table_loop(), name, has);
  return {};
}

Value command(const Value& value, std::string_view name, Arena& arena) {
  const bool first = name == "first";
  if (name == "size") {
    if (value.is_text()) return Value::of(static_cast<std::int64_t>(count_code_points(value.text())));
    if (value.kind() == Kind::integer) return Value::of(std::int64_t{8});  // the bytes of it, as Ruby has it
    if (value.is_list() || value.is_object() || value.kind() == Kind::range) return Value::of(count(value));
    return {};
  }
  if (!first && name != "last") return {};
  if (value.is_text()) {
    return Value::of(first ? first_code_point(value.text()) : last_code_point(value.text()));
  }
  if (value.is_list()) return item(value, first ? 0 : -1);
  if (value.kind() == Kind::range) return Value::of(first ? value.range().first : value.range().last);
  if (!value.is_object() || !first || count(value) == 0) return {};
  std::vector<Value> pairs;
  each_item(value, arena, 1, pairs);
  return pairs.front();
}

Value item(const Value& list, std::int64_t index) {
  const auto size = count(list);
  if (index < 0) index += size;
  if (index < 0 || index >= size) return {};
  if (list.kind() == Kind::list) return list.list().items[static_cast<std::size_t>(index)];
  if (list.kind() == Kind::json_list) {
    return Value::of((*list.json().get_ptr<const json::array_t*>())[static_cast<std::size_t>(index)]);
  }
  if (list.kind() == Kind::range) return Value::of(list.range().first + index);
  return {};
}

std::int64_t count(const Value& collection) {
  switch (collection.kind()) {
    case Kind::list: return static_cast<std::int64_t>(collection.list().items.size());
    case Kind::object: return static_cast<std::int64_t>(collection.object().members.size());
    case Kind::json_list:
    case Kind::json_object: return static_cast<std::int64_t>(collection.json().size());
    case Kind::range: return collection.range().size();
    default: return 0;
  }
}

void each_item(const Value& collection, Arena& arena, std::size_t max_items, std::vector<Value>& out) {
  if (collection.is_text()) {
    if (!collection.text().empty() && max_items > 0) out.push_back(collection);
    return;
  }
  if (collection.is_object()) {
    each_member(collection, [&](std::string_view key, const Value& value) {
      if (out.size() < max_items) out.push_back(pair(key, value, arena));
    });
    return;
  }
  auto size = count(collection);
  if (static_cast<std::uint64_t>(size) > max_items) size = static_cast<std::int64_t>(max_items);
  out.reserve(static_cast<std::size_t>(size));
  for (std::int64_t i = 0; i < size; ++i) out.push_back(item(collection, i));
}

void write(const Value& value, Buffer& out, int depth) {
  if (value.is_text()) return out.append(value.text());
  if (!value.is_list()) return write_text(value, out, depth);
  if (depth > kMaxDepth) return;
  for (std::int64_t i = 0; i < count(value) && !out.full(); ++i) write(item(value, i), out, depth + 1);
}

void write_text(const Value& value, Buffer& out, int depth) {
  if (depth > kMaxDepth) return;
  bool comma = false;
  switch (value.kind()) {
    case Kind::nil:
    case Kind::blank:
    case Kind::empty: return;
    case Kind::boolean: return out.append(value.boolean() ? "true" : "false");
    case Kind::integer: return write_integer(value.integer(), out);
    case Kind::real: return write_real(value.real(), out);
    case Kind::text: return out.append(value.text());
    case Kind::json_big: return write_big(value, out);
    case Kind::range:
      write_integer(value.range().first, out);
      out.append("..");
      return write_integer(value.range().last, out);
    case Kind::for_loop:
    case Kind::table_loop: return out.append(loop_name(value));
    case Kind::list:
    case Kind::json_list:
      out.push('[');
      for (std::int64_t i = 0; i < count(value) && !out.full(); ++i) {
        if (i > 0) out.append(", ");
        inspect(item(value, i), out, depth);
      }
      return out.push(']');
    case Kind::object:
    case Kind::json_object:
      out.push('{');
      each_member(value, [&](std::string_view key, const Value& inner) {
        if (out.full()) return;
        if (std::exchange(comma, true)) out.append(", ");
        write_inspected(key, out);
        out.append("=>");
        inspect(inner, out, depth);
      });
      return out.push('}');
  }
}

std::string_view to_text(const Value& value, Arena& arena) {
  if (value.is_text()) return value.text();
  if (value.nil()) return {};
  Buffer out(arena.max_bytes());
  write_text(value, out);
  return arena.keep(out.text());
}

void write_integer(std::int64_t value, Buffer& out) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

// Ruby's Float#to_s: the shortest digits that read back, plain between 1e-4 and 1e16.
void write_real(double value, Buffer& out) {
  if (std::isnan(value)) return out.append("NaN");
  if (std::isinf(value)) return out.append(value < 0 ? "-Infinity" : "Infinity");
  std::array<char, 400> digits{};
  const double size = std::fabs(value);
  const bool plain = value == 0 || (size >= 1e-4 && size < 1e16);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, format).ptr;
  const std::string_view text{digits.data(), static_cast<std::size_t>(end - digits.data())};
  const auto exponent = plain ? text.size() : text.find('e');
  out.append(text.substr(0, exponent));
  if (text.substr(0, exponent).find('.') == std::string_view::npos) out.append(".0");
  out.append(text.substr(exponent));
}

void write_json_escaped(std::string_view text, Buffer& out) {
  const auto* at = reinterpret_cast<const unsigned char*>(text.data());
  const auto* const end = at + text.size();
  const auto* run = at;
  const auto flush = [&] {
    out.append({reinterpret_cast<const char*>(run), static_cast<std::size_t>(at - run)});
  };
  while (true) {
    while (at != end && kPlainInJson[*at]) ++at;
    if (at == end) return flush();
    const std::size_t length = *at >= 0x80 ? sequence_length(at, end) : 0;
    if (length > 0) {
      at += length;
      continue;
    }
    flush();
    if (*at >= 0x80) out.append("\xEF\xBF\xBD");
    else write_json_escape(*at, out);
    run = ++at;
  }
}

void write_json_text(std::string_view text, Buffer& out) {
  out.push('"');
  write_json_escaped(text, out);
  out.push('"');
}

void write_json(const Value& value, Buffer& out, int depth) {
  if (depth > kMaxDepth) return out.append("null");
  bool comma = false;
  switch (value.kind()) {
    case Kind::nil: return out.append("null");
    case Kind::boolean:
    case Kind::integer:
    case Kind::json_big: return write_text(value, out);
    case Kind::real:
      // JSON has no word for what is not finite; nlohmann writes null, and so do we.
      return std::isfinite(value.real()) ? out.append(nlohmann::json(value.real()).dump())
                                         : out.append("null");
    case Kind::text: return write_json_text(value.text(), out);
    case Kind::list:
    case Kind::json_list:
    case Kind::range:
      out.push('[');
      for (std::int64_t i = 0; i < count(value) && !out.full(); ++i) {
        if (i > 0) out.push(',');
        write_json(item(value, i), out, depth + 1);
      }
      return out.push(']');
    case Kind::object:
    case Kind::json_object:
      out.push('{');
      each_member(value, [&](std::string_view key, const Value& inner) {
        if (out.full()) return;
        if (std::exchange(comma, true)) out.push(',');
        write_json_text(key, out);
        out.push(':');
        write_json(inner, out, depth + 1);
      });
      return out.push('}');
    case Kind::for_loop:
    case Kind::table_loop:
    case Kind::blank:
    case Kind::empty: return out.append("\"\"");
  }
}

}  // namespace baton::mappings
