#include "gateway/handoff/advance.h"

#include <algorithm>
#include <iterator>

#include "gateway/base/json_view.h"
#include "gateway/base/mutant.h"
#include "gateway/handoff/alert_case.h"
#include "gateway/handoff/brief_deadline.h"
#include "gateway/handoff/choice.h"
#include "gateway/handoff/context.h"
#include "gateway/handoff/defect.h"
#include "gateway/handoff/permission.h"
#include "gateway/handoff/repetition.h"
#include "gateway/handoff/returning.h"
#include "gateway/handoff/satisfaction.h"
#include "gateway/handoff/ticket_status.h"
#include "gateway/handoff/updates.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

// One advance in the making. Each method is one sentence of the handoff's life.
class Story {
 public:
  Story(Handoff handoff, TimePoint at, const Patience& patience, const tell::Messages& messages,
        const House& house)
      : next_(std::move(handoff)), h_(next_.handoff), at_(at), patience_(patience), messages_(messages),
        house_(house) {}

  // --- what the chat platform says

  void operator()(Event& event) {
    if (event.type == "handoff.requested" && h_.state == State::received) return open(event);
    if (event.type == "decision.requested" && h_.state == State::received) return answer(event);
    if (event.type == "conversation.rated") return rate(event);
    if (event.type == "error.reported" && h_.state == State::received) return open_bug_case(event);
    if (!is_open(h_.state)) return is_afterword(event) ? void() : refuse(event.type);
    if (event.type == "handoff.cancelled") return cancel(event);
    if (event.type == "customer.chose") return choose(event);
    if (event.type == "conversation.resolved") {
      // Who hears it from the AI need not hear it again.
      const bool by_ai = JsonView(event.data)["by"].text() == "ai";
      if (by_ai && held()) return refuse(event.type + " by the AI");  // it is a person's to give back
      if (goes_on_elsewhere(event)) return refuse(event.type, "other work on this conversation goes on");
      return solve(event.type, {}, JsonView(event.data)["resolution"].text(), Where::elsewhere, !by_ai);
    }
    if (event.type == "handoff.requested" && h_.state == State::resolved) return ask_again(event);
    update(event);
  }

  // --- what a vendor, or a person through the API, says

  void operator()(const Signal& signal) {
    if (is_about_bug(signal)) return bug_changed(signal);
    switch (signal.kind) {
      case SignalKind::claimed: return claim(signal);
      case SignalKind::released: return release(signal);
      case SignalKind::replied: return reply(signal);
      case SignalKind::solved: return hand_back(signal);
      case SignalKind::reopened: return reopen(signal);
      case SignalKind::passed_on: return pass_on(signal);
      case SignalKind::judged: return judge(signal);
      case SignalKind::defect: return defect(signal);
      case SignalKind::offered: return offer(signal);
      case SignalKind::changed: return changed(signal);
      case SignalKind::declined: return decline(signal);
      case SignalKind::touched: return touched(signal);
      case SignalKind::merged: return follow(signal);
    }
  }

  // --- how a job ended

  void operator()(const Job& job) {
    const bool done = job.state == JobState::done;
    switch (std::get<Operation>(job.key.work)) {
      case Operation::read_context: return context(job, done);
      case Operation::open_ticket: return done ? ticket(job.receipt) : no_ticket();
      case Operation::post_alert: return done ? card(job) : void();
      case Operation::update_alert: return done ? void() : card_failed(job);
      case Operation::file_bug: return bug(job, done);
      case Operation::link_bug: return end_bug_case();
      case Operation::fetch_transcript: return transcript(job, done);
      case Operation::read_status: return done ? status(job) : void();
      case Operation::read_person: return solved_by(done ? JsonView(job.found)["name"].text() : "");
      case Operation::give_back:
        if (done && h_.state == State::resolved) move(State::returned, "returned");
        return;
      case Operation::emit:
        if (done && JsonView(job.subject)["type"].text() == "handoff.returned")
          move(State::returned, "returned");
        return;
      default: return;  // the receipt is all there is to know
    }
  }

  // --- time alone

  void operator()(const Due&) {
    const auto passed = [&](const auto& due) { return due && *due <= at_; };
    if (passed(h_.context_due)) cut();
    if (passed(h_.late_due)) note_late();
    if (passed(h_.announce_due)) announce();
    if (passed(h_.claim_due)) expire_claim();
    if (passed(h_.update_due)) remind();
    if (passed(h_.path_due)) ask_for_path();
    if (passed(h_.status_due)) ask_for_status();
    if (passed(h_.solved_due)) solved_by("");
    if (passed(h_.asked_due)) withdraw_offer();
    if (passed(h_.wait_due)) tell_long_wait();
  }

  Next take() { return std::move(next_); }

 private:
  void take_data(Event& event) {
    meet_errors(h_, event);
    h_.data = json::object();
    if (!event.data.is_object()) return;
    h_.data = std::move(event.data);
    h_.data_text = std::move(event.data_text);
    find_topics();
    heed_deadline();
  }

  // Who states no priority may still have said by when they need it.
  void heed_deadline() {
    const JsonView data(h_.data);
    if (h_.priority != Priority::normal || !data["priority"].text().empty()) return;
    if (!deadline_in(data["transcript"]).empty()) h_.priority = Priority::high;
  }

  // What was once confidential stays so, also when the conversation moves on.
  void find_topics() {
    if (!house_.topics) return;
    for (auto& topic : house_.topics(h_.data)) h_.topics.insert(std::move(topic));
  }

  // A new handoff: ask everyone who may know something, at the same time.
  void open(Event& event) {
    take_data(event);
    note_feeling(h_, JsonView(h_.data), at_);
    enter(State::received, event.type);
    move(State::planned, event.type);
    for (const auto& destination : h_.route.context) {
      h_.context[destination].reason = "no answer yet";
      auto& read = job(destination, Operation::read_context, customer());
      read.deadline = h_.requested_at + patience_.late_context;
    }
    fetch_transcript();
    h_.context_due = h_.requested_at + patience_.context;
    move(State::waiting, event.type);
    if (h_.context.empty()) cut();
  }

  // People may have a conversation as several pieces of work (`metadata.open_work`, by their ids): one that
  // was passed on is another one for a while. It is over with the last of them.
  bool goes_on_elsewhere(const Event& event) {
    const auto ended = JsonView(event.data).at_path("metadata.open_work");
    if (!ended.object()) return false;
    const json patch = {{"metadata", {{"open_work", *ended.raw()}}}};
    h_.data_text.clear();
    h_.data.merge_patch(patch);
    const auto left = JsonView(h_.data).at_path("metadata.open_work");
    return left.object() && !left.raw()->empty();
  }

  void update(const Event& event) {
    if (const auto stated = priority_from(JsonView(event.data)["priority"].text())) h_.priority = *stated;
    h_.data_text.clear();
    note_feeling(h_, JsonView(event.data), at_);
    const auto added = merge_update(h_.data, event.data);
    find_topics();
    heed_deadline();
    veil_cards();
    if (!added.empty()) note(added, speaker(event));
    meet_errors(h_, event);
    if (!h_.context_due) say_errors();
  }

  // The customer, if they are among those who spoke.
  static std::string speaker(const Event& event) {
    std::string first;
    for (const auto& message : items(JsonView(event.data)["transcript"])) {
      auto role = message["role"].text();
      if (role == "customer") return role;
      if (first.empty()) first = std::move(role);
    }
    return first;
  }

