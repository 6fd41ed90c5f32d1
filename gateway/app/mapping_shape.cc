#include "gateway/app/mapping_shape.h"

#include <string>
#include <utility>
#include <string_view>

#include "gateway/base/check.h"
#include "gateway/handoff/context.h"
#include "gateway/ingress/schemas/event_schemas.h"

namespace baton::app {
namespace {

using nlohmann::json;

json published(std::string_view name) {
  for (const auto& schema : event_schemas()) {
    if (schema.name == name) return json::parse(schema.text);
  }
  BATON_CHECK(!"a schema is missing");
  return nullptr;
}

// The definitions stand in a file of their own; in one document they are local.
void make_references_local(json& schema) {
  constexpr std::string_view kFile = "definitions.schema.json";
  if (schema.is_object() && schema.contains("$ref")) {
    auto& reference = schema["$ref"].get_ref<std::string&>();
    if (reference.starts_with(kFile)) reference.erase(0, kFile.size());
  }
  if (!schema.is_structured()) return;
  for (auto& part : schema) make_references_local(part);
}

json text() { return {{"type", "string"}}; }
json number() { return {{"type", "integer"}}; }
json anything() { return {{"type", "object"}}; }
json list_of(json item) { return {{"type", "array"}, {"items", std::move(item)}}; }

json object(json properties) {
  return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(properties)}};
}

json texts(std::initializer_list<const char*> names) {
  auto properties = json::object();
  for (const auto* name : names) properties[name] = text();
  return properties;
}

json handoff_shape() {
  auto properties = texts(
      {"id", "external_id", "state", "priority", "owner", "owner_id", "team", "requested_at", "resolution"});
  properties["sequence"] = number();
  return object(std::move(properties));
}

json brief_shape() {
  auto properties =
      texts({"headline", "who", "wanted", "went_wrong", "tried", "next", "given", "considered", "known_bug",
             "account", "money", "history", "also", "mood", "where", "opening", "not_known", "category"});
  properties["identifiers"] = list_of(object(texts({"kind", "value", "from"})));
  properties["topics"] = list_of(object(texts({"about", "words"})));
  properties["completeness"] = number();
  properties["by_source"] = list_of(object({{"source", text()}, {"percent", number()}}));
  properties["missing"] = list_of(object(texts({"field", "state", "reason", "source"})));
  return object(std::move(properties));
}

// What an operation is about: a note's text, a card's owner, an event's type, a customer.
json subject_shape() {
  auto properties = texts({"text", "link", "owner", "state", "news", "to", "by", "status", "handoff_id",
                           "reply_address", "type", "timestamp", "priority"});
  for (const auto* name : {"data", "customer", "conversation", "ticket", "issue", "defect", "raise"})
    properties[name] = anything();
  properties["asks"] = {{"type", "boolean"}};
  properties["from"] = text();  // of a note: whose words it tells, "customer" or "agent"
  return object(std::move(properties));
}

json settings_shape(const sdk::Manifest& manifest) {
  auto properties = texts({"base_url"});
  for (const auto& field : manifest.fields) {
    const bool shown = field.need == sdk::Need::required || field.need == sdk::Need::optional;
    if (shown) properties[std::string(field.name)] = text();
  }
  return object(std::move(properties));
}

// Its names would meet the events' own.
void put_in_place(json& schema, const json& definitions) {
  constexpr std::string_view kLocal = "#/definitions/";
  if (schema.is_object() && schema.contains("$ref")) {
    schema = definitions.at(schema["$ref"].get_ref<const std::string&>().substr(kLocal.size()));
  }
  if (!schema.is_structured()) return;
  for (auto& part : schema) put_in_place(part, definitions);
}

// What a connector answers, without the words about what is missing there.
json known_shape() {
  auto schema = json::parse(handoff::context_answer_schema());
  const json definitions = std::exchange(schema["definitions"], nullptr);
  for (const auto* bookkeeping : {"missing", "matches", "chosen"}) schema["properties"].erase(bookkeeping);
  for (const auto* url : {"id", "url"}) schema["properties"]["account"]["properties"].erase(url);
  put_in_place(schema, definitions);
  return object(std::move(schema["properties"]));
}

}  // namespace

json mapping_shape(const sdk::Manifest& manifest) {
  auto shape = published("handoff.requested.schema.json");
  shape["definitions"] = published("definitions.schema.json")["definitions"];
  make_references_local(shape);
  auto& properties = shape["properties"];
  properties["handoff"] = handoff_shape();
  properties["brief"] = brief_shape();
  properties["context"] = anything();
  properties["known"] = known_shape();
  properties["ticket"] = object(texts({"id", "url"}));
  properties["bug"] = object(texts({"id", "url"}));
  properties["subject"] = subject_shape();
  properties["settings"] = settings_shape(manifest);
  properties["attached"] = {{"type", "boolean"}};
  properties["file_failed"] = {{"type", "boolean"}};
  properties["now"] = text();
  return shape;
}

}  // namespace baton::app
