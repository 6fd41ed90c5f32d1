// The command line as people meet it, and the demo as it is shown.
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/e2e/program.h"

namespace baton::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kEvent = std::string(BATON_SOURCE_DIR) + "/tests/data/sample_event.json";
constexpr auto kGood =
    "data_dir: data\nsources:\n  chat:\n    secret: {secret: chat}\ndestinations:\n"
    "  hubspot: {token: {secret: crm}}\nroutes:\n  - name: all\n    to: {record: hubspot}\n";

class CommandLine : public testing::Test {
 protected:
  Ended run(const std::vector<std::string>& words, const std::string& in = {}) {
    return run_baton(words, folder.path(), in);
  }
  void prepare() {
    folder.write("baton.yaml", kGood);
    ASSERT_EQ(run({"secret", "init"}).exit, 0);
    ASSERT_EQ(run({"secret", "set", "chat"}, "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=\n").exit, 0);
    ASSERT_EQ(run({"secret", "set", "crm"}, "pat-canary-5511").exit, 0);
  }
  TemporaryFolder folder;
};

TEST_F(CommandLine, help_names_the_commands) {
  const auto ended = run({"--help"});
  EXPECT_EQ(ended.exit, 0);
  for (const auto* word : {"serve", "check", "demo", "secret", "handoff", "mapping"})
    EXPECT_THAT(ended.out, HasSubstr(word));
}

TEST_F(CommandLine, an_unknown_command_is_a_usage_error) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"sing"}, {"serve", "--loud"}, {}, {"secret", "set"}}) {
    const auto ended = run(words);
    EXPECT_EQ(ended.exit, 2) << ended.out << ended.err;
  }
}

TEST_F(CommandLine, check_passes_a_good_file_and_names_the_problems_of_a_broken_one) {
  prepare();
  const auto good = run({"check"});
  EXPECT_EQ(good.exit, 0) << good.err;
  folder.write("broken.yaml",
               "data_dir: data\nsauces: {}\ndestinations:\n  hubspot: {tokn: {secret: crm}}\n");
  const auto broken = run({"--config", "broken.yaml", "check"});
  EXPECT_EQ(broken.exit, 1);
  EXPECT_THAT(broken.err, HasSubstr("broken.yaml:2:"));
  EXPECT_THAT(broken.err, HasSubstr("sources"));
  EXPECT_THAT(broken.err, HasSubstr("token"));
  EXPECT_EQ(run({"check", "--config", "broken.yaml"}).err, broken.err) << "before or after the command";
  EXPECT_EQ(run({"--config", "nowhere.yaml", "check"}).exit, 1);
}

TEST_F(CommandLine, check_and_show_say_what_a_platform_is_answered_beyond_its_limit) {
  prepare();
  folder.write("baton.yaml",
               "data_dir: data\nsources:\n  inbox: {platform: intercom, max_per_second: 50}\ndestinations:\n"
               "  intercom: {token: {secret: crm}, client_secret: {secret: crm}, admin_id: \"1\"}\n"
               "routes:\n  - name: all\n"
               "    to: {tickets: intercom}\n");
  const auto checked = run({"check"});
  EXPECT_EQ(checked.exit, 0) << checked.err;
  EXPECT_THAT(checked.out,
              HasSubstr("sources.inbox.max_per_second: Intercom is answered 503 with Retry-After"));
  EXPECT_THAT(run({"connectors", "show", "intercom"}).out,
              HasSubstr("401 where they are not genuine, 503 with Retry-After beyond their source's limit"));
  EXPECT_THAT(run({"connectors", "show", "stripe"}).out, Not(HasSubstr("beyond")));
}

TEST_F(CommandLine, a_secret_comes_from_standard_input_and_is_never_shown) {
  prepare();
  EXPECT_EQ(run({"secret", "set", "empty"}).exit, 2);
  const auto listed = run({"secret", "list"});
  EXPECT_EQ(listed.exit, 0);
  EXPECT_THAT(listed.out, HasSubstr("crm"));
  EXPECT_THAT(listed.out + listed.err, Not(HasSubstr("canary")));
  EXPECT_EQ(run({"check"}).exit, 0);
}

TEST_F(CommandLine, a_token_is_shown_once) {
  prepare();
  const auto made = run({"token", "create", "ops", "--may", "read,operate"});
  ASSERT_EQ(made.exit, 0) << made.err;
  ASSERT_GT(made.out.size(), 20u);
  const auto token = made.out.substr(0, made.out.find('\n'));
  const auto listed = run({"token", "list"});
  EXPECT_EQ(listed.exit, 0);
  EXPECT_THAT(listed.out, HasSubstr("ops"));
  EXPECT_THAT(listed.out + listed.err, Not(HasSubstr(token)));
  EXPECT_EQ(run({"token", "create", "ops", "--may", "fly"}).exit, 2);
}

