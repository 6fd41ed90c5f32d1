// Purpose: what a decision costs with the rules that ship: CPU of each, over the sample event and over a
// conversation of 200 messages.
// Use: decision_cost N, from the top of the tree; prints "TURN: p50 US p99 US".
// Threads: one. Errors: rules that have problems end it with status 1.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gateway/config/parse.h"
#include "gateway/handoff/decide.h"
#include "tests/bench/cpu_time.h"

namespace {

using namespace baton;
using nlohmann::json;

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

handoff::DecisionRules shipped(Problems& problems) {
  const std::string folder = "mappings/decisions/";
  std::vector<Node> phrases;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    const auto name = file.path().filename().string();
    if (name.starts_with("phrases.")) phrases.push_back(config::parse(text_of(folder + name), name).root);
  }
  auto rules = handoff::read_decision_rules(
      config::parse(text_of(folder + "matrix.yaml"), "matrix.yaml").root, phrases, nullptr, problems);
  rules.classifier =
      handoff::Classifier::read(text_of(folder + "learned.tsv"), folder + "learned.tsv", problems);
  return rules;
}

json longer(json data) {
  const auto messages = data["transcript"];
  auto& all = data["transcript"] = json::array();
  for (std::size_t i = 0; i < 200; ++i) all.push_back(messages[i % messages.size()]);
  return data;
}

void measure_decision(const char* what, const json& request, const handoff::DecisionRules& rules, int times) {
  std::vector<double> took;
  std::size_t fired = 0;
  for (int i = 0; i < times; ++i) {
    const auto begin = cpu_microseconds();
    fired += handoff::to_json(handoff::decide(request, rules)).size();
    took.push_back(cpu_microseconds() - begin);
  }
  std::ranges::sort(took);
  if (took.empty()) return;
  std::printf("%s: p50 %.1f p99 %.1f (%zu)\n", what, took[took.size() / 2], took[took.size() * 99 / 100],
              fired);
}

}  // namespace

int main(int argc, char** argv) {
  const int times = argc > 1 ? std::atoi(argv[1]) : 1000;
  Problems problems;
  const auto rules = shipped(problems);
  if (!problems.empty() || rules.rows.empty()) {
    std::fprintf(stderr, "decision_cost: no rules; run it from the top of the tree\n");
    return 1;
  }
  const auto data = json::parse(text_of("tests/data/sample_event.json"))["data"];
  measure_decision("sample", data, rules, times);
  measure_decision("long", longer(data), rules, times);
  return 0;
}
