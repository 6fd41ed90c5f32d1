// Logistic regression by stochastic gradient descent with AdaGrad's step (Duchi, Hazan, Singer 2011) and a
// little shrinking.
#include "gateway/handoff/classifier_learn.h"

#include <cmath>
#include <cstdio>
#include <map>
#include <random>
#include <unordered_map>
#include <utility>

namespace baton::handoff {
namespace {

constexpr int kRounds = 30;
constexpr int kFewest = 2;  // conversations that have a feature; else it is learnt by heart
constexpr double kStep = 0.3;
constexpr double kShrink = 1e-4;
constexpr double kWeighsNothing = 0.3;

using Features = std::vector<std::pair<std::size_t, float>>;

struct Weight {
  std::string feature;
  int seen = 0;
  double value = 0;
  double slope = 1e-6;  // the slopes' squares so far
  double mean = 0;      // over the later rounds: steadier than where the last one ended
};

struct Example {
  Features features;
  double needs = 0;
};

std::vector<Example> examples_of(const std::vector<Lesson>& lessons, std::vector<Weight>& weights) {
  std::unordered_map<std::string, std::size_t> numbers;
  std::vector<Example> examples;
  for (const auto& lesson : lessons) {
    Example example{{}, lesson.needs_person ? 1.0 : 0.0};
    for (const auto& [name, share] : lesson.heard.features()) {
      const auto [known, is_new] = numbers.emplace(name, weights.size());
      if (is_new) weights.push_back({name});
      ++weights[known->second].seen;
      example.features.emplace_back(known->second, share);
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

void learn_one(const Example& example, std::vector<Weight>& weights) {
  double sum = 0;
  for (const auto& [number, share] : example.features) sum += weights[number].value * share;
  const auto error = logistic(sum) - example.needs;
  for (const auto& [number, share] : example.features) {
    auto& weight = weights[number];
    if (weight.seen < kFewest) continue;
    const auto slope = error * share + kShrink * weight.value;
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
  const auto examples = examples_of(lessons, weights);
  std::vector<std::size_t> order(examples.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::mt19937 chance(7);  // any; the same for everybody
  for (int round = 0; round < kRounds; ++round) {
    shuffle(order, chance);
    for (const auto number : order) learn_one(examples[number], weights);
    if (round < kRounds / 2) continue;
    for (auto& weight : weights) weight.mean += weight.value / (kRounds - kRounds / 2);
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
