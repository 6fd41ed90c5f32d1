#include "secrets/webhook_signature.h"

#include <algorithm>
#include <charconv>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"
#include "secrets/wiped.h"

namespace baton::secrets {
namespace {

constexpr std::string_view kSymmetric = "whsec_", kPrivate = "whsk_", kPublic = "whpk_";

Failure refused(std::string detail) { return Failure(FailureKind::rejected, std::move(detail)); }

// The three headers of one family.
struct Triple {
  std::string_view id, timestamp, signature;
};

// "webhook-id and webhook-signature" of those that are not there.
std::string missing_of(std::string_view family, const Triple& triple) {
  std::string list;
  const auto add = [&](std::string_view value, std::string_view part) {
    if (value.empty()) list += (list.empty() ? "" : ", ") + std::string(family) + std::string(part);
  };
  add(triple.id, "-id");
  add(triple.timestamp, "-timestamp");
  add(triple.signature, "-signature");
  return list;
}

Triple triple_of(const Headers& headers, std::string_view family) {
  const std::string prefix(family);
  return {header(headers, prefix + "-id"), header(headers, prefix + "-timestamp"),
          header(headers, prefix + "-signature")};
}

bool any_of_family(const Headers& headers, std::string_view family) {
  const std::string prefix(family);
  return headers.contains(prefix + "-id") || headers.contains(prefix + "-timestamp") ||
         headers.contains(prefix + "-signature");
}

Result<Triple> read_triple(const Headers& headers) {
  const bool standard = any_of_family(headers, "webhook"), svix = any_of_family(headers, "svix");
  if (standard && svix) return refused("webhook-* and svix-* headers stand in one request");
  if (!standard && !svix) {
    return refused(
        "the request is not signed: webhook-id, webhook-timestamp and webhook-signature are missing");
  }
  const std::string_view family = standard ? "webhook" : "svix";
  const auto triple = triple_of(headers, family);
  if (const auto missing = missing_of(family, triple); !missing.empty()) {
    return refused("missing or empty: " + missing);
  }
  return triple;
}

// A '.' would let bytes move between the signed parts.
bool well_formed_id(std::string_view id) {
  return !id.empty() && id.size() <= kMaxWebhookIdBytes &&
         std::ranges::all_of(id, [](char c) { return c > ' ' && c < 0x7f && c != '.'; });
}

// Digits only: no sign, blank, fraction.
std::optional<TimePoint> read_timestamp(std::string_view text) {
  constexpr std::size_t kLongest = 12;  // enough for 30,000 years, and never an overflow
  if (text.empty() || text.size() > kLongest) return std::nullopt;
  std::uint64_t seconds = 0;  // unsigned: from_chars would take a minus
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return TimePoint(std::chrono::seconds(static_cast<std::int64_t>(seconds)));
}

Result<TimePoint> check_timestamp(std::string_view text, TimePoint now) {
  const auto stamp = read_timestamp(text);
  if (!stamp) return refused("the timestamp is not a plain number of seconds");
  const auto age = std::chrono::floor<std::chrono::seconds>(now) - *stamp;
  const auto window = BATON_MUTANT(timestamp_window_doubled) ? kTimestampTolerance * 2 : kTimestampTolerance;
  if (age > window || age < -window) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(age).count();
    return refused("the timestamp is " + std::to_string(seconds < 0 ? -seconds : seconds) + " s " +
                   (seconds < 0 ? "ahead of" : "behind") + " our clock, " +
                   std::to_string(kTimestampTolerance.count()) +
                   " s are allowed: a replay, or a clock is wrong");
  }
  return *stamp;
}

std::string signed_content(std::string_view id, std::string_view timestamp, std::string_view body) {
  std::string content;
  content.reserve(id.size() + timestamp.size() + body.size() + 2);
  content.append(id).append(".").append(timestamp).append(".");
  if (!BATON_MUTANT(body_not_signed)) content.append(body);
  return content;
}

std::string explain_mismatch(bool comparable, std::span<const SigningKey> keys) {
  if (!comparable) {
    return "no signature of the request is of a version that the configured secret can check (" +
           std::string(keys.front().version()) + ")";
  }
  return "the signature fits none of the " + std::to_string(keys.size()) +
         " configured secrets: the secret is another one, or the body was changed on the way";
}

Result<Done> check_signatures(std::string_view header_value, std::string_view content,
                              std::span<const SigningKey> keys) {
  const auto entries = split(header_value, ' ');
  if (entries.size() > kMaxSignatures) {
    return refused("the request carries more than " + std::to_string(kMaxSignatures) + " signatures");
  }
  bool comparable = false;
  bool matches = false;
  for (const auto& key : keys) {
    std::vector<std::string_view> candidates;
    for (const auto entry : entries) {
      const auto comma = entry.find(',');
      const bool same = comma != std::string_view::npos && entry.substr(0, comma) == key.version();
      if (same) candidates.push_back(entry.substr(comma + 1));
    }
    comparable |= !candidates.empty();
    matches |= key.matches_any(content, candidates);
  }
  if (!matches) return refused(explain_mismatch(comparable, keys));
  return Done{};
}

// 32 bytes of seed, or seed and public key: the sheet leaves open which one is meant (section 2).
Result<SigningPair> read_private_key(std::string_view bytes) {
  if (bytes.size() != kEd25519KeyBytes && bytes.size() != 2 * kEd25519KeyBytes) {
    return refused("a whsk_ key has 32 or 64 bytes");
  }
  auto pair = SigningPair::from_seed(bytes.substr(0, kEd25519KeyBytes));
  if (!pair || bytes.size() == kEd25519KeyBytes) return pair;
  const auto derived = pair->public_key();
  if (!derived) return derived.error();
  if (*derived != bytes.substr(kEd25519KeyBytes))
    return refused("the two halves of the whsk_ key do not fit");
  return pair;
}

}  // namespace

