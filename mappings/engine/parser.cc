#include "mappings/engine/parser.h"

#include <algorithm>
#include <array>

#include "gateway/base/text.h"
#include "mappings/engine/chunks.h"
#include "mappings/engine/expressions.h"
#include "mappings/engine/template.h"

namespace baton::mappings {
namespace {

constexpr int kMaxProblems = 20;  // of one text

constexpr auto kTags = std::to_array<std::string_view>(
    {"#", "assign", "break", "capture", "case", "comment", "continue", "cycle", "decrement", "doc", "echo",
     "for", "if", "ifchanged", "increment", "liquid", "raw", "tablerow", "unless"});

std::string in_ticks(std::string_view text) { return "`" + std::string(text) + "`"; }

bool all_space(std::string_view text) {
  return text.find_first_not_of(" \t\n\v\f\r") == std::string_view::npos;
}

bool is_blank(const Block& block) {
  return std::ranges::all_of(block, [](const Piece& piece) { return piece.blank; });
}

void drop_text(Block& block) {
  std::erase_if(block, [](const Piece& piece) { return piece.tag == Tag::text; });
}

// A name that may be assigned: letters, digits, `_` and `-`.
bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

class Parser {
 public:
  Parser(Program& program, std::string path, Problems& problems)
      : program_(program), path_(std::move(path)), problems_(problems),
        report_([this](std::uint32_t at, std::string message) {
          // Nobody reads more, and naming a place takes time.
          if (++reported_ <= kMaxProblems) problems_.add(program_.place(at), path_, std::move(message));
        }) {}

  void parse_all();
  const Expressions::Report& report() const { return report_; }

 private:
  // Reads pieces until a tag that is none of its own, which it returns, or the end.
  Chunk parse_block(Chunks& chunks, Block& out);
  // A body up to `endname`; false if it never comes, which is reported.
  bool parse_body(Chunks& chunks, const Chunk& opening, Block& out);
  bool closes(const Chunk& chunk, const Chunk& opening);
  void unexpected(const Chunk& chunk, const Chunk& opening);

  void parse_tag(const Chunk& chunk, Chunks& chunks, Block& out);
  void parse_branches(const Chunk& chunk, Chunks& chunks, Block& out);
  void parse_case(const Chunk& chunk, Chunks& chunks, Block& out);
  void parse_for(const Chunk& chunk, Chunks& chunks, Block& out);
  void parse_table(const Chunk& chunk, Chunks& chunks, Block& out);
  void parse_capture(const Chunk& chunk, Chunks& chunks, Block& out);
  void parse_assign(const Chunk& chunk, Block& out);
  void parse_counter(const Chunk& chunk, Block& out);
  void parse_cycle(const Chunk& chunk, Block& out);
  void parse_liquid(const Chunk& chunk, Block& out);
  void parse_raw(const Chunk& chunk, Chunks& chunks, Block& out);
  void skip_comment(const Chunk& chunk, Chunks& chunks);
  void check_inline_comment(const Chunk& chunk);

  Expressions expressions(const Chunk& chunk) {
    return Expressions(chunk.markup, chunk.markup_at, program_, report_);
  }
  void no_markup(const Chunk& chunk);
  void add_output(const Chunk& chunk, Block& out);
  void never_closed(const Chunk& opening) {
    report_(opening.at,
            in_ticks(opening.name) + " is never closed: `end" + std::string(opening.name) + "` is missing");
  }
  static Piece piece(Tag tag, const Chunk& chunk) {
    Piece made;
    made.tag = tag;
    made.at = chunk.at;
    return made;
  }

