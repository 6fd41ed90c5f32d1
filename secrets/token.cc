#include "secrets/token.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxTokensBytes = 4 * 1024 * 1024;
constexpr std::string_view kPrefix = "bat_";
constexpr std::size_t kTokenBytes = 32;

Result<std::string> random_bytes(const RandomBytes& random, std::size_t size) {
  std::string bytes(size, '\0');
  if (const auto filled = random(bytes); !filled) return filled.error();
  return bytes;
}

std::int64_t milliseconds(TimePoint when) { return when.time_since_epoch().count(); }

}  // namespace

std::string_view name(Permission permission) {
  switch (permission) {
    case Permission::read: return "read";
    case Permission::agent: return "agent";
    case Permission::operate: return "operate";
  }
  return "";
}

std::optional<Permission> permission_named(std::string_view wanted) {
  for (const auto permission : {Permission::read, Permission::agent, Permission::operate}) {
    if (name(permission) == wanted) return permission;
  }
  return std::nullopt;
}

bool Principal::may(Permission permission) const {
  return std::ranges::find(permissions, permission) != permissions.end();
}

struct Tokens::Stored {
  TokenInfo info;
  std::string hash;  // 32 bytes

  json print() const {
    json permissions = json::array();
    for (const auto permission : info.permissions) permissions.push_back(secrets::name(permission));
    json all{{"id", info.id},       {"name", info.name},      {"permissions", std::move(permissions)},
             {"last4", info.last4}, {"sha256", to_hex(hash)}, {"created_ms", milliseconds(info.created)}};
    if (info.expires) all["expires_ms"] = milliseconds(*info.expires);
    return all;
  }

  // Nothing of a token that is not understood is believed: an unknown permission or an unreadable
  // end may have been a limit.
  static std::optional<Stored> read(JsonView view) {
    Stored stored;
    stored.info.id = view["id"].text();
    stored.info.name = view["name"].text();
    stored.info.last4 = view["last4"].text();
    const auto created = view["created_ms"].integer();
    const auto hash = from_hex(view["sha256"].text());
    const auto permissions = view["permissions"].list();
    if (stored.info.id.empty() || !created || !hash || hash->size() != 32 || !permissions)
      return std::nullopt;
    stored.info.created = TimePoint(Duration(*created));
    stored.hash = *hash;
    for (const auto& item : *permissions) {
      const auto permission = permission_named(item.text());
      if (!permission) return std::nullopt;
      stored.info.permissions.push_back(*permission);
    }
    if (view["expires_ms"].missing()) return stored;
    const auto expires = view["expires_ms"].integer();
    if (!expires) return std::nullopt;
    stored.info.expires = TimePoint(Duration(*expires));
    return stored;
  }
};

struct Tokens::Snapshot {
  std::optional<FileIdentity> file;
  Result<std::vector<Stored>> tokens;
};

Tokens::Tokens(TokenOptions options)
    : options_(std::move(options)), path_(options_.directory + "/tokens.json") {}
Tokens::~Tokens() = default;

Result<std::vector<Tokens::Stored>> Tokens::load() const {
  const auto file = read_private_file(path_, kMaxTokensBytes);
  if (!file) return file.error();
  std::vector<Stored> tokens;
  if (!file->has_value()) return tokens;  // none has been made
  const Failure damaged(FailureKind::misconfigured, path_ +
                                                        " is damaged, so no token is accepted; restore it or "
                                                        "remove it and make the tokens anew");
  const auto parsed = json::parse((*file)->bytes.reveal(), nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return damaged;
  const auto list = JsonView(parsed)["tokens"].list();
  if (!list || JsonView(parsed)["format"].integer() != 1) return damaged;
  for (const auto& item : *list) {
    auto stored = Stored::read(item);
    if (!stored) return damaged;
    tokens.push_back(std::move(*stored));
  }
  return tokens;
}

// The identity is taken before the file is read: a change in between is seen the next time.
Tokens::Shared Tokens::current() const {
  const std::lock_guard lock(mu_);
  const auto identity = identity_of(path_);
  if (held_ && held_->file == identity && held_->tokens) return held_;
  held_ = std::make_shared<const Snapshot>(Snapshot{identity, load()});
  return held_;
}

std::optional<Failure> Tokens::problem() const {
  const auto held = current();
  if (held->tokens) return std::nullopt;
  return held->tokens.error();
}

Result<Done> Tokens::write(const std::vector<Stored>& tokens) {
  json list = json::array();
  for (const auto& stored : tokens) list.push_back(stored.print());
  const json all{{"format", 1}, {"tokens", std::move(list)}};
  return replace_file(path_, all.dump(2, ' ', false, json::error_handler_t::replace) + "\n", options_.before);
}

Result<NewToken> Tokens::create(std::string_view name, std::vector<Permission> permissions, TimePoint now,
                                std::optional<TimePoint> expires) {
  if (trim(name).empty())
    return Failure(FailureKind::rejected, "a token needs a name: who or what is it for?");
  if (permissions.empty())
    return Failure(FailureKind::rejected, "a token needs a permission: read, agent, operate");
  if (expires && *expires <= now)
    return Failure(FailureKind::rejected, "the token would have expired already");

  auto bytes = random_bytes(options_.random, kTokenBytes);
  const auto id = random_bytes(options_.random, 8);
  if (!bytes) return bytes.error();
  if (!id) return id.error();
  const Secret raw(std::move(*bytes));
  Secret token(std::string(kPrefix) + to_base64url(raw.reveal()));
  auto hash = sha256({token.reveal()});
  if (!hash) return hash.error();
  const auto last4 = token.reveal().substr(token.size() - 4);
  TokenInfo info{"tok_" + to_hex(*id), std::string(name), std::move(permissions), now, expires,
                 std::string(last4)};

  const auto lock = FileLock::take(path_, options_.patience);
  if (!lock) return lock.error();
  auto tokens = load();
  if (!tokens) return tokens.error();
  tokens->push_back({info, std::move(*hash)});
  if (const auto written = write(*tokens); !written) return written.error();
  return NewToken{std::move(token), std::move(info)};
}

Result<std::vector<TokenInfo>> Tokens::list() const {
  const auto tokens = load();
  if (!tokens) return tokens.error();
  std::vector<TokenInfo> infos;
  for (const auto& stored : *tokens) infos.push_back(stored.info);
  return infos;
}

Result<Done> Tokens::revoke(std::string_view id) {
  const auto lock = FileLock::take(path_, options_.patience);
  if (!lock) return lock.error();
  auto tokens = load();
  if (!tokens) return tokens.error();
  if (std::erase_if(*tokens, [&](const Stored& stored) { return stored.info.id == id; }) == 0) {
    return Failure(FailureKind::rejected, fmt::format("there is no token {}; see `baton token list`", id));
  }
  return write(*tokens);
}

std::optional<Principal> Tokens::authenticate(std::string_view bearer, TimePoint now) const {
  const auto held = current();
  if (!held->tokens) return std::nullopt;
  const auto hash = sha256({bearer});
  if (!hash) return std::nullopt;
  const Stored* found = nullptr;
  for (const auto& stored : *held->tokens) {
    if (equal_in_constant_time(stored.hash, *hash)) found = &stored;  // and on: all cost the same
  }
  if (!found || (found->info.expires && *found->info.expires <= now)) return std::nullopt;
  return Principal{found->info.id, found->info.name, found->info.permissions};
}

}  // namespace baton::secrets
