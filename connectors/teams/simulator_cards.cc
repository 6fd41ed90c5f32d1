// Adaptive Cards 1.4 as Teams takes them from a webhook: the official schema's types, properties, required
// ones and words, and what the fact sheet (3.2, 8, 10) says beside it: no Submit, no Execute, no inputs, no
// media, absolute https addresses, plain action styles. What is "ignored or invalid" there is invalid here.
#include <algorithm>
#include <array>
#include <set>
#include <span>

#include <fmt/format.h>

#include "connectors/teams/simulator.h"
#include "gateway/base/text.h"

namespace baton::teams::simulated {
namespace {

using Bad = std::optional<std::string>;

constexpr int kDeepest = 20;

enum class Kind {
  text,
  flag,
  number,
  object,
  address,
  picture,
  width,
  anything,
  elements,
  columns,
  images,
  facts,
  actions,
  inlines,
  targets,
  action,
  card,
  color,
  size,
  weight,
  font,
  spacing,
  style,
  horizontal,
  vertical,
  height,
  image_size,
  image_style,
  action_style,
};

struct Property {
  std::string_view name;
  Kind kind;
  bool required = false;
};

constexpr auto kOfElements = std::to_array<Property>({{"type", Kind::text},
                                                      {"fallback", Kind::anything},
                                                      {"height", Kind::height},
                                                      {"separator", Kind::flag},
                                                      {"spacing", Kind::spacing},
                                                      {"id", Kind::text},
                                                      {"isVisible", Kind::flag},
                                                      {"requires", Kind::object}});
constexpr auto kOfActions = std::to_array<Property>({{"type", Kind::text},
                                                     {"title", Kind::text},
                                                     {"iconUrl", Kind::picture},
                                                     {"style", Kind::action_style},
                                                     {"fallback", Kind::anything},
                                                     {"requires", Kind::object}});

constexpr auto kCard = std::to_array<Property>({{"type", Kind::text, true},
                                                {"version", Kind::text},
                                                {"body", Kind::elements},
                                                {"actions", Kind::actions},
                                                {"selectAction", Kind::action},
                                                {"fallbackText", Kind::text},
                                                {"backgroundImage", Kind::anything},
                                                {"minHeight", Kind::text},
                                                {"speak", Kind::text},
                                                {"lang", Kind::text},
                                                {"verticalContentAlignment", Kind::vertical},
                                                {"$schema", Kind::text},
                                                {"msteams", Kind::object}});
constexpr auto kTextBlock = std::to_array<Property>({{"text", Kind::text, true},
                                                     {"color", Kind::color},
                                                     {"fontType", Kind::font},
                                                     {"horizontalAlignment", Kind::horizontal},
                                                     {"isSubtle", Kind::flag},
                                                     {"maxLines", Kind::number},
                                                     {"size", Kind::size},
                                                     {"weight", Kind::weight},
                                                     {"wrap", Kind::flag}});
constexpr auto kFactSet = std::to_array<Property>({{"facts", Kind::facts, true}});
constexpr auto kFact =
    std::to_array<Property>({{"type", Kind::text}, {"title", Kind::text, true}, {"value", Kind::text, true}});
constexpr auto kColumnSet = std::to_array<Property>({{"columns", Kind::columns},
                                                     {"selectAction", Kind::action},
                                                     {"style", Kind::style},
                                                     {"bleed", Kind::flag},
                                                     {"minHeight", Kind::text},
                                                     {"horizontalAlignment", Kind::horizontal}});
constexpr auto kColumn = std::to_array<Property>({{"items", Kind::elements},
                                                  {"backgroundImage", Kind::anything},
                                                  {"bleed", Kind::flag},
                                                  {"minHeight", Kind::text},
                                                  {"selectAction", Kind::action},
                                                  {"style", Kind::style},
                                                  {"verticalContentAlignment", Kind::vertical},
                                                  {"width", Kind::width}});
constexpr auto kContainer = std::to_array<Property>({{"items", Kind::elements, true},
                                                     {"selectAction", Kind::action},
                                                     {"style", Kind::style},
                                                     {"verticalContentAlignment", Kind::vertical},
                                                     {"bleed", Kind::flag},
                                                     {"backgroundImage", Kind::anything},
                                                     {"minHeight", Kind::text}});
constexpr auto kActionSet = std::to_array<Property>({{"actions", Kind::actions, true}});
constexpr auto kImage = std::to_array<Property>({{"url", Kind::picture, true},
                                                 {"altText", Kind::text},
                                                 {"backgroundColor", Kind::text},
                                                 {"height", Kind::anything},
                                                 {"horizontalAlignment", Kind::horizontal},
                                                 {"selectAction", Kind::action},
                                                 {"size", Kind::image_size},
                                                 {"style", Kind::image_style},
                                                 {"width", Kind::text}});
constexpr auto kImageSet =
    std::to_array<Property>({{"images", Kind::images, true}, {"imageSize", Kind::image_size}});
constexpr auto kRichTextBlock =
    std::to_array<Property>({{"inlines", Kind::inlines, true}, {"horizontalAlignment", Kind::horizontal}});
constexpr auto kTextRun = std::to_array<Property>({{"type", Kind::text},
                                                   {"text", Kind::text, true},
                                                   {"color", Kind::color},
                                                   {"fontType", Kind::font},
                                                   {"highlight", Kind::flag},
                                                   {"isSubtle", Kind::flag},
                                                   {"italic", Kind::flag},
                                                   {"selectAction", Kind::action},
                                                   {"size", Kind::size},
                                                   {"strikethrough", Kind::flag},
                                                   {"underline", Kind::flag},
                                                   {"weight", Kind::weight}});
constexpr auto kOpenUrl = std::to_array<Property>({{"url", Kind::address, true}});
constexpr auto kShowCard = std::to_array<Property>({{"card", Kind::card}});
constexpr auto kToggle = std::to_array<Property>({{"targetElements", Kind::targets, true}});

struct Type {
  std::string_view name;
  std::span<const Property> own;
};
constexpr auto kElementTypes = std::to_array<Type>({{"TextBlock", kTextBlock},
                                                    {"FactSet", kFactSet},
                                                    {"ColumnSet", kColumnSet},
                                                    {"Container", kContainer},
                                                    {"ActionSet", kActionSet},
                                                    {"Image", kImage},
                                                    {"ImageSet", kImageSet},
                                                    {"RichTextBlock", kRichTextBlock}});
constexpr auto kActionTypes = std::to_array<Type>(
    {{"Action.OpenUrl", kOpenUrl}, {"Action.ShowCard", kShowCard}, {"Action.ToggleVisibility", kToggle}});

// The words of the schema, in lower case because it takes any.
std::string_view words(Kind kind) {
  switch (kind) {
    case Kind::color: return "default,dark,light,accent,good,warning,attention";
    case Kind::size: return "default,small,medium,large,extralarge";
    case Kind::weight: return "default,lighter,bolder";
    case Kind::font: return "default,monospace";
    case Kind::spacing: return "default,none,small,medium,large,extralarge,padding";
    case Kind::style: return "default,emphasis,good,attention,warning,accent";
    case Kind::horizontal: return "left,center,right";
    case Kind::vertical: return "top,center,bottom";
    case Kind::height: return "auto,stretch";
    case Kind::image_size: return "auto,stretch,small,medium,large";
    case Kind::image_style: return "default,person";
    case Kind::action_style: return "default";  // Teams knows no positive and no destructive one [3.2]
    default: return {};
  }
}

Bad wrong(const std::string& where, std::string_view what) { return fmt::format("{}: {}", where, what); }

bool is_absolute_https(std::string_view address) {
  if (!address.starts_with("https://") || address.size() < 10) return false;
  return std::none_of(address.begin(), address.end(), [](unsigned char c) { return c <= ' '; });
}

class Checker {
 public:
  explicit Checker(std::string_view newest) : newest_(newest) {}