  // What the customer thinks of it, at any time: it changes nothing but the figures.
  void rate(const Event& event) {
    constexpr std::size_t kMost = 5;
    auto rating = read_rating(JsonView(event.data), at_);
    if (!rating) return;
    if (h_.ratings.size() == kMost) h_.ratings.erase(h_.ratings.begin());
    h_.ratings.push_back(std::move(*rating));
  }

  // The AI's question came as an event, so its answer is one too; with that this case is over.
  void answer(const Event& event) {
    h_.data = event.data;
    find_topics();
    enter(State::received, event.type);
    for (const auto state : {State::planned, State::waiting, State::resolved, State::returned})
      move(state, "answered");
    if (!h_.route.platform) return;
    job(*h_.route.platform, Operation::emit,
        {{"type", "decision.made"}, {"at", at_.time_since_epoch().count()}, {"data", h_.data}});
  }

  // Solved, but the customer asks for a person again before the AI has the conversation back.
  void ask_again(const Event& event) {
    move(State::active, event.type);
    ask_again_later();
    update(event);
    if (!h_.announced) return announce();
    update_cards("reopened");
    accept();
  }

  void cancel(const Event& event) {
    const bool sought = h_.announced && h_.state <= State::waiting;
    if (!move(State::cancelled, event.type)) return;
    stop_waiting();
    note("The customer no longer needs a person: " +
         JsonView(event.data)["explanation"].text("no reason given"));
    end_ticket();
    update_cards("ended");
    // Only who was told that a person is sought hears that nobody is any more.
    if (sought) message(tell::Step::cancelled);
    if (std::exchange(h_.controlled, false)) give_back({});
  }

  // The customer took one of the alternatives, while nobody has the conversation yet.
  void choose(const Event& event) {
    if (h_.state != State::waiting) return refuse(event.type);
    const auto choice = read_choice(event.data, h_.data, at_);
    if (!choice) return refuse(event.type + ": " + choice.error().detail);
    if (choice->kind == ChoiceKind::priority_ticket) h_.priority = std::max(h_.priority, Priority::high);
    note(in_words(*choice));
    auto facts = facts_now();
    facts.choice = *choice;
    auto text = words(tell::chose(choice->kind), facts);
    // Of a ticket that is not there yet no priority can be confirmed; how it stands can be told.
    if (text.empty()) text = words(tell::Step::waiting, facts);
    if (!text.empty()) emit("handoff.message", {{"text", std::move(text)}});
    if (choice->kind == ChoiceKind::continue_with_ai) end_search(event.type);
  }

  // Nobody is looked for any more: the AI has the conversation, and the customer has heard so.
  void end_search(const std::string& through) {
    if (!move(State::cancelled, through)) return;
    stop_waiting();
    end_ticket();
    update_cards("ended");
    if (std::exchange(h_.controlled, false)) give_back({});
  }

  // Exactly one wins, decided by the order of facts in the journal; the others are told who has it.
  void claim(const Signal& signal) {
    if (held() && has_it(signal)) return tell(signal, "You already have this one.");
    const bool given = is_given_over(signal);
    const auto why_not = given || h_.state == State::waiting ? not_permitted(signal) : std::nullopt;
    if (why_not) {
      refuse(said(signal), *why_not);
      return tell(signal, *why_not);
    }
    const bool late = BATON_MUTANT(two_winners_of_a_claim) && held();
    if (!late && !given && !move(State::claimed, said(signal))) return tell(signal, refusal());
    stop_asking();
    auto called = person(signal);
    h_.owner = signal.who;
    h_.owner_name = std::move(called);
    h_.owner_at = signal.from;
    h_.member = member_id(signal);
    if (signal.kind == SignalKind::claimed && signal.from == h_.route.tickets) h_.assigned = signal.who;
    start_clocks();
    if (!tells_replies(signal)) h_.claim_due.reset();
    if (signal.from != h_.route.tickets) look_soon();
    fetch_again();
    update_cards("claimed");
    emit("handoff.claimed", {{"by", {{"id", h_.owner}, {"name", h_.owner_name}}},
                             {"text", words(tell::Step::claimed, facts_now())}});
  }

  // Where somebody claimed it, it was given from them to somebody else: the claim goes with it. Whoever
  // claimed it elsewhere keeps it, for nobody there knew of them.
  bool is_given_over(const Signal& signal) const {
    return held() && signal.about == kAssigned && !signal.from.empty() && signal.from == h_.owner_at;
  }

  // Who was given a conversation that goes on owes the customer its next word, and no first one.
  void start_clocks() {
    stop_clocks();
    if (h_.state == State::active) h_.update_due = at_ + patience_.update;
    else h_.claim_due = at_ + (can_answer() ? patience_.first_reply : patience_.path);
    h_.path_due = at_ + patience_.path;
  }

  // Where nobody would tell of a reply, its lack says nothing.
  static bool tells_replies(const Signal& signal) {
    return JsonView(signal.detail)["replies"].boolean() != false;
  }

  // Who has no ticket to answer in yet is given longer.
  bool can_answer() const { return h_.ticket || !h_.route.tickets; }

  // Also who claimed with one account and now speaks through another.
  bool has_it(const Signal& signal) const {
    if (h_.owner == signal.who) return true;
    const auto member = member_id(signal);
    return !member.empty() && member == h_.member;
  }

  void release(const Signal& signal) {
    if (!is_owner(signal)) return;
    if (signal.from == h_.route.tickets) h_.assigned.clear();
    tell_released(give_up_claim(said(signal)));
  }

  // Whether who asks has it; whoever does not is told so. A claim without an owner's id is anybody's to end.
  bool is_owner(const Signal& signal) {
    if (held() && (h_.owner.empty() || has_it(signal))) return true;
    refuse(said(signal));
    tell(signal, refusal());
    return false;
  }

  void expire_claim() { tell_released(give_up_claim("no first reply by " + h_.owner_name + " in time")); }

  // Who was told that somebody has the conversation is told that nobody has it. Yields the word for its
  // threads, for a card that is changed wakes nobody.
  std::string give_up_claim(const std::string& through) {
    if (BATON_MUTANT(claim_never_ends)) {
      stop_clocks();
      return {};
    }
    if (!move(State::waiting, through)) return {};
    if (!h_.member.empty()) passes(h_.member);  // others are asked before them
    const auto had = h_.owner_name.empty() ? "Nobody has" : h_.owner_name + " does not have";
    h_.owner.clear();
    h_.owner_name.clear();
    h_.owner_at = DestinationId();
    h_.member.clear();
    stop_clocks();
    update_cards("released");
    const auto outlook = outlook_now();
    remember_told(outlook);
    emit("handoff.escalated", {{"text", words(tell::Step::expired, tell::facts_of(h_, outlook, at_))}});
    return had + " this one any more: it waits for somebody again.";
  }

  // --- the queue

  // Somebody who is free is asked first; everybody of the team may still take it.
  void offer(const Signal& signal) {
    ++h_.offers;  // also where it comes too late: the next offer bears another number
    if (h_.state != State::waiting || h_.asked || h_.declined.contains(signal.who)) return;
    h_.asked = Asked{signal.who, person(signal), signal.about, at_};
    h_.asked_due = at_ + patience_.offer;
    for (const auto& [destination, receipt] : h_.cards) ask(destination);
  }

