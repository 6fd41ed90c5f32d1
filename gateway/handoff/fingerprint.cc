#include "gateway/handoff/fingerprint.h"

#include <algorithm>
#include <array>
#include <tuple>

#include "gateway/base/text.h"
#include "gateway/handoff/fingerprint_text.h"

namespace baton::handoff {
namespace {

constexpr std::size_t kMaxErrors = 100;

// A code that many defects have: it tells two apart, but does not make two one.
bool is_common(std::string_view code) {
  constexpr auto kCommon = std::to_array<std::string_view>({"error",
                                                            "err",
                                                            "unknown",
                                                            "unknown-error",
                                                            "internal",
                                                            "internal-error",
                                                            "internal-server-error",
                                                            "server-error",
                                                            "timeout",
                                                            "request-timeout",
                                                            "network-error",
                                                            "econnrefused",
                                                            "econnreset",
                                                            "etimedout",
                                                            "eacces",
                                                            "enoent",
                                                            "exception",
                                                            "failure",
                                                            "failed",
                                                            "bad-request",
                                                            "not-found",
                                                            "unauthorized",
                                                            "forbidden",
                                                            "service-unavailable",
                                                            "bad-gateway",
                                                            "gateway-timeout",
                                                            "conflict",
                                                            "null",
                                                            "none",
                                                            "undefined",
                                                            "deadline-exceeded",
                                                            "unavailable",
                                                            "typeerror",
                                                            "referenceerror",
                                                            "rangeerror",
                                                            "syntaxerror",
                                                            "nullpointerexception",
                                                            "illegalstateexception",
                                                            "illegalargumentexception",
                                                            "runtimeexception",
                                                            "keyerror",
                                                            "valueerror",
                                                            "attributeerror",
                                                            "ioexception",
                                                            "err-network",
                                                            "err-timeout",
                                                            "validation-error"});
  auto bare = code;
  for (const std::string_view front : {"http-", "status-", "e-", "err-"}) {
    if (bare.starts_with(front)) bare.remove_prefix(front.size());
  }
  const bool status = bare.size() <= 3 && bare.find_first_not_of("0123456789") == std::string_view::npos;
  return code.empty() || status || is_one_of(code, kCommon) || is_one_of(bare, kCommon);
}

// A message that any page might show.
bool is_common_message(std::string_view message) {
  constexpr auto kCommon = std::to_array<std::string_view>(
      {"something",  "went",     "wrong",     "an",         "a",           "error",    "occurred", "occured",
       "unknown",    "internal", "server",    "unexpected", "request",     "failed",   "network",  "to",
       "fetch",      "load",     "script",    "oops",       "please",      "try",      "again",    "later",
       "sorry",      "http",     "status",    "with",       "code",        "timeout",  "timed",    "out",
       "the",        "bad",      "gateway",   "service",    "unavailable", "has",      "was",      "while",
       "processing", "your",     "we",        "could",      "not",         "*",        "is",       "of",
       "undefined",  "null",     "operation", "connection", "after",       "exceeded", "deadline"});
  for (const auto word : split(message, ' ')) {
    const bool number = word.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number && !is_one_of(word, kCommon)) return false;
  }
  return true;
}

std::size_t count_words(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count(text, ' ')) + (text.empty() ? 0 : 1);
}

enum class Likeness { unlike, begins, equal };

// A message that was cut off is the beginning of the whole one. Without dots at its end it must be long
// enough that nobody meant it to end there.
Likeness liken(const ErrorParts& one, const ErrorParts& other) {
  if (one.message.empty() || other.message.empty()) return Likeness::unlike;
  if (one.message == other.message) return Likeness::equal;
  const auto& [shorter, longer] =
      one.message.size() < other.message.size() ? std::tie(one, other) : std::tie(other, one);
  if (!longer.message.starts_with(shorter.message)) return Likeness::unlike;
  const std::size_t least = shorter.truncated ? 3 : 6;
  return count_words(shorter.message) >= least ? Likeness::begins : Likeness::unlike;
}

bool conflict(const std::string& one, const std::string& other) {
  return !one.empty() && !other.empty() && one != other;
}
// "text#decode < run#load" and "text#decode": one stack was cut off behind its top.
bool frames_agree(const std::string& one, const std::string& other) {
  const auto& [shorter, longer] = one.size() < other.size() ? std::tie(one, other) : std::tie(other, one);
  return !shorter.empty() && (shorter == longer || longer.starts_with(shorter + " < "));
}
bool frames_conflict(const std::string& one, const std::string& other) {
  return !one.empty() && !other.empty() && !frames_agree(one, other);
}

