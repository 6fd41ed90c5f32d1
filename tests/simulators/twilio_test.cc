// The simulated Twilio against fact sheet ingress, section 4.7, and Twilio's OpenAPI.
#include "connectors/twilio/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

namespace sim = twilio::simulated;

const std::string kWorkspace = "WSffffffffffffffffffffffffffffffff";
const std::string kToken = "12345678901234567890123456789012";

class Twilio : public Bench, public testing::Test {
 public:
  Twilio() : Bench("twilio") {
    headers = {{"authorization", "Basic " + to_base64("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:" + kToken)},
               {"content-type", "application/x-www-form-urlencoded"}};
  }
  Reply form(std::string target, const sim::Fields& fields) {
    return send("POST", std::move(target), sim::form(fields));
  }
  std::string conversation() {
    act("say", {{"conversation", "chat-1"}, {"text", "I want a person please"}});
    return body_of(get("/v1/Conversations/chat-1"))["sid"];
  }
  std::string messages_of(std::string_view query = {}) {
    return "/v1/Conversations/" + conversation() + "/Messages" + std::string(query);
  }
};

std::map<std::string, std::string> fields_of(const Outbound& sent) { return form_fields(sent.request.body); }

TEST(TwilioSignature, agrees_with_the_vectors) {
  const auto vectors = read_data("twilio_vectors.json");
  for (const auto& vector : vectors["vectors"]) {
    const auto fields = vector["params"].get<sim::Fields>();
    EXPECT_EQ(
        sim::signature(vector["auth_token"].get<std::string>(), vector["url"].get<std::string>(), fields),
        vector["headers"]["X-Twilio-Signature"].get<std::string>());
    EXPECT_EQ(form_fields(sim::form(fields)), fields);
  }
}

TEST_F(Twilio, lets_only_the_account_in) {
  EXPECT_EQ(get("/2010-04-01/Accounts/ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.json").status, 200);
  headers["authorization"] = "Basic " + to_base64("ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa:wrong");
  const auto reply = get("/v1/Conversations/CH1");
  EXPECT_EQ(reply.status, 401);
  EXPECT_EQ(body_of(reply)["code"], 20003);
  headers["authorization"] = "Basic " + to_base64("SK1:s");
  EXPECT_EQ(get("/v1/Conversations/CH1").status, 401);
  Bench keyed("twilio", {{"api_key", "SK1"}, {"api_secret", "s"}});
  keyed.headers = headers;
  EXPECT_EQ(keyed.get("/v1/Conversations/CH1").status, 404);
}

TEST_F(Twilio, takes_forms_only) {
  const auto path = messages_of();
  EXPECT_EQ(send("POST", path, R"({"Body":"x"})", {{"content-type", "application/json"}}).status, 415);
  EXPECT_EQ(send("PUT", path).status, 405);
  EXPECT_EQ(get("/v1/Nothing").status, 404);
  EXPECT_EQ(body_of(get("/v1/Conversations/CH0/Messages"))["code"], 20404);
}

TEST_F(Twilio, keeps_a_message_with_its_author_and_attributes) {
  const auto reply = form(
      messages_of(), {{"Author", "baton"}, {"Body", "Dana takes over"}, {"Attributes", R"({"key":"k1"})"}});
  ASSERT_EQ(reply.status, 201) << reply.body;
  const auto made = body_of(reply);
  EXPECT_EQ(made["author"], "baton");
  EXPECT_EQ(made["index"], 1);
  EXPECT_EQ(made["attributes"], R"({"key":"k1"})");
  EXPECT_EQ(made["date_created"], "2026-11-20T12:00:00Z");
  EXPECT_EQ(made["sid"].get<std::string>().size(), 34u);
  EXPECT_EQ(effect("messages_sent"), 1);
}

TEST_F(Twilio, refuses_messages_that_are_wrong) {
  const auto path = messages_of();
  const sim::Fields wrong[] = {
      {{"Author", "a"}}, {{"Body", std::string(1601, 'x')}}, {{"Body", "x"}, {"Attributes", "{"}}};
  for (const auto& fields : wrong) {
    const auto reply = form(path, fields);
    EXPECT_EQ(reply.status, 400);
    EXPECT_EQ(body_of(reply)["code"], 20001);
  }
  EXPECT_EQ(form(path, {{"Body", std::string(1600, 'x')}}).status, 201);
  std::string wide;
  for (int i = 0; i < 1600; ++i) wide += "ä";
  EXPECT_EQ(form(path, {{"Body", wide}}).status, 201);
  act("close", {{"conversation", "chat-1"}});
  EXPECT_EQ(form(path, {{"Body", "too late"}}).status, 400);
}

