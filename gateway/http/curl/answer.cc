#include "gateway/http/curl/answer.h"

#include <algorithm>
#include <charconv>

#include <curl/curl.h>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"

namespace baton {

bool Answer::take_header(std::string_view line) {
  if (!head_complete_ || !BATON_MUTANT(trailers_uncounted)) header_bytes_ += line.size();
  if (header_bytes_ > bounds_.max_header_bytes) {
    breach_ =
        "the answer's headers and trailers exceed " + std::to_string(bounds_.max_header_bytes) + " bytes";
    return false;
  }
  // Trailers are counted and forgotten: a field that comes after the body must not change what the
  // head said (RFC 9110, section 6.5.1).
  if (head_complete_) return true;
  if (line.starts_with("HTTP/")) {
    reply_.headers.clear();
    last_name_.clear();
    const auto space = line.find(' ');
    const auto status = space == std::string_view::npos ? line : line.substr(space + 1);
    interim_ = status.starts_with('1');
    // We ask for no other protocol. libcurl would take it for a whole answer and keep the connection.
    if (status.starts_with("101")) breach_ = "the peer switched to another protocol, unasked";
    return breach_.empty();
  }
  if (trim(line).empty()) {
    head_complete_ = !interim_;
    return true;
  }
  take_field(line);
  return true;
}

void Answer::take_field(std::string_view line) {
  const auto joined = [this](const std::string& name, std::string_view separator, std::string_view value) {
    auto& held = reply_.headers[name];
    if (!held.empty()) held += separator;
    held += value;
  };
  if (line.front() == ' ' || line.front() == '\t') {
    if (!last_name_.empty()) joined(last_name_, " ", trim(line));
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return;
  last_name_ = to_lower(trim(line.substr(0, colon)));
  joined(last_name_, ", ", trim(line.substr(colon + 1)));
}

bool Answer::take_body(std::string_view piece) {
  if (piece.size() > bounds_.max_body_bytes - reply_.body.size() + BATON_MUTANT(answer_limit_off_by_one)) {
    breach_ = "the answer's body exceeds " + std::to_string(bounds_.max_body_bytes) + " bytes";
    return false;
  }
  reply_.body += piece;
  return true;
}

void Answer::restart() {
  reply_ = Reply();
  last_name_.clear();
  head_complete_ = interim_ = false;
}

Reply Answer::release(int status, TimePoint now) {
  reply_.status = status;
  reply_.retry_after = parse_retry_after(header(reply_.headers, "retry-after"), now);
  return std::move(reply_);
}

std::optional<Duration> parse_retry_after(std::string_view value, TimePoint now) {
  constexpr Duration kMost = std::chrono::hours(24 * 365);
  value = trim(value);
  if (value.empty()) return std::nullopt;
  if (std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    std::int64_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error != std::errc{} || seconds > kMost / 1s) return kMost;
    return Duration(std::chrono::seconds(seconds));
  }
  // curl_getdate reads many forms; only those of HTTP begin with the name of a day.
  if (value.front() < 'A' || value.front() > 'Z') return std::nullopt;
  const auto date = ::curl_getdate(std::string(value).c_str(), nullptr);
  if (date < 0) return std::nullopt;
  const auto when = std::chrono::sys_seconds(std::chrono::seconds(date));
  return std::clamp(std::chrono::duration_cast<Duration>(when - now), Duration{0}, kMost);
}

}  // namespace baton