bool agree(const std::string& one, const std::string& other) { return !one.empty() && one == other; }

ErrorParts read_parts(JsonView error, JsonView page) {
  ErrorParts parts;
  const auto message = message_template(error["message"].text());
  const auto top = top_of_stack(error["stack"].text());
  parts.code = code_name(error["code"].id().value_or(""));
  parts.component = component_name(error["component"].text());
  parts.type = message.type.empty() ? top.type : message.type;
  parts.frame = top.frame;
  parts.target = message.target;
  parts.message = message.text;
  parts.truncated = message.truncated;
  parts.page = page_template(page["url"].text());
  if (parts.page.empty()) parts.page = component_name(page["screen"].text());
  return parts;
}

// 0: it might be anything.
int telling(const ErrorParts& parts) {
  int score = 0;
  if (!parts.code.empty()) score += is_common(parts.code) ? 2 : 8;
  if (!parts.frame.empty()) score += 4;
  if (!parts.message.empty()) score += is_common_message(parts.message) ? 1 : 2;
  const bool vague = parts.frame.empty() && is_common(parts.code) && is_common_message(parts.message);
  return vague && parts.page.empty() ? 0 : score;
}

// What decides about this error: so much of it that equal keys mean the same defect, and no more, so that
// noise in the rest does not make two of one.
ErrorParts deciding(const ErrorParts& parts) {
  ErrorParts kept = parts;
  kept.truncated = false;
  const bool coded = !is_common(parts.code);
  if (coded) kept.type.clear();
  if (!parts.frame.empty()) {
    kept.message.clear();
    kept.page.clear();
  } else if ((coded || !parts.component.empty()) && !is_common_message(parts.message)) {
    kept.page.clear();
  }
  return kept;
}

}  // namespace

// FNV-1a with 128 bits (draft-eastlake-fnv). Nobody gains by a collision: whoever can send an error can as
// well send the one that it would be taken for.
std::string digest(std::string_view text) {
  __extension__ using Wide = unsigned __int128;
  constexpr Wide kPrime = (Wide{1} << 88) + 0x13b;
  Wide hash = (Wide{0x6c62272e07bb0142} << 64) + 0x62b821756295c58d;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= kPrime;
  }
  std::string bytes;
  for (int shift = 120; shift >= 0; shift -= 8) bytes += static_cast<char>(hash >> shift & 0xff);
  return to_hex(bytes);
}

namespace {

// One code, and not both have a stack. A code is seldom given twice, but "NET" may be: then words or page
// must not speak against it.
Verdict compare_coded(const ErrorParts& one, const ErrorParts& other) {
  const auto same = "the code is " + one.code + " in both";
  const bool alike = liken(one, other) != Likeness::unlike && !is_common_message(one.message);
  if (alike) return {true, same + ", and the message is alike"};
  if (one.page == other.page) return {true, same + (one.page.empty() ? "" : ", on " + one.page)};
  const bool silent = one.message.empty() || other.message.empty();
  const bool numbered = one.code.find_first_of("0123456789") != std::string::npos;
  if (!conflict(one.page, other.page) && (silent || numbered))
    return {true, same + ", and nothing speaks against it"};
  return {false, same + ", but neither message nor page is alike"};
}

// Without code and stack: the words decide, and the place, where the words are such as any page shows.
Verdict compare_messages(const ErrorParts& one, const ErrorParts& other) {
  const auto likeness = liken(one, other);
  const bool wordless = one.message.empty() && other.message.empty();
  const bool unplaced = one.frame.empty() && other.frame.empty();
  if (wordless && unplaced && agree(one.code, other.code) && one.page == other.page)
    return {true, "code and page are the same, and no more is known"};
  if (likeness == Likeness::unlike) {
    if (one.message.empty() || other.message.empty()) return {false, "one has no message to go by"};
    return {false, "the messages differ: \"" + one.message + "\" and \"" + other.message + "\""};
  }
  const std::string how =
      likeness == Likeness::equal ? "the message is the same" : "one message begins the other";
  const bool common = is_common_message(one.message) || is_common_message(other.message);
  const bool placed = agree(one.component, other.component);
  if (common && one.page != other.page)
    return {false, how + ", but says so little that the page has to be the same, and it is not"};
  if (placed) return {true, how + ", in " + one.component};
  if (one.component.empty() != other.component.empty()) return {true, how};
  if (conflict(one.page, other.page))
    return {false, how + ", but the pages differ: " + one.page + " and " + other.page};
  return {true, how + (one.page.empty() ? "" : ", on " + one.page)};
}

// How much two errors of one defect have in common.
int agreement(const ErrorParts& one, const ErrorParts& other) {
  int score = 0;
  if (frames_agree(one.frame, other.frame)) score += 32;
  if (agree(one.code, other.code)) score += 16;
  if (agree(one.target, other.target)) score += 8;
  if (agree(one.component, other.component)) score += 8;
  const auto likeness = liken(one, other);
  if (likeness == Likeness::equal) score += 6;
  if (likeness == Likeness::begins) score += 5;
  if (agree(one.page, other.page)) score += 2;
  if (agree(one.type, other.type)) score += 1;
  return score;
}

}  // namespace

