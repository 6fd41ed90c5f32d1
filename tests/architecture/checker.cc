#include "tests/architecture/checker.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <functional>
#include <set>
#include <sstream>

#include "gateway/base/text.h"

namespace baton::architecture {
namespace {

bool below(std::string_view path, std::string_view folder) {
  return path == folder ||
         (path.starts_with(folder) && path.size() > folder.size() && path[folder.size()] == '/');
}

std::string place(const SourceFile& file, int line) { return file.path + ":" + std::to_string(line) + ": "; }

std::string file_name(std::string_view path) { return std::string(path.substr(path.rfind('/') + 1)); }

std::string folder_of(std::string_view path) { return std::string(path.substr(0, path.rfind('/'))); }

// The vendor whose folder below connectors/ the path is in; "" for none and for what all of them share.
std::string vendor_of(std::string_view path) {
  const auto parts = split(path, '/');
  if (parts.size() < 3 || parts[0] != "connectors" || parts[1] == "sdk" || parts[1] == "simulation")
    return {};
  return std::string(parts[1]);
}

// A word of an identifier, as snake_case or CamelCase divides it.
bool is_word_at(std::string_view text, std::size_t at, std::size_t size) {
  const auto is = [&](std::size_t i, auto kind) { return kind(static_cast<unsigned char>(text[i])) != 0; };
  const bool starts = at == 0 || !is(at - 1, isalpha) || is(at, isupper);
  const bool ends = at + size >= text.size() || !is(at + size, isalpha) || is(at + size, isupper);
  return starts && ends;
}

int line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<int>(std::ranges::count(text.substr(0, at), '\n'));
}

// Ordinary words, and a standard's name that several vendors follow.
bool is_plain_word(const std::string& vendor) {
  return vendor == "standard_webhooks" || vendor == "linear" || vendor == "teams";
}

bool is_station(std::string_view path) {
  constexpr auto kStations = std::to_array<std::string_view>(
      {"gateway/ingress", "gateway/planner", "gateway/delivery", "gateway/health", "gateway/api",
       "gateway/handoff", "gateway/journal"});
  return std::ranges::any_of(kStations, [&](std::string_view station) { return below(path, station); });
}

bool is_free(std::string_view header) {
  constexpr auto kSystem = std::to_array<std::string_view>({"sys/", "netinet/", "arpa/", "net/", "linux/"});
  if (header.find('/') == std::string_view::npos) return true;
  return std::ranges::any_of(kSystem, [&](std::string_view prefix) { return header.starts_with(prefix); });
}

}  // namespace

std::vector<Line> read_table(std::string_view text) {
  std::vector<Line> lines;
  for (const auto row : split(text, '\n')) {
    if (trim(row).empty() || trim(row).starts_with('#')) continue;
    const auto colon = row.rfind(": ") != std::string_view::npos ? row.rfind(": ") : row.rfind(':');
    Line line;
    line.name = std::string(trim(row.substr(0, colon)));
    std::istringstream words{std::string(row.substr(colon + 1))};
    for (std::string word; words >> word;) line.allowed.push_back(word);
    lines.push_back(std::move(line));
  }
  return lines;
}

std::string without_comments(std::string_view text) {
  std::string out(text);
  enum class In { code, line, block, quote, letter } in = In::code;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const char next = i + 1 < out.size() ? out[i + 1] : '\0';
    switch (in) {
      case In::code:
        if (out[i] == '/' && next == '/') in = In::line;
        else if (out[i] == '/' && next == '*') in = In::block;
        else if (out[i] == '"') in = In::quote;
        else if (out[i] == '\'' && (i == 0 || !std::isalnum(static_cast<unsigned char>(out[i - 1]))))
          in = In::letter;
        if (in == In::block) out[i] = out[i + 1] = ' ', ++i;
        if (in == In::line) out[i] = ' ';
        break;
      case In::line:
        if (out[i] == '\n') in = In::code;
        else out[i] = ' ';
        break;
      case In::block:
        if (out[i] == '*' && next == '/') {
          out[i] = out[i + 1] = ' ', ++i;
          in = In::code;
        } else if (out[i] != '\n') {
          out[i] = ' ';
        }
        break;
      case In::quote:
      case In::letter:
        if (out[i] == '\\') ++i;
        else if (out[i] == (in == In::quote ? '"' : '\'') || out[i] == '\n') in = In::code;
        break;
    }
  }
  return out;
}

std::vector<Include> includes(std::string_view text) {
  std::vector<Include> found;
  const auto code = without_comments(text);
  int number = 0;
  for (auto line : split(code, '\n')) {
    ++number;
    line = trim(line);
    if (!line.starts_with('#')) continue;
    line = trim(line.substr(1));
    if (!line.starts_with("include")) continue;
    line = trim(line.substr(7));
    if (line.empty() || (line[0] != '"' && line[0] != '<')) continue;
    const auto end = line.find(line[0] == '"' ? '"' : '>', 1);
    found.push_back({std::string(line.substr(1, end - 1)), line[0] == '<', number});
  }
  return found;
}

