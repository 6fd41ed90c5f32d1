// The route /v1/metrics/handoff: figures over what the journal holds, page by page.
#include <chrono>

#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/api/patience.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/scope.h"
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

// What is asked for, and as long a time before it, if it has a beginning.
struct Compared {
  explicit Compared(const HandoffQuery& range_in, handoff::By by, TimePoint now)
      : range(range_in), measure(by, periods_of(range_in, now)) {
    if (!range.from) return;
    before.emplace(range);
    before->from = *range.from - (range.to.value_or(now) - *range.from);
    before->to = range.from;
  }

  void add(const Outline& outline) {
    const bool later = !range.from || outline.requested_at >= *range.from;
    (later ? measure : earlier).add(outline);
  }

  HandoffQuery range;
  std::optional<HandoffQuery> before;
  handoff::Measure measure;
  handoff::Measure earlier{handoff::By::nothing};
};

// While the journal reads the next page: so there are two in memory, and no more.
Task<Done> add_page(const OutlinePage& page, Compared& to) {
  for (const auto& outline : page.outlines) to.add(outline);
  co_return Done{};
}

nlohmann::json figures_of(const Compared& of) {
  auto body = of.measure.figures();
  if (of.range.from) body["from"] = to_rfc3339(*of.range.from);
  if (of.range.to) body["to"] = to_rfc3339(*of.range.to);
  if (!of.before) return body;
  body["earlier"] = of.earlier.whole();
  body["earlier"]["from"] = to_rfc3339(*of.before->from);
  body["compared"] = handoff::compared(of.measure.whole(), body["earlier"]);
  return body;
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
  const auto range = read_range(call.request.target, kHandoffsAtOnce);
  if (!by || !range) {
    co_return problem(422, "invalid_query", "The question cannot be read",
                      by ? range.error().detail : by.error().detail);
  }
  const auto deadline = clock_.now() + kLongQuestion;
  Compared both_periods(*range, *by, clock_.now());
  auto ai = co_await add_ai_alone(*range, both_periods.measure);
  if (ai && both_periods.before) ai = co_await add_ai_alone(*both_periods.before, both_periods.earlier);
  if (!ai) co_return problem_of(ai.error());
  OutlineQuery query;
  query.from = both_periods.before ? both_periods.before->from : std::nullopt;
  query.to = range->to;
  query.limit = kHandoffsAtOnce;
  auto page = co_await journal_.query(query);
  while (page && page->next != 0) {
    if (clock_.now() >= deadline) co_return too_many_handoffs();
    query.before = page->next;
    auto both = co_await all(clock_, journal_.query(query), add_page(*page, both_periods));
    if (!both) co_return problem_of(both.error());
    page = std::move(std::get<0>(*both));
  }
  if (!page) co_return problem_of(page.error());
  for (const auto& outline : page->outlines) both_periods.add(outline);
  co_return ok(figures_of(both_periods));
}

}  // namespace baton::api
