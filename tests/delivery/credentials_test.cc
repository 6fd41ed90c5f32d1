// Purpose: credentials as requests leave: tokens asked for once, ahead of time; signatures; whole URLs.
#include "gateway/base/text.h"
#include "gateway/delivery/credentials.h"
#include "secrets/webhook_signature.h"
#include "tests/delivery/bench.h"
#include "tests/support/openssl_keys.h"

namespace baton::delivery_testing {
namespace {

using delivery::Credentials;

sdk::ClientCredentials oauth(sdk::ClientCredentials::Body body = sdk::ClientCredentials::Body::json) {
  return sdk::ClientCredentials("/oauth", body, "baton", "client_secret", "tickets:write");
}

class TokenDoor {
 public:
  explicit TokenDoor(sdk::Auth scheme)
      : clock(loop_, kStart), network(clock), scope_(loop_, clock), account(account_of(kDesk, acme)) {
    acme.scheme = std::move(scheme);
    account->secrets["client_secret"].emplace_back(std::string("s3cret"));
    network.answer = [this](const Sent&) {
      return Answer(200, "{\"access_token\":\"t" + std::to_string(++tokens) + "\",\"expires_in\":1000}");
    };
    credentials = std::make_unique<Credentials>(*account, network, clock);
  }

  void start(std::string target = "/tickets", Duration time = 10s) {
    scope_.spawn(credentials->authorize(Request("POST", std::move(target), "{}"), "hof_1/desk/emit/1.g2",
                                        clock.now() + time),
                 [this](Result<Request> request) {
                   seen.push_back(std::move(request));
                   seen_at.push_back(clock.now());
                 });
  }
  Result<Request> authorize(std::string target = "/tickets") {
    seen.clear();
    start(std::move(target));
    clock.run(clock.now() + 20s, [this] { return !seen.empty(); });
    BATON_CHECK(seen.size() == 1);
    return seen[0];
  }
  Result<delivery::Withdrawn> withdraw() {
    return await_on(scope_, clock, credentials->withdraw(clock.now() + 10s));
  }
  std::string bearer() { return authorize().value().headers.at("authorization"); }
  void wait(Duration time) {
    bool over = false;
    scope_.spawn(clock.until(clock.now() + time), [&](Result<Done>) { over = true; });
    clock.run(TimePoint::max(), [&] { return over; });
  }

 private:
  Loop loop_;

 public:
  VirtualClock clock;
  Network network;
  int tokens = 0;
  std::vector<Result<Request>> seen;
  std::vector<TimePoint> seen_at;

 private:
  Scope scope_;

