#include <algorithm>

#include <gtest/gtest.h>

#include "connectors/linear/ids.h"
#include "connectors/linear/wire.h"
#include "tests/support/direct_session.h"

namespace baton::linear {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;
using testing::expect_golden;

constexpr auto kBugKey = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/linear/file_bug/1";
constexpr auto kLinkKey = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/linear/link_bug/2";
constexpr auto kTeam = "9cfb482a-81e3-4154-b5b9-2c805e70a02d";
constexpr auto kBug = "0f8fad5b-d9cb-469f-a165-70867728950e";
constexpr auto kUrl = "https://linear.app/acme/issue/ENG-482/checkout-fails";

const json kReport = {{"title", "Checkout fails with 502"},
                      {"priority", 2},
                      {"fingerprint", "payments PSP-502"},
                      {"description", json::array({{{"text", "Card *declined* @twice"}}})}};

json data(json what) { return {{"data", std::move(what)}}; }
json nodes(const char* root, json list) { return data({{root, {{"nodes", std::move(list)}}}}); }
json issue(std::string_view id, const char* type, std::string description = "") {
  return {{"id", id},
          {"identifier", "ENG-482"},
          {"url", kUrl},
          {"title", "Checkout fails"},
          {"description", std::move(description)},
          {"priority", 3},
          {"state", {{"id", "s1"}, {"name", "Todo"}, {"type", type}}},
          {"team", {{"id", kTeam}, {"key", "ENG"}}},
          {"assignee", {{"id", "u-dana"}, {"name", "Dana"}}},
          {"completedAt", "2026-09-01T10:15:28.900Z"}};
}
json made(const char* root, const char* member, std::string_view id, const char* url = kUrl) {
  return data({{root, {{"success", true}, {member, {{"id", id}, {"url", url}}}}}});
}
json error(const char* message, const char* type, std::string shown = "") {
  return {{"errors",
           json::array({{{"message", message},
                         {"extensions",
                          {{"type", type}, {"code", "INPUT_ERROR"}, {"userPresentableMessage", shown}}}}})},
          {"data", nullptr}};
}
json taken(const std::string& id) {
  return error("conflict on insert of Issue", "invalid input",
               "Entity Issue with id " + id + " already exists.");
}
const json kTeams = nodes("teams", json::array({{{"id", kTeam}, {"key", "ENG"}, {"name", "Engineering"}}}));
const json kNone = nodes("issues", json::array());

class Linear : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"team", "ENG"}});
  DirectSession session{*connector};

  void configure(sdk::Settings::Values values) {
    values["team"] = "ENG";
    settings = testing::settings_for(*connector, std::move(values));
  }
  sdk::Order order(const char* id, json document, Receipt target = {}, json subject = json::object()) {
    return sdk::Order(id, id, std::move(document), std::move(target), std::move(subject), settings);
  }
  sdk::Order bug() { return order(kBugKey, kReport); }
  sdk::Order link(json customer = {{"company", "Acme"}, {"account_id", "acc-77"}}) {
    return order(kLinkKey,
                 {{"attachment", {{"title", "Ticket 5158"}, {"subtitle", "Acme"}}},
                  {"priority", 1},
                  {"need", {{"important", true}, {"body", json::array({{{"text", "wants to pay"}}})}}},
                  {"comment", json::array({{{"text", "One more customer: *Acme*"}}})}},
                 Receipt(kBug, kUrl),
                 {{"ticket", {{"id", "5158"}, {"url", "https://acme.zendesk.com/agent/tickets/5158"}}},
                  {"customer", std::move(customer)}});
  }
  void answer(const json& body, int status = 200) {
    session.expect("POST", "/graphql").replies(status, body);
  }
  void lose() { session.expect("POST", "/graphql").loses_reply(); }

  // The input of the nth request's mutation.
  json input(std::size_t n) const {
    return json::parse(session.sent.at(n).request.body)["variables"]["input"];
  }
  std::string query(std::size_t n) const {
    return json::parse(session.sent.at(n).request.body)["query"].get<std::string>();
  }
  std::string bug_id(int generation = 1) { return read_report(kReport, kBugKey)->id(kTeam, generation); }
  Result<Receipt> file() { return session.attempt(Operation::file_bug, bug()); }
};

