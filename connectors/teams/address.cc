#include "connectors/teams/address.h"

#include <algorithm>
#include <array>
#include <string>

#include "gateway/base/text.h"

namespace baton::teams {
namespace {

std::string_view host_of(std::string_view address) {
  const auto scheme = address.find("://");
  const auto rest = scheme == std::string_view::npos ? address : address.substr(scheme + 3);
  return rest.substr(0, rest.find_first_of(":/?"));
}

bool is_of(std::string_view host, std::string_view domain) {
  return host == domain || (host.ends_with(domain) && host[host.size() - domain.size() - 1] == '.');
}

// Who else takes cards, a proxy of one's own or a simulated flow, has addresses of any form.
bool is_microsofts(std::string_view host) {
  constexpr auto kDomains = std::to_array<std::string_view>(
      {"logic.azure.com", "logic.azure.us", "logic.azure.cn", "powerplatform.com", "powerplatform.us"});
  return std::ranges::any_of(kDomains, [&](auto domain) { return is_of(host, domain); });
}

}  // namespace

std::string_view wrong_address(std::string_view address) {
  const auto lower = to_lower(address);
  const auto host = host_of(lower);
  if (std::ranges::any_of(address, [](char c) { return static_cast<unsigned char>(c) <= ' '; }))
    return "holds a blank or a line break: copy the flow's address once more, as one line";
  if (is_of(host, "webhook.office.com") || is_of(host, "outlook.office.com"))
    return "is the address of a connector, and connectors have ended in May 2026: make a workflow in the "
           "channel, \"Post to a channel when a webhook request is received\", and take its address";
  const bool microsofts = is_microsofts(host);
  const bool open = lower.starts_with("http://") && !microsofts;
  if (!open && !lower.starts_with("https://"))
    return "must begin with https://: copy the flow's address whole";
  if (!microsofts) return {};
  const auto mark = address.find('?');
  const auto query = mark == std::string_view::npos ? std::string_view() : address.substr(mark);
  if (query.find("&amp;") != std::string_view::npos)
    return "holds `&amp;` where `&` belongs: copy the address from the trigger itself";
  if (query.find("sp=/") != std::string_view::npos)
    return "was decoded on its way: `%2F` must stay as the trigger shows it";
  if (query.find("?sig=") == std::string_view::npos && query.find("&sig=") == std::string_view::npos)
    return "lacks its end, `&sig=...`: copy it whole, after \"Who can trigger the flow?\" was set to Anyone";
  return {};
}

}  // namespace baton::teams
