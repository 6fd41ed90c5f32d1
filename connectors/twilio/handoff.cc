#include "connectors/twilio/handoff.h"

#include <algorithm>
#include <array>
#include <optional>

#include "connectors/sdk/json_text.h"
#include "gateway/base/text.h"

namespace baton::twilio {
namespace {

using nlohmann::json;
using sdk::put;
using sdk::put_part;

// The first of several names that says something: bots' authors and Flex name things differently.
std::string first_of(JsonView from, std::initializer_list<std::string_view> names) {
  for (const auto name : names) {
    if (auto said = from.at_path(name).id().value_or(""); !said.empty()) return said;
  }
  return {};
}

json intent_of(JsonView known) {
  json intent = json::object();
  put(intent, "name", known["intent"].text(), 256);
  put(intent, "category", known["category"].text(), 256);
  put(intent, "summary", known["summary"].text(), 4096);
  sdk::put_confidence(intent, known["confidence"]);
  return intent;
}

json reason_of(const std::string& said) {
  constexpr auto kTriggers = std::to_array<std::string_view>(
      {"explicit_request", "low_confidence", "sentiment", "topic", "attempts", "vip", "error", "other"});
  json reason = json::object();
  if (said.empty()) return reason;
  const bool known = std::ranges::find(kTriggers, said) != kTriggers.end();
  reason["trigger"] = known ? said : "other";
  if (!known) put(reason, "explanation", said, 4096);
  return reason;
}

json sentiment_of(JsonView said) {
  if (said.object()) return *said.raw();
  json sentiment = json::object();
  if (const auto score = sdk::number_of(said); score && *score >= -1 && *score <= 1)
    sentiment["score"] = *score;
  else put(sentiment, "label", said.text(), 64);
  return sentiment;
}

json page_of(JsonView said) {
  if (said.object()) return *said.raw();
  json page = json::object();
  put(page, "url", said.text(), 2048);
  return page;
}

// A list of objects as the schema wants them, or of texts, or one text with commas.
json attempts_of(JsonView said) {
  json attempts = json::array();
  const auto tried = [&attempts](std::string_view action) {
    json one = json::object();
    put(one, "action", trim(action), 1024);
    if (!one.empty() && attempts.size() < 100) attempts.push_back(std::move(one));
  };
  if (const auto text = said.string()) {
    for (const auto one : split(*text, ',')) tried(one);
  }
  for (const auto& one : items(said)) {
    if (one.object() && attempts.size() < 100) attempts.push_back(*one.raw());
    else tried(one.text());
  }
  return attempts;
}

bool is_telephone(std::string_view text) {
  return text.size() > 5 && text.size() <= 16 && text[0] == '+' &&
         text.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

json customer_of(JsonView about) {
  json customer = json::object(), attributes = json::object();
  // "whatsapp:+1555..." is a telephone number as well.
  const auto address = first_of(about, {"from", "customerAddress", "customers.phone", "customer.phone"});
  const auto phone = address.substr(address.find(':') == std::string::npos ? 0 : address.find(':') + 1);
  auto id = first_of(about, {"customers.external_id", "customer.external_id", "customer.id"});
  put(customer, "id", id.empty() ? address : id, 256);
  put(customer, "name", first_of(about, {"customers.name", "customer.name", "customerName"}), 256);
  const auto email = first_of(about, {"customers.email", "customer.email", "email"});
  if (email.size() <= 320) put(customer, "email", email, 320);
  put(customer, "company", first_of(about, {"customers.organization", "customer.company"}), 256);
  if (is_telephone(phone)) attributes["phone"] = phone;
  put_part(customer, "attributes", std::move(attributes));
  return customer;
}

void add_known(json& data, JsonView known) {
  if (!known.object()) return;
  put_part(data, "reason", reason_of(known["reason"].text()));
  put_part(data, "intent", intent_of(known));
  put_part(data, "sentiment", sentiment_of(known["sentiment"]));
  put_part(data, "page", page_of(known["page"]));
  put_part(data, "attempts", attempts_of(known["attempts"]));
  for (const auto* name : {"errors", "identifiers", "suggested_actions", "considered"}) {
    if (known[name].list()) put_part(data, name, *known[name].raw());
  }
  put(data, "requested_team", known["team"].text(), 256);
  put(data, "requested_skill", known["skill"].text(), 256);
  put(data["conversation"], "language", known["language"].text(), 35);
  const auto priority = known["priority"].text();
  if (priority == "low" || priority == "normal" || priority == "high" || priority == "urgent")
    data["priority"] = priority;
}

std::string priority_of(JsonView task_priority, const sdk::Settings& settings) {
  const auto number = sdk::number_of(task_priority);
  const auto reaches = [&](std::string_view setting) {
    const json text = settings[setting];
    const auto from = sdk::number_of(text);
    return from && number && *number >= *from;
  };
  if (reaches("urgent_from")) return "urgent";
  return reaches("high_from") ? "high" : "";
}

}  // namespace baton::twilio
