// The simulated Dialogflow CX agent against fact sheet ingress, section 4.6.
#include "connectors/dialogflow/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

namespace flow = dialogflow::simulated;

const std::string kAgent =
    "/v3/projects/acme/locations/europe-west1/agents/7c9e6679-7425-40de-944b-e07fc1f90ae7";

class Dialogflow : public Bench, public testing::Test {
 public:
  Dialogflow() : Bench("dialogflow", {{"access_token", "ya29.test"}}) {
    headers["authorization"] = "Bearer ya29.test";
  }
  static std::string assertion(const json& claims, const json& head = {{"alg", "RS256"}, {"typ", "JWT"}}) {
    return to_base64url(dump(head)) + "." + to_base64url(dump(claims)) + ".c2ln";
  }
  json claims() const {
    const auto at = epoch_seconds(now);
    return {{"iss", "baton@acme.iam.gserviceaccount.com"}, {"iat", at}, {"exp", at + 3600}};
  }
  Reply ask_for_token(const std::string& jwt) {
    return send("POST", "/token",
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=" + jwt,
                {{"content-type", "application/x-www-form-urlencoded"}});
  }
  json session() const { return ledger()["sessions"]["conv-8841"]; }
  static json answer() {
    return {{"fulfillmentResponse",
             {{"messages", json::array({{{"text", {{"text", json::array({"A colleague takes over."})}}}},
                                        {{"liveAgentHandoff", {{"metadata", {{"handoff_id", "hof_1"}}}}}}})},
              {"mergeBehavior", "APPEND"}}},
            {"sessionInfo", {{"parameters", {{"baton_handoff_id", "hof_1"}}}}}};
  }
};

TEST_F(Dialogflow, calls_the_webhook_with_what_the_sheet_names) {
  const auto sent = act("hand_off", {{"metadata", {{"reason", "low_confidence"}}},
                                     {"parameters", {{"customer_id", "user-4471"}}},
                                     {"score", -0.6}});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].attempts, 1);
  EXPECT_EQ(sent[0].request.headers.at("authorization"), "Bearer dialogflow-webhook-token");
  const auto body = json::parse(sent[0].request.body);
  EXPECT_EQ(body["fulfillmentInfo"]["tag"], "handoff_to_human");
  EXPECT_TRUE(body["sessionInfo"]["session"].get<std::string>().ends_with("/sessions/conv-8841"));
  EXPECT_EQ(body["sessionInfo"]["parameters"]["customer_id"], "user-4471");
  EXPECT_EQ(body["messages"][1]["liveAgentHandoff"]["metadata"]["reason"], "low_confidence");
  EXPECT_EQ(body["sentimentAnalysisResult"]["score"], -0.6);
  EXPECT_EQ(body["intentInfo"]["confidence"], 0.31);
  EXPECT_EQ(body["text"], "I want a person please");
  EXPECT_FALSE(body["detectIntentResponseId"].get<std::string>().empty());
}

TEST_F(Dialogflow, waits_for_the_answer_and_shows_it) {
  act("hand_off", json::object());
  EXPECT_EQ(session()["waits"], true);
  EXPECT_FALSE(vendor().act(Deed("say", {{"text", "hello?"}}), now));
  act("answered", {{"status", 200}, {"body", dump(answer())}});
  EXPECT_EQ(session()["waits"], false);
  EXPECT_EQ(session()["with_person"], true);
  EXPECT_EQ(session()["turns"].back()["text"], "A colleague takes over.");
  EXPECT_EQ(session()["parameters"]["baton_handoff_id"], "hof_1");
  EXPECT_FALSE(vendor().act(Deed("answered", {{"body", answer()}}), now));
  const auto next = act("say", {{"text", "still there?"}});
  ASSERT_EQ(next.size(), 1u);
  EXPECT_EQ(json::parse(next[0].request.body)["fulfillmentInfo"]["tag"], "message_to_human");
}

