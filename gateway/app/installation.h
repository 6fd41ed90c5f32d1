// Purpose: everything that baton.yaml says, read and checked as one: the start-up path and
// `baton check` are the same code.
// Owner: the command that runs; the stations hold references into it. Threads: immutable after
// loading, but for the sources' rate budgets, which belong to the public server's loop.
// Errors: every problem of every file at once; with any, nothing may be started.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/sdk/account.h"
#include "gateway/app/claims.h"
#include "gateway/app/options.h"
#include "gateway/handoff/bug_policy.h"
#include "gateway/handoff/decide.h"
#include "gateway/handoff/pilot.h"
#include "gateway/handoff/route.h"
#include "gateway/handoff/team.h"
#include "gateway/handoff/tell.h"
#include "gateway/health/alerts_options.h"
#include "gateway/http/transport/options.h"
#include "gateway/ingress/sources.h"
#include "gateway/journal/retention.h"
#include "gateway/model/node.h"
#include "secrets/redaction.h"
#include "secrets/sealed_store.h"

namespace baton::app {

struct Mappings;  // the compiled mapping files, which the accounts' render functions refer to

struct Installation {
  Installation();
  ~Installation();
  Installation(Installation&&) noexcept;

  Options options;
  std::vector<std::string> files;
  std::vector<sdk::ConnectorPtr> connectors;
  std::unique_ptr<secrets::SealedStore> store;  // null until `baton secret init`
  std::unique_ptr<secrets::Redactor>
      redactor;                    // knows every secret that was read, from the moment of reading
  std::optional<TlsIdentity> tls;  // of the public listener
  std::unique_ptr<Mappings> mappings;
  handoff::Teams teams;
  std::unique_ptr<Claims> claims;  // the accounts refer to it
  sdk::Accounts accounts;
  ingress::Sources sources;
  handoff::Rules rules;
  handoff::tell::Messages messages;
  handoff::DecisionRules decisions;
  std::optional<handoff::Pilot> pilot;
  handoff::BugPolicy bugs;
  baton::alerts::Options alerts;
  std::vector<std::string> advice;            // what is allowed and still unwise
  std::optional<TimePoint> certificate_ends;  // of the public listener
  RetentionPolicy retention;
};

struct Loaded {
  Installation installation;
  Problems problems;
};

// `with_secrets`: open what references name, so that a missing secret or certificate is a problem. Without,
// nothing secret is touched, and nothing can be sent or received with the result.
Loaded load_installation(const std::string& path, bool with_secrets, TimePoint now);

Result<std::unique_ptr<secrets::SealedStore>> open_store(const Options& options);

}  // namespace baton::app
