#include "mappings/engine/document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "mappings/engine/document_part.h"
#include "mappings/engine/parser.h"
#include "mappings/engine/run.h"
#include "mappings/engine/scalar_place.h"

namespace baton::mappings {
namespace {

using Part = DocumentPart;
using nlohmann::json;

constexpr int kMaxDocumentDepth = 64;

// --- plain YAML ---

bool is_one_of(std::string_view text, std::span<const std::string_view> words) {
  return std::ranges::find(words, text) != words.end();
}

constexpr auto kNull = std::to_array<std::string_view>({"", "~", "null", "Null", "NULL"});
constexpr auto kTrue = std::to_array<std::string_view>({"true", "True", "TRUE"});
constexpr auto kFalse = std::to_array<std::string_view>({"false", "False", "FALSE"});

// YAML's core schema: what an unquoted scalar is.
json core_value(const std::string& text) {
  if (is_one_of(text, kNull)) return nullptr;
  if (is_one_of(text, kTrue)) return true;
  if (is_one_of(text, kFalse)) return false;
  const auto* const end = text.data() + text.size();
  const auto* const begin = text.data() + (text.starts_with('+') ? 1 : 0);
  std::int64_t whole = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, whole); error == std::errc() && stop == end)
    return whole;
  const bool numeric = text.find_first_not_of("+-.0123456789eE") == std::string::npos &&
                       text.find_first_of("0123456789") != std::string::npos;
  double real = 0;
  if (const auto [stop, error] = std::from_chars(begin, end, real);
      numeric && error == std::errc() && stop == end && std::isfinite(real)) {
    return real;
  }
  return text;
}

// --- compiling ---

class Compiler {
 public:
  Compiler(std::shared_ptr<Names> names, Problems& problems, std::string_view source)
      : names_(std::move(names)), problems_(problems), source_(source) {}

  Part compile(const Node& node, const std::string& path, int depth = 0);

 private:
  Part compile_scalar(const Node& node, Part part);
  Part compile_map(const Node& node, Part part, int depth);
  Part compile_for(const Node& node, Part part, int depth);
  Part compile_if(const Node& node, Part part, int depth);
  Part compile_table(const Node& node, Part part, int depth);
  // Reports keys that do not belong beside the one that begins with `$`.
  void check_keys(const Node& node, const Part& part, std::vector<std::string> allowed);
  const Node* required(const Node& node, const Part& part, std::string_view key);
  std::string liquid_of(const Node& node, const Part& part, std::string_view key);
  ParseInput input(const Node& scalar, const std::string& path) const {
    return {scalar.text(), locate_scalar(scalar, source_), path, names_};
  }

  std::shared_ptr<Names> names_;
  Problems& problems_;
  std::string_view source_;
};

Part Compiler::compile(const Node& node, const std::string& path, int depth) {
  Part part;
  part.at = node.at();
  part.path = path;
  part.json = "null";
  if (depth > kMaxDocumentDepth) {
    problems_.add(node.at(), path, "the document is nested too deeply");
    return part;
  }
  switch (node.kind()) {
    case Node::Kind::missing:
    case Node::Kind::null: return part;
    case Node::Kind::scalar: return compile_scalar(node, std::move(part));
    case Node::Kind::map: return compile_map(node, std::move(part), depth);
    case Node::Kind::list: break;
  }
  part.kind = Part::Kind::list;
  for (std::size_t i = 0; i < node.items().size(); ++i) {
    part.parts.push_back(compile(node.items()[i], path + "[" + std::to_string(i) + "]", depth + 1));
  }
  return part;
}

Part Compiler::compile_scalar(const Node& node, Part part) {
  const auto& text = node.text();
  if (text.find("{{") == std::string::npos && text.find("{%") == std::string::npos) {
    const auto value = node.quoted() ? json(text) : core_value(text);
    part.json = value.dump(-1, ' ', false, json::error_handler_t::replace);
    return part;
  }
  part.program = parse_template(input(node, part.path), problems_);
  part.kind = single_output(*part.program) ? Part::Kind::output : Part::Kind::text;
  return part;
}

