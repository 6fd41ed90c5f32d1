// Measures the SQLite journal; not a test. Build with the release preset: ninja journal_measure
//   journal_measure parse N              N parses of the body that `ingest` stores
//   journal_measure build N              N ingest batches, as values
//   journal_measure encode N             the same, and their records
//   journal_measure ingest N DIR         N ingest commits, one after the other
//   journal_measure together P N DIR     P producers with N commits each
//   journal_measure fill N DIR           N pending deliveries
//   journal_measure first DIR            opening and the first claim
// Instructions: valgrind --tool=callgrind on `ingest` with two N; the difference is the commits'.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <string>

#include "gateway/base/scope.h"
#include "gateway/journal/sqlite/records.h"
#include "gateway/journal/sqlite/sqlite.h"

namespace baton {
namespace {

std::string body() {
  nlohmann::json data;
  data["conversation"] = {{"id", "conv-8231"}, {"channel", "web"}, {"language", "en"}};
  data["customer"] = {{"id", "cus_812"},
                      {"name", "Ada Example"},
                      {"email", "ada@example.com"},
                      {"tier", "gold"},
                      {"company", "Example"},
                      {"timezone", "Europe/Vienna"},
                      {"attributes", {{"seats", 25}, {"mrr", 1250.5}, {"beta", true}}}};
  data["intent"] = {{"name", "checkout_failure"}, {"confidence", 0.93}, {"summary", std::string(240, 's')}};
  data["attempts"] = {{{"action", "reset_cart"}, {"outcome", "failed"}, {"confidence", 0.4}},
                      {{"action", "retry_payment"}, {"outcome", "failed"}, {"confidence", 0.3}}};
  for (int i = 0; data.dump().size() < 3500; ++i) {
    data["transcript"].push_back(
        {{"id", "m" + std::to_string(i)},
         {"at", "2025-01-01T10:00:00Z"},
         {"role", i % 2 ? "ai" : "customer"},
         {"text", "Line " + std::to_string(i) + " of what was said \"quoted\" here."}});
  }
  return data.dump();
}

Batch ingest(int i, const nlohmann::json& data, TimePoint now) {
  Batch batch;
  char digits[40];
  std::snprintf(digits, sizeof digits, "hof_%032d", i);
  const ConversationId conversation("chat", "conv-" + std::to_string(i * 7919L % 1'000'003));
  Handoff handoff(HandoffId(digits), WorkspaceId("main"), conversation, Priority::normal, Route(), now);
  const auto id = handoff.id;
  batch.opens = std::move(handoff);  // its data comes with the event, when it is planned
  const EventKey key(WorkspaceId("main"), "chat", "evt_" + std::to_string(i * 104'729L % 15'485'863));
  Event event(key, "handoff.requested", conversation, Priority::normal, data);
  batch.facts.emplace_back(id, event.key.text(), Fact(now, std::move(event)), std::string(64, 'd'));
  batch.jobs.emplace_back(JobKey(id, planner_lane(), Upkeep::plan), now);
  return batch;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

std::unique_ptr<SqliteJournal> open(const std::string& directory, Loop& loop, Clock& clock) {
  SqliteOptions options;
  options.directory = directory;
  auto journal = SqliteJournal::open(options, loop, clock);
  if (!journal) die(ExitCode::journal_failed, journal.error().detail);
  return std::move(*journal);
}

Task<Done> produce(Journal& journal, Clock& clock, const nlohmann::json& data, int from, int count) {
  for (int i = from; i < from + count; ++i) {
    const auto committed = co_await journal.commit(ingest(i, data, clock.now()));
    BATON_CHECK(committed && committed->done());
  }
  co_return Done{};
}

int together(int producers, int each, const std::string& directory) {
  Loop loop;
  RealClock clock(loop);
  auto journal = open(directory, loop, clock);
  const auto data = nlohmann::json::parse(body());
  Scope scope(loop, clock);
  const auto start = std::chrono::steady_clock::now();
  for (int p = 0; p < producers; ++p) {
    scope.spawn(produce(*journal, clock, data, 1 + p * each, each), [&](Result<Done>) {
      if (scope.running() == 1) loop.stop();
    });
  }
  const auto work = net::make_work_guard(loop);
  loop.run();
  const auto took = seconds_since(start);
  std::printf("%d producers: %.0f commits/s\n", producers, producers * each / took);
  return 0;
}

Task<Done> add_deliveries(Journal& journal, Clock& clock, int count) {
  for (int i = 0; i < count; i += 500) {
    Batch batch;
    Handoff handoff(HandoffId("hof_" + std::to_string(i)), WorkspaceId("main"),
                    ConversationId("chat", "c" + std::to_string(i)), Priority::normal, Route(), clock.now());
    const auto id = handoff.id;
    batch.opens = std::move(handoff);
    for (int j = 0; j < 500; ++j) {
      // Lanes enough that most deliveries are first in line, as with one per conversation.
      batch.jobs.emplace_back(JobKey(id, Lane("lane" + std::to_string(j % 250)), Operation::add_note, j + 1),
                              clock.now(), nlohmann::json{{"text", std::string(100, 'n')}});
    }
    const auto committed = co_await journal.commit(std::move(batch));
    BATON_CHECK(committed && committed->done());
  }
  co_return Done{};
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stol(line.substr(6));
  }
  return 0;
}

template <class T>
void run(Loop& loop, Clock& clock, Task<T> task) {
  Scope scope(loop, clock);
  scope.spawn(std::move(task), [&](Result<T>) { loop.stop(); });
  const auto work = net::make_work_guard(loop);
  loop.restart();
  loop.run();
}

Task<Done> first_claims(Journal& journal, std::chrono::steady_clock::time_point start) {
  const auto claim = co_await journal.claim(Lane("lane1"), 16, 30s, Take::all);
  BATON_CHECK(claim && claim->jobs.size() == 16);
  std::printf("first claim after %.3f s, %ld MiB at most resident\n", seconds_since(start),
              resident_kib() / 1024);
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    (void)co_await journal.claim(Lane("lane" + std::to_string(i % 250)), 16, 30s, Take::all);
  }
  std::printf("then %.0f claims/s of up to 16 jobs, %ld MiB\n", 1000 / seconds_since(before),
              resident_kib() / 1024);
  co_return Done{};
}

int measure(const std::vector<std::string>& words) {
  const auto text = body();
  const auto number = [&](std::size_t at) { return std::stoi(words.at(at)); };
  if (words.at(0) == "parse") {
    std::size_t sum = 0;
    for (int i = 0; i < number(1); ++i) sum += nlohmann::json::parse(text).size();
    std::printf("%zu bytes, %zu\n", text.size(), sum);
    return 0;
  }
  const auto data = nlohmann::json::parse(text);
  if (words[0] == "build") {
    std::size_t sum = 0;
    for (int i = 0; i < number(1); ++i) sum += ingest(i, data, {}).facts.size();
    std::printf("%zu\n", sum);
    return 0;
  }
  if (words[0] == "encode") {
    std::size_t sum = 0;
    for (int i = 0; i < number(1); ++i) sum += sqlite::Encoded(ingest(i, data, {})).size;
    std::printf("%zu\n", sum);
    return 0;
  }
  if (words[0] == "together") return together(number(1), number(2), words.at(3));
  Loop loop;
  RealClock clock(loop);
  const auto start = std::chrono::steady_clock::now();
  auto journal = open(words.back(), loop, clock);
  if (words[0] == "ingest") run(loop, clock, produce(*journal, clock, data, 1, number(1)));
  if (words[0] == "fill") run(loop, clock, add_deliveries(*journal, clock, number(1)));
  if (words[0] == "first") run(loop, clock, first_claims(*journal, start));
  return 0;
}

}  // namespace
}  // namespace baton

int main(int count, char** words) { return baton::measure({words + 1, words + count}); }
