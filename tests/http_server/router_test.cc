#include "gateway/http/transport/router.h"

#include <gtest/gtest.h>

#include "gateway/http/transport/request_parser.h"

namespace baton {
namespace {

Handler nothing() {
  return [](RawRequest) -> Task<Reply> { co_return Reply(200); };
}

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    router.add("GET", "/v1/handoffs/{id}", nothing(), RouteLimits{1});
    router.add("GET", "/v1/handoffs/open", nothing(), RouteLimits{2});
    router.add("POST", "/v1/handoffs/{id}/claim", nothing(), RouteLimits{3});
    router.add("POST", "/v1/handoffs/{id}", nothing(), RouteLimits{4});
    router.add("GET", "/", nothing(), RouteLimits{5});
  }
  std::size_t found(std::string_view method, std::string_view path) {
    const auto match = router.find(method, path);
    return match.route ? match.route->limits.max_body_bytes : 0;
  }

  Router router;
};

TEST_F(RouterTest, a_literal_wins_over_a_parameter) {
  EXPECT_EQ(found("GET", "/v1/handoffs/open"), 2u);
  EXPECT_EQ(found("GET", "/v1/handoffs/opened"), 1u);
  EXPECT_EQ(found("POST", "/v1/handoffs/open"), 4u);  // the literal does not take it
  EXPECT_EQ(found("GET", "/"), 5u);
}

TEST_F(RouterTest, a_parameter_is_one_decoded_segment) {
  EXPECT_EQ(router.find("GET", "/v1/handoffs/a%2Fb").params.at("id"), "a/b");
  EXPECT_EQ(router.find("GET", "/v1/handoffs/%zz").outcome, Router::Outcome::malformed);
  for (const auto* path :
       {"/v1/handoffs/", "/v1/handoffs", "/v1/handoffs/a/b", "/v1/handoffs/a/", "", "v1", "*"}) {
    EXPECT_EQ(router.find("GET", path).outcome, Router::Outcome::not_found) << path;
  }
}

TEST_F(RouterTest, the_methods_that_a_path_takes_are_named) {
  const auto match = router.find("DELETE", "/v1/handoffs/a");
  EXPECT_EQ(match.outcome, Router::Outcome::method_not_allowed);
  EXPECT_EQ(match.allow, "GET, HEAD, POST");
  EXPECT_EQ(found("HEAD", "/v1/handoffs/a"), 1u);
}

TEST(MustBeSingle, covers_what_decides_about_length_sender_and_signature) {
  for (const auto* name :
       {"host", "content-length", "webhook-id", "svix-id", "x-hub-signature-256", "x-slack-signature",
        "x-zendesk-webhook-signature", "x-hubspot-request-timestamp", "stripe-signature"}) {
    EXPECT_TRUE(must_be_single(name)) << name;
  }
  for (const auto* name : {"accept", "cookie", "x-forwarded-for", "via", "traceparent"}) {
    EXPECT_FALSE(must_be_single(name)) << name;
  }
}

}  // namespace
}  // namespace baton
