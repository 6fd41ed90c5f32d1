#include "gateway/handoff/brief_topics.h"

#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

using enum Subject;

// --- the tables

struct Stem {
  std::string_view text;  // what a word begins with, in lower case
  Subject category;
};

constexpr auto kStems = [] {
  auto all = std::to_array<Stem>({
      {"abgebucht", billing},
      {"abonnement", billing},
      {"billing", billing},
      {"cargo", billing},
      {"charge", billing},
      {"cobr", billing},
      {"credit card", billing},
      {"doppelt belast", billing},
      {"erstattung", billing},
      {"factur", billing},
      {"fatura", billing},
      {"fattura", billing},
      {"geld zur", billing},
      {"invoice", billing},
      {"kreditkarte", billing},
      {"money back", billing},
      {"overcharg", billing},
      {"paid twice", billing},
      {"paiement", billing},
      {"pagamento", billing},
      {"pago", billing},
      {"payment", billing},
      {"prix", billing},
      {"rechnung", billing},
      {"reembols", billing},
      {"refund", billing},
      {"rembours", billing},
      {"rimbors", billing},
      {"terugbetal", billing},
      {"zahlung", billing},
      {"\u043e\u043f\u043b\u0430\u0442", billing},
      {"\u8fd4\u91d1", billing},
      {"\u8acb\u6c42", billing},
      {"\u9000\u6b3e", billing},
      {"\u4ed8\u6b3e", billing},

      {"cancel", cancellation},
      {"disdire", cancellation},
      {"end my contract", cancellation},
      {"kuendig", cancellation},
      {"k\u00fcndig", cancellation},
      {"opzeg", cancellation},
      {"r\u00e9sili", cancellation},
      {"resilia", cancellation},
      {"unsubscribe", cancellation},
      {"darme de baja", cancellation},
      {"\u89e3\u7d04", cancellation},
      {"\u53d6\u6d88", cancellation},

      {"absturz", technical},
      {"bug", technical},
      {"crash", technical},
      {"erreur", technical},
      {"error", technical},
      {"errore", technical},
      {"erro ", technical},
      {"exception", technical},
      {"fehler", technical},
      {"funktioniert nicht", technical},
      {"geht nicht", technical},
      {"marche pas", technical},
      {"not working", technical},
      {"no funciona", technical},
      {"n\u00e3o funciona", technical},
      {"non funziona", technical},
      {"outage", technical},
      {"st\u00fcrzt", technical},
      {"technical", technical},
      {"timeout", technical},
      {"broken", technical},
      {"freez", technical},
      {"sync", technical},
      {"werkt niet", technical},
      {"\u30a8\u30e9\u30fc", technical},
      {"\u9519\u8bef", technical},
      {"\u043e\u0448\u0438\u0431\u043a", technical},

      {"2fa", access},
      {"access denied", access},
      {"anmeld", access},
      {"connexion", access},
      {"contrase\u00f1a", access},
      {"einloggen", access},
      {"gesperrt", access},
      {"inloggen", access},
      {"iniciar sesi", access},
      {"kennwort", access},
      {"locked out", access},
      {"log in", access},
      {"login", access},
      {"mot de passe", access},
      {"passwor", access},
      {"passwort", access},
      {"senha", access},
      {"sign in", access},
      {"two-factor", access},
      {"wachtwoord", access},
      {"zugang", access},
      {"\u30d1\u30b9\u30ef\u30fc\u30c9", access},
      {"\u30ed\u30b0\u30a4\u30f3", access},
      {"\u5bc6\u7801", access},
      {"\u767b\u5f55", access},
      {"\u043f\u0430\u0440\u043e\u043b", access},

      {"consegna", delivery},
      {"colis", delivery},
      {"courier", delivery},
      {"deliver", delivery},
      {"entrega", delivery},
      {"env\u00edo", delivery},
      {"lieferung", delivery},
      {"liefer", delivery},
      {"livraison", delivery},
      {"package", delivery},
      {"paket", delivery},
      {"parcel", delivery},
      {"paquete", delivery},
      {"sendung", delivery},
      {"shipment", delivery},
      {"shipping", delivery},
      {"tracking", delivery},
      {"versand", delivery},
      {"verzending", delivery},
      {"\u914d\u9001", delivery},
      {"\u914d\u9054", delivery},
      {"\u5feb\u9012", delivery},
      {"\u0434\u043e\u0441\u0442\u0430\u0432\u043a", delivery},

      {"angebot", sales},
      {"demo", sales},
      {"devis", sales},
      {"discount", sales},
      {"enterprise plan", sales},
      {"preisliste", sales},
      {"presupuesto", sales},
      {"pricing", sales},
      {"quote", sales},
      {"rabatt", sales},
      {"sales", sales},
      {"upgrade", sales},
      {"\u898b\u7a4d", sales},

      {"compliance", privacy},
      {"datenschutz", privacy},
      {"delete my data", privacy},
      {"dsgvo", privacy},
      {"gdpr", privacy},
      {"lawyer", privacy},
      {"legal", privacy},
      {"meine daten", privacy},
      {"privacidad", privacy},
      {"privacy", privacy},
      {"rgpd", privacy},
      {"anwalt", privacy},
  });
  std::ranges::sort(all, {}, &Stem::text);
  return all;
}();

