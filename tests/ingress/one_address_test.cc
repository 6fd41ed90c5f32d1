// Apps with one address for everything: signals, events and commands, whichever of our addresses they were
// given; and what a vendor says of a customer.
#include <gtest/gtest.h>

#include "tests/ingress/bench.h"

namespace baton::ingress {
namespace {

using nlohmann::json;

// As FakeDesk, with one address, and {"typed": {"who", "words"}}.
class FakeChat final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override {
    static const auto kManifest = [&] {
      auto made = desk_.manifest();
      made.name = "fake_chat";
      made.one_address = true;
      made.overload_status = 429;
      return made;
    }();
    return kManifest;
  }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::NoAuth(); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override {
    auto webhook = desk_.read_webhook(request, keys, settings);
    const auto body = json::parse(request.body, nullptr, false);
    if (webhook && body.contains("typed"))
      webhook->command.emplace(body["typed"]["who"], body["typed"]["words"], [](std::string_view text) {
        return Reply(200, "said: " + std::string(text));
      });
    return webhook;
  }
  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return desk_.read_events(request, keys, settings);
  }

 private:
  FakeDesk desk_;
};

class OneAddress : public testing::Test {
 protected:
  OneAddress() : bench(store) {
    for (const auto* id : {"cards", "talk", "elsewhere"}) {
      auto account = std::make_unique<sdk::Account>();
      account->id = DestinationId(id);
      account->connector = &chat;
      const bool other_app = std::string_view(id) == "elsewhere";
      account->secrets["hook"].emplace_back(std::string(other_app ? "another" : kHookSecret));
      bench.accounts.emplace(DestinationId(id), std::move(account));
    }
    bench.sources.at("widget").platform = DestinationId("talk");
    auto parts = bench.parts();
    parts.command = [this](TypedCommand given) { return answer(std::move(given)); };
    ingress.emplace(std::move(parts));
  }
  Task<std::string> answer(TypedCommand command) {
    typed = std::move(command);
    if (broken) co_return Failure(FailureKind::retryable, "the disk is full");
    co_return std::string("done");
  }
  RawRequest request(const json& body) const {
    RawRequest made("POST", "/", body.dump(), {{"x-secret", kHookSecret}});
    made.received_at = bench.clock.now();
    return made;
  }
  Reply hook(const json& body, const std::string& destination = "cards") {
    auto made = request(body);
    made.params["destination"] = destination;
    return *bench.await(ingress->hook(std::move(made)));
  }
  Reply source(const json& body) {
    auto made = request(body);
    made.params["source"] = "widget";
    return *bench.await(ingress->platform(std::move(made)));
  }
  static json asks(const std::string& id, const std::string& conversation = "C1:1.0") {
    return {{"id", id}, {"type", "handoff.requested"}, {"data", {{"conversation", {{"id", conversation}}}}}};
  }
  static json claims(const std::string& id, const HandoffId& handoff, const std::string& object = "C9:9.9") {
    return {{"kind", "claimed"}, {"id", id}, {"who", "U1"}, {"handoff", handoff.text}, {"object", object}};
  }
  HandoffId only() const {
    EXPECT_EQ(store.handoffs.size(), 1u);
    return store.handoffs.begin()->first;
  }
  std::vector<Signal> signals() {
    std::vector<Signal> found;
    for (const auto& fact : bench.record(only()).facts) {
      if (const auto* signal = std::get_if<Signal>(&fact.happened)) found.push_back(*signal);
    }
    return found;
  }
  // As if `destination` had posted a card there, or written there, whose receipt that is.
  void receipt(Operation operation, const char* destination, const std::string& object) {
    Batch made;
    made.moves = bench.record(only()).handoff;
    if (operation == Operation::post_alert) made.moves->cards[DestinationId(destination)] = Receipt(object);
    made.jobs.emplace_back(JobKey(only(), Lane(destination), operation, 7), bench.clock.now());
    BATON_CHECK(bench.await(bench.memory.commit(std::move(made)))->done());
    const auto claim = bench.await(bench.memory.claim(DestinationId(destination), 1, 10s));
    BATON_CHECK(claim && claim->jobs.size() == 1);
    auto done = claim->jobs[0].job;
    done.state = JobState::done;
    done.receipt = Receipt(object);
    done.ended_at = bench.clock.now();
    Batch ended;
    ended.updates.emplace_back(done, claim->jobs[0].lease.token, true);
    BATON_CHECK(bench.await(bench.memory.commit(std::move(ended)))->done());
  }

