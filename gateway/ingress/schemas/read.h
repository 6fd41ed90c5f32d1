// Purpose: from the bytes of a request to a JSON tree, without ever building a tree that is too large,
// too deep, or that silently lost a part.
// Owner: the caller. Threads: any; nothing is shared. Units: bytes; offsets from 0, lines from 1.
// Errors: values with a stable code:
//   too_large too_deep too_many_keys too_many_values number_too_long nul_character   (scan_json)
//   empty not_utf8 not_json number_out_of_range duplicate_key                          (read_event too)
//
// A key that stands twice in one object is refused: of two values a JSON parser keeps one, which one
// depends on the parser, and what the sender meant is lost in silence. U+0000 in a text is refused
// because no store and no vendor keeps it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/result.h"
#include "gateway/model/problem.h"

namespace baton {

struct Limits {
  std::size_t max_bytes = 1024 * 1024;
  std::size_t depth = 64;        // objects and arrays inside one another
  std::size_t keys = 10'000;     // of all objects together
  std::size_t values = 100'000;  // commas: bounds the memory of [0,0,0,...]
  std::size_t number_length = 64;
};

struct LimitError {
  std::string code;
  std::string message;
  std::size_t offset = 0;
  std::size_t line = 0;
};

// What the structure of the bytes amounts to; exact if they are JSON.
struct Scan {
  std::size_t keys = 0;
  std::size_t depth = 0;
  std::string_view data;  // the text of the top-level member `data`; empty if it is not spelt so
  std::optional<LimitError> error;
};

// One pass over the bytes, before anything is built; looks at the structure only and accepts much
// that is no JSON. Never recursive, allocates only for an error.
Scan scan_json(std::string_view raw, const Limits& limits = {});

// The same as a Result; the failure's detail begins with the code.
Result<Done> check_limits(std::string_view raw, const Limits& limits = {});

struct ReadEvent {
  nlohmann::json document;         // null if there are errors
  std::string_view data;           // the bytes of its member `data`, within `raw`; may be empty
  std::vector<FieldError> errors;  // details name line and column, or the pointer
};

// Limits, syntax, encoding, duplicate keys.
ReadEvent read_event(std::string_view raw, const Limits& limits = {});

}  // namespace baton
