// Purpose: what the relay's requests cost at the least: a bare libcurl-multi client that makes the same
// ones (method, path, bytes) to the same sink, as fast as the answers come.
// Use: relay_floor BASE-URL RECORD HANDOFFS PARALLEL; RECORD is one handoff's requests, as sink's /record.
//   Prints "HANDOFFS/s CPU-microseconds-per-handoff".
// Threads: one. Errors: a transfer that fails ends it with status 1.
#include <curl/curl.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>
#include "tests/bench/cpu_time.h"

namespace {

struct Wanted {
  std::string method;
  std::string url;
  std::string body;
};

std::vector<Wanted> read_record(const std::string& base, const char* path) {
  std::vector<Wanted> all;
  std::ifstream file(path);
  std::string method, target;
  for (std::size_t bytes = 0; file >> method >> target >> bytes;) {
    if (target.find("oauth") != std::string::npos) continue;  // once a run, not once a handoff
    all.push_back({method, base + target, std::string(bytes, 'x')});
  }
  return all;
}

std::size_t drop(char*, std::size_t size, std::size_t count, void*) { return size * count; }

// One handoff at a time: its requests one after the other, on handles that are used again.
struct Chain {
  CURL* handle = curl_easy_init();
  std::size_t next = 0;
};

class Client {
 public:
  Client(std::vector<Wanted> wanted, int handoffs, int parallel)
      : wanted_(std::move(wanted)), left_(handoffs), multi_(curl_multi_init()) {
    headers_ = curl_slist_append(headers_, "Content-Type: application/json");
    headers_ = curl_slist_append(headers_, "Authorization: Bearer bench-access-token");
    headers_ = curl_slist_append(headers_, "Expect:");
    for (int i = 0; i < parallel; ++i) {
      auto& chain = *chains_.emplace_back(std::make_unique<Chain>());
      curl_easy_setopt(chain.handle, CURLOPT_PRIVATE, &chain);
      curl_easy_setopt(chain.handle, CURLOPT_WRITEFUNCTION, drop);
      curl_easy_setopt(chain.handle, CURLOPT_HTTPHEADER, headers_);
      curl_easy_setopt(chain.handle, CURLOPT_NOSIGNAL, 1L);
    }
  }
  ~Client() {
    for (auto& chain : chains_) curl_easy_cleanup(chain->handle);
    curl_multi_cleanup(multi_);
    curl_slist_free_all(headers_);
  }

  void run() {
    for (auto& chain : chains_) begin_handoff(*chain);
    while (busy_ > 0) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      take_finished();
      if (busy_ > 0) curl_multi_poll(multi_, nullptr, 0, 100, nullptr);
    }
  }

 private:
  void begin_handoff(Chain& chain) {
    if (left_ == 0) return;
    --left_;
    chain.next = 0;
    send(chain);
  }
  void send(Chain& chain) {
    const auto& wanted = wanted_[chain.next++];
    curl_easy_setopt(chain.handle, CURLOPT_URL, wanted.url.c_str());
    if (wanted.method == "GET") {
      curl_easy_setopt(chain.handle, CURLOPT_HTTPGET, 1L);
    } else {
      curl_easy_setopt(chain.handle, CURLOPT_POST, 1L);
      curl_easy_setopt(chain.handle, CURLOPT_POSTFIELDS, wanted.body.data());
      curl_easy_setopt(chain.handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(wanted.body.size()));
    }
    curl_multi_add_handle(multi_, chain.handle);
    ++busy_;
  }
  void take_finished() {
    int queued = 0;
    while (const auto* message = curl_multi_info_read(multi_, &queued)) {
      if (message->msg != CURLMSG_DONE) continue;
      if (message->data.result != CURLE_OK) {
        std::fprintf(stderr, "relay_floor: %s\n", curl_easy_strerror(message->data.result));
        std::exit(1);
      }
      Chain* chain = nullptr;
      curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &chain);
      curl_multi_remove_handle(multi_, chain->handle);
      --busy_;
      if (chain->next < wanted_.size()) send(*chain);
      else begin_handoff(*chain);
    }
  }

  std::vector<Wanted> wanted_;
  int left_;
  int busy_ = 0;  // requests under way
  CURLM* multi_;
  curl_slist* headers_ = nullptr;
  std::vector<std::unique_ptr<Chain>> chains_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) {
    std::fprintf(stderr, "usage: relay_floor BASE-URL RECORD HANDOFFS PARALLEL\n");
    return 2;
  }
  curl_global_init(CURL_GLOBAL_DEFAULT);
  const int handoffs = std::atoi(argv[3]);
  {
    Client client(read_record(argv[1], argv[2]), handoffs, std::atoi(argv[4]));
    const auto cpu = cpu_microseconds();
    const auto begin = std::chrono::steady_clock::now();
    client.run();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    std::printf("%.0f %.1f\n", handoffs / took.count(), (cpu_microseconds() - cpu) / handoffs);
  }
  curl_global_cleanup();
  return 0;
}
