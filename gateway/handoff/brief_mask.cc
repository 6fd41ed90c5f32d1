// What nobody needs in a brief to help, and anybody could misuse: card numbers, bank accounts, keys,
// passwords.
#include <algorithm>
#include <array>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

// --- card numbers

bool passes_luhn(std::string_view digits) {
  int sum = 0;
  bool twice = false;
  for (auto c = digits.rbegin(); c != digits.rend(); ++c, twice = !twice) {
    const int digit = *c - '0';
    sum += !twice ? digit : digit > 4 ? 2 * digit - 9 : 2 * digit;
  }
  return sum % 10 == 0;
}

// Digits with single blanks, dashes or points between them, and where in the line each stands.
struct Run {
  std::string digits;
  std::vector<std::size_t> at;
};

Run run_from(const std::string& line, std::size_t from) {
  Run run;
  for (auto i = from; i < line.size(); ++i) {
    if (is_digit(line[i])) {
      run.digits += line[i];
      run.at.push_back(i);
    } else if (!(line[i] == ' ' || line[i] == '-' || line[i] == '.') || i + 1 == line.size() ||
               !is_digit(line[i + 1])) {
      break;
    }
  }
  return run;
}

// The longest number of a card that begins at a group of the run's digits and ends with one; {first, count}.
std::pair<std::size_t, std::size_t> card_in(const Run& run) {
  const auto starts_group = [&](std::size_t i) { return i == 0 || run.at[i] > run.at[i - 1] + 1; };
  for (std::size_t first = 0; first + 13 <= run.digits.size(); ++first) {
    if (!starts_group(first) || run.digits[first] < '2' || run.digits[first] > '6') continue;
    for (std::size_t count = std::min<std::size_t>(19, run.digits.size() - first); count >= 13; --count) {
      const bool ends = first + count == run.digits.size() || starts_group(first + count);
      if (ends && passes_luhn(std::string_view(run.digits).substr(first, count))) return {first, count};
    }
  }
  return {0, 0};
}

std::string without_cards(const std::string& line) {
  std::string to;
  for (std::size_t i = 0; i < line.size();) {
    if (!is_digit(line[i])) {
      to += line[i++];
      continue;
    }
    const auto run = run_from(line, i);
    const auto [first, count] = card_in(run);
    const auto end = count > 0 ? run.at[first + count - 1] + 1 : run.at.back() + 1;
    if (count == 0) {
      to += line.substr(i, end - i);
    } else {
      to += line.substr(i, run.at[first] - i) + "****" + run.digits.substr(first + count - 4, 4);
    }
    i = end;
  }
  return to;
}

// --- bank accounts

// ISO 13616: with its first four at the end and letters as numbers it leaves 1, divided by 97.
bool is_iban(const std::string& packed) {
  if (packed.size() < 15 || packed.size() > 34) return false;
  int rest = 0;
  const auto moved = packed.substr(4) + packed.substr(0, 4);
  for (const char c : moved) rest = (is_digit(c) ? rest * 10 + (c - '0') : rest * 100 + (c - 'A' + 10)) % 97;
  return rest == 1;
}

// The IBAN that begins at `from`, blanks between its groups or not: where it ends, or 0.
std::size_t end_of_iban(const std::string& line, std::size_t from, std::string& packed) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (from + 15 > line.size() || !upper(line[from]) || !upper(line[from + 1]) || !is_digit(line[from + 2]) ||
      !is_digit(line[from + 3]) || (from > 0 && (is_letter(line[from - 1]) || is_digit(line[from - 1]))))
    return 0;
  std::size_t end = 0;
  for (auto i = from; i < line.size() && packed.size() <= 34; ++i) {
    if (line[i] == ' ') continue;
    if (!upper(line[i]) && !is_digit(line[i])) break;
    packed += line[i];
    if (is_iban(packed) && (i + 1 == line.size() || !is_digit(line[i + 1]))) {
      end = i + 1;
      break;
    }
  }
  return end;
}