  Program& program_;
  std::string path_;
  Problems& problems_;
  Expressions::Report report_;
  int depth_ = 0;
  int reported_ = 0;
};

void Parser::parse_all() {
  Chunks chunks(program_.source, 0, static_cast<std::uint32_t>(program_.source.size()), false);
  while (true) {
    const auto stop = parse_block(chunks, program_.body);
    if (stop.kind == Chunk::Kind::end) return;
    report_(stop.at, in_ticks(stop.name) + " stands here without the tag that it belongs to");
  }
}

Chunk Parser::parse_block(Chunks& chunks, Block& out) {
  while (reported_ <= kMaxProblems) {
    const auto chunk = chunks.next();
    switch (chunk.kind) {
      case Chunk::Kind::end: return chunk;
      case Chunk::Kind::text: {
        auto made = piece(Tag::text, chunk);
        made.text = chunk.text;
        made.blank = all_space(chunk.text);
        out.push_back(std::move(made));
        break;
      }
      case Chunk::Kind::output: add_output(chunk, out); break;
      case Chunk::Kind::unclosed_output: report_(chunk.at, "`{{` is never closed with `}}`"); break;
      case Chunk::Kind::unclosed_tag: report_(chunk.at, "`{%` is never closed with `%}`"); break;
      case Chunk::Kind::nameless_tag: report_(chunk.at, "a tag's name is missing here"); break;
      case Chunk::Kind::tag:
        if (chunk.name.starts_with("end") || chunk.name == "else" || chunk.name == "elsif" ||
            chunk.name == "when") {
          return chunk;
        }
        parse_tag(chunk, chunks, out);
    }
  }
  return {};  // so many problems that the rest is not looked at
}

bool Parser::closes(const Chunk& chunk, const Chunk& opening) {
  return chunk.kind == Chunk::Kind::tag && chunk.name.starts_with("end") &&
         chunk.name.substr(3) == opening.name;
}

void Parser::unexpected(const Chunk& chunk, const Chunk& opening) {
  report_(chunk.at, in_ticks(chunk.name) + " cannot stand in " + in_ticks(opening.name) +
                        ", which ends with `end" + std::string(opening.name) + "`");
}

bool Parser::parse_body(Chunks& chunks, const Chunk& opening, Block& out) {
  while (true) {
    const auto stop = parse_block(chunks, out);
    if (closes(stop, opening)) return true;
    if (stop.kind == Chunk::Kind::end) {
      never_closed(opening);
      return false;
    }
    unexpected(stop, opening);
  }
}

void Parser::add_output(const Chunk& chunk, Block& out) {
  auto made = piece(Tag::output, chunk);
  made.pipeline = expressions(chunk).pipeline();
  out.push_back(std::move(made));
}

void Parser::no_markup(const Chunk& chunk) {
  if (!all_space(chunk.markup))
    report_(chunk.markup_at, in_ticks(chunk.name) + " takes nothing behind its name");
}

void Parser::parse_tag(const Chunk& chunk, Chunks& chunks, Block& out) {
  if (depth_ >= kMaxNesting) {
    // Once is enough: the rest of a text that deep is not looked at.
    report_(chunk.at, "tags are nested too deeply, " + std::to_string(kMaxNesting) + " is the limit");
    while (chunks.next().kind != Chunk::Kind::end) continue;
    return;
  }
  ++depth_;
  const auto name = chunk.name;
  if (name == "if" || name == "unless") parse_branches(chunk, chunks, out);
  else if (name == "case") parse_case(chunk, chunks, out);
  else if (name == "for") parse_for(chunk, chunks, out);
  else if (name == "tablerow") parse_table(chunk, chunks, out);
  else if (name == "assign") parse_assign(chunk, out);
  else if (name == "capture") parse_capture(chunk, chunks, out);
  else if (name == "echo") add_output(chunk, out);
  else if (name == "increment" || name == "decrement") parse_counter(chunk, out);
  else if (name == "cycle") parse_cycle(chunk, out);
  else if (name == "liquid") parse_liquid(chunk, out);
  else if (name == "raw" || name == "doc") parse_raw(chunk, chunks, out);
  else if (name == "comment") skip_comment(chunk, chunks);
  else if (name == "#") check_inline_comment(chunk);
  else if (name == "break") out.push_back(piece(Tag::break_, chunk));
  else if (name == "continue") out.push_back(piece(Tag::continue_, chunk));
  else if (name == "ifchanged") {
    auto made = piece(Tag::ifchanged, chunk);
    parse_body(chunks, chunk, made.body);
    made.blank = is_blank(made.body);
    out.push_back(std::move(made));
  } else if (name == "include" || name == "render") {
    report_(chunk.at, in_ticks(name) + " needs other files, and a mapping stands alone: write the text here");
  } else {
    const std::vector<std::string> known(kTags.begin(), kTags.end());
    report_(chunk.at, "unknown tag " + in_ticks(name) + did_you_mean(name, known));
  }
  --depth_;
}

void Parser::parse_branches(const Chunk& chunk, Chunks& chunks, Block& out) {
  auto made = piece(Tag::branches, chunk);
  auto stop = chunk;
  while (true) {
    Branch branch;
    if (stop.name == "else") {
      branch.kind = Branch::Kind::otherwise;
    } else {
      branch.negated = stop.name == "unless";
      branch.condition = expressions(stop).condition();
    }
    stop = parse_block(chunks, branch.body);
    made.branches.push_back(std::move(branch));
    while (stop.kind == Chunk::Kind::tag && stop.name != "else" && stop.name != "elsif" &&
           !closes(stop, chunk)) {
      unexpected(stop, chunk);
      stop = parse_block(chunks, made.branches.back().body);
    }
    if (stop.kind == Chunk::Kind::end) return never_closed(chunk);
    if (closes(stop, chunk)) break;
  }
  made.blank = std::ranges::all_of(made.branches, [](const Branch& branch) { return is_blank(branch.body); });
  if (made.blank) {
    for (auto& branch : made.branches) drop_text(branch.body);
  }
  out.push_back(std::move(made));
}

void Parser::parse_case(const Chunk& chunk, Chunks& chunks, Block& out) {
  auto made = piece(Tag::choice, chunk);
  auto subject = expressions(chunk);
  made.pipeline.value = subject.value();
  subject.finish();
  Block before;  // what stands between `case` and the first `when` is never written
  auto stop = parse_block(chunks, before);
  while (!closes(stop, chunk)) {
    if (stop.kind == Chunk::Kind::end) return never_closed(chunk);
    if (stop.name == "when") {
      Branch branch;
      branch.kind = Branch::Kind::when;
      branch.values = expressions(stop).when_values();
      made.branches.push_back(std::move(branch));
    } else if (stop.name == "else") {
      no_markup(stop);
      made.branches.emplace_back().kind = Branch::Kind::otherwise;
    } else {
      unexpected(stop, chunk);
    }
    stop = parse_block(chunks, made.branches.empty() ? before : made.branches.back().body);
  }
  made.blank = is_blank(before) &&
               std::ranges::all_of(made.branches, [](const Branch& branch) { return is_blank(branch.body); });
  if (made.blank) {
    for (auto& branch : made.branches) drop_text(branch.body);
  }
  out.push_back(std::move(made));
}

void Parser::parse_for(const Chunk& chunk, Chunks& chunks, Block& out) {
  auto made = piece(Tag::loop, chunk);
  made.loop = std::make_unique<Loop>();
  expressions(chunk).loop_head(*made.loop);
  auto stop = parse_block(chunks, made.loop->body);
  bool has_else = false;
  while (!closes(stop, chunk)) {
    if (stop.kind == Chunk::Kind::end) return never_closed(chunk);
    if (stop.name != "else") unexpected(stop, chunk);
    else if (std::exchange(has_else, true)) made.loop->otherwise.clear();
    stop = parse_block(chunks, has_else ? made.loop->otherwise : made.loop->body);
  }
  made.blank = is_blank(made.loop->body) && is_blank(made.loop->otherwise);
  if (made.blank) {
    drop_text(made.loop->body);
    drop_text(made.loop->otherwise);
  }
  out.push_back(std::move(made));
}

void Parser::parse_table(const Chunk& chunk, Chunks& chunks, Block& out) {
  auto made = piece(Tag::table, chunk);
  made.loop = std::make_unique<Loop>();
  expressions(chunk).table_head(*made.loop);
  parse_body(chunks, chunk, made.loop->body);
  made.blank = is_blank(made.loop->body);
  out.push_back(std::move(made));
}

void Parser::parse_assign(const Chunk& chunk, Block& out) {
  auto made = piece(Tag::assign, chunk);
  made.blank = true;
  const auto equals = chunk.markup.find('=');
  const auto name = trim(chunk.markup.substr(0, equals));
  if (equals == std::string_view::npos || !is_name(name)) {
    return report_(chunk.at, "`assign` needs a name, `=` and a value: {% assign name = value %}");
  }
  made.slot = program_.names->slot(name);
  const auto from = chunk.markup.substr(equals + 1);
  made.pipeline =
      Expressions(from, chunk.markup_at + static_cast<std::uint32_t>(equals) + 1, program_, report_)
          .pipeline();
  out.push_back(std::move(made));
}

void Parser::parse_capture(const Chunk& chunk, Chunks& chunks, Block& out) {
  auto made = piece(Tag::capture, chunk);
  made.blank = true;
  auto name = trim(chunk.markup);
  if (name.size() > 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front()) {
    name = name.substr(1, name.size() - 2);
  }
  if (is_name(name)) made.slot = program_.names->slot(name);
  else report_(chunk.at, "`capture` needs a name: {% capture name %}");
  parse_body(chunks, chunk, made.body);
  out.push_back(std::move(made));
}

void Parser::parse_counter(const Chunk& chunk, Block& out) {
  auto made = piece(chunk.name == "increment" ? Tag::increment : Tag::decrement, chunk);
  const auto name = trim(chunk.markup);
  if (!is_name(name)) return report_(chunk.at, in_ticks(chunk.name) + " needs a name");
  made.slot = program_.names->slot(name);
  out.push_back(std::move(made));
}

void Parser::parse_cycle(const Chunk& chunk, Block& out) {
  auto made = piece(Tag::cycle, chunk);
  made.cycle = std::make_unique<Cycle>();
  expressions(chunk).cycle(*made.cycle);
  out.push_back(std::move(made));
}

void Parser::parse_liquid(const Chunk& chunk, Block& out) {
  Chunks lines(program_.source, chunk.markup_at,
               chunk.markup_at + static_cast<std::uint32_t>(chunk.markup.size()), true);
  while (true) {
    const auto stop = parse_block(lines, out);
    if (stop.kind == Chunk::Kind::end) return;
    report_(stop.at, in_ticks(stop.name) + " stands here without the tag that it belongs to");
  }
}

void Parser::parse_raw(const Chunk& chunk, Chunks& chunks, Block& out) {
  no_markup(chunk);
  auto made = piece(Tag::text, chunk);
  const auto closing = "end" + std::string(chunk.name);
  if (!chunks.skip_to(closing, made.text)) return never_closed(chunk);
  if (chunk.name == "doc") return;
  made.blank = made.text.empty();
  // Not Tag::text for `drop_text`: a raw text with something in it is never blank, so its block is not.
  out.push_back(std::move(made));
}

void Parser::skip_comment(const Chunk& chunk, Chunks& chunks) {
  int depth = 1;
  while (depth > 0) {
    const auto next = chunks.next();
    if (next.kind == Chunk::Kind::end) return never_closed(chunk);
    if (next.kind != Chunk::Kind::tag) continue;
    std::string_view ignored;
    if (next.name == "raw" && !chunks.skip_to("endraw", ignored)) return never_closed(next);
    if (next.name == "comment") ++depth;
    if (next.name == "endcomment") --depth;
  }
}

void Parser::check_inline_comment(const Chunk& chunk) {
  auto rest = chunk.markup;
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    rest.remove_prefix(end + 1);
    const auto first = rest.find_first_not_of(" \t\n\v\f\r");
    if (first == std::string_view::npos) return;
    if (rest[first] != '#') {
      const auto at = chunk.markup_at + static_cast<std::uint32_t>(chunk.markup.size() - rest.size() + first);
      return report_(at, "each line of a `#` comment must begin with `#`");
    }
  }
}

std::shared_ptr<Program> begin(const ParseInput& input, Problems& problems) {
  auto program = std::make_shared<Program>();
  program->locator = input.locator;
  program->names = input.names ? input.names : std::make_shared<Names>();
  if (input.text.size() > kMaxTemplateBytes) {
    problems.add(program->place(0), input.path,
                 "the text is longer than " + std::to_string(kMaxTemplateBytes) + " bytes");
    return program;
  }
  if (!is_utf8(input.text)) {
    problems.add(program->place(0), input.path, "the text is not valid UTF-8");
    return program;
  }
  program->source = input.text;
  return program;
}

}  // namespace

