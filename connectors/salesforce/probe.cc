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
    "give Baton's user a permission set with API Enabled, Read and View All on Contact, Account, Opportunity "
    "and Contract, Read on Lead, and Create, Read, Edit, View All and Modify All on Case (its comments with "
    "it); "
    "the fields that are read stand in connectors/salesforce/README.md";

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

void add_once(sdk::Finding one, sdk::Findings& found) {
  if (std::ranges::find(found, one.what, &sdk::Finding::what) == found.end()) found.push_back(std::move(one));
}

// What the mapping writes has to be a field that Baton's user may write, and of a picklist a value that it
// has.
void look_at_samples(const json& described, const std::vector<json>& samples, std::string_view key_field,
                     sdk::Findings& found) {
  for (const auto& sample : samples) {
    if (!sample.is_object()) continue;
    for (const auto& [name, value] : sample.items()) {
      if (value.is_null() || is_no_field(name) || name == key_field) continue;
      const auto field = field_of(described, name);
      if (field.missing() || field["createable"].boolean() == false) {
        add_once(
            sdk::Finding("the field Case." + name + " that the mapping writes", false,
                         "let Baton's user edit it in Setup, Object Manager, Case, Fields, Set Field-Level "
                         "Security, or take it out of open_ticket in the mapping"),
            found);
      } else if (value.is_string() && !items(field["picklistValues"]).empty()) {
        add_once(look_at_value(described, name.c_str(), value.get<std::string>()), found);
      }
    }
  }
}

// A field that the org made required and that nothing fills refuses every case.
void look_at_required(const json& described, const std::vector<json>& samples, sdk::Findings& found) {
  if (samples.empty()) return;  // what is written is not known
  for (const auto& field : items(JsonView(described)["fields"])) {
    const bool required = field["nillable"].boolean() == false &&
                          field["defaultedOnCreate"].boolean() != true &&
                          field["createable"].boolean() == true;
    const auto name = field["name"].text();
    const bool written = std::ranges::all_of(samples, [&](const json& sample) {
      return !JsonView(sample)[name].missing() && !sample[name].is_null();
    });
    if (!required || written) continue;
    found.emplace_back(
        "the required field Case." + name, false,
        "the org refuses a case without it: write it with open_ticket in the mapping, or give it a "
        "default value in Setup, Object Manager, Case, Fields");
  }
}

void look_at_case(const json& described, const Paths& paths, const sdk::Settings& settings,
                  const std::vector<json>& samples, sdk::Findings& found) {
  const bool may = JsonView(described)["createable"].boolean() == true &&
                   JsonView(described)["updateable"].boolean() == true;
  found.emplace_back("create and edit on Case", may, may ? "" : kPermissions);
  found.push_back(look_at_key(described, paths.key_field()));
  for (const auto* setting : {"status_open", "status_pending", "status_solved"}) {
    add_once(look_at_value(described, "Status", settings[setting]), found);
  }
  look_at_samples(described, samples, paths.key_field(), found);
  look_at_required(described, samples, found);
}

// A case "solved" with a status that closes nothing is never seen to be solved, and the other way round.
void look_at_closing(const Result<Reply>& reply, const sdk::Settings& settings, sdk::Findings& found) {
  const auto body = reply ? parse_json(reply->body, FailureKind::retryable, "Salesforce's statuses")
                          : Result<json>(reply.error());
  if (!body) {
    found.emplace_back("which statuses close a case", false, body.error().detail);
    return;
  }
  for (const auto* setting : {"status_open", "status_pending", "status_solved"}) {
    const bool closes = std::string_view(setting) == "status_solved";
    for (const auto& status : items(JsonView(*body)["records"])) {
      const auto value = settings[setting];
      if (status["ApiName"].text() != value && status["MasterLabel"].text() != value) continue;
      const bool fine = status["IsClosed"].boolean() == closes;
      found.emplace_back(std::string(setting) + ": " + std::string(value), fine,
                         fine ? ""
                         : closes
                             ? "it closes no case: name a status that does (Setup, Object Manager, Case, "
                               "Fields, Status: Closed)"
                             : "it closes the case: name a status that leaves it open");
      break;
    }
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
  std::vector<Readable> all = {
      {"read on Contact", "SELECT Id, Name, Email, Title, AccountId FROM Contact LIMIT 1"},
      {"read on Lead", "SELECT Id, Name, Email, Company FROM Lead LIMIT 1"},
      {"read on Account", "SELECT Id, Name FROM Account LIMIT 1"},
      {"read on Opportunity", "SELECT Id, Name, StageName, Amount, CloseDate FROM Opportunity LIMIT 1"},
      {"read on Contract", "SELECT Id, ContractNumber, Status, EndDate FROM Contract LIMIT 1"},
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
  if (described) look_at_case(*described, paths, settings, session.samples(Operation::open_ticket), found);
  else
    found.emplace_back("the description of Case", false,
                       std::string(kPermissions) + ": " + described.error().detail);
  look_at_closing(co_await session.read(paths.query("SELECT MasterLabel, ApiName, IsClosed FROM CaseStatus")),
                  settings, found);
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
