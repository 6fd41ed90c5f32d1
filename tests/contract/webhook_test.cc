// What comes from outside: only what the vendor itself has just signed is taken.
#include <algorithm>
#include <set>

#include <gtest/gtest.h>

#include "connectors/sdk/account_keys.h"
#include "connectors/sdk/account_secrets.h"
#include "connectors/sdk/registry.h"
#include "gateway/ingress/schema.h"
#include "tests/contract/bench.h"

namespace baton::contract {
namespace {

using nlohmann::json;

// "$/tickets/0/id" stands for what the ledger holds there; "-" is the last of a list.
json resolved(const json& with, const json& ledger) {
  json to = with;
  for (auto& [key, value] : to.items()) {
    if (!value.is_string() || !value.get<std::string>().starts_with("$/")) continue;
    json at = ledger;
    std::string part;
    for (const char c : value.get<std::string>().substr(2) + "/") {
      if (c != '/') {
        part += c;
        continue;
      }
      at = at.is_array() ? (part == "-" ? at.back() : at.at(std::stoul(part))) : at.at(part);
      part.clear();
    }
    value = at;
  }
  return to;
}

// Each way in which a vendor tells is held to the same.
std::vector<Place> ways_in() {
  std::vector<Place> all;
  for (const auto& place : places()) {
    all.push_back(place);
    for (const auto& way : place.ways) {
      auto& other = all.emplace_back(place);
      other.way = way.at("name").get<std::string>();
      other.webhook = way.at("webhook");
      for (const auto& [key, value] : way.at("setup").items()) other.setup[key] = value.get<std::string>();
    }
  }
  return all;
}

// Remembers which secrets proved something.
class WatchedKeys final : public sdk::Keys {
 public:
  explicit WatchedKeys(const sdk::Account& account) : keys_(account) {}
  bool matches(Mac kind, std::string_view field, std::string_view message,
               std::string_view mac) const override {
    const bool same = keys_.matches(kind, field, message, mac);
    if (same) proved.emplace(field);
    return same;
  }
  Result<std::string> standard_webhook(const RawRequest& request, std::string_view field) const override {
    auto id = keys_.standard_webhook(request, field);
    if (id) proved.emplace(field);
    return id;
  }
  mutable std::set<std::string> proved;

 private:
  sdk::AccountKeys keys_;
};

class Webhooks : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    ASSERT_TRUE(GetParam().webhook.is_object()) << "contract.json names no webhook";
    if (const auto why = excuse("none"); !why.empty()) GTEST_SKIP() << why;
    if (GetParam().webhook.contains("after")) {
      bench.order(*operation_from(GetParam().webhook.at("after").get<std::string>()));
      bench.run();
    }
    auto& vendor = bench.vendor.vendor();
    const auto sent = vendor.act(simulation::Deed(GetParam().webhook.at("deed"),
                                                  resolved(GetParam().webhook.at("with"), vendor.ledger())),
                                 bench.clock.now());
    ASSERT_TRUE(sent) << sent.error().detail;
    ASSERT_FALSE(sent->empty());
    for (const auto& one : *sent) {
      RawRequest raw(one.request.method, "/v1/hooks/" + GetParam().connector + one.request.target,
                     one.request.body, one.request.headers);
      raw.received_at = bench.clock.now();
      if (signals(raw) > 0) genuine = raw;
    }
    ASSERT_FALSE(genuine.body.empty()) << "no webhook of this deed was taken for a signal";
  }

  // What the vendor's protocol does not give, and why; "" where it does.
  static std::string excuse(const char* of) { return GetParam().webhook.value(of, std::string()); }

