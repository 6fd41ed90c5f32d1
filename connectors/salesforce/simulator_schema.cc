// What the org knows of its objects, and what the integration user may see of them (fact sheet, sections 3.2
// to 3.5). Tier__c, Renewal_Date__c and Health__c stand for fields that every org names as it likes.
#include "connectors/salesforce/simulator_schema.h"

#include <algorithm>
#include <array>

#include "connectors/salesforce/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

constexpr auto kCommon = std::to_array<FieldRule>({
    // of every object
    {"Id", Kind::id, 18, "", false},
    {"CreatedDate", Kind::instant, 0, "", false},
    {"LastModifiedDate", Kind::instant, 0, "", false},
    {"SystemModstamp", Kind::instant, 0, "", false},
});
constexpr auto kUser = std::to_array<FieldRule>({
    {"Name", Kind::text, 121, "", false},
    {"Email", Kind::email, 128},
    {"Username", Kind::text, 80},
    {"IsActive", Kind::flag},
});
constexpr auto kGroup = std::to_array<FieldRule>({
    {"Name", Kind::text, 40},
    {"Type", Kind::picklist, 40, "Queue,Regular"},
    {"Email", Kind::email, 128},
    {"DeveloperName", Kind::text, 80},
});
constexpr auto kOrganization = std::to_array<FieldRule>({
    {"Name", Kind::text, 80},
    {"OrganizationType", Kind::picklist, 40, "Enterprise Edition"},
});
constexpr auto kAccount = std::to_array<FieldRule>({
    {"Name", Kind::text, 255, "", true, true},
    {"Type", Kind::picklist, 255, "Prospect,Customer"},
    {"Industry", Kind::picklist, 255, "Transportation,Retail,Media"},
    {"OwnerId", Kind::reference, 18, "User"},
    {"Tier__c", Kind::picklist, 255, "enterprise,pro,trial"},
    {"Renewal_Date__c", Kind::date},
    {"Health__c", Kind::text, 80},
});
constexpr auto kContact = std::to_array<FieldRule>({
    {"Name", Kind::text, 121, "", false},
    {"FirstName", Kind::text, 40},
    {"LastName", Kind::text, 80, "", true, true},
    {"Email", Kind::email, 80},
    {"Phone", Kind::text, 40},
    {"Title", Kind::text, 128},
    {"AccountId", Kind::reference, 18, "Account"},
    {"OwnerId", Kind::reference, 18, "User"},
});
constexpr auto kLead = std::to_array<FieldRule>({
    {"Name", Kind::text, 121, "", false},
    {"LastName", Kind::text, 80, "", true, true},
    {"Company", Kind::text, 255, "", true, true},
    {"Email", Kind::email, 80},
    {"Status", Kind::picklist, 255, "Open,Working,Converted"},
    {"IsConverted", Kind::flag, 0, "", false},
    {"OwnerId", Kind::reference, 18, "User,Group"},
});
constexpr auto kOpportunity = std::to_array<FieldRule>({
    {"Name", Kind::text, 120, "", true, true},
    {"StageName", Kind::picklist, 255, "Prospecting,Negotiation,Closed Won,Closed Lost"},
    {"Amount", Kind::number},
    {"CurrencyIsoCode", Kind::picklist, 3, "EUR,USD"},
    {"CloseDate", Kind::date, 0, "", true, true},
    {"Type", Kind::picklist, 255, "New Customer,Existing Customer"},
    {"IsClosed", Kind::flag, 0, "", false},
    {"IsWon", Kind::flag, 0, "", false},
    {"AccountId", Kind::reference, 18, "Account"},
    {"OwnerId", Kind::reference, 18, "User"},
});
constexpr auto kContract = std::to_array<FieldRule>({
    {"ContractNumber", Kind::text, 30, "", false},
    {"Status", Kind::picklist, 255, "Draft,Activated"},
    {"StartDate", Kind::date},
    {"EndDate", Kind::date, 0, "", false},
    {"ContractTerm", Kind::number},
    {"AccountId", Kind::reference, 18, "Account", true, true},
    {"OwnerId", Kind::reference, 18, "User"},
});
constexpr auto kCase = std::to_array<FieldRule>({
    {"CaseNumber", Kind::text, 30, "", false},
    {"Subject", Kind::text, 255},
    {"Description", Kind::long_text, 32000},
    {"Status", Kind::picklist, 255, "New,Working,Escalated,Closed"},
    {"Priority", Kind::picklist, 255, "High,Medium,Low"},
    {"Origin", Kind::picklist, 255, "Phone,Email,Web"},
    {"Type", Kind::picklist, 255, "Question,Problem"},
    {"Reason", Kind::picklist, 255, "Other"},
    {"ContactId", Kind::reference, 18, "Contact"},
    {"AccountId", Kind::reference, 18, "Account"},
    {"OwnerId", Kind::reference, 18, "User,Group"},
    {"ParentId", Kind::reference, 18, "Case"},
    {"SuppliedEmail", Kind::email, 80},
    {"SuppliedName", Kind::text, 80},
    {"SuppliedCompany", Kind::text, 80},
    {"SuppliedPhone", Kind::text, 40},
    {"Comments", Kind::long_text, 4000},
    {"IsClosed", Kind::flag, 0, "", false},
    {"ClosedDate", Kind::instant, 0, "", false},
    {"CreatedById", Kind::reference, 18, "User", false},
    {"IsDeleted", Kind::flag, 0, "", false},
    {"MasterRecordId", Kind::reference, 18, "Case", false},
    {kHandoffId, Kind::text, 64},
});
constexpr auto kCaseComment = std::to_array<FieldRule>({
    {"ParentId", Kind::reference, 18, "Case", true, true},
    {"CommentBody", Kind::long_text, 4000, "", true, true},
    {"IsPublished", Kind::flag},
    {"CreatedById", Kind::reference, 18, "User", false},
});
constexpr auto kCaseStatus = std::to_array<FieldRule>({
    {"MasterLabel", Kind::text, 255, "", false},
    {"ApiName", Kind::text, 255, "", false},
    {"IsClosed", Kind::flag, 0, "", false},
    {"IsDefault", Kind::flag, 0, "", false},
});
constexpr auto kFeedItem = std::to_array<FieldRule>({
    {"ParentId", Kind::reference, 18, "Case,Account,Contact", true, true},
    {"Body", Kind::long_text, 10000, "", true, true},
    {"IsRichText", Kind::flag},
    {"Type", Kind::picklist, 40, "TextPost,LinkPost,ContentPost"},
    {"Visibility", Kind::picklist, 40, "AllUsers,InternalUsers"},
    {"LinkUrl", Kind::text, 1000},
    {"Title", Kind::text, 255},
});

