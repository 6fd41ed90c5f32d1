#include "connectors/standard_webhooks/wire.h"

#include <algorithm>
#include <utility>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"

namespace baton::standard_webhooks {
namespace {

using nlohmann::json;

bool is_type(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

}  // namespace

Result<sdk::Write> send_event(std::string_view path, const json& event) {
  const JsonView view(event);
  if (!is_type(view["type"].text()) || !parse_rfc3339(view["timestamp"].text()) || !view["data"].object()) {
    return Failure(FailureKind::rejected, "an event needs a type, a timestamp and data");
  }
  // In the order in which the specification shows them; people read these in logs.
  nlohmann::ordered_json body;
  body["type"] = event["type"];
  body["timestamp"] = event["timestamp"];
  body["data"] = event["data"];
  std::string target(path);
  if (!target.starts_with('/')) target.insert(0, "/");
  return sdk::Write::post(std::move(target), body.dump(-1, ' ', false, json::error_handler_t::replace),
                          Headers{{"content-type", "application/json; charset=utf-8"}});
}

Receipt read_taken(const Reply& reply, const std::string& external_id) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "");
  const auto object_id = body ? JsonView(*body)["object_id"].id() : std::nullopt;
  if (!object_id) return Receipt(external_id);
  const auto url = JsonView(*body)["url"].text();
  return Receipt(*object_id, url.starts_with("https://") ? url : "");
}

std::optional<TimePoint> happened_at(const Request& request) {
  const auto body = parse_json(request.body, FailureKind::rejected, "");
  return body ? parse_rfc3339(JsonView(*body)["timestamp"].text()) : std::nullopt;
}

}  // namespace baton::standard_webhooks
