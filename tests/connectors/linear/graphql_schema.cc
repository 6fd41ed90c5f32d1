#include "tests/connectors/linear/graphql_schema.h"

#include <algorithm>
#include <cctype>

#include <gtest/gtest.h>

namespace baton::testing {
namespace {

using nlohmann::json;

struct Token {
  enum class Kind { name, punctuation, text, number, end };
  Kind kind = Kind::end;
  std::string text;
};

std::vector<Token> tokens_of(std::string_view source) {
  std::vector<Token> tokens;
  const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
  for (std::size_t at = 0; at < source.size();) {
    const char c = source[at];
    if (std::isspace(static_cast<unsigned char>(c)) || c == ',') {
      ++at;
    } else if (c == '#') {
      at = std::min(source.find('\n', at), source.size());
    } else if (source.substr(at).starts_with("\"\"\"")) {
      const auto end = source.find("\"\"\"", at + 3);
      tokens.push_back({Token::Kind::text, std::string(source.substr(at + 3, end - at - 3))});
      at = end + 3;
    } else if (c == '"') {
      auto end = at + 1;
      while (end < source.size() && source[end] != '"') end += source[end] == '\\' ? 2 : 1;
      tokens.push_back({Token::Kind::text, std::string(source.substr(at + 1, end - at - 1))});
      at = end + 1;
    } else if (std::isdigit(static_cast<unsigned char>(c)) || c == '-') {
      auto end = at + 1;
      while (end < source.size() && (is_name(source[end]) || source[end] == '.')) ++end;
      tokens.push_back({Token::Kind::number, std::string(source.substr(at, end - at))});
      at = end;
    } else if (is_name(c)) {
      auto end = at;
      while (end < source.size() && is_name(source[end])) ++end;
      tokens.push_back({Token::Kind::name, std::string(source.substr(at, end - at))});
      at = end;
    } else {
      tokens.push_back({Token::Kind::punctuation, std::string(1, c)});
      ++at;
    }
  }
  tokens.push_back({});
  return tokens;
}

class Reader {
 public:
  explicit Reader(std::string_view source) : tokens_(tokens_of(source)) {}

  const Token& peek() const { return tokens_[at_]; }
  bool is_name() const { return peek().kind == Token::Kind::name; }
  bool done() const { return peek().kind == Token::Kind::end; }
  bool is(std::string_view text) const { return peek().kind != Token::Kind::text && peek().text == text; }
  std::string take() {
    auto text = peek().text;
    if (!done()) ++at_;
    return text;
  }
  bool take_if(std::string_view text) {
    if (!is(text)) return false;
    take();
    return true;
  }
  std::string description() { return peek().kind == Token::Kind::text ? take() : std::string(); }

  TypeRef type() {
    TypeRef ref;
    if (take_if("[")) {
      ref.of = std::make_shared<TypeRef>(type());
      ref.name = ref.of->name;
      take_if("]");
    } else {
      ref.name = take();
    }
    ref.required = take_if("!");
    return ref;
  }

  // A literal as JSON: an enumerator is {"$enum": ...}, a variable {"$var": ...}.
  json value() {
    if (take_if("$")) return {{"$var", take()}};
    if (take_if("[")) {
      json list = json::array();
      while (!done() && !take_if("]")) list.push_back(value());
      return list;
    }
    if (take_if("{")) {
      json object = json::object();
      while (!done() && !take_if("}")) {
        const auto key = take();
        take_if(":");
        object[key] = value();
      }
      return object;
    }
    const auto kind = peek().kind;
    const auto text = take();
    if (kind == Token::Kind::text) return text;
    if (kind == Token::Kind::number) return json::parse(text, nullptr, false);
    if (text == "true" || text == "false") return text == "true";
    if (text == "null") return nullptr;
    return {{"$enum", text}};
  }

  // Whether one of them is @deprecated.
  bool directives() {
    bool deprecated = false;
    while (take_if("@")) {
      deprecated = take() == "deprecated" || deprecated;
      if (!take_if("(")) continue;
      while (!done() && !take_if(")")) take();
    }
    return deprecated;
  }