TEST_F(Twilio, sends_a_message_twice_if_it_is_asked_twice) {
  const auto path = messages_of();
  const sim::Fields message = {{"Author", "baton"}, {"Body", "Hello"}, {"Attributes", R"({"key":"k1"})"}};
  form(path, message);
  EXPECT_EQ(ledger()["duplicates"], 0);
  form(path, {{"Author", "baton"}, {"Body", "Hello"}, {"Attributes", R"({"key":"k2"})"}});
  EXPECT_EQ(ledger()["duplicates"], 0);
  form(path, message);
  EXPECT_EQ(ledger()["duplicates"], 1);
}

TEST_F(Twilio, lists_conversations_by_state_and_day_in_pages) {
  conversation();
  act("say", {{"conversation", "chat-2"}, {"text", "hello"}});
  now += 24h;
  act("say", {{"conversation", "chat-3"}, {"text", "hello"}});
  act("close", {{"conversation", "chat-2"}});
  const auto names = [&](const std::string& query) {
    std::vector<std::string> found;
    const auto body = body_of(get("/v1/Conversations" + query));
    for (const auto& one : body["conversations"]) found.push_back(one["unique_name"]);
    std::ranges::sort(found);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(""), (Names{"chat-1", "chat-2", "chat-3"}));
  EXPECT_EQ(names("?State=closed"), Names{"chat-2"});
  EXPECT_EQ(names("?StartDate=2026-11-21T00:00:00Z"), Names{"chat-3"});
  EXPECT_EQ(names("?EndDate=2026-11-20T23:59:59Z&State=active"), Names{"chat-1"});
  EXPECT_EQ(get("/v1/Conversations?State=open").status, 400);
  EXPECT_EQ(get("/v1/Conversations?StartDate=yesterday").status, 400);
  const auto page = body_of(get("/v1/Conversations?PageSize=2"));
  EXPECT_EQ(page["conversations"].size(), 2u);
  EXPECT_EQ(page["meta"]["key"], "conversations");
  const auto next = page["meta"]["next_page_url"].get<std::string>();
  EXPECT_EQ(body_of(get(next.substr(next.find("/v1/"))))["conversations"].size(), 1u);
}

TEST_F(Twilio, lists_messages_in_pages_that_only_their_links_open) {
  const auto path = messages_of();
  for (int i = 0; i < 4; ++i) form(path, {{"Body", "m" + std::to_string(i)}});
  auto page = body_of(get(path + "?Order=desc&PageSize=2"));
  EXPECT_EQ(page["messages"][0]["body"], "m3");
  EXPECT_EQ(get(path + "?Order=desc&PageSize=2&Page=1").status, 400);
  std::size_t seen = 2;
  const std::string host = "https://conversations.twilio.com";
  while (page["meta"]["next_page_url"].is_string()) {
    const auto next = page["meta"]["next_page_url"].get<std::string>();
    ASSERT_TRUE(next.starts_with(host + "/v1/Conversations/")) << next;
    page = body_of(get(next.substr(host.size())));
    seen += page["messages"].size();
  }
  EXPECT_EQ(seen, 5u);
  EXPECT_EQ(page["messages"].back()["body"], "I want a person please");
  EXPECT_EQ(body_of(get(path))["messages"][0]["index"], 0);
  EXPECT_EQ(get(path + "?PageSize=101").status, 400);
  EXPECT_EQ(get(path + "?Order=up").status, 400);
}

TEST_F(Twilio, makes_updates_and_closes_conversations) {
  const auto made = body_of(form("/v1/Conversations", {{"UniqueName", "c"}}));
  EXPECT_EQ(made["state"], "active");
  EXPECT_EQ(form("/v1/Conversations", {{"UniqueName", "c"}}).status, 409);
  EXPECT_EQ(form("/v1/Conversations/c", {{"Attributes", "no json"}}).status, 400);
  EXPECT_EQ(form("/v1/Conversations/c", {{"State", "open"}}).status, 400);
  EXPECT_EQ(body_of(form("/v1/Conversations/c", {{"Attributes", R"({"owner":"human"})"}}))["attributes"],
            R"({"owner":"human"})");
  EXPECT_EQ(form("/v1/Conversations/c", {{"State", "closed"}}).status, 200);
  EXPECT_EQ(form("/v1/Conversations/c", {{"State", "active"}}).status, 400);
}

TEST_F(Twilio, adds_a_participant_once) {
  conversation();
  const std::string path = "/v1/Conversations/chat-1/Participants";
  EXPECT_EQ(form(path, {{"Identity", "dana"}}).status, 201);
  EXPECT_EQ(form(path, {{"Identity", "dana"}}).status, 409);
  EXPECT_EQ(form(path, {}).status, 400);
  EXPECT_EQ(body_of(get(path))["participants"].size(), 2u);
}