TEST_F(CommandLine, a_mapping_is_evaluated_and_rendered_without_any_configuration) {
  folder.write("t.liquid", "{{ customer.name | upcase }}!");
  folder.write("d.json", R"({"customer":{"name":"ada"}})");
  const auto evaluated = run({"mapping", "eval", "--template", "t.liquid", "--data", "d.json"});
  EXPECT_EQ(evaluated.exit, 0) << evaluated.err;
  EXPECT_EQ(evaluated.out, "ADA!");
  const auto rendered = run({"mapping", "render", "--event", kEvent, "--operation", "zendesk.open_ticket"});
  ASSERT_EQ(rendered.exit, 0) << rendered.err;
  const auto body = json::parse(rendered.out, nullptr, false);
  ASSERT_TRUE(body.is_object());
  EXPECT_THAT(body.dump(), HasSubstr("[AI handoff]"));
  EXPECT_EQ(run({"mapping", "render", "--event", kEvent, "--operation", "zendesk"}).exit, 2);
}

TEST_F(CommandLine, routes_explain_says_where_an_event_goes) {
  prepare();
  const auto ended = run({"routes", "explain", "--event", kEvent});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("goes to: hubspot"));
}

TEST_F(CommandLine, what_sends_nothing_needs_no_secret) {
  folder.write("baton.yaml", kGood);
  const auto explained = run({"routes", "explain", "--event", kEvent});
  EXPECT_EQ(explained.exit, 0) << explained.err;
  const auto rendered = run({"mapping", "render", "--event", kEvent, "--operation", "hubspot.write_back"});
  EXPECT_EQ(rendered.exit, 0) << rendered.err;
  const auto listed = run({"config", "list"});
  EXPECT_EQ(listed.exit, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("every event -> hubspot"));
  const auto checked = run({"check"});
  EXPECT_EQ(checked.exit, 1);
  EXPECT_THAT(checked.err, HasSubstr("baton.yaml:4:13: sources.chat.secret: the secret `chat`"));
  EXPECT_THAT(checked.err, HasSubstr("baton.yaml:6:20: destinations.hubspot.token: the secret `crm`"));
  EXPECT_THAT(checked.err, HasSubstr("2 problems"));
}

TEST_F(CommandLine, check_finds_a_misspelt_path_in_a_mapping) {
  prepare();
  folder.write("own/hubspot.yaml", "write_back:\n  hs_note_body: \"{{ custmer.email }}\"\n");
  folder.write("baton.yaml", "mappings: own\n" + std::string(kGood));
  for (const auto& words : std::vector<std::vector<std::string>>{{"check"}, {"serve"}, {"mapping", "test"}}) {
    const auto ended = run(words);
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.err,
                HasSubstr("own/hubspot.yaml:2:21: hubspot.write_back.hs_note_body: unknown field `custmer`, "
                          "did you mean `customer`?"));
  }
}

TEST_F(CommandLine, serve_refuses_to_show_its_connections_to_others) {
  prepare();
  ::setenv("SSLKEYLOGFILE", "keys.log", 1);
  const auto ended = run({"serve"});
  ::unsetenv("SSLKEYLOGFILE");
  EXPECT_EQ(ended.exit, 2);
  EXPECT_THAT(ended.err, HasSubstr("SSLKEYLOGFILE is set"));
}

TEST_F(CommandLine, connectors_are_shown_from_their_manifests) {
  const auto shown = run({"connectors", "show", "zendesk"});
  EXPECT_EQ(shown.exit, 0) << shown.err;
  for (const auto* part : {"open_ticket", "client_secret", "requests per second", "scopes"}) {
    EXPECT_THAT(shown.out, HasSubstr(part));
  }
  const auto as_json = run({"-o", "json", "connectors", "show", "slack"});
  EXPECT_EQ(json::parse(as_json.out, nullptr, false).value("name", ""), "slack");
  EXPECT_EQ(run({"connectors", "show", "slck"}).exit, 2);
}

TEST_F(CommandLine, without_a_gateway_questions_end_as_unreachable) {
  folder.write("baton.yaml", std::string(kGood) + "listen: {admin: 127.0.0.1:1}\n");
  const auto ended = run({"handoff", "list"});
  EXPECT_EQ(ended.exit, 3) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("baton serve"));
}