  // Who is asked says no, or somebody before they are: the next is asked at once, and they never again for
  // this one. The customer was not told who is asked, so there is nothing to take back.
  void decline(const Signal& signal) {
    if (h_.state != State::waiting) {
      refuse(said(signal));
      return tell(signal, refusal());
    }
    const auto member = member_id(signal);
    if (member.empty()) {
      const std::string why = "Only members of a team are asked, and you are none.";
      refuse(said(signal), why);
      return tell(signal, why);
    }
    constexpr std::size_t kMost = 200;
    if (h_.declined.size() < kMost || h_.declined.contains(member)) h_.declined[member] = at_;
    if (!h_.asked || h_.asked->member != member)
      return tell(signal, "Thank you: you are not asked for this one.");
    h_.asked.reset();
    h_.asked_due.reset();
    tell(signal, "Thank you: the next is asked.");
    for (const auto& [destination, receipt] : h_.cards)
      in_thread(destination, person(signal) + " cannot take this one" + reason_for(destination, signal.text));
  }

  // Where not everybody may read what it is about, nobody reads why either.
  std::string reason_for(const DestinationId& destination, const std::string& why) const {
    return why.empty() || h_.veiled.contains(destination) ? "." : ": " + why;
  }

  // In the card's thread, for everybody to see who is asked.
  void ask(const DestinationId& destination) {
    const auto account = account_of(h_.asked->member, destination);
    std::string text;
    if (h_.asked->team != h_.route.team)
      text = "Nobody of " + h_.route.team + " can take this one, so " + h_.asked->team + " is asked. ";
    text += account.empty() ? h_.asked->name + ", can" : "Can";
    text += " you take this one? After " + minutes(patience_.offer) + " the next is asked.";
    job(destination, Operation::reply_in_thread, {{"text", text}, {"to", account}});
    if (h_.priority == Priority::urgent && h_.offers == 1) call_seniors(destination);
  }

  // What is urgent is not left to one person's luck.
  void call_seniors(const DestinationId& destination) {
    constexpr int kMost = 3;
    int called = 0;
    const auto* team = team_of(h_.asked->team);
    if (!team) return;
    for (const auto& member : team->members) {
      const auto account = member.accounts.find(destination.text);
      if (!member.senior || member.id == h_.asked->member || account == member.accounts.end()) continue;
      job(destination, Operation::reply_in_thread,
          {{"text", "Urgent, and " + h_.asked->name + " was asked: please see that somebody takes it."},
           {"to", account->second}});
      if (++called == kMost) return;
    }
  }

  void withdraw_offer() {
    if (h_.asked) passes(h_.asked->member);
    h_.asked.reset();
    h_.asked_due.reset();
  }

  void passes(const std::string& member) {
    constexpr std::size_t kMost = 200;
    if (h_.passed.size() < kMost) h_.passed.insert(member);
  }

  void stop_asking() {
    h_.asked.reset();
    h_.asked_due.reset();
    h_.wait_due.reset();
  }

  const Team* team_of(const std::string& name) const {
    if (!house_.teams) return nullptr;
    const auto found = house_.teams->find(name);
    return found == house_.teams->end() ? nullptr : &found->second;
  }

  // "": not known there.
  std::string account_of(const std::string& id, const DestinationId& destination) const {
    const auto* team = team_of(h_.asked->team);
    const auto* member = team ? team->member(id) : nullptr;
    if (!member) return {};
    const auto account = member->accounts.find(destination.text);
    return account == member->accounts.end() ? std::string() : account->second;
  }

  std::optional<std::string> not_permitted(const Signal& signal) const {
    // Who answers in the helpdesk or in the chat was let in there, and the customer has read it.
    const bool let_in = signal.kind == SignalKind::replied &&
                        (signal.from == h_.route.tickets || signal.from == h_.route.platform);
    return house_.teams && !let_in ? why_not_take(h_, signal, *house_.teams) : std::nullopt;
  }

  std::string member_id(const Signal& signal) const {
    const auto* member =
        house_.teams ? find_member(*house_.teams, h_.route.team, signal.from, signal.who) : nullptr;
    return member ? member->id : std::string();
  }

  // What the customer was told holds until somebody should have come, or until everybody goes home.
  void remember_told(const tell::Outlook& outlook) {
    h_.wait_due.reset();
    if (h_.state != State::waiting) return;
    ToldWait told;
    told.at = at_;
    told.team = h_.route.team;
    told.position = outlook.position.value_or(0);
    if (outlook.wait && outlook.open != false) {
      told.low = outlook.wait->low;
      told.high = outlook.wait->high;
      h_.wait_due = at_ + std::max(told.high, Duration{1min});
    }
    if (outlook.open == true && outlook.closes_at && *outlook.closes_at > at_)
      h_.wait_due = std::min(h_.wait_due.value_or(TimePoint::max()), *outlook.closes_at);
    // The first place and range are those by which the wait is judged.
    if (!h_.told && told.position > 0) h_.told = std::move(told);
  }

  // Once, with what else they could do; after hours it says when somebody is back.
  void tell_long_wait() {
    h_.wait_due.reset();
    if (h_.state == State::waiting) message(tell::Step::long_wait);
  }

  void message(tell::Step step) {
    auto text = words(step, facts_now());
    if (!text.empty()) emit("handoff.message", {{"text", std::move(text)}, {"step", tell::name(step)}});
  }

  // To another team, which finds on the card and in the ticket why.
  void pass_on(const Signal& signal) {
    if (!is_owner(signal)) return;
    if (!signal.about.empty()) h_.route.team = signal.about;  // before the customer hears who is asked
    h_.passed.clear();
    (void)give_up_claim(said(signal));
    const auto to = signal.about.empty() ? "" : " to " + signal.about;
    note("Passed on" + to + " by " + person(signal) + ": " +
         (signal.text.empty() ? "no reason given" : signal.text));
    for (const auto& [destination, receipt] : h_.cards)
      in_thread(destination,
                "Passed on" + to + " by " + person(signal) + reason_for(destination, signal.text));
  }

  // About the handoff, not about the customer: taken in every state, and changes none.
  void judge(const Signal& signal) {
    constexpr std::size_t kMost = 20;
    if (h_.feedback.size() == kMost) h_.feedback.erase(h_.feedback.begin());
    h_.feedback.emplace_back(at_, signal.who, signal.about, signal.text);
    tell(signal, "Thank you, this is noted.");
  }

  // --- the clocks of who has it

  // A customer who hears nothing thinks that nobody is there. After some reminders it is the others' turn.
  void remind() {
    constexpr int kReminders = 3;
    h_.update_due.reset();
    if (!held()) return;
    ++h_.reminders;
    in_threads("The customer has not heard from " + h_.owner_name + " for " +
               minutes(patience_.update * h_.reminders) + ". A word helps, even without news.");
    if (h_.reminders < kReminders) h_.update_due = at_ + patience_.update;
  }

  void ask_for_path() {
    h_.path_due.reset();
    if (!held()) return;
    in_threads(h_.owner_name + " has had this for " + minutes(patience_.path) +
               ": solve it, pass it on, or tell the customer what happens next.");
  }

