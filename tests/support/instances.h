// Purpose: how a test shows and compares JSON and text, compiled once: GoogleTest would else make a printer
// of a container's elements, of their elements and so on, for every file that compares two documents.
// Only the tests' precompiled header includes it. Owner: the build. Threads, errors: none.
#pragma once

#include <iosfwd>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

NLOHMANN_JSON_NAMESPACE_BEGIN
void PrintTo(const json& value, std::ostream* to);
NLOHMANN_JSON_NAMESPACE_END

namespace testing {
extern template Message& Message::operator<<(const nlohmann::json&);
namespace internal {
extern template AssertionResult CmpHelperEQ(const char*, const char*, const nlohmann::json&,
                                            const nlohmann::json&);
extern template AssertionResult CmpHelperEQ(const char*, const char*, const std::string&, const std::string&);
}  // namespace internal
}  // namespace testing
