// Purpose: Intercom's notifications: verified, and read twice: as signals of tickets that Baton opened here,
// and as events of conversations that Intercom's own AI hands over. Pure. Owner: connector.cc. Threads: any.
// Errors: `rejected` for what is forged, stale or malformed.
// Source: fact sheet intercom, section 7; fact sheet ingress, section 4.2a.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/connector.h"
#include "gateway/base/json_view.h"

namespace baton::intercom {

// A genuine notification; `body` owns what the views look at.
struct Notice {
  Notice() = default;
  nlohmann::json body;
  std::string id, topic, at;

  JsonView item() const;  // the conversation or ticket
  bool is_ticket() const;
  bool is_deeper() const;
  // The part that caused it; a missing view if the notification holds none.
  JsonView part() const;
  // Who did it: "" where the notification does not say.
  std::string author() const { return part().at_path("author.id").id().value_or(""); }
};

// Intercom asks with HEAD whether the address is alive when it is saved, unsigned: answered 200 and no more.
bool is_check(const RawRequest& request);
Result<Notice> read_notice(const RawRequest& request, const sdk::Keys& keys, const sdk::Settings& settings);

// What people did to the conversation or ticket, in the order in which they did it.
std::vector<Signal> read_signals(const Notice& notice, const sdk::Settings& settings);

Result<sdk::Webhook> read_webhook(const RawRequest& request, const sdk::Keys& keys,
                                  const sdk::Settings& settings);
Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                 const sdk::Settings& settings);

}  // namespace baton::intercom
