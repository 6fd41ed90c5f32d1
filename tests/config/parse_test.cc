#include "gateway/config/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton::config {
namespace {

Node clean(std::string_view text, const std::string& name = "f.yaml") {
  auto parsed = parse(text, name);
  for (const auto& problem : parsed.problems.list()) ADD_FAILURE() << problem.text();
  return std::move(parsed.root);
}

std::vector<std::string> messages(std::string_view text, const std::string& name = "f.yaml") {
  std::vector<std::string> found;
  const auto parsed = parse(text, name);
  for (const auto& problem : parsed.problems.list()) found.push_back(problem.text());
  return found;
}

TEST(Parse, every_part_knows_its_line_and_column) {
  const auto root = clean("a:\n  b: [one, \"two\"]\n  c:\n    - x: 1\nd: 'q'\n");
  EXPECT_EQ(root.at().text(), "f.yaml:1:1");
  EXPECT_EQ(root["a"].at().text(), "f.yaml:2:3");
  EXPECT_EQ(root["a"]["b"].at().text(), "f.yaml:2:6");
  EXPECT_EQ(root["a"]["b"].items()[1].at().text(), "f.yaml:2:12");
  EXPECT_EQ(root["a"]["c"].items()[0]["x"].at().text(), "f.yaml:4:10");
  EXPECT_EQ(root.members()[1].at.text(), "f.yaml:5:1");
  EXPECT_EQ(root["d"].at().text(), "f.yaml:5:4");
}

TEST(Parse, columns_count_characters_and_not_bytes) {
  const auto root = clean("{ \"gr\u00fc\u00dfe\": \"\u4f60\u597d\", b: c }\n");
  EXPECT_EQ(root["b"].at().column, 21);
}

TEST(Parse, a_byte_order_mark_and_windows_line_ends_shift_nothing) {
  const auto root = clean(
      "\xEF\xBB\xBF"
      "a: 1\r\nb:\r\n  c: |\r\n    text\r\n");
  EXPECT_EQ(root.members()[0].at.text(), "f.yaml:1:1");
  EXPECT_EQ(root["b"]["c"].at().text(), "f.yaml:4:5");
  EXPECT_EQ(root["b"]["c"].text(), "text\n");
}

TEST(Parse, quoted_and_block_scalars_are_texts_whatever_they_look_like) {
  const auto root = clean("a: 5\nb: \"5\"\nc: '5'\nd: |\n  5\ne: >-\n  5\nf: !!str 5\ng: yes\n");
  EXPECT_FALSE(root["a"].quoted());
  for (const auto* key : {"b", "c", "d", "e", "f"}) EXPECT_TRUE(root[key].quoted()) << key;
  EXPECT_EQ(root["e"].text(), "5");
  EXPECT_EQ(root["f"].at().text(), "f.yaml:8:10");
  EXPECT_EQ(root["g"].text(), "yes");
  EXPECT_FALSE(root["g"].quoted());
}

TEST(Parse, a_block_scalar_stands_at_its_first_content_line) {
  const auto root =
      clean("m:\n  plain: |\n    one\n    two\n  chomped: >- # why\n\n      three\n  named: &n |\n   four\n");
  EXPECT_EQ(root["m"]["plain"].at().text(), "f.yaml:3:5");
  EXPECT_EQ(root["m"]["plain"].text(), "one\ntwo\n");
  // The empty first line is part of the text; the column is that of the first line that has one.
  EXPECT_EQ(root["m"]["chomped"].at().text(), "f.yaml:6:7");
  EXPECT_EQ(root["m"]["named"].at().text(), "f.yaml:9:4");
}

TEST(Parse, empty_values_are_nulls_at_their_keys) {
  const auto root = clean("a:\nb: ~\nc: null\nd:\n  e:\nf: ''\n");
  for (const auto* key : {"a", "b", "c"}) EXPECT_EQ(root[key].kind(), Node::Kind::null) << key;
  EXPECT_EQ(root["a"].at().text(), "f.yaml:1:1");
  EXPECT_EQ(root["b"].at().text(), "f.yaml:2:4");
  EXPECT_EQ(root["d"]["e"].at().text(), "f.yaml:5:3");
  EXPECT_EQ(root["f"].kind(), Node::Kind::scalar);
}

TEST(Parse, an_empty_text_is_a_null) {
  for (const auto* text : {"", "\n\n", "# only a comment\n", "---\n"}) {
    EXPECT_EQ(clean(text).kind(), Node::Kind::null) << text;
  }
}

TEST(Parse, aliases_and_merge_keys_copy_what_their_anchor_holds) {
  const auto root = clean("base: &b {x: 1, y: 2}\nmore: &m {z: 3}\nuse: *b\nmix:\n  <<: [*b, *m]\n  y: 9\n");
  EXPECT_EQ(root["use"]["y"].text(), "2");
  EXPECT_EQ(root["use"]["y"].at().text(), "f.yaml:1:20");
  EXPECT_EQ(root["mix"]["x"].text(), "1");
  EXPECT_EQ(root["mix"]["y"].text(), "9");
  EXPECT_EQ(root["mix"]["z"].text(), "3");
  EXPECT_EQ(root["mix"].members().size(), 3u);
  EXPECT_THAT(messages("a:\n  <<: 5\n"),
              testing::ElementsAre("f.yaml:2:7: a: `<<` takes a map, or a list of maps"));
}

TEST(Parse, json_is_yaml) {
  const auto root =
      clean("{\n\t\"a\":[1,\"x\",null,true],\n\t\"b\":{\"c\":\"\\u00e9\\/\\n\"}\n}\n", "f.json");
  EXPECT_EQ(root["a"].items()[1].text(), "x");
  EXPECT_TRUE(root["a"].items()[1].quoted());
  EXPECT_EQ(root["a"].items()[2].kind(), Node::Kind::null);
  EXPECT_EQ(root["b"]["c"].text(), "\u00e9/\n");
  EXPECT_EQ(root["b"].at().text(), "f.json:3:6");
}

TEST(Parse, surrogate_pairs_work_in_json_and_alone_are_refused) {
  EXPECT_EQ(clean("{\"a\": \"\\ud83d\\ude00\", \"b\": \"\\\\ud83d\"}", "f.json")["a"].text(), "\U0001F600");
  EXPECT_THAT(messages("{\"a\": \"\\ud83d\"}", "f.json"),
              testing::ElementsAre(testing::HasSubstr("this escape names no character")));
}

TEST(Parse, a_key_that_is_no_text_is_refused_with_its_place) {
  EXPECT_THAT(messages("a:\n  ? [x, y]\n  : 1\n  b: 2\n"),
              testing::ElementsAre("f.yaml:2:5: a: a key must be a text; put it in quotes"));
  EXPECT_THAT(messages("~: 1\n"), testing::ElementsAre("f.yaml:1:1: a key must be a text; put it in quotes"));
}

TEST(Parse, every_duplicate_is_reported_and_the_first_one_kept) {
  const auto parsed = parse("a: 1\na: 2\nb:\n  - {c: 1, c: 2}\n", "f.yaml");
  ASSERT_EQ(parsed.problems.list().size(), 2u);
  EXPECT_EQ(parsed.problems.list()[1].path, "b[0].c");
  EXPECT_EQ(parsed.root["a"].text(), "1");
}

TEST(Parse, the_size_limit_is_exact) {
  const std::string fits = "a: " + std::string(kMaxFileBytes - 3, 'x');
  EXPECT_EQ(clean(fits)["a"].text().size(), kMaxFileBytes - 3);
  EXPECT_THAT(messages(fits + "x"),
              testing::ElementsAre("f.yaml: is larger than 4 MiB; split it with `include`"));
}

TEST(Parse, the_depth_limit_is_exact_also_through_aliases) {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(messages(nested(kMaxDepth)).empty());
  EXPECT_EQ(messages(nested(kMaxDepth + 1)).size(), 1u);
  EXPECT_TRUE(
      messages("a: &a " + nested(31) + "\nb: " + std::string(32, '[') + "*a" + std::string(32, ']')).empty());
  EXPECT_EQ(
      messages("a: &a " + nested(31) + "\nb: " + std::string(33, '[') + "*a" + std::string(33, ']')).size(),
      1u);
}

TEST(Parse, a_text_that_aliases_multiply_is_bounded_by_its_bytes) {
  std::string text = "a: &a " + std::string(1'000'000, 'x') + "\nb: [";
  for (int i = 0; i < 20; ++i) text += "*a, ";
  EXPECT_THAT(messages(text + "]\n"), testing::ElementsAre(testing::HasSubstr("larger than allowed")));
}

TEST(Parse, a_quote_left_open_is_refused_whatever_the_file_ends_with) {
  for (const auto* text : {"a: \"x", "a: \"x\n", "a: 'x\nb: c\n", "a: \"x\n\n\n"}) {
    EXPECT_THAT(messages(text), testing::ElementsAre(testing::HasSubstr("a quoted text is not closed")))
        << text;
  }
  EXPECT_EQ(clean("a: |+\n  x\n\n")["a"].text(), "x\n\n");
}

}  // namespace
}  // namespace baton::config