TEST_F(Twilio, lets_a_studio_flow_hear_a_conversation) {
  conversation();
  const std::string path = "/v1/Conversations/chat-1/Webhooks", flow = "FW" + std::string(32, 'a');
  EXPECT_EQ(form(path, {{"Target", "studio"}}).status, 400);
  EXPECT_EQ(form(path, {{"Target", "pigeon"}, {"Configuration.FlowSid", flow}}).status, 400);
  const auto made = body_of(form(path, {{"Target", "studio"}, {"Configuration.FlowSid", flow}}));
  EXPECT_EQ(made["configuration"]["flow_sid"], flow);
  EXPECT_EQ(body_of(get(path))["webhooks"][0]["sid"], made["sid"]);
  EXPECT_EQ(ledger()["duplicates"], 0);
  form(path, {{"Target", "studio"}, {"Configuration.FlowSid", flow}});
  EXPECT_EQ(ledger()["duplicates"], 1);
  EXPECT_EQ(body_of(get("/v1/Configuration/Webhooks"))["post_webhook_url"],
            "https://baton.example.com/v1/in/twilio");
}

TEST_F(Twilio, signs_what_the_customer_writes) {
  const auto sent =
      act("say", {{"conversation", "chat-1"}, {"text", "Hello & help"}, {"author", "+15555550123"}});
  ASSERT_EQ(sent.size(), 1u);
  const auto fields = fields_of(sent[0]);
  EXPECT_EQ(fields.at("EventType"), "onMessageAdded");
  EXPECT_EQ(fields.at("Body"), "Hello & help");
  EXPECT_EQ(fields.at("Author"), "+15555550123");
  EXPECT_EQ(fields.at("Index"), "0");
  EXPECT_EQ(fields.at("RetryCount"), "0");
  EXPECT_FALSE(fields.at("ParticipantSid").empty());
  EXPECT_EQ(sent[0].request.headers.at("x-twilio-signature"),
            sim::signature(kToken, "https://baton.example.com/v1/in/twilio", fields));
  const auto again = sent[0].again(2, now);
  EXPECT_EQ(form_fields(again.body).at("RetryCount"), "1");
  EXPECT_NE(again.headers.at("x-twilio-signature"), sent[0].request.headers.at("x-twilio-signature"));
  EXPECT_EQ(again.headers.at("i-twilio-idempotency-token"),
            sent[0].request.headers.at("i-twilio-idempotency-token"));
}

TEST_F(Twilio, signs_the_query_of_the_hook_address_too) {
  Bench tenant("twilio", {{"hook_url", "https://b.example/in"}, {"hook_query", "?tenant=acme"}});
  const auto sent = tenant.act("say", {{"conversation", "c"}, {"text", "x"}});
  EXPECT_EQ(sent[0].request.target, "?tenant=acme");
  EXPECT_EQ(sent[0].request.headers.at("x-twilio-signature"),
            sim::signature(kToken, "https://b.example/in?tenant=acme", fields_of(sent[0])));
}

TEST_F(Twilio, walks_a_task_from_handoff_to_completion) {
  const auto conversation_sid = conversation();
  const auto created =
      act("hand_off", {{"conversation", "chat-1"},
                       {"confidence", 0.31},
                       {"customer", {{"external_id", "user-4471"}, {"email", "jane@acme.inc"}}}});
  ASSERT_EQ(created.size(), 2u);
  auto fields = fields_of(created[0]);
  EXPECT_EQ(fields.at("EventType"), "task.created");
  EXPECT_EQ(fields.at("TaskAssignmentStatus"), "pending");
  EXPECT_EQ(fields.at("TimestampMs"), "1795176000000");
  EXPECT_EQ(fields.at("WorkflowSid"), "WWabababababababababababababababab");
  const auto attributes = json::parse(fields.at("TaskAttributes"));
  EXPECT_EQ(attributes["conversationSid"].get<std::string>(), conversation_sid);
  EXPECT_EQ(attributes["handoff"]["confidence"], 0.31);
  EXPECT_EQ(attributes["customers"]["email"], "jane@acme.inc");
  const auto task = fields.at("TaskSid");
  const auto accepted = act("accept", {{"by", "Dana Agent"}});
  ASSERT_EQ(accepted.size(), 2u);
  EXPECT_EQ(fields_of(accepted[1]).at("EventType"), "reservation.accepted");
  EXPECT_EQ(fields_of(accepted[1]).at("WorkerName"), "Dana Agent");
  const auto path = "/v1/Workspaces/" + kWorkspace + "/Tasks/" + task;
  EXPECT_EQ(body_of(get(path))["assignment_status"], "assigned");
  const auto moved = act("transfer", {{"by", "Lee Agent"}});
  std::vector<std::string> told;
  for (const auto& one : moved) told.push_back(fields_of(one).at("EventType"));
  EXPECT_EQ(told, (std::vector<std::string>{"task.transfer-initiated", "reservation.created",
                                            "reservation.accepted", "reservation.completed",
                                            "task.transfer-completed"}));
  ASSERT_EQ(moved.size(), 5u);
  EXPECT_EQ(fields_of(moved[2]).at("WorkerName"), "Lee Agent");
  EXPECT_EQ(fields_of(moved[3]).at("WorkerName"), "Dana Agent");
  EXPECT_NE(fields_of(moved[2]).at("WorkerSid"), fields_of(accepted[1]).at("WorkerSid"));
  EXPECT_NE(fields_of(moved[2]).at("ReservationSid"), fields_of(accepted[1]).at("ReservationSid"));
  EXPECT_EQ(fields_of(moved[2]).at("TaskSid"), task);
  EXPECT_EQ(fields_of(act("complete", json::object()).at(0)).at("EventType"), "task.completed");
  EXPECT_EQ(form(path, {{"AssignmentStatus", "canceled"}}).status, 400);
  EXPECT_EQ(body_of(get("/v1/Workspaces/" + kWorkspace + "/Tasks?AssignmentStatus=pending"))["tasks"].size(),
            0u);
}

