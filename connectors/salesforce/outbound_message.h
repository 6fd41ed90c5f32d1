// Purpose: reads an outbound message, which a workflow rule or a flow of the org sends as SOAP, and holds the
// answer that Salesforce wants. Source: fact sheet salesforce, section 7.2. Owner: none. Threads: any; pure.
// Units: ids have 18 characters, as the API's. Errors: `rejected` for what is no such message, is too long or
// brings a document type of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/result.h"

namespace baton::salesforce {

// That something happened to a case; what, only the case itself can prove.
struct Notification {
  std::string id;       // the same again is the same notification
  std::string case_id;  // empty: it is about another kind of object
  std::string key;      // what stands in the field for Baton's key, if the message has it
};

struct OutboundMessage {
  std::string organization;
  std::vector<Notification> notifications;
};

Result<OutboundMessage> read_outbound_message(std::string_view xml, std::string_view key_field);

// Anything else, or another status than 200, and Salesforce sends the message again, for a day.
extern const std::string_view kAcknowledgement;

}  // namespace baton::salesforce
