#include "connectors/salesforce/simulator_soql.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

constexpr int kDeepest = 20, kMostSelects = 5;

struct Word {
  enum class Kind { name, text, number, sign, end };
  Kind kind = Kind::end;
  std::string value;
};

Failure malformed(std::string why) { return Failure(FailureKind::rejected, std::move(why)); }

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
}

// The text between quotes, from behind the first one to the one that no backslash precedes.
Result<std::string> read_literal(std::string_view text, std::size_t& at) {
  static constexpr std::string_view kEscapes = "\\'\"nrtbf%_", kMeanings = "\\'\"\n\r\t\b\f";
  std::string value;
  for (++at; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\'') return (++at, value);
    if (c == '\n' || c == '\r') break;
    if (c != '\\') {
      value += c;
      continue;
    }
    const auto known = ++at < text.size() ? kEscapes.find(text[at]) : std::string_view::npos;
    if (known == std::string_view::npos)
      return malformed("Invalid string literal: illegal character sequence");
    if (known < kMeanings.size()) {
      value += kMeanings[known];
    } else {
      (value += '\\') += text[at];  // LIKE reads it
    }
  }
  return malformed("unexpected token: end of query inside a string literal");
}

Result<std::vector<Word>> read_words(std::string_view text) {
  std::vector<Word> words;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++at;
    } else if (c == '\'') {
      auto literal = read_literal(text, at);
      if (!literal) return literal.error();
      words.push_back({Word::Kind::text, *std::move(literal)});
    } else if ((c >= '0' && c <= '9') || c == '-' || c == '+') {
      const auto start = at++;
      while (at < text.size() &&
             (is_name_char(text[at]) || text[at] == '-' || text[at] == ':' || text[at] == '+'))
        ++at;
      words.push_back({Word::Kind::number, std::string(text.substr(start, at - start))});
    } else if (is_name_char(c)) {
      const auto start = at;
      while (at < text.size() && (is_name_char(text[at]) || text[at] == ':')) ++at;
      words.push_back({Word::Kind::name, std::string(text.substr(start, at - start))});
    } else if (c == '(' || c == ')' || c == ',' || c == '=') {
      words.push_back({Word::Kind::sign, std::string(1, c)});
      ++at;
    } else if (c == '<' || c == '>' || c == '!') {
      const std::size_t length =
          at + 1 < text.size() && (text[at + 1] == '=' || (c == '<' && text[at + 1] == '>')) ? 2 : 1;
      if (c == '!' && length == 1) return malformed("unexpected token: '!'");
      words.push_back({Word::Kind::sign, std::string(text.substr(at, length))});
      at += length;
    } else {
      return malformed(std::string("unexpected token: '") + c + "'");
    }
  }
  words.push_back({});
  return words;
}

class Reader {
 public:
  explicit Reader(std::vector<Word> words) : words_(std::move(words)) {}

  Result<Query> read() {
    auto query = read_select();
    if (query && now().kind != Word::Kind::end) return unexpected();
    return query;
  }

 private:
  Result<Query> read_select() {
    Query query;
    if (++selects_ > kMostSelects) return malformed("too many sub-selects");
    if (!take("SELECT")) return unexpected();
    if (const auto fields = read_fields(query); !fields) return fields.error();
    if (!take("FROM") || now().kind != Word::Kind::name) return unexpected();
    query.object = next().value;
    if (take("WHERE")) {
      auto condition = read_any(0);
      if (!condition) return condition.error();
      query.where = *std::move(condition);
    }
    if (const auto order = read_order(query); !order) return order.error();
    if (take("LIMIT")) {
      if (!read_number(query.limit.emplace())) return unexpected();
    }
    if (take("OFFSET") && !read_number(query.offset)) return unexpected();
    return query;
  }

  const Word& now() const { return words_[at_]; }
  Word next() { return words_[now().kind == Word::Kind::end ? at_ : at_++]; }
  bool is(std::string_view what) const {
    return (now().kind == Word::Kind::name || now().kind == Word::Kind::sign) &&
           equals_ignoring_case(now().value, what);
  }
  bool take(std::string_view what) {
    if (!is(what)) return false;
    ++at_;
    return true;
  }
  Failure unexpected() const {
    return malformed("unexpected token: '" + (now().kind == Word::Kind::end ? "<EOF>" : now().value) + "'");
  }
  bool read_number(std::size_t& number) {
    const auto word = next();
    const auto* const end = word.value.data() + word.value.size();
    return word.kind == Word::Kind::number && std::from_chars(word.value.data(), end, number).ptr == end;
  }

