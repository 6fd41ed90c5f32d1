#include "gateway/handoff/brief.h"

#include <algorithm>
#include <array>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/handoff/brief_deadline.h"
#include "gateway/handoff/brief_parts.h"
#include "gateway/handoff/brief_text.h"
#include "gateway/handoff/context.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

// Budgets that keep the whole under what fits above the fold of a ticket.
constexpr std::size_t kHeadline = 80;
constexpr std::size_t kLine = 140;
constexpr std::size_t kWho = 240;
constexpr std::size_t kParagraph = 400;
constexpr std::size_t kAside = 300;
constexpr std::size_t kRead = 1024;     // of each text
constexpr std::size_t kMostItems = 24;  // of a list; the newest say how it stands

std::vector<JsonView> newest_items(JsonView list) {
  auto all = items(list);
  if (all.size() > kMostItems) all.erase(all.begin(), all.end() - kMostItems);
  return all;
}

// Several lists and texts tell the same; whoever says it first keeps it.
class Said {
 public:
  void add(std::string_view text) { all_ += bare_letters(text) + "\n"; }
  // As a whole, not as a part of something.
  bool has(std::string_view text) const {
    return all_.find("\n" + bare_letters(text) + "\n") != std::string::npos;
  }
  // What of it is new; it counts as said from now on.
  std::string take(const std::string& text) {
    auto fresh = has(text) ? std::string() : without_repeats(text, all_);
    add(text);
    return fresh;
  }

 private:
  std::string all_ = "\n";
};

std::string in_quotes(const std::string& words) { return "\"" + shorten(words, kLine) + "\""; }

// --- who

std::string renewal(JsonView known, TimePoint now) {
  const auto account = known.at_path("account.renewal_date").text();
  const auto day = tidy(account.empty() ? known.at_path("money.renews_at").text() : account).substr(0, 10);
  if (const auto when = relative_day(day, now); !when.empty())
    return (when.ends_with("ago") || when == "yesterday" ? "renewal was " : "renews ") + when + " (" + day +
           ")";
  const auto end = tidy(known.at_path("money.ends_at")).substr(0, 10);
  const auto when = relative_day(end, now);
  return when.empty() ? "" : "ends " + when + " (" + end + ")";
}

std::string who(JsonView customer, JsonView known, TimePoint now) {
  const auto either = [](JsonView one, JsonView other) {
    auto text = tidy(one);
    return text.empty() ? tidy(other) : text;
  };
  std::string line = tidy(customer["name"]);
  add_part(line, tidy(customer["email"]));
  add_part(line, either(customer["company"], known["account"]["name"]));
  if (const auto tier = either(customer["tier"], known["account"]["tier"]); !tier.empty())
    add_part(line, tier + " tier");
  json worth = {{"account", json::object()}};
  for (const auto* key : {"value", "currency"}) {
    if (const auto view = known["account"][key]; view.raw()) worth["account"][key] = *view.raw();
  }
  if (known["account"]["value"].number()) add_part(line, account_in_words(worth));
  add_part(line, renewal(known, now));
  if (known["account"]["at_risk"].boolean().value_or(false)) add_part(line, "at risk");
  return line.empty() ? "An unknown customer" : shorten(line, kWho);
}

// What stands in `who` is not said again.
std::string account(JsonView known) {
  const auto all = known["account"];
  if (!all.object()) return {};
  json rest = {{"account", *all.raw()}};
  for (const auto* key : {"tier", "value", "renewal_date", "at_risk"}) rest["account"].erase(key);
  return shorten(tidy(account_in_words(rest)), kAside);
}

// --- wanted, went wrong, tried, considered, next

