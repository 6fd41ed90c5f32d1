// The route /v1/metrics/handoff: figures over what the journal holds, page by page.
#include <chrono>

#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/measure.h"
#include "gateway/model/node.h"

namespace baton::api {
namespace {

constexpr int kHandoffsAtOnce = 500;

Result<handoff::By> read_by(const std::string& target) {
  const auto word = query_value(target, "by").value_or("nothing");
  if (const auto by = handoff::by_from(word)) return *by;
  const std::vector<std::string> known(handoff::kByNames.begin(), handoff::kByNames.end());
  return Failure(FailureKind::rejected,
                 "`by` is `" + word + "`" + did_you_mean(word, known) + "; allowed: " + join(known, ", "));
}

// Two halves of what is asked for, or of the last four weeks before its end.
handoff::Periods periods_of(const HandoffQuery& query, TimePoint now) {
  handoff::Periods periods;
  periods.end = query.to.value_or(now + Duration{1});
  periods.begin = query.from.value_or(periods.end - std::chrono::weeks(4));
  periods.middle = periods.begin + (periods.end - periods.begin) / 2;
  return periods;
}

}  // namespace

// Documents are by days: every day counts that the range touches.
Task<Done> Api::add_ai_alone(const HandoffQuery& range, handoff::Measure& measure) {
  const auto day = [](TimePoint at) { return to_rfc3339(at).substr(0, 10); };
  DocumentQuery query(std::string(handoff::kAiConversations), {}, range.from ? day(*range.from) : "",
                      kHandoffsAtOnce);
  const auto last = range.to ? day(*range.to - Duration{1}) : "9999";
  for (;;) {
    const auto page = co_await journal_.query(query);
    if (!page) co_return page.error();
    for (const auto& document : *page) {
      if (document.key.substr(0, last.size()) > last) co_return Done{};
      measure.add(handoff::pilot_of_ai_document(document.key),
                  handoff::ai_alone_from(JsonView(document.body)));
    }
    if (page->size() < static_cast<std::size_t>(kHandoffsAtOnce)) co_return Done{};
    query.after = page->back().key;
  }
}

Task<Reply> Api::measure(Call call) {
  const auto by = read_by(call.request.target);
  auto query = read_range(call.request.target, kHandoffsAtOnce);
  if (!by || !query) {
    co_return problem(422, "invalid_query", "The question cannot be read",
                      by ? query.error().detail : by.error().detail);
  }
  handoff::Measure measure(*by, periods_of(*query, clock_.now()));
  query->for_figures = true;
  const auto counted = co_await add_ai_alone(*query, measure);
  if (!counted) co_return problem_of(counted.error());
  for (;;) {
    const auto page = co_await journal_.query(*query);
    if (!page) co_return problem_of(page.error());
    for (const auto& handoff : *page) measure.add(handoff);
    if (page->size() < static_cast<std::size_t>(kHandoffsAtOnce)) break;
    query->before = page->back().id;
  }
  auto body = measure.figures();
  if (query->from) body["from"] = to_rfc3339(*query->from);
  if (query->to) body["to"] = to_rfc3339(*query->to);
  co_return ok(body);
}

}  // namespace baton::api
