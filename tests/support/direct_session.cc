#include "tests/support/direct_session.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "gateway/base/clock.h"
#include "gateway/base/scope.h"

namespace baton::testing {

sdk::Settings settings_for(const sdk::Connector& connector, sdk::Settings::Values said) {
  for (const auto& field : connector.manifest().fields) {
    if (field.need == sdk::Need::optional)
      said.try_emplace(std::string(field.name), std::string(field.fallback));
  }
  return sdk::Settings(std::move(said));
}

template <class T>
Result<T> run_task(Task<T> task) {
  Loop loop;
  VirtualClock clock(loop, TimePoint{});
  Scope scope(loop, clock);
  std::optional<Result<T>> result;
  scope.spawn(std::move(task), [&result](Result<T> r) { result.emplace(std::move(r)); });
  loop.run();
  BATON_CHECK(result.has_value());
  return std::move(*result);
}

template Result<Receipt> run_task(Task<Receipt> task);
template Result<Reply> run_task(Task<Reply> task);
template Result<nlohmann::json> run_task(Task<nlohmann::json> task);
template Result<sdk::Findings> run_task(Task<sdk::Findings> task);
template Result<std::string> run_task(Task<std::string> task);

void DirectSession::Expected::replies(int status, const nlohmann::json& body) {
  reply = Reply(status, body.dump(), Headers{{"content-type", "application/json"}});
}

DirectSession::~DirectSession() {
  for (const auto& rest : script_) ADD_FAILURE() << "never asked: " << rest.method << " " << rest.path;
}

DirectSession::Expected& DirectSession::expect(std::string method, std::string path) {
  script_.emplace_back();
  script_.back().method = std::move(method);
  script_.back().path = std::move(path);
  return script_.back();
}

Task<Reply> DirectSession::read(sdk::Read read) { co_return exchange(read.request(), false); }

Task<Receipt> DirectSession::once(sdk::Step step) {
  BATON_CHECK(named_.insert(step.name).second);  // a step's name is unique within its operation
  auto& record = steps_.try_emplace(step.name, step.write.request(), now).first->second;
  if (record.state == State::done) co_return record.receipt;
  if (record.state == State::unknown) {
    const auto found = look_again(step, record);
    if (!found) co_return found.error();
    if (*found) co_return finish(record, **found);
  } else {
    record.sent_at = now;
  }
  record.state = State::unknown;
  const auto reply = exchange(record.write, true);  // the remembered bytes, not rebuilt ones
  if (!reply) {
    if (reply.error().kind != FailureKind::ambiguous) record.state = State::undone;
    co_return reply.error();
  }
  const auto receipt = step.read(*reply);
  if (!receipt) co_return Failure(FailureKind::ambiguous, receipt.error().detail);
  co_return finish(record, *receipt);
}

Result<Receipt> DirectSession::attempt(Operation operation, const sdk::Order& order) {
  named_.clear();
  const auto* action = connector_.manifest().find(operation);
  BATON_CHECK(action && action->write);
  return run_task(action->write(order, *this));
}

Result<nlohmann::json> DirectSession::look(Operation operation, const sdk::Order& order) {
  const auto* action = connector_.manifest().find(operation);
  BATON_CHECK(action && action->look);
  return run_task(action->look(order, *this));
}

int DirectSession::count(std::string_view method, std::string_view path) const {
  int found = 0;
  for (const auto& one : sent) found += one.request.method == method && path_of(one.request.target) == path;
  return found;
}

Receipt DirectSession::finish(Record& record, Receipt receipt) {
  record.state = State::done;
  record.receipt = receipt;
  return receipt;
}

Result<sdk::Found> DirectSession::look_again(const sdk::Step& step, const Record& record) {
  if (std::holds_alternative<sdk::Repeatable>(step.again)) return sdk::Found();
  if (const auto* while_valid = std::get_if<sdk::RepeatableFor>(&step.again)) {
    if (now <= record.sent_at + while_valid->valid) return sdk::Found();
    return look_up(while_valid->after, record);
  }
  if (const auto* lookup = std::get_if<sdk::Lookup>(&step.again)) return look_up(*lookup, record);
  if (const auto* open = std::get_if<sdk::LeftOpen>(&step.again)) {
    if (now < record.sent_at + open->after)
      return Failure(FailureKind::ambiguous, "left open", record.sent_at + open->after);
    return sdk::Found(Receipt());
  }
  return Failure(FailureKind::ambiguous, "no look-up");
}

Result<sdk::Found> DirectSession::look_up(const sdk::Lookup& lookup, const Record& record) {
  if (now < record.sent_at + lookup.settle) {
    return Failure(FailureKind::ambiguous, "not settled", record.sent_at + lookup.settle);
  }
  for (auto page = lookup.find;;) {
    const auto reply = exchange(page.request(), false);
    if (!reply) return reply.error();
    const auto found = lookup.match(*reply);
    if (!found || *found || !lookup.next) return found;
    const auto next = lookup.next(*reply);
    if (!next) return next.error();
    if (!*next) return sdk::Found();
    page = **next;
  }
}

Result<Reply> DirectSession::exchange(const Request& request, bool writes) {
  sent.emplace_back(request, writes);
  if (script_.empty()) {
    ADD_FAILURE() << "not in the script: " << request.method << " " << request.target;
    return Failure(FailureKind::misconfigured, "not in the script");
  }
  const auto next = std::move(script_.front());
  script_.pop_front();
  EXPECT_EQ(request.method, next.method);
  EXPECT_EQ(path_of(request.target), next.path);
  if (next.lost) return Failure(writes ? FailureKind::ambiguous : FailureKind::retryable, "reply lost");
  if (auto failure = connector_.classify(sdk::Exchange(request, writes, next.reply, now))) return *failure;
  return next.reply;
}

nlohmann::json as_json(const Request& request) {
  auto body = nlohmann::json::parse(request.body, nullptr, false);
  if (body.is_discarded()) body = request.body;
  return {
      {"method", request.method}, {"target", request.target}, {"headers", request.headers}, {"body", body}};
}

std::string read_text(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void expect_golden(const nlohmann::json& seen, const std::string& name) {
  const auto path = std::string(BATON_SOURCE_DIR) + "/tests/connectors/" + name;
  if (std::getenv("BATON_WRITE_GOLDEN")) {
    std::ofstream(path) << seen.dump(2) << "\n";
    return;
  }
  const auto text = read_text(path);
  ASSERT_FALSE(text.empty()) << path << " is missing";
  EXPECT_EQ(nlohmann::json::parse(text, nullptr, false).dump(2), seen.dump(2)) << path;
}
void expect_golden(const Request& seen, const std::string& name) { expect_golden(as_json(seen), name); }

std::optional<nlohmann::json> read_spec(const std::string& name) {
  const char* folder = std::getenv("BATON_SPECS");
  const auto root = folder ? std::string(folder) : std::string(BATON_SOURCE_DIR) + "/../shared/vendors/specs";
  const auto text = read_text(root + "/" + name);
  if (text.empty()) return std::nullopt;
  return nlohmann::json::parse(text);
}
nlohmann::json read_data(const std::string& file) {
  return nlohmann::json::parse(read_text(std::string(BATON_SOURCE_DIR) + "/tests/connectors/" + file));
}

nlohmann::json read_vectors(const std::string& spec, const std::string& copy) {
  if (auto found = read_spec(spec)) return std::move(*found);
  return read_data(copy);
}

// --- answers that no vendor should give

std::vector<std::string> hostile_bodies(const std::string& good) {
  std::vector<std::string> bodies = {"",
                                     " ",
                                     "null",
                                     "[]",
                                     "{}",
                                     "42",
                                     "\"x\"",
                                     "<html>busy</html>",
                                     "{\"a\":",
                                     "\xff\xfe",
                                     std::string(200'000, '['),
                                     std::string(1'000'000, 'x')};
  for (const std::size_t parts : {2, 3, 5, 7})
    bodies.push_back(good.substr(0, good.size() * (parts - 1) / parts));
  return bodies;
}

// Every variant of `document` in which one value has another type.
std::vector<nlohmann::json> ill_typed(const nlohmann::json& document) {
  std::vector<nlohmann::json> variants;
  const auto flat = document.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    for (const auto& wrong : {nlohmann::json(nullptr), nlohmann::json::array({1}), nlohmann::json::object(),
                              nlohmann::json(true), nlohmann::json(-1.5)}) {
      auto variant = document;
      variant[nlohmann::json::json_pointer(pointer)] = wrong;
      variants.push_back(std::move(variant));
    }
  }
  return variants;
}

}  // namespace baton::testing
