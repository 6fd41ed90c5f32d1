#include "gateway/base/trace.h"

#include <algorithm>
#include <cstdint>

#include "gateway/base/text.h"

namespace baton {
namespace {

bool is_lower_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c == '0'; });
}

// FNV-1a, then the finaliser of SplitMix64, as neighbouring names must not have neighbouring spans.
std::uint64_t mixed(std::string_view name) {
  std::uint64_t value = 14695981039346656037u;
  for (const char c : name) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211u;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9u;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebu;
  return value ^ (value >> 31);
}

}  // namespace

std::string Trace::header() const { return "00-" + trace_id + "-" + span_id + (sampled ? "-01" : "-00"); }

std::optional<Trace> parse_traceparent(std::string_view header) {
  constexpr std::size_t kLength = 55;  // version-trace id-span id-flags
  const auto text = trim(header);
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  const auto version = text.substr(0, 2), trace = text.substr(3, 32), span = text.substr(36, 16),
             flags = text.substr(53, 2);
  if (!is_lower_hex(version) || !is_lower_hex(trace) || !is_lower_hex(span) || !is_lower_hex(flags))
    return std::nullopt;
  if (version == "ff" || is_zero(trace) || is_zero(span)) return std::nullopt;
  if (text.size() > kLength && (version == "00" || text[kLength] != '-')) return std::nullopt;
  const int last = flags[1] <= '9' ? flags[1] - '0' : flags[1] - 'a' + 10;
  return Trace(std::string(trace), std::string(span), (last & 1) != 0);
}

std::string span_id_of(std::string_view name) {
  const auto value = std::max<std::uint64_t>(mixed(name), 1);
  std::string bytes;
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return to_hex(bytes);
}

}  // namespace baton