  Result<Done> read_fields(Query& query) {
    if (is("COUNT") && words_[at_ + 1].value == "(") {
      at_ += 2;
      if (!take(")")) return unexpected();
      query.counts = true;
      return Done();
    }
    do {
      if (now().kind != Word::Kind::name || is("FROM")) return unexpected();
      query.fields.push_back(next().value);
    } while (take(","));
    return Done();
  }

  Result<Done> read_order(Query& query) {
    if (!take("ORDER")) return Done();
    if (!take("BY")) return unexpected();
    do {
      if (now().kind != Word::Kind::name) return unexpected();
      Ordering ordering;
      ordering.field = next().value;
      if (take("DESC")) {
        ordering.descending = true;
      } else {
        take("ASC");
      }
      if (take("NULLS")) {
        ordering.nulls_last = is("LAST");
        if (!take("LAST") && !take("FIRST")) return unexpected();
      }
      query.order.push_back(std::move(ordering));
    } while (take(","));
    return Done();
  }

  // AND and OR do not stand side by side without parentheses.
  Result<Condition> read_any(int depth) {
    if (depth > kDeepest) return malformed("too many parentheses");
    auto first = read_one(depth);
    if (!first || (!is("AND") && !is("OR"))) return first;
    const std::string joint = is("AND") ? "AND" : "OR";
    Condition all;
    all.kind = joint == "AND" ? Condition::Kind::all : Condition::Kind::any;
    all.parts.push_back(*std::move(first));
    while (take(joint)) {
      auto part = read_one(depth);
      if (!part) return part;
      all.parts.push_back(*std::move(part));
    }
    if (is("AND") || is("OR")) return unexpected();
    return all;
  }

  Result<Condition> read_one(int depth) {
    if (depth > kDeepest) return malformed("too many parentheses");
    if (take("(")) {
      auto inner = read_any(depth + 1);
      if (inner && !take(")")) return unexpected();
      return inner;
    }
    if (take("NOT")) {
      auto inner = read_one(depth + 1);
      if (!inner) return inner;
      Condition negation;
      negation.kind = Condition::Kind::negation;
      negation.parts.push_back(*std::move(inner));
      return negation;
    }
    return read_comparison();
  }

  Result<Condition> read_comparison() {
    if (now().kind != Word::Kind::name) return unexpected();
    Condition comparison;
    comparison.kind = Condition::Kind::comparison;
    comparison.field = next().value;
    const bool negated = take("NOT");
    if (take("IN")) {
      comparison.op = negated ? "NOT IN" : "IN";
      if (!take("(")) return unexpected();
      if (is("SELECT")) {
        auto inner = read_select();
        if (!inner) return inner.error();
        if (!take(")")) return unexpected();
        comparison.inner.push_back(*std::move(inner));
        return comparison;
      }
      do {
        if (!read_value(comparison)) return unexpected();
      } while (take(","));
      if (!take(")")) return unexpected();
      return comparison;
    }
    static constexpr std::string_view kSigns[] = {"=", "!=", "<>", "<", "<=", ">", ">=", "LIKE"};
    const auto* const sign =
        std::find_if(std::begin(kSigns), std::end(kSigns), [&](auto s) { return is(s); });
    if (negated || sign == std::end(kSigns)) return unexpected();
    comparison.op = *sign == "<>" ? "!=" : *sign;
    ++at_;
    if (!read_value(comparison)) return unexpected();
    return comparison;
  }

  bool read_value(Condition& comparison) {
    const auto word = now();
    Literal literal;
    literal.value = word.value;
    if (word.kind == Word::Kind::text) {
      literal.kind = Literal::Kind::text;
    } else if (word.kind == Word::Kind::number) {
      literal.kind = word.value.find('T') != std::string::npos      ? Literal::Kind::instant
                     : word.value.find('-', 1) != std::string::npos ? Literal::Kind::date
                                                                    : Literal::Kind::number;
    } else if (is("true") || is("false")) {
      literal.kind = Literal::Kind::flag;
      literal.value = to_lower(word.value);
    } else if (!is("null")) {
      return false;
    }
    ++at_;
    comparison.values.push_back(std::move(literal));
    return true;
  }

  std::vector<Word> words_;
  std::size_t at_ = 0;
  int selects_ = 0;
};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

}  // namespace

Result<Query> read_soql(std::string_view text) {
  auto words = read_words(text);
  if (!words) return words.error();
  return Reader(*std::move(words)).read();
}

bool is_like(std::string_view text, std::string_view pattern) {
  std::size_t t = 0, p = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    const std::size_t place = escaped ? p + 1 : p;
    if (p < pattern.size() && !escaped && pattern[p] == '%') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() &&
               ((!escaped && pattern[p] == '_') || lower(pattern[place]) == lower(text[t]))) {
      p = place + 1;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

}  // namespace baton::salesforce::simulated
