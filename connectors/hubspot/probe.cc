#include "connectors/hubspot/probe.h"

#include <array>

#include "connectors/hubspot/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::hubspot {
namespace {

struct Part {
  std::string_view what;
  std::string_view scope;
};
constexpr auto kParts = std::to_array<Part>({
    {"contacts", "crm.objects.contacts.read"},
    {"companies", "crm.objects.companies.read"},
    {"deals", "crm.objects.deals.read"},
    {"tickets", "tickets"},
});

bool is_forbidden(const Failure& failure) {
  return failure.detail.find(" answered 403") != std::string::npos;
}

sdk::Finding refused(std::string what, const Failure& failure, std::string_view scope) {
  using enum FailureKind;
  if (failure.kind == auth_expired) {
    return sdk::Finding(
        std::move(what), false,
        "HubSpot refuses the token: copy it anew from Settings, Integrations (project-based app or service "
        "key), and store it with `baton secret set`");
  }
  if (failure.kind == misconfigured && !scope.empty() && is_forbidden(failure)) {
    return sdk::Finding(std::move(what), false,
                        "add the scope " + std::string(scope) + " to the app, and install it again");
  }
  return sdk::Finding(std::move(what), false, "HubSpot answered: " + failure.detail);
}

// Links to tickets carry the account's id: without it there are none, a wrong one leads to somebody else's
// login page.
void check_account(const Reply& reply, const sdk::Settings& settings, sdk::Findings& findings) {
  findings.emplace_back("the token", true);
  const auto body = parse_json(reply.body, FailureKind::retryable, "account");
  const auto portal = body ? JsonView(*body)["portalId"].id().value_or("") : "";
  if (portal.empty()) return;
  const auto ui = JsonView(*body)["uiDomain"].text();
  auto set = "set `portal_id: \"" + portal + "\"`";
  if (!ui.empty() && ui != settings["ui_domain"]) set += " and `ui_domain: \"" + ui + "\"`";
  if (settings["portal_id"].empty()) {
    findings.emplace_back("portal_id", false, "without it tickets have no link: " + set);
    return;
  }
  const bool fine = portal == settings["portal_id"];
  findings.emplace_back("portal_id", fine,
                        fine ? "" : "the token belongs to the account " + portal + ": " + set);
  if (fine && !ui.empty() && ui != settings["ui_domain"])
    findings.emplace_back("ui_domain", false,
                          "people open this account elsewhere: set `ui_domain: \"" + ui + "\"`");
}

sdk::Finding key_finding(const Result<Reply>& reply) {
  const std::string what = "the ticket property " + std::string(kKeyProperty);
  if (!reply && reply.error().kind == FailureKind::target_gone) {
    return sdk::Finding(
        what, false,
        "it is not there: `baton destinations test --apply` makes it, or see connectors/hubspot/README.md",
        true);
  }
  if (!reply) return refused(what, reply.error(), "tickets");
  const auto body = parse_json(reply->body, FailureKind::retryable, "property");
  if (body && JsonView(*body)["hasUniqueValue"].boolean() == true) return sdk::Finding(what, true);
  return sdk::Finding(
      what, false,
      "it does not hold unique values, which can only be said when it is made: delete it in Settings, "
      "Properties, and run `baton destinations test --apply`");
}

// The stages that the webhook and read_status take for solved, against those that HubSpot itself calls
// closed.
sdk::Finding stages_finding(const Reply& reply, const sdk::Settings& settings) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "pipelines");
  if (!body) return sdk::Finding("closed_stages", false, "HubSpot's pipelines could not be read");
  std::string closed, open, missed;
  const auto add = [](std::string& to, const std::string& id) { to += (to.empty() ? "" : ",") + id; };
  for (const auto& pipeline : items(JsonView(*body)["results"])) {
    for (const auto& stage : items(pipeline["stages"])) {
      const auto id = stage["id"].id().value_or("");
      const bool is_closed = stage["metadata"]["ticketState"].text() == "CLOSED";
      const bool is_listed = is_closed_stage(id, settings);
      if (is_closed) add(closed, id);
      if (is_closed && !is_listed) add(missed, id);
      if (is_listed && !is_closed) add(open, id);
    }
  }
  if (!closed.empty() && missed.empty() && open.empty()) return sdk::Finding("closed_stages", true);
  std::string remedy;
  if (!missed.empty())
    remedy += "a ticket in " + missed + " counts as open, though HubSpot calls that closed; ";
  if (!open.empty()) remedy += "a ticket in " + open + " counts as solved, though HubSpot calls that open; ";
  return sdk::Finding("closed_stages", false, remedy + "set `closed_stages: \"" + closed + "\"`");
}

Task<sdk::Finding> custom_finding(const Paths& paths, std::string setting, std::string name,
                                  sdk::ReadSession& session) {
  const auto what = "the property " + name + " (" + setting + ")";
  for (const auto* type : {"contacts", "companies"}) {
    const auto reply = co_await session.read(paths.property(type, name));
    if (reply) co_return sdk::Finding(what, true);
    if (reply.error().kind != FailureKind::target_gone)
      co_return refused(what, reply.error(), "crm.objects.companies.read");
  }
  co_return sdk::Finding(
      what, false,
      "neither contacts nor companies have it: use the internal name that Settings, Properties shows");
}

}  // namespace

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  const Paths paths(settings);
  sdk::Findings findings;
  const auto account = co_await session.read(paths.account_details());
  const bool unknown = !account && (account.error().kind == FailureKind::auth_expired ||
                                    (account.error().kind == FailureKind::misconfigured &&
                                     account.error().detail.find(" answered ") == std::string::npos));
  if (unknown) {
    findings.push_back(refused("the token", account.error(), ""));
    co_return findings;
  }
  // That a static token may read it is unconfirmed (section 2): the objects below prove the token as well.
  if (account) check_account(*account, settings, findings);
  for (const auto& part : kParts) {
    const auto reply = co_await session.read(paths.any(part.what));
    auto what = "reading " + std::string(part.what) + " (" + std::string(part.scope) + ")";
    if (reply) findings.emplace_back(std::move(what), true);
    if (!reply) findings.push_back(refused(std::move(what), reply.error(), part.scope));
  }
  const auto owners = co_await session.read(paths.any_owner());
  if (owners) findings.emplace_back("reading owners (crm.objects.owners.read)", true);
  if (!owners)
    findings.push_back(
        refused("reading owners (crm.objects.owners.read)", owners.error(), "crm.objects.owners.read"));
  findings.push_back(key_finding(co_await session.read(paths.property("tickets", kKeyProperty))));
  const auto pipelines = co_await session.read(paths.ticket_pipelines());
  if (pipelines) findings.push_back(stages_finding(*pipelines, settings));
  if (!pipelines) findings.push_back(refused("closed_stages", pipelines.error(), "tickets"));
  for (const auto* field : {"tier_property", "renewal_property", "health_property"}) {
    if (settings[field].empty()) continue;
    auto finding = co_await custom_finding(paths, field, std::string(settings[field]), session);
    if (finding) findings.push_back(std::move(*finding));
  }
  co_return findings;
}

Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) {
  const Paths paths(settings);
  const auto there = co_await session.read(paths.property("tickets", kKeyProperty));
  if (!there && there.error().kind == FailureKind::target_gone) {
    const auto made = co_await session.send(paths.make_key_property());
    if (!made) {
      sdk::Findings findings;
      findings.push_back(
          refused("making the ticket property " + std::string(kKeyProperty), made.error(), "tickets"));
      co_return findings;
    }
  }
  co_return co_await probe(settings, session);
}

}  // namespace baton::hubspot