// --- filing

TEST_F(Linear, a_new_defect_becomes_an_issue_under_an_id_of_ours) {
  answer(kTeams);
  answer(kNone);
  answer(made("issueCreate", "issue", bug_id()));
  const auto receipt = file();
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(*receipt, Receipt(bug_id(), kUrl));
  expect_golden(session.sent[0].request, "linear/golden/find_team.json");
  expect_golden(session.sent[1].request, "linear/golden/find_known.json");
  expect_golden(session.sent[2].request, "linear/golden/create_issue.json");
  EXPECT_FALSE(session.sent[0].writes);
  EXPECT_TRUE(session.sent[2].writes);
}

TEST_F(Linear, two_handoffs_with_one_defect_choose_the_same_id_and_two_defects_do_not) {
  const auto first = read_report(kReport, "hof_1/linear/file_bug/1"),
             second = read_report(kReport, "hof_2/linear/file_bug/1");
  EXPECT_EQ(first->id(kTeam, 1), second->id(kTeam, 1));
  EXPECT_NE(first->id(kTeam, 1), first->id("another team", 1));
  EXPECT_NE(first->id(kTeam, 1), first->id(kTeam, 2));
  auto other = kReport;
  other["fingerprint"] = "payments PSP-503";
  EXPECT_NE(first->id(kTeam, 1), read_report(other, "hof_1/linear/file_bug/1")->id(kTeam, 1));
  other["fingerprint"] = " Payments psp-502 ";
  EXPECT_EQ(first->id(kTeam, 1), read_report(other, "hof_1/linear/file_bug/1")->id(kTeam, 1));
  other["fingerprint"] = " ";
  EXPECT_NE(read_report(other, "hof_1/linear/file_bug/1")->id(kTeam, 1),
            read_report(other, "hof_2/linear/file_bug/1")->id(kTeam, 1));
}

TEST_F(Linear, a_known_open_defect_is_not_filed_again) {
  answer(kTeams);
  answer(nodes("issues", json::array({issue(kBug, "started")})));
  EXPECT_EQ(*file(), Receipt(kBug, kUrl));
}

TEST_F(Linear, without_a_fingerprint_nothing_is_looked_for) {
  auto document = kReport;
  document.erase("fingerprint");
  const auto id = read_report(document, kBugKey)->id(kTeam, 1);
  answer(kTeams);
  answer(made("issueCreate", "issue", id));
  EXPECT_TRUE(session.attempt(Operation::file_bug, order(kBugKey, document)));
  EXPECT_EQ(input(1)["description"].get<std::string>().find("baton-fp"), std::string::npos);
}

TEST_F(Linear, a_lost_reply_is_repeated_with_the_same_bytes_and_the_conflict_is_success) {
  for (const int status : {200, 400}) {
    DirectSession fresh(*connector);
    const auto say = [&](const json& body, int with = 200) {
      fresh.expect("POST", "/graphql").replies(with, body);
    };
    say(kTeams);
    say(kNone);
    fresh.expect("POST", "/graphql").loses_reply();
    EXPECT_EQ(fresh.attempt(Operation::file_bug, bug()).error().kind, FailureKind::ambiguous);
    say(kTeams);
    say(kNone);
    say(taken(bug_id()), status);
    say(data({{"issue", issue(bug_id(), "triage")}}));
    EXPECT_EQ(*fresh.attempt(Operation::file_bug, bug()), Receipt(bug_id(), kUrl));
    EXPECT_EQ(fresh.sent[2].request, fresh.sent[5].request);
  }
}

TEST_F(Linear, our_own_issue_counts_even_if_somebody_closed_it_meanwhile) {
  answer(kTeams);
  answer(kNone);
  answer(taken(bug_id()));
  answer(data({{"issue", issue(bug_id(), "completed", "text\n\n`baton-ref:" + std::string(kBugKey) + "`")}}));
  EXPECT_EQ(file()->object_id, bug_id());
}

