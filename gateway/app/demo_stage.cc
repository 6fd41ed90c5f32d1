#include "gateway/app/demo_stage.h"

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <thread>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/app/demo_accounts.h"
#include "gateway/app/demo_events.h"
#include "gateway/app/installation.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "secrets/root_key.h"
#include "secrets/token.h"
#include "secrets/webhook_signature.h"

namespace baton::app {
namespace {

using nlohmann::json;

constexpr auto kChatSecret = "whsec_YmF0b24tc3RhbmRhcmQtd2ViaG9va3Mtc2VjcmV0MzI=";

// A Workflows address is the secret: the simulated flow's, below the vendors' address.
constexpr auto kTeamsFlow =
    "/teams/powerautomate/automations/direct/workflows/5f1b7c0e9a2d4c58b3f6e1d0a7c94b21/triggers/manual/"
    "paths/"
    "invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=bmFtZS1vZi10aGUtdmVuZG9yLXNpZw";

// The secrets of the simulated accounts: fixed and public, as nothing real is behind them.
const std::vector<std::pair<std::string, std::string>>& demo_secrets() {
  static const auto& kSecrets =
      *new std::vector<std::pair<std::string, std::string>>{{"zendesk-client", "zendesk-client-secret"},
                                                            {"zendesk-hook", "zendesk-webhook-secret"},
                                                            {"slack-token", "xoxb-baton"},
                                                            {"slack-signing", "slack-signing-secret"},
                                                            {"hubspot-token", "pat-eu1-baton"},
                                                            {"freshdesk-key", "fdApiKey123"},
                                                            {"freshdesk-hook", "freshdesk-webhook-secret"},
                                                            {"salesforce-client", "salesforce-client-secret"},
                                                            {"salesforce-flow", "baton-inbound-token-0001-of-the-flow"},
                                                            {"intercom-token", "intercom-token"},
                                                            {"intercom-hook", "intercom-client-secret"},
                                                            {"stripe-key", "rk_test_baton_read"},
                                                            {"linear-key", "lin_api_baton"},
                                                            {"linear-hook", "linear-webhook-secret"},
                                                            {"chat-signing", kChatSecret}};
  return kSecrets;
}

// A port that is free now. Somebody could take it before we do; then the start says so.
std::uint16_t free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    address.sin_port = 0;
  }
  ::close(fd);
  return ntohs(address.sin_port);
}

Result<Done> write_file(const std::string& path, const std::string& text) {
  std::ofstream file(path, std::ios::trunc);
  file << text;
  file.close();
  if (!file) return Failure(FailureKind::misconfigured, "cannot write " + path);
  std::error_code ignored;
  std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                               ignored);
  return Done{};
}

// The end of a log, where the reason stands.
std::string last_words(const std::string& log) {
  const auto text = read_file(log);
  const auto lines = text ? split(trim(*text), '\n') : std::vector<std::string_view>();
  return lines.empty() ? "it said nothing" : std::string(lines.back());
}

sigset_t end_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int one : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&set, one);
  return set;
}

}  // namespace

