// Channels, users and the app itself (fact sheet, sections 3.4, 9).
#include "connectors/simulation/setup.h"
#include "connectors/slack/simulator.h"
#include "gateway/base/text.h"

namespace baton::slack::simulated {

Channel* Workspace::find_channel(std::string_view id) {
  const auto found = channels_.find(id);
  return found == channels_.end() ? nullptr : &found->second;
}

json* Workspace::find_user(std::string_view id) {
  for (auto& user : users_) {
    if (user["id"] == id) return &user;
  }
  return nullptr;
}

Channel& Workspace::direct_message(std::string_view user) {
  const auto id = "D" + std::string(user.substr(1));
  auto& channel = channels_[id];
  if (channel.doc.is_null()) {
    channel.doc = {{"id", id},          {"user", user},       {"is_im", true},
                   {"is_member", true}, {"is_private", true}, {"is_archived", false}};
  }
  return channel;
}

Channel* Workspace::writable(const Args& args, std::optional<Reply>& refused) {
  const auto id = args.id("channel");
  auto* channel = find_channel(id);
  if (!channel && id.starts_with('U') && find_user(id)) channel = &direct_message(id);
  if (id.empty()) {
    refused = refuse("invalid_arguments", "missing required field: channel");
  } else if (!channel) {
    refused = refuse("channel_not_found");
  } else if (channel->doc["is_archived"] == true) {
    refused = refuse("is_archived");
  } else if (channel->doc["is_member"] == false &&
             (channel->doc["is_private"] == true || !granted("chat:write.public"))) {
    refused = refuse("not_in_channel");
  } else {
    return channel;
  }
  return nullptr;
}

// Gives back what it got; `error` is the error to play (official specification).
Reply Workspace::api_test(const Args& args) {
  json body = json::object();
  if (!args.values.empty()) body["args"] = args.values;
  const auto error = args["error"].text();
  if (error.empty()) return ok(std::move(body), args);
  tally_.refuse(error);
  body["ok"] = false;
  body["error"] = error;
  return simulation::json_reply(200, body);
}

// An administrator takes the app out of the workspace: its token is dead at once, and it is told (section 7).
Result<std::vector<simulation::Outbound>> Workspace::uninstall(const JsonView& with, TimePoint now) {
  installed_ = false;
  const auto only = with["only"].text();
  std::vector<simulation::Outbound> sent;
  if (only.empty() || only == "tokens_revoked") {
    const json tokens = {{"oauth", json::array()}, {"bot", {text("bot_user", "U0BATONBOT")}}};
    sent.push_back(tell({{"type", "tokens_revoked"}, {"tokens", tokens}}, now));
  }
  if (only.empty() || only == "app_uninstalled") sent.push_back(tell({{"type", "app_uninstalled"}}, now));
  return sent;
}

// No event in an envelope: a body of its own that names the minute [5].
std::vector<simulation::Outbound> Workspace::limit_events(TimePoint now) {
  const auto minute = std::chrono::floor<std::chrono::minutes>(now);
  const json body = {{"token", "deprecated"},
                     {"type", "app_rate_limited"},
                     {"team_id", text("team_id", "T012ACME")},
                     {"minute_rate_limited", simulation::epoch_seconds(minute)},
                     {"api_app_id", text("app_id", "A0BATON01")}};
  std::vector<simulation::Outbound> sent;
  sent.push_back(sign(simulation::dump(body), "application/json", now));
  return sent;
}

// Installed again it has another token.
Result<std::vector<simulation::Outbound>> Workspace::install(const JsonView& with) {
  installed_ = true;
  token_ = with["token"].text(token_);
  return std::vector<simulation::Outbound>();
}

// What people do with a channel. Who takes the app out is told to the app as if it had left.
Result<std::vector<simulation::Outbound>> Workspace::change_place(std::string_view what, const JsonView& with,
                                                                  TimePoint now) {
  const auto id = with["channel"].text();
  auto* channel = find_channel(id);
  if (!channel) return Failure(FailureKind::rejected, "slack: no such channel: " + id);
  const std::string kind = channel->doc["is_private"] == true ? "group" : "channel";
  json event = {{"channel", id}};
  if (what == "archive" || what == "unarchive") {
    channel->doc["is_archived"] = what == "archive";
    event["type"] = kind + "_" + std::string(what);
    event["user"] = with["user"].text("U02AGENT01");
  } else if (what == "delete") {
    channels_.erase(id);
    event["type"] = kind + "_deleted";
  } else {
    channel->doc["is_member"] = false;
    event["type"] = kind + "_left";
    event["actor_id"] = with["user"].text("U02AGENT01");
  }
  std::vector<simulation::Outbound> sent;
  sent.push_back(tell(std::move(event), now));
  return sent;
}

Reply Workspace::auth_test(const Args& args) {
  return ok({{"url", "https://acme.slack.com/"},
             {"team", "Acme"},
             {"team_id", text("team_id", "T012ACME")},
             {"user", "baton"},
             {"user_id", text("bot_user", "U0BATONBOT")},
             {"bot_id", text("bot_id", "B0BATON")},
             {"is_enterprise_install", false}},
            args);
}

Reply Workspace::channel_info(const Args& args) {
  const auto* channel = find_channel(args.id("channel"));
  return channel ? ok({{"channel", channel->doc}}, args) : refuse("channel_not_found");
}

Reply Workspace::join(const Args& args) {
  auto* channel = find_channel(args.id("channel"));
  // A private channel cannot be seen from outside.
  if (!channel || (channel->doc["is_private"] == true && channel->doc["is_member"] == false))
    return refuse("channel_not_found");
  if (channel->doc["is_archived"] == true) return refuse("is_archived");
  auto noted = args;
  if (channel->doc["is_member"] == true) {
    noted.warning = "already_in_channel";
  } else {
    channel->doc["is_member"] = true;
    tally_.effect("channels_joined");
  }
  return ok({{"channel", channel->doc}}, noted);
}

Reply Workspace::open(const Args& args) {
  const auto user = args.id("users");
  if (!find_user(user)) return refuse("user_not_found");
  return ok({{"channel", {{"id", direct_message(user).doc["id"]}}}}, args);
}

Reply Workspace::lookup_by_email(const Args& args) {
  for (const auto& user : users_) {
    const JsonView view(user);
    if (view["deleted"].boolean() != true &&
        equals_ignoring_case(view.at_path("profile.email").text(), args.id("email"))) {
      return ok({{"user", user}}, args);
    }
  }
  return refuse("users_not_found");
}

Reply Workspace::user_info(const Args& args) {
  const auto* known = find_user(args.id("user"));
  if (!known) return refuse("user_not_found");
  auto user = *known;
  if (!granted("users:read.email")) user["profile"].erase("email");  // [2]
  return ok({{"user", std::move(user)}}, args);
}

}  // namespace baton::slack::simulated
