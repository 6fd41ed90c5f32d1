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
#include "gateway/base/check.h"
#include "gateway/base/task.h"

namespace baton::testing {

// The manifest's defaults, with what the test says instead.
sdk::Settings settings_for(const sdk::Connector& connector, sdk::Settings::Values said = {});

// Runs a task to its end; nothing in it may wait for a clock. Compiled for what connectors yield.
template <class T>
Result<T> run_task(Task<T> task);
extern template Result<Receipt> run_task(Task<Receipt> task);
extern template Result<Reply> run_task(Task<Reply> task);
extern template Result<nlohmann::json> run_task(Task<nlohmann::json> task);
extern template Result<sdk::Findings> run_task(Task<sdk::Findings> task);
extern template Result<std::string> run_task(Task<std::string> task);

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
    void replies(int status, const nlohmann::json& body);
    // The vendor did its work and nobody heard of it.
    void loses_reply() { lost = true; }
  };

  explicit DirectSession(const sdk::Connector& connector) : connector_(connector) {}
  ~DirectSession() override;

  Expected& expect(std::string method, std::string path);

  Task<Reply> read(sdk::Read read) override;
  Task<Receipt> once(sdk::Step step) override;
  std::string address() const override { return told_address; }
  std::string scope() const override { return told_scope; }

  // One attempt. The same session again is the next attempt of the same delivery.
  Result<Receipt> attempt(Operation operation, const sdk::Order& order);
  Result<nlohmann::json> look(Operation operation, const sdk::Order& order);

  int count(std::string_view method, std::string_view path) const;

  std::vector<Sent> sent;
  TimePoint now{Duration{1'790'000'000'000}};
  std::string told_address;  // by the vendor, with a token
  std::string told_scope;    // likewise

 private:
  enum class State { undone, unknown, done };
  struct Record {
    Record(Request write_in, TimePoint at) : write(std::move(write_in)), sent_at(at) {}
    Request write;
    TimePoint sent_at;
    State state = State::undone;
    Receipt receipt;
  };

  static Receipt finish(Record& record, Receipt receipt);
  Result<sdk::Found> look_again(const sdk::Step& step, const Record& record);
  Result<sdk::Found> look_up(const sdk::Lookup& lookup, const Record& record);
  Result<Reply> exchange(const Request& request, bool writes);

  const sdk::Connector& connector_;
  std::deque<Expected> script_;
  std::map<std::string, Record> steps_;
  std::set<std::string> named_;
};

// --- golden files

// A request as a person reads it: JSON bodies are shown as JSON, forms as text.
nlohmann::json as_json(const Request& request);

std::string read_text(const std::string& path);

// `name` is "zendesk/golden/open_ticket.json". With BATON_WRITE_GOLDEN=1 in the environment the file
// is written instead: read the diff.
void expect_golden(const nlohmann::json& seen, const std::string& name);
void expect_golden(const Request& seen, const std::string& name);

// A vendor's specification or vectors: from the folder of specifications, or nothing if this
// machine has none; then the copies that are ours stand in.
std::optional<nlohmann::json> read_spec(const std::string& name);
nlohmann::json read_data(const std::string& file);  // of tests/connectors/
nlohmann::json read_vectors(const std::string& spec, const std::string& copy);

// --- answers that no vendor should give

std::vector<std::string> hostile_bodies(const std::string& good);

// Every variant of `document` in which one value has another type.
std::vector<nlohmann::json> ill_typed(const nlohmann::json& document);

}  // namespace baton::testing
