// Purpose: how one destination is configured, as its connector's manifest says: values without
// secrets. Owner: the destination's account. Threads: immutable. Errors: readers use Problems.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace baton::sdk {

class Settings {
 public:
  using Values = std::map<std::string, std::string, std::less<>>;
  Settings() = default;
  explicit Settings(Values values) : values_(std::move(values)) {}

  // The value, or its default; "" for a field that the manifest does not know.
  std::string_view operator[](std::string_view field) const {
    const auto found = values_.find(field);
    return found == values_.end() ? std::string_view() : std::string_view(found->second);
  }
  const Values& all() const { return values_; }

 private:
  Values values_;
};

}  // namespace baton::sdk
