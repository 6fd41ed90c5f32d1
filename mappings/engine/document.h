// Purpose: a vendor's request as a YAML tree with Liquid in its strings, compiled once and rendered
// often. Maps stay maps, lists stay lists; `$for`, `$if` and `$table` make structure; a string that is
// exactly one output keeps its JSON type; null drops its key, or its place in a list.
// Owner: whoever compiled it. Threads: immutable; renders may run side by side. Units: bytes.
// Errors: compile() reports every problem at once; a render fails as `rejected`, with the place first.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/result.h"
#include "gateway/base/time.h"
#include "gateway/model/node.h"
#include "mappings/engine/template.h"

namespace baton::mappings {

struct DocumentPart;
class Names;

class Document {
 public:
  Document();
  Document(Document&&) noexcept;
  Document& operator=(Document&&) noexcept;
  ~Document();

  // `path` names the part in messages ("open_ticket"). `source` is the file's text if it is at hand:
  // with it, problems inside a string of several lines have their exact line and column.
  // With problems added, the document must not be rendered.
  static Document compile(const Node& node, std::string_view path, Problems& problems,
                          std::string_view source = {});

  // The document as JSON text. This is the fast way: nothing is built in between.
  Result<std::string> render_text(const nlohmann::json& scope, TimePoint now,
                                  const Limits& limits = {}) const;
  Result<nlohmann::json> render(const nlohmann::json& scope, TimePoint now, const Limits& limits = {}) const;

  // Whether rendering may look at this member of the scope. What it does not need not be in there.
  bool may_name(std::string_view member) const;

  const DocumentPart& root() const { return *root_; }
  const Names& names() const { return *names_; }

 private:
  std::unique_ptr<DocumentPart> root_;
  std::shared_ptr<Names> names_;
};

// A plain YAML tree as JSON, by YAML's core types: `true`, `3`, `1.5`, `null` if unquoted.
nlohmann::json to_json(const Node& node);

}  // namespace baton::mappings
