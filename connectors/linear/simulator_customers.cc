// Customers, their requests, and webhooks set up by API (fact sheet, sections 3.7 and 7).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/linear/simulator.h"
#include "connectors/simulation/setup.h"

namespace baton::linear::simulated {
namespace {

bool has_domain(const json& customer, const json& domains) {
  return std::any_of(domains.begin(), domains.end(), [&](const json& domain) {
    const auto& own = customer["domains"];
    return std::find(own.begin(), own.end(), domain) != own.end();
  });
}

}  // namespace

json Workspace::customer_upsert(const json& args) {
  const json input = args.value("input", json());
  if (!check_input(
          "CustomerUpsertInput", input,
          " id name domains externalId externalIds slackChannelId ownerId statusId revenue size tierId "
          "tierName logoUrl "))
    return nullptr;
  if (!simulation::flag_of(setup_, "needs", true))
    return fail("Feature not accessible", "FEATURE_NOT_ACCESSIBLE", "feature not accessible", {}, 400);
  const auto external = JsonView(input)["externalId"].text();
  const auto found = std::find_if(customers_.begin(), customers_.end(), [&](const json& one) {
    const auto& ids = one["externalIds"];
    return (!external.empty() && std::find(ids.begin(), ids.end(), json(external)) != ids.end()) ||
           (input.contains("id") && one["id"] == input["id"]) ||
           has_domain(one, input.value("domains", json::array()));
  });
  if (found == customers_.end() && JsonView(input)["name"].text().empty())
    return fail("Argument Validation Error", "INPUT_ERROR", "invalid input",
                "name is required for a new customer", 400);
  const bool is_new = found == customers_.end();
  if (is_new) {
    customers_.push_back(
        {{"id", simulation::make_uuid(random_)}, {"domains", json::array()}, {"externalIds", json::array()}});
    tally_.effect("customers_created");
  } else {
    tally_.effect("customers_updated");
  }
  auto& customer = is_new ? customers_.back() : *found;
  for (const auto* key : {"name", "domains", "revenue", "size", "tierName"})
    if (input.contains(key)) customer[key] = input[key];
  auto& ids = customer["externalIds"];
  if (!external.empty() && std::find(ids.begin(), ids.end(), json(external)) == ids.end())
    ids.push_back(external);
  return {{"success", true}, {"customer", customer}};
}

json Workspace::customer_need_create(const json& args) {
  const json input = args.value("input", json());
  if (!check_input(
          "CustomerNeedCreateInput", input,
          " id issueId projectId customerExternalId customerId body priority attachmentUrl attachmentId "
          "commentId createAsUser displayIconUrl "))
    return nullptr;
  if (!simulation::flag_of(setup_, "needs", true))
    return fail("Feature not accessible", "FEATURE_NOT_ACCESSIBLE", "feature not accessible", {}, 400);
  const JsonView view(input);
  if (!view["customerId"].missing() && !view["customerExternalId"].missing())
    return fail("Argument Validation Error", "INPUT_ERROR", "invalid input",
                "customerId and customerExternalId exclude each other", 400);
  if (!view["priority"].missing() && view["priority"].number() != 0.0 && view["priority"].number() != 1.0)
    return fail("Argument Validation Error", "INPUT_ERROR", "invalid input", "priority must be 0 or 1", 400);
  const auto* issue = find_issue(view["issueId"].text());
  if (!issue) return not_found("Issue");
  const auto customer = std::find_if(customers_.begin(), customers_.end(), [&](const json& one) {
    const auto& ids = one["externalIds"];
    return one["id"] == view["customerId"].text() ||
           std::find(ids.begin(), ids.end(), json(view["customerExternalId"].text())) != ids.end();
  });
  if (customer == customers_.end()) return not_found("Customer");
  const auto id = take_id("CustomerNeed", input, needs_);
  if (!id) return nullptr;
  needs_.push_back({{"id", *id},
                    {"priority", input.value("priority", json(0))},
                    {"body", input.value("body", json())},
                    {"url", input.value("attachmentUrl", json())},
                    {"issue", {{"id", (*issue)["id"]}, {"identifier", (*issue)["identifier"]}}},
                    {"customer", {{"id", (*customer)["id"]}, {"name", (*customer)["name"]}}}});
  tally_.effect("needs_created");
  return {{"success", true}, {"need", needs_.back()}};
}

json Workspace::webhook_create(const json& args) {
  const json input = args.value("input", json());
  if (!check_input("WebhookCreateInput", input,
                   " id url resourceTypes teamId allPublicTeams secret label enabled "))
    return nullptr;
  if (JsonView(input)["url"].text().empty() || !JsonView(input)["resourceTypes"].list())
    return fail("Field \"resourceTypes\" of required type was not provided.", "GRAPHQL_VALIDATION_FAILED",
                "graphql error", {}, 400);
  const auto id = take_id("Webhook", input, webhooks_);
  if (!id) return nullptr;
  webhooks_.push_back(
      {{"id", *id}, {"enabled", true}, {"url", input["url"]}, {"resourceTypes", input["resourceTypes"]}});
  tally_.effect("webhooks_created");
  return {{"success", true}, {"webhook", webhooks_.back()}};
}

}  // namespace baton::linear::simulated