std::string without_ibans(const std::string& line) {
  std::string to;
  for (std::size_t i = 0; i < line.size();) {
    std::string packed;
    const auto end = end_of_iban(line, i, packed);
    if (end == 0) {
      to += line[i++];
      continue;
    }
    to += "****" + packed.substr(packed.size() - 4);
    i = end;
  }
  return to;
}

// --- numbers by which a state knows a person

// Whether the text at `from` has the form, in which 0 stands for a digit and A for a letter.
bool has_form(std::string_view line, std::size_t from, std::string_view form) {
  if (from + form.size() > line.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const char c = line[from + i];
    if (form[i] == '0' ? !is_digit(c) : form[i] == 'A' ? !(c >= 'A' && c <= 'Z') : c != form[i]) return false;
  }
  return true;
}

// The last two digits of Brazil's CPF check the nine before them.
bool is_cpf(const std::string& digits) {
  for (const std::size_t checked : {9, 10}) {
    std::size_t sum = 0;
    for (std::size_t i = 0; i < checked; ++i)
      sum += static_cast<std::size_t>(digits[i] - '0') * (checked + 1 - i);
    if (sum * 10 % 11 % 10 != static_cast<std::size_t>(digits[checked] - '0')) return false;
  }
  return true;
}

// Spain's DNI ends with a letter that its digits give.
bool is_dni(std::string_view digits, char letter) {
  std::size_t number = 0;
  for (const char c : digits) number = number * 10 + static_cast<std::size_t>(c - '0');
  return std::string_view("TRWAGMYFPDXBNJZSQVHLCKE")[number % 23] == letter;
}

// The length of such a number at `from`, or 0.
std::size_t state_number_at(std::string_view line, std::size_t from) {
  constexpr std::string_view kCpf = "000.000.000-00", kSocialSecurity = "000-00-0000", kDni = "00000000A";
  std::string digits;
  for (const char c : line.substr(from, kCpf.size())) {
    if (is_digit(c)) digits += c;
  }
  if (has_form(line, from, kCpf) && is_cpf(digits)) return kCpf.size();
  const bool issued = !line.substr(from).starts_with("000") && !line.substr(from).starts_with("666");
  if (has_form(line, from, kSocialSecurity) && line[from] != '9' && issued) return kSocialSecurity.size();
  if (has_form(line, from, kDni) && is_dni(line.substr(from, 8), line[from + 8])) return kDni.size();
  return 0;
}

std::string without_state_numbers(const std::string& line) {
  const auto inside = [&](std::size_t at) {
    return at < line.size() && (is_digit(line[at]) || is_letter(line[at]));
  };
  std::string to;
  for (std::size_t i = 0; i < line.size();) {
    const bool begins =
        is_digit(line[i]) && (i == 0 || !(inside(i - 1) || line[i - 1] == '-' || line[i - 1] == '.'));
    const auto length = begins ? state_number_at(line, i) : 0;
    const bool ends = !inside(i + length);
    to += length > 0 && ends ? "****" + line.substr(i + length - 2, 2) : line.substr(i, 1);
    i += length > 0 && ends ? length : 1;
  }
  return to;
}

// --- keys and passwords, word by word

constexpr auto kKeyPrefixes = std::to_array<std::string_view>(
    {"sk_",         "pk_",    "rk_",   "sk-",   "whsec_", "ghp_",     "gho_",   "ghs_",
     "github_pat_", "glpat-", "xoxa-", "xoxb-", "xoxp-",  "xoxr-",    "xoxs-",  "xapp-",
     "AKIA",        "ASIA",   "AIza",  "eyJ",   "SG.",    "lin_api_", "shpat_", "ya29."});

bool is_key(std::string_view word) {
  return word.size() >= 16 &&
         std::ranges::any_of(kKeyPrefixes, [&](std::string_view prefix) { return word.starts_with(prefix); });
}

