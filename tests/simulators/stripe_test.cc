// The simulated Stripe against its fact sheet, section by section.
#include "connectors/stripe/simulator.h"

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

constexpr const char* kEverything =
    "rak_customer_read,rak_subscription_read,rak_invoice_read,rak_payment_intent_read,rak_charge_read,"
    "rak_dispute_read,rak_product_read,rak_plan_read,rak_payment_method_read,event_read,balance_read";

class Stripe : public Bench, public testing::Test {
 public:
  explicit Stripe(simulation::Setup setup = {{"permissions", kEverything}, {"limits", "off"}})
      : Bench("stripe", std::move(setup)) {
    headers = {{"authorization", "Bearer rk_test_baton_read"}, {"stripe-version", "2026-10-28.endive"}};
  }
  json read(std::string target) {
    const auto reply = get(std::move(target));
    EXPECT_EQ(reply.status, 200) << reply.body;
    return body_of(reply);
  }
  json error(std::string target, int status) {
    const auto reply = get(std::move(target));
    EXPECT_EQ(reply.status, status) << reply.body;
    return body_of(reply)["error"];
  }
  static json ids(const json& list) {
    json all = json::array();
    for (const auto& doc : list["data"]) all.push_back(doc["id"]);
    return all;
  }
};

class Strict : public Stripe {
 public:
  Strict() : Stripe({{"old_key", "rk_test_before"}, {"expired_key", "rk_test_gone"}}) {}
};

// --- section 1: versions

TEST_F(Stripe, answers_in_the_version_asked_for_and_else_in_the_accounts_old_one) {
  const std::string path = "/v1/subscriptions/sub_Northwind";
  const auto now_ = read(path);
  EXPECT_FALSE(now_.contains("current_period_end"));
  EXPECT_TRUE(now_["items"]["data"][0]["current_period_end"].is_number_integer());
  headers.erase("stripe-version");
  const auto before = read(path);
  EXPECT_TRUE(before["current_period_end"].is_number_integer());
  EXPECT_FALSE(before["items"]["data"][0].contains("current_period_end"));
  const auto invoice = read("/v1/invoices/in_Northwind7");
  EXPECT_EQ(invoice["subscription"], "sub_Northwind");
  EXPECT_EQ(invoice["paid"], false);
  EXPECT_FALSE(invoice.contains("parent"));
  headers["stripe-version"] = "2026-13.what";
  EXPECT_EQ(get(path).status, 400);
}

// --- section 2: keys and permissions

TEST_F(Stripe, takes_a_key_as_bearer_or_as_the_user_of_basic) {
  headers["authorization"] = "Basic " + to_base64("rk_test_baton_read:");
  EXPECT_EQ(get("/v1/customers?limit=1").status, 200);
  for (const auto* wrong : {"Bearer rk_test_other", "Basic !", "rk_test_baton_read", ""}) {
    headers["authorization"] = wrong;
    const auto reply = get("/v1/customers?limit=1");
    EXPECT_EQ(reply.status, 401) << wrong;
    EXPECT_EQ(body_of(reply)["error"]["type"], "invalid_request_error");
  }
}

TEST_F(Strict, knows_expired_overlapping_and_removed_keys) {
  headers["authorization"] = "Bearer rk_test_gone";
  EXPECT_EQ(error("/v1/customers", 401)["code"], "api_key_expired");
  headers["authorization"] = "Bearer rk_test_before";
  EXPECT_EQ(get("/v1/customers").status, 200);
  act("take_key", json::object());
  headers["authorization"] = "Bearer rk_test_baton_read";
  EXPECT_EQ(get("/v1/customers").status, 401);
}

TEST_F(Strict, names_the_permission_that_the_key_lacks) {
  for (const auto& [target, permission] :
       {std::pair("/v1/balance", "balance_read"), std::pair("/v1/events", "event_read"),
        std::pair("/v1/customers/cus_Northwind/payment_methods", "rak_payment_method_read")}) {
    const auto refused = error(target, 403);
    EXPECT_NE(refused["message"].get<std::string>().find(permission), std::string::npos) << target;
  }
  // What is expanded needs its own.
  EXPECT_EQ(get("/v1/subscriptions/sub_Northwind?expand%5B%5D=default_payment_method").status, 403);
  EXPECT_EQ(get("/v1/subscriptions/sub_Northwind?expand[]=items.data.price.product").status, 200);
}