// An AI may be wrong about what it says of a conversation; what presses, and what the customer wrote last,
// are their own words. Where they wrote but once, the opening line has it.
std::string with_own_words(std::string line, JsonView data, const Talk& talk, const std::string& issue,
                           const Said& said) {
  const auto as_topic = [&](const std::string& words) {
    return talk.topics.size() > 1 && std::ranges::any_of(talk.topics, [&](const Topic& topic) {
             return words.find(topic.words) != std::string::npos ||
                    topic.words.find(words) != std::string::npos;
           });
  };
  const auto is_known = [&](const std::string& words) {
    return words.empty() || words.find(issue) != std::string::npos ||
           issue.find(words) != std::string::npos || said.has(words) ||
           line.find(words) != std::string::npos || words.find("(data)") != std::string::npos ||
           as_topic(words);
  };
  const auto add = [&](std::string_view label, const std::string& words) {
    if (!line.ends_with('.') && !line.ends_with('"')) line += '.';
    line += " " + std::string(label) + ": " + in_quotes(words);
  };
  const auto deadline = deadline_in(data["transcript"]);
  if (!is_known(deadline)) add("Pressing", deadline);
  if (talk.last.find(deadline) != std::string::npos && !deadline.empty()) return line;
  if (!is_known(first_words(talk.last)) && !as_topic(talk.last)) add("Last said", talk.last);
  return line;
}

std::string wanted(JsonView data, const Talk& talk, Subject about, Said& said) {
  const auto summary = tidy(data.at_path("intent.summary"), kRead);
  const auto& issue = issue_about(talk, about);
  if (const auto fresh = said.take(summary); !fresh.empty()) {
    const auto summed_up = shorten(fresh, kParagraph - kLine);
    auto line = with_own_words(summed_up, data, talk, issue, said);
    return line == summed_up ? line : "The AI says: " + line;  // beside their own words: whose these are
  }
  if (!issue.empty()) return with_own_words(in_quotes(issue), data, talk, issue, said);
  if (const auto intent = tidy(data.at_path("intent.name")); !intent.empty()) return shorten(intent, kLine);
  if (!summary.empty()) return shorten(summary, kParagraph);
  return "Not known: the conversation carries neither an intent nor a message of the customer";
}

std::string error_in_words(JsonView data, Said& said) {
  const auto errors = items(data["errors"]);
  if (errors.empty()) return {};
  std::string error = tidy(errors.back()["code"]);
  add_part(error, said.take(tidy(errors.back()["message"], kRead)), ": ");
  if (error.empty()) return {};
  error = "error " + shorten(error, kLine);
  if (errors.size() > 1) error += " (the last of " + std::to_string(errors.size()) + ")";
  return error;
}

// What the platform calls it says little to who reads it first.
std::string trigger_in_words(JsonView data) {
  struct Trigger {
    std::string_view name, words;
  };
  static constexpr auto kTriggers = std::to_array<Trigger>({
      {"explicit_request", "The customer asked for a person"},
      {"sentiment", "The customer's mood"},
      {"topic", "The topic is one for people"},
      {"attempts", "Several attempts without progress"},
      {"vip", "A customer whom people answer"},
      {"error", "An error"},
  });
  const auto trigger = data.at_path("reason.trigger").text();
  const auto known = std::ranges::find(kTriggers, trigger, &Trigger::name);
  return known == kTriggers.end() ? spaced(tidy(trigger)) : std::string(known->words);
}

// The end of a sentence before what goes on behind a semicolon.
std::string without_end(std::string line) {
  while (line.ends_with('.') || line.ends_with(';')) line.pop_back();
  return line;
}

std::string went_wrong(JsonView data, Said& said) {
  std::string line = without_end(said.take(tidy(data.at_path("reason.explanation"), kRead)));
  const auto error = error_in_words(data, said);
  if (line.empty() && (error.empty() || data.at_path("reason.trigger").text() != "error"))
    line = trigger_in_words(data);
  add_part(line, without_end(error), "; ");
  if (const auto sure = percent(data.at_path("intent.confidence")); !sure.empty())
    add_part(line, "the AI was " + sure + " sure", "; ");
  return line.empty() ? "No reason given" : shorten(line, kParagraph);
}

