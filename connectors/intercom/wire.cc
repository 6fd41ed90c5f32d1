#include "connectors/intercom/wire.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "connectors/sdk/html.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::intercom {
namespace {

using nlohmann::json;
using sdk::dumped;

constexpr std::size_t kLongestBody = 20'000;  // no limit is documented; capped (section 8)
constexpr std::size_t kLongestTitle = 250, kLongestDescription = 4'000;  // of tickets (section 8)
// A request that is still under way at Intercom when its answer is lost may end.
constexpr auto kSettle = Duration{10s};
// Searches lag by a minute or two (section 4).
constexpr auto kIndexSettles = Duration{2min};
constexpr int kPerPage = 150;  // the most (section 3.7)

bool goes_on(char c) { return (c >= '0' && c <= '9') || c == '.'; }

// The brief is on top, so the end goes; the reference comes behind.
std::string fitted(std::string_view html, std::size_t room) {
  return sdk::cut_html(html, room, "<p>[cut here: too long for a note]</p>");
}

json file_json(const sdk::File& file) {
  return {{"content_type", file.type}, {"name", file.name}, {"data", to_base64(file.bytes)}};
}

Api::Query of_contact(const std::string& contact, std::string after = {}) {
  return {"contact_ids", "=", contact, kPerPage, std::move(after)};
}

// The read of the page after this one; none after the last.
Result<std::optional<sdk::Read>> next_page(const Api& api, const std::string& target,
                                           const std::string& contact, const Reply& reply) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's search");
  if (!body) return body.error();
  const auto pages = JsonView(*body)["pages"];
  const auto next = pages["next"];
  if (!next.object()) {
    if (pages.object() && (next.missing() || next.null())) return std::optional<sdk::Read>();
    return Failure(FailureKind::ambiguous, "Intercom's search does not say whether it goes on");
  }
  const auto after = next["starting_after"].text();
  if (after.empty()) return Failure(FailureKind::ambiguous, "Intercom's search goes on without saying where");
  return std::optional(api.search(target, of_contact(contact, std::string(after))));
}

// Of several the first: Intercom's ids count upwards, and a second one should not be.
template <class Holds>
Result<sdk::Found> match_in(const Reply& reply, const char* list_name, const Holds& holds, bool tickets,
                            const sdk::Settings& settings) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's search");
  if (!body) return body.error();
  const auto list = JsonView(*body)[list_name].list();
  if (!list)
    return Failure(FailureKind::ambiguous, std::string("Intercom's search carries no list of ") + list_name);
  for (const auto& one : *list) {
    const auto id = one["id"].id();
    if (!id) return Failure(FailureKind::ambiguous, "Intercom's search holds something without an id");
    const auto held = holds(one);
    if (!held) return held.error();
    const Target target{tickets, *id};
    if (*held) return sdk::Found(Receipt(target.object_id(), link_of(settings, target)));
  }
  return sdk::Found();
}

bool is_customer(JsonView author) {
  const auto type = author["type"].text();
  return type == "user" || type == "lead" || type == "contact";
}

Result<Receipt> receipt_of(JsonView part, const std::string& url) {
  const auto id = part["id"].id();
  if (!id) return Failure(FailureKind::ambiguous, "Intercom answered a part without its id");
  return Receipt(*id, url);
}

}  // namespace

Api::Api(const sdk::Settings& settings)
    : headers_({{"accept", "application/json"},
                {"content-type", "application/json"},
                {"intercom-version", std::string(settings["version"])}}),
      admin_(settings["admin_id"]) {}

