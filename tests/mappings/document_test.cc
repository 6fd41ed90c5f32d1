// Documents: structure, types, places of problems, paths, overriding, cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappings/engine/mapping.h"
#include "mappings/engine/paths.h"
#include "tests/mappings/support/scope.h"
#include "tests/mappings/support/yaml.h"

namespace baton::mappings {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

const TimePoint kNow{std::chrono::milliseconds(1'795'168'689'000)};

Document compiled(const std::string& yaml) {
  Problems problems;
  auto document = Document::compile(node_from_yaml(yaml), "", problems, yaml);
  for (const auto& problem : problems.list()) ADD_FAILURE() << problem.text();
  return document;
}

json rendered(const std::string& yaml, const json& scope = json::object()) {
  const auto document = compiled(yaml);
  const auto result = document.render(scope, kNow);
  if (!result) return "failure: " + result.error().detail;
  EXPECT_EQ(json::parse(*document.render_text(scope, kNow)), *result) << yaml;
  return *result;
}

std::vector<std::string> problems_of(const std::string& yaml, bool with_source = true) {
  Problems problems;
  (void)Document::compile(node_from_yaml(yaml, "z.yaml"), "open_ticket", problems, with_source ? yaml : "");
  std::vector<std::string> texts;
  for (const auto& problem : problems.list()) texts.push_back(problem.text());
  return texts;
}

std::vector<std::string> path_problems(const std::string& yaml, const json& shape) {
  Problems problems;
  check_paths(compiled(yaml), shape, problems);
  std::vector<std::string> texts;
  for (const auto& problem : problems.list()) texts.push_back(problem.text());
  return texts;
}

TEST(Document, unquoted_scalars_keep_their_yaml_type_and_quoted_ones_are_texts) {
  EXPECT_EQ(
      rendered(
          "{a: true, b: 3, c: 1.5, d: x, e: '3', f: \"true\", g: -2e3, h: 0x10, i: 2026-01-01, j: 'null'}"),
      json::parse(
          R"({"a":true,"b":3,"c":1.5,"d":"x","e":"3","f":"true","g":-2000.0,"h":"0x10","i":"2026-01-01","j":"null"})"));
}

TEST(Document, a_string_that_is_one_output_keeps_its_type) {
  const auto scope =
      json::parse(R"({"n":3,"r":1.5,"b":false,"s":"x","l":[1,null,{"k":"v"}],"o":{"k":null}})");
  EXPECT_EQ(
      rendered("{n: '{{ n }}', r: '{{ r }}', b: '{{ b }}', s: '{{ s }}', l: '{{ l }}', o: '{{ o }}', t: '{{ "
               "n }} ', u: '{{ n | plus: 1 }}', v: '{{ (1..3) }}', w: \"{{ s | split: '' }}\"}",
               scope),
      json::parse(
          R"({"n":3,"r":1.5,"b":false,"s":"x","l":[1,null,{"k":"v"}],"o":{"k":null},"t":"3 ","u":4,"v":[1,2,3],"w":["x"]})"));
}

TEST(Document, says_which_members_of_the_data_it_may_look_at) {
  const auto plain =
      compiled("{a: '{{ brief.who }}', b: {$for: m in transcript, $do: '{{ m.text }}'}, c: x}");
  EXPECT_TRUE(plain.may_name("brief"));
  EXPECT_TRUE(plain.may_name("transcript"));
  EXPECT_FALSE(plain.may_name("who"));
  EXPECT_FALSE(plain.may_name("context"));
  EXPECT_TRUE(compiled("a: \"{{ ['context'].crm }}\"").may_name("context"));
  // A name that is computed may be any.
  EXPECT_TRUE(compiled("a: '{{ [subject.field] }}'").may_name("context"));
  EXPECT_TRUE(compiled("a: \"{{ self['x'] }}\"").may_name("context"));
}

TEST(Document, null_drops_its_key_and_its_place_in_a_list) {
  EXPECT_EQ(rendered("{a: '{{ missing }}', b: null, c: ~, d: {e: '{{ missing }}'}, f: [1, null, '{{ missing "
                     "}}', 2], g: '{{ missing }} '}"),
            json::parse(R"({"d":{},"f":[1,2],"g":" "})"));
  EXPECT_EQ(rendered("'{{ missing }}'"), json(nullptr));
}

TEST(Document, for_makes_a_list_and_is_put_in_place_inside_one) {
  const auto scope = json::parse(R"({"l":[{"t":"a"},{"t":null},{"t":"c"}]})");
  EXPECT_EQ(rendered("x: {$for: m in l, $do: '{{ m.t }}'}", scope), json::parse(R"({"x":["a","c"]})"));
  EXPECT_EQ(
      rendered("[0, {$for: 'm in l limit: 1', $do: {t: '{{ m.t }}', i: '{{ forloop.index }}'}}, 9]", scope),
      json::parse(R"([0,{"t":"a","i":1},9])"));
  EXPECT_EQ(rendered("{$for: m in none, $do: 1}", scope), json::array());
  EXPECT_EQ(rendered("{$for: i in (1..2), $do: {$for: j in (1..2) reversed, $do: '{{ i }}{{ j }}'}}"),
            json::parse(R"([["12","11"],["22","21"]])"));
}

TEST(Document, if_chooses_and_drops_its_key_without_an_else) {
  const std::string yaml = "{a: {$if: x == 1, $then: yes it is, $else: [n]}, b: {$if: x, $then: 1}}";
  EXPECT_EQ(rendered(yaml, {{"x", 1}}), json::parse(R"({"a":"yes it is","b":1})"));
  EXPECT_EQ(rendered(yaml, {{"x", nullptr}}), json::parse(R"({"a":["n"]})"));
  EXPECT_EQ(rendered("[1, {$if: x, $then: [2, [3]], $else: 4}, 5]", {{"x", true}}),
            json::parse("[1,2,[3],5]"));
  EXPECT_EQ(rendered("[1, {$if: x, $then: [2, [3]]}, 5]"), json::parse("[1,5]"));
}

TEST(Document, table_looks_a_value_up_by_its_text) {
  const std::string yaml =
      "p: {$table: '{{ p }}', urgent: 1, high: '{{ p }}!', '3': three, true: t, $else: 4}";
  EXPECT_EQ(rendered(yaml, {{"p", "urgent"}})["p"], 1);
  EXPECT_EQ(rendered(yaml, {{"p", "high"}})["p"], "high!");
  EXPECT_EQ(rendered(yaml, {{"p", 3}})["p"], "three");
  EXPECT_EQ(rendered(yaml, {{"p", true}})["p"], "t");
  EXPECT_EQ(rendered(yaml)["p"], 4);
  EXPECT_EQ(rendered("p: {$table: '{{ p }}', a: 1}"), json::object());
}

TEST(Document, what_one_string_assigns_no_other_one_sees) {
  EXPECT_EQ(rendered("[\"{% assign x = 1 %}{{ x }}{% increment n %}\", 'x{{ x }}{% increment n %}']"),
            json::parse(R"(["10","x0"])"));
  EXPECT_EQ(rendered("{$for: x in (1..2), $do: 'n{{ x }}'}", {{"x", "data"}}), json::parse(R"(["n1","n2"])"));
}

TEST(Document, its_text_is_json_whatever_the_data_holds) {
  const json scope = {{"s", "\"\\\n\r\t\x01\x1f/ äö 😡 \x7f"}};
  EXPECT_EQ(rendered("{a: '{{ s }}', b: 'x{{ s }}'}", scope)["b"], "x" + scope["s"].get<std::string>());
  const json broken = {{"s", "a\xFF\xC3(\xED\xA0\x80 b"}};
  const auto text = compiled("'x{{ s }}'").render_text(broken, kNow);
  EXPECT_EQ(json::parse(*text), "xa\uFFFD\uFFFD(\uFFFD\uFFFD\uFFFD b");
}

TEST(Document, problems_are_told_all_at_once_with_line_and_column) {
  const std::string yaml =
      "ticket:\n"
      "  subject: \"{{ a | nosuch }}\"\n"
      "  body: |\n"
      "    <h2>\n"
      "      {% iff x %}\n"
      "    {{ b c }}\n"
      "  plain: x {{ a | one }}\n"
      "  list:\n"
      "    - {$for: m on l, $do: 1}\n"
      "    - {$fr: m in l}\n"
      "    - {$if: a, $than: 1}\n"
      "    - {$table: '{{ a }}', $other: 1}\n"
      "  '{{ key }}': 1\n";
  EXPECT_THAT(
      problems_of(yaml),
      ElementsAre(
          "z.yaml:2:20: open_ticket.ticket.subject: unknown filter `nosuch`",
          HasSubstr("z.yaml:5:7: open_ticket.ticket.body: unknown tag `iff`, did you mean `if`?"),
          HasSubstr("z.yaml:6:10: open_ticket.ticket.body: unexpected `c`"),
          HasSubstr("z.yaml:7:19: open_ticket.ticket.plain: unknown filter `one`"),
          HasSubstr("z.yaml:9:16: open_ticket.ticket.list[0].$for: expected `in`, found `on`"),
          HasSubstr(
              "z.yaml:10:8: open_ticket.ticket.list[1].$fr: unknown structure key, did you mean `$for`?"),
          HasSubstr("z.yaml:11:16: open_ticket.ticket.list[2]: unknown key `$than`, did you mean `$then`?"),
          HasSubstr("`$then` is missing here"),
          HasSubstr("z.yaml:12:27: open_ticket.ticket.list[3]: unknown key `$other`"),
          HasSubstr("z.yaml:13:3: open_ticket.ticket.{{ key }}: a key is fixed text")));
  // Without the file's text a scalar of several lines is placed by its beginning.
  EXPECT_THAT(problems_of(yaml, false)[1],
              HasSubstr("z.yaml:3:9: open_ticket.ticket.body: unknown tag `iff`"));
}

TEST(Document, a_render_that_fails_names_the_place_in_the_file) {
  const auto document = compiled("a:\n  b: |-\n    one\n    {{ x | divided_by: y }}\n");
  const auto result = document.render_text({{"x", 1}}, kNow);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, FailureKind::rejected);
  EXPECT_EQ(result.error().detail, "test.yaml:4:12: divided by 0");
}

