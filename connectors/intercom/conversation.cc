#include "connectors/intercom/conversation.h"

#include <algorithm>
#include <array>
#include <utility>

#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::intercom {
namespace {

using nlohmann::json;
using sdk::put;

constexpr std::size_t kMostLines = 500, kMostAttachments = 50;
constexpr std::size_t kLongestText = 32'000, kLongestName = 256, kLongestUrl = 2'048, kLongestType = 128;

std::string_view role_of(JsonView author) {
  const auto type = author["type"].text();
  if (author["from_ai_agent"].boolean() == true || type == "bot") return "ai";
  if (type == "user" || type == "lead" || type == "contact") return "customer";
  return type == "admin" || type == "team" ? "agent" : "system";
}

// Bodies are HTML, or text where it was asked for; text is kept with its line breaks.
std::string text_of(JsonView body) {
  const auto text = body.text();
  return text.starts_with('<') ? plain_of(text) : text;
}

json attachments_of(JsonView part, const char* type_name) {
  json all = json::array();
  for (const auto& one : items(part["attachments"])) {
    json made = json::object();
    put(made, "name", one["name"].text(), kLongestName);
    put(made, "url", one["url"].text(), kLongestUrl);
    put(made, type_name, one["content_type"].text(), kLongestType);
    if (made.contains("url") && all.size() < kMostAttachments) all.push_back(std::move(made));
  }
  return all;
}

// Known to carry words for the customer; of the many others some are for agents (section 3.7).
constexpr auto kSaying =
    std::to_array<std::string_view>({"comment", "quick_reply", "assignment", "close", "open"});
constexpr std::size_t kMostReplies = 20;

json replies_in(const std::vector<JsonView>& parts, std::string_view ourselves) {
  json replies = json::array();
  for (auto part = parts.rbegin(); part != parts.rend() && replies.size() < kMostReplies; ++part) {
    const auto id = (*part)["id"].id();
    if (!id || !is_reply(*part, ourselves)) continue;
    const auto author = (*part)["author"];
    replies.push_back({{"id", *id},
                       {"who", author["id"].id().value_or("")},
                       {"who_name", clip_utf8(author["name"].text(), kLongestName)},
                       {"text", words_of(*part)}});
  }
  std::reverse(replies.begin(), replies.end());
  return replies;
}

// Who has it now. Whether it is Baton itself says nothing of people.
void put_owner(json& found, JsonView document, const std::vector<JsonView>& parts,
               std::string_view ourselves) {
  const auto owner = assignee_of(document);
  if (!owner || (!owner->empty() && *owner == ourselves)) return;
  found["by_id"] = *owner;
  for (const auto& part : parts) {
    const auto author = part["author"];
    if (!owner->empty() && author["type"].text() == "admin" && author["id"].id() == *owner)
      found["by"] = clip_utf8(author["name"].text(), kLongestName);
  }
}

bool is_closed(JsonView document) {
  const auto state = document["state"].text();
  const auto category = document.at_path("ticket_state.category").text();
  return state == "closed" || category == "resolved" ||
         (state.empty() && document["open"].boolean() == false);
}

}  // namespace

bool is_reply(JsonView part, std::string_view ourselves) {
  const auto author = part["author"];
  const auto who = author["id"].id().value_or("");
  if (who.empty() || who == ourselves || author["type"].text() != "admin") return false;
  if (author["from_ai_agent"].boolean() == true || part["redacted"].boolean() == true) return false;
  const auto type = part["part_type"].text("comment");
  return std::ranges::find(kSaying, type) != kSaying.end() && !words_of(part).empty();
}

std::string words_of(JsonView part) {
  std::string words(clip_utf8(text_of(part["body"]), kLongestText));
  for (const auto& file : attachments_of(part, "type")) {
    const JsonView view(file);
    if (!words.empty()) words += '\n';
    words += view["name"].text("File") + ": " + view["url"].text();
  }
  return words;
}

std::optional<std::string> assignee_of(JsonView document) {
  const auto given = document["admin_assignee_id"];
  if (given.missing()) return std::nullopt;
  auto id = given.id().value_or("");
  return id == "0" ? std::string() : id;
}

