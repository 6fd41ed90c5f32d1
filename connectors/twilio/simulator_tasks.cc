// TaskRouter's tasks and Flex Interactions (fact sheet ingress, section 4.7; twilio_taskrouter_v1,
// twilio_flex_v1).
#include <array>
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/twilio/simulator.h"
#include "gateway/base/text.h"

namespace baton::twilio::simulated {
namespace {

constexpr auto kStatuses =
    std::to_array<std::string_view>({"pending", "reserved", "assigned", "canceled", "completed", "wrapping"});

std::string task_field(const json& fields, std::string_view name) { return JsonView(fields)[name].text(); }

json shown_task(json entry) {
  entry.erase("by_api");
  entry.erase("worker_name");
  return entry;
}

// 0 to 2^31-1; nullopt otherwise.
std::optional<int> priority_of(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

bool is_object(std::string_view text) { return json::parse(text, nullptr, false).is_object(); }

}  // namespace

json* Account::find_task(std::string_view id) {
  for (auto& task : tasks_) {
    if (task["sid"] == json(id)) return &task;
  }
  return nullptr;
}

json& Account::make_task(const Fields& fields, TimePoint now) {
  const auto given = [&](const std::string& name, std::string_view otherwise) {
    const auto found = fields.find(name);
    return found == fields.end() || found->second.empty() ? std::string(otherwise) : found->second;
  };
  const auto id = sid("WT"), at = simulation::iso_seconds(now);
  tasks_.push_back({{"account_sid", account_sid_},
                    {"age", 0},
                    {"assignment_status", "pending"},
                    {"attributes", given("Attributes", "{}")},
                    {"date_created", at},
                    {"date_updated", at},
                    {"task_queue_entered_date", at},
                    {"priority", priority_of(given("Priority", "0")).value_or(0)},
                    {"reason", nullptr},
                    {"sid", id},
                    {"task_queue_sid", "WQ0123456789abcdef0123456789abcdef"},
                    {"task_queue_friendly_name", "Everyone"},
                    {"task_channel_unique_name", given("TaskChannel", "default")},
                    {"timeout", 86400},
                    {"workflow_sid", given("WorkflowSid", workflow_)},
                    {"workflow_friendly_name", simulation::text_of(setup_, "workflow_name", "AI handoff")},
                    {"workspace_sid", workspace_},
                    {"url", fmt::format("{}/v1/Workspaces/{}/Tasks/{}", taskrouter_url_, workspace_, id)}});
  tally_.effect("tasks_created");
  return tasks_.back();
}

Reply Account::show_workspace(const Call& call) {
  if (call.args[0] != workspace_) return not_found(call);
  return simulation::json_reply(
      200, {{"sid", workspace_},
            {"account_sid", account_sid_},
            {"friendly_name", "Support"},
            {"event_callback_url",
             simulation::text_of(setup_, "hook_url", "https://baton.example.com/v1/in/twilio")},
            {"events_filter", nullptr}});
}

Reply Account::list_tasks(const Call& call) {
  if (call.args[0] != workspace_) return not_found(call);
  const auto statuses = call.query("AssignmentStatus"), workflow = call.query("WorkflowSid");
  json found = json::array();
  for (const auto& task : tasks_) {
    const auto status = task["assignment_status"].get<std::string>();
    bool wanted = statuses.empty();
    for (const auto one : split(statuses, ',')) wanted = wanted || one == status;
    if (wanted && (workflow.empty() || task["workflow_sid"] == workflow)) found.push_back(shown_task(task));
  }
  return page(call, taskrouter_url_, "tasks", found);
}

Reply Account::create_task(const Call& call) {
  if (call.args[0] != workspace_) return not_found(call);
  const auto attributes = task_field(call.body, "Attributes");
  if (!attributes.empty() && !is_object(attributes))
    return refuse(400, 20001, "Invalid parameter: Attributes");
  const auto priority = task_field(call.body, "Priority");
  if (!priority.empty() && !priority_of(priority)) return refuse(400, 20001, "Invalid parameter: Priority");
  if (const auto workflow = task_field(call.body, "WorkflowSid");
      !workflow.empty() && workflow != workflow_) {
    return refuse(400, 20001, "Invalid parameter: WorkflowSid");
  }
  auto& task = make_task(call.body.get<Fields>(), call.now());
  const json answer = task;
  task["by_api"] = true;
  echo(task_event(answer, "task.created", {}, call.now()));
  return simulation::json_reply(201, answer);
}

Reply Account::show_task(const Call& call) {
  const auto* task = call.args[0] == workspace_ ? find_task(call.args[1]) : nullptr;
  return task ? simulation::json_reply(200, shown_task(*task)) : not_found(call);
}

Reply Account::update_task(const Call& call) {
  auto* task = call.args[0] == workspace_ ? find_task(call.args[1]) : nullptr;
  if (!task) return not_found(call);
  const auto status = task_field(call.body, "AssignmentStatus"),
             attributes = task_field(call.body, "Attributes");
  if (!status.empty() && std::find(kStatuses.begin(), kStatuses.end(), status) == kStatuses.end()) {
    return refuse(400, 20001, "Invalid parameter: AssignmentStatus");
  }
  if (!attributes.empty() && !is_object(attributes))
    return refuse(400, 20001, "Invalid parameter: Attributes");
  const auto former = (*task)["assignment_status"].get<std::string>();
  const bool ended = former == "completed" || former == "canceled";
  // A task goes from assigned by wrapping to completed, and nobody cancels what is assigned.
  const bool may =
      status.empty() || (!ended && (status != "completed" || former == "assigned" || former == "wrapping") &&
                         (status != "canceled" || former == "pending" || former == "reserved"));
  if (!may) {
    return refuse(400, 20001, fmt::format("Cannot move task from {} to {}", former, status));
  }
  if (!attributes.empty()) (*task)["attributes"] = attributes;
  if (const auto reason = task_field(call.body, "Reason"); !reason.empty()) (*task)["reason"] = reason;
  if (!status.empty()) (*task)["assignment_status"] = status;
  (*task)["date_updated"] = simulation::iso_seconds(call.now());
  tally_.effect("tasks_updated");
  if (!status.empty()) echo(task_event(*task, "task." + status, {}, call.now()));
  return simulation::json_reply(200, shown_task(*task));
}

// Creates the task; what the routing names as attributes becomes the task's.
Reply Account::create_interaction(const Call& call) {
  const auto channel = json::parse(task_field(call.body, "Channel"), nullptr, false),
             routing = json::parse(task_field(call.body, "Routing"), nullptr, false);
  if (!channel.is_object()) return refuse(400, 20001, "Invalid parameter: Channel");
  if (!routing.is_object()) return refuse(400, 20001, "Invalid parameter: Routing");
  const auto properties = JsonView(routing)["properties"];
  if (properties["workspace_sid"].text() != workspace_ || properties["workflow_sid"].text() != workflow_) {
    return refuse(400, 20001, "Invalid parameter: Routing");
  }
  const auto* attributes = properties["attributes"].raw();
  auto& task = make_task({{"Attributes", attributes ? simulation::dump(*attributes) : "{}"},
                          {"TaskChannel", properties["task_channel_unique_name"].text("chat")}},
                         call.now());
  task["by_api"] = true;
  const auto id = sid("KD");
  interactions_.push_back({{"sid", id},
                           {"channel", {{"type", JsonView(channel)["type"].text()}, {"sid", sid("UO")}}},
                           {"routing", {{"reservation", nullptr}, {"properties", shown_task(task)}}},
                           {"interaction_context_sid", nullptr},
                           {"url", fmt::format("{}/v1/Interactions/{}", flex_url_, id)}});
  tally_.effect("interactions_created");
  echo(task_event(shown_task(task), "task.created", {}, call.now()));
  return simulation::json_reply(200, interactions_.back());
}

}  // namespace baton::twilio::simulated
