#include "connectors/zendesk/status.h"

#include <algorithm>
#include <string>
#include <utility>

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

// A ticket and what was said in it, as Zendesk answered.
struct Seen {
  Seen(JsonView ticket_in, JsonView answer, std::string_view baton_user)
      : ticket(ticket_in), newest_first(answer["comments"]), users(answer["users"]),
        requester(ticket["requester_id"].id().value_or("")), ourselves(baton_user) {
    // Where nobody told us who we are: who submitted a ticket of ours.
    if (ourselves.empty() && ticket["external_id"].text().starts_with("hof_"))
      ourselves = ticket["submitter_id"].id().value_or("");
  }
  JsonView ticket;
  JsonView newest_first;
  JsonView users;  // whom the comments name
  std::string requester;
  std::string ourselves;  // the user that Baton acts as; may be empty
};

JsonView user_of(const Seen& seen, std::string_view id) {
  for (const auto& user : items(seen.users)) {
    if (user["id"].id() == id) return user;
  }
  return {};
}

// What a person who works here wrote to the customer: no private note, no words of the customer or of
// somebody in copy, none of ours, and not what a merge writes by itself.
bool is_reply(const Seen& seen, JsonView comment) {
  const auto author = comment["author_id"].id().value_or("");
  if (comment["public"].boolean() != true || author.empty()) return false;
  if (author == seen.requester || author == seen.ourselves) return false;
  if (comment.at_path("via.source.rel").text() == "merge") return false;
  return user_of(seen, author)["role"].text() != "end-user";
}

std::string words_of(JsonView comment) { return comment["plain_body"].text(comment["body"].text()); }

// Closing words are those of the very last comment, if it is a reply: an older one has reached the customer
// long ago.
std::string closing_words(const Seen& seen) {
  const auto comments = items(seen.newest_first);
  return comments.empty() || !is_reply(seen, comments.front()) ? std::string() : words_of(comments.front());
}

// The oldest first, with the ids that the webhook gives them. No list at all if it could not be read.
void tell_replies(json& state, const Seen& seen) {
  constexpr std::size_t kMost = 20;
  const auto comments = seen.newest_first.list();
  if (!comments) return;
  auto replies = json::array();
  for (const auto& comment : *comments) {
    const auto id = comment["id"].id();
    if (replies.size() == kMost || !id || !is_reply(seen, comment) || words_of(comment).empty()) continue;
    const auto who = comment["author_id"].id().value_or("");
    replies.push_back({{"id", *id},
                       {"who", who},
                       {"who_name", user_of(seen, who)["name"].text()},
                       {"text", words_of(comment)}});
  }
  std::reverse(replies.begin(), replies.end());
  state["replies"] = std::move(replies);
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

// What people call them. A nicety: without it all else is true all the same.
Task<std::string> name_of(const Seen& seen, std::string id, sdk::ReadSession& session) {
  if (const auto said = user_of(seen, id)["name"].text(); !said.empty()) co_return said;
  const auto user = co_await session.read(show_user(id));
  const auto body =
      user ? parse_json(user->body, FailureKind::retryable, "user") : Result<json>(user.error());
  co_return body ? JsonView(*body)["user"]["name"].text() : std::string();
}

// Who has an open ticket, in the webhook's form. Nothing is said where Zendesk does not tell, or where it is
// Baton's own user, who takes no tickets.
Task<json> tell_holder(json state, const Seen& seen, sdk::ReadSession& session) {
  const auto assignee = seen.ticket["assignee_id"];
  if (assignee.null()) state["by_id"] = "";
  const auto id = assignee.id().value_or("");
  if (id.empty() || id == seen.ourselves) co_return state;
  state["by_id"] = id;
  if (const auto name = co_await name_of(seen, id, session)) state["by"] = *name;
  co_return state;
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
  const auto comments = co_await read_comments(id, session);
  const Seen seen(ticket, comments ? JsonView(*comments) : JsonView(), order.settings["baton_user_id"]);
  auto state = state_json(is_open(status) ? "open" : "solved");
  tell_replies(state, seen);
  if (is_open(status)) co_return co_await tell_holder(std::move(state), seen, session);
  state["at"] = ticket["updated_at"].text();
  if (status == "closed") {
    // It may have become part of another one: not solved before that is known.
    if (!comments && comments.error().kind == FailureKind::retryable) co_return comments.error();
    if (const auto into = merged_into(seen.newest_first); !into.empty() && into != id)
      co_return merged_json(into, order.settings["base_url"]);
    state["ticket"] = id;
  }
  state["text"] = closing_words(seen);
  const auto assignee = ticket["assignee_id"].id();
  if (!assignee) co_return state;
  if (const auto name = co_await name_of(seen, *assignee, session)) state["by"] = *name;
  co_return state;
}

}  // namespace baton::zendesk
