#include "tests/support/instances.h"

#include <ostream>

NLOHMANN_JSON_NAMESPACE_BEGIN
void PrintTo(const json& value, std::ostream* to) {
  *to << value.dump(-1, ' ', false, json::error_handler_t::replace);
}
NLOHMANN_JSON_NAMESPACE_END

namespace testing {
template Message& Message::operator<<(const nlohmann::json&);
namespace internal {
template AssertionResult CmpHelperEQ(const char*, const char*, const nlohmann::json&, const nlohmann::json&);
template AssertionResult CmpHelperEQ(const char*, const char*, const std::string&, const std::string&);
}  // namespace internal
}  // namespace testing
