// Whatever is sent, a simulated vendor refuses it as its vendor would: it never throws, never ends the
// process, and never answers 5xx of its own accord.
#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

struct Sample {
  const char* method;
  std::string target;
  json body;
};

const std::vector<json>& strange_values() {
  static const auto* const values = new std::vector<json>{
      nullptr,
      true,
      7,
      -1.5,
      "",
      "x",
      json::array(),
      json::object(),
      json::array({nullptr}),
      json::array({json::array()}),
      json{{"id", json::array()}},
      std::string(5'000, 'x'),
  };
  return *values;
}

// The sample with every value at every place exchanged for every strange one.
int send_all(Bench& bench, const Sample& sample) {
  int sent = 0;
  const auto flat = sample.body.flatten();
  std::set<std::string> places = {""};
  for (const auto& [place, value] : flat.items()) {
    for (auto at = place.size(); at != std::string::npos && at > 0; at = place.rfind('/', at - 1)) {
      places.insert(place.substr(0, at));
    }
  }
  for (const auto& place : places) {
    for (const auto& strange : strange_values()) {
      auto body = sample.body;
      body[json::json_pointer(place)] = strange;
      bench.now += 1min;
      const auto reply = bench.send(sample.method, sample.target, dump(body));
      EXPECT_LT(reply.status, 500) << sample.target << " " << place << " " << dump(strange).substr(0, 40);
      ++sent;
    }
  }
  for (const auto* raw : {"", "{", "null", "[1", "\xff\xfe", "{\"a\":\"\xff\"}", "[[[[[[[[[["}) {
    EXPECT_LT(bench.send(sample.method, sample.target, raw).status, 500) << sample.target;
  }
  return sent;
}

void send_strange_paths(Bench& bench, const std::string& base) {
  for (const auto* tail :
       {"", "/", "//", "/%zz", "/%ff", "/\xff", "/?", "/?a=%ff&page=x&per_page=-1&page[size]=0",
        "/99999999999999999999999", "/-1", "/../..", "/.json"}) {
    for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"}) {
      EXPECT_LT(bench.send(method, base + tail, "{}").status, 500) << base << tail;
    }
  }
}

TEST(Hostile, zendesk_survives) {
  Bench bench("zendesk", {{"limits", "off"}, {"api_email", "a"}, {"api_token", "b"}});
  bench.headers["authorization"] = "Basic " + to_base64("a/token:b");
  const json ticket = {
      {"ticket",
       {{"subject", "s"},
        {"requester", {{"name", "n"}, {"email", "a@b.example"}}},
        {"external_id", "e"},
        {"priority", "high"},
        {"tags", {"t"}},
        {"custom_fields", {{{"id", 1}, {"value", "v"}}}},
        {"group_id", 8447320466430},
        {"metadata", {{"baton_op_id", "k"}}},
        {"safe_update", false},
        {"updated_stamp", "x"},
        {"comment",
         {{"public", false}, {"body", "b"}, {"uploads", json::array()}, {"author_id", 8447388090001}}}}}};
  int sent = 0;
  for (const auto& sample :
       {Sample{"POST", "/api/v2/tickets", ticket}, Sample{"PUT", "/api/v2/tickets/5158", ticket},
        Sample{"PUT",
               "/api/v2/tickets/5158/tags",
               {{"tags", {"a"}}, {"safe_update", "true"}, {"updated_stamp", "x"}}},
        Sample{"POST",
               "/api/v2/users/create_or_update",
               {{"user", {{"name", "n"}, {"email", "a@b.example"}, {"external_id", "x"}, {"tags", {"t"}}}}}},
        Sample{"POST",
               "/oauth/tokens",
               {{"grant_type", "client_credentials"},
                {"client_id", "baton"},
                {"client_secret", "zendesk-client-secret"},
                {"expires_in", 600}}}}) {
    sent += send_all(bench, sample);
  }
  for (const auto* base :
       {"/api/v2/tickets", "/api/v2/users", "/api/v2/search", "/api/v2/uploads", "/oauth/tokens", "/"})
    send_strange_paths(bench, base);
  for (const auto* query : {"%22", "-", ":", "status%3C", "%3A%3A", "created%3Ex", "%ff"}) {
    EXPECT_LT(bench.get(std::string("/api/v2/search?query=") + query).status, 500);
  }
  (void)bench.ledger();
  EXPECT_GT(sent, 400);
}