TEST(Document, limits_hold_over_the_whole_document) {
  Limits limits;
  limits.max_work = 200;
  limits.max_output_bytes = 100;
  EXPECT_FALSE(compiled("{$for: i in (1..1000), $do: x}").render_text({}, kNow, limits));
  EXPECT_FALSE(compiled("{$for: i in (1..30), $do: 'long enough'}").render_text({}, kNow, limits));
  EXPECT_TRUE(compiled("{$for: i in (1..5), $do: x}").render_text({}, kNow, limits));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "[";
  EXPECT_THAT(problems_of(deep + std::string(100, ']')), testing::Contains(HasSubstr("nested too deeply")));
}

// --- paths ---

const json kShape = json::parse(R"({
  "properties": {
    "customer": {"properties": {"name": {"type": "string"}, "email": {"type": ["string", "null"]},
                                "attributes": {"type": "object", "additionalProperties": true}}},
    "transcript": {"type": "array", "items": {"$ref": "#/definitions/message"}},
    "context": {"type": "object", "additionalProperties": {"properties": {"id": {"type": "string"}}}},
    "either": {"oneOf": [{"properties": {"a": {}}}, {"properties": {"b": {}}}]},
    "metadata": {"type": "object"}
  },
  "definitions": {"message": {"properties": {"text": {"type": "string"}, "at": {"type": "string"}}}}
})");