 private:
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

bool is_hidden(const std::string& description) {
  for (const auto* mark : {"[Internal]", "[INTERNAL]", "[ALPHA]", "[DEPRECATED]"}) {
    if (description.find(mark) != std::string::npos) return true;
  }
  return false;
}

std::pair<std::string, Argument> read_argument(Reader& in) {
  Argument argument;
  argument.hidden = is_hidden(in.description());
  auto name = in.take();
  in.take_if(":");
  argument.type = in.type();
  if (in.take_if("=")) {
    argument.has_default = true;
    (void)in.value();
  }
  argument.hidden = in.directives() || argument.hidden;
  return {std::move(name), std::move(argument)};
}

std::pair<std::string, SchemaField> read_field(Reader& in) {
  SchemaField field;
  field.hidden = is_hidden(in.description());
  auto name = in.take();
  if (in.take_if("(")) {
    while (!in.done() && !in.take_if(")")) field.arguments.insert(read_argument(in));
  }
  in.take_if(":");
  field.type = in.type();
  field.hidden = in.directives() || field.hidden;
  return {std::move(name), std::move(field)};
}

// --- one document against the schema

class Check {
 public:
  Check(const std::map<std::string, SchemaType>& types, std::string_view document)
      : types_(types), in_(document) {}

  std::string run(const json* variables) {
    const auto kind = in_.take();
    if (kind != "query" && kind != "mutation") return "neither query nor mutation\n";
    if (!in_.is("(") && !in_.is("{")) in_.take();  // its name
    if (in_.take_if("(")) {
      while (!in_.done() && !in_.take_if(")")) {
        in_.take_if("$");
        declared_.insert(read_argument(in_));
      }
    }
    selection(kind == "query" ? "Query" : "Mutation");
    if (!in_.done()) say("something follows the document: " + in_.peek().text);
    for (const auto& [name, argument] : declared_) {
      if (!used_.contains(name)) say("$" + name + " is not used");
      check_type(argument.type);
    }
    if (variables) check_variables(*variables);
    return said_;
  }

 private:
  void say(const std::string& sentence) { said_ += sentence + "\n"; }

  const SchemaType* find(const std::string& name) const {
    const auto found = types_.find(name);
    return found == types_.end() ? nullptr : &found->second;
  }

  void check_type(const TypeRef& ref) {
    if (!find(ref.name)) say("unknown type " + ref.name);
  }

  void selection(const std::string& type_name) {
    const auto* type = find(type_name);
    if (!type) say("unknown type " + type_name);
    if (!in_.take_if("{")) return say(type_name + " needs a selection");
    int count = 0;
    while (!in_.done() && !in_.take_if("}")) {
      ++count;
      auto name = in_.take();
      if (in_.take_if(":")) name = in_.take();
      const auto field = type ? type->fields.find(name) : decltype(type->fields.end())();
      const bool known = type && field != type->fields.end();
      if (!known) say(type_name + " has no field " + name);
      if (known && field->second.hidden) say(type_name + "." + name + " is not for us");
      arguments(type_name + "." + name, known ? &field->second : nullptr);
      const auto* of = known ? find(field->second.type.name) : nullptr;
      const bool leaf = of && (of->kind == "scalar" || of->kind == "enum");
      if (in_.is("{") && leaf) say(type_name + "." + name + " has no members");
      if (in_.is("{")) selection(known ? field->second.type.name : "?");
      else if (known && !leaf) say(type_name + "." + name + " needs a selection");
    }
    if (count == 0) say(type_name + ": an empty selection");
  }

  void arguments(const std::string& where, const SchemaField* field) {
    std::set<std::string> given;
    if (in_.take_if("(")) {
      while (!in_.done() && !in_.take_if(")")) {
        const auto name = in_.take();
        in_.take_if(":");
        const auto value = in_.value();
        given.insert(name);
        if (!field) continue;
        const auto argument = field->arguments.find(name);
        if (argument == field->arguments.end()) say(where + " takes no " + name);
        else literal(value, argument->second.type, where + "(" + name + ")");
      }
    }
    if (!field) return;
    for (const auto& [name, argument] : field->arguments) {
      if (argument.type.required && !argument.has_default && !given.contains(name))
        say(where + " needs " + name);
    }
  }

  void literal(const json& value, const TypeRef& type, const std::string& where) {
    if (value.is_object() && value.contains("$var")) {
      const auto name = value["$var"].get<std::string>();
      used_.insert(name);
      const auto declared = declared_.find(name);
      if (declared == declared_.end()) return say(where + ": $" + name + " is not declared");
      const auto& own = declared->second.type;
      const bool fits = own.name == type.name && !own.of == !type.of && (own.required || !type.required);
      if (!fits) say(where + ": $" + name + " is " + own.text() + ", wanted " + type.text());
      return;
    }
    this->value(value, type, where, true);
  }