struct Advice {
  Subject category;
  bool money;
  std::string_view step;
};
constexpr auto kAdvice = std::to_array<Advice>({
    {other, true, "Confirm what is wanted, then answer or say by when"},
    {billing, true, "Check the charges, then refund or explain them and say when the money arrives"},
    {cancellation, true, "Confirm what ends and when; ask once why"},
    {technical, false, "Reproduce it with the facts here; give a workaround or the bug's number"},
    {access, false, "Verify who they are, then restore access; never ask for the password"},
    {delivery, false, "Look the shipment up with the carrier and give the new date"},
    {sales, true, "Bring in the account's owner; answer with a price or a date"},
    {privacy, false, "Pass it to who may decide it; promise nothing but a date"},
});
static_assert(kAdvice.size() == kCategoryNames.size());
static_assert([] {
  for (std::size_t i = 0; i < kAdvice.size(); ++i) {
    if (static_cast<std::size_t>(kAdvice[i].category) != i) return false;
  }
  return true;
}());

// With these a customer turns to something else, whatever it is.
constexpr auto kTurns = std::to_array<std::string_view>(
    {"another thing",   "another question", "different question", "different topic", "by the way",
     "also, ",          "one more thing",   "something else",     "andere frage",    "noch etwas",
     "noch eine frage", "au\u00dferdem",    "\u00fcbrigens",      "autre question",  "autre chose",
     "otra cosa",       "otra pregunta",    "un'altra cosa",      "outra coisa",     "nog iets",
     "iets anders"});
// These ask for a person and say nothing of why, or say nothing at all.
constexpr auto kEmptyWords = std::to_array<std::string_view>(
    {"human",       "agent",    "person",    "someone",     "representative", "mensch",
     "mitarbeiter", "jemanden", "berater",   "humain",      "conseiller",     "humano",
     "agente",      "persona",  "operatore", "pessoa",      "medewerker",     "thanks",
     "thank",       "danke",    "merci",     "gracias",     "grazie",         "ok",
     "okay",        "yes",      "no",        "ja",          "nein",           "please",
     "bitte",       "quelqu",   "alguien",   "algu\u00e9m", "somebody"});
// What a message begins with before it says anything.
constexpr auto kGreetings = std::to_array<std::string_view>({"hello",
                                                             "hallo",
                                                             "hi",
                                                             "hey",
                                                             "good morning",
                                                             "good afternoon",
                                                             "good evening",
                                                             "good day",
                                                             "morning",
                                                             "guten morgen",
                                                             "guten tag",
                                                             "guten abend",
                                                             "moin",
                                                             "servus",
                                                             "gr\u00fcezi",
                                                             "bonjour",
                                                             "bonsoir",
                                                             "salut",
                                                             "hola",
                                                             "buenas tardes",
                                                             "buenas noches",
                                                             "buenas",
                                                             "buenos d\u00edas",
                                                             "buenos dias",
                                                             "ol\u00e1",
                                                             "ola",
                                                             "oi",
                                                             "bom dia",
                                                             "boa tarde",
                                                             "boa noite",
                                                             "ciao",
                                                             "buongiorno",
                                                             "buonasera",
                                                             "goedemorgen",
                                                             "goedemiddag",
                                                             "goedenavond",
                                                             "there",
                                                             "team",
                                                             "all",
                                                             "zusammen",
                                                             "\u00e0 tous",
                                                             "a todos"});

// --- reading

bool starts_word(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t j) { return static_cast<unsigned char>(text[j]); };
  const auto letter = [](unsigned char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (at(i) >= 0xc0) return true;
  return letter(at(i)) && (i == 0 || !(letter(at(i - 1)) || (at(i - 1) >= 0x80 && at(i - 1) < 0xc0 && i > 1 &&
                                                             at(i - 2) >= 0xc3 && at(i - 2) <= 0xc5)));
}

// The stems that begin with the letter at the beginning of `rest`.
Subject stem_at(std::string_view rest) {
  auto stem = std::ranges::lower_bound(kStems, rest.substr(0, 1), {}, &Stem::text);
  for (; stem != kStems.end() && stem->text[0] == rest[0]; ++stem) {
    if (rest.starts_with(stem->text)) return stem->category;
  }
  return other;
}

bool has_any(std::string_view low, std::span<const std::string_view> words) {
  return std::ranges::any_of(words,
                             [&](std::string_view word) { return low.find(word) != std::string_view::npos; });
}

