#include "connectors/freshdesk/webhook.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::freshdesk {
namespace {

// Freshdesk signs nothing: what protects is a secret in a header, in the address, or as the password of
// Basic. Whoever has it may say anything about a ticket, so only states are read here, never words.
bool is_genuine(const RawRequest& request, const sdk::Keys& keys) {
  const auto fits = [&](std::string_view given) {
    return !given.empty() && keys.matches(sdk::Keys::Mac::shared_value, "webhook_secret", {}, given);
  };
  if (fits(header(request.headers, "x-baton-secret"))) return true;
  if (fits(query_value(request.target, "secret").value_or(""))) return true;
  const auto basic = header(request.headers, "authorization");
  if (!basic.starts_with("Basic ")) return false;
  const auto pair = from_base64(basic.substr(6)).value_or("");
  const auto colon = pair.find(':');
  return colon != std::string::npos && fits(std::string_view(pair).substr(colon + 1));
}

// States arrive as labels, which an account may translate; numbers are read too (section 7).
bool is_one_of(std::string_view label, std::string_view labels) {
  const auto all = split(labels, ',');
  return !label.empty() && std::ranges::any_of(all, [&](std::string_view one) {
    return equals_ignoring_case(trim(one), label);
  });
}

// Either form: our template, or the ticked boxes of "simple content".
struct Notice {
  std::string event, ticket, status, agent, agent_name, handoff, change, updated_at;

  static Notice read(JsonView body) {
    Notice notice;
    const auto simple = body["freshdesk_webhook"];
    if (simple.object()) {
      notice.event = "status_changed";
      notice.ticket = simple["ticket_id"].id().value_or("");
      notice.status = simple["ticket_status"].id().value_or("");
      notice.agent = simple["ticket_agent_email"].text();
      notice.agent_name = simple["ticket_agent_name"].text();
      return notice;
    }
    notice.event = body["event"].text();
    notice.ticket = body["ticket_id"].id().value_or("");
    notice.status = body["status"].id().value_or("");
    notice.agent = body["agent_email"].text();
    notice.agent_name = body["agent_name"].text();
    notice.handoff = body["handoff_id"].text();
    notice.change = body["triggered_event"].text();
    notice.updated_at = body["updated_at"].id().value_or("");
    return notice;
  }
};

// "{ticket_status:{from:Open,to:Resolved}}"; its spelling is unconfirmed, so it is a word in a text.
bool came_from_done(std::string_view change, std::string_view done) {
  const auto from = change.find("from:");
  if (from == std::string_view::npos) return false;
  const auto rest = change.substr(from + 5);
  return is_one_of(trim(rest.substr(0, rest.find_first_of(",}"))), done);
}

// How a ticket stands, and what was said on it, is asked and not believed (section 7): a notice may be late,
// whoever has the secret may send one, and its labels are the account's. Who has it now is the vendor's word.
std::optional<SignalKind> kind_of(const Notice& notice, const sdk::Settings& settings) {
  const auto done = settings["solved_labels"], open = settings["open_labels"];
  if (notice.event == "status_changed") {
    const bool again = is_one_of(notice.status, open) && came_from_done(notice.change, done);
    return again ? SignalKind::reopened : SignalKind::touched;
  }
  // Whose answer it is, and its words, stand in the ticket.
  if (notice.event == "public_comment") return SignalKind::touched;
  if (notice.event != "assignment_changed") return std::nullopt;
  // Nobody has it any more, and who had it is not told.
  if (notice.agent.empty()) return SignalKind::touched;
  if (equals_ignoring_case(notice.agent, settings["baton_agent_email"])) return std::nullopt;
  return SignalKind::claimed;
}

// There is no event id (section 7): the same news of a ticket that has not changed since is the same notice.
// Where the automation does not tell when it changed, the same news within a minute is: what that doubles is
// harmless, and what it hides read_status finds.
std::string id_of(const Notice& notice, TimePoint at) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(at).time_since_epoch().count();
  return notice.ticket + "|" + notice.event + "|" + notice.status + "|" + notice.agent + "|" + notice.change +
         "|" + (notice.updated_at.empty() ? std::to_string(minute) : notice.updated_at);
}

}  // namespace

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  if (!is_genuine(request, keys)) {
    return Failure(FailureKind::rejected,
                   "the webhook does not carry webhook_secret (header X-Baton-Secret)");
  }
  const auto body = parse_json(request.body, FailureKind::rejected, "Freshdesk's webhook");
  if (!body) return body.error();
  const auto notice = Notice::read(*body);
  sdk::Webhook webhook;
  const bool foreign = !notice.handoff.empty() && !notice.handoff.starts_with("hof_");
  const auto kind = kind_of(notice, settings);
  if (!kind || notice.ticket.empty() || foreign) return webhook;
  Signal signal(*kind, id_of(notice, request.received_at), notice.ticket, notice.agent);
  signal.who_name = clip_utf8(trim(notice.agent_name), 256);
  if (*kind == SignalKind::claimed) signal.about = kAssigned;  // also where it was another agent's
  if (!notice.handoff.empty()) signal.handoff = HandoffId(notice.handoff.substr(0, notice.handoff.find('/')));
  webhook.signals.push_back(std::move(signal));
  return webhook;
}

}  // namespace baton::freshdesk
