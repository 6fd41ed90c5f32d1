// Purpose: what one render carries with it: the data, the variables, the arena, the limits and the
// first failure. After a failure everything goes on doing nothing until the render returns.
// Owner: one render. Threads: one. Units: work counts pieces, loop turns, filter calls and the items
// that filters look at. Errors: failure().
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/time.h"
#include "mappings/engine/ast.h"
#include "mappings/engine/template.h"
#include "mappings/engine/value.h"

namespace baton::mappings {

class Run {
 public:
  Run(const Names& names, Value data, TimePoint now, const Limits& limits);

  Value data() const { return data_; }
  TimePoint now() const { return now_; }
  Arena& arena() { return arena_; }
  const Limits& limits() const { return limits_; }

  // Variables: a loop's own hides an assigned one, which hides a counter, which hides the data.
  Value variable(std::uint32_t slot);
  Value variable_named(std::string_view name);  // where the name is computed
  void assign(std::uint32_t slot, Value value);
  // A counter begins at 0, whatever the data says. `increment` yields what was, `decrement` what is.
  std::int64_t bump(std::uint32_t slot, bool up);
  void forget_assigned();  // between the strings of a document

  // Hides the variable while a loop runs.
  class Local {
   public:
    Local(Run& run, std::uint32_t slot);
    ~Local();
    Local(const Local&) = delete;
    Local& operator=(const Local&) = delete;
    void set(Value value);

   private:
    Run& run_;
    std::uint32_t slot_;
    Value before_;
    bool had_before_;
  };

  // Counts work; false once there was too much of it, or a failure.
  bool spend(std::size_t work = 1) {
    if (work > work_left_) return overspent();
    work_left_ -= work;
    return true;
  }
  std::size_t work_left() const { return work_left_; }

  void at(const Program& program, std::uint32_t offset) {
    program_ = &program;
    offset_ = offset;
  }
  void fail(std::string message);  // at the place that was named last; the first one counts
  bool failed() const { return failure_.has_value(); }
  const std::optional<Failure>& failure() const { return failure_; }

  // What tags remember from one use to the next.
  struct Memory {
    std::map<std::string, std::int64_t, std::less<>> offsets;  // `offset: continue`
    std::map<std::string, std::size_t, std::less<>> cycles;
    std::string changed;
    bool has_changed = false;
    const ForLoop* loop = nullptr;
  };
  Memory memory;

 private:
  struct Slot {
    Value local;
    Value assigned;
    Value data;
    std::int64_t counter = 0;
    bool has_local = false;
    bool has_assigned = false;
    bool has_data = false;
    bool has_counter = false;
  };

  bool overspent();

  const Names& names_;
  Value data_;
  TimePoint now_;
  Limits limits_;
  Arena arena_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> assigned_;
  std::size_t work_left_;
  const Program* program_ = nullptr;
  std::uint32_t offset_ = 0;
  std::optional<Failure> failure_;
};

// The value of an expression and of a whole pipeline, the truth of a condition.
Value evaluate(const Expression& expression, Run& run);
Value evaluate(const Pipeline& pipeline, const Program& program, Run& run);
bool evaluate(const Condition& condition, const Program& program, Run& run);

// Runs a program; what it writes goes to `out`.
void execute(const Program& program, Run& run, Buffer& out);

// The part of a collection that a loop goes over, after offset, limit and reversed.
std::vector<Value> loop_items(const Loop& loop, const Program& program, Run& run);

}  // namespace baton::mappings
