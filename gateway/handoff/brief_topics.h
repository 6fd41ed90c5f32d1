// Purpose: what a conversation is about: its category, the topics it went through, what to do next in each.
// The words and the advice are tables in brief_topics.cc. Pure. Owner: the brief. Threads: any.
// Units: bytes. Errors: none; what no table knows is `other`.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/json_view.h"

namespace baton::handoff {

enum class Subject { other, billing, cancellation, technical, access, delivery, sales, privacy };

inline constexpr auto kCategoryNames = std::to_array<std::string_view>(
    {"other", "billing", "cancellation", "technical", "access", "delivery", "sales", "privacy"});
constexpr std::string_view name(Subject category) {
  return kCategoryNames[static_cast<std::size_t>(category)];
}

// By the words of `text`: the category that most of them belong to.
Subject category_of(std::string_view text);

// Whether what they paid and owe, or what they asked before, helps with it.
bool wants_money(Subject category);

// What usually comes next; never empty.
std::string_view usual_step(Subject category);

// One topic of a conversation, in the customer's words.
struct Topic {
  Subject about = Subject::other;
  std::string words;  // how they put it first
};

struct Talk {
  std::vector<Topic> topics;  // in the order in which they came up; the last is the one they speak of now
  std::string issue;          // the first of their words about it that says something
  std::string last;           // the last that says something
  bool any = false;           // whether the customer wrote anything
};

// Of the newest 80 messages of the customer.
Talk read_talk(JsonView transcript);

// The first sentence of a message that says something, behind greetings and beside what a program printed.
std::string first_words(const std::string& line);

// Of several topics the words of the one that the brief is about.
const std::string& issue_about(const Talk& talk, Subject about);

}  // namespace baton::handoff
