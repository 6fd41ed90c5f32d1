// What a spectator of the demo reads of a timeline.
#include <gtest/gtest.h>

#include "gateway/app/demo_words.h"

namespace baton::app {
namespace {

using nlohmann::json;

std::string said(const json& moment) {
  const auto line = words_of(moment);
  return line ? line->who + ": " + line->what : "";
}

json delivery(const char* operation, const char* state, const char* text, int attempts = 1) {
  return {{"kind", "delivery"},
          {"text", text},
          {"detail",
           {{"destination", "desk"},
            {"operation", operation},
            {"state", state},
            {"attempts", attempts},
            {"receipt", {{"id", "77"}, {"url", ""}}}}}};
}

TEST(DemoWords, tell_what_was_done_and_at_which_attempt) {
  EXPECT_EQ(said(delivery("open_ticket", "done", "desk open_ticket \u2192 77")), "desk: ticket 77 is open");
  EXPECT_EQ(said(delivery("open_ticket", "done", "desk open_ticket \u2192 77 (3 attempts)", 3)),
            "desk: ticket 77 is open (attempt 3)");
  EXPECT_EQ(said(delivery("update_alert", "done", "desk update_alert as claimed, owner dana \u2192 77")),
            "desk: the card says: claimed, owner dana");
  EXPECT_EQ(said(delivery("emit", "done", "desk emit handoff.claimed \u2192 77")),
            "desk: the chat platform heard: handoff.claimed");
}

TEST(DemoWords, leave_out_what_is_under_way_and_tell_what_failed) {
  auto pending = delivery("open_ticket", "pending", "desk open_ticket, waiting to be tried again");
  EXPECT_EQ(said(pending), "");
  pending["detail"]["failure"] = {{"kind", "retryable"}, {"detail", "answered 503"}};
  EXPECT_EQ(said(pending), "desk: open_ticket not done (attempt 1): answered 503");
}

TEST(DemoWords, name_people_but_not_a_vendors_numbers_for_them) {
  const json click = {
      {"kind", "signal"}, {"text", "claimed by lee through slack"}, {"detail", {{"kind", "claimed"}}}};
  EXPECT_EQ(said(click), "slack: a click on Claim by lee");
  const json echo = {
      {"kind", "signal"}, {"text", "claimed by 84473 through desk"}, {"detail", {{"kind", "claimed"}}}};
  EXPECT_EQ(said(echo), "");
  const json refused = {{"kind", "refused"},
                        {"text", "claimed by lee: dana has it"},
                        {"detail", {{"what", "claimed by lee"}, {"why", "dana has it"}}}};
  EXPECT_EQ(said(refused), "handoff: lee is too late: dana has it");
}

TEST(DemoWords, survive_a_moment_that_says_nothing) {
  for (const auto* kind : {"event", "signal", "state", "refused", "read", "delivery", "new"}) {
    (void)said(json{{"kind", kind}});
    (void)said(
        json{{"kind", kind}, {"text", ""}, {"detail", {{"state", "done"}, {"operation", "update_alert"}}}});
  }
}

}  // namespace
}  // namespace baton::app
