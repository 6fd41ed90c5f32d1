// Tickets that people merged into others: what a vendor says of the one that remains concerns the handoffs of
// those that are part of it. A document remembers them, because a receipt names the ticket that was made.
#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/ingress/ingress.h"
#include "gateway/journal/documents.h"

namespace baton::ingress {
namespace {

constexpr auto kMerged = "merged_tickets";
constexpr std::size_t kMostMerged = 50;  // tickets of ours in one

std::string key_of(const sdk::Account& account, const std::string& ticket) {
  return account.id.text + "/" + ticket;
}

std::vector<std::string> tickets_of(const std::optional<Document>& document) {
  std::vector<std::string> tickets;
  if (!document) return tickets;
  for (const auto& ticket : items(JsonView(document->body)["tickets"])) tickets.push_back(ticket.text());
  return tickets;
}

}  // namespace

Task<std::vector<std::string>> Ingress::merged_into(const sdk::Account& account, const std::string& object) {
  if (object.empty()) co_return std::vector<std::string>();
  const auto known = co_await find_document(parts_.journal, kMerged, key_of(account, object));
  if (!known) co_return known.error();
  co_return tickets_of(*known);
}

// `tickets`: those of ours that it concerned. Somebody else may write the same document at the same time, so
// it is read again as often as that happens. After the signal, so that a failure in between repeats both.
Task<Done> Ingress::remember_merge(const sdk::Account& account, const Signal& signal,
                                   std::vector<std::string> tickets) {
  const auto key = key_of(account, signal.about);
  for (int turn = 0; turn < 8; ++turn) {
    const auto known = co_await find_document(parts_.journal, kMerged, key);
    if (!known) co_return known.error();
    auto all = tickets_of(*known);
    const auto before = all.size();
    for (const auto& ticket : tickets) {
      const bool is_new = ticket != signal.about && std::ranges::find(all, ticket) == all.end();
      if (is_new && all.size() < kMostMerged) all.push_back(ticket);
    }
    if (all.size() == before) co_return Done{};
    Batch batch;
    batch.documents.emplace_back(kMerged, key, nlohmann::json{{"tickets", all}},
                                 *known ? (*known)->version : 0);
    const auto committed = co_await parts_.journal.commit(std::move(batch));
    if (!committed) co_return committed.error();
    if (committed->done()) co_return Done{};
  }
  co_return Failure(FailureKind::retryable, "others keep merging into this ticket");
}

}  // namespace baton::ingress
