// Purpose: the two questions about documents that everybody asks: this one, and all of a kind.
// Owner: none. Threads: the journal's. Errors: the journal's own.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/journal/journal.h"

namespace baton {

// Nothing if there is none of exactly this key.
Task<std::optional<Document>> find_document(Journal& journal, std::string kind, std::string key);

// Page by page, in the order of their keys; it ends with the page that brings `most`.
Task<std::vector<Document>> all_documents(Journal& journal, std::string kind, std::size_t most);

}  // namespace baton