// Written as text: a tree of JSON for it costs more than the rest of the request.
sdk::Read Api::search(std::string target, const Query& query) const {
  const auto after = query.after.empty() ? "" : fmt::format(R"(,"starting_after":{})", dumped(query.after));
  auto body = fmt::format(
      R"({{"pagination":{{"per_page":{}{}}},"query":{{"field":"{}","operator":"{}","value":{}}}}})",
      query.per_page, after, query.field, query.comparison, dumped(query.value));
  return sdk::Read::search(std::move(target), std::move(body), headers_);
}
sdk::Write Api::post(std::string target, const json& body) const {
  return sdk::Write::post(std::move(target), dumped(body), headers_);
}
sdk::Write Api::put(std::string target, const json& body) const {
  return sdk::Write::put(std::move(target), dumped(body), headers_);
}

Target Target::from(std::string_view object_id) {
  constexpr std::string_view kPrefix = "ticket:";
  if (object_id.starts_with(kPrefix)) return {true, std::string(object_id.substr(kPrefix.size()))};
  return {false, std::string(object_id)};
}

std::string Target::path(std::string_view more) const {
  return (is_ticket ? "/tickets/" : "/conversations/") + percent_encode(id) + std::string(more);
}

std::string link_of(const sdk::Settings& settings, const Target& target) {
  const auto app = settings["app_id"];
  if (app.empty() || target.id.empty()) return {};
  const auto base = settings["base_url"];
  const std::string_view region = base.find("api.eu.") != std::string_view::npos   ? "eu."
                                  : base.find("api.au.") != std::string_view::npos ? "au."
                                                                                   : "";
  return "https://app." + std::string(region) + "intercom.com/a/inbox/" + percent_encode(app) +
         "/inbox/conversation/" + percent_encode(target.id);
}

std::string reference(std::string_view external_id) { return "Baton ref " + std::string(external_id); }

bool refers_to(std::string_view text, std::string_view external_id) {
  const auto wanted = reference(external_id);
  for (auto at = text.find(wanted); at != std::string_view::npos; at = text.find(wanted, at + 1)) {
    const auto behind = text.substr(at + wanted.size());
    if (behind.empty() || !goes_on(behind[0])) return true;
  }
  return false;
}

std::string handoff_opened_in(std::string_view text) {
  constexpr std::string_view kBefore = "Baton ref ", kPlace = "/open_ticket/";
  const auto at = text.rfind(kBefore);
  if (at == std::string_view::npos) return {};
  const auto rest = text.substr(at + kBefore.size());
  const auto named = rest.substr(0, rest.find_first_of("< \t\r\n"));
  if (!named.starts_with("hof_") || named.find(kPlace) == std::string_view::npos) return {};
  if (!plain_of(rest.substr(named.size())).empty()) return {};
  return std::string(named.substr(0, named.find('/')));
}

std::optional<sdk::File> cut_to_fit(const sdk::File& file) {
  if (file.bytes.size() <= kLargestFile) return file;
  if (!file.type.starts_with("text/")) return std::nullopt;
  constexpr std::string_view kMark =
      "[the beginning is left out: the file would be too large for Intercom]\n";
  auto newest = std::string_view(file.bytes).substr(file.bytes.size() - (kLargestFile - kMark.size()));
  const auto line = newest.find('\n');
  if (line != std::string_view::npos && line + 1 < newest.size()) newest.remove_prefix(line + 1);
  while (!newest.empty() && (static_cast<unsigned char>(newest[0]) & 0xC0) == 0x80) newest.remove_prefix(1);
  return sdk::File(file.name, file.type, std::string(kMark) + std::string(newest));
}

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      case '\n': html += "<br>"; break;
      case '\r': break;
      default: html += c;
    }
  }
  return html;
}

