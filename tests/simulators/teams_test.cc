// The simulated Teams channel against its fact sheet, section by section.
#include "connectors/teams/simulator.h"

#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

const std::string kQuery = "?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=";
const std::string kWorkflow = "/powerautomate/automations/direct/workflows/5f1b7c0e9a2d4c58b3f6e1d0a7c94b21";
const std::string kPath = kWorkflow + "/triggers/manual/paths/invoke";
const std::string kAddress = kPath + kQuery + "bmFtZS1vZi10aGUtdmVuZG9yLXNpZw";

json message_of(json card) {
  return {{"type", "message"},
          {"attachments", json::array({{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                        {"contentUrl", nullptr},
                                        {"content", std::move(card)}}})}};
}

json text_block(std::string text) {
  return {{"type", "TextBlock"}, {"text", std::move(text)}, {"wrap", true}};
}

json list(json value) { return value.is_array() ? value : json::array({std::move(value)}); }

// One element in braces is that element for nlohmann, hence list().
json card_of(const json& body, const json& actions = json::array()) {
  return {{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
          {"type", "AdaptiveCard"},
          {"version", "1.4"},
          {"body", list(body)},
          {"actions", list(actions)}};
}

json open_url(std::string url) {
  return {{"type", "Action.OpenUrl"}, {"title", "Claim"}, {"url", std::move(url)}};
}

class Teams : public Bench, public testing::Test {
 public:
  Teams() : Bench("teams") {}

  std::string code_of(const Reply& reply) { return body_of(reply)["error"].value("code", ""); }
  // "posted", or why the run failed behind the 202.
  std::string outcome(const json& card) {
    now += 1s;
    const auto before = effect("messages_posted");
    EXPECT_EQ(post(kAddress, message_of(card)).status, 202);
    return effect("messages_posted") > before ? "posted" : ledger()["failed_runs"].back()["why"];
  }
};

TEST_F(Teams, shows_the_sheets_card_and_answers_202_without_a_word) {
  const auto sample = read_data("teams_message.json");
  const auto reply = post(kAddress, sample);
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "");
  const auto all = ledger();
  ASSERT_EQ(all["messages"].size(), 1u) << all["failed_runs"];
  const auto& shown = all["messages"][0];
  EXPECT_NE(shown["text"].get<std::string>().find("Handoff: checkout fails"), std::string::npos);
  EXPECT_EQ(shown["actions"].size(), 3u);
  EXPECT_EQ(shown["actions"][1]["url"], "https://acme.zendesk.com/agent/tickets/991");
  EXPECT_EQ(shown["garbled"], false);
}

TEST_F(Teams, has_no_way_to_know_a_repetition) {
  const auto sample = read_data("teams_message.json");
  post(kAddress, sample);
  post(kAddress, sample);
  EXPECT_EQ(effect("messages_posted"), 2);
  EXPECT_EQ(ledger()["duplicates"], 1);
}

TEST_F(Teams, answers_the_old_address_too) {
  const auto old =
      "/workflows/5f1b7c0e9a2d4c58b3f6e1d0a7c94b21/triggers/manual/paths/invoke?api-version=2016-06-01"
      "&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=bmFtZS1vZi10aGUtdmVuZG9yLXNpZw";
  EXPECT_EQ(post(old, message_of(card_of({text_block("x")}))).status, 202);
}

TEST_F(Teams, takes_the_address_as_a_secret_byte_for_byte) {
  struct Case {
    std::string target;
    int status;
    std::string code;
  };
  const std::string sig = "bmFtZS1vZi10aGUtdmVuZG9yLXNpZw";
  const std::vector<Case> cases = {
      {kPath, 401, "DirectApiAuthorizationRequired"},
      {kPath + "?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&amp;sig=" + sig, 401,
       "DirectApiAuthorizationRequired"},
      {kPath + kQuery + "bmFtZS1vZi10", 403, "AuthorizationFailed"},
      {kPath + "?api-version=1&sp=/triggers/manual/run&sv=1.0&sig=" + sig, 403, "AuthorizationFailed"},
      {"/workflows/0000/triggers/manual/paths/invoke" + kQuery + sig, 404, "WorkflowNotFound"},
      {"/" + kQuery + sig, 404, "WorkflowNotFound"},
  };
  for (const auto& wrong : cases) {
    const auto reply = post(wrong.target, message_of(card_of({text_block("x")})));
    EXPECT_EQ(reply.status, wrong.status) << wrong.target;
    EXPECT_EQ(code_of(reply), wrong.code) << wrong.target;
  }
  EXPECT_EQ(effect("runs_started"), 0);
}

TEST_F(Teams, a_flow_that_is_off_restricted_or_made_anew_refuses) {
  const auto sample = message_of(card_of({text_block("x")}));
  act("turn_off", {{"state", "Suspended"}});
  auto reply = post(kAddress, sample);
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(code_of(reply), "WorkflowTriggerIsNotEnabled");
  act("turn_on", json::object());
  EXPECT_EQ(post(kAddress, sample).status, 202);
  act("recreate", {{"sig", "bmV3LXNpZw"}});
  reply = post(kAddress, sample);
  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("'Deleted'"), std::string::npos);
  EXPECT_EQ(post(kPath + kQuery + "bmV3LXNpZw", sample).status, 202);
  act("restrict", json::object());
  EXPECT_EQ(post(kPath + kQuery + "bmV3LXNpZw", sample).status, 401);
}

