// Purpose: waits, times and choices in words.
#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "tests/tell/shipped.h"

namespace baton::tell_testing {
namespace {

using namespace handoff;
using namespace handoff::tell;
using nlohmann::json;

TimePoint instant(const char* text) { return *parse_rfc3339(text); }
const Words& words(const char* language) { return shipped().find(WorkspaceId("main"), language)->words; }

TEST(WaitInWords, is_never_narrower_than_the_estimate) {
  const auto said = [](Duration low, Duration high) { return wait_in_words({low, high}, words("en")); };
  EXPECT_EQ(said(0s, 20s), "about a minute");
  EXPECT_EQ(said(20s, 100s), "about 1 to 2 minutes");
  EXPECT_EQ(said(5min, 10min), "about 5 to 10 minutes");
  EXPECT_EQ(said(5min, 5min), "about 5 minutes");
  EXPECT_EQ(said(12min, 18min), "about 10 to 20 minutes");
  EXPECT_EQ(said(61min, 89min), "about 60 to 90 minutes");
  EXPECT_EQ(said(34min, 91min), "about 30 minutes to 2 hours");
  EXPECT_EQ(said(61min, 3h + 1min), "about 1 to 4 hours");
  EXPECT_EQ(said(2h, 2h), "about 2 hours");
  EXPECT_EQ(said(20h, 30h), "about 20 to 30 hours");
  EXPECT_EQ(said(25h, 30h), "more than a day");
  EXPECT_EQ(said(-5min, -1min), "about a minute") << "an estimate that makes no sense";
  EXPECT_EQ(said(9min, 3min), "about 3 minutes") << "likewise";
}

TEST(WaitInWords, speaks_every_language) {
  const Range wait{5min, 10min};
  EXPECT_EQ(wait_in_words(wait, words("de")), "etwa 5 bis 10 Minuten");
  EXPECT_EQ(wait_in_words(wait, words("fr")), "environ 5 à 10 minutes");
  EXPECT_EQ(wait_in_words(wait, words("es")), "entre 5 y 10 minutos");
  EXPECT_EQ(wait_in_words(wait, words("pt")), "cerca de 5 a 10 minutos");
}

TEST(MomentInWords, counts_days_where_the_customer_is) {
  const auto now = instant("2026-11-20T21:05:00Z");
  const auto said = [&](const char* then, const char* zone, const char* language = "en") {
    return moment_in_words(instant(then), now, zone, "", words(language));
  };
  EXPECT_EQ(said("2026-11-20T22:30:00Z", "Europe/Berlin"), "today at 11:30 pm");
  EXPECT_EQ(said("2026-11-20T23:30:00Z", "Europe/Berlin"), "tomorrow at 12:30 am");
  EXPECT_EQ(said("2026-11-20T23:30:00Z", "Asia/Tokyo"), "today at 8:30 am") << "it is the 21st there already";
  EXPECT_EQ(said("2026-11-23T12:00:00Z", "America/New_York"), "on Monday at 7:00 am");
  EXPECT_EQ(said("2026-12-07T08:00:00Z", "Europe/Berlin"), "on Monday, December 7, at 9:00 am");
  EXPECT_EQ(said("2026-12-07T08:00:00Z", "Europe/Berlin", "de"), "am Montag, dem 7. Dezember, um 09:00 Uhr");
  EXPECT_EQ(said("2026-12-07T08:00:00Z", "Europe/Paris", "fr"), "le lundi 7 décembre à 09:00");
  EXPECT_EQ(said("2026-12-07T08:00:00Z", "Europe/Madrid", "es"), "el lunes 7 de diciembre a las 09:00");
  EXPECT_EQ(said("2026-12-07T12:00:00Z", "America/Sao_Paulo", "pt"),
            "segunda-feira, 7 de dezembro, às 09:00");
}

TEST(MomentInWords, names_the_zone_when_it_is_not_the_customers) {
  const auto now = instant("2026-11-20T21:05:00Z");
  const auto monday = instant("2026-11-23T14:00:00Z");
  EXPECT_EQ(moment_in_words(monday, now, "", "America/New_York", words("en")),
            "on Monday at 9:00 am (New York time)");
  EXPECT_EQ(moment_in_words(monday, now, "Mars/Olympus", "", words("en")), "on Monday at 2:00 pm (UTC time)");
  EXPECT_EQ(moment_in_words(monday, now, "../../etc/passwd", "Nowhere", words("en")),
            "on Monday at 2:00 pm (UTC time)");
}

TEST(MomentInWords, follows_the_clock_change_in_both_directions) {
  const auto spring = instant("2026-03-28T12:00:00Z"), autumn = instant("2026-10-24T12:00:00Z");
  EXPECT_EQ(moment_in_words(instant("2026-03-29T07:00:00Z"), spring, "Europe/Berlin", "", words("en")),
            "tomorrow at 9:00 am");
  EXPECT_EQ(moment_in_words(instant("2026-10-25T08:00:00Z"), autumn, "Europe/Berlin", "", words("en")),
            "tomorrow at 9:00 am");
}

// --- choices

const TimePoint kNight = instant("2026-11-20T21:05:00Z");

Result<Choice> read(json event, json known = json::object()) { return read_choice(event, known, kNight); }

TEST(ReadChoice, knows_what_may_be_chosen) {
  const json ada = {{"customer", {{"email", "ada@example.com"}, {"attributes", {{"phone", "030 1234"}}}}}};
  for (std::size_t i = 0; i < kChoiceNames.size(); ++i) {
    const auto choice = read({{"choice", kChoiceNames[i]}, {"scheduled_at", "2026-11-21T09:00:00Z"}}, ada);
    ASSERT_TRUE(choice) << kChoiceNames[i];
    EXPECT_EQ(choice->kind, static_cast<ChoiceKind>(i));
  }
  EXPECT_EQ(read({{"choice", "Priority"}})->kind, ChoiceKind::priority_ticket);
  EXPECT_EQ(read({{"choice", "e-mail"}}, ada)->email, "ada@example.com");
  EXPECT_EQ(read({{"choice", "callback"}}, ada)->number, "030 1234") << "it was given before";
  EXPECT_EQ(read({{"choice", "callback"}, {"callback_number", " +49 30 1234 "}}, ada)->number, "+49 30 1234");
}

TEST(ReadChoice, says_what_is_missing) {
  const auto why = [](json event, json known = json::object()) {
    const auto choice = read(std::move(event), std::move(known));
    return choice ? "" : choice.error().detail;
  };
  EXPECT_EQ(
      why({{"choice", "calback"}}),
      "`calback` is no choice, did you mean `callback`?; there are: wait, callback, email, priority_ticket, "
      "scheduled, continue_with_ai");
  EXPECT_NE(why({{"choice", "callback"}}).find("`callback_number`"), std::string::npos);
  for (const auto* number : {"soon", "12", "<script>1234</script>", "+49;rm -rf 1234"})
    EXPECT_NE(why({{"choice", "callback"}, {"callback_number", number}}), "") << number;
  EXPECT_NE(why({{"choice", "email"}}), "");
  EXPECT_NE(why({{"choice", "email"}}, {{"customer", {{"email", "no address"}}}}), "");
  EXPECT_NE(why({{"choice", "scheduled"}}).find("`scheduled_at`"), std::string::npos);
  EXPECT_EQ(why({{"choice", "scheduled"}, {"scheduled_at", "2026-11-20T21:05:00Z"}}),
            "the time of the appointment has passed");
  for (const auto& strange : {json(), json::array(), json{{"choice", 7}}, json{{"choice", json::object()}}})
    EXPECT_NE(why(strange), "");
}

TEST(ReadChoice, stands_in_the_ticket_as_one_line) {
  const auto choice =
      read({{"choice", "callback"}, {"callback_number", "+49 30 1234"}, {"comment", "after\nfive <b>"}});
  EXPECT_EQ(in_words(*choice), "The customer chose a callback, at +49 30 1234: after five b");
}

}  // namespace
}  // namespace baton::tell_testing
