#include "secrets/claim_link.h"

#include <charconv>

#include "gateway/base/mutant.h"
#include "gateway/base/text.h"

namespace baton::secrets {
namespace {

Failure not_ours() { return Failure(FailureKind::rejected, "this link is not one of ours"); }

}  // namespace

Result<ClaimLinks> ClaimLinks::make(const Secret& key) {
  constexpr std::size_t kShortest = 16;
  if (key.size() < kShortest)
    return Failure(
        FailureKind::misconfigured,
        "the key of claim links needs at least 16 characters; make one with `openssl rand -hex 32`");
  auto mac = MacKey::make(Digest::sha256, key.reveal());
  if (!mac) return mac.error();
  return ClaimLinks(std::move(*mac));
}

Result<std::string> ClaimLinks::code(std::string_view handoff, std::string_view end) const {
  const auto mac = key_.mac({"claim.", handoff, ".", end});
  if (!mac) return mac.error();
  return to_base64url(*mac);
}

Result<std::string> ClaimLinks::token(const HandoffId& handoff, TimePoint end) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(end).time_since_epoch().count();
  const auto until = std::to_string(seconds);
  const auto made = code(handoff.text, until);
  if (!made) return made.error();
  return handoff.text + "." + until + "." + *made;
}

Result<HandoffId> ClaimLinks::open(std::string_view token, TimePoint now) const {
  constexpr std::size_t kLongest = 200;
  const auto parts = split(token, '.');
  if (token.size() > kLongest || parts.size() != 3) return not_ours();
  const auto expected = code(parts[0], parts[1]);
  if (!expected) return expected.error();
  if (!equal_in_constant_time(*expected, parts[2])) return not_ours();
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), seconds);
  if (error != std::errc() || end != parts[1].data() + parts[1].size()) return not_ours();
  if (now.time_since_epoch() > std::chrono::seconds{seconds} && !BATON_MUTANT(claim_link_never_ends))
    return Failure(FailureKind::rejected, "this link has ended");
  return HandoffId(std::string(parts[0]));
}

}  // namespace baton::secrets
