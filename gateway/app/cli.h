// Purpose: the commands of `baton`, one function each, and what they share: exit codes, output as a
// table for people or JSON for programs, and the way to the admin API.
// Owner: main. Threads: one. Errors: printed to stderr with what to do; the exit code says which kind.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/check.h"
#include "gateway/base/result.h"
#include "gateway/model/node.h"

namespace baton::app {

enum class Output { table, json };

// What every command knows.
struct Context {
  std::string config = "baton.yaml";
  std::string admin_url;  // default: the configuration's admin listener
  Output output = Output::table;
};

int to_int(ExitCode code);

// "baton: ..." on stderr.
ExitCode complain(ExitCode code, std::string_view message);
ExitCode complain(const Problems& problems);

// Columns are as wide as their widest cell. A head without a word is not printed.
void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);
void print_json(const nlohmann::json& value);

Result<std::string> read_file(const std::string& path);
TimePoint wall_now();

// One request to the admin API with the token in BATON_TOKEN or `<data_dir>/admin.token`.
struct Asked {
  int status = 0;
  nlohmann::json body;
  std::string text;  // the body as it came: JSON lines are no JSON
  std::string next;  // where the next page is; empty: that was all
};
inline constexpr auto kUsualPatience = Duration{30s};
Result<Asked> ask_admin(const Context& context, std::string_view method, const std::string& target,
                        const nlohmann::json& body = nullptr, Duration patience = kUsualPatience);
// Prints the problem of an answer that is not 2xx; nothing if it is one.
std::optional<ExitCode> complain_about(const Asked& asked);

}  // namespace baton::app