// Its end, without "Good morning, team!".
std::string_view without_greeting(std::string_view low) {
  const auto greeting = [&] {
    return std::ranges::find_if(kGreetings, [&](std::string_view one) {
      return low.starts_with(one) && (low.size() == one.size() || !is_letter(low[one.size()]));
    });
  };
  for (auto one = greeting(); one != kGreetings.end(); one = greeting()) {
    low.remove_prefix(one->size());
    low.remove_prefix(std::min(low.find_first_not_of(" ,.!:;-"), low.size()));
  }
  return low;
}

// A greeting, or a short message in which a word like "human" or "thanks" stands.
bool says_nothing(const std::string& line) {
  constexpr std::size_t kShort = 60, kShortest = 8;
  const auto all = to_lower(line);
  const auto said = without_greeting(all);
  if (said.size() < kShortest) return true;
  if (said.size() > kShort || category_of(line) != other) return false;
  const auto low = " " + std::string(said) + " ";
  return std::ranges::any_of(kEmptyWords, [&](std::string_view word) {
    constexpr std::size_t kEnds = 4;  // "no" is not the beginning of "nothing"; "agent" is that of "agents"
    const auto found = low.find(word.size() > kEnds ? std::string(word) : std::string(word) + " ");
    return found != std::string::npos && starts_word(low, found);
  });
}

std::vector<JsonView> newest_of_customer(JsonView transcript) {
  constexpr std::size_t kMessages = 80;
  const auto all = items(transcript);
  std::vector<JsonView> found;
  for (auto message = all.rbegin(); message != all.rend() && found.size() < kMessages; ++message) {
    if ((*message)["role"].string() == "customer") found.push_back((*message)["text"]);
  }
  std::ranges::reverse(found);
  return found;
}

// A category that came up before goes on; a turn without a category begins something of its own.
void follow(std::vector<Topic>& topics, Subject about, bool turns, const std::string& line) {
  constexpr std::size_t kTopics = 5;
  if (about == other && !turns) return;
  const auto known = std::ranges::find_if(
      topics, [&](const Topic& topic) { return about != other && topic.about == about; });
  if (known != topics.end()) {
    std::rotate(known, known + 1, topics.end());
    return;
  }
  if (topics.size() == kTopics) topics.erase(topics.begin());
  topics.push_back({about, shorten(first_words(line), 100)});
}

}  // namespace

Subject category_of(std::string_view text) {
  std::array<int, kCategoryNames.size()> hits{};
  const auto low = to_lower(text);
  for (std::size_t i = 0; i < low.size(); ++i) {
    if (starts_word(low, i)) ++hits[static_cast<std::size_t>(stem_at(std::string_view(low).substr(i)))];
  }
  const auto most = std::max_element(hits.begin() + 1, hits.end());
  return *most == 0 ? other : static_cast<Subject>(most - hits.begin());
}

bool wants_money(Subject category) { return kAdvice[static_cast<std::size_t>(category)].money; }

std::string_view usual_step(Subject category) { return kAdvice[static_cast<std::size_t>(category)].step; }

std::string first_words(const std::string& line) {
  constexpr std::size_t kTellingWords = 15;
  for (const auto& one : sentences(line)) {
    const bool printed = one.find("(data)") != std::string::npos;
    const bool long_enough = without_greeting(to_lower(one)).size() >= kTellingWords;
    if (long_enough && !printed && !says_nothing(one)) return one;
  }
  return line;
}

const std::string& issue_about(const Talk& talk, Subject about) {
  const auto topic = std::ranges::find(talk.topics, about, &Topic::about);
  constexpr std::size_t kTellsOfIt = 25;  // "Same here, twice" is the topic's, and says nothing of it
  const bool tells = topic != talk.topics.end() && (topic->words.size() >= kTellsOfIt || talk.issue.empty());
  return talk.topics.size() > 1 && tells ? topic->words : talk.issue;
}

Talk read_talk(JsonView transcript) {
  constexpr std::size_t kBegin = 320;
  Talk talk;
  std::string fallback;
  for (const auto& text : newest_of_customer(transcript)) {
    const auto line = tidy(text.string().value_or(""), kBegin);
    if (line.empty()) continue;
    talk.any = true;
    fallback = line;
    if (says_nothing(line)) continue;
    follow(talk.topics, category_of(line), has_any(to_lower(line), kTurns), line);
    talk.last = line;
    if (talk.issue.empty()) talk.issue = line;
  }
  if (talk.last.empty()) talk.last = talk.issue = fallback;
  // With one topic the first words say best what it is; what followed are answers.
  if (talk.topics.size() > 1) talk.issue = talk.topics.back().words;
  talk.issue = first_words(talk.issue);
  return talk;
}

}  // namespace baton::handoff
