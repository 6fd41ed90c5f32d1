#include "gateway/app/installation.h"

#include <charconv>

#include "connectors/sdk/read_account.h"
#include "connectors/sdk/registry.h"
#include "gateway/app/mappings.h"
#include "gateway/config/options.h"

namespace baton::app {
namespace {

// "127.0.0.1:8080" or "[::1]:8080"; port 0 takes any free one.
Listener read_listener(Fields& in, std::string_view key, std::string_view otherwise) {
  const auto text = in.text(key, otherwise);
  Listener listener;
  const auto colon = text.rfind(':');
  const auto port = colon == std::string::npos ? std::string_view() : std::string_view(text).substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listener.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    in.report(key, "`" + text + "` must be an address and a port, such as 127.0.0.1:8080");
    return listener;
  }
  listener.address = text.substr(0, colon);
  if (listener.address.starts_with('[') && listener.address.ends_with(']')) {
    listener.address = listener.address.substr(1, listener.address.size() - 2);
  }
  return listener;
}

void read_listen(const Node& section, Options& options, Problems& problems) {
  Fields in(section, "listen", problems);
  options.public_listener = read_listener(in, "public", "0.0.0.0:8080");
  options.admin_listener = read_listener(in, "admin", "127.0.0.1:8081");
  Fields tls(in.node("tls"), "listen.tls", problems);
  options.tls_certificate = tls.text("certificate");
  options.tls_key = tls.text("key");
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    problems.add(section["tls"].at(), "listen.tls", "needs both certificate and key, each a PEM file");
  }
  tls.done();
  in.done();
}

void read_network(const Node& section, Options& options, Problems& problems) {
  Fields in(section, "network", problems);
  const auto allow = in.texts("allow");
  const bool allow_http = in.boolean("allow_http", false);
  options.ca_file = in.text("ca_file");
  auto policy = AddressPolicy::parse(allow, allow_http);
  if (policy) options.addresses = std::move(*policy);
  else in.report("allow", policy.error().detail);
  in.done();
}

void read_limits(const Node& section, Options& options, Problems& problems) {
  Fields in(section, "limits", problems);
  auto& patience = options.patience;
  patience.context = in.duration("context", patience.context);
  patience.late_context = in.duration("late_context", patience.late_context);
  patience.ticket = in.duration("ticket", patience.ticket);
  patience.first_reply = in.duration("first_reply", patience.first_reply);
  in.done();
}

Options read_options(config::Configuration& configuration) {
  auto& problems = configuration.problems();
  Options options;
  options.public_url = configuration.text("public_url");
  options.data_dir = configuration.text("data_dir", "data");
  options.mappings_dir = configuration.text("mappings");
  read_listen(configuration.section("listen"), options, problems);
  read_network(configuration.section("network"), options, problems);
  read_limits(configuration.section("limits"), options, problems);
  Fields secrets(configuration.section("secrets"), "secrets", problems);
  options.root_key_path = secrets.text("root_key", options.data_dir + "/root.key");
  secrets.done();
  Fields log(configuration.section("log"), "log", problems);
  const std::vector<std::string> levels = {"trace", "debug", "info", "warning", "error"};
  options.log_level = log.one_of("level", "info", levels);
  log.done();
  return options;
}

handoff::KnownNames known_names(const Installation& from) {
  handoff::KnownNames known;
  for (const auto& [id, account] : from.accounts) known.destinations.push_back(id.text);
  for (const auto& [name, team] : from.teams) known.teams.push_back(name);
  return known;
}

void open_secrets(Installation& to, Problems& problems) {
  auto redactor = secrets::Redactor::make();
  if (redactor) to.redactor = std::move(*redactor);
  else problems.add({}, "secrets", redactor.error().detail);
  auto store = open_store(to.options);
  // Without a store every {secret: ...} is reported where it stands, which says more.
  if (store) to.store = std::move(*store);
}

// Whatever is opened from now on must not show up in a log.
void protect_secrets(Installation& in) {
  if (!in.redactor) return;
  for (const auto& [id, account] : in.accounts) {
    for (const auto& [field, values] : account->secrets) {
      for (const auto& value : values) in.redactor->add(value);
    }
    account->redact = [redactor = in.redactor.get()](std::string_view text) { return redactor->redact(text); };
  }
}

}  // namespace

Installation::Installation() = default;
Installation::~Installation() = default;
Installation::Installation(Installation&&) noexcept = default;

Result<std::unique_ptr<secrets::SealedStore>> open_store(const Options& options) {
  secrets::StoreOptions store;
  store.directory = options.data_dir;
  store.root_key_path = options.root_key_path;
  return secrets::SealedStore::open(std::move(store));
}

Loaded load_installation(const std::string& path, bool with_secrets, TimePoint now) {
  Loaded loaded;
  auto& to = loaded.installation;
  config::Configuration configuration(config::load(path));
  auto& problems = configuration.problems();
  to.files = configuration.files();
  to.options = read_options(configuration);
  to.connectors = sdk::make_connectors();
  open_secrets(to, problems);

  secrets::Sources from;
  from.store = to.store.get();
  const auto calendars = config::read_calendars(configuration.section("calendars"), problems);
  to.teams = config::read_teams(configuration.section("teams"), calendars, problems);
  to.mappings = load_mappings(to.options.mappings_dir, to.connectors, problems);
  to.accounts = sdk::read_accounts(configuration.section("destinations"), to.connectors,
                                   with_secrets ? &from : nullptr, problems);
  for (auto& [id, account] : to.accounts) bind_mapping(*to.mappings, *account);
  protect_secrets(to);
  to.sources = ingress::read_sources(configuration.section("sources"), from, now, problems);
  to.rules = handoff::read_rules(configuration.section("routes"), known_names(to), problems);
  configuration.done();
  loaded.problems = problems;
  return loaded;
}

Options read_options_only(const std::string& path, Problems& problems) {
  config::Configuration configuration(config::load(path));
  auto options = read_options(configuration);
  problems = configuration.problems();
  return options;
}

}  // namespace baton::app