std::string plain_of(std::string_view html, std::size_t at_most) {
  constexpr auto kEntities = std::to_array<std::pair<std::string_view, char>>(
      {{"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&#39;", '\''}, {"&nbsp;", ' '}, {"&amp;", '&'}});
  std::string text;
  const auto blank = [&text] {
    if (!text.empty() && text.back() != ' ') text += ' ';
  };
  for (std::size_t i = 0; i < html.size() && text.size() < at_most;) {
    const auto rest = html.substr(i);
    if (rest[0] == '<') {
      const auto end = rest.find('>');
      blank();
      i += end == std::string_view::npos ? rest.size() : end + 1;
      continue;
    }
    const auto* entity =
        rest[0] != '&'
            ? kEntities.end()
            : std::ranges::find_if(kEntities, [&](const auto& e) { return rest.starts_with(e.first); });
    const char c = entity == kEntities.end() ? rest[0] : entity->second;
    i += entity == kEntities.end() ? 1 : entity->first.size();
    if (c == ' ' || c == '\n' || c == '\t' || c == '\r') blank();
    else text += c;
  }
  return std::string(trim(text));
}

std::string time_of(JsonView unix_seconds) {
  const auto seconds = unix_seconds.integer();
  constexpr std::int64_t kLast = 253'402'300'799;  // the year 9999
  if (!seconds || *seconds <= 0 || *seconds > kLast) return {};
  return to_rfc3339(TimePoint(std::chrono::seconds(*seconds)));
}

Result<json> parsed(const Reply& reply, FailureKind kind, std::string_view what) {
  auto body = parse_json(reply.body, kind, what);
  if (body && !body->is_object()) return Failure(kind, std::string(what) + " is no object");
  return body;
}

std::optional<std::vector<JsonView>> parts_of(JsonView document) {
  const auto of_conversation = document.at_path("conversation_parts.conversation_parts").list();
  return of_conversation ? of_conversation : document.at_path("ticket_parts.ticket_parts").list();
}

// --- writes

// Plain text only, and the customer sees it: no brief, no data of ours (section 3.2).
sdk::Write start_conversation(const Api& api, const std::string& contact, std::string_view text,
                              const std::string& external_id) {
  const auto body = std::string(clip_utf8(text, kLongestDescription)) + "\n\n" + reference(external_id);
  return api.post("/conversations", {{"from", {{"type", "contact"}, {"id", contact}}}, {"body", body}});
}

namespace {

// The reference stands at the end of the description, which every ticket type has (section 3.6).
json default_attributes(const json& document, const std::string& external_id) {
  const auto given = JsonView(document)["ticket_attributes"];
  const auto mark = "\n\n" + reference(external_id);
  const auto title = given["_default_title_"].text("Conversation needs a person");
  const auto text = given["_default_description_"].text();
  return {{"_default_title_", clip_utf8(title, kLongestTitle)},
          {"_default_description_", std::string(clip_utf8(text, kLongestDescription - mark.size())) + mark}};
}

}  // namespace

// An attribute for the reference is one more place, where somebody made it.
sdk::Write create_ticket(const Api& api, const json& document, const std::string& contact,
                         const sdk::Settings& settings, const std::string& external_id) {
  auto body = document.is_object() ? document : json::object();
  auto& attributes = body["ticket_attributes"];
  if (!attributes.is_object()) attributes = json::object();
  attributes.update(default_attributes(document, external_id));
  if (const auto name = settings["handoff_attribute"]; !name.empty())
    attributes[std::string(name)] = external_id;
  body["ticket_type_id"] = settings["ticket_type_id"];
  body["contacts"] = json::array({{{"id", contact}}});
  if (const auto team = settings["team_id"]; !team.empty()) body["assignment"]["team_assignee_id"] = team;
  if (!body.contains("skip_notifications")) body["skip_notifications"] = true;
  return api.post("/tickets", body);
}

sdk::Write create_plain_ticket(const Api& api, const json& document, const std::string& contact,
                               const sdk::Settings& settings, const std::string& external_id) {
  const auto quiet = JsonView(document)["skip_notifications"].boolean().value_or(true);
  return api.post("/tickets", {{"ticket_type_id", settings["ticket_type_id"]},
                               {"contacts", json::array({{{"id", contact}}})},
                               {"ticket_attributes", default_attributes(document, external_id)},
                               {"skip_notifications", quiet}});
}

