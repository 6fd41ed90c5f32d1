// The route /v1/metrics/handoff: figures over what the journal holds, page by page.
#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"
#include "gateway/handoff/measure.h"
#include "gateway/model/node.h"

namespace baton::api {
namespace {

constexpr int kPage = 500;

// RFC 3339, or a day, which begins at midnight UTC.
std::optional<TimePoint> read_time(const std::string& text) {
  constexpr std::size_t kDay = 10;
  return parse_rfc3339(text.size() == kDay ? text + "T00:00:00Z" : text);
}

Result<HandoffQuery> read_range(const std::string& target) {
  HandoffQuery query;
  query.limit = kPage;
  for (const auto& [word, place] : {std::pair{"from", &query.from}, {"to", &query.to}}) {
    const auto given = query_value(target, word);
    if (!given) continue;
    *place = read_time(*given);
    if (!*place)
      return Failure(FailureKind::rejected, "`" + std::string(word) + "` is `" + *given +
                                                "`; allowed: 2026-09-01 or 2026-09-01T00:00:00Z");
  }
  if (query.from && query.to && *query.from >= *query.to)
    return Failure(FailureKind::rejected, "`from` must be before `to`");
  return query;
}

Result<handoff::By> read_by(const std::string& target) {
  const auto word = query_value(target, "by").value_or("nothing");
  if (const auto by = handoff::by_from(word)) return *by;
  const std::vector<std::string> known(handoff::kByNames.begin(), handoff::kByNames.end());
  return Failure(FailureKind::rejected,
                 "`by` is `" + word + "`" + did_you_mean(word, known) + "; allowed: " + join(known, ", "));
}

}  // namespace

Task<Reply> Api::measure(Call call) {
  const auto by = read_by(call.request.target);
  auto query = read_range(call.request.target);
  if (!by || !query) {
    co_return problem(422, "invalid_query", "The question cannot be read",
                      by ? query.error().detail : by.error().detail);
  }
  handoff::Measure measure(*by);
  for (;;) {
    const auto page = co_await journal_.query(*query);
    if (!page) co_return problem_of(page.error());
    for (const auto& handoff : *page) measure.add(handoff);
    if (page->size() < static_cast<std::size_t>(kPage)) break;
    query->before = page->back().id;
  }
  auto body = measure.figures();
  if (query->from) body["from"] = to_rfc3339(*query->from);
  if (query->to) body["to"] = to_rfc3339(*query->to);
  co_return ok(body);
}

}  // namespace baton::api
