// Purpose: where the configuration says that a secret is: {secret: name}, {file: path} or {env: NAME}.
// Reading a reference is pure, so that `baton check` reports every mistake at once; resolving it
// opens the store, the file or the environment.
// Owner: the caller. Threads: any. Units: none.
// Errors: `misconfigured`: what, where (file, line and column), what to do. Never with a value.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "gateway/model/node.h"

namespace baton::secrets {

class SealedStore;

enum class SecretSource { secret, file, env };

struct Reference {
  SecretSource source = SecretSource::secret;
  std::string name;  // of the secret or variable; the path
  Position at;
};

// What resolve() may look into.
struct Sources {
  const SealedStore* store = nullptr;  // null: {secret: ...} cannot be used here
  // The environment by default. A variable can be seen by whoever may look at the process.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  // Told of every value that is resolved, before it is handed out: how the redactor learns of all.
  std::function<void(const Secret& value)> opened;
};

// Pure. Reports to `problems` under `path` and returns nothing if it is no reference.
std::optional<Reference> read_reference(const Node& node, const std::string& path, Problems& problems);

Result<Secret> resolve(const Reference& reference, const Sources& sources);
// All values that are valid now, the current one first: more than one only while a secret of the
// store is being rotated. What we are sent may be signed with any of them.
Result<std::vector<Secret>> resolve_all(const Reference& reference, const Sources& sources);

// Both steps at once. A file's or variable's last line break is dropped, once.
Result<Secret> resolve(const Node& node, const Sources& sources);
Result<std::vector<Secret>> resolve_all(const Node& node, const Sources& sources);

}  // namespace baton::secrets
