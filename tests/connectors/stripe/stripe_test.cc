// The connector Stripe against its fact sheet and the specification derived from the official SDK.
#include <gtest/gtest.h>

#include "connectors/sdk/vendor_clock.h"
#include "connectors/stripe/amounts.h"
#include "connectors/stripe/money.h"
#include "connectors/stripe/reads.h"
#include "connectors/stripe/reasons.h"
#include "gateway/base/text.h"
#include "tests/support/configured.h"
#include "tests/support/direct_session.h"
#include "tests/support/spec_schema.h"

namespace baton::stripe {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kCustomers = "/v1/customers";
constexpr auto kSearch = "/v1/customers/search";
constexpr auto kSubscriptions = "/v1/subscriptions";
constexpr auto kInvoices = "/v1/invoices";
constexpr auto kCharges = "/v1/charges";
constexpr auto kIntents = "/v1/payment_intents";
constexpr auto kDisputes = "/v1/disputes";

json list(const std::vector<json>& data) {
  return {{"object", "list"}, {"url", "/v1/x"}, {"has_more", false}, {"data", data}};
}

// The fact sheet's samples, sections 3.1 to 3.5.
json customer(const char* id = "cus_Baton1", const char* email = "zoe@example.com",
              long created = 1750000000) {
  return {{"id", id},
          {"object", "customer"},
          {"email", email},
          {"name", "Zo\u00eb A."},
          {"phone", nullptr},
          {"created", created},
          {"currency", "eur"},
          {"balance", -500},
          {"delinquent", true},
          {"livemode", true},
          {"metadata", {{"app_user_id", "u_42"}, {"tier", "gold"}}}};
}
json subscription(const char* status = "past_due") {
  const json price = {{"id", "price_1"},
                      {"nickname", "Team yearly"},
                      {"unit_amount", 24000},
                      {"currency", "eur"},
                      {"product", "prod_1"}};
  const json item = {{"id", "si_1"},
                     {"object", "subscription_item"},
                     {"quantity", 5},
                     {"current_period_start", 1789000000},
                     {"current_period_end", 1791592000},
                     {"price", price}};
  return {{"id", "sub_1"},
          {"object", "subscription"},
          {"customer", "cus_Baton1"},
          {"status", status},
          {"currency", "eur"},
          {"cancel_at", nullptr},
          {"cancel_at_period_end", false},
          {"items", list({item})}};
}
json invoice() {
  return {{"id", "in_1Baton"},
          {"object", "invoice"},
          {"number", "BTN-0007"},
          {"status", "open"},
          {"currency", "eur"},
          {"total", 120000},
          {"amount_due", 120000},
          {"amount_remaining", 120000},
          {"attempted", true},
          {"attempt_count", 2},
          {"next_payment_attempt", 1790300000},
          {"due_date", nullptr},
          {"hosted_invoice_url", "https://invoice.stripe.com/i/acct_x/live_y"}};
}
json charge(const char* id, const char* status, json more = json::object()) {
  json made = {{"id", id},          {"object", "charge"},    {"amount", 120000},
               {"currency", "eur"}, {"created", 1789900000}, {"status", status},
               {"refunded", false}, {"disputed", false}};
  made.update(more);
  return made;
}
json intent(const char* id, const char* status, json more = json::object()) {
  json made = {{"id", id},
               {"object", "payment_intent"},
               {"amount", 4900},
               {"currency", "eur"},
               {"created", 1789900000},
               {"status", status},
               {"latest_charge", nullptr},
               {"last_payment_error", nullptr},
               {"next_action", nullptr}};
  made.update(more);
  return made;
}
// A 3-D Secure step that is left open, and one that failed.
json open_step(const char* id = "pi_open") {
  return intent(id, "requires_action", {{"next_action", {{"type", "use_stripe_sdk"}}}});
}
json failed_step(const char* id = "pi_failed",
                 json error = {{"type", "invalid_request_error"},
                               {"code", "payment_intent_authentication_failure"}}) {
  return intent(id, "requires_payment_method", {{"last_payment_error", std::move(error)}});
}
json dispute() {
  return {{"id", "dp_1"},
          {"object", "dispute"},
          {"amount", 5000},
          {"currency", "eur"},
          {"created", 1789950000},
          {"reason", "product_not_received"},
          {"status", "needs_response"},
          {"charge", "ch_3"},
          {"evidence_details", {{"due_by", 1790900000}, {"has_evidence", false}}}};
}

class Stripe : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"tier_metadata", "tier"}});
  DirectSession session{*connector};

  sdk::Order order(json who) {
    return sdk::Order("", "", nullptr, Receipt(), {{"customer", std::move(who)}}, settings);
  }
  Result<json> context(json who = {{"email", "zoe@example.com"}}) {
    return session.look(Operation::read_context, order(std::move(who)));
  }
  void expect_rest(const std::vector<json>& invoices = {}, const std::vector<json>& charges = {}) {
    session.expect("GET", kInvoices).replies(200, list(invoices));
    session.expect("GET", kCharges).replies(200, list(charges));
    session.expect("GET", kIntents).replies(200, list({}));
  }
  std::optional<Failure> classify(int status, Headers headers = {}) {
    const Request request("GET", "/v1/customers");
    return connector->classify(
        sdk::Exchange(request, false, Reply(status, "{}", std::move(headers)), session.now));
  }
};

