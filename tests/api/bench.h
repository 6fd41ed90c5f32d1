// Purpose: the management API on a journal in memory, a virtual clock and a server without sockets.
// Owner: the test. Threads: one loop. Errors: an answer that does not come ends the test.
#pragma once

#include <map>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "gateway/api/api.h"
#include "gateway/base/scope.h"
#include "gateway/journal/memory/memory.h"
#include "gateway/planner/planner.h"
#include "tests/tell/shipped.h"
#include "tests/api/paper_server.h"
#include "tests/ingress/unwell_journal.h"
#include "tests/secrets/folder.h"
#include "tests/support/await.h"

namespace baton::api {

struct Bench {
  Bench();

  template <class T>
  Result<T> await(Task<T> task) {
    return await_on(scope, clock, std::move(task), clock.now() + 24h);
  }

  // "/v1/handoffs/hof_1/brief?x=y": matched against the patterns as a router would. `token` may be "".
  RawRequest request(const std::string& method, const std::string& target, const std::string& token,
                     const std::string& body = {});
  Task<Reply> start(const std::string& method, const std::string& target, const std::string& token,
                    const std::string& body = {});
  // Every answer is held against the published description.
  Reply call(const std::string& method, const std::string& target, const std::string& token,
             const std::string& body = {});
  Reply get(const std::string& target) { return call("GET", target, operate); }
  Reply post(const std::string& target, const nlohmann::json& body) {
    return call("POST", target, operate, body.dump());
  }

  std::string make_token(const std::string& name, std::vector<secrets::Permission> permissions);

  // A handoff that waits for a person; its only destination is `desk`, its ticket is a pending delivery.
  HandoffId waiting(const std::string& conversation, nlohmann::json more = nlohmann::json::object());
  // Its ticket became a dead letter.
  JobKey dead_letter(const HandoffId& handoff, FailureKind kind = FailureKind::retryable);
  // A bug that one customer met in the handoff `hof_1`.
  void met_bug(const std::string& key);
  Record record(const HandoffId& handoff) { return *await(memory.load(handoff)); }
  void let_the_planner_work() { clock.run(clock.now() + Duration{50}); }

  Loop loop;
  VirtualClock clock;
  MemoryStore store;
  MemoryJournal memory;
  UnwellJournal journal;
  Random random{7};
  secrets::Folder folder;
  secrets::Tokens tokens;
  std::string read, agent, operate, revoked;  // tokens with that permission alone
  std::vector<FieldError> problems;           // of the files that a reload reads
  nlohmann::json store_state = {{"task", "none"}, {"state", "done"}};
  Person asked_person;  // to be forgotten
  bool paused_when_revoked = false;
  handoff::Teams teams;
  Api api;
  PaperServer server;
  handoff::Rules rules;
  Abilities abilities;
  handoff::Patience patience;
  Board board{teams};
  Planner planner;
  Scope scope;
};

nlohmann::json body_of(const Reply& reply);
std::string code_of(const Reply& reply);

}  // namespace baton::api
