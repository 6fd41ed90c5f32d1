// Purpose: what of an error's texts stays the same from customer to customer and from release to release.
// Owner: fingerprint.cc. Threads: any; pure, linear. Units: bytes of UTF-8, cut at 4 KiB (a stack at 32).
// Errors: none; what is not understood is taken as it is.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "gateway/base/text.h"

namespace baton::handoff {

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
  return std::ranges::find(words, word) != words.end();
}

inline bool has_digit(std::string_view text) { return std::ranges::any_of(text, is_digit); }

struct MessageTemplate {
  std::string text;    // words joined by a blank, "*" for what varies
  std::string type;    // "TypeError: ..." gives typeerror
  std::string target;  // the host or service it names
  bool truncated = false;
};

// Numbers, dates, ids, addresses, quoted values, names after "user" and the like become stars. A number that
// says what went wrong (HTTP 502, errno 111) stays.
MessageTemplate message_template(std::string_view message);

// "https://shop.example/de/orders/4711?x=1" -> "/orders/:id".
std::string page_template(std::string_view url);

// "payments-7d9f8b6c5-x2x4z@1.4.2" -> "payments"; "PSP_502" -> "psp-502".
std::string component_name(std::string_view component);
std::string code_name(std::string_view code);

struct Top {
  std::string frame;
  std::string type;  // of the exception that its first line names
};

// Reads stacks as V8, Firefox, Safari, the JVM, .NET, Python, Ruby, PHP, Go, Rust and gdb write them.
Top top_of_stack(std::string_view stack);

}  // namespace baton::handoff