  static std::string minutes(Duration time) {
    const auto count = std::chrono::ceil<std::chrono::minutes>(time).count();
    return std::to_string(count) + (count == 1 ? " minute" : " minutes");
  }

  void in_thread(const DestinationId& destination, const std::string& text) {
    job(destination, Operation::reply_in_thread, {{"text", text}});
  }

  void in_threads(const std::string& text) {
    for (const auto& [destination, receipt] : h_.cards) in_thread(destination, text);
  }

  // Where a new card says it there need be no word besides.
  void tell_released(const std::string& text) {
    if (text.empty()) return;
    for (const auto& [destination, receipt] : h_.cards)
      job(destination, Operation::reply_in_thread, {{"text", text}, {"news", "released"}});
  }

  void stop_clocks() {
    h_.claim_due.reset();
    h_.update_due.reset();
    h_.path_due.reset();
    h_.reminders = 0;
  }

  // An answer to the customer is more than a claim: who gives it has the conversation.
  void reply(const Signal& signal) {
    if (!is_news(signal)) return;
    if (!is_open(h_.state)) return undelivered(signal);
    if (h_.state == State::waiting) {
      claim(signal);
      if (h_.state == State::waiting) return;  // refused
    }
    if (h_.state == State::claimed) move(State::active, said(signal));
    // An assignment tells only an id; now their system says what they are called.
    if (h_.owner == signal.who && h_.owner_name == h_.owner) h_.owner_name = person(signal);
    h_.claim_due.reset();
    h_.reminders = 0;
    if (held()) h_.update_due = at_ + patience_.update;
    if (!signal.text.empty()) {
      ++h_.replies;
      for (auto& kind : asked_again(signal.text, JsonView(h_.data))) h_.asked_again.insert(std::move(kind));
      h_.resolution = signal.text;
      if (signal.from == h_.route.platform) return;  // the customer has it: it was written there
      emit("handoff.message",
           {{"text", signal.text}, {"by", {{"id", signal.who}, {"name", person(signal)}}}});
    }
  }

  // A webhook may be late, and what it would have told was asked for meanwhile; then it comes all the same.
  bool is_news(const Signal& signal) {
    constexpr std::size_t kMost = 100;
    const auto id = reply_id(signal);
    if (id.empty()) return true;
    if (std::ranges::find(h_.heard, id) != h_.heard.end()) return false;
    if (h_.heard.size() == kMost) h_.heard.erase(h_.heard.begin());
    h_.heard.push_back(id);
    return true;
  }

  static constexpr auto kWithTheAi = ": the AI has the conversation again.";

  // Who writes in the ticket believes that the customer reads it.
  void undelivered(const Signal& signal) {
    refuse(said(signal));
    const bool in_ticket = h_.ticket && signal.from == h_.route.tickets;
    if (!in_ticket || signal.text.empty() || signal.text == h_.resolution) return;
    note(std::string("The last answer did not reach the customer") +
         (h_.route.platform ? kWithTheAi : ": their conversation has ended."));
  }

  // In the ticket's own system whoever may close it does; on a card and through Baton, who has the
  // conversation.
  void hand_back(const Signal& signal) {
    const bool at_home =
        !signal.from.empty() && (signal.from == h_.route.tickets || signal.from == h_.route.platform);
    if (!at_home && held() && !h_.owner.empty() && !has_it(signal)) {
      refuse(said(signal));
      return tell(signal, refusal());
    }
    if (may(h_.state, State::resolved)) {
      h_.follow_ups = signal.about == kUnfixed ? std::vector<std::string>() : read_follow_ups(signal.about);
      h_.did = read_list(JsonView(signal.detail)["did"]);
      if (asks_who(signal)) return;
    }
    const bool at_ticket = !signal.from.empty() && signal.from == h_.route.tickets;
    solve(said(signal), person(signal), signal.text, at_ticket ? Where::at_ticket : Where::elsewhere);
  }

  // A notice of a helpdesk that tells an id or nobody: its own system knows what they are called. It is asked
  // once and not for long, because the AI waits for the conversation.
  bool asks_who(const Signal& signal) {
    constexpr auto kPatience = Duration{5s};
    if (!h_.ticket || signal.from.empty() || signal.from != h_.route.tickets ||
        !h_.route.able(*h_.route.tickets, Operation::read_person))
      return false;
    if (const auto called = person(signal); !called.empty() && called != signal.who) return false;
    if (h_.solved) return true;  // it is being asked
    h_.solved = signal;
    h_.solved_due = at_ + kPatience;
    job(signal.from, Operation::read_person, {{"who", signal.who}}).deadline = *h_.solved_due;
    return true;
  }

  // Without a name it is solved all the same.
  void solved_by(const std::string& called) {
    auto signal = std::exchange(h_.solved, std::nullopt);
    h_.solved_due.reset();
    if (!signal) return;
    if (!called.empty()) signal->who_name = called;
    solve(said(*signal), person(*signal), signal->text, Where::at_ticket);
  }

  // People made one of two tickets. What is still to be said and heard is with the one that remains.
  void follow(const Signal& signal) {
    const bool ours =
        h_.ticket && signal.from == h_.route.tickets && h_.ticket->object_id == signal.object_id;
    if (!ours || signal.about.empty()) return refuse(said(signal), "the ticket is another one by now");
    join(signal.about, JsonView(signal.detail)["url"].text());
  }

  void join(const std::string& remains, const std::string& url) {
    h_.ticket = Receipt(remains, url);
    if (is_open(h_.state)) update_cards();
  }

  enum class Where { at_ticket, elsewhere };

  void solve(const std::string& through, const std::string& by, const std::string& text, Where where,
             bool customer_hears = true) {
    if (!move(State::resolved, through)) return;
    stop_waiting();
    if (!text.empty()) h_.resolution = text;
    if (where == Where::elsewhere) {
      note("Solved" + (by.empty() ? "" : " by " + by) + (h_.route.platform ? kWithTheAi : ".") +
           (h_.resolution.empty() ? "" : "\n" + h_.resolution));
      end_ticket();
    }
    update_cards("ended");
    json data = {{"by", {{"name", by.empty() ? h_.owner_name : by}}},
                 {"resolution", h_.resolution},
                 {"follow_ups", h_.follow_ups},
                 {"human_turn", "ended"}};
    if (!h_.did.empty()) data["did"] = h_.did;
    data.update(way_back(h_, at_));
    if (h_.ticket) data["ticket"] = ticket_json();
    if (customer_hears) {
      auto facts = facts_now();
      if (!by.empty()) facts.person = by;
      data["text"] = words(tell::Step::returned, facts);
    }
    emit("handoff.returned", std::move(data));
    const bool heard = h_.route.platform && (speaks(Operation::emit) || speaks(Operation::give_back));
    if (!heard) move(State::returned, "there is no chat platform to tell");
  }

  // What ended elsewhere would stand open for ever. Whoever has the ticket itself ends it themselves.
  void end_ticket() {
    if (!h_.ticket || !h_.route.able(*h_.route.tickets, Operation::set_status)) return;
    if (!h_.owner.empty() && h_.owner_at == *h_.route.tickets) return;
    job(*h_.route.tickets, Operation::set_status, {{"status", "solved"}});
  }

