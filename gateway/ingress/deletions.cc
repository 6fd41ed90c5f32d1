// People whom a vendor deleted for the sake of their privacy: who they are here is found by what that vendor
// said of them, and they are forgotten as by `baton erase`. The webhook is answered when nothing is left, so
// a vendor that hears nothing in time says it again; then there is nobody left to find.
#include <set>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/base/uuid.h"
#include "gateway/ingress/ingress.h"

namespace baton::ingress {
namespace {

// Nothing brings back what is erased, so the id has to be that of a person and not of whoever cares for them:
// accounts and owners count their ids apart from contacts, and one number may be both. Somebody whose own
// title is "owner" is known by their address.
bool names_person(const ContextPart& part, const std::string& person, const std::string& email) {
  for (const auto& one : items(JsonView(part.found)["people"])) {
    if (one["id"].id() != person) continue;
    const bool same_address = !email.empty() && equals_ignoring_case(one["email"].text(), email);
    if (same_address || one["role"].text() != "owner") return true;
  }
  return false;
}

}  // namespace

// The customers of all handoffs, also of those that have ended, whose context from this destination is about
// that person.
Task<std::vector<Person>> Ingress::people_named(const sdk::Account& account, const std::string& person) {
  std::set<std::pair<std::string, std::string>> found;
  HandoffQuery query;
  query.workspace = account.workspace;
  for (bool more = true; more;) {
    const auto page = co_await parts_.journal.query(query);
    if (!page) co_return page.error();
    for (const auto& handoff : *page) {
      const auto part = handoff.context.find(account.id);
      if (part == handoff.context.end()) continue;
      const auto customer = JsonView(handoff.data)["customer"];
      const auto email = to_lower(trim(customer["email"].text()));
      if (!names_person(part->second, person, email)) continue;
      found.emplace(email, customer["id"].id().value_or(""));
    }
    more = page->size() == static_cast<std::size_t>(query.limit);
    if (more) query.before = page->back().id;
  }
  std::vector<Person> people;
  for (const auto& [email, customer] : found) {
    Person one;
    one.email = email;
    one.customer = customer;
    if (!one.empty()) people.push_back(std::move(one));
  }
  co_return people;
}

// The entry comes first: whoever cannot be recorded erases nothing. It bears a number of its own, for the
// audit log is no place for whom it was about.
Task<Done> Ingress::forget(const sdk::Account& account, const sdk::Deletion& deletion) {
  auto people = co_await people_named(account, deletion.person);
  if (!people) co_return people.error();
  for (auto& person : *people) {
    const auto now = parts_.clock.now();
    Batch batch;
    const auto receipt = make_id("era", now, parts_.random);
    if (parts_.erase) {
      batch.audit.emplace_back(now, account.id.text, "store.erase", receipt, deletion.why);
    } else {
      batch.audit.emplace_back(now, account.id.text, "store.erase_wanted", receipt,
                               deletion.why + ": this gateway cannot do it by itself, run `baton erase`");
    }
    const auto recorded = co_await parts_.journal.commit(std::move(batch));
    if (!recorded) co_return recorded.error();
    if (!parts_.erase) continue;
    const auto erased = co_await parts_.erase(std::move(person));
    if (!erased) co_return erased.error();
  }
  co_return Done{};
}

}  // namespace baton::ingress
