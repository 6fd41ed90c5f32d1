// The kept corpus through the entry points of the fuzzers: as it is, cut anywhere, and with bytes changed by
// a seed. What a fuzzer found once stays found.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/fuzz/targets.h"

namespace baton::fuzz {
namespace {

namespace fs = std::filesystem;

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::atoi(text) : otherwise;
}

class Replay : public ::testing::TestWithParam<Target> {};

TEST_P(Replay, survives_its_corpus_cut_and_changed) {
  constexpr std::size_t kCuts = 40;
  const int changes = number_from("BATON_CHANGES", 60);
  const auto& target = GetParam();
  int files = 0;
  for (const auto& entry :
       fs::directory_iterator(fs::path(BATON_SOURCE_DIR) / "tests/fuzz/corpus" / target.name)) {
    SCOPED_TRACE(entry.path().filename().string());
    std::ifstream file(entry.path(), std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    const auto bytes = text.str();
    ++files;
    target.run(bytes);
    for (std::size_t cut = 0; cut < bytes.size(); cut += bytes.size() / kCuts + 1)
      target.run(bytes.substr(0, cut));
    std::mt19937 random(static_cast<unsigned>(number_from("BATON_SEED", 17)));
    for (int i = 0; i < changes && !bytes.empty(); ++i) {
      auto changed = bytes;
      for (auto times = random() % 3 + 1; times > 0; --times)
        changed[random() % changed.size()] = static_cast<char>(random());
      if (i % 4 == 0) changed.insert(random() % changed.size(), changed.substr(random() % changed.size(), 9));
      target.run(changed);
    }
  }
  EXPECT_GE(files, 3);
}

INSTANTIATE_TEST_SUITE_P(, Replay, ::testing::ValuesIn(targets().begin(), targets().end()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace baton::fuzz