// --- the whole

TEST_F(Stripe, the_context_says_what_is_paid_owed_and_disputed) {
  Reply found(200, list({customer()}).dump(), Headers{{"date", "Mon, 21 Sep 2026 14:13:20 GMT"}});
  session.expect("GET", kCustomers).replies(found);
  session.expect("GET", kSubscriptions).replies(200, list({subscription()}));
  expect_rest({invoice()},
              {charge("ch_1", "failed",
                      {{"outcome", {{"reason", "insufficient_funds"}}}, {"failure_code", "card_declined"}}),
               charge("ch_2", "failed", {{"outcome", {{"reason", "stolen_card"}}}}),
               charge("ch_3", "succeeded", {{"disputed", true}, {"amount", 5000}}),
               charge("ch_4", "succeeded", {{"refunded", true}}), charge("ch_5", "pending")});
  session.expect("GET", kDisputes).replies(200, list({dispute()}));
  session.expect("GET", "/v1/products/prod_1")
      .replies(200, {{"id", "prod_1"}, {"object", "product"}, {"name", "Baton Team"}});
  const auto seen = context();
  ASSERT_TRUE(seen) << seen.error().detail;
  expect_golden(*seen, "stripe/golden/context.json");
  json requests = json::array();
  for (const auto& sent : session.sent) {
    EXPECT_EQ(sent.request.headers.at("stripe-version"), "2026-10-28.endive");
    EXPECT_FALSE(sent.writes);
    requests.push_back(sent.request.method + " " + sent.request.target);
  }
  expect_golden(requests, "stripe/golden/requests.json");
}

TEST_F(Stripe, somebody_unknown_is_no_failure) {
  session.expect("GET", kCustomers).replies(200, list({}));
  session.expect("GET", kSearch).replies(200, list({}));
  EXPECT_EQ(*context(), (json{{"matches", 0}}));
}

TEST_F(Stripe, without_an_address_nothing_is_asked) {
  EXPECT_EQ(*context({{"name", "Zo\u00eb"}}), (json{{"matches", 0}}));
  EXPECT_EQ(*context({{"email", "no address"}, {"id", 7}}), (json{{"matches", 0}}));
  EXPECT_TRUE(session.sent.empty());
}

// --- finding the customer (section 3.1)

TEST_F(Stripe, an_id_that_the_platform_knows_wins) {
  session.expect("GET", "/v1/customers/cus_Baton1").replies(200, customer());
  session.expect("GET", kSubscriptions).replies(200, list({}));
  expect_rest();
  const auto seen = context({{"id", "cus_Baton1"}, {"email", "other@example.com"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)["account"]["id"], "cus_Baton1");
  EXPECT_EQ((*seen)["matches"], 1);
}

TEST_F(Stripe, a_deleted_or_unknown_id_falls_back_to_the_address) {
  for (const auto& reply :
       {Reply(200, R"({"id":"cus_Baton1","object":"customer","deleted":true})"),
        Reply(404, R"({"error":{"type":"invalid_request_error","code":"resource_missing"}})")}) {
    session.expect("GET", "/v1/customers/cus_Baton1").replies(reply);
    session.expect("GET", kCustomers).replies(200, list({customer("cus_2")}));
    session.expect("GET", kSubscriptions).replies(200, list({}));
    expect_rest();
    EXPECT_EQ((*context({{"account_id", "cus_Baton1"}, {"email", "zoe@example.com"}}))["account"]["id"],
              "cus_2");
  }
}

TEST_F(Stripe, capitals_are_tried_small_and_then_searched) {
  session.expect("GET", kCustomers).replies(200, list({}));
  session.expect("GET", kCustomers).replies(200, list({}));
  session.expect("GET", kSearch)
      .replies(200, list({customer("cus_3", "zoe.other@example.com"), customer("cus_2", "ZOE@example.com")}));
  session.expect("GET", kSubscriptions).replies(200, list({}));
  expect_rest();
  const auto seen = context({{"email", "Zoe@Example.com"}});
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)["account"]["id"], "cus_2");  // the search's other word match is nobody's
  EXPECT_EQ((*seen)["matches"], 1);
  EXPECT_EQ(session.sent[0].request.target, "/v1/customers?limit=10&email=Zoe%40Example.com");
  EXPECT_EQ(session.sent[1].request.target, "/v1/customers?limit=10&email=zoe%40example.com");
  EXPECT_EQ(session.sent[2].request.target,
            "/v1/customers/search?limit=10&query=email%3A%27Zoe%40Example.com%27");
}

