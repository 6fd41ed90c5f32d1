#include <gtest/gtest.h>

#include "tests/support/direct_session.h"
#include "tests/support/openssl_keys.h"

namespace baton::stripe {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

constexpr auto kSecret = "whsec_baton_test_secret_0001";

class StripeWebhook : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector);

  Result<sdk::Webhook> read(const std::string& signature, const std::string& body, long at,
                            const char* secret = kSecret) {
    RawRequest request("POST", "/v1/hooks/stripe", body, Headers{{"stripe-signature", signature}});
    request.received_at = TimePoint(std::chrono::seconds(at));
    return connector->read_webhook(request, testing::OpensslKeys({{"webhook_secret", secret}}), settings);
  }
  static std::string sign(const std::string& stamp, const std::string& body) {
    return "t=" + stamp + ",v1=" + to_hex(testing::hmac_sha256(kSecret, stamp + "." + body));
  }
};

TEST_F(StripeWebhook, agrees_with_the_vectors) {
  const auto vectors = testing::read_vectors("stripe/webhook_signature_vectors.json",
                                             "stripe/data/webhook_signature_vectors.json")["vectors"];
  ASSERT_EQ(vectors.size(), 7u);
  for (const auto& vector : vectors) {
    const auto seen = read(vector["header"].get<std::string>(), vector["body"].get<std::string>(),
                           vector["now"].get<long>(), vector["secret"].get<std::string>().c_str());
    EXPECT_EQ(seen.has_value(), vector["expect"] == "valid") << vector["name"];
    if (!seen) EXPECT_EQ(seen.error().kind, FailureKind::rejected);
  }
}

TEST_F(StripeWebhook, an_event_that_names_nobody_makes_no_signal_and_is_answered_with_200) {
  const std::string body =
      R"({"id":"evt_1","object":"event","type":"charge.dispute.created","data":{"object":{"id":"dp_1"}}})";
  const auto seen = read(sign("1790000005", body), body, 1790000005);
  ASSERT_TRUE(seen);
  EXPECT_TRUE(seen->signals.empty());
  EXPECT_EQ(seen->answer.status, 200);
  const std::string thin = R"({"id":"evt_1","object":"v2.core.event"})";
  EXPECT_TRUE(read(sign("1790000005", thin), thin, 1790000005));
}

TEST_F(StripeWebhook, what_changes_what_a_customer_pays_or_disputes_is_a_hint) {
  const auto hint = [&](const std::string& type, const std::string& object) {
    const auto body =
        R"({"id":"evt_9","object":"event","type":")" + type + R"(","data":{"object":)" + object + "}}";
    const auto seen = read(sign("1790000005", body), body, 1790000005);
    EXPECT_TRUE(seen) << type;
    EXPECT_LE(seen->signals.size(), 1u);
    for (const auto& signal : seen->signals) {
      EXPECT_EQ(signal.kind, SignalKind::changed);
      EXPECT_EQ(signal.id, "evt_9");
      EXPECT_EQ(signal.text, type);
    }
    return seen->signals.empty() ? "" : seen->signals[0].object_id;
  };
  EXPECT_EQ(hint("invoice.payment_failed", R"({"id":"in_1","object":"invoice","customer":"cus_1"})"),
            "cus_1");
  EXPECT_EQ(hint("invoice.paid", R"({"id":"in_1","object":"invoice","customer":{"id":"cus_1"}})"), "cus_1");
  EXPECT_EQ(hint("customer.updated", R"({"id":"cus_1","object":"customer"})"), "cus_1");
  EXPECT_EQ(hint("charge.dispute.created", R"({"id":"dp_1","object":"dispute","charge":"ch_1"})"), "ch_1")
      << "a dispute names no customer";
  EXPECT_EQ(hint("product.updated", R"({"id":"prod_1","object":"product","customer":"cus_1"})"), "");
  EXPECT_EQ(hint("invoice.payment_failed", R"({"id":"in_1","customer":7})"), "");
  EXPECT_EQ(hint("invoice.payment_failed", "null"), "");
}

// The sheet's whole list (section 7).
TEST_F(StripeWebhook, every_event_that_a_brief_may_tell_of_otherwise_is_a_hint) {
  for (const std::string type :
       {"customer.updated", "customer.deleted", "customer.subscription.created",
        "customer.subscription.updated", "customer.subscription.deleted", "customer.subscription.paused",
        "customer.subscription.resumed", "invoice.paid", "invoice.payment_failed",
        "invoice.payment_action_required", "invoice.overdue", "charge.failed",
        "payment_intent.payment_failed", "charge.dispute.created", "charge.dispute.updated",
        "charge.dispute.closed"}) {
    const auto body = R"({"id":"evt_9","object":"event","type":")" + type +
                      R"(","data":{"object":{"id":"x_1","object":"x","customer":"cus_1"}}})";
    const auto seen = read(sign("1790000005", body), body, 1790000005);
    ASSERT_TRUE(seen);
    ASSERT_EQ(seen->signals.size(), 1u) << type;
    EXPECT_EQ(seen->signals[0].object_id, "cus_1");
  }
}

TEST_F(StripeWebhook, a_time_from_the_future_is_refused_too) {
  const std::string body = "{}";
  EXPECT_TRUE(read(sign("1790000005", body), body, 1789999705));
  EXPECT_FALSE(read(sign("1790000005", body), body, 1789999704));
}

TEST_F(StripeWebhook, odd_headers_are_refused) {
  const std::string body = "{}";
  const auto good = sign("1790000005", body);
  for (const auto& header : {std::string(), std::string("t=1790000005"), good.substr(13),
                             std::string("t=,v1="), "t=1790000005," + good, "t=1790000006" + good.substr(12),
                             std::string("t=1790000005,v1=zz"), good.substr(0, good.size() - 2)}) {
    EXPECT_FALSE(read(header, body, 1790000005)) << header;
  }
  EXPECT_FALSE(read(good, body, 1790000005, ""));
  const std::string huge = "t=99999999999999999999";
  EXPECT_FALSE(read(huge + ",v1=" + to_hex(testing::hmac_sha256(kSecret, huge.substr(2) + "." + body)), body,
                    1790000005));
}

TEST_F(StripeWebhook, a_signed_body_that_is_no_event_is_refused) {
  for (const std::string body : {"", "[]", "{\"a\":", "7"}) {
    EXPECT_FALSE(read(sign("1790000005", body), body, 1790000005)) << body;
  }
}

}  // namespace
}  // namespace baton::stripe
