// Purpose: runs exchanges of a CurlClient on a loop of their own and waits for their results.
// Owner: a test. Threads: one. Real time, because real sockets are the subject.
#pragma once

#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/scope.h"
#include "gateway/http/curl/curl_client.h"

namespace baton {

struct Bench {
  // Loopback over plain http is listed, nothing else; short times.
  static CurlOptions options() {
    CurlOptions options;
    options.addresses = *AddressPolicy::parse(std::vector<std::string>{"127.0.0.1", "::1"}, true);
    options.total = 5s;
    options.connect = 2s;
    return options;
  }

  Outgoing outgoing(Request request, std::string pool = "main", Duration wait = 5s) const {
    return Outgoing(std::move(pool), std::move(request), clock.now() + wait);
  }

  // All at once; the results in the order of the requests.
  std::vector<Result<Reply>> exchange_all(HttpClient& client, std::vector<Outgoing> all) {
    std::vector<std::optional<Result<Reply>>> results(all.size());
    std::size_t missing = all.size();
    for (std::size_t i = 0; i < all.size(); ++i) {
      scope.spawn(client.exchange(std::move(all[i])), [&, i](Result<Reply> result) {
        results[i].emplace(std::move(result));
        if (--missing == 0) loop.stop();
      });
    }
    loop.restart();
    loop.run();
    std::vector<Result<Reply>> done;
    for (auto& result : results) done.push_back(std::move(result.value()));
    return done;
  }

  Result<Reply> exchange(HttpClient& client, Outgoing one) {
    std::vector<Outgoing> all;
    all.push_back(std::move(one));
    return std::move(exchange_all(client, std::move(all)).front());
  }
  Result<Reply> exchange(HttpClient& client, Request request) {
    return exchange(client, outgoing(std::move(request)));
  }

  // Lets what is under way go on.
  void run_for(Duration time) {
    loop.restart();
    loop.run_for(time);
  }

  Loop loop;
  RealClock clock{loop};
  Scope scope{loop, clock};
};

// Nothing for a reply, so that a test that expected a failure says so.
inline std::optional<FailureKind> kind_of(const Result<Reply>& result) {
  if (result) return std::nullopt;
  return result.error().kind;
}

inline std::string why(const Result<Reply>& result) {
  return result ? "status " + std::to_string(result->status) : result.error().detail;
}

}  // namespace baton
