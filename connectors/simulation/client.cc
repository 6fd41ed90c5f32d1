#include "connectors/simulation/client.h"

#include <array>
#include <charconv>

#include "gateway/base/text.h"

namespace baton::simulation {
namespace {

RawRequest as_seen_by_vendor(const Request& request, std::string_view prefix, TimePoint now) {
  auto rest = request.target.substr(prefix.size());
  if (!rest.starts_with('/')) rest.insert(rest.begin(), '/');
  RawRequest raw(request.method, std::move(rest), request.body, request.headers);
  raw.peer = "127.0.0.1";
  raw.received_at = now;
  return raw;
}

// "Fri, 20 Nov 2026 10:15:31 GMT" (RFC 9110; the two old forms are not sent by anybody we know).
std::optional<TimePoint> read_http_date(std::string_view text) {
  constexpr auto kMonths = std::to_array<std::string_view>(
      {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});
  if (text.size() != 29 || !text.ends_with(" GMT")) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t count) {
    int value = -1;
    std::from_chars(text.data() + at, text.data() + at + count, value);
    return value;
  };
  const auto* const month = std::find(kMonths.begin(), kMonths.end(), text.substr(8, 3));
  if (month == kMonths.end()) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year(number(12, 4)),
      std::chrono::month(static_cast<unsigned>(month - kMonths.begin()) + 1),
      std::chrono::day(static_cast<unsigned>(number(5, 2)))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date) + std::chrono::hours(number(17, 2)) +
         std::chrono::minutes(number(20, 2)) + std::chrono::seconds(number(23, 2));
}

}  // namespace

std::optional<Duration> read_retry_after(std::string_view value, TimePoint now) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error == std::errc() && end == value.data() + value.size() && seconds >= 0)
    return std::chrono::seconds(seconds);
  const auto date = read_http_date(value);
  if (!date) return std::nullopt;
  return std::max(Duration{0}, *date - now);
}

void VendorClient::add(std::string url_prefix, FaultyVendor& vendor) {
  while (url_prefix.ends_with('/')) url_prefix.pop_back();
  places_.push_back(Place{std::move(url_prefix), &vendor});
}

const VendorClient::Place* VendorClient::find(std::string_view url) const {
  const Place* best = nullptr;
  for (const auto& place : places_) {
    if (!url.starts_with(place.prefix)) continue;
    const auto next = url.substr(place.prefix.size(), 1);
    if (!next.empty() && next != "/" && next != "?") continue;  // a longer host name
    if (!best || place.prefix.size() > best->prefix.size()) best = &place;
  }
  return best;
}

Task<Reply> VendorClient::exchange(Outgoing outgoing) {
  const auto index = exchanges_.size();
  exchanges_.push_back(
      Exchanged{outgoing.pool, outgoing.request.method, outgoing.request.target, clock_.now(), 0});
  const auto* const place = find(outgoing.request.target);
  if (!place) co_return Failure(FailureKind::retryable, "nobody answers at this address");
  const auto arrives = clock_.now() + network_.latency / 2;
  if (arrives >= outgoing.deadline) {
    (void)co_await clock_.until(outgoing.deadline);
    co_return Failure(FailureKind::retryable, "no connection by the deadline");
  }
  if (arrives > clock_.now()) (void)co_await clock_.until(arrives);
  // From here on the vendor may have acted, whatever becomes of the answer.
  auto answer = place->vendor->handle(as_seen_by_vendor(outgoing.request, place->prefix, clock_.now()));
  if (!answer.reached) co_return Failure(FailureKind::retryable, "connection refused");
  const auto back =
      clock_.now() + (network_.latency - network_.latency / 2) + (answer.drip ? network_.drip : 0ms);
  if (back > outgoing.deadline) {
    (void)co_await clock_.until(outgoing.deadline);
    co_return Failure(FailureKind::ambiguous, "no answer by the deadline");
  }
  if (back > clock_.now()) (void)co_await clock_.until(back);
  if (answer.cut || answer.reply.status == 0) {
    co_return Failure(FailureKind::ambiguous, "the connection was closed without an answer");
  }
  auto& reply = answer.reply;
  if (reply.body.size() > network_.max_body_bytes)
    co_return Failure(FailureKind::ambiguous, "the answer is too big");
  if (!reply.retry_after)
    reply.retry_after = read_retry_after(header(reply.headers, "retry-after"), clock_.now());
  exchanges_[index].status = reply.status;
  co_return std::move(reply);
}

}  // namespace baton::simulation