TEST_F(Stripe, a_quote_cannot_leave_the_search_and_a_backslash_never_enters_it) {
  EXPECT_EQ(query_value(Paths(settings).search_customers("o'brien@example.com").request().target, "query"),
            "email:'o\\'brien@example.com'");
  EXPECT_FALSE(is_searchable("a\\' OR email:'b@example.com"));
  EXPECT_FALSE(is_searchable("a\n@example.com"));
  EXPECT_EQ(path_of(Paths(settings).customers_by_email("a&limit=100@example.com").request().target),
            "/v1/customers");
  EXPECT_EQ(
      query_value(Paths(settings).customers_by_email("a&limit=100@example.com").request().target, "limit"),
      "10");
}

TEST_F(Stripe, a_search_that_fails_is_named_and_can_be_switched_off) {
  session.expect("GET", kCustomers).replies(200, list({}));
  session.expect("GET", kSearch).replies(400, {{"error", {{"type", "invalid_request_error"}}}});
  EXPECT_EQ((*context())["missing"],
            (json{{{"part", "customer search"}, {"why", "Stripe refused the question"}}}));
  settings = testing::settings_for(*connector, {{"search", "off"}});
  session.expect("GET", kCustomers).replies(200, list({}));
  EXPECT_EQ(*context(), (json{{"matches", 0}}));
}

TEST_F(Stripe, of_namesakes_the_one_that_pays_is_chosen_and_the_choice_explained) {
  session.expect("GET", kCustomers)
      .replies(200,
               list({customer("cus_old", "zoe@example.com", 1), customer("cus_new", "zoe@example.com", 3),
                     customer("cus_mid", "ZOE@example.com", 2)}));
  session.expect("GET", kSubscriptions).replies(200, list({subscription("canceled")}));
  session.expect("GET", kSubscriptions).replies(200, list({subscription("active")}));
  session.expect("GET", kSubscriptions).replies(200, list({subscription("active")}));
  expect_rest();
  session.expect("GET", "/v1/products/prod_1").replies(200, {{"id", "prod_1"}, {"name", "Team"}});
  const auto seen = context();
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)["matches"], 3);
  EXPECT_EQ((*seen)["chosen"], (json{{"id", "cus_mid"}, {"why", "has a current subscription"}}));
  EXPECT_EQ((*seen)["account"]["id"], "cus_mid");
  EXPECT_TRUE(session.sent[1].request.target.find("cus_new") != std::string::npos);
  EXPECT_TRUE(session.sent[4].request.target.find("cus_mid") != std::string::npos) << "and nobody else's";
}

TEST_F(Stripe, of_namesakes_without_a_subscription_the_newest_is_chosen) {
  session.expect("GET", kCustomers)
      .replies(200,
               list({customer("cus_old", "zoe@example.com", 1), customer("cus_new", "zoe@example.com", 3)}));
  session.expect("GET", kSubscriptions).replies(200, list({}));
  session.expect("GET", kSubscriptions).replies(200, list({}));
  expect_rest();
  EXPECT_EQ((*context())["chosen"],
            (json{{"id", "cus_new"}, {"why", "the newest; none has a subscription"}}));
}

// --- parts

TEST_F(Stripe, parts_that_fail_are_named_with_the_permission_and_the_rest_is_kept) {
  session.expect("GET", kCustomers).replies(200, list({customer()}));
  session.expect("GET", kSubscriptions).replies(403, {{"error", {{"type", "invalid_request_error"}}}});
  session.expect("GET", kInvoices).replies(500, {{"error", {{"type", "api_error"}}}});
  session.expect("GET", kCharges).replies(200, list({charge("ch_3", "succeeded", {{"disputed", true}})}));
  session.expect("GET", kIntents).replies(403, {{"error", {{"type", "invalid_request_error"}}}});
  session.expect("GET", kDisputes).says(200, "<html>");
  const auto seen = context();
  ASSERT_TRUE(seen);
  EXPECT_EQ(
      (*seen)["missing"],
      (json{
          {{"part", "subscriptions"}, {"why", "the key may not read it: give it rak_subscription_read"}},
          {{"part", "invoices"}, {"why", "Stripe did not answer, or not in time"}},
          {{"part", "payment intents"}, {"why", "the key may not read it: give it rak_payment_intent_read"}},
          {{"part", "disputes"}, {"why", "Stripe's answer could not be read"}}}));
  EXPECT_EQ((*seen)["money"]["last_payments"][0]["status"], "disputed");
  EXPECT_EQ((*seen)["account"]["at_risk"], false);
}

