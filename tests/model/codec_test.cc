// Purpose: the journal's records as bytes: there and back for every member, older and newer readers,
// and bytes that are no record at all.
#include "gateway/model/codec.h"

#include <functional>

#include <gtest/gtest.h>

#include "gateway/base/random.h"
#include "gateway/model/record_writer.h"

namespace baton {
namespace {

using nlohmann::json;

// Records of any content. With `full` every member differs from its default.
class Maker {
 public:
  explicit Maker(std::uint64_t seed, bool full = false) : random_(seed), full_(full) {}

  Handoff handoff() {
    Handoff made(HandoffId(text()), WorkspaceId(text()), ConversationId(text(), text()),
                 of(kPriorityNames, Priority{}), route(), at());
    made.sequence = number();
    made.previous = HandoffId(text());
    made.version = number();
    made.state = of(kStateNames, State{});
    made.data = value();
    for (auto n = some(); n > 0; --n) made.context[DestinationId(text())] = part();
    for (auto* due : {&made.context_due, &made.late_due, &made.announce_due, &made.claim_due,
                      &made.update_due, &made.path_due, &made.status_due}) {
      if (maybe()) *due = at();
    }
    made.announced = maybe();
    made.linked = maybe();
    made.controlled = maybe();
    made.errors_met = value();
    for (auto n = some(); n > 0; --n) {
      auto& met = made.defects.emplace_back();
      met.key = text();
      met.generation = number();
      if (maybe()) met.issue = receipt();
      met.known = value();
    }
    if (maybe()) made.bug = receipt();
    if (maybe()) made.ticket = receipt();
    if (maybe()) made.solved_due = at();
    if (maybe()) made.solved = signal();
    for (auto n = some(); n > 0; --n) made.cards[DestinationId(text())] = receipt();
    made.owner = text();
    made.owner_name = text();
    made.owner_at = DestinationId(text());
    made.assigned = text();
    for (auto n = some(); n > 0; --n) made.heard.push_back(text());
    made.resolution = text();
    for (auto n = some(); n > 0; --n) made.blocked_notes.push_back(text());
    for (auto n = some(); n > 0; --n) made.last_sequence[of(kOperationNames, Operation{})] = number();
    for (auto n = some(); n > 0; --n) made.passages.emplace_back(at(), of(kStateNames, State{}), text());
    for (auto n = some(); n > 0; --n) made.refused.emplace_back(at(), text(), text());
    made.traceparent = text();
    made.reminders = number();
    for (auto n = some(); n > 0; --n) made.feedback.emplace_back(at(), text(), text(), text());
    for (auto n = some(); n > 0; --n) made.ratings.emplace_back(at(), number(), text(), text(), text());
    for (auto n = some(); n > 0; --n) made.feelings.emplace_back(at(), -0.25);
    for (auto n = some(); n > 0; --n) made.did.push_back(text());
    for (auto n = some(); n > 0; --n) made.declined[text()] = at();
    for (auto n = some(); n > 0; --n) made.topics.insert(text());
    for (auto n = some(); n > 0; --n) made.follow_ups.push_back(text());
    made.replies = number();
    made.bounces = number();
    return made;
  }

  Job job() {
    Job made(JobKey(HandoffId("hof_1"), Lane("desk"), Operation::add_note, 3), at(), value());
    made.conversation = ConversationId(text(), text());
    made.created_at = at();
    if (maybe()) made.deadline = at();
    made.state = of(kJobStateNames, JobState{});
    made.generation = number();
    made.attempts = number();
    made.replays = number();
    made.parked = maybe();
    if (maybe()) made.first_attempt = at();
    for (auto n = some(); n > 0; --n) made.steps.push_back(step());
    made.receipt = receipt();
    made.found = value();
    if (maybe()) made.failure = failure();
    if (maybe()) made.ended_at = at();
    made.consumed = maybe();
    return made;
  }

