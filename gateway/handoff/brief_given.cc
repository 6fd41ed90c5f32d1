#include "gateway/handoff/brief_given.h"

#include <algorithm>
#include <array>
#include <utility>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kMostGiven = 12;
constexpr std::size_t kMostBytes = 48'000;  // of the customer's messages; people give numbers early or late
constexpr std::size_t kFirstMessages = 40;
constexpr std::size_t kLastMessages = 120;

// The word before a number says what the number is. In lower case, but for letters beyond ASCII.
struct Label {
  std::string_view word;
  std::string_view kind;
};
constexpr auto kLabels = std::to_array<Label>({
    {"order", "order"},
    {"bestellung", "order"},
    {"bestellnummer", "order"},
    {"auftrag", "order"},
    {"auftragsnummer", "order"},
    {"commande", "order"},
    {"pedido", "order"},
    {"ordine", "order"},
    {"encomenda", "order"},
    {"bestelling", "order"},
    {"zam\u00f3wienie", "order"},
    {"sipari\u015f", "order"},
    {"\u0437\u0430\u043a\u0430\u0437", "order"},
    {"\u6ce8\u6587", "order"},
    {"\u6ce8\u6587\u756a\u53f7", "order"},
    {"\u8ba2\u5355", "order"},
    {"\u8ba2\u5355\u53f7", "order"},
    {"\uc8fc\ubb38", "order"},
    {"invoice", "invoice"},
    {"rechnung", "invoice"},
    {"rechnungsnummer", "invoice"},
    {"facture", "invoice"},
    {"factura", "invoice"},
    {"fattura", "invoice"},
    {"fatura", "invoice"},
    {"factuur", "invoice"},
    {"\u8acb\u6c42\u66f8", "invoice"},
    {"transaction", "transaction"},
    {"txn", "transaction"},
    {"transaktion", "transaction"},
    {"transacci\u00f3n", "transaction"},
    {"transazione", "transaction"},
    {"payment", "payment"},
    {"zahlung", "payment"},
    {"ticket", "ticket"},
    {"case", "case"},
    {"vorgang", "case"},
    {"vorgangsnummer", "case"},
    {"account", "account"},
    {"kundennummer", "customer number"},
    {"customer", "customer number"},
    {"kunde", "customer number"},
    {"client", "customer number"},
    {"cliente", "customer number"},
    {"konto", "account"},
    {"compte", "account"},
    {"cuenta", "account"},
    {"conta", "account"},
    {"tracking", "tracking"},
    {"shipment", "tracking"},
    {"parcel", "tracking"},
    {"package", "tracking"},
    {"sendung", "tracking"},
    {"sendungsnummer", "tracking"},
    {"paket", "tracking"},
    {"colis", "tracking"},
    {"serial", "serial number"},
    {"seriennummer", "serial number"},
    {"s/n", "serial number"},
    {"imei", "IMEI"},
    {"booking", "booking"},
    {"buchung", "booking"},
    {"buchungsnummer", "booking"},
    {"reservation", "booking"},
    {"r\u00e9servation", "booking"},
    {"reserva", "booking"},
    {"contract", "contract"},
    {"vertrag", "contract"},
    {"vertragsnummer", "contract"},
    {"contrat", "contract"},
    {"contrato", "contract"},
    {"policy", "policy"},
    {"reference", "reference"},
    {"referenz", "reference"},
    {"r\u00e9f\u00e9rence", "reference"},
    {"ref", "reference"},
    {"referencia", "reference"},
    {"subscription", "subscription"},
    {"abo", "subscription"},
    {"phone", "phone"},
    {"telefon", "phone"},
    {"card", "card"},
    {"karte", "card"},
    {"carte", "card"},
    {"tarjeta", "card"},
    {"iban", "IBAN"},
    {"error", "error"},
});
// Between the label and its number nothing else may stand: "an order from 2024" names no order.
constexpr auto kFillers = std::to_array<std::string_view>(
    {"number",      "no",     "nr",      "num",    "id",           "code",
     "is",          "ist",    "est",     "es",     "nummer",       "num\u00e9ro",
     "n\u00famero", "numero", "lautet",  "the",    "my",           "was",
     "mit",         "der",    "die",     "with",   "\u756a\u53f7", "\u53f7",
     "\u306f",      "\u662f", "n\u00b0", "\u2116", "\u7f16\u53f7", "\u043d\u043e\u043c\u0435\u0440"});
