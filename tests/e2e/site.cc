#include "tests/e2e/site.h"

#include <chrono>
#include <fstream>
#include <iterator>
#include <map>
#include <thread>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/app/cli.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "secrets/webhook_signature.h"

namespace baton::e2e {

int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  BATON_CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  BATON_CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

namespace {

using nlohmann::json;

constexpr auto kChatSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";

std::string url_of(int port) { return "http://127.0.0.1:" + std::to_string(port); }

std::string configuration(int public_port, int admin_port, int sim_port) {
  const auto vendor = [&](const std::string& name) { return url_of(sim_port) + "/" + name; };
  const std::string fast = "    limits: {per_second: 200, burst: 200, at_once: 8}\n";
  return "public_url: " + url_of(public_port) +
         "\ndata_dir: data\nlisten:\n  public: 127.0.0.1:" + std::to_string(public_port) +
         "\n  admin: 127.0.0.1:" + std::to_string(admin_port) +
         "\nnetwork:\n  allow: [127.0.0.1]\n  allow_http: true\nsources:\n  chat:\n    secret: {secret: "
         "chat}\n"
         "destinations:\n"
         "  zendesk:\n    base_url: " +
         vendor("zendesk") +
         "\n    client_id: baton\n"
         "    client_secret: {secret: zendesk}\n    webhook_secret: {secret: zendesk-hook}\n" +
         fast + "  slack:\n    base_url: " + vendor("slack") +
         "\n    token: {secret: slack}\n"
         "    signing_secret: {secret: slack-hook}\n    channel: C0HANDOFFS\n    hooks_url: " +
         vendor("slack") + "/\n" + fast +
         "  platform:\n    connector: standard_webhooks\n    base_url: " + vendor("standard_webhooks") +
         "\n    path: /events\n    secret: {secret: chat}\n" + fast +
         "routes:\n  - name: all\n    to: {tickets: zendesk, alerts: [slack], platform: platform}\n";
}

// How many of them wait where, and for what.
std::string by_reason(const json& deliveries) {
  std::map<std::string, int> counts;
  for (const auto& one : deliveries.at("deliveries")) {
    const JsonView view(one);
    ++counts[view["destination"].text() + " " + view["operation"].text() + ": " +
             view.at_path("failure.detail").text("not tried yet")];
  }
  std::string text;
  for (const auto& [what, count] : counts) text += "\n  " + std::to_string(count) + " x " + what;
  return text;
}

}  // namespace

Site::Site() : public_port_(free_port()), admin_port_(free_port()), sim_port_(free_port()) {
  folder_.write("baton.yaml", configuration(public_port_, admin_port_, sim_port_));
  const auto ran = [&](const std::vector<std::string>& words, const std::string& in = {}) {
    auto ended = run_baton(words, folder(), in);
    if (ended.exit != 0) std::fputs(ended.err.c_str(), stderr);
    BATON_CHECK(ended.exit == 0);
    return ended.out;
  };
  (void)ran({"secret", "init"});
  for (const auto& [name, value] : {std::pair{"chat", kChatSecret},
                                    {"zendesk", "zendesk-client-secret"},
                                    {"zendesk-hook", "zendesk-webhook-secret"},
                                    {"slack", "xoxb-baton"},
                                    {"slack-hook", "slack-signing-secret"}}) {
    (void)ran({"secret", "set", name}, value);
  }
  token_ = trim(ran({"token", "create", "e2e", "--may", "read,operate"}));
  folder_.write("data/admin.token", token_);  // where the command line looks for it
}

Result<Done> Site::start_vendors() {
  vendors_ = std::make_unique<Running>(
      std::vector<std::string>{"sim", "--port", std::to_string(sim_port_), "--baton", url_of(public_port_)},
      folder(), folder() + "/vendors.log");
  return wait_for(url_of(sim_port_) + "/_sim/requests");
}

Result<Done> Site::start_gateway() {
  gateway_ = std::make_unique<Running>(std::vector<std::string>{"serve"}, folder(), log());
  return wait_for(url_of(public_port_) + "/readyz");
}

Result<Done> Site::wait_for(const std::string& url) {
  const auto end = app::wall_now() + 30s;
  while (app::wall_now() < end) {
    const auto reply = client_.exchange(Request("GET", url), 1s);
    if (reply && reply->status < 300) return Done{};
    std::this_thread::sleep_for(10ms);
  }
  std::ifstream file(log());
  const std::string said(std::istreambuf_iterator<char>(file), {});
  return Failure(FailureKind::retryable, url + " is not ready; the log ends: " +
                                             said.substr(said.size() < 1500 ? 0 : said.size() - 1500));
}

Result<Reply> Site::send(app::BlockingClient& client, const std::string& id, Duration patience) const {
  const json event = {{"specversion", "1.0"},
                      {"id", id},
                      {"source", "chat"},
                      {"type", "handoff.requested"},
                      {"data",
                       {{"conversation", {{"id", "conv-" + id}}},
                        {"customer", {{"name", "Ada"}, {"email", id + "@example.com"}}},
                        {"intent", {{"name", "refund"}, {"summary", "Was charged twice (" + id + ")."}}},
                        {"reason", {{"trigger", "topic"}}}}}};
  const auto body = event.dump();
  const auto now = app::wall_now();
  std::vector<secrets::SigningKey> keys;
  keys.push_back(std::move(*secrets::SigningKey::make(Secret(kChatSecret))));
  const auto signature = secrets::sign(id, now, body, keys);
  if (!signature) return signature.error();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return client.exchange(Request("POST", url_of(public_port_) + "/v1/events", body,
                                 {{"content-type", "application/cloudevents+json"},
                                  {"webhook-id", id},
                                  {"webhook-timestamp", std::to_string(seconds)},
                                  {"webhook-signature", *signature}}),
                         patience);
}

Result<json> Site::get(const std::string& url, Headers headers) {
  const auto reply = client_.exchange(Request("GET", url, "", std::move(headers)));
  if (!reply) return reply.error();
  if (reply->status != 200) return Failure(FailureKind::rejected, url + ": " + reply->body);
  return parse_json(reply->body, FailureKind::rejected, url);
}

Result<json> Site::admin(const std::string& target) {
  return get(url_of(admin_port_) + target, {{"authorization", "Bearer " + token_}});
}

Result<Reply> Site::post(const std::string& target, const json& body) {
  return client_.exchange(
      Request("POST", url_of(admin_port_) + target, body.dump(),
              {{"authorization", "Bearer " + token_}, {"content-type", "application/json"}}),
      60s);  // a backup on a busy machine
}

Result<json> Site::ledger(const std::string& vendor) {
  return get(url_of(sim_port_) + "/_sim/ledger/" + vendor);
}

Result<Done> Site::act(const std::string& vendor, const std::string& deed, const json& with) {
  const json body = {{deed, with}};
  const auto reply = client_.exchange(Request("POST", url_of(sim_port_) + "/_sim/act/" + vendor, body.dump(),
                                              {{"content-type", "application/json"}}),
                                      Duration{10s});
  if (!reply) return reply.error();
  if (reply->status != 200) return Failure(FailureKind::rejected, reply->body);
  return Done{};
}

Result<Done> Site::quiet(Duration patience) {
  // Between two steps a handoff may wait for its own timer (context 2 s, ticket 5 s) with nothing pending.
  constexpr auto kLongestTimer = Duration{7s};
  const auto end = app::wall_now() + patience;
  auto quiet_since = TimePoint::max();
  while (app::wall_now() < end) {
    const auto body = admin("/v1/deliveries?state=pending&limit=1000");
    if (!body) {  // busy: as long as there is patience, that is not quiet
      quiet_since = TimePoint::max();
      std::this_thread::sleep_for(100ms);
      continue;
    }
    const auto list = JsonView(*body)["deliveries"].list();
    if (!list) return Failure(FailureKind::rejected, body->dump());
    const auto received = admin("/v1/handoffs?state=received&limit=1");
    const auto planned = admin("/v1/handoffs?state=planned&limit=1");
    const auto none = [](const Result<json>& of) {
      const auto handoffs = of ? JsonView(*of)["handoffs"].list() : std::nullopt;
      return handoffs && handoffs->empty();
    };
    const bool more = !JsonView(*body)["next"].missing();
    if (more || !list->empty() || !none(received) || !none(planned)) quiet_since = TimePoint::max();
    else quiet_since = std::min(quiet_since, app::wall_now());
    if (quiet_since != TimePoint::max() && app::wall_now() - quiet_since > kLongestTimer) return Done{};
    std::this_thread::sleep_for(100ms);
  }
  const auto left = admin("/v1/deliveries?state=pending&limit=1000");
  return Failure(FailureKind::retryable, "still pending after " + std::to_string(patience.count() / 1000) +
                                             " s:" + (left ? by_reason(*left) : " " + left.error().detail) +
                                             "; see " + log());
}

}  // namespace baton::e2e
