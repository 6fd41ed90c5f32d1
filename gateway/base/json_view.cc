#include "gateway/base/json_view.h"

#include "gateway/base/text.h"

namespace baton {

JsonView JsonView::operator[](std::string_view key) const {
  if (!object()) return {};
  const auto found = value_->find(key);
  return found == value_->end() ? JsonView() : JsonView(*found);
}

JsonView JsonView::at_path(std::string_view dotted) const {
  auto view = *this;
  for (const auto key : split(dotted, '.')) view = view[key];
  return view;
}

std::optional<std::string_view> JsonView::string() const {
  if (!value_ || !value_->is_string()) return std::nullopt;
  return value_->get_ref<const std::string&>();
}

std::optional<std::int64_t> JsonView::integer() const {
  if (!value_ || !value_->is_number_integer()) return std::nullopt;
  return value_->get<std::int64_t>();
}

std::optional<double> JsonView::number() const {
  if (!value_ || !value_->is_number()) return std::nullopt;
  return value_->get<double>();
}

std::optional<bool> JsonView::boolean() const {
  if (!value_ || !value_->is_boolean()) return std::nullopt;
  return value_->get<bool>();
}

std::optional<std::vector<JsonView>> JsonView::list() const {
  if (!value_ || !value_->is_array()) return std::nullopt;
  return std::vector<JsonView>(value_->begin(), value_->end());
}

std::string JsonView::text(std::string_view otherwise) const {
  return std::string(string().value_or(otherwise));
}

std::optional<std::string> JsonView::id() const {
  if (const auto found = string(); found && !found->empty()) return std::string(*found);
  if (const auto found = integer()) return std::to_string(*found);
  return std::nullopt;
}

Result<nlohmann::json> parse_json(std::string_view text, FailureKind kind, std::string_view what) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    return Failure(kind, std::string(what) + " is not JSON: " + error.what());
  }
}

}  // namespace baton
