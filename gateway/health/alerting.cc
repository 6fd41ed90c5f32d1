#include "gateway/health/alerting.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::alerts {
namespace {

using nlohmann::json;

constexpr auto kStages = std::to_array<std::string_view>({"pending", "firing", "resolved"});
constexpr auto kWords = std::to_array<std::string_view>({"", "raised", "worse", "repeated", "resolved"});
constexpr std::size_t kMostEvidence = 4;
constexpr std::size_t kMostResolutions = 8;

// One order for the same conditions, whoever lists them.
bool heavier(const Condition& a, const Condition& b) {
  return std::tie(a.severity, a.kind, a.evidence) > std::tie(b.severity, b.kind, b.evidence);
}

bool holds_down(const Group& group) {
  return std::ranges::any_of(group.conditions, [](const Condition& one) {
    return one.kind == Kind::down || one.kind == Kind::breaker_open || one.kind == Kind::credential_refused;
  });
}

// One step in the making.
class Turn {
 public:
  Turn(const Alert* before, const Group* group, const std::vector<handoff::Silence>& silences,
       const Pace& pace, TimePoint now)
      : group_(group), silences_(silences), pace_(pace), now_(now) {
    if (before) alert_ = *before;
  }

  Step take() {
    if (!alert_ && !group_) return {std::nullopt, Word::nothing, std::nullopt};
    if (!alert_) begin();
    if (alert_->stage == Stage::resolved) over();
    if (alert_ && alert_->stage == Stage::pending) pend();
    else if (alert_ && alert_->stage == Stage::firing) fire();
    return {std::move(alert_), word_, was_};
  }

 private:
  void begin() {
    alert_.emplace();
    alert_->key = group_->key;
    alert_->since = now_;
    learn();
  }

  void over() {
    if (!group_) {
      if (now_ - alert_->since >= pace_.remembered) alert_.reset();
      return;
    }
    std::erase_if(alert_->resolutions, [&](TimePoint at) { return now_ - at >= pace_.flapping; });
    Alert again;
    again.key = alert_->key;
    again.since = now_;
    again.told = alert_->told;
    again.resolutions = std::move(alert_->resolutions);
    alert_ = std::move(again);
    learn();
  }

  void pend() {
    if (!group_) {
      alert_.reset();
      return;
    }
    learn();
    if (now_ - alert_->since < pace_.hold) return;
    alert_->stage = Stage::firing;
    fire();
  }

  void fire() {
    if (!group_) return fade();
    alert_->gone_since.reset();
    learn();
    if (alert_->hidden || silenced()) return;
    if (!alert_->told_at) return now_ < alert_->quiet_until ? void() : tell(Word::raised);
    if (alert_->severity > alert_->told_as.value_or(Severity::critical)) return tell(Word::worse);
    if (now_ - *alert_->told_at >= pace_.repeat) return tell(Word::repeated);
  }

  void fade() {
    if (!alert_->gone_since) alert_->gone_since = now_;
    if (now_ - *alert_->gone_since < believed_after()) return;
    alert_->stage = Stage::resolved;
    alert_->since = now_;
    alert_->gone_since.reset();
    alert_->hidden = false;
    alert_->resolutions.push_back(now_);
    if (alert_->resolutions.size() > kMostResolutions) alert_->resolutions.erase(alert_->resolutions.begin());
    // Who was not told that it began is not told that it is over.
    if (alert_->told_at) tell(Word::resolved);
  }

  Duration believed_after() const {
    auto wait = alert_->kind == Kind::degraded ? pace_.well_again : pace_.well;
    for (const auto at : alert_->resolutions) {
      if (now_ - at < pace_.flapping) wait *= 2;
    }
    return std::min(wait, std::max(pace_.longest_well, pace_.well_again));
  }

  // What it says is said in the words of its worst time, with the evidence of now.
  void learn() {
    const auto& lead = group_->lead();
    if (alert_->evidence.empty() ||
        std::pair(lead.severity, lead.kind) >= std::pair(alert_->severity, alert_->kind)) {
      alert_->kind = lead.kind;
      alert_->severity = lead.severity;
      if (lead.fault != Fault::unknown || alert_->evidence.empty()) alert_->fault = lead.fault;
    }
    alert_->about = lead.about;
    alert_->cause = lead.cause;
    alert_->hidden = group_->hidden;
    if (alert_->hidden) alert_->quiet_until = now_ + pace_.after_hidden;
    alert_->evidence.clear();
    for (const auto& one : group_->conditions) {
      if (alert_->evidence.size() < kMostEvidence)
        alert_->evidence.push_back(to_valid_utf8(clip_utf8(one.evidence, 600)));
    }
  }

  bool silenced() {
    const auto covers = [&](const handoff::Silence& one) { return one.covers(alert_->key, now_); };
    const auto found = std::ranges::find_if(silences_, covers);
    alert_->silenced_by = found == silences_.end() ? "" : found->id;
    return found != silences_.end();
  }

  void tell(Word word) {
    // A recovery within a silence is no news to anybody; it is seen in the list.
    if (word == Word::resolved && silenced()) return;
    alert_->silenced_by.clear();
    alert_->told_at = now_;
    if (word == Word::worse) was_ = alert_->told_as;
    if (word != Word::resolved) alert_->told_as = alert_->severity;
    ++alert_->told;
    word_ = word;
  }

