// The simulated Slack against its fact sheet, section by section.
#include "connectors/slack/simulator.h"

#include <fmt/format.h>

#include "gateway/base/text.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

class Slack : public Bench, public testing::Test {
 public:
  Slack() : Bench("slack") { headers["authorization"] = "Bearer xoxb-baton"; }

  json call(const std::string& method, const json& args) { return body_of(post("/api/" + method, args)); }
  json read(const std::string& method, const std::string& query) {
    return body_of(get("/api/" + method + "?" + query));
  }
  static json card() { return read_data("slack_message.json"); }
  std::string posted() {
    const auto answer = call("chat.postMessage", card());
    EXPECT_EQ(answer["ok"], true) << answer;
    return answer["ts"];
  }
  std::string error_of(const json& message) {
    now += 2s;
    const auto reply = post("/api/chat.postMessage", message);
    EXPECT_EQ(reply.status, 200);
    return body_of(reply).value("error", "ok");
  }
  static json click(const std::string& ts, const std::string& user = "U02AGENT01") {
    return {{"channel", "C0HANDOFFS"}, {"ts", ts}, {"user", user}, {"action_id", "baton_claim"}};
  }
};

TEST_F(Slack, posts_the_sheets_card_twice_if_it_is_sent_twice) {
  const auto reply = post("/api/chat.postMessage", card());
  EXPECT_EQ(reply.status, 200);
  const auto answer = body_of(reply);
  EXPECT_EQ(answer["ok"], true) << reply.body;
  EXPECT_EQ(answer["channel"], "C0HANDOFFS");
  EXPECT_TRUE(answer["ts"].is_string());
  EXPECT_EQ(answer["ts"].get<std::string>().size(), 17u);
  EXPECT_EQ(answer["message"]["bot_id"], "B0BATON");
  EXPECT_FALSE(header(reply.headers, "x-oauth-scopes").empty());
  auto same = card();
  same["client_msg_id"] = "5f0c7c0f-0000-4000-8000-000000000000";
  EXPECT_EQ(call("chat.postMessage", same)["ok"], true);
  EXPECT_NE(call("chat.postMessage", same)["ts"], answer["ts"]);
  EXPECT_EQ(effect("messages_posted"), 3);
  EXPECT_EQ(ledger()["duplicates"], 2);
}

TEST_F(Slack, tests_a_call_without_a_token_and_gives_back_what_it_got) {
  EXPECT_EQ(call("api.test", {{"foo", "bar"}}), (json{{"ok", true}, {"args", {{"foo", "bar"}}}}));
  headers.erase("authorization");
  EXPECT_EQ(call("api.test", json::object()), json({{"ok", true}}));
  EXPECT_EQ(body_of(get("/api/api.test?error=my_error")),
            (json{{"ok", false}, {"error", "my_error"}, {"args", {{"error", "my_error"}}}}));
}

TEST_F(Slack, tells_an_app_that_is_taken_out_and_lets_it_in_no_more_until_it_is_installed_again) {
  const auto sent = act("uninstall", json::object());
  ASSERT_EQ(sent.size(), 2u);
  const auto first = json::parse(sent[0].request.body), second = json::parse(sent[1].request.body);
  EXPECT_EQ(first["event"]["type"], "tokens_revoked");
  EXPECT_EQ(first["event"]["tokens"]["bot"], json({"U0BATONBOT"}));
  EXPECT_EQ(second["event"], json({{"type", "app_uninstalled"}}));
  EXPECT_EQ(second["team_id"], "T012ACME");
  EXPECT_EQ(call("auth.test", json::object())["error"], "account_inactive");
  act("install", {{"token", "xoxb-new"}});
  EXPECT_EQ(call("auth.test", json::object())["error"], "invalid_auth");
  headers["authorization"] = "Bearer xoxb-new";
  EXPECT_EQ(call("auth.test", json::object())["ok"], true);
}

TEST_F(Slack, tells_what_becomes_of_a_channel_and_takes_nothing_for_one_that_is_archived) {
  const auto told = [&](const char* deed, const char* channel) {
    const auto sent = act(deed, {{"channel", channel}});
    EXPECT_EQ(sent.size(), 1u);
    return json::parse(sent.at(0).request.body)["event"];
  };
  const json to = {{"channel", "C0HANDOFFS"}, {"text", "x"}};
  EXPECT_EQ(told("archive", "C0HANDOFFS"),
            (json{{"type", "channel_archive"}, {"channel", "C0HANDOFFS"}, {"user", "U02AGENT01"}}));
  EXPECT_EQ(error_of(to), "is_archived");
  EXPECT_EQ(told("unarchive", "C0HANDOFFS")["type"], "channel_unarchive");
  EXPECT_EQ(error_of(to), "ok");
  EXPECT_EQ(told("archive", "C0PRIVATE")["type"], "group_archive");
  EXPECT_EQ(told("take_out", "C0PRIVATE")["type"], "group_left");
  EXPECT_EQ(told("take_out", "C0HANDOFFS")["type"], "channel_left");
  EXPECT_EQ(error_of(to), "ok") << "chat:write.public";
  EXPECT_EQ(told("delete", "C0HANDOFFS")["type"], "channel_deleted");
  EXPECT_EQ(error_of(to), "channel_not_found");
}