constexpr auto kPrefixes = std::to_array<Label>({{"ord", "order"},
                                                 {"inv", "invoice"},
                                                 {"txn", "transaction"},
                                                 {"tx", "transaction"},
                                                 {"rma", "return"},
                                                 {"tkt", "ticket"},
                                                 {"sub", "subscription"},
                                                 {"acc", "account"},
                                                 {"acct", "account"},
                                                 {"cus", "customer number"},
                                                 {"ch", "payment"},
                                                 {"pi", "payment"}});

bool is_token(char c) { return is_digit(c) || is_letter(c) || c == '-' || c == '_' || c == '/' || c == '*'; }

std::string_view kind_of(std::span<const Label> labels, std::string_view word) {
  const auto found = std::ranges::find(labels, word, &Label::word);
  return found == labels.end() ? std::string_view() : found->kind;
}

// The label at the end of `before`, behind nothing but fillers; at most four words back.
std::string_view label_before(std::string_view before) {
  constexpr std::size_t kFar = 64;
  if (before.size() > kFar) before.remove_prefix(before.size() - kFar);
  const auto low = to_lower(before);
  std::string_view rest = low;
  for (int words = 0; words < 4; ++words) {
    const auto marks = rest.find_last_not_of(" #:.,-=()\"'");
    if (marks == std::string_view::npos) return {};
    if (rest.substr(marks + 1).find(',') != std::string_view::npos) return {};  // the next thing of a list
    rest = rest.substr(0, marks + 1);
    const auto space = rest.find_last_of(" #:.,-=()\"'");
    const auto word = space == std::string_view::npos ? rest : rest.substr(space + 1);
    if (const auto kind = kind_of(kLabels, word); !kind.empty()) return kind;
    // Where words are not set apart, the label is what the word ends with.
    for (const auto& label : kLabels) {
      if (static_cast<unsigned char>(label.word[0]) >= 0xe3 && word.ends_with(label.word)) return label.kind;
    }
    if (std::ranges::find(kFillers, word) == kFillers.end()) return {};
    if (space == std::string_view::npos) return {};
    rest = rest.substr(0, space + 1);
  }
  return {};
}

// "ORD-20931", "txn_8f2a77": the prefix says what it is.
std::string_view kind_by_prefix(std::string_view token) {
  const auto sign = token.find_first_of("-_");
  if (sign == std::string_view::npos || sign < 2 || sign > 5) return {};
  const auto prefix = token.substr(0, sign);
  if (!std::ranges::all_of(prefix, is_letter)) return {};
  const auto digits = std::ranges::count_if(token.substr(sign), is_digit);
  if (const auto kind = kind_of(kPrefixes, to_lower(prefix)); !kind.empty() && digits >= 2) return kind;
  const bool upper = std::ranges::none_of(prefix, [](char c) { return c >= 'a' && c <= 'z'; });
  return upper && digits >= 3 ? std::string_view("reference") : std::string_view();
}

class Given {
 public:
  void add(std::string_view kind, std::string_view value, std::string_view from) {
    const auto bare = bare_letters(value);
    if (bare.empty() || seen(bare)) return;
    if (from == "transcript" && corrects(bare, value)) return;
    if (all.size() >= kMostGiven) return;
    all.push_back({std::string(kind), std::string(value), std::string(from), ""});
    bare_.push_back(bare);
  }

  // `line` is tidy.
  void read(std::string_view line) {
    for (std::size_t i = 0; i < line.size();) {
      if (!is_token(line[i])) {
        ++i;
        continue;
      }
      auto end = i;
      while (end < line.size() && is_token(line[end])) ++end;
      if (end < line.size() && (line[end] == '@' || line[end] == '.')) end = take_address(line, i, end);
      else take_number(line, i, end);
      i = end;
    }
  }

  std::vector<Identifier> all;

 private:
  bool seen(const std::string& bare) const { return std::ranges::find(bare_, bare) != bare_.end(); }

  // "88231, sorry, 88213": the later one is meant.
  bool corrects(const std::string& bare, std::string_view value) {
    const auto mistyped =
        std::ranges::find_if(bare_, [&](const std::string& one) { return neighbours_swapped(one, bare); });
    const auto at = static_cast<std::size_t>(mistyped - bare_.begin());
    if (at >= all.size()) return false;
    auto& known = all[at];
    known.instead_of = std::exchange(known.value, std::string(value));
    known.from = "transcript";
    bare_.push_back(bare_[at]);  // behind those of `all`: the slip is not taken for a third
    bare_[at] = bare;
    return true;
  }

  static bool neighbours_swapped(std::string_view one, std::string_view other) {
    if (one.size() != other.size()) return false;
    const auto at = static_cast<std::size_t>(std::ranges::mismatch(one, other).in1 - one.begin());
    return at + 1 < one.size() && one[at] == other[at + 1] && one[at + 1] == other[at] &&
           one.substr(at + 2) == other.substr(at + 2);
  }

