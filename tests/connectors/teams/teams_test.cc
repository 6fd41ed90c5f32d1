// The connector against its fact sheet, section by section.
#include <gtest/gtest.h>

#include "connectors/teams/card.h"
#include "connectors/teams/errors.h"
#include "gateway/base/text.h"
#include "tests/support/configured.h"
#include "tests/support/direct_session.h"

namespace baton::teams {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using enum FailureKind;

constexpr auto kId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/teams/post_alert/1";

json refusal(const char* code) { return {{"error", {{"code", code}, {"message", "no"}}}}; }
json card_of(const Request& request) { return json::parse(request.body)["attachments"][0]["content"]; }

class Teams : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector);
  DirectSession session{*connector};
  json document = {
      {"title", "Handoff (high): checkout fails"},
      {"summary", "New handoff (high): checkout fails"},
      {"facts", {{{"title", "Customer"}, {"value", "Jane Roe (Acme, pro)"}}}},
      {"sections", {{{"title", "What happened"}, {"text", "Card declined twice.\nError PSP-502."}}}},
      {"transcript", {{{"who", "Jane"}, {"text", "I want a person please"}}}},
      {"links", {{{"title", "Open ticket"}, {"url", "https://acme.zendesk.com/agent/tickets/991"}}}}};
  const json claimable = {{"claim_url", "https://baton.example.com/claim/ho_1?t=x"}};

  sdk::Order order(json subject = json::object()) {
    return sdk::Order(kId, kId, document, Receipt("card-1"), std::move(subject), settings);
  }
  std::optional<Failure> classified(int status, const std::string& body, bool writes = true,
                                    std::optional<Duration> wait = {}) {
    const Request request(writes ? "POST" : "GET", "");
    const Reply reply(status, body, wait);
    return connector->classify(sdk::Exchange(request, writes, reply, session.now));
  }
};

TEST_F(Teams, a_card_goes_to_the_address_itself_with_its_charset) {
  session.expect("POST", "").says(202, "");
  const auto receipt = session.attempt(Operation::post_alert, order(claimable));
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, kId);
  EXPECT_TRUE(std::holds_alternative<sdk::SecretAddress>(connector->auth(settings)));
  testing::expect_golden(session.sent[0].request, "teams/golden/post_alert.json");
}

TEST_F(Teams, no_value_of_a_message_is_null) {
  const auto flat = json::parse(post_card(read_card(document, kId)).request().body).flatten();
  for (const auto& [place, value] : flat.items()) EXPECT_FALSE(value.is_null()) << place;
}

// Section 4: neither key nor search, so nothing is sent again by itself.
TEST_F(Teams, an_outcome_that_nobody_knows_is_ambiguous_and_never_repeated_by_us) {
  session.expect("POST", "").loses_reply();
  const auto lost = session.attempt(Operation::post_alert, order());
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ambiguous);
  for (const int status : {500, 502, 503, 504})
    EXPECT_EQ(classified(status, "<html>")->kind, ambiguous) << status;
}

TEST_F(Teams, a_message_that_is_too_large_for_teams_is_cut_and_sent_once_more) {
  session.expect("POST", "").says(413, "");
  session.expect("POST", "").says(202, "");
  EXPECT_TRUE(session.attempt(Operation::post_alert, order(claimable)));
  const auto small = card_of(session.sent[1].request);
  EXPECT_EQ(small["body"].size(), 2u) << "title and facts";
  EXPECT_EQ(small["actions"].size(), 2u);
  DirectSession other(*connector);
  other.expect("POST", "").says(413, "");
  other.expect("POST", "").says(413, "");
  EXPECT_EQ(other.attempt(Operation::post_alert, order()).error().kind, rejected);
}

TEST_F(Teams, a_claim_is_a_second_card_and_a_ticket_alone_is_no_news) {
  document = {{"title", "Claimed by Dana: checkout fails"}};
  session.expect("POST", "").says(202, "");
  EXPECT_TRUE(session.attempt(Operation::update_alert, order({{"state", "claimed"}, {"owner", "Dana"}})));
  EXPECT_EQ(card_of(session.sent[0].request)["body"][0]["text"], "Claimed by Dana: checkout fails");
  const auto quiet =
      session.attempt(Operation::update_alert,
                      order({{"state", "waiting"}, {"owner", ""}, {"link", "https://acme.example/1"}}));
  ASSERT_TRUE(quiet);
  EXPECT_EQ(quiet->object_id, "card-1");
  settings = testing::settings_for(*connector, {{"second_card", "off"}});
  EXPECT_TRUE(session.attempt(Operation::update_alert, order({{"state", "claimed"}, {"owner", "Dana"}})));
  EXPECT_EQ(session.sent.size(), 1u);
}

