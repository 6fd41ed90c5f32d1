// Purpose: the alert station: looks at everything every ten seconds, and tells people once of each change,
// through cases of Baton's own whose deliveries are kept and tried like any other. Owner: app/. Threads: one
// loop, the journal's home. Errors: none leave it; while the journal is unwell it looks again later, and
// nothing is told twice: an alert and the case that tells it are committed together.
//
// Documents: "alert" (one each, by key), "silence" (people's), "alert.history" and "alert.source" (what was
// learnt; at most a minute of it is lost).
#pragma once

#include <functional>
#include <set>

#include "gateway/base/random.h"
#include "gateway/health/alerts_survey.h"

namespace baton::alerts {

class Station {
 public:
  struct Parts {
    Parts(Journal& journal_in, Clock& clock_in, Random& random_in, const Options& options_in,
          std::function<Readings()> read_in)
        : journal(journal_in), clock(clock_in), random(random_in), options(options_in),
          read(std::move(read_in)) {}
    Journal& journal;
    Clock& clock;
    Random& random;
    const Options& options;
    std::function<Readings()> read;
  };
  explicit Station(Parts parts)
      : parts_(std::move(parts)), survey_(parts_.journal, parts_.clock, parts_.options) {}

  Task<Done> run(std::stop_token stop);

 private:
  struct Kept {
    Alert alert;
    int version = 0;  // of its document; 0: there is none
    Alert stored;     // as the document says
    TimePoint stored_at;
  };

  Task<Done> recall();
  Task<Done> look();
  Task<std::vector<Document>> documents(std::string kind);
  Task<std::vector<handoff::Silence>> silences();
  Task<Done> advance(const std::string& key, const Group* group,
                     const std::vector<handoff::Silence>& silences);
  Task<Done> keep(const std::string& key, Step next);
  Task<Done> forget(const std::string& key);
  Task<Done> tell(Batch& batch, Step& step);
  Task<Done> remember();
  Task<Done> recall_learnt(const char* kind);
  std::vector<DestinationId> channels_for(const Alert& alert) const;
  bool worth_storing(const Kept& kept, const Alert& next) const;

  Parts parts_;
  Survey survey_;
  Memory memory_;
  std::map<DestinationId, std::string> vendors_;
  std::map<std::string, Kept> alerts_;
  std::map<std::pair<std::string, std::string>, Document> learnt_;  // as written, by kind and key
  TimePoint remembered_at_;
};

}  // namespace baton::alerts
