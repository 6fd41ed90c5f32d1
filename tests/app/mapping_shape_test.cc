// What mappings may name is exactly what they are given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connectors/sdk/registry.h"
#include "gateway/app/mapping_shape.h"
#include "gateway/app/mappings.h"
#include "gateway/delivery/order.h"

namespace baton::app {
namespace {

using nlohmann::json;

std::vector<std::string> names_of(const json& object) {
  std::vector<std::string> names;
  for (const auto& member : object.items()) names.push_back(member.key());
  return names;
}

// Everything that mapping_scope() can give is in this handoff.
json whole_scope() {
  Handoff handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), Priority::high, {},
                  TimePoint());
  handoff.data = {{"conversation", {{"id", "c1"}}}};
  handoff.ticket = Receipt("77", "https://desk.example/77");
  handoff.context[DestinationId("crm")].found = {{"name", "Ada"}};
  const sdk::Settings settings(sdk::Settings::Values{{"base_url", "https://desk.example"}});
  return delivery::mapping_scope(handoff, "hof_1/desk/open_ticket/1", {{"text", "x"}}, settings, TimePoint());
}

TEST(MappingShape, knows_what_every_handoff_has_and_nothing_else) {
  const auto connectors = sdk::make_connectors();
  const auto shape = mapping_shape(connectors.front()->manifest());
  const auto scope = whole_scope();
  for (const auto* part : {"handoff", "brief", "ticket"}) {
    EXPECT_THAT(names_of(shape["properties"][part]["properties"]),
                testing::UnorderedElementsAreArray(names_of(scope[part])))
        << part;
  }
  ASSERT_FALSE(scope["brief"]["missing"].empty());
  EXPECT_THAT(names_of(shape["properties"]["brief"]["properties"]["missing"]["items"]["properties"]),
              testing::UnorderedElementsAreArray(names_of(scope["brief"]["missing"][0])));
  for (const auto& name : names_of(scope)) EXPECT_TRUE(shape["properties"].contains(name)) << name;
}

TEST(MappingShape, takes_the_events_fields_from_the_published_schemas) {
  const auto connectors = sdk::make_connectors();
  const auto shape = mapping_shape(connectors.front()->manifest());
  EXPECT_TRUE(shape["properties"].contains("transcript"));
  EXPECT_EQ(shape.dump().find("definitions.schema.json#"), std::string::npos);
  EXPECT_TRUE(shape["definitions"]["customer"]["properties"].contains("tier"));
}

TEST(MappingShape, has_the_settings_of_its_connector_but_none_of_its_secrets) {
  for (const auto& connector : sdk::make_connectors()) {
    const auto settings = mapping_shape(connector->manifest())["properties"]["settings"]["properties"];
    for (const auto& field : connector->manifest().fields) {
      const bool secret = field.need == sdk::Need::secret || field.need == sdk::Need::optional_secret;
      EXPECT_EQ(settings.contains(std::string(field.name)), !secret)
          << connector->manifest().name << field.name;
    }
  }
}

TEST(MappingShape, fits_every_mapping_that_ships) {
  Problems problems;
  const auto mappings = load_mappings("", sdk::make_connectors(), problems);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  EXPECT_TRUE(mappings->find("zendesk", Operation::open_ticket));
}

}  // namespace
}  // namespace baton::app
