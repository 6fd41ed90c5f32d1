#include <gtest/gtest.h>

#include "connectors/slack/errors.h"
#include "connectors/slack/wire.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"
#include "tests/support/spec_schema.h"

namespace baton::slack {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kPostId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/slack/post_alert/1";
constexpr auto kReplyId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/slack/reply_in_thread/2";
const json kCardPosted = {
    {"ok", true}, {"channel", "C0HANDOFFS"}, {"ts", "1788257700.000300"}, {"message", json::object()}};
const Receipt kCard("C0HANDOFFS:1788257700.000300");

json card_refusal(const char* code) { return {{"ok", false}, {"error", code}}; }

class Slack : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"channel", "C0HANDOFFS"}});
  DirectSession session{*connector};
  json document = {
      {"text", "New handoff (high): Checkout fails"},
      {"blocks", {{{"type", "section"}, {"text", {{"type", "mrkdwn"}, {"text", "*Checkout*"}}}}}}};

  sdk::Order post() { return sdk::Order(kPostId, kPostId, document, Receipt(), json::object(), settings); }
  sdk::Order update() { return sdk::Order(kPostId, kPostId, document, kCard, json::object(), settings); }
  sdk::Order reply(json subject) {
    return sdk::Order(kReplyId, kReplyId, nullptr, kCard, std::move(subject), settings);
  }
  json history(const char* op_key, bool more = false) {
    return {{"ok", true},
            {"has_more", more},
            {"messages",
             {{{"ts", "1788257800.000100"}, {"text", "lunch?"}},
              {{"ts", "1788257700.000300"},
               {"metadata", {{"event_type", "baton_handoff"}, {"event_payload", {{"op_key", op_key}}}}}}}}};
  }
};

TEST_F(Slack, a_card_carries_our_key_in_its_metadata) {
  session.expect("POST", "/chat.postMessage").replies(200, kCardPosted);
  const auto receipt = session.attempt(Operation::post_alert, post());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(*receipt, kCard);
  expect_golden(session.sent[0].request, "slack/golden/post_alert.json");
}

TEST_F(Slack, the_receipt_names_the_channel_of_the_answer) {
  auto elsewhere = kCardPosted;
  elsewhere["channel"] = "C0RENAMED";
  session.expect("POST", "/chat.postMessage").replies(200, elsewhere);
  EXPECT_EQ(session.attempt(Operation::post_alert, post())->object_id, "C0RENAMED:1788257700.000300");
}

TEST_F(Slack, a_card_whose_reply_was_lost_is_found_in_the_history) {
  session.expect("POST", "/chat.postMessage").loses_reply();
  session.expect("GET", "/conversations.history").replies(200, history(kPostId));
  EXPECT_FALSE(session.attempt(Operation::post_alert, post()));
  const auto early = session.attempt(Operation::post_alert, post());  // history may not know it yet
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().not_before, session.now + 10s);
  session.now += 10s;
  EXPECT_EQ(*session.attempt(Operation::post_alert, post()), kCard);
  EXPECT_EQ(session.count("POST", "/chat.postMessage"), 1);
  expect_golden(session.sent[1].request, "slack/golden/look_in_channel.json");
}

TEST_F(Slack, a_card_that_is_not_in_the_history_is_posted_again_with_the_same_bytes) {
  session.expect("POST", "/chat.postMessage").replies(200, card_refusal("internal_error"));
  session.expect("GET", "/conversations.history").replies(200, history("another key"));
  session.expect("POST", "/chat.postMessage").replies(200, kCardPosted);
  EXPECT_EQ(session.attempt(Operation::post_alert, post()).error().kind, FailureKind::ambiguous);
  session.now += 11s;
  EXPECT_TRUE(session.attempt(Operation::post_alert, post()));
  EXPECT_EQ(session.sent[0].request, session.sent[2].request);
}

