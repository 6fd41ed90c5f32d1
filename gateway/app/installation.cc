#include "gateway/app/installation.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "connectors/sdk/account_secrets.h"
#include "connectors/sdk/read_account.h"
#include "connectors/sdk/registry.h"
#include "gateway/app/cli.h"
#include "gateway/app/decisions.h"
#include "gateway/app/mappings.h"
#include "gateway/app/people.h"
#include "gateway/base/text.h"
#include "gateway/config/options.h"
#include "gateway/handoff/advice.h"
#include "gateway/handoff/staffing.h"
#include "gateway/http/transport/certificate.h"
#include "gateway/http/transport/transport.h"
#include "secrets/durable_file.h"

namespace baton::app {
namespace {

handoff::KnownNames known_names(const Installation& from) {
  handoff::KnownNames known;
  for (const auto& [id, account] : from.accounts) known.destinations.push_back(id.text);
  for (const auto& [name, team] : from.teams) known.teams.push_back(name);
  known.can = sdk::abilities(from.accounts);
  return known;
}

// Whatever is opened from now on must not show up in a log, in any form.
void tell_redactor(secrets::Redactor& redactor, const Secret& value) {
  constexpr std::string_view kPrefix = "whsec_";
  redactor.add(value);
  if (!value.reveal().starts_with(kPrefix)) return;
  const auto encoded = value.reveal().substr(kPrefix.size());
  redactor.add(Secret(std::string(encoded)));
  if (auto key = from_base64(encoded)) redactor.add(Secret(std::move(*key)));
}

// A private key is many lines, and each of them is a part of it.
void tell_redactor_of_lines(secrets::Redactor& redactor, std::string_view pem) {
  constexpr std::size_t kShortest = 24;
  for (const auto line : split(pem, '\n')) {
    if (line.size() >= kShortest && !line.starts_with("-----")) redactor.add(Secret(std::string(trim(line))));
  }
}

secrets::Sources open_secrets(Installation& to, Problems& problems) {
  auto store = open_store(to.options);
  // Where nothing was ever set up, every {secret: ...} is reported where it stands, which says more.
  std::error_code ignored;
  const bool was_set_up = std::filesystem::exists(to.options.root_key_path, ignored) ||
                          std::filesystem::exists(to.options.data_dir + "/secrets.sealed", ignored);
  if (store) to.store = std::move(*store);
  else if (was_set_up) problems.add({}, "secrets", store.error().detail);
  secrets::Sources from;
  from.store = to.store.get();
  from.opened = [redactor = to.redactor.get()](const Secret& value) { tell_redactor(*redactor, value); };
  return from;
}

// Certificate and key of the public listener, proven to be usable together.
std::optional<TlsIdentity> read_tls(const Node& section, const Installation& in, Problems& problems) {
  const auto& options = in.options;
  if (options.tls_certificate.empty() || options.tls_key.empty()) return std::nullopt;
  const auto read = [&](const char* key, const std::string& path) {
    auto text = read_file(path);
    if (!text)
      problems.add(section[key].at(), std::string("listen.tls.") + key, "cannot read " + text.error().detail);
    return text;
  };
  auto chain = read("certificate", options.tls_certificate);
  auto key = read("key", options.tls_key);
  if (!chain || !key) return std::nullopt;
  tell_redactor_of_lines(*in.redactor, *key);
  TlsIdentity identity(std::move(*chain), Secret(std::move(*key)));
  ServerOptions trial;
  trial.tls.emplace("", Secret());
  const auto usable = TransportServer(std::move(trial)).reload_tls(identity);  // it listens nowhere
  if (!usable) problems.add(section.at(), "listen.tls", usable.error().detail);
  return identity;
}

// Plain http would show credentials and customers to everybody on the way.
void check_https(const Node& section, const Installation& in, Problems& problems) {
  if (in.options.addresses.allows_http()) return;
  for (const auto& [id, account] : in.accounts) {
    for (const auto& [field, value] : account->settings.all()) {
      if (!value.starts_with("http://")) continue;
      problems.add(section[id.text][field].at(), "destinations." + id.text + "." + field,
                   "`" + value +
                       "` is not https: nothing leaves unencrypted, unless `network.allow_http: true` "
                       "says so and `network.allow` lists the address");
    }
  }
}

void check_languages(const Node& teams, Installation& to, Problems& problems) {
  Problems unwise;
  handoff::check_languages(teams, to.messages, problems, unwise);
  for (const auto& problem : unwise.list()) to.advice.push_back(problem.text());
}

void read_alerts(const Node& section, Installation& to, Problems& problems) {
  alerts::Known known;
  known.destinations = sdk::abilities(to.accounts);
  for (const auto& [name, source] : to.sources) known.sources.push_back(name);
  for (const auto& rule : to.rules) {
    for (const auto& id : handoff::destinations(rule.to)) known.routed.push_back(id);
  }
  to.alerts = alerts::read_alerts(section, known, problems);
  if (section.missing()) return;
  for (auto& advice : alerts::advice(to.alerts, known)) to.advice.push_back(std::move(advice));
}

// Of destinations that handoffs go to; one for alerts to operators needs no clicks and knows no members.
void advise_on_routes(Installation& to) {
  std::set<DestinationId> routed;
  for (const auto& rule : to.rules) {
    for (const auto& id : handoff::destinations(rule.to)) routed.insert(id);
  }
  for (const auto& [id, account] : to.accounts) {
    if (!routed.contains(id)) continue;
    to.advice.insert(to.advice.end(), account->advice.begin(), account->advice.end());
  }
  for (auto& advice : advice_on_people(to.teams, to.rules)) to.advice.push_back(std::move(advice));
}

void advise_on_platforms(const Node& sources, Installation& to) {
  std::vector<handoff::PlatformInUse> used;
  for (const auto& [name, source] : to.sources) {
    if (!source.platform) continue;
    used.push_back(
        {sources[name]["platform"].at().text() + ": sources." + name + ".platform", *source.platform});
  }
  for (auto& line : handoff::advise_platforms(used, to.rules, sdk::abilities(to.accounts)))
    to.advice.push_back(std::move(line));
}

// Destinations at which people do something that only the vendor's webhooks tell.
std::set<DestinationId> where_people_work(const Installation& in) {
  std::set<DestinationId> all;
  for (const auto& rule : in.rules) {
    all.insert(rule.to.alerts.begin(), rule.to.alerts.end());
    if (rule.to.tickets) all.insert(*rule.to.tickets);
    if (rule.to.bugs) all.insert(*rule.to.bugs);
  }
  for (const auto& [name, source] : in.sources) {
    if (source.platform) all.insert(*source.platform);
  }
  return all;
}

void advise_on_webhooks(const Node& destinations, Installation& to) {
  for (const auto& id : where_people_work(to)) {
    const auto found = to.accounts.find(id);
    if (found == to.accounts.end()) continue;
    const auto& account = *found->second;
    std::vector<std::string> fields;
    for (const auto field : sdk::verifying_secrets(*account.connector, account.settings))
      fields.push_back("`" + std::string(field) + "`");
    const auto is_set = [&](const std::string& quoted) {
      return account.secrets.contains(quoted.substr(1, quoted.size() - 2));
    };
    // The connector may have said it in its own words.
    const auto is_told = [&](const std::string& quoted) {
      const auto setting = "." + quoted.substr(1, quoted.size() - 2) + ":";
      return std::ranges::any_of(
          account.advice, [&](const std::string& told) { return told.find(setting) != std::string::npos; });
    };
    if (fields.empty() || std::ranges::any_of(fields, is_set) || std::ranges::any_of(fields, is_told))
      continue;
    to.advice.push_back(
        destinations[id.text].at().text() + ": destinations." + id.text +
        ": no secret verifies what it sends, so that all of it is refused, and what people do there is "
        "learnt late by asking or not at all; set " +
        join(fields, " or "));
  }
}

// Where a vendor's new refresh token goes. The store outlives the accounts.
std::function<Result<Done>(std::string_view, const Secret&)> keeper(const sdk::Account& account,
                                                                    secrets::SealedStore& store) {
  return [names = account.stored_as, &store](std::string_view field, const Secret& value) -> Result<Done> {
    const auto name = names.find(field);
    if (name == names.end())
      return Failure(FailureKind::misconfigured, "it does not come from the sealed store");
    const auto now = std::chrono::floor<Duration>(std::chrono::system_clock::now());
    return store.put(name->second, value, now);
  };
}

std::function<Result<Secret>(std::string_view)> reader(const sdk::Account& account,
                                                       secrets::SealedStore& store) {
  return [names = account.stored_as, &store](std::string_view field) -> Result<Secret> {
    const auto name = names.find(field);
    if (name == names.end())
      return Failure(FailureKind::misconfigured, "it does not come from the sealed store");
    if (const auto read = store.refresh(); !read) return read.error();
    return store.get(name->second);
  };
}

// Whoever serves this store: another generation, another process.
class StoreTurn final : public sdk::Account::Turn {
 public:
  explicit StoreTurn(secrets::FileLock lock) : lock_(std::move(lock)) {}

