#include "mappings/engine/run.h"

#include <algorithm>
#include <array>

#include "mappings/engine/filters.h"
#include "mappings/engine/number.h"

namespace baton::mappings {
namespace {

std::string_view kind_name(const Value& value) {
  switch (value.kind()) {
    case Kind::nil: return "nil";
    case Kind::boolean: return "a boolean";
    case Kind::integer:
    case Kind::real:
    case Kind::json_big: return "a number";
    case Kind::text: return "a text";
    case Kind::list:
    case Kind::json_list: return "a list";
    case Kind::range: return "a range";
    default: return "an object";
  }
}

Value step_into(const Value& from, const Segment& segment, Run& run) {
  switch (segment.kind) {
    case Segment::Kind::member: {
      bool found = false;
      const auto value = member(from, segment.name, &found);
      if (found || !segment.dotted || from.is_loop()) return value;
      return command(from, segment.name, run.arena());
    }
    case Segment::Kind::index: return from.is_list() ? item(from, segment.index) : Value();
    case Segment::Kind::computed: {
      const auto key = evaluate(*segment.inner, run);
      if (key.is_text()) return member(from, key.text());
      if (key.kind() == Kind::integer && from.is_list()) return item(from, key.integer());
      return {};
    }
  }
  return {};
}

Value walk(Value value, const Expression& path, Run& run, std::size_t from = 0) {
  for (auto i = from; i < path.segments.size() && !value.nil(); ++i)
    value = step_into(value, path.segments[i], run);
  return value;
}

// `self['name']` is the variable of that name, unless the data has a `self` of its own.
Value walk_self(const Expression& path, Run& run) {
  const auto& first = path.segments.front();
  if (first.kind == Segment::Kind::member) return walk(run.variable_named(first.name), path, run, 1);
  const auto name = first.inner ? evaluate(*first.inner, run) : Value();
  return name.is_text() ? walk(run.variable_named(name.text()), path, run, 1) : Value();
}

constexpr std::int64_t kMaxBound = std::int64_t{1} << 53;

// A bound of a range. A literal with a point is cut; a computed one is an error, as in Ruby.
std::int64_t bound(const Expression& expression, Run& run) {
  const auto value = evaluate(expression, run);
  std::int64_t number = 0;
  if (value.kind() == Kind::integer) {
    number = value.integer();
  } else if (value.nil()) {
    number = 0;
  } else if (value.is_text()) {
    number = leading_integer(value.text());
  } else if (value.kind() == Kind::real && expression.kind == Expression::Kind::literal) {
    number = floor(to_number(value)).value_or(Number()).whole();
  } else {
    run.fail("a range needs whole numbers, not " + std::string(kind_name(value)));
  }
  return std::clamp(number, -kMaxBound, kMaxBound);
}

bool contains(const Value& left, const Value& right, Run& run) {
  if (!left.truthy() || !right.truthy()) return false;
  if (left.is_text()) return left.text().find(to_text(right, run.arena())) != std::string_view::npos;
  if (left.is_object()) {
    bool found = false;
    if (right.is_text()) member(left, right.text(), &found);
    return found;
  }
  if (left.kind() == Kind::range) {
    if (!right.is_number()) return false;
    const auto number = right.kind() == Kind::integer ? static_cast<double>(right.integer()) : right.real();
    return number >= static_cast<double>(left.range().first) &&
           number <= static_cast<double>(left.range().last);
  }
  if (!left.is_list()) return false;
  for (std::int64_t i = 0; i < count(left) && run.spend(); ++i) {
    if (equal(item(left, i), right)) return true;
  }
  return false;
}

bool equal_in_condition(const Value& left, const Value& right) {
  const auto is_word = [](const Value& value) {
    return value.kind() == Kind::blank || value.kind() == Kind::empty;
  };
  if (is_word(left) && is_word(right)) return left.kind() == right.kind();
  if (is_word(left)) return left.kind() == Kind::blank ? is_blank(right) : is_empty(right);
  if (is_word(right)) return right.kind() == Kind::blank ? is_blank(left) : is_empty(left);
  return equal(left, right);
}

bool ordered(Comparison comparison, const Value& left, const Value& right, Run& run) {
  const auto comparable = [](const Value& value) {
    return value.is_number() || value.is_text() || value.kind() == Kind::json_big;
  };
  // What has no order is neither less nor greater; a text and a number are a mistake worth telling.
  if (!comparable(left) || !comparable(right)) return false;
  if (left.is_text() != right.is_text()) {
    run.fail("cannot compare " + std::string(kind_name(left)) + " with " + std::string(kind_name(right)));
    return false;
  }
  const bool is_less = left.is_text() ? left.text() < right.text() : less(to_number(left), to_number(right));
  const bool is_more = left.is_text() ? right.text() < left.text() : less(to_number(right), to_number(left));
  switch (comparison) {
    case Comparison::less: return is_less;
    case Comparison::greater: return is_more;
    case Comparison::at_most: return !is_more;
    default: return !is_less;
  }
}

constexpr std::size_t kMaxArguments = 8;
constexpr std::size_t kBytesPerWork = 256;

// What it costs to look at a value once.
std::size_t weight(const Value& value) {
  return value.is_text() ? value.text().size() / kBytesPerWork : static_cast<std::size_t>(count(value)) / 8;
}

bool holds(const Condition::Term& term, const Program& program, Run& run) {
  run.at(program, term.left.at);
  const auto left = evaluate(term.left, run);
  if (term.comparison == Comparison::truthy) return left.truthy();
  const auto right = evaluate(term.right, run);
  if (!run.spend(1 + weight(left) + weight(right))) return false;
  switch (term.comparison) {
    case Comparison::equal: return equal_in_condition(left, right);
    case Comparison::unequal: return !equal_in_condition(left, right);
    case Comparison::contains: return contains(left, right, run);
    default: return ordered(term.comparison, left, right, run);
  }
}

// A filter's arguments, evaluated. The array outlives the call.
struct Arguments {
  std::array<Value, kMaxArguments> values;
  std::size_t count = 0;
  bool allow_false = false;