TEST_F(CommandLine, every_connectors_sample_loads_but_for_its_secrets) {
  prepare();
  const auto listed = run({"-o", "json", "connectors", "list"});
  const auto connectors = json::parse(listed.out, nullptr, false);
  ASSERT_TRUE(connectors.is_array()) << listed.err;
  ASSERT_GE(connectors.size(), 4u);
  const std::regex secret(R"(\{secret: ([a-z_-]+)\})");
  for (const auto& connector : connectors) {
    const auto name = connector.at("name").get<std::string>();
    SCOPED_TRACE(name);
    const auto sample = run({"connectors", "sample", name});
    ASSERT_EQ(sample.exit, 0);
    folder.write("sample.yaml",
                 "data_dir: data\nsources:\n  chat:\n    secret: {secret: chat}\n" + sample.out);
    const auto checked = run({"--config", "sample.yaml", "check"});
    std::istringstream lines(checked.err);
    for (std::string line; std::getline(lines, line);) {
      const bool about_a_secret =
          line.find("no secret") != std::string::npos || line.find("secret set") != std::string::npos;
      const bool sum = line.ends_with(" problem") || line.ends_with(" problems");
      EXPECT_TRUE(about_a_secret || sum) << line;
    }
    for (std::sregex_iterator it(sample.out.begin(), sample.out.end(), secret), end; it != end; ++it) {
      const std::string secret_name = (*it)[1];
      // Teams has no other credential than its address.
      const auto* value = secret_name.find("address") != std::string::npos
                              ? "https://cards.example.com/teams"
                              : "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";
      ASSERT_EQ(run({"secret", "set", secret_name}, value).exit, 0);
    }
    const auto again = run({"--config", "sample.yaml", "check"});
    EXPECT_EQ(again.exit, 0) << again.err << sample.out;
  }
}

// The figures below the last heading "EVENTS ACCEPTED ... DUPLICATES  LOST".
std::vector<int> last_table(const std::string& out) {
  std::vector<int> row;
  const auto head = out.rfind("EVENTS ACCEPTED");
  if (head == std::string::npos) return row;
  std::istringstream figures(out.substr(out.find('\n', head)));
  for (int n = 0; figures >> n;) row.push_back(n);
  return row;
}

TEST(Demo, loses_nothing_and_doubles_nothing) {
  const TemporaryFolder folder;
  const auto ended = run_baton({"demo"}, folder.path());
  EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
  const auto row = last_table(ended.out);
  ASSERT_EQ(row.size(), 6u) << ended.out;
  EXPECT_GE(row[0], 9);
  EXPECT_EQ(row[1], row[2]);
  EXPECT_EQ(row[1], row[3]);
  EXPECT_EQ(row[4], 0) << "duplicates\n" << ended.out;
  EXPECT_EQ(row[5], 0) << "lost\n" << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("200 of 200 messages, braces and tags as the customer typed them"));
  EXPECT_THAT(ended.out, HasSubstr("no mention that works"));
  EXPECT_THAT(ended.out, HasSubstr("sent again: the same answer"));
  EXPECT_THAT(ended.out, HasSubstr("answered 503"));
  EXPECT_THAT(ended.out, HasSubstr("at zendesk the ticket is open, but no answer came"));
  EXPECT_THAT(ended.out, HasSubstr("at slack the card is in the channel, but no answer came"));
  EXPECT_THAT(ended.out, Not(HasSubstr("\033")));  // no terminal, no colours
  EXPECT_THAT(ended.err, IsEmpty());
}

TEST(Demo, that_is_interrupted_stops_what_it_started) {
  const TemporaryFolder folder;
  Running demo({"demo", "--directory", "play"}, folder.path(), folder.path() + "/out");
  const auto text_of = [&](const std::string& file) {
    std::ifstream in(folder.path() + "/" + file);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  for (int turn = 0; turn < 1500 && text_of("out").find("ticket 5158 is open") == std::string::npos; ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ(demo.end(SIGINT), 1);
  EXPECT_THAT(text_of("out"), HasSubstr("interrupted; gateway and vendors are stopped"));
  EXPECT_THAT(text_of("play/gateway.log"), HasSubstr("stopped"));
  const auto again = run_baton({"demo", "--directory", "play"}, folder.path());
  EXPECT_THAT(again.err, HasSubstr("play has been used before"));
}

TEST(Demo, shows_a_duplicate_without_look_ups) {
  const TemporaryFolder folder;
  const auto ended = run_baton({"demo", "--plain", "--no-lookups"}, folder.path());
  EXPECT_EQ(ended.exit, 1) << ended.out << ended.err;
  const auto row = last_table(ended.out);
  ASSERT_EQ(row.size(), 6u) << ended.out << ended.err;
  EXPECT_GE(row[4], 1) << ended.out;
}

}  // namespace
}  // namespace baton::e2e
