#include "tests/week/people.h"

#include "gateway/base/date.h"

namespace baton::town {
namespace {

using nlohmann::json;

struct Tongue {
  const char* tag;
  const char* wrote;
  const char* more;
  const char* reply;
  const char* solved;
};
constexpr auto kTongues =
    std::to_array<Tongue>({{"en", "The last invoice is wrong and nobody can tell me why.",
                            "Is anybody there?", "I am looking into it.", "It is corrected now."},
                           {"de", "Die letzte Rechnung stimmt nicht und niemand sagt mir warum.",
                            "Ist da jemand?", "Ich sehe es mir an.", "Das ist jetzt berichtigt."},
                           {"fr", "La dernière facture est fausse et personne ne me dit pourquoi.",
                            "Il y a quelqu'un ?", "Je regarde.", "C'est corrigé."},
                           {"es", "La última factura está mal y nadie me dice por qué.", "¿Hay alguien?",
                            "Lo estoy mirando.", "Ya está corregido."},
                           {"pt", "A última fatura está errada e ninguém me diz por quê.", "Tem alguém aí?",
                            "Estou vendo.", "Já está corrigido."}});
constexpr auto kTeamsOfWeek = std::to_array<const char*>({"billing", "support", "platform"});

const Tongue& tongue_of(int number) { return kTongues[static_cast<std::size_t>(number) % kTongues.size()]; }

std::string upper_case(std::string text) {
  for (char& c : text) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return text;
}

std::string conversation_name(int number) { return "c" + std::to_string(number); }

}  // namespace

// Some in the outages, some at any hour of the week, most while people work.
TimePoint People::begins(int number) {
  if (number < 14) return kDeskDown.from + random_.up_to(4h);
  if (number < 24) return kPlatformDown.from - 5min + random_.up_to(1h);
  if (number < 60) return kMonday + random_.up_to(kWeek);
  const auto day = std::chrono::days(random_.bits() % 5);
  return kMonday + day + 8h + random_.up_to(9h);
}

void People::begin() {
  truth_.outage(kDeskDown);
  truth_.outage(kPlatformDown);
  town_.scope.spawn(weather());
  for (int i = 0; i < kConversations; ++i) town_.scope.spawn(converse(i, begins(i)));
}

Task<Done> People::weather() {
  const simulation::Fault down{.kind = simulation::Fault::Kind::status, .times = -1, .status = 503};
  for (const auto& outage : {kDeskDown, kPlatformDown}) {
    (void)co_await town_.clock.until(outage.from);
    town_.vendor(outage.of).inject(down);
    (void)co_await town_.clock.until(outage.until);
    town_.vendor(outage.of).clear();
  }
  co_return Done{};
}

Task<HandoffId> People::ask(int number, int round) {
  const auto& tongue = tongue_of(number);
  const auto now = to_rfc3339(town_.clock.now());
  const std::string category = number % 3 == 0 ? "billing" : number % 3 == 1 ? "technical" : "access";
  json data = {{"conversation", {{"channel", "web"}, {"language", tongue.tag}}},
               {"customer",
                {{"name", "Customer " + std::to_string(number)},
                 {"email", "c" + std::to_string(number) + "@mail.example"},
                 {"timezone", number % 2 == 0 ? "Europe/Berlin" : "America/New_York"},
                 {"attributes", {{"phone", "+49 30 1234"}}}}},
               {"reason", {{"trigger", "explicit_request"}}},
               {"intent", {{"name", "case_" + std::to_string(number % 7)}, {"category", category}}},
               {"sentiment",
                {{"label", number % 4 == 0   ? "angry"
                           : number % 4 == 1 ? "worried"
                                             : "neutral"}}},
               {"priority", number % 9 == 0 ? "urgent" : "normal"},
               {"transcript", json::array({{{"at", now}, {"role", "customer"}, {"text", tongue.wrote}}})}};
  co_return co_await town_.says("ask-" + std::to_string(number) + "-" + std::to_string(round),
                                "handoff.requested", conversation_name(number), std::move(data));
}

// One in eight comes back later with the same conversation.
Task<Done> People::converse(int number, TimePoint at) {
  (void)co_await town_.clock.until(at);
  for (int round = 0; round < 2; ++round) {
    auto id = co_await ask(number, round);
    if (!id || id->empty()) co_return Done{};
    town_.scope.spawn(be_a_customer(number, *id));
    (void)co_await be_answered(*id);
    if (number % 8 != 0) break;
    (void)co_await pause(1h, 5h);
  }
  co_return Done{};
}

// --- the customer

Task<Done> People::be_a_customer(int number, HandoffId id) {
  const auto key = conversation_name(number) + "-" + id.text;
  const auto& tongue = tongue_of(number);
  const auto dice = percent();
  if (dice < 12) {
    (void)co_await pause(20s, 15min);
    if (truth_.life(id).over() || truth_.life(id).holder(town_.clock.now())) co_return Done{};
    (void)co_await town_.says("cancel-" + key, "handoff.cancelled", conversation_name(number),
                              {{"explanation", "found it"}});
  } else if (dice < 45) {
    (void)co_await pause(20s, 4min);
    if (truth_.life(id).over()) co_return Done{};
    if (truth_.life(id).holder(town_.clock.now())) ++mistakes_.late_choices;
    (void)co_await choose(id, key);
  } else if (dice < 75) {
    (void)co_await pause(30s, 8min);
    if (truth_.life(id).over()) co_return Done{};
    const json message = {{"at", to_rfc3339(town_.clock.now())}, {"role", "customer"}, {"text", tongue.more}};
    (void)co_await town_.says("more-" + key, "handoff.updated", conversation_name(number),
                              {{"transcript", json::array({message})}});
  }
  co_return Done{};
}

Task<Done> People::choose(const HandoffId& id, const std::string& key) {
  constexpr auto kChoices = std::to_array<const char*>(
      {"wait", "callback", "email", "priority_ticket", "scheduled", "continue_with_ai"});
  const std::string choice = kChoices[random_.bits() % kChoices.size()];
  json data = {{"choice", choice}};
  if (choice == "scheduled") data["scheduled_at"] = to_rfc3339(town_.clock.now() + 26h);
  const auto conversation = truth_.life(id).conversation;
  (void)co_await town_.says("choose-" + key, "customer.chose", conversation, std::move(data));
  co_return Done{};
}

// --- the agents

std::string People::somebody_of(const std::string& team) {
  const auto& members = town_.teams.at(team).members;
  return members[random_.bits() % members.size()].id;
}

Task<bool> People::be_claimed(const HandoffId& id, const std::string& member) {
  const auto& card = truth_.life(id).card;
  if (!card) co_return false;
  const json click = {{"channel", "C0HANDOFFS"},
                      {"ts", card->first},
                      {"user", "U0" + upper_case(member)},
                      {"action_id", "baton_claim"}};
  co_return co_await town_.does(kSlack, "click", click);
}

// Until somebody has solved it: each who takes it does so in their own way.
Task<Done> People::be_answered(HandoffId id) {
  while (!truth_.life(id).over()) {
    const auto& life = truth_.life(id);
    const auto now = town_.clock.now();
    if (!life.card || !at_work(life.team, now)) {
      (void)co_await town_.clock.until(now + (at_work(life.team, now) ? Duration{1min} : Duration{10min}));
      continue;
    }
    (void)co_await pause(20s, 6min);
    if (truth_.life(id).over() || !at_work(truth_.life(id).team, town_.clock.now())) continue;
    const auto member = somebody_of(truth_.life(id).team);
    (void)co_await be_claimed(id, member);
    const auto dice = percent();
    if (dice < 12) {  // somebody else clicks too
      const auto other = somebody_of(truth_.life(id).team);
      if (other != member) (void)co_await be_claimed(id, other);
    }
    if (dice >= 12 && dice < 26) {  // and says nothing
      (void)co_await pause(3min, 10min);
      continue;
    }
    if (dice >= 26 && dice < 34) {
      (void)co_await pause(10s, 90s);
      const auto& card = truth_.life(id).card;
      const json click = {{"channel", "C0HANDOFFS"},
                          {"ts", card->first},
                          {"user", "U0" + upper_case(member)},
                          {"action_id", "baton_release"}};
      (void)co_await town_.does(kSlack, "click", click);
      continue;
    }
    if (dice >= 34 && dice < 42) {
      (void)co_await pause(10s, 90s);
      (void)co_await pass_on(id, member);
      continue;
    }
    (void)co_await be_solved(id, member);
  }
  co_return Done{};
}

Task<Done> People::pass_on(const HandoffId& id, const std::string& member) {
  const auto team = kTeamsOfWeek[random_.bits() % kTeamsOfWeek.size()];
  (void)co_await town_.calls("POST", "/v1/handoffs/" + id.text + "/pass-on",
                             {{"by", member}, {"to", team}, {"why", "they know this better"}});
  co_return Done{};
}

Task<bool> People::write(const HandoffId& id, const char* what, const std::string& member,
                         const std::string& text) {
  const auto& ticket = truth_.life(id).ticket;
  if (ticket.empty()) co_return false;
  co_return co_await town_.does(
      kDesk, what,
      {{"ticket", std::stoll(ticket)}, {"by", member + "@acme.example"}, {"text", text}, {"public", true}});
}

Task<Done> People::be_solved(HandoffId id, std::string member) {
  const auto number = std::stoi(truth_.life(id).conversation.substr(1));
  const auto& tongue = tongue_of(number);
  (void)co_await pause(10s, 100s);
  const auto still = [&] {
    const auto* hold = truth_.life(id).holder(town_.clock.now());
    return hold && hold->account == "U0" + upper_case(member) && !truth_.life(id).over();
  };
  while (still() && truth_.life(id).ticket.empty())
    (void)co_await town_.clock.until(town_.clock.now() + 1min);
  (void)co_await town_.clock.until(town_.clock.now() + 5s);  // to see that it is there
  if (!still()) co_return Done{};
  if (!co_await write(id, "comment", member, tongue.reply)) co_return Done{};
  (void)co_await pause(2min, 25min);
  if (!still()) co_return Done{};
  if (number % 4 == 3) {  // through Baton, with what is still to do
    (void)co_await town_.calls("POST", "/v1/handoffs/" + id.text + "/return",
                               {{"by", member}, {"text", tongue.solved}, {"follow_ups", {"rating"}}});
  } else {
    (void)co_await write(id, "solve", member, tongue.solved);
  }
  co_return co_await too_late(id, member);
}

// What comes after the end: a claim, and a second return.
Task<Done> People::too_late(const HandoffId& id, const std::string& member) {
  (void)co_await pause(5s, 60s);
  const auto dice = percent();
  if (dice < 20) {
    const auto other = somebody_of(truth_.life(id).team);
    ++mistakes_.late_claims;
    (void)co_await town_.calls("POST", "/v1/handoffs/" + id.text + "/claim", {{"by", other}});
  } else if (dice < 40) {
    ++mistakes_.second_returns;
    (void)co_await town_.calls("POST", "/v1/handoffs/" + id.text + "/return",
                               {{"by", member}, {"text", "once more"}});
  }
  co_return Done{};
}

}  // namespace baton::town
