// Purpose: Stripe: what the customer pays, owes and disputes, for the brief. Reads only.
// Source: fact sheet stripe; section numbers below are its own.
#include "connectors/sdk/connector.h"
#include "connectors/sdk/vendor_clock.h"

#include <algorithm>
#include <array>
#include <span>

#include "connectors/stripe/amounts.h"
#include "connectors/stripe/errors.h"
#include "connectors/stripe/money.h"
#include "connectors/stripe/probe.h"
#include "connectors/stripe/reads.h"
#include "connectors/stripe/webhook.h"
#include "gateway/base/text.h"

namespace baton::stripe {
namespace {

// Of namesakes that many are looked at: each costs a request.
constexpr std::size_t kMostNamesakes = 4;

// The customers in question, the newest first.
struct Candidates {
  Candidates() = default;
  Objects customers;
  std::string named;  // why it is this one, if there is no doubt
  std::optional<TimePoint> now;
  std::vector<Missing> missing;
};

std::string why(const Failure& failure, std::string_view permission) {
  switch (failure.kind) {
    case FailureKind::misconfigured: return "the key may not read it: give it " + std::string(permission);
    case FailureKind::rate_limited: return "Stripe's rate limit is reached";
    case FailureKind::auth_expired: return "Stripe refused the key";
    case FailureKind::target_gone: return "Stripe does not know it";
    case FailureKind::rejected: return "Stripe refused the question";
    case FailureKind::ambiguous:
    case FailureKind::retryable: break;
  }
  return "Stripe did not answer, or not in time";
}

// One part of the context: what fails is named as missing, the rest is still of use.
struct ContextPart {
  const char* name;
  const char* permission;
  Objects Records::* into;
};
constexpr ContextPart kSubscriptionsPart{"subscriptions", "rak_subscription_read", &Records::subscriptions};
constexpr ContextPart kDisputesPart{"disputes", "rak_dispute_read", &Records::disputes};
constexpr auto kMoneyParts = std::to_array<ContextPart>({
    {"invoices", "rak_invoice_read", &Records::invoices},
    {"charges", "rak_charge_read", &Records::charges},
    {"payment intents", "rak_payment_intent_read", &Records::intents},
});

bool is_told(const std::vector<Missing>& missing, std::string_view part) {
  return std::ranges::any_of(missing, [part](const Missing& one) { return one.part == part; });
}

void add_part(const ContextPart& part, const Result<Reply>& reply, Records& records) {
  auto objects = reply ? read_list(*reply, part.name) : Result<Objects>(reply.error());
  if (objects) {
    auto& all = records.*part.into;
    all.insert(all.end(), objects->begin(), objects->end());
    return;
  }
  // Of several reads for one part the first failure says it.
  const bool told = is_told(records.missing, part.name);
  if (!told)
    records.missing.emplace_back(
        part.name, reply ? "Stripe's answer could not be read" : why(reply.error(), part.permission));
}

// As kMoneyParts stand.
std::vector<sdk::Read> money_reads(const Paths& paths, std::string_view customer) {
  std::vector<sdk::Read> reads;
  reads.push_back(paths.open_invoices(customer));
  reads.push_back(paths.charges(customer));
  reads.push_back(paths.payment_intents(customer));
  return reads;
}

// The id that the chat platform knows wins: it is exact (section 3.1). A deleted customer is none.
std::string known_id(JsonView customer) {
  for (const auto* field : {"account_id", "id"}) {
    const auto id = customer[field].text();
    if (is_id(id, "cus_")) return id;
  }
  return {};
}

Task<Candidates> find_by_id(const Paths& paths, std::string id, sdk::ReadSession& session) {
  Candidates found;
  const auto reply = co_await session.read(paths.customer(id));
  if (!reply && reply.error().kind == FailureKind::target_gone) co_return found;
  if (!reply) co_return reply.error();
  auto customer = read_object(*reply, "customer");
  if (!customer) co_return customer.error();
  if (JsonView(*customer)["deleted"].boolean() == true) co_return found;
  found.now = sdk::vendor_now(*reply);
  found.named = "the chat platform named it";
  found.customers.push_back(std::move(*customer));
  co_return found;
}

Task<Done> list_by_email(sdk::Read read, std::string email, Candidates& found, sdk::ReadSession& session) {
  const auto reply = co_await session.read(std::move(read));
  if (!reply) co_return reply.error();
  auto customers = read_list(*reply, "customers");
  if (!customers) co_return customers.error();
  found.now = sdk::vendor_now(*reply);
  found.customers = with_email(std::move(*customers), email);
  co_return Done();
}

// The list is exact about capitals and knows a customer at once; the search is not and may lag (section 3.1).
Task<Candidates> find_by_email(const Paths& paths, std::string email, bool search,
                               sdk::ReadSession& session) {
  Candidates found;
  const auto listed = co_await list_by_email(paths.customers_by_email(email), email, found, session);
  if (!listed) co_return listed.error();
  if (const auto lower = to_lower(email); found.customers.empty() && lower != email) {
    const auto again = co_await list_by_email(paths.customers_by_email(lower), email, found, session);
    if (!again) co_return again.error();
  }
  if (!found.customers.empty() || !search || !is_searchable(email)) co_return found;
  const auto searched = co_await list_by_email(paths.search_customers(email), email, found, session);
  if (!searched) found.missing.emplace_back("customer search", why(searched.error(), "rak_customer_read"));
  co_return found;
}

Task<Candidates> find_customers(const Paths& paths, JsonView customer, bool search,
                                sdk::ReadSession& session) {
  if (auto id = known_id(customer); !id.empty()) {
    auto named = co_await find_by_id(paths, std::move(id), session);
    if (!named || !named->customers.empty()) co_return named;
  }
  const auto email = customer["email"].text();
  if (email.find('@') == std::string::npos) co_return Candidates();
  co_return co_await find_by_email(paths, email, search, session);
}

void add_money(std::span<const Result<Reply>> replies, Records& records) {
  for (std::size_t i = 0; i < kMoneyParts.size() && i < replies.size(); ++i)
    add_part(kMoneyParts[i], replies[i], records);
}

// The one of whom there is no doubt: all that is known of them is asked at once (section 3.8).
Task<Records> read_only_one(const Paths& paths, nlohmann::json customer, sdk::ReadSession& session) {
  Records records;
  records.customer = std::move(customer);
  const auto id = JsonView(records.customer)["id"].text();
  std::vector<sdk::Read> reads;
  reads.push_back(paths.subscriptions(id));
  for (auto& read : money_reads(paths, id)) reads.push_back(std::move(read));
  const auto replies = co_await session.read_all(std::move(reads));
  if (!replies) co_return replies.error();
  add_part(kSubscriptionsPart, replies->front(), records);
  add_money(std::span(*replies).subspan(1), records);
  co_return records;
}

// Stripe lets several customers bear one address. The one that pays is meant, else the newest; never a
// mixture.
Task<Records> read_best(const Paths& paths, const Objects& customers, sdk::ReadSession& session) {
  const auto count = std::min(customers.size(), kMostNamesakes);
  std::vector<sdk::Read> reads;
  for (std::size_t i = 0; i < count; ++i)
    reads.push_back(paths.subscriptions(JsonView(customers[i])["id"].text()));
  const auto replies = co_await session.read_all(std::move(reads));
  if (!replies) co_return replies.error();
  Records best;
  int best_rank = -1;
  for (std::size_t i = 0; i < count && i < replies->size(); ++i) {
    Records records;
    records.customer = customers[i];
    add_part(kSubscriptionsPart, replies->at(i), records);
    const int rank = rank_of(records.subscriptions);
    if (rank <= best_rank) continue;
    best = std::move(records);
    best_rank = rank;
  }
  auto rest = money_reads(paths, JsonView(best.customer)["id"].text());
  const auto money = co_await session.read_all(std::move(rest));
  if (!money) co_return money.error();
  add_money(*money, best);
  co_return best;
}

Task<Records> choose(const Paths& paths, Candidates found, sdk::ReadSession& session) {
  auto best = found.customers.size() == 1 ? co_await read_only_one(paths, found.customers[0], session)
                                          : co_await read_best(paths, found.customers, session);
  if (!best) co_return best.error();
  best->matches = found.customers.size();
  best->now = found.now;
  best->why = !found.named.empty()               ? found.named
              : rank_of(best->subscriptions) > 0 ? "has a current subscription"
                                                 : "the newest; none has a subscription";
  best->missing.insert(best->missing.begin(), found.missing.begin(), found.missing.end());
  co_return best;
}

void add_product(const std::string& id, const Result<Reply>& reply, Records& records) {
  const auto product = reply ? read_object(*reply, "product") : Result<nlohmann::json>(reply.error());
  if (!product) {
    const bool told = is_told(records.missing, "products");
    if (!told) records.missing.emplace_back("products", why(product.error(), "rak_product_read"));
    return;
  }
  if (auto name = JsonView(*product)["name"].text(); !name.empty()) records.products[id] = std::move(name);
}

// What the first answers point at: disputes of charges, names of products.
Task<Done> add_details(const Paths& paths, Records& records, sdk::ReadSession& session) {
  const auto charges = disputed(records.charges), products = products_of(records.subscriptions);
  std::vector<sdk::Read> reads;
  for (const auto& charge : charges) reads.push_back(paths.disputes(charge));
  for (const auto& product : products) reads.push_back(paths.product(product));
  if (reads.empty()) co_return Done();
  const auto replies = co_await session.read_all(std::move(reads));
  if (!replies) co_return replies.error();
  for (std::size_t i = 0; i < replies->size(); ++i) {
    if (i < charges.size()) add_part(kDisputesPart, replies->at(i), records);
    else add_product(products[i - charges.size()], replies->at(i), records);
  }
  co_return Done();
}

Task<nlohmann::json> read_context(const sdk::Order& order, sdk::ReadSession& session) {
  const Paths paths(order.settings);
  auto found = co_await find_customers(paths, JsonView(order.subject)["customer"],
                                       order.settings["search"] == "on", session);
  if (!found) co_return found.error();
  if (found->customers.empty()) co_return unknown_customer(found->missing);
  auto records = co_await choose(paths, std::move(*found), session);
  if (!records) co_return records.error();
  const auto details = co_await add_details(paths, *records, session);
  if (!details) co_return details.error();
  co_return make_context(*records, order.settings);
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::read_context, nullptr, read_context},
});

