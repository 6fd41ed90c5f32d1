#include "connectors/zendesk/status.h"

#include <string>

#include "connectors/zendesk/wire.h"
#include "gateway/base/json_view.h"

namespace baton::zendesk {
namespace {

using nlohmann::json;

json state_json(std::string_view state) { return {{"state", state}, {"by", ""}, {"text", ""}, {"at", ""}}; }

// A proxy's 404 says nothing about the ticket; Zendesk's own names the record.
bool says_gone(const Failure& failure) {
  return failure.kind == FailureKind::target_gone &&
         failure.detail.find("RecordNotFound") != std::string::npos;
}

// Closing words are those of the very last comment, if it is an agent's to the customer: an older reply has
// reached the customer long ago.
std::string closing_words(JsonView newest_first, std::string_view requester) {
  const auto comments = newest_first.list();
  if (!comments || comments->empty()) return {};
  const auto last = comments->front();
  if (last["public"].boolean() != true || last["author_id"].id().value_or("") == requester) return {};
  return last["plain_body"].text(last["body"].text());
}

// The ticket into which this one was merged, by what the merge wrote into it; "": none that is told. Which
// member names it is unconfirmed, and words are not read: they are in the account's language (section 3.8).
std::string merged_into(JsonView newest_first) {
  for (const auto& comment : items(newest_first)) {
    const auto source = comment.at_path("via.source");
    if (source["rel"].text() != "merge") continue;
    const auto to = source["to"];
    return to["ticket_id"].id().value_or(to["id"].id().value_or(""));
  }
  return {};
}

json merged_json(const std::string& into, std::string_view base_url) {
  auto state = state_json("merged");
  state["into"] = into;
  state["url"] = agent_link(base_url, into);
  return state;
}

// The ticket inside an answer, if it is one with a status that we know.
Result<json> read_ticket_of(const Reply& reply) {
  auto body = parse_json(reply.body, FailureKind::retryable, "Zendesk's ticket");
  if (!body) return body.error();
  const auto status = JsonView(*body)["ticket"]["status"].text();
  if (!is_open(status) && status != "solved" && status != "closed" && status != "deleted") {
    return Failure(FailureKind::retryable, "Zendesk's ticket has no status that we know");
  }
  return (*body)["ticket"];
}

Task<json> read_comments(const std::string& id, sdk::ReadSession& session) {
  const auto reply = co_await session.read(list_last_comments(id));
  if (!reply) co_return reply.error();
  co_return parse_json(reply->body, FailureKind::retryable, "Zendesk's comments");
}

}  // namespace

Task<json> read_status(const sdk::Order& order, sdk::ReadSession& session) {
  const auto id = order.target.object_id;
  if (id.empty()) co_return Failure(FailureKind::rejected, "no ticket to ask for: this read has no target");
  const auto reply = co_await session.read(show_ticket(id));
  if (!reply && says_gone(reply.error())) co_return state_json("gone");
  if (!reply) co_return reply.error();
  const auto found = read_ticket_of(*reply);
  if (!found) co_return found.error();
  const JsonView ticket(*found);
  const auto status = ticket["status"].text();
  if (status == "deleted") co_return state_json("gone");
  if (is_open(status)) co_return state_json("open");
  auto state = state_json("solved");
  state["at"] = ticket["updated_at"].text();
  // Who and what are niceties: without them it is solved all the same.
  if (const auto assignee = ticket["assignee_id"].id()) {
    const auto user = co_await session.read(show_user(*assignee));
    const auto body =
        user ? parse_json(user->body, FailureKind::retryable, "user") : Result<json>(user.error());
    if (body) state["by"] = JsonView(*body)["user"]["name"].text();
  }
  const auto comments = co_await read_comments(id, session);
  const JsonView newest_first = comments ? JsonView(*comments)["comments"] : JsonView();
  if (status == "closed") {
    // It may have become part of another one: not solved before that is known.
    if (!comments && comments.error().kind == FailureKind::retryable) co_return comments.error();
    if (const auto into = merged_into(newest_first); !into.empty() && into != id)
      co_return merged_json(into, order.settings["base_url"]);
    state["ticket"] = id;
  }
  state["text"] = closing_words(newest_first, ticket["requester_id"].id().value_or(""));
  co_return state;
}

}  // namespace baton::zendesk
