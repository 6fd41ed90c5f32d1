#include "gateway/journal/memory/apply.h"

namespace baton {
namespace {

using Store = MemoryStore;

class Application {
 public:
  explicit Application(Store& store) : store_(store) {}

  void open(Handoff handoff);
  void move(Handoff handoff);
  void add(NewFact added);
  void consume(std::uint64_t order);
  void add(Job job);
  void update(JobUpdate update);
  void replay(Job job);
  // After the last part: plans that have news get their turns.
  void settle();

 private:
  std::uint64_t number() { return ++store_.last_number; }
  Store::ConversationRow& conversation(const Handoff& handoff) {
    return store_.conversations[{handoff.conversation, handoff.workspace}];
  }
  Store::HandoffRow& handoff_of(const Job& job) { return store_.handoffs.at(job.key.handoff); }
  void replace(std::uint64_t position, Store::JobRow& row, Job job);
  void index_object(std::uint64_t position, const Job& job);
  void put_in_line(std::uint64_t position, Store::JobRow& row);
  void place(std::uint64_t position);
  void news_of(Store::HandoffRow& handoff) { touched_[handoff.created] = &handoff; }
  void settle(Store::HandoffRow& handoff);

  Store& store_;
  std::uint64_t opened_ = 0;                             // the handoff that this batch opens
  std::map<std::uint64_t, Store::HandoffRow*> touched_;  // by creation: whose news or plan this batch changed
};

void Application::open(Handoff handoff) {
  auto& row = conversation(handoff);
  handoff.version = 0;
  handoff.sequence = 1;
  handoff.previous = {};
  if (!row.handoffs.empty()) {
    handoff.previous = row.handoffs.back();
    handoff.sequence = store_.handoffs.at(handoff.previous).handoff->sequence + 1;
  }
  row.handoffs.push_back(handoff.id);
  if (is_open(handoff.state)) row.open = handoff.id;
  auto& added = store_.handoffs[handoff.id];
  added.created = opened_ = number();
  store_.by_creation.emplace(added.created, handoff.id);
  added.handoff = std::make_shared<const Handoff>(std::move(handoff));
}

void Application::move(Handoff handoff) {
  auto& row = store_.handoffs.at(handoff.id);
  handoff.version = row.handoff->version + 1;
  handoff.sequence = row.handoff->sequence;
  handoff.previous = row.handoff->previous;
  auto& open = conversation(*row.handoff).open;
  if (is_open(handoff.state)) open = handoff.id;
  else if (open == handoff.id) open = {};
  row.handoff = std::make_shared<const Handoff>(std::move(handoff));
}

void Application::add(NewFact added) {
  BATON_CHECK(std::holds_alternative<Event>(added.fact.happened) ||
              std::holds_alternative<Signal>(added.fact.happened));
  auto& handoff = store_.handoffs.at(added.handoff);
  const auto order = added.fact.order = number();
  handoff.facts.push_back(order);
  handoff.news.insert(order);
  store_.fact_orders.emplace(added.key, order);
  store_.facts.emplace(order, Store::FactRow{std::move(added.handoff), std::move(added.key),
                                             std::move(added.digest), std::move(added.fact)});
  news_of(handoff);
}

void Application::consume(std::uint64_t order) {
  const auto fact = store_.facts.find(order);
  const bool outside = fact != store_.facts.end();
  auto& handoff = outside ? store_.handoffs.at(fact->second.handoff)
                          : handoff_of(store_.jobs.at(store_.ended.at(order)).job);
  if (outside) fact->second.consumed = true;
  else store_.jobs.at(store_.ended.at(order)).job.consumed = true;
  handoff.news.erase(order);
  news_of(handoff);
}

void Application::add(Job job) {
  const auto position = number();
  auto& handoff = handoff_of(job);
  handoff.jobs.push_back(position);
  if (is_plan(job.key.work)) {
    handoff.plan = position;
    news_of(handoff);
  }
  store_.positions.emplace(job.key, position);
  auto& row = store_.jobs.emplace(position, Store::JobRow{std::move(job), {}, 0, {}}).first->second;
  index_object(position, row.job);
  put_in_line(position, row);
}

void Application::replace(std::uint64_t position, Store::JobRow& row, Job job) {
  const auto& old = row.job.receipt.object_id;
  if (!old.empty()) store_.objects[{row.job.key.lane, old}].erase(position);
  row.job = std::move(job);
  row.job.consumed = false;
  index_object(position, row.job);
  if (!is_plan(row.job.key.work)) return;
  auto& handoff = handoff_of(row.job);
  handoff.turn = 0;  // it has had it
  news_of(handoff);
}

void Application::index_object(std::uint64_t position, const Job& job) {
  const auto& object = job.receipt.object_id;
  if (!object.empty()) store_.objects[{job.key.lane, object}].insert(position);
}

void Application::update(JobUpdate update) {
  const auto position = store_.positions.at(update.job.key);
  auto& row = store_.jobs.at(position);
  auto& handoff = handoff_of(row.job);
  replace(position, row, std::move(update.job));
  const bool ended = row.job.state != JobState::pending;
  if (ended && !is_plan(row.job.key.work)) {
    row.ended = number();
    handoff.news.insert(row.ended);
    store_.ended.emplace(row.ended, position);
    news_of(handoff);
  }
  if (ended || update.release) row.lease = {};
  put_in_line(position, row);
}

void Application::replay(Job job) {
  const auto position = store_.positions.at(job.key);
  auto& row = store_.jobs.at(position);
  replace(position, row, std::move(job));
  row.lease = {};
  if (const auto order = std::exchange(row.ended, 0); order != 0) {
    store_.ended.erase(order);
    auto& handoff = handoff_of(row.job);
    handoff.news.erase(order);
    news_of(handoff);
  }
  put_in_line(position, row);
}

// Deliveries stand in the line of their conversation and lane. Whoever is first now has a place in
// the lane; who was first before, by a replay perhaps no longer, has none.
void Application::put_in_line(std::uint64_t position, Store::JobRow& row) {
  if (!is_delivery(row.job.key.work)) return place(position);
  auto& line = conversation(*handoff_of(row.job).handoff).line[row.job.key.lane];
  const auto first_before = line.empty() ? 0 : *line.begin();
  if (row.job.state == JobState::pending) line.insert(position);
  else line.erase(position);
  place(position);
  if (first_before != 0 && first_before != position) place(first_before);
  if (!line.empty()) place(*line.begin());
}

void Application::place(std::uint64_t position) {
  auto& row = store_.jobs.at(position);
  auto& places = store_.places[row.job.key.lane];
  if (row.place) places.erase(*row.place);
  row.place.reset();
  const auto& handoff = handoff_of(row.job);
  if (is_plan(row.job.key.work) && !handoff.news.empty()) {
    row.place.emplace(1, TimePoint::min() + Duration{handoff.turn}, position);
  } else if (row.job.state == JobState::pending) {
    if (is_delivery(row.job.key.work)) {
      const auto& line = conversation(*handoff.handoff).line[row.job.key.lane];
      if (*line.begin() != position) return;
    }
    row.place.emplace(is_read(row.job.key.work) ? 0 : 1, row.job.due, position);
  }
  if (row.place) places.emplace(*row.place, position);
}

// In the order of their creation, but the new one first, as it is placed with
// its job.
void Application::settle() {
  if (const auto opened = touched_.extract(opened_)) settle(*opened.mapped());
  for (const auto& [created, handoff] : touched_) settle(*handoff);
}

void Application::settle(Store::HandoffRow& handoff) {
  if (handoff.plan == 0) return;
  if (handoff.news.empty()) handoff.turn = 0;
  else if (handoff.turn == 0) handoff.turn = store_.plan_order.place(handoff.handoff->conversation.source);
  place(handoff.plan);
}

}  // namespace

void apply(Store& store, Batch batch) {
  store.plan_order.begin_batch();
  Application application(store);
  if (batch.opens) application.open(std::move(*batch.opens));
  if (batch.moves) application.move(std::move(*batch.moves));
  for (auto& fact : batch.facts) application.add(std::move(fact));
  for (const auto order : batch.consumes) application.consume(order);
  for (auto& job : batch.jobs) application.add(std::move(job));
  for (auto& update : batch.updates) application.update(std::move(update));
  for (auto& job : batch.replays) application.replay(std::move(job));
  application.settle();
  for (auto& lane : batch.lanes) store.lanes.insert_or_assign(lane.lane, std::move(lane));
  for (auto& entry : batch.audit) store.audit.push_back(std::move(entry));
  for (auto& document : batch.documents) {
    const std::pair key(document.kind, document.key);
    ++document.version;
    if (document.body.is_null()) store.documents.erase(key);
    else store.documents.insert_or_assign(key, std::move(document));
  }
}

}  // namespace baton
