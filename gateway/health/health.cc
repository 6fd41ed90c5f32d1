#include "gateway/health/health.h"

#include <algorithm>

#include "gateway/base/date.h"

namespace baton::health {
namespace {

using nlohmann::json;

void put(json& to, const char* name, const std::optional<TimePoint>& at) {
  if (at) to[name] = to_rfc3339(*at);
}

void put(json& to, const char* name, const std::optional<double>& share) {
  if (share) to[name] = *share;
}

json attempts_json(const Tally& tally) {
  json to = {{"attempts", tally.attempts()}, {"failed", tally.failures()}};
  put(to, "error_rate", error_rate(tally));
  put(to, "completeness", completeness(tally));
  for (const auto& [name, share] : {std::pair{"p50_ms", 0.5}, {"p95_ms", 0.95}, {"p99_ms", 0.99}}) {
    if (const auto took = tally.took.percentile(share)) to[name] = static_cast<double>(took->count()) / 1000;
  }
  for (std::size_t stage = 0; stage < kStageNames.size(); ++stage) {
    if (const auto failed = tally.failures(static_cast<Stage>(stage)); failed > 0)
      to["failed_at"][std::string(kStageNames[stage])] = failed;
  }
  return to;
}

json diagnosis_json(const std::string& id, const Diagnosis& found) {
  json to = {
      {"name", id}, {"state", name(found.state)}, {"fault", name(found.fault)}, {"reason", found.reason}};
  if (!found.remedy.empty()) to["remedy"] = found.remedy;
  return to;
}

json destination_json(const Evidence& of, const Diagnosis& found, TimePoint now) {
  auto to = diagnosis_json(of.id.text, found);
  to["connector"] = of.connector;
  to["breaker"] = of.breaker;
  to["last_5m"] = attempts_json(of.minutes5);
  to["last_1h"] = attempts_json(of.hour);
  put(to, "last_success", of.last_success);
  put(to, "last_failure", of.last_failure);
  to["quota"] = {{"tokens", of.tokens}};
  if (of.quota_remaining) to["quota"]["remaining"] = *of.quota_remaining;
  put(to["quota"], "resets_at", of.quota_resets_at);
  to["credential"] = {{"renews", of.credential_renews}};
  put(to["credential"], "since", of.credential_since);
  put(to["credential"], "expires_at", of.credential_expires_at);
  if (!of.backlog) return to;
  to["pending"] = of.backlog->pending;
  to["held"] = of.pause ? of.backlog->pending : 0;
  to["dead_letters"] = of.backlog->dead;
  put(to, "oldest_pending", of.backlog->oldest);
  if (of.backlog->oldest) to["oldest_pending_ms"] = (now - *of.backlog->oldest).count();
  return to;
}

json source_json(const SourceEvidence& of, const Diagnosis& found) {
  auto to = diagnosis_json(of.name, found);
  to["accepted"] = of.accepted;
  to["duplicates"] = of.duplicates;
  to["refused"] = of.refused;
  put(to, "last_event", of.last_event);
  return to;
}

// What a person reads first, and perhaps only.
std::string in_one_sentence(const Picture& picture, const std::vector<std::string>& unwell) {
  if (!picture.store_works) return "The store does not take anything: " + picture.store_reason;
  if (unwell.empty()) return "All is well.";
  std::string text =
      std::to_string(unwell.size()) + (unwell.size() == 1 ? " needs" : " need") + " attention: ";
  for (std::size_t i = 0; i < unwell.size(); ++i) text += (i == 0 ? "" : ", ") + unwell[i];
  return text;
}

}  // namespace

json to_json(const Picture& picture) {
  auto worst = State::ok;
  std::vector<std::string> unwell;
  const auto look_at = [&](const std::string& id, const Diagnosis& found) {
    if (found.state != State::unknown) worst = std::max(worst, found.state);
    if (found.state >= State::degraded) unwell.push_back(id + " is " + std::string(name(found.state)));
  };
  auto destinations = json::array(), sources = json::array();
  for (const auto& one : picture.destinations) {
    const auto found = diagnose(one, around(one, picture.destinations, picture.store_works), picture.at);
    look_at(one.id.text, found);
    destinations.push_back(destination_json(one, found, picture.at));
  }
  for (const auto& one : picture.sources) {
    const auto found = diagnose(one, picture.at);
    look_at(one.name, found);
    sources.push_back(source_json(one, found));
  }
  json store = {{"works", picture.store_works}};
  if (!picture.store_works) store["reason"] = picture.store_reason;
  return {{"at", to_rfc3339(picture.at)},
          {"state", name(picture.store_works ? worst : State::down)},
          {"summary", in_one_sentence(picture, unwell)},
          {"store", std::move(store)},
          {"destinations", std::move(destinations)},
          {"sources", std::move(sources)}};
}

}  // namespace baton::health