  void reopen(const Signal& signal) {
    if (std::exchange(h_.solved, std::nullopt)) return h_.solved_due.reset();  // before anybody was told
    if (h_.state != State::resolved) return refuse(said(signal));
    if (!move(State::active, said(signal))) return;
    ask_again_later();
    if (h_.announced) update_cards("reopened");
    else announce();
  }

  // --- context and brief

  void context(const Job& read, bool done) {
    auto& part = h_.context[read.key.lane];
    if (part.again_at && part.at != TimePoint{}) return context_again(part, read, done);
    const bool late = came(part, read, done);
    part.found = done ? read.found : json();
    if (late) return late_context();
    cut_if_complete();
  }

  // Whether it came after the brief was cut.
  bool came(ContextPart& part, const Job& read, bool done) {
    const bool late = part.part == Part::late;
    part.at = at_;
    part.reason = done           ? late ? "came after the brief was made" : ""
                  : read.failure ? read.failure->detail
                                 : "no answer";
    if (!late || !done) part.part = done ? Part::present : Part::failed;
    return late;
  }

  void cut_if_complete() {
    const auto expected = [](const auto& entry) { return entry.second.part == Part::expected; };
    if (h_.context_due && !std::ranges::any_of(h_.context, expected)) cut();
  }

  // What comes after the brief was cut becomes one note: with the last that is still out, or when waiting
  // for it is of no use any more.
  void late_context() {
    const auto is_out = [&](const DestinationId& destination) {
      const auto part = h_.context.find(destination);
      return part != h_.context.end() && part->second.part == Part::late && part->second.at == TimePoint{};
    };
    if (h_.late_due && std::ranges::none_of(h_.route.context, is_out)) note_late();
  }

  // The vendor says that something about the customer changed. What it is is asked, not believed. One cause
  // comes in several notices, so they are let come in, and one note tells of them.
  void changed(const Signal& signal) {
    constexpr auto kGathered = Duration{30s};
    const auto known = h_.context.find(signal.from);
    if (known == h_.context.end() || !(h_.state == State::waiting || held())) return;
    auto& part = known->second;
    const bool answers_still = part.at == TimePoint{};
    if (answers_still || (part.again_at && *part.again_at > at_)) return;
    part.again_at = at_ + kGathered;
    auto& read = job(signal.from, Operation::read_context, customer());
    read.due = *part.again_at;
    read.deadline = read.due + patience_.late_context;
  }

  // Without an answer what was known is still the best that is known; where it reads as before nobody needs a
  // note.
  void context_again(ContextPart& part, const Job& read, bool done) {
    if (!done || !(h_.state == State::waiting || held())) return;
    const auto before = in_words(part.found);
    part.found = read.found;
    part.at = at_;
    if (part.part == Part::failed) part.part = Part::present;
    if (part.part == Part::present) part.reason.clear();
    const auto now = in_words(part.found);
    if (!now.empty() && now != before)
      note("Changed at " + read.key.lane.text + " since the handoff:\n" + now);
  }

  // --- the conversation, where the platform keeps it and did not send it

  static DestinationId transcript_of(const DestinationId& platform) {
    return DestinationId(platform.text + "/transcript");
  }

  void fetch_transcript() {
    const auto sent = JsonView(h_.data)["transcript"].list();
    if (!h_.route.platform || !speaks(Operation::fetch_transcript) || (sent && !sent->empty())) return;
    h_.context[transcript_of(*h_.route.platform)].reason = "no answer yet";
    auto& read = job(*h_.route.platform, Operation::fetch_transcript, whose_conversation());
    read.deadline = h_.requested_at + patience_.late_context;
  }

  // Once more for whoever takes it: not every platform tells what is said meanwhile, and some tell it once.
  void fetch_again() {
    if (!h_.route.platform || !speaks(Operation::fetch_transcript)) return;
    const auto first = h_.context.find(transcript_of(*h_.route.platform));
    if (first != h_.context.end() && first->second.at == TimePoint{}) return;  // it is being fetched
    auto subject = whose_conversation();
    subject["again"] = true;
    job(*h_.route.platform, Operation::fetch_transcript, std::move(subject)).deadline =
        at_ + patience_.late_context;
  }

  // The customer's words that were not heard; the others' are known to those who said them.
  void transcript_again(JsonView found) {
    auto messages = json::array();
    for (const auto& message : items(found["transcript"])) {
      if (message["role"].text() == "customer" && !message["id"].text().empty())
        messages.push_back(*message.raw());
    }
    if (messages.empty()) return;
    h_.data_text.clear();
    const auto added = merge_update(h_.data, {{"transcript", std::move(messages)}});
    if (added.empty()) return;
    find_topics();
    veil_cards();
    note(added, "customer");
  }

  // What was fetched is the past: what the platform sent meanwhile stands after it.
  void transcript(const Job& read, bool done) {
    if (JsonView(read.subject)["again"].boolean() == true) {
      if (done && is_open(h_.state)) transcript_again(JsonView(read.found));
      return;
    }
    const bool late = came(h_.context[transcript_of(read.key.lane)], read, done);
    if (done) {
      h_.data_text.clear();
      auto whole = json::object();
      const auto before = merge_update(whole, read.found.is_object() ? read.found : json::object());
      (void)merge_update(whole, h_.data);
      h_.data = std::move(whole);
      find_topics();
      veil_cards();
      if (late && !before.empty()) note("What was said before:\n" + before);
    }
    if (!late) cut_if_complete();
  }

  // --- the ticket, and the reports of what was met, asked how they stand in case a webhook was lost

  bool can_ask_ticket() const {
    return h_.ticket && h_.route.able(*h_.route.tickets, Operation::read_status);
  }
  bool can_ask(const MetDefect& met) const {
    return met.issue && h_.route.bugs && h_.route.able(*h_.route.bugs, Operation::read_status);
  }

  void ask_again_later() {
    const bool any = std::ranges::any_of(h_.defects, [&](const MetDefect& met) { return can_ask(met); });
    if (!can_ask_ticket() && !any) return;
    const auto age = (at_ - h_.requested_at) / 10;
    h_.status_due = at_ + std::clamp(age, patience_.status_soonest, patience_.status_latest);
  }

  void ask_for_status() {
    h_.status_due.reset();
    if (h_.state >= State::resolved) return;
    if (can_ask_ticket())
      job(*h_.route.tickets, Operation::read_status).deadline = at_ + patience_.late_context;
    for (const auto& met : h_.defects) {
      if (can_ask(met)) ask_for_report(met);
    }
    ask_again_later();
  }

  void ask_for_report(const MetDefect& met) {
    json subject = {{"issue", {{"id", met.issue->object_id}, {"url", met.issue->url}}}};
    job(*h_.route.bugs, Operation::read_status, std::move(subject)).deadline = at_ + patience_.late_context;
  }

  // Not before a moment has passed: of many hints about one ticket one question comes.
  void touched(const Signal& signal) {
    if (signal.from == h_.route.tickets && h_.state < State::resolved) look_soon();
  }

  void look_soon() {
    constexpr auto kGathered = Duration{1s};
    if (can_ask_ticket()) h_.status_due = std::min(h_.status_due.value_or(TimePoint::max()), at_ + kGathered);
  }

