// Outbound messages. Fact sheet salesforce, section 7.2.
#include "connectors/salesforce/outbound_message.h"

#include "gateway/base/text.h"
#include "tests/connectors/salesforce/bench.h"
#include "tests/support/openssl_keys.h"

namespace baton::salesforce {
namespace {

using namespace salesforce_testing;

constexpr auto kUrlToken = "outbound-0123456789-abcdefghijklmnop";
constexpr auto kOrganization = "00D000000000001EAA";

class SalesforceOutbound : public Bench {
 protected:
  SalesforceOutbound() { settings = with({{"organization_id", kOrganization}}); }

  static json vector() {
    return testing::read_vectors("salesforce/vectors.json",
                                 "salesforce/data/vectors.json")["outbound_message"];
  }
  static std::string sample() { return vector()["request_body_xml"].get<std::string>(); }
  static std::string changed(std::string text, const std::string& from, const std::string& to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return at == std::string::npos ? text : text.replace(at, from.size(), to);
  }
  // The sample with `count` notifications, of cases of their own.
  static std::string of_many(int count) {
    const auto whole = sample();
    const std::string open = "<Notification>", close = "</Notification>";
    const auto start = whole.find(open), end = whole.find(close) + close.size();
    std::string all;
    for (int i = 0; i < count; ++i) {
      const auto number = std::to_string(100 + i);
      all += changed(
          changed(whole.substr(start, end - start), "04l000000000001AAA", "04l000000000" + number + "AAA"),
          "500000000000001AAA", "500000000000" + number + "AAA");
    }
    return whole.substr(0, start) + all + whole.substr(end);
  }
  Result<sdk::Webhook> read(const std::string& body, const std::string& token = kUrlToken,
                            const char* type = "text/xml; charset=UTF-8") {
    const auto target = "/v1/hooks/salesforce" + (token.empty() ? std::string() : "?token=" + token);
    RawRequest request("POST", target, body, {{"content-type", type}});
    return connector->read_webhook(request, keys, settings);
  }
  void expect_refused(const std::string& body, const char* why) {
    const auto webhook = read(body);
    ASSERT_FALSE(webhook) << why;
    EXPECT_EQ(webhook.error().kind, FailureKind::rejected);
    EXPECT_NE(webhook.error().detail.find(why), std::string::npos) << webhook.error().detail;
  }

