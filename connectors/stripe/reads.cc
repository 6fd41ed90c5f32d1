#include "connectors/stripe/reads.h"

#include <algorithm>
#include <utility>

#include "gateway/base/text.h"

namespace baton::stripe {
namespace {

constexpr auto kVersion = "2026-10-28.endive";

std::int64_t created(const nlohmann::json& object) {
  return JsonView(object)["created"].integer().value_or(0);
}

}  // namespace

Paths::Paths(const sdk::Settings& settings) : headers_{{"stripe-version", kVersion}} {
  if (const auto account = settings["account"]; !account.empty())
    headers_["stripe-account"] = std::string(account);
}

sdk::Read Paths::get(std::string target) const { return sdk::Read::get(std::move(target), headers_); }

sdk::Read Paths::customer(std::string_view id) const { return get("/v1/customers/" + percent_encode(id)); }

sdk::Read Paths::customers_by_email(std::string_view email) const {
  return get("/v1/customers?limit=10&email=" + percent_encode(email));
}

sdk::Read Paths::search_customers(std::string_view email) const {
  std::string quoted;
  for (const char c : email) (quoted += c == '\'' ? "\\" : "") += c;
  return get("/v1/customers/search?limit=10&query=" + percent_encode("email:'" + quoted + "'"));
}

sdk::Read Paths::any_customer() const { return any("customers"); }

sdk::Read Paths::subscriptions(std::string_view customer, int limit) const {
  return get("/v1/subscriptions?customer=" + percent_encode(customer) +
             "&status=all&limit=" + std::to_string(limit));
}

// With the payments, which alone say by which payment intent an invoice is paid (section 1). They go by the
// invoices' own permission.
sdk::Read Paths::open_invoices(std::string_view customer) const {
  return get("/v1/invoices?customer=" + percent_encode(customer) +
             "&status=open&limit=10&expand%5B%5D=data.payments");
}

sdk::Read Paths::charges(std::string_view customer) const {
  return get("/v1/charges?customer=" + percent_encode(customer) + "&limit=20");
}

// There is no filter by status (section 3.4).
sdk::Read Paths::payment_intents(std::string_view customer) const {
  return get("/v1/payment_intents?customer=" + percent_encode(customer) + "&limit=20");
}

// There is no filter by customer (section 3.5).
sdk::Read Paths::disputes(std::string_view charge) const {
  return get("/v1/disputes?charge=" + percent_encode(charge) + "&limit=10");
}

sdk::Read Paths::product(std::string_view id) const { return get("/v1/products/" + percent_encode(id)); }

sdk::Read Paths::any(std::string_view list) const { return get("/v1/" + std::string(list) + "?limit=1"); }

bool is_id(std::string_view text, std::string_view prefix) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return text.size() > prefix.size() && text.size() <= 255 && text.starts_with(prefix) &&
         std::ranges::all_of(text, plain);
}

Result<nlohmann::json> read_object(const Reply& reply, std::string_view what) {
  auto body = parse_json(reply.body, FailureKind::retryable, what);
  if (!body) return body.error();
  if (!body->is_object() || JsonView(*body)["id"].text().empty()) {
    return Failure(FailureKind::retryable, "Stripe's answer is no " + std::string(what));
  }
  return body;
}

Result<std::vector<nlohmann::json>> read_list(const Reply& reply, std::string_view what) {
  const auto body = parse_json(reply.body, FailureKind::retryable, what);
  if (!body) return body.error();
  const auto data = JsonView(*body)["data"].list();
  if (!data)
    return Failure(FailureKind::retryable, "Stripe's answer carries no list of " + std::string(what));
  std::vector<nlohmann::json> objects;
  for (const auto& object : *data) {
    if (object.object()) objects.push_back(*object.raw());
  }
  return objects;
}

std::vector<nlohmann::json> with_email(std::vector<nlohmann::json> customers, std::string_view email) {
  std::erase_if(customers, [&](const nlohmann::json& customer) {
    const JsonView view(customer);
    return view["deleted"].boolean() == true || !is_id(view["id"].text(), "cus_") ||
           !equals_ignoring_case(view["email"].text(), email);
  });
  std::ranges::sort(customers, [](const auto& a, const auto& b) {
    return created(a) != created(b) ? created(a) > created(b)
                                    : JsonView(a)["id"].text() < JsonView(b)["id"].text();
  });
  return customers;
}

bool is_searchable(std::string_view email) {
  return email.find('\\') == std::string_view::npos &&
         std::ranges::all_of(email, [](char c) { return static_cast<unsigned char>(c) >= 0x20; });
}

}  // namespace baton::stripe
