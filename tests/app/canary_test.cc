// Plants a unique canary in every secret, lets every vendor echo whatever it was sent with every kind
// of error, and then searches all that a person, a disk or a monitoring system gets to see.
#include <filesystem>

#include <fcntl.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/app/log.h"
#include "gateway/app/views.h"
#include "gateway/base/scope.h"
#include "gateway/journal/sqlite/sqlite.h"
#include "gateway/planner/planner.h"
#include "secrets/webhook_signature.h"
#include "tests/api/paper_server.h"
#include "tests/app/canary.h"
#include "tests/app/site.h"

namespace baton::app {
namespace {

using nlohmann::json;

// Characters that every encoding changes.
const std::string kDesk = "desk\"7f+1e9/canary%&=0c5b", kDeskHook = "deskhook\\41c0 canary\"9d22";
const std::string kCrm = "crm~3a77/canary+b81f\"e0", kCrmHook = "crmhook+55aa/canary\"1234";
const std::string kChat = "chatapp/9e1d+canary\"77c4", kChatHook = "chatapphook\"0aa1+canary/4e";
const std::string kSourceKey = "source-key-canary-5d1f-8844-0c!?",
                  kPlatformKey = "platform-key-canary-77aa-1b2c-!?";

std::string whsec(const std::string& bytes) { return "whsec_" + to_base64(bytes); }

constexpr auto kConfiguration = R"(data_dir: data
sources:
  shop: {secret: {secret: source}}
destinations:
  zendesk:
    base_url: https://acme.zendesk.com
    client_id: baton
    client_secret: {secret: desk}
    webhook_secret: {secret: desk-hook}
  basic:
    connector: zendesk
    base_url: https://old.zendesk.com
    email: ana@example.com
    api_token: {secret: desk}
  hubspot: {token: {secret: crm}, client_secret: {secret: crm-hook}}
  slack: {token: {secret: chat}, signing_secret: {secret: chat-hook}, channel: C0HANDOFFS}
  platform: {connector: standard_webhooks, base_url: https://chat.example.com, secret: {secret: platform}}
routes:
  - name: old
    when: {intent.name: old}
    to: {tickets: basic, platform: platform}
  - name: all
    to: {context: [hubspot, zendesk], tickets: zendesk, alerts: [slack], record: hubspot, platform: platform}
)";

// A vendor that repeats to us all that we sent, in every field that a vendor puts an error into.
class EchoingVendors final : public HttpClient {
 public:
  int status = 500;
  int exchanges = 0;

  Task<Reply> exchange(Outgoing outgoing) override {
    ++exchanges;
    // Every second one begins so late that whoever keeps only the beginning cuts through the secret.
    std::string echo(exchanges % 2 == 0 ? 0 : static_cast<std::size_t>(220 + exchanges / 2 % 50), '.');
    for (const auto& [name, value] : outgoing.request.headers) echo += name + ": " + value + " ";
    echo += outgoing.request.body.substr(0, 200);
    json body = {{"ok", false}, {"category", echo}, {"detail", echo}, {"correlationId", echo}};
    for (const auto* field : {"error", "error_description", "description", "message", "title", "reason"})
      body[field] = echo;
    body["errors"] = json::array({{{"message", echo}, {"error", echo}, {"in", echo}}});
    body["details"] = {{"base", json::array({{{"description", echo}, {"error", echo}}})}};
    Reply reply(status, body.dump(), Headers{{"content-type", "application/json"}, {"x-echo", echo}});
    if (status == 429) reply.retry_after = Duration{30s};
    co_return reply;
  }
};

// What goes to stderr while this lives ends up in a file.
class StderrToFile {
 public:
  explicit StderrToFile(const char* path) : kept_(::dup(2)) {
    std::fflush(stderr);
    const int file = ::open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    BATON_CHECK(file >= 0 && ::dup2(file, 2) == 2);
    ::close(file);
  }
  ~StderrToFile() {
    std::fflush(stderr);
    ::dup2(kept_, 2);
    ::close(kept_);
  }

 private:
  int kept_;
};

struct House {
  House() {
    Site::write("baton.yaml", kConfiguration);
    loaded = std::make_unique<Loaded>(load_installation("baton.yaml", true, kSiteTime));
    for (const auto& problem : loaded->problems.list()) ADD_FAILURE() << problem.text();
    auto& in = loaded->installation;
    secrets::TokenOptions token_options;
    token_options.directory = "data";
    tokens.emplace(std::move(token_options));
    using secrets::Permission;
    auto made =
        tokens->create("operator", {Permission::read, Permission::agent, Permission::operate}, kSiteTime);
    token = made->token.reveal();
    SqliteOptions options;
    options.directory = "data";
    auto opened = SqliteJournal::open(std::move(options), loop, clock);
    BATON_CHECK(opened);
    journal = std::move(*opened);
    delivery.emplace(in.accounts, *journal, vendors, clock, random);
    abilities = sdk::abilities(in.accounts);
    planner.emplace(*journal, clock, random, in.rules, abilities, in.options.patience, in.messages);
    ingress.emplace(ingress::Ingress::Parts(*journal, clock, random, in.sources, in.rules, in.accounts));
    shown.accounts = &in.accounts;
    shown.rules = &in.rules;
    shown.teams = &in.teams;
    shown.delivery = &*delivery;
    shown.ingress = &*ingress;
    shown.public_server = &public_server;
    shown.clock = &clock;
    shown.backlogs = &backlogs.emplace(*journal, clock);
    shown.readiness = &readiness.emplace(loop.get_executor(), clock, *journal);
    shown.planner = &*planner;
    shown.store = journal.get();
    shown.secrets = in.store.get();
    api.emplace(*journal, clock, random, *tokens, make_views(shown));
    api->serve_on(admin);
    scope.spawn(delivery->run(scope.stop_token()));
    scope.spawn(planner->run(scope.stop_token()));
  }

