// Purpose: puts a destination's credential on a request as it leaves, and keeps OAuth tokens fresh:
// asked for ahead of their expiry, by one request at a time, dropped when the vendor refuses them. Of all
// that share a store of secrets one renews a refresh token at a time. A refresh token that the vendor
// replaces is in the sealed store before the new access token is used. Owner: the delivery station, one per
// destination. Threads: one loop. Errors: `misconfigured` when the vendor refuses our client, otherwise as
// the token request failed.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "connectors/sdk/account.h"
#include "gateway/base/bell.h"
#include "gateway/base/clock.h"
#include "gateway/http/client.h"
#include "secrets/oauth.h"

namespace baton::delivery {

// What became of a credential when a person wanted access to end.
enum class Withdrawn {
  revoked,       // the vendor has taken the token back
  ended_before,  // it took it for none any more
  none_held,     // there was no token in use
  by_hand,       // it is none that is asked for, or the vendor takes none back
};

inline constexpr auto kWithdrawnNames =
    std::to_array<std::string_view>({"revoked", "ended_before", "none_held", "by_hand"});
constexpr std::string_view name(Withdrawn what) { return kWithdrawnNames[static_cast<std::size_t>(what)]; }

class Credentials {
 public:
  Credentials(const sdk::Account& account, HttpClient& client, Clock& clock);
  ~Credentials();

  // The request with its credential and its whole URL. `key` is the step's, for schemes that sign it.
  // With a `probe` of a vendor that may be down no token is renewed ahead: it would be a second request.
  Task<Request> authorize(Request request, std::string key, TimePoint deadline, bool probe = false);

  // Of the access token in use, where there is one: when it came, and until when it is good.
  struct Age {
    std::optional<TimePoint> since, expires_at;
  };
  Age age() const;

  // What the token in use allows, as the vendor said when it gave it.
  std::string scope() const;

  // Where requests go: what the vendor's latest token says, or base_url.
  const std::string& address() const { return address_.empty() ? account_.base_url : address_; }

  // The vendor refused what was put on at `authorized_at`. Returns whether asking again may help.
  bool refused(TimePoint authorized_at);

  // Gives the token in use back to the vendor and asks for no other one until readmit(): whoever is still at
  // work would only undo it. A vendor that did not answer well has it still, and so have we.
  Task<Withdrawn> withdraw(TimePoint deadline);
  void readmit() { withdrawn_ = false; }

 private:
  struct Token;
  using Turn = std::unique_ptr<sdk::Account::Turn>;

  Request revocation(const std::string& target) const;
  Task<Done> fresh_token(const sdk::Auth& auth, TimePoint deadline, bool probe);
  Task<Turn> my_turn(const sdk::Auth& auth, TimePoint deadline);
  Task<Done> ask_for_token(const sdk::Auth& auth, TimePoint deadline);
  Task<Done> ask_once(const sdk::Auth& auth, TimePoint deadline);
  Result<secrets::TokenRequest> token_request(const sdk::Auth& auth) const;
  Result<secrets::TokenRequest> token_request(const sdk::RefreshToken& scheme) const;
  Result<Done> heed_address(const secrets::Grant& grant, const std::string& asked_at);
  Done take(secrets::Grant grant, const sdk::Auth& auth);
  void keep_refresh_token(const sdk::RefreshToken& scheme);
  bool learn_replaced(const sdk::Auth& auth);
  Result<Done> sign(Request& request, const sdk::StandardSignature& scheme, const std::string& key) const;

  const sdk::Account& account_;
  HttpClient& client_;
  Clock& clock_;
  std::unique_ptr<Token> token_;
  std::string address_;                  // as the vendor named it; empty: it did not
  std::optional<Secret> refresh_token_;  // the vendor's latest, where it replaced the configured one
  bool unsaved_ = false;                 // refresh_token_ is not in the store yet
  bool asking_ = false;
  bool withdrawn_ = false;
  TimePoint ask_again_at_;  // not before, while the old token is good
  Bell asked_;
};

}  // namespace baton::delivery
