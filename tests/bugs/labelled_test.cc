// Purpose: errors that somebody labelled from the requirements, without knowing the rules: which of them are
// taken for one defect. Every pair that is judged wrongly is listed.
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <set>

#include <gtest/gtest.h>

#include "gateway/handoff/fingerprint.h"

namespace baton::handoff {
namespace {

using nlohmann::json;

struct Labelled {
  std::string name;
  std::string label;
  ErrorParts parts;
  std::size_t bug = 0;  // the one it was put on
};

// As a store would do it: only bugs that share a shelf with the error are looked at.
class Store {
 public:
  std::size_t put(const ErrorParts& seen) {
    std::set<std::size_t> near;
    for (const auto& shelf : shelves(seen)) near.insert(shelves_[shelf].begin(), shelves_[shelf].end());
    const std::vector<std::size_t> numbers(near.begin(), near.end());
    std::vector<ErrorParts> candidates;
    for (const auto number : numbers) candidates.push_back(bugs_[number]);
    const auto found = find_same(seen, candidates);
    const auto number = found ? numbers[*found] : bugs_.size();
    if (found) bugs_[number] = joined(bugs_[number], seen);
    else bugs_.push_back(seen);
    for (const auto& shelf : shelves(bugs_[number])) shelves_[shelf].insert(number);
    return number;
  }
  std::size_t size() const { return bugs_.size(); }

 private:
  std::vector<ErrorParts> bugs_;
  std::map<std::string, std::set<std::size_t>> shelves_;
};

struct Figures {
  std::size_t right = 0, merged = 0, parted = 0;
  double precision() const { return right + merged == 0 ? 1 : double(right) / double(right + merged); }
  double recall() const { return right + parted == 0 ? 1 : double(right) / double(right + parted); }
};

Figures judge(const std::vector<Labelled>& all) {
  Figures figures;
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (std::size_t k = i + 1; k < all.size(); ++k) {
      const bool meant = all[i].label == all[k].label, done = all[i].bug == all[k].bug;
      if (meant && done) ++figures.right;
      if (meant == done) continue;
      ++(done ? figures.merged : figures.parted);
      std::cout << (done ? "false merge: " : "missed: ") << all[i].name << " [" << all[i].label << "] | "
                << all[k].name << " [" << all[k].label << "]\n    " << explain(all[i].parts, all[k].parts)
                << "\n";
    }
  }
  return figures;
}

void expect_good(const std::string& file) {
  const auto path = std::filesystem::path(BATON_SOURCE_DIR) / "tests/bugs/labelled" / file;
  ASSERT_TRUE(std::filesystem::exists(path)) << path << " is not there";
  std::ifstream in(path);
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const auto list = json::parse(text);
  std::vector<Labelled> all;
  Store store;
  std::set<std::string> labels;
  for (const auto& one : list) {
    const auto made = fingerprint(one["data"]);
    Labelled labelled{one["name"], one["label"], made ? made->parts : ErrorParts(), 0};
    labelled.bug = made ? store.put(made->parts) : store.put(labelled.parts);
    labels.insert(labelled.label);
    all.push_back(std::move(labelled));
  }
  const auto figures = judge(all);
  std::cout << file << ": " << all.size() << " errors, " << labels.size() << " defects, " << store.size()
            << " bugs; pairs: precision " << figures.precision() << " (" << figures.merged
            << " falsely merged), recall " << figures.recall() << " (" << figures.parted << " missed)\n";
  EXPECT_GE(all.size(), 100u);
  EXPECT_GE(figures.precision(), 0.98);
  EXPECT_GE(figures.recall(), 0.9);
}

TEST(LabelledErrors, the_open_half_is_told_apart) { expect_good("open.json"); }
TEST(LabelledErrors, the_half_that_was_held_out_is_told_apart) { expect_good("held_out.json"); }

}  // namespace
}  // namespace baton::handoff
