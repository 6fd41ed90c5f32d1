// Purpose: a credential that cannot be printed, copied or forgotten in memory.
// Owner: whoever holds it; move only. Threads: a plain value. Errors: none.
// reveal() is the one way to the bytes: search for it to see every place where a secret is used.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <string.h>

namespace baton {

class Secret {
 public:
  Secret() = default;
  // Copies the bytes and wipes what was given: a short string lives inside of its object, and moving
  // from it would leave the bytes there.
  explicit Secret(std::string bytes) : bytes_(bytes.begin(), bytes.end()) {
    ::explicit_bzero(bytes.data(), bytes.size());
  }
  Secret(Secret&&) noexcept = default;
  Secret& operator=(Secret&& other) noexcept {
    wipe();
    bytes_ = std::exchange(other.bytes_, {});
    return *this;
  }
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(); }

  bool empty() const { return bytes_.empty(); }
  std::size_t size() const { return bytes_.size(); }

  // Valid while this object is; never store or log what it returns.
  std::string_view reveal() const { return {bytes_.data(), bytes_.size()}; }

  // A second owner of the same credential, made on purpose.
  Secret duplicate() const { return Secret(std::string(reveal())); }

 private:
  void wipe() {
    if (!bytes_.empty()) ::explicit_bzero(bytes_.data(), bytes_.size());  // data() may be null
  }

  std::vector<char> bytes_;  // on the heap, so that a move leaves nothing behind
};

}  // namespace baton
