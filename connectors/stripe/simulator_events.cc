// What happens at Stripe, and the signed events that follow (fact sheet, section 7).
#include <algorithm>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "connectors/stripe/simulator.h"
#include "gateway/base/text.h"

namespace baton::stripe::simulated {
namespace {

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "stripe: " + std::move(why)); }

using Outbounds = std::vector<simulation::Outbound>;

// The fields of a deed that belong to the object.
json fields_of(const json& with, std::initializer_list<const char*> not_these) {
  auto fields = with.is_object() ? with : json::object();
  for (const auto* name : not_these) fields.erase(name);
  return fields;
}

}  // namespace

std::string signature_header(std::string_view secret, std::string_view old_secret, TimePoint at,
                             std::string_view body) {
  const auto t = std::to_string(simulation::epoch_seconds(at));
  const auto mac = [&](std::string_view key) { return to_hex(simulation::hmac_sha256(key, {t, ".", body})); };
  auto value = fmt::format("t={},v1={}", t, mac(secret));
  if (!old_secret.empty()) value += ",v1=" + mac(old_secret);
  return value;
}

simulation::Outbound Account::deliver(const json& envelope, TimePoint now) {
  tally_.effect("webhooks_sent");
  const auto body = simulation::dump(envelope);
  const auto secret = simulation::text_of(setup_, "webhook_secret", "whsec_baton_test_secret_0001");
  const auto old_secret = simulation::text_of(setup_, "webhook_secret_old", "");
  // Events of a sandbox bear a v0 as well, of another key, at which nobody may look.
  const std::string v0 = simulation::flag_of(setup_, "v0", true) ? ",v0=" + to_hex("v0 is no proof") : "";
  const auto signed_at = [body, secret, old_secret, v0](int, TimePoint at) {
    Headers headers = {{"content-type", "application/json; charset=utf-8"},
                       {"user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"},
                       {"stripe-signature", signature_header(secret, old_secret, at, body) + v0}};
    return Request("POST", "", body, std::move(headers));
  };
  simulation::Outbound outbound(signed_at(1, now));
  outbound.attempts = 3;  // of a sandbox
  outbound.again = signed_at;
  return outbound;
}

simulation::Outbound Account::event(std::string_view type, const json& doc, json previous, TimePoint now) {
  const auto version = simulation::text_of(setup_, "endpoint_version", "2024-09-30.acacia");
  json data = {{"object", in_version(doc, version)}};
  if (!previous.is_null()) data["previous_attributes"] = std::move(previous);
  const auto id = fmt::format("evt_{:06}Baton{:08x}", events_.size() + 1, random_.bits() >> 32);
  const json envelope = {{"id", id},
                         {"object", "event"},
                         {"api_version", version},
                         {"created", simulation::epoch_seconds(now)},
                         {"data", std::move(data)},
                         {"livemode", false},
                         {"pending_webhooks", 1},
                         {"request", {{"id", nullptr}, {"idempotency_key", nullptr}}},
                         {"type", type}};
  events_[id] = envelope;
  return deliver(envelope, now);
}

// --- objects

std::string Account::make_id(std::string_view prefix) {
  return fmt::format("{}{:016x}", prefix, random_.bits());
}

Object* Account::get(std::string_view id) {
  const auto found = objects_.find(id);
  return found == objects_.end() || found->second.deleted ? nullptr : &found->second;
}

Object* Account::find_customer(std::string_view who) {
  if (auto* object = get(who)) return object;
  for (const auto* object : newest_first(*find_kind("customer"))) {
    const auto email = JsonView(object->doc)["email"].text();
    if (!email.empty() && equals_ignoring_case(email, who)) return get(JsonView(object->doc)["id"].text());
  }
  return nullptr;
}

Object& Account::add(const Kind& kind, json fields, TimePoint now) {
  auto doc = blank(kind.object);
  doc["created"] = simulation::epoch_seconds(now);
  doc.update(fields);
  if (!doc.contains("id")) doc["id"] = make_id(kind.prefix);
  const auto id = doc["id"].get<std::string>();
  order_.push_back(id);
  auto& object = objects_[id];
  object.doc = std::move(doc);
  object.history.emplace_back(now, object.doc);
  return object;
}

void Account::change(Object& object, const json& fields, TimePoint now) {
  object.doc.update(fields);
  object.history.emplace_back(now, object.doc);
}

// --- deeds