TEST(Paths, an_unknown_field_is_told_with_its_place_and_the_nearest_name) {
  EXPECT_THAT(
      path_problems("a: '{{ custmer.email }}'\nb: 'x {{ customer.emial | upcase }}'\n", kShape),
      ElementsAre("test.yaml:1:8: a: unknown field `custmer`, did you mean `customer`?",
                  "test.yaml:2:19: b: unknown field `customer.emial`, did you mean `customer.email`?"));
}

TEST(Paths, loops_assigns_and_filters_are_followed) {
  EXPECT_THAT(path_problems("{$for: m in transcript, $do: '{{ m.txt }}{{ forloop.idnex }}'}", kShape),
              ElementsAre(HasSubstr("unknown field `m.txt`, did you mean `m.text`?"),
                          HasSubstr("unknown field `forloop.idnex`, did you mean `forloop.index`?")));
  EXPECT_THAT(path_problems("'{% for m in transcript %}{{ m.at }}{{ m.tex }}{% endfor %}{{ m }}'", kShape),
              ElementsAre(HasSubstr("`m.tex`"), HasSubstr("unknown field `m`")));
  EXPECT_THAT(
      path_problems("\"{% assign l = transcript | sort: 'at' | first %}{{ l.at }}{{ l.ta }}\"", kShape),
      ElementsAre(HasSubstr("`l.ta`")));
  EXPECT_THAT(
      path_problems("{$if: customer.mail == nil, $then: '{{ transcript[0].texd }}{{ transcript.last.att }}'}",
                    kShape),
      ElementsAre(HasSubstr("`customer.mail`"), HasSubstr("`transcript[].texd`"),
                  HasSubstr("`transcript.last.att`")));
}

