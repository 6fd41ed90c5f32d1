#include "gateway/handoff/alert_case.h"

#include <algorithm>

namespace baton::handoff {
namespace {

using nlohmann::json;

class AlertStory {
 public:
  AlertStory(Handoff handoff, TimePoint at) : next_(std::move(handoff)), h_(next_.handoff), at_(at) {}

  void operator()(Event& event) {
    if (!is_open(h_.state)) return refuse(event.type);
    const bool opens = h_.state == State::received;
    h_.data = event.data.is_object() ? std::move(event.data) : json::object();
    h_.data_text.clear();
    h_.priority = event.priority;
    type_ = event.type;
    if (opens) return open();
    // Who was told hears on; who has not taken it yet gets this after it, in order.
    for (const auto& [channel, receipt] : h_.cards) tell(channel);
    if (event.type == "alert.worse") ask_again();
    if (event.type == "alert.resolved") end();
  }

  void operator()(const Job& job) {
    const auto card = h_.cards.find(job.key.lane);
    if (card == h_.cards.end() || std::get<Operation>(job.key.work) != Operation::notify) return;
    if (job.state == JobState::done) {
      card->second = job.receipt;
      if (card->second.object_id.empty()) card->second.object_id = job.key.text();
      h_.announce_due.reset();
    } else if (is_open(h_.state) && !taken()) {
      ask_next();
    }
  }

  void operator()(const Due&) {
    if (!h_.announce_due || *h_.announce_due > at_) return;
    h_.announce_due.reset();
    if (is_open(h_.state) && !taken()) ask_next();
  }

  void operator()(const Signal& signal) { refuse(std::string(name(signal.kind))); }

  Next take() { return std::move(next_); }

 private:
  void open() {
    for (const auto state : {State::received, State::planned, State::waiting}) enter(state);
    ask_next();
  }

  void end() {
    enter(State::resolved);
    enter(State::returned);
    h_.announce_due.reset();
  }

  // A channel that took the first word may be the one that has failed since.
  void ask_again() {
    for (auto& [channel, receipt] : h_.cards) receipt = Receipt();
    wait_for_it();
  }

  bool taken() const {
    return std::ranges::any_of(h_.cards, [](const auto& card) { return !card.second.object_id.empty(); });
  }

  const DestinationId* next_channel() const {
    const auto untold = [&](const DestinationId& channel) { return !h_.cards.contains(channel); };
    const auto found = std::ranges::find_if(h_.route.alerts, untold);
    return found == h_.route.alerts.end() ? nullptr : &*found;
  }

  void ask_next() {
    const auto* channel = next_channel();
    if (!channel) return;
    h_.cards.emplace(*channel, Receipt());
    tell(*channel);
    wait_for_it();
  }

  void wait_for_it() {
    h_.announce_due.reset();
    if (next_channel()) h_.announce_due = at_ + kChannelPatience;
  }

  void tell(const DestinationId& channel) {
    json subject = {{"type", type_}, {"at", at_.time_since_epoch().count()}, {"data", h_.data}};
    const JobKey key(h_.id, channel, Operation::notify, ++h_.last_sequence[Operation::notify]);
    next_.jobs.emplace_back(key, at_, std::move(subject)).conversation = h_.conversation;
  }

  void enter(State to) {
    h_.state = to;
    h_.passages.emplace_back(at_, to, type_);
  }

  void refuse(const std::string& what) {
    constexpr std::size_t kMost = 20;
    if (h_.refused.size() == kMost) h_.refused.erase(h_.refused.begin());
    h_.refused.emplace_back(at_, what, "the alert is " + std::string(name(h_.state)));
  }

  Next next_;
  Handoff& h_;
  TimePoint at_;
  std::string type_ = "alert.raised";  // of what is told
};

}  // namespace

Next advance_alert(Handoff handoff, Fact fact) {
  AlertStory story(std::move(handoff), fact.at);
  std::visit(story, fact.happened);
  return story.take();
}

}  // namespace baton::handoff
