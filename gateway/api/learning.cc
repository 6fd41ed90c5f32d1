// The routes /v1/resolutions and /v1/gaps: what handoffs teach.
#include <algorithm>

#include "gateway/api/answers.h"
#include "gateway/api/api.h"
#include "gateway/api/patience.h"
#include "gateway/base/text.h"
#include "gateway/handoff/learning.h"

namespace baton::api {
namespace {

constexpr int kLessonsAtOnce = 200;
constexpr int kMostLooked = 5000;  // handoffs, for one answer

// Which handoffs, and how much of what they teach.
struct Question {
  HandoffQuery which;
  int limit = 0;
};

Result<Question> read_question(const std::string& target) {
  auto range = read_range(target, kLessonsAtOnce);
  if (!range) return range.error();
  const auto limit = read_limit(target, 100, 1000);
  if (!limit) return Failure(FailureKind::rejected, "`limit` is a number from 1 to 1000");
  return Question{std::move(*range), *limit};
}

Reply invalid_question(const std::string& detail) {
  return problem(422, "invalid_query", "The question cannot be read", detail);
}

// Where the next page is: the same question, after `last`.
std::string next_page(const std::string& target, const HandoffId& last) {
  std::string link = "<" + std::string(path_of(target)) + "?";
  for (const auto* word : {"from", "to", "category", "limit"}) {
    if (const auto given = query_value(target, word))
      link += std::string(word) + "=" + percent_encode(*given) + "&";
  }
  return link + "before=" + percent_encode(last.text) + ">; rel=\"next\"";
}

}  // namespace

// One page of handoffs; whether it was the last one.
Task<bool> Api::add_lessons(const Call& call, HandoffQuery& query, Lessons& to) {
  const auto page = co_await journal_.query(query);
  if (!page) co_return page.error();
  for (const auto& handoff : *page) {
    if (to.found == to.most) co_return false;
    query.before = handoff.id;
    const bool over = handoff.state == State::resolved || handoff.state == State::returned;
    if (!over || !may_read(call, handoff)) continue;
    if (to.category && !equals_ignoring_case(handoff::category_of(handoff), *to.category)) continue;
    const auto record = co_await journal_.load(handoff.id);
    if (!record || !handoff::teaches(record->handoff, record->facts)) continue;
    to.lines += handoff::resolution_of(record->handoff, record->facts)
                    .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    to.lines += '\n';
    ++to.found;
  }
  co_return page->size() < static_cast<std::size_t>(kLessonsAtOnce);
}

Task<Reply> Api::list_resolutions(Call call) {
  const auto& target = call.request.target;
  auto asked = read_question(target);
  if (!asked) co_return invalid_question(asked.error().detail);
  auto& [query, limit] = *asked;
  query.before = HandoffId(query_value(target, "before").value_or(""));
  Lessons lessons;
  lessons.category = query_value(target, "category");
  lessons.most = limit;
  bool all = false;
  for (int looked = 0; !all && lessons.found < lessons.most && looked < kMostLooked;
       looked += kLessonsAtOnce) {
    const auto last = co_await add_lessons(call, query, lessons);
    if (!last) co_return problem_of(last.error());
    all = *last;
  }
  Reply reply(200, std::move(lessons.lines), Headers{{"content-type", "application/x-ndjson"}});
  if (!all) reply.headers["link"] = next_page(target, query.before);
  co_return reply;
}

Task<Reply> Api::list_gaps(Call call) {
  const auto& target = call.request.target;
  auto asked = read_question(target);
  if (!asked) co_return invalid_question(asked.error().detail);
  auto& [query, limit] = *asked;
  query.question_only = true;
  handoff::Gaps gaps;
  const auto deadline = clock_.now() + kLongQuestion;
  for (;;) {
    if (clock_.now() >= deadline) co_return too_many_handoffs();
    const auto page = co_await journal_.query(query);
    if (!page) co_return problem_of(page.error());
    for (const auto& handoff : *page) {
      if (may_read(call, handoff)) gaps.add(handoff);
    }
    if (page->size() < static_cast<std::size_t>(kLessonsAtOnce)) break;
    query.before = page->back().id;
  }
  co_return ok(gaps.list(static_cast<std::size_t>(limit)));
}

}  // namespace baton::api
