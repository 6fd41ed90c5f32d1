#include "gateway/handoff/known_bug.h"

#include <algorithm>
#include <set>
#include <utility>

#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::handoff {
namespace {

// One advance in the making.
class Life {
 public:
  Life(KnownBug bug, TimePoint now, const BugPolicy& policy)
      : next_{std::move(bug), {}}, b_(next_.bug), now_(now), policy_(policy) {}

  void operator()(const Sighting& seen) {
    if (!seen.event.empty() && !remember(seen.event)) return;
    if (b_.occurrences++ == 0) b_.first_at = now_;
    b_.first_at = std::min(b_.first_at, now_);
    b_.last_at = std::max(b_.last_at, now_);
    b_.parts = joined(std::move(b_.parts), seen.parts);
    const bool fresh = count_customer(seen);
    const auto link = add_link(seen, fresh);
    switch (b_.state) {
      case BugState::watching:
        if (is_worth_a_report(seen)) file(seen, BugState::filed);
        return;
      case BugState::filed:
      case BugState::regressed:
        if (link) attach(*link);
        return raise();
      case BugState::fixed:
        if (now_ >= b_.fixed_at.value_or(now_) + policy_.settles) come_back(seen);
    }
  }

  void operator()(const ReportFiled& filed) {
    const bool waits = b_.state == BugState::filed || b_.state == BugState::regressed;
    if (!waits || filed.generation != b_.generation || b_.issue) return;
    b_.issue = filed.issue;
    for (auto& link : b_.links) attach(link);
    raise();
  }

  void operator()(const TicketOpened& opened) {
    const auto link = std::ranges::find(b_.links, opened.handoff, &BugLink::handoff);
    if (opened.handoff.empty()) return;
    if (link != b_.links.end()) {
      link->ticketed = link->ready = true;
      return attach(*link);
    }
    if (b_.links_forgotten == 0) return;
    BugLink forgotten;
    forgotten.handoff = opened.handoff;
    forgotten.ticketed = forgotten.ready = true;
    attach(forgotten);
  }

  void operator()(const TicketFailed& failed) {
    const auto link = std::ranges::find(b_.links, failed.handoff, &BugLink::handoff);
    if (failed.handoff.empty() || link == b_.links.end()) return;
    link->ready = true;
    attach(*link);
  }

  void operator()(const ConversationEnded& ended) {
    for (auto& link : b_.links) {
      const bool meant =
          ended.handoff.empty() ? link.conversation == ended.conversation : link.handoff == ended.handoff;
      if (meant) link.open = false;
    }
  }

  void operator()(const IssueChanged& changed) {
    if (!b_.issue) return;
    switch (changed.to) {
      case IssueChanged::To::planned: b_.plan = BugPlan::planned; return;
      case IssueChanged::To::unplanned: b_.plan = BugPlan::open; return;
      case IssueChanged::To::fixed: return fix();
      case IssueChanged::To::declined: return decline();
      case IssueChanged::To::reopened: return reopen();
    }
  }

  BugNext take() { return std::move(next_); }

 private:
  bool remember(const std::string& event) {
    if (std::ranges::find(b_.events, event) != b_.events.end()) return false;
    b_.events.push_back(event);
    if (b_.events.size() > kMaxBugEvents) b_.events.pop_front();
    return true;
  }

  // Whom nobody knows counts by the conversation: better one customer too many than a bug that nobody files.
  static std::string who(const Sighting& seen) {
    if (!seen.customer.empty() || seen.conversation.text.empty()) return seen.customer;
    return "conversation " + seen.conversation.source + "/" + seen.conversation.text;
  }

  bool count_customer(const Sighting& seen) {
    const auto id = who(seen);
    if (id.empty()) return false;
    const auto known = std::ranges::find(b_.customers, id, &BugCustomer::id);
    if (known != b_.customers.end()) {
      known->last_at = std::max(known->last_at, now_);
      known->value = std::max(known->value, seen.value);
      return false;
    }
    if (b_.customers.size() < kMaxBugCustomers) b_.customers.push_back({id, seen.value, now_, now_});
    else ++b_.customers_forgotten;
    return true;
  }