// What was tried again and again with the same end is told once, with how often.
std::string tried(JsonView data, Said& said) {
  struct Attempt {
    std::string what, sure;
    int times = 1;
  };
  std::vector<Attempt> all;
  for (const auto& attempt : newest_items(data["attempts"])) {
    const auto action = spaced(tidy(attempt["action"], kRead));
    std::string one = action;
    add_part(one, tidy(attempt["outcome"], kRead), " \u2192 ");
    if (one.empty()) continue;
    if (const auto known = std::ranges::find(all, one, &Attempt::what); known != all.end()) {
      ++known->times;
      continue;
    }
    said.add(action);
    said.add(one);
    const auto sure = percent(attempt["confidence"]);
    all.push_back({std::move(one), sure.empty() ? "" : " (" + sure + " sure)"});
  }
  std::vector<std::string> lines;
  for (const auto& [what, sure, times] : all)
    lines.push_back(what + (times > 1 ? " (" + std::to_string(times) + " times)" : sure));
  return lines.empty() ? "Nothing yet" : join_within(lines, "; ", kParagraph);
}

std::string considered(JsonView data, Said& said) {
  std::vector<std::string> all;
  for (const auto& idea : newest_items(data["considered"])) {
    const auto one = said.take(spaced(tidy(idea["action"], kRead)));
    if (one.empty()) continue;
    auto why = tidy(idea["reason"]);
    if (const auto sure = percent(idea["confidence"]); !sure.empty()) add_part(why, "only " + sure + " sure");
    all.push_back(one + (why.empty() ? "" : " (" + why + ")"));
  }
  return join_within(all, "; ", kAside);
}

// What only a table suggests is called usual.
std::string usual(JsonView data, const Brief& brief, const Talk& talk) {
  std::string line = brief.known_bug.empty() ? "" : "Say that the bug is known";
  if (!line.empty() && brief.category == Subject::technical)
    return line + ", give its number, and help with a workaround";
  if (brief.category != Subject::other) {
    add_part(line, "Usual for " + std::string(name(brief.category)) + ": ", "; ");
    return line + std::string(usual_step(brief.category));
  }
  if (!line.empty()) return line;
  if (!data.at_path("intent.summary").text().empty()) return std::string(usual_step(Subject::other));
  return talk.any ? "No suggestion: read what the customer wrote last"
                  : "Ask what it is about: nothing of the conversation came along";
}

// The beginnings of its longer words: "Offered instalments" and "Offer instalments" are the same step.
std::vector<std::string> stems_of(std::string_view action) {
  constexpr std::size_t kLong = 5;
  std::vector<std::string> stems;
  const auto low = to_lower(action);
  for (const auto word : split(low, ' ')) {
    if (word.size() >= kLong) stems.emplace_back(clip_utf8(word, kLong));
  }
  std::ranges::sort(stems);
  return stems;
}

bool has_step(const std::vector<std::string>& all, const std::vector<std::string>& step) {
  return all.size() <= step.size() + 1 && std::ranges::includes(all, step);
}

// Whether a message begins with a no, or says not to.
bool refuses(std::string_view text) {
  constexpr auto kNo =
      std::to_array<std::string_view>({"no", "nope", "non", "nein", "n\u00e3o", "nee", "never", "don't",
                                       "dont", "nicht", "sicher nicht", "pas question", "nunca"});
  const auto low = to_lower(clip_utf8(text, kLine));
  return std::ranges::any_of(kNo,
                             [&](std::string_view no) {
                               return low.starts_with(no) &&
                                      (low.size() == no.size() || !is_letter(low[no.size()]));
                             }) ||
         low.find("don't") != std::string::npos || low.find("dont") != std::string::npos;
}

// Whether the customer answered no when the AI spoke of it: half of its words stood there.
bool was_refused(JsonView transcript, const std::vector<std::string>& step) {
  const auto all = items(transcript);
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (all[i]["role"].string() != "customer" || all[i - 1]["role"].string() != "ai") continue;
    if (!refuses(all[i]["text"].text())) continue;
    const auto spoken = stems_of(all[i - 1]["text"].text());
    const auto same = std::ranges::count_if(
        step, [&](const auto& stem) { return std::ranges::binary_search(spoken, stem); });
    if (same > 0 && static_cast<std::size_t>(same) * 2 >= step.size()) return true;
  }
  return false;
}