  Reply await(Task<Reply> task) {
    std::optional<Result<Reply>> result;
    scope.spawn(std::move(task), [&result](Result<Reply> got) { result.emplace(std::move(got)); });
    clock.run(clock.now() + 1h, [&result] { return result.has_value(); });
    BATON_CHECK(result && *result);
    return std::move(**result);
  }

  std::string ask(const std::string& method, const std::string& target, const std::string& body = {}) {
    RawRequest request(method, target, body, {{"authorization", "Bearer " + token}});
    const auto reply = await(admin.handle(std::move(request)));
    auto said = reply.body;
    for (const auto& [name, value] : reply.headers) said += "\n" + name + ": " + value;
    return said + "\n";
  }

  Reply send(const std::string& id, const char* intent) {
    const json event = {{"specversion", "1.0"},
                        {"id", id},
                        {"source", "shop"},
                        {"type", "handoff.requested"},
                        {"data",
                         {{"conversation", {{"id", id}}},
                          {"customer", {{"email", "ada@example.com"}, {"name", "Ada"}}},
                          {"intent", {{"name", intent}, {"summary", "Charged twice."}}}}}};
    const auto body = event.dump();
    RawRequest request("POST", "/v1/events", body,
                       {{"content-type", "application/cloudevents+json"}, {"webhook-id", id}});
    request.received_at = clock.now();
    request.headers["webhook-timestamp"] =
        std::to_string(std::chrono::floor<std::chrono::seconds>(clock.now()).time_since_epoch().count());
    request.headers["webhook-signature"] =
        *secrets::sign(id, clock.now(), body, loaded->installation.sources.at("shop").keys);
    return await(ingress->events(std::move(request)));
  }

  // One kind of error everywhere; then all that can be asked for.
  std::string suffer(int status) {
    vendors.status = status;
    for (const auto& [id, account] : loaded->installation.accounts) {
      (void)ask("POST", "/v1/destinations/" + id.text + "/resume", R"({"why": "another try"})");
    }
    std::string said;
    for (const auto* intent : {"old", "new"}) {
      const auto answer = send("e" + std::to_string(status) + intent, intent);
      EXPECT_EQ(answer.status, 202) << answer.body;
      said += answer.body;
      clock.run(clock.now() + 2min);
      const std::string id = json::parse(answer.body)["handoff"];
      for (const auto* what : {"", "/brief", "/timeline"}) said += ask("GET", "/v1/handoffs/" + id + what);
    }
    for (const auto* what : {"/v1/handoffs", "/v1/deliveries", "/v1/dead-letters", "/v1/destinations",
                             "/v1/routes", "/v1/audit", "/v1/health", "/metrics", "/openapi.json"}) {
      said += ask("GET", what);
    }
    return said;
  }

