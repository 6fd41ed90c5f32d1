#include "mappings/engine/template.h"

#include "mappings/engine/data.h"
#include "mappings/engine/parser.h"
#include "mappings/engine/run.h"

namespace baton::mappings {
namespace {

Result<std::string> render_value(const Program& program, Value data, TimePoint now, const Limits& limits) {
  Run run(*program.names, data, now, limits);
  Buffer out(limits.max_output_bytes);
  execute(program, run, out);
  if (run.failure()) return *run.failure();
  return out.text();
}

}  // namespace

std::shared_ptr<const Program> Template::parse(std::string_view text, Position origin, Problems& problems) {
  return parse_template({text, Locator(std::move(origin)), {}, nullptr}, problems);
}

Result<Template> Template::parse(std::string_view text, Position origin) {
  Problems problems;
  auto program = parse(text, std::move(origin), problems);
  if (problems.empty()) return Template(std::move(program));
  std::string detail;
  for (const auto& problem : problems.list()) detail += (detail.empty() ? "" : "\n") + problem.text();
  return Failure(FailureKind::misconfigured, std::move(detail));
}

Result<std::string> Template::render(const nlohmann::json& data, TimePoint now, const Limits& limits) const {
  return render_value(*program_, Value::of(data), now, limits);
}

Result<std::string> Template::render_json(std::string_view data, TimePoint now, const Limits& limits) const {
  Arena arena(SIZE_MAX);  // as large as the data
  const auto value = read_ordered(data, arena);
  if (!value) return value.error();
  return render_value(*program_, *value, now, limits);
}

}  // namespace baton::mappings
