// Our compiled rules against valijson, which is slower but somebody else's reading of draft 7: for
// thousands of mutated events both must say the same.
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "gateway/ingress/schema.h"
#include "gateway/ingress/schemas/event_schemas.h"

namespace baton {
namespace {

using nlohmann::json;
using Adapter = valijson::adapters::NlohmannJsonAdapter;

std::map<std::string, json> documents() {
  std::map<std::string, json> found;
  for (const auto& schema : event_schemas()) found.emplace(schema.name, json::parse(schema.text));
  return found;
}

// Every $ref replaced by what it names. `format` goes too: valijson compiles a regular expression for
// each value that has one, and the pattern beside it says the same but for days that do not exist.
json inlined(const json& schema, const std::string& file, const std::map<std::string, json>& all) {
  if (schema.is_array()) {
    json items = json::array();
    for (const auto& item : schema) items.push_back(inlined(item, file, all));
    return items;
  }
  if (!schema.is_object()) return schema;
  if (schema.contains("$ref")) {
    const std::string reference = schema["$ref"];
    const auto hash = reference.find('#');
    const auto target = hash == 0 ? file : reference.substr(0, hash);
    return inlined(all.at(target)[json::json_pointer(reference.substr(hash + 1))], target, all);
  }
  json copy = json::object();
  for (const auto& [key, value] : schema.items()) {
    if (key != "format" && key != "definitions" && key[0] != '$') copy[key] = inlined(value, file, all);
  }
  return copy;
}

class Oracle {
 public:
  Oracle() {
    const auto all = documents();
    for (const auto& [name, document] : all) {
      const auto whole = inlined(document, name, all);
      valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(whole), schemas_[name]);
    }
  }

  bool accepts(const json& event) {
    if (!fits("envelope.schema.json", event)) return false;
    return fits(event["type"].get<std::string>() + ".schema.json", event["data"]);
  }

 private:
  bool fits(const std::string& name, const json& value) {
    return validator_.validate(schemas_.at(name), Adapter(value), nullptr);
  }

  std::map<std::string, valijson::Schema> schemas_;
  valijson::Validator validator_{valijson::Validator::kStrongTypes};
};

class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  void mutate(json& event) {
    auto& place = descend(event);
    if (place.is_object() && chance(3)) return mutate_object(place);
    if (place.is_array() && chance(2)) return mutate_array(place);
    if (place.is_string() && chance(2)) return mutate_text(place.get_ref<std::string&>());
    place = value();
  }

 private:
  std::size_t below(std::size_t bound) { return random_() % bound; }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }

  json& descend(json& at) {
    if (!at.is_structured() || at.empty() || chance(5)) return at;
    return descend(*std::next(at.begin(), static_cast<std::ptrdiff_t>(below(at.size()))));
  }

  json value() {
    static const auto& kValues = *new std::vector<json>{nullptr,
                                                        true,
                                                        0,
                                                        1,
                                                        -1,
                                                        5,
                                                        1.0,
                                                        0.5,
                                                        1.0001,
                                                        -2,
                                                        11,
                                                        1e30,
                                                        "",
                                                        "x",
                                                        "1.0",
                                                        "low",
                                                        "ai",
                                                        "human",
                                                        "callback",
                                                        "other",
                                                        "handoff.updated",
                                                        "error.reported",
                                                        "conversation.rated",
                                                        "2026-09-01T10:15:29Z",
                                                        "2026-09-01T10:15:29",
                                                        "2026-13-01T00:00:00Z",
                                                        "hof_0191d3f0a7b27c5e8f00112233445566",
                                                        json::array(),
                                                        json::object(),
                                                        json::array({1}),
                                                        json::array({"x"}),
                                                        {{"id", "c"}},
                                                        {{"role", "ai"}},
                                                        {{"value", "v"}},
                                                        {{"action", "a"}}};
    if (chance(8)) return std::string(near_a_bound(), 'x');
    return kValues[below(kValues.size())];
  }

  std::size_t near_a_bound() {
    constexpr std::size_t kBounds[] = {35, 40, 64, 128, 256, 320, 512, 1024, 2048, 4096};
    return kBounds[below(std::size(kBounds))] + below(3) - 1;
  }

  void mutate_object(json& object) {
    static const auto& kNames = *new std::vector<std::string>{
        "id",         "at",      "role", "text",       "score",      "extra",        "priority",
        "handoff_id", "Extra",   "by",   "x_y",        "choice",     "conversation", "metadata",
        "errors",     "summary", "size", "attributes", "confidence", "time"};
    if (!object.empty() && chance(2)) {
      object.erase(std::next(object.begin(), static_cast<std::ptrdiff_t>(below(object.size()))));
    } else {
      object[kNames[below(kNames.size())]] = value();
    }
  }

  void mutate_array(json& array) {
    if (array.empty()) return array.push_back(value());
    const auto item = array[below(array.size())];
    constexpr std::size_t kCounts[] = {1, 2, 48, 49, 98, 99, 100, 198, 199, 200};
    for (auto count = kCounts[below(std::size(kCounts))]; count > 0; --count) array.push_back(item);
  }

  void mutate_text(std::string& text) {
    static constexpr std::string_view kBytes = "0129TZ:.+-ax_ ";
    if (text.empty() || chance(3)) text.insert(below(text.size() + 1), 1, kBytes[below(kBytes.size())]);
    else if (chance(2)) text.erase(below(text.size()), 1);
    else text[below(text.size())] = kBytes[below(kBytes.size())];
  }

  std::mt19937_64 random_;
};

std::vector<json> valid_events() {
  std::vector<json> events;
  const auto folder = std::filesystem::path(BATON_SOURCE_DIR) / "tests/event_schema/valid";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path());
    events.push_back(json::parse(file));
  }
  return events;
}

// A day that its month does not have passes the pattern and not our calendar: the one difference.
bool only_a_missing_day(const std::vector<FieldError>& errors) {
  return !errors.empty() &&
         std::ranges::all_of(errors, [](const FieldError& error) { return error.code == "bad_timestamp"; });
}

TEST(Agreement, compiled_rules_and_valijson_agree_on_mutated_events) {
  const EventValidator validator;
  Oracle oracle;
  Mutator mutator(20'260'901);
  const auto events = valid_events();
  std::size_t accepted = 0, refused = 0, calendar = 0;
  for (int round = 0; round < 20'000; ++round) {
    auto event = events[static_cast<std::size_t>(round) % events.size()];
    for (int times = round % 3; times >= 0; --times) mutator.mutate(event);
    const auto errors = validator.validate(event);
    const bool expected = oracle.accepts(event);
    ++(errors.empty() ? accepted : refused);
    if (errors.empty() == expected) continue;
    ++calendar;
    ASSERT_TRUE(expected && only_a_missing_day(errors))
        << event.dump() << (errors.empty() ? "" : errors[0].detail);
  }
  EXPECT_GT(accepted, 2'000u);
  EXPECT_GT(refused, 2'000u);
  EXPECT_LT(calendar, 50u);
}

}  // namespace
}  // namespace baton
