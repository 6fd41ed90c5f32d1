// Purpose: an HTTP server without sockets: it keeps the handlers, and a test calls them as a transport
// would. Owner: the test. Threads: one loop. Errors: a request that no route fits ends the test.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/text.h"
#include "gateway/http/server.h"

namespace baton {

class PaperServer final : public HttpServer {
 public:
  void route(std::string method, std::string pattern, Handler handler, RouteLimits) override {
    BATON_CHECK(
        handlers.emplace(std::pair(std::move(method), std::move(pattern)), std::move(handler)).second);
  }
  Result<Done> start() override { return Done{}; }
  std::uint16_t port() const override { return 0; }
  void drain(Duration) override {}

  Task<Reply> handle(RawRequest request) {
    for (const auto& [key, handler] : handlers) {
      if (key.first != request.method) continue;
      auto params = fit(key.second, path_of(request.target));
      if (!params) continue;
      request.params = std::move(*params);
      return handler(std::move(request));
    }
    BATON_CHECK(!"no route fits");
    std::abort();
  }

  // The pattern that the request fits, or "".
  std::string pattern_of(const std::string& method, const std::string& target) const {
    for (const auto& [key, handler] : handlers) {
      if (key.first == method && fit(key.second, path_of(target))) return key.second;
    }
    return {};
  }

  std::map<std::pair<std::string, std::string>, Handler> handlers;  // by method and pattern

 private:
  using Params = std::map<std::string, std::string, std::less<>>;

  // The values of a pattern's {names}, if `path` fits it.
  static std::optional<Params> fit(const std::string& pattern, std::string_view path) {
    Params params;
    const auto wanted = split(pattern, '/'), given = split(path, '/');
    if (wanted.size() != given.size()) return std::nullopt;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (wanted[i].starts_with('{'))
        params[std::string(wanted[i].substr(1, wanted[i].size() - 2))] = given[i];
      else if (wanted[i] != given[i]) return std::nullopt;
    }
    return params;
  }
};

}  // namespace baton
