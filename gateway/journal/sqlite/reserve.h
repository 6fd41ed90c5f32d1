// Purpose: a preallocated file that is given up when the disk is full, so that deliveries can
// still be recorded; and how much space there is.
// Owner: the writer. Threads: the writer's. Errors: none; without space there is no reserve.
#pragma once

#include <string>

#include "gateway/journal/sqlite/options.h"

namespace baton::sqlite {

class Reserve {
 public:
  Reserve(std::string directory, std::uint64_t size);

  void fill();     // if it is not there
  bool give_up();  // false: there was none
  SqliteOptions::Space space() const;

 private:
  std::string directory_;
  std::string path_;
  std::uint64_t size_;
  bool filled_ = false;
};

}  // namespace baton::sqlite
