#include "gateway/api/chat_commands.h"

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/permission.h"
#include "gateway/journal/documents.h"
#include "gateway/model/node.h"

namespace baton::api {
namespace {

using nlohmann::json;
using Words = std::vector<std::string>;

constexpr auto kHelp =
    "presence available|busy|away|back [2h or until 2026-09-01T14:00:00Z]: whether you are asked; "
    "busy: only for what is urgent\n"
    "queue: who waits, and who is asked";

Words words_of(std::string_view text) {
  Words words;
  for (const auto part : split(text, ' ')) {
    if (const auto word = trim(part); !word.empty()) words.emplace_back(word);
  }
  return words;
}

// "90m", "2h", "1d"; at most a month, so that nobody is forgotten.
std::optional<Duration> span_of(std::string_view word) {
  const bool told = word.ends_with('m') || word.ends_with('h') || word.ends_with('d');
  const auto span = told ? parse_duration(word) : std::nullopt;
  return span && *span > Duration{0} && *span <= std::chrono::days(31) ? span : std::nullopt;
}

// Nothing: that is no presence. `words` without "presence"; "back" is how people say that they are available.
std::optional<handoff::Attendance> attendance_of(const Words& words, TimePoint now) {
  if (words.empty()) return std::nullopt;
  const auto first = to_lower(words.front());
  const auto presence = handoff::presence_from(first == "back" ? "available" : first);
  if (!presence) return std::nullopt;
  handoff::Attendance said;
  said.presence = *presence;
  auto next = words.begin() + 1;
  if (next != words.end() && (to_lower(*next) == "until" || to_lower(*next) == "for")) ++next;
  if (next == words.end()) return words.size() == 1 ? std::optional(said) : std::nullopt;
  if (next + 1 != words.end()) return std::nullopt;
  if (const auto span = span_of(*next)) said.until = now + *span;
  else said.until = parse_rfc3339(*next);
  return said.until && *said.until > now ? std::optional(said) : std::nullopt;
}

std::string line_of(JsonView one) {
  std::string now = one["held"].text("waits");
  if (one["asked"].object()) now = "asking " + one["asked"]["name"].text();
  else if (const auto opens = one["opens_at"].text(); !opens.empty()) now += " until " + opens;
  return one["position"].id().value_or("?") + " of " + one["of"].id().value_or("?") + " in " +
         one["team"].text("no team") + ": " + one["priority"].text() + ", since " + one["since"].text() +
         ", " + now + ", " + one["handoff"].text();
}

}  // namespace

Task<bool> keep_presence(Journal& journal, std::string member, json said, AuditEntry audit) {
  constexpr int kTries = 3;
  const std::string kind(handoff::kPresenceKind);
  for (int i = 0; i < kTries; ++i) {
    const auto known = co_await find_document(journal, kind, member);
    if (!known) co_return known.error();
    Batch batch;
    batch.documents.emplace_back(kind, member, said, *known ? (*known)->version : 0);
    batch.audit.push_back(audit);
    const auto committed = co_await journal.commit(std::move(batch));
    if (!committed) co_return committed.error();
    if (committed->done()) co_return true;
  }
  co_return false;
}

const handoff::Member* ChatCommands::member_of(const std::string& who,
                                               const std::vector<DestinationId>& at) const {
  for (const auto& destination : at) {
    if (const auto* member = handoff::find_member(teams_, "", destination, who)) return member;
  }
  return nullptr;
}

Task<std::string> ChatCommands::answer(std::string who, std::vector<DestinationId> at, std::string words) {
  auto given = words_of(words);
  if (teams_.empty())
    co_return std::string("No teams are configured, so nobody is asked and there is no queue.");
  const auto* member = member_of(who, at);
  if (!member) {
    co_return "No team knows you here. Whoever runs Baton adds `accounts: {" +
        (at.empty() ? std::string("?") : at.front().text) + ": " + who + "}` to your entry in `teams`.";
  }
  const auto verb = given.empty() ? std::string() : to_lower(given.front());
  if (verb == "queue" && given.size() == 1) co_return co_await show_queue();
  if (verb == "presence") given.erase(given.begin());
  const auto said = attendance_of(given, clock_.now());
  if (said) co_return co_await set(*member, who, *said);
  co_return std::string(kHelp);
}

Task<std::string> ChatCommands::set(const handoff::Member& member, const std::string& who,
                                    handoff::Attendance said) {
  const auto now = clock_.now();
  AuditEntry audit(now, member.id + " (" + who + ", typed)", "presence.set", member.id, "");
  const auto kept =
      co_await keep_presence(journal_, member.id, handoff::to_json(said, member.id, now), std::move(audit));
  if (!kept) co_return kept.error();
  if (!*kept) co_return std::string("Somebody else is writing it too: try again.");
  auto text = "You are " + std::string(handoff::name(said.presence));
  if (said.until) text += " until " + to_rfc3339(*said.until);
  co_return text + ".";
}

Task<std::string> ChatCommands::show_queue() {
  constexpr std::size_t kShown = 10;
  const auto queue = co_await queue_(kShown);
  if (!queue) co_return queue.error();
  const JsonView view(*queue);
  if (!view["known"].boolean().value_or(false)) co_return std::string("The queue is still being read.");
  const auto waiting = items(view["waiting"]);
  if (waiting.empty()) co_return std::string("Nobody waits.");
  std::string text;
  for (const auto& one : waiting) text += (text.empty() ? "" : "\n") + line_of(one);
  const auto total = static_cast<std::size_t>(view["total"].integer().value_or(0));
  if (total > waiting.size()) text += "\nand " + std::to_string(total - waiting.size()) + " more";
  co_return text;
}

}  // namespace baton::api
