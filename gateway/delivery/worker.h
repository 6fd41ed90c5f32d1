// Purpose: carries out the jobs of one lane: claims what the lane's control lets through, has the
// connector perform it, and journals how each attempt ended.
// Owner: the delivery station, one per destination. Threads: one loop.
// Errors: an attempt's failure becomes the job's; run() goes on while the journal is unwell.
#pragma once

#include "gateway/base/random.h"
#include "gateway/delivery/session.h"

namespace baton::delivery {

class Worker {
 public:
  Worker(const sdk::Account& account, Journal& journal, HttpClient& client, Clock& clock, Random& random,
         bool lookups = true);

  // Works until stopped, then waits for the attempts under way.
  Task<Done> run(std::stop_token stop);

  LaneControl& control() { return control_; }
  const sdk::Account& account() const { return account_; }

 private:
  Task<Done> round(Scope& attempts, Scope& requests, std::stop_token stop);
  Task<Done> attempt(Claimed claimed, Scope& requests);
  Task<Done> carry_out(Claimed& claimed, Attempt& attempt, Scope& requests);
  Task<Done> perform(Claimed& claimed, Session& session);
  Task<Done> journal(Claimed& claimed, const Attempt& attempt, const Result<Done>& outcome);
  Task<Done> give_up(Claimed& claimed, std::string why);
  Task<Done> put_back(Claimed& claimed, TimePoint due);
  Failure fit_to_keep(Failure failure) const;
  std::optional<LaneState> pause_for(const Failure& failure, const Attempt& attempt) const;

  const sdk::Account& account_;
  Lane lane_;
  Journal& journal_;
  HttpClient& client_;
  Clock& clock_;
  Random& random_;
  Credentials credentials_;
  LaneControl control_;
  bool lookups_;
  bool crowded_ = false;  // the latest look found no room, and attempts under way
};

}  // namespace baton::delivery
