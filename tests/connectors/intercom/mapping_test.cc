#include <gtest/gtest.h>

#include "tests/support/mapping_cases.h"

namespace baton::intercom {
namespace {

TEST(IntercomMapping, its_cases_pass) { testing::run_mapping_cases("intercom"); }

}  // namespace
}  // namespace baton::intercom
