#include "gateway/app/gateway.h"

#include <future>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include "gateway/app/generation.h"
#include "gateway/app/renewed.h"
#include "gateway/app/secrets_version.h"
#include "gateway/app/upkeep.h"
#include "gateway/app/views.h"
#include "gateway/base/handback.h"
#include "gateway/http/cpprest/management_server.h"
#include "gateway/http/curl/curl_client.h"
#include "gateway/journal/sqlite/sqlite.h"

namespace baton::app {
namespace {

std::uint64_t seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

ServerOptions public_options(Installation& from) {
  ServerOptions options;
  options.name = "public";
  options.address = from.options.public_listener.address;
  options.port = from.options.public_listener.port;
  options.limits.connections_per_peer = static_cast<std::size_t>(from.options.connections_per_peer);
  options.tls = std::exchange(from.tls, std::nullopt);
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

// What a reload cannot change, by its name in the configuration.
std::vector<std::string> fixed_until_restart(const Options& now, const Options& next, bool tls_changes) {
  std::vector<std::string> names;
  const auto compare = [&](const char* name, const auto& a, const auto& b) {
    if (a != b) names.emplace_back(name);
  };
  const auto where = [](const Listener& at) { return std::pair(at.address, at.port); };
  compare("listen.public", where(now.public_listener), where(next.public_listener));
  compare("listen.admin", where(now.admin_listener), where(next.admin_listener));
  compare("listen.connections_per_peer", now.connections_per_peer, next.connections_per_peer);
  compare("data_dir", now.data_dir, next.data_dir);
  compare("secrets.root_key", now.root_key_path, next.root_key_path);
  compare("network.ca_file", now.ca_file, next.ca_file);
  if (tls_changes) names.emplace_back("listen.tls");
  return names;
}

std::vector<FieldError> to_errors(const Problems& problems) {
  std::vector<FieldError> errors;
  for (const auto& problem : problems.list()) {
    auto& error = errors.emplace_back();
    error.pointer = problem.path;
    error.code = "configuration";
    error.detail = problem.text();
  }
  return errors;
}

// What a person can do about a listener that could not be opened.
Failure not_opened(std::string_view key, const Listener& at, const Failure& why) {
  const auto port = std::to_string(at.port);
  return Failure(why.kind, "cannot " + why.detail + ". Nothing was started. Change `listen." +
                               std::string(key) + "`, or end what has the port (`ss -ltnp 'sport = :" + port +
                               "'` shows it)");
}

}  // namespace

// Members in the order of their making; each may refer to those above it.
class Gateway::Core {
 public:
  Core(Installation installation, std::function<void()> ask_for_reload)
      : first_(std::move(installation)), options_(first_->options),
        ask_for_reload_(std::move(ask_for_reload)), clock_(loop_), random_(seed()),
        client_(loop_, clock_, client_options(options_)), tokens_(token_options(options_)),
        stay_(net::make_work_guard(loop_)), scope_(loop_, clock_) {}

  Result<Done> start(ExitCode& exit) {
    SqliteOptions journal;
    journal.directory = options_.data_dir;
    auto opened = SqliteJournal::open(std::move(journal), loop_, clock_);
    if (!opened) {
      exit = SqliteJournal::exit_code(opened.error());
      return opened.error();
    }
    journal_ = std::move(*opened);
    if (const auto known = check_secrets(); !known) {
      exit = ExitCode::secrets_failed;
      journal_.reset();
      return known.error();
    }
    make_servers();
    thread_ = std::jthread([this] {
      ::pthread_setname_np(::pthread_self(), "delivery");
      loop_.run();
    });
    exit = ExitCode::unreachable;
    const auto listening = listen();
    if (!listening) {
      stop(Duration{0});
      return listening.error();
    }
    net::post(loop_, [this] {
      now_->begin();
      scope_.spawn(close_idle_connections());
    });
    exit = ExitCode::ok;
    return Done{};
  }

  void stop(Duration patience) {
    if (!thread_.joinable()) return;
    drop_askers();
    upkeep_->stop();
    public_->drain(patience);
    admin_->drain(patience);
    net::post(loop_, [this, patience] {
      scope_.cancel();
      now_->scope.cancel();
      finishing_ = std::make_unique<Scope>(loop_, clock_);
      finishing_->spawn(join(clock_.now() + patience), [this](Result<Done>) { loop_.stop(); });
    });
    thread_.join();
    (void)take_queue_askers();  // while the loop that they wait on is there
    journal_for_public_.reset();
    journal_.reset();
  }

