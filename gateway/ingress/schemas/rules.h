// Purpose: the published JSON Schemas, compiled once into a form that is cheap to hold a tree against.
// The part of draft 7 that our schemas use; a keyword outside of it ends the process at start, so that
// none is ever published and then ignored.
// Owner: EventValidator; rules live as long as their Rules. Threads: any once made.
// Units: lengths in code points. Errors: none at run time; a broken schema is a broken invariant of ours.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace re2 {
class RE2;
}

namespace baton {

struct Rule {
  static constexpr auto kNoLimit = std::numeric_limits<std::size_t>::max();

  // Bits of `types`.
  enum Type : unsigned {
    null = 1,
    boolean = 2,
    integer = 4,
    number = 8,
    string = 16,
    array = 32,
    object = 64
  };

  struct Property {
    std::string name;
    const Rule* rule = nullptr;  // null: anything
    bool required = false;
  };

  Rule();
  ~Rule();

  unsigned types = 127;
  std::vector<std::string> allowed;  // enum and const, texts only; empty: any
  double minimum = -std::numeric_limits<double>::infinity();
  double maximum = std::numeric_limits<double>::infinity();
  std::size_t min_length = 0, max_length = kNoLimit;
  bool timestamp = false;  // format date-time; then the pattern beside it says no more than it
  std::unique_ptr<re2::RE2> pattern;
  std::size_t min_items = 0, max_items = kNoLimit;
  const Rule* items = nullptr;
  std::vector<Property> properties;  // sorted by name
  std::size_t required = 0;          // how many of them are
  std::size_t max_properties = kNoLimit;
  const Rule* names = nullptr;   // propertyNames
  const Rule* others = nullptr;  // additionalProperties as a schema
  bool closed = false;           // additionalProperties: false
};

class Rules {
 public:
  // Compiles every embedded schema.
  Rules();
  ~Rules();

  // The rule of a whole file, "handoff.requested.schema.json"; null if there is none.
  const Rule* find(std::string_view file) const;

 private:
  const Rule* compile(const nlohmann::json& schema, const std::string& file);
  const Rule* resolve(const std::string& reference, const std::string& file);
  void read_keyword(Rule& rule, const std::string& keyword, const nlohmann::json& value,
                    const std::string& file);
  void read_properties(Rule& rule, const nlohmann::json& schema, const std::string& file);

  std::map<std::string, nlohmann::json, std::less<>> documents_;
  std::map<std::string, const Rule*, std::less<>> by_reference_;  // "file#/definitions/x"
  std::vector<std::unique_ptr<Rule>> rules_;
};

// RFC 3339 as our schemas write it: a date that exists, seconds 00 to 59, Z or an offset.
bool is_timestamp(std::string_view text);

}  // namespace baton