  // Without a handoff only a new customer is worth telling the issue.
  BugLink* add_link(const Sighting& seen, bool fresh_customer) {
    if (seen.handoff.empty() && seen.conversation.text.empty()) return nullptr;
    for (auto& link : b_.links) {
      if (link.handoff == seen.handoff && link.conversation == seen.conversation) return &link;
    }
    BugLink link;
    link.handoff = seen.handoff;
    link.conversation = seen.conversation;
    link.ready = !seen.awaits_ticket;
    link.attached = seen.handoff.empty() && !fresh_customer;
    if (b_.links.size() >= kMaxBugLinks) make_room();
    if (b_.links.size() >= kMaxBugLinks) {
      ++b_.links_forgotten;
      spare_ = link;
      return &spare_;
    }
    b_.links.push_back(std::move(link));
    return &b_.links.back();
  }

  // Those go first to whom nothing more will be said.
  void make_room() {
    std::erase_if(b_.links, [](const BugLink& link) {
      return link.told || (!link.open && link.attached && !link.ticketed);
    });
  }

  bool is_worth_a_report(const Sighting& seen) const {
    const auto among = [](const std::vector<std::string>& names, const std::string& one) {
      return !one.empty() &&
             std::ranges::any_of(names, [&](const auto& name) { return equals_ignoring_case(name, one); });
    };
    if (policy_.first || among(policy_.codes, b_.parts.code) || among(policy_.tiers, seen.tier)) return true;
    const auto recent = std::ranges::count_if(
        b_.customers, [&](const BugCustomer& one) { return one.last_at > now_ - policy_.within; });
    return recent >= policy_.customers;
  }

  void file(const Sighting& seen, BugState state) {
    b_.state = state;
    b_.plan = BugPlan::open;
    b_.issue.reset();
    b_.priority =
        std::max({b_.priority.value_or(Priority::low), seen.priority, wanted().value_or(Priority::low)});
    next_.tasks.push_back(FileReport{b_.generation, *b_.priority, seen.handoff});
  }

  void attach(BugLink& link) {
    if (!b_.issue || !link.ready || link.told || std::exchange(link.attached, true)) return;
    next_.tasks.push_back(AttachTo{link, static_cast<std::int64_t>(b_.customers.size()), value_of(b_)});
  }

  std::optional<Priority> wanted() const {
    std::optional<Priority> most;
    for (const auto& step : policy_.raise) {
      const bool many = step.customers > 0 && std::cmp_greater_equal(b_.customers.size(), step.customers);
      const bool much = step.value > 0 && value_of(b_) >= step.value;
      if (many || much) most = std::max(most.value_or(Priority::low), step.priority);
    }
    return most;
  }

  // Only upwards, and each step once: people have weighed the report themselves.
  void raise() {
    const auto now_wanted = wanted();
    if (!b_.issue || !now_wanted || *now_wanted <= b_.priority.value_or(Priority::low)) return;
    b_.priority = now_wanted;
    next_.tasks.push_back(
        RaisePriority{*now_wanted, std::to_string(b_.customers.size()) + " customers have met it"});
  }

  std::string title() const {
    return "The bug report " + (b_.issue->url.empty() ? b_.issue->object_id : b_.issue->url);
  }

  void tell_tickets(const std::string& text, bool told) {
    for (const auto& link : b_.links) {
      if (link.ticketed && link.told == told) next_.tasks.push_back(TellTicket{link.handoff, text});
    }
  }

  void fix() {
    if (b_.state != BugState::filed && b_.state != BugState::regressed) return;
    b_.state = BugState::fixed;
    b_.fixed_at = now_;
    tell_tickets(title() + " is done.", false);
    std::set<ConversationId> told;
    for (auto& link : b_.links) {
      if (std::exchange(link.told, true) || !link.open || link.conversation.text.empty()) continue;
      if (told.insert(link.conversation).second)
        next_.tasks.push_back(TellCustomer{link.conversation, link.handoff});
    }
    if (b_.links_forgotten > 0) next_.tasks.push_back(TellForgotten{std::exchange(b_.links_forgotten, 0)});
  }