TEST_F(Strict, writes_nothing_with_a_read_key) {
  for (const auto* path : {"/v1/customers", "/v1/invoices/create_preview"}) {
    EXPECT_EQ(send("POST", path, "customer=cus_Acme").status, 403);
  }
}

// --- section 3: lists

TEST_F(Stripe, pages_a_list_by_object_id_newest_first) {
  const auto first = read("/v1/customers?limit=3");
  EXPECT_EQ(first["object"], "list");
  EXPECT_EQ(first["url"], "/v1/customers");
  EXPECT_EQ(first["has_more"], true);
  EXPECT_EQ(ids(first), json({"cus_AcmeTrial", "cus_Nearly", "cus_TinyShop"}));
  const auto second = read("/v1/customers?limit=3&starting_after=cus_TinyShop");
  EXPECT_EQ(ids(second), json({"cus_Capital", "cus_Acme", "cus_Northwind"}));
  EXPECT_EQ(ids(read("/v1/customers?limit=2&ending_before=cus_Acme")), json({"cus_TinyShop", "cus_Capital"}));
  const auto last = read("/v1/customers?limit=3&starting_after=cus_Northwind");
  EXPECT_EQ(ids(last), json({"cus_AcmeOld"}));
  EXPECT_EQ(last["has_more"], false);
  EXPECT_EQ(error("/v1/customers?starting_after=cus_none", 400)["code"], "resource_missing");
}

TEST_F(Stripe, refuses_what_it_does_not_know) {
  EXPECT_EQ(error("/v1/customers?limit=0", 400)["param"], "limit");
  EXPECT_EQ(error("/v1/customers?limit=101", 400)["param"], "limit");
  EXPECT_EQ(error("/v1/customers?mail=x", 400)["code"], "parameter_unknown");
  EXPECT_EQ(error("/v1/disputes?customer=cus_Acme", 400)["code"], "parameter_unknown");
  EXPECT_EQ(error("/v1/invoices?status=past_due", 400)["param"], "status");
  EXPECT_EQ(error("/v1/charges?customer=cus_none", 400)["param"], "customer");
  EXPECT_EQ(error("/v1/customers/cus_none", 404)["code"], "resource_missing");
  EXPECT_EQ(error("/v1/customers/sub_Acme", 404)["code"], "resource_missing");
  EXPECT_EQ(get("/v1/accounts").status, 404);
  EXPECT_FALSE(header(get("/v1/accounts").headers, "request-id").empty());
}

// --- section 3.1: customers

TEST_F(Stripe, lists_customers_by_address_exactly_and_several_of_them) {
  EXPECT_EQ(ids(read("/v1/customers?email=jane.roe%40acme.example")),
            json({"cus_AcmeTrial", "cus_Acme", "cus_AcmeOld"}));
  EXPECT_TRUE(read("/v1/customers?email=bob@acme.example")["data"].empty());
  EXPECT_EQ(ids(read("/v1/customers?email=Bob@Acme.example")), json({"cus_Capital"}));
}

TEST_F(Stripe, searches_without_case_and_finds_more_than_the_address) {
  const auto found = read("/v1/customers/search?query=email%3A%27BOB%40acme.example%27");
  EXPECT_EQ(found["object"], "search_result");
  EXPECT_EQ(found["next_page"], nullptr);
  EXPECT_EQ(ids(found), json({"cus_Capital"}));
  // All these words in this order: the longer address has them too.
  EXPECT_EQ(ids(read("/v1/customers/search?query=email:'jane.roe@acme.example'")),
            json({"cus_AcmeTrial", "cus_Nearly", "cus_Acme", "cus_AcmeOld"}));
  const auto page = read("/v1/customers/search?query=email:'jane.roe@acme.example'&limit=3");
  EXPECT_EQ(page["has_more"], true);
  const auto next = page["next_page"].get<std::string>();
  EXPECT_EQ(ids(read("/v1/customers/search?query=email:'jane.roe@acme.example'&limit=3&page=" + next)),
            json({"cus_AcmeOld"}));
  EXPECT_EQ(ids(read("/v1/customers/search?query=metadata%5B'tier'%5D:'enterprise'")),
            json({"cus_Northwind"}));
  EXPECT_EQ(ids(read("/v1/customers/search?query=name~'tiny'%20AND%20-email:'x'")), json({"cus_TinyShop"}));
}