// The planner says what is new: a handoff that waits again is, and a claimed one's ticket number is not.
TEST_F(Teams, a_second_card_comes_for_news_alone) {
  document = {{"title", "x"}};
  for (const auto* news : {"claimed", "released", "ended", "reopened"}) {
    DirectSession one(*connector);
    one.expect("POST", "").says(202, "");
    EXPECT_TRUE(
        one.attempt(Operation::update_alert, order({{"state", "waiting"}, {"owner", ""}, {"news", news}})))
        << news;
    EXPECT_EQ(one.sent.size(), 1u) << news;
  }
  const auto quiet = session.attempt(
      Operation::update_alert,
      order({{"state", "claimed"}, {"owner", "Dana"}, {"link", "https://acme.example/1"}, {"news", ""}}));
  ASSERT_TRUE(quiet);
  EXPECT_EQ(quiet->object_id, "card-1");
  EXPECT_TRUE(session.sent.empty());
  const auto said_already =
      session.attempt(Operation::reply_in_thread, order({{"text", "It waits again."}, {"news", "released"}}));
  EXPECT_TRUE(said_already && session.sent.empty()) << "the second card says so";
}

// Section 4: once, after a minute, and a person sees what it is.
TEST_F(Teams, where_it_is_asked_for_a_card_that_nobody_knows_of_comes_once_more_and_says_so) {
  settings = testing::settings_for(*connector, {{"unknown", "repeat_once"}});
  session.expect("POST", "").loses_reply();
  EXPECT_EQ(session.attempt(Operation::post_alert, order(claimable)).error().kind, ambiguous);
  const auto early = session.attempt(Operation::post_alert, order(claimable));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().not_before, session.now + 60s);
  session.now += 60s;
  session.expect("POST", "").loses_reply();
  EXPECT_FALSE(session.attempt(Operation::post_alert, order(claimable)));
  ASSERT_EQ(session.sent.size(), 2u);
  EXPECT_EQ(card_of(session.sent[1].request)["body"][0]["text"],
            "Handoff (high): checkout fails (may be a repeat)");
  EXPECT_EQ(card_of(session.sent[1].request)["fallbackText"],
            "New handoff (high): checkout fails (may be a repeat)");
  session.now += 48h;
  EXPECT_FALSE(session.attempt(Operation::post_alert, order(claimable)));
  EXPECT_EQ(session.sent.size(), 2u) << "once";
}

TEST_F(Teams, a_repeat_that_is_taken_ends_it) {
  settings = testing::settings_for(*connector, {{"unknown", "repeat_once"}});
  session.expect("POST", "").loses_reply();
  EXPECT_FALSE(session.attempt(Operation::post_alert, order()));
  session.now += 61s;
  session.expect("POST", "").says(202, "");
  const auto posted = session.attempt(Operation::post_alert, order());
  ASSERT_TRUE(posted) << posted.error().detail;
  EXPECT_EQ(posted->object_id, kId);
}

TEST_F(Teams, a_long_title_leaves_room_for_its_mark) {
  const auto card = as_repeat(read_card({{"title", std::string(900, 'x')}}, kId));
  const auto shown = card_of(post_card(card).request())["body"][0]["text"].get<std::string>();
  EXPECT_TRUE(shown.ends_with("x (may be a repeat)")) << shown;
}

TEST_F(Teams, words_below_a_card_become_a_card_of_their_own) {
  document = nullptr;
  session.expect("POST", "").says(202, "");
  EXPECT_TRUE(session.attempt(Operation::reply_in_thread, order({{"text", "Nobody has this one yet."}})));
  EXPECT_EQ(card_of(session.sent[0].request)["body"][0]["text"], "Nobody has this one yet.");
}

// --- text, section 8

TEST_F(Teams, nothing_that_a_customer_types_is_markup_or_a_mention) {
  EXPECT_EQ(escaped("**b** _i_ [x](https://evil.example) \\", 200, false),
            "\\*\\*b\\*\\* \\_i\\_ \\[x\\](https://evil.example) \\\\");
  EXPECT_EQ(escaped("<at>Dana</at> <AT id='1'>x</At >", 200, false), "Dana x");
  for (const auto* text : {"<<at>at>Dana", "<a<at>t>Dana</at>", "<at", "</at", "5 < 6 <at\n>"}) {
    const auto safe = to_lower(escaped(text, 200, true));
    EXPECT_EQ(safe.find("<at"), std::string::npos) << text;
    EXPECT_EQ(safe.find("</at"), std::string::npos) << text;
  }
  EXPECT_EQ(escaped("a\x01"
                    "b\xE2\x80\xAE"
                    "c\x7F",
                    200, false),
            "abc");
}

TEST_F(Teams, a_line_break_in_a_text_is_an_empty_line_and_in_a_fact_a_blank) {
  EXPECT_EQ(escaped("one\r\ntwo", 200, true), "one\n\ntwo");
  EXPECT_EQ(escaped("one\r\ntwo", 200, false), "one two");
}

