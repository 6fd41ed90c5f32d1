// What `baton check` and the start-up read: a whole configuration, and what only the whole can judge.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "secrets/token.h"
#include "tests/app/site.h"
#include "tests/config/broken_cases.h"

namespace baton::app {
namespace {

const std::filesystem::path kBroken = std::filesystem::path(BATON_SOURCE_DIR) / "tests/config/broken";

constexpr auto kWhole = R"(public_url: https://baton.example.com
data_dir: data
listen: {public: "127.0.0.1:0", admin: "[::1]:8081"}
network: {allow: [10.1.0.0/16, "fd00::/8"]}
limits: {context: 1500ms, ticket: 4s}
log: {level: warning}
sources:
  shop-chat:
    event_source: https://chat.example.com
    secret: {secret: chat-signing}
    max_per_second: 200
destinations:
  zendesk:
    base_url: https://acme.zendesk.com/
    client_id: baton
    client_secret: {secret: zendesk-client}
    limits: {per_second: 5, at_once: 2}
  hubspot:
    token: {secret: hubspot-token}
  slack:
    token: {secret: slack-token}
    channel: C0HANDOFFS
  shop:
    connector: standard_webhooks
    base_url: https://chat.example.com
    secret: {secret: chat-signing}
    path: /events
calendars:
  office: {zone: Europe/Berlin, weekdays: {mon: "09:00-17:00"}}
teams:
  billing: {members: [ana@example.com], hours: office, overflow: support}
  support: {members: [ben@example.com]}
routes:
  - name: refunds
    when: {intent.category: [billing, refund], priority: {at_least: high}}
    to: {context: [hubspot, zendesk], tickets: zendesk, alerts: [slack], record: hubspot, platform: shop, team: billing}
  - name: everything-else
    to: {tickets: zendesk, platform: shop, team: support}
)";

std::vector<std::string> messages_of(const std::string& path, bool with_secrets = true) {
  std::vector<std::string> messages;
  const auto loaded = load_installation(path, with_secrets, kSiteTime);
  for (const auto& problem : loaded.problems.list()) messages.push_back(problem.text());
  return messages;
}

TEST(Installation, of_a_good_configuration_has_everything_that_it_says) {
  const Site site;
  Site::write("baton.yaml", kWhole);
  ASSERT_THAT(messages_of("baton.yaml"), testing::IsEmpty());
  const auto loaded = load_installation("baton.yaml", true, kSiteTime);
  const auto& in = loaded.installation;
  EXPECT_EQ(in.options.admin_listener.address, "::1");
  EXPECT_EQ(in.options.admin_listener.port, 8081);
  EXPECT_EQ(in.options.patience.context, Duration{1500});
  EXPECT_EQ(in.options.patience.late_context, Duration{30s});
  ASSERT_EQ(in.accounts.size(), 4u);
  const auto& desk = *in.accounts.at(DestinationId("zendesk"));
  EXPECT_EQ(desk.base_url, "https://acme.zendesk.com");
  EXPECT_EQ(desk.limits.per_second, 5);
  EXPECT_EQ(desk.limits.at_once, 2);
  EXPECT_EQ(desk.secret("client_secret").reveal(), "of-the-test");
  EXPECT_EQ(in.accounts.at(DestinationId("shop"))->connector->manifest().name, "standard_webhooks");
  EXPECT_EQ(in.sources.at("shop-chat").keys.size(), 1u);
  EXPECT_TRUE(in.sources.at("shop-chat").budget);
  EXPECT_EQ(in.rules.size(), 2u);
  EXPECT_EQ(in.rules[0].to.team, "billing");
  EXPECT_EQ(in.teams.size(), 2u);
  EXPECT_THAT(in.advice,
              testing::ElementsAre(
                  testing::HasSubstr("destinations.slack.signing_secret: is not given, so every click"),
                  testing::HasSubstr("destinations.zendesk: no secret verifies what it sends")));
}

// Which of its settings a destination cannot do without depends on the others.
TEST(Installation, refuses_a_destination_that_nothing_lets_in) {
  const Site site;
  std::string text = kWhole;
  const auto with = [&](const std::string& settings) {
    auto whole = text;
    whole.insert(whole.find("  zendesk:\n"), "  linear:\n    team: ENG\n" + settings);
    Site::write("baton.yaml", whole);
    return messages_of("baton.yaml");
  };
  EXPECT_THAT(with(""),
              testing::ElementsAre(testing::HasSubstr("destinations.linear.client_id: is required")));
  EXPECT_THAT(with("    client_id: app\n"),
              testing::ElementsAre(testing::HasSubstr("destinations.linear.client_secret: is required")));
  EXPECT_THAT(with("    api_key: {secret: slack-token}\n"), testing::IsEmpty());
}

// A vendor with a limit of its own, and a credential that is replaced with each use.
TEST(Installation, judges_what_a_destination_is_told_before_anything_is_sent) {
  const Site site;
  std::string text = kWhole;
  const auto add = [&](const std::string& crm) {
    auto with = text;
    return with.insert(with.find("  zendesk:\n"), "  crm:\n    connector: salesforce\n" + crm);
  };
  Site::write("baton.yaml", add("    base_url: https://login.salesforce.com\n"
                                "    client_id: 3MVG9Baton\n"
                                "    auth: refresh_token\n"
                                "    organization_id: acme\n"
                                "    limits: {slow_lookups_above: 90, stop_lookups_above: 85}\n"));
  EXPECT_THAT(
      messages_of("baton.yaml"),
      testing::UnorderedElementsAre(
          testing::AllOf(testing::HasSubstr("crm.refresh_token: is required"),
                         testing::HasSubstr("baton secret set")),
          testing::AllOf(testing::HasSubstr("crm.organization_id: must be"), testing::HasSubstr("00D")),
          testing::HasSubstr("crm.limits.slow_lookups_above: must not be above")));
  Site::write("baton.yaml", add("    base_url: https://acme.my.salesforce.com\n"
                                "    client_id: 3MVG9Baton\n"
                                "    auth: password\n"
                                "    client_secret: {secret: hubspot-token}\n"
                                "    url_token: {secret: slack-token}\n"));
  EXPECT_THAT(messages_of("baton.yaml"),
              testing::UnorderedElementsAre(testing::HasSubstr("crm.auth: must be client_credentials"),
                                            testing::HasSubstr("crm.url_token: must be 32")));
  for (const auto* way : {"client_credentials", "jwt"}) {
    Site::write("baton.yaml", add("    base_url: https://acme.my.salesforce.com\n"
                                  "    client_id: 3MVG9Baton\n"
                                  "    auth: " +
                                  std::string(way) + "\n"));
    EXPECT_THAT(messages_of("baton.yaml"),
                testing::ElementsAre(testing::HasSubstr("is required, or every request is refused")))
        << way;
  }
  text.insert(text.find("at_once: 2"), "stop_lookups_above: 50, ");
  Site::write("baton.yaml", text);
  EXPECT_THAT(messages_of("baton.yaml"), testing::ElementsAre(testing::HasSubstr("stop_lookups_above")))
      << "its vendor says nothing of a limit";
  text = kWhole;
  Site::write("baton.yaml", add("    base_url: https://login.salesforce.com\n"
                                "    client_id: 3MVG9Baton\n"
                                "    auth: refresh_token\n"
                                "    refresh_token: {secret: hubspot-token}\n"
                                "    limits: {stop_lookups_above: 90}\n"));
  ASSERT_THAT(messages_of("baton.yaml"), testing::IsEmpty());
  const auto limits =
      load_installation("baton.yaml", true, kSiteTime).installation.accounts.at(DestinationId("crm"))->limits;
  EXPECT_EQ(limits.slow_lookups_above, 80);
  EXPECT_EQ(limits.stop_lookups_above, 90);
}

TEST(Installation, verifies_with_both_values_of_a_secret_that_is_being_rotated) {
  const Site site;
  Site::write("baton.yaml", kWhole);
  const auto options = load_installation("baton.yaml", true, kSiteTime).installation.options;
  auto store = open_store(options);
  ASSERT_TRUE((*store)->rotate("chat-signing", Secret("whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldyE="),
                               kSiteTime));
  const auto loaded = load_installation("baton.yaml", true, kSiteTime);
  EXPECT_TRUE(loaded.problems.empty());
  EXPECT_EQ(loaded.installation.sources.at("shop-chat").keys.size(), 2u);
  EXPECT_EQ(loaded.installation.accounts.at(DestinationId("shop"))->secrets.at("secret").size(), 2u);
}

TEST(Installation, without_a_store_names_every_secret_that_is_missing) {
  const Site site;
  Site::write("baton.yaml", kWhole);
  std::filesystem::remove_all("data");
  const auto messages = messages_of("baton.yaml");
  EXPECT_EQ(messages.size(), 5u);
  EXPECT_THAT(messages, testing::Each(testing::HasSubstr("`baton secret init`")));
}

TEST(Installation, needs_no_secret_to_be_explained) {
  const Site site;
  Site::write("baton.yaml", kWhole);
  std::filesystem::remove_all("data");
  EXPECT_THAT(messages_of("baton.yaml", false), testing::IsEmpty());
}

TEST(Installation, whose_store_cannot_be_opened_says_why) {
  const Site site;
  Site::write("baton.yaml", kWhole);
  Site::write("data/root.key", "no key");
  EXPECT_THAT(messages_of("baton.yaml"), testing::Contains(testing::HasSubstr("secrets: ")));
  EXPECT_THAT(messages_of("baton.yaml", false), testing::IsEmpty());
}

TEST(Installation, names_a_certificate_that_cannot_be_used) {
  const Site site;
  std::string with_tls = kWhole;
  with_tls.insert(with_tls.find("listen: {") + 9, "tls: {certificate: chain.pem, key: key.pem}, ");
  Site::write("baton.yaml", with_tls);
  EXPECT_THAT(messages_of("baton.yaml"),
              testing::ElementsAre(
                  "baton.yaml:3:29: listen.tls.certificate: cannot read chain.pem: No such file or directory",
                  "baton.yaml:3:45: listen.tls.key: cannot read key.pem: No such file or directory"));
  Site::write("chain.pem", "no certificate");
  Site::write("key.pem", "the key, which is no key but is a secret");
  EXPECT_THAT(messages_of("baton.yaml"),
              testing::ElementsAre(testing::StartsWith("baton.yaml:3:15: listen.tls: ")));
  const auto loaded = load_installation("baton.yaml", true, kSiteTime);
  EXPECT_EQ(loaded.installation.redactor->redact("it is the key, which is no key but is a secret"),
            "it is [redacted]");
}

// A management token is nowhere in the clear, so it is known by its form.
TEST(Installation, lets_no_token_of_its_own_into_a_log) {
  const Site site;
  Site::write("baton.yaml", kWhole);
  const auto loaded = load_installation("baton.yaml", true, kSiteTime);
  secrets::TokenOptions options;
  options.directory = "data";
  const auto made = secrets::Tokens(std::move(options)).create("ana", {secrets::Permission::read}, kSiteTime);
  const std::string token(made->token.reveal());
  for (const auto& line :
       {"Authorization: Bearer " + token, "the token " + token + " is unknown", "?t=" + token}) {
    EXPECT_EQ(loaded.installation.redactor->redact(line).find(token.substr(4)), std::string::npos) << line;
  }
}

TEST(Installation, finds_a_misspelt_path_in_a_mapping_of_ones_own) {
  const Site site;
  Site::write("own/zendesk.yaml",
              "add_note:\n  ticket:\n    comment:\n      body: |-\n        Note:\n"
              "        of {{ custmer.email }} in {{ brief.headlin }}\n");
  Site::write("baton.yaml", "mappings: own\n" + std::string(kWhole));
  const testing::Matcher<std::vector<std::string>> found = testing::ElementsAre(
      "own/zendesk.yaml:6:15: zendesk.add_note.ticket.comment.body: unknown field `custmer`, did you mean "
      "`customer`?",
      "own/zendesk.yaml:6:44: zendesk.add_note.ticket.comment.body: unknown field `brief.headlin`, did you "
      "mean "
      "`brief.headline`?");
  EXPECT_THAT(messages_of("baton.yaml"), found);
  EXPECT_THAT(messages_of("baton.yaml", false), found);
}

// They answer; Baton's own texts come in another language.
TEST(Installation, advises_where_a_team_speaks_what_no_text_is_written_in) {
  const Site site;
  Site::write("baton.yaml",
              "teams:\n  desk:\n    languages: [nl, de-AT]\n    members:\n      - ana\n"
              "      - {id: ben, languages: [ja]}\n");
  EXPECT_THAT(messages_of("baton.yaml"), testing::IsEmpty());
  EXPECT_THAT(
      load_installation("baton.yaml", true, kSiteTime).installation.advice,
      testing::ElementsAre(
          "baton.yaml:3:17: teams.desk.languages: there are no texts for customers in `nl`: they would read "
          "en; write them under `messages.main.nl`; there are: de, en, es, fr, pt",
          "baton.yaml:6:31: teams.desk.members[1].languages: there are no texts for customers in `ja`: they "
          "would read en; write them under `messages.main.ja`; there are: de, en, es, fr, pt"));
}

// Nothing is wrong with any of it, and people would still wait for what never comes.
TEST(Installation, advises_where_a_platform_or_a_desk_will_surprise_people) {
  const Site site;
  const std::string text = R"(data_dir: data
destinations:
  flow:
    connector: dialogflow
    webhook_token: {secret: chat-signing}
  shop:
    connector: standard_webhooks
    base_url: https://chat.example.com
    secret: {secret: chat-signing}
  slack:
    token: {secret: slack-token}
    channel: C0HANDOFFS
  ops:
    connector: slack
    token: {secret: slack-token}
    channel: C0OPERATIONS
sources:
  phone: {platform: flow}
teams: {desk: {members: [ana@example.com, {id: ben, accounts: {slack: U02BEN}}]}}
alerts: {channels: [ops, shop]}
)";
  const auto advice_of = [&](const std::string& routes) {
    Site::write("baton.yaml", text + routes);
    EXPECT_THAT(messages_of("baton.yaml"), testing::IsEmpty());
    return load_installation("baton.yaml", true, kSiteTime).installation.advice;
  };
  EXPECT_THAT(
      advice_of("routes: [{name: all, to: {alerts: [slack]}}]\n"),
      testing::UnorderedElementsAre(
          testing::AllOf(
              testing::StartsWith("baton.yaml:18:21: sources.phone.platform: `flow` is no way back"),
              testing::HasSubstr("tell_customer (customers hear nothing")),
          testing::StartsWith("destinations.slack.signing_secret: is not given"),
          testing::StartsWith("teams.desk.members: ana@example.com of this team has no account at slack")))
      << "nobody clicks on what goes to ops";
  EXPECT_THAT(advice_of("routes: [{name: all, to: {alerts: [slack], platform: shop}}]\n"),
              testing::Not(testing::Contains(testing::HasSubstr("no way back"))));
}