  Fact fact() {
    if (random_.bits() % 2 == 0) {
      Event event(EventKey(WorkspaceId(text()), text(), text()), text(), ConversationId(text(), text()),
                  of(kPriorityNames, Priority{}), value());
      event.traceparent = text();
      return Fact(at(), std::move(event));
    }
    return Fact(at(), signal());
  }

  Signal signal() {
    Signal made(of(kSignalNames, SignalKind{}), text(), text(), text());
    made.from = DestinationId(text());
    made.handoff = HandoffId(text());
    made.who_name = text();
    made.text = text();
    made.about = text();
    made.reply_address = text();
    made.detail = value();
    return made;
  }

  LaneState lane() {
    LaneState made(Lane(text()), maybe(), text(), text(), at());
    if (maybe()) made.until = at();
    return made;
  }
  AuditEntry audit() { return AuditEntry(at(), text(), text(), text(), text()); }

  std::string bytes() {
    std::string made;
    for (auto n = random_.bits() % 40; n > 0; --n) made += static_cast<char>(random_.bits());
    return made;
  }

 private:
  bool maybe() { return full_ || random_.bits() % 2 == 0; }
  std::size_t some() { return full_ ? 3 : random_.bits() % 3; }
  int number() { return static_cast<int>(random_.bits() % 1'000'000) + 2; }
  TimePoint at() {
    return TimePoint{Duration{static_cast<Duration::rep>(random_.bits() % 4'000'000'000'000ULL) + 1}};
  }
  template <class Enum, std::size_t N>
  Enum of(const std::array<std::string_view, N>&, Enum) {
    return static_cast<Enum>(full_ ? 1 + random_.bits() % (N - 1) : random_.bits() % N);
  }
  std::string text() {
    constexpr auto kTexts =
        std::to_array<std::string_view>({"a", "Grüße", "\"quoted\" \\", "line\nline", "😀", "\x01", ""});
    const auto which = random_.bits() % (full_ ? kTexts.size() - 1 : kTexts.size());
    return kTexts[which].empty() ? "" : std::string(kTexts[which]) + std::to_string(random_.bits() % 1000);
  }
  json value() {
    switch (full_ ? 1 : random_.bits() % 6) {
      case 0: return nullptr;
      case 1: return {{text(), {{"list", {1, 2.5, "x", nullptr}}}}, {"big", 18446744073709551615ULL}};
      case 2: return json::array();
      case 3: return false;
      case 4: return json::object();
      default: return text();
    }
  }
  Receipt receipt() { return Receipt(text(), text(), maybe() ? text() : std::string()); }
  Failure failure() {
    using enum FailureKind;
    constexpr auto kKinds = std::to_array(
        {rate_limited, auth_expired, ambiguous, rejected, target_gone, misconfigured, retryable});
    Failure made(kKinds[random_.bits() % kKinds.size()], text());
    if (maybe()) made.not_before = at();
    return made;
  }
  StepRecord step() {
    StepRecord made(text(), text(), Request("PO" + text(), text(), bytes(), {{"a", text()}, {"b", text()}}));
    made.first_sent_at = at();
    made.sent_at = at();
    made.state = of(kStepStateNames, StepState{});
    if (made.state == StepState::done) made.receipt = receipt();
    return made;
  }
  ContextPart part() {
    ContextPart made;
    made.part = of(kPartNames, Part{});
    made.found = value();
    made.reason = text();
    made.at = at();
    if (maybe()) made.again_at = at();
    return made;
  }
  Route route() {
    Route made;
    made.rule = text();
    made.team = text();
    made.pilot = text();
    for (auto n = some(); n > 0; --n) made.context.push_back(DestinationId(text()));
    for (auto n = some(); n > 0; --n) made.alerts.push_back(DestinationId(text()));
    for (auto* one : {&made.tickets, &made.bugs, &made.record, &made.platform}) {
      if (maybe()) *one = DestinationId(text());
    }
    return made;
  }