TEST_F(Slack, refuses_with_200_and_a_code) {
  headers.erase("authorization");
  EXPECT_EQ(call("auth.test", json::object())["error"], "not_authed");
  headers["authorization"] = "Bearer xoxb-other";
  EXPECT_EQ(call("auth.test", json::object())["error"], "invalid_auth");
  headers["authorization"] = "Bearer xoxb-baton";
  EXPECT_EQ(call("chat.explode", json::object())["error"], "unknown_method");
  EXPECT_EQ(body_of(send("POST", "/api/chat.postMessage", "{"))["error"], "invalid_json");
  EXPECT_EQ(body_of(send("POST", "/api/chat.postMessage", "[]"))["error"], "json_not_object");
  Bench poor("slack", {{"scopes", "users:read"}});
  poor.headers = headers;
  const auto refused = body_of(poor.post("/api/chat.postMessage", card()));
  EXPECT_EQ(refused["error"], "missing_scope");
  EXPECT_EQ(refused["needed"], "chat:write");
  EXPECT_EQ(refused["provided"], "users:read");
  EXPECT_EQ(poor.ledger()["refused"]["missing_scope"], 1);
}

TEST_F(Slack, knows_where_the_bot_may_write) {
  struct Case {
    const char* channel;
    const char* error;
  };
  const Case cases[] = {{"C0HANDOFFS", "ok"},
                        {"C0PUBLIC", "ok"},
                        {"C0PRIVATE", "not_in_channel"},
                        {"C0ARCHIVED", "is_archived"},
                        {"C0NOWHERE", "channel_not_found"},
                        {"", "invalid_arguments"},
                        {"U02AGENT01", "ok"},
                        {"#support-handoffs", "channel_not_found"}};
  for (const auto& place : cases)
    EXPECT_EQ(error_of({{"channel", place.channel}, {"text", "x"}}), place.error) << place.channel;
  Bench modest("slack", {{"scopes", "chat:write,channels:join"}});
  modest.headers = headers;
  const json message = {{"channel", "C0PUBLIC"}, {"text", "x"}};
  EXPECT_EQ(body_of(modest.post("/api/chat.postMessage", message))["error"], "not_in_channel");
  EXPECT_EQ(body_of(modest.post("/api/conversations.join", {{"channel", "C0PUBLIC"}}))["ok"], true);
  EXPECT_EQ(body_of(modest.post("/api/conversations.join", {{"channel", "C0PUBLIC"}}))["warning"],
            "already_in_channel");
  EXPECT_EQ(body_of(modest.post("/api/conversations.join", {{"channel", "C0PRIVATE"}}))["error"],
            "channel_not_found");
  EXPECT_EQ(body_of(modest.post("/api/chat.postMessage", message))["ok"], true);
}

json text_of_length(std::size_t length, const char* type = "plain_text") {
  return {{"type", type}, {"text", std::string(length, 'x')}};
}
json section(const json& text) { return {{"type", "section"}, {"text", text}}; }
json actions(const json& element) { return {{"type", "actions"}, {"elements", json::array({element})}}; }
json button(const char* key = "action_id", const json& value = "a") {
  json made = {{"type", "button"}, {"action_id", "a"}, {"text", text_of_length(5)}};
  made[key] = value;
  return made;
}
json repeat(const json& item, int times) {
  auto list = json::array();
  for (int i = 0; i < times; ++i) list.push_back(item);
  return list;
}

