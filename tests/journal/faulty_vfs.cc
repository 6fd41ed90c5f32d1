#include "tests/journal/faulty_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <atomic>
#include <new>
#include <set>

namespace baton::journal_testing {
namespace {

struct FaultyFile {
  sqlite3_file base;
  FaultyVfs* owner;
  std::string* name;
  sqlite3_file* real;
};

FaultyFile& file(sqlite3_file* at) { return *reinterpret_cast<FaultyFile*>(at); }
sqlite3_file* real(sqlite3_file* at) { return file(at).real; }
sqlite3_vfs* real_vfs() { return sqlite3_vfs_find("unix"); }
FaultyVfs& owner(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }

int close(sqlite3_file* at) {
  const int code = real(at)->pMethods->xClose(real(at));
  delete file(at).name;
  return code;
}
int read(sqlite3_file* at, void* to, int size, sqlite3_int64 from) {
  return real(at)->pMethods->xRead(real(at), to, size, from);
}
int write(sqlite3_file* at, const void* from, int size, sqlite3_int64 to) {
  auto& faulty = file(at);
  if (faulty.owner->strikes(Fault::write_fails)) return SQLITE_IOERR_WRITE;
  if (faulty.owner->strikes(Fault::disk_full)) return SQLITE_FULL;
  const bool cut_short = faulty.owner->strikes(Fault::short_write);
  if (cut_short) size /= 2;
  faulty.owner->wrote(*faulty.name, to,
                      std::string(static_cast<const char*>(from), static_cast<std::size_t>(size)));
  const int code = real(at)->pMethods->xWrite(real(at), from, size, to);
  return cut_short ? SQLITE_FULL : code;
}
int truncate(sqlite3_file* at, sqlite3_int64 size) {
  auto& faulty = file(at);
  if (faulty.owner->strikes(Fault::truncate_fails)) return SQLITE_IOERR_TRUNCATE;
  faulty.owner->truncated(*faulty.name, size);
  return real(at)->pMethods->xTruncate(real(at), size);
}
int sync(sqlite3_file* at, int flags) {
  auto& faulty = file(at);
  if (faulty.owner->strikes(Fault::sync_fails)) return SQLITE_IOERR_FSYNC;
  const int code = real(at)->pMethods->xSync(real(at), flags);
  if (code == SQLITE_OK) faulty.owner->synced(*faulty.name);
  return code;
}
int size_of(sqlite3_file* at, sqlite3_int64* size) { return real(at)->pMethods->xFileSize(real(at), size); }
int lock(sqlite3_file* at, int level) { return real(at)->pMethods->xLock(real(at), level); }
int unlock(sqlite3_file* at, int level) { return real(at)->pMethods->xUnlock(real(at), level); }
int reserved(sqlite3_file* at, int* out) { return real(at)->pMethods->xCheckReservedLock(real(at), out); }
int control(sqlite3_file* at, int op, void* arg) {
  return real(at)->pMethods->xFileControl(real(at), op, arg);
}
int sector(sqlite3_file* at) { return real(at)->pMethods->xSectorSize(real(at)); }
// No promise that a whole page is written or none of it.
int traits(sqlite3_file*) { return 0; }
int shm_map(sqlite3_file* at, int page, int size, int extend, void volatile** out) {
  return real(at)->pMethods->xShmMap(real(at), page, size, extend, out);
}
int shm_lock(sqlite3_file* at, int offset, int n, int flags) {
  return real(at)->pMethods->xShmLock(real(at), offset, n, flags);
}
void shm_barrier(sqlite3_file* at) { real(at)->pMethods->xShmBarrier(real(at)); }
int shm_unmap(sqlite3_file* at, int remove) { return real(at)->pMethods->xShmUnmap(real(at), remove); }

const sqlite3_io_methods kMethods = {2,        close,       read,      write,   truncate, sync,   size_of,
                                     lock,     unlock,      reserved,  control, sector,   traits, shm_map,
                                     shm_lock, shm_barrier, shm_unmap, nullptr, nullptr};

int open(sqlite3_vfs* vfs, const char* path, sqlite3_file* to, int flags, int* out) {
  auto& faulty = file(to);
  faulty.base.pMethods = nullptr;
  if (owner(vfs).strikes(Fault::open_fails)) return SQLITE_CANTOPEN;
  faulty.real = reinterpret_cast<sqlite3_file*>(&faulty + 1);
  const int code = real_vfs()->xOpen(real_vfs(), path, faulty.real, flags, out);
  if (code != SQLITE_OK) return code;
  const std::string whole = path ? path : "";
  faulty.owner = &owner(vfs);
  faulty.name = new std::string(whole.substr(whole.rfind('/') + 1));
  faulty.base.pMethods = &kMethods;
  return SQLITE_OK;
}
int remove(sqlite3_vfs* vfs, const char* path, int sync_directory) {
  const std::string whole = path;
  owner(vfs).removed(whole.substr(whole.rfind('/') + 1));
  return real_vfs()->xDelete(real_vfs(), path, sync_directory);
}

// Overwrites, growing as needed.
void put(std::string& content, std::int64_t at, std::string_view bytes) {
  const auto end = static_cast<std::size_t>(at) + bytes.size();
  if (content.size() < end) content.resize(end, '\0');
  std::copy(bytes.begin(), bytes.end(), content.begin() + at);
}

}  // namespace

FaultyVfs::FaultyVfs() {
  static std::atomic<int> made = 0;
  name_ = "faulty" + std::to_string(++made);
  vfs_ = new sqlite3_vfs(*real_vfs());
  vfs_->zName = name_.c_str();
  vfs_->pAppData = this;
  vfs_->szOsFile = static_cast<int>(sizeof(FaultyFile)) + real_vfs()->szOsFile;
  vfs_->xOpen = open;
  vfs_->xDelete = remove;
  sqlite3_vfs_register(vfs_, 0);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(vfs_);
  delete vfs_;
}

void FaultyVfs::fail(Fault fault, int at) {
  const std::lock_guard hold(mutex_);
  fault_ = fault;
  countdown_ = at;
}

bool FaultyVfs::strikes(Fault fault) {
  if (fault == Fault::disk_full && full_) return true;
  const std::lock_guard hold(mutex_);
  if (fault != fault_ || countdown_ == 0 || --countdown_ != 0) return false;
  failed_ = true;
  return true;
}

void FaultyVfs::remember(Operation operation) {
  const std::lock_guard hold(mutex_);
  if (recording_) operations_.push_back(std::move(operation));
}

void FaultyVfs::wrote(const std::string& name, std::int64_t at, std::string bytes) {
  remember({Kind::write, name, at, std::move(bytes)});
}
void FaultyVfs::truncated(const std::string& name, std::int64_t size) {
  remember({Kind::truncate, name, size, {}});
}
void FaultyVfs::synced(const std::string& name) { remember({Kind::sync, name, 0, {}}); }
void FaultyVfs::removed(const std::string& name) { remember({Kind::remove, name, 0, {}}); }
void FaultyVfs::acknowledge() {
  ++acknowledged_;
  remember({Kind::acknowledge, {}, 0, {}});
}

FaultyVfs::Image FaultyVfs::cut(std::size_t moment, std::mt19937& random) const {
  Image image;
  std::map<std::string, std::size_t> synced_until;
  for (std::size_t i = 0; i < moment; ++i) {
    if (operations_[i].kind == Kind::sync) synced_until[operations_[i].file] = i;
  }
  for (std::size_t i = 0; i < moment; ++i) {
    const auto& operation = operations_[i];
    if (operation.kind == Kind::acknowledge) ++image.acknowledged;
    if (operation.file.empty()) continue;
    const auto durable = synced_until.find(operation.file);
    const bool is_durable = durable != synced_until.end() && i < durable->second;
    auto& content = image.files[operation.file];
    switch (operation.kind) {
      case Kind::remove: content.clear(); break;
      case Kind::truncate:
        if (is_durable || random() % 2) content.resize(static_cast<std::size_t>(operation.at));
        break;
      case Kind::write: {
        const auto way = random() % 3;  // of what was not synced: none, all, or pieces
        if (is_durable || way == 1) put(content, operation.at, operation.bytes);
        if (is_durable || way != 2) break;
        for (std::size_t piece = 0; piece < operation.bytes.size(); piece += 512) {
          if (random() % 2 == 0) continue;
          put(content, operation.at + static_cast<std::int64_t>(piece),
              std::string_view(operation.bytes).substr(piece, 512));
        }
        break;
      }
      case Kind::sync:
      case Kind::acknowledge: break;
    }
  }
  return image;
}

}  // namespace baton::journal_testing
