#include <gtest/gtest.h>

#include "connectors/slack/webhook.h"
#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::slack {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kCardSecret = "8f742231b10e8888abcd99yyyzzz85a5";
constexpr std::int64_t kClickedAt = 1'788'257'729;

json vectors() { return testing::read_vectors("ingress/vectors.json", "slack/data/vectors.json")["vectors"]; }

RawRequest request_of(const json& vector) {
  RawRequest request("POST", "/v1/hooks/slack", vector["body"].get<std::string>());
  for (const auto& [name, value] : vector["headers"].items()) request.headers[to_lower(name)] = value;
  request.received_at = TimePoint(std::chrono::seconds(vector.value("now_epoch_s", kClickedAt + 2)));
  return request;
}

RawRequest signed_hook(std::string body, std::string type = "application/x-www-form-urlencoded") {
  RawRequest request("POST", "/v1/hooks/slack", std::move(body));
  request.headers["content-type"] = std::move(type);
  request.headers["x-slack-request-timestamp"] = std::to_string(kClickedAt);
  request.headers["x-slack-signature"] =
      "v0=" +
      to_hex(testing::hmac_sha256(kCardSecret, "v0:" + std::to_string(kClickedAt) + ":" + request.body));
  request.received_at = TimePoint(std::chrono::seconds(kClickedAt));
  return request;
}

Result<sdk::Webhook> read_hook(const RawRequest& request, const std::string& secret = kCardSecret,
                               sdk::Settings::Values said = {}) {
  const auto connector = make_connector();
  return connector->read_webhook(request, testing::OpensslKeys({{"signing_secret", secret}}),
                                 testing::settings_for(*connector, std::move(said)));
}

json click_of(const char* action) {
  return {{"type", "block_actions"},
          {"user", {{"id", "U1"}, {"username", "dana"}}},
          {"container", {{"message_ts", "1788257700.000300"}, {"channel_id", "C1"}}},
          {"response_url", "https://hooks.slack.com/actions/x"},
          {"actions", {{{"action_id", action}, {"action_ts", "1788257729.1"}, {"value", "hof_1"}}}}};
}
Result<sdk::Webhook> read_clicked(const json& payload) {
  return read_hook(signed_hook("payload=" + percent_encode(payload.dump())));
}

TEST(SlackWebhook, a_return_click_ends_the_work_so_that_the_ai_may_have_it_again) {
  const auto webhook = read_clicked(click_of("baton_return"));
  ASSERT_TRUE(webhook);
  ASSERT_EQ(webhook->signals.size(), 1u);
  EXPECT_EQ(webhook->signals[0].kind, SignalKind::solved);
  EXPECT_EQ(webhook->signals[0].handoff.text, "hof_1");
}

TEST(SlackWebhook, a_decline_click_says_no_for_whoever_clicked) {
  const auto webhook = read_clicked(click_of("baton_decline"));
  ASSERT_TRUE(webhook);
  ASSERT_EQ(webhook->signals.size(), 1u);
  EXPECT_EQ(webhook->signals[0].kind, SignalKind::declined);
  EXPECT_EQ(webhook->signals[0].who, "U1");
}

TEST(SlackWebhook, a_claim_click_of_the_vectors_becomes_a_signal) {
  const auto webhook = read_hook(request_of(vectors()["slack_block_actions"]));
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_EQ(webhook->answer.body, "");
  ASSERT_EQ(webhook->signals.size(), 1u);
  const auto& signal = webhook->signals[0];
  EXPECT_EQ(signal.kind, SignalKind::claimed);
  EXPECT_EQ(signal.object_id, "C0HANDOFFS:1788257700.000300");
  EXPECT_EQ(signal.who, "U02AGENT01");
  EXPECT_EQ(signal.who_name, "dana");
  EXPECT_TRUE(signal.reply_address.starts_with("https://hooks.slack.com/actions/T012ACME/"));
  EXPECT_NE(signal.id.find("1788257700.000300"), std::string::npos);
  EXPECT_NE(signal.id.find("U02AGENT01"), std::string::npos);
}

