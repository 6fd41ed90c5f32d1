#include "connectors/simulation/host.h"

#include "connectors/simulation/wire.h"

namespace baton::simulation {
namespace {

constexpr std::size_t kDeepestPath = 12;                 // segments below the prefix; HubSpot's longest has 9
constexpr std::size_t kMaxBodyBytes = 25 * 1024 * 1024;  // vendors refuse for themselves

Reply problem(int status, std::string detail) {
  return json_reply(status, {{"detail", std::move(detail)}}, {{"content-type", "application/problem+json"}});
}

Reply as_sent(Answer answer) {
  if (answer.cut) return Reply(0);
  auto& reply = answer.reply;
  if (reply.retry_after && !reply.headers.contains("retry-after")) {
    reply.headers["retry-after"] =
        std::to_string(std::chrono::ceil<std::chrono::seconds>(*reply.retry_after).count());
  }
  if (answer.drip) reply.headers["x-sim-drip"] = "1";
  return std::move(reply);
}

bool worth_repeating(const Outbound& outbound, const Result<Reply>& answer) {
  if (!answer) return true;
  if (outbound.taken) return !outbound.taken(*answer);
  return answer->status == 409 || answer->status == 429 || answer->status >= 500;
}

}  // namespace

Host::Host(HttpServer& server, HttpClient& client, Clock& clock, Loop& loop, HostOptions options)
    : server_(server), client_(client), clock_(clock), options_(options), scope_(loop, clock) {
  route_control();
}

void Host::route_control() {
  // A handler is a plain function object: the coroutine's state is in its parameters, not captured.
  const auto at_once = [this](std::string method, std::string pattern, auto handler) {
    server_.route(std::move(method), std::move(pattern), [this, handler](RawRequest raw) -> Task<Reply> {
      return [](Reply reply) -> Task<Reply> { co_return std::move(reply); }(handler(*this, raw));
    });
  };
  at_once("GET", "/_sim/ledger", [](Host& host, const RawRequest& raw) { return host.ledger(raw); });
  at_once("GET", "/_sim/ledger/{vendor}", [](Host& host, const RawRequest& raw) { return host.ledger(raw); });
  at_once("GET", "/_sim/requests", [](Host& host, const RawRequest&) { return host.requests(); });
  at_once("GET", "/_sim/faults", [](Host& host, const RawRequest&) { return host.list_faults(); });
  at_once("POST", "/_sim/faults", [](Host& host, const RawRequest& raw) { return host.inject(raw); });
  at_once("DELETE", "/_sim/faults", [](Host& host, const RawRequest& raw) { return host.clear(raw); });
  server_.route("POST", "/_sim/act/{vendor}", [this](RawRequest raw) { return act(std::move(raw)); });
}

void Host::add(std::string prefix, VendorPtr vendor, std::string hook_url) {
  const auto strip = prefix.size() + 1;
  const auto [added, is_new] = guests_.try_emplace(prefix, std::move(vendor), std::move(hook_url));
  BATON_CHECK(is_new && prefix.find('/') == std::string::npos && !prefix.empty());
  auto* const guest = &added->second;
  const auto handler = [this, guest, strip](RawRequest raw) { return pass_on(guest, strip, std::move(raw)); };
  // A pattern's part matches one segment, so every depth needs a pattern of its own.
  std::string pattern = "/" + prefix;
  for (std::size_t depth = 0; depth <= kDeepestPath; ++depth) {
    for (const auto* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      server_.route(method, pattern, handler, RouteLimits{kMaxBodyBytes});
    }
    pattern += "/{p" + std::to_string(depth) + "}";
  }
}

FaultyVendor& Host::vendor(std::string_view prefix) {
  const auto found = guests_.find(prefix);
  BATON_CHECK(found != guests_.end());
  return found->second.vendor;
}

Task<Done> Host::stop(TimePoint deadline) {
  scope_.cancel();
  co_return co_await scope_.join(deadline);
}

Task<Reply> Host::pass_on(Guest* guest, std::size_t strip, RawRequest raw) {
  raw.target.erase(0, strip);
  if (!raw.target.starts_with('/')) raw.target.insert(raw.target.begin(), '/');
  raw.params.clear();
  auto answer = guest->vendor.handle(raw);
  for (auto& outbound : guest->vendor.vendor().take_outbox()) {
    if (!guest->hook_url.empty()) scope_.spawn(deliver(guest->hook_url, std::move(outbound)));
  }
  if (answer.drip) (void)co_await clock_.until(clock_.now() + options_.drip, scope_.stop_token());
  co_return as_sent(std::move(answer));
}

Task<Reply> Host::act(RawRequest raw) {
  const auto found = guests_.find(raw.params["vendor"]);
  if (found == guests_.end()) co_return problem(404, "no such vendor here");
  const auto body = parse_json(raw.body, FailureKind::rejected, "the deed");
  if (!body) co_return problem(400, body.error().detail);
  if (!body->is_object() || body->size() != 1)
    co_return problem(400, "a deed is one key: {\"solve\": {...}}");
  const Deed deed(body->begin().key(), body->begin().value());
  auto outbounds = found->second.vendor.vendor().act(deed, clock_.now());
  if (!outbounds) co_return problem(422, outbounds.error().detail);
  auto sent = nlohmann::json::array();
  for (auto& outbound : *outbounds) {
    nlohmann::json entry = {{"target", outbound.request.target},
                            {"headers", outbound.request.headers},
                            {"body", outbound.request.body}};
    if (!found->second.hook_url.empty()) {
      const auto outcome = co_await deliver(found->second.hook_url, std::move(outbound));
      entry["status"] = outcome ? outcome->status : 0;
      entry["attempts"] = outcome ? outcome->attempts : 0;
    }
    sent.push_back(std::move(entry));
  }
  nlohmann::json answer = nlohmann::json::object();
  answer["sent"] = std::move(sent);
  co_return json_reply(200, answer);
}

Task<Host::Sent> Host::deliver(std::string hook_url, Outbound outbound) {
  Sent sent;
  auto wait = options_.first_wait;
  for (;;) {
    auto request = sent.attempts > 0 && outbound.again ? outbound.again(sent.attempts + 1, clock_.now())
                                                       : outbound.request;
    request.target.insert(0, hook_url);
    Outgoing outgoing("simulated-vendor", std::move(request), clock_.now() + options_.hook_timeout);
    const auto answer = co_await client_.exchange(std::move(outgoing));
    ++sent.attempts;
    sent.status = answer ? answer->status : 0;
    if (!worth_repeating(outbound, answer) || sent.attempts >= outbound.attempts) co_return sent;
    const auto asked = answer ? answer->retry_after.value_or(wait) : wait;
    if (asked > options_.longest_wait) co_return sent;
    if (!co_await clock_.until(clock_.now() + asked, scope_.stop_token())) co_return sent;
    wait *= 2;
  }
}

Reply Host::ledger(const RawRequest& raw) const {
  if (const auto named = raw.params.find("vendor"); named != raw.params.end()) {
    const auto found = guests_.find(named->second);
    if (found == guests_.end()) return problem(404, "no such vendor here");
    return json_reply(200, found->second.vendor.vendor().ledger());
  }
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [prefix, guest] : guests_) all[prefix] = guest.vendor.vendor().ledger();
  return json_reply(200, all);
}

