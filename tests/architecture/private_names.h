// Purpose: the files of a folder are compiled as one piece (CMAKE_UNITY_BUILD), where their anonymous
// namespaces are one. What is defined twice the compiler finds; a function of the same name for other
// arguments it does not: a call could quietly take the other file's. So a folder has each private function's
// name once. Owner: the test. Threads: any; pure. Errors: none.
#pragma once

#include <string>
#include <vector>

#include "tests/architecture/checker.h"

namespace baton::architecture {

// One line for each name that two files of a folder have; a connector and its simulator are two folders.
std::vector<std::string> shared_private_names(const std::vector<SourceFile>& files);

// One line for each private constant (kName) that a file uses and only another file of its folder has: alone
// it would not compile, or mean something else.
std::vector<std::string> borrowed_constants(const std::vector<SourceFile>& files);

}  // namespace baton::architecture
