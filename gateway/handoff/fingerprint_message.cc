// Messages, pages and names without what varies.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gateway/base/text.h"
#include "gateway/handoff/fingerprint_text.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kMaxMessage = 4096, kMaxCut = 256, kMaxQuoted = 200;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

// "de", "de-DE", "pt_BR": upper and lower case as written, since "it-is" is no locale.
bool is_locale(std::string_view text) {
  if (text.size() != 5 || (text[2] != '-' && text[2] != '_')) return false;
  const auto lower = [&](std::size_t i) { return text[i] >= 'a' && text[i] <= 'z'; };
  const auto upper = [&](std::size_t i) { return text[i] >= 'A' && text[i] <= 'Z'; };
  return lower(0) && lower(1) && upper(3) && upper(4);
}

// What remains of a word with digits in it: the letters before the first that varies, if they say something.
// "ord_8f3a2" -> "ord*", "INV-2024-12" -> "inv*", "a8Kd92jX" -> "*", "v2.3" -> "*".
std::string without_digits(std::string_view word) {
  std::size_t kept = 0, start = 0;
  for (std::size_t i = 0; i <= word.size(); ++i) {
    if (i < word.size() && is_word_letter(word[i])) continue;
    if (i < word.size() && is_digit(word[i])) {
      // Letters on both sides of digits: the whole piece is an id; digits at its end: a number on a word.
      std::size_t end = i;
      while (end < word.size() && is_digit(word[end])) ++end;
      const bool mixed = end < word.size() && is_word_letter(word[end]);
      if (!mixed && i > start) kept = i;
      break;
    }
    kept = i;
    start = i + 1;
  }
  auto prefix = word.substr(0, kept);
  while (!prefix.empty() && !is_word_letter(prefix.back())) prefix.remove_suffix(1);
  return prefix.size() < 2 ? "*" : to_lower(prefix) + "*";
}

// db-03.internal and db-07.internal are one service.
std::string host_name(std::string_view host) {
  if (const auto at = host.rfind('@'); at != std::string_view::npos) host.remove_prefix(at + 1);
  std::string name;
  for (const char c : to_lower(host.substr(0, host.find_first_of(":/?#")))) {
    if (!is_digit(c)) name += c;
    else if (name.empty() || name.back() != '*') name += '*';
  }
  if (name.starts_with("www.")) name.erase(0, 4);
  if (name.find_first_not_of("*.") == std::string::npos) return {};  // an address of numbers says nothing
  return name;
}

// A segment of a path that stands for one of many.
bool varies(std::string_view segment) {
  if (segment.starts_with(':') || segment.starts_with('{') || segment.find('@') != std::string_view::npos)
    return true;
  if (segment.size() <= 3 && segment.starts_with('v') && all_digits(segment.substr(1))) return false;  // /v2/
  if (has_digit(segment)) return true;
  return segment.size() >= 8 && std::ranges::all_of(segment, is_hex);
}

std::string path_template(std::string_view path) {
  path = path.substr(0, path.find_first_of("?#"));
  std::string made;
  bool first = true;
  for (auto segment : split(path, '/')) {
    if (segment.empty()) continue;
    const bool language = is_locale(segment) || (first && segment.size() == 2 && is_word_letter(segment[0]) &&
                                                 is_word_letter(segment[1]));
    first = false;
    if (language) continue;
    for (const std::string_view end : {".html", ".php", ".aspx", ".jsp"}) {
      if (segment.ends_with(end)) segment.remove_suffix(end.size());
    }
    made += varies(segment) ? "/:id" : "/" + to_lower(segment);
    if (made.size() > kMaxCut) break;
  }
  return made.empty() ? "/" : std::string(clip_utf8(made, kMaxCut));
}

constexpr auto kFolders = std::to_array<std::string_view>({"/home/", "/var/", "/tmp/", "/usr/", "/opt/",
                                                           "/Users/", "/private/", "/mnt/", "/data/", "/srv/",
                                                           "/etc/", "/app/", "/root/", "/proc/", "~/", "./"});
bool is_file(std::string_view word) {
  if (word.find('\\') != std::string_view::npos) return true;
  return std::ranges::any_of(kFolders, [&](auto folder) { return word.starts_with(folder); });
}

constexpr auto kTopDomains =
    std::to_array<std::string_view>({"internal", "local", "svc", "com", "io", "net", "org", "example", "dev",
                                     "cloud", "cluster", "test", "de", "eu", "app", "localdomain"});
bool is_host(std::string_view word) {
  word = word.substr(0, word.find(':'));
  const auto dot = word.rfind('.');
  return dot != std::string_view::npos && dot > 0 && is_one_of(word.substr(dot + 1), kTopDomains);
}
bool is_service(std::string_view word) {
  constexpr auto kEnds = std::to_array<std::string_view>(
      {"-service", "-svc", "-api", "_service", "-gateway", "-server", "-worker", "-db"});
  const auto ends = [&](auto end) { return word.ends_with(end) && word.size() > end.size(); };
  return std::ranges::any_of(kEnds, ends);
}