  void status(const Job& read) {
    const auto found = read_ticket_status(JsonView(read.found), read.key.lane);
    const auto issue = JsonView(read.subject)["issue"];
    if (issue.object()) return report_status(issue["id"].text(), found);
    if (h_.state < State::waiting || h_.state >= State::resolved) return;
    // Asked before it became part of another one: no word about the one that remains.
    if (!found.ticket.empty() && h_.ticket && found.ticket != h_.ticket->object_id) return;
    if (found.state == "merged" && !found.into.empty()) return join(found.into, found.url);
    hear_replies(found);
    if (found.state == "open") hear_owner(found);
    if (found.state == "solved")
      return solve("the ticket is solved, as its own system says", found.by, found.text, Where::at_ticket);
    if (found.state != "gone") return;
    refuse("the ticket no longer exists");
    h_.status_due.reset();
  }

  // Of a handoff that is older than the remembering of ids the customer has read what was heard of.
  void hear_replies(const TicketStatus& found) {
    const bool before_ids = h_.heard.empty() && h_.replies > 0;
    for (const auto& said : found.replies) {
      if (before_ids) (void)is_news(said);
      else reply(said);
    }
  }

  // Only what is another since it was last heard: who let a claim run out is not given it again because the
  // ticket still bears their name.
  void hear_owner(const TicketStatus& found) {
    if (!found.tells_replies && h_.state == State::claimed) h_.claim_due.reset();
    if (!found.owner || *found.owner == h_.assigned) return;
    const auto before = std::exchange(h_.assigned, *found.owner);
    if (found.owner->empty()) {
      if (!held() || h_.owner_at != *h_.route.tickets || h_.owner != before) return;
      return tell_released(give_up_claim("nobody has the ticket any more, as its own system says"));
    }
    Signal has(SignalKind::claimed, "", h_.ticket->object_id, *found.owner);
    has.from = *h_.route.tickets;
    has.who_name = found.by;
    has.about = kAssigned;
    if (!found.tells_replies) has.detail = {{"replies", false}};
    if (h_.state == State::waiting || is_given_over(has)) claim(has);
  }

  void report_status(const std::string& issue, const TicketStatus& found) {
    using To = IssueChanged::To;
    const auto* met = defect_of(issue);
    if (!met) return;
    const auto known = JsonView(met->known)["status"].text();
    const bool closed = known == "fixed" || known == "closed without a fix";
    if (found.state == "solved")
      next_.said.push_back({met->key, IssueChanged{found.unfixed ? To::declined : To::fixed}});
    if (found.state == "open" && closed) next_.said.push_back({met->key, IssueChanged{To::reopened}});
  }

  // --- the defects behind it

  // With what is known of the customer by then: how much they are worth stands in the CRM.
  void say_errors() {
    auto said = take_sightings(h_);
    std::ranges::move(said, std::back_inserter(next_.said));
  }

  template <class Happening>
  void to_defects(const Happening& what) {
    for (const auto& met : h_.defects) next_.said.push_back({met.key, what});
  }

  // An error without a handoff: nobody is asked for, nobody is told, and it ends by itself.
  void open_bug_case(Event& event) {
    take_data(event);
    h_.data_text.clear();
    h_.data["intent"] = as_intent(h_.data);
    enter(State::received, event.type);
    move(State::planned, event.type);
    move(State::waiting, event.type);
    say_errors();
    if (next_.said.empty()) end_bug_case();
  }

  void end_bug_case() {
    if (!is_bug_case(h_) || !is_open(h_.state)) return;
    move(State::resolved, "the error is with its defect");
    move(State::returned, "there is nobody to tell");
  }

  const MetDefect* defect_of(const std::string& issue) const {
    const auto met = std::ranges::find_if(
        h_.defects, [&](const MetDefect& one) { return one.issue && one.issue->object_id == issue; });
    return met == h_.defects.end() ? nullptr : &*met;
  }

  // A tracker's notice. Where it keeps tickets or cards too, only a report that we know is one.
  bool is_about_bug(const Signal& signal) const {
    if (signal.from.empty() || signal.from != h_.route.bugs) return false;
    const bool keeps_others = h_.route.tickets == h_.route.bugs ||
                              std::ranges::find(h_.route.alerts, signal.from) != h_.route.alerts.end();
    if (!keeps_others) return true;
    if (h_.ticket && h_.route.tickets == h_.route.bugs && h_.ticket->object_id == signal.object_id)
      return false;
    return defect_of(signal.object_id) || (h_.bug && h_.bug->object_id == signal.object_id);
  }

  void bug_changed(const Signal& signal) {
    using To = IssueChanged::To;
    const auto* met = defect_of(signal.object_id);
    if (!met) return refuse(said(signal) + ": a report that is not the defect's any more");
    const auto tell = [&](To to) { next_.said.push_back({met->key, IssueChanged{to}}); };
    switch (signal.kind) {
      case SignalKind::solved: return tell(signal.about == kUnfixed ? To::declined : To::fixed);
      case SignalKind::reopened: return tell(To::reopened);
      case SignalKind::claimed: return tell(To::planned);
      case SignalKind::released: return tell(To::unplanned);
      case SignalKind::replied:
      case SignalKind::passed_on:
      case SignalKind::judged:
      case SignalKind::offered:
      case SignalKind::changed:
      case SignalKind::declined:
      case SignalKind::touched:
      case SignalKind::merged:
      case SignalKind::defect: return;
    }
  }

  void bug(const Job& filed, bool done) {
    if (!done) return end_bug_case();
    h_.bug = filed.receipt;
    const auto defect = JsonView(filed.subject)["defect"];
    const auto generation = static_cast<int>(defect["generation"].integer().value_or(1));
    if (auto key = defect["key"].text(); !key.empty())
      next_.said.push_back({std::move(key), ReportFiled{generation, filed.receipt}});
    end_bug_case();
  }

  // What a defect has to say, also to a handoff that has ended: its ticket is still read.
  void defect(const Signal& signal) {
    const JsonView detail(signal.detail);
    const auto* met = hear(h_, detail);
    if (!met || !h_.route.bugs) return;
    if (const auto report = detail["report"]; report.object()) file_bug(*met, report);
    else if (detail["attach"].object() || detail["raise"].object()) link_bug(*met, detail);
    else end_bug_case();
    // One who meets a bug that is known hears how it stands now, and again from time to time.
    if (detail["attach"].object() && is_open(h_.state) && can_ask(*met)) ask_for_report(*met);
    if (!h_.status_due && h_.state < State::resolved) ask_again_later();
    for (const auto& text : items(detail["notes"])) note(text.text());
    if (detail["fixed"].boolean() == true) tell_fixed();
  }

  void file_bug(const MetDefect& met, JsonView report) {
    job(*h_.route.bugs, Operation::file_bug,
        {{"defect", {{"key", met.key}, {"generation", met.generation}}},
         {"priority", report["priority"].text("normal")}});
  }

  void link_bug(const MetDefect& met, JsonView detail) {
    if (!met.issue || !h_.route.able(*h_.route.bugs, Operation::link_bug)) return end_bug_case();
    json subject = {{"issue", {{"id", met.issue->object_id}, {"url", met.issue->url}}},
                    {"defect", {{"key", met.key}, {"generation", met.generation}}}};
    if (const auto attach = detail["attach"]; attach.object()) {
      subject.update(customer());
      if (h_.ticket) subject["ticket"] = ticket_json();
      subject["defect"].update(*attach.raw());
    }
    if (const auto raise = detail["raise"]; raise.object()) {
      subject["raise"] = *raise.raw();
      if (!detail["attach"].object())
        subject["text"] = "Raised to " + raise["priority"].text() + ": " + raise["why"].text() + ".";
    }
    job(*h_.route.bugs, Operation::link_bug, std::move(subject));
  }

