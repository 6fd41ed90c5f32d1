#include "tests/contract/bench.h"

#include <chrono>
#include <fstream>

#include <gtest/gtest.h>

#include "connectors/simulation/registry.h"
#include "gateway/base/date.h"
#include "gateway/delivery/probe.h"
#include "gateway/model/codec.h"
#include "tests/contract/accounts.h"

namespace baton::contract {
namespace {

using nlohmann::json;

const HandoffId kHandoff("hof_0199e5a1c2d37f00a1b2c3d4e5f60718");

// What has to exist before an operation can work on it.
std::optional<Operation> prior(Operation operation) {
  using enum Operation;
  switch (operation) {
    case add_note:
    case read_status:
    case read_person:
    case set_status: return open_ticket;
    case update_alert:
    case reply_in_thread: return post_alert;
    case link_bug: return file_bug;
    default: return std::nullopt;
  }
}

}  // namespace

json subject_of(Operation operation, const json& data, const std::string& conversation, TimePoint now) {
  using enum Operation;
  const json about = {{"conversation", {{"id", conversation}}}, {"handoff_id", kHandoff.text}};
  const auto with_text = [&](const char* text) {
    auto subject = about;
    subject["text"] = text;
    return subject;
  };
  switch (operation) {
    case tell_customer: return with_text("Anna has it now.");
    case give_back: return with_text("The second charge is refunded.");
    case take_control:
    case fetch_transcript: return about;
    case link_bug:
      return {{"customer", data.value("customer", json::object())},
              {"ticket", {{"id", "T-1"}, {"url", "https://desk.example/T-1"}}}};
    case add_note:
    case reply_in_thread: return {{"text", "Anna has it now."}, {"to", "U02AGENT01"}};
    case set_status: return {{"status", "solved"}};
    case update_alert:
      return {
          {"owner", "Anna"}, {"link", "https://acme.example/1"}, {"state", "claimed"}, {"news", "claimed"}};
    case read_context:
    case write_back: return {{"customer", data.value("customer", json::object())}};
    case notify:
      return {{"type", "alert.raised"},
              {"at", now.time_since_epoch().count()},
              {"data",
               {{"key", "destination/desk/availability"},
                {"about", "desk"},
                {"cause", "availability"},
                {"state", "firing"},
                {"severity", "critical"},
                {"title", "desk is down"},
                {"now", "Deliveries to desk wait and are sent when it is back; none is lost."},
                {"evidence", "5 attempts in a row have failed: HTTP 503"},
                {"to_do", "Look at the status page of desk."},
                {"since", "2026-01-01T00:00:00.000Z"}}}};
    case emit:
      return {{"type", "handoff.accepted"},
              {"at", now.time_since_epoch().count()},
              {"data",
               {{"handoff_id", kHandoff.text}, {"conversation_id", conversation}, {"text", "We have it."}}}};
    default: return json::object();
  }
}

void set_up(const Place& place, simulation::FaultyVendor& vendor, TimePoint now) {
  for (const auto& one : place.deeds) {
    const auto done = vendor.vendor().act(simulation::Deed(one.at("deed"), one.at("with")), now);
    EXPECT_TRUE(done) << done.error().detail;
  }
  for (const auto& wanted : place.prepare) {
    RawRequest request(wanted.at("method"), wanted.at("target"), wanted.at("body").dump(),
                       wanted.at("headers").get<Headers>());
    request.received_at = now;
    const auto answer = vendor.handle(request).reply;
    EXPECT_LT(answer.status, 300) << answer.body;
  }
}

Task<Reply> MeddlingClient::exchange(Outgoing outgoing) {
  const auto n = static_cast<int>(sent.size());
  sent.push_back(outgoing.request);
  std::optional<Result<Reply>> answer;
  if (instead_) answer = instead_(n, outgoing.request);
  auto reply = answer ? std::move(*answer) : co_await inner_.exchange(std::move(outgoing));
  if (after_) after_(n, reply);
  co_return reply;
}

void MeddlingClient::meddle(Instead instead, After after) {
  sent.clear();
  instead_ = std::move(instead);
  after_ = std::move(after);
}

Task<Committed> UnwellJournal::commit(Batch batch) {
  if (commits++ == fail_at) co_return Failure(FailureKind::retryable, "the store is unwell");
  co_return co_await inner_.commit(std::move(batch));
}

const json& Bench::sample_data() {
  static const json data = [] {
    std::ifstream file(std::string(BATON_SOURCE_DIR) + "/tests/data/sample_event.json");
    return json::parse(file).at("data");
  }();
  return data;
}

Bench::Bench(const Place& place_in, json data)
    : place(place_in), vendor(simulation::make_vendor(place.connector, place.setup)),
      clock(loop, TimePoint{} + std::chrono::years(56)), conversation_(place.conversation),
      memory_(store, clock), network_(clock, {.latency = Duration{40}}), journal(memory_), client(network_),
      scope_(loop, clock) {
  auto made = make_account(place, place.connector);
  account = made.get();
  bind_redactor();
  accounts.emplace(account->id, std::move(made));
  network_.add(place.base_url, vendor);
  for (const auto& url : place.also) network_.add(url, vendor);
  station_ = std::make_unique<delivery::Station>(accounts, journal, client, clock, random_);

  set_up(place, vendor, clock.now());
  if (place.conversation.starts_with("$/")) {
    const json::json_pointer where(place.conversation.substr(1));
    conversation_ = vendor.vendor().ledger().at(where).get<std::string>();
  }
  Batch batch;
  batch.opens.emplace(kHandoff, WorkspaceId("main"), ConversationId("chat", "c1"), Priority::high, Route{},
                      clock.now());
  data["customer"].update(place.customer);
  batch.opens->data = std::move(data);
  BATON_CHECK(await(memory_.commit(std::move(batch)))->done());
  scope_.spawn(station_->run(scope_.stop_token()));
}

// As app/ does it.
void Bench::bind_redactor() {
  auto redactor = secrets::Redactor::make();
  BATON_CHECK(redactor);
  redactor_ = std::move(*redactor);
  for (const auto& [field, values] : account->secrets) {
    for (const auto& value : values) redactor_->add(value);
  }
  account->redact = [this](std::string_view text) { return redactor_->redact(text); };
  account->learn = [this](std::string_view kind, const Secret& value) {
    redactor_->remember(account->id.text + "/" + std::string(kind), value);
    if (value.size() >= secrets::kShortestSecret) obtained_.emplace_back(value.reveal());
  };
}

std::vector<std::string> Bench::secrets() const {
  auto all = obtained_;
  for (const auto& [field, value] : place.secrets) all.push_back(value);
  return all;
}

Bench::~Bench() {
  scope_.cancel();
  clock.run(clock.now() + 1min);
}

void Bench::ask_for(Operation operation, int sequence) {
  const auto record = await(memory_.load(kHandoff));
  Batch batch;
  // Due a little later, so that a test can meddle from the first request on.
  Job job(JobKey(kHandoff, account->id, operation, sequence), clock.now() + 1s,
          subject_of(operation, record->handoff.data, conversation_, clock.now()));
  job.conversation = record->handoff.conversation;
  if (is_read(operation)) job.deadline = job.due + 30s;  // as the planner gives reads one
  batch.jobs.push_back(std::move(job));
  BATON_CHECK(await(memory_.commit(std::move(batch)))->done());
}

void Bench::order(Operation operation) {
  if (const auto first = prior(operation)) {
    ask_for(*first);
    run();
    const auto made = job(*first);
    ASSERT_EQ(name(made.state), "done") << name(*first) << ": " << (made.failure ? made.failure->detail : "");
    Batch batch;
    batch.moves = await(memory_.load(kHandoff))->handoff;
    if (*first == Operation::open_ticket) batch.moves->ticket = made.receipt;
    else if (*first == Operation::file_bug) batch.moves->bug = made.receipt;
    else batch.moves->cards[account->id] = made.receipt;
    BATON_CHECK(await(memory_.commit(std::move(batch)))->done());
  }
  before_ = count(operation);
  client.leave_alone();
  journal.commits = 0;
  ask_for(operation);
}

void Bench::run(Duration at_most) { clock.run(clock.now() + at_most); }

Job Bench::job(Operation operation, int sequence) {
  const auto record = await(memory_.load(kHandoff));
  for (const auto& one : record->jobs) {
    if (one.key.work == Work(operation) && one.key.sequence == sequence) return one;
  }
  BATON_CHECK(!"no such job");
  std::abort();
}

std::optional<LaneState> Bench::lane() {
  const auto found = store.lanes.find(account->id);
  return found == store.lanes.end() ? std::nullopt : std::optional(found->second);
}

Verdict Bench::replay(const Job& job) {
  Batch batch;
  batch.replays.push_back(job);
  batch.replays.back().state = JobState::pending;
  batch.replays.back().due = clock.now();
  return await(memory_.commit(std::move(batch)))->verdict;
}

void Bench::set_paused(bool paused) {
  Batch batch;
  batch.lanes.emplace_back(Lane(account->id), paused, "ada", "we leave them", clock.now());
  BATON_CHECK(await(memory_.commit(std::move(batch)))->done());
  run(Duration{1s});
}

std::string Bench::withdraw() {
  std::string outcome = "it does not end";
  scope_.spawn(station_->withdraw(account->id), [&outcome](Result<delivery::Withdrawn> what) {
    outcome = what ? std::string(name(*what)) : what.error().detail;
  });
  run(Duration{30s});
  return outcome;
}

void Bench::prepare() {
  client.leave_alone();
  scope_.spawn(delivery::probe(*account, client, clock, delivery::Apply::yes),
               [](Result<sdk::Findings> found) { EXPECT_TRUE(found) << found.error().detail; });
  run(Duration{1min});
}

int Bench::count(Operation operation) const {
  const auto& known = place.operations.value(std::string(name(operation)), json::object());
  const auto effect = known.value("effect", "");
  return vendor.vendor().ledger().value("effects", json::object()).value(effect, 0);
}

int Bench::effects(Operation operation) const { return count(operation) - before_; }

std::string Bench::everything_kept() {
  const auto record = await(memory_.load(kHandoff));
  std::string text;
  for (const auto& one : record->jobs) text += encode(one);
  text += encode(record->handoff);
  for (const auto& [id, state] : store.lanes) text += state.reason + "\n";
  for (const auto& entry : store.audit) text += entry.what + entry.subject + entry.why + "\n";
  return text;
}

}  // namespace baton::contract
