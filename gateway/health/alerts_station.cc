#include "gateway/health/alerts_station.h"

#include <algorithm>
#include <iterator>

#include "gateway/base/uuid.h"
#include "gateway/handoff/alert_case.h"
#include "gateway/journal/documents.h"
#include "gateway/journal/opening.h"

namespace baton::alerts {
namespace {

constexpr auto kEvery = Duration{10s};
constexpr auto kRememberEvery = Duration{60s};
constexpr auto kEvidenceEvery = Duration{5min};  // what is shown of a firing alert is no older
constexpr auto kHistoryKind = "alert.history";
constexpr auto kSourceKind = "alert.source";
constexpr std::size_t kMost = 1000;  // documents of a kind

Event event_of(const Alert& alert, const Step& step, Word word, const Options& options, TimePoint now) {
  const ConversationId conversation{std::string(handoff::kAlertSource), alert.key};
  EventKey key(WorkspaceId("main"), conversation.source, alert.key + "/" + std::to_string(alert.told));
  auto data = message(alert, word, options.links, options.pace, now);
  if (step.was) data["was"] = name(*step.was);
  const bool urgent = alert.severity == Severity::critical;
  return Event(std::move(key), "alert." + std::string(name(word)), conversation,
               urgent ? Priority::urgent : Priority::normal, std::move(data));
}

}  // namespace

Task<Done> Station::run(std::stop_token stop) {
  while (!(co_await recall())) {
    const auto waited = co_await parts_.clock.until(parts_.clock.now() + 1s, stop);
    if (!waited) co_return waited.error();
  }
  while (!stop.stop_requested()) {
    (void)co_await look();  // an unwell journal is looked at again
    (void)co_await parts_.clock.until(parts_.clock.now() + kEvery, stop);
  }
  co_return Done{};
}

// What a former process knew.
Task<Done> Station::recall() {
  const auto alerts = co_await documents(handoff::kAlertKind);
  if (!alerts) co_return alerts.error();
  alerts_.clear();
  for (const auto& document : *alerts) {
    if (auto alert = alert_from(document)) {
      Kept kept{*alert, document.version, *alert, parts_.clock.now()};
      alerts_.emplace(document.key, std::move(kept));
    }
  }
  for (const auto* kind : {kHistoryKind, kSourceKind}) {
    const auto recalled = co_await recall_learnt(kind);
    if (!recalled) co_return recalled.error();
  }
  for (const auto& [name, document] : learnt_) {
    const JsonView body(document.body);
    if (name.first == kHistoryKind)
      memory_.histories.insert_or_assign(DestinationId(document.key), History::from_json(body));
    else memory_.sources.insert_or_assign(document.key, Expectation::from_json(body));
  }
  remembered_at_ = parts_.clock.now();
  co_return Done{};
}

Task<std::vector<Document>> Station::documents(std::string kind) {
  return all_documents(parts_.journal, std::move(kind), kMost);
}

Task<std::vector<handoff::Silence>> Station::silences() {
  const auto found = co_await documents(handoff::kSilenceKind);
  if (!found) co_return found.error();
  constexpr auto kShownAfter = std::chrono::days(1);  // after its end
  std::vector<handoff::Silence> silences;
  Batch over;
  for (const auto& document : *found) {
    auto silence = handoff::silence_from(document);
    if (!silence || silence->until + kShownAfter < parts_.clock.now())
      over.documents.emplace_back(document.kind, document.key, nullptr, document.version);
    else silences.push_back(std::move(*silence));
  }
  if (!over.documents.empty()) (void)co_await parts_.journal.commit(std::move(over));
  co_return silences;
}

Task<Done> Station::look() {
  auto readings = parts_.read();
  vendors_.clear();
  for (const auto& lane : readings.lanes) vendors_[lane.id] = lane.vendor;
  const auto seen = co_await survey_.look(std::move(readings), memory_);
  if (!seen) co_return seen.error();
  const auto silent = co_await silences();
  if (!silent) co_return silent.error();
  const auto groups = grouped(conditions(*seen, parts_.options.limits, parts_.clock.now()));
  std::set<std::string> keys;
  for (const auto& [key, group] : groups) keys.insert(key);
  for (const auto& [key, kept] : alerts_) keys.insert(key);
  for (const auto& key : keys) {
    const auto group = groups.find(key);
    (void)co_await advance(key, group == groups.end() ? nullptr : &group->second, *silent);
  }
  if (parts_.clock.now() - remembered_at_ >= kRememberEvery) co_return co_await remember();
  co_return Done{};
}

Task<Done> Station::advance(const std::string& key, const Group* group,
                            const std::vector<handoff::Silence>& silences) {
  const auto known = alerts_.find(key);
  auto next = step(known == alerts_.end() ? nullptr : &known->second.alert, group, silences,
                   parts_.options.pace, parts_.clock.now());
  if (!next.alert) co_return co_await forget(key);
  co_return co_await keep(key, std::move(next));
}

bool Station::worth_storing(const Kept& kept, const Alert& next) const {
  if (next.stage == Stage::pending) return false;  // a restart looks anew
  if (kept.version == 0) return true;
  auto but_for_evidence = next;
  but_for_evidence.evidence = kept.stored.evidence;
  but_for_evidence.quiet_until = kept.stored.quiet_until;
  if (but_for_evidence != kept.stored) return true;
  return next != kept.stored && parts_.clock.now() - kept.stored_at >= kEvidenceEvery;
}

// The alert and what is told of it, or neither.
Task<Done> Station::keep(const std::string& key, Step next) {
  const auto now = parts_.clock.now();
  auto& kept = alerts_[key];
  if (!worth_storing(kept, *next.alert)) {
    kept.alert = std::move(*next.alert);
    co_return Done{};
  }
  Batch batch;
  if (next.word != Word::nothing && !parts_.options.channels.empty()) {
    const auto told = co_await tell(batch, next);
    if (!told) co_return told.error();
  }
  batch.documents.push_back(to_document(*next.alert, kept.version));
  const auto committed = co_await parts_.journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (!committed->done()) {
    (void)co_await recall();  // somebody else, another node perhaps, was first
    co_return Done{};
  }
  kept.alert = kept.stored = std::move(*next.alert);
  ++kept.version;
  kept.stored_at = now;
  // What it was told of must be known after a crash as well.
  if (next.word != Word::nothing) co_return co_await remember();
  co_return Done{};
}

Task<Done> Station::forget(const std::string& key) {
  const auto kept = alerts_.find(key);
  if (kept == alerts_.end()) co_return Done{};
  if (kept->second.version > 0) {
    Batch batch;
    batch.documents.emplace_back(handoff::kAlertKind, key, nullptr, kept->second.version);
    const auto committed = co_await parts_.journal.commit(std::move(batch));
    if (!committed) co_return committed.error();
  }
  alerts_.erase(key);
  co_return Done{};
}

// Into its case if that is still open, else into a new one.
Task<Done> Station::tell(Batch& batch, Step& step) {
  const auto now = parts_.clock.now();
  auto& alert = *step.alert;
  HandoffQuery query;
  query.conversation = ConversationId(std::string(handoff::kAlertSource), alert.key);
  query.open_only = true;
  query.limit = 1;
  const auto open = co_await parts_.journal.query(query);
  if (!open) co_return open.error();
  if (open->empty() && step.word == Word::resolved) co_return Done{};
  const bool opens = open->empty();
  const HandoffId id = opens ? HandoffId(make_id("hof", now, parts_.random)) : open->front().id;
  alert.told_in = id;
  auto event = event_of(alert, step, opens ? Word::raised : step.word, parts_.options, now);
  const auto key = "alert/" + id.text + "/" + std::to_string(alert.told);
  if (!opens) {
    batch.facts.emplace_back(id, key, Fact(now, std::move(event)));
    co_return Done{};
  }
  Route route;
  route.rule = "alerts";
  route.alerts = channels_for(alert);
  auto opened = opening(id, std::move(route), std::move(event), key, {}, now);
  batch.opens = std::move(opened.opens);
  batch.jobs = std::move(opened.jobs);
  batch.facts = std::move(opened.facts);
  co_return Done{};
}

// An alert about a vendor does not begin with that vendor.
std::vector<DestinationId> Station::channels_for(const Alert& alert) const {
  constexpr std::string_view kDestination = "destination/";
  const auto& all = parts_.options.channels;
  if (!alert.about.starts_with(kDestination)) return all;
  const auto vendor_of = [&](const DestinationId& id) {
    const auto found = vendors_.find(id);
    return found == vendors_.end() ? std::string() : found->second;
  };
  const DestinationId about(alert.about.substr(kDestination.size()));
  const auto elsewhere = [&](const DestinationId& id) {
    return id != about && (vendor_of(about).empty() || vendor_of(id) != vendor_of(about));
  };
  std::vector<DestinationId> channels;
  std::ranges::copy_if(all, std::back_inserter(channels), elsewhere);
  std::ranges::copy_if(all, std::back_inserter(channels), std::not_fn(elsewhere));
  return channels;
}

// What has not changed is not written again.
Task<Done> Station::remember() {
  Batch batch;
  const auto add = [&](const char* kind, const std::string& key, nlohmann::json body) {
    const auto& known = learnt_[{kind, key}];
    if (known.version == 0 || known.body != body)
      batch.documents.emplace_back(kind, key, std::move(body), known.version);
  };
  for (const auto& [id, history] : memory_.histories) add(kHistoryKind, id.text, history.to_json());
  for (const auto& [source, expectation] : memory_.sources) add(kSourceKind, source, expectation.to_json());
  remembered_at_ = parts_.clock.now();
  if (batch.documents.empty()) co_return Done{};
  auto written = batch.documents;
  const auto committed = co_await parts_.journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (!committed->done()) {
    // Somebody else wrote it meanwhile: the next time ours replaces it.
    for (const auto* kind : {kHistoryKind, kSourceKind}) (void)co_await recall_learnt(kind);
    co_return Done{};
  }
  for (auto& document : written) {
    ++document.version;
    const std::pair name(document.kind, document.key);
    learnt_.insert_or_assign(name, std::move(document));
  }
  co_return Done{};
}

Task<Done> Station::recall_learnt(const char* kind) {
  auto found = co_await documents(kind);
  if (!found) co_return found.error();
  for (auto& document : *found) {
    const std::pair name(document.kind, document.key);
    learnt_.insert_or_assign(name, std::move(document));
  }
  co_return Done{};
}

}  // namespace baton::alerts