 public:
  Acme acme;
  std::unique_ptr<sdk::Account> account;
  std::unique_ptr<Credentials> credentials;
};

TEST(Credentials, two_requests_at_once_ask_for_one_token) {
  TokenDoor door(oauth());
  door.start();
  door.start();
  door.clock.run(kStart + 1s);
  ASSERT_EQ(door.seen.size(), 2u);
  for (const auto& request : door.seen) EXPECT_EQ(request->headers.at("authorization"), "Bearer t1");
  EXPECT_EQ(door.network.sent.size(), 1u);
  EXPECT_EQ(door.network.sent[0].pool, "desk/token");
  EXPECT_EQ(door.network.sent[0].request.target, "https://desk.example/oauth");
  EXPECT_EQ(door.seen[0]->target, "https://desk.example/tickets");
}

TEST(Credentials, a_token_is_renewed_at_four_fifths_of_its_life) {
  TokenDoor door(oauth());
  EXPECT_EQ(door.bearer(), "Bearer t1");
  door.wait(kStart + 799s - door.clock.now());
  EXPECT_EQ(door.bearer(), "Bearer t1");
  door.wait(kStart + 800s - door.clock.now());
  EXPECT_EQ(door.bearer(), "Bearer t2");
}

TEST(Credentials, a_failed_renewal_is_no_failure_while_the_old_token_is_good) {
  TokenDoor door(oauth());
  EXPECT_EQ(door.bearer(), "Bearer t1");
  door.network.answer = [](const Sent&) { return Answer(503); };
  door.wait(kStart + 850s - door.clock.now());
  const auto asked = door.network.sent.size();
  for (int i = 0; i < 20; ++i) EXPECT_EQ(door.bearer(), "Bearer t1");
  EXPECT_EQ(door.network.sent.size(), asked + 1) << "not with every request";
  door.wait(kStart + 1001s - door.clock.now());
  const auto expired = door.authorize();
  ASSERT_FALSE(expired);
  EXPECT_EQ(name(expired.error().kind), "retryable");
}

TEST(Credentials, a_renewal_that_hangs_leaves_time_for_the_request) {
  TokenDoor door(oauth());
  EXPECT_EQ(door.bearer(), "Bearer t1");
  door.wait(kStart + 850s - door.clock.now());
  door.network.answer = [](const Sent&) { return Answer(200).after(1h); };
  const auto began = door.clock.now();
  EXPECT_EQ(door.bearer(), "Bearer t1");
  EXPECT_EQ(door.clock.now() - began, 5s);
}

TEST(Credentials, those_who_wait_ask_themselves_when_the_first_one_failed) {
  TokenDoor door(oauth());
  int asked = 0;
  door.network.answer = [&](const Sent&) {
    return ++asked == 1 ? Answer(500) : Answer(200, "{\"access_token\":\"t1\"}");
  };
  door.start();
  door.start();
  door.clock.run(kStart + 1s);
  ASSERT_EQ(door.seen.size(), 2u);
  EXPECT_NE(door.seen[0].has_value(), door.seen[1].has_value());
  EXPECT_EQ(asked, 2);
}

// --- given back

sdk::ClientCredentials revocable() {
  auto scheme = oauth();
  scheme.revoke = "/oauth/revoke";
  return scheme;
}

std::string outcome_of(const Result<delivery::Withdrawn>& what) {
  return what ? std::string(name(*what)) : "failed: " + what.error().detail;
}

TEST(Withdrawal, gives_the_token_back_and_asks_for_no_other_until_the_lane_is_resumed) {
  TokenDoor door(revocable());
  EXPECT_EQ(outcome_of(door.withdraw()), "none_held");
  door.credentials->readmit();
  EXPECT_EQ(door.bearer(), "Bearer t1");
  EXPECT_EQ(outcome_of(door.withdraw()), "revoked");
  const auto& request = door.network.sent.back().request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "https://desk.example/oauth/revoke");
  EXPECT_EQ(request.body, "token=t1");
  EXPECT_EQ(header(request.headers, "authorization"), "Bearer t1");
  EXPECT_EQ(header(request.headers, "content-type"), "application/x-www-form-urlencoded");
  const auto asked = door.network.sent.size();
  const auto late = door.authorize();  // by an attempt that was under way
  ASSERT_FALSE(late);
  EXPECT_EQ(name(late.error().kind), "misconfigured");
  EXPECT_NE(late.error().detail.find("resume desk"), std::string::npos) << late.error().detail;
  EXPECT_EQ(door.network.sent.size(), asked);
  EXPECT_FALSE(door.credentials->age().since) << "it is forgotten";
  door.credentials->readmit();
  EXPECT_TRUE(door.authorize());
}

TEST(Withdrawal, of_a_token_that_is_none_any_more_is_done_and_one_that_failed_can_be_tried_again) {
  for (const int status : {400, 401, 500, 503, 404, 302}) {
    TokenDoor door(revocable());
    door.bearer();
    door.network.answer = [&](const Sent&) { return Answer(status); };
    const bool ended = status == 400 || status == 401;
    const auto what = door.withdraw();
    EXPECT_EQ(ended, what.has_value()) << status;
    if (ended) EXPECT_EQ(outcome_of(what), "ended_before") << status;
    door.network.answer = [&](const Sent&) { return Answer(200); };
    EXPECT_EQ(outcome_of(door.withdraw()), ended ? "none_held" : "revoked") << status;
  }
}

TEST(Withdrawal, of_what_is_not_asked_for_or_not_taken_back_is_for_a_person) {
  for (const sdk::Auth& scheme : {sdk::Auth(sdk::BearerAuth("token")), sdk::Auth(oauth())}) {
    TokenDoor door(scheme);
    (void)door.authorize();
    const auto asked = door.network.sent.size();
    EXPECT_EQ(outcome_of(door.withdraw()), "by_hand");
    EXPECT_EQ(door.network.sent.size(), asked);
  }
}

TEST(Withdrawal, of_a_refresh_token_takes_what_access_tokens_are_made_of) {
  TokenDoor door(sdk::RefreshToken("/oauth", sdk::TokenBody::form, "baton", "client_secret", "refresh", "",
                                   "/oauth/revoke"));
  door.account->secrets["refresh"].emplace_back(std::string("r&1"));
  door.bearer();
  EXPECT_EQ(outcome_of(door.withdraw()), "revoked");
  EXPECT_EQ(door.network.sent.back().request.body, "token=r%261");
}

// A gateway that was started again holds no access token, and the consent lives all the same.
TEST(Withdrawal, of_a_refresh_token_needs_no_access_token) {
  TokenDoor door(sdk::RefreshToken("/oauth", sdk::TokenBody::form, "baton", "client_secret", "refresh", "",
                                   "/oauth/revoke"));
  EXPECT_EQ(outcome_of(door.withdraw()), "none_held") << "nobody gave a consent";
  door.account->secrets["refresh"].emplace_back(std::string("r&1"));
  EXPECT_EQ(outcome_of(door.withdraw()), "revoked");
  ASSERT_EQ(door.network.sent.size(), 1u);
  EXPECT_EQ(door.network.sent[0].request.body, "token=r%261");
  EXPECT_TRUE(door.network.sent[0].request.target.ends_with("/oauth/revoke"));
  EXPECT_FALSE(door.network.sent[0].request.headers.contains("authorization"));
}

TEST(Credentials, a_waiter_leaves_at_its_own_deadline) {
  TokenDoor door(oauth());
  door.network.answer = [](const Sent&) { return Answer(200).after(1h); };
  door.start("/tickets", 10s);
  door.start("/tickets", 2s);
  door.clock.run(kStart + 5s);
  ASSERT_EQ(door.seen.size(), 1u);
  EXPECT_FALSE(door.seen[0]);
  EXPECT_EQ(door.seen_at[0], kStart + 2s);
}

TEST(Credentials, a_refused_token_is_dropped_but_not_a_newer_one) {
  TokenDoor door(oauth());
  EXPECT_EQ(door.bearer(), "Bearer t1");
  const auto first_used = door.clock.now();
  EXPECT_TRUE(door.credentials->refused(first_used));
  door.wait(1s);
  EXPECT_EQ(door.bearer(), "Bearer t2");
  // The late refusal of another request that still bore the first one.
  EXPECT_TRUE(door.credentials->refused(first_used));
  EXPECT_EQ(door.bearer(), "Bearer t2");
  EXPECT_TRUE(door.credentials->refused(door.clock.now()));
  EXPECT_EQ(door.bearer(), "Bearer t3");
}

// Whoever redacts must know a token before a vendor can repeat it.
TEST(Credentials, a_token_is_told_before_it_is_used_and_so_is_each_new_one) {
  TokenDoor door(oauth());
  std::vector<std::string> told;
  door.account->learn = [&](std::string_view kind, const Secret& value) {
    told.push_back(std::string(kind) + " " + std::string(value.reveal()));
  };
  EXPECT_EQ(door.bearer(), "Bearer t1");
  EXPECT_EQ(told, std::vector<std::string>{"access_token t1"});
  door.credentials->refused(door.clock.now());
  door.network.answer = [](const Sent&) {
    return Answer(200, R"({"access_token":"t2","refresh_token":"r2"})");
  };
  EXPECT_EQ(door.bearer(), "Bearer t2");
  EXPECT_EQ(told, (std::vector<std::string>{"access_token t1", "access_token t2", "refresh_token r2"}));
}

TEST(Credentials, a_refused_client_is_misconfigured_and_its_secret_is_not_told) {
  TokenDoor door(oauth());
  door.network.answer = [](const Sent&) { return Answer(401, "{\"error\":\"invalid_client\"}"); };
  const auto request = door.authorize();
  ASSERT_FALSE(request);
  EXPECT_EQ(name(request.error().kind), "misconfigured");
  EXPECT_EQ(request.error().detail.find("s3cret"), std::string::npos);
  EXPECT_FALSE(TokenDoor(sdk::NoAuth{}).credentials->refused(kStart)) << "there is nothing to ask for";
}

TEST(Credentials, a_token_request_whose_reply_was_lost_is_retryable) {
  TokenDoor door(oauth());
  door.network.answer = [](const Sent&) { return lost(); };
  EXPECT_EQ(name(door.authorize().error().kind), "retryable");
}

TEST(Credentials, a_token_is_asked_for_as_form_or_as_json) {
  TokenDoor json(oauth());
  (void)json.authorize();
  EXPECT_EQ(json.network.sent[0].request.headers.at("content-type"), "application/json");
  EXPECT_NE(json.network.sent[0].request.body.find("\"scope\":\"tickets:write\""), std::string::npos);
  TokenDoor form(oauth(sdk::ClientCredentials::Body::form));
  (void)form.authorize();
  EXPECT_NE(form.network.sent[0].request.body.find("scope=tickets%3Awrite"), std::string::npos);
}

TEST(Credentials, a_whole_url_gets_no_credential) {
  for (const sdk::Auth& scheme : std::vector<sdk::Auth>{oauth(), sdk::BearerAuth("client_secret"),
                                                        sdk::BasicAuth("baton", "client_secret"),
                                                        sdk::StandardSignature("client_secret")}) {
    TokenDoor door(scheme);
    const auto request = door.authorize("https://hooks.example/answer/1");
    ASSERT_TRUE(request);
    EXPECT_TRUE(request->headers.empty());
    EXPECT_EQ(request->target, "https://hooks.example/answer/1");
    EXPECT_TRUE(door.network.sent.empty());
  }
}

TEST(Credentials, bearer_and_basic_put_the_current_secret_on) {
  TokenDoor bearer(sdk::BearerAuth("client_secret"));
  EXPECT_EQ(bearer.bearer(), "Bearer s3cret");
  TokenDoor basic(sdk::BasicAuth("ada/token", "client_secret"));
  EXPECT_EQ(basic.bearer(), "Basic " + to_base64("ada/token:s3cret"));
}

TEST(Credentials, a_signature_fits_both_secrets_while_they_are_exchanged) {
  TokenDoor door(sdk::StandardSignature("secret"));
  const std::vector<std::string> secrets = {"whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=",
                                            "whsec_b2xkLXNlY3JldC1vbGQtc2VjcmV0LW9sZC1zZWNyZXQ="};
  for (const auto& secret : secrets) door.account->secrets["secret"].emplace_back(std::string(secret));
  const auto request = door.authorize();
  ASSERT_TRUE(request);
  EXPECT_EQ(request->headers.at("webhook-id"), "hof_1:desk:emit:1-g2");
  for (const auto& secret : secrets) {
    const std::vector<Secret> one = [&] {
      std::vector<Secret> list;
      list.emplace_back(std::string(secret));
      return list;
    }();
    const auto verified =
        secrets::verify(request->headers, request->body, std::span<const Secret>(one), kStart);
    ASSERT_TRUE(verified);
    EXPECT_EQ(verified->id, "hof_1:desk:emit:1-g2");
  }
  door.wait(1h);
  const auto later = door.authorize();
  EXPECT_EQ(later->headers.at("webhook-id"), request->headers.at("webhook-id"));
  EXPECT_NE(later->headers.at("webhook-timestamp"), request->headers.at("webhook-timestamp"));
}

TEST(Credentials, signing_without_a_secret_is_misconfigured) {
  TokenDoor door(sdk::StandardSignature("secret"));
  EXPECT_EQ(name(door.authorize().error().kind), "misconfigured");
  door.account->secrets["secret"].emplace_back(std::string("whsec_!!!"));
  EXPECT_EQ(name(door.authorize().error().kind), "misconfigured");
}

TEST(Credentials, keys_go_where_the_vendor_wants_them) {
  TokenDoor key(sdk::HeaderAuth("authorization", "client_secret"));
  EXPECT_EQ(key.bearer(), "s3cret");
  TokenDoor own(sdk::HeaderAuth("api_access_token", "client_secret", "Token "));
  EXPECT_EQ(own.authorize()->headers.at("api_access_token"), "Token s3cret");
  TokenDoor user(sdk::BasicKeyAuth("client_secret", "X"));
  EXPECT_EQ(user.bearer(), "Basic " + to_base64("s3cret:X"));
  TokenDoor address(sdk::SecretAddress("address"));
  address.account->secrets["address"].emplace_back(std::string("https://flow.example/hook?sig=s3cret"));
  EXPECT_EQ(address.authorize("")->target, "https://flow.example/hook?sig=s3cret");
}

// The host of tokens may serve all accounts: each answer says where its requests go.
TEST(Credentials, requests_go_where_the_token_says) {
  TokenDoor door(oauth());
  door.acme.about.address_in_grant = "instance_url";
  std::string place = "https://acme.desk.example/";
  door.network.answer = [&](const Sent&) {
    const nlohmann::json body = {{"access_token", "t"}, {"expires_in", 1000}, {"instance_url", place}};
    return Answer(200, body.dump());
  };
  EXPECT_EQ(door.credentials->address(), "https://desk.example");
  EXPECT_EQ(door.authorize()->target, "https://acme.desk.example/tickets");
  EXPECT_EQ(door.network.sent.at(0).request.target, "https://desk.example/oauth") << "tokens do not move";
  EXPECT_EQ(door.credentials->address(), "https://acme.desk.example");
  place = "https://moved.desk.example";
  door.wait(900s);
  EXPECT_EQ(door.authorize()->target, "https://moved.desk.example/tickets");
  EXPECT_EQ(door.network.sent.at(1).request.target, "https://desk.example/oauth");
  door.credentials = std::make_unique<Credentials>(*door.account, door.network, door.clock);
  place = "";
  EXPECT_EQ(door.authorize()->target, "https://desk.example/tickets") << "where it says nothing";
}

TEST(Credentials, an_address_that_is_not_safe_for_a_token_is_not_used) {
  for (const std::string place :
       {"http://acme.desk.example", "acme.desk.example", "https://", "ftp://a.example",
        "https://user@evil.example", "https://a.example?x=", "https://a .example"}) {
    TokenDoor door(oauth());
    door.acme.about.address_in_grant = "instance_url";
    door.network.answer = [&](const Sent&) {
      const nlohmann::json body = {{"access_token", "t"}, {"instance_url", place}};
      return Answer(200, body.dump());
    };
    const auto refused = door.authorize();
    ASSERT_FALSE(refused) << place;
    EXPECT_EQ(name(refused.error().kind), "retryable");
    EXPECT_NE(refused.error().detail.find("https://desk.example/oauth"), std::string::npos);
  }
}

// A vendor that gives a new refresh token with each access token, and takes only the latest.
class Rotating : public ::testing::Test {
 protected:
  Rotating()
      : door(sdk::RefreshToken("/oauth", sdk::TokenBody::form, "baton", "client_secret", "refresh_token")) {
    door.account->secrets["refresh_token"].emplace_back(std::string("r0"));
    door.account->keep = [this](std::string_view field, const Secret& value) -> Result<Done> {
      EXPECT_EQ(field, "refresh_token");
      if (full) return Failure(FailureKind::retryable, "the disk is full");
      kept.emplace_back(value.reveal());
      return Done{};
    };
    door.network.answer = [this](const Sent& sent) {
      const auto wanted = "refresh_token=r" + std::to_string(given) + "&";
      if (sent.request.body.find(wanted) == std::string::npos)
        return Answer(400, R"({"error":"invalid_grant"})");
      ++given;
      return Answer(200, "{\"access_token\":\"t" + std::to_string(given) + "\",\"refresh_token\":\"r" +
                             std::to_string(given) + "\",\"expires_in\":1000}");
    };
  }

