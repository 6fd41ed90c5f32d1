// Block Kit as Slack checks it (fact sheet, section 3.7): counts, lengths, total size, unique block ids,
// no property that a block does not have; and the shape of metadata.
#include <algorithm>
#include <set>
#include <span>

#include <fmt/format.h>

#include "connectors/slack/simulator.h"
#include "gateway/base/text.h"

namespace baton::slack::simulated {
namespace {

constexpr std::size_t kMaxBlocks = 50;
constexpr std::size_t kMaxMarkdownChars = 12'000;

using Found = std::optional<Refusal>;

Found wrong(std::string_view what, std::string_view where) {
  return Refusal{"invalid_blocks", fmt::format("{} [json-pointer:{}]", what, where)};
}

Found only(const json& object, std::initializer_list<std::string_view> known, const std::string& where) {
  for (const auto& [key, value] : object.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end())
      return wrong("invalid additional property: " + key, where);
  }
  return std::nullopt;
}

Found length(const JsonView& text, std::size_t least, std::size_t most, const std::string& where) {
  if (!text.string()) return wrong("must be a string", where);
  const auto chars = count_code_points(*text.string());
  if (chars < least) return wrong(fmt::format("must be more than {} characters", least - 1), where);
  if (chars > most) return wrong(fmt::format("must be less than {} characters", most + 1), where);
  return std::nullopt;
}

Found optional_length(const JsonView& text, std::size_t most, const std::string& where) {
  return text.missing() ? std::nullopt : length(text, 0, most, where);
}

// A text object, at most so long; `plain` if mrkdwn is not taken here.
Found text_object(const JsonView& text, std::size_t most, bool plain, const std::string& where) {
  if (!text.object()) return wrong("must be a text object", where);
  const auto type = text["type"].text();
  if (type != "plain_text" && (plain || type != "mrkdwn"))
    return wrong("unsupported type: " + type, where + "/type");
  if (auto bad = type == "plain_text" ? only(*text.raw(), {"type", "text", "emoji"}, where)
                                      : only(*text.raw(), {"type", "text", "verbatim"}, where)) {
    return bad;
  }
  return length(text["text"], 1, most, where + "/text");
}

Found check_confirm(const JsonView& confirm, const std::string& where) {
  if (!confirm.object()) return wrong("must be an object", where);
  if (auto bad = only(*confirm.raw(), {"title", "text", "confirm", "deny", "style"}, where)) return bad;
  if (auto bad = text_object(confirm["title"], 100, true, where + "/title")) return bad;
  if (auto bad = text_object(confirm["text"], 300, false, where + "/text")) return bad;
  if (auto bad = text_object(confirm["confirm"], 30, true, where + "/confirm")) return bad;
  return text_object(confirm["deny"], 30, true, where + "/deny");
}

Found check_button(const JsonView& button, const std::string& where) {
  if (auto bad = only(
          *button.raw(),
          {"type", "text", "action_id", "value", "url", "style", "confirm", "accessibility_label"}, where))
    return bad;
  if (auto bad = text_object(button["text"], 75, true, where + "/text")) return bad;
  if (auto bad = optional_length(button["action_id"], 255, where + "/action_id")) return bad;
  if (auto bad = optional_length(button["value"], 2000, where + "/value")) return bad;
  if (auto bad = optional_length(button["url"], 3000, where + "/url")) return bad;
  if (auto bad = optional_length(button["accessibility_label"], 75, where + "/accessibility_label"))
    return bad;
  const auto style = button["style"];
  if (!style.missing() && style.text() != "primary" && style.text() != "danger")
    return wrong("must be a valid enum value", where + "/style");
  return button["confirm"].missing() ? std::nullopt : check_confirm(button["confirm"], where + "/confirm");
}

Found check_element(const JsonView& element, const std::string& where) {
  if (!element.object()) return wrong("must be an object", where);
  const auto type = element["type"].text();
  if (type == "button") return check_button(element, where);
  if (type == "overflow") {
    const auto options = element["options"].list();
    if (!options || options->empty() || options->size() > 5)
      return wrong("must have 1 to 5 options", where + "/options");
    return std::nullopt;
  }
  const bool is_select =
      type.ends_with("_select") || type == "datepicker" || type == "checkboxes" || type == "radio_buttons";
  return is_select ? std::nullopt : wrong("unsupported type: " + type, where);
}

Found check_image(const JsonView& image, const std::string& where) {
  if (image["slack_file"].missing()) {
    if (auto bad = length(image["image_url"], 1, 3000, where + "/image_url")) return bad;
  }
  return length(image["alt_text"], 1, 2000, where + "/alt_text");
}

Found check_section(const JsonView& block, const std::string& where) {
  if (auto bad = only(*block.raw(), {"type", "block_id", "text", "fields", "accessory", "expand"}, where))
    return bad;
  if (block["text"].missing() && block["fields"].missing())
    return wrong("missing required field: text or fields", where);
  if (!block["text"].missing()) {
    if (auto bad = text_object(block["text"], 3000, false, where + "/text")) return bad;
  }
  if (!block["fields"].missing()) {
    const auto fields = block["fields"].list();
    if (!fields || fields->empty() || fields->size() > 10)
      return wrong("must have 1 to 10 fields", where + "/fields");
    for (std::size_t i = 0; i < fields->size(); ++i) {
      if (auto bad = text_object((*fields)[i], 2000, false, fmt::format("{}/fields/{}", where, i)))
        return bad;
    }
  }
  const auto accessory = block["accessory"];
  if (accessory.missing()) return std::nullopt;
  if (accessory["type"].text() == "image") return check_image(accessory, where + "/accessory");
  return check_element(accessory, where + "/accessory");
}

Found check_context(const JsonView& block, const std::string& where) {
  if (auto bad = only(*block.raw(), {"type", "block_id", "elements"}, where)) return bad;
  const auto elements = block["elements"].list();
  if (!elements || elements->empty() || elements->size() > 10)
    return wrong("must have 1 to 10 elements", where + "/elements");
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const auto& element = (*elements)[i];
    const auto place = fmt::format("{}/elements/{}", where, i);
    auto bad = element["type"].text() == "image" ? check_image(element, place)
                                                 : text_object(element, 3000, false, place);
    if (bad) return bad;
  }
  return std::nullopt;
}

