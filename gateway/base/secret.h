// Purpose: a credential that cannot be printed, copied or forgotten in memory.
// Owner: whoever holds it; move only. Threads: a plain value. Errors: none.
// reveal() is the one way to the bytes: search for it to see every place where a secret is used.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <string.h>

namespace baton {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) { wipe(bytes); }
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }

  // Valid while this object is; never store or log what it returns.
  std::string_view reveal() const { return bytes_; }

  // A second owner of the same credential, made on purpose.
  Secret duplicate() const { return Secret(std::string(bytes_)); }

 private:
  // Short strings live inside the object, so a moved-from one may still hold the bytes.
  static void wipe(std::string& bytes) {
    ::explicit_bzero(bytes.data(), bytes.size());
    bytes.clear();
  }

  std::string bytes_;
};

}  // namespace baton