TEST_F(Linear, a_defect_that_came_back_gets_a_new_issue_related_to_the_closed_one) {
  answer(kTeams);
  answer(kNone);
  answer(taken(bug_id()));
  answer(data({{"issue", issue(bug_id(), "completed", "`baton-ref:hof_other/linear/file_bug/1`")}}));
  answer(made("issueCreate", "issue", bug_id(2)));
  const auto relation = uuid_of("relation/" + bug_id(2) + "/" + bug_id());
  answer(made("issueRelationCreate", "issueRelation", relation));
  EXPECT_EQ(file()->object_id, bug_id(2));
  expect_golden(session.sent[5].request, "linear/golden/relate.json");
}

TEST_F(Linear, a_deleted_issue_whose_id_is_still_taken_makes_room_for_the_next) {
  answer(kTeams);
  answer(kNone);
  answer(taken(bug_id()), 400);
  answer(error("Entity not found: Issue", "invalid input"), 400);
  answer(taken(bug_id(2)));
  auto trashed = issue(bug_id(2), "triage");
  trashed["trashed"] = true;
  answer(data({{"issue", trashed}}));
  answer(made("issueCreate", "issue", bug_id(3)));
  EXPECT_EQ(file()->object_id, bug_id(3));
}

TEST_F(Linear, a_conflict_about_another_id_proves_nothing) {
  answer(kTeams);
  answer(kNone);
  answer(taken("00000000-0000-4000-8000-000000000000"));
  EXPECT_EQ(file().error().kind, FailureKind::ambiguous);
}

TEST_F(Linear, an_answer_for_another_issue_is_no_receipt) {
  for (const auto& body : {made("issueCreate", "issue", kBug), data({{"issueCreate", {{"success", false}}}}),
                           data({{"issueCreate", nullptr}}), data({{"other", 1}})}) {
    DirectSession fresh(*connector);
    for (const auto& answered : {kTeams, kNone, body})
      fresh.expect("POST", "/graphql").replies(200, answered);
    EXPECT_EQ(fresh.attempt(Operation::file_bug, bug()).error().kind, FailureKind::ambiguous) << body;
  }
}

TEST_F(Linear, labels_are_found_by_name_and_the_defects_page_is_attached) {
  configure({{"labels", "bug, from support"}, {"defect_url", "https://baton.example.com/fp/"}});
  answer(kTeams);
  answer(kNone);
  answer(nodes("issueLabels", json::array({{{"id", "l1"}, {"name", "bug"}}})));
  answer(made("issueCreate", "issue", bug_id()));
  answer(made("attachmentCreate", "attachment", "a1"));
  EXPECT_EQ(*file(), Receipt(bug_id(), kUrl));
  EXPECT_EQ(input(3)["labelIds"], json({"l1"}));
  EXPECT_EQ(input(4)["url"], "https://baton.example.com/fp/" + read_report(kReport, kBugKey)->fingerprint);
}

// Its reply was lost, and the marker finds it: what follows the issue is made all the same.
TEST_F(Linear, an_issue_of_ours_that_nobody_heard_of_gets_its_page_and_its_relation) {
  configure({{"defect_url", "https://baton.example.com/fp/"}});
  const auto ours = issue(bug_id(2), "triage", "text\n\n`baton-ref:" + std::string(kBugKey) + "`");
  const auto closed =
      data({{"issue", issue(bug_id(), "completed", "`baton-ref:hof_other/linear/file_bug/1`")}});
  const auto relation = uuid_of("relation/" + bug_id(2) + "/" + bug_id());
  answer(kTeams);
  answer(kNone);
  answer(taken(bug_id()));
  answer(closed);
  lose();
  EXPECT_FALSE(file());
  answer(kTeams);
  answer(nodes("issues", json::array({ours})));
  answer(closed);
  answer(taken(bug_id(2)));
  answer(data({{"issue", ours}}));
  answer(made("issueRelationCreate", "issueRelation", relation));
  answer(made("attachmentCreate", "attachment", "a1"));
  const auto filed = file();
  ASSERT_TRUE(filed) << filed.error().detail;
  EXPECT_EQ(filed->object_id, bug_id(2));
  EXPECT_EQ(input(session.sent.size() - 1)["issueId"], bug_id(2));
}

TEST_F(Linear, a_known_defect_bears_the_defects_page_too) {
  configure({{"defect_url", "https://baton.example.com/fp/"}});
  answer(kTeams);
  answer(nodes("issues", json::array({issue(kBug, "started")})));
  answer(made("attachmentCreate", "attachment", "a1"));
  EXPECT_EQ(*file(), Receipt(kBug, kUrl));
  EXPECT_EQ(input(2)["issueId"], kBug);
}