std::string Checker::room_of(const std::string& path) const {
  const auto vendor = vendor_of(path);
  if (!vendor.empty() && file_name(path).starts_with("simulator")) return "simulator:" + vendor;
  std::string best;
  for (const auto& line : layers_) {
    if (below(path, line.name) && line.name.size() > best.size()) best = line.name;
  }
  if (best.empty() && !vendor.empty()) return "connectors/" + vendor;
  return best;
}

const Line* Checker::row_of(const std::string& room) const {
  const auto named = std::ranges::find(layers_, room, &Line::name);
  if (named != layers_.end()) return &*named;
  for (const auto* pattern : {"simulator:", "connectors/"}) {
    if (!room.starts_with(pattern)) continue;
    const auto any = std::ranges::find(layers_, std::string(pattern) + "*", &Line::name);
    if (any != layers_.end()) return &*any;
  }
  return nullptr;
}

void Checker::check_include(const SourceFile& file, const Include& include,
                            const std::map<std::string, int>& known, Graph& graph,
                            std::vector<std::string>& breaches) const {
  const auto here = place(file, include.line);
  // A test may name its neighbour alone.
  const bool neighbour =
      below(file.path, "tests") && known.contains(folder_of(file.path) + "/" + include.target);
  if (neighbour) return;
  if (!known.contains(include.target)) {
    breaches.push_back(here + "`" + include.target +
                       "` is not a file of this repository, named from its root");
    return;
  }
  const auto from = room_of(file.path), to = room_of(include.target);
  const auto* row = row_of(from);
  if (!row || from == to) return;  // a folder without a row is reported once, by check()
  if (row->allowed != std::vector<std::string>{"*"}) graph[from].emplace(to, here);
  const bool allowed = std::ranges::any_of(
      row->allowed, [&](const std::string& one) { return one == "*" || one == to || one == include.target; });
  if (!allowed) breaches.push_back(here + from + " must not include " + to + " (" + include.target + ")");
}

void Checker::check_door(const SourceFile& file, const Include& include,
                         std::vector<std::string>& breaches) const {
  const Line* door = nullptr;
  for (const auto& line : doors_) {
    if (include.target.starts_with(line.name) && (!door || line.name.size() > door->name.size()))
      door = &line;
  }
  if (!door && is_free(include.target)) return;
  const auto room = room_of(file.path);
  if (door &&
      std::ranges::any_of(door->allowed, [&](const std::string& one) { return one == "*" || one == room; })) {
    return;
  }
  breaches.push_back(place(file, include.line) + room + " must not include <" + include.target + ">");
}

void Checker::check_words(const SourceFile& file, const std::vector<std::string>& vendors,
                          std::vector<std::string>& breaches) const {
  const auto written = without_comments(file.text);
  const auto code = to_lower(written);
  const auto report = [&](const std::string& word, const std::string& why) {
    for (auto at = code.find(word); at != std::string::npos; at = code.find(word, at + 1)) {
      if (is_word_at(written, at, word.size())) breaches.push_back(place(file, line_of(code, at)) + why);
    }
  };
  if (file.path != "gateway/base/scope.cc" && !below(file.path, "deploy") && !below(file.path, "tests")) {
    report("co_spawn", "only gateway/base/scope.cc calls co_spawn");
  }
  if (!is_station(file.path)) return;
  for (const auto& vendor : vendors) {
    if (!is_plain_word(vendor)) report(vendor, "a station must not know `" + vendor + "`");
  }
}

std::vector<std::string> Checker::check(const std::vector<SourceFile>& files) const {
  std::vector<std::string> breaches;
  std::map<std::string, int> known;
  // Vendors that are planned count as well: no station shall know them when they come.
  std::set<std::string> vendors = {"intercom", "freshdesk",  "salesforce", "stripe",  "chatwoot", "twilio",
                                   "rasa",     "dialogflow", "botpress",   "zendesk", "hubspot",  "slack"};
  for (const auto& file : files) {
    known[file.path] = 1;
    if (const auto vendor = vendor_of(file.path); !vendor.empty()) vendors.insert(vendor);
  }
  Graph graph;
  for (const auto& file : files) {
    if (!row_of(room_of(file.path))) {
      breaches.push_back(file.path + ": stands in no layer: give its folder a line in layers.txt");
      continue;
    }
    for (const auto& include : includes(file.text)) {
      if (include.foreign) check_door(file, include, breaches);
      else check_include(file, include, known, graph, breaches);
    }
    check_words(file, {vendors.begin(), vendors.end()}, breaches);
  }
  if (const auto circle = find_circle(graph); !circle.empty()) {
    breaches.push_back("a circle of includes: " + join(circle, " -> "));
  }
  return breaches;
}

std::vector<std::string> find_circle(const Graph& graph) {
  std::set<std::string> done;
  std::vector<std::string> way;
  const std::function<bool(const std::string&)> walk = [&](const std::string& room) {
    const auto seen = std::ranges::find(way, room);
    if (seen != way.end()) {
      way.erase(way.begin(), seen);
      way.push_back(room);
      return true;
    }
    if (!done.insert(room).second) return false;
    way.push_back(room);
    if (const auto next = graph.find(room); next != graph.end()) {
      for (const auto& [to, where] : next->second) {
        if (walk(to)) return true;
      }
    }
    way.pop_back();
    return false;
  };
  for (const auto& [room, to] : graph) {
    if (walk(room)) return way;
  }
  return {};
}

}  // namespace baton::architecture
