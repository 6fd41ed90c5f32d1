// Purpose: Microsoft Teams by a Workflows webhook: the card that agents see, and short ones that tell what
// became of it. One way only: nothing comes back, and a card that was posted cannot be changed.
// Source: fact sheet microsoft-teams; section numbers below are its own.
#include "connectors/sdk/connector.h"

#include <array>

#include "connectors/teams/address.h"
#include "connectors/teams/card.h"
#include "connectors/teams/errors.h"
#include "gateway/base/json_view.h"

namespace baton::teams {
namespace {

constexpr std::string_view kPark = "park", kRepeatOnce = "repeat_once";

std::string_view wrong_unknown(std::string_view value) {
  if (value == kPark || value == kRepeatOnce) return {};
  return "must be park or repeat_once";
}

// Teams names no message: what was posted is known by our own key.
sdk::Step::ReadReply posted_as(const std::string& id) {
  return [id](const Reply&) { return Result<Receipt>(Receipt(id)); };
}

// How long after a post that nobody knows of it is repeated, once (section 4).
constexpr auto kBeforeRepeat = Duration{60s};

// C: there is no key, no id and no search, so a post whose outcome is unknown waits for a person, or where
// `unknown` says so it is left open and the card comes once more, marked (section 4).
sdk::Again when_unknown(const sdk::Order& order) {
  if (order.settings["unknown"] == kRepeatOnce) return sdk::LeftOpen(kBeforeRepeat);
  return sdk::no_lookup;
}

// A message that is too large is sent once more, cut (section 6).
Task<Receipt> post_whole_or_cut(Card card, std::string id, sdk::Again again, std::string prefix,
                                sdk::Session& session) {
  sdk::Step whole(prefix + "card", post_card(card), posted_as(id), again);
  auto posted = co_await session.once(std::move(whole));
  if (posted || !is_too_large(posted.error())) co_return posted;
  sdk::Step cut(prefix + "small_card", post_small(card), posted_as(id), again);
  co_return co_await session.once(std::move(cut));
}

Task<Receipt> post(const nlohmann::json& document, const sdk::Order& order, sdk::Session& session) {
  const auto card = read_card(document, order.external_id, JsonView(order.subject)["claim_url"].text());
  auto posted = co_await post_whole_or_cut(card, order.external_id, when_unknown(order), "", session);
  const bool left_open = posted && posted->object_id.empty();
  if (!left_open) co_return posted;
  co_return co_await post_whole_or_cut(as_repeat(card), order.external_id, sdk::no_lookup, "repeated_",
                                       session);
}

Task<Receipt> post_alert(const sdk::Order& order, sdk::Session& session) {
  co_return co_await post(order.document, order, session);
}

// Jobs that an older version has planned do not say what is new.
bool is_news(JsonView subject) {
  if (!subject["news"].missing()) return !subject["news"].text().empty();
  return subject["state"].text() != "waiting" || !subject["owner"].text().empty();
}

// The first card stays as it is, so a second one says who has the handoff, that it waits again, or how it
// ended (section 3.3). A ticket that got its number is no news to a whole channel.
Task<Receipt> update_alert(const sdk::Order& order, sdk::Session& session) {
  if (order.settings["second_card"] == "off" || !is_news(JsonView(order.subject))) co_return order.target;
  co_return co_await post(order.document, order, session);
}

// Nobody can write below a card from outside either: the words become a short card of their own.
Task<Receipt> reply_in_thread(const sdk::Order& order, sdk::Session& session) {
  if (JsonView(order.subject)["news"].text() == "released")
    co_return order.target;  // the second card says so
  auto document = order.document;
  if (!document.is_object()) document = {{"title", JsonView(order.subject)["text"].text()}};
  co_return co_await post(document, order, session);
}

constexpr auto kActions = std::to_array<sdk::Action>({
    {Operation::post_alert, post_alert},
    {Operation::update_alert, update_alert},
    {Operation::reply_in_thread, reply_in_thread},
    {Operation::notify, post_alert},  // a card of its own shape, which its mapping gives it
});

constexpr auto kFields = std::to_array<sdk::Field>({
    {"address", sdk::Need::secret, "",
     "Address of the flow's trigger, whole and unchanged: https://...&sig=... (it is a secret)",
     wrong_address},
    {"second_card", sdk::Need::optional, "on",
     "on: a short card tells who claimed a handoff, that it waits again and how it ended; off: the first "
     "card stays the only one"},
    {"unknown", sdk::Need::optional, "park",
     "What happens when nobody knows whether a card came: park: it waits for a person; repeat_once: after a "
     "minute it is posted once more, marked as what may be a repeat",
     wrong_unknown},
});

constexpr sdk::Manifest kManifest{
    .name = "teams",
    .title = "Microsoft Teams",
    .api_version = "Workflows, Adaptive Cards 1.4",
    .idempotency = sdk::Idempotency::c,
    .actions = kActions,
    .fields = kFields,
    .base_url = "https://api.powerplatform.com",  // never asked: `address` is the whole address
    // One a second and address, bursts of 4; the owner's plan may allow less (section 5).
    .limits =
        {.per_second = 1, .burst = 4, .at_once = 1, .first_wait = Duration{5s}, .max_body_bytes = kMostBytes},
};
static_assert(sdk::well_formed(kManifest));

class Teams final : public sdk::Connector {
 public:
  const sdk::Manifest& manifest() const override { return kManifest; }
  sdk::Auth auth(const sdk::Settings&) const override { return sdk::SecretAddress("address"); }
  std::optional<Failure> classify(const sdk::Exchange& seen) const override { return teams::classify(seen); }

  // Every POST that is accepted posts a card (section 9), so the address is only looked at: a flow that is
  // gone, off or closed to us says so to a GET as well, and any other answer means that it is there.
  Task<sdk::Findings> probe(const sdk::Settings&, sdk::ReadSession& session) const override {
    const auto reply = co_await session.read(sdk::Read::get(""));
    sdk::Findings findings;
    const bool refused = !reply && is_about_the_address(reply.error());
    findings.emplace_back("the flow's address", !refused, refused ? reply.error().detail : "");
    co_return findings;
  }
};

}  // namespace

sdk::ConnectorPtr make_connector() { return std::make_unique<Teams>(); }

}  // namespace baton::teams
