#include "gateway/journal/sqlite/reader.h"

#include <pthread.h>

#include "gateway/journal/sqlite/connection.h"

namespace baton::sqlite {

Reader::Reader(const std::string& path, const std::string& vfs, std::size_t max_queued)
    : db_(path, SQLITE_OPEN_READONLY, vfs), max_queued_(max_queued) {
  configure_reader(db_);
  thread_ = std::jthread([this] { run(); });
}

Reader::~Reader() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool Reader::enqueue(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() >= max_queued_ || stopping_) return false;
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
  return true;
}

void Reader::run() {
  ::pthread_setname_np(::pthread_self(), "journal-read");
  for (;;) {
    Work work;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return !queue_.empty() || stopping_; });
      if (queue_.empty()) return;
      work = std::move(queue_.front());
      queue_.pop_front();
    }
    work(db_);
  }
}

}  // namespace baton::sqlite
