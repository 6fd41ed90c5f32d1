#include "tests/walk/life.h"

#include "connectors/sdk/account_keys.h"
#include "gateway/base/json_view.h"

namespace baton::walk {
namespace {

using nlohmann::json;

const HandoffId kHandoff("hof_e1");

}  // namespace

Event requested(const Outside& outside) {
  json data = {{"conversation", {{"id", "c1"}}},
               {"customer", {{"name", "Ada Byron"}, {"email", "ada@example.com"}}},
               {"intent", {{"name", "refund"}, {"summary", "Was charged twice and wants one charge back."}}},
               {"reason", {{"trigger", "explicit_request"}}},
               {"priority", outside.priority}};
  if (!outside.errors.is_null()) data["errors"] = outside.errors;
  return Event(EventKey(WorkspaceId("main"), "chat", "e1"), "handoff.requested", ConversationId("chat", "c1"),
               *priority_from(outside.priority), std::move(data));
}

Life::Life(Outside& outside, int crash_at)
    : outside_(outside), clock_(loop_, outside.now), points_(crash_at), memory_(outside.store, clock_),
      journal_(memory_, points_), network_(clock_, {.latency = Duration{40}}), client_(network_, points_),
      planner_(journal_, clock_, random_, rules_, abilities_, patience_, tell_testing::shipped()), delivery_(outside.accounts, journal_, client_, clock_, random_),
      scope_(loop_, clock_) {
  outside.store.end_leases();
  for (const auto& [id, account] : outside.accounts) network_.add(account->base_url, outside.vendor(id));
  network_.add("https://hooks.slack.com", outside.vendor(kChat));
  scope_.spawn(delivery_.run(scope_.stop_token()));
  scope_.spawn(planner_.run(scope_.stop_token()));
  scope_.spawn(platform_sends(requested(outside)));
  for (const auto& event : outside.also) scope_.spawn(platform_sends(event));
  if (outside.people) scope_.spawn(people_act());
  if (outside.engineers) scope_.spawn(engineers_act());
}

Life::~Life() { outside_.now = clock_.now(); }

bool Life::run(Duration at_most) {
  clock_.run(clock_.now() + at_most, [this] { return points_.crashed(); });
  return !points_.crashed();
}

Record Life::record() {
  auto record = await(journal_.load(kHandoff));
  BATON_CHECK(record);
  return std::move(*record);
}

// What ingress commits for an event, without its HTTP.
Task<Done> Life::platform_sends(Event event) {
  auto route = handoff::route(event.data, outside_.rules).route;
  if (outside_.asks) handoff::equip(route, sdk::abilities(outside_.accounts), std::nullopt);
  if (route.bugs) route.can[*route.bugs] = sdk::abilities(outside_.accounts).at(*route.bugs);
  for (;;) {
    Batch batch;
    const HandoffId id("hof_" + event.key.id);
    batch.opens.emplace(id, event.key.workspace, event.conversation, event.priority, route, clock_.now());
    Job plan(JobKey(id, planner_lane(), Upkeep::plan), TimePoint::max());
    plan.conversation = event.conversation;
    batch.jobs.push_back(std::move(plan));
    batch.facts.emplace_back(id, event.key.text(), Fact(clock_.now(), event));
    const auto committed = co_await journal_.commit(std::move(batch));
    if (committed && (committed->done() || committed->verdict == Verdict::fact_known)) co_return Done{};
    (void)co_await clock_.until(clock_.now() + 1s);
  }
}

// Two agents click; a minute later the one who has it solves the ticket. A click that a crash swallowed
// is clicked again, as nobody repeats it for them.
Task<Done> Life::people_act() {
  const auto cards = [&] { return outside_.ledger(kChat).value("messages", json::array()); };
  const auto tickets = [&] { return outside_.ledger(kDesk).value("tickets", json::array()); };
  while (cards().empty() || tickets().empty()) (void)co_await clock_.until(clock_.now() + 5s);
  (void)co_await clock_.until(clock_.now() + 20s);
  const auto card = cards()[0];
  for (const auto* who : {"U0ANNA", "U0BEN"}) {
    const json click = {{"channel", card.at("channel")}, {"ts", card.at("ts")}, {"user", who},
                        {"username", who}, {"action_id", "baton_claim"}, {"value", kHandoff.text}};
    const auto webhooks = outside_.vendor(kChat).vendor().act(simulation::Deed("click", click), clock_.now());
    BATON_CHECK(webhooks);
    for (const auto& webhook : *webhooks) (void)co_await hook(kChat, webhook, clock_.now());
  }
  (void)co_await clock_.until(clock_.now() + 60s);
  if (tickets()[0].at("status") != "solved") {
    const json solve = {{"ticket", tickets()[0].at("id")}, {"by", "dana@acme.example"}};
    auto webhooks = outside_.vendor(kDesk).vendor().act(simulation::Deed("solve", solve), clock_.now());
    BATON_CHECK(webhooks);
    for (auto& webhook : *webhooks) outside_.owed.push_back({kDesk, std::move(webhook), clock_.now()});
  }
  co_return co_await deliver_owed();
}

// When all customers are on the report it is assigned, and then done.
Task<Done> Life::engineers_act() {
  const auto on_it = [&] { return outside_.ledger(kTracker).value("attachments", json::array()).size(); };
  while (on_it() < outside_.also.size() + 1) (void)co_await clock_.until(clock_.now() + 5s);
  const auto issue = outside_.ledger(kTracker)["issues"][0];
  const auto says = [&](const char* deed) {
    auto webhooks = outside_.vendor(kTracker).vendor().act(
        simulation::Deed(deed, {{"issue", issue.at("id")}}), clock_.now());
    BATON_CHECK(webhooks);
    for (auto& webhook : *webhooks) outside_.owed.push_back({kTracker, std::move(webhook), clock_.now()});
  };
  if (JsonView(issue)["assignee"].missing() || JsonView(issue)["assignee"].null()) says("assign");
  if (JsonView(issue).at_path("state.type").text() != "completed") says("solve");
  co_return co_await deliver_owed();
}

Task<Done> Life::deliver_owed() {
  while (!outside_.owed.empty()) {
    const auto& [from, webhook, at] = outside_.owed.front();
    (void)co_await hook(from, webhook, at);
    outside_.owed.erase(outside_.owed.begin());
  }
  co_return Done{};
}

// What ingress commits for a webhook, without its HTTP.
Task<Done> Life::hook(const DestinationId& from, const simulation::Outbound& webhook, TimePoint at) {
  const auto& account = *outside_.accounts.at(from);
  RawRequest raw(webhook.request.method, "/v1/hooks/" + from.text, webhook.request.body, webhook.request.headers);
  raw.received_at = at;
  auto read = account.connector->read_webhook(raw, sdk::AccountKeys(account), account.settings);
  BATON_CHECK(read);
  for (auto& signal : read->signals) {
    signal.from = from;
    for (bool taken = false; !taken;) {
      const auto handoff = co_await about(from, signal.object_id, signal.handoff);
      if (handoff && !handoff->empty()) {
        Batch batch;
        batch.facts.emplace_back(*handoff, from.text + "/" + signal.id, Fact(clock_.now(), signal));
        taken = (co_await journal_.commit(std::move(batch))).has_value();
      }
      if (!taken) (void)co_await clock_.until(clock_.now() + 1s);
    }
  }
  co_return Done{};
}

Task<HandoffId> Life::about(const DestinationId& from, const std::string& object, const HandoffId& named) {
  HandoffQuery query;
  query.object = {from, object};
  const auto found = co_await journal_.query(std::move(query));
  if (!found) co_return found.error();
  co_return found->empty() ? named : found->front().id;
}

}  // namespace baton::walk