  // A chat platform's events are looked at as if they were signals about their conversation.
  Result<sdk::Webhook> read(const RawRequest& raw) {
    if (!GetParam().webhook.value("events", false)) return read_signals(raw);
    const auto inbound =
        bench.account->connector->read_events(raw, sdk::AccountKeys(*bench.account), bench.account->settings);
    if (!inbound) return inbound.error();
    sdk::Webhook webhook;
    for (const auto& one : inbound->events) {
      webhook.signals.emplace_back(SignalKind::replied, one.id,
                                   JsonView(one.data).at_path("conversation.id").text(), "");
    }
    return webhook;
  }
  Result<sdk::Webhook> read_signals(const RawRequest& raw) {
    return bench.account->connector->read_webhook(raw, sdk::AccountKeys(*bench.account),
                                                  bench.account->settings);
  }
  std::size_t signals(const RawRequest& raw) {
    const auto webhook = read(raw);
    return webhook ? webhook->signals.size() : 0;
  }
  void expect_refused(const RawRequest& raw) {
    const auto webhook = read(raw);
    ASSERT_FALSE(webhook);
    EXPECT_EQ(name(webhook.error().kind), "rejected");
    for (const auto& [field, value] : GetParam().secrets) {
      EXPECT_EQ(webhook.error().detail.find(value), std::string::npos) << field;
    }
  }

  Bench bench{GetParam()};
  RawRequest genuine;
};

TEST_P(Webhooks, a_genuine_one_is_a_signal_and_again_the_same_signal) {
  const auto first = read(genuine), second = read(genuine);
  ASSERT_TRUE(first && second);
  ASSERT_EQ(first->signals.size(), 1u);
  EXPECT_FALSE(first->signals[0].id.empty());
  EXPECT_EQ(first->signals[0].id, second->signals[0].id);
  EXPECT_FALSE(first->signals[0].object_id.empty());
}

// `baton check` warns where all of these are absent, so it has to know them.
TEST_P(Webhooks, are_verified_with_a_secret_that_is_known_to_verify_them) {
  const WatchedKeys keys(*bench.account);
  const auto& account = *bench.account;
  if (GetParam().webhook.value("events", false))
    EXPECT_TRUE(account.connector->read_events(genuine, keys, account.settings));
  else EXPECT_TRUE(account.connector->read_webhook(genuine, keys, account.settings));
  EXPECT_FALSE(keys.proved.empty());
  const auto known = sdk::verifying_secrets(*account.connector, account.settings);
  for (const auto& field : keys.proved) {
    const bool always_there = std::ranges::any_of(account.connector->manifest().fields, [&](const auto& one) {
      return one.name == field && one.need == sdk::Need::secret;
    });
    EXPECT_TRUE(always_there || std::ranges::find(known, field) != known.end()) << field;
  }
}

TEST_P(Webhooks, one_flipped_bit_of_the_body_is_refused) {
  if (const auto why = excuse("unsigned"); !why.empty()) GTEST_SKIP() << why;
  const auto step = std::max<std::size_t>(1, genuine.body.size() / 97);
  for (std::size_t i = 0; i < genuine.body.size(); i += step) {
    auto forged = genuine;
    forged.body[i] = static_cast<char>(forged.body[i] ^ 1);
    SCOPED_TRACE(i);
    expect_refused(forged);
  }
}

TEST_P(Webhooks, one_flipped_bit_of_a_signature_or_its_time_is_refused) {
  if (const auto why = excuse("unsigned"); !why.empty()) GTEST_SKIP() << why;
  int seen = 0;
  for (const auto& [header, value] : genuine.headers) {
    if (header.find("signature") == std::string::npos && header.find("timestamp") == std::string::npos)
      continue;
    auto without = genuine;
    without.headers.erase(header);
    if (signals(without) > 0) continue;  // of an older scheme, which nobody reads
    SCOPED_TRACE(header);
    expect_refused(without);
    ++seen;
    for (std::size_t i = 0; i + 4 < value.size(); ++i) {  // the last characters of base64 carry unused bits
      auto forged = genuine;
      forged.headers[header][i] = static_cast<char>(value[i] ^ 1);
      SCOPED_TRACE(header + " at " + std::to_string(i));
      const auto webhook = read(forged);
      EXPECT_FALSE(webhook);
    }
  }
  EXPECT_GE(seen, 1);
}

TEST_P(Webhooks, an_old_one_and_one_from_the_future_are_refused) {
  if (const auto why = excuse("timeless"); !why.empty()) GTEST_SKIP() << why;
  for (const auto off : {Duration{11min}, Duration{2h}, Duration{-11min}, Duration{-48h}}) {
    auto late = genuine;
    late.received_at += off;
    SCOPED_TRACE(off.count());
    expect_refused(late);
  }
}

