#include "tests/ingress/bench.h"

#include "gateway/base/json_view.h"
#include "tests/tell/shipped.h"

namespace baton::ingress {
namespace {

using nlohmann::json;

Task<Receipt> no_write(const sdk::Order&, sdk::Session&) { co_return Receipt("1", ""); }

constexpr auto kActions =
    std::to_array<sdk::Action>({sdk::Action{.operation = Operation::open_ticket, .write = no_write},
                                sdk::Action{.operation = Operation::tell_customer, .write = no_write}});

Source source(const std::string& name, const std::string& workspace, std::vector<const char*> keys) {
  Source made;
  made.name = name;
  made.workspace = WorkspaceId(workspace);
  made.event_source = "https://" + name + ".example";
  for (const auto* key : keys) made.keys.push_back(key_of(key));
  return made;
}

Sources make_sources(int shop_per_second, TimePoint now) {
  Sources sources;
  sources.emplace("shop", source("shop", "main", {kShopKey, kOldShopKey}));
  sources.emplace("bank", source("bank", "bank", {kBankKey}));
  sources.emplace("widget", source("widget", "main", {}));
  sources.at("widget").platform = DestinationId("desk");
  sources.emplace("ada", source("ada", "main", {}));
  sources.at("ada").mapping = "ada.yaml";
  if (shop_per_second > 0) {
    sources.at("shop").budget = std::make_unique<RateBudget>(shop_per_second, 2 * shop_per_second, now);
  }
  return sources;
}

handoff::Rules make_rules() {
  handoff::Rule urgent;
  urgent.name = "urgent";
  urgent.goes_on = true;
  handoff::Condition is_urgent;
  is_urgent.path = "priority";
  is_urgent.any_of = {"urgent"};
  urgent.when = {is_urgent};
  urgent.to.alerts = {DestinationId("pager")};
  handoff::Rule billing;
  billing.name = "billing";
  handoff::Condition is_billing;
  is_billing.path = "intent.category";
  is_billing.any_of = {"billing"};
  billing.when = {is_billing};
  billing.to.tickets = DestinationId("desk");
  billing.to.platform = DestinationId("platform");
  return {urgent, billing};
}

sdk::Accounts make_accounts(const sdk::Connector& connector) {
  sdk::Accounts accounts;
  for (const auto& [name, workspace] : {std::pair("desk", "main"), std::pair("bank-desk", "bank")}) {
    auto account = std::make_unique<sdk::Account>();
    account->id = DestinationId(name);
    account->workspace = WorkspaceId(workspace);
    account->connector = &connector;
    account->secrets["hook"].emplace_back(std::string(kHookSecret));
    const auto id = account->id;
    accounts.emplace(id, std::move(account));
  }
  return accounts;
}

std::vector<Signal> signals_in(const json& body) {
  std::vector<Signal> signals;
  for (const auto& one : body.value("signals", json::array())) {
    const auto kind = one.value("kind", "claimed");
    const auto number = std::ranges::find(kSignalNames, kind) - kSignalNames.begin();
    auto& signal = signals.emplace_back(static_cast<SignalKind>(number), one.value("id", "n1"),
                                        one.value("object", ""), one.value("who", "U1"));
    signal.handoff = HandoffId(one.value("handoff", ""));
  }
  return signals;
}

}  // namespace

const sdk::Manifest& FakeDesk::manifest() const {
  static constexpr sdk::Manifest kManifest{.name = "fake_desk",
                                           .title = "Fake desk",
                                           .api_version = "1",
                                           .actions = kActions,
                                           .fields = {},
                                           .base_url = "https://desk.example",
                                           .source = true,
                                           .refused_status = 403,
                                           .overload_status = 503};
  return kManifest;
}

Result<sdk::Webhook> FakeDesk::read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                            const sdk::Settings&) const {
  if (!keys.matches(sdk::Keys::Mac::shared_value, "hook", {}, header(request.headers, "x-secret"))) {
    return Failure(FailureKind::rejected, "the secret does not fit");
  }
  const auto body = json::parse(request.body, nullptr, false);
  sdk::Webhook webhook;
  webhook.answer = Reply(200, "thank you");
  if (const auto gone = body.value("revoked", json()); gone.is_object())
    webhook.revoked.emplace(gone.at("why"), TimePoint(std::chrono::seconds(gone.at("at"))));
  if (const auto back = body.value("restored", json()); back.is_object())
    webhook.restored.emplace(std::vector<std::string>{back.at("of")},
                             TimePoint(std::chrono::seconds(back.at("at"))));
  webhook.signals = signals_in(body);
  return webhook;
}

