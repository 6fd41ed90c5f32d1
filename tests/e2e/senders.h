// Purpose: chat platforms that send without pause: each event is repeated until it is answered, and every 202
// is noted. Owner: the test. Threads: its own, joined by finish(). Errors: counted.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "gateway/base/json_view.h"
#include "tests/e2e/site.h"

namespace baton::e2e {

class Senders {
 public:
  Senders(const Site& site, int threads, Duration pause, std::string prefix = "evt-")
      : site_(site), pause_(pause), prefix_(std::move(prefix)) {
    for (int i = 0; i < threads; ++i)
      threads_.emplace_back([this, i](std::stop_token stop) { work(i, stop); });
  }
  void finish() {
    for (auto& one : threads_) one.request_stop();
    threads_.clear();
  }
  std::map<std::string, std::string> taken() {  // event to handoff
    const std::lock_guard lock(mutex_);
    return taken_;
  }
  int unanswered() const { return unanswered_; }
  int refused() const { return refused_; }

 private:
  void work(int number, const std::stop_token& stop) {
    app::BlockingClient client;
    for (int n = 0; !stop.stop_requested(); ++n) {
      const auto id = prefix_ + std::to_string(number) + "-" + std::to_string(n);
      bool answered = false;
      while (!answered && !stop.stop_requested()) {
        const auto reply = site_.send(client, id, Duration{20s});
        answered = reply && reply->status == 202;
        if (answered) note(id, reply->body);
        else if (!reply && reply.error().kind == FailureKind::ambiguous) ++unanswered_;
        else if (reply) ++refused_;
        std::this_thread::sleep_for(pause_);
      }
    }
  }
  void note(const std::string& id, const std::string& body) {
    const auto read = nlohmann::json::parse(body, nullptr, false);
    const std::lock_guard lock(mutex_);
    taken_[id] = JsonView(read)["handoff"].text();
  }

  const Site& site_;
  Duration pause_;
  std::string prefix_;  // of the events' ids
  std::mutex mutex_;
  std::map<std::string, std::string> taken_;
  std::atomic<int> unanswered_ = 0, refused_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace baton::e2e