// S63: never what failed already, nor what the customer does not want.
std::string next(JsonView data, const Brief& brief, const Talk& talk, Said& said) {
  std::vector<std::vector<std::string>> steps;
  for (const auto& attempt : newest_items(data["attempts"]))
    steps.push_back(stems_of(spaced(tidy(attempt["action"], kRead))));
  std::vector<std::string> all, refused;
  for (const auto& action : newest_items(data["suggested_actions"])) {
    auto one = said.take(spaced(tidy(action.string() ? action : action["action"], kRead)));
    const auto step = stems_of(one);
    const bool tried =
        step.size() > 1 && std::ranges::any_of(steps, [&](const auto& it) { return has_step(it, step); });
    if (one.empty() || tried) continue;
    (was_refused(data["transcript"], step) ? refused : all).push_back(std::move(one));
  }
  auto line = !all.empty()      ? "The AI suggests: " + join_within(all, "; ", kParagraph)
              : refused.empty() ? shorten(usual(data, brief, talk), kParagraph)
                                : std::string("No suggestion: read what the customer wrote last");
  if (!refused.empty()) line += "; the customer refused: " + join_within(refused, "; ", kLine);
  return line;
}

// --- what is known beside the conversation

std::string known_bug(const Handoff& handoff, JsonView known) {
  const auto bugs = items(known["known_bugs"]);
  if (!bugs.empty()) {
    const auto& bug = bugs.front();
    std::string line = tidy(bug["id"].id().value_or(""));
    add_part(line, tidy(bug["title"]), " ");
    add_part(line, tidy(bug["status"]), ", ");
    if (const auto count = bug["customers"].integer().value_or(0); count > 0)
      add_part(line, std::to_string(count) + (count == 1 ? " customer" : " customers"), ", ");
    return shorten(line, kLine);
  }
  if (!handoff.bug) return {};
  return shorten("reported as " + tidy(handoff.bug->url.empty() ? handoff.bug->object_id : handoff.bug->url),
                 kLine);
}

// Where nothing was paid for, only trouble with paying is of interest.
std::string money_line(JsonView known, Subject category) {
  const auto section = known["money"];
  if (!section.object()) return {};
  if (wants_money(category)) return shorten(tidy(money_in_words(known)), kParagraph);
  json trouble = {{"money", json::object()}};
  for (const auto* key : {"failed_charges", "unfinished_payments", "disputes"}) {
    if (const auto view = section[key]; view.raw()) trouble["money"][key] = *view.raw();
  }
  const auto invoices = items(section["open_invoices"]);
  const auto in_trouble = [](JsonView one) {
    return one["overdue"].boolean() == true || !one["reason"].text().empty();
  };
  if (std::ranges::any_of(invoices, in_trouble))
    trouble["money"]["open_invoices"] = *section["open_invoices"].raw();
  return shorten(tidy(money_in_words(trouble)), kParagraph);
}

std::string history(const json& known) {
  json rest = {{"history", known.value("history", json::object())}};
  return shorten(tidy(history_in_words(rest)), kParagraph);
}

// All but what the brief is about: that is the topic of its category, or else the last.
std::string also(const Brief& brief) {
  std::vector<std::string> parts;
  const bool named = std::ranges::any_of(brief.topics, [&](const Topic& topic) {
    return topic.about == brief.category && topic.about != Subject::other;
  });
  for (std::size_t i = 0; i < brief.topics.size(); ++i) {
    const auto& topic = brief.topics[i];
    if (topic.about == brief.category && topic.about != Subject::other) continue;
    if (!named && i + 1 == brief.topics.size()) continue;
    parts.push_back((topic.about == Subject::other ? "" : std::string(name(topic.about)) + ": ") +
                    in_quotes(topic.words));
  }
  return join_within(parts, "; ", kAside);
}

std::string mood(JsonView sentiment) {
  std::string line = tidy(sentiment["label"]);
  const auto points = items(sentiment["points"]);
  if (points.size() > 1) {
    const auto first = points.front()["score"].number(), last = points.back()["score"].number();
    constexpr double kTelling = 0.2;
    if (first && last && *last < *first - kTelling) add_part(line, "getting worse");
    if (first && last && *last > *first + kTelling) add_part(line, "getting better");
  }
  return shorten(line, kLine);
}