TEST_F(Stripe, a_product_or_dispute_that_cannot_be_read_costs_that_part_once_and_nothing_else) {
  session.expect("GET", kCustomers).replies(200, list({customer()}));
  session.expect("GET", kSubscriptions).replies(200, list({subscription()}));
  expect_rest({}, {charge("ch_3", "succeeded", {{"disputed", true}}),
                   charge("ch_4", "succeeded", {{"disputed", true}}),
                   charge("ch_5", "succeeded", {{"disputed", true}})});
  session.expect("GET", kDisputes).replies(503, json::object());
  session.expect("GET", kDisputes).replies(200, list({dispute()}));
  session.expect("GET", kDisputes).replies(503, json::object());
  session.expect("GET", "/v1/products/prod_1").replies(403, json::object());
  const auto seen = context();
  ASSERT_TRUE(seen) << seen.error().detail;
  ASSERT_EQ((*seen)["missing"].size(), 2u) << (*seen)["missing"];
  EXPECT_EQ((*seen)["missing"][0]["part"], "disputes");
  EXPECT_EQ((*seen)["missing"][1],
            (json{{"part", "products"}, {"why", "the key may not read it: give it rak_product_read"}}));
  EXPECT_EQ((*seen)["money"]["disputes"].size(), 1u) << "what could be read is told";
  EXPECT_EQ((*seen)["money"]["status"], "past_due");
}

TEST_F(Stripe, a_customer_that_cannot_be_read_is_a_failure_and_never_nobody) {
  session.expect("GET", kCustomers).replies(500, json::object());
  EXPECT_EQ(context().error().kind, FailureKind::retryable);
  session.expect("GET", kCustomers).replies(403, json::object());
  EXPECT_EQ(context().error().kind, FailureKind::misconfigured);
}

TEST_F(Stripe, hostile_answers_give_a_failure_or_a_context_with_gaps) {
  const auto good = list({customer()}).dump();
  for (const auto& body : testing::hostile_bodies(good)) {
    DirectSession hostile(*connector);
    hostile.expect("GET", kCustomers).says(200, body);
    EXPECT_FALSE(hostile.look(Operation::read_context, order({{"email", "zoe@example.com"}})))
        << body.substr(0, 40);
  }
  Records records;
  records.customer = customer();
  for (const auto& one : testing::ill_typed(subscription())) {
    records.subscriptions = {one};
    EXPECT_TRUE(make_context(records, settings).is_object());
    (void)products_of(records.subscriptions);
  }
  for (const auto& one : testing::ill_typed(invoice())) {
    records.invoices = {one};
    EXPECT_TRUE(make_context(records, settings).is_object());
  }
  for (auto one : testing::ill_typed(failed_step())) {
    records.intents = {one, open_step()};
    EXPECT_TRUE(make_context(records, settings).is_object());
  }
  for (const auto& one : testing::ill_typed(customer())) {
    records.customer = one;
    EXPECT_TRUE(make_context(records, settings).is_object());
  }
}

// --- money

TEST_F(Stripe, amounts_have_as_many_decimals_as_their_currency) {
  const json units = 12345;
  EXPECT_EQ(amount_of(JsonView(units), "eur"), 123.45);
  EXPECT_EQ(amount_of(JsonView(units), "jpy"), 12345);
  EXPECT_EQ(amount_of(JsonView(units), "krw"), 12345);
  EXPECT_EQ(amount_of(JsonView(units), "vnd"), 12345);
  EXPECT_EQ(amount_of(JsonView(units), "clp"), 12345);
  for (const auto* currency : {"kwd", "bhd", "jod", "omr", "tnd"})
    EXPECT_EQ(amount_of(JsonView(units), currency), 12.345);
  EXPECT_EQ(amount_of(JsonView(units), ""), std::nullopt);
  const json text = "12345";
  EXPECT_EQ(amount_of(JsonView(text), "eur"), std::nullopt);
}

TEST_F(Stripe, an_invoice_is_overdue_by_its_date_or_by_a_failed_try) {
  Records records;
  records.customer = customer();
  auto sent = invoice();
  sent["attempted"] = false;
  sent["attempt_count"] = 0;
  sent["due_date"] = 1790000000;
  records.invoices = {sent};
  const auto overdue = [&] {
    return make_context(records, settings)["money"]["open_invoices"][0]["overdue"].get<bool>();
  };
  EXPECT_FALSE(overdue());  // nobody said what time it is
  records.now = sdk::read_date("Mon, 21 Sep 2026 14:13:21 GMT");
  EXPECT_TRUE(overdue());
  EXPECT_EQ(make_context(records, settings)["account"]["at_risk"], true);
  records.now = sdk::read_date("Mon, 21 Sep 2026 14:13:20 GMT");
  EXPECT_FALSE(overdue());
  records.invoices = {invoice()};
  EXPECT_TRUE(overdue());
}

