// Purpose: a simulated Teams channel behind a Workflows (Power Automate) webhook, as its fact sheet describes
// it (sections in brackets below). Private to simulator*.cc; everybody else calls teams::make_vendor().
// Owner: make_vendor's caller. Threads: one loop. Units: sizes in bytes of UTF-8, 28 KB being 28 * 1024.
// Errors: {"error": {"code", "message"}} with the statuses of section 6. A card that Teams would not show is
// answered with 202 all the same: the flow has started, and its run fails where nobody sees it [3.1].
//
// The address is the secret [2]. Both forms are answered, below any prefix:
//   /powerautomate/automations/direct/workflows/<workflow>/triggers/manual/paths/invoke
//       ?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=<sig>
//   /workflows/<workflow>/triggers/manual/paths/invoke?api-version=2016-06-01&sp=...&sv=1.0&sig=<sig>
//
// Setup (all optional):
//   workflow "5f1b7c0e9a2d4c58b3f6e1d0a7c94b21", sig "bmFtZS1vZi10aGUtdmVuZG9yLXNpZw"
//   state "Enabled"             or "Suspended", "Disabled", "Deleted": 400 WorkflowTriggerIsNotEnabled
//   who "anyone"                or "tenant": 401 DirectApiAuthorizationRequired, whatever the sig says
//   schema "template"           or "from_sample": the trigger refuses every null, contentUrl's too
//   max_bytes 28672             of the whole body
//   too_large "silent"          or "413": the two answers that the sheet knows of
//   card_version "1.4"          the newest that is shown; 1.5 is unconfirmed for Workflows
//   per_second 4                then 429; "limits": "off" lifts it [5]
//   retry_after "on"            or "off": 429 without the header
//   throttle_as_200 "off"       or "on": the old connectors' way, a 200 whose body says 429
//
// Deeds (they cause no webhook: nothing comes back from Workflows [1, 7]):
//   turn_off {"state": "Suspended"}, turn_on {}, restrict {} (who may trigger: the tenant),
//   recreate {"sig": "..."} (the flow is made anew, so the old address is dead for ever),
//   use_up {"starts": 12} (the owner's plan: so many more starts are throttled) [5]
//
// The ledger's "messages" tell what people see: {"id", "at", "text": every word in reading order, "links" and
// "mentions" that a reader could click or would be called by, "actions": [{"title", "url"}],
// "hidden_actions", "garbled": the charset was missing, "bytes", "card"}; "failed_runs" tell what nobody saw,
// and why.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/simulation/pace.h"
#include "connectors/simulation/wire.h"

namespace baton::teams::simulated {

using nlohmann::json;

// What is wrong with a card and where, or nothing (Adaptive Cards 1.4 as Teams takes them [3.2]).
std::optional<std::string> check_card(const json& card, std::string_view newest_version);

// What a reader makes of a card: its words, and what in them can be clicked or calls somebody.
struct Shown {
  std::string text;
  std::vector<std::string> links;
  std::vector<std::string> mentions;
  json actions = json::array();
  int hidden_actions = 0;
};
Shown show(const json& card);

class Channel final : public simulation::Vendor {
 public:
  explicit Channel(const simulation::Setup& setup);

  std::string_view name() const override { return "teams"; }
  Reply handle(const RawRequest& raw) override;
  Result<std::vector<simulation::Outbound>> act(const simulation::Deed& deed, TimePoint now) override;
  json ledger() const override;

 private:
  Reply refuse(int status, std::string_view code, std::string message);
  std::optional<Reply> check_address(const RawRequest& raw);
  std::optional<Reply> check_trigger(const RawRequest& raw, json& body);
  std::optional<Reply> over_limit(TimePoint now);
  void run(const json& body, const RawRequest& raw);
  void post(const json& card, const RawRequest& raw);
  void fail(std::string why, TimePoint now);
  std::string text(std::string_view key, std::string_view fallback) const;

  const simulation::Setup setup_;
  simulation::Tally tally_;
  simulation::Window posts_;
  std::string sig_;
  std::string state_;
  bool anyone_;
  bool address_was_changed_ = false;
  std::int64_t used_up_ = 0;  // starts that the owner's plan does not give
  json messages_ = json::array();
  json failed_runs_ = json::array();
};

}  // namespace baton::teams::simulated