  Bad card(const JsonView& card, const std::string& where, bool top, int depth) {
    if (!card.object()) return wrong(where, "a card is an object");
    if (card["type"].text() != "AdaptiveCard") return wrong(where, "type must be AdaptiveCard");
    const auto version = card["version"].text();
    if (top && (version.size() != 3 || !version.starts_with("1.") || version > newest_))
      return wrong(where, "version \"" + version + "\" is not shown here");
    return properties(card, kCard, {}, where, depth);
  }

 private:
  // Those of its own and those of its kind, nothing else.
  Bad properties(const JsonView& object, std::span<const Property> own, std::span<const Property> shared,
                 const std::string& where, int depth) {
    if (depth > kDeepest) return wrong(where, "nested too deep");
    for (const auto& [key, value] : object.raw()->items()) {
      const auto named = [&name = key](const Property& p) { return p.name == name; };
      auto found = std::find_if(own.begin(), own.end(), named);
      bool known = found != own.end();
      if (!known) {
        found = std::find_if(shared.begin(), shared.end(), named);
        known = found != shared.end();
      }
      if (!known) return wrong(where, "has no property " + key);
      if (auto bad = check(JsonView(value), found->kind, where + "." + key, depth)) return bad;
    }
    for (const auto& property : own) {
      if (property.required && object[property.name].missing())
        return wrong(where, fmt::format("lacks {}", property.name));
    }
    if (const auto id = object["id"].text(); !id.empty() && !ids_.insert(id).second)
      return wrong(where, "the id " + id + " is taken");
    return std::nullopt;
  }

