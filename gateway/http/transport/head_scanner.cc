#include "gateway/http/transport/head_scanner.h"

#include <algorithm>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"

namespace baton {
namespace {

// TAB is legal in values, and bytes from 0x80 are: UTF-8 in header values happens.
bool is_control(char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return (value < 0x20 && value != '\t') || value == 0x7f;
}

}  // namespace

std::optional<Refusal> HeadScanner::scan(std::string_view seen) {
  const auto end = std::min(seen.size(), limits_.header_bytes);
  while (position_ < end) {
    const auto byte = seen[position_++];
    auto refusal = std::optional<Refusal>();
    if (after_cr_) {
      if (byte != '\n') return Refusal::malformed_request;  // a bare CR
      after_cr_ = false;
      refusal = on_line_end(seen);
      if (complete_) return std::nullopt;
    } else if (byte == '\r') {
      after_cr_ = true;
    } else {
      refusal = on_byte(byte);
    }
    if (refusal) return refusal;
  }
  if (BATON_MUTANT(head_limit_off_by_one) && position_ == limits_.header_bytes) return std::nullopt;
  if (position_ >= limits_.header_bytes) return Refusal::header_too_large;
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::on_byte(char byte) {
  if (is_control(byte)) return Refusal::malformed_request;
  const auto at = position_ - 1;
  if (lines_ > 0) {
    if (at != line_start_) return std::nullopt;
    // A line that starts with white space continues the one before it (obs-fold).
    if (byte == ' ' || byte == '\t') return Refusal::malformed_request;
    if (lines_ > limits_.header_fields) return Refusal::too_many_headers;
    return std::nullopt;
  }
  if (byte == ' ') {
    if (target_start_ == 0) target_start_ = position_;
    else target_ended_ = true;
  } else if (target_start_ != 0 && !target_ended_ && position_ - target_start_ > limits_.target_bytes) {
    return Refusal::target_too_long;
  }
  return std::nullopt;
}

std::optional<Refusal> HeadScanner::on_line_end(std::string_view seen) {
  const auto line = seen.substr(line_start_, position_ - 2 - line_start_);
  line_start_ = position_;
  if (lines_++ == 0) return check_request_line(line);
  complete_ = line.empty();
  return std::nullopt;
}

// method SP target SP "HTTP/" digit "." digit, with exactly these two spaces.
std::optional<Refusal> HeadScanner::check_request_line(std::string_view line) {
  if (std::count(line.begin(), line.end(), ' ') != 2) return Refusal::malformed_request;
  const auto version = line.substr(line.rfind(' ') + 1);
  if (version.size() != 8 || version.substr(0, 5) != "HTTP/" || !is_digit(version[5]) || version[6] != '.' ||
      !is_digit(version[7])) {
    return Refusal::malformed_request;
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return Refusal::unsupported_version;
  return std::nullopt;
}

}  // namespace baton
