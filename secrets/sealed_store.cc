#include "secrets/sealed_store.h"

#include <algorithm>

#include <fmt/format.h>

#include "gateway/base/text.h"
#include "gateway/model/node.h"
#include "secrets/root_key.h"
#include "secrets/store_file.h"

namespace baton::secrets {
namespace {

constexpr std::size_t kMaxStoreBytes = std::size_t{256} * 1024 * 1024;

Failure cannot_use(std::string detail) { return Failure(FailureKind::misconfigured, std::move(detail)); }

Result<std::string> random_id(const RandomBytes& random) {
  std::string bytes(16, '\0');
  if (const auto filled = random(bytes); !filled) return filled.error();
  return to_hex(bytes);
}

Result<Done> check_new_value(std::string_view name, const Secret& value) {
  if (!well_formed_name(name)) {
    return cannot_use(
        "a secret's name is made of letters, digits and . _ - / and starts with a letter or digit");
  }
  if (value.empty()) return cannot_use(fmt::format("the value for `{}` is empty", name));
  if (value.size() > kMaxSecretBytes) {
    return cannot_use(fmt::format("the value for `{}` is larger than {} bytes", name, kMaxSecretBytes));
  }
  return Done{};
}

}  // namespace

struct SealedStore::Snapshot {
  StoreContents contents;
  RootKeys roots;
  std::optional<FileIdentity> file;
  std::string code;  // the file's last line: two files of one version that differ are noticed
};

bool well_formed_name(std::string_view name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= 128 && plain(name.front()) && std::ranges::all_of(name, [&](char c) {
    return plain(c) || c == '.' || c == '_' || c == '-' || c == '/';
  });
}

SealedStore::SealedStore(StoreOptions options)
    : options_(std::move(options)), path_(options_.directory + "/secrets.sealed") {}

SealedStore::~SealedStore() = default;

Result<std::unique_ptr<SealedStore>> SealedStore::open(StoreOptions options) {
  std::unique_ptr<SealedStore> store(new SealedStore(std::move(options)));
  auto loaded = store->load();
  if (!loaded) return loaded.error();
  const auto version = (*loaded)->contents.version;
  if (version < store->options_.at_least_version) {
    return cannot_use(fmt::format(
        "the sealed store {} is version {}, but version {} was seen before: it was replaced by an "
        "older one{}. If that was a restore on purpose, start once accepting it, and rotate what "
        "was rotated since",
        store->path_, version, store->options_.at_least_version, version == 0 ? " or removed" : ""));
  }
  store->held_ = std::move(*loaded);
  return store;
}

SealedStore::Shared SealedStore::snapshot() const {
  const std::lock_guard lock(mu_);
  return held_;
}

// Key file before store file: a rotation adds the new key first and removes the old one last. One
// that ends between our two reads shows as a missing key; the second try then sees its end.
Result<SealedStore::Shared> SealedStore::load() const {
  for (int tries_left = 2;; --tries_left) {
    auto roots = load_root_keys(options_.root_key_path);
    if (!roots) return roots.error();
    const auto file = read_private_file(path_, kMaxStoreBytes);
    if (!file) return file.error();
    auto loaded = std::make_shared<Snapshot>();
    if (file->has_value()) {
      const auto bytes = (*file)->bytes.reveal();
      auto contents = parse_store(bytes, *roots, options_.workspace, path_, options_.root_key_path);
      if (!contents && contents.error().kind == FailureKind::misconfigured && tries_left > 0) continue;
      if (!contents) return contents.error();
      loaded->contents = std::move(*contents);
      loaded->file = (*file)->identity;
      loaded->code = bytes.substr(bytes.size() - 65);
    }
    loaded->roots = std::move(*roots);
    return Shared(std::move(loaded));
  }
}

// Never goes back (see Rollback in the header). What counts is what was held before the file was read: a
// file older than that was put back. One that is older only than what another thread adopted meanwhile was
// read too early, and is dropped without an alarm.
Result<bool> SealedStore::reload() {
  const auto before = snapshot();
  auto loaded = load();
  if (!loaded) return loaded.error();
  const auto now = (*loaded)->contents.version;
  const auto another = [&](const Snapshot& held) {
    return now == held.contents.version && (*loaded)->code != held.code;
  };

  const std::lock_guard lock(mu_);
  if (now < before->contents.version || another(*before) || another(*held_)) {
    return cannot_use(
        fmt::format("the sealed store {} went from version {} to {}: an older or another file was put in its "
                    "place. This process keeps the values it has; restart it to accept the file",
                    path_, before->contents.version, now));
  }
  if (now >= held_->contents.version) held_ = std::move(*loaded);
  return held_->contents.version != before->contents.version;
}

Result<bool> SealedStore::refresh() {
  if (identity_of(path_) == snapshot()->file) return false;
  return reload();
}

Failure SealedStore::unknown(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& info : list()) names.push_back(info.name);
  return cannot_use(fmt::format("there is no secret `{}`{}; set it with `baton secret set {}`", name,
                                did_you_mean(name, names), name));
}

