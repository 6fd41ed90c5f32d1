#include "connectors/intercom/webhook.h"

#include <algorithm>

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

// Assignees are integers, 0 for none; sometimes text (section 3).
std::string assignee(JsonView item) {
  const auto id = item["admin_assignee_id"].id().value_or("");
  return id == "0" ? std::string() : id;
}

struct Reader {
  const Notice& notice;
  std::string ourselves;
  std::string object_id;

  Signal signal(SignalKind kind, std::string who) const {
    Signal made(kind, notice.id, object_id, std::move(who));
    const auto author = notice.part()["author"];
    made.who_name = author["name"].text();
    if (trim(made.who_name).empty()) made.who_name = author["email"].text();
    return made;
  }

  std::optional<Signal> replied() const {
    const auto part = notice.part();
    const auto who = notice.author();
    if (who.empty() || part.at_path("author.type").text() != "admin") return std::nullopt;
    auto made = signal(SignalKind::replied, who);
    // HTML before webhook version 2.15 (section 1).
    const auto body = part["body"].text();
    made.text = body.starts_with('<') ? plain_of(body) : body;
    return made.text.empty() ? std::nullopt : std::optional(std::move(made));
  }

  std::optional<Signal> assigned() const {
    const auto who = assignee(notice.item());
    const auto to = notice.part().at_path("assigned_to.type").text();
    if (who == ourselves) return std::nullopt;
    if (who.empty()) {
      // To a team and nobody of it: nobody has claimed it. Taken from somebody: it is free again.
      if (to == "team" || notice.author().empty()) return std::nullopt;
      return signal(SignalKind::released, notice.author());
    }
    if (to == "team") return std::nullopt;
    auto made = signal(SignalKind::claimed, who);
    made.about = kAssigned;  // Intercom's own word, also where it was another teammate's
    if (notice.author() != who)
      made.who_name.clear();  // assigned by a colleague: the name is the colleague's
    return made;
  }

  std::optional<Signal> read() const {
    const auto& topic = notice.topic;
    const auto who = notice.author();
    if (!who.empty() && who == ourselves) return std::nullopt;  // our own work comes back (section 7)
    if (topic == "conversation.admin.closed" || topic == "ticket.closed")
      return signal(SignalKind::solved, who);
    if (topic == "ticket.state.updated") {
      if (notice.item().at_path("ticket_state.category").text() != "resolved") return std::nullopt;
      return signal(SignalKind::solved, who);
    }
    if (topic == "conversation.admin.opened") return signal(SignalKind::reopened, who);
    if (topic == "conversation.admin.replied" || topic == "ticket.admin.replied") return replied();
    if (topic == "conversation.admin.assigned" || topic == "ticket.admin.assigned") return assigned();
    return std::nullopt;  // of no use to us, notes above all; 200, or Intercom would count it as an error
  }
};

}  // namespace

JsonView Notice::part() const {
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

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  sdk::Webhook webhook;
  if (is_check(request)) return webhook;
  const auto notice = read_notice(request, keys, settings);
  if (!notice) return notice.error();
  const auto id = notice->item()["id"].id().value_or("");
  if (notice->id.empty() || id.empty()) return webhook;
  const Target target{notice->item()["type"].text() == "ticket", id};
  const Reader reader{*notice, std::string(settings["admin_id"]), target.object_id()};
  if (auto signal = reader.read()) webhook.signals.push_back(std::move(*signal));
  return webhook;
}

}  // namespace baton::intercom
