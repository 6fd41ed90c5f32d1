#include "gateway/config/tree_builder.h"

#include <algorithm>

#include "gateway/config/parse.h"

namespace baton::config {
namespace {

constexpr std::string_view kStandardTag = "tag:yaml.org,2002:";

[[noreturn]] void stop(Position at, std::string path, std::string message) {
  throw Stop{{std::move(at), std::move(path), std::move(message)}};
}

}  // namespace

void TreeBuilder::start_document(Mark mark) {
  if (started_) {
    stop(position(mark), "", "a second document starts here; a configuration file holds one, use `include`");
  }
  started_ = true;
}

void TreeBuilder::add_null(Mark mark, Anchor anchor) {
  auto at = position(mark);
  // For an empty value yaml-cpp gives the mark of whatever follows it, lines below.
  const bool has_key = !stack_.empty() && stack_.back().key;
  if (has_key && stack_.back().key->at.line != at.line) at = stack_.back().key->at;
  count(at, Extent{});
  place(Node::make_null(at), Extent{}, anchor);
}

void TreeBuilder::add_scalar(Mark mark, const std::string& tag, Anchor anchor, const std::string& value) {
  const auto block = block_scalar(mark);
  const auto at = block ? *block : position(mark);
  check_tag(at, tag, "str");
  const Extent extent{1, value.size(), 0};
  count(at, extent);
  place(Node::make_scalar(at, value, tag != "?"), extent, anchor);
}

void TreeBuilder::add_alias(Mark mark, Anchor anchor) {
  const auto at = position(mark);
  const auto found = anchors_.find(anchor);
  if (found == anchors_.end()) stop(at, path(), "this alias stands inside of its own anchor");
  count(at, found->second.extent);
  place(found->second.node, found->second.extent, 0);
}

void TreeBuilder::open(Mark mark, const std::string& tag, Anchor anchor, bool map) {
  Frame frame;
  frame.map = map;
  frame.at = position(mark);
  frame.anchor = anchor;
  frame.extent.depth = 1;
  check_tag(frame.at, tag, map ? "map" : "seq");
  count(frame.at, frame.extent);
  stack_.push_back(std::move(frame));
}

void TreeBuilder::close() {
  auto frame = std::move(stack_.back());
  stack_.pop_back();
  for (const auto& from : frame.merged) merge(frame, from);
  auto node = frame.map ? Node::make_map(frame.at, std::move(frame.members))
                        : Node::make_list(frame.at, std::move(frame.items));
  place(std::move(node), frame.extent, frame.anchor);
}

void TreeBuilder::place(Node node, const Extent& extent, Anchor anchor) {
  if (anchor != 0) anchors_[anchor] = Anchored{node, extent};
  if (stack_.empty()) {
    root_ = std::move(node);
    return;
  }
  auto& frame = stack_.back();
  frame.extent.nodes += extent.nodes;
  frame.extent.bytes += extent.bytes;
  frame.extent.depth = std::max(frame.extent.depth, extent.depth + 1);
  if (!frame.map) frame.items.push_back(std::move(node));
  else if (frame.key) place_value(frame, std::move(node));
  else place_key(node);
}

void TreeBuilder::place_key(const Node& node) {
  Key key{node.text(), node.at()};
  key.merges = node.text() == "<<" && !node.quoted();
  key.usable = node.kind() == Node::Kind::scalar;
  if (!key.usable) problems_.add(node.at(), path(), "a key must be a text; put it in quotes");
  stack_.back().key = std::move(key);
}

void TreeBuilder::place_value(Frame& frame, Node node) {
  const auto key = std::move(*frame.key);
  frame.key.reset();
  if (!key.usable) return;
  if (key.merges) {
    frame.merged.push_back(std::move(node));
    return;
  }
  const auto [first, fresh] = frame.keys.try_emplace(key.text, key.at);
  if (fresh) {
    frame.members.push_back({key.text, key.at, std::move(node)});
    return;
  }
  const auto above = path();
  problems_.add(key.at, (above.empty() ? "" : above + ".") + key.text,
                "this key stands twice; the first time at " + first->second.text());
}

// `<<: *base`: what the map says itself wins, then what was merged first.
void TreeBuilder::merge(Frame& frame, const Node& from) {
  if (from.kind() == Node::Kind::list) {
    for (const auto& item : from.items()) merge(frame, item);
    return;
  }
  if (from.kind() != Node::Kind::map) {
    problems_.add(from.at(), path(), "`<<` takes a map, or a list of maps");
    return;
  }
  for (const auto& member : from.members()) {
    if (frame.keys.try_emplace(member.key, member.at).second) frame.members.push_back(member);
  }
}

void TreeBuilder::count(const Position& at, const Extent& extent) {
  total_.nodes += extent.nodes;
  total_.bytes += extent.bytes;
  if (stack_.size() + extent.depth > kMaxDepth) {
    stop(at, "", "maps and lists stand more than " + std::to_string(kMaxDepth) + " deep in one another");
  }
  if (total_.nodes > kMaxNodes || total_.bytes > kMaxTextBytes) {
    stop(at, "",
         "with its aliases written out this file is larger than allowed (" + std::to_string(kMaxNodes) +
             " values, 16 MiB of text)");
  }
}

void TreeBuilder::check_tag(const Position& at, const std::string& tag, std::string_view expected) {
  const bool none = tag.empty() || tag == "?" || tag == "!";
  if (none || tag == std::string(kStandardTag) + std::string(expected)) return;
  const bool standard = tag.starts_with(kStandardTag);
  const auto shown = standard ? "!!" + tag.substr(kStandardTag.size()) : tag;
  problems_.add(at, path(), "the tag `" + shown + "` means nothing here; leave it out");
}

// Behind anchor and tag, where what they belong to begins, if that is on the same line.
std::size_t TreeBuilder::content_offset(Mark mark) const {
  const auto text = source_.text();
  const auto begin = source_.offset(mark.line, mark.column);
  auto offset = begin;
  while (offset < text.size() && (text[offset] == '&' || text[offset] == '!')) {
    offset = text.find_first_of(" \r\n", offset);
    offset = text.find_first_not_of(' ', offset);
    if (offset == std::string_view::npos || text[offset] == '\n' || text[offset] == '\r') return begin;
  }
  return offset;
}

Position TreeBuilder::position(Mark mark) const {
  const auto offset = content_offset(mark);
  const auto begin = source_.offset(mark.line, mark.column);
  return source_.at(mark.line, mark.column + static_cast<int>(offset - begin));
}

// The first character of a block scalar's first line; nullopt for every other scalar.
std::optional<Position> TreeBuilder::block_scalar(Mark mark) const {
  const auto text = source_.text();
  const auto offset = content_offset(mark);
  if (offset >= text.size() || (text[offset] != '|' && text[offset] != '>')) return std::nullopt;
  int line = mark.line + 1;
  auto indent = source_.line(line).find_first_not_of(" \r");
  // Empty lines at the start belong to the text; the first other one tells the indentation.
  while (indent == std::string_view::npos && source_.offset(line + 1, 0) < text.size()) {
    indent = source_.line(++line).find_first_not_of(" \r");
  }
  auto at = source_.at(mark.line + 1, 0);
  at.column = indent == std::string_view::npos ? 1 : static_cast<int>(indent) + 1;
  return at;
}

// The way from the root to the map or list that is open now.
std::string TreeBuilder::path() const {
  std::string path;
  for (const auto& frame : stack_) {
    if (frame.map && !frame.key) continue;
    const auto step = frame.map ? frame.key->text : "[" + std::to_string(frame.items.size()) + "]";
    path += (path.empty() || step.starts_with('[') ? "" : ".") + step;
  }
  return path;
}

}  // namespace baton::config