TEST_F(Stripe, refuses_a_query_that_it_cannot_parse) {
  for (const auto* query :
       {"email:'a'b'", "email:'open", "email", "email:'a'%20OR%20name:'b'%20AND%20phone:'c'", "tax:'a'",
        "email~'ab'", "email:'a%5C%5C'"}) {
    EXPECT_EQ(get(std::string("/v1/customers/search?query=") + query).status, 400) << query;
  }
  EXPECT_EQ(get("/v1/customers/search?query=email:'o%5C'neil@example.com'").status, 200);
  EXPECT_EQ(error("/v1/customers/search", 400)["param"], "query");
}

TEST_F(Stripe, lets_search_lag_behind_the_list) {
  read("/v1/customers?limit=1");
  act("add_customer", {{"email", "new@example.com"}});
  const std::string search = "/v1/customers/search?query=email:'new@example.com'";
  EXPECT_EQ(read("/v1/customers?email=new@example.com")["data"].size(), 1u);
  EXPECT_TRUE(read(search)["data"].empty());
  now += 60s;
  EXPECT_EQ(read(search)["data"].size(), 1u);
}

TEST_F(Stripe, shows_of_a_deleted_customer_only_that) {
  act("delete_customer", {{"customer", "cus_Acme"}});
  EXPECT_EQ(read("/v1/customers/cus_Acme"),
            json({{"id", "cus_Acme"}, {"object", "customer"}, {"deleted", true}}));
  EXPECT_EQ(read("/v1/customers?email=jane.roe@acme.example")["data"].size(), 2u);
}

TEST_F(Stripe, keeps_live_objects_from_a_test_key) {
  EXPECT_NE(error("/v1/customers/cus_Live", 404)["message"].get<std::string>().find("live mode"),
            std::string::npos);
  EXPECT_TRUE(read("/v1/customers?email=live@acme.example")["data"].empty());
}

// --- sections 3.2 to 3.5

TEST_F(Stripe, leaves_canceled_subscriptions_out_unless_asked) {
  EXPECT_TRUE(read("/v1/subscriptions?customer=cus_AcmeOld")["data"].empty());
  EXPECT_EQ(ids(read("/v1/subscriptions?customer=cus_AcmeOld&status=all")), json({"sub_AcmeOld"}));
  EXPECT_EQ(ids(read("/v1/subscriptions?customer=cus_AcmeOld&status=ended")), json({"sub_AcmeOld"}));
  const auto item = read("/v1/subscriptions?customer=cus_Northwind")["data"][0]["items"]["data"][1];
  EXPECT_EQ(item["price"]["nickname"], "Team yearly");
  EXPECT_EQ(item["price"]["product"], "prod_Team");
}

TEST_F(Stripe, lists_open_invoices_of_a_customer_and_of_a_subscription) {
  EXPECT_EQ(ids(read("/v1/invoices?customer=cus_Northwind&status=open")), json({"in_Northwind7"}));
  EXPECT_EQ(ids(read("/v1/invoices?subscription=sub_Northwind")), json({"in_Northwind7", "in_Northwind6"}));
  const auto noon = std::to_string(epoch_seconds(kNoon));
  EXPECT_EQ(ids(read("/v1/invoices?due_date%5Blt%5D=" + noon)), json({"in_Acme3"}));
  EXPECT_EQ(ids(read("/v1/invoices?created[gte]=" + std::to_string(epoch_seconds(kNoon - 24h * 7)))),
            json({"in_Northwind7"}));
}

