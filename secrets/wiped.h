// Purpose: text that is wiped when it is freed or grows, for secrets on their way into a Secret.
// Owner: a local variable. Threads: a plain value. Units: bytes. Errors: none.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <string.h>

#include "gateway/base/secret.h"

namespace baton::secrets {

template <class T>
struct WipingAllocator {
  using value_type = T;
  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) {}

  T* allocate(std::size_t count) { return std::allocator<T>().allocate(count); }
  void deallocate(T* memory, std::size_t count) {
    ::explicit_bzero(static_cast<void*>(memory), count * sizeof(T));
    std::allocator<T>().deallocate(memory, count);
  }
  template <class U>
  bool operator==(const WipingAllocator<U>&) const {
    return true;
  }
};

using WipedText = std::basic_string<char, std::char_traits<char>, WipingAllocator<char>>;

// Longer than what a string keeps inside itself: such bytes move by pointer and leave no copy behind.
inline constexpr std::size_t kOnHeap = 32;

inline Secret secret_from(std::string_view bytes) {
  std::string copy;
  copy.reserve(bytes.size() < kOnHeap ? kOnHeap : bytes.size());
  copy.append(bytes);
  return Secret(std::move(copy));
}

inline WipedText wiped_text(std::size_t capacity) {
  WipedText text;
  text.reserve(capacity < kOnHeap ? kOnHeap : capacity);
  return text;
}

}  // namespace baton::secrets
