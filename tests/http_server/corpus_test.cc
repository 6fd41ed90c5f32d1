// Every row of the corpus, plain and TLS, whole and cut in two at every byte, over real sockets; and
// byte by byte through the parser alone.
#include <gtest/gtest.h>

#include "tests/http_server/bench.h"
#include "tests/http_server/corpus.h"
#include "tests/support/parse_request.h"

namespace baton {
namespace {

// So many at a time: each is two descriptors of this process.
constexpr std::size_t kPeersAtOnce = 200;

class Corpus : public testing::TestWithParam<Scheme> {};

void expect_answer(const Case& row, std::size_t cut, Peer& peer) {
  const auto answer = peer.read_answer();
  EXPECT_EQ(answer.status, row.status) << row.name << ", cut at " << cut;
  if (row.status == 200) {
    EXPECT_EQ(answer.body, row.body) << row.name << ", cut at " << cut;
  } else {
    EXPECT_EQ(answer.field("content-type"), "application/problem+json") << row.name;
    const bool is_understood = row.status == 404 || row.status == 405 || row.name == "bad escape";
    EXPECT_EQ(answer.field("connection"), is_understood ? "keep-alive" : "close") << row.name;
  }
}

// No timer may tell on a machine that is busy with something else.
Server patient_server(Scheme scheme) {
  return Server(scheme, [](ServerOptions& options) {
    options.timers.first_byte = 1min;
    options.timers.headers = 1min;
    options.timers.body = 1min;
  });
}

// Thousands of connections: all but the first resume its session, which saves the costly part.
class CheapPeers {
 public:
  explicit CheapPeers(const Server& server)
      : server_(server), context_(make_client_context(0, TLS1_2_VERSION)) {
    if (server.scheme() == Scheme::plain) return;
    auto first = connect();
    EXPECT_TRUE(first.send(get("/health")) && first.read_answer().status == 200);
    session_.reset(SSL_get1_session(first.session()));
    first.end_sending();  // OpenSSL resumes only what was ended in order
  }
  Peer connect(bool handshake_later = false) const {
    return server_.connect(
        Peer::Wish{.context = context_.get(), .resume = session_.get(), .handshake_later = handshake_later});
  }

 private:
  const Server& server_;
  ClientContext context_;
  std::unique_ptr<SSL_SESSION, FreeTls> session_;
};

// Sends all first parts, waits until the server has read them, then sends the rest.
void cut_everywhere(const Server& server, const CheapPeers& cheap, const Case& row) {
  for (std::size_t begin = 1; begin < row.bytes.size(); begin += kPeersAtOnce) {
    const auto end = std::min(row.bytes.size(), begin + kPeersAtOnce);
    const auto before = server.counters().bytes_received;
    std::vector<Peer> peers;
    std::size_t sent = 0;
    for (auto cut = begin; cut < end; ++cut) peers.push_back(cheap.connect(true));
    for (auto cut = begin; cut < end; ++cut) {
      ASSERT_TRUE(peers[cut - begin].finish_handshake());
      ASSERT_TRUE(peers[cut - begin].send(std::string_view(row.bytes).substr(0, cut)));
      sent += cut;
    }
    ASSERT_TRUE(server.eventually([&](const auto& now) { return now.bytes_received >= before + sent; }));
    for (auto cut = begin; cut < end; ++cut)
      (void)peers[cut - begin].send(std::string_view(row.bytes).substr(cut));
    for (auto cut = begin; cut < end; ++cut) expect_answer(row, cut, peers[cut - begin]);
  }
}

TEST_P(Corpus, whole_requests_get_their_answer) {
  Server server(GetParam());
  for (const auto& row : corpus()) {
    auto peer = server.connect();
    ASSERT_TRUE(peer.send(row.bytes));
    expect_answer(row, 0, peer);
  }
  EXPECT_TRUE(server.is_healthy());
}

TEST_P(Corpus, requests_cut_at_every_byte_get_the_same_answer) {
  auto server = patient_server(GetParam());
  const CheapPeers cheap(server);
  for (const auto& row : corpus()) {
    cut_everywhere(server, cheap, row);
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_TRUE(server.is_healthy());
}

INSTANTIATE_TEST_SUITE_P(, Corpus, testing::Values(Scheme::plain, Scheme::tls),
                         [](const auto& scheme) { return scheme.param == Scheme::tls ? "tls" : "plain"; });

ParsedRequest parse(std::string_view bytes, std::size_t step) {
  return parse_in_steps(bytes, step, 1'000'000);
}

TEST(RequestParser, any_step_width_gives_the_same_request) {
  for (const auto& row : corpus()) {
    const auto whole = parse(row.bytes, row.bytes.size());
    for (const std::size_t step : {1, 2, 3, 5, 7, 64}) {
      const auto stepped = parse(row.bytes, step);
      EXPECT_EQ(stepped.refusal, whole.refusal) << row.name << ", " << step;
      EXPECT_EQ(stepped.complete, whole.complete) << row.name << ", " << step;
      EXPECT_EQ(stepped.request, whole.request) << row.name << ", " << step;
    }
  }
}

TEST(RequestParser, a_changed_byte_never_breaks_it) {
  for (const auto& row : corpus()) {
    for (std::size_t at = 0; at < row.bytes.size(); ++at) {
      for (const char changed : {'\0', '\r', '\n', ' ', ':', ';', '"', '0', 'f', '\xff'}) {
        auto bytes = row.bytes;
        bytes[at] = changed;
        const auto whole = parse(bytes, bytes.size());
        EXPECT_EQ(parse(bytes, 1).complete, whole.complete) << row.name << ", byte " << at;
      }
    }
  }
}

}  // namespace
}  // namespace baton
