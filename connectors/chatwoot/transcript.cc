#include "connectors/chatwoot/transcript.h"

#include <algorithm>
#include <array>
#include <vector>

#include "connectors/chatwoot/wire.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/base/time.h"

namespace baton::chatwoot {
namespace {

using nlohmann::json;

enum class Kind { incoming, outgoing, activity, form, unknown };

// A word at the top level of a webhook, a number everywhere else (section 4.1).
Kind kind_of(JsonView message) {
  constexpr auto kWords = std::to_array<std::string_view>({"incoming", "outgoing", "activity", "template"});
  const auto type = message["message_type"];
  if (const auto number = type.integer()) {
    return *number >= 0 && *number <= 3 ? static_cast<Kind>(*number) : Kind::unknown;
  }
  const auto found = std::ranges::find(kWords, type.text());
  return found == kWords.end() ? Kind::unknown : static_cast<Kind>(found - kWords.begin());
}

// "user", "User", "agent_bot", "AgentBot", "Captain::Assistant"
std::string sender_type(JsonView message) {
  auto type = to_lower(message.at_path("sender.type").text(message["sender_type"].text()));
  std::erase(type, '_');
  return type;
}

std::string_view role_of(Kind kind, JsonView message) {
  if (kind == Kind::incoming) return "customer";
  if (kind != Kind::outgoing) return "system";
  if (!message["content_attributes"][kKey].text().empty()) return "system";  // Baton's own words
  const auto sender = sender_type(message);
  if (sender == "user") return "agent";
  return sender.empty() ? "system" : "ai";
}

json attachments_of(JsonView message, std::string_view type_name) {
  constexpr std::size_t kMost = 50;
  json files = json::array();
  for (const auto& file : items(message["attachments"])) {
    const auto url = file["data_url"].text(), type = file["file_type"].text();
    if (files.size() == kMost || url.empty() || url.size() > 2048) continue;
    const auto name = std::string(clip_utf8(url.substr(url.rfind('/') + 1), 256));
    json entry = {{"name", name.empty() ? "file" : name}, {"url", url}};
    if (!type.empty()) entry[std::string(type_name)] = std::string(clip_utf8(type, 128));
    files.push_back(std::move(entry));
  }
  return files;
}

}  // namespace

std::string time_of(JsonView value) {
  if (const auto seconds = value.integer(); seconds && *seconds > 0 && *seconds < 100'000'000'000) {
    return to_rfc3339(TimePoint(std::chrono::seconds(*seconds)));
  }
  const auto at = parse_rfc3339(value.text());
  return at ? to_rfc3339(*at) : std::string();
}

bool is_ours(JsonView message, std::string_view baton_user_id) {
  if (!message["content_attributes"][kKey].text().empty()) return true;
  return !baton_user_id.empty() && sender_type(message) == "user" &&
         message.at_path("sender.id").id().value_or("") == baton_user_id;
}

std::optional<json> line_of(JsonView message, std::string_view type_name) {
  const auto kind = kind_of(message);
  const auto id = message["id"].id();
  if (!id || message["private"].boolean().value_or(false)) return std::nullopt;
  if (kind == Kind::activity || kind == Kind::unknown) return std::nullopt;
  const auto text = message["content"].text();
  auto files = attachments_of(message, type_name);
  if (trim(text).empty() && files.empty()) return std::nullopt;
  json line = {{"id", *id}, {"role", role_of(kind, message)}};
  if (const auto at = time_of(message["created_at"]); !at.empty()) line["at"] = at;
  if (const auto author = message.at_path("sender.name").text(); !author.empty()) {
    line["author"] = std::string(clip_utf8(author, 256));
  }
  if (!text.empty()) line["text"] = std::string(clip_utf8(text, 32'000));
  if (!files.empty()) line["attachments"] = std::move(files);
  return line;
}

json customer_of(JsonView contact) {
  json customer = json::object();
  const auto put = [&customer](const char* name, const std::string& value, std::size_t most) {
    if (!value.empty() && value.size() <= most) customer[name] = value;
  };
  const auto own_id = contact["id"].id().value_or("");
  put("id", contact["identifier"].id().value_or(own_id), 256);
  put("name", std::string(clip_utf8(contact["name"].text(), 256)), 256);
  put("email", contact["email"].text(), 320);
  put("company", std::string(clip_utf8(contact.at_path("additional_attributes.company_name").text(), 256)),
      256);
  json attributes = json::object();
  if (const auto own = contact["custom_attributes"]; own.object() && own.raw()->size() < 200)
    attributes = *own.raw();
  if (const auto phone = contact["phone_number"].text(); !phone.empty()) attributes["phone"] = phone;
  if (!own_id.empty()) attributes["chatwoot_contact_id"] = own_id;
  if (!attributes.empty()) customer["attributes"] = std::move(attributes);
  return customer;
}

}  // namespace baton::chatwoot
