// Users, groups and uploads (fact sheet, sections 3.1, 3.6, 3.7, 9).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/zendesk/simulator.h"
#include "gateway/base/text.h"

namespace baton::zendesk::simulated {

json* Account::find_user(Id id) {
  const auto found = std::find_if(users_.begin(), users_.end(), [&](const json& u) { return u["id"] == id; });
  return found == users_.end() ? nullptr : &*found;
}

json* Account::find_user_by(std::string_view key, std::string_view value) {
  if (value.empty()) return nullptr;
  for (auto& user : users_) {
    if (equals_ignoring_case(JsonView(user)[key].text(), value)) return &user;
  }
  return nullptr;
}

json& Account::add_user(json user, TimePoint now) {
  const auto id = user.contains("id") ? user["id"].get<Id>() : next_id_++;
  user["id"] = id;
  user["url"] = fmt::format("{}/api/v2/users/{}.json", self_url_, id);
  user.emplace("role", "end-user");
  user.emplace("external_id", nullptr);
  user.emplace("email", nullptr);
  user.emplace("name", user["email"]);
  user["active"] = true;
  user["created_at"] = user["updated_at"] = simulation::iso_seconds(now);
  users_.push_back(std::move(user));
  return users_.back();
}

// The agent of that name or address; one who is not known yet is hired.
json& Account::agent(std::string_view who, TimePoint now) {
  if (auto* user = find_user_by("email", who)) return *user;
  if (auto* user = find_user_by("name", who)) return *user;
  return add_user({{"name", who}, {"role", "agent"}}, now);
}

Reply Account::create_or_update_user(const Call& call) {
  const auto user = JsonView(call.body)["user"];
  if (!user.object()) return invalid_attribute("user", "an object");
  for (const auto* key : {"name", "email", "external_id", "phone"}) {
    const auto field = user[key];
    if (!field.missing() && !field.null() && !field.string()) return invalid_attribute(key, "a string");
  }
  if (const auto tags = user["tags"]; !tags.missing() && !tags.list())
    return invalid_attribute("tags", "an array");
  const auto email = user["email"].text(), external_id = user["external_id"].text();
  if (!email.empty() && email.find('@') == std::string::npos) {
    return invalid_record("email", "InvalidFormat", "Email: " + email + " is not properly formatted");
  }
  auto* found = find_user_by("external_id", external_id);
  auto* by_email = find_user_by("email", email);
  if (found && by_email && found != by_email) {
    return invalid_record("email", "DuplicateValue",
                          "Email: " + email + " is already being used by another user");
  }
  if (!found) found = by_email;
  const bool is_new = found == nullptr;
  if (is_new && user["name"].text().empty()) {
    return invalid_record("name", "BlankValue", "Name: cannot be blank");
  }
  if (is_new) {
    found = &add_user(json::object(), call.now());
    tally_.effect("users_created");
    if (user["skip_verify_email"].boolean() != true) tally_.effect("verification_mails");
  } else {
    const auto limit = simulation::limit_of(setup_, "user_updates_per_minute", 5);
    auto& window = user_updates_.try_emplace((*found)["id"].get<Id>(), limit, 1min).first->second;
    if (auto refused = over_limit("users-update", window, call.now())) return *std::move(refused);
    tally_.effect("users_updated");
  }
  for (const auto* key :
       {"name", "email", "external_id", "phone", "organization_id", "user_fields", "tags"}) {
    if (const auto* value = user[key].raw(); value && !value->is_null()) (*found)[key] = *value;
  }
  (*found)["updated_at"] = simulation::iso_seconds(call.now());
  return simulation::json_reply(is_new ? 201 : 200, {{"user", *found}},
                                {{"location", (*found)["url"].get<std::string>()}});
}

Reply Account::search_users(const Call& call) {
  json found = json::array();
  if (const auto wanted = call.query("external_id"); !wanted.empty()) {
    if (const auto* user = find_user_by("external_id", wanted)) found.push_back(*user);
    return page(call, "users", std::move(found));
  }
  auto query = call.query("query");
  if (query.empty()) return refuse(422, "InvalidSearch", "query or external_id is needed");
  const bool exact = query.starts_with("email:");
  if (exact) query.erase(0, 6);
  std::erase(query, '"');
  const auto lag = simulation::seconds_of(setup_, "search_lag", 120);
  for (const auto& user : users_) {
    if (simulation::read_iso(user["created_at"].get<std::string>()).value_or(call.now()) > call.now() - lag)
      continue;
    const JsonView view(user);
    const auto email = to_lower(view["email"].text()), wanted = to_lower(query);
    const bool hit =
        exact ? email == wanted
              : email.starts_with(wanted) || to_lower(view["name"].text()).find(wanted) != std::string::npos;
    if (hit) found.push_back(user);
  }
  return page(call, "users", std::move(found));
}

Reply Account::me(const Call&) {
  if (!anonymous_) return simulation::json_reply(200, {{"user", *find_user(baton_user_)}});
  return simulation::json_reply(
      200, {{"user", {{"id", nullptr}, {"name", "Anonymous user"}, {"role", "end-user"}}}});
}

Reply Account::show_user(const Call& call) {
  for (const auto& user : users_) {
    if (JsonView(user)["id"].id() == call.args[0]) return simulation::json_reply(200, {{"user", user}});
  }
  return not_found();
}

Reply Account::requested_tickets(const Call& call) {
  const auto known = [&](const json& user) { return JsonView(user)["id"].id() == call.args[0]; };
  if (std::none_of(users_.begin(), users_.end(), known)) return not_found();
  std::vector<json> found;
  for (const auto& [id, ticket] : tickets_) {
    if (!ticket.deleted && JsonView(ticket.doc)["requester_id"].id() == call.args[0])
      found.push_back(ticket.doc);
  }
  const auto key = call.query("sort_by").empty() ? "id" : call.query("sort_by");
  const bool descending = call.query("sort_order") == "desc";
  std::sort(found.begin(), found.end(), [&](const json& a, const json& b) {
    const auto& left = a.contains(key) ? a[key] : a["id"];
    const auto& right = b.contains(key) ? b[key] : b["id"];
    if (left == right) return descending ? b["id"] < a["id"] : a["id"] < b["id"];
    return descending ? right < left : left < right;
  });
  return page(call, "tickets", json(found));
}

Reply Account::list_groups(const Call& call) {
  json all = json::array();
  for (auto group : groups_) {
    group.emplace("default", false);
    group.emplace("deleted", false);
    group.emplace("is_public", true);
    all.push_back(std::move(group));
  }
  return page(call, "groups", std::move(all));
}

Reply Account::upload(const Call& call) {
  const auto name = call.query("filename");
  if (name.empty()) return refuse(422, "AttachmentUnprocessable", "filename is needed");
  if (call.raw.body.empty()) return refuse(422, "AttachmentUnprocessable", "the file is empty");
  auto token = call.query("token");
  if (token.empty()) {
    token = fmt::format("{:x}", random_.bits());
    uploads_.emplace(token, Upload{});
  }
  const auto found = uploads_.find(token);
  if (found == uploads_.end() || found->second.used)
    return refuse(422, "InvalidToken", "this upload token is not known");
  const auto id = next_id_++;
  const json attachment = {{"id", id},
                           {"file_name", name},
                           {"content_type", header(call.raw.headers, "content-type")},
                           {"size", call.raw.body.size()},
                           {"content_url", fmt::format("{}/attachments/token/{}/?name={}", self_url_, token,
                                                       percent_encode(name))}};
  found->second.attachments.push_back(attachment);
  found->second.texts.push_back(call.raw.body);
  found->second.ends = call.now() + 72h;
  tally_.effect("uploads_created");
  return simulation::json_reply(
      201, {{"upload",
             {{"token", token}, {"attachment", attachment}, {"attachments", found->second.attachments}}}});
}

Reply Account::empty_list(const Call& call) {
  return page(call, call.path.substr(std::string_view("/api/v2/").size()), json::array());
}

Reply Account::signing_secret(const Call&) {
  return simulation::json_reply(
      200, {{"signing_secret",
             {{"algorithm", "SHA256"},
              {"secret", simulation::text_of(setup_, "webhook_secret", "zendesk-webhook-secret")}}}});
}

}  // namespace baton::zendesk::simulated