constexpr auto kObjects = std::to_array<Object>({
    {"User", "005", kUser},
    {"Group", "00G", kGroup},
    {"Organization", "00D", kOrganization},
    {"Account", "001", kAccount},
    {"Contact", "003", kContact},
    {"Lead", "00Q", kLead},
    {"Opportunity", "006", kOpportunity},
    {"Contract", "800", kContract},
    {"Case", "500", kCase, true},
    {"CaseComment", "00a", kCaseComment, true},
    {"CaseStatus", "3sT", kCaseStatus},
    {"FeedItem", "0D5", kFeedItem, true},
});

}  // namespace

std::span<const Object> objects() { return kObjects; }

const Object* find_object(std::string_view name) {
  for (const auto& object : kObjects) {
    if (equals_ignoring_case(object.name, name)) return &object;
  }
  return nullptr;
}

const Object* find_object_by_id(std::string_view id) {
  for (const auto& object : kObjects) {
    if (id.starts_with(object.prefix)) return &object;
  }
  return nullptr;
}

std::string_view api_name(Kind kind) {
  switch (kind) {
    case Kind::id: return "id";
    case Kind::text: return "string";
    case Kind::long_text: return "textarea";
    case Kind::email: return "email";
    case Kind::picklist: return "picklist";
    case Kind::reference: return "reference";
    case Kind::flag: return "boolean";
    case Kind::number: return "double";
    case Kind::date: return "date";
    case Kind::instant: return "datetime";
  }
  return "";
}