  MemoryStore store;
  Bench bench;
  FakeChat chat;
  TypedCommand typed{"", ""};
  bool broken = false;
  std::optional<Ingress> ingress;
};

TEST_F(OneAddress, a_conversation_and_a_click_come_in_by_either_address) {
  EXPECT_EQ(hook({{"events", {asks("n1")}}}).status, 200);
  const auto handoff = bench.record(only()).handoff;
  EXPECT_EQ(handoff.conversation, ConversationId("widget", "C1:1.0"));
  EXPECT_EQ(handoff.route.platform, DestinationId("talk"));
  EXPECT_EQ(source({{"signals", {claims("s1", handoff.id)}}}).status, 200);
  ASSERT_EQ(signals().size(), 1u);
  EXPECT_EQ(hook({{"signals", {claims("s2", handoff.id)}}}).status, 200);
  EXPECT_EQ(signals().size(), 2u);
}

TEST_F(OneAddress, the_same_event_by_both_addresses_counts_once) {
  hook({{"events", {asks("n1")}}});
  source({{"events", {asks("n1")}}});
  EXPECT_EQ(bench.record(only()).facts.size(), 1u);
}

TEST_F(OneAddress, a_click_on_another_destinations_card_is_a_signal_from_that_one) {
  hook({{"events", {asks("n1")}}});
  receipt(Operation::post_alert, "talk", "C2:2.0");
  EXPECT_EQ(hook({{"signals", {claims("s1", HandoffId(), "C2:2.0")}}}, "cards").status, 200);
  ASSERT_EQ(signals().size(), 1u);
  EXPECT_EQ(signals()[0].from, DestinationId("talk"));
}

TEST_F(OneAddress, an_app_cannot_speak_for_a_destination_whose_secret_it_lacks) {
  hook({{"events", {asks("n1")}}});
  receipt(Operation::post_alert, "elsewhere", "C3:3.0");
  EXPECT_EQ(hook({{"signals", {claims("s1", HandoffId(), "C3:3.0")}}}, "cards").status, 200);
  EXPECT_TRUE(signals().empty());
  EXPECT_EQ(hook({{"signals", json::array()}}, "elsewhere").status, 403);
}

TEST_F(OneAddress, what_people_say_below_a_card_opens_nothing_but_a_customers_thread_does) {
  hook({{"events", {asks("n1")}}});
  receipt(Operation::post_alert, "cards", "C2:2.0");
  receipt(Operation::tell_customer, "talk", "C5:5.0");
  EXPECT_EQ(hook({{"events", {asks("n2", "C2:2.0")}}}).status, 200);
  EXPECT_EQ(store.handoffs.size(), 1u);
  EXPECT_EQ(hook({{"events", {asks("n3", "C5:5.0")}}}).status, 200);
  EXPECT_EQ(store.handoffs.size(), 2u);
}

TEST_F(OneAddress, a_command_is_answered_at_once_and_knows_all_destinations_of_its_app) {
  const json body = {{"typed", {{"who", "U1"}, {"words", "away"}}}};
  EXPECT_EQ(hook(body).body, "said: done");
  EXPECT_EQ(typed.who, "U1");
  EXPECT_EQ(typed.words, "away");
  EXPECT_EQ(typed.at, (std::vector{DestinationId("cards"), DestinationId("talk")}));
  EXPECT_EQ(source(body).body, "said: done");
  broken = true;
  EXPECT_EQ(hook(body).status, 200) << "nobody repeats a command for the person";
  EXPECT_NE(hook(body).body.find("try again"), std::string::npos);
}

