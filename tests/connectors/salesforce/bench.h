// Purpose: what all tests of the Salesforce connector share: a connector, its settings, orders, answers.
// Owner: a test. Threads: one.
#pragma once

#include <gtest/gtest.h>

#include "connectors/salesforce/wire.h"
#include "tests/support/direct_session.h"

namespace baton::salesforce {
sdk::ConnectorPtr make_connector();

namespace salesforce_testing {

using nlohmann::json;

inline constexpr auto kCase = "500000000000001AAA";
inline constexpr auto kContact = "003000000000001AAA";
inline constexpr auto kAccount = "001000000000001AAA";
inline constexpr auto kTicketId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/salesforce/open_ticket/1";
inline constexpr auto kNoteId = "hof_0199e5a1c2d37f00a1b2c3d4e5f60718/salesforce/add_note/1";
inline const std::string kData = "/services/data/v67.0";
inline const std::string kQuery = kData + "/query";
inline const std::string kComposite = kData + "/composite";
inline const std::string kComments = kData + "/sobjects/CaseComment";
inline const std::string kOneCase = kData + "/sobjects/Case/" + kCase;
inline const std::string kByKey =
    kData +
    "/sobjects/Case/Baton_Handoff_Id__c/hof_0199e5a1c2d37f00a1b2c3d4e5f60718-salesforce-open_ticket-1";

// An error as Salesforce says it: a list.
inline json error(const char* code, const char* message, json fields = nullptr) {
  json one = {{"message", message}, {"errorCode", code}};
  if (!fields.is_null()) one["fields"] = std::move(fields);
  return json::array({one});
}
inline json records(json list, bool done = true) {
  if (list.is_object()) list = json::array({list});  // a list of one, which the library takes for the one
  const auto size = list.size();
  return {{"totalSize", size}, {"done", done}, {"records", std::move(list)}};
}
inline json saved(const char* id, bool created = true) {
  return {{"id", id}, {"success", true}, {"errors", json::array()}, {"created", created}};
}

class Bench : public ::testing::Test {
 protected:
  sdk::ConnectorPtr connector = make_connector();
  sdk::Settings settings = with({});
  testing::DirectSession session{*connector};

  sdk::Settings with(sdk::Settings::Values said) {
    said.try_emplace("base_url", "https://acme.my.salesforce.com");
    said.try_emplace("client_id", "3MVG9Baton");
    return testing::settings_for(*connector, std::move(said));
  }
  sdk::Order order(const char* id, json document, json subject, const char* target = kCase) {
    return sdk::Order(id, id, std::move(document), Receipt(target), std::move(subject), settings);
  }
  sdk::Order ticket(json more = json::object()) {
    json document = {{"Subject", "[AI handoff] export fails"},
                     {"Description", "Who: Zoë"},
                     {"Status", "New"},
                     {"Priority", "High"},
                     {"Origin", "Web"},
                     {"SuppliedEmail", "zoe@example.com"},
                     {"contact_email", "zoe@example.com"}};
    document.update(more);
    return order(kTicketId, std::move(document), json::object(), "");
  }
  sdk::Order note(json document = {{"CommentBody", "Anna has it now."}}) {
    return order(kNoteId, std::move(document), {{"text", "x"}});
  }
  sdk::Order context(const std::string& email) {
    return order("", nullptr, {{"customer", {{"email", email}}}});
  }
  std::optional<Failure> classify(const Request& request, bool writes, const Reply& reply) {
    return connector->classify(sdk::Exchange(request, writes, reply, session.now));
  }
  json body_of(std::size_t n) { return json::parse(session.sent.at(n).request.body); }
};

}  // namespace salesforce_testing
}  // namespace baton::salesforce
