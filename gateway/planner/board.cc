#include "gateway/planner/board.h"

#include <algorithm>
#include <iterator>

#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/handoff/queue_json.h"
#include "gateway/handoff/waiting.h"

namespace baton {
namespace {

// Who works until when, looked ahead no further than this many changes of somebody's hours.
constexpr int kMostChanges = 50;

std::optional<TimePoint> next_change_of(const handoff::Team& team, TimePoint at) {
  std::optional<TimePoint> first;
  for (const auto& member : team.members) {
    const auto next = member.calendar.next_change(at);
    if (next && *next > at && (!first || *next < *first)) first = next;
  }
  return first;
}

std::optional<TimePoint> closes_at(const handoff::Team& team, TimePoint now) {
  auto at = now;
  for (int change = 0; change < kMostChanges; ++change) {
    const auto next = next_change_of(team, at);
    if (!next) return std::nullopt;
    if (!team.is_open(*next)) return next;
    at = *next;
  }
  return std::nullopt;
}

}  // namespace

Board::Board(const handoff::Teams& teams, const handoff::DecisionRules* decisions)
    : teams_(teams), decisions_(decisions) {
  for (const auto& [name, team] : teams_) {
    for (const auto& member : team.members)
      for (const auto& topic : member.sensitive) sensitive_.emplace(topic, handoff::folded_name(topic));
  }
}

Board::Rank Board::rank_of(const handoff::Waiting& one) {
  return Rank{one.since - handoff::head_start(one), one.since, one.id};
}

Board::Row Board::row_of(const Handoff& handoff) const {
  Row row;
  row.waits = handoff.state == State::waiting;
  if (row.waits) row.waiting = handoff::waiting_of(handoff, teams_);
  row.announced = handoff.announced;
  row.offers = handoff.offers;
  row.member = handoff.member;
  if (handoff.asked) {
    row.member = handoff.asked->member;
    row.asked_team = handoff.asked->team;
    row.person = handoff.asked->name;
  }
  return row;
}

Board::Entry Board::entry_of(const Handoff& handoff, int version) const {
  // A claim ends the waiting, and so does giving up: to leave those out would make every wait look short.
  const auto ends = [](const Passage& passage) {
    return passage.state == State::claimed || passage.state == State::cancelled;
  };
  Entry entry;
  entry.id = handoff.id.text;
  entry.own = is_own(handoff.conversation);
  entry.state = handoff.state;
  entry.version = version;
  entry.row = row_of(handoff);
  entry.row.version = version;
  if (handoff.asked) entry.asked_at = handoff.asked->at;
  entry.told = handoff.told;
  entry.requested_at = handoff.requested_at;
  const auto first = std::ranges::find_if(handoff.passages, ends);
  if (first != handoff.passages.end() && std::ranges::count_if(handoff.passages, ends) == 1)
    entry.first_end = first->at;
  return entry;
}

void Board::keep(const Handoff& handoff) { keep(entry_of(handoff, handoff.version)); }

void Board::keep(Entry entry) {
  if (entry.own) return;  // no customer waits for it
  const auto known = rows_.find(entry.id);
  if (known != rows_.end() && known->second.version > entry.version) return;
  const auto gone = gone_.find(entry.id);
  if (gone != gone_.end() && gone->second >= entry.version) return;
  // Once, when the waiting ends: whoever waits again has no second first wait.
  if (known != rows_.end() && known->second.waits && !entry.row.waits) learn(entry);
  drop(entry.id);
  const auto pending = pending_.find(entry.id);
  const bool answered = pending != pending_.end() && entry.row.offers >= pending->second.number;
  if (answered || !entry.row.waits) not_asking(entry.id);
  const bool held = entry.state == State::claimed || entry.state == State::active;
  if (!entry.row.asked_team.empty()) last_offers_[entry.row.member] = entry.asked_at;
  if (entry.row.waits || held) add(entry.id, std::move(entry.row));
  else if (painting_) gone_[entry.id] = entry.version;
  first_ = 0;
  changed_.ring();
}

void Board::add(const std::string& id, Row row) {
  if (rows_.size() >= kMost) {
    truncated_ = true;
    return;
  }
  if (row.waits) {
    const auto rank = rank_of(row.waiting);
    auto& line = lines_[row.waiting.team];
    line.insert(std::ranges::lower_bound(line, rank), rank);
    order_.insert(rank);
  }
  if (!row.member.empty()) ++loads_[row.member];
  rows_.emplace(id, std::move(row));
}

void Board::drop(const std::string& id) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return;
  const auto& row = found->second;
  if (row.waits) {
    const auto rank = rank_of(row.waiting);
    auto& line = lines_[row.waiting.team];
    const auto at = std::ranges::lower_bound(line, rank);
    if (at != line.end() && *at == rank) line.erase(at);
    if (line.empty()) lines_.erase(row.waiting.team);
    order_.erase(rank);
  }
  if (!row.member.empty() && --loads_[row.member] <= 0) loads_.erase(row.member);
  rows_.erase(found);
}