TEST_F(Stripe, knows_failed_charges_and_disputes_by_charge) {
  const auto charges = read("/v1/charges?customer=cus_Northwind&limit=20")["data"];
  EXPECT_EQ(charges[0]["status"], "failed");
  EXPECT_EQ(charges[0]["outcome"]["reason"], "stolen_card");
  EXPECT_EQ(read("/v1/charges?customer=cus_TinyShop")["data"][0]["disputed"], true);
  const auto dispute = read("/v1/disputes?charge=ch_TinyShop1")["data"][0];
  EXPECT_EQ(dispute["status"], "needs_response");
  EXPECT_EQ(dispute["currency"], "jpy");
  EXPECT_EQ(
      read("/v1/payment_intents?customer=cus_Northwind")["data"][0]["last_payment_error"]["decline_code"],
      "insufficient_funds");
  EXPECT_EQ(
      ids(read("/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]=pi_Northwind7")),
      json({"inpay_Northwind7"}));
}

TEST_F(Stripe, a_3d_secure_step_that_is_left_open_makes_an_intent_and_no_charge) {
  const auto charges = read("/v1/charges?customer=cus_Northwind")["data"].size();
  act("leave_payment", {{"customer", "cus_Northwind"}, {"invoice", "in_Northwind7"}});
  const auto intent = read("/v1/payment_intents?customer=cus_Northwind")["data"][0];
  EXPECT_EQ(intent["status"], "requires_action");
  EXPECT_EQ(intent["next_action"]["type"], "use_stripe_sdk");
  EXPECT_EQ(read("/v1/charges?customer=cus_Northwind")["data"].size(), charges);
  const auto invoice =
      read("/v1/invoices?customer=cus_Northwind&status=open&expand%5B%5D=data.payments")["data"][0];
  EXPECT_EQ(invoice["payments"]["data"].back()["payment"]["payment_intent"], intent["id"]);
  const auto events = ledger()["events"];
  EXPECT_EQ(events.back()["type"], "invoice.payment_action_required");
}

// --- section 3.7

TEST_F(Stripe, expands_four_levels_and_no_more) {
  const auto one =
      read("/v1/subscriptions/sub_Northwind?expand[]=items.data.price.product&expand[]=customer");
  EXPECT_EQ(one["items"]["data"][1]["price"]["product"]["name"], "Team");
  EXPECT_EQ(one["customer"]["email"], "zoe@northwind.example");
  const auto invoice = read("/v1/invoices/in_Northwind7?expand[]=payments.data.payment.payment_intent");
  EXPECT_EQ(invoice["payments"]["data"][0]["payment"]["payment_intent"]["status"], "requires_payment_method");
  EXPECT_FALSE(read("/v1/invoices/in_Northwind7").contains("payments"));
  EXPECT_EQ(read("/v1/charges?customer=cus_Northwind&expand[]=data.payment_intent")["data"][0]
                                                                                   ["payment_intent"]["id"],
            "pi_Northwind7");
  EXPECT_EQ(get("/v1/subscriptions?expand[]=data.items.data.price.product").status, 400);
  EXPECT_EQ(get("/v1/subscriptions?expand[]=customer").status, 400);
  EXPECT_EQ(get("/v1/subscriptions/sub_Acme?expand[]=owner").status, 400);
}

// --- section 5

TEST(StripeLimits, refuse_with_a_reason_and_no_time) {
  Bench bench("stripe", {{"rate_per_second", "30"}});
  bench.headers = {{"authorization", "Bearer rk_test_baton_read"}, {"stripe-version", "2026-10-28.endive"}};
  for (int i = 0; i < 25; ++i) EXPECT_EQ(bench.get("/v1/customers?limit=1").status, 200);
  const auto over = bench.get("/v1/customers?limit=1");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over.headers, "stripe-rate-limited-reason"), "endpoint-rate");
  EXPECT_FALSE(over.headers.contains("retry-after"));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(bench.get("/v1/charges?limit=1").status, 200);
  EXPECT_EQ(header(bench.get("/v1/charges?limit=1").headers, "stripe-rate-limited-reason"), "global-rate");
  bench.now += 1s;
  for (int i = 0; i < 20; ++i) EXPECT_EQ(bench.get("/v1/customers/search?query=name:'x'").status, 200);
  EXPECT_EQ(bench.get("/v1/customers/search?query=name:'x'").status, 429);
}

// --- section 7

