#include "gateway/app/demo.h"

#include <chrono>
#include <functional>
#include <iostream>
#include <set>
#include <thread>

#include <unistd.h>

#include "gateway/app/demo_events.h"
#include "gateway/app/demo_stage.h"
#include "gateway/base/json_view.h"

namespace baton::app {
namespace {

using nlohmann::json;
using Items = std::vector<JsonView>;

Items items(JsonView list) { return list.list().value_or(Items{}); }

// The play: sends the events, shows each one's way as it happens, and counts at the end.
class Play {
 public:
  Play(Stage& stage, const DemoOptions& options)
      : stage_(stage), colours_(!options.plain && ::isatty(STDOUT_FILENO) == 1) {}

  Result<Done> run();
  ExitCode count();

 private:
  Result<Done> play(std::size_t number, const DemoEvent& event);
  Result<std::string> send(const DemoEvent& event);
  Result<Done> kill_during(const std::string& vendor, const std::string& list, std::size_t before);
  Result<Done> follow(const std::string& handoff, const std::function<bool(JsonView)>& enough, Duration patience);
  Result<Done> people(const std::string& handoff);
  std::size_t held(const std::string& vendor, const std::string& list);
  json card_of(const std::string& handoff);
  json ticket_of(const std::string& handoff);
  void say(const std::string& text) const { std::cout << text << std::endl; }
  std::string bold(const std::string& text) const { return colours_ ? "\033[1m" + text + "\033[0m" : text; }
  std::string grey(const std::string& text) const { return colours_ ? "\033[2m" + text + "\033[0m" : text; }

