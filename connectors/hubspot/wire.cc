#include "connectors/hubspot/wire.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "connectors/sdk/html.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::hubspot {
namespace {

using nlohmann::json;
using sdk::dumped;

constexpr auto kTicketType = "0-5";
constexpr int kNoteToContact = 202, kNoteToTicket = 228;  // association types (section 3.5)

Headers json_headers() { return {{"content-type", "application/json"}}; }

Result<json> parsed(const Reply& reply, FailureKind kind, std::string_view what) {
  auto body = parse_json(reply.body, kind, what);
  if (body && !body->is_object()) return Failure(kind, std::string(what) + " is no object");
  return body;
}

std::string with_custom(std::string properties, const sdk::Settings& settings) {
  for (const auto* field : {"tier_property", "renewal_property", "health_property"}) {
    if (const auto name = settings[field]; !name.empty()) properties += "," + percent_encode(name);
  }
  return properties;
}

json inputs_of(const std::vector<std::string>& ids) {
  auto inputs = json::array();
  for (const auto& id : ids) {
    if (inputs.size() == kMostInputs) break;
    inputs.push_back({{"id", id}});
  }
  return inputs;
}

// The same record appears once per label (section 3.1).
std::vector<std::string> associated(JsonView contact, std::string_view type) {
  std::vector<std::string> ids;
  const auto results = items(contact["associations"][type]["results"]);
  for (const auto& result : results) {
    const auto id = result["id"].id();
    if (id && std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
  }
  return ids;
}

bool has_address(JsonView properties, std::string_view email) {
  if (equals_ignoring_case(properties["email"].text(), email)) return true;
  const auto others = properties["hs_additional_emails"].text();
  const auto list = split(others, ';');
  return std::ranges::any_of(list, [&](auto other) { return equals_ignoring_case(trim(other), email); });
}

// A handoff's id is a UUID of version 7: its first 48 bits are the milliseconds of its making.
std::string made_at(std::string_view external_id) {
  const auto handoff = external_id.substr(0, external_id.find('/'));
  const auto hex = handoff.substr(handoff.find('_') + 1);
  std::int64_t milliseconds = 0;
  if (hex.size() == 32) std::from_chars(hex.data(), hex.data() + 12, milliseconds, 16);
  return std::to_string(milliseconds);
}

// Whether an error of a batch says that there is no such object.
bool says_gone(JsonView error, std::string_view key) {
  const auto category = error["category"];
  if (!category.missing()) return category.text() == "OBJECT_NOT_FOUND";
  const auto ids = items(error.at_path("context.ids"));
  return std::ranges::any_of(ids, [&](JsonView id) { return id.text() == key; });
}

// "Ref: <key>" whole: .../1 must not be found in .../12, nor in .../1/transcript_1. What else follows it is
// HubSpot's affair.
bool refers_to(std::string_view note, std::string_view external_id) {
  const auto reference = "Ref: " + std::string(external_id);
  for (auto at = note.find(reference); at != std::string_view::npos; at = note.find(reference, at + 1)) {
    const auto behind = note.substr(at + reference.size());
    const bool goes_on = !behind.empty() && ((behind[0] >= '0' && behind[0] <= '9') || behind[0] == '/');
    if (!goes_on) return true;
  }
  return false;
}

// Ids count upwards.
bool longer_id(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() > b.size() : a > b;
}

}  // namespace

Paths::Paths(const sdk::Settings& settings) : version_(percent_encode(settings["version"])) {
  contact_properties_ = with_custom(
      "email,firstname,lastname,phone,company,jobtitle,lifecyclestage,hs_lead_status,hubspot_owner_id,"
      "associatedcompanyid,hs_additional_emails",
      settings);
  company_properties_ = with_custom("name,domain,industry,type,lifecyclestage,hubspot_owner_id", settings);
}

sdk::Read Paths::contact(std::string_view id, std::string_view more) const {
  return sdk::Read::get("/crm/objects/" + version_ + "/contacts/" + percent_encode(id) + "?" +
                        std::string(more) + "properties=" + contact_properties_ +
                        "&associations=companies,deals,tickets");
}

// The address is encoded once: a second time makes a 404 of a contact that exists (section 10).
sdk::Read Paths::contact_by_email(std::string_view email) const {
  return contact(email, "idProperty=email&");
}
sdk::Read Paths::contact_by_id(std::string_view id) const { return contact(id, ""); }

// Finds secondary addresses too, some moments late.
sdk::Read Paths::search_contacts(std::string_view email) const {
  const auto group = [&](const char* property, const char* how) {
    return json{{"filters", {{{"propertyName", property}, {"operator", how}, {"value", email}}}}};
  };
  const json body = {
      {"filterGroups", {group("email", "EQ"), group("hs_additional_emails", "CONTAINS_TOKEN")}},
      {"properties", {"email", "hs_additional_emails"}},
      {"sorts", {{{"propertyName", "lastmodifieddate"}, {"direction", "DESCENDING"}}}},
      {"limit", 5}};
  return sdk::Read::search("/crm/objects/" + version_ + "/contacts/search", dumped(body), json_headers())
      .within(std::string(kSearches));
}

sdk::Read Paths::company(std::string_view id) const {
  return sdk::Read::get("/crm/objects/" + version_ + "/companies/" + percent_encode(id) +
                        "?properties=" + company_properties_);
}

sdk::Read Paths::deals(const std::vector<std::string>& ids) const {
  const json body = {{"inputs", inputs_of(ids)},
                     {"properties",
                      {"dealname", "amount", "deal_currency_code", "dealstage", "closedate",
                       "hubspot_owner_id", "hs_is_closed", "hs_is_closed_won"}}};
  return sdk::Read::search("/crm/objects/" + version_ + "/deals/batch/read", dumped(body), json_headers());
}

// The newest: ids count upwards.
sdk::Read Paths::tickets(const std::vector<std::string>& ids) const {
  constexpr std::size_t kMost = 20;
  std::vector<std::string> newest(ids.begin(),
                                  ids.begin() + static_cast<std::ptrdiff_t>(std::min(ids.size(), kMost)));
  const json body = {{"inputs", inputs_of(newest)},
                     {"properties", {"subject", "hs_pipeline_stage", "createdate", "hs_lastmodifieddate"}}};
  return sdk::Read::search("/crm/objects/" + version_ + "/tickets/batch/read", dumped(body), json_headers());
}

sdk::Read Paths::ticket(std::string_view id) const {
  return sdk::Read::get("/crm/objects/" + version_ + "/tickets/" + percent_encode(id) +
                        "?properties=hs_pipeline_stage,closed_date,hs_lastmodifieddate,hubspot_owner_id"
                        "&propertiesWithHistory=hs_pipeline_stage,hubspot_owner_id");
}

sdk::Read Paths::account_details() const { return sdk::Read::get("/account-info/" + version_ + "/details"); }

sdk::Read Paths::any(std::string_view type) const {
  return sdk::Read::get("/crm/objects/" + version_ + "/" + std::string(type) + "?limit=1");
}

sdk::Read Paths::any_owner() const { return sdk::Read::get("/crm/owners/" + version_ + "?limit=1"); }

sdk::Read Paths::property(std::string_view type, std::string_view name) const {
  return sdk::Read::get("/crm/properties/" + version_ + "/" + std::string(type) + "/" + percent_encode(name));
}

sdk::Read Paths::ticket_pipelines() const {
  return sdk::Read::get("/crm/pipelines/" + version_ + "/tickets");
}

sdk::Write Paths::make_key_property() const {
  const json property = {
      {"name", kKeyProperty}, {"label", "Baton handoff id"},      {"type", "string"},
      {"fieldType", "text"},  {"groupName", "ticketinformation"}, {"hasUniqueValue", true}};
  return sdk::Write::post("/crm/properties/" + version_ + "/tickets", dumped(property), json_headers());
}

sdk::Read Paths::owner_by_user(std::string_view user) const {
  return sdk::Read::get("/crm/owners/" + version_ + "/" + percent_encode(user) + "?idProperty=userId");
}

sdk::Read Paths::owner(std::string_view id) const {
  return sdk::Read::get("/crm/owners/" + version_ + "/" + percent_encode(id) + "?idProperty=id");
}

// In the body: our key holds slashes, and an edge may not pass on escaped ones in a path.
sdk::Read Paths::ticket_by_key(std::string_view external_id) const {
  const json body = {{"idProperty", kKeyProperty},
                     {"inputs", json::array({{{"id", external_id}}})},
                     {"properties", {"baton_handoff_id"}}};
  return sdk::Read::search("/crm/objects/" + version_ + "/tickets/batch/read", dumped(body), json_headers());
}

sdk::Read Paths::note_ids(const Timeline& timeline, std::string_view after) const {
  const std::string type = timeline.of == Timeline::Of::ticket ? "/tickets/" : "/contacts/";
  auto target =
      "/crm/objects/" + version_ + type + percent_encode(timeline.id) + "/associations/notes?limit=100";
  if (!after.empty()) target += "&after=" + percent_encode(after);
  return sdk::Read::get(std::move(target));
}

sdk::Read Paths::notes(const std::vector<std::string>& ids) const {
  const json body = {{"inputs", inputs_of(ids)}, {"properties", {"hs_note_body"}}};
  return sdk::Read::search("/crm/objects/" + version_ + "/notes/batch/read", dumped(body), json_headers());
}

sdk::Write Paths::upsert_ticket(const json& properties, std::string_view external_id) const {
  const json input = {{"idProperty", kKeyProperty},
                      {"id", external_id},
                      {"properties", properties},
                      {"objectWriteTraceId", external_id}};
  return sdk::Write::post("/crm/objects/" + version_ + "/tickets/batch/upsert",
                          dumped({{"inputs", json::array({input})}}), json_headers());
}

sdk::Write Paths::link_ticket(std::string_view ticket, std::string_view contact) const {
  return sdk::Write::put("/crm/objects/" + version_ + "/tickets/" + percent_encode(ticket) +
                             "/associations/default/contacts/" + percent_encode(contact),
                         "");
}

sdk::Write Paths::create_note(const Timeline& timeline, const json& properties, std::string_view external_id,
                              std::string_view contact) const {
  auto note = properties;
  note["hs_note_body"] = note_body(JsonView(properties)["hs_note_body"].text(), external_id);
  if (JsonView(note)["hs_timestamp"].text().empty()) note["hs_timestamp"] = made_at(external_id);
  const auto to = [](int link, std::string_view id) {
    const json type = {{"associationCategory", "HUBSPOT_DEFINED"}, {"associationTypeId", link}};
    return json{{"to", {{"id", id}}}, {"types", json::array({type})}};
  };
  auto associations =
      json::array({to(timeline.of == Timeline::Of::ticket ? kNoteToTicket : kNoteToContact, timeline.id)});
  if (!contact.empty()) associations.push_back(to(kNoteToContact, contact));
  return sdk::Write::post("/crm/objects/" + version_ + "/notes",
                          dumped({{"properties", note}, {"associations", std::move(associations)}}),
                          json_headers());
}

Result<json> ticket_properties(const json& document) {
  const auto given = JsonView(document)["properties"];
  if (!given.object() || given["subject"].text().empty()) {
    return Failure(FailureKind::rejected, "the mapping open_ticket must yield properties with a subject");
  }
  // Documented for the note's body, taken for all (section 8): a text that is too long costs its end.
  constexpr std::size_t kLongest = 65'000;
  json properties = json::object();
  for (const auto& [name, value] : document["properties"].items()) {
    if (value.is_null() || name == "baton_handoff_id") continue;
    const auto text = value.is_string() ? to_valid_utf8(value.get_ref<const std::string&>()) : dumped(value);
    properties[name] = std::string(clip_utf8(text, kLongest));
  }
  return properties;
}

Result<MaybeContact> read_contact(const Reply& reply) {
  if (reply.status == 404) return MaybeContact();  // let through as an answer, see classify()
  const auto body = parsed(reply, FailureKind::retryable, "HubSpot's contact");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto id = view["id"].id();
  if (!id || !view["properties"].object()) {
    return Failure(FailureKind::retryable, "HubSpot's contact has no id or no properties");
  }
  Contact contact;
  contact.id = *id;
  contact.properties = (*body)["properties"];
  contact.companies = associated(view, "companies");
  contact.deals = associated(view, "deals");
  contact.tickets = associated(view, "tickets");
  std::ranges::sort(contact.tickets, longer_id);
  return MaybeContact(std::move(contact));
}

Result<std::vector<std::string>> read_matches(const Reply& reply, std::string_view email) {
  const auto body = parsed(reply, FailureKind::retryable, "HubSpot's search for a contact");
  if (!body) return body.error();
  const auto results = JsonView(*body)["results"].list();
  if (!results) return Failure(FailureKind::retryable, "HubSpot's search for a contact carries no list");
  std::vector<std::string> ids;
  // A main address is worth more than another one; within each the search's order counts.
  for (const bool main : {true, false}) {
    for (const auto& result : *results) {
      const auto id = result["id"].id();
      const auto properties = result["properties"];
      if (!id || !has_address(properties, email)) continue;
      if (equals_ignoring_case(properties["email"].text(), email) != main) continue;
      if (std::ranges::find(ids, *id) == ids.end()) ids.push_back(*id);
    }
  }
  return ids;
}

Result<NoteIds> read_note_ids(const Reply& reply) {
  const auto body = parsed(reply, FailureKind::retryable, "HubSpot's list of notes");
  if (!body) return body.error();
  const auto results = JsonView(*body)["results"].list();
  if (!results) return Failure(FailureKind::retryable, "HubSpot's list of notes carries no list");
  NoteIds notes;
  for (const auto& result : *results) {
    const auto id = result["toObjectId"].id();
    if (!id) return Failure(FailureKind::retryable, "HubSpot's list of notes holds one without an id");
    notes.ids.push_back(*id);
  }
  std::ranges::sort(notes.ids, longer_id);
  notes.ids.erase(std::unique(notes.ids.begin(), notes.ids.end()), notes.ids.end());
  const auto next = JsonView(*body).at_path("paging.next");
  if (next.missing() || next.null()) return notes;
  notes.after = next["after"].id().value_or("");
  if (notes.after.empty())
    return Failure(FailureKind::retryable, "HubSpot's list of notes goes on without saying where");
  return notes;
}

Result<Receipt> read_ticket(const Reply& reply, std::string_view external_id, const sdk::Settings& settings) {
  const auto body = parsed(reply, FailureKind::ambiguous, "HubSpot's answer to a ticket");
  if (!body) return body.error();
  for (const auto& result : items(JsonView(*body)["results"])) {
    const auto id = result["id"].id();
    const auto key = result["properties"]["baton_handoff_id"].text(external_id);
    if (id && key == external_id) return Receipt(*id, record_link(settings, kTicketType, *id));
  }
  return Failure(FailureKind::ambiguous, "HubSpot's answer to a ticket does not name it");
}

Result<Receipt> read_note(const Reply& reply) {
  const auto body = parsed(reply, FailureKind::ambiguous, "HubSpot's answer to a note");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].id();
  if (!id) return Failure(FailureKind::ambiguous, "HubSpot's answer to a note has no id");
  return Receipt(*id);
}