TEST(Hostile, hubspot_survives) {
  Bench bench("hubspot", {{"limits", "off"}});
  bench.headers["authorization"] = "Bearer pat-eu1-baton";
  const std::string objects = "/crm/objects/2026-09/";
  const json properties = {
      {"subject", "s"}, {"hs_pipeline", "0"}, {"hs_pipeline_stage", "1"}, {"hubspot_owner_id", "7001"}};
  const json type = {{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", 16}};
  const json create = {
      {"properties", properties},
      {"associations", json::array({{{"to", {{"id", "51"}}}, {"types", json::array({type})}}})}};
  const json property = {{"name", "baton_handoff_id"}, {"label", "l"},     {"type", "string"},
                         {"fieldType", "text"},        {"groupName", "g"}, {"hasUniqueValue", true}};
  bench.post("/crm/properties/2026-09/tickets", property);
  const json filter = {{"propertyName", "subject"},
                       {"operator", "BETWEEN"},
                       {"value", "a"},
                       {"highValue", "b"},
                       {"values", {"a"}}};
  int sent = 0;
  for (const auto& sample :
       {Sample{"POST", objects + "tickets", create},
        Sample{"PATCH", objects + "tickets/3001", {{"properties", properties}}},
        Sample{"POST", objects + "contacts", {{"properties", {{"email", "n@x.example"}}}}},
        Sample{"POST",
               objects + "tickets/batch/upsert",
               {{"inputs", json::array({{{"idProperty", "baton_handoff_id"},
                                         {"id", "h"},
                                         {"properties", properties},
                                         {"objectWriteTraceId", "t"}}})}}},
        Sample{"POST",
               objects + "contacts/batch/upsert",
               {{"inputs", json::array({{{"idProperty", "email"},
                                         {"id", "h@x.example"},
                                         {"properties", {{"firstname", "f"}}}}})}}},
        Sample{"POST",
               objects + "contacts/batch/read",
               {{"idProperty", "email"}, {"inputs", {{{"id", "x"}}}}, {"properties", {"email"}}}},
        Sample{"POST",
               objects + "tickets/search",
               {{"filterGroups", json::array({{{"filters", json::array({filter})}}})},
                {"sorts", {{{"propertyName", "subject"}, {"direction", "ASCENDING"}}}},
                {"properties", {"subject"}},
                {"limit", 5},
                {"after", "0"},
                {"query", "q"}}},
        Sample{"PUT", objects + "tickets/3001/associations/contacts/51", json::array({type})},
        Sample{"POST", "/crm/associations/2026-09/contacts/deals/batch/read", {{"inputs", {{{"id", "51"}}}}}},
        Sample{"POST", "/crm/properties/2026-09/tickets", property}}) {
    sent += send_all(bench, sample);
  }
  for (const auto* base : {"/crm/objects/2026-09/tickets", "/crm/objects/2026-09", "/crm/owners/2026-09",
                           "/crm/properties/2026-09/tickets", "/oauth/2026-09/token", "/"})
    send_strange_paths(bench, base);
  (void)bench.ledger();
  EXPECT_GT(sent, 600);
}

TEST(Hostile, slack_survives) {
  Bench bench("slack", {{"limits", "off"}});
  bench.headers["authorization"] = "Bearer xoxb-baton";
  auto card = read_data("slack_message.json");
  const auto ts = body_of(bench.post("/api/chat.postMessage", card))["ts"];
  int sent = send_all(bench, {"POST", "/api/chat.postMessage", card});
  card["ts"] = ts;
  card["thread_ts"] = ts;
  card["reply_broadcast"] = true;
  for (const auto* method : {"chat.update", "chat.postMessage", "chat.postEphemeral"}) {
    sent += send_all(bench, {"POST", std::string("/api/") + method, card});
  }
  const json places = {
      {"channel", "C0HANDOFFS"}, {"ts", "1.0"}, {"users", "U02AGENT01"}, {"user", "U02AGENT01"}};
  for (const auto* method : {"conversations.join", "conversations.open", "chat.delete", "auth.test"}) {
    sent += send_all(bench, {"POST", std::string("/api/") + method, places});
  }
  const auto payload = json::parse(
      form_fields(bench.act("click", {{"channel", "C0HANDOFFS"}, {"ts", ts}, {"action_id", "baton_claim"}})
                      .at(0)
                      .request.body)["payload"]);
  const auto url = payload["response_url"].get<std::string>().substr(17);
  (void)send_all(bench,
                 {"POST", url, {{"replace_original", true}, {"text", "x"}, {"blocks", card["blocks"]}}});
  for (const auto* base :
       {"/api/conversations.history", "/api/conversations.replies", "/api/users.info", "/response", "/"})
    send_strange_paths(bench, base);
  for (const auto* query :
       {"limit=-1", "limit=x", "cursor=-5", "cursor=99999999999999999999", "oldest=x&latest=y", "limit=0"}) {
    EXPECT_EQ(bench.get("/api/conversations.history?channel=C0HANDOFFS&" + std::string(query)).status, 200)
        << query;
  }
  (void)bench.ledger();
  EXPECT_GT(sent, 2000);
}

TEST(Hostile, deeds_that_make_no_sense_are_refused) {
  for (const auto* vendor : {"zendesk", "hubspot", "slack", "standard_webhooks"}) {
    Bench bench(vendor);
    for (const auto* what : {"", "solve", "click", "reply", "move_stage", "assign", "delete"}) {
      for (const auto& strange : strange_values())
        EXPECT_FALSE(bench.vendor().act(Deed(what, strange), kNoon)) << vendor << what;
    }
    for (const auto& strange : strange_values()) (void)bench.vendor().act(Deed("send", strange), kNoon);
  }
}

}  // namespace
}  // namespace baton::simulation