TEST(SlackWebhook, the_url_is_verified_with_the_challenge_as_text) {
  const auto all = vectors();
  const auto& vector = all["slack_url_verification"];
  const auto webhook = read_hook(request_of(vector));
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_EQ(webhook->answer.body, vector["expected_response"]["body"].get<std::string>());
  EXPECT_TRUE(header(webhook->answer.headers, "content-type").starts_with("text/plain"));
  EXPECT_TRUE(webhook->signals.empty());
}

TEST(SlackWebhook, every_vector_is_genuine_and_every_changed_bit_is_not) {
  const auto all = vectors();
  int seen = 0;
  for (const auto& [name, vector] : all.items()) {
    if (!name.starts_with("slack_")) continue;
    ++seen;
    const auto good = request_of(vector);
    EXPECT_TRUE(read_hook(good)) << name;
    EXPECT_FALSE(read_hook(good, "another secret")) << name;
    EXPECT_FALSE(read_hook(good, "")) << name;
    for (std::size_t i = 0; i < good.body.size(); i += 11) {
      auto forged = good;
      forged.body[i] ^= 1;
      const auto webhook = read_hook(forged);
      ASSERT_FALSE(webhook) << name << i;
      EXPECT_EQ(webhook.error().kind, FailureKind::rejected);
    }
  }
  EXPECT_EQ(seen, 4);
}

TEST(SlackWebhook, five_minutes_are_the_limit_both_ways) {
  auto request = signed_hook("payload=" + percent_encode(click_of("baton_claim").dump()));
  for (const auto offset : {Duration{5min}, -Duration{5min}}) {
    request.received_at = TimePoint(std::chrono::seconds(kClickedAt)) + offset;
    EXPECT_TRUE(read_hook(request));
    request.received_at += offset > Duration{0} ? Duration{1} : -Duration{1};
    EXPECT_FALSE(read_hook(request));
  }
  for (const auto* stamp : {"", "x", "1788257729.0", "-5", "99999999999999999999"}) {
    auto odd = request;
    odd.headers["x-slack-request-timestamp"] = stamp;
    odd.headers["x-slack-signature"] =
        "v0=" + to_hex(testing::hmac_sha256(kCardSecret, "v0:" + std::string(stamp) + ":" + odd.body));
    EXPECT_FALSE(read_hook(odd)) << stamp;
  }
}

TEST(SlackWebhook, claim_and_release_are_signals_and_other_buttons_are_not) {
  EXPECT_EQ(read_clicked(click_of("baton_claim"))->signals.at(0).kind, SignalKind::claimed);
  EXPECT_EQ(read_clicked(click_of("baton_release"))->signals.at(0).kind, SignalKind::released);
  EXPECT_TRUE(read_clicked(click_of("baton_open_ticket"))->signals.empty());
  EXPECT_TRUE(read_clicked({{"type", "view_submission"}})->signals.empty());
  EXPECT_TRUE(read_clicked(json::array())->signals.empty());
}

TEST(SlackWebhook, two_clicks_of_two_people_are_two_signals_and_the_same_click_is_one) {
  auto other = click_of("baton_claim");
  other["user"]["id"] = "U2";
  EXPECT_NE(read_clicked(click_of("baton_claim"))->signals[0].id, read_clicked(other)->signals[0].id);
  EXPECT_EQ(read_clicked(click_of("baton_claim"))->signals[0].id,
            read_clicked(click_of("baton_claim"))->signals[0].id);
}

TEST(SlackWebhook, a_click_without_message_person_or_time_is_refused) {
  for (const auto* pointer : {"/container", "/user", "/actions/0/action_ts"}) {
    auto payload = click_of("baton_claim");
    payload[json::json_pointer(pointer)] = nullptr;
    EXPECT_FALSE(read_clicked(payload)) << pointer;
  }
  for (const auto& variant : testing::ill_typed(click_of("baton_claim"))) (void)read_clicked(variant);
}

