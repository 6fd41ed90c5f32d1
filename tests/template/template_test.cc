// A connector made from the template is found, built and tested without touching anything but its three
// places. This program holds its own test and the contract suite besides; here stands the rest.
#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace {

namespace fs = std::filesystem;

const std::string kHere = BATON_TEMPLATE;

std::string in_bash(const std::string& words) { return "bash -c '" + words + "'"; }

// An empty tree with the folders that a connector goes to.
class NewConnector : public ::testing::Test {
 protected:
  NewConnector() : root_(fs::path(BATON_TREE_OF_LINKS).parent_path() / "empty") {
    fs::remove_all(root_);
    for (const auto* folder : {"connectors", "mappings", "tests/connectors"})
      fs::create_directories(root_ / folder);
  }
  int make(const std::string& name) const {
    return std::system(
        in_bash(kHere + "/new_connector.sh " + name + " " + root_.string() + " >/dev/null 2>&1").c_str());
  }

  fs::path root_;
};

TEST_F(NewConnector, is_its_folder_one_mapping_and_one_test_folder_under_its_own_name) {
  ASSERT_EQ(make("help_spot2"), 0);
  EXPECT_TRUE(fs::exists(root_ / "connectors/help_spot2/connector.cc"));
  EXPECT_TRUE(fs::exists(root_ / "mappings/help_spot2.yaml"));
  EXPECT_TRUE(fs::exists(root_ / "tests/connectors/help_spot2/help_spot2_test.cc"));
  EXPECT_NE(std::system(("grep -riq deskly " + root_.string()).c_str()), 0)
      << "the template's name is left somewhere";
}

TEST_F(NewConnector, is_refused_under_a_name_that_is_taken_or_none) {
  ASSERT_EQ(make("once"), 0);
  EXPECT_NE(make("once"), 0);
  for (const auto* name : {"Upper", "2nd", "a-b", "../x", "\"\""}) EXPECT_NE(make(name), 0) << name;
}

TEST(Template, a_connector_made_from_it_is_found_by_cmake_and_keeps_the_layers) {
  const std::string command =
      kHere + "/run.sh " + BATON_TREE_OF_LINKS + " " + BATON_PRESET + " " + BATON_ARCHITECTURE_TEST;
  EXPECT_EQ(std::system(in_bash(command).c_str()), 0);
}

}  // namespace
