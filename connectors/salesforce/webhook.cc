#include "connectors/salesforce/webhook.h"

#include "connectors/salesforce/outbound_message.h"
#include "connectors/salesforce/soql.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/model/node.h"

namespace baton::salesforce {
namespace {

// Apex can sign what a flow cannot, and then in the way of Standard Webhooks (section 7.1): an org that gives
// only webhook_secret has every callout signed.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys) {
  constexpr std::string_view kBearer = "Bearer ";
  if (!header(request.headers, "webhook-signature").empty()) {
    const auto id = keys.standard_webhook(request, "webhook_secret");
    return id ? std::nullopt : std::optional(id.error());
  }
  const auto given = header(request.headers, "authorization");
  if (!given.starts_with(kBearer)) return Failure(FailureKind::rejected, "the callout carries no token");
  const auto token = given.substr(kBearer.size());
  if (token.empty() || !keys.matches(sdk::Keys::Mac::shared_value, "webhook_token", "", token)) {
    return Failure(FailureKind::rejected, "the callout's token is not webhook_token");
  }
  return std::nullopt;
}

// Nothing proves this time, but the flow of an honest org tells it: a callout that was kept and sent again
// later is refused, one within the span has the same id and no effect. Of what is a hint alone the time does
// not matter: flows run late, and the case says how it stands now.
std::optional<Failure> refuse_late(JsonView body, TimePoint now, Duration tolerance) {
  if (body["event"].text() == "case.closed") return std::nullopt;
  const auto at = parse_rfc3339(rfc3339_of(body["occurredAt"].text()));
  if (!at) return Failure(FailureKind::rejected, "the callout does not say when it happened (occurredAt)");
  if (std::chrono::abs(now - *at) > tolerance) {
    return Failure(FailureKind::rejected, "the callout is of another time than now (occurredAt)");
  }
  return std::nullopt;
}

// "hof_...-salesforce-open_ticket-1", as key_of() makes it.
HandoffId handoff_of(std::string_view key) {
  return HandoffId(std::string(key.substr(0, key.find_first_of("-/"))));
}

// A person's id. A queue's begins with 00G, and nobody has what it owns (section 7.4); nor what the user owns
// who made the case, which is Baton's.
std::string owner_if_person(const std::string& id, JsonView body) {
  if (!is_id(id) || !id.starts_with("005")) return {};
  const auto creator = body["createdById"].text();
  return is_id(creator) && safe_id(creator) == safe_id(id) ? std::string() : safe_id(id);
}

// Who has it now, or gave it back, where the flow tells it.
std::optional<Signal> read_owner(JsonView body, Signal made) {
  const auto owner = body["ownerId"].text();
  if (body["event"].text() == "case.reopened") {
    made.kind = SignalKind::reopened;
    made.who = owner_if_person(owner, body);
    if (!made.who.empty()) made.who_name = body["ownerName"].text();
    return made;
  }
  if (!is_id(owner)) return std::nullopt;
  made.who = owner_if_person(owner, body);
  if (!made.who.empty()) {
    made.kind = SignalKind::claimed;
    made.who_name = body["ownerName"].text();
    made.about = kAssigned;  // also where the case was another's
    // What people answer is not told by flows, so that none came says nothing.
    made.detail = {{"replies", false}};
    return made;
  }
  if (!owner.starts_with("00G") && !owner.starts_with("005")) return std::nullopt;
  // Only who has it can give it back, so who had it has to be told.
  made.kind = SignalKind::released;
  made.who = owner_if_person(body["previousOwnerId"].text(), body);
  if (!made.who.empty()) made.who_name = body["previousOwnerName"].text();
  return made;
}

// Whatever a callout says, the case itself is asked as well: whether it is closed, by whom and with which
// last words, and who has it (section 7.1).
std::vector<Signal> read_callout(JsonView body, TimePoint received_at) {
  const auto id = safe_id(body["caseId"].text()), event = body["event"].text();
  const bool known = event == "case.closed" || event == "case.reopened" || event == "case.owner_changed";
  if (!is_id(id) || !known) return {};
  auto when = body["occurredAt"].text();
  if (when.empty()) when = to_rfc3339(received_at);
  Signal base(SignalKind::touched, id + "/" + event + "/" + when, id, "");
  if (const auto key = body["handoffId"].text(); key.starts_with("hof_")) base.handoff = handoff_of(key);
  std::vector<Signal> signals;
  if (event != "case.closed") {
    if (auto owner = read_owner(body, base)) signals.push_back(*std::move(owner));
    base.id += "/asked";
  }
  signals.push_back(std::move(base));
  return signals;
}

Result<sdk::Webhook> read_flow(const RawRequest& request, const sdk::Keys& keys,
                               const sdk::Settings& settings) {
  if (const auto failure = refuse(request, keys)) return *failure;
  const auto body = parse_json(request.body, FailureKind::rejected, "Salesforce's callout");
  if (!body) return body.error();
  const JsonView view(*body);
  if (!view.object()) return Failure(FailureKind::rejected, "Salesforce's callout is no object");
  const auto tolerance = parse_duration(settings["webhook_tolerance"]).value_or(Duration{10min});
  if (const auto failure = refuse_late(view, request.received_at, tolerance)) return *failure;
  sdk::Webhook webhook;
  // The flow's designer learns the answer's type from a sample.
  webhook.answer = Reply(200, R"({"ok":true})", Headers{{"content-type", "application/json"}});
  webhook.signals = read_callout(view, request.received_at);
  return webhook;
}

// Nothing is believed but that something happened: in which order the notifications were written is lost, and
// the fields are those of the moment of sending (section 7.2). The case itself says how it stands.
std::vector<Signal> hints_of(const OutboundMessage& message) {
  std::vector<Signal> hints;
  for (const auto& one : message.notifications) {
    if (one.case_id.empty()) continue;
    auto& hint = hints.emplace_back(SignalKind::touched, "outbound/" + one.id, one.case_id, "");
    if (one.key.starts_with("hof_")) hint.handoff = handoff_of(one.key);
  }
  return hints;
}

Result<sdk::Webhook> read_outbound(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) {
  const auto token = query_value(request.target, "token").value_or("");
  if (token.empty() || !keys.matches(sdk::Keys::Mac::shared_value, "url_token", "", token)) {
    return Failure(FailureKind::rejected,
                   "the outbound message's address does not end in ?token= and url_token");
  }
  const auto message = read_outbound_message(request.body, settings["key_field"]);
  if (!message) return message.error();
  if (safe_id(settings["organization_id"]) != message->organization) {
    return Failure(FailureKind::rejected,
                   "the outbound message is not of the organization that organization_id names");
  }
  sdk::Webhook webhook;
  webhook.signals = hints_of(*message);
  webhook.answer =
      Reply(200, std::string(kAcknowledgement), Headers{{"content-type", "text/xml; charset=utf-8"}});
  return webhook;
}

bool is_xml(const RawRequest& request) {
  const auto type = header(request.headers, "content-type");
  return equals_ignoring_case(trim(type.substr(0, type.find(';'))), "text/xml");
}

}  // namespace

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  return is_xml(request) ? read_outbound(request, keys, settings) : read_flow(request, keys, settings);
}

}  // namespace baton::salesforce
