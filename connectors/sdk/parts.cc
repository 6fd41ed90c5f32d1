#include "connectors/sdk/parts.h"

#include "gateway/base/text.h"

namespace baton::sdk {
namespace {

constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

std::size_t units(unsigned char lead) { return lead >= 0xf0 ? 2 : (lead & 0xc0) == 0x80 ? 0 : 1; }

// How many bytes of `text` make at most `most` UTF-16 units.
std::size_t bytes_that_fit(std::string_view text, std::size_t most) {
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    used += units(static_cast<unsigned char>(text[i]));
    if (used > most) return i;
  }
  return text.size();
}

}  // namespace

std::vector<std::string> parts_of(std::string_view text, std::size_t longest, std::size_t most) {
  std::vector<std::string> parts;
  for (auto rest = trim(text); !rest.empty(); rest = trim(rest)) {
    auto size = bytes_that_fit(rest, longest);
    const bool last = parts.size() + 1 == most;
    if (size < rest.size() && last) {
      parts.push_back(std::string(rest.substr(0, bytes_that_fit(rest, longest - 1))) +
                      std::string(kEllipsis));
      break;
    }
    // Where a person would breathe, if there is such a place in the second half.
    if (const auto space = rest.find_last_of(" \n", size);
        size < rest.size() && space != std::string_view::npos && space > size / 2) {
      size = space;
    }
    parts.emplace_back(trim(rest.substr(0, size)));
    rest.remove_prefix(size);
  }
  return parts;
}

std::string part_number(std::size_t index) {
  return index == 0 ? std::string() : "/" + std::to_string(index + 1);
}

}  // namespace baton::sdk
