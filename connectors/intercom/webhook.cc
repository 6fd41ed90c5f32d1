#include "connectors/intercom/webhook.h"

#include <algorithm>

#include "connectors/intercom/conversation.h"
#include "connectors/intercom/wire.h"
#include "gateway/base/text.h"
#include "gateway/model/node.h"

namespace baton::intercom {
namespace {

// HMAC-SHA1 with the app's client secret over the raw body. Nothing of the time is signed but what stands in
// the body: created_at, that of the event, which stays the same when it is delivered again hours later.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys) {
  constexpr std::string_view kPrefix = "sha1=";
  const auto given = header(request.headers, "x-hub-signature");
  const auto mac = given.starts_with(kPrefix) ? from_hex(given.substr(kPrefix.size())) : std::nullopt;
  if (!mac || mac->empty())
    return Failure(FailureKind::rejected, "the webhook carries no Intercom signature (sha1=...)");
  if (!keys.matches(sdk::Keys::Mac::hmac_sha1, "client_secret", request.body, *mac))
    return Failure(FailureKind::rejected, "the webhook's signature does not fit client_secret");
  return std::nullopt;
}

std::optional<Failure> refuse_stale(JsonView created_at, TimePoint now, const sdk::Settings& settings) {
  const auto tolerance = parse_duration(settings["webhook_tolerance"]).value_or(Duration{24h});
  const auto seconds = created_at.integer();
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999
  if (!seconds || *seconds < 0 || *seconds > kLast)
    return Failure(FailureKind::rejected, "the webhook does not say when it was made");
  const TimePoint at{std::chrono::seconds(*seconds)};
  // Clocks differ by some minutes at most: nothing comes from the future.
  if (now - at > tolerance || at - now > std::min(tolerance, Duration{10min}))
    return Failure(FailureKind::rejected, "the webhook was made too far from now");
  return std::nullopt;
}

// The handoff that the conversation or ticket was opened for: a notice of it may come before our receipt is
// kept (section 7). Its first text says so, or what we wrote first.
HandoffId handoff_of(JsonView item, std::string_view ourselves) {
  for (const auto* path : {"source.body", "ticket_attributes._default_description_"}) {
    if (auto id = handoff_opened_in(item.at_path(path).text()); !id.empty()) return HandoffId(std::move(id));
  }
  for (const auto& part : parts_of(item).value_or(std::vector<JsonView>())) {
    if (part.at_path("author.id").id() != ourselves) continue;
    if (auto id = handoff_opened_in(part["body"].text()); !id.empty()) return HandoffId(std::move(id));
  }
  return HandoffId();
}

struct Reader {
  const Notice& notice;
  std::string ourselves;
  std::string object_id;

  Signal signal(SignalKind kind, std::string who, const char* suffix = "") const {
    Signal made(kind, notice.id + suffix, object_id, std::move(who));
    made.handoff = handoff_of(notice.item(), ourselves);
    const auto author = notice.part()["author"];
    made.who_name = author["name"].text();
    if (trim(made.who_name).empty()) made.who_name = author["email"].text();
    return made;
  }

  // HTML before webhook version 2.15 (section 1).
  std::optional<Signal> replied(const char* suffix) const {
    const auto part = notice.part();
    if (!is_reply(part, ourselves)) return std::nullopt;
    auto made = signal(SignalKind::replied, notice.author(), suffix);
    made.text = words_of(part);
    if (const auto id = part["id"].id()) made.detail = {{"reply", *id}};
    return made;
  }

  std::optional<Signal> claimed(const std::string& who) const {
    const bool to_team = notice.part().at_path("assigned_to.type").text() == "team";
    if (who == ourselves || to_team) return std::nullopt;
    auto made = signal(SignalKind::claimed, who);
    made.about = kAssigned;  // Intercom's own word, also where it was another teammate's
    if (notice.author() != who)
      made.who_name.clear();  // assigned by a colleague: the name is the colleague's
    return made;
  }

  // Nobody has it any more, a team of several perhaps. Who had it is not said: who gave their own away has
  // done so by this, and of a colleague's or a workflow's doing the ticket itself tells.
  void add_free(std::vector<Signal>& all) const {
    const bool by_person = notice.part().at_path("author.type").text() == "admin";
    if (by_person && !notice.author().empty()) all.push_back(signal(SignalKind::released, notice.author()));
    all.push_back(signal(SignalKind::touched, "", "/touched"));
  }

