// Purpose: the simulated Slack workspace as its fact sheet describes it (sections in brackets below).
// Private to simulator*.cc; everybody else calls slack::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: `ts` is text, never a number.
// Errors: HTTP 200 with {"ok": false, "error"}, 429 for limits; nothing else [6].
//
// Setup (all optional):
//   token "xoxb-baton", signing_secret "slack-signing-secret"
//   scopes                      comma separated; by default all that Baton needs [2]
//   team_id "T012ACME", app_id "A0BATON01", bot_id "B0BATON", bot_user "U0BATONBOT"
//   self_url "https://slack.com"     response_url is {self_url}/response/...; methods are
//   {self_url}/api/<method> post_per_second 1, post_burst 3 (per channel), posts_per_minute 300 (workspace),
//   tier_2 20, tier_3 50, tier_4 100 (per method and minute), special 600; "limits": "off" lifts all    [5]
//   history_per_minute, history_items    1 and 15 for an app that is sold outside of the Marketplace [5]
//   blocks_max_bytes 13200      of the JSON of `blocks`: msg_blocks_too_long [3.7]
//   metadata_max_bytes 4096
//   seed                        JSON: {"channels": [...], "users": [...]}
//   ai_bot_id "B0AI", ai_app_id "A0AI", ai_bot_user "U0AIBOT"    the app of the AI that answers people
//   echo                        "on": events of our own messages come back too, see take_outbox()
//
// Deeds, the channel being an id, or a person's for direct messages with the app: click {"channel", "ts",
// "user": id, "username", "action_id", "value": default the button's}, shortcut {"channel", "ts", "user",
// "callback_id"}, say {"channel", "user", "text", "thread_ts", "subtype"} and reply, the same in a thread (a
// person writes: an Events API event, and a second one where the text mentions the app), bot_says {"channel",
// "thread_ts", "text", "blocks"} (the AI's app), command {"channel", "user", "command": "/human", "text"},
// uninstall {"only": "app_uninstalled" or "tokens_revoked", default both events} and install {"token"};
// limit_events {} (the app caused too many events: the rest of the minute's are dropped [5]);
// archive, unarchive, delete {"channel"}, and take_out {"channel"} of the app. Slack tells of private
// channels as groups.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::slack::simulated {

using nlohmann::json;

struct Message {
  json doc;  // as conversations.history shows it, metadata included
  bool deleted = false;
  std::vector<json> blocks_before;  // what somebody with an old view can still click
};

struct Channel {
  json doc;
  std::vector<Message> messages;  // in order of ts
  std::string last_ts;
};

struct ResponseUrl {
  std::string channel, ts, user;
  TimePoint ends;
  int uses = 0;
};

// What a method was called with, whichever way it came.
struct Args {
  json values = json::object();
  const RawRequest* raw = nullptr;
  std::string warning;

  TimePoint now() const { return raw->received_at; }
  JsonView operator[](std::string_view name) const { return JsonView(values)[name]; }
  bool flag(std::string_view name) const;
  std::string id(std::string_view name) const { return (*this)[name].id().value_or(""); }
};

// The code of what is wrong with it and where, or nothing.
struct Refusal {
  std::string error;
  std::string message;
};
std::optional<Refusal> check_blocks(const json& blocks, int max_bytes);
std::optional<Refusal> check_metadata(const json& metadata, int max_bytes);

// "v0=" + hex(HMAC-SHA256(signing secret, "v0:" + timestamp + ":" + raw body)) [7]
std::string request_signature(std::string_view secret, std::string_view timestamp, std::string_view body);

class Workspace final : public simulation::Vendor {
 public:
  explicit Workspace(const simulation::Setup& setup);

