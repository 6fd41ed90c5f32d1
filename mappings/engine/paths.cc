#include "mappings/engine/paths.h"

#include <algorithm>
#include <array>
#include <set>

#include "gateway/base/text.h"
#include "mappings/engine/document_part.h"
#include "mappings/engine/filters.h"
#include "mappings/engine/parser.h"

namespace baton::mappings {
namespace {

using nlohmann::json;

// What is known about a value. Several schemas: it fits any of them. None: nothing is known.
using Shapes = std::vector<const json*>;

constexpr auto kLoopMembers = std::to_array<std::string_view>(
    {"index", "index0", "rindex", "rindex0", "first", "last", "length", "name", "parentloop"});
constexpr auto kTableMembers =
    std::to_array<std::string_view>({"index", "index0", "rindex", "rindex0", "first", "last", "length", "col",
                                     "col0", "col_first", "col_last", "row"});

bool is_command(std::string_view name) { return name == "size" || name == "first" || name == "last"; }

const json* member_of(const json& schema, const char* key) {
  if (!schema.is_object()) return nullptr;
  const auto at = schema.find(key);
  return at == schema.end() ? nullptr : &*at;
}

class Schema {
 public:
  explicit Schema(const json& root) : root_(root) {}

  Shapes all() const { return resolve({&root_}); }

  // References followed and alternatives laid side by side.
  Shapes resolve(const Shapes& shapes) const {
    Shapes out;
    std::set<const json*> seen;
    for (const auto* shape : shapes) resolve(shape, out, seen);
    return out;
  }

  // The shapes of a member; `known` is false if no schema allows it.
  Shapes member(const Shapes& shapes, std::string_view name, bool& known) const {
    Shapes out;
    known = false;
    for (const auto* shape : shapes) {
      const auto* properties = member_of(*shape, "properties");
      const auto* more = member_of(*shape, "additionalProperties");
      if (const auto* found = properties ? member_of(*properties, std::string(name).c_str()) : nullptr) {
        known = true;
        out.push_back(found);
      } else if (more && more->is_object()) {
        known = true;
        out.push_back(more);
      } else if ((more && more->is_boolean() && more->get<bool>()) || (!properties && is_object(*shape))) {
        known = true;
        return {};
      }
    }
    return resolve(out);
  }

  Shapes items(const Shapes& shapes) const {
    Shapes out;
    for (const auto* shape : shapes) {
      if (const auto* items = member_of(*shape, "items")) out.push_back(items);
      else if (may_be(*shape, "array")) return {};
    }
    return resolve(out);
  }

  static bool any_may_be(const Shapes& shapes, const char* type) {
    return std::ranges::any_of(shapes, [&](const json* shape) { return may_be(*shape, type); });
  }

  static std::vector<std::string> names(const Shapes& shapes) {
    std::vector<std::string> out;
    for (const auto* shape : shapes) {
      const auto* properties = member_of(*shape, "properties");
      if (!properties || !properties->is_object()) continue;
      for (const auto& entry : properties->items()) out.push_back(entry.key());
    }
    return out;
  }

 private:
  static bool may_be(const json& shape, const char* type) {
    const auto* types = member_of(shape, "type");
    if (!types)
      return !member_of(shape, "properties") && !member_of(shape, "enum") && !member_of(shape, "const");
    if (types->is_string()) return *types == type;
    return types->is_array() && std::ranges::find(*types, json(type)) != types->end();
  }
  static bool is_object(const json& shape) { return may_be(shape, "object"); }

  void resolve(const json* shape, Shapes& out, std::set<const json*>& seen) const {
    if (!shape || !seen.insert(shape).second || seen.size() > 200) return;
    if (const auto* reference = member_of(*shape, "$ref"); reference && reference->is_string()) {
      return resolve(pointed(reference->get<std::string>()), out, seen);
    }
    bool alternatives = false;
    for (const auto* key : {"allOf", "anyOf", "oneOf"}) {
      const auto* list = member_of(*shape, key);
      if (!list || !list->is_array()) continue;
      alternatives = true;
      for (const auto& entry : *list) resolve(&entry, out, seen);
    }
    if (!alternatives || member_of(*shape, "properties")) out.push_back(shape);
  }

  const json* pointed(const std::string& reference) const {
    if (!reference.starts_with('#')) return nullptr;
    // A pointer that is none is the schema's mistake, not the mapping's: then nothing is known.
    try {
      const json::json_pointer pointer(reference.substr(1));
      return root_.contains(pointer) ? &root_.at(pointer) : nullptr;
    } catch (const json::exception&) {
      return nullptr;
    }
  }

