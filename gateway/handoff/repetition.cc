#include "gateway/handoff/repetition.h"

#include <algorithm>
#include <array>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_given.h"
#include "gateway/handoff/brief_text.h"
#include "gateway/handoff/phrases_text.h"

namespace baton::handoff {
namespace {

using WordList = std::vector<Word>;
using AskWords = std::span<const std::string_view>;

constexpr std::size_t kMostOfAnswer = 4096;

// All words are folded as read_words() folds: no accents, small letters.
constexpr auto kAsking = std::to_array<std::string_view>(
    {"please", "need",     "provide",  "send",      "share",   "give",     "tell",   "what",      "which",
     "whats",  "confirm",  "bitte",    "brauche",   "senden",  "schicken", "nennen", "mitteilen", "welche",
     "lautet", "benotige", "quel",     "quelle",    "envoyer", "indiquer", "donner", "fournir",   "pouvez",
     "cual",   "enviar",   "indicar",  "facilitar", "puede",   "necesito", "qual",   "informe",   "preciso",
     "quale",  "inviare",  "indicare", "welk",      "stuur",   "geef",     "graag"});
constexpr auto kOfNumber = std::to_array<std::string_view>(
    {"number", "numbers", "no", "nr", "num", "id", "ids", "code", "nummer", "numero", "reference"});
constexpr auto kOfAddress =
    std::to_array<std::string_view>({"address", "adresse", "direccion", "indirizzo", "endereco", "adres"});
constexpr auto kWhichWords =
    std::to_array<std::string_view>({"which", "what", "welche", "welcher", "welchem", "quel", "quelle",
                                     "cual", "que", "qual", "quale", "welk", "welke"});
constexpr auto kYourWords = std::to_array<std::string_view>(
    {"your", "ihr", "ihre", "ihren", "ihrer", "dein",   "deine", "deinen", "votre", "vos",
     "ton",  "su",  "tu",   "seu",   "sua",   "vostro", "suo",   "tuo",    "uw",    "je"});

// What a thing is called, by how its name begins.
struct AskedThing {
  std::string_view kind;
  std::string_view stem;
};
constexpr auto kAskedThings = std::to_array<AskedThing>({{"order", "order"},
                                                         {"order", "bestell"},
                                                         {"order", "auftrag"},
                                                         {"order", "commande"},
                                                         {"order", "pedido"},
                                                         {"order", "ordine"},
                                                         {"order", "encomenda"},
                                                         {"invoice", "invoice"},
                                                         {"invoice", "rechnung"},
                                                         {"invoice", "factu"},
                                                         {"invoice", "fattura"},
                                                         {"invoice", "fatura"},
                                                         {"transaction", "trans"},
                                                         {"payment", "payment"},
                                                         {"payment", "zahlung"},
                                                         {"payment", "paiement"},
                                                         {"payment", "pago"},
                                                         {"account", "account"},
                                                         {"account", "konto"},
                                                         {"account", "compte"},
                                                         {"account", "cuenta"},
                                                         {"account", "conta"},
                                                         {"customer number", "customer"},
                                                         {"customer number", "kunden"},
                                                         {"customer number", "client"},
                                                         {"customer number", "klant"},
                                                         {"tracking", "tracking"},
                                                         {"tracking", "shipment"},
                                                         {"tracking", "sendung"},
                                                         {"tracking", "suivi"},
                                                         {"tracking", "envio"},
                                                         {"serial number", "serial"},
                                                         {"serial number", "serie"},
                                                         {"booking", "booking"},
                                                         {"booking", "reserv"},
                                                         {"booking", "buchung"},
                                                         {"contract", "contract"},
                                                         {"contract", "vertrag"},
                                                         {"contract", "contrat"},
                                                         {"subscription", "subscription"},
                                                         {"phone", "phone"},
                                                         {"phone", "tele"},
                                                         {"phone", "mobil"},
                                                         {"ticket", "ticket"},
                                                         {"case", "case"},
                                                         {"case", "vorgang"},
                                                         {"reference", "reference"},
                                                         {"reference", "referen"},
                                                         {"policy", "policy"}});
constexpr auto kMailWords =
    std::to_array<std::string_view>({"email", "mail", "emailadresse", "mailadresse", "courriel", "correo"});
constexpr auto kNameWords =
    std::to_array<std::string_view>({"name", "namen", "nom", "nombre", "nome", "naam"});

// What whoever has read the conversation does not ask.
constexpr auto kAsksAll = std::to_array<std::string_view>({"what is the problem",
                                                           "what is your problem",
                                                           "what is the issue",
                                                           "what is your issue",
                                                           "whats the problem",
                                                           "whats the issue",
                                                           "what seems to be",
                                                           "how can i help",
                                                           "how may i help",
                                                           "how can we help",
                                                           "describe your problem",
                                                           "describe the problem",
                                                           "describe your issue",
                                                           "describe the issue",
                                                           "explain your problem",
                                                           "explain the problem",
                                                           "explain your issue",
                                                           "explain the issue",
                                                           "was ist das problem",
                                                           "worum geht es",
                                                           "wie kann ich ihnen helfen",
                                                           "wie kann ich dir helfen",
                                                           "wie kann ich helfen",
                                                           "beschreiben sie ihr problem",
                                                           "beschreiben sie das problem",
                                                           "quel est le probleme",
                                                           "quel est votre probleme",
                                                           "comment puis je vous aider",
                                                           "decrire votre probleme",
                                                           "cual es el problema",
                                                           "cual es su problema",
                                                           "en que puedo ayudar",
                                                           "describir el problema",
                                                           "qual e o problema",
                                                           "como posso ajudar",
                                                           "qual e il problema",
                                                           "come posso aiutar",
                                                           "wat is het probleem",
                                                           "waarmee kan ik"});
constexpr auto kAsksTried = std::to_array<std::string_view>(
    {"have you tried", "have you already tried", "did you try", "what did you try", "what have you tried",
     "schon versucht", "bereits versucht", "schon probiert", "bereits probiert", "avez vous essaye",
     "avez vous deja essaye", "ha probado", "ha intentado", "ja tentou", "ha provato", "al geprobeerd"});

bool stands_among(AskWords words, std::string_view word) {
  return std::ranges::find(words, word) != words.end();
}

// Whether one of `words` stands at most `far` words before or after `at`.
bool stands_near(const WordList& list, std::size_t at, std::size_t before, std::size_t after,
                 AskWords words) {
  const auto from = at - std::min(at, before), to = std::min(list.size(), at + after + 1);
  for (auto i = from; i < to; ++i) {
    if (i != at && stands_among(words, list[i].text)) return true;
  }
  return false;
}

// "Order ID", "order_number" and "Order" are one thing.
std::string plain_kind(std::string_view kind) {
  auto words = read_words(spaced(std::string(kind)), 64).list;
  while (words.size() > 1 && stands_among(kOfNumber, words.back().text)) words.pop_back();
  std::string plain;
  for (const auto& word : words) plain += (plain.empty() ? "" : " ") + word.text;
  return plain == "customer" ? "customer number" : plain == "email" || plain == "e mail" ? "e-mail" : plain;
}

class QuestionIn {
 public:
  explicit QuestionIn(const std::string& sentence)
      : sentence_(to_lower(sentence)), words_(read_words(sentence, kMostOfAnswer).list) {
    for (const auto& word : words_) text_ += " " + word.text;
    text_ += ' ';
    const auto end = trim(sentence);
    asks_ = end.ends_with("?") || end.ends_with("\uff1f") ||
            std::ranges::any_of(words_, [](const Word& word) { return stands_among(kAsking, word.text); });
  }

