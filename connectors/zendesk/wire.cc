#include "connectors/zendesk/wire.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "connectors/sdk/html.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::zendesk {
namespace {

using nlohmann::json;
using sdk::dumped;

constexpr std::string_view kTickets = "/api/v2/tickets";

// A missing Accept can produce an unsupported-media-type error (fact sheet, section 1).
Headers json_headers() { return {{"accept", "application/json"}, {"content-type", "application/json"}}; }

std::string ticket_path(std::string_view ticket_id) {
  return std::string(kTickets) + "/" + percent_encode(ticket_id);
}

// `metadata` is kept in the audit as metadata.custom; that is where the look-up finds the id again.
void sign(json& ticket, const std::string& op_id) {
  auto& metadata = ticket["metadata"];
  if (!metadata.is_object()) metadata = json::object();
  metadata["baton_op_id"] = op_id;
}

// The privacy of a ticket's first comment is the default of later ones, so it is always said
// (section 3.2). What nobody called public is not.
void say_public(json& comment) {
  if (!comment.contains("public")) comment["public"] = false;
}

// A mapping may yield what stands inside "ticket", or the whole request body with it.
const json& inside(const json& document, const char* member) {
  return JsonView(document)[member].object() ? document[member] : document;
}

// Zendesk refuses comments above about 64 kB (section 5): the brief is on top, so the end goes.
void fit(json& comment) {
  constexpr std::size_t kLongest = 60'000;
  constexpr std::string_view kCutText = "\n[cut here: too long for a comment]";
  if (const auto html = JsonView(comment)["html_body"].text(); html.size() > kLongest)
    comment["html_body"] = sdk::cut_html(html, kLongest, "<p>[cut here: too long for a comment]</p>");
  if (const auto text = JsonView(comment)["body"].text(); text.size() > kLongest)
    comment["body"] = std::string(clip_utf8(text, kLongest - kCutText.size())) + std::string(kCutText);
}

Result<json> parsed(const Reply& reply, FailureKind kind, std::string_view what) {
  auto body = parse_json(reply.body, kind, what);
  if (body && !body->is_object()) return Failure(kind, std::string(what) + " is no object");
  return body;
}

std::optional<Failure> without_ticket(std::string_view ticket_id) {
  if (!ticket_id.empty()) return std::nullopt;
  return Failure(FailureKind::rejected, "no ticket to change: this delivery has no target");
}

std::int64_t items_of(JsonView reply, std::string_view list) { return std::ssize(items(reply[list])); }

// The oldest of two ids: Zendesk counts upwards.
bool is_older(const std::string& a, const std::string& b) {
  return a.size() != b.size() ? a.size() < b.size() : a < b;
}

// In a PUT they replace all that the ticket has, also what others have added since (section 10.7).
void leave_tags_alone(json& ticket) {
  if (ticket.is_object()) ticket.erase("tags");
}

sdk::Write post_ticket(json ticket, const std::string& external_id, const std::string& native_key) {
  say_public(ticket["comment"]);
  fit(ticket["comment"]);
  ticket["external_id"] = external_id;
  sign(ticket, external_id);
  auto headers = json_headers();
  headers["idempotency-key"] = native_key;
  return sdk::Write::post(std::string(kTickets), dumped({{"ticket", std::move(ticket)}}), std::move(headers));
}

// What an add_note document says: a ticket with a comment, or the comment alone.
json ticket_of_note(const json& document) {
  const auto& given = inside(document, "ticket");
  return JsonView(given)["comment"].object() ? given : json{{"comment", given}};
}

std::optional<std::int64_t> number_of(std::string_view ticket_id) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(ticket_id.data(), ticket_id.data() + ticket_id.size(), number);
  if (error != std::errc{} || end != ticket_id.data() + ticket_id.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<sdk::Write> create_ticket(const json& document, const std::string& external_id,
                                 const std::string& native_key) {
  auto ticket = inside(document, "ticket");
  if (!JsonView(ticket)["comment"].object()) {
    return Failure(FailureKind::rejected,
                   "the mapping open_ticket must yield a ticket with a comment object");
  }
  return post_ticket(std::move(ticket), external_id, native_key);
}

Result<sdk::Write> create_follow_up(std::string_view closed, const std::string& external_id,
                                    const std::string& native_key) {
  const auto number = number_of(closed);
  if (!number) return Failure(FailureKind::rejected, "Zendesk's tickets have numbers, and this one has none");
  json ticket = {{"via_followup_source_id", *number},
                 {"subject", "Follow-up of ticket #" + std::string(closed)},
                 {"tags", json::array({"baton"})}};
  ticket["comment"] = {
      {"body", "Ticket #" + std::string(closed) + " is closed: what is said about it stands here."}};
  return post_ticket(std::move(ticket), external_id, native_key);
}

Result<sdk::Write> add_comment(std::string_view ticket_id, const json& document, const std::string& op_id) {
  if (const auto failure = without_ticket(ticket_id)) return *failure;
  if (!document.is_object()) {
    return Failure(FailureKind::rejected, "the mapping add_note must yield a comment object");
  }
  auto ticket = ticket_of_note(document);
  say_public(ticket["comment"]);
  fit(ticket["comment"]);
  leave_tags_alone(ticket);
  sign(ticket, op_id);
  return sdk::Write::put(ticket_path(ticket_id), dumped({{"ticket", std::move(ticket)}}), json_headers());
}

Result<sdk::Write> change_status(std::string_view ticket_id, const json& document, std::string_view status,
                                 const std::string& op_id) {
  constexpr auto kStates =
      std::to_array<std::string_view>({"new", "open", "pending", "hold", "solved", "closed"});
  if (const auto failure = without_ticket(ticket_id)) return *failure;
  json ticket = document.is_object() ? inside(document, "ticket") : json{{"status", status}};
  if (std::ranges::find(kStates, JsonView(ticket)["status"].text()) == kStates.end()) {
    return Failure(FailureKind::rejected, "Zendesk knows no ticket status `" +
                                              JsonView(ticket)["status"].text() +
                                              "`: new, open, pending, hold, solved or closed");
  }
  leave_tags_alone(ticket);
  sign(ticket, op_id);
  return sdk::Write::put(ticket_path(ticket_id), dumped({{"ticket", std::move(ticket)}}), json_headers());
}

std::optional<sdk::Write> add_tags(std::string_view ticket_id, const json& document) {
  auto tags = json::array();
  for (const auto& tag : items(JsonView(inside(document, "ticket"))["tags"])) {
    if (const auto text = tag.text(); !text.empty()) tags.push_back(text);
  }
  if (tags.empty()) return std::nullopt;
  return sdk::Write::put(ticket_path(ticket_id) + "/tags", dumped({{"tags", std::move(tags)}}),
                         json_headers());
}

bool uses_api_token(const sdk::Settings& settings) {
  return settings["auth"].empty() && settings["client_id"].empty() && !settings["email"].empty();
}

sdk::Read find_ticket(std::string_view external_id) {
  return sdk::Read::get(std::string(kTickets) + "?external_id=" + percent_encode(external_id),
                        json_headers());
}

sdk::Read list_audits(std::string_view ticket_id) {
  return sdk::Read::get(ticket_path(ticket_id) + "/audits", json_headers());
}

sdk::Read find_user(std::string_view email) {
  return sdk::Read::get("/api/v2/users/search?query=" + percent_encode("email:" + std::string(email)),
                        json_headers());
}

sdk::Read find_user_by_id(std::string_view external_id) {
  return sdk::Read::get("/api/v2/users/search?external_id=" + percent_encode(external_id), json_headers());
}

// The sorting is not confirmed for this path (section 3.5): we ask for all that one page gives and sort
// again.
sdk::Read list_requested(std::string_view user_id) {
  return sdk::Read::get("/api/v2/users/" + percent_encode(user_id) +
                            "/tickets/requested?per_page=100&sort_by=updated_at&sort_order=desc",
                        json_headers());
}

sdk::Read show_ticket(std::string_view ticket_id) {
  return sdk::Read::get(ticket_path(ticket_id), json_headers());
}

sdk::Read show_user(std::string_view user_id) {
  return sdk::Read::get("/api/v2/users/" + percent_encode(user_id), json_headers());
}

sdk::Read show_me() { return sdk::Read::get("/api/v2/users/me", json_headers()); }

sdk::Read list_last_comments(std::string_view ticket_id) {
  return sdk::Read::get(ticket_path(ticket_id) + "/comments?sort=-created_at&page%5Bsize%5D=50&include=users",
                        json_headers());
}

sdk::Write upload_file(const sdk::File& file) {
  return sdk::Write::post("/api/v2/uploads?filename=" + percent_encode(file.name), file.bytes,
                          {{"accept", "application/json"}, {"content-type", file.type}});
}

Result<Receipt> read_upload(const Reply& reply) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Zendesk's answer to an upload");
  if (!body) return body.error();
  const auto token = JsonView(*body)["upload"]["token"].text();
  if (token.empty()) return Failure(FailureKind::ambiguous, "Zendesk answered an upload without its token");
  return Receipt(token);
}

nlohmann::json with_uploads(nlohmann::json document, const std::vector<std::string>& tokens) {
  auto* ticket = &document;
  if (JsonView(document)["ticket"].object()) ticket = &document["ticket"];
  if (tokens.empty() || !JsonView(*ticket)["comment"].object()) return document;
  auto& uploads = (*ticket)["comment"]["uploads"];
  if (!uploads.is_array()) uploads = nlohmann::json::array();
  for (const auto& token : tokens) uploads.push_back(token);
  return document;
}

nlohmann::json without_requester(nlohmann::json document) {
  auto& ticket = JsonView(document)["ticket"].object() ? document["ticket"] : document;
  for (const auto* member : {"requester", "requester_id"}) ticket.erase(member);
  return document;
}

std::string agent_link(std::string_view base_url, std::string_view ticket_id, std::string_view api_url) {
  if (base_url.empty() && api_url.starts_with("https://"))
    base_url = api_url.substr(0, api_url.find("/api/v2/"));
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  if (base_url.empty() || ticket_id.empty()) return {};
  return std::string(base_url) + "/agent/tickets/" + percent_encode(ticket_id);
}

std::string user_link(std::string_view base_url, std::string_view user_id) {
  while (base_url.ends_with('/')) base_url.remove_suffix(1);
  if (base_url.empty() || user_id.empty()) return {};
  return std::string(base_url) + "/agent/users/" + percent_encode(user_id);
}

Result<Receipt> read_ticket(const Reply& reply, std::string_view base_url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Zendesk's answer to a ticket");
  if (!body) return body.error();
  const auto ticket = JsonView(*body)["ticket"];
  const auto id = ticket["id"].id();
  if (!id) return Failure(FailureKind::ambiguous, "Zendesk answered a ticket without an id");
  return Receipt(*id, agent_link(base_url, *id, ticket["url"].text()));
}

Result<Receipt> read_comment(const Reply& reply, std::string_view ticket_id, std::string_view base_url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Zendesk's answer to a note");
  if (!body) return body.error();
  const auto url = agent_link(base_url, ticket_id, JsonView(*body)["ticket"]["url"].text());
  const auto audit = JsonView(*body)["audit"]["id"].id();
  if (audit) return Receipt(std::string(ticket_id) + "/audits/" + *audit, url);
  // The changed ticket without its audit is a yes as well.
  if (JsonView(*body)["ticket"]["id"].id() == ticket_id) return Receipt(std::string(ticket_id), url);
  return Failure(FailureKind::ambiguous, "Zendesk answered a note with neither its audit nor its ticket");
}

Result<sdk::Found> match_ticket(const Reply& reply, std::string_view external_id, std::string_view base_url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Zendesk's list of tickets");
  if (!body) return body.error();
  const auto tickets = JsonView(*body)["tickets"].list();
  if (!tickets) return Failure(FailureKind::ambiguous, "Zendesk's look-up by external_id carries no list");
  std::optional<JsonView> ours;
  for (const auto& ticket : *tickets) {
    const auto id = ticket["id"].id();
    if (!id || ticket["external_id"].missing())
      return Failure(FailureKind::ambiguous,
                     "Zendesk's look-up holds a ticket without its id or external_id");
    if (ticket["external_id"].text() != external_id) continue;
    if (!ours || is_older(*id, *(*ours)["id"].id())) ours = ticket;
  }
  if (!ours) return sdk::Found();
  const auto id = (*ours)["id"].id().value_or("");
  return sdk::Found(Receipt(id, agent_link(base_url, id, (*ours)["url"].text())));
}

Result<sdk::Found> match_audit(const Reply& reply, std::string_view ticket_id, std::string_view op_id,
                               std::string_view base_url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Zendesk's list of audits");
  if (!body) return body.error();
  const auto audits = JsonView(*body)["audits"].list();
  if (!audits) return Failure(FailureKind::ambiguous, "Zendesk's look-up in the audits carries no list");
  for (const auto& audit : *audits) {
    const auto id = audit["id"].id();
    if (!id)
      return Failure(FailureKind::ambiguous, "Zendesk's look-up in the audits holds one without an id");
    if (audit.at_path("metadata.custom.baton_op_id").text() == op_id) {
      return sdk::Found(Receipt(std::string(ticket_id) + "/audits/" + *id, agent_link(base_url, ticket_id)));
    }
  }
  return sdk::Found();
}

Result<std::optional<sdk::Read>> next_page(const sdk::Read& list, const Reply& reply) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Zendesk's list");
  if (!body) return body.error();
  const JsonView view(*body);
  const std::string path(path_of(list.request().target));
  const auto has_more = view.at_path("meta.has_more").boolean();
  auto link = view["next_page"].text();
  if (link.empty() && has_more.value_or(true)) link = view.at_path("links.next").text();
  if (const auto query = link.find('?'); query != std::string::npos)
    return std::optional(sdk::Read::get(path + link.substr(query), json_headers()));
  const auto cursor = view.at_path("meta.after_cursor").id().value_or("");
  if (has_more.value_or(false) && !cursor.empty()) {
    return std::optional(sdk::Read::get(
        path + "?page%5Bsize%5D=100&page%5Bafter%5D=" + percent_encode(cursor), json_headers()));
  }
  // Neither a link nor the end: a list that goes on cannot prove that something is not in it.
  const auto items = std::ranges::max(std::array{items_of(view, "audits"), items_of(view, "tickets")});
  const bool says_the_end = !view["next_page"].missing() || !view["previous_page"].text().empty() || has_more;
  const auto count = says_the_end ? 0 : view["count"].integer().value_or(0);
  if (!link.empty() || has_more.value_or(false) || count > items)
    return Failure(FailureKind::ambiguous, "Zendesk's list goes on without saying where");
  return std::optional<sdk::Read>();
}

bool is_open(std::string_view status) {
  constexpr auto kOpen = std::to_array<std::string_view>({"new", "open", "pending", "hold"});
  return std::ranges::find(kOpen, status) != kOpen.end();
}

}  // namespace baton::zendesk
