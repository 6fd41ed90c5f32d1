// serve, sim, send, demo.
#include <csignal>
#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <memory>
#include <random>

#include <CLI/CLI.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "gateway/app/blocking_client.h"
#include "gateway/app/commands.h"
#include "gateway/app/demo.h"
#include "gateway/app/gateway.h"
#include "gateway/app/log.h"
#include "gateway/app/sim.h"
#include "gateway/base/json_view.h"
#include "gateway/base/uuid.h"
#include "secrets/process_memory.h"
#include "secrets/webhook_signature.h"

namespace baton::app {
namespace {

// Blocked before any thread is made, so that only wait() gets them.
class Signals {
 public:
  explicit Signals(std::initializer_list<int> which) {
    ::sigemptyset(&set_);
    for (const int one : which) ::sigaddset(&set_, one);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);
  }
  int wait() const {
    int which = 0;
    ::sigwait(&set_, &which);
    return which;
  }

 private:
  sigset_t set_;
};

// Each connection, webhook and request is a descriptor; the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);  // what is there is enough for less traffic
}

// A bad file changes nothing and says so.
void reload(const Context& context, Gateway& gateway) {
  auto loaded = load_installation(context.config, true, wall_now());
  const auto& store = loaded.installation.store;
  if (loaded.problems.empty() && (store ? store->version() : 0) < gateway.secrets_version())
    loaded.problems.add({}, "secrets",
                        "the sealed store is older than the one in use: an older file was put back");
  if (!loaded.problems.empty()) {
    for (const auto& problem : loaded.problems.list()) log_error("not reloaded: " + problem.text());
    gateway.refuse_reload(loaded.problems);
    return;
  }
  const auto& fresh = loaded.installation.options;
  start_log(fresh.log_level, loaded.installation.redactor.get(), fresh.log_format);
  for (const auto& name : gateway.reload(std::move(loaded.installation))) {
    log_warning("`" + name + "` has changed and takes effect at the next start");
  }
  log_info("reloaded " + context.config);
}

ExitCode serve(const Context& context, bool no_lookups, bool accept_older_secrets) {
  if (std::getenv("SSLKEYLOGFILE")) {
    return complain(
        ExitCode::usage,
        "SSLKEYLOGFILE is set: whoever reads that file can decrypt every connection to every vendor, with "
        "all credentials. Nothing was started. Unset it first");
  }
  const Signals signals{SIGTERM, SIGINT, SIGHUP};
  raise_descriptor_limit();
  const auto not_private = secrets::keep_memory_private();  // before the first secret is read
  auto loaded = load_installation(context.config, true, wall_now());
  if (!loaded.problems.empty()) return complain(loaded.problems);
  loaded.installation.options.lookups = !no_lookups;
  loaded.installation.options.accept_older_secrets = accept_older_secrets;
  const auto options = loaded.installation.options;
  start_log(options.log_level, loaded.installation.redactor.get(), options.log_format);
  ExitCode exit = ExitCode::ok;
  Gateway gateway(std::move(loaded.installation), [] { ::kill(::getpid(), SIGHUP); });
  const auto started = gateway.start(exit);
  if (started) {
    log_info("ready: events on " + options.public_listener.address + ":" +
             std::to_string(gateway.public_port()) + ", management on " + options.admin_listener.address +
             ":" + std::to_string(gateway.admin_port()));
    for (const auto& reason : not_private) log_info(reason);
    if (no_lookups)
      log_warning("look-ups are disabled: duplicates will happen; this is only for demonstrations");
    while (signals.wait() == SIGHUP) reload(context, gateway);
    log_info("stopping: what was started is answered first");
    gateway.stop();
    log_info("stopped");
  } else {
    log_error(started.error().detail);
  }
  stop_log();  // before the gateway, whose redactor it uses
  return exit;
}

ExitCode sim(const SimOptions& options) {
  if (!options.address.starts_with("127.") && options.address != "::1") {
    return complain(ExitCode::usage, "simulated vendors listen on loopback only: " + options.address);
  }
  const Signals signals{SIGTERM, SIGINT};
  Sim simulator(options);
  const auto started = simulator.start();
  if (!started) return complain(ExitCode::unreachable, started.error().detail);
  for (const auto& name : simulated_vendors()) {
    std::cout << name << "  http://" << options.address << ":" << simulator.port() << "/" << name
              << std::endl;
  }
  (void)signals.wait();
  simulator.stop();
  return ExitCode::ok;
}

