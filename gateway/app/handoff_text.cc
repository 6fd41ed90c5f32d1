#include "gateway/app/handoff_text.h"

namespace baton::app {
namespace {

// "+0.080 s": how long after the request.
std::string after(JsonView moment) {
  const auto ms = moment["after_ms"].integer().value_or(0);
  auto fraction = std::to_string(ms % 1000);
  fraction.insert(0, 3 - fraction.size(), '0');
  return "+" + std::to_string(ms / 1000) + "." + fraction + " s";
}

}  // namespace

std::string timeline_text(JsonView body) {
  const auto handoff = body["handoff"];
  auto text = handoff["id"].text() + "  " + handoff["state"].text() + "  conversation " +
              handoff["conversation"].text();
  if (handoff["confidential"].boolean().value_or(false))
    text += "  confidential: only who may see its topic reads more\n";
  else text += "  rule " + handoff["rule"].text("none") + "\n";
  for (const auto& moment : items(body["timeline"])) {
    auto when = after(moment);
    when.insert(0, when.size() < 14 ? 14 - when.size() : 0, ' ');
    text += when + "  " + moment["text"].text() + "\n";
  }
  return text;
}

std::string brief_text(JsonView body) {
  return body["headline"].text() + " (" + body["completeness"].id().value_or("0") + " % complete)\n" +
         body["text"].text();
}

}  // namespace baton::app
