#include "connectors/salesforce/probe.h"

#include <algorithm>
#include <array>

#include "connectors/salesforce/context.h"
#include "connectors/salesforce/soql.h"
#include "connectors/salesforce/wire.h"
#include "gateway/base/text.h"

namespace baton::salesforce {
namespace {

using nlohmann::json;

constexpr auto kPermissions =
    "give Baton's user a permission set with API Enabled, read on Contact, Account, Opportunity and "
    "Contract, and "
    "create, read and edit on Case and its comments";

std::string make_by_hand(const std::string& field) {
  return "in Setup, Object Manager, Case, Fields: make a Text field of 64 characters with the API name " +
         field + ", External ID and Unique (case-sensitive), and let Baton's user read and edit it";
}

JsonView field_of(const json& described, std::string_view name) {
  for (const auto& field : items(JsonView(described)["fields"])) {
    if (equals_ignoring_case(field["name"].text(), name)) return field;
  }
  return {};
}

sdk::Finding look_at_key(const json& described, const std::string& name) {
  const auto field = field_of(described, name);
  const auto what = "the field Case." + name;
  if (field.missing()) return sdk::Finding(what, false, make_by_hand(name), true);
  const bool good = field["externalId"].boolean() == true && field["unique"].boolean() == true;
  if (!good) {
    return sdk::Finding(what, false,
                        "in Setup, Object Manager, Case, Fields: edit " + name +
                            " and tick both External ID and Unique, without which a case may be made twice");
  }
  constexpr int kLongestKey = 64;
  if (field["length"].integer().value_or(kLongestKey) < kLongestKey) {
    return sdk::Finding(what, false,
                        "in Setup, Object Manager, Case, Fields: give " + name +
                            " a length of 64, or longer keys are refused");
  }
  const bool writable = field["createable"].boolean() == true && field["updateable"].boolean() == true;
  return sdk::Finding(what, writable, writable ? "" : "let Baton's user edit the field " + name);
}

// Of a restricted picklist an unknown value is refused with every case.
sdk::Finding look_at_value(const json& described, const char* name, std::string_view value) {
  const auto what = "the value " + std::string(value) + " of Case." + name;
  const auto field = field_of(described, name);
  const auto values = items(field["picklistValues"]);
  const bool known = std::ranges::any_of(values, [&](JsonView one) {
    return one["value"].text() == value && one["active"].boolean().value_or(true);
  });
  if (known || (!field.missing() && field["restrictedPicklist"].boolean() == false))
    return sdk::Finding(what, true);
  return sdk::Finding(
      what, false,
      "add the value to the picklist in Setup, Object Manager, Case, Fields, or name another in the "
      "destination's settings or mapping");
}

void look_at_case(const json& described, const Paths& paths, const sdk::Settings& settings,
                  sdk::Findings& found) {
  const bool may = JsonView(described)["createable"].boolean() == true &&
                   JsonView(described)["updateable"].boolean() == true;
  found.emplace_back("create and edit on Case", may, may ? "" : kPermissions);
  found.push_back(look_at_key(described, paths.key_field()));
  for (const auto* setting : {"status_open", "status_pending", "status_solved"}) {
    found.push_back(look_at_value(described, "Status", settings[setting]));
  }
}

// Of another org outbound messages would be refused for a day, and then be lost.
void look_at_organization(const Reply& reply, const sdk::Settings& settings, sdk::Findings& found) {
  const auto wanted = settings["organization_id"];
  if (wanted.empty()) return;
  const auto body = parse_json(reply.body, FailureKind::retryable, "Salesforce's organization");
  const auto records = body ? items(JsonView(*body)["records"]) : std::vector<JsonView>();
  const auto id = records.empty() ? std::string() : records.front()["Id"].text();
  const bool same = is_id(id) && safe_id(id) == safe_id(wanted);
  found.emplace_back("organization_id", same,
                     same        ? ""
                     : is_id(id) ? "set it to " + id + ", the org's own id"
                                 : "Salesforce did not say which org this is: compare it in Setup, "
                                   "Company Information");
}

// Reads that only the context needs: without one of them that part of it is missing.
struct Readable {
  const char* what;
  std::string soql;
};

std::vector<Readable> wanted(const sdk::Settings& settings) {
  std::vector<Readable> all = {{"read on Contact", "SELECT Id, Email, AccountId FROM Contact LIMIT 1"},
                               {"read on Account", "SELECT Id, Name FROM Account LIMIT 1"},
                               {"read on Opportunity", "SELECT Id, Amount FROM Opportunity LIMIT 1"},
                               {"read on Contract", "SELECT Id, EndDate FROM Contract LIMIT 1"},
                               {"read on CaseComment", "SELECT Id, CommentBody FROM CaseComment LIMIT 1"}};
  for (const auto* setting : {"tier_field", "renewal_field", "health_field", "value_field"}) {
    const auto field = settings[setting];
    if (is_field_name(field))
      all.push_back({setting, "SELECT Id, " + std::string(field) + " FROM Account LIMIT 1"});
  }
  return all;
}

}  // namespace

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  const Paths paths(settings);
  sdk::Findings found;
  const auto org = co_await session.read(paths.query("SELECT Id FROM Organization LIMIT 1"));
  found.emplace_back("the session", org.has_value(),
                     org ? ""
                         : "check client_id, the secret or key, and that the app has a user to run as: " +
                               org.error().detail);
  if (!org) co_return found;  // all else would fail for the same reason
  look_at_organization(*org, settings, found);
  const auto reply = co_await session.read(paths.describe("Case"));
  const auto described =
      reply ? parse_json(reply->body, FailureKind::retryable, "Salesforce's description of Case")
            : Result<json>(reply.error());
  if (described) look_at_case(*described, paths, settings, found);
  else
    found.emplace_back("the description of Case", false,
                       std::string(kPermissions) + ": " + described.error().detail);
  for (const auto& one : wanted(settings)) {
    const auto seen = co_await session.read(paths.query(one.soql));
    found.emplace_back(one.what, seen.has_value(),
                       seen ? "" : std::string(kPermissions) + ": " + seen.error().detail);
  }
  if (!is_field_name(paths.key_field())) {
    found.emplace_back("key_field", false, "name a field of Case, such as Baton_Handoff_Id__c");
  }
  co_return found;
}

// A new field is hidden from everybody but administrators: a person still grants it to Baton's user.
Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) {
  const Paths paths(settings);
  auto before = co_await probe(settings, session);
  if (!before) co_return before;
  const bool lacks_field = std::ranges::any_of(*before, [](const sdk::Finding& one) { return one.can_make; });
  if (!lacks_field || !is_field_name(paths.key_field())) co_return before;
  const auto made = co_await session.send(paths.make_key_field());
  auto after = co_await probe(settings, session);
  if (!after) co_return after;
  for (auto& one : *after) {
    if (!one.can_make) continue;
    one.remedy =
        made ? "the field was made: now let Baton's user read and edit it, in Setup, Object Manager, Case, "
               "Fields, Set Field-Level Security"
             : make_by_hand(paths.key_field()) + "; Baton may not: " + made.error().detail;
  }
  co_return after;
}

}  // namespace baton::salesforce
