// The account that a demo finds: an enterprise whose renewal is near and whose last payment failed, a trial,
// a shop that pays in yen and disputes a payment, an address that two customers share and one that is written
// with capitals. And the fields that every object has in the pinned version, whatever is said of it.
#include <charconv>

#include "connectors/simulation/setup.h"
#include "connectors/stripe/simulator.h"

namespace baton::stripe::simulated {
namespace {

constexpr std::string_view kSeed = R"({
"products": [
  {"id": "prod_Team", "name": "Team"}, {"id": "prod_Enterprise", "name": "Enterprise"}, {"id": "prod_Starter", "name": "Starter"}],
"prices": [
  {"id": "price_TeamYear", "product": "prod_Team", "nickname": "Team yearly", "currency": "eur", "unit_amount": 24000,
   "recurring": {"interval": "year", "interval_count": 1, "usage_type": "licensed", "meter": null, "trial_period_days": null}},
  {"id": "price_EnterpriseYear", "product": "prod_Enterprise", "nickname": null, "currency": "eur", "unit_amount": 18400000,
   "recurring": {"interval": "year", "interval_count": 1, "usage_type": "licensed", "meter": null, "trial_period_days": null}},
  {"id": "price_StarterMonth", "product": "prod_Starter", "nickname": "Starter monthly", "currency": "jpy", "unit_amount": 4900,
   "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed", "meter": null, "trial_period_days": null}}],
"customers": [
  {"id": "cus_Northwind", "email": "zoe@northwind.example", "name": "Northwind Logistics", "currency": "eur", "balance": 0,
   "delinquent": true, "created": "-700d", "metadata": {"tier": "enterprise"}},
  {"id": "cus_TinyShop", "email": "sam@tinyshop.example", "name": "Tiny Shop", "currency": "jpy", "balance": -500,
   "delinquent": false, "created": "-40d"},
  {"id": "cus_AcmeOld", "email": "jane.roe@acme.example", "name": "Acme Studios, until 2026",
                           "currency" : "eur", "balance" : 0, "delinquent" : false, "created" : "-900d"
},
  {"id": "cus_Acme", "email": "jane.roe@acme.example", "name": "Acme Studios", "currency": "eur", "balance": 0,
   "delinquent": false, "created": "-300d"},
  {"id": "cus_AcmeTrial", "email": "jane.roe@acme.example", "name": "Acme Studios trial", "currency": null, "balance": 0,
   "delinquent": false, "created": "-2d"},
  {"id": "cus_Capital", "email": "Bob@Acme.example", "name": "Bob Marsh", "currency": "eur", "balance": 0,
   "delinquent": false, "created": "-100d"},
  {"id": "cus_Nearly", "email": "jane.roe@acme.example.org", "name": "Another Jane", "currency": "eur", "balance": 0,
   "delinquent": false, "created": "-20d"},
  {"id": "cus_Live", "email": "live@acme.example", "name": "Live mode", "livemode": true, "created": "-20d"}],
"payment_methods": [
  {"id": "pm_Northwind", "customer": "cus_Northwind", "type": "card", "created": "-700d",
   "card": {"brand": "visa", "last4": "4242", "exp_month": 11, "exp_year": 2026, "country": "DE", "funding": "credit"}}],
"subscriptions": [
  {"id": "sub_Northwind", "customer": "cus_Northwind", "status": "past_due", "currency": "eur", "start_date": "-700d", "created": "-700d",
   "billing_cycle_anchor": "-700d", "latest_invoice": "in_Northwind7", "default_payment_method": "pm_Northwind",
   "items": [{"id": "si_Northwind1", "quantity": 1, "price": "price_EnterpriseYear", "current_period_start": "-344d", "current_period_end": "+21d"},
             {"id": "si_Northwind2", "quantity": 5, "price": "price_TeamYear", "current_period_start": "-300d", "current_period_end": "+65d"}]},
  {"id": "sub_TinyShop", "customer": "cus_TinyShop", "status": "trialing", "currency": "jpy", "start_date": "-5d", "created": "-5d",
   "billing_cycle_anchor": "+9d", "trial_start": "-5d", "trial_end": "+9d",
   "items": [{"id": "si_TinyShop", "quantity": 1, "price": "price_StarterMonth", "current_period_start": "-5d", "current_period_end": "+9d"}]},
  {"id": "sub_AcmeOld", "customer": "cus_AcmeOld", "status": "canceled", "currency": "eur", "start_date": "-900d", "created": "-900d",
   "billing_cycle_anchor": "-900d", "canceled_at": "-310d", "ended_at": "-310d",
   "items": [{"id": "si_AcmeOld", "quantity": 2, "price": "price_TeamYear", "current_period_start": "-535d", "current_period_end": "-170d"}]},
  {"id": "sub_Acme", "customer": "cus_Acme", "status": "active", "currency": "eur", "start_date": "-300d", "created": "-300d",
   "billing_cycle_anchor": "-300d", "cancel_at_period_end": true, "cancel_at": "+65d",
   "items": [{"id": "si_Acme", "quantity": 5, "price": "price_TeamYear", "current_period_start": "-300d", "current_period_end": "+65d"}]}],
"invoices": [
  {"id": "in_Northwind6", "number": "BTN-0006", "customer": "cus_Northwind", "status": "paid", "currency": "eur", "total": 120000,
   "amount_due": 120000, "amount_paid": 120000, "amount_remaining": 0, "attempted": true, "attempt_count": 1, "created": "-300d",
   "billing_reason": "subscription_cycle", "subscription": "sub_Northwind"},
  {"id": "in_Northwind7", "number": "BTN-0007", "customer": "cus_Northwind", "status": "open", "currency": "eur", "total": 120000,
   "amount_due": 120000, "amount_paid": 0, "amount_remaining": 120000, "attempted": true, "attempt_count": 2, "created": "-6d",
   "next_payment_attempt": "+2d", "billing_reason": "subscription_cycle", "subscription": "sub_Northwind",
   "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1Baton/test_0007"},
  {"id": "in_Acme3", "number": "ACM-0003", "customer": "cus_Acme", "status": "open", "currency": "eur", "total": 24000,
   "amount_due": 24000, "amount_paid": 0, "amount_remaining": 24000, "created": "-20d", "due_date": "-6d",
   "collection_method": "send_invoice", "billing_reason": "manual",
   "hosted_invoice_url": "https://invoice.stripe.com/i/acct_1Baton/test_0003"},
  {"id": "in_TinyShop1", "number": "TIN-0001", "customer": "cus_TinyShop", "status": "paid", "currency": "jpy", "total": 4900,
   "amount_due": 4900, "amount_paid": 4900, "amount_remaining": 0, "attempted": true, "attempt_count": 1, "created": "-36d",
   "billing_reason": "subscription_create"}],
"payment_intents": [
  {"id": "pi_Northwind7", "customer": "cus_Northwind", "amount": 120000, "currency": "eur", "status": "requires_payment_method",
   "created": "-3d", "latest_charge": "ch_Northwind7b",
   "last_payment_error": {"type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
    "advice_code": "try_again_later", "message": "Your card has insufficient funds."}},
  {"id": "pi_TinyShop1", "customer": "cus_TinyShop", "amount": 4900, "currency": "jpy", "status": "succeeded", "created": "-36d",
   "amount_received": 4900, "latest_charge": "ch_TinyShop1"}],
"invoice_payments": [
  {"id": "inpay_Northwind7", "invoice": "in_Northwind7", "amount_requested": 120000, "currency": "eur", "created": "-6d",
   "payment": {"type": "payment_intent", "payment_intent": "pi_Northwind7"}}],
"charges": [
  {"id": "ch_Northwind6", "customer": "cus_Northwind", "amount": 120000, "currency": "eur", "status": "succeeded", "paid": true,
   "amount_captured": 120000, "captured": true, "created": "-300d", "receipt_url": "https://pay.stripe.com/receipts/test_0006",
   "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}}},
  {"id": "ch_Northwind7a", "customer": "cus_Northwind", "amount": 120000, "currency": "eur", "status": "failed", "created": "-6d",
   "payment_intent": "pi_Northwind7", "failure_code": "card_declined", "failure_message": "Your card has insufficient funds.",
   "outcome": {"type": "issuer_declined", "reason": "insufficient_funds", "network_status": "declined_by_network",
    "seller_message": "The bank returned the decline code `insufficient_funds`.", "risk_level": "normal"}},
  {"id": "ch_Northwind7b", "customer": "cus_Northwind", "amount": 120000, "currency": "eur", "status": "failed", "created": "-3d",
   "payment_intent": "pi_Northwind7", "failure_code": "card_declined", "failure_message": "Your card was declined.",
   "outcome": {"type": "issuer_declined", "reason": "stolen_card", "network_status": "declined_by_network",
    "seller_message": "The bank returned the decline code `stolen_card`.", "risk_level": "highest"}},
  {"id": "ch_TinyShop1", "customer": "cus_TinyShop", "amount": 4900, "currency": "jpy", "status": "succeeded", "paid": true,
   "amount_captured": 4900, "captured": true, "created": "-36d", "payment_intent": "pi_TinyShop1", "disputed": true},
  {"id": "ch_Acme2", "customer": "cus_Acme", "amount": 24000, "currency": "eur", "status": "succeeded", "paid": true,
   "amount_captured": 24000, "captured": true, "created": "-50d", "refunded": true, "amount_refunded": 24000}],
"disputes": [
  {"id": "du_TinyShop1", "charge": "ch_TinyShop1", "payment_intent": "pi_TinyShop1", "amount": 4900, "currency": "jpy",
   "reason": "product_not_received", "status": "needs_response", "created": "-4d",
   "evidence_details": {"due_by": "+6d", "has_evidence": false, "past_due": false, "submission_count": 0}}]
})";

