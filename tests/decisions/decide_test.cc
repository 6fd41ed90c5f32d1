// Purpose: the rules that ship, row by row, and what must hold for any conversation.
#include <chrono>
#include <cstdio>
#include <random>

#include "tests/decisions/rules.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

HandoverDecision decided(const json& request) { return decide(request, shipped_rules()); }

std::vector<std::string> rows_of(const HandoverDecision& decision) {
  std::vector<std::string> rows;
  for (const auto& reason : decision.why) rows.push_back(reason.row);
  return rows;
}

bool fired(const HandoverDecision& decision, std::string_view row) {
  return std::ranges::any_of(decision.why, [&](const Reason& reason) { return reason.row == row; });
}

const std::vector<std::string>& requests() {
  static const auto& kTexts = *new std::vector<std::string>{"I want to speak to a human",
                                                            "can i talk to a real person please",
                                                            "AGENT",
                                                            "representative!!!",
                                                            "connect me to an agent",
                                                            "let me spaek to a represenative",
                                                            "this isn't helping",
                                                            "human pleaaase",
                                                            "put me through to your manager",
                                                            "Mensch bitte",
                                                            "Ich möchte mit einem Mitarbeiter sprechen",
                                                            "ich moechte einen echten menschen",
                                                            "Je veux parler à un conseiller",
                                                            "passez-moi un humain",
                                                            "Quiero hablar con un agente",
                                                            "asesor",
                                                            "Quero falar com um atendente",
                                                            "atendimento humano",
                                                            "ＡＧＥＮＴ please",
                                                            "I don't want to talk to a bot, give me a human"};
  return kTexts;
}

TEST(Decide, a_request_for_a_person_is_honoured_at_once) {
  for (const auto& text : requests()) {
    const auto decision = decided(asks(text));
    EXPECT_TRUE(decision.hand_over) << text;
    EXPECT_EQ(decision.why.empty() ? "" : decision.why.front().row, "explicit_request") << text;
  }
}

TEST(Decide, words_that_only_look_like_a_request_are_none) {
  for (const char* text :
       {"Where is the human resources page?", "What is the operator precedence in formulas?",
        "I don't need a human, just tell me the limit", "How do I add an agent to my workspace?",
        "Can my customers talk to an agent in your widget?", "Which user agent does the crawler send?",
        "Ich brauche keinen Mitarbeiter, nur den Link", "Wie kann ich Mitarbeiter importieren?",
        "Pas besoin d'un conseiller, juste le lien", "no hace falta un agente, solo el enlace",
        "Não preciso de um atendente, só o link", "How do I cancel a scheduled message?",
        "How do I record a refund for my customer?", "We named the board 'legal', can I rename it?"}) {
    const auto decision = decided(asks(text));
    EXPECT_FALSE(decision.hand_over) << text << " " << to_json(decision).dump();
  }
}

struct Case {
  const char* what;
  json change;  // merged into a sure how-to question
  bool hand_over;
  const char* row;
};

