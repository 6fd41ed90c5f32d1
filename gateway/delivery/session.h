// Purpose: the session that makes every external write happen effectively once: the journal's
// intent before it, the outcome after it, a look-up in between when nobody knows.
// Owner: one attempt of one job. Threads: the worker's loop.
// Errors: the connector's classification; `retryable` when the lease was lost, after which nothing
// more is sent and the attempt must not be journalled.
//
// An outcome is journalled with the next intent or with the attempt's end, whichever comes first: a
// crash in between leaves the step unknown, which the look-up resolves.
#pragma once

#include "connectors/sdk/account.h"
#include "gateway/base/scope.h"
#include "gateway/delivery/credentials.h"
#include "gateway/delivery/lane_control.h"
#include "gateway/http/client.h"
#include "gateway/journal/journal.h"
#include "gateway/model/tally.h"
#include "gateway/model/trace.h"

namespace baton::delivery {

// What is known of an attempt beside its job.
struct Attempt {
  Attempt(TimePoint began_in, bool retry_in) : began(began_in), retry(retry_in) {}
  TimePoint began;
  bool retry;
  bool probe = false;         // of an open breaker
  bool unsent = true;         // the lane still counts it as claimed
  bool asked = false;         // a request left, or tried to
  Stage stage = Stage::ours;  // how far it has come
};

class Session final : public sdk::Session {
 public:
  // What an attempt works with; all of it outlives the session.
  struct Tools {
    Tools(Journal& journal_in, HttpClient& client_in, Clock& clock_in, Scope& requests_in,
          const sdk::Account& account_in, Credentials& credentials_in, LaneControl& lane_in,
          Attempt& attempt_in, bool lookups_in)
        : journal(journal_in), client(client_in), clock(clock_in), requests(requests_in), account(account_in),
          credentials(credentials_in), lane(lane_in), attempt(attempt_in), lookups(lookups_in) {}
    Journal& journal;
    HttpClient& client;
    Clock& clock;
    Scope& requests;  // owns a request that outlives its deadline
    const sdk::Account& account;
    Credentials& credentials;
    LaneControl& lane;
    Attempt& attempt;
    bool lookups;  // false only to demonstrate what they are for
  };

  Session(const Tools& tools, Claimed& claimed, std::string native_key)
      : tools_(tools), claimed_(claimed), native_key_(std::move(native_key)),
        trace_(trace_of(*claimed.handoff, claimed.job)) {}

  Task<Reply> read(sdk::Read read) override;
  Task<std::vector<Result<Reply>>> read_all(std::vector<sdk::Read> reads) override;
  Task<Receipt> once(sdk::Step step) override;
  std::string address() const override { return tools_.credentials.address(); }
  std::string scope() const override { return tools_.credentials.scope(); }

  // Somebody else works on this job now: nothing of this attempt may be written.
  bool lease_lost() const { return lease_lost_; }

  const std::optional<Trace>& trace() const { return trace_; }  // of this attempt

 private:
  // Of a request that left: reads may be under way side by side, so none of it is the session's.
  struct Sent {
    TimePoint authorized_at{};
    int renewals = 0;  // of the credential, before it left
  };

  StepRecord& record_of(sdk::Step& step);
  bool key_is_over(const sdk::Step& step, const StepRecord& record) const;
  Task<sdk::Found> find_again(const sdk::Step& step, const StepRecord& record);
  Task<sdk::Found> look_up(const sdk::Lookup& lookup, TimePoint sent_at);
  Task<Reply> ask(const sdk::Read& read);
  Task<Done> pace(const std::string& budget = {});
  TimePoint latest_end(TimePoint now) const;  // of a request that begins now
  // `request` and `key` outlive it.
  Task<Reply> send(const Request& request, const std::string& key, bool writes, TimePoint deadline);
  Task<Reply> exchange(const Request& request, const std::string& key, bool writes, TimePoint deadline,
                       Sent& sent);
  bool may_renew(const Sent& refused);
  Task<Done> journal_intent();

  const Tools& tools_;
  Claimed& claimed_;
  std::string native_key_;
  std::optional<Trace> trace_;
  int renewals_ = 0;  // of the credential: one is all that an attempt asks for
  int answers_ = 0;
  bool lease_lost_ = false;
};

}  // namespace baton::delivery
