#include "secrets/store_file.h"

#include <fmt/format.h>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::secrets {
namespace {

using nlohmann::json;

constexpr std::string_view kStoreBegins = "baton-sealed-store 1\n";

Failure damaged(const std::string& path, std::string_view what) {
  return Failure(FailureKind::rejected,
                 fmt::format("the sealed store {} was damaged or changed by something other than Baton ({}); "
                             "nothing was changed. Restore it from a backup",
                             path, what));
}

Failure wrong_key(const std::string& path, const std::string& key_path, std::string_view why) {
  return Failure(
      FailureKind::misconfigured,
      fmt::format("the root key {} does not open the store {}: {}; nothing was changed. The secrets are "
                  "not lost: put the right key file back",
                  key_path, path, why));
}

Result<std::string> authenticate(const RootKey& root, std::string_view store_id, std::string_view bytes) {
  const auto key = MacKey::make(Digest::sha256, root.bytes.reveal());
  if (!key) return key.error();
  const auto derived = key->mac({"baton sealed store file", std::string_view("\0", 1), store_id});
  if (!derived) return derived.error();
  const auto file_key = MacKey::make(Digest::sha256, *derived);
  return file_key ? file_key->mac({bytes}) : Result<std::string>(file_key.error());
}

json print_entry(const std::string& name, const Entry& entry) {
  json values = json::array();
  for (const auto& value : entry.values) {
    values.push_back({{"version", value.version}, {"record", to_base64(value.record)}});
  }
  return {{"name", name},
          {"id", entry.record_id},
          {"created_ms", entry.created.time_since_epoch().count()},
          {"rotated_ms", entry.rotated.time_since_epoch().count()},
          {"values", std::move(values)}};
}

std::optional<Entry> read_entry(JsonView view) {
  Entry entry{view["id"].text(),
              TimePoint(Duration(view["created_ms"].integer().value_or(0))),
              TimePoint(Duration(view["rotated_ms"].integer().value_or(0))),
              {}};
  for (const auto& value : items(view["values"])) {
    auto record = from_base64(value["record"].text());
    if (!record) return std::nullopt;
    entry.values.push_back(
        {static_cast<std::uint64_t>(value["version"].integer().value_or(0)), std::move(*record)});
  }
  if (entry.values.empty()) return std::nullopt;
  return entry;
}

// The three lines, or nothing.
struct Lines {
  std::string_view contents, authenticated, code;
};

std::optional<Lines> split_lines(std::string_view bytes) {
  if (!bytes.starts_with(kStoreBegins) || !bytes.ends_with('\n')) return std::nullopt;
  const auto end = bytes.find('\n', kStoreBegins.size());
  if (end + 1 >= bytes.size()) return std::nullopt;
  const auto code = bytes.substr(end + 1, bytes.size() - end - 2);
  if (code.size() != 64) return std::nullopt;
  return Lines{bytes.substr(kStoreBegins.size(), end - kStoreBegins.size()), bytes.substr(0, end + 1), code};
}

StoreContents read_head(JsonView view) {
  StoreContents head;
  head.store_id = view["store_id"].text();
  head.version = static_cast<std::uint64_t>(view["version"].integer().value_or(0));
  head.key_version = static_cast<std::uint32_t>(view["key_version"].integer().value_or(0));
  head.key_id = view["key_id"].text();
  head.wraps = static_cast<std::uint64_t>(view["wraps"].integer().value_or(0));
  head.proof = from_base64(view["proof"].text()).value_or("");
  return head;
}

// Nothing of the head is believed yet; it only leads to the key that then proves all of it.
Result<Done> prove_key(const StoreContents& head, const RootKeys& roots, const std::string& workspace,
                       const std::string& path, const std::string& key_path) {
  const auto* root = roots.find(head.key_version);
  if (!root) {
    return wrong_key(path, key_path, fmt::format("it holds no version {}", head.key_version));
  }
  if (const auto id = root->id(); id != head.key_id) {
    return wrong_key(path, key_path,
                     fmt::format("the store was sealed with key {}, the file holds {}", head.key_id, id));
  }
  const auto proof = unseal(roots, head.context_of_proof(workspace), head.proof);
  if (!proof || proof->reveal() != kProofText) {
    return wrong_key(path, key_path,
                     "the test record does not open with it, or it belongs to another workspace");
  }
  return Done{};
}

}  // namespace

RecordContext StoreContents::context_of(const std::string& workspace, const std::string& name,
                                        const Entry& entry, std::uint64_t value_version) const {
  return {"secret", workspace, store_id, name, entry.record_id, value_version};
}

RecordContext StoreContents::context_of_proof(const std::string& workspace) const {
  return {"proof", workspace, store_id, "root key", std::to_string(key_version), 0};
}

Result<std::string> print_store(const StoreContents& contents, const RootKey& root) {
  json entries = json::array();
  for (const auto& [name, entry] : contents.entries) entries.push_back(print_entry(name, entry));
  const json all{{"store_id", contents.store_id}, {"version", contents.version},
                 {"key_version", root.version},   {"key_id", contents.key_id},
                 {"wraps", contents.wraps},       {"proof", to_base64(contents.proof)},
                 {"secrets", std::move(entries)}};
  auto bytes = std::string(kStoreBegins) + all.dump() + "\n";
  const auto code = authenticate(root, contents.store_id, bytes);
  if (!code) return code.error();
  return bytes + to_hex(*code) + "\n";
}

Result<StoreContents> parse_store(std::string_view bytes, const RootKeys& roots, const std::string& workspace,
                                  const std::string& path, const std::string& key_path) {
  const auto lines = split_lines(bytes);
  if (!lines) return damaged(path, "it is no sealed store, or it was cut off");
  const auto parsed = json::parse(lines->contents, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return damaged(path, "its contents are not readable");
  const JsonView view(parsed);

  auto contents = read_head(view);
  if (const auto proven = prove_key(contents, roots, workspace, path, key_path); !proven)
    return proven.error();
  const auto code = authenticate(*roots.find(contents.key_version), contents.store_id, lines->authenticated);
  if (!code) return code.error();
  if (!equal_in_constant_time(to_hex(*code), lines->code))
    return damaged(path, "its authentication code is wrong");

  for (const auto& item : items(view["secrets"])) {
    auto entry = read_entry(item);
    if (!entry) return damaged(path, "an entry is not readable");
    contents.entries.insert_or_assign(item["name"].text(), std::move(*entry));
  }
  return contents;
}

}  // namespace baton::secrets
