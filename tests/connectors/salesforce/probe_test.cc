// Trying a destination. Fact sheet salesforce, section 9.
#include "connectors/salesforce/probe.h"

#include "tests/connectors/salesforce/bench.h"
#include "tests/support/configured.h"

namespace baton::salesforce {
namespace {

using namespace salesforce_testing;

json picklist(const char* name, std::vector<const char*> values) {
  auto list = json::array();
  for (const auto* value : values) list.push_back({{"value", value}, {"active", true}});
  return {{"name", name}, {"restrictedPicklist", true}, {"picklistValues", list}};
}
json key_field(bool external, bool unique) {
  return {{"name", "Baton_Handoff_Id__c"},
          {"externalId", external},
          {"unique", unique},
          {"createable", true},
          {"updateable", true}};
}
json described(std::vector<json> fields) {
  return {{"createable", true}, {"updateable", true}, {"fields", fields}};
}

// Answers each address as the test says, and writes too.
class Org final : public sdk::SetupSession {
 public:
  explicit Org(const sdk::Connector& connector) : connector_(connector) {}
  std::map<std::string, Reply> answers;  // by a part of the address
  std::function<Reply(const Request&)> made = [](const Request&) {
    return Reply(201, saved("00N000000000001AAA").dump());
  };
  std::vector<Request> written;
  std::vector<json> mapped;  // what the mapping makes of handoffs

  std::vector<json> samples(Operation operation) const override {
    return operation == Operation::open_ticket ? mapped : std::vector<json>();
  }

  Task<Reply> read(sdk::Read read) override { co_return answer(read.request(), false); }
  Task<Reply> send(sdk::Write write) override {
    written.push_back(write.request());
    co_return answered(write.request(), true, made(write.request()));
  }