// Names are unique within a team and within the workspace, not between them; a label that does not fit the
// team, a group, or two of one group, and Linear refuses the whole issue (section 3.1).
TEST_F(Linear, of_labels_with_one_name_the_teams_own_is_taken_and_none_that_would_be_refused) {
  configure({{"labels", "bug, support, area, web, mobile, theirs, bug"}});
  const auto label = [](const char* id, const char* name, json team, json group = nullptr) {
    json one = {{"id", id}, {"name", name}, {"isGroup", false}, {"team", nullptr}, {"parent", nullptr}};
    if (!team.is_null()) one["team"] = {{"id", std::move(team)}};
    if (!group.is_null()) one["parent"] = {{"id", std::move(group)}};
    return one;
  };
  auto group = label("g1", "area", nullptr);
  group["isGroup"] = true;
  answer(kTeams);
  answer(kNone);
  answer(nodes(
      "issueLabels",
      json::array({label("w1", "bug", nullptr), label("o1", "bug", "another-team"), label("t1", "bug", kTeam),
                   label("w2", "support", nullptr), group, label("a1", "web", nullptr, "g1"),
                   label("a2", "mobile", nullptr, "g1"), label("o2", "theirs", "another-team")})));
  answer(made("issueCreate", "issue", bug_id()));
  EXPECT_EQ(*file(), Receipt(bug_id(), kUrl));
  EXPECT_EQ(input(3)["labelIds"], json({"t1", "w2", "a1"}));
  EXPECT_EQ(json::parse(session.sent[2].request.body)["variables"]["teamId"], kTeam);
}

TEST_F(Linear, the_mapping_may_add_fields_but_not_change_what_makes_a_repetition_harmless) {
  auto document = kReport;
  document["fields"] = {{"id", "mine"}, {"teamId", "mine"}, {"projectId", "p1"}, {"assigneeId", nullptr}};
  answer(kTeams);
  answer(kNone);
  answer(made("issueCreate", "issue", bug_id()));
  EXPECT_TRUE(session.attempt(Operation::file_bug, order(kBugKey, document)));
  EXPECT_EQ(input(2)["id"], bug_id());
  EXPECT_EQ(input(2)["teamId"], kTeam);
  EXPECT_EQ(input(2)["projectId"], "p1");
  EXPECT_FALSE(input(2).contains("assigneeId"));
}

TEST_F(Linear, a_report_without_a_title_is_rejected_without_a_request) {
  for (const auto& wrong :
       {json(nullptr), json("x"), json::array(), json::object(), json{{"title", 7}}, json{{"title", "\n"}}})
    EXPECT_EQ(session.attempt(Operation::file_bug, order(kBugKey, wrong)).error().kind,
              FailureKind::rejected);
}

TEST_F(Linear, a_team_that_is_not_there_is_a_matter_of_configuration) {
  answer(nodes("teams", json::array()));
  const auto receipt = file();
  EXPECT_EQ(receipt.error().kind, FailureKind::misconfigured);
  EXPECT_NE(receipt.error().detail.find("ENG"), std::string::npos);
}

TEST_F(Linear, a_label_or_project_that_is_gone_is_a_matter_of_configuration) {
  answer(kTeams);
  answer(kNone);
  answer(error("Entity not found: Project", "invalid input"), 400);
  EXPECT_EQ(file().error().kind, FailureKind::misconfigured);
}

TEST_F(Linear, an_ill_typed_answer_to_a_search_proves_no_absence) {
  const auto known = nodes("issues", json::array({issue(kBug, "started")}));
  for (const auto& body : testing::ill_typed(known)) {
    const auto found = read_issues(Reply(200, body.dump()), "issues");
    if (found) EXPECT_EQ(found->size(), 1u) << body;
  }
  for (const auto& body : testing::hostile_bodies(known.dump()))
    EXPECT_FALSE(read_issues(Reply(200, body), "issues")) << body.substr(0, 40);
}

