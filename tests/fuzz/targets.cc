#include "tests/fuzz/targets.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "connectors/sdk/connector.h"
#include "gateway/base/text.h"
#include "gateway/config/parse.h"
#include "gateway/http/curl/address_policy.h"
#include "gateway/http/curl/answer.h"
#include "gateway/ingress/schema.h"
#include "mappings/engine/template.h"
#include "secrets/webhook_signature.h"
#include "tests/support/direct_session.h"
#include "tests/support/parse_request.h"

namespace baton {

namespace zendesk {
sdk::ConnectorPtr make_connector();
}
namespace slack {
sdk::ConnectorPtr make_connector();
}
namespace hubspot {
sdk::ConnectorPtr make_connector();
}

namespace fuzz {
namespace {

using nlohmann::json;

constexpr TimePoint kNow{Duration{1'790'000'000'000}};

// --- an HTTP request, as a connection reads it

// However the bytes are cut, they mean the same.
void http_request(std::string_view bytes) {
  constexpr std::size_t kMostBody = 10'000;
  const auto whole = parse_in_steps(bytes, std::max<std::size_t>(bytes.size(), 1), kMostBody);
  BATON_CHECK(parse_in_steps(bytes, 1, kMostBody) == whole);
  BATON_CHECK(parse_in_steps(bytes, 7, kMostBody) == whole);
  if (!whole.complete || whole.refusal) return;
  BATON_CHECK(whole.request.body.size() <= kMostBody);
  for (const auto& [name, value] : whole.request.headers)
    BATON_CHECK(name.find_first_of("\r\n:") == std::string::npos &&
                value.find_first_of("\r\n") == std::string::npos);
}

// --- an event's JSON

void event_json(std::string_view bytes) {
  static const auto& kValidator = *new EventValidator;
  const auto read = read_event(bytes);
  BATON_CHECK(read.errors.empty() || read.document.is_null());
  if (!read.errors.empty()) return;
  // What was read can be written and read again as the same.
  const auto again = read_event(read.document.dump());
  BATON_CHECK(!again.errors.empty() || again.document == read.document);
  (void)kValidator.validate(read.document);
  for (const auto& one : read.document.is_array() ? read.document : json::array({read.document}))
    BATON_CHECK(kValidator.validate(one).size() <= EventValidator::kMaxErrors + 1);
}

// --- signature headers: id, timestamp and signature by lines, the rest is the body

void signature(std::string_view bytes) {
  static const auto& kKey = *new secrets::SigningKey(
      *secrets::SigningKey::make(Secret("whsec_" + to_base64("a key that nobody has to keep safe"))));
  std::array<std::string, 3> lines;
  for (auto& line : lines) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    line = std::string(bytes.substr(0, end));
    bytes.remove_prefix(std::min(end + 1, bytes.size()));
  }
  const Headers headers{
      {"webhook-id", lines[0]}, {"webhook-timestamp", lines[1]}, {"webhook-signature", lines[2]}};
  const std::span<const secrets::SigningKey> keys(&kKey, 1);
  const auto verified = secrets::verify(headers, bytes, keys, kNow);
  // Nobody guesses a signature: what fits is what we would have signed.
  if (!verified) return;
  const auto ours = secrets::sign(verified->id, verified->timestamp, bytes, keys);
  BATON_CHECK(ours && lines[2].find(*ours) != std::string::npos);
  BATON_CHECK(std::chrono::abs(kNow - verified->timestamp) <= secrets::kTimestampTolerance + 1s);
}

// --- addresses, and texts of URLs

void address(std::string_view bytes) {
  const std::string text(bytes);
  if (const auto decoded = percent_decode(text))
    BATON_CHECK(percent_decode(percent_encode(*decoded)) == *decoded);
  (void)query_value(text, "state");
  const auto policy = AddressPolicy::parse(std::vector<std::string>{text}, false);
  const auto parsed = parse_address(text);
  if (!parsed) return;
  BATON_CHECK(parse_address(to_text(*parsed)) == *parsed);
  const Endpoint to{*parsed, 443};
  // Only what is public leaves by default; what is listed leaves as well.
  BATON_CHECK(AddressPolicy().judge(to, true).has_value() == !special_purpose(*parsed).has_value());
  BATON_CHECK(!AddressPolicy().judge(to, false));
  if (policy) BATON_CHECK(policy->judge(to, true).has_value());
}

// --- configuration and mappings

void config_yaml(std::string_view bytes) {
  const auto parsed = config::parse(bytes, "fuzz.yaml");
  for (const auto& problem : parsed.problems.list()) BATON_CHECK(!problem.text().empty());
}

void liquid(std::string_view bytes) {
  static const auto& kScope = *new json{{"customer", {{"name", "Ada"}, {"email", "ada@example.com"}}},
                                        {"list", {1, 2.5, "three", nullptr, {{"a", json::array()}}}},
                                        {"text", "one two three \xc3\xa4"},
                                        {"at", "2026-11-21T10:00:00Z"}};
  const auto made = mappings::Template::parse(bytes);
  if (!made) return;
  mappings::Limits limits;
  limits.max_work = 20'000;
  limits.max_output_bytes = 256 * 1024;
  limits.max_memory_bytes = 1024 * 1024;
  const auto text = made->render(kScope, kNow, limits);
  BATON_CHECK(!text || text->size() <= limits.max_output_bytes);
}

// --- what a vendor answers: the first byte says to which operation, the second with which status

class Answering final : public sdk::Session {
 public:
  Answering(const sdk::Connector& connector, Reply reply, bool in_doubt)
      : connector_(connector), reply_(std::move(reply)), in_doubt_(in_doubt) {}

