#include "gateway/ingress/schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/ingress/schemas/rules.h"
#include "gateway/ingress/schemas/event_schemas.h"

namespace baton {
namespace {

using nlohmann::json;

json event(json data = {{"conversation", {{"id", "c"}}}}) {
  return {{"specversion", "1.0"},
          {"id", "1"},
          {"source", "s"},
          {"type", "handoff.requested"},
          {"data", std::move(data)}};
}

json with(const std::string& pointer, json value) {
  auto changed = event();
  changed[json::json_pointer(pointer)] = std::move(value);
  return changed;
}

std::vector<std::string> codes(const json& document) {
  std::vector<std::string> found;
  for (const auto& error : EventValidator().validate(document))
    found.push_back(error.pointer + " " + error.code);
  return found;
}

TEST(EventValidator, lengths_are_exact_and_count_characters) {
  const auto repeated = [](std::string_view text, int times) {
    std::string out;
    for (int i = 0; i < times; ++i) out += text;
    return out;
  };
  const auto message = [](const std::string& text) {
    return json::array({{{"role", "ai"}, {"text", text}}});
  };
  EXPECT_THAT(codes(with("/data/transcript", message(repeated("x", 32'768)))), testing::IsEmpty());
  EXPECT_THAT(codes(with("/data/transcript", message(repeated("\U0001F600", 32'768)))), testing::IsEmpty());
  EXPECT_THAT(codes(with("/data/transcript", message(repeated("\u00fc", 32'769)))),
              testing::ElementsAre("/data/transcript/0/text too_long"));
}

TEST(EventValidator, a_transcript_has_at_most_two_thousand_messages) {
  const auto messages = [](std::size_t count) {
    return json(std::vector<json>(count, json{{"role", "customer"}, {"text", "?"}}));
  };
  EXPECT_THAT(codes(with("/data/transcript", messages(2'000))), testing::IsEmpty());
  EXPECT_THAT(codes(with("/data/transcript", messages(2'001))),
              testing::ElementsAre("/data/transcript too_many_items"));
}

TEST(EventValidator, bounds_of_numbers_are_allowed_themselves) {
  for (const auto& good : {json(0), json(1), json(0.5), json(1.0)}) {
    EXPECT_THAT(codes(with("/data/intent", {{"confidence", good}})), testing::IsEmpty()) << good;
  }
  for (const auto& bad : {json(-0.0001), json(1.0001), json(2), json(-1)}) {
    EXPECT_EQ(codes(with("/data/intent", {{"confidence", bad}})).size(), 1u) << bad;
  }
  EXPECT_THAT(codes(with("/data/sentiment", {{"score", -1}})), testing::IsEmpty());
}

TEST(EventValidator, extension_attributes_of_the_envelope_are_allowed_and_other_unknown_fields_are_not) {
  auto extended = event();
  extended["acmetenant"] = "eu";
  extended["acmetries"] = 3;
  extended["acmebeta"] = true;
  EXPECT_THAT(codes(extended), testing::IsEmpty());
  EXPECT_THAT(codes(with("/acmeobject", json::object())), testing::ElementsAre("/acmeobject wrong_type"));
  EXPECT_THAT(codes(with("/Acme", "x")), testing::ElementsAre("/Acme bad_name"));
  EXPECT_THAT(codes(with("/data/acmetenant", "eu")), testing::ElementsAre("/data/acmetenant unknown_field"));
}

TEST(EventValidator, metadata_and_attributes_are_free) {
  const json free = {{"anything", {{"at", json::array({1, nullptr, "x"})}}}, {"", 0}};
  EXPECT_THAT(codes(with("/data/metadata", free)), testing::IsEmpty());
  EXPECT_THAT(codes(with("/data/customer", {{"attributes", free}})), testing::IsEmpty());
  json many = json::object();
  for (int i = 0; i < 257; ++i) many["k" + std::to_string(i)] = i;
  EXPECT_THAT(codes(with("/data/metadata", many)), testing::ElementsAre("/data/metadata too_many_fields"));
  EXPECT_EQ(codes(with("/data/metadata", {{std::string(129, 'k'), 1}})).size(), 1u);
}

TEST(EventValidator, pointers_are_escaped) {
  EXPECT_THAT(codes(with("/data/a~1b~0c", 1)), testing::ElementsAre("/data/a~1b~0c unknown_field"));
}

TEST(EventValidator, errors_are_bounded_in_number_and_size) {
  const json message = {
      {"role", "nobody"}, {std::string(100'000, 'x'), 1}, {"at", std::string(100'000, 'y')}};
  const auto errors = EventValidator().validate(with("/data/transcript", std::vector<json>(2'000, message)));
  ASSERT_EQ(errors.size(), EventValidator::kMaxErrors);
  EXPECT_EQ(errors.back().code, "too_many_errors");
  for (const auto& error : errors) EXPECT_LT(error.pointer.size() + error.detail.size(), 600u);
}

TEST(EventValidator, a_type_that_names_another_schema_file_is_unknown) {
  for (const auto* type : {"envelope", "definitions", "", "handoff.requested.schema.json", "../envelope"}) {
    auto wrong = event();
    wrong["type"] = type;
    EXPECT_THAT(codes(wrong), testing::ElementsAre("/type not_allowed")) << type;
  }
}

TEST(EventValidator, documents_that_are_no_objects_are_refused) {
  for (const auto& document : {json(), json(1), json("x"), json::array(), json(true)}) {
    EXPECT_THAT(codes(document), testing::ElementsAre(" wrong_type")) << document;
  }
}

TEST(Timestamps, are_dates_that_exist_with_a_zone) {
  for (const auto* good :
       {"2026-09-01T10:15:29Z", "2026-09-01T10:15:29.1Z", "2026-09-01T10:15:29.123456789+14:00",
        "2028-02-29T00:00:00-00:00", "0001-01-01T00:00:00Z"}) {
    EXPECT_TRUE(is_timestamp(good)) << good;
  }
  for (const auto* bad : {"",
                          "2026-09-01",
                          "2026-09-01T10:15:29",
                          "2026-09-01 10:15:29Z",
                          "2026-09-01t10:15:29z",
                          "2026-09-01T24:00:00Z",
                          "2026-09-01T23:60:00Z",
                          "2026-09-01T23:59:60Z",
                          "2027-02-29T00:00:00Z",
                          "2026-04-31T00:00:00Z",
                          "2026-00-01T00:00:00Z",
                          "2026-09-01T10:15:29.Z",
                          "2026-09-01T10:15:29.1234567890Z",
                          "2026-09-01T10:15:29+0200",
                          "2026-09-01T10:15:29+24:00",
                          "2026-09-01T10:15:29+02:60",
                          "2026-09-01T10:15:29ZZ",
                          "02026-09-01T10:15:29Z",
                          "2026-09-01T10:15:29|02:00",
                          "2026-09-01T1 :15:29Z",
                          "2026-09-01T10:15:29.5"}) {
    EXPECT_FALSE(is_timestamp(bad)) << bad;
  }
}

TEST(EventSchemas, one_file_per_type_of_the_envelope_and_each_bears_its_name) {
  std::vector<std::string> types;
  json envelope;
  for (const auto& schema : event_schemas()) {
    const auto document = json::parse(schema.text);
    EXPECT_EQ(document["$id"], schema.name);
    EXPECT_EQ(document["$schema"], "http://json-schema.org/draft-07/schema#");
    if (schema.name == "envelope.schema.json") envelope = document;
    else if (schema.name != "definitions.schema.json") types.push_back(document["title"]);
  }
  EXPECT_THAT(types, testing::UnorderedElementsAreArray(
                         envelope["properties"]["type"]["enum"].get<std::vector<std::string>>()));
}

}  // namespace
}  // namespace baton
