// Purpose: `baton sim`: every simulated vendor of this build on one loopback listener, with accounts
// whose secrets are fixed and public, so that a sample configuration fits.
// Owner: the command. Threads: the server's loop. Errors: the address that could not be bound.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/simulation/simulation.h"

namespace baton::app {

struct SimOptions {
  std::string address = "127.0.0.1";  // loopback only
  std::uint16_t port = 8090;
  std::string baton_url = "http://127.0.0.1:8080";  // where the vendors' webhooks go
};

// How the simulated account of a vendor is set up.
simulation::Setup simulated_setup(const std::string& vendor, const std::string& self_url);

// The simulated vendors' names; each is reached at http://ADDRESS:PORT/<name>.
std::vector<std::string> simulated_vendors();

class Sim {
 public:
  explicit Sim(const SimOptions& options);
  ~Sim();
  Result<Done> start();
  std::uint16_t port() const;
  void stop();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace baton::app