  Bad check(const JsonView& value, Kind kind, const std::string& where, int depth) {
    switch (kind) {
      case Kind::text: return value.string() ? std::nullopt : wrong(where, "must be a string");
      case Kind::flag: return value.boolean() ? std::nullopt : wrong(where, "must be a boolean");
      case Kind::number: return value.number() ? std::nullopt : wrong(where, "must be a number");
      case Kind::object: return value.object() ? std::nullopt : wrong(where, "must be an object");
      case Kind::width:
        return value.string() || value.number() ? std::nullopt : wrong(where, "must be a string or a number");
      case Kind::address:
      case Kind::picture:
        return is_absolute_https(value.text()) ? std::nullopt
                                               : wrong(where, "must be an absolute https address");
      case Kind::anything: return std::nullopt;
      case Kind::card: return card(value, where, false, depth + 1);
      case Kind::action: return action(value, where, depth);
      case Kind::elements:
      case Kind::columns:
      case Kind::images:
      case Kind::facts:
      case Kind::actions:
      case Kind::inlines:
      case Kind::targets: return list(value, kind, where, depth);
      default: return word(value, kind, where);
    }
  }

  static Bad word(const JsonView& value, Kind kind, const std::string& where) {
    const auto known = split(words(kind), ',');
    const auto given = to_lower(value.text());
    const bool fits = std::find(known.begin(), known.end(), given) != known.end();
    return fits ? std::nullopt : wrong(where, "unknown word \"" + given + "\"");
  }

  Bad list(const JsonView& value, Kind kind, const std::string& where, int depth) {
    const auto entries = value.list();
    if (!entries) return wrong(where, "must be a list");
    for (std::size_t i = 0; i < entries->size(); ++i) {
      if (auto bad = entry((*entries)[i], kind, fmt::format("{}[{}]", where, i), depth)) return bad;
    }
    return std::nullopt;
  }