 private:
  Result<Reply> answer(const Request& request, bool writes) {
    for (const auto& [part, reply] : answers) {
      if (request.target.find(part) != std::string::npos) return answered(request, writes, reply);
    }
    return Reply(200, records(json::array()).dump());
  }
  Result<Reply> answered(const Request& request, bool writes, const Reply& reply) {
    if (auto failure = connector_.classify(sdk::Exchange(request, writes, reply, TimePoint{})))
      return *failure;
    return reply;
  }
  const sdk::Connector& connector_;
};

class SalesforceProbe : public Bench {
 protected:
  SalesforceProbe() { describe({key_field(true, true), picklist("Status", {"New", "Working", "Closed"})}); }
  void describe(std::vector<json> fields) {
    setup.answers.insert_or_assign("/describe", Reply(200, described(fields).dump()));
  }
  sdk::Findings probe() { return *testing::run_task(connector->probe(settings, setup)); }
  static const sdk::Finding* find(const sdk::Findings& all, std::string_view what) {
    for (const auto& one : all) {
      if (one.what.find(what) != std::string::npos) return &one;
    }
    return nullptr;
  }
  Org setup{*connector};
};

TEST_F(SalesforceProbe, finds_all_well) {
  const auto found = probe();
  EXPECT_GE(found.size(), 10u);
  for (const auto& one : found) EXPECT_TRUE(one.fine) << one.what << ": " << one.remedy;
}

TEST_F(SalesforceProbe, stops_at_a_session_that_cannot_be_had) {
  setup.answers.emplace("Organization", Reply(401, error("INVALID_SESSION_ID", "x").dump()));
  const auto found = probe();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_FALSE(found[0].fine);
  EXPECT_NE(found[0].remedy.find("client_id"), std::string::npos);
}

TEST_F(SalesforceProbe, says_how_to_make_the_field_or_to_mend_it) {
  describe({picklist("Status", {"Working", "Closed"})});
  auto found = probe();
  const auto* field = find(found, "Baton_Handoff_Id__c");
  ASSERT_TRUE(field);
  EXPECT_FALSE(field->fine);
  EXPECT_TRUE(field->can_make);
  describe({key_field(true, false), picklist("Status", {"Working", "Closed"})});
  found = probe();
  field = find(found, "Baton_Handoff_Id__c");
  EXPECT_FALSE(field->fine);
  EXPECT_FALSE(field->can_make);  // a field that is there is a person's to change
  EXPECT_NE(field->remedy.find("Unique"), std::string::npos);
}

TEST_F(SalesforceProbe, names_values_rights_and_fields_that_lack) {
  settings = with({{"status_pending", "On Hold"}, {"tier_field", "Tier__c"}});
  setup.answers.emplace(
      "Contract", Reply(400, error("INVALID_TYPE", "sObject type 'Contract' is not supported.").dump()));
  setup.answers.emplace("Tier__c", Reply(400, error("INVALID_FIELD", "No such column 'Tier__c'").dump()));
  const auto found = probe();
  EXPECT_FALSE(find(found, "On Hold")->fine);
  EXPECT_FALSE(find(found, "read on Contract")->fine);
  EXPECT_FALSE(find(found, "tier_field")->fine);
  EXPECT_TRUE(find(found, "read on Account")->fine);
}

// Whatever the mapping writes has to be there, and be written where the org asks for it.
TEST_F(SalesforceProbe, holds_what_the_mapping_writes_against_the_org) {
  const json required = {
      {"name", "Region__c"}, {"nillable", false}, {"defaultedOnCreate", false}, {"createable", true}};
  auto flag = required, filled = required, ours = required;
  flag["name"] = "Urgent__c";
  flag["defaultedOnCreate"] = true;
  filled["name"] = "Subject";
  ours["name"] = "Team__c";
  describe({key_field(true, true), picklist("Status", {"New", "Working", "Closed"}),
            picklist("Origin", {"Web", "Phone"}), picklist("Priority", {"High", "Low"}), required, flag,
            filled, ours});
  EXPECT_FALSE(find(probe(), "Region__c")) << "without a mapping it is not known what is written";
  const auto sample = [](const char* priority) {
    return json{{"Subject", "x"},
                {"Status", "New"},
                {"Priority", priority},
                {"Origin", "Chat"},
                {"Hidden__c", "y"},
                {"Team__c", nullptr},
                {"contact_email", "a@b.example"},
                {"conversation", json::array({"z"})}};
  };
  setup.mapped = {sample("Low"), sample("Medium"), sample("High"), sample("High")};
  const auto found = probe();
  EXPECT_FALSE(find(found, "the value Chat of Case.Origin")->fine);
  EXPECT_FALSE(find(found, "the value Medium of Case.Priority")->fine);
  EXPECT_TRUE(find(found, "the value High of Case.Priority")->fine);
  EXPECT_TRUE(find(found, "the value New of Case.Status")->fine);
  EXPECT_FALSE(find(found, "the field Case.Hidden__c")->fine);
  EXPECT_FALSE(find(found, "the required field Case.Region__c")->fine);
  EXPECT_FALSE(find(found, "the required field Case.Team__c")->fine) << "the mapping yields nothing for it";
  EXPECT_FALSE(find(found, "required field Case.Urgent__c"));
  EXPECT_FALSE(find(found, "required field Case.Subject"));
  EXPECT_FALSE(find(found, "contact_email") || find(found, "conversation"));
  EXPECT_EQ(std::ranges::count(found, std::string("the value Chat of Case.Origin"), &sdk::Finding::what), 1);
}

TEST_F(SalesforceProbe, knows_which_statuses_close_a_case) {
  const auto status = [](const char* name, bool closes) {
    return json{{"MasterLabel", name}, {"ApiName", name}, {"IsClosed", closes}};
  };
  const auto answer = [&](std::vector<json> all) {
    setup.answers.insert_or_assign("CaseStatus", Reply(200, records(all).dump()));
  };
  answer({status("New", false), status("Working", false), status("Closed", true)});
  EXPECT_TRUE(find(probe(), "status_solved: Closed")->fine);
  EXPECT_TRUE(find(probe(), "status_open: Working")->fine);
  answer({status("Working", true), status("Closed", false)});
  const auto found = probe();
  EXPECT_FALSE(find(found, "status_solved: Closed")->fine);
  EXPECT_NE(find(found, "status_solved: Closed")->remedy.find("closes no case"), std::string::npos);
  EXPECT_FALSE(find(found, "status_pending: Working")->fine);
  setup.answers.insert_or_assign("CaseStatus", Reply(400, error("INVALID_TYPE", "x").dump()));
  EXPECT_FALSE(find(probe(), "which statuses close")->fine);
}

TEST_F(SalesforceProbe, tries_leads_and_every_field_that_a_context_reads) {
  setup.answers.emplace("Lead",
                        Reply(400, error("INVALID_TYPE", "sObject type 'Lead' is not supported.").dump()));
  setup.answers.emplace("Title", Reply(400, error("INVALID_FIELD", "No such column 'Title'").dump()));
  const auto found = probe();
  EXPECT_FALSE(find(found, "read on Lead")->fine);
  EXPECT_FALSE(find(found, "read on Contact")->fine);
  EXPECT_NE(find(found, "read on Contact")->remedy.find("View All"), std::string::npos);
}

TEST_F(SalesforceProbe, names_a_key_field_that_is_too_short) {
  auto field = key_field(true, true);
  field["length"] = 32;
  describe({field, picklist("Status", {"New", "Working", "Closed"})});
  const auto all = probe();
  const auto* found = find(all, "Baton_Handoff_Id__c");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->fine);
  EXPECT_NE(found->remedy.find("length of 64"), std::string::npos);
}

TEST_F(SalesforceProbe, compares_the_organization_of_outbound_messages) {
  EXPECT_FALSE(find(probe(), "organization_id")) << "nobody named one";
  setup.answers.insert_or_assign("Organization", Reply(200, records({{"Id", "00D000000000001EAA"}}).dump()));
  for (const auto* same : {"00D000000000001EAA", "00D000000000001"}) {
    settings = with({{"organization_id", same}});
    const auto all = probe();
    EXPECT_TRUE(find(all, "organization_id")->fine) << same;
  }
  settings = with({{"organization_id", "00D000000000002EAA"}});
  const auto all = probe();
  EXPECT_FALSE(find(all, "organization_id")->fine);
  EXPECT_NE(find(all, "organization_id")->remedy.find("00D000000000001EAA"), std::string::npos);
}

TEST_F(SalesforceProbe, makes_the_field_once_and_says_what_a_person_still_does) {
  describe({picklist("Status", {"Working", "Closed"})});
  const auto found = testing::run_task(connector->prepare(settings, setup));
  ASSERT_TRUE(found);
  ASSERT_EQ(setup.written.size(), 1u);
  testing::expect_golden(setup.written[0], "salesforce/golden/make_field.json");
  EXPECT_NE(find(*found, "Baton_Handoff_Id__c")->remedy.find("Field-Level Security"), std::string::npos);
  setup.made = [](const Request&) { return Reply(403, error("INSUFFICIENT_ACCESS", "x").dump()); };
  const auto refused = testing::run_task(connector->prepare(settings, setup));
  EXPECT_NE(find(*refused, "Baton_Handoff_Id__c")->remedy.find("Object Manager"), std::string::npos);
}

TEST_F(SalesforceProbe, makes_nothing_where_nothing_lacks) {
  ASSERT_TRUE(testing::run_task(connector->prepare(settings, setup)));
  EXPECT_TRUE(setup.written.empty());
}

TEST_F(SalesforceProbe, survives_nonsense) {
  for (const auto& body : testing::hostile_bodies(described({}).dump())) {
    setup.answers.insert_or_assign("/describe", Reply(200, body));
    const auto found = probe();
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [](const auto& one) { return !one.fine; }));
  }
}

