#include "connectors/salesforce/simulator.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::salesforce {
namespace simulated {
namespace {

// The people and companies of the demo, as a support org knows them: an enterprise that is about to renew, a
// trial, an address that two contacts share.
constexpr std::string_view kSeed = R"({
"Organization": [{"Id": "00D000000000001EAA", "Name": "Baton Demo", "OrganizationType": "Enterprise Edition"}],
"User": [
  {"Id": "005000000000001AAA", "Name": "Dana Agent", "Email": "dana@acme.example", "Username": "dana@acme.example", "IsActive": true},
  {"Id": "005000000000002AAA", "Name": "Nora Lind", "Email": "nora@baton-demo.example", "Username": "nora@baton-demo.example", "IsActive": true}],
"Group": [{"Id": "00G000000000001EAA", "Name": "Support", "DeveloperName": "Support", "Type": "Queue"}],
"Account": [
  {"Id": "001000000000001AAA", "Name": "Northwind Logistics", "Type": "Customer", "Industry": "Transportation",
   "OwnerId": "005000000000002AAA", "Tier__c": "enterprise", "Renewal_Date__c": "2026-12-11", "Health__c": "at risk"},
  {"Id": "001000000000002AAA", "Name": "Tiny Shop", "Type": "Prospect", "OwnerId": "005000000000002AAA", "Tier__c": "trial"},
  {"Id": "001000000000003AAA", "Name": "Acme Studios", "Type": "Customer", "OwnerId": "005000000000001AAA", "Tier__c": "pro"}],
"Contact": [
  {"Id": "003000000000001AAA", "FirstName": "Zoë", "LastName": "Adler", "Email": "zoe@northwind.example",
   "Title": "Head of Operations", "Phone": "+49 30 5550101", "AccountId": "001000000000001AAA", "OwnerId": "005000000000002AAA"},
  {"Id": "003000000000002AAA", "FirstName": "Sam", "LastName": "Ito", "Email": "sam@tinyshop.example",
   "AccountId": "001000000000002AAA", "OwnerId": "005000000000002AAA"},
  {"Id": "003000000000003AAA", "FirstName": "Bob", "LastName": "Marsh", "Email": "office@acme.example",
   "AccountId": "001000000000003AAA", "OwnerId": "005000000000001AAA", "LastModifiedDate": "2026-03-01T08:00:00.000+0000"},
  {"Id": "003000000000004AAA", "FirstName": "Bea", "LastName": "Quist", "Email": "office@acme.example",
   "OwnerId": "005000000000001AAA", "LastModifiedDate": "2026-05-01T08:00:00.000+0000"}],
"Lead": [{"Id": "00Q000000000001EAA", "LastName": "Novak", "Company": "Novak Bikes", "Email": "lea@novak.example",
  "Status": "Open", "IsConverted": false, "OwnerId": "005000000000002AAA"}],
"Opportunity": [
  {"Id": "006000000000001AAA", "Name": "Northwind renewal", "StageName": "Negotiation", "Amount": 184000, "CurrencyIsoCode": "EUR",
   "CloseDate": "2026-12-11", "Type": "Existing Customer", "IsClosed": false, "IsWon": false,
   "AccountId": "001000000000001AAA", "OwnerId": "005000000000002AAA"},
  {"Id": "006000000000002AAA", "Name": "Northwind first year", "StageName": "Closed Won", "Amount": 150000, "CurrencyIsoCode": "EUR",
   "CloseDate": "2025-12-11", "Type": "New Customer", "IsClosed": true, "IsWon": true,
   "AccountId": "001000000000001AAA", "OwnerId": "005000000000002AAA"}],
"Contract": [{"Id": "800000000000001AAA", "ContractNumber": "00000100", "Status": "Activated", "StartDate": "2025-12-12",
  "EndDate": "2026-12-11", "ContractTerm": 12, "AccountId": "001000000000001AAA", "OwnerId": "005000000000002AAA"}],
"CaseStatus": [
  {"Id": "3sT000000000001AAA", "MasterLabel": "New", "ApiName": "New", "IsClosed": false, "IsDefault": true},
  {"Id": "3sT000000000002AAA", "MasterLabel": "Working", "ApiName": "Working", "IsClosed": false, "IsDefault": false},
  {"Id": "3sT000000000003AAA", "MasterLabel": "Escalated", "ApiName": "Escalated", "IsClosed": false, "IsDefault": false},
  {"Id": "3sT000000000004AAA", "MasterLabel": "Closed", "ApiName": "Closed", "IsClosed": true, "IsDefault": false}],
"Case": [
  {"Id": "500000000000801AAA", "CaseNumber": "00000981", "Subject": "Label printer offline in Hamburg", "Status": "Closed",
   "Priority": "Medium", "Origin": "Email", "ContactId": "003000000000001AAA", "AccountId": "001000000000001AAA",
   "OwnerId": "005000000000001AAA", "CreatedDate": "2026-10-02T09:00:00.000+0000", "ClosedDate": "2026-10-03T10:00:00.000+0000"},
  {"Id": "500000000000802AAA", "CaseNumber": "00000982", "Subject": "Invoice shows the old address", "Status": "Working",
   "Priority": "Low", "Origin": "Email", "ContactId": "003000000000001AAA", "AccountId": "001000000000001AAA",
   "OwnerId": "005000000000001AAA", "CreatedDate": "2026-11-16T09:00:00.000+0000"}]})";

