// Purpose: holds source files against the table of layers and the list of doors. Pure.
// Owner: the architecture test. Threads: any. Errors: each breach is a sentence with its place.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace baton::architecture {

struct SourceFile {
  std::string path;  // from the root
  std::string text;
};

// One line of a table: a name, and what stands after its colon.
struct Line {
  std::string name;
  std::vector<std::string> allowed;
};
std::vector<Line> read_table(std::string_view text);

struct Include {
  std::string target;
  bool foreign = false;  // <...>
  int line = 0;
};
std::vector<Include> includes(std::string_view text);

// The text with its comments blanked, line breaks kept. What stands in strings stays.
std::string without_comments(std::string_view text);

// Arrows between rooms, as the includes draw them.
using Graph =
    std::map<std::string, std::map<std::string, std::string>>;  // from, to, the place of one such include

class Checker {
 public:
  Checker(std::vector<Line> layers, std::vector<Line> doors)
      : layers_(std::move(layers)), doors_(std::move(doors)) {}

  // The row of the table that a file belongs to, with `*` filled in; "" if none does.
  std::string room_of(const std::string& path) const;

  // Every breach of every rule.
  std::vector<std::string> check(const std::vector<SourceFile>& files) const;

 private:
  const Line* row_of(const std::string& room) const;
  void check_include(const SourceFile& file, const Include& include, const std::map<std::string, int>& known,
                     Graph& graph, std::vector<std::string>& breaches) const;
  void check_door(const SourceFile& file, const Include& include, std::vector<std::string>& breaches) const;
  void check_words(const SourceFile& file, const std::vector<std::string>& vendors,
                   std::vector<std::string>& breaches) const;

  std::vector<Line> layers_;
  std::vector<Line> doors_;
};

// The rooms of a circle, in order, or nothing.
std::vector<std::string> find_circle(const Graph& graph);

}  // namespace baton::architecture
