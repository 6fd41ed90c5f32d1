// Purpose: should a person take this conversation over? What a chat platform's AI knows in its loop -> hand
// over or go on, to which team, how urgent, and every row of the matrix that says so. Pure. Owner: ingress
// answers POST /v1/decisions with it; `baton decide --explain` shows its work. Threads: any; rules are
// immutable. Units: confidence 0 to 1, sentiment -1 to 1. Errors: none; what the request lacks, or has in
// another type, is not known and speaks for nothing.
//
// Every condition is "at least", and rows only ever speak for a person. So more frustration, one more attempt
// or one more word cannot turn a handover into a go-on, whatever the configuration says; and a request for a
// person is no row at all: it is honoured before the matrix is looked at (S15). What the platform alone says,
// a category without one word of the customer's for it, yields to thanks and to a question about the product.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "gateway/handoff/decide_signs.h"
#include "gateway/model/handoff.h"
#include "gateway/model/node.h"

namespace baton::handoff {

// Who owns a category (S19).
enum class Ownership { human, ai_first, ai };

struct Category {
  std::string name;
  std::vector<std::string> means;  // what platforms call it, folded; its name is one of them
  Ownership ownership = Ownership::ai_first;
  std::string team;
  std::optional<Priority> priority;
  double confidence = 0;             // below it a person; 0: whatever the confidence is
  std::array<int, 3> attempts = {};  // by mood: after so many failed ones a person; 0: never
  bool always = false;               // of a person's: however unlikely the words make it
  Position at;
  Position team_at;  // where its team is named
};

// One condition: a sign that is at least so much, or one of these texts.
struct Need {
  Sign sign = Sign::attempts;
  double at_least = 1;
  std::vector<std::string> any_of;
  std::string written;  // "attempts: 2"

  bool holds(const Signs& signs) const;
};

enum class Action { hand_over, offer, raise };  // raise: only makes what other rows decide more urgent

struct Row {
  std::string name;
  std::vector<Need> when;  // all must hold
  Action action = Action::hand_over;
  std::string team;
  std::optional<Priority> priority;
  Position at;
  Position team_at;  // where its team is named
};

struct DecisionRules {
  SignRules signs;
  std::vector<Category> categories;
  std::vector<Row> rows;
  std::string explicit_team;  // where neither a row nor a category names one
  Priority explicit_priority = Priority::high;
  Position explicit_at;
  double outweighed_below = 0.95;  // a category that only the platform names, surer than this, holds
  Classifier classifier;
  double least_if_heard = 0;  // below it a word for a person's topic is there by chance
  double least_if_named = 0;  // below it even the platform's word for it is
  double least_if_tried = 0;  // below it turns that only look fruitless are progress
  double least_if_lost = 0;   // below it the AI that names its limits is asked beyond them by mistake
};

// One thing that speaks for a person.
struct Reason {
  std::string row;  // "explicit_request", "legal", "technical.attempts", a row's name
  Position at;      // of the row
  std::string because;
};

struct HandoverDecision {
  bool hand_over = false;
  bool offer = false;  // go on, but offer a person now (S24)
  std::string team;    // empty: whatever the routes say
  Priority priority = Priority::normal;
  std::string category;  // the one that decides about the team; "" if none is known
  Ownership ownership = Ownership::ai_first;
  std::optional<double> confidence;  // that was compared
  double threshold = 0;              // with this
  Mood mood = Mood::calm;
  std::vector<Reason> why;  // every row that fired, the weightiest first
};

HandoverDecision decide(const nlohmann::json& request, const DecisionRules& rules);

// What the categories are called that the conversation is about, by what the platform says and by what was
// said: their own names and what platforms call them, folded. None where no category is known.
std::vector<std::string> topics_of(const nlohmann::json& request, const DecisionRules& rules);

// The conversation as the classifier hears it.
Heard heard_in(const nlohmann::json& request, const DecisionRules& rules);

// Every row with what kept it from firing; the first condition that did not hold.
struct RowTrial {
  std::string row;
  Position at;
  bool fired = false;
  std::string missing;  // "attempts is 1, not 3"
};
std::vector<RowTrial> explain(const nlohmann::json& request, const DecisionRules& rules);

// What POST /v1/decisions answers: decision, team, priority, why, ...
nlohmann::json to_json(const HandoverDecision& decision);

std::string_view name_of(Ownership ownership);  // "human", "ai_first", "ai"

// Reads the matrix, then each file of phrases. `teams` are those that exist; with none given any name will
// do. Reports unknown fields, teams and categories, thresholds that contradict each other, and rows that can
// never make a difference because another one fires whenever they do.
// `elsewhere`: categories that phrases may be for though this matrix has none of that name.
DecisionRules read_decision_rules(const Node& matrix, const std::vector<Node>& phrases,
                                  const std::vector<std::string>* teams, Problems& problems,
                                  const std::vector<std::string>& elsewhere = {});

}  // namespace baton::handoff