TEST(SlackWebhook, an_ssl_check_is_answered_and_nothing_else_without_a_signature) {
  RawRequest probe("POST", "/v1/hooks/slack", "ssl_check=1&token=x");
  const auto webhook = read_hook(probe);
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->answer.status, 200);
  EXPECT_TRUE(webhook->signals.empty());
  RawRequest smuggled("POST", "/v1/hooks/slack",
                      "ssl_check=1&payload=" + percent_encode(click_of("baton_claim").dump()));
  EXPECT_FALSE(read_hook(smuggled));
  EXPECT_FALSE(read_hook(RawRequest("POST", "/v1/hooks/slack", "")));
}

TEST(SlackWebhook, each_feedback_button_is_what_is_wrong_with_the_handoff_once_however_often_it_is_clicked) {
  for (const auto fault : kFaults) {
    auto again = click_of(("baton_feedback_" + std::string(fault)).c_str());
    const auto first = read_clicked(again);
    again["actions"][0]["action_ts"] = "1788257799.9";
    const auto second = read_clicked(again);
    ASSERT_TRUE(first && second);
    ASSERT_EQ(first->signals.size(), 1u) << fault;
    EXPECT_EQ(first->signals[0].kind, SignalKind::judged);
    EXPECT_EQ(first->signals[0].about, fault);
    EXPECT_EQ(first->signals[0].who, "U1");
    EXPECT_EQ(first->signals[0].handoff.text, "hof_1");
    EXPECT_EQ(first->signals[0].id, second->signals[0].id);
  }
  EXPECT_NE(read_clicked(click_of("baton_feedback_too_early"))->signals[0].id,
            read_clicked(click_of("baton_feedback_too_late"))->signals[0].id);
  EXPECT_TRUE(read_clicked(click_of("baton_feedback_"))->signals.empty());
  EXPECT_TRUE(read_clicked(click_of("baton_feedback_dull"))->signals.empty());
}

TEST(SlackWebhook, what_is_typed_to_baton_is_a_command_of_the_person_whom_slack_names) {
  const auto webhook = read_hook(signed_hook("command=%2Fbaton&user_id=U1&text=+presence+away+2h+"));
  ASSERT_TRUE(webhook && webhook->command);
  EXPECT_TRUE(webhook->signals.empty());
  EXPECT_EQ(webhook->command->who, "U1");
  EXPECT_EQ(webhook->command->words, "presence away 2h");
  EXPECT_EQ(read_hook(signed_hook("command=%2Fbaton&user_id=U1&text="))->command->words, "") << "wants help";
  EXPECT_FALSE(read_hook(RawRequest("POST", "/v1/hooks/slack", "command=%2Fbaton&user_id=U1&text=away")));
}

TEST(SlackWebhook, other_commands_and_nobodys_are_none) {
  EXPECT_FALSE(read_hook(signed_hook("command=%2Fhuman&user_id=U1&text=away"))->command);
  EXPECT_FALSE(read_hook(signed_hook("command=%2Fbaton&text=away"))->command);
  EXPECT_FALSE(read_hook(signed_hook("user_id=U1&text=away"))->command);
  const auto renamed =
      read_hook(signed_hook("command=%2Fdesk&user_id=U1&text=away"), kCardSecret, {{"command", "/desk"}});
  ASSERT_TRUE(renamed);
  EXPECT_TRUE(renamed->command);
}

TEST(SlackWebhook, the_answer_to_a_command_is_for_that_person_alone_and_cannot_mention_anybody) {
  const auto webhook = read_hook(signed_hook("command=%2Fbaton&user_id=U1&text=away"));
  ASSERT_TRUE(webhook && webhook->command);
  const auto answer = webhook->command->answer("<!channel> & more");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(header(answer.headers, "content-type").starts_with("application/json"));
  EXPECT_EQ(json::parse(answer.body),
            json({{"response_type", "ephemeral"}, {"text", "&lt;!channel&gt; &amp; more"}}));
}