  std::unique_ptr<Loaded> loaded;
  Loop loop;
  VirtualClock clock{loop, kSiteTime};
  Random random{7};
  std::optional<secrets::Tokens> tokens;
  std::string token;
  EchoingVendors vendors;
  std::unique_ptr<SqliteJournal> journal;
  std::optional<delivery::Station> delivery;
  Abilities abilities;
  std::optional<Planner> planner;
  TransportServer public_server{ServerOptions()};  // never started: it only counts
  std::optional<ingress::Ingress> ingress;
  PaperServer admin;
  Shown shown;
  std::optional<health::Backlogs> backlogs;
  std::optional<health::Readiness> readiness;
  std::optional<api::Api> api;
  Scope scope{loop, clock};
};

struct Traces {
  std::vector<std::string> canaries;
  std::string answers, log, files;
  int exchanges = 0;
};

// The log gets every failure that anybody could read, as an eager developer would write it.
void log_failures(const std::string& deliveries) {
  const auto body = json::parse(deliveries.substr(0, deliveries.rfind("\ncontent-type")), nullptr, false);
  for (const auto& one : body.value("deliveries", json::array())) log_error("delivery failed: " + one.dump());
}

Traces live_through_errors() {
  const Site site({{"desk", kDesk},
                   {"desk-hook", kDeskHook},
                   {"crm", kCrm},
                   {"crm-hook", kCrmHook},
                   {"chat", kChat},
                   {"chat-hook", kChatHook},
                   {"source", whsec(kSourceKey)},
                   {"platform", whsec(kPlatformKey)}});
  Traces traces;
  {
    const StderrToFile redirected("stderr.log");
    House house;
    start_log("trace", house.loaded->installation.redactor.get());
    for (const int status : {500, 401, 403, 404, 409, 422, 429, 502, 503, 200, 302}) {
      traces.answers += house.suffer(status);
      log_failures(house.ask("GET", "/v1/deliveries"));
    }
    traces.exchanges = house.vendors.exchanges;
    traces.canaries = {kDesk,      kDeskHook,  kCrm,         kCrmHook,          kChat,
                       kChatHook,  kSourceKey, kPlatformKey, whsec(kSourceKey), whsec(kPlatformKey),
                       house.token};
    stop_log();
    house.scope.cancel();
    house.clock.run(house.clock.now() + 1min);
  }
  traces.log = secrets::read_whole("stderr.log");
  for (const auto& file : std::filesystem::recursive_directory_iterator(".")) {
    if (file.is_regular_file()) traces.files += secrets::read_whole(file.path());
  }
  return traces;
}

class Canaries : public testing::Test {
 protected:
  static void SetUpTestSuite() { traces_ = new Traces(live_through_errors()); }
  static void TearDownTestSuite() { delete std::exchange(traces_, nullptr); }
  static Traces* traces_;
};
Traces* Canaries::traces_ = nullptr;

TEST_F(Canaries, were_sent_and_came_back) {
  EXPECT_GT(traces_->exchanges, 100);
  EXPECT_GT(traces_->answers.size(), 10'000u);
  EXPECT_GT(traces_->files.size(), 10'000u);
  EXPECT_THAT(traces_->answers, testing::HasSubstr("authorization"));  // the echoes are kept, without secrets
}

TEST_F(Canaries, are_in_no_log) {
  EXPECT_THAT(found_in(traces_->log, traces_->canaries), testing::IsEmpty());
}

TEST_F(Canaries, are_in_no_answer) {
  EXPECT_THAT(found_in(traces_->answers, traces_->canaries), testing::IsEmpty());
}

TEST_F(Canaries, are_in_no_file) {
  EXPECT_THAT(found_in(traces_->files, traces_->canaries), testing::IsEmpty());
}

TEST_F(Canaries, that_are_planted_are_found_by_the_same_search_in_every_form) {
  const Site site;
  for (const auto& canary : traces_->canaries) {
    {
      const StderrToFile redirected("leak.log");
      start_log("info", nullptr);
      log_info("the password is " + canary);
      stop_log();
    }
    EXPECT_EQ(found_in(secrets::read_whole("leak.log"), {canary}).size(), 1u) << canary;
    const auto quoted = json("x" + canary).dump();
    for (const auto& form :
         {to_hex(canary), percent_encode(canary), to_base64("ana:" + canary + "!"),
          to_base64url("x" + canary), quoted, std::string(canary.rbegin(), canary.rend())}) {
      EXPECT_EQ(found_in("before " + form + " after", {canary}).size(), 1u) << form;
    }
  }
}

// The keys of sources are secrets like those of destinations.
TEST_F(Canaries, are_all_known_to_the_redactor_of_their_installation) {
  const Site site({{"desk", kDesk},
                   {"desk-hook", kDeskHook},
                   {"crm", kCrm},
                   {"crm-hook", kCrmHook},
                   {"chat", kChat},
                   {"chat-hook", kChatHook},
                   {"source", to_base64(kSourceKey)},
                   {"platform", to_base64(kPlatformKey)}});
  Site::write("baton.yaml", kConfiguration);
  const auto loaded = load_installation("baton.yaml", true, kSiteTime);
  for (const auto& secret :
       {kDesk, kDeskHook, kCrm, kCrmHook, kChat, kChatHook, to_base64(kSourceKey), to_base64(kPlatformKey)}) {
    EXPECT_EQ(loaded.installation.redactor->redact("it is " + secret), "it is [redacted]");
  }
}

TEST_F(Canaries, that_are_planted_in_a_log_line_are_redacted_there) {
  const Site site;
  auto redactor = secrets::Redactor::make();
  for (const auto& canary : traces_->canaries) (*redactor)->add(Secret(canary));
  {
    const StderrToFile redirected("clean.log");
    start_log("info", redactor->get());
    for (const auto& canary : traces_->canaries)
      log_info("the password is " + canary + ", in base64 " + to_base64("ana:" + canary));
    stop_log();
  }
  const auto log = secrets::read_whole("clean.log");
  EXPECT_THAT(log, testing::HasSubstr("the password is [redacted]"));
  EXPECT_THAT(found_in(log, traces_->canaries), testing::IsEmpty());
}

}  // namespace
}  // namespace baton::app