Result<Secret> SealedStore::open_value(const Snapshot& held, const std::string& name, const Entry& entry,
                                       std::size_t which) const {
  const auto& value = entry.values[which];
  const auto context = held.contents.context_of(options_.workspace, name, entry, value.version);
  auto opened = unseal(held.roots, context, value.record);
  if (opened) return opened;
  return Failure(opened.error().kind,
                 fmt::format("cannot open the secret `{}`: {}", name, opened.error().detail));
}

Result<Secret> SealedStore::get(std::string_view name) const {
  const auto held = snapshot();
  const auto found = held->contents.entries.find(name);
  if (found == held->contents.entries.end()) return unknown(name);
  return open_value(*held, found->first, found->second, 0);
}

Result<std::vector<Secret>> SealedStore::get_all(std::string_view name) const {
  const auto held = snapshot();
  const auto found = held->contents.entries.find(name);
  if (found == held->contents.entries.end()) return unknown(name);
  std::vector<Secret> values;
  for (std::size_t i = 0; i < found->second.values.size(); ++i) {
    auto value = open_value(*held, found->first, found->second, i);
    if (!value) return value.error();
    values.push_back(std::move(*value));
  }
  return values;
}

std::vector<SecretInfo> SealedStore::list() const {
  std::vector<SecretInfo> infos;
  for (const auto held = snapshot(); const auto& [name, entry] : held->contents.entries) {
    infos.push_back(
        {name, entry.values.front().version, entry.created, entry.rotated, entry.values.size() > 1});
  }
  return infos;
}

std::uint64_t SealedStore::version() const { return snapshot()->contents.version; }

bool SealedStore::root_key_rotation_due() const {
  return snapshot()->contents.wraps >= options_.rotate_at_wraps;
}

// Counts the wrap before it is made, in the contents that are written together with the record.
Result<std::string> SealedStore::seal_value(StoreContents& contents, const RootKeys& roots,
                                            const RecordContext& context, std::string_view value) const {
  if (contents.wraps >= options_.stop_at_wraps) {
    return cannot_use("the root key has wrapped as many data keys as it may; rotate it first");
  }
  ++contents.wraps;
  return seal(*roots.find(contents.key_version), context, value, options_.random);
}

// Under the lock, on the newest state: change(contents, roots) -> Result<Done>, then one write.
template <class Change>
Result<Done> SealedStore::change(Change change) {
  const auto lock = FileLock::take(path_, options_.patience);
  if (!lock) return lock.error();
  if (const auto fresh = refresh(); !fresh) return fresh.error();
  const auto held = snapshot();
  auto contents = held->contents;
  if (contents.version == 0) {
    auto id = random_id(options_.random);
    if (!id) return id.error();
    contents.store_id = std::move(*id);
    contents.key_version = held->roots.newest().version;
    contents.key_id = held->roots.newest().id();
    auto proof = seal_value(contents, held->roots, contents.context_of_proof(options_.workspace), kProofText);
    if (!proof) return proof.error();
    contents.proof = std::move(*proof);
  }
  if (const auto changed = change(contents, held->roots); !changed) return changed;
  return write(std::move(contents), *held->roots.find(contents.key_version));
}

Result<Done> SealedStore::write(StoreContents contents, const RootKey& root) {
  ++contents.version;
  const auto bytes = print_store(contents, root);
  if (!bytes) return bytes.error();
  if (const auto written = replace_file(path_, *bytes, options_.before); !written) return written;
  // Read back what is there, so that what we serve is what a restart will find.
  if (const auto fresh = reload(); !fresh) return fresh.error();
  return Done{};
}