  void add_assignment(std::vector<Signal>& all) const {
    const auto who = assignee_of(notice.item());
    if (!who) return;
    if (who->empty()) return add_free(all);
    if (auto made = claimed(*who)) all.push_back(std::move(*made));
  }

  bool is_solved() const {
    const auto& topic = notice.topic;
    if (topic == "ticket.state.updated")
      return notice.item().at_path("ticket_state.category").text() == "resolved";
    return topic == "conversation.admin.closed" || topic == "ticket.closed" || topic == "ticket.resolved";
  }

  // Of no use to us is much, notes above all; it is answered 200, or Intercom would count it as an error.
  std::vector<Signal> read() const {
    const auto& topic = notice.topic;
    const auto who = notice.author();
    std::vector<Signal> all;
    if (!who.empty() && who == ourselves) return all;  // our own work comes back (section 7)
    const bool replies = topic == "conversation.admin.replied" || topic == "ticket.admin.replied";
    const bool opens = topic == "conversation.admin.opened";
    const bool assigns = topic == "conversation.admin.assigned" || topic == "ticket.admin.assigned" ||
                         topic == "ticket.team.assigned";
    // What is written while somebody assigns, closes or opens is told with it.
    if (replies || opens || assigns || is_solved()) {
      if (auto made = replied(replies ? "" : "/reply")) all.push_back(std::move(*made));
    }
    if (is_solved()) all.push_back(signal(SignalKind::solved, who));
    if (opens) all.push_back(signal(SignalKind::reopened, who));
    if (assigns) add_assignment(all);
    return all;
  }
};

}  // namespace

// Of some topics the ticket stands one deeper, and its part beside it (ticket.closed does from 2.15 on).
JsonView Notice::item() const {
  const auto item = JsonView(body).at_path("data.item");
  return is_deeper() ? item["ticket"] : item;
}

bool Notice::is_deeper() const {
  return topic.starts_with("ticket.") && JsonView(body).at_path("data.item.ticket").object();
}

bool Notice::is_ticket() const { return is_deeper() || item()["type"].text() == "ticket"; }

JsonView Notice::part() const {
  const auto beside = JsonView(body).at_path("data.item.ticket_part");
  if (beside.object()) return beside;
  const auto parts = parts_of(item());
  return parts && !parts->empty() ? parts->back() : JsonView();
}

bool is_check(const RawRequest& request) { return request.method == "HEAD" && request.body.empty(); }

Result<Notice> read_notice(const RawRequest& request, const sdk::Keys& keys, const sdk::Settings& settings) {
  if (const auto failure = refuse(request, keys)) return *failure;
  auto body = parse_json(request.body, FailureKind::rejected, "Intercom's webhook");
  if (!body) return body.error();
  Notice notice;
  notice.body = std::move(*body);
  const JsonView view(notice.body);
  notice.id = view["id"].text();
  notice.topic = view["topic"].text();
  notice.at = time_of(view["created_at"]);
  if (notice.topic == "ping") return notice;  // may be sent at any time, and holds little more than its topic
  if (const auto failure = refuse_stale(view["created_at"], request.received_at, settings)) return *failure;
  // Of another workspace that installed the same app (section 7).
  const auto app = settings["app_id"];
  if (!app.empty() && view["app_id"].text() != app)
    return Failure(FailureKind::rejected,
                   "the webhook is of workspace " + view["app_id"].text() + ", not of app_id");
  return notice;
}

std::vector<Signal> read_signals(const Notice& notice, const sdk::Settings& settings) {
  const auto id = notice.item()["id"].id().value_or("");
  if (notice.id.empty() || id.empty()) return {};
  const Target target{notice.is_ticket(), id};
  return Reader{notice, std::string(settings["admin_id"]), target.object_id()}.read();
}

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  sdk::Webhook webhook;
  if (is_check(request)) return webhook;
  const auto notice = read_notice(request, keys, settings);
  if (!notice) return notice.error();
  webhook.signals = read_signals(*notice, settings);
  return webhook;
}

}  // namespace baton::intercom
