// What is confidential, through every route that shows handoffs: for members who may see it, and for others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/api/bench.h"

namespace baton::api {
namespace {

using nlohmann::json;
using secrets::Permission;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kSecret = "blackmail";  // stands in every text of it

// Ana may see what is about fraud, Ben may not.
struct Closed : Bench {
  Closed() {
    handoff::Team billing;
    billing.name = "billing";
    billing.members.resize(2);
    billing.members[0].id = "ana";
    billing.members[0].sensitive = {"fraud"};
    billing.members[1].id = "ben";
    teams["billing"] = billing;
    id = waiting("c1", {{"customer", {{"name", "Ada blackmail"}}},
                        {"intent", {{"name", "fraud"}, {"summary", "A blackmail."}}},
                        {"transcript", {{{"role", "customer"}, {"text", "It is blackmail."}}}},
                        {"errors", {{{"code", "blackmail"}}}}});
    (void)dead_letter(id);
    BATON_CHECK(post("/v1/handoffs/" + id.text + "/claim", {{"by", "ana"}}).status == 200);
    BATON_CHECK(post("/v1/handoffs/" + id.text + "/feedback",
                     {{"by", "ana"}, {"fault", "too_late"}, {"text", "blackmail"}})
                    .status == 200);
  }
  std::string read_by(const std::string& token, const std::string& rest) {
    const auto answer = call("GET", "/v1/handoffs" + rest, token);
    EXPECT_EQ(answer.status, 200) << rest;
    return answer.body;
  }

  HandoffId id{""};
  std::string ana = make_token("ana", {Permission::read}), ben = make_token("ben", {Permission::read});
};

const char* const kRoutes[] = {"",
                               "?state=claimed",
                               "?source=chat&conversation=c1",
                               "/hof_c1",
                               "/hof_c1/brief",
                               "/hof_c1/brief?surface=cli",
                               "/hof_c1/brief?surface=ticket",
                               "/hof_c1/timeline"};

TEST(Confidential, handoffs_are_there_for_everybody_and_say_nothing_to_who_may_not_see_them) {
  Closed bench;
  for (const auto* route : kRoutes) {
    for (const auto& token : {bench.ben, bench.read, bench.operate}) {
      const auto seen = bench.read_by(token, route);
      EXPECT_THAT(seen, Not(HasSubstr(kSecret))) << route;
      EXPECT_THAT(seen, Not(HasSubstr("fraud"))) << route;
      EXPECT_THAT(seen, Not(HasSubstr("the desk said no"))) << route << ": it may quote what it was sent";
    }
  }
  const auto entry = json::parse(bench.read_by(bench.ben, ""))["handoffs"][0];
  EXPECT_EQ(entry["id"], "hof_c1");
  EXPECT_EQ(entry["state"], "claimed");
  EXPECT_EQ(entry["owner"]["name"], "ana");
  EXPECT_EQ(entry["confidential"], true);
  EXPECT_EQ(entry["feedback"][0]["fault"], "too_late");
  const auto brief = json::parse(bench.read_by(bench.ben, "/hof_c1/brief"));
  EXPECT_THAT(brief["headline"], HasSubstr("confidential"));
  EXPECT_THAT(brief["text"], HasSubstr("Take it to read"));
  EXPECT_GT(json::parse(bench.read_by(bench.ben, "/hof_c1/timeline"))["timeline"].size(), 3u);
}

TEST(Confidential, handoffs_are_shown_whole_to_who_may_see_them) {
  Closed bench;
  for (const auto* route : {"/hof_c1", "/hof_c1/brief", "/hof_c1/brief?surface=cli"})
    EXPECT_THAT(bench.read_by(bench.ana, route), HasSubstr(kSecret)) << route;
  EXPECT_THAT(bench.read_by(bench.ana, "/hof_c1/timeline"), HasSubstr("the desk said no"));
  EXPECT_THAT(bench.read_by(bench.ana, ""), Not(HasSubstr("confidential")));
}

TEST(Confidential, what_was_done_is_answered_without_what_it_is_about) {
  Closed bench;
  const auto answer = bench.post("/v1/handoffs/hof_c1/feedback", {{"by", "ben"}, {"fault", "too_early"}});
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, Not(HasSubstr(kSecret)));
  EXPECT_EQ(body_of(answer)["confidential"], true);
}

TEST(Confidential, handoffs_teach_only_those_who_may_see_them) {
  Closed bench;
  ASSERT_EQ(
      bench.post("/v1/handoffs/hof_c1/resolve", {{"by", "ana"}, {"text", "The blackmail is over."}}).status,
      200);
  for (const auto* route : {"/v1/resolutions", "/v1/gaps"}) {
    EXPECT_THAT(bench.call("GET", route, bench.ben).body, Not(HasSubstr(kSecret))) << route;
  }
  EXPECT_THAT(bench.call("GET", "/v1/resolutions", bench.ana).body, HasSubstr("is over"));
}

TEST(Confidential, nothing_is_where_everybody_may_see_everything) {
  Closed bench;
  bench.teams.clear();
  for (const auto* route : {"/hof_c1", "/hof_c1/brief"})
    EXPECT_THAT(bench.read_by(bench.ben, route), HasSubstr(kSecret)) << route;
}

}  // namespace
}  // namespace baton::api
