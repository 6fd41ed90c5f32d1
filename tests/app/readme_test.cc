// The complete configuration that deploy/README.md shows is one that `baton check` accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "secrets/durable_file.h"
#include "tests/app/site.h"
#include "tests/http_server/certificate.h"

namespace baton::app {
namespace {

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  if (at == std::string::npos) ADD_FAILURE() << "the sample says no more: " << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

std::string sample_of_the_readme() {
  const auto readme = secrets::read_whole(std::string(BATON_SOURCE_DIR) + "/deploy/README.md");
  const std::string open = "```yaml\n";
  const auto begin = readme.find(open) + open.size();
  return readme.substr(begin, readme.find("```", begin) - begin);
}

TEST(Readme, shows_a_configuration_that_is_accepted_as_it_stands) {
  const Site site({{"shop-chat", kChatKey},
                   {"zendesk-client", "of-the-test"},
                   {"zendesk-hook", "of-the-test"},
                   {"hubspot-token", "of-the-test"},
                   {"slack-token", "xoxb-of-the-test"},
                   {"slack-signing", "of-the-test"},
                   {"alertmanager-signing", kChatKey}});
  const auto identity = make_identity("sample");
  Site::write("chain.pem", identity.chain_pem);
  Site::write("key.pem", identity.key_pem.reveal());
  // Only what lies outside of this test's folder is moved.
  auto sample = replaced(sample_of_the_readme(), "/var/lib/baton", "data");
  sample = replaced(sample, "/etc/baton/chain.pem", "chain.pem");
  sample = replaced(sample, "/etc/baton/key.pem", "key.pem");
  Site::write("baton.yaml", sample);
  const auto loaded = load_installation("baton.yaml", true, kSiteTime);
  for (const auto& problem : loaded.problems.list()) ADD_FAILURE() << problem.text();
  EXPECT_TRUE(loaded.installation.tls);
  EXPECT_TRUE(loaded.installation.certificate_ends);
  EXPECT_EQ(loaded.installation.sources.size(), 1u);
  EXPECT_EQ(loaded.installation.accounts.size(), 6u);
  EXPECT_EQ(loaded.installation.alerts.channels.size(), 2u);
  EXPECT_TRUE(loaded.installation.advice.empty());
  EXPECT_TRUE(loaded.installation.certificate_ends);
  EXPECT_EQ(loaded.installation.rules.size(), 2u);
}

}  // namespace
}  // namespace baton::app
