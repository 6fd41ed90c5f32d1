#include "gateway/journal/documents.h"

#include <algorithm>
#include <iterator>

namespace baton {

Task<std::optional<Document>> find_document(Journal& journal, std::string kind, std::string key) {
  // A key is the beginning of itself, and stands before all longer ones.
  auto found = co_await journal.query(DocumentQuery(std::move(kind), key, {}, 1));
  if (!found) co_return found.error();
  if (found->empty() || found->front().key != key) co_return std::optional<Document>();
  co_return std::optional<Document>(std::move(found->front()));
}

Task<std::vector<Document>> all_documents(Journal& journal, std::string kind, std::size_t most) {
  std::vector<Document> all;
  DocumentQuery query(std::move(kind));
  for (;;) {
    auto page = co_await journal.query(query);
    if (!page) co_return page.error();
    const bool last = std::cmp_less(page->size(), query.limit);
    if (!page->empty()) query.after = page->back().key;
    std::ranges::move(*page, std::back_inserter(all));
    if (last || all.size() >= most) co_return all;
  }
}

}  // namespace baton
