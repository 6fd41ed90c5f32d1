// Purpose: the `alerts` section: who is told, what is still fine, and how often something is said.
// Owner: the installation. Threads: immutable after loading. Errors: Problems, all at once.
//
//   alerts:
//     channels: [ops-slack, ops-hook]      # destinations, in the order in which they are tried
//     repeat: 4h
//     runbooks: https://wiki.example/baton/
//     console: https://baton-admin.example
//     limits: {objective: 0.99, oldest_pending: 10m, disk_free: 0.1, ...}
//     silence: {shop-chat: 2h}             # the longest quiet of a source; others are learnt
//     stuck: {waiting: 1h}                 # how long a handoff may be in a state
#pragma once

#include "gateway/health/alerts_words.h"
#include "gateway/model/handoff.h"
#include "gateway/model/node.h"

namespace baton::alerts {

struct Options {
  std::vector<DestinationId> channels;
  Limits limits;
  Pace pace;
  Links links;
  std::map<std::string, Duration> silence;  // by source
  // A queue that nobody looks at is stuck as well as one that cannot move.
  std::map<State, Duration> stuck = {{State::received, 2min}, {State::planned, 2min},
                                     {State::waiting, 1h},    {State::claimed, 1h},
                                     {State::active, 24h},    {State::resolved, 10min}};
};

struct Known {
  Abilities destinations;
  std::vector<std::string> sources;
  std::vector<DestinationId> routed;  // those that handoffs go to
};

Options read_alerts(const Node& section, const Known& known, Problems& problems);

// What is allowed and still unwise, for people: alerts that travel with what they are about.
std::vector<std::string> advice(const Options& options, const Known& known);

}  // namespace baton::alerts
