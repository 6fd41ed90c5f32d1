// Purpose: alerts over time: conditions of one cause become one alert, which is pending, then firing, then
// resolved, and is told once for each change. Pure: state + what holds + time -> state + what is told. Owner:
// the alert station, which keeps each alert as a document. Threads: any. Errors: a document that cannot be
// read is an alert that nobody was told of.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/handoff/silence.h"
#include "gateway/health/conditions.h"

namespace baton::alerts {

struct Pace {
  Duration hold = 10s;          // a condition lasts so long before anybody is told
  Duration well = 60s;          // and is gone so long before it is over
  Duration well_again = 15min;  // of what fails now and then, which looks well in between
  Duration after_hidden = 90s;  // before what was hidden is told, as its reason may only be gone first
  Duration repeat = 4h;         // what still holds is said again
  Duration flapping = 1h;       // who comes and goes within it is believed later, each time twice as late
  Duration longest_well = 30min;
  Duration remembered = 24h;  // what is over
};

enum class Stage { pending, firing, resolved };
std::string_view name(Stage stage);

// All conditions of one cause that hold now; the heaviest leads.
struct Group {
  std::string key;
  std::vector<Condition> conditions;
  bool hidden = false;  // by a greater one, which explains it

  const Condition& lead() const { return conditions.front(); }
};

// By key. What is down hides what waits for it; a network that is down hides the destinations.
std::map<std::string, Group> grouped(std::vector<Condition> conditions);

struct Alert {
  std::string key;
  Stage stage = Stage::pending;
  // Of the heaviest condition since it began; of what is over, the last.
  Kind kind = Kind::late;
  Severity severity = Severity::warning;
  std::string about;
  Cause cause = Cause::availability;
  Fault fault = Fault::unknown;
  std::vector<std::string> evidence;
  TimePoint since;                      // of this stage's beginning; of a firing one, of its condition's
  std::optional<TimePoint> gone_since;  // firing, but its condition does not hold
  std::optional<TimePoint> told_at;     // nothing: nobody was told
  std::optional<Severity> told_as;      // how bad, at the worst
  int told = 0;                         // how often; numbers what is told
  HandoffId told_in;                    // its case
  std::vector<TimePoint> resolutions;   // within Pace::flapping
  bool hidden = false;
  TimePoint quiet_until;    // what was hidden may go with its reason
  std::string silenced_by;  // a silence's id; empty: by none

  bool operator==(const Alert&) const = default;
};

enum class Word { nothing, raised, worse, repeated, resolved };
std::string_view name(Word word);

struct Step {
  std::optional<Alert> alert;  // nothing: forget it
  Word word = Word::nothing;
  std::optional<Severity> was;  // of what became worse
};

// `before` null: not known yet; `group` null: nothing holds.
Step step(const Alert* before, const Group* group, const std::vector<handoff::Silence>& silences,
          const Pace& pace, TimePoint now);

Document to_document(const Alert& alert, int version);
std::optional<Alert> alert_from(const Document& document);

}  // namespace baton::alerts
