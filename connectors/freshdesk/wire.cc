#include "connectors/freshdesk/wire.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "connectors/freshdesk/multipart.h"
#include "connectors/sdk/html.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::freshdesk {
namespace {

using nlohmann::json;
using sdk::dumped;

constexpr std::string_view kTickets = "/api/v2/tickets";
constexpr std::string_view kRef = "Baton ref ";
constexpr std::size_t kLongestTag = 32;  // as far as we know (section 4)

Headers json_headers() { return {{"accept", "application/json"}, {"content-type", "application/json"}}; }

std::string ticket_path(std::string_view ticket_id, std::string_view more = {}) {
  return std::string(kTickets) + "/" + percent_encode(ticket_id) + std::string(more);
}

std::string handoff_of(std::string_view external_id) {
  return std::string(external_id.substr(0, external_id.find('/')));
}

std::optional<Failure> without_ticket(std::string_view ticket_id) {
  if (!ticket_id.empty()) return std::nullopt;
  return Failure(FailureKind::rejected, "no ticket to change: this delivery has no target");
}

// A ticket has a requester whose tickets can be listed: else a lost reply could not be looked up. Where the
// mapping names nobody, or an address that is none, the customer's own id is the requester's external id, and
// where there is none either the handoff's: the field belongs to the contact, not to the ticket (section
// 10.2).
void name_requester(json& ticket, const std::string& customer, const Mark& mark) {
  const JsonView view(ticket);
  if (view["requester_id"].integer()) return;
  if (plain_email(view["email"].text())) return;
  ticket.erase("email");
  if (JsonView(ticket)["unique_external_id"].text().empty())
    ticket["unique_external_id"] = customer.empty() ? handoff_of(mark.id) : customer;
  if (JsonView(ticket)["name"].text().empty()) ticket["name"] = "Visitor";
}

// Short lower-case words (section 8): a comma parts two tags and costs the whole ticket. Letters beyond ASCII
// stay as they are.
std::string tag_of(std::string_view text) {
  std::string tag;
  for (const char c : to_lower(trim(text))) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                       static_cast<unsigned char>(c) >= 0x80;
    if (plain) tag += c;
    else if (!tag.ends_with('_')) tag += '_';
  }
  tag = clip_utf8(to_valid_utf8(tag), kLongestTag);
  while (tag.ends_with('_')) tag.pop_back();
  return tag;
}

void add_tag(json& tags, const std::string& tag) {
  if (!tag.empty() && std::find(tags.begin(), tags.end(), tag) == tags.end()) tags.push_back(tag);
}

// What the mapping says, and what makes the ticket ours.
json tags_of(JsonView given, const Mark& mark) {
  auto tags = json::array();
  for (const auto& one : items(given)) add_tag(tags, tag_of(one.id().value_or("")));
  add_tag(tags, "baton");
  add_tag(tags, mark.tag);
  return tags;
}

// No limit is documented; the sheet's cap (section 8). The brief is on top, so the end goes.
std::string fitted(const std::string& html) {
  constexpr std::size_t kMostText = 59'000;
  return sdk::cut_html(html, kMostText, "<p>[cut here: too long for a note]</p>");
}

std::string with_footer(const std::string& html, const std::string& ref) {
  return fitted(html) + "<p><i>" + std::string(kRef) + ref + "</i></p>";
}

// Whether the text bears this very reference: ".../1" is not ".../12", nor ".../1/transcript".
bool bears(std::string_view text, std::string_view ref) {
  const auto wanted = std::string(kRef) + std::string(ref);
  for (auto at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    const auto end = at + wanted.size();
    if (end == text.size()) return true;
    const char c = text[end];
    const bool goes_on = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '/' || c == '_' || c == '-';
    if (!goes_on) return true;
  }
  return false;
}

