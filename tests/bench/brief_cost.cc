// Purpose: what a brief costs, beside what one JSON parse of the same event costs.
// Use: brief_cost parse|brief|text N, over the sample event with what three systems know of the customer, or
//   brief_cost parse-long|brief-long N, over a conversation of 500 messages. Callgrind counts the
//   instructions, (brief N - brief 0) / (parse N - parse 0); without it the CPU time per turn is printed, and
//   the slowest.
// Threads: one. Errors: a wrong word ends it with status 2.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/handoff/brief.h"
#include "tests/bench/cpu_time.h"

namespace {

using namespace baton;
using nlohmann::json;

constexpr TimePoint kNow{Duration{1'795'168'689'000}};

std::string sample() {
  std::ifstream file("tests/data/sample_event.json");
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Every second message is the customer's, with a number in it.
std::string made_longer(const std::string& text) {
  auto event = json::parse(text);
  const auto messages = event["data"]["transcript"];
  auto& all = event["data"]["transcript"] = json::array();
  for (std::size_t i = 0; i < 500; ++i) {
    auto message = messages[i % messages.size()];
    message["id"] = "m" + std::to_string(i);
    message["text"] = message["text"].get<std::string>() + " Bestellung " + std::to_string(20'931 + i);
    all.push_back(std::move(message));
  }
  return event.dump();
}

void add(Handoff& handoff, const char* name, json found) {
  handoff.route.context.emplace_back(name);
  auto& part = handoff.context[DestinationId(name)];
  part.part = Part::present;
  part.at = kNow;
  part.found = std::move(found);
}

Handoff handoff_of(const std::string& text) {
  Handoff handoff(HandoffId("hof_1"), WorkspaceId("main"), ConversationId("chat", "c1"), Priority::high, {},
                  kNow);
  handoff.data = json::parse(text)["data"];
  add(handoff, "crm",
      {{"account",
        {{"tier", "Gold"},
         {"value", 48000},
         {"currency", "EUR"},
         {"owner", "Dana"},
         {"renewal_date", "2026-12-11"}}}});
  add(handoff, "billing",
      {{"money",
        {{"plan", "Pro"},
         {"status", "active"},
         {"failed_charges", {{{"amount", 12.5}, {"currency", "EUR"}}}}}}});
  add(handoff, "desk",
      {{"history", {{"open_tickets", {{{"id", "77"}, {"title", "Charged twice"}}}}, {"contacts_7d", 3}}},
       {"known_bugs", {{{"id", "PAY-77"}, {"title", "Captures run twice"}, {"customers", 4}}}}});
  return handoff;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 1 ? argv[1] : "";
  const int times = argc > 2 ? std::atoi(argv[2]) : 0;
  const bool parses = what.starts_with("parse"), writes = what == "text";
  if (!parses && !writes && !what.starts_with("brief")) {
    std::fprintf(stderr, "usage: brief_cost parse|brief|text|parse-long|brief-long N\n");
    return 2;
  }
  const auto event = what.ends_with("-long") ? made_longer(sample()) : sample();
  const auto handoff = handoff_of(event);
  std::size_t bytes = 0;
  std::vector<double> took;
  for (int i = 0; i < times; ++i) {
    const auto begin = cpu_microseconds();
    if (parses) bytes += json::parse(event).size();
    else if (writes)
      bytes += handoff::as_text(handoff::brief(handoff, kNow), handoff::Surface::ticket).size();
    else bytes += handoff::to_json(handoff::brief(handoff, kNow)).size();
    took.push_back(cpu_microseconds() - begin);
  }
  std::ranges::sort(took);
  if (!took.empty())
    std::printf("%s: event of %zu bytes; %.1f us at p50, %.1f us at p99 (%zu)\n", what.c_str(), event.size(),
                took[took.size() / 2], took[took.size() * 99 / 100], bytes);
  return 0;
}
