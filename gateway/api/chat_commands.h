// Purpose: what a person types to Baton where they work, and what they read: whether they are there, as
// PUT /v1/presence/{member} keeps it, and who waits, as GET /v1/queue shows it.
// Owner: app/. Threads: the loop of its journal and clock; `queue` may hop. Errors: whoever is no member of a
// team, and what cannot be understood, is a sentence too; Failures as the journal's.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/base/clock.h"
#include "gateway/handoff/presence.h"
#include "gateway/handoff/team.h"
#include "gateway/journal/journal.h"

namespace baton::api {

// Keeps what is said of a member. The last word counts, so whoever wrote in between is written over; false:
// others keep writing it too.
Task<bool> keep_presence(Journal& journal, std::string member, nlohmann::json said, AuditEntry audit);

class ChatCommands {
 public:
  using Queue = std::function<Task<nlohmann::json>(std::size_t most)>;  // as GET /v1/queue answers

  ChatCommands(Journal& journal, Clock& clock, const handoff::Teams& teams, Queue queue)
      : journal_(journal), clock_(clock), teams_(teams), queue_(std::move(queue)) {}

  // `who` as one of the destinations `at` knows them, which is proven. "presence away 2h", "away", "queue".
  Task<std::string> answer(std::string who, std::vector<DestinationId> at, std::string words);

 private:
  const handoff::Member* member_of(const std::string& who, const std::vector<DestinationId>& at) const;
  Task<std::string> set(const handoff::Member& member, const std::string& who, handoff::Attendance said);
  Task<std::string> show_queue();

  Journal& journal_;
  Clock& clock_;
  const handoff::Teams& teams_;
  Queue queue_;
};

}  // namespace baton::api
