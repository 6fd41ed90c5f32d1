// connectors list|show|sample: what this build can talk to, printed from the manifests.
#include <iostream>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>

#include "connectors/sdk/account_secrets.h"
#include "connectors/sdk/registry.h"
#include "gateway/app/commands.h"
#include "gateway/base/text.h"

namespace baton::app {
namespace {

using nlohmann::json;

std::vector<std::string> operations_of(const sdk::Manifest& manifest) {
  std::vector<std::string> operations;
  for (const auto& action : manifest.actions) operations.emplace_back(name(action.operation));
  return operations;
}

std::string class_of(const sdk::Manifest& manifest) {
  return std::string(1, static_cast<char>('A' + static_cast<int>(manifest.idempotency)));
}

ExitCode list_connectors(const Context& context) {
  const auto connectors = sdk::make_connectors();
  auto list = json::array();
  std::vector<std::vector<std::string>> rows;
  for (const auto& connector : connectors) {
    const auto& manifest = connector->manifest();
    const auto operations = operations_of(manifest);
    rows.push_back({std::string(manifest.name), std::string(manifest.title),
                    std::string(manifest.api_version), class_of(manifest), join(operations, ", ")});
    list.push_back({{"name", manifest.name}, {"title", manifest.title}, {"operations", operations}});
  }
  if (context.output == Output::json) print_json(list);
  else print_table({"NAME", "TITLE", "API", "CLASS", "OPERATIONS"}, rows);
  return ExitCode::ok;
}

const sdk::Connector* find_connector(const std::vector<sdk::ConnectorPtr>& all, const std::string& name) {
  for (const auto& connector : all) {
    if (connector->manifest().name == name) return connector.get();
  }
  return nullptr;
}

ExitCode no_connector(const std::string& name) {
  return complain(ExitCode::usage, "there is no connector `" + name + "`; see `baton connectors list`");
}

std::string_view meaning_of(sdk::Idempotency idempotency) {
  switch (idempotency) {
    case sdk::Idempotency::a: return "the vendor itself recognises a repeated write";
    case sdk::Idempotency::b: return "Baton looks before it repeats a write";
    case sdk::Idempotency::c: return "a write whose answer is lost may have happened: a person decides";
  }
  return {};
}

// In a person's words, with the fields that hold the secrets.
struct Authorisation {
  using Text = std::string;
  Text operator()(const sdk::NoAuth&) const { return "none"; }
  Text operator()(const sdk::BearerAuth& a) const { return "bearer token `" + a.field + "`"; }
  Text operator()(const sdk::BasicAuth& a) const { return "Basic, with `" + a.field + "`"; }
  Text operator()(const sdk::BasicKeyAuth& a) const {
    return "Basic, with the key `" + a.field + "` as the user";
  }
  Text operator()(const sdk::HeaderAuth& a) const {
    return "the key `" + a.field + "` in the header " + a.header;
  }
  Text operator()(const sdk::SecretAddress& a) const { return "the address `" + a.field + "` is the secret"; }
  Text operator()(const sdk::ClientCredentials& a) const {
    return "OAuth client credentials with `" + a.field + "`" + scopes(a.scope);
  }
  Text operator()(const sdk::RefreshToken& a) const {
    return "OAuth refresh token `" + a.refresh_field + "`" + scopes(a.scope);
  }
  Text operator()(const sdk::JwtBearer& a) const { return "OAuth JWT bearer, signed with `" + a.field + "`"; }
  Text operator()(const sdk::StandardSignature& a) const {
    return "Standard Webhooks signature with `" + a.field + "`";
  }

