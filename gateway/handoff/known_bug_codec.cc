// A known bug as a record, there and back.
#include <algorithm>
#include <span>

#include "gateway/handoff/known_bug.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

struct FlagName {
  const char* name;
  bool BugLink::* flag;
};
constexpr auto kFlagNames = std::to_array<FlagName>({{"ticketed", &BugLink::ticketed},
                                                     {"ready", &BugLink::ready},
                                                     {"open", &BugLink::open},
                                                     {"attached", &BugLink::attached},
                                                     {"told", &BugLink::told}});

std::int64_t write(TimePoint at) { return at.time_since_epoch().count(); }
TimePoint read_time(JsonView from) { return TimePoint(Duration(from.integer().value_or(0))); }
std::int64_t read_count(JsonView from) { return std::max<std::int64_t>(0, from.integer().value_or(0)); }

template <class Enum, std::size_t N>
Enum read_name(JsonView from, const std::array<std::string_view, N>& names) {
  const auto found = std::ranges::find(names, from.text());
  return found == names.end() ? Enum{} : static_cast<Enum>(found - names.begin());
}

json write(const BugLink& link) {
  json to = json::object();
  if (!link.handoff.empty()) to["handoff"] = link.handoff.text;
  if (!link.conversation.text.empty()) {
    to["source"] = link.conversation.source;
    to["conversation"] = link.conversation.text;
  }
  for (const auto& [name, flag] : kFlagNames) to[name] = link.*flag;
  return to;
}

BugLink read_link(JsonView from) {
  BugLink link;
  link.handoff = HandoffId(from["handoff"].text());
  link.conversation = ConversationId(from["source"].text(), from["conversation"].text());
  for (const auto& [name, flag] : kFlagNames) link.*flag = from[name].boolean().value_or(link.*flag);
  return link;
}

// As many as are remembered; the last, since those are the newest.
template <class Read>
void read_last(JsonView from, std::size_t most, const Read& read) {
  const auto list = items(from);
  const auto skipped = list.size() > most ? list.size() - most : 0;
  for (const auto& item : std::span(list).subspan(skipped)) read(item);
}

void write_who(json& to, const KnownBug& bug) {
  to["customers"] = json::array();
  for (const auto& one : bug.customers) {
    to["customers"].push_back({{"id", one.id},
                               {"value", one.value},
                               {"first_at", write(one.first_at)},
                               {"last_at", write(one.last_at)}});
  }
  to["links"] = json::array();
  for (const auto& link : bug.links) to["links"].push_back(write(link));
  to["events"] = bug.events;
}

void read_who(KnownBug& bug, JsonView from) {
  read_last(from["customers"], kMaxBugCustomers, [&](JsonView one) {
    const auto id = one["id"].text();
    if (id.empty()) return;
    bug.customers.push_back(
        {id, one["value"].number().value_or(0), read_time(one["first_at"]), read_time(one["last_at"])});
  });
  read_last(from["links"], kMaxBugLinks, [&](JsonView one) { bug.links.push_back(read_link(one)); });
  read_last(from["events"], kMaxBugEvents, [&](JsonView one) {
    if (const auto id = one.string()) bug.events.emplace_back(*id);
  });
}

}  // namespace

json to_json(const ErrorParts& parts) {
  json to = json::object();
  for (const auto& [name, part] : kErrorParts) {
    if (!(parts.*part).empty()) to[name] = parts.*part;
  }
  if (parts.truncated) to["truncated"] = true;
  return to;
}

ErrorParts read_error_parts(JsonView from) {
  ErrorParts parts;
  for (const auto& [name, part] : kErrorParts) parts.*part = from[name].text();
  parts.truncated = from["truncated"].boolean().value_or(false);
  return parts;
}

json to_json(const KnownBug& bug) {
  json to = {{"key", bug.key},
             {"parts", to_json(bug.parts)},
             {"state", name(bug.state)},
             {"plan", name(bug.plan)},
             {"generation", bug.generation},
             {"occurrences", bug.occurrences},
             {"first_at", write(bug.first_at)},
             {"last_at", write(bug.last_at)}};
  if (bug.issue) to["issue"] = {{"id", bug.issue->object_id}, {"url", bug.issue->url}};
  if (bug.priority) to["priority"] = name(*bug.priority);
  if (bug.fixed_at) to["fixed_at"] = write(*bug.fixed_at);
  if (bug.customers_forgotten > 0) to["customers_forgotten"] = bug.customers_forgotten;
  if (bug.links_forgotten > 0) to["links_forgotten"] = bug.links_forgotten;
  write_who(to, bug);
  return to;
}

std::optional<KnownBug> read_known_bug(JsonView from) {
  KnownBug bug;
  bug.key = from["key"].text();
  if (bug.key.empty()) return std::nullopt;
  bug.parts = read_error_parts(from["parts"]);
  bug.state = read_name<BugState>(from["state"], kBugStateNames);
  bug.plan = read_name<BugPlan>(from["plan"], kBugPlanNames);
  bug.generation =
      static_cast<int>(std::clamp<std::int64_t>(from["generation"].integer().value_or(1), 1, 1'000'000));
  bug.occurrences = read_count(from["occurrences"]);
  bug.first_at = read_time(from["first_at"]);
  bug.last_at = read_time(from["last_at"]);
  const auto issue = from["issue"];
  if (const auto id = issue["id"].id()) bug.issue = Receipt(*id, issue["url"].text());
  bug.priority = priority_from(from["priority"].text());
  if (from["fixed_at"].integer()) bug.fixed_at = read_time(from["fixed_at"]);
  bug.customers_forgotten = read_count(from["customers_forgotten"]);
  bug.links_forgotten = read_count(from["links_forgotten"]);
  read_who(bug, from);
  return bug;
}

}  // namespace baton::handoff
