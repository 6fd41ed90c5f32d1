// Purpose: what connectors share: the classification of ordinary HTTP, and a manifest that is well formed.
#include <gtest/gtest.h>

#include "connectors/sdk/account_keys.h"
#include "gateway/base/text.h"
#include "tests/delivery/bench.h"

namespace baton::delivery_testing {
namespace {

std::string kind_of(int status, bool writes, std::optional<Duration> wait = {}) {
  const Request request("POST", "/tickets?token=secret");
  const Reply reply(status, "body", wait);
  const auto failure = sdk::classify_http(sdk::Exchange(request, writes, reply, kStart));
  return failure ? std::string(name(failure->kind)) : "fine";
}

TEST(Classify, every_status_has_one_meaning) {
  for (int status = 100; status < 600; ++status) {
    std::string expected = "rejected";
    if (status >= 200 && status < 300) expected = "fine";
    if (status == 401) expected = "auth_expired";
    if (status == 403) expected = "misconfigured";
    if (status == 404 || status == 410) expected = "target_gone";
    if (status == 408 || status == 425 || status == 503) expected = "retryable";
    if (status == 429) expected = "rate_limited";
    const bool broken = status >= 500 && status != 503;
    EXPECT_EQ(kind_of(status, true), broken ? "ambiguous" : expected) << status;
    EXPECT_EQ(kind_of(status, false), broken ? "retryable" : expected) << status;
  }
}

TEST(Classify, waits_are_kept_and_the_query_is_not) {
  const Request request("POST", "/tickets?token=secret");
  const Reply reply(429, std::string(10'000, 'x') + "\xff", Duration{7s});
  const auto failure = sdk::classify_http(sdk::Exchange(request, true, reply, kStart));
  EXPECT_EQ(failure->not_before, kStart + 7s);
  EXPECT_EQ(failure->detail.find("secret"), std::string::npos);
  EXPECT_GT(failure->detail.size(), 10'000u) << "cut before it was redacted";
  const auto without = sdk::classify_http(sdk::Exchange(request, true, Reply(429), kStart));
  EXPECT_EQ(without->not_before, kStart + 60s);
}

TEST(Manifest, mistakes_are_found_when_it_is_compiled) {
  static constexpr auto kTwice =
      std::to_array<sdk::Action>({{Operation::emit, write, nullptr}, {Operation::emit, write, nullptr}});
  static constexpr auto kReadThatWrites =
      std::to_array<sdk::Action>({{Operation::read_context, write, nullptr}});
  static constexpr auto kUndocumented = std::to_array<sdk::Field>({{"token", sdk::Need::secret, "", ""}});
  auto manifest = kManifest;
  EXPECT_TRUE(sdk::well_formed(manifest));
  manifest.actions = kTwice;
  EXPECT_FALSE(sdk::well_formed(manifest));
  manifest.actions = kReadThatWrites;
  EXPECT_FALSE(sdk::well_formed(manifest));
  manifest = kManifest;
  manifest.fields = kUndocumented;
  EXPECT_FALSE(sdk::well_formed(manifest));
  manifest = kManifest;
  manifest.title = "";
  EXPECT_FALSE(sdk::well_formed(manifest));
}

TEST(Manifest, only_a_chat_platform_may_have_no_operation) {
  auto manifest = kManifest;
  manifest.actions = {};
  EXPECT_FALSE(sdk::well_formed(manifest));
  manifest.source = true;
  EXPECT_TRUE(sdk::well_formed(manifest));
}

TEST(AccountKeys, a_field_without_a_secret_fits_nothing) {
  Acme acme;
  const auto account = account_of(kDesk, acme);
  const sdk::AccountKeys keys(*account);
  EXPECT_FALSE(keys.matches(sdk::Keys::Mac::shared_value, "hook", "", ""));
  account->secrets["hook"].emplace_back(std::string("new"));
  account->secrets["hook"].emplace_back(std::string("old"));
  EXPECT_TRUE(keys.matches(sdk::Keys::Mac::shared_value, "hook", "", "new"));
  EXPECT_TRUE(keys.matches(sdk::Keys::Mac::shared_value, "hook", "", "old"));
  EXPECT_FALSE(keys.matches(sdk::Keys::Mac::shared_value, "hook", "", ""));
  EXPECT_FALSE(keys.matches(sdk::Keys::Mac::hmac_sha256, "hook", "m", "new"));
  EXPECT_FALSE(keys.standard_webhook(RawRequest("POST", "/"), "none"));
}

}  // namespace
}  // namespace baton::delivery_testing