TEST_F(Stripe, the_earliest_end_of_a_period_is_the_renewal_and_a_cancelled_one_ends) {
  Records records;
  records.customer = customer();
  auto two = subscription("active");
  two["items"]["data"].push_back(two["items"]["data"][0]);
  two["items"]["data"][1]["current_period_end"] = 1790000000;
  records.subscriptions = {two};
  EXPECT_EQ(make_context(records, settings)["money"]["renews_at"], "2026-09-21T14:13:20.000Z");
  EXPECT_EQ(make_context(records, settings)["account"]["at_risk"], false);
  records.subscriptions[0]["cancel_at_period_end"] = true;
  const auto ending = make_context(records, settings);
  EXPECT_FALSE(ending["money"].contains("renews_at"));
  EXPECT_EQ(ending["money"]["ends_at"], "2026-09-21T14:13:20.000Z");
  EXPECT_EQ(ending["account"]["at_risk"], true);
}

TEST_F(Stripe, the_most_worrying_status_of_the_living_is_shown) {
  Records records;
  records.customer = customer();
  records.subscriptions = {subscription("active"), subscription("past_due"), subscription("canceled")};
  EXPECT_EQ(make_context(records, settings)["money"]["status"], "past_due");
  records.subscriptions = {subscription("canceled")};
  const auto ended = make_context(records, settings)["money"];
  EXPECT_EQ(ended["status"], "canceled");
  EXPECT_FALSE(ended.contains("plan"));
}

TEST_F(Stripe, nothing_speaks_of_fraud_cards_or_pay_links) {
  Records records;
  records.customer = customer();
  records.invoices = {invoice()};
  for (const auto* reason :
       {"lost_card", "stolen_card", "fraudulent", "highest_risk_level", "Card <b>4242</b> stolen"}) {
    records.charges = {
        charge("ch_1", "failed",
               {{"outcome", {{"reason", reason}, {"risk_level", "highest"}, {"seller_message", "stolen"}}}})};
    records.intents = {
        failed_step("pi_1", {{"code", reason}, {"decline_code", reason}, {"message", "stolen"}})};
    auto disputed = dispute();
    disputed["reason"] = "fraudulent";
    records.disputes = {disputed};
    const auto text = make_context(records, settings).dump();
    for (const auto* word :
         {"stolen", "lost", "fraud", "risk_level", "highest", "4242", "invoice.stripe.com", "u_42"}) {
      EXPECT_EQ(text.find(word), std::string::npos) << word << " in " << text;
    }
  }
}

// --- payment intents: what never became a charge (section 3.4)

TEST_F(Stripe, a_payment_that_never_became_a_charge_says_why_and_what_the_customer_can_do) {
  Records records;
  records.customer = customer();
  records.intents = {open_step(), failed_step(),
                     failed_step("pi_declined", {{"type", "card_error"},
                                                 {"code", "card_declined"},
                                                 {"decline_code", "insufficient_funds"}})};
  const auto seen = make_context(records, settings)["money"]["unfinished_payments"];
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_EQ(seen[0], (json{{"id", "pi_open"},
                           {"amount", 49.0},
                           {"currency", "EUR"},
                           {"at", "2026-09-20T10:26:40.000Z"},
                           {"status", "requires_action"},
                           {"reason", "3-D Secure step left open"},
                           {"customer_can", "confirm the payment with their bank, or use another card"},
                           {"url", "https://dashboard.stripe.com/payments/pi_open"}}));
  EXPECT_EQ(seen[1]["code"], "payment_intent_authentication_failure");
  EXPECT_EQ(seen[1]["reason"], "3-D Secure step failed");
  EXPECT_EQ(seen[2]["code"], "card_declined");
  EXPECT_EQ(seen[2]["decline_code"], "insufficient_funds");
  EXPECT_EQ(seen[2]["reason"], "insufficient funds");
  EXPECT_EQ(seen[2]["customer_can"], "use another card, or try again when there are funds");
}

TEST_F(Stripe, a_payment_that_nobody_waits_for_is_not_unfinished) {
  Records records;
  records.customer = customer();
  for (const auto* status : {"succeeded", "processing", "requires_capture", "canceled",
                             "requires_confirmation", "requires_payment_method"})
    records.intents.push_back(intent("pi_1", status));
  EXPECT_FALSE(make_context(records, settings)["money"].contains("unfinished_payments"));
}

