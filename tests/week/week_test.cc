// A week from the customer's side. Every message that a customer got is held against what had truly happened
// at that second, by watchers who share nothing with what chose it (truth.h).
//   BATON_SEED=7        another week
//   BATON_TRANSCRIPT=c12    prints that conversation as the customer saw it; `all`: each of them
#include <cstdlib>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "tests/week/people.h"

namespace baton::town {
namespace {

using nlohmann::json;

// By what a reader knows what is claimed.
struct Marks {
  const char* language;
  const char* nobody_at_work;
  const char* system_down;
  const char* wait;  // a range is named
  const char* wait_unknown;
  const char* needs_person;  // the first words, when nothing is special
  const char* someone_else;  // nobody has it any more
};
constexpr auto kMarks = std::to_array<Marks>(
    {{"en", "Nobody is at work here", "One of our systems does not answer", "The wait is", "cannot say",
      "This needs a person", "is not on it any more"},
     {"de", "arbeitet hier niemand", "Eines unserer Systeme antwortet", "Die Wartezeit betr\u00e4gt",
      "nicht sagen", "Das braucht einen Menschen", "ist nicht mehr dabei"},
     {"fr", "ersonne ne travaille ici", "Un de nos syst\u00e8mes ne r\u00e9pond pas", "L\u2019attente est",
      "Je ne peux pas", "Il faut ici une personne", "ne s\u2019en occupe plus"},
     {"es", "no trabaja nadie aqu\u00ed", "Uno de nuestros sistemas no responde", "La espera es",
      "no puedo decir", "Esto necesita a una persona", "ya no est\u00e1 con ella"},
     {"pt", "ningu\u00e9m est\u00e1 trabalhando aqui", "Um dos nossos sistemas n\u00e3o responde",
      "A espera \u00e9", "n\u00e3o posso dizer", "Isto precisa de uma pessoa",
      "n\u00e3o est\u00e1 mais com ela"}});

const Marks& marks_of(const std::string& language) {
  return *std::ranges::find(kMarks, language,
                            [](const Marks& one) { return std::string_view(one.language); });
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string file_text(const std::string& path) {
  std::ifstream file(std::string(BATON_SOURCE_DIR) + "/tests/week/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string clock_of(TimePoint at) { return to_rfc3339(at).substr(5, 14); }

// As the customer saw it, with the hours of the virtual week.
std::string transcript(const Life& life) {
  std::multimap<TimePoint, std::string> lines;
  for (const auto& said : life.said) {
    const auto space = said.find(' ');
    const auto at = parse_rfc3339(said.substr(0, space)).value_or(life.requested);
    lines.emplace(at, "you:   " + said.substr(space + 1));
  }
  for (const auto& one : life.heard) {
    if (one.text.empty()) continue;
    auto line = (one.by.empty() ? "AI:    " : one.by + ":  ") + one.text;
    const auto late = std::chrono::duration_cast<std::chrono::minutes>(one.received - one.decided);
    if (late > 1min) line += "   (" + std::to_string(late.count()) + " minutes late)";
    lines.emplace(one.received, std::move(line));
  }
  auto text = "--- " + life.conversation + ", " + life.language + ", " + life.team + "\n";
  for (const auto& [at, line] : lines) text += clock_of(at) + "  " + line + "\n";
  return text;
}

// --- the judge

class Judge {
 public:
  Judge(Town& town, Truth& truth) : town_(town), truth_(truth) {}

  void judge(const Life& life) {
    life_ = &life;
    for (const auto& message : life.heard) {
      if (message.text.empty() || !message.by.empty()) continue;
      ++messages;
      names_only_who_has_it(message);
      names_only_a_ticket_that_is_there(message);
      says_hours_as_they_are(message);
      says_a_wait_only_from_samples(message);
      speaks_their_language(message);
    }
    each_step_once();
    nobody_is_left_without_a_word();
  }

  int messages = 0, off_hours = 0, down = 0, waits = 0, unknown_waits = 0, named = 0, late = 0;
  std::vector<std::string> wrong;

 private:
  void fail(const Heard* message, const std::string& why) {
    wrong.push_back(
        why +
        (message ? "\n  " + message->type + " decided " + to_rfc3339(message->decided) + ": " + message->text
                 : "") +
        "\n" + transcript(*life_));
  }

  // A week in which the platform was away brings messages late; what they say held when it was said.
  TimePoint when(const Heard& message) {
    late += message.received - message.decided > 1min;
    return message.decided;
  }

  void names_only_who_has_it(const Heard& message) {
    for (const auto& [team, all] : town_.teams) {
      for (const auto& member : all.members) {
        const auto first = member.name.substr(0, member.name.find(' '));
        if (!has(message.text, first)) continue;
        ++named;
        const auto had_it = std::ranges::any_of(life_->holds, [&](const Hold& hold) {
          const bool then = message.type == "handoff.returned"
                                ? life_->solved && hold.until == life_->solved
                                : hold.from <= when(message) && (!hold.until || when(message) <= *hold.until);
          return hold.name == member.name && then;
        });
        if (!had_it) fail(&message, member.name + " is named and did not have it");
        if (!has(message.text, member.name)) fail(&message, member.name + " is not called by the whole name");
      }
    }
    for (const char* raw :
         {"U0", "ilse ", "bruno ", "xenia ", "mara ", "piotr ", "quentin ", "tomas ", "yuki "}) {
      if (has(message.text, raw)) fail(&message, "a name for signing in is shown");
    }
  }

  void names_only_a_ticket_that_is_there(const Heard& message) {
    for (std::size_t i = 0; i < message.text.size();) {
      if (message.text[i] < '0' || message.text[i] > '9') {
        ++i;
        continue;
      }
      auto end = i;
      while (end < message.text.size() && message.text[end] >= '0' && message.text[end] <= '9') ++end;
      const auto number = message.text.substr(i, end - i);
      i = end;
      if (number.size() == 4 && number >= "5158" && number < "5900") {
        const bool there =
            life_->ticket == number && life_->ticket_at && *life_->ticket_at <= message.decided;
        if (!there) fail(&message, "ticket " + number + " was not there yet");
      }
    }
  }

  void says_hours_as_they_are(const Heard& message) {
    const auto& marks = marks_of(life_->language);
    const bool says_off = has(message.text, marks.nobody_at_work);
    const bool says_down = has(message.text, marks.system_down);
    off_hours += says_off;
    down += says_down;
    const bool is_off = !at_work(life_->team_at(message.decided), message.decided);
    const bool is_down = truth_.down(kDesk, message.decided);
    if (says_off && !is_off) fail(&message, "somebody was at work");
    if (says_down && !is_down) fail(&message, "the helpdesk was well");
    if (message.type != "handoff.accepted") return;
    const bool there = life_->ticket_at && *life_->ticket_at <= message.decided;
    if (is_off && !says_off) fail(&message, "nobody was at work, and it is not said");
    // A request of the first second of an outage has not met it yet; an urgent one is not kept waiting for
    // it.
    const bool met = truth_.down(kDesk, message.decided - 1s) && message.decided - life_->requested > 1s;
    if (met && !there && !says_down) fail(&message, "the helpdesk was down, and it is not said");
  }

  void says_a_wait_only_from_samples(const Heard& message) {
    const auto& marks = marks_of(life_->language);
    const bool says = has(message.text, marks.wait);
    waits += says;
    unknown_waits += has(message.text, marks.wait_unknown);
    if (says && truth_.samples(life_->team_at(message.decided), message.decided) < 20)
      fail(&message, "nobody can know that wait");
    if (says && !at_work(life_->team_at(message.decided), message.decided))
      fail(&message, "nobody works on it, and a wait is named");
  }

  void speaks_their_language(const Heard& message) {
    for (const auto& marks : kMarks) {
      if (marks.language == life_->language) continue;
      for (const auto* mark :
           {marks.nobody_at_work, marks.system_down, marks.needs_person, marks.someone_else}) {
        if (has(message.text, mark)) fail(&message, "in another language than theirs");
      }
    }
    if (has(message.text, "case ")) fail(&message, "a name that only the AI uses");
  }

  int told(const std::string& type, const std::string& step = {}) const {
    return static_cast<int>(std::ranges::count_if(life_->heard, [&](const Heard& one) {
      return one.type == type && one.by.empty() && !one.text.empty() && (step.empty() || one.step == step);
    }));
  }

  void expect(const std::string& what, int is, int should) {
    if (is != should)
      fail(nullptr, what + ": " + std::to_string(is) + " messages, and it happened " +
                        std::to_string(should) + " times");
  }

  void each_step_once() {
    const auto lost =
        static_cast<int>(std::ranges::count_if(life_->holds, [](const Hold& hold) { return hold.lost; }));
    expect("accepted", told("handoff.accepted"), 1);
    expect("somebody has it", told("handoff.claimed"), static_cast<int>(life_->holds.size()));
    expect("nobody has it any more", told("handoff.escalated"), lost);
    expect("given back", told("handoff.returned"), life_->solved ? 1 : 0);
    const auto chosen = static_cast<int>(std::ranges::count_if(life_->heard, [](const Heard& one) {
      return one.type == "handoff.message" && one.by.empty() && one.step.empty() && !one.text.empty();
    }));
    expect("a choice was noted", chosen, static_cast<int>(life_->choices.size()));
    const bool sought =
        life_->cancelled && !life_->went_on_with_ai &&
        !std::ranges::any_of(life_->holds, [&](const Hold& hold) { return hold.until == life_->cancelled; });
    expect("cancelled", told("handoff.message", "cancelled"), sought ? 1 : 0);
    std::set<std::string> ids;
    for (const auto& one : life_->heard) {
      if (!ids.insert(one.id).second) fail(&one, "came twice");
    }
  }

  // The first word within seconds, and one after everything that changed who has it.
  void nobody_is_left_without_a_word() {
    const auto word_after = [&](TimePoint at, const std::string& type, const char* what) {
      const bool heard = std::ranges::any_of(life_->heard, [&](const Heard& one) {
        const bool in_time =
            one.received <= at + 10s || truth_.down(kPlatform, at) || truth_.down(kPlatform, at + 10s);
        return one.type == type && one.decided >= at - 1s && in_time;
      });
      if (!heard) fail(nullptr, std::string("no word in time after ") + what + " at " + to_rfc3339(at));
    };
    word_after(life_->requested, "handoff.accepted", "the request");
    for (const auto& hold : life_->holds) {
      word_after(hold.from, "handoff.claimed", "a claim");
      if (hold.lost) word_after(*hold.until, "handoff.escalated", "a loss");
    }
    if (life_->solved) word_after(*life_->solved, "handoff.returned", "the end");
    if (!life_->over()) fail(nullptr, "it never ended");
  }

  Town& town_;
  Truth& truth_;
  const Life* life_ = nullptr;
};

// What people know of the waits of earlier weeks: much of billing, one too little of support, nothing else.
void remember_waits(Town& town, Truth& truth) {
  handoff::WaitTimes times;
  for (int day = 0; day < 5; ++day) {
    for (int hour = 9; hour < 18; ++hour) {
      for (int i = 0; i < 25; ++i)
        times.record("billing", 24 * day + hour, 1, Duration{(2 + i % 7) * 60'000});
      truth.waited_before("billing", hour, 25);
    }
  }
  for (int i = 0; i < 19; ++i) times.record("support", 10, 1, 5min);
  truth.waited_before("support", 10, 19);
  town.board.use(std::move(times));
}

Plan week() {
  Plan plan;
  plan.starts = kMonday - 1min;
  plan.configuration = file_text("week.yaml");
  const char* seed = std::getenv("BATON_SEED");
  plan.seed = seed ? std::strtoull(seed, nullptr, 10) : 1;
  return plan;
}

TEST(Week, tells_every_customer_what_is_so_at_that_second) {
  const auto plan = week();
  Town town(plan);
  Truth truth(town);
  remember_waits(town, truth);
  People people(town, truth, plan.seed);
  people.begin();
  town.run_until(kMonday + kWeek + 24h);
  truth.settle(town.clock.now());

  Judge judge(town, truth);
  for (const auto& [id, life] : truth.lives()) judge.judge(life);
  constexpr std::size_t kShown = 6;
  for (std::size_t i = 0; i < std::min(kShown, judge.wrong.size()); ++i)
    ADD_FAILURE() << "seed " << plan.seed << ": " << judge.wrong[i];
  EXPECT_EQ(judge.wrong.size(), 0u);
  std::printf(
      "           %zu handoffs, %d messages: %d at off-hours, %d while the helpdesk was down, %d with a "
      "wait, %d "
      "without, %d that name somebody, %d late; %d late choices, %d late claims, %d second returns\n",
      truth.lives().size(), judge.messages, judge.off_hours, judge.down, judge.waits, judge.unknown_waits,
      judge.named, judge.late, people.mistakes().late_choices, people.mistakes().late_claims,
      people.mistakes().second_returns);
  const char* wanted = std::getenv("BATON_TRANSCRIPT");
  for (const auto& [id, life] : truth.lives()) {
    if (wanted && (std::string(wanted) == "all" || wanted == life.conversation))
      std::printf("%s\n", transcript(life).c_str());
  }
  // The week was one that can prove something.
  EXPECT_GT(truth.lives().size(), 140u);
  EXPECT_GT(judge.messages, 400);
  EXPECT_GT(judge.off_hours, 15);
  EXPECT_GT(judge.down, 4);
  EXPECT_GT(judge.waits, 10);
  EXPECT_GT(judge.unknown_waits, 40);
  EXPECT_GT(judge.named, 150);
}

}  // namespace
}  // namespace baton::town
