// Who may send events, and in which shapes: signatures, envelopes, content types, and every event that
// is kept in tests/event_schema.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/ingress/bench.h"

namespace baton::ingress {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;

struct Forgery {
  const char* what;
  std::function<void(Bench&, RawRequest&)> change;
};

void resign(const Bench& bench, RawRequest& request, Duration after) {
  const auto at = bench.clock.now() + after;
  std::vector<secrets::SigningKey> keys;
  keys.push_back(key_of(kShopKey));
  request.headers["webhook-timestamp"] =
      std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
  request.headers["webhook-signature"] =
      *secrets::sign(request.headers["webhook-id"], at, request.body, keys);
}

TEST(Signatures, that_do_not_fit_are_refused_and_nothing_is_stored) {
  const std::vector<Forgery> forgeries = {
      {"no signature", [](Bench&, RawRequest& r) { r.headers.erase("webhook-signature"); }},
      {"no id", [](Bench&, RawRequest& r) { r.headers.erase("webhook-id"); }},
      {"no timestamp", [](Bench&, RawRequest& r) { r.headers.erase("webhook-timestamp"); }},
      {"no header at all", [](Bench&, RawRequest& r) { r.headers = {{"content-type", "application/json"}}; }},
      {"another key", [](Bench& b, RawRequest& r) { r = b.signed_with(kNobodysKey, r.body, "e1"); }},
      {"another body", [](Bench&, RawRequest& r) { r.body += " "; }},
      {"another id", [](Bench&, RawRequest& r) { r.headers["webhook-id"] = "e2"; }},
      {"another time",
       [](Bench& b, RawRequest& r) {
         const auto at = b.clock.now() + 1s;
         r.headers["webhook-timestamp"] =
             std::to_string(std::chrono::floor<std::chrono::seconds>(at).time_since_epoch().count());
       }},
      {"too old", [](Bench& b, RawRequest& r) { resign(b, r, -301s); }},
      {"from the future", [](Bench& b, RawRequest& r) { resign(b, r, 301s); }},
      {"both families of headers", [](Bench&, RawRequest& r) { r.headers["svix-id"] = "e1"; }},
      {"an empty signature", [](Bench&, RawRequest& r) { r.headers["webhook-signature"] = "v1,"; }},
  };
  for (const auto& [what, change] : forgeries) {
    MemoryStore store;
    Bench bench(store);
    auto request = bench.from_shop(event("e1", "c1"));
    change(bench, request);
    const auto answer = bench.send(request);
    EXPECT_EQ(answer.status, 401) << what;
    EXPECT_EQ(code_of(answer), "signature_invalid") << what;
    EXPECT_TRUE(store.handoffs.empty()) << what;
    EXPECT_EQ(bench.journal.commits, 0) << what;
    EXPECT_EQ(bench.ingress.figures().refused, 1u) << what;
  }
}

// Beside it a source without a secret, which sorts behind all others: its lack is nobody's fault.
TEST(Signatures, that_do_not_fit_are_told_what_is_wrong) {
  MemoryStore store;
  Bench bench(store);
  auto request = bench.from_shop(event("e1", "c1"));
  resign(bench, request, -301s);
  EXPECT_NE(bench.send(request).body.find("behind our clock"), std::string::npos);
  request.headers.erase("webhook-timestamp");
  EXPECT_NE(bench.send(request).body.find("missing or empty: webhook-timestamp"), std::string::npos);
}

TEST(Signatures, are_good_for_five_minutes_and_with_both_secrets_of_a_rotation) {
  MemoryStore store;
  Bench bench(store);
  for (const auto after : {Duration{-299s}, Duration{299s}}) {
    auto request = bench.from_shop(event("e1", "c1"));
    resign(bench, request, after);
    EXPECT_EQ(bench.send(request).status, 202) << after.count();
  }
  const auto old = event("e2", "c2");
  EXPECT_EQ(bench.send(bench.signed_with(kOldShopKey, old.dump(), "e2")).status, 202);
}

TEST(Signatures, may_stand_in_svix_headers) {
  MemoryStore store;
  Bench bench(store);
  auto request = bench.from_shop(event("e1", "c1"));
  for (const auto* part : {"id", "timestamp", "signature"}) {
    auto header = request.headers.extract(std::string("webhook-") + part);
    header.key() = std::string("svix-") + part;
    request.headers.insert(std::move(header));
  }
  const auto answer = bench.send(request);
  EXPECT_EQ(answer.status, 202) << answer.body;
  // The same event through the other family is the same event.
  EXPECT_EQ(bench.send(bench.from_shop(event("e1", "c1"))).body, answer.body);
}

TEST(Envelopes, of_plain_standard_webhooks_become_cloudevents) {
  MemoryStore store;
  Bench bench(store);
  const json plain = {{"type", "handoff.requested"},
                      {"timestamp", "2026-09-01T10:15:29Z"},
                      {"data", {{"conversation", {{"id", "c1"}}}, {"priority", "high"}}}};
  const auto request = bench.signed_with(kShopKey, plain.dump(), "msg_1");
  const auto answer = bench.send(request);
  ASSERT_EQ(answer.status, 202) << answer.body;
  ASSERT_EQ(store.facts.size(), 1u);
  const auto& stored = std::get<Event>(store.facts.begin()->second.fact.happened);
  EXPECT_EQ(stored.key, EventKey(WorkspaceId("main"), "shop", "msg_1"));
  EXPECT_EQ(stored.type, "handoff.requested");
  EXPECT_EQ(stored.priority, Priority::high);
  EXPECT_EQ(stored.conversation, ConversationId("shop", "c1"));
  EXPECT_EQ(bench.send(request).body, answer.body);
  EXPECT_EQ(store.handoffs.size(), 1u);
}

TEST(Envelopes, bear_the_id_and_the_source_that_were_signed) {
  MemoryStore store;
  Bench bench(store);
  const auto other_id = bench.send(bench.signed_with(kShopKey, event("e1", "c1").dump(), "e2"));
  EXPECT_EQ(other_id.status, 422);
  EXPECT_THAT(errors_of(other_id), testing::ElementsAre("/id id_mismatch"));
  // The bank's key does not speak for the shop.
  const auto other_source = bench.send(bench.signed_with(kBankKey, event("e1", "c1").dump(), "e1"));
  EXPECT_EQ(other_source.status, 422);
  EXPECT_THAT(errors_of(other_source), testing::ElementsAre("/source source_mismatch"));
  EXPECT_TRUE(store.facts.empty());
}

TEST(ContentTypes, of_json_are_taken_and_no_others) {
  MemoryStore store;
  Bench bench(store);
  for (const auto* good : {"application/json", "application/cloudevents+json",
                           "APPLICATION/JSON; charset=utf-8", "application/cloudevents-batch+json", ""}) {
    auto request = bench.from_shop(event("e1", "c1"));
    request.headers["content-type"] = good;
    EXPECT_EQ(bench.send(request).status, 202) << good;
  }
  for (const auto* bad :
       {"text/plain", "application/xml", "application/jsonx", "application/x-www-form-urlencoded"}) {
    auto request = bench.from_shop(event("e1", "c1"));
    request.headers["content-type"] = bad;
    const auto answer = bench.send(request);
    EXPECT_EQ(answer.status, 400) << bad;
    EXPECT_THAT(body_of(answer)["detail"], HasSubstr("Content-Type")) << bad;
  }
}

// --- the files of tests/event_schema, through the whole door

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<fs::path> events_in(const char* folder) {
  std::vector<fs::path> found;
  for (const auto& entry :
       fs::directory_iterator(fs::path(BATON_SOURCE_DIR) / "tests/event_schema" / folder)) {
    if (entry.path().extension() == ".json") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

std::string id_in(const std::string& body) {
  const auto document = json::parse(body, nullptr, false);
  if (!document.is_object() || !document.contains("id") || !document["id"].is_string()) return "some-id";
  return document["id"].get<std::string>().empty() ? "some-id" : document["id"].get<std::string>();
}

TEST(BrokenEvents, are_refused_with_their_errors_and_leave_nothing) {
  const auto broken = events_in("broken");
  ASSERT_GE(broken.size(), 20u);
  for (const auto& path : broken) {
    SCOPED_TRACE(path.filename());
    MemoryStore store;
    Bench bench(store);
    bench.sources.at("shop").event_source = "s";  // as the files have it
    const auto body = read_file(path);
    const auto answer = bench.send(bench.signed_with(kShopKey, body, id_in(body)));
    EXPECT_TRUE(answer.status == 400 || answer.status == 422) << answer.status;
    EXPECT_EQ(header(answer.headers, "content-type"), "application/problem+json");
    EXPECT_TRUE(store.handoffs.empty() && store.facts.empty());
    EXPECT_EQ(bench.journal.commits, 0);
    const auto told = errors_of(answer);
    const auto document = json::parse(body, nullptr, false);
    if (document.is_array()) continue;  // here it is a batch, see events_test.cc
    const bool plain = document.is_object() && !document.contains("specversion");  // gets what it lacks
    std::ifstream expected(fs::path(path).replace_extension(".expect"));
    for (std::string line; std::getline(expected, line);) {
      if (line.starts_with("(document)")) line.erase(0, 10);
      if (plain &&
          (line.starts_with("/id ") || line.starts_with("/source ") || line.starts_with("/specversion "))) {
        continue;
      }
      EXPECT_THAT(told, testing::Contains(line.substr(0, line.find(':')))) << answer.body;
    }
  }
}

TEST(ValidEvents, are_taken_or_refused_for_their_type_or_for_want_of_a_handoff) {
  for (const auto& path : events_in("valid")) {
    SCOPED_TRACE(path.filename());
    MemoryStore store;
    Bench bench(store);
    const auto body = read_file(path);
    const auto document = json::parse(body);
    bench.sources.at("shop").event_source = document["source"];
    const auto answer = bench.send(bench.signed_with(kShopKey, body, id_in(body)));
    const std::string type = document["type"];
    if (type == "handoff.requested") {
      EXPECT_EQ(answer.status, 202) << answer.body;
      continue;
    }
    if (type == "conversation.rated" || type == "conversation.resolved") {
      EXPECT_EQ(answer.status, 202) << answer.body;
      EXPECT_EQ(body_of(answer), json({{"counted", true}}));
      continue;
    }
    EXPECT_EQ(answer.status, 422);
    if (type == "decision.requested") {
      EXPECT_THAT(body_of(answer)["detail"], HasSubstr("ask POST /v1/decisions"));
      continue;
    }
    const bool handled = type == "handoff.updated" || type == "handoff.cancelled" || type == "customer.chose";
    if (type == "error.reported") EXPECT_THAT(body_of(answer)["detail"], HasSubstr("no route names `bugs`"));
    else if (handled) EXPECT_THAT(body_of(answer)["detail"], HasSubstr("has no open handoff"));
    else EXPECT_THAT(errors_of(answer), testing::ElementsAre("/type type_not_handled"));
  }
}

}  // namespace
}  // namespace baton::ingress