TEST_F(OneAddress, conversations_are_counted_against_their_sources_limit_and_clicks_are_not) {
  bench.sources.at("widget").budget = std::make_unique<RateBudget>(1, 1, bench.clock.now());
  EXPECT_EQ(hook({{"events", {asks("n1")}}}).status, 200);
  EXPECT_EQ(hook({{"events", {asks("n2")}}}).status, 429);
  EXPECT_EQ(hook({{"signals", {claims("s1", only())}}}).status, 200);
  EXPECT_EQ(source({{"events", {asks("n2")}}}).status, 429);
  EXPECT_EQ(source({{"signals", {claims("s2", only())}}}).status, 200);
}

TEST_F(OneAddress, without_a_source_only_signals_and_commands_are_read) {
  bench.sources.at("widget").platform = DestinationId("desk");
  EXPECT_EQ(hook({{"events", {asks("n1")}}}).status, 200);
  EXPECT_TRUE(store.handoffs.empty());
}

// --- what a vendor says of a customer

class Hints : public OneAddress {
 protected:
  Hints() {
    hook({{"events", {asks("n1")}}});
    knows(only(), "cards",
          {{"account", {{"id", "A-1"}}}, {"money", {{"last_payments", {{{"id", "ch_1"}}}}}}});
  }
  void knows(const HandoffId& id, const char* destination, json found) {
    Batch batch;
    batch.moves = bench.record(id).handoff;
    auto& part = batch.moves->context[DestinationId(destination)];
    part.found = std::move(found);
    part.at = bench.clock.now();
    BATON_CHECK(bench.await(bench.memory.commit(std::move(batch)))->done());
  }
  void say(const char* id, const char* object, const std::string& destination = "cards") {
    EXPECT_EQ(
        hook({{"signals", {{{"kind", "changed"}, {"id", id}, {"object", object}}}}}, destination).status,
        200);
  }
};

TEST_F(Hints, find_the_handoffs_whose_context_names_what_changed) {
  say("h1", "A-1");
  say("h2", "ch_1");
  say("h3", "A-2");
  ASSERT_EQ(signals().size(), 2u);
  EXPECT_EQ(signals()[0].kind, SignalKind::changed);
  EXPECT_EQ(signals()[0].from, DestinationId("cards"));
}

TEST_F(Hints, are_heard_once) {
  for (int i = 0; i < 3; ++i) say("h1", "A-1");
  EXPECT_EQ(signals().size(), 1u);
}

TEST_F(Hints, of_another_destination_or_workspace_concern_nobody) {
  say("h1", "A-1", "desk");
  const json stray = {{{"kind", "changed"}, {"id", "h2"}, {"object", "A-1"}}};
  EXPECT_EQ(bench.hook(bench.from_desk(stray, "bank-desk")).status, 200);
  EXPECT_TRUE(signals().empty());
}

TEST_F(Hints, reach_every_open_handoff_of_the_customer_and_no_other) {
  const auto first = only();
  hook({{"events", {asks("n2", "C7:7.0")}}});
  std::vector<HandoffId> all;
  for (const auto& [id, row] : store.handoffs) all.push_back(id);
  for (const auto& id : all) {
    if (id != first) knows(id, "cards", {{"people", {{{"id", "A-1"}}}}});
  }
  say("h1", "A-1");
  for (const auto& id : all) EXPECT_EQ(bench.record(id).facts.size(), 2u) << id.text;
}

TEST_F(Hints, do_not_read_the_handoffs_each_time_but_soon_again) {
  say("h1", "A-9");
  knows(only(), "cards", {{"account", {{"id", "A-9"}}}});
  say("h2", "A-9");
  EXPECT_TRUE(signals().empty());
  (void)bench.await(bench.clock.until(bench.clock.now() + 10s));
  say("h3", "A-9");
  EXPECT_EQ(signals().size(), 1u);
}

TEST_F(OneAddress, a_revoked_credential_parks_every_destination_of_the_app_and_no_other) {
  const json gone = {{"why", "the app was removed"}, {"at", bench.clock.now().time_since_epoch() / 1s}};
  EXPECT_EQ(source({{"revoked", gone}}).status, 200);
  std::vector<std::string> parked;
  for (const auto& [lane, state] : store.lanes) {
    if (is_parked(state)) parked.push_back(lane.text);
  }
  EXPECT_EQ(parked, (std::vector<std::string>{"cards", "talk"}));
}

}  // namespace
}  // namespace baton::ingress