Result<sdk::Found> match_ticket(const Reply& reply, std::string_view external_id,
                                const sdk::Settings& settings) {
  if (reply.status == 404) return sdk::Found();  // let through as an answer, see classify()
  const auto body = parsed(reply, FailureKind::ambiguous, "HubSpot's look-up of a ticket");
  if (!body) return body.error();
  const auto results = JsonView(*body)["results"].list();
  if (!results) return Failure(FailureKind::ambiguous, "HubSpot's look-up of a ticket carries no list");
  for (const auto& result : *results) {
    const auto id = result["id"].id();
    const auto key = result["properties"]["baton_handoff_id"];
    // One was asked for by its key: an answer that does not repeat the key is its as well.
    const bool only = key.missing() && results->size() == 1;
    if (id && (only || key.text() == external_id))
      return sdk::Found(Receipt(*id, record_link(settings, kTicketType, *id)));
  }
  // 200 with an empty list, or 207 that says why it is empty (section 3.1).
  const auto errors = items(JsonView(*body)["errors"]);
  const bool absent = std::ranges::all_of(errors, [&](JsonView e) { return says_gone(e, external_id); });
  if (!results->empty() || !absent || (reply.status == 207 && errors.empty())) {
    return Failure(FailureKind::ambiguous, "HubSpot's look-up by baton_handoff_id answered something else");
  }
  return sdk::Found();
}

