// Purpose: one YAML (or JSON) text as a tree that knows the place of each of its parts.
// Owner: the caller. Threads: any; nothing is shared. Errors: collected in `problems`; with any, the
// tree holds what could be read and must not be acted on.
// Units: lines and columns count from 1, columns in code points, a tab is one column.
//
// Where a node says it stands: a map at its first key, a list at its first item or bracket, a quoted
// text at its opening quote, an empty value at its key, and what comes from an alias at its anchor.
// A block scalar (| or >) stands at the first character of its first line, so line n of a literal
// text (from 0) is in the file at line + n. A folded text (>) has lost its line breaks, so only its
// start is exact, and so is the line, but not the column, of a block with an indentation digit (|2).
// Anchors, aliases and merge keys (<<) work; tags other than !!str, !!map and !!seq are refused.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/model/node.h"

namespace baton::config {

inline constexpr std::size_t kMaxFileBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxNodes = 100'000;               // with every alias written out
inline constexpr std::size_t kMaxTextBytes = 16 * 1024 * 1024;  // of all texts, likewise
inline constexpr std::size_t kMaxDepth = 64;                    // maps and lists inside one another

struct Parsed {
  Node root;  // a null for an empty text
  Problems problems;
};

// `name` is the file as the operator knows it; it stands in every position. A name that ends in .json
// may hold JSON's surrogate pairs, which YAML lacks.
Parsed parse(std::string_view text, const std::string& name);

}  // namespace baton::config
