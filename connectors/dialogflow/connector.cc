// Purpose: Dialogflow CX as a chat platform: Baton is the webhook of the page on which the bot hands over.
// The platform has no call by which another speaks into a session, so there is nothing that Baton could do
// there. Source: fact sheet ingress, section 4.6.
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/dialogflow/webhook.h"

namespace baton::dialogflow {
namespace {

constexpr auto kFields = std::to_array<sdk::Field>({
    {"webhook_token", sdk::Need::secret, "",
     "What each call proves itself with: the value of the static header, or user:password of Basic"},
    {"webhook_header", sdk::Need::optional, "authorization",
     "Header that carries webhook_token; in Authorization as it stands, after Bearer, or as Basic"},
    {"tags", sdk::Need::optional, "handoff_to_human",
     "Tags of the fulfilment that hands over, parted by commas; empty: only a queued live agent handoff "
     "does"},
    {"handoff_text", sdk::Need::optional, "I am getting a colleague for you.",
     "What the bot says when it hands over; empty: nothing"},
    {"handoff_parameter", sdk::Need::optional, "baton_handoff_id",
     "Session parameter that gets the handoff's id; empty: none"},
    {"customer_id_parameter", sdk::Need::optional, "customer_id",
     "Session parameter that holds the customer's id"},
    {"name_parameter", sdk::Need::optional, "name", "Session parameter that holds the customer's name"},
    {"email_parameter", sdk::Need::optional, "email",
     "Session parameter that holds the customer's e-mail address"},
    {"page_url_parameter", sdk::Need::optional, "page_url",
     "Session parameter that holds the address of the page where the customer is"},
    {"attempts_parameter", sdk::Need::optional, "ai_tried",
     "Session parameter that lists what the bot already tried"},
    {"priority_parameter", sdk::Need::optional, "priority",
     "Session parameter that holds low, normal, high or urgent"},
    {"identifier_parameters", sdk::Need::optional, "order_id",
     "Session parameters that are numbers a person looks things up by, parted by commas"},
});

constexpr sdk::Manifest kManifest{
    .name = "dialogflow",
    .title = "Dialogflow CX",
    .api_version = "v3",
    .idempotency = sdk::Idempotency::a,  // nothing is written; a call has an id of its own
    .actions = {},
    .fields = kFields,
    .base_url = "https://dialogflow.googleapis.com",  // never called
    .source = true,
};
static_assert(sdk::well_formed(kManifest));

class Dialogflow final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }

  sdk::Auth auth(const sdk::Settings&) const override { return sdk::NoAuth(); }

  Result<sdk::Inbound> read_events(const RawRequest& request, const sdk::Keys& keys,
                                   const sdk::Settings& settings) const override {
    return dialogflow::read_events(request, keys, settings);
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Dialogflow>(); }

}  // namespace baton::dialogflow
