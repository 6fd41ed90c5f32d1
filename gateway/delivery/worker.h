// Purpose: carries out the jobs of one lane: claims what the lane's control lets through, has the
// connector perform it, and journals how each attempt ended.
// Owner: the delivery station, one per destination. Threads: one loop.
// Errors: an attempt's failure becomes the job's; run() goes on while the journal is unwell.
#pragma once

#include <functional>

#include "gateway/base/random.h"
#include "gateway/base/turns.h"
#include "gateway/delivery/session.h"
#include "gateway/delivery/stranded.h"

namespace baton::delivery {

// How one attempt ended, for the log. Valid for the length of the call.
struct Outcome {
  Outcome(const Handoff& handoff_in, const Job& job_in, Stage stage_in,
          const std::optional<Failure>& failure_in, Duration took_in)
      : handoff(handoff_in), job(job_in), stage(stage_in), failure(failure_in), took(took_in) {}
  const Handoff& handoff;
  const Job& job;  // as it is after the attempt
  Stage stage;
  const std::optional<Failure>& failure;  // nothing: it succeeded
  Duration took;
};
using Watch = std::function<void(const Outcome&)>;

class Worker {
 public:
  // `turns`, the same for all lanes: each order is made in one.
  Worker(const sdk::Account& account, Journal& journal, HttpClient& client, Clock& clock, Random& random,
         Turns& turns, bool lookups = true);

  // Works until stopped, then waits for the attempts under way.
  Task<Done> run(std::stop_token stop);

  void watch(Watch watch) { watch_ = std::move(watch); }  // before run()

  LaneControl& control() { return control_; }
  const Credentials& credentials() const { return credentials_; }
  // What people asked for of this lane.
  void heed(const LaneState& state);
  Task<Withdrawn> withdraw();
  const sdk::Account& account() const { return account_; }

 private:
  Task<Done> round(Scope& attempts, Scope& requests, std::stop_token stop);
  Task<Done> claim_stranded(Claim& claim, int room);
  Task<Done> attempt(Claimed claimed, Scope& requests);
  Task<Done> carry_out(Claimed& claimed, Attempt& attempt, Scope& requests);
  Task<Done> perform(Claimed& claimed, Attempt& attempt, Session& session);
  Task<Done> journal(Claimed& claimed, const Attempt& attempt, const Result<Done>& outcome,
                     const std::optional<Trace>& trace);
  void note_for_recovery(const JobKey& key, const Attempt& attempt, const std::optional<Failure>& failure);
  Task<Done> give_up(Claimed& claimed, std::string why);
  Task<Done> let_rest(Claimed& claimed, LaneControl::Rest rest);
  Task<Done> put_back(Claimed& claimed, TimePoint due);
  Failure fit_to_keep(Failure failure) const;
  Failure timed(Failure failure, const Attempt& attempt);
  std::optional<LaneState> pause_for(const Failure& failure, const Attempt& attempt) const;

  const sdk::Account& account_;
  Lane lane_;
  Journal& journal_;
  HttpClient& client_;
  Clock& clock_;
  Random& random_;
  Turns& turns_;
  Credentials credentials_;
  LaneControl control_;
  Stranded stranded_;
  bool lookups_;
  Watch watch_;
  bool crowded_ = false;  // the latest look found no room, and attempts under way
};

}  // namespace baton::delivery