TEST_F(Slack, absence_of_a_card_is_proven_or_the_outcome_stays_open) {
  const auto match = [&](const std::string& body) { return match_message(Reply(200, body), "C1", kPostId); };
  EXPECT_TRUE(match(R"({"ok":true,"messages":[],"has_more":false})"));
  EXPECT_FALSE(*match(R"({"ok":true,"messages":[]})"));
  for (const auto* body :
       {"", "{}", "[]", R"({"ok":true})", R"({"ok":true,"messages":{}})", R"({"ok":true,"messages":[1]})",
        R"({"messages":[]})", R"({"ok":true,"messages":[)"}) {
    const auto found = match(body);
    ASSERT_FALSE(found) << body;
    EXPECT_EQ(found.error().kind, FailureKind::ambiguous);
  }
}

// In a busy channel much is said between the card and the look-up.
TEST_F(Slack, a_card_is_looked_for_on_every_page_of_the_history) {
  auto first = history("another key", true);
  first["response_metadata"]["next_cursor"] = "bmV4dDo=";
  session.expect("POST", "/chat.postMessage").loses_reply();
  session.expect("GET", "/conversations.history").replies(200, first);
  session.expect("GET", "/conversations.history").replies(200, history(kPostId));
  EXPECT_FALSE(session.attempt(Operation::post_alert, post()));
  session.now += 11s;
  EXPECT_EQ(*session.attempt(Operation::post_alert, post()), kCard);
  EXPECT_EQ(session.sent[2].request.target, session.sent[1].request.target + "&cursor=bmV4dDo%3D");
  EXPECT_EQ(session.count("POST", "/chat.postMessage"), 1);
}

TEST_F(Slack, a_history_that_goes_on_and_shows_nothing_proves_nothing) {
  session.expect("POST", "/chat.postMessage").loses_reply();
  session.expect("GET", "/conversations.history")
      .replies(200, {{"ok", true}, {"messages", json::array()}, {"has_more", true}});
  EXPECT_FALSE(session.attempt(Operation::post_alert, post()));
  session.now += 11s;
  EXPECT_EQ(session.attempt(Operation::post_alert, post()).error().kind, FailureKind::ambiguous);
  EXPECT_EQ(session.count("POST", "/chat.postMessage"), 1);
}

// The sheet names latest and oldest, but no cursor and no has_more.
TEST_F(Slack, without_a_cursor_the_next_page_begins_where_this_one_ended) {
  const auto page = [](std::vector<std::string> stamps, std::optional<bool> more = {}) {
    json body = {{"ok", true}, {"messages", json::array()}};
    for (const auto& ts : stamps) body["messages"].push_back({{"ts", ts}});
    if (more) body["has_more"] = *more;
    return Reply(200, body.dump());
  };
  const auto channel = sdk::Read::get("/conversations.history?channel=C1&oldest=5.000000");
  const auto thread = sdk::Read::get("/conversations.replies?channel=C1&oldest=5.000000&ts=6.000001");
  const auto target = [](const sdk::Read& list, const Reply& reply) {
    return (*next_page(list, reply))->request().target;
  };
  EXPECT_EQ(target(channel, page({"12.000000", "9.000000"}, true)),
            "/conversations.history?channel=C1&oldest=5.000000&latest=9.000000");
  EXPECT_EQ(target(channel, page({"12.000000"})),
            "/conversations.history?channel=C1&oldest=5.000000&latest=12.000000");
  EXPECT_EQ(target(channel, page({"9.000000", "12.000000"}, true)),
            "/conversations.history?channel=C1&oldest=12.000000");
  EXPECT_EQ(target(thread, page({"6.000001", "9.000000", "12.000000"}, true)),
            "/conversations.replies?channel=C1&ts=6.000001&oldest=12.000000");
  EXPECT_FALSE(*next_page(channel, page({"12.000000"}, false)));
  EXPECT_FALSE(*next_page(channel, page({})));
  EXPECT_FALSE(*next_page(thread, page({"6.000001"}))) << "nothing but what the thread hangs on";
}

