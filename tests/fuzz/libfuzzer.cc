// Purpose: libFuzzer's way in: BATON_FUZZ_TARGET names the target. tests/fuzz.sh calls it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/targets.h"

namespace {

const baton::fuzz::Target& chosen() {
  static const auto& kChosen = [&]() -> const baton::fuzz::Target& {
    const char* name = std::getenv("BATON_FUZZ_TARGET");
    const auto all = baton::fuzz::targets();
    const auto found = std::ranges::find(all, std::string_view(name ? name : ""), &baton::fuzz::Target::name);
    if (found != all.end()) return *found;
    for (const auto& target : all)
      std::fprintf(stderr, "%.*s\n", static_cast<int>(target.name.size()), target.name.data());
    std::exit(2);
  }();
  return kChosen;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  chosen().run(std::string_view(reinterpret_cast<const char*>(data), size));
  return 0;
}
