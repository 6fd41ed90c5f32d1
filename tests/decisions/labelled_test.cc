// Purpose: the rules that ship against conversations that somebody labelled without knowing them (S30). The
// figures are printed with every miss; only the open sets are held to them, the others are measured.
#include <cstdio>

#include "tests/decisions/rules.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

struct Confusion {
  int caught = 0, missed = 0, unneeded = 0, left_alone = 0, other_team = 0, too_low = 0;

  double recall() const { return caught + missed == 0 ? 1 : static_cast<double>(caught) / (caught + missed); }
  double false_share() const {
    return unneeded + left_alone == 0 ? 0 : static_cast<double>(unneeded) / (unneeded + left_alone);
  }
};

void count(const json& one, Confusion& into) {
  const auto decision = decide(one.at("data"), shipped_rules());
  const auto& label = one.at("label");
  const bool wanted = label.at("handoff").get<bool>();
  auto& cell = wanted ? (decision.hand_over ? into.caught : into.missed)
                      : (decision.hand_over ? into.unneeded : into.left_alone);
  ++cell;
  if (wanted != decision.hand_over) {
    std::printf("%s: %s\n  %s\n", wanted ? "missed" : "not needed", one.at("name").get<std::string>().c_str(),
                to_json(decision).dump().c_str());
  }
  if (!wanted || !decision.hand_over) return;
  if (label.contains("team") && label["team"] != decision.team) {
    ++into.other_team;
    std::printf("other team: %s: %s\n", one.at("name").get<std::string>().c_str(), decision.team.c_str());
  }
  const auto least = priority_from(label.value("priority", "low")).value_or(Priority::low);
  if (decision.priority < least) ++into.too_low;
}

Confusion measure(const std::string& half) {
  const auto text = read_text(std::filesystem::path(BATON_SOURCE_DIR) / "tests/decisions/labelled" / half);
  const auto labelled = json::parse(text, nullptr, false);
  EXPECT_TRUE(labelled.is_array() && !labelled.empty()) << half << " cannot be read";
  Confusion confusion;
  for (const auto& one : labelled) count(one, confusion);
  std::printf("%s: %zu conversations\n", half.c_str(), labelled.size());
  std::printf("                  hand over   go on\n");
  std::printf("  needs a person  %9d  %6d   caught %.1f %%\n", confusion.caught, confusion.missed,
              100 * confusion.recall());
  std::printf("  needs none      %9d  %6d   false %.1f %%\n", confusion.unneeded, confusion.left_alone,
              100 * confusion.false_share());
  std::printf("  other team %d, priority too low %d\n", confusion.other_team, confusion.too_low);
  return confusion;
}

TEST(Labelled, the_open_half_is_decided_as_it_is_labelled) {
  const auto confusion = measure("open.json");
  EXPECT_GE(confusion.recall(), 0.95);
  EXPECT_LE(confusion.false_share(), 0.05);
  EXPECT_EQ(confusion.other_team, 0);
}

TEST(Labelled, the_second_open_set_is_decided_as_it_is_labelled) {
  const auto confusion = measure("tune2.json");
  EXPECT_GE(confusion.recall(), 0.95);
  EXPECT_LE(confusion.false_share(), 0.05);
}

TEST(Labelled, the_third_open_set_is_decided_as_it_is_labelled) {
  const auto confusion = measure("tune3.json");
  EXPECT_GE(confusion.recall(), 0.95);
  EXPECT_LE(confusion.false_share(), 0.05);
}

TEST(Labelled, the_fourth_open_set_is_decided_as_it_is_labelled) {
  const auto confusion = measure("tune4.json");
  EXPECT_GE(confusion.recall(), 0.95);
  EXPECT_LE(confusion.false_share(), 0.05);
}

// Whoever speaks like this needs nobody, until they say so.
TEST(Labelled, after_any_harmless_talk_a_person_who_is_asked_for_and_danger_are_heard) {
  constexpr std::size_t kEvery = 60;  // each has its turn with another one of them
  const std::vector<std::string> grave = {"can I talk to a human please",
                                          "get me an agent",
                                          "ich möchte mit einem Menschen sprechen",
                                          "je veux parler à un conseiller",
                                          "quiero hablar con una persona",
                                          "quero falar com um atendente",
                                          "there is smoke coming out of the charger",
                                          "I want to kill myself",
                                          "es kommt rauch aus dem ladegerät",
                                          "ich will nicht mehr leben",
                                          "la prise fait des étincelles",
                                          "je veux mourir",
                                          "sale humo del cargador",
                                          "no quiero vivir más",
                                          "tá saindo fumaça do carregador",
                                          "quero morrer",
                                          "he hit me and I am scared"};
  std::size_t harmless = 0;
  for (const char* file : {"learn_month_goods.json", "learn_month_de_fr.json", "learn_month_es_pt.json"}) {
    const auto path = std::filesystem::path(BATON_SOURCE_DIR) / "tests/decisions/labelled" / file;
    for (auto& one : json::parse(read_text(path))) {
      if (one["label"]["handoff"].get<bool>() || harmless++ % kEvery != 0) continue;
      for (const auto& text : grave) {
        auto data = one["data"];
        data["transcript"].push_back({{"role", "customer"}, {"text", text}});
        EXPECT_TRUE(decide(data, shipped_rules()).hand_over) << data["transcript"].dump(1);
      }
    }
  }
  EXPECT_GT(harmless, kEvery);
}

TEST(Labelled, the_held_out_half_is_measured) { (void)measure("held_out.json"); }

TEST(Labelled, the_second_held_out_set_is_measured) { (void)measure("held_out2.json"); }

TEST(Labelled, the_third_held_out_set_is_measured) { (void)measure("held_out3.json"); }

TEST(Labelled, the_fourth_held_out_set_is_measured) { (void)measure("held_out4.json"); }

TEST(Labelled, the_fifth_held_out_set_is_measured) { (void)measure("held_out5.json"); }

TEST(Labelled, the_sixth_held_out_set_is_measured) { (void)measure("held_out6.json"); }

TEST(Labelled, the_seventh_held_out_set_is_measured) { (void)measure("held_out7.json"); }

TEST(Labelled, the_eighth_held_out_set_is_measured) { (void)measure("held_out8.json"); }

TEST(Labelled, the_ninth_held_out_set_is_measured) { (void)measure("held_out9.json"); }

}  // namespace
}  // namespace baton::handoff
