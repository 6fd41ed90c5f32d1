// Liquid, case by case: the tables beside this file, and what a table cannot say.
#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappings/engine/filters.h"
#include "mappings/engine/template.h"
#include "tests/mappings/support/scope.h"

namespace baton::mappings {
namespace {

using nlohmann::ordered_json;
using testing::HasSubstr;

const TimePoint kFridayMorning{std::chrono::milliseconds(1'795'168'689'000)};  // 2026-11-20T09:58:09Z

Result<std::string> rendered_text(const std::string& text, const std::string& data,
                                  const Limits& limits = {}) {
  const auto parsed = Template::parse(text, {"t", 1, 1});
  if (!parsed) return parsed.error();
  return parsed->render_json(data, kFridayMorning, limits);
}

std::string outcome(const std::string& text, const std::string& data = "{}", const Limits& limits = {}) {
  const auto result = rendered_text(text, data, limits);
  return result ? *result : result.error().detail;
}

TEST(Liquid, every_case_of_the_table_renders_as_documented) {
  const auto groups = ordered_json::parse(read_file("tests/mappings/liquid_cases.json"));
  std::size_t cases = 0;
  for (const auto& [group, list] : groups.items()) {
    if (!list.is_array()) continue;
    for (const auto& entry : list) {
      ++cases;
      const auto result = rendered_text(entry[0].get<std::string>(), entry[1].dump());
      if (entry[2].is_null()) {
        EXPECT_FALSE(result) << group << ": " << entry[0] << " rendered " << *result;
      } else {
        EXPECT_TRUE(result) << group << ": " << entry[0] << ": " << (result ? "" : result.error().detail);
        if (result) EXPECT_EQ(*result, entry[2].get<std::string>()) << group << ": " << entry[0];
      }
    }
  }
  EXPECT_GT(cases, 150u);
}

// What others hold for Liquid's behaviour; data/golden_liquid.LICENSE says whose and which were left out.
TEST(Liquid, the_golden_cases_of_the_language_render_as_everywhere) {
  const auto cases = ordered_json::parse(read_file("tests/mappings/data/golden_liquid.json"));
  EXPECT_GT(cases.size(), 1000u);
  for (const auto& entry : cases) {
    const auto result = rendered_text(entry[1].get<std::string>(), entry[2].dump());
    if (entry[3].is_null()) {
      EXPECT_FALSE(result) << entry[0] << " rendered " << *result;
    } else {
      ASSERT_TRUE(result) << entry[0] << ": " << result.error().detail;
      EXPECT_TRUE(std::ranges::count(entry[3], ordered_json(*result)) > 0)
          << entry[0] << ": " << entry[1] << " rendered " << *result;
    }
  }
}

TEST(Liquid, every_error_names_its_place_and_what_is_wrong) {
  const auto data = R"({"a": "x", "l": [1, "b", {}]})";
  for (const auto& entry : ordered_json::parse(read_file("tests/mappings/liquid_errors.json"))) {
    const auto result = rendered_text(entry[0].get<std::string>(), data);
    ASSERT_FALSE(result) << entry[0] << " rendered " << *result;
    EXPECT_THAT(result.error().detail, HasSubstr(entry[1].get<std::string>())) << entry[0];
    EXPECT_THAT(result.error().detail, testing::StartsWith("t:")) << entry[0];
  }
}

TEST(Liquid, all_problems_of_a_text_are_told_at_once) {
  const auto parsed = Template::parse("{{ a | one }}\n{% two %}\n {{ b c }}", {"f.yaml", 7, 5});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, FailureKind::misconfigured);
  EXPECT_THAT(parsed.error().detail, HasSubstr("f.yaml:7:12: unknown filter `one`"));
  EXPECT_THAT(parsed.error().detail, HasSubstr("f.yaml:8:1: unknown tag `two`"));
  EXPECT_THAT(parsed.error().detail, HasSubstr("f.yaml:9:7: unexpected `c`"));
}

TEST(Liquid, a_render_over_sorted_json_gives_the_same_texts) {
  const auto parsed =
      Template::parse("{% for m in l %}{{ m.n | upcase }}{{ forloop.index }} {% endfor %}{{ h.a }}");
  const auto data =
      nlohmann::json::parse(R"({"l": [{"n": "x"}, {"n": "y"}], "h": {"a": 18446744073709551615}})");
  EXPECT_EQ(*parsed->render(data, kFridayMorning), "X1 Y2 18446744073709551615");
}

TEST(Liquid, a_template_keeps_nothing_from_one_render_to_the_next) {
  const auto parsed = Template::parse("{% increment n %}{% cycle 'a', 'b' %}{{ x }}{% assign x = 1 %}");
  EXPECT_EQ(*parsed->render({}, kFridayMorning), "0a");
  EXPECT_EQ(*parsed->render({}, kFridayMorning), "0a");
}

TEST(Liquid, the_page_for_users_lists_every_filter_and_tag) {
  const auto page = read_file("mappings/README.md");
  for (const auto& filter : filter_names()) {
    EXPECT_TRUE(page.find("`" + filter + "`") != std::string::npos ||
                page.find("`" + filter + ": ") != std::string::npos)
        << filter;
  }
  for (const auto* tag :
       {"#", "assign", "break", "capture", "case", "comment", "continue", "cycle", "decrement", "doc", "echo",
        "for", "if", "ifchanged", "increment", "liquid", "raw", "tablerow", "unless"}) {
    EXPECT_THAT(page, HasSubstr("`" + std::string(tag) + "`"));
  }
}

TEST(Limits, what_costs_too_much_ends_with_a_failure_at_its_place) {
  Limits small;
  small.max_work = 1000;
  small.max_output_bytes = 500;
  small.max_memory_bytes = 20'000;
  const auto fails = [&](const std::string& text) { return outcome(text, R"({"s": "0123456789"})", small); };
  EXPECT_THAT(fails("{% for i in (1..1000000000) %}{% endfor %}"),
              HasSubstr("t:1:13: the render needs more than 1000 steps"));
  EXPECT_THAT(fails("{{ (1..900000000000) | join }}"), HasSubstr("steps"));
  EXPECT_THAT(fails("{% for i in (1..90) %}{{ s }}{% endfor %}"), HasSubstr("longer than 500 bytes"));
  EXPECT_THAT(fails("{% capture a %}{% for i in (1..90) %}{{ s }}{% endfor %}{% endcapture %}"),
              HasSubstr("longer than 500"));
  EXPECT_THAT(fails("{% for i in (1..90) %}{% assign s = s | append: s %}{% endfor %}"),
              HasSubstr("too much memory"));
  EXPECT_THAT(fails("{% for i in (1..40) %}{% for j in (1..40) %}{% for k in (1..40) %}{% endfor %}{% endfor "
                    "%}{% endfor %}"),
              HasSubstr("steps"));
  EXPECT_THAT(fails("{% tablerow i in (1..99999999) %}{% endtablerow %}"), HasSubstr("steps"));
  EXPECT_THAT(fails("{{ s | split: '' | concat: s | join }}"), HasSubstr("`concat` needs a list"));
}

TEST(Limits, the_largest_bounds_of_a_range_are_counted_and_not_walked) {
  EXPECT_EQ(outcome("{% assign r = (a..b) %}{{ r.last }}",
                    R"({"a": -9223372036854775807, "b": 9223372036854775807})"),
            "9007199254740992");
  EXPECT_THAT(outcome("{% for i in (1..9223372036854775807) %}{% endfor %}"), HasSubstr("steps"));
}

TEST(Limits, nesting_is_bounded) {
  std::string blocks;
  for (int i = 0; i < 5000; ++i) blocks += "{% if true %}";
  EXPECT_THAT(outcome(blocks), HasSubstr("tags are nested too deeply"));
  EXPECT_THAT(outcome("{{ a" + std::string(5000, '[') + " }}"), HasSubstr("brackets are nested too deeply"));
  EXPECT_THAT(outcome("{{ " + std::string(5000, '(') + " }}"), HasSubstr("brackets are nested too deeply"));
  EXPECT_THAT(outcome("{{ a }}", std::string(5000, '[')), HasSubstr("the data is nested too deeply"));
  std::string liquid = "{% ";
  for (int i = 0; i < 5000; ++i) liquid += "liquid ";
  EXPECT_THAT(outcome(liquid + "%}"), HasSubstr("nested too deeply"));
}

TEST(Limits, a_megabyte_of_anything_is_answered_soon) {
  constexpr std::size_t kSize = 1'000'000;
  const auto repeated = [](const std::string& piece) {
    std::string text;
    while (text.size() + piece.size() < kSize) text += piece;
    return text;
  };
  for (const auto* piece :
       {"{{", "{%", "{{}}", "{% raw %}", "{% if %}", "{{ a | b }}", "}}{{ x ", "{%-", "{ {", "{% #",
        "{% comment %}", "{%          ", "{{ '", "{% doc %}", "{% liquid\n", "é{{ é }}"}) {
    (void)outcome(repeated(piece));
  }
  EXPECT_THAT(outcome(std::string(kMaxTemplateBytes + 1, 'x')), HasSubstr("longer than"));
  EXPECT_EQ(outcome(std::string(kSize, 'x')).size(), kSize);
  const auto script = nlohmann::json(repeated("<script")).dump();
  EXPECT_EQ(outcome("{{ s | strip_html | size }}", "{\"s\": " + script + "}"),
            std::to_string(repeated("<script").size()));
}

TEST(Hostile, random_bytes_and_random_pieces_never_crash) {
  constexpr std::string_view kPieces[] = {"{{",
                                          "}}",
                                          "{%",
                                          "%}",
                                          "-",
                                          " ",
                                          "a",
                                          "b.c",
                                          "[0]",
                                          "['x']",
                                          "(1..3)",
                                          "|",
                                          "upcase",
                                          ":",
                                          ",",
                                          "'",
                                          "\"",
                                          "if",
                                          "endif",
                                          "for i in l",
                                          "endfor",
                                          "assign a = ",
                                          "capture c",
                                          "endcapture",
                                          "case a",
                                          "when 1",
                                          "else",
                                          "endcase",
                                          "liquid\n",
                                          "\n",
                                          "cycle 'a', b",
                                          "tablerow i in l",
                                          "endtablerow",
                                          "==",
                                          "contains",
                                          "and",
                                          "or",
                                          "sort",
                                          "slice: 1",
                                          "date: '%c'",
                                          "1.5",
                                          "-3",
                                          "9999999999",
                                          "raw",
                                          "endraw",
                                          "comment",
                                          "endcomment",
                                          "increment n",
                                          "break",
                                          "nil",
                                          "blank",
                                          "ifchanged",
                                          "endifchanged",
                                          "split: ''",
                                          "join",
                                          "times: 1e9",
                                          "append: a",
                                          "html",
                                          "money: 'EUR'",
                                          "in_zone: 'Europe/Berlin'",
                                          "clip_bytes: 5",
                                          "mask",
                                          "truncate: 2",
                                          "{{ l | sort | first }}",
                                          "\xC3\xA4",
                                          "\xFF",
                                          "#"};
  std::uint64_t state = 20261120;
  const auto chance = [&state](std::size_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<std::size_t>(state >> 33) % below;
  };
  Limits limits;
  limits.max_work = 5000;
  const std::string data = R"({"a": "txt", "b": {"c": [1, 2.5, null, "x"]}, "l": [3, "1", {"x": 1}, [1]]})";
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    for (auto count = chance(25); count > 0; --count) {
      text += chance(12) == 0 ? std::string(1, static_cast<char>(chance(256)))
                              : std::string(kPieces[chance(std::size(kPieces))]);
      if (chance(2) == 0) text += ' ';
    }
    (void)rendered_text(text, data, limits);
  }
}

