// Rules, runbook and dashboards as they ship: every expression names a metric that Baton has, every alert has
// a page, and promtool agrees.
#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/base/text.h"
#include "gateway/health/metrics.h"

namespace baton::health {
namespace {

using nlohmann::json;
using testing::HasSubstr;

const std::string kDeploy = std::string(BATON_SOURCE_DIR) + "/deploy/";

std::string read(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

// The words of a PromQL expression that are metrics of ours, recorded ones ("baton:...") among them.
std::set<std::string> metrics_in(std::string_view expression) {
  std::set<std::string> found;
  std::string word;
  const auto end = [&] {
    if (word.starts_with("baton") || word.starts_with("process_")) found.insert(word);
    word.clear();
  };
  bool quoted = false;
  for (const char c : expression) {
    if (c == '"') quoted = !quoted;
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':';
    if (letter && !quoted) word += c;
    else end();
  }
  end();
  return found;
}

bool is_known(std::string name) {
  for (const auto& metric : catalogue()) {
    if (metric.name == name && metric.kind != Sample::Kind::histogram) return true;
    if (metric.kind != Sample::Kind::histogram || !name.starts_with(metric.name)) continue;
    const auto rest = name.substr(metric.name.size());
    if (rest == "_bucket" || rest == "_sum" || rest == "_count") return true;
  }
  return false;
}

struct Rule {
  std::string name, expression, runbook, severity;
  bool alert = false;
};

std::vector<Rule> rules() {
  std::vector<Rule> all;
  bool in_expression = false;
  std::istringstream lines(read(kDeploy + "prometheus/baton.rules.yml"));
  for (std::string line; std::getline(lines, line);) {
    const auto text = std::string(trim(line));
    if (text.starts_with("#")) continue;
    const auto value = [&](std::string_view key) { return std::string(trim(text.substr(key.size()))); };
    const bool key = text.find(": ") != std::string::npos || text.ends_with(":");
    if (key && !text.starts_with("and ") && !text.starts_with("sum")) in_expression = false;
    if (text.starts_with("- alert:") || text.starts_with("- record:")) {
      auto& rule = all.emplace_back();
      rule.alert = text.starts_with("- alert:");
      rule.name = value(rule.alert ? "- alert:" : "- record:");
    } else if (text.starts_with("expr:")) {
      in_expression = true;
      all.back().expression = value("expr:");
    } else if (text.starts_with("runbook:")) {
      all.back().runbook = value("runbook:");
    } else if (text.starts_with("labels: {severity: ")) {
      all.back().severity = text.substr(19, text.size() - 20);
    } else if (in_expression) {
      all.back().expression += " " + text;
    }
  }
  return all;
}

TEST(Rules, name_only_metrics_that_baton_has_or_they_record) {
  std::set<std::string> recorded;
  const auto all = rules();
  EXPECT_GT(all.size(), 25u);
  for (const auto& rule : all) {
    const auto used = metrics_in(rule.expression);
    if (rule.expression.find("up{") == std::string::npos) EXPECT_FALSE(used.empty()) << rule.name;
    for (const auto& metric : used) EXPECT_TRUE(is_known(metric) || recorded.contains(metric)) << metric;
    if (!rule.alert) recorded.insert(rule.name);
  }
  EXPECT_FALSE(is_known("baton_attempt_seconds"));
  EXPECT_FALSE(is_known("baton_deliveries_waiting"));
}

TEST(Rules, have_a_severity_and_a_page_each) {
  const auto runbook = read(kDeploy + "prometheus/README.md");
  std::size_t alerts = 0;
  for (const auto& rule : rules()) {
    if (!rule.alert) continue;
    ++alerts;
    EXPECT_TRUE(rule.severity == "page" || rule.severity == "ticket") << rule.name;
    EXPECT_EQ(rule.runbook, "deploy/prometheus/README.md#" + to_lower(rule.name));
    EXPECT_THAT(runbook, HasSubstr("\n## " + rule.name + "\n"));
  }
  const auto pages = split(runbook, '\n');
  EXPECT_EQ(static_cast<std::size_t>(
                std::ranges::count_if(pages, [](auto l) { return l.starts_with("## Baton"); })),
            alerts);
}

// What a program says and how it ends.
std::pair<int, std::string> run(const std::string& command) {
  std::string said;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (!pipe) return {-1, "cannot run " + command};
  std::array<char, 4096> part;
  while (const auto size = std::fread(part.data(), 1, part.size(), pipe)) said.append(part.data(), size);
  return {::pclose(pipe), said};
}

TEST(Rules, pass_promtool_and_do_as_their_tests_say) {
  // promtool comes with Debian's prometheus: deploy/install-dependencies.sh
  const auto checked = run("promtool check rules '" + kDeploy + "prometheus/baton.rules.yml'");
  EXPECT_EQ(checked.first, 0) << checked.second;
  const auto tested = run("cd '" + kDeploy + "prometheus' && promtool test rules *.tests.yml");
  EXPECT_EQ(tested.first, 0) << tested.second;
}

TEST(Dashboards, name_only_metrics_that_baton_has) {
  int boards = 0;
  std::set<std::string> shown;
  for (const auto& file : std::filesystem::directory_iterator(kDeploy + "grafana")) {
    if (file.path().extension() != ".json") continue;
    ++boards;
    const auto board = json::parse(read(file.path()), nullptr, false);
    ASSERT_TRUE(board.is_object()) << file.path();
    for (const auto& panel : board.at("panels")) {
      ASSERT_FALSE(panel.at("targets").empty()) << panel.at("title");
      for (const auto& target : panel.at("targets")) {
        const auto used = metrics_in(target.at("expr").get<std::string>());
        EXPECT_FALSE(used.empty()) << target;
        for (const auto& metric : used) EXPECT_TRUE(is_known(metric)) << metric << " in " << file.path();
        shown.insert(used.begin(), used.end());
      }
    }
  }
  EXPECT_EQ(boards, 3);
  EXPECT_GT(shown.size(), 35u);
}

TEST(Metrics, have_names_after_the_rules_and_a_sentence_each) {
  std::set<std::string_view> seen;
  for (const auto& [name, kind, help] : catalogue()) {
    EXPECT_TRUE(name.starts_with("baton_") || name.starts_with("process_")) << name;
    EXPECT_EQ(name.ends_with("_total"), kind == Sample::Kind::counter) << name;
    EXPECT_TRUE(help.ends_with('.')) << name;
    EXPECT_TRUE(seen.insert(name).second) << name << " stands there twice";
  }
}

TEST(Metrics, with_a_histogram_are_what_promtool_expects) {
  Histogram took;
  took.add(700us);
  took.add(40ms);
  took.add(2h);
  std::vector<Sample> samples;
  samples.emplace_back("baton_attempt_seconds", took, Sample::Labels{{"destination", "desk"}});
  samples.emplace_back("baton_ready", Sample::Kind::gauge, 1);
  const auto text = to_prometheus(samples);
  EXPECT_THAT(text, HasSubstr("# TYPE baton_attempt_seconds histogram\n"));
  EXPECT_THAT(text, HasSubstr("baton_attempt_seconds_bucket{destination=\"desk\",le=\"0.001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("baton_attempt_seconds_bucket{destination=\"desk\",le=\"0.05\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("baton_attempt_seconds_bucket{destination=\"desk\",le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("baton_attempt_seconds_count{destination=\"desk\"} 3\n"));
}

// Otherwise a series would be another one as soon as somebody asks for the other form.
TEST(Metrics, are_the_same_figures_as_openmetrics_with_the_newest_trace_of_each_bucket) {
  const TimePoint at{Duration{1'795'233'663'123}};
  Histogram took;
  Exemplars traces;
  const auto add = [&](Histogram::Took one, const std::string& trace) {
    took.add(one);
    traces.add(took, one, trace, at);
  };
  add(700us, std::string(32, 'a'));
  add(800us, std::string(32, 'b'));
  add(40ms, "");  // of no trace
  add(2h, std::string(32, 'c'));
  std::vector<Sample> samples;
  samples.emplace_back("baton_attempt_seconds", took, Sample::Labels{{"destination", "a\"b\\c\nd"}}, traces);
  samples.emplace_back("baton_requests_total", Sample::Kind::counter, 12.5);
  samples.emplace_back("baton_store_free_bytes", Sample::Kind::gauge, 5e11);
  const auto text = to_openmetrics(samples);
  std::set<std::string> same;
  std::istringstream lines(text), others(to_prometheus(samples));
  for (std::string line; std::getline(others, line);)
    if (!line.starts_with('#')) same.insert(line);
  std::size_t seen = 0;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with('#')) continue;
    EXPECT_TRUE(same.contains(line.substr(0, line.find(" # ")))) << line << " in\n" << to_prometheus(samples);
    ++seen;
  }
  EXPECT_EQ(seen, same.size());
  EXPECT_THAT(text, HasSubstr("le=\"0.001\"} 2 # {trace_id=\"" + std::string(32, 'b') +
                              "\"} 0.0008 1795233663.123\n"));
  EXPECT_THAT(text, HasSubstr("le=\"0.05\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 4 # {trace_id=\"" + std::string(32, 'c') + "\"} 7200 "));
  EXPECT_THAT(text, HasSubstr("# TYPE baton_requests counter\n")) << "the family's name has no _total";
  EXPECT_TRUE(text.ends_with("# EOF\n"));
}

}  // namespace
}  // namespace baton::health
