// How objects look: expanded fields (fact sheet, section 3.7) and older API versions (section 1).
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/stripe/simulator.h"
#include "gateway/base/text.h"

namespace baton::stripe::simulated {
namespace {

// What may stand in an expand path: an id that becomes an object, or a place to go through.
struct Step {
  std::string_view from;
  std::string_view field;
  std::string_view to;
  bool is_id;
};

constexpr auto kSteps = std::to_array<Step>({
    {"subscription", "customer", "customer", true},
    {"subscription", "latest_invoice", "invoice", true},
    {"subscription", "default_payment_method", "payment_method", true},
    {"subscription", "items", "item_list", false},
    {"item_list", "data", "subscription_item", false},
    {"subscription_item", "price", "price", false},
    {"price", "product", "product", true},
    {"invoice", "customer", "customer", true},
    {"invoice", "payments", "payment_list", false},  // absent by default, there when it is asked for
    {"payment_list", "data", "invoice_payment", false},
    {"invoice", "parent", "invoice_parent", false},
    {"invoice_parent", "subscription_details", "parent_details", false},
    {"parent_details", "subscription", "subscription", true},
    {"invoice_payment", "invoice", "invoice", true},
    {"invoice_payment", "payment", "paid_with", false},
    {"paid_with", "payment_intent", "payment_intent", true},
    {"paid_with", "charge", "charge", true},
    {"payment_intent", "customer", "customer", true},
    {"payment_intent", "latest_charge", "charge", true},
    {"payment_intent", "payment_method", "payment_method", true},
    {"charge", "customer", "customer", true},
    {"charge", "payment_intent", "payment_intent", true},
    {"dispute", "charge", "charge", true},
    {"dispute", "payment_intent", "payment_intent", true},
    {"payment_method", "customer", "customer", true},
});

const Step* find_step(std::string_view from, std::string_view field) {
  const auto found = std::find_if(kSteps.begin(), kSteps.end(),
                                  [&](const Step& step) { return step.from == from && step.field == field; });
  return found == kSteps.end() ? nullptr : &*found;
}

Reply cannot_expand(std::string_view path) {
  return refuse(400, fmt::format("This property cannot be expanded ({}).", path), "", "expand");
}

}  // namespace

json Account::payments_of(std::string_view invoice) const {
  json data = json::array();
  for (const auto& id : order_) {
    const auto& doc = objects_.at(id).doc;
    if (doc["object"] == "invoice_payment" && doc["invoice"] == invoice) data.push_back(doc);
  }
  return {
      {"object", "list"}, {"has_more", false}, {"url", "/v1/invoice_payments"}, {"data", std::move(data)}};
}

std::optional<Reply> Account::expand(json& body, std::string_view path, bool is_list) {
  auto parts = split(path, '.');
  if (parts.size() > 4) {
    return refuse(400, fmt::format("You cannot expand more than 4 levels of a property ({}).", path), "",
                  "expand");
  }
  if (!is_list) return expand_at(body, parts, path);
  if (parts.size() < 2 || parts[0] != "data") return cannot_expand(path);
  for (auto& doc : body["data"]) {
    if (auto refused = expand_at(doc, std::span(parts).subspan(1), path)) return refused;
  }
  return std::nullopt;
}

// The path is looked up in the table as it goes, so that an empty list cannot hide a wrong one from a test
// with data in it; the permission of what is expanded is needed too [2].
std::optional<Reply> Account::expand_at(json& node, std::span<const std::string_view> rest,
                                        std::string_view path) {
  std::string from = JsonView(node)["object"].text();
  json* at = &node;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const auto* step = find_step(from, rest[i]);
    if (!step) return cannot_expand(path);
    from = step->to;
    const std::string field(step->field);
    if (from == "payment_list" && at->is_object() && !at->contains(field)) {
      (*at)[field] = payments_of(JsonView(*at)["id"].text());
    }
    if (step->is_id) {
      if (auto refused = forbidden(find_kind(from)->permission)) return refused;
    }
    if (!at->is_object() || !at->contains(field)) return std::nullopt;  // null on the way: nothing to expand
    at = &(*at)[field];
    if (step->is_id && at->is_string()) {
      const auto* found = find(at->get<std::string>());
      if (found) *at = found->doc;
    }
    if (!at->is_array()) continue;
    if (i + 1 == rest.size()) return cannot_expand(path);
    for (auto& inner : *at) {
      if (auto refused = expand_at(inner, rest.subspan(i + 1), path)) return refused;
    }
    return std::nullopt;
  }
  return std::nullopt;
}

// --- versions

bool known_version(std::string_view version) {
  constexpr auto kNames = std::to_array<std::string_view>({"acacia", "basil", "clover", "dahlia", "endive"});
  if (version.size() < 10) return false;
  if (version.size() == 10) return version >= "2011-01-01" && version < "2024-09-30";  // before names
  return version[10] == '.' && std::find(kNames.begin(), kNames.end(), version.substr(11)) != kNames.end();
}

json in_version(json doc, std::string_view version) {
  if (doc.is_array() || doc.is_object()) {
    for (auto& inner : doc) inner = in_version(std::move(inner), version);
  }
  if (!doc.is_object() || version.substr(0, 10) >= "2025-03-31") return doc;
  const auto object = JsonView(doc)["object"].text();
  if (object == "subscription" && doc["items"]["data"].is_array()) {
    for (auto& item : doc["items"]["data"]) {
      for (const auto* field : {"current_period_start", "current_period_end"}) {
        if (!item.contains(field)) continue;
        doc[field] = item[field];
        item.erase(field);
      }
    }
  }
  if (object == "invoice") {
    const auto of = JsonView(doc).at_path("parent.subscription_details.subscription").text();
    doc["subscription"] = of.empty() ? json() : json(of);
    doc["paid"] = doc["status"] == "paid";
    doc.erase("parent");
    doc.erase("payments");
  }
  return doc;
}

}  // namespace baton::stripe::simulated