TEST(Hostile, every_filter_takes_every_kind_of_value) {
  const char* const values[] = {"nil",    "true", "0", "-7",  "1.5",  "''",     "'tëxt'",
                                "(1..4)", "l",    "o", "big", "deep", "forloop"};
  const std::string data = R"({"l": [1, "x", null, {"k": [2]}, [3, [4]], 2.5, true], "o": {"k": {"k": 1}},
                               "big": 18446744073709551615, "deep": [[[[[[[[]]]]]]]]})";
  const char* const filters[] = {"abs",
                                 "append",
                                 "at_least",
                                 "at_most",
                                 "base64_decode",
                                 "base64_encode",
                                 "base64_url_safe_decode",
                                 "base64_url_safe_encode",
                                 "capitalize",
                                 "ceil",
                                 "clip_bytes",
                                 "compact",
                                 "concat",
                                 "date",
                                 "default",
                                 "divided_by",
                                 "downcase",
                                 "escape",
                                 "escape_once",
                                 "find",
                                 "find_index",
                                 "first",
                                 "floor",
                                 "h",
                                 "has",
                                 "html",
                                 "in_zone",
                                 "join",
                                 "last",
                                 "lstrip",
                                 "map",
                                 "mask",
                                 "minus",
                                 "modulo",
                                 "money",
                                 "mrkdwn",
                                 "newline_to_br",
                                 "plain",
                                 "plus",
                                 "prepend",
                                 "quote",
                                 "reject",
                                 "remove",
                                 "remove_first",
                                 "remove_last",
                                 "replace",
                                 "replace_first",
                                 "replace_last",
                                 "reverse",
                                 "round",
                                 "rstrip",
                                 "size",
                                 "slice",
                                 "sort",
                                 "sort_natural",
                                 "split",
                                 "strip",
                                 "strip_html",
                                 "strip_newlines",
                                 "sum",
                                 "times",
                                 "truncate",
                                 "truncatewords",
                                 "uniq",
                                 "upcase",
                                 "url_decode",
                                 "url_encode",
                                 "where"};
  std::size_t worked = 0;
  for (const auto* filter : filters) {
    std::size_t of_this = 0;
    for (const auto* value : values) {
      for (const auto* argument :
           {"", ": 1", ": nil", ": 'k'", ": l", ": -1, 2", ": 'a', 'b'", ": (1..2)", ": 0"}) {
        const auto text =
            std::string("{% for x in (1..1) %}{{ ") + value + " | " + filter + argument + " }}{% endfor %}";
        of_this += rendered_text(text, data).has_value() ? 1 : 0;
      }
    }
    EXPECT_GT(of_this, 0u) << filter;
    worked += of_this;
  }
  EXPECT_GT(worked, 1000u);
}

}  // namespace
}  // namespace baton::mappings
