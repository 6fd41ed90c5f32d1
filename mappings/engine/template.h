// Purpose: one Liquid text, compiled once and rendered often. Pure and total: no I/O, no clock ("now"
// comes in), and every render ends within its limits. What is not supported is an error with its
// place when the text is parsed, never ignored.
// Owner: whoever parsed it. Threads: immutable; renders may run side by side. Units: bytes.
// Errors: parsing reports every problem at once; a render that cannot go on is a `rejected` Failure
// that begins with the place, "zendesk.yaml:12:5: ...".
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "gateway/base/result.h"
#include "gateway/base/time.h"
#include "gateway/model/node.h"

namespace baton::mappings {

struct Program;

struct Limits {
  std::size_t max_work = 1'000'000;  // pieces, loop turns, filter calls, items looked at
  std::size_t max_output_bytes = 4 * 1024 * 1024;
  std::size_t max_memory_bytes = 16 * 1024 * 1024;  // texts and lists that filters make
};

inline constexpr std::size_t kMaxTemplateBytes = 1024 * 1024;
inline constexpr int kMaxNesting = 100;  // of blocks, and of brackets in an expression

class Template {
 public:
  // `origin` is where the text's first character stands.
  static Result<Template> parse(std::string_view text, Position origin = {"template", 1, 1});
  static std::shared_ptr<const Program> parse(std::string_view text, Position origin, Problems& problems);

  Result<std::string> render(const nlohmann::json& data, TimePoint now, const Limits& limits = {}) const;
  // The same over a JSON text, whose objects keep the order of their members in loops.
  Result<std::string> render_json(std::string_view data, TimePoint now, const Limits& limits = {}) const;

 private:
  explicit Template(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

  std::shared_ptr<const Program> program_;  // shared: a Template is a value, and its program never changes
};

}  // namespace baton::mappings
