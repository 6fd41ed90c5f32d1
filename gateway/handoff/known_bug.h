// Purpose: one known bug: who met it, whether it is filed, what is to be done when it is met once more, when
// engineers plan, finish or refuse it, and when it comes back. Pure: state and happening give the next state
// and what is to be done.
// Owner: the store keeps one for each key of a fingerprint; only the planner writes it. Threads: plain
// values. Units: value in major units of one currency, as the CRM gives it. Errors: none; what a record lacks
// has its default.
//
// Bounded: it remembers so many customers, links and events and no more; what it had to forget is counted.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/time.h"
#include "gateway/handoff/fingerprint.h"
#include "gateway/model/event.h"
#include "gateway/model/ids.h"
#include "gateway/model/receipt.h"

namespace baton::handoff {

inline constexpr std::size_t kMaxBugCustomers = 500;
inline constexpr std::size_t kMaxBugLinks = 500;
inline constexpr std::size_t kMaxBugEvents = 500;

enum class BugState { watching, filed, fixed, regressed };
inline constexpr auto kBugStateNames =
    std::to_array<std::string_view>({"watching", "filed", "fixed", "regressed"});
constexpr std::string_view name(BugState state) { return kBugStateNames[static_cast<std::size_t>(state)]; }

// What engineers said of it last.
enum class BugPlan { open, planned, declined };
inline constexpr auto kBugPlanNames = std::to_array<std::string_view>({"open", "planned", "declined"});
constexpr std::string_view name(BugPlan plan) { return kBugPlanNames[static_cast<std::size_t>(plan)]; }

struct BugCustomer {
  std::string id;
  double value = 0;
  TimePoint first_at;
  TimePoint last_at;
};

// A conversation, or a handoff of it, in which the bug was met.
struct BugLink {
  HandoffId handoff;  // empty: an error without a handoff
  ConversationId conversation;
  bool ticketed = false;  // there is a ticket to write into
  bool ready = false;     // nothing more is awaited before the issue may know it
  bool open = true;       // the conversation still runs
  bool attached = false;  // the issue knows it
  bool told = false;      // it was told that this generation is fixed
};

struct KnownBug {
  std::string key;
  ErrorParts parts;
  BugState state = BugState::watching;
  BugPlan plan = BugPlan::open;
  int generation = 1;
  std::optional<Receipt> issue;  // of this generation; none while the report is on its way
  std::optional<Priority> priority;
  std::int64_t occurrences = 0;
  TimePoint first_at;
  TimePoint last_at;
  std::optional<TimePoint> fixed_at;
  std::vector<BugCustomer> customers;
  std::int64_t customers_forgotten = 0;  // sightings by others than those: at most so many customers more
  std::vector<BugLink> links;
  std::int64_t links_forgotten = 0;  // where not 0, the journal knows who else has to be told
  std::deque<std::string> events;    // the last ids; the journal takes an older event no second time either
};

// --- what happens to it

struct Sighting {
  std::string event;  // an id that names it for ever
  ErrorParts parts;
  std::string customer;  // id of the company or the person; empty: nobody knows who it was
  std::string tier;
  double value = 0;
  HandoffId handoff;
  ConversationId conversation;
  bool awaits_ticket = false;  // TicketOpened will follow; the issue is told then
  Priority priority = Priority::normal;
};
struct ReportFiled {
  int generation = 1;
  Receipt issue;
};
struct TicketOpened {
  HandoffId handoff;
};
struct TicketFailed {  // the issue is told without it
  HandoffId handoff;
};
struct ConversationEnded {
  HandoffId handoff;
  ConversationId conversation;
};
struct IssueChanged {
  enum class To { planned, unplanned, fixed, declined, reopened };
  To to = To::planned;
};
using BugHappening =
    std::variant<Sighting, ReportFiled, TicketOpened, TicketFailed, ConversationEnded, IssueChanged>;

// --- what is to be done about it

struct FileReport {  // file_bug, under a key of (bug, generation)
  int generation = 1;
  Priority priority = Priority::normal;
  HandoffId from;  // whose description the report carries
};
struct AttachTo {  // link_bug
  BugLink link;
  std::int64_t customers = 0;  // how many that makes
  double value = 0;
};
struct RaisePriority {
  Priority to = Priority::normal;
  std::string why;
};
struct TellTicket {  // a note for agents
  HandoffId handoff;
  std::string text;
};
struct TellCustomer {  // in an open conversation, once: that it is fixed
  ConversationId conversation;
  HandoffId handoff;
};
// Fixed, and so many met it beyond the links remembered: the journal has to be asked for the handoffs with
// this bug.
struct TellForgotten {
  std::int64_t links = 0;
};
using BugTask = std::variant<FileReport, AttachTo, RaisePriority, TellTicket, TellCustomer, TellForgotten>;

// From how many customers, or how much value, a report is this urgent.
struct RaiseAt {
  std::int64_t customers = 0;  // 0: does not count
  double value = 0;            // 0: does not count
  Priority priority = Priority::high;
};

struct BugPolicy {
  bool first = false;  // the first occurrence is filed
  std::int64_t customers = 3;
  Duration within = std::chrono::hours(24);
  std::vector<std::string> codes;  // filed at once
  std::vector<std::string> tiers;  // filed at once
  std::vector<RaiseAt> raise = {{5, 0, Priority::high}, {20, 0, Priority::urgent}};
  // A release takes its time to reach everybody: what is met so soon after the fix is no regression.
  Duration settles = std::chrono::hours(1);
};

struct BugNext {
  KnownBug bug;
  std::vector<BugTask> tasks;
};

KnownBug new_bug(const Fingerprint& seen);

// Precondition of a Sighting: it belongs to this bug (its key, or find_same()).
BugNext advance(KnownBug bug, const BugHappening& happened, TimePoint now, const BugPolicy& policy);

// What those customers are worth that it remembers.
double value_of(const KnownBug& bug);

// "Known bug ENG-12: 4 customers since 2026-11-20, fix planned"; "" while nobody has filed it.
std::string in_words(const KnownBug& bug);

// One entry of the context's `known_bugs`: {"id", "status", "url", "customers"}; null while not filed.
nlohmann::json as_context(const KnownBug& bug);

// What a tracker calls it: "ENG-12", from its address if its id is a long one.
std::string issue_name(const Receipt& issue);

nlohmann::json to_json(const ErrorParts& parts);
ErrorParts read_error_parts(JsonView from);

nlohmann::json to_json(const KnownBug& bug);
// What is missing or of another type has its default; nothing without a key.
std::optional<KnownBug> read_known_bug(JsonView record);

}  // namespace baton::handoff
