// Purpose: what baton.yaml says about the process itself: where it listens, what it may reach, where its
// files are. What stations and connectors read is theirs.
// Owner: the installation. Threads: a plain value. Errors: Problems, all at once.
#pragma once

#include <cstdint>
#include <string>

#include "gateway/config/options.h"
#include "gateway/handoff/advance.h"
#include "gateway/http/curl/address_policy.h"
#include "gateway/model/node.h"

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
  int connections_per_peer = 256;  // to the public listener; 0: no limit, as behind a proxy of one's own
  std::string tls_certificate;     // files, PEM; empty: plain
  std::string tls_key;
  std::string mappings_dir;  // the operator's overrides; may be empty
  std::string root_key_path;
  std::string log_level = "info";
  std::string log_format = "text";
  std::string ca_file;
  AddressPolicy addresses;
  bool accept_older_secrets = false;  // a backup was restored on purpose
  bool lookups = true;  // false: steps of unknown outcome are sent again, to show what look-ups are for
  handoff::Patience patience;
};

Options read_options(config::Configuration& configuration);

// The options of a configuration file, for commands that touch nothing else.
Options read_options_only(const std::string& path, Problems& problems);

}  // namespace baton::app
