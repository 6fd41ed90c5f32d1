#include "secrets/webhook_signature.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "tests/secrets/folder.h"
#include "tests/secrets/moment.h"

namespace baton::secrets {
namespace {

constexpr std::string_view kSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
constexpr std::string_view kOther = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view kPublic = "whpk_A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
constexpr std::string_view kPrivate =
    "whsk_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8DoQe/884Qvh1w3RjnS8CZZ+TWMJulDV8d3IZkElUxuA==";
constexpr std::string_view kBody = R"({"type":"handoff.requested"})";

SigningKey key(std::string_view text) { return *SigningKey::make(Secret(std::string(text))); }

std::vector<SigningKey> keys(std::initializer_list<std::string_view> texts) {
  std::vector<SigningKey> made;
  for (const auto text : texts) made.push_back(key(text));
  return made;
}

struct Signed {
  Headers headers;
  std::string body;
};

Signed signed_with(std::initializer_list<std::string_view> texts, TimePoint at = kNow) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count();
  return {{{"webhook-id", "msg_1"},
           {"webhook-timestamp", std::to_string(seconds)},
           {"webhook-signature", *sign("msg_1", at, kBody, keys(texts))}},
          std::string(kBody)};
}

bool accepted(const Signed& request, std::span<const SigningKey> with, TimePoint now = kNow) {
  return verify(request.headers, request.body, with, now).has_value();
}

std::string reason(const Signed& request, std::span<const SigningKey> with, TimePoint now = kNow) {
  const auto result = verify(request.headers, request.body, with, now);
  if (result) return "accepted";
  EXPECT_EQ(result.error().kind, FailureKind::rejected);
  return result.error().detail;
}

nlohmann::json standard_vectors() {
  const char* folder = std::getenv("BATON_SPECS");
  const auto path = std::string(folder ? folder : BATON_SOURCE_DIR "/../shared/vendors/specs") +
                    "/standard-webhooks/vectors.json";
  if (!std::filesystem::exists(path)) return vectors("standard_webhooks_vectors.json");
  return nlohmann::json::parse(read_whole(path));
}

TEST(WebhookSignature, every_published_vector_gives_its_verdict) {
  int seen = 0;
  const auto file = standard_vectors();
  for (const auto& item : file.at("vectors")) {
    std::vector<Secret> secrets;
    if (item.contains("secret")) secrets.emplace_back(item.at("secret").get<std::string>());
    if (item.contains("public_key")) secrets.emplace_back(item.at("public_key").get<std::string>());
    const TimePoint now{std::chrono::seconds(item.at("now_epoch_s").get<long>())};
    auto headers = item.at("headers").get<Headers>();
    const auto body = item.at("body").get<std::string>();
    const auto result = verify(headers, body, secrets, now);
    EXPECT_EQ(result.has_value(), item.at("valid").get<bool>()) << item.at("name");
    if (result) EXPECT_EQ(result->id, headers.at("webhook-id"));
    ++seen;
  }
  EXPECT_EQ(seen, 10);
}

TEST(WebhookSignature, signing_gives_the_published_signatures) {
  const auto file = standard_vectors();
  for (const auto& item : file.at("vectors")) {
    const auto name = item.at("name").get<std::string>();
    const auto headers = item.at("headers").get<Headers>();
    const TimePoint at{std::chrono::seconds(std::stol(headers.at("webhook-timestamp")))};
    const auto expected = headers.at("webhook-signature");
    const auto signature = [&](std::string_view with) {
      return *sign(headers.at("webhook-id"), at, item.at("body").get<std::string>(), keys({with}));
    };
    if (name == "v1_handoff_event") EXPECT_EQ(signature(item.at("secret").get<std::string>()), expected);
    if (name != "v1a_ed25519") continue;
    EXPECT_EQ(signature(item.at("secret_key_whsk_64_bytes").get<std::string>()), expected);
    EXPECT_EQ(signature(item.at("secret_key_whsk_32_byte_seed").get<std::string>()), expected);
  }
}

TEST(WebhookSignature, the_secret_is_good_with_and_without_its_prefix) {
  const auto bare = keys({kSecret.substr(6)});
  EXPECT_TRUE(accepted(signed_with({kSecret}), bare));
}

TEST(WebhookSignature, during_rotation_old_and_new_fit_on_both_sides) {
  EXPECT_TRUE(accepted(signed_with({kSecret, kOther}), keys({kOther})));
  EXPECT_TRUE(accepted(signed_with({kSecret}), keys({kOther, kSecret})));
  EXPECT_TRUE(accepted(signed_with({kSecret, kPrivate}), keys({kPublic})));
  EXPECT_FALSE(accepted(signed_with({kSecret}), keys({kOther})));
}

TEST(WebhookSignature, svix_headers_are_the_same_but_never_mixed_with_the_others) {
  const auto with = keys({kSecret});
  auto request = signed_with({kSecret});
  auto svix = request;
  svix.headers.clear();
  for (const auto& [name, value] : request.headers) svix.headers["svix" + name.substr(7)] = value;
  EXPECT_TRUE(accepted(svix, with));
  auto mixed = request;
  mixed.headers["svix-id"] = "msg_2";
  EXPECT_EQ(reason(mixed, with), "webhook-* and svix-* headers stand in one request");
  mixed = svix;
  mixed.headers["webhook-timestamp"] = svix.headers["svix-timestamp"];
  mixed.headers.erase("svix-timestamp");
  EXPECT_FALSE(accepted(mixed, with));
}

TEST(WebhookSignature, the_tolerance_is_300_seconds_in_both_directions) {
  const auto with = keys({kSecret});
  const auto request = signed_with({kSecret}, kNow);
  EXPECT_TRUE(accepted(request, with, kNow + 300s));
  EXPECT_TRUE(accepted(request, with, kNow + 300s + 999ms));  // seconds are compared
  EXPECT_TRUE(accepted(request, with, kNow - 300s));
  EXPECT_FALSE(accepted(request, with, kNow + 301s));
  EXPECT_FALSE(accepted(request, with, kNow - 301s));
  EXPECT_NE(reason(request, with, kNow + 400s).find("400 s behind our clock"), std::string::npos);
}

TEST(WebhookSignature, a_timestamp_that_is_no_plain_integer_is_refused) {
  const auto with = keys({kSecret});
  for (const auto* stamp : {"+1788257734", "-1", "1788257734.0", " 1788257734", "1788257734 ", "0x6A", "1e9",
                            "1788257734, 1788257734", "9999999999999", "99999999999999999999999"}) {
    auto request = signed_with({kSecret});
    request.headers["webhook-timestamp"] = stamp;
    EXPECT_EQ(reason(request, with), "the timestamp is not a plain number of seconds") << stamp;
  }
}

TEST(WebhookSignature, every_header_is_needed) {
  const auto with = keys({kSecret});
  for (const auto* name : {"webhook-id", "webhook-timestamp", "webhook-signature"}) {
    auto request = signed_with({kSecret});
    request.headers.erase(name);
    EXPECT_EQ(reason(request, with), std::string("missing or empty: ") + name);
    request.headers[name] = "";
    EXPECT_FALSE(accepted(request, with));
  }
  EXPECT_NE(reason({}, with).find("not signed"), std::string::npos);
}

TEST(WebhookSignature, an_id_with_a_dot_is_refused_though_its_signature_fits) {
  // "msg.1" + "." + t + "." + body is also "msg" + "." + "1." + ...: bytes could move between parts.
  const auto with = keys({kSecret});
  auto request = signed_with({kSecret});
  const auto content = "msg.1." + request.headers["webhook-timestamp"] + "." + request.body;
  request.headers["webhook-id"] = "msg.1";
  request.headers["webhook-signature"] = "v1," + to_base64(*with[0].sign(content));
  EXPECT_NE(reason(request, with).find("without '.'"), std::string::npos);
  EXPECT_FALSE(sign("msg.1", kNow, "", with));
  EXPECT_FALSE(sign("", kNow, "", with));
  EXPECT_FALSE(sign("msg_1", kNow, "", {}));
}

TEST(WebhookSignature, an_empty_body_is_legal) {
  const auto with = keys({kSecret});
  const Headers headers{{"webhook-id", "msg_1"},
                        {"webhook-timestamp", "1788257734"},
                        {"webhook-signature", *sign("msg_1", kNow, "", with)}};
  EXPECT_TRUE(verify(headers, "", std::span<const SigningKey>(with), kNow));
  EXPECT_FALSE(verify(headers, " ", std::span<const SigningKey>(with), kNow));
}

TEST(WebhookSignature, a_change_of_any_bit_of_anything_signed_is_refused) {
  for (const auto& [by, with] : {std::pair(kSecret, keys({kSecret})), std::pair(kPrivate, keys({kPublic}))}) {
    const auto request = signed_with({by});
    ASSERT_TRUE(accepted(request, with));
    const auto flip_each = [&](std::string Signed::* body, const char* header_name) {
      const auto size = header_name ? request.headers.at(header_name).size() : (request.*body).size();
      for (std::size_t bit = 0; bit < size * 8; ++bit) {
        auto changed = request;
        auto& bytes = header_name ? changed.headers[header_name] : changed.*body;
        bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << bit % 8));
        EXPECT_FALSE(accepted(changed, with)) << (header_name ? header_name : "body") << " bit " << bit;
      }
    };
    flip_each(&Signed::body, nullptr);
    flip_each(nullptr, "webhook-id");
    flip_each(nullptr, "webhook-timestamp");
    flip_each(nullptr, "webhook-signature");
  }
}

