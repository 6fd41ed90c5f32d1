#include "gateway/model/node.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "gateway/base/text.h"

namespace baton {
namespace {

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string backticked(std::string_view text) { return "`" + std::string(text) + "`"; }

}  // namespace

std::string Position::text() const {
  if (line == 0) return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Node Node::make_null(Position at) {
  Node node;
  node.kind_ = Kind::null;
  node.at_ = std::move(at);
  return node;
}

Node Node::make_scalar(Position at, std::string text, bool quoted) {
  Node node;
  node.kind_ = Kind::scalar;
  node.at_ = std::move(at);
  node.text_ = std::move(text);
  node.quoted_ = quoted;
  return node;
}

Node Node::make_list(Position at, std::vector<Node> items) {
  Node node;
  node.kind_ = Kind::list;
  node.at_ = std::move(at);
  node.items_ = std::move(items);
  return node;
}

Node Node::make_map(Position at, std::vector<Member> members) {
  Node node;
  node.kind_ = Kind::map;
  node.at_ = std::move(at);
  node.members_ = std::move(members);
  return node;
}

const Node& Node::operator[](std::string_view key) const {
  static const Node& kMissing = *new Node;  // lives as long as the process
  const auto found = std::ranges::find(members_, key, &Member::key);
  return found == members_.end() ? kMissing : found->value;
}

std::string Problem::text() const {
  return (at.file.empty() ? "" : at.text() + ": ") + (path.empty() ? "" : path + ": ") + message;
}

void Problems::add(Position at, std::string path, std::string message) {
  list_.push_back({std::move(at), std::move(path), std::move(message)});
}

Fields::Fields(const Node& map, std::string path, Problems& problems)
    : map_(map), path_(std::move(path)), problems_(problems) {
  if (map.kind() == Node::Kind::map || map.missing()) return;
  problems_.add(map.at(), path_, "must be a map of keys and values");
}

std::string Fields::path_of(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

void Fields::report(std::string_view key, std::string message) {
  const auto& value = map_[key];
  problems_.add(value.missing() ? map_.at() : value.at(), path_of(key), std::move(message));
}

const Node& Fields::node(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  return map_[key];
}

// The scalar at `key`; null if there is none, or if it is something else, which is reported.
const Node* Fields::scalar(std::string_view key, std::string_view wanted) {
  const auto& value = node(key);
  if (value.missing()) return nullptr;
  if (value.kind() == Node::Kind::scalar) return &value;
  report(key, "must be " + std::string(wanted));
  return nullptr;
}

std::string Fields::text(std::string_view key, std::string_view otherwise) {
  const auto* value = scalar(key, "a text");
  return value ? value->text() : std::string(otherwise);
}

std::string Fields::required_text(std::string_view key) {
  const bool absent = map_[key].missing();
  auto value = text(key);
  if (absent) report(key, "is required");
  else if (value.empty() && map_[key].kind() == Node::Kind::scalar) report(key, "must not be empty");
  return value;
}

std::int64_t Fields::integer(std::string_view key, std::int64_t otherwise, std::int64_t low,
                             std::int64_t high) {
  const auto allowed = "a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  const auto* value = scalar(key, allowed);
  if (!value) return otherwise;
  const auto number = parse_number<std::int64_t>(value->text());
  if (number && *number >= low && *number <= high) return *number;
  report(key, backticked(value->text()) + " must be " + allowed);
  return otherwise;
}

double Fields::number(std::string_view key, double otherwise, double low, double high) {
  const auto* value = scalar(key, "a number");
  if (!value) return otherwise;
  const auto number = parse_number<double>(value->text());
  if (number && std::isfinite(*number) && *number >= low && *number <= high) return *number;
  report(key, backticked(value->text()) + " must be a number from " + std::to_string(low) + " to " +
                  std::to_string(high));
  return otherwise;
}

bool Fields::boolean(std::string_view key, bool otherwise) {
  const auto* value = scalar(key, "true or false");
  if (!value) return otherwise;
  if (value->text() == "true") return true;
  if (value->text() == "false") return false;
  report(key, backticked(value->text()) + " must be true or false");
  return otherwise;
}

Duration Fields::duration(std::string_view key, Duration otherwise) {
  constexpr std::string_view kAllowed = "a duration such as 250ms, 30s, 5m, 2h or 7d";
  const auto* value = scalar(key, kAllowed);
  if (!value) return otherwise;
  if (const auto found = parse_duration(value->text())) return *found;
  report(key, backticked(value->text()) + " must be " + std::string(kAllowed));
  return otherwise;
}

std::vector<std::string> Fields::texts(std::string_view key) {
  const auto& value = node(key);
  if (value.missing()) return {};
  if (value.kind() == Node::Kind::scalar) return {value.text()};
  std::vector<std::string> found;
  for (const auto& item : value.items()) {
    if (item.kind() == Node::Kind::scalar) found.push_back(item.text());
    else problems_.add(item.at(), path_of(key), "must be a list of texts");
  }
  if (value.kind() != Node::Kind::list) report(key, "must be a list of texts");
  return found;
}

std::string Fields::one_of(std::string_view key, std::string_view otherwise,
                           std::span<const std::string> allowed) {
  auto value = text(key, otherwise);
  if (std::ranges::find(allowed, value) != allowed.end()) return value;
  report(key, backticked(value) + " must be one of " + join(allowed, ", ") + did_you_mean(value, allowed));
  return std::string(otherwise);
}

void Fields::done() {
  std::set<std::string_view> seen;
  for (const auto& [key, at, value] : map_.members()) {
    if (!seen.insert(key).second) problems_.add(at, path_of(key), "stands here twice");
    if (std::ranges::find(known_, key) != known_.end()) continue;
    problems_.add(at, path_of(key),
                  "unknown key" + did_you_mean(key, known_) + "; allowed here: " + join(known_, ", "));
  }
}

std::optional<Duration> parse_duration(std::string_view text) {
  const auto unit_at = text.find_first_not_of("0123456789");
  if (unit_at == 0 || unit_at == std::string_view::npos) return std::nullopt;
  const auto count = parse_number<std::int64_t>(text.substr(0, unit_at));
  const auto unit = text.substr(unit_at);
  const std::int64_t factor = unit == "ms"  ? 1
                              : unit == "s" ? 1000
                              : unit == "m" ? 60'000
                              : unit == "h" ? 3'600'000
                              : unit == "d" ? 86'400'000
                                            : 0;
  if (!count || factor == 0 || *count > 3'650 * (86'400'000 / factor)) return std::nullopt;  // ten years
  return Duration{*count * factor};
}

std::string did_you_mean(std::string_view name, std::span<const std::string> known) {
  const auto found = nearest(name, known);
  return found ? ", did you mean " + backticked(*found) + "?" : "";
}

}  // namespace baton
