// What vendors tell us, and apps with one address for everything (manifest().one_address): what such an app
// sends is read as a signal, as an event of a chat and as a command, whichever of our addresses it was given;
// and it serves all destinations that it signs for.
#include <algorithm>

#include "connectors/sdk/account_keys.h"
#include "gateway/base/json_view.h"
#include "gateway/base/mutant.h"
#include "gateway/ingress/ingress.h"

namespace baton::ingress {

// This account, and those beside it for which the same request is genuine: they are of the same app.
// `heard` gets what each of those reads in it about itself: an app may be installed in several of the
// vendor's workspaces and write to several channels, and each account knows its own.
Ingress::Family Ingress::of_one_app(const sdk::Account& account, const RawRequest& request,
                                    Heard& heard) const {
  Family family = {&account};
  for (const auto& [id, other] : parts_.accounts) {
    const bool may_be = other.get() != &account && other->connector == account.connector &&
                        other->workspace == account.workspace;
    if (!may_be) continue;
    auto webhook = other->connector->read_webhook(request, sdk::AccountKeys(*other), other->settings);
    if (!webhook) continue;
    family.push_back(other.get());
    heard.emplace_back(other.get(), std::move(*webhook));
  }
  return family;
}

// The source whose conversations these accounts carry. One conversation has one source: of several the first.
Source* Ingress::talks_through(const Family& family) {
  for (const auto* account : family) {
    for (auto& [name, source] : parts_.sources) {
      if (source.platform == account->id) return &source;
    }
  }
  return nullptr;
}

// `source`: whose address it came to; null: a destination's.
Task<Reply> Ingress::take_all(const sdk::Account& account, Source* source, RawRequest request) {
  const auto refused_with = account.connector->manifest().refused_status;
  auto webhook = account.connector->read_webhook(request, sdk::AccountKeys(account), account.settings);
  if (!webhook) co_return not_genuine(refused_with, webhook.error(), source);
  Heard heard;
  const auto family = of_one_app(account, request, heard);
  auto* const talk = source ? source : talks_through(family);
  std::optional<sdk::Inbound> inbound;
  if (talk) {
    auto read = read_platform(request, *talk);
    if (!read) co_return not_genuine(refused_with, read.error(), talk);
    inbound = std::move(*read);
    if (!inbound->events.empty() && over_limit(*talk)) co_return put_off(*talk);
  }
  const auto taken = co_await take_webhook(family, *webhook);
  if (!taken) co_return counted(not_now(taken.error()));
  heard.emplace_back(&account, *webhook);
  for (const auto& [of, what] : heard) {
    const auto heeded = co_await heed(*of, what);
    if (!heeded) co_return counted(not_now(heeded.error()));
  }
  if (inbound && !(inbound->events.empty() && inbound->signals.empty())) {
    const auto dropped = co_await drop_words_below_cards(inbound->events, family);
    if (!dropped) co_return counted(not_now(dropped.error()));
    auto better = co_await take_inbound(std::move(*inbound), *talk);
    if (!better) co_return counted(not_now(better.error()));
    if (*better) co_return std::move(**better);
  }
  co_return std::move(webhook->answer);
}

// The handoff of which this is the ticket, the card or another object of ours; nothing: of none.
Task<std::optional<Handoff>> Ingress::with_object(const sdk::Account& account, std::string object) {
  HandoffQuery query;
  query.workspace = account.workspace;
  query.object = {account.id, std::move(object)};
  query.limit = 1;
  auto found = co_await parts_.journal.query(std::move(query));
  if (!found) co_return found.error();
  if (found->empty()) co_return std::optional<Handoff>();
  co_return std::optional<Handoff>(std::move(found->front()));
}

// People talk below a card about the handoff: that is no conversation with a customer.
Task<Done> Ingress::drop_words_below_cards(std::vector<sdk::Arrival>& arrivals, const Family& family) {
  std::vector<sdk::Arrival> kept;
  for (auto& arrival : arrivals) {
    const auto place = JsonView(arrival.data).at_path("conversation.id").text();
    bool below = false;
    for (const auto* account : family) {
      const auto found = co_await with_object(*account, place);
      if (!found) co_return found.error();
      if (!*found) continue;
      const auto card = (*found)->cards.find(account->id);
      below = below || (card != (*found)->cards.end() && card->second.object_id == place);
    }
    if (!below) kept.push_back(std::move(arrival));
  }
  arrivals = std::move(kept);
  co_return Done{};
}

Task<Done> Ingress::take_webhook(const Family& family, sdk::Webhook& webhook) {
  for (auto& signal : webhook.signals) {
    const auto journalled = signal.kind == SignalKind::changed
                                ? co_await journal_change(*family.front(), std::move(signal))
                                : co_await journal_signal(family, std::move(signal));
    if (!journalled) co_return journalled.error();
  }
  for (const auto& deletion : webhook.deletions) {
    const auto gone = co_await forget(*family.front(), deletion);
    if (!gone) co_return gone.error();
  }
  if (!webhook.command || !parts_.command) co_return Done{};
  TypedCommand typed(webhook.command->who, webhook.command->words);
  for (const auto* account : family) typed.at.push_back(account->id);
  const auto text = co_await parts_.command(std::move(typed));
  // A person waits for this answer, and nothing repeats the command for them.
  webhook.answer =
      webhook.command->answer(text ? *text : "This did not work, please try again: " + text.error().detail);
  co_return Done{};
}

// What the vendor says of the destination itself, beside what happened to its objects.
Task<Done> Ingress::heed(const sdk::Account& account, const sdk::Webhook& webhook) {
  if (webhook.withheld) {
    auto& figures = figures_.withheld.at(account.id.text);
    ++figures.times;
    figures.last = webhook.withheld->at;
    if (parts_.withheld) parts_.withheld(account, *webhook.withheld);
  }
  if (webhook.revoked) {
    const auto parked = co_await park(account, *webhook.revoked);
    if (!parked) co_return parked.error();
  }
  if (webhook.restored) co_return co_await lift(account, *webhook.restored);
  co_return Done{};
}

Task<std::optional<LaneState>> Ingress::lane_of(const sdk::Account& account) {
  const auto lanes = co_await parts_.journal.lanes();
  if (!lanes) co_return lanes.error();
  const auto state = std::ranges::find(*lanes, Lane(account.id), &LaneState::lane);
  co_return state == lanes->end() ? std::optional<LaneState>() : *state;
}

Task<Done> Ingress::set_paused(const sdk::Account& account, bool paused, std::string why) {
  Batch batch;
  batch.lanes.emplace_back(Lane(account.id), paused, "baton", std::move(why), parts_.clock.now());
  const auto committed = co_await parts_.journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  co_return Done{};
}

// As a refused credential parks its lane, before the first delivery is refused. What holds already stands,
// and a notice that comes again after somebody resumed the lane is old.
Task<Done> Ingress::park(const sdk::Account& account, const sdk::Revocation& revoked) {
  const auto state = co_await lane_of(account);
  if (!state) co_return state.error();
  const bool held = *state && (*state)->paused && !(*state)->until;
  const bool resumed = *state && !(*state)->paused && (*state)->since > revoked.at;
  if (held || resumed) co_return Done{};
  co_return co_await set_paused(account, true,
                                "parked: " + revoked.why + "; then reload, or resume " + account.id.text);
}

// The next delivery finds out whether it is so. A person's pause stands, and so does what the lane was parked
// for otherwise, or later than this happened.
Task<Done> Ingress::lift(const sdk::Account& account, const sdk::Restoration& restored) {
  const auto state = co_await lane_of(account);
  if (!state) co_return state.error();
  if (!*state || !is_parked(**state)) co_return Done{};
  const auto& parked = **state;
  const bool meant = std::ranges::any_of(
      restored.of, [&](const auto& why) { return parked.reason.starts_with("parked: " + why); });
  if (!meant || std::chrono::floor<std::chrono::seconds>(parked.since) > restored.at) co_return Done{};
  co_return co_await set_paused(account, false, "the vendor says that it is there again");
}

// Which handoff, at which account, by which ticket or card of ours.
struct Ingress::About {
  About(const sdk::Account& account_in, HandoffId handoff_in, std::string object_in)
      : account(&account_in), handoff(std::move(handoff_in)), object(std::move(object_in)) {}
  const sdk::Account* account;
  HandoffId handoff;
  std::string object;
};

// A signal about an object that is not ours is counted and dropped: the vendor serves others too.
Task<Done> Ingress::journal_signal(const Family& family, Signal signal) {
  signal.from = family.front()->id;
  const auto handoffs = co_await about(family, signal);
  if (!handoffs) co_return handoffs.error();
  if (handoffs->empty()) {
    const auto count = figures_.signals_unknown.find(signal.from.text);
    if (count != figures_.signals_unknown.end()) ++count->second;
    co_return Done{};
  }
  const auto& account = *handoffs->front().account;
  signal.from = account.id;
  std::vector<std::string> tickets;
  for (const auto& one : *handoffs) {
    // Of several, those that came by a merge: each of them hears of it once.
    const bool own = one.object == signal.object_id;
    const auto added = co_await add_signal(account, one.handoff, signal,
                                           "/" + signal.id + (own ? "" : "/" + one.handoff.text));
    if (!added) co_return added.error();
    tickets.push_back(one.object);
  }
  if (signal.kind != SignalKind::merged) co_return Done{};
  co_return co_await remember_merge(account, signal, std::move(tickets));
}

// Not about an object of ours, but about a customer of theirs: each open handoff of theirs hears of it, once.
Task<Done> Ingress::journal_change(const sdk::Account& account, Signal signal) {
  signal.from = account.id;
  const auto handoffs = co_await concerned_.by(account.workspace, account.id, signal.object_id);
  if (!handoffs) co_return handoffs.error();
  for (const auto& handoff : *handoffs) {
    const auto added = co_await add_signal(account, handoff, signal, "/" + signal.id + "/" + handoff.text);
    if (!added) co_return added.error();
  }
  co_return Done{};
}

// After the events of the same request: they may open the handoff that it is about.
Task<Done> Ingress::take_platform_signals(std::vector<Signal> signals, const Source& source) {
  if (signals.empty()) co_return Done{};
  const auto& account = *parts_.accounts.at(*source.platform);
  for (auto& signal : signals) {
    HandoffQuery query;
    query.workspace = source.workspace;
    query.conversation = ConversationId(source.name, signal.object_id);
    query.open_only = true;
    query.limit = 1;
    const auto found = co_await parts_.journal.query(std::move(query));
    if (!found) co_return found.error();
    if (found->empty()) {
      ++figures_.signals_unknown.at(account.id.text);
      continue;
    }
    signal.from = account.id;
    auto key = "/" + signal.id;
    const auto added = co_await add_signal(account, found->front().id, std::move(signal), std::move(key));
    if (!added) co_return added.error();
  }
  co_return Done{};
}

Task<Done> Ingress::add_signal(const sdk::Account& account, const HandoffId& handoff, Signal signal,
                               std::string key) {
  Batch batch;
  // No event's key begins so: theirs begin with a workspace, whose name has no colon.
  key = "signal:" + account.workspace.text + "/" + account.id.text + key;
  batch.facts.emplace_back(handoff, std::move(key), Fact(parts_.clock.now(), std::move(signal)));
  const auto committed = co_await parts_.journal.commit(std::move(batch));
  if (!committed) co_return committed.error();
  if (committed->done()) ++figures_.signals;
  co_return Done{};  // known already: the vendor repeats itself
}

// Whose object it is, at the first account of the family that has it: also of a ticket into which others of
// ours were merged.
Task<std::vector<Ingress::About>> Ingress::about(const Family& family, const Signal& signal) {
  std::vector<About> handoffs;
  for (const auto* account : family) {
    auto objects = co_await merged_into(*account, signal.object_id);
    if (!objects) co_return objects.error();
    objects->insert(objects->begin(), signal.object_id);
    for (auto& object : *objects) {
      const auto found = co_await with_object(*account, object);
      if (!found) co_return found.error();
      if (*found) handoffs.emplace_back(*account, (*found)->id, std::move(object));
    }
    if (!handoffs.empty()) co_return handoffs;
  }
  // Our receipt may still be on its way into the journal; a notice that names the handoff need not wait.
  if (signal.handoff.empty()) co_return handoffs;
  const auto record = co_await parts_.journal.load(signal.handoff);
  if (!record && record.error().kind != FailureKind::rejected) co_return record.error();
  const bool ours = record && (record->handoff.workspace == family.front()->workspace ||
                               BATON_MUTANT(foreign_signal_heard));
  if (ours) handoffs.emplace_back(*family.front(), signal.handoff, signal.object_id);
  co_return handoffs;
}

}  // namespace baton::ingress
