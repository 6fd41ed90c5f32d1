// A new configuration under load: a bad one changes nothing and says so, a good one takes effect, and
// nobody's connection is cut.
#include <csignal>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/e2e/senders.h"

namespace baton::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Waits until `what` stands in the log for the `times`th time.
bool logged(const Site& site, const std::string& what, int times = 1) {
  for (int turn = 0; turn < 1000; ++turn) {
    const auto log = text_of(site.log());
    int seen = 0;
    for (auto at = log.find(what); at != std::string::npos; at = log.find(what, at + 1)) ++seen;
    if (seen >= times) return true;
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

std::string renamed_rule(const std::string& configuration, const std::string& name) {
  auto text = configuration;
  const auto at = text.find("- name: ") + 8;
  return text.replace(at, text.find('\n', at) - at, name);
}

std::string rule_of(Site& site) {
  const auto routes = site.admin("/v1/routes");
  return routes ? routes->at("routes").at(0).at("name").get<std::string>() : routes.error().detail;
}

TEST(Reload, of_a_bad_file_changes_nothing_and_says_so) {
  Site site;
  ASSERT_TRUE(site.start_gateway());
  const auto good = text_of(site.config());
  std::ofstream(site.config()) << renamed_rule(good, "other") << "sauces: {}\n";
  ::kill(site.gateway_id(), SIGHUP);
  EXPECT_TRUE(logged(site, "not reloaded: baton.yaml:"));
  EXPECT_EQ(rule_of(site), "all");
  const auto answer = site.post("/v1/configuration/reload", {{"why", "to try it"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 422);
  EXPECT_THAT(answer->body, HasSubstr("unknown key, did you mean `sources`?"));
  EXPECT_EQ(rule_of(site), "all");
  app::BlockingClient client;
  const auto sent = site.send(client, "evt-1", 5s);
  EXPECT_TRUE(sent && sent->status == 202);
}

// Waits until the lane of Slack is paused, or is not.
bool becomes(Site& site, bool paused) {
  for (int turn = 0; turn < 1000; ++turn) {
    const auto all = site.admin("/v1/destinations");
    if (!all) return false;
    for (const auto& one : all->at("destinations")) {
      if (one.at("name") == "slack" && one.at("paused") == paused) return true;
    }
    std::this_thread::sleep_for(10ms);
  }
  return false;
}

TEST(Reload, with_a_renewed_credential_resumes_the_lane_that_its_refusal_parked) {
  Site site;
  const auto token = [&](const char* value) {
    return run_baton({"secret", "set", "slack"}, site.folder(), value).exit;
  };
  ASSERT_EQ(token("xoxb-taken-back"), 0);
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  app::BlockingClient client;
  const auto sent = site.send(client, "evt-1", 5s);
  ASSERT_TRUE(sent && sent->status == 202);
  ASSERT_TRUE(becomes(site, true)) << "the card cannot be posted";
  ASSERT_EQ(token("xoxb-baton"), 0);
  ::kill(site.gateway_id(), SIGHUP);
  EXPECT_TRUE(becomes(site, false));
  EXPECT_TRUE(site.quiet(30s));
}

// What a person mended at the vendor, and tries from the command line: another process than the gateway.
TEST(FromTheCommandLine, a_good_test_of_a_parked_destination_lets_it_go_on) {
  Site site;
  const auto tried = [&] { return run_baton({"destinations", "test", "slack"}, site.folder()); };
  ASSERT_TRUE(site.start_vendors());
  const auto alone = tried();
  EXPECT_EQ(alone.exit, 0) << alone.err;
  EXPECT_THAT(alone.err, HasSubstr("was not looked up in the gateway"));
  ASSERT_TRUE(site.start_gateway());
  EXPECT_THAT(tried().err, testing::IsEmpty()) << "a gateway that runs and has parked nothing";
  ASSERT_TRUE(site.act("slack", "install", {{"token", "xoxb-other"}}));
  app::BlockingClient client;
  const auto sent = site.send(client, "evt-1", 5s);
  ASSERT_TRUE(sent && sent->status == 202);
  ASSERT_TRUE(becomes(site, true)) << "the card cannot be posted";
  EXPECT_EQ(tried().exit, 1) << "it is not mended yet";
  ASSERT_EQ(run_baton({"secret", "set", "slack"}, site.folder(), "xoxb-other").exit, 0);
  const auto unread = tried();
  EXPECT_EQ(unread.exit, 1) << "the gateway has the old token";
  EXPECT_THAT(unread.err, HasSubstr("baton config reload"));
  ASSERT_TRUE(becomes(site, true));
  ASSERT_EQ(run_baton({"secret", "set", "slack"}, site.folder(), "xoxb-baton").exit, 0);
  ASSERT_TRUE(site.act("slack", "install", {{"token", "xoxb-baton"}}));
  const auto mended = tried();
  EXPECT_EQ(mended.exit, 0) << mended.err;
  EXPECT_THAT(mended.out, HasSubstr("slack had been parked, and goes on"));
  EXPECT_TRUE(becomes(site, false));
  EXPECT_TRUE(site.quiet(30s));
}

TEST(FromTheCommandLine, a_destination_that_is_revoked_is_paused_and_it_is_said_what_is_left_to_do) {
  Site site;
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  const auto revoked =
      run_baton({"destinations", "revoke", "slack", "--why", "we leave them"}, site.folder());
  EXPECT_EQ(revoked.exit, 0) << revoked.err;
  EXPECT_THAT(revoked.out, HasSubstr("slack: paused; its credential is none that Baton can give back"));
  EXPECT_THAT(revoked.out, HasSubstr("connectors/slack/README.md"));
  EXPECT_THAT(revoked.out, HasSubstr("baton secret rm slack"));
  EXPECT_TRUE(becomes(site, true));
  EXPECT_THAT(run_baton({"destinations", "test", "slack"}, site.folder()).err, testing::IsEmpty())
      << "a person's pause stands, and is no matter of a test";
  EXPECT_TRUE(becomes(site, true));
}

TEST(Reload, takes_effect_under_load_and_cuts_no_connection) {
  Site site;
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  const auto good = text_of(site.config());
  Senders senders(site, 3, Duration{5ms});
  for (int i = 1; i <= 5; ++i) {
    std::ofstream(site.config()) << renamed_rule(good, "rule-" + std::to_string(i));
    std::this_thread::sleep_for(150ms);
    ::kill(site.gateway_id(), SIGHUP);
    ASSERT_TRUE(logged(site, "reloaded baton.yaml", i));
    EXPECT_EQ(rule_of(site), "rule-" + std::to_string(i));
  }
  std::ofstream(site.config()) << renamed_rule(good, "by-the-api");
  const auto answer = site.post("/v1/configuration/reload", {{"why", "to try it"}});
  EXPECT_TRUE(answer && answer->status == 200) << (answer ? answer->body : answer.error().detail);
  EXPECT_EQ(rule_of(site), "by-the-api");
  app::BlockingClient client;
  const auto sent = site.send(client, "evt-last", 5s);
  ASSERT_TRUE(sent && sent->status == 202);
  const auto handoff = json::parse(sent->body, nullptr, false).value("handoff", "");
  EXPECT_EQ(site.admin("/v1/handoffs/" + handoff)->value("rule", ""), "by-the-api");
  senders.finish();
  EXPECT_EQ(senders.unanswered(), 0);
  EXPECT_EQ(senders.refused(), 0);
  const auto taken = senders.taken();
  EXPECT_GT(taken.size(), 20u);
  ASSERT_TRUE(site.quiet(180s));
  const auto tickets = site.ledger("zendesk");
  ASSERT_TRUE(tickets);
  EXPECT_EQ(tickets->at("tickets").size(), taken.size() + 1);
  EXPECT_EQ(tickets->value("duplicates", -1), 0);
  EXPECT_EQ(site.end_gateway(SIGTERM), 0);
}

}  // namespace
}  // namespace baton::e2e
