#include "connectors/sdk/html.h"

#include <algorithm>

#include "gateway/base/text.h"

namespace baton::sdk {
namespace {

constexpr std::string_view kEnd = "</p>";

// Where a part ends last within `html`, after it; 0 if there is none.
std::size_t after_last(std::string_view html, std::string_view part) {
  const auto at = html.rfind(part);
  return at == std::string_view::npos ? 0 : at + part.size();
}

// Inside no tag and no entity.
std::string_view whole_part(std::string_view html) {
  constexpr std::size_t kLongestEntity = 10;
  if (const auto tag = html.rfind('<');
      tag != std::string_view::npos && html.find('>', tag) == std::string_view::npos)
    html = html.substr(0, tag);
  const auto entity = html.rfind('&');
  if (entity != std::string_view::npos && html.size() - entity < kLongestEntity &&
      html.find(';', entity) == std::string_view::npos)
    html = html.substr(0, entity);
  return html;
}

std::string beginning_of(std::string_view html, std::size_t most) {
  const auto paragraphs = after_last(html.substr(0, most), kEnd);
  if (paragraphs > most / 2) return std::string(html.substr(0, paragraphs));
  if (most < kEnd.size()) return {};
  const auto room = html.substr(0, most - kEnd.size());
  const auto lines = after_last(room, "<br>");
  const auto kept = lines > most / 2 ? room.substr(0, lines) : whole_part(clip_utf8(html, room.size()));
  return std::string(kept) + std::string(kEnd);
}

}  // namespace

std::string cut_html(std::string_view html, std::size_t most, std::string_view mark) {
  if (html.size() <= most) return std::string(html);
  return beginning_of(html, most - std::min(most, mark.size())) + std::string(mark);
}

}  // namespace baton::sdk
