#include "connectors/hubspot/webhook.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>
#include <vector>

#include "connectors/hubspot/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::hubspot {
namespace {

constexpr auto kTolerance = Duration{5min};

std::optional<TimePoint> read_milliseconds(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  constexpr std::int64_t kLast = 253'402'300'799'999;  // the year 9999, far from any overflow
  if (error != std::errc() || end != text.data() + text.size() || value < 0 || value > kLast)
    return std::nullopt;
  return TimePoint(Duration{value});
}

// The address is the one that people configured: what a proxy passes on may be another.
std::optional<Failure> refuse(const RawRequest& request, const sdk::Keys& keys, std::string_view hook_url) {
  const auto stamp = header(request.headers, "x-hubspot-request-timestamp");
  const auto mac = from_base64(header(request.headers, "x-hubspot-signature-v3"));
  if (stamp.empty() || !mac || mac->empty()) {
    return Failure(FailureKind::rejected, "the webhook carries no HubSpot signature of version 3");
  }
  if (hook_url.empty())
    return Failure(FailureKind::rejected, "hook_url is not configured: nothing can be verified");
  const auto message = request.method + signed_form(hook_url) + request.body + std::string(stamp);
  if (!keys.matches(sdk::Keys::Mac::hmac_sha256, "client_secret", message, *mac)) {
    return Failure(FailureKind::rejected, "the webhook's signature does not fit client_secret and hook_url");
  }
  const auto signed_at = read_milliseconds(stamp);
  if (!signed_at || std::chrono::abs(request.received_at - *signed_at) > kTolerance) {
    return Failure(FailureKind::rejected, "the webhook was signed more than five minutes from now");
  }
  return std::nullopt;
}

bool is_listed(std::string_view value, std::string_view list) {
  const auto entries = split(list, ',');
  return !value.empty() && std::ranges::any_of(entries, [&](auto entry) { return trim(entry) == value; });
}

// One table of the vendor's documentation calls it so, another so (section 7).
std::string type_of(JsonView event) {
  const auto type = event["subscriptionType"].text();
  return type.empty() ? event["eventType"].text() : type;
}

// "ticket.merge", or "object.merge" of the tickets' type.
bool is_of_ticket(JsonView event, std::string_view what) {
  const auto type = type_of(event);
  return type == "ticket." + std::string(what) ||
         (type == "object." + std::string(what) && event["objectTypeId"].text() == "0-5");
}

// eventId alone is not unique (section 7).
std::string notice_id(JsonView event) {
  std::string id;
  for (const auto* part : {"portalId", "objectId", "eventId", "occurredAt"}) {
    id += event[part].id().value_or("-") + "/";
  }
  return id + event["propertyName"].text();
}

// "userId:882761034" of a change that a person made in HubSpot.
std::string person_of(JsonView event) {
  constexpr std::string_view kPrefix = "userId:";
  const auto source = event["sourceId"].text();
  return source.starts_with(kPrefix) ? source.substr(kPrefix.size()) : "";
}

// Contacts are 0-1, companies 0-2.
bool is_customer_change(JsonView event) {
  const auto type = type_of(event);
  const auto of = event["objectTypeId"].text();
  return type == "contact.propertyChange" || type == "company.propertyChange" ||
         (type == "object.propertyChange" && (of == "0-1" || of == "0-2"));
}

// Only of what a brief tells: an import that touches other properties of every contact asks nobody.
bool is_told(std::string_view property, const sdk::Settings& settings) {
  if (property == "hubspot_owner_id") return true;
  for (const auto* setting : {"tier_property", "renewal_property", "health_property"}) {
    if (!property.empty() && settings[setting] == property) return true;
  }
  return false;
}

std::optional<Signal> read_change(JsonView event, const sdk::Settings& settings) {
  const auto object = event["objectId"].id();
  const auto property = event["propertyName"].text();
  if (!object || !is_customer_change(event) || !is_told(property, settings)) return std::nullopt;
  Signal signal(SignalKind::changed, notice_id(event), *object, "");
  signal.text = property;
  return signal;
}

std::optional<Signal> read_event(JsonView event, std::string_view closed_stages) {
  const auto ticket = event["objectId"].id();
  // It may be back by now, for events come late and in any order: the ticket itself is asked (section 7).
  if (ticket && is_of_ticket(event, "deletion"))
    return Signal(SignalKind::touched, notice_id(event) + "deletion", *ticket, "");
  if (!ticket || !is_of_ticket(event, "propertyChange")) return std::nullopt;
  const auto property = event["propertyName"].text();
  const auto value = event["propertyValue"].id().value_or("");
  // It may be open again by now, and who closed it its history tells.
  if (property == "hs_pipeline_stage" && is_listed(value, closed_stages))
    return Signal(SignalKind::touched, notice_id(event), *ticket, "");
  // Our own writes come back as events too.
  if (property != "hubspot_owner_id" || is_app(event["changeSource"].text())) return std::nullopt;
  // Nobody's any more, and whose it was is not told.
  if (value.empty()) return Signal(SignalKind::touched, notice_id(event), *ticket, "");
  Signal signal(SignalKind::claimed, notice_id(event), *ticket, value);
  signal.about = kAssigned;              // also where another owner had it
  signal.detail = {{"replies", false}};  // what they answer HubSpot does not tell
  return signal;
}

// One becomes part of the other, or both of a new one (section 7): each that is no more leads to the one that
// remains.
std::vector<Signal> read_merge(JsonView event, const sdk::Settings& settings) {
  const auto primary = event["primaryObjectId"].id().value_or("");
  const auto remains = event["newObjectId"].id().value_or(primary);
  std::vector<Signal> signals;
  if (!is_of_ticket(event, "merge") || remains.empty()) return signals;
  std::vector<std::string> gone = {primary};
  for (const auto& one : items(event["mergedObjectIds"])) gone.push_back(one.id().value_or(""));
  for (const auto& ticket : gone) {
    if (ticket.empty() || ticket == remains) continue;
    auto& signal =
        signals.emplace_back(SignalKind::merged, notice_id(event) + "/" + ticket, ticket, person_of(event));
    signal.about = remains;
    signal.detail = {{"url", record_link(settings, "0-5", remains)}};
  }
  return signals;
}

// What is held of the contact has to go (section 7).
std::optional<sdk::Deletion> read_deletion(JsonView event) {
  const auto contact = event["objectId"].id();
  const auto type = type_of(event);
  if (!contact || contact->empty() || type != "contact.privacyDeletion") return std::nullopt;
  return sdk::Deletion(*contact,
                       "HubSpot: the contact was deleted for the sake of their privacy (" + type + ")");
}

}  // namespace

std::string signed_form(std::string_view url) {
  constexpr std::string_view kDecoded = ":/?@!$'()*,;";
  std::string out;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const auto byte = url[i] == '%' && i + 2 < url.size() ? from_hex(url.substr(i + 1, 2)) : std::nullopt;
    if (byte && kDecoded.find(byte->front()) != std::string_view::npos) {
      out += *byte;
      i += 2;
    } else {
      out += url[i];
    }
  }
  return out;
}

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings) {
  if (const auto failure = refuse(request, keys, settings["hook_url"])) return *failure;
  const auto body = parse_json(request.body, FailureKind::rejected, "HubSpot's webhook");
  if (!body) return body.error();
  sdk::Webhook webhook;
  for (const auto& event : items(JsonView(*body))) {
    if (auto signal = read_event(event, settings["closed_stages"]))
      webhook.signals.push_back(*std::move(signal));
    else if (auto change = read_change(event, settings)) webhook.signals.push_back(*std::move(change));
    else if (auto deletion = read_deletion(event)) webhook.deletions.push_back(*std::move(deletion));
    else std::ranges::move(read_merge(event, settings), std::back_inserter(webhook.signals));
  }
  return webhook;
}

}  // namespace baton::hubspot
