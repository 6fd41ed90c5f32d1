// Purpose: the one output of a render: bytes that grow up to a limit. Past the limit it takes nothing
// more and says so, which makes every writer total without a check of its own.
// Owner: one render. Threads: one. Units: bytes. Errors: full().
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace baton::mappings {

class Buffer {
 public:
  explicit Buffer(std::size_t max_bytes) : max_bytes_(max_bytes) {}

  void append(std::string_view piece) {
    if (piece.size() > capacity_ - size_ && !grow(piece.size())) return;
    if (!piece.empty()) std::memcpy(data_.get() + size_, piece.data(), piece.size());
    size_ += piece.size();
  }
  void push(char byte) {
    if (size_ == capacity_ && !grow(1)) return;
    data_[size_++] = byte;
  }
  // At least `count` writable bytes behind the end, or nullptr; wrote() says how many were used.
  char* room(std::size_t count) {
    return count > capacity_ - size_ && !grow(count) ? nullptr : data_.get() + size_;
  }
  void wrote(std::size_t count) { size_ += count; }

  void truncate(std::size_t size) { size_ = size; }
  std::size_t size() const { return size_; }
  bool full() const { return full_; }
  std::string_view view() const { return {data_.get(), size_}; }
  std::string_view view_from(std::size_t start) const { return view().substr(start); }
  std::string text() const { return std::string(view()); }

 private:
  bool grow(std::size_t more);

  std::unique_ptr<char[]> data_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t max_bytes_;
  bool full_ = false;
};

}  // namespace baton::mappings
