#include "connectors/stripe/reasons.h"

#include <algorithm>
#include <array>

namespace baton::stripe {
namespace {

constexpr auto kFraud = std::to_array<std::string_view>(
    {"lost_card", "stolen_card", "pickup_card", "fraudulent", "merchant_blacklist", "security_violation",
     "restricted_card", "highest_risk_level", "elevated_risk_level", "rule",
     "revocation_of_all_authorizations", "revocation_of_authorization", "stop_payment_order",
     "suspected_fraud"});

std::string in_words(std::string_view code) {
  auto reason = shown_code(code);
  if (reason.empty() && !code.empty()) return "declined";
  std::ranges::replace(reason, '_', ' ');
  return reason;
}

// The error's own word is the exact one; the code names its class only.
std::string word_of_error(JsonView intent) {
  const auto error = intent["last_payment_error"];
  return error["decline_code"].text(error["code"].text());
}

// What is asked for in an open step; nothing is said of methods that are no cards.
bool is_authentication(JsonView intent) {
  const auto type = intent["next_action"]["type"].text();
  return type == "use_stripe_sdk" || type == "redirect_to_url";
}

struct Remedy {
  std::string_view code;
  std::string_view can;
};

constexpr std::string_view kConfirm = "confirm the payment with their bank, or use another card";
constexpr std::string_view kCheck = "check the card's number, date and security code";
constexpr std::string_view kOther = "use another card, or ask their bank";
constexpr std::string_view kLater = "try again later";

// By the exact word, the class, or Stripe's advice, whichever is met first.
constexpr auto kRemedies = std::to_array<Remedy>({
    {"authentication_required", kConfirm},
    {"payment_intent_authentication_failure", kConfirm},
    {"expired_card", "use a card that has not expired"},
    {"insufficient_funds", "use another card, or try again when there are funds"},
    {"card_velocity_exceeded", kOther},
    {"incorrect_number", kCheck},
    {"incorrect_cvc", kCheck},
    {"invalid_cvc", kCheck},
    {"incorrect_zip", "check the postal code of the card"},
    {"processing_error", kLater},
    {"try_again_later", kLater},
    {"confirm_card_data", kCheck},
    {"do_not_try_again", kOther},
    {"card_declined", kOther},
});

}  // namespace

std::string shown_code(std::string_view code) {
  const bool plain = !code.empty() && std::ranges::all_of(code, [](char c) {
    return (c >= 'a' && c <= 'z') || c == '_' || (c >= '0' && c <= '9');
  });
  if (!plain) return {};
  return std::string(std::ranges::find(kFraud, code) != kFraud.end() ? "card_declined" : code);
}

std::string reason_of_charge(JsonView charge) {
  auto reason = charge["outcome"]["reason"].text();
  if (reason.empty()) reason = charge["failure_code"].text();
  return in_words(reason);
}

bool waits_for_customer(JsonView intent) {
  const auto status = intent["status"].text();
  if (status == "requires_action") return true;
  return status == "requires_payment_method" && intent["last_payment_error"].object();
}

std::string reason_of_intent(JsonView intent) {
  if (intent["status"].text() == "requires_action")
    return is_authentication(intent) ? "3-D Secure step left open" : "a step of the customer's is left open";
  const auto word = word_of_error(intent);
  if (word == "payment_intent_authentication_failure") return "3-D Secure step failed";
  return word.empty() ? "failed" : in_words(word);
}

std::string remedy_of_intent(JsonView intent) {
  if (intent["status"].text() == "requires_action")
    return std::string(is_authentication(intent) ? kConfirm : "do what the payment page asks for");
  const auto error = intent["last_payment_error"];
  for (const auto& said : {shown_code(word_of_error(intent)), shown_code(error["advice_code"].text()),
                           shown_code(error["code"].text())}) {
    const auto known = std::ranges::find(kRemedies, said, &Remedy::code);
    if (known != kRemedies.end()) return std::string(known->can);
  }
  return std::string(kOther);
}

}  // namespace baton::stripe
