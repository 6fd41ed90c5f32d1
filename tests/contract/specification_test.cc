// What connectors send and understand, held against the vendors' official specifications. These stand in the
// folder that BATON_SPECS names; without them the cases are skipped by name. BATON_SPEC_PLACES says in how
// many places an answer is spoilt: `tests/long.sh specs`.
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
      const auto* read = read_specification(named, place().base_url);
      if (!read) GTEST_SKIP() << named.at("file") << " is not at hand";
      specifications_.push_back(read);
    }
    if (specifications_.empty()) GTEST_SKIP() << place().connector << " has no OpenAPI document";
  }
  static const Place& place() { return GetParam().place; }
  static Operation operation() { return GetParam().operation; }

  // Which document knows it, and as what.
  std::pair<const Specification*, const json*> known(const Request& request) const {
    for (const auto* one : specifications_) {
      if (const auto* found = one->find(request)) return {one, found};
    }
    return {nullptr, nullptr};
  }

  static bool is_beyond(const Request& request) {
    const auto line = request.method + " " + std::string(path_of(request.target));
    const auto list = place().beyond_specification.items();
    return std::any_of(list.begin(), list.end(), [&](const auto& one) { return same_path(one.key(), line); });
  }

  static std::vector<Request> below_base_url(std::vector<Request> sent) {
    for (auto& request : sent) {
      if (request.target.starts_with(place().base_url)) request.target.erase(0, place().base_url.size());
    }
    return sent;
  }

  static std::vector<Request> requests() {
    Bench bench(place());
    bench.order(operation());
    bench.run();
    return below_base_url(bench.client.sent);
  }

  void expect_fit(const std::vector<Request>& all) const {
    for (const auto& request : all) {
      SCOPED_TRACE(request.method + " " + request.target);
      const auto [specification, found] = known(request);
      if (!found) EXPECT_TRUE(is_beyond(request)) << "no specification knows this request";
      else EXPECT_THAT(specification->violations(request, *found), ::testing::IsEmpty());
    }
  }

 private:
  std::vector<const Specification*> specifications_;
};

TEST_P(Specified, every_request_fits_the_vendors_own_specification) { expect_fit(requests()); }

// One for each way in which the vendor is set up, with whatever operation comes first.
class SpecifiedSetup : public Specified {};

