// What Freshdesk knows of a customer and of a ticket (fact sheet, sections 3.1, 3.5, 3.7, 9).
#include <gtest/gtest.h>

#include "connectors/sdk/vendor_clock.h"
#include "connectors/freshdesk/context.h"
#include "gateway/base/date.h"
#include "tests/support/direct_session.h"

namespace baton::freshdesk {
sdk::ConnectorPtr make_connector();

namespace {

using nlohmann::json;
using testing::DirectSession;

const json kAda = {{"id", 129},
                   {"name", "Ada Byron"},
                   {"email", "Ada@example.com"},
                   {"job_title", "Buyer"},
                   {"company_id", 77},
                   {"updated_at", "2026-11-01T10:00:00Z"}};

json ticket(int id, int status, const char* created) {
  return {{"id", id}, {"subject", "S" + std::to_string(id)}, {"status", status}, {"created_at", created}};
}

class FreshdeskReads : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = testing::settings_for(*connector, {{"base_url", "https://acme.freshdesk.com"}});
  DirectSession session{*connector};

  Result<json> context(json customer) {
    return session.look(Operation::read_context,
                        sdk::Order("", "", nullptr, {}, {{"customer", std::move(customer)}}, settings));
  }
  Result<json> status(const char* id = "141") {
    return session.look(Operation::read_status, sdk::Order("", "", nullptr, Receipt(id), nullptr, settings));
  }
};

TEST_F(FreshdeskReads, a_customer_is_known_by_contact_tickets_and_company) {
  session.expect("GET", "/api/v2/contacts").replies(200, json::array({kAda}));
  Reply tickets(200, json({ticket(1, 4, "2026-11-05T10:00:00Z"), ticket(2, 2, "2026-11-09T10:00:00Z"),
                           ticket(3, 9, "2026-11-19T10:00:00Z")})
                         .dump());
  tickets.headers["date"] = "Fri, 20 Nov 2026 09:58:07 GMT";
  session.expect("GET", "/api/v2/tickets").replies(tickets);
  session.expect("GET", "/api/v2/companies/77")
      .replies(200, {{"id", 77},
                     {"name", "Acme"},
                     {"account_tier", "Premium"},
                     {"health_score", "At risk"},
                     {"renewal_date", "2027-01-31T00:00:00Z"}});
  const auto found = context({{"email", "ada@example.com"}});
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (json{{"matches", 1},
                          {"people",
                           {{{"id", "129"},
                             {"name", "Ada Byron"},
                             {"email", "Ada@example.com"},
                             {"role", "Buyer"},
                             {"url", "https://acme.freshdesk.com/a/contacts/129"}}}},
                          {"account",
                           {{"id", "77"},
                            {"name", "Acme"},
                            {"tier", "Premium"},
                            {"health", "At risk"},
                            {"renewal_date", "2027-01-31"}}},
                          {"history",
                           {{"contacts_7d", 1},
                            {"contacts_14d", 2},
                            {"open_tickets",
                             {{{"id", "3"},
                               {"title", "S3"},
                               {"status", "status 9"},
                               {"at", "2026-11-19T10:00:00.000Z"},
                               {"url", "https://acme.freshdesk.com/a/tickets/3"}},
                              {{"id", "2"},
                               {"title", "S2"},
                               {"status", "open"},
                               {"at", "2026-11-09T10:00:00.000Z"},
                               {"url", "https://acme.freshdesk.com/a/tickets/2"}}}},
                            {"recent_tickets",
                             {{{"id", "3"},
                               {"title", "S3"},
                               {"status", "status 9"},
                               {"at", "2026-11-19T10:00:00.000Z"},
                               {"url", "https://acme.freshdesk.com/a/tickets/3"}},
                              {{"id", "2"},
                               {"title", "S2"},
                               {"status", "open"},
                               {"at", "2026-11-09T10:00:00.000Z"},
                               {"url", "https://acme.freshdesk.com/a/tickets/2"}},
                              {{"id", "1"},
                               {"title", "S1"},
                               {"status", "resolved"},
                               {"at", "2026-11-05T10:00:00.000Z"},
                               {"url", "https://acme.freshdesk.com/a/tickets/1"}}}}}}}));
  EXPECT_EQ(session.sent[0].request.target, "/api/v2/contacts?email=ada%40example.com");
  EXPECT_EQ(session.sent[1].request.target,
            "/api/v2/tickets?requester_id=129&updated_since=2010-01-01T00%3A00%3A00Z&order_by=created_at&"
            "order_type=desc&per_page=100");
}