TEST_F(Linear, a_ticket_is_an_issue_of_its_own_whatever_its_defect) {
  const auto id = uuid_of("issue/baton-ref:" + std::string(kBugKey) + "/1");
  answer(kTeams);
  answer(made("issueCreate", "issue", id));
  EXPECT_EQ(session.attempt(Operation::open_ticket, bug())->object_id, id);
}

// --- one more customer

TEST_F(Linear, one_more_customer_is_an_attachment_a_request_and_a_comment) {
  answer(made("attachmentCreate", "attachment", "a1"));
  answer(made("customerUpsert", "customer", "cust-1"));
  answer(made("customerNeedCreate", "need", uuid_of(std::string("need/") + kBug + "/acc-77")));
  answer(made("commentCreate", "comment", uuid_of(std::string("comment/") + kLinkKey)));
  const auto receipt = session.attempt(Operation::link_bug, link());
  ASSERT_TRUE(receipt) << receipt.error().detail;
  EXPECT_EQ(receipt->object_id, uuid_of(std::string("comment/") + kLinkKey));
  for (std::size_t i = 0; i < session.sent.size(); ++i) EXPECT_TRUE(session.sent[i].writes);
  expect_golden(session.sent[0].request, "linear/golden/attach_ticket.json");
  expect_golden(session.sent[1].request, "linear/golden/upsert_customer.json");
  expect_golden(session.sent[2].request, "linear/golden/create_need.json");
  expect_golden(session.sent[3].request, "linear/golden/create_comment.json");
}

TEST_F(Linear, a_workspace_without_customer_requests_goes_without) {
  answer(made("attachmentCreate", "attachment", "a1"));
  answer(error("Customers are not available", "feature not accessible"));
  answer(made("commentCreate", "comment", uuid_of(std::string("comment/") + kLinkKey)));
  EXPECT_TRUE(session.attempt(Operation::link_bug, link()));
}

TEST_F(Linear, customer_requests_can_be_switched_off_and_need_somebody_to_count) {
  const auto comment = made("commentCreate", "comment", uuid_of(std::string("comment/") + kLinkKey));
  answer(made("attachmentCreate", "attachment", "a1"));
  answer(comment);
  EXPECT_TRUE(session.attempt(Operation::link_bug, link(json::object())));
  configure({{"customer_requests", "no"}});
  DirectSession fresh(*connector);
  fresh.expect("POST", "/graphql").replies(200, made("attachmentCreate", "attachment", "a1"));
  fresh.expect("POST", "/graphql").replies(200, comment);
  EXPECT_TRUE(fresh.attempt(Operation::link_bug, link()));
}

TEST_F(Linear, no_mail_address_comes_into_the_tracker) {
  answer(made("attachmentCreate", "attachment", "a1"));
  answer(made("customerUpsert", "customer", "cust-1"));
  lose();
  EXPECT_FALSE(session.attempt(Operation::link_bug,
                               link({{"id", "zoe@acme.example"}, {"email", "zoe@acme.example"}})));
  for (const auto& sent : session.sent) EXPECT_EQ(sent.request.body.find("zoe@"), std::string::npos);
}

TEST_F(Linear, a_known_bugs_priority_is_raised_only_where_it_was_asked_for_and_never_lowered) {
  configure({{"raise_priority", "yes"}, {"customer_requests", "no"}});
  const auto comment = made("commentCreate", "comment", uuid_of(std::string("comment/") + kLinkKey));
  answer(made("attachmentCreate", "attachment", "a1"));
  answer(data({{"issue", issue(kBug, "started")}}));  // medium
  answer(made("issueUpdate", "issue", kBug));
  answer(comment);
  EXPECT_TRUE(session.attempt(Operation::link_bug, link()));
  EXPECT_EQ(input(2), json({{"priority", 1}}));

  DirectSession fresh(*connector);
  auto urgent = issue(kBug, "started");
  urgent["priority"] = 1;
  for (const auto& body : {made("attachmentCreate", "attachment", "a1"), data({{"issue", urgent}}), comment})
    fresh.expect("POST", "/graphql").replies(200, body);
  EXPECT_TRUE(fresh.attempt(Operation::link_bug, link()));
}