  TokenDoor door;
  std::vector<std::string> kept;
  int given = 0;
  bool full = false;
};

TEST_F(Rotating, the_new_refresh_token_is_kept_before_the_access_token_is_used) {
  EXPECT_EQ(door.bearer(), "Bearer t1");
  EXPECT_EQ(kept, std::vector<std::string>{"r1"});
  door.wait(kStart + 900s - door.clock.now());
  EXPECT_EQ(door.bearer(), "Bearer t2");
  EXPECT_EQ(kept, (std::vector<std::string>{"r1", "r2"}));
}

TEST_F(Rotating, what_could_not_be_kept_is_kept_as_soon_as_it_can_be) {
  full = true;
  EXPECT_EQ(door.bearer(), "Bearer t1");
  EXPECT_TRUE(kept.empty());
  full = false;
  EXPECT_EQ(door.bearer(), "Bearer t1");
  EXPECT_EQ(kept, std::vector<std::string>{"r1"});
}

TEST_F(Rotating, one_that_was_replaced_in_the_store_is_taken_from_there) {
  given = 3;
  door.account->latest = [](std::string_view field) -> Result<Secret> {
    EXPECT_EQ(field, "refresh_token");
    return Secret("r3");
  };
  EXPECT_EQ(door.bearer(), "Bearer t4");
  EXPECT_EQ(kept, std::vector<std::string>{"r4"});
}

// Two generations of one gateway, or a gateway and a command line beside it.
TEST_F(Rotating, two_who_share_a_store_never_renew_at_the_same_time) {
  std::string stored = "r0";
  bool held = false;
  struct Mine final : sdk::Account::Turn {
    explicit Mine(bool& held_in) : held(held_in) { held = true; }
    ~Mine() override { held = false; }
    bool& held;
  };
  door.account->turn = [&](std::string_view field) -> Result<std::unique_ptr<sdk::Account::Turn>> {
    EXPECT_EQ(field, "refresh_token");
    if (held) return std::unique_ptr<sdk::Account::Turn>();
    return std::unique_ptr<sdk::Account::Turn>(std::make_unique<Mine>(held));
  };
  door.account->keep = [&](std::string_view, const Secret& value) -> Result<Done> {
    EXPECT_TRUE(held) << "kept before somebody else may renew";
    stored = value.reveal();
    return Done{};
  };
  door.account->latest = [&](std::string_view) -> Result<Secret> { return Secret(stored); };
  const auto vendor = door.network.answer;
  door.network.answer = [&](const Sent& sent) { return vendor(sent).after(1s); };
  door.start();
  const auto first =
      std::exchange(door.credentials, std::make_unique<Credentials>(*door.account, door.network, door.clock));
  door.start();
  door.clock.run(kStart + 9s);
  ASSERT_EQ(door.seen.size(), 2u);
  for (const auto& request : door.seen) EXPECT_TRUE(request);
  EXPECT_EQ(door.network.sent.size(), 2u) << "nobody was refused";
  EXPECT_EQ(door.network.most_at_once, 1);
  EXPECT_EQ(stored, "r2");
  EXPECT_FALSE(held);
}

TEST_F(Rotating, whoever_waits_for_their_turn_leaves_at_their_own_deadline) {
  door.account->turn = [](std::string_view) -> Result<std::unique_ptr<sdk::Account::Turn>> {
    return std::unique_ptr<sdk::Account::Turn>();
  };
  const auto late = door.authorize();
  ASSERT_FALSE(late);
  EXPECT_EQ(name(late.error().kind), "retryable");
  EXPECT_EQ(door.network.sent.size(), 0u);
}

TEST_F(Rotating, where_no_turn_can_be_kept_it_is_renewed_all_the_same) {
  door.account->turn = [](std::string_view) -> Result<std::unique_ptr<sdk::Account::Turn>> {
    return Failure(FailureKind::retryable, "the folder is read-only");
  };
  EXPECT_EQ(door.bearer(), "Bearer t1");
}

TEST_F(Rotating, a_refused_refresh_token_says_what_to_do) {
  given = 7;
  const auto refused = door.authorize();
  ASSERT_FALSE(refused);
  EXPECT_EQ(name(refused.error().kind), "misconfigured");
  EXPECT_NE(refused.error().detail.find("authorise Baton again"), std::string::npos)
      << refused.error().detail;
}

TEST(Credentials, an_assertion_is_signed_anew_for_each_token) {
  TokenDoor door(sdk::JwtBearer("https://login.example/token", "client-1", "ada@acme.example",
                                "https://login.example", "private_key"));
  EXPECT_EQ(name(door.authorize().error().kind), "misconfigured") << "there is no key";
  const auto key = testing::make_rsa_key();
  door.account->secrets["private_key"].emplace_back(std::string(key.pem));
  EXPECT_EQ(door.bearer(), "Bearer t1");
  const auto& sent = door.network.sent.back().request;
  EXPECT_EQ(sent.target, "https://login.example/token");
  const auto assertion = query_value("?" + sent.body, "assertion").value();
  EXPECT_EQ(query_value("?" + sent.body, "grant_type"), "urn:ietf:params:oauth:grant-type:jwt-bearer");
  const auto last = assertion.rfind('.');
  EXPECT_TRUE(testing::rsa_verifies(key, assertion.substr(0, last),
                                    testing::from_base64url(assertion.substr(last + 1))));
  const auto first = assertion.find('.');
  EXPECT_EQ(testing::from_base64url(assertion.substr(0, first)), R"({"alg":"RS256"})");
  const auto claims =
      nlohmann::json::parse(testing::from_base64url(assertion.substr(first + 1, last - first - 1)));
  EXPECT_EQ(claims.at("iss"), "client-1");
  EXPECT_EQ(claims.at("sub"), "ada@acme.example");
  EXPECT_EQ(claims.at("aud"), "https://login.example");
  const auto expires = TimePoint(std::chrono::seconds(claims.at("exp").get<long long>()));
  EXPECT_GT(expires, door.clock.now() + 100s);
  EXPECT_LE(expires, door.clock.now() + 2min) << "three minutes are the most, and clocks differ";
}

// Fact sheet salesforce, section 2.4: sign anew once.
TEST(Credentials, an_assertion_that_came_too_late_is_signed_anew_once) {
  TokenDoor door(
      sdk::JwtBearer("/token", "client-1", "ada@acme.example", "https://login.example", "private_key"));
  door.account->secrets["private_key"].emplace_back(std::string(testing::make_rsa_key().pem));
  const auto late = R"({"error":"invalid_grant","error_description":"expired authorization code"})";
  int asked = 0;
  door.network.answer = [&](const Sent&) {
    return ++asked == 1 ? Answer(400, late) : Answer(200, R"({"access_token":"t2"})");
  };
  EXPECT_EQ(door.bearer(), "Bearer t2");
  door.credentials = std::make_unique<Credentials>(*door.account, door.network, door.clock);
  door.network.answer = [&](const Sent&) { return Answer(400, late); };
  const auto before = door.network.sent.size();
  const auto refused = door.authorize();
  ASSERT_FALSE(refused);
  EXPECT_EQ(name(refused.error().kind), "misconfigured");
  EXPECT_EQ(door.network.sent.size(), before + 2) << "once, then it is the clock";
}

}  // namespace
}  // namespace baton::delivery_testing