  // `in_document`: variables and bare enumerators may stand in it.
  void value(const json& value, const TypeRef& type, const std::string& where, bool in_document) {
    if (value.is_null()) {
      if (type.required) say(where + " must not be null");
      return;
    }
    if (type.of) {
      if (!value.is_array())
        return in_document ? item(value, *type.of, where, true) : say(where + " must be a list");
      for (const auto& one : value) item(one, *type.of, where + "[]", in_document);
      return;
    }
    const auto* of = find(type.name);
    if (!of) return say("unknown type " + type.name);
    if (of->kind == "input") return input(value, *of, where, in_document);
    if (of->kind == "enum") {
      const auto text = in_document && value.is_object() ? value.value("$enum", "")
                        : value.is_string()              ? value.get<std::string>()
                                                         : "";
      if (!of->values.contains(text)) say(where + ": " + value.dump() + " is no " + type.name);
      return;
    }
    const auto& name = type.name;
    const bool fits = name == "String" || name == "ID" ? value.is_string()
                      : name == "Int"                  ? value.is_number_integer()
                      : name == "Float"                ? value.is_number()
                      : name == "Boolean"              ? value.is_boolean()
                      : name == "JSONObject"           ? value.is_object()
                      : name == "DateTime"             ? value.is_string()
                                                       : true;
    if (!fits) say(where + ": " + value.dump() + " is no " + name);
  }

  void item(const json& one, const TypeRef& type, const std::string& where, bool in_document) {
    if (in_document) literal(one, type, where);
    else value(one, type, where, false);
  }

  void input(const json& value, const SchemaType& of, const std::string& where, bool in_document) {
    if (!value.is_object()) return say(where + " must be an object");
    for (const auto& [key, member] : value.items()) {
      const auto known = of.inputs.find(key);
      if (known == of.inputs.end()) say(where + " has no " + key);
      else if (known->second.hidden) say(where + "." + key + " is not for us");
      else item(member, known->second.type, where + "." + key, in_document);
    }
    for (const auto& [key, argument] : of.inputs) {
      if (argument.type.required && !argument.has_default && !value.contains(key))
        say(where + " needs " + key);
    }
  }

  void check_variables(const json& variables) {
    for (const auto& [key, member] : variables.items()) {
      const auto declared = declared_.find(key);
      if (declared == declared_.end()) say("$" + key + " is not declared");
      else value(member, declared->second.type, "$" + key, false);
    }
    for (const auto& [key, argument] : declared_) {
      if (argument.type.required && !argument.has_default && !variables.contains(key))
        say("$" + key + " is missing");
    }
  }

  const std::map<std::string, SchemaType>& types_;
  Reader in_;
  std::map<std::string, Argument> declared_;
  std::set<std::string> used_;
  std::string said_;
};

void read_body(Reader& in, SchemaType& type) {
  if (!in.take_if("{")) return;
  while (!in.done() && !in.take_if("}")) {
    if (type.kind == "input") {
      type.inputs.insert(read_argument(in));
    } else if (type.kind == "enum") {
      in.description();
      type.values.insert(in.take());
      in.directives();
    } else {
      type.fields.insert(read_field(in));
    }
  }
}

}  // namespace

std::string TypeRef::text() const { return (of ? "[" + of->text() + "]" : name) + (required ? "!" : ""); }

GraphqlSchema::GraphqlSchema(std::string_view sdl) {
  for (const auto* scalar : {"String", "ID", "Int", "Float", "Boolean"}) types_[scalar].kind = "scalar";
  Reader in(sdl);
  while (!in.done()) {
    in.description();
    const auto kind = in.take();
    if (kind == "schema") {
      while (!in.done() && !in.take_if("}")) in.take();
      continue;
    }
    if (kind == "directive") {  // directive @name(arguments) repeatable on A | B
      while (!in.done() && !in.is("on") && !in.is("(")) in.take();
      if (in.take_if("(")) {
        while (!in.done() && !in.take_if(")")) in.take();
      }
      in.take_if("repeatable");
      in.take_if("on");
      do in.take();
      while (in.take_if("|"));
      continue;
    }
    if (!in.is_name()) ADD_FAILURE() << kind << " without a name: " << in.peek().text;
    auto& type = types_[in.take()];
    type.kind = kind;
    if (kind == "union") {
      in.take_if("=");
      in.take_if("|");
      do in.take();
      while (in.take_if("|"));
      continue;
    }
    if (in.take_if("implements")) {
      do in.take();
      while (in.take_if("&"));
    }
    in.directives();
    read_body(in, type);
  }
}

std::string GraphqlSchema::violations(std::string_view document) const {
  return Check(types_, document).run(nullptr);
}

std::string GraphqlSchema::violations(std::string_view document, const json& variables) const {
  return Check(types_, document).run(&variables);
}

}  // namespace baton::testing