TEST_F(Slack, of_two_cards_with_our_key_the_oldest_is_taken) {
  auto both = history(kPostId);
  auto second = both["messages"][0];
  second["ts"] = "99" + second["ts"].get<std::string>();
  both["messages"].insert(both["messages"].begin(), second);
  EXPECT_EQ(**match_message(Reply(200, both.dump()), "C0HANDOFFS", kPostId),
            **match_message(Reply(200, history(kPostId).dump()), "C0HANDOFFS", kPostId));
}

TEST_F(Slack, an_answer_that_names_no_channel_is_of_the_one_we_asked_for) {
  EXPECT_EQ(*read_posted(Reply(200, R"({"ok":true,"ts":"1.2"})"), "C7"), Receipt("C7:1.2"));
  EXPECT_FALSE(read_posted(Reply(200, R"({"ok":true,"ts":"1.2","channel":7})"), "C7"));
}

TEST_F(Slack, a_card_that_slack_will_not_render_goes_once_as_plain_text) {
  for (const auto* code :
       {"invalid_blocks", "msg_blocks_too_long", "invalid_blocks_format", "invalid_arguments"}) {
    DirectSession one(*connector);
    one.expect("POST", "/chat.postMessage").replies(200, card_refusal(code));
    one.expect("POST", "/chat.postMessage").replies(200, kCardPosted);
    EXPECT_TRUE(one.attempt(Operation::post_alert, post())) << code;
    expect_golden(one.sent[1].request, "slack/golden/post_plain.json");
  }
  session.expect("POST", "/chat.postMessage").replies(200, card_refusal("invalid_blocks"));
  session.expect("POST", "/chat.postMessage").replies(200, card_refusal("invalid_arguments"));
  EXPECT_EQ(session.attempt(Operation::post_alert, post()).error().kind, FailureKind::rejected);
}

TEST_F(Slack, other_refusals_are_not_degraded) {
  session.expect("POST", "/chat.postMessage").replies(200, card_refusal("channel_not_found"));
  EXPECT_EQ(session.attempt(Operation::post_alert, post()).error().kind, FailureKind::misconfigured);
  EXPECT_FALSE(refuses_blocks(Failure(FailureKind::rejected, "method_deprecated: Slack refused /x")));
  EXPECT_FALSE(refuses_blocks(Failure(FailureKind::ambiguous, "invalid_blocks: Slack refused /x")));
}

TEST_F(Slack, a_card_is_updated_whole) {
  session.expect("POST", "/chat.update").replies(200, kCardPosted);
  EXPECT_EQ(*session.attempt(Operation::update_alert, update()), kCard);
  expect_golden(session.sent[0].request, "slack/golden/update_alert.json");
}

TEST_F(Slack, an_update_whose_reply_was_lost_is_sent_again) {
  session.expect("POST", "/chat.update").loses_reply();
  session.expect("POST", "/chat.update").replies(200, kCardPosted);
  EXPECT_FALSE(session.attempt(Operation::update_alert, update()));
  EXPECT_TRUE(session.attempt(Operation::update_alert, update()));
}

TEST_F(Slack, an_update_that_slack_will_not_render_goes_once_as_plain_text) {
  session.expect("POST", "/chat.update").replies(200, card_refusal("msg_blocks_too_long"));
  session.expect("POST", "/chat.update").replies(200, kCardPosted);
  EXPECT_TRUE(session.attempt(Operation::update_alert, update()));
  EXPECT_FALSE(json::parse(session.sent[1].request.body).contains("blocks"));
}

TEST_F(Slack, a_card_that_is_gone_goes_back_to_the_planner) {
  session.expect("POST", "/chat.update").replies(200, card_refusal("message_not_found"));
  EXPECT_EQ(session.attempt(Operation::update_alert, update()).error().kind, FailureKind::target_gone);
  auto nothing = update();
  nothing.target = Receipt("no card");
  EXPECT_EQ(session.attempt(Operation::update_alert, nothing).error().kind, FailureKind::rejected);
}

