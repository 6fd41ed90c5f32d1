// The simulated receiver and sender of Standard Webhooks against its fact sheet.
#include "connectors/standard_webhooks/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

namespace hooks = standard_webhooks::simulated;

const std::string kHooksSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";

class StandardWebhooks : public Bench, public testing::Test {
 public:
  StandardWebhooks() : Bench("standard_webhooks") {}

  static std::string event(int number = 1) {
    return dump({{"type", "handoff.accepted"},
                 {"timestamp", "2026-11-20T12:00:00Z"},
                 {"data", {{"handoff_id", number}}}});
  }
  Headers signed_for(const std::string& id, const std::string& body, Duration age = 0ms,
                     const std::string& secret = kHooksSecret) const {
    const auto timestamp = std::to_string(epoch_seconds(now - age));
    return {{"webhook-id", id},
            {"webhook-timestamp", timestamp},
            {"webhook-signature", hooks::signature(secret, id, timestamp, body)}};
  }
};

TEST(StandardWebhooksSignature, agrees_with_the_vectors) {
  int positive = 0;
  const auto vectors = read_data("standard_webhooks_vectors.json");
  for (const auto& vector : vectors["vectors"]) {
    Headers headers;
    for (const auto& [name, value] : vector["headers"].items()) headers[name] = value;
    const auto secret = vector.contains("secret") ? vector["secret"].get<std::string>()
                                                  : vector["public_key"].get<std::string>();
    const TimePoint now{std::chrono::seconds(vector["now_epoch_s"].get<long long>())};
    const auto checked = hooks::check(headers, vector["body"].get<std::string>(), secret, now);
    EXPECT_EQ(checked.status == 200, vector["valid"].get<bool>()) << vector["name"] << checked.why;
    if (vector.contains("seed_hex")) {
      for (const auto* key : {"secret_key_whsk_64_bytes", "secret_key_whsk_32_byte_seed"}) {
        EXPECT_EQ(hooks::signature(vector[key].get<std::string>(), headers["webhook-id"],
                                   headers["webhook-timestamp"], vector["body"].get<std::string>()),
                  headers["webhook-signature"]);
      }
    }
    positive += vector["valid"].get<bool>() ? 1 : 0;
  }
  EXPECT_EQ(positive, 6);
}

TEST_F(StandardWebhooks, takes_an_event_once_and_counts_every_arrival) {
  for (int i = 0; i < 3; ++i) {
    const auto reply = send("POST", "/hook", event(), signed_for("msg_1", event()));
    EXPECT_EQ(reply.status, 202);
    EXPECT_EQ(body_of(reply)["duplicate"], i > 0);
    now += 5s;
  }
  send("POST", "/hook", event(2), signed_for("msg_2", event(2)));
  const auto ledger = this->ledger();
  ASSERT_EQ(ledger["events"].size(), 2u);
  EXPECT_EQ(ledger["events"][0]["id"], "msg_1");
  EXPECT_EQ(ledger["events"][0]["arrivals"], 3);
  EXPECT_EQ(ledger["events"][0]["body"]["data"]["handoff_id"], 1);
  EXPECT_EQ(ledger["effects"]["events_taken"], 2);
  EXPECT_EQ(ledger["effects"]["arrivals"], 4);
  EXPECT_EQ(ledger["repeats"], 2);
  EXPECT_EQ(ledger["duplicates"], 0);
}

TEST_F(StandardWebhooks, counts_one_content_under_two_ids_as_a_duplicate_and_marks_a_changed_body) {
  send("POST", "/hook", event(), signed_for("msg_1", event()));
  send("POST", "/hook", event(), signed_for("msg_2", event()));
  EXPECT_EQ(ledger()["duplicates"], 1);
  send("POST", "/hook", event(3), signed_for("msg_1", event(3)));
  EXPECT_EQ(ledger()["events"][0]["changed"], true);
  EXPECT_EQ(ledger()["events"].size(), 2u);
}

