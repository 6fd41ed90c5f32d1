#include "gateway/http/transport/hub.h"

#include <utility>

namespace baton {
namespace {

constexpr std::size_t kSpareBuffers = 64;
constexpr std::size_t kSpareBytes = 128 * 1024;

}  // namespace

bool Hub::enter(const std::string& peer_key) {
  const auto most = options.limits.connections_per_peer;
  auto& here = by_peer_[peer_key];
  if (most != 0 && here >= most) return false;
  ++here;
  counts.open.add();
  return true;
}

void Hub::leave(const std::string& peer_key) {
  const auto at = by_peer_.find(peer_key);
  if (--at->second == 0) by_peer_.erase(at);
  counts.open.subtract();
  if (counts.open.value() == 0 && on_empty) on_empty();
}

std::string_view Hub::date() {
  const auto now = std::time(nullptr);
  if (now != date_second_) {
    std::tm parts{};
    char text[40];
    gmtime_r(&now, &parts);
    date_.assign(text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts));
    date_second_ = now;
  }
  return date_;
}

std::string Hub::take_buffer() {
  if (buffers_.empty()) return {};
  auto buffer = std::move(buffers_.back());
  buffers_.pop_back();
  return buffer;
}

void Hub::give_buffer(std::string buffer) {
  if (buffer.capacity() < 64 || buffer.capacity() > kSpareBytes || buffers_.size() >= kSpareBuffers) return;
  buffer.clear();
  buffers_.push_back(std::move(buffer));
}

ServerCounters Hub::snapshot() const {
  ServerCounters seen;
  seen.connections_open = counts.open.value();
  seen.connections_accepted = counts.accepted.value();
  seen.refused_by_limit = counts.over_limit.value();
  seen.refused_by_peer_limit = counts.over_peer_limit.value();
  seen.refused_by_descriptors = counts.shed.value();
  seen.descriptors_exhausted = counts.exhausted.value();
  seen.handshakes_failed = counts.handshakes_failed.value();
  seen.timed_out = counts.timed_out.value();
  seen.requests_in_flight = counts.in_flight.value();
  seen.bytes_received = counts.bytes_received.value();
  for (std::size_t i = 0; i < seen.answers.size(); ++i) seen.answers[i] = counts.answers[i].value();
  for (std::size_t i = 0; i < seen.refusals.size(); ++i) seen.refusals[i] = counts.refusals[i].value();
  return seen;
}

}  // namespace baton
