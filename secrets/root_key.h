// Purpose: the file that holds the root key, in all versions that are still in use.
// Owner: the operator: keep a copy apart from the backups of the data. Without it the sealed store
// cannot be opened by anybody. Other sources (service credential, key service) come later.
// Threads: any; writers hold the store's lock. Units: none.
// Errors: `misconfigured`, with what to do. The file must be private to its owner (mode 0600).
//
//   baton-root-key 1
//   <version> <base64 of 32 bytes>      one line per version
#pragma once

#include <string>

#include "gateway/base/result.h"
#include "secrets/durable_file.h"
#include "secrets/sealed_record.h"

namespace baton::secrets {

// Makes the file with version 1. Never replaces one: that would lock the store for ever.
Result<Done> make_root_key(const std::string& path, const RandomBytes& random = fill_random,
                           const BeforeStep& before = {});

Result<RootKeys> load_root_keys(const std::string& path);

// Two of the three steps of a rotation (SealedStore::rotate_root_key has all): one more version, and
// the removal of those before `oldest`.
Result<Done> add_root_key(const std::string& path, const RandomBytes& random = fill_random,
                          const BeforeStep& before = {});
Result<Done> retire_root_keys(const std::string& path, std::uint32_t oldest, const BeforeStep& before = {});

}  // namespace baton::secrets