  // Nobody is told that it is fixed.
  void decline() {
    if (b_.state == BugState::fixed || std::exchange(b_.plan, BugPlan::declined) == BugPlan::declined) return;
    tell_tickets(title() + " was closed without a fix.", false);
  }

  // The same report, by its engineers: no new generation.
  void reopen() {
    b_.plan = BugPlan::open;
    if (b_.state != BugState::fixed) return;
    tell_tickets(title() + " is open again.", true);
    b_.state = b_.generation > 1 ? BugState::regressed : BugState::filed;
    b_.fixed_at.reset();
    for (auto& link : b_.links) link.told = false;
  }

  // Those who were told that it is fixed hear that it is back, and the new report starts without them.
  void come_back(const Sighting& seen) {
    tell_tickets(b_.issue ? title() + " was done, but the bug has been met again." : "The bug is back.",
                 true);
    std::erase_if(b_.links, [](const BugLink& link) { return link.told; });
    for (auto& link : b_.links) link.attached = false;
    ++b_.generation;
    b_.fixed_at.reset();
    file(seen, BugState::regressed);
  }

  BugNext next_;
  KnownBug& b_;
  const TimePoint now_;
  const BugPolicy& policy_;
  BugLink spare_;  // a link for which there is no room
};

std::string status_of(const KnownBug& bug) {
  if (bug.state == BugState::fixed) return "fixed";
  if (bug.plan == BugPlan::declined) return "closed without a fix";
  const std::string back = bug.state == BugState::regressed ? "came back after a fix" : "";
  if (bug.plan == BugPlan::planned) return back.empty() ? "fix planned" : back + ", fix planned";
  return back.empty() ? "reported" : back;
}

}  // namespace

KnownBug new_bug(const Fingerprint& seen) {
  KnownBug bug;
  bug.key = seen.key;
  bug.parts = seen.parts;
  return bug;
}

BugNext advance(KnownBug bug, const BugHappening& happened, TimePoint now, const BugPolicy& policy) {
  Life life(std::move(bug), now, policy);
  std::visit(life, happened);
  return life.take();
}

double value_of(const KnownBug& bug) {
  double sum = 0;
  for (const auto& customer : bug.customers) sum += customer.value;
  return sum;
}

// "https://linear.app/acme/issue/ENG-12/checkout-fails" -> "ENG-12"; a UUID says nothing to people.
std::string issue_name(const Receipt& issue) {
  constexpr std::size_t kShort = 20;
  if (issue.object_id.size() <= kShort) return issue.object_id;
  const auto letter = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  for (const auto part : split(issue.url, '/')) {
    const auto dash = part.find('-');
    if (dash == std::string_view::npos || dash == 0 || part.size() > kShort || dash + 1 == part.size())
      continue;
    const auto key = part.substr(0, dash), number = part.substr(dash + 1);
    if (std::ranges::all_of(key, [&](char c) { return letter(c) || digit(c); }) && letter(key[0]) &&
        std::ranges::all_of(number, digit))
      return std::string(part);
  }
  return issue.url.empty() ? issue.object_id : issue.url;
}

std::string in_words(const KnownBug& bug) {
  if (!bug.issue) return {};
  const auto count = bug.customers.size();
  return "Known bug " + issue_name(*bug.issue) + ": " + (bug.customers_forgotten > 0 ? "more than " : "") +
         std::to_string(count) + (count == 1 ? " customer" : " customers") + " since " +
         to_rfc3339(bug.first_at).substr(0, 10) + ", " + status_of(bug);
}

nlohmann::json as_context(const KnownBug& bug) {
  if (!bug.issue) return nullptr;
  nlohmann::json entry = {
      {"id", issue_name(*bug.issue)}, {"status", status_of(bug)}, {"customers", bug.customers.size()}};
  if (!bug.issue->url.empty()) entry["url"] = bug.issue->url;
  return entry;
}

}  // namespace baton::handoff
