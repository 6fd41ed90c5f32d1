#include "gateway/delivery/probe.h"

#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/delivery/credentials.h"
#include "gateway/delivery/order.h"

namespace baton::delivery {
namespace {

constexpr auto kLongestProbe = Duration{10s};

class Trial final : public sdk::SetupSession {
 public:
  Trial(const sdk::Account& account, HttpClient& client, Clock& clock)
      : account_(account), client_(client), clock_(clock), credentials_(account, client, clock) {}

  Task<Reply> read(sdk::Read read) override { return ask(read.request(), false); }
  Task<Reply> send(sdk::Write write) override { return ask(write.request(), true); }
  std::string address() const override { return credentials_.address(); }
  std::vector<nlohmann::json> samples(Operation operation) const override {
    std::vector<nlohmann::json> all;
    if (!account_.render) return all;
    for (const auto priority : {Priority::low, Priority::normal, Priority::high, Priority::urgent}) {
      Handoff handoff(HandoffId("hof_sample"), account_.workspace, ConversationId("sample", "sample"),
                      priority, Route(), clock_.now());
      handoff.data = {{"customer", {{"name", "A Customer"}, {"email", "customer@example.com"}}},
                      {"intent", {{"summary", "A sample"}}}};
      auto made = account_.render(operation, mapping_scope(handoff, "sample", nlohmann::json::object(),
                                                           account_.settings, clock_.now()));
      if (made && !made->is_null()) all.push_back(*std::move(made));
    }
    return all;
  }
  std::string scope() const override { return credentials_.scope(); }

 private:
  Task<Reply> ask(Request request, bool writes) {
    auto reply = co_await once(request, writes);
    if (reply || reply.error().kind != FailureKind::auth_expired || !credentials_.refused(clock_.now())) {
      co_return reply;
    }
    co_return co_await once(request, writes);
  }

  Task<Reply> once(const Request& request, bool writes) {
    const auto deadline = clock_.now() + kLongestProbe;
    auto authorized = co_await credentials_.authorize(request, "probe", deadline);
    if (!authorized) co_return authorized.error();
    Outgoing outgoing(account_.id.text, std::move(*authorized), deadline);
    const auto reply = co_await client_.exchange(std::move(outgoing));
    if (!reply) co_return reply.error();
    const sdk::Exchange seen(request, writes, *reply, clock_.now());
    if (const auto failure = account_.connector->classify(seen)) co_return *failure;
    co_return *reply;
  }

  const sdk::Account& account_;
  HttpClient& client_;
  Clock& clock_;
  Credentials credentials_;
};

std::string fit_to_show(const sdk::Account& account, const std::string& text) {
  constexpr std::size_t kLongest = 500;
  const auto redacted = account.redact ? account.redact(text) : text;
  return to_valid_utf8(clip_utf8(redacted, kLongest));
}

sdk::Findings shown(const sdk::Account& account, const Result<sdk::Findings>& found) {
  sdk::Findings findings;
  if (found) findings = *found;
  else findings.emplace_back(std::string(account.connector->manifest().title), false, found.error().detail);
  for (auto& finding : findings) {
    finding.what = fit_to_show(account, finding.what);
    finding.remedy = fit_to_show(account, finding.remedy);
  }
  return findings;
}

}  // namespace

Task<sdk::Findings> probe(const sdk::Account& account, HttpClient& client, Clock& clock, Apply apply) {
  Trial trial(account, client, clock);
  const auto& connector = *account.connector;
  auto found = shown(account, co_await connector.probe(account.settings, trial));
  const bool lacking = std::ranges::any_of(found, [](const auto& one) { return !one.fine && one.can_make; });
  if (apply == Apply::no || !lacking) co_return found;
  co_return shown(account, co_await connector.prepare(account.settings, trial));
}

Task<People> find_people(const sdk::Account& account, HttpClient& client, Clock& clock,
                         std::vector<std::string> emails) {
  Trial trial(account, client, clock);
  People people;
  for (const auto& email : emails) {
    const auto found = co_await account.connector->find_person(email, trial);
    if (!found) co_return Failure(found.error().kind, fit_to_show(account, found.error().detail));
    people[email] = *found;
  }
  co_return people;
}

}  // namespace baton::delivery