constexpr auto kSecretWords = std::to_array<std::string_view>({"password",
                                                               "passwd",
                                                               "passcode",
                                                               "passphrase",
                                                               "passwort",
                                                               "kennwort",
                                                               "pin",
                                                               "cvv",
                                                               "cvc",
                                                               "cvv2",
                                                               "csc",
                                                               "otp",
                                                               "tan",
                                                               "puk",
                                                               "secret",
                                                               "token",
                                                               "bearer",
                                                               "api_key",
                                                               "apikey",
                                                               "api-key",
                                                               "contrase\u00f1a",
                                                               "clave",
                                                               "senha",
                                                               "wachtwoord",
                                                               "passe",
                                                               "\u043f\u0430\u0440\u043e\u043b\u044c",
                                                               "\u5bc6\u7801",
                                                               "\u30d1\u30b9\u30ef\u30fc\u30c9"});
constexpr auto kJoins =
    std::to_array<std::string_view>({"is", "ist", "est", "es", "lautet", "was", "war", "code", "number",
                                     "nummer", "=", ":", "-", "\u662f", "\u306f"});

bool in(std::span<const std::string_view> list, std::string_view word) {
  return std::ranges::any_of(list, [&](std::string_view one) {
    return one.size() == word.size() && equals_ignoring_case(one, word);
  });
}

// "is wrong" tells nothing secret, "is hunter2" does: a digit, a sign inside, or both cases.
bool looks_secret(std::string_view word) {
  bool digit = false, sign = false, lower = false, upper_inside = false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    digit |= is_digit(c);
    lower |= c >= 'a' && c <= 'z';
    upper_inside |= i > 0 && c >= 'A' && c <= 'Z';
    sign |=
        i + 1 < word.size() && i > 0 && std::string_view("!@#$%^&*_+=~").find(c) != std::string_view::npos;
  }
  return word.size() >= 3 && (digit || sign || (lower && upper_inside));
}

std::string_view stripped(std::string_view word) {
  constexpr std::string_view kMarks = "\"'`,.;!?()<>[]:=";
  while (!word.empty() && kMarks.find(word.front()) != std::string_view::npos) word.remove_prefix(1);
  while (!word.empty() && kMarks.find(word.back()) != std::string_view::npos) word.remove_suffix(1);
  return word;
}

// What a word says about the next one.
enum class Next { free, named, told };  // nothing; "password"; "password:"

Next after(std::string_view word, Next before) {
  const auto low = stripped(word);
  const bool colon = word.ends_with(':') || word.ends_with('=');
  if (in(kSecretWords, low)) return colon ? Next::told : Next::named;
  if (before == Next::free) return Next::free;
  if (word == ":" || word == "=") return Next::told;
  if (in(kJoins, low)) return colon ? Next::told : before;
  return Next::free;
}

std::string masked_word(std::string_view word, Next before) {
  const auto inner = stripped(word);
  if (inner.empty()) return std::string(word);
  // "password=hunter2", "pin:1234"
  if (const auto sign = word.find_first_of(":="); sign != std::string_view::npos && sign + 1 < word.size() &&
                                                  word.substr(sign).find("//") == std::string_view::npos) {
    auto name = std::string_view(word).substr(0, sign);
    if (in(kSecretWords, stripped(name))) return std::string(word.substr(0, sign + 1)) + "****";
  }
  const bool hide = is_key(inner) || (before == Next::told && inner.size() >= 3 && !in(kJoins, inner)) ||
                    (before == Next::named && looks_secret(inner));
  return hide ? "****" : std::string(word);
}

std::string without_keys(const std::string& line) {
  std::string to;
  auto before = Next::free;
  for (const auto word : split(line, ' ')) {
    if (!to.empty()) to += ' ';
    // "****4242" was masked already and keeps its last four.
    to += word.find("****") != std::string_view::npos ? std::string(word) : masked_word(word, before);
    before = after(word, before);
  }
  return to;
}

}  // namespace

std::string mask_secrets(std::string line) {
  if (std::ranges::any_of(line, is_digit)) line = without_state_numbers(without_cards(without_ibans(line)));
  return without_keys(line);
}

}  // namespace baton::handoff