TEST(Decide, each_row_speaks_for_what_its_requirement_says) {
  const auto failed = [](int n) {
    return json(std::vector<json>(static_cast<std::size_t>(n), json{{"action", "x"}}));
  };
  const auto said = [](const char* text) { return json::array({{{"role", "customer"}, {"text", text}}}); };
  const json technical = {{"category", "technical"}, {"confidence", 0.9}};
  const std::vector<Case> cases = {
      {"S2 low confidence",
       {{"intent", {{"category", "technical"}, {"confidence", 0.2}}}},
       true,
       "technical.confidence"},
      {"S5 legal whatever the confidence",
       {{"intent", {{"category", "legal"}, {"confidence", 1}}}},
       true,
       "legal"},
      {"S5 by another name", {{"intent", {{"category", "GDPR"}, {"confidence", 1}}}}, true, "data_privacy"},
      {"S9 refund",
       {{"intent", {{"category", "refund_request"}}}, {"transcript", said("it is about what I paid")}},
       true,
       "refund"},
      {"S25 cancellation",
       {{"intent", {{"category", "cancellation"}}}, {"transcript", said("it is about my contract")}},
       true,
       "cancellation"},
      {"S12 three calm attempts", {{"intent", technical}, {"attempts", failed(3)}}, false, ""},
      {"S12 four calm attempts",
       {{"intent", technical}, {"attempts", failed(4)}},
       true,
       "technical.attempts"},
      {"S3 one angry attempt",
       {{"intent", technical}, {"attempts", failed(1)}, {"sentiment", {{"score", -0.9}}}},
       true,
       "technical.attempts"},
      {"S4 anger alone", {{"intent", technical}, {"sentiment", {{"score", -0.9}}}}, false, ""},
      {"S10 error screen",
       {{"intent", technical}, {"attempts", failed(2)}, {"page", {{"url", "https://x/error/500"}}}},
       true,
       "error-screen"},
      {"S11 enterprise",
       {{"intent", technical}, {"attempts", failed(1)}, {"customer", {{"tier", "Enterprise"}}}},
       true,
       "vip-not-helped-at-once"},
      {"S11 at risk",
       {{"intent", technical}, {"attempts", failed(1)}, {"customer", {{"at_risk", true}}}},
       true,
       "at-risk-not-helped-at-once"},
      {"S20 fourth contact", {{"contacts", {{"same_issue", 4}}}}, false, ""},
      {"S20 fifth contact", {{"contacts", {{"same_issue", 5}}}}, true, "fifth-contact"},
      {"S21 a week of contacts", {{"contacts", {{"week", 6}}}}, false, ""},
      {"an unknown category", {{"intent", {{"category", "zzz"}, {"confidence", 0.9}}}}, false, ""},
  };
  for (const auto& one : cases) {
    auto request = asks("it is about the export");
    request.merge_patch(one.change);
    const auto decision = decided(request);
    EXPECT_EQ(decision.hand_over, one.hand_over) << one.what << " " << to_json(decision).dump();
    if (*one.row) EXPECT_TRUE(fired(decision, one.row)) << one.what << " " << to_json(decision).dump();
  }
}

TEST(Decide, an_offer_that_is_accepted_is_a_request_and_one_declined_is_none) {
  auto request = asks("yes please", "technical");
  request["transcript"].insert(request["transcript"].begin(),
                               json{{"role", "ai"}, {"text", "Shall I connect you with a colleague?"}});
  EXPECT_TRUE(decided(request).hand_over);
  request["transcript"][1]["text"] = "no thanks, that works";
  EXPECT_FALSE(decided(request).hand_over);
}

TEST(Decide, an_earlier_request_that_was_talked_over_still_counts_until_it_is_taken_back) {
  auto request = asks("it is the blue one", "technical");
  auto& transcript = request["transcript"];
  transcript.insert(transcript.begin(), json{{"role", "customer"}, {"text", "human please"}});
  EXPECT_TRUE(decided(request).hand_over);
  transcript[1]["text"] = "never mind, found it, thanks";
  EXPECT_FALSE(decided(request).hand_over);
}

TEST(Decide, a_conversation_that_a_person_gave_back_is_the_ais_again) {
  auto request = asks("Thanks! How do I change my photo now?");
  auto& transcript = request["transcript"];
  transcript.insert(transcript.begin(), json{{"role", "agent"}, {"text", "Unlocked."}});
  transcript.insert(transcript.begin(), json{{"role", "customer"}, {"text", "human please"}});
  EXPECT_FALSE(decided(request).hand_over);
}

json talk(const std::vector<std::string>& said) {
  auto request = asks("", "technical");
  request["transcript"] = json::array();
  for (std::size_t i = 0; i < said.size(); ++i) {
    request["transcript"].push_back({{"role", i % 2 == 0 ? "customer" : "ai"}, {"text", said[i]}});
  }
  return request;
}

TEST(Decide, what_was_tried_is_counted_from_the_transcript_up_to_the_last_progress) {
  const std::vector<std::string> tried = {"the badge printer is mute",
                                          "Please restart it.",
                                          "restarted it",
                                          "Please update the driver.",
                                          "it has the newest",
                                          "Use another cable.",
                                          "swapped it",
                                          "Reinstall the app.",
                                          "did all that"};
  EXPECT_TRUE(fired(decided(talk(tried)), "technical.attempts"));
  auto helped = tried;
  helped[6] = "brilliant, that works, thanks";
  EXPECT_FALSE(fired(decided(talk(helped)), "technical.attempts"));
}

TEST(Decide, the_same_advice_in_other_words_is_the_same_advice) {
  EXPECT_TRUE(
      fired(decided(talk({"the tiles are grey", "Please refresh the page.", "grey?",
                          "Refresh the page once more, please.", "GREY?", "Please refresh the page."})),
            "going-in-circles"));
}

