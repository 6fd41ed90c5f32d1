#include "gateway/ingress/schemas/read.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/model/problem.h"

namespace baton {
namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string code(std::string_view raw, const Limits& limits = {}) {
  const auto scan = scan_json(raw, limits);
  return scan.error ? scan.error->code : "";
}

std::string object_with_keys(std::size_t count) {
  std::string out = "{";
  for (std::size_t i = 0; i < count; ++i) out += (i ? ",\"k" : "\"k") + std::to_string(i) + "\":0";
  return out + "}";
}

TEST(Limits, each_is_exact) {
  EXPECT_EQ(code(repeated("[", 64) + repeated("]", 64)), "");
  EXPECT_EQ(code(repeated("[", 65) + repeated("]", 65)), "too_deep");
  EXPECT_EQ(code(object_with_keys(10'000)), "");
  EXPECT_EQ(code(object_with_keys(10'001)), "too_many_keys");
  EXPECT_EQ(code("[" + repeated("0,", 100'000) + "0]"), "");
  EXPECT_EQ(code("[" + repeated("0,", 100'001) + "0]"), "too_many_values");
  EXPECT_EQ(code(repeated("9", 64)), "");
  EXPECT_EQ(code("[" + repeated("9", 65) + "]"), "number_too_long");
  EXPECT_EQ(code("\"" + repeated("x", 1024 * 1024 - 2) + "\""), "");
  EXPECT_EQ(code("\"" + repeated("x", 1024 * 1024 - 1) + "\""), "too_large");
}

TEST(Limits, the_failure_begins_with_its_code) {
  EXPECT_TRUE(check_limits("[[1]]"));
  const auto refused = check_limits("[[1]]", {100, 1, 1, 1, 1});
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().detail, testing::StartsWith("too_deep: objects and arrays"));
}

TEST(Limits, what_stands_in_strings_is_not_structure) {
  const auto scan = scan_json(R"({"a:{[,": "\"{{{[[[:::\\", "b\\": ["\\\\\"]"]})");
  EXPECT_FALSE(scan.error);
  EXPECT_EQ(scan.keys, 2u);
  EXPECT_EQ(scan.depth, 2u);
}

TEST(Limits, an_error_names_its_byte_and_line) {
  const auto scan = scan_json("{\n\"a\":\n[[[", {1'000, 3, 10, 10, 10});
  ASSERT_TRUE(scan.error);
  EXPECT_EQ(scan.error->offset, 9u);
  EXPECT_EQ(scan.error->line, 3u);
  EXPECT_EQ(scan.error->message, "objects and arrays are nested more than 3 deep, at byte 9 (line 3)");
}

TEST(Limits, an_escaped_nul_is_found_and_an_escaped_backslash_before_its_digits_is_none) {
  EXPECT_EQ(code(R"(["x\u0000"])"), "nul_character");
  EXPECT_EQ(code(R"(["x\\u0000"])"), "");
  EXPECT_EQ(code(R"(["\\\u0000"])"), "nul_character");
  EXPECT_EQ(code(R"({"\u0000": 1})"), "nul_character");
}

TEST(Limits, any_bytes_are_survived_and_counts_agree_with_the_tree) {
  std::mt19937_64 random(20'260'901);
  constexpr std::string_view kBytes = "{}[]:,\"\\u0e19-. \n\xff\x00tn";
  for (int round = 0; round < 20'000; ++round) {
    std::string raw;
    for (auto length = random() % 60; length > 0; --length) raw += kBytes[random() % kBytes.size()];
    const auto scan = scan_json(raw);
    if (scan.error || !nlohmann::json::accept(raw)) continue;
    const auto read = read_event(raw);
    EXPECT_TRUE(read.errors.empty() || read.errors[0].code == "duplicate_key") << raw;
  }
}

TEST(ReadEvent, the_bytes_of_data_are_those_that_the_tree_holds) {
  for (const std::string raw :
       {R"({"data":{"a":1},"x":2})", R"({ "x" : "data" , "data" : [1, {"data": 3}] })", R"({"data":"a\"b,}"})",
        R"({"x":{"data":1},"data": null })", R"({"data" : 17
        })", R"({"x":["data",{"y":[]}],"data":{"data":{"data":1}}})"}) {
    const auto read = read_event(raw);
    ASSERT_TRUE(read.errors.empty()) << raw;
    EXPECT_EQ(nlohmann::json::parse(read.data), read.document["data"]) << raw;
  }
  // Spelt otherwise, or not there, or in an array: then there are none, and the tree is written anew.
  for (const auto* raw : {R"({"d\u0061ta":1})", R"({"x":{"data":1}})", R"([{"data":1}])", R"("data")", "{}"}) {
    EXPECT_TRUE(read_event(raw).data.empty()) << raw;
  }
}

TEST(ReadEvent, bombs_are_refused_before_a_tree_is_built) {
  const auto codes = [](const std::string& raw) { return read_event(raw).errors.at(0).code; };
  EXPECT_EQ(codes(repeated("[", 1'000'000)), "too_deep");
  EXPECT_EQ(codes(repeated("{\"a\":", 200'000)), "too_deep");
  EXPECT_EQ(codes(object_with_keys(60'000)), "too_many_keys");
  EXPECT_EQ(codes("[" + repeated("0,", 500'000) + "0]"), "too_many_values");
  EXPECT_EQ(codes("[" + repeated("9", 1'000'000) + "]"), "number_too_long");
  EXPECT_EQ(codes(repeated(" ", 2'000'000) + "1"), "too_large");
}

TEST(ReadEvent, every_duplicate_key_is_named_with_its_pointer) {
  const auto read = read_event(R"({"a": {"b": 1, "b": 2}, "c": [0, {"d": 1, "x": {}, "d": 2}], "a": 3})");
  std::vector<std::string> pointers;
  for (const auto& error : read.errors) pointers.push_back(error.pointer + " " + error.code);
  EXPECT_THAT(pointers,
              testing::ElementsAre("/a/b duplicate_key", "/c/1/d duplicate_key", "/a duplicate_key"));
  EXPECT_TRUE(read.document.is_null());
  EXPECT_TRUE(read_event(R"([{"a": 1}, {"a": 2}])").errors.empty());
}

TEST(ReadEvent, messages_never_repeat_what_was_sent) {
  for (const auto* raw :
       {"{\"secret\": tok_live_1}", "{\"a\": \"tok_live_1\x01\"}", "{\"a\": \"tok_live_1\\ud800\"}"}) {
    EXPECT_THAT(read_event(raw).errors.at(0).detail, testing::Not(testing::HasSubstr("tok_live"))) << raw;
  }
}

TEST(ProblemJson, holds_what_rfc_9457_and_our_clients_read) {
  const std::vector<FieldError> errors = {{"/data/conversation/id", "required", "is required"}};
  EXPECT_EQ(problem_json(422, "invalid_event", "The event is not valid", "1 error", errors, "4bf9"),
            R"({"type":"urn:baton:problem:invalid_event","title":"The event is not valid","status":422,)"
            R"("detail":"1 error","code":"invalid_event","errors":[{"pointer":"/data/conversation/id",)"
            R"("code":"required","detail":"is required"}],"trace_id":"4bf9"})");
}

TEST(ProblemJson, survives_bytes_that_are_not_utf8) {
  const auto text = problem_json(400, "x", "t", "bad \xff byte", {}, "");
  EXPECT_EQ(nlohmann::json::parse(text)["detail"], "bad \uFFFD byte");
  EXPECT_FALSE(nlohmann::json::parse(text).contains("trace_id"));
}

TEST(Pointers, escape_tilde_and_slash) { EXPECT_EQ(pointer_to("/a", "b/c~d"), "/a/b~1c~0d"); }

}  // namespace
}  // namespace baton