  std::vector<std::string> reload(Installation next) {
    next.options.lookups = options_.lookups;
    const auto secrets_version = secrets_version_ = next.store ? next.store->version() : 0;
    const bool with_tls = secure_ && next.tls;
    const auto unchanged = fixed_until_restart(options_, next.options, secure_ != next.tls.has_value());
    if (with_tls) (void)public_->reload_tls(*next.tls);  // it was proven when it was read
    auto generation = std::make_shared<Generation>(std::move(next), ground());
    std::promise<void> public_changed, delivery_changed;
    net::post(public_->loop(), [&] {
      for_public_ = generation;
      public_changed.set_value();
    });
    public_changed.get_future().wait();
    net::post(loop_, [&] {
      change_to(generation);
      if (secrets_version > 0) scope_.spawn(remember_secrets(*journal_, secrets_version, true));
      delivery_changed.set_value();
    });
    delivery_changed.get_future().wait();
    answer_askers({});
    ++reloads_.done;
    reloads_.last_ok = true;
    return unchanged;
  }

  std::uint64_t secrets_version() const { return secrets_version_; }

  void refuse_reload(const Problems& problems) {
    auto why = problems.list().empty() ? std::string("it has problems") : problems.list().front().text();
    net::post(loop_, [this, text = std::move(why)] { now_->reload_failed = text; });
    answer_askers(to_errors(problems));
    ++reloads_.refused;
    reloads_.last_ok = false;
  }

  std::uint16_t public_port() const { return public_->port(); }
  std::uint16_t admin_port() const { return admin_->port(); }

 private:
  using Asker = Handback<std::vector<FieldError>>;
  using Handle = Task<Reply> (ingress::Ingress::*)(RawRequest);

  // Before the loop has a thread of its own.
  Result<Done> check_secrets() {
    if (!first_->store) return Done{};
    secrets_version_ = first_->store->version();
    std::optional<Result<Done>> known;
    scope_.spawn(remember_secrets(*journal_, secrets_version_, options_.accept_older_secrets),
                 [&](Result<Done> done) { known.emplace(std::move(done)); });
    while (!known) loop_.run_one();
    return *known;
  }

  void make_servers() {
    auto options = public_options(*first_);
    secure_ = options.tls.has_value();
    public_ = std::make_unique<TransportServer>(std::move(options));
    journal_for_public_ = journal_->on(public_->clock());
    public_random_.emplace(seed());
    now_ = for_public_ = std::make_shared<Generation>(std::move(*first_), ground());
    first_.reset();
    take("POST", "/v1/events", &ingress::Ingress::events);
    take("POST", "/v1/decisions", &ingress::Ingress::decisions);
    take("POST", "/v1/in/{source}", &ingress::Ingress::platform);
    take("HEAD", "/v1/in/{source}", &ingress::Ingress::is_there);
    take("POST", "/v1/hooks/{destination}", &ingress::Ingress::hook);
    take("HEAD", "/v1/hooks/{destination}", &ingress::Ingress::is_there);
    take_claims("GET", &api::ClaimPage::show);
    take_claims("POST", &api::ClaimPage::claim);

    admin_ = std::make_unique<ManagementServer>(admin_options(options_), loop_, clock_);
    backlogs_.emplace(*journal_, clock_);
    readiness_.emplace(loop_.get_executor(), clock_, *journal_);
    public_readiness_.emplace(public_->loop().get_executor(), public_->clock(), *journal_for_public_);
    show(*now_);
    upkeep_.emplace(*journal_, clock_, scope_, options_.data_dir);
    auto views = make_views(shown_, [this] { return ask_for_reload(); });
    views.store = [this] { return upkeep_->state(); };
    views.store_task = [this](api::StoreTask task) { return upkeep_->start(std::move(task)); };
    api_.emplace(*journal_, clock_, random_, tokens_, std::move(views));
    api_->serve_on(*admin_);
    add_health(*public_);
    add_health(*admin_);
  }

  void take(const char* method, const char* pattern, Handle handle) {
    public_->route(method, pattern, [this, handle](RawRequest request) {
      return serve(for_public_, handle, std::move(request));
    });
  }

  static Task<Reply> serve(GenerationPtr by, Handle handle, RawRequest request) {
    co_return co_await (by->ingress.*handle)(std::move(request));
  }

  using Page = Task<Reply> (api::ClaimPage::*)(RawRequest);
  void take_claims(const char* method, Page page) {
    constexpr RouteLimits kForm{.max_body_bytes = 16 * 1024};
    public_->route(
        method, "/claim/{token}",
        [this, page](RawRequest request) { return serve_page(for_public_, page, std::move(request)); },
        kForm);
  }

