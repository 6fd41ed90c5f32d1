// Purpose: what stands in the file of the sealed store, and its bytes. Pure: no files here.
// Owner: SealedStore. Threads: plain values. Units: none.
// Errors: `rejected`: not what a holder of the root key wrote; `misconfigured`: another root key.
//
// Three lines: "baton-sealed-store 1", the contents as JSON, and an HMAC-SHA256 of both under a key
// derived from the root key. The HMAC covers names, order, versions and counters: nothing in the file
// can be changed, dropped, exchanged or put back one by one. The whole file can be put back as it was:
// see SealedStore.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"
#include "secrets/sealed_record.h"

namespace baton::secrets {

struct SealedValue {
  std::uint64_t version = 0;
  std::string record;
};

struct Entry {
  std::string record_id;
  TimePoint created, rotated;
  std::vector<SealedValue> values;  // the current one, then the previous one while both are valid
};

struct StoreContents {
  std::string store_id;       // random, made with the store
  std::uint64_t version = 0;  // of the file, one more with each change; 0: not written yet
  std::uint32_t key_version = 0;
  std::string key_id;
  std::uint64_t wraps = 0;  // data keys wrapped with this version of the root key, ever
  std::string proof;        // a sealed test record: opens only with the right root key
  std::map<std::string, Entry, std::less<>> entries;

  RecordContext context_of(const std::string& workspace, const std::string& name, const Entry& entry,
                           std::uint64_t value_version) const;
  RecordContext context_of_proof(const std::string& workspace) const;
};

Result<std::string> print_store(const StoreContents& contents, const RootKey& root);

// Proves the key first (`path` and `key_path` are for the message), then every byte, then reads.
Result<StoreContents> parse_store(std::string_view bytes, const RootKeys& roots, const std::string& workspace,
                                  const std::string& path, const std::string& key_path);

inline constexpr std::string_view kProofText = "this root key opens this store";

}  // namespace baton::secrets
