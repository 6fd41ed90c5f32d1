#include "tests/contract/place.h"

#include <fstream>
#include <iostream>

#include "connectors/sdk/registry.h"
#include "connectors/simulation/registry.h"
#include "tests/contract/tree/tree.h"

namespace baton::contract {
namespace {

using nlohmann::json;

// An exception without a reason is none.
std::string reason_in(const json& where, const char* name) {
  const auto found = where.find(name);
  if (found == where.end()) return {};
  if (found->is_string() && !found->get<std::string>().empty()) return found->get<std::string>();
  std::cerr << "contract.json: `" << name << "` must be the reason, as a text\n";
  std::abort();
}

Place read_place(const std::string& connector) {
  const auto path = std::string(kTree) + "/tests/connectors/" + connector + "/contract.json";
  std::ifstream file(path);
  const auto read = json::parse(file, nullptr, false);
  if (!read.is_object()) {
    std::cerr << path << " is missing or no JSON: the contract suite needs it, see tests/contract/place.h\n";
    std::abort();
  }
  Place place;
  place.connector = connector;
  place.base_url = read.at("base_url").get<std::string>();
  place.also = read.value("also", std::vector<std::string>{});
  place.setup = read.value("setup", simulation::Setup());
  place.settings = read.value("settings", sdk::Settings::Values());
  place.secrets = read.value("secrets", place.secrets);
  place.refusal = read.value("refusal", json{{"status", 401}, {"body", json::object()}});
  place.any_2xx_is_done = reason_in(read, "any_2xx_is_done");
  place.operations = read.value("operations", json::object());
  place.conversation = read.value("conversation", "c1");
  place.customer = read.value("customer", json::object());
  place.deeds = read.value("deeds", json::array());
  place.prepare = read.value("prepare", json::array());
  place.webhook = read.value("webhook", json());
  place.claimed = read.value("claimed", "");
  place.says = read.value("says", json::array());
  place.ways = read.value("ways", json::array());
  place.variants = read.value("variants", json::array());
  place.specifications = read.value("specifications", json::array());
  place.beyond_specification = read.value("beyond_specification", json::object());
  return place;
}

}  // namespace

std::string Place::excuse(Operation operation, const char* from) const {
  const auto known = operations.find(std::string(name(operation)));
  return known == operations.end() ? std::string() : reason_in(*known, from);
}

std::vector<Place> places() {
  std::vector<Place> all;
  for (const auto& connector : sdk::make_connectors()) {
    const std::string name(connector->manifest().name);
    if (simulation::make_vendor(name, {})) all.push_back(read_place(name));
    else std::cerr << "no simulator, hence no contract: " << name << '\n';
  }
  return all;
}

std::optional<Place> place_of(std::string_view connector) {
  const auto all = places();
  const auto found = std::ranges::find(all, connector, &Place::connector);
  return found == all.end() ? std::nullopt : std::optional(*found);
}

namespace {

std::vector<Case> cases_that(bool read) {
  std::vector<Case> all;
  const auto connectors = sdk::make_connectors();
  for (const auto& place : places()) {
    for (const auto& connector : connectors) {
      if (connector->manifest().name != place.connector) continue;
      for (const auto& action : connector->manifest().actions) {
        if (is_read(action.operation) == read) all.push_back({place, action.operation});
      }
    }
  }
  return all;
}

}  // namespace

std::vector<Case> cases() { return cases_that(false); }
std::vector<Case> reads() { return cases_that(true); }

}  // namespace baton::contract