  static Task<Reply> serve_page(GenerationPtr by, Page page, RawRequest request) {
    if (!by->claims) {
      co_return Reply(404, "This gateway has no claim page: its configuration names no `claims.key`.\n",
                      Headers{{"content-type", "text/plain; charset=utf-8"}});
    }
    co_return co_await ((*by->claims).*page)(std::move(request));
  }

  Ground ground() {
    return Ground{loop_,
                  clock_,
                  *journal_,
                  random_,
                  client_,
                  public_->clock(),
                  *journal_for_public_,
                  *public_random_,
                  *journal_,
                  [this](Person person) { return ask_to_erase(std::move(person)); },
                  [this](std::size_t most) { return ask_queue(most); }};
  }

  // The store's upkeep belongs to the delivery loop; who asks here is on the public one.
  Task<Done> ask_to_erase(Person person) {
    auto start = [this, &person](Handback<Done> asker) {
      net::post(loop_, [this, whom = std::move(person), asker = std::move(asker)]() mutable {
        scope_.spawn(erase(std::move(whom), std::move(asker)));
      });
    };
    co_return co_await from_thread<Done>(public_->clock(), start);
  }
  Task<Done> erase(Person person, Handback<Done> asker) {
    api::StoreTask task(api::StoreTask::Kind::erase);
    task.person = std::move(person);
    const auto state = co_await upkeep_->start(std::move(task));
    if (!state) {
      asker.complete(state.error());
    } else if (JsonView(*state)["state"].text() == "done") {
      log_info("a person whom a vendor deleted was erased here too: " +
               state->value("result", nlohmann::json()).dump());
      asker.complete(Done{});
    } else {
      asker.complete(Failure(FailureKind::retryable, "the erasure is " + JsonView(*state)["state"].text()));
    }
    co_return Done{};
  }

  // The board belongs to the delivery loop; who asks here is on the public one.
  Task<nlohmann::json> ask_queue(std::size_t most) {
    auto start = [this, most](Handback<nlohmann::json> asker) {
      {
        const std::lock_guard lock(mutex_);
        queue_askers_.emplace_back(most, std::move(asker));
      }
      net::post(loop_, [this] { answer_queue_askers(); });
    };
    co_return co_await from_thread<nlohmann::json>(public_->clock(), start);
  }
  void answer_queue_askers() {
    for (auto& [most, asker] : take_queue_askers()) asker.complete(now_->board.to_json(clock_.now(), most));
  }
  using QueueAskers = std::vector<std::pair<std::size_t, Handback<nlohmann::json>>>;
  QueueAskers take_queue_askers() {
    const std::lock_guard lock(mutex_);
    return std::exchange(queue_askers_, {});
  }

  // On the delivery loop.
  void change_to(const GenerationPtr& next) {
    scope_.spawn(resume_parked(*journal_, clock_, renewed(now_->in.accounts, next->in.accounts)));
    now_->scope.cancel();
    std::erase_if(retired_,
                  [](const auto& old) { return old.use_count() == 1 && old->scope.running() == 0; });
    retired_.push_back(std::exchange(now_, next));
    client_.use(now_->in.options.addresses);
    show(*now_);
    now_->begin();
  }

  Task<Done> join(TimePoint deadline) {
    (void)co_await now_->scope.join(deadline);
    for (const auto& old : retired_) (void)co_await old->scope.join(deadline);
    co_return co_await scope_.join(deadline);
  }

  // On the delivery loop; its answer comes when the owner has read the files.
  Task<std::vector<FieldError>> ask_for_reload() {
    if (!ask_for_reload_)
      co_return Failure(FailureKind::retryable, "this gateway cannot read its files again");
    auto start = [this](Asker asker) {
      {
        const std::lock_guard lock(mutex_);
        askers_.push_back(std::move(asker));
      }
      ask_for_reload_();
    };
    co_return co_await from_thread<std::vector<FieldError>>(clock_, start);
  }

  std::vector<Asker> take_askers() {
    const std::lock_guard lock(mutex_);
    return std::exchange(askers_, {});
  }
  void answer_askers(const std::vector<FieldError>& problems) {
    for (auto& asker : take_askers()) asker.complete(problems);
  }
  void drop_askers() { (void)take_askers(); }

  // All or nothing: the public one last, so that no event is taken by a gateway that does not start.
  Result<Done> listen() {
    const auto admin = admin_->start();
    if (!admin) return not_opened("admin", options_.admin_listener, admin.error());
    const auto world = public_->start();
    if (!world) return not_opened("public", options_.public_listener, world.error());
    return Done{};
  }

