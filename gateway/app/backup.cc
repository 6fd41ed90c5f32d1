#include "gateway/app/backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/journal/sqlite/backup.h"
#include "secrets/crypto.h"
#include "secrets/durable_file.h"

namespace baton::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kFormat = 1;
constexpr std::size_t kLargestFile = 256 << 20;  // of the small ones
constexpr auto kStore = "journal.db";
constexpr auto kManifest = "manifest.json";
constexpr auto kSmall = std::to_array<const char*>({"secrets.sealed", "tokens.json"});

Failure cannot(const std::string& doing, const std::error_code& error) {
  const bool full = error == std::errc::no_space_on_device;
  return Failure(full ? FailureKind::retryable : FailureKind::misconfigured,
                 "cannot " + doing + ": " + error.message());
}

Result<Done> sync_directory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && ::fsync(directory) == 0;
  if (directory >= 0) ::close(directory);
  if (!synced) return Failure(FailureKind::retryable, "cannot sync the folder " + path);
  return Done{};
}

// A folder that gets its name when it is whole, and is gone again if it never was.
class Growing {
 public:
  static Result<Growing> make(const std::string& name) {
    Growing growing(name);
    std::error_code error;
    fs::remove_all(growing.path(), error);  // what a killed one left behind
    fs::create_directory(growing.path(), error);
    if (error) return cannot("make " + growing.path(), error);
    fs::permissions(growing.path(), fs::perms::owner_all, error);
    return growing;
  }
  Growing(Growing&& other) noexcept : name_(std::exchange(other.name_, "")) {}
  Growing& operator=(Growing&&) = delete;
  ~Growing() {
    std::error_code ignored;
    if (!name_.empty()) fs::remove_all(path(), ignored);
  }

  std::string path() const { return name_ + ".partial"; }
  std::string path(const std::string& file) const { return path() + "/" + file; }
  Result<Done> finish() {
    if (auto synced = sync_directory(path()); !synced) return synced;
    std::error_code error;
    fs::rename(path(), name_, error);
    if (error) return cannot("name the folder " + name_, error);
    const auto parent = fs::absolute(name_).parent_path().string();
    name_.clear();
    return sync_directory(parent);
  }

 private:
  explicit Growing(std::string name) : name_(std::move(name)) {}
  std::string name_;
};

// 2026-09-01T101529Z: as a file may be called everywhere.
std::string stamp(TimePoint at) {
  auto text = to_rfc3339(at);
  std::erase(text, ':');
  return text.substr(0, text.find('.')) + "Z";
}

std::string final_name(std::string to, TimePoint now) {
  while (to.size() > 1 && to.ends_with('/')) to.pop_back();
  std::error_code ignored;
  return fs::is_directory(to, ignored) ? to + "/baton-" + stamp(now) : to;
}

Result<json> manifest_entry(const std::string& folder, const std::string& name) {
  const auto path = folder + "/" + name;
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return cannot("read " + path, error);
  const auto digest = secrets::sha256_of_file(path);
  if (!digest) return digest.error();
  return json{{"name", name}, {"size", size}, {"sha256", to_hex(*digest)}};
}

json counts_of(const StoreContents& contents) {
  return {{"handoffs", contents.handoffs},   {"open_handoffs", contents.open},
          {"facts", contents.facts},         {"jobs", contents.jobs},
          {"documents", contents.documents}, {"audit_entries", contents.audit}};
}

// Small private files, replaced as a whole by whoever changes them: any reading is one of their states.
Result<Done> copy_small(const std::string& from, const std::string& to) {
  const auto file = secrets::read_private_file(from, kLargestFile);
  if (!file) return file.error();
  if (!*file) return Done{};
  return secrets::create_file(to, (*file)->bytes.reveal());
}

Result<json> fill(const Growing& folder, const std::string& data_dir, TimePoint now,
                  const std::stop_token& stop) {
  const auto copied = copy_store(data_dir, folder.path(kStore), stop);
  if (!copied) return copied.error();
  const auto contents = examine_store(folder.path(kStore));
  if (!contents) return contents.error();
  json manifest = {{"format", kFormat},
                   {"made_at", to_rfc3339(now)},
                   {"schema", contents->schema},
                   {"rows", counts_of(*contents)},
                   {"damaged", contents->report.damaged},
                   {"structure", contents->report.structure},
                   {"root_key", "not included: keep it apart from the backups"}};
  std::vector<std::string> names = {kStore};
  for (const auto* name : kSmall) {
    if (auto put = copy_small(data_dir + "/" + name, folder.path(name)); !put) return put.error();
    std::error_code ignored;
    if (fs::exists(folder.path(name), ignored)) names.emplace_back(name);
  }
  manifest["files"] = json::array();
  for (const auto& name : names) {
    auto file = manifest_entry(folder.path(), name);
    if (!file) return file.error();
    manifest["files"].push_back(std::move(*file));
  }
  const auto written = secrets::create_file(folder.path(kManifest), manifest.dump(2) + "\n");
  if (!written) return written.error();
  return manifest;
}

