#include "gateway/health/alerts_options.h"

#include <algorithm>

#include "gateway/base/text.h"

namespace baton::alerts {
namespace {

void read_channels(Fields& in, const Known& known, Options& options) {
  std::vector<std::string> able;
  for (const auto& [id, can] : known.destinations) {
    if (can.contains(Operation::notify)) able.push_back(id.text);
  }
  for (const auto& name : in.texts("channels")) {
    const DestinationId id(name);
    const bool twice = std::ranges::find(options.channels, id) != options.channels.end();
    if (std::ranges::find(able, name) == able.end()) {
      in.report("channels", "`" + name + "` is no destination that can tell people of alerts" +
                                did_you_mean(name, able) +
                                "; allowed: " + (able.empty() ? "none is configured yet" : join(able, ", ")));
    } else if (twice) {
      in.report("channels", "`" + name + "` is named twice");
    } else {
      options.channels.push_back(id);
    }
  }
}

void read_limits(Fields& in, Limits& limits) {
  Fields to(in.node("limits"), in.path_of("limits"), in.problems());
  limits.objective = to.number("objective", limits.objective, 0.5, 0.99999);
  limits.oldest_pending = to.duration("oldest_pending", limits.oldest_pending);
  limits.silence = to.number("silence", limits.silence, 3, 10'000);
  limits.spike = to.number("spike", limits.spike, 1.5, 1000);
  limits.completeness = to.number("completeness", limits.completeness, 0.01, 1);
  limits.disk_free = to.number("disk_free", limits.disk_free, 0, 0.9);
  limits.certificate = to.duration("certificate", limits.certificate);
  limits.credential = to.duration("credential", limits.credential);
  limits.clock_error = to.duration("clock_error", limits.clock_error);
  to.done();
}

void read_silence(Fields& in, const Known& known, Options& options) {
  Fields to(in.node("silence"), in.path_of("silence"), in.problems());
  for (const auto& source : known.sources) {
    const auto longest = to.duration(source, Duration{0});
    if (longest > Duration{0}) options.silence[source] = longest;
  }
  to.done();
}

void read_stuck(Fields& in, Options& options) {
  Fields to(in.node("stuck"), in.path_of("stuck"), in.problems());
  for (auto& [state, longest] : options.stuck) longest = to.duration(name(state), longest);
  to.done();
}

std::string without_end_slash(std::string text) {
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

Options read_alerts(const Node& section, const Known& known, Problems& problems) {
  Options options;
  Fields in(section, "alerts", problems);
  read_channels(in, known, options);
  options.pace.repeat = in.duration("repeat", options.pace.repeat);
  if (options.pace.repeat < 5min) in.report("repeat", "must be at least 5m: rarer alerts are read");
  for (const auto& [key, place] :
       {std::pair{"runbooks", &options.links.runbooks}, {"console", &options.links.console}}) {
    *place = in.text(key);
    if (!place->empty() && !place->starts_with("https://") && !place->starts_with("http://"))
      in.report(key, "`" + *place + "` must be an address that people can open: https://...");
  }
  options.links.console = without_end_slash(options.links.console);
  // "https://wiki.example/baton", or one page with a heading for each kind: "https://wiki.example/baton#".
  auto& runbooks = options.links.runbooks;
  if (!runbooks.empty() && !runbooks.ends_with('#')) runbooks = without_end_slash(runbooks) + "/";
  read_limits(in, options.limits);
  read_silence(in, known, options);
  read_stuck(in, options);
  in.done();
  return options;
}

std::vector<std::string> advice(const Options& options, const Known& known) {
  const auto routed = [&](const DestinationId& id) {
    return std::ranges::find(known.routed, id) != known.routed.end();
  };
  std::vector<std::string> advised;
  if (options.channels.empty()) {
    advised.emplace_back(
        "alerts.channels is empty: what goes wrong is seen in `baton alerts list` and /metrics only");
    return advised;
  }
  for (const auto& id : options.channels) {
    if (!routed(id)) continue;
    advised.push_back("alerts.channels: handoffs go to `" + id.text +
                      "` too, so that an alert waits behind them; add a destination for alerts alone");
  }
  if (options.channels.size() == 1)
    advised.push_back("alerts.channels: `" + options.channels.front().text +
                      "` is the only one; what is wrong with it nobody is told. Add one at another vendor");
  return advised;
}

}  // namespace baton::alerts
