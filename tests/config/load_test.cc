#include "gateway/config/load.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/config/options.h"
#include "tests/config/broken_cases.h"

namespace baton::config {
namespace {

class Folder : public ::testing::Test {
 protected:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "baton_config_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Folder() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::vector<std::string> messages(const Loaded& loaded) const {
    std::vector<std::string> found;
    for (const auto& problem : loaded.problems.list()) {
      found.push_back(without_folder(problem.text(), folder_));
    }
    return found;
  }

  std::filesystem::path folder_;
};

using Load = Folder;

TEST_F(Load, included_maps_are_merged_key_by_key_with_their_own_positions) {
  write("baton.yaml", "include: [conf.d/*.yaml, more.json]\nteams:\n  billing: {}\n");
  write("conf.d/20.yaml", "teams:\n  night: {}\n");
  write("conf.d/10.yaml", "teams:\n  support: {}\nroutes: []\n");
  write("conf.d/.hidden.yaml", "teams: 5\n");
  write("more.json", "{\"data_dir\": \"/var/lib/baton\"}");
  const auto loaded = load(path("baton.yaml"));
  EXPECT_THAT(messages(loaded), testing::IsEmpty());
  ASSERT_EQ(loaded.files.size(), 4u);
  EXPECT_EQ(loaded.files[1], path("conf.d/10.yaml"));
  const auto& teams = loaded.root["teams"];
  ASSERT_EQ(teams.members().size(), 3u);
  EXPECT_EQ(teams.members()[1].key, "support");
  EXPECT_EQ(teams["night"].at().text(), path("conf.d/20.yaml") + ":2:10");
  EXPECT_EQ(loaded.root["data_dir"].text(), "/var/lib/baton");
  EXPECT_TRUE(loaded.root["include"].missing());
}

TEST_F(Load, two_lists_are_not_merged_because_their_order_matters) {
  write("baton.yaml", "include: other.yaml\nroutes: [a]\n");
  write("other.yaml", "routes: [b]\n");
  EXPECT_THAT(messages(load(path("baton.yaml"))),
              testing::ElementsAre("other.yaml:1:1: routes: is defined twice, here and at baton.yaml:2:1"));
}

TEST_F(Load, a_file_included_twice_is_named_with_both_places) {
  write("baton.yaml", "include: [a.yaml, ./a.yaml]\n");
  write("a.yaml", "log: {}\n");
  EXPECT_THAT(
      messages(load(path("baton.yaml"))),
      testing::ElementsAre("baton.yaml:1:19: include: `a.yaml` is already included at baton.yaml:1:11"));
}

TEST_F(Load, a_pattern_that_fits_its_own_file_leaves_it_out) {
  write("baton.yaml", "include: '*.yaml'\n");
  write("teams.yaml", "teams: {}\n");
  EXPECT_THAT(messages(load(path("baton.yaml"))), testing::IsEmpty());
}

TEST_F(Load, a_root_that_cannot_be_read_says_why) {
  EXPECT_THAT(messages(load(path("none.yaml"))),
              testing::ElementsAre("none.yaml: cannot be read: No such file or directory"));
  EXPECT_EQ(load(folder_.string()).problems.list().at(0).message,
            "is a directory; name a file, or the files in it as `*.yaml`");
  EXPECT_EQ(load(path("none.yaml")).root.kind(), Node::Kind::map);
}

TEST_F(Load, a_file_without_permission_says_so) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything; the directory case stands in";
  write("baton.yaml", "log: {}\n");
  ::chmod(path("baton.yaml").c_str(), 0);
  EXPECT_THAT(messages(load(path("baton.yaml"))),
              testing::ElementsAre("baton.yaml: cannot be read: Permission denied"));
}

TEST_F(Load, a_pipe_is_refused_without_waiting_for_a_writer) {
  ASSERT_EQ(::mkfifo(path("pipe.yaml").c_str(), 0600), 0);
  EXPECT_THAT(messages(load(path("pipe.yaml"))), testing::ElementsAre("pipe.yaml: is not a regular file"));
}

TEST_F(Load, files_include_one_another_sixteen_deep_and_no_deeper) {
  for (int i = 1; i <= 17; ++i) {
    write(std::to_string(i) + ".yaml",
          i == 17 ? "log: {}\n" : "include: " + std::to_string(i + 1) + ".yaml\n");
  }
  EXPECT_THAT(messages(load(path("2.yaml"))), testing::IsEmpty());
  EXPECT_THAT(messages(load(path("1.yaml"))),
              testing::ElementsAre("16.yaml:1:10: include: files include one another more than 16 deep"));
}

TEST_F(Load, problems_of_every_file_come_at_once) {
  write("baton.yaml", "include: [a.yaml, none.yaml]\nlog: 1\nlog: 2\n");
  write("a.yaml", "x: [\n");
  EXPECT_EQ(messages(load(path("baton.yaml"))).size(), 3u);
}

TEST_F(Load, a_configuration_hands_out_sections_and_knows_the_rest) {
  write("baton.yaml", "public_url: https://b.example\nsources: {web: {}}\ntriggrs: []\n");
  Configuration configuration(load(path("baton.yaml")));
  EXPECT_EQ(configuration.text("public_url"), "https://b.example");
  EXPECT_EQ(configuration.text("data_dir", "/var/lib/baton"), "/var/lib/baton");
  EXPECT_EQ(configuration.section("sources").members().size(), 1u);
  EXPECT_TRUE(configuration.section("alerts").missing());
  configuration.done();
  ASSERT_EQ(configuration.problems().list().size(), 1u);
  EXPECT_THAT(configuration.problems().list()[0].message, testing::HasSubstr("did you mean `triggers`?"));
}

}  // namespace
}  // namespace baton::config