TEST(Paths, what_one_string_assigns_or_a_loop_names_is_unknown_to_the_next) {
  EXPECT_THAT(
      path_problems("[\"{% assign z = 1 %}{{ z }}\", '{{ z }}', {$for: m in transcript, $do: '{{ m.at }}'}, "
                    "'{{ m.at }}']",
                    kShape),
      ElementsAre(HasSubstr("test.yaml:1:35: [1]: unknown field `z`"), HasSubstr("[3]: unknown field `m`")));
}

TEST(Paths, what_may_be_there_is_no_problem) {
  EXPECT_THAT(
      path_problems(
          "\"{{ customer.attributes.plan.x }}{{ context.stripe.id }}{{ context['a'].id }}{{ "
          "metadata.any.thing }}"
          "{{ either.a }}{{ either.b }}{{ transcript.size }}{{ customer.name.size }}{{ transcript[0].text }}"
          "{% assign z = 1 %}{{ z }}{% capture c %}{% endcapture %}{{ c }}{% increment n %}{{ n }}"
          "{% tablerow t in transcript %}{{ t.text }}{{ tablerowloop.col }}{% endtablerow %}"
          "{{ (1..3) | first }}{{ customer[customer.name] }}\"",
          kShape),
      testing::IsEmpty());
  EXPECT_THAT(path_problems("'{{ either.c }}{{ context.stripe.di }}'", kShape).size(), 2u);
}

// --- mappings and cases ---

Mapping loaded(const std::string& yaml, std::vector<std::string>* messages = nullptr) {
  Problems problems;
  auto mapping = Mapping::load({node_from_yaml(yaml, "own.yaml"), yaml}, "deskly", problems);
  for (const auto& problem : problems.list()) {
    if (messages) messages->push_back(problem.text());
    else ADD_FAILURE() << problem.text();
  }
  return mapping;
}

TEST(Mapping, a_users_file_replaces_operation_by_operation) {
  auto mapping = loaded("{open_ticket: {a: 1}, add_note: {b: 2}}");
  mapping.override_with(loaded("{add_note: {c: 3}, post_alert: {d: 4}}"));
  EXPECT_EQ(*mapping.find(Operation::open_ticket)->render_text({}, kNow), R"({"a":1})");
  EXPECT_EQ(*mapping.find("add_note")->render_text({}, kNow), R"({"c":3})");
  EXPECT_EQ(*mapping.find("post_alert")->render_text({}, kNow), R"({"d":4})");
  EXPECT_EQ(mapping.find(Operation::emit), nullptr);
  EXPECT_THAT(mapping.operations(), ElementsAre("add_note", "open_ticket", "post_alert"));
}

TEST(Mapping, an_unknown_operation_is_told_with_the_nearest_one) {
  std::vector<std::string> messages;
  loaded("{open_tickt: {a: 1}}", &messages);
  EXPECT_THAT(messages,
              ElementsAre(HasSubstr(
                  "own.yaml:1:2: deskly.open_tickt: unknown operation, did you mean `open_ticket`?")));
}