Result<sdk::Inbound> FakeDesk::read_events(const RawRequest& request, const sdk::Keys& keys,
                                           const sdk::Settings&) const {
  if (!keys.matches(sdk::Keys::Mac::shared_value, "hook", {}, header(request.headers, "x-secret")))
    return Failure(FailureKind::rejected, "the secret does not fit");
  const auto body = json::parse(request.body, nullptr, false);
  sdk::Inbound inbound;
  inbound.answer = Reply(200, "heard");
  inbound.signals = signals_in(json{{"signals", body.value("done", json::array())}});
  for (const auto& one : body.value("events", json::array()))
    inbound.events.emplace_back(one.value("id", ""), one.value("type", ""),
                                one.value("data", json::object()));
  if (body.value("waits", false)) {
    inbound.answer_with = [](const std::vector<HandoffId>& handoffs) {
      return Reply(200, handoffs.front().text);
    };
  }
  return inbound;
}

Bench::Bench(MemoryStore& store_in, int shop_per_second)
    : clock(loop, TimePoint{} + std::chrono::years(56)), store(store_in), memory(store, clock),
      journal(memory, clock), sources(make_sources(shop_per_second, clock.now())), rules(make_rules()),
      accounts(make_accounts(connector)), ingress(parts()), scope(loop, clock) {}

Ingress::Parts Bench::parts() {
  Ingress::Parts made(journal, clock, random, sources, rules, accounts);
  made.decisions = &decisions;
  return made;
}

void Bench::plan() {
  const auto abilities = sdk::abilities(accounts);
  Planner planner(memory, clock, random, rules, abilities, patience, tell_testing::shipped());
  Scope working(loop, clock);
  working.spawn(planner.run(working.stop_token()));
  clock.run(clock.now() + 1s);
  working.cancel();
  (void)await(working.join());
}

void Bench::end(const HandoffId& handoff) {
  Batch batch;
  batch.moves = record(handoff).handoff;
  batch.moves->state = State::returned;
  BATON_CHECK(await(memory.commit(std::move(batch)))->done());
}

RawRequest Bench::signed_with(const char* key, const std::string& body, const std::string& id) const {
  RawRequest request("POST", "/v1/events", body, {{"content-type", "application/cloudevents+json"}});
  request.received_at = clock.now();
  std::vector<secrets::SigningKey> keys;
  keys.push_back(key_of(key));
  const auto signature = secrets::sign(id, clock.now(), body, keys);
  BATON_CHECK(signature);
  request.headers["webhook-id"] = id;
  request.headers["webhook-timestamp"] =
      std::to_string(std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count());
  request.headers["webhook-signature"] = *signature;
  return request;
}

RawRequest Bench::from_desk(const json& signals, const std::string& destination) const {
  RawRequest request("POST", "/v1/hooks/" + destination, json{{"signals", signals}}.dump(),
                     {{"x-secret", kHookSecret}});
  request.params["destination"] = destination;
  request.received_at = clock.now();
  return request;
}

json event(const std::string& id, const std::string& conversation, const std::string& type, json data) {
  data["conversation"] = {{"id", conversation}};
  if (type == "handoff.requested" && !data.contains("intent")) data["intent"] = {{"category", "billing"}};
  return {{"specversion", "1.0"},
          {"id", id},
          {"source", "https://shop.example"},
          {"type", type},
          {"data", std::move(data)}};
}

json body_of(const Reply& reply) { return json::parse(reply.body); }
std::string code_of(const Reply& reply) { return body_of(reply).value("code", ""); }

std::vector<std::string> errors_of(const Reply& reply) {
  std::vector<std::string> errors;
  const auto body = body_of(reply);
  for (const auto& error : body.value("errors", json::array())) {
    errors.push_back(error.at("pointer").get<std::string>() + " " + error.at("code").get<std::string>());
  }
  return errors;
}

}  // namespace baton::ingress
