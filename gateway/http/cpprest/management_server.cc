#include "gateway/http/cpprest/management_server.h"

#include <atomic>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include <cpprest/containerstream.h>
#include <cpprest/details/http_server.h>
#include <cpprest/details/http_server_api.h>
#include <cpprest/http_listener.h>
#include <cpprest/version.h>
#include <pplx/threadpool.h>

#include "gateway/base/handback.h"
#include "gateway/base/scope.h"
#include "gateway/base/text.h"
#include "gateway/http/transport/answer.h"
#include "gateway/http/transport/refusal.h"
#include "gateway/http/transport/router.h"
#include "gateway/http/transport/transport.h"

// The functions below that begin with an underscore are the library's own way to make a request.
static_assert(CPPREST_VERSION_MAJOR == 2 && CPPREST_VERSION_MINOR == 10 && CPPREST_VERSION_REVISION == 18);

namespace baton {
namespace {

namespace cpprest = web::http;
using ServerApi = cpprest::experimental::details::http_server_api;
using ListenerSeam = cpprest::experimental::listener::details::http_listener_impl;
using Listener = cpprest::experimental::listener::http_listener;
// Of the library's own byte type: it would take a string's buffer by a cast that is undefined.
using Bytes = concurrency::streams::container_buffer<std::vector<std::uint8_t>>;

constexpr std::size_t kPoolThreads = 2;

std::string text_of(Bytes& bytes) {
  const auto& collected = bytes.collection();
  return {collected.begin(), collected.end()};
}

class ServerContext final : public cpprest::details::_http_server_context {};

cpprest::http_request to_request(RawRequest raw) {
  auto request = cpprest::http_request::_create_request(std::make_unique<ServerContext>());
  request.set_method(raw.method);
  request.set_request_uri(web::uri(raw.target));  // throws on what is no URI
  request._set_listener_path("/");
  for (const auto& [name, value] : raw.headers) request.headers().add(name, value);
  auto inner = request._get_impl();
  inner->_set_remote_address(raw.peer);
  inner->_prepare_to_receive_data();
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(raw.body.data());
  if (!raw.body.empty()) inner->outstream().streambuf().putn_nocopy(bytes, raw.body.size()).get();
  inner->_complete(raw.body.size());
  return request;
}

RawRequest to_raw(const cpprest::http_request& request, std::string body) {
  RawRequest raw(request.method(), request.relative_uri().to_string(), std::move(body));
  for (const auto& [name, value] : request.headers()) raw.headers.emplace(to_lower(name), value);
  raw.peer = request.remote_address();
  return raw;
}

cpprest::http_response to_response(const Reply& reply) {
  cpprest::http_response response(static_cast<cpprest::status_code>(reply.status));
  if (!reply.body.empty())
    response.set_body(std::vector<unsigned char>(reply.body.begin(), reply.body.end()));
  response.headers().remove("Content-Type");  // the library's guess
  for (const auto& [name, value] : reply.headers) response.headers().add(name, value);
  if (reply.retry_after) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(std::max(*reply.retry_after, Duration{0}));
    response.headers().add("Retry-After", std::to_string(seconds.count()));
  }
  return response;
}

// Without its body, which has to be awaited.
Reply to_reply(const cpprest::http_response& response) {
  Reply reply(response.status_code());
  for (const auto& [name, value] : response.headers()) reply.headers.emplace(to_lower(name), value);
  return reply;
}

}  // namespace

class ManagementServer::Core final : public std::enable_shared_from_this<Core> {
 public:
  Core(ServerOptions options, Loop& station_loop_in, Clock& clock_in, Probe probe_in)
      : transport(std::move(options)), station_loop(station_loop_in), clock(clock_in),
        scope(station_loop_in, clock_in), probe(std::move(probe_in)) {}

  // One request between the transport and the pool. Whoever holds it last ends it.
  struct Exchange {
    Exchange(std::shared_ptr<Core> core_in, RawRequest request_in, Handback<Reply> back_in)
        : core(std::move(core_in)), request(std::move(request_in)), back(std::move(back_in)) {}
    void finish(Reply reply) {
      if (!finished.exchange(true)) back.complete(std::move(reply));
    }

    std::shared_ptr<Core> core;  // shared: its loop must be there when `back` is completed or dropped
    RawRequest request;
    Handback<Reply> back;
    std::atomic<bool> finished = false;
  };

