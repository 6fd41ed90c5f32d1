#include "connectors/salesforce/outbound_message.h"

#include <pugixml.hpp>

#include "connectors/salesforce/soql.h"
#include "gateway/base/text.h"

namespace baton::salesforce {

constexpr std::string_view kAcknowledgement =
    R"(<?xml version="1.0" encoding="UTF-8"?>)"
    R"(<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>)"
    R"(<notificationsResponse xmlns="http://soap.sforce.com/2005/09/outbound"><Ack>true</Ack>)"
    R"(</notificationsResponse></soapenv:Body></soapenv:Envelope>)";

namespace {

constexpr std::size_t kLongestMessage = std::size_t{512} * 1024;
constexpr std::size_t kMostNotifications = 100;

Failure no_message(std::string why) {
  return Failure(FailureKind::rejected, "the outbound message " + std::move(why));
}

// Without its prefix: which one Salesforce takes for a namespace is not promised.
std::string_view local_name(std::string_view name) { return name.substr(name.find(':') + 1); }

pugi::xml_node part_of(pugi::xml_node node, std::string_view name) {
  for (const auto child : node.children()) {
    if (child.type() == pugi::node_element && local_name(child.name()) == name) return child;
  }
  return {};
}

std::string_view text_of(pugi::xml_node node, std::string_view name) {
  return trim(part_of(node, name).text().get());
}

bool is_case(pugi::xml_node object) {
  for (const auto attribute : object.attributes()) {
    if (local_name(attribute.name()) == "type") return local_name(attribute.value()) == "Case";
  }
  return false;
}

Result<Notification> read_notification(pugi::xml_node node, std::string_view key_field) {
  const auto id = text_of(node, "Id");
  if (!is_id(id)) return no_message("holds a notification without an Id");
  Notification one;
  one.id = safe_id(id);
  const auto object = part_of(node, "sObject");
  if (!is_case(object)) return one;
  const auto case_id = text_of(object, "Id");
  if (!is_id(case_id)) return no_message("holds a notification whose case has no Id");
  one.case_id = safe_id(case_id);
  one.key = text_of(object, key_field);
  return one;
}

// Nothing of a document type is ever followed; a message that brings one was not written by Salesforce.
bool has_document_type(const pugi::xml_document& document) {
  for (const auto child : document.children()) {
    if (child.type() == pugi::node_doctype) return true;
  }
  return false;
}

}  // namespace

Result<OutboundMessage> read_outbound_message(std::string_view xml, std::string_view key_field) {
  if (xml.size() > kLongestMessage)
    return no_message("is longer than 512 KiB: choose fewer of the case's fields for it");
  if (!is_utf8(xml)) return no_message("is no UTF-8");
  pugi::xml_document document;
  const auto parsed = document.load_buffer(xml.data(), xml.size(), pugi::parse_default | pugi::parse_doctype,
                                           pugi::encoding_utf8);
  if (!parsed) return no_message(std::string("is no XML: ") + parsed.description());
  if (has_document_type(document)) return no_message("brings a document type (DTD), which is refused");
  const auto notifications = part_of(part_of(part_of(document, "Envelope"), "Body"), "notifications");
  if (!notifications) return no_message("holds no notifications");
  OutboundMessage message;
  const auto organization = text_of(notifications, "OrganizationId");
  if (!is_id(organization)) return no_message("does not say which organization sent it (OrganizationId)");
  message.organization = safe_id(organization);
  for (const auto child : notifications.children()) {
    if (local_name(child.name()) != "Notification") continue;
    if (message.notifications.size() == kMostNotifications)
      return no_message("holds more than 100 notifications");
    auto one = read_notification(child, key_field);
    if (!one) return one.error();
    message.notifications.push_back(*std::move(one));
  }
  if (message.notifications.empty()) return no_message("holds no Notification");
  return message;
}

}  // namespace baton::salesforce