// --- how requests are authorised

TEST(SalesforceSettings, say_before_anything_is_sent_that_a_token_is_too_short) {
  const auto said = [](const std::string& value) {
    return testing::problems_with_secret(make_connector(), "webhook_token", value);
  };
  EXPECT_NE(said("guess-me").find("must be 32 random characters"), std::string::npos);
  EXPECT_EQ(said("guess-me").find("guess-me"), std::string::npos) << "a secret is not shown";
  EXPECT_EQ(said("0123456789abcdef0123456789abcdef").find("webhook_token"), std::string::npos);
}

TEST_F(SalesforceProbe, asks_for_sessions_with_a_secret_a_certificate_or_a_persons_consent) {
  const auto plain = connector->auth(settings);
  const auto* secret = std::get_if<sdk::ClientCredentials>(&plain);
  ASSERT_TRUE(secret);
  EXPECT_EQ(secret->target, "/services/oauth2/token");
  EXPECT_EQ(secret->body, sdk::TokenBody::form);
  EXPECT_EQ(secret->field, "client_secret");
  EXPECT_EQ(secret->revoke, "/services/oauth2/revoke");
  const auto jwt = connector->auth(with({{"auth", "jwt"}, {"username", "baton@acme.example"}}));
  const auto* bearer = std::get_if<sdk::JwtBearer>(&jwt);
  ASSERT_TRUE(bearer);
  EXPECT_EQ(bearer->audience, "https://acme.my.salesforce.com");
  EXPECT_EQ(bearer->issuer, "3MVG9Baton");
  EXPECT_EQ(bearer->subject, "baton@acme.example");
  const auto classic =
      connector->auth(with({{"auth", "jwt"},
                            {"audience", "https://login.salesforce.com"},
                            {"token_url", "https://login.salesforce.com/services/oauth2/token"}}));
  EXPECT_EQ(std::get_if<sdk::JwtBearer>(&classic)->audience, "https://login.salesforce.com");
  EXPECT_EQ(std::get_if<sdk::JwtBearer>(&classic)->revoke,
            "https://login.salesforce.com/services/oauth2/revoke");
  const auto consent = connector->auth(with({{"auth", "refresh_token"}}));
  const auto* refresh = std::get_if<sdk::RefreshToken>(&consent);
  ASSERT_TRUE(refresh);
  EXPECT_EQ(refresh->target, "/services/oauth2/token");
  EXPECT_EQ(refresh->body, sdk::TokenBody::form);
  EXPECT_EQ(refresh->client_id, "3MVG9Baton");
  EXPECT_EQ(refresh->field, "client_secret");
  EXPECT_EQ(refresh->refresh_field, "refresh_token");
  EXPECT_EQ(refresh->revoke, "/services/oauth2/revoke");
}

}  // namespace
}  // namespace baton::salesforce
