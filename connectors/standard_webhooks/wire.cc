#include "connectors/standard_webhooks/wire.h"

#include <algorithm>
#include <utility>

#include "connectors/sdk/json_text.h"
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

json labels_of(JsonView data, const std::string& severity) {
  return {{"alertname", "Baton: " + data["cause"].text()},
          {"about", data["about"].text()},
          {"severity", severity},
          {"alert", data["key"].text()}};
}

json annotations_of(JsonView data) {
  auto texts = json::object();
  for (const auto* name : {"title", "now", "evidence", "fault", "tried", "to_do", "runbook", "timeline"}) {
    if (auto text = data[name].text(); !text.empty()) texts[name] = std::move(text);
  }
  return texts;
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
  return sdk::Write::post(std::move(target), sdk::dumped_in_order(body),
                          Headers{{"content-type", "application/json; charset=utf-8"}});
}

Result<sdk::Write> send_alert(std::string_view path, const json& event) {
  const JsonView view(event);
  const auto data = view["data"];
  const auto now = view["timestamp"].text();
  const auto since = data["since"].text();
  if (!parse_rfc3339(now) || data["key"].text().empty() || !parse_rfc3339(since))
    return Failure(FailureKind::rejected, "an alert needs a timestamp, a key and since when it holds");
  const auto severity = data["severity"].text();
  auto alerts = json::array();
  if (const auto was = data["was"].text(severity); was != severity)
    alerts.push_back({{"labels", labels_of(data, was)}, {"startsAt", since}, {"endsAt", now}});
  json alert = {{"labels", labels_of(data, severity)},
                {"annotations", annotations_of(data)},
                {"startsAt", since},
                {"endsAt", data["state"].text() == "resolved" ? now : data["until"].text(now)}};
  if (const auto link = data["timeline"].text(); link.starts_with("http")) alert["generatorURL"] = link;
  alerts.push_back(std::move(alert));
  std::string target(path);
  while (target.ends_with('/')) target.pop_back();
  if (!target.empty() && !target.starts_with('/')) target.insert(0, "/");
  return sdk::Write::post(target + "/api/v2/alerts", sdk::dumped(alerts),
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
