// What rendering costs, beside what parsing costs. Not a test: callgrind counts the instructions of
//   mapping_render_cost parse N     parses the sample event N times with nlohmann::json
//   mapping_render_cost render N    renders zendesk.open_ticket over it N times
// and (render N - render 0) / (parse N - parse 0) must not exceed 1.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "mappings/engine/mapping.h"
#include "tests/mappings/support/scope.h"
#include "tests/mappings/support/yaml.h"

int main(int argc, char** argv) {
  using namespace baton;
  using namespace baton::mappings;
  const std::string what = argc > 1 ? argv[1] : "";
  const int times = argc > 2 ? std::atoi(argv[2]) : 0;
  const auto event = read_file("tests/data/sample_event.json");
  const auto scope = sample_scope();
  Problems problems;
  const auto source = read_file("mappings/zendesk.yaml");
  const auto mapping = Mapping::load({node_from_yaml(source, "zendesk.yaml"), source}, "zendesk", problems);
  for (const auto& problem : problems.list()) std::fprintf(stderr, "%s\n", problem.text().c_str());
  const auto* document = mapping.find(Operation::open_ticket);
  const TimePoint now{std::chrono::milliseconds(1'795'168'689'000)};
  std::size_t bytes = 0;
  if (what == "parse") {
    for (int i = 0; i < times; ++i) bytes += nlohmann::json::parse(event).size();
  } else if (what == "render" && document) {
    for (int i = 0; i < times; ++i) bytes += document->render_text(scope, now)->size();
  } else if (what == "show" && document) {
    const auto text = document->render_text(scope, now);
    std::printf("%s\n", text ? text->c_str() : text.error().detail.c_str());
    return 0;
  } else {
    std::fprintf(stderr, "usage: mapping_render_cost parse|render N, or show\n");
    return 2;
  }
  std::printf("%s %d: event of %zu bytes, %zu\n", what.c_str(), times, event.size(), bytes);
  return 0;
}
