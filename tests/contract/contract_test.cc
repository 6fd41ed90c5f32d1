// What every connector owes, for every operation that writes: seen at the vendor's own ledger.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "gateway/handoff/context.h"
#include "tests/contract/bench.h"
#include "tests/support/spec_schema.h"

namespace baton::contract {
namespace {

using nlohmann::json;

class Contract : public ::testing::TestWithParam<Case> {
 protected:
  static const Place& place() { return GetParam().place; }
  static Operation operation() { return GetParam().operation; }

  // How many requests the operation takes when nothing goes wrong.
  static int exchanges() {
    Bench bench(place());
    bench.order(operation());
    bench.run();
    return static_cast<int>(bench.client.sent.size());
  }

  // So many requests at its end may fail, and the work is done all the same.
  static int aside() {
    return place().operations.value(std::string(name(operation())), json::object()).value("aside", 0);
  }

  static bool overwrites() { return !place().excuse(operation(), "overwrites").empty(); }

  // Whether this body of a 2xx means that the work is done: to some nothing more is said than "{}".
  static bool says_yes(const std::string& body) {
    if (!place().any_2xx_is_done.empty()) return true;
    return !place().excuse(operation(), "any_object_is_done").empty() &&
           json::parse(body, nullptr, false).is_object();
  }
  static bool nobody_can_tell() { return bench_class() == sdk::Idempotency::c; }
  static sdk::Idempotency bench_class() { return Bench(place()).account->connector->manifest().idempotency; }