TEST(StripeSignature, is_that_of_the_vectors) {
  const auto file = read_data("stripe_vectors.json");
  for (const auto& vector : file["vectors"]) {
    if (!vector.contains("v1") || vector["expect"] != "valid") continue;
    const TimePoint at{std::chrono::seconds(vector["timestamp"].get<long long>())};
    const auto made = stripe::simulated::signature_header(vector["secret"].get<std::string>(), "", at,
                                                          vector["body"].get<std::string>());
    EXPECT_TRUE(made.starts_with("t=" + std::to_string(vector["timestamp"].get<long long>()) +
                                 ",v1=" + vector["v1"].get<std::string>()))
        << vector["name"];
  }
}

TEST_F(Stripe, tells_of_a_failed_payment_with_signed_events_in_the_endpoints_version) {
  const auto sent = act("fail_payment", {{"customer", "zoe@northwind.example"}});
  ASSERT_EQ(sent.size(), 4u);
  const auto event = json::parse(sent[2].request.body);
  EXPECT_EQ(event["type"], "invoice.payment_failed");
  EXPECT_EQ(event["api_version"], "2024-09-30.acacia");
  EXPECT_EQ(event["data"]["object"]["id"], "in_Northwind7");
  EXPECT_EQ(event["data"]["object"]["attempt_count"], 3);
  EXPECT_EQ(event["data"]["object"]["subscription"], "sub_Northwind");
  EXPECT_EQ(json::parse(sent[3].request.body)["data"]["previous_attributes"]["status"], "past_due");
  const auto& signature = sent[2].request.headers.at("stripe-signature");
  EXPECT_TRUE(signature.starts_with("t=" + std::to_string(epoch_seconds(now)) + ",v1="));
  // Each attempt is signed anew.
  EXPECT_NE(sent[2].again(2, now + 1h).headers.at("stripe-signature"), signature);
  EXPECT_EQ(read("/v1/events/" + event["id"].get<std::string>())["type"], "invoice.payment_failed");
  EXPECT_EQ(read("/v1/events?types[]=charge.failed&types[]=customer.deleted")["data"].size(), 1u);
  EXPECT_EQ(effect("webhooks_sent"), 4);
}

TEST_F(Stripe, tells_of_payments_disputes_and_subscriptions) {
  const auto type = [](const std::vector<Outbound>& sent) {
    return json::parse(sent.at(0).request.body)["type"];
  };
  EXPECT_EQ(type(act("pay_invoice", {{"invoice", "in_Northwind7"}})), "invoice.paid");
  EXPECT_TRUE(read("/v1/invoices?customer=cus_Northwind&status=open")["data"].empty());
  const auto opened = act("dispute", {{"charge", "ch_Acme2"}});
  EXPECT_EQ(type(opened), "charge.dispute.created");
  const auto dispute = json::parse(opened[0].request.body)["data"]["object"]["id"];
  EXPECT_EQ(type(act("close_dispute", {{"dispute", dispute}, {"status", "lost"}})), "charge.dispute.closed");
  EXPECT_EQ(read("/v1/disputes?charge=ch_Acme2")["data"][0]["status"], "lost");
  EXPECT_EQ(type(act("change_subscription", {{"subscription", "sub_Acme"}, {"status", "canceled"}})),
            "customer.subscription.deleted");
  EXPECT_EQ(type(act("change_customer", {{"customer", "cus_Acme"}, {"name", "A"}})), "customer.updated");
  EXPECT_EQ(json::parse(act("thin", json::object()).at(0).request.body)["object"], "v2.core.event");
  EXPECT_EQ(ledger()["duplicates"], 0);
}

TEST_F(Stripe, sends_the_same_event_again_under_the_same_id) {
  const auto first = act("change_customer", {{"customer", "cus_Acme"}});
  const auto id = json::parse(first[0].request.body)["id"];
  EXPECT_EQ(act("resend", {{"event", id}}).at(0).request.body, first[0].request.body);
}

TEST_F(Stripe, refuses_deeds_that_cannot_be) {
  for (const auto* what : {"pay_invoice", "fail_payment", "dispute", "resend", "dance"}) {
    EXPECT_FALSE(vendor().act(Deed(what, json::object()), now)) << what;
  }
}

}  // namespace
}  // namespace baton::simulation
