// Conversations: start, read, reply, manage, tag (fact sheet, sections 3.2 to 3.5, 3.7).
#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "connectors/intercom/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::intercom::simulated {
namespace {

constexpr std::size_t kMostParts = 500, kMostFiles = 10;
// No limit is documented; the sheet's cap is taken as the vendor's [8].
constexpr std::size_t kLongestBody = 20'000;

json html_of(std::string_view plain) {
  std::string html = "<p>";
  for (const char c : plain) {
    if (c == '<') html += "&lt;";
    else if (c == '>') html += "&gt;";
    else if (c == '&') html += "&amp;";
    else if (c == '\n') html += "<br>";
    else html += c;
  }
  return html + "</p>";
}

// Comments are stripped, as the sheet warns [4]; scripts too.
std::string cleaned(std::string html) {
  const auto drop = [&](std::string_view from, std::string_view to) {
    for (auto at = html.find(from); at != std::string::npos; at = html.find(from, at)) {
      const auto end = html.find(to, at);
      html.erase(at, end == std::string::npos ? std::string::npos : end + to.size() - at);
    }
  };
  drop("<!--", "-->");
  drop("<script", "</script>");
  return html.starts_with('<') ? html : "<p>" + html + "</p>";
}

}  // namespace

// Assignees are integers in documents, 0 for none, and text everywhere else [3].
long number_of(std::string_view id) {
  long number = 0;
  (void)std::from_chars(id.data(), id.data() + id.size(), number);
  return number;
}

