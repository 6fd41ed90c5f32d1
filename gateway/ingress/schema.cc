#include "gateway/ingress/schema.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include <re2/re2.h>

#include "gateway/base/check.h"
#include "gateway/base/text.h"
#include "gateway/ingress/schemas/rules.h"

namespace baton {
namespace {

using nlohmann::json;

constexpr std::size_t kShownBytes = 64;  // of what somebody sent, in our messages

// The way to a value; written out only if there is an error to report.
struct Path {
  const Path* above = nullptr;
  std::string_view key;
  std::size_t index = 0;
  bool is_index = false;
};

std::string pointer_of(const Path& path) {
  if (path.above == nullptr) return "";
  const auto step = path.is_index ? std::to_string(path.index) : std::string(clip_utf8(path.key, 128));
  return pointer_to(pointer_of(*path.above), step);
}

std::string shown(std::string_view text) {
  const auto clipped = clip_utf8(text, kShownBytes);
  return "`" + std::string(clipped) + (clipped.size() < text.size() ? "...`" : "`");
}

std::string number_text(double value) { return json(value).dump(); }
std::string bound_text(double value) {
  const auto whole = static_cast<long long>(value);
  return static_cast<double>(whole) == value ? std::to_string(whole) : number_text(value);
}

// `nearest` costs the product of both lengths: a hostile name of a megabyte has no neighbour.
std::string nearby(std::string_view name, std::span<const std::string> known) {
  const auto found = name.size() <= kShownBytes ? nearest(name, known) : std::nullopt;
  return found ? ", did you mean `" + *found + "`?" : "";
}

std::vector<std::string> names_of(const Rule& object) {
  std::vector<std::string> names;
  for (const auto& property : object.properties) names.push_back(property.name);
  return names;
}

unsigned type_of(const json& value) {
  switch (value.type()) {
    case json::value_t::null: return Rule::null;
    case json::value_t::boolean: return Rule::boolean;
    case json::value_t::number_integer:
    case json::value_t::number_unsigned: return Rule::integer;
    case json::value_t::number_float: return Rule::number;
    case json::value_t::string: return Rule::string;
    case json::value_t::array: return Rule::array;
    case json::value_t::object: return Rule::object;
    case json::value_t::binary:
    case json::value_t::discarded: break;
  }
  return 0;
}

std::string type_names(unsigned types) {
  constexpr auto kNames =
      std::to_array<std::pair<unsigned, std::string_view>>({{Rule::string, "a text"},
                                                            {Rule::number, "a number"},
                                                            {Rule::integer, "a whole number"},
                                                            {Rule::boolean, "true or false"},
                                                            {Rule::array, "an array"},
                                                            {Rule::object, "an object"},
                                                            {Rule::null, "null"}});
  if ((types & Rule::number) != 0) types &= ~static_cast<unsigned>(Rule::integer);
  std::vector<std::string> names;
  for (const auto& [bit, name] : kNames) {
    if ((types & bit) != 0) names.emplace_back(name);
  }
  return join(names, " or ");
}

// One walk over tree and rules together. A valid event costs no allocation.
class Walk {
 public:
  explicit Walk(std::vector<FieldError>& errors) : errors_(errors) {}

  void check(const json& value, const Rule& rule, const Path& path) {
    if (errors_.size() >= EventValidator::kMaxErrors) return;
    const auto type = type_of(value);
    if ((rule.types & type) == 0) return wrong_type(value, type, rule, path);
    switch (type) {
      case Rule::string: return check_text(value.get_ref<const std::string&>(), rule, path);
      case Rule::integer:
      case Rule::number: return check_number(value, rule, path);
      case Rule::array: return check_array(value, rule, path);
      case Rule::object: return check_object(value.get_ref<const json::object_t&>(), rule, path);
      default: return;
    }
  }

 private:
  void report(const Path& path, std::string_view code, std::string detail) {
    if (errors_.size() + 1 < EventValidator::kMaxErrors) {
      errors_.push_back({pointer_of(path), std::string(code), std::move(detail)});
    } else if (errors_.size() < EventValidator::kMaxErrors) {
      errors_.push_back({"", "too_many_errors", "there are more errors; correct these first"});
    }
  }

  void wrong_type(const json& value, unsigned type, const Rule& rule, const Path& path) {
    auto detail = "must be " + type_names(rule.types) + ", not " + type_names(type);
    if (!rule.allowed.empty()) detail += "; allowed: " + join(rule.allowed, ", ");
    if (value.is_null()) detail += "; leave out what is not known";
    report(path, "wrong_type", std::move(detail));
  }

