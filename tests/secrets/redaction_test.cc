#include "secrets/redaction.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "tests/secrets/folder.h"

namespace baton::secrets {
namespace {

std::unique_ptr<Redactor> redactor_of(std::initializer_list<std::string_view> secrets, bool emails = false) {
  auto made = *Redactor::make(emails);
  for (const auto secret : secrets) EXPECT_TRUE(made->add(Secret(std::string(secret))));
  return made;
}

std::string ascii_json(const std::string& text) { return nlohmann::json(text).dump(-1, ' ', true); }

// Every way in which a text may hold the secret, made without the code under test.
std::vector<std::string> spellings(const std::string& secret) {
  const auto lower_percent =
      to_lower(percent_encode(secret)) == percent_encode(secret) ? secret : percent_encode(secret);
  auto upper_hex = to_hex(secret);
  for (auto& c : upper_hex) c = static_cast<char>(::toupper(c));
  std::vector<std::string> all{secret,
                               lower_percent,
                               to_hex(secret),
                               upper_hex,
                               to_base64(secret),
                               to_base64url(secret),
                               percent_encode(to_base64(secret)),
                               ascii_json(to_base64(secret))};
  if (is_utf8(secret)) {
    all.push_back(nlohmann::json(secret).dump());
    all.push_back(ascii_json(secret));
  }
  for (const auto* before : {"u:", "us:", "usr:"}) {
    for (const auto* after : {"", "x", "xy"}) {
      all.push_back(to_base64(before + secret + after));
      all.push_back(to_base64url(before + secret + after));
    }
  }
  return all;
}

// The longest part of `spelling` that is still to be read in `text`.
std::size_t longest_left(std::string_view text, std::string_view spelling) {
  std::size_t longest = 0;
  for (std::size_t i = 0; i < spelling.size(); ++i) {
    while (i + longest < spelling.size() &&
           text.find(spelling.substr(i, longest + 1)) != std::string_view::npos) {
      ++longest;
    }
  }
  return longest;
}

TEST(Redaction, a_canary_is_found_in_every_spelling) {
  for (const std::string secret :
       {"CANARY-4f9a02d7", "c\xc3\xa4n/ary+\"quoted\\\" \xf0\x9f\x98\x80 \n!", "?>>>canary//~~", "sixsix"}) {
    const auto redactor = redactor_of({secret});
    for (const auto& spelling : spellings(secret)) {
      const auto text = redactor->redact("# " + spelling + " #", kWhole);
      EXPECT_NE(text.find(kRedacted), std::string::npos) << spelling;
      EXPECT_LE(longest_left(text.substr(2, text.size() - 4), spelling), 7u) << spelling << " -> " << text;
      EXPECT_TRUE(text.starts_with("# ") && text.ends_with(" #")) << text;
    }
  }
}

TEST(Redaction, a_secret_of_any_bytes_is_found_in_its_encodings) {
  std::string secret;
  for (int i = 0; i < 24; ++i) secret += static_cast<char>(i * 37 + 128);
  const auto redactor = redactor_of({secret});
  for (const auto& spelling :
       {to_hex(secret), to_base64(secret), to_base64url(secret), percent_encode(secret), secret}) {
    EXPECT_EQ(redactor->redact("<" + spelling + ">", kWhole).substr(0, 11), "<[redacted]") << spelling;
  }
}

TEST(Redaction, json_of_other_languages_is_read_too) {
  const auto redactor = redactor_of({"pass&word=<1>/2"});
  for (const auto* text : {R"("pass&word=<1>\/2")", R"("pass\u0026word=\u003c1\u003e/2")",
                           R"("pass\u0026word\u003d\u003c1\u003e/2")"}) {
    EXPECT_EQ(redactor->redact(text), "\"[redacted]\"") << text;
  }
}

TEST(Redaction, several_secrets_and_overlaps_are_one_hole) {
  const auto redactor =
      redactor_of({"abcdefgh", "efghijkl", "abcdefghijklmnop", "whsec_AAAAAA", "whsec_BBBBBB"});
  EXPECT_EQ(redactor->redact("-abcdefghijkl-"), "-[redacted]-");
  EXPECT_EQ(redactor->redact("-abcdefghijklmnop-efghijkl-"), "-[redacted]-[redacted]-");
  EXPECT_EQ(redactor->redact("whsec_AAAAAA whsec_BBBBBB"), "[redacted] [redacted]");
  EXPECT_EQ(redactor->redact("abcdefg"), "abcdefg");
}

TEST(Redaction, the_text_around_stays) {
  const auto redactor = redactor_of({"zdApiToken123"});
  EXPECT_EQ(redactor->redact("GET /x?key=zdApiToken123&a=1 gave 401"), "GET /x?key=[redacted]&a=1 gave 401");
  EXPECT_EQ(redactor->redact(""), "");
  EXPECT_EQ(redactor->redact("nothing to hide: 42"), "nothing to hide: 42");
}

TEST(Redaction, reset_forgets_and_short_secrets_are_not_taken) {
  const auto redactor = redactor_of({"first-secret"});
  EXPECT_FALSE(redactor->add(Secret("short")));
  std::vector<Secret> others;
  others.emplace_back("second-secret");
  redactor->reset(others);
  EXPECT_EQ(redactor->redact("first-secret second-secret"), "first-secret [redacted]");
  EXPECT_TRUE(redactor->add(Secret("second-secret")));  // known already
}

TEST(Redaction, what_looks_like_a_credential_goes_whoever_it_belongs_to) {
  const auto redactor = redactor_of({});
  for (const auto& [text, expected] : std::initializer_list<std::pair<std::string, std::string>>{
           {"Authorization: Bearer abc.def-123 rest", "Authorization: [redacted]"},
           {"sent Bearer abc.def-123, got 401", "sent Bearer [redacted], got 401"},
           {"basic YWdlbnQ6eA==", "basic [redacted]"},
           {"{\"authorization\":\"Token xyz\",\"a\":1}", "{\"authorization\":\"[redacted]\",\"a\":1}"},
           {"x whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw y", "x [redacted] y"},
           {"xoxb-12-34-ab xoxp-12-34-ab", "[redacted] [redacted]"},
           {"(sk_live_4eC39HqLyjW) sk_test_4eC39HqLyjW", "([redacted]) [redacted]"},
           {"pat-na1-1f2e3d4c-55", "[redacted]"},
           {"lin_api_abcdefgh1", "[redacted]"},
           {"\"access_token\": \"a b\\\"", "\"access_token\": \"[redacted]\\\""},
           {"{\\\"client_secret\\\":\\\"hidden\\\"}", "{\\\"client_secret\\\":\\\"[redacted]\\\"}"},
           {"grant&client_secret=hidden&x=1", "grant&client_secret=[redacted]&x=1"},
           {"X-Api-Key: hidden", "X-Api-Key: [redacted]"},
           {"eyJhbGciOiJIUzI1NiJ9.eyJzY29wZSI6ImFwcCJ9.G0Sz8Nw2", "[redacted]"},
           {"card 4242 4242 4242 4242.", "card [redacted]."},
           {"card 4242-4242-4242-4242", "card [redacted]"},
           {"378282246310005", "[redacted]"}}) {
    EXPECT_EQ(redactor->redact(text), expected);
  }
}

TEST(Redaction, ordinary_words_and_numbers_stay) {
  const auto redactor = redactor_of({});
  for (const std::string text :
       {"Basic authentication failed", "the bearer token expired", "compat-layer2-version9",
        "pat-on-the-back", "4242 4242 4242 4241", "ticket 8447388090495 at 1788257734000",
        "14242424242424242", "the password is wrong", "bat_file", "anna@example.com", "task_test_1"}) {
    EXPECT_EQ(redactor->redact(text), text);
  }
}

TEST(Redaction, emails_go_if_asked) {
  const auto redactor = redactor_of({}, true);
  EXPECT_EQ(redactor->redact("to anna.b+c@mail.example.com, @team"), "to [redacted], @team");
}

TEST(Redaction, it_is_cut_after_redaction_between_characters) {
  const auto redactor = redactor_of({"CANARY-4f9a02d7"});
  const auto text = redactor->redact(std::string(505, 'x') + "CANARY-4f9a02d7");
  EXPECT_EQ(text, std::string(505, 'x') + "[redac\xE2\x80\xA6");
  EXPECT_EQ(count_code_points(text), 512u);
  std::string accents;
  for (int i = 0; i < 600; ++i) accents += "\xc3\xa9";
  EXPECT_EQ(count_code_points(redactor->redact(accents)), 512u);
  EXPECT_TRUE(is_utf8(redactor->redact(accents + "\xff")));
  EXPECT_EQ(redactor->redact(accents, kWhole), accents);
  EXPECT_EQ(redactor->redact(std::string(512, 'x')), std::string(512, 'x'));
}

TEST(Redaction, hostile_texts_cost_their_length_and_not_its_square) {
  const auto redactor = redactor_of({"whsec_AAAAAAAAAAAAAAAA", "whsec_BBBBBBBBBBBBBBBB"}, true);
  for (const std::string unit : {"eyJ.", "pat-", "password=", "authorization:", "whsec_", "bearer ", "4",
                                 "a@", "@.", "\\n", "basic ", "access_token\"", "4 "}) {
    std::string text;
    while (text.size() < 256 * 1024) text += unit;
    const auto begin = std::chrono::steady_clock::now();
    redactor->redact(text);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s) << unit;  // its square takes minutes
  }
}

TEST(Redaction, threads_may_redact_while_secrets_are_added) {
  const auto redactor = redactor_of({"CANARY-4f9a02d7"});
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) wrong += redactor->redact("a CANARY-4f9a02d7 b") != "a [redacted] b";
      });
    }
    for (int i = 0; i < 50; ++i) redactor->add(Secret("another-secret-" + std::to_string(i)));
  }
  EXPECT_EQ(wrong, 0);
}