  // Whoever was answered by a person meanwhile has heard it from them, or is with the AI again.
  void tell_fixed() {
    if (h_.state < State::waiting || h_.state >= State::resolved || !h_.announced) return;
    auto facts = facts_now();
    facts.bug_fixed = true;
    auto text = words(tell::Step::bug_fixed, facts);
    if (!text.empty()) emit("handoff.message", {{"text", std::move(text)}});
  }

  // A destination that knows nothing of this customer is no news.
  void note_late() {
    h_.late_due.reset();
    std::string news;
    for (const auto& [destination, part] : h_.context) {
      if (part.part != Part::late) continue;
      const auto words = in_words(part.found);
      if (words.empty()) continue;
      if (!news.empty()) news += "\n";
      news += "Late context from " + destination.text + ":\n" + words;
    }
    if (!news.empty()) note(news);
  }

  // The brief is made of what is known now; the rest is named as late.
  void cut() {
    h_.context_due.reset();
    for (auto& [destination, part] : h_.context) {
      if (part.part != Part::expected) continue;
      part.part = Part::late;
      part.reason = "no answer within " + std::to_string(patience_.context.count()) + " ms";
      h_.late_due = h_.requested_at + patience_.late_context;
    }
    say_errors();
    if (h_.route.tickets) job(*h_.route.tickets, Operation::open_ticket);
    const bool patient = h_.route.tickets && h_.priority != Priority::urgent;
    h_.announce_due = at_ + (patient ? patience_.ticket : Duration{0});
    if (!patient) announce();
  }

  // --- ticket, cards, announcement

  void ticket(const Receipt& receipt) {
    h_.ticket = receipt;
    ask_again_later();
    if (!h_.announced) {
      announce();
    } else {
      update_cards();
      if (h_.state == State::waiting && h_.requested_at + kLongWithout <= at_) tell_number();
    }
    if (h_.state == State::claimed) h_.claim_due = at_ + patience_.first_reply;
    to_defects(TicketOpened{h_.id});
    for (const auto& text : std::exchange(h_.blocked_notes, {})) note(text);
  }

  // Who was told that there is no number yet hears of it, unless somebody has the conversation by now.
  static constexpr auto kLongWithout = Duration{2min};
  void tell_number() {
    const auto outlook = outlook_now();
    auto text = words(tell::Step::ticket_opened, tell::facts_of(h_, outlook, at_));
    if (text.empty()) return;
    emit("handoff.message", {{"text", std::move(text)}, {"step", tell::name(tell::Step::ticket_opened)}});
  }

  void no_ticket() {
    ticket_failed_ = true;
    to_defects(TicketFailed{h_.id});
    announce();
  }

  // To the agents and to the customer's side, with what is true now.
  void announce() {
    h_.announce_due.reset();
    if (h_.state >= State::resolved || std::exchange(h_.announced, true))
      return;  // nobody is sought any more
    h_.linked = h_.ticket.has_value();
    for (const auto& destination : h_.route.alerts) {
      veil_card(destination);
      job(destination, Operation::post_alert, asks_members());
    }
    if (h_.route.record) job(*h_.route.record, Operation::write_back, customer());
    accept();
  }

  void accept() {
    json data = {{"position", nullptr}, {"wait", "unknown"}};
    if (auto loop = loop_of(h_); !loop.is_null()) data["loop"] = std::move(loop);
    if (h_.ticket) data["ticket"] = ticket_json();
    const auto outlook = outlook_now();
    remember_told(outlook);
    auto facts = tell::facts_of(h_, outlook, at_);
    facts.helpdesk_down = ticket_failed_ || house_.helpdesk_down;
    const auto without = h_.route.tickets ? tell::Step::accepted : tell::Step::waiting;
    const auto made = tell::message(h_.ticket ? tell::Step::ticket_opened : without, facts, messages_);
    data["text"] = made.text;
    for (const auto kind : made.offers) data["choices"].push_back(name(kind));
    if (outlook.position) data["position"] = *outlook.position;
    if (outlook.wait && outlook.open != false) {
      using std::chrono::ceil, std::chrono::floor, std::chrono::seconds;
      data["wait"] = {{"low_seconds", floor<seconds>(outlook.wait->low).count()},
                      {"high_seconds", ceil<seconds>(outlook.wait->high).count()}};
    }
    emit("handoff.accepted", std::move(data));
  }

  // One that somebody deleted is put up anew, once: nobody would see the handoff, nor its button.
  void card_failed(const Job& update) {
    const auto& lane = update.key.lane;
    const bool gone = update.failure && update.failure->kind == FailureKind::target_gone;
    const bool often = h_.last_sequence[Operation::post_alert] > 2 * std::ssize(h_.route.alerts);
    if (!gone || often || !is_open(h_.state) || h_.cards.erase(lane) == 0) return;
    veil_card(lane);
    job(lane, Operation::post_alert, asks_members());
  }

  void card(const Job& posted) {
    h_.cards[posted.key.lane] = posted.receipt;
    // It was rendered with what was known when it was sent; the rest follows.
    if (h_.state != State::waiting || h_.ticket.has_value() != h_.linked) {
      update_card(posted.key.lane);
    }
    if (h_.asked) ask(posted.key.lane);
  }

  // `news`: what readers have to see anew, where a card that stands there cannot change.
  void update_cards(std::string_view news = "") {
    for (const auto& [destination, receipt] : h_.cards) update_card(destination, news);
  }

  void update_card(const DestinationId& destination, std::string_view news = "") {
    veil_card(destination);
    auto subject = asks_members();
    subject.update(
        {{"owner", h_.owner_name}, {"link", h_.ticket ? h_.ticket->url : ""}, {"state", name(h_.state)}});
    if (!news.empty()) subject["news"] = news;
    job(destination, Operation::update_alert, std::move(subject));
  }

  // Only where members are asked one after the other can one of them decline.
  json asks_members() const { return team_of(h_.route.team) ? json{{"asks", true}} : json::object(); }

  // Decided anew whenever a card is made: an update may bring a sensitive topic, or another team.
  void veil_card(const DestinationId& destination) {
    if (!house_.teams) return;
    if (is_veiled(h_, destination, *house_.teams)) h_.veiled.insert(destination);
    else h_.veiled.erase(destination);
  }

  // What was posted before it was known to be confidential is covered.
  void veil_cards() {
    for (const auto& destination : h_.route.alerts) {
      const bool before = h_.veiled.contains(destination);
      veil_card(destination);
      const bool changed = h_.veiled.contains(destination) != before;
      if (changed && h_.cards.contains(destination)) update_card(destination);
    }
  }

  // `from`: "customer" where they said it, and a ticket that rests may be woken for it.
  void note(const std::string& text, const std::string& from = {}) {
    json subject = {{"text", text}};
    if (!from.empty()) subject["from"] = from;
    if (h_.ticket && BATON_MUTANT(note_posted_twice)) job(*h_.route.tickets, Operation::add_note, subject);
    if (h_.ticket) job(*h_.route.tickets, Operation::add_note, std::move(subject));
    else if (h_.route.tickets) h_.blocked_notes.push_back(text);
  }

