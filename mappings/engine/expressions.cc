#include "mappings/engine/expressions.h"

#include <algorithm>
#include <charconv>

#include "mappings/engine/filters.h"
#include "mappings/engine/template.h"

namespace baton::mappings {
namespace {

std::string quoted(std::string_view text) { return "`" + std::string(text) + "`"; }

std::string shown(const Token& token) {
  if (token.kind == TokenKind::end) return "the end";
  if (token.kind == TokenKind::string) return "the text \"" + std::string(token.text) + "\"";
  return quoted(token.text);
}

Comparison comparison_of(std::string_view text) {
  if (text == "==") return Comparison::equal;
  if (text == "!=" || text == "<>") return Comparison::unequal;
  if (text == "<") return Comparison::less;
  if (text == ">") return Comparison::greater;
  if (text == "<=") return Comparison::at_most;
  if (text == ">=") return Comparison::at_least;
  return Comparison::contains;
}

Expression literal(Value value, std::uint32_t at) {
  Expression made;
  made.literal = value;
  made.at = at;
  return made;
}

std::unique_ptr<Expression> boxed(Expression expression) {
  return std::make_unique<Expression>(std::move(expression));
}

std::string arity(const FilterRule& rule) {
  if (rule.max_arguments == 0) return "takes no argument";
  const auto low = std::to_string(rule.min_arguments);
  const auto high = std::to_string(rule.max_arguments);
  const auto count = rule.min_arguments == rule.max_arguments ? low : low + " to " + high;
  return "takes " + count + (rule.max_arguments == 1 ? " argument" : " arguments");
}

}  // namespace

Expressions::Expressions(std::string_view markup, std::uint32_t base, Program& program, const Report& report)
    : program_(program), report_(report), markup_(markup), base_(base), tokens_(lex(markup, base)) {}

const Token& Expressions::peek(std::size_t ahead) const {
  return tokens_[std::min(next_ + ahead, tokens_.size() - 1)];
}

Token Expressions::take() {
  const auto token = peek();
  if (next_ + 1 < tokens_.size()) ++next_;
  return token;
}

bool Expressions::take_if(TokenKind kind) {
  if (failed_ || peek().kind != kind) return false;
  take();
  return true;
}

bool Expressions::take_word(std::string_view word) {
  if (failed_ || peek().kind != TokenKind::word || peek().text != word) return false;
  take();
  return true;
}

Token Expressions::expect(TokenKind kind, std::string_view what) {
  if (peek().kind == kind) return take();
  fail(peek().at, "expected " + std::string(what) + ", found " + shown(peek()));
  return {};
}

void Expressions::fail(std::uint32_t at, std::string message) {
  if (!failed_) report_(at, std::move(message));
  failed_ = true;
  next_ = tokens_.size() - 1;
}

void Expressions::finish() {
  if (failed_ || at_end()) return;
  const auto& token = peek();
  if (token.kind == TokenKind::bad && (token.text == "'" || token.text == "\"")) {
    return fail(token.at, "this text is never closed");
  }
  fail(token.at, "unexpected " + shown(token));
}

Expression Expressions::expression(bool in_condition) {
  if (++depth_ > kMaxNesting) {
    fail(peek().at, "brackets are nested too deeply");
    return {};
  }
  Expression made;
  switch (peek().kind) {
    case TokenKind::word: made = word(in_condition); break;
    case TokenKind::number: made = number(); break;
    case TokenKind::string: {
      const auto token = take();
      made = literal(Value::of(token.text), token.at);
      break;
    }
    case TokenKind::open_round: made = range(); break;
    case TokenKind::open_square: made = computed_root(); break;
    case TokenKind::bad:
      if (peek().text == "'" || peek().text == "\"") fail(peek().at, "this text is never closed");
      else fail(peek().at, "unexpected character " + quoted(peek().text));
      break;
    default: fail(peek().at, "expected a value, found " + shown(peek()));
  }
  --depth_;
  return made;
}

Expression Expressions::word(bool in_condition) {
  const auto token = take();
  const auto following = peek().kind;
  if (following != TokenKind::dot && following != TokenKind::open_square) {
    if (token.text == "nil" || token.text == "null") return literal({}, token.at);
    if (token.text == "true") return literal(Value::of(true), token.at);
    if (token.text == "false") return literal(Value::of(false), token.at);
    if (token.text == "blank" || token.text == "empty") {
      // Outside of a comparison both are a text without characters.
      if (!in_condition) return literal(Value::of(std::string_view()), token.at);
      return literal(Value::word(token.text == "blank" ? Kind::blank : Kind::empty), token.at);
    }
  }
  Expression path;
  path.kind = Expression::Kind::path;
  path.at = token.at;
  path.slot = program_.names->slot(token.text);
  segments(path);
  if (token.text == "self") {
    path.kind = Expression::Kind::self_path;
    program_.names->computes_names();
  }
  return path;
}

Expression Expressions::number() {
  const auto token = take();
  const auto* const end = token.text.data() + token.text.size();
  if (token.text.find('.') == std::string_view::npos) {
    std::int64_t whole = 0;
    const auto [stop, error] = std::from_chars(token.text.data(), end, whole);
    if (error != std::errc() || stop != end)
      fail(token.at, "the number " + quoted(token.text) + " is too large");
    return literal(Value::of(whole), token.at);
  }
  double real = 0;
  const auto [stop, error] = std::from_chars(token.text.data(), end, real);
  if (error != std::errc() || stop != end)
    fail(token.at, "the number " + quoted(token.text) + " is too large");
  return literal(Value::of(real), token.at);
}

Expression Expressions::range() {
  Expression made;
  made.kind = Expression::Kind::range;
  made.at = take().at;
  made.first = boxed(expression());
  expect(TokenKind::dots, "`..`");
  made.last = boxed(expression());
  expect(TokenKind::close_round, "`)`");
  return made;
}

// [name], ["a name with spaces"].tail
Expression Expressions::computed_root() {
  Expression path;
  path.at = take().at;
  auto root = expression();
  expect(TokenKind::close_square, "`]`");
  if (root.kind == Expression::Kind::literal && root.literal.is_text()) {
    path.kind = Expression::Kind::path;
    path.slot = program_.names->slot(root.literal.text());
  } else {
    path.kind = Expression::Kind::computed_path;
    path.first = boxed(std::move(root));
    program_.names->computes_names();
  }
  segments(path);
  return path;
}

void Expressions::segments(Expression& path) {
  while (!failed_) {
    if (peek().kind == TokenKind::open_square) {
      bracket(path);
    } else if (peek().kind == TokenKind::dot) {
      take();
      const auto token = expect(TokenKind::word, "a name behind `.`");
      Segment segment;
      segment.dotted = true;
      segment.at = token.at;
      segment.name = token.text;
      path.segments.push_back(std::move(segment));
    } else {
      return;
    }
  }
}

void Expressions::bracket(Expression& path) {
  Segment segment;
  segment.at = take().at;
  auto inner = expression();
  expect(TokenKind::close_square, "`]`");
  if (inner.kind == Expression::Kind::literal && inner.literal.is_text()) {
    segment.name = inner.literal.text();
  } else if (inner.kind == Expression::Kind::literal && inner.literal.kind() == Kind::integer) {
    segment.kind = Segment::Kind::index;
    segment.index = inner.literal.integer();
  } else {
    segment.kind = Segment::Kind::computed;
    segment.inner = boxed(std::move(inner));
  }
  path.segments.push_back(std::move(segment));
}

Expression Expressions::value() { return expression(); }

Pipeline Expressions::pipeline() {
  Pipeline made;
  if (at_end()) return made;
  made.value = expression();
  while (take_if(TokenKind::pipe)) made.filters.push_back(filter());
  finish();
  return made;
}

FilterCall Expressions::filter() {
  FilterCall call;
  const auto token = expect(TokenKind::word, "a filter's name");
  call.at = token.at;
  if (failed_) return call;
  call.rule = find_filter(token.text);
  if (!call.rule) {
    fail(token.at, "unknown filter " + quoted(token.text) + did_you_mean(token.text, filter_names()));
    return call;
  }
  std::size_t positional = 0;
  if (take_if(TokenKind::colon)) {
    do {
      if (at_end() || peek().kind == TokenKind::pipe) break;
      Argument argument;
      const auto at = peek().at;
      if (peek().kind == TokenKind::word && peek(1).kind == TokenKind::colon) {
        argument.name = take().text;
        take();
        if (call.rule->name != "default" || argument.name != "allow_false") {
          fail(at,
               "the filter " + quoted(call.rule->name) + " has no argument named " + quoted(argument.name));
        }
      } else {
        ++positional;
      }
      argument.value = expression();
      call.arguments.push_back(std::move(argument));
    } while (take_if(TokenKind::comma));
  }
  if (!failed_ && (positional < call.rule->min_arguments || positional > call.rule->max_arguments)) {
    fail(token.at, "the filter " + quoted(call.rule->name) + " " + arity(*call.rule) + ", here are " +
                       std::to_string(positional));
  }
  return call;
}

Condition::Term Expressions::term() {
  Condition::Term made;
  made.left = expression(true);
  if (!failed_ && peek().kind == TokenKind::comparison) {
    made.comparison = comparison_of(take().text);
    made.right = expression(true);
  }
  return made;
}

Condition Expressions::condition() {
  Condition made;
  do {
    made.terms.push_back(term());
    made.terms.back().is_or = !failed_ && peek().kind == TokenKind::word && peek().text == "or";
  } while (take_word("and") || take_word("or"));
  if (!failed_ && !at_end()) {
    const bool single = peek().kind == TokenKind::assign;
    fail(peek().at, "expected a comparison, `and` or `or`, found " + shown(peek()) +
                        (single ? ", did you mean `==`?" : ""));
  }
  return made;
}

std::string Expressions::source_between(std::size_t first_token, std::size_t end_token) const {
  const auto begin = tokens_[first_token].at - base_;
  auto end = std::min<std::size_t>(tokens_[end_token].at - base_, markup_.size());
  while (end > begin && (markup_[end - 1] == ' ' || markup_[end - 1] == ',')) --end;
  return std::string(markup_.substr(begin, end - begin));
}

void Expressions::loop_head(Loop& loop) {
  const auto variable = expect(TokenKind::word, "a variable's name");
  loop.slot = program_.names->slot(variable.text);
  loop.state_slot = program_.names->slot("forloop");
  if (!failed_ && !take_word("in")) fail(peek().at, "expected `in`, found " + shown(peek()));
  const auto start = next_;
  loop.collection = expression();
  if (failed_) return;
  loop.name = std::string(variable.text) + "-" + source_between(start, next_);
  while (!failed_ && !at_end()) {
    if (take_if(TokenKind::comma) && at_end()) return;
    if (take_word("reversed")) {
      loop.reversed = true;
      continue;
    }
    const auto key = expect(TokenKind::word, "`limit`, `offset` or `reversed`");
    if (!failed_ && key.text != "limit" && key.text != "offset") {
      fail(key.at, "unknown word " + quoted(key.text) + "; allowed here: limit, offset, reversed");
    }
    expect(TokenKind::colon, "`:`");
    if (key.text == "offset" && take_word("continue")) {
      loop.continues = true;
    } else {
      auto& target = key.text == "limit" ? loop.limit : loop.offset;
      target = boxed(expression());
      if (key.text == "offset") loop.continues = false;
    }
  }
}

void Expressions::table_head(Loop& loop) {
  const auto variable = expect(TokenKind::word, "a variable's name");
  loop.slot = program_.names->slot(variable.text);
  loop.state_slot = program_.names->slot("tablerowloop");
  if (!failed_ && !take_word("in")) fail(peek().at, "expected `in`, found " + shown(peek()));
  loop.collection = expression();
  while (!failed_ && !at_end()) {
    if (take_if(TokenKind::comma) && at_end()) return;
    const auto key = expect(TokenKind::word, "`cols`, `limit` or `offset`");
    expect(TokenKind::colon, "`:`");
    auto argument = boxed(expression());
    if (key.text == "cols") loop.columns = std::move(argument);
    else if (key.text == "limit") loop.limit = std::move(argument);
    else if (key.text == "offset") loop.offset = std::move(argument);
    else if (!failed_)
      fail(key.at, "unknown word " + quoted(key.text) + "; allowed here: cols, limit, offset");
  }
}

std::vector<Expression> Expressions::when_values() {
  std::vector<Expression> values;
  do {
    values.push_back(expression(true));
  } while (take_word("or") || take_if(TokenKind::comma));
  finish();
  return values;
}

void Expressions::cycle(Cycle& cycle) {
  const auto start = next_;
  auto first = expression();
  bool fixed = first.kind == Expression::Kind::literal;
  if (take_if(TokenKind::colon)) {
    cycle.group = boxed(std::move(first));
    cycle.values.push_back(expression());
  } else {
    cycle.values.push_back(std::move(first));
  }
  while (take_if(TokenKind::comma)) {
    if (at_end()) break;
    cycle.values.push_back(expression());
    fixed = fixed && cycle.values.back().kind == Expression::Kind::literal;
  }
  finish();
  if (failed_ || cycle.group) return;
  // Cycles over the same fixed values go on with one another; one with a variable is its own.
  cycle.key = source_between(start, next_);
  std::erase(cycle.key, ' ');
  if (!fixed) cycle.key += "#" + std::to_string(base_);
}

}  // namespace baton::mappings
