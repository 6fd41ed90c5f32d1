#include "gateway/app/secrets_version.h"

#include "gateway/base/json_view.h"
#include "gateway/journal/documents.h"

namespace baton::app {

Task<Done> remember_secrets(Journal& journal, std::uint64_t version, bool accept_older) {
  auto found = co_await find_document(journal, "secrets", "version");
  if (!found) co_return found.error();
  auto seen = std::move(*found).value_or(Document("secrets", "version"));
  const auto last = static_cast<std::uint64_t>(JsonView(seen.body).integer().value_or(0));
  if (version < last && !accept_older) {
    co_return Failure(
        FailureKind::misconfigured,
        "the sealed store is version " + std::to_string(version) + ", this journal has seen version " +
            std::to_string(last) +
            ": an older file was put back, and secrets that were rotated since are the old ones again. "
            "Nothing was started. Put the newer `secrets.sealed` back; or, if you restored a backup on "
            "purpose, start once with --accept-older-secrets and rotate what was rotated since");
  }
  seen.body = version;  // also if it is the same: what nobody writes any more, retention lets go of
  Batch batch;
  batch.documents.push_back(std::move(seen));
  const auto committed = co_await journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};  // stale: another thread of this process remembered a newer one
}

}  // namespace baton::app
