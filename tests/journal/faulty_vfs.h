// Purpose: a disk that fails on request, and that remembers what was written and synced, so that
// the moment of a power cut can be chosen afterwards. A thin SQLite VFS over the real one.
// Owner: a test; it outlives the journals that use it. Threads: any; faults are drawn one by one.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

struct sqlite3_vfs;

namespace baton::journal_testing {

enum class Fault { write_fails, disk_full, short_write, sync_fails, open_fails, truncate_fails };

class FaultyVfs {
 public:
  FaultyVfs();
  ~FaultyVfs();
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  const std::string& name() const { return name_; }

  // The `at`-th call that `fault` concerns fails, once.
  void fail(Fault fault, int at);
  bool failed() const { return failed_; }
  // A disk without space: every write fails until it has some again.
  void full(bool is) { full_ = is; }

  void record() { recording_ = true; }
  void acknowledge();  // something was answered now
  int acknowledged() const { return acknowledged_; }

  // What the disk holds after a cut behind the first `moment` operations: all that was synced, and
  // of the rest pieces of 512 bytes by chance. By file name; `acknowledged` counts what was answered
  // before.
  struct Image {
    std::map<std::string, std::string> files;
    int acknowledged = 0;
  };
  Image cut(std::size_t moment, std::mt19937& random) const;
  std::size_t moments() const { return operations_.size(); }

  // For the file methods.
  bool strikes(Fault fault);
  void wrote(const std::string& file, std::int64_t at, std::string bytes);
  void truncated(const std::string& file, std::int64_t size);
  void synced(const std::string& file);
  void removed(const std::string& file);

 private:
  enum class Kind { write, truncate, sync, remove, acknowledge };
  struct Operation {
    Kind kind;
    std::string file;
    std::int64_t at = 0;
    std::string bytes;
  };
  void remember(Operation operation);

  std::string name_;
  sqlite3_vfs* vfs_;
  std::mutex mutex_;
  Fault fault_ = Fault::write_fails;
  int countdown_ = 0;
  bool failed_ = false;
  std::atomic<bool> full_ = false;
  bool recording_ = false;
  int acknowledged_ = 0;
  std::vector<Operation> operations_;
};

}  // namespace baton::journal_testing
