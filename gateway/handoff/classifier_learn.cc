// Logistic regression by stochastic gradient descent with AdaGrad's step (Duchi, Hazan, Singer 2011). What is
// rare, and what stands with one of the two answers far more often than with the other, takes longer steps:
// the log-count ratio of Wang and Manning (2012), softened.
#include "gateway/handoff/classifier_learn.h"

#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <unordered_map>
#include <utility>

namespace baton::handoff {
namespace {

constexpr int kRounds = 20;
constexpr int kFewestBearers = 3;  // conversations that have a feature; else it is learnt by heart
constexpr double kStep = 0.1;
constexpr double kShrink = 1e-4;
constexpr double kRarity = 0.2;
constexpr double kWeighsNothing = 0.3;

struct Weight {
  std::string feature;
  double needing = 1, others = 1;  // conversations that have it, and one more of each
  double scale = 1;                // of its share
  double value = 0;
  double slope = 1e-6;  // the slopes' squares so far
  double mean = 0;      // over the later rounds: steadier than where the last one ended

  bool is_learnt() const { return needing + others - 2 >= kFewestBearers; }
};

struct Share {
  std::size_t number = 0;  // of its weight
  double share = 0;
};

struct Example {
  std::vector<Share> parts;
  double needs = 0;
};

std::vector<Example> examples_of(const std::vector<Lesson>& lessons, std::vector<Weight>& weights) {
  std::unordered_map<std::string, std::size_t> numbers;
  std::vector<Example> examples;
  for (const auto& lesson : lessons) {
    Example example{{}, lesson.needs_person ? 1.0 : 0.0};
    const auto features = lesson.heard.features();
    for (const auto& one : features.list) {
      const std::string name(features.name(one));
      const auto [known, is_new] = numbers.emplace(name, weights.size());
      if (is_new) weights.push_back({name});
      auto& weight = weights[known->second];
      ++(lesson.needs_person ? weight.needing : weight.others);
      example.parts.push_back({known->second, one.share});
    }
    examples.push_back(std::move(example));
  }
  for (auto& example : examples)
    std::erase_if(example.parts, [&](const Share& part) { return !weights[part.number].is_learnt(); });
  return examples;
}

// On the whole the shares stay as large as they were.
void scale(std::vector<Example>& examples, std::vector<Weight>& weights) {
  double needing = 0, others = 0, before = 0, after = 0;
  for (const auto& weight : weights) {
    if (!weight.is_learnt()) continue;
    needing += weight.needing;
    others += weight.others;
  }
  for (auto& weight : weights) {
    const auto seen = weight.needing + weight.others - 2;
    const auto leaning = std::abs(std::log((weight.needing / needing) / (weight.others / others)));
    weight.scale = std::pow(static_cast<double>(examples.size()) / seen, kRarity) * (leaning + 1);
  }
  for (const auto& example : examples) {
    for (const auto& part : example.parts) {
      before += part.share * part.share;
      after += part.share * part.share * weights[part.number].scale * weights[part.number].scale;
    }
  }
  const auto as_large = after > 0 ? std::sqrt(before / after) : 1;
  for (auto& weight : weights) weight.scale *= as_large;
  for (auto& example : examples) {
    for (auto& part : example.parts) part.share *= weights[part.number].scale;
  }
}

void learn_one(const Example& example, std::vector<Weight>& weights) {
  double sum = 0;
  for (const auto& part : example.parts) sum += weights[part.number].value * part.share;
  const auto error = logistic(sum) - example.needs;
  for (const auto& part : example.parts) {
    auto& weight = weights[part.number];
    const auto slope = error * part.share / weight.scale + kShrink * weight.value;
    weight.slope += slope * slope;
    weight.value -= kStep * slope / std::sqrt(weight.slope);
  }
}

// std::shuffle is another one in every library.
void shuffle(std::vector<std::size_t>& order, std::mt19937& chance) {
  for (auto i = order.size(); i > 1; --i) std::swap(order[i - 1], order[chance() % i]);
}

}  // namespace

std::string learn_weights(const std::vector<Lesson>& lessons) {
  std::vector<Weight> weights;
  auto examples = examples_of(lessons, weights);
  scale(examples, weights);
  std::vector<std::size_t> order(examples.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937 chance(7);  // any; the same for everybody
  for (int round = 0; round < kRounds; ++round) {
    shuffle(order, chance);
    for (const auto number : order) learn_one(examples[number], weights);
    if (round < kRounds / 2) continue;
    for (auto& weight : weights) weight.mean += weight.value * weight.scale / (kRounds - kRounds / 2);
  }
  std::map<std::string, double> kept;
  for (const auto& weight : weights) {
    if (std::abs(weight.mean) >= kWeighsNothing) kept.emplace(weight.feature, weight.mean);
  }
  std::string table;
  for (const auto& [feature, value] : kept) {
    char figure[32];
    std::snprintf(figure, sizeof figure, "\t%.2f\n", value);
    table += feature + figure;
  }
  return table;
}

}  // namespace baton::handoff