// Without a value where the vendor may have none, so that a reader of ours meets the nulls that a real one
// meets.
constexpr std::string_view kBlank = R"({
"customer": {"address": null, "balance": 0, "currency": null, "default_source": null, "delinquent": false, "description": null,
 "discount": null, "email": null, "invoice_settings": {"custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null},
 "name": null, "phone": null, "preferred_locales": [], "shipping": null, "tax_exempt": "none", "test_clock": null},
"subscription": {"automatic_tax": {"enabled": false, "disabled_reason": null, "liability": null}, "billing_mode": {"type": "flexible"}, "billing_schedules": [],
 "cancel_at_period_end": false, "collection_method": "charge_automatically", "discounts": [],
 "invoice_settings": {"account_tax_ids": null, "issuer": {"type": "self"}}, "application": null, "application_fee_percent": null,
 "billing_cycle_anchor_config": null, "billing_thresholds": null, "cancel_at": null, "canceled_at": null, "cancellation_details": null,
 "customer_account": null, "days_until_due": null, "default_payment_method": null, "default_source": null, "description": null,
 "ended_at": null, "latest_invoice": null, "managed_payments": null, "next_pending_invoice_item_invoice": null, "on_behalf_of": null,
 "pause_collection": null, "payment_settings": null, "pending_invoice_item_interval": null, "pending_setup_intent": null,
 "pending_update": null, "schedule": null, "test_clock": null, "transfer_data": null, "trial_end": null, "trial_settings": null, "trial_start": null},
"subscription_item": {"billing_thresholds": null, "tax_rates": null, "discounts": [], "metadata": {}},
"invoice": {"account_country": "DE", "account_name": "Baton demo", "account_tax_ids": null, "amount_due": 0, "amount_overpaid": 0, "amount_paid": 0,
 "amount_remaining": 0, "amount_shipping": 0, "application": null, "attempt_count": 0, "attempted": false,
 "automatic_tax": {"enabled": false, "disabled_reason": null, "liability": null, "provider": null, "status": null},
 "automatically_finalizes_at": null, "billing_reason": null, "collection_method": "charge_automatically", "currency": "eur",
 "custom_fields": null, "customer": null, "customer_account": null, "customer_address": null, "customer_email": null,
 "customer_name": null, "customer_phone": null, "customer_shipping": null, "customer_tax_exempt": null, "default_payment_method": null,
 "default_source": null, "default_tax_rates": [], "description": null, "discounts": [], "due_date": null, "effective_at": null,
 "ending_balance": null, "footer": null, "from_invoice": null, "hosted_invoice_url": null, "invoice_pdf": null, "issuer": {"type": "self"},
 "last_finalization_error": null, "latest_revision": null,
 "lines": {"object": "list", "has_more": false, "url": "/v1/invoices/lines", "data": []}, "next_payment_attempt": null, "number": null,
 "on_behalf_of": null, "parent": null, "payment_settings": null, "period_end": 0, "period_start": 0,
 "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0, "receipt_number": null, "rendering": null,
 "shipping_cost": null, "shipping_details": null, "starting_balance": 0, "statement_descriptor": null, "status": "draft",
 "status_transitions": {"finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null}, "subtotal": 0,
 "subtotal_excluding_tax": null, "test_clock": null, "total": 0, "total_discount_amounts": null, "total_excluding_tax": null,
 "total_pretax_credit_amounts": null, "total_taxes": null, "webhooks_delivered_at": null},
"invoice_payment": {"amount_paid": null, "amount_requested": 0, "currency": "eur", "is_default": true, "payment": {"type": "payment_intent"},
 "status": "open", "status_transitions": {"canceled_at": null, "paid_at": null}},
"payment_intent": {"amount_capturable": 0, "amount_received": 0, "capture_method": "automatic", "confirmation_method": "automatic",
 "currency": "eur", "payment_method_types": ["card"], "application": null, "application_fee_amount": null, "automatic_payment_methods": null,
 "canceled_at": null, "cancellation_reason": null, "client_secret": null, "customer": null, "customer_account": null, "description": null,
 "excluded_payment_method_types": null, "last_payment_error": null, "latest_charge": null, "managed_payments": null, "next_action": null,
 "on_behalf_of": null, "payment_method": null, "payment_method_configuration_details": null, "payment_method_options": null,
 "processing": null, "receipt_email": null, "review": null, "setup_future_usage": null, "shipping": null, "source": null,
 "statement_descriptor": null, "statement_descriptor_suffix": null, "transfer_group": null},
"charge": {"amount_captured": 0, "amount_refunded": 0, "billing_details": {"address": null, "email": null, "name": null, "phone": null, "tax_id": null},
 "captured": false, "currency": "eur", "disputed": false, "paid": false, "refunded": false, "application": null, "application_fee": null,
 "application_fee_amount": null, "balance_transaction": null, "calculated_statement_descriptor": null, "customer": null, "description": null,
 "failure_balance_transaction": null, "failure_code": null, "failure_message": null, "fraud_details": null, "on_behalf_of": null,
 "outcome": null, "payment_intent": null, "payment_method": null, "payment_method_details": null, "receipt_email": null,
 "receipt_number": null, "receipt_url": null, "review": null, "shipping": null, "source": null, "source_transfer": null,
 "statement_descriptor": null, "statement_descriptor_suffix": null, "transfer_data": null, "transfer_group": null},
"dispute": {"balance_transactions": [], "enhanced_eligibility_types": [], "evidence": null, "is_charge_refundable": false, "payment_intent": null},
"product": {"active": true, "images": [], "marketing_features": [], "type": "service", "updated": 0, "description": null,
 "package_dimensions": null, "shippable": null, "url": null},
"price": {"active": true, "billing_scheme": "per_unit", "type": "recurring", "custom_unit_amount": null, "lookup_key": null, "nickname": null,
 "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null, "unit_amount": null, "unit_amount_decimal": null},
"payment_method": {"billing_details": {"address": null, "email": null, "name": null, "phone": null, "tax_id": null}, "customer_account": null}
})";

void resolve_times(json& value, TimePoint now) {
  if (value.is_structured()) {
    for (auto& inner : value) resolve_times(inner, now);
  } else if (value.is_string()) {
    if (const auto at = relative_time(value.get<std::string>(), now)) value = *at;
  }
}

}  // namespace

