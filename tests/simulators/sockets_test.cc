// Faults on real sockets: what a client sees of each, byte by byte.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "connectors/simulation/host.h"
#include "gateway/base/text.h"
#include "gateway/http/transport/transport.h"
#include "tests/simulators/bench.h"

namespace baton::simulation {
namespace {

// These vendors send no webhooks.
class Nowhere final : public HttpClient {
 public:
  Task<Reply> exchange(Outgoing) override { co_return Failure(FailureKind::retryable, "nowhere"); }
};

struct Heard {
  std::string bytes;
  int pieces = 0;
};

class Sockets : public testing::Test {
 protected:
  Sockets()
      : server_(options()),
        host_(server_, nowhere_, server_.clock(), server_.loop(), quick()) {
    host_.add("zendesk",
              make_vendor("zendesk", {{"limits", "off"}, {"api_email", "a@b.example"}, {"api_token", "zd"}}));
    EXPECT_TRUE(server_.start());
  }
  ~Sockets() override { server_.drain(Duration{500}); }

  Heard ask(const std::string& target, const std::string& body) {
    const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(server_.port());
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket, reinterpret_cast<const sockaddr*>(&to), sizeof to), 0);
    const auto request =
        "POST " + target + " HTTP/1.1\r\nHost: here\r\nConnection: close\r\nAccept: application/json\r\n" +
        "Content-Type: application/json\r\nAuthorization: Basic " + to_base64("a@b.example/token:zd") +
        "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    EXPECT_EQ(::send(socket, request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
    Heard heard;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, 0)) > 0; ++heard.pieces) {
      heard.bytes.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(socket);
    return heard;
  }
  Heard open_ticket() {
    return ask(
        "/zendesk/api/v2/tickets",
        R"({"ticket":{"subject":"x","comment":{"body":"y"},"requester":{"name":"A","email":"a@example.com"}}})");
  }
  Heard with_fault(const std::string& fault) {
    EXPECT_TRUE(ask("/_sim/faults", fault).bytes.starts_with("HTTP/1.1 204"));
    return open_ticket();
  }
  int tickets() { return host_.vendor("zendesk").vendor().ledger()["effects"].value("tickets_created", 0); }

 private:
  static ServerOptions options() {
    ServerOptions options;
    options.misbehaves = true;
    return options;
  }
  static HostOptions quick() {
    HostOptions options;
    options.drip = Duration{0};
    return options;
  }

  Nowhere nowhere_;
  TransportServer server_;
  Host host_;
};

TEST_F(Sockets, a_lost_reply_has_its_effect_and_not_a_byte_of_an_answer) {
  EXPECT_TRUE(open_ticket().bytes.starts_with("HTTP/1.1 201"));
  EXPECT_EQ(with_fault(R"({"kind":"lose_reply"})").bytes, "");
  EXPECT_EQ(tickets(), 2);
}

TEST_F(Sockets, a_refused_request_has_neither) {
  EXPECT_EQ(with_fault(R"({"kind":"refuse"})").bytes, "");
  EXPECT_EQ(tickets(), 0);
}

TEST_F(Sockets, a_slow_answer_comes_in_many_pieces_and_whole) {
  const auto heard = with_fault(R"({"kind":"slow"})");
  EXPECT_TRUE(heard.bytes.starts_with("HTTP/1.1 201"));
  EXPECT_EQ(heard.bytes.find("x-sim-drip"), std::string::npos);
  EXPECT_GT(heard.pieces, 50);
  EXPECT_TRUE(json::accept(heard.bytes.substr(heard.bytes.find("\r\n\r\n") + 4)));
  EXPECT_EQ(tickets(), 1);
}

TEST_F(Sockets, a_garbled_answer_is_a_whole_message_with_half_a_document) {
  const auto heard = with_fault(R"({"kind":"garble"})");
  EXPECT_TRUE(heard.bytes.starts_with("HTTP/1.1 201"));
  EXPECT_FALSE(json::accept(heard.bytes.substr(heard.bytes.find("\r\n\r\n") + 4)));
  EXPECT_EQ(tickets(), 1);
}

TEST_F(Sockets, a_status_comes_instead_of_the_work_or_after_it) {
  const auto limited = with_fault(R"({"kind":"status","status":429,"retry_after":30})");
  EXPECT_TRUE(limited.bytes.starts_with("HTTP/1.1 429"));
  EXPECT_NE(limited.bytes.find("Retry-After: 30\r\n"), std::string::npos);
  EXPECT_EQ(tickets(), 0);
  EXPECT_TRUE(with_fault(R"({"kind":"after_status","status":502})").bytes.starts_with("HTTP/1.1 502"));
  EXPECT_EQ(tickets(), 1);
}

}  // namespace
}  // namespace baton::simulation