void Account::fail_payment(Object& customer, JsonView with, TimePoint now, Outbounds& out) {
  const auto who = customer.doc["id"];
  const auto code = with["code"].text("card_declined"),
             reason = with["decline_code"].text("insufficient_funds");
  Object* invoice = nullptr;
  for (const auto* one : newest_first(*find_kind("invoice"))) {
    if (one->doc["customer"] == who && one->doc["status"] == "open") {
      invoice = get(one->doc["id"].get<std::string>());
      break;
    }
  }
  if (!invoice) {
    invoice = &add(*find_kind("invoice"),
                   {{"customer", who},
                    {"status", "open"},
                    {"amount_due", 24000},
                    {"amount_remaining", 24000},
                    {"total", 24000},
                    {"number", "BTN-" + std::to_string(1000 + order_.size())}},
                   now);
  }
  const auto amount = invoice->doc["amount_remaining"], currency = invoice->doc["currency"];
  json error = {{"type", "card_error"},
                {"code", code},
                {"decline_code", reason},
                {"message", "Your card was declined."},
                {"advice_code", "try_again_later"}};
  auto& intent = add(*find_kind("payment_intent"),
                     {{"customer", who},
                      {"amount", amount},
                      {"currency", currency},
                      {"status", "requires_payment_method"},
                      {"last_payment_error", error}},
                     now);
  const auto& charge = add(*find_kind("charge"),
                           {{"customer", who},
                            {"amount", amount},
                            {"currency", currency},
                            {"status", "failed"},
                            {"payment_intent", intent.doc["id"]},
                            {"failure_code", code},
                            {"failure_message", "Your card was declined."},
                            {"outcome",
                             {{"type", "issuer_declined"},
                              {"reason", reason},
                              {"network_status", "declined_by_network"},
                              {"seller_message", "The bank returned the decline code `" + reason + "`."}}}},
                           now);
  add(*find_kind("invoice_payment"),
      {{"invoice", invoice->doc["id"]},
       {"amount_requested", amount},
       {"currency", currency},
       {"payment", {{"type", "payment_intent"}, {"payment_intent", intent.doc["id"]}}}},
      now);
  change(intent, {{"latest_charge", charge.doc["id"]}}, now);
  const auto tries = JsonView(invoice->doc)["attempt_count"].integer().value_or(0);
  change(*invoice,
         {{"attempted", true},
          {"attempt_count", tries + 1},
          {"next_payment_attempt", simulation::epoch_seconds(now + 72h)}},
         now);
  change(customer, {{"delinquent", true}}, now);
  out.push_back(event("charge.failed", charge.doc, nullptr, now));
  out.push_back(event("payment_intent.payment_failed", intent.doc, nullptr, now));
  out.push_back(event("invoice.payment_failed", invoice->doc, nullptr, now));
  const auto of = JsonView(invoice->doc).at_path("parent.subscription_details.subscription").text();
  if (auto* subscription = get(of)) {
    const json before = {{"status", subscription->doc["status"]}};
    change(*subscription, {{"status", "past_due"}}, now);
    out.push_back(event("customer.subscription.updated", subscription->doc, before, now));
  }
}

// A payment that asks for 3-D Secure and gets no further: there is no charge [3.4].
void Account::leave_payment(const Object& customer, JsonView with, TimePoint now, Outbounds& out) {
  const bool failed = with["failed"].boolean() == true;
  auto* invoice = get(with["invoice"].text());
  const json amount =
      invoice ? invoice->doc["amount_remaining"] : json(with["amount"].integer().value_or(4900));
  json fields = {{"customer", customer.doc["id"]},
                 {"amount", amount},
                 {"currency", customer.doc["currency"].is_string() ? customer.doc["currency"] : json("eur")},
                 {"status", failed ? "requires_payment_method" : "requires_action"}};
  if (failed) {
    fields["last_payment_error"] = {{"type", "invalid_request_error"},
                                    {"code", "payment_intent_authentication_failure"},
                                    {"message", "The provided payment method has failed authentication."}};
  } else {
    fields["next_action"] = {{"type", "use_stripe_sdk"}, {"use_stripe_sdk", json::object()}};
  }
  const auto intent = add(*find_kind("payment_intent"), std::move(fields), now).doc;
  if (failed) out.push_back(event("payment_intent.payment_failed", intent, nullptr, now));
  if (!invoice) return;
  add(*find_kind("invoice_payment"),
      {{"invoice", invoice->doc["id"]},
       {"amount_requested", amount},
       {"currency", intent["currency"]},
       {"payment", {{"type", "payment_intent"}, {"payment_intent", intent["id"]}}}},
      now);
  const auto tries = JsonView(invoice->doc)["attempt_count"].integer().value_or(0);
  change(*invoice, {{"attempted", true}, {"attempt_count", tries + 1}}, now);
  out.push_back(event(failed ? "invoice.payment_failed" : "invoice.payment_action_required", invoice->doc,
                      nullptr, now));
}

