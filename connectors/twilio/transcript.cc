#include "connectors/twilio/transcript.h"

#include "connectors/twilio/wire.h"
#include "connectors/twilio/control.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/base/time.h"

namespace baton::twilio {
namespace {

using nlohmann::json;

bool fits(std::string_view author, std::string_view pattern) {
  const bool open_front = pattern.starts_with('*'), open_back = pattern.size() > 1 && pattern.ends_with('*');
  if (open_front) pattern.remove_prefix(1);
  if (open_back) pattern.remove_suffix(1);
  if (pattern.empty()) return false;  // "*" alone would be everybody: nobody means that
  if (open_front && open_back) return author.find(pattern) != std::string_view::npos;
  if (open_front) return author.ends_with(pattern);
  return open_back ? author.starts_with(pattern) : author == pattern;
}

// Twilio says who wrote, but not what they are. Whoever is nobody else is the customer: a telephone number,
// or the identity of a web chat.
std::string_view role_of(std::string_view author, const json& attributes, const sdk::Settings& settings) {
  if (is_ours(author, attributes, settings))
    return JsonView(attributes)["baton_by"].text().empty() ? "system" : "agent";
  if (author == settings["author"]) return "agent";
  if (is_listed(author, settings["ai_authors"])) return "ai";
  if (is_listed(author, settings["agent_authors"])) return "agent";
  return author.empty() || author == "system" ? "system" : "customer";
}

// Media are read with the account's key only: their names are told, their address would lead nowhere.
json attachments_of(JsonView media, std::string_view type_name) {
  constexpr std::size_t kMost = 50;
  json files = json::array();
  for (const auto& file : items(media)) {
    const auto sid = file["sid"].text(file["Sid"].text());
    const auto name = file["filename"].text(file["Filename"].text());
    if (files.size() == kMost || (sid.empty() && name.empty())) continue;
    json entry = {{"name", std::string(clip_utf8(name.empty() ? sid : name, 256))}};
    const auto type = file["content_type"].text(file["ContentType"].text());
    if (!type.empty()) entry[std::string(type_name)] = std::string(clip_utf8(type, 128));
    files.push_back(std::move(entry));
  }
  return files;
}

struct Said {
  std::string id;
  std::string at;
  std::string author;
  std::string text;
  JsonView media;
  std::string_view type_name;  // under which a file's media type stands: events and transcripts differ
};

std::optional<json> line(const Said& said, const json& attributes, const sdk::Settings& settings) {
  auto files = attachments_of(said.media, said.type_name);
  if (said.id.empty() || (trim(said.text).empty() && files.empty())) return std::nullopt;
  json made = {{"id", said.id}, {"role", role_of(said.author, attributes, settings)}};
  if (const auto at = parse_rfc3339(said.at)) made["at"] = to_rfc3339(*at);
  auto author = JsonView(attributes)["baton_by"].text();
  if (author.empty() || !is_ours(said.author, attributes, settings)) author = said.author;
  if (!author.empty()) made["author"] = std::string(clip_utf8(author, 256));
  if (!said.text.empty()) made["text"] = std::string(clip_utf8(to_valid_utf8(said.text), 32'000));
  if (!files.empty()) made["attachments"] = std::move(files);
  return made;
}

}  // namespace

bool is_listed(std::string_view author, std::string_view list) {
  if (author.empty()) return false;
  for (const auto one : split(list, ',')) {
    if (fits(author, trim(one))) return true;
  }
  return false;
}

bool is_ours(std::string_view author, const json& attributes, const sdk::Settings& settings) {
  return author == settings["author"] && !JsonView(attributes)[kKey].text().empty();
}

std::optional<json> line_of(JsonView message, const sdk::Settings& settings) {
  Said said{message["sid"].text(),    message["date_created"].text(),
            message["author"].text(), message["body"].text(),
            message["media"],         "type"};
  return line(said, attributes_of(message).value_or(json::object()), settings);
}

std::optional<json> line_of_event(JsonView event, const sdk::Settings& settings) {
  const auto media = json::parse(event["Media"].text(), nullptr, false);
  Said said{event["MessageSid"].text(),
            event["DateCreated"].text(),
            event["Author"].text(),
            event["Body"].text(),
            JsonView(media),
            "content_type"};
  return line(said, attributes_of(event, "Attributes").value_or(json::object()), settings);
}

}  // namespace baton::twilio