constexpr auto kUnits = std::to_array<std::string_view>(
    {"ms",   "s",    "sec",   "secs", "second", "seconds", "minute", "minutes", "min",
     "mins", "hour", "hours", "h",    "day",    "days",    "kb",     "mb",      "gb",
     "kib",  "mib",  "bytes", "byte", "%",      "eur",     "usd",    "gbp",     "chf",
     "jpy",  "brl",  "€",     "$",    "£",      "am",      "pm",     "times",   "time"});
constexpr auto kCurrencies =
    std::to_array<std::string_view>({"eur", "usd", "gbp", "chf", "jpy", "brl", "€", "$", "£"});
// A number after one of these says what went wrong.
constexpr auto kBeforeStatus =
    std::to_array<std::string_view>({"status", "http", "errno", "sqlstate", "statuscode", "exit"});
constexpr auto kBeforeName = std::to_array<std::string_view>(
    {"user", "customer", "tenant", "account", "member", "username", "login", "benutzer", "kunde", "client"});
constexpr auto kTelling = std::to_array<std::string_view>(
    {"service", "host", "upstream", "op", "operation", "method", "code", "status", "type", "reason"});
constexpr auto kBoilerplate =
    std::to_array<std::string_view>({"uncaught", "unhandled", "error", "exception", "fatal", "err", "warn",
                                     "warning", "in", "promise", "rejection", "promiserejection", "*"});

// What follows is who was called; behind the second kind only if it looks like a host or a service.
constexpr auto kCalls = std::to_array<std::string_view>({"calling", "upstream", "service"});
constexpr auto kReaches = std::to_array<std::string_view>(
    {"to",         "from",       "at",         "host",       "connect", "connecting",
     "reach",      "reaching",   "requesting", "request",    "fetch",   "fetching",
     "get",        "post",       "put",        "patch",      "delete",  "econnrefused",
     "etimedout",  "econnreset", "enotfound",  "eai_again",  "tcp",     "dial",
     "lookup",     "against",    "querying",   "contacting", "the",     "refused",
     "connection", "on"});
constexpr auto kArticles =
    std::to_array<std::string_view>({"the", "a", "an", "is", "was", "of", "not", "unavailable", "error",
                                     "failed", "timed", "returned", "request", "timeout", "service"});

struct Quote {
  std::string_view open;
  std::string_view close;
};
constexpr auto kQuotes = std::to_array<Quote>({{"\"", "\""},
                                               {"'", "'"},
                                               {"`", "`"},
                                               {"“", "”"},
                                               {"„", "“"},
                                               {"«", "»"},
                                               {"‘", "’"},
                                               {"‚", "‘"},
                                               {"»", "«"}});

// Reads a message from left to right, once.
class MessageReader {
 public:
  explicit MessageReader(std::string_view text) : text_(text) {}

  MessageTemplate read() {
    cut_dots();
    while (at_ < text_.size()) {
      if (is_space(text_[at_])) ++at_;
      else if (text_[at_] == '{') skip_braces();
      else if (!skip_quoted()) take_word();
    }
    return finish();
  }

 private:
  void cut_dots() {
    text_ = trim(text_);
    for (const std::string_view mark : {"[truncated]", "(truncated)", "<truncated>", "…", "...", "[...]"}) {
      if (!text_.ends_with(mark)) continue;
      text_.remove_suffix(mark.size());
      made_.truncated = true;
      // The last word may have been cut in its middle.
      while (!text_.empty() && !is_space(text_.back())) text_.remove_suffix(1);
      text_ = trim(text_);
      return;
    }
  }

  void star() {
    if (!words_.empty() && is_one_of(words_.back(), kCurrencies)) words_.pop_back();
    if (words_.empty() || words_.back() != "*") words_.push_back("*");
    number_ = true;
  }

  // An object in braces is a value, however long.
  void skip_braces() {
    std::size_t depth = 0;
    for (; at_ < text_.size(); ++at_) {
      if (text_[at_] == '{') ++depth;
      if (text_[at_] == '}' && --depth == 0) break;
    }
    if (at_ < text_.size()) ++at_;
    star();
  }

  bool skip_quoted() {
    const auto rest = text_.substr(at_);
    for (std::size_t kind = 0; kind < kQuotes.size(); ++kind) {
      const auto& quote = kQuotes[kind];
      if (!rest.starts_with(quote.open)) continue;
      const auto inside = rest.substr(quote.open.size(), kMaxQuoted);
      const auto end = inside.find(quote.close);
      if (end == std::string_view::npos) {
        at_ += quote.open.size();
        if (!made_.truncated) return true;
        at_ = text_.size();  // the closing one was cut off
      } else {
        name_target(inside.substr(0, end));
        at_ += quote.open.size() + end + quote.close.size();
      }
      star();
      return true;
    }
    return false;
  }

