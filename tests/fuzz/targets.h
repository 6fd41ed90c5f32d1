// Purpose: every place where foreign bytes enter, each as one function of bytes: what a fuzzer calls, and
// what the kept corpus is replayed through. A target fails by ending the process: a sanitizer's word, or a
// property that did not hold (BATON_CHECK).
// Owner: the fuzzer, the replay. Threads: one.
#pragma once

#include <span>
#include <string_view>

namespace baton::fuzz {

struct Target {
  std::string_view name;  // the folder of its corpus
  void (*run)(std::string_view bytes);
};

std::span<const Target> targets();

}  // namespace baton::fuzz