Result<sdk::Found> match_note(const Reply& reply, std::string_view external_id, std::size_t asked) {
  const auto body = parsed(reply, FailureKind::ambiguous, "HubSpot's notes");
  if (!body) return body.error();
  const auto results = JsonView(*body)["results"].list();
  if (!results) return Failure(FailureKind::ambiguous, "HubSpot's look-up in the notes carries no list");
  std::optional<std::string> ours;
  for (const auto& note : *results) {
    const auto id = note["id"].id();
    const auto text = note["properties"]["hs_note_body"];
    if (!id || (!text.string() && !text.null())) {
      return Failure(FailureKind::ambiguous, "HubSpot's look-up in the notes holds one without id or text");
    }
    if (refers_to(text.text(), external_id) && (!ours || longer_id(*ours, *id))) ours = *id;
  }
  if (ours) return sdk::Found(Receipt(*ours));
  std::size_t gone = 0;
  for (const auto& error : items(JsonView(*body)["errors"])) {
    if (error["category"].text() == "OBJECT_NOT_FOUND") gone += items(error.at_path("context.ids")).size();
  }
  if (results->size() + gone < asked) {
    return Failure(
        FailureKind::ambiguous,
        "not all of the notes could be read; look whether ours is there: Ref: " + std::string(external_id));
  }
  return sdk::Found();
}

