// Purpose: one destination that is helpdesk or CRM, at its simulated vendor, with the real doors and stations
// between it and a chat platform; a journal in memory and virtual time. Owner: a test. Threads: one loop.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/handoff/route.h"
#include "gateway/journal/opening.h"
#include "tests/contract/small_gateway.h"

namespace baton::contract {

// One destination that is helpdesk and CRM, and a chat platform that takes events.
class Desk : public SmallGateway {
 public:
  Desk(const Place& place, const Place& platform)
      : name(place.connector), desk(simulation::make_vendor(place.connector, place.setup)),
        bot(simulation::make_vendor(platform.connector, platform.setup)) {
    add(place, name, desk);
    add(platform, "bot", bot);
    for (const auto& wanted : place.prepare) {
      RawRequest request(wanted.at("method"), wanted.at("target"), wanted.at("body").dump(),
                         wanted.at("headers").get<Headers>());
      request.received_at = clock.now();
      EXPECT_LT(desk.handle(request).reply.status, 300);
    }
    add_source("chat", "bot");
    send_tickets_to(name);
    start([this](ingress::Ingress::Parts& parts) {
      parts.erase = [this](Person person) { return erase(std::move(person)); };
      parts.withheld = [this](const sdk::Account& account, const sdk::Withholding& withheld) {
        warned.push_back(account.id.text + ": " + withheld.why);
      };
    });
  }
  ~Desk() { stop(); }

  // A handoff of this conversation, with its ticket.
  HandoffId open(const std::string& conversation, const std::string& email) {
    const nlohmann::json data = {{"conversation", {{"id", conversation}}},
                                 {"customer", {{"email", email}, {"name", "Somebody"}}},
                                 {"intent", {{"name", "refund"}, {"summary", "Was charged twice."}}},
                                 {"reason", {{"trigger", "explicit_request"}}}};
    Event event(EventKey(WorkspaceId("main"), "chat", "e-" + conversation), "handoff.requested",
                ConversationId("chat", conversation), Priority::high, data);
    Route route;
    route.context = {DestinationId(name)};
    route.tickets = DestinationId(name);
    handoff::equip(route, abilities, DestinationId("bot"));
    const HandoffId id("hof_" + conversation);
    auto key = event.key.text();
    const auto done =
        await(journal.commit(opening(id, std::move(route), std::move(event), key, "", clock.now())));
    EXPECT_TRUE(done && done->done());
    run();
    EXPECT_TRUE(handoff(id).ticket);
    return id;
  }

  // What the vendor sends when this is done there; the last answer of ours.
  int happens(const char* deed, const nlohmann::json& with) {
    int status = 0;
    for (const auto& one : act(desk, deed, with)) status = hears(one.request);
    return status;
  }
  // The same of the chat platform.
  int platform_tells(const char* deed, const nlohmann::json& with) {
    int status = 0;
    for (const auto& one : act(bot, deed, with)) {
      last = one.request;
      status = event("chat", last).status;
    }
    return status;
  }
  int hears(const Request& request) {
    last = request;
    return hook(name, last).status;
  }

  std::vector<Job> jobs(const HandoffId& id, Operation operation) {
    auto all = await(journal.load(id))->jobs;
    std::erase_if(all, [&](const Job& job) { return job.key.work != Work(operation); });
    return all;
  }
  // Who gave it back, as the chat platform reads it; nothing while nobody did.
  std::optional<std::string> gave_back(const HandoffId& id) {
    for (const auto& job : jobs(id, Operation::emit)) {
      const JsonView subject(job.subject);
      if (subject["type"].text() == "handoff.returned") return subject.at_path("data.by.name").text();
    }
    return std::nullopt;
  }
  // Says something to the conversation, which becomes a note.
  void says(const HandoffId& id, const std::string& text) {
    Event event(EventKey(WorkspaceId("main"), "chat", "u-" + text), "handoff.updated",
                handoff(id).conversation, Priority::high,
                {{"transcript", {{{"id", text}, {"role", "customer"}, {"text", text}}}}});
    Batch batch;
    auto key = event.key.text();
    batch.facts.emplace_back(id, std::move(key), Fact(clock.now(), std::move(event)));
    EXPECT_TRUE(await(journal.commit(std::move(batch)))->done());
    run();
  }

  const std::string name;
  simulation::FaultyVendor desk, bot;
  Request last{"POST", ""};
  bool cannot_erase = false;
  std::vector<std::string> warned;  // what the operator reads in the log

 private:
  Task<Done> erase(Person person) {
    if (cannot_erase) co_return Failure(FailureKind::retryable, "another task is under way");
    const auto erased = co_await memory.erase(std::move(person));
    if (!erased) co_return erased.error();
    co_return Done{};
  }
};

}  // namespace baton::contract
