// How a sender with JSON of its own proves who it is.
#include "gateway/ingress/verification.h"

#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "gateway/config/parse.h"
#include "tests/support/openssl_keys.h"

namespace baton::ingress {
namespace {

using secrets::MacKind;

Verification with(Verification::By by, std::initializer_list<const char*> keys = {"old key", "new key"}) {
  Verification made;
  made.by = by;
  for (const auto* key : keys) made.keys.emplace_back(std::string(key));
  return made;
}

RawRequest sent(Headers headers, const std::string& body = "{}") {
  RawRequest request("POST", "/v1/in/ada", body, std::move(headers));
  request.received_at = TimePoint(std::chrono::seconds(1'800'000'000));
  return request;
}

TEST(Verification, of_a_signature_takes_either_key_and_no_other_body) {
  auto check = with(Verification::By::hmac);
  check.header = "x-signature";
  check.prefix = "sha256=";
  for (const auto* key : {"old key", "new key"}) {
    const auto code = "sha256=" + to_hex(testing::hmac_sha256(key, "{}"));
    EXPECT_TRUE(check.verify(sent({{"x-signature", code}})));
    EXPECT_FALSE(check.verify(sent({{"x-signature", code}}, "{ }")));
    EXPECT_FALSE(check.verify(sent({{"x-signature", code.substr(7)}}))) << "without its prefix";
  }
  EXPECT_FALSE(
      check.verify(sent({{"x-signature", "sha256=" + to_hex(testing::hmac_sha256("guess", "{}"))}})));
  for (const auto* bad : {"", "sha256=", "sha256=zz", "sha256=00"})
    EXPECT_FALSE(check.verify(sent({{"x-signature", bad}})));
  EXPECT_FALSE(check.verify(sent({})));
}

TEST(Verification, of_a_signature_in_base64_with_sha1) {
  auto check = with(Verification::By::hmac);
  check.header = "x-signature";
  check.base64 = true;
  check.mac = MacKind::hmac_sha1;
  EXPECT_TRUE(check.verify(sent({{"x-signature", to_base64(testing::hmac(EVP_sha1(), "new key", "{}"))}})));
}

TEST(Verification, of_a_signature_with_a_time_refuses_old_ones) {
  auto check = with(Verification::By::hmac);
  check.header = "x-signature";
  check.timestamp_header = "x-timestamp";
  const auto at = [&](long long seconds) {
    const auto stamp = std::to_string(seconds);
    return check
        .verify(sent({{"x-signature", to_hex(testing::hmac_sha256("new key", stamp + ".{}"))},
                      {"x-timestamp", stamp}}))
        .has_value();
  };
  EXPECT_TRUE(at(1'800'000'000));
  EXPECT_TRUE(at(1'800'000'299));
  EXPECT_FALSE(at(1'800'000'301));
  EXPECT_FALSE(at(1'799'999'699));
  EXPECT_FALSE(check.verify(sent({{"x-signature", to_hex(testing::hmac_sha256("new key", "{}"))}})));
}

TEST(Verification, of_a_header_and_of_basic) {
  auto header = with(Verification::By::header);
  header.header = "x-api-key";
  EXPECT_TRUE(header.verify(sent({{"x-api-key", "new key"}})));
  EXPECT_FALSE(header.verify(sent({{"x-api-key", "new ke"}})));
  auto basic = with(Verification::By::basic);
  basic.user = "baton";
  const auto given = [&](const std::string& pair) {
    return basic.verify(sent({{"authorization", "Basic " + to_base64(pair)}})).has_value();
  };
  EXPECT_TRUE(given("baton:old key"));
  EXPECT_FALSE(given("baton:guess"));
  EXPECT_FALSE(given("other:old key"));
  EXPECT_FALSE(given("baton"));
  EXPECT_FALSE(basic.verify(sent({{"authorization", "Bearer new key"}})));
  EXPECT_FALSE(basic.verify(sent({})));
}

constexpr auto kAda = "whsec_YWRhLWVuZHBvaW50LXNpZ25pbmctc2VjcmV0LTAwMDE=";

// Svix signs like this, under its own names of the headers (fact sheet ingress, section 4.10).
TEST(Verification, of_standard_webhooks_tells_the_id_that_was_signed) {
  Verification check;
  check.by = Verification::By::standard_webhooks;
  check.signing_keys.push_back(std::move(*secrets::SigningKey::make(Secret(kAda))));
  const auto mac = testing::hmac_sha256(testing::standard_key(kAda), "msg_1.1800000000.{}");
  for (const std::string family : {"webhook-", "svix-"}) {
    const Headers headers = {{family + "id", "msg_1"},
                             {family + "timestamp", "1800000000"},
                             {family + "signature", "v1," + to_base64(mac)}};
    const auto genuine = check.verify(sent(headers));
    ASSERT_TRUE(genuine) << genuine.error().detail;
    EXPECT_EQ(*genuine, "msg_1");
    EXPECT_FALSE(check.verify(sent(headers, "{ }")));
    auto late = sent(headers);
    late.received_at += 301s;
    EXPECT_FALSE(check.verify(late));
    EXPECT_FALSE(check.without_proof(headers).contains(family + "signature"));
    EXPECT_TRUE(check.without_proof(headers).contains(family + "id"));
  }
  EXPECT_FALSE(check.verify(sent({})));
}

TEST(Verification, leaves_nothing_for_others_to_prove_themselves_with) {
  const Headers headers = {{"authorization", "Basic x"}, {"x-api-key", "new key"}, {"x-request-id", "r1"}};
  auto header = with(Verification::By::header);
  header.header = "x-api-key";
  EXPECT_EQ(header.without_proof(headers), (Headers{{"x-request-id", "r1"}}));
  EXPECT_EQ(with(Verification::By::basic).without_proof(headers).count("authorization"), 0u);
}

TEST(Verification, without_a_key_fits_nothing) {
  auto header = with(Verification::By::header, {});
  header.header = "x-api-key";
  EXPECT_FALSE(header.verify(sent({{"x-api-key", ""}})));
}

std::vector<std::string> problems_of(const std::string& yaml) {
  Problems problems;
  const auto parsed = config::parse(yaml, "baton.yaml");
  (void)read_verification(parsed.root, "sources.ada.verify", nullptr, problems);
  std::vector<std::string> all;
  for (const auto& problem : problems.list()) all.push_back(problem.text());
  return all;
}

TEST(Verification, is_read_with_every_problem_at_once) {
  EXPECT_TRUE(
      problems_of("hmac: {header: X-Sig, secret: {secret: a}, algorithm: sha1, tolerance: 2m}").empty());
  EXPECT_EQ(problems_of("{}").size(), 1u);
  EXPECT_TRUE(problems_of("standard_webhooks: {secret: {secret: ada}}").empty());
  EXPECT_EQ(problems_of("standard_webhooks: {}").size(), 1u);
  EXPECT_EQ(problems_of("header: {name: x}\nbasic: {user: u, secret: {secret: a}}").size(), 2u);
  EXPECT_EQ(problems_of("hmac: {algorithm: md5, secret: {secret: a}}").size(), 2u);
}

}  // namespace
}  // namespace baton::ingress