  // The client forgets a kept connection after a while, but closes it only when asked to.
  Task<Done> close_idle_connections() {
    constexpr auto kEvery = Duration{60s};
    const auto stop = scope_.stop_token();
    while (!stop.stop_requested()) {
      (void)co_await clock_.until(clock_.now() + kEvery, stop);
      client_.close_idle();
    }
    co_return Done{};
  }

  // What the API's views show is read on the delivery loop, where this is called.
  void show(Generation& generation) {
    shown_.accounts = &generation.in.accounts;
    shown_.rules = &generation.in.rules;
    shown_.teams = &generation.in.teams;
    shown_.board = &generation.board;
    shown_.delivery = &generation.delivery;
    shown_.ingress = &generation.ingress;
    shown_.public_server = public_.get();
    shown_.clock = &clock_;
    shown_.client = &client_;
    shown_.backlogs = &*backlogs_;
    shown_.readiness = &*readiness_;
    shown_.planner = &generation.planner;
    shown_.store = journal_.get();
    shown_.secrets = generation.in.store.get();
    shown_.reloads = &reloads_;
    shown_.started_at = started_at_;
    shown_.certificate_ends = generation.in.certificate_ends;
  }

  void add_health(HttpServer& server) {
    server.route("GET", "/livez", [](RawRequest) { return alive(); });
    const bool is_public = &server == public_.get();
    auto& readiness = is_public ? *public_readiness_ : *readiness_;
    server.route("GET", "/readyz", [&readiness](RawRequest) { return ready(readiness); });
  }

  static Task<Reply> alive() { co_return Reply(200, "alive\n", Headers{{"content-type", "text/plain"}}); }

  // Ready means that the store answers; vendors have no say in it.
  static Task<Reply> ready(health::Readiness& readiness) {
    const auto committed = co_await readiness.ready();
    if (committed) co_return Reply(200, "ready\n", Headers{{"content-type", "text/plain"}});
    Reply reply(503, "not ready: " + committed.error().detail + "\n",
                Headers{{"content-type", "text/plain"}});
    reply.retry_after = Duration{2s};
    co_return reply;
  }

  std::optional<Installation> first_;  // until the stations exist
  const Options options_;              // of the start
  std::uint64_t secrets_version_ = 0;  // of the sealed store; on the owner's thread
  const std::function<void()> ask_for_reload_;
  std::mutex mutex_;
  std::vector<Asker> askers_;  // under mutex_
  QueueAskers queue_askers_;   // under mutex_
  Loop loop_;
  RealClock clock_;
  Random random_;
  CurlClient client_;
  secrets::Tokens tokens_;
  net::executor_work_guard<Loop::executor_type> stay_;
  Scope scope_;
  std::unique_ptr<Scope> finishing_;
  std::unique_ptr<SqliteJournal> journal_;
  std::unique_ptr<TransportServer> public_;
  std::unique_ptr<Journal> journal_for_public_;
  std::optional<Random> public_random_;
  bool secure_ = false;
  GenerationPtr now_;                   // of the delivery loop
  std::vector<GenerationPtr> retired_;  // of the delivery loop: they end what they have begun
  GenerationPtr for_public_;            // of the public loop
  std::optional<health::Backlogs> backlogs_;
  std::optional<health::Readiness> readiness_, public_readiness_;
  Reloads reloads_;
  const TimePoint started_at_ = clock_.now();
  Shown shown_;
  std::unique_ptr<HttpServer> admin_;
  std::optional<StoreUpkeep> upkeep_;
  std::optional<api::Api> api_;
  std::jthread thread_;
};

Gateway::Gateway(Installation installation, std::function<void()> ask_for_reload)
    : core_(std::make_unique<Core>(std::move(installation), std::move(ask_for_reload))) {}
Gateway::~Gateway() { core_->stop(Duration{0}); }
Result<Done> Gateway::start(ExitCode& exit) { return core_->start(exit); }
void Gateway::stop(Duration patience) { core_->stop(patience); }
std::vector<std::string> Gateway::reload(Installation next) { return core_->reload(std::move(next)); }
void Gateway::refuse_reload(const Problems& problems) { core_->refuse_reload(problems); }
std::uint64_t Gateway::secrets_version() const { return core_->secrets_version(); }
std::uint16_t Gateway::public_port() const { return core_->public_port(); }
std::uint16_t Gateway::admin_port() const { return core_->admin_port(); }

}  // namespace baton::app
