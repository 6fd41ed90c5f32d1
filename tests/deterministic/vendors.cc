#include "tests/deterministic/vendors.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::deterministic {
namespace {

using nlohmann::json;

// Between the two, each magnitude as likely as another.
Duration some_time(Random& random, Duration least, Duration most) {
  const auto share = static_cast<double>(random.bits() % 10'000) / 10'000;
  const auto ratio = static_cast<double>(most.count()) / static_cast<double>(least.count());
  return Duration{static_cast<Duration::rep>(static_cast<double>(least.count()) * std::pow(ratio, share))};
}

Result<Receipt> read_id(const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "the answer");
  if (!body) return body.error();
  const auto id = JsonView(*body)["id"].text();
  if (id.empty()) return Failure(FailureKind::ambiguous, "the answer has no id");
  return Receipt(id);
}

Result<sdk::Found> read_found(const Reply& reply) {
  const auto body = parse_json(reply.body, FailureKind::ambiguous, "the answer to the search");
  if (!body) return body.error();
  const auto list = JsonView(*body)["found"].list();
  if (!list) return Failure(FailureKind::ambiguous, "the answer to the search has no list");
  if (list->empty()) return sdk::Found{};
  return sdk::Found{Receipt(list->front().text())};
}

sdk::Again mended(const sdk::Order& order, const std::string& external_id) {
  const auto how = order.settings["mends"];
  if (how == "by_key") return sdk::repeatable;
  if (how == "by_nobody") return sdk::no_lookup;
  const auto settle = how == "by_slow_search" ? Vendor::kSearchLag : Duration{0};
  return sdk::Lookup(sdk::Read::get("/find?id=" + percent_encode(external_id)), read_found, settle);
}

Task<Receipt> write_one(const sdk::Order& order, sdk::Session& session, std::string step, std::string id) {
  Headers headers{{"idempotency-key", order.native_key + "#" + step}};
  sdk::Step write(std::move(step),
                  sdk::Write::post("/write", json{{"external_id", id}}.dump(), std::move(headers)), read_id,
                  mended(order, id));
  co_return co_await session.once(std::move(write));
}

Task<Receipt> write(const sdk::Order& order, sdk::Session& session) {
  co_return co_await write_one(order, session, "write", order.external_id);
}

// Two steps in a row: what the first left behind must not be left behind twice.
Task<Receipt> write_two(const sdk::Order& order, sdk::Session& session) {
  const auto file = co_await write_one(order, session, "file", order.external_id + "#file");
  if (!file) co_return file.error();
  co_return co_await write_one(order, session, "write", order.external_id);
}

Task<json> look(const sdk::Order&, sdk::ReadSession& session) {
  const auto reply = co_await session.read(sdk::Read::get("/customer"));
  if (!reply) co_return reply.error();
  co_return json::object();
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::read_context, nullptr, look},
    {Operation::open_ticket, write_two, nullptr},
    {Operation::add_note, write, nullptr},
    {Operation::post_alert, write, nullptr},
    {Operation::update_alert, write, nullptr},
    {Operation::reply_in_thread, write, nullptr},
    {Operation::write_back, write, nullptr},
    {Operation::emit, write, nullptr},
});

constexpr sdk::Manifest kManifest{.name = "weather",
                                  .title = "A vendor with weather",
                                  .api_version = "1",
                                  .actions = kActions,
                                  .fields = {},
                                  .base_url = ""};
static_assert(sdk::well_formed(kManifest));

class Connector final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::NoAuth{}; }
};

std::string_view name(Mends mends) {
  switch (mends) {
    case Mends::by_key: return "by_key";
    case Mends::by_search: return "by_search";
    case Mends::by_slow_search: return "by_slow_search";
    case Mends::by_nobody: return "by_nobody";
  }
  return "";
}

Failure refused() { return Failure(FailureKind::retryable, "the connection was refused"); }
Failure lost() { return Failure(FailureKind::ambiguous, "the answer was lost"); }

}  // namespace

void Vendor::forecast(TimePoint begin, TimePoint end) {
  for (auto at = begin; at < end;) {
    const auto from = at + some_time(random_, 10min, 72h);
    constexpr auto kKinds =
        std::to_array({Sky::flaky, Sky::slow, Sky::slow, Sky::down, Sky::down, Sky::limited});
    const auto sky = kKinds[random_.bits() % kKinds.size()];
    // Now and then longer than retries last.
    const auto longest = sky == Sky::down && one_in(6) ? Duration{100h} : Duration{8h};
    const auto until = from + some_time(random_, 30s, longest);
    spells_.push_back({from, std::min(until, end), sky});
    at = until;
  }
}

