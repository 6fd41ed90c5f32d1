// Sources that do not speak Baton's words, as a configuration names them: chat platforms, and JSON of any
// shape.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/app/site.h"

namespace baton::app {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr auto kHead = R"(data_dir: data
mappings: maps
destinations:
  chat:
    connector: chatwoot
    base_url: https://chat.example.com
    account_id: "1"
    api_token: {secret: chat-signing}
  zendesk: {base_url: "https://acme.zendesk.com", client_id: baton, client_secret: {secret: zendesk-client}}
sources:
)";

// As the README of gateway/ingress shows it.
constexpr auto kMapping = R"(id: "{{ body.id }}"
type: { $table: "{{ body.kind }}", handoff: handoff.requested, message: handoff.updated, closed: conversation.resolved }
data:
  conversation: { id: "{{ body.chat.id }}" }
  customer: { email: "{{ body.user.email }}" }
)";

Loaded load_sources(const std::string& sources) {
  Site::write("baton.yaml", kHead + sources);
  return load_installation("baton.yaml", true, kSiteTime);
}

std::string problems_of(const std::string& sources) {
  std::string all;
  const auto loaded = load_sources(sources);
  for (const auto& problem : loaded.problems.list()) all += problem.text() + "\n";
  return all;
}

TEST(ForeignSources, a_mapping_makes_an_event_of_any_json) {
  const Site site;
  Site::write("maps/ada.yaml", kMapping);
  const auto loaded = load_sources(
      "  ada: {mapping: ada.yaml, verify: {header: {name: X-Api-Key, secret: {secret: slack-token}}}}\n");
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems.list().front().text();
  const auto& source = loaded.installation.sources.at("ada");
  const auto event = source.render({{"body", {{"id", "e7"}, {"kind", "handoff"}, {"chat", {{"id", "c9"}}}}},
                                    {"headers", json::object()},
                                    {"now", "2026-11-20T10:00:00Z"}});
  ASSERT_TRUE(event) << event.error().detail;
  EXPECT_EQ(*event, (json{{"id", "e7"},
                          {"type", "handoff.requested"},
                          {"data", {{"conversation", {{"id", "c9"}}}, {"customer", json::object()}}}}));
  const auto nothing = source.render({{"body", {{"kind", "typing"}}}, {"now", "2026-11-20T10:00:00Z"}});
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing->contains("type"));
  EXPECT_EQ(source.verification.header, "x-api-key");
  EXPECT_EQ(source.verification.keys.size(), 1u);
}

// As the README of gateway/ingress shows it, with the body of fact sheet ingress, section 4.10.
constexpr auto kAda = R"(type:
  $table: "{{ body.type }}/{{ body.data.author.role }}"
  v1.conversation.message/end_user: handoff.requested
  v1.conversation.handoff.ended/: handoff.cancelled
data:
  $if: body.type == "v1.conversation.message"
  $then:
    conversation: { id: "{{ body.data.conversation_id }}", channel: "{{ body.data.channel.modality }}" }
    customer: { id: "{{ body.data.end_user_id }}", name: "{{ body.data.author.display_name }}" }
    transcript:
      - { id: "{{ body.data.message_id }}", at: "{{ body.timestamp }}", role: customer, text: "{{ body.data.content.body }}" }
  $else:
    conversation: { id: "{{ body.data.conversation_id }}" }
    by: customer
)";

TEST(ForeignSources, one_that_signs_with_svix_may_have_a_body_of_its_own) {
  const Site site;
  Site::write("maps/ada.yaml", kAda);
  const auto loaded = load_sources(
      "  ada: {mapping: ada.yaml, verify: {standard_webhooks: {secret: {secret: chat-signing}}}}\n");
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems.list().front().text();
  const auto& source = loaded.installation.sources.at("ada");
  EXPECT_EQ(source.verification.by, ingress::Verification::By::standard_webhooks);
  EXPECT_EQ(source.verification.signing_keys.size(), 1u);
  const auto made = [&](json body) {
    const auto event = source.render(
        {{"body", std::move(body)}, {"headers", json::object()}, {"now", "2026-11-20T10:00:00Z"}});
    EXPECT_TRUE(event) << (event ? "" : event.error().detail);
    return event ? *event : json();
  };
  const json said = {{"message_id", "65f0c1"},
                     {"conversation_id", "8841aa"},
                     {"end_user_id", "eu_4471"},
                     {"channel", {{"type", "native"}, {"modality", "messaging"}}},
                     {"author", {{"id", "eu_4471"}, {"role", "end_user"}, {"display_name", "Jane"}}},
                     {"content", {{"type", "text"}, {"body", "I want a person please"}}},
                     {"handoff_integration", "baton"}};
  EXPECT_EQ(
      made({{"type", "v1.conversation.message"}, {"timestamp", "2026-09-01T10:15:29.120Z"}, {"data", said}}),
      (json{{"type", "handoff.requested"},
            {"data",
             {{"conversation", {{"id", "8841aa"}, {"channel", "messaging"}}},
              {"customer", {{"id", "eu_4471"}, {"name", "Jane"}}},
              {"transcript",
               {{{"id", "65f0c1"},
                 {"at", "2026-09-01T10:15:29.120Z"},
                 {"role", "customer"},
                 {"text", "I want a person please"}}}}}}}));
  auto agents = said;
  agents["author"]["role"] = "human_agent";
  EXPECT_FALSE(made({{"type", "v1.conversation.message"}, {"data", agents}}).contains("type"));
  EXPECT_EQ(made({{"type", "v1.conversation.handoff.ended"}, {"data", {{"conversation_id", "8841aa"}}}}),
            (json{{"type", "handoff.cancelled"},
                  {"data", {{"conversation", {{"id", "8841aa"}}}, {"by", "customer"}}}}));
}

TEST(ForeignSources, a_platform_is_a_destination_that_understands_its_own_webhooks) {
  const Site site;
  const auto loaded = load_sources("  widget: {platform: chat}\n");
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems.list().front().text();
  EXPECT_EQ(loaded.installation.sources.at("widget").platform, DestinationId("chat"));
}

TEST(ForeignSources, what_cannot_work_is_said_with_its_place_and_remedy) {
  const Site site;
  Site::write("maps/bad.yaml", "id: \"{{ body.id | no_such_filter }}\"\n");
  const std::string verify = "verify: {header: {name: x, secret: {secret: slack-token}}}";
  EXPECT_THAT(problems_of("  a: {platform: zendesk}\n"), HasSubstr("`zendesk` is no chat platform"));
  EXPECT_THAT(problems_of("  a: {platform: chatt}\n"),
              HasSubstr("there is no destination `chatt`, did you mean `chat`?"));
  EXPECT_THAT(problems_of("  a: {platform: chat, secret: {secret: chat-signing}}\n"),
              HasSubstr("has no use here"));
  EXPECT_THAT(problems_of("  a: {mapping: missing.yaml, " + verify + "}\n"),
              HasSubstr("cannot read maps/missing.yaml"));
  EXPECT_THAT(problems_of("  a: {mapping: bad.yaml, " + verify + "}\n"), HasSubstr("no_such_filter"));
  EXPECT_THAT(problems_of("  a: {mapping: bad.yaml}\n"),
              HasSubstr("sources.a.verify: is required with a `mapping`"));
  EXPECT_THAT(problems_of("  a: {}\n"), HasSubstr("sources.a.secret: is required"));
}

}  // namespace
}  // namespace baton::app