  static void expect_done_once(Bench& bench) {
    const auto job = bench.job(operation());
    expect_no_second(bench);
    // Class C: where the vendor cannot be asked whether it happened, a person is.
    if (nobody_can_tell() && name(job.state) == "dead") {
      EXPECT_TRUE(job.parked) << (job.failure ? job.failure->detail : "");
      return;
    }
    EXPECT_EQ(name(job.state), "done") << (job.failure ? job.failure->detail : "");
    EXPECT_GE(bench.effects(operation()), 1);
  }
  static void expect_no_second(Bench& bench) {
    if (!overwrites()) EXPECT_LE(bench.effects(operation()), 1);
    EXPECT_EQ(bench.duplicates(), 0);
  }
  static void expect_no_secret(Bench& bench) {
    const auto kept = bench.everything_kept();
    for (const auto& secret : bench.secrets()) {
      // Nor the beginning of one, which is what a cut before the redaction leaves behind.
      const auto start = secret.substr(0, 12);
      EXPECT_EQ(kept.find(start), std::string::npos)
          << "a secret is kept: " << kept.substr(std::max(kept.find(start), std::size_t{80}) - 80, 200);
    }
  }
  static MeddlingClient::Instead answer_at(int at, const Reply& reply) {
    return [at, reply](int n, const Request&) -> std::optional<Result<Reply>> {
      if (at >= 0 && n != at) return std::nullopt;
      return Result<Reply>(reply);
    };
  }
};

constexpr int kAll = -1;

// What no vendor should say with a 2xx.
std::vector<std::string> hostile_bodies() {
  const auto deep = std::string(10'000, '[');
  return {"",
          " ",
          "null",
          "true",
          "0",
          "[]",
          "{}",
          "\"\"",
          "{\"ok\":true}",
          "{\"ok\":1,\"ts\":5}",
          "{\"ticket\":{}}",
          "{\"ticket\":{\"id\":{}}}",
          "{\"ticket\":{\"id\":-1e400}}",
          "{\"ticket\":null,\"audit\":[]}",
          "{\"results\":[null]}",
          "{\"results\":{}}",
          "{\"status\":\"COMPLETE\",\"results\":[{\"id\":[]}]}",
          "{\"id\":null}",
          "{\"id\":\"\"}",
          "{\"ticket\":{\"id\":12",
          "<html>504</html>",
          "\xff\xfe\x00",
          deep,
          "{\"a\":" + deep,
          std::string(100'000, 'x'),
          "{\"ok\":true,\"channel\":[],\"ts\":{},\"message\":7}"};
}

TEST_P(Contract, an_undisturbed_delivery_takes_effect_once) {
  Bench bench(place());
  bench.order(operation());
  bench.run();
  expect_done_once(bench);
  EXPECT_EQ(bench.effects(operation()), 1) << "contract.json names another effect";
  EXPECT_EQ(bench.job(operation()).attempts, 1);
  expect_no_secret(bench);
}

TEST_P(Contract, a_lost_reply_makes_one_object) {
  const int all = exchanges();
  ASSERT_GT(all, 0);
  for (int at = 0; at < all; ++at) {
    SCOPED_TRACE("the answer of request " + std::to_string(at) + " is lost");
    Bench bench(place());
    bench.order(operation());
    bench.client.meddle({}, [at](int n, Result<Reply>& reply) {
      if (n == at) reply = Failure(FailureKind::ambiguous, "the connection closed without an answer");
    });
    bench.run();
    if (at < all - aside()) EXPECT_GT(bench.job(operation()).attempts, 1);
    else EXPECT_EQ(bench.job(operation()).attempts, 1) << "contract.json says that it costs nothing";
    expect_done_once(bench);
  }
}

TEST_P(Contract, an_error_after_the_effect_makes_one_object) {
  const int all = exchanges();
  for (int at = 0; at < all; ++at) {
    for (const int status : {500, 502, 503, 504}) {
      SCOPED_TRACE("request " + std::to_string(at) + " is answered " + std::to_string(status));
      Bench bench(place());
      bench.order(operation());
      bench.client.meddle({}, [at, status](int n, Result<Reply>& reply) {
        if (n == at) reply = Reply(status, "<html>bad gateway</html>");
      });
      bench.run();
      // 503 says that nothing happened; a proxy may say so after the vendor did its work.
      expect_done_once(bench);
    }
  }
}

TEST_P(Contract, a_commit_that_fails_makes_no_second_object) {
  Bench whole(place());
  whole.order(operation());
  whole.run();
  const int commits = whole.journal.commits;
  ASSERT_GE(commits, 2);
  for (int at = 0; at < commits; ++at) {
    SCOPED_TRACE("commit " + std::to_string(at) + " fails");
    Bench bench(place());
    bench.order(operation());
    bench.journal.fail_at = at;
    bench.run();
    expect_done_once(bench);
  }
}

TEST_P(Contract, a_finished_delivery_cannot_be_replayed) {
  Bench bench(place());
  bench.order(operation());
  bench.run();
  const auto requests = bench.client.sent.size();
  EXPECT_EQ(bench.replay(bench.job(operation())), Verdict::stale);
  bench.run();
  EXPECT_EQ(bench.client.sent.size(), requests);
  EXPECT_EQ(bench.effects(operation()), 1);
}

TEST_P(Contract, a_429_is_waited_out_by_the_whole_lane) {
  const int all = exchanges() - aside();
  for (int at = 0; at < all; ++at) {
    SCOPED_TRACE("request " + std::to_string(at));
    Bench bench(place());
    bench.order(operation());
    Reply reply(429, R"({"error":"rate limited","ok":false})", std::optional<Duration>(Duration{30s}));
    reply.headers["retry-after"] = "30";
    bench.client.meddle(answer_at(at, reply));
    bench.run(Duration{20s});
    const auto job = bench.job(operation());
    ASSERT_TRUE(job.failure);
    EXPECT_EQ(name(job.failure->kind), "rate_limited");
    ASSERT_TRUE(job.failure->not_before);
    EXPECT_GT(*job.failure->not_before, bench.clock.now() + 5s);
    ASSERT_TRUE(bench.lane());
    EXPECT_TRUE(bench.lane()->paused);
    EXPECT_TRUE(bench.lane()->until);
    EXPECT_EQ(static_cast<int>(bench.client.sent.size()), at + 1) << "something was sent in the pause";
    bench.run();
    expect_done_once(bench);
  }
}

TEST_P(Contract, a_refused_credential_is_renewed_at_most_once_and_then_parks_the_lane) {
  Bench bench(place());
  bench.order(operation());
  const auto& refusal = place().refusal;
  const Reply reply(refusal.at("status").get<int>(), refusal.at("body").dump(),
                    Headers{{"content-type", "application/json"}});
  bench.client.meddle([&](int, const Request& request) -> std::optional<Result<Reply>> {
    if (request.target.find("/oauth") != std::string::npos) return std::nullopt;
    return Result<Reply>(reply);
  });
  bench.run(Duration{50min});  // less than the hourly probe
  int asked = 0;
  for (const auto& request : bench.client.sent) asked += request.target.find("/oauth") == std::string::npos;
  EXPECT_GE(asked, 1);
  EXPECT_LE(asked, 2);
  EXPECT_EQ(name(bench.job(operation()).state), "pending");
  ASSERT_TRUE(bench.lane());
  EXPECT_TRUE(bench.lane()->paused);
  EXPECT_FALSE(bench.lane()->until);
  EXPECT_EQ(bench.effects(operation()), 0);
  expect_no_secret(bench);
}

TEST_P(Contract, a_hostile_2xx_instead_of_the_work_never_counts_as_done) {
  if (!place().any_2xx_is_done.empty()) GTEST_SKIP() << "any 2xx is success: " << place().any_2xx_is_done;
  const int all = exchanges();
  for (int at = 0; at < all; ++at) {
    for (const auto& body : hostile_bodies()) {
      if (says_yes(body)) continue;
      SCOPED_TRACE("request " + std::to_string(at) + " answered with " + body.substr(0, 60));
      Bench bench(place());
      bench.order(operation());
      bench.client.meddle(answer_at(at, Reply(200, body, Headers{{"content-type", "application/json"}})));
      bench.run();
      expect_no_second(bench);
      if (name(bench.job(operation()).state) == "done") EXPECT_GE(bench.effects(operation()), 1);
    }
  }
}

TEST_P(Contract, a_vendor_that_only_talks_nonsense_gets_nothing_done) {
  for (const auto& body : hostile_bodies()) {
    SCOPED_TRACE(body.substr(0, 60));
    Bench bench(place());
    bench.order(operation());
    bench.client.meddle(answer_at(kAll, Reply(200, body)));
    bench.run(Duration{20min});  // half a dozen attempts, each like the one before it
    if (!says_yes(body)) EXPECT_NE(name(bench.job(operation()).state), "done");
    expect_no_secret(bench);
  }
}

// As large as a client takes one, and deeper than any parser should follow.
TEST_P(Contract, an_enormous_answer_gets_nothing_done) {
  for (const auto& body :
       {std::string(4'000'000, 'x'), std::string(100'000, '['), "{\"a\":" + std::string(100'000, '{')}) {
    Bench bench(place());
    bench.order(operation());
    bench.client.meddle(answer_at(kAll, Reply(200, body)));
    bench.run(Duration{2s});
    if (!says_yes(body)) EXPECT_NE(name(bench.job(operation()).state), "done");
    expect_no_secret(bench);
  }
}

TEST_P(Contract, a_garbled_answer_to_work_that_was_done_makes_no_second_object) {
  const int all = exchanges();
  for (int at = 0; at < all; ++at) {
    for (const auto& body : hostile_bodies()) {
      SCOPED_TRACE("request " + std::to_string(at) + " answered with " + body.substr(0, 60));
      Bench bench(place());
      bench.order(operation());
      bench.client.meddle({}, [at, &body](int n, Result<Reply>& reply) {
        if (n == at && reply) reply->body = body;
      });
      bench.run();
      expect_no_second(bench);
    }
    for (const double part : {0.1, 0.5, 0.9, 0.999}) {
      SCOPED_TRACE("request " + std::to_string(at) + " cut at " + std::to_string(part));
      Bench bench(place());
      bench.order(operation());
      bench.client.meddle({}, [at, part](int n, Result<Reply>& reply) {
        if (n == at && reply)
          reply->body.resize(static_cast<std::size_t>(static_cast<double>(reply->body.size()) * part));
      });
      bench.run();
      // A token request that is answered with half a token parks the lane until a person resumes it.
      const auto& cut = bench.client.sent.at(static_cast<std::size_t>(at)).target;
      if (cut.find("/oauth") != std::string::npos) expect_no_second(bench);
      else expect_done_once(bench);
    }
  }
}

// A vendor, or a proxy before it, that repeats the request in its error page, behind so many words of its
// own, as it came and as it was encoded.
Reply echo(const Request& request, int status, std::size_t words) {
  std::string text(words, '-');
  for (const auto& [key, value] : request.headers) text += " " + key + ": " + value;
  text += request.body.substr(0, 300);
  if (const auto token = header(request.headers, "authorization"); !token.empty()) {
    const auto bare = token.substr(token.find(' ') + 1);
    text += " " + to_base64(bare) + " " + percent_encode(bare) + " " + to_hex(bare);
  }
  json body = {{"ok", false}};
  for (const auto* field : {"error", "error_description", "description", "message", "detail"})
    body[field] = text;
  return Reply(status, body.dump(), Headers{{"content-type", "application/json"}});
}

TEST_P(Contract, no_secret_is_kept_of_what_a_vendor_echoes) {
  for (const int status : {200, 207, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503}) {
    // Wherever an excerpt ends, a token lies across its end.
    const std::vector<std::size_t> places = status == 400 || status == 500
                                                ? std::vector<std::size_t>{0, 240, 260, 400, 450, 480, 900}
                                                : std::vector<std::size_t>{0, 255};
    for (const auto words : places) {
      SCOPED_TRACE(std::to_string(status) + " behind " + std::to_string(words));
      Bench bench(place());
      bench.order(operation());
      bench.client.meddle([status, words](int, const Request& request) -> std::optional<Result<Reply>> {
        if (request.target.find("/oauth") != std::string::npos) return std::nullopt;
        return Result<Reply>(echo(request, status, words));
      });
      bench.run(Duration{10min});
      expect_no_secret(bench);
    }
  }
}

// tests/data/sample_event.json with 200 messages of all that breaks naive gateways.
json long_event() {
  auto data = Bench::sample_data();
  auto& transcript = data["transcript"] = json::array();
  for (int i = 0; i < 200; ++i) {
    std::string text = "Message " + std::to_string(i) + " ";
    for (int n = 0; n < 20; ++n)
      text += "\U0001F680 \u05E9\u05DC\u05D5\u05DD <b>&\"{{ customer.name }}{% if x %}</b> <!channel> ";
    transcript.push_back({{"id", "m" + std::to_string(i)},
                          {"at", "2026-11-20T09:58:07Z"},
                          {"role", i % 2 == 0 ? "customer" : "ai"},
                          {"text", std::move(text)}});
  }
  data["customer"]["name"] = "\u05D3\u05E0\u05D4 <script>alert(1)</script>{{ x }}";
  data["intent"]["summary"] = std::string(1'900, '&') + "\U0001F62D{{ reports }}";
  return data;
}

TEST_P(Contract, bodies_stay_below_the_manifests_limit_whatever_customers_write) {
  Bench bench(place(), long_event());
  bench.order(operation());
  bench.run();
  expect_done_once(bench);
  const auto limit = static_cast<std::size_t>(bench.account->connector->manifest().limits.max_body_bytes);
  for (const auto& request : bench.client.sent) EXPECT_LE(request.body.size(), limit) << request.target;
}

// --- reads: whatever comes back is a failure or a context with gaps, never a crash, a wait or a write

// What a vendor answered undisturbed, given again to the same requests: a read has no effect, and without
// the vendor a variant of one answer costs a tenth. What was not asked before is asked of the vendor.
class Tape {
 public:
  Tape(const Place& place, Operation operation) {
    Bench bench(place);
    bench.order(operation);
    bench.client.meddle({}, [&](int n, Result<Reply>& reply) {
      if (reply) kept_.emplace_back(bench.client.sent.at(static_cast<std::size_t>(n)), *reply);
    });
    bench.run(Duration{1min});
    asked_ = static_cast<int>(bench.client.sent.size());
  }

  int size() const { return asked_; }
  MeddlingClient::Instead play() const {
    return [this](int, const Request& request) -> std::optional<Result<Reply>> {
      for (const auto& [asked, reply] : kept_) {
        if (asked.method == request.method && asked.target == request.target && asked.body == request.body)
          return Result<Reply>(reply);
      }
      return std::nullopt;
    };
  }

 private:
  std::vector<std::pair<Request, Reply>> kept_;
  int asked_ = 0;
};

class Reads : public Contract {
 protected:
  // What it found is an object, or it failed.
  static void expect_an_end(Bench& bench) {
    const auto job = bench.job(operation());
    if (name(job.state) == "done") EXPECT_TRUE(job.found.is_object()) << job.found;
    else EXPECT_EQ(name(job.state), "failed");
    for (const auto& request : bench.client.sent) {
      const bool reads =
          request.method == "GET" || request.target.ends_with("/search") ||
          request.target.ends_with("/batch/read") || request.target.ends_with("/composite") ||
          (request.target.ends_with("/graphql") && request.body.find("mutation") == std::string::npos) ||
          request.target.find("/oauth") != std::string::npos;
      EXPECT_TRUE(reads) << request.method << " " << request.target;
    }
    expect_no_secret(bench);
  }
};

TEST_P(Reads, an_undisturbed_read_finds_an_object) {
  Bench bench(place());
  bench.order(operation());
  bench.run(Duration{1min});
  EXPECT_EQ(name(bench.job(operation()).state), "done");
  EXPECT_TRUE(bench.job(operation()).found.is_object());
  EXPECT_GE(bench.client.sent.size(), 1u);
  expect_an_end(bench);
}

TEST_P(Reads, a_hostile_answer_ends_in_a_failure_or_in_gaps) {
  const Tape tape(place(), operation());
  for (int at = kAll; at < tape.size(); ++at) {
    for (const int status : {200, 404}) {
      for (const auto& body : hostile_bodies()) {
        SCOPED_TRACE("request " + std::to_string(at) + " answered " + std::to_string(status) + " " +
                     body.substr(0, 60));
        Bench bench(place());
        bench.order(operation());
        bench.client.meddle(tape.play(), [at, status, &body](int n, Result<Reply>& reply) {
          if (at == kAll || n == at)
            reply = Reply(status, body, Headers{{"content-type", "application/json"}});
        });
        bench.run(Duration{1min});
        expect_an_end(bench);
      }
    }
  }
}

// Each member of the answer of another type, each in turn.
TEST_P(Reads, an_ill_typed_answer_ends_in_a_failure_or_in_gaps) {
  const Tape tape(place(), operation());
  const std::vector<json> wrong = {
      nullptr, true, -1, 1e300, "x", json::array(), json::object(), json::array({nullptr})};
  for (int at = 0; at < tape.size(); ++at) {
    for (std::size_t member = 0; member < 60; ++member) {
      bool beyond = false;
      for (const auto& value : wrong) {
        Bench bench(place());
        bench.order(operation());
        bench.client.meddle(tape.play(), [&, at](int n, Result<Reply>& reply) {
          if (n != at || !reply) return;
          auto flat = json::parse(reply->body, nullptr, false);
          if (flat.is_discarded() || !flat.is_structured()) return;
          flat = flat.flatten();
          beyond = member >= flat.size();
          if (beyond) return;
          auto place = flat.begin();
          std::advance(place, static_cast<std::ptrdiff_t>(member));
          const json::json_pointer where(place.key());
          auto body = json::parse(reply->body);
          body[where] = value;
          reply->body = body.dump();
        });
        bench.run(Duration{1min});
        expect_an_end(bench);
      }
      if (beyond) break;
    }
  }
}

TEST_P(Reads, a_truncated_or_lost_answer_ends_in_a_failure_or_in_gaps) {
  const int all = exchanges();
  for (int at = 0; at < all; ++at) {
    for (const double part : {-1.0, 0.0, 0.1, 0.5, 0.9, 0.999}) {
      Bench bench(place());
      bench.order(operation());
      bench.client.meddle({}, [at, part](int n, Result<Reply>& reply) {
        if (n != at || !reply) return;
        if (part < 0) reply = Failure(FailureKind::ambiguous, "the connection closed without an answer");
        else reply->body.resize(static_cast<std::size_t>(static_cast<double>(reply->body.size()) * part));
      });
      bench.run(Duration{1min});
      expect_an_end(bench);
      // One retry is allowed, and the answers after this one are whole.
      EXPECT_EQ(name(bench.job(operation()).state), "done") << "request " << at << " cut at " << part;
    }
  }
}

// Whoever knows something says it in the one published shape.
TEST_P(Reads, what_is_known_has_the_published_shape) {
  if (operation() != Operation::read_context) GTEST_SKIP() << "only context has a published shape";
  Bench bench(place());
  bench.order(operation());
  bench.run(Duration{1min});
  const auto found = bench.job(operation()).found;
  EXPECT_EQ(baton::testing::violations(json::parse(handoff::context_answer_schema()), "", found), "")
      << found;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Reads);  // a connector need not read
INSTANTIATE_TEST_SUITE_P(Every, Reads, ::testing::ValuesIn(reads()),
                         [](const auto& info) { return info.param.text(); });

// What contract.json excuses a place from counts as skipped, by name and with its reason: it is not proven.
class Excused : public ::testing::TestWithParam<Case> {};

TEST_P(Excused, is_not_proven_for_this_operation) {
  const auto& [place, operation] = GetParam();
  std::string why;
  const auto add = [&](const std::string& from, const std::string& reason) {
    if (!reason.empty()) why += (why.empty() ? "" : "; ") + from + ": " + reason;
  };
  add("any_2xx_is_done", place.any_2xx_is_done);
  for (const auto* from : {"overwrites", "any_object_is_done"}) add(from, place.excuse(operation, from));
  if (!why.empty()) GTEST_SKIP() << why;
}

INSTANTIATE_TEST_SUITE_P(Every, Excused, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.text(); });

INSTANTIATE_TEST_SUITE_P(Every, Contract, ::testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.text(); });

}  // namespace
}  // namespace baton::contract