void Board::begin_painting() {
  painting_ = true;
  truncated_ = false;
  gone_.clear();
}

void Board::end_painting() {
  painting_ = false;
  painted_ = true;
  gone_.clear();
  changed_.ring();
}

void Board::attend(std::map<std::string, handoff::Attendance, std::less<>> attendance) {
  attendance_ = std::move(attendance);
  first_ = 0;
  changed_.ring();
}

handoff::Desks Board::desks(TimePoint now) const {
  handoff::Desks desks;
  for (const auto& [member, load] : loads_) desks[member].load += load;
  for (const auto& [id, pending] : pending_) ++desks[pending.member].load;
  for (const auto& [member, at] : last_offers_) desks[member].last_offer = at;
  for (const auto& [member, said] : attendance_) desks[member].presence = handoff::presence_at(said, now);
  return desks;
}

// A long line is looked at in parts, one after the other until somebody is asked: so the loop is not held,
// and nobody stays unseen behind those whom nobody can take.
std::vector<handoff::Waiting> Board::unasked() const {
  constexpr std::size_t kAtOnce = 1'000;
  std::vector<handoff::Waiting> found;
  std::size_t place = 0;
  for (const auto& rank : order_) {
    if (place++ < first_) continue;
    const auto& row = rows_.find(rank.id)->second;
    if (!row.announced || !row.asked_team.empty() || pending_.contains(rank.id)) continue;
    found.push_back(row.waiting);
    if (found.size() == kAtOnce) break;
  }
  return found;
}

std::vector<handoff::Offer> Board::choose(TimePoint now) {
  if (!painted_) return {};
  const auto waiting = unasked();
  if (waiting.empty()) return {};
  auto offers = handoff::choose(waiting, desks(now), teams_, now).offers;
  if (!offers.empty()) first_ = 0;
  else first_ = first_ + waiting.size() < order_.size() ? first_ + waiting.size() : 0;
  if (offers.empty() && first_ != 0) changed_.ring();
  return offers;
}

int Board::next_offer(const std::string& handoff) const {
  const auto row = rows_.find(handoff);
  return row == rows_.end() ? 1 : row->second.offers + 1;
}

void Board::asking(const handoff::Offer& offer) {
  pending_[offer.handoff] = Pending{offer.member, next_offer(offer.handoff)};
}

void Board::not_asking(const std::string& handoff) { pending_.erase(handoff); }

TimePoint Board::next_change(TimePoint now) const {
  auto next = TimePoint::max();
  for (const auto& [member, said] : attendance_) {
    if (said.until && *said.until > now) next = std::min(next, *said.until);
  }
  if (const auto change = handoff::next_change(unasked(), teams_, now)) next = std::min(next, *change);
  return next;
}

std::optional<int> Board::position(const handoff::Waiting& one) const {
  if (!painted_ || truncated_) return std::nullopt;
  const auto line = lines_.find(one.team);
  if (line == lines_.end()) return 1;
  const auto rank = rank_of(one);
  auto before = std::ranges::lower_bound(line->second, rank) - line->second.begin();
  // Its own place may be another one, until it is kept as it is now.
  const auto row = rows_.find(one.id);
  if (row != rows_.end() && row->second.waits && row->second.waiting.team == one.team &&
      rank_of(row->second.waiting) < rank)
    --before;
  return static_cast<int>(before) + 1;
}

const Board::Hours& Board::hours_of(const handoff::Team& team, TimePoint now) {
  auto& hours = hours_[&team];
  if (now < hours.until) return hours;
  const auto reach = team.off_hours == handoff::OffHours::overflow
                         ? handoff::overflow_chain(teams_, team.name)
                         : std::vector<const handoff::Team*>{&team};
  hours = Hours();
  hours.until = TimePoint::max();
  for (const auto* one : reach) {
    const bool open = one->is_open(now);
    hours.open = hours.open || open;
    if (const auto opens = open ? std::nullopt : one->next_open(now))
      hours.opens_at = std::min(hours.opens_at.value_or(TimePoint::max()), *opens);
    if (const auto change = next_change_of(*one, now)) hours.until = std::min(hours.until, *change);
  }
  // Of several teams that follow one another only the first closing is not one; then it is not known.
  if (hours.open && reach.size() == 1) hours.closes_at = closes_at(team, now);
  return hours;
}

