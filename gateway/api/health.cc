// The routes of /v1/health: the whole, and one destination or source of it.
#include "gateway/api/answers.h"
#include "gateway/api/api.h"

namespace baton::api {

Task<Reply> Api::show_health(Call) {
  const auto health = co_await views_.health();
  if (!health) co_return problem_of(health.error());
  co_return ok(*health);
}

Task<Reply> Api::show_health_of(Call call) {
  const auto health = co_await views_.health();
  if (!health) co_return problem_of(health.error());
  const auto& name = call.request.params["name"];
  for (const auto* kind : {"destinations", "sources"}) {
    for (const auto& one : health->at(kind)) {
      if (one.at("name") == name) co_return ok(one);
    }
  }
  co_return problem(404, "not_found", "No such destination or source", "`" + name + "`");
}

}  // namespace baton::api
