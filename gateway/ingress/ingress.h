// Purpose: the front door. Events of chat platforms and webhooks of vendors become journalled facts;
// nothing is decided here but where an event leads.
// Owner: app/. Threads: the public server's loop, to which journal, clock and random belong.
// Errors: every request gets an answer: 4xx is the sender's fault, 503 ours (send it again).
//
// An event's way: signature on the raw bytes, size and depth, JSON, schema, route, journal, 202.
// When the 202 is sent the event is on stable storage.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "connectors/sdk/account.h"
#include "gateway/base/clock.h"
#include "gateway/base/random.h"
#include "gateway/handoff/decide.h"
#include "gateway/handoff/pilot.h"
#include "gateway/handoff/route.h"
#include "gateway/ingress/answers.h"
#include "gateway/ingress/concerned.h"
#include "gateway/ingress/schema.h"
#include "gateway/ingress/sources.h"
#include "gateway/journal/journal.h"
#include "gateway/journal/maintenance.h"

namespace baton::ingress {

// What ingress counts since the process started. Read on any thread.
struct Figures {
  using Count = std::atomic<std::uint64_t>;
  Count accepted = 0;
  Count duplicates = 0;
  Count merged = 0;
  Count refused = 0;
  Count not_now = 0;
  Count signals = 0;
  // What vendors said of objects that are none of ours, by destination; its keys never change.
  std::map<std::string, Count> signals_unknown;
  // Times at which a vendor said that it keeps notices from us, by destination; its keys never change.
  struct Withheld {
    Count times = 0;
    std::atomic<TimePoint> last = TimePoint();  // by the vendor's clock; the epoch: never
  };
  std::map<std::string, Withheld> withheld;
  Count decisions = 0;
  Count handovers_decided = 0;
  std::map<std::string, Count> hits;  // by routing rule; its keys never change
  struct OfSource {
    Count accepted = 0;  // for the first time
    Count duplicates = 0;
    Count refused = 0;
    Count left_out = 0;                               // members of its events that did not fit the schema
    std::atomic<TimePoint> last_event = TimePoint();  // the latest accepted one; the epoch: none yet
  };
  std::map<std::string, OfSource> sources;  // by name; its keys never change
};

// A command, and the destinations that may know who typed it: those of the one app that it came through.
struct TypedCommand {
  TypedCommand(std::string who_in, std::string words_in)
      : who(std::move(who_in)), words(std::move(words_in)) {}
  std::string who;
  std::string words;
  std::vector<DestinationId> at;
};

class Ingress {
 public:
  struct Parts {
    Parts(Journal& journal_in, Clock& clock_in, Random& random_in, Sources& sources_in,
          const handoff::Rules& rules_in, const sdk::Accounts& accounts_in)
        : journal(journal_in), clock(clock_in), random(random_in), sources(sources_in), rules(rules_in),
          accounts(accounts_in) {}
    Journal& journal;
    Clock& clock;
    Random& random;
    Sources& sources;
    const handoff::Rules& rules;
    const sdk::Accounts& accounts;
    const handoff::DecisionRules* decisions = nullptr;  // whoever serves /v1/decisions sets it
    const handoff::Pilot* pilot = nullptr;              // nothing: every conversation is handled alike
    // What a person types to Baton where they work: what to answer. Nothing: commands are not understood.
    std::function<Task<std::string>(TypedCommand)> command;
    // Forgets a person, for good; done when nothing of them is left. Nothing: this gateway's store cannot.
    std::function<Task<Done>(Person)> erase;
    // Tells the operator what a vendor keeps from us. Nothing: it is counted alone.
    std::function<void(const sdk::Account&, const sdk::Withholding&)> withheld;
    // Tells the operator what of a platform's event did not fit the schema and is left out. Nothing: it is
    // counted alone.
    std::function<void(const Source&, const FieldError&)> left_out;
  };
  explicit Ingress(Parts parts);

  // POST /v1/events: one event or a batch. The same event again: same answer, no second effect.
  Task<Reply> events(RawRequest request);

  // POST /v1/decisions: hand over, or go on? Answered from the request alone; nothing is stored, so the same
  // question again is answered again.
  Task<Reply> decisions(RawRequest request);

  // POST /v1/in/{source}: a chat platform's own webhook, in its own words.
  Task<Reply> platform(RawRequest request);

  // HEAD of either address of a webhook: whether there is such a one, for vendors that look first.
  Task<Reply> is_there(RawRequest request);

  // POST /v1/hooks/{destination}: journals the vendor's signals, then says what it wants to hear.
  Task<Reply> hook(RawRequest request);

  const Figures& figures() const { return figures_; }

 private:
  struct Sent;      // what one request holds, parsed
  struct Admitted;  // a request of a known sender that can be read, or its refusal
  struct Checked;   // events that passed every check, on their way into the journal

