#include "gateway/ingress/schemas/read.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <set>
#include <utility>

#include "gateway/base/text.h"

namespace baton {
namespace {

using nlohmann::json;

enum class ByteClass : unsigned char { other, quote, open, close, colon, comma, number };

constexpr auto kClasses = [] {
  std::array<ByteClass, 256> classes{};
  for (const unsigned char c : std::string_view("0123456789+-.eE")) classes[c] = ByteClass::number;
  classes['"'] = ByteClass::quote;
  classes['{'] = classes['['] = ByteClass::open;
  classes['}'] = classes[']'] = ByteClass::close;
  classes[':'] = ByteClass::colon;
  classes[','] = ByteClass::comma;
  return classes;
}();

ByteClass class_of(char c) { return kClasses[static_cast<unsigned char>(c)]; }

// Non-zero where a byte of `word` equals `byte` (the lowest such byte is always exact).
std::uint64_t bytes_equal(std::uint64_t word, unsigned char byte) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
  const auto difference = word ^ (kOnes * byte);
  return (difference - kOnes) & ~difference & kHighs;
}

// The next quote or backslash at or after `i`, eight bytes at a time; the size if there is none.
std::size_t string_stop(std::string_view raw, std::size_t i) {
  if constexpr (std::endian::native == std::endian::little) {
    for (; i + 8 <= raw.size(); i += 8) {
      std::uint64_t word = 0;
      std::memcpy(&word, raw.data() + i, 8);
      const auto hits = bytes_equal(word, '"') | bytes_equal(word, '\\');
      if (hits != 0) return i + static_cast<std::size_t>(std::countr_zero(hits)) / 8;
    }
  }
  while (i < raw.size() && raw[i] != '"' && raw[i] != '\\') ++i;
  return i;
}

struct Place {
  std::size_t line;
  std::size_t column;  // in code points
};

Place place_of(std::string_view raw, std::size_t offset) {
  const auto before = raw.substr(0, offset);
  const auto line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1;
  const auto start = before.rfind('\n');  // npos + 1 is 0
  return {line, count_code_points(before.substr(start + 1)) + 1};
}

std::string place_text(std::string_view raw, std::size_t offset) {
  const auto [line, column] = place_of(raw, offset);
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

class Scanner {
 public:
  Scanner(std::string_view raw, const Limits& limits) : raw_(raw), limits_(limits) {}

  Scan run() {
    if (raw_.size() > limits_.max_bytes) {
      fail("too_large", "more than " + std::to_string(limits_.max_bytes) + " bytes", limits_.max_bytes);
    }
    while (at_ < raw_.size() && !scan_.error) step();
    return std::move(scan_);
  }

 private:
  void step() {
    const auto begin = at_++;
    switch (class_of(raw_[begin])) {
      case ByteClass::other: return;
      case ByteClass::quote:
        skip_string();
        if (depth_ == 1) last_text_ = raw_.substr(begin, at_ - begin);
        return;
      case ByteClass::open:
        scan_.depth = std::max(scan_.depth, ++depth_);
        if (depth_ > limits_.depth)
          exceeded("too_deep", "objects and arrays are nested", limits_.depth, " deep", begin);
        return;
      case ByteClass::close:
        if (depth_ == 1) end_member(begin);
        depth_ -= depth_ > 0;
        return;
      case ByteClass::colon:
        if (depth_ == 1 && last_text_ == R"("data")") data_from_ = at_;
        if (++scan_.keys > limits_.keys) exceeded("too_many_keys", "there are", limits_.keys, " keys", begin);
        return;
      case ByteClass::comma:
        if (depth_ == 1) end_member(begin);
        if (++values_ > limits_.values)
          exceeded("too_many_values", "there are", limits_.values, " values", begin);
        return;
      case ByteClass::number: return skip_number(begin);
    }
  }

  void end_member(std::size_t end) {
    if (data_from_) scan_.data = raw_.substr(*data_from_, end - *data_from_);
    data_from_.reset();
  }

  // From behind the opening quote to behind the closing one.
  void skip_string() {
    for (;;) {
      at_ = string_stop(raw_, at_);
      if (at_ >= raw_.size() || raw_[at_] == '"') break;
      if (raw_.substr(at_, 6) == "\\u0000") {
        return fail("nul_character", "a text holds U+0000, which nothing behind Baton can store", at_);
      }
      at_ += 2;  // what is escaped never ends the string
    }
    at_ = std::min(at_ + 1, raw_.size());
  }

  void skip_number(std::size_t begin) {
    while (at_ < raw_.size() && class_of(raw_[at_]) == ByteClass::number) ++at_;
    if (at_ - begin > limits_.number_length) {
      exceeded("number_too_long", "a number has", limits_.number_length, " characters", begin);
    }
  }

  void exceeded(std::string_view code, std::string_view what, std::size_t limit, std::string_view unit,
                std::size_t offset) {
    fail(code, std::string(what) + " more than " + std::to_string(limit) + std::string(unit), offset);
  }

  void fail(std::string_view code, std::string message, std::size_t offset) {
    const auto line = place_of(raw_, offset).line;
    message += ", at byte " + std::to_string(offset) + " (line " + std::to_string(line) + ")";
    scan_.error = LimitError{std::string(code), std::move(message), offset, line};
  }

  std::string_view raw_;
  const Limits& limits_;
  Scan scan_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  std::string_view last_text_;            // of the outermost object
  std::optional<std::size_t> data_from_;  // while its member `data` is being passed
};

std::size_t count_members(const json& value) {
  std::size_t count = 0;
  if (const auto* object = value.get_ptr<const json::object_t*>()) {
    count = object->size();
    for (const auto& [key, child] : *object) count += count_members(child);
  } else if (const auto* array = value.get_ptr<const json::array_t*>()) {
    for (const auto& child : *array) count += count_members(child);
  }
  return count;
}

// Finds what the tree has lost: the pointers of keys that stand twice in one object.
class DuplicateFinder : public nlohmann::json_sax<json> {
 public:
  std::vector<FieldError> take() { return std::move(found_); }

  bool null() override { return next(); }
  bool boolean(bool) override { return next(); }
  bool number_integer(number_integer_t) override { return next(); }
  bool number_unsigned(number_unsigned_t) override { return next(); }
  bool number_float(number_float_t, const string_t&) override { return next(); }
  bool string(string_t&) override { return next(); }
  bool binary(binary_t&) override { return next(); }
  bool start_object(std::size_t) override { return open(true); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

  bool key(string_t& name) override {
    auto& level = levels_.back();
    level.step = name;
    if (level.keys.insert(name).second) return true;
    found_.push_back({pointer(), "duplicate_key", "stands twice in the same object"});
    return true;
  }

 private:
  struct Level {
    bool object;
    std::size_t index = 0;
    std::string step;
    std::set<std::string> keys;
  };

  bool next() {
    if (!levels_.empty()) ++levels_.back().index;
    return true;
  }
  bool open(bool object) {
    levels_.push_back({object, 0, "", {}});
    return true;
  }
  bool close() {
    levels_.pop_back();
    return next();
  }
  std::string pointer() const {
    std::string out;
    for (const auto& level : levels_) {
      out = pointer_to(out, level.object ? clip_utf8(level.step, 128) : std::to_string(level.index));
    }
    return out;
  }

  std::vector<Level> levels_;
  std::vector<FieldError> found_;
};

std::vector<FieldError> duplicates(std::string_view raw) {
  DuplicateFinder finder;
  json::sax_parse(raw, &finder);
  return finder.take();
}

FieldError syntax_error(std::string_view raw, const json::parse_error& error) {
  if (!is_utf8(raw)) {
    const auto valid = to_valid_utf8(raw);
    const auto bad = static_cast<std::size_t>(std::ranges::mismatch(raw, valid).in1 - raw.begin());
    return {"", "not_utf8", "is not UTF-8 at " + place_text(raw, bad)};
  }
  // The parser's own message repeats what it read last, which may be a customer's text.
  const auto offset = error.byte > 0 ? error.byte - 1 : 0;
  if (offset >= raw.size()) return {"", "not_json", "is not JSON: it ends before it is complete"};
  const bool surrogate = std::string_view(error.what()).find("surrogate") != std::string_view::npos;
  return {"", "not_json",
          (surrogate ? "is not JSON: an escape is half of a surrogate pair, at "
                     : "is not JSON: something else was expected at ") +
              place_text(raw, offset)};
}

}  // namespace

Scan scan_json(std::string_view raw, const Limits& limits) { return Scanner(raw, limits).run(); }

Result<Done> check_limits(std::string_view raw, const Limits& limits) {
  const auto scan = scan_json(raw, limits);
  if (!scan.error) return Done{};
  return Failure(FailureKind::rejected, scan.error->code + ": " + scan.error->message);
}

ReadEvent read_event(std::string_view raw, const Limits& limits) {
  ReadEvent read;
  if (trim(raw).empty()) {
    read.errors.push_back({"", "empty", "is empty; an event in JSON was expected"});
    return read;
  }
  const auto scan = scan_json(raw, limits);
  if (scan.error) {
    read.errors.push_back({"", scan.error->code, scan.error->message});
    return read;
  }
  try {
    read.document = json::parse(raw);
    read.data = scan.data;
  } catch (const json::parse_error& error) {
    read.errors.push_back(syntax_error(raw, error));
  } catch (const json::exception&) {  // out_of_range.406
    read.errors.push_back({"", "number_out_of_range", "a number is larger than a double can hold"});
  }
  if (!read.errors.empty() || count_members(read.document) == scan.keys) return read;
  read.document = nullptr;
  read.errors = duplicates(raw);
  return read;
}

}  // namespace baton
