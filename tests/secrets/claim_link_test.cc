#include "secrets/claim_link.h"

#include <gtest/gtest.h>

namespace baton::secrets {
namespace {

using namespace std::chrono_literals;

ClaimLinks links(const std::string& key = "baton-claim-key-0001") { return *ClaimLinks::make(Secret(key)); }

const HandoffId kHandoff("ho_01J7ZK3Q8V5R2M");
const TimePoint kEnd{1788344129s};

// The vector of fact sheet microsoft-teams, section 5.
TEST(ClaimLink, agrees_with_the_vector) {
  EXPECT_EQ(*links().token(kHandoff, kEnd),
            "ho_01J7ZK3Q8V5R2M.1788344129.4o9koO5Z97pB8K-Q9zCFkS2gx2vM-2A-wVjsIYxsZ1c");
}

TEST(ClaimLink, names_its_handoff_until_it_ends) {
  const auto token = *links().token(kHandoff, kEnd);
  EXPECT_EQ(links().open(token, kEnd)->text, kHandoff.text);
  const auto late = links().open(token, kEnd + 1ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().detail, "this link has ended");
}

TEST(ClaimLink, of_another_key_handoff_or_end_is_refused) {
  const auto token = *links().token(kHandoff, kEnd);
  EXPECT_FALSE(links("another-key-of-16-characters").open(token, kEnd));
  auto other = token;
  other.replace(3, 2, "02");
  EXPECT_FALSE(links().open(other, kEnd));
  auto later = token;
  later.replace(later.find('.') + 1, 1, "2");
  EXPECT_FALSE(links().open(later, kEnd));
}

TEST(ClaimLink, with_any_flipped_character_or_of_any_length_is_refused) {
  const auto token = *links().token(kHandoff, kEnd);
  for (std::size_t i = 0; i < token.size(); ++i) {
    auto flipped = token;
    flipped[i] = flipped[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(links().open(flipped, kEnd)) << i;
    EXPECT_FALSE(links().open(token.substr(0, i), kEnd)) << i;
  }
  EXPECT_FALSE(links().open(token + ".x", kEnd));
  EXPECT_FALSE(links().open(std::string(10'000, '.'), kEnd));
  EXPECT_FALSE(links().open("", kEnd));
}

TEST(ClaimLink, needs_a_key_that_cannot_be_guessed) {
  EXPECT_FALSE(ClaimLinks::make(Secret("short")));
  EXPECT_FALSE(ClaimLinks::make(Secret()));
}

}  // namespace
}  // namespace baton::secrets
