// Purpose: the repository's includes against its layers, and the checker itself against planted breaches.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "tests/architecture/checker.h"
#include "tests/architecture/private_names.h"

namespace baton::architecture {
namespace {

namespace fs = std::filesystem;

std::string read(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// BATON_TREE: another tree than the one that was built, as tests/template makes it.
const fs::path kRoot = std::getenv("BATON_TREE") ? std::getenv("BATON_TREE") : BATON_SOURCE_DIR;

Checker checker() {
  return Checker(read_table(read(kRoot / "tests/architecture/layers.txt")),
                 read_table(read(kRoot / "tests/architecture/doors.txt")));
}

std::vector<SourceFile> repository() {
  std::vector<SourceFile> files;
  for (const auto* folder : {"gateway", "connectors", "secrets", "mappings", "deploy", "tests"}) {
    constexpr auto kThroughLinks = fs::directory_options::follow_directory_symlink;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder, kThroughLinks)) {
      const auto path = entry.path().string();
      const bool code = path.ends_with(".h") || path.ends_with(".cc") || path.ends_with(".cc.in");
      if (entry.is_regular_file() && code) {
        files.push_back({entry.path().lexically_relative(kRoot).string(), read(entry.path())});
      }
    }
  }
  return files;
}

TEST(Architecture, the_repository_keeps_its_layers) {
  const auto files = repository();
  EXPECT_GT(files.size(), 200u);
  for (const auto& breach : checker().check(files)) ADD_FAILURE() << breach;
}

TEST(Architecture, the_table_itself_has_no_circle_and_names_only_what_exists) {
  const auto rows = read_table(read(kRoot / "tests/architecture/layers.txt"));
  Graph graph;
  for (const auto& row : rows) {
    if (row.name.find('*') == std::string::npos) EXPECT_TRUE(fs::exists(kRoot / row.name)) << row.name;
    for (const auto& to : row.allowed) {
      if (to == "*") continue;
      graph[row.name].emplace(to, "");
      EXPECT_TRUE(fs::exists(kRoot / to)) << row.name << " names " << to;
    }
  }
  EXPECT_TRUE(find_circle(graph).empty());
  EXPECT_GE(rows.size(), 25u);
}

TEST(Architecture, no_two_files_of_a_folder_share_the_name_of_a_private_function) {
  for (const auto& name : shared_private_names(repository())) ADD_FAILURE() << name;
}

TEST(Architecture, no_file_uses_a_private_constant_of_another) {
  for (const auto& name : borrowed_constants(repository())) ADD_FAILURE() << name;
}

// --- the checker, on small trees

TEST(PrivateNames, of_constants_are_not_borrowed) {
  const std::string owner = "namespace {\n\nconstexpr int kMost = 3;\n\n}  // namespace\n";
  const std::string user = "int twice() { return 2 * kMost; }\n";
  EXPECT_EQ(borrowed_constants({{"a/x.cc", owner}, {"a/y.cc", user}}).size(), 1u);
  EXPECT_TRUE(borrowed_constants({{"a/x.cc", owner}, {"b/y.cc", user}}).empty());
  EXPECT_TRUE(
      borrowed_constants({{"a/x.cc", owner}, {"a/y.cc", "constexpr int kMost = 4;\n" + user}}).empty());
}

TEST(PrivateNames, are_shared_only_within_a_folder_and_only_if_private) {
  const std::string one = "namespace {\n\nint half(int of) { return of / 2; }\n\n}  // namespace\n";
  const std::string other = "namespace {\n\nlong half(long of) {\n  return of / 2;\n}\n\n}  // namespace\n";
  const std::string open = "namespace baton {\n\nlong half(long of) { return of / 2; }\n";
  EXPECT_EQ(shared_private_names({{"a/x.cc", one}, {"a/y.cc", other}}).size(), 1u);
  EXPECT_TRUE(shared_private_names({{"a/x.cc", one}, {"b/y.cc", other}}).empty());
  EXPECT_TRUE(shared_private_names({{"a/x.cc", one}, {"a/y.cc", open}}).empty());
  EXPECT_TRUE(
      shared_private_names({{"connectors/a/wire.cc", one}, {"connectors/a/simulator_b.cc", other}}).empty());
  EXPECT_TRUE(shared_private_names({{"a/x.cc", one + one}}).empty()) << "overloads of one file are meant";
}

std::vector<std::string> breaches(std::vector<SourceFile> files) {
  for (const auto* known :
       {"gateway/base/result.h", "gateway/model/job.h", "gateway/journal/journal.h",
        "gateway/journal/sqlite/sqlite.h", "gateway/planner/planner.h", "gateway/delivery/worker.h",
        "connectors/sdk/connector.h", "connectors/zendesk/wire.h", "connectors/zendesk/simulator.h",
        "connectors/slack/wire.h", "connectors/simulation/simulation.h", "gateway/http/client.h",
        "gateway/http/curl/pool.h", "secrets/token.h", "gateway/config/load.h"}) {
    if (std::ranges::find(files, known, &SourceFile::path) == files.end()) files.push_back({known, ""});
  }
  return checker().check(files);
}

std::vector<std::string> breach_of(const std::string& path, const std::string& text) {
  return breaches({{path, text}});
}

using Found = std::vector<std::string>;

TEST(Checker, what_is_allowed_passes) {
  EXPECT_EQ(breaches({}), Found{});
  EXPECT_EQ(breach_of("gateway/planner/planner.cc",
                      "#include \"gateway/planner/planner.h\"\n#include <vector>\n"
                      "#include <nlohmann/json.hpp>\n#include <sys/stat.h>\n"
                      "#include \"gateway/journal/journal.h\"\n"),
            Found{});
  EXPECT_EQ(breach_of("connectors/zendesk/simulator.cc",
                      "#include \"connectors/zendesk/simulator.h\"\n"
                      "#include \"connectors/simulation/simulation.h\"\n"),
            Found{});
  EXPECT_EQ(
      breach_of("gateway/app/main.cc", "#include \"gateway/delivery/worker.h\"\n#include <CLI/CLI.hpp>\n"),
      Found{});
  EXPECT_EQ(
      breach_of("tests/x/x_test.cc", "#include \"gateway/http/curl/pool.h\"\n#include <gtest/gtest.h>\n"),
      Found{});
}

TEST(Checker, each_planted_breach_is_found) {
  const std::vector<std::tuple<std::string, std::string, std::string>> planted = {
      {"gateway/base/result.h", "gateway/model/job.h",
       "gateway/base must not include gateway/model (gateway/model/job.h)"},
      {"gateway/model/job.h", "gateway/journal/journal.h",
       "gateway/model must not include gateway/journal (gateway/journal/journal.h)"},
      {"gateway/planner/planner.h", "gateway/delivery/worker.h",
       "gateway/planner must not include gateway/delivery (gateway/delivery/worker.h)"},
      {"gateway/planner/planner.cc", "gateway/journal/sqlite/sqlite.h",
       "gateway/planner must not include gateway/journal/sqlite (gateway/journal/sqlite/sqlite.h)"},
      {"gateway/delivery/worker.cc", "connectors/zendesk/wire.h",
       "gateway/delivery must not include connectors/zendesk (connectors/zendesk/wire.h)"},
      {"gateway/delivery/worker.cc", "gateway/http/curl/pool.h",
       "gateway/delivery must not include gateway/http/curl (gateway/http/curl/pool.h)"},
      {"connectors/slack/connector.cc", "connectors/zendesk/wire.h",
       "connectors/slack must not include connectors/zendesk (connectors/zendesk/wire.h)"},
      {"connectors/slack/connector.cc", "secrets/token.h",
       "connectors/slack must not include secrets (secrets/token.h)"},
      {"connectors/slack/connector.cc", "gateway/journal/journal.h",
       "connectors/slack must not include gateway/journal (gateway/journal/journal.h)"},
      {"connectors/zendesk/connector.cc", "connectors/zendesk/simulator.h",
       "connectors/zendesk must not include simulator:zendesk (connectors/zendesk/simulator.h)"},
      {"connectors/zendesk/simulator.cc", "connectors/zendesk/wire.h",
       "simulator:zendesk must not include connectors/zendesk (connectors/zendesk/wire.h)"},
      {"connectors/zendesk/simulator_more.cc", "connectors/sdk/connector.h",
       "simulator:zendesk must not include connectors/sdk (connectors/sdk/connector.h)"},
      {"gateway/ingress/ingress.cc", "gateway/config/load.h",
       "gateway/ingress must not include gateway/config (gateway/config/load.h)"},
      {"gateway/model/job.h", "tests/x.h",
       "`tests/x.h` is not a file of this repository, named from its root"},
      {"gateway/model/job.cc", "job.h", "`job.h` is not a file of this repository, named from its root"},
  };
  for (const auto& [path, target, why] : planted) {
    const auto found = breach_of(path, "// why\n#include \"" + target + "\"\n");
    ASSERT_FALSE(found.empty()) << path << " -> " << target;
    EXPECT_EQ(found[0], path + ":2: " + why);
  }
}

TEST(Checker, each_foreign_header_has_its_door) {
  const std::vector<std::pair<std::string, std::string>> planted = {
      {"gateway/api/api.cc", "cpprest/http_listener.h"},
      {"gateway/http/curl/pool.cc", "boost/beast/http.hpp"},
      {"gateway/model/job.h", "boost/asio/post.hpp"},
      {"gateway/delivery/worker.cc", "curl/curl.h"},
      {"gateway/journal/journal.h", "sqlite3.h"},
      {"gateway/http/curl/pool.cc", "openssl/ssl.h"},
      {"mappings/engine/mapping.cc", "yaml-cpp/yaml.h"},
      {"gateway/ingress/schema.cc", "valijson/schema.hpp"},
      {"gateway/handoff/route.cc", "re2/re2.h"},
      {"gateway/delivery/worker.cc", "spdlog/spdlog.h"},
      {"gateway/config/load.cc", "CLI/CLI.hpp"},
      {"gateway/delivery/worker.cc", "prometheus/counter.h"},
      {"gateway/base/scope.cc", "gtest/gtest.h"},
      {"gateway/base/scope.cc", "unheard_of/library.h"},
      {"gateway/http/curl/pool.cc", "boost/asio/co_spawn.hpp"}};
  for (const auto& [path, header] : planted) {
    const auto found = breach_of(path, "#  include <" + header + ">\n");
    ASSERT_FALSE(found.empty()) << path << " <" << header << ">";
    EXPECT_NE(found[0].find("must not include <" + header + ">"), std::string::npos) << found[0];
  }
}

TEST(Checker, co_spawn_is_called_in_one_place) {
  const std::string call = "net::co_spawn(loop, task());\n";
  EXPECT_EQ(breach_of("gateway/base/scope.cc", call), Found{});
  EXPECT_EQ(breach_of("gateway/api/api.cc", "// co_spawn\n" + call),
            Found{"gateway/api/api.cc:2: only gateway/base/scope.cc calls co_spawn"});
}

TEST(Checker, a_station_that_knows_a_vendor_is_found_but_comments_may_cite) {
  for (const auto* text :
       {"if (name == \"zendesk\") {}", "int slack_calls;", "struct ZendeskThing;", "/* x */ kSlack"}) {
    for (const auto* station : {"gateway/ingress/a.cc", "gateway/planner/a.cc", "gateway/delivery/a.h",
                                "gateway/health/a.cc", "gateway/api/a.cc", "gateway/handoff/a.cc",
                                "gateway/journal/a.cc", "gateway/ingress/schemas/a.cc"}) {
      EXPECT_EQ(breach_of(station, text).size(), 1u) << station << ": " << text;
    }
    EXPECT_EQ(breach_of("gateway/app/a.cc", text), Found{});
    EXPECT_EQ(breach_of("connectors/zendesk/a.cc", text), Found{});
  }
  EXPECT_EQ(breach_of("gateway/delivery/a.cc",
                      "// zendesk, section 5\n/* slack\n hubspot */ int slackened; // \"slack\"\n"),
            Found{});
}

TEST(Checker, a_circle_of_folders_is_found_whatever_the_table_says) {
  const Checker lax(read_table("a: b\nb: c\nc: a\n"), {});
  const auto found = lax.check({{"a/a.h", "#include \"b/b.h\"\n"},
                                {"b/b.h", "#include \"c/c.h\"\n"},
                                {"c/c.h", "#include \"a/a.h\"\n"}});
  EXPECT_EQ(found, Found{"a circle of includes: a -> b -> c -> a"});
}

TEST(Checker, a_folder_without_a_layer_is_found) {
  EXPECT_EQ(breach_of("gateway/novelty/new.h", ""),
            Found{"gateway/novelty/new.h: stands in no layer: give its folder a line in layers.txt"});
}

TEST(Checker, includes_in_comments_and_strings_do_not_count) {
  EXPECT_TRUE(
      includes("// #include \"a.h\"\n/*\n#include <b.h>\n*/\nauto s = \"#include <c.h>\";\n").empty());
  const auto found =
      includes("#include \"a/b.h\"  // why\n  #  include <c.h>\nchar c = '\"'; // it's\n#include \"d.h\"\n");
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].target, "a/b.h");
  EXPECT_TRUE(found[1].foreign);
  EXPECT_EQ(found[2].line, 4);
}

}  // namespace
}  // namespace baton::architecture
