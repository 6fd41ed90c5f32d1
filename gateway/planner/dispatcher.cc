#include "gateway/planner/dispatcher.h"

#include <algorithm>
#include <cstdint>

#include "gateway/journal/documents.h"

namespace baton {
namespace {

constexpr Duration kUnwell = 1s;
constexpr Duration kPause = 50ms;  // between two looks: what comes at once is looked at once
constexpr Duration kSaveEvery = 1min;
constexpr int kPage = 100;
constexpr const char* kAllTeams = "all";

Signal signal_of(const handoff::Offer& offer, const handoff::Teams& teams, const std::string& key) {
  Signal signal(SignalKind::offered, key, {}, offer.member);
  signal.handoff = HandoffId(offer.handoff);
  signal.about = offer.team;
  signal.text = offer.reason;
  const auto team = teams.find(offer.team);
  const auto* member = team == teams.end() ? nullptr : team->second.member(offer.member);
  signal.who_name = member ? member->name : offer.member;
  return signal;
}

}  // namespace

Task<Done> Dispatcher::run(std::stop_token stop) {
  Scope beside(co_await net::this_coro::executor, clock_);
  (void)co_await load_times();
  save_at_ = clock_.now() + kSaveEvery;
  beside.spawn(watch_presence(stop));
  while (!stop.stop_requested()) {
    const auto seen = board_.changed().count();
    const bool painted = !board_.wants_painting() || (co_await paint()).has_value();
    if (!painted) {
      (void)co_await clock_.until(clock_.now() + kUnwell, stop);
      continue;
    }
    (void)co_await make_offers(stop);
    if (board_.has_waited() && clock_.now() >= save_at_) (void)co_await save_times();
    auto next = board_.next_change(clock_.now());
    if (board_.has_waited()) next = std::min(next, save_at_);
    (void)co_await board_.changed().wait(seen, clock_, next, stop);
    if (!stop.stop_requested()) (void)co_await clock_.until(clock_.now() + kPause, stop);
  }
  if (board_.has_waited()) (void)co_await save_times();
  co_return co_await beside.join();
}

// Page by page, while the planner goes on: what it keeps meanwhile is newer and stays.
Task<Done> Dispatcher::paint() {
  board_.begin_painting();
  HandoffQuery query;
  query.open_only = true;
  query.limit = kPage;
  for (;;) {
    const auto page = co_await journal_.query(query);
    if (!page) co_return page.error();
    for (const auto& handoff : *page) board_.keep(handoff);
    if (page->size() < static_cast<std::size_t>(kPage)) break;
    query.before = page->back().id;
  }
  board_.end_painting();
  co_return Done{};
}

Task<Done> Dispatcher::watch_presence(std::stop_token stop) {
  auto& changed = journal_.changed(documents_lane(std::string(handoff::kPresenceKind)));
  while (!stop.stop_requested()) {
    const auto seen = changed.count();
    const auto read = co_await read_presence();
    if (!read) (void)co_await clock_.until(clock_.now() + kUnwell, stop);
    else (void)co_await changed.wait(seen, clock_, TimePoint::max(), stop);
  }
  co_return Done{};
}

Task<Done> Dispatcher::read_presence() {
  const auto said = co_await all_documents(journal_, std::string(handoff::kPresenceKind), SIZE_MAX);
  if (!said) co_return said.error();
  std::map<std::string, handoff::Attendance, std::less<>> attendance;
  for (const auto& document : *said)
    attendance[document.key] = handoff::read_attendance(JsonView(document.body));
  board_.attend(std::move(attendance));
  co_return Done{};
}

// Side by side, so that one group commit carries them all.
Task<Done> Dispatcher::make_offers(std::stop_token stop) {
  Scope offers(co_await net::this_coro::executor, clock_);
  for (auto& made : board_.choose(clock_.now())) {
    board_.asking(made);
    offers.spawn(offer(std::move(made), stop));
  }
  co_return co_await offers.join();
}

Task<Done> Dispatcher::offer(handoff::Offer made, std::stop_token stop) {
  const auto number = board_.next_offer(made.handoff);
  const auto key = "offer:" + made.handoff + ":" + std::to_string(number);
  Batch batch;
  batch.facts.emplace_back(HandoffId(made.handoff), key,
                           Fact(clock_.now(), signal_of(made, board_.teams(), key)));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (committed && committed->done()) co_return Done{};
  if (committed) {
    // Another one made it. Once it is planned, what became of it stands in the journal.
    const auto record = co_await journal_.load(HandoffId(made.handoff));
    if (record && record->handoff.offers < number) co_return Done{};
    if (record) board_.keep(record->handoff);
  } else {
    (void)co_await clock_.until(clock_.now() + kUnwell, stop);
  }
  board_.not_asking(made.handoff);
  board_.changed().ring();
  co_return Done{};
}

Task<Done> Dispatcher::load_times() {
  const auto found = co_await find_document(journal_, std::string(kWaitTimesKind), kAllTeams);
  if (!found) co_return found.error();
  if (!*found) co_return Done{};
  times_version_ = (*found)->version;
  auto times = handoff::WaitTimes::from_json(JsonView((*found)->body));
  if (!times) co_return times.error();  // estimates start anew
  board_.use(std::move(*times));
  co_return Done{};
}

// Where somebody else wrote meanwhile, their figures are taken over and ours put on top.
Task<Done> Dispatcher::save_times() {
  constexpr int kTries = 3;
  save_at_ = clock_.now() + kSaveEvery;
  const auto learnt = board_.take_waited();
  for (int i = 0; i < kTries; ++i) {
    Batch batch;
    batch.documents.emplace_back(std::string(kWaitTimesKind), kAllTeams, board_.times().to_json(),
                                 times_version_);
    const auto committed = co_await journal_.commit(std::move(batch));
    if (!committed) co_return committed.error();
    if (committed->done()) {
      ++times_version_;
      co_return Done{};
    }
    const auto loaded = co_await load_times();
    if (!loaded) co_return loaded.error();
    for (const auto& waited : learnt) board_.learn(waited);
  }
  co_return Done{};
}

}  // namespace baton