  Arguments(const FilterCall& call, Run& run) {
    for (const auto& argument : call.arguments) {
      const auto value = evaluate(argument.value, run);
      if (!argument.name.empty()) allow_false = value.truthy();
      else if (count < kMaxArguments) values[count++] = value;
    }
  }
  FilterInput input(Value value, Run& run) const { return {run, value, {values.data(), count}, allow_false}; }
};

Value apply(const FilterCall& call, Value value, const Program& program, Run& run) {
  const Arguments arguments(call, run);
  run.at(program, call.at);
  if (!run.spend(1 + weight(value))) return {};
  const auto result = call.rule->apply(arguments.input(value, run));
  if (run.arena().exhausted()) run.fail("the render needs too much memory");
  return result;
}

}  // namespace

Run::Run(const Names& names, Value data, TimePoint now, const Limits& limits)
    : names_(names), data_(data), now_(now), limits_(limits), arena_(limits.max_memory_bytes),
      slots_(names.size()), work_left_(limits.max_work) {}

Value Run::variable(std::uint32_t number) {
  auto& slot = slots_[number];
  if (slot.has_local) return slot.local;
  if (slot.has_assigned) return slot.assigned;
  if (slot.has_counter) return Value::of(slot.counter);
  if (!slot.has_data) {
    slot.data = member(data_, names_.name(number));
    slot.has_data = true;
  }
  return slot.data;
}

Value Run::variable_named(std::string_view name) {
  const auto* const slot = names_.find(name);
  return slot ? variable(*slot) : member(data_, name);
}

void Run::assign(std::uint32_t number, Value value) {
  auto& slot = slots_[number];
  if (!slot.has_assigned) assigned_.push_back(number);
  slot.assigned = value;
  slot.has_assigned = true;
}

void Run::forget_assigned() {
  for (const auto number : assigned_) {
    slots_[number].has_assigned = false;
    slots_[number].has_counter = false;
  }
  assigned_.clear();
  memory.cycles.clear();
  memory.offsets.clear();
  memory.has_changed = false;
}

std::int64_t Run::bump(std::uint32_t number, bool up) {
  auto& slot = slots_[number];
  if (!slot.has_counter) {
    slot.counter = 0;
    slot.has_counter = true;
    assigned_.push_back(number);
  }
  const auto before = slot.counter;
  slot.counter = static_cast<std::int64_t>(static_cast<std::uint64_t>(before) + (up ? 1 : ~std::uint64_t{0}));
  return up ? before : slot.counter;
}

Run::Local::Local(Run& run, std::uint32_t slot)
    : run_(run), slot_(slot), before_(run.slots_[slot].local), had_before_(run.slots_[slot].has_local) {}

Run::Local::~Local() {
  run_.slots_[slot_].local = before_;
  run_.slots_[slot_].has_local = had_before_;
}

void Run::Local::set(Value value) {
  run_.slots_[slot_].local = value;
  run_.slots_[slot_].has_local = true;
}

bool Run::overspent() {
  fail("the render needs more than " + std::to_string(limits_.max_work) + " steps");
  work_left_ = 0;
  return false;
}

void Run::fail(std::string message) {
  if (failure_) return;
  const auto place = program_ ? program_->place(offset_).text() + ": " : std::string();
  failure_.emplace(FailureKind::rejected, place + message);
  work_left_ = 0;
}

Value evaluate(const Expression& expression, Run& run) {
  switch (expression.kind) {
    case Expression::Kind::literal: return expression.literal;
    case Expression::Kind::path: return walk(run.variable(expression.slot), expression, run);
    case Expression::Kind::self_path: {
      const auto own = run.variable(expression.slot);
      if (own.nil() && expression.segments.empty()) {
        run.fail("`self` by itself is not supported: write self['name']");
        return {};
      }
      return own.nil() ? walk_self(expression, run) : walk(own, expression, run);
    }
    case Expression::Kind::computed_path: {
      const auto name = evaluate(*expression.first, run);
      return name.is_text() ? walk(run.variable_named(name.text()), expression, run) : Value();
    }
    case Expression::Kind::range: {
      const auto first = bound(*expression.first, run);
      return Value::of(run.arena().range(first, bound(*expression.last, run)));
    }
  }
  return {};
}

Value evaluate(const Pipeline& pipeline, const Program& program, Run& run) {
  if (pipeline.value.kind != Expression::Kind::literal) run.at(program, pipeline.value.at);
  auto value = evaluate(pipeline.value, run);
  for (const auto& call : pipeline.filters) {
    if (run.failed()) return {};
    value = apply(call, value, program, run);
  }
  return value;
}

bool evaluate(const Condition& condition, const Program& program, Run& run) {
  bool result = false;
  for (const auto& term : condition.terms) {
    result = holds(term, program, run);
    // a and (b or (c and d)): the first term that settles it ends the whole.
    if (result == term.is_or) break;
  }
  return result;
}

// --- running pieces ---

namespace {

class Executor {
 public:
  Executor(const Program& program, Run& run, Buffer& out) : program_(program), run_(run), out_(&out) {}