  const json& root_;
};

class Checker {
 public:
  Checker(const Document& document, const json& shape, Problems& problems)
      : names_(document.names()), schema_(shape), problems_(problems) {}

  void check(const DocumentPart& part);

 private:
  struct Known {
    enum class Kind { anything, shapes, for_loop, table_loop };
    Kind kind = Kind::anything;
    Shapes shapes;
  };
  using Variables = std::map<std::uint32_t, Known>;

  void block(const Block& pieces, const DocumentPart& part);
  void piece(const Piece& piece, const DocumentPart& part);
  void loop(const Loop& loop, Tag tag, const DocumentPart& part);
  Known enter(const Loop& loop, const DocumentPart& part);
  Known pipeline(const Pipeline& pipeline, const DocumentPart& part);
  void condition(const Condition& condition, const DocumentPart& part);
  Known expression(const Expression& expression, const DocumentPart& part);
  Known path(const Expression& expression, const DocumentPart& part);
  Known step(const Known& from, const Segment& segment, std::string& walked, const DocumentPart& part);
  void loop_member(const Known& from, const Segment& segment, const std::string& walked,
                   const DocumentPart& part);
  Known item_of(const Known& collection) const;
  void report(const DocumentPart& part, std::uint32_t at, const std::string& prefix, std::string_view name,
              std::span<const std::string> known);