TEST(SlackWebhook, an_ssl_check_with_a_command_in_it_needs_a_signature) {
  EXPECT_FALSE(
      read_hook(RawRequest("POST", "/v1/hooks/slack", "ssl_check=1&command=%2Fbaton&user_id=U1&text=away")));
}

json told_of(json event) {
  return {{"type", "event_callback"},
          {"team_id", "T012ACME"},
          {"event_id", "Ev1"},
          {"event_time", kClickedAt - 7},
          {"event", std::move(event)}};
}
std::optional<sdk::Revocation> revoked_by(const json& envelope, sdk::Settings::Values said = {}) {
  const auto webhook =
      read_hook(signed_hook(envelope.dump(), "application/json"), kCardSecret, std::move(said));
  EXPECT_TRUE(webhook);
  return webhook ? webhook->revoked : std::nullopt;
}

TEST(SlackWebhook, an_app_that_is_gone_or_whose_token_is_says_what_to_do) {
  const auto gone = revoked_by(told_of({{"type", "app_uninstalled"}}));
  ASSERT_TRUE(gone);
  EXPECT_NE(gone->why.find("uninstalled"), std::string::npos);
  EXPECT_NE(gone->why.find("baton secret set"), std::string::npos);
  EXPECT_EQ(gone->at, TimePoint(std::chrono::seconds(kClickedAt - 7)));
  const json tokens = {{"oauth", {"U1"}}, {"bot", {"U0BATONBOT"}}};
  const auto revoked = revoked_by(told_of({{"type", "tokens_revoked"}, {"tokens", tokens}}));
  ASSERT_TRUE(revoked);
  EXPECT_NE(revoked->why.find("revoked"), std::string::npos);
}

TEST(SlackWebhook, what_it_is_kept_from_is_told_with_the_minute_and_what_to_do) {
  const json limited = {{"type", "app_rate_limited"},
                        {"team_id", "T012ACME"},
                        {"minute_rate_limited", kClickedAt - 60},
                        {"api_app_id", "A0BATON01"}};
  const auto told = [&](const json& body, sdk::Settings::Values said = {}) {
    const auto webhook =
        read_hook(signed_hook(body.dump(), "application/json"), kCardSecret, std::move(said));
    EXPECT_TRUE(webhook);
    return webhook ? webhook->withheld : std::nullopt;
  };
  const auto withheld = told(limited);
  ASSERT_TRUE(withheld);
  EXPECT_NE(withheld->why.find("30,000"), std::string::npos);
  EXPECT_EQ(withheld->at, TimePoint(std::chrono::seconds(kClickedAt - 60)));
  EXPECT_FALSE(revoked_by(limited)) << "nothing is parked";
  EXPECT_FALSE(told(limited, {{"team_id", "T9OTHER"}}));
  EXPECT_TRUE(told({{"type", "app_rate_limited"}, {"minute_rate_limited", "x"}}));
  EXPECT_FALSE(told(told_of({{"type", "app_rate_limited"}}))) << "said in an event it is a person's word";
}

TEST(SlackWebhook, tokens_of_people_and_apps_of_other_workspaces_are_not_ours) {
  for (const auto& tokens :
       {json{{"oauth", {"U1"}}}, json{{"oauth", {"U1"}}, {"bot", json::array()}}, json()})
    EXPECT_FALSE(revoked_by(told_of({{"type", "tokens_revoked"}, {"tokens", tokens}})));
  const auto gone = told_of({{"type", "app_uninstalled"}});
  EXPECT_TRUE(revoked_by(gone, {{"team_id", "T012ACME"}}));
  EXPECT_FALSE(revoked_by(gone, {{"team_id", "T9OTHER"}}));
}

