// Purpose: a front door on a journal in memory and a virtual clock, and the requests that knock on it.
// Owner: the test; the MemoryStore outlives the bench, as a disk outlives a process.
// Threads: one loop. Errors: an answer that does not come ends the test.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/scope.h"
#include "gateway/ingress/ingress.h"
#include "gateway/journal/memory/memory.h"
#include "gateway/planner/planner.h"
#include "tests/ingress/unwell_journal.h"
#include "tests/support/await.h"

namespace baton::ingress {

// Keys of the sources; base64 of 32 bytes.
inline constexpr auto kShopKey = "whsec_c2hvcC1zaG9wLXNob3Atc2hvcC1zaG9wLXNob3AhISE=";
inline constexpr auto kOldShopKey = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLW9sZCE=";
inline constexpr auto kBankKey = "whsec_YmFuay1iYW5rLWJhbmstYmFuay1iYW5rLWJhbmshISE=";
inline constexpr auto kNobodysKey = "whsec_bm9ib2R5LW5vYm9keS1ub2JvZHktbm9ib2R5LW5vISE=";
inline constexpr auto kHookSecret = "desk-hook-secret";

inline secrets::SigningKey key_of(const char* text) {
  auto key = secrets::SigningKey::make(Secret(text));
  BATON_CHECK(key);
  return std::move(*key);
}

// A vendor whose webhooks are {"signals": [{kind, id, object, handoff, who}], "revoked": {why, at in
// seconds}, "restored": {of, at}} under a shared secret.
class FakeDesk final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override;
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::NoAuth(); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings& settings) const override;
  // A chat platform that says {"events": [{id, type, data}], "done": [signals as above], "waits": whether it
  // wants the ids}.
  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override;
};

struct Bench {
  explicit Bench(MemoryStore& store, int shop_per_second = 0);

  template <class T>
  Result<T> await(Task<T> task) {
    return await_on(scope, clock, std::move(task), clock.now() + 1min);
  }
  Reply send(RawRequest request) { return *await(ingress.events(std::move(request))); }
  Reply platform(RawRequest request) { return *await(ingress.platform(std::move(request))); }
  Reply hook(RawRequest request) { return *await(ingress.hook(std::move(request))); }

  Ingress::Parts parts();
  // The planner works through what there is.
  void plan();
  // As the planner would, at once: the conversation's handoff has ended.
  void end(const HandoffId& handoff);
  Record record(const HandoffId& handoff) { return *await(memory.load(handoff)); }

  // As a chat platform signs it; `id` is the header's.
  RawRequest signed_with(const char* key, const std::string& body, const std::string& id) const;
  RawRequest from_shop(const nlohmann::json& event) const {
    return signed_with(kShopKey, event.dump(), event.value("id", "none"));
  }
  RawRequest from_desk(const nlohmann::json& signals, const std::string& destination = "desk") const;

  Loop loop;
  VirtualClock clock;
  MemoryStore& store;
  MemoryJournal memory;
  UnwellJournal journal;
  Random random{7};
  Sources sources;
  handoff::Rules rules;
  handoff::DecisionRules decisions;
  FakeDesk connector;
  sdk::Accounts accounts;
  handoff::Patience patience;
  Ingress ingress;
  Scope scope;
};

nlohmann::json event(const std::string& id, const std::string& conversation,
                     const std::string& type = "handoff.requested",
                     nlohmann::json data = nlohmann::json::object());

nlohmann::json body_of(const Reply& reply);
std::string code_of(const Reply& reply);
// "<pointer> <code>" of each.
std::vector<std::string> errors_of(const Reply& reply);

}  // namespace baton::ingress
