#include "gateway/app/cli.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "gateway/app/blocking_client.h"
#include "gateway/app/installation.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::app {

int to_int(ExitCode code) { return static_cast<int>(code); }

ExitCode complain(ExitCode code, std::string_view message) {
  std::cerr << "baton: " << message << '\n';
  return code;
}

ExitCode complain(const Problems& problems) {
  for (const auto& problem : problems.list()) std::cerr << problem.text() << '\n';
  std::cerr << problems.list().size() << (problems.list().size() == 1 ? " problem\n" : " problems\n");
  return ExitCode::finding;
}

void print_table(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& cell : head) widths.push_back(count_code_points(cell));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], count_code_points(row[i]));
  }
  const auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] - count_code_points(row[i]) + 2, ' ');
    }
    std::cout << line << '\n';
  };
  if (std::ranges::any_of(head, [](const auto& cell) { return !cell.empty(); })) print(head);
  for (const auto& row : rows) print(row);
}

void print_json(const nlohmann::json& value) {
  std::cout << value.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
}

Result<std::string> read_file(const std::string& path) {
  if (path == "-") return std::string(std::istreambuf_iterator<char>(std::cin), {});
  std::ifstream file(path, std::ios::binary);
  if (!file) return Failure(FailureKind::misconfigured, path + ": " + std::strerror(errno));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

TimePoint wall_now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

namespace {

std::string admin_url(const Context& context, const Options& options) {
  if (!context.admin_url.empty()) return context.admin_url;
  return "http://" + options.admin_listener.address + ":" + std::to_string(options.admin_listener.port);
}

std::string admin_token(const Options& options) {
  if (const char* given = std::getenv("BATON_TOKEN")) return given;
  const auto kept = read_file(options.data_dir + "/admin.token");
  return kept ? std::string(trim(*kept)) : "";
}

// `</v1/resolutions?before=...>; rel="next"` (RFC 8288), the only link that the gateway sends.
std::string next_page(std::string_view link) {
  const auto end = link.find('>');
  if (!link.starts_with('<') || end == std::string_view::npos) return {};
  return std::string(link.substr(1, end - 1));
}

}  // namespace

Result<Asked> ask_admin(const Context& context, std::string_view method, const std::string& target,
                        const nlohmann::json& body, Duration patience) {
  Problems ignored;
  const auto options = read_options_only(context.config, ignored);
  Headers headers{{"authorization", "Bearer " + admin_token(options)}, {"accept", "application/json"}};
  if (!body.is_null()) headers["content-type"] = "application/json";

  const auto url = admin_url(context, options) + target;
  BlockingClient client(patience);
  const auto reply = client.exchange(
      Request(std::string(method), url, body.is_null() ? "" : body.dump(), headers), patience);
  if (!reply) {
    return Failure(FailureKind::retryable, url + ": " + reply.error().detail + "; is `baton serve` running?");
  }
  Asked asked;
  asked.status = reply->status;
  asked.body = nlohmann::json::parse(reply->body, nullptr, false);
  asked.text = reply->body;
  asked.next = next_page(header(reply->headers, "link"));
  return asked;
}

std::optional<ExitCode> complain_about(const Asked& asked) {
  if (asked.status >= 200 && asked.status < 300) return std::nullopt;
  const JsonView body(asked.body);
  std::string message = std::to_string(asked.status) + " " + body["title"].text("the gateway refused");
  if (const auto detail = body["detail"].text(); !detail.empty()) message += ": " + detail;
  for (const auto& error : items(body["errors"])) {
    message += "\n  " + error["pointer"].text() + "  " + error["detail"].text();
  }
  return complain(ExitCode::refused, message);
}

}  // namespace baton::app