// The phrases that ship are about more than a matrix of one's own may want.
TEST(Installation, takes_a_matrix_of_its_own_with_the_phrases_that_ship) {
  const Site site;
  Site::write("own/matrix.yaml",
              "categories:\n  legal: {class: human, team: law}\n  other: {class: ai, confidence: 0.3}\n");
  Site::write("baton.yaml",
              "decisions: {folder: own, teams: {law: desk}}\nteams: {desk: {members: [ana]}}\n");
  EXPECT_THAT(messages_of("baton.yaml"), testing::IsEmpty());
  const auto loaded = load_installation("baton.yaml", true, kSiteTime);
  ASSERT_EQ(loaded.installation.decisions.categories.size(), 2u);
  EXPECT_EQ(loaded.installation.decisions.categories[0].team, "desk");
}

TEST(BrokenConfiguration, that_only_the_whole_can_judge_is_refused_with_exactly_its_messages) {
  const Site site;
  std::filesystem::copy(kBroken, ".", std::filesystem::copy_options::recursive);
  std::size_t judged = 0;
  for (const auto& broken : config::broken_cases(kBroken)) {
    if (broken.judge != "check") continue;
    SCOPED_TRACE(broken.name);
    EXPECT_EQ(messages_of(broken.name), broken.expected);
    ++judged;
  }
  EXPECT_GE(judged, 29u);
}

