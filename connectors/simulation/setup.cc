#include "connectors/simulation/setup.h"

#include <charconv>

namespace baton::simulation {

std::string text_of(const Setup& setup, std::string_view key, std::string_view fallback) {
  const auto found = setup.find(key);
  return found == setup.end() ? std::string(fallback) : found->second;
}

int number_of(const Setup& setup, std::string_view key, int fallback) {
  const auto text = text_of(setup, key, "");
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : fallback;
}

bool flag_of(const Setup& setup, std::string_view key, bool fallback) {
  const auto text = text_of(setup, key, "");
  if (text == "1" || text == "true" || text == "yes" || text == "on") return true;
  if (text == "0" || text == "false" || text == "no" || text == "off") return false;
  return fallback;
}

Duration seconds_of(const Setup& setup, std::string_view key, int fallback_seconds) {
  return std::chrono::seconds(number_of(setup, key, fallback_seconds));
}

int limit_of(const Setup& setup, std::string_view key, int fallback) {
  return text_of(setup, "limits", "") == "off" ? 0 : number_of(setup, key, fallback);
}

nlohmann::json seed_of(const Setup& setup, std::string_view fallback) {
  const auto given = nlohmann::json::parse(text_of(setup, "seed", fallback), nullptr, false);
  return given.is_object() ? given : nlohmann::json::parse(fallback, nullptr, false);
}

}  // namespace baton::simulation
