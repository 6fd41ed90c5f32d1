// Purpose: the bytes of one configuration file, and the names that a glob stands for.
// Owner: load(). Threads: any. Errors: a sentence for the person who named the file.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace baton::config {

struct FileRead {
  std::string text;
  std::string error;  // "" if it was read
};

// At most `kMaxFileBytes` + 1 bytes, so that the parser can say that it is too large.
FileRead read_file(const std::string& path);

// The files of one folder whose names fit the pattern, sorted; hidden ones only if it says so.
// nullopt if the pattern's folder is itself a pattern.
std::optional<std::vector<std::string>> expand(const std::string& pattern);

bool is_pattern(const std::string& path);

}  // namespace baton::config
