#include "gateway/app/sim.h"

#include "connectors/sdk/registry.h"
#include "connectors/simulation/host.h"
#include "connectors/simulation/registry.h"
#include "gateway/http/curl/curl_client.h"
#include "gateway/http/transport/transport.h"

namespace baton::app {
namespace {

ServerOptions server_options(const SimOptions& from) {
  ServerOptions options;
  options.name = "sim";
  options.address = from.address;
  options.port = from.port;
  options.timers.watchdog = Duration{60s};  // vendors may be slow on purpose
  options.limits.connections_per_peer = 0;
  options.misbehaves = true;
  return options;
}

CurlOptions loopback_only() {
  const std::vector<std::string> loopback = {"127.0.0.0/8", "::1"};
  CurlOptions options;
  if (auto policy = AddressPolicy::parse(loopback, true)) options.addresses = std::move(*policy);
  return options;
}

// Whether its webhooks are a chat platform's, which come to a source, and not a tool's.
bool is_platform(const std::string& vendor) {
  for (const auto& connector : sdk::make_connectors()) {
    const auto& manifest = connector->manifest();
    if (manifest.name != vendor) continue;
    return manifest.source && !manifest.find(Operation::open_ticket) && !manifest.find(Operation::post_alert);
  }
  return false;
}

}  // namespace

simulation::Setup simulated_setup(const std::string& vendor, const std::string& self_url) {
  simulation::Setup setup = {{"self_url", self_url}, {"limits", "off"}};
  if (vendor == "standard_webhooks") {
    setup["receive_secret"] = setup["send_secret"] = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
  }
  return setup;  // the rest as each simulator documents it
}

std::vector<std::string> simulated_vendors() {
  std::vector<std::string> names;
  for (const auto& connector : sdk::make_connectors()) {
    const std::string name(connector->manifest().name);
    if (simulation::make_vendor(name, {})) names.push_back(name);
  }
  return names;
}

struct Sim::Parts {
  explicit Parts(const SimOptions& options_in)
      : options(options_in), server(server_options(options_in)),
        client(server.loop(), server.clock(), loopback_only()),
        host(server, client, server.clock(), server.loop()) {}

  SimOptions options;
  TransportServer server;
  CurlClient client;
  simulation::Host host;
};

Sim::Sim(const SimOptions& options) : parts_(std::make_unique<Parts>(options)) {
  const auto base = "http://" + options.address + ":" + std::to_string(options.port) + "/";
  for (const auto& name : simulated_vendors()) {
    parts_->host.add(name, simulation::make_vendor(name, simulated_setup(name, base + name)),
                     options.baton_url + (is_platform(name) ? "/v1/in/" : "/v1/hooks/") + name);
  }
}

Sim::~Sim() = default;
Result<Done> Sim::start() { return parts_->server.start(); }
std::uint16_t Sim::port() const { return parts_->server.port(); }
void Sim::stop() { parts_->server.drain(1s); }

}  // namespace baton::app