  Task<Reply> read(sdk::Read read) override { co_return answer(read.request(), false); }

  Task<Receipt> once(sdk::Step step) override {
    if (const auto* lookup = std::get_if<sdk::Lookup>(&step.again); lookup && in_doubt_) {
      auto page = lookup->find;
      for (int pages = 0; pages < 3; ++pages) {
        const auto reply = answer(page.request(), false);
        if (!reply) co_return reply.error();
        const auto found = lookup->match(*reply);
        if (!found) co_return found.error();
        if (*found) co_return **found;
        if (!lookup->next) break;
        const auto next = lookup->next(*reply);
        if (!next) co_return next.error();
        if (!*next) break;
        page = **next;
      }
    }
    const auto reply = answer(step.write.request(), true);
    if (!reply) co_return reply.error();
    co_return step.read(*reply);
  }

 private:
  Result<Reply> answer(const Request& request, bool writes) {
    if (++asked_ > 40) return Failure(FailureKind::retryable, "enough");
    (void)connector_.quota(reply_, kNow);
    if (auto failure = connector_.classify(sdk::Exchange(request, writes, reply_, kNow))) return *failure;
    return reply_;
  }

  const sdk::Connector& connector_;
  Reply reply_;
  bool in_doubt_;
  int asked_ = 0;
};

// No key fits, or every key: a forged webhook is refused before its body is believed.
class FixedKeys final : public sdk::Keys {
 public:
  explicit FixedKeys(bool fits) : fits_(fits) {}
  bool matches(Mac, std::string_view, std::string_view, std::string_view) const override { return fits_; }
  Result<std::string> standard_webhook(const RawRequest&, std::string_view) const override {
    return Failure(FailureKind::rejected, "it is not signed");
  }

 private:
  bool fits_;
};

void vendor_answer(const sdk::Connector& connector, std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto operation = static_cast<unsigned char>(bytes[0]);
  constexpr auto kStatus =
      std::to_array({200, 201, 204, 302, 400, 401, 403, 404, 409, 422, 429, 500, 502, 503});
  const auto status = kStatus[static_cast<unsigned char>(bytes[1]) % kStatus.size()];
  const std::string body(bytes.substr(2));
  static const auto& kSubject =
      *new json{{"customer", {{"name", "Ada"}, {"email", "ada@example.com"}, {"external_id", "u1"}}},
                {"conversation", {{"id", "c1"}}},
                {"text", "a word"},
                {"to", "U1"},
                {"type", "handoff.claimed"},
                {"data", json::object()},
                {"timestamp", "2026-11-21T10:00:00Z"},
                {"reply_address", "https://hooks.slack.com/actions/1"}};
  const json document = {{"subject", "help"},
                         {"comment", {{"html_body", "<p>help</p>"}}},
                         {"text", "help"},
                         {"blocks", json::array()},
                         {"hs_note_body", "<p>help</p>"},
                         {"status", "solved"}};
  const auto settings = testing::settings_for(
      connector, {{"base_url", "https://vendor.example"}, {"channel", "C1"}, {"client_id", "baton"}});
  const auto actions = connector.manifest().actions;
  const auto& action = actions[operation % actions.size()];
  const sdk::Order order("hof_1/desk/open_ticket/1", "hof_1/desk/open_ticket/1", document, Receipt("17"),
                         kSubject, settings);
  Answering session(connector, Reply(status, body, Headers{{"content-type", "application/json"}}),
                    operation & 0x80);
  if (action.look) (void)testing::run_task(action.look(order, session));
  else (void)testing::run_task(action.write(order, session));
  RawRequest webhook(
      "POST", "/v1/hooks/desk", body,
      {{"content-type", operation & 0x40 ? "application/x-www-form-urlencoded" : "application/json"},
       {"x-slack-request-timestamp", "1790000000"},
       {"x-slack-signature", "v0=00"},
       {"x-zendesk-webhook-signature", "AA=="},
       {"x-zendesk-webhook-signature-timestamp", "2026-09-21T14:13:20Z"},
       {"x-hubspot-signature-v3", "AA=="},
       {"x-hubspot-request-timestamp", "1790000000000"}});
  webhook.received_at = kNow;
  BATON_CHECK(!connector.read_webhook(webhook, FixedKeys(false), settings));
  (void)connector.read_webhook(webhook, FixedKeys(true), settings);
  if (connector.manifest().source) (void)connector.read_events(webhook, FixedKeys(true), settings);
}

template <sdk::ConnectorPtr (*Make)()>
void answers_of(std::string_view bytes) {
  static const auto& kConnector = *new sdk::ConnectorPtr(Make());
  vendor_answer(*kConnector, bytes);
}

constexpr auto kTargets = std::to_array<Target>({
    {"http_request", http_request},
    {"event_json", event_json},
    {"signature", signature},
    {"address", address},
    {"config_yaml", config_yaml},
    {"liquid", liquid},
    {"zendesk", answers_of<zendesk::make_connector>},
    {"slack", answers_of<slack::make_connector>},
    {"hubspot", answers_of<hubspot::make_connector>},
});

}  // namespace

std::span<const Target> targets() { return kTargets; }

}  // namespace fuzz
}  // namespace baton
