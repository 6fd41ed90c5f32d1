// Purpose: the whole delivery station: lanes side by side, order, pace, pauses, breaker, dead letters.
#include <map>
#include <set>

#include <gmock/gmock.h>

#include "gateway/delivery/policy.h"
#include "gateway/handoff/replay.h"
#include "gateway/model/trace.h"
#include "tests/delivery/bench.h"

namespace baton::delivery_testing {
namespace {

Bench::Setup limits(sdk::Limits to) {
  return [to](sdk::Accounts& accounts, Acme&) { accounts.at(kDesk)->limits = to; };
}

bool is_write(const Sent& sent) { return sent.request.method == "POST"; }

TEST(Station, a_delivery_is_done_with_its_receipt) {
  Bench bench;
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(1s);
  const auto job = bench.job(key);
  EXPECT_EQ(name(job.state), "done");
  EXPECT_EQ(job.receipt.object_id, "T-1");
  EXPECT_EQ(job.steps.at(0).key, key.text());
  EXPECT_EQ(bench.network.sent.size(), 1u);
  EXPECT_EQ(bench.station.control(kDesk)->figures().succeeded, 1u);
}

TEST(Station, deliveries_of_one_conversation_keep_their_order_through_failures) {
  Bench bench;
  Random chance(3);
  std::map<std::string, std::vector<std::string>> effects;
  bench.network.answer = [&](const Sent& sent) {
    if (chance.bits() % 3 == 0) return Answer(503);
    if (sent.request.method == "GET") return Answer(200, "{\"found\":[]}");
    const auto key = nlohmann::json::parse(sent.request.body)["key"].get<std::string>();
    effects[key.substr(0, 5)].push_back(key);
    return Answer(200);
  };
  for (int sequence = 1; sequence <= 5; ++sequence) {
    for (const auto* handoff : {"1", "2", "3"}) bench.give(handoff, Operation::add_note, kDesk, sequence);
  }
  bench.run(48h);
  ASSERT_EQ(bench.pending(), 0u);
  ASSERT_EQ(effects.size(), 3u);
  for (const auto& [handoff, keys] : effects) {
    ASSERT_EQ(keys.size(), 5u) << handoff;
    for (int i = 0; i < 5; ++i)
      EXPECT_TRUE(keys[static_cast<std::size_t>(i)].ends_with(std::to_string(i + 1)));
  }
}

TEST(Station, a_dead_letter_lets_the_next_of_its_conversation_pass) {
  Bench bench;
  bench.network.answer = [](const Sent& sent) {
    return sent.request.body.find("open_ticket") != std::string::npos ? Answer(422) : Answer(200);
  };
  const auto dead = bench.give("1", Operation::open_ticket);
  const auto next = bench.give("1", Operation::add_note);
  bench.run(1min);
  EXPECT_EQ(name(bench.job(dead).state), "dead");
  EXPECT_EQ(name(bench.job(dead).failure->kind), "rejected");
  EXPECT_EQ(name(bench.job(next).state), "done");
}

TEST(Station, no_more_than_the_limit_is_under_way_and_every_slot_is_used_again) {
  for (const auto answers_after : {Duration{0}, Duration{1}}) {
    SCOPED_TRACE(answers_after.count());
    Bench bench(limits({.per_second = 1000, .burst = 1000, .at_once = 3}));
    bench.journal.answers_after = answers_after;
    bench.network.answer = [](const Sent&) { return Answer(200).after(100ms); };
    for (int i = 0; i < 30; ++i) bench.give(std::to_string(i), Operation::open_ticket);
    bench.run(2s);  // 30 / 3 * (100 + 2) ms are 1.02 s
    EXPECT_EQ(bench.network.most_at_once, 3);
    EXPECT_EQ(bench.pending(), 0u);
  }
}

// A token bucket at the vendor's door, which bans on the first excess.
class Door {
 public:
  explicit Door(sdk::Limits limits) : limits_(limits), tokens_(limits.burst) {}
  bool lets_through(TimePoint now) {
    const auto passed = std::chrono::duration<double>(now - at_).count();
    tokens_ = std::min<double>(limits_.burst, tokens_ + passed * limits_.per_second);
    at_ = now;
    tokens_ -= 1;
    return tokens_ > -0.01;
  }

