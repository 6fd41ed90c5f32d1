// Purpose: parses what stands inside {{ }} and behind a tag's name: values, filters, conditions, loop
// heads. Owner: the parser of one tag. Threads: one. Errors: the first one of a tag is reported; what
// is read after it means nothing.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/engine/ast.h"
#include "mappings/engine/lexer.h"

namespace baton::mappings {

class Expressions {
 public:
  using Report = std::function<void(std::uint32_t at, std::string message)>;

  Expressions(std::string_view markup, std::uint32_t base, Program& program, const Report& report);

  Pipeline pipeline();  // nothing at all is nil
  Condition condition();
  void loop_head(Loop& loop);
  void table_head(Loop& loop);
  Expression value();
  std::vector<Expression> when_values();
  void cycle(Cycle& cycle);

  void finish();  // reports what is left
  bool at_end() const { return tokens_[next_].kind == TokenKind::end; }
  bool failed() const { return failed_; }

 private:
  const Token& peek(std::size_t ahead = 0) const;
  Token take();
  bool take_if(TokenKind kind);
  bool take_word(std::string_view word);
  Token expect(TokenKind kind, std::string_view what);
  void fail(std::uint32_t at, std::string message);

  Expression expression(bool in_condition = false);
  Expression word(bool in_condition);
  Expression number();
  Expression range();
  Expression computed_root();
  void segments(Expression& path);
  void bracket(Expression& path);
  FilterCall filter();
  Condition::Term term();
  std::string source_between(std::size_t first_token, std::size_t end_token) const;

  Program& program_;
  const Report& report_;
  std::string_view markup_;
  std::uint32_t base_;
  std::vector<Token> tokens_;
  std::size_t next_ = 0;
  int depth_ = 0;
  bool failed_ = false;
};

}  // namespace baton::mappings
