#include "mappings/engine/mapping.h"

#include <algorithm>

#include "gateway/base/text.h"
#include "mappings/engine/moment.h"

namespace baton::mappings {
namespace {

using nlohmann::json;

std::string shown_document(const json& value) {
  constexpr std::size_t kMost = 300;
  auto text = value.dump(-1, ' ', false, json::error_handler_t::replace);
  if (text.size() > kMost) text = std::string(clip_utf8(text, kMost)) + "…";
  return text;
}

// Two long texts: only the surroundings of where they part.
std::string shown_apart(const std::string& expected, const std::string& actual) {
  constexpr std::size_t kAround = 40;
  const auto apart = std::ranges::mismatch(expected, actual).in1 - expected.begin();
  const auto from = static_cast<std::size_t>(apart) > kAround ? static_cast<std::size_t>(apart) - kAround : 0;
  const auto piece = [&](const std::string& text) {
    return (from > 0 ? "…" : "") +
           shown_document(json(to_valid_utf8(text.substr(std::min(from, text.size()), 3 * kAround))));
  };
  return "differs at byte " + std::to_string(apart) + ": expected " + piece(expected) + ", got " +
         piece(actual);
}

std::string path_joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

void compare_documents(const json& expected, const json& actual, bool part, const std::string& path,
                       std::string& out) {
  const auto line = [&](const std::string& at, const std::string& what) {
    out += (out.empty() ? "" : "\n") + (at.empty() ? std::string("document") : at) + ": " + what;
  };
  if (expected.is_object() && actual.is_object()) {
    for (const auto& [key, value] : expected.items()) {
      if (!actual.contains(key))
        line(path_joined(path, key), "expected " + shown_document(value) + ", got nothing");
      else compare_documents(value, actual[key], part, path_joined(path, key), out);
    }
    for (const auto& [key, value] : actual.items()) {
      if (!part && !expected.contains(key))
        line(path_joined(path, key), "expected nothing, got " + shown_document(value));
    }
  } else if (expected.is_array() && actual.is_array()) {
    for (std::size_t i = 0; i < std::max(expected.size(), actual.size()); ++i) {
      const auto at = path + "[" + std::to_string(i) + "]";
      if (i >= actual.size()) line(at, "expected " + shown_document(expected[i]) + ", got nothing");
      else if (i < expected.size()) compare_documents(expected[i], actual[i], part, at, out);
      else if (!part) line(at, "expected nothing, got " + shown_document(actual[i]));
    }
  } else if (expected.is_string() && actual.is_string() && expected != actual) {
    const auto& wanted = expected.get_ref<const std::string&>();
    const auto& found = actual.get_ref<const std::string&>();
    if (wanted.size() + found.size() > 120) line(path, shown_apart(wanted, found));
    else line(path, "expected " + shown_document(expected) + ", got " + shown_document(actual));
  } else if (expected != actual) {
    line(path, "expected " + shown_document(expected) + ", got " + shown_document(actual));
  }
}

CaseOutcome run_case(const Node& node, const std::string& path, const Mapping& mapping, TimePoint now,
                     Problems& problems) {
  Fields fields(node, path, problems);
  CaseOutcome outcome{fields.required_text("name"), node.at(), false, {}};
  const auto operation = fields.required_text("operation");
  const auto data = to_json(fields.node("data"));
  const auto& whole = fields.node("expect");
  const auto& part = fields.node("expect_part");
  const auto failure = fields.text("expect_failure");
  fields.done();
  if (whole.missing() && part.missing() && failure.empty()) {
    problems.add(node.at(), path, "a case needs `expect`, `expect_part` or `expect_failure`");
  }
  const auto* document = mapping.find(operation);
  if (!document) {
    outcome.difference =
        "the mapping has no operation `" + operation + "`" + did_you_mean(operation, mapping.operations());
    return outcome;
  }
  if (data.is_object() && data.contains("now") && data["now"].is_string()) {
    const auto moment = parse_moment(data["now"].get<std::string>(), now);
    if (moment) now = TimePoint(std::chrono::seconds(moment->seconds));
  }
  const auto made = document->render(data, now);
  if (!failure.empty()) {
    if (made)
      outcome.difference = "expected a failure with \"" + failure + "\", got " + shown_document(*made);
    else if (made.error().detail.find(failure) == std::string::npos) {
      outcome.difference = "expected a failure with \"" + failure + "\", got \"" + made.error().detail + "\"";
    }
  } else if (!made) {
    outcome.difference = made.error().detail;
  } else {
    if (!whole.missing()) outcome.difference = difference(to_json(whole), *made, false);
    if (!part.missing()) outcome.difference += difference(to_json(part), *made, true);
  }
  outcome.passed = outcome.difference.empty();
  return outcome;
}

}  // namespace

Mapping Mapping::load(const MappingFile& file, std::string_view vendor, Problems& problems) {
  Mapping made;
  const std::vector<std::string> known(kOperationNames.begin(), kOperationNames.end());
  if (file.root.kind() != Node::Kind::map) {
    problems.add(file.root.at(), std::string(vendor),
                 "must be a map whose keys are operations: " + join(known, ", "));
    return made;
  }
  for (const auto& [key, at, value] : file.root.members()) {
    const auto path = std::string(vendor) + "." + key;
    if (std::ranges::find(known, key) == known.end()) {
      problems.add(at, path,
                   "unknown operation" + did_you_mean(key, known) + "; allowed here: " + join(known, ", "));
    }
    if (made.documents_.contains(key)) problems.add(at, path, "stands here twice");
    made.documents_.insert_or_assign(key, Document::compile(value, path, problems, file.source));
  }
  return made;
}

void Mapping::override_with(Mapping own) {
  for (auto& [operation, document] : own.documents_)
    documents_.insert_or_assign(operation, std::move(document));
}

const Document* Mapping::find(Operation operation) const { return find(name(operation)); }

const Document* Mapping::find(std::string_view operation) const {
  const auto found = documents_.find(operation);
  return found == documents_.end() ? nullptr : &found->second;
}

std::vector<std::string> Mapping::operations() const {
  std::vector<std::string> names;
  for (const auto& entry : documents_) names.push_back(entry.first);
  return names;
}

std::vector<CaseOutcome> run_cases(const Node& cases, const Mapping& mapping, TimePoint now,
                                   Problems& problems) {
  std::vector<CaseOutcome> outcomes;
  if (cases.kind() != Node::Kind::list) {
    if (!cases.missing()) problems.add(cases.at(), "cases", "must be a list of cases");
    return outcomes;
  }
  for (std::size_t i = 0; i < cases.items().size(); ++i) {
    const auto path = "cases[" + std::to_string(i) + "]";
    outcomes.push_back(run_case(cases.items()[i], path, mapping, now, problems));
  }
  return outcomes;
}

std::string difference(const json& expected, const json& actual, bool part) {
  std::string out;
  compare_documents(expected, actual, part, "", out);
  return out;
}

}  // namespace baton::mappings
