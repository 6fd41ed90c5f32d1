// Backups as folders: whole or not there, proven before they are used; and what the doctor finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/backup.h"
#include "gateway/app/doctor.h"
#include "gateway/app/store_task.h"
#include "gateway/http/transport/certificate.h"
#include "secrets/token.h"
#include "gateway/base/text.h"
#include "tests/app/site.h"
#include "tests/http_server/certificate.h"

namespace baton::app {
namespace {

namespace fs = std::filesystem;
using health::Finding;
using health::Level;
using nlohmann::json;
using secrets::read_whole;
using testing::HasSubstr;
using testing::Not;

Options options_of(const std::string& data_dir) {
  Options options;
  options.data_dir = data_dir;
  options.root_key_path = "data/root.key";
  return options;
}

std::unique_ptr<OwnStore> open_own(const std::string& data_dir) {
  ExitCode exit = ExitCode::ok;
  auto store = OwnStore::open(options_of(data_dir), exit);
  if (!store) ADD_FAILURE() << store.error().detail;
  return store ? std::move(*store) : nullptr;
}

void fill(const std::string& data_dir, int count) {
  const auto store = open_own(data_dir);
  for (int i = 0; i < count; ++i) {
    const HandoffId id("hof_" + std::to_string(i));
    Batch batch;
    batch.opens.emplace(id, WorkspaceId("main"), ConversationId("chat", id.text), Priority::normal, Route(),
                        kSiteTime);
    Job job(JobKey(id, Lane("desk"), Operation::open_ticket), kSiteTime);
    job.generation = 2;
    job.steps.emplace_back("ticket", "the native key", Request("POST", "/tickets", "{}"));
    batch.jobs.push_back(std::move(job));
    BATON_CHECK(store->await(store->journal().commit(std::move(batch)))->done());
  }
}

TEST(Backup, restores_store_secrets_and_tokens_and_never_holds_the_root_key) {
  const Site site;
  secrets::TokenOptions tokens;
  tokens.directory = "data";
  const auto token = secrets::Tokens(std::move(tokens)).create("ops", {secrets::Permission::read}, kSiteTime);
  fill("data", 5);
  const auto made = make_backup("data", "kept", kSiteTime);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ((*made)["rows"]["handoffs"], 5);
  EXPECT_EQ((*made)["files"].size(), 3u);
  for (const auto& file : fs::recursive_directory_iterator("kept")) {
    EXPECT_THAT(read_whole(file.path()), Not(HasSubstr("baton-root-key"))) << file.path();
    EXPECT_EQ(file.status().permissions() & (fs::perms::group_all | fs::perms::others_all), fs::perms::none);
  }
  const auto restored = restore_backup("kept", "again");
  ASSERT_TRUE(restored) << restored.error().detail;
  const auto opened = open_store(options_of("again"));
  ASSERT_TRUE(opened) << opened.error().detail;
  EXPECT_EQ((*opened)->get("hubspot-token")->reveal(), "pat-na1-of-the-test");
  secrets::TokenOptions there;
  there.directory = "again";
  EXPECT_TRUE(secrets::Tokens(std::move(there)).authenticate(token->token.reveal(), kSiteTime));
  const auto store = open_own("again");
  const auto record = store->await(store->journal().load(HandoffId("hof_3")));
  ASSERT_TRUE(record);
  const auto& job = record->jobs.at(0);
  EXPECT_EQ(job.key.text(), "hof_3/desk/open_ticket/1");
  EXPECT_EQ(job.generation, 2);
  EXPECT_EQ(job.steps.at(0).key, "the native key");
}

TEST(Backup, into_a_folder_that_is_there_gets_a_name_of_its_own) {
  const Site site;
  fill("data", 1);
  fs::create_directory("kept");
  const auto made = make_backup("data", "kept/", kSiteTime);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ((*made)["path"], "kept/baton-2025-12-31T135512Z");
  EXPECT_FALSE(make_backup("data", "kept", kSiteTime)) << "nothing is overwritten";
  EXPECT_FALSE(make_backup("nowhere", "other", kSiteTime));
  EXPECT_FALSE(fs::exists("other"));
  EXPECT_FALSE(fs::exists("other.partial"));
}

TEST(Restore, refuses_what_is_not_as_it_was_and_a_place_that_is_not_empty) {
  const Site site;
  fill("data", 5);
  ASSERT_TRUE(make_backup("data", "kept", kSiteTime));
  const auto refused = [](const std::string& to) {
    const auto restored = restore_backup("kept", to);
    EXPECT_FALSE(restored);
    EXPECT_FALSE(fs::exists(to + ".partial"));
    return restored ? "" : restored.error().detail;
  };
  EXPECT_THAT(refused("data"), HasSubstr("data is not empty"));
  EXPECT_EQ(fs::exists("data/root.key"), true);
  for (const auto* file : {"kept/journal.db", "kept/secrets.sealed"}) {
    const auto sound = read_whole(file);
    auto flipped = sound;
    flipped[flipped.size() / 2] ^= 1;
    secrets::write_whole(file, flipped);
    EXPECT_THAT(refused("new"), HasSubstr("its checksum differs"));
    secrets::write_whole(file, sound);
  }
  const auto manifest = read_whole("kept/manifest.json");
  const auto with = [&](const auto& change) {
    auto changed = json::parse(manifest);
    change(changed);
    secrets::write_whole("kept/manifest.json", changed.dump());
    return refused("new");
  };
  EXPECT_THAT(with([](json& m) { m["format"] = 9; }), HasSubstr("format 9 of another Baton"));
  EXPECT_THAT(with([](json& m) { m["files"][0]["name"] = "../../etc/passwd"; }),
              HasSubstr("which no backup has"));
  EXPECT_THAT(with([](json& m) { m["files"].erase(0); }), HasSubstr("has no store"));
  secrets::write_whole("kept/manifest.json", "{");
  EXPECT_NE(refused("new"), "");
  fs::remove("kept/manifest.json");
  EXPECT_THAT(refused("new"), HasSubstr("is no backup"));
  EXPECT_FALSE(fs::exists("new"));
}

TEST(Restore, fills_an_empty_data_directory) {
  const Site site;
  fill("data", 2);
  ASSERT_TRUE(make_backup("data", "kept", kSiteTime));
  fs::create_directory("empty");
  ASSERT_TRUE(restore_backup("kept", "empty/"));
  EXPECT_TRUE(fs::exists("empty/journal.db"));
}

const Finding* find(const std::vector<Finding>& findings, std::string_view check) {
  const auto found = std::ranges::find(findings, check, &Finding::check);
  return found == findings.end() ? nullptr : &*found;
}

TEST(Doctor, finds_a_good_installation_good) {
  const Site site;
  fs::permissions("data", fs::perms::owner_all);
  Site::write("baton.yaml",
              "data_dir: data\npublic_url: https://baton.example.com\nsources:\n  chat: {secret: {secret: "
              "chat-signing}}\n");
  fill("data", 3);
  DoctorOptions offline;
  offline.online = false;
  const auto findings = examine("baton.yaml", offline);
  for (const auto* check :
       {"configuration", "public_url", "data directory", "disk writes", "root key", "secrets", "store"}) {
    const auto* finding = find(findings, check);
    ASSERT_TRUE(finding) << check;
    EXPECT_EQ(finding->level == Level::problem, false) << check << ": " << finding->text;
  }
  EXPECT_THAT(find(findings, "store")->text, HasSubstr("3 handoffs (3 open)"));
  EXPECT_FALSE(fs::exists("data/doctor.test"));
}

TEST(Doctor, names_what_is_wrong_and_what_to_do) {
  const Site site;
  Site::write("baton.yaml", "data_dir: data\npublic_url: http://localhost:8080\nsauces: {}\n");
  fill("data", 3);
  fs::permissions("data", fs::perms::owner_all | fs::perms::group_read);
  fs::permissions("data/root.key", fs::perms::owner_read | fs::perms::others_read);
  secrets::write_whole("data/journal.db", std::string(8192, 'x'));
  DoctorOptions offline;
  offline.online = false;
  const auto findings = examine("baton.yaml", offline);
  const auto expect = [&](const char* check, Level level, const char* text) {
    const auto says = [&](const Finding& one) {
      return one.check == check && one.text.find(text) != std::string::npos;
    };
    const auto finding = std::ranges::find_if(findings, says);
    ASSERT_TRUE(finding != findings.end()) << check << ": " << text;
    EXPECT_EQ(finding->level, level) << check << ": " << finding->text;
    EXPECT_NE(finding->remedy, "");
  };
  expect("configuration", Level::problem, "sauces");
  expect("public_url", Level::warning, "from inside only");
  expect("data directory", Level::warning, "may be read by others");
  expect("root key", Level::problem, "chmod 600");
  expect("store", Level::problem, "");
}

TEST(Checkup, judges_each_thing_by_its_own_bounds) {
  using namespace health;
  constexpr std::uint64_t kGiga = 1 << 30;
  EXPECT_EQ(judge_space(kGiga / 4, 100 * kGiga, kGiga / 2, 5).level, Level::problem);
  EXPECT_EQ(judge_space(4 * kGiga, 100 * kGiga, kGiga / 2, 5).level, Level::problem) << "below five percent";
  EXPECT_EQ(judge_space(10 * kGiga, 100 * kGiga, kGiga / 2, 5).level, Level::warning);
  EXPECT_EQ(judge_space(50 * kGiga, 100 * kGiga, kGiga / 2, 5).level, Level::ok);
  EXPECT_EQ(judge_file_system(0x6969, "/data").level, Level::problem);
  EXPECT_EQ(judge_file_system(0x01021994, "/data").level, Level::warning);
  EXPECT_EQ(judge_file_system(0xEF53, "/data").level, Level::ok);
  EXPECT_EQ(judge_file_system(0x1, "/data").level, Level::ok);
  EXPECT_EQ(judge_sync({}, "read-only").level, Level::problem);
  EXPECT_EQ(judge_sync(300ms, "").level, Level::warning);
  EXPECT_EQ(judge_sync(3ms, "").level, Level::ok);
  EXPECT_EQ(judge_clock({}).level, Level::ok);
  EXPECT_EQ(judge_clock({{"a", 1s}, {"b", 900s}, {"c", -1s}}).level, Level::ok)
      << "one is wrong, and it is not ours";
  EXPECT_EQ(judge_clock({{"a", 20s}}).level, Level::warning);
  EXPECT_EQ(judge_clock({{"a", -300s}, {"b", -301s}}).level, Level::problem);
  EXPECT_THAT(judge_clock({{"a", 300s}}).text, HasSubstr("300.0 s behind a"));
  EXPECT_EQ(judge_open_files(1024).level, Level::warning);
  EXPECT_EQ(judge_open_files(1 << 20).level, Level::ok);
  EXPECT_EQ(judge_public_url("").level, Level::warning);
  EXPECT_EQ(judge_public_url("baton.example.com").level, Level::problem);
  EXPECT_EQ(judge_public_url("http://baton.example.com").level, Level::warning);
  EXPECT_EQ(judge_public_url("https://baton.example.com").level, Level::ok);
  EXPECT_EQ(host_of("https://user@[::1]:8443/x"), "::1");
}

TEST(Checkup, judges_a_certificate_by_time_names_and_chain) {
  using namespace health;
  Certificate certificate;
  certificate.subject = "baton.example.com";
  certificate.not_before = kSiteTime - 24h;
  certificate.names = {"*.example.com"};
  certificate.whole_chain = true;
  const auto after = [&](Duration left) {
    certificate.not_after = kSiteTime + left;
    return judge_certificate(certificate, "baton.example.com", kSiteTime);
  };
  EXPECT_EQ(after(-1s).level, Level::problem);
  EXPECT_EQ(after(48h).level, Level::problem);
  EXPECT_EQ(after(24h * 10).level, Level::warning);
  EXPECT_THAT(after(24h * 10).text, HasSubstr("10 days are left"));
  EXPECT_EQ(after(24h * 60).level, Level::ok);
  EXPECT_EQ(judge_certificate(certificate, "baton.example.org", kSiteTime).level, Level::problem);
  EXPECT_EQ(judge_certificate(certificate, "a.b.example.com", kSiteTime).level, Level::problem);
  certificate.whole_chain = false;
  EXPECT_EQ(after(24h * 60).level, Level::warning);
  const auto facts = read_certificate(make_identity("a test").chain_pem);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->subject, "a test");
  EXPECT_TRUE(facts->self_signed);
  EXPECT_GT(facts->not_after, facts->not_before);
  EXPECT_FALSE(read_certificate("-----BEGIN"));
}

}  // namespace
}  // namespace baton::app
