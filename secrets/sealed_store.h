// Purpose: the named secrets of this installation, sealed in one file `secrets.sealed` in the data
// directory. The command line writes it while the server runs; the server sees that with refresh().
// Owner: app/ makes one and passes it down. Threads: any. Units: none.
// Errors: `misconfigured`: a person must act, and the detail says how; `rejected`: the file or a
// record is not what Baton wrote; `retryable`: the disk or another writer was in the way. After any
// failed write the file is either the old one or the new one; refresh() tells which.
//
// Opened values are not kept: get() opens the record each time, and the caller's Secret is wiped.
//
// Rollback. A single record, entry or counter that is put back is refused (HMAC, versions in the
// associated data). The whole file put back as it once was is authentic: cryptography alone cannot
// tell it from the present. What is promised: a running process never goes back to an older version;
// and a restart refuses one that is older than what the journal last saw (version(), which app/ keeps
// there). After restoring a backup on purpose the operator therefore has to say so, and values
// that were rotated since are the old ones again: rotate them once more.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "secrets/durable_file.h"
#include "secrets/sealed_record.h"

namespace baton::secrets {

struct StoreContents;
struct Entry;

struct StoreOptions {
  std::string directory;  // of `secrets.sealed`
  std::string root_key_path;
  std::string workspace = "main";
  std::uint64_t at_least_version = 0;
  Duration patience = 2s;  // with another writer
  // A root key that wrapped very many data keys is exchanged (random nonces, promises K2).
  std::uint64_t rotate_at_wraps = std::uint64_t{1} << 31;
  std::uint64_t stop_at_wraps = std::uint64_t{1} << 32;
  RandomBytes random = fill_random;
  BeforeStep before;
};

struct SecretInfo {
  std::string name;
  std::uint64_t version = 0;  // of the current value
  TimePoint created, rotated;
  bool has_previous = false;  // the value before is still valid: retire() ends that
};

struct RootKeyRotation {
  std::uint32_t from = 0, to = 0;
  std::size_t rewrapped = 0;
  bool resumed = false;  // an interrupted rotation was finished; no new key was made
};

// Letters, digits and . _ - / of at most 128 characters, the first one a letter or digit.
bool well_formed_name(std::string_view name);

inline constexpr std::size_t kMaxSecretBytes = 64 * 1024;

class SealedStore {
 public:
  // A missing store is an empty one. Proves the root key and every byte of the file, changes nothing.
  static Result<std::unique_ptr<SealedStore>> open(StoreOptions options);
  ~SealedStore();

  Result<Secret> get(std::string_view name) const;
  // The current value, then the previous one while both are valid: what a signature may be made with.
  Result<std::vector<Secret>> get_all(std::string_view name) const;
  std::vector<SecretInfo> list() const;

  // Sets or overwrites; values from before are gone at once.
  Result<Done> put(std::string_view name, const Secret& value, TimePoint now);
  // The value from before stays valid until retire(). Refused while one is already kept.
  Result<Done> rotate(std::string_view name, const Secret& value, TimePoint now);
  Result<Done> retire(std::string_view name);
  Result<Done> remove(std::string_view name);

  // Reads the file again if it is another one than before. True if something changed.
  Result<bool> refresh();

  std::uint64_t version() const;  // of the file; only grows
  bool root_key_rotation_due() const;

  // New version of the root key, all records rewrapped, old versions removed from the key file. Each
  // of the three is one atomic write; called again after a kill anywhere it goes on where it was.
  // Keep the old key file with the backups that were made before.
  Result<RootKeyRotation> rotate_root_key();

 private:
  // What was read together; immutable, replaced as a whole.
  struct Snapshot;
  using Shared = std::shared_ptr<const Snapshot>;  // readers keep theirs while a newer one is put in place

  explicit SealedStore(StoreOptions options);

  Shared snapshot() const;
  Result<Shared> load() const;
  Result<bool> reload();
  Result<Secret> open_value(const Snapshot& held, const std::string& name, const Entry& entry,
                            std::size_t which) const;
  Result<std::string> seal_value(StoreContents& contents, const RootKeys& roots, const RecordContext& context,
                                 std::string_view value) const;
  template <class Change>
  Result<Done> change(Change change);
  Result<Done> write(StoreContents contents, const RootKey& root);
  Result<std::size_t> rewrap_all(const RootKey& to);
  Failure unknown(std::string_view name) const;

  const StoreOptions options_;
  const std::string path_;
  mutable std::mutex mu_;
  Shared held_;  // under mu_
};

}  // namespace baton::secrets
