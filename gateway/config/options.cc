#include "gateway/config/options.h"

#include <algorithm>

#include "gateway/base/check.h"
#include "gateway/base/text.h"

namespace baton::config {

const Node& Configuration::section(std::string_view key) const {
  BATON_CHECK(std::ranges::find(kTopLevel, key) != kTopLevel.end());
  return loaded_.root[key];
}

std::string Configuration::text(std::string_view key, std::string_view otherwise) {
  BATON_CHECK(std::ranges::find(kTopLevel, key) != kTopLevel.end());
  return Fields(loaded_.root, "", loaded_.problems).text(key, otherwise);
}

void Configuration::done() {
  const std::vector<std::string> known(kTopLevel.begin(), kTopLevel.end());
  for (const auto& member : loaded_.root.members()) {
    if (std::ranges::find(known, member.key) != known.end()) continue;
    loaded_.problems.add(
        member.at, member.key,
        "unknown key" + did_you_mean(member.key, known) + "; allowed here: " + join(known, ", "));
  }
}

}  // namespace baton::config