Result<Done> SealedStore::put(std::string_view name, const Secret& value, TimePoint now) {
  if (const auto checked = check_new_value(name, value); !checked) return checked;
  return change([&](StoreContents& contents, const RootKeys& roots) -> Result<Done> {
    auto found = contents.entries.find(name);
    if (found == contents.entries.end()) {
      auto id = random_id(options_.random);
      if (!id) return id.error();
      found = contents.entries.emplace(std::string(name), Entry{std::move(*id), now, now, {}}).first;
    }
    auto& entry = found->second;
    const auto version = entry.values.empty() ? 1 : entry.values.front().version + 1;
    const auto context = contents.context_of(options_.workspace, found->first, entry, version);
    auto record = seal_value(contents, roots, context, value.reveal());
    if (!record) return record.error();
    entry.values = {{version, std::move(*record)}};
    entry.rotated = now;
    return Done{};
  });
}

Result<Done> SealedStore::rotate(std::string_view name, const Secret& value, TimePoint now) {
  if (const auto checked = check_new_value(name, value); !checked) return checked;
  return change([&](StoreContents& contents, const RootKeys& roots) -> Result<Done> {
    const auto found = contents.entries.find(name);
    if (found == contents.entries.end()) return unknown(name);
    auto& entry = found->second;
    if (entry.values.size() > 1) {
      return Failure(
          FailureKind::rejected,
          fmt::format("`{}` is being rotated already: its previous value is still valid, and somebody may "
                      "use it. End that first with `baton secret retire {}`",
                      name, name));
    }
    const auto version = entry.values.front().version + 1;
    const auto context = contents.context_of(options_.workspace, found->first, entry, version);
    auto record = seal_value(contents, roots, context, value.reveal());
    if (!record) return record.error();
    entry.values.insert(entry.values.begin(), SealedValue{version, std::move(*record)});
    entry.rotated = now;
    return Done{};
  });
}

Result<Done> SealedStore::retire(std::string_view name) {
  return change([&](StoreContents& contents, const RootKeys&) -> Result<Done> {
    const auto found = contents.entries.find(name);
    if (found == contents.entries.end()) return unknown(name);
    if (found->second.values.size() < 2) {
      return Failure(FailureKind::rejected, fmt::format("`{}` has no previous value", name));
    }
    found->second.values.resize(1);
    return Done{};
  });
}

Result<Done> SealedStore::remove(std::string_view name) {
  return change([&](StoreContents& contents, const RootKeys&) -> Result<Done> {
    const auto found = contents.entries.find(name);
    if (found == contents.entries.end()) return unknown(name);
    contents.entries.erase(found);
    return Done{};
  });
}

// Precondition: the lock is held, the snapshot is fresh and `to` stands in the key file.
Result<std::size_t> SealedStore::rewrap_all(const RootKey& to) {
  const auto held = snapshot();
  auto contents = held->contents;
  contents.key_version = to.version;
  contents.key_id = to.id();
  contents.wraps = 0;
  auto proof = seal_value(contents, held->roots, contents.context_of_proof(options_.workspace), kProofText);
  if (!proof) return proof.error();
  contents.proof = std::move(*proof);
  std::size_t rewrapped = 0;
  for (auto& [name, entry] : contents.entries) {
    for (auto& value : entry.values) {
      const auto context = contents.context_of(options_.workspace, name, entry, value.version);
      auto record = rewrap(held->roots, to, context, value.record, options_.random);
      if (!record) return record.error();
      value.record = std::move(*record);
      ++contents.wraps;
      ++rewrapped;
    }
  }
  if (const auto written = write(std::move(contents), to); !written) return written.error();
  return rewrapped;
}

Result<RootKeyRotation> SealedStore::rotate_root_key() {
  const auto lock = FileLock::take(path_, options_.patience);
  if (!lock) return lock.error();
  if (const auto fresh = reload(); !fresh) return fresh.error();
  auto held = snapshot();
  if (held->contents.version == 0)
    return cannot_use("the sealed store is empty: there is nothing to rotate yet");

  RootKeyRotation rotation;
  rotation.from = held->roots.all().begin()->first;
  rotation.resumed = held->roots.all().size() > 1;  // a finished rotation leaves one
  if (!rotation.resumed) {
    const auto added = add_root_key(options_.root_key_path, options_.random, options_.before);
    if (!added) return added.error();
    if (const auto fresh = reload(); !fresh) return fresh.error();
    held = snapshot();
  }
  const auto& newest = held->roots.newest();
  rotation.to = newest.version;
  if (held->contents.key_version != newest.version) {
    const auto rewrapped = rewrap_all(newest);
    if (!rewrapped) return rewrapped.error();
    rotation.rewrapped = *rewrapped;
  }
  const auto retired = retire_root_keys(options_.root_key_path, newest.version, options_.before);
  if (!retired) return retired.error();
  if (const auto fresh = reload(); !fresh) return fresh.error();
  return rotation;
}

}  // namespace baton::secrets