Part Compiler::compile_map(const Node& node, Part part, int depth) {
  if (!node["$for"].missing()) return compile_for(node, std::move(part), depth);
  if (!node["$if"].missing()) return compile_if(node, std::move(part), depth);
  if (!node["$table"].missing()) return compile_table(node, std::move(part), depth);
  part.kind = Part::Kind::map;
  std::vector<std::string_view> seen;
  for (const auto& [key, at, value] : node.members()) {
    const auto path = part.path.empty() ? key : part.path + "." + key;
    if (is_one_of(key, seen)) problems_.add(at, path, "stands here twice");
    seen.push_back(key);
    if (key.starts_with('$')) {
      const std::vector<std::string> known{"$for", "$if", "$table"};
      problems_.add(at, path,
                    "unknown structure key" + did_you_mean(key, known) +
                        "; a map may begin with one of $for, $if, $table");
    } else if (key.find("{{") != std::string::npos || key.find("{%") != std::string::npos) {
      problems_.add(at, path, "a key is fixed text and cannot hold Liquid");
    }
    part.members.push_back({json(key).dump(-1, ' ', false, json::error_handler_t::replace) + ":",
                            compile(value, path, depth + 1)});
  }
  return part;
}

void Compiler::check_keys(const Node& node, const Part& part, std::vector<std::string> allowed) {
  std::vector<std::string_view> seen;
  for (const auto& [key, at, value] : node.members()) {
    if (is_one_of(key, seen)) problems_.add(at, part.path, "`" + key + "` stands here twice");
    seen.push_back(key);
    if (std::ranges::find(allowed, key) != allowed.end()) continue;
    std::string list;
    for (const auto& name : allowed) list += (list.empty() ? "" : ", ") + name;
    problems_.add(at, part.path,
                  "unknown key `" + key + "`" + did_you_mean(key, allowed) + "; allowed here: " + list);
  }
}

const Node* Compiler::required(const Node& node, const Part& part, std::string_view key) {
  const auto& found = node[key];
  if (!found.missing()) return &found;
  problems_.add(part.at, part.path, "`" + std::string(key) + "` is missing here");
  return nullptr;
}

std::string Compiler::liquid_of(const Node& node, const Part& part, std::string_view key) {
  if (node[key].kind() == Node::Kind::scalar) return node[key].text();
  problems_.add(node[key].at(), part.path, "`" + std::string(key) + "` must be a text");
  return {};
}

Part Compiler::compile_for(const Node& node, Part part, int depth) {
  part.kind = Part::Kind::repeat;
  check_keys(node, part, {"$for", "$do"});
  if (liquid_of(node, part, "$for").empty()) return part;
  part.program = parse_loop_head(input(node["$for"], part.path + ".$for"), problems_);
  if (const auto* body = required(node, part, "$do"))
    part.parts.push_back(compile(*body, part.path + "[]", depth + 1));
  return part;
}

Part Compiler::compile_if(const Node& node, Part part, int depth) {
  part.kind = Part::Kind::choose;
  check_keys(node, part, {"$if", "$then", "$else"});
  if (liquid_of(node, part, "$if").empty()) return part;
  part.program = parse_condition(input(node["$if"], part.path + ".$if"), problems_);
  if (const auto* then = required(node, part, "$then"))
    part.parts.push_back(compile(*then, part.path, depth + 1));
  if (!node["$else"].missing()) part.parts.push_back(compile(node["$else"], part.path, depth + 1));
  return part;
}

