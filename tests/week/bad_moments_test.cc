// What comes at a bad moment: refused, recorded, and shown to whoever looks (timeline through the API and on
// the command line). The customer hears nothing of it.
#include <gtest/gtest.h>

#include "gateway/app/handoff_text.h"
#include "gateway/base/json_view.h"
#include "tests/week/people.h"

namespace baton::town {
namespace {

using nlohmann::json;

std::string yaml() {
  return R"(
teams:
  support:
    members:
      - { id: mara, name: Mara Lind, accounts: { slack: U0MARA } }
      - { id: piotr, name: Piotr Zaremba, accounts: { slack: U0PIOTR } }
routes:
  - name: all
    to: { context: [crm], tickets: zendesk, alerts: [slack], platform: chat, team: support }
)";
}

class BadMoments : public testing::Test {
 protected:
  BadMoments() : town(Plan{.starts = kMonday + 10h, .configuration = yaml()}), truth(town) {
    const json data = {
        {"customer", {{"name", "Ada"}, {"email", "ada@mail.example"}}},
        {"transcript", json::array({{{"role", "customer"}, {"text", "The invoice is wrong."}}})}};
    id = *town.await(town.says("e1", "handoff.requested", "c1", data));
    town.run_for(10s);
  }

  void claim(const std::string& account) {
    EXPECT_TRUE(*town.await(town.does(kSlack, "click",
                                      {{"channel", "C0HANDOFFS"},
                                       {"ts", truth.life(id).card->first},
                                       {"user", account},
                                       {"action_id", "baton_claim"}})));
    town.run_for(5s);
  }
  Reply act(const std::string& verb, const json& body) {
    auto reply = *town.await(town.calls("POST", "/v1/handoffs/" + id.text + "/" + verb, body));
    town.run_for(5s);
    return reply;
  }
  void give_back() { EXPECT_EQ(act("return", {{"by", "mara"}, {"text", "corrected"}}).status, 200); }

  // What the API's timeline and the command line show as refused.
  std::string refusals() {
    const auto reply = *town.await(town.calls("GET", "/v1/handoffs/" + id.text + "/timeline"));
    const auto body = json::parse(reply.body);
    const auto printed = app::timeline_text(JsonView(body));
    std::string all;
    for (const auto& moment : body.at("timeline")) {
      if (moment.at("kind") != "refused") continue;
      const auto text = moment.at("text").get<std::string>();
      EXPECT_NE(printed.find(text), std::string::npos) << printed;
      all += text + "\n";
    }
    return all;
  }
  std::size_t heard() { return truth.life(id).heard.size(); }

  Town town;
  Truth truth;
  HandoffId id;
};

TEST_F(BadMoments, a_choice_after_the_claim_is_refused_and_shown) {
  claim("U0MARA");
  const auto before = heard();
  const json choice = {{"choice", "email"}};
  (void)town.await(town.says("e2", "customer.chose", "c1", choice));
  town.run_for(5s);
  EXPECT_EQ(refusals(), "customer.chose: the handoff is claimed, Mara Lind has it\n");
  EXPECT_EQ(heard(), before);
}

TEST_F(BadMoments, a_claim_after_the_resolution_is_refused_and_shown) {
  claim("U0MARA");
  give_back();
  const auto before = heard();
  const auto reply = act("claim", {{"by", "piotr"}});
  EXPECT_EQ(reply.status, 409);
  EXPECT_NE(reply.body.find("Mara Lind had it"), std::string::npos) << reply.body;
  claim("U0PIOTR");  // on the card as it was
  EXPECT_EQ(refusals(),
            "claimed by piotr: the handoff is returned, Mara Lind had it\n"
            "claimed by piotr: the handoff is returned, Mara Lind had it\n");
  EXPECT_EQ(heard(), before);
}

TEST_F(BadMoments, a_second_return_is_refused_and_shown) {
  claim("U0MARA");
  give_back();
  const auto before = heard();
  EXPECT_EQ(act("return", {{"by", "mara"}, {"text", "again"}}).status, 409);
  EXPECT_EQ(refusals(), "solved by mara: the handoff is returned, Mara Lind had it\n");
  EXPECT_EQ(heard(), before);
}

// Who claimed in Slack is the same person at the command line.
TEST_F(BadMoments, a_return_by_somebody_else_is_refused_and_by_the_same_person_elsewhere_it_is_not) {
  claim("U0MARA");
  EXPECT_EQ(act("return", {{"by", "piotr"}, {"text", "corrected"}}).status, 409);
  EXPECT_EQ(act("pass-on", {{"by", "piotr"}, {"why", "no time"}}).status, 409);
  EXPECT_EQ(refusals(),
            "solved by piotr: the handoff is claimed, Mara Lind has it\n"
            "passed_on by piotr: the handoff is claimed, Mara Lind has it\n");
  give_back();
  EXPECT_EQ(name(town.record(id).handoff.state), "returned");
}

TEST_F(BadMoments, to_go_on_with_the_ai_ends_the_search) {
  const json choice = {{"choice", "continue_with_ai"}};
  (void)town.await(town.says("e2", "customer.chose", "c1", choice));
  town.run_for(5s);
  EXPECT_EQ(name(town.record(id).handoff.state), "cancelled");
  EXPECT_TRUE(truth.life(id).heard.back().text.starts_with("Good, we go on together."));
  const auto before = heard();
  claim("U0MARA");
  EXPECT_EQ(refusals(), "claimed by mara: the handoff is cancelled\n");
  EXPECT_EQ(heard(), before);
}

}  // namespace
}  // namespace baton::town
