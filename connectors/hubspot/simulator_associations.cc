// Associations (fact sheet, sections 3.2, 3.5): kinds in both directions, and idempotent by nature.
#include <algorithm>
#include <charconv>
#include <array>

#include <fmt/format.h>

#include "connectors/hubspot/simulator.h"

namespace baton::hubspot::simulated {
namespace {

// The default kind of a pair is its entry without a label.
constexpr auto kKinds = std::to_array<LinkKind>({
    {"contacts", "companies", 1, 2, "Primary"},
    {"companies", "contacts", 2, 1, "Primary"},
    {"contacts", "companies", 279, 280, ""},
    {"companies", "contacts", 280, 279, ""},
    {"deals", "contacts", 3, 4, ""},
    {"contacts", "deals", 4, 3, ""},
    {"deals", "companies", 5, 6, "Primary"},
    {"companies", "deals", 6, 5, "Primary"},
    {"deals", "companies", 341, 342, ""},
    {"companies", "deals", 342, 341, ""},
    {"contacts", "tickets", 15, 16, ""},
    {"tickets", "contacts", 16, 15, ""},
    {"companies", "tickets", 25, 26, "Primary"},
    {"tickets", "companies", 26, 25, "Primary"},
    {"companies", "tickets", 340, 339, ""},
    {"tickets", "companies", 339, 340, ""},
    {"deals", "tickets", 27, 28, ""},
    {"tickets", "deals", 28, 27, ""},
    {"contacts", "notes", 201, 202, ""},
    {"notes", "contacts", 202, 201, ""},
    {"companies", "notes", 189, 190, ""},
    {"notes", "companies", 190, 189, ""},
    {"deals", "notes", 213, 214, ""},
    {"notes", "deals", 214, 213, ""},
    {"tickets", "notes", 227, 228, ""},
    {"notes", "tickets", 228, 227, ""},
});

const LinkKind* find_kind(const Type& from, int id) {
  for (const auto& kind : kKinds) {
    if (kind.from == from.plural && kind.id == id) return &kind;
  }
  return nullptr;
}

const LinkKind* default_kind(const Type& from, const Type& to) {
  for (const auto& kind : kKinds) {
    if (kind.from == from.plural && kind.to == to.plural && kind.label.empty()) return &kind;
  }
  return nullptr;
}

}  // namespace

std::span<const LinkKind> link_kinds() { return kKinds; }

void Account::add_link(const Type& from, const std::string& from_id, const Type& to, const std::string& to_id,
                       int type_id) {
  const auto* kind = find_kind(from, type_id);
  if (!kind) return;
  const auto add = [this](const Type& a, const std::string& a_id, const Type& b, const std::string& b_id,
                          int id) {
    const auto same = [&](const Link& l) {
      return l.from == &a && l.to == &b && l.from_id == a_id && l.to_id == b_id && l.type_id == id;
    };
    if (std::any_of(links_.begin(), links_.end(), same)) return false;
    links_.push_back(Link{&a, &b, a_id, b_id, id});
    return true;
  };
  if (add(from, from_id, to, to_id, type_id)) tally_.effect("associations_made");
  (void)add(to, to_id, from, from_id, kind->inverse);
  if (type_id == 1) {
    if (auto* contact = find_object(from, from_id)) contact->properties["associatedcompanyid"] = to_id;
  }
}

json Account::links_of(const Type& from, const std::string& from_id, const Type& to) const {
  json results = json::array();
  for (const auto& link : links_) {
    if (link.from != &from || link.from_id != from_id || link.to != &to) continue;
    const auto* kind = find_kind(from, link.type_id);
    const json entry = {{"category", "HUBSPOT_DEFINED"},
                        {"typeId", link.type_id},
                        {"label", kind->label.empty() ? json() : json(kind->label)}};
    const auto same = std::find_if(results.begin(), results.end(),
                                   [&](const json& r) { return r["toObjectId"] == link.to_id; });
    if (same != results.end()) {
      (*same)["associationTypes"].push_back(entry);
    } else {
      results.push_back({{"toObjectId", link.to_id}, {"associationTypes", json::array({entry})}});
    }
  }
  return results;
}

Reply Account::list_links(const Call& call) {
  const auto *from = find_type(call.args[0]), *to = find_type(call.args[2]);
  if (!from || !to || !find_object(*from, call.args[1])) return no_such_object();
  const auto all = links_of(*from, call.args[1], *to);
  const auto number = [&](std::string_view name, std::size_t otherwise) {
    const auto text = call.query(name);
    std::from_chars(text.data(), text.data() + text.size(), otherwise);
    return otherwise;
  };
  const auto limit = std::clamp<std::size_t>(number("limit", 500), 1, 500), start = number("after", 0);
  json body = {{"results", json::array()}, {"paging", json::object()}};
  for (auto i = start; i < all.size() && i < start + limit; ++i) body["results"].push_back(all[i]);
  if (start + limit < all.size()) body["paging"]["next"] = {{"after", std::to_string(start + limit)}};
  return simulation::json_reply(200, body);
}

Reply Account::link_default(const Call& call) {
  const auto *from = find_type(call.args[0]), *to = find_type(call.args[2]);
  if (!from || !to || !find_object(*from, call.args[1]) || !find_object(*to, call.args[3]))
    return no_such_object();
  const auto* kind = default_kind(*from, *to);
  if (!kind) return refuse(400, "VALIDATION_ERROR", "These types cannot be associated");
  add_link(*from, call.args[1], *to, call.args[3], kind->id);
  const auto result = [](const Type& a, const std::string& a_id, const Type&, const std::string& b_id,
                         int id) -> json {
    (void)a;
    return {{"from", {{"id", a_id}}},
            {"to", {{"id", b_id}}},
            {"associationSpec", {{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", id}}}};
  };
  json results = json::array();
  results.push_back(result(*from, call.args[1], *to, call.args[3], kind->id));
  results.push_back(result(*to, call.args[3], *from, call.args[1], kind->inverse));
  return simulation::json_reply(200, {{"status", "COMPLETE"},
                                      {"results", results},
                                      {"startedAt", simulation::iso_millis(call.now())},
                                      {"completedAt", simulation::iso_millis(call.now())}});
}

Reply Account::link_typed(const Call& call) {
  const auto *from = find_type(call.args[0]), *to = find_type(call.args[2]);
  if (!from || !to || !find_object(*from, call.args[1]) || !find_object(*to, call.args[3]))
    return no_such_object();
  const auto kinds = JsonView(call.body).list();
  if (!kinds || kinds->empty())
    return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: an array of types is needed");
  json labels = json::array();
  for (const auto kind : *kinds) {
    const auto* known = find_kind(*from, static_cast<int>(kind["associationTypeId"].integer().value_or(0)));
    if (!known || known->to != to->plural || kind["associationCategory"].text() != "HUBSPOT_DEFINED") {
      return refuse(400, "VALIDATION_ERROR", "This association type does not fit these objects");
    }
    if (!known->label.empty()) labels.push_back(known->label);
  }
  for (const auto kind : *kinds) {
    add_link(*from, call.args[1], *to, call.args[3], static_cast<int>(*kind["associationTypeId"].integer()));
  }
  return simulation::json_reply(201, {{"fromObjectTypeId", from->id},
                                      {"fromObjectId", call.args[1]},
                                      {"toObjectTypeId", to->id},
                                      {"toObjectId", call.args[3]},
                                      {"labels", labels}});
}

Reply Account::read_links(const Call& call) {
  const auto *from = find_type(call.args[0]), *to = find_type(call.args[1]);
  if (!from || !to) return no_such_object();
  const auto inputs = JsonView(call.body)["inputs"].list();
  if (!inputs) return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: inputs must be an array");
  json results = json::array(), missing = json::array();
  for (const auto input : *inputs) {
    const auto id = input["id"].id().value_or("");
    auto links = links_of(*from, id, *to);
    if (links.empty()) {
      missing.push_back(id);
    } else {
      results.push_back({{"from", {{"id", id}}}, {"to", std::move(links)}});
    }
  }
  json body = {{"status", "COMPLETE"},
               {"results", results},
               {"startedAt", simulation::iso_millis(call.now())},
               {"completedAt", simulation::iso_millis(call.now())}};
  if (missing.empty()) return simulation::json_reply(200, body);
  body["errors"] = json::array();
  for (const auto& id : missing) {
    body["errors"].push_back(standard_error(
        "OBJECT_NOT_FOUND",
        fmt::format("No {} is associated with {} {}.", to->singular, from->singular, id.get<std::string>()),
        {{"fromObjectId", {id}}}));
  }
  body["numErrors"] = body["errors"].size();
  return simulation::json_reply(207, body);
}

// Of a create: the records must exist, and the kinds must fit [3.4].
std::optional<Reply> Account::check_links(const Type& type, const json& associations) {
  const auto list = JsonView(associations).list();
  if (!list) return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: associations must be an array");
  for (const auto association : *list) {
    const auto kinds = association["types"].list();
    const auto id = association["to"]["id"].id();
    if (!kinds || kinds->empty() || !id)
      return refuse(400, "VALIDATION_ERROR", "Invalid input JSON: an association needs to.id and types");
    for (const auto kind : *kinds) {
      const auto* known = find_kind(type, static_cast<int>(kind["associationTypeId"].integer().value_or(0)));
      if (!known || kind["associationCategory"].text() != "HUBSPOT_DEFINED") {
        return refuse(400, "VALIDATION_ERROR", "This association type does not fit these objects");
      }
      if (!find_object(*find_type(known->to), *id)) {
        return refuse(400, "VALIDATION_ERROR",
                      fmt::format("No {} with id {} exists", find_type(known->to)->singular, *id));
      }
    }
  }
  return std::nullopt;
}

}  // namespace baton::hubspot::simulated