  Admitted admit(const RawRequest& request);
  Result<Source*> sender(const RawRequest& request);
  bool over_limit(Source& source);
  Reply put_off(const Source& source);
  int refused_status(const Source& source) const;
  static Result<sdk::Inbound> read_mapped(const RawRequest& request, const Source& source);
  Result<sdk::Inbound> read_platform(const RawRequest& request, const Source& source) const;
  Result<Event> event_of(sdk::Arrival arrival, const Source& source);
  Task<Done> store_all(std::vector<sdk::Arrival> arrivals, const Source& source,
                       std::vector<HandoffId>& stored);
  static Result<Sent> read_sent(const RawRequest& request, std::vector<FieldError>& items);
  Result<Checked> check(Sent sent, const RawRequest& request, const Source& source,
                        std::vector<FieldError>& items) const;
  static Event event_again(const RawRequest& request, const Source& source, std::size_t i);
  void check_shape(const nlohmann::json& event, const std::string& at, const Source& source,
                   std::vector<FieldError>& items) const;
  void check_question(const nlohmann::json& event, const Source& source,
                      std::vector<FieldError>& items) const;
  void check_one(const Sent& sent, std::size_t i, const RawRequest& request, const Source& source,
                 std::vector<FieldError>& items) const;
  // Made again from the request's bytes, for the rare second try: the first gives the event away.
  using Again = std::function<Event()>;
  Task<Accepted> store(Event event, const std::string& digest, const Again& again);
  // Nothing if somebody was quicker, so that the other one has to be tried.
  Task<std::optional<Accepted>> open(Event event, const std::string& digest);
  Task<std::optional<Accepted>> add_to_open(Event event, const std::string& digest);
  Task<std::optional<Accepted>> answer_again(const EventKey& key, const Committed& known,
                                             const std::string& digest);
  Task<HandoffId> open_handoff(const Event& event);
  // asides.cc: what opens no ordinary handoff.
  handoff::HandoverDecision decide(const nlohmann::json& data, const ConversationId& conversation) const;
  Task<std::optional<Accepted>> answer_question(Event event, const std::string& digest);
  Task<std::optional<Accepted>> heard_before(const EventKey& key, const std::string& digest);
  Task<std::optional<Accepted>> count_alone(const Event& event, const std::string& digest);
  Task<Done> forget_old(const EventKey& key, Batch& batch);
  std::string arm_of(const nlohmann::json& data, const ConversationId& conversation) const;
  // shared.cc: what vendors tell, and apps whose one address serves several destinations.
  using Family = std::vector<const sdk::Account*>;
  using Heard = std::vector<std::pair<const sdk::Account*, sdk::Webhook>>;
  Family of_one_app(const sdk::Account& account, const RawRequest& request, Heard& heard) const;
  Source* talks_through(const Family& family);
  Task<Reply> take_all(const sdk::Account& account, Source* source, RawRequest request);
  Task<Done> take_webhook(const Family& family, sdk::Webhook& webhook);
  Task<Done> take_platform_signals(std::vector<Signal> signals, const Source& source);
  Task<Done> heed(const sdk::Account& account, const sdk::Webhook& webhook);
  Task<Done> park(const sdk::Account& account, const sdk::Revocation& revoked);
  Task<Done> lift(const sdk::Account& account, const sdk::Restoration& restored);
  Task<std::optional<LaneState>> lane_of(const sdk::Account& account);
  Task<Done> set_paused(const sdk::Account& account, bool paused, std::string why);
  Task<std::optional<Reply>> take_inbound(sdk::Inbound inbound, const Source& source);
  Task<std::optional<Handoff>> with_object(const sdk::Account& account, std::string object);
  Task<Done> drop_words_below_cards(std::vector<sdk::Arrival>& arrivals, const Family& family);
  struct About;  // a handoff that a signal is about
  Task<std::vector<About>> about(const Family& family, const Signal& signal);
  Task<Done> journal_signal(const Family& family, Signal signal);
  Task<Done> journal_change(const sdk::Account& account, Signal signal);
  Task<Done> add_signal(const sdk::Account& account, const HandoffId& handoff, Signal signal,
                        std::string key);
  // merged.cc: tickets that became part of others.
  Task<std::vector<std::string>> merged_into(const sdk::Account& account, const std::string& object);
  Task<Done> remember_merge(const sdk::Account& account, const Signal& signal,
                            std::vector<std::string> tickets);
  // deletions.cc: people whom a vendor deleted for their privacy.
  Task<Done> forget(const sdk::Account& account, const sdk::Deletion& deletion);
  Task<std::vector<Person>> people_named(const sdk::Account& account, const std::string& person);
  Reply not_genuine(int status, const Failure& failure, const Source* source = nullptr);
  Reply counted(Reply reply, const Source* from = nullptr);  // whose it was, where that is known
  void took(const EventKey& key);

  Parts parts_;
  const Abilities abilities_;
  EventValidator validator_;
  Figures figures_;
  Concerned concerned_;
};

}  // namespace baton::ingress
