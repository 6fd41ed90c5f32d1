#include "gateway/config/parse.h"

#include <array>
#include <sstream>
#include <utility>

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "gateway/config/source.h"
#include "gateway/config/tree_builder.h"

namespace baton::config {
namespace {

// yaml-cpp's message (the start of it) and what it means to whoever edits the file.
constexpr auto kSentences = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"end of map not found", "this line does not fit the map above; check its indentation"},
    {"end of sequence not found", "this line does not fit the list above; check its indentation"},
    {"end of map flow not found", "a `{` is not closed; a `,` or `}` is missing before this"},
    {"end of sequence flow not found", "a `[` is not closed; a `,` or `]` is missing before this"},
    {"illegal flow end", "this bracket does not close the one that is open before it"},
    {"illegal map value", "a `:` where no key can stand; put text that holds `: ` in quotes"},
    {"illegal map key", "a key cannot stand here; check the indentation and the line above"},
    {"illegal block entry", "a list item (`- `) cannot stand here; check its indentation"},
    {"illegal EOF in scalar", "a quoted text is not closed before the end of the file"},
    {"illegal document indicator in scalar", "a quoted text is not closed before this `---` or `...`"},
    {"illegal character in scalar", "this character cannot stand in a text without quotes"},
    {"unknown token", "a value cannot start with this character; put it in quotes"},
    {"unknown escape character", "an unknown escape after `\\`; write `\\\\`, or use single quotes"},
    {"bad character found while scanning hex number", "an escape such as \\u00e9 needs hex digits"},
    {"invalid unicode", "this escape names no character"},
    {"the referenced anchor is not defined", "this alias (`*name`) has no anchor (`&name`) above it"},
    {"alias not found after *", "`*` starts an alias; put the text in quotes if none is meant"},
    {"anchor not found after &", "`&` starts an anchor; put the text in quotes if none is meant"},
    {"illegal character found while scanning alias", "`*` starts an alias; put the text in quotes"},
    {"illegal character found while scanning anchor", "`&` starts an anchor; put the text in quotes"},
    {"unexpected character in block scalar", "only -, + or a digit may follow `|` or `>` on this line"},
    {"cannot assign multiple", "one value cannot have two anchors or tags"},
});

// yaml-cpp's events, in the builder's words.
class Events : public YAML::EventHandler {
 public:
  explicit Events(TreeBuilder& builder) : builder_(builder) {}

  void OnDocumentStart(const YAML::Mark& at) override { builder_.start_document(mark(at)); }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& at, YAML::anchor_t anchor) override { builder_.add_null(mark(at), anchor); }
  void OnAlias(const YAML::Mark& at, YAML::anchor_t anchor) override { builder_.add_alias(mark(at), anchor); }
  void OnScalar(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    builder_.add_scalar(mark(at), tag, anchor, value);
  }
  void OnSequenceStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    builder_.open_list(mark(at), tag, anchor);
  }
  void OnSequenceEnd() override { builder_.close(); }
  void OnMapStart(const YAML::Mark& at, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    builder_.open_map(mark(at), tag, anchor);
  }
  void OnMapEnd() override { builder_.close(); }

 private:
  static Mark mark(const YAML::Mark& at) { return {at.line, at.column}; }

  TreeBuilder& builder_;
};

bool tab_indents(std::string_view line) {
  const auto indentation = line.substr(0, line.find_first_not_of(" \t"));
  return indentation.find('\t') != std::string_view::npos;
}

Problem explain(const YAML::Exception& error, const Source& source) {
  const auto at = source.at(error.mark.line, error.mark.column);
  for (const int line : {at.line - 1, at.line - 2}) {
    if (!tab_indents(source.line(line))) continue;
    const auto tab = static_cast<int>(source.line(line).find('\t'));
    return {source.at(line, tab), "", "a tab in the indentation; YAML takes spaces only"};
  }
  for (const auto& [start, sentence] : kSentences) {
    if (error.msg.starts_with(start)) return {at, "", std::string(sentence)};
  }
  return {at, "", "is not YAML: " + error.msg};
}

// yaml-cpp 0.7 takes the end of the file for the end of a quoted text if it follows a line break.
// A comment there changes no other document, and makes it see that the quote is not closed.
std::string guarded(std::string_view text) {
  std::string out(text);
  if (out.ends_with('\n')) out += '#';
  return out;
}

Node build(const Source& source, Problems& problems) {
  TreeBuilder builder(source, problems);
  Events events(builder);
  try {
    std::istringstream stream(guarded(source.text()));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(events)) continue;  // the second one stops the builder
  } catch (const Stop& stop) {
    problems.add(stop.problem.at, stop.problem.path, stop.problem.message);
  } catch (const YAML::Exception& error) {
    const auto problem = explain(error, source);
    problems.add(problem.at, problem.path, problem.message);
  }
  auto root = builder.take_root();
  return root.missing() ? Node::make_null({source.name(), 1, 1}) : root;
}

}  // namespace

Parsed parse(std::string_view text, const std::string& name) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const bool json = name.ends_with(".json");
  const auto joined = json ? join_surrogates(text) : std::string();
  const Source source(json ? joined : text, name);
  Parsed parsed;
  if (const auto problem = unreadable(source)) {
    parsed.problems.add(problem->at, problem->path, problem->message);
    parsed.root = Node::make_null({name, 1, 1});
    return parsed;
  }
  parsed.root = build(source, parsed.problems);
  return parsed;
}

}  // namespace baton::config
