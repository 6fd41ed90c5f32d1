// The page behind "Claim": what a person sees, who gets the handoff, and what never claims.
#include "gateway/api/claim_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "tests/api/bench.h"

namespace baton::api {
namespace {

using testing::HasSubstr;
using testing::Not;

struct PageBench : Bench {
  explicit PageBench(std::string identity_header = {})
      : links(*secrets::ClaimLinks::make(Secret("baton-claim-key-0001"))),
        page(journal, clock, random, links, std::move(identity_header)) {}

  RawRequest at(const std::string& method, const std::string& token, const std::string& body = {}) {
    RawRequest request(method, "/claim/" + token, body,
                       Headers{{"content-type", "application/x-www-form-urlencoded"}});
    request.params["token"] = token;
    return request;
  }
  std::string token(const HandoffId& id) { return *links.token(id, clock.now() + 1h); }
  Reply show(const std::string& token) { return *await(page.show(at("GET", token))); }
  Reply claim(const std::string& token, const std::string& name) {
    return *await(page.claim(at("POST", token, "name=" + percent_encode(name))));
  }

  secrets::ClaimLinks links;
  ClaimPage page;
};

TEST(ClaimPage, opened_by_anybody_any_number_of_times_claims_nothing) {
  PageBench bench;
  const auto id = bench.waiting("c1");
  for (int i = 0; i < 20; ++i) {
    const auto shown = bench.show(bench.token(id));
    EXPECT_EQ(shown.status, 200);
    EXPECT_THAT(shown.body, HasSubstr("Claim this conversation"));
  }
  EXPECT_EQ(bench.record(id).handoff.owner, "");
  EXPECT_EQ(name(bench.record(id).handoff.state), "waiting");
}

TEST(ClaimPage, gives_the_handoff_to_who_confirms_and_names_them_to_the_next) {
  PageBench bench;
  const auto id = bench.waiting("c1");
  const auto token = bench.token(id);
  const auto anna = bench.claim(token, "Anna B.");
  EXPECT_EQ(anna.status, 200) << anna.body;
  EXPECT_THAT(anna.body, HasSubstr("You have it, Anna B."));
  const auto ben = bench.claim(token, "Ben");
  EXPECT_EQ(ben.status, 409);
  EXPECT_THAT(ben.body, HasSubstr("Anna B. has this conversation."));
  EXPECT_EQ(bench.record(id).handoff.owner_name, "Anna B.");
  const auto shown = bench.show(token);
  EXPECT_THAT(shown.body, HasSubstr("Anna B. has this conversation."));
  EXPECT_THAT(shown.body, Not(HasSubstr("<form")));
  ASSERT_FALSE(bench.store.audit.empty());
  EXPECT_EQ(bench.store.audit.front().who, "Anna B. (claim page)");
}

TEST(ClaimPage, clicked_twice_by_one_person_is_still_theirs) {
  PageBench bench;
  const auto token = bench.token(bench.waiting("c1"));
  EXPECT_EQ(bench.claim(token, "Anna").status, 200);
  EXPECT_EQ(bench.claim(token, "anna").status, 200);
}

TEST(ClaimPage, clicked_by_two_hundred_people_at_one_instant_has_one_winner) {
  PageBench bench;
  const auto id = bench.waiting("c1");
  const auto token = bench.token(id);
  int won = 0, lost = 0;
  for (int i = 0; i < 200; ++i) {
    bench.scope.spawn(bench.page.claim(bench.at("POST", token, "name=Person+" + std::to_string(i))),
                      [&](Result<Reply> got) {
                        won += got->status == 200;
                        lost += got->status == 409;
                      });
  }
  bench.clock.run(bench.clock.now() + 10s);
  EXPECT_EQ(won, 1);
  EXPECT_EQ(lost, 199);
  EXPECT_THAT(bench.record(id).handoff.owner_name, HasSubstr("Person "));
}

TEST(ClaimPage, without_a_name_asks_for_one) {
  PageBench bench;
  const auto id = bench.waiting("c1");
  for (const auto* name : {"", "   ", "\n\t", "\x01\x02"}) {
    const auto answer = bench.claim(bench.token(id), name);
    EXPECT_EQ(answer.status, 422);
    EXPECT_THAT(answer.body, HasSubstr("<form"));
  }
  EXPECT_EQ(bench.record(id).handoff.owner, "");
}

TEST(ClaimPage, takes_the_sign_in_proxys_word_and_nobody_elses) {
  PageBench bench("x-forwarded-email");
  const auto id = bench.waiting("c1");
  auto request = bench.at("POST", bench.token(id), "name=Mallory");
  EXPECT_EQ(bench.await(bench.page.claim(request))->status, 422);
  request.headers["x-forwarded-email"] = "anna@acme.example";
  EXPECT_EQ(bench.await(bench.page.claim(request))->status, 200);
  EXPECT_EQ(bench.record(id).handoff.owner_name, "anna@acme.example");
  EXPECT_THAT(bench.show(bench.token(id)).body, Not(HasSubstr("Your name")));
}

TEST(ClaimPage, whom_the_sign_in_knows_may_say_that_they_cannot) {
  PageBench bench("x-forwarded-email");
  auto& team = bench.teams["billing"];
  team.members.resize(1);
  team.members[0].id = "ana";
  team.members[0].email = "ana@acme.example";
  const auto id = bench.waiting("c1");
  EXPECT_THAT(bench.show(bench.token(id)).body, HasSubstr("I cannot take it"));
  auto request = bench.at("POST", bench.token(id), "act=decline");
  request.headers["x-forwarded-email"] = "Zoe@acme.example";
  EXPECT_EQ(bench.await(bench.page.claim(request))->status, 409);
  request.headers["x-forwarded-email"] = "Ana@acme.example";
  const auto answer = bench.await(bench.page.claim(request));
  EXPECT_EQ(answer->status, 200);
  EXPECT_THAT(answer->body, Not(HasSubstr("You have it")));
  EXPECT_TRUE(bench.record(id).handoff.declined.contains("ana"));
  EXPECT_EQ(bench.record(id).handoff.owner, "");
}

TEST(ClaimPage, where_names_are_typed_nobody_says_no_for_another) {
  PageBench bench;
  bench.teams["billing"].members.resize(1);
  bench.teams["billing"].members[0].id = "ana";
  const auto id = bench.waiting("c1");
  EXPECT_THAT(bench.show(bench.token(id)).body, Not(HasSubstr("I cannot take it")));
  (void)bench.await(bench.page.claim(bench.at("POST", bench.token(id), "name=Ana&act=decline")));
  EXPECT_TRUE(bench.record(id).handoff.declined.empty());
}

TEST(ClaimPage, of_a_link_that_is_forged_or_has_ended_shows_nothing_of_the_customer) {
  PageBench bench;
  const auto id = bench.waiting("c1");
  auto forged = bench.token(id);
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  const auto old = *bench.links.token(id, bench.clock.now() - 1h);
  for (const auto& token : {forged, old, std::string("x"), id.text}) {
    EXPECT_EQ(bench.show(token).status, 404);
    EXPECT_EQ(bench.claim(token, "Anna").status, 404);
    EXPECT_THAT(bench.show(token).body, Not(HasSubstr("Customer")));
  }
  EXPECT_EQ(bench.record(id).handoff.owner, "");
}

TEST(ClaimPage, runs_nothing_that_a_customer_or_a_claimant_typed) {
  PageBench bench;
  const auto id = bench.waiting("c1");
  const auto answer = bench.claim(bench.token(id), "<script>alert(1)</script>");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, Not(HasSubstr("<script")));
  const auto policy = header(answer.headers, "content-security-policy");
  EXPECT_THAT(std::string(policy), HasSubstr("default-src 'none'"));
  EXPECT_EQ(header(answer.headers, "cache-control"), "no-store");
  EXPECT_EQ(header(answer.headers, "referrer-policy"), "no-referrer");
}

TEST(ClaimPage, says_so_when_the_store_cannot_answer) {
  PageBench bench;
  const auto token = bench.token(bench.waiting("c1"));
  bench.journal.fails = Failure(FailureKind::retryable, "the store is unwell");
  const auto answer = bench.claim(token, "Anna");
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.retry_after);
}

}  // namespace
}  // namespace baton::api
