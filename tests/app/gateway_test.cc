// Start and stop of a whole gateway on loopback: all or nothing.
#include <filesystem>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "gateway/app/blocking_client.h"
#include "gateway/app/gateway.h"
#include "tests/app/site.h"

namespace baton::app {
namespace {

using testing::HasSubstr;

// Somebody else's socket on a port of this machine.
class Taken {
 public:
  Taken() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BATON_CHECK(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                ::listen(socket_, 1) == 0);
    BATON_CHECK(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port = ntohs(address.sin_port);
  }
  ~Taken() { free(); }
  void free() {
    if (socket_ >= 0) ::close(std::exchange(socket_, -1));
  }
  std::string where() const { return "127.0.0.1:" + std::to_string(port); }

  std::uint16_t port = 0;

 private:
  int socket_;
};

Loaded load(const std::string& public_listener, const std::string& admin_listener) {
  Site::write("baton.yaml", "data_dir: data\nlisten: {public: \"" + public_listener + "\", admin: \"" +
                                admin_listener + "\"}\nsources:\n  chat: {secret: {secret: chat-signing}}\n");
  auto loaded = load_installation("baton.yaml", true, kSiteTime);
  for (const auto& problem : loaded.problems.list()) ADD_FAILURE() << problem.text();
  return loaded;
}

bool answers(std::uint16_t port) {
  BlockingClient client;
  const auto reply =
      client.exchange(Request("GET", "http://127.0.0.1:" + std::to_string(port) + "/livez"), 5s);
  return reply && reply->status == 200;
}

TEST(Gateway, whose_admin_listener_is_taken_serves_nothing) {
  const Site site;
  Taken admin, world;
  world.free();
  auto loaded = load(world.where(), admin.where());
  ExitCode exit = ExitCode::ok;
  {
    Gateway gateway(std::move(loaded.installation));
    const auto started = gateway.start(exit);
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().detail, HasSubstr(admin.where() + ": Address already in use"));
    EXPECT_THAT(started.error().detail, HasSubstr("`listen.admin`"));
    EXPECT_EQ(exit, ExitCode::unreachable);
    EXPECT_FALSE(answers(world.port));
  }
  admin.free();
  auto again = load(world.where(), admin.where());
  Gateway gateway(std::move(again.installation));
  ASSERT_TRUE(gateway.start(exit));
  EXPECT_TRUE(answers(world.port) && answers(admin.port));
}

TEST(Gateway, whose_public_listener_is_taken_serves_nothing) {
  const Site site;
  Taken admin, world;
  admin.free();
  auto loaded = load(world.where(), admin.where());
  ExitCode exit = ExitCode::ok;
  {
    Gateway gateway(std::move(loaded.installation));
    const auto started = gateway.start(exit);
    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().detail, HasSubstr(world.where() + ": Address already in use"));
    EXPECT_THAT(started.error().detail, HasSubstr("`listen.public`"));
    EXPECT_FALSE(answers(admin.port));
  }
  EXPECT_EQ(exit, ExitCode::unreachable);
}

TEST(Gateway, that_cannot_open_its_store_says_so_and_listens_nowhere) {
  const Site site;
  Taken admin, world;
  admin.free();
  world.free();
  auto first = load("127.0.0.1:0", "127.0.0.1:0");
  auto second = load(world.where(), admin.where());
  ExitCode exit = ExitCode::ok;
  Gateway owner(std::move(first.installation));
  ASSERT_TRUE(owner.start(exit));
  Gateway gateway(std::move(second.installation));
  EXPECT_FALSE(gateway.start(exit));
  EXPECT_EQ(exit, ExitCode::store_in_use);
  EXPECT_FALSE(answers(world.port));
}

TEST(Gateway, refuses_a_sealed_store_that_was_put_back_unless_told_that_it_is_meant) {
  const Site site;
  const auto start = [](bool accept) {
    auto loaded = load("127.0.0.1:0", "127.0.0.1:0");
    loaded.installation.options.accept_older_secrets = accept;
    ExitCode exit = ExitCode::ok;
    Gateway gateway(std::move(loaded.installation));
    const auto started = gateway.start(exit);
    return started ? std::string("started")
                   : std::to_string(static_cast<int>(exit)) + " " + started.error().detail;
  };
  std::filesystem::copy_file("data/secrets.sealed", "before");
  {
    Options options;
    options.data_dir = "data";
    options.root_key_path = "data/root.key";
    auto store = open_store(options);
    ASSERT_TRUE((*store)->put("other", Secret("rotated"), kSiteTime));
  }
  EXPECT_EQ(start(false), "started");
  std::filesystem::copy_file("before", "data/secrets.sealed",
                             std::filesystem::copy_options::overwrite_existing);
  const auto refused = start(false);
  EXPECT_TRUE(refused.starts_with("73 ")) << refused;
  EXPECT_THAT(refused, HasSubstr("an older file was put back"));
  EXPECT_THAT(refused, HasSubstr("--accept-older-secrets"));
  EXPECT_EQ(start(true), "started");
  EXPECT_EQ(start(false), "started");
}

}  // namespace
}  // namespace baton::app