Result<SigningKey> SigningKey::make(const Secret& secret) {
  auto text = secret.reveal();
  const auto prefix = text.starts_with(kPrivate)     ? kPrivate
                      : text.starts_with(kPublic)    ? kPublic
                      : text.starts_with(kSymmetric) ? kSymmetric
                                                     : std::string_view();
  text.remove_prefix(prefix.size());
  const auto bytes = secret_from_base64(text);
  if (!bytes) return refused("a webhook secret is base64, with or without whsec_ before it; this one is not");
  if (bytes->empty()) return refused("the webhook secret is empty");

  SigningKey key;
  if (prefix == kPrivate || prefix == kPublic) {
    auto pair = prefix == kPrivate ? read_private_key(bytes->reveal())
                                   : SigningPair::from_public_key(bytes->reveal());
    if (!pair) return pair.error();
    key.pair_ = std::move(*pair);
  } else {
    auto mac = MacKey::make(Digest::sha256, bytes->reveal());
    if (!mac) return mac.error();
    key.mac_ = std::move(*mac);
  }
  return key;
}

Result<std::string> SigningKey::sign(std::string_view content) const {
  if (mac_) return mac_->mac({content});
  if (pair_->can_sign()) return pair_->sign(content);
  return refused("a whpk_ key can only verify; configure the whsk_ key to sign");
}

bool SigningKey::matches_any(std::string_view content, std::span<const std::string_view> encoded) const {
  if (encoded.empty()) return false;
  if (mac_) {
    // Compared as text: a second spelling of the same bytes is no signature either.
    const auto code = mac_->mac({content});
    if (!code) return false;
    const auto expected = to_base64(*code);
    return std::ranges::count_if(
               encoded, [&](std::string_view given) { return equal_in_constant_time(expected, given); }) > 0;
  }
  return std::ranges::any_of(encoded, [&](std::string_view given) {
    const auto signature = from_base64(given);
    return signature && pair_->verify(content, *signature);
  });
}

Result<VerifiedId> verify(const Headers& headers, std::string_view raw_body, std::span<const SigningKey> keys,
                          TimePoint now) {
  if (keys.empty()) return refused("no secret is configured for this source");
  const auto triple = read_triple(headers);
  if (!triple) return triple.error();
  if (!well_formed_id(triple->id)) {
    return refused("the id must be 1 to 256 printable characters without '.' and blanks");
  }
  const auto stamp = check_timestamp(triple->timestamp, now);
  if (!stamp) return stamp.error();
  const auto content = signed_content(triple->id, triple->timestamp, raw_body);
  const auto checked = check_signatures(triple->signature, content, keys);
  if (!checked) return checked.error();
  return VerifiedId{std::string(triple->id), *stamp};
}

Result<VerifiedId> verify(const Headers& headers, std::string_view raw_body, std::span<const Secret> secrets,
                          TimePoint now) {
  std::vector<SigningKey> keys;
  for (const auto& secret : secrets) {
    auto key = SigningKey::make(secret);
    if (!key) return key.error();
    keys.push_back(std::move(*key));
  }
  return verify(headers, raw_body, std::span<const SigningKey>(keys), now);
}

Result<std::string> sign(std::string_view id, TimePoint timestamp, std::string_view body,
                         std::span<const SigningKey> keys) {
  if (keys.empty()) return refused("no secret is configured to sign with");
  if (!well_formed_id(id)) return refused("a webhook id must be printable, without '.' and blanks");
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timestamp).time_since_epoch().count();
  const auto content = signed_content(id, std::to_string(seconds), body);
  std::string value;
  for (const auto& key : keys) {
    const auto signature = key.sign(content);
    if (!signature) return signature.error();
    if (!value.empty()) value += ' ';
    value.append(key.version()).append(",").append(to_base64(*signature));
  }
  return value;
}

Result<Secret> make_webhook_secret(const RandomBytes& random) {
  std::string bytes(32, '\0');
  const auto filled = random(bytes);
  const Secret key(std::move(bytes));
  if (!filled) return filled.error();
  return Secret(std::string(kSymmetric) + to_base64(key.reveal()));
}

}  // namespace baton::secrets
