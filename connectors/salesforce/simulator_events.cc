// What people do in the org, and how it tells Baton: by a flow that calls it (fact sheet, section 7.1),
// without a signature and once only, because a flow does not promise to repeat a failed callout; or by a
// workflow rule with an outbound message (section 7.2).
#include <algorithm>
#include <cmath>

#include "connectors/salesforce/simulator.h"
#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::salesforce::simulated {
namespace {

Failure cannot(std::string why) { return Failure(FailureKind::rejected, "salesforce: " + std::move(why)); }

}  // namespace

const json* Org::find_user(std::string_view who) const {
  for (const auto* const table : {"User", "Group"}) {
    for (const auto& row : data_.tables.at(table)) {
      const auto& fields = row.fields;
      if (text_at(fields, "Id") == who || text_at(fields, "Name") == who ||
          equals_ignoring_case(text_at(fields, "Email"), who)) {
        return &fields;
      }
    }
  }
  return nullptr;
}

// Both are made for cases of Baton's that were closed or opened, or got another owner.
std::vector<simulation::Outbound> Org::tell(const json& before, const json& after, TimePoint now) {
  const auto ways = simulation::text_of(setup_, "ways", "flow");
  auto sent = ways == "outbound" ? std::vector<simulation::Outbound>() : run_flow(before, after, now);
  const bool changed = before["OwnerId"] != after["OwnerId"] || before["IsClosed"] != after["IsClosed"];
  if (ways == "flow" || !changed || text_at(after, kHandoffId).empty()) return sent;
  notify_of(after);
  if (holds_) return sent;
  for (auto& message : send_messages()) sent.push_back(std::move(message));
  return sent;
}

// A record-triggered flow on Case, made as connectors/salesforce/README.md says: Baton_Handoff_Id__c is not
// empty, and IsClosed or the owner changed.
std::vector<simulation::Outbound> Org::run_flow(const json& before, const json& after, TimePoint now) {
  std::vector<simulation::Outbound> sent;
  if (text_at(after, kHandoffId).empty()) return sent;
  const auto name_of = [this](const json& owner) {
    const auto* known = owner.is_string() ? find_user(owner.get<std::string>()) : nullptr;
    return known ? text_at(*known, "Name") : std::string();
  };
  const auto call_out = [&](std::string_view event, const json& more = json::object()) {
    json body = {{"event", event},
                 {"caseId", after["Id"]},
                 {"caseNumber", after["CaseNumber"]},
                 {"handoffId", after[std::string(kHandoffId)]},
                 {"status", after["Status"]},
                 {"occurredAt", simulation::iso_millis(now)}};
    body.update(more);
    const auto token = simulation::text_of(setup_, "webhook_token", "baton-inbound-token-0001-of-the-flow");
    sent.emplace_back(Request("POST", "", simulation::dump(body),
                              {{"content-type", "application/json"}, {"authorization", "Bearer " + token}}));
    sent.back().attempts = 1;
    tally_.effect("callouts_sent");
  };
  if (before["OwnerId"] != after["OwnerId"])
    call_out("case.owner_changed", {{"ownerId", after["OwnerId"]},
                                    {"ownerName", name_of(after["OwnerId"])},
                                    {"createdById", after["CreatedById"]},
                                    {"previousOwnerId", before["OwnerId"]},
                                    {"previousOwnerName", name_of(before["OwnerId"])}});
  if (before["IsClosed"] != true && after["IsClosed"] == true) call_out("case.closed");
  if (before["IsClosed"] == true && after["IsClosed"] != true) call_out("case.reopened");
  return sent;
}

// Whether it was one of the deeds that change what Baton's user may do with a case.
bool Org::act_on_sharing(const std::string& what, Row& row) {
  const bool known = what == "hide" || what == "show" || what == "protect" || what == "unprotect";
  if (what == "hide" || what == "show") row.out_of_sight = what == "hide";
  if (what == "protect" || what == "unprotect") row.read_only = what == "protect";
  return known;
}

// Nothing if the deed is no deed on the org.
std::optional<std::vector<simulation::Outbound>> Org::act_on_org(const simulation::Deed& deed,
                                                                 TimePoint now) {
  const JsonView with(deed.with);
  const std::vector<simulation::Outbound> none;
  if (deed.what == "send") return (holds_ = false, send_messages());
  if (deed.what == "repeat") return repeat_message();
  if (deed.what == "hold") return (holds_ = true, none);
  if (deed.what == "expire_sessions") return (sessions_.clear(), none);
  if (deed.what == "lock") {
    locks_ = static_cast<int>(std::clamp<std::int64_t>(with["times"].integer().value_or(1), 0, 1000));
    return none;
  }
  if (deed.what == "race") return (race_ = true, none);
  if (deed.what == "use_up") {
    const auto share = std::clamp(with["share"].number().value_or(1.0), 0.0, 1.0);
    while (day_.limit() > 0 && requests_used(now) < share * day_.limit()) (void)day_.take(now);
    return none;
  }
  return std::nullopt;
}

Result<std::vector<simulation::Outbound>> Org::act(const simulation::Deed& deed, TimePoint now) {
  if (auto sent = act_on_org(deed, now)) return *std::move(sent);
  const JsonView with(deed.with);
  const auto id = with["case"].id().value_or(with["ticket"].id().value_or(""));
  auto* row = find_row("Case", id);
  if (!row || row->deleted) return cannot("no such case");
  if (act_on_sharing(deed.what, *row)) return std::vector<simulation::Outbound>();
  return act_on_case(deed, *row, now);
}

Result<std::vector<simulation::Outbound>> Org::act_on_case(const simulation::Deed& deed, Row& row,
                                                           TimePoint now) {
  const JsonView with(deed.with);
  const auto* by = find_user(with["by"].text("Dana Agent"));
  if (!by) return cannot("no such user");
  const auto before = row.fields;
  const auto text = with["text"].text();
  if (deed.what == "comment" && text.empty()) return cannot("a comment needs text");
  json fields = json::object();
  if (deed.what == "close" || deed.what == "solve") {
    fields["Status"] = "Closed";
  } else if (deed.what == "reopen") {
    fields["Status"] = "Working";
  } else if (deed.what == "status") {
    fields["Status"] = with["status"].text("Working");
  } else if (deed.what == "rename") {
    fields["Subject"] = with["subject"].text("Renamed");
  } else if (deed.what == "claim" || deed.what == "assign") {
    const auto* to = with["to"].missing() ? by : find_user(with["to"].text());
    if (!to) return cannot("no such user");
    fields["OwnerId"] = (*to)["Id"];
  } else if (deed.what == "queue") {
    fields["OwnerId"] = "00G000000000001EAA";
  } else if (deed.what == "merge") {
    if (!find_row("Case", with["into"].text())) return cannot("no such case to merge into");
    row.fields["MasterRecordId"] = with["into"].text();
  } else if (deed.what != "comment" && deed.what != "delete") {
    return cannot("no such deed: " + deed.what);
  }
  const auto author = (*by)["Id"];
  if (!text.empty()) {
    auto& comment = make(*find_object("CaseComment"),
                         {{"ParentId", before["Id"]},
                          {"CommentBody", text},
                          {"IsPublished", with["public"].boolean().value_or(true)}},
                         now);
    comment.fields["CreatedById"] = author;
  }
  change(*find_object("Case"), row, fields, now);
  row.deleted = deed.what == "delete" || deed.what == "merge";
  if (row.deleted) row.fields["IsDeleted"] = true;
  return row.deleted ? std::vector<simulation::Outbound>() : tell(before, row.fields, now);
}

}  // namespace baton::salesforce::simulated
