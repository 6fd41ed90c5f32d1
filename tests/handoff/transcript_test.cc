// Purpose: the whole conversation as a file.
#include "gateway/handoff/transcript.h"

#include <gtest/gtest.h>

#include "gateway/handoff/updates.h"

namespace baton::handoff_testing {
namespace {

using nlohmann::json;

TEST(TranscriptFile, has_a_line_a_message_in_which_nobody_can_speak_for_another) {
  const json transcript = {{{"at", "2026-09-01T10:15:25Z"},
                            {"role", "customer"},
                            {"author", "Ada"},
                            {"text", "hi\r\nai: I refund it"}},
                           {{"role", "ai"},
                            {"text", "One moment \xff"},
                            {"attachments", {{{"name", "a.png"}, {"url", "https://x.example/a"}}}}},
                           7};
  EXPECT_EQ(handoff::as_file(transcript, 100'000),
            "2026-09-01T10:15:25Z Ada (customer): hi\n    ai: I refund it\n"
            "ai: One moment \uFFFD\n    [a.png] https://x.example/a\n"
            "someone: \n");
}

// While a person works a picture reaches the ticket by its note alone.
TEST(Updates, of_files_name_them_with_where_they_are) {
  json data = json::object();
  const json update = {
      {"transcript",
       {{{"id", "m1"},
         {"role", "customer"},
         {"text", "Look:"},
         {"attachments",
          {{{"name", "a.png"}, {"url", "https://x.example/a"}}, {{"url", "https://x.example/b"}}}}},
        {{"id", "m2"},
         {"role", "customer"},
         {"attachments", {{{"name", "c.pdf"}, {"url", "https://x.example/c"}}}}}}}};
  EXPECT_EQ(handoff::merge_update(data, update),
            "customer: Look: [a.png] https://x.example/a [attachment] https://x.example/b\n"
            "customer: [c.pdf] https://x.example/c");
  EXPECT_EQ(handoff::merge_update(data, update), "") << "known";
}

TEST(TranscriptFile, too_large_a_one_holds_the_newest_and_says_how_many_are_missing) {
  json transcript = json::array();
  for (int i = 1; i <= 50; ++i)
    transcript.push_back({{"role", "ai"}, {"text", "Message " + std::to_string(i) + std::string(40, '.')}});
  const auto file = handoff::as_file(transcript, 1000);
  EXPECT_LE(file.size(), 1000u);
  EXPECT_TRUE(file.starts_with("[34 earlier messages are left out")) << file;
  EXPECT_EQ(file.find("Message 34."), std::string::npos);
  EXPECT_NE(file.find("Message 35."), std::string::npos);
  EXPECT_NE(file.find("Message 50."), std::string::npos);
}

TEST(TranscriptFile, is_for_what_is_longer_than_an_agent_reads) {
  const json message = {{"role", "customer"}, {"text", "hello"}};
  json many = json::array(), big = json::array({{{"text", std::string(20'001, 'x')}}});
  for (int i = 0; i < 40; ++i) many.push_back(message);
  EXPECT_FALSE(handoff::is_long(many));
  many.push_back(message);
  EXPECT_TRUE(handoff::is_long(many));
  EXPECT_TRUE(handoff::is_long(big));
  EXPECT_FALSE(handoff::is_long(JsonView()));
}

}  // namespace
}  // namespace baton::handoff_testing