  std::string_view name() const override { return "slack"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  std::vector<simulation::Outbound> take_outbox() override;
  json ledger() const override;

 private:
  struct Method {
    std::string_view name;
    Reply (Workspace::*handler)(const Args&);
    std::string_view scope;
    std::string_view limit;  // the Setup key of its tier
    bool takes_json;
  };

  // simulator.cc
  Reply call_method(const RawRequest& raw, std::string_view method);
  std::optional<Reply> authorise(const RawRequest& raw, const Method& method);
  std::optional<Reply> read_args(const RawRequest& raw, const Method& method, Args& args);
  std::optional<Reply> over_limit(const Method& method, TimePoint now);
  bool granted(std::string_view scope) const;
  Reply ok(json body, const Args& args);
  Reply refuse(std::string_view error, std::string_view message = {});
  Reply limited(Duration wait);

  // simulator_messages.cc
  Reply post_message(const Args& args);
  Reply post_ephemeral(const Args& args);
  Reply update_message(const Args& args);
  Reply delete_message(const Args& args);
  Reply permalink(const Args& args);
  Reply history(const Args& args);
  Reply replies(const Args& args);
  std::optional<Refusal> check_content(const Args& args) const;
  std::optional<Refusal> check_thread(Channel& channel, std::string_view thread_ts) const;
  Reply page_of(std::vector<const Message*> messages, const Args& args);
  json shown(const Message& message, bool with_metadata) const;
  std::string next_ts(Channel& channel, TimePoint now) const;
  Message& append(Channel& channel, json doc, TimePoint now);
  Message* find_message(Channel& channel, std::string_view ts);
  void replace_content(Message& message, const Args& args);

  // simulator_places.cc: channels, users, the app
  Reply api_test(const Args& args);
  Reply auth_test(const Args& args);
  Result<std::vector<simulation::Outbound>> uninstall(const JsonView& with, TimePoint now);
  std::vector<simulation::Outbound> limit_events(TimePoint now);
  Result<std::vector<simulation::Outbound>> install(const JsonView& with);
  Result<std::vector<simulation::Outbound>> change_place(std::string_view what, const JsonView& with,
                                                         TimePoint now);
  Reply channel_info(const Args& args);
  Reply join(const Args& args);
  Reply open(const Args& args);
  Reply lookup_by_email(const Args& args);
  Reply user_info(const Args& args);
  Channel* find_channel(std::string_view id);
  json* find_user(std::string_view id);
  Channel& direct_message(std::string_view user);
  // The channel if the bot may write there.
  Channel* writable(const Args& args, std::optional<Reply>& refused);

  // simulator_interactions.cc
  Reply respond(const RawRequest& raw, std::string_view path);
  Result<std::vector<simulation::Outbound>> click(const JsonView& with, TimePoint now);
  Result<std::vector<simulation::Outbound>> shortcut(const JsonView& with, TimePoint now);
  simulation::Outbound sign(std::string body, std::string_view content_type, TimePoint now);
  std::string trigger();
  std::string response_path(std::string_view channel, std::string_view ts, std::string_view user,
                            TimePoint now);

  // simulator_talk.cc: what people and the AI say
  Result<std::vector<simulation::Outbound>> say(const JsonView& with, TimePoint now);
  Result<std::vector<simulation::Outbound>> bot_says(const JsonView& with, TimePoint now);
  Result<std::vector<simulation::Outbound>> command(const JsonView& with, TimePoint now);
  // The channel, or the direct messages with a person; null if the thread is not there.
  Channel* place_to_talk(const JsonView& with);
  simulation::Outbound tell_of(const Channel& channel, json event, TimePoint now);
  simulation::Outbound tell(json event, TimePoint now);
  std::string name_of(std::string_view user);
  Reply add_reaction(const Args& args);
  Reply remove_reaction(const Args& args);
  // The message that a reaction is about, and what is wrong with the call.
  Message* reacted_to(const Args& args, std::optional<Reply>& refused);

  std::string text(std::string_view key, std::string_view fallback) const;

  const simulation::Setup setup_;
  std::string token_;  // the one that is good
  bool installed_ = true;
  Random random_{0x736c61};
  simulation::Tally tally_;
  std::map<std::string, Channel, std::less<>> channels_;
  json users_ = json::array();
  json ephemerals_ = json::array();
  std::vector<simulation::Outbound> outbox_;
  std::map<std::string, ResponseUrl, std::less<>> response_urls_;  // by path
  std::map<std::string, simulation::Bucket, std::less<>> posts_;   // by channel
  simulation::Window all_posts_;
  std::map<std::string, simulation::Window, std::less<>> methods_;
};

}  // namespace baton::slack::simulated