TEST_F(Stripe, a_failure_that_a_charge_tells_is_not_told_twice) {
  Records records;
  records.customer = customer();
  auto tried = failed_step();
  records.intents = {tried};
  records.charges = {charge("ch_1", "failed", {{"payment_intent", "pi_failed"}})};
  EXPECT_FALSE(make_context(records, settings)["money"].contains("unfinished_payments"));
  tried["latest_charge"] = "ch_1";
  records.intents = {tried};
  records.charges.clear();  // so many came after it that it is not in the list
  EXPECT_FALSE(make_context(records, settings)["money"].contains("unfinished_payments"));
  records.missing.emplace_back("charges", "the key may not read it");
  EXPECT_TRUE(make_context(records, settings)["money"].contains("unfinished_payments"))
      << "then nobody else tells it";
  records.missing.clear();
  records.intents = {open_step()};
  records.charges = {charge("ch_1", "failed", {{"payment_intent", "pi_open"}})};
  EXPECT_TRUE(make_context(records, settings)["money"].contains("unfinished_payments"))
      << "that the next try waits for the customer is no failed charge";
}

TEST_F(Stripe, a_failure_of_an_open_invoice_is_told_with_the_invoice_and_only_there) {
  Records records;
  records.customer = customer();
  auto owed = invoice();
  owed["payments"] = list({{{"object", "invoice_payment"},
                            {"payment", {{"type", "payment_intent"}, {"payment_intent", "pi_open"}}}}});
  records.invoices = {owed};
  records.intents = {open_step(), failed_step("pi_other")};
  const auto money = make_context(records, settings)["money"];
  EXPECT_EQ(money["open_invoices"][0]["reason"], "3-D Secure step left open");
  EXPECT_EQ(money["open_invoices"][0]["customer_can"],
            "confirm the payment with their bank, or use another card");
  ASSERT_EQ(money["unfinished_payments"].size(), 1u);
  EXPECT_EQ(money["unfinished_payments"][0]["id"], "pi_other");
}

// What was paid in the end is no trouble that a person should speak of.
TEST_F(Stripe, a_failed_try_whose_payment_went_through_is_not_told) {
  Records records;
  records.customer = customer();
  const auto failed = [](const char* id, const char* intent) {
    return charge(id, "failed", {{"payment_intent", intent}, {"failure_code", "card_declined"}});
  };
  records.charges = {charge("ch_ok", "succeeded", {{"payment_intent", "pi_a"}}), failed("ch_a", "pi_a"),
                     failed("ch_b", "pi_b"), failed("ch_c", "pi_c"),
                     charge("ch_d", "failed", {{"payment_intent", nullptr}})};
  records.intents = {intent("pi_b", "succeeded"),
                     intent("pi_c", "requires_payment_method", {{"latest_charge", "ch_c"}})};
  const auto money = make_context(records, settings)["money"];
  std::vector<std::string> told;
  for (const auto& one : money["failed_charges"]) told.push_back(one["id"]);
  EXPECT_EQ(told, (std::vector<std::string>{"ch_c", "ch_d"}));
  EXPECT_EQ(money["last_payments"].size(), 1u);
}

TEST_F(Stripe, trouble_older_than_a_month_is_over_unless_an_open_invoice_names_it) {
  Records records;
  records.customer = customer();
  records.now = TimePoint(std::chrono::seconds(1789900000)) + std::chrono::days(31);
  records.charges = {charge("ch_old", "failed", {{"payment_intent", "pi_old"}}),
                     charge("ch_owed", "failed", {{"payment_intent", "pi_owed"}}),
                     charge("ch_paid", "succeeded")};
  records.intents = {open_step("pi_abandoned"), open_step("pi_invoice")};
  auto owed = invoice(), step = invoice();
  const auto paid_by = [](const char* id) {
    return list({{{"payment", {{"type", "payment_intent"}, {"payment_intent", id}}}}});
  };
  owed["payments"] = paid_by("pi_owed");
  step["payments"] = paid_by("pi_invoice");
  records.invoices = {owed, step};
  const auto money = make_context(records, settings)["money"];
  ASSERT_EQ(money["failed_charges"].size(), 1u) << money;
  EXPECT_EQ(money["failed_charges"][0]["id"], "ch_owed");
  EXPECT_FALSE(money.contains("unfinished_payments")) << money["unfinished_payments"];
  EXPECT_EQ(money["open_invoices"][1]["reason"], "3-D Secure step left open");
  EXPECT_EQ(money["last_payments"].size(), 1u) << "what was paid is told however long ago";
  records.now = TimePoint(std::chrono::seconds(1789900000)) + std::chrono::days(29);
  const auto fresh = make_context(records, settings)["money"];
  EXPECT_EQ(fresh["failed_charges"].size(), 2u);
  EXPECT_EQ(fresh["unfinished_payments"].size(), 1u);
}

