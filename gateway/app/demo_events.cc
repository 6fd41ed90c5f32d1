#include "gateway/app/demo_events.h"

#include "gateway/base/date.h"

namespace baton::app {
namespace {

using nlohmann::json;

json message(TimePoint at, int number, const char* role, std::string text) {
  return {{"id", "m" + std::to_string(number)},
          {"at", to_rfc3339(at)},
          {"role", role},
          {"text", std::move(text)}};
}

json event(TimePoint now, const std::string& id, json data) {
  data["conversation"]["id"] = "conv-" + id;
  return {{"specversion", "1.0"},        {"id", "evt-" + id},       {"source", "demo-chat"},
          {"type", "handoff.requested"}, {"time", to_rfc3339(now)}, {"data", std::move(data)}};
}

json billing_dispute(TimePoint now) {
  const auto at = [&](int minutes) { return now - std::chrono::minutes(minutes); };
  return {
      {"conversation", {{"channel", "web"}, {"language", "en"}, {"product", "billing"}}},
      {"customer",
       {{"name", "Zo\u00eb Adler"},
        {"email", "zoe@northwind.example"},
        {"company", "Northwind"},
        {"tier", "enterprise"}}},
      {"intent",
       {{"name", "billing_dispute"},
        {"category", "billing"},
        {"confidence", 0.42},
        {"summary",
         "Charged twice for the March invoice (INV-2041) and wants one charge back before the renewal."}}},
      {"reason", {{"trigger", "topic"}, {"explanation", "Disputed charges always go to a person"}}},
      {"sentiment", {{"label", "frustrated"}, {"score", -0.6}}},
      {"priority", "high"},
      {"attempts",
       json::array({json{{"action", "explained the invoice"}, {"outcome", "customer disagreed"}}})},
      {"suggested_actions", json::array({"refund the second charge"})},
      {"identifiers", json::array({json{{"kind", "invoice"}, {"value", "INV-2041"}}})},
      {"transcript",
       json::array({message(at(6), 1, "customer", "I was charged twice for March, invoice INV-2041."),
                    message(at(5), 2, "ai", "I see one invoice over 1,200 EUR."),
                    message(at(2), 3, "customer", "My bank shows two. This is unacceptable.")})}};
}

json checkout_error(TimePoint now) {
  return {{"conversation", {{"channel", "web"}, {"language", "en"}, {"product", "checkout"}}},
          {"customer", {{"name", "Sam Ito"}, {"email", "sam@tinyshop.example"}}},
          {"intent", {{"name", "payment_failed"}, {"category", "technical"}, {"confidence", 0.31}}},
          {"reason", {{"trigger", "error"}, {"explanation", "The payment page answers with an error"}}},
          {"page", {{"url", "https://shop.example.com/checkout?step=pay"}, {"title", "Pay"}}},
          {"priority", "urgent"},
          {"errors",
           json::array({json{{"code", "PSP-502"}, {"message", "bad gateway"}, {"component", "checkout"}}})},
          {"attempts", json::array({json{{"action", "retried the payment"}, {"outcome", "failed again"}}})},
          {"transcript", json::array({message(now - 90s, 1, "customer", "I cannot pay, it says PSP-502.")})}};
}

json explicit_request() {
  return {{"conversation", {{"channel", "mobile"}}},
          {"customer", {{"name", "Lena"}, {"email", "lena@example.com"}}},
          {"reason", {{"trigger", "explicit_request"}}},
          {"transcript", json::array()}};
}

// Everything that breaks naive gateways: emoji, right-to-left text, markup, template braces, mentions.
json long_and_hostile(TimePoint now) {
  json transcript = json::array();
  constexpr int kMessages = 200;
  for (int i = 1; i <= kMessages; ++i) {
    std::string text = "Message " + std::to_string(i) +
                       " \U0001F680 \u05E9\u05DC\u05D5\u05DD <b>bold</b> & {{ customer.name }} "
                       "{% if true %}x{% endif %} <!channel> @here";
    transcript.push_back(message(now - std::chrono::seconds(10 * (kMessages - i)), i,
                                 i % 2 ? "customer" : "ai", std::move(text)));
  }
  return {{"conversation", {{"channel", "web"}, {"language", "he"}}},
          {"customer",
           {{"name", "\u05D3\u05E0\u05D4 <script>alert(1)</script>"}, {"email", "dana.k@example.com"}}},
          {"intent", {{"name", "export"}, {"summary", "Cannot export <all> {{ reports }} \U0001F62D"}}},
          {"reason", {{"trigger", "attempts"}, {"explanation", "The fourth try failed"}}},
          {"transcript", std::move(transcript)}};
}

json plain_question(const char* name, const char* words) {
  return {{"customer", {{"name", name}, {"email", std::string(name) + "@example.com"}}},
          {"intent", {{"name", "account_question"}, {"summary", words}}},
          {"reason", {{"trigger", "low_confidence"}}},
          {"transcript", json::array()}};
}

// For the desks of other teams.
json for_desk(const char* name, const char* email, const char* category, const char* words) {
  auto data = plain_question(name, words);
  data["customer"]["email"] = email;
  data["intent"]["category"] = category;
  return data;
}

json store_error() {
  auto data = for_desk("sam", "sam@tinyshop.example", "store", "The parcel label cannot be printed.");
  data["errors"] = json::array(
      {json{{"code", "LBL-17"}, {"message", "no label for this zone"}, {"component", "shipping"}}});
  return data;
}

}  // namespace

std::vector<DemoEvent> demo_events(TimePoint now) {
  return {{"a billing dispute of an enterprise customer", event(now, "1-billing", billing_dispute(now))},
          {"an error at the checkout", event(now, "2-checkout", checkout_error(now))},
          {"an explicit request with an empty transcript", event(now, "3-explicit", explicit_request())},
          {"200 messages with emoji, right-to-left text, HTML and braces",
           event(now, "4-long", long_and_hostile(now))},
          {"the same event sent twice",
           event(now, "5-twice", plain_question("carl", "Wants to change the invoice address."))},
          {"one while Zendesk answers 503 and then recovers",
           event(now, "6-outage", plain_question("mia", "Cannot find the audit log."))},
          {"a kill -9 while the ticket stands between intent and outcome",
           event(now, "7-kill-ticket", plain_question("noor", "Asks for a second seat."))},
          {"a kill -9 while the card stands between intent and outcome",
           event(now, "8-kill-card", plain_question("omar", "Asks how to invite a colleague."))},
          {"an error in the store: Freshdesk, Linear, Stripe, Slack and Teams",
           event(now, "9-store", store_error())},
          {"a question about a contract: Salesforce, Stripe, HubSpot, Slack and Teams",
           event(now, "10-contract",
                 for_desk("zoe", "zoe@northwind.example", "contract",
                          "Wants to add twenty seats before the renewal."))},
          {"a user of the mobile app: Intercom and Slack",
           event(now, "11-app",
                 for_desk("Ada Byron", "ada@example.com", "app", "Cannot log in after the update."))}};
}

}  // namespace baton::app
