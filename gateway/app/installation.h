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
#include "gateway/config/teams.h"
#include "gateway/handoff/advance.h"
#include "gateway/handoff/route.h"
#include "gateway/http/curl/address_policy.h"
#include "gateway/ingress/sources.h"
#include "gateway/model/node.h"
#include "secrets/redaction.h"
#include "secrets/sealed_store.h"

namespace baton::app {

struct Listener {
  std::string address;
  std::uint16_t port = 0;
};

struct Options {
  std::string public_url;
  std::string data_dir;
  Listener public_listener;
  Listener admin_listener;
  std::string tls_certificate;  // files, PEM; empty: plain
  std::string tls_key;
  std::string mappings_dir;  // the operator's overrides; may be empty
  std::string root_key_path;
  std::string log_level = "info";
  std::string ca_file;
  AddressPolicy addresses;
  bool lookups = true;  // false: steps of unknown outcome are sent again, to show what look-ups are for
  handoff::Patience patience;
};

struct Mappings;  // the compiled mapping files, which the accounts' render functions refer to

struct Installation {
  Installation();
  ~Installation();
  Installation(Installation&&) noexcept;

  Options options;
  std::vector<std::string> files;
  std::vector<sdk::ConnectorPtr> connectors;
  std::unique_ptr<secrets::SealedStore> store;  // null until `baton secret init`
  std::unique_ptr<secrets::Redactor> redactor;
  std::unique_ptr<Mappings> mappings;
  config::Teams teams;
  sdk::Accounts accounts;
  ingress::Sources sources;
  handoff::Rules rules;
};

struct Loaded {
  Installation installation;
  Problems problems;
};

// `with_secrets`: resolve references, so that a missing secret is a problem.
Loaded load_installation(const std::string& path, bool with_secrets, TimePoint now);

// The data directory of a configuration, for commands that touch nothing else.
Options read_options_only(const std::string& path, Problems& problems);

Result<std::unique_ptr<secrets::SealedStore>> open_store(const Options& options);

}  // namespace baton::app
