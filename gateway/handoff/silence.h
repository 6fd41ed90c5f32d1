// Purpose: a silence: for a while nobody is told of some alerts. It has an end, a reason and an author; the
// alerts themselves go on being watched, and what still holds when it ends is told then. Pure.
// Owner: whoever made it, through the API; the alert station looks. Threads: any.
// Errors: what cannot be read is no silence.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/model/document.h"
#include "gateway/base/time.h"

namespace baton::handoff {

inline constexpr auto kSilenceKind = "silence";  // of documents
inline constexpr auto kAlertKind = "alert";
inline constexpr auto kLongestSilence = std::chrono::days(31);

struct Silence {
  std::string id;
  std::string
      alert;  // "destination/zendesk/availability", or its beginning and a star: "destination/zendesk/*"
  std::string by;
  std::string why;
  TimePoint from;
  TimePoint until;

  bool covers(std::string_view key, TimePoint now) const;
};

// What an alert's name may look like: lower-case words, slashes, a star at the end.
bool is_alert_pattern(std::string_view text);

Document to_document(const Silence& silence);
std::optional<Silence> silence_from(const Document& document);

}  // namespace baton::handoff
