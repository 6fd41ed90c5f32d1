#include "gateway/app/demo_play.h"

#include <chrono>
#include <iostream>
#include <thread>

#include "gateway/app/demo_words.h"
#include "gateway/base/json_view.h"

namespace baton::app {
namespace {

using nlohmann::json;

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

// A desk of the demo: what it counts when a ticket is opened, and how a person there solves one.
struct Desk {
  const char* vendor;
  const char* opened;
  const char* deed;
  const char* object;
};
constexpr Desk kDesks[] = {{"zendesk", "tickets_created", "solve", "ticket"},
                           {"freshdesk", "tickets_created", "solve", "ticket"},
                           {"salesforce", "cases_created", "close", "case"},
                           {"intercom", "conversations_created", "close", "conversation"}};

const Desk& desk_named(const std::string& vendor) {
  for (const auto& desk : kDesks) {
    if (vendor == desk.vendor) return desk;
  }
  return kDesks[0];
}

// What a ledger counts for each handoff.
std::string effect_of(const std::string& vendor) {
  return vendor == "slack" ? "messages_posted" : desk_named(vendor).opened;
}

Failure interrupted() {
  return Failure(FailureKind::retryable, "interrupted; gateway and vendors are stopped");
}

}  // namespace

void Play::say(const std::string& text) const { std::cout << text << std::endl; }

void Play::say(const std::string& when, const std::string& who, const std::string& what) const {
  constexpr std::size_t kWhen = 10, kWho = 19;
  std::string line = when.size() < kWhen ? std::string(kWhen - when.size(), ' ') : "";
  line += grey(when) + "  " + who;
  if (who.size() < kWho) line += std::string(kWho - who.size(), ' ');
  say(line + what);
}

Play::Scene Play::scene_of(const std::string& event) {
  const auto about = [&](const char* word) { return event.find(word) != std::string::npos; };
  Scene scene;
  scene.twice = about("twice");
  scene.hostile = about("long");
  if (about("outage")) {
    scene.announced = "Zendesk is told to answer 503 to the next two tickets.";
    scene.fault = {{"vendor", "zendesk"},         {"kind", "status"}, {"status", 503}, {"method", "POST"},
                   {"prefix", "/api/v2/tickets"}, {"times", 2}};
  }
  if (about("kill-ticket")) {
    scene.killed_at = "zendesk";
    scene.announced = "Zendesk is told to open the ticket but to hold its answer back.";
    scene.fault = {{"vendor", "zendesk"},
                   {"kind", "slow"},
                   {"method", "POST"},
                   {"prefix", "/api/v2/tickets"},
                   {"times", 1}};
  }
  if (about("kill-card")) {
    scene.killed_at = "slack";
    scene.announced = "Slack is told to post the card but to hold its answer back.";
    scene.fault = {{"vendor", "slack"}, {"kind", "slow"}, {"prefix", "/chat.postMessage"}, {"times", 1}};
  }
  return scene;
}

Result<std::string> Play::send(const json& event, bool again) {
  const auto reply = stage_.send(event);
  if (!reply) return reply.error();
  if (reply->status != 202) {
    return Failure(FailureKind::rejected,
                   "the gateway answered " + std::to_string(reply->status) + ": " + reply->body);
  }
  const auto body = json::parse(reply->body, nullptr, false);
  const auto id = JsonView(body)["handoff"].text();
  ++accepted_;
  handoffs_.insert(id);
  std::string to;
  for (const auto& one : items(JsonView(body)["destinations"])) to += (to.empty() ? "" : ", ") + one.text();
  say("  " + std::string(again ? "sent again: the same answer, 202 " : "event accepted: 202 ") + bold(id) +
      (again ? "" : grey(" for " + to)));
  return id;
}

// Prints what is new in the timeline until there is enough.
Result<Done> Play::follow(const std::string& handoff, const std::function<bool(JsonView)>& enough,
                          Duration patience) {
  const auto until = wall_now() + patience;
  for (;;) {
    if (stage_.asked_to_end()) return interrupted();
    const auto body = stage_.admin("/v1/handoffs/" + handoff + "/timeline");
    if (!body) return body.error();
    const JsonView view(*body);
    for (const auto& moment : items(view["timeline"])) {
      const auto line = words_of(moment);
      if (!line || !shown_.insert(moment["kind"].text() + line->who + line->what).second) continue;
      say(std::to_string(moment["after_ms"].integer().value_or(0)) + " ms", line->who, line->what);
    }
    if (enough(view)) return Done{};
    if (wall_now() >= until) {
      return Failure(FailureKind::retryable, handoff + " did not get on; see " + stage_.gateway_log());
    }
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

// Where its ticket is, and under which id; both empty if there is none.
std::pair<std::string, std::string> Play::ticket_at(const std::string& handoff) {
  const auto body = stage_.admin("/v1/handoffs/" + handoff + "/timeline");
  if (!body) return {};
  for (const auto& moment : items(JsonView(*body)["timeline"])) {
    const auto detail = moment["detail"];
    if (detail["operation"].text() == "open_ticket" && detail["state"].text() == "done")
      return {detail["destination"].text(), detail.at_path("receipt.id").text()};
  }
  return {};
}

// Two agents click at once, and the one who has it solves the ticket.
Result<Done> Play::people(const std::string& handoff) {
  const auto card = card_of(handoff);
  const auto [vendor, ticket] = ticket_at(handoff);
  if (card.is_null() || ticket.empty())
    return Failure(FailureKind::rejected, "no card or no ticket for " + handoff);
  say(grey(
      "  Two agents, dana and lee, click Claim at the same time; then dana answers and solves the ticket."));
  for (const auto& [id, name] : {std::pair{"U02AGENT01", "dana"}, {"U02AGENT02", "lee"}}) {
    const json click = {{"channel", card["channel"]}, {"ts", card["ts"]},           {"user", id},
                        {"username", name},           {"action_id", "baton_claim"}, {"value", handoff}};
    const auto clicked = stage_.act("slack", {{"click", click}});
    if (!clicked) return clicked.error();
  }
  const auto claimed = follow(handoff, [](JsonView body) { return body["handoff"]["owner"].object(); }, 10s);
  if (!claimed) return claimed.error();
  const auto& desk = desk_named(vendor);
  json solve = {{"text", "Done: see the attached correction."}};
  const bool number = ticket.find_first_not_of("0123456789") == std::string::npos && ticket.size() < 18;
  solve[desk.object] = number && vendor != "intercom" ? json(std::stoll(ticket)) : json(ticket);
  if (vendor == "zendesk") solve["by"] = "dana@acme.example";
  const auto solved = stage_.act(vendor, {{desk.deed, solve}});
  if (!solved) return solved.error();
  return follow(handoff, is_returned, 20s);
}

// What arrived of words that were meant to break something.
void Play::show_hostile(const std::string& handoff) {
  const auto ticket = ticket_of(handoff).dump();
  const auto ledger = stage_.ledger("zendesk");
  const auto files = ledger ? ledger->value("uploads", json::array()).dump() : std::string();
  const auto card = card_of(handoff).dump();
  const auto has = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  int messages = 0, at_once = 0;
  for (int i = 1; i <= 200; ++i) {
    const auto words = "Message " + std::to_string(i) + " ";
    const bool shown = has(ticket, words.c_str());
    at_once += shown ? 1 : 0;
    messages += shown || has(files, words.c_str()) ? 1 : 0;
  }
  const bool as_written = has(ticket, "&#123;{ customer.name }} &#123;% if true %}x&#123;% endif %}") &&
                          has(ticket, "&lt;b&gt;bold");
  const bool mentions = has(card, "<!channel>") || has(card, "<script>");
  say("  In the ticket " + std::to_string(at_once) + ", with the file attached to it " +
      std::to_string(messages) + " of 200 messages, braces and tags " +
      (as_written ? "as the customer typed them" : "NOT as the customer typed them") +
      ". In the card: " + (mentions ? "a WORKING mention or tag." : "no mention that works, no markup."));
}

std::size_t Play::held(const std::string& vendor) {
  const auto ledger = stage_.ledger(vendor);
  if (!ledger) return 0;
  const auto count = JsonView(*ledger)["effects"][effect_of(vendor)].integer().value_or(0);
  return static_cast<std::size_t>(count);
}

// Waits until the vendor has the effect while its answer is held back, and kills the gateway there.
Result<Done> Play::kill_during(const std::string& vendor, std::size_t before) {
  for (int turn = 0; turn < 1000 && held(vendor) == before; ++turn) {
    if (stage_.asked_to_end()) return interrupted();
    std::this_thread::sleep_for(10ms);
  }
  if (held(vendor) == before) return Failure(FailureKind::retryable, "the write never arrived at " + vendor);
  const auto what = vendor == "slack" ? "the card is in the channel" : "the ticket is open";
  say("  " + bold("kill -9 " + std::to_string(stage_.gateway_id())) + ": at " + vendor + " " + what +
      ", but no answer came: the intent is in the journal, the outcome is not");
  stage_.kill_gateway();
  const auto began = wall_now();
  const auto started = stage_.start_gateway();
  if (!started) return started;
  say("  started again, ready after " + std::to_string((wall_now() - began).count()) + " ms" +
      (stage_.looks_up() ? "; it finds out what " + vendor + " has before it does anything twice"
                         : "; without look-ups it just does it again"));
  return Done{};
}

Result<Done> Play::play(std::size_t number, const DemoEvent& event) {
  say("\n" + bold(std::to_string(number) + ". " + event.title));
  shown_.clear();
  const auto scene = scene_of(JsonView(event.event)["id"].text());
  if (!scene.fault.is_null()) {
    say(grey("  " + scene.announced));
    const auto injected = stage_.fault(scene.fault);
    if (!injected) return injected.error();
  }
  const auto before = scene.killed_at.empty() ? 0 : held(scene.killed_at);
  const auto handoff = send(event.event, false);
  if (!handoff) return handoff.error();
  if (scene.twice) {
    const auto again = send(event.event, true);
    if (!again) return again.error();
    if (*again != *handoff) return Failure(FailureKind::rejected, "the second answer names another handoff");
  }
  if (!scene.killed_at.empty()) {
    const auto killed = kill_during(scene.killed_at, before);
    if (!killed) return killed.error();
  }
  const auto arrived = follow(*handoff, has_ticket_and_card, 45s);
  if (!arrived) return arrived.error();
  if (scene.hostile) show_hostile(*handoff);
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
  std::size_t tickets = 0;
  for (const auto& desk : kDesks) tickets += held(desk.vendor);
  for (const auto* vendor : {"zendesk", "freshdesk", "salesforce", "intercom", "slack", "teams", "linear",
                             "hubspot", "stripe", "standard_webhooks"}) {
    const auto ledger = stage_.ledger(vendor);
    if (!ledger) return complain(ExitCode::unreachable, ledger.error().detail);
    const JsonView view(*ledger);
    const auto doubled = static_cast<std::size_t>(view["duplicates"].integer().value_or(0));
    duplicates += doubled;
    std::string effects;
    if (const auto* counts = view["effects"].raw()) {
      for (const auto& [what, n] : counts->items())
        effects += (effects.empty() ? "" : ", ") + what + " " + n.dump();
    }
    rows.push_back({vendor, view["requests"].id().value_or("0"), std::to_string(doubled), effects});
  }
  for (const auto& handoff : handoffs_)
    lost += ticket_at(handoff).second.empty() || card_of(handoff).is_null() ? 1 : 0;
  say("\n" + bold("What the simulated vendors' own ledgers hold"));
  print_table({"VENDOR", "REQUESTS", "DUPLICATES", "EFFECTS"}, rows);
  say("");
  print_table({"EVENTS ACCEPTED", "HANDOFFS", "TICKETS", "CARDS", "DUPLICATES", "LOST"},
              {{std::to_string(accepted_), std::to_string(handoffs_.size()), std::to_string(tickets),
                std::to_string(held("slack")), std::to_string(duplicates), std::to_string(lost)}});
  return duplicates == 0 && lost == 0 ? ExitCode::ok : ExitCode::finding;
}

}  // namespace baton::app
