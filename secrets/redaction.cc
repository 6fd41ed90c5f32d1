#include "secrets/redaction.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "secrets/credential_patterns.h"
#include "secrets/encodings.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

struct Pattern {
  std::uint16_t bucket = 0;
  std::uint32_t length = 0;
  std::array<char, 16> digest{};
  auto operator<=>(const Pattern&) const = default;
};
using Patterns = std::vector<Pattern, WipingAllocator<Pattern>>;

// base64 of something that contains the secret: the characters that depend on the secret alone, for
// each of the three places in a group of three bytes where it may begin.
WipedText base64_core(std::string_view secret, std::size_t shift, bool url_alphabet) {
  constexpr std::array<std::size_t, 3> kForeign{0, 2, 3};
  auto shifted = wiped_text(secret.size() + shift);
  shifted.append(shift, '\0').append(secret);
  auto encoded = wiped_text(shifted.size() * 2);
  append_base64(encoded, shifted, url_alphabet);
  if (shifted.size() % 3 != 0) encoded.pop_back();
  auto core = wiped_text(encoded.size());
  if (encoded.size() > kForeign[shift]) core.append(encoded, kForeign[shift]);
  return core;
}

template <class Append>
WipedText made(std::size_t capacity, Append append) {
  auto form = wiped_text(capacity);
  append(form);
  return form;
}

// As most printers do, PHP, Python, PHP with plain UTF-8, Go, Gson.
constexpr auto kJsonStyles = std::to_array<JsonStyle>({
    {false, false, ""},
    {true, true, ""},
    {true, false, ""},
    {false, true, ""},
    {false, false, "&<>"},
    {false, false, "&<>='"},
});

void add_escaped(std::vector<WipedText>& forms, std::string_view text) {
  const auto room = text.size() * 6;
  for (const auto& style : kJsonStyles) {
    forms.push_back(made(room, [&](WipedText& out) { append_json_escaped(out, text, style); }));
  }
  for (const bool lower_case : {false, true}) {
    forms.push_back(made(room, [&](WipedText& out) { append_percent_encoded(out, text, lower_case); }));
  }
  // Forms write a blank as '+'.
  auto plus = made(room, [&](WipedText& out) { append_percent_encoded(out, text, false); });
  for (auto at = plus.find("%20"); at != WipedText::npos; at = plus.find("%20", at)) plus.replace(at, 3, "+");
  forms.push_back(std::move(plus));
}

std::vector<WipedText> forms_of(std::string_view secret) {
  std::vector<WipedText> forms;
  forms.push_back(made(secret.size(), [&](WipedText& out) { out.append(secret); }));
  if (BATON_MUTANT(only_plain_secrets_redacted)) return forms;
  add_escaped(forms, secret);
  for (const bool flag : {false, true}) {
    forms.push_back(made(secret.size() * 2, [&](WipedText& out) { append_hex(out, secret, flag); }));
    auto whole = made(secret.size() * 2, [&](WipedText& out) { append_base64(out, secret, flag); });
    if (!flag) add_escaped(forms, whole);
    forms.push_back(std::move(whole));
    for (std::size_t shift = 0; shift < 3; ++shift) forms.push_back(base64_core(secret, shift, flag));
  }
  return forms;
}

std::optional<std::array<char, 16>> digest_of(std::string_view form, std::string_view salt) {
  const auto whole = sha256({salt, form});
  if (!whole) return std::nullopt;
  std::array<char, 16> digest{};
  std::copy_n(whole->begin(), digest.size(), digest.begin());
  return digest;
}

// Patterns whose first `window` bytes pick the candidates.
struct Index {
  explicit Index(std::size_t window_in) : window(window_in) {}

  std::uint16_t bucket_at(const char* start, std::string_view salt) const {
    std::uint64_t low = 0, high = 0, key = 0;
    std::memcpy(&low, start, kShortestSecret);
    std::memcpy(&high, start + window - kShortestSecret, kShortestSecret);
    std::memcpy(&key, salt.data(), sizeof key);
    auto value = (low ^ key) * 0x9E3779B97F4A7C15u;
    value = (value ^ (value >> 29) ^ high) * 0xBF58476D1CE4E5B9u;
    value = (value ^ (value >> 32)) * 0x94D049BB133111EBu;
    return static_cast<std::uint16_t>(value >> 48);
  }

  void finish() {
    std::ranges::sort(patterns);
    const auto repeated = std::ranges::unique(patterns);
    patterns.erase(repeated.begin(), repeated.end());
    occupied.fill(0);
    for (const auto& pattern : patterns)
      occupied[pattern.bucket / 64] |= std::uint64_t{1} << pattern.bucket % 64;
  }

  // The length of the longest known form that starts `text`, or 0.
  std::size_t match(std::string_view text, std::string_view salt) const {
    if (text.size() < window || patterns.empty()) return 0;
    const auto bucket = bucket_at(text.data(), salt);
    if (!(occupied[bucket / 64] >> bucket % 64 & 1)) return 0;
    std::size_t longest = 0;
    for (const auto& pattern : std::ranges::equal_range(patterns, bucket, {}, &Pattern::bucket)) {
      if (pattern.length > text.size() || pattern.length <= longest) continue;
      if (digest_of(text.substr(0, pattern.length), salt) == pattern.digest) longest = pattern.length;
    }
    return longest;
  }

  std::size_t window;
  Patterns patterns;                           // by bucket
  std::array<std::uint64_t, 1024> occupied{};  // a bit per bucket: most positions of a text end here
};

}  // namespace

struct Redactor::Snapshot {
  Secret salt;
  // Many secrets begin alike (whsec_, xoxb-): the wide window tells those apart at once.
  Index wide{2 * kShortestSecret}, narrow{kShortestSecret};

