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
json whole_scope(const std::function<bool(std::string_view)>& looks_at = {}) {
  Handoff handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), Priority::high, {},
                  TimePoint());
  handoff.data = {{"conversation", {{"id", "c1"}}},
                  {"intent", {{"summary", "was charged twice"}}},
                  {"transcript", json::array({{{"role", "customer"}, {"text", "I was charged twice."}}})}};
  handoff.ticket = Receipt("77", "https://desk.example/77");
  handoff.context[DestinationId("crm")].found = {{"name", "Ada"}};
  const sdk::Settings settings(sdk::Settings::Values{{"base_url", "https://desk.example"}});
  return delivery::mapping_scope(handoff, "hof_1/desk/open_ticket/1", {{"text", "x"}}, settings, TimePoint(),
                                 looks_at);
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

TEST(MappingShape, what_a_document_cannot_name_changes_nothing_in_what_it_renders) {
  const auto connectors = sdk::make_connectors();
  Problems problems;
  const auto mappings = load_mappings("", connectors, problems);
  ASSERT_TRUE(problems.empty());
  int rendered = 0, narrowed = 0;
  for (const auto& [name, mapping] : mappings->of) {
    for (const auto& operation : mapping.operations()) {
      const auto& document = *mapping.find(operation);
      const auto scope = whole_scope([&](std::string_view member) { return document.may_name(member); });
      const auto whole = document.render(whole_scope(), TimePoint());
      const auto narrow = document.render(scope, TimePoint());
      ASSERT_EQ(whole.has_value(), narrow.has_value()) << name << "." << operation;
      if (whole) EXPECT_EQ(*whole, *narrow) << name << "." << operation;
      ++rendered;
      if (!scope.contains("brief")) ++narrowed;
    }
  }
  EXPECT_GT(rendered, 15);
  EXPECT_GT(narrowed, 5);
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
