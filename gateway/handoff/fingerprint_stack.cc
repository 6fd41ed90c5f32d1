// The top of a stack, whoever wrote it: the first call of our own code that has a name.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "gateway/base/text.h"
#include "gateway/handoff/fingerprint_text.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kMaxStack = 32 * 1024, kMaxLines = 100, kMaxLine = 500, kMaxPart = 256;

// One call as it stands in the stack, not yet tidied.
struct Call {
  std::string_view function;
  std::string_view place;
};

bool drop_front(std::string_view& text, std::string_view front) {
  if (!text.starts_with(front)) return false;
  text.remove_prefix(front.size());
  return true;
}

// Libraries and runtimes: what is at their top is seldom where the defect is.
constexpr auto kForeign = std::to_array<std::string_view>({"node_modules",
                                                           "node:",
                                                           "/vendor/",
                                                           "vendors~",
                                                           "vendor.",
                                                           "vendor-",
                                                           "internal/",
                                                           "webpack/bootstrap",
                                                           "<anonymous>:",
                                                           "polyfill",
                                                           "zone.js",
                                                           "react-dom",
                                                           "vue.runtime",
                                                           "jquery",
                                                           "axios",
                                                           "lodash",
                                                           "extension://",
                                                           "[native code]",
                                                           "site-packages",
                                                           "dist-packages",
                                                           "/usr/lib",
                                                           "/usr/local/",
                                                           "lib/python",
                                                           "/gems/",
                                                           "/lib/ruby",
                                                           "/rustc/",
                                                           "/.cargo/",
                                                           "std::",
                                                           "core::",
                                                           "tokio::",
                                                           "rust_begin_unwind",
                                                           "libc.so",
                                                           "/usr/include",
                                                           "/go/pkg/mod",
                                                           "runtime/",
                                                           "runtime.",
                                                           "net/http",
                                                           "laravel/framework",
                                                           "symfony/",
                                                           "/grpc/",
                                                           "/express/",
                                                           "/rack/",
                                                           "/undici/",
                                                           "/amqplib/",
                                                           "/mongodb/",
                                                           "/sequelize/",
                                                           "/typeorm/",
                                                           "/knex/",
                                                           "/prisma/",
                                                           "/rails/",
                                                           "/django/",
                                                           "/flask/",
                                                           "/werkzeug/",
                                                           "/sqlalchemy/",
                                                           "/requests/",
                                                           "/urllib3/",
                                                           "/celery/",
                                                           "/koa/",
                                                           "/rxjs/",
                                                           "/next/dist/",
                                                           "uikit",
                                                           "libswift",
                                                           "libsystem",
                                                           "corefoundation",
                                                           "swiftui"});
constexpr auto kForeignPackages = std::to_array<std::string_view>({"java.",
                                                                   "javax.",
                                                                   "jakarta.",
                                                                   "jdk.",
                                                                   "sun.",
                                                                   "com.sun.",
                                                                   "org.springframework.",
                                                                   "org.apache.",
                                                                   "org.hibernate.",
                                                                   "org.eclipse.",
                                                                   "org.postgresql.",
                                                                   "com.mysql.",
                                                                   "com.zaxxer.",
                                                                   "com.fasterxml.",
                                                                   "com.google.common.",
                                                                   "okhttp3.",
                                                                   "retrofit2.",
                                                                   "io.netty.",
                                                                   "io.grpc.",
                                                                   "reactor.",
                                                                   "kotlin.",
                                                                   "kotlinx.",
                                                                   "scala.",
                                                                   "akka.",
                                                                   "android.",
                                                                   "androidx.",
                                                                   "dalvik.",
                                                                   "com.android.",
                                                                   "system.",
                                                                   "microsoft.",
                                                                   "panic",
                                                                   "encoding/",
                                                                   "net/",
                                                                   "database/sql",
                                                                   "runtime.",
                                                                   "syscall.",
                                                                   "reflect.",
                                                                   "bufio.",
                                                                   "npgsql.",
                                                                   "newtonsoft."});

// What such a library calls the function that hands an error on, wherever the bundler has put it.
constexpr auto kMessengers = std::to_array<std::string_view>(
    {"settle", "receiveerrorresponse", "callerrorfromstatus", "renderwithhooks", "performunitofwork",
     "dispatchevent", "callcallback", "processticksandrejections", "handlestreamend", "beginwork",
     "commitroot", "updatefunctioncomponent", "workloopsync", "createerror", "handleerror", "throwerror",
     "checkstatus"});