  // Whether somebody works on it now.
  bool held() const { return h_.state == State::claimed || h_.state == State::active; }

  // --- words to people and platforms

  tell::Facts facts_now() const { return tell::facts_of(h_, outlook_now(), at_); }

  // Only while somebody waits: whoever is served need not hear of the queue.
  tell::Outlook outlook_now() const {
    return house_.outlook && h_.state <= State::waiting ? house_.outlook(h_) : tell::Outlook();
  }

  // "" where there is nothing true to say.
  std::string words(tell::Step step, const tell::Facts& facts) const {
    return tell::message(step, facts, messages_).text;
  }

  // Through the click's own address, so that only this person reads it.
  void tell(const Signal& signal, const std::string& text) {
    if (signal.reply_address.empty()) return;
    job(signal.from, Operation::reply_in_thread,
        {{"text", text}, {"reply_address", signal.reply_address}, {"to", signal.who}});
  }

  std::string refusal() const {
    if (held()) return h_.owner_name + " already has this one.";
    return "This one is " + std::string(name(h_.state)) + ".";
  }

  bool speaks(Operation operation) const { return h_.route.able(*h_.route.platform, operation); }

  json about_conversation() const {
    auto id = JsonView(h_.data).at_path("conversation.id").text();
    if (id.empty()) id = h_.conversation.text;
    return {{"conversation", {{"id", std::move(id)}}}, {"handoff_id", h_.id.text}};
  }

  // Where several people write in one conversation the customer is one of them.
  json whose_conversation() const {
    auto subject = about_conversation();
    if (const auto id = JsonView(h_.data).at_path("customer.id").text(); !id.empty())
      subject["customer"] = {{"id", id}};
    return subject;
  }

  // A platform that does not take events hears the same through its own calls.
  void act(std::string_view type, const json& data) {
    const JsonView view(data);
    const auto by = view.at_path("by.name").text();
    if (type == "handoff.accepted") {
      if (speaks(Operation::take_control) && !std::exchange(h_.controlled, true))
        job(*h_.route.platform, Operation::take_control, about_conversation());
      say(view["text"].text(), {});
    }
    if (type == "handoff.claimed" || type == "handoff.escalated") say(view["text"].text(), {});
    if (type == "handoff.message") say(view["text"].text(), by);
    if (type == "handoff.returned") {
      h_.controlled = false;
      say(view["text"].text(), {});
      give_back(view["resolution"].text());
    }
  }

  void say(const std::string& text, const std::string& by) {
    if (!speaks(Operation::tell_customer) || text.empty()) return;
    auto subject = about_conversation();
    subject["text"] = text;
    if (!by.empty()) subject["by"] = by;
    job(*h_.route.platform, Operation::tell_customer, std::move(subject));
  }

  void give_back(const std::string& resolution) {
    if (!speaks(Operation::give_back)) return;
    auto subject = about_conversation();
    if (!resolution.empty()) subject["text"] = resolution;
    job(*h_.route.platform, Operation::give_back, std::move(subject));
  }

  void emit(const char* type, json data) {
    if (!h_.route.platform) return;
    if (!speaks(Operation::emit)) return act(type, data);
    data["handoff_id"] = h_.id.text;
    data["conversation_id"] = h_.conversation.text;
    data["state"] = name(h_.state);
    job(*h_.route.platform, Operation::emit,
        {{"type", type}, {"at", at_.time_since_epoch().count()}, {"data", std::move(data)}});
  }

  json ticket_json() const {
    json ticket = {{"id", h_.ticket->object_id}, {"url", h_.ticket->url}};
    if (!h_.ticket->label.empty()) ticket["number"] = h_.ticket->label;
    return ticket;
  }

  json customer() const {
    const auto known = JsonView(h_.data)["customer"];
    return {{"customer", known.object() ? *known.raw() : json::object()},
            {"conversation", {{"id", h_.conversation.text}}}};
  }

  // As the team calls them: what a vendor knows may be an id, or a name for signing in.
  std::string person(const Signal& signal) const {
    const auto* member =
        house_.teams ? find_member(*house_.teams, h_.route.team, signal.from, signal.who) : nullptr;
    if (member && !member->name.empty() && member->name != member->id) return member->name;
    if (!signal.who_name.empty()) return signal.who_name;
    // A notice of a change of status often tells only an id, whose name an answer told before.
    return signal.who == h_.owner && !h_.owner_name.empty() ? h_.owner_name : signal.who;
  }
  // In the vendor's words, by which the API finds what became of an act.
  static std::string said(const Signal& signal) {
    return std::string(name(signal.kind)) + " by " + (signal.who_name.empty() ? signal.who : signal.who_name);
  }

  // --- the mechanics

  Job& job(const DestinationId& destination, Operation operation, json subject = json::object()) {
    auto& made = next_.jobs.emplace_back(JobKey(h_.id, destination, operation, ++h_.last_sequence[operation]),
                                         at_, std::move(subject));
    made.conversation = h_.conversation;
    return made;
  }

  void stop_waiting() {
    stop_clocks();
    say_errors();
    stop_asking();
    h_.announce_due.reset();
    h_.context_due.reset();
    h_.status_due.reset();
    h_.solved.reset();
    h_.solved_due.reset();
  }

  void enter(State to, const std::string& through) {
    h_.state = to;
    h_.passages.emplace_back(at_, to, through);
    if (!is_open(to)) to_defects(ConversationEnded{h_.id, h_.conversation});
  }

  bool move(State to, const std::string& through) {
    if (!may(h_.state, to)) {
      refuse(through);
      return false;
    }
    enter(to, through);
    return true;
  }

  void refuse(const std::string& what) {
    refuse(what, "the handoff is " + std::string(name(h_.state)) +
                     (h_.owner_name.empty() ? "" : ", " + h_.owner_name + (held() ? " has it" : " had it")));
  }

  void refuse(const std::string& what, std::string why) {
    constexpr std::size_t kMost = 100;  // a script that clicks for ever must not grow the row for ever
    if (h_.refused.size() == kMost) h_.refused.erase(h_.refused.begin());
    h_.refused.emplace_back(at_, what, std::move(why));
  }

  Next next_;
  Handoff& h_;
  TimePoint at_;
  const Patience& patience_;
  const tell::Messages& messages_;
  const House& house_;
  bool ticket_failed_ = false;  // just now
};

}  // namespace

Next advance(Handoff handoff, Fact fact, const Patience& patience, const tell::Messages& messages,
             const House& house) {
  if (is_alert(handoff)) return advance_alert(std::move(handoff), std::move(fact));
  Story story(std::move(handoff), fact.at, patience, messages, house);
  std::visit(story, fact.happened);
  return story.take();
}

TimePoint wake_at(const Handoff& handoff) {
  if (!is_open(handoff.state)) return TimePoint::max();
  auto earliest = TimePoint::max();
  for (const auto& due :
       {handoff.context_due, handoff.late_due, handoff.announce_due, handoff.claim_due, handoff.update_due,
        handoff.path_due, handoff.status_due, handoff.solved_due, handoff.asked_due, handoff.wait_due}) {
    if (due) earliest = std::min(earliest, *due);
  }
  return earliest;
}

}  // namespace baton::handoff
