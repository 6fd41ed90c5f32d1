// Purpose: one known bug, what happened to it, and what was to be done. Owner: a test. Threads: one.
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gateway/base/date.h"
#include "gateway/handoff/known_bug.h"

namespace baton::handoff {

struct Tale {
  Tale() {
    const nlohmann::json error = {{"code", "PSP-502"}, {"component", "payments"}};
    const nlohmann::json data = {{"errors", nlohmann::json::array({error})}};
    bug = new_bug(*fingerprint(data));
  }

  void does(const BugHappening& happened) {
    auto next = advance(std::move(bug), happened, now, policy);
    bug = std::move(next.bug);
    for (auto& task : next.tasks) tasks.push_back(std::move(task));
  }

  // By default a handoff of its own, in a conversation of its own.
  Sighting sighting(const std::string& event, const std::string& customer, double value = 0) const {
    Sighting made;
    made.event = event;
    made.parts = bug.parts;
    made.customer = customer;
    made.value = value;
    made.handoff = HandoffId("h-" + event);
    made.conversation = ConversationId("chat", "c-" + event);
    return made;
  }
  void seen(const std::string& event, const std::string& customer, double value = 0) {
    does(sighting(event, customer, value));
  }

  template <class Task>
  std::vector<Task> take() const {
    std::vector<Task> found;
    for (const auto& task : tasks) {
      if (const auto* one = std::get_if<Task>(&task)) found.push_back(*one);
    }
    return found;
  }

  KnownBug bug;
  BugPolicy policy;
  TimePoint now = *parse_rfc3339("2026-11-20T10:00:00Z");
  std::vector<BugTask> tasks;
};

// Three customers, and the issue ENG-12.
inline Tale filed_bug() {
  Tale tale;
  tale.seen("e1", "ada");
  tale.seen("e2", "bob");
  tale.seen("e3", "cyd");
  tale.does(ReportFiled{1, Receipt("ENG-12", "https://t.example/ENG-12")});
  tale.tasks.clear();
  return tale;
}

// Written and read once more.
inline std::optional<KnownBug> again(const KnownBug& bug) {
  const auto record = to_json(bug);
  return read_known_bug(record);
}

}  // namespace baton::handoff
