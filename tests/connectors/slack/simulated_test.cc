// The card that ships, in the simulated workspace: whatever is shown can be clicked and is understood.
#include <gtest/gtest.h>

#include "connectors/simulation/simulation.h"
#include "connectors/slack/wire.h"
#include "gateway/base/text.h"
#include "tests/support/direct_session.h"
#include "tests/support/mapping_cases.h"
#include "tests/support/openssl_keys.h"

namespace baton::slack {
sdk::ConnectorPtr make_connector();
simulation::VendorPtr make_vendor(const simulation::Setup& setup);

namespace {

using nlohmann::json;

constexpr TimePoint kMorning = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + 9h;

class SlackSimulated : public ::testing::Test {
 protected:
  // Posts the card of a handoff in that state; its `ts`.
  std::string post(const char* state, const char* owner) {
    const json scope = {{"priority", "high"},
                        {"handoff", {{"id", "hof_1"}, {"state", state}, {"owner", owner}}}};
    const auto made = testing::load_mapping("slack").find("post_alert")->render(scope, TimePoint{});
    EXPECT_TRUE(made);
    const auto write = post_card("C0HANDOFFS", *made, "hof_1/slack/post_alert/1").request();
    RawRequest raw(write.method, "/api" + write.target, write.body, write.headers);
    raw.headers["authorization"] = "Bearer xoxb-baton";
    raw.received_at = now += 2s;
    const auto answer = json::parse(vendor->handle(raw).body);
    EXPECT_EQ(answer["ok"], true) << answer;
    for (const auto& block : answer["message"]["blocks"]) {
      for (const auto& element : block.value("elements", json::array())) {
        if (element.value("type", "") == "button") buttons.push_back(element["action_id"]);
      }
    }
    return answer["ts"];
  }
  Result<sdk::Webhook> hear(const char* deed, const json& with) {
    const auto sent = vendor->act(simulation::Deed(deed, with), now);
    EXPECT_TRUE(sent && sent->size() == 1);
    const auto& request = sent->front().request;
    RawRequest raw("POST", "/v1/hooks/slack", request.body, request.headers);
    raw.received_at = now;
    return connector->read_webhook(raw, testing::OpensslKeys({{"signing_secret", "slack-signing-secret"}}),
                                   testing::settings_for(*connector));
  }

  sdk::ConnectorPtr connector = make_connector();
  simulation::VendorPtr vendor = make_vendor(simulation::Setup());
  TimePoint now = kMorning;
  std::vector<std::string> buttons;
};

TEST_F(SlackSimulated, every_button_of_a_card_is_a_signal_about_its_handoff) {
  using Kinds = std::vector<SignalKind>;
  for (const auto& [state, owner, first] :
       {std::tuple("waiting", "", Kinds{SignalKind::claimed}),
        std::tuple("claimed", "dana", Kinds{SignalKind::released, SignalKind::solved})}) {
    buttons.clear();
    const auto ts = post(state, owner);
    ASSERT_EQ(buttons.size(), first.size() + kFaults.size() - 1) << state;
    for (std::size_t i = 0; i < buttons.size(); ++i) {
      const auto heard = hear("click", {{"channel", "C0HANDOFFS"}, {"ts", ts}, {"action_id", buttons[i]}});
      ASSERT_TRUE(heard && heard->signals.size() == 1u) << buttons[i];
      const auto& signal = heard->signals[0];
      EXPECT_EQ(signal.kind, i < first.size() ? first[i] : SignalKind::judged) << buttons[i];
      EXPECT_EQ(signal.handoff.text, "hof_1");
      EXPECT_EQ(signal.object_id, "C0HANDOFFS:" + ts);
      if (i >= first.size()) EXPECT_EQ(signal.about, kFaults[i - first.size()]);
      EXPECT_EQ(heard->answer.body, "") << "within three seconds, empty";
    }
  }
}

TEST_F(SlackSimulated, a_card_that_is_over_has_no_buttons) {
  post("resolved", "dana");
  EXPECT_TRUE(buttons.empty());
}

TEST_F(SlackSimulated, the_slash_command_is_heard_as_the_person_typed_it) {
  const auto heard =
      hear("command", {{"channel", "C0HANDOFFS"}, {"command", "/baton"}, {"text", "presence away 2h"}});
  ASSERT_TRUE(heard && heard->command);
  EXPECT_EQ(heard->command->who, "U02AGENT01");
  EXPECT_EQ(heard->command->words, "presence away 2h");
}

}  // namespace
}  // namespace baton::slack
