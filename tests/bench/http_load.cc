// Purpose: a load generator for HTTP/1.1, plain and TLS: closed loop (as fast as the answers come) or
// open loop (at a rate; latency counts from the moment a request was due, so waiting is not hidden).
// Use: http_load --url http://127.0.0.1:8080/v1/events --connections 32 --seconds 10 [--rate 5000]
//   --requests N             ends after N answers, if that is sooner
//   --method POST            --body FILE        "{{id}}" in it becomes unique for each request
//   --run NAME               instead of a name from the clock: the same ids again, so the same requests;
//   "{{n}}" in
//                            the body is the request's number within its run
//   --headers FILE           lines "Name: value", added to each request
//   --webhook-secret BASE64  signs each request after Standard Webhooks, with the unique id
//   --new-connections        each request on a connection of its own (handshakes)
//   --idle                   connect, send nothing, stay (memory of idle connections)
// Threads: one. Errors: counted and printed; a wrong argument ends it with status 2.
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <fstream>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using SteadyClock = std::chrono::steady_clock;
using Instant = SteadyClock::time_point;

struct Wish {
  std::string host = "127.0.0.1";
  std::string port = "8080";
  std::string path = "/";
  bool tls = false;
  int connections = 32;
  double seconds = 5;
  double rate = 0;           // per second; 0: closed loop
  std::size_t requests = 0;  // 0: as many as fit
  std::string method = "POST";
  std::string body;
  std::string headers;
  std::string secret;  // decoded
  std::string run;     // empty: no other run's ids
  bool new_connections = false;
  bool idle = false;
};

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "http_load: %s\n", why.c_str());
  std::exit(2);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string decode_base64(std::string text) {
  if (text.rfind("whsec_", 0) == 0) text.erase(0, 6);
  std::string bytes(text.size(), '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) fail("the secret is not base64");
  bytes.resize(static_cast<std::size_t>(size) -
               static_cast<std::size_t>(std::count(text.begin(), text.end(), '=')));
  return bytes;
}

void read_url(const std::string& url, Wish& wish) {
  const auto scheme = url.find("://");
  if (scheme == std::string::npos) fail("the URL needs http:// or https://");
  wish.tls = url.substr(0, scheme) == "https";
  const auto start = scheme + 3;
  const auto slash = std::min(url.find('/', start), url.size());
  const auto place = url.substr(start, slash - start);
  const auto colon = place.rfind(':');
  wish.host = place.substr(0, colon);
  wish.port = colon == std::string::npos ? (wish.tls ? "443" : "80") : place.substr(colon + 1);
  if (slash < url.size()) wish.path = url.substr(slash);
}

Wish read_arguments(int argc, char** argv) {
  Wish wish;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--new-connections") {
      wish.new_connections = true;
      continue;
    }
    if (name == "--idle") {
      wish.idle = true;
      continue;
    }
    if (i + 1 >= argc) fail("what is " + std::string(name) + "?");
    const std::string value = argv[++i];
    if (name == "--url") read_url(value, wish);
    else if (name == "--connections") wish.connections = std::atoi(value.c_str());
    else if (name == "--seconds") wish.seconds = std::atof(value.c_str());
    else if (name == "--rate") wish.rate = std::atof(value.c_str());
    else if (name == "--requests") wish.requests = static_cast<std::size_t>(std::atoll(value.c_str()));
    else if (name == "--method") wish.method = value;
    else if (name == "--body") wish.body = read_file(value);
    else if (name == "--headers") wish.headers = read_file(value);
    else if (name == "--run") wish.run = value;
    else if (name == "--webhook-secret") wish.secret = decode_base64(value);
    else fail("unknown option " + std::string(name));
  }
  return wish;
}

void replace_all(std::string& text, std::string_view mark, const std::string& with) {
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, at + with.size()))
    text.replace(at, mark.size(), with);
}

// The bytes of each request; all that does not change is made once.
class Requests {
 public:
  explicit Requests(const Wish& wish) : wish_(wish) {
    head_ = wish.method + " " + wish.path + " HTTP/1.1\r\nHost: " + wish.host + "\r\n";
    std::istringstream lines(wish.headers);
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty()) head_ += line + "\r\n";
    }
    if (wish.new_connections) head_ += "Connection: close\r\n";
    // Ids of two runs differ, if nobody names them.
    run_ = wish.run.empty() ? std::to_string(std::chrono::system_clock::now().time_since_epoch().count())
                            : wish.run;
  }

  std::string next() {
    const auto number = std::to_string(++made_);
    const auto id = "load-" + run_ + "-" + number;
    auto body = wish_.body;
    replace_all(body, "{{id}}", id);
    replace_all(body, "{{n}}", number);
    auto bytes = head_;
    if (!wish_.secret.empty()) bytes += signature(id, body);
    bytes += "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    bytes += body;
    return bytes;
  }

 private:
  std::string signature(const std::string& id, const std::string& body) const {
    const auto seconds =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
    const auto at = std::to_string(seconds.count());
    const auto text = id + "." + at + "." + body;
    std::array<unsigned char, 32> mac{};
    HMAC(EVP_sha256(), wish_.secret.data(), static_cast<int>(wish_.secret.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), mac.data(), nullptr);
    std::array<unsigned char, 48> encoded{};
    const int size = EVP_EncodeBlock(encoded.data(), mac.data(), static_cast<int>(mac.size()));
    return "webhook-id: " + id + "\r\nwebhook-timestamp: " + at + "\r\nwebhook-signature: v1," +
           std::string(encoded.begin(), encoded.begin() + size) + "\r\n";
  }

  const Wish& wish_;
  std::string head_;
  std::string run_;
  std::uint64_t made_ = 0;
};

