// Purpose: how a journal is kept in order while it is used: what is old goes, what is about a person goes
// when they ask. A port of its own, as no station that carries handoffs has any use for it.
// Owner: the adapters implement it beside Journal. Threads: as Journal.
// Errors: as Journal; what was done before a failure stays done, and asking again goes on.
//
// Bounded: one call of sweep() looks at few rows, so that the commits beside it do not wait. Never taken is
// what somebody needs: handoffs that are open or whose conversation has an open one, news nobody consumed,
// deliveries that are pending or dead letters, rows that are damaged, jobs that are leased.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "gateway/base/task.h"

namespace baton {

// What was last touched before these instants is old. A handoff is touched by its events, its moves and
// the ends of its jobs.
struct Cutoffs {
  TimePoint requests = TimePoint::min();   // then: what was sent to vendors, byte for byte
  TimePoint events = TimePoint::min();     // then: the bodies of its events and signals; their keys stay
  TimePoint handoffs = TimePoint::min();   // then: the handoff itself with all its rows
  TimePoint audit = TimePoint::min();      // by when it was written
  TimePoint documents = TimePoint::min();  // by when it was last replaced
};

// Where a walk goes on; made by sweep() only.
struct SweepPlace {
  bool operator==(const SweepPlace&) const = default;

  int stage = 0;
  TimePoint at = TimePoint::min();
  std::uint64_t no = 0;
};

struct Swept {
  void add(const Swept& other);
  std::uint64_t all() const { return handoffs + events + requests + audit + documents; }

  std::uint64_t handoffs = 0;      // removed
  std::uint64_t events = 0;        // facts that lost their bodies
  std::uint64_t requests = 0;      // jobs that lost what they sent
  std::uint64_t audit = 0;         // removed
  std::uint64_t documents = 0;     // removed
  std::optional<SweepPlace> next;  // nothing: the walk is over
};

// Whose data it is: the customer of a handoff by either.
struct Person {
  bool empty() const { return email.empty() && customer.empty(); }

  std::string email;     // ASCII letters in any case
  std::string customer;  // the event's customer.id
};

struct Erased {
  std::uint64_t handoffs = 0;  // of the person: what is left of each is when and where, and receipts
  std::uint64_t mentions = 0;  // other rows in which they were named
};

class Maintenance {
 public:
  virtual ~Maintenance() = default;

  // One step of a walk over everything that may be old; the first one starts from SweepPlace().
  virtual Task<Swept> sweep(Cutoffs before, SweepPlace from, int limit) = 0;

  // When it answers, nothing of the person is left in the store's files. A handoff of theirs that is open
  // is cancelled, and what it would still have sent is not sent.
  virtual Task<Erased> erase(Person person) = 0;
};

}  // namespace baton
