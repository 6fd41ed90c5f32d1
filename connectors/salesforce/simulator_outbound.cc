// Outbound messages (fact sheet, section 7.2): SOAP, up to 100 notifications in one, in no order, sent again
// for a day until the answer is the acknowledgement and nothing else.
#include <algorithm>
#include <iterator>

#include <fmt/format.h>

#include "connectors/salesforce/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

constexpr std::size_t kMostNotifications = 100;
constexpr int kMostTries = 24;  // within a day, with pauses of two hours at most

constexpr std::string_view kAck =
    R"(<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope )"
    R"(xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body><notificationsResponse )"
    R"(xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack></notificationsResponse>)"
    R"(</soapenv:Body></soapenv:Envelope>)";

std::string escaped(std::string_view text) {
  std::string xml;
  for (const char c : text) {
    if (c == '&') xml += "&amp;";
    else if (c == '<') xml += "&lt;";
    else if (c == '>') xml += "&gt;";
    else xml += c;
  }
  return xml;
}

bool is_acknowledged(const Reply& reply) {
  return reply.status == 200 && header(reply.headers, "content-type").starts_with("text/xml") &&
         reply.body == kAck;
}

}  // namespace

// The fields that connectors/salesforce/README.md has the admin choose, as they are now.
void Org::notify_of(const json& fields) {
  std::string object;
  for (const auto& name :
       {std::string("Id"), std::string("CaseNumber"), std::string("Status"), std::string(kHandoffId)}) {
    object += fmt::format("<sf:{0}>{1}</sf:{0}>", name, escaped(text_at(fields, name)));
  }
  notifications_.push_back(
      fmt::format(R"(<Notification><Id>{}</Id><sObject xsi:type="sf:Case" )"
                  R"(xmlns:sf="urn:sobject.enterprise.soap.sforce.com">{}</sObject></Notification>)",
                  next_id("04l"), object));
}

std::vector<simulation::Outbound> Org::send_messages() {
  const auto organization = simulation::text_of(setup_, "organization_id", "00D000000000001EAA");
  std::vector<simulation::Outbound> sent;
  std::ranges::reverse(notifications_);
  while (!notifications_.empty()) {
    const auto count = std::min(kMostNotifications, notifications_.size());
    const auto end = notifications_.begin() + static_cast<std::ptrdiff_t>(count);
    std::string all;
    for (auto at = notifications_.begin(); at != end; ++at) all += *at;
    notifications_.erase(notifications_.begin(), end);
    last_message_ = fmt::format(
        R"(<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope )"
        R"(xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" )"
        R"(xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">)"
        R"(<soapenv:Body><notifications xmlns="http://soap.sforce.com/2005/09/outbound">)"
        R"(<OrganizationId>{0}</OrganizationId><ActionId>04k000000000001AAA</ActionId>)"
        R"(<SessionId xsi:nil="true"/><EnterpriseUrl>{1}/services/Soap/c/67.0/{2}</EnterpriseUrl>)"
        R"(<PartnerUrl>{1}/services/Soap/u/67.0/{2}</PartnerUrl>{3}</notifications></soapenv:Body>)"
        R"(</soapenv:Envelope>)",
        organization, self_url_, organization.substr(0, 15), all);
    tally_.effect("messages_sent");
    for (auto& message : repeat_message()) sent.push_back(std::move(message));
  }
  return sent;
}

std::vector<simulation::Outbound> Org::repeat_message() {
  std::vector<simulation::Outbound> sent;
  if (last_message_.empty()) return sent;
  const auto token = simulation::text_of(setup_, "url_token", "");
  auto& message =
      sent.emplace_back(Request("POST", token.empty() ? "" : "?token=" + token, last_message_,
                                {{"content-type", "text/xml; charset=UTF-8"}, {"soapaction", "\"\""}}));
  message.attempts = kMostTries;
  message.taken = is_acknowledged;
  return sent;
}

}  // namespace baton::salesforce::simulated