  void check_text(const std::string& text, const Rule& rule, const Path& path) {
    if (!rule.allowed.empty() && std::ranges::find(rule.allowed, text) == rule.allowed.end()) {
      return report(path, "not_allowed",
                    shown(text) + " is not one of " + join(rule.allowed, ", ") + nearby(text, rule.allowed));
    }
    // A text never has more characters than bytes.
    if (text.size() > rule.max_length && count_code_points(text) > rule.max_length) {
      return report(path, "too_long",
                    "has " + std::to_string(count_code_points(text)) + " characters; at most " +
                        std::to_string(rule.max_length) + " are allowed");
    }
    if (rule.min_length > 0 && count_code_points(text) < rule.min_length) {
      return report(path, "too_short",
                    rule.min_length == 1
                        ? "must not be empty"
                        : "must have at least " + std::to_string(rule.min_length) + " characters");
    }
    if (rule.timestamp) {
      if (is_timestamp(text)) return;
      return report(path, "bad_timestamp",
                    shown(text) + " is not a time such as 2026-09-01T10:15:29.120Z (RFC 3339, with a zone)");
    }
    if (rule.pattern && !re2::RE2::PartialMatch(text, *rule.pattern)) {
      report(path, "bad_format", shown(text) + " does not have the form " + rule.pattern->pattern());
    }
  }

  void check_number(const json& value, const Rule& rule, const Path& path) {
    const auto number = value.get<double>();
    if (number >= rule.minimum && number <= rule.maximum) return;
    const bool bounded = rule.maximum < std::numeric_limits<double>::infinity();
    report(path, "out_of_range",
           value.dump() + " must be " +
               (bounded ? "from " + bound_text(rule.minimum) + " to " + bound_text(rule.maximum)
                        : "at least " + bound_text(rule.minimum)));
  }

  void check_array(const json& value, const Rule& rule, const Path& path) {
    const auto size = value.size();
    if (size > rule.max_items) {
      report(path, "too_many_items",
             "has " + std::to_string(size) + " items; at most " + std::to_string(rule.max_items) +
                 " are allowed");
    }
    if (size < rule.min_items) {
      report(path, "too_few_items",
             rule.min_items == 1 ? "must not be empty"
                                 : "must have at least " + std::to_string(rule.min_items) + " items");
    }
    if (rule.items == nullptr) return;
    Path step{&path, {}, 0, true};
    for (const auto& item : value) {
      check(item, *rule.items, step);
      ++step.index;
    }
  }

  // Members and properties are both in the order of their names, so one pass joins them.
  void check_object(const json::object_t& members, const Rule& rule, const Path& path) {
    if (members.size() > rule.max_properties) {
      report(path, "too_many_fields",
             "has " + std::to_string(members.size()) + " fields; at most " +
                 std::to_string(rule.max_properties) + " are allowed");
    }
    auto property = rule.properties.begin();
    std::size_t required = 0;
    for (const auto& [name, value] : members) {
      const Path step{&path, name};
      int order = -1;
      for (; property != rule.properties.end(); ++property) {
        order = property->name.compare(name);
        if (order >= 0) break;
      }
      if (rule.names != nullptr) check_name(name, rule, step);
      if (order == 0 && property != rule.properties.end()) {
        required += property->required;
        check(value, *property->rule, step);
      } else if (rule.closed) {
        unknown(name, rule, step);
      } else if (rule.others != nullptr) {
        check(value, *rule.others, step);
      }
    }
    if (required != rule.required) report_missing(members, rule, path);
  }

  void check_name(const std::string& name, const Rule& object, const Path& path) {
    const auto& rule = *object.names;
    if (name.size() > rule.max_length && count_code_points(name) > rule.max_length) {
      report(path, "bad_name", "a name has at most " + std::to_string(rule.max_length) + " characters");
    } else if (rule.pattern && !re2::RE2::PartialMatch(name, *rule.pattern)) {
      report(path, "bad_name",
             "a name here must have the form " + rule.pattern->pattern() + nearby(name, names_of(object)));
    }
  }

  void unknown(const std::string& name, const Rule& rule, const Path& path) {
    const auto known = names_of(rule);
    report(path, "unknown_field",
           "unknown field" + nearby(name, known) + "; allowed here: " + join(known, ", "));
  }

  void report_missing(const json::object_t& members, const Rule& rule, const Path& path) {
    for (const auto& property : rule.properties) {
      if (property.required && !members.contains(property.name)) {
        report(Path{&path, property.name}, "required", "is required");
      }
    }
  }

  std::vector<FieldError>& errors_;
};

}  // namespace

EventValidator::EventValidator() : rules_(std::make_unique<const Rules>()) {}
EventValidator::~EventValidator() = default;

std::vector<FieldError> EventValidator::validate(const json& event) const {
  std::vector<FieldError> errors;
  const auto* envelope = rules_->find("envelope.schema.json");
  BATON_CHECK(envelope != nullptr);
  Walk walk(errors);
  const Path root;
  walk.check(event, *envelope, root);
  if (!event.is_object()) return errors;
  const auto type = event.find("type"), data = event.find("data");
  if (type == event.end() || !type->is_string() || data == event.end() || !data->is_object()) return errors;
  const auto* rule = rules_->find(type->get_ref<const std::string&>() + ".schema.json");
  // "envelope" and "definitions" are files too, but no types: the envelope has refused them.
  if (rule != nullptr && type->get_ref<const std::string&>().find('.') != std::string::npos) {
    walk.check(*data, *rule, Path{&root, "data"});
  }
  return errors;
}

}  // namespace baton