std::string plain_of(std::string_view html) {
  std::string text;
  bool inside = false;
  for (std::size_t i = 0; i < html.size(); ++i) {
    if (html[i] == '<') {
      const auto rest = html.substr(i);
      if (!text.empty() && text.back() != '\n' &&
          (rest.starts_with("<br") || rest.starts_with("<p>") || rest.starts_with("<li") ||
           rest.starts_with("<h"))) {
        text += '\n';
      }
      inside = true;
    }
    if (!inside) text += html[i];
    if (html[i] == '>') inside = false;
  }
  for (const auto& [from, to] : std::initializer_list<std::pair<std::string_view, std::string_view>>{
           {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&amp;", "&"}}) {
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
      text.replace(at, from.size(), to);
    }
  }
  return std::string(trim(text));
}

Conversation* Workspace::conversation(std::string_view id) {
  const auto found = conversations_.find(id);
  return found == conversations_.end() || found->second.deleted ? nullptr : &found->second;
}

json Workspace::author_of(const json& person, std::string_view type) const {
  return {{"type", type},
          {"id", person["id"]},
          {"name", person.value("name", json())},
          {"email", person.value("email", json())},
          {"from_ai_agent", false},
          {"is_ai_answer", false}};
}

json Workspace::baton() const { return author_of(*admin(baton_id_), "admin"); }

Conversation& Workspace::add_conversation(const Kept& from, std::string_view body, TimePoint now) {
  const auto id = new_id();
  auto& made = conversations_[id];
  made.created = now;
  made.doc = {
      {"type", "conversation"},
      {"id", id},
      {"created_at", simulation::epoch_seconds(now)},
      {"waiting_since", simulation::epoch_seconds(now)},
      {"snoozed_until", nullptr},
      {"source",
       {{"type", "conversation"},
        {"id", std::to_string(403918000 + next_id_)},
        {"delivered_as", "customer_initiated"},
        {"subject", ""},
        {"body", html_of(body)},
        {"author", author_of(from.doc, "user")},
        {"attachments", json::array()},
        {"url", nullptr},
        {"redacted", false}}},
      {"contacts",
       {{"type", "contact.list"},
        {"contacts",
         json::array(
             {{{"type", "contact"}, {"id", from.doc["id"]}, {"external_id", from.doc["external_id"]}}})}}},
      {"admin_assignee_id", 0},
      {"team_assignee_id", 0},
      {"open", true},
      {"state", "open"},
      {"read", false},
      {"priority", "none"},
      {"title", nullptr},
      {"tags", {{"type", "tag.list"}, {"tags", json::array()}}},
      {"custom_attributes", json::object()},
      {"ai_agent_participated", false},
      {"ai_agent", nullptr}};
  remember(made, now);
  return made;
}

json Workspace::add_part(Conversation& to, std::string_view type, json body, json author, TimePoint now) {
  const auto at = simulation::epoch_seconds(now);
  const bool ours = author["id"] == baton_id_;
  const json part = {{"type", "conversation_part"},
                     {"id", std::to_string(100000 + next_id_++)},
                     {"part_type", type},
                     {"body", std::move(body)},
                     {"created_at", at},
                     {"updated_at", at},
                     {"notified_at", at},
                     {"assigned_to", nullptr},
                     {"author", std::move(author)},
                     {"attachments", json::array()},
                     {"external_id", nullptr},
                     {"redacted", false},
                     // Not null when it was made by an app through the API [3.7].
                     {"app_package_code", ours ? json("baton") : json()}};
  to.parts.push_back(part);
  remember(to, now);
  return part;
}

// The whole conversation, as replies and reads answer it: the newest parts, 500 at most [3.7].
json Workspace::shown(const Conversation& conversation, bool plaintext) const {
  auto all = conversation.doc;
  json parts = json::array();
  const auto first = conversation.parts.size() > kMostParts ? conversation.parts.size() - kMostParts : 0;
  for (auto i = first; i < conversation.parts.size(); ++i) parts.push_back(conversation.parts[i]);
  if (plaintext) {
    all["source"]["body"] = plain_of(all["source"]["body"].get<std::string>());
    for (auto& part : parts) {
      if (part["body"].is_string()) part["body"] = plain_of(part["body"].get<std::string>());
    }
  }
  all["conversation_parts"] = {{"type", "conversation_part.list"},
                               {"conversation_parts", std::move(parts)},
                               {"total_count", conversation.parts.size()}};
  return all;
}

// --- the endpoints

Reply Workspace::create_conversation(const Call& call) {
  const auto from = member(call.body, "from");
  const JsonView view(from);
  const auto type = view["type"].text();
  if (type != "user" && type != "lead" && type != "contact")
    return invalid("from.type must be user, lead or contact");
  if (!view["id"].string()) return refuse(400, "parameter_not_found", "from.id not specified", "from");
  const auto body = JsonView(call.body)["body"].text();
  if (trim(body).empty()) return refuse(400, "parameter_not_found", "body not specified", "body");
  if (body.size() > kLongestBody) return refuse(422, "unprocessable_entity", "body is too long", "body");
  json files = json::array();
  if (auto refused = check_files(call.body, files)) return *std::move(refused);
  const auto* one = contact(view["id"].text());
  // Shortly after its creation a contact is not known here [3.2].
  if (!one || one->doc["archived"] == true || one->created + contact_lag_ > call.now()) {
    return not_found("User Not Found");
  }
  auto& made = add_conversation(*one, body, call.now());
  made.doc["source"]["attachments"] = files;
  tally_.effect("conversations_created");
  if (simulation::flag_of(setup_, "echo", false)) {
    outbox_.push_back(event("conversation.user.created", shown(made), call.now()));
  }
  return simulation::json_reply(200, {{"type", "user_message"},
                                      {"id", made.doc["source"]["id"]},
                                      {"created_at", simulation::epoch_seconds(call.now())},
                                      {"body", body},
                                      {"message_type", "inapp"},
                                      {"conversation_id", made.doc["id"]}});
}

Reply Workspace::show_conversation(const Call& call) {
  const auto* one = conversation(call.args[0]);
  if (!one) return not_found("Conversation not found");
  return simulation::json_reply(200, shown(*one, call.query("display_as") == "plaintext"));
}

// Title and attributes; those that are not defined are refused, priority cannot be written [3.5, 10.5].
Reply Workspace::update_conversation(const Call& call) {
  auto* one = conversation(call.args[0]);
  if (!one) return not_found("Conversation not found");
  const JsonView body(call.body);
  if (!body["custom_attributes"].missing() && !body["custom_attributes"].object()) {
    return refuse(400, "type_mismatch", "custom_attributes must be an object", "custom_attributes");
  }
  const auto given = member(call.body, "custom_attributes");
  for (const auto& [key, value] : given.items()) {
    const std::string attribute = key;
    const auto count =
        std::count_if(attributes_.begin(), attributes_.end(),
                      [&attribute](const json& one_known) { return one_known["name"] == attribute; });
    if (count == 0) return invalid(fmt::format("Custom attribute '{}' does not exist", key));
    if (count > 1)
      return refuse(400, "INVALID_PARAMETER", fmt::format("several attributes are named '{}'", key));
  }
  for (const auto& [key, value] : given.items()) one->doc["custom_attributes"][key] = value;
  if (const auto title = body["title"].string()) one->doc["title"] = *title;
  tally_.effect("conversations_updated");
  remember(*one, call.now());
  return simulation::json_reply(200, shown(*one));
}

// Files as base64, images by address; ten of each [3.3, 10.4].
std::optional<Reply> Workspace::check_files(const json& body, json& attachments) {
  const JsonView view(body);
  for (const auto key : {"attachment_files", "attachment_urls"}) {
    if (view[key].missing()) continue;
    const auto list = view[key].list();
    if (!list) return refuse(400, "type_mismatch", "attachments must be a list", key);
    if (list->size() > kMostFiles) return invalid("at most 10 attachments");
    for (const auto one : *list) {
      if (std::string_view(key) == "attachment_urls") {
        const auto url = to_lower(one.text());
        if (!url.ends_with(".png") && !url.ends_with(".jpg") && !url.ends_with(".gif")) {
          return invalid("attachment_urls must be images");
        }
        attachments.push_back(
            {{"type", "upload"}, {"name", url}, {"url", one.text()}, {"content_type", "image/png"}});
        continue;
      }
      const auto bytes = from_base64(one["data"].text());
      if (!bytes || one["name"].text().empty() || one["content_type"].text().empty()) {
        return refuse(422, "unprocessable_entity", "an attachment needs name, content_type and data", key);
      }
      attachments.push_back(
          {{"type", "upload"},
           {"name", one["name"].text()},
           {"url", "https://downloads.intercomcdn.example/" + percent_encode(one["name"].text())},
           {"content_type", one["content_type"].text()},
           {"filesize", bytes->size()}});
    }
  }
  return std::nullopt;
}

// Notes and comments of an admin, comments of the customer [3.3]. No key: sent twice, written twice [4].
Reply Workspace::reply_to(const Call& call) {
  auto* one = conversation(call.args[0]);
  if (!one) return not_found("Conversation not found");
  const JsonView body(call.body);
  const auto kind = body["message_type"].text(), by = body["type"].text();
  if (kind != "note" && kind != "comment") return invalid("message_type must be comment or note");
  const auto text = body["body"].text();
  json files = json::array();
  if (auto refused = check_files(call.body, files)) return *std::move(refused);
  if (trim(text).empty() && files.empty())
    return refuse(400, "parameter_not_found", "body not specified", "body");
  if (text.size() > kLongestBody) return refuse(422, "unprocessable_entity", "body is too long", "body");
  json part;
  if (by == "admin") {
    if (auto refused = check_admin(call.body)) return *std::move(refused);
    part =
        add_part(*one, kind, cleaned(text), author_of(*admin(body["admin_id"].text()), "admin"), call.now());
    tally_.effect(kind == "note" ? "notes_added" : "comments_added");
  } else if (by == "user" && kind == "comment") {
    auto* who = contact(body["intercom_user_id"].text());
    if (!who) who = contact_by("email", body["email"].text());
    if (!who) who = contact_by("external_id", body["user_id"].text());
    if (!who) return not_found("User Not Found");
    // A customer's comment opens what was closed; an admin's note does not.
    const bool opens = one->doc["state"] != "open";
    one->doc["state"] = "open";
    one->doc["open"] = true;
    part = add_part(*one, opens ? "open" : "comment", cleaned(text), author_of(who->doc, "user"), call.now());
    tally_.effect("user_comments_added");
  } else {
    return invalid("type must be admin or user");
  }
  one->parts.back()["attachments"] = files;
  part["attachments"] = files;
  echo(by == "user"     ? "conversation.user.replied"
       : kind == "note" ? "conversation.admin.noted"
                        : "conversation.admin.replied",
       *one, part, call.now());
  return simulation::json_reply(200, shown(*one));
}

// Assign, close, open, snooze [3.4].
Reply Workspace::manage(const Call& call) {
  auto* one = conversation(call.args[0]);
  if (!one) return not_found("Conversation not found");
  const JsonView body(call.body);
  const auto kind = body["message_type"].text();
  if (auto refused = check_admin(call.body)) return *std::move(refused);
  const json text = body["body"].text().empty() ? json() : json(cleaned(body["body"].text()));
  const auto actor = author_of(*admin(body["admin_id"].text()), "admin");
  auto& doc = one->doc;
  if (kind == "assignment") {
    const auto to = body["assignee_id"].id().value_or("");
    const bool to_team = body["type"].text() == "team";
    if (!to_team && body["type"].text() != "admin") return invalid("type must be admin or team");
    if (to != "0" && to_team && !team(to))
      return refuse(404, "team_not_found", "Team not found", "assignee_id");
    if (to != "0" && !to_team && !admin(to))
      return refuse(404, "admin_not_found", "Admin not found", "assignee_id");
    doc[to_team ? "team_assignee_id" : "admin_assignee_id"] = number_of(to);
    tally_.effect("assignments");
  } else if (kind == "close" || kind == "open") {
    if (kind == "close" && body["type"].text() != "admin") return invalid("type must be admin");
    doc["open"] = kind == "open";
    doc["state"] = kind == "open" ? "open" : "closed";
    doc["snoozed_until"] = nullptr;
    tally_.effect(kind == "close" ? "closes" : "opens");
  } else if (kind == "snoozed") {
    const auto until = body["snoozed_until"].integer();
    if (!until || *until <= simulation::epoch_seconds(call.now()))
      return invalid("snoozed_until must be in the future");
    doc["snoozed_until"] = *until;
    doc["state"] = "snoozed";
    tally_.effect("snoozes");
  } else {
    return invalid("message_type must be assignment, close, open or snoozed");
  }
  const auto part = add_part(*one, kind, text, actor, call.now());
  echo(kind == "assignment" ? "conversation.admin.assigned"
       : kind == "close"    ? "conversation.admin.closed"
       : kind == "open"     ? "conversation.admin.opened"
                            : "conversation.admin.snoozed",
       *one, part, call.now());
  return simulation::json_reply(200, shown(*one));
}

// --- tags and attributes [3.5]

Reply Workspace::list_tags(const Call&) {
  return simulation::json_reply(200, {{"type", "list"}, {"data", json(tags_)}});
}

Reply Workspace::create_tag(const Call& call) {
  const auto name = JsonView(call.body)["name"].text();
  if (name.empty()) return invalid("invalid tag parameters");
  for (const auto& tag : tags_) {
    if (equals_ignoring_case(tag["name"].get<std::string>(), name)) return simulation::json_reply(200, tag);
  }
  tags_.push_back({{"type", "tag"}, {"id", new_id()}, {"name", name}});
  tally_.effect("tags_created");
  return simulation::json_reply(200, tags_.back());
}

Reply Workspace::tag_conversation(const Call& call) {
  auto* one = conversation(call.args[0]);
  if (!one) return not_found("Conversation not found");
  if (auto refused = check_admin(call.body)) return *std::move(refused);
  const auto id = JsonView(call.body)["id"].text();
  const auto tag = std::find_if(tags_.begin(), tags_.end(), [&](const json& t) { return t["id"] == id; });
  if (tag == tags_.end()) return not_found("Tag not found");
  auto& tags = one->doc["tags"]["tags"];
  auto applied = *tag;
  applied["applied_at"] = simulation::epoch_seconds(call.now());
  if (std::none_of(tags.begin(), tags.end(), [&](const json& t) { return t["id"] == id; })) {
    tags.push_back(applied);
    tally_.effect("tags_applied");
    remember(*one, call.now());
  }
  return simulation::json_reply(200, applied);
}

Reply Workspace::untag_conversation(const Call& call) {
  auto* one = conversation(call.args[0]);
  if (!one) return not_found("Conversation not found");
  if (auto refused = check_admin(call.body)) return *std::move(refused);
  auto& tags = one->doc["tags"]["tags"];
  for (std::size_t i = 0; i < tags.size(); ++i) {
    if (tags[i]["id"] != call.args[1]) continue;
    const json removed = tags[i];
    tags.erase(i);
    remember(*one, call.now());
    return simulation::json_reply(200, removed);
  }
  return not_found("Tag not found");
}

Reply Workspace::list_attributes(const Call&) {
  json all = json::array();
  for (auto one : attributes_) {
    one["type"] = "conversation_attribute";
    one["data_type"] = one.value("data_type", json("string"));
    one["archived"] = false;
    all.push_back(std::move(one));
  }
  return simulation::json_reply(200, {{"type", "list"}, {"data", std::move(all)}});
}

Reply Workspace::create_attribute(const Call& call) {
  static constexpr auto kTypes = std::to_array<std::string_view>(
      {"string", "integer", "list", "decimal", "boolean", "datetime", "relationship", "files"});
  const JsonView body(call.body);
  const auto name = body["name"].text(), type = body["data_type"].text();
  if (trim(name).empty()) return refuse(422, "parameter_invalid", "name can't be blank");
  if (std::find(kTypes.begin(), kTypes.end(), type) == kTypes.end()) {
    return refuse(422, "parameter_invalid", fmt::format("data_type '{}' is not valid", type));
  }
  for (const auto& one : attributes_) {
    if (one["name"] == name)
      return refuse(422, "parameter_invalid", "an attribute of this name exists already");
  }
  attributes_.push_back({{"id", attributes_.size() + 1}, {"name", name}, {"data_type", type}});
  tally_.effect("attributes_created");
  auto made = attributes_.back();
  made["type"] = "conversation_attribute";
  made["archived"] = false;
  return simulation::json_reply(200, made);
}

}  // namespace baton::intercom::simulated
