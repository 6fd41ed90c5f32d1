#include "connectors/hubspot/status.h"

#include "connectors/hubspot/wire.h"
#include "gateway/base/json_view.h"

namespace baton::hubspot {
namespace {

nlohmann::json state_json(std::string_view state) {
  return {{"state", state}, {"by", ""}, {"text", ""}, {"at", ""}};
}

}  // namespace

Task<nlohmann::json> read_status(const sdk::Order& order, sdk::ReadSession& session) {
  const Paths paths(order.settings);
  const auto id = order.target.object_id;
  if (id.empty()) co_return Failure(FailureKind::rejected, "no ticket to ask for: this read has no target");
  const auto reply = co_await session.read(paths.ticket(id));
  // Of a wrong path classify() says `misconfigured`: this one is HubSpot's own word about the ticket.
  if (!reply && reply.error().kind == FailureKind::target_gone) co_return state_json("gone");
  if (!reply) co_return reply.error();
  const auto body = parse_json(reply->body, FailureKind::retryable, "HubSpot's ticket");
  if (!body) co_return body.error();
  const auto properties = JsonView(*body)["properties"];
  const auto stage = properties["hs_pipeline_stage"].text();
  if (stage.empty()) co_return Failure(FailureKind::retryable, "HubSpot's ticket has no stage");
  if (!is_closed_stage(stage, order.settings)) co_return state_json("open");
  auto state = state_json("solved");
  state["at"] = properties["closed_date"].text(properties["hs_lastmodifieddate"].text());
  // Who it was is a nicety: without it the ticket is solved all the same.
  if (const auto owner = properties["hubspot_owner_id"].text(); !owner.empty()) {
    const auto found = co_await session.read(paths.owner(owner));
    const auto person = found ? parse_json(found->body, FailureKind::retryable, "owner")
                              : Result<nlohmann::json>(found.error());
    if (person) state["by"] = owner_name(JsonView(*person));
  }
  co_return state;
}

// Users and owners are counted apart: an event names a user, a ticket an owner (sections 3.2 and 7).
Task<nlohmann::json> read_person(const sdk::Order& order, sdk::ReadSession& session) {
  const Paths paths(order.settings);
  const auto user = JsonView(order.subject)["who"].text();
  auto find = paths.owner_by_user(user);
  if (user.empty()) {
    const auto ticket = co_await session.read(paths.ticket(order.target.object_id));
    if (!ticket) co_return ticket.error();
    const auto body = parse_json(ticket->body, FailureKind::retryable, "HubSpot's ticket");
    if (!body) co_return body.error();
    const auto owner = JsonView(*body)["properties"]["hubspot_owner_id"].text();
    if (owner.empty()) co_return nlohmann::json::object();
    find = paths.owner(owner);
  }
  const auto reply = co_await session.read(std::move(find));
  if (!reply) co_return reply.error();
  // Of a read by another id than the own one classify() lets "there is none" through as an answer.
  if (reply->status == 404) co_return nlohmann::json::object();
  const auto body = parse_json(reply->body, FailureKind::retryable, "HubSpot's owner");
  if (!body) co_return body.error();
  co_return nlohmann::json(
      {{"id", JsonView(*body)["id"].id().value_or("")}, {"name", owner_name(JsonView(*body))}});
}

}  // namespace baton::hubspot