constexpr std::string_view kData = "/services/data";

}  // namespace

// --- small things

Reply refuse(int status, std::string_view code, std::string_view message, std::vector<std::string> fields) {
  json error = {{"message", message}, {"errorCode", code}};
  if (!fields.empty()) error["fields"] = std::move(fields);
  return simulation::json_reply(status, json::array({std::move(error)}));
}

Reply not_found() { return refuse(404, "NOT_FOUND", "The requested resource does not exist"); }

std::string stamp(TimePoint at) {
  auto text = simulation::iso_millis(at);
  text.replace(text.size() - 1, 1, "+0000");
  return text;
}

// Each of three letters tells which of five characters are capitals.
std::string with_checksum(std::string_view id) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
  std::string whole(id.substr(0, 15));
  for (std::size_t block = 0; block < 3; ++block) {
    std::size_t bits = 0;
    for (std::size_t i = 0; i < 5 && block * 5 + i < id.size(); ++i) {
      const char c = id[block * 5 + i];
      if (c >= 'A' && c <= 'Z') bits |= std::size_t{1} << i;
    }
    whole += kLetters[bits];
  }
  return whole;
}

bool looks_like_id(std::string_view id) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return (id.size() == 15 || id.size() == 18) && std::all_of(id.begin(), id.end(), plain);
}

bool same_id(std::string_view a, std::string_view b) {
  return looks_like_id(a) && looks_like_id(b) && a.substr(0, 15) == b.substr(0, 15);
}

bool is_closed(std::string_view status) { return status == "Closed"; }

// --- the org