// An address without its query, in which sessions and tokens stand.
std::string page_name(JsonView page) {
  std::string line = tidy(page["title"]);
  const auto screen = tidy(page["screen"]);
  if (!screen.empty()) line += line.empty() ? screen : " (" + screen + ")";
  if (!line.empty()) return shorten(line, 80);
  auto url = page["url"].text();
  return shorten(tidy(url.substr(0, url.find_first_of("?#"))), 80);
}

// "pt-BR" -> "Portuguese (pt-BR)"; a tag that is in no table stays as it is.
std::string language_name(const std::string& tag) {
  struct Language {
    std::string_view tag, name;
  };
  static constexpr auto kLanguages = std::to_array<Language>(
      {{"ar", "Arabic"},  {"cs", "Czech"},      {"da", "Danish"},   {"de", "German"},  {"en", "English"},
       {"es", "Spanish"}, {"fi", "Finnish"},    {"fr", "French"},   {"he", "Hebrew"},  {"hi", "Hindi"},
       {"it", "Italian"}, {"ja", "Japanese"},   {"ko", "Korean"},   {"nl", "Dutch"},   {"no", "Norwegian"},
       {"pl", "Polish"},  {"pt", "Portuguese"}, {"ro", "Romanian"}, {"ru", "Russian"}, {"sv", "Swedish"},
       {"tr", "Turkish"}, {"uk", "Ukrainian"},  {"zh", "Chinese"}});
  const auto known =
      std::ranges::find(kLanguages, to_lower(tag.substr(0, tag.find_first_of("-_"))), &Language::tag);
  if (known == kLanguages.end()) return tag;
  const bool regional = tag.find_first_of("-_") != std::string::npos;
  return std::string(known->name) + (regional ? " (" + tag + ")" : "");
}

std::string where(JsonView data) {
  std::string line = shorten(spaced(tidy(data.at_path("conversation.channel"))), 40);
  if (const auto language = shorten(tidy(data.at_path("conversation.language")), 20); !language.empty())
    add_part(line, "in " + language_name(language));
  if (const auto page = page_name(data["page"]); !page.empty()) add_part(line, "on " + page);
  const auto actions = items(data.at_path("page.actions"));
  if (const auto last = actions.empty() ? "" : tidy(actions.back()); !last.empty())
    add_part(line, "last: " + shorten(last, 80));
  return shorten(line, kAside);
}

// --- the whole

std::string headline(JsonView data, const Talk& talk) {
  std::string line = spaced(tidy(data.at_path("intent.name")));
  if (line.empty()) line = tidy(data.at_path("intent.summary"));
  if (line.empty()) line = talk.last;
  if (line.empty()) line = "A customer asks for a person";
  return shorten(line, kHeadline);
}

Subject category(JsonView data, const Talk& talk) {
  auto about = category_of(spaced(data.at_path("intent.category").text()));
  if (about == Subject::other) about = category_of(spaced(data.at_path("intent.name").text()));
  if (about == Subject::other && !talk.topics.empty()) about = talk.topics.back().about;
  return about;
}

void fill_from_event(JsonView data, const Talk& talk, Brief& brief) {
  Said said;  // in the order of what an agent would miss most
  brief.tried = tried(data, said);
  brief.wanted = wanted(data, talk, brief.category, said);
  brief.went_wrong = went_wrong(data, said);
  brief.next = next(data, brief, talk, said);
  brief.considered = considered(data, said);
  brief.identifiers = identifiers_given(data);
  brief.given = in_words(brief.identifiers, brief.who);
}

}  // namespace

Brief brief(const Handoff& handoff, TimePoint now) {
  const JsonView data(handoff.data);
  const auto context = known(handoff);
  const auto talk = read_talk(data["transcript"]);
  Brief brief;
  brief.category = category(data, talk);
  brief.topics = talk.topics;
  brief.headline = headline(data, talk);
  brief.who = who(data["customer"], context, now);
  brief.known_bug = known_bug(handoff, context);
  fill_from_event(data, talk, brief);
  brief.account = account(context);
  brief.money = money_line(context, brief.category);
  brief.history = history(context);
  brief.also = also(brief);
  brief.mood = mood(data["sentiment"]);
  brief.where = where(data);
  brief.opening = opening_line(data, brief, talk);
  score(handoff, context, now, brief);
  return brief;
}

}  // namespace baton::handoff
