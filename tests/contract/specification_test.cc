// What connectors send and understand, held against the vendors' official specifications. These stand in the
// folder that BATON_SPECS names; without them the cases are skipped by name.
#include <algorithm>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/contract/bench.h"
#include "tests/contract/specification.h"

namespace baton::contract {
namespace {

using nlohmann::json;

class Specified : public ::testing::TestWithParam<Case> {
 protected:
  void SetUp() override {
    for (const auto& named : place().specifications) {
      auto read = read_specification(named);
      if (!read) GTEST_SKIP() << named.at("file") << " is not at hand";
      specifications_.push_back(std::move(*read));
    }
    if (specifications_.empty()) GTEST_SKIP() << place().connector << " has no OpenAPI document";
  }
  static const Place& place() { return GetParam().place; }
  static Operation operation() { return GetParam().operation; }

  // Which document knows it, and as what.
  std::pair<const Specification*, const json*> known(const Request& request) const {
    for (const auto& one : specifications_) {
      if (const auto* found = one.find(request)) return {&one, found};
    }
    return {nullptr, nullptr};
  }

  static std::vector<Request> requests() {
    Bench bench(place());
    bench.order(operation());
    bench.run();
    auto sent = bench.client.sent;
    for (auto& request : sent) {
      if (request.target.starts_with(place().base_url)) request.target.erase(0, place().base_url.size());
    }
    return sent;
  }

 private:
  std::vector<Specification> specifications_;
};

TEST_P(Specified, every_request_fits_the_vendors_own_specification) {
  for (const auto& request : requests()) {
    const auto line = request.method + " " + std::string(path_of(request.target));
    SCOPED_TRACE(line);
    const auto [specification, found] = known(request);
    if (!found) {
      const bool expected = std::ranges::any_of(place().beyond_specification.items(),
                                                [&](const auto& one) { return line.starts_with(one.key()); });
      EXPECT_TRUE(expected) << "no specification knows this request";
      continue;
    }
    EXPECT_THAT(specification->violations(request, *found), ::testing::IsEmpty());
  }
}

// Every place in an answer: taken away, null, and of another type.
std::vector<json> spoilt(const json& answer, std::size_t most) {
  std::vector<json> all;
  std::vector<std::string> places;
  const auto flat = answer.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    json::json_pointer at(pointer);
    for (; !at.empty(); at = at.parent_pointer()) places.push_back(at.to_string());
  }
  std::ranges::sort(places);
  const auto twice = std::ranges::unique(places);
  places.erase(twice.begin(), twice.end());
  const auto step = std::max<std::size_t>(1, places.size() / most);
  for (std::size_t i = 0; i < places.size(); i += step) {
    const json::json_pointer at(places[i]);
    auto without = answer;
    auto& parent = without.at(at.parent_pointer());
    if (parent.is_object()) parent.erase(at.back());
    else parent = json::array();
    all.push_back(std::move(without));
    // Not the other kind of id: that could be read as one, and would be an honest answer.
    for (const json& other : {json(), json(!answer.at(at).is_boolean()), json::array({json::object()})}) {
      auto changed = answer;
      changed.at(at) = other;
      all.push_back(std::move(changed));
    }
  }
  return all;
}

TEST_P(Specified, an_answer_that_lacks_or_twists_any_member_makes_no_crash_and_no_wrong_receipt) {
  if (!std::getenv("BATON_SPECS")) GTEST_SKIP() << "long: runs where BATON_SPECS is set";
  constexpr std::size_t kMostPlaces = 60;
  Bench whole(place());
  whole.order(operation());
  std::vector<json> answers;
  whole.client.meddle({}, [&](int, Result<Reply>& reply) {
    answers.push_back(reply ? json::parse(reply->body, nullptr, false) : json());
  });
  whole.run();
  const auto truth = whole.job(operation()).receipt;
  const auto sent = requests();
  for (std::size_t at = 0; at < answers.size() && at < sent.size(); ++at) {
    const auto [specification, found] = known(sent[at]);
    if (!found || !answers[at].is_object()) continue;
    auto full = specification->whole_answer(*found);
    if (full.is_object()) full.merge_patch(answers[at]);
    else full = answers[at];
    for (const auto& answer : spoilt(full, kMostPlaces)) {
      SCOPED_TRACE("request " + std::to_string(at) + " answered " + answer.dump().substr(0, 300));
      Bench bench(place());
      bench.order(operation());
      bench.client.meddle({}, [&](int n, Result<Reply>& reply) {
        if (n == static_cast<int>(at) && reply) reply->body = answer.dump();
      });
      bench.run(is_read(operation()) ? Duration{1min} : Duration{48h});
      const auto job = bench.job(operation());
      EXPECT_EQ(bench.duplicates(), 0);
      if (!is_read(operation()) && name(job.state) == "done") {
        // Less may be known of it (a ticket instead of the note in it), never another thing.
        EXPECT_TRUE(truth.object_id.starts_with(job.receipt.object_id) && !job.receipt.object_id.empty())
            << job.receipt.object_id << " instead of " << truth.object_id;
      }
    }
  }
}

TEST(Specifications, notice_what_does_not_fit) {
  const json document = {
      {"paths",
       {{"/tickets/{id}",
         {{"post",
           {{"parameters",
             {{{"name", "include"}, {"in", "query"}},
              {{"name", "page"}, {"in", "query"}, {"required", true}}}},
            {"requestBody",
             {{"content",
               {{"application/json", {{"schema", {{"$ref", "#/components/schemas/Ticket"}}}}}}}}}}}}}}},
      {"components",
       {{"schemas",
         {{"Ticket",
           {{"type", "object"},
            {"required", {"subject"}},
            {"properties",
             {{"subject", {{"type", "string"}, {"nullable", true}}},
              {"count", {{"type", "integer"}}}}}}}}}}}};
  const Specification specification(document, "/api");
  const auto check = [&](const std::string& target, const std::string& body) -> int {
    Request request("POST", target, body, {{"content-type", "application/json; charset=utf-8"}});
    const auto* found = specification.find(request);
    return found ? static_cast<int>(specification.violations(request, *found).size()) : -1;
  };
  EXPECT_EQ(check("/api/tickets/7?page=1", R"({"subject": "a", "count": 2})"), 0);
  EXPECT_EQ(check("/api/tickets/7?page=1", R"({"subject": null})"), 0);
  EXPECT_EQ(check("/api/tickets/7", R"({"subject": "a"})"), 1) << "page is missing";
  EXPECT_EQ(check("/api/tickets/7?page=1&limit=2", R"({"subject": "a"})"), 1) << "limit is unknown";
  EXPECT_EQ(check("/api/tickets/7?page=1", R"({"count": "2"})"), 1);
  EXPECT_EQ(check("/api/tickets/7?page=1", "{"), 1);
  EXPECT_EQ(check("/api/other/7", "{}"), -1);
  EXPECT_EQ(check("/tickets/7", "{}"), -1);
}

std::vector<Case> every_case() {
  auto all = cases();
  auto more = reads();
  std::ranges::move(more, std::back_inserter(all));
  return all;
}

INSTANTIATE_TEST_SUITE_P(Every, Specified, ::testing::ValuesIn(every_case()),
                         [](const auto& info) { return info.param.text(); });

}  // namespace
}  // namespace baton::contract