TEST_P(SpecifiedSetup, what_a_probe_asks_and_what_prepare_makes_fits_the_vendors_own_specification) {
  Bench bench(place());
  bench.prepare();
  expect_fit(below_base_url(bench.client.sent));
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
  for (std::size_t i = step / 2; i < places.size(); i += step) {
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

// In how many places of an answer: a few with every run of the tests, by the way.
std::size_t most_places() {
  const char* text = std::getenv("BATON_SPEC_PLACES");
  return text ? std::max<std::size_t>(1, std::strtoul(text, nullptr, 10)) : 2;
}

TEST_P(Specified, an_answer_that_lacks_or_twists_any_member_makes_no_crash_and_no_wrong_receipt) {
  const auto most = most_places();
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
    full = full.is_object() ? laid_over(std::move(full), answers[at]) : answers[at];
    for (const auto& answer : spoilt(full, most)) {
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

int wrong_with(const Specification& specification, const Request& request) {
  const auto* found = specification.find(request);
  return found ? static_cast<int>(specification.violations(request, *found).size()) : -1;
}

TEST(Specifications, notice_a_value_of_another_type_in_query_and_path) {
  const json document = {
      {"paths",
       {{"/tickets/{id}",
         {{"parameters", {{{"name", "id"}, {"in", "path"}, {"schema", {{"type", "integer"}}}}}},
          {"get",
           {{"parameters",
             {{{"name", "page"}, {"in", "query"}, {"schema", {{"type", "integer"}, {"maximum", 100}}}},
              {{"name", "order"}, {"in", "query"}, {"schema", {{"enum", {"asc", "desc"}}}}},
              {{"name", "ids"},
               {"in", "query"},
               {"schema", {{"type", "array"}, {"items", {{"type", "integer"}}}}}},
              {{"name", "created"}, {"in", "query"}, {"schema", {{"type", "object"}}}}}}}}}}}}};
  const Specification specification(document, "");
  const auto check = [&](const std::string& target) {
    return wrong_with(specification, Request("GET", target, "", {}));
  };
  EXPECT_EQ(check("/tickets/7?page=2&order=desc&ids=1,2&created%5Bgte%5D=1"), 0);
  EXPECT_EQ(check("/tickets/seven"), 1);
  EXPECT_EQ(check("/tickets/7?page=two"), 1);
  EXPECT_EQ(check("/tickets/7?page=101"), 1);
  EXPECT_EQ(check("/tickets/7?order=down"), 1);
  EXPECT_EQ(check("/tickets/7?ids=1,x"), 1);
  EXPECT_EQ(check("/tickets/7?page=1&page=2"), 1);
}

TEST(Specifications, notice_what_does_not_fit_in_a_form_and_a_multipart) {
  const json fields = {{"type", "object"},
                       {"required", {"Body"}},
                       {"properties", {{"Body", {{"type", "string"}}}, {"Count", {{"type", "integer"}}}}}};
  const json document = {{"paths",
                          {{"/messages",
                            {{"post",
                              {{"requestBody",
                                {{"content",
                                  {{"application/x-www-form-urlencoded", {{"schema", fields}}},
                                   {"multipart/form-data", {{"schema", fields}}}}}}}}}}}}}};
  const Specification specification(document, "");
  const auto form = [&](const std::string& body) {
    return wrong_with(specification, Request("POST", "/messages", body,
                                             {{"content-type", "application/x-www-form-urlencoded"}}));
  };
  EXPECT_EQ(form("Body=a+b&Count=2"), 0);
  EXPECT_EQ(form("Count=2"), 1) << "Body is missing";
  EXPECT_EQ(form("Body=a&Cuont=2"), 1);
  EXPECT_EQ(form("Body=a&Count=two"), 1);
  const auto parts = [&](const std::string& name) {
    return wrong_with(specification, Request("POST", "/messages",
                                             "--x\r\ncontent-disposition: form-data; name=\"" + name +
                                                 "\"\r\n\r\na\r\n--x--",
                                             {{"content-type", "multipart/form-data; boundary=x"}}));
  };
  EXPECT_EQ(parts("Body"), 0);
  EXPECT_EQ(parts("Boby"), 2) << "one is unknown, one is missing";
}

TEST(Specifications, of_version_2_are_read_too) {
  const json text = {{"in", "formData"}, {"type", "string"}};
  auto channel = text, blocks = text;
  channel.update({{"name", "channel"}, {"required", true}});
  blocks.update({{"name", "blocks"}});
  const json document = {
      {"swagger", "2.0"},
      {"basePath", "/api"},
      {"paths",
       {{"/chat.post",
         {{"post",
           {{"consumes", {"application/x-www-form-urlencoded", "application/json"}},
            {"parameters", {channel, blocks}},
            {"responses", {{"200", {{"schema", {{"properties", {{"ok", {{"type", "boolean"}}}}}}}}}}}}}}},
        {"/chat.list",
         {{"get",
           {{"parameters", {{{"name", "limit"}, {"in", "query"}, {"type", "integer"}}}},
            {"responses", json::object()}}}}}}}};
  const Specification specification(document, "", "https://chat.example/api");
  const auto post = [&](const std::string& body) {
    return wrong_with(specification,
                      Request("POST", "/chat.post", body, {{"content-type", "application/json"}}));
  };
  EXPECT_EQ(post(R"({"channel": "C1", "blocks": [{}]})"), 0);
  EXPECT_EQ(post(R"({"blocks": []})"), 1) << "channel is missing";
  EXPECT_EQ(post(R"({"channel": "C1", "block": []})"), 1) << "block is unknown";
  EXPECT_EQ(wrong_with(specification, Request("GET", "/chat.list?limit=5", "", {})), 0);
  EXPECT_EQ(wrong_with(specification, Request("GET", "/chat.list?limit=all", "", {})), 1);
  const auto* found = specification.find(Request("POST", "/chat.post", "{}", {}));
  ASSERT_TRUE(found);
  EXPECT_EQ(specification.whole_answer(*found), (json{{"ok", true}}));
  EXPECT_EQ(wrong_with(Specification(document, "", "https://chat.example"),
                       Request("GET", "/api/chat.list", "", {})),
            0);
}

TEST(Specifications, fill_up_an_answer_down_to_the_items_of_its_lists) {
  const json whole = {{"a", 1}, {"list", {{{"id", "x"}, {"tag", "y"}}}}, {"none", {"x"}}};
  const json answer = {{"list", {{{"id", "1"}}, {{"id", "2"}}}}, {"none", json::array()}, {"more", 2}};
  EXPECT_EQ(laid_over(whole, answer),
            (json{{"a", 1},
                  {"list", {{{"id", "1"}, {"tag", "y"}}, {{"id", "2"}, {"tag", "y"}}}},
                  {"none", json::array()},
                  {"more", 2}}));
}

TEST(Specifications, excuse_one_path_and_not_what_begins_like_it) {
  EXPECT_TRUE(same_path("GET /users/{id}/tickets", "GET /users/7/tickets"));
  EXPECT_FALSE(same_path("GET /users/{id}", "GET /users/7/tickets"));
  EXPECT_FALSE(same_path("GET /users/{id}", "POST /users/7"));
}

// Each place as it is, and laid over with each of its variants.
std::vector<Place> with_variants(const Place& place) {
  std::vector<Place> all = {place};
  for (const auto& variant : place.variants) {
    auto& other = all.emplace_back(place);
    other.variant = variant.at("name").get<std::string>();
    const auto lay_over = [&](const char* part, auto& values) {
      const auto laid = variant.value(part, json::object());
      for (const auto& [key, value] : laid.items()) values[key] = value.get<std::string>();
    };
    lay_over("settings", other.settings);
    lay_over("setup", other.setup);
    lay_over("secrets", other.secrets);
  }
  return all;
}

std::vector<Case> every_case() {
  std::vector<Case> all;
  for (const auto& list : {cases(), reads()}) {
    for (const auto& one : list) {
      for (auto& place : with_variants(one.place)) all.push_back({std::move(place), one.operation});
    }
  }
  return all;
}

std::vector<Case> every_setup() {
  std::vector<Case> all;
  for (auto& one : every_case()) {
    const auto same = [&](const Case& other) {
      return other.place.connector == one.place.connector && other.place.variant == one.place.variant;
    };
    if (std::ranges::none_of(all, same)) all.push_back(std::move(one));
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(Every, Specified, ::testing::ValuesIn(every_case()),
                         [](const auto& info) { return info.param.text(); });
INSTANTIATE_TEST_SUITE_P(Every, SpecifiedSetup, ::testing::ValuesIn(every_setup()),
                         [](const auto& info) { return info.param.text(); });

}  // namespace
}  // namespace baton::contract