// Each problem's message must help: it names the file and line, unless it is about no line at all.
TEST(BrokenConfiguration, messages_name_their_place) {
  for (const auto& broken : config::broken_cases(kBroken)) {
    if (broken.judge != "check") continue;
    for (const auto& message : broken.expected) {
      EXPECT_THAT(message, testing::MatchesRegex("(check_[a-z_]+|parts/[a-z_/]+)\\.yaml:[0-9]+:[0-9]+: .*"))
          << broken.name;
    }
  }
}

// `baton destinations test` reads its own installation beside the gateway that runs.
TEST(Installation, two_of_one_store_renew_a_secret_one_after_the_other) {
  const Site site;
  Site::write("baton.yaml", kWhole);
  const auto one = load_installation("baton.yaml", true, kSiteTime);
  const auto other = load_installation("baton.yaml", true, kSiteTime);
  const auto turn_of = [](const Loaded& loaded, const char* destination, const char* field) {
    auto turn = loaded.installation.accounts.at(DestinationId(destination))->turn(field);
    BATON_CHECK(turn);
    return std::move(*turn);
  };
  auto held = turn_of(one, "hubspot", "token");
  ASSERT_TRUE(held);
  EXPECT_FALSE(turn_of(other, "hubspot", "token"));
  EXPECT_FALSE(turn_of(one, "hubspot", "token")) << "the generation that a reload made is another, too";
  EXPECT_TRUE(turn_of(other, "slack", "token")) << "of another secret";
  held.reset();
  EXPECT_TRUE(turn_of(other, "hubspot", "token"));
  EXPECT_FALSE(one.installation.accounts.at(DestinationId("hubspot"))->turn("client_secret"))
      << "what is in no store is nobody's to renew";
}

}  // namespace
}  // namespace baton::app