TEST_F(Slack, holds_every_block_to_its_limits) {
  const json divider = {{"type", "divider"}};
  const json confirm = {{"title", text_of_length(100)},
                        {"text", text_of_length(300)},
                        {"confirm", text_of_length(30)},
                        {"deny", text_of_length(30)}};
  auto long_title = confirm, long_deny = confirm;
  long_title["title"] = text_of_length(101);
  long_deny["deny"] = text_of_length(31);
  struct Case {
    const char* name;
    json blocks;
    const char* error;
  };
  const Case cases[] = {
      {"50 blocks", repeat(divider, 50), "ok"},
      {"51 blocks", repeat(divider, 51), "invalid_blocks"},
      {"no array", divider, "invalid_blocks_format"},
      {"text 3000", {section(text_of_length(3000))}, "ok"},
      {"text 3001", {section(text_of_length(3001))}, "invalid_blocks"},
      {"text empty", {section(text_of_length(0))}, "invalid_blocks"},
      {"umlauts count once",
       {section({{"type", "mrkdwn"},
                 {"text",
                  [] {
                    std::string s;
                    for (int i = 0; i < 3000; ++i) s += "ü";
                    return s;
                  }()}})},
       "ok"},
      {"section without text", {{{"type", "section"}}}, "invalid_blocks"},
      {"10 fields", {{{"type", "section"}, {"fields", repeat(text_of_length(5), 10)}}}, "ok"},
      {"11 fields", {{{"type", "section"}, {"fields", repeat(text_of_length(5), 11)}}}, "invalid_blocks"},
      {"field 2001", {{{"type", "section"}, {"fields", {text_of_length(2001)}}}}, "invalid_blocks"},
      {"header 150", {{{"type", "header"}, {"text", text_of_length(150)}}}, "ok"},
      {"header 151", {{{"type", "header"}, {"text", text_of_length(151)}}}, "invalid_blocks"},
      {"header mrkdwn", {{{"type", "header"}, {"text", text_of_length(5, "mrkdwn")}}}, "invalid_blocks"},
      {"context 10", {{{"type", "context"}, {"elements", repeat(text_of_length(5), 10)}}}, "ok"},
      {"context 11", {{{"type", "context"}, {"elements", repeat(text_of_length(5), 11)}}}, "invalid_blocks"},
      {"actions 25", {{{"type", "actions"}, {"elements", repeat(button(), 25)}}}, "ok"},
      {"actions 26", {{{"type", "actions"}, {"elements", repeat(button(), 26)}}}, "invalid_blocks"},
      {"button text 75", {actions(button("text", text_of_length(75)))}, "ok"},
      {"button text 76", {actions(button("text", text_of_length(76)))}, "invalid_blocks"},
      {"button text mrkdwn", {actions(button("text", text_of_length(5, "mrkdwn")))}, "invalid_blocks"},
      {"action id 256", {actions(button("action_id", std::string(256, 'x')))}, "invalid_blocks"},
      {"value 2000", {actions(button("value", std::string(2000, 'x')))}, "ok"},
      {"value 2001", {actions(button("value", std::string(2001, 'x')))}, "invalid_blocks"},
      {"value number", {actions(button("value", 7))}, "invalid_blocks"},
      {"url 3001", {actions(button("url", std::string(3001, 'x')))}, "invalid_blocks"},
      {"style", {actions(button("style", "loud"))}, "invalid_blocks"},
      {"label 76", {actions(button("accessibility_label", std::string(76, 'x')))}, "invalid_blocks"},
      {"confirm", {actions(button("confirm", confirm))}, "ok"},
      {"confirm title 101", {actions(button("confirm", long_title))}, "invalid_blocks"},
      {"confirm deny 31", {actions(button("confirm", long_deny))}, "invalid_blocks"},
      {"unknown property", {actions(button("colour", "red"))}, "invalid_blocks"},
      {"overflow 6",
       {actions({{"type", "overflow"}, {"options", repeat(json::object(), 6)}})},
       "invalid_blocks"},
      {"block id 256", {{{"type", "divider"}, {"block_id", std::string(256, 'x')}}}, "invalid_blocks"},
      {"block id twice",
       {{{"type", "divider"}, {"block_id", "b"}}, {{"type", "divider"}, {"block_id", "b"}}},
       "invalid_blocks"},
      {"image", {{{"type", "image"}, {"image_url", "https://x.example/i"}, {"alt_text", "i"}}}, "ok"},
      {"image alt 2001",
       {{{"type", "image"}, {"image_url", "https://x.example/i"}, {"alt_text", std::string(2001, 'x')}}},
       "invalid_blocks"},
      {"markdown 12001", {{{"type", "markdown"}, {"text", std::string(12001, 'x')}}}, "invalid_blocks"},
      {"alert is for modals", {{{"type", "alert"}, {"text", text_of_length(5)}}}, "invalid_blocks"},
      {"together too long", repeat(section(text_of_length(2900)), 5), "msg_blocks_too_long"},
      {"together just short enough", repeat(section(text_of_length(2900)), 4), "ok"},
      {"table rows 101", {{{"type", "table"}, {"rows", repeat(json::array(), 101)}}}, "invalid_blocks"},
  };
  for (const auto& limit : cases) {
    // One block in braces is a list of one: nlohmann takes [[..]] and {..} apart by their content.
    const auto blocks = limit.blocks.is_array() || std::string(limit.name) == "no array"
                            ? limit.blocks
                            : json::array({limit.blocks});
    EXPECT_EQ(error_of({{"channel", "C0HANDOFFS"}, {"text", "x"}, {"blocks", blocks}}), limit.error)
        << limit.name;
  }
}

