#include "gateway/model/problem.h"

#include <nlohmann/json.hpp>

namespace baton {

std::string problem_json(int status, std::string_view code, std::string_view title, std::string_view detail,
                         std::span<const FieldError> errors, std::string_view trace_id) {
  nlohmann::ordered_json problem;
  problem["type"] = "urn:baton:problem:" + std::string(code);
  problem["title"] = title;
  problem["status"] = status;
  problem["detail"] = detail;
  problem["code"] = code;
  if (!errors.empty()) {
    auto& list = problem["errors"] = nlohmann::ordered_json::array();
    for (const auto& error : errors) {
      nlohmann::ordered_json item;
      item["pointer"] = error.pointer;
      item["code"] = error.code;
      item["detail"] = error.detail;
      list.push_back(std::move(item));
    }
  }
  if (!trace_id.empty()) problem["trace_id"] = trace_id;
  // What somebody sent may stand in a detail: never throw for its bytes.
  return problem.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::string pointer_to(std::string_view pointer, std::string_view key) {
  std::string out(pointer);
  out += '/';
  for (const char c : key) {
    if (c == '~') out += "~0";
    else if (c == '/') out += "~1";
    else out += c;
  }
  return out;
}

}  // namespace baton