Part Compiler::compile_table(const Node& node, Part part, int depth) {
  part.kind = Part::Kind::table;
  if (liquid_of(node, part, "$table").empty()) return part;
  part.parts.push_back(compile(node["$table"], part.path + ".$table", depth + 1));
  std::vector<std::string_view> seen;
  for (const auto& [key, at, value] : node.members()) {
    if (is_one_of(key, seen)) problems_.add(at, part.path, "`" + key + "` stands here twice");
    seen.push_back(key);
    if (key == "$table" || key == "$else") continue;
    if (key.starts_with('$'))
      problems_.add(at, part.path, "unknown key `" + key + "`; beside rows, only $else is allowed");
    part.members.push_back({key, compile(value, part.path, depth + 1)});
  }
  if (!node["$else"].missing()) part.parts.push_back(compile(node["$else"], part.path, depth + 1));
  return part;
}

// --- rendering ---

class Renderer {
 public:
  Renderer(Run& run, Buffer& out, Buffer& scratch) : run_(run), out_(out), scratch_(scratch) {}

  // Writes the part's JSON; false if it is null, and then nothing was written.
  bool part(const Part& part);

 private:
  bool text(const Part& part);
  bool output(const Part& part);
  bool map(const Part& part);
  // The items of a list, separated; `comma` tells whether one is needed before the next.
  void items(const Part& part, bool& comma, bool inside_list);
  void item(const Part& part, bool& comma);
  void repeat(const Part& part, bool& comma);
  const Part* chosen(const Part& part);
  const Part* row(const Part& part);
  bool stopped(const Part& part);

  Run& run_;
  Buffer& out_;
  Buffer& scratch_;
};

bool Renderer::stopped(const Part& part) {
  if (run_.failed()) return true;
  if (!out_.full() && !scratch_.full()) return false;
  if (part.program) run_.at(*part.program, 0);
  run_.fail("the document is longer than " + std::to_string(run_.limits().max_output_bytes) + " bytes");
  return true;
}

bool Renderer::part(const Part& part) {
  if (!run_.spend()) return false;
  switch (part.kind) {
    case Part::Kind::constant:
      if (part.json == "null") return false;
      out_.append(part.json);
      return true;
    case Part::Kind::output: return output(part);
    case Part::Kind::text: return text(part);
    case Part::Kind::map: return map(part);
    case Part::Kind::list:
    case Part::Kind::repeat: {
      bool comma = false;
      out_.push('[');
      items(part, comma, true);
      out_.push(']');
      return true;
    }
    case Part::Kind::choose: {
      const auto* const taken = chosen(part);
      return taken && this->part(*taken);
    }
    case Part::Kind::table: {
      const auto* const taken = row(part);
      return taken && this->part(*taken);
    }
  }
  return false;
}

bool Renderer::text(const Part& part) {
  scratch_.truncate(0);
  execute(*part.program, run_, scratch_);
  run_.forget_assigned();
  if (stopped(part)) return false;
  write_json_text(scratch_.view(), out_);
  return true;
}

bool Renderer::output(const Part& part) {
  const auto value = evaluate(*single_output(*part.program), *part.program, run_);
  run_.forget_assigned();
  if (value.nil() || stopped(part)) return false;
  write_json(value, out_);
  return true;
}

bool Renderer::map(const Part& part) {
  out_.push('{');
  bool comma = false;
  for (const auto& [key, value] : part.members) {
    const auto before = out_.size();
    if (comma) out_.push(',');
    out_.append(key);
    if (this->part(value)) comma = true;
    else out_.truncate(before);
    if (stopped(part)) return false;
  }
  out_.push('}');
  return true;
}

void Renderer::items(const Part& part, bool& comma, bool inside_list) {
  switch (part.kind) {
    case Part::Kind::repeat: return repeat(part, comma);
    case Part::Kind::choose:
      if (const auto* const taken = chosen(part)) {
        if (taken->kind == Part::Kind::list) items(*taken, comma, true);
        else items(*taken, comma, false);
      }
      return;
    case Part::Kind::list:
      if (!inside_list) return item(part, comma);
      for (const auto& entry : part.parts) {
        if (entry.kind == Part::Kind::list) item(entry, comma);
        else items(entry, comma, false);
        if (stopped(part)) return;
      }
      return;
    default: return item(part, comma);
  }
}