// Such names stand in many places: who called them has to be added.
constexpr auto kEveryday = std::to_array<std::string_view>(
    {"decode", "json",     "parse",  "fetch", "request", "send",   "query",  "execute",
     "exec",   "do",       "get",    "post",  "put",     "read",   "write",  "connect",
     "handle", "dispatch", "emit",   "throw", "raise",   "assert", "check",  "fail",
     "wrap",   "unwrap",   "expect", "open",  "load",    "save",   "ensure", "invariant"});

bool is_foreign(std::string_view line, std::string_view function) {
  const auto lower = to_lower(line);
  const auto inside = [&](auto part) { return lower.find(part) != std::string::npos; };
  if (std::ranges::any_of(kForeign, inside)) return true;
  const auto called = to_lower(function);
  const auto tail = called.substr(called.find_last_of(".:/ ") + 1);
  if (std::ranges::find(kMessengers, tail) != kMessengers.end()) return true;
  return std::ranges::any_of(kForeignPackages, [&](auto name) { return called.starts_with(name); });
}

bool is_place(std::string_view text) {
  if (text == "Native Method" || text == "Unknown Source" || text == "<anonymous>") return true;
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos && colon + 1 < text.size() && is_digit(text[colon + 1])) return true;
  return text.ends_with(".java") || text.ends_with(".kt") || text.find(":line ") != std::string_view::npos;
}

// "C:\src\Pay.cs:line 12" and "https://x.example/main.js?v=3:1:200" without the end.
std::string_view without_line(std::string_view place) {
  if (const auto line = place.find(":line "); line != std::string_view::npos) place = place.substr(0, line);
  for (int i = 0; i < 2; ++i) {
    const auto colon = place.rfind(':');
    if (colon == std::string_view::npos || colon + 1 >= place.size() || !is_digit(place[colon + 1])) break;
    place = place.substr(0, colon);
  }
  return place.substr(0, place.find_first_of("?#"));
}

// The call behind "at ": V8, the JVM, .NET.
std::optional<Call> read_at(std::string_view rest) {
  while (drop_front(rest, "async ") || drop_front(rest, "new ")) {
  }
  if (const auto in = rest.find(") in "); in != std::string_view::npos && is_place(rest.substr(in + 5)))
    return Call{rest.substr(0, rest.find('(')), rest.substr(in + 5)};
  if (rest.ends_with(')')) {
    const auto open = rest.rfind('(');
    if (open == std::string_view::npos) return std::nullopt;
    const auto inside = rest.substr(open + 1, rest.size() - open - 2);
    return Call{trim(rest.substr(0, open)), is_place(inside) ? inside : std::string_view()};
  }
  if (is_place(rest)) return Call{{}, rest};
  if (rest.find(' ') != std::string_view::npos || rest.empty()) return std::nullopt;
  return Call{rest, {}};
}

// "#0 /srv/Pay.php(12): Pay->charge()" of PHP, "#3 0x1 in charge (x=1) at pay.cc:12" of gdb, and
// "#2 charge (pay.dart:12)".
std::optional<Call> read_numbered(std::string_view line) {
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos || !has_digit(line.substr(0, blank))) return std::nullopt;
  auto rest = trim(line.substr(blank));
  if (const auto php = rest.find("): "); php != std::string_view::npos) {
    const auto place = rest.substr(0, rest.find('('));
    const auto function = rest.substr(php + 3);
    return Call{function.substr(0, function.find('(')), place};
  }
  if (const auto at = rest.rfind(" at "); at != std::string_view::npos) {
    auto function = rest.substr(0, at);
    if (const auto in = function.find(" in "); in != std::string_view::npos) function.remove_prefix(in + 4);
    return Call{trim(function.substr(0, function.find('('))), rest.substr(at + 4)};
  }
  return read_at(rest);
}

std::optional<Call> read_python(std::string_view line) {
  const auto end = line.find('"', 6);
  if (end == std::string_view::npos) return std::nullopt;
  const auto in = line.find(", in ", end);
  return Call{in == std::string_view::npos ? std::string_view() : line.substr(in + 5),
              line.substr(6, end - 6)};
}