TEST(WebhookSignature, other_spellings_of_a_good_signature_are_refused) {
  const auto with = keys({kSecret});
  const auto good = signed_with({kSecret}).headers["webhook-signature"];
  for (const auto& bad :
       {good.substr(0, good.size() - 1), good + "=", "v1 ," + good.substr(3), good.substr(3),
        "V1" + good.substr(2), "v1a" + good.substr(2), good + ",", good + ", " + good + ",", "v1," + good,
        std::string("v1,"), std::string("v1"), std::string(" ")}) {
    auto request = signed_with({kSecret});
    request.headers["webhook-signature"] = bad;
    EXPECT_FALSE(accepted(request, with)) << bad;
  }
}

TEST(WebhookSignature, too_many_signatures_are_not_even_tried) {
  const auto with = keys({kSecret});
  auto request = signed_with({kSecret});
  const auto good = request.headers["webhook-signature"];
  std::string many;
  for (std::size_t i = 0; i + 1 < kMaxSignatures; ++i) many += "v1,AAAA ";
  request.headers["webhook-signature"] = many + good;
  EXPECT_TRUE(accepted(request, with));
  request.headers["webhook-signature"] = many + "v1,AAAA " + good;
  EXPECT_FALSE(accepted(request, with));
}

TEST(WebhookSignature, the_reason_helps_and_does_not_show_the_secret) {
  EXPECT_NE(reason(signed_with({kPrivate}), keys({kSecret})).find("can check (v1)"), std::string::npos);
  const auto mismatch = reason(signed_with({kSecret}), keys({kOther}));
  EXPECT_NE(mismatch.find("none of the 1 configured"), std::string::npos);
  EXPECT_EQ(mismatch.find("MfKQ9"), std::string::npos);
  EXPECT_NE(reason(signed_with({kSecret}), {}).find("no secret is configured"), std::string::npos);
}

TEST(WebhookSignature, a_secret_that_is_no_key_is_refused_without_showing_it) {
  for (const auto* bad :
       {"", "whsec_", "whsec_not base64!", "whsec_abc", "whpk_AAAA", "whsk_AAAA", "plain-text-secret"}) {
    const auto made = SigningKey::make(Secret(bad));
    ASSERT_FALSE(made) << bad;
    if (*bad) EXPECT_EQ(made.error().detail.find(std::string(bad) + " "), std::string::npos);
    EXPECT_EQ(made.error().detail.find("plain-text"), std::string::npos);
  }
  auto halves = std::string(kPrivate);
  halves[60] = halves[60] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(SigningKey::make(Secret(halves)));  // the public half belongs to another key
}

TEST(WebhookSignature, a_public_key_cannot_sign) {
  EXPECT_FALSE(sign("msg_1", kNow, "", keys({kPublic})));
  EXPECT_TRUE(key(kPrivate).can_sign());
}

TEST(WebhookSignature, a_fresh_secret_signs_and_verifies) {
  const auto secret = make_webhook_secret();
  const auto request = signed_with({secret->reveal()});
  EXPECT_TRUE(accepted(request, keys({secret->reveal()})));
}

}  // namespace
}  // namespace baton::secrets