  std::optional<Alert> alert_;
  const Group* group_;
  const std::vector<handoff::Silence>& silences_;
  const Pace& pace_;
  TimePoint now_;
  Word word_ = Word::nothing;
  std::optional<Severity> was_;
};

template <class Enum, std::size_t N>
Enum read_enum(const std::array<std::string_view, N>& names, const std::string& text, Enum otherwise) {
  const auto found = std::ranges::find(names, text);
  return found == names.end() ? otherwise : static_cast<Enum>(found - names.begin());
}

template <class Enum>
Enum read_named(const std::string& text, int count, Enum otherwise) {
  for (int i = 0; i < count; ++i) {
    if (name(static_cast<Enum>(i)) == text) return static_cast<Enum>(i);
  }
  return otherwise;
}

json time_json(const std::optional<TimePoint>& at) { return at ? json(to_rfc3339(*at)) : json(nullptr); }

void read_state(JsonView body, Alert& alert) {
  alert.gone_since = parse_rfc3339(body["gone_since"].text());
  alert.told_at = parse_rfc3339(body["told_at"].text());
  if (const auto as = body["told_as"].text(); !as.empty())
    alert.told_as = read_named(as, 2, Severity::critical);
  alert.told = static_cast<int>(body["told"].integer().value_or(0));
  alert.told_in = HandoffId(body["case"].text());
  alert.hidden = body["hidden"].boolean().value_or(false);
  alert.silenced_by = body["silenced_by"].text();
  alert.quiet_until = parse_rfc3339(body["quiet_until"].text()).value_or(TimePoint{});
  for (const auto& one : items(body["resolutions"])) {
    if (const auto at = parse_rfc3339(one.text())) alert.resolutions.push_back(*at);
  }
}

}  // namespace

std::string_view name(Stage stage) { return kStages[static_cast<std::size_t>(stage)]; }
std::string_view name(Word word) { return kWords[static_cast<std::size_t>(word)]; }

std::map<std::string, Group> grouped(std::vector<Condition> conditions) {
  std::ranges::sort(conditions, heavier);
  std::map<std::string, Group> groups;
  for (auto& one : conditions) {
    auto& group = groups[one.key()];
    group.key = one.key();
    group.conditions.push_back(std::move(one));
  }
  const bool network = groups.contains("gateway/" + std::string(name(Cause::network)));
  for (auto& [key, group] : groups) {
    const auto& lead = group.lead();
    if (network && lead.cause == Cause::availability && lead.fault == Fault::network) group.hidden = true;
    // What is down explains that its context is missing, and what waits for it.
    const auto behind = [&](const std::string& destination) {
      for (const auto cause : {Cause::availability, Cause::credential}) {
        const auto found = groups.find(destination + "/" + std::string(name(cause)));
        if (found != groups.end() && &found->second != &group && holds_down(found->second)) return true;
      }
      return false;
    };
    if (lead.cause == Cause::completeness || lead.cause == Cause::quota) group.hidden = behind(lead.about);
    if (lead.cause == Cause::handoffs && !lead.waits_for.empty())
      group.hidden = behind("destination/" + lead.waits_for.text);
    // A refused credential fails every request: it is the reason, not the failures.
    if (lead.cause == Cause::availability && !holds_down(group) && behind(lead.about)) group.hidden = true;
  }
  return groups;
}

Step step(const Alert* before, const Group* group, const std::vector<handoff::Silence>& silences,
          const Pace& pace, TimePoint now) {
  return Turn(before, group, silences, pace, now).take();
}

Document to_document(const Alert& alert, int version) {
  auto resolutions = json::array();
  for (const auto at : alert.resolutions) resolutions.push_back(to_rfc3339(at));
  return Document(handoff::kAlertKind, alert.key,
                  {{"stage", name(alert.stage)},
                   {"kind", name(alert.kind)},
                   {"severity", name(alert.severity)},
                   {"about", alert.about},
                   {"cause", name(alert.cause)},
                   {"fault", name(alert.fault)},
                   {"evidence", alert.evidence},
                   {"since", to_rfc3339(alert.since)},
                   {"gone_since", time_json(alert.gone_since)},
                   {"told_at", time_json(alert.told_at)},
                   {"told_as", alert.told_as ? json(name(*alert.told_as)) : json(nullptr)},
                   {"told", alert.told},
                   {"case", alert.told_in.text},
                   {"hidden", alert.hidden},
                   {"silenced_by", alert.silenced_by},
                   {"quiet_until", to_rfc3339(alert.quiet_until)},
                   {"resolutions", std::move(resolutions)}},
                  version);
}

std::optional<Alert> alert_from(const Document& document) {
  const JsonView body(document.body);
  const auto since = parse_rfc3339(body["since"].text());
  if (!since) return std::nullopt;
  Alert alert;
  alert.key = document.key;
  alert.since = *since;
  alert.stage = read_enum(kStages, body["stage"].text(), Stage::pending);
  alert.kind = read_named(body["kind"].text(), static_cast<int>(Kind::reload_failed) + 1, Kind::late);
  alert.severity = read_named(body["severity"].text(), 2, Severity::warning);
  alert.about = body["about"].text();
  alert.cause =
      read_named(body["cause"].text(), static_cast<int>(Cause::configuration) + 1, Cause::availability);
  alert.fault = read_named(body["fault"].text(), static_cast<int>(Fault::unknown) + 1, Fault::unknown);
  for (const auto& one : items(body["evidence"])) alert.evidence.push_back(one.text());
  read_state(body, alert);
  return alert;
}

}  // namespace baton::alerts
