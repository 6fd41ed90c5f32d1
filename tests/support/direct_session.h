// Purpose: a connector under test without a gateway: a Session that answers from a script, keeps
// every request, and remembers steps as the journal would. What the delivery station adds
// (credentials, budgets, durability) is not here.
// Owner: a test. Threads: one. Time: `now`, which only the test moves.
//
//   DirectSession session(connector, settings);
//   session.expect("POST", "/api/v2/tickets").replies(201, body);
//   const auto receipt = session.run(connector, Operation::open_ticket, order);
//   session.sent[0].request ...
#pragma once

#include <cstdlib>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"
#include "gateway/base/clock.h"
#include "gateway/base/json_view.h"
#include "gateway/base/scope.h"

namespace baton::testing {

// The manifest's defaults, with what the test says instead.
inline sdk::Settings settings_for(const sdk::Connector& connector, sdk::Settings::Values said = {}) {
  for (const auto& field : connector.manifest().fields) {
    if (field.need == sdk::Need::optional)
      said.try_emplace(std::string(field.name), std::string(field.fallback));
  }
  return sdk::Settings(std::move(said));
}

// Runs a task to its end; nothing in it may wait for a clock.
template <class T>
Result<T> run_task(Task<T> task) {
  Loop loop;
  VirtualClock clock(loop, TimePoint{});
  Scope scope(loop.get_executor(), clock);
  std::optional<Result<T>> result;
  scope.spawn(std::move(task), [&result](Result<T> r) { result.emplace(std::move(r)); });
  loop.run();
  BATON_CHECK(result.has_value());
  return std::move(*result);
}

class DirectSession final : public sdk::Session {
 public:
  struct Sent {
    Sent(Request request_in, bool writes_in) : request(std::move(request_in)), writes(writes_in) {}
    Request request;
    bool writes;
  };

  // One exchange of the script: requests must come in the order of expect().
  struct Expected {
    std::string method;
    std::string path;  // without its query
    Reply reply = Reply(200);
    bool lost = false;

    void replies(Reply with) { reply = std::move(with); }
    void says(int status, std::string body) { reply = Reply(status, std::move(body)); }
    void replies(int status, const nlohmann::json& body) {
      reply = Reply(status, body.dump(), Headers{{"content-type", "application/json"}});
    }
    // The vendor did its work and nobody heard of it.
    void loses_reply() { lost = true; }
  };

  explicit DirectSession(const sdk::Connector& connector) : connector_(connector) {}
  ~DirectSession() override {
    for (const auto& rest : script_) ADD_FAILURE() << "never asked: " << rest.method << " " << rest.path;
  }

  Expected& expect(std::string method, std::string path) {
    script_.emplace_back();
    script_.back().method = std::move(method);
    script_.back().path = std::move(path);
    return script_.back();
  }

  Task<Reply> read(sdk::Read read) override { co_return exchange(read.request(), false); }

  Task<Receipt> once(sdk::Step step) override {
    BATON_CHECK(named_.insert(step.name).second);  // a step's name is unique within its operation
    auto& record = steps_.try_emplace(step.name, step.write.request(), now).first->second;
    if (record.state == State::done) co_return record.receipt;
    if (record.state == State::unknown) {
      const auto found = look_again(step, record);
      if (!found) co_return found.error();
      if (*found) co_return finish(record, **found);
    } else {
      record.sent_at = now;
    }
    record.state = State::unknown;
    const auto reply = exchange(record.write, true);  // the remembered bytes, not rebuilt ones
    if (!reply) {
      if (reply.error().kind != FailureKind::ambiguous) record.state = State::undone;
      co_return reply.error();
    }
    const auto receipt = step.read(*reply);
    if (!receipt) co_return Failure(FailureKind::ambiguous, receipt.error().detail);
    co_return finish(record, *receipt);
  }

  // One attempt. The same session again is the next attempt of the same delivery.
  Result<Receipt> attempt(Operation operation, const sdk::Order& order) {
    named_.clear();
    const auto* action = connector_.manifest().find(operation);
    BATON_CHECK(action && action->write);
    return run_task(action->write(order, *this));
  }
  Result<nlohmann::json> look(Operation operation, const sdk::Order& order) {
    const auto* action = connector_.manifest().find(operation);
    BATON_CHECK(action && action->look);
    return run_task(action->look(order, *this));
  }

  int count(std::string_view method, std::string_view path) const {
    int found = 0;
    for (const auto& one : sent) found += one.request.method == method && path_of(one.request.target) == path;
    return found;
  }

  std::vector<Sent> sent;
  TimePoint now{Duration{1'790'000'000'000}};

 private:
  enum class State { undone, unknown, done };
  struct Record {
    Record(Request write_in, TimePoint at) : write(std::move(write_in)), sent_at(at) {}
    Request write;
    TimePoint sent_at;
    State state = State::undone;
    Receipt receipt;
  };

  Receipt finish(Record& record, Receipt receipt) {
    record.state = State::done;
    record.receipt = receipt;
    return receipt;
  }