TEST_F(Linear, a_ticket_without_an_address_of_the_web_is_not_attached) {
  configure({{"customer_requests", "no"}});
  auto wanted = link();
  wanted.subject["ticket"]["url"] = "javascript:alert(1)";
  answer(made("commentCreate", "comment", uuid_of(std::string("comment/") + kLinkKey)));
  EXPECT_TRUE(session.attempt(Operation::link_bug, wanted));
}

TEST_F(Linear, a_bug_that_is_gone_is_said_to_be_gone) {
  answer(error("Entity not found: Issue", "invalid input"), 400);
  EXPECT_EQ(session.attempt(Operation::link_bug, link()).error().kind, FailureKind::target_gone);
  auto nowhere = link();
  nowhere.target = Receipt();
  EXPECT_EQ(session.attempt(Operation::link_bug, nowhere).error().kind, FailureKind::rejected);
}

TEST_F(Linear, a_lost_reply_anywhere_in_a_link_is_made_up_for) {
  for (std::size_t lost = 0; lost < 4; ++lost) {
    DirectSession fresh(*connector);
    const json answers[] = {
        made("attachmentCreate", "attachment", "a1"), made("customerUpsert", "customer", "cust-1"),
        made("customerNeedCreate", "need", uuid_of(std::string("need/") + kBug + "/acc-77")),
        made("commentCreate", "comment", uuid_of(std::string("comment/") + kLinkKey))};
    for (std::size_t i = 0; i < lost; ++i) fresh.expect("POST", "/graphql").replies(200, answers[i]);
    fresh.expect("POST", "/graphql").loses_reply();
    EXPECT_EQ(fresh.attempt(Operation::link_bug, link()).error().kind, FailureKind::ambiguous) << lost;
    for (std::size_t i = lost; i < 4; ++i) {
      const bool conflicts = i == lost && i >= 2;
      fresh.expect("POST", "/graphql")
          .replies(200, conflicts ? error("conflict on insert of Comment", "invalid input") : answers[i]);
    }
    EXPECT_TRUE(fresh.attempt(Operation::link_bug, link())) << lost;
    EXPECT_EQ(fresh.sent[lost].request, fresh.sent[lost + 1].request);
  }
}

// --- as a ticket

TEST_F(Linear, a_note_is_a_comment_in_which_nothing_of_the_text_is_markup) {
  answer(made("commentCreate", "comment", uuid_of("comment/hof_1/linear/add_note/3")));
  const auto note =
      order("hof_1/linear/add_note/3", nullptr, Receipt(kBug), {{"text", "*Anna* has it, @all"}});
  EXPECT_TRUE(session.attempt(Operation::add_note, note));
  EXPECT_EQ(input(0)["body"], "\\*Anna\\* has it, @\u2060all");
  EXPECT_EQ(input(0)["issueId"], kBug);
}

TEST_F(Linear, a_status_is_the_teams_first_state_of_its_type) {
  answer(data({{"issue", issue(kBug, "started")}}));
  answer(nodes("workflowStates", json::array({{{"id", "s4"}, {"type", "completed"}, {"position", 4}},
                                              {{"id", "s3"}, {"type", "completed"}, {"position", 3}},
                                              {{"id", "s1"}, {"type", "unstarted"}, {"position", 1}}})));
  answer(made("issueUpdate", "issue", kBug));
  EXPECT_TRUE(
      session.attempt(Operation::set_status, order("k", nullptr, Receipt(kBug), {{"status", "solved"}})));
  EXPECT_EQ(input(2), json({{"stateId", "s3"}}));
  expect_golden(session.sent[2].request, "linear/golden/set_status.json");
  EXPECT_NE(query(0).find("BatonIssueById"), std::string::npos);
}

TEST_F(Linear, a_status_that_it_does_not_know_is_rejected) {
  EXPECT_EQ(session.attempt(Operation::set_status, order("k", nullptr, Receipt(kBug), {{"status", "frozen"}}))
                .error()
                .kind,
            FailureKind::rejected);
  answer(data({{"issue", issue(kBug, "started")}}));
  answer(nodes("workflowStates", json::array()));
  EXPECT_EQ(session.attempt(Operation::set_status, order("k", nullptr, Receipt(kBug), {{"status", "solved"}}))
                .error()
                .kind,
            FailureKind::rejected);
}