bool is_listed(std::string_view list, std::string_view name) {
  for (const auto one : split(list, ',')) {
    if (!trim(one).empty() && equals_ignoring_case(trim(one), name)) return true;
  }
  return false;
}

bool Org::is_hidden(std::string_view what) const {
  return is_listed(simulation::text_of(setup_, "hidden", ""), what);
}

const Object* Org::visible(std::string_view object) const {
  const auto* found = find_object(object);
  return found && !is_hidden(found->name) ? found : nullptr;
}

const FieldRule* Org::field(const Object& object, std::string_view name) const {
  for (const auto& rule : kCommon) {
    if (equals_ignoring_case(rule.name, name)) return &rule;
  }
  for (const auto& rule : object.fields) {
    if (!equals_ignoring_case(rule.name, name)) continue;
    if (rule.name == kHandoffId && simulation::text_of(setup_, "external_id", "unique") == "none")
      return nullptr;
    return is_hidden(std::string(object.name) + "." + std::string(rule.name)) ? nullptr : &rule;
  }
  return nullptr;
}

bool Org::is_external_id(const FieldRule& rule) const { return rule.name == kHandoffId; }
bool Org::is_unique(const FieldRule& rule) const {
  return rule.name == kHandoffId && simulation::text_of(setup_, "external_id", "unique") == "unique";
}

std::vector<std::string> Org::values_of(const FieldRule& rule) const {
  std::vector<std::string> values;
  const auto more = rule.name == "Origin" ? simulation::text_of(setup_, "origins", "") : "";
  for (const auto list : {rule.more, std::string_view(more)}) {
    for (const auto value : split(list, ',')) {
      if (!trim(value).empty()) values.emplace_back(trim(value));
    }
  }
  return values;
}

json Org::describe_field(const Object* object, const FieldRule& rule) const {
  json values = json::array(), refers = json::array();
  const bool is_picklist = rule.kind == Kind::picklist, is_reference = rule.kind == Kind::reference;
  for (const auto& value : is_picklist ? values_of(rule) : std::vector<std::string>()) {
    values.push_back(
        {{"value", value}, {"label", value}, {"active", true}, {"defaultValue", value == "New"}});
  }
  for (const auto name : is_reference ? split(rule.more, ',') : std::vector<std::string_view>())
    refers.push_back(name);
  const bool restricted = simulation::flag_of(setup_, "restricted_picklists", true);
  return {{"name", rule.name},
          {"label", rule.name},
          {"type", api_name(rule.kind)},
          {"length", rule.length},
          {"createable", rule.writable},
          {"updateable", rule.writable},
          {"nillable", !(object ? is_required(*object, rule) : rule.required)},
          {"defaultedOnCreate", rule.name == "Status" || rule.name == "OwnerId" || rule.kind == Kind::flag},
          {"custom", rule.name.ends_with("__c")},
          {"externalId", is_external_id(rule)},
          {"unique", is_unique(rule)},
          {"caseSensitive", is_unique(rule)},
          {"idLookup", rule.kind == Kind::id || is_external_id(rule)},
          {"filterable", rule.kind != Kind::long_text},
          {"sortable", rule.kind != Kind::long_text},
          {"restrictedPicklist", is_picklist && restricted},
          {"picklistValues", std::move(values)},
          {"referenceTo", std::move(refers)},
          {"relationshipName", is_reference ? json(rule.name.substr(0, rule.name.size() - 2)) : json()}};
}

Reply Org::describe(const Call& call) {
  const auto* object = visible(call.args[0]);
  if (!object) return not_found();
  json fields = json::array();
  for (const auto& rule : kCommon) fields.push_back(describe_field(nullptr, rule));
  for (const auto& rule : object->fields) {
    if (field(*object, rule.name)) fields.push_back(describe_field(object, rule));
  }
  const bool may = object->writable && !is_listed(simulation::text_of(setup_, "read_only", ""), object->name);
  return simulation::json_reply(200, {{"name", object->name},
                                      {"label", object->name},
                                      {"keyPrefix", object->prefix},
                                      {"createable", may},
                                      {"updateable", may && object->name != "CaseComment"},
                                      {"queryable", true},
                                      {"custom", false},
                                      {"fields", std::move(fields)}});
}

}  // namespace baton::salesforce::simulated