std::optional<Call> read_ruby(std::string_view line, std::size_t in) {
  auto function = line.substr(in + 4);
  if (!function.empty() && (function.front() == '`' || function.front() == '\'')) function.remove_prefix(1);
  if (function.ends_with('\'')) function.remove_suffix(1);
  if (const auto block = function.rfind(" in "); block != std::string_view::npos)
    function.remove_prefix(block + 4);  // block in charge
  return Call{function, line.substr(0, in)};
}

// "0   AcmeApp   0x00000001136af788 OrdersViewModel.row(at:) + 64": Swift and Objective-C.
std::optional<Call> read_apple(std::string_view line) {
  const auto address = line.find(" 0x");
  if (address == std::string_view::npos) return std::nullopt;
  auto symbol = line.substr(address + 1);
  symbol.remove_prefix(std::min(symbol.size(), symbol.find(' ')));
  symbol = trim(symbol.substr(0, symbol.rfind(" + ")));
  if (symbol.empty()) return std::nullopt;
  return Call{symbol, {}};
}

std::optional<Call> read_line(std::string_view line) {
  drop_front(line, "from ");
  if (drop_front(line, "at ")) return read_at(line);
  if (line.starts_with("File \"")) return read_python(line);
  if (line.starts_with('#')) return read_numbered(line);
  if (is_digit(line.empty() ? ' ' : line.front())) {
    if (const auto call = read_apple(line)) return call;
  }
  if (const auto in = line.find(":in "); in != std::string_view::npos && in > 0 && is_digit(line[in - 1]))
    return read_ruby(line, in);
  const auto at = line.find('@');
  if (at != std::string_view::npos && line.find(' ') == std::string_view::npos &&
      (is_place(line.substr(at + 1)) || line.ends_with("[native code]")))
    return Call{line.substr(0, at), line.substr(at + 1)};
  if (line.ends_with(')') && line.find('(') != std::string_view::npos) {
    const auto call = read_at(line);
    const bool sentence = call && call->function.find(' ') != std::string_view::npos;
    if (call && !sentence && (!call->place.empty() || call->function.find('.') != std::string_view::npos))
      return call;
    return std::nullopt;
  }
  const auto place = line.substr(0, line.find(' '));  // Go: "/srv/pay.go:12 +0x1d"
  if (is_place(place) && place.find('.') != std::string_view::npos && place.size() > 3)
    return Call{{}, place};
  return std::nullopt;
}

// "3: shop::pay::charge": Rust names the function a line before the place.
std::optional<std::string_view> read_rust(std::string_view line) {
  const auto colon = line.find(": ");
  if (colon == std::string_view::npos || colon == 0 || colon > 3) return std::nullopt;
  if (!std::ranges::all_of(line.substr(0, colon), is_digit)) return std::nullopt;
  return trim(line.substr(colon + 2));
}

// --- names

// Letters that a compiler or a minifier drew.
bool is_drawn(std::string_view name) {
  if (name.size() <= 2) return true;
  constexpr auto kNameless = std::to_array<std::string_view>(
      {"anonymous", "eval",      "lambda", "closure", "callee",  "module",   "listcomp", "genexpr",
       "dictcomp",  "{closure}", "object", "main",    "value",   "apply",    "call",     "invoke",
       "invoke0",   "next",      "step",   "unknown", "onclick", "onsubmit", "run"});
  return std::ranges::find(kNameless, name) != kNameless.end();
}

// What angle brackets mean: "Pay.<ChargeAsync>d__12.MoveNext" and "<shop::Pay as Card>::charge" name the call
// in or behind them, "List<T>.add" and "submit/<" do not.
std::string without_brackets(std::string_view written) {
  std::string kept;
  for (std::size_t i = 0; i < written.size(); ++i) {
    const auto end = written[i] == '<' ? written.find('>', i) : std::string_view::npos;
    if (written[i] != '<') {
      kept += written[i];
      continue;
    }
    if (end == std::string_view::npos) break;
    const auto behind = written.substr(end + 1);
    const bool named = (i == 0 || written[i - 1] == '.') && !behind.starts_with("::");
    if (named) return std::string(written.substr(i + 1, end - i - 1));
    i = end;
  }
  return kept;
}

