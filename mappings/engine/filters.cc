#include "mappings/engine/filters.h"

#include <array>

namespace baton::mappings {
namespace {

std::array<std::span<const FilterRule>, 5> tables() {
  return {text_filters(), number_filters(), list_filters(), time_filters(), own_filters()};
}

}  // namespace

const FilterRule* find_filter(std::string_view name) {
  for (const auto table : tables()) {
    for (const auto& rule : table) {
      if (rule.name == name) return &rule;
    }
  }
  return nullptr;
}

std::vector<std::string> filter_names() {
  std::vector<std::string> names;
  for (const auto table : tables()) {
    for (const auto& rule : table) names.emplace_back(rule.name);
  }
  return names;
}

}  // namespace baton::mappings
