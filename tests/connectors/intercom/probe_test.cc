// What a probe finds, and what a person is told to do about it (fact sheet, sections 2 and 9).
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/direct_session.h"

namespace baton::intercom {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;

class IntercomProbe : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  testing::DirectSession session{*connector};
  const json me = {{"type", "admin"},
                   {"id", "991267696"},
                   {"has_inbox_seat", true},
                   {"app", {{"id_code", "abc123de"}, {"region", "US"}}}};

  sdk::Findings look(sdk::Settings::Values more = {}) {
    more.try_emplace("admin_id", "991267696");
    more.try_emplace("app_id", "abc123de");
    const auto settings = testing::settings_for(*connector, std::move(more));
    auto found = testing::run_task(connector->probe(settings, session));
    EXPECT_TRUE(found);
    return found ? *found : sdk::Findings();
  }
  void reads_are_allowed() {
    session.expect("POST", "/contacts/search").replies(200, {{"data", json::array()}});
    session.expect("POST", "/conversations/search").replies(200, {{"conversations", json::array()}});
    session.expect("POST", "/tickets/search").replies(200, {{"tickets", json::array()}});
    session.expect("GET", "/teams").replies(200, {{"teams", json::array({{{"id", "1"}}})}});
  }
  static const sdk::Finding* find(const sdk::Findings& all, std::string_view what) {
    const auto found = std::ranges::find(all, what, &sdk::Finding::what);
    return found == all.end() ? nullptr : &*found;
  }
};

TEST_F(IntercomProbe, all_is_well) {
  session.expect("GET", "/me").replies(200, me);
  reads_are_allowed();
  for (const auto& finding : look()) EXPECT_TRUE(finding.fine) << finding.what << ": " << finding.remedy;
}

TEST_F(IntercomProbe, a_refused_token_is_the_only_finding_and_names_the_regions) {
  session.expect("GET", "/me").replies(401, {{"errors", json::array({{{"code", "unauthorized"}}})}});
  const auto found = look();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].fine);
  EXPECT_NE(found[0].remedy.find("api.eu.intercom.io"), std::string::npos);
}

TEST_F(IntercomProbe, a_wrong_admin_workspace_seat_permission_and_team_are_named) {
  auto other = me;
  other["has_inbox_seat"] = false;
  session.expect("GET", "/me").replies(200, other);
  session.expect("POST", "/contacts/search")
      .replies(403, {{"errors", json::array({{{"code", "action_forbidden"}}})}});
  session.expect("POST", "/conversations/search").replies(200, {{"conversations", json::array()}});
  session.expect("POST", "/tickets/search")
      .replies(403, {{"errors", json::array({{{"code", "action_forbidden"}}})}});
  session.expect("GET", "/teams").replies(200, {{"teams", json::array({{{"id", "1"}}})}});
  const auto found = look({{"admin_id", "7"}, {"app_id", "zzz"}, {"team_id", "2"}});
  for (const auto* what : {"the acting admin", "the inbox seat", "the workspace abc123de", "reading contacts",
                           "reading tickets", "team_id"}) {
    const auto* finding = find(found, what);
    ASSERT_TRUE(finding) << what;
    EXPECT_FALSE(finding->fine) << what;
    EXPECT_FALSE(finding->remedy.empty()) << what;
  }
  EXPECT_TRUE(find(found, "the token")->fine);
}

TEST_F(IntercomProbe, tickets_need_a_type) {
  session.expect("GET", "/me").replies(200, me);
  reads_are_allowed();
  session.expect("GET", "/ticket_types").replies(200, {{"data", json::array({{{"id", "88"}}})}});
  const auto found = look({{"opens", "ticket"}});
  EXPECT_FALSE(find(found, "ticket_type_id")->fine);
}

TEST_F(IntercomProbe, an_attribute_that_the_ticket_type_does_not_have_is_named) {
  const json type = {{"id", "88"},
                     {"ticket_type_attributes",
                      {{"data", json::array({{{"name", "_default_title_"}}, {{"name", "ours"}}})}}}};
  for (const auto& [attribute, fine] : {std::pair{"ours", true}, {"baton_handoff_id", false}}) {
    session.expect("GET", "/me").replies(200, me);
    reads_are_allowed();
    session.expect("GET", "/ticket_types").replies(200, {{"data", json::array({type})}});
    const auto found =
        look({{"opens", "ticket"}, {"ticket_type_id", "88"}, {"handoff_attribute", attribute}});
    ASSERT_TRUE(find(found, "handoff_attribute")) << attribute;
    EXPECT_EQ(find(found, "handoff_attribute")->fine, fine) << attribute;
  }
}

}  // namespace
}  // namespace baton::intercom