TEST(Decide, a_tale_that_is_no_question_no_trouble_and_no_thanks_is_unfamiliar_unless_the_ai_is_sure) {
  auto request = asks("a heron has been sitting on the roof of our warehouse since the morning", "other");
  request["intent"].erase("confidence");
  EXPECT_TRUE(fired(decided(request), "unfamiliar"));
  request["intent"]["confidence"] = 0.9;
  EXPECT_FALSE(fired(decided(request), "unfamiliar"));  // what is likely is another row's
  request["intent"].erase("confidence");
  request["transcript"][0]["text"] = "How do I see in the app since when the heron has been on the roof?";
  EXPECT_FALSE(decided(request).hand_over);
}

TEST(Decide, a_category_that_only_the_platform_names_yields_to_a_question_about_the_product) {
  auto request = asks("Where do I set until when my clients may cancel a session?", "cancellation");
  EXPECT_FALSE(decided(request).hand_over);
  request["intent"]["confidence"] = 0.97;
  EXPECT_TRUE(fired(decided(request), "cancellation"));
  request["intent"]["confidence"] = 0.9;
  request["transcript"][0]["text"] = "How do I get out of my contract?";
  EXPECT_TRUE(fired(decided(request), "cancellation"));
  request["transcript"][0]["text"] = "And my contract, I want out of it";
  EXPECT_TRUE(fired(decided(request), "cancellation"));
}

TEST(Decide, several_fields_of_words_that_each_say_little_need_a_person_together) {
  const auto told = [](const char* text) {
    auto request = asks(text, "other");
    request["intent"]["confidence"] = 0.95;
    return decided(request);
  };
  EXPECT_FALSE(fired(told("The bank opens the door"), "several-concerns"));
  EXPECT_FALSE(fired(told("The bank's invoice, the fee and the bill"), "several-concerns"));
  const auto decision = told("Nobody at your company told us why the insurer got a fee");
  EXPECT_TRUE(fired(decision, "several-concerns")) << to_json(decision).dump();
  EXPECT_FALSE(
      fired(told("How do I see why nobody at the insurer paid a fee in the report?"), "several-concerns"));
}

TEST(Decide, what_is_told_beside_a_question_is_told) {
  auto request = asks(
      "A heron has been sitting on the roof of our warehouse since the morning, and another one stands "
      "beside the door to the yard. Could you look?",
      "other");
  request["intent"].erase("confidence");
  EXPECT_TRUE(fired(decided(request), "unfamiliar"));
  request["transcript"][0]["text"] = "A heron is here. Can you show me where I change its colour today?";
  EXPECT_FALSE(decided(request).hand_over);
}

TEST(Decide, an_answer_names_every_row_with_its_place) {
  const auto decision = decided(asks("I was charged twice. I want to talk to a human", "billing"));
  EXPECT_EQ(decision.team, "billing");
  ASSERT_GE(decision.why.size(), 2u);
  for (const auto& reason : decision.why) {
    EXPECT_FALSE(reason.because.empty()) << reason.row;
    EXPECT_GT(reason.at.line, 0) << reason.row;
  }
  const auto out = to_json(decision);
  EXPECT_EQ(out["decision"], "hand_over");
  EXPECT_EQ(out["class"], "human");
  EXPECT_EQ(out["confidence"]["value"], 0.9);
}

TEST(Decide, explain_and_decide_agree) {
  for (const auto& text : requests()) {
    std::vector<std::string> rows;
    for (const auto& trial : explain(asks(text), shipped_rules())) {
      if (trial.fired) rows.push_back(trial.row);
      EXPECT_EQ(trial.missing.empty(), trial.fired) << trial.row;
    }
    EXPECT_EQ(rows, rows_of(decided(asks(text))));
  }
}

// Conversations of any kind, also impossible ones.
class Conversations {
 public:
  explicit Conversations(unsigned seed) : random_(seed) {}