TEST_F(Twilio, checks_tasks_and_interactions) {
  const auto tasks = "/v1/Workspaces/" + kWorkspace + "/Tasks";
  const auto made = form(tasks, {{"Attributes", R"({"handoff":"hof_1"})"}, {"Priority", "5"}});
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(body_of(made)["priority"], 5);
  EXPECT_EQ(form(tasks, {{"Attributes", "[]"}}).status, 400);
  EXPECT_EQ(form(tasks, {{"Priority", "-1"}}).status, 400);
  EXPECT_EQ(form(tasks, {{"WorkflowSid", "WW0"}}).status, 400);
  EXPECT_EQ(
      form(tasks + "/" + body_of(made)["sid"].get<std::string>(), {{"AssignmentStatus", "done"}}).status,
      400);
  EXPECT_EQ(form(tasks + "/WT0", {{"AssignmentStatus", "canceled"}}).status, 404);
  const json routing = {{"properties",
                         {{"workspace_sid", kWorkspace},
                          {"workflow_sid", "WWabababababababababababababababab"},
                          {"attributes", {{"handoff", "hof_2"}}}}}};
  const auto interaction =
      form("/v1/Interactions", {{"Channel", R"({"type":"web"})"}, {"Routing", dump(routing)}});
  ASSERT_EQ(interaction.status, 200) << interaction.body;
  EXPECT_EQ(body_of(interaction)["routing"]["properties"]["attributes"], R"({"handoff":"hof_2"})");
  EXPECT_EQ(form("/v1/Interactions", {{"Channel", R"({"type":"web"})"}, {"Routing", "{}"}}).status, 400);
  EXPECT_EQ(get("/v1/Workspaces/" + kWorkspace).status, 200);
  EXPECT_EQ(get("/v1/Workspaces/WS0").status, 404);
}

TEST_F(Twilio, limits_writes_and_says_when_to_come_back) {
  const auto path = messages_of();
  for (int i = 0; i < 30; ++i) ASSERT_EQ(form(path, {{"Body", std::to_string(i)}}).status, 201);
  const auto reply = form(path, {{"Body", "x"}});
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(body_of(reply)["code"], 20429);
  EXPECT_EQ(reply.headers.at("retry-after"), "1");
  EXPECT_EQ(get(path).status, 200);
}

TEST_F(Twilio, sends_our_own_writes_back_if_it_is_told_to) {
  form(messages_of(), {{"Author", "baton"}, {"Body", "x"}});
  EXPECT_TRUE(vendor().take_outbox().empty());
  Bench loud("twilio", {{"echo", "on"}});
  loud.headers = headers;
  loud.act("say", {{"conversation", "chat-1"}, {"text", "x"}});
  loud.send("POST", "/v1/Conversations/chat-1/Messages", sim::form({{"Author", "baton"}, {"Body", "y"}}));
  loud.send("POST", "/v1/Conversations/chat-1", sim::form({{"State", "closed"}}));
  const auto sent = loud.vendor().take_outbox();
  ASSERT_EQ(sent.size(), 2u);
  EXPECT_EQ(fields_of(sent[0]).at("Author"), "baton");
  EXPECT_EQ(fields_of(sent[1]).at("StateTo"), "closed");
}

TEST_F(Twilio, refuses_deeds_that_make_no_sense) {
  for (const auto* deed : {"say", "hand_off", "accept", "dance", "close"}) {
    EXPECT_FALSE(vendor().act(Deed(deed, json::object()), now)) << deed;
  }
}

}  // namespace
}  // namespace baton::simulation
