// The connector against the simulated account, which was written from the same fact sheet by other hands.
#include <gtest/gtest.h>

#include "connectors/simulation/registry.h"
#include "tests/support/direct_session.h"

namespace baton::stripe {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr TimePoint kNoon = std::chrono::sys_days(std::chrono::year(2026) / 11 / 20) + 12h;

// Asks the vendor itself; what the delivery station adds is the key.
class Asking final : public sdk::ReadSession {
 public:
  Asking(const sdk::Connector& connector, const simulation::Setup& setup)
      : connector_(connector), vendor_(simulation::make_vendor("stripe", setup)) {}

  Task<Reply> read(sdk::Read read) override {
    RawRequest raw(read.request().method, read.request().target, read.request().body, read.request().headers);
    raw.headers["authorization"] = "Bearer rk_test_baton_read";
    raw.received_at = now_ += 300ms;
    const auto reply = vendor_->handle(raw);
    if (auto failure = connector_.classify(sdk::Exchange(read.request(), false, reply, now_)))
      co_return *failure;
    co_return reply;
  }

  void happens(const simulation::Deed& deed) { EXPECT_TRUE(vendor_->act(deed, now_)); }

 private:
  const sdk::Connector& connector_;
  simulation::VendorPtr vendor_;
  TimePoint now_ = kNoon;
};

class StripeSimulated : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"tier_metadata", "tier"}});

  json context(const std::string& email, const simulation::Setup& setup = {},
               const std::vector<simulation::Deed>& deeds = {}) {
    Asking session(*connector, setup);
    for (const auto& deed : deeds) session.happens(deed);
    const sdk::Order order("", "", nullptr, Receipt(), {{"customer", {{"email", email}}}}, settings);
    const auto found =
        testing::run_task(connector->manifest().find(Operation::read_context)->look(order, session));
    EXPECT_TRUE(found) << (found ? "" : found.error().detail);
    return found ? *found : json();
  }
};

TEST_F(StripeSimulated, an_enterprise_that_is_past_due_is_at_risk) {
  const auto seen = context("zoe@northwind.example");
  EXPECT_EQ(seen["account"]["tier"], "enterprise");
  EXPECT_EQ(seen["account"]["at_risk"], true);
  EXPECT_EQ(seen["money"]["status"], "past_due");
  EXPECT_EQ(seen["money"]["plan"], "Enterprise, Team (Team yearly) x5");
  EXPECT_EQ(seen["money"]["renews_at"].get<std::string>().substr(0, 10), "2026-12-11");
  EXPECT_EQ(seen["money"]["open_invoices"][0]["amount"], 1200.0);
  EXPECT_EQ(seen["money"]["open_invoices"][0]["overdue"], true);
  EXPECT_FALSE(seen.contains("missing")) << seen;
  EXPECT_FALSE(seen["money"].contains("unfinished_payments")) << "the charge has told it: " << seen["money"];
}

TEST_F(StripeSimulated, a_3d_secure_step_that_was_left_open_is_told_where_it_belongs) {
  const json who = {{"customer", "zoe@northwind.example"}};
  auto of_invoice = who, failed = who;
  of_invoice["invoice"] = "in_Northwind7";
  failed["failed"] = true;
  const auto money =
      context("zoe@northwind.example", {},
              {{"leave_payment", who}, {"leave_payment", of_invoice}, {"leave_payment", failed}})["money"];
  ASSERT_EQ(money["unfinished_payments"].size(), 2u) << money;
  EXPECT_EQ(money["unfinished_payments"][0]["reason"], "3-D Secure step failed");
  EXPECT_EQ(money["unfinished_payments"][1]["reason"], "3-D Secure step left open");
  ASSERT_EQ(money["open_invoices"].size(), 1u);
  EXPECT_EQ(money["open_invoices"][0]["reason"], "3-D Secure step left open");
  EXPECT_EQ(money["open_invoices"][0]["tries"], 3);
}

TEST_F(StripeSimulated, yen_have_no_decimals) {
  const auto seen = context("sam@tinyshop.example");
  EXPECT_EQ(seen["money"]["currency"], "JPY");
  EXPECT_EQ(seen["money"]["balance"], -500.0);
}

TEST_F(StripeSimulated, of_three_namesakes_the_paying_one_is_chosen) {
  const auto seen = context("jane.roe@acme.example");
  EXPECT_EQ(seen["matches"], 3);
  EXPECT_EQ(seen["chosen"]["id"], "cus_Acme");
  EXPECT_FALSE(seen["money"].contains("renews_at"));
  EXPECT_TRUE(seen["money"].contains("ends_at"));
}

TEST_F(StripeSimulated, an_address_that_stripe_writes_with_capitals_is_found) {
  EXPECT_EQ(context("bob@acme.example")["account"]["id"], "cus_Capital");
  settings = testing::settings_for(*connector, {{"search", "off"}});
  EXPECT_EQ(context("bob@acme.example")["matches"], 0);
}

TEST_F(StripeSimulated, a_key_without_charges_shows_the_rest) {
  const auto seen =
      context("zoe@northwind.example",
              {{"permissions", "rak_customer_read,rak_subscription_read,rak_invoice_read,rak_plan_read"}});
  std::vector<std::string> parts;
  for (const auto& part : seen["missing"]) parts.push_back(part["part"]);
  EXPECT_EQ(parts, (std::vector<std::string>{"charges", "payment intents", "products"}));
  EXPECT_TRUE(seen["money"].contains("open_invoices"));
}

TEST_F(StripeSimulated, a_probe_finds_what_the_key_lacks) {
  const auto lacking = [&](const simulation::Setup& setup) {
    Asking session(*connector, setup);
    const auto found = testing::run_task(connector->probe(settings, session));
    std::vector<std::string> all;
    for (const auto& one : found ? *found : sdk::Findings()) {
      if (!one.fine) all.push_back(one.what);
    }
    return all;
  };
  EXPECT_TRUE(lacking({}).empty());
  EXPECT_EQ(
      lacking({{"permissions",
                "rak_customer_read,rak_subscription_read,rak_charge_read,rak_product_read,rak_plan_read"}}),
      (std::vector<std::string>{"Invoices (rak_invoice_read)", "Payment Intents (rak_payment_intent_read)",
                                "Disputes (rak_dispute_read)"}));
  EXPECT_EQ(lacking({{"search", "off"}}), (std::vector<std::string>{"the customer search"}));
  EXPECT_EQ(lacking({{"key", "rk_test_another"}}), (std::vector<std::string>{"the key"}));
}

}  // namespace
}  // namespace baton::stripe