TEST_F(Slack, a_click_is_answered_to_the_clicker_alone) {
  session.expect("POST", "https://hooks.slack.com/actions/T0/1/x").says(200, "ok");
  EXPECT_TRUE(session.attempt(Operation::reply_in_thread,
                              reply({{"text", "Dana <b> & Co already has this one."},
                                     {"reply_address", "https://hooks.slack.com/actions/T0/1/x"},
                                     {"to", "U02AGENT02"}})));
  expect_golden(session.sent[0].request, "slack/golden/answer_click.json");
}

TEST_F(Slack, no_answer_leaves_for_an_address_that_is_not_slacks) {
  for (const auto* address :
       {"https://evil.example/", "https://hooks.slack.com.evil.example/x", "https://hooks.slack.com",
        "http://hooks.slack.com/x", "//hooks.slack.com/", "/chat.postMessage", "file:///etc/passwd",
        "https://hooks.slack.com@evil.example/", "HTTPS://hooks.slack.com:99/"}) {
    const auto receipt =
        session.attempt(Operation::reply_in_thread, reply({{"text", "x"}, {"reply_address", address}}));
    ASSERT_FALSE(receipt) << address;
    EXPECT_EQ(receipt.error().kind, FailureKind::rejected);
  }
  // The host of the API itself may name addresses elsewhere on it, but no other port.
  settings =
      testing::settings_for(*connector, {{"channel", "C1"}, {"base_url", "http://127.0.0.1:9/slack/api"}});
  EXPECT_FALSE(session.attempt(Operation::reply_in_thread,
                               reply({{"text", "x"}, {"reply_address", "http://127.0.0.1:98/slack/api"}})));
  DirectSession other(*connector);
  other.expect("POST", "http://127.0.0.1:9/slack/actions/1").says(200, "ok");
  EXPECT_TRUE(other.attempt(Operation::reply_in_thread,
                            reply({{"text", "x"}, {"reply_address", "http://127.0.0.1:9/slack/actions/1"}})));
  settings = testing::settings_for(*connector, {{"channel", "C1"}, {"hooks_url", "http://127.0.0.1:99"}});
  EXPECT_FALSE(session.attempt(Operation::reply_in_thread,
                               reply({{"text", "x"}, {"reply_address", "http://127.0.0.1:999/x"}})));
  session.expect("POST", "http://127.0.0.1:99/x").says(200, "");
  EXPECT_TRUE(session.attempt(Operation::reply_in_thread,
                              reply({{"text", "x"}, {"reply_address", "http://127.0.0.1:99/x"}})));
}

TEST_F(Slack, without_an_address_the_words_go_below_the_card) {
  session.expect("POST", "/chat.postMessage").loses_reply();
  session.expect("GET", "/conversations.replies").replies(200, history(kReplyId));
  const json subject = {{"text", "<!channel> SLA & <https://evil.example|link>"}, {"to", "U02AGENT01"}};
  EXPECT_FALSE(session.attempt(Operation::reply_in_thread, reply(subject)));
  session.now += 10s;
  EXPECT_EQ(*session.attempt(Operation::reply_in_thread, reply(subject)), kCard);
  expect_golden(session.sent[0].request, "slack/golden/reply_below.json");
  expect_golden(session.sent[1].request, "slack/golden/look_in_thread.json");
}

TEST_F(Slack, only_a_user_id_is_mentioned) {
  const auto text = [&](const char* to) {
    return json::parse(reply_below({"C1", "1.2"}, "hi", to, kReplyId).request().body)["text"]
        .get<std::string>();
  };
  EXPECT_EQ(text("U02AGENT01"), "<@U02AGENT01> hi");
  for (const auto* to : {"", "Dana", "U1> <!channel", "8447388090495", "u02agent"})
    EXPECT_EQ(text(to), "hi") << to;
}