  bool asks() const { return asks_; }
  bool names(std::string_view value) const { return sentence_.find(to_lower(value)) != std::string::npos; }
  bool says(AskWords phrases) const {
    return std::ranges::any_of(
        phrases, [&](auto phrase) { return text_.find(" " + std::string(phrase)) != std::string::npos; });
  }

  bool wants_number_of(std::string_view kind) const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const auto& word = words_[i].text;
      const auto is_it = [&](const AskedThing& thing) {
        return thing.kind == kind && word.starts_with(thing.stem);
      };
      if (std::ranges::none_of(kAskedThings, is_it)) continue;
      const bool whole = word.ends_with("nummer") || word.ends_with("number");
      if (whole || stands_near(words_, i, 3, 1, kOfNumber) || stands_near(words_, i, 1, 0, kWhichWords))
        return true;
    }
    return false;
  }

  bool wants_mail() const {
    for (std::size_t i = 0; i < words_.size(); ++i) {
      if (!stands_among(kMailWords, words_[i].text)) continue;
      const bool whole = words_[i].text.ends_with("adresse");
      if (whole || stands_near(words_, i, 2, 1, kOfAddress)) return true;
      // "e-mail" is two words.
      if (is_whose(i) &&
          std::ranges::any_of(words_, [](const Word& one) { return stands_among(kAsking, one.text); }))
        return true;
    }
    return false;
  }

