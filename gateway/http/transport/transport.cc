#include "gateway/http/transport/transport.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <pthread.h>

#include "gateway/http/transport/listener.h"

namespace baton {

class TransportServer::Core {
 public:
  explicit Core(ServerOptions options_in)
      : options(std::move(options_in)), loop(1), clock(std::make_unique<RealClock>(loop)),
        hub(options, *clock), scope(loop, *clock), listener(loop, scope, hub, tls) {
    hub.on_empty = [this] {
      if (!hub.draining) return;
      const std::lock_guard lock(mu);
      empty = true;
      changed.notify_all();
    };
  }

  // Coroutines that wait for a socket end by themselves once it is closed. Those inside a handler
  // end with whatever holds their waiter: the clock first, the loop last.
  ~Core() {
    loop.restart();
    loop.poll();
    clock.reset();
  }

  void run() {
    pthread_setname_np(pthread_self(), options.name.substr(0, 15).c_str());
    loop.run();
  }

  // Waits on the caller's thread until nobody is connected.
  bool wait_until_empty(Duration patience) {
    std::unique_lock lock(mu);
    return changed.wait_for(lock, patience, [this] { return empty; });
  }

  void begin_drain() {
    net::post(loop, [this] {
      hub.draining = true;
      listener.drain();
      const std::lock_guard lock(mu);
      empty = hub.counts.open.value() == 0;
      changed.notify_all();
    });
  }

  ServerOptions options;
  Loop loop;
  std::unique_ptr<RealClock> clock;
  CurrentTls tls;
  Hub hub;
  Scope scope;
  Listener listener;
  std::optional<net::executor_work_guard<Loop::executor_type>> work;
  std::jthread thread;
  std::mutex mu;
  std::condition_variable changed;
  bool empty = false;  // guarded by mu
};

TransportServer::TransportServer(ServerOptions options) : core_(std::make_unique<Core>(std::move(options))) {}

TransportServer::~TransportServer() { drain(Duration{0}); }

void TransportServer::route(std::string method, std::string pattern, Handler handler, RouteLimits limits) {
  BATON_CHECK(!core_->thread.joinable());
  core_->hub.router.add(std::move(method), pattern, std::move(handler), limits);
}

Result<Done> TransportServer::start() {
  BATON_CHECK(!core_->thread.joinable());
  if (core_->options.tls) {
    auto context = TlsContext::make(*core_->options.tls);
    if (!context) return context.error();
    core_->tls.set(std::move(*context));
    core_->options.tls->key_pem = Secret();  // the context has it
  }
  if (auto opened = core_->listener.open(); !opened) return opened;
  core_->work.emplace(core_->loop.get_executor());
  net::post(core_->loop, [core = core_.get()] { core->listener.begin(); });
  core_->thread = std::jthread([core = core_.get()] { core->run(); });
  return Done{};
}

std::uint16_t TransportServer::port() const { return core_->listener.port(); }

void TransportServer::drain(Duration patience) {
  if (!core_->thread.joinable()) return;
  BATON_CHECK(std::this_thread::get_id() != core_->thread.get_id());
  core_->begin_drain();
  (void)core_->wait_until_empty(patience);
  net::post(core_->loop, [core = core_.get()] {
    core->listener.cut();
    core->work.reset();
    core->loop.stop();
  });
  core_->thread.join();
}

Result<Done> TransportServer::reload_tls(const TlsIdentity& identity) {
  BATON_CHECK(core_->options.tls.has_value());
  auto context = TlsContext::make(identity);
  if (!context) return context.error();
  core_->tls.set(std::move(*context));
  return Done{};
}

ServerCounters TransportServer::counters() const { return core_->hub.snapshot(); }
Loop& TransportServer::loop() { return core_->loop; }
Clock& TransportServer::clock() { return *core_->clock; }

}  // namespace baton