sdk::Write write_note(const Api& api, const Target& target, std::string_view html,
                      const std::string& external_id, const sdk::File* file) {
  const auto mark = "<p>" + escaped(reference(external_id)) + "</p>";
  json body = {{"message_type", "note"},
               {"type", "admin"},
               {"admin_id", api.admin()},
               {"body", fitted(html, kLongestBody - mark.size()) + mark}};
  if (file) body["attachment_files"] = json::array({file_json(*file)});
  return api.post(target.path("/reply"), body);
}

sdk::Write write_comment(const Api& api, const Target& target, const std::string& html) {
  return api.post(
      target.path("/reply"),
      {{"message_type", "comment"}, {"type", "admin"}, {"admin_id", api.admin()}, {"body", html}});
}

sdk::Write assign(const Api& api, const std::string& conversation, const char* type,
                  std::string_view assignee) {
  return api.post(
      Target::conversation(conversation).path("/parts"),
      {{"message_type", "assignment"}, {"type", type}, {"admin_id", api.admin()}, {"assignee_id", assignee}});
}

sdk::Write open_or_close(const Api& api, const std::string& conversation, bool open) {
  json body = {{"message_type", open ? "open" : "close"}, {"admin_id", api.admin()}};
  if (!open) body["type"] = "admin";
  return api.post(Target::conversation(conversation).path("/parts"), body);
}

sdk::Write update_ticket(const Api& api, const Target& target, json changes) {
  // A number here, and text everywhere else (section 3.6).
  const auto& admin = api.admin();
  const bool counts = !admin.empty() && admin.size() <= 18 &&
                      std::ranges::all_of(admin, [](char c) { return c >= '0' && c <= '9'; });
  if (counts) changes["admin_id"] = std::stoll(admin);
  return api.put(target.path(), changes);
}

// --- answers

// `id` is the message's; the conversation's is another (section 3.2).
Result<Receipt> read_conversation_id(const Reply& reply, const sdk::Settings& settings) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's answer to a conversation");
  if (!body) return body.error();
  const auto id = JsonView(*body)["conversation_id"].id();
  if (!id || id->empty())
    return Failure(FailureKind::ambiguous, "Intercom answered without a conversation_id");
  return Receipt(*id, link_of(settings, Target::conversation(*id)));
}

Result<Receipt> read_ticket_id(const Reply& reply, const sdk::Settings& settings) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's answer to a ticket");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].id();
  if (!id || id->empty() || JsonView(*body)["type"].text() != "ticket")
    return Failure(FailureKind::ambiguous, "Intercom answered a ticket without its id");
  const Target target{true, *id};  // never ticket_id, the number that people see (section 3.6)
  return Receipt(target.object_id(), link_of(settings, target));
}

Result<Receipt> read_target(const Reply& reply, const Target& target, const std::string& url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's answer to a change");
  if (!body) return body.error();
  if (JsonView(*body)["id"].id() != target.id)
    return Failure(FailureKind::ambiguous,
                   "Intercom answered a change with something else than what was changed");
  return Receipt(target.object_id(), url);
}

// A conversation answers whole, a ticket with the part alone.
Result<Receipt> read_note(const Reply& reply, const std::string& external_id, const std::string& url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's answer to a note");
  if (!body) return body.error();
  const JsonView view(*body);
  if (refers_to(view["body"].text(), external_id)) return receipt_of(view, url);
  for (const auto& part : parts_of(view).value_or(std::vector<JsonView>())) {
    if (refers_to(part["body"].text(), external_id)) return receipt_of(part, url);
  }
  return Failure(FailureKind::ambiguous, "Intercom's answer to a note does not show it");
}

