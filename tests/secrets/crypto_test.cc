#include "secrets/crypto.h"

#include <thread>

#include <set>

#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "secrets/keys.h"
#include "tests/secrets/folder.h"

namespace baton::secrets {
namespace {

std::string hex(std::string_view text) { return from_hex(text).value(); }

std::vector<Secret> secrets_of(std::initializer_list<std::string_view> values) {
  std::vector<Secret> secrets;
  for (const auto value : values) secrets.emplace_back(std::string(value));
  return secrets;
}

std::string lower_header(const nlohmann::json& headers, const std::string& name) { return headers.at(name); }

TEST(Crypto, digests_give_the_published_answers) {
  EXPECT_EQ(to_hex(*sha256({"a", "bc"})), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  // RFC 4231 case 2, RFC 2202 case 2.
  EXPECT_EQ(to_hex(*MacKey::make(Digest::sha256, "Jefe")->mac({"what do ya want ", "for nothing?"})),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(*MacKey::make(Digest::sha1, "Jefe")->mac({"what do ya want for nothing?"})),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

TEST(Crypto, a_fingerprint_is_the_same_for_ever_and_another_for_another_text) {
  // Stored with every event: another value would call each repetition a clash.
  EXPECT_EQ(to_hex(*fingerprint("")).size(), 32u);
  EXPECT_EQ(to_hex(*fingerprint("{\"id\":\"evt-1\"}")), "59ceb3326d241ecab9e98ab6931b0ca3");
  std::set<std::string> seen;
  std::string text(4096, 'x');
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = 'y';
    EXPECT_TRUE(seen.insert(*fingerprint(text)).second);
    text[i] = 'x';
    EXPECT_TRUE(seen.insert(*fingerprint(std::string_view(text).substr(0, i))).second);
  }
}

TEST(Crypto, an_empty_mac_key_is_refused) {
  EXPECT_EQ(MacKey::make(Digest::sha256, "").error().kind, FailureKind::rejected);
}

TEST(Crypto, one_mac_key_serves_many_messages_and_threads) {
  const auto key = MacKey::make(Digest::sha256, "key");
  const auto expected = *key->mac({"message"});
  std::vector<int> good(4, 0);
  {
    std::vector<std::jthread> threads;
    for (auto& count : good) {
      threads.emplace_back([&] {
        for (int i = 0; i < 500; ++i) count += *key->mac({"mess", "age"}) == expected;
      });
    }
  }
  EXPECT_EQ(good, std::vector<int>(4, 500));
}

TEST(Crypto, ed25519_gives_the_answers_of_rfc_8032) {
  const auto pair =
      SigningPair::from_seed(hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  const auto public_key = hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(*pair->public_key(), public_key);
  const auto signature = *pair->sign("\x72");
  EXPECT_EQ(to_hex(signature),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  const auto verifier = SigningPair::from_public_key(public_key);
  EXPECT_FALSE(verifier->can_sign());
  EXPECT_TRUE(verifier->verify("\x72", signature));
  EXPECT_FALSE(verifier->verify("\x73", signature));
  EXPECT_FALSE(verifier->verify("\x72", signature.substr(1)));
  EXPECT_FALSE(verifier->verify("\x72", ""));
  EXPECT_FALSE(SigningPair::from_seed("short"));
  EXPECT_FALSE(SigningPair::from_public_key("short"));
}

TEST(Crypto, gcm_gives_the_answer_of_its_specification) {  // test case 16
  const auto key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
  const auto nonce = hex("cafebabefacedbaddecaf888");
  const auto associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto plaintext =
      hex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525"
          "b16aedf5aa0de657ba637b39");
  const auto sealed = gcm_seal(key, nonce, associated, plaintext);
  EXPECT_EQ(to_hex(*sealed),
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
            "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
  EXPECT_EQ(gcm_open(key, nonce, associated, *sealed)->reveal(), plaintext);
  EXPECT_FALSE(gcm_open(key, nonce, associated, ""));
  EXPECT_FALSE(gcm_open(key, nonce, "", *sealed));
}

TEST(Crypto, gcm_seals_nothing_at_all_too) {
  const std::string key(32, 'k'), nonce(12, 'n');
  const auto sealed = gcm_seal(key, nonce, "", "");
  EXPECT_EQ(sealed->size(), kTagBytes);
  EXPECT_TRUE(gcm_open(key, nonce, "", *sealed)->empty());
}

TEST(Crypto, equality_needs_every_byte_and_nothing_equals_an_empty_secret) {
  EXPECT_TRUE(equal_in_constant_time("secret", "secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secres"));
  EXPECT_FALSE(equal_in_constant_time("secret", "Secret"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secre"));
  EXPECT_FALSE(equal_in_constant_time("secret", "secretx"));
  EXPECT_FALSE(equal_in_constant_time("secret", ""));
  EXPECT_FALSE(equal_in_constant_time("", ""));
  EXPECT_FALSE(equal_in_constant_time("", "x"));
}

TEST(Crypto, random_bytes_differ) {
  std::string a(32, '\0'), b(32, '\0');
  ASSERT_TRUE(fill_random(a));
  ASSERT_TRUE(fill_random(b));
  EXPECT_NE(a, b);
}

TEST(Crypto, base64_of_a_secret_has_one_spelling) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "a longer text with \xff bytes"}) {
    EXPECT_EQ(secret_from_base64(to_base64(bytes))->reveal(), bytes);
  }
  for (const auto* bad :
       {"Zg", "Zg=", "Z===", "====", "Zm9v\n", " Zm9v", "Zm9v====", "Zm-v", "Zm=v", "Zm9vZg==Zm9v"}) {
    EXPECT_FALSE(secret_from_base64(bad)) << bad;
  }
  EXPECT_FALSE(secret_from_base64("Zh=="));  // the unused bits are not zero
}

TEST(Keys, zendesk_vectors_hold) {
  int seen = 0;
  const auto file = vectors("zendesk_vectors.json");
  for (const auto& item : file.at("vectors")) {
    ++seen;
    const auto& headers = item.at("headers");
    const auto message = lower_header(headers, "X-Zendesk-Webhook-Signature-Timestamp") +
                         from_base64(item.at("body_base64").get<std::string>()).value();
    const auto mac = from_base64(lower_header(headers, "X-Zendesk-Webhook-Signature")).value();
    const auto secrets = secrets_of({item.at("secret").get<std::string>()});
    EXPECT_EQ(mac_matches(MacKind::hmac_sha256, secrets, message, mac), item.at("valid").get<bool>())
        << item.at("name");
  }
  EXPECT_EQ(seen, 5);
}

TEST(Keys, slack_vectors_hold) {
  int seen = 0;
  const auto file = vectors("slack_vectors.json");
  for (const auto& [name, item] : file.at("vectors").items()) {
    const auto& headers = item.at("headers");
    const auto message =
        "v0:" + lower_header(headers, "X-Slack-Request-Timestamp") + ":" + item.at("body").get<std::string>();
    const auto mac = from_hex(lower_header(headers, "X-Slack-Signature").substr(3)).value();
    const auto secrets = secrets_of({item.at("secret").get<std::string>()});
    EXPECT_TRUE(mac_matches(MacKind::hmac_sha256, secrets, message, mac)) << name;
    ++seen;
  }
  EXPECT_GE(seen, 4);
}

TEST(Keys, hubspot_vectors_hold) {
  int seen = 0;
  const auto file = vectors("hubspot_vectors.json");
  for (const auto& item : file.at("v3")) {
    const auto message = item.at("method").get<std::string>() + item.at("uri_signed").get<std::string>() +
                         item.at("body").get<std::string>() + item.at("timestamp").get<std::string>();
    const auto mac = from_base64(item.at("signature").get<std::string>()).value();
    EXPECT_TRUE(
        mac_matches(MacKind::hmac_sha256, secrets_of({item.at("secret").get<std::string>()}), message, mac));
    ++seen;
  }
  EXPECT_EQ(seen, 6);
}

TEST(Keys, any_of_several_secrets_fits_and_an_empty_one_never) {
  const auto mac = *MacKey::make(Digest::sha1, "new")->mac({"m"});
  EXPECT_TRUE(mac_matches(MacKind::hmac_sha1, secrets_of({"old", "new"}), "m", mac));
  EXPECT_TRUE(mac_matches(MacKind::hmac_sha1, secrets_of({"new", "old"}), "m", mac));
  EXPECT_FALSE(mac_matches(MacKind::hmac_sha1, secrets_of({"old", ""}), "m", mac));
  EXPECT_FALSE(mac_matches(MacKind::hmac_sha1, {}, "m", mac));
  EXPECT_FALSE(mac_matches(MacKind::hmac_sha256, secrets_of({"new"}), "m", mac));
  EXPECT_FALSE(mac_matches(MacKind::shared_value, secrets_of({""}), "m", ""));
  EXPECT_TRUE(mac_matches(MacKind::shared_value, secrets_of({"a", "value"}), "whatever", "value"));
  EXPECT_FALSE(mac_matches(MacKind::shared_value, secrets_of({"value"}), "value", "valu"));
}

TEST(Keys, a_code_with_any_bit_changed_or_cut_is_refused) {
  const auto secrets = secrets_of({"key"});
  auto mac = *MacKey::make(Digest::sha256, "key")->mac({"m"});
  for (std::size_t bit = 0; bit < mac.size() * 8; ++bit) {
    mac[bit / 8] = static_cast<char>(mac[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(mac_matches(MacKind::hmac_sha256, secrets, "m", mac));
    mac[bit / 8] = static_cast<char>(mac[bit / 8] ^ (1 << bit % 8));
  }
  for (std::size_t size = 0; size < mac.size(); ++size) {
    EXPECT_FALSE(mac_matches(MacKind::hmac_sha256, secrets, "m", mac.substr(0, size)));
  }
  EXPECT_TRUE(mac_matches(MacKind::hmac_sha256, secrets, "m", mac));
}

}  // namespace
}  // namespace baton::secrets