  Random random_;
  bool full_;
};

// --- every member, compared one by one: what the codec forgot would be missed by comparing its bytes

#define EXPECT_SAME(member) EXPECT_EQ(a.member, b.member) << #member

void expect_same(const Route& a, const Route& b) {
  EXPECT_SAME(rule);
  EXPECT_SAME(team);
  EXPECT_SAME(pilot);
  EXPECT_SAME(context);
  EXPECT_SAME(tickets);
  EXPECT_SAME(alerts);
  EXPECT_SAME(bugs);
  EXPECT_SAME(record);
  EXPECT_SAME(platform);
}
void expect_same(const Handoff& a, const Handoff& b) {
  EXPECT_SAME(id);
  EXPECT_SAME(workspace);
  EXPECT_SAME(conversation);
  EXPECT_SAME(priority);
  expect_same(a.route, b.route);
  EXPECT_SAME(requested_at);
  EXPECT_SAME(sequence);
  EXPECT_SAME(previous);
  EXPECT_SAME(version);
  EXPECT_SAME(state);
  EXPECT_SAME(data);
  ASSERT_EQ(a.context.size(), b.context.size());
  for (const auto& [id, part] : a.context) {
    const auto& other = b.context.at(id);
    EXPECT_EQ(part.part, other.part);
    EXPECT_EQ(part.found, other.found);
    EXPECT_EQ(part.reason, other.reason);
    EXPECT_EQ(part.at, other.at);
  }
  EXPECT_SAME(context_due);
  EXPECT_SAME(late_due);
  EXPECT_SAME(announce_due);
  EXPECT_SAME(claim_due);
  EXPECT_SAME(update_due);
  EXPECT_SAME(path_due);
  EXPECT_SAME(status_due);
  EXPECT_SAME(reminders);
  EXPECT_SAME(follow_ups);
  EXPECT_SAME(did);
  EXPECT_SAME(declined);
  EXPECT_SAME(topics);
  EXPECT_SAME(replies);
  EXPECT_SAME(bounces);
  ASSERT_EQ(a.feelings.size(), b.feelings.size());
  for (std::size_t i = 0; i < a.feelings.size(); ++i) {
    EXPECT_SAME(feelings[i].at);
    EXPECT_SAME(feelings[i].score);
  }
  ASSERT_EQ(a.ratings.size(), b.ratings.size());
  for (std::size_t i = 0; i < a.ratings.size(); ++i) {
    EXPECT_SAME(ratings[i].at);
    EXPECT_SAME(ratings[i].score);
    EXPECT_SAME(ratings[i].scale);
    EXPECT_SAME(ratings[i].phase);
    EXPECT_SAME(ratings[i].text);
  }
  EXPECT_SAME(traceparent);
  ASSERT_EQ(a.feedback.size(), b.feedback.size());
  for (std::size_t i = 0; i < a.feedback.size(); ++i) {
    EXPECT_SAME(feedback[i].at);
    EXPECT_SAME(feedback[i].who);
    EXPECT_SAME(feedback[i].fault);
    EXPECT_SAME(feedback[i].text);
  }
  EXPECT_SAME(announced);
  EXPECT_SAME(linked);
  EXPECT_SAME(bug);
  EXPECT_SAME(errors_met);
  ASSERT_EQ(a.defects.size(), b.defects.size());
  for (std::size_t i = 0; i < a.defects.size(); ++i) {
    EXPECT_SAME(defects[i].key);
    EXPECT_SAME(defects[i].generation);
    EXPECT_SAME(defects[i].issue);
    EXPECT_SAME(defects[i].known);
  }
  EXPECT_SAME(ticket);
  EXPECT_SAME(cards);
  EXPECT_SAME(owner);
  EXPECT_SAME(owner_name);
  EXPECT_SAME(owner_at);
  EXPECT_SAME(assigned);
  EXPECT_SAME(heard);
  EXPECT_SAME(resolution);
  EXPECT_SAME(blocked_notes);
  EXPECT_SAME(last_sequence);
  ASSERT_EQ(a.passages.size(), b.passages.size());
  for (std::size_t i = 0; i < a.passages.size(); ++i) {
    EXPECT_SAME(passages[i].at);
    EXPECT_SAME(passages[i].state);
    EXPECT_SAME(passages[i].through);
  }
  ASSERT_EQ(a.refused.size(), b.refused.size());
  for (std::size_t i = 0; i < a.refused.size(); ++i) {
    EXPECT_SAME(refused[i].at);
    EXPECT_SAME(refused[i].what);
    EXPECT_SAME(refused[i].why);
  }
}
void expect_same(const Job& a, const Job& b) {
  EXPECT_SAME(key);
  EXPECT_SAME(conversation);
  EXPECT_SAME(created_at);
  EXPECT_SAME(due);
  EXPECT_SAME(subject);
  EXPECT_SAME(deadline);
  EXPECT_SAME(state);
  EXPECT_SAME(generation);
  EXPECT_SAME(attempts);
  EXPECT_SAME(replays);
  EXPECT_SAME(parked);
  EXPECT_SAME(first_attempt);
  ASSERT_EQ(a.steps.size(), b.steps.size());
  for (std::size_t i = 0; i < a.steps.size(); ++i) {
    EXPECT_SAME(steps[i].name);
    EXPECT_SAME(steps[i].key);
    EXPECT_SAME(steps[i].write);
    EXPECT_SAME(steps[i].first_sent_at);
    EXPECT_SAME(steps[i].sent_at);
    EXPECT_SAME(steps[i].state);
    EXPECT_SAME(steps[i].receipt);
  }
  EXPECT_SAME(receipt);
  EXPECT_SAME(found);
  ASSERT_EQ(a.failure.has_value(), b.failure.has_value());
  if (a.failure) {
    EXPECT_SAME(failure->kind);
    EXPECT_SAME(failure->detail);
    EXPECT_SAME(failure->not_before);
  }
  EXPECT_SAME(ended_at);
  EXPECT_SAME(consumed);
}
void expect_same(const Fact& a, const Fact& b) {
  EXPECT_SAME(at);
  ASSERT_EQ(a.happened.index(), b.happened.index());
  if (std::holds_alternative<Event>(a.happened)) {
    const auto compare = [](const Event& a, const Event& b) {
      EXPECT_SAME(key);
      EXPECT_SAME(type);
      EXPECT_SAME(conversation);
      EXPECT_SAME(priority);
      EXPECT_SAME(data);
      EXPECT_SAME(traceparent);
    };
    compare(std::get<Event>(a.happened), std::get<Event>(b.happened));
    return;
  }
  const auto compare = [](const Signal& a, const Signal& b) {
    EXPECT_SAME(kind);
    EXPECT_SAME(from);
    EXPECT_SAME(id);
    EXPECT_SAME(handoff);
    EXPECT_SAME(object_id);
    EXPECT_SAME(who);
    EXPECT_SAME(who_name);
    EXPECT_SAME(text);
    EXPECT_SAME(reply_address);
    EXPECT_SAME(detail);
  };
  compare(std::get<Signal>(a.happened), std::get<Signal>(b.happened));
}
void expect_same(const LaneState& a, const LaneState& b) {
  EXPECT_SAME(lane);
  EXPECT_SAME(paused);
  EXPECT_SAME(by);
  EXPECT_SAME(reason);
  EXPECT_SAME(since);
  EXPECT_SAME(until);
}
void expect_same(const AuditEntry& a, const AuditEntry& b) {
  EXPECT_SAME(at);
  EXPECT_SAME(who);
  EXPECT_SAME(what);
  EXPECT_SAME(subject);
  EXPECT_SAME(why);
}

Result<Job> decode_the_job(std::string_view bytes) {
  return decode_job(JobKey(HandoffId("hof_1"), Lane("desk"), Operation::add_note, 3), bytes);
}

template <class Record, class Decode>
void there_and_back(const Record& record, const Decode& decode) {
  const auto bytes = encode(record);
  const auto again = decode(bytes);
  ASSERT_TRUE(again) << bytes;
  expect_same(record, *again);
  EXPECT_EQ(encode(*again), bytes);
}

TEST(Codec, every_record_comes_back_with_every_member) {
  for (std::uint64_t seed = 1; seed <= 200 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Maker make(seed, seed % 3 == 0);
    auto handoff = make.handoff();
    if (handoff.id.empty()) handoff.id = HandoffId("hof_1");
    there_and_back(handoff, decode_handoff);
    there_and_back(make.job(), decode_the_job);
    there_and_back(make.fact(), decode_fact);
    there_and_back(make.lane(), decode_lane);
    there_and_back(make.audit(), decode_audit);
  }
}

TEST(Codec, bodies_are_kept_to_the_byte) {
  for (int byte = 0; byte < 256; ++byte) {
    Job job(JobKey(HandoffId("hof_1"), Lane("desk"), Operation::add_note, 3), TimePoint{});
    const auto body = "before" + std::string(1, static_cast<char>(byte)) + "after";
    job.steps.emplace_back("step", "key", Request("POST", "/", body));
    EXPECT_EQ(decode_the_job(encode(job))->steps.at(0).write.body, body);
  }
}

// --- what is no record

void decode_all(std::string_view bytes) {
  (void)decode_handoff(bytes);
  (void)decode_outline(bytes);
  (void)decode_the_job(bytes);
  (void)decode_fact(bytes);
  (void)decode_lane(bytes);
  (void)decode_audit(bytes);
}

TEST(Codec, truncated_records_are_failures) {
  Maker make(1, true);
  for (const auto& whole :
       {encode(make.handoff()), encode(make.job()), encode(make.fact()), encode(make.lane())}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const auto part = std::string_view(whole).substr(0, size);
      ASSERT_FALSE(decode_handoff(part));
      ASSERT_FALSE(decode_outline(part));
      ASSERT_FALSE(decode_the_job(part));
      ASSERT_FALSE(decode_fact(part));
      ASSERT_FALSE(decode_lane(part));
      ASSERT_EQ(decode_audit(part).error().kind, FailureKind::rejected);
    }
  }
}

TEST(Codec, garbled_records_never_throw) {
  Maker make(2, true);
  Random random(2);
  const std::vector<std::string> wholes = {encode(make.handoff()), encode(make.job()), encode(make.fact()),
                                           encode(make.lane()), encode(make.audit())};
  for (int round = 0; round < 1500; ++round) {
    auto bytes = wholes[random.bits() % wholes.size()];
    for (auto flips = 1 + random.bits() % 4; flips > 0; --flips) {
      bytes[random.bits() % bytes.size()] = static_cast<char>(random.bits());
    }
    decode_all(bytes);
    decode_all(make.bytes());
  }
  for (const auto* bytes :
       {"", "null", "[]", "5", "\"x\"", "{}", "{\"state\":\"waiting\"}", "{\"id\":\"x\",\"state\":7}"}) {
    EXPECT_FALSE(decode_handoff(bytes)) << bytes;
  }
  EXPECT_FALSE(decode_the_job("{}"));
  EXPECT_FALSE(decode_fact("{}"));
}

TEST(Codec, a_member_of_any_type_in_any_place_never_throws) {
  Maker make(3, true);
  const json wrong = json::array({nullptr, true, -1.5e300, 18446744073709551615ULL, "", "x", json::array(),
                                  json::array({json::array()}), json::object()});
  for (const auto& whole :
       {encode(make.handoff()), encode(make.job()), encode(make.fact()), encode(make.lane())}) {
    const auto document = json::parse(whole);
    const auto flat = document.flatten();
    for (const auto& [pointer, old] : flat.items()) {
      for (const auto& value : wrong) {
        auto garbled = document;
        garbled[json::json_pointer(pointer)] = value;
        decode_all(garbled.dump());
        auto parent = json::json_pointer(pointer).parent_pointer();
        if (!parent.empty()) garbled[parent] = value;
        decode_all(garbled.dump());
      }
    }
  }
}

// --- one release up or down

template <class Record, class Decode>
void newer_member_is_ignored(const Record& record, const Decode& decode) {
  auto document = json::parse(encode(record));
  document["a_member_of_next_year"] = {{"deep", {1, 2, 3}}};
  const auto read = decode(document.dump());
  ASSERT_TRUE(read);
  expect_same(record, *read);
}

TEST(Codec, what_a_newer_baton_added_is_ignored) {
  Maker make(4, true);
  newer_member_is_ignored(make.handoff(), decode_handoff);
  newer_member_is_ignored(make.job(), decode_the_job);
  newer_member_is_ignored(make.fact(), decode_fact);
  newer_member_is_ignored(make.lane(), decode_lane);
  newer_member_is_ignored(make.audit(), decode_audit);
}

TEST(Codec, what_is_missing_has_its_default) {
  const auto handoff = decode_handoff(R"({"id":"hof_1","state":"waiting"})");
  ASSERT_TRUE(handoff);
  expect_same(*handoff, [] {
    Handoff made(HandoffId("hof_1"), WorkspaceId(), ConversationId(), Priority::normal, Route(), TimePoint{});
    made.state = State::waiting;
    return made;
  }());
  const auto job = decode_the_job(R"({"state":"pending"})");
  ASSERT_TRUE(job);
  EXPECT_EQ(job->generation, 1);
  EXPECT_TRUE(job->steps.empty());
}

TEST(Codec, a_step_whose_state_is_not_known_may_have_happened) {
  const auto job = decode_the_job(R"({"state":"pending","steps":[{"name":"a","state":"half_done"}]})");
  ASSERT_TRUE(job);
  EXPECT_EQ(name(job->steps.at(0).state), "unknown");
}

TEST(Codec, a_failure_kind_that_is_not_known_is_retryable) {
  const auto job = decode_the_job(R"({"state":"dead","failure":{"kind":"new_one","detail":"x"}})");
  EXPECT_EQ(name(job->failure->kind), "retryable");
}

TEST(Codec, text_that_is_no_utf8_is_repaired_and_not_thrown_at) {
  Maker make(5, true);
  auto job = make.job();
  job.failure = Failure(FailureKind::rejected, "caf\xe9");
  const auto read = decode_the_job(encode(job));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->failure->detail, "caf\xef\xbf\xbd");
}

