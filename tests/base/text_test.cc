#include "gateway/base/text.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Text, base64_round_trips_and_refuses_second_spellings) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "fooba", "foobar"}) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
  }
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_FALSE(from_base64("Zm9vYh=="));  // the unused bits are not zero
  EXPECT_FALSE(from_base64("Zm9vYg="));
  EXPECT_FALSE(from_base64("Zm9=Yg=="));
  EXPECT_EQ(to_base64url("\xfb\xff"), "-_8");
}

TEST(Text, hex_reads_both_cases) {
  EXPECT_EQ(to_hex(std::string("\x00\xAB", 2)), "00ab");
  EXPECT_EQ(from_hex("00aB"), std::string("\x00\xAB", 2));
  EXPECT_FALSE(from_hex("0"));
  EXPECT_FALSE(from_hex("zz"));
}

TEST(Text, utf8_is_checked_cut_and_mended_between_code_points) {
  EXPECT_TRUE(is_utf8("Zo\u00eb \u2713 \U0001F600"));
  EXPECT_FALSE(is_utf8("\xC0\x80"));          // overlong
  EXPECT_FALSE(is_utf8("\xED\xA0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xF4\x90\x80\x80"));  // beyond U+10FFFF
  EXPECT_FALSE(is_utf8("\xE2\x82"));          // cut off
  EXPECT_EQ(clip_utf8("a\u20AC", 3), "a");
  EXPECT_EQ(clip_utf8("a\u20AC", 4), "a\u20AC");
  EXPECT_EQ(to_valid_utf8("a\xFF" "b"), "a\uFFFD" "b");
  EXPECT_EQ(count_code_points("\u20AC\U0001F600"), 2u);
}

TEST(Text, percent_encoding_round_trips) {
  EXPECT_EQ(percent_encode("a+b@c d"), "a%2Bb%40c%20d");
  EXPECT_EQ(percent_decode("a%2Bb+c"), "a+b+c");
  EXPECT_EQ(percent_decode("a%2Bb+c", true), "a+b c");
  EXPECT_FALSE(percent_decode("%2"));
}

TEST(Text, the_nearest_name_is_found_and_a_far_one_is_not) {
  const std::vector<std::string> known = {"customer", "conversation", "intent"};
  EXPECT_EQ(nearest("custmer", known), "customer");
  EXPECT_EQ(nearest("Intnet", known), "intent");
  EXPECT_EQ(nearest("zzz", known), std::nullopt);
}

}  // namespace
}  // namespace baton