Locator Locator::only_start(Position start) {
  Locator made(std::move(start));
  made.exact_ = false;
  return made;
}

Position Locator::place(std::string_view source, std::size_t offset) const {
  auto at = start_;
  if (!exact_ || at.line == 0) return at;
  const auto before = source.substr(0, std::min(offset, source.size()));
  const auto line_start = before.rfind('\n');
  const auto in_line = line_start == std::string_view::npos ? before : before.substr(line_start + 1);
  const auto column = static_cast<int>(count_code_points(in_line));
  at.line += static_cast<int>(std::ranges::count(before, '\n'));
  at.column = column + (line_start == std::string_view::npos ? at.column : next_line_column_);
  return at;
}

std::uint32_t Names::slot(std::string_view name) {
  if (const auto found = slots_.find(name); found != slots_.end()) return found->second;
  const auto slot = static_cast<std::uint32_t>(list_.size());
  list_.emplace_back(name);
  slots_.emplace(name, slot);
  return slot;
}

const std::uint32_t* Names::find(std::string_view name) const {
  const auto found = slots_.find(name);
  return found == slots_.end() ? nullptr : &found->second;
}

std::shared_ptr<Program> parse_template(const ParseInput& input, Problems& problems) {
  auto program = begin(input, problems);
  Parser(*program, input.path, problems).parse_all();
  return program;
}

std::shared_ptr<Program> parse_loop_head(const ParseInput& input, Problems& problems) {
  auto program = begin(input, problems);
  Piece piece;
  piece.tag = Tag::loop;
  piece.loop = std::make_unique<Loop>();
  const Parser parser(*program, input.path, problems);
  Expressions(program->source, 0, *program, parser.report()).loop_head(*piece.loop);
  program->body.push_back(std::move(piece));
  return program;
}

std::shared_ptr<Program> parse_condition(const ParseInput& input, Problems& problems) {
  auto program = begin(input, problems);
  Piece piece;
  piece.tag = Tag::branches;
  const Parser parser(*program, input.path, problems);
  Branch branch;
  branch.condition = Expressions(program->source, 0, *program, parser.report()).condition();
  piece.branches.push_back(std::move(branch));
  program->body.push_back(std::move(piece));
  return program;
}

const Pipeline* single_output(const Program& program) {
  if (program.body.size() != 1 || program.body.front().tag != Tag::output) return nullptr;
  // `{% echo %}` is text by intent, and so is what a `liquid` tag writes.
  return std::string_view(program.source).starts_with("{{") ? &program.body.front().pipeline : nullptr;
}

}  // namespace baton::mappings
