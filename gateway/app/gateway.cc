#include "gateway/app/gateway.h"

#include <fstream>
#include <random>
#include <sstream>
#include <thread>

#include "gateway/app/log.h"
#include "gateway/app/views.h"
#include "gateway/base/scope.h"
#include "gateway/http/cpprest/management_server.h"
#include "gateway/http/curl/curl_client.h"
#include "gateway/journal/sqlite/sqlite.h"
#include "gateway/planner/planner.h"

namespace baton::app {
namespace {

std::uint64_t seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

Result<std::string> read_whole(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure(FailureKind::misconfigured, "cannot read " + path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Result<ServerOptions> public_options(const Options& from) {
  ServerOptions options;
  options.name = "public";
  options.address = from.public_listener.address;
  options.port = from.public_listener.port;
  if (from.tls_certificate.empty()) return options;
  auto chain = read_whole(from.tls_certificate);
  if (!chain) return chain.error();
  auto key = read_whole(from.tls_key);
  if (!key) return key.error();
  options.tls.emplace(std::move(*chain), Secret(std::move(*key)));
  return options;
}

ServerOptions admin_options(const Options& from) {
  ServerOptions options;
  options.name = "admin";
  options.address = from.admin_listener.address;
  options.port = from.admin_listener.port;
  return options;
}

secrets::TokenOptions token_options(const Options& from) {
  secrets::TokenOptions options;
  options.directory = from.data_dir;
  return options;
}

CurlOptions client_options(const Options& from) {
  CurlOptions options;
  options.addresses = from.addresses;
  options.ca_file = from.ca_file;
  return options;
}

}  // namespace

// Members in the order of their making; each may refer to those above it.
class Gateway::Core {
 public:
  explicit Core(Installation& installation)
      : in_(installation), clock_(loop_), random_(seed()), client_(loop_, clock_, client_options(in_.options)),
        tokens_(token_options(in_.options)), stay_(net::make_work_guard(loop_)), scope_(loop_.get_executor(), clock_) {}

  Result<Done> start(ExitCode& exit) {
    SqliteOptions journal;
    journal.directory = in_.options.data_dir;
    auto opened = SqliteJournal::open(std::move(journal), loop_, clock_);
    if (!opened) {
      exit = SqliteJournal::exit_code(opened.error());
      return opened.error();
    }
    journal_ = std::move(*opened);
    delivery_.emplace(in_.accounts, *journal_, client_, clock_, random_, in_.options.lookups);
    planner_.emplace(*journal_, clock_, random_, in_.rules, in_.options.patience);
    exit = ExitCode::usage;
    const auto served = start_servers();
    if (!served) return served.error();
    scope_.spawn(delivery_->run(scope_.stop_token()));
    scope_.spawn(planner_->run(scope_.stop_token()));
    thread_ = std::jthread([this] {
      ::pthread_setname_np(::pthread_self(), "delivery");
      loop_.run();
    });
    exit = ExitCode::ok;
    return Done{};
  }

  void stop(Duration patience) {
    if (!thread_.joinable()) return;
    public_->drain(patience);
    admin_->drain(patience);
    net::post(loop_, [this, patience] {
      scope_.cancel();
      finishing_ = std::make_unique<Scope>(loop_.get_executor(), clock_);
      finishing_->spawn(scope_.join(clock_.now() + patience), [this](Result<Done>) { loop_.stop(); });
    });
    thread_.join();
    journal_for_public_.reset();
    journal_.reset();
  }

  std::uint16_t public_port() const { return public_->port(); }
  std::uint16_t admin_port() const { return admin_->port(); }

 private:
  Result<Done> start_servers() {
    auto options = public_options(in_.options);
    if (!options) return options.error();
    public_ = std::make_unique<TransportServer>(std::move(*options));
    journal_for_public_ = journal_->on(public_->clock());
    public_random_.emplace(seed());
    ingress_ = std::make_unique<ingress::Ingress>(
        ingress::Ingress::Parts(*journal_for_public_, public_->clock(), *public_random_, in_.sources, in_.rules,
                                in_.accounts));
    public_->route("POST", "/v1/events", [this](RawRequest r) { return ingress_->events(std::move(r)); });
    public_->route("POST", "/v1/hooks/{destination}", [this](RawRequest r) { return ingress_->hook(std::move(r)); });

    admin_ = std::make_unique<ManagementServer>(admin_options(in_.options), loop_, clock_);
    api_.emplace(*journal_, clock_, random_, tokens_, make_views(shown()));
    api_->serve_on(*admin_);
    add_health(*public_);
    add_health(*admin_);
    const auto first = public_->start();
    if (!first) return first.error();
    return admin_->start();
  }

  Shown shown() {
    Shown shown;
    shown.accounts = &in_.accounts;
    shown.rules = &in_.rules;
    shown.delivery = &*delivery_;
    shown.ingress = ingress_.get();
    shown.public_server = public_.get();
    shown.clock = &clock_;
    return shown;
  }

  void add_health(HttpServer& server) {
    server.route("GET", "/livez", [](RawRequest) { return alive(); });
    const bool is_public = &server == public_.get();
    auto& journal = is_public ? *journal_for_public_ : *journal_;
    server.route("GET", "/readyz", [&journal](RawRequest) { return ready(journal); });
  }

  static Task<Reply> alive() { co_return Reply(200, "alive\n", Headers{{"content-type", "text/plain"}}); }

  // Ready means that the store answers; vendors have no say in it.
  static Task<Reply> ready(Journal& journal) {
    const auto committed = co_await journal.commit(Batch());
    if (committed) co_return Reply(200, "ready\n", Headers{{"content-type", "text/plain"}});
    Reply reply(503, "not ready: " + committed.error().detail + "\n", Headers{{"content-type", "text/plain"}});
    reply.retry_after = Duration{2s};
    co_return reply;
  }

  Installation& in_;
  Loop loop_;
  RealClock clock_;
  Random random_;
  CurlClient client_;
  secrets::Tokens tokens_;
  net::executor_work_guard<Loop::executor_type> stay_;
  Scope scope_;
  std::unique_ptr<Scope> finishing_;
  std::unique_ptr<SqliteJournal> journal_;
  std::optional<delivery::Station> delivery_;
  std::optional<Planner> planner_;
  std::unique_ptr<TransportServer> public_;
  std::unique_ptr<Journal> journal_for_public_;
  std::optional<Random> public_random_;
  std::unique_ptr<ingress::Ingress> ingress_;
  std::unique_ptr<HttpServer> admin_;
  std::optional<api::Api> api_;
  std::jthread thread_;
};

Gateway::Gateway(Installation& installation) : core_(std::make_unique<Core>(installation)) {}
Gateway::~Gateway() { core_->stop(Duration{0}); }
Result<Done> Gateway::start(ExitCode& exit) { return core_->start(exit); }
void Gateway::stop(Duration patience) { core_->stop(patience); }
std::uint16_t Gateway::public_port() const { return core_->public_port(); }
std::uint16_t Gateway::admin_port() const { return core_->admin_port(); }

}  // namespace baton::app
