#include "gateway/http/curl/answer.h"

#include <gtest/gtest.h>

#include "gateway/http/curl/outcome.h"

namespace baton {
namespace {

constexpr TimePoint kNow{1'700'000'000s};  // Tue, 14 Nov 2023 22:13:20 GMT

Answer small() { return Answer(AnswerBounds{100, 10}); }

TEST(Answer, equal_headers_are_joined_and_names_are_lower_case) {
  auto answer = Answer(AnswerBounds{});
  for (const auto* line : {"HTTP/1.1 200 OK\r\n", "X-One:  a \r\n", "x-one: b\r\n", "Empty:\r\n", "\r\n"}) {
    EXPECT_TRUE(answer.take_header(line));
  }
  const auto reply = answer.release(200, kNow);
  EXPECT_EQ(reply.headers, (Headers{{"x-one", "a, b"}, {"empty", ""}}));
}

TEST(Answer, an_interim_head_and_trailers_leave_no_field) {
  auto answer = Answer(AnswerBounds{});
  for (const auto* line : {"HTTP/1.1 103 Early Hints\r\n", "Link: x\r\n", "\r\n", "HTTP/1.1 200 OK\r\n",
                           "Real: yes\r\n", "\r\n", "Retry-After: 5\r\n", "\r\n"}) {
    EXPECT_TRUE(answer.take_header(line));
  }
  const auto reply = answer.release(200, kNow);
  EXPECT_EQ(reply.headers, (Headers{{"real", "yes"}}));
  EXPECT_FALSE(reply.retry_after);
}

TEST(Answer, a_folded_line_continues_the_one_before) {
  auto answer = Answer(AnswerBounds{});
  for (const auto* line : {"HTTP/1.1 200 OK\r\n", " stray\r\n", "A: b\r\n", "\tc\r\n", "\r\n"})
    answer.take_header(line);
  EXPECT_EQ(answer.release(200, kNow).headers, (Headers{{"a", "b c"}}));
}

TEST(Answer, header_bytes_are_bounded_over_all_heads_and_trailers) {
  auto answer = small();
  EXPECT_TRUE(answer.take_header("HTTP/1.1 100 \r\n"));  // 15
  EXPECT_TRUE(answer.take_header("\r\n"));               // 17
  EXPECT_TRUE(answer.take_header("HTTP/1.1 200 \r\n"));  // 32
  EXPECT_TRUE(answer.take_header("\r\n"));               // 34
  EXPECT_TRUE(answer.take_header(std::string(66, 't')));
  EXPECT_TRUE(answer.breach().empty());
  EXPECT_FALSE(answer.take_header("t"));
  EXPECT_NE(answer.breach().find("100 bytes"), std::string::npos);
}

TEST(Answer, the_body_may_reach_its_bound_and_not_pass_it) {
  auto answer = small();
  EXPECT_TRUE(answer.take_body("12345"));
  EXPECT_TRUE(answer.take_body("67890"));
  EXPECT_FALSE(answer.take_body("1"));
  EXPECT_NE(answer.breach().find("10 bytes"), std::string::npos);
  EXPECT_FALSE(small().take_body(std::string(11, 'x')));
}

TEST(Answer, a_restart_forgets_the_fields_and_not_the_count) {
  auto answer = small();
  answer.take_header(std::string(60, 'x') + ":");
  answer.restart();
  EXPECT_FALSE(answer.take_header(std::string(60, 'x')));
}

TEST(RetryAfter, seconds_and_dates_are_read_and_all_else_is_nothing) {
  EXPECT_EQ(parse_retry_after("0", kNow), Duration(0));
  EXPECT_EQ(parse_retry_after(" 120 ", kNow), Duration(120s));
  EXPECT_EQ(parse_retry_after("Tue, 14 Nov 2023 22:15:20 GMT", kNow), Duration(120s));
  EXPECT_EQ(parse_retry_after("Tuesday, 14-Nov-23 22:15:20 GMT", kNow), Duration(120s));
  EXPECT_EQ(parse_retry_after("Tue, 14 Nov 2023 22:10:00 GMT", kNow), Duration(0));
  EXPECT_EQ(parse_retry_after("99999999999999999999999", kNow), Duration(std::chrono::hours(8760)));
  for (const auto* wrong : {"", "-5", "1.5", "12s", "0x10", "soon", "1, 2", "T"}) {
    EXPECT_FALSE(parse_retry_after(wrong, kNow)) << wrong;
  }
}

TEST(Outcome, what_left_decides_between_retryable_and_ambiguous) {
  for (const auto code : {CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_CONNECT, CURLE_SSL_CONNECT_ERROR,
                          CURLE_OPERATION_TIMEDOUT, CURLE_SEND_ERROR, CURLE_RECV_ERROR, CURLE_GOT_NOTHING,
                          CURLE_PARTIAL_FILE, CURLE_WRITE_ERROR, CURLE_OUT_OF_MEMORY}) {
    EXPECT_EQ(to_failure(Ending{code, false, "POST", ""}).kind, FailureKind::retryable) << code;
    EXPECT_EQ(to_failure(Ending{code, true, "POST", ""}).kind, FailureKind::ambiguous) << code;
  }
  EXPECT_EQ(to_failure(Ending{CURLE_PEER_FAILED_VERIFICATION, false, "POST", ""}).kind,
            FailureKind::misconfigured);
  EXPECT_EQ(to_failure(Ending{CURLE_SSL_CACERT_BADFILE, false, "POST", ""}).kind, FailureKind::misconfigured);
  // An answer of another protocol comes under the code of a wrong URL.
  EXPECT_EQ(to_failure(Ending{CURLE_UNSUPPORTED_PROTOCOL, true, "POST", ""}).kind, FailureKind::ambiguous);
}

}  // namespace
}  // namespace baton