Found check_actions(const JsonView& block, const std::string& where) {
  if (auto bad = only(*block.raw(), {"type", "block_id", "elements"}, where)) return bad;
  const auto elements = block["elements"].list();
  if (!elements || elements->empty() || elements->size() > 25)
    return wrong("must have 1 to 25 elements", where + "/elements");
  for (std::size_t i = 0; i < elements->size(); ++i) {
    if (auto bad = check_element((*elements)[i], fmt::format("{}/elements/{}", where, i))) return bad;
  }
  return std::nullopt;
}

Found check_rich_text(const JsonView& block, const std::string& where) {
  if (auto bad = only(*block.raw(), {"type", "block_id", "elements"}, where)) return bad;
  const auto elements = block["elements"].list();
  if (!elements || elements->empty()) return wrong("must have elements", where + "/elements");
  for (std::size_t i = 0; i < elements->size(); ++i) {
    const auto type = (*elements)[i]["type"].text();
    const auto place = fmt::format("{}/elements/{}", where, i);
    if (type != "rich_text_section" && type != "rich_text_list" && type != "rich_text_quote" &&
        type != "rich_text_preformatted") {
      return wrong("unsupported type: " + type, place);
    }
    if (!(*elements)[i]["elements"].list()) return wrong("missing required field: elements", place);
  }
  return std::nullopt;
}

Found check_table(const JsonView& block, const std::string& where) {
  const auto rows = block["rows"].list();
  if (!rows || rows->empty() || rows->size() > 100) return wrong("must have 1 to 100 rows", where + "/rows");
  std::size_t chars = 0;
  for (const auto row : *rows) {
    const auto cells = row.list();
    if (!cells || cells->size() > 20) return wrong("a row has at most 20 cells", where + "/rows");
    for (const auto cell : *cells) chars += count_code_points(cell["text"].text());
  }
  return chars > 10'000 ? wrong("cells may hold 10000 characters in all", where + "/rows") : std::nullopt;
}

Found check_block(const JsonView& block, const std::string& where) {
  if (!block.object()) return wrong("must be an object", where);
  if (auto bad = optional_length(block["block_id"], 255, where + "/block_id")) return bad;
  const auto type = block["type"].text();
  if (type == "section") return check_section(block, where);
  if (type == "context") return check_context(block, where);
  if (type == "actions") return check_actions(block, where);
  if (type == "rich_text") return check_rich_text(block, where);
  if (type == "table") return check_table(block, where);
  if (type == "image") return check_image(block, where);
  if (type == "divider") return only(*block.raw(), {"type", "block_id"}, where);
  if (type == "header") {
    if (auto bad = only(*block.raw(), {"type", "block_id", "text", "level"}, where)) return bad;
    return text_object(block["text"], 150, true, where + "/text");
  }
  if (type == "markdown") return length(block["text"], 1, kMaxMarkdownChars, where + "/text");
  return wrong("unsupported type: " + type, where + "/type");
}

bool is_flat(const json& value) { return value.is_string() || value.is_number() || value.is_boolean(); }

// An object of flat values, or something flat.
bool is_one_level(const json& value) {
  return is_flat(value) || (value.is_object() && std::all_of(value.begin(), value.end(), is_flat));
}

}  // namespace

std::optional<Refusal> check_blocks(const json& blocks, int max_bytes) {
  if (!blocks.is_array()) return Refusal{"invalid_blocks_format", "blocks must be an array"};
  if (blocks.size() > kMaxBlocks) return wrong("no more than 50 items allowed", "/blocks");
  std::set<std::string> ids;
  std::size_t markdown = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto where = fmt::format("/blocks/{}", i);
    const JsonView block(blocks[i]);
    if (auto bad = check_block(block, where)) return bad;
    const auto id = block["block_id"].text();
    if (!id.empty() && !ids.insert(id).second) return wrong("block_id must be unique: " + id, where);
    if (block["type"].text() == "markdown") markdown += count_code_points(block["text"].text());
  }
  if (markdown > kMaxMarkdownChars)
    return Refusal{"msg_blocks_too_long", "markdown blocks hold 12000 characters in all"};
  // Every block within its own limit, and yet too long together: seen at about 13.2 kB.
  if (simulation::dump(blocks).size() > static_cast<std::size_t>(max_bytes))
    return Refusal{"msg_blocks_too_long", ""};
  return std::nullopt;
}

std::optional<Refusal> check_metadata(const json& metadata, int max_bytes) {
  const JsonView view(metadata);
  const auto type = view["event_type"].string();
  if (!view.object() || !type || type->empty() || !view["event_payload"].object()) {
    return Refusal{"invalid_metadata_format", "metadata needs event_type and event_payload"};
  }
  for (const auto& [key, value] : metadata["event_payload"].items()) {
    const bool fits =
        is_one_level(value) || (value.is_array() && std::all_of(value.begin(), value.end(), is_one_level));
    if (!fits) return Refusal{"invalid_metadata_format", "event_payload." + key + " is nested too deep"};
  }
  if (simulation::dump(metadata).size() > static_cast<std::size_t>(max_bytes))
    return Refusal{"metadata_too_large", ""};
  return std::nullopt;
}

}  // namespace baton::slack::simulated
