// Measures POSTs per second of one CurlClient on one thread against a sink in its own process.
//   http_client_throughput [requests] [at once]     with a sink of its own
//   http_client_throughput sink                     prints its port and serves, for other clients
#include <cstdio>
#include <cstdlib>

#include <sys/prctl.h>
#include <unistd.h>
#include <csignal>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include "gateway/base/clock.h"
#include "gateway/base/scope.h"
#include "gateway/http/curl/curl_client.h"

namespace baton {
namespace {

constexpr std::size_t kBody = 1500;

// As little as answers at all: it takes each "\r\n\r\n" plus kBody bytes for a request.
class SinkPeer : public std::enable_shared_from_this<SinkPeer> {
 public:
  explicit SinkPeer(net::ip::tcp::socket socket) : socket_(std::move(socket)) {}

  void read() {
    socket_.async_read_some(net::buffer(bytes_), [self = shared_from_this()](auto error, std::size_t got) {
      if (error) return;
      self->held_.append(self->bytes_.data(), got);
      self->answer();
    });
  }

 private:
  void answer() {
    const auto end = held_.find("\r\n\r\n");
    if (end == std::string::npos || held_.size() < end + 4 + kBody) return read();
    held_.erase(0, end + 4 + kBody);
    static constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    net::async_write(socket_, net::buffer(kAnswer), [self = shared_from_this()](auto error, std::size_t) {
      if (!error) self->read();
    });
  }

  net::ip::tcp::socket socket_;
  std::array<char, 16384> bytes_;
  std::string held_;
};

void accept(net::ip::tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](auto error, net::ip::tcp::socket socket) {
    if (error) return;
    socket.set_option(net::ip::tcp::no_delay(true));
    std::make_shared<SinkPeer>(std::move(socket))->read();
    accept(acceptor);
  });
}

[[noreturn]] void sink(int tell) {
  Loop loop;
  net::ip::tcp::acceptor acceptor(loop, {net::ip::make_address("127.0.0.1"), 0});
  const int port = acceptor.local_endpoint().port();
  if (tell < 0) std::printf("%d\n", port), std::fflush(stdout);
  if (tell >= 0) BATON_CHECK(::write(tell, &port, sizeof port) == sizeof port);
  accept(acceptor);
  loop.run();
  std::exit(0);
}

struct Run {
  CurlClient& client;
  Clock& clock;
  std::string url;
  std::string body;
  long left;
  long ok = 0;
};

Task<Done> post_many(Run& run) {
  while (run.left-- > 0) {
    Request request("POST", run.url, run.body, {{"content-type", "application/json"}});
    const auto reply =
        co_await run.client.exchange(Outgoing("sink", std::move(request), run.clock.now() + 30s));
    if (reply && reply->status == 200) ++run.ok;
  }
  co_return Done{};
}

int measure(long requests, long at_once) {
  int ends[2];
  BATON_CHECK(::pipe(ends) == 0);
  if (::fork() == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sink(ends[1]);
  }
  int port = 0;
  BATON_CHECK(::read(ends[0], &port, sizeof port) == sizeof port);

  Loop loop;
  RealClock clock(loop);
  CurlOptions options;
  options.addresses = *AddressPolicy::parse(std::vector<std::string>{"127.0.0.1"}, true);
  options.connections_per_pool = static_cast<std::size_t>(at_once);
  options.max_in_flight = 2 * static_cast<std::size_t>(at_once);  // half of them for the one pool
  CurlClient client(loop, clock, options);
  Run run{client, clock, "http://127.0.0.1:" + std::to_string(port) + "/", std::string(kBody, 'x'), requests};
  Scope scope(loop, clock);
  for (long i = 0; i < at_once; ++i) {
    scope.spawn(post_many(run), [&](const Result<Done>&) {
      if (scope.running() == 1) loop.stop();
    });
  }
  const auto begun = std::chrono::steady_clock::now();
  loop.run();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%ld of %ld answered, %.0f/s, %lu connections\n", run.ok, requests,
              static_cast<double>(requests) / took.count(),
              static_cast<unsigned long>(client.stats().opened));
  return run.ok == requests ? 0 : 1;
}

}  // namespace
}  // namespace baton

int main(int count, char** words) {
  if (count > 1 && std::string_view(words[1]) == "sink") baton::sink(-1);
  return baton::measure(count > 1 ? std::atol(words[1]) : 50'000, count > 2 ? std::atol(words[2]) : 32);
}
