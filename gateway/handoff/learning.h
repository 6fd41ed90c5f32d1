// Purpose: what handoffs teach: how people solved what the AI could not, as material to learn from, and the
// questions that it could not answer. Pure. Owner: the API, which feeds it page by page. Threads: plain
// values. Units: bytes of UTF-8; instants in JSON are RFC 3339.
// Errors: none. Who the customer is stands in none of it: names, addresses and numbers are masked.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/json_view.h"
#include "gateway/model/fact.h"
#include "gateway/model/handoff.h"

namespace baton::handoff {

// A text as a stranger may read it: tidy, without secrets, e-mail addresses, telephone and other long
// numbers, and without what `data` says of the customer's name, address and company.
std::string anonymous(std::string_view text, JsonView data);

// Whether a person solved it, with words that can be learned from.
bool teaches(const Handoff& handoff, const std::vector<Fact>& facts);

// {"handoff", "at", "question", "tried", "answers", "resolution", "approach", "category", "language", ...}
nlohmann::json resolution_of(const Handoff& handoff, const std::vector<Fact>& facts);

std::string category_of(const Handoff& handoff);

// Questions that led to a person because the AI had no answer, by what they ask.
class Gaps {
 public:
  // In any order.
  void add(const Handoff& handoff);

  // {"gaps": [{"question", "category", "count", "last_seen", "handoffs"}], "beyond"}: the most frequent
  // first.
  nlohmann::json list(std::size_t most) const;

 private:
  struct Gap {
    std::string question, category;  // of the latest
    std::uint64_t count = 0;
    TimePoint last_seen;
    std::vector<std::string> handoffs;  // some of them
  };

  std::map<std::string, Gap, std::less<>> gaps_;
  std::uint64_t beyond_ = 0;  // handoffs of questions that there was no room for
};

}  // namespace baton::handoff