TEST_F(FreshdeskReads, nobody_to_look_for_is_asked_for_nobody) {
  for (const auto& customer : {json(nullptr), json::object(), json{{"email", "no address"}}}) {
    EXPECT_EQ(*context(customer), (json{{"matches", 0}}));
  }
  EXPECT_TRUE(session.sent.empty());
  session.expect("GET", "/api/v2/contacts").replies(200, json::array());
  EXPECT_EQ(*context({{"id", "crm-8841"}}), (json{{"matches", 0}}));
  EXPECT_EQ(session.sent[0].request.target, "/api/v2/contacts?unique_external_id=crm-8841");
}

TEST_F(FreshdeskReads, of_several_contacts_the_one_that_changed_last_is_taken_and_named) {
  auto other = kAda, stranger = kAda;
  other["id"] = 130;
  other["email"] = nullptr;
  other["other_emails"] = {"ada@example.com"};
  other["updated_at"] = "2026-11-02T10:00:00Z";
  other.erase("company_id");
  stranger["email"] = "not.ada@example.com";
  session.expect("GET", "/api/v2/contacts").replies(200, json::array({kAda, other, stranger}));
  session.expect("GET", "/api/v2/tickets").replies(200, json::array());
  const auto found = context({{"email", "ada@example.com"}});
  EXPECT_EQ((*found)["matches"], 2);
  EXPECT_EQ((*found)["people"][0]["id"], "130");
  EXPECT_NE((*found)["missing"][0]["why"].get<std::string>().find("contact 130 was changed last"),
            std::string::npos);
  EXPECT_FALSE((*found)["history"].contains("contacts_7d"))
      << "without the answer's time nothing can be counted";
}

// A time without a zone is UTC, and one with another zone is the instant that it names (section 2).
TEST_F(FreshdeskReads, times_without_a_zone_are_utc_and_are_ordered_by_what_they_mean) {
  session.expect("GET", "/api/v2/contacts").replies(200, json::array({kAda}));
  Reply tickets(200, json({ticket(1, 2, "2026-11-19T10:00:00"), ticket(2, 2, "2026-11-19T12:00:00+05:30"),
                           ticket(3, 2, "2026-11-19T10:00:00.500Z"), ticket(4, 4, "2026-11-05T09:58:07")})
                         .dump());
  tickets.headers["date"] = "Thu, 19 Nov 2026 10:30:00 GMT";
  session.expect("GET", "/api/v2/tickets").replies(tickets);
  session.expect("GET", "/api/v2/companies/77").replies(200, {{"id", 77}, {"name", "Acme"}});
  const auto found = context({{"email", "ada@example.com"}});
  ASSERT_TRUE(found);
  const auto& history = found->at("history");
  std::vector<std::string> order;
  for (const auto& one : history.at("recent_tickets")) order.push_back(one.at("id").get<std::string>());
  EXPECT_EQ(order, (std::vector<std::string>{"3", "1", "2", "4"}));
  EXPECT_EQ(history.at("recent_tickets")[1].at("at"), "2026-11-19T10:00:00.000Z");
  EXPECT_EQ(history.at("recent_tickets")[2].at("at"), "2026-11-19T06:30:00.000Z");
  EXPECT_EQ(history.at("contacts_7d"), 3);
  EXPECT_EQ(history.at("contacts_14d"), 3) << "14 days and 32 minutes ago";
}

TEST_F(FreshdeskReads, a_solution_without_a_zone_has_its_instant) {
  const auto solved = [&](json stats) {
    session.expect("GET", "/api/v2/tickets/141")
        .replies(
            200,
            {{"id", 141}, {"status", 4}, {"stats", std::move(stats)}, {"updated_at", "2026-11-20T09:00:00"}});
    session.expect("GET", "/api/v2/tickets/141/conversations").replies(200, json::array());
    const auto found = status();
    EXPECT_TRUE(found);
    return found ? found->value("at", "") : "";
  };
  EXPECT_EQ(solved({{"resolved_at", "2026-11-20T09:58:07"}}), "2026-11-20T09:58:07.000Z");
  EXPECT_EQ(solved({{"resolved_at", nullptr}}), "2026-11-20T09:00:00.000Z");
  EXPECT_EQ(solved({{"resolved_at", "yesterday"}}), "2026-11-20T09:00:00.000Z");
}

