// Debian's Prometheus scrapes the running gateway, and Debian's Alertmanager receives what the shipped rules
// say of a vendor that is not there. Both come with deploy/install-dependencies.sh.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <sstream>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gateway/app/cli.h"
#include "gateway/base/json_view.h"
#include "gateway/base/text.h"
#include "gateway/health/metrics.h"
#include "tests/e2e/site.h"

namespace baton::e2e {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A program of the system that stays; killed with this.
class Tool {
 public:
  Tool(const std::vector<std::string>& words, const std::string& log) : id_(::fork()) {
    BATON_CHECK(id_ >= 0);
    if (id_ > 0) return;
    std::vector<char*> argv;
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    const int file = ::open(log.c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    if (file < 0 || ::dup2(file, 1) < 0 || ::dup2(file, 2) < 0) ::_exit(126);
    ::alarm(240);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
  }
  ~Tool() {
    ::kill(id_, SIGKILL);
    (void)::waitpid(id_, nullptr, 0);
  }
  Tool(const Tool&) = delete;
  Tool& operator=(const Tool&) = delete;

 private:
  pid_t id_;
};

struct Monitoring : testing::Test {
  Monitoring() {
    const auto made = run_baton({"token", "create", "prometheus", "--may", "read"}, site.folder());
    token = std::string(trim(made.out));
    std::ofstream(site.folder() + "/prometheus.token") << token;
    const auto config = read(site.config());
    const std::string key = "admin: ";
    const auto at = config.find(key) + key.size();
    admin = config.substr(at, config.find('\n', at) - at);
  }

  std::string metrics() {
    const auto reply = client.exchange(
        Request("GET", "http://" + admin + "/metrics", "", {{"authorization", "Bearer " + token}}), 5s);
    return reply && reply->status == 200 ? reply->body : "no metrics";
  }

  // Until `good` likes the answer. That they come up is theirs; nothing of ours is waited for in this way.
  json poll(const std::string& url, const std::function<bool(const json&)>& good) {
    const auto end = app::wall_now() + 60s;
    json last;
    while (app::wall_now() < end) {
      const auto reply = client.exchange(Request("GET", url), 2s);
      if (reply) last = json::parse(reply->body, nullptr, false);
      if (reply && reply->status == 200 && good(last)) return last;
      std::this_thread::sleep_for(100ms);
    }
    ADD_FAILURE() << url << " last said " << last.dump() << "\n"
                  << read(site.folder() + "/prometheus.log") << read(site.folder() + "/alertmanager.log");
    return last;
  }

  // The shipped rules, which here need not hold for a while before they fire.
  void write_rules() const {
    std::istringstream from(read(std::string(BATON_SOURCE_DIR) + "/deploy/prometheus/baton.rules.yml"));
    std::ofstream to(site.folder() + "/rules.yml");
    for (std::string line; std::getline(from, line);) {
      if (!trim(line).starts_with("for: ")) to << line << '\n';
    }
  }

  void write_prometheus(int alertmanager_port) const {
    std::ofstream(site.folder() + "/prometheus.yml")
        << "global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [rules.yml]\n"
        << "alerting: {alertmanagers: [{static_configs: [{targets: [\"127.0.0.1:" << alertmanager_port
        << "\"]}]}]}\n"
        << "scrape_configs:\n  - job_name: baton\n    authorization: {credentials_file: prometheus.token}\n"
        << "    static_configs: [{targets: [\"" << admin << "\"]}]\n";
    std::ofstream(site.folder() + "/alertmanager.yml")
        << "route: {receiver: nobody, group_wait: 0s}\nreceivers: [{name: nobody}]\n";
  }

