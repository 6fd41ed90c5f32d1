#include "connectors/slack/simulator.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::slack {
namespace simulated {
namespace {

constexpr std::string_view kSeed = R"({
  "channels": [
    {"id": "C0HANDOFFS", "name": "support-handoffs", "is_member": true},
    {"id": "C0ESCALATE", "name": "support-escalations", "is_member": true},
    {"id": "C0PUBLIC", "name": "general", "is_member": false},
    {"id": "C0PRIVATE", "name": "leads", "is_member": false, "is_private": true},
    {"id": "C0ARCHIVED", "name": "old-handoffs", "is_member": true, "is_archived": true}],
  "users": [
    {"id": "U02AGENT01", "name": "dana", "real_name": "Dana Agent", "email": "dana@acme.example", "tz": "Europe/Berlin"},
    {"id": "U02AGENT02", "name": "lee", "real_name": "Lee Agent", "email": "lee@acme.example", "tz": "America/New_York"},
    {"id": "U03JANE", "name": "jane", "real_name": "Jane Roe", "email": "jane@customer.example", "tz": "Europe/Paris"},
    {"id": "U02GONE", "name": "pat", "real_name": "Pat Gone", "email": "pat@acme.example", "deleted": true}]})";

constexpr std::string_view kScopes =
    "chat:write,chat:write.public,users:read,users:read.email,channels:read,channels:join,im:write,"
    "channels:history,groups:history,im:history,reactions:write,app_mentions:read";

}  // namespace

bool Args::flag(std::string_view name) const {
  const auto value = (*this)[name];
  return value.boolean() == true || value.text() == "true" || value.text() == "1";
}

Workspace::Workspace(const simulation::Setup& setup)
    : setup_(setup), token_(simulation::text_of(setup, "token", "xoxb-baton")),
      all_posts_(simulation::limit_of(setup, "posts_per_minute", 300), 1min) {
  const auto seed = simulation::seed_of(setup, kSeed);
  for (auto channel : seed.value("channels", json::array())) {
    for (const auto* key : {"is_member", "is_private", "is_archived", "is_im"}) channel.emplace(key, false);
    channel["is_channel"] = channel["is_private"] == false;
    const auto id = channel["id"].get<std::string>();
    channels_[id].doc = std::move(channel);
  }
  for (const auto& user : seed.value("users", json::array())) {
    const JsonView view(user);
    users_.push_back({{"id", view["id"].text()},
                      {"team_id", text("team_id", "T012ACME")},
                      {"name", view["name"].text()},
                      {"real_name", view["real_name"].text()},
                      {"tz", view["tz"].text("UTC")},
                      {"deleted", view["deleted"].boolean().value_or(false)},
                      {"is_bot", false},
                      {"profile", {{"email", view["email"].text()}, {"display_name", view["name"].text()}}}});
  }
}

std::string Workspace::text(std::string_view key, std::string_view fallback) const {
  return simulation::text_of(setup_, key, fallback);
}

Reply Workspace::handle(const RawRequest& raw) {
  tally_.request();
  const auto path = path_of(raw.target);
  if (path.starts_with("/response/")) return respond(raw, path);
  // "https://slack.com/api" as well as "https://slack.com" may be the base address.
  return call_method(raw, path.substr(path.starts_with("/api/") ? 5 : 1));
}

// --- answers [3]

Reply Workspace::refuse(std::string_view error, std::string_view message) {
  tally_.refuse(error);
  json body = {{"ok", false}, {"error", error}};
  if (!message.empty()) body["response_metadata"]["messages"].push_back(fmt::format("[ERROR] {}", message));
  return simulation::json_reply(200, body);
}

Reply Workspace::ok(json body, const Args& args) {
  body["ok"] = true;
  if (!args.warning.empty()) {
    body["warning"] = args.warning;
    body["response_metadata"]["warnings"].push_back(args.warning);
  }
  return simulation::json_reply(200, body);
}

Reply Workspace::limited(Duration wait) {
  tally_.refuse("ratelimited");
  const auto seconds = std::max(1L, simulation::whole_seconds(wait));
  return simulation::json_reply(429, {{"ok", false}, {"error", "ratelimited"}},
                                {{"retry-after", std::to_string(seconds)}});
}

// --- one call

bool Workspace::granted(std::string_view scope) const {
  const auto all = text("scopes", kScopes);
  const auto parts = split(all, ',');
  return scope.empty() || std::find(parts.begin(), parts.end(), scope) != parts.end();
}

std::optional<Reply> Workspace::authorise(const RawRequest& raw, const Method& method) {
  const auto given = header(raw.headers, "authorization");
  if (given.empty()) return refuse("not_authed");
  if (given != "Bearer " + token_) return refuse("invalid_auth");
  if (!installed_) return refuse("account_inactive");
  if (granted(method.scope)) return std::nullopt;
  tally_.refuse("missing_scope");
  return simulation::json_reply(200, {{"ok", false},
                                      {"error", "missing_scope"},
                                      {"needed", method.scope},
                                      {"provided", text("scopes", kScopes)}});
}