// Sends one event as a chat platform would: signed, with the source's own secret.
ExitCode send(const Context& context, const std::string& file, const std::string& source_name,
              const std::string& to) {
  const auto text = read_file(file);
  if (!text) return complain(ExitCode::finding, text.error().detail);
  const auto event = parse_json(*text, FailureKind::rejected, file);
  if (!event) return complain(ExitCode::finding, event.error().detail);
  auto loaded = load_installation(context.config, true, wall_now());
  if (!loaded.problems.empty()) return complain(loaded.problems);
  const auto& sources = loaded.installation.sources;
  const auto source = source_name.empty() ? sources.begin() : sources.find(source_name);
  if (source == sources.end()) return complain(ExitCode::usage, "no such source in " + context.config);
  const auto id = JsonView(*event)["id"].text();
  const auto now = wall_now();
  const auto signature = secrets::sign(id, now, *text, source->second.keys);
  if (!signature) return complain(ExitCode::finding, signature.error().detail);
  const auto& listener = loaded.installation.options.public_listener;
  const auto url = to.empty() ? "http://127.0.0.1:" + std::to_string(listener.port) : to;
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  Request request("POST", url + "/v1/events", *text,
                  {{"content-type", "application/cloudevents+json"},
                   {"webhook-id", id},
                   {"webhook-timestamp", std::to_string(seconds)},
                   {"webhook-signature", *signature}});
  BlockingClient client;
  const auto reply = client.exchange(std::move(request));
  if (!reply) return complain(ExitCode::unreachable, url + ": " + reply.error().detail);
  std::cout << reply->status << '\n' << reply->body << '\n';
  return reply->status == 202 ? ExitCode::ok : ExitCode::refused;
}

}  // namespace

void add_run_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto no_lookups = std::make_shared<bool>(false);
  auto* run = app.add_subcommand("serve", "Runs the gateway");
  auto accept_older = std::make_shared<bool>(false);
  run->add_flag("--accept-older-secrets", *accept_older,
                "Once, after a backup was restored on purpose: its secrets are older than the journal's");
  run->add_flag("--unsafe-no-lookups", *no_lookups,
                "Only to demonstrate what look-ups are for: makes duplicates");
  run->callback([&context, &chosen, no_lookups, accept_older] {
    chosen = [&context, no_lookups, accept_older] { return serve(context, *no_lookups, *accept_older); };
  });

  auto options = std::make_shared<SimOptions>();
  auto* vendors = app.add_subcommand("sim", "Runs the simulated vendors, on loopback");
  vendors->add_option("--address", options->address, "Loopback address")->capture_default_str();
  vendors->add_option("--port", options->port, "Port")->capture_default_str();
  vendors->add_option("--baton", options->baton_url, "Where their webhooks go")->capture_default_str();
  vendors->callback([&chosen, options] { chosen = [options] { return sim(*options); }; });

  auto file = std::make_shared<std::string>();
  auto source = std::make_shared<std::string>();
  auto to = std::make_shared<std::string>();
  auto* one = app.add_subcommand("send", "Sends an event, signed as its source would");
  one->add_option("event", *file, "The CloudEvent as JSON; - for standard input")->required();
  one->add_option("--source", *source, "The source of the configuration; default: the first");
  one->add_option("--to", *to, "The public listener; default: the configuration's port on this machine");
  one->callback([&context, &chosen, file, source, to] {
    chosen = [&context, file, source, to] { return send(context, *file, *source, *to); };
  });

  auto demo_options = std::make_shared<DemoOptions>();
  auto* show = app.add_subcommand("demo", "Plays handoffs against simulated vendors and shows their way");
  show->add_flag("--keep", demo_options->keep, "Leaves everything running afterwards");
  show->add_flag("--no-lookups", demo_options->no_lookups, "Disables look-ups, to see the duplicates");
  show->add_flag("--plain", demo_options->plain, "No colours");
  show->add_option("--directory", demo_options->directory,
                   "Where its files go; default: a new temporary one");
  show->callback([&chosen, demo_options] { chosen = [demo_options] { return demo(*demo_options); }; });
}

}  // namespace baton::app