  Site site;
  app::BlockingClient client;
  std::string token, admin;
};

TEST_F(Monitoring, sees_all_figures_and_tells_of_a_vendor_that_is_not_there) {
  ASSERT_TRUE(site.start_gateway());  // and no vendors
  write_rules();
  const int prometheus_port = free_port(), alertmanager_port = free_port();
  write_prometheus(alertmanager_port);
  const auto folder = site.folder();
  const auto listen = [](int port) { return "--web.listen-address=127.0.0.1:" + std::to_string(port); };
  const Tool alertmanager(
      {"prometheus-alertmanager", "--config.file=" + folder + "/alertmanager.yml",
       "--storage.path=" + folder + "/alerts", "--cluster.listen-address=", listen(alertmanager_port)},
      folder + "/alertmanager.log");
  const Tool prometheus({"prometheus", "--config.file=" + folder + "/prometheus.yml",
                         "--storage.tsdb.path=" + folder + "/series", listen(prometheus_port),
                         "--enable-feature=exemplar-storage"},
                        folder + "/prometheus.log");
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(site.send(client, "evt-" + std::to_string(i), 5s));

  const auto prometheus_url = "http://127.0.0.1:" + std::to_string(prometheus_port);
  (void)poll(prometheus_url + "/api/v1/query?query=up", [](const json& body) {
    const auto results = JsonView(body).at_path("data.result").list();
    return results && !results->empty() && results->front()["value"].raw()->at(1) == "1";
  });
  const auto alerts =
      poll("http://127.0.0.1:" + std::to_string(alertmanager_port) + "/api/v2/alerts",
           [](const json& body) { return body.dump().find("BatonDestinationDown") != std::string::npos; });
  EXPECT_THAT(alerts.dump(), HasSubstr("deploy/prometheus/README.md#batondestinationdown"));

  // A bucket leads to a handoff: its id is its trace, if the platform has sent none.
  const auto examples =
      poll(prometheus_url +
               "/api/v1/query_exemplars?query=baton_attempt_seconds_bucket&start=2020-01-01T00:00:00Z" +
               "&end=2100-01-01T00:00:00Z",
           [](const json& body) { return body.dump().find("trace_id") != std::string::npos; });
  const auto handoffs = site.admin("/v1/handoffs");
  ASSERT_TRUE(handoffs);
  const auto trace = examples["data"][0]["exemplars"][0]["labels"]["trace_id"].get<std::string>();
  EXPECT_THAT(handoffs->dump(), HasSubstr("hof_" + trace));

  // The same, as a person sees it.
  const auto health = site.admin("/v1/health/zendesk");
  ASSERT_TRUE(health);
  EXPECT_EQ(health->at("state"), "down") << *health;
  EXPECT_GT(health->at("pending"), 0);
  ::setenv("BATON_TOKEN", token.c_str(), 1);
  const auto said = run_baton({"health"}, folder);
  ::unsetenv("BATON_TOKEN");
  EXPECT_EQ(said.exit, 1) << said.err;
  EXPECT_THAT(said.out, HasSubstr("zendesk is down"));
  EXPECT_THAT(said.out, HasSubstr("To do: "));
}

TEST_F(Monitoring, finds_every_metric_in_the_catalogue_and_nothing_to_complain_of) {
  ASSERT_TRUE(site.start_vendors());
  ASSERT_TRUE(site.start_gateway());
  ASSERT_TRUE(site.send(client, "evt-1", 5s));
  ASSERT_TRUE(site.quiet(30s));
  const auto text = metrics();
  std::ofstream(site.folder() + "/metrics.txt") << text;
  const auto checked =
      "promtool check metrics < " + site.folder() + "/metrics.txt > " + site.folder() + "/said.txt 2>&1";
  EXPECT_EQ(std::system(checked.c_str()), 0) << read(site.folder() + "/said.txt");
  std::istringstream lines(text);
  std::string line, family;
  int families = 0;
  for (; std::getline(lines, line);) {
    if (!line.starts_with("# TYPE ")) continue;
    ++families;
    const auto words = split(line, ' ');
    const auto found = std::ranges::find(health::catalogue(), words[2], &health::Metric::name);
    EXPECT_NE(found, health::catalogue().end()) << line;
  }
  EXPECT_GT(families, 40);
  EXPECT_THAT(text, HasSubstr("baton_destination_state{destination=\"zendesk\",state=\"ok\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("baton_source_events_total{source=\"chat\",outcome=\"accepted\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("baton_handoff_moves_total{state=\"waiting\"} 1\n"));
}

}  // namespace
}  // namespace baton::e2e