bool is_older(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// The tickets of a list, which is an array, or of a search, which is {"total", "results"}.
Result<std::vector<JsonView>> tickets_in(JsonView body) {
  auto list = body.list() ? body.list() : body["results"].list();
  if (!list) return Failure(FailureKind::ambiguous, "Freshdesk's look-up of a ticket carries no list");
  if (const auto total = body["total"].integer(); !body.list() && (!total || *total > std::ssize(*list))) {
    return Failure(FailureKind::ambiguous, "Freshdesk's search shows fewer tickets than it found");
  }
  return std::move(*list);
}

// Whether it is ours; a Failure if it does not show what it would have to show.
Result<bool> is_ours(JsonView ticket, const Mark& mark) {
  if (mark.tag.empty()) {
    const auto fields = ticket["custom_fields"];
    if (!fields.object())
      return Failure(FailureKind::ambiguous, "Freshdesk's look-up holds a ticket without its fields");
    return fields[mark.field].text() == mark.id;
  }
  const auto tags = ticket["tags"].list();
  if (!tags) return Failure(FailureKind::ambiguous, "Freshdesk's look-up holds a ticket without its tags");
  return std::ranges::any_of(*tags, [&](JsonView tag) { return tag.text() == mark.tag; });
}

sdk::Read search_for(const Mark& mark) {
  const auto what = mark.tag.empty() ? mark.field + ":'" + mark.id + "'" : "tag:'" + mark.tag + "'";
  return sdk::Read::get("/api/v2/search/tickets?query=" + percent_encode("\"" + what + "\""), json_headers());
}

}  // namespace

Headers accept_json() { return {{"accept", "application/json"}}; }

Mark field_mark(const sdk::Order& order) {
  Mark mark;
  mark.field = std::string(order.settings["handoff_field"]);
  mark.id = order.external_id;
  return mark;
}

// The digits of the handoff's id, without its prefix, are as long as a tag may be.
Mark tag_mark(const sdk::Order& order) {
  auto mark = field_mark(order);
  const auto handoff = handoff_of(order.external_id);
  const auto digits = handoff.find('_');
  mark.tag =
      clip_utf8(std::string_view(handoff).substr(digits == std::string::npos ? 0 : digits + 1), kLongestTag);
  return mark;
}

Result<json> ticket_of(const json& document, const Mark& mark) {
  constexpr std::size_t kLongestSubject = 255;
  auto ticket = JsonView(document)["ticket"].object() ? document["ticket"] : document;
  const auto customer = JsonView(document)["customer_id"].id().value_or("");
  const JsonView view(ticket);
  if (!view.object() || view["subject"].text().empty() || view["description"].text().empty()) {
    return Failure(FailureKind::rejected,
                   "the mapping open_ticket must yield {ticket: {subject, description, ...}, note: {body}}");
  }
  for (const auto* beside : {"note", "customer_id"}) ticket.erase(beside);
  ticket["subject"] = clip_utf8(view["subject"].text(), kLongestSubject);
  if (!JsonView(ticket)["status"].integer()) ticket["status"] = 2;
  if (!JsonView(ticket)["priority"].integer()) ticket["priority"] = 2;
  name_requester(ticket, customer, mark);
  ticket["tags"] = tags_of(JsonView(ticket)["tags"], mark);
  auto& fields = ticket["custom_fields"];
  if (mark.tag.empty()) {
    if (!fields.is_object()) fields = json::object();
    fields[mark.field] = mark.id;
  } else {
    ticket.erase("custom_fields");
  }
  return ticket;
}

json without(json document, const char* field) {
  auto& ticket = JsonView(document)["ticket"].object() ? document["ticket"] : document;
  ticket.erase(field);
  return document;
}

std::string brief_of(const json& document) { return JsonView(document).at_path("note.body").text(); }

sdk::Write create_ticket(const json& ticket) {
  return sdk::Write::post(std::string(kTickets), dumped(ticket), json_headers());
}

