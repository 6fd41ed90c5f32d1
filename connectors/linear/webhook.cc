#include "connectors/linear/webhook.h"

#include <algorithm>
#include <string>
#include <utility>

#include "connectors/linear/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/model/node.h"

namespace baton::linear {
namespace {

Failure refused(const char* why) { return Failure(FailureKind::rejected, why); }

// The time is read from the signed body: the header is outside the MAC.
std::optional<Failure> too_far_from_now(JsonView body, const RawRequest& request, Duration tolerance) {
  constexpr double kLast = 253'402'300'799'999;  // the year 9999, far from any overflow
  const auto sent = body["webhookTimestamp"].number();
  if (!sent || !(*sent >= 0 && *sent <= kLast)) return refused("the webhook says no time");
  const TimePoint at(Duration{static_cast<Duration::rep>(*sent)});
  if (std::chrono::abs(request.received_at - at) > tolerance)
    return refused("the webhook was sent too far from now");
  return std::nullopt;
}

// The id of this change, from what is signed: Linear-Delivery is not, and whether it stays the same over
// retries is unconfirmed.
std::string notice_id(JsonView body) {
  const auto data = body["data"];
  return body["webhookId"].text() + "/" + body["type"].text() + "/" + body["action"].text() + "/" +
         data["id"].text() + "/" + data["updatedAt"].text(body["createdAt"].text());
}

struct Notice {
  explicit Notice(JsonView body)
      : id(notice_id(body)), data(body["data"]), before(body["updatedFrom"]), actor(body["actor"]) {}

  Signal signal(SignalKind kind, JsonView person, std::string person_id) const {
    Signal signal(kind, id + "/" + std::string(name(kind)), data["id"].text(), std::move(person_id));
    signal.who_name = person["name"].text();
    return signal;
  }
  Signal by_actor(SignalKind kind) const { return signal(kind, actor, actor["id"].text()); }

  std::string id;
  JsonView data;
  JsonView before;  // old values of what was changed, nothing else
  JsonView actor;
};

// Whether the issue was closed before this change: only then is another state a reopening, and not a step
// on its way.
bool was_closed(const Notice& notice) {
  return !notice.before["completedAt"].text().empty() || !notice.before["canceledAt"].text().empty() ||
         is_closed(notice.before["state"]["type"].text());
}

std::optional<Signal> state_changed(const Notice& notice) {
  if (notice.before["stateId"].missing()) return std::nullopt;
  const auto type = notice.data["state"]["type"].text();
  if (type.empty()) return std::nullopt;
  if (is_closed(type)) {
    if (was_closed(notice)) return std::nullopt;  // from one end to another, "done" to "duplicate"
    auto signal = notice.by_actor(SignalKind::solved);
    if (type != "completed") signal.about = kUnfixed;  // canceled, or a duplicate
    return signal;
  }
  return was_closed(notice) ? std::optional(notice.by_actor(SignalKind::reopened)) : std::nullopt;
}

std::optional<Signal> assignee_changed(const Notice& notice) {
  const auto old = notice.before["assigneeId"];
  if (old.missing()) return std::nullopt;
  const auto now = notice.data["assigneeId"].text();
  if (!now.empty()) {
    auto signal = notice.signal(SignalKind::claimed, notice.data["assignee"], now);
    signal.about = kAssigned;              // also where it was another one's
    signal.detail = {{"replies", false}};  // nobody answers a customer here, so none is waited for
    return signal;
  }
  if (old.text().empty()) return std::nullopt;
  return notice.signal(SignalKind::released, JsonView(), old.text());
}

// Somebody took the app out of the workspace (section 7). A personal key is none of its.
std::optional<sdk::Revocation> read_revocation(JsonView body, const sdk::Settings& settings, TimePoint now) {
  if (body["type"].text() != "OAuthApp" || body["action"].text() != "revoked") return std::nullopt;
  const auto ours = settings["client_id"];
  // Where the client's id stands is unconfirmed.
  const auto app = body["oauthClientId"].text(body["data"]["oauthClientId"].text());
  if (ours.empty() || (!app.empty() && app != ours)) return std::nullopt;
  // too_far_from_now() saw that it is a time, and which.
  const TimePoint at(Duration{static_cast<Duration::rep>(body["webhookTimestamp"].number().value_or(0))});
  return sdk::Revocation(
      "the app was taken out of the workspace in Linear: install it again, give Baton its client secret "
      "if it is another one (`baton secret set`)",
      std::min(at, now));
}

}  // namespace

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  const auto mac = from_hex(header(request.headers, "linear-signature"));
  if (!mac || mac->empty()) return refused("the webhook carries no Linear signature");
  if (!keys.matches(sdk::Keys::Mac::hmac_sha256, "webhook_secret", request.body, *mac))
    return refused("the webhook's signature does not fit webhook_secret");
  const auto document = parse_json(request.body, FailureKind::rejected, "Linear's webhook");
  if (!document) return document.error();
  const JsonView body(*document);
  const auto tolerance = parse_duration(settings["webhook_tolerance"]).value_or(Duration{60s});
  if (auto late = too_far_from_now(body, request, tolerance)) return *std::move(late);

  sdk::Webhook webhook;
  webhook.revoked = read_revocation(body, settings, request.received_at);
  const Notice notice(body);
  const bool is_change = body["type"].text() == "Issue" && body["action"].text() == "update";
  // Our own writes come back to us; with an app of our own nobody else acts under its id.
  const auto ourselves = settings["baton_user_id"];
  const bool is_echo = !ourselves.empty() && notice.actor["id"].text() == ourselves;
  if (!is_change || is_echo || notice.data["id"].text().empty()) return webhook;
  for (auto&& signal : {state_changed(notice), assignee_changed(notice)}) {
    if (signal) webhook.signals.push_back(*signal);
  }
  return webhook;
}

}  // namespace baton::linear
