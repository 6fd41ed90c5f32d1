// Purpose: of a handoff just what figures are made of: reports read a million of them, and most of a handoff
// is its conversation.
// Owner: whoever asked the journal. Threads: plain value. Errors: none; data of another type than expected
// counts as missing, as everywhere.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "gateway/model/handoff.h"

namespace baton {

struct Outline {
  struct Entry {
    Entry(TimePoint at_in, State state_in) : at(at_in), state(state_in) {}
    bool operator==(const Entry&) const = default;
    TimePoint at;
    State state;
  };
  struct Opinion {
    Opinion(double score_in, std::string scale_in, std::string phase_in)
        : score(score_in), scale(std::move(scale_in)), phase(std::move(phase_in)) {}
    bool operator==(const Opinion&) const = default;
    double score;
    std::string scale, phase;  // as in Rating
  };
  struct Mood {
    Mood(TimePoint at_in, double score_in) : at(at_in), score(score_in) {}
    bool operator==(const Mood&) const = default;
    TimePoint at;
    double score;
  };

  Outline() = default;
  // Says what an outline is; decode_outline() reads the same out of a stored record.
  Outline(const Handoff& handoff);
  bool operator==(const Outline&) const = default;

  HandoffId id;
  WorkspaceId workspace;
  TimePoint requested_at;
  State state = State::received;
  Priority priority = Priority::normal;
  std::string rule, team, pilot;                          // of its route
  std::string category;                                   // or the intent's name
  std::string trigger, channel, language, product, tier;  // the last: the customer's
  std::string customer;                                   // their id, or e-mail address
  std::string account;                                    // its id, or the company, or the customer's id
  int parts = 0, parts_present = 0;                       // of the context that was asked for
  int bounces = 0;
  int replies = 0;
  std::vector<Entry> passages;      // every state that it entered, in order
  std::vector<Opinion> ratings;     // in order
  std::vector<Mood> feelings;       // as they were told, then those of the event
  std::vector<std::string> faults;  // that people found with it
  std::set<std::string> asked_again;
};

}  // namespace baton
