// Start and stop of a whole gateway on loopback: all or nothing.
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

}  // namespace
}  // namespace baton::app
