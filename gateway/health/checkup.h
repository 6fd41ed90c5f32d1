// Purpose: what an operator would look at before trusting an installation, judged: a finding says whether
// it is fine and, if not, what to do. Evidence is gathered elsewhere (`baton doctor`).
// Owner: whoever asks. Threads: any; pure. Units: bytes, durations. Errors: none.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/time.h"

namespace baton::health {

// Ordered: the worst of several is the greatest.
enum class Level { ok, warning, problem };
std::string_view name(Level level);

struct Finding {
  Finding(std::string check_in, Level level_in, std::string text_in, std::string remedy_in = {})
      : check(std::move(check_in)), level(level_in), text(std::move(text_in)), remedy(std::move(remedy_in)) {}
  std::string check;  // "disk space"
  Level level;
  std::string text;    // what is so
  std::string remedy;  // what to do; empty if it is fine
};

// Below `min_free` bytes or `min_percent` no new handoff is opened.
Finding judge_space(std::uint64_t free, std::uint64_t whole, std::uint64_t min_free, int min_percent);

// `type` as statfs() tells it.
Finding judge_file_system(std::uint64_t type, const std::string& directory);

// How long a small write took to reach the disk; nothing: it failed, because of `why`.
Finding judge_sync(std::optional<Duration> took, const std::string& why);

// What servers' clocks are ahead of ours, by host.
struct ClockOffset {
  ClockOffset(std::string host_in, Duration ahead_in) : host(std::move(host_in)), ahead(ahead_in) {}
  std::string host;
  Duration ahead;
};
Finding judge_clock(std::vector<ClockOffset> offsets);

Finding judge_open_files(std::uint64_t limit);

// Who other people's machines connect to.
Finding judge_public_url(std::string_view url);
std::string host_of(std::string_view url);  // without port; "" if it is no URL

struct Certificate {
  std::string subject;
  TimePoint not_before, not_after;
  std::vector<std::string> names;  // that it is valid for; "*.example.com" among them
  bool whole_chain = false;        // each is issued by the next one
  bool self_signed = false;
};
Finding judge_certificate(const Certificate& certificate, std::string_view host, TimePoint now);

}  // namespace baton::health
