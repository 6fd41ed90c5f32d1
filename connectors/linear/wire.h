// Purpose: Linear's requests from our documents, and our receipts from its replies.
// Owner: connector.cc. Threads: any; everything here is pure. Units: characters where a limit is said.
// Errors: `rejected` for a document that cannot be sent; an answer to a write that cannot be read is
// `ambiguous`, one to a read `retryable`, "there is none" of something asked for by its id `target_gone`.
// Source: fact sheet linear, sections 3 and 4.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "connectors/sdk/settings.h"
#include "connectors/sdk/step.h"
#include "gateway/base/json_view.h"

namespace baton::linear {

// --- reads

sdk::Read ask_who_we_are();
sdk::Read ask_team(std::string_view key);
sdk::Read ask_states(std::string_view team);
sdk::Read ask_labels(const std::vector<std::string>& names, std::string_view team);
sdk::Read ask_issue(std::string_view id);
sdk::Read ask_marked(std::string_view team, std::string_view marker);
// `team` may be empty; its issues are ranked higher, and none is left out.
sdk::Read search_issues(std::string_view term, std::string_view team);

// --- what is known of an issue

struct Issue {
  Issue() = default;

  std::string id;  // the UUID: identifiers change when an issue moves between teams (section 10)
  std::string identifier;
  std::string url;
  std::string title;
  std::string description;
  std::string state_type;
  std::string state_name;
  std::string team;
  std::string assignee;     // their name
  std::string assignee_id;  // as a webhook's claim names them
  std::string closed_at;
  std::int64_t priority = 0;
  bool trashed = false;

  Receipt receipt() const { return Receipt(id, url); }
};

// Mapped on the type, never on the name; types that are new to us count as open (section 3.1).
bool is_closed(std::string_view state_type);

Result<Issue> read_issue(const Reply& reply);
Result<std::vector<Issue>> read_issues(const Reply& reply, std::string_view root);
// The member of each node under `root`, as text.
Result<std::vector<std::string>> read_nodes(const Reply& reply, std::string_view root,
                                            std::string_view member);
struct Label {
  Label(std::string id_in, std::string name_in) : id(std::move(id_in)), name(std::move(name_in)) {}

  std::string id;
  std::string name;
};
// Of each name the label that an issue of this team may bear: the team's own, else the workspace's. A group
// is none, and of a group one fits on an issue, the first that was asked for (section 3.1).
Result<std::vector<Label>> read_labels(const Reply& reply, const std::vector<std::string>& names,
                                       std::string_view team);
// The id of the team's first state whose type is one of these, the first type that there is.
Result<std::string> read_state(const Reply& reply, const std::vector<std::string_view>& types);

// --- a report to be filed

struct Report {
  Report() = default;

  std::string title;
  std::string description;
  std::string reference;                             // "baton-ref:...": whose delivery made the issue
  std::string fingerprint;                           // hex; empty: nothing tells this defect from others
  nlohmann::json fields = nlohmann::json::object();  // further members of IssueCreateInput

  std::string marker() const { return "baton-fp:" + fingerprint; }
  // Of a fingerprint the same for whoever reports the defect in this team; else of this delivery alone.
  std::string id(std::string_view team, int generation) const;
};

// A document of file_bug or open_ticket: title, description, priority, fingerprint, fields.
Result<Report> read_report(const nlohmann::json& document, std::string_view external_id);

sdk::Write create_issue(const Report& report, std::string_view id, std::string_view team,
                        const std::vector<std::string>& labels);
sdk::Write update_issue(std::string_view id, const nlohmann::json& changes);
sdk::Write create_comment(std::string_view id, std::string_view issue, std::string_view body);
sdk::Write create_attachment(std::string_view issue, std::string_view url, std::string_view title,
                             std::string_view subtitle, const nlohmann::json& metadata);
sdk::Write upsert_customer(std::string_view external_id, std::string_view name);
sdk::Write create_need(std::string_view id, std::string_view issue, std::string_view customer,
                       std::string_view body, bool important);
sdk::Write relate(std::string_view id, std::string_view issue, std::string_view related);

// What a create answered: {"data": {root: {"success": true, member: {"id", "url"?}}}}, or that the id is
// taken, which is the same issue made by a request before (then the receipt has no url).
Result<Receipt> read_created(const Reply& reply, std::string_view root, std::string_view member,
                             std::string_view id);
// The same for what Linear overwrites; the id is Linear's own.
Result<Receipt> read_written(const Reply& reply, std::string_view root, std::string_view member);

}  // namespace baton::linear
