// The routes of alerts and silences. Alerts are what the alert station keeps; a silence is a document that it
// reads.
#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/base/uuid.h"
#include "gateway/handoff/silence.h"
#include "gateway/journal/documents.h"

namespace baton::api {
namespace {

using nlohmann::json;

constexpr int kMost = 500;

Reply invalid_silence(std::string_view detail) {
  return problem(422, "invalid_silence", "The silence cannot be read", detail);
}

json shown(const Document& document) {
  json one = {{"alert", document.key}};
  const JsonView body(document.body);
  for (const auto* name : {"stage", "kind", "severity", "about", "cause", "fault", "since"})
    one[name] = body[name].text();
  for (const auto* name : {"told_at", "case", "silenced_by"}) {
    if (const auto text = body[name].text(); !text.empty()) one[name] = text;
  }
  one["hidden"] = body["hidden"].boolean().value_or(false);
  auto& evidence = one["evidence"] = json::array();
  for (const auto& line : items(body["evidence"])) evidence.push_back(line.text());
  return one;
}

json shown(const handoff::Silence& silence) {
  return {{"id", silence.id},   {"alert", silence.alert},           {"by", silence.by},
          {"why", silence.why}, {"from", to_rfc3339(silence.from)}, {"until", to_rfc3339(silence.until)}};
}

// Of which alerts, and until when; who and why are added.
Result<handoff::Silence> read_silence(JsonView body, TimePoint now) {
  handoff::Silence silence;
  silence.alert = std::string(trim(body["alert"].text()));
  const auto until = parse_rfc3339(body["until"].text());
  if (!handoff::is_alert_pattern(silence.alert)) {
    return Failure(FailureKind::rejected,
                   "`alert` names one, such as destination/NAME/availability, or ends with a star: "
                   "destination/NAME/*; `GET /v1/alerts` lists them");
  }
  if (!until || *until <= now || *until - now > handoff::kLongestSilence) {
    return Failure(FailureKind::rejected,
                   "`until` is a time ahead (RFC 3339), within 31 days: every silence has an end");
  }
  silence.from = now;
  silence.until = *until;
  return silence;
}

}  // namespace

Task<Reply> Api::list_alerts(Call) {
  const auto alerts = co_await journal_.query(DocumentQuery(handoff::kAlertKind, {}, {}, kMost));
  if (!alerts) co_return problem_of(alerts.error());
  const auto silences = co_await journal_.query(DocumentQuery(handoff::kSilenceKind, {}, {}, kMost));
  if (!silences) co_return problem_of(silences.error());
  json body = {{"alerts", json::array()}, {"silences", json::array()}};
  for (const auto& document : *alerts) body["alerts"].push_back(shown(document));
  for (const auto& document : *silences) {
    const auto silence = handoff::silence_from(document);
    if (silence && silence->until > clock_.now()) body["silences"].push_back(shown(*silence));
  }
  co_return ok(body);
}

Task<Reply> Api::add_silence(Call call) {
  const JsonView body(call.body);
  auto silence = read_silence(body, clock_.now());
  if (!silence) co_return invalid_silence(silence.error().detail);
  silence->why = std::string(trim(body["why"].text()));
  if (silence->why.empty()) co_return invalid_silence("`why` goes into the audit log and must not be empty");
  silence->id = make_id("sil", clock_.now(), random_);
  silence->by = call.who.name;
  Batch batch;
  batch.documents.push_back(handoff::to_document(*silence));
  batch.audit.push_back(
      entry(call, "silence.add", silence->alert + " until " + to_rfc3339(silence->until), silence->why));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return problem_of(committed.error());
  co_return ok(shown(*silence));
}

Task<Reply> Api::end_silence(Call call) {
  const auto id = call.request.params["id"];
  const auto why = std::string(trim(JsonView(call.body)["why"].text()));
  if (why.empty()) co_return invalid_silence("`why` goes into the audit log and must not be empty");
  const auto found = co_await find_document(journal_, handoff::kSilenceKind, id);
  if (!found) co_return problem_of(found.error());
  if (!*found) co_return problem(404, "not_found", "No such silence", "`" + id + "`");
  Batch batch;
  batch.documents.emplace_back(handoff::kSilenceKind, id, nullptr, (*found)->version);
  batch.audit.push_back(entry(call, "silence.end", id, why));
  const auto committed = co_await journal_.commit(std::move(batch));
  if (!committed) co_return problem_of(committed.error());
  co_return ok({{"ended", id}});
}

}  // namespace baton::api