  Snapshot() = default;
  Snapshot(const Snapshot& other) : salt(other.salt.duplicate()), wide(other.wide), narrow(other.narrow) {}

  Index& index_of(std::size_t length) { return length >= wide.window ? wide : narrow; }

  Patterns patterns_of(std::string_view secret) {
    Patterns made;
    for (const auto& form : forms_of(secret)) {
      const auto& index = index_of(form.size());
      const auto digest = form.size() < index.window ? std::nullopt : digest_of(form, salt.reveal());
      if (!digest) continue;
      const auto bucket = index.bucket_at(form.data(), salt.reveal());
      made.push_back({bucket, static_cast<std::uint32_t>(form.size()), *digest});
    }
    return made;
  }

  void add(const Patterns& patterns) {
    for (const auto& pattern : patterns) index_of(pattern.length).patterns.push_back(pattern);
  }
  void add(std::string_view secret) { add(patterns_of(secret)); }

  void finish() {
    wide.finish();
    narrow.finish();
  }

  std::size_t match(std::string_view text) const {
    return std::max(wide.match(text, salt.reveal()), narrow.match(text, salt.reveal()));
  }
};

struct Redactor::Passing {
  Patterns latest, former;
};

namespace {

std::string replaced(std::string_view text, std::vector<Span>& spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  std::string out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < spans.size();) {
    auto [begin, end] = spans[i];
    for (++i; i < spans.size() && spans[i].begin <= end; ++i) end = std::max(end, spans[i].end);
    out.append(text.substr(at, begin - at)).append(kRedacted);
    at = end;
  }
  return out.append(text.substr(at));
}

std::string clip_characters(std::string text, std::size_t max_characters) {
  constexpr std::string_view kMore = "\xE2\x80\xA6";  // …
  if (text.size() <= max_characters || count_code_points(text) <= max_characters) return text;
  std::size_t end = 0, seen = 0;
  for (; end < text.size(); ++end) {
    const bool starts = (static_cast<unsigned char>(text[end]) & 0xC0) != 0x80;
    if (starts && ++seen == max_characters) break;
  }
  text.resize(max_characters == 0 ? 0 : end);
  return max_characters == 0 ? text : text.append(kMore);
}

}  // namespace

Redactor::Redactor(bool emails, Shared first)
    : emails_(emails), lasting_(std::move(first)), held_(lasting_) {}
Redactor::~Redactor() = default;

Result<std::unique_ptr<Redactor>> Redactor::make(bool emails, const RandomBytes& random) {
  std::string salt(32, '\0');
  const auto filled = random(salt);
  if (!filled) return filled.error();
  auto first = std::make_shared<Snapshot>();
  first->salt = Secret(std::move(salt));
  return std::unique_ptr<Redactor>(new Redactor(emails, std::move(first)));
}

void Redactor::hold() {
  if (passing_.empty()) {
    held_ = lasting_;
    return;
  }
  auto next = std::make_shared<Snapshot>(*lasting_);
  for (const auto& [holder, passing] : passing_) {
    next->add(passing.latest);
    next->add(passing.former);
  }
  next->finish();
  held_ = std::move(next);
}

bool Redactor::add(const Secret& secret) {
  if (secret.size() < kShortestSecret) return false;
  const std::lock_guard lock(mu_);
  auto next = std::make_shared<Snapshot>(*lasting_);
  next->add(secret.reveal());
  next->finish();
  lasting_ = std::move(next);
  hold();
  return true;
}

bool Redactor::remember(const std::string& holder, const Secret& secret) {
  if (secret.size() < kShortestSecret) return false;
  const std::lock_guard lock(mu_);
  auto made = Snapshot(*lasting_).patterns_of(secret.reveal());
  auto& passing = passing_[holder];
  if (passing.latest == made) return true;
  passing.former = std::exchange(passing.latest, std::move(made));
  hold();
  return true;
}

void Redactor::reset(std::span<const Secret> secrets) {
  const std::lock_guard lock(mu_);
  auto next = std::make_shared<Snapshot>();
  next->salt = lasting_->salt.duplicate();
  for (const auto& secret : secrets) {
    if (secret.size() >= kShortestSecret) next->add(secret.reveal());
  }
  next->finish();
  lasting_ = std::move(next);
  passing_.clear();
  hold();
}

std::string Redactor::redact(std::string_view text, std::size_t max_characters) const {
  const auto held = [this] {
    const std::lock_guard lock(mu_);
    return held_;
  }();
  constexpr std::size_t kFirstLook = 16 * 1024;
  constexpr std::size_t kLookAhead = 16 * 1024;  // no credential that has only a shape is longer
  for (auto horizon = max_characters == kWhole ? text.size() : std::max(kFirstLook, max_characters);;
       horizon *= 8) {
    horizon = std::min(horizon, text.size());
    std::vector<Span> spans;
    // All that is searched is the text as it came: no finding can hide another one. A secret that begins
    // before the horizon is found whole, wherever it ends.
    for (std::size_t i = 0; i < horizon; ++i) {
      if (const auto length = held->match(text.substr(i)); length > 0) spans.push_back({i, i + length});
    }
    find_credentials(text.substr(0, std::min(text.size(), horizon + kLookAhead)), emails_, spans);
    auto end = horizon;
    std::erase_if(spans, [&](const Span& span) { return span.begin >= horizon; });
    for (const auto& span : spans) end = std::max(end, span.end);
    auto clean = to_valid_utf8(replaced(text.substr(0, end), spans));
    if (end == text.size() || count_code_points(clean) > max_characters) {
      return clip_characters(std::move(clean), max_characters);
    }
  }
}

}  // namespace baton::secrets