handoff::tell::Outlook Board::outlook(const Handoff& handoff, TimePoint now) {
  handoff::tell::Outlook outlook;
  const auto team = teams_.find(handoff.route.team);
  if (!painted_ || team == teams_.end()) return outlook;
  const auto& hours = hours_of(team->second, now);
  outlook.open = hours.open;
  if (hours.open) outlook.closes_at = hours.closes_at;
  else outlook.back_at = hours.opens_at;
  if (const auto* zone = team->second.calendar.hours()) outlook.house_zone = zone->zone;
  outlook.position = position(handoff::waiting_of(handoff, teams_));
  if (outlook.position) {
    const auto hour = team->second.calendar.hour_of_week(now);
    const auto range = times_.estimate(team->first, hour, static_cast<std::size_t>(*outlook.position));
    if (range) outlook.wait = handoff::tell::Range{range->low, range->high};
  }
  outlook.offers = handoff::alternatives(handoff, team->second, hours.open);
  return outlook;
}

std::vector<std::string> Board::sensitive_in(const nlohmann::json& data) const {
  const auto named = handoff::topics_of(data, *decisions_);
  std::vector<std::string> found;
  for (const auto& [topic, folded] : sensitive_) {
    if (std::ranges::find(named, folded) != named.end()) found.push_back(topic);
  }
  return found;
}

handoff::House Board::house(TimePoint now) {
  handoff::House house;
  house.teams = &teams_;
  house.outlook = [this, now](const Handoff& handoff) { return outlook(handoff, now); };
  // Reading a whole conversation is spared where nothing is confidential.
  if (decisions_ && !sensitive_.empty())
    house.topics = [this](const nlohmann::json& data) { return sensitive_in(data); };
  return house;
}

void Board::learn(const Entry& entry) {
  const auto team = entry.told && entry.first_end ? teams_.find(entry.told->team) : teams_.end();
  if (team == teams_.end()) return;
  const auto& told = *entry.told;
  const auto& calendar = team->second.calendar;
  Waited waited;
  waited.team = told.team;
  waited.hour = calendar.hour_of_week(told.at);
  waited.position = static_cast<std::size_t>(std::max(told.position, 1));
  waited.waited = calendar.open_between(entry.requested_at, *entry.first_end);
  if (told.high > Duration{0}) {
    waited.told.emplace();
    waited.told->low = told.low;
    waited.told->high = told.high;
  }
  learn(waited);
  if (waited_.size() < kMostUnsaved) waited_.push_back(std::move(waited));
}

void Board::learn(const Waited& waited) {
  times_.record(waited.team, waited.hour, waited.position, waited.waited);
  if (waited.told) times_.judge(waited.team, *waited.told, waited.waited);
}

nlohmann::json Board::to_json(TimePoint now, std::size_t limit) {
  using nlohmann::json;
  std::vector<handoff::Waiting> shown;
  for (const auto& rank : order_) {
    if (shown.size() == limit) break;
    shown.push_back(rows_.find(rank.id)->second.waiting);
  }
  auto list = json::array();
  for (auto place : handoff::choose(shown, desks(now), teams_, now).places) {
    const auto& row = rows_.find(place.handoff)->second;
    const auto line = lines_.find(place.team);
    if (const auto real = position(row.waiting)) place.position = static_cast<std::size_t>(*real);
    place.of = line == lines_.end() ? 0 : line->second.size();
    if (!row.asked_team.empty()) place.held.reset();
    auto one = handoff::to_json(place);
    one["priority"] = name(row.waiting.priority);
    one["since"] = to_rfc3339(row.waiting.since);
    one["asked"] = row.asked_team.empty()
                       ? json()
                       : json{{"member", row.member}, {"name", row.person}, {"team", row.asked_team}};
    const auto team = teams_.find(place.team);
    one["wait"] = handoff::to_json(
        team == teams_.end()
            ? std::nullopt
            : times_.estimate(place.team, team->second.calendar.hour_of_week(now), place.position));
    list.push_back(std::move(one));
  }
  return json{{"known", painted_ || teams_.empty()}, {"total", order_.size()}, {"waiting", std::move(list)}};
}

}  // namespace baton
