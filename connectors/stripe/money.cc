#include "connectors/stripe/money.h"

#include <algorithm>
#include <array>

#include "connectors/stripe/amounts.h"
#include "connectors/stripe/reasons.h"
#include "connectors/stripe/reads.h"
#include "gateway/base/date.h"
#include "gateway/base/text.h"

namespace baton::stripe {
namespace {

using nlohmann::json;

constexpr std::size_t kMostPlans = 4, kMostPayments = 5, kMostProducts = 2;

void put(json& to, const char* key, std::string_view text) {
  constexpr std::size_t kLongest = 200;
  if (!text.empty()) to[key] = clip_utf8(text, kLongest);
}

void put_money(json& to, JsonView amount, const std::string& currency) {
  if (const auto value = amount_of(amount, currency)) {
    to["amount"] = *value;
    put(to, "currency", to_upper_code(currency));
  }
}

// A pattern from general use (section 8).
std::string link(const json& customer, std::string_view path, std::string_view id) {
  const bool test = JsonView(customer)["livemode"].boolean() == false;
  return "https://dashboard.stripe.com/" + std::string(test ? "test/" : "") + std::string(path) + "/" +
         std::string(id);
}

std::vector<JsonView> items_of(const json& subscription) {
  return items(JsonView(subscription)["items"]["data"]);
}

// An id, or the object where somebody expanded it.
std::string product_of(JsonView item) {
  const auto product = item["price"]["product"];
  return product.object() ? product["id"].text() : product.text();
}

// The most worrying first: a subscription that lives is one of these.
constexpr auto kLiving =
    std::to_array<std::string_view>({"unpaid", "past_due", "paused", "trialing", "active"});

bool is_living(const json& subscription) {
  return std::ranges::find(kLiving, JsonView(subscription)["status"].text()) != kLiving.end();
}

bool will_end(JsonView subscription) {
  return subscription["cancel_at_period_end"].boolean() == true || time_of(subscription["cancel_at"]);
}

// --- subscriptions

std::string plan_of(JsonView item, const Records& records) {
  const auto product = product_of(item);
  const auto known = records.products.find(product);
  const auto nickname = item["price"]["nickname"].text();
  auto plan = known == records.products.end() ? nickname : known->second;
  if (plan.empty()) plan = product;
  if (!nickname.empty() && plan.find(nickname) == std::string::npos) plan += " (" + nickname + ")";
  const auto quantity = item["quantity"].integer().value_or(1);
  return quantity > 1 ? plan + " x" + std::to_string(quantity) : plan;
}

std::optional<TimePoint> period_end(const json& subscription) {
  std::optional<TimePoint> earliest;
  for (const auto& item : items_of(subscription)) {
    const auto end = time_of(item["current_period_end"]);
    if (end && (!earliest || *end < *earliest)) earliest = end;
  }
  return earliest;
}

std::string status_of(const Objects& subscriptions) {
  for (const auto status : kLiving) {
    for (const auto& one : subscriptions) {
      if (JsonView(one)["status"].text() == status) return std::string(status);
    }
  }
  return subscriptions.empty() ? ""
                               : JsonView(subscriptions.front())["status"].text();  // the newest that was
}

void add_plan(const Records& records, json& money) {
  std::vector<std::string> plans;
  std::optional<TimePoint> renews, ends;
  std::string currency;
  for (const auto& one : records.subscriptions) {
    if (!is_living(one)) continue;
    for (const auto& item : items_of(one)) {
      auto plan = plan_of(item, records);
      if (!plan.empty() && plans.size() < kMostPlans) plans.push_back(std::move(plan));
    }
    const JsonView view(one);
    if (currency.empty()) currency = view["currency"].text();
    const auto period = period_end(one), cancels = time_of(view["cancel_at"]);
    auto& end = will_end(view) ? ends : renews;
    const auto at = will_end(view) && cancels ? cancels : period;
    if (at && (!end || *at < *end)) end = at;
  }
  put(money, "plan", join(plans, ", "));
  put(money, "status", status_of(records.subscriptions));
  if (currency.empty()) currency = JsonView(records.customer)["currency"].text();
  put(money, "currency", to_upper_code(currency));
  if (renews) money["renews_at"] = to_rfc3339(*renews);
  if (ends) money["ends_at"] = to_rfc3339(*ends);
  // Less than nothing is credit for the customer.
  const auto own = JsonView(records.customer)["currency"].text();
  if (const auto balance = amount_of(JsonView(records.customer)["balance"], own)) money["balance"] = *balance;
}

// --- what is over: a brief tells of present trouble

// An id, or the object where somebody expanded it.
std::string id_at(JsonView reference) { return reference.text(reference["id"].text()); }

bool is_long_ago(JsonView object, const Records& records) {
  constexpr auto kPresent = std::chrono::days(30);
  const auto at = time_of(object["created"]);
  return at && records.now && *at + kPresent < *records.now;
}

// Whether somebody still owes what this intent was to pay.
bool is_owed(const std::string& intent, const Records& records) {
  return !intent.empty() && std::ranges::any_of(records.invoices, [&](const json& invoice) {
    return std::ranges::any_of(items(JsonView(invoice)["payments"]["data"]), [&](JsonView payment) {
      return id_at(payment["payment"]["payment_intent"]) == intent;
    });
  });
}

// Of several tries at one payment a later one went through.
bool was_recovered(JsonView charge, const Records& records) {
  const auto intent = id_at(charge["payment_intent"]);
  if (intent.empty()) return false;
  const auto succeeded = [](const json& one) { return JsonView(one)["status"].text() == "succeeded"; };
  return std::ranges::any_of(records.charges,
                             [&](const json& one) {
                               return succeeded(one) && id_at(JsonView(one)["payment_intent"]) == intent;
                             }) ||
         std::ranges::any_of(records.intents, [&](const json& one) {
           return succeeded(one) && JsonView(one)["id"].text() == intent;
         });
}

bool is_present(JsonView object, const std::string& intent, const Records& records) {
  return !is_long_ago(object, records) || is_owed(intent, records);
}

// --- payment intents: those that never became a charge (section 3.4)

// Why it did not go through, and what the customer can do.
void put_trouble(json& to, const json& intent) {
  const JsonView view(intent);
  const auto error = view["last_payment_error"];
  put(to, "code", shown_code(error["code"].text()));
  put(to, "decline_code", shown_code(error["decline_code"].text()));
  put(to, "reason", reason_of_intent(view));
  put(to, "customer_can", remedy_of_intent(view));
}

bool is_missing(const Records& records, std::string_view part) {
  return std::ranges::any_of(records.missing, [part](const Missing& one) { return one.part == part; });
}

// A failed charge of this payment tells the same; a step that is open is another matter.
bool is_told_by_charge(const json& intent, const Records& records) {
  const JsonView view(intent);
  if (view["status"].text() == "requires_action") return false;
  if (!view["latest_charge"].null() && !view["latest_charge"].missing())
    return !is_missing(records, "charges");
  return std::ranges::any_of(records.charges, [&](const json& charge) {
    return !view["id"].text().empty() && id_at(JsonView(charge)["payment_intent"]) == view["id"].text();
  });
}

bool is_news(const json& intent, const Records& records) {
  return waits_for_customer(JsonView(intent)) && !is_told_by_charge(intent, records);
}

// The intent by which this invoice is paid, where that one is in trouble.
const json* trouble_of_invoice(JsonView invoice, const Records& records) {
  for (const auto& payment : items(invoice["payments"]["data"])) {
    const auto id = id_at(payment["payment"]["payment_intent"]);
    const auto found = std::ranges::find_if(records.intents, [&](const json& one) {
      return !id.empty() && JsonView(one)["id"].text() == id && is_news(one, records);
    });
    if (found != records.intents.end()) return &*found;
  }
  return nullptr;
}

json payment_json(JsonView payment, std::string_view status, const Records& records) {
  const auto id = payment["id"].text();
  json made = json::object();
  put(made, "id", id);
  put_money(made, payment["amount"], payment["currency"].text());
  put(made, "at", rfc3339_of(payment["created"]));
  put(made, "status", status);
  put(made, "url", link(records.customer, "payments", id));
  return made;
}

json intent_json(const json& intent, const Records& records) {
  const JsonView view(intent);
  auto made = payment_json(view, view["status"].text(), records);
  put_trouble(made, intent);
  return made;
}

// One that an open invoice tells of is told there.
void add_unfinished(const Records& records, json& money) {
  json unfinished = json::array();
  for (const auto& intent : records.intents) {
    const bool is_of_invoice = std::ranges::any_of(records.invoices, [&](const json& invoice) {
      return trouble_of_invoice(JsonView(invoice), records) == &intent;
    });
    if (is_of_invoice || !is_news(intent, records) || unfinished.size() == kMostPayments) continue;
    if (!is_present(JsonView(intent), JsonView(intent)["id"].text(), records)) continue;
    auto made = intent_json(intent, records);
    if (made.contains("amount")) unfinished.push_back(std::move(made));
  }
  if (!unfinished.empty()) money["unfinished_payments"] = std::move(unfinished);
}

// --- invoices: there is no status "past due" (section 3.3)

bool is_overdue(JsonView invoice, std::optional<TimePoint> now) {
  const auto due = time_of(invoice["due_date"]);
  if (due && now && *due < *now) return true;
  return invoice["attempted"].boolean() == true && invoice["attempt_count"].integer().value_or(0) > 0 &&
         invoice["amount_remaining"].integer().value_or(0) > 0;
}

// The page where the customer pays opens for whoever has its address, so the link is the Dashboard's.
json invoice_json(const json& invoice, const Records& records) {
  const JsonView view(invoice);
  const auto id = view["id"].text();
  json made = {{"overdue", is_overdue(view, records.now)}};
  put(made, "id", id);
  put(made, "number", view["number"].text());
  put_money(made, view["amount_remaining"], view["currency"].text());
  put(made, "due", rfc3339_of(view["due_date"]));
  put(made, "next_try", rfc3339_of(view["next_payment_attempt"]));
  if (const auto tries = view["attempt_count"].integer(); tries && *tries > 0) made["tries"] = *tries;
  if (const auto* intent = trouble_of_invoice(view, records)) put_trouble(made, *intent);
  put(made, "url", link(records.customer, "invoices", id));
  return made;
}

// --- charges

json charge_json(const json& charge, const Records& records) {
  const JsonView view(charge);
  const bool refunded = view["refunded"].boolean() == true;
  const auto status = refunded                             ? "refunded"
                      : view["disputed"].boolean() == true ? "disputed"
                                                           : view["status"].text();
  return payment_json(view, status, records);
}

void add_charges(const Records& records, json& money) {
  for (const auto& charge : records.charges) {
    const JsonView view(charge);
    const auto status = view["status"].text();
    auto made = charge_json(charge, records);
    if (status == "failed") {
      if (was_recovered(view, records) || !is_present(view, id_at(view["payment_intent"]), records)) continue;
      put(made, "reason", reason_of_charge(JsonView(charge)));
      auto& failed = money["failed_charges"];
      if (failed.size() < kMostPayments) failed.push_back(std::move(made));
    } else if (status == "succeeded") {
      auto& paid = money["last_payments"];
      if (paid.size() < kMostPayments) paid.push_back(std::move(made));
    }
  }
}

// --- disputes

bool is_open_dispute(JsonView dispute) {
  const auto status = dispute["status"].text();
  return status.ends_with("needs_response") || status.ends_with("under_review");
}

json dispute_json(const json& dispute, const Records& records) {
  const JsonView view(dispute);
  json made = json::object();
  put(made, "id", view["id"].text());
  put_money(made, view["amount"], view["currency"].text());
  if (const auto reason = view["reason"].text(); reason != "fraudulent") put(made, "reason", reason);
  put(made, "status", view["status"].text());
  put(made, "at", rfc3339_of(view["created"]));
  put(made, "due", rfc3339_of(view["evidence_details"]["due_by"]));
  put(made, "url", link(records.customer, "disputes", view["id"].text()));
  return made;
}

// --- the whole

bool is_at_risk(const Records& records) {
  const auto in_trouble = [](const json& one) {
    const auto status = JsonView(one)["status"].text();
    return status == "past_due" || status == "unpaid" || (is_living(one) && will_end(JsonView(one)));
  };
  const auto overdue = [&](const json& one) { return is_overdue(JsonView(one), records.now); };
  const auto disputes = [](const json& one) { return is_open_dispute(JsonView(one)); };
  return std::ranges::any_of(records.subscriptions, in_trouble) ||
         std::ranges::any_of(records.invoices, overdue) || std::ranges::any_of(records.disputes, disputes);
}

json missing_json(const std::vector<Missing>& missing) {
  json made = json::array();
  for (const auto& one : missing) made.push_back({{"part", one.part}, {"why", one.why}});
  return made;
}

json account_json(const Records& records, const sdk::Settings& settings) {
  const JsonView customer(records.customer);
  const auto id = customer["id"].text();
  json account = {{"at_risk", is_at_risk(records)}};
  put(account, "id", id);
  put(account, "name", customer["name"].text());
  put(account, "url", link(records.customer, "customers", id));
  // Metadata may hold anything: only the key that the operator names is taken (section 8).
  if (const auto key = settings["tier_metadata"]; !key.empty())
    put(account, "tier", customer["metadata"][key].text());
  return account;
}

}  // namespace

int rank_of(const Objects& subscriptions) {
  int rank = 0;
  for (const auto& one : subscriptions) {
    const auto status = JsonView(one)["status"].text();
    rank = std::max(rank, status == "active" || status == "trialing" ? 2 : is_living(one) ? 1 : 0);
  }
  return rank;
}

std::vector<std::string> products_of(const Objects& subscriptions) {
  std::vector<std::string> products;
  for (const auto& one : subscriptions) {
    if (!is_living(one)) continue;
    for (const auto& item : items_of(one)) {
      auto product = product_of(item);
      if (product.empty() || std::ranges::find(products, product) != products.end()) continue;
      if (products.size() < kMostProducts) products.push_back(std::move(product));
    }
  }
  return products;
}

std::vector<std::string> disputed(const Objects& charges) {
  constexpr std::size_t kMost = 4;
  std::vector<std::string> ids;
  for (const auto& charge : charges) {
    const JsonView view(charge);
    if (view["disputed"].boolean() == true && is_id(view["id"].text(), "") && ids.size() < kMost)
      ids.push_back(view["id"].text());
  }
  return ids;
}

json unknown_customer(const std::vector<Missing>& missing) {
  json context = {{"matches", 0}};
  if (!missing.empty()) context["missing"] = missing_json(missing);
  return context;
}

json make_context(const Records& records, const sdk::Settings& settings) {
  const JsonView customer(records.customer);
  json money = json::object();
  add_plan(records, money);
  add_charges(records, money);
  add_unfinished(records, money);
  for (const auto& invoice : records.invoices)
    money["open_invoices"].push_back(invoice_json(invoice, records));
  for (const auto& dispute : records.disputes) money["disputes"].push_back(dispute_json(dispute, records));
  json person = {{"role", "billing"}};
  put(person, "id", customer["id"].text());
  put(person, "name", customer["name"].text());
  put(person, "email", customer["email"].text());
  put(person, "url", link(records.customer, "customers", customer["id"].text()));
  json context = {{"account", account_json(records, settings)},
                  {"people", json::array({std::move(person)})},
                  {"money", std::move(money)},
                  {"matches", records.matches}};
  if (records.matches > 1) context["chosen"] = {{"id", customer["id"].text()}, {"why", records.why}};
  if (!records.missing.empty()) context["missing"] = missing_json(records.missing);
  return context;
}

}  // namespace baton::stripe
