// The routes /v1/queue, /v1/teams and /v1/presence.
#include <string>
#include <vector>

#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/api/chat_commands.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/presence.h"
#include "gateway/model/node.h"

namespace baton::api {
namespace {

using nlohmann::json;

Result<handoff::Attendance> read_presence(JsonView body, TimePoint now) {
  const auto word = body["presence"].text();
  const auto presence = handoff::presence_from(word);
  if (!presence) {
    const std::vector<std::string> known(handoff::kPresenceNames.begin(), handoff::kPresenceNames.end());
    return Failure(FailureKind::rejected, "`presence` is `" + word + "`" + did_you_mean(word, known) +
                                              "; allowed: " + join(known, ", "));
  }
  handoff::Attendance said;
  said.presence = *presence;
  if (body["until"].missing() || body["until"].null()) return said;
  said.until = parse_rfc3339(body["until"].text());
  if (!said.until || *said.until <= now)
    return Failure(FailureKind::rejected,
                   "`until` is a time to come with its zone, such as 2026-09-01T14:00:00Z");
  return said;
}

}  // namespace

Task<Reply> Api::show_queue(Call call) {
  const auto limit = read_limit(call.request.target, 100, 500);
  if (!limit)
    co_return problem(422, "invalid_query", "The limit cannot be read", "it is a number from 1 to 500");
  co_return ok(views_.queue(static_cast<std::size_t>(*limit)));
}

Task<Reply> Api::list_teams(Call) { co_return ok(views_.team_list()); }

Task<Reply> Api::set_presence(Call call) {
  const auto member = call.request.params["member"];
  const auto now = clock_.now();
  if (!views_.is_member(member)) {
    co_return problem(404, "not_found", "No team has this member",
                      "`" + member + "`; `baton queue` and GET /v1/teams name them");
  }
  const auto said = read_presence(JsonView(call.body), now);
  if (!said) co_return problem(422, "invalid_presence", "The presence cannot be read", said.error().detail);
  auto audit = entry(call, "presence.set", member, JsonView(call.body)["why"].text());
  const auto kept =
      co_await keep_presence(journal_, member, handoff::to_json(*said, call.who.id, now), std::move(audit));
  if (!kept) co_return problem_of(kept.error());
  if (!*kept) co_return problem(409, "busy", "Somebody else is writing it too", "try again");
  json body = {{"member", member}, {"presence", handoff::name(said->presence)}};
  if (said->until) body["until"] = to_rfc3339(*said->until);
  co_return ok(body);
}

}  // namespace baton::api