  // The end of what was read: an e-mail address, or the word alone.
  std::size_t take_address(std::string_view line, std::size_t from, std::size_t word_end) {
    auto at = word_end;
    const auto part = [](char c) { return is_token(c) || c == '.' || c == '+'; };
    while (at < line.size() && part(line[at])) ++at;
    auto end = at;
    if (at < line.size() && line[at] == '@') {
      ++end;
      while (end < line.size() && part(line[end])) ++end;
      while (end > at && line[end - 1] == '.') --end;
      const auto host = line.substr(at + 1, end - at - 1);
      if (host.find('.') != std::string_view::npos && host.find('*') == std::string_view::npos) {
        add("e-mail", line.substr(from, end - from), "transcript");
        return end;
      }
    }
    take_number(line, from, word_end);
    return word_end;
  }

  void take_number(std::string_view line, std::size_t from, std::size_t end) {
    auto token = line.substr(from, end - from);
    while (!token.empty() && (token.back() == '-' || token.back() == '_' || token.back() == '/'))
      token.remove_suffix(1);
    const auto digits = std::ranges::count_if(token, is_digit);
    if (token.size() < 4 || token.size() > 64 || digits < 2) return;
    const auto before = line.substr(0, from);
    if (token.starts_with("****")) {
      if (token.size() != 8) return;
      const auto label = label_before(before);
      return add(label == "IBAN" ? "IBAN" : "card", token, "transcript");
    }
    if (token.find('*') != std::string_view::npos || decimal(line, end)) return;
    if (before.ends_with('+') && digits >= 8) return;  // a phone number is not always the customer's
    if (const auto kind = label_before(before); !kind.empty() && kind != "card" && kind != "error")
      return add(kind, token, "transcript");
    if (const auto kind = kind_by_prefix(token); !kind.empty()) return add(kind, token, "transcript");
    if (before.ends_with('#') && digits >= 4) add("reference", token, "transcript");
  }

  // "129,90" is an amount.
  static bool decimal(std::string_view line, std::size_t end) {
    return end + 1 < line.size() && (line[end] == ',' || line[end] == '.') && is_digit(line[end + 1]);
  }

  std::vector<std::string> bare_;
};

// An error's code is known from the error; it is nothing that the customer gave.
void leave_out_errors(JsonView data, std::vector<Identifier>& all) {
  for (const auto& error : items(data["errors"])) {
    const auto code = tidy(error["code"]);
    std::erase_if(all, [&](const Identifier& one) { return one.from == "transcript" && one.value == code; });
  }
}

void read_event(JsonView data, Given& given) {
  const auto list = items(data["identifiers"]);
  for (std::size_t i = 0; i < std::min<std::size_t>(list.size(), kMostGiven); ++i) {
    const auto value = list[i]["value"].id().value_or("");
    const auto kind = tidy(spaced(list[i]["kind"].text()));
    given.add(kind.empty() ? "reference" : shorten(kind, 40), shorten(tidy(value), 80), "event");
  }
  given.add("account", shorten(tidy(data.at_path("customer.account_id")), 80), "event");
  given.add("e-mail", shorten(tidy(data.at_path("customer.email")), 120), "event");
}

bool may_hold_one(std::string_view text) {
  return std::ranges::any_of(
      text, [](char c) { return is_digit(c) || c == '@' || static_cast<unsigned char>(c) >= 0xd9; });
}

void read_transcript(JsonView data, Given& given) {
  const auto messages = items(data["transcript"]);
  std::size_t left = kMostBytes;
  for (std::size_t i = 0; i < messages.size() && left > 0; ++i) {
    if (i >= kFirstMessages && i + kLastMessages < messages.size()) continue;
    if (messages[i]["role"].string() != "customer") continue;
    const auto text = messages[i]["text"].string().value_or("").substr(0, std::min(left, kMostRead));
    if (!may_hold_one(text)) continue;
    left -= text.size();
    given.read(tidy(text));
  }
}

}  // namespace

std::vector<Identifier> identifiers_given(JsonView data) {
  Given given;
  read_event(data, given);
  read_transcript(data, given);
  leave_out_errors(data, given.all);
  return std::move(given.all);
}

std::string in_words(const std::vector<Identifier>& given, const std::string& said) {
  constexpr std::size_t kStep = 300;
  std::vector<std::string> parts;
  for (const auto& one : given) {
    if (said.find(one.value) != std::string::npos) continue;
    parts.push_back(one.kind + " " + one.value +
                    (one.instead_of.empty() ? "" : " (not " + one.instead_of + ")"));
  }
  return join_within(parts, ", ", kStep);
}

}  // namespace baton::handoff