TEST_F(Stripe, the_customer_can_do_what_the_word_the_advice_or_the_class_says) {
  const auto remedy = [](const char* code, const char* word, const char* advice) {
    const auto one = failed_step("pi", {{"code", code}, {"decline_code", word}, {"advice_code", advice}});
    return remedy_of_intent(JsonView(one));
  };
  EXPECT_EQ(remedy("expired_card", "expired_card", "do_not_try_again"), "use a card that has not expired");
  EXPECT_EQ(remedy("card_declined", "do_not_honor", "confirm_card_data"),
            "check the card's number, date and security code");
  EXPECT_EQ(remedy("card_declined", "do_not_honor", "try_again_later"), "try again later");
  EXPECT_EQ(remedy("card_declined", "generic_decline", ""), "use another card, or ask their bank");
  EXPECT_EQ(remedy("card_declined", "stolen_card", "do_not_try_again"), remedy("card_declined", "", ""));
  const auto slip = intent("pi", "requires_action", {{"next_action", {{"type", "boleto_display_details"}}}});
  EXPECT_EQ(reason_of_intent(JsonView(slip)), "a step of the customer's is left open");
}

TEST_F(Stripe, links_of_test_data_open_the_test_mode) {
  Records records;
  records.customer = customer();
  records.customer["livemode"] = false;
  EXPECT_EQ(make_context(records, settings)["account"]["url"],
            "https://dashboard.stripe.com/test/customers/cus_Baton1");
}

TEST_F(Stripe, a_connected_account_is_named_in_a_header) {
  const auto connected = testing::settings_for(*connector, {{"account", "acct_7"}});
  EXPECT_EQ(Paths(connected).any_customer().request().headers.at("stripe-account"), "acct_7");
}

// --- failures (sections 5, 6)

TEST_F(Stripe, failures_mean_what_the_table_says) {
  struct Case {
    int status;
    FailureKind kind;
  };
  const Case cases[] = {
      {301, FailureKind::misconfigured}, {400, FailureKind::rejected},      {401, FailureKind::auth_expired},
      {402, FailureKind::rejected},      {403, FailureKind::misconfigured}, {404, FailureKind::target_gone},
      {409, FailureKind::retryable},     {424, FailureKind::retryable},     {429, FailureKind::rate_limited},
      {500, FailureKind::retryable},     {502, FailureKind::retryable},     {503, FailureKind::retryable},
      {504, FailureKind::retryable}};
  for (const auto& one : cases) EXPECT_EQ(classify(one.status)->kind, one.kind) << one.status;
  EXPECT_FALSE(classify(200));
}

TEST_F(Stripe, its_own_word_about_retrying_wins) {
  EXPECT_EQ(classify(500, {{"stripe-should-retry", "false"}})->kind, FailureKind::rejected);
  EXPECT_EQ(classify(400, {{"stripe-should-retry", "true"}})->kind, FailureKind::retryable);
  EXPECT_EQ(classify(401, {{"stripe-should-retry", "true"}})->kind, FailureKind::auth_expired);
  EXPECT_EQ(classify(429, {{"stripe-should-retry", "false"}})->kind, FailureKind::rate_limited);
}

TEST_F(Stripe, a_limit_waits_seconds_and_a_lock_only_one) {
  EXPECT_EQ(classify(429, {{"stripe-rate-limited-reason", "global-rate"}})->not_before, session.now + 4s);
  EXPECT_EQ(classify(429)->not_before, session.now + 1s);
  Reply reply(429, "{}");
  reply.retry_after = 17s;
  const Request request("GET", "/v1/customers");
  EXPECT_EQ(connector->classify(sdk::Exchange(request, false, reply, session.now))->not_before,
            session.now + 17s);
}

TEST_F(Stripe, the_request_id_is_told_for_support) {
  EXPECT_NE(classify(400, {{"request-id", "req_7"}})->detail.find("req_7"), std::string::npos);
}

// --- the key (section 2)

TEST_F(Stripe, a_key_that_may_write_is_refused_before_it_is_used) {
  const auto problems = [](const char* key) {
    return testing::problems_with_secret(make_connector(), "key", key);
  };
  EXPECT_EQ(problems("rk_live_abcdefgh"), "");
  EXPECT_EQ(problems("rk_test_abcdefgh"), "");
  for (const auto* key : {"sk_live_abcdefgh", "sk_test_abcdefgh", "pk_live_abcdefgh"}) {
    const auto found = problems(key);
    EXPECT_NE(found.find("stripe.key"), std::string::npos) << found;
    EXPECT_NE(found.find("restricted"), std::string::npos) << found;
    EXPECT_EQ(found.find("abcdefgh"), std::string::npos) << "no secret stands in a problem";
  }
}

// --- the probe (section 9)

class StripeProbe : public Stripe {
 protected:
  sdk::Findings probe() {
    auto found = testing::run_task(connector->probe(settings, session));
    EXPECT_TRUE(found);
    return found ? *found : sdk::Findings();
  }
};

