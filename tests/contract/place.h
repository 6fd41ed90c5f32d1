// Purpose: what the contract suite has to know of a vendor and cannot read from its manifest: the
// simulated account, what each operation leaves in its ledger, and a deed that sends a webhook.
// It is data beside the connector's own tests, so that a new connector changes nothing here:
// tests/connectors/<name>/contract.json.
// Owner: the test. Threads: one. Errors: an unreadable file ends the run with its name.
//
//   base_url, also: [urls]       where the simulator answers
//   setup, settings, secrets     of the simulator; of the destination; by field of the manifest
//   refusal {status, body}       how the vendor refuses a credential; 401 unless it says so
//   operations {name: {effect, aside}}   the ledger's count that one delivery raises by one; so many requests
//                                at its end may fail and cost a word only
//
// and what it is excused from, each time with the reason, which the test prints:
//   any_2xx_is_done              the vendor's protocol gives bodies no meaning
//   operations {name: {overwrites, any_object_is_done}}   a second time raises the count again and changes
//                                nothing; any JSON object says that it is done
//   prepare [{method, target, headers, body}]   what people set up at the vendor before Baton comes
//   conversation       the platform's id of one, or "$/" and a pointer into its ledger; default "c1"
//   deeds [{deed, with}]       what has happened there before
//   customer           laid over the sample event's: somebody whom the simulator knows
//
//   specifications, beyond_specification       see specification.h
//   variants [{name, settings, setup, secrets}]  other settings, laid over these: all that a connector may
//   send
//                                              so is held against the specifications as well
//
//   webhook {after, deed, with}     texts that begin with "$/" are pointers into the ledger; `events`: true
//                                   for a chat platform's; `answered`: the deed that tells
//                                   it Baton's answer, where it waits for one; `before`: deeds without which
//                                   a second time would be the first once more
//
//   claimed            the ledger's count of claims that a chat platform was told of
//   says [{deed, with}]             more of what people and bots do there, in this order: what a chat
//   platform
//                                   sends of it fits the published event whole
//
//   ways [{name, setup, webhook}]   further ways in which the vendor tells, with their changes of `setup`
//
// and what a webhook's protocol lacks, with the reason: `none` (the vendor sends none), `unsigned` (a shared
// secret stands for a signature), `timeless` (no signed time).
#pragma once

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/sdk/connector.h"
#include "connectors/simulation/simulation.h"

namespace baton::contract {

struct Place {
  // Why this operation is excused from that; empty: it is not.
  std::string excuse(Operation operation, const char* from) const;

  std::string connector;
  std::string base_url;
  std::vector<std::string> also;
  simulation::Setup setup;
  sdk::Settings::Values settings;
  std::map<std::string, std::string> secrets;
  nlohmann::json refusal;
  std::string any_2xx_is_done;  // why; empty: it is not so
  nlohmann::json operations;
  std::string conversation;  // of a chat platform
  nlohmann::json customer;
  nlohmann::json prepare;
  nlohmann::json deeds;
  nlohmann::json webhook;
  std::string claimed;  // the effect that a chat platform keeps of a claim; empty: it keeps none
  nlohmann::json says;
  nlohmann::json ways;
  std::string way;  // the name of the one that `webhook` is now; empty: the first
  nlohmann::json variants;
  std::string variant;            // the name of the one that is laid over; empty: none
  nlohmann::json specifications;  // see specification.h
  nlohmann::json beyond_specification;

  friend void PrintTo(const Place& one, std::ostream* to) { *to << one.connector; }
};

// One per connector that has a simulator, in the order of the registry.
std::vector<Place> places();
// Nothing in a tree of one connector, as the template's: a test that needs it skips.
std::optional<Place> place_of(std::string_view connector);

// The delivery of one operation at one place; GoogleTest shows it as "zendesk_open_ticket".
struct Case {
  Place place;
  Operation operation;
  std::string text() const {
    return place.connector + "_" + std::string(name(operation)) +
           (place.variant.empty() ? "" : "_" + place.variant);
  }
  friend void PrintTo(const Case& one, std::ostream* to) { *to << one.text(); }
};

// Every operation of every manifest that writes.
std::vector<Case> cases();
// Every one that reads.
std::vector<Case> reads();

}  // namespace baton::contract
