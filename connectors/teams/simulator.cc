#include "connectors/teams/simulator.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "connectors/simulation/setup.h"
#include "gateway/base/text.h"

namespace baton::teams {
namespace simulated {
namespace {

constexpr std::string_view kWorkflow = "5f1b7c0e9a2d4c58b3f6e1d0a7c94b21";
constexpr std::string_view kSig = "bmFtZS1vZi10aGUtdmVuZG9yLXNpZw";
constexpr std::string_view kTail = "/triggers/manual/paths/invoke";
constexpr std::string_view kCardType = "application/vnd.microsoft.card.adaptive";
constexpr auto kStates = std::to_array<std::string_view>({"Enabled", "Suspended", "Disabled", "Deleted"});

// The part between /workflows/ and the trigger's path; empty if the path is no trigger's.
std::string_view workflow_of(std::string_view path) {
  constexpr std::string_view kBefore = "/workflows/";
  const auto at = path.find(kBefore);
  if (at == std::string_view::npos || !path.ends_with(kTail)) return {};
  const auto begin = at + kBefore.size();
  if (path.size() < begin + kTail.size()) return {};
  return path.substr(begin, path.size() - kTail.size() - begin);
}

bool has_null(const json& value) {
  if (value.is_null()) return true;
  return value.is_structured() && std::any_of(value.begin(), value.end(), has_null);
}

// Without a charset the bytes of an emoji are taken for letters of another alphabet [3.1].
bool is_garbled(const RawRequest& raw) {
  const auto type = to_lower(header(raw.headers, "content-type"));
  const bool plain = std::all_of(raw.body.begin(), raw.body.end(), [](unsigned char c) { return c < 0x80; });
  return !plain && type.find("charset=utf-8") == std::string::npos;
}

}  // namespace

Channel::Channel(const simulation::Setup& setup)
    : setup_(setup), posts_(simulation::limit_of(setup, "per_second", 4), 1s), sig_(text("sig", kSig)),
      state_(text("state", "Enabled")), anyone_(text("who", "anyone") == "anyone") {}

std::string Channel::text(std::string_view key, std::string_view fallback) const {
  return simulation::text_of(setup_, key, fallback);
}

Reply Channel::refuse(int status, std::string_view code, std::string message) {
  tally_.refuse(code);
  return simulation::json_reply(status, {{"error", {{"code", code}, {"message", std::move(message)}}}});
}

Reply Channel::handle(const RawRequest& raw) {
  tally_.request();
  if (auto refused = check_address(raw)) return *std::move(refused);
  if (auto refused = over_limit(raw.received_at)) return *std::move(refused);
  json body;
  if (auto refused = check_trigger(raw, body)) return *std::move(refused);
  const auto most = simulation::number_of(setup_, "max_bytes", 28 * 1024);
  if (raw.body.size() > static_cast<std::size_t>(std::max(0, most))) {
    auto why = fmt::format("the message has {} bytes, more than {}", raw.body.size(), most);
    if (text("too_large", "silent") == "413") return refuse(413, "RequestEntityTooLarge", std::move(why));
    fail(std::move(why), raw.received_at);
    return Reply(202);
  }
  run(body, raw);
  return Reply(202);
}

// --- the address [2], and what is said of one that does not fit [6, 10]

std::optional<Reply> Channel::check_address(const RawRequest& raw) {
  const auto workflow = workflow_of(path_of(raw.target));
  if (workflow.empty() || workflow != text("workflow", kWorkflow))
    return refuse(404, "WorkflowNotFound", fmt::format("The workflow '{}' could not be found.", workflow));
  if (raw.method != "POST")
    return refuse(405, "MethodNotAllowed", "The trigger 'manual' is started by POST.");
  const auto mark = raw.target.find('?');
  const auto query =
      mark == std::string::npos ? std::string_view() : std::string_view(raw.target).substr(mark + 1);
  std::string_view sig, sp;
  for (const auto part : split(query, '&')) {
    if (part.starts_with("sig=")) sig = part.substr(4);
    if (part.starts_with("sp=")) sp = part.substr(3);
  }
  if (sig.empty() || !anyone_) {
    return refuse(401, "DirectApiAuthorizationRequired",
                  "The request must be authenticated by a token of the tenant, or by Shared Access scheme.");
  }
  // A flow that was made anew has a new address; the old one belongs to a flow that was deleted.
  if (address_was_changed_ && sig == text("sig", kSig))
    return refuse(400, "WorkflowTriggerIsNotEnabled",
                  "Could not execute workflow trigger 'manual' with state 'Deleted'.");
  if (sig != sig_ || sp != "%2Ftriggers%2Fmanual%2Frun")
    return refuse(403, "AuthorizationFailed", "The authentication credentials are not valid.");
  if (state_ != "Enabled")
    return refuse(400, "WorkflowTriggerIsNotEnabled",
                  fmt::format("Could not execute workflow trigger 'manual' with state '{}'.", state_));
  return std::nullopt;
}

std::optional<Reply> Channel::over_limit(TimePoint now) {
  auto wait = posts_.take(now);
  if (used_up_ > 0) {
    --used_up_;
    wait = wait.value_or(Duration{1s});
  }
  if (!wait) return std::nullopt;
  if (simulation::flag_of(setup_, "throttle_as_200", false)) {
    tally_.refuse("throttled_as_200");
    return Reply(200,
                 "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP "
                 "error 429 with ContextId tcid=0,server=DB3PEPF00000000,cv=0.");
  }
  auto reply = refuse(429, "WorkflowRequestsThrottled", "The workflow was started too often.");
  if (simulation::flag_of(setup_, "retry_after", true))
    reply.headers["retry-after"] = std::to_string(std::max(1L, simulation::whole_seconds(*wait)));
  return reply;
}

// --- the trigger's schema [6]

std::optional<Reply> Channel::check_trigger(const RawRequest& raw, json& body) {
  const auto mismatch = [this](std::string what) {
    return refuse(400, "TriggerInputSchemaMismatch",
                  "The input body for trigger 'manual' of type 'Request' did not match its schema "
                  "definition. Error details: '" +
                      what + "'.");
  };
  if (!simulation::is_json(raw.headers))
    return refuse(400, "InvalidRequestContent", "The request content is not application/json.");
  body = json::parse(raw.body, nullptr, false);
  if (body.is_discarded())
    return refuse(400, "InvalidRequestContent",
                  "The request content is not valid and could not be deserialized.");
  const JsonView view(body);
  if (!view.object()) return mismatch("Invalid type. Expected Object.");
  if (view["type"].text() != "message") return mismatch("Invalid type. Expected String \"message\" at type.");
  const auto attachments = view["attachments"].list();
  if (!attachments) return mismatch("Invalid type. Expected Array at attachments.");
  for (const auto& attachment : *attachments) {
    if (!attachment["contentType"].string())
      return mismatch("Invalid type. Expected String at attachments[].contentType.");
    if (!attachment["content"].object())
      return mismatch("Invalid type. Expected Object at attachments[].content.");
  }
  if (text("schema", "template") == "from_sample" && has_null(body))
    return mismatch("Invalid type. Expected String but got Null.");
  return std::nullopt;
}

// --- the run, of which nobody hears [3.1]

void Channel::fail(std::string why, TimePoint now) {
  tally_.effect("runs_failed");
  failed_runs_.push_back({{"at", simulation::iso_millis(now)}, {"why", std::move(why)}});
}

void Channel::run(const json& body, const RawRequest& raw) {
  tally_.effect("runs_started");
  for (const auto& attachment : body["attachments"]) {  // the template's loop
    if (attachment["contentType"] != kCardType) {
      fail("the action 'Post card' takes adaptive cards only", raw.received_at);
    } else if (auto bad = check_card(attachment["content"], text("card_version", "1.4"))) {
      fail(*std::move(bad), raw.received_at);
    } else {
      post(attachment["content"], raw);
    }
  }
}

void Channel::post(const json& card, const RawRequest& raw) {
  auto shown = show(card);
  messages_.push_back(
      {{"id", fmt::format("{}", 1'790'000'000'000 + static_cast<long long>(messages_.size()))},
       {"at", simulation::iso_millis(raw.received_at)},
       {"text", std::move(shown.text)},
       {"links", std::move(shown.links)},
       {"mentions", std::move(shown.mentions)},
       {"actions", std::move(shown.actions)},
       {"hidden_actions", shown.hidden_actions},
       {"garbled", is_garbled(raw)},
       {"bytes", raw.body.size()},
       {"footer", "Sam Admin used a Workflow to send this card"},
       {"card", card}});
  tally_.effect("messages_posted");
}

// --- what the flow's owner does

Result<std::vector<simulation::Outbound>> Channel::act(const simulation::Deed& deed, TimePoint) {
  const JsonView with(deed.with);
  if (!with.object()) return Failure(FailureKind::rejected, "teams: a deed needs an object");
  if (deed.what == "turn_off") {
    const auto state = with["state"].text("Suspended");
    if (std::find(kStates.begin(), kStates.end(), state) == kStates.end())
      return Failure(FailureKind::rejected, "teams: no such state: " + state);
    state_ = state;
  } else if (deed.what == "turn_on") {
    state_ = "Enabled";
  } else if (deed.what == "restrict") {
    anyone_ = false;
  } else if (deed.what == "recreate") {
    const auto sig = with["sig"].text();
    if (sig.empty() || sig == sig_) return Failure(FailureKind::rejected, "teams: recreate needs a new sig");
    sig_ = sig;
    state_ = "Enabled";
    address_was_changed_ = true;
  } else if (deed.what == "use_up") {
    used_up_ = with["starts"].integer().value_or(1);
  } else {
    return Failure(FailureKind::rejected, "teams: no such deed: " + deed.what);
  }
  return std::vector<simulation::Outbound>();
}

json Channel::ledger() const {
  std::vector<std::string> cards;  // the only thing by which a person would recognise a repetition
  for (const auto& message : messages_) cards.push_back(simulation::dump(message["card"]));
  auto all = tally_.json(simulation::count_duplicates(cards));
  all["messages"] = messages_;
  all["failed_runs"] = failed_runs_;
  return all;
}

}  // namespace simulated

simulation::VendorPtr make_vendor(const simulation::Setup& setup) {
  return std::make_unique<simulated::Channel>(setup);
}

}  // namespace baton::teams