TEST_F(Slack, words_below_a_card_that_are_cut_say_so) {
  const auto text = [](const std::string& words) {
    return json::parse(reply_below({"C1", "1.2"}, words, "", kReplyId).request().body)["text"]
        .get<std::string>();
  };
  EXPECT_TRUE(text(std::string(9'000, 'x')).ends_with("x\xe2\x80\xa6"));
  const std::string fits(3'700, 'x');
  EXPECT_EQ(text(fits), fits);
}

TEST_F(Slack, long_text_is_parted_between_paragraphs_lines_or_words_and_counted_in_characters) {
  using Parts = std::vector<std::string>;
  EXPECT_EQ(escaped_parts("", 10, 3), Parts({""}));
  EXPECT_EQ(escaped_parts("0123456789", 10, 1), Parts({"0123456789"}));
  EXPECT_EQ(escaped_parts("0123456789a", 10, 1), Parts({"012345678\xe2\x80\xa6"}));
  EXPECT_EQ(escaped_parts("one two\n\nthree four", 12, 9), Parts({"one two", "three four"}));
  EXPECT_EQ(escaped_parts("one two three\nfour", 15, 9), Parts({"one two three", "four"}));
  EXPECT_EQ(escaped_parts("one two three", 8, 9), Parts({"one two", "three"}));
  EXPECT_EQ(escaped_parts("ééééé<ééééé", 9, 9), Parts({"ééééé&lt;", "ééééé"}));
  EXPECT_EQ(escaped_parts("\xff\xfe", 9, 9).size(), 1u);
}

TEST_F(Slack, a_person_is_found_by_their_address) {
  const auto found = [&](Reply reply) {
    DirectSession one(*connector);
    one.expect("GET", "/users.lookupByEmail").replies(std::move(reply));
    auto who = testing::run_task(connector->find_person("dana+x@acme.example", one));
    EXPECT_EQ(one.sent[0].request.target, "/users.lookupByEmail?email=dana%2Bx%40acme.example");
    return who ? *who : std::string(name(who.error().kind));
  };
  EXPECT_EQ(found(Reply(200, R"({"ok":true,"user":{"id":"U02DANA"}})")), "U02DANA");
  EXPECT_EQ(found(Reply(200, R"({"ok":true,"user":{"id":"U02DANA","deleted":true}})")), "");
  EXPECT_EQ(found(Reply(200, R"({"ok":false,"error":"users_not_found"})")), "");
  EXPECT_EQ(found(Reply(200, R"({"ok":false,"error":"missing_scope"})")), "misconfigured");
  EXPECT_EQ(found(Reply(200, R"({"ok":true})")), "retryable");
  EXPECT_EQ(found(Reply(200, R"({"ok":true,"user":{"id":"<!channel>"}})")), "retryable");
}

TEST_F(Slack, what_cannot_be_right_is_named_before_anything_is_sent) {
  const auto wrong = [&](std::string_view field, std::string_view value) {
    for (const auto& one : connector->manifest().fields)
      if (one.name == field) return std::string(one.wrong(value));
    return std::string("no such field");
  };
  for (const auto* id : {"C0HANDOFFS", "G012345", "D012345"}) EXPECT_EQ(wrong("channel", id), "") << id;
  for (const auto* name : {"#handoffs", "handoffs", "#HELP", "@dana"})
    EXPECT_NE(wrong("channel", name).find("(C...)"), std::string::npos) << name;
  for (const auto* token : {"xoxb-1-2-x", "xoxe.xoxb-1-x", "of-the-test"})
    EXPECT_EQ(wrong("token", token), "") << token;
  for (const auto* token : {"xoxp-1-2-x", "xapp-1-x", "xoxe-1-x", "https://hooks.slack.com/services/T/B/x"}) {
    EXPECT_NE(wrong("token", token).find("xoxb-"), std::string::npos) << token;
    EXPECT_EQ(wrong("token", token).find(token), std::string::npos) << "it is a secret";
  }
  const auto remarks = [&](bool given) {
    return connector->judge(settings, [given](std::string_view) { return given; });
  };
  EXPECT_TRUE(remarks(true).empty());
  ASSERT_EQ(remarks(false).size(), 1u);
  EXPECT_EQ(remarks(false)[0].field, "signing_secret");
  EXPECT_FALSE(remarks(false)[0].refused) << "cards alone work without it";
}

TEST_F(Slack, escaped_text_never_breaks_inside_an_escape_or_a_letter) {
  EXPECT_EQ(escaped("a&b<c>d", 100), "a&amp;b&lt;c&gt;d");
  for (std::size_t most = 0; most < 40; ++most) {
    const auto text = escaped("<é&😀>x<é&", most);
    EXPECT_LE(text.size(), most);
    EXPECT_TRUE(is_utf8(text));
    EXPECT_EQ(text.find('<'), std::string::npos);
    const auto last = text.rfind('&');
    if (last != std::string::npos) {
      EXPECT_NE(text.find(';', last), std::string::npos) << text;
    }
  }
}

TEST_F(Slack, hostile_replies_are_failures) {
  const Request post("POST", "/chat.postMessage");
  for (const auto& body : testing::hostile_bodies(kCardPosted.dump())) {
    const Reply reply(200, body);
    const auto failure = connector->classify(sdk::Exchange(post, true, reply, session.now));
    ASSERT_TRUE(failure) << body.substr(0, 40);
    EXPECT_EQ(failure->kind, FailureKind::ambiguous);
    EXPECT_FALSE(read_posted(reply, "C1"));
    EXPECT_FALSE(match_message(reply, "C1", "x"));
  }
  for (const auto& variant : testing::ill_typed(kCardPosted))
    (void)read_posted(Reply(200, variant.dump()), "C1");
  for (const auto& variant : testing::ill_typed(history("x")))
    (void)match_message(Reply(200, variant.dump()), "C1", "x");
}

// --- the error table of section 6, row by row

TEST_F(Slack, refusals_are_classified_as_the_sheet_says) {
  using enum FailureKind;
  const std::vector<std::pair<FailureKind, std::vector<const char*>>> rows = {
      {ambiguous,
       {"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org",
        "org_login_required"}},
      {rate_limited, {"ratelimited", "rate_limited", "message_limit_exceeded", "accesslimited"}},
      {auth_expired, {"token_expired"}},
      {misconfigured, {"invalid_auth", "not_authed", "token_revoked", "account_inactive"}},
      {misconfigured,
       {"missing_scope", "not_allowed_token_type", "no_permission", "ekm_access_denied",
        "team_access_not_granted", "enterprise_is_restricted", "restricted_action",
        "restricted_action_read_only_channel", "access_denied", "two_factor_setup_required"}},
      {misconfigured,
       {"channel_not_found", "not_in_channel", "is_archived", "user_not_found", "users_not_found",
        "user_not_in_channel", "messages_tab_disabled"}},
      {target_gone,
       {"message_not_found", "cannot_reply_to_message", "restricted_action_thread_locked", "thread_not_found",
        "cant_update_message", "edit_window_closed", "block_mismatch"}},
      {rejected,
       {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long", "no_text",
        "too_many_attachments", "metadata_too_large", "invalid_metadata_format", "invalid_metadata_schema",
        "invalid_arguments", "invalid_arg_name", "invalid_json", "json_not_object", "invalid_charset"}},
      {rejected, {"method_deprecated", "deprecated_endpoint", "metadata_must_be_sent_from_app", "new_to_us"}},
  };
  const Request post("POST", "/chat.postMessage"), look("GET", "/conversations.history");
  for (const auto& [kind, codes] : rows) {
    for (const auto* code : codes) {
      const Reply reply(200, card_refusal(code).dump());
      EXPECT_EQ(connector->classify(sdk::Exchange(post, true, reply, session.now))->kind, kind) << code;
      const auto read = kind == ambiguous ? retryable : kind;
      EXPECT_EQ(connector->classify(sdk::Exchange(look, false, reply, session.now))->kind, read) << code;
    }
  }
}

TEST_F(Slack, statuses_other_than_200_come_from_proxies_and_outages) {
  using enum FailureKind;
  const Request post("POST", "/chat.postMessage");
  const auto kind = [&](int status, bool writes) {
    const Reply reply(status, "<html>");
    return connector->classify(sdk::Exchange(post, writes, reply, session.now))->kind;
  };
  for (const int status : {500, 502, 503, 504}) {
    EXPECT_EQ(kind(status, true), ambiguous) << status;
    EXPECT_EQ(kind(status, false), retryable) << status;
  }
  EXPECT_EQ(kind(429, true), rate_limited);
  for (const int status : {301, 400, 403, 404, 407}) EXPECT_EQ(kind(status, true), misconfigured) << status;
}

TEST_F(Slack, waits_are_those_of_the_header_or_half_a_minute) {
  const Request post("POST", "/chat.postMessage");
  const auto not_before = [&](const Reply& reply) {
    return *connector->classify(sdk::Exchange(post, true, reply, session.now))->not_before - session.now;
  };
  EXPECT_EQ(not_before(Reply(429, "", Duration{7s})), 7s);
  EXPECT_EQ(not_before(Reply(429)), 30s);
  EXPECT_EQ(not_before(Reply(200, card_refusal("ratelimited").dump())), 30s);
  EXPECT_EQ(not_before(Reply(200, card_refusal("team_added_to_org").dump())), 1h);
}

TEST_F(Slack, the_answer_to_a_click_has_rules_of_its_own) {
  using enum FailureKind;
  const Request answer("POST", "https://hooks.slack.com/actions/x");
  const auto kind = [&](const Reply& reply) {
    const auto failure = connector->classify(sdk::Exchange(answer, true, reply, session.now));
    return failure ? std::optional(failure->kind) : std::nullopt;
  };
  EXPECT_EQ(kind(Reply(200, "ok")), std::nullopt);
  EXPECT_EQ(kind(Reply(200, R"({"ok":true})")), std::nullopt);
  EXPECT_EQ(kind(Reply(200, "")), std::nullopt);
  EXPECT_EQ(kind(Reply(200, R"({"ok":false,"error":"used_url"})")), target_gone);
  EXPECT_EQ(kind(Reply(404, "expired_url")), target_gone);
  EXPECT_EQ(kind(Reply(429)), rate_limited);
  EXPECT_EQ(kind(Reply(500)), ambiguous);
  EXPECT_EQ(kind(Reply(400, "invalid_payload")), rejected);
}

// --- what we send, held against the schema of messages

TEST_F(Slack, every_message_fits_the_schema) {
  const auto schema = testing::read_vectors("slack/baton.chat.postMessage.schema.json",
                                            "slack/data/post_message.schema.json");
  const auto sample = testing::read_vectors("slack/baton.message.sample.json", "slack/data/card.json");
  const MessageId card{"C0HANDOFFS", "1788257700.000300"};
  const std::vector<sdk::Write> writes = {
      post_card("C0HANDOFFS", sample, kPostId),
      post_plain("C0HANDOFFS", sample, kPostId),
      update_card(card, sample),
      update_plain(card, sample),
      post_card("C0HANDOFFS", json(), kPostId),
      reply_below(card, std::string(20'000, '<'), "U02AGENT01", kReplyId)};
  for (const auto& write : writes) {
    EXPECT_EQ(testing::violations(schema, "", json::parse(write.request().body)), "")
        << write.request().body.substr(0, 200);
  }
  EXPECT_NE(testing::violations(schema, "", {{"channel", "#general"}, {"text", "x"}}),
            "");  // the check can fail
}

}  // namespace
}  // namespace baton::slack