Reply Host::requests() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [prefix, guest] : guests_) all[prefix] = guest.vendor.requests();
  return json_reply(200, all);
}

Reply Host::list_faults() const {
  nlohmann::json all = nlohmann::json::object();
  for (const auto& [prefix, guest] : guests_) {
    auto& list = all[prefix] = nlohmann::json::array();
    for (const auto& fault : guest.vendor.faults()) {
      list.push_back({{"kind", name(fault.kind)},
                      {"method", fault.method},
                      {"prefix", fault.prefix},
                      {"times", fault.times},
                      {"skip", fault.skip},
                      {"status", fault.status}});
    }
  }
  return json_reply(200, all);
}

Reply Host::inject(const RawRequest& raw) {
  auto body = parse_json(raw.body, FailureKind::rejected, "the fault");
  if (!body) return problem(400, body.error().detail);
  std::string wanted = JsonView(*body)["vendor"].text();
  if (body->is_object()) body->erase("vendor");
  const auto fault = read_fault(*body);
  if (!fault) return problem(400, fault.error().detail);
  if (!wanted.empty() && !guests_.contains(wanted)) return problem(404, "no such vendor here");
  for (auto& [prefix, guest] : guests_) {
    if (wanted.empty() || wanted == prefix) guest.vendor.inject(*fault);
  }
  return Reply(204);
}

Reply Host::clear(const RawRequest& raw) {
  const auto wanted = query_value(raw.target, "vendor");
  if (wanted && !guests_.contains(*wanted)) return problem(404, "no such vendor here");
  for (auto& [prefix, guest] : guests_) {
    if (!wanted || *wanted == prefix) guest.vendor.clear();
  }
  return Reply(204);
}

}  // namespace baton::simulation
