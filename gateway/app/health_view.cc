#include "gateway/app/health_view.h"

#include <algorithm>

#include "gateway/base/scope.h"
#include "gateway/health/health_backlog.h"

namespace baton::app {
namespace {

using health::Evidence;

bool renews_itself(const sdk::Auth& auth) {
  return std::holds_alternative<sdk::ClientCredentials>(auth) ||
         std::holds_alternative<sdk::RefreshToken>(auth) || std::holds_alternative<sdk::JwtBearer>(auth);
}

// Of a secret that is sent as it is: when the oldest one of this account was set.
std::optional<TimePoint> set_at(const sdk::Account& account, const std::vector<secrets::SecretInfo>& known) {
  std::optional<TimePoint> oldest;
  for (const auto& [field, stored] : account.stored_as) {
    const auto info = std::ranges::find(known, stored, &secrets::SecretInfo::name);
    if (info != known.end() && (!oldest || info->rotated < *oldest)) oldest = info->rotated;
  }
  return oldest;
}

void add_lane(const Shown& shown, Evidence& to, delivery::LaneControl& lane, TimePoint now) {
  constexpr auto kNow = std::chrono::minutes{5};
  const auto& figures = lane.figures();
  to.minutes5 = figures.recent.over(kNow, now);
  to.hour = figures.recent.over(delivery::Recent::kKept, now);
  to.breaker = delivery::name(lane.breaker().state());
  if (lane.paused(now)) to.pause = lane.asked();
  to.last_success = figures.last_success;
  to.last_failure = figures.last_failure;
  to.last_failure_detail = figures.last_failure_detail;
  to.quota_remaining = figures.quota.remaining;
  to.quota_resets_at = figures.quota.resets_at;
  to.quota_at = figures.quota_at;
  to.tokens = lane.tokens(now);
  const auto* credentials = shown.delivery->credentials(to.id);
  const auto age = credentials ? credentials->age() : delivery::Credentials::Age();
  to.credential_since = age.since;
  to.credential_expires_at = age.expires_at;
}

std::vector<Evidence> destinations_of(const Shown& shown, TimePoint now) {
  std::vector<Evidence> all;
  const auto known = shown.secrets ? shown.secrets->list() : std::vector<secrets::SecretInfo>();
  for (const auto& [id, account] : *shown.accounts) {
    auto* lane = shown.delivery->control(id);
    if (!lane) continue;
    auto& one = all.emplace_back();
    one.id = id;
    one.connector = account->connector->manifest().name;
    one.base_url = account->base_url;
    one.credential_renews = renews_itself(account->connector->auth(account->settings));
    add_lane(shown, one, *lane, now);
    if (!one.credential_since) one.credential_since = set_at(*account, known);
    if (!one.credential_expires_at) one.credential_expires_at = account->credential_ends;
  }
  return all;
}

std::vector<health::SourceEvidence> sources_of(const Shown& shown) {
  std::vector<health::SourceEvidence> all;
  for (const auto& [name, figures] : shown.ingress->figures().sources) {
    auto& one = all.emplace_back();
    one.name = name;
    one.accepted = figures.accepted;
    one.duplicates = figures.duplicates;
    one.refused = figures.refused;
    if (const auto last = figures.last_event.load(); last != TimePoint()) one.last_event = last;
  }
  return all;
}

}  // namespace

Task<health::Picture> take_picture(const Shown& shown) {
  health::Picture picture;
  const auto works = co_await shown.readiness->ready();
  picture.store_works = works.has_value();
  if (!works) picture.store_reason = works.error().detail;
  picture.at = shown.clock->now();
  picture.destinations = destinations_of(shown, picture.at);
  picture.sources = sources_of(shown);
  if (!picture.store_works) co_return picture;
  std::vector<DestinationId> ids;
  for (const auto& one : picture.destinations) ids.push_back(one.id);
  const auto backlogs = co_await shown.backlogs->of(std::move(ids));
  if (!backlogs) co_return picture;
  for (auto& one : picture.destinations) {
    if (const auto found = backlogs->find(one.id); found != backlogs->end()) one.backlog = found->second;
  }
  co_return picture;
}

}  // namespace baton::app
