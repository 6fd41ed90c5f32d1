// A disk that is full for a while, under a gateway at work: no false 202, 503 with Retry-After meanwhile, and
// it goes on by itself when there is space (promise D2). The disk is small, real, and this process's own.
#include <csignal>
#include <cstdint>
#include <filesystem>
#include <map>
#include <thread>

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "gateway/app/cli.h"
#include "gateway/base/json_view.h"
#include "tests/e2e/site.h"

namespace baton::e2e {
namespace {

constexpr int kNoMounts = 77;

class SmallDisk {
 public:
  explicit SmallDisk(std::string at) : at_(std::move(at)) {}

  bool mount() const {
    if (::unshare(CLONE_NEWNS) != 0) return false;
    (void)::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    return ::mount("none", at_.c_str(), "tmpfs", 0, "size=4g,mode=0700") == 0;
  }
  // Nothing is filled: the disk shrinks to what stands on it, and `left` more.
  void shrink(std::uint64_t left) const {
    struct statvfs disk{};
    BATON_CHECK(::statvfs(at_.c_str(), &disk) == 0);
    const auto used = (disk.f_blocks - disk.f_bfree) * disk.f_frsize;
    resize("size=" + std::to_string(used + left));
  }
  void grow() const { resize("size=4g"); }
  void unmount() const { (void)::umount2(at_.c_str(), MNT_DETACH); }

 private:
  void resize(const std::string& size) const {
    BATON_CHECK(::mount("none", at_.c_str(), "tmpfs", MS_REMOUNT, size.c_str()) == 0);
  }
  std::string at_;
};

// Repeats until it is taken or `end`; false if it was not.
bool taken(const Site& site, app::BlockingClient& client, const std::string& id, TimePoint end,
           std::map<std::string, std::string>& handoffs) {
  do {
    const auto reply = site.send(client, id, 5s);
    if (reply && reply->status == 202) {
      const auto body = nlohmann::json::parse(reply->body, nullptr, false);
      handoffs[id] = JsonView(body)["handoff"].text();
      return true;
    }
    std::this_thread::sleep_for(50ms);
  } while (app::wall_now() < end);
  return false;
}

void live_through_it(Site& site, const SmallDisk& disk) {
  ASSERT_TRUE(site.start_vendors());
  const auto started = site.start_gateway();
  ASSERT_TRUE(started) << started.error().detail;
  app::BlockingClient client;
  std::map<std::string, std::string> handoffs;
  const auto soon = [] { return app::wall_now() + 5s; };
  for (const auto left : {std::uint64_t{1} << 20, std::uint64_t{0}}) {
    const auto round = std::to_string(left);
    for (int i = 0; i < 10; ++i)
      ASSERT_TRUE(taken(site, client, "before-" + round + "-" + std::to_string(i), soon(), handoffs));
    disk.shrink(left);
    std::this_thread::sleep_for(1500ms);  // how much is free is asked once a second
    for (int i = 0; i < 20; ++i) {
      const auto reply = site.send(client, "full-" + round + "-" + std::to_string(i), 5s);
      ASSERT_TRUE(reply) << reply.error().detail;
      EXPECT_EQ(reply->status, 503) << reply->body;
      EXPECT_TRUE(reply->retry_after || reply->headers.contains("retry-after")) << "when to repeat";
    }
    disk.grow();
    // Within five seconds, and nobody helped.
    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(taken(site, client, "full-" + round + "-" + std::to_string(i), soon(), handoffs)) << i;
  }
  // An outcome that could not be noted is looked up when its lease has ended.
  const auto quiet = site.quiet(150s);
  EXPECT_TRUE(quiet) << quiet.error().detail;
  site.end_gateway(SIGKILL);
  ASSERT_TRUE(site.start_gateway());
  EXPECT_EQ(handoffs.size(), 60u);
  for (const auto& [event, handoff] : handoffs)
    EXPECT_TRUE(site.admin("/v1/handoffs/" + handoff)) << event << " was acknowledged and is lost";
  const auto ledger = site.ledger("zendesk");
  ASSERT_TRUE(ledger);
  EXPECT_EQ(ledger->value("duplicates", -1), 0);
  EXPECT_EQ(ledger->at("tickets").size(), handoffs.size());
  EXPECT_EQ(site.end_gateway(SIGTERM), 0);
}

// A mount is of a process and its children: so all of it happens in one of its own.
int in_a_process_with_a_small_disk() {
  Site site;
  const auto data = site.folder() + "/data", kept = site.folder() + "/kept";
  std::filesystem::copy(data, kept, std::filesystem::copy_options::recursive);
  const SmallDisk disk(data);
  if (!disk.mount()) return kNoMounts;
  std::filesystem::copy(kept, data, std::filesystem::copy_options::recursive);
  BATON_CHECK(::chmod((data + "/root.key").c_str(), 0600) == 0);
  live_through_it(site, disk);
  site.end_gateway(SIGKILL);
  disk.unmount();
  return testing::Test::HasFailure() ? 1 : 0;
}

TEST(EndToEnd, a_disk_that_is_full_for_a_while_makes_no_false_answer_and_loses_nothing) {
  const auto child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) ::_exit(in_a_process_with_a_small_disk());
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNoMounts) GTEST_SKIP() << "nobody may mount a disk here";
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the lines above say what was broken";
}

}  // namespace
}  // namespace baton::e2e
