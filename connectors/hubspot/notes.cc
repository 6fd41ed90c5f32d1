#include "connectors/hubspot/notes.h"

#include <algorithm>
#include <memory>
#include <utility>

namespace baton::hubspot {
namespace {

class NoteSearch {
 public:
  NoteSearch(const Paths& paths, Timeline timeline, std::string external_id)
      : paths_(paths), timeline_(std::move(timeline)), external_id_(std::move(external_id)) {}

  Result<sdk::Found> match(const Reply& reply) {
    if (!asked_.empty()) return match_note(reply, external_id_, std::exchange(asked_, {}).size());
    auto page = read_note_ids(reply);
    if (!page) return Failure(FailureKind::ambiguous, page.error().detail);
    if (!page->after.empty() && page->after == after_)
      return Failure(FailureKind::ambiguous, "HubSpot's list of notes goes round in circles");
    waiting_ = std::move(page->ids);
    after_ = std::move(page->after);
    return sdk::Found();  // not yet: ids say nothing of what the notes say
  }

  Result<std::optional<sdk::Read>> next() {
    if (!waiting_.empty()) {
      const auto part = std::min(kMostInputs, waiting_.size());
      const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(part);
      asked_.assign(waiting_.begin(), end);
      waiting_.erase(waiting_.begin(), end);
      return std::optional(paths_.notes(asked_));
    }
    if (after_.empty()) return std::optional<sdk::Read>();
    return std::optional(paths_.note_ids(timeline_, after_));
  }

 private:
  Paths paths_;
  Timeline timeline_;
  std::string external_id_;
  std::vector<std::string> waiting_;  // notes of this page of ids that were not read yet
  std::vector<std::string> asked_;    // those that the next answer holds; none: it is a page of ids
  std::string after_;                 // where the ids go on; empty: nowhere
};

}  // namespace

sdk::Lookup look_for_note(const Paths& paths, const Timeline& timeline, const std::string& external_id,
                          Duration settle) {
  // Shared by the two functions of one look-up.
  const auto search = std::make_shared<NoteSearch>(paths, timeline, external_id);
  return sdk::Lookup(
      paths.note_ids(timeline), [search](const Reply& reply) { return search->match(reply); }, settle,
      [search](const Reply&) { return search->next(); });
}

}  // namespace baton::hubspot
