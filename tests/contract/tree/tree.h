// Purpose: the tree whose connectors the suite holds to their contracts; each program compiles its own.
// Owner: the program. Threads: any.
#pragma once

namespace baton::contract {

extern const char* const kTree;  // its root, without a slash at the end

}  // namespace baton::contract
