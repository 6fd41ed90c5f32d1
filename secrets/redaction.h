// Purpose: the second net under logs and errors. The first is that secrets have a type that cannot be
// printed and that logs hold fields by an allow list; what slips through a vendor's echo or a mistake
// of ours is caught here.
// Owner: app/ makes one; whoever opens secrets adds them. Threads: any; readers share an immutable
// snapshot. Units: bytes; the cut counts characters. Errors: none; make() if there is no randomness.
//
// How it is used: the sink of the log (app/) passes every finished line through redact(line, kWhole)
// before it writes; whatever stores or shows a vendor's error calls redact(text) on the *whole* text:
// half a secret is not recognised, so nothing may be cut before.
//
// Known secrets are found raw, JSON-escaped, percent-encoded, in hex, and in base64 and base64url, also
// inside of something longer that was encoded as a whole (user:secret). Not found: split over lines,
// reversed, encrypted, or shorter than kShortestSecret.
// No secret is kept, only 16 bits of each form's beginning and a salted digest of all of it: a memory
// image of an idle Baton holds no plaintext (promises K4). All of it is wiped at the end.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "gateway/base/result.h"
#include "gateway/base/secret.h"
#include "secrets/crypto.h"

namespace baton::secrets {

// Shorter ones would black out ordinary words.
inline constexpr std::size_t kShortestSecret = 6;
inline constexpr std::size_t kErrorCharacters = 512;
inline constexpr std::size_t kWhole = static_cast<std::size_t>(-1);
inline constexpr std::string_view kRedacted = "[redacted]";

class Redactor {
 public:
  static Result<std::unique_ptr<Redactor>> make(bool emails = false, const RandomBytes& random = fill_random);
  ~Redactor();

  // False if the secret is too short to be searched for. Known ones change nothing.
  bool add(const Secret& secret);
  // A credential that was obtained at run time, as an access token is. Of each holder (a destination's
  // token) the latest two are known: answers to requests that bore the former may still be under way.
  bool remember(const std::string& holder, const Secret& secret);
  // Forgets all others, as after a reload.
  void reset(std::span<const Secret> secrets);

  // Every known secret and whatever looks like a credential replaced by [redacted]; valid UTF-8; at
  // most `max_characters`, the last one "…" if something was cut. Of a long text no more is searched
  // than what is shown needs: an error page of megabytes costs as much as one of some kilobytes.
  std::string redact(std::string_view text, std::size_t max_characters = kErrorCharacters) const;

 private:
  struct Snapshot;
  using Shared = std::shared_ptr<const Snapshot>;  // a reader keeps its own while secrets are added

  struct Passing;

  Redactor(bool emails, Shared first);
  void hold();  // under mu_: what readers see is lasting_ and passing_

  const bool emails_;
  mutable std::mutex mu_;
  // All under mu_.
  Shared lasting_;                                       // what add() was told
  std::map<std::string, Passing, std::less<>> passing_;  // what remember() was told, by holder
  Shared held_;
};

}  // namespace baton::secrets
