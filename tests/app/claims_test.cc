// The `claims` section, the links that cards bear, and the page behind them through a real listener.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/blocking_client.h"
#include "gateway/app/gateway.h"
#include "gateway/base/json_view.h"
#include "gateway/delivery/order.h"
#include "tests/app/site.h"

namespace baton::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto kSlack = R"(
data_dir: data
listen: {public: "127.0.0.1:0", admin: "127.0.0.1:0"}
sources:
  chat: {secret: {secret: chat-signing}}
destinations:
  slack: {token: {secret: slack-token}, channel: C0HANDOFFS}
)";

Loaded load_claims(const std::string& claims) {
  Site::write("baton.yaml", claims + kSlack);
  return load_installation("baton.yaml", true, kSiteTime);
}

std::vector<std::string> messages(const std::string& claims) {
  std::vector<std::string> all;
  const auto loaded = load_claims(claims);
  for (const auto& problem : loaded.problems.list()) all.push_back(problem.text());
  return all;
}

constexpr auto kGood =
    "public_url: https://baton.example.com/\nclaims: {key: {secret: claim-key}, valid: 2d}";

Site::Secrets with_key(const std::string& key = "0123456789abcdef0123456789abcdef") {
  return {{"chat-signing", kChatKey}, {"slack-token", "xoxb-of-the-test"}, {"claim-key", key}};
}

TEST(Claims, that_lack_something_say_what_and_where) {
  const Site site(with_key("too-short"));
  EXPECT_THAT(messages("claims: {key: {secret: claim-key}}"),
              testing::Contains(HasSubstr("claims: needs `public_url`")));
  EXPECT_THAT(messages("public_url: https://b.example\nclaims: {valid: 2d}"),
              ElementsAre(HasSubstr("claims.key: is missing: {secret: claim_key}")));
  EXPECT_THAT(messages(kGood),
              ElementsAre(HasSubstr("claims.key: the key of claim links needs at least 16")));
  EXPECT_THAT(messages("public_url: https://b.example\nclaims: {keys: {secret: claim-key}}"),
              testing::Contains(HasSubstr("did you mean `key`")));
}

TEST(Claims, put_the_same_link_on_a_card_for_all_of_a_handoffs_life_until_it_is_claimed) {
  const Site site(with_key());
  const auto loaded = load_claims(kGood);
  ASSERT_TRUE(loaded.problems.empty());
  const auto& slack = *loaded.installation.accounts.at(DestinationId("slack"));
  Handoff handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), Priority::high,
                  Route{}, kSiteTime);
  handoff.state = State::waiting;
  const Job job(JobKey(handoff.id, DestinationId("slack"), Operation::post_alert), kSiteTime);
  const auto url = [&](TimePoint now) {
    const auto order = delivery::make_order(handoff, job, slack, now);
    EXPECT_TRUE(order) << order.error().detail;
    return JsonView(order->subject)["claim_url"].text();
  };
  const auto first = url(kSiteTime);
  EXPECT_THAT(first, testing::StartsWith("https://baton.example.com/claim/hof_1."));
  EXPECT_EQ(first, url(kSiteTime + 1h));
  const auto token = first.substr(first.rfind('/') + 1);
  EXPECT_TRUE(loaded.installation.claims->links->open(token, kSiteTime + 48h));
  EXPECT_FALSE(loaded.installation.claims->links->open(token, kSiteTime + 49h));
  handoff.state = State::claimed;
  handoff.owner = "U1";
  EXPECT_EQ(url(kSiteTime), "");
}

TEST(Claims, have_a_page_where_there_is_a_key_and_say_so_where_there_is_none) {
  const Site site(with_key());
  for (const auto& [claims, status, words] :
       {std::tuple{kGood, 404, "This link leads nowhere"}, std::tuple{"", 404, "no claim page"}}) {
    auto loaded = load_claims(claims);
    ASSERT_TRUE(loaded.problems.empty());
    Gateway gateway(std::move(loaded.installation));
    ExitCode exit = ExitCode::ok;
    ASSERT_TRUE(gateway.start(exit));
    BlockingClient client;
    const auto url = "http://127.0.0.1:" + std::to_string(gateway.public_port()) + "/claim/hof_1.99.x";
    const auto reply = client.exchange(Request("GET", url), 5s);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, status);
    EXPECT_THAT(reply->body, HasSubstr(words));
  }
}

}  // namespace
}  // namespace baton::app
