// Purpose: one destination at its simulated vendor, with the real delivery station, a journal in memory
// and virtual time; and somebody between who meddles with requests, answers and commits.
// Owner: a test. Threads: one loop. Errors: as the ports between say.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/sdk/account.h"
#include "connectors/simulation/client.h"
#include "gateway/app/mappings.h"
#include "gateway/base/random.h"
#include "gateway/base/scope.h"
#include "gateway/delivery/station.h"
#include "gateway/journal/memory/memory.h"
#include "secrets/redaction.h"
#include "tests/contract/place.h"
#include "tests/support/passing_journal.h"

namespace baton::contract {

// What the planner would say of an operation, see handoff::advance.
nlohmann::json subject_of(Operation operation, const nlohmann::json& data, const std::string& conversation,
                          TimePoint now);

// What has happened at the vendor before, and what people have set up there.
void set_up(const Place& place, simulation::FaultyVendor& vendor, TimePoint now);

class MeddlingClient final : public HttpClient {
 public:
  // The answer instead of the vendor's, who then never sees the request.
  using Instead = std::function<std::optional<Result<Reply>>(int n, const Request&)>;
  // Changes what comes back.
  using After = std::function<void(int n, Result<Reply>&)>;

  explicit MeddlingClient(HttpClient& inner) : inner_(inner) {}
  Task<Reply> exchange(Outgoing outgoing) override;
  void meddle(Instead instead, After after = {});  // counts anew
  void leave_alone() { meddle({}); }

  std::vector<Request> sent;  // since meddle()

 private:
  HttpClient& inner_;
  Instead instead_;
  After after_;
};

// Fails chosen commits, as a store that is unwell for a moment does.
class UnwellJournal final : public PassingJournal {
 public:
  explicit UnwellJournal(Journal& inner) : PassingJournal(inner) {}
  Task<Committed> commit(Batch batch) override;

  int fail_at = -1;
  int commits = 0;
};

class Bench {
 public:
  explicit Bench(const Place& place, nlohmann::json data = sample_data());
  ~Bench();

  static const nlohmann::json& sample_data();

  // Does what must be there before (a ticket for its note), then asks for the operation.
  void order(Operation operation);
  // One more of the same, behind it: `sequence` from 2.
  void order_another(Operation operation, int sequence) { ask_for(operation, sequence); }
  void run(Duration at_most = Duration{48h});
  Job job(Operation operation, int sequence = 1);
  std::optional<LaneState> lane();
  Verdict replay(const Job& job);
  void set_paused(bool paused);  // by a person
  std::string withdraw();        // what became of its token, or why it was not given back
  void prepare();                // probes the destination and makes what it lacks, as an operator asks for it

  // How often the case's effect happened since the operation was ordered, and the ledger's own count.
  int effects(Operation operation) const;
  int duplicates() const { return vendor.vendor().ledger().value("duplicates", 0); }
  std::string everything_kept();  // all that the journal holds, as text
  // All that must not be in it: the account's secrets, and the tokens that it obtained.
  std::vector<std::string> secrets() const;

  template <class T>
  Result<T> await(Task<T> task) {
    std::optional<Result<T>> result;
    scope_.spawn(std::move(task), [&result](Result<T> r) { result.emplace(std::move(r)); });
    clock.run(clock.now());
    BATON_CHECK(result);
    return std::move(*result);
  }

  const Place place;
  simulation::FaultyVendor vendor;
  sdk::Accounts accounts;
  sdk::Account* account = nullptr;
  Loop loop;
  VirtualClock clock;
  MemoryStore store;

 private:
  void bind_redactor();
  void ask_for(Operation operation, int sequence = 1);
  int count(Operation operation) const;

  std::string conversation_;
  MemoryJournal memory_;
  simulation::VendorClient network_;

 public:
  UnwellJournal journal;
  MeddlingClient client;

 private:
  Random random_{7};
  std::unique_ptr<secrets::Redactor> redactor_;
  std::vector<std::string> obtained_;
  std::unique_ptr<delivery::Station> station_;
  Scope scope_;
  int before_ = 0;
};

}  // namespace baton::contract