  Task<Reply> carry(RawRequest request);
  void enter_listener(const std::shared_ptr<Exchange>& exchange);
  static void read_answer(const std::shared_ptr<Exchange>& exchange, const cpprest::http_response& response);
  void on_request(const cpprest::http_request& request);
  void read_body(const cpprest::http_request& request);
  void call_handler(const cpprest::http_request& request, std::string body);
  Task<Reply> run(const Served* route, RawRequest request);
  void reply(const cpprest::http_request& request, const Reply& reply);
  void pass(std::string_view stage) const {
    if (probe) probe(stage);
  }

  TransportServer transport;
  Loop& station_loop;
  Clock& clock;
  Scope scope;  // on the station's loop
  Router router;
  const Probe probe;
  std::unique_ptr<Listener> listener;
  std::shared_mutex mu;
  ListenerSeam* seam = nullptr;  // guarded by mu; held shared while a request goes in
};

namespace {

// What cpprestsdk takes for its transport. The library owns and destroys it with the last listener;
// the transport itself belongs to the Core.
class Bridge final : public cpprest::experimental::details::http_server {
 public:
  using Attach = std::function<void(ListenerSeam*)>;
  explicit Bridge(Attach attach) : attach_(std::move(attach)) {}

  pplx::task<void> start() override { return pplx::task_from_result(); }
  pplx::task<void> stop() override { return pplx::task_from_result(); }
  pplx::task<void> register_listener(ListenerSeam* seam) override {
    attach_(seam);
    return pplx::task_from_result();
  }
  pplx::task<void> unregister_listener(ListenerSeam*) override {
    attach_(nullptr);
    return pplx::task_from_result();
  }
  // The answer is taken from http_request::get_response().
  pplx::task<void> respond(cpprest::http_response) override { return pplx::task_from_result(); }

 private:
  Attach attach_;
};

// An exception in a task that nobody looks at ends the process when the task is destroyed.
void observe(const pplx::task<void>& last) {
  last.then([](const pplx::task<void>& ended) {
    try {
      ended.get();
    } catch (...) {
      // The peer has its answer, or is gone.
    }
  });
}

// The one wrapper around every piece of work on the pool: what it throws becomes a 500.
template <class Work>
void guarded(const cpprest::http_request& request, Work work) {
  try {
    work();
  } catch (...) {
    auto refused = request;
    try {
      observe(refused.reply(to_response(problem(Refusal::internal_error))));
    } catch (...) {
      // It was answered before it threw.
    }
  }
}

void make_pool() {
  try {
    crossplat::threadpool::initialize_with_threads(kPoolThreads);
  } catch (const std::exception&) {
    // There is one already: the pool belongs to the process.
  }
}

}  // namespace

// On the transport's loop.
Task<Reply> ManagementServer::Core::carry(RawRequest request) {
  auto start = [this, &request](Handback<Reply> back) {
    auto exchange = std::make_shared<Exchange>(shared_from_this(), std::move(request), std::move(back));
    observe(pplx::create_task([exchange] { exchange->core->enter_listener(exchange); }));
  };
  co_return co_await from_thread<Reply>(transport.clock(), start);
}

void ManagementServer::Core::enter_listener(const std::shared_ptr<Exchange>& exchange) {
  try {
    pass("request");
    const auto request = to_request(std::move(exchange->request));
    observe(request.get_response().then([exchange](const pplx::task<cpprest::http_response>& answered) {
      try {
        exchange->core->pass("response");
        read_answer(exchange, answered.get());
      } catch (...) {
        exchange->finish(problem(Refusal::internal_error));
      }
    }));
    const std::shared_lock lock(mu);
    if (!seam) return exchange->finish(problem(Refusal::overloaded));  // stopping
    pass("listener");
    seam->handle_request(request);
  } catch (...) {
    exchange->finish(problem(Refusal::internal_error));
  }
}

// The pool has two threads: neither may wait for what the other has to do.
void ManagementServer::Core::read_answer(const std::shared_ptr<Exchange>& exchange,
                                         const cpprest::http_response& response) {
  auto reply = std::make_shared<Reply>(to_reply(response));  // shared: a continuation is copied
  if (!response.body()) return exchange->finish(std::move(*reply));
  Bytes bytes(std::ios_base::out);
  observe(response.body().read_to_end(bytes).then(
      [exchange, reply, bytes](const pplx::task<std::size_t>& read) mutable {
        try {
          read.get();
          reply->body = text_of(bytes);
          exchange->finish(std::move(*reply));
        } catch (...) {
          exchange->finish(problem(Refusal::internal_error));
        }
      }));
}

