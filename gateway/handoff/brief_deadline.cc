#include "gateway/handoff/brief_deadline.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kNewestMessages = 10;  // the newest; an older deadline is over or was answered

using TimeWords = std::span<const std::string_view>;

// A day, or a part of one. In lower case, but for letters beyond ASCII.
constexpr auto kDayWords = std::to_array<std::string_view>(
    {"monday",      "tuesday",     "wednesday", "thursday",    "friday",    "saturday",   "sunday",
     "today",       "tonight",     "tomorrow",  "weekend",     "montag",    "dienstag",   "mittwoch",
     "donnerstag",  "freitag",     "samstag",   "sonntag",     "heute",     "morgen",     "abend",
     "wochenende",  "lundi",       "mardi",     "mercredi",    "jeudi",     "vendredi",   "samedi",
     "dimanche",    "demain",      "ce soir",   "lunes",       "martes",    "jueves",     "viernes",
     "s\u00e1bado", "domingo",     "hoy",       "ma\u00f1ana", "segunda",   "ter\u00e7a", "quarta",
     "quinta",      "sexta",       "hoje",      "amanh\u00e3", "aujourd",   "sabado",     "midnight",
     "noon",        "mitternacht", "minuit",    "medianoche",  "meia-noite"});
constexpr auto kClocks = std::to_array<std::string_view>(
    {"uhr", "o'clock", "am", "pm", "h", "hours", "stunden", "heures", "horas", "hrs"});
constexpr auto kMonthWords = std::to_array<std::string_view>(
    {"january",   "february",      "march",      "april",      "june",      "july",      "august",
     "september", "october",       "november",   "december",   "januar",    "februar",   "m\u00e4rz",
     "mai",       "juni",          "juli",       "oktober",    "dezember",  "janvier",   "f\u00e9vrier",
     "mars",      "avril",         "juin",       "juillet",    "ao\u00fbt", "septembre", "octobre",
     "novembre",  "d\u00e9cembre", "enero",      "febrero",    "marzo",     "abril",     "mayo",
     "junio",     "julio",         "agosto",     "septiembre", "octubre",   "noviembre", "diciembre",
     "janeiro",   "fevereiro",     "mar\u00e7o", "maio",       "junho",     "julho",     "setembro",
     "outubro",   "novembro",      "dezembro"});
// Why it presses.
constexpr auto kPressing = std::to_array<std::string_view>({"before",
                                                            "by",
                                                            "until",
                                                            "till",
                                                            "deadline",
                                                            "latest",
                                                            "must",
                                                            "need",
                                                            "needs",
                                                            "otherwise",
                                                            "going live",
                                                            "goes live",
                                                            "due",
                                                            "suspended",
                                                            "expires",
                                                            "leave",
                                                            "leaves",
                                                            "starts",
                                                            "have to",
                                                            "has to",
                                                            "only have",
                                                            "notify",
                                                            "depart",
                                                            "bis",
                                                            "vor",
                                                            "muss",
                                                            "m\u00fcssen",
                                                            "sonst",
                                                            "sp\u00e4testens",
                                                            "l\u00e4uft",
                                                            "brauche",
                                                            "brauchen",
                                                            "frist",
                                                            "avant",
                                                            "d'ici",
                                                            "doit",
                                                            "doivent",
                                                            "dois",
                                                            "sinon",
                                                            "jusqu",
                                                            "faut",
                                                            "d\u00e9nonce",
                                                            "part",
                                                            "antes",
                                                            "hasta",
                                                            "tiene que",
                                                            "tengo que",
                                                            "debe",
                                                            "si no",
                                                            "entran",
                                                            "sale",
                                                            "salgo",
                                                            "a partir",
                                                            "vence",
                                                            "at\u00e9",
                                                            "preciso",
                                                            "tem que",
                                                            "tenho que",
                                                            "sen\u00e3o",
                                                            "viajo",
                                                            "embarco",
                                                            "flight",
                                                            "flug",
                                                            "vol",
                                                            "vuelo",
                                                            "voo"});
