#include "tests/mappings/support/yaml.h"

#include <yaml-cpp/yaml.h>

namespace baton::mappings {
namespace {

Position place(const YAML::Node& node, const std::string& file) {
  return {file, node.Mark().line + 1, node.Mark().column + 1};
}

Node convert(const YAML::Node& node, const std::string& file) {
  switch (node.Type()) {
    case YAML::NodeType::Scalar:
      return Node::make_scalar(place(node, file), node.Scalar(), node.Tag() == "!");
    case YAML::NodeType::Sequence: {
      std::vector<Node> items;
      for (const auto& item : node) items.push_back(convert(item, file));
      return Node::make_list(place(node, file), std::move(items));
    }
    case YAML::NodeType::Map: {
      std::vector<Node::Member> members;
      for (const auto& entry : node) {
        members.push_back({entry.first.Scalar(), place(entry.first, file), convert(entry.second, file)});
      }
      return Node::make_map(place(node, file), std::move(members));
    }
    default: return Node::make_null(place(node, file));
  }
}

}  // namespace

Node node_from_yaml(const std::string& text, const std::string& file) {
  return convert(YAML::Load(text), file);
}

}  // namespace baton::mappings