  const Names& names_;
  Schema schema_;
  Problems& problems_;
  Variables variables_;
};

void Checker::check(const DocumentPart& part) {
  const auto before = variables_;
  switch (part.kind) {
    case DocumentPart::Kind::repeat: {
      const auto& loop = *part.program->body.front().loop;
      variables_[loop.slot] = enter(loop, part);
      variables_[loop.state_slot] = {Known::Kind::for_loop, {}};
      break;
    }
    case DocumentPart::Kind::choose:
      condition(part.program->body.front().branches.front().condition, part);
      break;
    case DocumentPart::Kind::output:
    case DocumentPart::Kind::text: block(part.program->body, part); break;
    default: break;
  }
  for (const auto& child : part.parts) check(child);
  for (const auto& member : part.members) check(member.value);
  variables_ = before;  // what one string assigns, no other one sees
}

void Checker::block(const Block& pieces, const DocumentPart& part) {
  for (const auto& entry : pieces) piece(entry, part);
}

void Checker::piece(const Piece& piece, const DocumentPart& part) {
  switch (piece.tag) {
    case Tag::text:
    case Tag::break_:
    case Tag::continue_: return;
    case Tag::output: pipeline(piece.pipeline, part); return;
    case Tag::assign: variables_[piece.slot] = pipeline(piece.pipeline, part); return;
    case Tag::capture:
      block(piece.body, part);
      variables_[piece.slot] = {};
      return;
    case Tag::increment:
    case Tag::decrement: variables_[piece.slot] = {}; return;
    case Tag::ifchanged: return block(piece.body, part);
    case Tag::branches:
    case Tag::choice:
      expression(piece.pipeline.value, part);
      for (const auto& branch : piece.branches) {
        condition(branch.condition, part);
        for (const auto& value : branch.values) expression(value, part);
        block(branch.body, part);
      }
      return;
    case Tag::loop:
    case Tag::table: return loop(*piece.loop, piece.tag, part);
    case Tag::cycle:
      if (piece.cycle->group) expression(*piece.cycle->group, part);
      for (const auto& value : piece.cycle->values) expression(value, part);
      return;
  }
}

Checker::Known Checker::enter(const Loop& loop, const DocumentPart& part) {
  for (const auto* extra : {&loop.limit, &loop.offset, &loop.columns}) {
    if (*extra) expression(**extra, part);
  }
  return item_of(expression(loop.collection, part));
}

void Checker::loop(const Loop& loop, Tag tag, const DocumentPart& part) {
  const auto item = enter(loop, part);
  const auto restore = [this](std::uint32_t slot, const std::optional<Known>& known) {
    if (known) variables_[slot] = *known;
    else variables_.erase(slot);
  };
  const auto known = [this](std::uint32_t slot) {
    const auto at = variables_.find(slot);
    return at == variables_.end() ? std::nullopt : std::optional(at->second);
  };
  const auto hidden = known(loop.slot);
  const auto hidden_state = known(loop.state_slot);
  variables_[loop.slot] = item;
  variables_[loop.state_slot] = {tag == Tag::loop ? Known::Kind::for_loop : Known::Kind::table_loop, {}};
  block(loop.body, part);
  restore(loop.slot, hidden);
  restore(loop.state_slot, hidden_state);
  block(loop.otherwise, part);
}

Checker::Known Checker::item_of(const Known& collection) const {
  if (collection.kind != Known::Kind::shapes) return {};
  auto items = schema_.items(collection.shapes);
  return items.empty() ? Known{} : Known{Known::Kind::shapes, std::move(items)};
}

Checker::Known Checker::pipeline(const Pipeline& pipeline, const DocumentPart& part) {
  auto known = expression(pipeline.value, part);
  for (const auto& call : pipeline.filters) {
    for (const auto& argument : call.arguments) expression(argument.value, part);
    switch (call.rule->yields) {
      case Yields::anything: known = {}; break;
      case Yields::same: break;
      case Yields::item: known = item_of(known); break;
    }
  }
  return known;
}

void Checker::condition(const Condition& condition, const DocumentPart& part) {
  for (const auto& term : condition.terms) {
    expression(term.left, part);
    expression(term.right, part);
  }
}

Checker::Known Checker::expression(const Expression& expression, const DocumentPart& part) {
  switch (expression.kind) {
    case Expression::Kind::literal: return {};
    case Expression::Kind::path: return path(expression, part);
    case Expression::Kind::self_path: return expression.segments.empty() ? path(expression, part) : Known();
    case Expression::Kind::computed_path: this->expression(*expression.first, part); return {};
    case Expression::Kind::range:
      this->expression(*expression.first, part);
      this->expression(*expression.last, part);
      return {};
  }
  return {};
}

Checker::Known Checker::path(const Expression& expression, const DocumentPart& part) {
  std::string walked(names_.name(expression.slot));
  Known known;
  if (const auto variable = variables_.find(expression.slot); variable != variables_.end()) {
    known = variable->second;
  } else {
    bool found = false;
    auto shapes = schema_.member(schema_.all(), walked, found);
    if (!found) {
      auto names = Schema::names(schema_.all());
      for (const auto& entry : variables_) names.emplace_back(names_.name(entry.first));
      report(part, expression.at, "", walked, names);
    } else if (!shapes.empty()) {
      known = {Known::Kind::shapes, std::move(shapes)};
    }
  }
  for (const auto& segment : expression.segments) known = step(known, segment, walked, part);
  return known;
}

Checker::Known Checker::step(const Known& from, const Segment& segment, std::string& walked,
                             const DocumentPart& part) {
  if (segment.kind != Segment::Kind::member) {
    if (segment.inner) expression(*segment.inner, part);
    walked += "[]";
    return Schema::any_may_be(from.shapes, "array") ? item_of(from) : Known{};
  }
  const auto prefix = walked;
  walked += "." + std::string(segment.name);
  if (from.kind == Known::Kind::anything) return {};
  if (from.kind != Known::Kind::shapes) {
    loop_member(from, segment, prefix, part);
    return {};
  }
  bool found = false;
  auto shapes = schema_.member(from.shapes, segment.name, found);
  if (found) return shapes.empty() ? Known{} : Known{Known::Kind::shapes, std::move(shapes)};
  const bool list = Schema::any_may_be(from.shapes, "array");
  if (segment.dotted && is_command(segment.name) && (list || Schema::any_may_be(from.shapes, "string"))) {
    return segment.name == "size" || !list ? Known{} : item_of(from);
  }
  if (segment.dotted && segment.name == "size") return {};
  report(part, segment.at, prefix + ".", segment.name, Schema::names(from.shapes));
  return {};
}

void Checker::loop_member(const Known& from, const Segment& segment, const std::string& walked,
                          const DocumentPart& part) {
  const auto check = [&](auto members) {
    if (std::ranges::find(members, segment.name) != members.end()) return;
    const std::vector<std::string> known(members.begin(), members.end());
    report(part, segment.at, walked + ".", segment.name, known);
  };
  if (from.kind == Known::Kind::for_loop) check(kLoopMembers);
  else check(kTableMembers);
}

void Checker::report(const DocumentPart& part, std::uint32_t at, const std::string& prefix,
                     std::string_view name, std::span<const std::string> known) {
  const std::string bare(name);
  auto hint = did_you_mean(bare, known);
  if (!hint.empty() && !prefix.empty()) {
    const auto tick = hint.find('`');
    hint.insert(tick + 1, prefix);
  }
  if (hint.empty() && !known.empty())
    hint = (prefix.empty() ? "; there are: " : "; it has: ") + join(known, ", ");
  problems_.add(part.program->place(at), part.path, "unknown field `" + prefix + bare + "`" + hint);
}

}  // namespace

void check_paths(const Document& document, const json& shape, Problems& problems) {
  Checker(document, shape, problems).check(document.root());
}

}  // namespace baton::mappings