 private:
  sdk::Limits limits_;
  double tokens_;
  TimePoint at_ = kStart;
};

TEST(Station, the_rate_budget_is_never_exceeded_over_an_hour_and_well_used) {
  for (const auto* requests : {"1", "3"}) {
    SCOPED_TRACE(requests);
    const sdk::Limits budget{.per_second = 2, .burst = 10, .at_once = 64};
    Bench bench([&](sdk::Accounts& accounts, Acme&) {
      accounts.at(kDesk)->limits = budget;
      accounts.at(kDesk)->settings = sdk::Settings({{"requests", requests}});
    });
    Door door(budget);
    int excess = 0;
    bench.network.answer = [&](const Sent& sent) {
      excess += !door.lets_through(sent.at);
      return Answer(200).after(300ms);
    };
    const int deliveries = 3600 * 2 / (*requests - '0');
    for (int i = 0; i < deliveries; ++i) bench.give(std::to_string(i), Operation::open_ticket);
    bench.run(1h);
    EXPECT_EQ(excess, 0);
    EXPECT_GE(bench.network.sent.size(), 3600u * 2 * 95 / 100);
  }
}

TEST(Station, the_vendors_own_count_wins_when_it_is_lower) {
  Bench bench(limits({.per_second = 2, .burst = 50, .at_once = 1}));
  bench.network.answer = [](const Sent&) {
    return Answer(Reply(200, "{\"id\":\"T\"}", Headers{{"x-left", "0"}}));
  };
  for (int i = 0; i < 10; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(3s);
  EXPECT_LE(bench.network.sent.size(), 7u);
  EXPECT_GE(bench.network.sent.size(), 5u);
}

// --- pauses

Answer wait_for(Duration time) { return Answer(Reply(429, "slow down", time)); }

TEST(Station, a_429_pauses_the_lane_visibly_and_it_resumes_by_itself_at_no_attempts_cost) {
  Bench bench;
  bool busy = true;
  bench.network.answer = [&](const Sent&) { return busy ? wait_for(5min) : Answer(200); };
  const auto first = bench.give("1", Operation::open_ticket);
  bench.run(1s);
  busy = false;
  ASSERT_TRUE(bench.lane(kDesk));
  EXPECT_TRUE(bench.lane(kDesk)->paused);
  EXPECT_EQ(bench.lane(kDesk)->by, "baton");
  EXPECT_NE(bench.lane(kDesk)->reason.find("asked us to wait"), std::string::npos);
  ASSERT_TRUE(bench.lane(kDesk)->until);
  EXPECT_EQ(*bench.lane(kDesk)->until, kStart + 50ms + 5min);
  EXPECT_EQ(bench.job(first).attempts, 0);
  const auto second = bench.give("2", Operation::open_ticket);
  bench.run(4min);
  EXPECT_EQ(bench.network.sent.size(), 1u) << "nothing is sent while the vendor's wait lasts";
  bench.run(2min);
  EXPECT_EQ(name(bench.job(first).state), "done");
  EXPECT_EQ(name(bench.job(second).state), "done");
}

TEST(Station, a_long_wait_is_probed_once_an_hour_by_one_delivery) {
  Bench bench;
  bench.network.answer = [&](const Sent& sent) {
    return sent.at < kStart + 10h ? wait_for(kStart + 20h - sent.at) : Answer(200);
  };
  bench.give("1", Operation::open_ticket);
  bench.run(1s);
  for (int i = 2; i < 40; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(9h + 30min);
  EXPECT_GE(bench.network.sent.size(), 9u);
  EXPECT_LE(bench.network.sent.size(), 11u);
  EXPECT_LT(bench.journal.claims, 400) << "a paused lane does not poll the journal";
  bench.run(11h);
  EXPECT_EQ(bench.pending(), 0u);
}

TEST(Station, a_long_wait_with_one_delivery_does_not_spin) {
  Bench bench;
  bench.network.answer = [&](const Sent& sent) {
    return sent.at < kStart + 1s ? wait_for(20h) : Answer(200);
  };
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(21h);
  EXPECT_EQ(name(bench.job(key).state), "done");
  EXPECT_LT(bench.journal.claims, 200);
}

TEST(Station, of_two_waits_that_a_vendor_asks_for_the_longer_one_counts) {
  Bench bench;
  int asked = 0;
  bench.network.answer = [&](const Sent& sent) {
    if (sent.at > kStart + 1s) return Answer(200);
    return ++asked == 1 ? wait_for(30min) : wait_for(10s).after(80ms);
  };
  bench.give("1", Operation::open_ticket);
  bench.give("2", Operation::open_ticket);
  bench.run(20min);
  EXPECT_EQ(bench.network.sent.size(), 2u);
}

TEST(Station, a_misconfigured_lane_parks_once_and_goes_on_when_a_person_resumes_it) {
  Bench bench;
  bool wrong = true;
  bench.network.answer = [&](const Sent&) { return wrong ? Answer(403, "no such scope") : Answer(200); };
  std::vector<JobKey> keys;
  for (int i = 0; i < 6; ++i) keys.push_back(bench.give(std::to_string(i), Operation::open_ticket));
  bench.run(24h);
  EXPECT_LE(bench.network.sent.size(), 4u) << "only what was under way when the first one failed";
  ASSERT_TRUE(bench.lane(kDesk));
  EXPECT_TRUE(bench.lane(kDesk)->paused);
  EXPECT_FALSE(bench.lane(kDesk)->until);
  EXPECT_EQ(bench.lane(kDesk)->since, kStart + 50ms) << "parked once: later failures do not park it again";
  EXPECT_EQ(bench.pending(), 6u);
  EXPECT_EQ(bench.job(keys[0]).attempts, 0);

  wrong = false;
  bench.say(LaneState(kDesk, false, "ada", "the scope is granted", bench.clock.now()));
  bench.run(1min);
  EXPECT_EQ(bench.pending(), 0u);
}

TEST(Station, a_persons_pause_holds_now_and_after_a_restart) {
  MemoryStore store;
  {
    Bench bench({}, &store);
    bench.say(LaneState(kDesk, true, "ada", "maintenance", bench.clock.now()));
    bench.give("1", Operation::open_ticket);
    bench.run(24h);
    EXPECT_TRUE(bench.network.sent.empty());
  }
  Bench bench({}, &store, kStart + 25h);
  bench.run(24h);
  EXPECT_TRUE(bench.network.sent.empty());
  bench.say(LaneState(kDesk, false, "ada", "done", bench.clock.now()));
  bench.run(1min);
  EXPECT_EQ(bench.pending(), 0u);
}

TEST(Station, a_persons_pause_is_not_replaced_by_a_vendors_wait) {
  Bench bench;
  bench.network.answer = [](const Sent&) { return wait_for(1s).after(500ms); };
  bench.give("1", Operation::open_ticket);
  bench.run(100ms);
  bench.say(LaneState(kDesk, true, "ada", "maintenance", bench.clock.now()));
  bench.run(1h);
  EXPECT_EQ(bench.lane(kDesk)->by, "ada");
  EXPECT_EQ(bench.network.sent.size(), 1u);
}

TEST(Station, a_vendors_wait_is_still_kept_after_a_restart) {
  MemoryStore store;
  {
    Bench bench({}, &store);
    bench.network.answer = [](const Sent&) { return wait_for(30min); };
    bench.give("1", Operation::open_ticket);
    bench.run(1s);
  }
  store.end_leases();
  Bench bench({}, &store, kStart + 1min);
  bench.give("2", Operation::open_ticket);
  bench.run(20min);
  EXPECT_TRUE(bench.network.sent.empty());
  bench.run(15min);
  EXPECT_EQ(bench.pending(), 0u);
}

// --- breaker

TEST(Station, a_dead_vendor_gets_few_requests_and_its_recovery_is_noticed) {
  Bench bench;
  const auto down_until = kStart + 2h;
  bench.network.answer = [&](const Sent& sent) {
    return sent.at < down_until ? Answer(Failure(FailureKind::retryable, "refused")) : Answer(200);
  };
  for (int i = 0; i < 200; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(5min);
  const auto early = bench.network.sent.size();
  EXPECT_LT(early, 30u);
  bench.run(1h);
  EXPECT_LE(bench.network.sent.size() - early, 2u * 60);
  EXPECT_GE(bench.network.sent.size() - early, 55u) << "it goes on asking";
  bench.run(55min - 1s);
  for (int i = 200; i < 210; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(62s);
  EXPECT_GE(bench.station.control(kDesk)->figures().succeeded, 1u);
  bench.run(3h);
  EXPECT_EQ(bench.pending(), 0u);
}

// The most requests within a minute, of those from `from` on.
int most_in_a_minute(const std::deque<Sent>& sent, TimePoint from) {
  int most = 0;
  for (auto first = sent.begin(); first != sent.end(); ++first) {
    if (first->at < from) continue;
    const auto last = std::ranges::lower_bound(first, sent.end(), first->at + 1min, {}, &Sent::at);
    most = std::max(most, static_cast<int>(last - first));
  }
  return most;
}

TEST(Station, a_dead_vendor_is_asked_twice_a_minute_at_most_however_work_arrives) {
  // One by one, in bursts after long silences, by the hundred; deliveries, reads, and both.
  int regime = 0;
  for (const auto apart : {Duration{5s}, Duration{70s}, Duration{7min}, Duration{40min}}) {
    for (const int burst : {1, 10}) {
      for (const int reads : {0, 1, 2}) {
        Bench bench;
        Random chance(static_cast<std::uint64_t>(++regime));
        bench.network.answer = [&](const Sent&) {
          if (chance.bits() % 3 == 0) return lost().after(20s);
          return Answer(Failure(FailureKind::retryable, "refused"));
        };
        for (int round = 0; round < 60 && bench.clock.now() < kStart + 3h; ++round) {
          for (int i = 0; i < burst; ++i) {
            const auto id = std::to_string(round) + "-" + std::to_string(i);
            if (reads != 2) bench.give(id, Operation::open_ticket);
            if (reads != 0) bench.give("r" + id, Operation::read_context, kDesk, 1, 20s);
          }
          bench.run(apart / 2 + chance.up_to(apart));
        }
        ASSERT_FALSE(bench.network.sent.empty());
        const auto known = bench.network.sent.front().at + 5min;
        EXPECT_LE(most_in_a_minute(bench.network.sent, known), 2)
            << burst << " each " << apart.count() << " ms, reads " << reads;
      }
    }
  }
}

TEST(Station, a_dead_vendor_is_not_asked_for_a_token_beside_each_probe) {
  Bench bench([](sdk::Accounts& accounts, Acme& acme) {
    acme.scheme = sdk::ClientCredentials("/oauth", sdk::ClientCredentials::Body::json, "baton",
                                         "client_secret", "tickets:write");
    accounts.at(kDesk)->secrets["client_secret"].emplace_back(std::string("s3cret"));
  });
  const auto down_from = kStart + 1h;
  bench.network.answer = [&](const Sent& sent) {
    if (sent.at >= down_from) return Answer(Failure(FailureKind::retryable, "refused"));
    // To be renewed after 67 minutes, of no use after 83.
    if (sent.pool.ends_with("/token")) return Answer(200, R"({"access_token":"t1","expires_in":5000})");
    return Answer(200);
  };
  bench.give("0", Operation::open_ticket);
  bench.run(1h);
  EXPECT_EQ(bench.pending(), 0u);
  for (int i = 1; i < 20; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(1h);
  EXPECT_LE(most_in_a_minute(bench.network.sent, down_from + 5min), 2);
}

// The one delivery that is left backs off for up to an hour; it is asked about its vendor before.
TEST(Station, a_recovery_is_noticed_within_a_minute_by_the_only_delivery_that_waits) {
  for (int minutes = 6; minutes < 200; minutes += 23) {
    Bench bench;
    const auto down_until = kStart + Duration{1min} * minutes;
    bench.network.answer = [&](const Sent& sent) {
      return sent.at < down_until ? Answer(Failure(FailureKind::retryable, "refused")) : Answer(200);
    };
    const auto key = bench.give("1", Operation::open_ticket);
    bench.run(down_until + 61s - bench.clock.now());
    EXPECT_EQ(name(bench.job(key).state), "done") << minutes;
  }
}

// Those that were tried during the outage wait for up to an hour each; they need not, once it is over.
TEST(Station, what_an_outage_left_waiting_goes_out_within_minutes_of_the_recovery) {
  Bench bench;
  const auto down_until = kStart + 4h;
  bench.network.answer = [&](const Sent& sent) {
    return sent.at < down_until ? Answer(Failure(FailureKind::retryable, "refused")) : Answer(200);
  };
  for (int i = 0; i < 8; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(down_until + 3min - bench.clock.now());
  EXPECT_EQ(bench.pending(), 0u);
}

TEST(Station, one_that_fails_alone_keeps_its_backoff_through_an_outage_of_others_making) {
  Bench bench;
  const auto down_from = kStart + 2h, down_until = kStart + 3h;
  const auto is_odd = [](const Sent& sent) { return sent.request.body.find("odd") != std::string::npos; };
  bench.network.answer = [&](const Sent& sent) {
    const bool down = sent.at >= down_from && sent.at < down_until;
    return down || is_odd(sent) ? Answer(Failure(FailureKind::retryable, "refused")) : Answer(200);
  };
  bench.give("odd", Operation::open_ticket);
  bench.give("1", Operation::open_ticket);
  bench.run(down_from - bench.clock.now());
  for (int i = 2; i < 40; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(down_until + 2min - bench.clock.now());
  EXPECT_EQ(bench.pending(), 1u) << "the odd one";
  const auto asked = [&] { return std::ranges::count_if(bench.network.sent, is_odd); };
  const auto before = asked();
  bench.run(10min);
  EXPECT_LE(asked() - before, 3);
}

TEST(Station, a_recovery_is_no_stampede) {
  Bench bench(limits({.per_second = 1000, .burst = 1000, .at_once = 64}));
  const auto down_until = kStart + 2h;
  bench.network.answer = [&](const Sent& sent) {
    return sent.at < down_until ? Answer(Failure(FailureKind::retryable, "refused")) : Answer(200).after(1s);
  };
  for (int i = 0; i < 500; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(2h);
  const auto before = bench.network.sent.size();
  bench.run(62s);
  ASSERT_GT(bench.network.sent.size(), before);
  // One second after the other at most twice as many, from one on.
  const auto first = bench.network.sent[before].at;
  std::size_t most = 1;
  for (auto second = first; second < first + 6s; second += 1s, most *= 2) {
    const auto begin = std::ranges::lower_bound(bench.network.sent, second, {}, &Sent::at);
    const auto end = std::ranges::lower_bound(bench.network.sent, second + 1s, {}, &Sent::at);
    EXPECT_LE(static_cast<std::size_t>(end - begin), most) << (second - first).count();
  }
  bench.run(3h);
  EXPECT_EQ(bench.pending(), 0u);
}

TEST(Station, a_vendor_that_named_an_instant_is_not_probed_before_it) {
  Bench bench;
  const auto back_at = kStart + 2h;
  bench.network.answer = [&](const Sent& sent) {
    if (sent.at >= back_at) return Answer(200);
    return Answer(Reply(503, "maintenance", back_at - sent.at));
  };
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(2h - 1s);
  EXPECT_EQ(bench.network.sent.size(), 1u);
  bench.run(1min);
  EXPECT_EQ(name(bench.job(key).state), "done");
}

TEST(Station, an_open_breaker_fails_reads_at_once_and_keeps_writes) {
  Bench bench;
  bench.network.answer = [&](const Sent&) { return Answer(Failure(FailureKind::retryable, "refused")); };
  for (int i = 0; i < 8; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(10s);
  ASSERT_NE(delivery::name(bench.station.control(kDesk)->breaker().state()), "closed");
  const auto sent = bench.network.sent.size();
  const auto read = bench.give("r", Operation::read_context, kDesk, 1, 30s);
  const auto write = bench.give("w", Operation::open_ticket);
  const auto asked_at = bench.clock.now();
  bench.run(1ms);
  ASSERT_EQ(name(bench.job(read).state), "failed");
  EXPECT_EQ(*bench.job(read).ended_at, asked_at);
  EXPECT_NE(bench.job(read).failure->detail.find("not asked"), std::string::npos);
  EXPECT_EQ(name(bench.job(write).state), "pending");
  EXPECT_EQ(bench.network.sent.size(), sent);
}

TEST(Station, what_was_never_sent_says_nothing_about_the_vendor) {
  Bench bench([](sdk::Accounts& accounts, Acme&) {
    accounts.at(kDesk)->settings = sdk::Settings({{"again", "settling"}});
  });
  int posts = 0;
  bench.network.answer = [&](const Sent& sent) {
    if (!is_write(sent)) return Answer(200, "{\"found\":[\"T-9\"]}");
    return ++posts <= 4 ? lost() : Answer(200);
  };
  for (int i = 0; i < 4; ++i) bench.give(std::to_string(i), Operation::open_ticket);
  bench.run(29s);  // the four search too early meanwhile, again and again
  EXPECT_EQ(delivery::name(bench.station.control(kDesk)->breaker().state()), "closed");
  bench.run(1h);
  EXPECT_EQ(bench.pending(), 0u);
  EXPECT_EQ(posts, 4);
}

TEST(Station, one_bad_destination_does_not_delay_another) {
  const Lane bad("bad");
  Bench bench([&](sdk::Accounts& accounts, Acme& acme) { accounts.emplace(bad, account_of(bad, acme)); });
  std::vector<TimePoint> good;
  bench.network.answer = [&](const Sent& sent) {
    if (sent.pool == "bad") return Answer(200).after(1h);
    good.push_back(sent.at);
    return Answer(200);
  };
  for (int i = 0; i < 50; ++i) bench.give(std::to_string(i), Operation::open_ticket, bad);
  bench.run(1s);
  for (int i = 0; i < 50; ++i) {
    const auto given = bench.clock.now();
    bench.give(std::to_string(i), Operation::open_ticket);
    bench.run(100ms);
    ASSERT_EQ(good.size(), static_cast<std::size_t>(i + 1));
    EXPECT_EQ(good.back(), given);
  }
}

TEST(Station, a_burst_of_one_lane_is_prepared_in_turn_with_the_others) {
  const Lane flood("flood");
  Bench bench([&](sdk::Accounts& accounts, Acme& acme) {
    auto account = account_of(flood, acme);
    account->limits.at_once = 250;
    accounts.emplace(flood, std::move(account));
  });
  for (int i = 0; i < 250; ++i) bench.give(std::to_string(i), Operation::open_ticket, flood);
  for (int i = 0; i < 4; ++i) bench.give("card " + std::to_string(i), Operation::open_ticket);
  bench.run(10ms);
  ASSERT_EQ(bench.network.sent.size(), 254u);
  int last = 0;
  for (int i = 0; i < 254; ++i) {
    if (bench.network.sent[static_cast<std::size_t>(i)].pool == "desk") last = i;
  }
  EXPECT_LT(last, 16) << "the cards waited for the flood";
}

TEST(Station, retries_stay_within_a_tenth_while_a_vendor_partly_fails) {
  Bench bench(limits({.per_second = 1000, .burst = 1000, .at_once = 64}));
  Random chance(5);
  std::set<std::string> seen;
  int now_retrying = 0, most_retrying = 0;
  bench.network.answer = [&](const Sent& sent) {
    const bool again = !seen.insert(sent.request.body).second;
    if (again) most_retrying = std::max(most_retrying, ++now_retrying);
    return chance.bits() % 4 == 0 ? Answer(503).after(1s) : Answer(200).after(1s);
  };
  bench.run(1ms);
  for (int i = 0; i < 200; ++i) {
    now_retrying = 0;
    bench.give(std::to_string(i), Operation::open_ticket);
    bench.run(1s);
  }
  EXPECT_LE(most_retrying, 6);  // 60 first attempts a minute: six at a time
  bench.run(24h);
  EXPECT_EQ(bench.pending(), 0u);
}

// --- reads

TEST(Station, a_read_is_tried_twice_if_time_allows) {
  Bench bench;
  int asked = 0;
  bench.network.answer = [&](const Sent&) {
    return ++asked == 1 ? Answer(500) : Answer(200, "{\"name\":\"Ada\"}");
  };
  const auto key = bench.give("1", Operation::read_context, kDesk, 1, 5s);
  bench.run(1s);
  EXPECT_EQ(name(bench.job(key).state), "done");
  EXPECT_EQ(bench.job(key).found["name"], "Ada");
  EXPECT_EQ(asked, 2);

  bench.network.answer = [&](const Sent&) { return Answer(500); };
  const auto failing = bench.give("2", Operation::read_context, kDesk, 1, 5s);
  asked = 0;
  bench.run(10s);
  EXPECT_EQ(name(bench.job(failing).state), "failed");
  EXPECT_EQ(bench.job(failing).attempts, 2);
}

TEST(Station, a_read_ends_at_its_deadline) {
  Bench bench;
  bench.network.answer = [&](const Sent&) { return Answer(200).after(1h); };
  const auto key = bench.give("1", Operation::read_context, kDesk, 1, 2s);
  bench.run(5s);
  EXPECT_EQ(name(bench.job(key).state), "failed");
  EXPECT_EQ(bench.network.sent.at(0).deadline, kStart + 2s);
  EXPECT_LE(*bench.job(key).ended_at, kStart + 2s);
}

TEST(Station, reads_that_a_pause_made_too_late_are_not_held_against_the_vendor) {
  Bench bench;
  bench.say(LaneState(kDesk, true, "ada", "maintenance", bench.clock.now()));
  std::vector<JobKey> reads;
  for (int i = 0; i < 10; ++i)
    reads.push_back(bench.give(std::to_string(i), Operation::read_context, kDesk, 1, 5s));
  const auto write = bench.give("w", Operation::open_ticket);
  bench.run(10min);
  bench.say(LaneState(kDesk, false, "ada", "done", bench.clock.now()));
  bench.run(1s);
  for (const auto& read : reads) EXPECT_EQ(name(bench.job(read).state), "failed");
  EXPECT_EQ(delivery::name(bench.station.control(kDesk)->breaker().state()), "closed");
  EXPECT_EQ(bench.station.control(kDesk)->figures().attempts, 1u);
  EXPECT_EQ(name(bench.job(write).state), "done");
  EXPECT_EQ(bench.network.sent.size(), 1u);
}

Bench::Setup nearly_used_up() {
  return [](sdk::Accounts& accounts, Acme&) {
    accounts.at(kDesk)->limits.slow_lookups_above = 80;
    accounts.at(kDesk)->limits.stop_lookups_above = 95;
  };
}
Reply with_usage(int used) {
  return Reply(200, R"({"id":"T","name":"Ada"})",
               Headers{{"x-left", std::to_string(1000 - used)}, {"x-limit", "1000"}});
}

TEST(Station, look_ups_rest_for_the_writes_when_the_vendors_limit_is_nearly_used_up) {
  Bench bench(nearly_used_up());
  bench.network.answer = [&](const Sent&) { return Answer(with_usage(961)); };
  const auto first = bench.give("1", Operation::open_ticket);
  bench.run(1s);
  EXPECT_EQ(name(bench.job(first).state), "done");
  const auto look_up = bench.give("2", Operation::read_context, kDesk, 1, 30s);
  const auto write = bench.give("2", Operation::open_ticket);
  const auto asked_at = bench.clock.now();
  bench.run(1s);
  ASSERT_EQ(name(bench.job(look_up).state), "failed");
  EXPECT_EQ(*bench.job(look_up).ended_at, asked_at) << "nobody waits for it";
  EXPECT_EQ(bench.job(look_up).failure->detail, "the desk's daily limit is nearly used up: 96 %");
  EXPECT_EQ(name(bench.job(write).state), "done");
  EXPECT_EQ(bench.network.sent.size(), 2u);
  EXPECT_EQ(delivery::name(bench.station.control(kDesk)->breaker().state()), "closed");
}

TEST(Station, look_ups_go_one_by_one_when_much_of_the_vendors_limit_is_used_up) {
  Bench bench(nearly_used_up());
  bench.network.answer = [&](const Sent&) { return Answer(with_usage(850)); };
  bench.give("w", Operation::open_ticket);
  bench.run(1s);
  std::vector<JobKey> reads;
  for (int i = 0; i < 10; ++i)
    reads.push_back(bench.give(std::to_string(i), Operation::read_context, kDesk, 1, 30s));
  const auto write = bench.give("w2", Operation::open_ticket);
  bench.run(1s);
  EXPECT_EQ(name(bench.job(write).state), "done") << "it does not wait behind them";
  bench.run(1min);
  const auto done =
      std::ranges::count_if(reads, [&](const JobKey& key) { return bench.job(key).state == JobState::done; });
  EXPECT_EQ(done, 6) << "one in five seconds, for thirty";
  for (const auto& key : reads) {
    const auto job = bench.job(key);
    if (job.state == JobState::done) continue;
    EXPECT_EQ(job.failure->detail, "the desk's daily limit is used up to 85 %: look-ups go one by one");
  }
}

// --- leases, a journal that is unwell

TEST(Station, an_attempt_that_lost_its_lease_sends_nothing_more_and_writes_nothing) {
  Bench bench([](sdk::Accounts& accounts, Acme&) {
    accounts.at(kDesk)->settings = sdk::Settings({{"requests", "2"}});
  });
  // While the first step is under way somebody else claims the job, as another node does after a pause.
  bench.network.answer = [&](const Sent&) {
    for (auto& [position, row] : bench.store().jobs)
      row.lease = Lease{++bench.store().last_number, kStart + 10min};
    return Answer(200);
  };
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(5s);
  EXPECT_EQ(bench.network.sent.size(), 1u);
  EXPECT_EQ(name(bench.job(key).state), "pending");
  ASSERT_EQ(bench.job(key).steps.size(), 1u);
  EXPECT_EQ(name(bench.job(key).steps[0].state), "unknown") << "the new owner looks before it writes";
}

TEST(Station, an_intent_that_could_not_be_journalled_is_not_sent_and_nothing_is_in_doubt) {
  Bench bench([](sdk::Accounts& accounts, Acme&) {
    accounts.at(kDesk)->settings = sdk::Settings({{"again", "no_lookup"}});
  });
  int refused = 0;
  bench.journal.fails = [&](const Batch& batch) {
    const bool intent = !batch.updates.empty() && !batch.updates[0].release;
    return intent && refused++ < 2;
  };
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(1h);
  EXPECT_GE(refused, 3);
  EXPECT_EQ(name(bench.job(key).state), "done") << "a person need not be asked: nothing was sent";
  EXPECT_EQ(bench.network.sent.size(), 1u);
}

TEST(Station, an_outcome_that_could_not_be_journalled_is_looked_up_after_the_lease) {
  Bench bench;
  int refused = 0;
  bench.journal.fails = [&](const Batch& batch) {
    return !batch.updates.empty() && batch.updates[0].release && refused++ < 1;
  };
  bench.network.answer = [](const Sent& sent) {
    return is_write(sent) ? Answer(200) : Answer(200, "{\"found\":[\"T-1\"]}");
  };
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(10min);
  EXPECT_EQ(name(bench.job(key).state), "done");
  EXPECT_EQ(bench.network.count("POST", "/tickets"), 1);
  EXPECT_EQ(bench.network.count("GET", "/find"), 1);
}

// --- what vendors say of us

TEST(Station, a_secret_that_a_vendor_repeats_in_its_error_is_not_kept) {
  const std::string secret = "s3cr3t-of-the-desk";
  Bench bench([&](sdk::Accounts& accounts, Acme&) {
    accounts.at(kDesk)->redact = [secret](std::string_view text) {
      std::string clean(text);
      for (auto at = clean.find(secret); at != std::string::npos; at = clean.find(secret))
        clean.replace(at, secret.size(), "[redacted]");
      return clean;
    };
  });
  // The first bytes that are kept would end within it.
  const std::string before(960, '.');
  bench.network.answer = [&](const Sent&) { return Answer(422, before + "authorization: Bearer " + secret); };
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(1min);
  const auto job = bench.job(key);
  ASSERT_TRUE(job.failure);
  EXPECT_EQ(job.failure->detail.find("s3cr3t"), std::string::npos) << job.failure->detail;
  EXPECT_EQ(bench.station.control(kDesk)->figures().last_failure_detail.find("s3cr3t"), std::string::npos);
}

// --- dead letters

TEST(Station, a_dead_letter_that_is_replayed_is_sent_with_the_same_bytes) {
  Bench bench;
  bool down = true;
  bench.network.answer = [&](const Sent&) { return down ? Answer(503) : Answer(200); };
  const auto key = bench.give("1", Operation::open_ticket);
  bench.run(80h);
  const auto dead = bench.job(key);
  ASSERT_EQ(name(dead.state), "dead");
  EXPECT_GE(*dead.ended_at - *dead.first_attempt, delivery::kSpan);
  down = false;
  bench.replay(handoff::replayed(dead, bench.clock.now()));
  bench.run(1min);
  EXPECT_EQ(name(bench.job(key).state), "done");
  EXPECT_EQ(bench.job(key).generation, 1);
  EXPECT_EQ(bench.network.sent.back().request.body, bench.network.sent.front().request.body);
}

TEST(Station, an_operation_that_the_connector_lacks_is_a_dead_letter_that_says_so) {
  Bench bench;
  const auto key = bench.give("1", Operation::file_bug);
  bench.run(1s);
  EXPECT_EQ(name(bench.job(key).state), "dead");
  EXPECT_EQ(bench.job(key).failure->detail, "desk cannot file_bug: change the route");
}

TEST(Station, a_lane_at_work_remembers_no_more_after_many_successes) {
  delivery::RetryBudget retries;
  Random random(1);
  delivery::Breaker breaker(random);
  // Both keep a window: what is older is forgotten although nothing ever fails.
  auto now = kStart;
  for (int i = 0; i < 100'000; ++i, now += 100ms) {
    retries.first_attempt(now);
    breaker.started(now);
    breaker.succeeded(now);
  }
  EXPECT_LE(sizeof(retries) + retries.remembered() * sizeof(TimePoint), 20'000u);
  EXPECT_LE(breaker.remembered(), 1001u);
}

TEST(Station, tells_health_how_far_attempts_came_and_what_answers_held) {
  Bench bench;
  const auto recent = [&] {
    return bench.station.control(kDesk)->figures().recent.over(60min, bench.clock.now());
  };
  const auto fail = [&](const char* id, const Answer& with) {
    bench.network.answer = [&](const Sent&) { return with; };
    bench.give(id, Operation::open_ticket);
    bench.run(Duration{500});
  };
  fail("1", Answer(503));
  EXPECT_GE(recent().failed_at(Stage::answer, FailureKind::retryable), 1u);
  fail("2", Answer(Failure(FailureKind::retryable, "connection refused")));
  EXPECT_GE(recent().failed_at(Stage::connection, FailureKind::retryable), 1u);
  bench.network.answer = [](const Sent&) { return Answer(200); };
  bench.give("3", Operation::file_bug);
  bench.run(10min);
  EXPECT_EQ(recent().failures(Stage::mapping), 1u);
  bench.network.answer = [](const Sent&) {
    return Answer(200, R"({"account": {"name": "Acme", "tier": ""}})");
  };
  bench.give("4", Operation::read_context);
  bench.run(1s);
  EXPECT_EQ(recent().parts_filled, 1u);
  EXPECT_EQ(recent().parts_known, 1u);
  EXPECT_EQ(recent().took.count(), recent().attempts());
  EXPECT_EQ(bench.station.control(kDesk)->figures().took.count(), recent().attempts());
}

TEST(Station, sends_the_trace_on_with_a_span_for_each_attempt) {
  Bench bench;
  std::vector<std::string> logged;
  bench.station.watch([&](const delivery::Outcome& outcome) {
    logged.push_back(trace_of(outcome.handoff, outcome.job)->header());
  });
  bench.network.answer = [&](const Sent&) { return Answer(bench.network.sent.size() < 2 ? 503 : 200); };
  bench.give(std::string(32, 'a'), Operation::open_ticket);
  bench.run(1h);
  ASSERT_EQ(bench.network.sent.size(), 2u);
  std::vector<std::string> sent;
  for (const auto& one : bench.network.sent) sent.emplace_back(header(one.request.headers, "traceparent"));
  EXPECT_EQ(sent, logged);
  EXPECT_NE(sent[0], sent[1]);
  for (const auto& one : sent) EXPECT_EQ(parse_traceparent(one)->trace_id, std::string(32, 'a'));
  // And the figure of how long they took leads to it.
  const auto& figures = bench.station.control(kDesk)->figures();
  std::vector<std::string> traces;
  for (std::size_t i = 0; i <= figures.took.bounds().size(); ++i)
    if (const auto& shown = figures.traces.in(i)) traces.push_back(shown->trace_id);
  EXPECT_THAT(traces, ::testing::Each(std::string(32, 'a')));
  EXPECT_FALSE(traces.empty());
}

}  // namespace
}  // namespace baton::delivery_testing