// "shop.Checkout.submit [as onClick]", "Checkout/submit/<", "shop::pay::charge::h0a1b" -> "submit", "charge".
std::string function_name(std::string_view written) {
  if (const auto as = written.find(" ["); as != std::string_view::npos) written = written.substr(0, as);
  while (written.ends_with('<') || written.ends_with('/')) written.remove_suffix(1);
  if (const auto method = written.rfind(")."); method != std::string_view::npos)
    written.remove_prefix(method + 2);  // (*Client).Do
  auto name = to_lower(without_brackets(written.substr(0, written.find('('))));
  if (const auto lambda = name.find("lambda$"); lambda != std::string::npos) name.erase(0, lambda + 7);
  // Rust adds a digest, compilers a number: $1, _1, _callee3$.
  if (const auto digest = name.rfind("::h"); digest != std::string::npos && name.size() - digest >= 12)
    name.resize(digest);
  while (!name.empty() && (is_digit(name.back()) || name.back() == '$')) name.pop_back();
  while (name.ends_with("_callee") || name.ends_with("{{closure}}")) {
    const auto cut = name.find_last_of(".:$", name.size() - 3);
    name.resize(cut == std::string::npos ? 0 : cut);
  }
  while (!name.empty() && (name.back() == '_' || name.back() == ':' || name.back() == '.')) name.pop_back();
  if (const auto start = name.find_last_of(".:>#/$\\* )"); start != std::string::npos)
    name.erase(0, start + 1);
  return is_drawn(name) ? std::string() : name;
}

bool is_release_piece(std::string_view piece) {
  return piece == "min" || piece == "bundle" || piece == "chunk" || piece == "prod" || has_digit(piece);
}

// Places that many files share.
bool says_little(std::string_view stem) {
  constexpr auto kCommon = std::to_array<std::string_view>(
      {"index",    "handler", "app",    "mod",       "__init__",  "route",         "page",
       "views",    "utils",   "main",   "bundle",    "vendor",    "chunk",         "runtime",
       "lib",      "server",  "src",    "dist",      "js",        "static",        "assets",
       "build",    "out",     "chunks", "tmp",       "scripts",   "release",       "releases",
       "current",  "public",  "opt",    "srv",       "www",       "html",          "web",
       "client",   "code",    "home",   "workspace", "immutable", "native method", "unknown source",
       "anonymous"});
  return stem.size() < 2 || std::ranges::find(kCommon, stem) != kCommon.end();
}

// "main.4f3a2b.min.js" -> "main", "index-BfK29aQ1.js" -> "index", "Checkout.java" -> "checkout".
std::string stem_of(std::string_view file) {
  const auto lower = to_lower(file);
  std::string_view name = lower;
  if (const auto dot = name.rfind('.'); dot != std::string_view::npos && dot > 0) name = name.substr(0, dot);
  for (auto cut = name.find_last_of(".-"); cut != std::string_view::npos && cut > 0;
       cut = name.find_last_of(".-")) {
    const auto piece = name.substr(cut + 1);
    if (!is_release_piece(piece)) break;
    name = name.substr(0, cut);
  }
  return std::string(name);
}

// The file's own name; where that says little, the folder's too, unless it changes with every release.
std::string file_name(std::string_view place) {
  place = without_line(place);
  if (place.empty() || place.find('<') != std::string_view::npos) return {};
  const auto slash = place.find_last_of("/\\");
  const auto stem = stem_of(slash == std::string_view::npos ? place : place.substr(slash + 1));
  if (slash == std::string_view::npos || !says_little(stem)) return stem;
  auto folder = place.substr(0, slash);
  if (const auto above = folder.find_last_of("/\\"); above != std::string_view::npos)
    folder = folder.substr(above + 1);
  const auto named = to_lower(folder);
  if (says_little(named) || has_digit(named) || named.find(':') != std::string::npos ||
      named.find('.') != std::string::npos)
    return stem;
  return named + "/" + stem;
}

// The JVM and .NET name the class before the method where there is no file.
std::string class_name(std::string_view function) {
  function = function.substr(0, function.find_first_of("(<"));
  const auto method = function.find_last_of(".");
  if (method == std::string_view::npos || method == 0) return {};
  const auto owner = function.substr(0, method);
  const auto start = owner.find_last_of(".");
  auto name = to_lower(start == std::string_view::npos ? owner : owner.substr(start + 1));
  name = name.substr(0, name.find('$'));
  return name == "object" || name == "module" ? std::string() : name;
}