  Bad entry(const JsonView& value, Kind kind, const std::string& where, int depth) {
    if (kind == Kind::targets) {
      const bool fits = value.string() || value["elementId"].string();
      return fits ? std::nullopt : wrong(where, "must be an element's id");
    }
    if (kind == Kind::inlines && value.string()) return std::nullopt;
    if (!value.object()) return wrong(where, "must be an object");
    if (kind == Kind::facts) return properties(value, kFact, {}, where, depth + 1);
    if (kind == Kind::columns) return properties(value, kColumn, kOfElements, where, depth + 1);
    if (kind == Kind::inlines) return properties(value, kTextRun, {}, where, depth + 1);
    if (kind == Kind::actions) return action(value, where, depth);
    if (kind == Kind::images) return properties(value, kImage, kOfElements, where, depth + 1);
    return typed(value, kElementTypes, kOfElements, where, depth);
  }

  Bad action(const JsonView& value, const std::string& where, int depth) {
    if (!value.object()) return wrong(where, "must be an object");
    return typed(value, kActionTypes, kOfActions, where, depth);
  }

  Bad typed(const JsonView& value, std::span<const Type> types, std::span<const Property> shared,
            const std::string& where, int depth) {
    const auto name = value["type"].text();
    const auto found =
        std::find_if(types.begin(), types.end(), [&](const Type& t) { return t.name == name; });
    if (found == types.end()) return wrong(where, "\"" + name + "\" is not taken from a webhook");
    return properties(value, found->own, shared, where, depth + 1);
  }

  std::string_view newest_;
  std::set<std::string> ids_;
};

// --- what a reader sees

constexpr std::size_t kPrimaryActions = 6;  // unconfirmed in the sheet; more are hidden

// [title](address) that no backslash takes apart.
void find_links(std::string_view text, std::vector<std::string>& links) {
  bool escaped = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!escaped && text.substr(i).starts_with("](")) {
      const auto end = text.find(')', i);
      const auto open = text.substr(0, i).rfind('[');
      const bool opened = open != std::string_view::npos && (open == 0 || text[open - 1] != '\\');
      if (opened && end != std::string_view::npos && text[end - 1] != '\\')
        links.emplace_back(text.substr(i + 2, end - i - 2));
    }
    escaped = !escaped && text[i] == '\\';
  }
}

// Every <at>, whether an entity belongs to it or not: which of them call somebody is unconfirmed.
void find_mentions(std::string_view text, std::vector<std::string>& mentions) {
  const auto lower = to_lower(text);
  for (auto at = lower.find("<at>"); at != std::string::npos; at = lower.find("<at>", at + 4)) {
    const auto end = lower.find("</at>", at);
    mentions.emplace_back(text.substr(at + 4, end == std::string::npos ? end : end - at - 4));
  }
}

void read_words(const json& value, Shown& shown) {
  if (value.is_array()) {
    for (const auto& entry : value) read_words(entry, shown);
    return;
  }
  const JsonView view(value);
  if (!view.object()) return;
  for (const auto* key : {"text", "title", "value", "altText"}) {
    const auto words = view[key].text();
    if (words.empty()) continue;
    shown.text += (shown.text.empty() ? "" : "\n") + words;
    find_links(words, shown.links);
    find_mentions(words, shown.mentions);
  }
  for (const auto* key : {"body", "items", "columns", "facts", "images", "inlines", "card", "actions"}) {
    if (const auto* inner = view[key].raw()) read_words(*inner, shown);
  }
}

}  // namespace

std::optional<std::string> check_card(const json& card, std::string_view newest_version) {
  return Checker(newest_version).card(JsonView(card), "card", true, 0);
}

Shown show(const json& card) {
  Shown shown;
  read_words(card, shown);
  const auto actions = JsonView(card)["actions"].list();
  if (!actions) return shown;
  for (std::size_t i = 0; i < actions->size(); ++i) {
    if (i >= kPrimaryActions) {
      ++shown.hidden_actions;
      continue;
    }
    const auto& action = (*actions)[i];
    json entry = {{"title", action["title"].text()}};
    if (const auto url = action["url"].text(); !url.empty()) entry["url"] = url;
    shown.actions.push_back(std::move(entry));
  }
  return shown;
}

}  // namespace baton::teams::simulated