  testing::OpensslKeys keys{{{"url_token", kUrlToken}, {"webhook_token", "baton-inbound-token-0001"}}};
};

TEST_F(SalesforceOutbound, of_the_vector_is_a_hint_and_acknowledged_to_the_letter) {
  const auto webhook = read(sample());
  ASSERT_TRUE(webhook) << webhook.error().detail;
  ASSERT_EQ(webhook->signals.size(), 1u);
  EXPECT_EQ(webhook->signals[0].kind, SignalKind::touched) << "a closed case is read, not believed";
  EXPECT_EQ(webhook->signals[0].object_id, kCase);
  EXPECT_TRUE(webhook->signals[0].who.empty());
  const auto wanted = vector();
  EXPECT_EQ(webhook->answer.status, wanted["ack_status"].get<int>());
  EXPECT_EQ(webhook->answer.body, wanted["ack_body_xml"].get<std::string>());
  EXPECT_EQ(webhook->answer.headers.at("content-type"), wanted["ack_content_type"].get<std::string>());
}

TEST_F(SalesforceOutbound, names_the_handoff_where_the_key_is_among_its_fields) {
  const auto webhook = read(
      changed(sample(), "hnd_01J8Z3V9", "hof_0199e5a1c2d37f00a1b2c3d4e5f60718-salesforce-open_ticket-1"));
  ASSERT_TRUE(webhook);
  EXPECT_EQ(webhook->signals.at(0).handoff.text, "hof_0199e5a1c2d37f00a1b2c3d4e5f60718");
  settings = with({{"organization_id", kOrganization}, {"key_field", "Other__c"}});
  EXPECT_TRUE(read(sample())->signals.at(0).handoff.empty());
}

TEST_F(SalesforceOutbound, brings_up_to_a_hundred_notifications_and_no_more) {
  const auto webhook = read(of_many(100));
  ASSERT_TRUE(webhook) << webhook.error().detail;
  ASSERT_EQ(webhook->signals.size(), 100u);
  std::set<std::string> ids, cases;
  for (const auto& signal : webhook->signals) {
    ids.insert(signal.id);
    cases.insert(signal.object_id);
  }
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(cases.size(), 100u);
  expect_refused(of_many(101), "more than 100");
  expect_refused(of_many(0), "no Notification");
}

// Order is not kept and duplicates are possible: a notification's own id tells them apart, whichever message
// it comes in.
TEST_F(SalesforceOutbound, of_the_same_notification_is_the_same_signal) {
  const auto one = read(of_many(1)), two = read(of_many(2));
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->signals[0].id, two->signals[0].id);
  const auto later = read(changed(of_many(1), "04l000000000100AAA", "04l000000000999AAA"));
  EXPECT_NE(one->signals[0].id, later->signals[0].id) << "another change of the same case";
}

TEST_F(SalesforceOutbound, is_refused_without_the_secret_in_its_address) {
  for (const std::string token :
       {"", "guessed", "baton-inbound-token-0001", "outbound-0123456789-abcdefghijklmnoP"})
    EXPECT_FALSE(read(sample(), token)) << token;
  RawRequest with_header(
      "POST", "/v1/hooks/salesforce", sample(),
      {{"content-type", "text/xml"}, {"authorization", "Bearer baton-inbound-token-0001"}});
  EXPECT_FALSE(connector->read_webhook(with_header, keys, settings));
  keys = testing::OpensslKeys({{"webhook_token", "baton-inbound-token-0001"}});
  EXPECT_FALSE(read(sample())) << "nobody made one";
}

TEST_F(SalesforceOutbound, is_taken_of_the_own_organization_alone) {
  settings = with({{"organization_id", "00D000000000001"}});
  EXPECT_TRUE(read(sample())) << "15 characters, as Setup shows it";
  settings = with({{"organization_id", "00D000000000002EAA"}});
  expect_refused(sample(), "organization_id");
  settings = with({});
  expect_refused(sample(), "organization_id");
  settings = with({{"organization_id", kOrganization}});
  expect_refused(changed(sample(), "<OrganizationId>00D000000000001EAA</OrganizationId>", ""),
                 "OrganizationId");
}

TEST_F(SalesforceOutbound, that_brings_a_document_type_is_refused_and_no_entity_is_followed) {
  const auto root = std::string("<soapenv:Envelope");
  for (const std::string type :
       {"<!DOCTYPE x>", "<!DOCTYPE x SYSTEM \"http://evil.example/x.dtd\">",
        "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/hostname\">]>",
        "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>"})
    expect_refused(changed(sample(), root, type + root), "document type");
  // Without a document type there is nothing that an entity could mean: it is no id.
  expect_refused(changed(sample(), "500000000000001AAA", "&case;"), "no Id");
}

TEST_F(SalesforceOutbound, that_is_cut_foreign_or_too_long_is_refused) {
  const auto whole = sample();
  for (std::size_t end = 0; end < whole.size(); end += 7) EXPECT_FALSE(read(whole.substr(0, end))) << end;
  for (const auto& body : testing::hostile_bodies("<a/>")) EXPECT_FALSE(read(body)) << body.substr(0, 60);
  expect_refused("<notifications/>", "no notifications");
  expect_refused(changed(whole, "Closed", std::string(512 * 1024, 'x')), "512 KiB");
  expect_refused(changed(whole, "Closed", "\xff"), "UTF-8");
  std::string deep;
  for (int i = 0; i < 40'000; ++i) deep += "<a>";
  EXPECT_FALSE(read(deep));
}

// Acknowledged although it says nothing here: repeated for a day it would say no more.
TEST_F(SalesforceOutbound, about_other_objects_is_acknowledged_and_no_signal) {
  const auto webhook = read(changed(sample(), "sf:Case", "sf:Contact"));
  ASSERT_TRUE(webhook) << webhook.error().detail;
  EXPECT_TRUE(webhook->signals.empty());
  EXPECT_EQ(webhook->answer.body, kAcknowledgement);
  expect_refused(changed(sample(), "<sf:Id>500000000000001AAA</sf:Id>", ""), "no Id");
  expect_refused(changed(sample(), "<Id>04l000000000001AAA</Id>", ""), "without an Id");
}

TEST_F(SalesforceOutbound, may_use_other_prefixes_line_ends_and_character_data) {
  auto text = sample();
  for (const auto& [from, to] : {std::pair("<soapenv:Body>", "<soapenv:Body>\r\n  <!-- one -->"),
                                 std::pair("<Id>04l000000000001AAA</Id>", "<Id>\n 04l000000000001AAA </Id>"),
                                 std::pair("<sf:Status>Closed", "<sf:Status><![CDATA[<Closed> & ]]>")})
    text = changed(text, from, to);
  const auto webhook = read(text);
  ASSERT_TRUE(webhook) << webhook.error().detail;
  EXPECT_EQ(webhook->signals.at(0).id, read(sample())->signals.at(0).id);
}

// One destination may have both ways in; what proves one proves nothing of the other.
TEST_F(SalesforceOutbound, is_told_from_a_callout_by_its_media_type) {
  EXPECT_FALSE(read(sample(), kUrlToken, "application/json"));
  EXPECT_TRUE(read(sample(), kUrlToken, "Text/XML"));
  RawRequest callout(
      "POST", std::string("/v1/hooks/salesforce?token=") + kUrlToken,
      R"({"event":"case.closed","caseId":"500000000000001AAA","occurredAt":"2026-09-21T13:33:20Z"})",
      {{"content-type", "application/json"}});
  callout.received_at = TimePoint{Duration{1'789'997'600'000}};
  EXPECT_FALSE(connector->read_webhook(callout, keys, settings));
}

TEST_F(SalesforceOutbound, has_settings_that_are_judged_when_they_are_read) {
  const auto wrong = [&](std::string_view field, std::string_view value) {
    for (const auto& one : connector->manifest().fields) {
      if (one.name == field) return one.wrong && !one.wrong(value).empty();
    }
    ADD_FAILURE() << field;
    return false;
  };
  EXPECT_FALSE(wrong("url_token", kUrlToken));
  EXPECT_TRUE(wrong("url_token", "short"));
  EXPECT_TRUE(wrong("url_token", "with+signs&that?an/address#would%change-----"));
  for (const auto* id : {"00D000000000001", kOrganization}) EXPECT_FALSE(wrong("organization_id", id));
  for (const auto* id : {"00D", "005000000000001AAA", "00D000000000001EA!"})
    EXPECT_TRUE(wrong("organization_id", id));
  for (const auto* auth : {"client_credentials", "jwt", "refresh_token"}) EXPECT_FALSE(wrong("auth", auth));
  EXPECT_TRUE(wrong("auth", "password"));
}

}  // namespace
}  // namespace baton::salesforce
