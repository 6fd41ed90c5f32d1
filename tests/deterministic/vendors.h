// Purpose: vendors with weather: each is well, flaky, slow, down, or asks to wait, for minutes or for days,
// as a seed decides. It keeps its own account of every request and every effect, and shares nothing with what
// it judges. And the one connector for all of them.
// Owner: the world. They survive every node. Threads: one loop.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "connectors/sdk/account.h"
#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "gateway/http/client.h"

namespace baton::deterministic {

// How a vendor lets an unknown outcome be mended: classes A, B and C of the promises.
enum class Mends { by_key, by_search, by_slow_search, by_nobody };

enum class Sky { fine, flaky, slow, down, limited };

struct Spell {
  TimePoint from;
  TimePoint until;
  Sky sky;
};

// A request as it arrived.
struct Heard {
  TimePoint at;
  std::string node;  // that sent it
  bool write;
  std::string external_id;  // of a write
  std::string native_key;
};

struct Effect {
  int count = 0;
  TimePoint first;
};

class Vendor {
 public:
  // A slow search does not know what happened just now; its manifest says how long.
  static constexpr auto kSearchLag = Duration{15s};

  Vendor(Mends mends, std::uint64_t seed) : mends_(mends), random_(seed) {}

  // Draws the weather until `end`; after it all is fine.
  void forecast(TimePoint begin, TimePoint end);
  const Spell* spell_at(TimePoint now) const;  // null: fine

  Task<Reply> exchange(Clock& clock, Outgoing outgoing);

  Mends mends() const { return mends_; }
  const std::vector<Spell>& spells() const { return spells_; }
  const std::vector<Heard>& heard() const { return heard_; }
  const std::map<std::string, Effect>& effects() const { return effects_; }  // by external id

 private:
  void take_effect(const Heard& request, TimePoint now);
  Reply answer(const Request& request, const Heard& heard, TimePoint now);
  Reply find(const std::string& external_id, TimePoint now) const;
  bool one_in(std::uint64_t so_many) { return random_.bits() % so_many == 0; }

  Mends mends_;
  Random random_;
  std::vector<Spell> spells_;
  std::vector<Heard> heard_;
  std::map<std::string, Effect> effects_;
  std::map<std::string, std::string> by_native_key_;  // class A: to the external id
};

using Vendors = std::map<DestinationId, std::unique_ptr<Vendor>>;

// The connector that speaks to all of them; a setting says how an outcome is mended.
const sdk::Connector& connector();
sdk::Accounts accounts(const Vendors& vendors);

// The network between a node and the vendors.
class Network final : public HttpClient {
 public:
  Network(Vendors& vendors, Clock& clock) : vendors_(vendors), clock_(clock) {}
  Task<Reply> exchange(Outgoing outgoing) override;

 private:
  Vendors& vendors_;
  Clock& clock_;
};

}  // namespace baton::deterministic