// A signal must not end us before our children: it stays pending, and the loops look for it.
Stage::Stage(const DemoOptions& options) : options_(options) {
  const auto set = end_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool Stage::asked_to_end() {
  sigset_t pending;
  ::sigpending(&pending);
  return ::sigismember(&pending, SIGINT) == 1 || ::sigismember(&pending, SIGTERM) == 1 ||
         ::sigismember(&pending, SIGHUP) == 1;
}

Result<Done> Stage::set_up() {
  directory_ = options_.directory;
  if (directory_.empty()) {
    std::string pattern = std::filesystem::temp_directory_path() / "baton-demo-XXXXXX";
    if (!::mkdtemp(pattern.data()))
      return Failure(FailureKind::misconfigured, "cannot make a folder " + pattern);
    directory_ = pattern;
  }
  std::error_code error;
  if (std::filesystem::exists(directory_ + "/data", error)) {
    return Failure(FailureKind::misconfigured,
                   directory_ + " has been used before; name a new folder, or none");
  }
  std::filesystem::create_directories(directory_ + "/data", error);
  if (error) return Failure(FailureKind::misconfigured, directory_ + ": " + error.message());
  public_port_ = free_port();
  admin_port_ = free_port();
  sim_port_ = free_port();
  const auto made = make_secrets();
  if (!made) return made.error();
  return write_configuration();
}

Result<Done> Stage::make_secrets() {
  Options options;
  options.data_dir = directory_ + "/data";
  options.root_key_path = options.data_dir + "/root.key";
  const auto key = secrets::make_root_key(options.root_key_path);
  if (!key) return key.error();
  auto store = open_store(options);
  if (!store) return store.error();
  auto all = demo_secrets();
  all.emplace_back("teams-address", vendors_url() + kTeamsFlow);
  for (const auto& [name, value] : all) {
    const auto put = (*store)->put(name, Secret(value), wall_now());
    if (!put) return put.error();
  }
  secrets::TokenOptions tokens_in;
  tokens_in.directory = options.data_dir;
  secrets::Tokens tokens(std::move(tokens_in));
  auto made = tokens.create(
      "demo", {secrets::Permission::read, secrets::Permission::agent, secrets::Permission::operate},
      wall_now());
  if (!made) return made.error();
  token_ = std::move(made->token);
  return write_file(token_file(), std::string(token_.reveal()) + "\n");
}

Result<Done> Stage::write_configuration() const {
  const auto text =
      "# The demo's configuration: simulated vendors on this machine, hence the allowed loopback addresses.\n"
      "public_url: " +
      events_url() + "\ndata_dir: " + directory_ +
      "/data\nlisten:\n  public: 127.0.0.1:" + std::to_string(public_port_) +
      "\n  admin: 127.0.0.1:" + std::to_string(admin_port_) +
      "\nnetwork:\n  allow: [127.0.0.1]\n  allow_http: true\n"
      "sources:\n  demo-chat:\n    secret: {secret: chat-signing}\n"
      "destinations:\n" +
      demo_destinations(vendors_url()) + demo_routes();
  return write_file(directory_ + "/baton.yaml", text);
}

Result<Done> Stage::wait_for(const std::string& url, ChildProcess& process, const std::string& log) {
  for (int turn = 0; turn < 600; ++turn) {
    const auto reply = client_.exchange(Request("GET", url), 1s);
    if (reply && reply->status < 300) return Done{};
    if (!process.running())
      return Failure(FailureKind::misconfigured, "it ended at once: " + last_words(log));
    if (asked_to_end())
      return Failure(FailureKind::retryable, "interrupted; gateway and vendors are stopped");
    std::this_thread::sleep_for(50ms);
  }
  return Failure(FailureKind::misconfigured, url + " is not ready after 30 s; see " + log);
}

Result<Done> Stage::start_vendors() {
  const auto log = directory_ + "/vendors.log";
  auto child =
      ChildProcess::spawn({"sim", "--port", std::to_string(sim_port_), "--baton", events_url()}, log);
  if (!child) return child.error();
  vendors_ = std::move(*child);
  return wait_for(vendors_url() + "/_sim/requests", *vendors_, log);
}

Result<Done> Stage::start_gateway() {
  std::vector<std::string> words = {"--config", directory_ + "/baton.yaml", "serve"};
  if (options_.no_lookups) words.push_back("--unsafe-no-lookups");
  auto child = ChildProcess::spawn(words, gateway_log());
  if (!child) return child.error();
  if (gateway_) *gateway_ = std::move(*child);
  else gateway_ = std::move(*child);
  return wait_for(events_url() + "/readyz", *gateway_, gateway_log());
}

void Stage::leave_running() {
  if (vendors_) vendors_->let_go();
  if (gateway_) gateway_->let_go();
}

void Stage::clear_away() {
  if (gateway_) gateway_->stop();
  if (vendors_) vendors_->stop();
  std::error_code ignored;
  if (is_temporary()) std::filesystem::remove_all(directory_, ignored);
}

Result<Done> Stage::write_event() {
  auto event = demo_events(wall_now()).front().event;
  event["id"] = "evt-by-hand";
  event["data"]["conversation"]["id"] = "conv-by-hand";
  return write_file(event_file(), event.dump(2) + "\n");
}

Result<Reply> Stage::send(const json& event) {
  const auto body = event.dump();
  const auto id = JsonView(event)["id"].text();
  const auto now = wall_now();
  auto key = secrets::SigningKey::make(Secret(kChatSecret));
  if (!key) return key.error();
  std::vector<secrets::SigningKey> keys;
  keys.push_back(std::move(*key));
  const auto signature = secrets::sign(id, now, body, keys);
  if (!signature) return signature.error();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  return client_.exchange(Request("POST", events_url() + "/v1/events", body,
                                  {{"content-type", "application/cloudevents+json"},
                                   {"webhook-id", id},
                                   {"webhook-timestamp", std::to_string(seconds)},
                                   {"webhook-signature", *signature}}));
}

Result<json> Stage::get(const std::string& url, Headers headers) {
  const auto reply = client_.exchange(Request("GET", url, "", std::move(headers)));
  if (!reply) return reply.error();
  if (reply->status != 200)
    return Failure(FailureKind::rejected, url + " answered " + std::to_string(reply->status));
  return parse_json(reply->body, FailureKind::rejected, url);
}

Result<json> Stage::admin(const std::string& target) {
  return get(admin_url() + target, {{"authorization", "Bearer " + std::string(token_.reveal())}});
}

Result<json> Stage::ledger(const std::string& vendor) {
  return get(vendors_url() + "/_sim/ledger/" + vendor);
}

Result<Done> Stage::fault(const json& fault) {
  const auto reply = client_.exchange(Request("POST", vendors_url() + "/_sim/faults", fault.dump()));
  if (!reply) return reply.error();
  if (reply->status >= 300) return Failure(FailureKind::rejected, reply->body);
  return Done{};
}

Result<Done> Stage::act(const std::string& vendor, const json& deed) {
  const auto reply =
      client_.exchange(Request("POST", vendors_url() + "/_sim/act/" + vendor, deed.dump()), 20s);
  if (!reply) return reply.error();
  if (reply->status >= 300) return Failure(FailureKind::rejected, reply->body);
  return Done{};
}

}  // namespace baton::app
