#include "connectors/stripe/probe.h"

#include <array>

#include "connectors/stripe/money.h"
#include "connectors/stripe/reads.h"

namespace baton::stripe {
namespace {

constexpr auto kWhere = " at https://dashboard.stripe.com/apikeys, with Read for ";

sdk::Finding refused(std::string what, std::string_view permission, const Failure& failure) {
  if (failure.kind == FailureKind::misconfigured) {
    return sdk::Finding(std::move(what), false,
                        "edit the restricted key" + std::string(kWhere) + std::string(permission));
  }
  return sdk::Finding(std::move(what), false, "Stripe answered: " + failure.detail);
}

sdk::Finding key_finding(const Result<Reply>& reply) {
  if (reply) return sdk::Finding("the key, and Customers (rak_customer_read)", true);
  if (reply.error().kind == FailureKind::misconfigured)
    return refused("Customers (rak_customer_read)", "Customers", reply.error());
  if (reply.error().kind == FailureKind::auth_expired) {
    return sdk::Finding(
        "the key", false,
        "it is wrong, expired or deleted: create a restricted key" + std::string(kWhere) +
            "the permissions in connectors/stripe/README.md, and store it with `baton secret set`");
  }
  return refused("the key", "", reply.error());
}

// A live key never sees test customers, nor the other way round: then everybody is unknown.
void check_mode(const Reply& reply, std::string_view wanted, sdk::Findings& findings) {
  const auto customers = read_list(reply, "customers");
  if (wanted.empty() || !customers || customers->empty()) return;
  const auto live = JsonView(customers->front())["livemode"].boolean();
  if (!live) return;
  const bool fine = *live == (wanted == "live");
  findings.emplace_back("the mode " + std::string(wanted), fine,
                        fine ? ""
                             : std::string("the key is of the ") + (*live ? "live" : "test") +
                                   " mode: use the other one, or change `mode`");
}

struct Part {
  std::string_view list;
  std::string_view title;
  std::string_view permission;
};
constexpr auto kParts = std::to_array<Part>({
    {"subscriptions", "Subscriptions", "rak_subscription_read"},
    {"invoices", "Invoices", "rak_invoice_read"},
    {"charges", "Charges and Refunds", "rak_charge_read"},
    {"payment_intents", "Payment Intents", "rak_payment_intent_read"},
    {"disputes", "Disputes", "rak_dispute_read"},
});

}  // namespace

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  const Paths paths(settings);
  sdk::Findings findings;
  const auto first = co_await session.read(paths.any_customer());
  findings.push_back(key_finding(first));
  if (!first && first.error().kind != FailureKind::misconfigured) co_return findings;
  if (first) check_mode(*first, settings["mode"], findings);
  Objects subscriptions;
  for (const auto& part : kParts) {
    const auto reply = co_await session.read(paths.any(part.list));
    auto what = std::string(part.title) + " (" + std::string(part.permission) + ")";
    if (!reply) {
      findings.push_back(refused(std::move(what), part.title, reply.error()));
      continue;
    }
    findings.emplace_back(std::move(what), true);
    auto objects = read_list(*reply, part.list);
    if (objects && part.list == "subscriptions") subscriptions = std::move(*objects);
  }
  // Products are read by id only, so there must be one to ask for.
  for (const auto& product : products_of(subscriptions)) {
    const auto reply = co_await session.read(paths.product(product));
    if (reply) findings.emplace_back("Products (rak_product_read)", true);
    if (!reply) findings.push_back(refused("Products (rak_product_read)", "Products", reply.error()));
  }
  if (settings["search"] != "on") co_return findings;
  const auto searched = co_await session.read(paths.search_customers("baton-probe@example.com"));
  findings.emplace_back(
      "the customer search", searched.has_value(),
      searched ? ""
               : "some accounts have none: set `search: off`, then addresses must be written as in Stripe");
  co_return findings;
}

}  // namespace baton::stripe
