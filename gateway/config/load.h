// Purpose: reads baton.yaml and what it includes, as one tree.
// Owner: the caller. Threads: any; nothing is shared. Errors: every one in `problems`; with any, the
// tree holds what could be read and must not be acted on.
//
// `include:` at the top level names a file or a list of them, relative to the file it stands in; the
// last part may be a glob (`teams/*.yaml`), read in the order of names. Top-level maps are merged key
// by key: two files may each add destinations, but the same destination twice is an error, and so is
// any other top-level value twice (a list such as `routes` has an order that no merge could know).
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "gateway/model/node.h"

namespace baton::config {

inline constexpr std::size_t kMaxIncludeDepth = 16;
inline constexpr std::size_t kMaxFiles = 256;

struct Loaded {
  Node root;  // a map; empty if nothing could be read
  Problems problems;
  std::vector<std::string> files;  // in the order in which they were read, the first as given
};

Loaded load(const std::string& path);

}  // namespace baton::config