Result<Receipt> read_comment(const Reply& reply, const std::string& html, const std::string& admin,
                             const std::string& url) {
  const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's answer to a message");
  if (!body) return body.error();
  auto parts = parts_of(*body);
  if (!parts) return Failure(FailureKind::ambiguous, "Intercom's answer to a message carries no parts");
  std::ranges::reverse(*parts);
  for (const auto& part : *parts) {
    if (part.at_path("author.id").id() == admin && plain_of(part["body"].text()) == plain_of(html))
      return receipt_of(part, url);
  }
  return Failure(FailureKind::ambiguous, "Intercom's answer to a message does not show it");
}

// --- look-ups

sdk::Lookup find_conversation(const Api& api, const std::string& contact, const std::string& external_id,
                              const sdk::Settings& settings) {
  const std::string target = "/conversations/search";
  const auto holds = [external_id](JsonView one) -> Result<bool> {
    const auto source = one["source"];
    if (!source.object() || (!source["body"].string() && !source["body"].null()))
      return Failure(FailureKind::ambiguous,
                     "Intercom's search holds a conversation without its first message");
    return refers_to(source["body"].text(), external_id);
  };
  return sdk::Lookup(
      api.search(target, of_contact(contact)),
      [holds, settings](const Reply& reply) {
        return match_in(reply, "conversations", holds, false, settings);
      },
      kIndexSettles,
      [api, target, contact](const Reply& reply) { return next_page(api, target, contact, reply); });
}

sdk::Lookup find_ticket(const Api& api, const std::string& contact, const std::string& external_id,
                        const sdk::Settings& settings) {
  const std::string target = "/tickets/search";
  const auto holds = [external_id](JsonView one) -> Result<bool> {
    const auto attributes = one["ticket_attributes"];
    if (!attributes.object())
      return Failure(FailureKind::ambiguous, "Intercom's search holds a ticket without its attributes");
    return refers_to(attributes["_default_description_"].text(), external_id);
  };
  return sdk::Lookup(
      api.search(target, of_contact(contact)),
      [holds, settings](const Reply& reply) { return match_in(reply, "tickets", holds, true, settings); },
      kIndexSettles,
      [api, target, contact](const Reply& reply) { return next_page(api, target, contact, reply); });
}

sdk::Lookup find_note(const Api& api, const Target& target, const std::string& external_id,
                      const std::string& url) {
  return sdk::Lookup(
      api.get(target.path()),
      [external_id, url](const Reply& reply) -> Result<sdk::Found> {
        const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's conversation");
        if (!body) return body.error();
        const auto parts = parts_of(*body);
        if (!parts) return Failure(FailureKind::ambiguous, "Intercom's conversation carries no parts");
        for (const auto& part : *parts) {
          if (!part["id"].id())
            return Failure(FailureKind::ambiguous, "Intercom shows a part without its id");
          if (refers_to(part["body"].text(), external_id)) return sdk::Found(Receipt(*part["id"].id(), url));
        }
        return sdk::Found();
      },
      kSettle);
}

sdk::Lookup find_comment(const Api& api, const Target& target, const std::string& html,
                         const std::string& url) {
  return sdk::Lookup(
      api.get(target.path()),
      [words = plain_of(html), admin = api.admin(), url](const Reply& reply) -> Result<sdk::Found> {
        const auto body = parsed(reply, FailureKind::ambiguous, "Intercom's conversation");
        if (!body) return body.error();
        const auto parts = parts_of(*body);
        if (!parts) return Failure(FailureKind::ambiguous, "Intercom's conversation carries no parts");
        sdk::Found found;
        for (const auto& part : *parts) {
          const auto id = part["id"].id();
          if (!id) return Failure(FailureKind::ambiguous, "Intercom shows a part without its id");
          if (is_customer(part["author"]) && part["body"].string()) found.reset();
          if (part.at_path("author.id").id() == admin && plain_of(part["body"].text()) == words)
            found = Receipt(*id, url);
        }
        return found;
      },
      kSettle);
}

}  // namespace baton::intercom