// What was, presses no more.
constexpr auto kPastWords = std::to_array<std::string_view>(
    {"yesterday", "since",   "ago",     "was",           "were",       "came",    "did",   "last",
     "missed",    "gestern", "seit",    "letzte",        "letzten",    "letztes", "war",   "waren",
     "hier",      "depuis",  "dernier", "derni\u00e8re", "\u00e9tait", "ayer",    "desde", "pasado",
     "fue",       "ontem",   "passado", "foi",           "passada"});

bool is_inside(char c) {
  return is_letter(c) || is_digit(c) || static_cast<unsigned char>(c) >= 0x80 || c == '\'' || c == ':' ||
         c == '-';
}

// In lower case, one blank between words and at each end.
std::string in_plain_words(std::string_view sentence) {
  std::string words = " ";
  words.reserve(sentence.size() + 2);
  for (const char c : sentence) {
    const bool part = is_inside(c);
    if (part) words += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    else if (words.back() != ' ') words += ' ';
  }
  if (words.back() != ' ') words += ' ';
  return words;
}

// "jusqu" and "aujourd" go on behind an apostrophe.
bool stands_at(std::string_view words, std::size_t at, std::string_view one) {
  const auto end = at + one.size();
  return words.substr(at).starts_with(one) && (words[end] == ' ' || words[end] == '\'');
}

// Only where a word begins is one looked for, and only of its first letter.
bool has_time_word(const std::string& words, TimeWords list) {
  for (std::size_t at = 1; at < words.size(); at = words.find(' ', at) + 1) {
    const char first = words[at];
    for (const auto one : list) {
      if (one.front() == first && stands_at(words, at, one)) return true;
    }
  }
  return false;
}

bool starts_with_digit(std::string_view word) { return !word.empty() && is_digit(word.front()); }

// "11:00", "18h", "72 hours", "um 11 uhr", "at 10".
bool names_hour(const std::string& words) {
  constexpr auto kAt =
      std::to_array<std::string_view>({"at", "um", "\u00e0", "las", "\u00e0s", "by", "bis", "before"});
  const auto all = split(words, ' ');
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!starts_with_digit(all[i]) || all[i].size() > 5) continue;
    const auto digits = static_cast<std::size_t>(std::ranges::count_if(all[i], is_digit));
    const auto unit = all[i].substr(std::min(all[i].size(), all[i].find_first_not_of("0123456789")));
    if (digits <= 2 && is_any_of(unit, {"h", "am", "pm"})) return true;
    if (all[i].find(':') != std::string_view::npos && digits >= 3) return true;
    if (digits > 2 || !unit.empty()) continue;
    if (i + 1 < all.size() && std::ranges::find(kClocks, all[i + 1]) != kClocks.end()) return true;
    if (i + 1 < all.size() && std::ranges::find(kMonthWords, all[i + 1]) != kMonthWords.end()) return true;
    if (i > 0 && std::ranges::find(kAt, all[i - 1]) != kAt.end()) return true;
  }
  return false;
}

bool presses(std::string_view sentence) {
  const auto words = in_plain_words(sentence);
  if (!has_time_word(words, kPressing)) return false;
  const bool digit = std::ranges::any_of(words, is_digit);
  return ((digit && names_hour(words)) || has_time_word(words, kDayWords)) &&
         !has_time_word(words, kPastWords);
}

}  // namespace

std::string deadline_in(JsonView transcript) {
  const auto all = items(transcript);
  std::size_t read = 0;
  for (auto message = all.rbegin(); message != all.rend() && read < kNewestMessages; ++message) {
    if ((*message)["role"].string() != "customer") continue;
    ++read;
    const auto text = (*message)["text"].text();
    if (!has_time_word(in_plain_words(clip_utf8(text, kMostRead)), kPressing)) continue;  // most have none
    const auto said = sentences(tidy(text));
    const auto found = std::find_if(said.rbegin(), said.rend(), presses);
    if (found != said.rend()) return *found;
  }
  return {};
}

}  // namespace baton::handoff
