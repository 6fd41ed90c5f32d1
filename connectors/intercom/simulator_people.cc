// Contacts, admins and teams (fact sheet, sections 2, 3.1, 9).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/intercom/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::intercom::simulated {
namespace {

constexpr auto kContactFields =
    std::to_array<std::string_view>({"external_id", "email", "phone", "name", "role", "custom_attributes"});

std::string view_of(const json& doc, std::string_view key) { return JsonView(doc)[key].text(); }

}  // namespace

Reply Workspace::me(const Call&) {
  auto body = *admin(baton_id_);
  body["type"] = "admin";
  body["email_verified"] = true;
  body["has_inbox_seat"] = simulation::flag_of(setup_, "inbox_seat", true);
  body["app"] = {{"type", "app"},
                 {"id_code", simulation::text_of(setup_, "app_id", "abc123de")},
                 {"name", "Acme"},
                 {"region", simulation::text_of(setup_, "region", "US")},
                 {"timezone", "Europe/Berlin"}};
  return simulation::json_reply(200, body);
}

Reply Workspace::list_admins(const Call&) {
  json all = json::array();
  for (auto one : admins_) {
    one["type"] = "admin";
    one["has_inbox_seat"] = one["id"] != baton_id_ || simulation::flag_of(setup_, "inbox_seat", true);
    one["team_ids"] = json::array();
    all.push_back(std::move(one));
  }
  return simulation::json_reply(200, {{"type", "admin.list"}, {"admins", std::move(all)}});
}

Reply Workspace::list_teams(const Call&) {
  json all = json::array();
  for (auto one : teams_) {
    one["type"] = "team";
    one["admin_ids"] = json::array();
    all.push_back(std::move(one));
  }
  return simulation::json_reply(200, {{"type", "team.list"}, {"teams", std::move(all)}});
}

const json* Workspace::admin(std::string_view id) const {
  for (const auto& one : admins_) {
    if (view_of(one, "id") == id) return &one;
  }
  return nullptr;
}

const json& Workspace::person(std::string_view id_or_name) {
  for (const auto& one : admins_) {
    if (view_of(one, "id") == id_or_name || view_of(one, "name") == id_or_name) return one;
  }
  return admins_.emplace_back(
      json{{"id", std::to_string(991268000 + next_id_++)}, {"name", id_or_name}, {"email", nullptr}});
}

const json* Workspace::team(std::string_view id) const {
  for (const auto& one : teams_) {
    if (view_of(one, "id") == id) return &one;
  }
  return nullptr;
}

// Most writes need an acting admin, as text [2]. Only our own seat may act for the token: that another
// admin's id works is unconfirmed.
std::optional<Reply> Workspace::check_admin(const json& body) {
  const auto id = JsonView(body)["admin_id"].string();
  if (!id) return refuse(400, "parameter_not_found", "admin_id not specified", "admin_id");
  if (!admin(*id)) return refuse(404, "admin_not_found", "Admin not found", "admin_id");
  return std::nullopt;
}

// --- contacts

Kept* Workspace::contact(std::string_view id) {
  const auto found = contacts_.find(id);
  return found == contacts_.end() ? nullptr : &found->second;
}

Kept* Workspace::contact_by(std::string_view key, std::string_view value) {
  if (value.empty()) return nullptr;
  for (auto& [id, one] : contacts_) {
    const auto known = view_of(one.doc, key);
    if (key == "email" ? equals_ignoring_case(known, value) : known == value) return &one;
  }
  return nullptr;
}

Kept& Workspace::add_contact(const json& fields, TimePoint now) {
  const JsonView view(fields);
  const auto id = view["id"].text(fmt::format("{:016x}{:08x}", random_.bits(), random_.bits() & 0xffffffff));
  auto& made = contacts_[id];
  made.created = now;
  made.doc = {{"type", "contact"},
              {"id", id},
              {"workspace_id", simulation::text_of(setup_, "app_id", "abc123de")},
              {"external_id", nullptr},
              {"role", "user"},
              {"email", nullptr},
              {"phone", nullptr},
              {"name", nullptr},
              {"custom_attributes", json::object()},
              {"created_at", simulation::epoch_seconds(now)}};
  for (const auto key : kContactFields) {
    if (!view[key].missing() && !view[key].null()) made.doc[std::string(key)] = *view[key].raw();
  }
  made.doc["archived"] = view["archived"].boolean().value_or(false);
  made.lost = view["restorable"].boolean() == false;
  if (const auto merged = view["merged_into"].text(); !merged.empty()) made.doc["merged_into"] = merged;
  remember(made, now);
  return made;
}

