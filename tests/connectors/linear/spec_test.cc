// Every document that leaves, with the variables it leaves with, against Linear's own schema.
#include <gtest/gtest.h>

#include "connectors/linear/documents.h"
#include "connectors/linear/wire.h"
#include "tests/connectors/linear/graphql_schema.h"
#include "tests/support/direct_session.h"

namespace baton::linear {
namespace {

using nlohmann::json;
using testing::GraphqlSchema;

// Linear's own, or the part of it that stands beside this test.
struct SchemaText {
  SchemaText() {
    const char* folder = std::getenv("BATON_SPECS");
    const std::string tree = BATON_SOURCE_DIR;
    text = testing::read_text((folder ? std::string(folder) : tree + "/../shared/vendors/specs") +
                              "/linear/schema.graphql");
    is_official = !text.empty();
    if (text.empty())
      text = testing::read_text(tree + "/tests/connectors/linear/data/schema.trimmed.graphql");
  }
  std::string text;
  bool is_official = false;
};

const SchemaText& read_schema() {
  static const auto& read = *new SchemaText;
  return read;
}

const GraphqlSchema& schema() {
  static const auto& read = *new GraphqlSchema(read_schema().text);
  return read;
}

// What was held against our own copy alone is not proven against what Linear publishes: it counts as skipped.
class LinearSpecification : public ::testing::Test {
 protected:
  static constexpr auto kTrimmed = "linear/schema.graphql is not at hand: held against the trimmed copy only";
};

std::string violations(const Request& request) {
  const auto body = json::parse(request.body);
  return schema().violations(body["query"].get<std::string>(), body["variables"]);
}

TEST_F(LinearSpecification, is_read_whole) {
  EXPECT_GT(schema().types().size(), 50u);
  EXPECT_TRUE(schema().types().at("IssueCreateInput").inputs.at("teamId").type.required);
  EXPECT_TRUE(schema().types().at("Query").fields.at("issueSearch").hidden);  // deprecated (section 3.3)
}

TEST_F(LinearSpecification, every_document_fits) {
  for (const auto document : kDocuments) EXPECT_EQ(schema().violations(document), "") << document;
  if (!read_schema().is_official) GTEST_SKIP() << kTrimmed;
}

TEST_F(LinearSpecification, every_request_fits_with_its_variables) {
  const json document = {{"title", "Checkout fails"},
                         {"priority", 1},
                         {"fingerprint", "payments PSP-502"},
                         {"fields", {{"projectId", "p"}}},
                         {"description", json::array({{{"text", "x"}}})}};
  const auto report = read_report(document, "hof_1/linear/file_bug/1");
  ASSERT_TRUE(report);
  const std::string id = "8d3c2b1a-4f5e-4a6b-9c7d-0e1f2a3b4c5d";
  const std::vector<Request> requests = {
      ask_who_we_are().request(),
      ask_team("ENG").request(),
      ask_states(id).request(),
      ask_labels({"bug", "support"}, id).request(),
      ask_issue(id).request(),
      ask_marked(id, "baton-fp:1").request(),
      search_issues("checkout", id).request(),
      search_issues("checkout", "").request(),
      create_issue(*report, id, id, {id}).request(),
      update_issue(id, {{"stateId", id}}).request(),
      update_issue(id, {{"priority", 2}}).request(),
      create_comment(id, id, "text").request(),
      create_attachment(id, "https://a.example/1", "Ticket 1", "Acme", {{"ticket", "1"}}).request(),
      upsert_customer("acc-1", "Acme").request(),
      create_need(id, id, id, "wants it", true).request(),
      relate(id, id, id).request(),
  };
  for (const auto& request : requests) {
    EXPECT_EQ(violations(request), "") << request.body;
    EXPECT_EQ(request.target, "/graphql");
    EXPECT_EQ(request.method, "POST");
  }
  if (!read_schema().is_official) GTEST_SKIP() << kTrimmed;
}

TEST_F(LinearSpecification, what_does_not_fit_is_seen) {
  const auto says = [](std::string_view document, const json& variables, const char* what) {
    const auto found = schema().violations(document, variables);
    EXPECT_NE(found.find(what), std::string::npos) << document << "\n" << found;
  };
  says("query { viewer { nose } }", json::object(), "User has no field nose");
  says("query { viewer }", json::object(), "needs a selection");
  says("query { issue { id } }", json::object(), "Query.issue needs id");
  says("query { issue(id: \"1\", size: 2) { id } }", json::object(), "takes no size");
  says("query { issue(id: 7) { id } }", json::object(), "is no String");
  says("query($id: Int!) { issue(id: $id) { id } }", {{"id", 1}}, "wanted String!");
  says("query($id: String) { issue(id: $id) { id } }", {{"id", "1"}}, "wanted String!");
  says("query($id: String!) { viewer { id } }", {{"id", "1"}}, "is not used");
  says("query { issues(first: 1, filter: { colour: { eq: \"red\" } }) { nodes { id } } }", json::object(),
       "has no colour");
  says("query { issues(orderBy: size) { nodes { id } } }", json::object(), "is no PaginationOrderBy");
  says("query { viewer { id { id } } }", json::object(), "has no members");
  says(kIssueCreate, {{"input", {{"title", "x"}}}}, "needs teamId");
  says(kIssueCreate, {{"input", {{"teamId", "t"}, {"priority", "high"}}}}, "is no Int");
  says(kIssueCreate, {{"input", {{"teamId", "t"}, {"color", 1}}}}, "has no color");
  says(kIssueCreate, {{"input", {{"teamId", nullptr}}}}, "must not be null");
  says(kIssueCreate, json::object(), "$input is missing");
}

}  // namespace
}  // namespace baton::linear
