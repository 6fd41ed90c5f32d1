#include "gateway/app/mappings.h"

#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "gateway/app/mapping_shape.h"
#include "gateway/base/date.h"
#include "gateway/base/json_view.h"
#include "gateway/config/parse.h"
#include "mappings/engine/paths.h"

namespace baton::app {
namespace {

Node parse_file(std::string_view text, const std::string& name, Problems& problems) {
  auto parsed = config::parse(text, name);
  for (const auto& problem : parsed.problems.list()) problems.add(problem.at, problem.path, problem.message);
  return std::move(parsed.root);
}

// An operation of another connector would never be asked for. (Unknown ones are the engine's to report.)
void check_operations(const Node& root, const sdk::Manifest& manifest, Problems& problems) {
  for (const auto& [key, at, value] : root.members()) {
    const auto operation = operation_from(key);
    if (operation && !manifest.find(*operation)) {
      problems.add(at, key, std::string(manifest.title) + " has no such operation");
    }
  }
}

mappings::Mapping load_one(std::string_view text, const std::string& name, const sdk::Manifest& manifest,
                           Problems& problems) {
  mappings::MappingFile file;
  file.root = parse_file(text, name, problems);
  file.source = text;
  check_operations(file.root, manifest, problems);
  const auto before = problems.list().size();
  auto mapping = mappings::Mapping::load(file, manifest.name, problems);
  if (problems.list().size() > before) return mapping;  // what does not compile has no paths
  const auto shape = mapping_shape(manifest);
  for (const auto& operation : mapping.operations())
    mappings::check_paths(*mapping.find(operation), shape, problems);
  return mapping;
}

std::optional<std::string> read_if_there(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

handoff::tell::Messages load_messages(const Node& section, Problems& problems) {
  handoff::tell::Messages messages;
  for (const auto& [name, text] : shipped_message_files()) {
    const auto language = std::string(name.substr(0, name.find('.')));
    messages.add(language, parse_file(text, "mappings/messages/" + std::string(name), problems), problems);
  }
  messages.read_own(section, problems);
  return messages;
}

const mappings::Document* Mappings::find(std::string_view connector, Operation operation) const {
  const auto mapping = of.find(connector);
  if (mapping == of.end()) return nullptr;
  const auto* found = mapping->second.find(operation);
  return !found && operation == Operation::update_alert ? mapping->second.find(Operation::post_alert) : found;
}

std::unique_ptr<Mappings> load_mappings(const std::string& own_folder,
                                        const std::vector<sdk::ConnectorPtr>& connectors,
                                        Problems& problems) {
  auto all = std::make_unique<Mappings>();
  for (const auto& connector : connectors) {
    const auto& manifest = connector->manifest();
    const auto file = std::string(manifest.name) + ".yaml";
    auto& mapping = all->of[std::string(manifest.name)];
    for (const auto& shipped : shipped_mapping_files()) {
      if (shipped.name == file) mapping = load_one(shipped.text, "mappings/" + file, manifest, problems);
    }
    if (own_folder.empty()) continue;
    const auto path = std::filesystem::path(own_folder) / file;
    if (const auto own = read_if_there(path))
      mapping.override_with(load_one(*own, path.string(), manifest, problems));
  }
  return all;
}

std::vector<mappings::CaseOutcome> run_mapping_cases(const Mappings& mappings, const std::string& own_folder,
                                                     TimePoint now, Problems& problems) {
  std::vector<mappings::CaseOutcome> outcomes;
  const auto run = [&](std::string_view text, const std::string& name, const mappings::Mapping& mapping) {
    const auto cases = parse_file(text, name, problems);
    for (auto& outcome : mappings::run_cases(cases, mapping, now, problems))
      outcomes.push_back(std::move(outcome));
  };
  for (const auto& [connector, mapping] : mappings.of) {
    const auto file = connector + ".cases.yaml";
    for (const auto& shipped : shipped_mapping_files()) {
      if (shipped.name == file) run(shipped.text, "mappings/" + file, mapping);
    }
    if (own_folder.empty()) continue;
    const auto path = std::filesystem::path(own_folder) / file;
    if (const auto own = read_if_there(path)) run(*own, path.string(), mapping);
  }
  return outcomes;
}

void bind_event_mappings(const Node& section, const std::string& own_folder, ingress::Sources& sources,
                         Mappings& into, Problems& problems) {
  for (auto& [name, source] : sources) {
    if (source.mapping.empty()) continue;
    const auto path = std::filesystem::path(own_folder) / source.mapping;
    const auto text = read_if_there(path);
    if (!text) {
      problems.add(
          section[name]["mapping"].at(), "sources." + name + ".mapping",
          "cannot read " + path.string() + (own_folder.empty() ? "; `mappings` names the folder" : ""));
      continue;
    }
    const auto root = parse_file(*text, path.string(), problems);
    const auto before = problems.list().size();
    auto document = mappings::Document::compile(root, "event", problems, *text);
    if (problems.list().size() > before) continue;
    const auto& kept = into.events.insert_or_assign(name, std::move(document)).first->second;
    source.render = [&kept](const nlohmann::json& scope) {
      return kept.render(scope, parse_rfc3339(JsonView(scope)["now"].text()).value_or(TimePoint()));
    };
  }
}

void bind_mapping(const Mappings& from, sdk::Account& account) {
  const std::string connector(account.connector->manifest().name);
  account.render = [&from, connector](Operation operation,
                                      const nlohmann::json& scope) -> Result<nlohmann::json> {
    const auto* document = from.find(connector, operation);
    if (!document) return nlohmann::json();
    const auto now = parse_rfc3339(JsonView(scope)["now"].text()).value_or(TimePoint());
    return document->render(scope, now);
  };
  account.looks_at = [&from, connector](Operation operation, std::string_view member) {
    const auto* document = from.find(connector, operation);
    return document && document->may_name(member);
  };
}

}  // namespace baton::app