const Spell* Vendor::spell_at(TimePoint now) const {
  const auto after = std::ranges::upper_bound(spells_, now, {}, &Spell::from);
  if (after == spells_.begin() || now >= std::prev(after)->until) return nullptr;
  return &*std::prev(after);
}

Task<Reply> Vendor::exchange(Clock& clock, Outgoing outgoing) {
  const auto& request = outgoing.request;
  Heard heard{clock.now(),
              std::string(header(request.headers, "x-node")),
              request.method == "POST",
              {},
              std::string(header(request.headers, "idempotency-key"))};
  const auto body = json::parse(request.body, nullptr, false);
  if (heard.write) heard.external_id = JsonView(body)["external_id"].text();
  heard_.push_back(heard);
  const auto* spell = spell_at(clock.now());
  const auto sky = spell ? spell->sky : Sky::fine;
  if (sky == Sky::limited) {
    (void)co_await clock.until(clock.now() + 20ms);
    Reply reply(429);
    reply.retry_after =
        std::max<Duration>(1s, std::chrono::ceil<std::chrono::seconds>(spell->until - clock.now()));
    co_return reply;
  }
  // Down: refused, or dead silence, or a proxy that says so.
  if (sky == Sky::down) {
    const auto how = random_.bits() % 4;
    (void)co_await clock.until(how == 0 ? outgoing.deadline : clock.now() + 5ms);
    if (how == 0) co_return lost();
    if (how == 1) co_return Reply(503);
    co_return refused();
  }
  const bool fault = sky == Sky::flaky && !one_in(3);
  const auto what = fault ? random_.bits() % 7 : 100;
  if (what == 0) co_return refused();
  if (what == 6) co_return Reply(503);
  const auto takes = sky == Sky::slow ? some_time(random_, 1s, 25s) : Duration{5} + random_.up_to(80ms);
  // The effect comes somewhere on the way, but no later than we would wait.
  (void)co_await clock.until(std::min(clock.now() + random_.up_to(takes), outgoing.deadline));
  if (what == 1) co_return lost();
  if (what == 2) co_return Reply(500, "{\"error\":\"nothing was done\"}");
  auto reply = answer(request, heard, clock.now());
  const auto answered_at = heard.at + takes;
  (void)co_await clock.until(std::min(answered_at, outgoing.deadline));
  if (answered_at > outgoing.deadline || what == 3) co_return lost();
  if (what == 4) co_return Reply(502, "{\"error\":\"done, and not told\"}");
  if (what == 5) reply.body = reply.body.substr(0, reply.body.size() / 2);
  co_return reply;
}

Reply Vendor::answer(const Request& request, const Heard& heard, TimePoint now) {
  if (heard.write) {
    take_effect(heard, now);
    return Reply(200, json{{"id", "T-" + heard.external_id}}.dump());
  }
  if (path_of(request.target).ends_with("/find"))
    return find(query_value(request.target, "id").value_or(""), now);
  return Reply(200, "{}");
}

void Vendor::take_effect(const Heard& request, TimePoint now) {
  if (mends_ == Mends::by_key && !by_native_key_.emplace(request.native_key, request.external_id).second)
    return;
  auto& effect = effects_[request.external_id];
  if (effect.count++ == 0) effect.first = now;
}

Reply Vendor::find(const std::string& external_id, TimePoint now) const {
  auto list = json::array();
  const auto lag = mends_ == Mends::by_slow_search ? kSearchLag : Duration{0};
  const auto found = effects_.find(external_id);
  if (found != effects_.end() && found->second.first + lag <= now) list.push_back("T-" + external_id);
  return Reply(200, json{{"found", std::move(list)}}.dump());
}

const sdk::Connector& connector() {
  static const auto& kOnly = *new Connector;
  return kOnly;
}

sdk::Accounts accounts(const Vendors& vendors) {
  sdk::Accounts made;
  for (const auto& [id, vendor] : vendors) {
    auto account = std::make_unique<sdk::Account>();
    account->id = id;
    account->connector = &connector();
    account->base_url = "https://" + id.text + ".example";
    account->settings = sdk::Settings(sdk::Settings::Values{{"mends", std::string(name(vendor->mends()))}});
    account->limits = {.per_second = 10, .burst = 20, .at_once = 4};
    made.emplace(id, std::move(account));
  }
  return made;
}

Task<Reply> Network::exchange(Outgoing outgoing) {
  const auto found = vendors_.find(DestinationId(outgoing.pool));
  if (found == vendors_.end() || clock_.now() >= outgoing.deadline) co_return refused();
  co_return co_await found->second->exchange(clock_, std::move(outgoing));
}

}  // namespace baton::deterministic
