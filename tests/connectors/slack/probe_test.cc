// What an operator is told before the first handoff (fact sheet, section 9).
#include <gtest/gtest.h>

#include "connectors/slack/wire.h"
#include "tests/support/direct_session.h"

namespace baton::slack {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;

constexpr auto kAll = "chat:write,channels:read,channels:history";

class SlackProbe : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"channel", "C1"}});
  DirectSession session{*connector};

  void token_is_good(const char* scopes) {
    session.expect("POST", "/auth.test")
        .replies(Reply(200, R"({"ok":true,"team":"Acme"})", Headers{{"x-oauth-scopes", scopes}}));
  }
  void channel_is(json channel) {
    session.expect("GET", "/conversations.info")
        .replies(200, {{"ok", true}, {"channel", std::move(channel)}});
  }
  sdk::Findings findings() {
    const auto found = testing::run_task(connector->probe(settings, session));
    EXPECT_TRUE(found);
    return found ? *found : sdk::Findings();
  }
  static std::string lacking(const sdk::Findings& all) {
    std::string text;
    for (const auto& one : all)
      if (!one.fine) text += one.what + (one.can_make ? "! " : ". ");
    return text;
  }
};

TEST_F(SlackProbe, a_good_token_in_its_channel_has_nothing_lacking) {
  token_is_good(kAll);
  channel_is({{"id", "C1"}, {"is_member", true}, {"is_archived", false}});
  const auto all = findings();
  EXPECT_EQ(lacking(all), "");
  EXPECT_EQ(all.size(), 6u);
  for (const auto& one : session.sent) EXPECT_FALSE(one.writes);
}

TEST_F(SlackProbe, a_token_that_is_refused_is_the_only_finding) {
  session.expect("POST", "/auth.test").replies(200, {{"ok", false}, {"error", "invalid_auth"}});
  const auto all = findings();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(lacking(all), "the token. ");
  EXPECT_NE(all[0].remedy.find("xoxb-"), std::string::npos);
}

TEST_F(SlackProbe, each_scope_that_is_missing_is_named) {
  token_is_good("users:read,chat:write.public");
  channel_is({{"is_member", true}});
  EXPECT_EQ(lacking(findings()),
            "the scope chat:write. the scope channels:read. the scope channels:history. ");
}

TEST_F(SlackProbe, the_scope_of_the_mark_is_wanted_only_where_there_is_one) {
  settings = testing::settings_for(*connector, {{"channel", "C1"}, {"control_reaction", "eyes"}});
  const auto talks = std::string(kAll) + ",app_mentions:read,im:history,im:write,users:read,users:read.email";
  token_is_good(talks.c_str());
  channel_is({{"is_member", true}});
  EXPECT_EQ(lacking(findings()), "the scope reactions:write. ");
  token_is_good((talks + ",reactions:write").c_str());
  channel_is({{"is_member", true}});
  EXPECT_EQ(lacking(findings()), "");
}

// Cards need none of them, and an app that has some is one with which the AI's conversations are meant.
TEST_F(SlackProbe, what_a_chat_platform_needs_is_wanted_where_a_part_of_it_was_granted_or_set_up) {
  token_is_good((std::string(kAll) + ",im:history,users:read").c_str());
  channel_is({{"is_member", true}});
  EXPECT_EQ(lacking(findings()),
            "the scope app_mentions:read. the scope im:write. the scope users:read.email. ");
  settings = testing::settings_for(*connector, {{"channel", "C1"}, {"ask_words", "human"}});
  token_is_good(kAll);
  channel_is({{"is_member", true}});
  EXPECT_EQ(
      lacking(findings()),
      "the scope app_mentions:read. the scope im:history. the scope im:write. the scope users:read. the "
      "scope users:read.email. ");
}

TEST_F(SlackProbe, each_kind_of_channel_is_read_with_its_own_scope) {
  const auto lacks = [&](const char* scope, json channel) {
    token_is_good((std::string("chat:write,channels:read,") + scope).c_str());
    channel["is_member"] = true;
    channel_is(std::move(channel));
    return lacking(findings());
  };
  EXPECT_EQ(lacks("groups:history", {{"is_private", false}}), "the scope channels:history. ");
  EXPECT_EQ(lacks("groups:history", {{"is_private", true}}), "");
  EXPECT_EQ(lacks("channels:history", {{"is_private", true}}), "the scope groups:history. ");
  EXPECT_EQ(lacks("channels:history", {{"is_private", false}}), "");
}

TEST_F(SlackProbe, a_public_channel_can_be_joined_and_a_private_one_not) {
  token_is_good(kAll);
  channel_is({{"is_member", false}, {"is_private", false}});
  EXPECT_EQ(lacking(findings()), "the channel C1! ");
  token_is_good("chat:write,channels:read,groups:history");
  channel_is({{"is_member", false}, {"is_private", true}});
  EXPECT_EQ(lacking(findings()), "the channel C1. ");
  token_is_good(kAll);
  channel_is({{"is_member", true}, {"is_archived", true}});
  EXPECT_EQ(lacking(findings()), "the channel C1. ");
  token_is_good(kAll);
  session.expect("GET", "/conversations.info").replies(200, {{"ok", false}, {"error", "channel_not_found"}});
  EXPECT_EQ(lacking(findings()), "the channel C1. ");
}

TEST_F(SlackProbe, a_channels_name_is_not_its_id) {
  settings = testing::settings_for(*connector, {{"channel", "#support"}});
  token_is_good(kAll);
  EXPECT_EQ(lacking(findings()), "the setting channel. ");
}

TEST_F(SlackProbe, hostile_answers_are_findings) {
  for (const auto& body : testing::hostile_bodies(R"({"ok":true,"channel":{"is_member":true}})")) {
    DirectSession one(*connector);
    one.expect("POST", "/auth.test").says(200, R"({"ok":true})");
    one.expect("GET", "/conversations.info").says(200, body);
    const auto found = testing::run_task(connector->probe(settings, one));
    ASSERT_TRUE(found);
    EXPECT_FALSE(found->back().fine) << body.substr(0, 40);
  }
}

TEST(SlackCard, blocks_that_slack_would_refuse_are_not_sent_at_all) {
  const auto sent = [](json blocks) {
    return json::parse(post_card("C1", {{"text", "t"}, {"blocks", std::move(blocks)}}, "x").request().body);
  };
  EXPECT_TRUE(sent(json(50, json{{"type", "divider"}})).contains("blocks"));
  EXPECT_FALSE(sent(json(51, json{{"type", "divider"}})).contains("blocks"));
  EXPECT_FALSE(sent({{{"type", "markdown"}, {"text", std::string(13'000, 'x')}}}).contains("blocks"));
  EXPECT_EQ(sent(json(51, json{{"type", "divider"}}))["text"], "t");
}

}  // namespace
}  // namespace baton::slack
