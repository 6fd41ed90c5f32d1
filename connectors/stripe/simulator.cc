#include "connectors/stripe/simulator.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::stripe {
namespace simulated {
namespace {

constexpr auto kKinds = std::to_array<Kind>({
    {"customer", "customers", "cus_", "rak_customer_read"},
    {"subscription", "subscriptions", "sub_", "rak_subscription_read"},
    {"invoice", "invoices", "in_", "rak_invoice_read"},
    {"invoice_payment", "invoice_payments", "inpay_", "rak_invoice_read"},
    {"payment_intent", "payment_intents", "pi_", "rak_payment_intent_read"},
    {"charge", "charges", "ch_", "rak_charge_read"},
    {"dispute", "disputes", "du_", "rak_dispute_read"},
    {"product", "products", "prod_", "rak_product_read"},
    {"price", "prices", "price_", "rak_plan_read"},
    {"payment_method", "payment_methods", "pm_", "rak_payment_method_read"},
    {"event", "events", "evt_", "event_read"},
});

constexpr std::string_view kPermissions =
    "rak_customer_read,rak_subscription_read,rak_invoice_read,rak_payment_intent_read,rak_charge_read,"
    "rak_dispute_read,rak_product_read,rak_plan_read";

Params read_params(std::string_view target) {
  Params params;
  const auto at = target.find('?');
  if (at == std::string_view::npos) return params;
  for (const auto pair : split(target.substr(at + 1), '&')) {
    const auto equals = pair.find('=');
    auto key = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals == std::string_view::npos ? "" : pair.substr(equals + 1), true);
    if (!pair.empty() && key && value) params.emplace_back(*std::move(key), *std::move(value));
  }
  return params;
}

bool is_search(std::string_view path) { return path.ends_with("/search"); }

}  // namespace

std::span<const Kind> kinds() { return kKinds; }

const Kind* find_kind(std::string_view object) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [object](const Kind& kind) { return kind.object == object; });
  return found == kKinds.end() ? nullptr : &*found;
}

const Kind* find_plural(std::string_view plural) {
  const auto found = std::find_if(kKinds.begin(), kKinds.end(),
                                  [plural](const Kind& kind) { return kind.plural == plural; });
  return found == kKinds.end() ? nullptr : &*found;
}

