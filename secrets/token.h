// Purpose: API tokens for people and tools: made with `baton token create`, shown once, checked at
// every request of the admin listener.
// Owner: app/ makes one and passes it down. Threads: any. Units: none.
// Errors: as durable_file.h; authenticate() answers nothing rather than something doubtful.
//
// Stored is SHA-256 of the token. A slow, salted hash protects what a person invents; against 256
// random bits there is nothing to guess, so a fast hash is as good and costs a request nothing.
// `tokens.json` (mode 0600) lists them; a token that is revoked there stops working at once, and a
// file that is damaged lets nobody in (problem() says why).
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "secrets/crypto.h"
#include "secrets/durable_file.h"

namespace baton::secrets {

enum class Permission { read, agent, operate };
std::string_view name(Permission permission);
std::optional<Permission> permission_named(std::string_view name);

struct TokenInfo {
  std::string id;    // tok_..., for revoking and for the audit log
  std::string name;  // who or what it was made for
  std::vector<Permission> permissions;
  TimePoint created;
  std::optional<TimePoint> expires;
  std::string last4;  // of the token, to recognise it
};

struct NewToken {
  Secret token;  // bat_ and 43 characters of base64url; never to be had again
  TokenInfo info;
};

struct Principal {
  std::string id, name;
  std::vector<Permission> permissions;
  bool may(Permission permission) const;
};

struct TokenOptions {
  std::string directory;  // of `tokens.json`
  Duration patience = 2s;
  RandomBytes random = fill_random;
  BeforeStep before;
};

class Tokens {
 public:
  explicit Tokens(TokenOptions options);
  ~Tokens();

  Result<NewToken> create(std::string_view name, std::vector<Permission> permissions, TimePoint now,
                          std::optional<TimePoint> expires = std::nullopt);
  Result<std::vector<TokenInfo>> list() const;
  // By id. `rejected` if there is none.
  Result<Done> revoke(std::string_view id);

  // `bearer` is what stands after "Bearer ". Looks at every token, whichever fits; reads the file
  // again if it changed.
  std::optional<Principal> authenticate(std::string_view bearer, TimePoint now) const;

  // Why nobody can be let in, if so.
  std::optional<Failure> problem() const;

 private:
  struct Stored;
  struct Snapshot;
  using Shared = std::shared_ptr<const Snapshot>;  // a reader keeps its own while the file changes

  Shared current() const;
  Result<std::vector<Stored>> load() const;
  Result<Done> write(const std::vector<Stored>& tokens);

  const TokenOptions options_;
  const std::string path_;
  mutable std::mutex mu_;
  mutable Shared held_;  // under mu_
};

}  // namespace baton::secrets