std::string note_body(std::string_view html, std::string_view external_id) {
  constexpr std::size_t kLongest = 65'000;  // HubSpot's own limit is 65,536 characters
  const auto reference = "<p>Ref: " + escaped_html(external_id) + "</p>";
  return sdk::cut_html(to_valid_utf8(html), kLongest - reference.size()) + reference;
}

std::vector<std::string> note_parts(std::string_view html) {
  constexpr std::size_t kLongest = 64'000, kMost = 10;  // bytes, beside the reference; notes
  constexpr std::string_view kEnd = "</p>";
  std::vector<std::string> parts;
  while (html.size() > kLongest) {
    auto end = html.substr(0, kLongest).rfind(kEnd);
    if (end == std::string_view::npos) end = std::min(html.find(kEnd), html.size() - kEnd.size());
    end += kEnd.size();
    parts.push_back(sdk::cut_html(html.substr(0, end), kLongest, "<p>[cut here: too long for a note]</p>"));
    html.remove_prefix(end);
  }
  if (!html.empty()) parts.emplace_back(html);
  if (parts.size() > kMost) {
    parts.erase(parts.begin(), parts.end() - static_cast<std::ptrdiff_t>(kMost));
    parts.front().insert(0, "<p>[what was said before is too long to keep here]</p>");
  }
  return parts;
}

std::string record_link(const sdk::Settings& settings, std::string_view type, std::string_view id) {
  const auto portal = settings["portal_id"];
  if (portal.empty() || id.empty()) return {};
  return "https://" + std::string(settings["ui_domain"]) + "/contacts/" + percent_encode(portal) +
         "/record/" + std::string(type) + "/" + percent_encode(id);
}

bool is_closed_stage(std::string_view stage, const sdk::Settings& settings) {
  const auto listed = split(settings["closed_stages"], ',');
  return !stage.empty() && std::ranges::any_of(listed, [&](auto entry) { return trim(entry) == stage; });
}

bool is_app(std::string_view source) { return source == "INTEGRATION" || source == "API"; }

std::string owner_name(JsonView owner) {
  const auto first = owner["firstName"].text(), last = owner["lastName"].text();
  const auto name = first.empty() ? last : last.empty() ? first : first + " " + last;
  return name.empty() ? owner["email"].text() : name;
}

std::string escaped_html(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '&') out += "&amp;";
    else if (c == '<') out += "&lt;";
    else if (c == '>') out += "&gt;";
    else if (c == '"') out += "&quot;";
    else if (c == '\n') out += "<br>";
    else out += c;
  }
  return out;
}

}  // namespace baton::hubspot
