// Purpose: an empty folder for one test, and randomness that a test can foretell.
// Owner: the test. Threads: the test's. Errors: a test without a folder ends.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include <stdlib.h>

#include <nlohmann/json.hpp>

#include "gateway/base/check.h"
#include "secrets/crypto.h"

namespace baton::secrets {

class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "baton-secrets-XXXXXX";
    BATON_CHECK(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  std::string operator/(std::string_view name) const { return path_ + "/" + std::string(name); }

 private:
  std::string path_;
};

inline std::string read_whole(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_whole(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<long>(bytes.size()));
}

// 0, 1, 2, ... over all calls.
inline RandomBytes counting() {
  return [next = 0](std::span<char> bytes) mutable -> Result<Done> {
    for (auto& byte : bytes) byte = static_cast<char>(next++);
    return Done{};
  };
}

inline nlohmann::json vectors(const std::string& name) {
  return nlohmann::json::parse(read_whole(BATON_SOURCE_DIR "/tests/secrets/data/" + name));
}

}  // namespace baton::secrets