TEST_F(Teams, the_trigger_checks_the_envelope) {
  const auto refused = [this](const json& body) {
    now += 1s;
    const auto reply = post(kAddress, body);
    EXPECT_EQ(reply.status, 400);
    return code_of(reply);
  };
  EXPECT_EQ(code_of(send("POST", kAddress, "{\"type\":")), "InvalidRequestContent");
  EXPECT_EQ(code_of(send("POST", kAddress, "{}", {{"content-type", "text/plain"}})), "InvalidRequestContent");
  EXPECT_EQ(refused(json::array()), "TriggerInputSchemaMismatch");
  EXPECT_EQ(refused({{"text", "the way of the retired connectors"}}), "TriggerInputSchemaMismatch");
  EXPECT_EQ(refused({{"type", "message"}, {"attachments", nullptr}}), "TriggerInputSchemaMismatch");
  auto no_type = message_of(card_of({text_block("x")}));
  no_type["attachments"][0]["contentType"] = nullptr;
  EXPECT_EQ(refused(no_type), "TriggerInputSchemaMismatch");
  EXPECT_EQ(effect("runs_started"), 0);
}

TEST(TeamsOfASample, refuses_every_null) {
  Bench bench("teams", {{"schema", "from_sample"}});
  auto sample = message_of(card_of({text_block("x")}));
  EXPECT_EQ(bench.post(kAddress, sample).status, 400);
  sample["attachments"][0].erase("contentUrl");
  EXPECT_EQ(bench.post(kAddress, sample).status, 202);
}

TEST_F(Teams, a_card_that_cannot_be_shown_fails_behind_the_202) {
  const auto container = [](json items) {
    return json{{"type", "Container"}, {"items", list(std::move(items))}};
  };
  const auto fact_set = [](json fact) {
    return card_of({{"type", "FactSet"}, {"facts", list(std::move(fact))}});
  };
  const json column = {{"type", "Column"}, {"width", "auto"}, {"items", list(text_block("y"))}};
  const auto with = [](json card, const char* key, json value) {
    card[key] = std::move(value);
    return card;
  };
  struct Case {
    const char* name;
    json card;
    bool shown;
  };
  const auto block = text_block("x");
  const auto plain = card_of({block});
  const std::vector<Case> cases = {
      {"plain", plain, true},
      {"no type", with(plain, "type", "Card"), false},
      {"version 1.5", with(plain, "version", "1.5"), false},
      {"version 1.2", with(plain, "version", "1.2"), true},
      {"no version", with(plain, "version", nullptr), false},
      {"unknown property", with(plain, "colour", "red"), false},
      {"msteams width", with(plain, "msteams", {{"width", "Full"}}), true},
      {"fallbackText", with(plain, "fallbackText", "x"), true},
      {"text is a number", card_of({with(block, "text", 7)}), false},
      {"text is null", card_of({with(block, "text", nullptr)}), false},
      {"words in any case", card_of({with(with(block, "weight", "Bolder"), "size", "extraLarge")}), true},
      {"unknown word", card_of({with(block, "color", "Purple")}), false},
      {"facts", fact_set({{"title", "a"}, {"value", "b"}}), true},
      {"fact without value", fact_set({{"title", "a"}}), false},
      {"fact with a number", fact_set({{"title", "a"}, {"value", 1}}), false},
      {"container", card_of(json::array({container({block})})), true},
      {"the same id twice", card_of({with(block, "id", "a"), with(block, "id", "a")}), false},
      {"media", card_of({{{"type", "Media"}, {"sources", json::array()}}}), false},
      {"input", card_of({{{"type", "Input.Text"}, {"id", "a"}}}), false},
      {"markdown element of a later version", card_of({{{"type", "Table"}}}), false},
      {"https", card_of({block}, {open_url("https://baton.example.com/claim/x?t=1")}), true},
      {"http", card_of({block}, {open_url("http://baton.example.com/")}), false},
      {"relative", card_of({block}, {open_url("/claim/x")}), false},
      {"empty address", card_of({block}, {open_url("")}), false},
      {"script", card_of({block}, {open_url("javascript:alert(1)")}), false},
      {"submit", card_of({block}, {{{"type", "Action.Submit"}, {"title", "x"}}}), false},
      {"execute", card_of({block}, {{{"type", "Action.Execute"}, {"verb", "x"}}}), false},
      {"style", card_of({block}, {with(open_url("https://a.example/"), "style", "positive")}), false},
      {"show card", card_of({block}, {{{"type", "Action.ShowCard"}, {"title", "x"}, {"card", plain}}}), true},
      {"toggle",
       card_of({with(block, "id", "a")},
               {{{"type", "Action.ToggleVisibility"}, {"title", "x"}, {"targetElements", {"a"}}}}),
       true},
      {"toggle without targets", card_of({block}, {{{"type", "Action.ToggleVisibility"}, {"title", "x"}}}),
       false},
      {"columns", card_of({{"type", "ColumnSet"}, {"columns", list(column)}}), true},
      {"image of plain http", card_of({{{"type", "Image"}, {"url", "http://a.example/i.png"}}}), false},
  };
  for (const auto& one : cases) {
    const auto what = outcome(one.card);
    EXPECT_EQ(what == "posted", one.shown) << one.name << ": " << what;
  }
}

