#include "gateway/delivery/order.h"

#include <algorithm>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/handoff/brief.h"
#include "gateway/handoff/brief_text.h"
#include "gateway/handoff/context.h"
#include "gateway/handoff/masked.h"
#include "gateway/handoff/transcript.h"
#include "gateway/handoff/veil.h"

namespace baton::delivery {
namespace {

using nlohmann::json;

json handoff_json(const Handoff& handoff, const std::string& external_id) {
  return {{"id", handoff.id.text},
          {"external_id", external_id},
          {"state", name(handoff.state)},
          {"priority", name(handoff.priority)},
          {"sequence", handoff.sequence},
          {"owner", handoff.owner_name},
          {"owner_id", handoff.owner},
          {"team", handoff.route.team},
          {"requested_at", to_rfc3339(handoff.requested_at)},
          {"resolution", handoff.resolution}};
}

json context_json(const Handoff& handoff) {
  auto to = json::object();
  for (const auto& [destination, part] : handoff.context) {
    if (!part.found.is_null()) to[destination.text] = part.found;
  }
  return to;
}

json settings_json(const sdk::Settings& settings) {
  auto to = json::object();
  for (const auto& [key, value] : settings.all()) to[key] = value;
  return to;
}

// An event's words for the receiver: its time is when it happened, not when it is sent.
json emit_subject(const json& subject) {
  json to = subject;
  const auto at = JsonView(subject)["at"].integer().value_or(0);
  to.erase("at");
  to["timestamp"] = to_rfc3339(TimePoint(Duration{at}));
  return to;
}

// The object that an operation changes.
Receipt target_of(const Handoff& handoff, const Job& job) {
  const auto operation = std::get<Operation>(job.key.work);
  switch (operation) {
    case Operation::add_note:
    case Operation::read_person:
    case Operation::set_status: return handoff.ticket.value_or(Receipt());
    case Operation::read_status:  // of the ticket, or of the report of a bug that was met
    case Operation::link_bug: {
      const auto issue = JsonView(job.subject)["issue"];
      if (issue.object()) return Receipt(issue["id"].text(), issue["url"].text());
      const auto& known = operation == Operation::link_bug ? handoff.bug : handoff.ticket;
      return known.value_or(Receipt());
    }
    default: break;
  }
  const auto card = handoff.cards.find(job.key.lane);
  return card == handoff.cards.end() ? Receipt() : card->second;
}

bool is_card(Operation operation) {
  return operation == Operation::post_alert || operation == Operation::update_alert;
}

// What the planner said, in the words that a connector and its mapping expect.
json subject_of(const Handoff& handoff, const Job& job, const sdk::Account& account) {
  const auto operation = std::get<Operation>(job.key.work);
  if (operation == Operation::emit || operation == Operation::notify) return emit_subject(job.subject);
  auto subject = job.subject;
  if (is_card(operation) && account.claim_url && handoff.owner.empty() && handoff.state <= State::waiting)
    subject["claim_url"] = account.claim_url(handoff.id, handoff.requested_at);
  return subject;
}

// A channel is read by many: a password or a card number that a customer typed stays in the ticket.
void mask_typed_secrets(json& scope) {
  const auto transcript = scope.find("transcript");
  if (transcript == scope.end() || !transcript->is_array()) return;
  for (auto& message : *transcript) {
    const auto text = JsonView(message)["text"].string();
    if (text) message["text"] = handoff::mask_secrets(std::string(*text));
  }
}

json veiled_scope(const Handoff& handoff, const std::string& external_id, const json& subject,
                  const sdk::Settings& settings, TimePoint now) {
  auto scope = mapping_scope(handoff::veiled(handoff), external_id, subject, settings, now);
  scope["brief"] = handoff::to_json(handoff::veiled_brief(handoff));
  return scope;
}

// A bug report is read by many wherever it is filed.
bool is_for_tracker(Operation operation, const sdk::Manifest& manifest) {
  return manifest.tracker || operation == Operation::file_bug || operation == Operation::link_bug;
}

// What a document may say of its files.
enum class Files { none, attached, failed };

// The vendor's document of this job, by its mapping.
Result<json> render(const Handoff& handoff, const Job& job, const json& subject, const sdk::Account& account,
                    TimePoint now, Files files) {
  const auto operation = std::get<Operation>(job.key.work);
  const auto external_id = job.key.text();
  std::function<bool(std::string_view)> looks_at;
  if (account.looks_at)
    looks_at = [&](std::string_view member) { return account.looks_at(operation, member); };
  const bool veiled = is_card(operation) && handoff.veiled.contains(job.key.lane);
  auto scope = veiled ? veiled_scope(handoff, external_id, subject, account.settings, now)
                      : mapping_scope(handoff, external_id, subject, account.settings, now, looks_at);
  scope["attached"] = files == Files::attached;
  scope["file_failed"] = files == Files::failed;
  mask_scope(operation, account.connector->manifest(), scope);
  return account.render(operation, scope);
}

bool takes_file(const Handoff& handoff, Operation operation, const sdk::Account& account) {
  return operation == Operation::open_ticket && account.connector->manifest().files &&
         handoff::is_long(JsonView(handoff.data)["transcript"]);
}

}  // namespace

json mapping_scope(const Handoff& handoff, const std::string& external_id, const json& subject,
                   const sdk::Settings& settings, TimePoint now,
                   const std::function<bool(std::string_view)>& looks_at) {
  json scope = json::object();
  const auto put = [&](const char* member, const auto& make) {
    if (!looks_at || looks_at(member)) scope[member] = make();
  };
  if (handoff.data.is_object()) {
    for (const auto& [member, value] : handoff.data.items()) {
      if (!looks_at || looks_at(member)) scope[member] = value;
    }
  }
  put("priority", [&] { return name(handoff.priority); });
  put("handoff", [&] { return handoff_json(handoff, external_id); });
  put("brief", [&] { return handoff::to_json(handoff::brief(handoff, now)); });
  put("context", [&] { return context_json(handoff); });
  put("known", [&] { return handoff::known(handoff); });
  // What is written here people read, and they know a ticket by its number.
  const auto receipt = [](const Receipt& of) { return json{{"id", of.called()}, {"url", of.url}}; };
  if (handoff.ticket) put("ticket", [&] { return receipt(*handoff.ticket); });
  if (handoff.bug) put("bug", [&] { return receipt(*handoff.bug); });
  put("subject", [&] { return subject; });
  put("settings", [&] { return settings_json(settings); });
  scope["now"] = to_rfc3339(now);
  return scope;
}

void mask_scope(Operation operation, const sdk::Manifest& manifest, json& scope) {
  if (is_card(operation)) mask_typed_secrets(scope);
  if (is_for_tracker(operation, manifest)) handoff::mask_for_tracker(scope);
}

Result<sdk::Order> make_order(const Handoff& handoff, const Job& job, const sdk::Account& account,
                              TimePoint now) {
  const auto operation = std::get<Operation>(job.key.work);
  const auto external_id = job.key.text();
  const auto native_key =
      job.generation == 1 ? external_id : external_id + ".g" + std::to_string(job.generation);

  auto subject = subject_of(handoff, job, account);
  const auto& manifest = account.connector->manifest();
  if (!is_read(operation) && is_for_tracker(operation, manifest)) handoff::mask_text_for_tracker(subject);
  const bool has_file = takes_file(handoff, operation, account);
  const bool has_document = account.render && !is_read(operation);
  json document;
  if (has_document) {
    auto rendered = render(handoff, job, subject, account, now, has_file ? Files::attached : Files::none);
    if (!rendered) return rendered.error();
    document = std::move(*rendered);
  }
  std::function<Result<json>()> without_files;
  if (has_document && has_file)
    without_files = [&handoff, &job, &account, now, subject] {
      return render(handoff, job, subject, account, now, Files::failed);
    };
  sdk::Order order(external_id, native_key, std::move(document), target_of(handoff, job), std::move(subject),
                   account.settings);
  order.without_files = std::move(without_files);
  order.attempt = std::max(1, job.attempts);
  order.urgent = handoff.priority == Priority::urgent;
  if (has_file) {
    constexpr std::size_t kForm = 4096;  // what a form may add to its file
    const auto most = static_cast<std::size_t>(account.connector->manifest().limits.max_body_bytes) - kForm;
    order.files.emplace_back("conversation.txt", "text/plain; charset=utf-8",
                             handoff::as_file(JsonView(handoff.data)["transcript"], most));
  }
  return order;
}

}  // namespace baton::delivery
