#include "connectors/zendesk/webhook.h"

#include <algorithm>

#include "connectors/zendesk/wire.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/model/node.h"

namespace baton::zendesk {
namespace {

constexpr std::string_view kEventTypes = "zen:event-type:";

// The key is the secret as text, the message timestamp and raw body without anything between. The
// vendor names no replay window; this one is ours, in both directions.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys, Duration tolerance) {
  const auto stamp = header(request.headers, "x-zendesk-webhook-signature-timestamp");
  const auto mac = from_base64(header(request.headers, "x-zendesk-webhook-signature"));
  if (stamp.empty() || !mac || mac->empty()) {
    return Failure(FailureKind::rejected, "the webhook carries no Zendesk signature");
  }
  const auto message = std::string(stamp) + request.body;
  if (!keys.matches(sdk::Keys::Mac::hmac_sha256, "webhook_secret", message, *mac)) {
    return Failure(FailureKind::rejected, "the webhook's signature does not fit webhook_secret");
  }
  const auto signed_at = parse_rfc3339(stamp);
  if (!signed_at) return Failure(FailureKind::rejected, "the webhook's signature timestamp is no time");
  if (std::chrono::abs(request.received_at - *signed_at) > tolerance) {
    return Failure(FailureKind::rejected,
                   "the webhook was signed at " + std::string(stamp) + ", too far from now");
  }
  return std::nullopt;
}

// All tickets of the account arrive; ours bear our external id or the tag. An event that tells neither is
// taken: ingress knows the tickets.
bool is_ours(JsonView detail) {
  if (detail["external_id"].missing() && detail["tags"].missing()) return true;
  if (detail["external_id"].text().starts_with("hof_")) return true;
  const auto tags = items(detail["tags"]);
  return std::ranges::any_of(tags, [](JsonView tag) { return tag.text() == "baton"; });
}

// "zen:ticket:5158"
std::string ticket_of(std::string_view subject) {
  constexpr std::string_view kPrefix = "zen:ticket:";
  return subject.starts_with(kPrefix) ? std::string(subject.substr(kPrefix.size())) : std::string();
}

bool is_done(std::string_view status) { return status == "solved" || status == "closed"; }

// One notice on its way to a signal.
struct Notice {
  std::string id;
  std::string ticket;
  JsonView event;
  JsonView detail;
  std::string ourselves;  // the user that Baton acts as; may be empty
  std::string base_url;

  Signal signal(SignalKind kind, std::string who) const {
    Signal signal(kind, id, ticket, std::move(who));
    const auto external_id = detail["external_id"].text();  // hof_.../<destination>/open_ticket/1
    if (external_id.starts_with("hof_"))
      signal.handoff = HandoffId(external_id.substr(0, external_id.find('/')));
    return signal;
  }
  bool is_echo(const std::string& who) const { return !ourselves.empty() && who == ourselves; }
};

std::optional<Signal> status_changed(const Notice& notice) {
  const auto current = to_lower(notice.event["current"].text());
  const auto previous = to_lower(notice.event["previous"].text());
  const auto actor = notice.detail["actor_id"].id().value_or("");
  // From open to closed at once is how a merge looks as well: the ticket itself is asked. And whether one
  // that was deleted is gone.
  if (current == "deleted" || (current == "closed" && is_open(previous)))
    return notice.signal(SignalKind::touched, "");
  if (notice.is_echo(actor)) return std::nullopt;
  // CLOSED is the fallback for a notice of SOLVED that got lost.
  if (is_done(current)) return notice.signal(SignalKind::solved, actor);
  if (previous == "solved" && is_open(current)) return notice.signal(SignalKind::reopened, actor);
  return std::nullopt;
}

std::optional<Signal> comment_added(const Notice& notice) {
  const auto comment = notice.event["comment"];
  const auto author = comment["author"];
  if (comment["is_public"].boolean() != true || author["is_staff"].boolean() != true) return std::nullopt;
  const auto who = author["id"].id().value_or("");
  if (who.empty() || notice.is_echo(who)) return std::nullopt;
  auto signal = notice.signal(SignalKind::replied, who);
  signal.who_name = author["name"].text();
  signal.text = comment["body"].text();
  if (const auto id = comment["id"].id()) signal.detail = {{"reply", *id}};  // as read_status names it
  return signal;
}

std::optional<Signal> assignment_changed(const Notice& notice) {
  const auto current = notice.event["current"].id().value_or("");
  const auto previous = notice.event["previous"].id().value_or("");
  if (!current.empty()) {
    if (notice.is_echo(current)) return std::nullopt;
    auto signal = notice.signal(SignalKind::claimed, current);
    signal.about = kAssigned;  // Zendesk's own word on whose it is, also where it was another agent's
    return signal;
  }
  if (previous.empty() || notice.is_echo(previous)) return std::nullopt;
  return notice.signal(SignalKind::released, previous);
}

// How the target is called is unconfirmed (section 7.1): without it the ticket's own comments are asked.
Signal merged(const Notice& notice) {
  const auto into = notice.event["target_ticket_id"].id().value_or("");
  if (into.empty() || into == notice.ticket) return notice.signal(SignalKind::touched, "");
  auto signal = notice.signal(SignalKind::merged, notice.detail["actor_id"].id().value_or(""));
  signal.about = into;
  signal.detail = {{"url", agent_link(notice.base_url, into)}};
  return signal;
}

std::optional<Signal> read_notice(std::string_view type, const Notice& notice) {
  if (!type.starts_with(kEventTypes)) return std::nullopt;
  type.remove_prefix(kEventTypes.size());
  if (type == "ticket.status_changed") return status_changed(notice);
  if (type == "ticket.merged") return merged(notice);
  if (type == "ticket.soft_deleted") return notice.signal(SignalKind::touched, "");
  if (type == "ticket.comment_added") return comment_added(notice);
  if (type == "ticket.agent_assignment_changed") return assignment_changed(notice);
  return std::nullopt;  // of no use to us; 200, or Zendesk's breaker would count it as a failure
}

}  // namespace

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  const auto tolerance = parse_duration(settings["webhook_tolerance"]).value_or(Duration{10min});
  if (const auto failure = refuse(request, keys, tolerance)) return *failure;
  const auto body = parse_json(request.body, FailureKind::rejected, "Zendesk's webhook");
  if (!body) return body.error();

  const JsonView envelope(*body);
  Notice notice;
  notice.id = envelope["id"].text();
  notice.event = envelope["event"];
  notice.detail = envelope["detail"];
  notice.ticket = notice.detail["id"].id().value_or(ticket_of(envelope["subject"].text()));
  notice.ourselves = std::string(settings["baton_user_id"]);
  notice.base_url = std::string(settings["base_url"]);
  sdk::Webhook webhook;
  if (notice.id.empty() || notice.ticket.empty() || !is_ours(notice.detail)) return webhook;
  if (auto signal = read_notice(envelope["type"].text(), notice))
    webhook.signals.push_back(std::move(*signal));
  return webhook;
}

}  // namespace baton::zendesk