void Renderer::item(const Part& part, bool& comma) {
  const auto before = out_.size();
  if (comma) out_.push(',');
  if (this->part(part)) comma = true;
  else out_.truncate(before);
}

void Renderer::repeat(const Part& part, bool& comma) {
  const auto& loop = *part.program->body.front().loop;
  const auto turns = loop_items(loop, *part.program, run_);
  if (turns.empty() || part.parts.empty()) return;
  auto& state =
      *run_.arena().for_loop({loop.name, static_cast<std::int64_t>(turns.size()), 0, run_.memory.loop});
  Run::Local forloop(run_, loop.state_slot);
  Run::Local variable(run_, loop.slot);
  forloop.set(Value::of(&state));
  run_.memory.loop = &state;
  for (const auto& turn : turns) {
    if (!run_.spend()) break;
    variable.set(turn);
    item(part.parts.front(), comma);
    ++state.index0;
    if (stopped(part)) break;
  }
  run_.memory.loop = state.parent;
}

const Part* Renderer::chosen(const Part& part) {
  const bool yes = evaluate(part.program->body.front().branches.front().condition, *part.program, run_);
  if (run_.failed()) return nullptr;
  if (yes) return &part.parts.front();
  return part.parts.size() > 1 ? &part.parts[1] : nullptr;
}

const Part* Renderer::row(const Part& part) {
  const auto& subject = part.parts.front();
  scratch_.truncate(0);
  // A row is found by what its key says as text: `1` and "1" are the same row.
  if (subject.kind == Part::Kind::constant) {
    const auto value = json::parse(subject.json, nullptr, false);
    scratch_.append(value.is_string() ? value.get<std::string>() : subject.json);
  } else {
    execute(*subject.program, run_, scratch_);
    run_.forget_assigned();
  }
  if (stopped(part)) return nullptr;
  for (const auto& [key, value] : part.members) {
    if (key == scratch_.view()) return &value;
  }
  return part.parts.size() > 1 ? &part.parts[1] : nullptr;
}

}  // namespace

Document::Document() : root_(std::make_unique<DocumentPart>()), names_(std::make_shared<Names>()) {
  root_->json = "null";
}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Document Document::compile(const Node& node, std::string_view path, Problems& problems,
                           std::string_view source) {
  Document made;
  *made.root_ = Compiler(made.names_, problems, source).compile(node, std::string(path));
  return made;
}

bool Document::may_name(std::string_view member) const { return names_->may_name(member); }

Result<std::string> Document::render_text(const json& scope, TimePoint now, const Limits& limits) const {
  Run run(*names_, Value::of(scope), now, limits);
  Buffer out(limits.max_output_bytes);
  Buffer scratch(limits.max_output_bytes);
  if (!Renderer(run, out, scratch).part(*root_)) out.append("null");
  if (run.failure()) return *run.failure();
  return out.text();
}

Result<json> Document::render(const json& scope, TimePoint now, const Limits& limits) const {
  const auto text = render_text(scope, now, limits);
  if (!text) return text.error();
  auto parsed = json::parse(*text, nullptr, false);
  BATON_CHECK(!parsed.is_discarded());  // we wrote it
  return parsed;
}

json to_json(const Node& node) {
  switch (node.kind()) {
    case Node::Kind::missing:
    case Node::Kind::null: return nullptr;
    case Node::Kind::scalar: return node.quoted() ? json(node.text()) : core_value(node.text());
    case Node::Kind::list: {
      auto list = json::array();
      for (const auto& item : node.items()) list.push_back(to_json(item));
      return list;
    }
    case Node::Kind::map: {
      auto map = json::object();
      for (const auto& [key, at, value] : node.members()) map[key] = to_json(value);
      return map;
    }
  }
  return nullptr;
}

}  // namespace baton::mappings
