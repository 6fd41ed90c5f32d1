// Purpose: what the customer is told: chosen from what is recorded, in their language and for their mood.
// Pure. Nothing is promised that the state does not bear out: a step that is not so becomes the one that is,
// and a sentence whose ground is missing is left out.
// Owner: advance(). Threads: any; Messages are immutable once read. Units: instants UTC, texts plain UTF-8.
// Errors: Problems when texts are read; a message has none: where nothing true can be said it is empty.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/handoff/choice.h"
#include "gateway/handoff/tell_template.h"
#include "gateway/handoff/tell_words.h"
#include "gateway/model/handoff.h"

namespace baton::handoff::tell {

// What the record says at this moment. What others wrote stands here as they wrote it; message() cuts it.
struct Facts {
  WorkspaceId workspace{"main"};
  TimePoint now;
  std::string language;    // BCP 47; "" : not known
  std::string zone;        // the customer's, IANA; "": not known
  std::string house_zone;  // where the team works
  Mood mood = Mood::calm;

  std::string intent, category;      // as the configuration calls them
  std::string quote;                 // what the customer wrote about it
  bool messages = false;             // what they wrote is kept and goes along
  bool tried = false;                // so is what the AI tried
  std::vector<std::string> details;  // kinds of identifiers that they gave and that go along

  std::string ticket;                // its id; "": there is none
  bool helpdesk_down = false;        // it could not be opened
  std::string team;                  // who should take it
  bool asked = false;                // people were alerted
  std::optional<bool> open;          // whether somebody is at work; nothing: not known
  std::optional<TimePoint> back_at;  // when somebody will be
  std::optional<Range> wait;         // nothing: not known
  std::optional<int> position;       // from 1
  std::optional<Duration> waited;
  std::vector<ChoiceKind> offers;  // what can be carried out if the customer picks it

  bool claimed = false;  // somebody has it now
  std::string person;    // who has it, or had it when it was solved
  bool solved = false;
  std::string resolution;  // public words of who solved it
  std::vector<std::string> follow_ups;
  bool bug_fixed = false;

  std::optional<Choice> choice;  // that the customer made
};

// What only others know: hours, queue and estimate.
struct Outlook {
  std::optional<bool> open;
  std::optional<TimePoint> back_at;
  std::optional<TimePoint> closes_at;  // while it is open: when nobody will be at work any more
  std::string house_zone;
  std::optional<Range> wait;
  std::optional<int> position;
  std::vector<ChoiceKind> offers;
};

Facts facts_of(const Handoff& handoff, const Outlook& outlook, TimePoint now);

// From the label that the platform gave, or else from the latest score.
Mood mood_of(JsonView data);

// The texts of one language.
struct Language {
  struct Text {
    Template text;
    std::array<Template, kMoodNames.size()> before;  // what stands before it in this mood
  };
  std::array<std::optional<Text>, kStepNames.size()> steps;
  Words words;
  Claims claims;
};

// de, pt-br, zh-hant-tw; in small letters.
bool is_language_tag(std::string_view text);

class Messages {
 public:
  // A language as it ships, or one more: everything has to be there. `file` is its root.
  void add(const std::string& language, const Node& file, Problems& problems);

  // The section `messages` of a configuration: what a workspace says instead, by language and step.
  //   messages: { main: { default_language: de, de: { steps: { claimed: "{person} ..." } } } }
  void read_own(const Node& section, Problems& problems);

  bool empty() const { return shipped_.empty(); }

  // de-AT, de, then the workspace's default, then en; null if none of them is there.
  const Language* find(const WorkspaceId& workspace, std::string_view tag,
                       std::string* found = nullptr) const;

  // Every language that it has texts in.
  std::vector<std::string> tags(const WorkspaceId& workspace) const;

 private:
  using Languages = std::map<std::string, Language, std::less<>>;
  struct Own {
    std::string default_language = "en";
    Languages languages;
  };
  const Language* find_exactly(const Own* own, std::string_view tag) const;
  std::vector<std::string> tags(const Own* own) const;
  void read_workspace(const std::string& workspace, const Node& node, Problems& problems);

  Languages shipped_;
  std::map<std::string, Own, std::less<>> own_;  // by workspace
};

// All languages at once: a map from language to the root of its file.
Messages read_messages(const Node& languages, Problems& problems);

struct Message {
  std::string text;  // "": there is nothing true to say
  std::string language;
  Step step = Step::accepted;
  Mood mood = Mood::calm;
  std::vector<ChoiceKind> offers;  // what the text offers, for platforms that show buttons

  explicit operator bool() const { return !text.empty(); }
};

// What is so instead of `step`, if that is not so; nullopt where nothing is.
std::optional<Step> true_step(Step step, const Facts& facts);

Message message(Step step, const Facts& facts, const Messages& messages);

// The step that confirms a choice.
Step chose(ChoiceKind kind);

}  // namespace baton::handoff::tell
