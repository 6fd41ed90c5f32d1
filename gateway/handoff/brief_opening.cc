// The first line that an agent may send: it shows that nothing has to be told again.
#include <algorithm>
#include <array>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_parts.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

// In the customer's language. {} is filled in.
struct OpeningWords {
  std::string_view language;
  std::string_view hello, hello_you;  // with the name, without
  std::string_view have;              // the conversation is there, with their own words
  std::string_view have_it;           // the same without
  std::string_view tried;             // something was tried
  std::string_view no_repeat;
  std::string_view nothing;  // there is no conversation
};

constexpr auto kOpenings = std::to_array<OpeningWords>({
    {"en", "Hello {}, ", "Hello, ", "I have your conversation here, you wrote: \u201c{}\u201d. ",
     "I have your conversation here. ", "I can see what was already tried. ",
     "You need not explain it again.", "I am taking over from the assistant. What can I do for you?"},
    {"de", "Hallo {}, ", "Hallo, ", "Ihr Gespr\u00e4ch liegt mir vor, Sie schrieben: \u201e{}\u201c. ",
     "Ihr Gespr\u00e4ch liegt mir vor. ", "Was schon versucht wurde, sehe ich. ",
     "Sie m\u00fcssen nichts noch einmal erkl\u00e4ren.",
     "ich \u00fcbernehme vom Assistenten. Was kann ich f\u00fcr Sie tun?"},
    {"fr", "Bonjour {}, ", "Bonjour, ",
     "j\u2019ai votre conversation sous les yeux, vous avez \u00e9crit : \u00ab {} \u00bb. ",
     "j\u2019ai votre conversation sous les yeux. ",
     "Je vois ce qui a d\u00e9j\u00e0 \u00e9t\u00e9 essay\u00e9. ",
     "Vous n\u2019avez rien \u00e0 r\u00e9p\u00e9ter.",
     "je prends la suite de l\u2019assistant. Que puis-je faire pour vous ?"},
    {"es", "Hola {}: ", "Hola: ", "tengo su conversaci\u00f3n delante; usted escribi\u00f3: \u00ab{}\u00bb. ",
     "tengo su conversaci\u00f3n delante. ", "Veo lo que ya se ha intentado. ",
     "No hace falta que lo repita.", "tomo el relevo del asistente. \u00bfEn qu\u00e9 puedo ayudarle?"},
    {"it", "Buongiorno {}, ", "Buongiorno, ", "ho qui la sua conversazione; ha scritto: \u00ab{}\u00bb. ",
     "ho qui la sua conversazione. ", "Vedo che cosa \u00e8 gi\u00e0 stato provato. ",
     "Non deve ripetere nulla.", "subentro all\u2019assistente. Come posso aiutarla?"},
    {"pt", "Ol\u00e1 {}, ", "Ol\u00e1, ", "tenho aqui a sua conversa; voc\u00ea escreveu: \u201c{}\u201d. ",
     "tenho aqui a sua conversa. ", "Vejo o que j\u00e1 foi tentado. ", "N\u00e3o precisa repetir nada.",
     "estou assumindo a conversa do assistente. Em que posso ajudar?"},
    {"nl", "Hallo {}, ", "Hallo, ", "ik heb uw gesprek voor me, u schreef: \u201c{}\u201d. ",
     "ik heb uw gesprek voor me. ", "Ik zie wat al geprobeerd is. ", "U hoeft niets te herhalen.",
     "ik neem het over van de assistent. Waarmee kan ik u helpen?"},
});

// "pt-BR" -> its row; English where there is none.
const OpeningWords& words_for(std::string_view language) {
  const auto primary = to_lower(language.substr(0, language.find_first_of("-_")));
  const auto found = std::ranges::find(kOpenings, primary, &OpeningWords::language);
  return found == kOpenings.end() ? kOpenings.front() : *found;
}

std::string filled(std::string_view form, const std::string& with) {
  std::string text(form);
  if (const auto at = text.find("{}"); at != std::string::npos) text.replace(at, 2, with);
  return text;
}

}  // namespace

std::string opening_line(JsonView data, const Brief& brief, const Talk& talk) {
  constexpr std::size_t kName = 60, kQuote = 100;
  const auto& words = words_for(data.at_path("conversation.language").text());
  const auto name = shorten(tidy(data.at_path("customer.name")), kName);
  std::string line = name.empty() ? std::string(words.hello_you) : filled(words.hello, name);
  if (!talk.any) return line + std::string(words.nothing);
  auto issue = shorten(issue_about(talk, brief.category), kQuote);
  while (!issue.empty() && (issue.back() == '.' || issue.back() == '!')) issue.pop_back();
  line += issue.empty() ? std::string(words.have_it) : filled(words.have, issue);
  if (brief.tried != "Nothing yet") line += words.tried;
  return line + std::string(words.no_repeat);
}

}  // namespace baton::handoff