// A secret key may refund and delete; what only reads must not hold it (section 2).
std::string_view wrong_key(std::string_view key) {
  if (key.starts_with("sk_"))
    return "is a secret key, which may do everything: make a restricted one (rk_...) with Read permissions "
           "only, by the link in connectors/stripe/README.md";
  if (key.starts_with("pk_"))
    return "is a publishable key, which may read nothing: make a restricted one (rk_...), by the link in "
           "connectors/stripe/README.md";
  return {};
}

constexpr auto kFields = std::to_array<sdk::Field>({
    {"key", sdk::Need::secret, "",
     "Restricted key (rk_live_...) with Read permissions only, never a secret key (sk_...)", wrong_key},
    {"webhook_secret", sdk::Need::optional_secret, "",
     "Signing secret of the event destination (whsec_...); without it webhooks are refused"},
    {"search", sdk::Need::optional, "on",
     "Whether customers are also searched where capitals differ: on or off (accounts in India have no "
     "search)"},
    {"mode", sdk::Need::optional, "", "live or test: what the key should be, for `destinations test`"},
    {"tier_metadata", sdk::Need::optional, "",
     "Key in the customer's metadata that holds the account's tier"},
    {"account", sdk::Need::optional, "", "Connected account (acct_...), for Connect platforms only"},
});

constexpr sdk::Manifest kManifest{
    .name = "stripe",
    .title = "Stripe",
    .api_version = "2026-10-28.endive",
    .idempotency = sdk::Idempotency::a,  // nothing is ever written
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://api.stripe.com",
    // The merchant's checkout shares the account's limit, so we take little of it (section 5).
    .limits = {.per_second = 5, .burst = 10, .at_once = 4, .max_body_bytes = 64 * 1024},
};
static_assert(sdk::well_formed(kManifest));

class Stripe final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::BearerAuth("key"); }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override { return stripe::classify(seen); }
  Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                    const sdk::Settings&) const override {
    return stripe::read_webhook(request, keys);
  }
  Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) const override {
    return stripe::probe(settings, session);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Stripe>(); }

}  // namespace baton::stripe