TEST_F(Slack, wants_content_and_bounds_it) {
  struct Case {
    const char* name;
    json more;
    const char* error;
  };
  const Case cases[] = {{"nothing", json::object(), "no_text"},
                        {"empty", {{"text", ""}}, "no_text"},
                        {"text no string", {{"text", 7}}, "invalid_arguments"},
                        {"markdown", {{"markdown_text", "**x**"}}, "ok"},
                        {"markdown 12001", {{"markdown_text", std::string(12001, 'x')}}, "msg_too_long"},
                        {"markdown and text", {{"markdown_text", "x"}, {"text", "x"}}, "invalid_arguments"},
                        {"101 attachments",
                         {{"text", "x"}, {"attachments", repeat(json::object(), 101)}},
                         "too_many_attachments"},
                        {"thread unknown", {{"text", "x"}, {"thread_ts", "1.000001"}}, "thread_not_found"}};
  for (const auto& content : cases) {
    json message = {{"channel", "C0HANDOFFS"}};
    message.update(content.more);
    EXPECT_EQ(error_of(message), content.error) << content.name;
  }
  now += 2s;
  const auto answer =
      call("chat.postMessage", {{"channel", "C0HANDOFFS"}, {"text", std::string(40'001, 'x')}});
  EXPECT_EQ(answer["message"]["text"].get<std::string>().size(), 40'000u);  // cut without a word
}

TEST_F(Slack, checks_the_shape_of_metadata) {
  struct Case {
    json metadata;
    const char* error;
  };
  const Case cases[] = {
      {{{"event_type", "e"},
        {"event_payload", {{"a", "b"}, {"n", 1}, {"f", true}, {"o", {{"x", 1}}}, {"l", {"a", {{"x", 1}}}}}}},
       "ok"},
      {{{"event_type", "e"}}, "invalid_metadata_format"},
      {{{"event_payload", json::object()}}, "invalid_metadata_format"},
      {{{"event_type", ""}, {"event_payload", json::object()}}, "invalid_metadata_format"},
      {"text", "invalid_metadata_format"},
      {{{"event_type", "e"}, {"event_payload", {{"o", {{"x", {{"y", 1}}}}}}}}, "invalid_metadata_format"},
      {{{"event_type", "e"}, {"event_payload", {{"n", nullptr}}}}, "invalid_metadata_format"},
      {{{"event_type", "e"}, {"event_payload", {{"x", std::string(4096, 'x')}}}}, "metadata_too_large"}};
  for (const auto& shape : cases) {
    EXPECT_EQ(error_of({{"channel", "C0HANDOFFS"}, {"text", "x"}, {"metadata", shape.metadata}}), shape.error)
        << dump(shape.metadata).substr(0, 80);
  }
}

TEST_F(Slack, shows_history_with_metadata_only_if_asked) {
  const auto ts = posted();
  const auto oldest = "&oldest=" + std::to_string(epoch_seconds(now - 5s));
  EXPECT_FALSE(read("conversations.history", "channel=C0HANDOFFS")["messages"][0].contains("metadata"));
  const auto found =
      read("conversations.history", "channel=C0HANDOFFS&limit=15&include_all_metadata=true" + oldest);
  EXPECT_EQ(found["messages"][0]["metadata"]["event_payload"]["op_key"], "op_7c0f");
  EXPECT_EQ(found["messages"][0]["ts"], ts);
  EXPECT_TRUE(read("conversations.history", "channel=C0HANDOFFS&oldest=" + ts)["messages"].empty());
  EXPECT_EQ(
      read("conversations.history", "channel=C0HANDOFFS&inclusive=true&oldest=" + ts)["messages"].size(), 1u);
  EXPECT_EQ(read("conversations.history", "channel=C0PUBLIC")["error"], "not_in_channel");
  EXPECT_EQ(read("conversations.history", "channel=C0X")["error"], "channel_not_found");
  // Reading methods do not look at JSON bodies [2].
  EXPECT_EQ(call("conversations.history", {{"channel", "C0HANDOFFS"}})["error"], "channel_not_found");
  now += 2s;
  posted();
  const auto page = read("conversations.history", "channel=C0HANDOFFS&limit=1");
  EXPECT_EQ(page["has_more"], true);
  EXPECT_GT(page["messages"][0]["ts"].get<std::string>(), ts);
  const auto cursor = page["response_metadata"]["next_cursor"].get<std::string>();
  EXPECT_EQ(read("conversations.history", "channel=C0HANDOFFS&limit=1&cursor=" + cursor)["messages"][0]["ts"],
            ts);
}

TEST_F(Slack, keeps_threads_below_their_parent) {
  const auto parent = posted();
  now += 2s;
  const json reply = {{"channel", "C0HANDOFFS"},
                      {"text", "more"},
                      {"thread_ts", parent},
                      {"metadata", {{"event_type", "e"}, {"event_payload", {{"op_key", "r1"}}}}}};
  const auto answer = call("chat.postMessage", reply);
  EXPECT_EQ(answer["ok"], true);
  EXPECT_EQ(read("conversations.history", "channel=C0HANDOFFS")["messages"].size(), 1u);
  const auto thread =
      read("conversations.replies", "channel=C0HANDOFFS&ts=" + parent + "&include_all_metadata=true");
  ASSERT_EQ(thread["messages"].size(), 2u);
  EXPECT_EQ(thread["messages"][1]["metadata"]["event_payload"]["op_key"], "r1");
  EXPECT_EQ(effect("replies_posted"), 1);
  auto below_reply = reply;
  below_reply["thread_ts"] = answer["ts"];
  EXPECT_EQ(error_of(below_reply), "cannot_reply_to_message");
  EXPECT_EQ(call("chat.delete", {{"channel", "C0HANDOFFS"}, {"ts", parent}})["ok"], true);
  EXPECT_EQ(error_of(reply), "cannot_reply_to_message");
  EXPECT_EQ(call("chat.delete", {{"channel", "C0HANDOFFS"}, {"ts", parent}})["error"], "message_not_found");
}

TEST_F(Slack, takes_the_blocks_away_where_only_text_is_updated) {
  const auto ts = posted();
  auto fresh = card();
  fresh["ts"] = ts;
  fresh["text"] = "Claimed";
  EXPECT_EQ(call("chat.update", fresh)["text"], "Claimed");
  EXPECT_TRUE(ledger()["messages"][0].contains("blocks"));
  EXPECT_TRUE(ledger()["messages"][0].contains("metadata"));
  EXPECT_EQ(call("chat.update", {{"channel", "C0HANDOFFS"}, {"ts", ts}, {"text", "Done"}})["ok"], true);
  EXPECT_FALSE(ledger()["messages"][0].contains("blocks"));
  EXPECT_EQ(effect("messages_updated"), 2);
  EXPECT_EQ(call("chat.update", {{"channel", "C0HANDOFFS"}, {"ts", "1.000001"}, {"text", "x"}})["error"],
            "message_not_found");
  EXPECT_EQ(call("chat.update", {{"channel", "C0HANDOFFS"}, {"ts", 1788257700.0003}, {"text", "x"}})["error"],
            "invalid_arguments");
  act("reply", {{"channel", "C0HANDOFFS"}, {"thread_ts", ts}, {"text", "by a person"}});
  const auto persons = ledger()["messages"][1]["ts"];
  EXPECT_EQ(call("chat.update", {{"channel", "C0HANDOFFS"}, {"ts", persons}, {"text", "x"}})["error"],
            "cant_update_message");
  EXPECT_EQ(call("chat.delete", {{"channel", "C0HANDOFFS"}, {"ts", persons}})["error"],
            "cant_delete_message");
}

TEST_F(Slack, finds_people_and_places) {
  EXPECT_EQ(read("users.lookupByEmail", "email=Dana%40acme.example")["user"]["id"], "U02AGENT01");
  EXPECT_EQ(read("users.lookupByEmail", "email=no%40acme.example")["error"], "users_not_found");
  EXPECT_EQ(read("users.lookupByEmail", "email=pat%40acme.example")["error"], "users_not_found");
  EXPECT_EQ(read("users.info", "user=U02GONE")["user"]["deleted"], true);
  EXPECT_EQ(read("users.info", "user=U0")["error"], "user_not_found");
  EXPECT_EQ(call("conversations.open", {{"users", "U02AGENT02"}})["channel"]["id"], "D02AGENT02");
  EXPECT_EQ(call("conversations.open", {{"users", "U0"}})["error"], "user_not_found");
  EXPECT_EQ(read("conversations.info", "channel=C0ARCHIVED")["channel"]["is_archived"], true);
  EXPECT_EQ(read("conversations.info", "channel=C0PUBLIC")["channel"]["is_member"], false);
  const auto test = call("auth.test", json::object());
  EXPECT_EQ(test["user_id"], "U0BATONBOT");
  EXPECT_EQ(test["team_id"], "T012ACME");
  const auto ts = posted();
  EXPECT_TRUE(read("chat.getPermalink", "channel=C0HANDOFFS&message_ts=" + ts)["permalink"]
                  .get<std::string>()
                  .starts_with("https://acme.slack.com/archives/C0HANDOFFS/p"));
  EXPECT_EQ(read("chat.getPermalink", "channel=C0HANDOFFS&message_ts=1.0")["error"], "message_not_found");
  EXPECT_FALSE(call("chat.postEphemeral",
                    {{"channel", "C0HANDOFFS"}, {"user", "U02AGENT01"}, {"text", "hint"}})["message_ts"]
                   .is_null());
  EXPECT_EQ(
      call("chat.postEphemeral", {{"channel", "C0HANDOFFS"}, {"user", "U0"}, {"text", "hint"}})["error"],
      "user_not_in_channel");
}

TEST_F(Slack, takes_forms_too_and_warns_of_json_without_charset) {
  const auto form = send("POST", "/api/chat.postMessage",
                         "channel=C0HANDOFFS&text=a+b&blocks=%5B%7B%22type%22%3A%22divider%22%7D%5D",
                         {{"content-type", "application/x-www-form-urlencoded"}});
  EXPECT_EQ(body_of(form)["message"]["blocks"][0]["type"], "divider");
  EXPECT_EQ(body_of(form)["message"]["text"], "a b");
  const auto bare = send("POST", "/api/chat.postMessage", R"({"channel":"C0HANDOFFS","text":"x"})",
                         {{"content-type", "application/json"}});
  EXPECT_EQ(body_of(bare)["warning"], "missing_charset");
}

TEST_F(Slack, lets_one_message_a_second_into_a_channel_after_a_short_burst) {
  const json message = {{"channel", "C0HANDOFFS"}, {"text", "x"}};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(call("chat.postMessage", message)["ok"], true);
  const auto over = post("/api/chat.postMessage", message);
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over.headers, "retry-after"), "1");
  EXPECT_EQ(body_of(over)["error"], "ratelimited");
  EXPECT_EQ(call("chat.postMessage", {{"channel", "C0ESCALATE"}, {"text", "x"}})["ok"], true);
  now += 1s;
  EXPECT_EQ(call("chat.postMessage", message)["ok"], true);
  EXPECT_EQ(post("/api/chat.postMessage", message).status, 429);
  EXPECT_EQ(effect("messages_posted"), 5);
}

TEST_F(Slack, counts_calls_per_method_and_minute) {
  for (int i = 0; i < 50; ++i) EXPECT_EQ(get("/api/conversations.info?channel=C0HANDOFFS").status, 200);
  EXPECT_EQ(get("/api/conversations.info?channel=C0HANDOFFS").status, 429);
  EXPECT_EQ(get("/api/conversations.history?channel=C0HANDOFFS").status, 200);
  Bench sold("slack", {{"history_per_minute", "1"}, {"history_items", "15"}});
  sold.headers = headers;
  EXPECT_EQ(sold.get("/api/conversations.history?channel=C0HANDOFFS").status, 200);
  const auto over = sold.get("/api/conversations.history?channel=C0HANDOFFS");
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(header(over.headers, "retry-after"), "60");
  Bench free("slack", {{"limits", "off"}});
  free.headers = headers;
  for (int i = 0; i < 400; ++i)
    ASSERT_EQ(free.post("/api/chat.postMessage", {{"channel", "C0HANDOFFS"}, {"text", "x"}}).status, 200);
}

TEST_F(Slack, sends_a_signed_click) {
  const auto ts = posted();
  const auto sent = act("click", click(ts));
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].attempts, 1);
  const auto& request = sent[0].request;
  EXPECT_EQ(request.headers.at("content-type"), "application/x-www-form-urlencoded");
  EXPECT_EQ(request.headers.at("x-slack-request-timestamp"), std::to_string(epoch_seconds(now)));
  EXPECT_EQ(request.headers.at("x-slack-signature"),
            "v0=" + to_hex(hmac_sha256("slack-signing-secret",
                                       {"v0:" + std::to_string(epoch_seconds(now)) + ":" + request.body})));
  const auto payload = json::parse(form_fields(request.body)["payload"]);
  EXPECT_EQ(payload["type"], "block_actions");
  EXPECT_EQ(payload["team"]["id"], "T012ACME");
  EXPECT_EQ(payload["user"]["id"], "U02AGENT01");
  EXPECT_EQ(payload["user"]["username"], "dana");
  EXPECT_EQ(payload["container"]["message_ts"], ts);
  EXPECT_EQ(payload["container"]["channel_id"], "C0HANDOFFS");
  EXPECT_EQ(payload["channel"]["id"], "C0HANDOFFS");
  EXPECT_EQ(payload["actions"][0]["action_id"], "baton_claim");
  EXPECT_EQ(payload["actions"][0]["block_id"], "baton_a_1");
  EXPECT_EQ(payload["actions"][0]["value"], "ho_01J7ZK3Q8V5R2M");
  EXPECT_TRUE(payload["response_url"].get<std::string>().starts_with("https://slack.com/response/T012ACME/"));
  EXPECT_FALSE(
      vendor().act(Deed("click", {{"channel", "C0HANDOFFS"}, {"ts", ts}, {"action_id", "none"}}), now));
  EXPECT_FALSE(vendor().act(Deed("click", click("1.0")), now));
}

TEST_F(Slack, lets_a_second_person_click_what_was_just_replaced) {
  const auto ts = posted();
  call("chat.update", {{"channel", "C0HANDOFFS"}, {"ts", ts}, {"text", "Claimed"}});
  EXPECT_EQ(act("click", click(ts, "U02AGENT02")).size(), 1u);
}

TEST_F(Slack, takes_a_response_five_times_within_half_an_hour) {
  const auto ts = posted();
  const auto url = [&] {
    const auto payload = json::parse(form_fields(act("click", click(ts)).at(0).request.body)["payload"]);
    return payload["response_url"].get<std::string>().substr(std::string("https://slack.com").size());
  };
  const auto first = url();
  headers.erase("authorization");
  EXPECT_EQ(post(first, {{"replace_original", true}, {"text", "Claimed by Dana"}}).status, 200);
  EXPECT_EQ(ledger()["messages"][0]["text"], "Claimed by Dana");
  EXPECT_FALSE(ledger()["messages"][0].contains("blocks"));
  EXPECT_EQ(post(first, {{"text", "only for you"}}).status, 200);
  EXPECT_EQ(ledger()["ephemerals"][0]["user"], "U02AGENT01");
  EXPECT_EQ(post(first, {{"response_type", "in_channel"}, {"text", "for all"}}).status, 200);
  EXPECT_EQ(post(first, {{"replace_original", true}}).status, 404);  // refused: no use
  EXPECT_EQ(post(first, {{"text", "4"}}).status, 200);
  EXPECT_EQ(post(first, {{"text", "5"}}).status, 200);
  EXPECT_EQ(body_of(post(first, {{"text", "6"}}))["error"], "used_url");
  const auto second = url();
  now += 30min;
  EXPECT_EQ(body_of(post(second, {{"text", "late"}}))["error"], "expired_url");
  EXPECT_EQ(post("/response/T012ACME/1/2", {{"text", "x"}}).status, 404);
  const auto third = url();
  EXPECT_EQ(post(third, {{"delete_original", true}, {"text", "alone only"}}).status, 404);
  EXPECT_EQ(post(third, {{"delete_original", true}}).status, 200);
  EXPECT_EQ(ledger()["messages"][0]["deleted"], true);
  EXPECT_EQ(effect("responses_taken"), 6);
}

TEST_F(Slack, tells_of_a_persons_reply_in_a_thread) {
  const auto ts = posted();
  const auto sent =
      act("reply",
          {{"channel", "C0HANDOFFS"}, {"thread_ts", ts}, {"user", "U02AGENT02"}, {"text", "Refund issued"}});
  const auto envelope = json::parse(sent.at(0).request.body);
  EXPECT_EQ(envelope["type"], "event_callback");
  EXPECT_EQ(envelope["event"]["thread_ts"], ts);
  EXPECT_EQ(envelope["event"]["user"], "U02AGENT02");
  EXPECT_FALSE(envelope["event"].contains("bot_id"));
  const auto again = sent[0].again(2, now + 1min);
  EXPECT_EQ(again.headers.at("x-slack-retry-num"), "1");
  EXPECT_EQ(again.headers.at("x-slack-signature"),
            slack::simulated::request_signature("slack-signing-secret",
                                                std::to_string(epoch_seconds(now + 1min)), again.body));
  EXPECT_FALSE(
      vendor().act(Deed("reply", {{"channel", "C0HANDOFFS"}, {"thread_ts", "1.0"}, {"text", "x"}}), now));
}

TEST_F(Slack, tells_of_a_mention_twice_and_of_a_message_once) {
  const json said = {{"channel", "C0ESCALATE"}, {"user", "U03JANE"}, {"text", "my order is lost"}};
  const auto sent = act("say", said);
  ASSERT_EQ(sent.size(), 1u);
  const auto first = json::parse(sent[0].request.body)["event"];
  EXPECT_EQ(first["type"], "message");
  EXPECT_EQ(first["channel_type"], "channel");
  EXPECT_FALSE(first.contains("thread_ts"));
  const auto both = act("say", {{"channel", "C0ESCALATE"},
                                {"user", "U03JANE"},
                                {"thread_ts", first["ts"]},
                                {"text", "<@U0BATONBOT> a person please"}});
  ASSERT_EQ(both.size(), 2u);
  const auto message = json::parse(both[0].request.body), mention = json::parse(both[1].request.body);
  EXPECT_EQ(mention["event"]["type"], "app_mention");
  EXPECT_EQ(mention["event"]["ts"], message["event"]["ts"]);
  EXPECT_EQ(mention["event"]["thread_ts"], first["ts"]);
  EXPECT_NE(mention["event_id"], message["event_id"]);
  EXPECT_EQ(act("say", {{"channel", "U03JANE"}, {"user", "U03JANE"}, {"text", "<@U0BATONBOT> hi"}}).size(),
            1u);
  EXPECT_FALSE(vendor().act(Deed("say", {{"channel", "C0NOWHERE"}, {"text", "x"}}), now));
}

TEST_F(Slack, tells_of_the_ais_words_as_an_apps) {
  const auto sent = act("bot_says", {{"channel", "C0ESCALATE"}, {"text", "How can I help?"}});
  const auto event = json::parse(sent.at(0).request.body)["event"];
  EXPECT_EQ(event["bot_id"], "B0AI");
  EXPECT_EQ(event["app_id"], "A0AI");
  const auto ts = event["ts"].get<std::string>();
  const auto asked = act("shortcut", {{"channel", "C0ESCALATE"}, {"ts", ts}, {"user", "U03JANE"}});
  const auto payload = json::parse(form_fields(asked.at(0).request.body)["payload"]);
  EXPECT_EQ(payload["type"], "message_action");
  EXPECT_EQ(payload["callback_id"], "baton_handoff");
  EXPECT_EQ(payload["message"]["ts"], ts);
  EXPECT_EQ(payload["user"]["name"], "jane");
}

TEST_F(Slack, sends_a_command_as_a_signed_form_that_names_no_message) {
  const auto sent = act("command", {{"channel", "C0PUBLIC"}, {"user", "U03JANE"}, {"text", "a & b"}});
  ASSERT_EQ(sent.size(), 1u);
  EXPECT_EQ(sent[0].attempts, 1);
  auto fields = form_fields(sent[0].request.body);
  EXPECT_EQ(fields["command"], "/human");
  EXPECT_EQ(fields["text"], "a & b");
  EXPECT_EQ(fields["user_id"], "U03JANE");
  EXPECT_EQ(fields["user_name"], "jane");
  EXPECT_EQ(fields["channel_id"], "C0PUBLIC");
  EXPECT_FALSE(fields["trigger_id"].empty());
  EXPECT_FALSE(fields.contains("message_ts"));
  const auto again = act("command", {{"channel", "C0PUBLIC"}, {"user", "U03JANE"}});
  EXPECT_NE(form_fields(again[0].request.body)["trigger_id"], fields["trigger_id"]);
}

TEST_F(Slack, keeps_one_reaction_of_a_kind_and_removes_it_once) {
  const auto ts = posted();
  const json mark = {{"channel", "C0HANDOFFS"}, {"timestamp", ts}, {"name", "bust_in_silhouette"}};
  EXPECT_EQ(call("reactions.remove", mark)["error"], "no_reaction");
  EXPECT_EQ(call("reactions.add", mark)["ok"], true);
  EXPECT_EQ(call("reactions.add", mark)["error"], "already_reacted");
  const auto thread = read("conversations.replies", "channel=C0HANDOFFS&ts=" + ts);
  EXPECT_EQ(thread["messages"][0]["reactions"][0]["name"], "bust_in_silhouette");
  EXPECT_EQ(call("reactions.remove", mark)["ok"], true);
  EXPECT_EQ(call("reactions.remove", mark)["error"], "no_reaction");
  EXPECT_EQ(effect("reactions_added"), 1);
  EXPECT_EQ(effect("reactions_removed"), 1);
  const auto error = [&](const char* key, const char* value) {
    auto other = mark;
    other[key] = value;
    return call("reactions.add", other)["error"];
  };
  EXPECT_EQ(error("timestamp", "1.000001"), "message_not_found");
  EXPECT_EQ(error("timestamp", "17"), "bad_timestamp");
  EXPECT_EQ(error("name", "Not an emoji"), "invalid_name");
  EXPECT_EQ(error("channel", "C0NOWHERE"), "channel_not_found");
  EXPECT_EQ(error("channel", "C0PUBLIC"), "not_in_channel");
  EXPECT_EQ(call("reactions.add", {{"name", "eyes"}})["error"], "no_item_specified");
  Bench poor("slack", {{"scopes", "chat:write,channels:history"}});
  poor.headers = headers;
  EXPECT_EQ(body_of(poor.post("/api/reactions.add", mark))["error"], "missing_scope");
}

TEST_F(Slack, shows_direct_messages_and_addresses_only_to_whom_they_are_granted) {
  const auto opened = call("conversations.open", {{"users", "U03JANE"}});
  const auto direct = opened["channel"]["id"].get<std::string>();
  EXPECT_EQ(call("chat.postMessage", {{"channel", direct}, {"text", "Hello"}})["ok"], true);
  EXPECT_EQ(read("conversations.history", "channel=" + direct)["messages"].size(), 1u);
  EXPECT_EQ(read("users.info", "user=U03JANE")["user"]["profile"]["email"], "jane@customer.example");
  Bench modest("slack", {{"scopes", "im:write,chat:write,channels:history,users:read"}});
  modest.headers = headers;
  EXPECT_EQ(body_of(modest.post("/api/conversations.open", {{"users", "U03JANE"}}))["ok"], true);
  EXPECT_EQ(body_of(modest.get("/api/conversations.history?channel=" + direct))["error"], "missing_scope");
  EXPECT_FALSE(body_of(modest.get("/api/users.info?user=U03JANE"))["user"]["profile"].contains("email"));
}

TEST_F(Slack, echoes_our_own_words_as_an_apps_if_it_is_told_to) {
  posted();
  EXPECT_TRUE(vendor().take_outbox().empty());
  Bench loud("slack", {{"echo", "on"}});
  loud.headers = headers;
  loud.post("/api/chat.postMessage", card());
  const auto sent = loud.vendor().take_outbox();
  ASSERT_EQ(sent.size(), 1u);
  const auto event = json::parse(sent[0].request.body)["event"];
  EXPECT_EQ(event["bot_id"], "B0BATON");
  EXPECT_FALSE(event.contains("metadata"));
  EXPECT_TRUE(loud.vendor().take_outbox().empty());
}

TEST(SlackSignature, agrees_with_the_vectors) {
  const auto vectors = read_data("slack_vectors.json");
  ASSERT_EQ(vectors.size(), 4u);
  for (const auto& [name, vector] : vectors.items()) {
    const auto made = slack::simulated::request_signature(
        vector["secret"].get<std::string>(),
        vector["headers"]["X-Slack-Request-Timestamp"].get<std::string>(), vector["body"].get<std::string>());
    EXPECT_EQ(made, vector["headers"]["X-Slack-Signature"].get<std::string>()) << name;
  }
}

}  // namespace
}  // namespace baton::simulation
