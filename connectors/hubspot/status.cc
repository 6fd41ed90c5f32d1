#include "connectors/hubspot/status.h"

#include "connectors/hubspot/wire.h"
#include "gateway/base/json_view.h"

namespace baton::hubspot {
namespace {

nlohmann::json state_json(std::string_view state) {
  return {{"state", state}, {"by", ""}, {"text", ""}, {"at", ""}};
}

// The newest change of a property, as the ticket's own history tells it.
struct Change {
  std::string at;    // ISO 8601 with milliseconds, so texts stand in the order of time
  std::string user;  // who did it in HubSpot; "" for whatever is no person
  bool by_app = false;
};

Change last_change(JsonView ticket, std::string_view property) {
  constexpr std::string_view kPerson = "userId:";
  Change last;
  for (const auto& one : items(ticket["propertiesWithHistory"][property])) {
    const auto at = one["timestamp"].text(), source = one["sourceId"].text();
    if (at <= last.at) continue;
    last.at = at;
    last.by_app = is_app(one["sourceType"].text());
    const auto user = one["updatedByUserId"].id();
    last.user = user ? *user : source.starts_with(kPerson) ? source.substr(kPerson.size()) : "";
    if (last.by_app) last.user.clear();
  }
  return last;
}

// "" where HubSpot does not say: a user need not be an owner.
Task<std::string> name_of(sdk::Read owner, sdk::ReadSession& session) {
  const auto reply = co_await session.read(std::move(owner));
  if (!reply) co_return std::string();
  const auto body = parse_json(reply->body, FailureKind::retryable, "HubSpot's owner");
  co_return body ? owner_name(JsonView(*body)) : std::string();
}

// Whoever moved it to its last stage, or else whose it is. Who it was is a nicety: without it the ticket is
// solved all the same.
Task<std::string> closed_by(const Paths& paths, JsonView ticket, const std::string& owner,
                            sdk::ReadSession& session) {
  if (const auto user = last_change(ticket, "hs_pipeline_stage").user; !user.empty()) {
    const auto name = co_await name_of(paths.owner_by_user(user), session);
    if (name && !name->empty()) co_return *name;
  }
  if (owner.empty()) co_return std::string();
  co_return co_await name_of(paths.owner(owner), session);
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
  const auto stage = properties["hs_pipeline_stage"].text(), owner = properties["hubspot_owner_id"].text();
  if (stage.empty()) co_return Failure(FailureKind::retryable, "HubSpot's ticket has no stage");
  const bool closed = is_closed_stage(stage, order.settings);
  auto state = state_json(closed ? "solved" : "open");
  if (closed) {
    state["at"] = properties["closed_date"].text(properties["hs_lastmodifieddate"].text());
    if (const auto by = co_await closed_by(paths, JsonView(*body), owner, session)) state["by"] = *by;
    co_return state;
  }
  // What an app gave to somebody nobody has taken yet.
  if (last_change(JsonView(*body), "hubspot_owner_id").by_app && !owner.empty()) co_return state;
  state["by_id"] = owner;
  if (owner.empty()) co_return state;
  if (const auto by = co_await name_of(paths.owner(owner), session)) state["by"] = *by;
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
