// Purpose: what a conversation shows, as figures that rows can be held against: read once from the request
// and from what was said in it. Owner: decide(). Threads: any; plain values. Units: as each sign says.
// Errors: none.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/handoff/classifier.h"
#include "gateway/handoff/phrases.h"
#include "gateway/model/node.h"

namespace baton::handoff {

enum class Mood { calm, frustrated, angry };

// The order is that of kSignNames. Those up to `product` are texts; flags are 0 or 1.
enum class Sign {
  category,
  ownership,
  tier,
  page,
  product,
  channel,
  asks_for_person,
  distressed,
  urgent,
  unsettled,
  dead_end,
  error,
  at_risk,
  vip,
  falling,
  stuck,
  unfamiliar,
  likely,
  mood,
  attempts,
  exchanges,
  repeats,
  same_issue,
  this_week,
  concerns,
  likelihood,
  doubt,
};
inline constexpr std::size_t kSigns = 27;
inline constexpr std::size_t kFirstFigure = 6;
inline constexpr std::size_t kFirstCount = 18;  // before it flags, from it on figures
const std::array<std::string_view, kSigns>& sign_names();

// The lists of phrases that exist beside those of the topics, which bear a category's name.
const std::vector<std::string>& phrase_lists();

struct SignRules {
  Phrases phrases;
  std::array<double, 2> scores = {-0.35, -0.7};    // of frustrated and angry, at most
  std::array<std::vector<std::string>, 2> labels;  // that mean frustrated and angry
  std::vector<std::string> vip_tiers;
  struct Page {
    std::string name;
    std::vector<std::string> words;  // of its address, title or screen; folded, may be several
  };
  std::vector<Page> pages;
  double falling = 0.4;  // so much worse than at the start
  // Told in so many words at least, and with the AI less sure than this: see Sign::unfamiliar.
  int unfamiliar_words = 8;
  double unfamiliar_sure = 0.8;
};

// Something that was said, or is known, and speaks for a sign.
struct Evidence {
  std::string about;  // a list of phrases or a sign
  std::string words;  // "the customer wrote `speak to a person`"
};

struct Signs {
  std::array<double, kSigns> figures = {};
  std::array<std::vector<std::string>, kFirstFigure> texts;
  std::vector<std::string> topics;  // recognised by what was said
  bool asks_of_product = false;     // how to do it in the product, for others or with a part of it
  std::string given_category;       // as the platform named it, folded
  std::string given_name;
  std::optional<double> confidence;
  std::vector<Evidence> evidence;
  // Turns of which it only looks as if they had not helped; how likely a person is needed says whether they
  // count.
  int fruitless = 0;
  std::vector<Sign> perhaps;  // flags that only a weak phrase speaks for; likewise
  Heard heard;

  double of(Sign sign) const { return figures[static_cast<std::size_t>(sign)]; }
  void set(Sign sign, double value) { figures[static_cast<std::size_t>(sign)] = value; }
  Mood mood() const { return static_cast<Mood>(static_cast<int>(of(Sign::mood))); }
  const std::string* evidence_of(std::string_view about) const;
};

Signs read_signs(const nlohmann::json& request, const SignRules& rules);

std::string_view name_of(Mood mood);

// "Account-Security" and "account_security" are "account security".
std::string folded_name(std::string_view text);

}  // namespace baton::handoff