TEST(Codec, every_byte_of_ascii_is_written_so_that_it_reads_back_as_itself) {
  std::string all = "Grüße 😀 ";
  for (int byte = 0; byte < 0x80; ++byte) all += static_cast<char>(byte);
  std::string quoted;
  append_quoted(quoted, all);
  EXPECT_EQ(json::parse(quoted), json(all));
  EXPECT_LT(quoted.size(), json(all).dump().size() + 4 * 6);  // nothing but what must be is escaped
}

TEST(Codec, data_that_came_as_text_is_stored_as_it_came_and_read_back_as_the_same) {
  const std::string text = "{ \"conversation\" : {\"id\": \"c\\u0031\"},\n \"n\": 1e3 }";
  Event event(EventKey(WorkspaceId("main"), "chat", "e1"), "handoff.requested", ConversationId("chat", "c1"),
              Priority::normal, nlohmann::json::parse(text));
  const auto dumped = decode_fact(encode(Fact({}, event)));
  event.data_text = text;
  const auto bytes = encode(Fact({}, event));
  EXPECT_NE(bytes.find(text), std::string::npos);
  const auto as_text = decode_fact(bytes);
  ASSERT_TRUE(dumped && as_text);
  EXPECT_EQ(std::get<Event>(as_text->happened).data, std::get<Event>(dumped->happened).data);
}

}  // namespace
}  // namespace baton
