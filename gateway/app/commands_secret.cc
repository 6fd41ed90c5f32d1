// secret init|set|list|rotate|retire|rm|rotate-root, token create|list|revoke.
#include <filesystem>
#include <iostream>
#include <iterator>
#include <memory>

#include <CLI/CLI.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/installation.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "secrets/root_key.h"
#include "secrets/token.h"

namespace baton::app {
namespace {

using nlohmann::json;

// Only from standard input: an argument would stand in the shell's history and in the process list.
Secret read_secret() {
  std::string value{std::istreambuf_iterator<char>(std::cin), {}};
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return Secret(std::move(value));
}

ExitCode init_store(const Context& context) {
  Problems problems;
  const auto options = read_options_only(context.config, problems);
  if (!problems.empty()) return complain(problems);
  std::error_code error;
  std::filesystem::create_directories(options.data_dir, error);
  if (error) return complain(ExitCode::refused, options.data_dir + ": " + error.message());
  const auto made = secrets::make_root_key(options.root_key_path);
  if (!made) return complain(ExitCode::refused, made.error().detail);
  std::cout << "made the root key " << options.root_key_path
            << "\nKeep a copy apart from your backups: without it nobody can open the secrets.\n";
  return ExitCode::ok;
}

using StoreAction = std::function<Result<Done>(secrets::SealedStore&)>;

ExitCode with_store(const Context& context, const StoreAction& action) {
  Problems problems;
  const auto options = read_options_only(context.config, problems);
  if (!problems.empty()) return complain(problems);
  auto store = open_store(options);
  if (!store) {
    return complain(ExitCode::refused, store.error().detail + " (the first time: `baton secret init`)");
  }
  const auto done = action(**store);
  return done ? ExitCode::ok : complain(ExitCode::refused, done.error().detail);
}

ExitCode set_secret(const Context& context, const std::string& name, bool rotate) {
  const auto value = read_secret();
  if (value.empty()) {
    return complain(ExitCode::usage, "nothing came on standard input: printf %s VALUE | baton secret set " + name);
  }
  return with_store(context, [&](secrets::SealedStore& store) {
    return rotate ? store.rotate(name, value, wall_now()) : store.put(name, value, wall_now());
  });
}

ExitCode list_secrets(const Context& context) {
  return with_store(context, [&](secrets::SealedStore& store) -> Result<Done> {
    auto list = json::array();
    std::vector<std::vector<std::string>> rows;
    for (const auto& info : store.list()) {
      rows.push_back({info.name, std::to_string(info.version), to_rfc3339(info.created), to_rfc3339(info.rotated),
                      info.has_previous ? "two values are valid" : ""});
      list.push_back({{"name", info.name}, {"version", info.version}, {"created", to_rfc3339(info.created)},
                      {"rotated", to_rfc3339(info.rotated)}, {"has_previous", info.has_previous}});
    }
    if (context.output == Output::json) print_json(list);
    else print_table({"NAME", "VERSION", "CREATED", "ROTATED", ""}, rows);
    return Done{};
  });
}

secrets::Tokens open_tokens(const Context& context) {
  Problems ignored;
  secrets::TokenOptions options;
  options.directory = read_options_only(context.config, ignored).data_dir;
  std::error_code error;
  std::filesystem::create_directories(options.directory, error);
  return secrets::Tokens(std::move(options));
}

ExitCode create_token(const Context& context, const std::string& name, const std::vector<std::string>& may) {
  std::vector<secrets::Permission> permissions;
  for (const auto& word : may) {
    const auto permission = secrets::permission_named(word);
    if (!permission) return complain(ExitCode::usage, "`" + word + "` is no permission: read, agent or operate");
    permissions.push_back(*permission);
  }
  auto tokens = open_tokens(context);
  const auto made = tokens.create(name, permissions, wall_now());
  if (!made) return complain(ExitCode::refused, made.error().detail);
  std::cerr << "token " << made->info.id << " for " << name << "; it is shown this once:\n";
  std::cout << made->token.reveal() << '\n';
  return ExitCode::ok;
}

ExitCode list_tokens(const Context& context) {
  const auto tokens = open_tokens(context);
  const auto all = tokens.list();
  if (!all) return complain(ExitCode::refused, all.error().detail);
  std::vector<std::vector<std::string>> rows;
  auto list = json::array();
  for (const auto& info : *all) {
    std::vector<std::string> may;
    for (const auto permission : info.permissions) may.emplace_back(name(permission));
    rows.push_back({info.id, info.name, join(may, ", "), "..." + info.last4, to_rfc3339(info.created)});
    list.push_back({{"id", info.id}, {"name", info.name}, {"permissions", may}, {"created", to_rfc3339(info.created)}});
  }
  if (context.output == Output::json) print_json(list);
  else print_table({"ID", "NAME", "MAY", "ENDS IN", "CREATED"}, rows);
  return ExitCode::ok;
}

ExitCode revoke_token(const Context& context, const std::string& id) {
  auto tokens = open_tokens(context);
  const auto revoked = tokens.revoke(id);
  return revoked ? ExitCode::ok : complain(ExitCode::refused, revoked.error().detail);
}

void add_tokens(CLI::App& app, Context& context, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  auto may = std::make_shared<std::vector<std::string>>();
  auto* token = app.add_subcommand("token", "Tokens for the admin API")->require_subcommand(1);
  auto* create = token->add_subcommand("create", "Makes one and shows it once");
  create->add_option("name", *name, "Who or what it is for")->required();
  create->add_option("--may", *may, "read, agent, operate (several allowed)")->delimiter(',')->required();
  create->callback([&context, &chosen, name, may] {
    chosen = [&context, name, may] { return create_token(context, *name, *may); };
  });
  token->add_subcommand("list", "All of them, without their values")->callback([&] {
    chosen = [&context] { return list_tokens(context); };
  });
  auto* revoke = token->add_subcommand("revoke", "Ends one at once");
  revoke->add_option("id", *name, "tok_...")->required();
  revoke->callback([&context, &chosen, name] { chosen = [&context, name] { return revoke_token(context, *name); }; });
}

}  // namespace

void add_secret_commands(CLI::App& app, Context& context, Chosen& chosen) {
  auto name = std::make_shared<std::string>();
  auto* secret = app.add_subcommand("secret", "The sealed store; values come on standard input")->require_subcommand(1);
  secret->add_subcommand("init", "Makes the root key; once")->callback([&] {
    chosen = [&context] { return init_store(context); };
  });
  secret->add_subcommand("list", "Names and versions, never values")->callback([&] {
    chosen = [&context] { return list_secrets(context); };
  });
  const auto add = [&](const char* word, const char* help, std::function<ExitCode(const std::string&)> action) {
    auto* command = secret->add_subcommand(word, help);
    command->add_option("name", *name, "The secret's name")->required();
    command->callback([&chosen, name, action] { chosen = [name, action] { return action(*name); }; });
  };
  add("set", "Sets it; the value before is gone", [&](const std::string& n) { return set_secret(context, n, false); });
  add("rotate", "Sets it; the value before stays valid until `retire`",
      [&](const std::string& n) { return set_secret(context, n, true); });
  add("retire", "Ends the value before a rotation", [&](const std::string& n) {
    return with_store(context, [&](secrets::SealedStore& store) { return store.retire(n); });
  });
  add("rm", "Removes it", [&](const std::string& n) {
    return with_store(context, [&](secrets::SealedStore& store) { return store.remove(n); });
  });
  add_tokens(app, context, chosen);
}

}  // namespace baton::app
