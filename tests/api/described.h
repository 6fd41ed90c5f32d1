// Purpose: holds answers against the published description of the API, with valijson: somebody else's reading
// of JSON Schema. Stricter than the description: a member that it does not name is a difference too.
// Owner: the test. Threads: one. Errors: difference() says what does not fit; "" if all does.
#pragma once

#include <map>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

namespace baton::api {

class Described {
 public:
  explicit Described(const nlohmann::json& openapi);
  ~Described();

  // `pattern` as the description names it; `type` is the answer's content type.
  std::string difference(std::string method, const std::string& pattern, int status, const std::string& type,
                         const std::string& body);

 private:
  struct Compiled;
  std::string judge(const std::string& shape, const nlohmann::json& body);
  // A value a line.
  std::string judge_lines(const std::string& shape, const std::string& lines);

  nlohmann::json openapi_;
  std::map<std::string, std::unique_ptr<Compiled>> compiled_;  // by shape
};

}  // namespace baton::api
