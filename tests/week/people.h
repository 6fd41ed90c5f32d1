// Purpose: the people of the week: customers who write, choose, give up and come back, and agents who claim,
// answer, fall silent, release, pass on and solve, as a seed decides. What they do goes through the vendors'
// own doors. Owner: the test. Threads: one loop. Errors: none; what a vendor does not let them is not done.
#pragma once

#include <string>

#include "tests/week/truth.h"

namespace baton::town {

inline constexpr TimePoint kMonday{Duration{1'794'787'200'000}};  // 2026-11-16T00:00:00Z
inline constexpr auto kWeek = Duration{std::chrono::days(7)};
inline constexpr int kConversations = 150;
inline const Outage kDeskDown{kDesk, kMonday + 24h + 9h, kMonday + 24h + 13h};           // on Tuesday
inline const Outage kPlatformDown{kPlatform, kMonday + 72h + 13h, kMonday + 72h + 14h};  // on Thursday

class People {
 public:
  People(Town& town, Truth& truth, std::uint64_t seed) : town_(town), truth_(truth), random_(seed) {}

  // All of them begin; what they do takes the week and the Monday after it.
  void begin();

  // How often somebody did what Baton has to refuse.
  struct Mistakes {
    int late_choices = 0, late_claims = 0, second_returns = 0;
  };
  const Mistakes& mistakes() const { return mistakes_; }

 private:
  Task<Done> weather();
  Task<Done> converse(int number, TimePoint at);
  Task<HandoffId> ask(int number, int round);
  Task<Done> be_a_customer(int number, HandoffId id);
  Task<Done> be_answered(HandoffId id);
  Task<bool> be_claimed(const HandoffId& id, const std::string& member);
  Task<Done> be_solved(HandoffId id, std::string member);
  Task<bool> write(const HandoffId& id, const char* what, const std::string& member, const std::string& text);
  Task<Done> choose(const HandoffId& id, const std::string& key);
  Task<Done> pass_on(const HandoffId& id, const std::string& member);
  Task<Done> too_late(const HandoffId& id, const std::string& member);

  TimePoint begins(int number);
  Task<Done> pause(Duration least, Duration most) {
    return town_.clock.until(town_.clock.now() + least + random_.up_to(most - least));
  }
  int percent() { return static_cast<int>(random_.bits() % 100); }
  std::string somebody_of(const std::string& team);

  Town& town_;
  Truth& truth_;
  Random random_;
  Mistakes mistakes_;
};

}  // namespace baton::town
