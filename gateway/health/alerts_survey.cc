#include "gateway/health/alerts_survey.h"

#include <algorithm>

namespace baton::alerts {
namespace {

constexpr auto kLag = Duration{60s};
constexpr auto kStuckEvery = Duration{60s};
constexpr int kMostStuck = 100;
constexpr int kPage = 20;
constexpr int kMostPages = 25;  // of what is new; more than that is no silence, and tells no other share

TimePoint entered(const Handoff& handoff) {
  return handoff.passages.empty() ? handoff.requested_at : handoff.passages.back().at;
}

void learn_from(const Handoff& handoff, Memory& memory) {
  const auto source = memory.sources.find(handoff.conversation.source);
  if (source != memory.sources.end()) source->second.add(handoff.requested_at);
  for (const auto& destination : handoff.route.context) {
    const auto history = memory.histories.find(destination);
    const auto part = handoff.context.find(destination);
    if (history == memory.histories.end() || part == handoff.context.end()) continue;
    history->second.add_context(part->second.part == Part::present, handoff.requested_at);
  }
}

SourceSeen seen_of(const std::string& name, const Expectation& source, const Options& options,
                   TimePoint now) {
  SourceSeen seen;
  seen.name = name;
  seen.last_event = source.last();
  seen.expected_since = source.since_last(now);
  seen.last_hour = source.this_hour();
  seen.expected_hour = source.rate(now);
  if (const auto found = options.silence.find(name); found != options.silence.end())
    seen.longest_silence = found->second;
  return seen;
}

}  // namespace

Task<Seen> Survey::look(Readings readings, Memory& memory) {
  const auto now = clock_.now();
  for (const auto& lane : readings.lanes) memory.histories[lane.id].add(lane, now);
  for (const auto& name : readings.sources) memory.sources.try_emplace(name);
  const auto read = co_await read_new(memory, now - kLag);
  if (!read) co_return read.error();

  Seen seen;
  for (const auto& lane : readings.lanes) {
    auto one = memory.histories[lane.id].seen(now);
    one.credential_ends = lane.credential_ends;
    one.channel = std::ranges::find(options_.channels, lane.id) != options_.channels.end();
    seen.destinations.push_back(std::move(one));
  }
  const auto looked = co_await look_at_lanes(seen.destinations);
  if (!looked) co_return looked.error();
  for (const auto& name : readings.sources) {
    auto& source = memory.sources[name];
    source.pass(now - kLag);
    seen.sources.push_back(seen_of(name, source, options_, now - kLag));
  }
  if (now - stuck_at_ >= kStuckEvery) {
    const auto stuck = co_await look_for_stuck();
    if (!stuck) co_return stuck.error();
    stuck_at_ = now;
  }
  seen.stuck = stuck_;
  seen.host = std::move(readings.host);
  co_return seen;
}

// Newest first, until one is older than what was read before.
Task<Done> Survey::read_new(Memory& memory, TimePoint until) {
  const auto from = std::exchange(memory.read_until, std::max(until, memory.read_until));
  if (from == TimePoint{}) co_return Done{};  // the first look: what was before says nothing about now
  std::vector<Handoff> found;
  HandoffQuery query;
  query.limit = kPage;
  bool more = true;
  for (int page = 0; more && page < kMostPages; ++page) {
    auto handoffs = co_await journal_.query(query);
    if (!handoffs) {
      memory.read_until = from;
      co_return handoffs.error();
    }
    more = static_cast<int>(handoffs->size()) == kPage;
    for (auto& handoff : *handoffs) {
      query.before = handoff.id;
      if (handoff.requested_at < from) more = false;
      else if (handoff.requested_at < until) found.push_back(std::move(handoff));
    }
  }
  for (auto handoff = found.rbegin(); handoff != found.rend(); ++handoff) learn_from(*handoff, memory);
  co_return Done{};
}

Task<Done> Survey::look_at_lanes(std::vector<DestinationSeen>& destinations) {
  std::vector<DestinationId> ids;
  for (const auto& one : destinations) ids.push_back(one.id);
  const auto backlogs = co_await backlogs_.of(std::move(ids));
  if (!backlogs) co_return backlogs.error();
  for (auto& one : destinations) {
    const auto found = backlogs->find(one.id);
    if (found == backlogs->end())
      co_return Failure(FailureKind::retryable, "the journal cannot count what waits for " + one.id.text);
    one.pending = found->second.pending;
    one.oldest_pending = found->second.oldest;
  }
  co_return Done{};
}

Task<Done> Survey::look_for_stuck() {
  stuck_.clear();
  for (const auto& [state, longest] : options_.stuck) {
    const auto looked = co_await look_for_stuck(state, longest);
    if (!looked) co_return looked.error();
  }
  co_return Done{};
}

Task<Done> Survey::look_for_stuck(State state, Duration longest) {
  const auto now = clock_.now();
  HandoffQuery query;
  query.state = state;
  query.to = now - longest;
  query.limit = kMostStuck;
  const auto handoffs = co_await journal_.query(query);
  if (!handoffs) co_return handoffs.error();
  StuckSeen seen;
  seen.state = name(state);
  seen.since = now;
  for (const auto& handoff : *handoffs) {
    if (now - entered(handoff) < longest) continue;
    ++seen.count;
    if (entered(handoff) >= seen.since) continue;
    seen.since = entered(handoff);
    seen.example = handoff.id;
    if (state == State::resolved && handoff.route.platform) seen.waits_for = *handoff.route.platform;
  }
  if (seen.count > 0) stuck_.push_back(std::move(seen));
  co_return Done{};
}

}  // namespace baton::alerts