// What http_listener calls.
void ManagementServer::Core::on_request(const cpprest::http_request& request) {
  guarded(request, [&] {
    pass("handler");
    read_body(request);
  });
}

void ManagementServer::Core::read_body(const cpprest::http_request& request) {
  Bytes bytes(std::ios_base::out);
  observe(request.body().read_to_end(bytes).then(
      [self = shared_from_this(), request, bytes](const pplx::task<std::size_t>& read) mutable {
        guarded(request, [&] {
          read.get();
          self->pass("body");
          self->call_handler(request, text_of(bytes));
        });
      }));
}

void ManagementServer::Core::call_handler(const cpprest::http_request& request, std::string body) {
  auto raw = std::make_shared<RawRequest>(to_raw(request, std::move(body)));  // shared: post() copies
  auto match = router.find(raw->method, path_of(raw->target));
  // The transport has matched it before; the library's parser of URIs may have changed it since.
  if (!match.route) return reply(request, problem(Refusal::not_found));
  raw->params = std::move(match.params);
  net::post(station_loop, [self = shared_from_this(), request, raw, route = match.route] {
    raw->received_at = self->clock.now();
    self->scope.spawn(self->run(route, std::move(*raw)), [self, request](Result<Reply> result) {
      auto answered = std::make_shared<Reply>(std::move(*result));  // run() never fails
      observe(pplx::create_task([self, request, answered] {
        guarded(request, [&] {
          self->pass("reply");
          self->reply(request, *answered);
        });
      }));
    });
  });
}

// On the station's loop. Precondition: the Core lives, which the spawner's `then` sees to.
Task<Reply> ManagementServer::Core::run(const Served* route, RawRequest request) {
  co_return co_await answer(route->handler, std::move(request));
}

void ManagementServer::Core::reply(const cpprest::http_request& request, const Reply& reply) {
  auto answered = request;
  observe(answered.reply(to_response(reply)));
}

ManagementServer::ManagementServer(ServerOptions options, Loop& station_loop, Clock& clock, Probe probe)
    : core_(std::make_shared<Core>(std::move(options), station_loop, clock, std::move(probe))) {}

ManagementServer::~ManagementServer() { drain(Duration{0}); }

void ManagementServer::route(std::string method, std::string pattern, Handler handler, RouteLimits limits) {
  core_->router.add(method, pattern, std::move(handler), limits);
  // The transport has the same table, for limits, 404 and 405; its handler carries to the listener.
  auto* core = core_.get();
  core_->transport.route(
      std::move(method), std::move(pattern),
      [core](RawRequest request) { return core->carry(std::move(request)); }, limits);
}

Result<Done> ManagementServer::start() {
  if (ServerApi::has_listener()) {
    return Failure(FailureKind::misconfigured, "another management listener is open in this process");
  }
  make_pool();
  auto* core = core_.get();
  auto bridge = std::make_unique<Bridge>([core](ListenerSeam* seam) {
    const std::lock_guard lock(core->mu);
    core->seam = seam;
  });
  const auto* ours = bridge.get();
  try {
    ServerApi::register_server_api(std::move(bridge));
    // The library's own transport must never face a peer.
    BATON_CHECK(ServerApi::server_api() == ours);
    core_->listener = std::make_unique<Listener>(web::uri("http://baton/"));  // a name only: nothing binds it
    core_->listener->support([core](const cpprest::http_request& request) { core->on_request(request); });
    core_->listener->open().get();
    BATON_CHECK(ServerApi::server_api() == ours);
  } catch (const std::exception& error) {
    return Failure(FailureKind::misconfigured, std::string("open the management listener: ") + error.what());
  }
  auto started = core_->transport.start();
  if (!started) drain(Duration{0});
  return started;
}

std::uint16_t ManagementServer::port() const { return core_->transport.port(); }

void ManagementServer::drain(Duration patience) {
  core_->transport.drain(patience);
  if (!core_->listener) return;
  try {
    core_->listener->close().get();
  } catch (...) {
    // It was never registered.
  }
  core_->listener.reset();
}

Result<Done> ManagementServer::reload_tls(const TlsIdentity& identity) {
  return core_->transport.reload_tls(identity);
}

ServerCounters ManagementServer::counters() const { return core_->transport.counters(); }

}  // namespace baton
