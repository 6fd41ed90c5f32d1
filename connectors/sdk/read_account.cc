#include "connectors/sdk/read_account.h"

#include <algorithm>

#include "connectors/sdk/account_secrets.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::sdk {
namespace {

const Connector* find_connector(const std::string& name, std::span<const ConnectorPtr> connectors,
                                Fields& in) {
  std::vector<std::string> known;
  for (const auto& connector : connectors) {
    if (connector->manifest().name == name) return connector.get();
    known.emplace_back(connector->manifest().name);
  }
  in.report("connector", "there is no connector `" + name + "`" + did_you_mean(name, known) +
                             "; `baton connectors list` names those of this build");
  return nullptr;
}

bool is_web_address(std::string_view url) {
  const auto scheme = url.find("://");
  return scheme != std::string_view::npos && (url.starts_with("https://") || url.starts_with("http://")) &&
         url.size() > scheme + 3 && url.find_first_of(" \t\r\n?#@") == std::string_view::npos;
}

std::string read_base_url(const Manifest& manifest, Fields& in) {
  auto url = in.text("base_url", manifest.base_url);
  while (url.ends_with('/')) url.pop_back();
  if (url.empty()) in.report("base_url", "is required: the account's address, https://...");
  else if (!is_web_address(url)) {
    in.report("base_url", "`" + url + "` must be an address such as https://acme.example.com");
  }
  return url;
}

Limits read_limits(const Limits& defaults, Fields& in) {
  Fields limits(in.node("limits"), in.path_of("limits"), in.problems());
  Limits to = defaults;
  to.per_second = static_cast<int>(limits.integer("per_second", defaults.per_second, 1, 10'000));
  to.burst = static_cast<int>(limits.integer("burst", std::max(defaults.burst, to.per_second), 1, 100'000));
  to.at_once = static_cast<int>(limits.integer("at_once", defaults.at_once, 1, 256));
  if (defaults.stop_lookups_above > 0) {
    to.stop_lookups_above =
        static_cast<int>(limits.integer("stop_lookups_above", defaults.stop_lookups_above, 1, 100));
    const int slow = std::min(defaults.slow_lookups_above, to.stop_lookups_above);
    to.slow_lookups_above = static_cast<int>(limits.integer("slow_lookups_above", slow, 1, 100));
    if (to.slow_lookups_above > to.stop_lookups_above)
      limits.report("slow_lookups_above", "must not be above stop_lookups_above, which is " +
                                              std::to_string(to.stop_lookups_above) + " (percent)");
  }
  limits.done();
  return to;
}

// Secrets say themselves where they were referred to; a problem says it too.
std::string without_place(const std::string& detail, const Position& at) {
  const auto place = at.text() + ": ";
  return detail.starts_with(place) ? detail.substr(place.size()) : detail;
}

void check_shape(const Field& field, std::string_view value, Fields& in) {
  if (!field.wrong || value.empty()) return;
  if (const auto why = field.wrong(value); !why.empty()) in.report(field.name, std::string(why));
}

// Of several values, while a secret is being rotated, any may be sent.
void check_shape(const Field& field, const std::vector<Secret>& values, Fields& in) {
  if (!field.wrong) return;
  for (const auto& value : values) {
    const auto why = field.wrong(value.reveal());
    if (!why.empty()) return in.report(field.name, std::string(why));
  }
}

std::string lacking(const Field& field) {
  return "is required: " + std::string(field.doc) + (field.doc.ends_with('.') ? "" : ".") +
         " Write {secret: NAME} and run `baton secret set NAME`";
}

void read_secret(const Field& field, Fields& in, const secrets::Sources* secrets, Account& account) {
  const auto& node = in.node(field.name);
  if (node.missing()) {
    if (field.need == Need::secret) in.report(field.name, lacking(field));
    return;
  }
  const auto reference = secrets::read_reference(node, in.path_of(field.name), in.problems());
  if (!reference) return;
  if (reference->source == secrets::SecretSource::secret)
    account.stored_as[std::string(field.name)] = reference->name;
  if (!secrets) return;
  auto values = secrets::resolve_all(*reference, *secrets);
  if (!values) return in.report(field.name, without_place(values.error().detail, reference->at));
  check_shape(field, *values, in);
  account.secrets[std::string(field.name)] = std::move(*values);
}

// What the settings come to together; whether that can work.
bool judge(Account& account, Fields& in) {
  bool works = true;
  const auto has = [&](std::string_view field) { return !in.node(field).missing(); };
  for (const auto& remark : account.connector->judge(account.settings, has)) {
    works &= !remark.refused;
    if (remark.refused) in.report(remark.field, std::string(remark.text));
    else account.advice.push_back(in.path_of(remark.field) + ": " + std::string(remark.text));
  }
  return works;
}

// A refresh token that the vendor replaces must be put somewhere.
void check_refresh_token(const Account& account, Fields& in) {
  const auto auth = account.connector->auth(account.settings);
  const auto* scheme = std::get_if<RefreshToken>(&auth);
  if (!scheme || account.stored_as.contains(scheme->refresh_field)) return;
  const bool lacks = in.node(scheme->refresh_field).missing();
  in.report(scheme->refresh_field,
            std::string(lacks ? "is required" : "must be {secret: NAME}") +
                ": the vendor replaces this token, and Baton keeps the new one in its sealed store" +
                (lacks ? ". Write {secret: NAME} and run `baton secret set NAME`" : ""));
}

// A secret may be optional because there are several ways to authorise: one of them must be whole.
void check_authorisation(const Account& account, Fields& in) {
  const auto auth = account.connector->auth(account.settings);
  const auto ways = other_ways(*account.connector, account.settings);
  const auto or_else = ways.empty() ? std::string() : "; or set " + join(ways, ", or ");
  const auto needed = authorising_secret(auth);
  const auto* oauth = std::get_if<ClientCredentials>(&auth);
  if (oauth && oauth->client_id.empty()) {
    return in.report("client_id", "is required: without it and `" + needed +
                                      "` there is no access token, and every request is refused" + or_else);
  }
  const auto& fields = account.connector->manifest().fields;
  const auto field = std::ranges::find(fields, needed, &Field::name);
  // One that is always required was missed where it was read.
  if (field == fields.end() || field->need != Need::optional_secret || !in.node(needed).missing()) return;
  in.report(needed, "is required, or every request is refused: " + std::string(field->doc) +
                        (field->doc.ends_with('.') ? "" : ".") +
                        " Write {secret: NAME} and run `baton secret set NAME`" + or_else);
}

// A day ends it when it begins: who is warned too early loses nothing.
std::optional<TimePoint> read_credential_end(Fields& in) {
  const auto text = in.text("credential_expires");
  if (text.empty()) return std::nullopt;
  const auto end = parse_rfc3339(text.find('T') == std::string::npos ? text + "T00:00:00Z" : text);
  if (!end)
    in.report("credential_expires", "must be a day like 2027-03-31, or an instant as RFC 3339 has it");
  return end;
}

std::unique_ptr<Account> read_account(const Node::Member& entry, std::span<const ConnectorPtr> connectors,
                                      const secrets::Sources* secrets, Problems& problems) {
  Fields in(entry.value, "destinations." + entry.key, problems);
  auto account = std::make_unique<Account>();
  account->id = DestinationId(entry.key);
  account->workspace = WorkspaceId(in.text("workspace", "main"));
  account->connector = find_connector(in.text("connector", entry.key), connectors, in);
  if (!account->connector) return nullptr;  // its fields cannot be judged
  const auto& manifest = account->connector->manifest();
  account->base_url = read_base_url(manifest, in);
  account->limits = read_limits(manifest.limits, in);
  Settings::Values values;
  for (const auto& field : manifest.fields) {
    if (field.need == Need::secret || field.need == Need::optional_secret) {
      read_secret(field, in, secrets, *account);
      continue;
    }
    const bool required = field.need == Need::required;
    auto& value = values[std::string(field.name)] =
        required ? in.required_text(field.name) : in.text(field.name, field.fallback);
    check_shape(field, value, in);
  }
  values["base_url"] = account->base_url;
  account->settings = Settings(std::move(values));
  check_refresh_token(*account, in);
  if (judge(*account, in)) check_authorisation(*account, in);
  account->credential_ends = read_credential_end(in);
  in.done();
  return account;
}

}  // namespace

Accounts read_accounts(const Node& section, std::span<const ConnectorPtr> connectors,
                       const secrets::Sources* secrets, Problems& problems) {
  Accounts accounts;
  if (section.kind() != Node::Kind::map && !section.missing()) {
    problems.add(section.at(), "destinations", "must be a map of names and settings");
  }
  for (const auto& entry : section.members()) {
    const bool plain = !entry.key.empty() && std::ranges::all_of(entry.key, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
             c == '_';
    });
    if (!plain || entry.key == "planner" || entry.key == "lanes") {
      problems.add(
          entry.at, "destinations." + entry.key,
          "a destination's name is made of letters, digits, - and _, and is neither planner nor lanes");
    }
    if (auto account = read_account(entry, connectors, secrets, problems)) {
      const auto id = account->id;
      accounts.emplace(id, std::move(account));
    }
  }
  return accounts;
}

}  // namespace baton::sdk
