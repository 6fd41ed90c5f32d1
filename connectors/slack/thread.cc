#include "connectors/slack/thread.h"

#include <charconv>
#include <map>
#include <optional>
#include <vector>

#include "connectors/slack/conversation.h"
#include "connectors/slack/errors.h"
#include "connectors/slack/wire.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace {

using nlohmann::json;

constexpr std::size_t kMostMessages = 500;
constexpr int kMostPages = 20;
constexpr std::size_t kLongestThread = 32'000;

std::optional<std::string> written_at(std::string_view ts) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(ts.data(), ts.data() + ts.size(), seconds);
  if (error != std::errc() || seconds <= 0 || seconds > 99'999'999'999 || end == ts.data())
    return std::nullopt;
  return to_rfc3339(TimePoint(std::chrono::seconds(seconds)));
}

// What stands between < and >: "https://x|label", "@U1", "#C1|name", "!here".
std::string words_of(std::string_view inner) {
  const auto bar = inner.find('|');
  const auto address = inner.substr(0, bar);
  const auto label = bar == std::string_view::npos ? std::string_view() : inner.substr(bar + 1);
  if (address.starts_with('!')) return "@" + std::string(label.empty() ? address.substr(1) : label);
  if (address.starts_with('@') || address.starts_with('#')) {
    return std::string(address.substr(0, 1)) + std::string(label.empty() ? address.substr(1) : label);
  }
  if (label.empty() || label == address) return std::string(address);
  return std::string(label) + " (" + std::string(address) + ")";
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

sdk::Read first_page(const MessageId& place) {
  const auto query = "?channel=" + percent_encode(place.channel) + "&include_all_metadata=true&limit=200";
  if (place.ts.empty()) return sdk::Read::get("/conversations.history" + query);
  return sdk::Read::get("/conversations.replies" + query + "&ts=" + percent_encode(place.ts));
}

// All pages, oldest first, each message once: a thread's first one is on every page. Threads begin with their
// oldest page, direct messages with the newest one, so that they need no more than what is kept.
Task<std::vector<json>> read_all(MessageId place, sdk::ReadSession& session) {
  std::map<std::string, json> all;  // by ts, which has ten digits before its point for 260 years
  std::optional<sdk::Read> page = first_page(place);
  for (int i = 0; page && i < kMostPages; ++i) {
    const auto reply = co_await session.read(*page);
    if (!reply) co_return reply.error();
    const auto body = parse_json(reply->body, FailureKind::retryable, "Slack's thread");
    if (!body) co_return body.error();
    const auto messages = JsonView(*body)["messages"].list();
    if (!messages) co_return Failure(FailureKind::retryable, "Slack's thread carries no list of messages");
    const auto before = all.size();
    for (const auto& message : *messages) {
      const auto ts = message["ts"].text();
      if (!ts.empty()) all.try_emplace(ts, *message.raw());
    }
    if (all.size() == before || (place.ts.empty() && all.size() >= kMostMessages)) break;
    auto next = next_page(*page, *reply);
    if (!next) co_return Failure(FailureKind::retryable, next.error().detail);
    page = std::move(*next);
  }
  std::vector<json> in_order;
  for (auto& [ts, message] : all) in_order.push_back(std::move(message));
  co_return in_order;
}

// Name and address, where the app may read them; who it is stands there in any case.
Task<json> find_customer(std::string user, sdk::ReadSession& session) {
  json customer = {{"id", user}};
  const auto reply = co_await session.read(sdk::Read::get("/users.info?user=" + percent_encode(user)));
  if (!reply) co_return customer;
  const auto body = parse_json(reply->body, FailureKind::retryable, "Slack's answer about a person");
  if (!body) co_return customer;
  const auto found = JsonView(*body)["user"];
  const auto put = [&customer](const char* name, const std::string& text, std::size_t most) {
    if (!text.empty()) customer[name] = std::string(clip_utf8(to_valid_utf8(text), most));
  };
  put("name", found["real_name"].text(found["name"].text()), 256);
  put("email", found.at_path("profile.email").text(), 320);
  put("timezone", found["tz"].text(), 64);
  co_return customer;
}

std::string_view role_of(JsonView message, std::string_view customer) {
  if (is_ours(message)) return "system";
  if (is_app(message)) return "ai";
  return message["user"].text() == customer ? "customer" : "agent";
}

struct Whose {
  std::string id;
  bool certain = false;
};

Whose customer_of(JsonView subject, const std::vector<json>& messages) {
  const auto named = subject.at_path("customer.id").text(), place = subject.at_path("conversation.id").text();
  if (is_user_id(named)) return {named, true};
  if (is_user_id(place)) return {place, true};
  Whose first;
  for (const auto& one : messages) {
    const JsonView message(one);
    const auto user = message["user"].text();
    if (user.empty() || is_app(message)) continue;
    if (first.id.empty()) first = {user, true};
    else if (user != first.id) first.certain = false;
  }
  return first;
}

// A read parks its destination as a write does. Where a shortcut was used in a channel that the app is not
// in, or of a kind that its scopes leave out, the cards go on.
Failure unread(Failure failure) {
  if (lacks_scope(failure)) failure.kind = FailureKind::rejected;
  return of_one_conversation(std::move(failure));
}

}  // namespace

bool is_app(JsonView message) {
  return !message["bot_id"].text().empty() || !message["app_id"].text().empty() || is_ours(message);
}

std::string plain(std::string_view mrkdwn) {
  const auto valid = to_valid_utf8(mrkdwn);
  std::string out;
  for (std::size_t i = 0; i < valid.size();) {
    const auto end = valid[i] == '<' ? valid.find('>', i) : std::string::npos;
    if (end == std::string::npos) {
      out += valid[i++];
      continue;
    }
    out += words_of(std::string_view(valid).substr(i + 1, end - i - 1));
    i = end + 1;
  }
  replace_all(out, "&lt;", "<");
  replace_all(out, "&gt;", ">");
  replace_all(out, "&amp;", "&");
  return std::string(clip_utf8(out, kLongestThread));
}

json transcript_entry(JsonView message, std::string_view role) {
  const auto ts = message["ts"].text();
  json entry = {{"role", role}, {"text", plain(message["text"].text())}};
  if (!ts.empty()) entry["id"] = ts;
  if (const auto at = written_at(ts)) entry["at"] = *at;
  if (const auto user = message["user"].text(); !user.empty()) entry["author"] = user;
  return entry;
}

Task<json> fetch_transcript(const sdk::Order& order, sdk::ReadSession& session) {
  const auto place = co_await find_place(order.subject, session);
  if (!place) co_return unread(place.error());
  const auto messages = co_await read_all(*place, session);
  if (!messages) co_return unread(messages.error());
  const auto customer = customer_of(JsonView(order.subject), *messages);
  json transcript = json::array();
  for (const auto& one : *messages) {
    const JsonView message(one);
    transcript.push_back(transcript_entry(message, role_of(message, customer.id)));
  }
  if (transcript.size() > kMostMessages)
    transcript.erase(transcript.begin(), transcript.end() - static_cast<std::ptrdiff_t>(kMostMessages));
  json found = {{"transcript", std::move(transcript)}};
  if (customer.certain && is_user_id(customer.id)) {
    auto known = co_await find_customer(customer.id, session);
    if (known) found["customer"] = std::move(*known);
  }
  co_return found;
}

}  // namespace baton::slack