  bool opens_quote() const {
    const auto rest = text_.substr(at_);
    const auto opens = [&](const Quote& quote) { return rest.starts_with(quote.open); };
    if (!std::ranges::any_of(kQuotes, opens)) return false;
    const char before = text_[at_ - 1];
    return before == '=' || before == ':' || before == '(' || before == '[' || before == ',' ||
           text_[at_] == '"' || text_[at_] == '`';
  }

  void take_word() {
    const auto start = at_;
    const bool address = text_.substr(at_, 10).find("://") != std::string_view::npos;
    while (at_ < text_.size() && !is_space(text_[at_]) && (at_ == start || !opens_quote())) {
      if (text_[at_] == '{' && at_ > start && !address) break;
      ++at_;
    }
    auto word = text_.substr(start, at_ - start);
    while (!word.empty() && std::string_view("([<,;:!?-|>").find(word.front()) != std::string_view::npos)
      word.remove_prefix(1);
    const bool names_type = word.ends_with(':');
    while (!word.empty() && std::string_view(".,;:!?)]>'|-").find(word.back()) != std::string_view::npos)
      word.remove_suffix(1);
    if (word.empty()) return;
    const bool after_number = std::exchange(number_, false);
    if (names_type && read_type(word)) return;
    classify(word, after_number);
  }

  bool read_type(std::string_view word) {
    if (!made_.type.empty() || word.find('/') != std::string_view::npos) return false;
    auto name = to_lower(word);
    if (const auto dot = name.find_last_of(".:\\"); dot != std::string::npos) name.erase(0, dot + 1);
    if (name == "error" || name == "exception" || name == "failure") return false;
    if (!name.ends_with("error") && !name.ends_with("exception") && !name.ends_with("fault")) return false;
    made_.type = name.substr(0, kMaxCut);
    return true;
  }

  // "calling geo.Lookup/Resolve", "connect to redis-2.internal", "dial tcp 10.1.2.3:6379".
  void name_target(std::string_view word) {
    if (!made_.target.empty() || words_.empty() || word.find('@') != std::string_view::npos) return;
    const auto lower = to_lower(word);
    const auto at = lower.find("://");
    const bool host = at != std::string::npos || is_host(lower) || is_service(lower);
    std::string_view before = words_.back();
    if (before == "the" && words_.size() > 1) before = words_[words_.size() - 2];
    const bool called = is_one_of(before, kCalls);
    const auto address = std::string_view(lower).substr(at == std::string::npos ? 0 : at + 3);
    if (host && (called || is_one_of(before, kReaches) || is_service(lower)) && !host_name(address).empty())
      made_.target = host_name(address);
    else if (before == "port" && all_digits(lower)) made_.target = "port " + lower;
    else if (const auto port = port_of(address.substr(0, address.find('/')));
             port && (called || is_one_of(before, kReaches)))
      made_.target = "port " + *port;
    else if (called && is_word_letter(lower.front()) && !is_one_of(lower, kArticles))
      made_.target = host_name(lower);
  }

  // Of an address without a name: the port is what tells one service from another.
  static std::optional<std::string> port_of(std::string_view word) {
    const auto colon = word.rfind(':');
    if (colon == std::string_view::npos || !all_digits(word.substr(colon + 1))) return std::nullopt;
    const auto address = word.substr(0, colon);
    const bool nameless = address.find_first_not_of("0123456789.:[]") == std::string_view::npos;
    if (!nameless && address != "localhost") return std::nullopt;
    return std::string(word.substr(colon + 1));
  }

  void classify(std::string_view word, bool after_number) {
    const auto lower = to_lower(word);
    name_target(word);
    if (after_number && is_one_of(lower, kUnits)) return;
    if (word.find("://") != std::string_view::npos) return take_url(word);
    if (is_file(word)) return star();
    if (word.find('@') != std::string_view::npos && word.find('.') != std::string_view::npos) return star();
    if (word.front() == '/' && word.size() > 1) return push(path_template(word));
    if (const auto equals = word.find('='); equals != std::string_view::npos && equals > 0)
      return take_pair(word.substr(0, equals), word.substr(equals + 1));
    if (is_host(lower) || is_service(lower)) {
      const auto host = host_name(lower);
      return is_host(lower) && host != made_.target ? star() : push(host);
    }
    if (is_locale(word)) return star();
    if (after_name_word(word)) return star();
    if (has_digit(word)) return take_number(word);
    if (word.size() >= 8 && std::ranges::all_of(word, is_hex)) return star();
    push(lower);
  }

