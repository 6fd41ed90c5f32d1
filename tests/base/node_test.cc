#include "gateway/model/node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

Node scalar(std::string text) { return Node::make_scalar({"f.yaml", 2, 3}, std::move(text), false); }

TEST(Fields, every_problem_is_reported_at_once_with_its_place) {
  const auto map = Node::make_map({"f.yaml", 1, 1}, {{"prot", {"f.yaml", 2, 1}, scalar("80")},
                                                     {"wait", {"f.yaml", 3, 1}, scalar("soon")},
                                                     {"size", {"f.yaml", 4, 1}, scalar("0")}});
  Problems problems;
  Fields fields(map, "server", problems);
  EXPECT_EQ(fields.integer("port", 8080, 0, 65535), 8080);
  EXPECT_EQ(fields.duration("wait", 5s), Duration{5s});
  EXPECT_EQ(fields.integer("size", 9, 1, 10), 9);
  fields.required_text("name");
  fields.done();
  ASSERT_EQ(problems.list().size(), 4u);
  EXPECT_EQ(problems.list()[0].text(),
            "f.yaml:2:3: server.wait: `soon` must be a duration such as 250ms, 30s, 5m, 2h or 7d");
  EXPECT_EQ(problems.list()[1].message, "`0` must be a whole number from 1 to 10");
  EXPECT_EQ(problems.list()[2].text(), "f.yaml:1:1: server.name: is required");
  EXPECT_THAT(problems.list()[3].message, testing::StartsWith("unknown key, did you mean `port`?"));
}

TEST(Duration, units_and_limits) {
  EXPECT_EQ(parse_duration("250ms"), Duration{250});
  EXPECT_EQ(parse_duration("7d"), Duration{168h});
  for (const auto* bad : {"", "5", "s", "-1s", "1.5s", "1 s", "99999999999999999999s", "9999999d"}) {
    EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
  }
}

}  // namespace
}  // namespace baton
