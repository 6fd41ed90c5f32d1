// The log as lines of JSON and of text.
#include <algorithm>
#include <functional>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/attempt_log.h"
#include "gateway/app/log.h"

namespace baton::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;

// What was written while `write` ran.
std::string logged(const std::string& format, const secrets::Redactor* redactor,
                   const std::function<void()>& write, const char* level = "debug") {
  testing::internal::CaptureStderr();
  start_log(level, redactor, format);
  write();
  stop_log();
  return testing::internal::GetCapturedStderr();
}

constexpr auto kTraceId = "4bf92f3577b34da6a3ce929d0e0e4736";

void fail_once() {
  Handoff handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), Priority::normal,
                  Route(), TimePoint{});
  handoff.traceparent = "00-" + std::string(kTraceId) + "-00f067aa0ba902b7-01";
  Job job(JobKey(handoff.id, Lane("desk"), Operation::open_ticket), TimePoint{});
  job.attempts = 2;
  const std::optional<Failure> failure(Failure(FailureKind::retryable, "the desk said \"no\"\nand hung up"));
  log_attempt(delivery::Outcome(handoff, job, Stage::answer, failure, 120ms));
  log_attempt(delivery::Outcome(handoff, job, Stage::answer, std::nullopt, 80ms));
}

TEST(Log, as_json_has_a_field_for_each_id_of_an_attempt) {
  const auto text = logged("json", nullptr, fail_once);
  const auto first = json::parse(text.substr(0, text.find('\n')));
  EXPECT_EQ(first["level"], "info");
  EXPECT_EQ(first["message"], "attempt failed");
  EXPECT_EQ(first["handoff"], "hof_1");
  EXPECT_EQ(first["delivery"], "hof_1/desk/open_ticket/1");
  EXPECT_EQ(first["destination"], "desk");
  EXPECT_EQ(first["attempt"], 2);
  EXPECT_EQ(first["trace_id"], kTraceId);
  EXPECT_EQ(first["span_id"].get<std::string>().size(), 16u);
  EXPECT_EQ(first["failure"], "retryable");
  EXPECT_EQ(first["stage"], "answer");
  EXPECT_EQ(first["detail"], "the desk said \"no\"\nand hung up");
  EXPECT_TRUE(json::accept(text.substr(text.find('\n') + 1)));
}

TEST(Log, as_text_keeps_an_attempt_on_one_line) {
  const auto text = logged("text", nullptr, fail_once, "info");
  EXPECT_THAT(text,
              HasSubstr(" info attempt failed handoff=hof_1 delivery=hof_1/desk/open_ticket/1 attempt=2"));
  EXPECT_THAT(text, HasSubstr(R"(detail="the desk said \"no\"\nand hung up")"));
  EXPECT_EQ(std::ranges::count(text, '\n'), 1);
  const auto forged = logged("text", nullptr, [] { log_info("a name\n2026-01-01 error forged"); });
  EXPECT_EQ(std::ranges::count(forged, '\n'), 1);
}

TEST(Log, as_json_stays_json_whatever_is_redacted_in_it) {
  auto redactor = secrets::Redactor::make();
  (*redactor)->add(Secret("pass\"word-canary-1"));
  const auto text = logged("json", redactor->get(), [] {
    log_info(
        "the password is pass\"word-canary-1, Authorization: Bearer abcdefghijklmnopqrstuvwxyz0123456789");
    log_fields(LogLevel::info, "with fields", {{"detail", "pass\"word-canary-1"}, {"number", 7}});
    log_info("not UTF-8: \xff\xfe");
  });
  std::istringstream lines(text);
  int read = 0;
  for (std::string line; std::getline(lines, line); ++read) {
    EXPECT_TRUE(json::accept(line)) << line;
    EXPECT_EQ(line.find("canary"), std::string::npos) << line;
    EXPECT_EQ(line.find("abcdefghij"), std::string::npos) << line;
  }
  EXPECT_EQ(read, 3);
}

}  // namespace
}  // namespace baton::app
