// Purpose: one secret at rest. AES-256-GCM under a random data key of its own, which is wrapped by a
// versioned root key; what the record is for is bound to both as associated data, so that a record
// opens only in its own place (promises K2; 4.4).
// Owner: the caller. Threads: any. Units: bytes, integers big-endian.
// Errors: `rejected`: changed, moved, or older than expected; `misconfigured`: its root key is gone.
//
//   format 1 | key version 4 | wrap nonce 12 | wrapped data key 32 | wrap tag 16 | nonce 12 | ciphertext |
//   tag 16
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "secrets/crypto.h"

namespace baton::secrets {

// The place of a record. Two places that differ in any part never open each other's records.
struct RecordContext {
  std::string purpose;  // "secret", "proof"
  std::string workspace;
  std::string owner;          // the destination or source that it belongs to; the store's id
  std::string field;          // the secret's name
  std::string record_id;      // random, of this entry; a name that is removed and used again gets a new one
  std::uint64_t version = 0;  // of the value: an older value does not open in a newer one's place
};

struct RootKey {
  std::uint32_t version = 0;
  Secret bytes;  // kAesKeyBytes

  std::string id() const;  // 16 hex digits that tell keys apart and say nothing about them
};

// All versions that the key file holds; the newest seals, all open.
class RootKeys {
 public:
  const RootKey& newest() const;  // precondition: !empty()
  const RootKey* find(std::uint32_t version) const;
  void add(RootKey key);
  void remove_older_than(std::uint32_t version);
  bool empty() const { return keys_.empty(); }
  const std::map<std::uint32_t, RootKey>& all() const { return keys_; }

 private:
  std::map<std::uint32_t, RootKey> keys_;
};

Result<std::string> seal(const RootKey& root, const RecordContext& context, std::string_view plaintext,
                         const RandomBytes& random = fill_random);
Result<Secret> unseal(const RootKeys& roots, const RecordContext& context, std::string_view record);

// The same record with its data key under another root key; what it holds is not touched.
Result<std::string> rewrap(const RootKeys& roots, const RootKey& to, const RecordContext& context,
                           std::string_view record, const RandomBytes& random = fill_random);

}  // namespace baton::secrets
