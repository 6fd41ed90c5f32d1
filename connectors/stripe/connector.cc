// Purpose: Stripe: what the customer pays, owes and disputes, for the brief. Reads only.
// Source: fact sheet stripe; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <array>

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
Task<Objects> read_part(sdk::Read read, const char* part, const char* permission,
                        std::vector<Missing>& missing, sdk::ReadSession& session) {
  const auto reply = co_await session.read(std::move(read));
  if (!reply) {
    missing.emplace_back(part, why(reply.error(), permission));
    co_return Objects();
  }
  auto objects = read_list(*reply, part);
  if (!objects) missing.emplace_back(part, "Stripe's answer could not be read");
  co_return objects ? std::move(*objects) : Objects();
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
  found.now = read_date(header(reply->headers, "date"));
  found.named = "the chat platform named it";
  found.customers.push_back(std::move(*customer));
  co_return found;
}

Task<Done> list_by_email(sdk::Read read, std::string email, Candidates& found, sdk::ReadSession& session) {
  const auto reply = co_await session.read(std::move(read));
  if (!reply) co_return reply.error();
  auto customers = read_list(*reply, "customers");
  if (!customers) co_return customers.error();
  found.now = read_date(header(reply->headers, "date"));
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

// Stripe lets several customers bear one address. The one that pays is meant, else the newest; never a
// mixture.
Task<Records> choose(const Paths& paths, Candidates found, sdk::ReadSession& session) {
  Records best;
  int best_rank = -1;
  for (std::size_t i = 0; i < found.customers.size() && i < kMostNamesakes && best_rank < 2; ++i) {
    Records records;
    records.customer = found.customers[i];
    const auto id = JsonView(records.customer)["id"].text();
    auto subscriptions = co_await read_part(paths.subscriptions(id), "subscriptions", "rak_subscription_read",
                                            records.missing, session);
    if (subscriptions) records.subscriptions = std::move(*subscriptions);
    const int rank = rank_of(records.subscriptions);
    if (rank <= best_rank) continue;
    best = std::move(records);
    best_rank = rank;
  }
  best.matches = found.customers.size();
  best.now = found.now;
  best.why = !found.named.empty() ? found.named
             : best_rank > 0      ? "has a current subscription"
                                  : "the newest; none has a subscription";
  best.missing.insert(best.missing.begin(), found.missing.begin(), found.missing.end());
  co_return best;
}

Task<Done> add_products(const Paths& paths, Records& records, sdk::ReadSession& session) {
  for (const auto& id : products_of(records.subscriptions)) {
    const auto reply = co_await session.read(paths.product(id));
    const auto product = reply ? read_object(*reply, "product") : Result<nlohmann::json>(reply.error());
    if (product) {
      if (auto name = JsonView(*product)["name"].text(); !name.empty())
        records.products[id] = std::move(name);
      continue;
    }
    records.missing.emplace_back("products", why(product.error(), "rak_product_read"));
    break;
  }
  co_return Done();
}

Task<Done> add_disputes(const Paths& paths, Records& records, sdk::ReadSession& session) {
  for (const auto& charge : disputed(records.charges)) {
    auto disputes =
        co_await read_part(paths.disputes(charge), "disputes", "rak_dispute_read", records.missing, session);
    if (disputes) records.disputes.insert(records.disputes.end(), disputes->begin(), disputes->end());
    if (!records.missing.empty() && records.missing.back().part == "disputes") break;
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
  const auto id = JsonView(records->customer)["id"].text();
  auto invoices =
      co_await read_part(paths.open_invoices(id), "invoices", "rak_invoice_read", records->missing, session);
  if (invoices) records->invoices = std::move(*invoices);
  auto charges =
      co_await read_part(paths.charges(id), "charges", "rak_charge_read", records->missing, session);
  if (charges) records->charges = std::move(*charges);
  auto intents = co_await read_part(paths.payment_intents(id), "payment intents", "rak_payment_intent_read",
                                    records->missing, session);
  if (intents) records->intents = std::move(*intents);
  (void)co_await add_disputes(paths, *records, session);
  (void)co_await add_products(paths, *records, session);
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