Result<sdk::Write> add_note(std::string_view ticket_id, const std::string& html, const std::string& ref) {
  if (const auto failure = without_ticket(ticket_id)) return *failure;
  if (html.empty()) return Failure(FailureKind::rejected, "the mapping add_note must yield {body: html}");
  return sdk::Write::post(ticket_path(ticket_id, "/notes"),
                          dumped({{"body", with_footer(html, ref)}, {"private", true}}), json_headers());
}

Result<sdk::Write> attach(std::string_view ticket_id, const sdk::File& file, const std::string& ref) {
  if (const auto failure = without_ticket(ticket_id)) return *failure;
  Form form;
  form.add("body", with_footer("<p>The whole conversation.</p>", ref));
  form.add("private", "true");
  form.add_file("attachments[]", file.name, file.type, newest_of(file.bytes));
  Headers headers = {{"accept", "application/json"}, {"content-type", form.content_type()}};
  return sdk::Write::post(ticket_path(ticket_id, "/notes"), form.body(), std::move(headers));
}

Result<sdk::Write> change_status(std::string_view ticket_id, const json& document, std::string_view status,
                                 const sdk::Settings& settings) {
  if (const auto failure = without_ticket(ticket_id)) return *failure;
  json ticket = document.is_object() ? document : json::object();
  if (JsonView(ticket)["ticket"].object()) ticket = json(ticket["ticket"]);
  // In a PUT they replace all that the ticket has (section 3.4), also `baton`, by which the automations know
  // it.
  ticket.erase("tags");
  if (!JsonView(ticket)["status"].integer()) {
    const auto number = settings["status_" + std::string(status)];
    const bool whole = !number.empty() && number.size() < 10 &&
                       number.find_first_not_of("0123456789") == std::string_view::npos;
    if (!whole) {
      return Failure(FailureKind::rejected,
                     "no Freshdesk status for `" + std::string(status) +
                         "`: it is open, pending or solved, and the settings status_... are numbers");
    }
    ticket["status"] = std::stol(std::string(number));
  }
  return sdk::Write::put(ticket_path(ticket_id), dumped(ticket), json_headers());
}

sdk::Read list_requested(const json& ticket) {
  const JsonView view(ticket);
  std::string who;
  if (const auto id = view["requester_id"].id()) who = "requester_id=" + *id;
  else if (const auto email = view["email"].text(); !email.empty()) who = "email=" + percent_encode(email);
  else who = "unique_external_id=" + percent_encode(view["unique_external_id"].text());
  return sdk::Read::get(
      std::string(kTickets) + "?" + who + "&order_by=created_at&order_type=desc&per_page=100",
      json_headers());
}

bool knows_no_requester(const Reply& reply) {
  if (reply.status != 400) return false;
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Freshdesk's refusal of a list");
  if (!body) return false;
  const auto errors = items(JsonView(*body)["errors"]);
  return !errors.empty() && std::ranges::all_of(errors, [](JsonView one) {
    return to_lower(one["message"].text()).find("no contact matching") != std::string::npos;
  });
}

sdk::Read list_conversations(std::string_view ticket_id) {
  return sdk::Read::get(ticket_path(ticket_id, "/conversations?per_page=100"), json_headers());
}

sdk::Read show_ticket(std::string_view ticket_id) {
  return sdk::Read::get(ticket_path(ticket_id, "?include=stats"), json_headers());
}

std::string agent_link(std::string_view base_url, std::string_view ticket_id) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  if (base_url.empty() || ticket_id.empty()) return {};
  return std::string(base_url) + "/a/tickets/" + percent_encode(ticket_id);
}

Result<Receipt> read_ticket(const Reply& reply, std::string_view base_url) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Freshdesk's answer to a ticket");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].id();
  if (!id || id->empty()) return Failure(FailureKind::ambiguous, "Freshdesk answered a ticket without an id");
  return Receipt(*id, agent_link(base_url, *id));
}