TEST_F(FreshdeskReads, a_part_that_fails_is_missing_and_the_rest_is_there) {
  session.expect("GET", "/api/v2/contacts").replies(200, json::array({kAda}));
  session.expect("GET", "/api/v2/tickets").says(200, "{}");
  session.expect("GET", "/api/v2/companies/77").says(403, "{}");
  const auto found = context({{"email", "ada@example.com"}});
  ASSERT_TRUE(found);
  ASSERT_EQ((*found)["missing"].size(), 2u);
  EXPECT_EQ((*found)["missing"][0]["part"], "history");
  EXPECT_EQ((*found)["missing"][1]["part"], "account");
  EXPECT_EQ((*found)["people"].size(), 1u);
}

json said(int id, const char* text, const char* at, json more = json::object()) {
  json one = {{"id", id},          {"body_text", text}, {"body", text},     {"private", false},
              {"incoming", false}, {"user_id", 7},      {"created_at", at}, {"source", 0}};
  one.update(more);
  return one;
}
json dana() { return {{"id", 7}, {"contact", {{"email", "dana@acme.example"}, {"name", "Dana"}}}}; }

TEST_F(FreshdeskReads, a_solved_ticket_tells_when_and_with_which_words) {
  session.expect("GET", "/api/v2/tickets/141")
      .replies(200, {{"id", 141}, {"status", 4}, {"stats", {{"resolved_at", "2026-11-20T09:58:07Z"}}}});
  session.expect("GET", "/api/v2/tickets/141/conversations")
      .replies(200, json::array({said(2, "Refunded. ", "2026-11-20T09:00:00Z"),
                                 said(1, "Hello", "2026-11-20T08:00:00Z"),
                                 said(3, "a note", "2026-11-20T09:30:00Z", {{"private", true}}),
                                 said(4, "thanks", "2026-11-20T09:40:00Z", {{"incoming", true}}),
                                 said(5, "see below", "2026-11-20T09:41:00Z", {{"source", 8}}),
                                 said(6, " ", "2026-11-20T09:42:00Z")}));
  session.expect("GET", "/api/v2/agents/7").replies(200, dana());
  const auto reply = [](const char* id, const char* text) {
    return json{{"id", id}, {"who", "dana@acme.example"}, {"who_name", "Dana"}, {"text", text}};
  };
  EXPECT_EQ(*status(), (json{{"state", "solved"},
                             {"at", "2026-11-20T09:58:07.000Z"},
                             {"text", "Refunded."},
                             {"replies", {reply("1", "Hello"), reply("2", "Refunded.")}}}));
}

TEST_F(FreshdeskReads, the_last_words_stand_on_the_last_page) {
  session.expect("GET", "/api/v2/tickets/141").replies(200, {{"id", 141}, {"status", 4}});
  json many = json::array();
  for (int i = 1; i <= 30; ++i) many.push_back(said(i, "word", "2026-11-20T08:00:00Z"));
  Reply first(200, many.dump());
  first.headers["link"] =
      R"(<https://acme.freshdesk.com/api/v2/tickets/141/conversations?per_page=100&page=2>; rel="next")";
  session.expect("GET", "/api/v2/tickets/141/conversations").replies(first);
  session.expect("GET", "/api/v2/tickets/141/conversations")
      .replies(200, json::array({said(31, "Refunded.", "2026-11-20T09:00:00Z")}));
  session.expect("GET", "/api/v2/agents/7").replies(200, dana());
  const auto found = status();
  ASSERT_TRUE(found);
  EXPECT_EQ((*found)["text"], "Refunded.");
  ASSERT_EQ((*found)["replies"].size(), 20u);
  EXPECT_EQ((*found)["replies"].back()["id"], "31");
  EXPECT_EQ((*found)["replies"].front()["id"], "12");
}

TEST_F(FreshdeskReads, an_open_ticket_tells_who_has_it_as_a_notice_does_and_what_they_answered) {
  session.expect("GET", "/api/v2/tickets/141")
      .replies(200, {{"id", 141}, {"status", 2}, {"responder_id", 7}});
  session.expect("GET", "/api/v2/tickets/141/conversations")
      .replies(200, json::array({said(1, "On it", "2026-11-20T09:00:00Z"),
                                 said(2, "Me too", "2026-11-20T09:01:00Z", {{"user_id", 8}})}));
  session.expect("GET", "/api/v2/agents/7").replies(200, dana());
  session.expect("GET", "/api/v2/agents/8").replies(404, json::object());
  EXPECT_EQ(*status(),
            (json{{"state", "open"},
                  {"by_id", "dana@acme.example"},
                  {"by", "Dana"},
                  {"replies",
                   {{{"id", "1"}, {"who", "dana@acme.example"}, {"who_name", "Dana"}, {"text", "On it"}},
                    {{"id", "2"}, {"who", "8"}, {"who_name", ""}, {"text", "Me too"}}}}}));
}