  bool wants_name() const {
    for (std::size_t i = 1; i < words_.size(); ++i) {
      if (stands_among(kNameWords, words_[i].text) &&
          (stands_among(kYourWords, words_[i - 1].text) ||
           (words_[i - 1].text == "full" && stands_near(words_, i, 2, 0, kYourWords))))
        return true;
    }
    return false;
  }

  // A long word of what was tried.
  bool mentions(std::string_view action) const {
    constexpr std::size_t kLong = 5;
    const auto found = read_words(spaced(std::string(action)), 256);
    return std::ranges::any_of(found.list, [&](const Word& word) {
      return word.text.size() >= kLong && text_.find(" " + word.text.substr(0, kLong)) != std::string::npos;
    });
  }

 private:
  bool is_whose(std::size_t at) const {
    if (at > 0 && stands_among(kYourWords, words_[at - 1].text)) return true;
    return at > 1 && words_[at - 1].text == "e" && stands_among(kYourWords, words_[at - 2].text);
  }

  std::string sentence_;
  WordList words_;
  std::string text_;  // the words, each between blanks
  bool asks_ = false;
};

bool customer_spoke(JsonView data) {
  if (!data.at_path("intent.summary").text().empty()) return true;
  const auto transcript = items(data["transcript"]);
  return std::ranges::any_of(transcript,
                             [](JsonView message) { return message["role"].text() == "customer"; });
}

bool asks_for_tried(const QuestionIn& question, JsonView data) {
  if (!question.says(kAsksTried)) return false;
  const auto attempts = items(data["attempts"]);
  return std::ranges::any_of(attempts,
                             [&](JsonView attempt) { return question.mentions(attempt["action"].text()); });
}

}  // namespace

std::vector<std::string> asked_again(std::string_view answer, JsonView data) {
  std::vector<std::string> found;
  const auto add = [&](std::string_view kind) {
    if (std::ranges::find(found, kind) == found.end()) found.emplace_back(kind);
  };
  const auto all = sentences(tidy(answer, kMostOfAnswer));
  std::vector<QuestionIn> questions;
  for (const auto& sentence : all) {
    if (QuestionIn one(sentence); one.asks()) questions.push_back(std::move(one));
  }
  if (questions.empty()) return found;
  const auto given = identifiers_given(data);
  const auto name = data.at_path("customer.name").text();
  for (const auto& question : questions) {
    for (const auto& [called, value, from, instead_of] : given) {
      const auto kind = plain_kind(called);
      const bool wanted = kind == "e-mail" ? question.wants_mail() : question.wants_number_of(kind);
      if (wanted && !question.names(value)) add(kind);
    }
    if (!name.empty() && question.wants_name() && !question.names(name)) add("name");
    if (question.says(kAsksAll) && customer_spoke(data)) add("problem");
    if (asks_for_tried(question, data)) add("attempts");
  }
  return found;
}

}  // namespace baton::handoff