// Writing methods take JSON or a form, reading ones a form or the query only [2].
std::optional<Reply> Workspace::read_args(const RawRequest& raw, const Method& method, Args& args) {
  args.raw = &raw;
  const auto mark = raw.target.find('?');
  if (mark != std::string::npos) {
    for (auto& [key, value] : simulation::form_fields(std::string_view(raw.target).substr(mark + 1)))
      args.values[key] = value;
  }
  if (raw.body.empty() || raw.method == "GET") return std::nullopt;
  if (simulation::is_json(raw.headers)) {
    if (!method.takes_json) return std::nullopt;  // the body is not looked at
    if (header(raw.headers, "content-type").find("charset") == std::string_view::npos)
      args.warning = "missing_charset";
    auto body = json::parse(raw.body, nullptr, false);
    if (body.is_discarded()) return refuse("invalid_json");
    if (!body.is_object()) return refuse("json_not_object");
    args.values.update(body);
    return std::nullopt;
  }
  if (!header(raw.headers, "content-type").starts_with("application/x-www-form-urlencoded"))
    return refuse("invalid_post_type");
  for (auto& [key, value] : simulation::form_fields(raw.body)) args.values[key] = value;
  for (const auto* key : {"blocks", "metadata", "attachments"}) {  // JSON in a form field
    if (!args[key].string()) continue;
    auto parsed = json::parse(args[key].text(), nullptr, false);
    if (!parsed.is_discarded()) args.values[key] = std::move(parsed);
  }
  return std::nullopt;
}

// Per method and minute; posts have limits of their own [5].
std::optional<Reply> Workspace::over_limit(const Method& method, TimePoint now) {
  if (method.limit.empty()) return std::nullopt;
  const bool is_history = method.name == "conversations.history" || method.name == "conversations.replies";
  int per_minute = simulation::limit_of(setup_, method.limit,
                                        method.limit == "tier_4"   ? 100
                                        : method.limit == "tier_3" ? 50
                                                                   : 600);
  if (is_history) per_minute = simulation::limit_of(setup_, "history_per_minute", per_minute);
  auto& window = methods_.try_emplace(std::string(method.name), per_minute, 1min).first->second;
  const auto wait = window.take(now);
  return wait ? std::optional(limited(*wait)) : std::nullopt;
}

Reply Workspace::call_method(const RawRequest& raw, std::string_view name) {
  static constexpr auto kMethods = std::to_array<Method>({
      {"chat.postMessage", &Workspace::post_message, "chat:write", "", true},
      {"chat.postEphemeral", &Workspace::post_ephemeral, "chat:write", "tier_4", true},
      {"chat.update", &Workspace::update_message, "chat:write", "tier_3", true},
      {"chat.delete", &Workspace::delete_message, "chat:write", "tier_3", true},
      {"chat.getPermalink", &Workspace::permalink, "", "special", false},
      {"conversations.history", &Workspace::history, "channels:history", "tier_3", false},
      {"conversations.replies", &Workspace::replies, "channels:history", "tier_3", false},
      {"conversations.info", &Workspace::channel_info, "channels:read", "tier_3", false},
      {"conversations.join", &Workspace::join, "channels:join", "tier_3", true},
      {"conversations.open", &Workspace::open, "im:write", "tier_3", true},
      {"users.lookupByEmail", &Workspace::lookup_by_email, "users:read.email", "tier_3", false},
      {"users.info", &Workspace::user_info, "users:read", "tier_4", false},
      {"reactions.add", &Workspace::add_reaction, "reactions:write", "tier_3", true},
      {"reactions.remove", &Workspace::remove_reaction, "reactions:write", "tier_3", true},
      {"auth.test", &Workspace::auth_test, "", "special", true},
      {"api.test", &Workspace::api_test, "", "tier_4", true},
  });
  const auto* const method =
      std::find_if(kMethods.begin(), kMethods.end(), [&](const Method& m) { return m.name == name; });
  auto reply = [&]() -> Reply {
    if (method == kMethods.end()) return refuse("unknown_method");
    const bool is_open = method->name == "api.test";  // it needs no token (official specification)
    if (auto refused = is_open ? std::nullopt : authorise(raw, *method)) return *std::move(refused);
    if (auto refused = over_limit(*method, raw.received_at)) return *std::move(refused);
    Args args;
    if (auto refused = read_args(raw, *method, args)) return *std::move(refused);
    return (this->*method->handler)(args);
  }();
  reply.headers["x-oauth-scopes"] = text("scopes", kScopes);
  return reply;
}

// --- what it holds, and tells
std::vector<simulation::Outbound> Workspace::take_outbox() { return std::exchange(outbox_, {}); }

json Workspace::ledger() const {
  json messages = json::array();
  std::vector<std::string> keys;
  for (const auto& [id, channel] : channels_) {
    for (const auto& message : channel.messages) {
      auto entry = message.doc;
      entry["channel"] = id;
      entry["deleted"] = message.deleted;
      messages.push_back(std::move(entry));
      const auto key = JsonView(message.doc).at_path("metadata.event_payload.op_key").text();
      if (!key.empty()) keys.push_back(id + key);
    }
  }
  auto all = tally_.json(simulation::count_duplicates(keys));
  all["messages"] = std::move(messages);
  all["ephemerals"] = ephemerals_;
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Workspace>(setup);
}

}  // namespace baton::slack
