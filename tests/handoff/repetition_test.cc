// What people ask a customer for although it was given (S180): sentences as agents write them, labelled by
// hand.
#include "gateway/handoff/repetition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/handoff/sample.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::IsEmpty;

json all_given() {
  return {{"customer", {{"name", "Ada Byron"}, {"email", "ada@example.com"}, {"account_id", "ACC-71"}}},
          {"intent", {{"summary", "Was charged twice."}}},
          {"attempts", {{{"action", "Restarted the router"}, {"outcome", "failed"}}}},
          {"identifiers",
           {{{"kind", "order_number"}, {"value", "20931"}}, {{"kind", "Invoice"}, {"value", "INV-7"}}}},
          {"transcript",
           {{{"role", "customer"},
             {
                 "text",
                 "My tracking number is JD014600003.",
             }}}}};
}

std::vector<std::string> kinds_in(const std::string& answer, const json& data = all_given()) {
  return handoff::asked_again(answer, JsonView(data));
}

struct Said {
  const char* answer;
  std::vector<std::string> kinds;
};

const std::vector<Said>& said_by_agents() {
  static const auto& kSaid = *new std::vector<Said>{
      {"Hi Ada! Could you please send me your order number?", {"order"}},
      {"What is your order ID?", {"order"}},
      {"Which order is this about?", {"order"}},
      {"Please provide the number of your order, and your invoice number.", {"order", "invoice"}},
      {"Thanks. I need your account number to look into it.", {"account"}},
      {"Can you tell me the e-mail address of your account?", {"e-mail"}},
      {"What's your email?", {"e-mail"}},
      {"May I have your name, please?", {"name"}},
      {"Hello, how can I help you today?", {"problem"}},
      {"What seems to be the problem?", {"problem"}},
      {"Have you tried restarting the router?", {"attempts"}},
      {"Do you have the tracking number at hand?", {"tracking"}},
      {"Bitte nennen Sie mir Ihre Bestellnummer.", {"order"}},
      {"Wie lautet Ihre E-Mail-Adresse?", {"e-mail"}},
      {"Worum geht es denn?", {"problem"}},
      {"Pouvez-vous m'indiquer le numéro de votre commande ?", {"order"}},
      {"¿Cuál es el número de su pedido?", {"order"}},
      {"Qual é o número da sua fatura?", {"invoice"}},
      // What is no repetition.
      {"Did you get your order?", {}},
      {"Has the order arrived in the meantime?", {}},
      {"I can see your order 20931. Is that the order number you mean?", {"order"}},
      {"Is order number 20931 the right one?", {}},
      {"Your order number is on its way to the warehouse.", {}},
      {"I have sent you an e-mail, did it arrive?", {}},
      {"I have your account here and will pay one charge back today.", {}},
      {"Have you tried another browser?", {}},
      {"Could you send me a photo of the parcel?", {}},
      {"What is your telephone number?", {}},  // nobody gave one
      {"The name of the product is on the label.", {}},
      {"Your payment was declined by the bank. Please try another card.", {}},
      {"", {}},
  };
  return kSaid;
}

TEST(Repetition, is_found_in_what_agents_write_and_nowhere_else) {
  for (const auto& [answer, kinds] : said_by_agents()) EXPECT_EQ(kinds_in(answer), kinds) << answer;
}

TEST(Repetition, of_what_nobody_gave_there_is_none) {
  const json bare = {{"conversation", {{"id", "c1"}}}};
  for (const auto& [answer, kinds] : said_by_agents())
    EXPECT_THAT(kinds_in(answer, bare), IsEmpty()) << answer;
}

TEST(Repetition, is_read_out_of_any_text) {
  EXPECT_THAT(kinds_in(std::string(100'000, '?')), IsEmpty());
  EXPECT_THAT(kinds_in("order number?\xff\xfe order number?"), ElementsAre("order"));
  EXPECT_THAT(kinds_in("What is your order number?", json::array()), IsEmpty());
  EXPECT_THAT(kinds_in("What is your order number?", {{"identifiers", 5}, {"customer", nullptr}}), IsEmpty());
}

TEST(Repetition, is_kept_with_the_handoff_by_its_kind_once) {
  Tale tale(new_handoff());
  auto data = requested_data();
  data["identifiers"] = {{{"kind", "order"}, {"value", "20931"}}};
  tale(event("handoff.requested", data));
  tale(signal(SignalKind::claimed, "U1"), 1min);
  tale(signal(SignalKind::replied, "U1", "What is your order number?"), 1min);
  tale(signal(SignalKind::replied, "U1", "Sorry, I need your order number. And how can I help?"), 1min);
  EXPECT_EQ(tale.handoff.replies, 2);
  EXPECT_THAT(tale.handoff.asked_again, ElementsAre("order", "problem"));
}

}  // namespace
}  // namespace baton::handoff_testing
