#include "connectors/salesforce/wire.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "connectors/salesforce/soql.h"
#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::salesforce {
namespace {

using nlohmann::json;
using sdk::dumped;
using enum FailureKind;

constexpr std::size_t kLongestKey = 64;
constexpr std::size_t kLongestComment = 4000;  // bytes, not characters (section 3.5)
constexpr std::size_t kMostComments = 10;      // of one note

struct Length {
  std::string_view field;
  std::size_t most;
};
// Section 3.4. Characters there; bytes are never fewer.
constexpr auto kLengths = std::to_array<Length>({
    {"Subject", 255},
    {"Description", 32'000},
    {"Comments", 4'000},
    {"SuppliedName", 80},
    {"SuppliedCompany", 80},
    {"SuppliedPhone", 40},
});

Headers json_headers() { return {{"content-type", "application/json"}}; }

Result<json> parsed(const Reply& reply, FailureKind kind, std::string_view what) {
  auto body = parse_json(reply.body, kind, what);
  if (body && !body->is_object()) return Failure(kind, std::string(what) + " is no object");
  return body;
}

// As far as Salesforce's own check would surely take it; a ticket must not fail for its customer's typo.
bool is_address(std::string_view email) {
  const auto at = email.find('@');
  constexpr std::string_view kPlain = ".!#$%&*+-/=?^_{|}~@";
  return email.size() <= kLongestEmail && at != std::string_view::npos && at > 0 &&
         email.find('.', at) != std::string_view::npos && !email.ends_with('.') && email.rfind('@') == at &&
         std::ranges::all_of(email, [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  kPlain.find(c) != std::string_view::npos;
         });
}

// FNV-1a: tells keys apart that would have to be cut.
std::string digest(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return fmt::format("{:016x}", hash);
}

std::string reference(std::string_view external_id) { return "Ref: " + std::string(external_id); }

// As a line of its own, wherever people or flows added something around it.
bool refers_to(std::string_view comment, std::string_view wanted) {
  const auto lines = split(comment, '\n');
  return std::ranges::any_of(lines, [wanted](auto line) { return trim(line) == wanted; });
}

}  // namespace

Paths::Paths(const sdk::Settings& settings)
    : base_url_(settings["base_url"]), data_("/services/data/" + percent_encode(settings["version"])),
      key_field_(settings["key_field"]), assign_(settings["assignment_rule"] != "off") {}

std::string Paths::query_url(std::string_view encoded) const {
  return data_ + "/query?q=" + std::string(encoded);
}

sdk::Read Paths::query(std::string_view soql) const {
  return sdk::Read::get(query_url(percent_encode(soql)));
}

sdk::Read Paths::query_all(std::string_view soql) const {
  return sdk::Read::get(data_ + "/queryAll?q=" + percent_encode(soql));
}

sdk::Read Paths::comments(std::string_view case_id) const {
  const auto soql = "SELECT Id, CommentBody FROM CaseComment WHERE ParentId = '" + std::string(case_id) +
                    "' ORDER BY CreatedDate DESC";
  return sdk::Read::get(query_url(percent_encode(soql)), {{"sforce-query-options", "batchSize=200"}});
}

bool Paths::is_page(std::string_view path) const {
  return path.starts_with("/services/data/v") && path.find("/query/") != std::string_view::npos &&
         path.find("..") == std::string_view::npos;
}

sdk::Read Paths::page(std::string_view path) const {
  return sdk::Read::get(std::string(path), {{"sforce-query-options", "batchSize=200"}});
}

sdk::Read Paths::composite(const json& parts) const {
  const json body = {{"allOrNone", false}, {"collateSubrequests", false}, {"compositeRequest", parts}};
  return sdk::Read::search(data_ + "/composite", dumped(body), json_headers());
}

sdk::Read Paths::describe(std::string_view object) const {
  return sdk::Read::get(data_ + "/sobjects/" + std::string(object) + "/describe");
}

sdk::Read Paths::case_by_key(std::string_view key) const {
  return sdk::Read::get(data_ + "/sobjects/Case/" + key_field_ + "/" + percent_encode(key) +
                        "?fields=Id,CaseNumber");
}

sdk::Read Paths::case_number(std::string_view case_id) const {
  return sdk::Read::get(data_ + "/sobjects/Case/" + std::string(case_id) + "?fields=CaseNumber");
}

// Without the header the active assignment rule runs, on updates too (section 3.4).
sdk::Write Paths::upsert_case(std::string_view key, const json& fields) const {
  auto headers = json_headers();
  if (!assign_ || fields.contains("OwnerId")) headers["sforce-auto-assign"] = "FALSE";
  // A duplicate rule that only warns people refuses what comes by API (section 4): the case is wanted.
  headers["sforce-duplicate-rule-header"] =
      "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true";
  return sdk::Write::patch(data_ + "/sobjects/Case/" + key_field_ + "/" + percent_encode(key), dumped(fields),
                           std::move(headers));
}

sdk::Write Paths::create_comment(const json& fields) const {
  return sdk::Write::post(data_ + "/sobjects/CaseComment", dumped(fields), json_headers());
}

sdk::Write Paths::set_status(std::string_view case_id, std::string_view status) const {
  auto headers = json_headers();
  headers["sforce-auto-assign"] = "FALSE";
  return sdk::Write::patch(data_ + "/sobjects/Case/" + std::string(case_id), dumped({{"Status", status}}),
                           std::move(headers));
}

// The Tooling API's CustomField; the person needs "Customize Application".
sdk::Write Paths::make_key_field() const {
  const json metadata = {{"type", "Text"},
                         {"label", "Baton handoff"},
                         {"length", kLongestKey},
                         {"externalId", true},
                         {"unique", true},
                         {"caseSensitive", true},
                         {"description", "Baton's key of the handoff; one case each"}};
  return sdk::Write::post(data_ + "/tooling/sobjects/CustomField",
                          dumped({{"FullName", "Case." + key_field_}, {"Metadata", metadata}}),
                          json_headers());
}

Paths Paths::at(std::string address) const {
  auto paths = *this;
  if (!address.empty()) paths.base_url_ = std::move(address);
  return paths;
}

std::string Paths::link(std::string_view object, std::string_view id) const {
  return base_url_ + "/lightning/r/" + std::string(object) + "/" + std::string(id) + "/view";
}

// --- what is written

std::string key_of(std::string_view external_id) {
  std::string key(external_id);
  std::ranges::replace(key, '/', '-');
  const auto handoff = key.substr(0, key.find('-'));
  const auto tail = "-" + digest(external_id);
  return key.size() <= kLongestKey ? key : std::string(clip_utf8(handoff, kLongestKey - tail.size())) + tail;
}

bool is_no_field(std::string_view member) {
  return member == "contact_email" || member == "conversation" || member == "conversation_url";
}

Result<json> case_fields(const json& document, std::string_view key_field) {
  if (JsonView(document)["Subject"].text().empty()) {
    return Failure(rejected, "the mapping open_ticket must yield the case's fields with a Subject");
  }
  auto fields = json::object();
  for (const auto& [name, value] : document.items()) {
    if (value.is_null() || name == key_field || is_no_field(name)) continue;
    if (!is_field_name(name) || value.is_structured()) {
      return Failure(rejected, "the mapping open_ticket yields `" + name + "`, which is no field of a case");
    }
    fields[name] = value;
  }
  for (const auto& [field, most] : kLengths) {
    const auto text = JsonView(fields)[field].text();
    if (text.size() > most) fields[std::string(field)] = clip_utf8(text, most);
  }
  if (const auto email = JsonView(fields)["SuppliedEmail"]; !email.missing() && !is_address(email.text())) {
    fields.erase("SuppliedEmail");
  }
  return fields;
}

namespace {

// The next part of `text`, between lines if that leaves most of it, else between letters.
std::string_view next_part(std::string_view text, std::size_t most) {
  const auto part = clip_utf8(text, most);
  const auto line = part.size() < text.size() ? part.rfind('\n') : std::string_view::npos;
  return line == std::string_view::npos || line < most / 2 ? part : part.substr(0, line + 1);
}

std::vector<std::string_view> parts_of(std::string_view text, std::size_t most) {
  std::vector<std::string_view> parts;
  while (!text.empty() && parts.size() < kMostComments) {
    parts.push_back(next_part(text, most));
    text.remove_prefix(parts.back().size());
  }
  return parts;
}

std::vector<std::string> lines_of(JsonView conversation) {
  std::vector<std::string> lines;
  for (const auto& message : items(conversation)) {
    if (auto line = to_valid_utf8(message.text()); !line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

// The last of `lines` that fit into `room`, as one text; they are taken away. One that is longer than all of
// it is cut.
std::string take_newest(std::vector<std::string>& lines, std::size_t room) {
  std::string text;
  while (!lines.empty() && text.size() + lines.back().size() < room) {
    text.insert(0, lines.back() + "\n");
    lines.pop_back();
  }
  if (!text.empty() || lines.empty()) return text;
  constexpr std::string_view kMore = " [...]\n";
  text = std::string(clip_utf8(lines.back(), room - kMore.size())) + std::string(kMore);
  lines.pop_back();
  return text;
}

}  // namespace

std::vector<Comment> add_conversation(json& fields, const json& document, std::string_view external_id) {
  constexpr std::size_t kDescription = 32'000, kHeading = 700, kLeast = 2'000, kMostEarlier = 5;
  auto lines = lines_of(JsonView(document)["conversation"]);
  if (lines.empty()) return {};
  const auto all = lines.size();
  const auto url = to_valid_utf8(clip_utf8(JsonView(document)["conversation_url"].text(), 500));
  const auto at_url = url.empty() ? std::string() : ": " + url;
  // A mapping that fills the description leaves room for the newest all the same.
  auto description =
      to_valid_utf8(clip_utf8(JsonView(fields)["Description"].text(), kDescription - kHeading - kLeast));
  const auto newest = take_newest(lines, kDescription - kHeading - description.size());
  const auto heading =
      lines.empty() ? std::string("Conversation:")
                    : fmt::format(
                          "Conversation, the newest {} of {} messages (earlier ones follow as internal "
                          "comments{}):",
                          all - lines.size(), all, url.empty() ? "" : "; all of it" + at_url);
  if (!description.empty()) description += "\n\n";
  fields["Description"] = description + heading + "\n" + std::string(trim(newest));

  std::vector<std::string> parts;  // the newest first
  const auto room = kLongestComment - reference(external_id).size() - kHeading;
  while (!lines.empty() && parts.size() < kMostEarlier) parts.push_back(take_newest(lines, room));
  std::ranges::reverse(parts);
  std::vector<Comment> comments;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto own = fmt::format("{}/earlier/{}", reference(external_id), i + 1);
    auto body = fmt::format("Earlier messages ({}/{})\n", i + 1, parts.size());
    if (i == 0 && !lines.empty())
      body += fmt::format("[{} before these are left out{}]\n", lines.size(), at_url);
    body += parts[i] + "\n" + own;
    comments.emplace_back(json{{"CommentBody", std::move(body)}, {"IsPublished", false}}, own);
  }
  return comments;
}

std::vector<Comment> comments_of(const json& document, const json& subject, std::string_view case_id,
                                 std::string_view external_id) {
  auto text = JsonView(document)["CommentBody"].text();
  if (text.empty()) text = JsonView(subject)["text"].text("A note from Baton");
  text = to_valid_utf8(text);
  const bool is_public = JsonView(document)["IsPublished"].boolean().value_or(false);
  const auto comment = [&](std::string body, const std::string& own) {
    return Comment({{"ParentId", case_id}, {"CommentBody", std::move(body)}, {"IsPublished", is_public}},
                   own);
  };
  const auto whole = reference(external_id);
  if (text.size() + 2 + whole.size() <= kLongestComment) return {comment(text + "\n\n" + whole, whole)};

  constexpr std::string_view kCut = "\n[cut here: too long for comments]";
  constexpr std::size_t kNumbers = 13;  // "(10/10)" with its line end, "/10" and the empty line between
  const auto room = kLongestComment - kNumbers - whole.size() - kCut.size();
  const auto parts = parts_of(text, room);
  const auto& last = parts.back();
  const bool cut = last.data() + last.size() < text.data() + text.size();
  std::vector<Comment> comments;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto own = i == 0 ? whole : fmt::format("{}/{}", whole, i + 1);
    const auto end = cut && i + 1 == parts.size() ? kCut : std::string_view();
    comments.push_back(
        comment(fmt::format("({}/{})\n{}{}\n\n{}", i + 1, parts.size(), parts[i], end, own), own));
  }
  return comments;
}

// --- what comes back

Result<std::vector<JsonView>> records_of(const json& body, FailureKind kind, std::string_view what) {
  auto records = JsonView(body)["records"].list();
  if (!records) return Failure(kind, std::string(what) + " carries no list of records");
  return *std::move(records);
}

std::string contact_query(std::string_view literal) {
  return "SELECT Id, Email, AccountId FROM Contact WHERE Email = " + std::string(literal) +
         " ORDER BY LastModifiedDate DESC LIMIT 20";
}

Result<std::string> read_contact(const Reply& reply, std::string_view email) {
  const auto body = parsed(reply, retryable, "Salesforce's contacts");
  if (!body) return body.error();
  const auto records = records_of(*body, retryable, "Salesforce's list of contacts");
  if (!records) return records.error();
  std::string best;
  for (const auto& record : *records) {
    const auto id = record["Id"].text();
    if (!is_id(id) || !equals_ignoring_case(record["Email"].text(), email)) continue;
    if (!record["AccountId"].text().empty()) return id;
    if (best.empty()) best = id;
  }
  return best;
}

namespace {

std::string number_in_answer(const json& body) {
  constexpr std::size_t kLongest = 30;
  return to_valid_utf8(clip_utf8(trim(JsonView(body)["CaseNumber"].text()), kLongest));
}

}  // namespace

Result<Receipt> read_case(const Reply& reply, const Paths& paths) {
  const auto body = parsed(reply, ambiguous, "Salesforce's answer to a case");
  if (!body) return body.error();  // also a 204, as old versions answer: the look-up knows the id
  const auto id = JsonView(*body)["id"].text();
  if (JsonView(*body)["success"].boolean() != true || !is_id(id)) {
    return Failure(ambiguous, "Salesforce's answer to a case does not name it");
  }
  return Receipt(id, paths.link("Case", id));
}

Result<sdk::Found> match_case(const Reply& reply, const Paths& paths) {
  if (reply.status == 404) return sdk::Found();  // let through as an answer, see classify()
  const auto body = parsed(reply, ambiguous, "Salesforce's look-up of a case");
  if (!body) return body.error();
  const auto id = JsonView(*body)["Id"].text();
  if (!is_id(id)) return Failure(ambiguous, "Salesforce's look-up of a case has no id");
  return sdk::Found(Receipt(id, paths.link("Case", id), number_in_answer(*body)));
}

std::string read_case_number(const Reply& reply) {
  const auto body = parsed(reply, retryable, "Salesforce's number of a case");
  return body ? number_in_answer(*body) : std::string();
}

bool is_our_comment(std::string_view text) {
  const auto end = trim(text);
  return trim(end.substr(end.rfind('\n') + 1)).starts_with("Ref: hof_");
}

Result<Receipt> read_comment(const Reply& reply) {
  const auto body = parsed(reply, ambiguous, "Salesforce's answer to a comment");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].text();
  if (JsonView(*body)["success"].boolean() != true || !is_id(id)) {
    return Failure(ambiguous, "Salesforce's answer to a comment does not name it");
  }
  return Receipt(id);
}

// An update answers 204 without a body; a 200 may be somebody's login page.
Result<Receipt> read_done(const Reply& reply, const Receipt& target) {
  if (reply.status == 204) return target;
  return Failure(ambiguous,
                 "Salesforce's answer to an update was " + std::to_string(reply.status) + ", not 204");
}

// --- a comment that may be there already

namespace {

Result<sdk::Found> match_comment(const Reply& reply, std::string_view wanted) {
  const auto body = parsed(reply, ambiguous, "Salesforce's comments");
  if (!body) return body.error();
  const auto records = records_of(*body, ambiguous, "Salesforce's list of comments");
  if (!records) return records.error();
  for (const auto& record : *records) {
    const auto text = record["CommentBody"].string();
    const auto id = record["Id"].text();
    if (!text || !is_id(id))
      return Failure(ambiguous, "Salesforce's list of comments holds one without a text");
    if (refers_to(*text, wanted)) return sdk::Found(Receipt(id));
  }
  if (!JsonView(*body)["done"].boolean()) {
    return Failure(ambiguous, "Salesforce's list of comments does not say whether it is whole");
  }
  return sdk::Found();
}

Result<std::optional<sdk::Read>> next_comments(const Reply& reply, const Paths& paths) {
  const auto body = parsed(reply, ambiguous, "Salesforce's comments");
  if (!body) return body.error();
  if (JsonView(*body)["done"].boolean() == true) return std::optional<sdk::Read>();
  const auto path = JsonView(*body)["nextRecordsUrl"].text();
  if (!paths.is_page(path)) {
    return Failure(ambiguous, "Salesforce's list of comments goes on without saying where");
  }
  return std::optional(paths.page(path));
}

}  // namespace

sdk::Lookup look_for_comment(const Paths& paths, std::string_view case_id, std::string_view reference,
                             Duration settle) {
  return sdk::Lookup(
      paths.comments(case_id),
      [wanted = std::string(reference)](const Reply& reply) { return match_comment(reply, wanted); }, settle,
      [paths](const Reply& reply) { return next_comments(reply, paths); });
}

}  // namespace baton::salesforce
