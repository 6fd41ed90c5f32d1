#include "tests/deterministic/checker.h"

#include <algorithm>
#include <map>
#include <set>

#include "gateway/base/date.h"

namespace baton::deterministic {
namespace {

class Checker {
 public:
  explicit Checker(const World& world) : world_(world), store_(world.store()) {}

  Report judge() {
    everything_accepted_is_there();
    every_delivery_ended();
    nothing_happened_twice();
    order_was_kept();
    keys_never_changed();
    for (const auto& [id, vendor] : world_.vendors()) {
      report_.requests += static_cast<int>(vendor->heard().size());
      the_dead_were_left_in_peace(id, *vendor);
      who_asked_to_wait_was_heard(id, *vendor);
    }
    return std::move(report_);
  }

 private:
  void broken(std::string what) {
    if (report_.broken.size() < 20) report_.broken.push_back(std::move(what));
  }
  static std::string at(TimePoint time) { return to_rfc3339(time); }
  const Effect* effect_of(const JobKey& key) const {
    const auto& effects = world_.vendors().at(key.lane)->effects();
    const auto found = effects.find(key.text());
    return found == effects.end() ? nullptr : &found->second;
  }

  // D1, D3: accepted x destinations = delivered + dead + pending.
  void everything_accepted_is_there() {
    std::map<HandoffId, std::set<DestinationId>> reached;
    for (const auto& [position, row] : store_.jobs) reached[row.job.key.handoff].insert(row.job.key.lane);
    for (const auto& one : world_.accepted()) {
      const auto fact = store_.fact_orders.find(one.key);
      if (fact == store_.fact_orders.end() || store_.facts.at(fact->second).handoff != one.handoff) {
        broken("accepted and lost: " + one.key);
        continue;
      }
      if (!store_.facts.at(fact->second).consumed) broken("accepted and never planned: " + one.key);
      const auto& handoff = *store_.handoffs.at(one.handoff).handoff;
      for (const auto& destination : handoff::destinations(handoff.route)) {
        const bool needed = handoff.announced || destination == kPlatform;
        if (needed && !reached[one.handoff].contains(destination))
          broken(one.handoff.text + " never reached " + destination.text);
      }
    }
  }

  void every_delivery_ended() {
    for (const auto& [position, row] : store_.jobs) {
      const auto& job = row.job;
      if (!std::holds_alternative<Operation>(job.key.work) || is_read(job.key.work)) continue;
      const auto key = job.key.text();
      const auto* effect = effect_of(job.key);
      report_.retries += std::max(0, job.attempts - 1);
      if (job.state == JobState::pending) {
        ++report_.pending;
        broken(key + " is still pending");
      } else if (job.state == JobState::done) {
        ++report_.done;
        if (!effect) broken(key + " is done and had no effect");
      } else {
        ++report_.dead;
        died_in_time(job);
      }
    }
  }

  // D11: nothing is given up early.
  void died_in_time(const Job& job) {
    const auto key = job.key.text();
    if (!job.failure) return broken(key + " is dead without a reason");
    if (job.parked) {
      if (world_.vendors().at(job.key.lane)->mends() != Mends::by_nobody)
        broken(key + " was parked needlessly");
      return;
    }
    if (job.failure->kind != FailureKind::retryable && job.failure->kind != FailureKind::ambiguous)
      return broken(key + " is dead: " + job.failure->detail);
    if (!job.first_attempt || *job.ended_at - *job.first_attempt < 76h) broken(key + " was given up early");
  }

  // D4.
  void nothing_happened_twice() {
    for (const auto& [id, vendor] : world_.vendors()) {
      for (const auto& [external_id, effect] : vendor->effects()) {
        if (effect.count > 1) broken(external_id + " took effect " + std::to_string(effect.count) + " times");
        const auto key = job_key_from(external_id.substr(0, external_id.find('#')));
        if (!key || !store_.positions.contains(*key)) broken(external_id + " was asked for by nobody");
      }
    }
  }

  // D7: per conversation and destination, in the order in which the deliveries were made.
  void order_was_kept() {
    std::map<std::pair<ConversationId, DestinationId>, std::pair<TimePoint, std::string>> last;
    for (const auto& [position, row] : store_.jobs) {
      const auto& job = row.job;
      if (!std::holds_alternative<Operation>(job.key.work) || is_read(job.key.work)) continue;
      const auto* effect = effect_of(job.key);
      if (!effect) continue;
      auto& [before, who] = last[{store_.handoffs.at(job.key.handoff).handoff->conversation, job.key.lane}];
      if (effect->first < before)
        broken(job.key.text() + " took effect at " + at(effect->first) + ", before " + who + " at " +
               at(before));
      if (effect->first >= before) before = effect->first, who = job.key.text();
    }
  }

  // D5: one external id has one native key, whatever happened in between.
  void keys_never_changed() {
    for (const auto& [id, vendor] : world_.vendors()) {
      std::map<std::string, std::string> keys;
      for (const auto& heard : vendor->heard()) {
        if (!heard.write) continue;
        const auto& first = keys.emplace(heard.external_id, heard.native_key).first->second;
        if (first != heard.native_key) broken(heard.external_id + " came with two keys: " + heard.native_key);
      }
    }
  }

  // O5: at most 2 requests a minute of each node, five minutes after its first that failed, however few
  // deliveries there are.
  void the_dead_were_left_in_peace(const DestinationId& id, const Vendor& vendor) {
    constexpr std::size_t kMost = 2;
    for (const auto& spell : vendor.spells()) {
      if (spell.sky != Sky::down) continue;
      std::map<std::string, std::vector<TimePoint>> asked;
      auto next = std::ranges::lower_bound(vendor.heard(), spell.from, {}, &Heard::at);
      for (; next != vendor.heard().end() && next->at < spell.until; ++next)
        asked[next->node].push_back(next->at);
      for (const auto& [node, times] : asked) {
        for (std::size_t i = 1; i + kMost < times.size(); ++i) {
          const bool known = times[i] >= times.front() + 5min;
          if (known && times[i + kMost] - times[i] < 1min)
            return broken(id.text + " is down and was asked three times in the minute of " + at(times[i]));
        }
      }
    }
  }

  // D11: a wait that a vendor asks for is kept, but for a probe each hour.
  void who_asked_to_wait_was_heard(const DestinationId& id, const Vendor& vendor) {
    const auto& heard = vendor.heard();
    for (const auto& spell : vendor.spells()) {
      if (spell.sky != Sky::limited) continue;
      const auto told = std::ranges::lower_bound(heard, spell.from, {}, &Heard::at);
      if (told == heard.end() || told->at >= spell.until) continue;
      // What was under way together with the first is not held against anybody.
      const auto from = told->at + 15s;
      const auto begin = std::ranges::lower_bound(heard, from, {}, &Heard::at);
      const auto end = std::ranges::lower_bound(heard, spell.until, {}, &Heard::at);
      if (begin >= end) continue;
      // Of two nodes the other one hears of the wait by the journal; each probes for itself.
      const auto hours = std::chrono::ceil<std::chrono::hours>(spell.until - from).count();
      const auto births = std::ranges::count_if(
          world_.births(), [&](TimePoint birth) { return birth > spell.from && birth < spell.until; });
      const auto most = (hours + births) * world_.plan().nodes;
      if (end - begin > most)
        broken(id.text + " asked us to wait until " + at(spell.until) + " and was asked " +
               std::to_string(end - begin) + " times from " + at(from));
    }
  }

  const World& world_;
  const MemoryStore& store_;
  Report report_;
};

}  // namespace

Report check(const World& world) { return Checker(world).judge(); }

}  // namespace baton::deterministic