 private:
  static Text scopes(const Text& scope) { return scope.empty() ? Text() : ", scopes: " + scope; }
};

sdk::Auth default_auth(const sdk::Connector& connector) {
  sdk::Settings::Values defaults;
  for (const auto& field : connector.manifest().fields) defaults[std::string(field.name)] = field.fallback;
  return connector.auth(sdk::Settings(std::move(defaults)));
}

// What it needs to be allowed: the secret it sends, and the scopes where it asks for them itself.
std::string authorisation(const sdk::Connector& connector) {
  return std::visit(Authorisation{}, default_auth(connector));
}

// A bearer token is optional in a manifest where another way of authorising does without; as the settings
// stand by default it is not.
sdk::Need need_of(const sdk::Connector& connector, const sdk::Field& field) {
  const auto auth = default_auth(connector);
  const auto* bearer = std::get_if<sdk::BearerAuth>(&auth);
  return bearer && bearer->field == field.name ? sdk::Need::secret : field.need;
}

std::string_view word(sdk::Need need) {
  switch (need) {
    case sdk::Need::required: return "required";
    case sdk::Need::optional: return "optional";
    case sdk::Need::secret: return "required secret";
    case sdk::Need::optional_secret: return "optional secret";
  }
  return {};
}

// What the vendor hears in place of what it wants to hear. Only a chat platform's source has a limit.
std::string answers_of(const sdk::Manifest& manifest) {
  auto text = std::to_string(manifest.refused_status) + " where they are not genuine";
  if (manifest.source)
    text += ", " + std::to_string(manifest.overload_status) + " with Retry-After beyond their source's limit";
  return text;
}

std::string limits_of(const sdk::Limits& limits) {
  auto text = std::to_string(limits.per_second) + " requests per second, bursts of " +
              std::to_string(limits.burst) + ", " + std::to_string(limits.at_once) +
              " at once, bodies up to " + std::to_string(limits.max_body_bytes / 1024) + " KiB";
  if (limits.stop_lookups_above > 0) {
    text += "; context is looked up one by one above " + std::to_string(limits.slow_lookups_above) +
            " % of the vendor's own limit, and not above " + std::to_string(limits.stop_lookups_above) + " %";
  }
  return text;
}

json described(const sdk::Connector& connector) {
  const auto& manifest = connector.manifest();
  auto settings = json::array();
  for (const auto& field : manifest.fields) {
    settings.push_back({{"name", field.name},
                        {"need", word(need_of(connector, field))},
                        {"default", field.fallback},
                        {"doc", field.doc}});
  }
  const auto& limits = manifest.limits;
  return {{"name", manifest.name},
          {"title", manifest.title},
          {"api_version", manifest.api_version},
          {"base_url", manifest.base_url},
          {"class", class_of(manifest)},
          {"authorisation", authorisation(connector)},
          {"operations", operations_of(manifest)},
          {"settings", std::move(settings)},
          {"answers", {{"not_genuine", manifest.refused_status}, {"beyond_limit", manifest.overload_status}}},
          {"limits",
           {{"per_second", limits.per_second},
            {"burst", limits.burst},
            {"at_once", limits.at_once},
            {"slow_lookups_above", limits.slow_lookups_above},
            {"stop_lookups_above", limits.stop_lookups_above},
            {"max_body_bytes", limits.max_body_bytes}}}};
}

ExitCode show_connector(const Context& context, const std::string& name) {
  const auto connectors = sdk::make_connectors();
  const auto* connector = find_connector(connectors, name);
  if (!connector) return no_connector(name);
  if (context.output == Output::json) {
    print_json(described(*connector));
    return ExitCode::ok;
  }
  const auto& manifest = connector->manifest();
  std::cout << manifest.title << ", API " << manifest.api_version << "\n\n";
  print_table({"", ""}, {{"operations", join(operations_of(manifest), ", ")},
                         {"class", class_of(manifest) + ": " + std::string(meaning_of(manifest.idempotency))},
                         {"authorisation", authorisation(*connector)},
                         {"webhooks", answers_of(manifest)},
                         {"address", manifest.base_url.empty() ? "base_url is required"
                                                               : std::string(manifest.base_url)},
                         {"limits", limits_of(manifest.limits)}});
  std::vector<std::vector<std::string>> rows;
  for (const auto& field : manifest.fields) {
    rows.push_back({std::string(field.name), std::string(word(need_of(*connector, field))),
                    std::string(field.fallback), std::string(field.doc)});
  }
  std::cout << '\n';
  print_table({"SETTING", "NEED", "DEFAULT", "WHAT IT IS"}, rows);
  return ExitCode::ok;
}

// Of what is optional, what cannot all be left out: without it nothing would be let in.
std::set<std::string, std::less<>> asked_for(const sdk::Connector& connector) {
  std::set<std::string, std::less<>> asked;
  for (bool more = true; more;) {
    sdk::Settings::Values values;
    for (const auto& field : asked) values[field] = "CHANGE-ME";
    const auto has = [&](std::string_view field) { return asked.contains(field); };
    more = false;
    for (const auto& remark : connector.judge(sdk::Settings(std::move(values)), has))
      if (remark.refused) more |= asked.insert(std::string(remark.field)).second;
  }
  sdk::Settings::Values values;
  for (const auto& field : connector.manifest().fields) values[std::string(field.name)] = field.fallback;
  for (const auto& field : asked) values[field] = "CHANGE-ME";
  asked.insert(sdk::authorising_secret(connector.auth(sdk::Settings(std::move(values)))));
  return asked;
}

// A destination's section, printed from the manifest, so that it cannot disagree with the code.
ExitCode sample(const std::string& name) {
  const auto connectors = sdk::make_connectors();
  const auto* connector = find_connector(connectors, name);
  if (!connector) return no_connector(name);
  const auto& manifest = connector->manifest();
  std::cout << "destinations:\n  " << name << ":\n    base_url: "
            << (manifest.base_url.empty() ? "https://CHANGE-ME.example.com" : manifest.base_url) << '\n';
  const auto asked = asked_for(*connector);
  for (const auto& field : manifest.fields) {
    const auto need = need_of(*connector, field);
    const bool secret = need == sdk::Need::secret || need == sdk::Need::optional_secret;
    const bool needed =
        need == sdk::Need::secret || need == sdk::Need::required || asked.contains(field.name);
    std::cout << "    # " << field.doc << (needed ? "" : " (optional)") << "\n    " << (needed ? "" : "# ")
              << field.name << ": "
              << (secret                   ? "{secret: " + name + "-" + std::string(field.name) + "}"
                  : field.fallback.empty() ? "CHANGE-ME"
                                           : std::string(field.fallback))
              << '\n';
  }
  if (const auto& limits = manifest.limits; limits.stop_lookups_above > 0) {
    std::cout << "    # Above these shares (percent) of the vendor's own limit context is looked up one by "
                 "one, and "
                 "not at all (optional)\n    # limits: {slow_lookups_above: "
              << limits.slow_lookups_above << ", stop_lookups_above: " << limits.stop_lookups_above << "}\n";
  }
  return ExitCode::ok;
}

}  // namespace

void add_connector_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  auto* connectors = app.add_subcommand("connectors", "What this build can talk to")->require_subcommand(1);
  connectors->add_subcommand("list", "All of them")->callback([&] {
    chosen = [&context] { return list_connectors(context); };
  });
  auto* one = connectors->add_subcommand("show", "Its operations, settings and limits");
  one->add_option("name", *name, "The connector")->required();
  one->callback(
      [&context, &chosen, name] { chosen = [&context, name] { return show_connector(context, *name); }; });
  auto* copy = connectors->add_subcommand("sample", "A destination's section to copy");
  copy->add_option("name", *name, "The connector")->required();
  copy->callback([&chosen, name] { chosen = [name] { return sample(*name); }; });
}

}  // namespace baton::app
