// Purpose: what truly happened in a town, by the second, as watchers outside of Baton saw it: which ticket
// the helpdesk had since when, who held which conversation from when to when, who was at work, which system
// was down; and every message as the chat platform received it. It shares nothing with what chooses the
// messages. Owner: the test. Threads: one loop. Units: instants UTC. Errors: none.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/week/town.h"

namespace baton::town {

// Somebody had the conversation, from the click or the answer until it was lost, given back or solved.
struct Hold {
  std::string account;  // as the vendor knows them
  std::string name;     // as their team calls them
  TimePoint from;
  std::optional<TimePoint> until;
  bool replied = false;
  bool lost = false;  // expired, released or passed on, not solved
};

// What the customer read.
struct Heard {
  std::string id, type, step, text, by;
  TimePoint decided;   // as the event says
  TimePoint received;  // by the platform
};

struct Life {
  HandoffId id;
  std::string conversation, language;
  std::string team;                                      // who should take it now
  std::vector<std::pair<TimePoint, std::string>> teams;  // and since when who
  TimePoint requested;
  std::string ticket;
  std::optional<TimePoint> ticket_at;
  std::optional<std::pair<std::string, TimePoint>> card;  // ts in Slack
  std::vector<Hold> holds;
  std::vector<TimePoint> choices;  // made while nobody had it
  bool went_on_with_ai = false;    // by the last of them: the search was over
  std::optional<TimePoint> solved, cancelled;
  std::vector<std::string> said;  // what the customer wrote, with the time, for the transcript
  std::vector<Heard> heard;

  const Hold* holder(TimePoint at) const;
  std::string team_at(TimePoint at) const;
  bool over() const { return solved || cancelled; }
};

struct Outage {
  DestinationId of;
  TimePoint from, until;
};

class Truth {
 public:
  // `kFirstReply`: who is silent for so long after a claim has lost it.
  static constexpr auto kFirstReply = Duration{2min}, kWithoutTicket = Duration{30min};

  explicit Truth(Town& town);

  void outage(Outage one) { outages_.push_back(std::move(one)); }
  bool down(const DestinationId& of, TimePoint at) const;
  // The next that would end is ended; call before reading.
  void settle(TimePoint now);

  Life& life(const HandoffId& id) { return lives_.at(id); }
  const std::map<HandoffId, Life>& lives() const { return lives_; }
  bool knows(const HandoffId& id) const { return lives_.contains(id); }

  // How often somebody of this team had waited to the end at that hour of the day before `at`; no fewer than
  // Baton can know of.
  int samples(const std::string& team, TimePoint at) const;
  void waited_before(const std::string& team, int hour, int times) { before_[{team, hour}] += times; }

 private:
  void saw_fact(const HandoffId& id, const Happened& what, TimePoint at);
  void saw_event(Life& life, const Event& event, TimePoint at);
  void saw_signal(Life& life, const Signal& signal, TimePoint at);
  void saw_request(const DestinationId& where, const RawRequest& raw, const Reply& reply);
  void heard(const RawRequest& raw);
  void end(Life& life, TimePoint at, bool lost);
  std::string name_of(const Signal& signal) const;

  Town& town_;
  std::map<HandoffId, Life> lives_;
  std::vector<Outage> outages_;
  std::map<std::pair<std::string, int>, int> before_;
};

int local_hour(TimePoint at);                         // in Berlin, in winter
bool at_work(const std::string& team, TimePoint at);  // as the week's calendar says, reckoned by hand

}  // namespace baton::town