// "acme/sync/calendar.Pull": Go names the package, whose files all do much the same.
std::string package_name(std::string_view function) {
  const auto slash = function.rfind('/');
  if (slash == std::string_view::npos) return {};
  const auto rest = function.substr(slash + 1);
  const auto dot = rest.find('.');
  return dot == std::string_view::npos ? std::string() : to_lower(rest.substr(0, dot));
}

// "" where neither the file nor the function says which call it is.
std::string frame_of(const Call& call) {
  const auto function = function_name(call.function);
  auto file = package_name(call.function);
  if (file.empty()) file = file_name(call.place);
  if (file.empty() || file == "native method" || file == "unknown source") file = class_name(call.function);
  if (function.empty() && says_little(file)) return {};
  if (function.empty()) return {};
  return std::string(clip_utf8(file + "#" + function, kMaxPart));
}

struct Found {
  std::string frame;
  bool own = true;
};

std::vector<Found> read_calls(std::string_view text, bool& latest_last) {
  std::vector<Found> found;
  std::string_view pending;
  std::size_t count = 0;
  for (const auto raw : split(text, '\n')) {
    if (++count > kMaxLines) break;
    const auto line = trim(clip_utf8(raw, kMaxLine));
    if (line.starts_with("Caused by:") && !found.empty()) break;
    if (line.starts_with("Traceback")) found.clear();  // the last one is what ended it
    auto call = read_line(line);
    if (line.starts_with("File \"")) latest_last = true;
    if (!call || (call->place.empty() && call->function.ends_with("goroutine"))) {
      if (const auto rust = read_rust(line)) pending = *rust;
      else if (line.ends_with(')') && line.find(' ') == std::string_view::npos) pending = line;
      continue;
    }
    const bool go = call->place.empty() && raw.find('(') != std::string_view::npos && !raw.starts_with(' ') &&
                    !is_digit(raw.front()) && raw.front() != '#' && !line.starts_with("at ");
    if (go) {
      pending = line.substr(0, line.rfind('('));
      continue;
    }
    if (call->function.empty()) call->function = std::exchange(pending, {});
    found.push_back({frame_of(*call), !is_foreign(line, call->function)});
  }
  if (latest_last) std::ranges::reverse(found);
  return found;
}

// "TypeError: x is undefined", "java.lang.NullPointerException", "Exception in thread "main" a.b.C: ...".
std::string type_of(std::string_view text, bool last) {
  auto lines = split(text, '\n');
  if (last) std::ranges::reverse(lines);
  for (const auto raw : lines) {
    auto line = trim(clip_utf8(raw, kMaxLine));
    if (line.empty()) continue;
    drop_front(line, "Uncaught ");
    if (drop_front(line, "Exception in thread \""))
      line = trim(line.substr(std::min(line.size(), line.find('"') + 1)));
    const auto word = line.substr(0, line.find_first_of(": "));
    auto name = to_lower(word.substr(word.find_last_of(".\\") + 1));
    if (name.size() > kMaxPart) return {};
    const bool told = name.ends_with("error") || name.ends_with("exception") || name.ends_with("fault");
    return told && name != "error" && name != "exception" ? name : std::string();
  }
  return {};
}

}  // namespace

Top top_of_stack(std::string_view stack) {
  Top top;
  const auto valid = to_valid_utf8(clip_utf8(stack, kMaxStack));
  bool latest_last = false;
  const auto calls = read_calls(valid, latest_last);
  top.type = type_of(valid, latest_last);
  const auto named = [](const Found& call) { return !call.frame.empty(); };
  const auto own = [&](const Found& call) { return call.own && named(call); };
  auto first = std::ranges::find_if(calls, own);
  if (first == calls.end()) first = std::ranges::find_if(calls, named);
  if (first == calls.end()) return top;
  top.frame = first->frame;
  const auto function = std::string_view(top.frame).substr(top.frame.rfind('#') + 1);
  if (std::ranges::find(kEveryday, function) == kEveryday.end()) return top;
  const auto caller = std::find_if(first + 1, calls.end(), own);
  if (caller != calls.end()) top.frame = clip_utf8(top.frame + " < " + caller->frame, kMaxPart);
  return top;
}

}  // namespace baton::handoff
