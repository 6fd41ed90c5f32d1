#include "tests/week/truth.h"

#include <algorithm>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"

namespace baton::town {
namespace {

using nlohmann::json;

constexpr auto kBerlin = std::chrono::hours(1);

}  // namespace

int local_hour(TimePoint at) {
  const auto local = at + kBerlin;
  return static_cast<int>(
      std::chrono::floor<std::chrono::hours>(local - std::chrono::floor<std::chrono::days>(local)).count());
}

bool at_work(const std::string& team, TimePoint at) {
  if (team == "platform") return true;
  const auto day = std::chrono::floor<std::chrono::days>(at + kBerlin);
  const std::chrono::weekday weekday{day};
  const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  const bool holiday = std::chrono::year_month_day(day) == std::chrono::year(2026) / 11 / 18;
  const auto hour = local_hour(at);
  return !weekend && !holiday && hour >= 9 && hour < 18;
}

const Hold* Life::holder(TimePoint at) const {
  for (const auto& hold : holds) {
    if (hold.from <= at && (!hold.until || at < *hold.until)) return &hold;
  }
  return nullptr;
}

std::string Life::team_at(TimePoint at) const {
  auto now = teams.front().second;
  for (const auto& [since, name] : teams) {
    if (since <= at) now = name;
  }
  return now;
}

Truth::Truth(Town& town) : town_(town) {
  town.journal.watcher = [this](const HandoffId& id, const Happened& what, TimePoint at) {
    saw_fact(id, what, at);
  };
  town.watcher = [this](const DestinationId& where, const RawRequest& raw, const Reply& reply) {
    saw_request(where, raw, reply);
  };
}

bool Truth::down(const DestinationId& of, TimePoint at) const {
  return std::ranges::any_of(
      outages_, [&](const Outage& one) { return one.of == of && one.from <= at && at < one.until; });
}

void Truth::settle(TimePoint now) {
  for (auto& [id, life] : lives_) {
    for (auto& hold : life.holds) {
      if (hold.until || hold.replied) continue;
      // Without a ticket there is nothing to answer in.
      auto ends = hold.from + kWithoutTicket;
      if (life.ticket_at && *life.ticket_at < ends) ends = std::max(hold.from, *life.ticket_at) + kFirstReply;
      if (ends > now) continue;
      hold.until = ends;
      hold.lost = true;
    }
  }
}

int Truth::samples(const std::string& team, TimePoint at) const {
  const auto known = before_.find({team, local_hour(at)});
  int count = known == before_.end() ? 0 : known->second;
  for (const auto& [id, life] : lives_) {
    const auto was_theirs = [&](const auto& one) { return one.second == team; };
    if (std::ranges::none_of(life.teams, was_theirs)) continue;
    std::optional<TimePoint> first;
    if (!life.holds.empty()) first = life.holds.front().from;
    if (life.cancelled) first = std::min(first.value_or(*life.cancelled), *life.cancelled);
    count += first && *first <= at;
  }
  return count;
}

// --- the journal

void Truth::saw_fact(const HandoffId& id, const Happened& what, TimePoint at) {
  settle(at);
  if (const auto* event = std::get_if<Event>(&what)) {
    auto& life = lives_[id];
    life.id = id;
    saw_event(life, *event, at);
  } else if (const auto* signal = std::get_if<Signal>(&what)) {
    saw_signal(lives_.at(id), *signal, at);
  }
}

void Truth::saw_event(Life& life, const Event& event, TimePoint at) {
  const JsonView data(event.data);
  for (const auto& message : items(data["transcript"]))
    life.said.push_back(to_rfc3339(at) + " " + message["text"].text());
  if (event.type == "handoff.requested" && life.conversation.empty()) {
    life.conversation = event.conversation.text;
    life.language = data.at_path("conversation.language").text();
    life.requested = at;
    const auto category = data.at_path("intent.category").text();
    life.team = category == "billing" ? "billing" : category == "access" ? "platform" : "support";
    life.teams.emplace_back(at, life.team);
  }
  if (life.over()) return;
  if (event.type == "handoff.cancelled") {
    life.cancelled = at;
    end(life, at, false);
  }
  if (event.type == "customer.chose" && !life.holder(at)) {
    life.choices.push_back(at);
    life.went_on_with_ai = data["choice"].text() == "continue_with_ai";
    if (life.went_on_with_ai) life.cancelled = at;
  }
}

std::string Truth::name_of(const Signal& signal) const {
  for (const auto& [name, team] : town_.teams) {
    for (const auto& member : team.members) {
      const auto account = member.accounts.find(signal.from.text);
      const bool known = account != member.accounts.end() && account->second == signal.who;
      if (known || member.id == signal.who) return member.name;
    }
  }
  return signal.who_name;
}

void Truth::end(Life& life, TimePoint at, bool lost) {
  for (auto& hold : life.holds) {
    if (hold.until) continue;
    hold.until = at;
    hold.lost = lost;
  }
}

void Truth::saw_signal(Life& life, const Signal& signal, TimePoint at) {
  if (life.over()) return;
  const auto* now = life.holder(at);
  switch (signal.kind) {
    case SignalKind::claimed:
    case SignalKind::replied:
      if (!now) {
        life.holds.push_back({signal.who, name_of(signal), at, std::nullopt, false, false});
        now = &life.holds.back();
      }
      if (signal.kind == SignalKind::replied) life.holds.back().replied = true;
      return;
    case SignalKind::released:
    case SignalKind::passed_on:
      if (!now || (now->account != signal.who && now->name != name_of(signal))) return;
      end(life, at, true);
      if (signal.kind == SignalKind::passed_on && !signal.about.empty()) {
        life.team = signal.about;
        life.teams.emplace_back(at, signal.about);
      }
      return;
    case SignalKind::solved:
      life.solved = at;
      end(life, at, false);
      return;
    default: return;
  }
}

// --- the vendors

void Truth::saw_request(const DestinationId& where, const RawRequest& raw, const Reply& reply) {
  if (reply.status >= 300) return;
  if (where == kPlatform) return heard(raw);
  const auto body = json::parse(reply.body, nullptr, false);
  const auto handoff_in = [](const std::string& key) { return HandoffId(key.substr(0, key.find('/'))); };
  if (where == kDesk && raw.method == "POST" && JsonView(body)["ticket"].object()) {
    const auto key = JsonView(body).at_path("ticket.external_id").text();
    const auto life = lives_.find(handoff_in(key));
    if (life == lives_.end() || life->second.ticket_at) return;
    life->second.ticket = JsonView(body).at_path("ticket.id").id().value_or("");
    life->second.ticket_at = raw.received_at;
  }
  if (where == kSlack && raw.target.find("chat.postMessage") != std::string::npos) {
    const auto sent = json::parse(raw.body, nullptr, false);
    const auto key = JsonView(sent).at_path("metadata.event_payload.op_key").text();
    const auto life = lives_.find(handoff_in(key));
    if (life == lives_.end() || life->second.card || key.find("post_alert") == std::string::npos) return;
    life->second.card.emplace(JsonView(body)["ts"].text(), raw.received_at);
  }
}

void Truth::heard(const RawRequest& raw) {
  const auto body = json::parse(raw.body, nullptr, false);
  const JsonView view(body);
  Heard one;
  const auto id = raw.headers.find("webhook-id");
  one.id = id == raw.headers.end() ? "" : id->second;
  one.type = view["type"].text();
  one.text = view.at_path("data.text").text();
  one.step = view.at_path("data.step").text();
  one.by = one.type == "handoff.message" ? view.at_path("data.by.name").text() : "";
  one.decided = parse_rfc3339(view["timestamp"].text()).value_or(raw.received_at);
  one.received = raw.received_at;
  const auto life = lives_.find(HandoffId(view.at_path("data.handoff_id").text()));
  if (life != lives_.end()) life->second.heard.push_back(std::move(one));
}

}  // namespace baton::town
