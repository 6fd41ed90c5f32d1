#include "secrets/references.h"

#include <sys/stat.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "secrets/root_key.h"
#include "secrets/sealed_store.h"
#include "tests/secrets/folder.h"
#include "tests/secrets/moment.h"

namespace baton::secrets {
namespace {

Position at(int column) { return {"baton.yaml", 12, column}; }

Node scalar(std::string text) { return Node::make_scalar(at(9), std::move(text), false); }

Node reference(std::string key, std::string name) {
  return Node::make_map(at(5), {{std::move(key), at(6), scalar(std::move(name))}});
}

std::string value(const Node& node, const Sources& sources = {}) {
  const auto got = resolve(node, sources);
  if (got) return std::string(got->reveal());
  EXPECT_EQ(got.error().kind, FailureKind::misconfigured);
  return "failed: " + got.error().detail;
}

TEST(References, every_value_is_told_before_it_is_handed_out) {
  Folder folder;
  write_whole(folder / "one", "from a file");
  ASSERT_EQ(::chmod((folder / "one").c_str(), 0600), 0);
  std::vector<std::string> told;
  Sources sources;
  sources.environment = [](const std::string&) { return std::optional<std::string>("from the environment"); };
  sources.opened = [&](const Secret& value) { told.emplace_back(value.reveal()); };
  EXPECT_TRUE(resolve(reference("file", folder / "one"), sources));
  EXPECT_TRUE(resolve_all(reference("env", "TOKEN"), sources));
  EXPECT_FALSE(resolve(reference("secret", "not_there"), sources));
  EXPECT_EQ(told, (std::vector<std::string>{"from a file", "from the environment"}));
}

TEST(References, a_secret_comes_from_the_store_with_its_previous_value_during_rotation) {
  Folder folder;
  ASSERT_TRUE(make_root_key(folder / "root.key"));
  StoreOptions options;
  options.directory = folder.path();
  options.root_key_path = folder / "root.key";
  const auto store = *SealedStore::open(options);
  ASSERT_TRUE(store->put("slack_signing", Secret("one"), kNow));
  ASSERT_TRUE(store->rotate("slack_signing", Secret("two"), kNow));
  Sources sources;
  sources.store = store.get();
  EXPECT_EQ(value(reference("secret", "slack_signing"), sources), "two");
  EXPECT_EQ(resolve_all(reference("secret", "slack_signing"), sources)->size(), 2u);
  EXPECT_EQ(value(reference("secret", "slack_sining"), sources),
            "failed: baton.yaml:12:9: there is no secret `slack_sining`, did you mean `slack_signing`?; set "
            "it with "
            "`baton secret set slack_sining`");
  EXPECT_NE(value(reference("secret", "x")).find("no sealed store is open"), std::string::npos);
}

TEST(References, the_last_line_break_of_a_file_is_dropped_once) {
  Folder folder;
  const auto path = folder / "token";
  for (const auto& [bytes, expected] : std::initializer_list<std::pair<std::string, std::string>>{
           {"v", "v"}, {"v\n", "v"}, {"v\r\n", "v"}, {"v\n\n", "v\n"}, {" v \n", " v "}, {"v\r", "v\r"}}) {
    write_whole(path, bytes);
    EXPECT_EQ(value(reference("file", path)), expected);
    EXPECT_EQ(resolve_all(reference("file", path), {})->size(), 1u);
  }
}

TEST(References, a_file_that_cannot_be_read_is_named_with_reason_and_mode) {
  Folder folder;
  const auto path = folder / "token";
  EXPECT_EQ(value(reference("file", path)), "failed: baton.yaml:12:9: cannot read the secret file " + path +
                                                ": No such file or directory; check the path");
  write_whole(path, "\n");
  EXPECT_NE(value(reference("file", path)).find("is empty"), std::string::npos);
  write_whole(path, std::string(kMaxSecretBytes + 1, 'x'));
  EXPECT_NE(value(reference("file", path)).find("larger than"), std::string::npos);
  write_whole(path, std::string(kMaxSecretBytes, 'x') + "\r\n");
  EXPECT_EQ(value(reference("file", path)).size(), kMaxSecretBytes);
  EXPECT_NE(value(reference("file", folder.path())).find("not a regular file"), std::string::npos);
}

TEST(References, a_file_without_permission_shows_its_mode) {
  if (::geteuid() == 0 && ::seteuid(65534) != 0) return;  // root reads everything
  std::string name = "/tmp/baton-secrets-XXXXXX";
  const int file = ::mkstemp(name.data());
  ASSERT_GE(file, 0);
  ::close(file);
  std::filesystem::permissions(name, std::filesystem::perms::none);
  EXPECT_NE(value(reference("file", name)).find("Permission denied (mode 0000, owner"), std::string::npos);
  std::filesystem::remove(name);
  if (::getuid() == 0) EXPECT_EQ(::seteuid(0), 0);
}

TEST(References, a_variable_is_read_from_the_environment) {
  Sources sources;
  sources.environment = [](const std::string& name) -> std::optional<std::string> {
    if (name == "TOKEN") return "value\n";
    if (name == "EMPTY") return "";
    return std::nullopt;
  };
  EXPECT_EQ(value(reference("env", "TOKEN"), sources), "value");
  EXPECT_NE(value(reference("env", "EMPTY"), sources).find("EMPTY is empty"), std::string::npos);
  EXPECT_NE(value(reference("env", "NONE"), sources).find("has no variable NONE"), std::string::npos);
  EXPECT_FALSE(value(reference("env", "PATH")).empty());
}

TEST(References, a_value_in_the_configuration_is_refused_and_never_repeated) {
  const auto message = value(scalar("xoxb-real-secret"));
  EXPECT_NE(
      message.find("baton.yaml:12:9: secrets never stand in the configuration; write {secret: name} and run "
                   "`baton secret set name`"),
      std::string::npos);
  EXPECT_EQ(message.find("xoxb"), std::string::npos);
  // Pasted into the wrong place, it is not shown either.
  EXPECT_EQ(value(reference("secret", "p@ss word")).find("p@ss"), std::string::npos);
}

TEST(References, what_is_no_reference_is_reported_with_its_place) {
  Problems problems;
  EXPECT_FALSE(read_reference(Node(), "destinations.slack.token", problems));
  EXPECT_FALSE(read_reference(Node::make_null(at(1)), "a", problems));
  EXPECT_FALSE(read_reference(Node::make_list(at(1), {}), "a", problems));
  EXPECT_FALSE(read_reference(Node::make_map(at(1), {}), "a", problems));
  EXPECT_FALSE(read_reference(reference("secret", ""), "a", problems));
  EXPECT_FALSE(read_reference(reference("secrt", "x"), "a", problems));
  EXPECT_FALSE(read_reference(
      Node::make_map(at(1), {{"secret", at(2), scalar("a")}, {"env", at(3), scalar("b")}}), "a", problems));
  EXPECT_FALSE(
      read_reference(Node::make_map(at(1), {{"secret", at(2), reference("secret", "x")}}), "a", problems));
  ASSERT_EQ(problems.list().size(), 8u);
  EXPECT_EQ(problems.list()[0].path, "destinations.slack.token");
  EXPECT_NE(problems.list()[5].message.find("did you mean `secret`?"), std::string::npos);
  EXPECT_EQ(problems.list()[1].at.text(), "baton.yaml:12:1");
  const auto good = read_reference(reference("env", "TOKEN"), "a", problems);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->source, SecretSource::env);
  EXPECT_EQ(good->name, "TOKEN");
}

}  // namespace
}  // namespace baton::secrets