// --- tokens that come and go

TEST(Redaction, of_each_holder_the_latest_two_tokens_are_known) {
  const auto redactor = redactor_of({"lasting-secret"});
  const auto token = [](int n) { return "token-number-" + std::to_string(n); };
  for (int n = 1; n <= 3; ++n) EXPECT_TRUE(redactor->remember("desk", Secret(token(n))));
  redactor->remember("other", Secret(token(7)));
  redactor->remember("desk", Secret(token(3)));  // once more: nothing is displaced
  EXPECT_EQ(redactor->redact(token(1)), token(1)) << "forgotten: tokens do not pile up";
  for (const auto& known : {token(2), token(3), token(7), std::string("lasting-secret")}) {
    EXPECT_EQ(redactor->redact("<" + known + ">"), "<[redacted]>");
    EXPECT_EQ(redactor->redact("<" + to_base64(known) + ">").find(to_base64(known).substr(0, 12)),
              std::string::npos);
    EXPECT_EQ(redactor->redact("<" + to_hex(known) + ">"), "<[redacted]>");
  }
  redactor->add(Secret(std::string("another-lasting")));
  EXPECT_EQ(redactor->redact(token(3)), "[redacted]") << "what is added later displaces none";
  EXPECT_FALSE(redactor->remember("desk", Secret(std::string("short"))));
  redactor->reset({});
  EXPECT_EQ(redactor->redact(token(3)), token(3));
}

