#include "tests/contract/accounts.h"

#include <cstdlib>

#include <gtest/gtest.h>

#include "connectors/sdk/registry.h"
#include "gateway/app/mappings.h"
#include "gateway/base/check.h"

namespace baton::contract {
namespace {

const sdk::Connector* named(const std::vector<sdk::ConnectorPtr>& all, const std::string& name) {
  for (const auto& connector : all) {
    if (connector->manifest().name == name) return connector.get();
  }
  BATON_CHECK(!"no such connector");
  std::abort();
}

// Read once: they never change.
struct Shipped {
  Shipped() : connectors(sdk::make_connectors()) {
    Problems problems;
    mappings = app::load_mappings("", connectors, problems);
    for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  }
  std::vector<sdk::ConnectorPtr> connectors;
  std::unique_ptr<app::Mappings> mappings;
};

const Shipped& shipped() {
  static const auto& all = *new Shipped;
  return all;
}

sdk::Settings settings_of(const Place& place, const sdk::Manifest& manifest) {
  auto values = place.settings;
  for (const auto& field : manifest.fields) {
    if (field.need == sdk::Need::optional)
      values.try_emplace(std::string(field.name), std::string(field.fallback));
  }
  values["base_url"] = place.base_url;
  return sdk::Settings(std::move(values));
}

}  // namespace

std::unique_ptr<sdk::Account> make_account(const Place& place, const std::string& name) {
  auto made = std::make_unique<sdk::Account>();
  made->id = DestinationId(name);
  made->connector = named(shipped().connectors, place.connector);
  made->base_url = place.base_url;
  made->settings = settings_of(place, made->connector->manifest());
  made->limits = made->connector->manifest().limits;
  made->limits.per_second = made->limits.burst = 1000;
  made->limits.at_once = 4;
  for (const auto& [field, value] : place.secrets) made->secrets[field].emplace_back(value);
  app::bind_mapping(*shipped().mappings, *made);
  return made;
}

}  // namespace baton::contract