TEST_F(StandardWebhooks, refuses_what_is_forged_late_or_malformed) {
  struct Case {
    const char* why;
    Headers headers;
    int status;
  };
  auto forged = signed_for("msg_1", event());
  forged["webhook-id"] = "msg_2";
  auto missing = signed_for("msg_1", event());
  missing.erase("webhook-timestamp");
  auto fraction = signed_for("msg_1", event());
  fraction["webhook-timestamp"] += ".5";
  auto mixed = signed_for("msg_1", event());
  mixed["svix-id"] = "msg_1";
  auto text_key = signed_for("msg_1", event());
  text_key["webhook-signature"] =
      "v1," + to_base64(hmac_sha256(kHooksSecret, {"msg_1.", text_key["webhook-timestamp"], ".", event()}));
  const Case cases[] = {{"bad_signature", forged, 401},
                        {"bad_signature", text_key, 401},
                        {"bad_signature", signed_for("msg_1", event(2)), 401},
                        {"stale_timestamp", signed_for("msg_1", event(), 301s), 401},
                        {"stale_timestamp", signed_for("msg_1", event(), -301s), 401},
                        {"missing_header", missing, 400},
                        {"missing_header", {}, 400},
                        {"timestamp_no_integer", fraction, 400},
                        {"mixed_header_families", mixed, 400},
                        {"dot_in_id", signed_for("msg.1", event()), 400}};
  for (const auto& wrong : cases) {
    const auto reply = send("POST", "/hook", event(), wrong.headers);
    EXPECT_EQ(reply.status, wrong.status) << wrong.why;
    EXPECT_EQ(body_of(reply)["error"], wrong.why);
  }
  EXPECT_EQ(send("GET", "/hook", "", signed_for("msg_1", "")).status, 405);
  EXPECT_EQ(send("POST", "/hook", std::string(1024 * 1024 + 1, 'x')).status, 413);
  EXPECT_EQ(send("POST", "/hook", "no json", signed_for("msg_1", "no json")).status, 400);
  EXPECT_TRUE(ledger()["events"].empty());
  for (const auto age : {300s, -300s})
    EXPECT_EQ(send("POST", "/hook", event(), signed_for("msg_1", event(), age)).status, 202);
}

TEST_F(StandardWebhooks, takes_either_secret_while_they_are_exchanged) {
  const std::string other = "whsec_" + to_base64("another-secret-of-32-bytes-here!");
  Bench rotating("standard_webhooks", {{"receive_secret", other + " " + kHooksSecret}});
  for (const auto& secret : {other, kHooksSecret}) {
    EXPECT_EQ(
        rotating
            .send("POST", "/hook", event(), signed_for("msg_" + secret.substr(6, 2), event(), 0ms, secret))
            .status,
        202);
  }
  EXPECT_EQ(rotating.ledger()["events"].size(), 2u);
  EXPECT_EQ(send("POST", "/hook", event(), signed_for("msg_1", event(), 0ms, other)).status, 401);
}

TEST_F(StandardWebhooks, answers_what_it_is_told_to_answer) {
  for (const auto* status : {"200", "410", "429", "500", "301"}) {
    Bench told("standard_webhooks", {{"answer", status}, {"answer_retry_after", "7"}});
    const auto reply = told.send("POST", "/hook", event(), signed_for("msg_1", event()));
    EXPECT_EQ(std::to_string(reply.status), status);
    EXPECT_EQ(told.ledger()["events"].empty(), reply.status != 200);
    EXPECT_EQ(header(reply.headers, "retry-after"), reply.status == 200 ? "" : "7");
  }
}

TEST_F(StandardWebhooks, sends_events_that_it_would_take_itself) {
  const json cloud = {{"specversion", "1.0"},
                      {"id", "evt_77"},
                      {"source", "/chat"},
                      {"type", "handoff.requested"},
                      {"data", {{"conversation", {{"id", "c1"}}}}}};
  const auto sent = act("send", cloud);
  const auto& request = sent.at(0).request;
  EXPECT_EQ(request.headers.at("content-type"), "application/cloudevents+json");
  EXPECT_EQ(request.headers.at("webhook-id"), "evt_77");
  EXPECT_EQ(json::parse(request.body), cloud);
  EXPECT_EQ(hooks::check(request.headers, request.body, kHooksSecret, now).status, 200);
  EXPECT_EQ(hooks::check(request.headers, request.body, kHooksSecret, now + 301s).status, 401);
  const auto later = sent[0].again(2, now + 1h);
  EXPECT_EQ(later.headers.at("webhook-id"), "evt_77");
  EXPECT_EQ(later.body, request.body);
  EXPECT_EQ(hooks::check(later.headers, later.body, kHooksSecret, now + 1h).status, 200);

  const auto plain =
      act("send", {{"event", {{"type", "handoff.requested"}, {"data", json::object()}}}}).at(0).request;
  EXPECT_EQ(plain.headers.at("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(plain.headers.at("webhook-id").size(), 30u);
  EXPECT_EQ(act("send", {{"event", cloud}, {"id", "msg_own"}}).at(0).request.headers.at("webhook-id"),
            "msg_own");
  Bench svix("standard_webhooks", {{"header_family", "svix"}});
  EXPECT_TRUE(svix.act("send", cloud).at(0).request.headers.contains("svix-signature"));
  EXPECT_EQ(ledger()["sent"].size(), 3u);
  EXPECT_FALSE(vendor().act(Deed("shout", cloud), now));
  EXPECT_FALSE(vendor().act(Deed("send", "text"), now));
}

}  // namespace
}  // namespace baton::simulation