TEST_F(StripeProbe, a_good_key_is_fine_in_every_part) {
  settings = testing::settings_for(*connector, {{"mode", "live"}});
  session.expect("GET", kCustomers).replies(200, list({customer()}));
  session.expect("GET", kSubscriptions).replies(200, list({subscription()}));
  for (const auto* path : {kInvoices, kCharges, kIntents, kDisputes})
    session.expect("GET", path).replies(200, list({}));
  session.expect("GET", "/v1/products/prod_1").replies(200, {{"id", "prod_1"}});
  session.expect("GET", kSearch).replies(200, list({}));
  const auto findings = probe();
  EXPECT_EQ(findings.size(), 9u);
  for (const auto& finding : findings) EXPECT_TRUE(finding.fine) << finding.what << finding.remedy;
}

TEST_F(StripeProbe, a_wrong_key_ends_it_with_a_remedy) {
  session.expect("GET", kCustomers).replies(401, {{"error", {{"type", "invalid_request_error"}}}});
  const auto findings = probe();
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings[0].fine);
  EXPECT_NE(findings[0].remedy.find("restricted key"), std::string::npos);
}

TEST_F(StripeProbe, missing_permissions_are_reported_together_with_their_names) {
  settings = testing::settings_for(*connector, {{"search", "off"}, {"mode", "test"}});
  session.expect("GET", kCustomers).replies(200, list({customer()}));
  session.expect("GET", kSubscriptions).replies(403, json::object());
  session.expect("GET", kInvoices).replies(200, list({}));
  session.expect("GET", kCharges).replies(403, json::object());
  session.expect("GET", kIntents).replies(403, json::object());
  session.expect("GET", kDisputes).replies(200, list({}));
  std::vector<std::string> lacking;
  for (const auto& finding : probe()) {
    if (!finding.fine) lacking.push_back(finding.what);
  }
  EXPECT_EQ(lacking, (std::vector<std::string>{"the mode test", "Subscriptions (rak_subscription_read)",
                                               "Charges and Refunds (rak_charge_read)",
                                               "Payment Intents (rak_payment_intent_read)"}));
}

// --- the specification

// Of a request its path and the names of its parameters, as the specification lists them.
TEST_F(Stripe, requests_are_in_the_specification) {
  const auto spec = testing::read_spec("stripe/stripe.openapi.trimmed.json");
  if (!spec) GTEST_SKIP() << "no specification on this machine";
  const Paths paths(settings);
  const std::pair<std::string, sdk::Read> requests[] = {
      {"/v1/customers/{id}", paths.customer("cus_1")},  {kCustomers, paths.customers_by_email("a@b.example")},
      {kSearch, paths.search_customers("a@b.example")}, {kSubscriptions, paths.subscriptions("cus_1")},
      {kInvoices, paths.open_invoices("cus_1")},        {kCharges, paths.charges("cus_1")},
      {kIntents, paths.payment_intents("cus_1")},       {kDisputes, paths.disputes("ch_1")},
      {"/v1/products/{id}", paths.product("prod_1")},   {kCustomers, paths.any_customer()}};
  for (const auto& [path, read] : requests) {
    ASSERT_TRUE((*spec)["paths"].contains(path)) << path;
    std::set<std::string> known;
    for (const auto& parameter : (*spec)["paths"][path]["get"]["parameters"]) known.insert(parameter["name"]);
    const std::string_view target = read.request().target;
    const auto mark = target.find('?');
    if (mark == std::string_view::npos) continue;
    for (const auto pair : split(target.substr(mark + 1), '&')) {
      const auto name = pair.substr(0, pair.find('='));
      EXPECT_TRUE(known.contains(std::string(name.substr(0, name.find("%5B"))))) << target;
    }
  }
}

// The official sample resources are read without gaps where they have values.
TEST_F(Stripe, the_official_samples_are_understood) {
  const auto samples = testing::read_spec("stripe/fixtures3.trimmed.json");
  if (!samples) GTEST_SKIP() << "no samples on this machine";
  const auto& all = (*samples)["resources"];
  Records records;
  records.customer = all["customer"];
  records.subscriptions = {all["subscription"]};
  records.invoices = {all["invoice"]};
  records.charges = {all["charge"]};
  records.intents = {all["payment_intent"]};
  records.disputes = {all["dispute"]};
  const auto seen = make_context(records, settings);
  EXPECT_EQ(seen["money"]["open_invoices"][0]["amount"], 10.0);
  EXPECT_EQ(seen["money"]["open_invoices"][0]["currency"], "USD");
  EXPECT_EQ(seen["money"]["last_payments"][0]["amount"], 1.0);
  EXPECT_EQ(seen["money"]["disputes"][0]["due"], "2024-08-14T23:59:59.000Z");
  EXPECT_EQ(seen["account"]["at_risk"], true);  // warning_needs_response
}

}  // namespace
}  // namespace baton::stripe
