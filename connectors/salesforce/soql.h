// Purpose: values on their way into SOQL and into addresses. SOQL over REST has no parameters, so every value
// of a customer is a literal: what cannot be one safely is refused. Source: fact sheet salesforce,
// section 3.1. Owner: none. Threads: any. Units: bytes. Errors: nullopt for what must not go into a query.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace baton::salesforce {

// 'o\'brien@example.com' with its quotes. Refused: control characters, what is no UTF-8, what is longer than
// `most` or empty, and "@{", which composite takes for a reference.
std::optional<std::string> soql_text(std::string_view value, std::size_t most);

// 15 or 18 letters and digits.
bool is_id(std::string_view text);
// An id of 15 characters, as formulas and reports give it, with the three that make it safe without regard to
// capitals: what the API answers, and so our receipts, have 18.
std::string safe_id(std::string_view id);
// A field as configured: "Tier__c", or through parents "Account.Tier__c".
bool is_field_name(std::string_view text);

// "2026-09-21T13:33:20.000+0000" as RFC 3339; empty for what is no time.
std::string rfc3339_of(std::string_view text);

}  // namespace baton::salesforce