json about_channel(const char* type, const char* channel = "C0HANDOFFS") {
  return told_of({{"type", type}, {"channel", channel}, {"user", "U1"}});
}
const sdk::Settings::Values kCardsGoHere = {{"channel", "C0HANDOFFS"}};

TEST(SlackWebhook, the_channel_of_the_cards_that_is_lost_says_what_to_do) {
  for (const auto& [type, what] : {std::pair{"channel_archive", "unarchive it"},
                                   {"group_archive", "unarchive it"},
                                   {"channel_deleted", "another one"},
                                   {"group_deleted", "another one"},
                                   {"group_left", "/invite @Baton"}}) {
    const auto gone = revoked_by(about_channel(type), kCardsGoHere);
    ASSERT_TRUE(gone) << type;
    EXPECT_NE(gone->why.find(what), std::string::npos) << gone->why;
    EXPECT_NE(gone->why.find("C0HANDOFFS"), std::string::npos) << gone->why;
    EXPECT_EQ(gone->at, TimePoint(std::chrono::seconds(kClickedAt - 7)));
  }
}

TEST(SlackWebhook, other_channels_and_a_public_one_that_the_app_left_are_no_matter) {
  for (const auto* type : {"channel_archive", "group_archive", "channel_deleted", "group_deleted",
                           "group_left", "channel_left", "channel_rename", "channel_unarchive"})
    EXPECT_FALSE(revoked_by(about_channel(type, "C0CUSTOMERS"), kCardsGoHere)) << type;
  for (const auto* type : {"channel_left", "channel_rename", "channel_unarchive", "member_left_channel"})
    EXPECT_FALSE(revoked_by(about_channel(type), kCardsGoHere)) << type;
  auto elsewhere = kCardsGoHere;
  elsewhere["team_id"] = "T9OTHER";
  EXPECT_FALSE(revoked_by(about_channel("channel_archive"), elsewhere));
  for (const auto& channel : {json(), json(""), json(7), json::object()})
    EXPECT_FALSE(revoked_by(told_of({{"type", "channel_archive"}, {"channel", channel}}), {{"channel", ""}}));
}

TEST(SlackWebhook, a_channel_that_is_unarchived_ends_what_its_archiving_began) {
  const auto read = [](const json& envelope) {
    return read_hook(signed_hook(envelope.dump(), "application/json"), kCardSecret, kCardsGoHere);
  };
  const auto gone = read(about_channel("group_archive"));
  for (const auto* type : {"channel_unarchive", "group_unarchive"}) {
    const auto back = read(about_channel(type));
    ASSERT_TRUE(back && back->restored) << type;
    EXPECT_FALSE(back->revoked);
    ASSERT_EQ(back->restored->of.size(), 2u);
    EXPECT_TRUE(gone->revoked->why.starts_with(back->restored->of[0])) << gone->revoked->why;
    EXPECT_EQ(back->restored->of[1], "is_archived:") << "what a card that was refused says";
  }
  EXPECT_FALSE(read(about_channel("channel_unarchive", "C0CUSTOMERS"))->restored);
  EXPECT_FALSE(gone->restored);
}

TEST(SlackWebhook, a_revocation_without_a_sane_time_is_of_now) {
  for (const auto& time :
       {json(), json("soon"), json(-1), json(9'000'000'000'000'000'000), json(kClickedAt + 900)}) {
    auto envelope = told_of({{"type", "app_uninstalled"}});
    envelope["event_time"] = time;
    const auto gone = revoked_by(envelope);
    ASSERT_TRUE(gone) << time;
    EXPECT_EQ(gone->at, TimePoint(std::chrono::seconds(kClickedAt))) << time;
  }
  for (const auto& variant :
       testing::ill_typed(told_of({{"type", "tokens_revoked"}, {"tokens", {{"bot", {"U1"}}}}})))
    (void)read_hook(signed_hook(variant.dump(), "application/json"));
}

}  // namespace
}  // namespace baton::slack
