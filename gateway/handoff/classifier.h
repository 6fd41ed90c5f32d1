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

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/handoff/phrases_text.h"
#include "gateway/model/node.h"

namespace baton::handoff {

// What a conversation contains, and how much: names in one buffer, for there are hundreds.
struct Features {
  struct One {
    std::uint32_t digest = 0;  // of its name
    float share = 0;
    std::uint32_t at = 0, length = 0;  // where its name stands
  };
  std::string names;
  std::vector<One> list;

  std::string_view name(const One& one) const { return std::string_view(names).substr(one.at, one.length); }
};

// A conversation as it is heard, piece by piece.
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

  // By digest, each once.
  Features features() const;

 private:
  void fact(std::initializer_list<std::string_view> parts);
  void put_words(const Words& words, std::string_view side, float share);
  void put_pairs_apart(const Words& words, float share);

  Features said_;                     // a word stands here once for each message that it is in
  std::vector<Features::One> facts_;  // some more than once
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
  // There are 60,000, and each gateway holds them: without padding.
  struct Weight {
    std::uint16_t high = 0, low = 0;  // of the digest of the feature's name
    std::int16_t hundredths = 0;
    auto operator<=>(const Weight&) const = default;
  };
  static Weight named(std::uint32_t digest);
  double weight_of(std::uint32_t digest) const;  // 0 if it is not known

  // Sorted. One name in 70,000 that was never learnt finds another's.
  std::vector<Weight> weights_;
};

}  // namespace baton::handoff
