#include "gateway/app/demo.h"

#include <filesystem>
#include <iostream>

#include <unistd.h>

#include "gateway/app/demo_play.h"
#include "gateway/app/demo_stage.h"

namespace baton::app {
namespace {

void introduce(const Stage& stage, const DemoOptions& options) {
  std::cout
      << "Baton and ten simulated vendors are running on this machine: Zendesk, Freshdesk, Salesforce, "
         "Intercom,\nSlack, Teams, Linear, HubSpot, Stripe, and a chat platform (standard_webhooks). Times "
         "count from the\nevent. Files: "
      << stage.directory() << (stage.is_temporary() && !options.keep ? " (removed at the end)" : "")
      << std::endl;
  if (options.no_lookups) {
    std::cout << "Look-ups are DISABLED: what is repeated after a kill is not looked for first." << std::endl;
  }
}

void say_how_to_try(const Stage& stage) {
  std::error_code ignored;
  const auto self = std::filesystem::read_symlink("/proc/self/exe", ignored).string();
  const auto baton = self + " -c " + stage.directory() + "/baton.yaml";
  const auto curl =
      "curl -s -H \"Authorization: Bearer $(cat " + stage.token_file() + ")\" " + stage.admin_url();
  std::cout << "\nEverything keeps running:\n"
            << "  events      " << stage.events_url() << "/v1/events\n"
            << "  management  " << stage.admin_url() << "\n"
            << "  vendors     " << stage.vendors_url() << "\n"
            << "\nTry:\n"
            << "  " << curl << "/v1/handoffs\n"
            << "  " << curl << "/v1/destinations\n"
            << "  curl -s " << stage.vendors_url() << "/_sim/ledger/slack\n"
            << "  " << baton << " handoff list\n"
            << "  " << baton << " send " << stage.event_file() << "\n"
            << "\nStop it:\n"
            << "  kill " << stage.gateway_id() << " " << stage.vendors_id() << " && rm -r "
            << stage.directory() << "\n";
}

Result<Done> start(Stage& stage) {
  for (const auto step : {&Stage::set_up, &Stage::start_vendors, &Stage::start_gateway}) {
    const auto done = (stage.*step)();
    if (!done) return done.error();
  }
  return Done{};
}

}  // namespace

ExitCode demo(const DemoOptions& options) {
  Stage stage(options);
  const auto started = start(stage);
  if (!started) return complain(ExitCode::unreachable, started.error().detail);
  introduce(stage, options);
  Play play(stage, !options.plain && ::isatty(STDOUT_FILENO) == 1);
  const auto played = play.run();
  if (Stage::asked_to_end()) stage.clear_away();
  if (!played) return complain(ExitCode::finding, played.error().detail);
  const auto result = play.count();
  if (!options.keep) {
    stage.clear_away();
    return result;
  }
  const auto written = stage.write_event();
  if (!written) return complain(ExitCode::finding, written.error().detail);
  say_how_to_try(stage);
  stage.leave_running();
  return result;
}

}  // namespace baton::app