Result<Receipt> read_note(const Reply& reply, std::string_view ticket_id, std::string_view base_url) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Freshdesk's answer to a note");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].id();
  if (!id || id->empty()) return Failure(FailureKind::ambiguous, "Freshdesk answered a note without an id");
  return Receipt(std::string(ticket_id) + "/conversations/" + *id, agent_link(base_url, ticket_id));
}

Result<sdk::Found> match_ticket(const Reply& reply, const Mark& mark, std::string_view base_url) {
  if (knows_no_requester(reply)) return sdk::Found();
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Freshdesk's list of tickets");
  if (!body) return body.error();
  const auto tickets = tickets_in(*body);
  if (!tickets) return tickets.error();
  std::string oldest;
  for (const auto& ticket : *tickets) {
    const auto id = ticket["id"].id();
    if (!id || id->empty())
      return Failure(FailureKind::ambiguous, "Freshdesk's look-up holds a ticket without its id");
    const auto ours = is_ours(ticket, mark);
    if (!ours) return ours.error();
    if (*ours && (oldest.empty() || is_older(*id, oldest))) oldest = *id;
  }
  if (oldest.empty()) return sdk::Found();
  return sdk::Found(Receipt(oldest, agent_link(base_url, oldest)));
}

Result<std::optional<sdk::Read>> after_tickets(const sdk::Read& list, const Reply& reply, const Mark& mark) {
  if (knows_no_requester(reply)) return std::optional(search_for(mark));
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Freshdesk's list of tickets");
  if (!body) return body.error();
  if (!body->is_array()) return std::optional<sdk::Read>();  // that was the search
  const auto page = next_page(list, reply);
  if (!page || *page) return page;
  return std::optional(search_for(mark));
}

bool bears_footer(std::string_view html) { return html.find("<i>" + std::string(kRef)) != html.npos; }

Result<sdk::Found> match_note(const Reply& reply, std::string_view ticket_id, std::string_view ref,
                              std::string_view base_url) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "Freshdesk's list of conversations");
  if (!body) return body.error();
  const auto notes = JsonView(*body).list();
  if (!notes) return Failure(FailureKind::ambiguous, "Freshdesk's look-up of a note carries no list");
  for (const auto& note : *notes) {
    const auto id = note["id"].id();
    const auto html = note["body"].string();
    if (!id || !html)
      return Failure(FailureKind::ambiguous, "Freshdesk's look-up holds a note without id or body");
    // What the customer writes is no note of ours, whatever it says.
    if (note["private"].boolean() != true || note["incoming"].boolean() == true) continue;
    if (!bears(*html, ref)) continue;
    return sdk::Found(
        Receipt(std::string(ticket_id) + "/conversations/" + *id, agent_link(base_url, ticket_id)));
  }
  return sdk::Found();
}

Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply) {
  for (const auto part : split(header(reply.headers, "link"), ',')) {
    if (part.find("rel=\"next\"") == std::string_view::npos &&
        part.find("rel=next") == std::string_view::npos)
      continue;
    const auto query = part.find('?'), end = part.find('>');
    if (query == std::string_view::npos || end == std::string_view::npos || end < query) {
      return Failure(FailureKind::ambiguous, "Freshdesk's list goes on without saying where");
    }
    const std::string path(path_of(list.request().target));
    return std::optional(sdk::Read::get(path + std::string(part.substr(query, end - query)), json_headers()));
  }
  return std::optional<sdk::Read>();
}

bool plain_email(std::string_view email) {
  constexpr std::string_view kNever = " \t\r\n\"()<>:;,\\*";  // an apostrophe may: o'brien@example.com
  const auto at = email.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < email.size() && email.size() <= 254 &&
         email.find('@', at + 1) == std::string_view::npos &&
         email.find_first_of(kNever) == std::string_view::npos;
}

}  // namespace baton::freshdesk
