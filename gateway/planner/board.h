// Purpose: the queue as it is now: who waits where, who is asked, who holds how much, who is there. The
// planner keeps it up to date from every handoff that it commits, so that nobody asks the journal for it.
// Owner: app/, one for each reading of the configuration; the planner and the dispatcher share it. Threads:
// one loop. Units: positions from 1. Errors: none.
//
// It is a picture and no memory: after a restart it is painted again from the journal, and until that is
// done nothing is known and nobody is asked. Bounded: beyond kMost it stops counting, positions are unknown,
// and it is painted anew when half of them are served.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "gateway/base/bell.h"
#include "gateway/handoff/decide.h"
#include "gateway/handoff/house.h"
#include "gateway/handoff/presence.h"
#include "gateway/handoff/queue.h"
#include "gateway/handoff/wait.h"

namespace baton {

// How long a customer waited, and the range that they were told at the beginning.
struct Waited {
  std::string team;
  int hour = 0;  // of the week
  std::size_t position = 1;
  Duration waited{};
  std::optional<handoff::WaitRange> told;
};

class Board {
 public:
  static constexpr std::size_t kMost = 10'000;
  static constexpr std::size_t kMostUnsaved = 1'000;

  // `decisions` recognise what is confidential; without them only the platform's own word does.
  explicit Board(const handoff::Teams& teams, const handoff::DecisionRules* decisions = nullptr);

  // What of a handoff stands on the board, taken before the handoff itself goes into a batch.
  struct Entry;
  Entry entry_of(const Handoff& handoff, int version) const;

  // As it was committed; an older version than the one that is known changes nothing.
  void keep(Entry entry);
  void keep(const Handoff& handoff);

  // Between the two come all open handoffs of the journal, in any order.
  void begin_painting();
  void end_painting();
  bool is_painted() const { return painted_; }
  bool wants_painting() const { return !painted_ || (truncated_ && rows_.size() < kMost / 2); }

  // Rings when choose() may answer otherwise.
  Bell& changed() { return changed_; }

  void attend(std::map<std::string, handoff::Attendance, std::less<>> attendance);

  // Whom to ask now. What is asked for is counted as asked until keep() says what became of it.
  std::vector<handoff::Offer> choose(TimePoint now);
  // The number of the offer that is the handoff's next.
  int next_offer(const std::string& handoff) const;
  void asking(const handoff::Offer& offer);
  void not_asking(const std::string& handoff);
  // When choose() may answer otherwise though nothing was kept.
  TimePoint next_change(TimePoint now) const;

  handoff::House house(TimePoint now);
  handoff::tell::Outlook outlook(const Handoff& handoff, TimePoint now);
  // From 1; nothing where it is not known. Also of one that is not on the board yet.
  std::optional<int> position(const handoff::Waiting& one) const;

  const handoff::Teams& teams() const { return teams_; }
  handoff::Desks desks(TimePoint now) const;
  std::size_t waiting() const { return order_.size(); }
  std::size_t waiting_for(std::string_view team) const {
    const auto line = lines_.find(team);
    return line == lines_.end() ? 0 : line->second.size();
  }
  // As the API shows it: at most `limit` of those who wait, in their order.
  nlohmann::json to_json(TimePoint now, std::size_t limit);

  const handoff::WaitTimes& times() const { return times_; }
  void use(handoff::WaitTimes times) { times_ = std::move(times); }
  void learn(const Waited& waited);
  // What was learnt since the last call, to be written down.
  std::vector<Waited> take_waited() { return std::exchange(waited_, {}); }
  bool has_waited() const { return !waited_.empty(); }

 private:
  struct Row {
    handoff::Waiting waiting;
    bool waits = false;      // nobody has it
    bool announced = false;  // and people know of it
    std::string member;      // who has it or is asked; may be empty
    std::string asked_team;  // "": nobody is asked
    std::string person;      // who is asked
    int offers = 0;
    int version = 0;
  };
  // In the order of the queue, as choose() has it.
  struct Rank {
    TimePoint counts_from, since;
    std::string id;
    auto operator<=>(const Rank&) const = default;
  };
  struct Pending {
    std::string member;
    int number = 0;
  };
  struct Hours {
    bool open = false;
    std::optional<TimePoint> opens_at, closes_at;
    TimePoint until;  // it holds so long
  };

  static Rank rank_of(const handoff::Waiting& one);
  Row row_of(const Handoff& handoff) const;
  void add(const std::string& id, Row row);
  void drop(const std::string& id);
  void learn(const Entry& entry);
  const Hours& hours_of(const handoff::Team& team, TimePoint now);
  std::vector<handoff::Waiting> unasked() const;

  std::vector<std::string> sensitive_in(const nlohmann::json& data) const;

  const handoff::Teams& teams_;
  const handoff::DecisionRules* const decisions_;
  std::map<std::string, std::string> sensitive_;  // every topic that somebody may see, with its folded name
  bool painted_ = false;
  bool painting_ = false;
  bool truncated_ = false;
  std::map<std::string, Row, std::less<>> rows_;
  std::map<std::string, int, std::less<>> gone_;  // while painting: what ended, with its version
  std::set<Rank> order_;                          // of those who wait
  std::map<std::string, std::vector<Rank>, std::less<>> lines_;  // the same by team, each sorted
  std::map<std::string, std::int64_t, std::less<>> loads_;       // by member
  std::map<std::string, TimePoint, std::less<>> last_offers_;    // by member
  std::map<std::string, Pending, std::less<>> pending_;          // by handoff
  std::map<std::string, handoff::Attendance, std::less<>> attendance_;
  std::map<const handoff::Team*, Hours> hours_;
  std::size_t first_ = 0;  // of the waiting: where the next look begins
  handoff::WaitTimes times_;
  std::vector<Waited> waited_;
  Bell changed_;
};

struct Board::Entry {
  std::string id;
  bool own = false;  // a case of Baton's own
  State state = State::received;
  int version = 0;
  Row row;
  TimePoint asked_at;
  std::optional<ToldWait> told;
  TimePoint requested_at;
  std::optional<TimePoint> first_end;  // of the waiting, while there was only one
};

}  // namespace baton
