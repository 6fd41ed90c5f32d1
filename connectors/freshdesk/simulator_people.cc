// Contacts, agents, groups, fields and companies (fact sheet, sections 3.1, 3.7, 9).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/freshdesk/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::freshdesk::simulated {
namespace {

// Each of one contact only [3.1].
constexpr auto kUnique =
    std::to_array<std::string_view>({"email", "phone", "mobile", "twitter_id", "unique_external_id"});
constexpr auto kContactTexts =
    std::to_array<std::string_view>({"name", "email", "phone", "mobile", "twitter_id", "unique_external_id",
                                     "address", "description", "job_title", "language", "time_zone"});
constexpr auto kContactOthers =
    std::to_array<std::string_view>({"tags", "other_emails", "company_id", "custom_fields"});

template <class Names>
bool among(std::string_view name, const Names& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

json agent_view(const json& agent) {
  return {{"id", agent["id"]},
          {"occasional", false},
          {"ticket_scope", 1},
          {"type", "support_agent"},
          {"group_ids", json::array()},
          {"contact", {{"active", true}, {"name", agent["name"]}, {"email", agent["email"]}}}};
}

}  // namespace

json* Account::find_contact(Id id) {
  const auto found =
      std::find_if(contacts_.begin(), contacts_.end(), [&](const json& c) { return c["id"] == id; });
  return found == contacts_.end() ? nullptr : &*found;
}

json* Account::find_contact_by(std::string_view key, std::string_view value) {
  if (value.empty()) return nullptr;
  for (auto& contact : contacts_) {
    if (equals_ignoring_case(JsonView(contact)[key].text(), value)) return &contact;
  }
  return nullptr;
}

json& Account::add_contact(json contact, TimePoint now) {
  contact.emplace("id", next_id_++);
  for (const auto key : kContactTexts) contact.emplace(std::string(key), nullptr);
  contact.emplace("company_id", nullptr);
  contact.emplace("active", false);
  contact.emplace("tags", json::array());
  contact.emplace("other_emails", json::array());
  contact.emplace("custom_fields", json::object());
  if (contact["name"].is_null()) contact["name"] = contact["email"];
  contact["created_at"] = contact["updated_at"] = simulation::iso_seconds(now);
  contacts_.push_back(std::move(contact));
  return contacts_.back();
}

std::optional<Reply> Account::check_contact(const json& fields, const json* self) {
  const JsonView view(fields);
  for (const auto& [key, value] : fields.items()) {
    if (among(key, kContactTexts)) {
      if (!value.is_string() && !value.is_null()) {
        return invalid(400, key, "It should be a/an String", "datatype_mismatch");
      }
    } else if (!among(key, kContactOthers)) {
      return invalid(400, key, "Unexpected/invalid field in request", "invalid_field");
    }
  }
  if (const auto tags = view["tags"]; !tags.missing() && !tags.list()) {
    return invalid(400, "tags", "It should be a/an Array", "datatype_mismatch");
  }
  if (const auto company = view["company_id"]; !company.missing() && !company.null() && !company.integer()) {
    return invalid(400, "company_id", "It should be a/an Positive Integer", "datatype_mismatch");
  }
  if (const auto email = view["email"].text(); !email.empty() && email.find('@') == std::string::npos) {
    return invalid(400, "email", "It should be in the 'valid email address' format", "invalid_value");
  }
  if (!self) {
    if (trim(view["name"].text()).empty())
      return invalid(400, "name", "It should be a/an String", "missing_field");
    const auto given = [&](std::string_view key) { return !view[key].text().empty(); };
    if (std::none_of(kUnique.begin(), kUnique.end(), given)) {
      return invalid(400, "email",
                     "Please fill at least 1 of email, mobile, phone, twitter_id, unique_external_id fields",
                     "missing_field");
    }
  }
  for (const auto key : kUnique) {
    const auto* other = find_contact_by(key, view[key].text());
    if (!other || (self && (*other)["id"] == (*self)["id"])) continue;
    json error = {{"field", key}, {"message", "It should be a unique value"}, {"code", "duplicate_value"}};
    if (simulation::flag_of(setup_, "conflict_tells_id", false)) {
      error["additional_info"] = {{"user_id", (*other)["id"]}};
    }
    return simulation::json_reply(
        409, {{"description", "Validation failed"}, {"errors", json::array({std::move(error)})}});
  }
  return std::nullopt;
}

Reply Account::create_contact(const Call& call) {
  if (auto refused = check_contact(call.body, nullptr)) return *std::move(refused);
  const auto& made = add_contact(call.body, call.now());
  tally_.effect("contacts_created");
  return simulation::json_reply(
      201, made, {{"location", fmt::format("{}/api/v2/contacts/{}", self_url_, made["id"].get<Id>())}});
}

Reply Account::update_contact(const Call& call) {
  for (auto& contact : contacts_) {
    if (JsonView(contact)["id"].id() != call.args[0]) continue;
    if (auto refused = check_contact(call.body, &contact)) return *std::move(refused);
    contact.update(call.body);
    contact["updated_at"] = simulation::iso_seconds(call.now());
    tally_.effect("contacts_updated");
    return simulation::json_reply(200, contact);
  }
  return Reply(404);
}

Reply Account::show_contact(const Call& call) {
  for (const auto& contact : contacts_) {
    if (JsonView(contact)["id"].id() == call.args[0]) return simulation::json_reply(200, contact);
  }
  return Reply(404);
}

Reply Account::list_contacts(const Call& call) {
  if (auto refused = over_limit(contact_lists_, call.now())) return *std::move(refused);
  json found = json::array();
  for (const auto& contact : contacts_) {
    const JsonView view(contact);
    bool fits = true;
    for (const auto* key : {"email", "mobile", "phone", "unique_external_id"}) {
      const auto wanted = query_value(call.raw.target, key);
      fits = fits && (!wanted || equals_ignoring_case(view[key].text(), *wanted));
    }
    const auto company = query_value(call.raw.target, "company_id");
    if (fits && (!company || view["company_id"].id() == *company)) found.push_back(contact);
  }
  return page(call, std::move(found), 30);
}

Reply Account::search_contacts(const Call& call) {
  const auto quoted = call.query("query");
  if (quoted.size() < 2 || quoted.front() != '"' || quoted.back() != '"') {
    return invalid(400, "query", "It should be a string within double quotes", "invalid_value");
  }
  const auto lag = simulation::seconds_of(setup_, "search_lag", 180);
  json found = json::array();
  for (const auto& contact : contacts_) {
    const auto known =
        simulation::read_iso(contact["updated_at"].get<std::string>()).value_or(call.now()) + lag;
    const auto fits = query_matches(std::string_view(quoted).substr(1, quoted.size() - 2), contact);
    if (!fits) return invalid(400, "query", "The query is invalid", "invalid_value");
    if (*fits && known <= call.now()) found.push_back(contact);
  }
  const auto total = found.size();
  return simulation::json_reply(200, {{"total", total}, {"results", std::move(found)}});
}

json* Account::find_agent(std::string_view who) {
  for (auto& agent : agents_) {
    const JsonView view(agent);
    if (view["id"].id() == who || equals_ignoring_case(view["email"].text(), who) ||
        equals_ignoring_case(view["name"].text(), who)) {
      return &agent;
    }
  }
  return nullptr;
}

// One who is not known yet is hired.
json& Account::agent(std::string_view who) {
  if (auto* known = find_agent(who)) return *known;
  agents_.push_back(
      {{"id", next_id_++}, {"name", who}, {"email", fmt::format("agent{}@acme.example", next_id_)}});
  return agents_.back();
}

Reply Account::me(const Call&) {
  return simulation::json_reply(200, agent_view(*find_agent(std::to_string(baton_agent_))));
}

Reply Account::list_agents(const Call& call) {
  json found = json::array();
  const auto wanted = query_value(call.raw.target, "email");
  for (const auto& agent : agents_) {
    if (!wanted || equals_ignoring_case(agent["email"].get<std::string>(), *wanted))
      found.push_back(agent_view(agent));
  }
  return page(call, std::move(found), 30);
}

Reply Account::show_agent(const Call& call) {
  for (const auto& agent : agents_) {
    if (JsonView(agent)["id"].id() == call.args[0]) return simulation::json_reply(200, agent_view(agent));
  }
  return Reply(404);
}

Reply Account::list_groups(const Call& call) { return page(call, json(groups_), 30); }

Reply Account::list_ticket_fields(const Call& call) {
  json fields = json::array({{{"name", "status"},
                              {"type", "default_status"},
                              {"default", true},
                              {"choices",
                               {{"2", {"Open", "Being Processed"}},
                                {"3", {"Pending", "Awaiting your Reply"}},
                                {"4", {"Resolved", "This ticket has been Resolved"}},
                                {"5", {"Closed", "This ticket has been Closed"}},
                                {"6", {"Waiting on Customer", "Awaiting your Reply"}}}}}});
  for (const auto& field : ticket_fields_) fields.push_back(field);
  return page(call, std::move(fields), 100);
}

Reply Account::show_company(const Call& call) {
  for (const auto& company : companies_) {
    if (JsonView(company)["id"].id() == call.args[0]) return simulation::json_reply(200, company);
  }
  return Reply(404);
}

}  // namespace baton::freshdesk::simulated
