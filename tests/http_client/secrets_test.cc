// No credential of a finished exchange stays in memory, libcurl's handles and buffers included
// (promises.md K4). The server is another process, so that only the client's memory is searched.
#include <gtest/gtest.h>

#include <cstdint>
#include <csignal>
#include <fstream>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "certificates.h"
#include "scripted_server.h"

namespace baton {
namespace {

// Kept only in this disguise; the search must not find its own needle.
constexpr char kMask = 0x2a;
constexpr std::string_view kDisguised =
    "\x49\x4b\x44\x4b\x58\x53\x07\x1b\x12\x1c\x19\x07\x5e\x42\x4f\x07\x59\x4f\x49\x58\x4f\x5e\x07\x59\x45\x44"
    "\x4d";

// Byte by byte into reserved space: no temporary is left behind. Not at the front, which the C library
// itself overwrites when it takes memory back.
void append_canary(std::string& to) {
  to.reserve(4096);
  to.append(64, '-');
  for (const char c : kDisguised) to += static_cast<char>(c ^ kMask);
}

bool matches(const volatile char* at) {
  for (std::size_t i = 0; i < kDisguised.size(); ++i) {
    if ((at[i] ^ kMask) != kDisguised[i]) return false;
  }
  return true;
}

// A sanitizer's allocator maps terabytes and keeps freed memory on purpose: there is nothing to learn
// from it about the program that is shipped.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define BATON_SANITIZED 1
#endif
#endif

int copies_in_memory() {
  int found = 0;
  const char first = static_cast<char>(kDisguised[0] ^ kMask);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
    char flags[5] = {};
    if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, flags) != 3) continue;
    if (std::string_view(flags).substr(0, 2) != "rw") continue;
    const auto* at = reinterpret_cast<const volatile char*>(begin);
    const auto* const last = reinterpret_cast<const volatile char*>(end - kDisguised.size());
    for (; at <= last; ++at) {
      if (*at == first && matches(at)) ++found;
    }
  }
  return found;
}

// A server process; it ends with this object.
class ServerProcess {
 public:
  explicit ServerProcess(net::ssl::context* tls) {
    int ends[2];
    BATON_CHECK(::pipe(ends) == 0);
    child_ = ::fork();
    if (child_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      Bench bench;
      ScriptedServer server(bench, always(ok()), tls);
      const int port = server.port();
      BATON_CHECK(::write(ends[1], &port, sizeof port) == sizeof port);
      bench.loop.run();
      ::_exit(0);
    }
    BATON_CHECK(::read(ends[0], &port_, sizeof port_) == sizeof port_);
    ::close(ends[0]);
    ::close(ends[1]);
  }
  ~ServerProcess() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  int port() const { return port_; }

 private:
  pid_t child_ = 0;
  int port_ = 0;
};

// Everywhere a credential travels: the URL, a header, the body.
Request with_secrets(const std::string& url) {
  Request request("POST", url);
  append_canary(request.target);
  append_canary(request.headers["authorization"]);
  append_canary(request.body);
  request.body.append(2000, '.');
  return request;
}

void wipe(Request& request) {
  for (auto* const text : {&request.target, &request.headers["authorization"], &request.body}) {
    ::explicit_bzero(text->data(), text->size());
  }
}

void expect_nothing_left(net::ssl::context* tls, const std::string& ca_file) {
#ifdef BATON_SANITIZED
  GTEST_SKIP() << "searched in the plain build";
#endif
  ServerProcess server(tls);
  Bench bench;
  auto options = Bench::options();
  options.ca_file = ca_file;
  CurlClient client(bench.loop, bench.clock, options);
  const auto url =
      (tls ? "https" : "http") + std::string("://127.0.0.1:") + std::to_string(server.port()) + "/";
  ASSERT_EQ(copies_in_memory(), 0);
  {
    auto held = with_secrets(url);
    ASSERT_EQ(copies_in_memory(), 3) << "the search finds nothing that is there";
    wipe(held);
    ASSERT_EQ(copies_in_memory(), 0);
  }
  for (int i = 0; i < 3; ++i) {
    const auto reply = bench.exchange(client, with_secrets(url));
    ASSERT_TRUE(reply) << why(reply);
  }
  EXPECT_EQ(copies_in_memory(), 0);
  EXPECT_EQ(client.stats().open_sockets, 1u);
}

TEST(Secrets, nothing_of_a_finished_request_stays_in_memory) { expect_nothing_left(nullptr, ""); }

TEST(Secrets, nothing_of_a_finished_request_over_tls_stays_in_memory) {
  const auto authority = make_authority("Private Root");
  const auto ca_file = to_file(authority, "secrets");
  const auto context = tls_server(make_server("IP:127.0.0.1", &authority));
  expect_nothing_left(context.get(), ca_file);
  std::remove(ca_file.c_str());
}

}  // namespace
}  // namespace baton
