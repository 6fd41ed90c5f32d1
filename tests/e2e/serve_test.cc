// `baton serve` as a process: what it asks of the system, what it says when it cannot start, and that its
// answers are as it describes them.
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/json_view.h"
#include "tests/api/described.h"
#include "tests/e2e/site.h"

namespace baton::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// Soft and hard limit, as the kernel lists them.
std::pair<std::string, std::string> limit_of(pid_t process, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(process) + "/limits");
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with(name)) continue;
    std::istringstream figures(line.substr(name.size()));
    std::pair<std::string, std::string> found;
    figures >> found.first >> found.second;
    return found;
  }
  return {"no", "limits"};
}

TEST(Serve, takes_all_descriptors_that_it_may_and_leaves_no_core) {
  Site site;
  ASSERT_TRUE(site.start_gateway());
  const auto files = limit_of(site.gateway_id(), "Max open files");
  EXPECT_EQ(files.first, files.second);
  EXPECT_EQ(limit_of(site.gateway_id(), "Max core file size"), std::pair(std::string("0"), std::string("0")));
}

TEST(Serve, whose_port_is_taken_says_which_and_ends_without_serving) {
  Site site;
  ASSERT_TRUE(site.start_gateway());
  // The same installation elsewhere, but with the listener that is taken.
  const auto other = site.folder() + "/other";
  std::filesystem::create_directories(other);
  std::filesystem::copy(site.folder() + "/data/root.key", other + "/root.key");
  std::ofstream(other + "/baton.yaml")
      << "data_dir: data\nsecrets: {root_key: root.key}\nlisten:\n  public: " << site.public_address()
      << "\n  admin: 127.0.0.1:0\n";
  const auto ended = run_baton({"serve"}, other);
  EXPECT_EQ(ended.exit, 3) << ended.err;
  EXPECT_THAT(ended.err, HasSubstr("cannot listen on " + site.public_address() + ": Address already in use"));
  EXPECT_THAT(ended.err, HasSubstr("`listen.public`"));
  EXPECT_THAT(ended.err, testing::Not(HasSubstr("info ready")));
}

TEST(Serve, answers_as_it_describes) {
  Site site;
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  app::BlockingClient client;
  const auto sent = site.send(client, "evt-1", 5s);
  ASSERT_TRUE(sent);
  const auto answer = json::parse(sent->body, nullptr, false);
  const auto id = JsonView(answer)["handoff"].text();
  ASSERT_TRUE(site.quiet(30s));
  const auto description = site.admin("/openapi.json");
  ASSERT_TRUE(description);
  api::Described described(*description);
  const std::vector<std::pair<std::string, std::string>> asked = {
      {"/v1/handoffs", "/v1/handoffs"},
      {"/v1/handoffs/{id}", "/v1/handoffs/" + id},
      {"/v1/handoffs/{id}/brief", "/v1/handoffs/" + id + "/brief"},
      {"/v1/handoffs/{id}/timeline", "/v1/handoffs/" + id + "/timeline"},
      {"/v1/deliveries", "/v1/deliveries?limit=2"},
      {"/v1/dead-letters", "/v1/dead-letters"},
      {"/v1/destinations", "/v1/destinations"},
      {"/v1/routes", "/v1/routes"}};
  for (const auto& [pattern, target] : asked) {
    const auto body = site.admin(target);
    ASSERT_TRUE(body) << target << body.error().detail;
    EXPECT_EQ(described.difference("GET", pattern, 200, "application/json", body->dump()), "")
        << body->dump(1);
  }
}

}  // namespace
}  // namespace baton::e2e
