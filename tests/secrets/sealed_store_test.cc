#include "secrets/sealed_store.h"

#include <sys/wait.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "secrets/root_key.h"
#include "secrets/store_file.h"
#include "tests/secrets/folder.h"
#include "tests/secrets/moment.h"

namespace baton::secrets {
namespace {

RootKeys roots_of(std::uint32_t version) {
  std::string bytes(kAesKeyBytes, '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(200 + i);
  RootKeys roots;
  roots.add({version, Secret(bytes)});
  return roots;
}

RecordContext context() { return {"secret", "main", "store-1", "zendesk_token", "rec-9", 3}; }

// Computed with another implementation (python3-cryptography) from the layout in sealed_record.h.
TEST(SealedRecord, sealing_gives_the_known_answer) {
  const auto roots = roots_of(7);
  EXPECT_EQ(roots.newest().id(), "ec85092f2f1efb01");
  const auto record = seal(roots.newest(), context(), "zdApiToken123", counting());
  EXPECT_EQ(to_hex(*record),
            "0100000007202122232425262728292a2b046e80b00836d1194f059fa35b58d418f3bee98a30202ba298cdf87b4d1a32"
            "4a76f2d4b72ed9dfed4000b7139bb645f32c2d2e2f3031323334353637289964660bc58ba753a6acd408e672e218e854"
            "6ef1e19c198534409507");
  EXPECT_EQ(unseal(roots, context(), *record)->reveal(), "zdApiToken123");
}

TEST(SealedRecord, every_flipped_bit_and_every_cut_is_refused) {
  const auto roots = roots_of(7);
  auto record = *seal(roots.newest(), context(), "zdApiToken123");
  for (std::size_t bit = 0; bit < record.size() * 8; ++bit) {
    record[bit / 8] = static_cast<char>(record[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(unseal(roots, context(), record)) << bit;
    record[bit / 8] = static_cast<char>(record[bit / 8] ^ (1 << bit % 8));
  }
  for (std::size_t size = 0; size < record.size(); ++size) {
    EXPECT_FALSE(unseal(roots, context(), record.substr(0, size)));
  }
  EXPECT_FALSE(unseal(roots, context(), record + "x"));
  EXPECT_TRUE(unseal(roots, context(), record));
}

TEST(SealedRecord, it_opens_in_its_own_place_only) {
  const auto roots = roots_of(7);
  const auto record = *seal(roots.newest(), context(), "value");
  std::vector<RecordContext> others(9, context());
  others[0].purpose = "proof";
  others[1].workspace = "other";
  others[2].owner = "store-2";
  others[3].field = "hubspot_token";
  others[4].record_id = "rec-8";
  others[5].version = 2;
  others[6].version = 4;
  others[7].purpose = "secretm", others[7].workspace = "ain";  // the same bytes one after the other
  others[8].field = "zendesk_tokenrec-9", others[8].record_id = "";
  for (const auto& other : others)
    EXPECT_EQ(unseal(roots, other, record).error().kind, FailureKind::rejected);
}

TEST(SealedRecord, parts_of_two_records_do_not_make_a_third) {
  const auto roots = roots_of(7);
  const auto a = *seal(roots.newest(), context(), "value-a"), b = *seal(roots.newest(), context(), "value-b");
  constexpr std::size_t kHead = 1 + 4 + 12 + 32 + 16;
  EXPECT_FALSE(unseal(roots, context(), a.substr(0, kHead) + b.substr(kHead)));
  EXPECT_FALSE(unseal(roots, context(), a.substr(0, kHead + 12) + b.substr(kHead + 12)));
}

TEST(SealedRecord, another_root_key_does_not_open_it_and_a_missing_version_is_named) {
  const auto record = *seal(roots_of(7).newest(), context(), "value");
  RootKeys other;
  other.add({7, Secret(std::string(32, 'x'))});
  EXPECT_EQ(unseal(other, context(), record).error().kind, FailureKind::rejected);
  const auto missing = unseal(roots_of(8), context(), record);
  EXPECT_EQ(missing.error().kind, FailureKind::misconfigured);
  EXPECT_NE(missing.error().detail.find("version 7"), std::string::npos);
}

TEST(SealedRecord, rewrapping_changes_the_head_alone) {
  auto roots = roots_of(1);
  const auto record = *seal(roots.newest(), context(), "value");
  roots.add({2, Secret(std::string(32, '2'))});
  const auto again = *rewrap(roots, roots.newest(), context(), record);
  EXPECT_EQ(record.substr(65), again.substr(65));
  roots.remove_older_than(2);
  EXPECT_EQ(unseal(roots, context(), again)->reveal(), "value");
  EXPECT_FALSE(unseal(roots, context(), record));
}

TEST(SealedRecord, without_randomness_nothing_is_sealed) {
  const RandomBytes broken = [](std::span<char>) -> Result<Done> {
    return Failure(FailureKind::retryable, "no");
  };
  EXPECT_FALSE(seal(roots_of(1).newest(), context(), "value", broken));
}

// A folder with a root key and a store in it.
struct Bench {
  Bench() { BATON_CHECK(make_root_key(key_path()).has_value()); }

  std::string key_path() const { return folder / "root.key"; }
  std::string store_path() const { return folder / "secrets.sealed"; }
  StoreOptions options(BeforeStep before = {}) const {
    StoreOptions made;
    made.directory = folder.path();
    made.root_key_path = key_path();
    made.patience = 20ms;
    made.before = std::move(before);
    return made;
  }
  Result<std::unique_ptr<SealedStore>> try_open() const { return SealedStore::open(options()); }
  std::unique_ptr<SealedStore> open() const {
    auto store = try_open();
    if (!store) ADD_FAILURE() << store.error().detail;
    return std::move(*store);
  }

  Folder folder;
};

std::string value_in(const SealedStore& store, std::string_view name) {
  const auto got = store.get(name);
  return got ? std::string(got->reveal()) : "failed: " + got.error().detail;
}

std::vector<std::string> values(const SealedStore& store, std::string_view name) {
  std::vector<std::string> all;
  const auto got = store.get_all(name);
  if (got)
    for (const auto& secret : *got) all.emplace_back(secret.reveal());
  return all;
}

Secret secret(std::string_view text) { return Secret(std::string(text)); }

TEST(SealedStore, what_was_put_is_there_after_a_restart) {
  Bench bench;
  ASSERT_TRUE(bench.open()->put("zendesk", secret("zdApiToken123"), kNow));
  ASSERT_TRUE(bench.open()->put("slack/bot", secret("xoxb-1"), kNow + 1s));
  const auto store = bench.open();
  EXPECT_EQ(value_in(*store, "zendesk"), "zdApiToken123");
  EXPECT_EQ(value_in(*store, "slack/bot"), "xoxb-1");
  ASSERT_EQ(store->list().size(), 2u);
  EXPECT_EQ(store->list()[0].name, "slack/bot");
  EXPECT_EQ(store->list()[1].created, kNow);
  EXPECT_EQ(store->version(), 2u);
}

TEST(SealedStore, the_file_is_private_and_holds_no_plaintext) {
  Bench bench;
  ASSERT_TRUE(bench.open()->put("zendesk", secret("zdApiToken123"), kNow));
  const auto bytes = read_whole(bench.store_path());
  for (const auto& form :
       {std::string("zdApiToken123"), to_base64("zdApiToken123"), to_hex("zdApiToken123")}) {
    EXPECT_EQ(bytes.find(form), std::string::npos);
  }
  using std::filesystem::perms;
  EXPECT_EQ(std::filesystem::status(bench.store_path()).permissions(),
            perms::owner_read | perms::owner_write);
  EXPECT_EQ(std::filesystem::status(bench.key_path()).permissions(), perms::owner_read | perms::owner_write);
  EXPECT_FALSE(std::filesystem::exists(bench.store_path() + ".tmp"));
}

TEST(SealedStore, rotating_keeps_the_previous_value_until_it_is_retired) {
  Bench bench;
  const auto store = bench.open();
  ASSERT_TRUE(store->put("hook", secret("one"), kNow));
  EXPECT_EQ(store->retire("hook").error().kind, FailureKind::rejected);
  ASSERT_TRUE(store->rotate("hook", secret("two"), kNow + 1s));
  EXPECT_EQ(values(*store, "hook"), (std::vector<std::string>{"two", "one"}));
  EXPECT_EQ(value_in(*bench.open(), "hook"), "two");
  EXPECT_TRUE(store->list()[0].has_previous);
  EXPECT_FALSE(store->rotate("hook", secret("three"), kNow));  // somebody may still use "one"
  ASSERT_TRUE(store->retire("hook"));
  EXPECT_EQ(values(*store, "hook"), (std::vector<std::string>{"two"}));
  ASSERT_TRUE(store->rotate("hook", secret("three"), kNow));
  ASSERT_TRUE(store->put("hook", secret("four"), kNow));  // overwrites at once
  EXPECT_EQ(values(*store, "hook"), (std::vector<std::string>{"four"}));
  EXPECT_EQ(store->list()[0].version, 4u);
}

TEST(SealedStore, a_name_that_is_not_there_is_answered_with_the_nearest) {
  Bench bench;
  const auto store = bench.open();
  EXPECT_FALSE(store->get("zendesk"));
  ASSERT_TRUE(store->put("zendesk_token", secret("v"), kNow));
  const auto missing = store->get("zendesk_tokn");
  EXPECT_EQ(missing.error().kind, FailureKind::misconfigured);
  EXPECT_EQ(missing.error().detail,
            "there is no secret `zendesk_tokn`, did you mean `zendesk_token`?; set it with `baton secret set "
            "zendesk_tokn`");
  ASSERT_TRUE(store->remove("zendesk_token"));
  EXPECT_FALSE(store->get("zendesk_token"));
  EXPECT_FALSE(store->remove("zendesk_token"));
  EXPECT_FALSE(bench.open()->get("zendesk_token"));
}

TEST(SealedStore, names_and_values_are_checked) {
  Bench bench;
  const auto store = bench.open();
  for (const auto* name : {"", "-x", "/x", ".x", "a b", "a\n", "\xc3\xa9"}) {
    EXPECT_FALSE(store->put(name, secret("v"), kNow)) << name;
  }
  EXPECT_FALSE(store->put(std::string(129, 'a'), secret("v"), kNow));
  EXPECT_FALSE(store->put("a", Secret(), kNow));
  EXPECT_FALSE(store->put("a", secret(std::string(kMaxSecretBytes + 1, 'x')), kNow));
  EXPECT_TRUE(store->put("a", secret(std::string(kMaxSecretBytes, 'x')), kNow));
  EXPECT_TRUE(store->put("b", secret(std::string("\0\n\xff", 3)), kNow));
  EXPECT_EQ(value_in(*bench.open(), "b"), std::string("\0\n\xff", 3));
}

TEST(SealedStore, a_wrong_root_key_opens_nothing_and_changes_nothing) {
  Bench bench;
  ASSERT_TRUE(bench.open()->put("a", secret("v"), kNow));
  const auto before = read_whole(bench.store_path());
  std::filesystem::rename(bench.key_path(), bench.folder / "kept.key");
  const auto missing = bench.try_open();
  EXPECT_EQ(missing.error().kind, FailureKind::misconfigured);
  EXPECT_NE(missing.error().detail.find("is not lost"), std::string::npos);

  ASSERT_TRUE(make_root_key(bench.key_path()));
  const auto wrong = bench.try_open();
  EXPECT_EQ(wrong.error().kind, FailureKind::misconfigured);
  EXPECT_NE(wrong.error().detail.find("does not open the store"), std::string::npos);
  EXPECT_NE(wrong.error().detail.find("nothing was changed"), std::string::npos);
  EXPECT_EQ(read_whole(bench.store_path()), before);

  std::filesystem::rename(bench.folder / "kept.key", bench.key_path());
  EXPECT_EQ(value_in(*bench.open(), "a"), "v");
}

TEST(SealedStore, a_key_of_the_same_id_still_has_to_open_the_test_record) {
  Bench bench;
  ASSERT_TRUE(bench.open()->put("a", secret("v"), kNow));
  auto options = bench.options();
  options.workspace = "other";
  const auto opened = SealedStore::open(std::move(options));
  EXPECT_NE(opened.error().detail.find("test record"), std::string::npos);
}

TEST(SealedStore, a_root_key_file_that_others_may_read_is_refused) {
  Bench bench;
  for (const auto mode : {0640u, 0604u, 0620u, 0700u | 0001u}) {
    std::filesystem::permissions(bench.key_path(), static_cast<std::filesystem::perms>(mode));
    const auto opened = bench.try_open();
    ASSERT_FALSE(opened) << mode;
    EXPECT_NE(opened.error().detail.find("chmod 600"), std::string::npos);
  }
  std::filesystem::permissions(bench.key_path(), static_cast<std::filesystem::perms>(0400));
  EXPECT_TRUE(bench.try_open());
}

TEST(SealedStore, a_root_key_is_never_replaced_and_a_damaged_one_is_named) {
  Bench bench;
  const auto before = read_whole(bench.key_path());
  EXPECT_EQ(make_root_key(bench.key_path()).error().kind, FailureKind::rejected);
  EXPECT_EQ(read_whole(bench.key_path()), before);
  for (const auto& bad :
       {std::string(), std::string("x"), before.substr(0, before.size() - 3), before + "1 AAAA\n",
        before + before.substr(before.find('\n') + 1), std::string("baton-root-key 1\n")}) {
    write_whole(bench.key_path(), bad);
    EXPECT_FALSE(load_root_keys(bench.key_path())) << bad;
  }
}

TEST(SealedStore, every_flipped_bit_and_every_cut_of_the_file_is_refused) {
  Bench bench;
  ASSERT_TRUE(bench.open()->put("a", secret("v"), kNow));
  const auto bytes = read_whole(bench.store_path());
  const auto roots = *load_root_keys(bench.key_path());
  const auto parses = [&](std::string_view text) {
    return parse_store(text, roots, "main", "s", "k").has_value();
  };
  ASSERT_TRUE(parses(bytes));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(parses(changed)) << bit;
  }
  for (std::size_t size = 0; size < bytes.size(); ++size) EXPECT_FALSE(parses(bytes.substr(0, size)));
  EXPECT_FALSE(parses(bytes + "x"));
  EXPECT_FALSE(parses(bytes + "\n"));
}

TEST(SealedStore, a_damaged_file_is_refused_and_left_alone) {
  Bench bench;
  ASSERT_TRUE(bench.open()->put("a", secret("v"), kNow));
  auto bytes = read_whole(bench.store_path());
  bytes[bytes.find("\"a\"") + 1] = 'b';  // another name for the same record
  write_whole(bench.store_path(), bytes);
  const auto opened = bench.try_open();
  EXPECT_EQ(opened.error().kind, FailureKind::rejected);
  EXPECT_NE(opened.error().detail.find("authentication code"), std::string::npos);
  EXPECT_EQ(read_whole(bench.store_path()), bytes);
}

TEST(SealedStore, records_exchanged_or_rolled_back_by_a_holder_of_the_file_key_still_do_not_open) {
  Bench bench;
  const auto store = bench.open();
  ASSERT_TRUE(store->put("a", secret("value-a"), kNow));
  ASSERT_TRUE(store->put("b", secret("value-b"), kNow));
  const auto roots = *load_root_keys(bench.key_path());
  const auto read = [&] { return *parse_store(read_whole(bench.store_path()), roots, "main", "s", "k"); };
  const auto old = read();
  ASSERT_TRUE(store->put("a", secret("newer"), kNow));
  const auto good = read();
  const auto opens = [&](StoreContents contents) {
    ++contents.version;
    write_whole(bench.store_path(), *print_store(contents, roots.newest()));
    return bench.open()->get("a").has_value();
  };
  EXPECT_TRUE(opens(good));
  auto swapped = good;
  std::swap(swapped.entries["a"].values, swapped.entries["b"].values);
  EXPECT_FALSE(opens(swapped));
  auto rolled_back = good;
  rolled_back.entries["a"].values[0].record = old.entries.find("a")->second.values[0].record;
  EXPECT_FALSE(opens(rolled_back));
  auto renumbered = good;
  renumbered.entries["a"].values[0].version = 1;
  EXPECT_FALSE(opens(renumbered));
  auto other_entry = good;
  other_entry.entries["a"].record_id = other_entry.entries["b"].record_id;
  EXPECT_FALSE(opens(other_entry));
}

TEST(SealedStore, a_reader_sees_what_another_process_wrote_when_it_refreshes) {
  Bench bench;
  const auto server = bench.open();
  EXPECT_FALSE(*server->refresh());
  ASSERT_TRUE(bench.open()->put("a", secret("one"), kNow));
  EXPECT_FALSE(server->get("a"));
  EXPECT_TRUE(*server->refresh());
  EXPECT_EQ(value_in(*server, "a"), "one");
  EXPECT_FALSE(*server->refresh());
  // A writer builds on the newest state, whatever it has seen itself.
  ASSERT_TRUE(bench.open()->put("b", secret("two"), kNow));
  ASSERT_TRUE(server->put("c", secret("three"), kNow));
  EXPECT_EQ(bench.open()->list().size(), 3u);
}

TEST(SealedStore, a_running_process_never_goes_back_to_an_older_file) {
  Bench bench;
  const auto server = bench.open();
  ASSERT_TRUE(server->put("a", secret("one"), kNow));
  const auto old = read_whole(bench.store_path());
  ASSERT_TRUE(server->put("a", secret("two"), kNow));
  write_whole(bench.store_path(), old);
  EXPECT_FALSE(server->refresh());
  EXPECT_EQ(value_in(*server, "a"), "two");
  EXPECT_FALSE(server->put("b", secret("x"), kNow));  // nor writes over it
  std::filesystem::remove(bench.store_path());
  EXPECT_FALSE(server->refresh());
}

TEST(SealedStore, a_restart_refuses_an_older_file_than_the_journal_saw) {
  Bench bench;
  const auto store = bench.open();
  ASSERT_TRUE(store->put("a", secret("one"), kNow));
  const auto old = read_whole(bench.store_path());
  ASSERT_TRUE(store->put("a", secret("two"), kNow));
  auto options = bench.options();
  options.at_least_version = store->version();
  EXPECT_TRUE(SealedStore::open(options));
  write_whole(bench.store_path(), old);
  EXPECT_NE(SealedStore::open(options).error().detail.find("older one"), std::string::npos);
  std::filesystem::remove(bench.store_path());
  EXPECT_NE(SealedStore::open(options).error().detail.find("removed"), std::string::npos);
  write_whole(bench.store_path(), old);
  EXPECT_FALSE(bench.try_open());  // its mode is not private
  std::filesystem::permissions(bench.store_path(), static_cast<std::filesystem::perms>(0600));
  EXPECT_EQ(value_in(*bench.open(), "a"), "one");  // without the witness cryptography cannot tell
}

TEST(SealedStore, two_files_of_one_version_are_not_the_same_file) {
  Bench bench;
  const auto server = bench.open();
  ASSERT_TRUE(server->put("a", secret("one"), kNow));
  const auto first = read_whole(bench.store_path());
  ASSERT_TRUE(server->put("a", secret("two"), kNow));
  write_whole(bench.store_path(), first);
  ASSERT_TRUE(bench.open()->put("a", secret("fork"), kNow));  // version 2 again, from the restored file
  EXPECT_FALSE(server->refresh());
  EXPECT_EQ(value_in(*server, "a"), "two");
}

TEST(SealedStore, only_one_process_writes_at_a_time) {
  Bench bench;
  const auto store = bench.open();
  auto lock = FileLock::take(bench.store_path(), 0ms);
  ASSERT_TRUE(lock);
  const auto refused = store->put("a", secret("v"), kNow);
  EXPECT_EQ(refused.error().kind, FailureKind::retryable);
  {
    const auto released = std::move(*lock);
  }
  EXPECT_TRUE(store->put("a", secret("v"), kNow));
}

TEST(SealedStore, a_load_that_another_thread_overtook_is_no_rollback) {
  // Both threads read and write the same file without a pause: loads are overtaken all the time.
  Bench bench;
  auto options = bench.options();
  options.patience = 10s;
  const auto store = *SealedStore::open(options);
  ASSERT_TRUE(store->put("a", secret(std::string(20'000, 'v')), kNow));  // makes a load long
  std::atomic<bool> writing = true;
  std::vector<std::string> alarms[2];
  std::vector<std::jthread> readers;
  for (auto& alarm : alarms) {
    readers.emplace_back([&] {
      for (auto seen = store->version(); writing;) {
        const auto fresh = store->refresh();
        if (!fresh) alarm.push_back(fresh.error().detail);
        if (store->version() < seen) alarm.emplace_back("went back");
        seen = store->version();
      }
    });
  }
  for (int i = 0; i < 60; ++i) EXPECT_TRUE(store->put("w", secret("x"), kNow));
  writing = false;
  readers.clear();
  for (const auto& alarm : alarms) EXPECT_EQ(alarm, std::vector<std::string>());
}

TEST(SealedStore, readers_and_writers_of_one_store_may_be_many_threads) {
  Bench bench;
  auto options = bench.options();
  options.patience = 10s;
  const auto store = *SealedStore::open(options);
  ASSERT_TRUE(store->put("a", secret("v"), kNow));
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) wrong += !store->put("w" + std::to_string(t), secret("x"), kNow);
      });
      threads.emplace_back([&] {
        for (int i = 0; i < 200; ++i) wrong += value_in(*store, "a") != "v" || !store->refresh();
      });
    }
  }
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(bench.open()->version(), 41u);
}

TEST(SealedStore, the_root_key_wraps_only_so_many_data_keys) {
  Bench bench;
  auto options = bench.options();
  options.rotate_at_wraps = 3;
  options.stop_at_wraps = 4;
  const auto store = *SealedStore::open(options);
  ASSERT_TRUE(store->put("a", secret("1"), kNow));  // the test record counts too
  EXPECT_FALSE(store->root_key_rotation_due());
  ASSERT_TRUE(store->put("a", secret("2"), kNow));
  EXPECT_TRUE(store->root_key_rotation_due());
  ASSERT_TRUE(store->put("a", secret("3"), kNow));
  const auto again = *SealedStore::open(options);  // the count survives a restart
  EXPECT_NE(again->put("a", secret("4"), kNow).error().detail.find("rotate it"), std::string::npos);
  EXPECT_EQ(value_in(*again, "a"), "3");
  ASSERT_TRUE(again->rotate_root_key());
  EXPECT_FALSE(again->root_key_rotation_due());
  EXPECT_TRUE(again->put("a", secret("4"), kNow));
  EXPECT_EQ(StoreOptions().rotate_at_wraps, 2147483648u);
  EXPECT_EQ(StoreOptions().stop_at_wraps, 4294967296u);
}

TEST(SealedStore, rotating_the_root_key_keeps_every_value_and_drops_the_old_key) {
  Bench bench;
  const auto store = bench.open(), server = bench.open();
  EXPECT_FALSE(store->rotate_root_key());  // nothing there yet
  ASSERT_TRUE(store->put("a", secret("one"), kNow));
  ASSERT_TRUE(store->rotate("a", secret("two"), kNow));
  ASSERT_TRUE(*server->refresh());
  const auto old_key = read_whole(bench.key_path());
  const auto rotation = store->rotate_root_key();
  ASSERT_TRUE(rotation);
  EXPECT_EQ(rotation->from, 1u);
  EXPECT_EQ(rotation->to, 2u);
  EXPECT_EQ(rotation->rewrapped, 2u);
  EXPECT_FALSE(rotation->resumed);
  EXPECT_EQ(load_root_keys(bench.key_path())->all().size(), 1u);
  EXPECT_EQ(values(*server, "a"), (std::vector<std::string>{"two", "one"}));  // still, from its own memory
  EXPECT_TRUE(*server->refresh());
  EXPECT_EQ(values(*server, "a"), (std::vector<std::string>{"two", "one"}));
  EXPECT_EQ(values(*bench.open(), "a"), (std::vector<std::string>{"two", "one"}));
  ASSERT_TRUE(server->put("b", secret("three"), kNow));
  write_whole(bench.key_path(), old_key);
  EXPECT_NE(bench.try_open().error().detail.find("holds no version 2"), std::string::npos);
}

// Runs `work` in a child that ends at its k-th file step; true if it came to its end untouched.
template <class Work>
bool killed_at(int k, Work work) {
  const auto child = ::fork();
  if (child == 0) {
    int step = 0;
    const bool good = work([&](FileStep) {
      if (++step == k) ::_exit(7);
      return 0;
    });
    ::_exit(good ? 0 : 1);
  }
  int status = 0;
  EXPECT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_NE(WEXITSTATUS(status), 1);
  return WEXITSTATUS(status) == 0;
}

TEST(SealedStore, killed_at_any_step_of_a_write_it_holds_the_old_or_the_new) {
  Bench bench;
  ASSERT_TRUE(bench.open()->put("a", secret("old"), kNow));
  bool untouched = false;
  int k = 1;
  for (; !untouched; ++k) {
    ASSERT_TRUE(bench.open()->put("a", secret("old"), kNow));
    untouched = killed_at(k, [&](BeforeStep before) {
      return (*SealedStore::open(bench.options(std::move(before))))
          ->put("a", secret("new"), kNow)
          .has_value();
    });
    const auto found = value_in(*bench.open(), "a");
    EXPECT_EQ(found, untouched || k > 4 ? "new" : "old") << k;  // the rename is step 4
    EXPECT_EQ(bench.open()->list().size(), 1u);
  }
  EXPECT_EQ(k, 7);  // five steps and the run that passed
}

TEST(SealedStore, the_first_write_killed_anywhere_leaves_a_store_that_can_be_used) {
  for (int k = 1; k <= 5; ++k) {
    Bench bench;
    killed_at(k, [&](BeforeStep before) {
      return (*SealedStore::open(bench.options(std::move(before))))->put("a", secret("v"), kNow).has_value();
    });
    ASSERT_TRUE(bench.open()->put("a", secret("w"), kNow)) << k;
    EXPECT_EQ(value_in(*bench.open(), "a"), "w");
  }
}

TEST(SealedStore, a_root_key_rotation_killed_at_any_step_goes_on_where_it_was) {
  bool untouched = false;
  int k = 1;
  for (; !untouched; ++k) {
    Bench bench;
    ASSERT_TRUE(bench.open()->put("a", secret("one"), kNow));
    ASSERT_TRUE(bench.open()->rotate("a", secret("two"), kNow));
    untouched = killed_at(k, [&](BeforeStep before) {
      return (*SealedStore::open(bench.options(std::move(before))))->rotate_root_key().has_value();
    });
    const std::vector<std::string> both{"two", "one"};
    EXPECT_EQ(values(*bench.open(), "a"), both) << k;
    if (!untouched) ASSERT_TRUE(bench.open()->put("b", secret("meanwhile"), kNow)) << k;
    if (!untouched) ASSERT_TRUE(bench.open()->rotate_root_key()) << k;
    EXPECT_EQ(values(*bench.open(), "a"), both) << k;
    const auto keys = load_root_keys(bench.key_path());
    EXPECT_EQ(keys->all().size(), 1u) << k;
    EXPECT_GE(keys->newest().version, 2u) << k;
    EXPECT_LE(keys->newest().version, 3u) << k;  // killed after its last rename: then this was the next one
  }
  EXPECT_EQ(k, 17);  // three writes of five steps and the run that passed
}

TEST(SealedStore, making_a_root_key_killed_anywhere_leaves_none_or_a_whole_one) {
  bool untouched = false;
  for (int k = 1; !untouched; ++k) {
    Folder folder;
    const auto path = folder / "root.key";
    untouched =
        killed_at(k, [&](BeforeStep before) { return make_root_key(path, fill_random, before).has_value(); });
    const bool there = std::filesystem::exists(path);
    if (there) EXPECT_TRUE(load_root_keys(path)) << k;
    else EXPECT_TRUE(make_root_key(path)) << k;
  }
}

TEST(SealedStore, a_failing_disk_is_reported_and_leaves_the_old_or_the_new) {
  for (int k = 1; k <= 5; ++k) {
    Bench bench;
    ASSERT_TRUE(bench.open()->put("a", secret("old"), kNow));
    int step = 0;
    const auto store = *SealedStore::open(bench.options([&](FileStep) { return ++step == k ? ENOSPC : 0; }));
    const auto failed = store->put("a", secret("new"), kNow);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().kind, FailureKind::retryable);
    EXPECT_NE(failed.error().detail.find("No space left"), std::string::npos);
    EXPECT_EQ(value_in(*bench.open(), "a"), k == 5 ? "new" : "old");
    EXPECT_FALSE(std::filesystem::exists(bench.store_path() + ".tmp"));
    ASSERT_TRUE(store->refresh());
    EXPECT_EQ(value_in(*store, "a"), k == 5 ? "new" : "old");
    EXPECT_TRUE(store->put("a", secret("again"), kNow));  // space has come back
    EXPECT_EQ(value_in(*bench.open(), "a"), "again");
  }
}

}  // namespace
}  // namespace baton::secrets