 private:
  secrets::FileLock lock_;
};

// A lock per secret, not per destination: two destinations may share one.
std::function<Result<std::unique_ptr<sdk::Account::Turn>>(std::string_view)> turns(
    const sdk::Account& account, std::string directory) {
  using Turn = std::unique_ptr<sdk::Account::Turn>;
  return [names = account.stored_as, in = std::move(directory)](std::string_view field) -> Result<Turn> {
    const auto name = names.find(field);
    if (name == names.end())
      return Failure(FailureKind::misconfigured, "it does not come from the sealed store");
    auto lock = secrets::FileLock::take(in + "/renew." + name->second, Duration{0});
    if (lock) return Turn(std::make_unique<StoreTurn>(std::move(*lock)));
    if (lock.error().kind == FailureKind::retryable) return Turn();
    return lock.error();
  };
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
  auto redactor = secrets::Redactor::make();
  if (!redactor) {
    problems.add({}, "secrets", redactor.error().detail);
    loaded.problems = problems;
    return loaded;
  }
  to.redactor = std::move(*redactor);
  secrets::Sources sources;
  if (with_secrets) sources = open_secrets(to, problems);
  const auto* from = with_secrets ? &sources : nullptr;

  const auto calendars = handoff::read_calendars(configuration.section("calendars"), problems);
  to.teams = handoff::read_teams(configuration.section("teams"), calendars, problems);
  to.mappings = load_mappings(to.options.mappings_dir, to.connectors, problems);
  to.messages = load_messages(configuration.section("messages"), problems);
  const auto& destinations = configuration.section("destinations");
  to.accounts = sdk::read_accounts(destinations, to.connectors, from, problems);
  check_https(destinations, to, problems);
  to.claims = std::make_unique<Claims>(
      read_claims(configuration.section("claims"), to.options.public_url, from, problems));
  for (auto& [id, account] : to.accounts) {
    bind_mapping(*to.mappings, *account);
    bind_claims(*to.claims, *account);
    account->redact = [redact = to.redactor.get()](std::string_view text) { return redact->redact(text); };
    account->learn = [redact = to.redactor.get(), of = id.text + "/"](std::string_view kind,
                                                                      const Secret& value) {
      redact->remember(of + std::string(kind), value);
    };
    if (!to.store) continue;
    account->keep = keeper(*account, *to.store);
    account->latest = reader(*account, *to.store);
    account->turn = turns(*account, to.options.data_dir);
  }
  to.sources = ingress::read_sources(configuration.section("sources"), to.accounts, from, now, problems);
  bind_event_mappings(configuration.section("sources"), to.options.mappings_dir, to.sources, *to.mappings,
                      problems);
  if (with_secrets) to.tls = read_tls(configuration.section("listen")["tls"], to, problems);
  to.rules = handoff::read_rules(configuration.section("routes"), known_names(to), problems);
  to.decisions = load_decisions(configuration.section("decisions"), known_names(to).teams, problems);
  advise_on_routes(to);
  handoff::check_staffing(to.rules, to.decisions, to.teams, problems);
  check_languages(configuration.section("teams"), to, problems);
  advise_on_platforms(configuration.section("sources"), to);
  if (with_secrets) advise_on_webhooks(destinations, to);
  to.pilot = handoff::read_pilot(configuration.section("pilot"), to.rules, problems);
  to.bugs = handoff::read_bug_policy(configuration.section("bugs"), problems);
  read_alerts(configuration.section("alerts"), to, problems);
  if (to.tls) to.certificate_ends = certificate_ends(to.tls->chain_pem);
  to.retention = read_retention(configuration.section("retention"), problems);
  configuration.done();
  loaded.problems = problems;
  return loaded;
}

}  // namespace baton::app