TEST_P(Webhooks, one_that_another_secret_signed_is_refused) {
  for (auto& [field, values] : bench.account->secrets) {
    const bool key = GetParam().secrets.at(field).starts_with("whsec_");
    values.clear();
    values.emplace_back(key ? "whsec_c29tZWJvZHktZWxzZXMta2V5LTAwMDAtMTExMS0yMg==" : "somebody else's");
  }
  expect_refused(genuine);
}

TEST_P(Webhooks, without_a_secret_everything_is_refused) {
  bench.account->secrets.clear();
  expect_refused(genuine);
}

TEST_P(Webhooks, with_two_secrets_either_is_taken) {
  for (auto& [field, values] : bench.account->secrets) {
    const bool key = GetParam().secrets.at(field).starts_with("whsec_");
    values.emplace(values.begin(),
                   key ? "whsec_c29tZWJvZHktZWxzZXMta2V5LTAwMDAtMTExMS0yMg==" : "the new one");
  }
  EXPECT_EQ(signals(genuine), 1u);
}

// What does not fit the published schema is left out by whole members: a picture that is described in another
// word takes the customer's message with it.
class Arrivals : public ::testing::TestWithParam<Place> {
 protected:
  void expect_whole(const simulation::Outbound& sent) {
    RawRequest raw(sent.request.method, "/v1/in/" + GetParam().connector + sent.request.target,
                   sent.request.body, sent.request.headers);
    raw.received_at = bench.clock.now();
    const auto inbound =
        bench.account->connector->read_events(raw, sdk::AccountKeys(*bench.account), bench.account->settings);
    ASSERT_TRUE(inbound) << inbound.error().detail;
    for (const auto& arrival : inbound->events) {
      ++seen;
      const auto errors = validator.validate({{"specversion", "1.0"},
                                              {"id", arrival.id},
                                              {"source", "chat"},
                                              {"type", arrival.type},
                                              {"data", arrival.data}});
      for (const auto& error : errors) ADD_FAILURE() << arrival.type << error.pointer << ": " << error.detail;
    }
  }
  Bench bench{GetParam()};
  EventValidator validator;
  int seen = 0;
};

TEST_P(Arrivals, fit_the_published_events_whole) {
  auto deeds = GetParam().webhook.value("before", json::array());
  deeds.push_back(GetParam().webhook);
  for (const auto& one : GetParam().says) deeds.push_back(one);
  auto& vendor = bench.vendor.vendor();
  for (const auto& deed : deeds) {
    SCOPED_TRACE(deed.dump());
    const auto sent = vendor.act(
        simulation::Deed(deed.at("deed"), resolved(deed.value("with", json::object()), vendor.ledger())),
        bench.clock.now());
    ASSERT_TRUE(sent) << sent.error().detail;
    for (const auto& one : *sent) expect_whole(one);
  }
  EXPECT_GE(seen, 1);
}

std::vector<Place> chat_platforms() {
  auto all = places();
  std::erase_if(all, [](const Place& place) { return !place.webhook.value("events", false); });
  return all;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Arrivals);
INSTANTIATE_TEST_SUITE_P(Every, Arrivals, ::testing::ValuesIn(chat_platforms()),
                         [](const auto& info) { return info.param.connector; });

// To some platforms a 4xx is the last word, and one drops what was put off too often with 429 (fact sheet
// ingress, sections 4.2, 4.3 and 5).
TEST(Sources, are_put_off_with_a_status_after_which_every_platform_comes_again) {
  int platforms = 0;
  const auto connectors = sdk::make_connectors();
  for (const auto& connector : connectors) {
    const auto& manifest = connector->manifest();
    if (!manifest.source) continue;
    ++platforms;
    EXPECT_EQ(manifest.overload_status, 503) << manifest.name;
  }
  // A tree of one connector, as the template's, has none.
  EXPECT_GE(platforms, connectors.size() > 1 ? 8 : 0);
}

INSTANTIATE_TEST_SUITE_P(Every, Webhooks, ::testing::ValuesIn(ways_in()), [](const auto& info) {
  return info.param.connector + (info.param.way.empty() ? "" : "_") + info.param.way;
});

}  // namespace
}  // namespace baton::contract
