#include "gateway/planner/defects.h"

#include <algorithm>

#include "gateway/base/json_view.h"
#include "gateway/journal/documents.h"

namespace baton {
namespace {

using handoff::kDefectKind;
using handoff::kShelfKind;

// As many candidates of one shelf are compared; the oldest keys that stand there.
constexpr int kMostOnShelf = 50;

}  // namespace

Task<Done> Turn::wait(Clock& clock) {
  while (taken_) (void)co_await ended_.wait(ended_.count(), clock, TimePoint::max());
  taken_ = true;
  co_return Done{};
}

void Turn::end() {
  taken_ = false;
  ended_.ring();
}

Task<std::vector<Signal>> Defects::hear(const Handoff& speaker, std::vector<handoff::ToDefect> said,
                                        TimePoint at) {
  if (!mine_) {
    const auto turn = co_await turn_.wait(clock_);
    if (!turn) co_return turn.error();
    mine_ = true;
  }
  std::vector<Signal> answers;
  for (const auto& one : said) {
    std::string key;
    const auto found = co_await find(speaker, one, key);
    if (!found) co_return found.error();
    const auto entry = known_.find(key);
    if (entry == known_.end()) continue;  // somebody removed it
    auto& known = entry->second;
    auto next = handoff::advance(std::move(known.bug), one.what, at, policy_);
    known.bug = std::move(next.bug);
    known.changed = true;
    const bool ended = std::holds_alternative<handoff::ConversationEnded>(one.what);
    if (ended && next.tasks.empty()) continue;
    // The next version is this commit's alone, and with it the id.
    const auto id = key + "/" + std::to_string(known.version + 1) + "/" + std::to_string(answers_++);
    for (auto& answer : handoff::answers_of(known.bug, one.what, next.tasks, speaker.id, id)) {
      auto& to = answer.handoff == speaker.id ? answers : to_others_;
      to.push_back(std::move(answer));
    }
  }
  co_return answers;
}

Task<Done> Defects::find(const Handoff& speaker, const handoff::ToDefect& said, std::string& key) {
  key = said.key;
  if (!key.empty()) co_return co_await load(key);
  const auto* seen = std::get_if<handoff::Sighting>(&said.what);
  if (!seen) co_return Done{};
  const auto scope = handoff::defect_scope(speaker);
  const auto found = co_await find_by_parts(scope, seen->parts, key);
  if (!found) co_return found.error();
  if (!key.empty()) co_return Done{};
  handoff::Fingerprint mark;
  mark.key = scope + handoff::key_of(seen->parts);
  mark.parts = seen->parts;
  key = mark.key;
  auto& known = known_[key];
  known.bug = handoff::new_bug(mark);
  if (const auto old = unreadable_.find(key); old != unreadable_.end()) known.version = old->second;
  co_return Done{};
}

// The one with this key, else the one that agrees most of those that stand on one of its shelves.
Task<Done> Defects::find_by_parts(const std::string& scope, const handoff::ErrorParts& parts,
                                  std::string& key) {
  const auto own = scope + handoff::key_of(parts);
  const auto loaded = co_await load(own);
  if (!loaded) co_return loaded.error();
  if (known_.contains(own)) {
    key = own;
    co_return Done{};
  }
  for (const auto& shelf : handoff::shelves(parts)) {
    const auto read = co_await load_shelf(scope + shelf);
    if (!read) co_return read.error();
  }
  std::vector<const handoff::KnownBug*> candidates;
  for (const auto& [candidate, known] : known_) {
    if (candidate.starts_with(scope)) candidates.push_back(&known.bug);
  }
  std::ranges::sort(candidates, {}, [](const auto* bug) { return std::pair(bug->first_at, bug->key); });
  std::vector<handoff::ErrorParts> all;
  for (const auto* bug : candidates) all.push_back(bug->parts);
  if (const auto same = handoff::find_same(parts, all)) key = candidates[*same]->key;
  co_return Done{};
}

Task<Done> Defects::load(std::string key) {
  if (known_.contains(key)) co_return Done{};
  const auto found = co_await find_document(journal_, std::string(kDefectKind), key);
  if (!found) co_return found.error();
  if (!*found) co_return Done{};
  auto bug = handoff::read_known_bug((*found)->body);
  if (!bug) {
    unreadable_[key] = (*found)->version;
    co_return Done{};
  }
  auto& known = known_[key];
  known.bug = std::move(*bug);
  known.bug.key = key;
  known.version = (*found)->version;
  known.shelved = known.bug.parts;
  co_return Done{};
}

Task<Done> Defects::load_shelf(std::string shelf) {
  const auto prefix = shelf + "/";
  const auto standing =
      co_await journal_.query(DocumentQuery(std::string(kShelfKind), prefix, {}, kMostOnShelf));
  if (!standing) co_return standing.error();
  for (const auto& one : *standing) {
    const auto loaded = co_await load(one.key.substr(prefix.size()));
    if (!loaded) co_return loaded.error();
  }
  co_return Done{};
}

Task<Done> Defects::add_to(Batch& batch, TimePoint now) {
  for (const auto& [key, known] : known_) {
    if (!known.changed) continue;
    batch.documents.emplace_back(std::string(kDefectKind), key, handoff::to_json(known.bug), known.version);
    const auto shelved = co_await put_on_shelves(known, batch);
    if (!shelved) co_return shelved.error();
  }
  for (auto& signal : to_others_) {
    const auto there = co_await exists(signal.handoff);
    if (!there) co_return there.error();
    if (!*there) continue;  // deleted, as old ones are
    const auto to = signal.handoff;
    const auto key = "defect:" + signal.id;
    batch.facts.emplace_back(to, key, Fact(now, std::move(signal)));
  }
  to_others_.clear();
  co_return Done{};
}

// What is learnt of a defect later puts it on further shelves; it leaves none.
Task<Done> Defects::put_on_shelves(const Known& known, Batch& batch) {
  if (known.version > 0 && known.shelved == known.bug.parts) co_return Done{};
  const auto scope = known.bug.key.substr(0, known.bug.key.rfind('.') + 1);
  for (const auto& shelf : handoff::shelves(known.bug.parts)) {
    const auto key = scope + shelf + "/" + known.bug.key;
    const auto standing = co_await find_document(journal_, std::string(kShelfKind), key);
    if (!standing) co_return standing.error();
    if (*standing) continue;
    batch.documents.emplace_back(std::string(kShelfKind), key, nlohmann::json{{"defect", known.bug.key}});
  }
  co_return Done{};
}

Task<bool> Defects::exists(HandoffId handoff) {
  const auto found = co_await journal_.load(std::move(handoff));
  if (found) co_return true;
  if (found.error().kind == FailureKind::rejected) co_return false;
  co_return found.error();
}

}  // namespace baton