struct FreeTls {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};

struct Link {
  int descriptor = -1;
  std::unique_ptr<SSL, FreeTls> ssl;
  bool shaken = false;
  bool busy = false;
  std::string out;
  std::size_t sent = 0;
  std::string in;
  Instant due;
  bool ends = false;  // the server said that it closes
};

class Load {
 public:
  Load(const Wish& wish, const addrinfo& place)
      : wish_(wish), place_(place), requests_(wish), epoll_(::epoll_create1(EPOLL_CLOEXEC)),
        links_(static_cast<std::size_t>(wish.connections)) {
    if (wish.tls) {
      context_.reset(SSL_CTX_new(TLS_client_method()));
      if (wish.new_connections) SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
    }
  }
  ~Load() {
    for (auto& link : links_) drop(link);
    ::close(epoll_);
  }

  void run() {
    for (auto& link : links_) open(link);
    begin_ = SteadyClock::now();
    end_ = begin_ +
           std::chrono::duration_cast<SteadyClock::duration>(std::chrono::duration<double>(wish_.seconds));
    if (wish_.rate <= 0 && !wish_.idle) {
      for (auto& link : links_) start(link, begin_);
    }
    std::array<epoll_event, 256> events{};
    while (SteadyClock::now() < end_ && !(wish_.requests > 0 && latencies_.size() >= wish_.requests)) {
      if (wish_.rate > 0) release_due();
      const int count =
          ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wish_.rate > 0 ? 1 : 50);
      for (int i = 0; i < count; ++i)
        advance(*static_cast<Link*>(events[static_cast<std::size_t>(i)].data.ptr));
    }
    seconds_ = std::chrono::duration<double>(SteadyClock::now() - begin_).count();
  }

  void report() {
    std::sort(latencies_.begin(), latencies_.end());
    const auto at = [&](double part) {
      if (latencies_.empty()) return 0.0;
      return latencies_[static_cast<std::size_t>(part * static_cast<double>(latencies_.size() - 1))];
    };
    std::printf("%zu answers in %.2f s: %.0f/s; 2xx %lld 4xx %lld 5xx %lld; errors %lld; still due %zu\n",
                latencies_.size(), seconds_, static_cast<double>(latencies_.size()) / seconds_, classes_[2],
                classes_[4], classes_[5], errors_, due_.size());
    std::printf("latency in ms: p50 %.3f  p90 %.3f  p99 %.3f  p99.9 %.3f  max %.3f\n", at(0.5), at(0.9),
                at(0.99), at(0.999), at(1));
  }

 private:
  void open(Link& link) {
    link = Link{};
    link.descriptor = ::socket(place_.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (link.descriptor < 0) fail("no socket: " + std::string(std::strerror(errno)));
    const int one = 1;
    ::setsockopt(link.descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (::connect(link.descriptor, place_.ai_addr, place_.ai_addrlen) != 0 && errno != EINPROGRESS) {
      fail("cannot connect: " + std::string(std::strerror(errno)));
    }
    if (context_) {
      link.ssl.reset(SSL_new(context_.get()));
      SSL_set_fd(link.ssl.get(), link.descriptor);
      SSL_set_connect_state(link.ssl.get());
    }
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLET | EPOLLRDHUP;
    event.data.ptr = &link;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, link.descriptor, &event);
  }

  static void drop(Link& link) {
    link.ssl.reset();
    if (link.descriptor >= 0) ::close(std::exchange(link.descriptor, -1));
  }

  void release_due() {
    const auto now = SteadyClock::now();
    const auto step = std::chrono::duration<double>(1 / wish_.rate);
    for (;; ++released_) {
      const auto next =
          begin_ + std::chrono::duration_cast<SteadyClock::duration>(step * static_cast<double>(released_));
      if (next > now) break;
      due_.push_back(next);
    }
    for (auto& link : links_) {
      if (due_.empty()) return;
      if (link.busy) continue;
      const auto when = due_.front();
      due_.pop_front();
      start(link, when);
    }
  }

  void start(Link& link, Instant due) {
    link.busy = true;
    link.due = due;
    link.out = requests_.next();
    link.sent = 0;
    advance(link);
  }

  void advance(Link& link) {
    if (link.descriptor < 0) return;
    if (!go_on(link)) {
      if (link.busy) ++errors_;
      again(link);
    }
  }

  // After an error or a close: the same place on a new connection.
  void again(Link& link) {
    if (latencies_.empty() && ++fruitless_ > 1000) fail("nobody answers at " + wish_.host + ":" + wish_.port);
    if (link.busy && wish_.rate > 0) due_.push_front(link.due);  // it is still owed
    drop(link);
    open(link);
    if (wish_.rate <= 0 && !wish_.idle) start(link, SteadyClock::now());
  }

  bool go_on(Link& link) {
    if (link.ssl && !link.shaken) {
      const int result = SSL_do_handshake(link.ssl.get());
      if (result != 1) return would_block(link, result);
      link.shaken = true;
    }
    while (link.sent < link.out.size()) {
      const auto* from = link.out.data() + link.sent;
      const auto size = link.out.size() - link.sent;
      const auto result = link.ssl ? SSL_write(link.ssl.get(), from, static_cast<int>(size))
                                   : static_cast<int>(::send(link.descriptor, from, size, MSG_NOSIGNAL));
      if (result <= 0) return would_block(link, result);
      link.sent += static_cast<std::size_t>(result);
    }
    return read(link);
  }

  bool read(Link& link) {
    std::array<char, 16'384> bytes;
    for (;;) {
      const auto result = link.ssl ? SSL_read(link.ssl.get(), bytes.data(), static_cast<int>(bytes.size()))
                                   : static_cast<int>(::recv(link.descriptor, bytes.data(), bytes.size(), 0));
      if (result == 0) return false;
      if (result < 0) return would_block(link, result);
      link.in.append(bytes.data(), static_cast<std::size_t>(result));
      const auto status = take_answer(link);
      if (!status) continue;
      finish(link, *status);
      return true;
    }
  }

  static bool would_block(const Link& link, int result) {
    if (link.ssl) {
      const int error = SSL_get_error(link.ssl.get(), result);
      return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
    }
    return errno == EAGAIN || errno == EINPROGRESS || errno == ENOTCONN;
  }

  // Answers here always state their length.
  static std::optional<int> take_answer(Link& link) {
    const auto end = link.in.find("\r\n\r\n");
    if (end == std::string::npos || link.in.size() < 12) return std::nullopt;
    std::size_t length = 0;
    for (const auto* name : {"Content-Length: ", "content-length: "}) {
      const auto at = link.in.find(name);
      if (at < end) length = static_cast<std::size_t>(std::atol(link.in.c_str() + at + 16));
    }
    if (link.in.size() < end + 4 + length) return std::nullopt;
    const std::string_view head(link.in.data(), end);
    link.ends = head.find("onnection: close") != std::string_view::npos;
    const int status = std::atoi(link.in.c_str() + 9);
    link.in.erase(0, end + 4 + length);
    return status;
  }

  void finish(Link& link, int status) {
    const auto now = SteadyClock::now();
    latencies_.push_back(std::chrono::duration<double, std::milli>(now - link.due).count());
    ++classes_[static_cast<std::size_t>(std::clamp(status / 100, 0, 5))];
    link.busy = false;
    if (wish_.new_connections || link.ends) {
      drop(link);
      open(link);
    }
    if (now >= end_ || (wish_.requests > 0 && latencies_.size() + busy() >= wish_.requests)) return;
    if (wish_.rate <= 0) return start_later(link, now);
    if (due_.empty()) return;
    const auto when = due_.front();
    due_.pop_front();
    start_later(link, when);
  }

  std::size_t busy() const {
    return static_cast<std::size_t>(
        std::count_if(links_.begin(), links_.end(), [](const Link& link) { return link.busy; }));
  }

  // Not by recursion: the write is what matters, its answer comes as an event.
  void start_later(Link& link, Instant due) {
    link.busy = true;
    link.due = due;
    link.out = requests_.next();
    link.sent = 0;
    if (link.ssl && !link.shaken) return;  // the handshake's events go on with it
    while (link.sent < link.out.size()) {
      const auto* from = link.out.data() + link.sent;
      const auto size = link.out.size() - link.sent;
      const auto result = link.ssl ? SSL_write(link.ssl.get(), from, static_cast<int>(size))
                                   : static_cast<int>(::send(link.descriptor, from, size, MSG_NOSIGNAL));
      if (result <= 0) return;
      link.sent += static_cast<std::size_t>(result);
    }
  }

  const Wish& wish_;
  const addrinfo& place_;
  Requests requests_;
  std::unique_ptr<SSL_CTX, FreeTls> context_;
  int epoll_;
  std::vector<Link> links_;
  std::deque<Instant> due_;
  std::uint64_t released_ = 0;
  Instant begin_;
  Instant end_;
  double seconds_ = 0;
  std::vector<double> latencies_;
  std::array<long long, 6> classes_{};
  long long errors_ = 0;
  int fruitless_ = 0;  // connections that ended before the first answer
};

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  const auto wish = read_arguments(argc, argv);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* places = nullptr;
  if (::getaddrinfo(wish.host.c_str(), wish.port.c_str(), &hints, &places) != 0)
    fail("unknown host " + wish.host);
  {
    Load load(wish, *places);
    load.run();
    load.report();
  }
  ::freeaddrinfo(places);
  return 0;
}