  Stage& stage_;
  bool colours_;
  std::set<std::string> shown_;       // lines of the present handoff's timeline
  std::set<std::string> handoffs_;    // every id that a 202 named
  int accepted_ = 0;
};

bool has_ticket_and_card(JsonView body) {
  bool ticket = false, card = false;
  for (const auto& moment : items(body["timeline"])) {
    const auto detail = moment["detail"];
    if (detail["state"].text() != "done") continue;
    ticket = ticket || detail["operation"].text() == "open_ticket";
    card = card || detail["operation"].text() == "post_alert";
  }
  return ticket && card;
}

bool is_returned(JsonView body) { return body["handoff"]["state"].text() == "returned"; }

Result<std::string> Play::send(const DemoEvent& event) {
  const auto reply = stage_.send(event.event);
  if (!reply) return reply.error();
  if (reply->status != 202) {
    return Failure(FailureKind::rejected, "the gateway answered " + std::to_string(reply->status) + ": " + reply->body);
  }
  const auto body = json::parse(reply->body, nullptr, false);
  const auto id = JsonView(body)["handoff"].text();
  ++accepted_;
  handoffs_.insert(id);
  say("  202 " + id + grey("  " + reply->body));
  return id;
}

// Prints what is new in the timeline until there is enough.
Result<Done> Play::follow(const std::string& handoff, const std::function<bool(JsonView)>& enough, Duration patience) {
  const auto until = wall_now() + patience;
  for (;;) {
    const auto body = stage_.admin("/v1/handoffs/" + handoff + "/timeline");
    if (!body) return body.error();
    const JsonView view(*body);
    for (const auto& moment : items(view["timeline"])) {
      const auto text = moment["text"].text();
      const auto ms = moment["after_ms"].integer().value_or(0);
      if (text.find(", waiting") != std::string::npos && moment["detail"]["attempts"].integer().value_or(0) == 0) continue;
      if (!shown_.insert(text).second) continue;
      auto when = std::to_string(ms) + " ms";
      when.insert(0, when.size() < 10 ? 10 - when.size() : 0, ' ');
      say("  " + grey(when) + "  " + text);
    }
    if (enough(view)) return Done{};
    if (wall_now() >= until) return Failure(FailureKind::retryable, handoff + " did not get on; see " + stage_.gateway_log());
    std::this_thread::sleep_for(40ms);
  }
}

json Play::card_of(const std::string& handoff) {
  const auto ledger = stage_.ledger("slack");
  if (!ledger) return nullptr;
  for (const auto& message : items(JsonView(*ledger)["messages"])) {
    if (message.at_path("metadata.event_payload.handoff_id").text() == handoff) return *message.raw();
  }
  return nullptr;
}

json Play::ticket_of(const std::string& handoff) {
  const auto ledger = stage_.ledger("zendesk");
  if (!ledger) return nullptr;
  for (const auto& ticket : items(JsonView(*ledger)["tickets"])) {
    if (ticket["external_id"].text().starts_with(handoff + "/")) return *ticket.raw();
  }
  return nullptr;
}

// Two agents click at once, and the one who has it solves the ticket.
Result<Done> Play::people(const std::string& handoff) {
  const auto card = card_of(handoff);
  const auto ticket = ticket_of(handoff);
  if (card.is_null() || ticket.is_null()) return Failure(FailureKind::rejected, "no card or no ticket for " + handoff);
  for (const auto& [id, name] : {std::pair{"U02AGENT01", "dana"}, {"U02AGENT02", "lee"}}) {
    const json click = {{"channel", card["channel"]}, {"ts", card["ts"]},         {"user", id},
                        {"username", name},           {"action_id", "baton_claim"}, {"value", handoff}};
    const auto clicked = stage_.act("slack", {{"click", click}});
    if (!clicked) return clicked.error();
  }
  const auto claimed = follow(handoff, [](JsonView body) { return body["handoff"]["owner"].object(); }, 10s);
  if (!claimed) return claimed.error();
  const json solve = {{"ticket", ticket["id"]}, {"by", "dana@acme.example"}, {"text", "Done: see the attached correction."}};
  const auto solved = stage_.act("zendesk", {{"solve", solve}});
  if (!solved) return solved.error();
  return follow(handoff, is_returned, 20s);
}

std::size_t Play::held(const std::string& vendor, const std::string& list) {
  const auto ledger = stage_.ledger(vendor);
  return ledger ? items(JsonView(*ledger)[list]).size() : 0;
}

// Waits until the vendor has the effect while its answer is held back, and kills the gateway there.
Result<Done> Play::kill_during(const std::string& vendor, const std::string& list, std::size_t before) {
  for (int turn = 0; turn < 1000 && held(vendor, list) == before; ++turn) std::this_thread::sleep_for(10ms);
  if (held(vendor, list) == before) return Failure(FailureKind::retryable, "the write never arrived at " + vendor);
  stage_.kill_gateway();
  say("  " + bold("kill -9") + ": " + vendor + " has it, the gateway does not know yet; starting again");
  return stage_.start_gateway();
}

Result<Done> Play::play(std::size_t number, const DemoEvent& event) {
  say("\n" + bold(std::to_string(number) + ". " + event.title));
  shown_.clear();
  const auto id = JsonView(event.event)["id"].text();
  const bool outage = id.find("outage") != std::string::npos;
  const bool kills_ticket = id.find("kill-ticket") != std::string::npos;
  const bool kills_card = id.find("kill-card") != std::string::npos;
  const auto tickets = held("zendesk", "tickets"), cards = held("slack", "messages");
  std::optional<json> fault;
  if (outage) fault = {{"vendor", "zendesk"}, {"kind", "status"}, {"status", 503}, {"method", "POST"}, {"prefix", "/api/v2/tickets"}, {"times", 2}};
  if (kills_ticket) fault = {{"vendor", "zendesk"}, {"kind", "slow"}, {"method", "POST"}, {"prefix", "/api/v2/tickets"}, {"times", 1}};
  if (kills_card) fault = {{"vendor", "slack"}, {"kind", "slow"}, {"prefix", "/chat.postMessage"}, {"times", 1}};
  if (fault) {
    const auto injected = stage_.fault(*fault);
    if (!injected) return injected.error();
  }
  const auto handoff = send(event);
  if (!handoff) return handoff.error();
  if (id.find("twice") != std::string::npos) {
    const auto again = send(event);
    if (!again) return again.error();
    if (*again != *handoff) return Failure(FailureKind::rejected, "the second answer names another handoff");
  }
  if (kills_ticket || kills_card) {
    const auto killed = kills_ticket ? kill_during("zendesk", "tickets", tickets) : kill_during("slack", "messages", cards);
    if (!killed) return killed.error();
  }
  const auto arrived = follow(*handoff, has_ticket_and_card, 45s);
  if (!arrived) return arrived.error();
  return people(*handoff);
}

Result<Done> Play::run() {
  const auto events = demo_events(wall_now());
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto played = play(i + 1, events[i]);
    if (!played) return played.error();
  }
  return Done{};
}

// What the vendors' own ledgers say, not what we believe.
ExitCode Play::count() {
  std::size_t duplicates = 0, lost = 0;
  std::vector<std::vector<std::string>> rows;
  for (const auto* vendor : {"zendesk", "slack", "hubspot", "standard_webhooks"}) {
    const auto ledger = stage_.ledger(vendor);
    if (!ledger) return complain(ExitCode::unreachable, ledger.error().detail);
    const JsonView view(*ledger);
    const auto doubled = static_cast<std::size_t>(view["duplicates"].integer().value_or(0));
    duplicates += doubled;
    std::string effects;
    if (const auto* counts = view["effects"].raw()) {
      for (const auto& [what, n] : counts->items()) effects += (effects.empty() ? "" : ", ") + what + " " + n.dump();
    }
    rows.push_back({vendor, view["requests"].id().value_or("0"), std::to_string(doubled), effects});
  }
  for (const auto& handoff : handoffs_) lost += ticket_of(handoff).is_null() || card_of(handoff).is_null() ? 1 : 0;
  say("\n" + bold("What the vendors' own ledgers hold"));
  print_table({"VENDOR", "REQUESTS", "DUPLICATES", "EFFECTS"}, rows);
  say("");
  print_table({"EVENTS ACCEPTED", "HANDOFFS", "TICKETS", "CARDS", "DUPLICATES", "LOST"},
              {{std::to_string(accepted_), std::to_string(handoffs_.size()), std::to_string(held("zendesk", "tickets")),
                std::to_string(held("slack", "messages")), std::to_string(duplicates), std::to_string(lost)}});
  return duplicates == 0 && lost == 0 ? ExitCode::ok : ExitCode::finding;
}

void say_how_to_try(const Stage& stage) {
  const auto token = "$(cat " + stage.token_file() + ")";
  std::cout << "\nStill running; stop it with: pkill -f " << stage.directory() << "; pkill -f 'baton sim'\n"
            << "  events      " << stage.events_url() << "/v1/events\n"
            << "  management  " << stage.admin_url() << "\n"
            << "  vendors     " << stage.vendors_url() << "\n\nTry:\n"
            << "  curl -s -H \"Authorization: Bearer " << token << "\" " << stage.admin_url() << "/v1/handoffs\n"
            << "  curl -s -H \"Authorization: Bearer " << token << "\" " << stage.admin_url() << "/v1/destinations\n"
            << "  curl -s " << stage.vendors_url() << "/_sim/ledger/slack\n";
}

}  // namespace

ExitCode demo(const DemoOptions& options) {
  Stage stage(options);
  const auto begin = [&]() -> Result<Done> {
    for (const auto step : {&Stage::set_up, &Stage::start_vendors, &Stage::start_gateway}) {
      const auto done = (stage.*step)();
      if (!done) return done.error();
    }
    return Done{};
  };
  const auto started = begin();
  if (!started) return complain(ExitCode::unreachable, started.error().detail);
  std::cout << "gateway and simulated vendors are running; files in " << stage.directory() << std::endl;
  if (options.no_lookups) std::cout << "look-ups are DISABLED: this is what they prevent" << std::endl;

  Play play(stage, options);
  const auto played = play.run();
  if (!played) return complain(ExitCode::finding, played.error().detail);
  const auto result = play.count();
  if (options.keep) {
    say_how_to_try(stage);
    stage.leave_running();
  }
  return result;
}

}  // namespace baton::app
