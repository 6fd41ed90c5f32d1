#include "gateway/http/transport/router.h"

#include <algorithm>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/text.h"
#include "gateway/http/transport/options.h"

namespace baton {
namespace {

// Takes the next segment off a path that starts with '/'.
std::string_view next_segment(std::string_view& path) {
  path.remove_prefix(1);
  const auto segment = path.substr(0, path.find('/'));
  path.remove_prefix(segment.size());
  return segment;
}

}  // namespace

void Router::add(std::string method, std::string_view pattern, Handler handler, RouteLimits limits) {
  BATON_CHECK(!pattern.empty() && pattern.front() == '/' && handler != nullptr);
  BATON_CHECK(limits.max_body_bytes <= kMaxRouteBodyBytes);
  Pattern added;
  while (!pattern.empty()) {
    const auto segment = next_segment(pattern);
    const bool is_param = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    BATON_CHECK(is_param || segment.find_first_of("{}") == std::string_view::npos);
    added.segments.push_back(
        Segment{std::string(is_param ? segment.substr(1, segment.size() - 2) : segment), is_param});
  }
  auto at = std::find_if(patterns_.begin(), patterns_.end(),
                         [&](const Pattern& known) { return known.segments == added.segments; });
  if (at == patterns_.end()) {
    at = patterns_.insert(std::upper_bound(patterns_.begin(), patterns_.end(), added, before),
                          std::move(added));
  }
  const bool is_new = at->methods.emplace(std::move(method), Served{std::move(handler), limits}).second;
  BATON_CHECK(is_new);
}

// A literal before a parameter at the first segment where they differ.
bool Router::before(const Pattern& a, const Pattern& b) {
  return std::lexicographical_compare(
      a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(),
      [](const Segment& left, const Segment& right) { return !left.is_param && right.is_param; });
}

bool Router::matches(const Pattern& pattern, std::string_view path) {
  for (const auto& segment : pattern.segments) {
    if (path.empty()) return false;
    const auto text = next_segment(path);
    if (segment.is_param ? text.empty() : text != segment.text) return false;
  }
  return path.empty();
}

Router::Match Router::find(std::string_view method, std::string_view path) const {
  Match result;
  if (path.empty() || path.front() != '/') return result;
  for (const auto& pattern : patterns_) {
    if (!matches(pattern, path)) continue;
    auto found = match(pattern, method, path);
    if (found.outcome != Outcome::method_not_allowed) return found;
    // A less special pattern may still take this method.
    if (!result.allow.empty()) result.allow.append(", ");
    result.allow.append(found.allow);
    result.outcome = Outcome::method_not_allowed;
  }
  return result;
}

Router::Match Router::match(const Pattern& pattern, std::string_view method, std::string_view path) {
  Match result;
  auto route = pattern.methods.find(method);
  if (route == pattern.methods.end() && method == "HEAD") route = pattern.methods.find("GET");
  if (route == pattern.methods.end()) {
    result.outcome = Outcome::method_not_allowed;
    for (const auto& [known, unused] : pattern.methods) {
      result.allow.append(result.allow.empty() ? "" : ", ").append(known);
      if (known == "GET" && !pattern.methods.contains("HEAD")) result.allow.append(", HEAD");
    }
    return result;
  }
  result.route = &route->second;
  result.outcome = Outcome::found;
  for (const auto& segment : pattern.segments) {
    const auto text = next_segment(path);
    if (!segment.is_param) continue;
    auto decoded = percent_decode(text);
    if (!decoded) result.outcome = Outcome::malformed;
    else result.params.insert_or_assign(segment.text, std::move(*decoded));
  }
  return result;
}

}  // namespace baton