TEST_F(Linear, how_a_ticket_stands_is_told_by_its_states_type) {
  const auto stands = [&](const json& body, int status = 200) {
    answer(body, status);
    const auto found = session.look(Operation::read_status, order("", nullptr, Receipt(kBug)));
    return found ? *found : json(std::string(name(found.error().kind)));
  };
  const json done = {{"state", "solved"}, {"by", "Dana"}, {"text", ""}, {"at", "2026-09-01T10:15:28.900Z"}};
  EXPECT_EQ(stands(data({{"issue", issue(kBug, "completed")}})), done) << "a state's name is nobody's word";
  for (const auto* given_up : {"canceled", "duplicate"}) {
    const auto found = stands(data({{"issue", issue(kBug, given_up)}}));
    EXPECT_EQ(found["state"], "solved") << given_up;
    EXPECT_EQ(found["unfixed"], true) << given_up;
  }
  for (const auto* open : {"triage", "backlog", "unstarted", "started", "a new one"})
    EXPECT_EQ(stands(data({{"issue", issue(kBug, open)}})),
              json({{"state", "open"}, {"by", "Dana"}, {"by_id", "u-dana"}, {"text", ""}, {"at", ""}}))
        << open;
  auto nobodys = issue(kBug, "started");
  nobodys["assignee"] = nullptr;
  EXPECT_EQ(stands(data({{"issue", nobodys}}))["by_id"], "") << "nobody has it";
  configure({{"baton_user_id", "u-dana"}});
  const auto of_ours = stands(data({{"issue", issue(kBug, "started")}}));
  EXPECT_FALSE(of_ours.contains("by_id")) << "Baton takes nothing";
  EXPECT_EQ(of_ours["by"], "");
  auto trashed = issue(kBug, "started");
  trashed["trashed"] = true;
  EXPECT_EQ(stands(data({{"issue", trashed}}))["state"], "gone");
  EXPECT_EQ(stands(data({{"issue", nullptr}}))["state"], "gone");
  EXPECT_EQ(stands(error("Entity not found: Issue", "invalid input"), 400)["state"], "gone");
  EXPECT_EQ(stands(data({{"issue", {{"id", kBug}}}})), "retryable");
  EXPECT_EQ(stands({{"data", json::object()}}), "retryable");
  auto odd = issue(kBug, "canceled");
  odd["completedAt"] = "yesterday";
  EXPECT_EQ(stands(data({{"issue", odd}}))["at"], "");
}

// --- what is known

TEST_F(Linear, similar_open_issues_are_known_bugs) {
  auto counted = issue(kBug, "started");
  counted["customerTicketCount"] = 7;
  answer(kTeams);
  answer(nodes("searchIssues", json::array({issue("x", "completed"), counted})));
  const auto found = session.look(
      Operation::read_context,
      order("", nullptr, {},
            {{"intent", {{"summary", "checkout\nfails"}}}, {"customer", {{"company", "Acme"}}}}));
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, json({{"known_bugs", json::array({{{"id", "ENG-482"},
                                                       {"title", "Checkout fails"},
                                                       {"status", "Todo"},
                                                       {"url", kUrl},
                                                       {"customers", 7}}})}}));
  expect_golden(session.sent[1].request, "linear/golden/search_issues.json");
}

TEST_F(Linear, of_a_customer_whose_problem_is_not_known_the_company_is_looked_for) {
  answer(nodes("teams", json::array()));
  answer(nodes("searchIssues", json::array()));
  const auto found =
      session.look(Operation::read_context,
                   order("", nullptr, {}, {{"customer", {{"company", "Acme"}, {"name", "Zoe"}}}}));
  EXPECT_EQ(*found, json({{"known_bugs", json::array()}}));
  EXPECT_EQ(json::parse(session.sent[1].request.body)["variables"], json({{"term", "Acme"}}))
      << "a team that is not there is no reason to know nothing";
  EXPECT_EQ(*session.look(Operation::read_context, order("", nullptr, {}, {{"customer", json::object()}})),
            json::object());
}

// --- how it is reached

