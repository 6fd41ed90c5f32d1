#include "gateway/health/alerts_words.h"

#include "gateway/base/date.h"

namespace baton::alerts {
namespace {

using nlohmann::json;

struct Text {
  std::string_view title;  // after the name of what it is about
  std::string_view now;
  std::string_view tried;
  std::string_view to_do;
};

constexpr std::string_view kKept =
    "Deliveries there are kept and sent in order when it answers again; none is lost. Customers are told "
    "only what "
    "has happened.";
constexpr std::string_view kRetried =
    "Each delivery is tried again with growing pauses, with one probe at a time while the breaker is open.";

Text text_of(Kind kind) {
  switch (kind) {
    case Kind::down:
      return {"is down", kKept, kRetried,
              "Look at the vendor's status page; `baton destinations test NAME` asks it now."};
    case Kind::breaker_open:
      return {"fails so often that its breaker is open", kKept, kRetried,
              "Look at the vendor's status page; `baton destinations test NAME` asks it now."};
    case Kind::degraded:
      return {"fails too often", "Deliveries there arrive late: what fails is sent again.", kRetried,
              "Compare the failures below with the vendor's status page; if they go on, tell the vendor."};
    case Kind::late:
      return {
          "has deliveries that wait too long", kKept, kRetried,
          "`baton delivery list --destination NAME --state pending` shows them, with the reason of each."};
    case Kind::dead_letters:
      return {"has new dead letters", "These deliveries are not tried again until a person says so.",
              kRetried,
              "`baton dead-letter list` shows them; when it works again, `baton dead-letter replay`."};
    case Kind::rejected:
      return {"refuses what is sent",
              "These deliveries are dead letters: the vendor will not take them as they are.", "",
              "Correct the mapping or the vendor's fields, then `baton dead-letter replay`."};
    case Kind::credential_refused:
      return {"refuses its credential",
              "The destination is parked: nothing is sent, everything is kept until a person resumes it.",
              "The credential was renewed once, where it can be.",
              "Check token and scopes, `baton secret set`, then `baton destinations resume NAME --why ...`."};
    case Kind::credential_ends:
      return {"has a credential that ends soon", "Everything works until then.", "",
              "Make a new one at the vendor and `baton secret set` it; both are valid while you change it."};
    case Kind::rate_limited:
      return {"asks us to slow down", "Deliveries there wait as long as the vendor asks.",
              "Requests are paced by what the vendor says is left.",
              "Find out who else uses this account's quota, or ask the vendor for more."};
    case Kind::incomplete:
      return {"gives less context than usual",
              "Handoffs go out on time, with the missing part named in the brief.", "",
              "Check the vendor's speed and the token's scopes; `baton destinations test NAME`."};
    case Kind::stuck:
      return {"are stuck", "These handoffs do not move on by themselves.", "",
              "`baton handoff show ID` shows where each one waits."};
    case Kind::silent:
      return {"is silent", "If customers ask for people there, nobody hears them.", "",
              "Send a test handoff from the platform; check its webhook's address and secret."};
    case Kind::spike:
      return {
          "sends far more handoffs than usual", "All are taken; people may be waited for longer.", "",
          "Look for one cause among them: `baton handoff list`; an outage of your own, or a loop of the AI."};
    case Kind::network_down:
      return {"reaches none of its destinations", kKept, kRetried,
              "Check this machine's network, DNS and proxy; `baton doctor`."};
    case Kind::disk_full:
      return {"runs out of disk", "Events are taken until the reserve is used up, then refused with 503.", "",
              "Free space on the disk of `data_dir`, or shorten `retention`."};
    case Kind::certificate_ends:
      return {"has a certificate that ends soon",
              "Everything works until then; after it platforms cannot connect.", "",
              "Renew it and `baton config reload --why ...`."};
    case Kind::clock_off:
      return {
          "has a wrong clock", "Signed webhooks may be refused as too old or too new.", "",
          "Start time synchronisation (chrony or systemd-timesyncd); if the clock was set right while Baton "
          "ran, restart Baton, which keeps the time that it began with."};
    case Kind::reload_failed:
      return {"did not take its new configuration", "It goes on with the former one.", "",
              "`baton check` names every problem."};
  }
  return {};
}

// "destination/zendesk" is "zendesk" to people, "gateway" is Baton itself.
std::string name_of(const Alert& alert) {
  if (alert.about == "gateway") return "Baton";
  const auto slash = alert.about.find('/');
  auto name = slash == std::string::npos ? alert.about : alert.about.substr(slash + 1);
  if (alert.kind == Kind::stuck) return "Handoffs that are " + name;
  return name;
}

std::string with_name(std::string_view text, const std::string& name) {
  std::string out(text);
  if (const auto at = out.find("NAME"); at != std::string::npos) out.replace(at, 4, name);
  return out;
}

std::string heading(const Alert& alert, Word word) {
  const auto title = title_of(alert);
  if (word == Word::resolved) return "Over: " + title;
  if (word == Word::worse) return "Worse: " + title;
  if (word == Word::repeated) return "Still: " + title;
  return title;
}

std::string joined(const std::vector<std::string>& parts) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : "\n") + part;
  return out;
}

}  // namespace

std::string title_of(const Alert& alert) {
  return name_of(alert) + " " + std::string(text_of(alert.kind).title);
}

json message(const Alert& alert, Word word, const Links& links, const Pace& pace, TimePoint now) {
  const auto text = text_of(alert.kind);
  const bool over = word == Word::resolved;
  json data = {{"key", alert.key},
               {"title", heading(alert, word)},
               {"state", over ? "resolved" : "firing"},
               {"severity", name(alert.severity)},
               {"cause", name(alert.cause)},
               {"kind", name(alert.kind)},
               {"about", alert.about},
               {"fault", name(alert.fault)},
               {"since", to_rfc3339(alert.since)},
               {"evidence", joined(alert.evidence)}};
  if (over) {
    data["now"] = "It is well again; what was kept is being sent.";
    if (alert.kind == Kind::dead_letters || alert.kind == Kind::rejected)
      data["now"] = "No further one for an hour; what is there still waits for a person.";
  } else {
    data["now"] = text.now;
    data["tried"] = text.tried;
    data["to_do"] = with_name(text.to_do, name_of(alert));
    data["until"] = to_rfc3339(now + pace.repeat + pace.repeat / 4);
  }
  if (!links.runbooks.empty()) data["runbook"] = links.runbooks + std::string(name(alert.kind));
  if (!links.console.empty() && !alert.told_in.empty())
    data["timeline"] = links.console + "/v1/handoffs/" + alert.told_in.text + "/timeline";
  return data;
}

}  // namespace baton::alerts