Org::Org(const simulation::Setup& setup)
    : setup_(setup), self_url_(simulation::text_of(setup, "self_url", "https://example.my.salesforce.com")),
      refresh_token_(simulation::text_of(setup, "refresh_token", "salesforce-refresh-1")),
      day_(simulation::limit_of(setup, "daily_limit", 100'000), 24h) {
  const auto fallback = json::parse(kSeed), seed = simulation::seed_of(setup, kSeed);
  for (const auto& object : objects()) {
    const auto key = std::string(object.name);
    const bool is_setup = key == "Organization" || key == "CaseStatus" || key == "Group" || key == "User";
    auto& table = data_.tables[key];
    table.reserve(64);
    const auto& source = seed.contains(key) || !is_setup ? seed : fallback;
    for (const auto& fields : source.value(key, json::array())) {
      if (!fields.is_object()) continue;
      auto& row = make(object, fields, TimePoint{});
      for (const auto& [name, value] : fields.items()) row.fields[name] = value;
      if (key == "Case") row.fields["IsClosed"] = is_closed(text_at(row.fields, "Status"));
    }
  }
  json baton = {{"Id", "005000000000009AAA"},
                {"Name", simulation::text_of(setup, "baton_user", "Baton Integration")},
                {"Email", "baton@acme.example"},
                {"Username", "baton.integration@example.com"},
                {"IsActive", true}};
  make(*find_object("User"), baton, TimePoint{}).fields["Id"] = baton["Id"];
  tally_ = {};  // what was there before is nobody's effect
}

Reply Org::handle(const RawRequest& raw) {
  tally_.request();
  auto reply = answer(raw);
  if (reply.status < 300 || reply.status == 304) return reply;
  const auto body = json::parse(reply.body, nullptr, false);
  const JsonView view(body);
  const auto list = view.list();
  const auto code = list && !list->empty() ? list->front()["errorCode"].text() : view["error"].text();
  tally_.refuse(code.empty() ? std::to_string(reply.status) : code);
  return reply;
}

Reply Org::answer(const RawRequest& raw) {
  const std::string path(path_of(raw.target));
  if (raw.target.size() > 16'384) return Reply(414, "URI Too Long");  // [3.1]
  if (path == "/services/oauth2/token") return create_token(raw);
  if (path == "/services/oauth2/revoke") return revoke(raw);
  if (path == "/services/oauth2/userinfo") return user_info(raw);
  if (path == kData || path == std::string(kData) + "/") return versions();
  auto refused = authorise(raw);
  auto reply = refused ? *std::move(refused)
               : has_requests_left(raw.received_at)
                   ? route(raw, path)
                   : refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
  if (reply.status != 401) add_limit_info(reply, raw.received_at);
  return reply;
}

// --- limits [5]

bool Org::has_requests_left(TimePoint now) { return !day_.take(now); }

int Org::requests_used(TimePoint now) { return day_.limit() - day_.remaining(now); }

void Org::add_limit_info(Reply& reply, TimePoint now) {
  if (day_.limit() <= 0) return;
  reply.headers["sforce-limit-info"] = fmt::format("api-usage={}/{}", requests_used(now), day_.limit());
}

Reply Org::limits(const Call& call) {
  if (!simulation::flag_of(setup_, "may_view_setup", true)) {
    return refuse(403, "FUNCTIONALITY_NOT_ENABLED", "You do not have access to limits");
  }
  const int most = day_.limit() > 0 ? day_.limit() : 100'000;
  const int left = day_.limit() > 0 ? day_.remaining(call.now()) : most;
  return simulation::json_reply(200, {{"DailyApiRequests", {{"Max", most}, {"Remaining", left}}}});
}

Reply Org::versions() const {
  json all = json::array();
  for (int version = 31; version <= 68; ++version) {
    all.push_back({{"label", fmt::format("Release {}", version)},
                   {"url", fmt::format("/services/data/v{}.0", version)},
                   {"version", fmt::format("{}.0", version)}});
  }
  return simulation::json_reply(200, all);
}

// --- one request, below /services/data/v67.0

Reply Org::route(const RawRequest& raw, std::string path) {
  static constexpr auto kRoutes = std::to_array<simulation::Route<Org>>({
      {"GET", "/limits", &Org::limits},
      {"GET", "/query", &Org::query},
      {"GET", "/queryAll", &Org::query_all},
      {"GET", "/query/{}", &Org::more},
      {"POST", "/composite", &Org::composite},
      {"POST", "/chatter/feed-elements", &Org::feed_element},
      {"POST", "/sobjects/{}", &Org::create},
      {"GET", "/sobjects/{}/describe", &Org::describe},
      {"GET", "/sobjects/{}/{}", &Org::show},
      {"PATCH", "/sobjects/{}/{}", &Org::update},
      {"GET", "/sobjects/{}/{}/{}", &Org::show_by_external_id},
      {"PATCH", "/sobjects/{}/{}/{}", &Org::upsert},
  });
  const auto parts = split(path, '/');  // "", services, data, v67.0, ...
  if (parts.size() < 5 || parts[1] != "services" || parts[2] != "data" || !parts[3].starts_with('v'))
    return not_found();
  version_ = parts[3];
  int number = 0;
  for (const char c : parts[3].substr(1, 2)) number = number * 10 + (c >= '0' && c <= '9' ? c - '0' : 100);
  if (!parts[3].ends_with(".0") || parts[3].size() != 5 || number < 31 || number > 68) return not_found();
  Call call(raw, path.substr(kData.size() + 1 + parts[3].size()));
  bool known = false;
  for (const auto& candidate : kRoutes) {
    auto args = simulation::match(candidate.pattern, call.path);
    if (!args) continue;
    known = true;
    if (candidate.method != raw.method) continue;
    call.args = *std::move(args);
    if (raw.method != "GET") {
      if (!simulation::is_json(raw.headers)) {
        return refuse(415, "UNSUPPORTED_MEDIA_TYPE", "Content type is not supported, send application/json");
      }
      call.body = json::parse(raw.body, nullptr, false);
      if (!call.body.is_object())
        return refuse(400, "JSON_PARSER_ERROR", "Unexpected character or end of document");
    }
    return (this->*candidate.handler)(call);
  }
  return known ? refuse(405, "METHOD_NOT_ALLOWED", "HTTP Method '" + raw.method + "' not allowed")
               : not_found();
}

// --- what it holds

json Org::ledger() const {
  std::vector<std::string> keys;
  json cases = json::array();
  for (const auto& row : data_.tables.at("Case")) {
    auto entry = row.fields;
    entry["deleted"] = row.deleted;
    entry["comments"] = json::array();
    for (const auto& comment : data_.tables.at("CaseComment")) {
      if (text_at(comment.fields, "ParentId") == text_at(row.fields, "Id"))
        entry["comments"].push_back(comment.fields);
    }
    cases.push_back(std::move(entry));
    if (const auto id = text_at(row.fields, kHandoffId); !id.empty()) keys.push_back("case " + id);
  }
  for (const auto& row : data_.tables.at("CaseComment")) {
    keys.push_back("comment " + text_at(row.fields, "ParentId") + text_at(row.fields, "CommentBody"));
  }
  for (const auto& row : data_.tables.at("FeedItem")) {
    keys.push_back("feed " + text_at(row.fields, "ParentId") + text_at(row.fields, "Body"));
  }
  auto all = tally_.json(simulation::count_duplicates(keys));
  all["cases"] = std::move(cases);
  for (const auto* const name : {"Contact", "Account", "CaseComment", "FeedItem"}) {
    all[name] = json::array();
    for (const auto& row : data_.tables.at(name)) all[name].push_back(row.fields);
  }
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Org>(setup);
}

}  // namespace baton::salesforce