TEST(Redaction, a_secret_is_found_whole_wherever_the_search_of_a_long_text_ends) {
  const std::string secret = "lasting-secret-of-some-length";
  const auto redactor = redactor_of({secret});
  for (std::size_t words = 16 * 1024 - 40; words < 16 * 1024 + 10; ++words) {
    // Shown are few characters, but made of many: all before the end are secrets themselves.
    std::string text;
    while (text.size() + secret.size() < words) text += secret;
    text.append(words - text.size(), '-').append(secret).append(30'000, 'x');
    const auto clean = redactor->redact(text, 100'000);
    EXPECT_EQ(clean.find("lasting-"), std::string::npos) << words;
    EXPECT_EQ(redactor->redact(text, 600).find("lasting-"), std::string::npos) << words;
  }
}

TEST(Redaction, what_is_far_behind_the_cut_is_not_searched) {
  const auto redactor = redactor_of({"lasting-secret-of-some-length"});
  const std::string page(50'000'000, 'x');
  const auto before = std::chrono::steady_clock::now();
  for (int i = 0; i < 20; ++i) EXPECT_LE(redactor->redact(page).size(), 600u);
  // Searching a gigabyte takes many seconds; sixteen kilobytes, twenty times, do not.
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(3));
}

}  // namespace
}  // namespace baton::secrets
