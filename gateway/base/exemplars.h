// Purpose: of each class of a histogram the newest trace that fell into it, so that a figure leads to a case
// of it. Owner: whoever counts. Threads: a plain value. Units: the histogram's. Errors: none; what belongs to
// no trace is no example.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "gateway/base/histogram.h"
#include "gateway/base/time.h"

namespace baton {

struct Exemplar {
  Exemplar(std::string trace_id_in, Histogram::Took took_in, TimePoint at_in)
      : trace_id(std::move(trace_id_in)), took(took_in), at(at_in) {}
  std::string trace_id;
  Histogram::Took took;
  TimePoint at;
};

class Exemplars {
 public:
  // `of` is the histogram that counts `took` as well.
  void add(const Histogram& of, Histogram::Took took, std::string trace_id, TimePoint at) {
    if (trace_id.empty()) return;
    took = std::max(took, Histogram::Took{0});
    const auto place = std::ranges::lower_bound(of.bounds(), took) - of.bounds().begin();
    newest_[static_cast<std::size_t>(place)].emplace(std::move(trace_id), took, at);
  }
  Exemplars& operator+=(const Exemplars& other) {
    for (std::size_t i = 0; i < newest_.size(); ++i) {
      const auto& theirs = other.newest_[i];
      if (theirs && (!newest_[i] || newest_[i]->at < theirs->at)) newest_[i] = theirs;
    }
    return *this;
  }

  const std::optional<Exemplar>& in(std::size_t at) const { return newest_[at]; }

 private:
  std::array<std::optional<Exemplar>, Histogram::kMostBounds + 1> newest_;
};

}  // namespace baton