  void take_url(std::string_view word) {
    const auto rest = word.substr(word.find("://") + 3);
    const auto slash = std::min(rest.find('/'), rest.size());
    const auto host = host_name(rest.substr(0, slash));
    if (host != made_.target) {  // it may be the customer's own
      star();
      if (slash + 1 < rest.size()) push(path_template(rest.substr(slash)));
      return;
    }
    push(host + path_template(rest.substr(slash)));
  }

  void take_pair(std::string_view name, std::string_view value) {
    push(to_lower(name));
    if (value.empty()) return;
    if (is_one_of(to_lower(name), kTelling) && !has_digit(value)) {
      name_target(value);
      return push(to_lower(value));
    }
    if (is_one_of(to_lower(name), kTelling) && all_digits(value) && value.size() <= 3)
      return push(std::string(value));
    star();
  }

  bool after_name_word(std::string_view word) const {
    if (words_.empty()) return false;
    const bool named = is_one_of(words_.back(), kBeforeName);
    if (named && word.find_first_of("._") != std::string_view::npos) return true;
    const bool capital = (word[0] >= 'A' && word[0] <= 'Z') || static_cast<unsigned char>(word[0]) >= 0xC3;
    if (!capital) return false;
    // "user Ada Lovelace": the second name follows the star of the first.
    return named ||
           (words_.size() > 1 && words_.back() == "*" && is_one_of(words_[words_.size() - 2], kBeforeName));
  }

  void take_number(std::string_view word) {
    const bool status =
        all_digits(word) && word.size() <= 5 && !words_.empty() &&
        (is_one_of(words_.back(), kBeforeStatus) ||
         (words_.size() > 1 && words_.back() == "code" &&
          (is_one_of(words_[words_.size() - 2], kBeforeStatus) || words_[words_.size() - 2] == "error")));
    if (status) return push(std::string(word));
    const auto prefix = without_digits(word);
    if (prefix == "*" || is_one_of(prefix.substr(0, prefix.size() - 1), kCurrencies)) return star();
    push(prefix);
    number_ = true;
  }

  void push(std::string word) { words_.push_back(std::move(word)); }

  MessageTemplate finish() {
    std::size_t first = 0;
    while (first + 1 < words_.size() && is_one_of(words_[first], kBoilerplate)) ++first;
    auto last = words_.size();
    while (last > first + 1 && words_[last - 1] == "*") --last;
    const std::span<const std::string> kept(words_.begin() + static_cast<std::ptrdiff_t>(first),
                                            words_.begin() + static_cast<std::ptrdiff_t>(last));
    const auto text = join(kept, " ");
    if (text.size() > kMaxCut) made_.truncated = true;
    made_.text = clip_utf8(text, kMaxCut);
    made_.target = clip_utf8(made_.target, kMaxCut);
    return std::move(made_);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<std::string> words_;
  bool number_ = false;  // the word before was a value
  MessageTemplate made_;
};

}  // namespace

MessageTemplate message_template(std::string_view message) {
  const auto valid = to_valid_utf8(clip_utf8(message, kMaxMessage));
  auto made = MessageReader(valid).read();
  if (message.size() > kMaxMessage) made.truncated = true;
  return made;
}

std::string page_template(std::string_view url) {
  const auto valid = to_valid_utf8(clip_utf8(trim(url), kMaxMessage));
  std::string_view rest = valid;
  if (rest.empty()) return {};
  if (const auto at = rest.find("://"); at != std::string_view::npos) {
    rest.remove_prefix(at + 3);
    rest.remove_prefix(std::min(rest.find('/'), rest.size()));
  }
  // Pages inside one document: "/app#/orders/4711".
  if (const auto hash = rest.find("#/"); hash != std::string_view::npos) rest.remove_prefix(hash + 1);
  else if (const auto bang = rest.find("#!/"); bang != std::string_view::npos) rest.remove_prefix(bang + 2);
  return path_template(rest);
}

std::string component_name(std::string_view component) {
  auto name = to_lower(to_valid_utf8(clip_utf8(trim(component), kMaxCut)));
  name = name.substr(0, name.find_first_of("@: "));
  // A pod's name ends in pieces that are drawn by lot.
  for (auto dash = name.rfind('-'); dash != std::string::npos && dash > 0; dash = name.rfind('-')) {
    const auto piece = std::string_view(name).substr(dash + 1);
    const bool version = piece.size() <= 3 && piece.starts_with('v');
    if (version || !has_digit(piece)) break;
    name.resize(dash);
  }
  return name;
}

std::string code_name(std::string_view code) {
  auto name = to_lower(to_valid_utf8(clip_utf8(trim(code), kMaxCut)));
  for (auto& c : name) {
    if (c == '_' || c == ' ' || c == '.') c = '-';
  }
  return name;
}

}  // namespace baton::handoff