std::optional<Fingerprint> fingerprint(JsonView data) {
  const auto errors = data["errors"].list();
  if (!errors) return std::nullopt;
  std::optional<ErrorParts> best;
  int most = 0;
  for (std::size_t i = 0; i < errors->size() && i < kMaxErrors; ++i) {
    auto parts = read_parts((*errors)[i], data["page"]);
    const int score = telling(parts);
    if (score <= most) continue;
    most = score;
    best = std::move(parts);
  }
  if (!best) return std::nullopt;
  return Fingerprint{key_of(*best), *best};
}

std::string canonical(const ErrorParts& parts) {
  const auto kept = deciding(parts);
  std::string text = "1\n";
  for (const auto& [name, part] : kErrorParts) {
    if (!(kept.*part).empty()) text += std::string(name) + "=" + kept.*part + "\n";
  }
  return text;
}

std::string key_of(const ErrorParts& parts) { return digest(canonical(parts)); }

Verdict compare(const ErrorParts& one, const ErrorParts& other) {
  const auto differ = [](const std::string& what, const std::string& a, const std::string& b) {
    return Verdict{false, what + ": " + a + " and " + b};
  };
  if (conflict(one.code, other.code)) return differ("the error codes differ", one.code, other.code);
  if (conflict(one.component, other.component))
    return differ("the components differ", one.component, other.component);
  if (frames_conflict(one.frame, other.frame))
    return differ("the top of the stack differs", one.frame, other.frame);
  if (conflict(one.target, other.target))
    return differ("another service was called", one.target, other.target);
  const bool coded = agree(one.code, other.code) && !is_common(one.code);
  if (coded && frames_agree(one.frame, other.frame))
    return {true, "the code is " + one.code + " and the top of the stack " + one.frame + " in both"};
  if (coded) return compare_coded(one, other);
  if (conflict(one.type, other.type)) return differ("the kinds of error differ", one.type, other.type);
  if (frames_agree(one.frame, other.frame))
    return {true, "the top of the stack is " + one.frame + " in both"};
  return compare_messages(one, other);
}

std::string explain(const ErrorParts& one, const ErrorParts& other) {
  const auto verdict = compare(one, other);
  return (verdict.same ? "The same defect: " : "Two defects: ") + verdict.why + ".";
}

std::vector<std::string> shelves(const ErrorParts& parts) {
  std::vector<std::string> found;
  const auto put = [&](const std::string& text) { found.push_back(digest(text).substr(0, 16)); };
  if (!is_common(parts.code)) put("code " + parts.code);
  if (!parts.frame.empty()) put("frame " + parts.frame.substr(0, parts.frame.find(" < ")));
  if (found.empty() && parts.message.empty()) put("page " + parts.code + " " + parts.page);
  // As many words as a message that was cut off must have.
  std::size_t end = 0;
  for (int words = 0; words < 3 && end != std::string::npos; ++words)
    end = parts.message.find(' ', end == 0 ? 0 : end + 1);
  if (!parts.message.empty()) put("message " + parts.message.substr(0, end));
  return found;
}

std::optional<std::size_t> find_same(const ErrorParts& seen, std::span<const ErrorParts> known) {
  std::optional<std::size_t> best;
  int most = -1;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (!compare(seen, known[i]).same) continue;
    const int score = agreement(seen, known[i]);
    if (score <= most) continue;
    most = score;
    best = i;
  }
  return best;
}

ErrorParts joined(ErrorParts known, const ErrorParts& seen) {
  const bool longer = known.truncated && seen.message.starts_with(known.message);
  if (known.message.empty() || longer) {
    known.message = seen.message;
    known.truncated = seen.truncated;
  }
  if (frames_agree(known.frame, seen.frame) && seen.frame.size() > known.frame.size())
    known.frame = seen.frame;
  for (const auto& [name, part] : kErrorParts) {
    if ((known.*part).empty()) known.*part = seen.*part;
  }
  return known;
}

}  // namespace baton::handoff