TEST_F(Teams, a_cut_text_breaks_inside_no_letter_and_no_escape) {
  for (std::size_t most = 0; most < 40; ++most) {
    const auto text = escaped("*é*😀_x_[é]*é*😀_x_[é]", most, false);
    EXPECT_TRUE(is_utf8(text)) << most;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (std::string_view("*_[]").find(text[i]) == std::string_view::npos) continue;
      ASSERT_GT(i, 0u);
      EXPECT_EQ(text[i - 1], '\\') << text;
    }
  }
}

TEST_F(Teams, a_link_that_would_make_the_card_invalid_is_left_out) {
  document["links"] = json::array();
  for (const auto* url :
       {"", "/claim/1", "http://baton.example/1", "https://", "https:///x", "javascript:alert(1)",
        "https://a b.example", "https://a.example/\"x", "HTTPS ://x"})
    document["links"].push_back({{"title", "Claim"}, {"url", url}});
  EXPECT_FALSE(
      card_of(post_card(read_card({{"links", document["links"]}}, kId)).request()).contains("actions"));
  for (int i = 0; i < 9; ++i) document["links"].push_back({{"title", "x"}, {"url", "https://a.example/x"}});
  EXPECT_EQ(card_of(post_card(read_card(document, kId)).request())["actions"].size(), 6u);
}

TEST_F(Teams, a_document_of_any_shape_is_a_card) {
  for (const auto& odd :
       {json(), json(7), json("x"), json::array(), json{{"title", 7}, {"facts", "x"}},
        json{{"facts", {7, nullptr}}, {"links", {{{"url", 7}}}}, {"sections", json::object()}}}) {
    const auto card = card_of(post_card(read_card(odd, kId)).request());
    EXPECT_EQ(card["body"][0]["text"], "A customer asks for a person") << odd;
    EXPECT_EQ(card["body"][1]["facts"].back()["value"], "hof\\_0199e5a1c2d37f00a1b2c3d4e5f60718");
  }
}

TEST_F(Teams, a_card_loses_its_conversation_first_and_its_facts_last) {
  const auto card = [](std::size_t sections, std::size_t facts) {
    json doc = {
        {"title", "t"}, {"facts", json::array()}, {"sections", json::array()}, {"transcript", json::array()}};
    for (std::size_t i = 0; i < 6; ++i) {
      doc["sections"].push_back({{"title", "s"}, {"text", std::string(sections, '*')}});
      doc["transcript"].push_back({{"who", "w"}, {"text", std::string(400, '*')}});
    }
    for (std::size_t i = 0; i < 10; ++i)
      doc["facts"].push_back({{"title", "f"}, {"value", std::string(facts, '"')}});
    return card_of(post_card(read_card(doc, kId)).request())["body"];
  };
  EXPECT_EQ(card(100, 10).size(), 9u) << "title, facts, six sections and the conversation";
  EXPECT_EQ(card(1400, 300).size(), 8u) << "without the conversation";
}

