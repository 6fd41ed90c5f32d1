#include "connectors/linear/markdown.h"

#include <gtest/gtest.h>

#include "connectors/linear/ids.h"
#include "connectors/sdk/digest.h"
#include "gateway/base/text.h"

namespace baton::linear {
namespace {

using nlohmann::json;

std::string page(const json& blocks, const Room& room = kDescription, std::string_view last = {}) {
  return render(JsonView(blocks), room, last);
}

TEST(LinearIds, sha_256_is_that_of_the_standard) {
  EXPECT_EQ(to_hex(sdk::sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sdk::sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sdk::sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(to_hex(sdk::sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(LinearIds, an_id_looks_like_a_uuid_of_version_4_and_follows_from_its_key) {
  for (const auto* key : {"", "a", "hof_1/linear/file_bug/1"}) {
    const auto id = uuid_of(key);
    ASSERT_EQ(id.size(), 36u);
    EXPECT_EQ(id[14], '4');
    EXPECT_NE(std::string("89ab").find(id[19]), std::string::npos);
    for (const std::size_t at : {8, 13, 18, 23}) EXPECT_EQ(id[at], '-');
    EXPECT_EQ(id, uuid_of(key));
  }
  EXPECT_NE(uuid_of("hof_1/linear/file_bug/1"), uuid_of("hof_1/linear/file_bug/2"));
}

TEST(LinearMarkdown, what_a_customer_types_is_shown_and_does_nothing) {
  struct Case {
    const char* typed;
    const char* written;
  };
  const Case cases[] = {
      {"plain words, (almost)", "plain words, \\(almost\\)"},
      {"[click](https://evil.example)", "\\[click\\]\\(https:\u2060//evil.example\\)"},
      {"![x](http://a/i.png)", "\\!\\[x\\]\\(http:\u2060//a/i.png\\)"},
      {"<script>alert(1)</script>", "\\<script\\>alert\\(1\\)\\</script\\>"},
      {"*bold* _it_ ~no~ `code`", "\\*bold\\* \\_it\\_ \\~no\\~ \\`code\\`"},
      {"@dana and @all", "@\u2060dana and @\u2060all"},
      {"# heading", "\\# heading"},
      {"- item", "\\- item"},
      {"+ item", "\\+ item"},
      {"1. item", "1\\. item"},
      {"12) item", "12\\) item"},
      {"1.5 is fine at 3.2", "1\\.5 is fine at 3.2"},
      {"> quote", "\\> quote"},
      {"---", "\\---"},
      {"===", "\\==="},
      {"+++ Title", "\\+\\+\\+ Title"},
      {"| a | b |", "\\| a \\| b \\|"},
      {"\\[x]", "\\\\\\[x\\]"},
      {"&amp;", "\\&amp;"},
      {"www.evil.example", "www.\u2060evil.example"},
      {"linear.app/acme/profiles/dana", "linear.\u2060app/acme/profiles/dana"},
      {"    four spaces", "four spaces"},
      {"a\n    b\nc", "a  \nb  \nc"},
      {"a\r\nb\rc", "a  \nb  \nc"},
      {"a\tb\x01\x7f", "a b"},
      {"a\u202Eb\u2066c\u200F", "abc"},
      {"\xff", "\uFFFD"},
  };
  for (const auto& one : cases) EXPECT_EQ(escaped(one.typed), one.written) << one.typed;
}

TEST(LinearMarkdown, a_code_span_and_a_fence_are_longer_than_what_stands_in_them) {
  EXPECT_EQ(code_span("https://a.example/?x=[1]"), "`https://a.example/?x=[1]`");
  EXPECT_EQ(code_span("a``b"), "```a``b```");
  EXPECT_EQ(code_span("`a"), "`` `a ``");
  EXPECT_EQ(code_span("a\n\nb"), "`a  b`");
  EXPECT_EQ(page(json::array({{{"code", "x\n```\n# y"}}})), "````\nx\n```\n# y\n````");
}

TEST(LinearMarkdown, every_kind_of_block_is_written) {
  const json blocks = {
      {{"text", "first"}},
      {{"heading", "Evidence *1*"}},
      {{"list", {"a", "", nullptr, "b\nc"}}},
      {{"facts",
        {{{"name", "Page"}, {"exact", "https://a/b"}}, {{"name", "Screen"}}, {{"name", "N"}, {"value", 7}}}}},
      {{"link", {{"title", "The [ticket]"}, {"url", "https://a.example/1?a=<b> c"}}}},
      {{"quote", {{{"who", "customer"}, {"text", "one\ntwo"}}, {{"who", "ai"}, {"text", ""}}, "alone"}}},
      {{"markdown", "**ours**"}},
  };
  EXPECT_EQ(page(blocks, kDescription, "`ref`"),
            "first\n\n"
            "## Evidence \\*1\\*\n\n"
            "- a\n- b  \n  c\n\n"
            "- **Page:** `https://a/b`\n- **N:** 7\n\n"
            "[The \\[ticket\\]](<https://a.example/1?a=%3Cb%3E%20c>)\n\n"
            "> **customer:** one  \n> two\n>\n> alone\n\n"
            "**ours**\n\n"
            "`ref`");
}

TEST(LinearMarkdown, a_heading_with_nothing_below_it_is_left_out) {
  EXPECT_EQ(page({{{"heading", "A"}},
                  {{"list", json::array()}},
                  {{"heading", "B"}},
                  {{"text", "x"}},
                  {{"heading", "C"}}}),
            "## B\n\nx");
}

TEST(LinearMarkdown, only_addresses_of_the_web_are_links) {
  for (const auto* url : {"javascript:alert(1)", "data:text/html,x", "//x", "", "ftp://x"})
    EXPECT_EQ(page(json::array({{{"link", {{"title", "t"}, {"url", url}}}}})), "") << url;
}

TEST(LinearMarkdown, what_is_no_block_is_left_out) {
  const json nothing[] = {nullptr, 7, json::object(),
                          json::array({nullptr, 7, "x", json::array(), json::object()}),
                          json::array({{{"text", json::array()}},
                                       {{"list", "x"}},
                                       {{"facts", {1, {{"name", 1}}}}},
                                       {{"quote", 7}},
                                       {{"link", "x"}},
                                       {{"code", 7}},
                                       {{"markdown", nullptr}}})};
  for (const auto& one : nothing) EXPECT_EQ(page(one), "") << one;
  EXPECT_EQ(page("one *text*"), "one \\*text\\*");
}

TEST(LinearMarkdown, a_long_conversation_keeps_its_end_and_the_reference) {
  json quote = json::array();
  for (int i = 0; i < 500; ++i)
    quote.push_back({{"who", "customer"}, {"text", std::to_string(i) + " " + std::string(300, 'x')}});
  const auto text = page({{{"text", "first"}}, {{"quote", quote}}}, kDescription, "`ref`");
  EXPECT_LE(count_code_points(text), 30'000u);
  EXPECT_GT(count_code_points(text), 25'000u);
  EXPECT_NE(text.find("499 x"), std::string::npos);
  EXPECT_EQ(text.find("> 3 x"), std::string::npos);
  EXPECT_TRUE(text.ends_with("`ref`"));
}

TEST(LinearMarkdown, the_room_holds_whatever_is_typed) {
  for (const std::string unit : {"[", "\U0001F680", "a\n", "`", "@", "\\", "://", "\u05E9"}) {
    std::string typed;
    while (typed.size() < 200'000) typed += unit;
    json blocks = json::array();
    for (int i = 0; i < 10; ++i) {
      blocks.push_back({{"text", typed}});
      blocks.push_back({{"code", typed}});
      blocks.push_back({{"list", {typed, typed}}});
    }
    const auto text = page(blocks, kDescription, "`ref`");
    EXPECT_LE(text.size(), 40'000u) << unit;
    EXPECT_LE(count_code_points(text), 30'000u) << unit;
    EXPECT_TRUE(is_utf8(text));
    EXPECT_TRUE(text.ends_with("`ref`"));
  }
}

TEST(LinearMarkdown, a_title_is_one_short_line) {
  EXPECT_EQ(one_line(" a\n b\x01 ", 200), "a  b");
  EXPECT_LE(count_code_points(one_line(std::string(500, 'x'), 200)), 200u);
  EXPECT_EQ(count_code_points(one_line(std::string(500, 'x'), 200)), 200u);
}

}  // namespace
}  // namespace baton::linear