  json next() {
    json request = {{"conversation", {{"id", "c"}}}};
    if (one_in(5) == 0) return one_in(2) == 0 ? json::array({1, "x"}) : request;
    request["intent"] = {
        {"category", pick({"technical", "billing", "legal", "how_to", "smalltalk", "nonsense", ""})},
        {"confidence", one_in(11) / 10.0}};
    request["sentiment"] = {{"score", -one_in(11) / 10.0}};
    request["attempts"] =
        std::vector<json>(static_cast<std::size_t>(one_in(7)),
                          json{{"action", "a"}, {"outcome", pick({"no change", "worked", ""})}});
    request["customer"] = {{"tier", pick({"free", "enterprise", ""})}, {"at_risk", one_in(3) == 0}};
    request["contacts"] = {{"same_issue", one_in(7)}, {"week", one_in(7)}};
    auto transcript = json::array();
    for (int i = one_in(8); i > 0; --i) {
      transcript.push_back(
          {{"role", pick({"customer", "ai", "agent", "system"})},
           {"text", pick({"still broken", "thanks, that works", "how do I export", "do this again",
                          "refund me", "\xFF\xFE*** \xC3", "no thanks", "fine"})}});
    }
    request["transcript"] = transcript;
    if (one_in(9) == 0) request["sentiment"] = "odd";
    return request;
  }

  int one_in(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  std::string pick(const std::vector<std::string>& from) {
    return from[static_cast<std::size_t>(one_in(static_cast<int>(from.size())))];
  }

 private:
  std::mt19937 random_;
};

constexpr unsigned kSeed = 20261121;
constexpr int kConversations = 3000;

TEST(DecideProperty, a_request_for_a_person_always_wins) {
  Conversations conversations(kSeed);
  for (int i = 0; i < kConversations; ++i) {
    auto request = conversations.next();
    if (!request.is_object()) continue;
    request["transcript"].push_back({{"role", "customer"}, {"text", conversations.pick(requests())}});
    EXPECT_TRUE(decided(request).hand_over)
        << "seed " << kSeed << ": " << request.dump(-1, ' ', false, json::error_handler_t::replace);
  }
}

TEST(DecideProperty, more_frustration_never_turns_a_handover_into_a_go_on) {
  Conversations conversations(kSeed);
  for (int i = 0; i < kConversations; ++i) {
    auto request = conversations.next();
    const auto before = decided(request);
    if (!request.is_object() || !request["sentiment"].is_object()) continue;
    const auto calm = before.priority;
    request["sentiment"] = {{"score", -1}, {"label", "angry"}};
    const auto after = decided(request);
    EXPECT_TRUE(after.hand_over || !before.hand_over)
        << "seed " << kSeed << ": " << request.dump(-1, ' ', false, json::error_handler_t::replace);
    EXPECT_GE(after.priority, calm);
  }
}

TEST(DecideProperty, one_more_failed_attempt_never_turns_a_handover_into_a_go_on) {
  Conversations conversations(kSeed + 1);
  for (int i = 0; i < kConversations; ++i) {
    auto request = conversations.next();
    if (!request.is_object()) continue;
    const bool before = decided(request).hand_over;
    request["attempts"].push_back({{"action", "another"}, {"outcome", "no change"}});
    EXPECT_TRUE(decided(request).hand_over || !before) << "seed " << kSeed;
  }
}

TEST(Decide, a_huge_transcript_costs_no_more_than_its_newest_messages) {
  auto request = asks("I want to speak to a human");
  auto& transcript = request["transcript"];
  const json noise = {{"role", "customer"}, {"text", std::string(32768, 'a') + " " + std::string(3000, '*')}};
  for (int i = 0; i < 2000; ++i) transcript.insert(transcript.begin(), noise);
  EXPECT_TRUE(decided(request).hand_over);
}

// Not a test of time: a line to compare with, as a ratio, on any machine.
TEST(Decide, cost_is_printed_as_a_ratio_to_one_parse) {
  auto request =
      asks("I have tried that already and the export is still empty. What else can I do here?", "technical");
  for (int i = 0; i < 10; ++i) {
    request["transcript"].push_back(
        {{"role", i % 2 ? "ai" : "customer"},
         {"text",
          "Please open the settings, choose reports and then run the export once more for last month."}});
  }
  const auto text = request.dump();
  constexpr int kRounds = 300;
  const auto per_round = [](const auto& work) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < kRounds; ++i) work();
    return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count() /
           kRounds;
  };
  const auto parse = per_round([&] { return json::parse(text).size(); });
  const auto decision = per_round([&] { return decided(request).hand_over; });
  std::printf("a decision over %zu bytes: %.0f us, %.1f times one JSON parse\n", text.size(), decision,
              decision / parse);
}

}  // namespace
}  // namespace baton::handoff
