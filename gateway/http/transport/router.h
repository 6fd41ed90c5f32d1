// Purpose: which handler answers a method and a path. A literal segment wins over a {name} one.
// Owner: a server. Threads: add() before the server starts; find() on any after that.
// Units: bytes. Errors: a pattern that is malformed or there twice ends the process: it is ours.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/server.h"

namespace baton {

struct Served {
  Handler handler;
  RouteLimits limits;
};

class Router {
 public:
  using Params = std::map<std::string, std::string, std::less<>>;

  enum class Outcome { found, malformed, not_found, method_not_allowed };
  struct Match {
    Outcome outcome = Outcome::not_found;
    const Served* route = nullptr;  // valid as long as the router
    Params params;                  // percent-decoded
    std::string allow;              // the methods that the path takes, when it does not take this one
  };

  void add(std::string method, std::string_view pattern, Handler handler, RouteLimits limits);

  // `path` without its query. HEAD is answered by GET's handler unless it has its own.
  Match find(std::string_view method, std::string_view path) const;

 private:
  struct Segment {
    std::string text;  // the literal, or the parameter's name
    bool is_param;
    bool operator==(const Segment&) const = default;
  };
  struct Pattern {
    std::vector<Segment> segments;
    std::map<std::string, Served, std::less<>> methods;
  };

  static bool before(const Pattern& a, const Pattern& b);
  static bool matches(const Pattern& pattern, std::string_view path);
  static Match match(const Pattern& pattern, std::string_view method, std::string_view path);

  std::vector<Pattern> patterns_;  // those with literals first
};

}  // namespace baton
