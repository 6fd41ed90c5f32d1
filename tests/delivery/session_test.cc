// Purpose: Session.once in every state of a step with every way of finding it again, and how long a
// request may take. Time is moved by hand; one attempt is one session on a freshly claimed job.
#include "gateway/base/json_view.h"
#include "tests/delivery/bench.h"

namespace baton::delivery_testing {
namespace {

using delivery::Attempt;
using delivery::Credentials;
using delivery::LaneControl;

// One delivery and whoever works on it. Each once() is a new attempt that starts from the journal.
class OneDelivery {
 public:
  explicit OneDelivery(sdk::Auth scheme = sdk::NoAuth{}, int per_second = 1000)
      : bench_([&](sdk::Accounts&, Acme& acme) { acme.scheme = scheme; }),
        account_(limited(account_of(kDesk, bench_.acme), per_second)), random_(1),
        credentials_(*account_, bench_.network, bench_.clock), lane_(account_->limits, random_, kStart),
        key_(bench_.give("1", Operation::open_ticket)) {}

  // Journals a step in `state`, first and last sent `ago` before now.
  void was(StepState state, Duration ago = Duration{0}, std::string bytes = "old bytes") {
    auto claimed = claim();
    StepRecord record("ticket", "old key", Request("POST", "/tickets", std::move(bytes)));
    record.state = state;
    if (state != StepState::undone) record.first_sent_at = record.sent_at = bench_.clock.now() - ago;
    if (state == StepState::done) record.receipt = Receipt("T-0");
    claimed.job.steps.push_back(std::move(record));
    end(claimed);
  }

  Result<Receipt> once(sdk::Again again, Duration lease = 45s) {
    auto claimed = claim(lease);
    Attempt attempt(bench_.clock.now(), false);
    Scope requests(bench_.await(loop_of()).value(), bench_.clock);
    const delivery::Session::Tools tools(bench_.journal, bench_.network, bench_.clock, requests, *account_,
                                         credentials_, lane_, attempt, true);
    delivery::Session session(tools, claimed, "new key");
    auto receipt = bench_.await(session.once(
        sdk::Step("ticket", sdk::Write::post("/tickets", "new bytes"), read_id, std::move(again))));
    lost_ = session.lease_lost();
    if (!lost_) end(claimed);
    return receipt;
  }

  Result<std::vector<Result<Reply>>> read_all(std::vector<sdk::Read> reads) {
    auto claimed = claim();
    Attempt attempt(bench_.clock.now(), false);
    Scope requests(bench_.await(loop_of()).value(), bench_.clock);
    const delivery::Session::Tools tools(bench_.journal, bench_.network, bench_.clock, requests, *account_,
                                         credentials_, lane_, attempt, true);
    delivery::Session session(tools, claimed, "new key");
    auto answers = bench_.await(session.read_all(std::move(reads)));
    stage_ = attempt.stage;
    end(claimed);
    return answers;
  }
  Stage stage() const { return stage_; }

  // As if so many attempts had begun, this one included.
  void attempts(int so_many) {
    auto claimed = claim();
    claimed.job.attempts = so_many;
    end(claimed);
  }

  StepRecord step() { return bench_.job(key_).steps.at(0); }
  Job job() { return bench_.job(key_); }
  bool lease_lost() const { return lost_; }
  Network& network() { return bench_.network; }
  Bench& bench() { return bench_; }
  sdk::Account& account() { return *account_; }
  void wait(Duration time) { (void)bench_.await(bench_.clock.until(bench_.clock.now() + time)); }