std::optional<std::string> param(const Params& params, std::string_view name) {
  for (const auto& [key, value] : params) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Account::Account(const simulation::Setup& setup)
    : setup_(setup), all_(simulation::limit_of(setup, "rate_per_second", 25), 1s),
      searches_(simulation::limit_of(setup, "search_per_second", 20), 1s) {}

Reply Account::handle(const RawRequest& raw) {
  tally_.request();
  seed(raw.received_at);
  auto reply = answer(raw);
  reply.headers["request-id"] = fmt::format("req_{:014x}", random_.bits() >> 8);
  if (known_version(version_)) reply.headers["stripe-version"] = version_;
  if (reply.status >= 400) {
    const auto body = json::parse(reply.body, nullptr, false);
    const auto code = JsonView(body).at_path("error.code").text();
    tally_.refuse(code.empty() ? std::to_string(reply.status) : code);
  }
  return reply;
}

Reply Account::answer(const RawRequest& raw) {
  if (auto refused = authorise(raw)) return *std::move(refused);
  version_ = header(raw.headers, "stripe-version");
  if (version_.empty()) version_ = simulation::text_of(setup_, "default_version", "2024-09-30.acacia");
  if (!known_version(version_)) {
    return refuse(400, "Invalid Stripe API version: " + version_);
  }
  if (auto refused = over_limit(raw)) return *std::move(refused);
  if (raw.method != "GET") {
    // Whether create_preview, a POST without effect, asks for a write permission is unconfirmed: it does [2].
    return refuse(403,
                  "The provided key does not have the required permissions for this endpoint. "
                  "Having a write permission would allow this request to continue.");
  }
  return route(Call(raw, std::string(path_of(raw.target))), read_params(raw.target));
}

// --- answers [6]

Reply refuse(int status, std::string_view message, std::string_view code, std::string_view parameter,
             std::string_view type) {
  json error = {
      {"type", type}, {"message", message}, {"request_log_url", "https://dashboard.stripe.com/logs"}};
  if (!code.empty()) {
    error["code"] = code;
    error["doc_url"] = "https://stripe.com/docs/error-codes/" + std::string(code);
  }
  if (!parameter.empty()) error["param"] = parameter;
  return simulation::json_reply(status, {{"error", std::move(error)}});
}

// --- authorisation [2]

std::optional<Reply> Account::authorise(const RawRequest& raw) {
  version_.clear();
  const auto given = header(raw.headers, "authorization");
  std::string key;
  if (given.starts_with("Bearer ")) key = given.substr(7);
  if (given.starts_with("Basic ")) {
    key = from_base64(given.substr(6)).value_or("");
    if (key.ends_with(':')) key.pop_back();
  }
  if (key.empty()) {
    return refuse(401,
                  "You did not provide an API key. You need to provide your API key in the "
                  "Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').");
  }
  const auto expired = simulation::text_of(setup_, "expired_key", "");
  if (!expired.empty() && key == expired) {
    return refuse(401, "Expired API Key provided: rk_test_***", "api_key_expired");
  }
  const auto good = simulation::text_of(setup_, "key", "rk_test_baton_read"),
             old = simulation::text_of(setup_, "old_key", "");
  if ((key == good && !key_taken_) || (!old.empty() && key == old)) return std::nullopt;
  return refuse(401, "Invalid API Key provided: rk_test_***");
}

bool Account::may(std::string_view permission) const {
  const auto granted = simulation::text_of(setup_, "permissions", kPermissions);
  const auto all = split(granted, ',');
  return std::any_of(all.begin(), all.end(), [permission](auto one) { return trim(one) == permission; });
}

std::optional<Reply> Account::forbidden(std::string_view permission) const {
  if (may(permission)) return std::nullopt;
  return refuse(403, fmt::format("The provided key 'rk_test_***' does not have the required permissions for "
                                 "this endpoint on account 'acct_1Baton'. Having the '{}' permission would "
                                 "allow this request to continue.",
                                 permission));
}

// --- limits [5]

std::optional<Reply> Account::over_limit(const RawRequest& raw) {
  const auto limited = [](std::string_view reason) {
    auto reply = refuse(429,
                        "Request rate limit exceeded. Learn more about rate limits here "
                        "https://stripe.com/docs/rate-limits.",
                        "rate_limit");
    reply.headers["stripe-rate-limited-reason"] = reason;  // no Retry-After is documented
    return reply;
  };
  const auto now = raw.received_at;
  if (all_.take(now)) return limited("global-rate");
  const auto path = path_of(raw.target);
  if (is_search(path)) {
    if (searches_.take(now)) return limited("endpoint-rate");
    return std::nullopt;
  }
  const auto parts = split(path, '/');
  const auto endpoint = parts.size() > 2 ? std::string(parts[2]) : std::string();
  auto window = endpoints_.find(endpoint);
  if (window == endpoints_.end()) {
    const auto limit = simulation::limit_of(setup_, "endpoint_per_second", 25);
    window = endpoints_.emplace(endpoint, simulation::Window(limit, 1s)).first;
  }
  if (window->second.take(now)) return limited("endpoint-rate");
  return std::nullopt;
}

// --- one request

Reply Account::route(const Call& call, const Params& params) {
  const auto unknown = [&] {
    return refuse(404, fmt::format("Unrecognized request URL (GET: {}).", call.path));
  };
  if (call.path == "/v1/balance") return balance(params);
  if (const auto args = simulation::match("/v1/customers/{}/payment_methods", call.path)) {
    const auto* customer = find(args->front());
    if (!customer || customer->deleted) {
      return refuse(404, fmt::format("No such customer: '{}'", args->front()), "resource_missing",
                    "customer");
    }
    return list(*find_kind("payment_method"), params, call.path, args->front());
  }
  if (const auto args = simulation::match("/v1/{}", call.path)) {
    const auto* kind = find_plural(args->front());
    // Products, prices and payment methods have lists too, but not in what the sheet describes.
    const bool listed =
        kind && kind->object != "product" && kind->object != "price" && kind->object != "payment_method";
    return listed ? list(*kind, params, call.path, "") : unknown();
  }
  if (const auto args = simulation::match("/v1/{}/{}", call.path)) {
    const auto* kind = find_plural((*args)[0]);
    if (!kind) return unknown();
    if ((*args)[1] != "search") return show(*kind, (*args)[1], params);
    const bool searched = kind->object == "customer" || kind->object == "subscription" ||
                          kind->object == "invoice" || kind->object == "payment_intent" ||
                          kind->object == "charge";
    return searched ? search(*kind, params, call.now()) : unknown();
  }
  return unknown();
}

const Object* Account::find(std::string_view id) const {
  const auto found = objects_.find(id);
  return found == objects_.end() ? nullptr : &found->second;
}

Reply Account::show(const Kind& kind, std::string_view id, const Params& params) {
  if (auto refused = forbidden(kind.permission)) return *std::move(refused);
  for (const auto& [name, value] : params) {
    if (!name.starts_with("expand[")) {
      return refuse(400, "Received unknown parameter: " + name, "parameter_unknown", name);
    }
  }
  const auto missing = [&](std::string_view more) {
    return refuse(404, fmt::format("No such {}: '{}'{}", kind.object, id, more), "resource_missing", "id");
  };
  if (kind.object == "event") {
    const auto found = events_.find(id);
    return found == events_.end() ? missing("") : sent(found->second, params, false);
  }
  const auto* object = find(id);
  if (!object || object->doc["object"] != kind.object) return missing("");
  if (object->doc["livemode"] == true) {
    return missing(
        "; a similar object exists in live mode, but a test mode key was used to make this request.");
  }
  if (object->deleted) {
    return simulation::json_reply(200, {{"id", id}, {"object", kind.object}, {"deleted", true}});
  }
  return sent(object->doc, params, false);
}

Reply Account::balance(const Params& params) {
  if (auto refused = forbidden("balance_read")) return *std::move(refused);
  const json amount =
      json::array({{{"amount", 120000}, {"currency", "eur"}, {"source_types", {{"card", 120000}}}}});
  return sent({{"object", "balance"}, {"available", amount}, {"pending", amount}, {"livemode", false}},
              params, false);
}

Reply Account::sent(json body, const Params& params, bool is_list) {
  for (const auto& [name, path] : params) {
    if (!name.starts_with("expand[")) continue;
    if (auto refused = expand(body, path, is_list)) return *std::move(refused);
  }
  return simulation::json_reply(200, in_version(std::move(body), version_));
}

// --- what it holds

json Account::ledger() const {
  auto all = tally_.json(0);  // nothing that Baton does makes an object here
  for (const auto& kind : kinds()) all[std::string(kind.plural)] = json::array();
  for (const auto& id : order_) {
    const auto& object = objects_.at(id);
    auto entry = object.doc;
    entry["deleted"] = object.deleted;
    all[std::string(find_kind(JsonView(object.doc)["object"].text())->plural)].push_back(std::move(entry));
  }
  for (const auto& [id, event] : events_) all["events"].push_back(event);
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Account>(setup);
}

}  // namespace baton::stripe
