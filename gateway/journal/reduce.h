// Purpose: what is left of a record when a part of it may not be kept any longer. Every adapter reduces
// alike.
// Owner: the adapters. Threads: any; pure. Errors: none.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/journal/maintenance.h"
#include "gateway/model/fact.h"
#include "gateway/model/handoff.h"
#include "gateway/model/job.h"

namespace baton {

// The stages of an ended handoff's way out. Each includes those before it.
enum class SweepStage { whole, without_requests, without_events, gone };
SweepStage stage_at(TimePoint touched, const Cutoffs& before);

TimePoint touched(const Handoff& handoff);
TimePoint touched(const Job& job);  // by its end

void drop_requests(Job& job);
void drop_body(Fact& fact);

bool is_of(const Handoff& handoff, const Person& person);
// Receipts, times and the people who worked on it stay.
void erase_person(Handoff& handoff, TimePoint now);
void erase_person(Job& job);
void erase_person(Fact& fact);

// How a record may spell the person.
class Spellings {
 public:
  explicit Spellings(const Person& person);

  bool empty() const { return all_.empty(); }
  // In lower case, for a search that ignores the case of ASCII letters.
  std::vector<std::string> texts() const;
  // Whether anything was replaced. A record stays the JSON text that it was.
  bool replace(std::string& record) const;

 private:
  struct Spelling {
    std::string text;  // in lower case
    std::string by;
  };
  std::vector<Spelling> all_;
};

}  // namespace baton