 private:
  static std::unique_ptr<sdk::Account> limited(std::unique_ptr<sdk::Account> account, int per_second) {
    account->limits.per_second = account->limits.burst = per_second;
    return account;
  }
  static Task<net::any_io_executor> loop_of() {
    co_return net::any_io_executor(co_await net::this_coro::executor);
  }
  Claimed claim(Duration lease = 45s) {
    auto claim = bench_.await(bench_.journal.claim(kDesk, 1, lease, Take::all));
    BATON_CHECK(claim && claim->jobs.size() == 1);
    return std::move(claim->jobs[0]);
  }
  void end(const Claimed& claimed) {
    Batch batch;
    batch.updates.emplace_back(claimed.job, claimed.lease.token, true);
    BATON_CHECK(bench_.await(bench_.journal.commit(std::move(batch)))->done());
  }

  Bench bench_;
  std::unique_ptr<sdk::Account> account_;
  Random random_;
  Credentials credentials_;
  LaneControl lane_;
  JobKey key_;
  bool lost_ = false;
  Stage stage_ = Stage::ours;
};

Answer vendor_has(const Sent& sent, const std::string& found) {
  return sent.request.method == "GET" ? Answer(200, "{\"found\":" + found + "}") : Answer(200);
}

std::vector<sdk::Again> all_ways() {
  return {look_up(), sdk::no_lookup, sdk::repeatable, sdk::RepeatableFor(1h, look_up())};
}

// --- undone, done

TEST(Session, a_step_that_was_never_sent_is_journalled_before_it_is_sent) {
  for (const auto& again : all_ways()) {
    OneDelivery desk;
    desk.network().answer = [&](const Sent& sent) {
      EXPECT_EQ(name(desk.step().state), "unknown");
      EXPECT_EQ(desk.step().write, Request("POST", "/tickets", "new bytes"));
      EXPECT_EQ(desk.step().key, "new key");
      EXPECT_EQ(desk.step().sent_at, kStart + 10s) << "it may take effect until then, should we die now";
      EXPECT_EQ(sent.request.target, "https://desk.example/tickets");
      return Answer(200);
    };
    const auto receipt = desk.once(again);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->object_id, "T-1");
    EXPECT_EQ(name(desk.step().state), "done");
    EXPECT_EQ(desk.network().sent.size(), 1u);
  }
}

TEST(Session, an_undone_step_is_sent_again_with_the_journalled_bytes_and_key) {
  for (const auto& again : all_ways()) {
    OneDelivery desk;
    desk.was(StepState::undone);
    ASSERT_TRUE(desk.once(again));
    ASSERT_EQ(desk.network().sent.size(), 1u);
    EXPECT_EQ(desk.network().sent[0].request.body, "old bytes");
    EXPECT_EQ(desk.step().key, "old key");
  }
}

TEST(Session, a_finished_step_returns_its_receipt_without_a_request) {
  for (const auto& again : all_ways()) {
    OneDelivery desk;
    desk.was(StepState::done);
    const auto receipt = desk.once(again);
    ASSERT_TRUE(receipt);
    EXPECT_EQ(receipt->object_id, "T-0");
    EXPECT_TRUE(desk.network().sent.empty());
  }
}

// --- unknown

TEST(Session, an_unknown_step_that_is_found_is_done_without_a_second_write) {
  OneDelivery desk;
  desk.was(StepState::unknown);
  desk.network().answer = [](const Sent& sent) { return vendor_has(sent, "[\"T-5\"]"); };
  const auto receipt = desk.once(look_up());
  ASSERT_TRUE(receipt);
  EXPECT_EQ(receipt->object_id, "T-5");
  EXPECT_EQ(name(desk.step().state), "done");
  EXPECT_EQ(desk.network().count("POST", "/tickets"), 0);
}

TEST(Session, an_unknown_step_that_is_proven_absent_is_sent_again_with_the_same_bytes) {
  OneDelivery desk;
  desk.was(StepState::unknown, 1h);
  desk.network().answer = [](const Sent& sent) { return vendor_has(sent, "[]"); };
  ASSERT_TRUE(desk.once(look_up()));
  ASSERT_EQ(desk.network().sent.size(), 2u);
  EXPECT_EQ(desk.network().sent[1].request.body, "old bytes");
  EXPECT_EQ(desk.step().first_sent_at, kStart - 1h) << "the first time stays the first";
}

TEST(Session, a_lookup_that_proves_nothing_sends_nothing) {
  for (const Answer& useless : {Answer(200, "<html>"), Answer(200, "{}"), Answer(500), Answer(404),
                                Answer(403), Answer(422), lost(), Answer(Reply(429, "", Duration{1s}))}) {
    OneDelivery desk;
    desk.was(StepState::unknown);
    desk.network().answer = [&](const Sent&) { return useless; };
    EXPECT_FALSE(desk.once(look_up()));
    EXPECT_EQ(name(desk.step().state), "unknown");
    EXPECT_EQ(desk.network().count("POST", "/tickets"), 0);
  }
}

// A vendor whose list has three pages; ours is on the last one, or on none.
sdk::Lookup look_through_pages() {
  return sdk::Lookup(sdk::Read::get("/find?page=1"), read_match, Duration{0},
                     [](const Reply& reply) -> Result<std::optional<sdk::Read>> {
                       const auto body = nlohmann::json::parse(reply.body);
                       if (!body.contains("next")) return std::optional<sdk::Read>();
                       return std::optional(sdk::Read::get("/find?page=" + body["next"].dump()));
                     });
}

Answer page_of_three(const Sent& sent, const std::string& last) {
  if (sent.request.method == "POST") return Answer(200);
  if (sent.request.target.ends_with("=1")) return Answer(200, R"({"found":[],"next":2})");
  if (sent.request.target.ends_with("=2")) return Answer(200, R"({"found":[],"next":3})");
  return Answer(200, last);
}

TEST(Session, a_lookup_reads_every_page_before_it_believes_that_nothing_is_there) {
  OneDelivery desk;
  desk.was(StepState::unknown);
  desk.network().answer = [](const Sent& sent) { return page_of_three(sent, R"({"found":["T-9"]})"); };
  EXPECT_EQ(desk.once(look_through_pages())->object_id, "T-9");
  EXPECT_EQ(desk.network().count("POST", "/tickets"), 0);

  OneDelivery absent;
  absent.was(StepState::unknown);
  absent.network().answer = [](const Sent& sent) { return page_of_three(sent, R"({"found":[]})"); };
  ASSERT_TRUE(absent.once(look_through_pages()));
  EXPECT_EQ(absent.network().sent.size(), 4u) << "three pages, then the write";
}

TEST(Session, a_lookup_whose_last_page_fails_or_never_comes_proves_nothing) {
  OneDelivery desk;
  desk.was(StepState::unknown);
  desk.network().answer = [](const Sent& sent) { return page_of_three(sent, "<html>"); };
  EXPECT_FALSE(desk.once(look_through_pages()));
  EXPECT_EQ(name(desk.step().state), "unknown");

  OneDelivery endless;
  endless.was(StepState::unknown);
  endless.network().answer = [](const Sent&) { return Answer(200, R"({"found":[],"next":2})"); };
  EXPECT_FALSE(endless.once(look_through_pages()));
  EXPECT_EQ(name(endless.step().state), "unknown");
  EXPECT_EQ(endless.network().count("POST", "/tickets"), 0);
}

TEST(Session, a_search_that_lags_is_not_asked_before_it_has_settled) {
  OneDelivery desk;
  desk.was(StepState::unknown, 10s);
  const auto early = desk.once(look_up(30s));
  ASSERT_FALSE(early);
  EXPECT_EQ(name(early.error().kind), "ambiguous");
  EXPECT_EQ(early.error().not_before, kStart + 20s);
  EXPECT_TRUE(desk.network().sent.empty());
  desk.wait(20s);
  desk.network().answer = [](const Sent& sent) { return vendor_has(sent, "[\"T-5\"]"); };
  EXPECT_TRUE(desk.once(look_up(30s)));
}

TEST(Session, a_search_settles_from_when_the_write_can_last_have_taken_effect) {
  OneDelivery desk;
  desk.network().answer = [](const Sent&) { return Answer(200).after(1h); };  // gives up after 10 s
  const auto slow = desk.once(look_up(5s));
  ASSERT_FALSE(slow);
  EXPECT_EQ(name(slow.error().kind), "ambiguous");
  const auto early = desk.once(look_up(5s));
  ASSERT_FALSE(early);
  EXPECT_EQ(early.error().not_before, kStart + 15s);
  EXPECT_EQ(desk.network().sent.size(), 1u);
}

TEST(Session, without_a_lookup_an_unknown_step_parks_the_delivery) {
  OneDelivery desk;
  desk.was(StepState::unknown);
  const auto receipt = desk.once(sdk::no_lookup);
  ASSERT_FALSE(receipt);
  EXPECT_EQ(name(receipt.error().kind), "ambiguous");
  EXPECT_NE(receipt.error().detail.find("replay the dead letter"), std::string::npos);
  EXPECT_TRUE(desk.job().parked);
  EXPECT_TRUE(desk.network().sent.empty());
}

TEST(Session, a_repeatable_step_is_repeated) {
  OneDelivery desk;
  desk.was(StepState::unknown, 1000h);
  ASSERT_TRUE(desk.once(sdk::repeatable));
  EXPECT_EQ(desk.network().sent.at(0).request.body, "old bytes");
}

TEST(Session, a_key_that_the_vendor_forgets_is_trusted_only_within_its_time) {
  const sdk::RepeatableFor an_hour(1h, look_up());
  OneDelivery within;
  within.was(StepState::unknown, 1h - 1ms);
  within.network().answer = [](const Sent& sent) { return vendor_has(sent, "[\"T-5\"]"); };
  ASSERT_TRUE(within.once(an_hour));
  EXPECT_EQ(within.network().count("GET", "/find"), 0);
  EXPECT_EQ(within.network().count("POST", "/tickets"), 1);

  OneDelivery after;
  after.was(StepState::unknown, 1h);
  after.network().answer = [](const Sent& sent) { return vendor_has(sent, "[\"T-5\"]"); };
  EXPECT_EQ(after.once(an_hour)->object_id, "T-5");
  EXPECT_EQ(after.network().count("POST", "/tickets"), 0);
}

TEST(Session, the_time_of_a_key_counts_from_the_first_sending) {
  OneDelivery desk;
  const sdk::RepeatableFor a_minute(1min, look_up());
  desk.network().answer = [](const Sent&) { return lost(); };
  for (int i = 0; i < 5; ++i) {
    EXPECT_FALSE(desk.once(a_minute));
    desk.wait(15s);
  }
  EXPECT_EQ(desk.network().count("GET", "/find"), 1);
  EXPECT_EQ(desk.network().count("POST", "/tickets"), 4);
}

// The first sending took effect and nobody heard of it; that its repetition was refused says nothing of
// the first. Were the step taken for undone then, it would be sent anew once the key is forgotten.
TEST(Session, a_repetition_that_is_refused_does_not_undo_the_first_sending) {
  for (const auto& refusal :
       {Answer(429), Answer(503), Answer(401), Answer(Failure(FailureKind::retryable, "refused"))}) {
    OneDelivery desk;
    const sdk::RepeatableFor a_minute(1min, look_up());
    desk.network().answer = [](const Sent&) { return lost(); };
    EXPECT_FALSE(desk.once(a_minute));
    desk.network().answer = [refusal](const Sent&) { return refusal; };
    EXPECT_FALSE(desk.once(a_minute));
    EXPECT_EQ(name(desk.step().state), "unknown");
    desk.wait(2min);
    desk.network().answer = [](const Sent& sent) { return vendor_has(sent, "[\"T-5\"]"); };
    const auto before = desk.network().count("POST", "/tickets");
    EXPECT_EQ(desk.once(a_minute)->object_id, "T-5");
    EXPECT_EQ(desk.network().count("POST", "/tickets"), before);
  }
  // After a look-up has proven absence a refusal is a plain no again.
  OneDelivery absent;
  absent.was(StepState::unknown);
  absent.network().answer = [](const Sent& sent) {
    return sent.request.method == "POST" ? Answer(429) : vendor_has(sent, "[]");
  };
  EXPECT_FALSE(absent.once(look_up()));
  EXPECT_EQ(name(absent.step().state), "undone");
}

TEST(Session, a_key_that_is_refused_again_and_again_is_looked_up_as_well) {
  OneDelivery desk;
  desk.was(StepState::unknown, 1s);
  desk.attempts(3);
  desk.network().answer = [](const Sent& sent) {
    return sent.request.method == "POST" ? lost() : vendor_has(sent, "[\"T-5\"]");
  };
  EXPECT_EQ(desk.once(sdk::RepeatableFor(1h, look_up()))->object_id, "T-5");
  EXPECT_EQ(desk.network().count("POST", "/tickets"), 0);

  // What the look-up cannot tell is left to the key.
  OneDelivery blind;
  blind.was(StepState::unknown, 1s);
  blind.attempts(3);
  blind.network().answer = [](const Sent& sent) {
    return sent.request.method == "POST" ? Answer(200) : Answer(404);
  };
  EXPECT_TRUE(blind.once(sdk::RepeatableFor(1h, look_up())));
}

// --- what an answer makes of a step

TEST(Session, only_an_outcome_in_doubt_leaves_a_step_unknown) {
  const std::vector<std::pair<Answer, std::string>> answers = {
      {Answer(500), "unknown"},         {Answer(502), "unknown"},
      {Answer(504), "unknown"},         {lost(), "unknown"},
      {Answer(503), "undone"},          {Answer(408), "undone"},
      {Answer(429), "undone"},          {Answer(400), "undone"},
      {Answer(401), "undone"},          {Answer(403), "undone"},
      {Answer(404), "undone"},          {Answer(Failure(FailureKind::retryable, "refused")), "undone"},
      {Answer(200, "what?"), "unknown"}};
  for (const auto& [answer, state] : answers) {
    OneDelivery desk;
    desk.network().answer = [given = answer](const Sent&) { return given; };
    const auto receipt = desk.once(look_up());
    ASSERT_FALSE(receipt);
    EXPECT_EQ(name(desk.step().state), state) << receipt.error().detail;
    EXPECT_EQ(receipt.error().kind == FailureKind::ambiguous, state == "unknown") << receipt.error().detail;
  }
}

// --- time

TEST(Session, after_an_answer_that_cannot_be_read_the_search_settles_from_when_it_came) {
  OneDelivery desk;
  desk.network().answer = [](const Sent&) { return Answer(200, "what?").after(8s); };
  ASSERT_FALSE(desk.once(look_up(30s)));
  EXPECT_EQ(desk.step().sent_at, kStart + 8s);
  // It took effect at the last moment: until then a search that does not find it proves nothing.
  desk.wait(29s);
  EXPECT_FALSE(desk.once(look_up(30s)));
  EXPECT_EQ(desk.network().sent.size(), 1u);
}

TEST(Session, no_request_lasts_longer_than_ten_seconds_or_the_lease) {
  for (const auto& [lease, deadline] : std::vector<std::pair<Duration, Duration>>{{45s, 10s}, {4s, 4s}}) {
    OneDelivery desk;
    desk.network().answer = [](const Sent&) { return Answer(200).after(1h); };
    EXPECT_FALSE(desk.once(look_up(), lease));
    EXPECT_EQ(desk.network().sent.at(0).deadline, kStart + deadline);
  }
}

TEST(Session, a_client_that_never_answers_is_left_at_the_deadline) {
  class Silent final : public HttpClient {
   public:
    explicit Silent(Clock& clock) : clock_(clock) {}
    Task<Reply> exchange(Outgoing) override {
      (void)co_await clock_.until(clock_.now() + 1h);
      co_return Reply(200, "{\"id\":\"late\"}");
    }

   private:
    Clock& clock_;
  };
  Loop loop;
  VirtualClock clock(loop, kStart);
  Silent silent(clock);
  Scope scope(loop, clock);
  std::optional<Result<Reply>> seen;
  TimePoint seen_at;
  Outgoing outgoing("desk", Request("POST", "https://desk.example/"), kStart + 10s);
  scope.spawn(
      within(scope, clock, kStart + 10s, FailureKind::ambiguous, silent.exchange(std::move(outgoing))),
      [&](Result<Reply> reply) {
        seen.emplace(std::move(reply));
        seen_at = clock.now();
      });
  clock.run(kStart + 2h);
  ASSERT_TRUE(seen && !*seen);
  EXPECT_EQ(name(seen->error().kind), "ambiguous");
  EXPECT_EQ(seen_at, kStart + 10s);
}

TEST(Session, a_lease_that_was_lost_before_the_intent_sends_nothing) {
  OneDelivery desk;
  desk.bench().journal.fails = [&](const Batch&) {
    for (auto& [position, row] : desk.bench().store().jobs)
      row.lease.token = ++desk.bench().store().last_number;
    return false;
  };
  const auto receipt = desk.once(look_up());
  desk.bench().journal.fails = nullptr;
  ASSERT_FALSE(receipt);
  EXPECT_TRUE(desk.lease_lost());
  EXPECT_TRUE(desk.network().sent.empty());
  EXPECT_TRUE(desk.job().steps.empty());
}

// --- credentials as a step sees them

TEST(Session, a_refused_token_is_renewed_once_and_the_request_repeated_at_once) {
  OneDelivery desk(
      sdk::ClientCredentials("/oauth", sdk::ClientCredentials::Body::json, "baton", "client_secret", ""));
  desk.account().secrets["client_secret"].emplace_back(std::string("s3cret"));
  int tokens = 0;
  desk.network().answer = [&](const Sent& sent) {
    if (sent.request.target.ends_with("/oauth")) {
      return Answer(200, "{\"access_token\":\"t" + std::to_string(++tokens) + "\",\"expires_in\":3600}");
    }
    return sent.request.headers.at("authorization") == "Bearer t1" ? Answer(401) : Answer(200);
  };
  ASSERT_TRUE(desk.once(look_up()));
  EXPECT_EQ(tokens, 2);
  EXPECT_EQ(desk.network().count("POST", "/tickets"), 2);
}

TEST(Session, a_second_refusal_is_misconfigured_and_names_what_to_do) {
  OneDelivery desk(
      sdk::ClientCredentials("/oauth", sdk::ClientCredentials::Body::json, "baton", "client_secret", ""));
  desk.account().secrets["client_secret"].emplace_back(std::string("s3cret"));
  desk.network().answer = [&](const Sent& sent) {
    return sent.request.target.ends_with("/oauth") ? Answer(200, "{\"access_token\":\"t\"}")
                                                   : Answer(401, "no");
  };
  const auto receipt = desk.once(look_up());
  ASSERT_FALSE(receipt);
  EXPECT_EQ(name(receipt.error().kind), "misconfigured");
  EXPECT_NE(receipt.error().detail.find("the credential is refused"), std::string::npos);
  EXPECT_NE(receipt.error().detail.find("then reload, or resume desk"), std::string::npos);
  EXPECT_EQ(receipt.error().detail.find("s3cret"), std::string::npos);
  EXPECT_EQ(desk.network().count("POST", "/tickets"), 2);
  EXPECT_EQ(name(desk.step().state), "undone");
}

TEST(Session, a_refused_fixed_token_is_not_asked_again) {
  OneDelivery desk(sdk::BearerAuth("token"));
  desk.account().secrets["token"].emplace_back(std::string("s3cret"));
  desk.network().answer = [&](const Sent&) { return Answer(401); };
  const auto receipt = desk.once(look_up());
  ASSERT_FALSE(receipt);
  EXPECT_EQ(name(receipt.error().kind), "misconfigured");
  EXPECT_EQ(desk.network().sent.size(), 1u);
  EXPECT_EQ(desk.network().sent[0].request.headers.at("authorization"), "Bearer s3cret");
  EXPECT_TRUE(desk.step().write.headers.empty()) << "no credential is journalled";
}

// --- reads that have nothing to do with one another

std::vector<sdk::Read> several_reads(int count) {
  std::vector<sdk::Read> reads;
  for (int i = 0; i < count; ++i) reads.push_back(sdk::Read::get("/part" + std::to_string(i)));
  return reads;
}

TEST(Session, reads_side_by_side_are_answered_in_the_order_asked_and_cost_the_time_of_the_slowest) {
  OneDelivery desk;
  desk.network().answer = [](const Sent& sent) {
    const int n = sent.request.target.back() - '0';
    if (n == 1) return Answer(403, "no").after(10ms);
    return Answer(200, std::to_string(n)).after(Duration{900 - 100 * n});
  };
  const auto began = desk.bench().clock.now();
  const auto answers = desk.read_all(several_reads(4));
  ASSERT_TRUE(answers);
  ASSERT_EQ(answers->size(), 4u);
  for (const int n : {0, 2, 3}) {
    ASSERT_TRUE((*answers)[n]) << n;
    EXPECT_EQ((*answers)[n]->body, std::to_string(n));
  }
  ASSERT_FALSE((*answers)[1]);
  EXPECT_EQ(name((*answers)[1].error().kind), "misconfigured");
  EXPECT_EQ(desk.network().most_at_once, 4);
  EXPECT_EQ(desk.bench().clock.now() - began, Duration{900});
}

TEST(Session, reads_side_by_side_keep_to_the_lanes_rate) {
  OneDelivery desk(sdk::NoAuth{}, 2);
  const auto began = desk.bench().clock.now();
  ASSERT_TRUE(desk.read_all(several_reads(6)));
  EXPECT_GE(desk.bench().clock.now() - began, Duration{1500});
  EXPECT_EQ(desk.network().sent.size(), 6u);
}

TEST(Session, reads_side_by_side_whose_token_has_ended_renew_it_once_for_all) {
  OneDelivery desk(
      sdk::ClientCredentials("/oauth", sdk::ClientCredentials::Body::json, "baton", "client_secret", ""));
  desk.account().secrets["client_secret"].emplace_back(std::string("s3cret"));
  int tokens = 0;
  desk.network().answer = [&](const Sent& sent) {
    if (sent.request.target.ends_with("/oauth"))
      return Answer(200, "{\"access_token\":\"t" + std::to_string(++tokens) + "\",\"expires_in\":3600}");
    const int n = sent.request.target.back() - '0';
    if (sent.request.headers.at("authorization") == "Bearer t1") return Answer(401).after(Duration{100 * n});
    return Answer(200).after(10ms);
  };
  const auto answers = desk.read_all(several_reads(3));
  ASSERT_TRUE(answers);
  for (const auto& one : *answers) EXPECT_TRUE(one) << one.error().detail;
  EXPECT_EQ(tokens, 2) << "the last to be refused must not drop what the first has got";
}

TEST(Session, reads_side_by_side_came_as_far_as_the_best_of_them) {
  OneDelivery desk;
  desk.network().answer = [](const Sent& sent) {
    return sent.request.target.ends_with('0') ? Answer(200).after(10ms) : Answer(200).after(1h);
  };
  const auto answers = desk.read_all(several_reads(2));
  ASSERT_TRUE(answers);
  EXPECT_TRUE((*answers)[0]);
  EXPECT_FALSE((*answers)[1]);
  EXPECT_EQ(name(desk.stage()), "answer");
}

}  // namespace
}  // namespace baton::delivery_testing
