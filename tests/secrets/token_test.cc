#include "secrets/token.h"

#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "tests/secrets/folder.h"
#include "tests/secrets/moment.h"

namespace baton::secrets {
namespace {

TokenOptions options_in(const Folder& folder, BeforeStep before = {}) {
  TokenOptions options;
  options.directory = folder.path();
  options.patience = 20ms;
  options.before = std::move(before);
  return options;
}

TEST(Tokens, a_token_lets_its_owner_in_with_its_permissions) {
  Folder folder;
  Tokens tokens(options_in(folder));
  EXPECT_FALSE(tokens.authenticate("bat_x", kNow));
  const auto made = tokens.create("anna", {Permission::read, Permission::agent}, kNow);
  ASSERT_TRUE(made);
  EXPECT_TRUE(made->token.reveal().starts_with("bat_"));
  EXPECT_EQ(made->token.size(), 4u + 43u);
  EXPECT_EQ(made->info.last4, made->token.reveal().substr(43));
  ASSERT_TRUE(tokens.create("robot", {Permission::operate}, kNow));
  const auto principal = tokens.authenticate(made->token.reveal(), kNow);
  ASSERT_TRUE(principal);
  EXPECT_EQ(principal->name, "anna");
  EXPECT_EQ(principal->id, made->info.id);
  EXPECT_TRUE(principal->may(Permission::agent));
  EXPECT_FALSE(principal->may(Permission::operate));
}

TEST(Tokens, only_the_exact_token_fits) {
  Folder folder;
  Tokens tokens(options_in(folder));
  const auto made = tokens.create("anna", {Permission::read}, kNow);
  std::string token(made->token.reveal());
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    token[bit / 8] = static_cast<char>(token[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(tokens.authenticate(token, kNow));
    token[bit / 8] = static_cast<char>(token[bit / 8] ^ (1 << bit % 8));
  }
  for (const auto& bad : {token.substr(1), token.substr(0, token.size() - 1), token + " ", std::string(),
                          to_hex(*sha256({token}))}) {
    EXPECT_FALSE(tokens.authenticate(bad, kNow)) << bad;
  }
}

TEST(Tokens, the_file_holds_the_hash_and_not_the_token) {
  Folder folder;
  Tokens tokens(options_in(folder));
  const auto made = tokens.create("anna", {Permission::read}, kNow);
  const auto bytes = read_whole(folder / "tokens.json");
  EXPECT_EQ(bytes.find(made->token.reveal().substr(4, 12)), std::string::npos);
  EXPECT_NE(bytes.find(to_hex(*sha256({made->token.reveal()}))), std::string::npos);
  EXPECT_EQ(std::filesystem::status(folder / "tokens.json").permissions(),
            static_cast<std::filesystem::perms>(0600));
}

TEST(Tokens, revoking_and_expiry_end_it_at_once) {
  Folder folder;
  Tokens server(options_in(folder)), command_line(options_in(folder));
  const auto lasting = command_line.create("a", {Permission::read}, kNow);
  const auto short_lived = command_line.create("b", {Permission::read}, kNow, kNow + 1h);
  EXPECT_TRUE(server.authenticate(lasting->token.reveal(), kNow));
  EXPECT_TRUE(server.authenticate(short_lived->token.reveal(), kNow + 59min));
  EXPECT_FALSE(server.authenticate(short_lived->token.reveal(), kNow + 1h));
  ASSERT_TRUE(command_line.revoke(lasting->info.id));
  EXPECT_FALSE(server.authenticate(lasting->token.reveal(), kNow));
  EXPECT_EQ(command_line.revoke(lasting->info.id).error().kind, FailureKind::rejected);
  ASSERT_EQ(command_line.list()->size(), 1u);
  EXPECT_EQ(command_line.list()->front().expires, kNow + 1h);
}

TEST(Tokens, a_damaged_or_open_file_lets_nobody_in_and_says_so) {
  Folder folder;
  Tokens tokens(options_in(folder));
  const auto made = tokens.create("a", {Permission::read}, kNow);
  const auto path = folder / "tokens.json";
  const auto good = read_whole(path);
  const auto changed = [&](std::string_view from, std::string_view to) {
    auto bytes = good;
    return bytes.replace(bytes.find(from), from.size(), to);
  };
  for (const auto& bad :
       {std::string(), std::string("{}"), good.substr(0, good.size() / 2), changed("\"read\"", "\"root\""),
        changed("\"format\": 1", "\"format\": 2"), changed("created_ms", "expires_ms\":\"x\",\"y"),
        changed("\"sha256\": \"", "\"sha256\": \"00")}) {
    write_whole(path, bad);
    EXPECT_FALSE(tokens.authenticate(made->token.reveal(), kNow)) << bad;
    EXPECT_TRUE(tokens.problem());
    EXPECT_FALSE(tokens.create("b", {Permission::read}, kNow));  // and it is not written over
    EXPECT_EQ(read_whole(path), bad);
  }
  write_whole(path, good);
  EXPECT_TRUE(tokens.authenticate(made->token.reveal(), kNow));
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0644));
  write_whole(path, good);
  EXPECT_FALSE(tokens.authenticate(made->token.reveal(), kNow));
}

TEST(Tokens, a_token_needs_a_name_a_permission_and_a_future) {
  Folder folder;
  Tokens tokens(options_in(folder));
  EXPECT_FALSE(tokens.create(" ", {Permission::read}, kNow));
  EXPECT_FALSE(tokens.create("a", {}, kNow));
  EXPECT_FALSE(tokens.create("a", {Permission::read}, kNow, kNow));
  for (const auto permission : {Permission::read, Permission::agent, Permission::operate}) {
    EXPECT_EQ(permission_named(name(permission)), permission);
  }
  EXPECT_FALSE(permission_named("root"));
}

TEST(Tokens, a_failed_write_gives_no_token_and_keeps_the_others) {
  Folder folder;
  Tokens good(options_in(folder));
  const auto made = good.create("a", {Permission::read}, kNow);
  for (int k = 1; k <= 4; ++k) {
    int step = 0;
    Tokens failing(options_in(folder, [&](FileStep) { return ++step == k ? EIO : 0; }));
    EXPECT_FALSE(failing.create("b", {Permission::read}, kNow));
    EXPECT_EQ(good.list()->size(), 1u);
    EXPECT_TRUE(good.authenticate(made->token.reveal(), kNow));
  }
}

}  // namespace
}  // namespace baton::secrets