void Account::pay_invoice(Object& invoice, TimePoint now, Outbounds& out) {
  const auto due = invoice.doc["amount_due"];
  add(*find_kind("charge"),
      {{"customer", invoice.doc["customer"]},
       {"amount", due},
       {"currency", invoice.doc["currency"]},
       {"status", "succeeded"},
       {"paid", true},
       {"amount_captured", due},
       {"captured", true}},
      now);
  change(
      invoice,
      {{"status", "paid"}, {"amount_paid", due}, {"amount_remaining", 0}, {"next_payment_attempt", nullptr}},
      now);
  out.push_back(event("invoice.paid", invoice.doc, nullptr, now));
}

void Account::open_dispute(Object& charge, JsonView with, TimePoint now, Outbounds& out) {
  change(charge, {{"disputed", true}}, now);
  const auto& dispute = add(*find_kind("dispute"),
                            {{"charge", charge.doc["id"]},
                             {"payment_intent", charge.doc["payment_intent"]},
                             {"amount", charge.doc["amount"]},
                             {"currency", charge.doc["currency"]},
                             {"reason", with["reason"].text("product_not_received")},
                             {"status", "needs_response"},
                             {"evidence_details",
                              {{"due_by", simulation::epoch_seconds(now + 24h * 10)},
                               {"has_evidence", false},
                               {"past_due", false},
                               {"submission_count", 0}}}},
                            now);
  out.push_back(event("charge.dispute.created", dispute.doc, nullptr, now));
}

Result<Outbounds> Account::act(const simulation::Deed& deed, TimePoint now) {
  seed(now);
  const JsonView with(deed.with);
  Outbounds out;
  if (deed.what == "take_key") {
    key_taken_ = true;
  } else if (deed.what == "thin") {
    out.push_back(deliver({{"id", make_id("evt_")},
                           {"object", "v2.core.event"},
                           {"type", "v2.core.account.updated"},
                           {"livemode", false},
                           {"created", simulation::iso_millis(now)}},
                          now));
  } else if (deed.what == "resend") {
    const auto found = events_.find(with["event"].text());
    if (found == events_.end()) return cannot("no such event");
    out.push_back(deliver(found->second, now));
  } else if (deed.what == "add_customer") {
    out.push_back(event("customer.created", add(*find_kind("customer"), fields_of(deed.with, {}), now).doc,
                        nullptr, now));
  } else if (deed.what.ends_with("_customer") || deed.what.ends_with("_payment")) {
    auto* customer = find_customer(with["customer"].text());
    if (!customer) return cannot("no such customer");
    if (deed.what == "fail_payment") {
      fail_payment(*customer, with, now, out);
    } else if (deed.what == "leave_payment") {
      leave_payment(*customer, with, now, out);
    } else if (deed.what == "change_customer") {
      change(*customer, fields_of(deed.with, {"customer"}), now);
      out.push_back(event("customer.updated", customer->doc, nullptr, now));
    } else {
      customer->deleted = true;
      out.push_back(event("customer.deleted", customer->doc, nullptr, now));
    }
  } else if (deed.what == "pay_invoice") {
    auto* invoice = get(with["invoice"].text());
    if (!invoice) return cannot("no such invoice");
    pay_invoice(*invoice, now, out);
  } else if (deed.what == "dispute") {
    auto* charge = get(with["charge"].text());
    if (!charge) return cannot("no such charge");
    open_dispute(*charge, with, now, out);
  } else if (deed.what == "close_dispute" || deed.what == "change_subscription") {
    const bool closes = deed.what == "close_dispute";
    auto* object = get(with[closes ? "dispute" : "subscription"].text());
    if (!object) return cannot("no such object");
    if (closes) {
      change(*object, {{"status", with["status"].text("won")}}, now);
    } else {
      change(*object, fields_of(deed.with, {"subscription"}), now);
    }
    const auto* type = closes                                ? "charge.dispute.closed"
                       : object->doc["status"] == "canceled" ? "customer.subscription.deleted"
                                                             : "customer.subscription.updated";
    out.push_back(event(type, object->doc, nullptr, now));
  } else {
    return cannot("no such deed: " + deed.what);
  }
  return out;
}

}  // namespace baton::stripe::simulated