TEST_F(Linear, a_key_stands_in_the_header_as_it_is_and_an_app_asks_for_tokens_with_one_constant_scope) {
  const auto key = connector->auth(settings);
  ASSERT_TRUE(std::holds_alternative<sdk::HeaderAuth>(key));
  EXPECT_EQ(std::get<sdk::HeaderAuth>(key).header, "authorization");
  EXPECT_EQ(std::get<sdk::HeaderAuth>(key).prefix, "");
  configure({{"client_id", "app"}});
  const auto app = connector->auth(settings);
  ASSERT_TRUE(std::holds_alternative<sdk::ClientCredentials>(app));
  EXPECT_EQ(std::get<sdk::ClientCredentials>(app).target, "/oauth/token");
  EXPECT_EQ(std::get<sdk::ClientCredentials>(app).body, sdk::TokenBody::form);
  EXPECT_EQ(std::get<sdk::ClientCredentials>(app).scope, "read,write");
}

TEST_F(Linear, a_destination_without_a_way_in_is_named_before_anything_is_sent) {
  const auto refused = [&](sdk::Settings::Values said, std::vector<std::string> secrets) {
    configure(std::move(said));
    std::string fields;
    for (const auto& remark : connector->judge(settings, [&](std::string_view field) {
           return std::ranges::find(secrets, field) != secrets.end();
         }))
      if (remark.refused) fields += std::string(remark.field) + ";";
    return fields;
  };
  EXPECT_EQ(refused({}, {"api_key"}), "");
  EXPECT_EQ(refused({{"client_id", "app"}}, {"client_secret"}), "");
  EXPECT_EQ(refused({}, {}), "client_id;");
  EXPECT_EQ(refused({}, {"client_secret"}), "client_id;");
  EXPECT_EQ(refused({{"client_id", "app"}}, {"api_key"}), "client_secret;");
}

class LinearProbe : public Linear {
 protected:
  const json self = data(
      {{"viewer", {{"id", "u1"}, {"name", "Baton"}}}, {"organization", {{"id", "o1"}, {"urlKey", "acme"}}}});
  sdk::Findings findings() {
    auto found = testing::run_task(connector->probe(settings, session));
    EXPECT_TRUE(found);
    return found ? *found : sdk::Findings();
  }
  static std::string wrong(const sdk::Findings& findings) {
    std::string text;
    for (const auto& finding : findings) {
      EXPECT_EQ(finding.fine, finding.remedy.empty()) << finding.what;
      if (!finding.fine) text += finding.what + ";";
    }
    return text;
  }
};

TEST_F(LinearProbe, a_destination_that_will_work_is_fine_in_every_point) {
  configure({{"labels", "bug"}, {"workspace", "ACME"}, {"client_id", "app"}});
  answer(self);
  answer(kTeams);
  answer(nodes("issueLabels", json::array({{{"id", "l1"}, {"name", "bug"}}})));
  const auto found = findings();
  EXPECT_EQ(wrong(found), "");
  ASSERT_EQ(found.size(), 5u);
  EXPECT_EQ(found[0].what, "the credential, acting as Baton (u1)");
}

TEST_F(LinearProbe, what_is_wrong_is_named_with_its_remedy) {
  configure({{"labels", "bug,gone"}, {"workspace", "other"}, {"client_id", "app"}, {"scope", "read"}});
  answer(self);
  answer(nodes("teams", json::array()));
  EXPECT_EQ(wrong(findings()), "the workspace acme;the scopes read;the team ENG;") << "labels are a team's";
  configure({{"labels", "bug,gone,theirs"}});
  answer(self);
  answer(kTeams);
  answer(nodes("issueLabels",
               json::array({{{"id", "l1"}, {"name", "bug"}},
                            {{"id", "l2"}, {"name", "theirs"}, {"team", {{"id", "another-team"}}}}})));
  EXPECT_EQ(wrong(findings()), "the label gone;the label theirs;");
}

TEST_F(LinearProbe, a_credential_that_is_refused_is_a_finding_and_nothing_else_is_asked) {
  answer(error("Authentication required, not authenticated", "authentication error"), 401);
  EXPECT_EQ(wrong(findings()), "the credential;");
}

TEST_F(LinearProbe, a_vendor_that_is_down_is_a_failure) {
  session.expect("POST", "/graphql").says(503, "");
  EXPECT_FALSE(testing::run_task(connector->probe(settings, session)));
}

}  // namespace
}  // namespace baton::linear
