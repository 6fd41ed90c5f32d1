#include "gateway/handoff/masked.h"

#include <vector>

#include "gateway/base/text.h"
#include "gateway/handoff/brief_text.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

constexpr int kDeepestMasked = 16;

bool is_address_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
         c == '_' || c == '+' || c == '%' || static_cast<unsigned char>(c) >= 0x80;
}

// "ada@example.com", and whatever else has a host with a point behind its sign.
std::string with_hosts_alone(const std::string& line) {
  std::string to;
  std::size_t written = 0;
  for (auto at = line.find('@'); at != std::string::npos; at = line.find('@', at + 1)) {
    auto begin = at, end = at + 1;
    while (begin > written && is_address_char(line[begin - 1])) --begin;
    while (end < line.size() && is_address_char(line[end])) ++end;
    while (end > at + 1 && line[end - 1] == '.') --end;
    const auto host = std::string_view(line).substr(at + 1, end - at - 1);
    if (begin == at || host.find('.') == std::string_view::npos) continue;
    to += line.substr(written, begin - written) + "****";
    written = at;
  }
  return to + line.substr(written);
}

void mask(json& value, int depth) {
  if (value.is_string()) {
    value = masked(value.get_ref<const std::string&>());
    return;
  }
  if (!value.is_structured()) return;
  if (depth == 0) {
    value = nullptr;
    return;
  }
  for (auto& part : value) mask(part, depth - 1);
}

void cut_query(json& url) {
  if (!url.is_string()) return;
  auto text = url.get<std::string>();
  url = text.substr(0, text.find_first_of("?#"));
}

void cut_queries(json& page) {
  if (!page.is_object()) return;
  if (const auto url = page.find("url"); url != page.end()) cut_query(*url);
  if (const auto visited = page.find("visited"); visited != page.end() && visited->is_array())
    for (auto& one : *visited) cut_query(one);
}

}  // namespace

std::string masked(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto line : split(text, '\n'))
    lines.push_back(with_hosts_alone(mask_secrets(std::string(line))));
  return join(lines, "\n");
}

void mask_for_tracker(json& scope) {
  if (!scope.is_object()) return;
  for (const auto* member :
       {"customer", "errors", "transcript", "page", "intent", "reason", "attempts", "considered",
        "suggested_actions", "identifiers", "brief", "summary", "known", "context", "metadata"}) {
    const auto found = scope.find(member);
    if (found == scope.end()) continue;
    mask(*found, kDeepestMasked);
    if (std::string_view(member) == "page") cut_queries(*found);
  }
  if (const auto subject = scope.find("subject"); subject != scope.end() && subject->is_object()) {
    mask_text_for_tracker(*subject);
    if (const auto customer = subject->find("customer"); customer != subject->end())
      mask(*customer, kDeepestMasked);
  }
  const auto handoff = scope.find("handoff");
  if (handoff == scope.end() || !handoff->is_object()) return;
  if (const auto how = handoff->find("resolution"); how != handoff->end()) mask(*how, 1);
}

void mask_text_for_tracker(json& subject) {
  if (!subject.is_object()) return;
  if (const auto text = subject.find("text"); text != subject.end()) mask(*text, 1);
}

}  // namespace baton::handoff
