#include "connectors/freshdesk/probe.h"

#include <algorithm>
#include <vector>

#include "connectors/freshdesk/wire.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"

namespace baton::freshdesk {
namespace {

using nlohmann::json;

std::string field_in_words(const sdk::Settings& settings) {
  return "the ticket field " + std::string(settings["handoff_field"]);
}

// "cf_baton_handoff_id" is what Freshdesk makes of this label (section 8).
std::string label_of(const sdk::Settings& settings) {
  std::string label(settings["handoff_field"]);
  if (label.starts_with("cf_")) label.erase(0, 3);
  std::ranges::replace(label, '_', ' ');
  if (!label.empty() && label[0] >= 'a' && label[0] <= 'z')
    label[0] = static_cast<char>(label[0] - 'a' + 'A');
  return label;
}

// The key's agent: its tickets, and whose notes are ours.
void add_agent(const Reply& reply, const sdk::Settings& settings, sdk::Findings& findings) {
  const auto body = parse_json(reply.body, FailureKind::retryable, "Freshdesk's answer to the API key");
  const auto agent = body ? JsonView(*body) : JsonView();
  if (!agent["id"].id()) {
    findings.emplace_back(
        "the API key", false,
        "base_url does not lead to Freshdesk: it is https://NAME.freshdesk.com, not an address of your own");
    return;
  }
  findings.emplace_back("the API key", true);
  if (const auto scope = agent["ticket_scope"].integer(); scope && *scope != 1) {
    findings.emplace_back("the agent's ticket scope", false,
                          "Admin > Agents > the agent of the key > Scope: Global access; with less some "
                          "tickets are hidden from Baton");
  } else {
    findings.emplace_back("the agent's ticket scope", true);
  }
  const auto email = agent.at_path("contact.email").text(), ours = std::string(settings["baton_agent_email"]);
  if (!ours.empty() && !email.empty() && !equals_ignoring_case(email, ours)) {
    findings.emplace_back("baton_agent_email", false,
                          "the key belongs to " + email + ": set baton_agent_email to it");
  }
}

sdk::Finding field_finding(const Reply& reply, const sdk::Settings& settings) {
  const auto what = field_in_words(settings);
  const auto body = parse_json(reply.body, FailureKind::retryable, "Freshdesk's list of ticket fields");
  const auto fields = body ? JsonView(*body).list() : std::nullopt;
  if (!fields)
    return sdk::Finding(what, false, "Freshdesk's list of ticket fields cannot be read; try again");
  const auto named = [&](JsonView field) { return field["name"].text() == settings["handoff_field"]; };
  if (std::ranges::any_of(*fields, named)) return sdk::Finding(what, true);
  return sdk::Finding(what, false,
                      "Admin > Workflows > Ticket Fields: add a single-line text field with the label \"" +
                          label_of(settings) +
                          "\", not shown to customers; or let Baton make it (destinations test --apply)",
                      true);
}

}  // namespace

Task<sdk::Findings> probe(const sdk::Settings& settings, sdk::ReadSession& session) {
  sdk::Findings findings;
  const auto me = co_await session.read(sdk::Read::get("/api/v2/agents/me", accept_json()));
  if (!me) {
    // After the first refusal nothing more is asked: too many wrong keys lock the agent (section 2).
    findings.emplace_back("the API key", false,
                          me.error().detail +
                              "; the key stands in Freshdesk under Profile settings > Your API key, and "
                              "`baton secret set` keeps it");
    co_return findings;
  }
  add_agent(*me, settings, findings);
  const auto fields = co_await session.read(sdk::Read::get("/api/v2/ticket_fields", accept_json()));
  if (!fields) findings.emplace_back(field_in_words(settings), false, fields.error().detail);
  else findings.push_back(field_finding(*fields, settings));
  co_return findings;
}

Task<sdk::Findings> prepare(const sdk::Settings& settings, sdk::SetupSession& session) {
  const auto label = label_of(settings);
  const json field = {{"label", label},
                      {"label_for_customers", label},
                      {"type", "custom_text"},
                      {"customers_can_edit", false},
                      {"displayed_to_customers", false}};
  Headers headers = {{"accept", "application/json"}, {"content-type", "application/json"}};
  const auto made = co_await session.send(
      sdk::Write::post("/api/v2/admin/ticket_fields", field.dump(), std::move(headers)));
  auto findings = co_await probe(settings, session);
  if (made || !findings) co_return findings;
  for (auto& finding : *findings) {
    if (!finding.can_make) continue;
    finding.remedy += ". Baton may not make it: " + made.error().detail;
  }
  co_return findings;
}

}  // namespace baton::freshdesk
