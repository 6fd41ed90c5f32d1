// W3C Trace Context: what is a traceparent, and which trace a handoff and its attempts belong to.
#include <set>

#include <gtest/gtest.h>

#include "gateway/model/trace.h"

namespace baton {
namespace {

const std::string kTrace = "4bf92f3577b34da6a3ce929d0e0e4736", kSpan = "00f067aa0ba902b7";

TEST(Traceparent, is_read_as_the_recommendation_says) {
  const struct {
    const char* what;
    std::string header;
    bool good;
  } table[] = {
      {"the example", "00-" + kTrace + "-" + kSpan + "-01", true},
      {"not sampled", "00-" + kTrace + "-" + kSpan + "-00", true},
      {"space around", " 00-" + kTrace + "-" + kSpan + "-01 ", true},
      {"a later version", "cc-" + kTrace + "-" + kSpan + "-01", true},
      {"a later version with more", "cc-" + kTrace + "-" + kSpan + "-01-what-comes", true},
      {"a later version that goes on without a dash", "cc-" + kTrace + "-" + kSpan + "-01.what", false},
      {"version 00 with more", "00-" + kTrace + "-" + kSpan + "-01-more", false},
      {"version ff", "ff-" + kTrace + "-" + kSpan + "-01", false},
      {"upper case", "00-4BF92F3577B34DA6A3CE929D0E0E4736-" + kSpan + "-01", false},
      {"trace of zeros", "00-" + std::string(32, '0') + "-" + kSpan + "-01", false},
      {"span of zeros", "00-" + kTrace + "-" + std::string(16, '0') + "-01", false},
      {"too short", "00-" + kTrace.substr(1) + "-" + kSpan + "-01", false},
      {"no hex", "00-" + kTrace + "-" + kSpan + "-0x", false},
      {"dots for dashes", "00." + kTrace + "." + kSpan + ".01", false},
      {"nothing", "", false},
  };
  for (const auto& [what, header, good] : table) {
    const auto trace = parse_traceparent(header);
    EXPECT_EQ(trace.has_value(), good) << what;
    if (trace) EXPECT_EQ(trace->trace_id, kTrace) << what;
  }
  EXPECT_TRUE(parse_traceparent("00-" + kTrace + "-" + kSpan + "-03")->sampled);
  EXPECT_FALSE(parse_traceparent("00-" + kTrace + "-" + kSpan + "-02")->sampled);
  EXPECT_EQ(Trace(kTrace, kSpan, true).header(), "00-" + kTrace + "-" + kSpan + "-01");
}

Handoff handoff_of(const std::string& id, const std::string& traceparent) {
  Handoff handoff(HandoffId(id), WorkspaceId("main"), ConversationId("chat", "c"), Priority::normal, Route(),
                  TimePoint{});
  handoff.traceparent = traceparent;
  return handoff;
}

TEST(Trace, of_a_handoff_is_the_platforms_own_or_begins_with_its_id) {
  const auto given = handoff_of("hof_" + std::string(32, 'a'), "00-" + kTrace + "-" + kSpan + "-00");
  EXPECT_EQ(trace_of(given)->trace_id, kTrace);
  EXPECT_FALSE(trace_of(given)->sampled);
  const auto bad = handoff_of("hof_" + std::string(32, 'a'), "00-nonsense");
  EXPECT_EQ(trace_of(bad)->trace_id, std::string(32, 'a'));
  EXPECT_FALSE(trace_of(handoff_of("hof_1", "")));
}

TEST(Trace, of_an_attempt_is_a_span_of_its_own_that_needs_no_memory) {
  const auto handoff = handoff_of("hof_1", "00-" + kTrace + "-" + kSpan + "-01");
  std::set<std::string> spans = {kSpan};
  for (const auto operation : {Operation::open_ticket, Operation::add_note}) {
    Job job(JobKey(handoff.id, Lane("desk"), operation), TimePoint{});
    for (job.attempts = 1; job.attempts <= 50; ++job.attempts) {
      const auto trace = trace_of(handoff, job);
      EXPECT_EQ(trace->trace_id, kTrace);
      EXPECT_TRUE(parse_traceparent(trace->header()));
      EXPECT_TRUE(spans.insert(trace->span_id).second);
      EXPECT_EQ(trace_of(handoff, job), trace);
    }
  }
}

}  // namespace
}  // namespace baton