TEST(Cases, pass_or_say_what_differs_where) {
  const auto mapping =
      loaded("open_ticket: {s: '{{ x | upcase }}', l: [1, '{{ y }}'], at: \"{{ 'now' | date: '%F' }}\"}");
  Problems problems;
  const auto outcomes = run_cases(node_from_yaml(R"(
- {name: whole, operation: open_ticket, data: {x: a, y: 2, now: "2026-01-02T03:04:05Z"}, expect: {s: A, l: [1, 2], at: "2026-01-02"}}
- {name: part, operation: open_ticket, data: {x: a}, expect_part: {s: A}}
- {name: wrong, operation: open_ticket, data: {x: a, y: 3}, expect: {s: B, l: [1], z: 1}}
- {name: nowhere, operation: open_tickets, data: {}, expect_part: {}}
- {name: fails, operation: open_ticket, data: {x: 1}, expect_failure: nothing}
- {name: empty, operation: open_ticket}
)"),
                                  mapping, kNow, problems);
  ASSERT_EQ(outcomes.size(), 6u);
  EXPECT_TRUE(outcomes[0].passed) << outcomes[0].difference;
  EXPECT_TRUE(outcomes[1].passed) << outcomes[1].difference;
  EXPECT_EQ(outcomes[2].difference,
            "l[1]: expected nothing, got 3\ns: expected \"B\", got \"A\"\nz: expected 1, got nothing\n"
            "at: expected nothing, got \"2026-11-20\"");
  EXPECT_THAT(outcomes[3].difference, HasSubstr("no operation `open_tickets`, did you mean `open_ticket`?"));
  EXPECT_THAT(outcomes[4].difference, HasSubstr("expected a failure with \"nothing\""));
  ASSERT_EQ(problems.list().size(), 1u);
  EXPECT_THAT(problems.list()[0].text(), HasSubstr("a case needs `expect`"));
}

TEST(Zendesk, the_shipped_mapping_writes_the_whole_sample_handoff) {
  const auto source = read_file("mappings/zendesk.yaml");
  const auto mapping = loaded(source);
  const auto scope = sample_scope();
  const auto made = mapping.find(Operation::open_ticket)->render(scope, kNow);
  ASSERT_TRUE(made);
  const auto& ticket = (*made)["ticket"];
  EXPECT_EQ(ticket["priority"], "high");
  EXPECT_EQ(ticket["comment"]["public"], false);
  EXPECT_EQ(ticket["requester"]["email"], "joerg.mueller@example.com");
  EXPECT_THAT(ticket["tags"], ElementsAre("baton", "ai_handoff", "intent_billing", "sentiment_negative"));
  const auto body = ticket["comment"]["html_body"].get<std::string>();
  EXPECT_THAT(body, HasSubstr("<strong>Next:</strong> Refund the second capture"));
  EXPECT_THAT(body, HasSubstr("Capture &lt;already&gt; done &amp; booked"));
  EXPECT_THAT(body, testing::Not(HasSubstr("<sofort>")));
  std::size_t turns = 0;
  for (auto at = body.find("<p><strong>"); at != std::string::npos; at = body.find("<p><strong>", at + 1))
    ++turns;
  EXPECT_EQ(turns, 1 + scope["transcript"].size());
}

TEST(Zendesk, the_shipped_mapping_needs_nothing_but_a_conversation) {
  const auto mapping = loaded(read_file("mappings/zendesk.yaml"));
  const json scope = {{"conversation", {{"id", "c1"}}}, {"handoff", {{"external_id", "baton-1"}}}};
  const auto made = mapping.find(Operation::open_ticket)->render(scope, kNow);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ((*made)["ticket"]["subject"], "[AI handoff] Conversation needs a person");
  EXPECT_EQ((*made)["ticket"]["priority"], "normal");
  EXPECT_FALSE((*made)["ticket"].contains("requester"));
  EXPECT_TRUE(mapping.find(Operation::add_note)->render({{"subject", {{"text", "hi"}}}}, kNow));
}

TEST(Zendesk, the_shipped_cases_pass) {
  const auto mapping = loaded(read_file("mappings/zendesk.yaml"));
  Problems problems;
  const auto outcomes =
      run_cases(node_from_yaml(read_file("mappings/zendesk.cases.yaml")), mapping, kNow, problems);
  EXPECT_TRUE(problems.empty());
  EXPECT_GE(outcomes.size(), 4u);
  for (const auto& outcome : outcomes)
    EXPECT_TRUE(outcome.passed) << outcome.name << ":\n" << outcome.difference;
}

TEST(Zendesk, the_sample_event_is_about_3600_bytes) {
  const auto size = read_file("tests/data/sample_event.json").size();
  EXPECT_GE(size, 3550u);
  EXPECT_LE(size, 3650u);
}

}  // namespace
}  // namespace baton::mappings