TEST_F(FreshdeskReads, what_nobody_has_says_so_and_what_batons_own_agent_has_says_nothing) {
  const auto open = [&](json responder, json talk) {
    session.expect("GET", "/api/v2/tickets/141")
        .replies(200, {{"id", 141}, {"status", 2}, {"responder_id", std::move(responder)}});
    session.expect("GET", "/api/v2/tickets/141/conversations").replies(200, talk);
  };
  open(nullptr, json::array());
  EXPECT_EQ((*status())["by_id"], "");
  // Its notes show which agent it works as, and nothing that this agent says is a person's.
  const auto note = said(1, "Brief", "2026-11-20T09:00:00Z",
                         {{"private", true}, {"user_id", 9}, {"body", "<p><i>Baton ref hof_1/x</i></p>"}});
  open(9, json::array({note, said(2, "Hello", "2026-11-20T09:01:00Z", {{"user_id", 9}})}));
  EXPECT_EQ(*status(), (json{{"state", "open"}, {"replies", json::array()}}));
  settings = testing::settings_for(*connector, {{"baton_agent_email", "Dana@acme.example"}});
  open(7, json::array());
  session.expect("GET", "/api/v2/agents/7").replies(200, dana());
  EXPECT_FALSE(status()->contains("by_id"));
}

TEST_F(FreshdeskReads, a_ticket_is_open_solved_or_gone) {
  session.expect("GET", "/api/v2/tickets/141").replies(200, {{"id", 141}, {"status", 3}});
  session.expect("GET", "/api/v2/tickets/141/conversations").says(500, "");
  EXPECT_EQ(*status(), (json{{"state", "open"}, {"by_id", ""}})) << "what was said cannot be told";
  session.expect("GET", "/api/v2/tickets/141").says(404, "");
  EXPECT_EQ((*status())["state"], "gone");
  session.expect("GET", "/api/v2/tickets/141").replies(200, {{"id", 141}, {"status", 2}, {"deleted", true}});
  EXPECT_EQ((*status())["state"], "gone");
  session.expect("GET", "/api/v2/tickets/141").replies(200, {{"id", 141}, {"status", 5}});
  session.expect("GET", "/api/v2/tickets/141/conversations").says(500, "");
  EXPECT_EQ(*status(), (json{{"state", "solved"}}));
  for (const auto& body : testing::hostile_bodies(R"({"id":141,"status":4})"))
    EXPECT_FALSE(read_state(Reply(200, body), settings));
  EXPECT_FALSE(status(""));
}

TEST_F(FreshdeskReads, an_agent_who_may_not_be_read_costs_the_name_and_not_the_solution) {
  json solved = ticket(141, 4, "2026-11-01T10:00:00Z");
  solved["responder_id"] = 7;
  session.expect("GET", "/api/v2/tickets/141").replies(200, solved);
  session.expect("GET", "/api/v2/tickets/141/conversations").replies(200, json::array());
  session.expect("GET", "/api/v2/agents/7").replies(403, {{"code", "access_denied"}});
  const auto seen = status();
  ASSERT_TRUE(seen);
  EXPECT_EQ((*seen)["state"], "solved");
  EXPECT_FALSE(seen->contains("by"));
}

TEST_F(FreshdeskReads, of_agents_only_the_one_with_the_address_is_meant) {
  const auto agent = [](int id, const char* email, const char* name) {
    return json{{"id", id}, {"contact", {{"email", email}, {"name", name}}}};
  };
  const Reply list(
      200,
      json::array({agent(1, "other@acme.example", "Other"), agent(2, "Dana@acme.example", "Dana")}).dump());
  EXPECT_EQ(*read_agent(list, "dana@acme.example"),
            (json{{"id", "2"}, {"name", "Dana"}, {"email", "Dana@acme.example"}}));
  EXPECT_EQ(*read_agent(list, "ben@acme.example"), json::object());
  EXPECT_FALSE(read_agent(Reply(200, "<html>"), "dana@acme.example"));
  for (const auto& odd : testing::ill_typed(agent(2, "dana@acme.example", "Dana")))
    (void)read_agent(Reply(200, odd.dump()), "dana@acme.example");
}