  Result<sdk::Found> look_again(const sdk::Step& step, const Record& record) {
    if (std::holds_alternative<sdk::Repeatable>(step.again)) return sdk::Found();
    if (const auto* while_valid = std::get_if<sdk::RepeatableFor>(&step.again)) {
      if (now <= record.sent_at + while_valid->valid) return sdk::Found();
      return look_up(while_valid->after, record);
    }
    if (const auto* lookup = std::get_if<sdk::Lookup>(&step.again)) return look_up(*lookup, record);
    return Failure(FailureKind::ambiguous, "no look-up");
  }

  Result<sdk::Found> look_up(const sdk::Lookup& lookup, const Record& record) {
    if (now < record.sent_at + lookup.settle) {
      return Failure(FailureKind::ambiguous, "not settled", record.sent_at + lookup.settle);
    }
    for (auto page = lookup.find;;) {
      const auto reply = exchange(page.request(), false);
      if (!reply) return reply.error();
      const auto found = lookup.match(*reply);
      if (!found || *found || !lookup.next) return found;
      const auto next = lookup.next(*reply);
      if (!next) return next.error();
      if (!*next) return sdk::Found();
      page = **next;
    }
  }

  Result<Reply> exchange(const Request& request, bool writes) {
    sent.emplace_back(request, writes);
    if (script_.empty()) {
      ADD_FAILURE() << "not in the script: " << request.method << " " << request.target;
      return Failure(FailureKind::misconfigured, "not in the script");
    }
    const auto next = std::move(script_.front());
    script_.pop_front();
    EXPECT_EQ(request.method, next.method);
    EXPECT_EQ(path_of(request.target), next.path);
    if (next.lost) return Failure(writes ? FailureKind::ambiguous : FailureKind::retryable, "reply lost");
    if (auto failure = connector_.classify(sdk::Exchange(request, writes, next.reply, now))) return *failure;
    return next.reply;
  }

  const sdk::Connector& connector_;
  std::deque<Expected> script_;
  std::map<std::string, Record> steps_;
  std::set<std::string> named_;
};

// --- golden files

// A request as a person reads it: JSON bodies are shown as JSON, forms as text.
inline nlohmann::json as_json(const Request& request) {
  auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (body.is_discarded()) body = request.body;
  return {
      {"method", request.method}, {"target", request.target}, {"headers", request.headers}, {"body", body}};
}

inline std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// `name` is "zendesk/golden/open_ticket.json". With BATON_WRITE_GOLDEN=1 in the environment the file
// is written instead: read the diff.
inline void expect_golden(const nlohmann::json& seen, const std::string& name) {
  const auto path = std::string(BATON_SOURCE_DIR) + "/tests/connectors/" + name;
  if (std::getenv("BATON_WRITE_GOLDEN")) {
    std::ofstream(path) << seen.dump(2) << "\n";
    return;
  }
  const auto text = read_text(path);
  ASSERT_FALSE(text.empty()) << path << " is missing";
  EXPECT_EQ(nlohmann::json::parse(text, nullptr, false).dump(2), seen.dump(2)) << path;
}
inline void expect_golden(const Request& seen, const std::string& name) {
  expect_golden(as_json(seen), name);
}

// A vendor's specification or vectors: from the folder of specifications, or nothing if this
// machine has none; then the copies that are ours stand in.
inline std::optional<nlohmann::json> read_spec(const std::string& name) {
  const char* folder = std::getenv("BATON_SPECS");
  const auto root = folder ? std::string(folder) : std::string(BATON_SOURCE_DIR) + "/../shared/vendors/specs";
  const auto text = read_text(root + "/" + name);
  if (text.empty()) return std::nullopt;
  return nlohmann::json::parse(text);
}
inline nlohmann::json read_vectors(const std::string& spec, const std::string& copy) {
  if (auto found = read_spec(spec)) return std::move(*found);
  return nlohmann::json::parse(read_text(std::string(BATON_SOURCE_DIR) + "/tests/connectors/" + copy));
}

// --- answers that no vendor should give

inline std::vector<std::string> hostile_bodies(const std::string& good) {
  std::vector<std::string> bodies = {"",
                                     " ",
                                     "null",
                                     "[]",
                                     "{}",
                                     "42",
                                     "\"x\"",
                                     "<html>busy</html>",
                                     "{\"a\":",
                                     "\xff\xfe",
                                     std::string(200'000, '['),
                                     std::string(1'000'000, 'x')};
  for (const std::size_t parts : {2, 3, 5, 7})
    bodies.push_back(good.substr(0, good.size() * (parts - 1) / parts));
  return bodies;
}

// Every variant of `document` in which one value has another type.
inline std::vector<nlohmann::json> ill_typed(const nlohmann::json& document) {
  std::vector<nlohmann::json> variants;
  const auto flat = document.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    for (const auto& wrong : {nlohmann::json(nullptr), nlohmann::json::array({1}), nlohmann::json::object(),
                              nlohmann::json(true), nlohmann::json(-1.5)}) {
      auto variant = document;
      variant[nlohmann::json::json_pointer(pointer)] = wrong;
      variants.push_back(std::move(variant));
    }
  }
  return variants;
}

}  // namespace baton::testing
