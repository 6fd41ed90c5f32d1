#include "tests/contract/tree/tree.h"

namespace baton::contract {

const char* const kTree = BATON_SOURCE_DIR;

}  // namespace baton::contract