Result<json> read_manifest(const std::string& folder) {
  const auto file = secrets::read_private_file(folder + "/" + kManifest, kLargestFile);
  if (!file) return file.error();
  if (!*file) {
    return Failure(FailureKind::misconfigured, folder + " is no backup: it has no " + kManifest +
                                                   " (one that ends in .partial is not whole)");
  }
  auto manifest = parse_json((*file)->bytes.reveal(), FailureKind::rejected, folder + "/" + kManifest);
  if (!manifest) return manifest.error();
  const auto format = JsonView(*manifest)["format"].integer();
  if (format != kFormat) {
    return Failure(FailureKind::rejected, folder + " has the format " + std::to_string(format.value_or(0)) +
                                              " of another Baton; restore it with that one");
  }
  return manifest;
}

bool is_ours(std::string_view name) {
  return name == kStore || std::ranges::find(kSmall, name) != kSmall.end();
}

// What the manifest says of a file, against the file in `folder`.
Result<Done> verify_file(const std::string& folder, JsonView file) {
  const auto now = manifest_entry(folder, file["name"].text());
  if (!now) return now.error();
  if (JsonView(*now)["sha256"].text() == file["sha256"].text() &&
      JsonView(*now)["size"].integer() == file["size"].integer()) {
    return Done{};
  }
  return Failure(FailureKind::rejected,
                 folder + "/" + file["name"].text() +
                     " is not what was backed up: its checksum differs. Use another backup");
}

Result<Done> bring(const std::string& from, const Growing& to, const std::string& name) {
  std::error_code error;
  fs::copy_file(from + "/" + name, to.path(name), error);
  if (!error) fs::permissions(to.path(name), fs::perms::owner_read | fs::perms::owner_write, error);
  if (error) return cannot("copy " + name + " to " + to.path(), error);
  const int file = ::open(to.path(name).c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (!synced) return Failure(FailureKind::retryable, "cannot sync " + to.path(name));
  return Done{};
}

// The copy is judged, not the original: what arrives is what counts.
Result<Done> bring_all(const std::string& from, const Growing& to, JsonView manifest) {
  bool has_store = false;
  for (const auto& file : items(manifest["files"])) {
    const auto name = file["name"].text();
    if (!is_ours(name))
      return Failure(FailureKind::rejected, "the manifest names `" + name + "`, which no backup has");
    if (auto brought = bring(from, to, name); !brought) return brought;
    if (auto same = verify_file(to.path(), file); !same) return same;
    has_store = has_store || name == kStore;
  }
  if (!has_store) return Failure(FailureKind::rejected, from + " has no store");
  const auto contents = examine_store(to.path(kStore));
  if (!contents) return contents.error();
  if (contents->report.structure.empty()) return Done{};
  return Failure(FailureKind::rejected,
                 "the store in " + from + " is damaged: " + contents->report.structure[0] +
                     ". Use another backup, or repair a copy with `baton fsck --repair`");
}

}  // namespace

Result<json> make_backup(const std::string& data_dir, const std::string& to, TimePoint now,
                         const std::stop_token& stop) {
  const auto name = final_name(to, now);
  std::error_code ignored;
  if (fs::exists(name, ignored)) {
    return Failure(FailureKind::misconfigured, name + " exists: nothing is overwritten");
  }
  auto folder = Growing::make(name);
  if (!folder) return folder.error();
  auto manifest = fill(*folder, data_dir, now, stop);
  if (!manifest) return manifest.error();
  if (auto finished = folder->finish(); !finished) return finished.error();
  (*manifest)["path"] = name;
  return manifest;
}

Result<json> restore_backup(const std::string& from, const std::string& data_dir) {
  std::error_code ignored;
  if (fs::exists(data_dir, ignored) &&
      (!fs::is_directory(data_dir, ignored) || !fs::is_empty(data_dir, ignored))) {
    return Failure(FailureKind::misconfigured,
                   data_dir + " is not empty: a restore overwrites nothing. Move it away first");
  }
  auto manifest = read_manifest(from);
  if (!manifest) return manifest.error();
  std::string name = data_dir;
  while (name.size() > 1 && name.ends_with('/')) name.pop_back();
  auto folder = Growing::make(name);
  if (!folder) return folder.error();
  if (auto brought = bring_all(from, *folder, JsonView(*manifest)); !brought) return brought.error();
  if (auto finished = folder->finish(); !finished) return finished.error();
  return manifest;
}

}  // namespace baton::app