TEST_F(FreshdeskReads, hostile_and_ill_typed_answers_are_failures_or_gaps) {
  for (const auto& body : testing::hostile_bodies(json::array({kAda}).dump())) {
    const Reply reply(200, body);
    const json customer = {{"email", "ada@example.com"}};
    if (body != "[]") EXPECT_FALSE(read_contact(reply, customer)) << body.substr(0, 40);
    if (body != "[]") EXPECT_FALSE(read_history(reply, ""));
    EXPECT_FALSE(read_company(reply, settings));
    Talk talk;
    if (body != "[]") EXPECT_FALSE(talk.add(reply));
    EXPECT_TRUE(talk.answers().empty());
  }
  const json customer = {{"email", "ada@example.com"}};
  for (const auto& body : testing::ill_typed(json::array({kAda})))
    (void)read_contact(Reply(200, body.dump()), customer);
  for (const auto& body : testing::ill_typed(json::array({said(1, "x", "2026-11-20T09:58:07Z")}))) {
    Talk talk;
    (void)talk.add(Reply(200, body.dump()));
  }
  for (const auto& body : testing::ill_typed(json{ticket(1, 2, "2026-11-20T09:58:07Z")}))
    (void)read_history(Reply(200, body.dump()), "");
}

TEST_F(FreshdeskReads, the_date_of_an_answer_is_read) {
  EXPECT_EQ(sdk::read_date("Fri, 20 Nov 2026 09:58:07 GMT"), parse_rfc3339("2026-11-20T09:58:07Z"));
  for (const auto* wrong :
       {"", "yesterday", "Fri, 20 Nov 2026 09:58:07 CET", "Fri, 20 ovD 2026 09:58:07 GMT"}) {
    EXPECT_FALSE(sdk::read_date(wrong)) << wrong;
  }
}

// --- probe and prepare

class Trial final : public sdk::SetupSession {
 public:
  Task<Reply> read(sdk::Read read) override {
    asked.push_back(read.request().target);
    if (refuses) co_return Failure(FailureKind::auth_expired, "GET /api/v2/agents/me answered 401");
    if (read.request().target == "/api/v2/agents/me") co_return Reply(200, me.dump());
    co_return Reply(200, fields.dump());
  }
  Task<Reply> send(sdk::Write write) override {
    made = json::parse(write.request().body);
    target = write.request().target;
    if (!may_make) co_return Failure(FailureKind::misconfigured, "answered 403");
    fields.push_back({{"name", "cf_baton_handoff_id"}});
    co_return Reply(201, "{}");
  }
  std::vector<std::string> asked;
  json me = {{"id", 7}, {"ticket_scope", 1}, {"contact", {{"email", "baton@acme.example"}}}};
  json fields = json::array({{{"name", "subject"}}});
  json made;
  std::string target;
  bool may_make = true, refuses = false;
};

TEST_F(FreshdeskReads, a_probe_looks_at_the_key_the_scope_and_the_field) {
  Trial trial;
  auto found = testing::run_task(connector->probe(settings, trial));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 3u);
  EXPECT_TRUE((*found)[0].fine && (*found)[1].fine);
  EXPECT_FALSE((*found)[2].fine);
  EXPECT_TRUE((*found)[2].can_make);
  EXPECT_NE((*found)[2].remedy.find("\"Baton handoff id\""), std::string::npos);
  EXPECT_EQ(trial.asked, (std::vector<std::string>{"/api/v2/agents/me", "/api/v2/ticket_fields"}));
  trial.me["ticket_scope"] = 2;
  found = testing::run_task(connector->probe(settings, trial));
  EXPECT_FALSE((*found)[1].fine);
}

TEST_F(FreshdeskReads, after_a_refused_key_nothing_more_is_asked) {
  Trial trial;
  trial.refuses = true;
  const auto found = testing::run_task(connector->probe(settings, trial));
  ASSERT_EQ(found->size(), 1u);
  EXPECT_FALSE((*found)[0].fine);
  EXPECT_EQ(trial.asked.size(), 1u);
}

TEST_F(FreshdeskReads, preparing_makes_the_field_or_says_why_it_may_not) {
  Trial trial;
  auto found = testing::run_task(connector->prepare(settings, trial));
  EXPECT_EQ(trial.target, "/api/v2/admin/ticket_fields");
  EXPECT_EQ(trial.made["label"], "Baton handoff id");
  EXPECT_EQ(trial.made["displayed_to_customers"], false);
  EXPECT_TRUE(found->back().fine);
  Trial refused;
  refused.may_make = false;
  found = testing::run_task(connector->prepare(settings, refused));
  EXPECT_FALSE(found->back().fine);
  EXPECT_NE(found->back().remedy.find("answered 403"), std::string::npos);
}

}  // namespace
}  // namespace baton::freshdesk