TEST_F(Dialogflow, takes_its_error_path_for_an_answer_that_is_wrong_or_late) {
  auto unknown = answer();
  unknown["handoff"] = "hof_1";
  auto typed = answer();
  typed["fulfillmentResponse"]["messages"][0]["text"]["text"] = "no list";
  auto merge = answer();
  merge["fulfillmentResponse"]["mergeBehavior"] = "ADD";
  const json wrong[] = {{{"status", 503}, {"body", answer()}},
                        {{"body", "no json"}},
                        {{"body", unknown}},
                        {{"body", typed}},
                        {{"body", merge}},
                        {{"body", answer()}, {"after_ms", 5001}}};
  int paths = 0;
  for (const auto& given : wrong) {
    act("hand_off", json::object());
    act("answered", given);
    EXPECT_EQ(effect("error_paths"), ++paths) << given;
    EXPECT_EQ(session()["with_person"], false);
  }
  act("hand_off", json::object());
  act("answered", {{"body", json::object()}});
  EXPECT_EQ(effect("answers_taken"), 1);
}

TEST_F(Dialogflow, gives_tokens_for_assertions_only) {
  auto stranger = claims(), late = claims(), long_lived = claims();
  stranger["iss"] = "somebody";
  late["exp"] = late["iat"];
  long_lived["exp"] = long_lived["iat"].get<long>() + 3601;
  for (const auto& jwt : {assertion(stranger), assertion(late), assertion(long_lived), std::string("a.b"),
                          assertion(claims(), {{"alg", "none"}})}) {
    EXPECT_EQ(ask_for_token(jwt).status, 400);
  }
  EXPECT_EQ(body_of(send("POST", "/token", "grant_type=password"))["error"], "unsupported_grant_type");
  const auto token = body_of(ask_for_token(assertion(claims())));
  headers["authorization"] = "Bearer " + token["access_token"].get<std::string>();
  EXPECT_EQ(get(kAgent).status, 200);
  now += std::chrono::seconds(token["expires_in"].get<int>());
  EXPECT_EQ(get(kAgent).status, 401);
  EXPECT_EQ(body_of(get(kAgent))["error"]["status"], "UNAUTHENTICATED");
}

TEST_F(Dialogflow, matches_texts_and_events) {
  const auto path = kAgent + "/sessions/conv-8841:detectIntent";
  act("hand_off", json::object());
  act("answered", {{"body", answer()}});
  const auto reply =
      post(path, {{"queryInput", {{"event", {{"event", "baton_returned"}}}, {"languageCode", "en"}}},
                  {"queryParams", {{"parameters", {{"solved", true}}}}}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(session()["with_person"], false);
  EXPECT_EQ(session()["parameters"]["solved"], true);
  EXPECT_EQ(effect("events_matched"), 1);
  EXPECT_EQ(post(path, {{"queryInput", {{"text", {{"text", "x"}}}}}}).status, 400);
  EXPECT_EQ(post(path, {{"queryInput", {{"languageCode", "en"}}}}).status, 400);
  EXPECT_EQ(post(path, json::object()).status, 400);
  EXPECT_EQ(post(kAgent + "/sessions/x", json::object()).status, 404);
}

TEST_F(Dialogflow, tells_the_history_newest_first) {
  act("say", {{"text", "Hello"}});
  const auto path = kAgent + "/conversations/";
  const auto history = body_of(get(path + "conv-8841"));
  ASSERT_EQ(history["interactions"].size(), 2u);
  EXPECT_EQ(history["interactions"][1]["request"]["queryInput"]["text"]["text"], "Hello");
  EXPECT_EQ(history["interactions"][0]["response"]["queryResult"]["responseMessages"][0]["text"]["text"][0],
            "How can I help?");
  EXPECT_EQ(get(path + "other").status, 404);
}

}  // namespace
}  // namespace baton::simulation
