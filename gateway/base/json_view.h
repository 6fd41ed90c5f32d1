// Purpose: reads foreign JSON without ever throwing, and keeps "not there" apart from "empty" and
// from "of another type". A view of something missing answers every question with "missing".
// Owner: the document, which outlives the view. Threads: any. Errors: optionals; parse() a Failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/result.h"

namespace baton {

class JsonView {
 public:
  JsonView() = default;  // of something missing
  JsonView(const nlohmann::json& value) : value_(&value) {}
  JsonView(nlohmann::json&&) = delete;

  bool missing() const { return value_ == nullptr; }
  bool null() const { return value_ && value_->is_null(); }
  bool object() const { return value_ && value_->is_object(); }

  // The member, or a missing view.
  JsonView operator[](std::string_view key) const;
  // "customer.name", one member after the other.
  JsonView at_path(std::string_view dotted) const;

  std::optional<std::string_view> string() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  std::optional<bool> boolean() const;
  std::optional<std::vector<JsonView>> list() const;  // nullopt unless it is a list

  std::string text(std::string_view otherwise = {}) const;  // the string, or `otherwise`
  // An id as text, whether the vendor sent it as a string or as an integer; nullopt otherwise.
  std::optional<std::string> id() const;

  const nlohmann::json* raw() const { return value_; }

 private:
  const nlohmann::json* value_ = nullptr;
};

// The entries of a list; none of what is no list.
inline std::vector<JsonView> items(JsonView list) { return list.list().value_or(std::vector<JsonView>{}); }

// Parses what somebody else sent. `what` names it in the failure's detail.
Result<nlohmann::json> parse_json(std::string_view text, FailureKind kind, std::string_view what);

}  // namespace baton
