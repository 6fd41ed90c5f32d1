// Purpose: names and keys there and back, the table of transitions, and HTTP's small parts.
#include <set>

#include <gtest/gtest.h>

#include "gateway/model/handoff.h"
#include "gateway/model/http.h"
#include "gateway/model/job.h"
#include "gateway/model/problem.h"
#include "gateway/model/signal.h"

namespace baton {
namespace {

template <std::size_t N, class From>
void back_again(const std::array<std::string_view, N>& names, const From& from) {
  EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), N);
  for (const auto text : names) {
    ASSERT_TRUE(from(text)) << text;
    EXPECT_EQ(name(*from(text)), text);
  }
  for (const auto* other : {"", " ", "Low", "unknown_name", "done "}) EXPECT_FALSE(from(other)) << other;
}

TEST(Names, come_back_as_their_values) {
  back_again(kPriorityNames, priority_from);
  back_again(kStateNames, state_from);
  back_again(kOperationNames, operation_from);
  back_again(kJobStateNames, job_state_from);
  for (const auto kind :
       {FailureKind::retryable, FailureKind::rate_limited, FailureKind::auth_expired, FailureKind::ambiguous,
        FailureKind::rejected, FailureKind::target_gone, FailureKind::misconfigured}) {
    EXPECT_EQ(failure_kind_from(name(kind)), kind);
  }
  EXPECT_FALSE(failure_kind_from("worse"));
}

TEST(Names, stand_at_their_values_place) {
  EXPECT_EQ(name(State::failed), "failed");
  EXPECT_EQ(name(Priority::urgent), "urgent");
  EXPECT_EQ(name(JobState::dead), "dead");
  EXPECT_EQ(name(StepState::done), "done");
  EXPECT_EQ(name(SignalKind::reopened), "reopened");
  EXPECT_EQ(name(Part::failed), "failed");
  EXPECT_EQ(name(SignalKind::declined), "declined");
  EXPECT_EQ(name(SignalKind::touched), "touched");
  EXPECT_EQ(name(SignalKind::merged), "merged");
  EXPECT_EQ(kSignalNames.size(), 13u);
}

TEST(JobKey, prints_and_reads_itself) {
  for (const Work& work : std::vector<Work>{Operation::open_ticket, Operation::emit, Upkeep::plan}) {
    for (const int sequence : {1, 42, 100'000'000}) {
      const JobKey key(HandoffId("hof_018f"), Lane("my-desk_2"), work, sequence);
      EXPECT_EQ(job_key_from(key.text()), key);
    }
  }
  EXPECT_EQ(JobKey(HandoffId("h"), Lane("d"), Operation::add_note, 7).text(), "h/d/add_note/7");
}

TEST(JobKey, any_other_text_is_none) {
  for (const auto* text : {"", "/", "h/d/emit", "h/d/emit/", "h/d/emit/0", "h/d/emit/-1", "h/d/emit/+1",
                           "h/d/emit/1 ", "h/d/emit/1/2", "h/d/Emit/1", "h/d//1",
                           "h/d/emit/99999999999999999999", "h/d/emit/1x", "h/d/emit/1.0"}) {
    EXPECT_FALSE(job_key_from(text)) << text;
  }
}

TEST(State, moves_only_as_designed) {
  static constexpr auto kAll = {State::received, State::planned,  State::waiting,  State::claimed,
                                State::active,   State::resolved, State::returned, State::cancelled,
                                State::expired,  State::failed};
  std::set<std::string> moves;
  for (const auto from : kAll) {
    for (const auto to : kAll) {
      const bool ends = to == State::cancelled || to == State::expired || to == State::failed;
      if (ends) EXPECT_EQ(may(from, to), is_open(from)) << name(from) << " to " << name(to);
      else if (may(from, to)) moves.insert(std::string(name(from)) + " " + std::string(name(to)));
    }
  }
  EXPECT_EQ(moves, (std::set<std::string>{"received planned", "planned waiting", "waiting claimed",
                                          "waiting resolved", "claimed active", "claimed waiting",
                                          "claimed resolved", "active waiting", "active resolved",
                                          "resolved active", "resolved returned", "failed planned"}));
}

TEST(Http, path_and_query_are_found) {
  EXPECT_EQ(path_of("/a/b?c=d?e"), "/a/b");
  EXPECT_EQ(path_of("/a"), "/a");
  EXPECT_EQ(path_of(""), "");
  EXPECT_EQ(query_value("/a?x=1&y=two+words%21&x=3", "x"), "1");
  EXPECT_EQ(query_value("/a?x=1&y=two+words%21", "y"), "two words!");
  EXPECT_EQ(query_value("/a?flag&y=", "flag"), "");
  EXPECT_EQ(query_value("/a?flag&y=", "y"), "");
  EXPECT_EQ(query_value("/a?%79=v", "y"), "v");
  EXPECT_EQ(query_value("/a?x=a=b", "x"), "a=b");
  for (const auto* none : {"/a", "/a?", "/a?xx=1", "/a?x=%zz", "/a?=x"})
    EXPECT_FALSE(query_value(none, "x")) << none;
}

TEST(Http, headers_are_looked_up_by_lower_case_name) {
  const Headers headers = {{"content-type", "text/plain"}};
  EXPECT_EQ(header(headers, "content-type"), "text/plain");
  EXPECT_EQ(header(headers, "accept"), "");
}

TEST(Problem, says_what_is_wrong_and_never_throws_for_its_bytes) {
  const std::vector<FieldError> errors = {
      {pointer_to(pointer_to("", "a/b"), "c~d"), "too_long", "cut \xff it"}};
  const auto problem =
      nlohmann::json::parse(problem_json(422, "bad_event", "The event is wrong", "see \xfe", errors, "t1"));
  EXPECT_EQ(problem["type"], "urn:baton:problem:bad_event");
  EXPECT_EQ(problem["status"], 422);
  EXPECT_EQ(problem["code"], "bad_event");
  EXPECT_EQ(problem["errors"][0]["pointer"], "/a~1b/c~0d");
  EXPECT_EQ(problem["trace_id"], "t1");
  const auto bare = nlohmann::json::parse(problem_json(404, "none", "t", "d", {}, ""));
  EXPECT_FALSE(bare.contains("errors") || bare.contains("trace_id"));
}

}  // namespace
}  // namespace baton