TEST_F(Teams, every_message_stays_below_28_kilobytes) {
  for (const auto* piece : {"word ", "*", "\"", "\\", "<", "😀", "\n", "\x01", "<at>"}) {
    std::string text;
    while (text.size() < 20'000) text += piece;
    const json pair = {{"title", text},
                       {"value", text},
                       {"text", text},
                       {"who", text},
                       {"url", "https://a.example/" + std::string(950, 'x')}};
    json doc = {{"title", text}, {"summary", text}};
    for (const auto* part : {"facts", "sections", "transcript", "links"}) doc[part] = json(30, pair);
    const auto body = post_card(read_card(doc, kId)).request().body;
    EXPECT_LE(body.size(), 28'000u) << piece;
    EXPECT_TRUE(is_utf8(body));
    EXPECT_LE(post_small(read_card(doc, kId)).request().body.size(), 28'000u) << piece;
  }
}

// --- errors, section 6

TEST_F(Teams, refusals_are_classified_as_the_sheet_says) {
  struct Row {
    int status;
    const char* code;
    FailureKind kind;
  };
  for (const auto& row :
       {Row{400, "WorkflowTriggerIsNotEnabled", misconfigured},
        Row{400, "TriggerInputSchemaMismatch", rejected}, Row{400, "InvalidRequestContent", rejected},
        Row{400, "SomethingNew", rejected}, Row{401, "DirectApiAuthorizationRequired", misconfigured},
        Row{401, "MisMatchingOAuthClaims", misconfigured}, Row{403, "AuthorizationFailed", misconfigured},
        Row{403, "SomethingNew", misconfigured}, Row{404, "WorkflowNotFound", misconfigured},
        Row{302, "", misconfigured}}) {
    const auto failure = classified(row.status, refusal(row.code).dump());
    ASSERT_TRUE(failure);
    EXPECT_EQ(failure->kind, row.kind) << row.status << row.code;
  }
  EXPECT_NE(classified(401, refusal("DirectApiAuthorizationRequired").dump())->detail.find("Anyone"),
            std::string::npos);
  EXPECT_FALSE(classified(202, ""));
  EXPECT_FALSE(classified(200, "1"));
}

TEST_F(Teams, throttling_is_waited_out_even_inside_a_200) {
  EXPECT_FALSE(classified(429, "")->not_before) << "the delivery station's waits grow";
  EXPECT_EQ(connector->manifest().limits.first_wait, 5s);
  EXPECT_EQ(classified(429, "", true, Duration{30s})->not_before, session.now + 30s);
  const auto words =
      classified(200, "Microsoft Teams endpoint returned HTTP error 429 with ContextId tcid=0");
  ASSERT_TRUE(words);
  EXPECT_EQ(words->kind, rate_limited);
}

TEST_F(Teams, hostile_bodies_of_refusals_are_failures) {
  for (const auto& body : testing::hostile_bodies(refusal("WorkflowNotFound").dump())) {
    for (const int status : {400, 401, 403, 404, 429, 500}) EXPECT_TRUE(classified(status, body)) << status;
  }
}

// --- the address, sections 1, 2 and 10

TEST_F(Teams, an_address_that_was_spoiled_on_its_way_is_named_before_anything_is_sent) {
  const std::string good =
      "https://default1f.42.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/"
      "5f/"
      "triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=c2VjcmV0LXNpZw";
  const auto problems = [](const std::string& address) {
    return testing::problems_with_secret(make_connector(), "address", address);
  };
  const auto with = [&](const char* what, const char* instead) {
    auto address = good;
    for (auto at = address.find(what); at != std::string::npos;
         at = address.find(what, at + std::string(instead).size()))
      address.replace(at, std::string(what).size(), instead);
    return problems(address);
  };
  EXPECT_EQ(problems(good), "");
  EXPECT_EQ(
      problems("https://prod-01.westeurope.logic.azure.com:443/workflows/5f/triggers/manual/paths/invoke"
               "?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=c2Vj"),
      "");
  EXPECT_EQ(problems("http://127.0.0.1:8099/teams/workflows/5f?sig=x"), "") << "a simulated flow";
  EXPECT_EQ(problems("http://vendors:8099/teams/workflows/5f?sig=x"), "");
  EXPECT_EQ(problems("https://cards.example.com/teams"), "") << "a proxy of one's own";
  struct Row {
    std::string found;
    const char* remedy;
  };
  for (const auto& [found, remedy] :
       {Row{with("&sig=c2VjcmV0LXNpZw", ""), "Anyone"}, Row{with("&", "&amp;"), "&amp;"},
        Row{with("%2F", "/"), "%2F"}, Row{with("https:", "http:"), "https://"},
        Row{problems(good.substr(8)), "https://"}, Row{with("&sv", "\n&sv"), "one line"},
        Row{problems("https://acme.webhook.office.com/webhookb2/5f@6a/IncomingWebhook/7b/8c"), "workflow"},
        Row{problems("https://outlook.office.com/webhook/5f@6a/IncomingWebhook/7b/8c"), "workflow"}}) {
    EXPECT_NE(found, "") << remedy;
    EXPECT_NE(found.find(remedy), std::string::npos) << found;
    EXPECT_EQ(found.find("c2Vj"), std::string::npos) << "the address is a secret: " << found;
  }
}

// --- probe, section 9

TEST_F(Teams, a_probe_posts_nothing_and_tells_what_is_wrong_with_the_address) {
  const auto probed = [&](int status, const std::string& body) {
    DirectSession one(*connector);
    one.expect("GET", "").says(status, body);
    const auto findings = testing::run_task(connector->probe(settings, one));
    EXPECT_EQ(one.sent.size(), 1u);
    EXPECT_FALSE(one.sent[0].writes);
    return findings->front();
  };
  const auto off = probed(400, refusal("WorkflowTriggerIsNotEnabled").dump());
  EXPECT_FALSE(off.fine);
  EXPECT_NE(off.remedy.find("Turn the flow on"), std::string::npos);
  EXPECT_FALSE(probed(401, refusal("DirectApiAuthorizationRequired").dump()).fine);
  EXPECT_FALSE(probed(404, refusal("WorkflowNotFound").dump()).fine);
  EXPECT_FALSE(probed(503, "").fine);
  // That a trigger takes no GET is what a good one says.
  EXPECT_TRUE(probed(405, refusal("MethodNotAllowed").dump()).fine);
  EXPECT_TRUE(probed(404, "").fine);
}

}  // namespace
}  // namespace baton::teams
