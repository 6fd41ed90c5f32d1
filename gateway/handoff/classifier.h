// Purpose: how likely a person is needed, by conversations that somebody labelled: a logistic regression over
// words, pairs of words, beginnings of words and a few facts. It hears what no list of phrases knows; the
// matrix says what that is worth. Owner: the decision's rules. Threads: any; immutable after reading. Units:
// likelihood 0 to 1. Errors: Problems with file and line.
//
// The file is a table, one feature and its weight in each line: a word ("refund"), a beginning ("stornier*"),
// a pair ("charged_twice", "^_cancel" where a sentence begins, "cancel_$" where it ends), a word of an
// earlier message ("was:refund"), the AI's last word ("ai:colleague"), a fact ("!category:refund", "!asks",
// "!now:settled"). It is written by `baton decide --learn` and not by hand.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/handoff/phrases_text.h"
#include "gateway/model/node.h"

namespace baton::handoff {

// A conversation as features: what it contains, and how much.
class Heard {
 public:
  // The customer's messages, the newest first, and the AI's before the newest one.
  void customer(const Words& words, std::string_view text, std::size_t age);
  // A list of phrases that stands in the customer's message of that age.
  void list(const std::string& name, std::size_t age);
  void ai(const Words& words);
  void outcome(const Words& words);  // of the attempt that was made last
  void sign(std::string_view name);
  void figure(std::string_view name, double value, std::initializer_list<int> steps);  // a fact for each step
  void category(const std::string& name, bool known);
  void confidence(double value);
  void returned();  // by a person

  // By name, each once.
  using Features = std::vector<std::pair<std::string, float>>;
  Features features() const;

 private:
  void fact(std::string name);
  void put_words(const Words& words, std::string_view side, float share);

  Features said_;                   // a word stands here once for each message that it is in
  std::vector<std::string> facts_;  // without "!", some more than once
  std::string category_;
  std::size_t messages_ = 0;
  bool asks_ = false, short_ = false;
};

// From a sum of weights to a likelihood.
double logistic(double sum);

class Classifier {
 public:
  // An empty one knows nothing.
  static Classifier read(std::string_view text, const std::string& file, Problems& problems);

  bool empty() const { return weights_.empty(); }
  struct Weighed {
    double likelihood = 0;
    // What weighed most for a person, or against one if that is what comes out; the heaviest first.
    std::vector<std::string> because;
  };
  Weighed weigh(const Heard& heard) const;

 private:
  const float* weight_of(std::string_view feature) const;

  // Sorted by the digest of the feature's name. One name in 90,000 that was never learnt finds another's.
  std::vector<std::pair<std::uint32_t, float>> weights_;
};

}  // namespace baton::handoff
