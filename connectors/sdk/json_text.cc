#include "connectors/sdk/json_text.h"

#include <charconv>
#include <utility>

#include "gateway/base/text.h"

namespace baton::sdk {

std::string dumped(const nlohmann::json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string dumped_in_order(const nlohmann::ordered_json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void put_part(nlohmann::json& object, const char* member, nlohmann::json part) {
  if (!part.empty()) object[member] = std::move(part);
}

void put(nlohmann::json& object, const char* member, std::string_view text, std::size_t most) {
  const auto clean = to_valid_utf8(text);
  if (!clean.empty()) object[member] = std::string(clip_utf8(clean, most));
}

std::optional<double> number_of(JsonView value) {
  const auto text = value.string();
  if (!text) return value.number();
  double parsed = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), parsed);
  if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
  return parsed;
}

void put_confidence(nlohmann::json& intent, JsonView value) {
  if (const auto sure = number_of(value); sure && *sure >= 0 && *sure <= 1) intent["confidence"] = *sure;
}

}  // namespace baton::sdk