json customer_of(JsonView author, JsonView contact) {
  json customer = json::object();
  // The workspace's own id of them is what other systems know; Intercom's only where there is none.
  auto id = contact["external_id"].text();
  if (id.empty()) id = contact["id"].id().value_or(author["id"].id().value_or(""));
  put(customer, "id", id, kLongestName);
  put(customer, "name", author["name"].text(), kLongestName);
  put(customer, "email", author["email"].text(), 320);
  return customer;
}

std::optional<json> line_of(JsonView part, const char* type_name) {
  const auto type = part["part_type"].text("comment");
  if (type.starts_with("note") || part["redacted"].boolean() == true) return std::nullopt;
  const auto text = text_of(part["body"]);
  auto attachments = attachments_of(part, type_name);
  if (text.empty() && attachments.empty()) return std::nullopt;
  const auto author = part["author"];
  json line = {{"role", role_of(author)}};
  put(line, "id", part["id"].id().value_or(""), kLongestName);
  put(line, "at", time_of(part["created_at"]), kLongestName);
  put(line, "author", author["name"].text(), kLongestName);
  put(line, "text", text, kLongestText);
  if (!attachments.empty()) line["attachments"] = std::move(attachments);
  return line;
}

Result<json> read_transcript(const Reply& reply, std::string_view ourselves) {
  const auto body = parsed(reply, FailureKind::retryable, "Intercom's conversation");
  if (!body) return body.error();
  const JsonView view(*body);
  const auto parts = parts_of(view);
  if (!parts || !view["id"].id())
    return Failure(FailureKind::retryable, "Intercom's conversation carries no parts");
  std::vector<json> lines;
  const auto source = view["source"];
  if (source.object()) {  // the first message; its time is the conversation's
    auto first = *source.raw();
    if (view["created_at"].integer()) first["created_at"] = *view["created_at"].raw();
    if (auto line = line_of(first, "type")) lines.push_back(std::move(*line));
  }
  for (const auto& part : *parts) {
    auto line = line_of(part, "type");
    if (!line) continue;
    if (part.at_path("author.id").id() == ourselves) (*line)["role"] = "system";  // no agent said it
    lines.push_back(std::move(*line));
  }
  if (lines.size() > kMostLines)
    lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(kMostLines));
  json found = {{"transcript", std::move(lines)}};
  const auto contacts = items(view.at_path("contacts.contacts"));
  auto customer = customer_of(source["author"], contacts.empty() ? JsonView() : contacts.front());
  if (!customer.empty()) found["customer"] = std::move(customer);
  return found;
}

Result<json> read_state(const Reply& reply, std::string_view ourselves) {
  const auto body = parsed(reply, FailureKind::retryable, "Intercom's conversation");
  if (!body) return body.error();
  const JsonView view(*body);
  if (!view["id"].id() ||
      (!view["state"].string() && !view["ticket_state"].object() && !view["open"].boolean()))
    return Failure(FailureKind::retryable, "Intercom does not say how the conversation stands");
  json found = {{"state", is_closed(view) ? "solved" : "open"}, {"by", ""}, {"text", ""}, {"at", ""}};
  const auto listed = parts_of(view);
  const auto parts = listed.value_or(std::vector<JsonView>());
  if (listed) found["replies"] = replies_in(parts, ourselves);
  if (found["state"] == "open") {
    put_owner(found, view, parts, ourselves);
    return found;
  }
  // Whoever closed it, and the last words that a person wrote to the customer.
  for (const auto& part : parts) {
    const auto type = part["part_type"].text();
    if (is_reply(part, ourselves)) found["text"] = words_of(part);
    if (type != "close" && type != "ticket_state_updated_by_admin") continue;
    const bool ours = part.at_path("author.id").id() == ourselves;
    found["by"] = ours ? "" : clip_utf8(part.at_path("author.name").text(), kLongestName);
    found["at"] = time_of(part["created_at"]);
  }
  return found;
}

}  // namespace baton::intercom