TEST_F(Teams, what_is_too_large_is_never_seen) {
  auto card = card_of({text_block("")});
  const auto envelope = dump(message_of(card)).size();
  card["body"][0]["text"] = std::string(28 * 1024 - envelope, 'x');
  EXPECT_EQ(outcome(card), "posted");
  card["body"][0]["text"] = std::string(28 * 1024 - envelope + 1, 'x');
  EXPECT_NE(outcome(card), "posted");
  Bench strict("teams", {{"too_large", "413"}});
  EXPECT_EQ(strict.post(kAddress, message_of(card)).status, 413);
}

TEST_F(Teams, more_than_six_actions_are_hidden) {
  json actions = json::array();
  for (int i = 0; i < 8; ++i) actions.push_back(open_url("https://a.example/" + std::to_string(i)));
  EXPECT_EQ(outcome(card_of({text_block("x")}, actions)), "posted");
  EXPECT_EQ(ledger()["messages"][0]["actions"].size(), 6u);
  EXPECT_EQ(ledger()["messages"][0]["hidden_actions"], 2);
}

TEST_F(Teams, tells_what_a_reader_could_click_or_would_be_called_by) {
  outcome(card_of({text_block("see [this](https://evil.example) <at>Everyone</at>"),
                   text_block("see \\[that\\]\\(https://evil.example\\) at>nobody")}));
  const auto shown = ledger()["messages"][0];
  EXPECT_EQ(shown["links"], json({"https://evil.example"}));
  EXPECT_EQ(shown["mentions"], json({"Everyone"}));
}

TEST_F(Teams, an_emoji_needs_the_charset) {
  const auto body = dump(message_of(card_of({text_block("Grüße 🎉")})));
  send("POST", kAddress, body);
  send("POST", kAddress, body, {{"content-type", "application/json"}});
  EXPECT_EQ(ledger()["messages"][0]["garbled"], false);
  EXPECT_EQ(ledger()["messages"][1]["garbled"], true);
}

TEST_F(Teams, throttles_above_four_a_second) {
  const auto sample = message_of(card_of({text_block("x")}));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(post(kAddress, sample).status, 202);
  const auto reply = post(kAddress, sample);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(header(reply.headers, "retry-after"), "1");
  now += 1s;
  EXPECT_EQ(post(kAddress, sample).status, 202);
  EXPECT_EQ(effect("messages_posted"), 5);
}

TEST(TeamsThrottled, may_say_so_without_a_time_or_inside_a_200) {
  const auto sample = message_of(card_of({text_block("x")}));
  Bench silent("teams", {{"per_second", "1"}, {"retry_after", "off"}});
  silent.post(kAddress, sample);
  const auto reply = silent.post(kAddress, sample);
  EXPECT_EQ(reply.status, 429);
  EXPECT_FALSE(reply.headers.contains("retry-after"));
  Bench old("teams", {{"per_second", "1"}, {"throttle_as_200", "on"}});
  old.post(kAddress, sample);
  const auto lie = old.post(kAddress, sample);
  EXPECT_EQ(lie.status, 200);
  EXPECT_NE(lie.body.find("returned HTTP error 429"), std::string::npos);
  EXPECT_EQ(old.effect("messages_posted"), 1);
}

TEST_F(Teams, survives_whatever_stands_at_every_place_of_a_card) {
  const auto sample = read_data("teams_message.json");
  const std::vector<json> strange = {nullptr,
                                     true,
                                     7,
                                     -1.5,
                                     "",
                                     json::array(),
                                     json::object(),
                                     {nullptr},
                                     {{"id", json::array()}},
                                     std::string(5'000, 'x')};
  const auto flat = sample.flatten();
  for (const auto& [place, old] : flat.items()) {
    for (const auto& value : strange) {
      auto body = sample;
      body[json::json_pointer(place)] = value;
      now += 1s;
      EXPECT_LT(post(kAddress, body).status, 500) << place;
    }
  }
  json deep = text_block("x");
  for (int i = 0; i < 200; ++i) deep = {{"type", "Container"}, {"items", json::array({deep})}};
  EXPECT_NE(outcome(card_of(json::array({deep}))), "posted");
  for (const auto* deed : {"", "turn_off", "recreate", "claim"})
    EXPECT_FALSE(vendor().act(Deed(deed, 7), now)) << deed;
}

}  // namespace
}  // namespace baton::simulation
