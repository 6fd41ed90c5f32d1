// The routes for the store: backup, check and repair, erasure of a person.
#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/base/uuid.h"

namespace baton::api {
namespace {

Reply no_store() { return problem(404, "not_found", "No store", "this gateway keeps its store elsewhere"); }

}  // namespace

Task<Reply> Api::show_store(Call) {
  if (!views_.store) co_return no_store();
  co_return ok(views_.store());
}

Task<Reply> Api::back_up(Call call) {
  StoreTask task(StoreTask::Kind::backup);
  task.to = trim(JsonView(call.body)["to"].text());
  auto subject = task.to.empty() ? "store" : task.to;
  return start(std::move(call), std::move(task), "store.backup", std::move(subject));
}

Task<Reply> Api::check_store(Call call) {
  const bool repair = JsonView(call.body)["repair"].boolean().value_or(false);
  StoreTask task(repair ? StoreTask::Kind::repair : StoreTask::Kind::check);
  return start(std::move(call), std::move(task), repair ? "store.repair" : "store.check", "store");
}

// The receipt bears a number of its own: the audit log is no place for whom it was about.
Task<Reply> Api::erase(Call call) {
  StoreTask task(StoreTask::Kind::erase);
  task.person.email = trim(JsonView(call.body)["email"].text());
  task.person.customer = JsonView(call.body)["customer"].id().value_or("");
  const auto& email = task.person.email;
  const bool odd = !email.empty() && (email.find('@') == std::string::npos || email.size() < 5 ||
                                      email.find_first_of("\"\\ \t\r\n") != std::string::npos);
  if (task.person.empty() || odd) {
    co_return problem(422, "who_is_required", "Say whom",
                      "`email` (an address) or `customer` (the id that events give) names the person");
  }
  co_return co_await start(std::move(call), std::move(task), "store.erase",
                           make_id("era", clock_.now(), random_));
}

// The entry comes first: whoever cannot be recorded changes nothing.
Task<Reply> Api::start(Call call, StoreTask task, std::string audit, std::string subject) {
  auto why = std::string(trim(JsonView(call.body)["why"].text()));
  if (why.empty()) {
    co_return problem(422, "why_is_required", "Say why",
                      "`why` goes into the audit log and must not be empty");
  }
  if (!views_.store_task) co_return no_store();
  const bool names_receipt = task.kind == StoreTask::Kind::erase;
  Batch batch;
  batch.audit.push_back(entry(call, std::move(audit), subject, std::move(why)));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return problem_of(committed.error());
  auto state = co_await views_.store_task(std::move(task));
  if (!state) co_return problem_of(state.error());
  if (names_receipt) (*state)["receipt"] = subject;
  co_return ok(*state);
}

}  // namespace baton::api