  void block(const Block& pieces);

 private:
  enum class Interrupt { none, break_, continue_ };

  void piece(const Piece& piece);
  void output(const Pipeline& pipeline);
  void limit_reached(const Piece& piece);
  void branches(const Piece& piece);
  void choice(const Piece& piece);
  void loop(const Loop& loop);
  void table(const Loop& loop);
  void cycle(const Cycle& cycle);
  void capture(const Piece& piece);
  void ifchanged(const Piece& piece);
  Interrupt take_interrupt() { return std::exchange(interrupt_, Interrupt::none); }
  bool stopped() const { return interrupt_ != Interrupt::none || run_.failed(); }

  const Program& program_;
  Run& run_;
  Buffer* out_;
  Interrupt interrupt_ = Interrupt::none;
};

void Executor::block(const Block& pieces) {
  for (const auto& piece : pieces) {
    if (!run_.spend()) return;
    if (piece.tag == Tag::text) {
      out_->append(piece.text);
      continue;
    }
    this->piece(piece);
    if (stopped()) return;
    if (out_->full() || run_.arena().exhausted()) return limit_reached(piece);
  }
}

void Executor::limit_reached(const Piece& piece) {
  run_.at(program_, piece.at);
  if (!out_->full()) return run_.fail("the render needs too much memory");
  run_.fail("the result is longer than " + std::to_string(run_.limits().max_output_bytes) + " bytes");
}

void Executor::piece(const Piece& piece) {
  switch (piece.tag) {
    case Tag::text: return;
    case Tag::output: return output(piece.pipeline);
    case Tag::assign: return run_.assign(piece.slot, evaluate(piece.pipeline, program_, run_));
    case Tag::capture: return capture(piece);
    case Tag::branches: return branches(piece);
    case Tag::choice: return choice(piece);
    case Tag::loop: return loop(*piece.loop);
    case Tag::table: return table(*piece.loop);
    case Tag::cycle: return cycle(*piece.cycle);
    case Tag::increment: return write_integer(run_.bump(piece.slot, true), *out_);
    case Tag::decrement: return write_integer(run_.bump(piece.slot, false), *out_);
    case Tag::ifchanged: return ifchanged(piece);
    case Tag::break_: interrupt_ = Interrupt::break_; return;
    case Tag::continue_: interrupt_ = Interrupt::continue_; return;
  }
}

void Executor::output(const Pipeline& pipeline) {
  if (pipeline.value.kind != Expression::Kind::literal) run_.at(program_, pipeline.value.at);
  auto value = evaluate(pipeline.value, run_);
  for (const auto& call : pipeline.filters) {
    if (run_.failed()) return;
    if (call.rule->write && &call == &pipeline.filters.back()) {
      const Arguments arguments(call, run_);
      run_.at(program_, call.at);
      if (!run_.spend(1 + weight(value))) return;
      return call.rule->write(arguments.input(value, run_), *out_);
    }
    value = apply(call, value, program_, run_);
  }
  if (run_.failed()) return;
  const auto start = out_->size();
  write(value, *out_);
  run_.spend((out_->size() - start) / kBytesPerWork);
}

void Executor::branches(const Piece& piece) {
  for (const auto& branch : piece.branches) {
    const bool taken = branch.kind == Branch::Kind::otherwise ||
                       evaluate(branch.condition, program_, run_) != branch.negated;
    if (run_.failed()) return;
    if (taken) return block(branch.body);
  }
}

void Executor::choice(const Piece& piece) {
  bool matched = false;
  for (const auto& branch : piece.branches) {
    if (branch.kind == Branch::Kind::otherwise) {
      if (!matched) block(branch.body);
    } else {
      // Each value that fits writes the body: `when 1, 1` writes it twice.
      for (const auto& value : branch.values) {
        if (!equal_in_condition(evaluate(piece.pipeline.value, run_), evaluate(value, run_))) continue;
        matched = true;
        block(branch.body);
        if (stopped()) return;
      }
    }
    if (stopped()) return;
  }
}

void Executor::loop(const Loop& loop) {
  const auto items = loop_items(loop, program_, run_);
  if (run_.failed()) return;
  if (items.empty()) return block(loop.otherwise);
  auto& state =
      *run_.arena().for_loop({loop.name, static_cast<std::int64_t>(items.size()), 0, run_.memory.loop});
  Run::Local forloop(run_, loop.state_slot);
  Run::Local variable(run_, loop.slot);
  forloop.set(Value::of(&state));
  run_.memory.loop = &state;
  for (const auto& item : items) {
    if (!run_.spend()) break;
    variable.set(item);
    block(loop.body);
    ++state.index0;
    if (run_.failed() || take_interrupt() == Interrupt::break_) break;
  }
  run_.memory.loop = state.parent;
}

void Executor::table(const Loop& loop) {
  run_.at(program_, loop.collection.at);
  const auto collection = evaluate(loop.collection, run_);
  if (!collection.truthy() || run_.failed()) return;
  const auto items = loop_items(loop, program_, run_);
  const auto length = static_cast<std::int64_t>(items.size());
  const auto columns =
      loop.columns ? leading_integer(to_text(evaluate(*loop.columns, run_), run_.arena())) : length;
  auto& state = *run_.arena().table_loop({length, columns, 0, 1, 1});
  Run::Local tablerowloop(run_, loop.state_slot);
  Run::Local variable(run_, loop.slot);
  tablerowloop.set(Value::of(&state));
  out_->append("<tr class=\"row1\">\n");
  for (const auto& item : items) {
    if (!run_.spend()) return;
    variable.set(item);
    out_->append("<td class=\"col");
    write_integer(state.column, *out_);
    out_->append("\">");
    block(loop.body);
    out_->append("</td>");
    if (run_.failed() || take_interrupt() == Interrupt::break_) break;
    const bool row_ends = state.column == state.columns;
    if (row_ends && state.index0 != length - 1) {
      out_->append("</tr>\n<tr class=\"row");
      write_integer(state.row + 1, *out_);
      out_->append("\">");
    }
    ++state.index0;
    state.column = row_ends ? 1 : state.column + 1;
    state.row += row_ends ? 1 : 0;
  }
  out_->append("</tr>\n");
}

void Executor::cycle(const Cycle& cycle) {
  auto key = cycle.key;
  if (cycle.group) key = ":" + std::string(to_text(evaluate(*cycle.group, run_), run_.arena()));
  auto& turn = run_.memory.cycles[key];
  if (turn < cycle.values.size()) write(evaluate(cycle.values[turn], run_), *out_);
  turn = turn + 1 >= cycle.values.size() ? 0 : turn + 1;
}

void Executor::capture(const Piece& piece) {
  // Captured text is output until it is cut off again, so that it counts against the same limit.
  const auto start = out_->size();
  block(piece.body);
  run_.assign(piece.slot, Value::of(run_.arena().keep(std::string(out_->view_from(start)))));
  out_->truncate(start);
}

void Executor::ifchanged(const Piece& piece) {
  const auto start = out_->size();
  block(piece.body);
  const auto made = out_->view_from(start);
  if (run_.memory.has_changed && made == run_.memory.changed) return out_->truncate(start);
  run_.memory.changed = made;
  run_.memory.has_changed = true;
}

// `limit` and `offset`: nil is none, anything else a whole number or a failure.
std::optional<std::int64_t> attribute(const std::unique_ptr<Expression>& expression, std::string_view what,
                                      const Program& program, Run& run) {
  if (!expression) return std::nullopt;
  const auto value = evaluate(*expression, run);
  if (value.nil()) return std::nullopt;
  const auto number = to_integer(value);
  if (number) return std::clamp(*number, -kMaxBound, kMaxBound);
  run.at(program, expression->at);
  run.fail("`" + std::string(what) + "` needs a whole number, not " + std::string(kind_name(value)));
  return std::nullopt;
}

std::int64_t* continued_from(Run& run, std::string_view name) {
  const auto found = run.memory.offsets.find(name);
  return found != run.memory.offsets.end() ? &found->second : &run.memory.offsets[std::string(name)];
}

}  // namespace

std::vector<Value> loop_items(const Loop& loop, const Program& program, Run& run) {
  std::vector<Value> items;
  const auto offset = attribute(loop.offset, "offset", program, run);
  run.at(program, loop.collection.at);
  const auto collection = evaluate(loop.collection, run);
  const auto limit = attribute(loop.limit, "limit", program, run);
  if (run.failed()) return items;
  auto* const reached = loop.name.empty() ? nullptr : continued_from(run, loop.name);
  const auto from = loop.continues && reached ? *reached : offset.value_or(0);
  // A table, which has a state of its own name, takes a limit of nil for 0; `for` takes it for none.
  const bool none = loop.limit && !limit && program.names->name(loop.state_slot) == "tablerowloop";
  const auto to = limit ? std::max<std::int64_t>(0, from + *limit) : none ? from : kMaxBound;
  // One more than may be worked through, so that too many is noticed and not cut.
  const auto wanted = std::min<std::int64_t>(to, static_cast<std::int64_t>(run.work_left()) + 1);
  if (collection.is_text()) {
    if (!collection.text().empty()) items.push_back(collection);
  } else if (collection.kind() == Kind::range || collection.is_list()) {
    const auto end = std::min(count(collection), to);
    for (auto i = std::max<std::int64_t>(0, from); i < end && run.spend(); ++i)
      items.push_back(item(collection, i));
  } else if (collection.is_object()) {
    each_item(collection, run.arena(), static_cast<std::size_t>(wanted), items);
    run.spend(items.size());
    items.erase(items.begin(),
                items.begin() + std::clamp<std::int64_t>(from, 0, static_cast<std::int64_t>(items.size())));
  }
  if (loop.reversed) std::ranges::reverse(items);
  if (reached) *reached = from + static_cast<std::int64_t>(items.size());
  return items;
}

void execute(const Program& program, Run& run, Buffer& out) {
  Executor(program, run, out).block(program.body);
}

}  // namespace baton::mappings
