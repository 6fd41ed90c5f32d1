// Purpose: trying a destination: what is asked, with which credential, what is shown of the answers.
#include "gateway/delivery/probe.h"

#include "tests/delivery/bench.h"

namespace baton::delivery_testing {
namespace {

// Needs a token and a field that can be made.
class Probed final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::BearerAuth("token"); }
  Task<sdk::Findings> probe(const sdk::Settings&, sdk::ReadSession& session) const override {
    sdk::Findings findings;
    const auto me = co_await session.read(sdk::Read::get("/me"));
    findings.emplace_back("the token", me.has_value(), me ? "" : "renew it: " + me.error().detail);
    const auto field = co_await session.read(sdk::Read::get("/field"));
    findings.emplace_back("the field", field.has_value(), field ? "" : "make it", true);
    co_return findings;
  }
  Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) const override {
    const auto made = co_await session.send(sdk::Write::post("/field", "{}"));
    if (!made) co_return made.error();
    co_return co_await probe(settings, session);
  }
};

class Trying : public ::testing::Test {
 protected:
  Trying() : clock(loop, kStart), network(clock), account(account_of(kDesk, connector)) {
    account->secrets["token"].emplace_back(std::string("canary-token-123456"));
    account->redact = [](std::string_view text) {
      std::string clean(text);
      for (std::size_t at; (at = clean.find("canary")) != std::string::npos;) clean.replace(at, 6, "***");
      return clean;
    };
    network.answer = [this](const Sent& sent) {
      const auto& request = sent.request;
      if (request.headers.at("authorization") != "Bearer canary-token-123456") return Answer(401);
      if (request.method == "POST") made = true;
      return Answer(made || request.target.ends_with("/me") ? 200 : 404);
    };
  }
  sdk::Findings probe(delivery::Apply apply = delivery::Apply::no) {
    std::optional<Result<sdk::Findings>> found;
    Scope scope(loop, clock);
    scope.spawn(delivery::probe(*account, network, clock, apply),
                [&](Result<sdk::Findings> got) { found.emplace(std::move(got)); });
    clock.run(clock.now() + 1min, [&] { return found.has_value(); });
    return found->value();
  }

  Loop loop;
  VirtualClock clock;
  Network network;
  Probed connector;
  std::unique_ptr<sdk::Account> account;
  bool made = false;
};

TEST_F(Trying, says_what_is_fine_and_what_is_lacking_and_makes_nothing) {
  const auto found = probe();
  ASSERT_EQ(found.size(), 2u);
  EXPECT_TRUE(found[0].fine);
  EXPECT_FALSE(found[1].fine);
  EXPECT_TRUE(found[1].can_make);
  EXPECT_FALSE(made);
}

TEST_F(Trying, makes_what_is_lacking_when_it_is_told_to_and_looks_again) {
  for (const auto& finding : probe(delivery::Apply::yes)) EXPECT_TRUE(finding.fine) << finding.what;
  EXPECT_TRUE(made);
  const auto sent = network.sent.size();
  probe(delivery::Apply::yes);
  EXPECT_EQ(network.sent.size(), sent + 2) << "there is nothing to make any more";
}

TEST_F(Trying, shows_no_secret_that_the_vendor_repeats) {
  network.answer = [](const Sent& sent) {
    return Answer(403, "no " + sent.request.headers.at("authorization"));
  };
  for (const auto& finding : probe()) EXPECT_EQ(finding.remedy.find("canary"), std::string::npos);
}

TEST_F(Trying, a_vendor_without_a_probe_says_so) {
  Acme without;
  account->connector = &without;
  const auto found = probe();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].fine);
}

}  // namespace
}  // namespace baton::delivery_testing