std::optional<long long> relative_time(std::string_view text, TimePoint now) {
  if (text.size() < 3 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const char unit = text.back();
  if (unit != 'd' && unit != 'h') return std::nullopt;
  int count = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size() - 1, count);
  if (error != std::errc() || end != text.data() + text.size() - 1) return std::nullopt;
  const auto span = std::chrono::hours(unit == 'd' ? 24 * count : count);
  return simulation::epoch_seconds(text[0] == '-' ? now - span : now + span);
}

json blank(std::string_view object) {
  static const json& all = *new json(json::parse(kBlank));  // lives as long as the program: no destructor
  json doc = {{"object", object}, {"livemode", false}, {"metadata", json::object()}};
  if (const auto* fields = JsonView(all)[object].raw()) doc.update(*fields);
  return doc;
}

void Account::seed(TimePoint now) {
  if (std::exchange(seeded_, true)) return;
  auto all = simulation::seed_of(setup_, kSeed);
  resolve_times(all, now);
  const auto made = now - std::chrono::days(60);  // old enough for search to know all of it
  for (const auto* plural : {"products", "prices", "customers", "payment_methods", "subscriptions",
                             "invoices", "payment_intents", "invoice_payments", "charges", "disputes"}) {
    for (auto fields : all.value(plural, json::array())) {
      if (const auto of = JsonView(fields)["subscription"].text(); !of.empty()) {
        fields["parent"] = {{"type", "subscription_details"},
                            {"quote_details", nullptr},
                            {"subscription_details", {{"subscription", of}, {"metadata", json::object()}}}};
      }
      fields.erase("subscription");
      if (fields.contains("items")) {
        json items = json::array();
        for (const auto& item : fields["items"]) {
          auto whole = blank("subscription_item");
          whole.update(item);
          whole["created"] = fields["created"];
          whole["subscription"] = fields["id"];
          if (const auto* price = find(JsonView(item)["price"].text())) whole["price"] = price->doc;
          whole["plan"] = {{"id", item["price"]}, {"object", "plan"}};
          whole.erase("livemode");
          items.push_back(std::move(whole));
        }
        fields["items"] = {
            {"object", "list"}, {"has_more", false}, {"url", "/v1/subscription_items"}, {"data", items}};
      }
      add(*find_plural(plural), std::move(fields), made);
    }
  }
}

}  // namespace baton::stripe::simulated
