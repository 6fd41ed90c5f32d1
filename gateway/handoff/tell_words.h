// Purpose: spans and instants in the words of a language: "about 5 to 10 minutes", "tomorrow at 9:00 am".
// Pure. Owner: the messages. Threads: any; the system's time zone data is read on first use and kept by its
// library. Errors: Problems when read; an unknown zone counts as none.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/time.h"
#include "gateway/handoff/choice.h"
#include "gateway/model/node.h"

namespace baton::handoff::tell {

// How long it takes, as far as anyone can know: between these.
struct Range {
  Duration low{0};
  Duration high{0};
};

// The words of a language; `{from}` and the like stand for what is filled in.
struct Words {
  bool twelve_hours = false;
  std::vector<std::string> weekdays;  // seven, from Monday
  std::vector<std::string> months;    // twelve
  // By name: minute, minutes, minutes_same, hours, hours_same, minutes_to_hours, over_a_day, today, tomorrow,
  // weekday, day, zone, quote, or, and.
  std::map<std::string, std::string, std::less<>> phrases;
  std::array<std::string, kChoiceNames.size()> choices;  // "ask for a callback"
  // What a configuration calls its own, as customers know it: by intent's name or category, by team, by kind
  // of identifier.
  std::map<std::string, std::string, std::less<>> issues, teams, details, help;

  const std::string& phrase(std::string_view name) const;
};

// A day's length or more is said in whole hours. Rounded away from the promise: never narrower than it is.
std::string wait_in_words(const Range& wait, const Words& words);

std::string span_in_words(Duration span, const Words& words);  // "about 20 minutes", rounded down

// As seen at `now` in `zone`; without one in `house_zone`, and then the zone is named.
std::string moment_in_words(TimePoint at, TimePoint now, const std::string& zone,
                            const std::string& house_zone, const Words& words);

// "a, b or c"; `between` is a phrase's name, "or" or "and".
std::string list_in_words(const std::vector<std::string>& items, std::string_view between,
                          const Words& words);

// Reads a language's `words`, `choices`, `issues`, `teams`, `details` and `help` into `words`. With `whole`
// what is missing is a problem, otherwise it stays as it was.
void read_words(Fields& in, bool whole, Words& words);

}  // namespace baton::handoff::tell
