// Texts for customers from their files, and from a configuration that says some of them otherwise.
#include <algorithm>

#include "gateway/base/text.h"
#include "gateway/handoff/tell.h"

namespace baton::handoff::tell {
namespace {

void read_claims(Fields& in, Claims& claims) {
  Fields fields(in.node("claims"), in.path_of("claims"), in.problems());
  for (std::size_t i = 0; i < kFieldNames.size(); ++i) {
    auto words = fields.texts(kFieldNames[i]);
    if (!words.empty()) claims[static_cast<Field>(i)] = std::move(words);
  }
  fields.done();
}

// A text, or {text, calm, frustrated, worried}.
Language::Text read_text(const Node& node, Step step, const std::string& path, const Claims& claims,
                         Problems& problems) {
  Language::Text made;
  if (node.kind() == Node::Kind::scalar) {
    made.text = compile(node.text(), step, claims, {node.at(), path}, problems);
    return made;
  }
  if (node.kind() != Node::Kind::map) {
    problems.add(node.at(), path,
                 "must be a text, or a map of `text` and what stands before it in a mood: " +
                     std::string("calm, frustrated, worried"));
    return made;
  }
  Fields in(node, path, problems);
  made.text =
      compile(in.required_text("text"), step, claims, {in.node("text").at(), path + ".text"}, problems);
  for (std::size_t mood = 0; mood < kMoodNames.size(); ++mood) {
    const auto text = in.text(kMoodNames[mood]);
    if (text.empty()) continue;
    const Place place{in.node(kMoodNames[mood]).at(), in.path_of(kMoodNames[mood])};
    made.before[mood] = compile(text, step, claims, place, problems);
  }
  in.done();
  return made;
}

void read_steps(Fields& in, bool whole, Language& into) {
  Fields steps(in.node("steps"), in.path_of("steps"), in.problems());
  for (std::size_t i = 0; i < kStepNames.size(); ++i) {
    const auto& node = steps.node(kStepNames[i]);
    if (!node.missing()) {
      into.steps[i] =
          read_text(node, static_cast<Step>(i), steps.path_of(kStepNames[i]), into.claims, in.problems());
    } else if (whole) {
      steps.report(kStepNames[i], "is missing: a customer would hear nothing at this step; write its text");
    }
  }
  steps.done();
}

// So that what is missing in a section that is not there is missing where the language stands.
Node with_sections(const Node& language) {
  if (language.kind() != Node::Kind::map) return language;
  auto members = language.members();
  for (const auto* section : {"words", "choices", "steps"}) {
    if (language[section].missing())
      members.push_back({section, language.at(), Node::make_map(language.at(), {})});
  }
  return Node::make_map(language.at(), std::move(members));
}

void read_language(const Node& node, const std::string& path, bool whole, Language& into,
                   Problems& problems) {
  if (whole && node["words"].missing()) {
    problems.add(node.at(), path,
                 "is no language that ships, so all of it has to be here: `words`, `choices` and `steps`; "
                 "begin with a copy of mappings/messages/en.yaml");
  }
  const auto told = whole ? with_sections(node) : node;
  Fields in(told, path, problems);
  read_words(in, whole, into.words);
  read_claims(in, into.claims);
  read_steps(in, whole, into);
  in.done();
}

}  // namespace

bool is_language_tag(std::string_view text) {
  const auto primary = text.substr(0, text.find('-'));
  const auto belongs = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return (primary.size() == 2 || primary.size() == 3) && text.size() <= 35 && text.back() != '-' &&
         std::ranges::all_of(text, belongs);
}

void Messages::add(const std::string& language, const Node& file, Problems& problems) {
  const auto tag = to_lower(language);
  if (!is_language_tag(tag)) {
    problems.add(file.at(), language, "`" + language + "` is no language's tag, such as de or pt-br");
    return;
  }
  Language made;
  read_language(file, language, true, made, problems);
  shipped_.insert_or_assign(tag, std::move(made));
}

std::vector<std::string> Messages::tags(const Own* own) const {
  std::vector<std::string> known;
  for (const auto& [tag, language] : shipped_) known.push_back(tag);
  if (!own) return known;
  for (const auto& [tag, language] : own->languages) {
    if (std::ranges::find(known, tag) == known.end()) known.push_back(tag);
  }
  return known;
}

std::vector<std::string> Messages::tags(const WorkspaceId& workspace) const {
  const auto own = own_.find(workspace.text);
  return tags(own == own_.end() ? nullptr : &own->second);
}

void Messages::read_workspace(const std::string& workspace, const Node& node, Problems& problems) {
  const auto path = "messages." + workspace;
  auto& own = own_[workspace];
  Fields in(node, path, problems);
  own.default_language = to_lower(in.text("default_language", "en"));
  for (const auto& [key, at, value] : node.members()) {
    if (key == "default_language") continue;
    (void)in.node(key);
    const auto tag = to_lower(key);
    if (!is_language_tag(tag)) {
      in.report(key, "is neither `default_language` nor a language's tag, such as de or pt-br");
      continue;
    }
    const auto base = find_exactly(nullptr, tag) ? tag : tag.substr(0, tag.find('-'));
    const auto* shipped = find_exactly(nullptr, base);
    Language made = shipped ? *shipped : Language();
    read_language(value, in.path_of(key), shipped == nullptr, made, problems);
    own.languages.insert_or_assign(tag, std::move(made));
  }
  if (find_exactly(&own, own.default_language)) return;
  const auto known = tags(&own);
  in.report("default_language", "there are no texts in `" + own.default_language + "`" +
                                    did_you_mean(own.default_language, known) +
                                    "; there are: " + join(known, ", "));
}

void Messages::read_own(const Node& section, Problems& problems) {
  const Fields shape(section, "messages", problems);  // reports a section that is no map
  for (const auto& [key, at, value] : section.members()) read_workspace(key, value, problems);
}

Messages read_messages(const Node& languages, Problems& problems) {
  Messages messages;
  for (const auto& [key, at, value] : languages.members()) messages.add(key, value, problems);
  return messages;
}

}  // namespace baton::handoff::tell