Reply Workspace::create_contact(const Call& call) {
  const JsonView body(call.body);
  if (body["email"].missing() && body["external_id"].missing() && body["role"].missing()) {
    return refuse(400, "parameter_not_found", "email, external_id or role must be specified");
  }
  for (const auto key : {"email", "external_id", "name", "phone", "role"}) {
    if (!body[key].missing() && !body[key].null() && !body[key].string()) {
      return refuse(400, "type_mismatch", fmt::format("{} must be a string", key), key);
    }
  }
  if (const auto role = body["role"].text("user"); role != "user" && role != "lead")
    return invalid("invalid role");
  if (!body["custom_attributes"].missing() && !body["custom_attributes"].object()) {
    return refuse(400, "type_mismatch", "custom_attributes must be an object", "custom_attributes");
  }
  if (const auto email = body["email"].text(); !email.empty()) {
    const auto at = email.find('@');
    if (at == std::string::npos || email.find('.', at) == std::string::npos)
      return invalid("email is invalid");
  }
  // The attributes of a contact must exist, and this workspace has none [3.1, 10.5].
  if (const auto given = member(call.body, "custom_attributes"); !given.empty()) {
    return invalid(fmt::format("Custom attribute '{}' does not exist", given.begin().key()));
  }
  // Unique by external id, and among users by e-mail; the id of the other stands in the text [3.1, 10.2].
  auto* known = contact_by("external_id", body["external_id"].text());
  if (!known && body["role"].text("user") == "user") known = contact_by("email", body["email"].text());
  if (known) {
    const bool archived = known->doc["archived"].get<bool>();
    return refuse(409, "conflict",
                  fmt::format("{} contact matching those details already exists with id={}",
                              archived ? "An archived" : "A", view_of(known->doc, "id")));
  }
  auto& made = add_contact(
      [&] {
        auto fields = call.body;
        for (const auto key : {"id", "archived", "restorable", "merged_into"}) fields.erase(key);
        return fields;
      }(),
      call.now());
  tally_.effect("contacts_created");
  return simulation::json_reply(200, made.doc);
}

Reply Workspace::update_contact(const Call& call) {
  auto* one = contact(call.args[0]);
  if (!one) return not_found("User Not Found");
  for (const auto key : kContactFields) {
    const auto value = JsonView(call.body)[key];
    if (key == "custom_attributes" || value.missing()) continue;
    if (!value.string()) return refuse(400, "type_mismatch", fmt::format("{} must be a string", key));
    one->doc[std::string(key)] = *value.raw();
  }
  tally_.effect("contacts_updated");
  remember(*one, call.now());
  return simulation::json_reply(200, one->doc);
}

namespace {

std::optional<std::string> merged_into(const Kept& one) {
  const auto other = JsonView(one.doc)["merged_into"].string();
  return other ? std::optional<std::string>(*other) : std::nullopt;
}

}  // namespace

Reply Workspace::show_contact(const Call& call) {
  const auto* one = contact(call.args[0]);
  if (!one) return not_found("User Not Found");
  if (const auto other = merged_into(*one)) {
    auto gone = refuse(410, "contact_merged",
                       "This contact has been merged. See the 'Link' header for the canonical contact.");
    gone.headers["link"] = fmt::format("</contacts/{}>; rel=\"canonical\"", *other);
    return gone;
  }
  return simulation::json_reply(200, one->doc);
}

// Users only, no leads; 410 for those that were merged into others [3.1].
Reply Workspace::find_contact(const Call& call) {
  const auto* one = contact_by("external_id", call.args[0]);
  if (!one || one->doc["role"] != "user" || one->doc["archived"] == true) return not_found("User Not Found");
  Call same(call.raw, call.path);
  same.args = {view_of(one->doc, "id")};
  return show_contact(same);
}

Reply Workspace::unarchive_contact(const Call& call) {
  auto* one = contact(call.args[0]);
  if (!one) return not_found("User Not Found");
  if (one->lost) return refuse(400, "not_restorable", "This contact is scheduled for permanent deletion");
  one->doc["archived"] = false;
  tally_.effect("contacts_unarchived");
  remember(*one, call.now());
  return simulation::json_reply(200, {{"type", "contact"},
                                      {"id", one->doc["id"]},
                                      {"external_id", one->doc["external_id"]},
                                      {"archived", false}});
}

}  // namespace baton::intercom::simulated
